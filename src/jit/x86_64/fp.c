/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating-point instructions in host code. */
#include "jit/x86_64/fp.h"

#include "ia64/fp.h"
#include "jit/x86_64/fp_decide.h"
#include "jit/x86_64/fp_extended.h"
#include "jit/x86_64/fp_regs.h"
#include "jit/x86_64/fp_rotating.h"
#include "jit/x86_64/fp_seq.h"
#include "jit/x86_64/vex.h"

/* In jit_fp.now and jit_fp.done. */
#define OFF_NOW(i, field) (OFF(jit_fp.now[0].field) + \
			   (int32_t)(i) * (int32_t)sizeof(((struct vcpu *)0)->jit_fp.now[0]))
#define OFF_DONE(i, field) (OFF(jit_fp.done[0].field) + \
			    (int32_t)(i) * (int32_t)sizeof(((struct vcpu *)0)->jit_fp.done[0]))

/* ---- moves, loads, stores ---- */

/* Flags CC_AE unless the double in rax is a normal number. rdx: its biased exponent. */
static void check_normal(struct tr *t)
{
	struct x86_buf *b = &t->b;

	x86_mov_rr(b, RDX, RAX);
	x86_shift_ri(b, 1, X86_SHR, RDX, 52);
	x86_alu_ri(b, 0, X86_AND, RDX, 0x7ff);
	x86_rm(b, 0, 0x8d, RCX, RDX, -1);
	x86_alu_ri(b, 0, X86_CMP, RCX, 0x7fe);
}

static void tr_fp_load(struct tr *t, const struct ia64_insn *in, enum fp_rep rep, bool by_reg,
		       bool by_imm)
{
	unsigned int ra = tr_use(t, in->r3), i;
	struct mem_ref m = tr_address(t, ra, rep == REP_S ? 4 : 8, false, STUB_FP_LOAD);
	struct stub *stub = m.stub;

	/* The stub keeps the state from before f1 got its register, for a load that faults. */
	i = fp_target(t, in->r1);
	stub->rv = (uint8_t)i;
	tr_mem_op(t, rep_prefix(rep), 0, 0x0f10, i, &m, 0, false);
	stub->back = t->b.p;
	fp_set(t, i, in->r1, rep, true, false);
	tr_base_update(t, in, by_reg, by_imm);
}

/* The entry of the ALAT for the load of FR f. */
static int32_t alat_entry(unsigned int f)
{
	return OFF(alat) + (int32_t)sizeof(struct ia64_alat_entry) * (int32_t)IA64_ALAT_INDEX(f);
}

#define ENTRY(field) ((int32_t)offsetof(struct ia64_alat_entry, field))

/* ldf.a: the load, and its entry. What is not plain cached memory is the interpreter's. */
static void tr_fp_load_advanced(struct tr *t, const struct ia64_insn *in, enum fp_rep rep)
{
	unsigned int ra = tr_use(t, in->r3), size = rep == REP_S ? 4 : 8, i;
	struct mem_ref m = tr_address(t, ra, size, false, STUB_INTERP);
	int32_t entry = alat_entry(in->r1);
	struct x86_buf *b = &t->b;

	i = fp_target(t, in->r1);
	tr_mem_op(t, 0, 1, 0x8d, RCX, &m, 0, false);
	x86_load(b, size == 8, RAX, RCX, 0);
	mov_xr(b, 1, i, RAX);
	x86_store(b, 1, RBP, entry + ENTRY(at), RCX);
	x86_store(b, 1, RBP, entry + ENTRY(value), RAX);
	x86_mov_mi(b, 0, RBP, entry + ENTRY(key), (int32_t)IA64_ALAT_KEY(1, in->r1, size));
	x86_mov8_mi(b, RBP, OFF(alat_used), 1);
	fp_set(t, i, in->r1, rep, true, false);
	tr_base_update(t, in, in->op == OP_LDFX_R, in->op == OP_LDFX_I);
}

/*
 * ldf.c: as long as memory holds what was loaded the register does; else the interpreter does it.
 */
static void tr_fp_load_check(struct tr *t, const struct ia64_insn *in, enum fp_rep rep)
{
	unsigned int size = rep == REP_S ? 4 : 8;
	int32_t entry = alat_entry(in->r1);
	struct x86_buf *b = &t->b;

	x86_alu_mi(b, 0, X86_CMP, RBP, entry + ENTRY(key),
		   (int32_t)IA64_ALAT_KEY(1, in->r1, size));
	fp_exit_if(t, CC_NE);
	x86_load(b, 1, RCX, RBP, entry + ENTRY(at));
	x86_load(b, size == 8, RCX, RCX, 0);
	x86_alu_rm(b, 1, X86_CMP, RCX, RBP, entry + ENTRY(value));
	fp_exit_if(t, CC_NE);
	if (in->x == LD_C_CLR)
		x86_mov_mi(b, 0, RBP, entry + ENTRY(key), 0);
	fp_modified(t, in->r1);
	tr_base_update(t, in, in->op == OP_LDFX_R, in->op == OP_LDFX_I);
}

