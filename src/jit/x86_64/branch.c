/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Branches, calls and returns, register frames and rotation. */
#include "ia64/rse.h"
#include "jit/x86_64/fp.h"

static uint32_t jit_alloc(struct vcpu *v, uint32_t sof, uint32_t sol)
{
	return !ia64_rse_alloc(v, sof, sol, 0);
}

static void jit_call(struct vcpu *v, uint32_t b, uint64_t ret)
{
	v->br[b] = ret;
	v->ar[AR_PFS] = (uint64_t)v->cpl << 62 | (v->ar[AR_EC] & 63) << 52 | ia64_cfm(&v->rse);
	ia64_rse_call(v);
}

/* Leaves the target in ip. 1: not done, this return is for the interpreter. 2: done, but leave. */
static uint32_t jit_return(struct vcpu *v, uint32_t b, uint64_t from)
{
	uint64_t pfs = v->ar[AR_PFS];

	if (pfs >> 62 > v->cpl || (pfs >> 14 & 0xffffff))
		return 1;
	/* The caller may look at its output registers, where this frame has rotated. */
	jit_order_registers(v->jit, false);
	v->ip = v->br[b] & ~15ull;
	v->ri = 0;
	v->branch_from = from;
	v->branch_to = v->ip;
	v->jit_exit = 0;
	v->ar[AR_EC] = pfs >> 52 & 63;
	ia64_rse_return(v, pfs & ((1ull << 38) - 1));
	return v->rse.cfle || v->nat_any ? 2 : 0;
}

static void tr_br_cond(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	uint64_t target = i->ip + (uint64_t)in->imm, other;
	struct stub *st;
	uint8_t *from;

	if (in->qp == 0)
		return;
	tr_flush_unless_fused(t, in->qp);
	other = i->taken ? following(i) : target;
	if (t->s.pr[in->qp] & PR_KNOWN) {
		/*
		 * Decided by an earlier branch. The recording went another way if that was a
		 * br.ctop in its epilog.
		 */
		if ((t->s.pr[in->qp] & 1) != i->taken)
			tr_exit_to(t, x86_jmp(&t->b), other, i->taken ? 0 : i->ip, t->k + 1);
		return;
	}
	from = tr_branch_on_pr(t, in->qp, !i->taken);
	tr_exit_to(t, from, other, i->taken ? 0 : i->ip, t->k + 1);
	st = &t->stub[t->nstubs - 1];
	tr_learn_pr(&st->s, in->qp, !i->taken);
	tr_learn_pr(&t->s, in->qp, i->taken);
}

static void tr_br_cloop(struct tr *t, const struct jit_insn *i)
{
	unsigned int lc = tr_use_v(t, V_AR + AR_LC);
	struct stub *st;

	x86_test_rr(&t->b, 1, lc, lc);
	if (i->taken) {
		tr_exit_to(t, x86_jcc(&t->b, CC_E), following(i), 0, t->k + 1);
		tr_def_v(t, V_AR + AR_LC);
		x86_alu_ri(&t->b, 1, X86_SUB, lc, 1);
	} else {
		tr_exit_to(t, x86_jcc(&t->b, CC_NE), i->ip + (uint64_t)i->in.imm, i->ip, t->k + 1);
		st = &t->stub[t->nstubs - 1];
		st->rv = (uint8_t)lc;
		st->decrement = true;
		st->s.dirty |= (uint16_t)(1u << lc);
	}
}

/* The byte of pr[] that holds predicate n, and the name that finds stacked register r, after `rot`. */
static uint8_t rotated_pr(uint8_t n, unsigned int rot)
{
	return n < 16 || n > 63 ? n : (uint8_t)(16 + (n - 16 + 48 - rot % 48) % 48);
}

static uint8_t rotated_gr(uint8_t r, unsigned int rot, unsigned int sor)
{
	return r < 32 || r >= 32 + sor ? r : (uint8_t)(32 + (r - 32 + sor - rot % sor) % sor);
}

