/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * IA-64 floating point as pure functions: register format, memory formats and every
 * floating-point instruction, with the flags, faults and traps the manual gives.
 *
 * References: Intel Itanium Architecture Software Developer's Manual, rev 2.3. "SDM 1:5" is volume
 * 1 part 1 chapter 5 (the floating-point programming model), "SDM 2:8" the interruption vectors,
 * "SDM 3:2" the instruction pages.
 *
 * Nothing here touches a processor: operands come by value, ar.fpsr by pointer, and an enabled
 * exception is returned for the caller to deliver. What the hardware hands to a software assist
 * handler is computed here, so a software assist fault or trap is never reported.
 *
 * All functions may be called from any thread; they keep no state.
 */
#ifndef PARAVANE_IA64_FP_H
#define PARAVANE_IA64_FP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- Registers (SDM 1:5.1.2, 1:5.1.3) ---- */

/*
 * A floating-point register. `se` holds the sign in bit 17 and the exponent, biased by 0xffff, in
 * bits 16:0; its upper bits are zero. `pad` is always zero.
 */
struct ia64_fr {
	uint64_t sig;
	uint32_t se;
	uint32_t pad;
};

#define IA64_FR_SIGN		0x20000u	/* sign bit of se */
#define IA64_FR_EXP_MASK	0x1ffffu
#define IA64_FR_EXP_SPECIAL	0x1ffffu	/* infinities and NaNs */
#define IA64_FR_EXP_NATVAL	0x1fffeu
#define IA64_FR_EXP_BIAS	0x0ffffu
#define IA64_FR_EXP_INTEGER	0x1003eu	/* integers and parallel FP */
#define IA64_FR_INTEGER_BIT	0x8000000000000000ull
#define IA64_FR_QUIET_BIT	0x4000000000000000ull

#define IA64_FR_ZERO	((struct ia64_fr){ 0, 0, 0 })
#define IA64_FR_ONE	((struct ia64_fr){ IA64_FR_INTEGER_BIT, IA64_FR_EXP_BIAS, 0 })
#define IA64_FR_NATVAL	((struct ia64_fr){ 0, IA64_FR_EXP_NATVAL, 0 })
/* The QNaN a masked invalid operation makes. */
#define IA64_FR_QNAN \
	((struct ia64_fr){ 0xc000000000000000ull, IA64_FR_SIGN | IA64_FR_EXP_SPECIAL, 0 })

/* The register with this significand, sign-and-exponent. Bits of `se` above 17 are dropped. */
static inline struct ia64_fr ia64_fr_make(uint64_t sig, uint32_t se)
{
	return (struct ia64_fr){ sig, se & 0x3ffffu, 0 };
}

/* The register holding a 64-bit integer or a parallel pair: setf.sig, ldf8 (SDM 1:5.1.2). */
static inline struct ia64_fr ia64_fr_from_sig(uint64_t sig)
{
	return (struct ia64_fr){ sig, IA64_FR_EXP_INTEGER, 0 };
}

/* True if the register holds the NaTVal (SDM 1:5.1.3); its sign must be 0. */
static inline bool ia64_fr_is_natval(struct ia64_fr f)
{
	return f.se == IA64_FR_EXP_NATVAL && f.sig == 0;
}

/* ---- ar.fpsr (SDM 1:5.2) ---- */

/* Trap disable bits, in place in ar.fpsr{5:0}; also the order of the flags in a status field. */
#define IA64_FP_V	0x01u
#define IA64_FP_D	0x02u
#define IA64_FP_Z	0x04u
#define IA64_FP_O	0x08u
#define IA64_FP_U	0x10u
#define IA64_FP_I	0x20u
#define IA64_FP_ALL	0x3fu

/* A status field: 7 bits of controls, 6 bits of flags. */
#define IA64_SF_FTZ		0x0001u
#define IA64_SF_WRE		0x0002u
#define IA64_SF_PC_SHIFT	2
#define IA64_SF_RC_SHIFT	4
#define IA64_SF_TD		0x0040u
#define IA64_SF_FLAGS_SHIFT	7
#define IA64_SF_MASK		0x1fffu

enum ia64_fp_rc { IA64_RC_NEAREST, IA64_RC_DOWN, IA64_RC_UP, IA64_RC_ZERO };

