/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Those who look on while a domain runs: a trace, a debugger. */
#ifndef PARAVANE_MACHINE_OBSERVE_H
#define PARAVANE_MACHINE_OBSERVE_H

#include <stdint.h>
#include <stdio.h>

#include "backend/error.h"
#include "machine/debug_target.h"

struct gdbstub;
struct trace;

/* The strings are file names, "/dev/fd/N" among them, and the caller's. */
struct observe_config {
	uint32_t trace;         /* kinds (trace.h); 0: no trace */
	const char *trace_file; /* added to; NULL: standard error */
	const char *gdb;        /* as gdbstub_create() takes it; NULL: no debugger */
};

struct observers {
	FILE *out; /* NULL: standard error */
	struct trace *trace;
	struct gdbstub *gdb;
};

/* Before the target runs. Returns 0, or -1 with *err and nothing started. */
int observers_start(struct observers *o, const struct observe_config *config,
		    const struct debug_target *target, struct error *err);
/* When it stands still for good. What was never started is fine. */
void observers_stop(struct observers *o);

/*
 * Names translations in the file (ia64_jit_perf_map()), by what the table has when they are made.
 * Before the first ia64_run(). Returns 0, or -1 with *err.
 */
int observe_translations(const char *file, struct ia64_system *sys,
			 const struct symbol_table *symbols, struct error *err);

#endif
