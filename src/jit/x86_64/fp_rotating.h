/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Rotating floating-point registers where nothing is known of rrb.fr but that it need not be 0. */
#ifndef PARAVANE_JIT_X86_64_FP_ROTATING_H
#define PARAVANE_JIT_X86_64_FP_ROTATING_H

#include "jit/x86_64/codegen.h"

/* Is this form, which names an FR of f32 and up, translated there? */
bool fp_rotating_supports(const struct ia64_insn *in);
/* Emits it. */
void fp_rotating(struct tr *t, const struct ia64_insn *in);

#endif
