/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fma, fms, fnma and their parallel forms (SDM 3:2): exact, in integers or on the host's FPU. */
#include <math.h>
#include <string.h>

#include "ia64/fp_core.h"
#include "ia64/fp_short.h"

/* ---- Exact arithmetic on finite values ---- */

/* A magnitude sig * 2^(exp - 127) with bit 127 of sig set, or sig zero. */
struct wide {
	fp_u128 sig;
	int32_t exp;
	bool sign;
};

static struct wide wide_from(struct fp_finite v)
{
	return (struct wide){ (fp_u128)v.sig << 64, v.exp, v.sign };
}

static inline struct wide multiply(struct fp_finite a, struct fp_finite b)
{
	fp_u128 product = (fp_u128)a.sig * b.sig;
	int shift = !(product >> 127);

	return (struct wide){ product << shift, a.exp + b.exp + 1 - shift, a.sign != b.sign };
}

/*
 * The sum of two non-zero values; bit 0 of its significand stands for all that is below. The
 * smaller one is shifted into 192 bits, small and out; from a shift of 64 on, where a sum needs no
 * more of it, out only tells whether anything was lost. Few branches, for data decides them all.
 */
static inline struct wide add(struct wide a, struct wide b, enum ia64_fp_rc rc)
{
	int64_t shift = (int64_t)a.exp - b.exp;
	bool b_bigger = shift < 0 || (shift == 0 && a.sig < b.sig);
	bool subtract = a.sign != b.sign;
	fp_u128 big = b_bigger ? b.sig : a.sig, small = b_bigger ? a.sig : b.sig, sum;
	int32_t exp = b_bigger ? b.exp : a.exp;
	bool sign = b_bigger ? b.sign : a.sign;
	uint64_t out;
	int lead;

	shift = b_bigger ? -shift : shift;
	if (__builtin_expect(shift < 64, 1)) {
		out = (uint64_t)small << 1 << (63 - shift);
		small >>= shift;
	} else {
		fp_u128 shifted = shift < 128 ? small >> shift : 0;

		out = shift >= 128 || shifted << shift != small;
		small = shifted;
	}
	if (!subtract) {
		sum = big + small;
		if (sum < big) {
			out |= (uint64_t)sum & 1;
			sum = sum >> 1 | (fp_u128)1 << 127;
			exp++;
		}
		return (struct wide){ sum | (out != 0), exp, sign };
	}
	sum = big - small - (out != 0);
	out = -out;
	/* Only a shift of 0 or 1 cancels more than one bit, and then `out` has all that left. */
	if (__builtin_expect(!(uint64_t)(sum >> 64), 0)) {
		if (!(sum | out))
			return (struct wide){ 0, 0, rc == IA64_RC_DOWN };
		sum = sum << 64 | out;
		exp -= 64;
		out = 0;
		if (!(uint64_t)(sum >> 64)) {
			sum <<= 64;
			exp -= 64;
		}
	}
	lead = __builtin_clzll((uint64_t)(sum >> 64));
	sum = sum << lead | out >> 1 >> (63 - lead);
	return (struct wide){ sum | (out << lead != 0), exp - lead, sign };
}

static inline struct fp_result fma_finite(struct fp_env *env, const struct fp_format *fmt,
					  struct fp_finite f3, struct fp_finite f4,
					  struct fp_finite f2, bool has_addend)
{
	struct wide r;

	if (__builtin_expect(!f3.sig || !f4.sig, 0)) {
		bool sign = f3.sign != f4.sign;

		if (!has_addend)
			return fp_zero(sign);
		if (!f2.sig)
			return fp_zero(sign == f2.sign ? sign : env->rc == IA64_RC_DOWN);
		r = wide_from(f2);
	} else {
		r = multiply(f3, f4);
		if (f2.sig) {
			r = add(r, wide_from(f2), env->rc);
			if (!r.sig)
				return fp_zero(r.sign);
		}
	}
	return fp_round(env, fmt, r.sign, r.sig, r.exp);
}

/*
 * What NaNs, infinities and unnormals do. Returns true if *r is the result (or env has a fault);
 * false if the operands are finite and to be computed with.
 */
