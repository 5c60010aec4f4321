/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floating-point registers that no format of the host can hold, in their homes: instructions on
 * them in integers, by functions that need no more of the translation than the registers they name,
 * or by moves of their halves.
 */
#include "jit/x86_64/fp_extended.h"

#include "ia64/fp_short.h"
#include "jit/x86_64/fp.h"
#include "jit/x86_64/fp_decide.h"
#include "jit/x86_64/fp_regs.h"
#include "jit/x86_64/fp_seq.h"
#include "jit/x86_64/vex.h"

/* ---- C code: in integers alone, for MXCSR is the trace's ---- */

/* fma and its like: names of FRs, from bit 0 up; and how to compute. */
#define NAME(n, f) ((uint32_t)(f) << 7 * (n))
#define NAMED(names, n) ((names) >> 7 * (n) & 127)
#define HOW(op, sf, pc) ((uint32_t)(op) | (uint32_t)(sf) << 2 | (uint32_t)(pc) << 4)

/* Can no instruction of the status field fault or trap? */
static inline bool quiet(uint64_t fpsr, unsigned int sf)
{
	return (fpsr & IA64_FP_ALL) == IA64_FP_ALL ||
	       (sf && ia64_sf_get(fpsr, sf) & IA64_SF_TD);
}

static inline void settle(struct vcpu *v, unsigned int f)
{
	if (v->jit_fp.tag[f])
		fp_host_settle_one(v, f);
}

/* The value of FR f. A double stays one in its home: host code is likely to want it so again. */
static inline const struct ia64_fr *operand(struct vcpu *v, unsigned int f, struct ia64_fr *copy)
{
	if (!v->jit_fp.tag[f])
		return &v->fr[f];
	if (v->jit_fp.tag[f] == REP_D) {
		*copy = ia64_fr_from_double(v->fr[f].sig);
		return copy;
	}
	fp_host_settle_one(v, f);
	return &v->fr[f];
}

static inline bool is_widest(uint64_t fpsr, unsigned int sf)
{
	const uint32_t controls = IA64_SF_WRE | IA64_SF_PC_EXTENDED << IA64_SF_PC_SHIFT;

	return sf && (ia64_sf_get(fpsr, sf) & 0x7e) == (controls | IA64_SF_TD);
}

/* A result in the form that later instructions want it in, if it can be held so. */
static inline void keep_as(struct vcpu *v, unsigned int f, enum ia64_fp_pc pc)
{
	struct ia64_fr *home = &v->fr[f], val;
	uint64_t bits;

	if (pc == IA64_PC_DYNAMIC)
		return;
	bits = pc == IA64_PC_D ? ia64_fr_to_double(*home) : ia64_fr_to_single(*home);
	val = pc == IA64_PC_D ? ia64_fr_from_double(bits) : ia64_fr_from_single((uint32_t)bits);
	if (val.sig != home->sig || val.se != home->se)
		return;
	home->sig = bits;
	v->jit_fp.tag[f] = pc == IA64_PC_D ? REP_D : REP_S;
}

/* 1: it is for the interpreter. */
static uint32_t fma_alone(struct vcpu *v, uint64_t names, uint32_t how)
{
	unsigned int f1 = NAMED(names, 0), f3 = NAMED(names, 1), f4 = NAMED(names, 2);
	unsigned int f2 = NAMED(names, 3), sf = how >> 2 & 3;
	enum ia64_fp_pc pc = (enum ia64_fp_pc)(how >> 4);
	struct ia64_fr copy[3];

	if (!quiet(v->ar[AR_FPSR], sf))
		return 1;
	ia64_fma_integer(&v->ar[AR_FPSR], sf, pc, (enum ia64_fma_op)(how & 3), &v->fr[f1],
			 operand(v, f3, &copy[0]), operand(v, f4, &copy[1]),
			 f2 ? operand(v, f2, &copy[2]) : NULL);
	v->psr |= f1 < 32 ? PSR_MFL : PSR_MFH;
	v->jit_fp.tag[f1] = REP_HOME;
	v->jit_fp.any = true;
	keep_as(v, f1, pc);
	return 0;
}

/*
 * The same in the widest range, to 64 bits, to nearest, as status field 1 has it by convention:
 * what library functions compute with.
 */
