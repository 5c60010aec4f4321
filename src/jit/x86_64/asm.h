/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An assembler for the x86-64 instructions the translator uses: each function appends one
 * instruction to a buffer. `w` is 1 for a 64-bit operation, 0 for 32 bits. Operand order is
 * Intel's.
 */
#ifndef PARAVANE_JIT_X86_64_ASM_H
#define PARAVANE_JIT_X86_64_ASM_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

enum x86_reg {
	RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15,
	X86_NR_REGS
};

/* Condition codes as in jcc, setcc, cmovcc; cond ^ 1 is the opposite. */
enum x86_cond {
	CC_O, CC_NO, CC_B, CC_AE, CC_E, CC_NE, CC_BE, CC_A, CC_S, CC_NS, CC_P, CC_NP,
	CC_L, CC_GE, CC_LE, CC_G
};

/* Two-operand arithmetic: the /digit of the immediate form; the r, r/m form is digit * 8 + 3. */
enum x86_alu { X86_ADD, X86_OR, X86_ADC, X86_SBB, X86_AND, X86_SUB, X86_XOR, X86_CMP };
/* Shifts: the /digit. */
enum x86_shift { X86_ROL, X86_ROR, X86_SHL = 4, X86_SHR = 5, X86_SAR = 7 };

struct x86_buf {
	uint8_t *p, *end;
	bool full; /* something did not fit: the translation is thrown away */
};

static inline void x86_bytes(struct x86_buf *b, const void *bytes, unsigned int n)
{
	if ((uint64_t)(b->end - b->p) < n) {
		b->full = true;
		return;
	}
	memcpy(b->p, bytes, n);
	b->p += n;
}

static inline void x86_1(struct x86_buf *b, unsigned int byte)
{
	uint8_t v = (uint8_t)byte;

	x86_bytes(b, &v, 1);
}

static inline void x86_imm32(struct x86_buf *b, int32_t v)
{
	x86_bytes(b, &v, 4);
}

/*
 * Optional mandatory prefix (0 for none), rex, then a one- to three-byte opcode (0x0fXX, 0x0f38XX).
 */
static inline void x86_opcode(struct x86_buf *b, unsigned int prefix, unsigned int w,
			      unsigned int reg, unsigned int index, unsigned int base,
			      unsigned int opc, bool byte_reg)
{
	unsigned int rex = w << 3 | (reg >> 3) << 2 | (index >> 3) << 1 | base >> 3;

	if (prefix)
		x86_1(b, prefix);
	if (rex || byte_reg)
		x86_1(b, 0x40 | rex);
	if (opc > 0xffff)
		x86_1(b, opc >> 16);
	if (opc > 0xff)
		x86_1(b, opc >> 8 & 0xff);
	x86_1(b, opc & 0xff);
}

/* op reg, rm (both registers) */
static inline void x86_rr(struct x86_buf *b, unsigned int w, unsigned int opc, unsigned int reg,
			  unsigned int rm)
{
	x86_opcode(b, 0, w, reg, 0, rm, opc, false);
	x86_1(b, 0xc0 | (reg & 7) << 3 | (rm & 7));
}

/* ModRM.mod for a displacement: none, of a byte, of four. Without one rbp and r13 are no base. */
static inline unsigned int x86_mod(unsigned int base, int32_t disp)
{
	if (!disp && (base & 7) != RBP)
		return 0;
	return disp >= -128 && disp <= 127 ? 0x40 : 0x80;
}

static inline void x86_disp(struct x86_buf *b, unsigned int mod, int32_t disp)
{
	if (mod == 0x40)
		x86_1(b, (uint8_t)disp);
	else if (mod)
		x86_imm32(b, disp);
}

static inline void x86_modrm_mem(struct x86_buf *b, unsigned int reg, unsigned int base,
				 int32_t disp)
{
	unsigned int mod = x86_mod(base, disp);

	x86_1(b, mod | (reg & 7) << 3 | (base & 7));
	if ((base & 7) == RSP)
		x86_1(b, 0x24);
	x86_disp(b, mod, disp);
}

/* op reg, [base + disp], or op [base + disp], reg by the opcode */
static inline void x86_rm(struct x86_buf *b, unsigned int w, unsigned int opc, unsigned int reg,
			  unsigned int base, int32_t disp)
{
	x86_opcode(b, 0, w, reg, 0, base, opc, false);
	x86_modrm_mem(b, reg, base, disp);
}

