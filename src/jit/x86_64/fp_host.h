/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floating point of translated code, at run time: how registers are held between traces, the host's
 * control register, and the exceptions of the host that lead back to the interpreter.
 *
 * Translated code computes with the host's exceptions unmasked, all but inexactness once the status
 * field's I flag is set. So an operation without an exception has the interpreter's result
 * and flags; one with an exception has not been done, and SIGFPE finds the stub that leaves it to
 * the interpreter.
 */
#ifndef PARAVANE_JIT_X86_64_FP_HOST_H
#define PARAVANE_JIT_X86_64_FP_HOST_H

#include "jit/x86_64/codegen.h"

/* How a register is held in an xmm register, or in its home: vcpu.jit_fp.tag says. */
enum fp_rep {
	REP_HOME,  /* as vcpu.fr has it */
	REP_D,     /* IEEE double: the register ldfd makes of it */
	REP_S,     /* IEEE single: the register ldfs makes of it */
	REP_INT,   /* what fcvt.xf makes of a signed integer */
	REP_UINT,  /* a normalized unsigned integer */
	REP_SIG,   /* a significand, with the exponent of integers: what setf.sig makes */
	REP_DONE = 8, /* + n: jit_fp.done[n] tells how to find it */
};

/* What a sequence of frcpa or frsqrta and its iterations computes. */
enum fp_sequence { SEQ_DIV_D, SEQ_SQRT_D, SEQ_DIV_S, SEQ_SQRT_S, SEQ_DIV_INT, SEQ_DIV_UINT };

#define FP_RECIPE_INSNS 24
#define FP_RECIPE_CONSTANTS 8

/*
 * A sequence whose result is computed at once. Its instructions are kept to compute the values in
 * between, in case someone looks at them. Operands and constants are what registers held before.
 */
struct fp_recipe {
	enum fp_sequence kind;
	uint8_t a, b;            /* FRs of dividend and divisor; b alone for a root */
	uint8_t slot;            /* in jit_fp.done */
	uint8_t n, nconstants;
	uint16_t k[FP_RECIPE_INSNS]; /* numbers in the trace */
	struct ia64_insn insn[FP_RECIPE_INSNS];
	struct { uint8_t f; struct ia64_fr val; } constant[FP_RECIPE_CONSTANTS];
};

#define FP_MODES 32
#define FP_MAX_RECIPES 1024
#define FP_NO_FPSR (~0ull) /* jit_fp.fpsr: MXCSR is as C code wants it */
#define FP_MXCSR_DEFAULT 0x1f80u

/* A host instruction that may raise SIGFPE, and where to go then; offsets in the cache. */
struct fp_site {
	uint32_t at, stub;
	uint64_t place; /* of the guest's instruction, */
	uint32_t trace; /* in this one */
	uint32_t raised; /* so often since `since`, an instruction's number */
	uint64_t since;
};

#define FP_EXACT 1024

struct jit_fp {
	uint64_t mode[FP_MODES]; /* values of the controls of ar.fpsr that were met */
	unsigned int nmodes;
	struct fp_site *site;
	uint32_t nsites, max_sites;
	/*
	 * A signal takes as long as hundreds of operations in integers: places whose instructions
	 * raise too many are translated without the host's FPU from then on.
	 */
	uint64_t exact[FP_EXACT];
	uint32_t troubled; /* 1 + the site whose place is to become one of these; 0: none */
	struct fp_recipe *recipe;
	unsigned int nrecipes;
	unsigned int next_slot;
	/* in the code cache */
	uint8_t *want, *set_mode, *classify, *force, *retire;
	uint8_t *fma_alone, *fma_widest_alone, *exec_alone; /* fp_extended.c's */
	uint8_t *sign_d, *magnitude_d, *sign_s, *magnitude_s, *one_d, *one_s, *mxcsr;
};

/* Does this host have what fp.c emits? */
bool fp_host_available(void);
/* Makes jit->fp and emits what it has in the code cache. False: no memory. */
bool fp_host_init(struct ia64_jit *jit, struct x86_buf *b);
void fp_host_destroy(struct ia64_jit *jit);
/* The number of the controls in `fpsr`, or -1: too many have been met. */
int fp_host_mode(struct ia64_jit *jit, uint64_t fpsr);
/* Around translated code. */
void fp_host_enter(struct ia64_jit *jit);
void fp_host_leave(struct ia64_jit *jit);
/* MXCSR as C code wants it: before C code that looks at no floating-point register. */
void fp_host_controls(struct vcpu *v);
/* The same, and registers as vcpu.fr has them: before the interpreter's functions. */
void fp_host_settle(struct vcpu *v);
/* The same for FR f alone, and MXCSR stays. */
void fp_host_settle_one(struct vcpu *v, unsigned int f);
/*
 * The host instruction at `at` (in the writable view), of the guest's at `place` in that trace,
 * goes to `stub` when it raises SIGFPE.
 */
bool fp_host_site(struct ia64_jit *jit, const uint8_t *at, const uint8_t *stub, uint64_t place,
		  uint32_t trace);
/* Is the instruction there to be translated without the host's FPU? */
bool fp_host_exact(const struct ia64_jit *jit, uint64_t place);
/* Drops sites and recipes of code at or above `used`: the cache has been emptied. */
void fp_host_trim(struct ia64_jit *jit);
struct fp_recipe *fp_host_recipe(struct ia64_jit *jit);

#endif
