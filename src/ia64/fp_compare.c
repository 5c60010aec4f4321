/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fcmp, fpcmp, fclass, and minimum and maximum in all forms (SDM 3:2). */
#include "ia64/fp_core.h"

enum order { LESS, EQUAL, GREATER, UNORDERED };

static bool is_nan_like(enum fp_class c)
{
	return c == FPC_QNAN || c == FPC_SNAN || c == FPC_UNSUPPORTED;
}

/* Negative, 0 or positive as |a| is below, at or above |b|; neither is a NaN. */
static int compare_magnitudes(struct ia64_fr a, enum fp_class ca, struct ia64_fr b,
			      enum fp_class cb)
{
	struct fp_finite va, vb;

	if (ca == FPC_INF || cb == FPC_INF)
		return (ca == FPC_INF) - (cb == FPC_INF);
	va = fp_unpack(a);
	vb = fp_unpack(b);
	if (!va.sig || !vb.sig)
		return (va.sig != 0) - (vb.sig != 0);
	if (va.exp != vb.exp)
		return va.exp < vb.exp ? -1 : 1;
	return (va.sig > vb.sig) - (va.sig < vb.sig);
}

/*
 * Orders two operands, by magnitude alone if `absolute`. Signals V for a NaN (only for a signaling
 * one if `quiet`) or an unsupported encoding, else D for an unnormal; env may then have a fault.
 */
static enum order compare(struct fp_env *env, struct ia64_fr a, struct ia64_fr b, bool quiet,
			  bool absolute)
{
	enum fp_class ca = fp_classify(a), cb = fp_classify(b);
	int magnitude;

	if (is_nan_like(ca) || is_nan_like(cb)) {
		if (!quiet || (is_nan_like(ca) && ca != FPC_QNAN) ||
		    (is_nan_like(cb) && cb != FPC_QNAN))
			fp_signal(env, IA64_FP_V);
		return UNORDERED;
	}
	if (ca == FPC_UNNORM || cb == FPC_UNNORM)
		if (fp_signal(env, IA64_FP_D))
			return UNORDERED;
	magnitude = compare_magnitudes(a, ca, b, cb);
	if (!absolute) {
		if (!a.sig && !b.sig)
			return EQUAL;
		if (fp_sign(a) != fp_sign(b))
			return fp_sign(a) ? LESS : GREATER;
		if (fp_sign(a))
			magnitude = -magnitude;
	}
	return magnitude < 0 ? LESS : magnitude ? GREATER : EQUAL;
}

static bool holds(enum ia64_fp_rel rel, enum order order)
{
	switch (rel) {
	case IA64_REL_EQ:
		return order == EQUAL;
	case IA64_REL_LT:
		return order == LESS;
	case IA64_REL_LE:
		return order == LESS || order == EQUAL;
	case IA64_REL_UNORD:
		return order == UNORDERED;
	case IA64_REL_NEQ:
		return order != EQUAL;
	case IA64_REL_NLT:
		return order != LESS;
	case IA64_REL_NLE:
		return order != LESS && order != EQUAL;
	case IA64_REL_ORD:
		return order != UNORDERED;
	}
	return false;
}

static bool related(struct fp_env *env, enum ia64_fp_rel rel, struct ia64_fr a, struct ia64_fr b)
{
	bool quiet = rel == IA64_REL_EQ || rel == IA64_REL_NEQ || rel == IA64_REL_UNORD ||
		     rel == IA64_REL_ORD;

	return holds(rel, compare(env, a, b, quiet, false));
}

uint32_t ia64_fcmp(uint64_t *fpsr, unsigned sf, enum ia64_fp_rel rel, bool *p1, bool *p2,
		   struct ia64_fr f2, struct ia64_fr f3)
{
	struct fp_env env = fp_env_get(*fpsr, sf);
	bool result;

	if (ia64_fr_is_natval(f2) || ia64_fr_is_natval(f3)) {
		*p1 = false;
		*p2 = false;
		return 0;
	}
	result = related(&env, rel, f2, f3);
	if (env.fault)
		return IA64_FP_FAULT | env.fault;
	*p1 = result;
	*p2 = !result;
	return fp_end(fpsr, sf, &env);
}

