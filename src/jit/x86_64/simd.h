/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Parallel (multimedia) integer instructions: the hooks for the rest of the code generator. */
#ifndef PARAVANE_JIT_X86_64_SIMD_H
#define PARAVANE_JIT_X86_64_SIMD_H

#include "jit/x86_64/codegen.h"

#define SIMD_2(op) [OP_##op] = NA | SIMD | R2 | R3 | W1
#define SIMD_A(op) [OP_##op] = NA | SIMD | R2 | W1 /* of r2 alone */
#define SIMD_B(op) [OP_##op] = NA | SIMD | R3 | W1 /* of r3 alone */

/* What jit_op_info holds for them, each followed by a comma. */
#define SIMD_OP_INFO \
	SIMD_2(PADD1), SIMD_2(PADD1_SSS), SIMD_2(PADD1_UUU), SIMD_2(PADD2), SIMD_2(PADD2_SSS), \
	SIMD_2(PADD2_UUU), SIMD_2(PADD4), SIMD_2(PSUB1), SIMD_2(PSUB1_SSS), SIMD_2(PSUB1_UUU), \
	SIMD_2(PSUB2), SIMD_2(PSUB2_SSS), SIMD_2(PSUB2_UUU), SIMD_2(PSUB4), SIMD_2(PAVG1_RAZ), \
	SIMD_2(PAVG2_RAZ), SIMD_2(PCMP1_EQ), SIMD_2(PCMP1_GT), SIMD_2(PCMP2_EQ), \
	SIMD_2(PCMP2_GT), SIMD_2(PCMP4_EQ), SIMD_2(PCMP4_GT), SIMD_2(PSHRADD2), \
	SIMD_2(PMPYSHR2), SIMD_2(PMPYSHR2_U), SIMD_2(PMPY2_R), SIMD_2(PMPY2_L), SIMD_2(MIX1_R), \
	SIMD_2(MIX2_R), SIMD_2(MIX4_R), SIMD_2(MIX1_L), SIMD_2(MIX2_L), SIMD_2(MIX4_L), \
	SIMD_2(PACK2_USS), SIMD_2(PACK2_SSS), SIMD_2(PACK4_SSS), SIMD_2(UNPACK1_H), \
	SIMD_2(UNPACK2_H), SIMD_2(UNPACK4_H), SIMD_2(UNPACK1_L), SIMD_2(UNPACK2_L), \
	SIMD_2(UNPACK4_L), SIMD_2(PMIN1_U), SIMD_2(PMAX1_U), SIMD_2(PMIN2), SIMD_2(PMAX2), \
	SIMD_2(PSAD1), SIMD_2(PSHR2), SIMD_2(PSHR2_U), SIMD_2(PSHR4), SIMD_2(PSHR4_U), \
	SIMD_2(PSHL2), SIMD_2(PSHL4), SIMD_A(MUX1), SIMD_A(MUX2), SIMD_A(PSHL2_I), \
	SIMD_A(PSHL4_I), SIMD_B(PSHR2_I), SIMD_B(PSHR2_U_I), SIMD_B(PSHR4_I), \
	SIMD_B(PSHR4_U_I), SIMD_B(CZX1_L), SIMD_B(CZX1_R), SIMD_B(CZX2_L), SIMD_B(CZX2_R),

/* Is this form (its op has SIMD in jit_op_info) translated? */
bool simd_supports(const struct ia64_insn *in);
/* Emits it; its predicate has been seen to. False: the trace cannot be translated. */
bool simd_translate(struct tr *t, const struct ia64_insn *in);

#endif