/* Values of sfN.pc; 1 is reserved. */
enum ia64_fp_sf_pc { IA64_SF_PC_SINGLE = 0, IA64_SF_PC_DOUBLE = 2, IA64_SF_PC_EXTENDED = 3 };

/* ar.fpsr as at reset and as Linux sets it: all traps disabled, sf0 extended, sf1 with wre, td. */
#define IA64_FPSR_DEFAULT	0x0009804c0270033full

/* Bit position of status field `sf` (0..3) in ar.fpsr. */
static inline unsigned ia64_sf_shift(unsigned sf)
{
	return 6 + 13 * sf;
}

/* The 13 bits of status field `sf`. */
static inline uint32_t ia64_sf_get(uint64_t fpsr, unsigned sf)
{
	return (fpsr >> ia64_sf_shift(sf)) & IA64_SF_MASK;
}

/*
 * True if `fpsr` may not be written to ar.fpsr: reserved bits 63:58, sf0.td, or a pc of 1 in any
 * status field (Reserved Register/Field fault, SDM 1:5.2 and 3:2 "mov ar").
 */
bool ia64_fpsr_is_reserved(uint64_t fpsr);

/*
 * fsetc.sf amask7,omask7 (SDM 3:2): controls of sfN become (sf0's & amask7) | omask7. Returns false
 * and leaves *fpsr alone when the new controls are reserved (Reserved Register/Field fault).
 */
bool ia64_fsetc(uint64_t *fpsr, unsigned sf, unsigned amask7, unsigned omask7);

/* fclrf.sf (SDM 3:2): ar.fpsr with the flags of sfN cleared. */
static inline uint64_t ia64_fclrf(uint64_t fpsr, unsigned sf)
{
	return fpsr & ~((uint64_t)IA64_FP_ALL << (ia64_sf_shift(sf) + IA64_SF_FLAGS_SHIFT));
}

/*
 * fchkf.sf (SDM 3:2): true if the branch to the recovery code is taken: a flag of sfN is set whose
 * trap is enabled, or which sf0 does not have.
 */
bool ia64_fchkf(uint64_t fpsr, unsigned sf);

/* ---- Events ---- */

/*
 * What an arithmetic instruction returns: 0 for nothing to deliver; or a kind and ISR.code.
 *
 * IA64_FP_FAULT: Floating-point Fault vector (0x5c00). Neither the target nor ar.fpsr was written.
 * ISR.code{7:0} in the low bits (SDM 2:8, table of FP fault codes): V, D, Z in bits 0..2 for a
 * scalar instruction or the high half of a parallel one, in bits 4..6 for the low half.
 *
 * IA64_FP_TRAP: Floating-point Trap vector (0x5d00). The target and ar.fpsr were written.
 * ISR.code{15:0} in the low bits: bit 0 (FP trap) and O, U, I, fpa in bits 11..14 for a scalar
 * instruction or the high half, in bits 7..10 for the low half. The caller adds concurrent traps.
 */
#define IA64_FP_FAULT		0x10000u
#define IA64_FP_TRAP		0x20000u
#define IA64_FP_CODE_MASK	0x0ffffu

#define IA64_ISR_FP_V		0x0001u
#define IA64_ISR_FP_D		0x0002u
#define IA64_ISR_FP_Z		0x0004u
#define IA64_ISR_FP_LO_SHIFT	4	/* faults: from the high half's bits to the low half's */
#define IA64_ISR_TRAP_FP	0x0001u
#define IA64_ISR_FP_O		0x0800u
#define IA64_ISR_FP_U		0x1000u
#define IA64_ISR_FP_I		0x2000u
#define IA64_ISR_FP_FPA		0x4000u
#define IA64_ISR_FP_LO_RSHIFT	4	/* traps: from the high half's down to the low half's */

/* ---- Arithmetic (SDM 3:2; formats and rounding SDM 1:5.2 table 5-6, exceptions SDM 1:5.4) ---- */

/* The pc completer in the instruction: none (sfN.pc decides), .s or .d. */
enum ia64_fp_pc { IA64_PC_DYNAMIC, IA64_PC_S, IA64_PC_D };

enum ia64_fma_op { IA64_FMA, IA64_FMS, IA64_FNMA };

