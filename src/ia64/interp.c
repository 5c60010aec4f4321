/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The loops that execute decoded instructions, and the transfers of control between pages. */
#include "ia64/interp.h"

#include "ia64/debug.h"
#include "ia64/exec.h"
#include "ia64/sysreg.h"
#include "ia64/trace.h"

const ia64_exec_fn ia64_exec_table[] = {
#define OP(name) [OP_##name] = ia64_exec_##name,
#include "ia64/opcodes.def"
#undef OP
};

/* isr.code of traps: what happened in the instruction just executed (SDM 2:8, Table 8-3). */
enum { TRAP_LP = 1 << 1, TRAP_TB = 1 << 2, TRAP_SS = 1 << 3, TRAP_UI = 1 << 4 };

#define PAGE_MASK (IA64_MEM_PAGE_SIZE - 1)

/* ---- where execution is ---- */

static uint64_t bundle_address(const struct vcpu *v, const struct ia64_insn_op *op)
{
	return v->code_va + op_index(v, op) / 3 * 16;
}

/* Turns a branch noted by ops into one noted by addresses; their page is still the present one. */
static void settle_branch(struct vcpu *v)
{
	if (!v->near_from)
		return;
	v->branch_from = bundle_address(v, v->near_from);
	v->branch_to = bundle_address(v, v->near_to);
	v->near_from = NULL;
}

void ia64_sync_ip(struct vcpu *v)
{
	if (!v->op)
		return;
	settle_branch(v);
	v->ip = bundle_address(v, v->op);
	v->ri = op_index(v, v->op) % 3;
}

/* ---- transfers of control ---- */

const struct ia64_insn_op *ia64_leave_run(struct vcpu *v, const struct ia64_insn_op *next)
{
	settle_branch(v);
	v->ip = bundle_address(v, next);
	v->ri = op_index(v, next) % 3;
	v->op = NULL;
	return NULL;
}

const struct ia64_insn_op *ia64_leave_branch(struct vcpu *v, const struct ia64_insn_op *target)
{
	v->branch_taken = true;
	return ia64_leave_run(v, target);
}

static bool is_unimplemented(const struct vcpu *v, uint64_t target)
{
	/* Bit 63 of a physical address is the memory attribute, not part of it. */
	return !(v->psr & PSR_IT) && target << 1 >> (IA64_IMPL_PA_BITS + 1);
}

const struct ia64_insn_op *ia64_branch_refetch(struct vcpu *v, const struct ia64_insn_op *op,
					       uint64_t target)
{
	uint64_t from = op_ip(v, op);

	target &= ~15ull;
	if (unlikely(is_unimplemented(v, target))) {
		ia64_trap(v, IA64_LOWER_PRIV_VECTOR, TRAP_UI, target, 0);
		return NULL;
	}
	v->near_from = NULL;
	v->branch_from = from;
	v->branch_to = target;
	v->branch_taken = true;
	v->ip = target;
	v->ri = 0;
	v->op = NULL;
	return NULL;
}

const struct ia64_insn_op *ia64_branch(struct vcpu *v, const struct ia64_insn_op *op,
				       uint64_t target)
{
	uint64_t from = op_ip(v, op), offset = target - v->code_va;
	const struct ia64_insn_op *ops;

	if (offset < IA64_MEM_PAGE_SIZE)
		return branch_near(v, op, v->code_ops + (offset >> 4) * 3);
	/* A debugger wants to look at each page before it is run. */
	if (attention(v) || unlikely(v->sys->debug))
		return ia64_branch_refetch(v, op, target);
	ops = ia64_icache_lookup(v, target & ~PAGE_MASK);
	if (!ops)
		return ia64_branch_refetch(v, op, target);
	v->near_from = NULL;
	v->branch_from = from;
	v->branch_to = target & ~15ull;
	return ops + ((target & PAGE_MASK) >> 4) * 3;
}

/* The sentinel after a page's last instruction: not one itself. */
EXEC(PAGE_END)
{
	v->retired--;
	return ia64_leave_run(v, op);
}

/* ---- the loops ---- */

/* Executes op or passes over it; what comes next, or NULL. */
static inline __attribute__((always_inline)) const struct ia64_insn_op *
execute(struct vcpu *v, const struct ia64_insn_op *op, uint64_t *retired)
{
	++*retired;
	/* A quarter of all instructions are these; no call is cheaper than the shortest one. */
	if (op->exec == ia64_exec_NOP || unlikely(!v->pr[op->insn.qp]))
		return op + 1;
	v->op = op;
	v->retired = *retired;
	return op->exec(v, op);
}

/*
 * Runs until something makes a handler return NULL. Several places to jump from are predicted
 * better than one.
 */
static void run(struct vcpu *v, const struct ia64_insn_op *op)
{
	uint64_t retired = v->retired;

	do {
		op = execute(v, op, &retired);
	} while (op && (op = execute(v, op, &retired)) && (op = execute(v, op, &retired)) &&
		 (op = execute(v, op, &retired)));
}

