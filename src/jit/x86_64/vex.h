/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The assembler's part for xmm registers: AVX and FMA3 instructions, and moves. */
#ifndef PARAVANE_JIT_X86_64_VEX_H
#define PARAVANE_JIT_X86_64_VEX_H

#include "jit/x86_64/fp_host.h"

enum { P_NONE, P_66, P_F3, P_F2 };
enum { MAP_0F = 1, MAP_0F38 = 2, MAP_0F3A = 3 };

/* Three xmm (or general) registers: d and s1 by reg and vvvv, s2 by r/m. */
static inline void vex(struct x86_buf *b, unsigned int pp, unsigned int map, unsigned int w,
		       unsigned int opc, unsigned int d, unsigned int s1, unsigned int s2)
{
	x86_1(b, 0xc4);
	x86_1(b, (~d >> 3 & 1) << 7 | 0x40 | (~s2 >> 3 & 1) << 5 | map);
	x86_1(b, w << 7 | (~s1 & 15) << 3 | pp);
	x86_1(b, opc);
	x86_1(b, 0xc0 | (d & 7) << 3 | (s2 & 7));
}

/* With a constant of the code cache as the last operand. */
static inline void vex_constant(struct x86_buf *b, unsigned int pp, unsigned int opc,
				unsigned int d, unsigned int s1, const uint8_t *at)
{
	x86_1(b, 0xc4);
	x86_1(b, (~d >> 3 & 1) << 7 | 0x60 | MAP_0F);
	x86_1(b, (~s1 & 15) << 3 | pp);
	x86_1(b, opc);
	x86_1(b, (d & 7) << 3 | 5);
	x86_imm32(b, (int32_t)(at - (b->p + 4)));
}

static inline void mov_xx(struct x86_buf *b, unsigned int d, unsigned int s)
{
	if (d != s)
		vex(b, P_NONE, MAP_0F, 0, 0x28, d, 0, s); /* vmovaps */
}

/* vmovq and vmovd between xmm and general registers. */
static inline void mov_xr(struct x86_buf *b, unsigned int w, unsigned int x, unsigned int r)
{
	vex(b, P_66, MAP_0F, w, 0x6e, x, 0, r);
}

static inline void mov_rx(struct x86_buf *b, unsigned int w, unsigned int r, unsigned int x)
{
	vex(b, P_66, MAP_0F, w, 0x7e, x, 0, r);
}

static inline unsigned int rep_prefix(unsigned int rep)
{
	return rep == REP_S ? 0xf3 : 0xf2;
}

static inline void load_x(struct x86_buf *b, unsigned int rep, unsigned int x, int32_t off)
{
	x86_prm(b, rep_prefix(rep), 0, 0x0f10, x, RBP, off);
}

static inline void store_x(struct x86_buf *b, unsigned int rep, unsigned int x, int32_t off)
{
	x86_prm(b, rep_prefix(rep), 0, 0x0f11, x, RBP, off);
}

/* test dword [rbp + off], imm */
static inline void test_mi(struct x86_buf *b, int32_t off, uint32_t imm)
{
	x86_opcode(b, 0, 0, 0, 0, RBP, 0xf7, false);
	x86_modrm_mem(b, 0, RBP, off);
	x86_imm32(b, (int32_t)imm);
}

#endif
