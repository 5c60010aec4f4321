/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floating-point instructions: the hooks that the rest of the code generator calls.
 *
 * Of snap.fp only fp.c knows what is in it. The rest copies it with struct snap and calls here at the
 * places where general registers are stored, forgotten and loaded again; all xmm registers
 * are call-clobbered in C.
 */
#ifndef PARAVANE_JIT_X86_64_FP_H
#define PARAVANE_JIT_X86_64_FP_H

#include "jit/x86_64/codegen.h"

/* What jit_op_info holds for them: NA | FP and the GRs they name. */
#define FP_OP_INFO \
	[OP_SETF_SIG] = NA | FP | R2, [OP_GETF_SIG] = NA | FP | W1, \
	[OP_XMA_L] = NA | FP, [OP_XMA_H] = NA | FP, [OP_XMA_HU] = NA | FP, \
	[OP_LDF_FILL] = NA | FP | MEM | R3, [OP_LDF_FILL_I] = NA | FP | MEM | R3 | W3, \
	[OP_STF_SPILL] = NA | FP | MEM | R3, [OP_STF_SPILL_I] = NA | FP | MEM | R3 | W3, \
	[OP_LDF8] = NA | FP | MEM | R3, [OP_LDF8_I] = NA | FP | MEM | R3 | W3, \
	[OP_STF8] = NA | FP | MEM | R3, [OP_STF8_I] = NA | FP | MEM | R3 | W3

/* Is this form (its op has FP in jit_op_info) translated? The context and its FRs have been judged. */
bool fp_supports(uint64_t ctx_key, const struct ia64_insn *in);
/* Emits it; its predicate has been seen to. False: the trace cannot be translated. */
bool fp_translate(struct tr *t, const struct jit_insn *i);
/*
 * Before a run of predicated instructions `in` is part of: what it names is brought where it may
 * stay, so that the state is the same whether the run is executed or jumped over.
 */
void fp_prepare(struct tr *t, const struct ia64_insn *in);

/* At the start of a translation: nothing cached. */
void fp_clear(struct fp_snap *fp);
/* vcpu.fr of what is newer in xmm registers, as in `s`. May change rax, rcx, rdx, not the cache. */
void fp_sync(struct tr *t, const struct snap *s);
/* After fp_sync(): t->s.fp caches nothing any more. C code may have changed anything. */
void fp_forget(struct tr *t);
/* Around a C function in a stub that comes back: xmm registers of `s` saved before, restored after. */
void fp_save(struct tr *t, const struct snap *s);
void fp_restore(struct tr *t, const struct snap *s);
/*
 * STUB_FP_LOAD: vcpu.jit_tmp has the bytes, what the main path loads goes into xmm register s->rv. STUB_FP_STORE:
 * the bytes to store from xmm register s->rv into r8. (fp_save() comes before, fp_restore() after.)
 */
void fp_stub_loaded(struct tr *t, const struct stub *s);
void fp_stub_value(struct tr *t, const struct stub *s);
/*
 * Loops. Once the first pass is over t->s.fp is what the second may have in xmm registers at its top:
 * fp_top() says what of it. fp_load_top() loads that at the entry; fp_loop_end() brings t->s.fp there at the end.
 */
void fp_top(const struct fp_snap *end, struct fp_snap *top);
void fp_load_top(struct tr *t);
void fp_loop_end(struct tr *t);

#endif
