/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The encoding table: one row an instruction, in the order and the formats of SDM 3:4. */
#include "ia64/encoding.h"

#define W(hi, lo)	(((UINT64_C(2) << ((hi) - (lo))) - 1) << (lo))
#define V(v, lo)	((uint64_t)(v) << (lo))

/*
 * One macro a format, named and with the opcode extensions as the manual has them; each yields
 * mask and match. Two formats with the same extension fields share a macro.
 */
#define ANY			0, 0
#define A1(x4, x2b)		W(35, 27), V(x4, 29) | V(x2b, 27)
#define A2(x4)			W(35, 29), V(x4, 29)
#define A4(x2a)			W(35, 33), V(x2a, 34)
#define A6(x2, tb, ta, c)	W(36, 33) | W(12, 12), V(tb, 36) | V(x2, 34) | V(ta, 33) | V(c, 12)
#define A8(x2, ta, c)		W(35, 33) | W(12, 12), V(x2, 34) | V(ta, 33) | V(c, 12)
#define A9(za, zb, x4, x2b)	W(36, 27), V(za, 36) | V(1, 34) | V(zb, 33) | V(x4, 29) | V(x2b, 27)
#define A10(x4)			W(36, 29), V(1, 34) | V(1, 33) | V(x4, 29)
#define I1(x2b)			W(36, 32) | W(29, 28), V(1, 33) | V(x2b, 28)
#define I2(za, zb, x2a, x2c, x2b) \
	W(36, 28), V(za, 36) | V(x2a, 34) | V(zb, 33) | V(x2c, 30) | V(x2b, 28)
#define I10(x2, x)		W(35, 33), V(x2, 34) | V(x, 33)
#define I11(y)			W(35, 33) | W(13, 13), V(1, 34) | V(y, 13)
#define I12(y)			W(35, 33) | W(26, 26), V(1, 34) | V(1, 33) | V(y, 26)
#define I16(tb, ta, y, c) \
	W(36, 33) | W(13, 12), V(tb, 36) | V(ta, 33) | V(y, 13) | V(c, 12)
#define X3(x3)			W(35, 33), V(x3, 33)
#define X3X6(x6)		W(35, 27), V(x6, 27)
#define X3X6Y(x6, y)		W(35, 26), V(x6, 27) | V(y, 26)
#define I21(x)			W(35, 33) | W(22, 22), V(7, 33) | V(x, 22)
#define M1(m, x, x6)		W(36, 30) | W(27, 27), V(m, 36) | V(x6, 30) | V(x, 27)
#define M1_ANYSIZE(m, x, x4)	W(36, 32) | W(27, 27), V(m, 36) | V(x4, 32) | V(x, 27)
#define M3(x6)			W(35, 30), V(x6, 30)
#define M3_ANYSIZE(x4)		W(35, 32), V(x4, 32)
#define M24(x4, x2)		W(35, 27), V(x2, 31) | V(x4, 27)
#define M48(y)			W(35, 26), V(1, 27) | V(y, 26)
#define M44(x4)			W(35, 33) | W(30, 27), V(x4, 27)
#define M28(x)			W(36, 27), V(x, 36) | V(0x30, 27)
#define B1(btype)		W(8, 6), V(btype, 6)
#define B4(x6, btype)		W(32, 27) | W(8, 6), V(x6, 27) | V(btype, 6)
#define B8(x6)			W(32, 27), V(x6, 27)
#define F1X(x)			W(36, 36), V(x, 36)
#define F2X(x2)			W(36, 34), V(1, 36) | V(x2, 34)
#define F4X(rb, ra, ta)		W(36, 36) | W(33, 33) | W(12, 12), V(rb, 36) | V(ra, 33) | V(ta, 12)
#define F5X(ta)			W(12, 12), V(ta, 12)
#define F6X(q)			W(36, 36) | W(33, 33), V(q, 36) | V(1, 33)
#define F8X(x6)			W(33, 27), V(x6, 27)
#define F16X(y)			W(33, 26), V(1, 27) | V(y, 26)
#define X2X			W(20, 20), 0
/* Aliases: the same with a further field fixed. */
#define AND(hi, lo, v, ...)	AND_(hi, lo, v, __VA_ARGS__)
#define AND_(hi, lo, v, mask, match)	(mask) | W(hi, lo), (match) | V(v, lo)

/* The format has been expanded to mask and match by the time ROW_ sees it. */
#define ROW_(o, msk, mtch, m, a, cx, cy, n, ...) \
	{ .mask = msk, .match = mtch, .mnemonic = m, .op = OP_##o, .attr = a, .x = cx, .y = cy, \
	  .ndst = n, .opnd = { __VA_ARGS__ } },
/* An op, its format, mnemonic, number of operands written before "=", operands. */
#define ROW(o, format, m, n, ...)		ROW_(o, format, m, 0, 0, 0, n, __VA_ARGS__)
/* With attributes. */
#define ROWA(o, format, m, a, n, ...)		ROW_(o, format, m, a, 0, 0, n, __VA_ARGS__)
/* With attributes and constant x and y. */
#define ROWX(o, format, m, a, cx, cy, n, ...)	ROW_(o, format, m, a, cx, cy, n, __VA_ARGS__)

/* ---- A ----------------------------------------------------------------------------------------*/

