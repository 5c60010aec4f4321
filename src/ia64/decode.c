/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From bundles to predecoded instructions, by the encoding table. */
#include "ia64/decode.h"

#include <string.h>

#include "ia64/encoding.h"

#define T(u0, u1, u2, stop)	{ { UNIT_##u0, UNIT_##u1, UNIT_##u2 }, stop }
#define RESERVED		T(NONE, NONE, NONE, 0)

const struct ia64_template ia64_templates[32] = {
	T(M, I, I, 0), T(M, I, I, 4), T(M, I, I, 2), T(M, I, I, 6),
	T(M, L, X, 0), T(M, L, X, 4), RESERVED, RESERVED,
	T(M, M, I, 0), T(M, M, I, 4), T(M, M, I, 1), T(M, M, I, 5),
	T(M, F, I, 0), T(M, F, I, 4), T(M, M, F, 0), T(M, M, F, 4),
	T(M, I, B, 0), T(M, I, B, 4), T(M, B, B, 0), T(M, B, B, 4),
	RESERVED, RESERVED, T(B, B, B, 0), T(B, B, B, 4),
	T(M, M, B, 0), T(M, M, B, 4), RESERVED, RESERVED,
	T(M, F, B, 0), T(M, F, B, 4), RESERVED, RESERVED,
};

static int64_t sign_extend(uint64_t v, unsigned int width)
{
	return (int64_t)(v << (64 - width)) >> (64 - width);
}

int64_t ia64_operand_imm(enum ia64_operand opnd, uint64_t slot, uint64_t l)
{
#define F(hi, lo)	ia64_bits(slot, hi, lo)
	uint64_t s = F(36, 36);

	switch (opnd) {
	case IMM1:
		return -(int64_t)s;
	case IMM2:
		return F(14, 13);
	case IMM8:
		return sign_extend(s << 7 | F(19, 13), 8);
	case IMM9_LD:
		return sign_extend(s << 8 | F(27, 27) << 7 | F(19, 13), 9);
	case IMM9_ST:
		return sign_extend(s << 8 | F(27, 27) << 7 | F(12, 6), 9);
	case IMM14:
		return sign_extend(s << 13 | F(32, 27) << 7 | F(19, 13), 14);
	case IMM21: case IMM21D:
		return s << 20 | F(25, 6);
	case IMM22:
		return sign_extend(s << 21 | F(26, 22) << 16 | F(35, 27) << 7 | F(19, 13), 22);
	case IMM24:
		return s << 23 | F(32, 31) << 21 | F(26, 6);
	case IMM62:
		return l << 21 | s << 20 | F(25, 6);
	case IMM64:
		return s << 63 | l << 22 | F(21, 21) << 21 | F(26, 22) << 16 | F(35, 27) << 7 |
		       F(19, 13);
	case INC3: {
		int64_t inc = F(14, 13) == 3 ? 1 : INT64_C(16) >> F(14, 13);

		return F(15, 15) ? -inc : inc;
	}
	case MASK17:
		return sign_extend(s << 16 | F(31, 24) << 8 | F(12, 6) << 1, 17);
	case IMM44:
		return sign_extend(s << 43 | F(32, 6) << 16, 44);
	case MBTYPE4:
		return F(23, 20);
	case MHTYPE8:
		return F(27, 20);
	case FCLASS9:
		return F(26, 20) << 2 | F(34, 33);
	case AMASK7:
	case SOF:
		return F(19, 13);
	case OMASK7:
	case SOL:
		return F(26, 20);
	case SOR:
		return F(30, 27) << 3;
	case CNT2B:
	case CNT2C:
		return F(28, 27) + 1;
	case PMPYCNT:
		return (const uint8_t[]){ 0, 7, 15, 16 }[F(31, 30)];
	case CNT5:
		return F(18, 14);
	case CCNT5:
		return 31 - F(24, 20);
	case CNT6:
		return F(32, 27);
	case POS6:
		return F(19, 14);
	case CPOS6B:
		return 63 - F(19, 14);
	case CPOS6C:
		return 63 - F(25, 20);
	case CPOS6D:
		return 63 - F(36, 31);
	case LEN6:
		return F(32, 27) + 1;
	case LEN4:
		return F(30, 27) + 1;
	case TGT20B:
		return sign_extend(s << 20 | F(32, 13), 21) * 16;
	case TGT13C:
		return sign_extend(s << 20 | F(32, 20) << 7 | F(12, 6), 21) * 16;
	case TGT20A:
		return sign_extend(s << 20 | F(25, 6), 21) * 16;
	case TGT64:
		return (s << 59 | l >> 2 << 20 | F(32, 13)) << 4;
	case TAG13:
		return sign_extend(F(34, 33) << 7 | F(12, 6), 9) * 16;
	case TAG13C:
		return sign_extend(F(32, 24), 9) * 16;
	case LIT_8:
		return 8;
	case LIT_16:
		return 16;
	default:
		return 0;
	}
#undef F
}

