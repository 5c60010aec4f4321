/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which floating-point instructions of a trace are translated. */
#ifndef PARAVANE_JIT_X86_64_FP_DECIDE_H
#define PARAVANE_JIT_X86_64_FP_DECIDE_H

#include "jit/x86_64/fp_host.h"

/* What a register is expected to hold, in t->fp_kind; EXTENDED: no host format may do. */
enum { UNKNOWN = REP_HOME, EXTENDED = REP_DONE };

/* Goes through the trace and says so in t->fp_native. */
void fp_decide(struct tr *t);
/* The host's format of the results of an fma, or REP_HOME. */
enum fp_rep fp_format(const struct tr *t, const struct ia64_insn *in);
/* fnorm, by any name; and its operand. */
bool fp_is_norm(const struct ia64_insn *in);
unsigned int fp_norm_source(const struct ia64_insn *in);
/* What a load from this format of memory (not the extended one) makes. */
enum fp_rep fp_memory_rep(enum ia64_fpmem format);
/* Does it compute or move pairs of singles, or significands otherwise, into one? */
bool fp_is_parallel(const struct ia64_insn *in);
/* Does it need MXCSR? */
bool fp_wants_host(const struct ia64_insn *in);

#endif