void tr_rename_rotating(struct tr *t)
{
	unsigned int sor = t->jit->ctx_key[t->rec->ctx] >> JIT_CTX_SOR_SHIFT & 0x7f, rot = 0, k;
	struct ia64_insn *in;
	unsigned int info;

	for (k = 0; k < t->rec->n; k++) {
		in = &t->rec->insn[k].in;
		info = jit_op_info[in->op];
		if (rot) {
			in->qp = rotated_pr(in->qp, rot);
			if (info & P2) {
				in->r1 = rotated_pr(in->r1, rot);
				in->r4 = rotated_pr(in->r4, rot);
			}
			if (info & W1)
				in->r1 = rotated_gr(in->r1, rot, sor);
			if (info & R2)
				in->r2 = rotated_gr(in->r2, rot, sor);
			if (info & (R3 | W3))
				in->r3 = rotated_gr(in->r3, rot, sor);
		}
		if (in->op == OP_BR_CTOP && t->rec->insn[k].taken)
			rot++;
	}
}

/* br.ctop while ar.lc lasts; the epilog is the interpreter's (SDM 3:2 "br", Figure 2-5). */
static void tr_br_ctop(struct tr *t, const struct jit_insn *i)
{
	unsigned int lc;

	if (!i->taken || t->s.rot == 255) {
		t->fail = true;
		return;
	}
	lc = tr_use_v(t, V_AR + AR_LC);
	x86_test_rr(&t->b, 1, lc, lc);
	tr_exit_interp(t, x86_jcc(&t->b, CC_E));
	tr_def_v(t, V_AR + AR_LC);
	x86_alu_ri(&t->b, 1, X86_SUB, lc, 1);
	t->s.rot++;
	t->s.pr[rotated_pr(16, t->s.rot)] = PR_KNOWN | PR_STALE | 1;
}

void tr_rotate(struct tr *t, unsigned int rot)
{
	if (!rot)
		return;
	x86_mov_rr(&t->b, RDI, RBP);
	x86_mov_imm(&t->b, RSI, rot);
	x86_call(&t->b, (const void *)jit_rotate);
}

void tr_rotate_later(struct tr *t, unsigned int rot)
{
	if (rot)
		x86_mov8_mi(&t->b, RBP, OFF(jit_rotate), rot);
}

/* The frame after a call whose caller's sizes are known: nothing moves but the base. */
static void tr_call_known(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	struct call_site *c;
	unsigned int b = tr_def_v(t, V_BR + in->r1), pfs;
	uint64_t cfm = t->s.sof | (uint64_t)t->s.sol << 7;

	x86_mov_imm(&t->b, b, i->ip + 16);
	t->known[V_BR + in->r1] = (struct known){ K_CONST, i->ip + 16 };
	pfs = tr_def_v(t, V_AR + AR_PFS);
	x86_load(&t->b, 0, pfs, RBP, OFF(ar[AR_EC]));
	x86_shift_ri(&t->b, 1, X86_SHL, pfs, 52);
	x86_mov_imm(&t->b, RAX, cfm | (t->jit->ctx_key[t->rec->ctx] & 3) << 62);
	x86_alu_rr(&t->b, 1, X86_OR, pfs, RAX);
	if (t->ncalls == MAX_CALLS || t->call_depth == MAX_CALLS) {
		t->fail = true;
		return;
	}
	c = &t->call[t->ncalls];
	*c = (struct call_site){ .fd = t->s.fd, .sof = t->s.sof, .sol = t->s.sol };
	t->known[V_AR + AR_PFS] = (struct known){ K_PFS, t->ncalls };
	t->call_stack[t->call_depth++] = (uint16_t)t->ncalls;
	t->ncalls++;
	t->s.fd += t->s.sol;
	t->s.sof -= t->s.sol;
	t->s.sol = 0;
	t->s.frame_stale = true;
}

static void forget_frame(struct tr *t)
{
	t->s.known = false;
	t->s.fd = 0;
	t->s.frame_stale = false;
	t->call_depth = 0;
	t->sof_checked = 0;
	memset(t->known, 0, sizeof(t->known));
}

