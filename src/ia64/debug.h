/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Breakpoints and watchpoints of a debugger outside the guest. The guest cannot see them: neither
 * its memory nor its debug registers hold any.
 *
 * Threads: the tables change only while every vCPU stands still (ia64_threads_debug_stop()); the
 * vCPUs read them without a lock. A system without a debugger has sys->debug == NULL, and pays a
 * test of it when it enters a page of code or fills a fast translation, and nothing else.
 */
#ifndef PARAVANE_IA64_DEBUG_H
#define PARAVANE_IA64_DEBUG_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;
struct ia64_system;

#define IA64_DEBUG_MAX_BREAKS 256
#define IA64_DEBUG_MAX_WATCHES 32

/* What a watchpoint looks for, or-ed. */
enum { IA64_WATCH_WRITE = 1 << 0, IA64_WATCH_READ = 1 << 1 };

/* Why ia64_run() returned IA64_EXIT_DEBUG: vcpu.debug_reason. */
enum ia64_debug_reason {
	IA64_DEBUG_NONE,
	IA64_DEBUG_STEP,   /* debug_step was set and one instruction has been executed */
	IA64_DEBUG_BREAK,  /* the instruction at ip/ri has a breakpoint and has not been executed */
	IA64_DEBUG_WATCH,  /* the instruction before ip/ri touched debug_watch_va */
};

struct ia64_debug_watch {
	uint64_t va, size; /* size > 0, va + size does not wrap */
	unsigned int kinds;
};

struct ia64_debug {
	uint64_t breaks[IA64_DEBUG_MAX_BREAKS]; /* bundle address | slot */
	unsigned int nr_breaks;
	struct ia64_debug_watch watches[IA64_DEBUG_MAX_WATCHES];
	unsigned int nr_watches;
};

/*
 * Adds or removes; the caller has every vCPU stopped and drops their fast translations and fetch
 * windows afterwards with ia64_debug_changed(). 0, -ENOSPC when the table is full, -ENOENT if there
 * is no such one to remove, -EINVAL for an empty or wrapping range or slot 3.
 */
int ia64_debug_add_break(struct ia64_debug *d, uint64_t va, unsigned int slot);
int ia64_debug_remove_break(struct ia64_debug *d, uint64_t va, unsigned int slot);
int ia64_debug_add_watch(struct ia64_debug *d, uint64_t va, uint64_t size, unsigned int kinds);
int ia64_debug_remove_watch(struct ia64_debug *d, uint64_t va, uint64_t size, unsigned int kinds);
void ia64_debug_changed(struct ia64_system *sys);

/* --- What the processor asks. All are false when sys->debug is NULL. --- */

/*
 * Does this vCPU have to go instruction by instruction: it steps, or the 4 KiB page of code at
 * v->code_va holds a breakpoint. Asked when a page of code is entered and when ia64_run() begins.
 */
bool ia64_debug_slow(const struct vcpu *v);

/*
 * Before an instruction, ip and ri in sync: true if it has a breakpoint. debug_reason is then set,
 * and ia64_run() returns IA64_EXIT_DEBUG. Not asked for the first instruction after ia64_run() when
 * debug_step is set, so that a step leaves a breakpoint.
 */
bool ia64_debug_break(struct vcpu *v);

/* Is a byte of the 4 KiB page of data at va watched: such a page has no fast translations. */
bool ia64_debug_watches_page(const struct vcpu *v, uint64_t va);

/*
 * An access to [va, va + size) is done or certain to be done; kinds is IA64_WATCH_READ and/or
 * _WRITE. If it is watched, notes it in debug_reason and debug_watch_va and returns true;
 * ia64_run() returns IA64_EXIT_DEBUG before the next instruction (IA64_ATTN_DEBUG is raised).
 */
bool ia64_debug_access(struct vcpu *v, uint64_t va, unsigned int size, unsigned int kinds);

#endif
