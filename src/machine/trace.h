/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints what the processor and the firmware report (ia64/trace.h), one line an event. */
#ifndef PARAVANE_MACHINE_TRACE_H
#define PARAVANE_MACHINE_TRACE_H

#include <stdint.h>
#include <stdio.h>

#include "backend/error.h"

struct machine;
struct trace;

/* The IA64_TRACE_* bit of an event's name on the command line ("faults"), or 0. */
uint32_t trace_kind(const char *name);

/* The names, divided by commas. Static storage. */
const char *trace_kinds(void);

/*
 * Prints events of these kinds on `out`, which stays the caller's, until the machine has been
 * destroyed; called before machine_run(). Returns 0, or -1 with *err set. trace_stop() after
 * machine_destroy() frees it; NULL is allowed.
 */
int trace_start(struct trace **trace, struct machine *m, uint32_t kinds, FILE *out,
		struct error *err);
void trace_stop(struct trace *trace);

#endif
