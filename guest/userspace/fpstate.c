/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating-point registers, static and rotating, over preemption, system calls, signals and
 * from processor to processor. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

/* fp_turns(seed, turns): fills f2 to f127 with numbers made of seed, waits for so many turns of a
 * loop, compares; returns how many differ. In fpstate_regs.S. */
long fp_turns(unsigned long seed, unsigned long turns);
/* The same with a system call (sched_yield) in between. */
long fp_yield(unsigned long seed);

static volatile sig_atomic_t signals;
static volatile double noise;

static void on_alarm(int sig __attribute__((unused)))
{
	/* Uses registers of both halves. */
	fp_turns(0x5555 + (unsigned long)signals, 10);
	noise = noise * 1.5 + 1;
	signals++;
}

static int worker(unsigned long seed)
{
	for (int i = 0; i < 200; i++)
		if (fp_turns(seed + i, 20000) || fp_yield(seed * 3 + i))
			return 1;
	return 0;
}

/* Workers that are sent from processor to processor in the middle of it; returns how many found
 * others' numbers, or -1 if they cannot be sent. */
static int migrate(int workers)
{
	const int processors = (int)sysconf(_SC_NPROCESSORS_ONLN);
	int status, wrong = 0, left = workers;
	pid_t pid[workers];

	for (int i = 0; i < workers; i++) {
		pid[i] = NEED(fork());
		if (!pid[i])
			_exit(worker(2000ul * i + 13));
	}
	for (int turn = 0; left; turn++) {
		for (int i = 0; i < workers; i++) {
			cpu_set_t set;

			if (!pid[i])
				continue;
			CPU_ZERO(&set);
			CPU_SET((turn + i) % processors, &set);
			if (sched_setaffinity(pid[i], sizeof(set), &set))
				wrong = -1;
			if (NEED(waitpid(pid[i], &status, WNOHANG)) == pid[i]) {
				pid[i] = 0;
				left--;
				wrong += wrong >= 0 && status != 0;
			}
		}
		usleep(1000);
	}
	return wrong;
}

int main(void)
{
	struct itimerval every = { { 0, 2000 }, { 0, 2000 } };
	struct itimerval none = { { 0, 0 }, { 0, 0 } };
	struct sigaction act = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	long bad = 0;
	int status, wrong = 0;

	check(!fp_turns(1, 1), "fp-registers", "%ld differ at once", fp_turns(1, 1));

	for (int i = 0; i < 8; i++)
		if (!NEED(fork()))
			_exit(worker(1000ul * i + 7));
	for (int i = 0; i < 8; i++) {
		NEED(wait(&status));
		wrong += status != 0;
	}
	check(!wrong, "fp-preemption", "%d of 8 processes found others' numbers", wrong);

	wrong = migrate(6);
	check(!wrong, "fp-migration", "%d of 6 processes found others' numbers", wrong);

	NEED(sigaction(SIGALRM, &act, NULL));
	NEED(setitimer(ITIMER_REAL, &every, NULL));
	for (int i = 0; i < 50 || signals < 50; i++)
		bad += fp_turns(99 + i, 100000);
	NEED(setitimer(ITIMER_REAL, &none, NULL));
	check(!bad && signals >= 50, "fp-signals", "%ld registers differ after %d signals", bad,
	      (int)signals);
	return check_failed;
}
