/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interpreter: decoded instructions in arrays, one small function each.
 *
 * A page of guest code (4 KiB, 256 bundles) becomes an array of 768 struct ia64_insn_op in address
 * order and one sentinel, so that straight-line code is `op + 1`, a branch inside the page an
 * index, and the sentinel steps to the next page. The slot of an op is its index modulo 3.
 *
 * All of it belongs to the thread that runs the vCPU.
 */
#ifndef PARAVANE_IA64_INTERP_H
#define PARAVANE_IA64_INTERP_H

#include "ia64/decode.h"
#include "ia64/vcpu.h"

struct ia64_insn_op;

/*
 * Executes one instruction whose predicate is true (or that ignores it) and returns what to
 * execute next: op + 1, a branch target in the same or (v->code_* then tell) another page, or NULL
 * to refetch at v->ip/v->ri (interruption delivered, psr changed, someone wants attention); v->op
 * is then NULL and ip, ri are in sync. v->op == op when it is called.
 */
typedef const struct ia64_insn_op *(*ia64_exec_fn)(struct vcpu *v, const struct ia64_insn_op *op);

/*
 * insn is what the decoder gave but for: a predicate target p0 is IA64_PR_SINK; an instruction that
 * does something when its predicate is false has qp 0 and the real one in `hint`; the imm of a
 * branch in its own page (ia64_exec_BR_*_NEAR) is the distance to its target in ops.
 */
struct ia64_insn_op {
	ia64_exec_fn exec;
	struct ia64_insn insn;
};

/* The function of each enum ia64_op; never NULL. */
extern const ia64_exec_fn ia64_exec_table[];

/*
 * Executes from ip/ri until the vCPU's attention is wanted (false: the caller serves it) or
 * v->exit was set here (true). ip, ri are in sync and v->op is NULL then.
 */
bool ia64_interp_run(struct vcpu *v);

/* The op at v->ip/v->ri, translated and decoded; NULL when fetching it delivered a fault. */
const struct ia64_insn_op *ia64_fetch(struct vcpu *v);

/* ---- decoded pages of a vCPU, icache.c ---- */

#define IA64_PAGE_OPS 768

int ia64_icache_init(struct vcpu *v);
void ia64_icache_destroy(struct vcpu *v);

/*
 * The decoded page at va (4 KiB aligned, under the present psr.it and cpl) if it was fetched before
 * and nothing has changed since; sets code_ops, code_va, code_pa. NULL: ask ia64_fetch().
 */
const struct ia64_insn_op *ia64_icache_lookup(struct vcpu *v, uint64_t va);

#endif
