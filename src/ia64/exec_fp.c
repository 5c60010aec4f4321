/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating-point instructions (unit F): registers and predicates around the functions of fp.h. */
#include "ia64/exec.h"

/* Where execution goes on after op, as an address: for traps. */
static void next_address(const struct vcpu *v, const struct ia64_insn_op *op, uint64_t *ip,
			 unsigned int *ri)
{
	bool last = op->insn.slot == 2;

	*ip = op_ip(v, op) + (last ? 16 : 0);
	*ri = last ? 0 : op->insn.slot + 1;
}

#define ISR_TRAP_SS 8 /* isr.code: a single step trap came at the same time (SDM 2:8) */

static const struct ia64_insn_op *fp_event(struct vcpu *v, const struct ia64_insn_op *op,
					   uint32_t event)
{
	uint64_t code = event & IA64_FP_CODE_MASK, next_ip;
	unsigned int next_ri;

	if (event & IA64_FP_FAULT) {
		ia64_fault(v, IA64_FP_FAULT_VECTOR, code);
		return NULL;
	}
	fp_modified(v, op);
	next_address(v, op, &next_ip, &next_ri);
	if (v->psr & PSR_SS)
		code |= ISR_TRAP_SS;
	ia64_trap(v, IA64_FP_TRAP_VECTOR, code, next_ip, next_ri);
	return NULL;
}

/* An instruction that writes f1; `call` gives the event. The result is kept unless it faults. */
#define EXEC_EVENT(name, call) \
	EXEC(name) \
	{ \
		uint64_t *fpsr = &v->ar[AR_FPSR]; \
		const struct ia64_insn *i = &op->insn; \
		struct ia64_fr *f1; \
		uint32_t event; \
		CHECK_FP(0); \
		f1 = fr(v, i->r1); \
		event = call; \
		if (unlikely(event)) \
			return fp_event(v, op, event); \
		fp_modified(v, op); \
		return op + 1; \
	}

/* f0 as addend means none: the product's sign is kept when it is zero. */
#define ADDEND (i->r2 ? fr(v, i->r2) : NULL)
#define FMA_FORM(name, form) \
	EXEC_EVENT(name, ia64_fma(fpsr, i->x, (enum ia64_fp_pc)i->y, form, f1, *fr(v, i->r3), \
				  *fr(v, i->r4), ADDEND))
#define FPMA_FORM(name, form) \
	EXEC_EVENT(name, ia64_fpma(fpsr, i->x, form, f1, *fr(v, i->r3), *fr(v, i->r4), ADDEND))

FMA_FORM(FMA, IA64_FMA)
FMA_FORM(FMS, IA64_FMS)
FMA_FORM(FNMA, IA64_FNMA)
FPMA_FORM(FPMA, IA64_FMA)
FPMA_FORM(FPMS, IA64_FMS)
FPMA_FORM(FPNMA, IA64_FNMA)

_Static_assert((int)PC_NONE == (int)IA64_PC_DYNAMIC && (int)PC_S == (int)IA64_PC_S &&
	       (int)PC_D == (int)IA64_PC_D, "the decoder's pc completers are fp.h's");

#define MINMAX(name, function, form) \
	EXEC_EVENT(name, function(fpsr, i->x, form, f1, *fr(v, i->r2), *fr(v, i->r3)))

MINMAX(FMIN, ia64_fminmax, IA64_FMIN)
MINMAX(FMAX, ia64_fminmax, IA64_FMAX)
MINMAX(FAMIN, ia64_fminmax, IA64_FAMIN)
MINMAX(FAMAX, ia64_fminmax, IA64_FAMAX)
MINMAX(FPMIN, ia64_fpminmax, IA64_FMIN)
MINMAX(FPMAX, ia64_fpminmax, IA64_FMAX)
MINMAX(FPAMIN, ia64_fpminmax, IA64_FAMIN)
MINMAX(FPAMAX, ia64_fpminmax, IA64_FAMAX)

