/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instructions of kernels' entries and exits that can be done without leaving translated code:
 * psr.i and psr.ic, application and control registers.
 */
#include "jit/x86_64/fp.h"

/* psr bits that ssm and rsm change here. Others change the context, or what it is derived from. */
#define PSR_HERE (PSR_I | PSR_IC)
/* ar.rsc: mode, pl, be, loadrs (SDM 2:6.5.1). */
#define RSC_MODE 3
#define RSC_PL_SHIFT 2
#define RSC_PL (3 << RSC_PL_SHIFT)
#define RSC_RESERVED ~(uint32_t)(0x3fff << 16 | 0x1f)

static bool is_interruption_cr(unsigned int cr)
{
	return cr >= CR_IPSR && cr <= CR_IHA && cr != 18;
}

bool tr_system_native(uint64_t ctx_key, const struct ia64_insn *in)
{
	bool kernel = !(ctx_key & 3);

	switch (in->op) {
	case OP_MOV_FROM_PSR:
		return kernel;
	case OP_SSM: case OP_RSM:
		return kernel && !((uint64_t)in->imm & ~PSR_HERE);
	case OP_MOV_FROM_CR:
		return kernel && (is_interruption_cr(in->r3) || in->r3 == CR_TPR || in->r3 == CR_IVA);
	case OP_SUM: case OP_RUM:
		return !(in->imm & ~(int64_t)PSR_AC);
	case OP_MOV_AR:
		/* ar.k3: ia64_tlb_kr_write() */
		if (in->r3 < AR_K0 + 8)
			return kernel && in->r3 != AR_K0 + 3;
		return in->r3 == AR_RSC || in->r3 == AR_BSPSTORE || in->r3 == AR_RNAT;
	case OP_MOV_AR_I:
		return in->r3 == AR_RSC && in->imm >= 0 && in->imm < 32;
	case OP_MOV_FROM_AR:
		return in->r3 < AR_K0 + 8 || in->r3 == AR_RSC || in->r3 == AR_BSPSTORE ||
		       in->r3 == AR_RNAT || in->r3 == AR_BSP || in->r3 == AR_FPSR;
	default:
		return false;
	}
}

/* ssm that sets something. 1: someone wants attention now. */
static uint32_t jit_ssm(struct vcpu *v, uint32_t imm)
{
	ia64_set_psr(v, v->psr | imm);
	return atomic_load_explicit(&v->attention, memory_order_relaxed) != 0;
}

static void tr_ssm(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	struct stub *st;

	/* Most of them find the bit as they want it, or one of two. */
	x86_load(b, 0, RAX, RBP, OFF(psr));
	x86_alu_ri(b, 0, X86_AND, RAX, (int32_t)in->imm);
	x86_alu_ri(b, 0, X86_CMP, RAX, (int32_t)in->imm);
	st = tr_new_stub(t, STUB_SSM, x86_jcc(b, CC_NE));
	st->back = b->p;
}

void tr_ssm_stub(struct tr *t, struct stub *s)
{
	const struct jit_insn *i = &t->rec->insn[s->k];
	struct x86_buf *b = &t->b;
	uint8_t *leave, *at;

	tr_sync(t, &s->s);
	fp_save(t, &s->s);
	tr_count_retired(t, s->retired + 1);
	x86_mov_rr(b, RDI, RBP);
	x86_mov_imm(b, RSI, (uint64_t)i->in.imm);
	x86_call(b, (const void *)jit_ssm);
	x86_test_rr(b, 0, RAX, RAX);
	leave = x86_jcc(b, CC_NE);
	tr_count_retired(t, -(s->retired + 1));
	tr_unsync_frame(t, &s->s);
	fp_restore(t, &s->s);
	tr_reload_clobbered(t, &s->s, X86_NR_REGS);
	at = x86_jmp(b);
	x86_patch(b, at, s->back);
	x86_patch(b, leave, b->p);
	tr_place(t, s->k + 1u, following(i));
	tr_rotate_later(t, s->s.rot);
	tr_leave(t, JIT_DISPATCH);
}

/* To the interpreter unless ar.rsc.mode is 0: enforced lazy (SDM 2:6.5.3). */
static void check_lazy(struct tr *t)
{
	x86_rm(&t->b, 0, 0xf6, 0, RBP, OFF(ar[AR_RSC])); /* test byte [m], imm8 */
	x86_1(&t->b, RSC_MODE);
	tr_exit_interp(t, x86_jcc(&t->b, CC_NE));
}

/* ar.bsp: ndirty registers and the NaT collections between them above bspstore (SDM 2:6.1). */
static void from_bsp(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int d = tr_def(t, in->r1);

	x86_load(b, 1, RCX, RBP, OFF_RSE(bspstore));
	x86_load(b, 0, RDX, RBP, OFF_RSE(ndirty));
	if (t->s.fd)
		x86_alu_ri(b, 0, X86_ADD, RDX, t->s.fd);
	x86_rr(b, 0, 0x8b, RAX, RCX);
	x86_shift_ri(b, 0, X86_SHR, RAX, 3);
	x86_alu_ri(b, 0, X86_AND, RAX, 63);
	x86_alu_rr(b, 0, X86_ADD, RAX, RDX);
	/* A 63rd, for up to 160. */
	x86_rr(b, 0, 0x69, RAX, RAX);
	x86_imm32(b, 1041);
	x86_shift_ri(b, 0, X86_SHR, RAX, 16);
	x86_alu_rr(b, 0, X86_ADD, RAX, RDX);
	x86_lea_x(b, d, RCX, RAX, 3);
}

