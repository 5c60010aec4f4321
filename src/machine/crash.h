/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a vCPU was doing when it could not go on, for a person. */
#ifndef PARAVANE_MACHINE_CRASH_H
#define PARAVANE_MACHINE_CRASH_H

#include <stdio.h>

#include "ia64/vcpu.h"
#include "machine/symbols.h"
#include "machine/unwind.h"

/*
 * Writes the reason, the bundle at ip, the registers and a back trace to `out`. The vCPU stands
 * still. The back trace follows the unwind tables. Where they end (an interruption, a procedure
 * without any) it goes on with what looks like a return address in the register stack and its
 * backing store: such lines are marked with '?', as an old value may be among them.
 */
void crash_report(struct vcpu *v, const struct symbol_table *symbols,
		  const struct unwind_tables *unwind, FILE *out);

#endif