/*
 * fma, fms, fnma .pc.sf f1 = f3, f4, f2, and so the pseudo-operations fadd, fsub, fmpy, fnorm.
 * f2 is NULL when the instruction names register f0 as addend: the product is then not added to,
 * so a zero product keeps its sign (SDM 3:2 "fma": fmpy). Writes *f1 unless a fault is returned.
 * If an operand is NaTVal, so is the result, with no flags and no event. Returns an event.
 */
uint32_t ia64_fma(uint64_t *fpsr, unsigned sf, enum ia64_fp_pc pc, enum ia64_fma_op op,
		  struct ia64_fr *f1, struct ia64_fr f3, struct ia64_fr f4,
		  const struct ia64_fr *f2);

/* The same in integers alone: what ia64_fma falls back on, and must agree with. */
uint32_t ia64_fma_soft(uint64_t *fpsr, unsigned sf, enum ia64_fp_pc pc, enum ia64_fma_op op,
		       struct ia64_fr *f1, struct ia64_fr f3, struct ia64_fr f4,
		       const struct ia64_fr *f2);

/*
 * As ia64_fma, in integers alone with a short way for the common case: whatever the host's FPU is
 * set to.
 */
uint32_t ia64_fma_integer(uint64_t *fpsr, unsigned sf, enum ia64_fp_pc pc, enum ia64_fma_op op,
			  struct ia64_fr *f1, const struct ia64_fr *f3, const struct ia64_fr *f4,
			  const struct ia64_fr *f2);

/* fpma, fpms, fpnma .sf f1 = f3, f4, f2. As ia64_fma; f2 is NULL for register f0. */
uint32_t ia64_fpma(uint64_t *fpsr, unsigned sf, enum ia64_fma_op op, struct ia64_fr *f1,
		   struct ia64_fr f3, struct ia64_fr f4, const struct ia64_fr *f2);

/*
 * frcpa.sf f1, p2 = f2, f3 and frsqrta.sf f1, p2 = f3, with qp true; parallel forms fprcpa and
 * fprsqrta. *p2 tells whether *f1 is an approximation that software is to refine; where it is
 * false *f1 holds the IEEE result (for fprcpa, fprsqrta: either half may hold an approximation).
 * Neither *f1 nor *p2 is written when a fault is returned. Returns an event: a fault or, for an
 * operand pair left to software assistance on hardware, also a trap.
 */
uint32_t ia64_frcpa(uint64_t *fpsr, unsigned sf, struct ia64_fr *f1, bool *p2,
		    struct ia64_fr f2, struct ia64_fr f3);
uint32_t ia64_fprcpa(uint64_t *fpsr, unsigned sf, struct ia64_fr *f1, bool *p2,
		     struct ia64_fr f2, struct ia64_fr f3);
uint32_t ia64_frsqrta(uint64_t *fpsr, unsigned sf, struct ia64_fr *f1, bool *p2,
		      struct ia64_fr f3);
uint32_t ia64_fprsqrta(uint64_t *fpsr, unsigned sf, struct ia64_fr *f1, bool *p2,
		       struct ia64_fr f3);

/* The relations that have opcodes; fcmp has the first four. Numbered as fpcmp's x6 - 0x30. */
enum ia64_fp_rel {
	IA64_REL_EQ, IA64_REL_LT, IA64_REL_LE, IA64_REL_UNORD,
	IA64_REL_NEQ, IA64_REL_NLT, IA64_REL_NLE, IA64_REL_ORD,
};

/*
 * fcmp.frel.sf p1, p2 = f2, f3 with qp true. Writes *p1 and *p2 unless a fault is returned; both
 * are false if an operand is NaTVal. Returns an event (a fault or nothing).
 */
uint32_t ia64_fcmp(uint64_t *fpsr, unsigned sf, enum ia64_fp_rel rel, bool *p1, bool *p2,
		   struct ia64_fr f2, struct ia64_fr f3);

/* fpcmp.frel.sf f1 = f2, f3: each half all ones or all zeros. Returns an event. */
uint32_t ia64_fpcmp(uint64_t *fpsr, unsigned sf, enum ia64_fp_rel rel, struct ia64_fr *f1,
		    struct ia64_fr f2, struct ia64_fr f3);

