/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Signals: what they tell, nested and queued ones, stacks, jumps out of handlers, faults. */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#include "check.h"

static volatile sig_atomic_t depth, deepest, count;
static volatile uintptr_t address, stack_at;
static volatile int code;
static sigjmp_buf back;

static void nest(int sig)
{
	depth++;
	if (depth > deepest)
		deepest = depth;
	if (sig < SIGRTMIN + 5)
		raise(sig + 1);
	depth--;
	count++;
}

static void queued(int sig __attribute__((unused)), siginfo_t *info,
		   void *context __attribute__((unused)))
{
	code = code * 10 + info->si_value.sival_int;
}

static void fault(int sig, siginfo_t *info, void *context __attribute__((unused)))
{
	int here;

	address = (uintptr_t)info->si_addr;
	code = info->si_code;
	stack_at = (uintptr_t)&here;
	siglongjmp(back, sig);
}

static void handle(int sig, void (*handler)(int, siginfo_t *, void *), int flags)
{
	struct sigaction act = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };

	NEED(sigaction(sig, &act, NULL));
}

/* Each level has a register frame of its own on the backing store. */
static uint64_t deep(uint64_t n)
{
	uint64_t a = n * 3, b = n ^ 0x55, c = n + a;

	if (!n) {
		raise(SIGUSR1);
		return 0;
	}
	return deep(n - 1) + (a ^ b) + c - (a ^ b) - c + 1;
}

static void usr1(int sig __attribute__((unused)))
{
	/* As deep again, with frames of its own. */
	static int inside;

	if (!inside++)
		count = deep(500) == 500;
}

int main(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	stack_t alt = { .ss_size = 16 * page };
	volatile long rounds = 0, zero = 0;
	union sigval value;
	sigset_t set;
	char *map;
	int status, sig;
	pid_t pid;

	for (sig = SIGRTMIN; sig <= SIGRTMIN + 5; sig++)
		signal(sig, nest);
	raise(SIGRTMIN);
	check(deepest == 6 && count == 6 && !depth, "signals-nested", "%d deep, %d handled",
	      (int)deepest, (int)count);

	handle(SIGRTMIN + 8, queued, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN + 8);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 1; i <= 5; i++) {
		value.sival_int = i;
		NEED(sigqueue(getpid(), SIGRTMIN + 8, value));
	}
	code = 0;
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	check(code == 12345, "signals-queued", "came as %d", code);

	alt.ss_sp = NEED((char *)mmap(NULL, alt.ss_size, PROT_READ | PROT_WRITE,
				      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	map = NEED((char *)mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	mprotect(map, page, PROT_READ);
	munmap(map + page, page);
	NEED(sigaltstack(&alt, NULL));
	handle(SIGSEGV, fault, SA_ONSTACK);
	handle(SIGFPE, fault, 0);
	handle(SIGILL, fault, 0);
	handle(SIGTRAP, fault, 0);

	sig = sigsetjmp(back, 1);
	if (!sig)
		map[40] = 1;
	check(sig == SIGSEGV && code == SEGV_ACCERR && address == (uintptr_t)map + 40,
	      "signals-segv-protected", "signal %d code %d address %#lx, not %#lx", sig, code,
	      (long)address, (long)map + 40);
	check(stack_at - (uintptr_t)alt.ss_sp < alt.ss_size, "signals-altstack",
	      "handler's frame at %#lx", (long)stack_at);
	sig = sigsetjmp(back, 1);
	if (!sig)
		*(volatile char *)(map + page + 8);
	check(sig == SIGSEGV && code == SEGV_MAPERR && address == (uintptr_t)map + page + 8,
	      "signals-segv-unmapped", "signal %d code %d address %#lx", sig, code,
	      (long)address);
	/* 700 times out of a handler: neither stack may grow. */
	while (rounds < 700) {
		rounds++;
		if (!sigsetjmp(back, 1))
			*(volatile char *)(map + page);
	}
	check(rounds == 700, "signals-longjmp", "%ld", rounds);

	sig = sigsetjmp(back, 1);
	if (!sig)
		asm volatile ("break 1" ::: "memory"); /* integer divide by zero */
	check(sig == SIGFPE && code == FPE_INTDIV, "signals-divide", "signal %d code %d", sig,
	      code);
	sig = sigsetjmp(back, 1);
	if (!sig)
		asm volatile ("mov r8 = psr" ::: "r8", "memory");
	check(sig == SIGILL, "signals-privileged", "signal %d code %d",
	      sig, code);
	sig = sigsetjmp(back, 1);
	if (!sig)
		asm volatile ("mov r8 = ar.k7 ;; mov ar.k7 = r8" ::: "r8", "memory");
	check(sig == SIGILL, "signals-register", "signal %d code %d", sig,
	      code);
	sig = sigsetjmp(back, 1);
	if (!sig)
		asm volatile ("break 0x80001" ::: "memory"); /* an application's */
	check(sig == SIGTRAP || sig == SIGILL, "signals-break", "signal %d code %d", sig, code);

	signal(SIGUSR1, usr1);
	count = 0;
	check(deep(800) == 800 && count, "signals-deep", "register frames are wrong");

	pid = NEED(fork());
	if (!pid) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile int *)(8 + zero) = 1;
		_exit(0);
	}
	NEED(waitpid(pid, &status, 0));
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV, "signals-null", "status %#x",
	      status);
	return check_failed;
}
