/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vCPU's registers as text, for crash reports. */
#ifndef PARAVANE_IA64_STATE_DUMP_H
#define PARAVANE_IA64_STATE_DUMP_H

#include <stdio.h>

#include "ia64/vcpu.h"

/*
 * Writes ip, psr, the general, branch, predicate, application and control registers, region
 * registers and valid translation registers, some 60 lines. The vCPU stands still or is the
 * caller's own; nothing of it changes but ip, ri, which are brought up to date.
 */
void ia64_state_dump(struct vcpu *v, FILE *out);

#endif
