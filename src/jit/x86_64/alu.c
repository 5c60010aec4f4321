/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integer arithmetic, logic, shifts, bit fields, moves (units A and I). */
#include "jit/x86_64/codegen.h"

/*
 * Most of them are d = s op c, or d = imm op c, with registers picked by the caller: d may be one
 * of the other two.
 */
typedef void (*alu_fn)(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		       unsigned int s, unsigned int c);

static void two_operand(struct x86_buf *b, enum x86_alu op, unsigned int d, unsigned int s,
			unsigned int c)
{
	if (d == c && op != X86_SUB) {
		x86_alu_rr(b, 1, op, d, s);
	} else if (d == c) {
		x86_mov_rr(b, RAX, s);
		x86_alu_rr(b, 1, op, RAX, c);
		x86_mov_rr(b, d, RAX);
	} else {
		x86_mov_rr(b, d, s);
		x86_alu_rr(b, 1, op, d, c);
	}
}

static void emit_and(struct x86_buf *b, const struct ia64_insn *in, unsigned int d, unsigned int s,
		     unsigned int c)
{
	two_operand(b, X86_AND, d, s, c);
}

static void emit_or(struct x86_buf *b, const struct ia64_insn *in, unsigned int d, unsigned int s,
		    unsigned int c)
{
	two_operand(b, X86_OR, d, s, c);
}

static void emit_xor(struct x86_buf *b, const struct ia64_insn *in, unsigned int d, unsigned int s,
		     unsigned int c)
{
	two_operand(b, X86_XOR, d, s, c);
}

static void emit_sub(struct x86_buf *b, const struct ia64_insn *in, unsigned int d, unsigned int s,
		     unsigned int c)
{
	two_operand(b, X86_SUB, d, s, c);
}

static void emit_sub1(struct x86_buf *b, const struct ia64_insn *in, unsigned int d, unsigned int s,
		      unsigned int c)
{
	two_operand(b, X86_SUB, d, s, c);
	x86_alu_ri(b, 1, X86_SUB, d, 1);
}

static void emit_add(struct x86_buf *b, const struct ia64_insn *in, unsigned int d, unsigned int s,
		     unsigned int c)
{
	if (d == s)
		x86_alu_rr(b, 1, X86_ADD, d, c);
	else if (d == c)
		x86_alu_rr(b, 1, X86_ADD, d, s);
	else
		x86_lea_x(b, d, s, c, 0);
}

static void emit_add1(struct x86_buf *b, const struct ia64_insn *in, unsigned int d, unsigned int s,
		      unsigned int c)
{
	x86_rmx(b, 0, 1, 0x8d, d, s, c, 0, 1, false);
}

static void emit_andcm(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		       unsigned int s, unsigned int c)
{
	x86_mov_rr(b, RAX, c);
	x86_not(b, RAX);
	x86_alu_rr(b, 1, X86_AND, RAX, s);
	x86_mov_rr(b, d, RAX);
}

static void emit_shladd(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
			unsigned int s, unsigned int c)
{
	if (in->x <= 3) {
		x86_lea_x(b, d, c, s, in->x);
		return;
	}
	x86_mov_rr(b, RAX, s);
	x86_shift_ri(b, 1, X86_SHL, RAX, in->x);
	x86_alu_rr(b, 1, X86_ADD, RAX, c);
	x86_mov_rr(b, d, RAX);
}

/*
 * The end of those below: bits 31:30 of r3 become 62:61, the sum's low half remains (SDM 3:2
 * "addp4").
 */
static void pointer_end(struct x86_buf *b, unsigned int d, unsigned int r3)
{
	x86_mov_rr(b, RCX, r3);
	x86_shift_ri(b, 1, X86_SHR, RCX, 30);
	x86_alu_ri(b, 0, X86_AND, RCX, 3);
	x86_shift_ri(b, 1, X86_SHL, RCX, 61);
	x86_rr(b, 0, 0x8b, RAX, RAX);
	x86_alu_rr(b, 1, X86_OR, RAX, RCX);
	x86_mov_rr(b, d, RAX);
}

static void emit_addp4(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		       unsigned int s, unsigned int c)
{
	x86_mov_rr(b, RAX, s);
	x86_alu_rr(b, 1, X86_ADD, RAX, c);
	pointer_end(b, d, c);
}

static void emit_shladdp4(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
			  unsigned int s, unsigned int c)
{
	x86_mov_rr(b, RAX, s);
	x86_shift_ri(b, 1, X86_SHL, RAX, in->x);
	x86_alu_rr(b, 1, X86_ADD, RAX, c);
	pointer_end(b, d, c);
}

static void emit_shrp(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		      unsigned int s, unsigned int c)
{
	x86_mov_rr(b, RAX, c);
	if (in->x)
		x86_shrd(b, RAX, s, in->x);
	x86_mov_rr(b, d, RAX);
}