static void tr_fp_load_pair(struct tr *t, const struct ia64_insn *in, enum fp_rep rep, bool by_imm)
{
	unsigned int ra = tr_use(t, in->r3), size = rep == REP_S ? 4 : 8, i, j;
	struct mem_ref m = tr_address(t, ra, 2 * size, false, STUB_INTERP);

	i = fp_target(t, in->r1);
	tr_mem_op(t, rep_prefix(rep), 0, 0x0f10, i, &m, 0, false);
	fp_set(t, i, in->r1, rep, true, false);
	j = fp_target(t, in->r2);
	tr_mem_op(t, rep_prefix(rep), 0, 0x0f10, j, &m, (int32_t)size, false);
	fp_set(t, j, in->r2, rep, true, false);
	tr_base_update(t, in, false, by_imm);
}

static void tr_fp_store(struct tr *t, const struct ia64_insn *in, enum fp_rep rep, bool by_imm)
{
	unsigned int ra = tr_use(t, in->r3), i = fp_use(t, in->r2, rep);
	struct mem_ref m = tr_address(t, ra, rep == REP_S ? 4 : 8, true, STUB_FP_STORE);

	m.stub->rv = (uint8_t)i;
	tr_mem_op(t, rep_prefix(rep), 0, 0x0f11, i, &m, 0, false);
	m.stub->back = t->b.p;
	tr_base_update(t, in, false, by_imm);
}

static void tr_fill(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int ra = tr_use(t, in->r3);
	struct mem_ref m = tr_address(t, ra, 16, false, STUB_INTERP);

	fp_forget_fr(t, in->r1);
	tr_mem_op(t, 0, 1, 0x8b, RAX, &m, 0, false);
	x86_store(b, 1, RBP, OFF_FR_SIG(in->r1), RAX);
	tr_mem_op(t, 0, 0, 0x8b, RAX, &m, 8, false);
	x86_alu_ri(b, 0, X86_AND, RAX, 0x3ffff);
	x86_store(b, 1, RBP, OFF_FR_SE(in->r1), RAX);
	x86_mov8_mi(b, RBP, OFF_TAG(in->r1), REP_HOME);
	fp_modified(t, in->r1);
	tr_base_update(t, in, in->op == OP_LDF_FILL_R, in->op == OP_LDF_FILL_I);
}

static void tr_spill(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int ra = tr_use(t, in->r3), f = in->r2;
	int i = f < 2 ? -1 : fp_where(&t->s.fp, f);
	uint8_t *from;
	struct mem_ref m;

	if (i >= 0)
		fp_clean(t, (unsigned int)i);
	if (i >= 0 && t->s.fp.rep[i] == REP_D) {
		mov_rx(b, 1, RAX, (unsigned int)i);
		check_normal(t);
		from = x86_jcc(b, CC_AE);
		x86_mov_rr(b, RCX, RAX);
		x86_shift_ri(b, 1, X86_SHR, RCX, 63);
		x86_shift_ri(b, 0, X86_SHL, RCX, 17);
		x86_rmx(b, 0, 0, 0x8d, RDX, RDX, RCX, 0, 0xfc00, false);
		x86_store(b, 1, RBP, OFF_FR_SE(f), RDX);
		x86_shift_ri(b, 1, X86_SHL, RAX, 11);
		x86_bytes(b, "\x48\x0f\xba\xe8\x3f", 5); /* bts rax, 63 */
		x86_store(b, 1, RBP, OFF_FR_SIG(f), RAX);
		x86_mov8_mi(b, RBP, OFF_TAG(f), REP_HOME);
		fp_call_stub(t, from, t->jit->fp->want, f | REP_HOME << 8, b->p);
	} else if (f >= 2) {
		x86_cmp8_mi(b, RBP, OFF_TAG(f), REP_HOME);
		from = x86_jcc(b, CC_NE);
		fp_call_stub(t, from, t->jit->fp->want, f | REP_HOME << 8, b->p);
	}
	if (i >= 0)
		fp_set_dirty(t, (unsigned int)i);
	m = tr_address(t, ra, 16, true, STUB_INTERP);
	x86_rm(b, 0, 0x0f10, 0, RBP, OFF_FR_SIG(f)); /* movups */
	tr_mem_op(t, 0, 0, 0x0f11, 0, &m, 0, false);
	tr_base_update(t, in, false, in->op == OP_STF_SPILL_I);
}

static void tr_setf(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int r = tr_use(t, in->r2), i;

	i = fp_target(t, in->r1);
	mov_xr(b, in->op != OP_SETF_S, i, r);
	fp_set(t, i, in->r1, in->op == OP_SETF_S ? REP_S : in->op == OP_SETF_SIG ? REP_SIG : REP_D,
	       in->op != OP_SETF_SIG, false);
}

/*
 * rax: the sign and exponent, or the significand, of the double there. What is not normal leaves.
 */
static void part_of_double(struct tr *t, bool exponent)
{
	struct x86_buf *b = &t->b;

	check_normal(t);
	fp_exit_if(t, CC_AE);
	if (exponent) {
		x86_shift_ri(b, 1, X86_SHR, RAX, 63);
		x86_shift_ri(b, 0, X86_SHL, RAX, 17);
		x86_rmx(b, 0, 0, 0x8d, RAX, RDX, RAX, 0, 0xfc00, false);
	} else {
		x86_shift_ri(b, 1, X86_SHL, RAX, 11);
		x86_bytes(b, "\x48\x0f\xba\xe8\x3f", 5); /* bts rax, 63 */
	}
}

