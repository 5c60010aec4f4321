/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A debugger's end of a machine or a domain: the GDB remote serial protocol, as gdb-multiarch
 * speaks it with `set architecture ia64-elf64` (GDB manual, appendix "GDB Remote Serial Protocol").
 *
 * vCPU n is thread n + 1. The whole machine stops and goes on together, but for single steps.
 */
#ifndef PARAVANE_MACHINE_GDBSTUB_H
#define PARAVANE_MACHINE_GDBSTUB_H

#include "backend/error.h"

struct debug_target;
struct gdbstub;

/*
 * Listens at `where`, a TCP port of 127.0.0.1 as a decimal number, "unix:PATH", or "/dev/fd/N" for
 * a copy of a socket that listens, and has the target stopped: it runs when a debugger has
 * connected and says so. Called before it runs. Returns 0, or -1 with *err set. One debugger at a
 * time; when it detaches or goes away the target runs on without breakpoints, and another may
 * connect.
 */
int gdbstub_create(struct gdbstub **stub, const struct debug_target *target, const char *where,
		   struct error *err);

/* When the target stands still for good. NULL is allowed. */
void gdbstub_destroy(struct gdbstub *stub);

#endif
