/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floating-point instructions: the hooks that the rest of the code generator calls.
 *
 * Of snap.fp only fp*.c know what is in it. The rest copies it with struct snap and calls here at
 * the places where general registers are stored, forgotten and loaded again; all xmm registers
 * are call-clobbered in C.
 */
#ifndef PARAVANE_JIT_X86_64_FP_H
#define PARAVANE_JIT_X86_64_FP_H

#include "jit/x86_64/codegen.h"

#define FP_LD(op) [OP_##op] = NA | FP | MEM | R3, [OP_##op##_I] = NA | FP | MEM | R3 | W3
#define FP_LDR(op) FP_LD(op), [OP_##op##_R] = NA | FP | MEM | R2 | R3 | W3
#define FP_OP(op) [OP_##op] = NA | FP
#define FP_CMP(op) [OP_##op] = NA | FP | P2

/* What jit_op_info holds for them: NA | FP and the GRs and predicates they name. */
#define FP_OP_INFO \
	FP_LDR(LDFS), FP_LDR(LDFD), FP_LDR(LDF8), FP_LDR(LDFE), FP_LDR(LDF_FILL), \
	FP_LDR(LDFX), \
	FP_LD(STFS), FP_LD(STFD), FP_LD(STF8), FP_LD(STFE), FP_LD(STF_SPILL), \
	FP_LD(LDFPS), FP_LD(LDFPD), FP_LD(LDFP8), \
	[OP_SETF_SIG] = NA | FP | R2, [OP_SETF_EXP] = NA | FP | R2, \
	[OP_SETF_S] = NA | FP | R2, [OP_SETF_D] = NA | FP | R2, \
	[OP_GETF_SIG] = NA | FP | W1, [OP_GETF_EXP] = NA | FP | W1, \
	[OP_GETF_S] = NA | FP | W1, [OP_GETF_D] = NA | FP | W1, \
	FP_OP(XMA_L), FP_OP(XMA_H), FP_OP(XMA_HU), FP_OP(FMA), FP_OP(FMS), FP_OP(FNMA), \
	FP_OP(FMERGE_S), FP_OP(FMERGE_NS), FP_OP(FAND), FP_OP(FANDCM), FP_OP(FOR), \
	FP_OP(FXOR), FP_OP(FMIN), FP_OP(FMAX), FP_OP(FCVT_XF), FP_OP(FCVT_FX), \
	FP_OP(FCVT_FX_TRUNC), FP_OP(FCVT_FXU), FP_OP(FCVT_FXU_TRUNC), FP_OP(FRCPA), \
	FP_OP(FPMA), FP_OP(FPMS), FP_OP(FPNMA), \
	FP_OP(FRSQRTA), FP_CMP(FCMP_EQ), FP_CMP(FCMP_LT), FP_CMP(FCMP_LE), \
	FP_CMP(FCMP_UNORD), FP_CMP(FCLASS)

/* Does psr.dfl or dfh of the context forbid FRs of these flags (INSN_FP_*)? */
static inline bool fp_disabled(uint64_t ctx_key, unsigned int flags)
{
	return ((ctx_key & JIT_CTX_DFL) && (flags & INSN_FP_LOW)) ||
	       ((ctx_key & JIT_CTX_DFH) && (flags & INSN_FP_HIGH));
}

/* Is this form (its op has FP in jit_op_info) ever translated? */
bool fp_supports(uint64_t ctx_key, const struct ia64_insn *in);
/* And as instruction i of this trace, under the ar.fpsr it is made for? */
bool fp_supports_here(const struct tr *t, const struct jit_insn *i);
/*
 * Does the interpreter's function for it, or one of ours, compute in integers, on FRs known here?
 * Then kept->fr are they, and fp_call_alone() emits a call that leaves GRs where they are.
 */
bool fp_called_alone(const struct tr *t, const struct jit_insn *i, struct jit_kept *kept);
void fp_call_alone(struct tr *t, const struct jit_insn *i, const struct jit_kept *kept);
/* Emits it; its predicate has been seen to. False: the trace cannot be translated. */
bool fp_translate(struct tr *t, const struct jit_insn *i);
/*
 * Before a run of predicated instructions `in` is part of: what it names is brought where it may
 * stay, so that the state is the same whether the run is executed or jumped over. fp_run_end() is
 * emitted as part of the run.
 */
void fp_prepare(struct tr *t, const struct ia64_insn *in);
void fp_run_end(struct tr *t);

/* ar.fpsr has been written. */
void fp_status_written(struct tr *t);
/* Once for a translation. */
void fp_begin(struct tr *t);
/* Nothing cached. */
void fp_clear(struct fp_snap *fp);
/* vcpu.fr of what is newer in xmm registers, as in `s`. May change rax, rcx, rdx, not the cache. */
void fp_sync(struct tr *t, const struct snap *s);
/* After fp_sync(): t->s.fp caches nothing any more. C code may have changed anything. */
void fp_forget(struct tr *t);
/* Around a C function in a stub that comes back: xmm registers of `s` are saved, and restored. */
void fp_save(struct tr *t, const struct snap *s);
void fp_restore(struct tr *t, const struct snap *s);
/*
 * STUB_FP_LOAD: vcpu.jit_tmp has the bytes, what the main path loads goes into xmm register s->rv.
 * STUB_FP_STORE: the bytes to store from xmm register s->rv into r8. (fp_save() comes before,
 * fp_restore() after.)
 */
void fp_stub_loaded(struct tr *t, const struct stub *s);
void fp_stub_value(struct tr *t, const struct stub *s);
/* STUB_FP: emits what goes back to the main path; where the code after it is reached it cannot. */
void fp_stub(struct tr *t, const struct stub *s);
/* A stub that SIGFPE at s->site leads to has been begun at the present place. */
void fp_site_placed(struct tr *t, const struct stub *s);
/*
 * Loops. At its top fp_top() says in t->top what of t->s may stay in xmm registers, and stores the
 * rest. fp_loop_end() brings t->s.fp there at the end; what cannot go on from there goes to the
 * head.
 */
void fp_top(struct tr *t);
void fp_loop_end(struct tr *t);

#endif
