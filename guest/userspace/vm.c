/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory: copies on write, protection, and more pages than there is memory, so that some are
 * swapped. Usage: vm [MEGABYTES]: how much to fill; without it nothing is swapped. */
#define _GNU_SOURCE
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

#define COPIERS 4

static size_t page;

static void fill(uint64_t *p, size_t words, uint64_t seed)
{
	for (size_t i = 0; i < words; i += 64)
		p[i] = seed + i;
}

static size_t differ(const uint64_t *p, size_t words, uint64_t seed)
{
	size_t n = 0;

	for (size_t i = 0; i < words; i += 64)
		n += p[i] != seed + i;
	return n;
}

static uint64_t *get(size_t bytes, int flags)
{
	return NEED((uint64_t *)mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_ANONYMOUS | flags,
				     -1, 0));
}

/* What a child writes is its own; what it reads is what was there when it was made. */
static void copy_on_write(void)
{
	const size_t bytes = 8 << 20, words = bytes / 8;
	uint64_t *p = get(bytes, MAP_PRIVATE), *seen = get(page, MAP_SHARED);
	int status, wrong = 0;

	fill(p, words, 1);
	for (uint64_t i = 1; i <= COPIERS; i++) {
		if (!NEED(fork())) {
			size_t n = differ(p, words, 1);

			fill(p, words, i << 32);
			sched_yield();
			n += differ(p, words, i << 32);
			__atomic_fetch_add(seen, i, __ATOMIC_RELAXED);
			_exit(n != 0);
		}
	}
	for (int i = 0; i < COPIERS; i++) {
		NEED(wait(&status));
		wrong += status != 0;
	}
	check(!wrong && !differ(p, words, 1), "vm-copy-on-write", "%d children", wrong);
	check(*seen == COPIERS * (COPIERS + 1) / 2, "vm-shared", "%lu", *seen);
	munmap(p, bytes);
}

static void remap(void)
{
	uint64_t *p = get(64 * page, MAP_PRIVATE), *q;
	size_t words = 64 * page / 8;

	fill(p, words, 5);
	for (int i = 0; i < 64; i += 2)
		NEED(mprotect((char *)p + i * page, page, PROT_READ));
	check(!differ(p, words, 5), "vm-protect", "words differ");
	NEED(mprotect(p, 64 * page, PROT_READ | PROT_WRITE));
	q = NEED((uint64_t *)mremap(p, 64 * page, 256 * page, MREMAP_MAYMOVE));
	check(!differ(q, words / 2, 5), "vm-move", "words differ");
	NEED(madvise(q + words / 2, 32 * page, MADV_DONTNEED));
	check(!q[words / 2] && !q[words - 64], "vm-empty", "words are not 0");
	munmap(q, 256 * page);
}

static void swap(size_t megabytes)
{
	const size_t bytes = megabytes << 20, words = bytes / 8;
	uint64_t *p = get(bytes, MAP_PRIVATE);
	size_t n;

	fill(p, words, 9);
	n = differ(p, words, 9);
	check(!n, "vm-swap", "%zu words differ", n);
	fill(p, words, 11);
	n = differ(p, words, 11);
	check(!n, "vm-swap-again", "%zu words differ", n);
}

int main(int argc, char **argv)
{
	page = (size_t)sysconf(_SC_PAGESIZE);
	if (argc > 1) {
		swap(strtoul(argv[1], NULL, 10));
	} else {
		copy_on_write();
		remap();
	}
	return check_failed;
}
