/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floating-point register and memory formats, the instructions that only move bits, fclass, xma,
 * and the ar.fpsr instructions, against what the manual says of each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <cmocka.h>

#include "test_fp_oracle.h"

static void same(struct ia64_fr got, uint64_t sig, uint32_t se)
{
	if (got.sig == sig && got.se == se && !got.pad)
		return;
	print_error("got %05x.%016" PRIx64 ", want %05x.%016" PRIx64 "\n", got.se, got.sig, se,
		    sig);
	fail();
}

/* ---- Memory formats: SDM 1:5.3 ---- */

static void test_known_values(void **state)
{
	same(IA64_FR_ZERO, 0, 0);
	same(IA64_FR_ONE, 1ull << 63, 0xffff);
	same(IA64_FR_NATVAL, 0, 0x1fffe);

	same(ia64_fr_from_single(0x00000000), 0, 0);
	same(ia64_fr_from_single(0x80000000), 0, 0x20000);
	same(ia64_fr_from_single(0x3f800000), 1ull << 63, 0xffff);
	same(ia64_fr_from_single(0x00000001), 1ull << 40, 0xff81);
	same(ia64_fr_from_single(0x807fffff), 0x7fffffull << 40, 0x2ff81);
	same(ia64_fr_from_single(0x00800000), 1ull << 63, 0xff81);
	same(ia64_fr_from_single(0x7f7fffff), 0xffffffull << 40, 0x1007e);
	same(ia64_fr_from_single(0xff800000), 1ull << 63, 0x3ffff);
	same(ia64_fr_from_single(0x7f800001), 1ull << 63 | 1ull << 40, 0x1ffff);

	same(ia64_fr_from_double(0), 0, 0);
	same(ia64_fr_from_double(0x3ff0000000000000), 1ull << 63, 0xffff);
	same(ia64_fr_from_double(0xbff8000000000000), 3ull << 62, 0x2ffff);
	same(ia64_fr_from_double(1), 1ull << 11, 0xfc01);
	same(ia64_fr_from_double(0x0010000000000000), 1ull << 63, 0xfc01);
	same(ia64_fr_from_double(0x7fefffffffffffff), UINT64_MAX << 11, 0x103fe);
	same(ia64_fr_from_double(0xfff0000000000000), 1ull << 63, 0x3ffff);

	same(ia64_fr_from_extended(0, 0), 0, 0);
	same(ia64_fr_from_extended(1ull << 63, 0x3fff), 1ull << 63, 0xffff);
	same(ia64_fr_from_extended(1, 0x8000), 1, 0x20000);
	same(ia64_fr_from_extended(1ull << 63, 0), 1ull << 63, 0);
	same(ia64_fr_from_extended(1ull << 63, 1), 1ull << 63, 0xc001);
	same(ia64_fr_from_extended(UINT64_MAX, 0x7ffe), UINT64_MAX, 0x13ffe);
	same(ia64_fr_from_extended(1ull << 63, 0xffff), 1ull << 63, 0x3ffff);
	same(ia64_fr_from_extended(5, 0x1234), 5, 0xd234);	/* unnormals keep their bits */

	same(ia64_fr_from_fill(77, 0xfffffffffffd1234ull), 77, 0x11234);
	same(ia64_fr_from_sig(42), 42, 0x1003e);
	same(ia64_setf_exp(0xffffffffffffffffull), 1ull << 63, 0x3ffff);
	same(ia64_setf_exp(0x40001), 1ull << 63, 1);
	assert_int_equal(ia64_getf_exp(IA64_FR_ONE), 0xffff);
	assert_int_equal(ia64_getf_exp(IA64_FR_QNAN), 0x3ffff);

	/* A value that does not fit is cut, not rounded (SDM 1:5.3.2). */
	assert_int_equal(ia64_fr_to_single(ia64_fr_make(UINT64_MAX, 0xffff)), 0x3fffffff);
	assert_int_equal(ia64_fr_to_single(ia64_fr_make(1ull << 63, 0x1ffff)), 0x7f800000);
	assert_int_equal(ia64_fr_to_single(ia64_fr_make(1ull << 62, 0x2ffff)), 0x80400000);
	assert_int_equal(ia64_fr_to_double(ia64_fr_make(UINT64_MAX, 0xffff)),
			 0x3fffffffffffffff);
	assert_int_equal(ia64_fr_to_double(ia64_fr_make(1, 0x1003e)), 0);
	assert_int_equal(ia64_fr_to_extended_se(ia64_fr_make(0, 0x2c001)), 0x8001);
}

