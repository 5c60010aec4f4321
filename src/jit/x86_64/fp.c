/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating-point instructions. */
#include "jit/x86_64/fp.h"

/* ---- floating-point registers, in their homes ---- */

static bool f_is_low(unsigned int f)
{
	return f < 32;
}

#define OFF_FR_SIG(f) (OFF(fr) + 16 * (int32_t)(f))
#define OFF_FR_SE(f) (OFF_FR_SIG(f) + 8)

/* psr.mfl, psr.mfh: both lie in the low 32 bits. */
static void emit_fp_modified(struct tr *t, const struct ia64_insn *in)
{
	x86_alu_mi(&t->b, 0, X86_OR, RBP, OFF(psr), f_is_low(in->r1) ? PSR_MFL : PSR_MFH);
}

/* The interpreter sees to a NaTVal. */
static void check_natval(struct tr *t, unsigned int f)
{
	if (f < 2)
		return;
	x86_alu_mi(&t->b, 0, X86_CMP, RBP, OFF_FR_SE(f), IA64_FR_EXP_NATVAL);
	tr_exit_interp(t, x86_jcc(&t->b, CC_E));
}

static void tr_xma(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;

	check_natval(t, in->r2);
	check_natval(t, in->r3);
	check_natval(t, in->r4);
	x86_load(b, 1, RAX, RBP, OFF_FR_SIG(in->r3));
	if (in->op == OP_XMA_L) {
		x86_rm(b, 1, 0x0faf, RAX, RBP, OFF_FR_SIG(in->r4));
		if (in->r2)
			x86_alu_rm(b, 1, X86_ADD, RAX, RBP, OFF_FR_SIG(in->r2));
		x86_store(b, 1, RBP, OFF_FR_SIG(in->r1), RAX);
	} else {
		/* imul, mul: rdx:rax = rax * m */
		x86_rm(b, 1, 0xf7, in->op == OP_XMA_H ? 5 : 4, RBP, OFF_FR_SIG(in->r4));
		if (in->r2) {
			x86_alu_rm(b, 1, X86_ADD, RAX, RBP, OFF_FR_SIG(in->r2));
			x86_alu_ri(b, 1, X86_ADC, RDX, 0);
		}
		x86_store(b, 1, RBP, OFF_FR_SIG(in->r1), RDX);
	}
	x86_mov_mi(b, 1, RBP, OFF_FR_SE(in->r1), IA64_FR_EXP_INTEGER);
	emit_fp_modified(t, in);
}

/* ldf8, ldf.fill, stf8, stf.spill: what is not plain cached memory is the interpreter's. */
static void tr_fp_memory(struct tr *t, const struct ia64_insn *in, bool write, bool whole)
{
	unsigned int ra = tr_use(t, in->r3), f = write ? in->r2 : in->r1;
	struct x86_buf *b = &t->b;
	struct mem_ref m;

	if (write && !whole)
		check_natval(t, f);
	m = tr_address(t, ra, whole ? 16 : 8, write, STUB_INTERP);
	if (write) {
		x86_load(b, 1, RAX, RBP, OFF_FR_SIG(f));
		tr_mem_op(t, 0, 1, 0x89, RAX, &m, 0, false);
		if (whole) {
			x86_load(b, 0, RAX, RBP, OFF_FR_SE(f));
			tr_mem_op(t, 0, 1, 0x89, RAX, &m, 8, false);
		}
	} else {
		tr_mem_op(t, 0, 1, 0x8b, RAX, &m, 0, false);
		x86_store(b, 1, RBP, OFF_FR_SIG(f), RAX);
		if (whole) {
			tr_mem_op(t, 0, 0, 0x8b, RAX, &m, 8, false);
			x86_alu_ri(b, 0, X86_AND, RAX, 0x3ffff);
			x86_store(b, 1, RBP, OFF_FR_SE(f), RAX);
		} else {
			x86_mov_mi(b, 1, RBP, OFF_FR_SE(f), IA64_FR_EXP_INTEGER);
		}
		emit_fp_modified(t, in);
	}
	tr_base_update(t, in, false, in->op == OP_LDF_FILL_I || in->op == OP_STF_SPILL_I ||
					       in->op == OP_LDF8_I || in->op == OP_STF8_I);
}

bool fp_supports(uint64_t ctx_key, const struct ia64_insn *in)
{
	return true;
}

bool fp_translate(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	struct x86_buf *b = &t->b;
	unsigned int r;

	switch (in->op) {
	case OP_SETF_SIG:
		r = tr_use(t, in->r2);
		x86_store(b, 1, RBP, OFF_FR_SIG(in->r1), r);
		x86_mov_mi(b, 1, RBP, OFF_FR_SE(in->r1), IA64_FR_EXP_INTEGER);
		emit_fp_modified(t, in);
		return true;
	case OP_GETF_SIG:
		check_natval(t, in->r2);
		r = tr_def(t, in->r1);
		x86_load(b, 1, r, RBP, OFF_FR_SIG(in->r2));
		return true;
	case OP_XMA_L: case OP_XMA_H: case OP_XMA_HU:
		tr_xma(t, in);
		return true;
	case OP_LDF8: case OP_LDF8_I:
		tr_fp_memory(t, in, false, false);
		return true;
	case OP_STF8: case OP_STF8_I:
		tr_fp_memory(t, in, true, false);
		return true;
	case OP_LDF_FILL: case OP_LDF_FILL_I:
		tr_fp_memory(t, in, false, true);
		return true;
	case OP_STF_SPILL: case OP_STF_SPILL_I:
		tr_fp_memory(t, in, true, true);
		return true;
	default:
		return false;
	}
}

/* ---- xmm registers: none are kept yet ---- */

void fp_prepare(struct tr *t, const struct ia64_insn *in)
{
}

void fp_clear(struct fp_snap *fp)
{
	memset(fp->freg, F_NONE, sizeof(fp->freg));
	fp->dirty = 0;
}

void fp_sync(struct tr *t, const struct snap *s)
{
}

void fp_forget(struct tr *t)
{
}

void fp_save(struct tr *t, const struct snap *s)
{
}

void fp_restore(struct tr *t, const struct snap *s)
{
}

void fp_stub_loaded(struct tr *t, const struct stub *s)
{
}

void fp_stub_value(struct tr *t, const struct stub *s)
{
}

void fp_top(const struct fp_snap *end, struct fp_snap *top)
{
	fp_clear(top);
}

void fp_load_top(struct tr *t)
{
}

void fp_loop_end(struct tr *t)
{
}
