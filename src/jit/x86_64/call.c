/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that are left to the interpreter's functions. */
#include "ia64/journal.h"
#include "ia64/rse.h"
#include "jit/x86_64/fp.h"
#include "jit/x86_64/fp_host.h"

/* Does it look at no GR but static ones? */
static bool only_static_registers(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_MOV_PR: case OP_MOV_AR:
		return in->r2 < 32;
	case OP_MOV_FROM_PR: case OP_MOV_FROM_AR:
		return in->r1 < 32;
	case OP_MOV_PR_ROT: case OP_MOV_AR_I:
		return true;
	default:
		break;
	}
	if (in->unit == UNIT_F)
		return true;
	return in->op >= OP_LDFS && in->op <= OP_LDFP8_I && in->r3 < 32 &&
	       !(in->op >= OP_LDFS_R && in->op <= OP_LDFX_R);
}

/* Can it be done a second time, after registers and memory have been taken back? */
static bool repeatable(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_BREAK: case OP_ITC_I: case OP_ITR_I: case OP_ITC_D: case OP_ITR_D:
	case OP_PTC_E: case OP_PTC_G: case OP_PTC_GA: case OP_PTC_L: case OP_PTR_I: case OP_PTR_D:
	case OP_FC: case OP_FC_I: case OP_MOV_CR: case OP_MOV_FROM_CR: case OP_MOV_RR:
	case OP_MOV_PKR:
		return false;
	case OP_MOV_FROM_AR: /* a loop that waits needs the time to go on */
		return in->r3 != AR_ITC;
	default:
		return true;
	}
}

/*
 * Executes an instruction by the interpreter's function. 0: go on behind it. The host's floating-
 * point state is left alone.
 */
static uint32_t execute(struct vcpu *v, const struct jit_kept *kept)
{
	const struct jit_insn *i = &kept->i;
	const struct ia64_insn_op *next;
	bool logical = v->jit->logical;

	v->jit->stats.called[i->in.op]++;
	if (v->journal && !repeatable(&i->in))
		ia64_journal_give_up(&v->journal);
	jit_resolve_exit(v->jit);
	/* Where it does not matter the order stays: settling it costs more than the instruction. */
	if (!only_static_registers(&i->in))
		jit_order_registers(v->jit, false);
	v->near_from = v->near_to = NULL;
	v->code_va = i->ip;
	v->code_ops = &i->op - i->slot;
	v->op = &i->op;
	next = i->op.exec(v, &i->op);
	if (next == &i->op + 1 && !v->nat_any && !v->leaving) {
		v->op = NULL;
		jit_order_registers(v->jit, logical);
		return 0;
	}
	if (next && next != &i->op + 1) {
		/* A check that failed: its target, found as if in the same page. */
		v->op = next;
		ia64_sync_ip(v);
	} else if (next == &i->op + 1) {
		v->ip = i->slot == 2 || i->in.unit == UNIT_X ? i->ip + 16 : i->ip;
		v->ri = i->slot == 2 || i->in.unit == UNIT_X ? 0 : i->slot + 1;
	}
	v->op = NULL;
	v->jit->stats.diverted[i->in.op]++;
	return 1;
}

/* Any instruction the translator leaves to the interpreter. */
static uint32_t jit_exec(struct vcpu *v, const struct jit_kept *kept)
{
	fp_host_settle(v);
	return execute(v, kept);
}

/* What jit_system() returns, when the instruction has been executed. */
static uint64_t after_system(struct vcpu *v, const struct jit_kept *kept)
{
	const struct jit_insn *i = &kept->i;
	struct ia64_jit *jit = v->jit;
	const struct jit_trace *trace = &jit->trace[kept->trace];
	const uint8_t *elsewhere;

	if (v->rse.cfle && !ia64_rse_complete(v)) {
		jit->stats.diverted[i->in.op]++;
		return 1;
	}
	if ((v->ip | v->ri) != i->next || !jit_ctx_fits(jit_ctx_key(v), kept->key_after)) {
		jit->stats.diverted[i->in.op]++;
		elsewhere = jit_elsewhere(jit);
		return elsewhere ? (uint64_t)(uintptr_t)elsewhere : 1;
	}
	if (v->nat_any || v->leaving || v->rse.bof > JIT_MAX_BOF ||
	    atomic_load_explicit(&v->attention, memory_order_relaxed) ||
	    atomic_load_explicit(&v->sys->mem->code_epoch, memory_order_acquire) !=
		    jit->code_epoch ||
	    !jit_good(v, trace)) {
		jit->stats.diverted[i->in.op]++;
		return 1;
	}
	jit_order_registers(jit, true);
	return 0;
}

/*
 * The same for one that may change the context or go anywhere. 0: all is as it was recorded, and
 * the trace may go on. 1: to the dispatcher. Else: the code to go on with.
 */
