/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating-point destination formats, and rounding of what overflows or underflows them. */
#include "ia64/fp_core.h"

#define FMT(precision, emax, denormal)	{ 1 - (emax), emax, precision, denormal }

const struct fp_format fp_format_single = FMT(24, 127, 0xff81);

const struct fp_format fp_format_double = FMT(53, 1023, 0xfc01);

/* By sfN.pc; the reserved pc 1, which cannot be written, behaves as extended. */
const struct fp_format fp_format_dynamic[4] = {
	FMT(24, 16383, 0), FMT(64, 16383, 0), FMT(53, 16383, 0), FMT(64, 16383, 0),
};

const struct fp_format fp_format_widest[4] = {
	FMT(24, 65535, 1), FMT(64, 65535, 1), FMT(53, 65535, 1), FMT(64, 65535, 1),
};

/* Delivers the result with its exponent unbounded: the response to an enabled O or U trap. */
static struct fp_result trap_out_of_range(struct fp_env *env, uint32_t flag, uint32_t code,
					  struct fp_result r, struct fp_rounded how)
{
	env->flags |= flag;
	env->trap |= code;
	if (how.inexact) {
		env->flags |= IA64_FP_I;
		env->trap |= IA64_ISR_FP_I | (how.up ? IA64_ISR_FP_FPA : 0);
	}
	return r;
}

static struct fp_result overflow(struct fp_env *env, const struct fp_format *fmt, bool sign)
{
	bool to_inf = env->rc == IA64_RC_NEAREST || env->rc == (sign ? IA64_RC_DOWN : IA64_RC_UP);

	env->flags |= IA64_FP_O;
	fp_inexact(env, to_inf);
	if (to_inf)
		return fp_inf(sign);
	return (struct fp_result){ -(1ull << (64 - fmt->precision)), fmt->emax, sign, FPK_NORMAL };
}

static struct fp_result denormalize(struct fp_env *env, const struct fp_format *fmt, bool sign,
				    fp_u128 sig, int32_t exp)
{
	int64_t shift = (int64_t)fmt->emin - exp;
	fp_u128 shifted = shift < 128 ? sig >> shift : 0;
	struct fp_rounded how;
	struct fp_result r;

	if (shift >= 128 || shifted << shift != sig)
		shifted |= 1;
	how = fp_round_sig(env->rc, sign, 1ull << (64 - fmt->precision), (uint64_t)(shifted >> 64),
			   (uint64_t)shifted);
	if (how.inexact) {
		env->flags |= IA64_FP_U;
		fp_inexact(env, how.up);
	}
	r = (struct fp_result){ how.sig, fmt->emin, sign, FPK_DENORMAL };
	if (!r.sig)
		r.kind = FPK_ZERO;
	else if (r.sig & IA64_FR_INTEGER_BIT)
		r.kind = FPK_NORMAL;
	return r;
}

struct fp_result fp_round_range(struct fp_env *env, const struct fp_format *fmt, bool sign,
				fp_u128 sig, int32_t exp, struct fp_result rounded,
				struct fp_rounded how)
{
	if (rounded.exp > fmt->emax) {
		if (env->enabled & IA64_FP_O)
			return trap_out_of_range(env, IA64_FP_O, IA64_ISR_FP_O, rounded, how);
		return overflow(env, fmt, sign);
	}
	if (env->enabled & IA64_FP_U)
		return trap_out_of_range(env, IA64_FP_U, IA64_ISR_FP_U, rounded, how);
	if (env->ftz) {
		env->flags |= IA64_FP_U;
		fp_inexact(env, false);
		return fp_zero(sign);
	}
	return denormalize(env, fmt, sign, sig, exp);
}
