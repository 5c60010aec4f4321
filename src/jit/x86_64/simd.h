/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parallel (multimedia) integer instructions: the hooks that the rest of the code generator calls. */
#ifndef PARAVANE_JIT_X86_64_SIMD_H
#define PARAVANE_JIT_X86_64_SIMD_H

#include "jit/x86_64/codegen.h"

/* What jit_op_info holds for them: [OP_...] = NA | SIMD | R2 | R3 | W1, each followed by a comma. */
#define SIMD_OP_INFO

/* Is this form (its op has SIMD in jit_op_info) translated? */
bool simd_supports(const struct ia64_insn *in);
/* Emits it; its predicate has been seen to. False: the trace cannot be translated. */
bool simd_translate(struct tr *t, const struct ia64_insn *in);

#endif