uint32_t ia64_fpcmp(uint64_t *fpsr, unsigned sf, enum ia64_fp_rel rel, struct ia64_fr *f1,
		    struct ia64_fr f2, struct ia64_fr f3)
{
	struct fp_env hi = fp_env_get(*fpsr, sf), lo = hi;
	bool rhi, rlo;
	uint32_t fault;

	if (ia64_fr_is_natval(f2) || ia64_fr_is_natval(f3)) {
		*f1 = IA64_FR_NATVAL;
		return 0;
	}
	rhi = related(&hi, rel, fp_hi(f2), fp_hi(f3));
	rlo = related(&lo, rel, fp_lo(f2), fp_lo(f3));
	fault = fp_pair_fault(&hi, &lo);
	if (fault)
		return fault;
	*f1 = fp_pair(rhi ? UINT32_MAX : 0, rlo ? UINT32_MAX : 0);
	return fp_pair_end(fpsr, sf, &hi, &lo);
}

/* True if f2 (of f2 and f3) is the one the operation delivers; f3 is if they are unordered. */
static bool takes_first(struct fp_env *env, enum ia64_fminmax_op op, struct ia64_fr f2,
			struct ia64_fr f3)
{
	bool absolute = op == IA64_FAMIN || op == IA64_FAMAX;
	enum order order = compare(env, f2, f3, false, absolute);

	return order == (op == IA64_FMIN || op == IA64_FAMIN ? LESS : GREATER);
}

uint32_t ia64_fminmax(uint64_t *fpsr, unsigned sf, enum ia64_fminmax_op op, struct ia64_fr *f1,
		      struct ia64_fr f2, struct ia64_fr f3)
{
	struct fp_env env = fp_env_get(*fpsr, sf);
	bool first;

	if (ia64_fr_is_natval(f2) || ia64_fr_is_natval(f3)) {
		*f1 = IA64_FR_NATVAL;
		return 0;
	}
	first = takes_first(&env, op, f2, f3);
	if (env.fault)
		return IA64_FP_FAULT | env.fault;
	*f1 = first ? f2 : f3;
	return fp_end(fpsr, sf, &env);
}

uint32_t ia64_fpminmax(uint64_t *fpsr, unsigned sf, enum ia64_fminmax_op op, struct ia64_fr *f1,
		       struct ia64_fr f2, struct ia64_fr f3)
{
	struct fp_env hi = fp_env_get(*fpsr, sf), lo = hi;
	bool first_hi, first_lo;
	uint32_t fault;

	if (ia64_fr_is_natval(f2) || ia64_fr_is_natval(f3)) {
		*f1 = IA64_FR_NATVAL;
		return 0;
	}
	first_hi = takes_first(&hi, op, fp_hi(f2), fp_hi(f3));
	first_lo = takes_first(&lo, op, fp_lo(f2), fp_lo(f3));
	fault = fp_pair_fault(&hi, &lo);
	if (fault)
		return fault;
	*f1 = fp_pair((uint32_t)((first_hi ? f2 : f3).sig >> 32),
		      (uint32_t)(first_lo ? f2 : f3).sig);
	return fp_pair_end(fpsr, sf, &hi, &lo);
}

void ia64_fclass(bool *p1, bool *p2, struct ia64_fr f2, unsigned fclass9)
{
	static const uint16_t mask[] = {
		[FPC_NORMAL] = IA64_FCLASS_NORM,
		[FPC_ZERO] = IA64_FCLASS_ZERO,
		[FPC_UNNORM] = IA64_FCLASS_UNORM,
		[FPC_INF] = IA64_FCLASS_INF,
		[FPC_QNAN] = IA64_FCLASS_QNAN,
		[FPC_SNAN] = IA64_FCLASS_SNAN,
		[FPC_UNSUPPORTED] = 0,
		[FPC_NATVAL] = IA64_FCLASS_NATVAL,
	};
	enum fp_class c = fp_classify(f2);
	bool member = fclass9 & mask[c];

	/* The sign is asked for only where the value is a number. */
	if (c <= FPC_INF && !(fclass9 & (fp_sign(f2) ? IA64_FCLASS_NEG : IA64_FCLASS_POS)))
		member = false;
	*p1 = member;
	*p2 = !member && c != FPC_NATVAL;
}
