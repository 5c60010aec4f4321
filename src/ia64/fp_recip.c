/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * frcpa, frsqrta and their parallel forms (SDM 3:2): the architected approximation tables, and the
 * IEEE quotient and square root for operands the approximations do not serve.
 */
#include "ia64/fp_core.h"

/*
 * Significand bits 62:53 of the approximation to a reciprocal; bit 63 is set. Indexed by the 8 bits
 * after the divisor's integer bit (SDM 3:2 "frcpa", fp_ieee_recip).
 */
static const uint16_t recip_table[256] = {
	0x3fc, 0x3f4, 0x3ec, 0x3e4, 0x3dd, 0x3d5, 0x3cd, 0x3c6, 0x3be, 0x3b7, 0x3af, 0x3a8,
	0x3a1, 0x399, 0x392, 0x38b, 0x384, 0x37d, 0x376, 0x36f, 0x368, 0x361, 0x35b, 0x354,
	0x34d, 0x346, 0x340, 0x339, 0x333, 0x32c, 0x326, 0x320, 0x319, 0x313, 0x30d, 0x307,
	0x300, 0x2fa, 0x2f4, 0x2ee, 0x2e8, 0x2e2, 0x2dc, 0x2d7, 0x2d1, 0x2cb, 0x2c5, 0x2bf,
	0x2ba, 0x2b4, 0x2af, 0x2a9, 0x2a3, 0x29e, 0x299, 0x293, 0x28e, 0x288, 0x283, 0x27e,
	0x279, 0x273, 0x26e, 0x269, 0x264, 0x25f, 0x25a, 0x255, 0x250, 0x24b, 0x246, 0x241,
	0x23c, 0x237, 0x232, 0x22e, 0x229, 0x224, 0x21f, 0x21b, 0x216, 0x211, 0x20d, 0x208,
	0x204, 0x1ff, 0x1fb, 0x1f6, 0x1f2, 0x1ed, 0x1e9, 0x1e5, 0x1e0, 0x1dc, 0x1d8, 0x1d4,
	0x1cf, 0x1cb, 0x1c7, 0x1c3, 0x1bf, 0x1bb, 0x1b6, 0x1b2, 0x1ae, 0x1aa, 0x1a6, 0x1a2,
	0x19e, 0x19a, 0x197, 0x193, 0x18f, 0x18b, 0x187, 0x183, 0x17f, 0x17c, 0x178, 0x174,
	0x171, 0x16d, 0x169, 0x166, 0x162, 0x15e, 0x15b, 0x157, 0x154, 0x150, 0x14d, 0x149,
	0x146, 0x142, 0x13f, 0x13b, 0x138, 0x134, 0x131, 0x12e, 0x12a, 0x127, 0x124, 0x120,
	0x11d, 0x11a, 0x117, 0x113, 0x110, 0x10d, 0x10a, 0x107, 0x103, 0x100, 0x0fd, 0x0fa,
	0x0f7, 0x0f4, 0x0f1, 0x0ee, 0x0eb, 0x0e8, 0x0e5, 0x0e2, 0x0df, 0x0dc, 0x0d9, 0x0d6,
	0x0d3, 0x0d0, 0x0cd, 0x0ca, 0x0c8, 0x0c5, 0x0c2, 0x0bf, 0x0bc, 0x0b9, 0x0b7, 0x0b4,
	0x0b1, 0x0ae, 0x0ac, 0x0a9, 0x0a6, 0x0a4, 0x0a1, 0x09e, 0x09c, 0x099, 0x096, 0x094,
	0x091, 0x08e, 0x08c, 0x089, 0x087, 0x084, 0x082, 0x07f, 0x07c, 0x07a, 0x077, 0x075,
	0x073, 0x070, 0x06e, 0x06b, 0x069, 0x066, 0x064, 0x061, 0x05f, 0x05d, 0x05a, 0x058,
	0x056, 0x053, 0x051, 0x04f, 0x04c, 0x04a, 0x048, 0x045, 0x043, 0x041, 0x03f, 0x03c,
	0x03a, 0x038, 0x036, 0x033, 0x031, 0x02f, 0x02d, 0x02b, 0x029, 0x026, 0x024, 0x022,
	0x020, 0x01e, 0x01c, 0x01a, 0x018, 0x015, 0x013, 0x011, 0x00f, 0x00d, 0x00b, 0x009,
	0x007, 0x005, 0x003, 0x001,
};