/*
 * Application registers (SDM 1:3.1.8, Table 3-3): which unit may name them. 48-63 and 112-127 are
 * ignored ones that either unit may name.
 */
static bool ar_exists(unsigned int ar, enum ia64_unit unit)
{
	if ((ar >= 48 && ar <= 63) || ar >= 112)
		return true;
	if (unit == UNIT_I)
		return ar >= 64 && ar <= 66;
	return ar <= 7 || (ar >= 16 && ar <= 19) || ar == 21 || (ar >= 24 && ar <= 30) ||
	       ar == 32 || ar == 36 || ar == 40 || ar == 44;
}

enum { AR_BSP = 17, CR_IVR = 65, CR_IRR0 = 68, CR_IRR3 = 71 };

/* Control registers (SDM 2:3.3, Table 3-3). */
static bool cr_exists(unsigned int cr)
{
	return cr <= 2 || cr == 8 || cr == 16 || cr == 17 || (cr >= 19 && cr <= 25) ||
	       (cr >= 64 && cr <= 74) || cr == 80 || cr == 81;
}

static bool cr_read_only(unsigned int cr)
{
	return cr == CR_IVR || (cr >= CR_IRR0 && cr <= CR_IRR3);
}

static bool mbtype_exists(unsigned int mbtype)
{
	return mbtype == MUX1_BRCST || (mbtype >= MUX1_MIX && mbtype <= MUX1_REV);
}

static uint16_t fp_flags(unsigned int reg, bool written)
{
	if (reg >= 32)
		return INSN_FP_HIGH | (written ? INSN_FP_WHIGH : 0);
	if (reg >= 2)
		return INSN_FP_LOW | (written ? INSN_FP_WLOW : 0);
	return 0;
}