static uint64_t jit_system(struct vcpu *v, const struct jit_kept *kept)
{
	const struct jit_insn *i = &kept->i;
	struct ia64_jit *jit = v->jit;
	const struct ia64_insn_op *next;

	if (v->journal && !repeatable(&i->in))
		ia64_journal_give_up(&v->journal);
	jit->stats.called[i->in.op]++;
	jit_resolve_exit(jit);
	/*
	 * Of these only a break may lead to someone who looks at floating-point registers: firmware
	 * or the hypervisor, which programs cannot call.
	 */
	if (i->in.op == OP_BREAK && v->cpl != 3)
		fp_host_settle(v);
	else
		fp_host_controls(v);
	jit_order_registers(jit, false);
	v->near_from = v->near_to = NULL;
	v->code_va = i->ip;
	v->code_pa = kept->pa; /* a break asks whether it is the firmware's */
	v->code_ops = &i->op - i->slot;
	v->op = &i->op;
	next = i->op.exec(v, &i->op);
	if (next == &i->op + 1) {
		v->ip = following(i) & ~15ull;
		v->ri = following(i) & 15;
	} else if (next) {
		v->op = next;
		ia64_sync_ip(v);
	}
	v->op = NULL;
	return after_system(v, kept);
}

/*
 * The same for a break of a kernel that may be an operation of the hypervisor; ip, ri are its own.
 */
static uint64_t jit_hyperprivop(struct vcpu *v, const struct jit_kept *kept)
{
	const struct ia64_platform *platform = &v->sys->platform;
	struct ia64_jit *jit = v->jit;

	if (v->journal)
		return jit_system(v, kept);
	jit_resolve_exit(jit);
	fp_host_controls(v);
	jit_order_registers(jit, false);
	v->near_from = v->near_to = NULL;
	v->code_pa = kept->pa;
	v->op = NULL;
	if (!platform->hyperprivop(platform->ctx, v, (uint64_t)kept->i.in.imm))
		return jit_system(v, kept);
	jit->stats.called[OP_BREAK]++;
	return after_system(v, kept);
}

/* Rotations that memory does not show yet go there: C code is about to look. Nothing is cached. */
static void show_rotations(struct tr *t)
{
	if (!t->s.rot)
		return;
	tr_rotate(t, t->s.rot);
	t->s.rot = 0;
}

/* Does it leave the frame, and where registers lie, as they are, if execution goes on behind it? */
static bool leaves_frame(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_SSM: case OP_RSM: case OP_SUM: case OP_RUM: case OP_MOV_PSR_L: case OP_MOV_PSR_UM:
	case OP_SRLZ_I: case OP_SYNC_I: case OP_MOV_CR: case OP_MOV_FROM_CR:
	case OP_ITC_I: case OP_ITR_I: case OP_ITC_D: case OP_ITR_D: case OP_MOV_RR: case OP_MOV_PKR:
	case OP_PTC_E: case OP_PTC_G: case OP_PTC_GA: case OP_PTC_L: case OP_PTR_I: case OP_PTR_D:
	case OP_FC: case OP_FC_I: case OP_MOV_AR: case OP_MOV_AR_I: case OP_BSW_0: case OP_BSW_1:
		return true;
	default:
		return false;
	}
}

/*
 * The call fn(vcpu, kept) for the instruction at t->k, if predicate `qp` is true (0: always).
 * Returns the branch around it, to be patched, or NULL. The instruction is counted before it is
 * executed: it may look at the count.
 */
static uint8_t *call_kept(struct tr *t, unsigned int qp, const struct jit_kept *kept,
			  const void *fn)
{
	uint8_t *skip = NULL;

	tr_count_retired(t, (int)(t->k + 1 - t->counted));
	t->counted = t->k + 1;
	tr_flush_all(t);
	show_rotations(t);
	if (qp) {
		tr_unsync_frame(t, &t->s);
		x86_cmp8_mi(&t->b, RBP, OFF_PR(qp), 0);
		skip = x86_jcc(&t->b, CC_E);
		tr_flush_all(t);
	}
	tr_ip(t, t->k);
	tr_vcpu_argument(&t->b);
	x86_mov_imm(&t->b, RSI, (uint64_t)(uintptr_t)kept);
	x86_call(&t->b, fn);
	return skip;
}

/* A break that the platform may serve by itself; break.b does not tell its immediate. */
static bool is_hyperprivop(const struct tr *t, const struct jit_insn *i)
{
	return i->in.op == OP_BREAK && i->in.unit != UNIT_B && i->in.imm > 0 && i->in.imm < 256 &&
	       t->jit->v->sys->platform.hyperprivop && (t->jit->ctx_key[i->ctx] & 3) != 3;
}