#define FPCMP(rel) MINMAX(FPCMP_##rel, ia64_fpcmp, IA64_REL_##rel)

FPCMP(EQ)
FPCMP(LT)
FPCMP(LE)
FPCMP(UNORD)
FPCMP(NEQ)
FPCMP(NLT)
FPCMP(NLE)
FPCMP(ORD)

#define FCVT(name, function, form) EXEC_EVENT(name, function(fpsr, i->x, form, f1, *fr(v, i->r2)))

FCVT(FCVT_FX, ia64_fcvt_fx, 0)
FCVT(FCVT_FXU, ia64_fcvt_fx, IA64_FCVT_UNSIGNED)
FCVT(FCVT_FX_TRUNC, ia64_fcvt_fx, IA64_FCVT_TRUNC)
FCVT(FCVT_FXU_TRUNC, ia64_fcvt_fx, IA64_FCVT_UNSIGNED | IA64_FCVT_TRUNC)
FCVT(FPCVT_FX, ia64_fpcvt_fx, 0)
FCVT(FPCVT_FXU, ia64_fpcvt_fx, IA64_FCVT_UNSIGNED)
FCVT(FPCVT_FX_TRUNC, ia64_fpcvt_fx, IA64_FCVT_TRUNC)
FCVT(FPCVT_FXU_TRUNC, ia64_fpcvt_fx, IA64_FCVT_UNSIGNED | IA64_FCVT_TRUNC)

/* ---- without events: f1 = function(...) ---- */

#define EXEC_PURE(name, expr) \
	EXEC(name) \
	{ \
		const struct ia64_insn *i = &op->insn; \
		CHECK_FP(0); \
		*fr(v, i->r1) = (expr); \
		fp_modified(v, op); \
		return op + 1; \
	}

#define PURE_F2_F3(name, function) EXEC_PURE(name, function(*fr(v, i->r2), *fr(v, i->r3)))
#define PURE_F3_F4_F2(name, function) \
	EXEC_PURE(name, function(*fr(v, i->r3), *fr(v, i->r4), *fr(v, i->r2)))

PURE_F3_F4_F2(XMA_L, ia64_xma_l)
PURE_F3_F4_F2(XMA_H, ia64_xma_h)
PURE_F3_F4_F2(XMA_HU, ia64_xma_hu)
PURE_F3_F4_F2(FSELECT, ia64_fselect)
PURE_F2_F3(FMERGE_S, ia64_fmerge_s)
PURE_F2_F3(FMERGE_NS, ia64_fmerge_ns)
PURE_F2_F3(FMERGE_SE, ia64_fmerge_se)
PURE_F2_F3(FMIX_LR, ia64_fmix_lr)
PURE_F2_F3(FMIX_R, ia64_fmix_r)
PURE_F2_F3(FMIX_L, ia64_fmix_l)
PURE_F2_F3(FSXT_R, ia64_fsxt_r)
PURE_F2_F3(FSXT_L, ia64_fsxt_l)
PURE_F2_F3(FPACK, ia64_fpack)
PURE_F2_F3(FSWAP, ia64_fswap)
PURE_F2_F3(FSWAP_NL, ia64_fswap_nl)
PURE_F2_F3(FSWAP_NR, ia64_fswap_nr)
PURE_F2_F3(FAND, ia64_fand)
PURE_F2_F3(FANDCM, ia64_fandcm)
PURE_F2_F3(FOR, ia64_for)
PURE_F2_F3(FXOR, ia64_fxor)
PURE_F2_F3(FPMERGE_S, ia64_fpmerge_s)
PURE_F2_F3(FPMERGE_NS, ia64_fpmerge_ns)
PURE_F2_F3(FPMERGE_SE, ia64_fpmerge_se)
EXEC_PURE(FCVT_XF, ia64_fcvt_xf(*fr(v, i->r2)))

/* ---- predicate results; unc clears its targets even when the predicate is false ---- */

