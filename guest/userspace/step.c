/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ptrace: single steps, breakpoints, registers, memory, system calls of a child. */
#define _GNU_SOURCE
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <asm/ptrace_offsets.h>
#include <unistd.h>

#include "check.h"

/* 3 instructions a bundle, 10 turns of a loop of 2 bundles. */
asm (
"	.text\n"
"	.align 32\n"
"	.global stepped, stepped_loop, stepped_end\n"
"	.proc stepped\n"
"stepped:\n"
"	{ .mii\n	nop.m 0\n	mov r9 = ar.lc\n	mov r8 = 0\n	;;\n	}\n"
"	{ .mii\n	nop.m 0\n	mov ar.lc = 9\n	nop.i 0\n	;;\n	}\n"
"stepped_loop:\n"
"	{ .mii\n	adds r8 = 1, r8\n	nop.i 0\n	nop.i 0\n	;;\n	}\n"
"	{ .mib\n	nop.m 0\n	nop.i 0\n	br.cloop.sptk stepped_loop\n	;;\n	}\n"
"stepped_end:\n"
"	{ .mib\n	nop.m 0\n	mov ar.lc = r9\n	br.ret.sptk rp\n	;;\n	}\n"
"	.endp stepped\n");
long stepped(void);
extern const char stepped_loop[], stepped_end[];

static volatile long shared = 0x1234567890abcdef;

static void child(void)
{
	NEED(ptrace(PTRACE_TRACEME, 0, 0, 0));
	raise(SIGSTOP);
	long n = stepped();
	raise(SIGSTOP);
	for (int i = 0; i < 3; i++)
		syscall(SYS_getppid);
	_exit(n == 10 && shared == 77 ? 42 : 43);
}

static uint64_t get(pid_t pid, unsigned long offset)
{
	errno = 0;
	return (uint64_t)ptrace(PTRACE_PEEKUSER, pid, offset, 0);
}

static int wait_stop(pid_t pid)
{
	int status;

	NEED(waitpid(pid, &status, 0));
	return WIFSTOPPED(status) ? WSTOPSIG(status) : -1;
}

int main(void)
{
	const uint64_t loop = (uint64_t)stepped_loop, end = (uint64_t)stepped_end;
	/* A function's address is that of its descriptor. */
	const uint64_t start = *(const uint64_t *)(void *)stepped;
	unsigned int steps = 0, inside = 0, turns = 0, calls = 0, twice = 0;
	pid_t pid = NEED(fork());
	int sig, status, call = 0;
	uint64_t ip, old[2];
	siginfo_t info;

	if (!pid)
		child();
	check(wait_stop(pid) == SIGSTOP, "step-stop", "no stop");
	check((uint64_t)ptrace(PTRACE_PEEKDATA, pid, &shared, 0) == 0x1234567890abcdef,
	      "step-peek", "%s", strerror(errno));
	NEED(ptrace(PTRACE_POKEDATA, pid, &shared, 77));

	/* A breakpoint: break.m in slot 0 of the function's first bundle. */
	for (int i = 0; i < 2; i++) {
		errno = 0;
		old[i] = (uint64_t)ptrace(PTRACE_PEEKTEXT, pid, start + 8 * i, 0);
	}
	NEED(ptrace(PTRACE_POKETEXT, pid, start, (old[0] & ~(((1ull << 41) - 1) << 5)) |
		    (0x80001ull << 6) << 5));
	NEED(ptrace(PTRACE_CONT, pid, 0, 0));
	sig = wait_stop(pid);
	ip = get(pid, PT_CR_IIP);
	check(sig == SIGTRAP && ip == start, "step-breakpoint", "signal %d at %#lx, not %#lx", sig,
	      ip, start);
	NEED(ptrace(PTRACE_POKETEXT, pid, start, old[0]));
	check((get(pid, PT_CR_IPSR) >> 41 & 3) == 0, "step-slot", "slot %lu",
	      get(pid, PT_CR_IPSR) >> 41 & 3);

	/* Every instruction stops once: 6 and 10 times 6 to the loop's end. */
	while (steps < 1000) {
		NEED(ptrace(PTRACE_SINGLESTEP, pid, 0, 0));
		sig = wait_stop(pid);
		if (sig != SIGTRAP)
			break;
		NEED(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
		if (info.si_code != TRAP_TRACE)
			break;
		steps++;
		ip = get(pid, PT_CR_IIP);
		if (ip == end)
			break;
		inside += ip >= loop && ip < end;
		turns += ip == loop && !(get(pid, PT_CR_IPSR) >> 41 & 3);
	}
	check(sig == SIGTRAP && ip == end && steps == 66 && inside == 60 && turns == 10, "step",
	      "signal %d, %u steps to %#lx, %u in the loop, %u turns", sig, steps, ip, inside,
	      turns);
	check(get(pid, PT_R8) == 10, "step-register", "r8 = %lu", get(pid, PT_R8));

	NEED(ptrace(PTRACE_CONT, pid, 0, 0));
	check(wait_stop(pid) == SIGSTOP, "step-second-stop", "no stop");

	/* To the next branch that is taken: in here, from raise() back at the earliest. */
	NEED(ptrace(PTRACE_SINGLEBLOCK, pid, 0, 0));
	sig = wait_stop(pid);
	NEED(ptrace(PTRACE_GETSIGINFO, pid, 0, &info));
	check(sig == SIGTRAP && info.si_code == TRAP_BRANCH, "step-block", "signal %d code %d",
	      sig, info.si_code);

	for (;;) {
		NEED(ptrace(PTRACE_SYSCALL, pid, 0, 0));
		NEED(waitpid(pid, &status, 0));
		if (!WIFSTOPPED(status))
			break;
		calls++;
		call = (int)get(pid, PT_R15);
		twice += call == SYS_getppid;
	}
	/* On the way in and on the way out, where the kernel returns as from an interruption. */
	check(twice == 6, "step-syscall-return", "%u stops for 3 calls", twice);
	check(calls && call == SYS_exit_group, "step-syscall", "%u stops, the last for %d", calls,
	      call);
	check(WIFEXITED(status) && WEXITSTATUS(status) == 42, "step-end", "status %#x", status);
	return check_failed;
}
