/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integer arithmetic, logic, compares, tests, shifts and bit fields (units A and I). */
#include "ia64/exec.h"

/* ---- results in r1 (SDM 3:2 "add", "and", "shladd", ...): a NaT in an operand gives a NaT ---- */

#define EXEC_RR(name, expr) \
	EXEC(name) \
	{ \
		struct gr_ref s2 = gr(v, op->insn.r2), s3 = gr(v, op->insn.r3); \
		uint64_t a = *s2.val, b = *s3.val; \
		return gr_result(v, op, (expr), *s2.nat | *s3.nat); \
	}

#define EXEC_IR(name, expr) \
	EXEC(name) \
	{ \
		struct gr_ref s3 = gr(v, op->insn.r3); \
		uint64_t a = op->insn.imm, b = *s3.val; \
		return gr_result(v, op, (expr), *s3.nat); \
	}

#define EXEC_R3(name, expr) \
	EXEC(name) \
	{ \
		struct gr_ref s3 = gr(v, op->insn.r3); \
		uint64_t b = *s3.val; \
		return gr_result(v, op, (expr), *s3.nat); \
	}

/* addp4, shladdp4: 32-bit result, region bits from bits 31:30 of r3 (SDM 3:2 "addp4"). */
static uint64_t pointer32(uint64_t sum, uint64_t base)
{
	return (sum & 0xffffffff) | (base >> 30 & 3) << 61;
}

EXEC_RR(ADD, a + b)
EXEC_RR(ADD1, a + b + 1)
EXEC_RR(SUB, a - b)
EXEC_RR(SUB1, a - b - 1)
EXEC_RR(ADDP4, pointer32(a + b, b))
EXEC_RR(AND, a & b)
EXEC_RR(ANDCM, a & ~b)
EXEC_RR(OR, a | b)
EXEC_RR(XOR, a ^ b)
EXEC_RR(SHLADD, (a << op->insn.x) + b)
EXEC_RR(SHLADDP4, pointer32((a << op->insn.x) + b, b))
EXEC_IR(SUB_I, a - b)
EXEC_IR(AND_I, a & b)
EXEC_IR(ANDCM_I, a & ~b)
EXEC_IR(OR_I, a | b)
EXEC_IR(XOR_I, a ^ b)
EXEC_IR(ADDS, a + b)
EXEC_IR(ADDP4_I, pointer32(a + b, b))
EXEC_IR(ADDL, a + b)

EXEC(MOVL)
{
	/* The next slot is the second half of this instruction. */
	return gr_result(v, op, op->insn.imm, 0) ? op + 2 : NULL;
}

/* ---- shifts and fields (SDM 3:2 "shl", "extr", "dep", "shrp") ---- */

static uint64_t low_bits(unsigned int n)
{
	return n < 64 ? (1ull << n) - 1 : ~0ull;
}

static uint64_t shift_right_signed(uint64_t val, uint64_t count)
{
	return (int64_t)val >> (count < 63 ? count : 63);
}

/* Field of `len` bits at `pos`; what would lie above bit 63 is not there. */
static uint64_t extract_signed(uint64_t val, unsigned int pos, unsigned int len)
{
	if (len > 64 - pos)
		len = 64 - pos;
	return (int64_t)(val << (64 - pos - len)) >> (64 - len);
}

static uint64_t deposit(uint64_t into, uint64_t field, unsigned int pos, unsigned int len)
{
	uint64_t mask = low_bits(len) << pos;

	return (into & ~mask) | (field << pos & mask);
}

EXEC_RR(SHL, b < 64 ? a << b : 0)
EXEC_RR(SHR, shift_right_signed(b, a))
EXEC_RR(SHR_U, a < 64 ? b >> a : 0)
EXEC_RR(SHRP, op->insn.x ? a << (64 - op->insn.x) | b >> op->insn.x : b)
EXEC_R3(EXTR, extract_signed(b, op->insn.x, op->insn.y))
EXEC_R3(EXTR_U, (b >> op->insn.x & low_bits(op->insn.y)))
EXEC_RR(DEP, deposit(b, a, op->insn.x, op->insn.y))
EXEC_IR(DEP_I, deposit(b, a, op->insn.x, op->insn.y))