/* Mask bits of fclass9 as the assembler writes them. */
#define IA64_FCLASS_POS		0x001u
#define IA64_FCLASS_NEG		0x002u
#define IA64_FCLASS_ZERO	0x004u
#define IA64_FCLASS_UNORM	0x008u
#define IA64_FCLASS_NORM	0x010u
#define IA64_FCLASS_INF		0x020u
#define IA64_FCLASS_SNAN	0x040u
#define IA64_FCLASS_QNAN	0x080u
#define IA64_FCLASS_NATVAL	0x100u

/*
 * fclass.m p1, p2 = f2, fclass9 with qp true; fclass.nm is the same with p1 and p2 exchanged. Both
 * are false if f2 is NaTVal and the mask does not ask for it. No exceptions.
 */
void ia64_fclass(bool *p1, bool *p2, struct ia64_fr f2, unsigned fclass9);

enum ia64_fminmax_op { IA64_FMIN, IA64_FMAX, IA64_FAMIN, IA64_FAMAX };

/* fmin, fmax, famin, famax .sf f1 = f2, f3 and the parallel forms. Return an event. */
uint32_t ia64_fminmax(uint64_t *fpsr, unsigned sf, enum ia64_fminmax_op op, struct ia64_fr *f1,
		      struct ia64_fr f2, struct ia64_fr f3);
uint32_t ia64_fpminmax(uint64_t *fpsr, unsigned sf, enum ia64_fminmax_op op, struct ia64_fr *f1,
		       struct ia64_fr f2, struct ia64_fr f3);

/* fcvt.fx, .fxu, .fx.trunc, .fxu.trunc and the parallel forms: bit 0 unsigned, bit 1 truncate. */
#define IA64_FCVT_UNSIGNED	1u
#define IA64_FCVT_TRUNC		2u

/* fcvt.fx[u][.trunc].sf f1 = f2, fpcvt.fx[u][.trunc].sf f1 = f2. Return an event. */
uint32_t ia64_fcvt_fx(uint64_t *fpsr, unsigned sf, unsigned form, struct ia64_fr *f1,
		      struct ia64_fr f2);
uint32_t ia64_fpcvt_fx(uint64_t *fpsr, unsigned sf, unsigned form, struct ia64_fr *f1,
		       struct ia64_fr f2);

/* fcvt.xf f1 = f2: signed 64-bit integer to register format, exact. No exceptions. */
struct ia64_fr ia64_fcvt_xf(struct ia64_fr f2);

/* ---- Non-arithmetic (SDM 3:2): no exceptions, NaTVal in gives NaTVal out ---- */

#define IA64_FP_NATVAL_IF1(a) \
	do { if (ia64_fr_is_natval(a)) return IA64_FR_NATVAL; } while (0)
#define IA64_FP_NATVAL_IF2(a, b) \
	do { if (ia64_fr_is_natval(a) || ia64_fr_is_natval(b)) return IA64_FR_NATVAL; } while (0)

/* fmerge.s, .ns, .se f1 = f2, f3: sign (negated sign, sign and exponent) of f2, rest of f3. */
static inline struct ia64_fr ia64_fmerge_s(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_make(f3.sig, (f2.se & IA64_FR_SIGN) | (f3.se & IA64_FR_EXP_MASK));
}

static inline struct ia64_fr ia64_fmerge_ns(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_make(f3.sig, (~f2.se & IA64_FR_SIGN) | (f3.se & IA64_FR_EXP_MASK));
}

static inline struct ia64_fr ia64_fmerge_se(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_make(f3.sig, f2.se);
}

/* fpmerge.s, .ns, .se f1 = f2, f3: the same on each half. */
static inline struct ia64_fr ia64_fpmerge_mask(struct ia64_fr f2, struct ia64_fr f3,
					       uint64_t from_f2, uint64_t flip)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig(((f2.sig ^ flip) & from_f2) | (f3.sig & ~from_f2));
}

static inline struct ia64_fr ia64_fpmerge_s(struct ia64_fr f2, struct ia64_fr f3)
{
	return ia64_fpmerge_mask(f2, f3, 0x8000000080000000ull, 0);
}

static inline struct ia64_fr ia64_fpmerge_ns(struct ia64_fr f2, struct ia64_fr f3)
{
	return ia64_fpmerge_mask(f2, f3, 0x8000000080000000ull, 0x8000000080000000ull);
}

static inline struct ia64_fr ia64_fpmerge_se(struct ia64_fr f2, struct ia64_fr f3)
{
	return ia64_fpmerge_mask(f2, f3, 0xff800000ff800000ull, 0);
}

