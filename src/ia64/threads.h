/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host threads that run the vCPUs of a system: one each; started, paused, parked, ended.
 *
 * A thread stands still while all are paused or stopped or its vCPU is parked: it is outside
 * ia64_run() then, the vCPU's state is in sync, and any thread may read and write it.
 */
#ifndef PARAVANE_IA64_THREADS_H
#define PARAVANE_IA64_THREADS_H

#include <sched.h>

#include "ia64/vcpu.h"

#define IA64_MAX_VCPUS 64

/* On the vCPU's thread, without locks. Any may be NULL. */
struct ia64_threads_ops {
	/* The vCPU cannot go on; it stands still from now on. */
	void (*crashed)(void *ctx, struct vcpu *v);
	/* The vCPU is about to run (true), has stopped (false). */
	void (*running)(void *ctx, struct vcpu *v, bool on);
};

struct ia64_thread {
	struct ia64_threads *all;
	struct vcpu *v;
	pthread_t thread;
	bool started;
	bool parked; /* under all->lock, as what follows */
	bool move;   /* to `cpus`, when it gets there */
	cpu_set_t cpus; /* none: it has not been pinned */
};

struct ia64_threads {
	struct ia64_system *sys;
	const struct ia64_threads_ops *ops;
	void *ctx;
	struct ia64_thread cpu[IA64_MAX_VCPUS];

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	bool ended;
	struct vcpu *crashed;    /* the first that did */
	bool paused;             /* by whoever runs the system */
	bool stopped;            /* by its debugger, but for `only` */
	struct vcpu *only;
	void (*debug)(void *ctx, struct vcpu *v); /* see ia64_threads_set_debugger() */
	void *debug_ctx;
	unsigned int nr_waiting; /* threads that stand still */
};

/* *t stays where it is until ia64_threads_destroy(); sys and ops outlive it. Nothing is parked. */
void ia64_threads_init(struct ia64_threads *t, struct ia64_system *sys,
		       const struct ia64_threads_ops *ops, void *ctx);
/* After ia64_threads_join(), or if they were never started. */
void ia64_threads_destroy(struct ia64_threads *t);

/*
 * Starts one thread a vCPU, with signals blocked. Returns 0, or -1: some thread could not be made;
 * those that were made run until ia64_threads_end() and are to be joined.
 */
int ia64_threads_start(struct ia64_threads *t);
/* Any thread: all end soon. */
void ia64_threads_end(struct ia64_threads *t);
/* Returns when all have ended. */
void ia64_threads_join(struct ia64_threads *t);

/* Pauses them without waiting for it: any thread, a vCPU's too. Before the start as well. */
void ia64_threads_hold(struct ia64_threads *t);
/* Pauses them; returns when all stand still or have ended. Not a vCPU's thread. Not nested. */
void ia64_threads_pause(struct ia64_threads *t);
/* Lets them run again. */
void ia64_threads_resume(struct ia64_threads *t);

/*
 * The same for a debugger, which neither ends nor is ended by what is paused. `stopped` is called
 * on the thread of a vCPU whose ia64_run() returned IA64_EXIT_DEBUG, when all have stopped; it must
 * not block for long. Set while none runs.
 */
void ia64_threads_set_debugger(struct ia64_threads *t, void (*stopped)(void *ctx, struct vcpu *v),
			       void *ctx);
/* Stops them without waiting for it; or until all stand still. */
void ia64_threads_debug_hold(struct ia64_threads *t);
void ia64_threads_debug_stop(struct ia64_threads *t);
/* Lets them run again. `only` NULL: all; else that one alone (a step). */
void ia64_threads_debug_go(struct ia64_threads *t, struct vcpu *only);

/*
 * A parked vCPU stands still whatever the others do, until it is not parked any more. Any thread;
 * its own goes on until its next instruction boundary. Returns whether it was parked before.
 */
bool ia64_threads_park(struct ia64_threads *t, struct vcpu *v, bool on);

/*
 * The host's processors on which a vCPU's thread may run. The thread sees to it itself, when it
 * next enters the guest: a confined process may not say so of any other thread. Returns 0, or an
 * errno if these are processors that nobody here may run on. Any thread; its own are tried
 * meanwhile. Before the start as well.
 */
int ia64_threads_pin(struct ia64_threads *t, struct vcpu *v, const cpu_set_t *cpus);
/* Whether that has been said of the vCPU: *cpus then. Any thread. */
bool ia64_threads_pinned(struct ia64_threads *t, const struct vcpu *v, cpu_set_t *cpus);

#endif