EXEC(DEP_Z)
{
	struct gr_ref s = gr(v, op->insn.r2);

	return gr_result(v, op, deposit(0, *s.val, op->insn.x, op->insn.y), *s.nat);
}

EXEC(DEP_Z_I)
{
	return gr_result(v, op, deposit(0, op->insn.imm, op->insn.x, op->insn.y), 0);
}

EXEC_R3(SXT1, (uint64_t)(int64_t)(int8_t)b)
EXEC_R3(SXT2, (uint64_t)(int64_t)(int16_t)b)
EXEC_R3(SXT4, (uint64_t)(int64_t)(int32_t)b)
EXEC_R3(ZXT1, (uint8_t)b)
EXEC_R3(ZXT2, (uint16_t)b)
EXEC_R3(ZXT4, (uint32_t)b)
EXEC_R3(POPCNT, __builtin_popcountll(b))

/* ---- compares (SDM 3:2 "cmp", "cmp4") ---- */

/*
 * What each type of compare does with the relation (SDM 3:2 "cmp", Table 2-13). A NaT operand
 * makes none and and.. clear both targets, and the or.. types change nothing.
 */
static inline const struct ia64_insn_op *compare_none(struct vcpu *v, const struct ia64_insn_op *op,
						      bool rel, uint8_t nat)
{
	v->pr[op->insn.r1] = rel & !nat;
	v->pr[op->insn.r4] = !rel & !nat;
	return op + 1;
}

/* unc clears both targets first, even when the qualifying predicate is false. */
static inline const struct ia64_insn_op *compare_unc(struct vcpu *v, const struct ia64_insn_op *op,
						     bool rel, uint8_t nat)
{
	uint8_t qp = v->pr[op->insn.hint];

	v->pr[op->insn.r1] = qp & rel & !nat;
	v->pr[op->insn.r4] = qp & !rel & !nat;
	return op + 1;
}

static inline const struct ia64_insn_op *compare_and(struct vcpu *v, const struct ia64_insn_op *op,
						     bool rel, uint8_t nat)
{
	uint8_t keep = rel & !nat;

	v->pr[op->insn.r1] &= keep;
	v->pr[op->insn.r4] &= keep;
	return op + 1;
}

static inline const struct ia64_insn_op *compare_or(struct vcpu *v, const struct ia64_insn_op *op,
						    bool rel, uint8_t nat)
{
	uint8_t set = rel & !nat;

	v->pr[op->insn.r1] |= set;
	v->pr[op->insn.r4] |= set;
	return op + 1;
}

static inline const struct ia64_insn_op *compare_orandcm(struct vcpu *v,
							 const struct ia64_insn_op *op, bool rel,
							 uint8_t nat)
{
	uint8_t set = rel & !nat;

	v->pr[op->insn.r1] |= set;
	v->pr[op->insn.r4] &= !set;
	return op + 1;
}

/* r2 rel r3. */
#define CMP_RR(name, type, rel, combine) \
	EXEC(name) \
	{ \
		struct gr_ref s2 = gr(v, op->insn.r2), s3 = gr(v, op->insn.r3); \
		return combine(v, op, (type)*s2.val rel (type)*s3.val, *s2.nat | *s3.nat); \
	}

/* 0 rel r3. */
#define CMP_ZR(name, type, rel, combine) \
	EXEC(name) \
	{ \
		struct gr_ref s3 = gr(v, op->insn.r3); \
		return combine(v, op, (type)0 rel (type)*s3.val, *s3.nat); \
	}

/* imm rel r3. */
#define CMP_IR(name, type, rel, combine) \
	EXEC(name) \
	{ \
		struct gr_ref s3 = gr(v, op->insn.r3); \
		return combine(v, op, (type)op->insn.imm rel (type)*s3.val, *s3.nat); \
	}

