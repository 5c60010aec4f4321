/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of host processors as xl writes them: "all", "0-3,5,^1". */
#ifndef PARAVANE_TOOL_CPULIST_H
#define PARAVANE_TOOL_CPULIST_H

#include <sched.h>
#include <stddef.h>

#include "backend/error.h"

/* The processors this process may use. */
void cpulist_all(cpu_set_t *set);
/* At least one processor of this machine must be left. 0, or -1 with *err. */
int cpulist_parse(cpu_set_t *set, const char *text, struct error *err);
/* "all" for all of this machine. Returns buf. */
char *cpulist_print(const cpu_set_t *set, char *buf, size_t size);

#endif