static void test_round_trips(void **state)
{
	struct rng r = { 0x2001 };
	uint64_t cases = 0;

	for (uint64_t i = 0; i < 2000000 * scale(); i++, cases++) {
		uint32_t s = rnd(&r) & 1 ? gen_single(&r) : (uint32_t)rnd(&r);
		uint64_t d = rnd(&r), sig = gen_sig(&r);
		uint16_t se = (uint16_t)rnd(&r);
		struct ia64_fr f = gen_fr(&r);

		if (rnd_below(&r, 4) == 0)
			d &= rnd(&r) & 1 ? 0x800fffffffffffffull : 0x801fffffffffffffull;
		assert_int_equal(ia64_fr_to_single(ia64_fr_from_single(s)), s);
		assert_int_equal(ia64_fr_to_double(ia64_fr_from_double(d)), d);
		assert_int_equal(ia64_fr_to_extended_se(ia64_fr_from_extended(sig, se)), se);
		assert_int_equal(ia64_fr_from_extended(sig, se).sig, sig);
		same(ia64_fr_from_fill(f.sig, f.se), f.sig, f.se);
		/* The single as a double is the same register, but for how a denormal is held. */
		if ((s & 0x7f800000) && (s & 0x7f800000) != 0x7f800000) {
			float x;
			double y;
			uint64_t bits;

			memcpy(&x, &s, 4);
			y = x;
			memcpy(&bits, &y, 8);
			f = ia64_fr_from_double(bits);
			same(ia64_fr_from_single(s), f.sig, f.se);
		}
	}
	print_message("memory formats: %" PRIu64 " cases\n", cases);
}

/* The value of what a load makes, by MPFR, is the value of the datum. */
static void test_load_values(void **state)
{
	struct rng r = { 0x2002 };
	struct operand o;

	operand_init(&o);
	for (uint64_t i = 0; i < 200000 * scale(); i++) {
		uint32_t s = gen_single(&r);
		uint64_t d = rnd(&r);
		float x;
		double y;

		if (rnd_below(&r, 3) == 0)
			d &= 0x800fffffffffffffull;
		memcpy(&x, &s, 4);
		memcpy(&y, &d, 8);
		operand_register(&o, ia64_fr_from_single(s));
		assert_int_equal(o.kind == K_NUM, isfinite(x) != 0);
		assert_int_equal(o.kind == K_QNAN, (s & 0x7fc00000) == 0x7fc00000);
		if (o.kind <= K_INF)
			assert_true(mpfr_get_d(o.v, MPFR_RNDN) == (double)x);
		operand_register(&o, ia64_fr_from_double(d));
		if (o.kind <= K_INF)
			assert_true(mpfr_get_d(o.v, MPFR_RNDN) == y);
		assert_true(o.kind != K_UNSUPPORTED && o.kind != K_NATVAL);
	}
	operand_clear(&o);
}

/* ---- Moving bits: SDM 3:2 ---- */

#define A	0x123456789abcdef0ull
#define B	0xfedcba9876543210ull

