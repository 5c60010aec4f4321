/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The instructions of kernels' entries and exits that can be done without leaving translated code:
 * psr.i and psr.ic, application and control registers, srlz.i.
 */
#include "ia64/fp.h"
#include "ia64/sysreg.h"
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
	case OP_MOV_CR:
		return kernel && is_interruption_cr(in->r3);
	case OP_SRLZ_I:
		return true;
	case OP_SUM: case OP_RUM:
		return !(in->imm & ~(int64_t)PSR_AC);
	case OP_MOV_AR:
		/* ar.k3: ia64_tlb_kr_write() */
		if (in->r3 < AR_K0 + 8)
			return kernel && in->r3 != AR_K0 + 3;
		return in->r3 == AR_RSC || in->r3 == AR_BSPSTORE || in->r3 == AR_RNAT ||
		       in->r3 == AR_FPSR;
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
	uint8_t *leave;

	tr_sync(t, &s->s);
	fp_save(t, &s->s);
	tr_count_retired(t, s->retired + 1);
	tr_vcpu_argument(b);
	x86_mov_imm(b, RSI, (uint64_t)i->in.imm);
	x86_call(b, (const void *)jit_ssm);
	x86_test_rr(b, 0, RAX, RAX);
	leave = x86_jcc(b, CC_NE);
	tr_count_retired(t, -(s->retired + 1));
	tr_back(t, s);
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

/* To the interpreter if register s has one of these bits. */
static void check_reserved(struct tr *t, unsigned int s, uint64_t bits)
{
	if (!bits)
		return;
	x86_mov_imm(&t->b, RAX, bits);
	x86_test_rr(&t->b, 1, RAX, s);
	tr_exit_interp(t, x86_jcc(&t->b, CC_NE));
}

/* ar.fpsr: neither reserved bits nor a pc of 1 (SDM 1:5.2). */
static void to_fpsr(struct tr *t, unsigned int s)
{
	uint64_t reserved = ~0ull << 58 | (uint64_t)IA64_SF_TD << ia64_sf_shift(0), pc = 0;
	struct x86_buf *b = &t->b;
	unsigned int sf;

	for (sf = 0; sf < 4; sf++)
		pc |= 1ull << (ia64_sf_shift(sf) + IA64_SF_PC_SHIFT);
	check_reserved(t, s, reserved);
	x86_mov_rr(b, RDX, s);
	x86_shift_ri(b, 1, X86_SHR, RDX, 1);
	x86_not(b, RDX);
	x86_alu_rr(b, 1, X86_AND, RDX, s);
	check_reserved(t, RDX, pc);
	x86_store(b, 1, RBP, OFF(ar[AR_FPSR]), s);
	fp_status_written(t);
}

/* The registers of an interruption, while psr.ic is 0. */
static void to_cr(struct tr *t, const struct ia64_insn *in)
{
	unsigned int s = tr_use(t, in->r2);
	struct x86_buf *b = &t->b;

	x86_rm(b, 0, 0xf7, 0, RBP, OFF(psr)); /* test dword [m], imm32 */
	x86_imm32(b, (int32_t)PSR_IC);
	tr_exit_interp(t, x86_jcc(b, CC_NE));
	check_reserved(t, s, ia64_cr_reserved(in->r3));
	if (in->r3 == CR_IFS) { /* sof up to 96, sol and sor up to sof (SDM 1:3.1.7) */
		x86_rr(b, 0, 0x8b, RAX, s);
		x86_rr(b, 0, 0x8b, RDX, s);
		x86_alu_ri(b, 0, X86_AND, RAX, 0x7f);
		x86_alu_ri(b, 0, X86_CMP, RAX, IA64_STACKED_PHYS);
		tr_exit_interp(t, x86_jcc(b, CC_A));
		x86_shift_ri(b, 0, X86_SHR, RDX, 7);
		x86_rr(b, 0, 0x8b, RCX, RDX);
		x86_alu_ri(b, 0, X86_AND, RCX, 0x7f);
		x86_alu_rr(b, 0, X86_CMP, RCX, RAX);
		tr_exit_interp(t, x86_jcc(b, CC_A));
		x86_shift_ri(b, 0, X86_SHR, RDX, 4);
		x86_alu_ri(b, 0, X86_AND, RDX, 15 << 3);
		x86_alu_rr(b, 0, X86_CMP, RDX, RAX);
		tr_exit_interp(t, x86_jcc(b, CC_A));
	}
	if (ia64_cr_ignored(in->r3)) {
		x86_mov_rr(b, RAX, s);
		x86_alu_ri(b, 1, X86_AND, RAX, ~(int32_t)ia64_cr_ignored(in->r3));
		s = RAX;
	}
	x86_store(b, 1, RBP, OFF(cr) + 8 * in->r3, s);
}

/* srlz.i: on, if nobody wants attention and the trace is good still. */
static void serialize(struct tr *t)
{
	const struct jit_trace *trace = &t->jit->trace[t->index];
	struct x86_buf *b = &t->b;
	unsigned int i;

	x86_alu_mi(b, 0, X86_CMP, RBP, OFF(attention), 0);
	tr_exit_interp(t, x86_jcc(b, CC_NE));
	x86_mov_imm(b, RAX, (uint64_t)(uintptr_t)&t->jit->v->sys->mem->code_epoch);
	x86_load(b, 1, RAX, RAX, 0);
	x86_load(b, 1, RDX, RBP, OFF(jit));
	x86_alu_rm(b, 1, X86_CMP, RAX, RDX, OFF_JIT(code_epoch));
	tr_exit_interp(t, x86_jcc(b, CC_NE));
	x86_mov_imm(b, RDX, (uint64_t)(uintptr_t)trace->epoch);
	for (i = 0; i < trace->nregions; i++) {
		x86_load(b, 0, RAX, RDX, (int32_t)(i * sizeof(trace->epoch[0])));
		x86_alu_rm(b, 0, X86_CMP, RAX, RBP, OFF(exec_epoch) + 4 * trace->region[i]);
		tr_exit_interp(t, x86_jcc(b, CC_NE));
	}
}

static void to_ar(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int s = tr_use(t, in->r2);

	switch (in->r3) {
	case AR_RSC:
		to_rsc(t, s);
		break;
	case AR_FPSR:
		to_fpsr(t, s);
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
	case OP_MOV_CR:
		to_cr(t, in);
		break;
	case OP_SRLZ_I:
		serialize(t);
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