#define CMP_PARALLEL(form, C, type, rel, NAME, suffix) \
	form(C##_##NAME##_AND##suffix, type, rel, compare_and) \
	form(C##_##NAME##_OR##suffix, type, rel, compare_or) \
	form(C##_##NAME##_ORANDCM##suffix, type, rel, compare_orandcm)

#define CMP_ALL(C, stype, utype) \
	CMP_RR(C##_LT, stype, <, compare_none) \
	CMP_RR(C##_LT_UNC, stype, <, compare_unc) \
	CMP_RR(C##_LTU, utype, <, compare_none) \
	CMP_RR(C##_LTU_UNC, utype, <, compare_unc) \
	CMP_RR(C##_EQ, utype, ==, compare_none) \
	CMP_RR(C##_EQ_UNC, utype, ==, compare_unc) \
	CMP_PARALLEL(CMP_RR, C, utype, ==, EQ, ) \
	CMP_PARALLEL(CMP_RR, C, utype, !=, NE, ) \
	CMP_PARALLEL(CMP_ZR, C, stype, >, GT, _Z) \
	CMP_PARALLEL(CMP_ZR, C, stype, <=, LE, _Z) \
	CMP_PARALLEL(CMP_ZR, C, stype, >=, GE, _Z) \
	CMP_PARALLEL(CMP_ZR, C, stype, <, LT, _Z) \
	CMP_IR(C##_LT_I, stype, <, compare_none) \
	CMP_IR(C##_LT_UNC_I, stype, <, compare_unc) \
	CMP_IR(C##_LTU_I, utype, <, compare_none) \
	CMP_IR(C##_LTU_UNC_I, utype, <, compare_unc) \
	CMP_IR(C##_EQ_I, utype, ==, compare_none) \
	CMP_IR(C##_EQ_UNC_I, utype, ==, compare_unc) \
	CMP_PARALLEL(CMP_IR, C, utype, ==, EQ, _I) \
	CMP_PARALLEL(CMP_IR, C, utype, !=, NE, _I)

CMP_ALL(CMP, int64_t, uint64_t)
CMP_ALL(CMP4, int32_t, uint32_t)

/* ---- tests (SDM 3:2 "tbit", "tnat") ---- */

#define TBIT(name, negate, combine) \
	EXEC(name) \
	{ \
		struct gr_ref s3 = gr(v, op->insn.r3); \
		return combine(v, op, (*s3.val >> op->insn.x & 1) ^ negate, *s3.nat); \
	}

/* The NaT bit is what tnat asks for, not a reason to clear its targets. */
#define TNAT(name, negate, combine) \
	EXEC(name) \
	{ \
		return combine(v, op, *gr(v, op->insn.r3).nat ^ negate, 0); \
	}

#define TEST_ALL(form, T) \
	form(T##_Z, 1, compare_none) \
	form(T##_Z_UNC, 1, compare_unc) \
	form(T##_Z_AND, 1, compare_and) \
	form(T##_NZ_AND, 0, compare_and) \
	form(T##_Z_OR, 1, compare_or) \
	form(T##_NZ_OR, 0, compare_or) \
	form(T##_Z_ORANDCM, 1, compare_orandcm) \
	form(T##_NZ_ORANDCM, 0, compare_orandcm)

TEST_ALL(TBIT, TBIT)
TEST_ALL(TNAT, TNAT)

/* ---- moves of branch registers, predicates, ip (SDM 3:2 "mov br", "mov pr", "mov ip") ---- */

EXEC(MOV_BR)
{
	struct gr_ref s = gr(v, op->insn.r2);

	CHECK_NAT(*s.nat, 0);
	v->br[op->insn.r1] = *s.val;
	return op + 1;
}

EXEC(MOV_FROM_BR)
{
	return gr_result(v, op, v->br[op->insn.r2], 0);
}

EXEC(MOV_PR)
{
	struct gr_ref s = gr(v, op->insn.r2);

	CHECK_NAT(*s.nat, 0);
	ia64_pr_set(v, *s.val, op->insn.imm);
	return op + 1;
}

EXEC(MOV_PR_ROT)
{
	ia64_pr_set(v, op->insn.imm, ~0xffffull);
	return op + 1;
}

EXEC(MOV_FROM_PR)
{
	return gr_result(v, op, ia64_pr_get(v), 0);
}

EXEC(MOV_FROM_IP)
{
	return gr_result(v, op, op_ip(v, op), 0);
}
