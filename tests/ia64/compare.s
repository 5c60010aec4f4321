// SPDX-License-Identifier: GPL-2.0-or-later
// Compares and tests in every type, and what predicates do, against SDM 3:2 "cmp" (Tables 2-13 to 2-15),
// "cmp4", "tbit", "tnat" and SDM 1:4.3.
	.include "lib.s"

	// p8, p9 start as given, then the instruction, then they are as expected.
	.macro c insn, a, b, before8, before9, after8, after9
	movl r10 = \a
	movl r11 = \b
	cmp.eq p8, p0 = \before8, r1	// r1 is 1, as the default of r0
	cmp.eq p9, p0 = \before9, r1
	\insn
	is p8, \after8, "\insn: \a, \b, \before8 \before9: first"
	is p9, \after9, "\insn: \a, \b, \before8 \before9: second"
	.endm

	// A relation that holds (yes) or not (no) for r10, r11: types none and unc, from both states.
	.macro plain op, operands, a, b, holds
	c "\op p8, p9 = \operands", \a, \b, 0, 0, \holds, 1-\holds
	c "\op p8, p9 = \operands", \a, \b, 1, 1, \holds, 1-\holds
	c "\op\().unc p8, p9 = \operands", \a, \b, 1, 1, \holds, 1-\holds
	c "(p7) \op p8, p9 = \operands", \a, \b, 0, 1, 0, 1
	c "(p7) \op\().unc p8, p9 = \operands", \a, \b, 1, 1, 0, 0
	.endm
	// Types and, or, or.andcm: and clears both if the relation does not hold, or sets both if it does.
	.macro parallel op, operands, a, b, holds
	c "\op\().and p8, p9 = \operands", \a, \b, 1, 1, \holds, \holds
	c "\op\().and p8, p9 = \operands", \a, \b, 0, 1, 0, \holds
	c "\op\().or p8, p9 = \operands", \a, \b, 0, 0, \holds, \holds
	c "\op\().or p8, p9 = \operands", \a, \b, 1, 0, 1, \holds
	c "\op\().or.andcm p8, p9 = \operands", \a, \b, 0, 1, \holds, 1-\holds
	c "\op\().or.andcm p8, p9 = \operands", \a, \b, 1, 0, 1, 0
	c "(p7) \op\().and p8, p9 = \operands", \a, \b, 1, 1, 1, 1
	c "(p7) \op\().or p8, p9 = \operands", \a, \b, 0, 0, 0, 0
	c "(p7) \op\().or.andcm p8, p9 = \operands", \a, \b, 0, 1, 0, 1
	.endm
	// Pseudo-types that swap or complement the targets, SDM 3:2 "cmp", Table 2-14.
	.macro complement op, operands, a, b, holds
	c "\op\().or.andcm p8, p9 = \operands", \a, \b, 0, 1, \holds, 1-\holds
	c "\op\().and.orcm p8, p9 = \operands", \a, \b, 1, 0, \holds, 1-\holds
	c "\op\().andcm p8, p9 = \operands", \a, \b, 1, 1, 1-\holds, 1-\holds
	c "\op\().orcm p8, p9 = \operands", \a, \b, 0, 0, 1-\holds, 1-\holds
	.endm

	.global main
