/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the functions that execute instructions share. Private to exec_*.c, interp.c and icache.c.
 *
 * Each operation of opcodes.def has one function, ia64_exec_<NAME>, defined with EXEC(NAME). It is
 * called when its predicate is true, or always if it ignores or clears something when it is false
 * (see icache.c); the real predicate is then in insn.hint.
 */
#ifndef PARAVANE_IA64_EXEC_H
#define PARAVANE_IA64_EXEC_H

#include "ia64/interp.h"
#include "ia64/interruption.h"
#include "ia64/mem.h"
#include "ia64/rse.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define EXEC(name) \
	const struct ia64_insn_op *ia64_exec_##name(struct vcpu *v, const struct ia64_insn_op *op)

#define OP(name) EXEC(name);
#include "ia64/opcodes.def"
#undef OP

/* Forms that only predecoding makes: branches whose target is in their own page, and others. */
EXEC(BR_COND_NEAR);
EXEC(BR_CLOOP_NEAR);
EXEC(NOP_X);
EXEC(PREDICATED_X);
EXEC(UNDECODED);
EXEC(PAGE_END);

/* The op's place in its page. */
static inline unsigned int op_index(const struct vcpu *v, const struct ia64_insn_op *op)
{
	return op - v->code_ops;
}

/* The address of the op's bundle. (683 / 2048 is a third, exactly enough for 0..768.) */
static inline uint64_t op_ip(const struct vcpu *v, const struct ia64_insn_op *op)
{
	return v->code_va + (uint64_t)(op_index(v, op) * 683 >> 11) * 16;
}

/* ---- general registers ---- */

struct gr_ref {
	uint64_t *val;
	uint8_t *nat;
};

/* Index in rse.stk of stacked register r (32..127), renamed. Any r stays inside the array. */
static inline unsigned int gr_stacked(const struct vcpu *v, unsigned int r)
{
	unsigned int n = r - 32;

	if (n < v->rse.sor) {
		n += v->rse.rrb_gr;
		if (n >= v->rse.sor)
			n -= v->rse.sor;
	}
	return v->rse.bof + n;
}

static inline struct gr_ref gr(struct vcpu *v, unsigned int r)
{
	unsigned int i;

	if (r < 32)
		return (struct gr_ref){ &v->gr[r], &v->nat[r] };
	i = gr_stacked(v, r);
	return (struct gr_ref){ &v->rse.stk[i], &v->rse.stk_nat[i] };
}

/* May r be written: static, or in the current frame. (r0 is the decoder's business.) */
static inline bool gr_writable(const struct vcpu *v, unsigned int r)
{
	return likely(r < 32u + v->rse.sof);
}

static inline void gr_write(struct vcpu *v, unsigned int r, uint64_t val, uint8_t nat)
{
	struct gr_ref d = gr(v, r);

	*d.val = val;
	*d.nat = nat;
	v->nat_any |= nat;
}

/* Ends an instruction that computes r1: the frame check comes first, as SDM 3:2 has it. */
static inline const struct ia64_insn_op *gr_result(struct vcpu *v, const struct ia64_insn_op *op,
						   uint64_t val, uint8_t nat)
{
	if (!gr_writable(v, op->insn.r1)) {
		ia64_illegal_operation(v);
		return NULL;
	}
	gr_write(v, op->insn.r1, val, nat);
	return op + 1;
}

/* Illegal Operation unless the frame holds r. */
#define CHECK_TARGET(r) \
	do { \
		if (!gr_writable(v, r)) { \
			ia64_illegal_operation(v); \
			return NULL; \
		} \
	} while (0)

/* Register NaT Consumption fault; `bits` are those of isr. */
#define CHECK_NAT(nat, bits) \
	do { \
		if (unlikely(nat)) { \
			ia64_register_nat_consumption(v, bits); \
			return NULL; \
		} \
	} while (0)