/*
 * The same for a reciprocal square root, indexed by the biased exponent's low bit and 7 bits of
 * fraction (SDM 3:2 "frsqrta", fp_ieee_recip_sqrt).
 */
static const uint16_t recip_sqrt_table[256] = {
	0x1a5, 0x1a0, 0x19a, 0x195, 0x18f, 0x18a, 0x185, 0x180, 0x17a, 0x175, 0x170, 0x16b,
	0x166, 0x161, 0x15d, 0x158, 0x153, 0x14e, 0x14a, 0x145, 0x140, 0x13c, 0x138, 0x133,
	0x12f, 0x12a, 0x126, 0x122, 0x11e, 0x11a, 0x115, 0x111, 0x10d, 0x109, 0x105, 0x101,
	0x0fd, 0x0fa, 0x0f6, 0x0f2, 0x0ee, 0x0ea, 0x0e7, 0x0e3, 0x0df, 0x0dc, 0x0d8, 0x0d5,
	0x0d1, 0x0ce, 0x0ca, 0x0c7, 0x0c3, 0x0c0, 0x0bd, 0x0b9, 0x0b6, 0x0b3, 0x0b0, 0x0ad,
	0x0a9, 0x0a6, 0x0a3, 0x0a0, 0x09d, 0x09a, 0x097, 0x094, 0x091, 0x08e, 0x08b, 0x088,
	0x085, 0x082, 0x07f, 0x07d, 0x07a, 0x077, 0x074, 0x071, 0x06f, 0x06c, 0x069, 0x067,
	0x064, 0x061, 0x05f, 0x05c, 0x05a, 0x057, 0x054, 0x052, 0x04f, 0x04d, 0x04a, 0x048,
	0x045, 0x043, 0x041, 0x03e, 0x03c, 0x03a, 0x037, 0x035, 0x033, 0x030, 0x02e, 0x02c,
	0x029, 0x027, 0x025, 0x023, 0x020, 0x01e, 0x01c, 0x01a, 0x018, 0x016, 0x014, 0x011,
	0x00f, 0x00d, 0x00b, 0x009, 0x007, 0x005, 0x003, 0x001, 0x3fc, 0x3f4, 0x3ec, 0x3e5,
	0x3dd, 0x3d5, 0x3ce, 0x3c7, 0x3bf, 0x3b8, 0x3b1, 0x3aa, 0x3a3, 0x39c, 0x395, 0x38e,
	0x388, 0x381, 0x37a, 0x374, 0x36d, 0x367, 0x361, 0x35a, 0x354, 0x34e, 0x348, 0x342,
	0x33c, 0x336, 0x330, 0x32b, 0x325, 0x31f, 0x31a, 0x314, 0x30f, 0x309, 0x304, 0x2fe,
	0x2f9, 0x2f4, 0x2ee, 0x2e9, 0x2e4, 0x2df, 0x2da, 0x2d5, 0x2d0, 0x2cb, 0x2c6, 0x2c1,
	0x2bd, 0x2b8, 0x2b3, 0x2ae, 0x2aa, 0x2a5, 0x2a1, 0x29c, 0x298, 0x293, 0x28f, 0x28a,
	0x286, 0x282, 0x27d, 0x279, 0x275, 0x271, 0x26d, 0x268, 0x264, 0x260, 0x25c, 0x258,
	0x254, 0x250, 0x24c, 0x249, 0x245, 0x241, 0x23d, 0x239, 0x235, 0x232, 0x22e, 0x22a,
	0x227, 0x223, 0x220, 0x21c, 0x218, 0x215, 0x211, 0x20e, 0x20a, 0x207, 0x204, 0x200,
	0x1fd, 0x1f9, 0x1f6, 0x1f3, 0x1f0, 0x1ec, 0x1e9, 0x1e6, 0x1e3, 0x1df, 0x1dc, 0x1d9,
	0x1d6, 0x1d3, 0x1d0, 0x1cd, 0x1ca, 0x1c7, 0x1c4, 0x1c1, 0x1be, 0x1bb, 0x1b8, 0x1b5,
	0x1b2, 0x1af, 0x1ac, 0x1aa,
};