/* Store one operand in *out. Returns false if the encoding is illegal because of it. */
static bool take_operand(enum ia64_operand opnd, uint64_t slot, uint64_t l, struct ia64_insn *out)
{
	unsigned int lo = ia64_bits(slot, 12, 6);
	unsigned int mid = ia64_bits(slot, 19, 13);
	unsigned int hi = ia64_bits(slot, 26, 20);

	switch (opnd) {
	case R1:
		out->r1 = lo;
		if (lo >= 32)
			out->flags |= INSN_R1_STACKED;
		return lo != 0;
	case R1S:
	case F1S:
		out->r1 = lo;
		return true;
	case R2:
		out->r2 = mid;
		return true;
	case MR3U:
		out->r3 = hi;
		if (hi >= 32)
			out->flags |= INSN_R3_STACKED;
		return hi != 0;
	case R3: case MR3:
	case RR3: case DBR3: case IBR3: case PKR3: case PMC3: case PMD3: case CPUID3:
	case DTR3: case ITR3:
		out->r3 = hi;
		return true;
	case R3A:
		out->r3 = ia64_bits(slot, 21, 20);
		return true;
	case F1:
		out->r1 = lo;
		out->flags |= fp_flags(lo, true);
		return lo >= 2;
	case F2:
		out->r2 = mid;
		out->flags |= fp_flags(mid, false);
		return true;
	case F2D:
		out->r2 = mid;
		out->flags |= fp_flags(mid, true);
		if ((out->r1 >= 32) != (mid >= 32))
			out->flags |= INSN_LDFP_MIXED;
		else if (((out->r1 ^ mid) & 1) == 0)
			return false;
		return mid >= 2;
	case F3:
		out->r3 = hi;
		out->flags |= fp_flags(hi, false);
		return true;
	case F4:
		out->r4 = ia64_bits(slot, 33, 27);
		out->flags |= fp_flags(out->r4, false);
		return true;
	case P1:
		out->r1 = ia64_bits(slot, 11, 6);
		return true;
	case P2:
		out->r4 = ia64_bits(slot, 32, 27);
		return true;
	case B1:
		out->r1 = ia64_bits(slot, 8, 6);
		return true;
	case B2:
		out->r2 = ia64_bits(slot, 15, 13);
		return true;
	case AR3:
		out->r3 = hi;
		return ar_exists(hi, out->unit);
	case AR3W:
		out->r3 = hi;
		return ar_exists(hi, out->unit) && hi != AR_BSP;
	case CR3:
		out->r3 = hi;
		return cr_exists(hi);
	case CR3W:
		out->r3 = hi;
		return cr_exists(hi) && !cr_read_only(hi);
	case MBTYPE4:
		out->x = ia64_operand_imm(opnd, slot, l);
		return mbtype_exists(out->x);
	case CNT2C:
		out->x = ia64_operand_imm(opnd, slot, l);
		return out->x != 4;
	case CNT2B: case PMPYCNT: case CNT5: case CCNT5: case CNT6:
	case POS6: case CPOS6B: case CPOS6C: case CPOS6D: case SOF:
		out->x = ia64_operand_imm(opnd, slot, l);
		return true;
	case LEN6: case LEN4: case AMASK7: case SOL:
		out->y = ia64_operand_imm(opnd, slot, l);
		return true;
	case TAG13: case TAG13C:
		return true;
	default:
		if (opnd >= IMM8 && opnd <= SOR)
			out->imm = ia64_operand_imm(opnd, slot, l);
		else if (opnd == LIT_8 || opnd == LIT_16)
			out->imm = ia64_operand_imm(opnd, slot, l);
		return true;
	}
}

/* Store the fields that the mnemonic's completers stand for. */
static void take_completers(const char *mnemonic, uint64_t slot, struct ia64_insn *out)
{
	for (const char *c = strchr(mnemonic, '%'); c; c = strchr(c + 1, '%')) {
		switch (c[1]) {
		case 'z':
			out->y = 1u << ia64_bits(slot, 31, 30);
			break;
		case 'f':
			out->y = ia64_bits(slot, 31, 30);
			break;
		case 'h': case 'H': case 'L':
			out->hint = ia64_bits(slot, 29, 28);
			break;
		case 's':
			out->x = ia64_bits(slot, 35, 34);
			break;
		default:
			/* Branch hints have no effect. */
			break;
		}
	}
}

/* Conditions between operands. Returns false if they make the instruction illegal. */
static bool operands_agree(const struct ia64_encoding *row, const struct ia64_insn *insn)
{
	if (row->opnd[0] == P1)
		return insn->r1 != insn->r4;
	if (row->opnd[0] == R1 && row->opnd[1] == MR3U)
		return insn->r1 != insn->r3;
	if (row->op == OP_ALLOC)
		return insn->x <= 96 && insn->y <= insn->x && insn->imm <= insn->x &&
		       (insn->r1 < 32 || insn->r1 - 32u < insn->x);
	return true;
}

