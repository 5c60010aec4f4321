/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FRs in xmm registers, while a trace is translated. xmm0 to xmm2 are scratch; the others hold FRs,
 * each in one of the ways of enum fp_rep, which follow from what made the value or, where the
 * trace does not show it, from what wants it: if the register cannot be held so, the interpreter
 * goes on.
 */
#ifndef PARAVANE_JIT_X86_64_FP_REGS_H
#define PARAVANE_JIT_X86_64_FP_REGS_H

#include "jit/x86_64/fp_host.h"

#define FIRST_XMM 3

#define OFF_FR_SIG(f) (OFF(fr) + 16 * (int32_t)(f))
#define OFF_FR_SE(f) (OFF_FR_SIG(f) + 8)
#define OFF_TAG(f) (OFF(jit_fp.tag) + (int32_t)(f))
#define OFF_FPSR OFF(ar[AR_FPSR])

/* The host instruction emitted next may raise an exception: its stub has the present state. */
void fp_trap_site(struct tr *t);
/* A call of shared code, out of line, that comes back to `back` if it returns 0. */
void fp_call_stub(struct tr *t, uint8_t *from, uint8_t *fn, uint32_t arg, uint8_t *back);
/* A call of shared code of the cache: fn(rbp, rax). */
void fp_call_shared(struct x86_buf *b, const uint8_t *fn, uint64_t arg);
/* What xmm registers hold goes home: C code that changes no FR of these is about to change them. */
void fp_flush(struct tr *t);
/* Leaves to the interpreter, before the present instruction, if the condition holds. */
void fp_exit_if(struct tr *t, unsigned int cc);
/* MXCSR as ar.fpsr wants it, and ar.fpsr as the translation does. */
void fp_ready(struct tr *t);

/* The xmm register that holds FR f, or -1; how it does (REP_HOME: none does). */
int fp_where(const struct fp_snap *fp, unsigned int f);
unsigned int fp_rep_of(const struct tr *t, unsigned int f);
/*
 * The xmm register that holds FR f as `rep`, until the instruction ends. f0 and f1 are in xmm1 and
 * xmm2, until the next of these.
 */
unsigned int fp_use(struct tr *t, unsigned int f, enum fp_rep rep);
/* The xmm register for a new value of f: the one it has, if any; or another one in any case. */
unsigned int fp_target(struct tr *t, unsigned int f);
unsigned int fp_fresh(struct tr *t);
/* Xmm register i has the new value of FR f. */
void fp_set(struct tr *t, unsigned int i, unsigned int f, enum fp_rep rep, bool nan, bool normal);
bool fp_may_be_nan(const struct tr *t, unsigned int i);
/* What xmm register i holds is in its home as well; may from here on be newer than that. */
void fp_clean(struct tr *t, unsigned int i);
void fp_set_dirty(struct tr *t, unsigned int i);
/* The value of FR f is in its home alone, or nowhere yet. */
void fp_forget_fr(struct tr *t, unsigned int f);
/* FR f is written: psr.mfl, psr.mfh. */
void fp_modified(struct tr *t, unsigned int f);

#endif