/* getf.sig, getf.exp of what the trace does not know: a double in its home, or anything else. */
static void tr_getf_unknown(struct tr *t, const struct ia64_insn *in)
{
	bool exponent = in->op == OP_GETF_EXP;
	struct x86_buf *b = &t->b;
	uint8_t *home, *done;

	x86_load(b, 1, RAX, RBP, OFF_FR_SIG(in->r2));
	x86_cmp8_mi(b, RBP, OFF_TAG(in->r2), REP_HOME);
	home = x86_jcc(b, CC_E);
	x86_cmp8_mi(b, RBP, OFF_TAG(in->r2), REP_D);
	fp_exit_if(t, CC_NE);
	part_of_double(t, exponent);
	done = x86_jmp(b);
	x86_patch(b, home, b->p);
	fp_check_natval(t, in->r2);
	if (exponent)
		x86_load(b, 0, RAX, RBP, OFF_FR_SE(in->r2));
	x86_patch(b, done, b->p);
	x86_mov_rr(b, tr_def(t, in->r1), RAX);
}

static void tr_getf(struct tr *t, const struct ia64_insn *in)
{
	bool part = in->op == OP_GETF_EXP || in->op == OP_GETF_SIG;
	struct x86_buf *b = &t->b;
	unsigned int rep, i, d;

	if (t->fp_kind[t->k] == EXTENDED && part) {
		fp_getf_home(t, in);
		return;
	}
	if ((t->fp_kind[t->k] == UNKNOWN || t->fp_kind[t->k] == REP_D) && part && in->r2 >= 2 &&
	    fp_rep_of(t, in->r2) == REP_HOME) {
		tr_getf_unknown(t, in);
		return;
	}
	switch (in->op) {
	case OP_GETF_S:
		rep = REP_S;
		break;
	case OP_GETF_SIG:
		rep = fp_rep_of(t, in->r2);
		if (rep == REP_HOME)
			rep = t->fp_kind[t->k] == REP_SIG ? REP_SIG : REP_D;
		else if (rep != REP_D)
			rep = REP_SIG;
		break;
	default:
		rep = REP_D;
		break;
	}
	i = fp_use(t, in->r2, rep);
	if (in->op == OP_GETF_EXP || (in->op == OP_GETF_SIG && rep == REP_D)) {
		mov_rx(b, 1, RAX, i);
		part_of_double(t, in->op == OP_GETF_EXP);
		x86_mov_rr(b, tr_def(t, in->r1), RAX);
		return;
	}
	d = tr_def(t, in->r1);
	mov_rx(b, rep != REP_S, d, i);
}

static void tr_merge(struct tr *t, const struct ia64_insn *in)
{
	struct jit_fp *fp = t->jit->fp;
	struct x86_buf *b = &t->b;
	bool negate = in->op == OP_FMERGE_NS, single, nan, normal;
	unsigned int rep = fp_rep_of(t, in->r3), s, i;

	if (in->r2 == in->r3 && !negate) {
		s = fp_use(t, in->r3, rep == REP_HOME ? REP_D : rep);
	} else {
		if (rep != REP_S)
			rep = REP_D;
		s = fp_use(t, in->r3, rep);
	}
	if (rep == REP_HOME)
		rep = REP_D;
	single = rep == REP_S;
	nan = fp_may_be_nan(t, s);
	normal = s < FIRST_XMM || (t->s.fp.normal >> s & 1);
	if (in->r2 == in->r3) {
		i = fp_target(t, in->r1);
		if (negate)
			vex_constant(b, P_NONE, 0x57, i, s, single ? fp->sign_s : fp->sign_d);
		else
			mov_xx(b, i, s);
	} else if (in->r2 == 0) {
		i = fp_target(t, in->r1);
		if (negate)
			vex_constant(b, P_NONE, 0x56, i, s, single ? fp->sign_s : fp->sign_d);
		else
			vex_constant(b, P_NONE, 0x54, i, s,
				     single ? fp->magnitude_s : fp->magnitude_d);
	} else {
		/* f0 and f1 share no scratch register. */
		unsigned int sign = fp_use(t, in->r2, rep);

		i = fp_target(t, in->r1);
		vex_constant(b, P_NONE, 0x54, 0, sign, single ? fp->sign_s : fp->sign_d);
		if (negate)
			vex_constant(b, P_NONE, 0x57, 0, 0, single ? fp->sign_s : fp->sign_d);
		vex_constant(b, P_NONE, 0x54, i, s, single ? fp->magnitude_s : fp->magnitude_d);
		vex(b, P_NONE, MAP_0F, 0, 0x56, i, i, 0);
	}
	fp_set(t, i, in->r1, rep, nan, normal);
}

/* ---- integers ---- */