/* The same with a prefix (0x66, 0xf2, 0xf3). */
static inline void x86_prm(struct x86_buf *b, unsigned int prefix, unsigned int w, unsigned int opc,
			   unsigned int reg, unsigned int base, int32_t disp)
{
	x86_opcode(b, prefix, w, reg, 0, base, opc, false);
	x86_modrm_mem(b, reg, base, disp);
}

/*
 * op reg, [base + index * (1 << scale) + disp]; index is not RSP. `byte_reg`: reg is an 8-bit one
 */
static inline void x86_rmx(struct x86_buf *b, unsigned int prefix, unsigned int w, unsigned int opc,
			   unsigned int reg, unsigned int base, unsigned int index,
			   unsigned int scale, int32_t disp, bool byte_reg)
{
	unsigned int mod = x86_mod(base, disp);

	x86_opcode(b, prefix, w, reg, index, base, opc, byte_reg);
	x86_1(b, mod | 4 | (reg & 7) << 3);
	x86_1(b, scale << 6 | (index & 7) << 3 | (base & 7));
	x86_disp(b, mod, disp);
}

static inline void x86_mov_rr(struct x86_buf *b, unsigned int dst, unsigned int src)
{
	if (dst != src)
		x86_rr(b, 1, 0x8b, dst, src);
}

static inline void x86_load(struct x86_buf *b, unsigned int w, unsigned int dst, unsigned int base,
			    int32_t disp)
{
	x86_rm(b, w, 0x8b, dst, base, disp);
}

static inline void x86_store(struct x86_buf *b, unsigned int w, unsigned int base, int32_t disp,
			     unsigned int src)
{
	x86_rm(b, w, 0x89, src, base, disp);
}

/* Does not touch the flags. */
static inline void x86_mov_imm(struct x86_buf *b, unsigned int dst, uint64_t imm)
{
	if (imm <= 0xffffffff) {
		x86_opcode(b, 0, 0, 0, 0, dst, 0xb8 | (dst & 7), false);
		x86_imm32(b, (int32_t)imm);
	} else if ((int64_t)imm == (int32_t)imm) {
		x86_opcode(b, 0, 1, 0, 0, dst, 0xc7, false);
		x86_1(b, 0xc0 | (dst & 7));
		x86_imm32(b, (int32_t)imm);
	} else {
		x86_opcode(b, 0, 1, 0, 0, dst, 0xb8 | (dst & 7), false);
		x86_bytes(b, &imm, 8);
	}
}

static inline void x86_alu_rr(struct x86_buf *b, unsigned int w, enum x86_alu op, unsigned int dst,
			      unsigned int src)
{
	x86_rr(b, w, (unsigned int)op << 3 | 3, dst, src);
}

static inline void x86_alu_ri(struct x86_buf *b, unsigned int w, enum x86_alu op, unsigned int dst,
			      int32_t imm)
{
	bool small = imm >= -128 && imm <= 127;

	x86_opcode(b, 0, w, 0, 0, dst, small ? 0x83 : 0x81, false);
	x86_1(b, 0xc0 | op << 3 | (dst & 7));
	if (small)
		x86_1(b, (uint8_t)imm);
	else
		x86_imm32(b, imm);
}

static inline void x86_alu_rm(struct x86_buf *b, unsigned int w, enum x86_alu op, unsigned int dst,
			      unsigned int base, int32_t disp)
{
	x86_rm(b, w, (unsigned int)op << 3 | 3, dst, base, disp);
}

/* op dword/qword [base + disp], imm */
static inline void x86_alu_mi(struct x86_buf *b, unsigned int w, enum x86_alu op, unsigned int base,
			      int32_t disp, int32_t imm)
{
	bool small = imm >= -128 && imm <= 127;

	x86_opcode(b, 0, w, 0, 0, base, small ? 0x83 : 0x81, false);
	x86_modrm_mem(b, op, base, disp);
	if (small)
		x86_1(b, (uint8_t)imm);
	else
		x86_imm32(b, imm);
}

/* cmp byte [base + disp], imm8 */
static inline void x86_cmp8_mi(struct x86_buf *b, unsigned int base, int32_t disp, unsigned int imm)
{
	x86_opcode(b, 0, 0, 0, 0, base, 0x80, false);
	x86_modrm_mem(b, X86_CMP, base, disp);
	x86_1(b, imm);
}