static bool fma_special(struct fp_env *env, enum ia64_fma_op op, struct fp_result *r,
			const struct ia64_fr *f3, const struct ia64_fr *f4,
			const struct ia64_fr *f2)
{
	enum fp_class c3 = fp_classify(*f3), c4 = fp_classify(*f4), c2 = fp_classify(*f2);
	bool product_sign = (fp_sign(*f3) != fp_sign(*f4)) != (op == IA64_FNMA);
	bool addend_sign = fp_sign(*f2) != (op == IA64_FMS);
	bool product_inf = c3 == FPC_INF || c4 == FPC_INF;

	if (c3 == FPC_UNSUPPORTED || c4 == FPC_UNSUPPORTED || c2 == FPC_UNSUPPORTED) {
		*r = fp_indefinite();
		fp_signal(env, IA64_FP_V);
		return true;
	}
	if (c3 == FPC_SNAN || c4 == FPC_SNAN || c2 == FPC_SNAN)
		if (fp_signal(env, IA64_FP_V))
			return true;
	if (c4 == FPC_QNAN || c4 == FPC_SNAN) {
		*r = fp_quiet(*f4);
		return true;
	}
	if (c2 == FPC_QNAN || c2 == FPC_SNAN) {
		*r = fp_quiet(*f2);
		return true;
	}
	if (c3 == FPC_QNAN || c3 == FPC_SNAN) {
		*r = fp_quiet(*f3);
		return true;
	}
	/* A pseudo-zero times infinity is infinity: only a true zero is invalid (SDM 1:5.1.3). */
	if ((product_inf && (c3 == FPC_ZERO || c4 == FPC_ZERO)) ||
	    (product_inf && c2 == FPC_INF && product_sign != addend_sign)) {
		*r = fp_indefinite();
		fp_signal(env, IA64_FP_V);
		return true;
	}
	if (c3 == FPC_UNNORM || c4 == FPC_UNNORM || c2 == FPC_UNNORM)
		if (fp_signal(env, IA64_FP_D))
			return true;
	if (product_inf || c2 == FPC_INF) {
		*r = fp_inf(product_inf ? product_sign : addend_sign);
		return true;
	}
	return false;
}

/*
 * One scalar operation, or one half of a parallel one. No operand is NaTVal. Operands come by
 * pointer: a 16-byte copy of what was just written in two parts is slow on the host.
 */
static inline struct fp_result fma_one(struct fp_env *env, const struct fp_format *fmt,
				       enum ia64_fma_op op, const struct ia64_fr *f3,
				       const struct ia64_fr *f4, const struct ia64_fr *f2)
{
	const struct ia64_fr *addend = f2 ? f2 : &(const struct ia64_fr){ 0, 0, 0 };
	struct fp_finite v3, v4, v2;
	struct fp_result r;

	if (!(fp_is_plain(f3) && fp_is_plain(f4) && (!f2 || fp_is_plain(f2))) &&
	    fma_special(env, op, &r, f3, f4, addend))
		return r;
	v3 = fp_unpack(*f3);
	v4 = fp_unpack(*f4);
	v2 = fp_unpack(*addend);
	v3.sign ^= op == IA64_FNMA;
	v2.sign ^= op == IA64_FMS;
	return fma_finite(env, fmt, v3, v4, v2, f2 != NULL);
}

/* Kept out of line so that ia64_fma's way to the host's FPU saves no registers. */
__attribute__((noinline))
static bool fma_common(uint64_t *fpsr, unsigned sf, const struct fp_format *fmt,
		       enum ia64_fma_op op, struct ia64_fr *f1, const struct ia64_fr *f3,
		       const struct ia64_fr *f4, const struct ia64_fr *f2)
{
	return fp_fma_short(fpsr, sf, *fmt, op, f1, f3, f4, f2);
}

static uint32_t fma_scalar(uint64_t *fpsr, unsigned sf, enum ia64_fp_pc pc, enum ia64_fma_op op,
			   struct ia64_fr *f1, const struct ia64_fr *f3, const struct ia64_fr *f4,
			   const struct ia64_fr *f2)
{
	struct fp_env env = fp_env_get(*fpsr, sf);
	const struct fp_format *fmt = fp_format_of(ia64_sf_get(*fpsr, sf), pc);
	struct fp_result r;

	if (ia64_fr_is_natval(*f3) || ia64_fr_is_natval(*f4) || (f2 && ia64_fr_is_natval(*f2))) {
		*f1 = IA64_FR_NATVAL;
		return 0;
	}
	r = fma_one(&env, fmt, op, f3, f4, f2);
	if (env.fault)
		return IA64_FP_FAULT | env.fault;
	*f1 = fp_pack(fmt, r);
	return fp_end(fpsr, sf, &env);
}