static uint32_t fma_widest_alone(struct vcpu *v, uint64_t names, uint32_t how)
{
	static const struct fp_format widest = { -65534, 65535, 64, 1 };
	unsigned int f1 = NAMED(names, 0), f3 = NAMED(names, 1), f4 = NAMED(names, 2);
	unsigned int f2 = NAMED(names, 3), sf = how >> 2 & 3;
	struct ia64_fr copy[3];

	if (!is_widest(v->ar[AR_FPSR], sf))
		return fma_alone(v, names, how);
	if (!fp_fma_short(&v->ar[AR_FPSR], sf, widest, (enum ia64_fma_op)(how & 3), &v->fr[f1],
			  operand(v, f3, &copy[0]), operand(v, f4, &copy[1]),
			  f2 ? operand(v, f2, &copy[2]) : NULL))
		return fma_alone(v, names, how);
	v->psr |= f1 < 32 ? PSR_MFL : PSR_MFH;
	v->jit_fp.tag[f1] = REP_HOME;
	return 0;
}

/* Any other, by the interpreter's function. */
static uint32_t exec_alone(struct vcpu *v, uint64_t insn)
{
	const struct jit_kept *kept = (const struct jit_kept *)(uintptr_t)insn;
	const struct jit_insn *i = &kept->i;
	unsigned int n, f;

	if ((v->ar[AR_FPSR] & IA64_FP_ALL) != IA64_FP_ALL)
		return 1;
	for (n = 0; n < kept->nfr; n++)
		settle(v, kept->fr[n]);
	v->jit->stats.called[i->in.op]++;
	v->op = &i->op;
	i->op.exec(v, &i->op);
	v->op = NULL;
	/* What is like the result of setf.sig may be taken for one at once. */
	f = kept->fr[kept->nfr - 1];
	if (kept->writes && v->fr[f].se == IA64_FR_EXP_INTEGER) {
		v->jit_fp.tag[f] = REP_SIG;
		v->jit_fp.any = true;
	}
	return 0;
}

/*
 * Code that calls fn(the vCPU, rax, edx) and returns what that does. rcx, rdx and xmm registers
 * change; MXCSR stays as it is.
 */
static uint8_t *emit_call_alone(struct x86_buf *b, const void *fn)
{
	static const uint8_t saved[] = { RSI, RDI, R8, R9, R10, R11 };
	uint8_t *start = b->p;
	unsigned int i;

	for (i = 0; i < sizeof(saved); i++)
		x86_opcode(b, 0, 0, 0, 0, saved[i], 0x50 | (saved[i] & 7), false);
	/* The stack was aligned before the call that led here. */
	x86_alu_ri(b, 1, X86_SUB, RSP, 8);
	tr_vcpu_argument(b);
	x86_mov_rr(b, RSI, RAX);
	x86_call(b, fn);
	x86_alu_ri(b, 1, X86_ADD, RSP, 8);
	for (i = sizeof(saved); i-- > 0;)
		x86_opcode(b, 0, 0, 0, 0, saved[i], 0x58 | (saved[i] & 7), false);
	x86_1(b, 0xc3);
	return start;
}

void fp_extended_init(struct ia64_jit *jit, struct x86_buf *b)
{
	jit->fp->fma_alone = emit_call_alone(b, (const void *)fma_alone);
	jit->fp->fma_widest_alone = emit_call_alone(b, (const void *)fma_widest_alone);
	jit->fp->exec_alone = emit_call_alone(b, (const void *)exec_alone);
}

/* ---- calls ---- */

static bool is_fma(const struct ia64_insn *in)
{
	return in->op == OP_FMA || in->op == OP_FMS || in->op == OP_FNMA;
}

