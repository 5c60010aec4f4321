/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints what the processor and the firmware report (ia64/trace.h), one line an event; and, each
 * second, what the vCPUs have counted.
 */
#ifndef PARAVANE_MACHINE_TRACE_H
#define PARAVANE_MACHINE_TRACE_H

#include <stdint.h>
#include <stdio.h>

#include "backend/error.h"

struct machine;
struct trace;

/* The bit of an event's name on the command line ("faults"), or 0. */
uint32_t trace_kind(const char *name);

/* The names, divided by commas. Static storage. */
const char *trace_kinds(void);

/*
 * Prints events of these kinds on `out`, which stays the caller's, until trace_stop(); called
 * before machine_run(). Returns 0, or -1 with *err set.
 */
int trace_start(struct trace **trace, struct machine *m, uint32_t kinds, FILE *out,
		struct error *err);

/* After machine_run(), before machine_destroy(). NULL is allowed. */
void trace_stop(struct trace *trace);

#endif