static void tr_xma(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int x, y, z, i;

	/* All are asked for before any is moved: the asking changes rax. */
	x = fp_use(t, in->r3, REP_SIG);
	y = fp_use(t, in->r4, REP_SIG);
	z = in->r2 ? fp_use(t, in->r2, REP_SIG) : x;
	mov_rx(b, 1, RAX, x);
	mov_rx(b, 1, RDX, y);
	if (in->r2)
		mov_rx(b, 1, RCX, z);
	if (in->op == OP_XMA_L) {
		x86_rr(b, 1, 0x0faf, RAX, RDX);
		if (in->r2)
			x86_alu_rr(b, 1, X86_ADD, RAX, RCX);
	} else {
		x86_opcode(b, 0, 1, 0, 0, RDX, 0xf7, false); /* imul rdx, mul rdx */
		x86_1(b, 0xc0 | (in->op == OP_XMA_H ? 5 : 4) << 3 | RDX);
		if (in->r2) {
			x86_alu_rr(b, 1, X86_ADD, RAX, RCX);
			x86_alu_ri(b, 1, X86_ADC, RDX, 0);
		}
		x86_mov_rr(b, RAX, RDX);
	}
	i = fp_target(t, in->r1);
	mov_xr(b, 1, i, RAX);
	fp_set(t, i, in->r1, REP_SIG, false, true);
}

static void tr_logic(struct tr *t, const struct ia64_insn *in)
{
	unsigned int x = fp_use(t, in->r2, REP_SIG), y = fp_use(t, in->r3, REP_SIG);
	unsigned int i = fp_target(t, in->r1);
	unsigned int opc = in->op == OP_FAND ? 0xdb : in->op == OP_FANDCM ? 0xdf :
			   in->op == OP_FOR ? 0xeb : 0xef;

	if (in->op == OP_FANDCM)
		vex(&t->b, P_66, MAP_0F, 0, opc, i, y, x);
	else
		vex(&t->b, P_66, MAP_0F, 0, opc, i, x, y);
	fp_set(t, i, in->r1, REP_SIG, false, true);
}

/* Leaves to the interpreter if a flag of status field sf is not set yet. */
static void check_flag(struct tr *t, unsigned int sf, uint32_t flag)
{
	unsigned int bit = ia64_sf_shift(sf) + IA64_SF_FLAGS_SHIFT;

	bit += (unsigned int)__builtin_ctz(flag);

	test_mi(&t->b, OFF_FPSR + (bit >= 32 ? 4 : 0), 1u << bit % 32);
	fp_exit_if(t, CC_E);
}

/* An operation of status field sf may be inexact: only sf0's flag is the host's business. */
static void arithmetic(struct tr *t, unsigned int sf)
{
	fp_ready(t);
	if (sf)
		check_flag(t, sf, IA64_FP_I);
}

static void tr_to_integer(struct tr *t, const struct ia64_insn *in)
{
	bool trunc = in->op == OP_FCVT_FX_TRUNC || in->op == OP_FCVT_FXU_TRUNC;
	struct x86_buf *b = &t->b;
	unsigned int s, i;

	arithmetic(t, in->x);
	s = fp_use(t, in->r2, REP_D);
	fp_trap_site(t);
	vex(b, P_F2, MAP_0F, 1, trunc ? 0x2c : 0x2d, RAX, 0, s);
	if (in->op == OP_FCVT_FXU || in->op == OP_FCVT_FXU_TRUNC) {
		x86_test_rr(b, 1, RAX, RAX);
		fp_exit_if(t, CC_S);
	}
	i = fp_target(t, in->r1);
	mov_xr(b, 1, i, RAX);
	fp_set(t, i, in->r1, REP_SIG, false, true);
}

static void tr_from_integer(struct tr *t, const struct ia64_insn *in)
{
	unsigned int s = fp_use(t, in->r2, REP_SIG), i = fp_target(t, in->r1);

	mov_xx(&t->b, i, s);
	fp_set(t, i, in->r1, REP_INT, false, true);
}

/* ---- arithmetic ---- */

static unsigned int scalar(enum fp_rep rep)
{
	return rep == REP_S ? P_F3 : P_F2;
}

/* Two operands of the result in i may be NaNs: which of them it is the interpreter knows. */
static void check_nan(struct tr *t, unsigned int i, enum fp_rep rep)
{
	vex(&t->b, rep == REP_S ? P_NONE : P_66, MAP_0F, 0, 0x2e, i, 0, i);
	fp_exit_if(t, CC_P);
}

