/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IA-64 instruction decoder: from a 16-byte bundle to predecoded instructions. */
#ifndef IA64_DECODE_H
#define IA64_DECODE_H

#include <stdbool.h>
#include <stdint.h>

/* One value an operation; opcodes.def says which fields of struct ia64_insn each one uses. */
enum ia64_op {
#define OP(name) OP_##name,
#include "ia64/opcodes.def"
#undef OP
	OP_COUNT
};

/* The execution unit of a slot (SDM 3:4.1, Table 4-2). UNIT_X is the L+X pair of an MLX bundle,
 * UNIT_L its first half, seen only in ia64_templates[]. */
enum ia64_unit { UNIT_M, UNIT_I, UNIT_F, UNIT_B, UNIT_L, UNIT_X, UNIT_NONE };

/* The type of a load: `x` of LDX, LDFX, LDFP*, LD16 (SDM 3:2 "ld"). */
enum ia64_ld_type {
	LD_PLAIN, LD_S, LD_A, LD_SA, LD_BIAS, LD_ACQ, LD_C_CLR, LD_C_NC, LD_C_CLR_ACQ
};

/* The memory format of a floating-point load: `y` of LDFX. */
enum ia64_fpmem { FPMEM_E, FPMEM_8, FPMEM_S, FPMEM_D };

/* The precision completer: `y` of FMA, FMS, FNMA. PC_NONE takes it from the status field. */
enum ia64_pc { PC_NONE, PC_S, PC_D };

/* `x` of MUX1: the encoded mbtype4. */
enum ia64_mux1 { MUX1_BRCST = 0, MUX1_MIX = 8, MUX1_SHUF = 9, MUX1_ALT = 10, MUX1_REV = 11 };

/* `x` of LFETCH* and PROBE*: bits. */
enum { IA64_LFETCH_FAULT = 1, IA64_LFETCH_EXCL = 2 };
enum { IA64_PROBE_R = 1, IA64_PROBE_W = 2 };

/* Bits of ia64_insn.flags. */
enum ia64_insn_flags {
	/* A stop follows this instruction. */
	INSN_STOP		= 1 << 0,
	/* May change the instruction pointer or the way instructions are fetched: ends a straight
	 * run (branches, chk, break, epc, rfi, bsw, cover, clrrrb, fchkf). */
	INSN_BRANCH		= 1 << 1,
	/* Privileged: Privileged Operation fault if psr.cpl is not 0. Clear for moves whose
	 * privilege depends on the register (mov ar, pmd, itc by psr.si). */
	INSN_PRIV		= 1 << 2,
	/* r1 is a general register that is written and is stacked (>= 32): Illegal Operation
	 * fault if r1 - 32 >= cfm.sof. */
	INSN_R1_STACKED		= 1 << 3,
	/* Likewise r3, by a base-register update. */
	INSN_R3_STACKED		= 1 << 4,
	/* Reads or writes floating-point registers 2-31 (not f0, f1): Disabled FP Register fault
	 * if psr.dfl. */
	INSN_FP_LOW		= 1 << 5,
	/* Reads or writes floating-point registers 32-127: likewise psr.dfh. */
	INSN_FP_HIGH		= 1 << 6,
	/* Writes such a register: sets psr.mfl. */
	INSN_FP_WLOW		= 1 << 7,
	/* Writes such a register: sets psr.mfh. */
	INSN_FP_WHIGH		= 1 << 8,
	/* ldfp with one static and one rotating target: Illegal Operation fault unless the two
	 * physical numbers, after rotation by cfm.rrb.fr, are one odd and one even. (Two of a kind
	 * are checked by the decoder.) */
	INSN_LDFP_MIXED		= 1 << 9,
};

