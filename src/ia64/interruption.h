/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Delivery of interruptions to the guest's interruption vector table (SDM 2:5, 2:8). */
#ifndef PARAVANE_IA64_INTERRUPTION_H
#define PARAVANE_IA64_INTERRUPTION_H

#include "ia64/vcpu.h"

/*
 * Brings v->ip and v->ri up to date with v->op when an instruction is being interpreted; does
 * nothing else. Everything that looks at ip calls it first.
 */
void ia64_sync_ip(struct vcpu *v);

/*
 * Delivers a fault or interrupt: the instruction at ip/ri has not executed and cr.iip points to it.
 * Saves ipsr, iip, iipa, ifs, isr as SDM 2:5.5.1 says (when psr.ic is 0 only isr is collected),
 * switches to the handler at cr.iva + vector. `isr` holds code, vector and the access bits; ei, ni,
 * ir, rs, so (from RSE state and psr.ri) are added here. The caller has set ifa, itir, iim, iha
 * through the helpers below first. v->op becomes NULL: the interpreter refetches.
 */
void ia64_fault(struct vcpu *v, enum ia64_vector vector, uint64_t isr);

/*
 * Delivers a trap: the instruction at ip/ri has executed; iip/ri name the one that comes next
 * (next_ip, next_ri), iipa the bundle of the trapping instruction, isr.ei its slot.
 */
void ia64_trap(struct vcpu *v, enum ia64_vector vector, uint64_t isr, uint64_t next_ip,
	       unsigned int next_ri);

/* The frequent ones. Each delivers, always returns false so that callers can `return` it. */
bool ia64_illegal_operation(struct vcpu *v);
bool ia64_privileged_operation(struct vcpu *v, uint64_t isr_bits);
bool ia64_privileged_register(struct vcpu *v);
bool ia64_reserved_register_field(struct vcpu *v, uint64_t isr_bits);
bool ia64_register_nat_consumption(struct vcpu *v, uint64_t isr_bits); /* isr.r/w/na + code */
bool ia64_disabled_fp(struct vcpu *v, uint64_t isr_code, uint64_t isr_bits);
bool ia64_break_fault(struct vcpu *v, uint64_t imm);
bool ia64_unimplemented_data_address(struct vcpu *v, uint64_t isr_bits, uint64_t va);

/* rfi (SDM 3:2 "rfi"): restores psr, ip, cfm from ipsr, iip, ifs. cpl is checked by the caller. */
void ia64_rfi(struct vcpu *v);

/*
 * Sets psr as a whole and everything derived from it: cpl, view, register bank, code_stale,
 * IA64_ATTN_SLOW, pending interrupts that become deliverable. psr.ri is not in it.
 */
void ia64_set_psr(struct vcpu *v, uint64_t psr);

/*
 * Called by the runner with an instruction boundary in ip/ri when attention has
 * IA64_ATTN_INTERRUPT, or psr.i/tpr changed: delivers INIT, PMI or the highest pending external
 * interrupt if psr and tpr let it through. Returns true if it delivered.
 */
bool ia64_deliver_pending(struct vcpu *v);

/* Is a machine check, INIT or PMI pending, whether psr lets it through or not? */
bool ia64_pal_event_pending(struct vcpu *v);

#endif
