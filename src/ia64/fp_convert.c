/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Conversions between floating point and integers (SDM 3:2 "fcvt", "fpcvt"). */
#include "ia64/fp_core.h"

/* The magnitude of v, not zero and v.exp <= 63, rounded to an integer. May be 2^64. */
static fp_u128 round_to_integer(enum ia64_fp_rc rc, struct fp_finite v, bool *inexact, bool *up)
{
	/* With the binary point in the middle of 128 bits, hi.lo is integer and fraction. */
	int32_t shift = 63 - v.exp;
	fp_u128 fixed = (fp_u128)v.sig << 64;
	struct fp_rounded r;

	/* Bits are lost only where the leading one, still there, makes the fraction inexact. */
	fixed = shift < 128 ? fixed >> shift : 1;
	r = fp_round_sig(rc, v.sign, 1, (uint64_t)(fixed >> 64), (uint64_t)fixed);
	*inexact = r.inexact;
	*up = r.up;
	return r.up && !r.sig ? (fp_u128)1 << 64 : r.sig;
}

/*
 * Converts to an integer of `bits` bits. Signals V (NaN, infinity, or out of range after rounding;
 * the result is then the integer indefinite), else D for an unnormal, and then inexactness.
 */
static uint64_t to_integer(struct fp_env *env, unsigned form, unsigned bits, struct ia64_fr f)
{
	enum fp_class c = fp_classify(f);
	enum ia64_fp_rc rc = form & IA64_FCVT_TRUNC ? IA64_RC_ZERO : env->rc;
	struct fp_finite v = fp_unpack(f);
	fp_u128 magnitude = 0, limit;
	bool valid, inexact = false, up = false;

	valid = c == FPC_NORMAL || c == FPC_ZERO || c == FPC_UNNORM;
	if (valid && v.sig && v.exp > 63)
		valid = false;
	if (valid && v.sig)
		magnitude = round_to_integer(rc, v, &inexact, &up);
	if (form & IA64_FCVT_UNSIGNED)
		limit = v.sign ? 0 : ((fp_u128)1 << bits) - 1;
	else
		limit = ((fp_u128)1 << (bits - 1)) - !v.sign;
	if (!valid || magnitude > limit) {
		fp_signal(env, IA64_FP_V);
		return 1ull << (bits - 1);
	}
	if (c == FPC_UNNORM && fp_signal(env, IA64_FP_D))
		return 0;
	if (inexact)
		fp_inexact(env, up);
	return v.sign ? -(uint64_t)magnitude : (uint64_t)magnitude;
}

uint32_t ia64_fcvt_fx(uint64_t *fpsr, unsigned sf, unsigned form, struct ia64_fr *f1,
		      struct ia64_fr f2)
{
	struct fp_env env = fp_env_get(*fpsr, sf);
	uint64_t r;

	if (ia64_fr_is_natval(f2)) {
		*f1 = IA64_FR_NATVAL;
		return 0;
	}
	r = to_integer(&env, form, 64, f2);
	if (env.fault)
		return IA64_FP_FAULT | env.fault;
	*f1 = ia64_fr_from_sig(r);
	return fp_end(fpsr, sf, &env);
}

uint32_t ia64_fpcvt_fx(uint64_t *fpsr, unsigned sf, unsigned form, struct ia64_fr *f1,
		       struct ia64_fr f2)
{
	struct fp_env hi = fp_env_get(*fpsr, sf), lo = hi;
	uint32_t rhi, rlo, fault;

	if (ia64_fr_is_natval(f2)) {
		*f1 = IA64_FR_NATVAL;
		return 0;
	}
	rhi = (uint32_t)to_integer(&hi, form, 32, fp_hi(f2));
	rlo = (uint32_t)to_integer(&lo, form, 32, fp_lo(f2));
	fault = fp_pair_fault(&hi, &lo);
	if (fault)
		return fault;
	*f1 = fp_pair(rhi, rlo);
	return fp_pair_end(fpsr, sf, &hi, &lo);
}

struct ia64_fr ia64_fcvt_xf(struct ia64_fr f2)
{
	uint32_t sign = f2.sig >> 63 ? IA64_FR_SIGN : 0;
	uint64_t magnitude = sign ? -f2.sig : f2.sig;
	int shift;

	if (ia64_fr_is_natval(f2))
		return IA64_FR_NATVAL;
	if (!magnitude)
		return IA64_FR_ZERO;
	shift = __builtin_clzll(magnitude);
	return (struct ia64_fr){ magnitude << shift, sign | (IA64_FR_EXP_INTEGER - shift), 0 };
}