bool fp_called_alone(const struct tr *t, const struct jit_insn *i, struct jit_kept *kept)
{
	const struct ia64_insn *in = &i->in;
	struct fr_names names = fp_names(in);
	uint64_t ctx = t->jit->ctx_key[i->ctx];
	unsigned int n;

	/* C code knows the rotations that memory shows. */
	if (t->s.rot)
		return false;
	switch (in->op) {
	case OP_FMA: case OP_FMS: case OP_FNMA:
	case OP_FCMP_EQ: case OP_FCMP_LT: case OP_FCMP_LE: case OP_FCMP_UNORD: case OP_FCLASS:
	case OP_FMERGE_S: case OP_FMERGE_NS: case OP_FMERGE_SE: case OP_FRCPA: case OP_FRSQRTA:
	case OP_FCVT_FX: case OP_FCVT_FX_TRUNC: case OP_FCVT_FXU: case OP_FCVT_FXU_TRUNC:
	case OP_FMIN: case OP_FMAX: case OP_FAMIN: case OP_FAMAX:
		break;
	case OP_FPRCPA: case OP_FPRSQRTA:
		return false;
	default:
		if (!fp_is_parallel(in))
			return false;
		break;
	}
	if (fp_disabled(ctx, in->flags) ||
	    ((ctx & JIT_CTX_ROTATES) && (in->flags & INSN_FP_HIGH)))
		return false;
	for (n = 0; n < names.nreads; n++)
		kept->fr[n] = names.reads[n];
	if (names.nwrites)
		kept->fr[n++] = names.writes[0];
	kept->nfr = (uint8_t)n;
	kept->writes = names.nwrites;
	return true;
}

/* Jumped over if the predicate, whose value may be known, is false. Returns false if it is. */
static bool begin_predicated(struct tr *t, unsigned int qp, uint8_t **skip)
{
	*skip = NULL;
	tr_flush_predicates(t);
	if (!qp)
		return true;
	if (t->s.pr[qp] & PR_KNOWN)
		return t->s.pr[qp] & 1;
	x86_cmp8_mi(&t->b, RBP, OFF_PR(qp), 0);
	*skip = x86_jcc(&t->b, CC_E);
	return true;
}

static void predicates_written(struct tr *t, const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_FCMP_EQ: case OP_FCMP_LT: case OP_FCMP_LE: case OP_FCMP_UNORD: case OP_FCLASS:
		tr_predicates_written(t, in->r1, in->r4);
		break;
	case OP_FRCPA: case OP_FRSQRTA:
		tr_predicates_written(t, in->r4, in->r4);
		break;
	default:
		break;
	}
}

void fp_call_alone(struct tr *t, const struct jit_insn *i, const struct jit_kept *kept)
{
	const struct ia64_insn *in = &i->in;
	struct x86_buf *b = &t->b;
	uint8_t *skip;
	bool widest;

	/* No xmm register survives, whichever way the predicate sends it. */
	fp_flush(t);
	if (!begin_predicated(t, i->op.insn.qp, &skip))
		return;
	if (is_fma(in)) {
		x86_mov_imm(b, RDX, HOW(in->op == OP_FMA ? IA64_FMA : in->op == OP_FMS ? IA64_FMS :
					IA64_FNMA, in->x, in->y));
		widest = in->y == PC_NONE && is_widest(t->rec->fpsr, in->x);
		fp_call_shared(b, widest ? t->jit->fp->fma_widest_alone : t->jit->fp->fma_alone,
			       NAME(0, in->r1) | NAME(1, in->r3) | NAME(2, in->r4) |
			       NAME(3, in->r2));
	} else {
		fp_call_shared(b, t->jit->fp->exec_alone, (uint64_t)(uintptr_t)kept);
	}
	x86_test_rr(b, 0, RAX, RAX);
	fp_exit_if(t, CC_NE);
	if (skip)
		x86_patch(b, skip, b->p);
	predicates_written(t, in);
}

/* ---- moves, in homes ---- */

/* The home of FR f has it as vcpu.fr does, whatever xmm registers hold. */
static void bring_home(struct tr *t, unsigned int f)
{
	int i = f < 2 ? -1 : fp_where(&t->s.fp, f);
	struct x86_buf *b = &t->b;
	uint8_t *from;

	if (i >= 0)
		fp_clean(t, (unsigned int)i);
	if (f >= 2) {
		x86_cmp8_mi(b, RBP, OFF_TAG(f), REP_HOME);
		from = x86_jcc(b, CC_NE);
		fp_call_stub(t, from, t->jit->fp->want, f | REP_HOME << 8, b->p);
	}
	if (i >= 0)
		fp_set_dirty(t, (unsigned int)i);
}

void fp_check_natval(struct tr *t, unsigned int f)
{
	x86_alu_mi(&t->b, 0, X86_CMP, RBP, OFF_FR_SE(f), IA64_FR_EXP_NATVAL);
	fp_exit_if(t, CC_E);
}

