/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a timer interrupt takes away from a program: reads a counter all the time, and notes the
 * pauses between two readings. Prints how many were long enough for an interrupt and not too long
 * for one, and the middle one, in nanoseconds. A longer one is another process, or the host's other
 * work.
 */
#include "bench.h"

#define WARM_UP 1.0
#define SECONDS 4.0
#define LEAST 1e-6
#define MOST 300e-6
#define PAUSES 100000

static double pauses[PAUSES];

static uint64_t counter(void)
{
#ifdef __ia64__
	uint64_t itc;

	__asm__ volatile("mov %0 = ar.itc" : "=r"(itc));
	return itc;
#else
	return (uint64_t)(bench_now() * 1e9);
#endif
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* Notes the pauses of that many seconds, in units of the counter; returns how long one lasts. */
static double watch(double seconds, size_t *count)
{
	double start = bench_now(), end;
	uint64_t first = counter(), last = first, now;
	size_t n = 0;

	do {
		/* Asking for the time takes longer than reading the counter. */
		for (int i = 0; i < 100000; i++, last = now) {
			now = counter();
			if (now - last > 200 && n < PAUSES)
				pauses[n++] = (double)(now - last);
		}
		end = bench_now();
		last = counter();
	} while (end < start + seconds);
	*count = n;
	return (end - start) / (double)(last - first);
}

int main(void)
{
	size_t count, good = 0;
	double unit;

	watch(WARM_UP, &count);
	unit = watch(SECONDS, &count);
	for (size_t i = 0; i < count; i++)
		if (pauses[i] * unit > LEAST && pauses[i] * unit < MOST)
			pauses[good++] = pauses[i] * unit;
	if (!good) {
		fprintf(stderr, "tick: no pause\n");
		return 1;
	}
	qsort(pauses, good, sizeof(pauses[0]), compare);
	printf("tick %zu %.0f\n", good, pauses[good / 2] * 1e9);
	return 0;
}
