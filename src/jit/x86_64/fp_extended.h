/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions on floating-point registers that no format of the host can hold. */
#ifndef PARAVANE_JIT_X86_64_FP_EXTENDED_H
#define PARAVANE_JIT_X86_64_FP_EXTENDED_H

#include "jit/x86_64/fp_host.h"

/* Emits what it has in the code cache. */
void fp_extended_init(struct ia64_jit *jit, struct x86_buf *b);

/* Leaves to the interpreter what may be a NaTVal, in the home of FR f. */
void fp_check_natval(struct tr *t, unsigned int f);
void fp_setf_exp(struct tr *t, const struct ia64_insn *in);
/* getf.sig, getf.exp. */
void fp_getf_home(struct tr *t, const struct ia64_insn *in);
/* ldfe, stfe. */
void fp_load_extended(struct tr *t, const struct ia64_insn *in);
void fp_store_extended(struct tr *t, const struct ia64_insn *in);

#endif
