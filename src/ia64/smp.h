/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vCPUs of a system together: making them, kicking, halting, global purges, timers. */
#ifndef PARAVANE_IA64_SMP_H
#define PARAVANE_IA64_SMP_H

#include "ia64/vcpu.h"

/*
 * Makes a system with nr_vcpus (1..64) vCPUs in reset state, none running. `itc_hz` is the rate of
 * ar.itc. The memory and the platform's ctx must outlive it. Returns 0 or -errno.
 */
int ia64_system_create(struct ia64_system **sys, struct ia64_memory *mem,
		       const struct ia64_platform *platform, unsigned int nr_vcpus,
		       uint64_t itc_hz);
/* All vCPU threads have been joined by the caller. */
void ia64_system_destroy(struct ia64_system *sys);

/*
 * Runs the vCPU on the calling thread until something outside is to be done: see enum ia64_exit.
 * State is in sync (ip, ri) when it returns.
 */
enum ia64_exit ia64_run(struct vcpu *v);

/* vcpu.running_state. */
enum {
	IA64_STATE_OUTSIDE, /* runs no guest code: TLB purges are done when it comes back */
	IA64_STATE_GUEST,
	IA64_STATE_WAITING, /* waits for others to purge; serves purges itself */
	IA64_STATE_HALTED,  /* ia64_halt(): like OUTSIDE */
};

/*
 * Serves attention but IA64_ATTN_SLOW, on an instruction boundary with ip and ri in sync: what a
 * loop that executes calls when it sees some. False: ia64_run() has to return v->exit.
 */
bool ia64_serve_attention(struct vcpu *v);

/* Any thread: raises attention bits and wakes the vCPU if it halts. */
void ia64_kick(struct vcpu *v, uint32_t attention);

/* Any thread: every vCPU leaves ia64_run() with IA64_EXIT_SHUTDOWN soon. */
void ia64_system_shutdown(struct ia64_system *sys);

/*
 * On the vCPU's own thread: sleeps until an interrupt is pending (whether or not psr.i lets it in)
 * or a stop. What PAL_HALT_LIGHT does. Global purges by others neither wait for it nor wake it; it
 * serves them before it goes on.
 */
void ia64_halt(struct vcpu *v);

/*
 * The same for at most `ns` nanoseconds (less than a second), and any other attention ends it, too:
 * for waiting in a loop.
 */
void ia64_nap(struct vcpu *v, unsigned int ns);

/* hint @pause: the guest waits in a loop for another processor. */
void ia64_pause(struct vcpu *v);

/*
 * ptc.g, ptc.ga: returns when no vCPU uses what is purged; those that halt or are outside, later.
 */
void ia64_purge_global(struct vcpu *v, uint64_t va, unsigned int ps);
/*
 * Drops what every vCPU keeps of host addresses and of decoded code; returns when none uses what it
 * had. `self`: the vCPU whose thread this is, NULL if it is none's. A vCPU whose thread waits for
 * a lock that the caller holds must be outside the guest (ia64_leave_guest()).
 */
void ia64_flush_all(struct ia64_system *sys, struct vcpu *self);
/* Serves what others posted: called by the runner on IA64_ATTN_PURGE. */
void ia64_serve_purges(struct vcpu *v);
/*
 * Brackets for host calls that may block (device locks, waiting): purges from others are served on
 * the vCPU's behalf as "done at next entry" between them.
 */
void ia64_leave_guest(struct vcpu *v);
void ia64_enter_guest(struct vcpu *v);

/* Arms (deadline in ar.itc units of v) or disarms the vCPU's interval timer. */
void ia64_timer_arm(struct vcpu *v, uint64_t itm);
void ia64_timer_disarm(struct vcpu *v);

/* Guest crash: keeps the reason (printf style, one line); ia64_run() returns IA64_EXIT_CRASH. */
void ia64_crash(struct vcpu *v, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