static void tr_call(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	unsigned int rb;

	if (in->op == OP_BR_CALL_IND) {
		/* Where it went when recorded is checked first. */
		rb = tr_use_v(t, V_BR + in->r2);
		x86_mov_rr(&t->b, RCX, rb);
		x86_alu_ri(&t->b, 1, X86_AND, RCX, ~15);
		x86_mov_imm(&t->b, RAX, i->next);
		x86_alu_rr(&t->b, 1, X86_CMP, RCX, RAX);
		tr_exit_interp(t, x86_jcc(&t->b, CC_NE));
	}
	if (t->s.known) {
		tr_call_known(t, i);
		return;
	}
	tr_flush_all(t);
	x86_mov_rr(&t->b, RDI, RBP);
	x86_mov_imm(&t->b, RSI, in->r1);
	x86_mov_imm(&t->b, RDX, i->ip + 16);
	x86_call(&t->b, (const void *)jit_call);
	tr_frame_base(t);
	forget_frame(t);
	t->known[V_BR + in->r1] = (struct known){ K_CONST, i->ip + 16 };
}

static void tr_ret(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	struct known *b = &t->known[V_BR + in->r2], *p = &t->known[V_AR + AR_PFS];
	struct call_site *c;
	unsigned int pfs, rb;

	if (p->kind == K_PFS && t->call_depth && t->call_stack[t->call_depth - 1] == p->value) {
		c = &t->call[p->value];
		if (!(b->kind == K_CONST && b->value == i->next)) {
			rb = tr_use_v(t, V_BR + in->r2);
			x86_mov_rr(&t->b, RCX, rb);
			x86_alu_ri(&t->b, 1, X86_AND, RCX, ~15);
			x86_mov_imm(&t->b, RAX, i->next);
			x86_alu_rr(&t->b, 1, X86_CMP, RCX, RAX);
			tr_exit_interp(t, x86_jcc(&t->b, CC_NE));
		}
		if (c->spilled) {
			/* ndirty in memory lags fd behind; the caller's registers must be there. */
			x86_alu_mi(&t->b, 0, X86_CMP, RBP, OFF_RSE(ndirty), c->sol - t->s.fd);
			tr_exit_interp(t, x86_jcc(&t->b, CC_L));
		}
		pfs = tr_use_v(t, V_AR + AR_PFS);
		x86_mov_rr(&t->b, RAX, pfs);
		x86_shift_ri(&t->b, 1, X86_SHR, RAX, 52);
		x86_alu_ri(&t->b, 0, X86_AND, RAX, 63);
		x86_store(&t->b, 1, RBP, OFF(ar[AR_EC]), RAX);
		/* What lies above the caller's frame is not its own any more. */
		t->s.fd = c->fd;
		t->s.sof = c->sof;
		t->s.sol = c->sol;
		t->s.frame_stale = true;
		t->call_depth--;
		return;
	}
	tr_flush_all(t);
	tr_rotate(t, t->s.rot);
	t->s.rot = 0;
	x86_mov_rr(&t->b, RDI, RBP);
	x86_mov_imm(&t->b, RSI, in->r2);
	x86_mov_imm(&t->b, RDX, i->ip);
	x86_call(&t->b, (const void *)jit_return);
	x86_alu_ri(&t->b, 0, X86_CMP, RAX, 1);
	/* 1: nothing has happened yet; 2: done, at a place nobody foresaw */
	{
		struct snap now = t->s;
		struct stub *st;

		forget_frame(t);
		tr_exit_interp(t, x86_jcc(&t->b, CC_E));
		t->stub[t->nstubs - 1].s = now;
		t->stub[t->nstubs - 1].s.fd = 0;
		st = tr_new_stub(t, STUB_LEAVE, x86_jcc(&t->b, CC_A));
		st->retired = (uint16_t)(t->k + 1 - t->counted);
	}
	tr_frame_base(t);
	x86_mov_imm(&t->b, RAX, i->next);
	x86_alu_rm(&t->b, 1, X86_CMP, RAX, RBP, OFF(ip));
	{
		struct stub *st = tr_new_stub(t, STUB_RETURNED, x86_jcc(&t->b, CC_NE));

		st->retired = (uint16_t)(t->k + 1 - t->counted);
	}
}