/* Its home alone has the value of FR f now. */
static void set_home(struct tr *t, unsigned int f)
{
	fp_forget_fr(t, f);
	x86_mov8_mi(&t->b, RBP, OFF_TAG(f), REP_HOME);
	fp_modified(t, f);
}

void fp_setf_exp(struct tr *t, const struct ia64_insn *in)
{
	unsigned int r = tr_use(t, in->r2);
	struct x86_buf *b = &t->b;

	x86_rr(b, 0, 0x8b, RCX, r);
	x86_alu_ri(b, 0, X86_AND, RCX, IA64_FR_SIGN | IA64_FR_EXP_MASK);
	x86_mov_imm(b, RAX, IA64_FR_INTEGER_BIT);
	x86_store(b, 1, RBP, OFF_FR_SE(in->r1), RCX);
	x86_store(b, 1, RBP, OFF_FR_SIG(in->r1), RAX);
	set_home(t, in->r1);
}

void fp_getf_home(struct tr *t, const struct ia64_insn *in)
{
	bring_home(t, in->r2);
	fp_check_natval(t, in->r2);
	if (in->op == OP_GETF_EXP)
		x86_load(&t->b, 0, tr_def(t, in->r1), RBP, OFF_FR_SE(in->r2));
	else
		x86_load(&t->b, 1, tr_def(t, in->r1), RBP, OFF_FR_SIG(in->r2));
}

/* ldfe. Exponents of 15 bits to those of 17: the least and the greatest stay so. */
void fp_load_extended(struct tr *t, const struct ia64_insn *in)
{
	unsigned int ra = tr_use(t, in->r3);
	struct mem_ref m = tr_address(t, ra, 16, false, STUB_INTERP);
	struct x86_buf *b = &t->b;

	tr_mem_op(t, 0, 1, 0x8b, RAX, &m, 0, false);
	x86_store(b, 1, RBP, OFF_FR_SIG(in->r1), RAX);
	tr_mem_op(t, 0, 0, 0x0fb7, RAX, &m, 8, false); /* movzx */
	x86_rr(b, 0, 0x8b, RCX, RAX);
	x86_alu_ri(b, 0, X86_AND, RCX, 0x7fff);
	x86_rm(b, 0, 0x8d, RDX, RCX, 0xc000); /* lea */
	x86_test_rr(b, 0, RCX, RCX);
	x86_cmov(b, CC_E, RDX, RCX);
	x86_alu_ri(b, 0, X86_CMP, RCX, 0x7fff);
	x86_mov_imm(b, RCX, IA64_FR_EXP_SPECIAL);
	x86_cmov(b, CC_E, RDX, RCX);
	x86_shift_ri(b, 0, X86_SHR, RAX, 15);
	x86_shift_ri(b, 0, X86_SHL, RAX, 17);
	x86_alu_rr(b, 0, X86_OR, RAX, RDX);
	x86_store(b, 1, RBP, OFF_FR_SE(in->r1), RAX);
	set_home(t, in->r1);
	tr_base_update(t, in, in->op == OP_LDFE_R, in->op == OP_LDFE_I);
}

/* stfe: the sign, and of the exponent the highest bit and the lowest 14. */
void fp_store_extended(struct tr *t, const struct ia64_insn *in)
{
	unsigned int ra = tr_use(t, in->r3);
	struct x86_buf *b = &t->b;
	struct mem_ref m;

	bring_home(t, in->r2);
	fp_check_natval(t, in->r2);
	m = tr_address(t, ra, 16, true, STUB_INTERP);
	x86_load(b, 1, RAX, RBP, OFF_FR_SIG(in->r2));
	tr_mem_op(t, 0, 1, 0x89, RAX, &m, 0, false);
	x86_load(b, 0, RAX, RBP, OFF_FR_SE(in->r2));
	x86_rr(b, 0, 0x8b, RDX, RAX);
	x86_shift_ri(b, 0, X86_SHR, RDX, 2);
	x86_alu_ri(b, 0, X86_AND, RDX, 0xc000);
	x86_alu_ri(b, 0, X86_AND, RAX, 0x3fff);
	x86_alu_rr(b, 0, X86_OR, RAX, RDX);
	tr_mem_op(t, 0x66, 0, 0x89, RAX, &m, 8, false);
	tr_base_update(t, in, false, in->op == OP_STFE_I);
}
