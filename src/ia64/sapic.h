/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local SAPIC as control registers see it; what posts interrupts is in sysreg.h. */
#ifndef PARAVANE_IA64_SAPIC_H
#define PARAVANE_IA64_SAPIC_H

#include "ia64/vcpu.h"

/* A read of cr.ivr: the vector, now in service and no longer pending, or 15 (SDM 2:5.8.3.2). */
unsigned int ia64_sapic_acknowledge(struct vcpu *v);
/* cr.irr0 to cr.irr3 (n = 0 to 3). */
uint64_t ia64_sapic_irr(struct vcpu *v, unsigned int n);
/* A write of cr.eoi: the highest vector in service is served (SDM 2:5.8.3.4). */
void ia64_sapic_eoi(struct vcpu *v);
/*
 * Makes pending what the interval timer, corrected machine checks and the local pins have raised:
 * before cr.itv, cr.cmcv, cr.lrr0 or cr.lrr1 changes.
 */
void ia64_sapic_absorb(struct vcpu *v);
/* The timer's alone, and forgets a match kept back: a new cr.itm is armed, the lock is held. */
void ia64_sapic_settle_itm(struct vcpu *v);
/* The timer is disarmed: its interrupt is not pending any more. On the vCPU's thread. */
void ia64_sapic_withdraw_itm(struct vcpu *v);
/* After cr.tpr was written: has the runner look whether something can be delivered now. */
void ia64_sapic_unmasked(struct vcpu *v);

#endif
