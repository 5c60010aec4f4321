/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Branches, calls and returns, register frames and rotation. */
#include "ia64/rse.h"
#include "jit/x86_64/fp.h"

/* Of ar.pfs (SDM 1:3.1.7): the caller's privilege level, its frame's rotation. */
#define PFS_PPL (3ull << 62)
#define PFS_ROTATION (0xffffffull << 14)

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

/*
 * Leaves the target in ip. 0: done, and the context is the one recorded. 1: done, to the
 * dispatcher. Else: done; the code to go on with.
 */
static uint64_t jit_return(struct vcpu *v, uint32_t b, uint64_t from, uint64_t key_after)
{
	uint64_t pfs = v->ar[AR_PFS];
	unsigned int sof = ia64_cfm_sof(pfs), sol = ia64_cfm_sol(pfs);
	const uint8_t *elsewhere;

	/* The caller may look at its output registers, where this frame has rotated. */
	jit_leave_frame(v->jit, sof > sol ? sof - sol : 0);
	v->ip = v->br[b] & ~15ull;
	v->ri = 0;
	v->branch_from = from;
	v->branch_to = v->ip;
	v->jit_exit = 0;
	v->ar[AR_EC] = pfs >> 52 & 63;
	ia64_rse_return(v, pfs & ((1ull << 38) - 1));
	if (pfs >> 62 > v->cpl)
		ia64_set_psr(v, (v->psr & ~PSR_CPL) | (pfs >> 62) << PSR_CPL_SHIFT);
	if (v->rse.cfle && !ia64_rse_complete(v))
		return 1;
	if (!jit_ctx_fits(jit_ctx_key(v), key_after)) {
		elsewhere = jit_elsewhere(v->jit);
		return elsewhere ? (uint64_t)(uintptr_t)elsewhere : 1;
	}
	if (v->nat_any)
		return 1;
	jit_order_registers(v->jit, true);
	return 0;
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

/*
 * The byte of pr[] that holds predicate n, and the name that finds stacked register r, after `rot`.
 */
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
	bool unrotated = false;
	unsigned int sor, rot = 0, k;
	enum jit_support support;
	struct ia64_insn *in;
	unsigned int info;
	uint64_t ctx;

	for (k = 0; k < t->rec->n; k++) {
		in = &t->rec->insn[k].in;
		info = jit_op_info[in->op];
		ctx = t->jit->ctx_key[t->rec->insn[k].ctx];
		unrotated |= !(ctx & JIT_CTX_ROTATES);
		t->unrotated[k] = unrotated;
		support = tr_support(t, &t->rec->insn[k]);
		/* C code is told of the rotations first. */
		if (support != JIT_NATIVE) {
			unrotated &= !rot && support != JIT_SYSTEM;
			rot = 0;
		}
		if (rot) {
			sor = ctx >> JIT_CTX_SOR_SHIFT & 0x7f;
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
		/*
		 * The last step of an epilog rotates as well. r1: the predicate that the stages
		 * begin with.
		 */
		if (in->op == OP_BR_CTOP)
			in->r1 = rotated_pr(16, ++rot);
		if (in->op == OP_BR_RET && t->rec->insn[k].executed) {
			rot = 0;
			unrotated = false; /* if the caller's registers have rotated */
		}
	}
}

static uint8_t ctx_number(struct tr *t, uint64_t key)
{
	int n = jit_ctx_number(t->jit, key);

	if (n < 0)
		t->fail = true;
	return n < 0 ? 0 : (uint8_t)n;
}

/*
 * br.ctop (SDM 3:2 "br", Figure 2-5): the way that was recorded, a step of the kernel or of the
 * epilog. The other ways are out of line, in C.
 */
static void tr_br_ctop(struct tr *t, const struct jit_insn *i)
{
	unsigned int lc = tr_use_v(t, V_AR + AR_LC), ec;
	struct stub *st;

	if (t->s.rot == 255) {
		t->fail = true;
		return;
	}
	if (i->kernel || !(t->jit->ctx_key[t->ctx] & JIT_CTX_EPILOG)) {
		x86_test_rr(&t->b, 1, lc, lc);
		st = tr_new_stub(t, STUB_LOOP, x86_jcc(&t->b, i->kernel ? CC_E : CC_NE));
		st->epilog = i->kernel;
	}
	if (i->kernel) {
		tr_def_v(t, V_AR + AR_LC);
		x86_alu_ri(&t->b, 1, X86_SUB, lc, 1);
	} else if (t->s.ec_known && t->s.ec && i->taken == (t->s.ec > 1)) {
		t->s.ec--;
		t->ec_changed = true;
	} else {
		tr_flush_ec(t);
		ec = tr_use_v(t, V_AR + AR_EC);
		x86_alu_ri(&t->b, 1, X86_CMP, ec, 1);
		/* 0 does not even rotate. */
		st = tr_new_stub(t, STUB_LOOP, x86_jcc(&t->b, i->taken ? CC_BE : CC_NE));
		st->epilog = true;
		tr_def_v(t, V_AR + AR_EC);
		x86_alu_ri(&t->b, 1, X86_SUB, ec, 1);
		t->ec_changed = true;
	}
	t->s.rot++;
	t->s.pr[i->in.r1] = PR_KNOWN | PR_STALE | i->kernel;
	t->ctx = ctx_number(t, jit_ctx_after(t->jit->ctx_key[t->ctx], i));
}

/*
 * A br.ctop, whatever way it goes. 1: taken. `strays`: of the trace that is a loop of its, when
 * it goes on against what was recorded.
 */
static uint32_t jit_ctop(struct vcpu *v, uint32_t trace, bool strays)
{
	bool kernel = v->ar[AR_LC] != 0, more = kernel || v->ar[AR_EC] > 1;

	if (strays)
		jit_strayed(v->jit, trace);

	v->pr[63] = kernel;
	if (kernel)
		v->ar[AR_LC]--;
	else if (v->ar[AR_EC])
		v->ar[AR_EC]--;
	else
		return 0;
	jit_rotate(v, 1);
	return more;
}

void tr_loop_stub(struct tr *t, struct stub *s)
{
	const struct jit_insn *i = &t->rec->insn[s->k];
	struct x86_buf *b = &t->b;
	uint8_t *jump;
	struct jit_insn step = *i;
	uint8_t ctx;

	step.kernel = !s->epilog;
	ctx = ctx_number(t, jit_ctx_after(t->jit->ctx_key[s->ctx], &step));
	tr_sync(t, &s->s);
	tr_rotate(t, s->s.rot);
	tr_vcpu_argument(b);
	x86_mov_imm(b, RSI, t->index);
	x86_mov_imm(b, RDX, !s->epilog && i->ip + (uint64_t)i->in.imm == t->rec->head);
	x86_call(b, (const void *)jit_ctop);
	tr_count_retired(t, s->retired + 1);
	x86_test_rr(b, 0, RAX, RAX);
	jump = x86_jcc(b, CC_E);
	tr_exit_jump(t, &s->s, i->ip + (uint64_t)i->in.imm, i->ip, ctx);
	x86_patch(b, jump, b->p);
	tr_exit_jump(t, &s->s, following(i), 0, ctx);
}

void tr_rotate(struct tr *t, unsigned int rot)
{
	if (!rot)
		return;
	tr_vcpu_argument(&t->b);
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
	uint64_t rest = t->s.sof | (uint64_t)t->s.sol << 7 | (t->jit->ctx_key[t->ctx] & 3) << 62;

	x86_mov_imm(&t->b, b, i->ip + 16);
	t->known[V_BR + in->r1] = (struct known){ K_CONST, i->ip + 16 };
	if (t->s.ec_known) {
		pfs = tr_def_v(t, V_AR + AR_PFS);
		x86_mov_imm(&t->b, pfs, rest | (uint64_t)(t->s.ec & 63) << 52);
	} else {
		tr_home_v(t, V_AR + AR_EC);
		pfs = tr_def_v(t, V_AR + AR_PFS);
		x86_load(&t->b, 0, pfs, RBP, OFF(ar[AR_EC]));
		x86_shift_ri(&t->b, 1, X86_SHL, pfs, 52);
		x86_mov_imm(&t->b, RAX, rest);
		x86_alu_rr(&t->b, 1, X86_OR, pfs, RAX);
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

void tr_forget_frame(struct tr *t)
{
	t->s.known = false;
	t->s.fd = 0;
	t->s.frame_stale = false;
	t->call_depth = 0;
	t->sof_checked = 0;
	memset(t->known, 0, sizeof(t->known));
}

/* Compares where a branch register leads with where it led; the flags say. Changes rax, rcx. */
static void compare_target(struct tr *t, unsigned int b, uint64_t target)
{
	unsigned int rb = tr_use_v(t, V_BR + b);

	x86_mov_rr(&t->b, RCX, rb);
	x86_alu_ri(&t->b, 1, X86_AND, RCX, ~15);
	if ((int64_t)target == (int32_t)target) {
		x86_alu_ri(&t->b, 1, X86_CMP, RCX, (int32_t)target);
		return;
	}
	x86_mov_imm(&t->b, RAX, target);
	x86_alu_rr(&t->b, 1, X86_CMP, RCX, RAX);
}

static unsigned int ctx_cpl(const struct tr *t)
{
	return t->jit->ctx_key[t->ctx] & 3;
}

/* The frame is most likely what it was when recorded: asked once, a call is but a few moves. */
static void know_frame(struct tr *t, const struct jit_insn *i)
{
	_Static_assert(offsetof(struct ia64_rse, sol) == offsetof(struct ia64_rse, sof) + 1,
		       "both are compared at once");

	x86_1(&t->b, 0x66); /* cmp word [sof], imm16 */
	x86_rm(&t->b, 0, 0x81, X86_CMP, RBP, OFF_RSE(sof));
	x86_1(&t->b, i->sof);
	x86_1(&t->b, i->sol);
	tr_new_stub(t, STUB_CALL, x86_jcc(&t->b, CC_NE));
	t->s.known = true;
	t->s.sof = i->sof;
	t->s.sol = i->sol;
}

/* A call that leaves the trace's knowledge of frames behind. */
static void tr_call_unknown(struct tr *t, const struct jit_insn *i)
{
	struct x86_buf *b = &t->b;

	x86_alu_mi(b, 0, X86_CMP, RBP, OFF_RSE(bof), JIT_MAX_BOF - IA64_STACKED_PHYS - t->s.fd);
	tr_exit_interp(t, x86_jcc(b, CC_A));
	tr_flush_all(t);
	x86_rm(b, 0, 0x0fb6, RAX, RBP, OFF_RSE(sof));
	x86_rm(b, 0, 0x0fb6, RCX, RBP, OFF_RSE(sol));
	x86_mov_rr(b, RDX, RCX);
	x86_shift_ri(b, 0, X86_SHL, RDX, 7);
	x86_alu_rr(b, 0, X86_OR, RDX, RAX);
	x86_load(b, 1, RSI, RBP, OFF(ar[AR_EC]));
	x86_shift_ri(b, 1, X86_SHL, RSI, 52);
	x86_alu_rr(b, 1, X86_OR, RDX, RSI);
	if (ctx_cpl(t)) {
		x86_mov_imm(b, RSI, (uint64_t)ctx_cpl(t) << 62);
		x86_alu_rr(b, 1, X86_OR, RDX, RSI);
	}
	x86_store(b, 1, RBP, OFF(ar[AR_PFS]), RDX);
	x86_mov_imm(b, RSI, i->ip + 16);
	x86_store(b, 1, RBP, OFF(br) + 8 * i->in.r1, RSI);
	x86_rm(b, 0, 0x01, RCX, RBP, OFF_RSE(bof));
	x86_rm(b, 0, 0x01, RCX, RBP, OFF_RSE(ndirty));
	x86_alu_rr(b, 0, X86_SUB, RAX, RCX);
	x86_rm(b, 0, 0x88, RAX, RBP, OFF_RSE(sof));
	x86_mov8_mi(b, RBP, OFF_RSE(sol), 0);
	tr_frame_base(t);
	tr_forget_frame(t);
}

static void tr_call(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;

	if (in->op == OP_BR_CALL_IND) {
		/* Where it went when recorded is checked first. */
		compare_target(t, in->r2, i->next);
		tr_new_stub(t, STUB_CALL, x86_jcc(&t->b, CC_NE));
	}
	if (!t->s.known)
		know_frame(t, i);
	/* Has the trace room for the callee's frame, and its callees'? */
	if (t->s.fd + t->s.sol + IA64_STACKED_PHYS <= JIT_MAX_STACKED && t->ncalls < MAX_CALLS &&
	    t->call_depth < MAX_CALLS) {
		tr_call_known(t, i);
		return;
	}
	tr_call_unknown(t, i);
	t->known[V_BR + in->r1] = (struct known){ K_CONST, i->ip + 16 };
}

/* A call that did not come where it was recorded, or one that leads elsewhere now. */
void tr_call_stub(struct tr *t, struct stub *s)
{
	const struct jit_insn *i = &t->rec->insn[s->k];
	bool indirect = i->in.op == OP_BR_CALL_IND;
	struct snap after = s->s;
	struct x86_buf *b = &t->b;

	tr_sync(t, &s->s);
	tr_count_retired(t, s->retired + 1);
	if (indirect) {
		x86_load(b, 1, R12, RBP, OFF(br) + 8 * i->in.r2);
		x86_alu_ri(b, 1, X86_AND, R12, ~15);
	}
	tr_vcpu_argument(b);
	x86_mov_imm(b, RSI, i->in.r1);
	x86_mov_imm(b, RDX, i->ip + 16);
	x86_call(b, (const void *)jit_call);
	tr_frame_base(t);
	if (indirect) {
		x86_mov_rr(b, RAX, R12);
		tr_indirect(t, i->ip, s->ctx);
	} else {
		after.fd = 0;
		tr_exit_jump(t, &after, i->ip + (uint64_t)i->in.imm, i->ip, s->ctx);
	}
}

static bool in_rotating_frame(const struct tr *t)
{
	return jit_ctx_rotating(t->jit->ctx_key[t->ctx]);
}

/*
 * The caller's registers must be there: `sol` of them below the present frame, and room for the
 * rest of its frame. ndirty in memory lags fd behind.
 */
static void check_resident(struct tr *t, uint8_t sof, uint8_t sol)
{
	struct stub *st;

	x86_load(&t->b, 0, RAX, RBP, OFF_RSE(ndirty));
	if (t->s.fd != sol)
		x86_alu_ri(&t->b, 0, X86_ADD, RAX, t->s.fd - sol);
	x86_alu_ri(&t->b, 0, X86_CMP, RAX, IA64_STACKED_PHYS - sof);
	st = tr_new_stub(t, STUB_REFILL, x86_jcc(&t->b, CC_A));
	st->ra = sof;
	st->rv = sol;
	st->back = t->b.p;
}

/* A return to the frame of a call in this trace: nothing moves but what is known of the frame. */
static void tr_return_known(struct tr *t, const struct jit_insn *i)
{
	const struct known *b = &t->known[V_BR + i->in.r2];
	const struct call_site *c = &t->call[t->known[V_AR + AR_PFS].value];

	if (!(b->kind == K_CONST && b->value == i->next)) {
		compare_target(t, i->in.r2, i->next);
		tr_new_stub(t, STUB_RETURN, x86_jcc(&t->b, CC_NE));
	}
	if (c->spilled)
		check_resident(t, c->sof, c->sol);
	if (in_rotating_frame(t))
		x86_mov8_mi(&t->b, RBP, OFF_RSE(sor), 0);
	t->s.rot = 0; /* The names that the caller's registers had are good again. */
	if (t->ec_changed) {
		unsigned int pfs = tr_use_v(t, V_AR + AR_PFS), ec = tr_def_v(t, V_AR + AR_EC);

		x86_mov_rr(&t->b, ec, pfs);
		x86_shift_ri(&t->b, 1, X86_SHR, ec, 52);
		x86_alu_ri(&t->b, 0, X86_AND, ec, 63);
	}
	/* What lies above the caller's frame is not its own any more. */
	t->s.fd = c->fd;
	t->s.sof = c->sof;
	t->s.sol = c->sol;
	t->s.frame_stale = true;
	t->call_depth--;
}

/* The context behind instruction k, as recorded. */
static uint8_t recorded_ctx_after(const struct tr *t, unsigned int k)
{
	return k + 1 < t->rec->n ? t->rec->insn[k + 1].ctx : t->rec->end_ctx;
}

/* To a frame that does not rotate, from one that does not, or whose beginning is known? */
static bool plain_return(const struct tr *t, unsigned int k)
{
	const uint64_t frame = 0x7f << JIT_CTX_SOR_SHIFT | JIT_CTX_ROTATES | JIT_CTX_EPILOG;

	return t->unrotated[k] && t->jit->ctx_key[recorded_ctx_after(t, k)] ==
				  (t->jit->ctx_key[t->rec->insn[k].ctx] & ~frame);
}

bool tr_returns_as_recorded(const struct tr *t, unsigned int k)
{
	const struct jit_insn *i = &t->rec->insn[k];
	uint64_t pfs = i->pfs;

	return plain_return(t, k) && !(pfs & PFS_ROTATION) && !(i->next & 15) &&
	       ia64_cfm_sol(pfs) <= ia64_cfm_sof(pfs) && ia64_cfm_sof(pfs) <= IA64_STACKED_PHYS &&
	       pfs >> 62 == (t->jit->ctx_key[i->ctx] & 3);
}

/*
 * A return that leaves the trace's calls behind: ar.pfs is compared with what it was when recorded,
 * and is known from there on, and with it the caller's frame. What is in host registers stays.
 */
static void tr_return_recorded(struct tr *t, const struct jit_insn *i)
{
	uint8_t sof = (uint8_t)ia64_cfm_sof(i->pfs), sol = (uint8_t)ia64_cfm_sol(i->pfs);
	struct x86_buf *b = &t->b;
	unsigned int r;

	r = tr_use_v(t, V_BR + i->in.r2);
	x86_mov_imm(b, RAX, i->next);
	x86_alu_rr(b, 1, X86_CMP, r, RAX);
	tr_new_stub(t, STUB_RETURN_OTHER, x86_jcc(b, CC_NE));
	r = tr_use_v(t, V_AR + AR_PFS);
	x86_mov_imm(b, RAX, i->pfs);
	x86_alu_rr(b, 1, X86_CMP, r, RAX);
	tr_new_stub(t, STUB_RETURN_OTHER, x86_jcc(b, CC_NE));
	check_resident(t, sof, sol);
	if (in_rotating_frame(t))
		x86_mov8_mi(b, RBP, OFF_RSE(sor), 0);
	if (t->s.fd - sol < -JIT_MAX_BELOW) {
		tr_flush_all(t);
		tr_frame_base(t);
		tr_forget_frame(t);
		t->s.known = true;
	}
	t->s.rot = 0;
	tr_home_v(t, V_AR + AR_EC);
	t->s.ec_known = true;
	t->s.ec = i->pfs >> 52 & 63;
	t->s.fd -= sol;
	t->s.sof = sof;
	t->s.sol = sol;
	t->s.known = t->s.frame_stale = true;
	t->call_depth = 0;
}

/*
 * A return to wherever br and ar.pfs say, if neither frame rotates, the privilege stays and the
 * caller's registers are there; the jumps (their number is returned) in `slow` are taken otherwise.
 * Memory has everything. Leaves the target in rax.
 */
static unsigned int any_return(struct tr *t, const struct jit_insn *i, uint8_t *slow[6])
{
	struct x86_buf *b = &t->b;
	unsigned int n = 0;

	x86_load(b, 1, RAX, RBP, OFF(ar[AR_PFS]));
	x86_mov_imm(b, RCX, PFS_PPL | PFS_ROTATION);
	x86_alu_rr(b, 1, X86_AND, RCX, RAX);
	x86_mov_imm(b, RDX, (t->jit->ctx_key[i->ctx] & 3) << 62);
	x86_alu_rr(b, 1, X86_CMP, RCX, RDX);
	slow[n++] = x86_jcc(b, CC_NE);
	x86_rr(b, 0, 0x8b, RCX, RAX);
	x86_shift_ri(b, 0, X86_SHR, RCX, 7);
	x86_alu_ri(b, 0, X86_AND, RCX, 0x7f);
	x86_rr(b, 0, 0x8b, RDX, RAX);
	x86_alu_ri(b, 0, X86_AND, RDX, 0x7f);
	x86_alu_rr(b, 0, X86_CMP, RCX, RDX);
	slow[n++] = x86_jcc(b, CC_A);
	x86_load(b, 0, RSI, RBP, OFF_RSE(ndirty));
	x86_alu_rr(b, 0, X86_SUB, RSI, RCX);
	slow[n++] = x86_jcc(b, CC_S);
	x86_lea_x(b, RDI, RSI, RDX, 0);
	x86_alu_ri(b, 0, X86_CMP, RDI, IA64_STACKED_PHYS);
	slow[n++] = x86_jcc(b, CC_A);
	x86_load(b, 0, RDI, RBP, OFF_RSE(bof));
	x86_alu_rr(b, 0, X86_SUB, RDI, RCX);
	x86_store(b, 0, RBP, OFF_RSE(ndirty), RSI);
	x86_store(b, 0, RBP, OFF_RSE(bof), RDI);
	x86_rm(b, 0, 0x88, RDX, RBP, OFF_RSE(sof));
	x86_rm(b, 0, 0x88, RCX, RBP, OFF_RSE(sol));
	if (jit_ctx_rotating(t->jit->ctx_key[i->ctx]))
		x86_mov8_mi(b, RBP, OFF_RSE(sor), 0);
	x86_shift_ri(b, 1, X86_SHR, RAX, 52);
	x86_alu_ri(b, 0, X86_AND, RAX, 63);
	x86_store(b, 1, RBP, OFF(ar[AR_EC]), RAX);
	x86_rmx(b, 0, 1, 0x8d, RBX, RBP, RDI, 3, OFF_FRAME, false);
	x86_load(b, 1, RAX, RBP, OFF(br) + 8 * i->in.r2);
	x86_alu_ri(b, 1, X86_AND, RAX, ~15);
	return n;
}

/* Any other return: by C code, which comes back to the comparison of the target. */
static void tr_return(struct tr *t, const struct jit_insn *i)
{
	uint8_t after = recorded_ctx_after(t, t->k);
	struct x86_buf *b = &t->b;
	struct stub *st;

	tr_flush_all(t);
	t->s.fd = 0; /* memory has it */
	t->s.known = false;
	st = tr_new_stub(t, STUB_RETURN, x86_jmp(b));
	st->back = b->p;
	t->ctx = after;
	t->s.rot = 0;
	tr_forget_frame(t);
	x86_mov_imm(b, RDX, i->next);
	x86_alu_rr(b, 1, X86_CMP, RAX, RDX);
	st = tr_new_stub(t, STUB_RETURNED, x86_jcc(b, CC_NE));
	st->retired = (uint16_t)(t->k + 1 - t->counted);
}

/* Calls C code for a return. rax: 0, or see jit_return(). */
static void call_return(struct tr *t, unsigned int k)
{
	const struct jit_insn *i = &t->rec->insn[k];
	struct x86_buf *b = &t->b;

	tr_vcpu_argument(b);
	x86_mov_imm(b, RSI, i->in.r2);
	x86_mov_imm(b, RDX, i->ip);
	x86_mov_imm(b, RCX, t->jit->ctx_key[recorded_ctx_after(t, k)]);
	x86_call(b, (const void *)jit_return);
	x86_test_rr(b, 1, RAX, RAX);
}

/* The whole of a return by C code, and on to where it leads. */
static void return_and_go(struct tr *t, unsigned int k)
{
	uint8_t *otherwise;

	call_return(t, k);
	otherwise = x86_jcc(&t->b, CC_NE);
	tr_frame_base(t);
	x86_load(&t->b, 1, RAX, RBP, OFF(ip));
	tr_indirect(t, t->rec->insn[k].ip, recorded_ctx_after(t, k));
	x86_patch(&t->b, otherwise, t->b.p);
	tr_elsewhere(t);
}

/*
 * A return by C code. With a place to come back to it leaves the target in rax; without, it goes
 * there.
 */
void tr_return_stub(struct tr *t, struct stub *s)
{
	struct x86_buf *b = &t->b;
	uint8_t *otherwise, *at;

	/*
	 * Rotations that memory does not show are over with the frame: nothing needs to be moved.
	 */
	tr_sync(t, &s->s);
	if (!s->back) {
		tr_count_retired(t, s->retired + 1);
		return_and_go(t, s->k);
		return;
	}
	call_return(t, s->k);
	otherwise = x86_jcc(b, CC_NE);
	tr_frame_base(t);
	x86_load(b, 1, RAX, RBP, OFF(ip));
	at = x86_jmp(b);
	x86_patch(b, at, s->back);
	x86_patch(b, otherwise, b->p);
	tr_count_retired(t, s->retired + 1);
	tr_elsewhere(t);
}

void tr_return_other_stub(struct tr *t, struct stub *s)
{
	const struct jit_insn *i = &t->rec->insn[s->k];
	uint8_t after = recorded_ctx_after(t, s->k), *slow[6];
	struct x86_buf *b = &t->b;
	unsigned int n, j;

	tr_sync(t, &s->s);
	tr_count_retired(t, s->retired + 1);
	n = any_return(t, i, slow);
	tr_indirect(t, i->ip, after);
	for (j = 0; j < n; j++)
		x86_patch(b, slow[j], b->p);
	return_and_go(t, s->k);
}

/*
 * The registers of the frame that a return leads to are loaded before it, which nobody sees; where
 * that is not possible without a fault, the return comes first.
 */
void tr_refill_stub(struct tr *t, struct stub *s)
{
	struct x86_buf *b = &t->b;
	uint8_t *fault;

	tr_sync(t, &s->s);
	fp_save(t, &s->s);
	tr_vcpu_argument(b);
	x86_mov_imm(b, RSI, s->ra);
	x86_mov_imm(b, RDX, s->rv);
	x86_call(b, (const void *)ia64_rse_refill);
	x86_test_rr(b, 0, RAX, RAX);
	fault = x86_jcc(b, CC_E);
	tr_back(t, s);
	x86_patch(b, fault, b->p);
	tr_count_retired(t, s->retired + 1);
	return_and_go(t, s->k);
}

static void tr_ret(struct tr *t, const struct jit_insn *i)
{
	const struct known *p = &t->known[V_AR + AR_PFS];

	tr_flush_ec(t);
	if (plain_return(t, t->k) && p->kind == K_PFS && t->call_depth &&
	    t->call_stack[t->call_depth - 1] == p->value)
		tr_return_known(t, i);
	else if (tr_returns_as_recorded(t, t->k))
		tr_return_recorded(t, i);
	else
		tr_return(t, i);
	t->ctx = recorded_ctx_after(t, t->k);
}

static void tr_br_ind(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	struct stub *st;

	compare_target(t, in->r2, i->next);
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
	/* ndirty + sof must not exceed the register file (nclean is always 0). */
	x86_alu_mi(&t->b, 0, X86_CMP, RBP, OFF_RSE(ndirty), IA64_STACKED_PHYS - in->x - t->s.fd);
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
	if (in->imm) {
		x86_mov8_mi(&t->b, RBP, OFF_RSE(sor), (unsigned int)in->imm);
		t->ctx = ctx_number(t, jit_ctx_after(t->jit->ctx_key[t->ctx],
						     &t->rec->insn[t->k]));
	}
	if (in->r1) {
		k = t->known[V_AR + AR_PFS];
		d = tr_def(t, in->r1);
		x86_mov_rr(&t->b, d, pfs);
		t->known[tr_gr(t, in->r1)] = k;
	}
}

/* The jump at `from` is taken when a call, return or indirect branch does not go as recorded. */
static void other_way(struct tr *t, const struct jit_insn *i, uint8_t *from)
{
	struct stub *st;

	if (i->executed) {
		tr_exit_to(t, from, following(i), 0, t->k + 1);
		return;
	}
	switch (i->in.op) {
	case OP_BR_RET:
		tr_new_stub(t, STUB_RETURN, from);
		break;
	case OP_BR_COND_IND:
		st = tr_new_stub(t, STUB_INDIRECT, from);
		st->rv = i->in.r2;
		st->retired = (uint16_t)(t->k + 1 - t->counted);
		break;
	default:
		tr_new_stub(t, STUB_CALL, from);
		break;
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
	if (in->op == OP_CHK_A) {
		tr_chk_a(t, i);
		return;
	}
	if (in->qp) {
		if (!(t->s.pr[in->qp] & PR_KNOWN)) {
			other_way(t, i, tr_branch_on_pr(t, in->qp, !i->executed));
			tr_learn_pr(&t->s, in->qp, i->executed);
		} else if ((t->s.pr[in->qp] & 1) != i->executed) {
			other_way(t, i, x86_jmp(&t->b));
		}
		if (!i->executed)
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
	uint8_t *jump;

	tr_sync(t, &s->s);
	tr_ip(t, s->k);
	tr_count_retired(t, s->retired);
	fp_save(t, &s->s);
	tr_vcpu_argument(b);
	x86_mov_imm(b, RSI, s->ra);
	x86_mov_imm(b, RDX, s->rv);
	x86_call(b, (const void *)jit_alloc);
	x86_test_rr(b, 0, RAX, RAX);
	jump = x86_jcc(b, CC_E);
	tr_leave(t, JIT_DISPATCH);
	x86_patch(b, jump, b->p);
	tr_count_retired(t, -s->retired);
	tr_back(t, s);
}