/* Rounds an exponent down to even, halved. */
static int32_t half_down(int32_t exp)
{
	return (exp - (exp & 1)) / 2;
}

static struct fp_result recip(struct fp_finite v)
{
	uint64_t bits = recip_table[v.sig >> 55 & 0xff];

	return (struct fp_result){ IA64_FR_INTEGER_BIT | bits << 53, -1 - v.exp, v.sign,
				   FPK_NORMAL };
}

static struct fp_result recip_sqrt(struct fp_finite v)
{
	/* The bias is odd, so the biased exponent's low bit is the unbiased one's complement. */
	unsigned index = (~(uint32_t)v.exp & 1) << 7 | (v.sig >> 56 & 0x7f);
	uint64_t bits = recip_sqrt_table[index];

	return (struct fp_result){ IA64_FR_INTEGER_BIT | bits << 53, -1 - half_down(v.exp), false,
				   FPK_NORMAL };
}

/* ---- What hardware leaves to software assistance ---- */

static struct fp_result divide(struct fp_env *env, const struct fp_format *fmt,
			       struct fp_finite a, struct fp_finite b)
{
	int32_t exp = a.exp - b.exp;
	fp_u128 num = (fp_u128)a.sig << 64;
	uint64_t q1, q2, rest;

	/* A numerator below 2^63 times the divisor keeps each quotient in 64 bits. */
	if (a.sig >= b.sig)
		num >>= 1;
	else
		exp--;
	q1 = (uint64_t)(num / b.sig);
	rest = (uint64_t)(num % b.sig);
	num = (fp_u128)rest << 64;
	q2 = (uint64_t)(num / b.sig) | (num % b.sig != 0);
	return fp_round(env, fmt, a.sign != b.sign, (fp_u128)q1 << 64 | q2, exp);
}

static struct fp_result square_root(struct fp_env *env, const struct fp_format *fmt,
				    struct fp_finite v)
{
	/* The square of the root's 64 bits, in [2^126, 2^128), is sig with an even exponent. */
	fp_u128 rest = (fp_u128)v.sig << (v.exp & 1 ? 64 : 63);
	uint64_t root = 0;
	uint64_t lo;

	for (int bit = 63; bit >= 0; bit--) {
		uint64_t with = root | 1ull << bit;

		if ((fp_u128)with * with <= rest)
			root = with;
	}
	rest -= (fp_u128)root * root;
	/* The fraction is over one half when rest > root (it is never equal), and else under. */
	lo = (uint64_t)(rest > root) << 63 | (rest != 0);
	return fp_round(env, fmt, false, (fp_u128)root << 64 | lo, half_down(v.exp));
}

/* ---- frcpa ---- */

/*
 * How the divisor and the quotient sit in the range of the iterations that follow; emin and emax
 * are those of the widest register range for frcpa and of single for fprcpa.
 */
enum recip_range {
	IN_RANGE,
	DIVISOR_SMALL, DIVISOR_LARGE,	/* no approximation in range exists */
	QUOTIENT_EDGE,			/* it exists, but does not lead to the right quotient */
};

static enum recip_range recip_range(const struct fp_format *fmt, struct fp_finite num,
				    struct fp_finite den)
{
	int32_t quotient = num.exp - den.exp;

	if (den.exp < fmt->emin)
		return DIVISOR_SMALL;
	if (den.exp >= fmt->emax - 2)
		return DIVISOR_LARGE;
	if (quotient >= fmt->emax || quotient <= fmt->emin + 1 ||
	    num.exp <= fmt->emin + fmt->precision - 1)
		return QUOTIENT_EDGE;
	return IN_RANGE;
}

/*
 * What is neither approximated nor divided: NaNs, infinities, zeros. Returns true if *r is the
 * result (or env has a fault). Signals D for what is left.
 */