void tr_system(struct tr *t, const struct jit_insn *i)
{
	unsigned int qp = i->op.insn.qp;
	bool stays = leaves_frame(&i->in) && i->next == following(i) &&
		     t->k + 1 < t->rec->n && t->rec->insn[t->k + 1].ctx == i->ctx;
	struct jit_kept *kept = jit_keep(t->jit, i);
	unsigned int page;
	uint8_t *skip;
	struct stub *st;

	if (!kept) {
		t->fail = true;
		return;
	}
	kept->trace = t->index;
	for (page = 0; page < t->rec->npages; page++)
		if (t->rec->page_va[page] == (i->ip & ~(IA64_MEM_PAGE_SIZE - 1)))
			kept->pa = t->rec->page_pa[page];
	kept->key_after = t->jit->ctx_key[t->k + 1 < t->rec->n ? t->rec->insn[t->k + 1].ctx :
								  t->rec->end_ctx];
	/* Where both ways of its predicate do not meet again, the recorded one is the trace's. */
	if (qp && !stays) {
		if (t->s.rot) {
			tr_flush_all(t);
			show_rotations(t);
			tr_unsync_frame(t, &t->s);
		}
		tr_flush_predicates(t);
		if (!(t->s.pr[qp] & PR_KNOWN)) {
			uint8_t *from = tr_branch_on_pr(t, qp, !i->executed);

			if (i->executed)
				tr_exit_to(t, from, following(i), 0, t->k + 1);
			else
				tr_exit_interp(t, from);
			tr_learn_pr(&t->s, qp, i->executed);
		} else if ((t->s.pr[qp] & 1) != i->executed) {
			tr_exit_interp(t, x86_jmp(&t->b));
		}
		if (!i->executed)
			return;
		qp = 0;
	}
	skip = call_kept(t, qp, kept, is_hyperprivop(t, i) ? (const void *)jit_hyperprivop :
							     (const void *)jit_system);
	x86_test_rr(&t->b, 1, RAX, RAX);
	st = tr_new_stub(t, STUB_ELSEWHERE, x86_jcc(&t->b, CC_NE));
	st->retired = 0;
	if (stays) {
		tr_unsync_frame(t, &t->s);
		if (jit_op_info[i->in.op] & W1)
			t->known[tr_gr(t, i->in.r1)].kind = K_NOTHING;
	} else {
		tr_frame_base(t);
		tr_forget_frame(t);
	}
	if (skip)
		x86_patch(&t->b, skip, t->b.p);
}

void tr_exec_stub(struct tr *t, struct stub *s)
{
	struct x86_buf *b = &t->b;
	uint8_t *leave, *at;
	unsigned int i;

	tr_sync(t, &s->s);
	fp_save(t, &s->s);
	tr_ip(t, s->k);
	tr_count_retired(t, s->retired + 1);
	tr_vcpu_argument(b);
	x86_mov_imm(b, RSI, (uint64_t)(uintptr_t)s->kept);
	x86_call(b, (const void *)execute);
	x86_test_rr(b, 0, RAX, RAX);
	leave = x86_jcc(b, CC_NE);
	tr_count_retired(t, -(s->retired + 1));
	tr_unsync_frame(t, &s->s);
	fp_restore(t, &s->s);
	for (i = 0; i < X86_NR_REGS; i++)
		if (s->after.vreg[i] != V_NONE)
			tr_load_home(b, s->after.vreg[i], i);
	at = x86_jmp(b);
	x86_patch(b, at, s->back);
	x86_patch(b, leave, b->p);
	tr_leave(t, JIT_DISPATCH);
}

void tr_call_out(struct tr *t, const struct jit_insn *i)
{
	struct jit_kept *kept = jit_keep(t->jit, i);
	/* As the interpreter has it: none where a false one has an effect too. */
	unsigned int qp = i->op.insn.qp;
	uint8_t *skip;
	struct stub *st;

	if (!kept) {
		t->fail = true;
		return;
	}
	if (fp_called_alone(t, i, kept)) {
		fp_call_alone(t, i, kept);
		return;
	}
	skip = call_kept(t, qp, kept, (const void *)jit_exec);
	x86_test_rr(&t->b, 0, RAX, RAX);
	st = tr_new_stub(t, STUB_LEAVE, x86_jcc(&t->b, CC_NE));
	st->retired = 0;
	st->s.fd = 0;
	tr_unsync_frame(t, &t->s);
	/* What it may have written: a GR as r1, a base register as r3. */
	t->known[tr_gr(t, i->in.r1 & 127)].kind = K_NOTHING;
	t->known[tr_gr(t, i->in.r3 & 127)].kind = K_NOTHING;
	if (skip)
		x86_patch(&t->b, skip, t->b.p);
}
