/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The IA-64 disassembler, in the notation of the SDM as GNU objdump writes it. */
#ifndef IA64_DISASM_H
#define IA64_DISASM_H

#include <stddef.h>
#include <stdint.h>

#include "ia64/decode.h"

/* Room for any instruction's text, NUL included. */
enum { IA64_DISASM_MAX = 96 };

struct ia64_disasm {
	char units[4];				/* "MII", "MLX", ...; "???" if reserved */
	char text[3][IA64_DISASM_MAX];		/* in MLX, text[1] is the L+X pair, text[2] empty */
	uint8_t stops;				/* bit n: stop after slot n */
};

/*
 * Write one instruction: "(p06) br.cond.sptk.few 0x4000". In: unit (not UNIT_L), the 41 bits, the
 * L slot's 41 bits for UNIT_X, and the address of the bundle, which ip-relative targets add to.
 * Out: at most IA64_DISASM_MAX bytes in buf. What is not an instruction becomes "data8 0x...".
 * An instruction whose operands the decoder rejects (a write of r0, say) is written all the same.
 * Pure; any thread.
 */
void ia64_disasm_slot(enum ia64_unit unit, uint64_t slot, uint64_t l, uint64_t ip,
		      char buf[IA64_DISASM_MAX]);

/* Write a bundle: 16 bytes as in memory, and its address. Fills *out. Pure; any thread. */
void ia64_disasm_bundle(const uint8_t bundle[16], uint64_t ip, struct ia64_disasm *out);

#endif