static bool recip_special(struct fp_env *env, struct fp_result *r, struct ia64_fr num,
			  struct ia64_fr den)
{
	enum fp_class cn = fp_classify(num), cd = fp_classify(den);
	bool sign = fp_sign(num) != fp_sign(den);
	bool num_zero = cn == FPC_ZERO || (cn == FPC_UNNORM && !num.sig);
	bool den_zero = cd == FPC_ZERO || (cd == FPC_UNNORM && !den.sig);

	if (cn == FPC_UNSUPPORTED || cd == FPC_UNSUPPORTED) {
		*r = fp_indefinite();
		fp_signal(env, IA64_FP_V);
		return true;
	}
	if (cn == FPC_SNAN || cd == FPC_SNAN)
		if (fp_signal(env, IA64_FP_V))
			return true;
	if (cn == FPC_QNAN || cn == FPC_SNAN) {
		*r = fp_quiet(num);
		return true;
	}
	if (cd == FPC_QNAN || cd == FPC_SNAN) {
		*r = fp_quiet(den);
		return true;
	}
	if ((cn == FPC_INF && cd == FPC_INF) || (num_zero && den_zero)) {
		*r = fp_indefinite();
		fp_signal(env, IA64_FP_V);
		return true;
	}
	if (cn != FPC_INF && den_zero) {
		*r = fp_inf(sign);
		fp_signal(env, IA64_FP_Z);
		return true;
	}
	if (cn == FPC_UNNORM || cd == FPC_UNNORM)
		if (fp_signal(env, IA64_FP_D))
			return true;
	if (cn == FPC_INF) {
		*r = fp_inf(sign);
		return true;
	}
	if (num_zero || cd == FPC_INF) {
		*r = fp_zero(sign);
		return true;
	}
	return false;
}

/* The widest range there is, whose limits frcpa and frsqrta observe whatever the status field. */
#define REGISTER_FORMAT	(&fp_format_widest[IA64_SF_PC_EXTENDED])

uint32_t ia64_frcpa(uint64_t *fpsr, unsigned sf, struct ia64_fr *f1, bool *p2,
		    struct ia64_fr f2, struct ia64_fr f3)
{
	struct fp_env env = fp_env_get(*fpsr, sf);
	const struct fp_format *fmt = fp_format_of(ia64_sf_get(*fpsr, sf), IA64_PC_DYNAMIC);
	struct fp_result r;
	bool approximate = false;

	if (ia64_fr_is_natval(f2) || ia64_fr_is_natval(f3)) {
		*f1 = IA64_FR_NATVAL;
		*p2 = false;
		return 0;
	}
	if (!recip_special(&env, &r, f2, f3)) {
		struct fp_finite num = fp_unpack(f2), den = fp_unpack(f3);

		approximate = recip_range(REGISTER_FORMAT, num, den) == IN_RANGE;
		r = approximate ? recip(den) : divide(&env, fmt, num, den);
	}
	if (env.fault)
		return IA64_FP_FAULT | env.fault;
	*f1 = fp_pack(fmt, r);
	*p2 = approximate;
	return fp_end(fpsr, sf, &env);
}

static struct fp_result recip_half(struct fp_env *env, bool *p2, struct ia64_fr num,
				   struct ia64_fr den)
{
	struct fp_result r;
	struct fp_finite n, d;

	*p2 = false;
	if (recip_special(env, &r, num, den))
		return r;
	n = fp_unpack(num);
	d = fp_unpack(den);
	switch (recip_range(&fp_format_single, n, d)) {
	case DIVISOR_SMALL:
		return fp_inf(d.sign);
	case DIVISOR_LARGE:
		return fp_zero(d.sign);
	case IN_RANGE:
		*p2 = true;
		break;
	case QUOTIENT_EDGE:
		break;
	}
	return recip(d);
}

uint32_t ia64_fprcpa(uint64_t *fpsr, unsigned sf, struct ia64_fr *f1, bool *p2,
		     struct ia64_fr f2, struct ia64_fr f3)
{
	struct fp_env hi = fp_env_get(*fpsr, sf), lo = hi;
	struct fp_result rhi, rlo;
	bool phi, plo;
	uint32_t fault;

