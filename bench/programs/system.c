/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a kernel does for programs, one thing a run: "system syscall" makes system calls, "fault"
 * touches new pages, "pipe" sends a byte to and fro between two processes, "switch" has two
 * processes give up the processor in turn, "fork" makes processes that end at once, "exec" such
 * that execute a program first, "lock" has four threads that want the same spin lock of the kernel's
 * all the time. A second argument says how many times the usual number. In place
 * of a checksum is the number of what was done. As the first process of a machine it powers it off
 * at the end.
 */

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/reboot.h>
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

/* Each process counts half of the turns. */
static void do_switch(unsigned int count)
{
	pid_t child = fork();

	check(child >= 0, "fork");
	for (count /= 2; count; count--)
		sched_yield();
	if (!child)
		_exit(0);
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

static void do_exec(unsigned int count)
{
	pid_t child;

	while (count--) {
		child = fork();
		check(child >= 0, "fork");
		if (!child) {
			execl("/proc/self/exe", "system", "nothing", (char *)NULL);
			_exit(1);
		}
		waitpid(child, NULL, 0);
	}
}

/* The lock of the threads' table of files, twice a turn. */
static void *dup_and_close(void *arg)
{
	unsigned int count = *(const unsigned int *)arg;

	while (count--)
		close(dup(1));
	return NULL;
}

static void do_lock(unsigned int count)
{
	pthread_t threads[4];
	unsigned int each = count / 4, n;

	for (n = 0; n < 4; n++)
		check(!pthread_create(&threads[n], NULL, dup_and_close, &each), "pthread_create");
	for (n = 0; n < 4; n++)
		pthread_join(threads[n], NULL);
}

static void do_nothing(unsigned int count)
{
	_exit(0);
}

static const struct {
	const char *name;
	void (*run)(unsigned int count);
	unsigned int count;
} things[] = {
	{ "syscall", do_syscall, 500000 },
	{ "fault", do_fault, 50000 },
	{ "pipe", do_pipe, 20000 },
	{ "switch", do_switch, 100000 },
	{ "fork", do_fork, 1000 },
	{ "exec", do_exec, 500 },
	{ "lock", do_lock, 40000 },
	{ "nothing", do_nothing, 0 },
};

int main(int argc, char **argv)
{
	size_t n;

	for (n = 0; argc > 1 && n < sizeof(things) / sizeof(things[0]); n++) {
		double start = bench_now();
		unsigned int count;

		if (strcmp(argv[1], things[n].name))
			continue;
		count = bench_rounds(argc - 1, argv + 1) * things[n].count;
		things[n].run(count);
		bench_result(argv[1], start, count);
		if (getpid() == 1)
			reboot(RB_POWER_OFF);
		return 0;
	}
	fprintf(stderr, "Usage: system syscall|fault|pipe|switch|fork|exec|lock [TIMES]\n");
	return 2;
}