/* Instruction Debug fault: an enabled ibr matches this bundle (SDM 2:7.1.1). */
static bool ibr_matches(const struct vcpu *v)
{
	const uint64_t mask_bits = (1ull << 56) - 1;
	unsigned int i;

	for (i = 0; i < IA64_NR_DEBUG; i += 2) {
		uint64_t control = v->ibr[i + 1], mask = (control & mask_bits) | ~mask_bits;

		if (control >> 63 && (control >> 56 & 15) >> v->cpl & 1 &&
		    !((v->ibr[i] ^ v->ip) & mask & ~15ull))
			return true;
	}
	return false;
}

/* Traps that come after the instruction at ip/ri under `psr`; execution goes on at next_ip/ri. */
static void deliver_traps(struct vcpu *v, uint64_t psr, bool demoted, uint64_t ip, unsigned int ri)
{
	uint64_t next_ip = v->ip, code = 0;
	unsigned int next_ri = v->ri;
	enum ia64_vector vector = IA64_SINGLE_STEP_VECTOR;

	if (psr & PSR_SS)
		code |= TRAP_SS;
	if ((psr & PSR_TB) && v->branch_taken) {
		code |= TRAP_TB;
		vector = IA64_TAKEN_BRANCH_VECTOR;
	}
	if ((psr & PSR_LP) && demoted) {
		code |= TRAP_LP;
		vector = IA64_LOWER_PRIV_VECTOR;
	}
	if (!code)
		return;
	v->ip = ip;
	v->ri = ri;
	ia64_trap(v, vector, code, next_ip, next_ri);
}

/* One instruction, with everything that the straight run leaves out. */
static void step(struct vcpu *v)
{
	uint64_t interruptions = v->count_interruptions, psr = v->psr, ip = v->ip;
	unsigned int ri = v->ri, cpl = v->cpl, kind;
	const struct ia64_insn_op *op, *next;

	op = ia64_fetch(v);
	if (!op)
		return;
	while (op->exec == ia64_exec_UNDECODED) {
		v->retired++;
		op->exec(v, op);
	}
	kind = op->insn.op;
	v->op = op;
	v->retired++;
	if ((psr & PSR_DB) && !(psr & PSR_ID) && ibr_matches(v)) {
		if (psr & PSR_IC)
			v->cr[CR_IFA] = v->ip;
		ia64_fault(v, IA64_DEBUG_VECTOR, ISR_X);
		return;
	}
	v->branch_taken = false;
	next = v->pr[op->insn.qp] ? op->exec(v, op) : op + 1;
	if (v->count_interruptions != interruptions)
		return;
	if (next)
		ia64_leave_run(v, next);
	/* rfi gives the next instruction its psr and raises no trap. */
	if (kind == OP_RFI)
		return;
	if (psr & PSR_ONE_SHOT)
		ia64_set_psr(v, v->psr & ~(psr & PSR_ONE_SHOT));
	deliver_traps(v, psr, v->cpl > cpl, ip, ri);
}

static bool is_slow(const struct vcpu *v)
{
	return (v->sys->debug && (ia64_debug_slow(v) || v->sys->debug->nr_watches)) ||
	       ia64_trace_wants(v, IA64_TRACE_INSN);
}

static bool debug_exit(struct vcpu *v)
{
	v->exit = IA64_EXIT_DEBUG;
	v->leaving = true;
	return true;
}

bool ia64_interp_run(struct vcpu *v)
{
	bool stepping = v->debug_step, first = true;
	const struct ia64_insn_op *op;
	uint32_t wanted;

	v->op = NULL;
	for (;; first = false) {
		wanted = atomic_load_explicit(&v->attention, memory_order_relaxed);
		if ((wanted & ~IA64_ATTN_SLOW) || v->leaving)
			return false;
		/* A frame that a return left incomplete comes before the next instruction. */
		if (unlikely(v->rse.cfle) && !ia64_rse_complete(v))
			continue;
		if (likely(!wanted && !v->sys->debug && !v->sys->tracer)) {
			op = ia64_fetch(v);
			if (op)
				run(v, op);
			continue;
		}
		if (!wanted && !is_slow(v)) {
			op = ia64_fetch(v);
			/* The page that was fetched may hold a breakpoint. */
			if (op && !is_slow(v))
				run(v, op);
			continue;
		}
		if (!(first && stepping) && ia64_debug_break(v))
			return debug_exit(v);
		ia64_trace(v, IA64_TRACE_INSN, NULL, v->ip, v->ri, 0);
		step(v);
		if (stepping) {
			if (v->debug_reason != IA64_DEBUG_WATCH)
				v->debug_reason = IA64_DEBUG_STEP;
			return debug_exit(v);
		}
	}
}
