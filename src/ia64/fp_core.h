/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Shared by the floating-point sources only: operand classes, the environment of one operation,
 * and rounding to a destination format with IEEE flags and traps (SDM 1:5.1.3, 1:5.2, 1:5.4).
 */
#ifndef PARAVANE_IA64_FP_CORE_H
#define PARAVANE_IA64_FP_CORE_H

#include "ia64/fp.h"

typedef unsigned __int128 fp_u128;

/* ---- Operands ---- */

/* Unsupported encodings are pseudo-NaNs and pseudo-infinities; UNNORM includes pseudo-zeros. */
enum fp_class {
	FPC_NORMAL, FPC_ZERO, FPC_UNNORM, FPC_INF, FPC_QNAN, FPC_SNAN, FPC_UNSUPPORTED, FPC_NATVAL,
};

static inline enum fp_class fp_classify(struct ia64_fr f)
{
	uint32_t exp = f.se & IA64_FR_EXP_MASK;

	if (exp == IA64_FR_EXP_SPECIAL) {
		if (!(f.sig & IA64_FR_INTEGER_BIT))
			return FPC_UNSUPPORTED;
		if (f.sig == IA64_FR_INTEGER_BIT)
			return FPC_INF;
		return f.sig & IA64_FR_QUIET_BIT ? FPC_QNAN : FPC_SNAN;
	}
	if (exp && f.sig & IA64_FR_INTEGER_BIT)
		return FPC_NORMAL;
	if (ia64_fr_is_natval(f))
		return FPC_NATVAL;
	return exp || f.sig ? FPC_UNNORM : FPC_ZERO;
}

static inline bool fp_sign(struct ia64_fr f)
{
	return f.se & IA64_FR_SIGN;
}

/* A finite value sig * 2^(exp - 63), its integer bit set unless it is zero. */
struct fp_finite {
	uint64_t sig;
	int32_t exp;
	bool sign;
};

static inline struct fp_finite fp_unpack(struct ia64_fr f)
{
	int32_t exp = (int32_t)(f.se & IA64_FR_EXP_MASK);
	struct fp_finite v = { f.sig, 0, fp_sign(f) };

	/* An exponent of 0 stands for the double-extended minimum, 0xc001 (SDM 1:5.1.2). */
	v.exp = exp ? exp - (int32_t)IA64_FR_EXP_BIAS : -16382;
	if (v.sig && !(v.sig & IA64_FR_INTEGER_BIT)) {
		int shift = __builtin_clzll(v.sig);

		v.sig <<= shift;
		v.exp -= shift;
	}
	return v;
}

/* ---- The environment of one scalar operation or one half of a parallel one ---- */

struct fp_env {
	uint32_t enabled;	/* IA64_FP_* whose faults and traps are delivered */
	uint32_t flags;		/* IA64_FP_* raised so far */
	uint32_t fault;		/* ISR.code{3:0} of a fault to deliver */
	uint32_t trap;		/* ISR.code{14:11} of a trap to deliver */
	enum ia64_fp_rc rc;
	bool ftz;
};

static inline struct fp_env fp_env_get(uint64_t fpsr, unsigned sf)
{
	uint32_t s = ia64_sf_get(fpsr, sf);

	return (struct fp_env){
		/* td is reserved in sf0, where traps are disabled one by one. */
		.enabled = sf && s & IA64_SF_TD ? 0 : ~(uint32_t)fpsr & IA64_FP_ALL,
		.rc = (enum ia64_fp_rc)(s >> IA64_SF_RC_SHIFT & 3),
		.ftz = s & IA64_SF_FTZ,
	};
}

/* Signals V, D or Z. Returns true if that is a fault, which ends the operation. */
static inline bool fp_signal(struct fp_env *env, uint32_t exception)
{
	if (env->enabled & exception) {
		env->fault |= exception;
		return true;
	}
	env->flags |= exception;
	return false;
}

static inline void fp_flags_set(uint64_t *fpsr, unsigned sf, uint32_t flags)
{
	*fpsr |= (uint64_t)flags << (ia64_sf_shift(sf) + IA64_SF_FLAGS_SHIFT);
}