uint32_t ia64_fma_soft(uint64_t *fpsr, unsigned sf, enum ia64_fp_pc pc, enum ia64_fma_op op,
		       struct ia64_fr *f1, struct ia64_fr f3, struct ia64_fr f4,
		       const struct ia64_fr *f2)
{
	return fma_scalar(fpsr, sf, pc, op, f1, &f3, &f4, f2);
}

uint32_t ia64_fma_integer(uint64_t *fpsr, unsigned sf, enum ia64_fp_pc pc, enum ia64_fma_op op,
			  struct ia64_fr *f1, const struct ia64_fr *f3, const struct ia64_fr *f4,
			  const struct ia64_fr *f2)
{
	uint32_t s = ia64_sf_get(*fpsr, sf);

	if (!(s >> IA64_SF_RC_SHIFT & 3) && ((sf && s & IA64_SF_TD) || *fpsr & IA64_FP_I) &&
	    fma_common(fpsr, sf, fp_format_of(s, pc), op, f1, f3, f4, f2))
		return 0;
	return fma_scalar(fpsr, sf, pc, op, f1, f3, f4, f2);
}

uint32_t ia64_fpma(uint64_t *fpsr, unsigned sf, enum ia64_fma_op op, struct ia64_fr *f1,
		   struct ia64_fr f3, struct ia64_fr f4, const struct ia64_fr *f2)
{
	struct fp_env hi = fp_env_get(*fpsr, sf), lo = hi;
	struct ia64_fr f3_hi = fp_hi(f3), f4_hi = fp_hi(f4), f2_hi = IA64_FR_ZERO;
	struct ia64_fr f3_lo = fp_lo(f3), f4_lo = fp_lo(f4), f2_lo = IA64_FR_ZERO;
	struct fp_result rhi, rlo;
	uint32_t fault;

	if (ia64_fr_is_natval(f3) || ia64_fr_is_natval(f4) || (f2 && ia64_fr_is_natval(*f2))) {
		*f1 = IA64_FR_NATVAL;
		return 0;
	}
	if (f2) {
		f2_hi = fp_hi(*f2);
		f2_lo = fp_lo(*f2);
	}
	rhi = fma_one(&hi, &fp_format_single, op, &f3_hi, &f4_hi, f2 ? &f2_hi : NULL);
	rlo = fma_one(&lo, &fp_format_single, op, &f3_lo, &f4_lo, f2 ? &f2_lo : NULL);
	fault = fp_pair_fault(&hi, &lo);
	if (fault)
		return fault;
	*f1 = fp_pair(fp_pack_single(rhi), fp_pack_single(rlo));
	return fp_pair_end(fpsr, sf, &hi, &lo);
}

/* ---- On the host's FPU ---- */

/*
 * The host computes in IEEE double or single, rounding to nearest. It may stand in when the
 * operands are normal numbers of that format, the result has that precision and lies well inside
 * the normal range (so neither tiny nor too large, whatever the exponent range asked for), and
 * rounding is to nearest. What is left is whether the result is inexact: that need not be known
 * when the I flag is already set and its trap disabled; else it is found out where that is cheap.
 */

static inline bool to_double(const struct ia64_fr *f, double *d)
{
	uint32_t exp = (f->se & IA64_FR_EXP_MASK) - 0xfc00;
	uint64_t bits = (uint64_t)(f->se & IA64_FR_SIGN) << 46 | (uint64_t)exp << 52 |
			(f->sig << 1 >> 12);

	memcpy(d, &bits, sizeof(*d));
	return exp - 1 < 0x7fe && f->sig & IA64_FR_INTEGER_BIT && !(f->sig & 0x7ff);
}

static inline bool to_float(const struct ia64_fr *f, float *s)
{
	uint32_t exp = (f->se & IA64_FR_EXP_MASK) - 0xff80;
	uint32_t bits = (f->se & IA64_FR_SIGN) << 14 | exp << 23 | (uint32_t)(f->sig << 1 >> 41);

	memcpy(s, &bits, sizeof(*s));
	return exp - 1 < 0xfe && f->sig & IA64_FR_INTEGER_BIT && !(f->sig & 0xffffffffffull);
}

/* False if the result is zero, within a factor of two of tiny, infinite or a NaN. */
static inline bool from_double(double d, struct ia64_fr *f)
{
	uint64_t bits;
	uint32_t exp;

	memcpy(&bits, &d, sizeof(bits));
	exp = bits >> 52 & 0x7ff;
	if (exp - 2 >= 0x7fd)
		return false;
	*f = (struct ia64_fr){ IA64_FR_INTEGER_BIT | bits << 11,
			       (uint32_t)(bits >> 63) << 17 | (exp + 0xfc00), 0 };
	return true;
}