/* fmix.l, .r, .lr f1 = f2, f3: left (right, left of f2 and right of f3) halves. */
static inline struct ia64_fr ia64_fmix_l(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig((f2.sig & 0xffffffff00000000ull) | (f3.sig >> 32));
}

static inline struct ia64_fr ia64_fmix_r(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig((f2.sig << 32) | (uint32_t)f3.sig);
}

static inline struct ia64_fr ia64_fmix_lr(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig((f2.sig & 0xffffffff00000000ull) | (uint32_t)f3.sig);
}

/* fsxt.l, .r f1 = f2, f3: high half filled with the sign of f2's left (right) half. */
static inline struct ia64_fr ia64_fsxt_l(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig((f2.sig >> 63 ? 0xffffffff00000000ull : 0) | (f3.sig >> 32));
}

static inline struct ia64_fr ia64_fsxt_r(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig((f2.sig >> 31 & 1 ? 0xffffffff00000000ull : 0) |
				(uint32_t)f3.sig);
}

/* fswap, fswap.nl, fswap.nr f1 = f2, f3: right of f3, left of f2; left or right sign negated. */
static inline struct ia64_fr ia64_fswap(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig((f3.sig << 32) | (f2.sig >> 32));
}

static inline struct ia64_fr ia64_fswap_nl(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig(((f3.sig << 32) | (f2.sig >> 32)) ^ 0x8000000000000000ull);
}

static inline struct ia64_fr ia64_fswap_nr(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig(((f3.sig << 32) | (f2.sig >> 32)) ^ 0x80000000ull);
}

/* fand, fandcm, for, fxor f1 = f2, f3 and fselect f1 = f3, f4, f2: on significands. */
static inline struct ia64_fr ia64_fand(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig(f2.sig & f3.sig);
}

static inline struct ia64_fr ia64_fandcm(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig(f2.sig & ~f3.sig);
}

static inline struct ia64_fr ia64_for(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig(f2.sig | f3.sig);
}

static inline struct ia64_fr ia64_fxor(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig(f2.sig ^ f3.sig);
}

static inline struct ia64_fr ia64_fselect(struct ia64_fr f3, struct ia64_fr f4, struct ia64_fr f2)
{
	IA64_FP_NATVAL_IF1(f3);
	IA64_FP_NATVAL_IF2(f4, f2);
	return ia64_fr_from_sig((f3.sig & f2.sig) | (f4.sig & ~f2.sig));
}

/* xma.l, .h, .hu f1 = f3, f4, f2: low or high 64 bits of f3 * f4 + f2 on significands. */
static inline struct ia64_fr ia64_xma_l(struct ia64_fr f3, struct ia64_fr f4, struct ia64_fr f2)
{
	IA64_FP_NATVAL_IF1(f3);
	IA64_FP_NATVAL_IF2(f4, f2);
	return ia64_fr_from_sig(f3.sig * f4.sig + f2.sig);
}

static inline struct ia64_fr ia64_xma_hu(struct ia64_fr f3, struct ia64_fr f4, struct ia64_fr f2)
{
	IA64_FP_NATVAL_IF1(f3);
	IA64_FP_NATVAL_IF2(f4, f2);
	return ia64_fr_from_sig(((unsigned __int128)f3.sig * f4.sig + f2.sig) >> 64);
}

static inline struct ia64_fr ia64_xma_h(struct ia64_fr f3, struct ia64_fr f4, struct ia64_fr f2)
{
	IA64_FP_NATVAL_IF1(f3);
	IA64_FP_NATVAL_IF2(f4, f2);
	/* The addend is zero-extended in the signed form, too (SDM 3:2 "xma"). */
	__int128 product = (__int128)(int64_t)f3.sig * (int64_t)f4.sig;

	return ia64_fr_from_sig(((unsigned __int128)product + f2.sig) >> 64);
}

/* ---- Memory and general register formats (SDM 1:5.3) ---- */