/* fnorm, and all that is converted by it. */
static void tr_norm(struct tr *t, const struct ia64_insn *in, enum fp_rep rep)
{
	unsigned int f = fp_norm_source(in), held = fp_rep_of(t, f), s, i;
	struct x86_buf *b = &t->b;
	bool nan;

	if (f < 2)
		held = rep;
	if (held == REP_SIG || held == REP_INT || held == REP_UINT) {
		s = fp_use(t, f, (enum fp_rep)held);
		if (held == REP_SIG)
			check_flag(t, in->x, IA64_FP_D);
		i = fp_target(t, in->r1);
		if (rep == REP_HOME) {
			mov_xx(b, i, s);
			fp_set(t, i, in->r1, REP_UINT, false, true);
			return;
		}
		mov_rx(b, 1, RAX, s);
		if (held != REP_INT) {
			x86_test_rr(b, 1, RAX, RAX);
			fp_exit_if(t, CC_S);
		}
		vex(b, P_NONE, MAP_0F, 0, 0x57, 0, 0, 0);
		fp_trap_site(t);
		vex(b, scalar(rep), MAP_0F, 1, 0x2a, i, 0, RAX);
		fp_set(t, i, in->r1, rep, false, true);
		return;
	}
	if (rep == REP_HOME) { /* of what is not the integer that it was to be */
		tr_exit_interp(t, x86_jmp(b));
		fp_set(t, fp_target(t, in->r1), in->r1, REP_UINT, false, true);
		return;
	}
	if (rep == REP_S && held != REP_S) {
		s = fp_use(t, f, REP_D);
		nan = fp_may_be_nan(t, s);
		i = nan ? fp_fresh(t) : fp_target(t, in->r1);
		fp_trap_site(t);
		vex(b, P_F2, MAP_0F, 0, 0x5a, i, s, s);
		if (nan)
			check_nan(t, i, REP_S);
		fp_set(t, i, in->r1, rep, false, true);
		return;
	}
	s = fp_use(t, f, rep);
	nan = fp_may_be_nan(t, s);
	i = fp_target(t, in->r1);
	if (s < FIRST_XMM || (t->s.fp.normal >> s & 1)) {
		mov_xx(b, i, s);
	} else {
		fp_trap_site(t);
		vex_constant(b, scalar(rep), 0x59, i, s,
			     rep == REP_S ? t->jit->fp->one_s : t->jit->fp->one_d);
	}
	fp_set(t, i, in->r1, rep, nan, true);
}

static void tr_fma(struct tr *t, const struct ia64_insn *in)
{
	enum fp_rep rep = fp_format(t, in);
	unsigned int pp = scalar(rep), x, y, z, i, f;
	struct x86_buf *b = &t->b;
	bool check = false, nan;

	arithmetic(t, in->x);
	if (fp_is_norm(in)) {
		tr_norm(t, in, rep);
		return;
	}
	/* The first NaN of f4, f2, f3 is the result; of two, the host takes the first operand. */
	if (in->r2 && (in->r4 == 1 || in->r3 == 1)) {
		f = in->r4 == 1 ? in->r3 : in->r4;
		x = fp_use(t, f, rep);
		z = fp_use(t, in->r2, rep);
		nan = fp_may_be_nan(t, x) || fp_may_be_nan(t, z);
		if (fp_may_be_nan(t, x) && fp_may_be_nan(t, z) && f != in->r2)
			check = in->op == OP_FMS ? in->r4 == 1 : in->op == OP_FNMA && in->r4 != 1;
		i = check ? fp_fresh(t) : fp_target(t, in->r1);
		fp_trap_site(t);
		if (in->op == OP_FMA)
			vex(b, pp, MAP_0F, 0, 0x58, i, in->r4 == 1 ? z : x, in->r4 == 1 ? x : z);
		else if (in->op == OP_FMS)
			vex(b, pp, MAP_0F, 0, 0x5c, i, x, z);
		else
			vex(b, pp, MAP_0F, 0, 0x5c, i, z, x);
	} else if (!in->r2) {
		x = fp_use(t, in->r3, rep);
		y = fp_use(t, in->r4, rep);
		nan = fp_may_be_nan(t, x) || fp_may_be_nan(t, y);
		check = in->op == OP_FNMA && nan;
		i = check ? fp_fresh(t) : fp_target(t, in->r1);
		if (in->op == OP_FNMA) {
			vex_constant(b, P_NONE, 0x57, 0, x, rep == REP_S ? t->jit->fp->sign_s :
									   t->jit->fp->sign_d);
			x = 0;
		}
		fp_trap_site(t);
		vex(b, pp, MAP_0F, 0, 0x59, i, y, x);
	} else {
		unsigned int opc = in->op == OP_FMA ? 0xb9 : in->op == OP_FMS ? 0xbb : 0xbd;

		x = fp_use(t, in->r3, rep);
		y = fp_use(t, in->r4, rep);
		z = fp_use(t, in->r2, rep);
		nan = fp_may_be_nan(t, x) || fp_may_be_nan(t, y) || fp_may_be_nan(t, z);
		check = fp_may_be_nan(t, x) + fp_may_be_nan(t, y) + fp_may_be_nan(t, z) > 1;
		if (!check && fp_where(&t->s.fp, in->r1) == (int)z && x != z && y != z) {
			i = z;
		} else {
			i = fp_fresh(t);
			mov_xx(b, i, z);
		}
		fp_trap_site(t);
		vex(b, P_66, MAP_0F38, rep == REP_D, opc, i, x, y);
	}
	if (check)
		check_nan(t, i, rep);
	fp_set(t, i, in->r1, rep, nan && !check, true);
}