static void make_illegal(struct ia64_insn *insn, uint8_t qp)
{
	*insn = (struct ia64_insn){
		.op = OP_ILLEGAL, .qp = qp, .unit = insn->unit, .slot = insn->slot,
		.flags = insn->flags & INSN_STOP,
	};
}

void ia64_decode_slot(enum ia64_unit unit, uint64_t slot, uint64_t l, struct ia64_insn *out)
{
	const struct ia64_encoding *row = ia64_encoding_find(unit, slot, false);
	uint8_t qp = ia64_bits(slot, 5, 0);
	bool legal = true;

	memset(out, 0, sizeof(*out));
	out->unit = unit;
	if (!row) {
		make_illegal(out, qp);
		return;
	}
	out->op = row->op;
	out->qp = row->attr & (ENC_NOQP | ENC_QP0) ? 0 : qp;
	out->x = row->x;
	out->y = row->y;
	if (row->attr & ENC_BRANCH)
		out->flags |= INSN_BRANCH;
	if (row->attr & ENC_PRIV)
		out->flags |= INSN_PRIV;
	if (row->attr & ENC_QP0 && qp)
		legal = false;
	for (unsigned int i = 0; i < 6 && row->opnd[i] != OPND_NONE; i++)
		legal &= take_operand(row->opnd[i], slot, l, out);
	take_completers(row->mnemonic, slot, out);
	if (row->op == OP_ALLOC)
		out->flags &= ~INSN_R1_STACKED;
	if (!operands_agree(row, out) && row->attr & ENC_UNC)
		make_illegal(out, 0);
	else if (!legal || !operands_agree(row, out))
		make_illegal(out, out->qp);
}

uint64_t ia64_bundle_slot(const uint8_t bundle[16], unsigned int n)
{
	uint64_t lo = 0, hi = 0;

	for (unsigned int i = 0; i < 8; i++) {
		lo |= (uint64_t)bundle[i] << (8 * i);
		hi |= (uint64_t)bundle[8 + i] << (8 * i);
	}
	if (n == 0)
		return ia64_bits(lo, 45, 5);
	if (n == 1)
		return lo >> 46 | (hi & ((UINT64_C(1) << 23) - 1)) << 18;
	return hi >> 23;
}

void ia64_decode_bundle(const uint8_t bundle[16], struct ia64_bundle *out)
{
	const struct ia64_template *template;
	const struct ia64_encoding *e;
	uint64_t l = 0;

	out->template = bundle[0] & 0x1f;
	template = &ia64_templates[out->template];
	for (unsigned int i = 0; i < 3; i++) {
		uint64_t slot = ia64_bundle_slot(bundle, i);
		enum ia64_unit unit = template->unit[i];
		struct ia64_insn *insn = &out->insn[i];

		if (unit == UNIT_L) {
			l = slot;
			continue;
		}
		if (unit == UNIT_X) {
			/* The pair is one instruction, in slot 1. */
			*insn = (struct ia64_insn){
				.op = OP_SLOT_EMPTY, .unit = UNIT_X, .slot = 2,
			};
			insn = &out->insn[1];
		}
		if (unit == UNIT_NONE) {
			*insn = (struct ia64_insn){ .op = OP_ILLEGAL, .unit = UNIT_NONE };
		} else {
			ia64_decode_slot(unit, slot, l, insn);
			/* SDM 3:2 "br": a loop branch elsewhere faults whether taken or not. */
			e = i != 2 && unit == UNIT_B ? ia64_encoding_find(unit, slot, false) : NULL;
			if (e && e->attr & ENC_SLOT2)
				make_illegal(insn, 0);
		}
		insn->slot = unit == UNIT_X ? 1 : i;
		if (template->stops & 1u << i)
			insn->flags |= INSN_STOP;
	}
}

const char *ia64_op_name(enum ia64_op op)
{
	static const char *const names[] = {
#define OP(name) #name,
#include "ia64/opcodes.def"
#undef OP
	};

	return (unsigned int)op < OP_COUNT ? names[op] : NULL;
}
