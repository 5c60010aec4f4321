/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rotating floating-point registers where the trace does not know how far they have rotated: found
 * in their homes by rrb.fr at run time. Loads and stores of significands alone, which is how
 * memory is copied; other instructions are the interpreter's there.
 */
#include "jit/x86_64/fp_rotating.h"

#include "ia64/fp.h"
#include "jit/x86_64/fp.h"
#include "jit/x86_64/fp_regs.h"
#include "jit/x86_64/vex.h"

#define FIRST 32
#define COUNT 96

bool fp_rotating_supports(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_LDF8: case OP_LDF8_R: case OP_LDF8_I:
		return true;
	case OP_LDFP8: case OP_LDFP8_I:
		return in->x == LD_PLAIN && in->r1 >= FIRST && in->r2 >= FIRST;
	case OP_STF8: case OP_STF8_I:
		return true;
	default:
		return false;
	}
}

/* rax: 16 times the place of FR f among those that rotate. Changes rcx. */
static void locate(struct tr *t, unsigned int f)
{
	unsigned int n = (f - FIRST + COUNT - t->s.rot % COUNT) % COUNT;
	struct x86_buf *b = &t->b;

	x86_rm(b, 0, 0x0fb6, RAX, RBP, OFF_RSE(rrb_fr));
	if (n) {
		x86_alu_ri(b, 0, X86_ADD, RAX, (int32_t)n);
		x86_rm(b, 0, 0x8d, RCX, RAX, -COUNT);
		x86_alu_ri(b, 0, X86_CMP, RAX, COUNT);
		x86_cmov(b, CC_AE, RAX, RCX);
	}
	x86_shift_ri(b, 0, X86_SHL, RAX, 4);
}

/* An operand in memory at rbp + rax + off. */
static void op_home(struct tr *t, unsigned int w, unsigned int opc, unsigned int reg, int32_t off)
{
	x86_rmx(&t->b, 0, w, opc, reg, RBP, RAX, 0, off, false);
}

/* The same with a constant: the operation is in place of the register. */
static void op_home_imm(struct tr *t, unsigned int w, unsigned int opc, unsigned int operation,
			int32_t off, int32_t imm)
{
	op_home(t, w, opc, operation, off);
	x86_imm32(&t->b, imm);
}

/* Half of xmm0 (0x13: the lower, 0x17: the upper) is the significand of FR f now. */
static void set_significand(struct tr *t, unsigned int f, unsigned int half)
{
	locate(t, f);
	op_home(t, 0, 0x0f00 | half, 0, OFF_FR_SIG(FIRST));
	op_home_imm(t, 1, 0xc7, 0, OFF_FR_SE(FIRST), IA64_FR_EXP_INTEGER);
	x86_shift_ri(&t->b, 0, X86_SHR, RAX, 4);
	op_home(t, 0, 0xc6, 0, OFF_TAG(FIRST));
	x86_1(&t->b, REP_HOME);
	fp_modified(t, f);
}

/* rdx: the significand of FR f, if it has been loaded as one. Changes rax, rcx. */
static void get_significand(struct tr *t, unsigned int f)
{
	struct x86_buf *b = &t->b;
	uint8_t *loaded;

	locate(t, f);
	op_home(t, 1, 0x8b, RDX, OFF_FR_SIG(FIRST));
	op_home(t, 0, 0x8b, RCX, OFF_FR_SE(FIRST));
	x86_shift_ri(b, 0, X86_SHR, RAX, 4);
	op_home(t, 0, 0x0fb6, RAX, OFF_TAG(FIRST)); /* movzx */
	/* By a load of a trace that knew where it lies; its exponent is not in its home. */
	x86_alu_ri(b, 0, X86_CMP, RAX, REP_SIG);
	loaded = x86_jcc(b, CC_E);
	x86_alu_ri(b, 0, X86_CMP, RAX, REP_HOME);
	fp_exit_if(t, CC_NE);
	/* Another exponent may be a NaTVal's. */
	x86_alu_ri(b, 0, X86_CMP, RCX, IA64_FR_EXP_INTEGER);
	fp_exit_if(t, CC_NE);
	x86_patch(b, loaded, b->p);
}

/* What xmm registers hold of these registers goes home, under the names of the physical ones. */
static void forget_high(struct tr *t)
{
	unsigned int i;

	for (i = FIRST_XMM; i < NR_XMM; i++) {
		if (t->s.fp.freg[i] == F_NONE || t->s.fp.freg[i] < FIRST)
			continue;
		fp_clean(t, i);
		t->s.fp.freg[i] = F_NONE;
	}
}

void fp_rotating(struct tr *t, const struct ia64_insn *in)
{
	bool store = in->op == OP_STF8 || in->op == OP_STF8_I;
	bool pair = in->op == OP_LDFP8 || in->op == OP_LDFP8_I;
	unsigned int ra;
	struct mem_ref m;

	forget_high(t);
	ra = tr_use(t, in->r3);
	if (store) {
		get_significand(t, in->r2);
		x86_mov_rr(&t->b, RAX, RDX);
		m = tr_address(t, ra, 8, true, STUB_INTERP);
		tr_mem_op(t, 0, 1, 0x89, RAX, &m, 0, false);
	} else {
		m = tr_address(t, ra, pair ? 16 : 8, false, STUB_INTERP);
		tr_mem_op(t, pair ? 0 : 0xf3, 0, pair ? 0x0f10 : 0x0f7e, 0, &m, 0, false);
		set_significand(t, in->r1, 0x13);
		if (pair)
			set_significand(t, in->r2, 0x17);
	}
	tr_base_update(t, in, in->op == OP_LDF8_R,
		       in->op == OP_LDF8_I || in->op == OP_LDFP8_I || in->op == OP_STF8_I);
}