/* Two singles at once; the upper half of xmm registers is 0, which raises no exceptions. */
static void tr_parallel_fma(struct tr *t, const struct ia64_insn *in)
{
	unsigned int opc = in->op == OP_FPMA ? 0xb8 : in->op == OP_FPMS ? 0xba : 0xbc, x, y, z, i;
	struct x86_buf *b = &t->b;

	arithmetic(t, in->x);
	x = fp_use(t, in->r3, REP_SIG);
	y = fp_use(t, in->r4, REP_SIG);
	if (in->r2) {
		z = fp_use(t, in->r2, REP_SIG);
		i = fp_fresh(t);
		mov_xx(b, i, z);
		fp_trap_site(t);
		vex(b, P_66, MAP_0F38, 0, opc, i, x, y);
	} else {
		i = fp_fresh(t);
		if (in->op == OP_FPNMA) {
			vex_constant(b, P_NONE, 0x57, 0, x, t->jit->fp->sign_s);
			x = 0;
		}
		fp_trap_site(t);
		vex(b, P_NONE, MAP_0F, 0, 0x59, i, x, y);
	}
	/* Which of several NaNs, and its sign, the interpreter knows. */
	vex(b, P_NONE, MAP_0F, 0, 0xc2, 0, i, i); /* vcmpps, unordered */
	x86_1(b, 3);
	vex(b, P_NONE, MAP_0F, 0, 0x50, RAX, 0, 0); /* vmovmskps */
	x86_test_rr(b, 0, RAX, RAX);
	fp_exit_if(t, CC_NE);
	fp_set(t, i, in->r1, REP_SIG, false, true);
}

static void tr_minmax(struct tr *t, const struct ia64_insn *in)
{
	unsigned int x, y, i;

	fp_ready(t);
	x = fp_use(t, in->r2, REP_D);
	y = fp_use(t, in->r3, REP_D);
	i = fp_target(t, in->r1);
	fp_trap_site(t);
	/* The second unless the comparison holds; any NaN is invalid: as min and max here. */
	vex(&t->b, P_F2, MAP_0F, 0, in->op == OP_FMIN ? 0x5d : 0x5f, i, x, y);
	fp_set(t, i, in->r1, REP_D, false, true);
}

static void set_predicate(struct tr *t, unsigned int cc, unsigned int p)
{
	if (p)
		x86_setcc_m(&t->b, (enum x86_cond)cc, RBP, OFF_PR(p));
}

static void tr_fcmp(struct tr *t, const struct ia64_insn *in)
{
	unsigned int p1 = tr_real_pr(in->r1), p2 = tr_real_pr(in->r4), x, y;
	bool single = fp_rep_of(t, in->r2) == REP_S &&
		      (fp_rep_of(t, in->r3) == REP_S || in->r3 < 2);
	enum fp_rep rep = single || (in->r2 < 2 && fp_rep_of(t, in->r3) == REP_S) ? REP_S : REP_D;
	unsigned int pp = rep == REP_S ? P_NONE : P_66;
	struct x86_buf *b = &t->b;

	fp_ready(t);
	x = fp_use(t, in->r2, rep);
	y = fp_use(t, in->r3, rep);
	fp_trap_site(t);
	switch (in->op) {
	case OP_FCMP_LT:
	case OP_FCMP_LE:
		vex(b, pp, MAP_0F, 0, 0x2f, y, 0, x); /* vcomis: a NaN is invalid */
		set_predicate(t, in->op == OP_FCMP_LT ? CC_A : CC_AE, p1);
		set_predicate(t, in->op == OP_FCMP_LT ? CC_BE : CC_B, p2);
		break;
	case OP_FCMP_UNORD:
		vex(b, pp, MAP_0F, 0, 0x2e, x, 0, y);
		set_predicate(t, CC_P, p1);
		set_predicate(t, CC_NP, p2);
		break;
	default:
		vex(b, pp, MAP_0F, 0, 0x2e, x, 0, y);
		if (!fp_may_be_nan(t, x) && !fp_may_be_nan(t, y)) {
			set_predicate(t, CC_E, p1);
			set_predicate(t, CC_NE, p2);
			break;
		}
		x86_rr(b, 0, 0x0f90 | CC_E, 0, RAX);
		x86_rr(b, 0, 0x0f90 | CC_NP, 0, RCX);
		x86_alu_rr(b, 0, X86_AND, RAX, RCX);
		x86_rr(b, 0, 0x0fb6, RAX, RAX);
		x86_test_rr(b, 0, RAX, RAX);
		set_predicate(t, CC_NE, p1);
		set_predicate(t, CC_E, p2);
		break;
	}
	tr_predicates_written(t, in->r1, in->r4);
}

static void tr_fclass(struct tr *t, const struct ia64_insn *in)
{
	unsigned int p1 = tr_real_pr(in->r1), p2 = tr_real_pr(in->r4), mask = (unsigned int)in->imm;
	unsigned int i = fp_use(t, in->r2, REP_D);
	unsigned int signs = mask & (IA64_FCLASS_POS | IA64_FCLASS_NEG);
	bool norm = (mask & IA64_FCLASS_NORM) && signs;
	struct x86_buf *b = &t->b;
	struct stub *stub;

	mov_rx(b, 1, RAX, i);
	check_normal(t);
	stub = tr_new_stub(t, STUB_FP, x86_jcc(b, CC_AE));
	stub->target = (uint64_t)(uintptr_t)t->jit->fp->classify;
	stub->access = mask;
	stub->decrement = true;
	stub->ra = (uint8_t)p1;
	stub->rv = (uint8_t)p2;
	if (!norm || signs == (IA64_FCLASS_POS | IA64_FCLASS_NEG)) {
		if (p1)
			x86_mov8_mi(b, RBP, OFF_PR(p1), norm);
		if (p2)
			x86_mov8_mi(b, RBP, OFF_PR(p2), !norm);
	} else {
		x86_test_rr(b, 1, RAX, RAX);
		set_predicate(t, signs == IA64_FCLASS_NEG ? CC_S : CC_NS, p1);
		set_predicate(t, signs == IA64_FCLASS_NEG ? CC_NS : CC_S, p2);
	}
	stub->back = b->p;
	tr_predicates_written(t, in->r1, in->r4);
}