static void test_merge_mix_swap(void **state)
{
	struct ia64_fr a = ia64_fr_make(A, 0x21234), b = ia64_fr_make(B, 0x0fedc);
	struct ia64_fr n = ia64_fr_make(B, 0x2fedc);

	same(ia64_fmerge_s(a, b), B, 0x2fedc);
	same(ia64_fmerge_ns(a, b), B, 0x0fedc);
	same(ia64_fmerge_s(b, n), B, 0x0fedc);
	same(ia64_fmerge_ns(n, n), B, 0x0fedc);		/* fneg */
	same(ia64_fmerge_s(IA64_FR_ZERO, n), B, 0x0fedc);	/* fabs */
	same(ia64_fmerge_se(a, b), B, 0x21234);
	same(ia64_fpmerge_s(a, b), 0x7edcba98f6543210, 0x1003e);
	same(ia64_fpmerge_ns(a, b), 0xfedcba9876543210, 0x1003e);
	same(ia64_fpmerge_se(a, b), 0x125cba989ad43210, 0x1003e);
	same(ia64_fmix_l(a, b), 0x12345678fedcba98, 0x1003e);
	same(ia64_fmix_r(a, b), 0x9abcdef076543210, 0x1003e);
	same(ia64_fmix_lr(a, b), 0x1234567876543210, 0x1003e);
	same(ia64_fsxt_l(a, b), 0x00000000fedcba98, 0x1003e);
	same(ia64_fsxt_l(b, a), 0xffffffff12345678, 0x1003e);
	same(ia64_fsxt_r(a, b), 0xffffffff76543210, 0x1003e);
	same(ia64_fsxt_r(b, a), 0x000000009abcdef0, 0x1003e);
	same(ia64_fswap(a, b), 0x7654321012345678, 0x1003e);
	same(ia64_fswap_nl(a, b), 0xf654321012345678, 0x1003e);
	same(ia64_fswap_nr(a, b), 0x7654321092345678, 0x1003e);
	same(ia64_fpack(IA64_FR_ONE, ia64_fr_make(1ull << 63, 0x2ffff)), 0x3f800000bf800000,
	     0x1003e);
}

static void test_logic_and_xma(void **state)
{
	struct ia64_fr a = ia64_fr_make(A, 0x21234), b = ia64_fr_make(B, 0x0fedc);
	struct ia64_fr c = ia64_fr_make(0x00ff00ff0f0f3355ull, 1);
	struct rng r = { 0x2003 };

	same(ia64_fand(a, b), A & B, 0x1003e);
	same(ia64_fandcm(a, b), A & ~B, 0x1003e);
	same(ia64_for(a, b), A | B, 0x1003e);
	same(ia64_fxor(a, b), A ^ B, 0x1003e);
	same(ia64_fselect(a, b, c), (A & c.sig) | (B & ~c.sig), 0x1003e);
	same(ia64_xma_l(ia64_fr_from_sig(3), ia64_fr_from_sig(5), ia64_fr_from_sig(-16ull)),
	     UINT64_MAX, 0x1003e);
	/* The addend is zero-extended: -1 * 1 + (2^64 - 1) is 2^64 - 2, whose high half is 0. */
	same(ia64_xma_h(ia64_fr_from_sig(-1ull), ia64_fr_from_sig(1), ia64_fr_from_sig(-1ull)), 0,
	     0x1003e);
	same(ia64_xma_h(ia64_fr_from_sig(-1ull), ia64_fr_from_sig(1), ia64_fr_from_sig(0)),
	     UINT64_MAX, 0x1003e);
	for (int i = 0; i < 100000; i++) {
		uint64_t x = rnd(&r) >> rnd_below(&r, 64), y = rnd(&r), z = rnd(&r);
		uint64_t xl = (uint32_t)x, xh = x >> 32, yl = (uint32_t)y, yh = y >> 32;
		/* The product by halves, as on paper. */
		uint64_t mid = xh * yl + (xl * yl >> 32), mid2 = xl * yh + (uint32_t)mid;
		uint64_t lo = x * y, hi = xh * yh + (mid >> 32) + (mid2 >> 32);
		uint64_t sum = lo + z, carry = sum < z;
		struct ia64_fr fx = ia64_fr_from_sig(x), fy = ia64_fr_from_sig(y);
		struct ia64_fr fz = ia64_fr_from_sig(z);

		same(ia64_xma_l(fx, fy, fz), sum, 0x1003e);
		same(ia64_xma_hu(fx, fy, fz), hi + carry, 0x1003e);
		same(ia64_xma_h(fx, fy, fz),
		     hi - (x >> 63 ? y : 0) - (y >> 63 ? x : 0) + carry, 0x1003e);
	}
}