static const struct ia64_insn_op *compare(struct vcpu *v, const struct ia64_insn_op *op,
					  enum ia64_fp_rel rel)
{
	const struct ia64_insn *i = &op->insn;
	uint32_t event;
	bool p1, p2;

	if (i->y && !v->pr[i->hint]) {
		v->pr[i->r1] = v->pr[i->r4] = 0;
		return op + 1;
	}
	CHECK_FP(0);
	event = ia64_fcmp(&v->ar[AR_FPSR], i->x, rel, &p1, &p2, *fr(v, i->r2), *fr(v, i->r3));
	if (unlikely(event))
		return fp_event(v, op, event);
	v->pr[i->r1] = p1;
	v->pr[i->r4] = p2;
	return op + 1;
}

EXEC(FCMP_EQ)
{
	return compare(v, op, IA64_REL_EQ);
}

EXEC(FCMP_LT)
{
	return compare(v, op, IA64_REL_LT);
}

EXEC(FCMP_LE)
{
	return compare(v, op, IA64_REL_LE);
}

EXEC(FCMP_UNORD)
{
	return compare(v, op, IA64_REL_UNORD);
}

EXEC(FCLASS)
{
	const struct ia64_insn *i = &op->insn;
	bool p1, p2;

	if (i->y && !v->pr[i->hint]) {
		v->pr[i->r1] = v->pr[i->r4] = 0;
		return op + 1;
	}
	CHECK_FP(0);
	ia64_fclass(&p1, &p2, *fr(v, i->r2), i->imm);
	v->pr[i->r1] = p1;
	v->pr[i->r4] = p2;
	return op + 1;
}

/* frcpa and the like clear p2 when the qualifying predicate is false (SDM 3:2 "frcpa"). */
#define APPROXIMATION(name, call) \
	EXEC(name) \
	{ \
		uint64_t *fpsr = &v->ar[AR_FPSR]; \
		const struct ia64_insn *i = &op->insn; \
		struct ia64_fr f1; \
		uint32_t event; \
		bool p2; \
		if (!v->pr[i->hint]) { \
			v->pr[i->r4] = 0; \
			return op + 1; \
		} \
		CHECK_FP(0); \
		event = call; \
		if (!(event & IA64_FP_FAULT)) { \
			*fr(v, i->r1) = f1; \
			v->pr[i->r4] = p2; \
		} \
		if (unlikely(event)) \
			return fp_event(v, op, event); \
		fp_modified(v, op); \
		return op + 1; \
	}

APPROXIMATION(FRCPA, ia64_frcpa(fpsr, i->x, &f1, &p2, *fr(v, i->r2), *fr(v, i->r3)))
APPROXIMATION(FPRCPA, ia64_fprcpa(fpsr, i->x, &f1, &p2, *fr(v, i->r2), *fr(v, i->r3)))
APPROXIMATION(FRSQRTA, ia64_frsqrta(fpsr, i->x, &f1, &p2, *fr(v, i->r3)))
APPROXIMATION(FPRSQRTA, ia64_fprsqrta(fpsr, i->x, &f1, &p2, *fr(v, i->r3)))

/* ---- status (SDM 3:2 "fsetc", "fclrf", "fchkf") ---- */

EXEC(FSETC)
{
	if (!ia64_fsetc(&v->ar[AR_FPSR], op->insn.x, op->insn.y, op->insn.imm)) {
		ia64_reserved_register_field(v, 0);
		return NULL;
	}
	return op + 1;
}

EXEC(FCLRF)
{
	v->ar[AR_FPSR] = ia64_fclrf(v->ar[AR_FPSR], op->insn.x);
	return op + 1;
}

EXEC(FCHKF)
{
	if (!ia64_fchkf(v->ar[AR_FPSR], op->insn.x))
		return op + 1;
	return ia64_branch(v, op, op_ip(v, op) + op->insn.imm);
}