/*
 * A decoded instruction. Register fields hold the numbers of the manual's operands of the same
 * digit (r1, f1, b1 in r1; r2, f2, b2 in r2; r3, f3, ar3, cr3 in r3; f4 in r4), except that a
 * predicate target p1 is in r1 and p2 in r4. Fields an op does not use are 0.
 *
 * Illegal encodings. OP_ILLEGAL stands for everything that raises Illegal Operation for reasons
 * visible in the encoding (SDM 3:4.1 and each instruction's page), so handlers need not check:
 *  - reserved opcodes, templates and field values;
 *  - a write of r0, f0 or f1;
 *  - p1 equal to p2 in a compare, test or fclass;
 *  - r1 equal to r3 in a load with base update;
 *  - ldfp with two odd or two even targets of a kind;
 *  - a reserved application or control register, a write of a read-only one, or an application
 *    register of the other unit.
 *  - alloc with a predicate, sof above 96, sol or sor above sof, or a target outside the new frame;
 *  - mux1 and pshladd2/pshradd2 with a reserved type or count;
 *  - a loop branch (wexit, wtop, cloop, cexit, ctop) outside slot 2.
 * The fault is taken only if PR[qp] is 1; the decoder sets qp to 0 where the manual wants it
 * whatever the predicate (opcodes reserved outright, loop branches outside slot 2, unc compares
 * with p1 equal to p2). What depends on state (frame size, cfm, psr) is left to execution.
 *
 * Processor: Itanium 2 (Madison) with brl, ld16, st16, cmp8xchg16, fc.i, hint. What came later is
 * decoded as Madison does: tf as tnat, whose ignored bits it uses; clz, mpy4, mpyshl4 and mov from
 * dahr as reserved; mov to dahr as hint.m. vmsw is OP_VMSW_*, for the executor to refuse.
 */
struct ia64_insn {
	uint16_t op;		/* enum ia64_op */
	uint16_t flags;		/* enum ia64_insn_flags */
	uint16_t spare;		/* 0; free for whoever executes the instruction */
	uint8_t qp;		/* qualifying predicate as encoded; 0 where there is none */
	uint8_t unit;		/* enum ia64_unit: the slot's */
	uint8_t r1, r2, r3, r4;
	uint8_t x, y;		/* see opcodes.def */
	uint8_t hint;		/* locality hint of memory references (ldhint, sthint, lfhint) */
	uint8_t slot;		/* 0-2 */
	int64_t imm;		/* see opcodes.def; displacements are in bytes, from the bundle */
};
_Static_assert(sizeof(struct ia64_insn) == 24, "predecoded instructions are kept small");

struct ia64_bundle {
	uint8_t template;	/* 0-31 */
	struct ia64_insn insn[3];
};

/* A template: the unit of each slot, and a bit for each slot that a stop follows. */
struct ia64_template {
	uint8_t unit[3];	/* enum ia64_unit; UNIT_NONE throughout if reserved */
	uint8_t stops;		/* bit n: stop after slot n */
};

/* Indexed by template number (SDM 3:4.1, Table 4-3). */
extern const struct ia64_template ia64_templates[32];

/*
 * Decode a bundle. In: 16 bytes as in memory (instructions are little-endian whatever psr.be).
 * Out: every field of *out. Never fails: what is not an instruction becomes OP_ILLEGAL; a reserved
 * template becomes three of them with qp 0. In an MLX bundle slot 1 is the L+X instruction
 * (unit UNIT_X) and slot 2 OP_SLOT_EMPTY, which raises Illegal Operation if rfi goes there.
 * Pure; any thread. SDM 3:4.
 */
void ia64_decode_bundle(const uint8_t bundle[16], struct ia64_bundle *out);

/*
 * Decode one 41-bit instruction for a unit (not UNIT_L). For UNIT_X `slot` is the X half and `l`
 * the 41 bits of the L slot; else `l` is ignored. *out as ia64_decode_bundle leaves it, with slot
 * and INSN_STOP clear. Pure; any thread.
 */
void ia64_decode_slot(enum ia64_unit unit, uint64_t slot, uint64_t l, struct ia64_insn *out);

/* The 41 bits of slot n (0-2) of a bundle. Pure; any thread. */
uint64_t ia64_bundle_slot(const uint8_t bundle[16], unsigned int n);

/* The name of an op as opcodes.def spells it, or NULL if out of range; static storage. */
const char *ia64_op_name(enum ia64_op op);

#endif