/* Every instruction that takes registers gives NaTVal for a NaTVal in any place. */
static void test_natval(void **state)
{
	struct ia64_fr (*const two[])(struct ia64_fr, struct ia64_fr) = {
		ia64_fmerge_s, ia64_fmerge_ns, ia64_fmerge_se, ia64_fpmerge_s, ia64_fpmerge_ns,
		ia64_fpmerge_se, ia64_fmix_l, ia64_fmix_r, ia64_fmix_lr, ia64_fsxt_l, ia64_fsxt_r,
		ia64_fswap, ia64_fswap_nl, ia64_fswap_nr, ia64_fand, ia64_fandcm, ia64_for,
		ia64_fxor, ia64_fpack,
	};
	struct ia64_fr (*const three[])(struct ia64_fr, struct ia64_fr, struct ia64_fr) = {
		ia64_fselect, ia64_xma_l, ia64_xma_h, ia64_xma_hu,
	};
	struct ia64_fr x = IA64_FR_ONE, nat = IA64_FR_NATVAL;

	for (unsigned i = 0; i < sizeof(two) / sizeof(*two); i++) {
		same(two[i](nat, x), 0, 0x1fffe);
		same(two[i](x, nat), 0, 0x1fffe);
	}
	for (unsigned i = 0; i < sizeof(three) / sizeof(*three); i++) {
		same(three[i](nat, x, x), 0, 0x1fffe);
		same(three[i](x, nat, x), 0, 0x1fffe);
		same(three[i](x, x, nat), 0, 0x1fffe);
	}
	assert_true(ia64_fr_is_natval(nat));
	assert_false(ia64_fr_is_natval(ia64_fr_make(0, 0x3fffe)));
	assert_false(ia64_fr_is_natval(ia64_fr_make(1, 0x1fffe)));
}

static void test_fclass(void **state)
{
	static const struct {
		struct ia64_fr f;
		unsigned mask;	/* the classes that hold, sign apart; 0 for none */
		bool number;
	} rows[] = {
		{ { 0, 0, 0 }, IA64_FCLASS_ZERO, true },
		{ { 0, 0x20000, 0 }, IA64_FCLASS_ZERO, true },
		{ { 0, 0x1003e, 0 }, IA64_FCLASS_UNORM, true },	/* pseudo-zero */
		{ { 0, 0x3fffe, 0 }, IA64_FCLASS_UNORM, true },
		{ { 1, 0, 0 }, IA64_FCLASS_UNORM, true },
		{ { 1ull << 63, 0, 0 }, IA64_FCLASS_UNORM, true },	/* pseudo-denormal */
		{ { 5, 0x1003e, 0 }, IA64_FCLASS_UNORM, true },
		{ { 1ull << 63, 1, 0 }, IA64_FCLASS_NORM, true },
		{ { 1ull << 63, 0x3fffe, 0 }, IA64_FCLASS_NORM, true },
		{ { 1ull << 63, 0x3ffff, 0 }, IA64_FCLASS_INF, true },
		{ { 1ull << 63 | 1, 0x1ffff, 0 }, IA64_FCLASS_SNAN, false },
		{ { 3ull << 62, 0x3ffff, 0 }, IA64_FCLASS_QNAN, false },
		{ { 0, 0x1ffff, 0 }, 0, false },
		{ { 1, 0x3ffff, 0 }, 0, false },
		{ { 0, 0x1fffe, 0 }, IA64_FCLASS_NATVAL, false },
	};
	unsigned cases = 0;

	for (unsigned i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		bool nat = rows[i].mask == IA64_FCLASS_NATVAL;
		unsigned sign = rows[i].f.se >> 17 ? IA64_FCLASS_NEG : IA64_FCLASS_POS;

		for (unsigned mask = 0; mask < 512; mask++, cases++) {
			bool p1 = true, p2 = true;
			bool want = (mask & rows[i].mask) && (!rows[i].number || mask & sign);

			ia64_fclass(&p1, &p2, rows[i].f, mask);
			assert_int_equal(p1, want);
			assert_int_equal(p2, nat ? false : !want);
		}
	}
	print_message("fclass: %u cases\n", cases);
}

/* ---- ar.fpsr: SDM 1:5.2, 3:2 fsetc, fclrf, fchkf ---- */

