/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Parallel (multimedia) integer instructions, by SSE2 to SSSE3 in xmm0 to xmm2, which hold
 * nothing between instructions.
 */
#include "jit/x86_64/simd.h"

/* Second opcode bytes of 66 0f xx: instructions on elements of a byte, a word or a doubleword. */
enum {
	PUNPCKLBW = 0x60, PUNPCKLWD = 0x61, PUNPCKLDQ = 0x62, PACKSSWB = 0x63, PCMPGTB = 0x64,
	PCMPGTW = 0x65, PCMPGTD = 0x66, PACKUSWB = 0x67, PACKSSDW = 0x6b, PUNPCKLQDQ = 0x6c,
	SHIFT_W = 0x71, SHIFT_D = 0x72, SHIFT_Q = 0x73, PCMPEQB = 0x74, PCMPEQW = 0x75,
	PCMPEQD = 0x76, PSRLW = 0xd1, PSRLD = 0xd2, PMULLW = 0xd5, PSUBUSB = 0xd8, PSUBUSW = 0xd9,
	PMINUB = 0xda, PADDUSB = 0xdc, PADDUSW = 0xdd, PMAXUB = 0xde, PAVGB = 0xe0, PSRAW = 0xe1,
	PSRAD = 0xe2, PAVGW = 0xe3, PMULHUW = 0xe4, PMULHW = 0xe5, PSUBSB = 0xe8, PSUBSW = 0xe9,
	PMINSW = 0xea, POR = 0xeb, PADDSB = 0xec, PADDSW = 0xed, PMAXSW = 0xee, PXOR = 0xef,
	PSLLW = 0xf1, PSLLD = 0xf2, PMADDWD = 0xf5, PSADBW = 0xf6, PSUBB = 0xf8, PSUBW = 0xf9,
	PSUBD = 0xfa, PADDB = 0xfc, PADDW = 0xfd, PADDD = 0xfe,
};
/* The /digit of a shift by an immediate; PSRLDQ goes with SHIFT_Q. */
enum { BY_SRL = 2, PSRLDQ = 3, BY_SRA = 4, BY_SLL = 6 };

/* xmm[d] = xmm[d] op xmm[s] */
static void op_xx(struct x86_buf *b, unsigned int opc, unsigned int d, unsigned int s)
{
	x86_1(b, 0x66);
	x86_1(b, 0x0f);
	x86_1(b, opc);
	x86_1(b, 0xc0 | d << 3 | s);
}

static void shift_x(struct x86_buf *b, unsigned int opc, unsigned int digit, unsigned int d,
		    unsigned int count)
{
	op_xx(b, opc, digit, d);
	x86_1(b, count);
}

/* movq xmm[d], reg and movq reg, xmm[s] */
static void from_gr(struct x86_buf *b, unsigned int d, unsigned int reg)
{
	x86_opcode(b, 0x66, 1, d, 0, reg, 0x0f6e, false);
	x86_1(b, 0xc0 | d << 3 | (reg & 7));
}

static void to_gr(struct x86_buf *b, unsigned int reg, unsigned int s)
{
	x86_opcode(b, 0x66, 1, s, 0, reg, 0x0f7e, false);
	x86_1(b, 0xc0 | s << 3 | (reg & 7));
}

/* Those that are one instruction: r2 is its first operand, r3 the second. */
static const uint8_t simple[OP_COUNT] = {
	[OP_PADD1] = PADDB, [OP_PADD2] = PADDW, [OP_PADD4] = PADDD,
	[OP_PADD1_SSS] = PADDSB, [OP_PADD2_SSS] = PADDSW,
	[OP_PADD1_UUU] = PADDUSB, [OP_PADD2_UUU] = PADDUSW,
	[OP_PSUB1] = PSUBB, [OP_PSUB2] = PSUBW, [OP_PSUB4] = PSUBD,
	[OP_PSUB1_SSS] = PSUBSB, [OP_PSUB2_SSS] = PSUBSW,
	[OP_PSUB1_UUU] = PSUBUSB, [OP_PSUB2_UUU] = PSUBUSW,
	[OP_PAVG1_RAZ] = PAVGB, [OP_PAVG2_RAZ] = PAVGW,
	[OP_PCMP1_EQ] = PCMPEQB, [OP_PCMP2_EQ] = PCMPEQW, [OP_PCMP4_EQ] = PCMPEQD,
	[OP_PCMP1_GT] = PCMPGTB, [OP_PCMP2_GT] = PCMPGTW, [OP_PCMP4_GT] = PCMPGTD,
	[OP_PMIN1_U] = PMINUB, [OP_PMAX1_U] = PMAXUB, [OP_PMIN2] = PMINSW, [OP_PMAX2] = PMAXSW,
	[OP_PSAD1] = PSADBW, [OP_PSHL2] = PSLLW, [OP_PSHL4] = PSLLD,
};