#define PARALLEL_ALU(NAME, name, x4) \
	ROW(NAME##1, A9(0, 0, x4, 0), name "1", 1, R1, R2, R3) \
	ROW(NAME##1_SSS, A9(0, 0, x4, 1), name "1.sss", 1, R1, R2, R3) \
	ROW(NAME##1_UUU, A9(0, 0, x4, 2), name "1.uuu", 1, R1, R2, R3) \
	ROW(NAME##1_UUS, A9(0, 0, x4, 3), name "1.uus", 1, R1, R2, R3) \
	ROW(NAME##2, A9(0, 1, x4, 0), name "2", 1, R1, R2, R3) \
	ROW(NAME##2_SSS, A9(0, 1, x4, 1), name "2.sss", 1, R1, R2, R3) \
	ROW(NAME##2_UUU, A9(0, 1, x4, 2), name "2.uuu", 1, R1, R2, R3) \
	ROW(NAME##2_UUS, A9(0, 1, x4, 3), name "2.uus", 1, R1, R2, R3) \
	ROW(NAME##4, A9(1, 0, x4, 0), name "4", 1, R1, R2, R3)

static const struct ia64_encoding rows_a8[] = {
	ROWA(ADDS, AND(36, 36, 0, AND(32, 27, 0, AND(19, 13, 0, A4(2)))), "mov", ENC_ALIAS,
	     1, R1, R3)
	ROW(ADDS, A4(2), "adds", 1, R1, IMM14, R3)
	ROW(ADDP4_I, A4(3), "addp4", 1, R1, IMM14, R3)
	ROW(ADD, A1(0, 0), "add", 1, R1, R2, R3)
	ROW(ADD1, A1(0, 1), "add", 1, R1, R2, R3, LIT_1)
	ROW(SUB, A1(1, 1), "sub", 1, R1, R2, R3)
	ROW(SUB1, A1(1, 0), "sub", 1, R1, R2, R3, LIT_1)
	ROW(ADDP4, A1(2, 0), "addp4", 1, R1, R2, R3)
	ROW(AND, A1(3, 0), "and", 1, R1, R2, R3)
	ROW(ANDCM, A1(3, 1), "andcm", 1, R1, R2, R3)
	ROW(OR, A1(3, 2), "or", 1, R1, R2, R3)
	ROW(XOR, A1(3, 3), "xor", 1, R1, R2, R3)
	ROW(SHLADD, A2(4), "shladd", 1, R1, R2, CNT2B, R3)
	ROW(SHLADDP4, A2(6), "shladdp4", 1, R1, R2, CNT2B, R3)
	ROW(SUB_I, A1(9, 1), "sub", 1, R1, IMM8, R3)
	ROW(AND_I, A1(0xb, 0), "and", 1, R1, IMM8, R3)
	ROW(ANDCM_I, A1(0xb, 1), "andcm", 1, R1, IMM8, R3)
	ROW(OR_I, A1(0xb, 2), "or", 1, R1, IMM8, R3)
	ROW(XOR_I, A1(0xb, 3), "xor", 1, R1, IMM8, R3)
	PARALLEL_ALU(PADD, "padd", 0)
	PARALLEL_ALU(PSUB, "psub", 1)
	ROW(PAVG1, A9(0, 0, 2, 2), "pavg1", 1, R1, R2, R3)
	ROW(PAVG1_RAZ, A9(0, 0, 2, 3), "pavg1.raz", 1, R1, R2, R3)
	ROW(PAVG2, A9(0, 1, 2, 2), "pavg2", 1, R1, R2, R3)
	ROW(PAVG2_RAZ, A9(0, 1, 2, 3), "pavg2.raz", 1, R1, R2, R3)
	ROW(PAVGSUB1, A9(0, 0, 3, 2), "pavgsub1", 1, R1, R2, R3)
	ROW(PAVGSUB2, A9(0, 1, 3, 2), "pavgsub2", 1, R1, R2, R3)
	ROW(PCMP1_EQ, A9(0, 0, 9, 0), "pcmp1.eq", 1, R1, R2, R3)
	ROW(PCMP1_GT, A9(0, 0, 9, 1), "pcmp1.gt", 1, R1, R2, R3)
	ROW(PCMP2_EQ, A9(0, 1, 9, 0), "pcmp2.eq", 1, R1, R2, R3)
	ROW(PCMP2_GT, A9(0, 1, 9, 1), "pcmp2.gt", 1, R1, R2, R3)
	ROW(PCMP4_EQ, A9(1, 0, 9, 0), "pcmp4.eq", 1, R1, R2, R3)
	ROW(PCMP4_GT, A9(1, 0, 9, 1), "pcmp4.gt", 1, R1, R2, R3)
	ROW(PSHLADD2, A10(4), "pshladd2", 1, R1, R2, CNT2C, R3)
	ROW(PSHRADD2, A10(6), "pshradd2", 1, R1, R2, CNT2C, R3)
};

static const struct ia64_encoding rows_a9[] = {
	ROWA(ADDL, AND(21, 20, 0, ANY), "mov", ENC_ALIAS, 1, R1, IMM22)
	ROW(ADDL, ANY, "addl", 1, R1, IMM22, R3A)
};

/* Major opcodes C, D and E differ in the relation of the plain forms and the parallel type. */
#define CMP_PLAIN(C, c, REL, rel, x2) \
	ROW(C##_##REL, A6(x2, 0, 0, 0), c "." rel, 2, P1, P2, R2, R3) \
	ROWA(C##_##REL##_UNC, A6(x2, 0, 0, 1), c "." rel ".unc", ENC_UNC, 2, P1, P2, R2, R3) \
	ROW(C##_##REL##_I, A8((x2) + 2, 0, 0), c "." rel, 2, P1, P2, IMM8, R3) \
	ROWA(C##_##REL##_UNC_I, A8((x2) + 2, 0, 1), c "." rel ".unc", ENC_UNC, 2, P1, P2, IMM8, R3)
#define CMP_PARALLEL(C, c, TYPE, type, x2) \
	ROW(C##_EQ_##TYPE, A6(x2, 0, 1, 0), c ".eq." type, 2, P1, P2, R2, R3) \
	ROW(C##_NE_##TYPE, A6(x2, 0, 1, 1), c ".ne." type, 2, P1, P2, R2, R3) \
	ROW(C##_GT_##TYPE##_Z, A6(x2, 1, 0, 0), c ".gt." type, 2, P1, P2, LIT_R0, R3) \
	ROW(C##_LE_##TYPE##_Z, A6(x2, 1, 0, 1), c ".le." type, 2, P1, P2, LIT_R0, R3) \
	ROW(C##_GE_##TYPE##_Z, A6(x2, 1, 1, 0), c ".ge." type, 2, P1, P2, LIT_R0, R3) \
	ROW(C##_LT_##TYPE##_Z, A6(x2, 1, 1, 1), c ".lt." type, 2, P1, P2, LIT_R0, R3) \
	ROW(C##_EQ_##TYPE##_I, A8((x2) + 2, 1, 0), c ".eq." type, 2, P1, P2, IMM8, R3) \
	ROW(C##_NE_##TYPE##_I, A8((x2) + 2, 1, 1), c ".ne." type, 2, P1, P2, IMM8, R3)
#define CMP_ALL(REL, rel, TYPE, type) \
	CMP_PLAIN(CMP, "cmp", REL, rel, 0) \
	CMP_PLAIN(CMP4, "cmp4", REL, rel, 1) \
	CMP_PARALLEL(CMP, "cmp", TYPE, type, 0) \
	CMP_PARALLEL(CMP4, "cmp4", TYPE, type, 1)

static const struct ia64_encoding rows_ac[] = { CMP_ALL(LT, "lt", AND, "and") };
static const struct ia64_encoding rows_ad[] = { CMP_ALL(LTU, "ltu", OR, "or") };
static const struct ia64_encoding rows_ae[] = { CMP_ALL(EQ, "eq", ORANDCM, "or.andcm") };

/* ---- I ----------------------------------------------------------------------------------------*/

static const struct ia64_encoding rows_i0[] = {
	ROWA(BREAK, X3X6(0), "break.i", ENC_BRANCH, 0, IMM21)
	ROW(NOP, X3X6Y(1, 0), "nop.i", 0, IMM21)
	ROW(HINT, X3X6Y(1, 1), "hint.i", 0, IMM21)
	ROWA(CHK_S, X3(1), "chk.s.i", ENC_BRANCH, 0, R2, TGT13C)
	ROW(MOV_PR_ROT, X3(2), "mov", 1, LIT_PRROT, IMM44)
	ROW(MOV_PR, X3(3), "mov", 1, LIT_PR, R2, MASK17)
	ROWA(MOV_BR, AND(23, 23, 0, AND(21, 20, 1, I21(0))), "mov", ENC_ALIAS, 1, B1, R2)
	ROW(MOV_BR, I21(0), "mov%m", 1, B1, R2, TAG13C)
	ROW(MOV_BR, I21(1), "mov.ret%m", 1, B1, R2, TAG13C)
	ROW(MOV_FROM_BR, X3X6(0x31), "mov", 1, R1, B2)
	ROW(MOV_FROM_IP, X3X6(0x30), "mov", 1, R1, LIT_IP)
	ROW(MOV_FROM_PR, X3X6(0x33), "mov", 1, R1, LIT_PR)
	ROW(MOV_AR_I, X3X6(0x0a), "mov.i", 1, AR3W, IMM8)
	ROW(MOV_AR, X3X6(0x2a), "mov.i", 1, AR3W, R2)
	ROW(MOV_FROM_AR, X3X6(0x32), "mov.i", 1, R1, AR3)
	ROW(ZXT1, X3X6(0x10), "zxt1", 1, R1, R3)
	ROW(ZXT2, X3X6(0x11), "zxt2", 1, R1, R3)
	ROW(ZXT4, X3X6(0x12), "zxt4", 1, R1, R3)
	ROW(SXT1, X3X6(0x14), "sxt1", 1, R1, R3)
	ROW(SXT2, X3X6(0x15), "sxt2", 1, R1, R3)
	ROW(SXT4, X3X6(0x16), "sxt4", 1, R1, R3)
	ROW(CZX1_L, X3X6(0x18), "czx1.l", 1, R1, R3)
	ROW(CZX2_L, X3X6(0x19), "czx2.l", 1, R1, R3)
	ROW(CZX1_R, X3X6(0x1c), "czx1.r", 1, R1, R3)
	ROW(CZX2_R, X3X6(0x1d), "czx2.r", 1, R1, R3)
};

static const struct ia64_encoding rows_i4[] = {
	ROW(DEP, ANY, "dep", 1, R1, R2, R3, CPOS6D, LEN4)
};

#define TEST(NAME, name, y, ...) \
	ROW(NAME##_Z, I16(0, 0, y, 0), name ".z", 2, __VA_ARGS__) \
	ROWA(NAME##_Z_UNC, I16(0, 0, y, 1), name ".z.unc", ENC_UNC, 2, __VA_ARGS__) \
	ROW(NAME##_Z_AND, I16(1, 0, y, 0), name ".z.and", 2, __VA_ARGS__) \
	ROW(NAME##_NZ_AND, I16(1, 0, y, 1), name ".nz.and", 2, __VA_ARGS__) \
	ROW(NAME##_Z_OR, I16(0, 1, y, 0), name ".z.or", 2, __VA_ARGS__) \
	ROW(NAME##_NZ_OR, I16(0, 1, y, 1), name ".nz.or", 2, __VA_ARGS__) \
	ROW(NAME##_Z_ORANDCM, I16(1, 1, y, 0), name ".z.or.andcm", 2, __VA_ARGS__) \
	ROW(NAME##_NZ_ORANDCM, I16(1, 1, y, 1), name ".nz.or.andcm", 2, __VA_ARGS__)

static const struct ia64_encoding rows_i5[] = {
	TEST(TBIT, "tbit", 0, P1, P2, R3, POS6)
	/* Later processors took tnat's ignored bit 19 for tf (test feature), so that on older ones
	 * tf is tnat of r0: no feature present. */
	TEST(TNAT, "tnat", 1, P1, P2, R3)
	ROWA(EXTR_U, I11(0), "shr.u", ENC_ALIAS | ENC_POS_LEN_64, 1, R1, R3, POS6)
	ROW(EXTR_U, I11(0), "extr.u", 1, R1, R3, POS6, LEN6)
	ROWA(EXTR, I11(1), "shr", ENC_ALIAS | ENC_POS_LEN_64, 1, R1, R3, POS6)
	ROW(EXTR, I11(1), "extr", 1, R1, R3, POS6, LEN6)
	ROWA(DEP_Z, I12(0), "shl", ENC_ALIAS | ENC_POS_LEN_64, 1, R1, R2, CPOS6C)
	ROW(DEP_Z, I12(0), "dep.z", 1, R1, R2, CPOS6C, LEN6)
	ROW(DEP_Z_I, I12(1), "dep.z", 1, R1, IMM8, CPOS6C, LEN6)
	ROW(DEP_I, I10(3, 1), "dep", 1, R1, IMM1, R3, CPOS6B, LEN6)
	ROW(SHRP, I10(3, 0), "shrp", 1, R1, R2, R3, CNT6)
};

static const struct ia64_encoding rows_i7[] = {
	ROW(PMPYSHR2, I1(3), "pmpyshr2", 1, R1, R2, R3, PMPYCNT)
	ROW(PMPYSHR2_U, I1(1), "pmpyshr2.u", 1, R1, R2, R3, PMPYCNT)
	ROW(PMPY2_R, I2(0, 1, 2, 3, 1), "pmpy2.r", 1, R1, R2, R3)
	ROW(PMPY2_L, I2(0, 1, 2, 3, 3), "pmpy2.l", 1, R1, R2, R3)
	ROW(MIX1_R, I2(0, 0, 2, 2, 0), "mix1.r", 1, R1, R2, R3)
	ROW(MIX2_R, I2(0, 1, 2, 2, 0), "mix2.r", 1, R1, R2, R3)
	ROW(MIX4_R, I2(1, 0, 2, 2, 0), "mix4.r", 1, R1, R2, R3)
	ROW(MIX1_L, I2(0, 0, 2, 2, 2), "mix1.l", 1, R1, R2, R3)
	ROW(MIX2_L, I2(0, 1, 2, 2, 2), "mix2.l", 1, R1, R2, R3)
	ROW(MIX4_L, I2(1, 0, 2, 2, 2), "mix4.l", 1, R1, R2, R3)
	ROW(PACK2_USS, I2(0, 1, 2, 0, 0), "pack2.uss", 1, R1, R2, R3)
	ROW(PACK2_SSS, I2(0, 1, 2, 0, 2), "pack2.sss", 1, R1, R2, R3)
	ROW(PACK4_SSS, I2(1, 0, 2, 0, 2), "pack4.sss", 1, R1, R2, R3)
	ROW(UNPACK1_H, I2(0, 0, 2, 1, 0), "unpack1.h", 1, R1, R2, R3)
	ROW(UNPACK2_H, I2(0, 1, 2, 1, 0), "unpack2.h", 1, R1, R2, R3)
	ROW(UNPACK4_H, I2(1, 0, 2, 1, 0), "unpack4.h", 1, R1, R2, R3)
	ROW(UNPACK1_L, I2(0, 0, 2, 1, 2), "unpack1.l", 1, R1, R2, R3)
	ROW(UNPACK2_L, I2(0, 1, 2, 1, 2), "unpack2.l", 1, R1, R2, R3)
	ROW(UNPACK4_L, I2(1, 0, 2, 1, 2), "unpack4.l", 1, R1, R2, R3)
	ROW(PMIN1_U, I2(0, 0, 2, 0, 1), "pmin1.u", 1, R1, R2, R3)
	ROW(PMAX1_U, I2(0, 0, 2, 1, 1), "pmax1.u", 1, R1, R2, R3)
	ROW(PMIN2, I2(0, 1, 2, 0, 3), "pmin2", 1, R1, R2, R3)
	ROW(PMAX2, I2(0, 1, 2, 1, 3), "pmax2", 1, R1, R2, R3)
	ROW(PSAD1, I2(0, 0, 2, 2, 3), "psad1", 1, R1, R2, R3)
	ROW(MUX1, I2(0, 0, 3, 2, 2), "mux1", 1, R1, R2, MBTYPE4)
	ROW(MUX2, I2(0, 1, 3, 2, 2), "mux2", 1, R1, R2, MHTYPE8)
	ROW(PSHR2, I2(0, 1, 0, 0, 2), "pshr2", 1, R1, R3, R2)
	ROW(PSHR4, I2(1, 0, 0, 0, 2), "pshr4", 1, R1, R3, R2)
	ROW(SHR, I2(1, 1, 0, 0, 2), "shr", 1, R1, R3, R2)
	ROW(PSHR2_U, I2(0, 1, 0, 0, 0), "pshr2.u", 1, R1, R3, R2)
	ROW(PSHR4_U, I2(1, 0, 0, 0, 0), "pshr4.u", 1, R1, R3, R2)
	ROW(SHR_U, I2(1, 1, 0, 0, 0), "shr.u", 1, R1, R3, R2)
	ROW(PSHR2_I, I2(0, 1, 1, 0, 3), "pshr2", 1, R1, R3, CNT5)
	ROW(PSHR4_I, I2(1, 0, 1, 0, 3), "pshr4", 1, R1, R3, CNT5)
	ROW(PSHR2_U_I, I2(0, 1, 1, 0, 1), "pshr2.u", 1, R1, R3, CNT5)
	ROW(PSHR4_U_I, I2(1, 0, 1, 0, 1), "pshr4.u", 1, R1, R3, CNT5)
	ROW(PSHL2, I2(0, 1, 0, 1, 0), "pshl2", 1, R1, R2, R3)
	ROW(PSHL4, I2(1, 0, 0, 1, 0), "pshl4", 1, R1, R2, R3)
	ROW(SHL, I2(1, 1, 0, 1, 0), "shl", 1, R1, R2, R3)
	ROW(PSHL2_I, I2(0, 1, 3, 1, 1), "pshl2", 1, R1, R2, CCNT5)
	ROW(PSHL4_I, I2(1, 0, 3, 1, 1), "pshl4", 1, R1, R2, CCNT5)
	ROW(POPCNT, I2(0, 1, 1, 2, 1), "popcnt", 1, R1, R3)
};

/* ---- M ----------------------------------------------------------------------------------------*/

static const struct ia64_encoding rows_m0[] = {
	ROWA(BREAK, M24(0, 0), "break.m", ENC_BRANCH, 0, IMM21)
	ROW(NOP, M48(0), "nop.m", 0, IMM21)
	ROW(HINT, M48(1), "hint.m", 0, IMM21D)
	ROW(INVALA, M24(0, 1), "invala", 0, OPND_NONE)
	ROW(FWB, M24(0, 2), "fwb", 0, OPND_NONE)
	ROW(MF, M24(2, 2), "mf", 0, OPND_NONE)
	ROW(MF_A, M24(3, 2), "mf.a", 0, OPND_NONE)
	ROW(SRLZ_D, M24(0, 3), "srlz.d", 0, OPND_NONE)
	ROWA(SRLZ_I, M24(1, 3), "srlz.i", ENC_BRANCH, 0, OPND_NONE)
	ROW(SYNC_I, M24(3, 3), "sync.i", 0, OPND_NONE)
	ROWA(FLUSHRS, M24(0xc, 0), "flushrs", ENC_NOQP, 0, OPND_NONE)
	ROWA(LOADRS, M24(0xa, 0), "loadrs", ENC_NOQP, 0, OPND_NONE)
	ROW(INVALA_E, M24(2, 1), "invala.e", 0, R1S)
	ROW(INVALA_E_F, M24(3, 1), "invala.e", 0, F1S)
	ROW(MOV_AR_I, M24(8, 2), "mov.m", 1, AR3W, IMM8)
	ROW(SUM, M44(4), "sum", 0, IMM24)
	ROW(RUM, M44(5), "rum", 0, IMM24)
	ROWA(SSM, M44(6), "ssm", ENC_PRIV, 0, IMM24)
	ROWA(RSM, M44(7), "rsm", ENC_PRIV, 0, IMM24)
	ROWX(CHK_A, X3(4), "chk.a.nc", ENC_BRANCH, 0, 0, 0, R1S, TGT20B)
	ROWX(CHK_A, X3(5), "chk.a.clr", ENC_BRANCH, 1, 0, 0, R1S, TGT20B)
	ROWX(CHK_A_F, X3(6), "chk.a.nc", ENC_BRANCH, 0, 0, 0, F1S, TGT20B)
	ROWX(CHK_A_F, X3(7), "chk.a.clr", ENC_BRANCH, 1, 0, 0, F1S, TGT20B)
};

static const struct ia64_encoding rows_m1[] = {
	ROWA(ALLOC, X3(6), "alloc", ENC_QP0, 1, R1, LIT_AR_PFS, SOF, SOL, SOR)
	ROWA(CHK_S, X3(1), "chk.s.m", ENC_BRANCH, 0, R2, TGT13C)
	ROWA(CHK_S_F, X3(3), "chk.s", ENC_BRANCH, 0, F2, TGT13C)
	ROWA(MOV_RR, X3X6(0x00), "mov", ENC_PRIV, 1, RR3, R2)
	ROWA(MOV_DBR, X3X6(0x01), "mov", ENC_PRIV, 1, DBR3, R2)
	ROWA(MOV_IBR, X3X6(0x02), "mov", ENC_PRIV, 1, IBR3, R2)
	ROWA(MOV_PKR, X3X6(0x03), "mov", ENC_PRIV, 1, PKR3, R2)
	ROWA(MOV_PMC, X3X6(0x04), "mov", ENC_PRIV, 1, PMC3, R2)
	ROWA(MOV_PMD, X3X6(0x05), "mov", ENC_PRIV, 1, PMD3, R2)
	ROWA(PTC_L, X3X6(0x09), "ptc.l", ENC_PRIV, 0, R3, R2)
	ROWA(PTC_G, X3X6(0x0a), "ptc.g", ENC_PRIV, 0, R3, R2)
	ROWA(PTC_GA, X3X6(0x0b), "ptc.ga", ENC_PRIV, 0, R3, R2)
	ROWA(PTR_D, X3X6(0x0c), "ptr.d", ENC_PRIV, 0, R3, R2)
	ROWA(PTR_I, X3X6(0x0d), "ptr.i", ENC_PRIV, 0, R3, R2)
	ROWA(ITR_D, X3X6(0x0e), "itr.d", ENC_PRIV, 1, DTR3, R2)
	ROWA(ITR_I, X3X6(0x0f), "itr.i", ENC_PRIV, 1, ITR3, R2)
	ROWA(MOV_FROM_RR, X3X6(0x10), "mov", ENC_PRIV, 1, R1, RR3)
	ROWA(MOV_FROM_DBR, X3X6(0x11), "mov", ENC_PRIV, 1, R1, DBR3)
	ROWA(MOV_FROM_IBR, X3X6(0x12), "mov", ENC_PRIV, 1, R1, IBR3)
	ROWA(MOV_FROM_PKR, X3X6(0x13), "mov", ENC_PRIV, 1, R1, PKR3)
	ROWA(MOV_FROM_PMC, X3X6(0x14), "mov", ENC_PRIV, 1, R1, PMC3)
	ROW(MOV_FROM_PMD, X3X6(0x15), "mov", 1, R1, PMD3)
	ROW(MOV_FROM_CPUID, X3X6(0x17), "mov", 1, R1, CPUID3)
	ROWX(PROBE_I, X3X6(0x18), "probe.r", 0, IA64_PROBE_R, 0, 1, R1, R3, IMM2)
	ROWX(PROBE_I, X3X6(0x19), "probe.w", 0, IA64_PROBE_W, 0, 1, R1, R3, IMM2)
	ROW(THASH, X3X6(0x1a), "thash", 1, R1, R3)
	ROW(TTAG, X3X6(0x1b), "ttag", 1, R1, R3)
	ROWA(TPA, X3X6(0x1e), "tpa", ENC_PRIV, 1, R1, R3)
	ROWA(TAK, X3X6(0x1f), "tak", ENC_PRIV, 1, R1, R3)
	ROW(MOV_FROM_PSR_UM, X3X6(0x21), "mov", 1, R1, LIT_PSR_UM)
	ROW(MOV_FROM_AR, X3X6(0x22), "mov.m", 1, R1, AR3)
	ROWA(MOV_FROM_CR, X3X6(0x24), "mov", ENC_PRIV, 1, R1, CR3)
	ROWA(MOV_FROM_PSR, X3X6(0x25), "mov", ENC_PRIV, 1, R1, LIT_PSR)
	ROW(MOV_PSR_UM, X3X6(0x29), "mov", 1, LIT_PSR_UM, R2)
	ROW(MOV_AR, X3X6(0x2a), "mov.m", 1, AR3W, R2)
	ROWA(MOV_CR, X3X6(0x2c), "mov", ENC_PRIV, 1, CR3W, R2)
	ROWA(MOV_PSR_L, X3X6(0x2d), "mov", ENC_PRIV, 1, LIT_PSR_L, R2)
	ROWA(ITC_D, X3X6(0x2e), "itc.d", ENC_PRIV, 0, R2)
	ROWA(ITC_I, X3X6(0x2f), "itc.i", ENC_PRIV, 0, R2)
	ROW(FC, M28(0), "fc", 0, R3)
	ROW(FC_I, M28(1), "fc.i", 0, R3)
	ROWX(PROBE_FAULT, X3X6(0x31), "probe.rw.fault", 0, IA64_PROBE_R | IA64_PROBE_W, 0,
	     0, R3, IMM2)
	ROWX(PROBE_FAULT, X3X6(0x32), "probe.r.fault", 0, IA64_PROBE_R, 0, 0, R3, IMM2)
	ROWX(PROBE_FAULT, X3X6(0x33), "probe.w.fault", 0, IA64_PROBE_W, 0, 0, R3, IMM2)
	ROWA(PTC_E, X3X6(0x34), "ptc.e", ENC_PRIV, 0, R3)
	ROWX(PROBE, X3X6(0x38), "probe.r", 0, IA64_PROBE_R, 0, 1, R1, R3, R2)
	ROWX(PROBE, X3X6(0x39), "probe.w", 0, IA64_PROBE_W, 0, 1, R1, R3, R2)
};

/* Loads and stores: `f` takes x6, `f4` its upper four bits, to a format; SFX is the op's suffix for
 * the update form. */
#define LOADS(SFX, f, f4, ...) \
	ROW(LD1##SFX, f(0x00), "ld1%h", 1, R1, __VA_ARGS__) \
	ROW(LD2##SFX, f(0x01), "ld2%h", 1, R1, __VA_ARGS__) \
	ROW(LD4##SFX, f(0x02), "ld4%h", 1, R1, __VA_ARGS__) \
	ROW(LD8##SFX, f(0x03), "ld8%h", 1, R1, __VA_ARGS__) \
	ROWX(LDX##SFX, f4(0x1), "ld%z.s%h", 0, LD_S, 0, 1, R1, __VA_ARGS__) \
	ROWX(LDX##SFX, f4(0x2), "ld%z.a%h", 0, LD_A, 0, 1, R1, __VA_ARGS__) \
	ROWX(LDX##SFX, f4(0x3), "ld%z.sa%h", 0, LD_SA, 0, 1, R1, __VA_ARGS__) \
	ROWX(LDX##SFX, f4(0x4), "ld%z.bias%h", 0, LD_BIAS, 0, 1, R1, __VA_ARGS__) \
	ROWX(LDX##SFX, f4(0x5), "ld%z.acq%h", 0, LD_ACQ, 0, 1, R1, __VA_ARGS__) \
	ROW(LD8_FILL##SFX, f(0x1b), "ld8.fill%h", 1, R1, __VA_ARGS__) \
	ROWX(LDX##SFX, f4(0x8), "ld%z.c.clr%h", 0, LD_C_CLR, 0, 1, R1, __VA_ARGS__) \
	ROWX(LDX##SFX, f4(0x9), "ld%z.c.nc%h", 0, LD_C_NC, 0, 1, R1, __VA_ARGS__) \
	ROWX(LDX##SFX, f4(0xa), "ld%z.c.clr.acq%h", 0, LD_C_CLR_ACQ, 0, 1, R1, __VA_ARGS__)
#define STORES(SFX, f, f4, ...) \
	ROW(ST1##SFX, f(0x30), "st1%H", 1, __VA_ARGS__) \
	ROW(ST2##SFX, f(0x31), "st2%H", 1, __VA_ARGS__) \
	ROW(ST4##SFX, f(0x32), "st4%H", 1, __VA_ARGS__) \
	ROW(ST8##SFX, f(0x33), "st8%H", 1, __VA_ARGS__) \
	ROW(STX##SFX, f4(0xd), "st%z.rel%H", 1, __VA_ARGS__) \
	ROW(ST8_SPILL##SFX, f(0x3b), "st8.spill%H", 1, __VA_ARGS__)
#define M1_M0(x6)		M1(0, 0, x6)
#define M1_M1(x6)		M1(1, 0, x6)
#define M1_M0_ANYSIZE(x4)	M1_ANYSIZE(0, 0, x4)
#define M1_M1_ANYSIZE(x4)	M1_ANYSIZE(1, 0, x4)
#define M1_X1(x6)		M1(0, 1, x6)

static const struct ia64_encoding rows_m4[] = {
	LOADS(, M1_M0, M1_M0_ANYSIZE, MR3)
	LOADS(_R, M1_M1, M1_M1_ANYSIZE, MR3U, R2)
	STORES(, M1_M0, M1_M0_ANYSIZE, MR3, R2)
	ROWX(LD16, M1_X1(0x28), "ld16%h", 0, LD_PLAIN, 0, 2, R1, LIT_AR_CSD, MR3)
	ROWX(LD16, M1_X1(0x2c), "ld16.acq%h", 0, LD_ACQ, 0, 2, R1, LIT_AR_CSD, MR3)
	ROWX(ST16, M1_X1(0x30), "st16%H", 0, 0, 0, 1, MR3, R2, LIT_AR_CSD)
	ROWX(ST16, M1_X1(0x34), "st16.rel%H", 0, 1, 0, 1, MR3, R2, LIT_AR_CSD)
	ROWX(CMPXCHG, M1_ANYSIZE(0, 1, 0), "cmpxchg%z.acq%h", 0, 0, 0, 1, R1, MR3, R2, LIT_AR_CCV)
	ROWX(CMPXCHG, M1_ANYSIZE(0, 1, 1), "cmpxchg%z.rel%h", 0, 1, 0, 1, R1, MR3, R2, LIT_AR_CCV)
	ROWX(CMP8XCHG16, M1_X1(0x20), "cmp8xchg16.acq%h", 0, 0, 0,
	     1, R1, MR3, R2, LIT_AR_CSD, LIT_AR_CCV)
	ROWX(CMP8XCHG16, M1_X1(0x24), "cmp8xchg16.rel%h", 0, 1, 0,
	     1, R1, MR3, R2, LIT_AR_CSD, LIT_AR_CCV)
	ROW(XCHG, M1_ANYSIZE(0, 1, 2), "xchg%z%h", 1, R1, MR3, R2)
	ROWX(FETCHADD, M1_X1(0x12), "fetchadd4.acq%h", 0, 0, 4, 1, R1, MR3, INC3)
	ROWX(FETCHADD, M1_X1(0x13), "fetchadd8.acq%h", 0, 0, 8, 1, R1, MR3, INC3)
	ROWX(FETCHADD, M1_X1(0x16), "fetchadd4.rel%h", 0, 1, 4, 1, R1, MR3, INC3)
	ROWX(FETCHADD, M1_X1(0x17), "fetchadd8.rel%h", 0, 1, 8, 1, R1, MR3, INC3)
	ROW(GETF_SIG, M1_X1(0x1c), "getf.sig", 1, R1, F2)
	ROW(GETF_EXP, M1_X1(0x1d), "getf.exp", 1, R1, F2)
	ROW(GETF_S, M1_X1(0x1e), "getf.s", 1, R1, F2)
	ROW(GETF_D, M1_X1(0x1f), "getf.d", 1, R1, F2)
};

static const struct ia64_encoding rows_m5[] = {
	LOADS(_I, M3, M3_ANYSIZE, MR3U, IMM9_LD)
	STORES(_I, M3, M3_ANYSIZE, MR3U, R2, IMM9_ST)
};

#define FLOADS(SFX, f, f4, ...) \
	ROW(LDFS##SFX, f(0x02), "ldfs%h", 1, F1, __VA_ARGS__) \
	ROW(LDFD##SFX, f(0x03), "ldfd%h", 1, F1, __VA_ARGS__) \
	ROW(LDF8##SFX, f(0x01), "ldf8%h", 1, F1, __VA_ARGS__) \
	ROW(LDFE##SFX, f(0x00), "ldfe%h", 1, F1, __VA_ARGS__) \
	ROW(LDF_FILL##SFX, f(0x1b), "ldf.fill%h", 1, F1, __VA_ARGS__) \
	ROWX(LDFX##SFX, f4(0x1), "ldf%f.s%h", 0, LD_S, 0, 1, F1, __VA_ARGS__) \
	ROWX(LDFX##SFX, f4(0x2), "ldf%f.a%h", 0, LD_A, 0, 1, F1, __VA_ARGS__) \
	ROWX(LDFX##SFX, f4(0x3), "ldf%f.sa%h", 0, LD_SA, 0, 1, F1, __VA_ARGS__) \
	ROWX(LDFX##SFX, f4(0x8), "ldf%f.c.clr%h", 0, LD_C_CLR, 0, 1, F1, __VA_ARGS__) \
	ROWX(LDFX##SFX, f4(0x9), "ldf%f.c.nc%h", 0, LD_C_NC, 0, 1, F1, __VA_ARGS__)
#define FSTORES(SFX, f, ...) \
	ROW(STFS##SFX, f(0x32), "stfs%H", 1, __VA_ARGS__) \
	ROW(STFD##SFX, f(0x33), "stfd%H", 1, __VA_ARGS__) \
	ROW(STF8##SFX, f(0x31), "stf8%H", 1, __VA_ARGS__) \
	ROW(STFE##SFX, f(0x30), "stfe%H", 1, __VA_ARGS__) \
	ROW(STF_SPILL##SFX, f(0x3b), "stf.spill%H", 1, __VA_ARGS__)
#define FPAIR(OP, name, m, lo, ...) \
	ROWX(OP, M1(m, 1, 0x00 + (lo)), name "%h", 0, LD_PLAIN, 0, 2, F1, F2D, __VA_ARGS__) \
	ROWX(OP, M1(m, 1, 0x04 + (lo)), name ".s%h", 0, LD_S, 0, 2, F1, F2D, __VA_ARGS__) \
	ROWX(OP, M1(m, 1, 0x08 + (lo)), name ".a%h", 0, LD_A, 0, 2, F1, F2D, __VA_ARGS__) \
	ROWX(OP, M1(m, 1, 0x0c + (lo)), name ".sa%h", 0, LD_SA, 0, 2, F1, F2D, __VA_ARGS__) \
	ROWX(OP, M1(m, 1, 0x20 + (lo)), name ".c.clr%h", 0, LD_C_CLR, 0, 2, F1, F2D, __VA_ARGS__) \
	ROWX(OP, M1(m, 1, 0x24 + (lo)), name ".c.nc%h", 0, LD_C_NC, 0, 2, F1, F2D, __VA_ARGS__)
#define PREFETCH(OP, f, ...) \
	ROWX(OP, f(0x2c), "lfetch%L", 0, 0, 0, 0, __VA_ARGS__) \
	ROWX(OP, f(0x2d), "lfetch.excl%L", 0, IA64_LFETCH_EXCL, 0, 0, __VA_ARGS__) \
	ROWX(OP, f(0x2e), "lfetch.fault%L", 0, IA64_LFETCH_FAULT, 0, 0, __VA_ARGS__) \
	ROWX(OP, f(0x2f), "lfetch.fault.excl%L", 0, IA64_LFETCH_FAULT | IA64_LFETCH_EXCL, 0, 0, \
	     __VA_ARGS__)

static const struct ia64_encoding rows_m6[] = {
	FLOADS(, M1_M0, M1_M0_ANYSIZE, MR3)
	FLOADS(_R, M1_M1, M1_M1_ANYSIZE, MR3U, R2)
	FSTORES(, M1_M0, MR3, F2)
	FPAIR(LDFPS, "ldfps", 0, 2, MR3)
	FPAIR(LDFPD, "ldfpd", 0, 3, MR3)
	FPAIR(LDFP8, "ldfp8", 0, 1, MR3)
	FPAIR(LDFPS_I, "ldfps", 1, 2, MR3U, LIT_8)
	FPAIR(LDFPD_I, "ldfpd", 1, 3, MR3U, LIT_16)
	FPAIR(LDFP8_I, "ldfp8", 1, 1, MR3U, LIT_16)
	PREFETCH(LFETCH, M1_M0, MR3)
	PREFETCH(LFETCH_R, M1_M1, MR3U, R2)
	ROW(SETF_SIG, M1_X1(0x1c), "setf.sig", 1, F1, R2)
	ROW(SETF_EXP, M1_X1(0x1d), "setf.exp", 1, F1, R2)
	ROW(SETF_S, M1_X1(0x1e), "setf.s", 1, F1, R2)
	ROW(SETF_D, M1_X1(0x1f), "setf.d", 1, F1, R2)
};

static const struct ia64_encoding rows_m7[] = {
	FLOADS(_I, M3, M3_ANYSIZE, MR3U, IMM9_LD)
	FSTORES(_I, M3, MR3U, F2, IMM9_ST)
	PREFETCH(LFETCH_I, M3, MR3U, IMM9_LD)
};

/* ---- F ----------------------------------------------------------------------------------------*/

static const struct ia64_encoding rows_f0[] = {
	ROWA(BREAK, F8X(0x00), "break.f", ENC_BRANCH, 0, IMM21)
	ROW(NOP, F16X(0), "nop.f", 0, IMM21)
	ROW(HINT, F16X(1), "hint.f", 0, IMM21)
	ROW(FRCPA, F6X(0), "frcpa%s", 2, F1, P2, F2, F3)
	ROW(FRSQRTA, F6X(1), "frsqrta%s", 2, F1, P2, F3)
	ROW(FSETC, F8X(0x04), "fsetc%s", 0, AMASK7, OMASK7)
	ROW(FCLRF, F8X(0x05), "fclrf%s", 0, OPND_NONE)
	ROWA(FCHKF, F8X(0x08), "fchkf%s", ENC_BRANCH, 0, TGT20A)
	ROWA(FMERGE_S, F8X(0x10), "mov", ENC_ALIAS | ENC_F2_IS_F3, 1, F1, F3)
	ROWA(FMERGE_S, AND(19, 13, 0, F8X(0x10)), "fabs", ENC_ALIAS, 1, F1, F3)
	ROW(FMERGE_S, F8X(0x10), "fmerge.s", 1, F1, F2, F3)
	ROWA(FMERGE_NS, F8X(0x11), "fneg", ENC_ALIAS | ENC_F2_IS_F3, 1, F1, F3)
	ROWA(FMERGE_NS, AND(19, 13, 0, F8X(0x11)), "fnegabs", ENC_ALIAS, 1, F1, F3)
	ROW(FMERGE_NS, F8X(0x11), "fmerge.ns", 1, F1, F2, F3)
	ROW(FMERGE_SE, F8X(0x12), "fmerge.se", 1, F1, F2, F3)
	ROW(FMIN, F8X(0x14), "fmin%s", 1, F1, F2, F3)
	ROW(FMAX, F8X(0x15), "fmax%s", 1, F1, F2, F3)
	ROW(FAMIN, F8X(0x16), "famin%s", 1, F1, F2, F3)
	ROW(FAMAX, F8X(0x17), "famax%s", 1, F1, F2, F3)
	ROW(FCVT_FX, F8X(0x18), "fcvt.fx%s", 1, F1, F2)
	ROW(FCVT_FXU, F8X(0x19), "fcvt.fxu%s", 1, F1, F2)
	ROW(FCVT_FX_TRUNC, F8X(0x1a), "fcvt.fx.trunc%s", 1, F1, F2)
	ROW(FCVT_FXU_TRUNC, F8X(0x1b), "fcvt.fxu.trunc%s", 1, F1, F2)
	ROW(FCVT_XF, F8X(0x1c), "fcvt.xf", 1, F1, F2)
	ROW(FPACK, F8X(0x28), "fpack", 1, F1, F2, F3)
	ROW(FAND, F8X(0x2c), "fand", 1, F1, F2, F3)
	ROW(FANDCM, F8X(0x2d), "fandcm", 1, F1, F2, F3)
	ROW(FOR, F8X(0x2e), "for", 1, F1, F2, F3)
	ROW(FXOR, F8X(0x2f), "fxor", 1, F1, F2, F3)
	ROW(FSWAP, F8X(0x34), "fswap", 1, F1, F2, F3)
	ROW(FSWAP_NL, F8X(0x35), "fswap.nl", 1, F1, F2, F3)
	ROW(FSWAP_NR, F8X(0x36), "fswap.nr", 1, F1, F2, F3)
	ROW(FMIX_LR, F8X(0x39), "fmix.lr", 1, F1, F2, F3)
	ROW(FMIX_R, F8X(0x3a), "fmix.r", 1, F1, F2, F3)
	ROW(FMIX_L, F8X(0x3b), "fmix.l", 1, F1, F2, F3)
	ROW(FSXT_R, F8X(0x3c), "fsxt.r", 1, F1, F2, F3)
	ROW(FSXT_L, F8X(0x3d), "fsxt.l", 1, F1, F2, F3)
};

static const struct ia64_encoding rows_f1[] = {
	ROW(FPRCPA, F6X(0), "fprcpa%s", 2, F1, P2, F2, F3)
	ROW(FPRSQRTA, F6X(1), "fprsqrta%s", 2, F1, P2, F3)
	ROWA(FPMERGE_S, AND(19, 13, 0, F8X(0x10)), "fpabs", ENC_ALIAS, 1, F1, F3)
	ROW(FPMERGE_S, F8X(0x10), "fpmerge.s", 1, F1, F2, F3)
	ROWA(FPMERGE_NS, F8X(0x11), "fpneg", ENC_ALIAS | ENC_F2_IS_F3, 1, F1, F3)
	ROWA(FPMERGE_NS, AND(19, 13, 0, F8X(0x11)), "fpnegabs", ENC_ALIAS, 1, F1, F3)
	ROW(FPMERGE_NS, F8X(0x11), "fpmerge.ns", 1, F1, F2, F3)
	ROW(FPMERGE_SE, F8X(0x12), "fpmerge.se", 1, F1, F2, F3)
	ROW(FPMIN, F8X(0x14), "fpmin%s", 1, F1, F2, F3)
	ROW(FPMAX, F8X(0x15), "fpmax%s", 1, F1, F2, F3)
	ROW(FPAMIN, F8X(0x16), "fpamin%s", 1, F1, F2, F3)
	ROW(FPAMAX, F8X(0x17), "fpamax%s", 1, F1, F2, F3)
	ROW(FPCVT_FX, F8X(0x18), "fpcvt.fx%s", 1, F1, F2)
	ROW(FPCVT_FXU, F8X(0x19), "fpcvt.fxu%s", 1, F1, F2)
	ROW(FPCVT_FX_TRUNC, F8X(0x1a), "fpcvt.fx.trunc%s", 1, F1, F2)
	ROW(FPCVT_FXU_TRUNC, F8X(0x1b), "fpcvt.fxu.trunc%s", 1, F1, F2)
	ROW(FPCMP_EQ, F8X(0x30), "fpcmp.eq%s", 1, F1, F2, F3)
	ROW(FPCMP_LT, F8X(0x31), "fpcmp.lt%s", 1, F1, F2, F3)
	ROW(FPCMP_LE, F8X(0x32), "fpcmp.le%s", 1, F1, F2, F3)
	ROW(FPCMP_UNORD, F8X(0x33), "fpcmp.unord%s", 1, F1, F2, F3)
	ROW(FPCMP_NEQ, F8X(0x34), "fpcmp.neq%s", 1, F1, F2, F3)
	ROW(FPCMP_NLT, F8X(0x35), "fpcmp.nlt%s", 1, F1, F2, F3)
	ROW(FPCMP_NLE, F8X(0x36), "fpcmp.nle%s", 1, F1, F2, F3)
	ROW(FPCMP_ORD, F8X(0x37), "fpcmp.ord%s", 1, F1, F2, F3)
};

static const struct ia64_encoding rows_f4[] = {
	ROW(FCMP_EQ, F4X(0, 0, 0), "fcmp.eq%s", 2, P1, P2, F2, F3)
	ROW(FCMP_LT, F4X(1, 0, 0), "fcmp.lt%s", 2, P1, P2, F2, F3)
	ROW(FCMP_LE, F4X(0, 1, 0), "fcmp.le%s", 2, P1, P2, F2, F3)
	ROW(FCMP_UNORD, F4X(1, 1, 0), "fcmp.unord%s", 2, P1, P2, F2, F3)
	ROWX(FCMP_EQ, F4X(0, 0, 1), "fcmp.eq.unc%s", ENC_UNC, 0, 1, 2, P1, P2, F2, F3)
	ROWX(FCMP_LT, F4X(1, 0, 1), "fcmp.lt.unc%s", ENC_UNC, 0, 1, 2, P1, P2, F2, F3)
	ROWX(FCMP_LE, F4X(0, 1, 1), "fcmp.le.unc%s", ENC_UNC, 0, 1, 2, P1, P2, F2, F3)
	ROWX(FCMP_UNORD, F4X(1, 1, 1), "fcmp.unord.unc%s", ENC_UNC, 0, 1, 2, P1, P2, F2, F3)
};

static const struct ia64_encoding rows_f5[] = {
	ROW(FCLASS, F5X(0), "fclass.m", 2, P1, P2, F2, FCLASS9)
	ROWX(FCLASS, F5X(1), "fclass.m.unc", ENC_UNC, 0, 1, 2, P1, P2, F2, FCLASS9)
};

/* The multiply-add family: aliases where the addend is f0 or a factor is f1. */
#define ALIAS_NORM(OP, name, x) \
	ROWA(OP, AND(33, 27, 1, AND(19, 13, 0, F1X(x))), name "%s", ENC_ALIAS, 1, F1, F3)
#define ALIAS_ADD(OP, name, x) \
	ROWA(OP, AND(33, 27, 1, F1X(x)), name "%s", ENC_ALIAS, 1, F1, F3, F2)
#define ALIAS_MPY(OP, name, x) \
	ROWA(OP, AND(19, 13, 0, F1X(x)), name "%s", ENC_ALIAS, 1, F1, F3, F4)
#define FMA_ROW(OP, name, x, pc)	ROWX(OP, F1X(x), name "%s", 0, 0, pc, 1, F1, F3, F4, F2)
#define FMA_ROWS(pcname, x, pc) \
	ALIAS_NORM(FMA, "fnorm" pcname, x) ALIAS_MPY(FMA, "fmpy" pcname, x) \
	ALIAS_ADD(FMA, "fadd" pcname, x) FMA_ROW(FMA, "fma" pcname, x, pc)
#define FMS_ROWS(pcname, x, pc) \
	ALIAS_ADD(FMS, "fsub" pcname, x) FMA_ROW(FMS, "fms" pcname, x, pc)
#define FNMA_ROWS(pcname, x, pc) \
	ALIAS_MPY(FNMA, "fnmpy" pcname, x) FMA_ROW(FNMA, "fnma" pcname, x, pc)

static const struct ia64_encoding rows_f8[] = {
	FMA_ROWS("", 0, PC_NONE)
	FMA_ROWS(".s", 1, PC_S)
};
static const struct ia64_encoding rows_f9[] = {
	FMA_ROWS(".d", 0, PC_D)
	ALIAS_MPY(FPMA, "fpmpy", 1) FMA_ROW(FPMA, "fpma", 1, 0)
};
static const struct ia64_encoding rows_fa[] = {
	FMS_ROWS("", 0, PC_NONE)
	FMS_ROWS(".s", 1, PC_S)
};
static const struct ia64_encoding rows_fb[] = {
	FMS_ROWS(".d", 0, PC_D)
	FMA_ROW(FPMS, "fpms", 1, 0)
};
static const struct ia64_encoding rows_fc[] = {
	FNMA_ROWS("", 0, PC_NONE)
	FNMA_ROWS(".s", 1, PC_S)
};
static const struct ia64_encoding rows_fd[] = {
	FNMA_ROWS(".d", 0, PC_D)
	ALIAS_MPY(FPNMA, "fpnmpy", 1) FMA_ROW(FPNMA, "fpnma", 1, 0)
};
static const struct ia64_encoding rows_fe[] = {
	ROWA(XMA_L, AND(19, 13, 0, F2X(0)), "xmpy.l", ENC_ALIAS, 1, F1, F3, F4)
	ROW(XMA_L, F2X(0), "xma.l", 1, F1, F3, F4, F2)
	ROWA(XMA_HU, AND(19, 13, 0, F2X(2)), "xmpy.hu", ENC_ALIAS, 1, F1, F3, F4)
	ROW(XMA_HU, F2X(2), "xma.hu", 1, F1, F3, F4, F2)
	ROWA(XMA_H, AND(19, 13, 0, F2X(3)), "xmpy.h", ENC_ALIAS, 1, F1, F3, F4)
	ROW(XMA_H, F2X(3), "xma.h", 1, F1, F3, F4, F2)
	ROW(FSELECT, F1X(0), "fselect", 1, F1, F3, F4, F2)
};

/* ---- B ----------------------------------------------------------------------------------------*/

/* A reserved opcode whose fault does not depend on the predicate. */
#define RESERVED(...)	ROW_(ILLEGAL, __VA_ARGS__, "", ENC_NOQP, 0, 0, 0, OPND_NONE)

static const struct ia64_encoding rows_b0[] = {
	ROWA(BREAK, B8(0x00), "break.b", ENC_BRANCH, 0, IMM21)
	ROWA(NOP, B8(0x01), "", ENC_NOQP, 0, OPND_NONE)
	ROWA(COVER, B8(0x02), "cover", ENC_NOQP | ENC_BRANCH, 0, OPND_NONE)
	ROWA(CLRRRB, B8(0x04), "clrrrb", ENC_NOQP | ENC_BRANCH, 0, OPND_NONE)
	ROWA(CLRRRB_PR, B8(0x05), "clrrrb.pr", ENC_NOQP | ENC_BRANCH, 0, OPND_NONE)
	ROWA(RFI, B8(0x08), "rfi", ENC_NOQP | ENC_BRANCH | ENC_PRIV, 0, OPND_NONE)
	ROWA(BSW_0, B8(0x0c), "bsw.0", ENC_NOQP | ENC_BRANCH | ENC_PRIV, 0, OPND_NONE)
	ROWA(BSW_1, B8(0x0d), "bsw.1", ENC_NOQP | ENC_BRANCH | ENC_PRIV, 0, OPND_NONE)
	ROWA(EPC, B8(0x10), "epc", ENC_NOQP | ENC_BRANCH, 0, OPND_NONE)
	ROWA(VMSW_0, B8(0x18), "vmsw.0", ENC_NOQP | ENC_BRANCH, 0, OPND_NONE)
	ROWA(VMSW_1, B8(0x19), "vmsw.1", ENC_NOQP | ENC_BRANCH, 0, OPND_NONE)
	ROWA(BR_COND_IND, AND(34, 33, 0, AND(5, 0, 0, B4(0x20, 0))), "br%p", ENC_ALIAS, 0, B2)
	ROWA(BR_COND_IND, B4(0x20, 0), "br.cond%w", ENC_BRANCH, 0, B2)
	ROWA(BR_IA, B4(0x20, 1), "br.ia%w", ENC_BRANCH, 0, B2)
	ROWA(BR_RET, B4(0x21, 4), "br.ret%w", ENC_BRANCH, 0, B2)
	RESERVED(AND(32, 32, 1, ANY))
};
static const struct ia64_encoding rows_b1[] = {
	ROWA(BR_CALL_IND, ANY, "br.call%W", ENC_BRANCH, 1, B1, B2)
};
static const struct ia64_encoding rows_b2[] = {
	ROW(NOP, B8(0x00), "nop.b", 0, IMM21)
	ROW(HINT, B8(0x01), "hint.b", 0, IMM21)
	ROWA(NOP, B8(0x10), "brp%I", ENC_NOQP, 0, B2, TAG13)
	ROWA(NOP, B8(0x11), "brp.ret%I", ENC_NOQP, 0, B2, TAG13)
	ROWA(NOP, ANY, "", ENC_NOQP, 0, OPND_NONE)
};
/* Opcodes the manual says are ignored. */
static const struct ia64_encoding rows_b_ignored[] = {
	ROWA(NOP, ANY, "", ENC_NOQP, 0, OPND_NONE)
};
static const struct ia64_encoding rows_b4[] = {
	ROWA(BR_COND, AND(34, 33, 0, AND(5, 0, 0, B1(0))), "br%p", ENC_ALIAS, 0, TGT20B)
	ROWA(BR_COND, B1(0), "br.cond%w", ENC_BRANCH, 0, TGT20B)
	ROWA(BR_WEXIT, B1(2), "br.wexit%w", ENC_BRANCH | ENC_SLOT2, 0, TGT20B)
	ROWA(BR_WTOP, B1(3), "br.wtop%w", ENC_BRANCH | ENC_SLOT2, 0, TGT20B)
	ROWA(BR_CLOOP, B1(5), "br.cloop%w", ENC_NOQP | ENC_BRANCH | ENC_SLOT2, 0, TGT20B)
	ROWA(BR_CEXIT, B1(6), "br.cexit%w", ENC_NOQP | ENC_BRANCH | ENC_SLOT2, 0, TGT20B)
	ROWA(BR_CTOP, B1(7), "br.ctop%w", ENC_NOQP | ENC_BRANCH | ENC_SLOT2, 0, TGT20B)
	RESERVED(ANY)
};
static const struct ia64_encoding rows_b5[] = {
	ROWA(BR_CALL, ANY, "br.call%w", ENC_BRANCH, 1, B1, TGT20B)
};
static const struct ia64_encoding rows_b7[] = {
	ROWA(NOP, ANY, "brp%i", ENC_NOQP, 0, TGT20B, TAG13)
};
static const struct ia64_encoding rows_b_reserved[] = {
	RESERVED(ANY)
};

/* ---- X ----------------------------------------------------------------------------------------*/

static const struct ia64_encoding rows_x0[] = {
	ROWA(BREAK, X3X6(0), "break.x", ENC_BRANCH, 0, IMM62)
	ROW(NOP, X3X6Y(1, 0), "nop.x", 0, IMM62)
	ROW(HINT, X3X6Y(1, 1), "hint.x", 0, IMM62)
};
static const struct ia64_encoding rows_x6[] = {
	ROW(MOVL, X2X, "movl", 1, R1, IMM64)
};
static const struct ia64_encoding rows_xc[] = {
	ROWA(BRL_COND, AND(34, 33, 0, AND(5, 0, 0, B1(0))), "brl%p", ENC_ALIAS, 0, TGT64)
	ROWA(BRL_COND, B1(0), "brl.cond%w", ENC_BRANCH, 0, TGT64)
};
static const struct ia64_encoding rows_xd[] = {
	ROWA(BRL_CALL, ANY, "brl.call%w", ENC_BRANCH, 1, B1, TGT64)
};

#define LIST(rows)	{ rows, sizeof(rows) / sizeof((rows)[0]) }

static const struct ia64_encoding_list encodings[UNIT_NONE][16] = {
	[UNIT_M] = {
		[0x0] = LIST(rows_m0), [0x1] = LIST(rows_m1), [0x4] = LIST(rows_m4),
		[0x5] = LIST(rows_m5), [0x6] = LIST(rows_m6), [0x7] = LIST(rows_m7),
		[0x8] = LIST(rows_a8), [0x9] = LIST(rows_a9), [0xc] = LIST(rows_ac),
		[0xd] = LIST(rows_ad), [0xe] = LIST(rows_ae),
	},
	[UNIT_I] = {
		[0x0] = LIST(rows_i0), [0x4] = LIST(rows_i4), [0x5] = LIST(rows_i5),
		[0x7] = LIST(rows_i7), [0x8] = LIST(rows_a8), [0x9] = LIST(rows_a9),
		[0xc] = LIST(rows_ac), [0xd] = LIST(rows_ad), [0xe] = LIST(rows_ae),
	},
	[UNIT_F] = {
		[0x0] = LIST(rows_f0), [0x1] = LIST(rows_f1), [0x4] = LIST(rows_f4),
		[0x5] = LIST(rows_f5), [0x8] = LIST(rows_f8), [0x9] = LIST(rows_f9),
		[0xa] = LIST(rows_fa), [0xb] = LIST(rows_fb), [0xc] = LIST(rows_fc),
		[0xd] = LIST(rows_fd), [0xe] = LIST(rows_fe),
	},
	[UNIT_B] = {
		[0x0] = LIST(rows_b0), [0x1] = LIST(rows_b1), [0x2] = LIST(rows_b2),
		[0x3] = LIST(rows_b_ignored), [0x4] = LIST(rows_b4), [0x5] = LIST(rows_b5),
		[0x6] = LIST(rows_b_ignored), [0x7] = LIST(rows_b7),
		[0x8] = LIST(rows_b_reserved), [0x9] = LIST(rows_b_reserved),
		[0xa] = LIST(rows_b_reserved), [0xb] = LIST(rows_b_reserved),
		[0xc] = LIST(rows_b_reserved), [0xd] = LIST(rows_b_reserved),
		[0xe] = LIST(rows_b_reserved), [0xf] = LIST(rows_b_reserved),
	},
	[UNIT_X] = {
		[0x0] = LIST(rows_x0), [0x6] = LIST(rows_x6), [0xc] = LIST(rows_xc),
		[0xd] = LIST(rows_xd),
	},
};

struct ia64_encoding_list ia64_encodings(enum ia64_unit unit, unsigned int major)
{
	return encodings[unit][major & 15];
}

static bool alias_holds(const struct ia64_encoding *row, uint64_t slot)
{
	if (row->attr & ENC_F2_IS_F3)
		return ia64_bits(slot, 19, 13) == ia64_bits(slot, 26, 20);
	if (row->attr & ENC_POS_LEN_64)
		return ia64_operand_imm(row->opnd[2], slot, 0) +
		       ia64_operand_imm(LEN6, slot, 0) == 64;
	return true;
}

const struct ia64_encoding *ia64_encoding_find(enum ia64_unit unit, uint64_t slot, bool aliases)
{
	const struct ia64_encoding_list *list = &encodings[unit][ia64_bits(slot, 40, 37)];

	for (size_t i = 0; i < list->n; i++) {
		const struct ia64_encoding *row = &list->row[i];

		if ((slot & row->mask) != row->match)
			continue;
		if (!(row->attr & ENC_ALIAS) || (aliases && alias_holds(row, slot)))
			return row;
	}
	return NULL;
}