#define CHECK_PRIVILEGE(bits) \
	do { \
		if (unlikely(v->cpl)) { \
			ia64_privileged_operation(v, bits); \
			return NULL; \
		} \
	} while (0)

/*
 * Base update of loads and stores: r3 += r2 or imm, its NaT from both (SDM 3:2 "ld"). It comes
 * after an access that did not fault and before r1 is written, since r2 may be r1.
 */
enum update { UPDATE_NONE, UPDATE_R, UPDATE_I };

static inline void update_base(struct vcpu *v, const struct ia64_insn_op *op, enum update update,
			       uint64_t base, uint8_t base_nat)
{
	struct gr_ref r2;

	if (update == UPDATE_R) {
		r2 = gr(v, op->insn.r2);
		gr_write(v, op->insn.r3, base + *r2.val, base_nat | *r2.nat);
	} else if (update == UPDATE_I) {
		gr_write(v, op->insn.r3, base + op->insn.imm, base_nat);
	}
}

/* ---- floating-point registers ---- */

static inline struct ia64_fr *fr(struct vcpu *v, unsigned int f)
{
	if (f >= 32) {
		f += v->rse.rrb_fr;
		if (f >= 128)
			f -= 96;
	}
	return &v->fr[f];
}

/* Disabled FP Register fault, SDM 2:8: code bit 0 for f2-f31, bit 1 for f32-f127. */
static inline bool fp_disabled(struct vcpu *v, const struct ia64_insn_op *op, uint64_t isr_bits)
{
	uint64_t code = 0;

	if (likely(!(v->psr & (PSR_DFL | PSR_DFH))))
		return false;
	if ((op->insn.flags & INSN_FP_LOW) && (v->psr & PSR_DFL))
		code |= 1;
	if ((op->insn.flags & INSN_FP_HIGH) && (v->psr & PSR_DFH))
		code |= 2;
	if (!code)
		return false;
	ia64_disabled_fp(v, code, isr_bits);
	return true;
}

#define CHECK_FP(bits) \
	do { \
		if (unlikely(fp_disabled(v, op, bits))) \
			return NULL; \
	} while (0)

/* psr.mfl and psr.mfh: lower and upper registers were written. */
static inline void fp_modified(struct vcpu *v, const struct ia64_insn_op *op)
{
	_Static_assert(INSN_FP_WLOW == 1 << 7 && INSN_FP_WHIGH == 1 << 8 && PSR_MFL == 1 << 4, "");
	v->psr |= op->insn.flags >> 3 & (PSR_MFL | PSR_MFH);
}

/* ---- control flow, interp.c ---- */

/*
 * A taken branch to `target` (its low four bits are ignored): what to execute next. Notes where it
 * came from, lets attention in, raises the trap of an unimplemented address.
 */
const struct ia64_insn_op *ia64_branch(struct vcpu *v, const struct ia64_insn_op *op,
				       uint64_t target);
/* The same when code must be looked up again at the target: privilege has changed, say. */
const struct ia64_insn_op *ia64_branch_refetch(struct vcpu *v, const struct ia64_insn_op *op,
					       uint64_t target);
/* Ends a straight run: ip and ri become those of `next`, which lies in the present page. */
const struct ia64_insn_op *ia64_leave_run(struct vcpu *v, const struct ia64_insn_op *next);
/* The same after a branch inside the page, for branch_near(). */
const struct ia64_insn_op *ia64_leave_branch(struct vcpu *v, const struct ia64_insn_op *target);

static inline bool attention(struct vcpu *v)
{
	return unlikely(atomic_load_explicit(&v->attention, memory_order_relaxed));
}

static inline const struct ia64_insn_op *branch_near(struct vcpu *v, const struct ia64_insn_op *op,
						     const struct ia64_insn_op *target)
{
	v->near_from = op;
	v->near_to = target;
	if (attention(v))
		return ia64_leave_branch(v, target);
	return target;
}

#endif
