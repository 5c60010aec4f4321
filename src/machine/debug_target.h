/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a debugger and traces look at: a machine, or what runs of a domain. */
#ifndef PARAVANE_MACHINE_DEBUG_TARGET_H
#define PARAVANE_MACHINE_DEBUG_TARGET_H

#include "ia64/threads.h"
#include "machine/events.h"

struct symbol_table;

struct debug_target {
	struct ia64_system *sys;
	struct ia64_threads *threads;
	const struct symbol_table *symbols; /* the kernel's, or NULL */
	/* Any thread. To be ended at once, as the debugger's user says; must not wait for it. */
	void (*kill)(void *ctx);
	/* Makes an event happen to a vCPU; NULL: there are none. */
	void (*inject)(void *ctx, unsigned int vcpu, enum machine_event event);
	void *ctx;
};

#endif
