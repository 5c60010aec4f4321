/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Branches, loops, and the other instructions of unit B (SDM 3:2 "br", "brl", "epc", ...). */
#include "ia64/exec.h"

#include "ia64/smp.h"
#include "ia64/tlb.h"

/* The immediate of hint @pause, the only one defined (SDM 3:2 "hint"). */
#define HINT_PAUSE 0

/* ---- plain branches ---- */

EXEC(BR_COND)
{
	return ia64_branch(v, op, op_ip(v, op) + op->insn.imm);
}

EXEC(BR_COND_NEAR)
{
	return branch_near(v, op, op + op->insn.imm);
}

EXEC(BR_COND_IND)
{
	return ia64_branch(v, op, v->br[op->insn.r2]);
}

EXEC(BRL_COND)
{
	return ia64_branch(v, op, op_ip(v, op) + op->insn.imm);
}

/* ---- calls and returns ---- */

/* ar.pfs, SDM 1:3.1.8.12. */
#define PFS_PFM 0x3fffffffffull
#define PFS_PEC_SHIFT 52
#define PFS_PPL_SHIFT 62

static inline const struct ia64_insn_op *call(struct vcpu *v, const struct ia64_insn_op *op,
					      uint64_t target)
{
	v->br[op->insn.r1] = op_ip(v, op) + 16;
	v->ar[AR_PFS] = ia64_cfm(&v->rse) | v->ar[AR_EC] << PFS_PEC_SHIFT |
			(uint64_t)v->cpl << PFS_PPL_SHIFT;
	ia64_rse_call(v);
	return ia64_branch(v, op, target);
}

EXEC(BR_CALL)
{
	return call(v, op, op_ip(v, op) + op->insn.imm);
}

EXEC(BR_CALL_IND)
{
	return call(v, op, v->br[op->insn.r2]);
}

EXEC(BRL_CALL)
{
	return call(v, op, op_ip(v, op) + op->insn.imm);
}

EXEC(BR_RET)
{
	uint64_t pfs = v->ar[AR_PFS], target = v->br[op->insn.r2], ppl = pfs >> PFS_PPL_SHIFT;

	ia64_rse_return(v, pfs & PFS_PFM);
	v->ar[AR_EC] = pfs >> PFS_PEC_SHIFT & 0x3f;
	if (likely(v->cpl >= ppl && !v->rse.cfle))
		return ia64_branch(v, op, target);
	/* A return can lower privilege but never raise it. */
	if (v->cpl < ppl)
		ia64_set_psr(v, (v->psr & ~PSR_CPL) | ppl << PSR_CPL_SHIFT);
	return ia64_branch_refetch(v, op, target);
}

EXEC(BR_IA)
{
	if (v->rse.bspstore != ia64_rse_bsp(&v->rse))
		ia64_illegal_operation(v);
	else
		ia64_fault(v, IA64_GENERAL_EXCEPTION_VECTOR, IA64_GENEX_DISABLED_ISA_TRANSITION);
	return NULL;
}

/* ---- loops (SDM 3:2 "br"; 1:4.5.1); counted ones have no qualifying predicate ---- */

static inline bool count_down(struct vcpu *v)
{
	if (!v->ar[AR_LC])
		return false;
	v->ar[AR_LC]--;
	return true;
}

EXEC(BR_CLOOP)
{
	if (!count_down(v))
		return op + 1;
	return ia64_branch(v, op, op_ip(v, op) + op->insn.imm);
}

EXEC(BR_CLOOP_NEAR)
{
	if (!count_down(v))
		return op + 1;
	return branch_near(v, op, op + op->insn.imm);
}

/* One step of a modulo-scheduled loop; `first` becomes p16 of the next. True: another one comes. */
static bool next_stage(struct vcpu *v, bool kernel, uint8_t first)
{
	bool more = kernel || v->ar[AR_EC] > 1;

	v->pr[63] = first;
	if (kernel) {
		ia64_rse_rotate(v);
	} else if (v->ar[AR_EC]) {
		v->ar[AR_EC]--;
		ia64_rse_rotate(v);
	}
	return more;
}