/* ---- sequences ---- */

static void begin_division(struct tr *t, const struct fp_recipe *recipe)
{
	bool sign = recipe->kind == SEQ_DIV_INT;
	struct x86_buf *b = &t->b;
	unsigned int x, y;

	x = fp_use(t, recipe->a, sign ? REP_INT : REP_UINT);
	y = fp_use(t, recipe->b, sign ? REP_INT : REP_UINT);
	mov_rx(b, 1, RCX, y);
	mov_rx(b, 1, RAX, x);
	x86_test_rr(b, 1, RCX, RCX);
	fp_exit_if(t, CC_E);
	x86_test_rr(b, 1, RAX, RAX);
	fp_exit_if(t, CC_E);
	if (sign) {
		x86_alu_ri(b, 1, X86_CMP, RCX, -1); /* -2^63 / -1 is too large */
		fp_exit_if(t, CC_E);
		x86_bytes(b, "\x48\x99", 2); /* cqo */
	} else {
		x86_mov_imm(b, RDX, 0);
	}
	x86_bytes(b, sign ? "\x48\xf7\xf9" : "\x48\xf7\xf1", 3); /* idiv rcx, div rcx */
}

/* frcpa or frsqrta that begins sequence n: the result is computed here, and kept for the end. */
static void begin_sequence(struct tr *t, unsigned int n)
{
	const struct fp_recipe *recipe = t->seq[n];
	bool root = recipe->kind == SEQ_SQRT_D || recipe->kind == SEQ_SQRT_S;
	enum fp_rep rep = recipe->kind == SEQ_DIV_S || recipe->kind == SEQ_SQRT_S ? REP_S : REP_D;
	unsigned int p2 = recipe->insn[0].r4, x, y;
	struct x86_buf *b = &t->b;

	fp_ready(t);
	check_flag(t, 1, IA64_FP_I);
	if (recipe->kind == SEQ_DIV_INT || recipe->kind == SEQ_DIV_UINT) {
		begin_division(t, recipe);
		x86_store(b, 1, RBP, OFF_NOW(n, q), RAX);
		rep = recipe->kind == SEQ_DIV_INT ? REP_INT : REP_UINT;
		x = fp_use(t, recipe->a, rep);
		y = fp_use(t, recipe->b, rep);
	} else {
		y = fp_use(t, recipe->b, rep);
		x = root ? y : fp_use(t, recipe->a, rep);
		fp_trap_site(t);
		vex(b, scalar(rep), MAP_0F, 0, root ? 0x51 : 0x5e, 0, x, y);
		/* A normal result has normal operands. */
		mov_rx(b, rep == REP_D, RAX, 0);
		if (rep == REP_D) {
			check_normal(t);
		} else {
			x86_shift_ri(b, 0, X86_SHR, RAX, 23);
			x86_rr(b, 0, 0x0fb6, RAX, RAX);
			x86_alu_ri(b, 0, X86_SUB, RAX, 1);
			x86_alu_ri(b, 0, X86_CMP, RAX, 0xfe);
		}
		fp_exit_if(t, CC_AE);
		store_x(b, rep, 0, OFF_NOW(n, q));
	}
	store_x(b, rep, x, OFF_NOW(n, a));
	store_x(b, rep, y, OFF_NOW(n, b));
	tr_flush_predicates(t);
	t->s.pr[p2] = PR_KNOWN | PR_STALE | 1;
}

/* Who wants the values in between finds them by the recipe. */
static void leave_recipe(struct tr *t, const struct fp_recipe *recipe, unsigned int n)
{
	unsigned int i, slot = recipe->slot, last = recipe->insn[recipe->n - 1].r1;
	struct x86_buf *b = &t->b;
	uint8_t *from;

	x86_mov_imm(b, RAX, (uint64_t)(uintptr_t)recipe);
	x86_alu_rm(b, 1, X86_CMP, RAX, RBP, OFF_DONE(slot, recipe));
	from = x86_jcc(b, CC_NE);
	fp_call_stub(t, from, t->jit->fp->retire, slot, b->p);
	x86_mov_imm(b, RAX, (uint64_t)(uintptr_t)recipe);
	x86_store(b, 1, RBP, OFF_DONE(slot, recipe), RAX);
	x86_load(b, 1, RAX, RBP, OFF_NOW(n, a));
	x86_store(b, 1, RBP, OFF_DONE(slot, a), RAX);
	x86_load(b, 1, RAX, RBP, OFF_NOW(n, b));
	x86_store(b, 1, RBP, OFF_DONE(slot, b), RAX);
	for (i = 0; i < recipe->n; i++)
		if (recipe->insn[i].r1 != last)
			x86_mov8_mi(b, RBP, OFF_TAG(recipe->insn[i].r1), REP_DONE + slot);
	x86_mov8_mi(b, RBP, OFF(jit_fp.any), 1);
}