static const alu_fn by_register[OP_COUNT] = {
	[OP_ADD] = emit_add, [OP_ADD1] = emit_add1, [OP_SUB] = emit_sub, [OP_SUB1] = emit_sub1,
	[OP_AND] = emit_and, [OP_OR] = emit_or, [OP_XOR] = emit_xor, [OP_ANDCM] = emit_andcm,
	[OP_SHLADD] = emit_shladd, [OP_ADDP4] = emit_addp4, [OP_SHLADDP4] = emit_shladdp4,
	[OP_SHRP] = emit_shrp,
};

static void emit_addp4_i(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
			 unsigned int s, unsigned int c)
{
	x86_lea(b, RAX, c, (int32_t)in->imm);
	pointer_end(b, d, c);
}

static void emit_sub_i(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		       unsigned int s, unsigned int c)
{
	x86_mov_imm(b, RAX, (uint64_t)in->imm);
	x86_alu_rr(b, 1, X86_SUB, RAX, c);
	x86_mov_rr(b, d, RAX);
}

static void emit_and_i(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		       unsigned int s, unsigned int c)
{
	x86_mov_rr(b, d, c);
	x86_alu_ri(b, 1, X86_AND, d, (int32_t)in->imm);
}

static void emit_or_i(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		      unsigned int s, unsigned int c)
{
	x86_mov_rr(b, d, c);
	x86_alu_ri(b, 1, X86_OR, d, (int32_t)in->imm);
}

static void emit_xor_i(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		       unsigned int s, unsigned int c)
{
	x86_mov_rr(b, d, c);
	x86_alu_ri(b, 1, X86_XOR, d, (int32_t)in->imm);
}

static void emit_andcm_i(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
			 unsigned int s, unsigned int c)
{
	x86_mov_rr(b, d, c);
	x86_not(b, d);
	x86_alu_ri(b, 1, X86_AND, d, (int32_t)in->imm);
}

/*
 * The low bytes of rsp, rbp, rsi, rdi have no old encoding: a rex prefix is what x86_rr may leave
 * out.
 */
static unsigned int byte_source(struct x86_buf *b, unsigned int c)
{
	if (c < RSP || c >= R8)
		return c;
	x86_mov_rr(b, RAX, c);
	return RAX;
}

static void emit_sxt1(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		      unsigned int s, unsigned int c)
{
	x86_rr(b, 1, 0x0fbe, d, c);
}

static void emit_sxt2(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		      unsigned int s, unsigned int c)
{
	x86_rr(b, 1, 0x0fbf, d, c);
}

static void emit_sxt4(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		      unsigned int s, unsigned int c)
{
	x86_rr(b, 1, 0x63, d, c);
}

static void emit_zxt1(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		      unsigned int s, unsigned int c)
{
	x86_rr(b, 0, 0x0fb6, d, byte_source(b, c));
}

static void emit_zxt2(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		      unsigned int s, unsigned int c)
{
	x86_rr(b, 0, 0x0fb7, d, c);
}

static void emit_zxt4(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
		      unsigned int s, unsigned int c)
{
	x86_rr(b, 0, 0x8b, d, c);
}

static void emit_popcnt(struct x86_buf *b, const struct ia64_insn *in, unsigned int d,
			unsigned int s, unsigned int c)
{
	x86_opcode(b, 0xf3, 1, d, 0, c, 0x0fb8, false);
	x86_1(b, 0xc0 | (d & 7) << 3 | (c & 7));
}

static const alu_fn by_immediate[OP_COUNT] = {
	[OP_SUB_I] = emit_sub_i, [OP_AND_I] = emit_and_i, [OP_OR_I] = emit_or_i,
	[OP_XOR_I] = emit_xor_i, [OP_ANDCM_I] = emit_andcm_i, [OP_ADDP4_I] = emit_addp4_i,
	[OP_SXT1] = emit_sxt1, [OP_SXT2] = emit_sxt2, [OP_SXT4] = emit_sxt4,
	[OP_ZXT1] = emit_zxt1, [OP_ZXT2] = emit_zxt2, [OP_ZXT4] = emit_zxt4,
	[OP_POPCNT] = emit_popcnt,
};

static void tr_shift(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	bool left = in->op == OP_SHL;
	unsigned int val = tr_use(t, left ? in->r2 : in->r3), cnt = tr_use(t, left ? in->r3 : in->r2), d;

	/* Counts above 63 give 0, or the sign (SDM 3:2 "shl", "shr"). */
	d = tr_def(t, in->r1);
	x86_mov_rr(b, RCX, cnt);
	x86_mov_rr(b, RAX, val);
	if (in->op == OP_SHR) {
		x86_mov_imm(b, RDX, 63);
		x86_alu_rr(b, 1, X86_CMP, RCX, RDX);
		x86_cmov(b, CC_A, RCX, RDX);
		x86_shift_rcl(b, 1, X86_SAR, RAX);
	} else {
		x86_shift_rcl(b, 1, left ? X86_SHL : X86_SHR, RAX);
		x86_mov_imm(b, RDX, 0);
		x86_alu_ri(b, 1, X86_CMP, RCX, 63);
		x86_cmov(b, CC_A, RAX, RDX);
	}
	x86_mov_rr(b, d, RAX);
}