/* ldfs, ldfps, setf.s: IEEE single to register format. No exceptions; NaNs are not quieted. */
static inline struct ia64_fr ia64_fr_from_single(uint32_t s)
{
	uint32_t sign = s >> 31 << 17, exp = s >> 23 & 0xff;
	uint64_t frac = (uint64_t)(s & 0x7fffff) << 40;

	if (exp - 1 < 0xfe)
		return (struct ia64_fr){ frac | IA64_FR_INTEGER_BIT, sign | (exp + 0xff80), 0 };
	if (exp)
		return (struct ia64_fr){ frac | IA64_FR_INTEGER_BIT, sign | 0x1ffff, 0 };
	return (struct ia64_fr){ frac, sign | (frac ? 0xff81 : 0), 0 };
}

/* ldfd, ldfpd, setf.d: IEEE double to register format. */
static inline struct ia64_fr ia64_fr_from_double(uint64_t d)
{
	uint32_t sign = (uint32_t)(d >> 63) << 17, exp = d >> 52 & 0x7ff;
	uint64_t frac = (d & 0xfffffffffffffull) << 11;

	if (exp - 1 < 0x7fe)
		return (struct ia64_fr){ frac | IA64_FR_INTEGER_BIT, sign | (exp + 0xfc00), 0 };
	if (exp)
		return (struct ia64_fr){ frac | IA64_FR_INTEGER_BIT, sign | 0x1ffff, 0 };
	return (struct ia64_fr){ frac, sign | (frac ? 0xfc01 : 0), 0 };
}

/*
 * ldfe: double-extended, the significand from the bytes at 0..7 and sign and exponent from those at
 * 8..9 (little-endian).
 */
static inline struct ia64_fr ia64_fr_from_extended(uint64_t sig, uint16_t se)
{
	uint32_t sign = (uint32_t)(se >> 15) << 17, exp = se & 0x7fff;

	if (exp == 0x7fff)
		exp = 0x1ffff;
	else if (exp)
		exp += 0xc000;
	return (struct ia64_fr){ sig, sign | exp, 0 };
}

/* ldf.fill: significand from bytes 0..7, sign and exponent from the low 18 bits of bytes 8..15. */
static inline struct ia64_fr ia64_fr_from_fill(uint64_t lo, uint64_t hi)
{
	return (struct ia64_fr){ lo, hi & 0x3ffff, 0 };
}

/*
 * stfs, getf.s: register format to IEEE single, a plain selection of bits: a value outside the
 * single range is not rounded (SDM 1:5.3.2). The caller has dealt with NaTVal.
 */
static inline uint32_t ia64_fr_to_single(struct ia64_fr f)
{
	uint32_t exp = (f.se >> 9 & 0x80) | (f.se & 0x7f);

	if (!(f.sig >> 63))
		exp = 0;
	return (f.se & IA64_FR_SIGN) << 14 | exp << 23 | (uint32_t)(f.sig >> 40 & 0x7fffff);
}

/* stfd, getf.d: register format to IEEE double, as above. */
static inline uint64_t ia64_fr_to_double(struct ia64_fr f)
{
	uint64_t exp = (f.se >> 6 & 0x400) | (f.se & 0x3ff);

	if (!(f.sig >> 63))
		exp = 0;
	return (uint64_t)(f.se & IA64_FR_SIGN) << 46 | exp << 52 |
	       (f.sig >> 11 & 0xfffffffffffffull);
}

/* stfe: the sign and exponent for bytes 8..9; bytes 0..7 are the significand. */
static inline uint16_t ia64_fr_to_extended_se(struct ia64_fr f)
{
	return (f.se & IA64_FR_SIGN) >> 2 | (f.se >> 2 & 0x4000) | (f.se & 0x3fff);
}

/* setf.exp: sign and exponent from a general register, significand 1.0. */
static inline struct ia64_fr ia64_setf_exp(uint64_t gr)
{
	return (struct ia64_fr){ IA64_FR_INTEGER_BIT, gr & 0x3ffff, 0 };
}

/* getf.exp: sign and exponent in bits 17:0. getf.sig is f.sig, stf.spill is { f.sig, f.se }. */
static inline uint64_t ia64_getf_exp(struct ia64_fr f)
{
	return f.se;
}

/* fpack f1 = f2, f3: two singles converted as stfs does, f2's in the high half. */
static inline struct ia64_fr ia64_fpack(struct ia64_fr f2, struct ia64_fr f3)
{
	IA64_FP_NATVAL_IF2(f2, f3);
	return ia64_fr_from_sig((uint64_t)ia64_fr_to_single(f2) << 32 | ia64_fr_to_single(f3));
}

#endif
