/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The register stack engine (SDM 2:6). */
#ifndef PARAVANE_IA64_RSE_H
#define PARAVANE_IA64_RSE_H

#include "ia64/vcpu.h"

/* CFM as the 38-bit field of ar.pfs/cr.ifs, and back (sizes already checked). */
uint64_t ia64_cfm(const struct ia64_rse *rse);
void ia64_set_cfm(struct ia64_rse *rse, uint64_t cfm);

/*
 * alloc, br.call, br.ret, cover, flushrs, loadrs as on their manual pages (SDM 3:2). Those that
 * touch the backing store return false when a fault was delivered; state is then as the manual
 * says for an instruction that faulted half way (partial spills are kept: bspstore, rnat moved).
 */
bool ia64_rse_alloc(struct vcpu *v, unsigned int sof, unsigned int sol, unsigned int sor);
void ia64_rse_call(struct vcpu *v);                 /* pushes sol registers; new frame has the outs */
bool ia64_rse_return(struct vcpu *v, uint64_t pfm); /* the fill may fault: incomplete frame */
void ia64_rse_cover(struct vcpu *v, uint64_t *ifm);
bool ia64_rse_flushrs(struct vcpu *v);
bool ia64_rse_loadrs(struct vcpu *v);
/* Completes a frame left incomplete by a fault: called by the runner while rse.cfle is set. */
bool ia64_rse_complete(struct vcpu *v);

/* ar.bsp, ar.bspstore, ar.rnat, ar.rsc with their side effects; false: fault delivered. */
bool ia64_rse_ar_read(struct vcpu *v, unsigned int ar, uint64_t *val);
bool ia64_rse_ar_write(struct vcpu *v, unsigned int ar, uint64_t val);

/* On interruption: CFM to cr.ifs is cover's business; the handler starts with the same frame. */

/* ar.bsp now: ndirty (less missing) registers above bspstore. */
uint64_t ia64_rse_bsp(const struct ia64_rse *rse);

/* Address n registers above (or below) `bsp` in the backing store, NaT collections counted. */
uint64_t ia64_rse_skip(uint64_t bsp, int64_t n);

/* For debuggers: value and NaT of logical register r32 + n of the current frame. */
uint64_t ia64_stacked_read(const struct vcpu *v, unsigned int n, bool *nat);

#endif