/* Ends a scalar operation that has no fault: flags to ar.fpsr; returns the event. */
static inline uint32_t fp_end(uint64_t *fpsr, unsigned sf, const struct fp_env *env)
{
	fp_flags_set(fpsr, sf, env->flags);
	return env->trap ? IA64_FP_TRAP | IA64_ISR_TRAP_FP | env->trap : 0;
}

/* The fault event of a parallel operation, or 0. */
static inline uint32_t fp_pair_fault(const struct fp_env *hi, const struct fp_env *lo)
{
	uint32_t code = hi->fault | lo->fault << IA64_ISR_FP_LO_SHIFT;

	return code ? IA64_FP_FAULT | code : 0;
}

static inline uint32_t fp_pair_end(uint64_t *fpsr, unsigned sf, const struct fp_env *hi,
				   const struct fp_env *lo)
{
	uint32_t code = hi->trap | lo->trap >> IA64_ISR_FP_LO_RSHIFT;

	fp_flags_set(fpsr, sf, hi->flags | lo->flags);
	return code ? IA64_FP_TRAP | IA64_ISR_TRAP_FP | code : 0;
}

static inline struct ia64_fr fp_hi(struct ia64_fr f)
{
	return ia64_fr_from_single((uint32_t)(f.sig >> 32));
}

static inline struct ia64_fr fp_lo(struct ia64_fr f)
{
	return ia64_fr_from_single((uint32_t)f.sig);
}

static inline struct ia64_fr fp_pair(uint32_t hi, uint32_t lo)
{
	return ia64_fr_from_sig((uint64_t)hi << 32 | lo);
}

/* ---- Destination formats (SDM 1:5.2 table 5-6) ---- */

struct fp_format {
	int32_t emin, emax;	/* unbiased */
	uint8_t precision;	/* bits of significand, the integer bit included */
	uint32_t denormal_exp;	/* register exponent of a denormal result */
};

extern const struct fp_format fp_format_single, fp_format_double;
extern const struct fp_format fp_format_dynamic[4];	/* by sfN.pc, sfN.wre clear */
extern const struct fp_format fp_format_widest[4];	/* by sfN.pc, sfN.wre set */

/* The format of a scalar instruction with completer `pc` under status field bits `s`. */
static inline const struct fp_format *fp_format_of(uint32_t s, enum ia64_fp_pc pc)
{
	bool wre = s & IA64_SF_WRE;

	switch (pc) {
	case IA64_PC_S:
		return wre ? &fp_format_widest[IA64_SF_PC_SINGLE] : &fp_format_single;
	case IA64_PC_D:
		return wre ? &fp_format_widest[IA64_SF_PC_DOUBLE] : &fp_format_double;
	case IA64_PC_DYNAMIC:
		break;
	}
	return &(wre ? fp_format_widest : fp_format_dynamic)[s >> IA64_SF_PC_SHIFT & 3];
}

/* ---- Results ---- */

enum fp_kind { FPK_NORMAL, FPK_DENORMAL, FPK_ZERO, FPK_INF, FPK_NAN };

/*
 * NORMAL is sig * 2^(exp - 63); exp is outside the format's range when an enabled overflow or
 * underflow trap delivers it. DENORMAL is sig * 2^(emin - 63). NAN has the register's significand.
 */
struct fp_result {
	uint64_t sig;
	int32_t exp;
	bool sign;
	enum fp_kind kind;
};

static inline struct fp_result fp_zero(bool sign)
{
	return (struct fp_result){ 0, 0, sign, FPK_ZERO };
}

static inline struct fp_result fp_inf(bool sign)
{
	return (struct fp_result){ IA64_FR_INTEGER_BIT, 0, sign, FPK_INF };
}

static inline struct fp_result fp_indefinite(void)
{
	return (struct fp_result){ IA64_FR_QNAN.sig, 0, true, FPK_NAN };
}

static inline struct fp_result fp_quiet(struct ia64_fr f)
{
	return (struct fp_result){ f.sig | IA64_FR_QUIET_BIT, 0, fp_sign(f), FPK_NAN };
}

