/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a vCPU was doing when it could not go on, for a person. */
#ifndef PARAVANE_MACHINE_CRASH_H
#define PARAVANE_MACHINE_CRASH_H

#include <stdio.h>

#include "ia64/vcpu.h"
#include "machine/symbols.h"

/*
 * Writes the reason, the bundle at ip, the registers and a back trace to `out`. The vCPU stands
 * still. The back trace lists return addresses found in b0 and, from the youngest frame on, in the
 * register stack and its backing store: an address in the kernel's code right behind a call. Frames
 * that kept theirs elsewhere are missing, and an old value may show up.
 */
void crash_report(struct vcpu *v, const struct symbol_table *symbols, FILE *out);

#endif
