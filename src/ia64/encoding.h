/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The encoding table: what the decoder, the disassembler and their tests all read. */
#ifndef IA64_ENCODING_H
#define IA64_ENCODING_H

#include <stddef.h>
#include <stdint.h>

#include "ia64/decode.h"

/*
 * What an operand is: which bits hold it, which field of struct ia64_insn it goes to, how it is
 * written. The numbers in names are bits of the instruction; field names are those of SDM 3:4.
 */
enum ia64_operand {
	OPND_NONE,
	/* General registers: R1 (12:6) is written; R1S is only named. R3A is 21:20 (addl). */
	R1, R1S, R2, R3, R3A,
	/* Memory: [r3]; MR3U's r3 is updated as well. */
	MR3, MR3U,
	/* Indirect register files: rr[r3] and so on. */
	RR3, DBR3, IBR3, PKR3, PMC3, PMD3, CPUID3, DTR3, ITR3,
	/* Floating-point registers: F1 (12:6) and F2D (19:13) are written, F1S is only named. */
	F1, F1S, F2, F2D, F3, F4,
	P1, P2, B1, B2,
	/* Application registers in 26:20: read, or written. Control registers likewise. */
	AR3, AR3W, CR3, CR3W,
	/* Immediates, by format where two differ. IMM21D is written in decimal (hint.m). */
	IMM8, IMM14, IMM22, IMM9_LD, IMM9_ST, IMM1, INC3, IMM2, IMM21, IMM21D, IMM24, IMM62, IMM64,
	MASK17, IMM44, MHTYPE8, MBTYPE4, FCLASS9, AMASK7, OMASK7,
	/* Shift counts and field positions. CNT2B: ct2d + 1 (shladd). CNT2C: likewise, 4 reserved.
	 * PMPYCNT: 0, 7, 15, 16. CNT5: 18:14. CCNT5: 31 - 24:20. CNT6: 32:27. POS6: 19:14.
	 * CPOS6B: 63 - 19:14. CPOS6C: 63 - 25:20. CPOS6D: 63 - 36:31. LEN6: 32:27 + 1.
	 * LEN4: 30:27 + 1. */
	CNT2B, CNT2C, PMPYCNT, CNT5, CCNT5, CNT6, POS6, CPOS6B, CPOS6C, CPOS6D, LEN6, LEN4,
	/* ip-relative: B1-B3 (20b), chk in M and I (13c:7a), chk.a and fchkf, brl. */
	TGT20B, TGT13C, TGT20A, TGT64,
	/* Branch tags: brp (t2e:timm7a), mov to branch register (timm9c). */
	TAG13, TAG13C,
	/* alloc's size of frame, locals, rotating. */
	SOF, SOL, SOR,
	/* Not encoded: implied by the instruction. */
	LIT_1, LIT_8, LIT_16, LIT_IP, LIT_PR, LIT_PRROT, LIT_PSR, LIT_PSR_L, LIT_PSR_UM,
	LIT_AR_PFS, LIT_AR_CCV, LIT_AR_CSD, LIT_R0,
};

/* Bits of ia64_encoding.attr. */
enum ia64_encoding_attr {
	/* A second spelling of the row that follows it: for the disassembler alone. */
	ENC_ALIAS	= 1 << 0,
	/* qp is not a predicate: ignored, or the fault of a reserved row is unconditional. */
	ENC_NOQP	= 1 << 1,
	/* The same, and Illegal Operation if qp is not 0. */
	ENC_QP0		= 1 << 8,
	/* Compare type unc: a fault for equal targets is unconditional. */
	ENC_UNC		= 1 << 2,
	/* Only in slot 2 of a bundle (SDM 3:2 "br": loop branches). */
	ENC_SLOT2	= 1 << 3,
	/* INSN_BRANCH, INSN_PRIV. */
	ENC_BRANCH	= 1 << 4,
	ENC_PRIV	= 1 << 5,
	/* Aliases: only if f2 and f3 are the same register; only if pos + len is 64. */
	ENC_F2_IS_F3	= 1 << 6,
	ENC_POS_LEN_64	= 1 << 7,
};

/*
 * A row. An instruction matches if (slot & mask) == match; bits 40:37, the major opcode, are not in
 * the mask, for they choose the rows. Of several that match, the first counts.
 *
 * The mnemonic's completers that depend on fields are written as
 *	%z access size by 31:30		%f floating-point format by 31:30
 *	%h %H %L ldhint, sthint, lfhint by 29:28
 *	%s status field by 35:34
 *	%w branch whether-hint by 34:33, prefetch by 12, deallocation by 35
 *	%W the same with the whether-hint in 34:32 (br.call to a register)
 *	%p as %w, without the whether-hint
 *	%i brp: whether by 4:3, importance by 35;  %I: likewise, to a register
 *	%m mov to branch register: whether by 21:20, importance by 23
 */
struct ia64_encoding {
	uint64_t mask, match;
	const char *mnemonic;
	uint16_t op;
	uint16_t attr;
	uint8_t x, y;			/* x and y of struct ia64_insn where they are constant */
	uint8_t ndst;			/* operands before the "=" */
	uint8_t opnd[6];		/* enum ia64_operand, OPND_NONE at the end */
};

struct ia64_encoding_list {
	const struct ia64_encoding *row;
	size_t n;
};

/* The rows of a unit (M, I, F, B, X) and a major opcode (0-15). Static storage; any thread. */
struct ia64_encoding_list ia64_encodings(enum ia64_unit unit, unsigned int major);

/* The row an instruction matches, or NULL if it is reserved. `aliases` says whether rows with
 * ENC_ALIAS count (for the disassembler they do). Pure; any thread. */
const struct ia64_encoding *ia64_encoding_find(enum ia64_unit unit, uint64_t slot, bool aliases);

/* Bits hi:lo of an instruction. */
static inline uint64_t ia64_bits(uint64_t slot, unsigned int hi, unsigned int lo)
{
	return (slot >> lo) & ((UINT64_C(2) << (hi - lo)) - 1);
}

/* The value of an operand that is an immediate, count, position or displacement (in bytes), as
 * execution uses it; `l` is the L slot of an MLX bundle. 0 for other operands. Pure. */
int64_t ia64_operand_imm(enum ia64_operand opnd, uint64_t slot, uint64_t l);

#endif