static void test_fpsr(void **state)
{
	uint64_t fpsr;

	assert_false(ia64_fpsr_is_reserved(IA64_FPSR_DEFAULT));
	assert_true(ia64_fpsr_is_reserved(IA64_FPSR_DEFAULT | 1ull << 58));
	assert_true(ia64_fpsr_is_reserved(IA64_FPSR_DEFAULT | 1ull << 63));
	assert_true(ia64_fpsr_is_reserved(IA64_FPSR_DEFAULT | 1ull << 12));	/* sf0.td */
	assert_false(ia64_fpsr_is_reserved(IA64_FPSR_DEFAULT | 1ull << 25));	/* sf1.td */
	for (unsigned sf = 0; sf < 4; sf++) {
		assert_true(ia64_fpsr_is_reserved(0x3f | 1ull << (6 + 13 * sf + 2)));
		assert_false(ia64_fpsr_is_reserved(0x3f | 2ull << (6 + 13 * sf + 2)));
	}

	/* sf2 := (sf0.controls & amask7) | omask7, flags kept */
	fpsr = 0x3f | 0x3dull << 6 | 0x1fffull << 32 | 0x1000ull << 45;
	assert_true(ia64_fsetc(&fpsr, 2, 0x3c, 0x42));
	assert_true(fpsr == (0x3f | 0x3dull << 6 | 0x1ffeull << 32 | 0x1000ull << 45));
	/* The reserved pc, and td of sf0, leave it alone. */
	assert_false(ia64_fsetc(&fpsr, 2, 0x34, 0));
	assert_true(fpsr == (0x3f | 0x3dull << 6 | 0x1ffeull << 32 | 0x1000ull << 45));
	assert_false(ia64_fsetc(&fpsr, 0, 0x7f, 0x40));
	assert_true(ia64_fsetc(&fpsr, 0, 0x7e, 0));
	assert_int_equal(ia64_sf_get(fpsr, 0), 0x3c);

	fpsr = (1ull << 58) - 1;
	for (unsigned sf = 0; sf < 4; sf++)
		assert_true(ia64_fclrf(fpsr, sf) == (fpsr & ~(0x3full << (13 + 13 * sf))));

	/* A flag that sf0 lacks, or whose trap is enabled, branches. */
	for (unsigned sf = 1; sf < 4; sf++) {
		for (unsigned flag = 0; flag < 6; flag++) {
			uint64_t f = 1ull << (13 + 13 * sf + flag), f0 = 1ull << (13 + flag);

			assert_false(ia64_fchkf(0x3f, sf));
			assert_true(ia64_fchkf(0x3f | f, sf));
			assert_false(ia64_fchkf(0x3f | f | f0, sf));
			assert_true(ia64_fchkf((0x3f ^ 1u << flag) | f | f0, sf));
			assert_false(ia64_fchkf((0x3f ^ 1u << flag), sf));
			assert_false(ia64_fchkf(0x3f | f0, 0));
			assert_true(ia64_fchkf((0x3f ^ 1u << flag) | f0, 0));
		}
	}
}

/* ---- Events: SDM 2:8 ---- */