/* mux1: which byte of r2 each byte of the result is (SDM 3:2 "mux"). */
static uint64_t mux1_source(unsigned int type)
{
	switch (type) {
	case MUX1_MIX:
		return 0x0703050106020400ull;
	case MUX1_SHUF:
		return 0x0703060205010400ull;
	case MUX1_ALT:
		return 0x0705030106040200ull;
	case MUX1_REV:
		return 0x0001020304050607ull;
	default:
		return 0;
	}
}

bool simd_supports(const struct ia64_insn *in)
{
	return in->op != OP_MUX1 || __builtin_cpu_supports("ssse3");
}

/* One operand, shifted or rearranged in xmm0. False: not one of these. */
static bool of_one(struct x86_buf *b, const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_PSHL2_I:
		shift_x(b, SHIFT_W, BY_SLL, 0, in->x);
		return true;
	case OP_PSHL4_I:
		shift_x(b, SHIFT_D, BY_SLL, 0, in->x);
		return true;
	case OP_PSHR2_I:
		shift_x(b, SHIFT_W, BY_SRA, 0, in->x);
		return true;
	case OP_PSHR2_U_I:
		shift_x(b, SHIFT_W, BY_SRL, 0, in->x);
		return true;
	case OP_PSHR4_I:
		shift_x(b, SHIFT_D, BY_SRA, 0, in->x);
		return true;
	case OP_PSHR4_U_I:
		shift_x(b, SHIFT_D, BY_SRL, 0, in->x);
		return true;
	case OP_MUX1:
		x86_mov_imm(b, RAX, mux1_source(in->x));
		from_gr(b, 1, RAX);
		x86_bytes(b, "\x66\x0f\x38\x00\xc1", 5); /* pshufb xmm0, xmm1 */
		return true;
	case OP_MUX2:
		x86_bytes(b, "\xf2\x0f\x70\xc0", 4); /* pshuflw xmm0, xmm0, imm */
		x86_1(b, (unsigned int)in->imm & 0xff);
		return true;
	default:
		return false;
	}
}

/* How many elements of xmm0 come before the first that is zero (SDM 3:2 "czx"). */
static void count_to_zero(struct x86_buf *b, unsigned int op, unsigned int d)
{
	bool words = op == OP_CZX2_L || op == OP_CZX2_R;

	op_xx(b, PXOR, 1, 1);
	op_xx(b, words ? PCMPEQW : PCMPEQB, 0, 1);
	x86_bytes(b, "\x66\x0f\xd7\xc0", 4); /* pmovmskb eax, xmm0 */
	if (op == OP_CZX1_R || op == OP_CZX2_R) {
		/* The upper half of xmm0 is zero, so that there is one at the latest. */
		x86_rr(b, 0, 0x0fbc, d, RAX); /* bsf */
	} else {
		x86_rr(b, 0, 0x0fb6, RAX, RAX);
		x86_alu_rr(b, 0, X86_ADD, RAX, RAX);
		x86_alu_ri(b, 0, X86_OR, RAX, 1);
		x86_rr(b, 0, 0x0fbd, RAX, RAX); /* bsr */
		x86_mov_imm(b, d, 8);
		x86_alu_rr(b, 0, X86_SUB, d, RAX);
	}
	if (words)
		x86_shift_ri(b, 0, X86_SHR, d, 1);
}

/* mix of bytes or words: the even (r) or odd (l) elements of both. */
static void mix(struct x86_buf *b, unsigned int shift, unsigned int bits, bool left)
{
	if (left) {
		shift_x(b, shift, BY_SRL, 0, bits);
		shift_x(b, shift, BY_SLL, 0, bits);
		shift_x(b, shift, BY_SRL, 1, bits);
	} else {
		shift_x(b, shift, BY_SLL, 0, bits);
		shift_x(b, shift, BY_SLL, 1, bits);
		shift_x(b, shift, BY_SRL, 1, bits);
	}
	op_xx(b, POR, 0, 1);
}

static void unpack(struct x86_buf *b, unsigned int opc, bool high)
{
	op_xx(b, opc, 1, 0);
	if (high)
		shift_x(b, SHIFT_Q, PSRLDQ, 1, 8);
	op_xx(b, 0x6f, 0, 1); /* movdqa */
}

/* Bits `count` to `count` + 15 of each product. */
static void multiply_shift(struct x86_buf *b, unsigned int high, unsigned int count)
{
	if (count == 16) {
		op_xx(b, high, 0, 1);
		return;
	}
	op_xx(b, 0x6f, 2, 0);
	op_xx(b, PMULLW, 0, 1);
	if (!count)
		return;
	op_xx(b, high, 2, 1);
	shift_x(b, SHIFT_W, BY_SRL, 0, count);
	shift_x(b, SHIFT_W, BY_SLL, 2, 16 - count);
	op_xx(b, POR, 0, 2);
}

