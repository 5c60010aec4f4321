/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sequences of frcpa or frsqrta and iterations in a trace, recognised as what they compute. */
#ifndef PARAVANE_JIT_X86_64_FP_SEQ_H
#define PARAVANE_JIT_X86_64_FP_SEQ_H

#include "jit/x86_64/fp_host.h"

/* The FRs that an instruction reads and writes (f0 and f1 too). */
struct fr_names {
	uint8_t nreads, nwrites;
	uint8_t reads[3], writes[2];
};

struct fr_names fp_names(const struct ia64_insn *in);
/* Fills t->seq, t->seq_of. */
void fp_find_sequences(struct tr *t);
/* What a sequence of this kind leaves in its target. */
enum fp_rep fp_sequence_rep(enum fp_sequence kind);
/* The last instruction before k that writes FR f, all of it whatever its predicate; or NULL. */
const struct ia64_insn *fp_last_writer(const struct tr *t, unsigned int k, unsigned int f);
/* Is the FR an integer as setf.sig makes them, before instruction k? As far as the trace shows. */
bool fp_is_sig(const struct tr *t, unsigned int k, unsigned int f);

#endif