static inline const struct ia64_insn_op *branch_if(struct vcpu *v, const struct ia64_insn_op *op,
						   bool taken)
{
	return taken ? ia64_branch(v, op, op_ip(v, op) + op->insn.imm) : op + 1;
}

EXEC(BR_CTOP)
{
	bool kernel = count_down(v);

	return branch_if(v, op, next_stage(v, kernel, kernel));
}

EXEC(BR_CEXIT)
{
	bool kernel = count_down(v);

	return branch_if(v, op, !next_stage(v, kernel, kernel));
}

EXEC(BR_WTOP)
{
	return branch_if(v, op, next_stage(v, v->pr[op->insn.hint], 0));
}

EXEC(BR_WEXIT)
{
	return branch_if(v, op, !next_stage(v, v->pr[op->insn.hint], 0));
}

EXEC(CLRRRB)
{
	ia64_rse_clear_rrb(v, false);
	return op + 1;
}

EXEC(CLRRRB_PR)
{
	ia64_rse_clear_rrb(v, true);
	return op + 1;
}

/* ---- frames, banks, privilege ---- */

EXEC(COVER)
{
	uint64_t ifm;

	ia64_rse_cover(v, &ifm);
	if (!(v->psr & PSR_IC))
		v->cr[CR_IFS] = ifm | 1ull << 63;
	return op + 1;
}

EXEC(RFI)
{
	CHECK_PRIVILEGE(0);
	ia64_sync_ip(v);
	v->op = NULL;
	ia64_rfi(v);
	return NULL;
}

EXEC(BSW_0)
{
	CHECK_PRIVILEGE(0);
	ia64_set_psr(v, v->psr & ~PSR_BN);
	return op + 1;
}

EXEC(BSW_1)
{
	CHECK_PRIVILEGE(0);
	ia64_set_psr(v, v->psr | PSR_BN);
	return op + 1;
}

#define AR_EXECUTE_ONLY 7 /* access rights that let epc promote, SDM 2:4.1.1.6 */

EXEC(EPC)
{
	struct ia64_xlate_result res;
	uint64_t level = 0;

	if (v->ar[AR_PFS] >> PFS_PPL_SHIFT < v->cpl) {
		ia64_illegal_operation(v);
		return NULL;
	}
	if (v->psr & PSR_IT) {
		if (ia64_translate(v, op_ip(v, op), 16, IA64_ACCESS_EXEC, 0, &res) != IA64_XLATE_OK)
			return NULL;
		level = res.ar == AR_EXECUTE_ONLY && res.pl < v->cpl ? res.pl : v->cpl;
	}
	if (level == v->cpl)
		return op + 1;
	ia64_set_psr(v, (v->psr & ~PSR_CPL) | level << PSR_CPL_SHIFT);
	return ia64_leave_run(v, op + 1);
}

/* Virtualization (vmsw) came after this processor. */
EXEC(VMSW_0)
{
	ia64_illegal_operation(v);
	return NULL;
}

EXEC(VMSW_1)
{
	ia64_illegal_operation(v);
	return NULL;
}

/* ---- any unit ---- */

EXEC(NOP)
{
	return op + 1;
}

EXEC(HINT)
{
	if (op->insn.imm == HINT_PAUSE)
		ia64_pause(v);
	return op + 1;
}

EXEC(NOP_X)
{
	return op + 2;
}

/* An L+X instruction with a qualifying predicate: when it is false, both slots are passed over. */
EXEC(PREDICATED_X)
{
	return v->pr[op->insn.hint] ? ia64_exec_table[op->insn.op](v, op) : op + 2;
}

EXEC(ILLEGAL)
{
	ia64_illegal_operation(v);
	return NULL;
}

EXEC(SLOT_EMPTY)
{
	ia64_illegal_operation(v);
	return NULL;
}

EXEC(BREAK)
{
	/* break.b does not tell its immediate (SDM 3:2 "break"). */
	uint64_t imm = op->insn.unit == UNIT_B ? 0 : op->insn.imm;
	const struct ia64_platform *platform = &v->sys->platform;

	ia64_sync_ip(v);
	v->op = NULL;
	if (platform->host_break && platform->host_break(platform->ctx, v, imm))
		return NULL;
	v->op = op;
	ia64_break_fault(v, imm);
	return NULL;
}