/* psr, its bits 31:0, mc and it. */
static void from_psr(struct tr *t, const struct ia64_insn *in)
{
	unsigned int d = tr_def(t, in->r1);

	x86_load(&t->b, 1, d, RBP, OFF(psr));
	x86_mov_imm(&t->b, RAX, 0xffffffffull | PSR_MC | PSR_IT);
	x86_alu_rr(&t->b, 1, X86_AND, d, RAX);
	if (t->s.fp.modified)
		x86_alu_ri(&t->b, 1, X86_OR, d, t->s.fp.modified << 4);
}

static void from_ar(struct tr *t, const struct ia64_insn *in)
{
	unsigned int d;

	if (in->r3 == AR_BSP) {
		from_bsp(t, in);
		return;
	}
	if (in->r3 == AR_BSPSTORE || in->r3 == AR_RNAT)
		check_lazy(t);
	d = tr_def(t, in->r1);
	if (in->r3 == AR_BSPSTORE) {
		x86_load(&t->b, 1, d, RBP, OFF_RSE(bspstore));
	} else if (in->r3 == AR_RNAT) {
		x86_load(&t->b, 1, d, RBP, OFF_RSE(rnat));
		x86_shift_ri(&t->b, 1, X86_SHL, d, 1);
		x86_shift_ri(&t->b, 1, X86_SHR, d, 1);
	} else {
		x86_load(&t->b, 1, d, RBP, OFF(ar) + 8 * in->r3);
	}
}

/* ar.rsc from register s: its pl is not less than the code's (SDM 2:6.5.1). */
static void to_rsc(struct tr *t, unsigned int s)
{
	int32_t pl = (int32_t)(t->jit->ctx_key[t->ctx] & 3) << RSC_PL_SHIFT;
	struct x86_buf *b = &t->b;
	uint8_t *enough;

	x86_mov_rr(b, RAX, s);
	x86_shift_ri(b, 1, X86_SHR, RAX, 30);
	tr_exit_interp(t, x86_jcc(b, CC_NE));
	x86_rr(b, 0, 0xf7, 0, s); /* test s, imm32 */
	x86_imm32(b, (int32_t)RSC_RESERVED);
	tr_exit_interp(t, x86_jcc(b, CC_NE));
	if (pl) {
		x86_mov_rr(b, RAX, s);
		x86_alu_ri(b, 0, X86_AND, RAX, RSC_PL);
		x86_alu_ri(b, 0, X86_CMP, RAX, pl);
		x86_mov_rr(b, RAX, s);
		enough = x86_jcc(b, CC_AE);
		x86_alu_ri(b, 0, X86_AND, RAX, ~RSC_PL);
		x86_alu_ri(b, 0, X86_OR, RAX, pl);
		x86_patch(b, enough, b->p);
		s = RAX;
	}
	x86_store(b, 1, RBP, OFF(ar[AR_RSC]), s);
}

static void to_rsc_imm(struct tr *t, int32_t val)
{
	int32_t pl = (int32_t)(t->jit->ctx_key[t->ctx] & 3) << RSC_PL_SHIFT;

	if ((val & RSC_PL) < pl)
		val = (val & ~RSC_PL) | pl;
	x86_mov_mi(&t->b, 1, RBP, OFF(ar[AR_RSC]), val);
}

static void to_ar(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int s = tr_use(t, in->r2);

	switch (in->r3) {
	case AR_RSC:
		to_rsc(t, s);
		break;
	case AR_BSPSTORE:
		check_lazy(t);
		x86_mov_rr(b, RAX, s);
		x86_alu_ri(b, 1, X86_AND, RAX, -8);
		x86_store(b, 1, RBP, OFF_RSE(bspstore), RAX);
		break;
	case AR_RNAT:
		check_lazy(t);
		x86_mov_rr(b, RAX, s);
		x86_shift_ri(b, 1, X86_SHL, RAX, 1);
		x86_shift_ri(b, 1, X86_SHR, RAX, 1);
		x86_store(b, 1, RBP, OFF_RSE(rnat), RAX);
		break;
	default:
		x86_store(b, 1, RBP, OFF(ar) + 8 * in->r3, s);
		break;
	}
}

bool tr_system_insn(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;

	if (!tr_system_native(t->jit->ctx_key[t->ctx], in))
		return false;
	switch (in->op) {
	case OP_SSM:
		tr_ssm(t, in);
		break;
	case OP_RSM:
		x86_alu_mi(b, 0, X86_AND, RBP, OFF(psr), ~(int32_t)in->imm);
		break;
	case OP_SUM:
		x86_alu_mi(b, 0, X86_OR, RBP, OFF(psr), (int32_t)in->imm);
		break;
	case OP_RUM:
		x86_alu_mi(b, 0, X86_AND, RBP, OFF(psr), ~(int32_t)in->imm);
		break;
	case OP_MOV_FROM_CR:
		if (is_interruption_cr(in->r3)) {
			x86_rm(b, 0, 0xf7, 0, RBP, OFF(psr)); /* test dword [m], imm32 */
			x86_imm32(b, (int32_t)PSR_IC);
			tr_exit_interp(t, x86_jcc(b, CC_NE));
		}
		x86_load(b, 1, tr_def(t, in->r1), RBP, OFF(cr) + 8 * in->r3);
		break;
	case OP_MOV_FROM_AR:
		from_ar(t, in);
		break;
	case OP_MOV_FROM_PSR:
		from_psr(t, in);
		break;
	case OP_MOV_AR_I:
		to_rsc_imm(t, (int32_t)in->imm);
		break;
	default:
		to_ar(t, in);
		break;
	}
	return true;
}