/* To the register format; an exponent out of range keeps its low 17 bits (SDM 1:5.4.2). */
static inline struct ia64_fr fp_pack(const struct fp_format *fmt, struct fp_result r)
{
	uint32_t sign = r.sign ? IA64_FR_SIGN : 0, exp = 0;

	switch (r.kind) {
	case FPK_NORMAL:
		exp = (uint32_t)(r.exp + (int32_t)IA64_FR_EXP_BIAS) & IA64_FR_EXP_MASK;
		break;
	case FPK_DENORMAL:
		exp = fmt->denormal_exp;
		break;
	case FPK_ZERO:
		break;
	case FPK_INF:
	case FPK_NAN:
		exp = IA64_FR_EXP_SPECIAL;
		break;
	}
	return (struct ia64_fr){ r.sig, sign | exp, 0 };
}

/* To a half of the parallel format; an exponent out of range keeps its low 8 bits. */
static inline uint32_t fp_pack_single(struct fp_result r)
{
	uint32_t exp = 0;

	switch (r.kind) {
	case FPK_NORMAL:
		exp = (uint32_t)(r.exp + 127) & 0xff;
		break;
	case FPK_DENORMAL:
	case FPK_ZERO:
		break;
	case FPK_INF:
	case FPK_NAN:
		exp = 0xff;
		break;
	}
	return (uint32_t)r.sign << 31 | exp << 23 | (uint32_t)(r.sig >> 40 & 0x7fffff);
}

/* ---- Rounding ---- */

struct fp_rounded {
	uint64_t sig;		/* wraps to 0 when the increment carries out */
	bool inexact, up;
};

/*
 * Rounds hi.lo to a multiple of `ulp` = 2^(64 - precision), in units of hi. Without branches on the
 * value where rounding is to nearest, for which way it goes cannot be predicted.
 */
static inline struct fp_rounded fp_round_sig(enum ia64_fp_rc rc, bool sign, uint64_t ulp,
					     uint64_t hi, uint64_t lo)
{
	uint64_t rest = hi & (ulp - 1);
	struct fp_rounded r = { hi - rest, (rest | lo) != 0, false };

	switch (rc) {
	case IA64_RC_NEAREST:
		if (ulp == 1) {
			r.up = lo >> 63 & ((lo << 1 != 0) | hi);
		} else {
			/* Over one half; or one half, and the even neighbour is above. */
			uint64_t half = ulp >> 1, odd = (hi & ulp) != 0;

			r.up = rest + ((lo != 0) | odd) > half;
		}
		break;
	case IA64_RC_DOWN:
		r.up = r.inexact & sign;
		break;
	case IA64_RC_UP:
		r.up = r.inexact & !sign;
		break;
	case IA64_RC_ZERO:
		break;
	}
	r.sig += r.up ? ulp : 0;
	return r;
}

/* Signals an inexact result; `up` if the delivered magnitude is greater than the exact one. */
static inline void fp_inexact(struct fp_env *env, bool up)
{
	env->flags |= IA64_FP_I;
	if (env->enabled & IA64_FP_I)
		env->trap |= IA64_ISR_FP_I | (up ? IA64_ISR_FP_FPA : 0);
}

/* The rare part of fp_round: the rounded exponent is out of range. */
struct fp_result fp_round_range(struct fp_env *env, const struct fp_format *fmt, bool sign,
				fp_u128 sig, int32_t exp, struct fp_result rounded,
				struct fp_rounded how);

/*
 * Rounds sig * 2^(exp - 127), whose bit 127 is set and whose bit 0 may stand for all that is below,
 * to `fmt` (SDM 1:5.4.2, 1:5.4.3; tininess is detected after rounding).
 */
static inline struct fp_result fp_round(struct fp_env *env, const struct fp_format *fmt, bool sign,
					fp_u128 sig, int32_t exp)
{
	struct fp_rounded how = fp_round_sig(env->rc, sign, 1ull << (64 - fmt->precision),
					     (uint64_t)(sig >> 64), (uint64_t)sig);
	struct fp_result r = { how.sig, exp, sign, FPK_NORMAL };

	if (!r.sig) {
		r.sig = IA64_FR_INTEGER_BIT;
		r.exp++;
	}
	if (__builtin_expect(r.exp < fmt->emin || r.exp > fmt->emax, 0))
		return fp_round_range(env, fmt, sign, sig, exp, r, how);
	if (how.inexact)
		fp_inexact(env, how.up);
	return r;
}

#endif
