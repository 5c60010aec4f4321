/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fma in integers, cut short for the common case; for the sources that compute with it alone. */
#ifndef PARAVANE_IA64_FP_SHORT_H
#define PARAVANE_IA64_FP_SHORT_H

#include "ia64/fp_core.h"

/* A number that is not 0 and has its integer bit. */
static inline bool fp_is_plain(const struct ia64_fr *f)
{
	return f->sig & IA64_FR_INTEGER_BIT &&
	       (f->se & IA64_FR_EXP_MASK) - 1 < IA64_FR_EXP_SPECIAL - 1;
}

/*
 * The value hi.lo * 2^(exp - 127) in biased exponents, bit 127 set; bit 0 may stand for what is
 * below. The shifts are such as need no branch: with data that nobody can foretell a wrong guess
 * costs more than all else.
 */
struct fp_exact {
	uint64_t hi, lo;
	int32_t exp;
};

/* Brings bit 127 or 126 of hi.lo, one of which is set, to bit 127. */
static inline struct fp_exact fp_normalized(uint64_t hi, uint64_t lo, int32_t exp)
{
	int left = !(hi >> 63);

	return (struct fp_exact){ hi << left | lo >> 1 >> (63 - left), lo << left, exp - left };
}

/*
 * |hi.lo * 2^(exp - 127) +- sig * 2^(addend_exp - 63)|, hi.lo of 127 or 128 bits. Returns false if
 * it is not one of the usual cases; *addend_first: its sign is the addend's.
 */
static inline bool fp_exact_sum(struct fp_exact *r, uint64_t hi, uint64_t lo, int32_t exp,
				uint64_t sig, int32_t addend_exp, bool subtract, bool *addend_first)
{
	int32_t shift = addend_exp - exp;
	bool first = shift >= 0, carry, low_carry;
	uint64_t small_hi = first ? hi : sig, small_lo = first ? lo : 0, out;
	struct fp_exact n;
	int left;

	hi = first ? sig : hi;
	lo = first ? 0 : lo;
	exp = first ? addend_exp : exp;
	shift = first ? shift : -shift;
	*addend_first = first;
	if (shift > 63) {
		if (shift > 126)
			return false;
		out = ((small_hi << (127 - shift) << 1) | small_lo) != 0;
		small_lo = small_hi >> (shift - 64);
		small_hi = 0;
	} else {
		out = (small_lo << (63 - shift) << 1) != 0;
		small_lo = small_lo >> shift | small_hi << (63 - shift) << 1;
		small_hi >>= shift;
	}
	if (!subtract) {
		low_carry = __builtin_add_overflow(lo, small_lo, &lo);
		carry = __builtin_add_overflow(hi, small_hi, &hi);
		carry |= __builtin_add_overflow(hi, low_carry, &hi);
		lo |= out;
		n = fp_normalized(hi, lo, exp);
		r->hi = carry ? hi >> 1 | IA64_FR_INTEGER_BIT : n.hi;
		r->lo = carry ? lo >> 1 | hi << 63 | (lo & 1) : n.lo;
		r->exp = carry ? exp + 1 : n.exp;
		return true;
	}
	low_carry = __builtin_sub_overflow(lo, small_lo, &lo);
	low_carry |= __builtin_sub_overflow(lo, out, &lo);
	carry = __builtin_sub_overflow(hi, small_hi, &hi);
	carry |= __builtin_sub_overflow(hi, low_carry, &hi);
	if (carry || !hi)
		return false;
	left = __builtin_clzll(hi);
	/* Further than by one only bits that are there may come in. */
	if (left > 1 && out)
		return false;
	r->hi = hi << left | lo >> 1 >> (63 - left);
	r->lo = lo << left | out;
	r->exp = exp - left;
	return true;
}

/*
 * The common case, cut short: normal operands of not too different magnitudes, rounding to nearest,
 * no trap on inexact results, and a result in range. Returns false with nothing written if it is
 * not that case.
 */
static inline __attribute__((always_inline))
bool fp_fma_short(uint64_t *fpsr, unsigned sf, const struct fp_format fmt, enum ia64_fma_op op,
		  struct ia64_fr *f1, const struct ia64_fr *f3, const struct ia64_fr *f4,
		  const struct ia64_fr *f2)
{
	const int32_t bias = (int32_t)IA64_FR_EXP_BIAS;
	uint32_t sign, addend_sign;
	struct fp_rounded how;
	struct fp_exact r;
	bool addend_first;
	fp_u128 product;
	int32_t exp;

	if (!fp_is_plain(f3) || !fp_is_plain(f4) || (f2 && !fp_is_plain(f2)))
		return false;
	product = (fp_u128)f3->sig * f4->sig;
	exp = (int32_t)(f3->se & IA64_FR_EXP_MASK) + (int32_t)(f4->se & IA64_FR_EXP_MASK) -
	      bias + 1;
	sign = (f3->se ^ f4->se ^ (op == IA64_FNMA ? IA64_FR_SIGN : 0)) & IA64_FR_SIGN;
	if (f2) {
		addend_sign = (f2->se ^ (op == IA64_FMS ? IA64_FR_SIGN : 0)) & IA64_FR_SIGN;
		if (!fp_exact_sum(&r, (uint64_t)(product >> 64), (uint64_t)product, exp, f2->sig,
			    (int32_t)(f2->se & IA64_FR_EXP_MASK), sign != addend_sign,
			    &addend_first))
			return false;
		sign = addend_first ? addend_sign : sign;
	} else {
		r = fp_normalized((uint64_t)(product >> 64), (uint64_t)product, exp);
	}
	how = fp_round_sig(IA64_RC_NEAREST, sign, 1ull << (64 - fmt.precision), r.hi, r.lo);
	r.exp += !how.sig;
	if (r.exp < fmt.emin + bias || r.exp > fmt.emax + bias)
		return false;
	*f1 = (struct ia64_fr){ how.sig | IA64_FR_INTEGER_BIT, sign | (uint32_t)r.exp, 0 };
	if (how.inexact)
		fp_flags_set(fpsr, sf, IA64_FP_I);
	return true;
}

#endif