/* xmm0 = r2's value, xmm1 = r3's: the result goes to xmm0. */
static bool of_two(struct x86_buf *b, const struct ia64_insn *in)
{
	if (simple[in->op]) {
		op_xx(b, simple[in->op], 0, 1);
		return true;
	}
	switch (in->op) {
	case OP_PSHRADD2:
		shift_x(b, SHIFT_W, BY_SRA, 0, in->x);
		op_xx(b, PADDSW, 0, 1);
		return true;
	case OP_PMPYSHR2:
		multiply_shift(b, PMULHW, in->x);
		return true;
	case OP_PMPYSHR2_U:
		multiply_shift(b, PMULHUW, in->x);
		return true;
	case OP_PMPY2_R: /* with the odd words of one 0, the sum of two products is one */
		shift_x(b, SHIFT_D, BY_SLL, 0, 16);
		shift_x(b, SHIFT_D, BY_SRL, 0, 16);
		op_xx(b, PMADDWD, 0, 1);
		return true;
	case OP_PMPY2_L:
		shift_x(b, SHIFT_D, BY_SRL, 0, 16);
		shift_x(b, SHIFT_D, BY_SRL, 1, 16);
		op_xx(b, PMADDWD, 0, 1);
		return true;
	case OP_MIX1_R: case OP_MIX1_L:
		mix(b, SHIFT_W, 8, in->op == OP_MIX1_L);
		return true;
	case OP_MIX2_R: case OP_MIX2_L:
		mix(b, SHIFT_D, 16, in->op == OP_MIX2_L);
		return true;
	case OP_PACK2_SSS: case OP_PACK2_USS: case OP_PACK4_SSS:
		op_xx(b, PUNPCKLQDQ, 0, 1);
		op_xx(b, in->op == OP_PACK2_SSS ? PACKSSWB :
			 in->op == OP_PACK2_USS ? PACKUSWB : PACKSSDW, 0, 0);
		return true;
	case OP_UNPACK1_H: case OP_UNPACK1_L:
		unpack(b, PUNPCKLBW, in->op == OP_UNPACK1_H);
		return true;
	case OP_UNPACK2_H: case OP_UNPACK2_L:
		unpack(b, PUNPCKLWD, in->op == OP_UNPACK2_H);
		return true;
	case OP_UNPACK4_H: case OP_UNPACK4_L:
		unpack(b, PUNPCKLDQ, in->op == OP_UNPACK4_H);
		return true;
	case OP_PSHR2: case OP_PSHR2_U: case OP_PSHR4: case OP_PSHR4_U:
		/* r3 by r2; counts too large shift everything out, as here. */
		op_xx(b, in->op == OP_PSHR2 ? PSRAW : in->op == OP_PSHR2_U ? PSRLW :
			 in->op == OP_PSHR4 ? PSRAD : PSRLD, 1, 0);
		op_xx(b, 0x6f, 0, 1);
		return true;
	default:
		return false;
	}
}

bool simd_translate(struct tr *t, const struct ia64_insn *in)
{
	unsigned int info = jit_op_info[in->op], s2, s3, d;
	struct x86_buf *b = &t->b;

	if (in->op == OP_MIX4_R || in->op == OP_MIX4_L) {
		/* Two halves of general registers: how gcc rotates 32 bits. */
		s2 = tr_use(t, in->r2);
		s3 = tr_use(t, in->r3);
		d = tr_def(t, in->r1);
		x86_mov_rr(b, RAX, s2);
		if (in->op == OP_MIX4_R) {
			x86_shift_ri(b, 1, X86_SHL, RAX, 32);
			x86_rr(b, 0, 0x8b, RCX, s3);
		} else {
			x86_shift_ri(b, 1, X86_SHR, RAX, 32);
			x86_shift_ri(b, 1, X86_SHL, RAX, 32);
			x86_mov_rr(b, RCX, s3);
			x86_shift_ri(b, 1, X86_SHR, RCX, 32);
		}
		x86_lea_x(b, d, RAX, RCX, 0);
		return true;
	}
	if ((info & (R2 | R3)) == (R2 | R3)) {
		from_gr(b, 0, tr_use(t, in->r2));
		from_gr(b, 1, tr_use(t, in->r3));
		if (!of_two(b, in))
			return false;
		to_gr(b, tr_def(t, in->r1), 0);
		return true;
	}
	from_gr(b, 0, tr_use(t, info & R2 ? in->r2 : in->r3));
	d = tr_def(t, in->r1);
	if (of_one(b, in))
		to_gr(b, d, 0);
	else
		count_to_zero(b, in->op, d);
	return true;
}