static inline bool from_float(float s, struct ia64_fr *f)
{
	uint32_t bits, exp;

	memcpy(&bits, &s, sizeof(bits));
	exp = bits >> 23 & 0xff;
	if (exp - 2 >= 0xfd)
		return false;
	*f = (struct ia64_fr){ IA64_FR_INTEGER_BIT | (uint64_t)bits << 40,
			       bits >> 31 << 17 | (exp + 0xff80), 0 };
	return true;
}

/* True if the product of these significands surely has no more than `precision` bits. */
static inline bool product_exact(const struct ia64_fr *a, const struct ia64_fr *b,
				 int precision)
{
	return 128 - __builtin_ctzll(a->sig) - __builtin_ctzll(b->sig) <= precision;
}

/* True if s is the exact sum of a and b, all within range (Knuth's two-sum). */
static inline bool sum_exact(double a, double b, double s)
{
	double t = s - a;

	return (a - (s - t)) + (b - t) == 0;
}

static inline bool sum_exactf(float a, float b, float s)
{
	float t = s - a;

	return (a - (s - t)) + (b - t) == 0;
}

static inline bool is_one(const struct ia64_fr *f)
{
	return f->se == IA64_FR_EXP_BIAS && f->sig == IA64_FR_INTEGER_BIT;
}

static bool host_double(enum ia64_fma_op op, bool inexact_known, struct ia64_fr *f1,
			const struct ia64_fr *f3, const struct ia64_fr *f4,
			const struct ia64_fr *f2)
{
	double a, b, c, r;

	if (!to_double(f3, &a) || !to_double(f4, &b))
		return false;
	if (op == IA64_FNMA)
		a = -a;
	if (!f2) {
		if (!inexact_known && !product_exact(f3, f4, 53))
			return false;
		return from_double(a * b, f1);
	}
	if (!to_double(f2, &c))
		return false;
	if (op == IA64_FMS)
		c = -c;
	if (is_one(f4)) {
		r = a + c;
		if (!inexact_known && !sum_exact(a, c, r))
			return false;
	} else {
		if (!inexact_known)
			return false;
		r = fma(a, b, c);
	}
	return from_double(r, f1);
}

static bool host_single(enum ia64_fma_op op, bool inexact_known, struct ia64_fr *f1,
			const struct ia64_fr *f3, const struct ia64_fr *f4,
			const struct ia64_fr *f2)
{
	float a, b, c, r;

	if (!to_float(f3, &a) || !to_float(f4, &b))
		return false;
	if (op == IA64_FNMA)
		a = -a;
	if (!f2) {
		if (!inexact_known && !product_exact(f3, f4, 24))
			return false;
		return from_float(a * b, f1);
	}
	if (!to_float(f2, &c))
		return false;
	if (op == IA64_FMS)
		c = -c;
	if (is_one(f4)) {
		r = a + c;
		if (!inexact_known && !sum_exactf(a, c, r))
			return false;
	} else {
		if (!inexact_known)
			return false;
		r = fmaf(a, b, c);
	}
	return from_float(r, f1);
}

uint32_t ia64_fma(uint64_t *fpsr, unsigned sf, enum ia64_fp_pc pc, enum ia64_fma_op op,
		  struct ia64_fr *f1, struct ia64_fr f3, struct ia64_fr f4,
		  const struct ia64_fr *f2)
{
	uint32_t s = ia64_sf_get(*fpsr, sf);

	if ((s >> IA64_SF_RC_SHIFT & 3) == IA64_RC_NEAREST) {
		const struct fp_format *fmt = fp_format_of(s, pc);
		bool trap = !(sf && s & IA64_SF_TD) && !(*fpsr & IA64_FP_I);
		bool known = !trap && s >> IA64_SF_FLAGS_SHIFT & IA64_FP_I;

		if (fmt->precision == 53 && host_double(op, known, f1, &f3, &f4, f2))
			return 0;
		if (fmt->precision == 24 && host_single(op, known, f1, &f3, &f4, f2))
			return 0;
		if (!trap && fma_common(fpsr, sf, fmt, op, f1, &f3, &f4, f2))
			return 0;
	}
	return fma_scalar(fpsr, sf, pc, op, f1, &f3, &f4, f2);
}
