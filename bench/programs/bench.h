/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the benchmark programs share: rounds, clocks, the line of result, checksums, random numbers. */

#ifndef BENCH_H
#define BENCH_H

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

/* The monotonic clock, in seconds. */
static inline double bench_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* How many times to do the work: the program's argument, or once. */
static inline unsigned int bench_rounds(int argc, char **argv)
{
	return argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 10) : 1;
}

static inline double bench_seconds(struct timeval t)
{
	return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

/* Processor time of this process and of those it has waited for, in seconds. */
static inline double bench_used(void)
{
	struct rusage own, waited;

	getrusage(RUSAGE_SELF, &own);
	getrusage(RUSAGE_CHILDREN, &waited);
	return bench_seconds(own.ru_utime) + bench_seconds(own.ru_stime) +
		bench_seconds(waited.ru_utime) + bench_seconds(waited.ru_stime);
}

/* Prints a program's result: its name, the seconds since "start", seconds of processor time, and a
 * checksum that is the same on every machine. */
static inline void bench_result(const char *name, double start, uint64_t checksum)
{
	printf("%-10s %9.3f %9.6f %016" PRIx64 "\n", name, bench_now() - start, bench_used(),
	       checksum);
}

/* Adds "size" bytes to a checksum (FNV-1a, 64 bits); the first call gets 0. */
static inline uint64_t bench_checksum(uint64_t sum, const void *data, size_t size)
{
	const unsigned char *byte = data;

	if (!sum)
		sum = 0xcbf29ce484222325;
	while (size--)
		sum = (sum ^ *byte++) * 0x100000001b3;
	return sum;
}

/* The next of a sequence of random numbers (xorshift64*); "state" starts as anything but 0. */
static inline uint64_t bench_random(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1d;
}

#endif