main:
	mov r1 = 1
	cmp.ne p7, p0 = r0, r0	// p7 = 0
	// ---- relations; a negative number is less than a positive one but for ltu ----
	.set BIG, 0x8000000000000000
	.set MINUS1, 0xffffffffffffffff
	plain cmp.eq, "r10, r11", BIG, BIG, 1
	plain cmp.eq, "r10, r11", BIG, 0, 0
	plain cmp.ne, "r10, r11", BIG, 0, 1
	plain cmp.lt, "r10, r11", MINUS1, 0, 1
	plain cmp.lt, "r10, r11", 5, 5, 0
	plain cmp.ltu, "r10, r11", MINUS1, 0, 0
	plain cmp.ltu, "r10, r11", 0, MINUS1, 1
	plain cmp.le, "r10, r11", 5, 5, 1
	plain cmp.gt, "r10, r11", 5, MINUS1, 1
	plain cmp.ge, "r10, r11", BIG, MINUS1, 0
	plain cmp.leu, "r10, r11", BIG, MINUS1, 1
	plain cmp.gtu, "r10, r11", BIG, MINUS1, 0
	plain cmp.geu, "r10, r11", BIG, 1, 1
	plain cmp.eq, "-128, r11", 0, 0xffffffffffffff80, 1
	plain cmp.lt, "-1, r11", 0, 0, 1
	plain cmp.ltu, "-1, r11", 0, 0, 0
	plain cmp.gt, "127, r11", 0, 126, 1
	plain cmp.leu, "-127, r11", 0, 0xffffffffffffff80, 0

	// cmp4 looks at bits 31:0 only.
	plain cmp4.eq, "r10, r11", 0x1111111180000000, 0x2222222280000000, 1
	plain cmp4.eq, "r10, r11", 0x1111111180000000, 0x1111111180000001, 0
	plain cmp4.lt, "r10, r11", 0x0000000080000000, 0x8000000000000000, 1
	plain cmp4.lt, "r10, r11", 0xffffffff7fffffff, 0x00000000ffffffff, 0
	plain cmp4.ltu, "r10, r11", 0xffffffff7fffffff, 0x00000000ffffffff, 1
	plain cmp4.eq, "-1, r11", 0, 0x00000000ffffffff, 1
	plain cmp4.lt, "5, r11", 0, 0xffffffff00000006, 1

	parallel cmp.eq, "r10, r11", 7, 7, 1
	parallel cmp.eq, "r10, r11", 7, 8, 0
	parallel cmp.ne, "r10, r11", 7, 8, 1
	parallel cmp.ne, "r10, r11", 7, 7, 0
	parallel cmp.eq, "-5, r11", 0, -5, 1
	parallel cmp.ne, "-5, r11", 0, -5, 0
	parallel cmp.gt, "r0, r11", 0, MINUS1, 1
	parallel cmp.gt, "r0, r11", 0, 0, 0
	parallel cmp.le, "r0, r11", 0, 0, 1
	parallel cmp.le, "r0, r11", 0, BIG, 0
	parallel cmp.ge, "r0, r11", 0, 0, 1
	parallel cmp.ge, "r0, r11", 0, 1, 0
	parallel cmp.lt, "r0, r11", 0, 1, 1
	parallel cmp.lt, "r0, r11", 0, 0, 0
	parallel cmp4.eq, "r10, r11", 0x100000007, 0x200000007, 1
	parallel cmp4.ne, "r10, r11", 0x100000007, 0x200000007, 0
	parallel cmp4.gt, "r0, r11", 0, 0x80000000, 1
	parallel cmp4.lt, "r0, r11", 0, 0x80000000, 0
	parallel cmp4.ge, "r0, r11", 0, 0x100000000, 1
	parallel cmp4.le, "r0, r11", 0, 0x80000000, 0
	complement cmp.eq, "r10, r11", 7, 7, 1
	complement cmp.eq, "r10, r11", 7, 8, 0
	complement cmp.lt, "r0, r11", 0, 8, 1

	// ---- tbit, tnat ----
	plain tbit.z, "r10, 0", 0xfffffffffffffffe, 0, 1
	plain tbit.z, "r10, 63", BIG, 0, 0
	plain tbit.nz, "r10, 63", BIG, 0, 1
	parallel tbit.z, "r10, 5", 0x20, 0, 0
	parallel tbit.z, "r10, 5", 0xffffffffffffffdf, 0, 1
	parallel tbit.nz, "r10, 5", 0x20, 0, 1
	parallel tbit.nz, "r10, 5", 0, 0, 0
	plain tnat.z, "r10", 0, 0, 1
	plain tnat.nz, "r10", 0, 0, 0
	parallel tnat.z, "r10", 0, 0, 1
	parallel tnat.nz, "r10", 0, 0, 0

	// ---- NaT operands: none, unc and and clear both, or and or.andcm change nothing ----
	movl r12 = nat_source
	mov r13 = 1
	mov ar.unat = r13
	ld8.fill r20 = [r12]	// bits 8:3 of the address are 0: unat bit 0
	is_nat r20, "ld8.fill gives a NaT"
	.macro nats insn, before8, before9, after8, after9
	c "\insn", 0, 0, \before8, \before9, \after8, \after9
	.endm
	nats "cmp.eq p8, p9 = r20, r0", 1, 1, 0, 0
	nats "cmp.eq p8, p9 = r0, r20", 1, 1, 0, 0
	nats "cmp.lt p8, p9 = r20, r0", 1, 1, 0, 0
	nats "cmp.ltu.unc p8, p9 = r20, r20", 1, 1, 0, 0
	nats "cmp.ne.and p8, p9 = r20, r0", 1, 1, 0, 0
	nats "cmp.eq.and p8, p9 = r20, r0", 1, 1, 0, 0
	nats "cmp.eq.or p8, p9 = r20, r0", 0, 0, 0, 0
	nats "cmp.ne.or p8, p9 = r20, r0", 0, 1, 0, 1
	nats "cmp.ne.or p8, p9 = r20, r0", 1, 0, 1, 0
	nats "cmp.eq.or.andcm p8, p9 = r20, r0", 0, 1, 0, 1
	nats "cmp.ge.or.andcm p8, p9 = r0, r20", 1, 1, 1, 1
	nats "cmp.ge.and p8, p9 = r0, r20", 1, 1, 0, 0
	nats "cmp4.eq p8, p9 = r20, r0", 1, 1, 0, 0
	nats "cmp4.lt.unc p8, p9 = 5, r20", 1, 1, 0, 0
	nats "cmp4.eq.or p8, p9 = 0, r20", 0, 1, 0, 1
	nats "tbit.z p8, p9 = r20, 3", 1, 1, 0, 0
	nats "tbit.nz.unc p8, p9 = r20, 3", 1, 1, 0, 0
	nats "tbit.z.and p8, p9 = r20, 3", 1, 1, 0, 0
	nats "tbit.z.or p8, p9 = r20, 3", 0, 0, 0, 0
	nats "tbit.nz.or.andcm p8, p9 = r20, 3", 0, 1, 0, 1
	nats "tnat.z p8, p9 = r20", 1, 1, 0, 1
	nats "tnat.nz p8, p9 = r20", 0, 0, 1, 0
	nats "tnat.nz.and p8, p9 = r20", 1, 1, 1, 1
	nats "tnat.z.and p8, p9 = r20", 1, 1, 0, 0
	nats "tnat.nz.or p8, p9 = r20", 0, 0, 1, 1
	nats "tnat.z.or.andcm p8, p9 = r20", 0, 1, 0, 1

	// ---- p0 as a target is not written; equal targets are illegal (SDM 3:2 "cmp") ----
	cmp.eq p0, p8 = r0, r0
	is p0, 1, "cmp to p0: p0 stays 1"
	is p8, 0, "cmp to p0: the other target is written"
	cmp.ne p0, p8 = r0, r0
	is p0, 1, "cmp to p0 with 0: p0 stays 1"
	is p8, 1, "cmp to p0 with 0: the other target is written"

	end_program

	.data
	.balign 512
nat_source:
	data8 0x1234
