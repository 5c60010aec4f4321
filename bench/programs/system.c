/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel does for programs, one thing a run: "system syscall" makes system calls, "fault"
 * touches new pages, "pipe" sends a byte to and fro between two processes, "fork" makes processes
 * that end at once. The checksum is of the name: there is nothing to compute.
 */

#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

static void check(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static void do_syscall(unsigned int count)
{
	while (count--)
		syscall(SYS_getppid);
}

/* A page each, whatever its size is. */
static void do_fault(unsigned int count)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE), n, batch = 1000;
	volatile char *p;

	for (; count >= batch; count -= (unsigned int)batch) {
		p = mmap(NULL, batch * page, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		check(p != MAP_FAILED, "mmap");
		/* Small pages: large ones would be one fault for many. */
		madvise((void *)p, batch * page, MADV_NOHUGEPAGE);
		for (n = 0; n < batch; n++)
			p[n * page] = 1;
		munmap((void *)p, batch * page);
	}
}

static void do_pipe(unsigned int count)
{
	int there[2], back[2];
	char byte = 'x';
	pid_t child;

	check(!pipe(there) && !pipe(back), "pipe");
	child = fork();
	check(child >= 0, "fork");
	if (!child) {
		close(there[1]);
		while (read(there[0], &byte, 1) == 1)
			check(write(back[1], &byte, 1) == 1, "write");
		_exit(0);
	}
	close(there[0]);
	while (count--) {
		check(write(there[1], &byte, 1) == 1, "write");
		check(read(back[0], &byte, 1) == 1, "read");
	}
	close(there[1]);
	waitpid(child, NULL, 0);
}

static void do_fork(unsigned int count)
{
	pid_t child;

	while (count--) {
		child = fork();
		check(child >= 0, "fork");
		if (!child)
			_exit(0);
		waitpid(child, NULL, 0);
	}
}

static const struct {
	const char *name;
	void (*run)(unsigned int count);
	unsigned int count;
} things[] = {
	{ "syscall", do_syscall, 500000 },
	{ "fault", do_fault, 50000 },
	{ "pipe", do_pipe, 20000 },
	{ "fork", do_fork, 1000 },
};

int main(int argc, char **argv)
{
	size_t n;

	for (n = 0; argc == 2 && n < sizeof(things) / sizeof(things[0]); n++) {
		double start = bench_now();

		if (strcmp(argv[1], things[n].name))
			continue;
		things[n].run(things[n].count);
		bench_result(argv[1], start, bench_checksum(0, argv[1], strlen(argv[1])));
		return 0;
	}
	fprintf(stderr, "Usage: system syscall|fault|pipe|fork\n");
	return 2;
}