static void tr_br_ind(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	unsigned int rb = tr_use_v(t, V_BR + in->r2);
	struct stub *st;

	x86_mov_rr(&t->b, RCX, rb);
	x86_alu_ri(&t->b, 1, X86_AND, RCX, ~15);
	x86_mov_imm(&t->b, RAX, i->next);
	x86_alu_rr(&t->b, 1, X86_CMP, RCX, RAX);
	st = tr_new_stub(t, STUB_INDIRECT, x86_jcc(&t->b, CC_NE));
	st->rv = in->r2;
	st->retired = (uint16_t)(t->k + 1 - t->counted);
}

void tr_alloc(struct tr *t, const struct ia64_insn *in)
{
	unsigned int d, pfs, i;
	struct known k;
	struct stub *st;

	pfs = tr_use_v(t, V_AR + AR_PFS);
	/* ndirty + sof must not exceed the register file. */
	x86_load(&t->b, 0, RAX, RBP, OFF_RSE(ndirty));
	x86_alu_rm(&t->b, 0, X86_ADD, RAX, RBP, OFF_RSE(nclean));
	x86_alu_ri(&t->b, 0, X86_CMP, RAX, IA64_STACKED_PHYS - in->x - t->s.fd);
	st = tr_new_stub(t, STUB_ALLOC, x86_jcc(&t->b, CC_G));
	st->ra = in->x;
	st->rv = in->y;
	st->back = t->b.p;
	for (i = 0; i < t->call_depth; i++)
		t->call[t->call_stack[i]].spilled = true;
	t->s.known = true;
	t->s.sof = in->x;
	t->s.sol = in->y;
	t->s.frame_stale = true;
	if (in->r1) {
		k = t->known[V_AR + AR_PFS];
		d = tr_def(t, in->r1);
		x86_mov_rr(&t->b, d, pfs);
		t->known[tr_gr(t, in->r1)] = k;
	}
}

void tr_branch(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;

	switch (in->op) {
	case OP_BR_COND:
	case OP_BRL_COND:
		tr_br_cond(t, i);
		return;
	case OP_BR_CLOOP:
		tr_flush_predicates(t);
		tr_br_cloop(t, i);
		return;
	case OP_BR_CTOP:
		tr_flush_predicates(t);
		tr_br_ctop(t, i);
		return;
	default:
		break;
	}
	tr_flush_predicates(t);
	if (in->qp) {
		if (!(t->s.pr[in->qp] & PR_KNOWN)) {
			tr_exit_interp(t, tr_branch_on_pr(t, in->qp, !i->taken));
			tr_learn_pr(&t->s, in->qp, i->taken);
		} else if ((t->s.pr[in->qp] & 1) != i->taken) {
			tr_exit_interp(t, x86_jmp(&t->b));
		}
		if (!i->taken)
			return;
	}
	switch (in->op) {
	case OP_BR_CALL:
	case OP_BRL_CALL:
	case OP_BR_CALL_IND:
		tr_call(t, i);
		break;
	case OP_BR_RET:
		tr_ret(t, i);
		break;
	default:
		tr_br_ind(t, i);
		break;
	}
}

void tr_alloc_stub(struct tr *t, struct stub *s)
{
	struct x86_buf *b = &t->b;
	uint8_t *jump, *at;

	tr_sync(t, &s->s);
	tr_ip(t, s->k);
	fp_save(t, &s->s);
	x86_mov_rr(b, RDI, RBP);
	x86_mov_imm(b, RSI, s->ra);
	x86_mov_imm(b, RDX, s->rv);
	x86_call(b, (const void *)jit_alloc);
	x86_test_rr(b, 0, RAX, RAX);
	jump = x86_jcc(b, CC_E);
	tr_count_retired(t, s->retired);
	tr_leave(t, JIT_DISPATCH);
	x86_patch(b, jump, b->p);
	tr_unsync_frame(t, &s->s);
	fp_restore(t, &s->s);
	tr_reload_clobbered(t, &s->s, X86_NR_REGS);
	at = x86_jmp(b);
	x86_patch(b, at, s->back);
}
