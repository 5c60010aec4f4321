/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Prints what the processor and the firmware report (ia64/trace.h), one line an event; and, each
 * second, what the vCPUs have counted.
 */
#ifndef PARAVANE_MACHINE_TRACE_H
#define PARAVANE_MACHINE_TRACE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "backend/error.h"

struct debug_target;
struct trace;

/*
 * The bits of events' names, divided by commas ("faults,mmio"). False: one of them is none; it is
 * in `word` then.
 */
bool trace_list(const char *names, uint32_t *bits, char *word, size_t size);

/* The names, divided by commas. Static storage. */
const char *trace_kinds(void);

/*
 * Prints events of these kinds on `out`, which stays the caller's, until trace_stop(); called
 * before the target runs. Returns 0, or -1 with *err set.
 */
int trace_start(struct trace **trace, const struct debug_target *target, uint32_t kinds, FILE *out,
		struct error *err);

/* When the target stands still for good. NULL is allowed. */
void trace_stop(struct trace *trace);

#endif
