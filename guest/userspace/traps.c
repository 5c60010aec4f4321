/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a kernel does for a program that did not ask for it must not be seen in its registers:
 * page faults, accesses that are not aligned, traps that a debugger or a handler goes on from,
 * help with floating-point numbers, interrupts. */
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <ucontext.h>
#include <unistd.h>

#include "check.h"

/* Runs `which` (below) with r2, r3, r8 to r11, r14 to r31 and branch and predicate registers
 * full of numbers made of seed, on address p; returns how many have changed. In traps_regs.S. */
enum { WAIT, LOAD, STORE, EXECUTE_BREAK, DENORMAL, KINDS };
long trap_with(long which, void *p, uint64_t seed);

static volatile sig_atomic_t handled;

/* Goes on behind the break: it is in slot 0. */
static void skip(int sig __attribute__((unused)), siginfo_t *info __attribute__((unused)),
		 void *context)
{
	struct sigcontext *sc = (struct sigcontext *)&((ucontext_t *)context)->uc_mcontext;

	if (sc->sc_ip & 3)
		handled = -1000000;
	sc->sc_ip++;
	handled++;
}

static void tick(int sig __attribute__((unused)))
{
	handled++;
}

int main(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct sigaction act = { .sa_sigaction = skip, .sa_flags = SA_SIGINFO };
	struct itimerval every = { { 0, 1000 }, { 0, 1000 } };
	struct itimerval none = { { 0, 0 }, { 0, 0 } };
	char *map = NEED((char *)mmap(NULL, 400 * page, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	const double denormal = 1e-310;
	long bad = 0;

	for (size_t i = 0; i < 200; i++)
		bad += trap_with(LOAD, map + i * page, i * 77);
	check(!bad, "traps-page-fault-load", "%ld registers changed", bad);
	for (size_t i = 0, n = (size_t)(bad = 0); i < 400 + n; i++)
		bad += trap_with(STORE, map + i * page, i * 99);
	check(!bad, "traps-page-fault-store", "%ld registers changed", bad);

	NEED(prctl(PR_SET_UNALIGN, PR_UNALIGN_NOPRINT));
	asm volatile ("sum 1 << 3 ;;" ::: "memory");
	for (uint64_t i = bad = 0; i < 200; i++)
		bad += trap_with(LOAD, map + page - 7 + i % 7, i * 55);
	check(!bad, "traps-unaligned-load", "%ld registers changed", bad);
	for (uint64_t i = bad = 0; i < 200; i++)
		bad += trap_with(STORE, map + page - 7 + i % 7, i * 33);
	check(!bad, "traps-unaligned-store", "%ld registers changed", bad);
	asm volatile ("rum 1 << 3 ;;" ::: "memory");

	NEED(sigaction(SIGTRAP, &act, NULL));
	for (uint64_t i = bad = 0; i < 200; i++)
		bad += trap_with(EXECUTE_BREAK, map, i * 11);
	check(!bad && handled == 200, "traps-break", "%ld registers changed, %d handled", bad,
	      (int)handled);

	NEED(prctl(PR_SET_FPEMU, PR_FPEMU_NOPRINT));
	for (uint64_t i = bad = 0; i < 200; i++)
		bad += trap_with(DENORMAL, (void *)&denormal, i * 13);
	check(!bad, "traps-denormal", "%ld registers changed", bad);

	handled = 0;
	signal(SIGALRM, tick);
	NEED(setitimer(ITIMER_REAL, &every, NULL));
	for (uint64_t i = bad = 0; i < 50 || handled < 50; i++)
		bad += trap_with(WAIT, map, i);
	NEED(setitimer(ITIMER_REAL, &none, NULL));
	check(!bad && handled >= 50, "traps-interrupt", "%ld registers changed, %d signals", bad,
	      (int)handled);
	return check_failed;
}
