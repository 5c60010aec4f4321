/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The interpreter: decoded instructions in arrays, one small function each.
 *
 * A page of guest code (4 KiB, 256 bundles) becomes an array of 768 struct ia64_insn_op in address
 * order and one sentinel, so that straight-line code is `op + 1`, a branch inside the page an
 * index, and the sentinel steps to the next page. The slot of an op is its index modulo 3.
 */
#ifndef PARAVANE_IA64_INTERP_H
#define PARAVANE_IA64_INTERP_H

#include "ia64/decode.h"
#include "ia64/vcpu.h"

struct ia64_insn_op;

/*
 * Executes one instruction whose predicate is true (or that ignores it) and returns what to
 * execute next: op + 1, a branch target in the same page, or NULL to refetch at v->ip/v->ri
 * (branch out of the page, interruption delivered, psr changed).
 */
typedef const struct ia64_insn_op *(*ia64_exec_fn)(struct vcpu *v, const struct ia64_insn_op *op);

struct ia64_insn_op {
	ia64_exec_fn exec;
	struct ia64_insn insn;
};

/* The function of each enum ia64_op, exec_*.c; never NULL. */
extern const ia64_exec_fn ia64_exec_table[];

/* The op at v->ip/v->ri, translated and decoded; NULL when fetching it delivered a fault. */
const struct ia64_insn_op *ia64_fetch(struct vcpu *v);

/*
 * Executes until attention but for IA64_ATTN_SLOW is raised (false), or `leaving` was set (true or
 * false). ip and ri are in sync when it returns, and op is NULL.
 */
bool ia64_interp_run(struct vcpu *v);

/* Decoded pages of a vCPU, icache.c. */
int ia64_icache_init(struct vcpu *v);
void ia64_icache_destroy(struct vcpu *v);
void ia64_icache_flush_stale(struct vcpu *v);

#endif
