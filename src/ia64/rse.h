/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register stack engine (SDM 2:6).
 *
 * Enforced lazy whatever rsc.mode says, which the manual allows: registers move only when an
 * instruction must have them moved. There is no clean partition (nclean is always 0): what was
 * stored is forgotten, and loaded again when a return wants it.
 *
 * All of it belongs to the thread that runs the vCPU.
 */
#ifndef PARAVANE_IA64_RSE_H
#define PARAVANE_IA64_RSE_H

#include "ia64/vcpu.h"

/* Fields of CFM, ar.pfs.pfm and cr.ifs.ifm (SDM 1:3.1.7, Table 3-2); sor in registers. */
static inline unsigned int ia64_cfm_sof(uint64_t cfm)
{
	return cfm & 0x7f;
}

static inline unsigned int ia64_cfm_sol(uint64_t cfm)
{
	return cfm >> 7 & 0x7f;
}

static inline unsigned int ia64_cfm_sor(uint64_t cfm)
{
	return (cfm >> 14 & 0xf) * 8;
}

/* CFM as the 38-bit field of ar.pfs/cr.ifs. */
uint64_t ia64_cfm(const struct ia64_rse *rse);
/*
 * The other way. Sizes that no frame can have are cut to what the register file holds; predicates
 * move to where the new rrb.pr shows them. The frame's place in the stack is the caller's business.
 */
void ia64_set_cfm(struct vcpu *v, uint64_t cfm);

/* Reset: a frame of 96 registers, nothing below it, enforced lazy mode (SDM 2:6.12). */
void ia64_rse_reset(struct vcpu *v);

/*
 * alloc, br.call, br.ret, rfi, cover, flushrs, loadrs as on their manual pages (SDM 3:2). Those
 * that store to or load from the backing store return false when a fault was delivered; state is
 * then as the manual says for an instruction that faulted half way (stores done are kept: bspstore
 * and rnat have moved). br.ret and rfi do not fault: when registers are missing rse.cfle is set,
 * and the runner calls ia64_rse_complete() before the next instruction.
 */
bool ia64_rse_alloc(struct vcpu *v, unsigned int sof, unsigned int sol, unsigned int sor);
void ia64_rse_call(struct vcpu *v);                 /* pushes sol registers, leaves the outs */
void ia64_rse_return(struct vcpu *v, uint64_t pfm);
void ia64_rse_rfi(struct vcpu *v, uint64_t ifs);    /* cr.ifs with its valid bit */
void ia64_rse_cover(struct vcpu *v, uint64_t *ifm); /* *ifm: CFM before, for cr.ifs */
bool ia64_rse_flushrs(struct vcpu *v);
bool ia64_rse_loadrs(struct vcpu *v);
/*
 * Before a return to a frame of sof registers, sol of them below the present frame: loads those
 * that are not there, if that is possible without a fault or any other thing to be seen. False: the
 * return must come first.
 */
bool ia64_rse_refill(struct vcpu *v, unsigned int sof, unsigned int sol);
/* Loads what an incomplete frame misses; called by the runner while rse.cfle is set. */
bool ia64_rse_complete(struct vcpu *v);

/* br.ctop, br.wtop and the like: one step of register rotation; clrrrb and clrrrb.pr. */
void ia64_rse_rotate(struct vcpu *v);
/* Of n such steps, what becomes of the predicates alone: those kept in vcpu.pr, not rrb.pr. */
void ia64_rse_turn_predicates(struct vcpu *v, unsigned int n);
void ia64_rse_clear_rrb(struct vcpu *v, bool pr_only);

/*
 * ar.rsc, ar.bsp, ar.bspstore, ar.rnat with their side effects and checks (SDM 3:2 "mov ar").
 * false: fault delivered.
 */
bool ia64_rse_ar_read(struct vcpu *v, unsigned int ar, uint64_t *val);
bool ia64_rse_ar_write(struct vcpu *v, unsigned int ar, uint64_t val);

/* Moves the resident registers to the middle of rse.stk: nothing a program sees changes. */
void ia64_rse_recentre(struct vcpu *v);

/* ar.bsp now: ndirty (less missing) registers above bspstore. */
uint64_t ia64_rse_bsp(const struct ia64_rse *rse);

/* Address n registers above (or below) `bsp` in the backing store, NaT collections counted. */
uint64_t ia64_rse_skip(uint64_t bsp, int64_t n);

/* For debuggers: value and NaT of logical register r32 + n of the current frame. */
uint64_t ia64_stacked_read(const struct vcpu *v, unsigned int n, bool *nat);

/*
 * The predicates as mov pr sees them: bit n is physical predicate n, as if rrb.pr were 0
 * (SDM 3:2 "mov pr"). Writing changes those in `mask`; bit 0 is ignored.
 */
uint64_t ia64_pr_get(const struct vcpu *v);
void ia64_pr_set(struct vcpu *v, uint64_t val, uint64_t mask);

#endif