/* mov byte [base + disp], imm8; mov dword/qword [base + disp], imm32 */
static inline void x86_mov8_mi(struct x86_buf *b, unsigned int base, int32_t disp, unsigned int imm)
{
	x86_opcode(b, 0, 0, 0, 0, base, 0xc6, false);
	x86_modrm_mem(b, 0, base, disp);
	x86_1(b, imm);
}

static inline void x86_mov_mi(struct x86_buf *b, unsigned int w, unsigned int base, int32_t disp,
			      int32_t imm)
{
	x86_opcode(b, 0, w, 0, 0, base, 0xc7, false);
	x86_modrm_mem(b, 0, base, disp);
	x86_imm32(b, imm);
}

static inline void x86_test_rr(struct x86_buf *b, unsigned int w, unsigned int a, unsigned int c)
{
	x86_rr(b, w, 0x85, a, c);
}

static inline void x86_shift_ri(struct x86_buf *b, unsigned int w, enum x86_shift op,
				unsigned int dst, unsigned int count)
{
	x86_opcode(b, 0, w, 0, 0, dst, 0xc1, false);
	x86_1(b, 0xc0 | op << 3 | (dst & 7));
	x86_1(b, count);
}

/* By cl. */
static inline void x86_shift_rcl(struct x86_buf *b, unsigned int w, enum x86_shift op,
				 unsigned int dst)
{
	x86_opcode(b, 0, w, 0, 0, dst, 0xd3, false);
	x86_1(b, 0xc0 | op << 3 | (dst & 7));
}

/* shrd dst, src, count: dst = low half of (src : dst) >> count */
static inline void x86_shrd(struct x86_buf *b, unsigned int dst, unsigned int src,
			    unsigned int count)
{
	x86_rr(b, 1, 0x0fac, src, dst);
	x86_1(b, count);
}

/* not, neg: /2, /3 */
static inline void x86_not(struct x86_buf *b, unsigned int dst)
{
	x86_opcode(b, 0, 1, 0, 0, dst, 0xf7, false);
	x86_1(b, 0xc0 | 2 << 3 | (dst & 7));
}

static inline void x86_neg(struct x86_buf *b, unsigned int dst)
{
	x86_opcode(b, 0, 1, 0, 0, dst, 0xf7, false);
	x86_1(b, 0xc0 | 3 << 3 | (dst & 7));
}

static inline void x86_lea(struct x86_buf *b, unsigned int dst, unsigned int base, int32_t disp)
{
	x86_rm(b, 1, 0x8d, dst, base, disp);
}

/* lea dst, [base + index << scale] */
static inline void x86_lea_x(struct x86_buf *b, unsigned int dst, unsigned int base,
			     unsigned int index, unsigned int scale)
{
	x86_rmx(b, 0, 1, 0x8d, dst, base, index, scale, 0, false);
}

static inline void x86_setcc_m(struct x86_buf *b, enum x86_cond cc, unsigned int base, int32_t disp)
{
	x86_rm(b, 0, 0x0f90u | cc, 0, base, disp);
}

static inline void x86_cmov(struct x86_buf *b, enum x86_cond cc, unsigned int dst, unsigned int src)
{
	x86_rr(b, 1, 0x0f40u | cc, dst, src);
}

/* bt reg, bit */
static inline void x86_bt(struct x86_buf *b, unsigned int reg, unsigned int bit)
{
	x86_opcode(b, 0, 1, 0, 0, reg, 0x0fba, false);
	x86_1(b, 0xc0 | 4 << 3 | (reg & 7));
	x86_1(b, bit);
}

/* jcc/jmp with a 32-bit displacement to be patched; returns where it is. */
static inline uint8_t *x86_jcc(struct x86_buf *b, enum x86_cond cc)
{
	x86_1(b, 0x0f);
	x86_1(b, 0x80 | cc);
	x86_imm32(b, 0);
	return b->p - 4;
}

static inline uint8_t *x86_jmp(struct x86_buf *b)
{
	x86_1(b, 0xe9);
	x86_imm32(b, 0);
	return b->p - 4;
}

static inline void x86_patch(struct x86_buf *b, uint8_t *at, const uint8_t *target)
{
	int32_t rel = (int32_t)(target - (at + 4));

	if (!b->full)
		memcpy(at, &rel, 4);
}

/* call through rax */
static inline void x86_call(struct x86_buf *b, const void *fn)
{
	x86_mov_imm(b, RAX, (uint64_t)(uintptr_t)fn);
	x86_1(b, 0xff);
	x86_1(b, 0xd0);
}

#endif