static void tr_sequence(struct tr *t, unsigned int n)
{
	const struct fp_recipe *recipe = t->seq[n];
	enum fp_rep rep = fp_sequence_rep(recipe->kind);
	unsigned int i;

	if (t->k == recipe->k[0])
		begin_sequence(t, n);
	if (t->k != recipe->k[recipe->n - 1]) {
		fp_forget_fr(t, recipe->insn[t->s.fp.done[n]].r1);
		fp_modified(t, recipe->insn[t->s.fp.done[n]].r1);
		t->s.fp.done[n]++;
		return;
	}
	leave_recipe(t, recipe, n);
	t->s.fp.done[n] = 0;
	i = fp_target(t, t->rec->insn[t->k].in.r1);
	load_x(&t->b, rep, i, OFF_NOW(n, q));
	fp_set(t, i, t->rec->insn[t->k].in.r1, rep, false, true);
}

bool fp_translate(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	bool by_reg = in->op >= OP_LDFS_R && in->op <= OP_LDFX_R;
	bool by_imm = (in->op >= OP_LDFS_I && in->op <= OP_LDFX_I) || in->op == OP_STFS_I ||
		      in->op == OP_STFD_I || in->op == OP_STF8_I || in->op == OP_LDFPS_I ||
		      in->op == OP_LDFPD_I || in->op == OP_LDFP8_I;

	t->fp_locked = 0;
	if ((t->jit->ctx_key[i->ctx] & JIT_CTX_ROTATES) && (in->flags & INSN_FP_HIGH)) {
		fp_rotating(t, in);
		return true;
	}
	if (t->seq_of[t->k]) {
		tr_sequence(t, t->seq_of[t->k] - 1);
		return true;
	}
	switch (in->op) {
	case OP_LDFS: case OP_LDFS_R: case OP_LDFS_I:
		tr_fp_load(t, in, REP_S, by_reg, by_imm);
		break;
	case OP_LDFD: case OP_LDFD_R: case OP_LDFD_I:
		tr_fp_load(t, in, REP_D, by_reg, by_imm);
		break;
	case OP_LDF8: case OP_LDF8_R: case OP_LDF8_I:
		tr_fp_load(t, in, REP_SIG, by_reg, by_imm);
		break;
	case OP_LDFX: case OP_LDFX_R: case OP_LDFX_I:
		if (in->x == LD_A)
			tr_fp_load_advanced(t, in, fp_memory_rep(in->y));
		else
			tr_fp_load_check(t, in, fp_memory_rep(in->y));
		break;
	case OP_LDFPS: case OP_LDFPS_I:
		tr_fp_load_pair(t, in, REP_S, by_imm);
		break;
	case OP_LDFPD: case OP_LDFPD_I:
		tr_fp_load_pair(t, in, REP_D, by_imm);
		break;
	case OP_LDFP8: case OP_LDFP8_I:
		tr_fp_load_pair(t, in, REP_SIG, by_imm);
		break;
	case OP_STFS: case OP_STFS_I:
		tr_fp_store(t, in, REP_S, by_imm);
		break;
	case OP_STFD: case OP_STFD_I:
		tr_fp_store(t, in, REP_D, by_imm);
		break;
	case OP_STF8: case OP_STF8_I:
		tr_fp_store(t, in, REP_SIG, by_imm);
		break;
	case OP_LDFE: case OP_LDFE_R: case OP_LDFE_I:
		fp_load_extended(t, in);
		break;
	case OP_STFE: case OP_STFE_I:
		fp_store_extended(t, in);
		break;
	case OP_LDF_FILL: case OP_LDF_FILL_R: case OP_LDF_FILL_I:
		tr_fill(t, in);
		break;
	case OP_STF_SPILL: case OP_STF_SPILL_I:
		tr_spill(t, in);
		break;
	case OP_SETF_SIG: case OP_SETF_S: case OP_SETF_D:
		tr_setf(t, in);
		break;
	case OP_SETF_EXP:
		fp_setf_exp(t, in);
		break;
	case OP_GETF_SIG: case OP_GETF_EXP: case OP_GETF_S: case OP_GETF_D:
		tr_getf(t, in);
		break;
	case OP_FMERGE_S: case OP_FMERGE_NS:
		tr_merge(t, in);
		break;
	case OP_XMA_L: case OP_XMA_H: case OP_XMA_HU:
		tr_xma(t, in);
		break;
	case OP_FAND: case OP_FANDCM: case OP_FOR: case OP_FXOR:
		tr_logic(t, in);
		break;
	case OP_FCVT_FX: case OP_FCVT_FXU: case OP_FCVT_FX_TRUNC: case OP_FCVT_FXU_TRUNC:
		tr_to_integer(t, in);
		break;
	case OP_FCVT_XF:
		tr_from_integer(t, in);
		break;
	case OP_FMA: case OP_FMS: case OP_FNMA:
		tr_fma(t, in);
		break;
	case OP_FPMA: case OP_FPMS: case OP_FPNMA:
		tr_parallel_fma(t, in);
		break;
	case OP_FMIN: case OP_FMAX:
		tr_minmax(t, in);
		break;
	case OP_FCMP_EQ: case OP_FCMP_LT: case OP_FCMP_LE: case OP_FCMP_UNORD:
		tr_fcmp(t, in);
		break;
	case OP_FCLASS:
		tr_fclass(t, in);
		break;
	default:
		return false;
	}
	return true;
}