/* The place of each bit in ISR.code, scalar, high half and low half. */
static void test_isr_codes(void **state)
{
	struct ia64_fr snan = ia64_fr_from_single(0x7f800001), f1 = IA64_FR_ONE;
	struct ia64_fr big = ia64_fr_make(1ull << 63, 0x1007e), third, zero = IA64_FR_ZERO;
	struct ia64_fr hi, lo, ones = ia64_fr_from_sig(0x3f8000003f800000ull);
	uint64_t fpsr = 0xcull << 6;
	bool p2 = false;

	/* V, D, Z of a scalar instruction: ISR.code{2:0}; nothing is written. */
	assert_int_equal(ia64_fma(&fpsr, 0, IA64_PC_D, IA64_FMA, &f1, snan, snan, NULL), 0x10001);
	assert_int_equal(ia64_fma(&fpsr, 0, IA64_PC_D, IA64_FMA, &f1, ia64_fr_from_sig(1),
				  IA64_FR_ONE, NULL), 0x10002);
	assert_int_equal(ia64_frcpa(&fpsr, 0, &f1, &p2, IA64_FR_ONE, zero), 0x10004);
	assert_true(fpsr == 0xcull << 6);
	same(f1, 1ull << 63, 0xffff);
	/* The halves: {2:0} high, {6:4} low. */
	hi = ia64_fr_from_sig(0x7f8000013f800000ull);
	lo = ia64_fr_from_sig(0x3f80000000000001ull);
	assert_int_equal(ia64_fpma(&fpsr, 0, IA64_FMA, &f1, hi, lo, NULL), 0x10021);
	assert_int_equal(ia64_fpma(&fpsr, 0, IA64_FMA, &f1, hi, ones, NULL), 0x10001);
	assert_int_equal(ia64_fpma(&fpsr, 0, IA64_FMA, &f1, lo, ones, NULL), 0x10020);
	assert_int_equal(ia64_fprcpa(&fpsr, 0, &f1, &p2, ones,
				     ia64_fr_from_sig(0x3f80000000000000ull)), 0x10040);

	/* O with I clear: 2^127 * 2 in single; the exponent is delivered as it is. */
	assert_int_equal(ia64_fma(&fpsr, 0, IA64_PC_S, IA64_FMA, &f1, big,
				  ia64_fr_make(1ull << 63, 0x10000), NULL), 0x20801);
	same(f1, 1ull << 63, 0x1007f);
	assert_true(fpsr == (0xcull << 6 | 0x08ull << 13));
	/* U, exact: 2^-126 * 2^-1. */
	assert_int_equal(ia64_fma(&fpsr, 0, IA64_PC_S, IA64_FMA, &f1,
				  ia64_fr_make(1ull << 63, 0xff81),
				  ia64_fr_make(1ull << 63, 0xfffe), NULL), 0x21001);
	same(f1, 1ull << 63, 0xff80);
	/* I without and with fpa: 1 + 2^-30 and 1 + 3 * 2^-25 in single. */
	third = ia64_fr_make(1ull << 63, 0xffff - 30);
	assert_int_equal(ia64_fma(&fpsr, 0, IA64_PC_S, IA64_FMA, &f1, IA64_FR_ONE, IA64_FR_ONE,
				  &third), 0x22001);
	third = ia64_fr_make(3ull << 62, 0xffff - 24);
	assert_int_equal(ia64_fma(&fpsr, 0, IA64_PC_S, IA64_FMA, &f1, IA64_FR_ONE, IA64_FR_ONE,
				  &third), 0x26001);
	/* The halves: {14:11} high, {10:7} low. */
	hi = ia64_fr_from_sig(0x7f0000003f800000ull);
	lo = ia64_fr_from_sig(0x3f8000007f000000ull);
	ones = ia64_fr_from_sig(0x4000000040000000ull);
	assert_int_equal(ia64_fpma(&fpsr, 0, IA64_FMA, &f1, hi, ones, NULL), 0x20801);
	same(f1, 0x7f80000040000000ull, 0x1003e);
	assert_int_equal(ia64_fpma(&fpsr, 0, IA64_FMA, &f1, lo, ones, NULL), 0x20081);
	same(f1, 0x400000007f800000ull, 0x1003e);

	/* td stops them all in sf1, not in sf0. */
	fpsr = 0x4cull << 19;
	assert_int_equal(ia64_fma(&fpsr, 1, IA64_PC_D, IA64_FMA, &f1, snan, snan, NULL), 0);
	assert_true(fpsr == (0x4cull << 19 | 1ull << 26));
	assert_true(f1.sig == (snan.sig | 1ull << 62));
	fpsr = 0x4cull << 6;
	assert_int_equal(ia64_fma(&fpsr, 0, IA64_PC_D, IA64_FMA, &f1, snan, snan, NULL), 0x10001);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_values),
		cmocka_unit_test(test_round_trips),
		cmocka_unit_test(test_load_values),
		cmocka_unit_test(test_merge_mix_swap),
		cmocka_unit_test(test_logic_and_xma),
		cmocka_unit_test(test_natval),
		cmocka_unit_test(test_fclass),
		cmocka_unit_test(test_fpsr),
		cmocka_unit_test(test_isr_codes),
	};

	return cmocka_run_group_tests_name("floating-point formats", tests, NULL, NULL);
}