	if (ia64_fr_is_natval(f2) || ia64_fr_is_natval(f3)) {
		*f1 = IA64_FR_NATVAL;
		*p2 = false;
		return 0;
	}
	rhi = recip_half(&hi, &phi, fp_hi(f2), fp_hi(f3));
	rlo = recip_half(&lo, &plo, fp_lo(f2), fp_lo(f3));
	fault = fp_pair_fault(&hi, &lo);
	if (fault)
		return fault;
	*f1 = fp_pair(fp_pack_single(rhi), fp_pack_single(rlo));
	*p2 = phi && plo;
	return fp_pair_end(fpsr, sf, &hi, &lo);
}

/* ---- frsqrta ---- */

/* True if the operand is too small for the iterations that follow. */
static bool root_too_small(const struct fp_format *fmt, struct fp_finite v)
{
	return v.exp <= fmt->emin + fmt->precision - 1;
}

/* NaNs, infinities, zeros and negatives. `parallel` asks for the reciprocal of the root. */
static bool root_special(struct fp_env *env, struct fp_result *r, struct ia64_fr f, bool parallel)
{
	enum fp_class c = fp_classify(f);
	bool zero = c == FPC_ZERO || (c == FPC_UNNORM && !f.sig);

	if (c == FPC_UNSUPPORTED) {
		*r = fp_indefinite();
		fp_signal(env, IA64_FP_V);
		return true;
	}
	if (c == FPC_QNAN || c == FPC_SNAN) {
		*r = fp_quiet(f);
		if (c == FPC_SNAN)
			fp_signal(env, IA64_FP_V);
		return true;
	}
	if (fp_sign(f) && !zero) {
		*r = fp_indefinite();
		fp_signal(env, IA64_FP_V);
		return true;
	}
	if (c == FPC_UNNORM && fp_signal(env, IA64_FP_D))
		return true;
	if (zero || c == FPC_INF) {
		*r = zero != parallel ? fp_zero(fp_sign(f)) : fp_inf(fp_sign(f));
		return true;
	}
	return false;
}

uint32_t ia64_frsqrta(uint64_t *fpsr, unsigned sf, struct ia64_fr *f1, bool *p2,
		      struct ia64_fr f3)
{
	struct fp_env env = fp_env_get(*fpsr, sf);
	const struct fp_format *fmt = fp_format_of(ia64_sf_get(*fpsr, sf), IA64_PC_DYNAMIC);
	struct fp_result r;
	bool approximate = false;

	if (ia64_fr_is_natval(f3)) {
		*f1 = IA64_FR_NATVAL;
		*p2 = false;
		return 0;
	}
	if (!root_special(&env, &r, f3, false)) {
		struct fp_finite v = fp_unpack(f3);

		approximate = !root_too_small(REGISTER_FORMAT, v);
		r = approximate ? recip_sqrt(v) : square_root(&env, fmt, v);
	}
	if (env.fault)
		return IA64_FP_FAULT | env.fault;
	*f1 = fp_pack(fmt, r);
	*p2 = approximate;
	return fp_end(fpsr, sf, &env);
}

static struct fp_result root_half(struct fp_env *env, bool *p2, struct ia64_fr f)
{
	struct fp_result r;
	struct fp_finite v;

	*p2 = false;
	if (root_special(env, &r, f, true))
		return r;
	v = fp_unpack(f);
	*p2 = !root_too_small(&fp_format_single, v);
	return recip_sqrt(v);
}

uint32_t ia64_fprsqrta(uint64_t *fpsr, unsigned sf, struct ia64_fr *f1, bool *p2,
		       struct ia64_fr f3)
{
	struct fp_env hi = fp_env_get(*fpsr, sf), lo = hi;
	struct fp_result rhi, rlo;
	bool phi, plo;
	uint32_t fault;

	if (ia64_fr_is_natval(f3)) {
		*f1 = IA64_FR_NATVAL;
		*p2 = false;
		return 0;
	}
	rhi = root_half(&hi, &phi, fp_hi(f3));
	rlo = root_half(&lo, &plo, fp_lo(f3));
	fault = fp_pair_fault(&hi, &lo);
	if (fault)
		return fault;
	*f1 = fp_pair(fp_pack_single(rhi), fp_pack_single(rlo));
	*p2 = phi && plo;
	return fp_pair_end(fpsr, sf, &hi, &lo);
}
