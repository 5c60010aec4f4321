/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A debugger's end of the machine: the GDB remote serial protocol, as gdb-multiarch speaks it with
 * `set architecture ia64-elf64` (GDB manual, appendix "GDB Remote Serial Protocol").
 *
 * vCPU n is thread n + 1. The whole machine stops and goes on together, but for single steps.
 */
#ifndef PARAVANE_MACHINE_GDBSTUB_H
#define PARAVANE_MACHINE_GDBSTUB_H

#include "backend/error.h"

struct gdbstub;
struct machine;

/*
 * Listens at `where`, a TCP port of 127.0.0.1 as a decimal number or "unix:PATH", and has the
 * machine start paused: it runs when a debugger has connected and says so. Called before
 * machine_run(). Returns 0, or -1 with *err set. One debugger at a time; when it detaches or goes
 * away the machine runs on without breakpoints, and another may connect.
 */
int gdbstub_create(struct gdbstub **stub, struct machine *m, const char *where, struct error *err);

/* After machine_run(), before machine_destroy(). NULL is allowed. */
void gdbstub_destroy(struct gdbstub *stub);

#endif
