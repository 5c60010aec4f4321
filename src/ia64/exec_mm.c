/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parallel (multimedia) integer instructions: bytes, halves and words of a register at once. */
#include "ia64/exec.h"

/*
 * Each is a function of two registers of `n` elements of `bits` bits, element 0 the lowest. `x`
 * is the element of r2 and `y` that of r3, sign-extended (S) or zero-extended (U); the result's low
 * bits are kept.
 */
#define ELEMENT_S(reg, bits, i) ((int64_t)((reg) << (64 - (bits) * ((i) + 1))) >> (64 - (bits)))
#define ELEMENT_U(reg, bits, i) ((int64_t)((reg) << (64 - (bits) * ((i) + 1)) >> (64 - (bits))))

static inline uint64_t place(int64_t val, unsigned int bits, unsigned int i)
{
	return ((uint64_t)val & ((1ull << bits) - 1)) << bits * i;
}

static inline int64_t saturate(int64_t val, int64_t min, int64_t max)
{
	return val < min ? min : val > max ? max : val;
}

#define SAT_S(val, bits) saturate(val, -(1ll << ((bits) - 1)), (1ll << ((bits) - 1)) - 1)
#define SAT_U(val, bits) saturate(val, 0, (1ll << (bits)) - 1)

#define EXEC_RR(name, expr) \
	EXEC(name) \
	{ \
		struct gr_ref s2 = gr(v, op->insn.r2), s3 = gr(v, op->insn.r3); \
		uint64_t a = *s2.val, b = *s3.val; \
		return gr_result(v, op, (expr), *s2.nat | *s3.nat); \
	}

#define PARALLEL(name, bits, xsign, ysign, expr) \
	EXEC(name) \
	{ \
		struct gr_ref s2 = gr(v, op->insn.r2), s3 = gr(v, op->insn.r3); \
		uint64_t a = *s2.val, b = *s3.val, r = 0; \
		unsigned int i; \
		for (i = 0; i < 64 / (bits); i++) { \
			int64_t x = ELEMENT_##xsign(a, bits, i), y = ELEMENT_##ysign(b, bits, i); \
			r |= place((expr), bits, i); \
		} \
		return gr_result(v, op, r, *s2.nat | *s3.nat); \
	}