static void tr_fields(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int d, s, len = in->y, pos = in->x;
	uint64_t mask = (len >= 64 ? ~0ull : (1ull << len) - 1);

	switch (in->op) {
	case OP_EXTR:
	case OP_EXTR_U:
		if (pos + len > 64)
			len = 64 - pos;
		s = tr_use(t, in->r3);
		d = tr_def(t, in->r1);
		x86_mov_rr(b, d, s);
		if (64 - pos - len)
			x86_shift_ri(b, 1, X86_SHL, d, 64 - pos - len);
		if (64 - len)
			x86_shift_ri(b, 1, in->op == OP_EXTR ? X86_SAR : X86_SHR, d, 64 - len);
		break;
	case OP_DEP_Z:
		if (pos + len > 64)
			len = 64 - pos;
		s = tr_use(t, in->r2);
		d = tr_def(t, in->r1);
		x86_mov_rr(b, d, s);
		if (64 - len)
			x86_shift_ri(b, 1, X86_SHL, d, 64 - len);
		if (64 - pos - len)
			x86_shift_ri(b, 1, X86_SHR, d, 64 - pos - len);
		break;
	case OP_DEP_Z_I:
		d = tr_def(t, in->r1);
		x86_mov_imm(b, d, ((uint64_t)in->imm & mask) << pos);
		break;
	case OP_DEP_I:
		s = tr_use(t, in->r3);
		d = tr_def(t, in->r1);
		x86_mov_rr(b, d, s);
		mask <<= pos;
		if (!in->imm)
			mask = ~mask;
		if ((int64_t)mask == (int32_t)mask) {
			x86_alu_ri(b, 1, in->imm ? X86_OR : X86_AND, d, (int32_t)mask);
		} else {
			x86_mov_imm(b, RAX, mask);
			x86_alu_rr(b, 1, in->imm ? X86_OR : X86_AND, d, RAX);
		}
		break;
	default: /* OP_DEP */
		if (pos + len > 64) {
			len = 64 - pos;
			mask = (1ull << len) - 1;
		}
		s = tr_use(t, in->r2);
		x86_mov_rr(b, RCX, s);
		s = tr_use(t, in->r3);
		d = tr_def(t, in->r1);
		x86_alu_ri(b, 1, X86_AND, RCX, (int32_t)mask);
		if (pos)
			x86_shift_ri(b, 1, X86_SHL, RCX, pos);
		x86_mov_rr(b, d, s);
		mask = ~(mask << pos);
		if ((int64_t)mask == (int32_t)mask) {
			x86_alu_ri(b, 1, X86_AND, d, (int32_t)mask);
		} else {
			x86_mov_imm(b, RAX, mask);
			x86_alu_rr(b, 1, X86_AND, d, RAX);
		}
		x86_alu_rr(b, 1, X86_OR, d, RCX);
		break;
	}
}

void tr_move(struct tr *t, uint16_t dst, uint16_t src)
{
	struct known k = t->known[src];
	unsigned int s = tr_use_v(t, src), d = tr_def_v(t, dst);

	x86_mov_rr(&t->b, d, s);
	t->known[dst] = k;
}

static void tr_add_immediate(struct tr *t, const struct ia64_insn *in)
{
	unsigned int c, d;

	if (in->r3 == 0) {
		d = tr_def(t, in->r1);
		x86_mov_imm(&t->b, d, (uint64_t)in->imm);
	} else if (in->imm == 0) {
		tr_move(t, tr_gr(t, in->r1), tr_gr(t, in->r3));
	} else {
		c = tr_use(t, in->r3);
		d = tr_def(t, in->r1);
		if (d == c)
			x86_alu_ri(&t->b, 1, X86_ADD, d, (int32_t)in->imm);
		else
			x86_lea(&t->b, d, c, (int32_t)in->imm);
	}
}

bool tr_alu(struct tr *t, const struct ia64_insn *in)
{
	unsigned int s, c, d;

	if (by_register[in->op]) {
		s = tr_use(t, in->r2);
		c = tr_use(t, in->r3);
		d = tr_def(t, in->r1);
		by_register[in->op](&t->b, in, d, s, c);
		return true;
	}
	if (by_immediate[in->op]) {
		c = tr_use(t, in->r3);
		d = tr_def(t, in->r1);
		by_immediate[in->op](&t->b, in, d, 0, c);
		return true;
	}
	switch (in->op) {
	case OP_ADDS: case OP_ADDL:
		tr_add_immediate(t, in);
		return true;
	case OP_MOVL:
		d = tr_def(t, in->r1);
		x86_mov_imm(&t->b, d, (uint64_t)in->imm);
		return true;
	case OP_SHR: case OP_SHR_U: case OP_SHL:
		tr_shift(t, in);
		return true;
	case OP_EXTR: case OP_EXTR_U: case OP_DEP_Z: case OP_DEP_Z_I: case OP_DEP: case OP_DEP_I:
		tr_fields(t, in);
		return true;
	default:
		return false;
	}
}
