/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads and writes of control, region, key, debug and performance registers, with the checks of
 * reserved registers and fields; ar.itc and the timer; the local SAPIC (SDM 2:3.3, 2:5.8, 2:7).
 * Privilege checks that depend on the instruction form alone are done by the interpreter.
 */
#ifndef PARAVANE_IA64_SYSREG_H
#define PARAVANE_IA64_SYSREG_H

#include "ia64/vcpu.h"

/* mov to/from cr. false: a fault was delivered. Reading ivr acknowledges; writing eoi ends. */
bool ia64_cr_read(struct vcpu *v, unsigned int n, uint64_t *val);
bool ia64_cr_write(struct vcpu *v, unsigned int n, uint64_t val);
/* Bits of control register n that a write must leave 0, or leaves out. */
uint64_t ia64_cr_reserved(unsigned int n);
uint64_t ia64_cr_ignored(unsigned int n);

/* mov to/from the indirect files. */
enum ia64_regfile { IA64_RF_RR, IA64_RF_PKR, IA64_RF_IBR, IA64_RF_DBR, IA64_RF_PMC, IA64_RF_PMD,
		    IA64_RF_CPUID, IA64_RF_MSR };
bool ia64_indirect_read(struct vcpu *v, enum ia64_regfile file, uint64_t index, uint64_t *val);
bool ia64_indirect_write(struct vcpu *v, enum ia64_regfile file, uint64_t index, uint64_t val);

/* ar.itc: the interval time counter now; and setting it. */
uint64_t ia64_itc_read(struct vcpu *v);
void ia64_itc_write(struct vcpu *v, uint64_t val);

/*
 * Any thread: makes an external interrupt pending (vector 0 ExtINT, 2 NMI, 16..255) and kicks the
 * vCPU; a machine check, INIT, a PMI (vector 0 to 15), a corrected machine check for cr.cmcv
 * likewise.
 */
void ia64_post_interrupt(struct vcpu *v, unsigned int vector);
void ia64_post_mca(struct vcpu *v);
void ia64_post_init(struct vcpu *v);
void ia64_post_pmi(struct vcpu *v, unsigned int vector);
void ia64_post_cmc(struct vcpu *v);
/* Any thread: pin LINT0 or LINT1 (cr.lrr0, cr.lrr1) is asserted, or no longer. */
void ia64_set_lint(struct vcpu *v, unsigned int pin, bool asserted);

/* The highest pending vector that tpr and in-service ones let through, or -1. */
int ia64_highest_pending(struct vcpu *v);

/*
 * The performance monitor, pmu.c. ia64_pmu_sync() brings pmd 4 to 7 up to date with v->retired and
 * ar.itc, for what cpl and psr have been until now: called before one of these changes.
 */
#define IA64_PMD_WIDTH 47
void ia64_pmu_sync(struct vcpu *v);
void ia64_pmu_reset(struct vcpu *v);
uint64_t ia64_pmc_read(struct vcpu *v, unsigned int n);
void ia64_pmc_write(struct vcpu *v, unsigned int n, uint64_t val);
uint64_t ia64_pmd_read(struct vcpu *v, unsigned int n);
void ia64_pmd_write(struct vcpu *v, unsigned int n, uint64_t val);

/* Registers as they are after a processor reset (SDM 2:11.2): called when the system is made. */
void ia64_sysreg_reset(struct vcpu *v);

#endif