/* SDM 3:2 "padd", "psub": modulo, or saturating as the completer's three letters say. */
#define PADD_PSUB(name, bits, o) \
	PARALLEL(name##_SSS, bits, S, S, SAT_S(x o y, bits)) \
	PARALLEL(name##_UUU, bits, U, U, SAT_U(x o y, bits)) \
	PARALLEL(name##_UUS, bits, U, S, SAT_U(x o y, bits))

PARALLEL(PADD1, 8, U, U, x + y)
PARALLEL(PADD2, 16, U, U, x + y)
PARALLEL(PADD4, 32, U, U, x + y)
PADD_PSUB(PADD1, 8, +)
PADD_PSUB(PADD2, 16, +)
PARALLEL(PSUB1, 8, U, U, x - y)
PARALLEL(PSUB2, 16, U, U, x - y)
PARALLEL(PSUB4, 32, U, U, x - y)
PADD_PSUB(PSUB1, 8, -)
PADD_PSUB(PSUB2, 16, -)

/* SDM 3:2 "pavg", "pavgsub": the bit shifted out sticks to the lowest one, or is rounded up. */
#define HALF_STICKY(sum) ((sum) >> 1 | ((sum) & 1))

PARALLEL(PAVG1, 8, U, U, HALF_STICKY(x + y))
PARALLEL(PAVG2, 16, U, U, HALF_STICKY(x + y))
PARALLEL(PAVG1_RAZ, 8, U, U, (x + y + 1) >> 1)
PARALLEL(PAVG2_RAZ, 16, U, U, (x + y + 1) >> 1)
PARALLEL(PAVGSUB1, 8, U, U, HALF_STICKY(x - y))
PARALLEL(PAVGSUB2, 16, U, U, HALF_STICKY(x - y))

PARALLEL(PCMP1_EQ, 8, S, S, -(int64_t)(x == y))
PARALLEL(PCMP1_GT, 8, S, S, -(int64_t)(x > y))
PARALLEL(PCMP2_EQ, 16, S, S, -(int64_t)(x == y))
PARALLEL(PCMP2_GT, 16, S, S, -(int64_t)(x > y))
PARALLEL(PCMP4_EQ, 32, S, S, -(int64_t)(x == y))
PARALLEL(PCMP4_GT, 32, S, S, -(int64_t)(x > y))

PARALLEL(PMIN1_U, 8, U, U, x < y ? x : y)
PARALLEL(PMAX1_U, 8, U, U, x > y ? x : y)
PARALLEL(PMIN2, 16, S, S, x < y ? x : y)
PARALLEL(PMAX2, 16, S, S, x > y ? x : y)

/* SDM 3:2 "pshladd": a shift that overflows saturates, and nothing is added to it. */
static int64_t shift_add(int64_t x, unsigned int count, int64_t y)
{
	int64_t shifted = x * (1ll << count);

	if (SAT_S(shifted, 16) != shifted)
		return SAT_S(shifted, 16);
	return SAT_S(shifted + y, 16);
}

PARALLEL(PSHLADD2, 16, S, S, shift_add(x, op->insn.x, y))
PARALLEL(PSHRADD2, 16, S, S, SAT_S((x >> op->insn.x) + y, 16))

PARALLEL(PMPYSHR2, 16, S, S, (x * y) >> op->insn.x)
PARALLEL(PMPYSHR2_U, 16, U, U, (x * y) >> op->insn.x)

static uint64_t multiply_halves(uint64_t a, uint64_t b, unsigned int from)
{
	int64_t low = ELEMENT_S(a, 16, from) * ELEMENT_S(b, 16, from);
	int64_t high = ELEMENT_S(a, 16, from + 2) * ELEMENT_S(b, 16, from + 2);

	return place(low, 32, 0) | place(high, 32, 1);
}

EXEC_RR(PMPY2_R, multiply_halves(a, b, 0))
EXEC_RR(PMPY2_L, multiply_halves(a, b, 1))

static uint64_t sum_of_differences(uint64_t a, uint64_t b)
{
	uint64_t sum = 0;
	unsigned int i;

	for (i = 0; i < 8; i++) {
		int64_t d = ELEMENT_U(a, 8, i) - ELEMENT_U(b, 8, i);

		sum += d < 0 ? -d : d;
	}
	return sum;
}

EXEC_RR(PSAD1, sum_of_differences(a, b))

/*
 * mix and unpack (SDM 3:2): pairs of an element of r2 (upper) and the same one of r3 (lower).
 * Pair i takes element first + step * i.
 */
static uint64_t interleave(uint64_t a, uint64_t b, unsigned int bits, unsigned int first,
			   unsigned int step)
{
	uint64_t r = 0;
	unsigned int i, from;

	for (i = 0; i < 32 / bits; i++) {
		from = first + step * i;
		r |= place(ELEMENT_U(b, bits, from), bits, 2 * i);
		r |= place(ELEMENT_U(a, bits, from), bits, 2 * i + 1);
	}
	return r;
}

EXEC_RR(MIX1_R, interleave(a, b, 8, 0, 2))
EXEC_RR(MIX2_R, interleave(a, b, 16, 0, 2))
EXEC_RR(MIX4_R, interleave(a, b, 32, 0, 2))
EXEC_RR(MIX1_L, interleave(a, b, 8, 1, 2))
EXEC_RR(MIX2_L, interleave(a, b, 16, 1, 2))
EXEC_RR(MIX4_L, interleave(a, b, 32, 1, 2))
EXEC_RR(UNPACK1_L, interleave(a, b, 8, 0, 1))
EXEC_RR(UNPACK2_L, interleave(a, b, 16, 0, 1))
EXEC_RR(UNPACK4_L, interleave(a, b, 32, 0, 1))
EXEC_RR(UNPACK1_H, interleave(a, b, 8, 4, 1))
EXEC_RR(UNPACK2_H, interleave(a, b, 16, 2, 1))
EXEC_RR(UNPACK4_H, interleave(a, b, 32, 1, 1))

/* pack: r2's elements, halved in size and saturated, in the low half; r3's in the high half. */
#define PACK(name, bits, sat) \
	EXEC(name) \
	{ \
		struct gr_ref s2 = gr(v, op->insn.r2), s3 = gr(v, op->insn.r3); \
		uint64_t a = *s2.val, b = *s3.val, r = 0; \
		unsigned int i; \
		for (i = 0; i < 64 / (bits); i++) { \
			r |= place(sat(ELEMENT_S(a, bits, i), (bits) / 2), (bits) / 2, i); \
			r |= place(sat(ELEMENT_S(b, bits, i), (bits) / 2), (bits) / 2, \
				   i + 64 / (bits)); \
		} \
		return gr_result(v, op, r, *s2.nat | *s3.nat); \
	}

PACK(PACK2_SSS, 16, SAT_S)
PACK(PACK2_USS, 16, SAT_U)
PACK(PACK4_SSS, 32, SAT_S)

/* mux1: which byte of r2 each byte of the result is, from the lowest (SDM 3:2 "mux"). */
static const uint8_t mux1_source[16][8] = {
	[MUX1_BRCST] = { 0, 0, 0, 0, 0, 0, 0, 0 },
	[MUX1_MIX] = { 0, 4, 2, 6, 1, 5, 3, 7 },
	[MUX1_SHUF] = { 0, 4, 1, 5, 2, 6, 3, 7 },
	[MUX1_ALT] = { 0, 2, 4, 6, 1, 3, 5, 7 },
	[MUX1_REV] = { 7, 6, 5, 4, 3, 2, 1, 0 },
};

EXEC(MUX1)
{
	struct gr_ref s = gr(v, op->insn.r2);
	const uint8_t *source = mux1_source[op->insn.x & 15];
	uint64_t a = *s.val, r = 0;
	unsigned int i;

	for (i = 0; i < 8; i++)
		r |= place(ELEMENT_U(a, 8, source[i]), 8, i);
	return gr_result(v, op, r, *s.nat);
}

EXEC(MUX2)
{
	struct gr_ref s = gr(v, op->insn.r2);
	uint64_t a = *s.val, r = 0;
	unsigned int i;

	for (i = 0; i < 4; i++)
		r |= place(ELEMENT_U(a, 16, op->insn.imm >> 2 * i & 3), 16, i);
	return gr_result(v, op, r, *s.nat);
}

/* pshr, pshl (SDM 3:2): the count is the whole register; too large a one shifts everything out. */
static uint64_t parallel_shr(uint64_t val, uint64_t count, unsigned int bits, bool sign)
{
	uint64_t r = 0;
	unsigned int i, n = count < bits ? count : bits;

	for (i = 0; i < 64 / bits; i++)
		r |= place((sign ? ELEMENT_S(val, bits, i) : ELEMENT_U(val, bits, i)) >> n, bits,
			   i);
	return r;
}

static uint64_t parallel_shl(uint64_t val, uint64_t count, unsigned int bits)
{
	uint64_t r = 0;
	unsigned int i;

	if (count >= bits)
		return 0;
	for (i = 0; i < 64 / bits; i++)
		r |= place(ELEMENT_U(val, bits, i) << count, bits, i);
	return r;
}

EXEC_RR(PSHR2, parallel_shr(b, a, 16, true))
EXEC_RR(PSHR2_U, parallel_shr(b, a, 16, false))
EXEC_RR(PSHR4, parallel_shr(b, a, 32, true))
EXEC_RR(PSHR4_U, parallel_shr(b, a, 32, false))
EXEC_RR(PSHL2, parallel_shl(a, b, 16))
EXEC_RR(PSHL4, parallel_shl(a, b, 32))

#define EXEC_R(name, reg, expr) \
	EXEC(name) \
	{ \
		struct gr_ref s = gr(v, op->insn.reg); \
		uint64_t a = *s.val; \
		return gr_result(v, op, (expr), *s.nat); \
	}

EXEC_R(PSHR2_I, r3, parallel_shr(a, op->insn.x, 16, true))
EXEC_R(PSHR2_U_I, r3, parallel_shr(a, op->insn.x, 16, false))
EXEC_R(PSHR4_I, r3, parallel_shr(a, op->insn.x, 32, true))
EXEC_R(PSHR4_U_I, r3, parallel_shr(a, op->insn.x, 32, false))
EXEC_R(PSHL2_I, r2, parallel_shl(a, op->insn.x, 16))
EXEC_R(PSHL4_I, r2, parallel_shl(a, op->insn.x, 32))

/* czx (SDM 3:2): how many elements from the left or right come before the first that is zero. */
static unsigned int first_zero(uint64_t val, unsigned int bits, bool from_left)
{
	unsigned int n = 64 / bits, i;

	for (i = 0; i < n; i++)
		if (!ELEMENT_U(val, bits, from_left ? n - 1 - i : i))
			break;
	return i;
}

EXEC_R(CZX1_L, r3, first_zero(a, 8, true))
EXEC_R(CZX1_R, r3, first_zero(a, 8, false))
EXEC_R(CZX2_L, r3, first_zero(a, 16, true))
EXEC_R(CZX2_R, r3, first_zero(a, 16, false))
