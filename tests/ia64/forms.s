// SPDX-License-Identifier: GPL-2.0-or-later
// Every form of loads and stores with every way to update the base, and registers that have no test of their own
// elsewhere: SDM 3:2 "ld", "ldf", "ldfp", "st", "stf", "mov"; 1:3.1.11; 2:6.5.5.
	.include "lib.s"

	.set W0, 0x8877665544332211

	// insn with an update operand; r10 points to data before, r11 (f6) has the value after.
	.macro load insn, value, name
	movl r10 = data
	mov r11 = 0
	mov r14 = 24
	invala
	\insn
	is r11, \value, "\name: value"
	.endm
	.macro load_updates op, value
	load "\op r11 = [r10]", \value, "\op"
	is r10, data, "\op: base"
	load "\op r11 = [r10], -64", \value, "\op, immediate update"
	is r10, data-64, "\op, immediate update: base"
	load "\op r11 = [r10], r14", \value, "\op, register update"
	is r10, data+24, "\op, register update: base"
	.endm
	.macro fload_updates op, se, sig
	movl r10 = data
	mov r14 = 24
	invala
	\op f6 = [r10]
	fr_is f6, \se, \sig, "\op: value"
	is r10, data, "\op: base"
	invala
	mov f6 = f0
	\op f6 = [r10], -64
	fr_is f6, \se, \sig, "\op, immediate update: value"
	is r10, data-64, "\op, immediate update: base"
	movl r10 = data
	invala
	mov f6 = f0
	\op f6 = [r10], r14
	fr_is f6, \se, \sig, "\op, register update: value"
	is r10, data+24, "\op, register update: base"
	.endm
	.macro store_updates op, value, after
	movl r10 = data+32
	movl r11 = \value
	st8 [r10] = r0
	\op [r10] = r11, 48
	is r10, data+80, "\op, immediate update: base"
	mem_is data+32, \after, "\op, immediate update: memory"
	movl r10 = data+32
	st8 [r10] = r0
	\op [r10] = r11
	is r10, data+32, "\op: base"
	mem_is data+32, \after, "\op: memory"
	.endm

	.global main
main:
	alloc r4 = ar.pfs, 0, 8, 0, 8
	mov r1 = 1
	.irp t, , .s, .a, .sa, .bias, .acq, .c.nc, .c.clr, .c.clr.acq
	load_updates ld1\t, W0&0xff
	load_updates ld2\t, W0&0xffff
	load_updates ld4\t, W0&0xffffffff
	load_updates ld8\t, W0
	.endr
	mov ar.unat = r0
	load_updates ld8.fill, W0
	// ld.c that hits leaves the target, but updates the base
	movl r10 = data
	ld4.a r11 = [r10]
	mov r11 = 5
	ld4.c.nc r11 = [r10], 8
	is r11, 5, "ld4.c.nc with update, hit: value stays"
	is r10, data+8, "ld4.c.nc with update, hit: base is updated"
	movl r10 = data
	mov r14 = 16
	ld4.c.clr r11 = [r10], r14
	is r11, 5, "ld4.c.clr with register update, hit: value stays"
	is r10, data+16, "ld4.c.clr with register update, hit: base is updated"
	// W0 as a double: biased exponent 0x087, negative; register exponent 0x087 - 0x3ff + 0xffff
	.irp t, , .s, .a, .sa, .c.nc, .c.clr
	fload_updates ldfd\t, 0x20000|(0x087-0x3ff+0xffff), 1<<63|((W0&0xfffffffffffff)<<11)
	fload_updates ldfs\t, 0x88-0x7f+0xffff, 1<<63|((0x44332211&0x7fffff)<<40)
	fload_updates ldf8\t, 0x1003e, W0
	fload_updates ldfe\t, 0x0300-0x3fff+0xffff, W0
	.endr
	fload_updates ldf.fill, 0x10300, W0
	.macro pair op, size, se1, sig1, se2, sig2
	.irp t, , .s, .a, .sa, .c.nc, .c.clr
	movl r10 = data
	invala
	\op\t f6, f7 = [r10]
	fr_is f6, \se1, \sig1, "\op\t: first"
	fr_is f7, \se2, \sig2, "\op\t: second"
	invala
	mov f6 = f0
	mov f9 = f0
	\op\t f6, f9 = [r10], \size
	fr_is f6, \se1, \sig1, "\op\t, update: first"
	fr_is f9, \se2, \sig2, "\op\t, update: second"
	is r10, data+\size, "\op\t, update: base"
	.endr
	.endm
	pair ldfps, 8, 0x88-0x7f+0xffff, 1<<63|((0x44332211&0x7fffff)<<40), 0x20000|(0x10-0x7f+0xffff), 1<<63|((0x88776655&0x7fffff)<<40)
	pair ldfp8, 16, 0x1003e, W0, 0x1003e, 0x10300
	pair ldfpd, 16, 0x20000|(0x087-0x3ff+0xffff), 1<<63|((W0&0xfffffffffffff)<<11), 0xfc01, 0x10300<<11
	// a check of a pair that hits leaves both
	movl r10 = data
	ldfpd.a f6, f7 = [r10]
	mov f6 = f1
	mov f7 = f1
	ldfpd.c.nc f6, f7 = [r10], 16
	fr_is f6, 0xffff, 1<<63, "ldfpd.c.nc, hit: first stays"
	fr_is f7, 0xffff, 1<<63, "ldfpd.c.nc, hit: second stays"
	is r10, data+16, "ldfpd.c.nc, hit: base is updated"
	// deferral of pairs
	movl r10 = 1<<55
	ldfps.s f6, f7 = [r10]
	fr_is f6, 0x1fffe, 0, "ldfps.s deferred: first"
	fr_is f7, 0x1fffe, 0, "ldfps.s deferred: second"
	ldfe.s f6 = [r10]
	fr_is f6, 0x1fffe, 0, "ldfe.s deferred"
	ld2.sa r11 = [r10]
	is_nat r11, "ld2.sa deferred"

	.irp t, , .rel
	store_updates st1\t, W0, W0&0xff
	store_updates st2\t, W0, W0&0xffff
	store_updates st4\t, W0, W0&0xffffffff
	store_updates st8\t, W0, W0
	.endr
	store_updates st8.spill, W0, W0
	.macro fstore op, after
	movl r10 = data
	ldf.fill f6 = [r10]
	movl r10 = data+32
	st8 [r10] = r0
	\op [r10] = f6, 48
	is r10, data+80, "\op, immediate update: base"
	mem_is data+32, \after, "\op, immediate update: memory"
	.endm
	fstore stf8, W0
	fstore stf.spill, W0
	fstore stfe, W0
	// Semaphores of two bytes, and with each ordering
	movl r10 = data+32
	.macro sem op, before, ccv, value, returned, after
	movl r11 = \before
	st8 [r10] = r11
	movl r11 = \ccv
	mov ar.ccv = r11
	movl r12 = \value
	\op
	is r13, \returned, "\op: returns"
	mem_is data+32, \after, "\op: memory"
	.endm
	.irp o, acq, rel
	sem "cmpxchg1.\o r13 = [r10], r12, ar.ccv", W0, 0x11, 0xaabb, 0x11, W0-0x11+0xbb
	sem "cmpxchg2.\o r13 = [r10], r12, ar.ccv", W0, 0x2211, 0xaabbcc, 0x2211, W0-0x2211+0xbbcc
	sem "cmpxchg2.\o r13 = [r10], r12, ar.ccv", W0, 0x2212, 0xaabbcc, 0x2211, W0
	sem "cmpxchg4.\o r13 = [r10], r12, ar.ccv", W0, 0x44332211, 7, 0x44332211, W0-0x44332211+7
	sem "cmpxchg4.\o r13 = [r10], r12, ar.ccv", W0, 0xffffffff44332211, 7, 0x44332211, W0
	sem "cmpxchg8.\o r13 = [r10], r12, ar.ccv", W0, W0, 7, W0, 7
	sem "cmpxchg8.\o r13 = [r10], r12, ar.ccv", W0, 0, 7, W0, W0
	sem "fetchadd4.\o r13 = [r10], -16", 5, 0, 0, 5, 0xfffffff5
	sem "fetchadd4.\o r13 = [r10], 4", 0xfffffffe, 0, 0, 0xfffffffe, 2
	sem "fetchadd8.\o r13 = [r10], -8", 5, 0, 0, 5, -3
	sem "fetchadd8.\o r13 = [r10], 16", -1, 0, 0, -1, 15
	.endr
	sem "xchg1 r13 = [r10], r12", W0, 0, 0x1ff, 0x11, W0-0x11+0xff
	sem "xchg2 r13 = [r10], r12", W0, 0, 0x1fffe, 0x2211, W0-0x2211+0xfffe
	sem "xchg4 r13 = [r10], r12", W0, 0, 0x1fffffffe, 0x44332211, W0-0x44332211+0xfffffffe
	sem "xchg8 r13 = [r10], r12", W0, 0, 1, W0, 1
	.irp i, -16, -8, -4, -1, 1, 4, 8, 16
	sem "fetchadd8.acq r13 = [r10], \i", 1000, 0, 0, 1000, 1000+\i
	.endr

	// ---- rotated FP registers in pairs, checks and moves ----
	clrrrb
	mov ar.lc = 0
	mov ar.ec = 1
	movl r10 = data
	ldfp8.a f33, f34 = [r10]
	br.ctop.sptk .Lrot
.Lrot:	fr_is f34, 0x1003e, W0, "rotation: f33 is f34"
	fr_is f35, 0x1003e, 0x10300, "rotation: f34 is f35"
	chk.a.nc f34, .Lbad
	ldfp8 f32, f33 = [r10]
	fr_is f32, 0x1003e, W0, "rotated ldfp8"
	fr_is f33, 0x1003e, 0x10300, "rotated ldfp8: second"
	// f31 (static, odd) and f32, rotated by one: physical f127, odd too: Illegal Operation (SDM 3:2 "ldfp")
	expect 9f
8:	ldfp8 f31, f32 = [r10]
	not_reached "ldfp8 f31, f32 rotated (went on)"
9:	fault_is V_GENEX, 0, 8b, "ldfp8 to two odd physical registers"
	clrrrb
	expect 9f
	ldfp8 f31, f32 = [r10]
9:	no_fault "ldfp8 f31, f32 without rotation"

	// ---- processor identification: SDM 1:3.1.11 ----
	.macro cpuid_reg n
	mov r2 = \n
	mov r11 = cpuid[r2]
	.endm
	cpuid_reg 0
	is r11, 0x49656e69756e6547, "cpuid 0: GenuineI"
	cpuid_reg 1
	is r11, 0x6c65746e, "cpuid 1: ntel"
	cpuid_reg 3
	extr.u r12 = r11, 24, 8
	is r12, 0x1f, "cpuid 3: family of Itanium 2"
	extr.u r12 = r11, 0, 8
	is r12, 4, "cpuid 3: number of the last register"
	cpuid_reg 4
	tbit.nz p8, p0 = r11, 0
	is p8, 1, "cpuid 4: lb, brl is there"
	tbit.nz p8, p0 = r11, 2
	is p8, 1, "cpuid 4: ao, 16-byte atomics are there"

	// ---- breakpoint and other indirect registers read back ----
	.macro readback file, index, value, seen
	mov r11 = \index
	movl r12 = \value
	mov \file[r11] = r12
	mov r13 = \file[r11]
	is r13, \seen, "\file \index: \value"
	.endm
	readback dbr, 0, 0x123456789abcdef0, 0x123456789abcdef0
	readback dbr, 6, -1, -1
	readback dbr, 7, 0x0f00000000000000, 0x0f00000000000000
	readback ibr, 2, 0x1000, 0x1000
	readback ibr, 3, 0x0f00000000000000, 0x0f00000000000000
	readback pkr, 4, 0x12345602, 0x12345602
	readback pmd, 5, 0x7fffffffffff, 0x7fffffffffff
	readback ibr, 3, 0, 0
	readback dbr, 7, 0, 0
	// control registers
	.macro cr_readback cr, value, seen
	movl r12 = \value
	mov cr.\cr = r12
	mov r13 = cr.\cr
	is r13, \seen, "cr.\cr: \value"
	.endm
	rsm PSR_IC
	srlz.d
	cr_readback iip, 0x1234567890, 0x1234567890
	cr_readback ifa, 0x123456789abcdef1, 0x123456789abcdef1
	cr_readback iipa, 0x1230, 0x1230
	cr_readback iim, -1, -1
	cr_readback ifs, 1<<63|8<<7|8, 1<<63|8<<7|8
	cr_readback isr, 0x600000010, 0x600000010
	ssm PSR_IC
	srlz.d
	cr_readback dcr, 0x7f07, 0x7f07
	cr_readback dcr, 0, 0
	cr_readback itv, 0x10040, 0x10040
	cr_readback pmv, 0x10050, 0x10050
	cr_readback cmcv, 0x10060, 0x10060
	cr_readback lrr0, 0x10000, 0x10000
	cr_readback tpr, 0x100f0, 0x100f0
	cr_readback tpr, 0, 0
	// application registers
	.macro ar_readback ar, value, seen
	movl r12 = \value
	mov \ar = r12
	mov r13 = \ar
	is r13, \seen, "\ar: \value"
	.endm
	ar_readback ar.k0, -1, -1
	ar_readback ar.k4, W0, W0
	ar_readback ar.ccv, -1, -1
	ar_readback ar.unat, W0, W0
	ar_readback ar.lc, -1, -1
	ar_readback ar.ec, 0xff, 0x3f
	ar_readback ar.pfs, 3<<62|0x3f<<52|0x3fffffffff, 3<<62|0x3f<<52|0x3fffffffff
	ar_readback ar.csd, -1, -1
	ar_readback ar.fpsr, 0x9804c0270033f, 0x9804c0270033f
	mov ar.ec = 0
	mov ar.lc = 9
	mov r13 = ar.lc
	is r13, 9, "mov of an immediate to ar.lc"
	mov.m ar.ccv = -3
	mov r13 = ar.ccv
	is r13, -3, "mov of an immediate to ar.ccv: sign-extended"
	expect 9f
8:	mov.m r11 = ar45
	not_reached "mov from ar45 (went on)"
9:	fault_is V_GENEX, 0, 8b, "mov from ar45 (ar.ruc came later)"
	expect 9f
8:	mov r11 = msr[r0]
	not_reached "mov from msr (went on)"
9:	reached "mov from msr faults"
	expect 9f
	mov r11 = 100
	mov r12 = pmc[r11]
	mov r13 = pmd[r11]
9:	no_fault "pmc and pmd that are not implemented"
	is r12, 0, "pmc 100 reads 0"
	is r13, 0, "pmd 100 reads 0"

	// ---- br.ret with a frame that has no room: SDM 2:6.5.5 "Bad PFS used by Branch Return" ----
	alloc r4 = ar.pfs, 0, 0, 0, 0
	flushrs
	alloc r4 = ar.pfs, 0, 20, 0, 0
	br.call.sptk b1 = badpfs
	not_reached "br.ret with a bad pfs returned here"
.Lbadpfs:
	expect 9f
8:	mov r32 = 1
	not_reached "r32 after a bad pfs (went on)"
9:	fault_is V_GENEX, 0, 8b, "br.ret with a bad pfs: the frame is empty"
	// loadrs of more than there are registers: Illegal Operation
	alloc r4 = ar.pfs, 0, 0, 0, 0
	movl r10 = 99*8<<16
	mov ar.rsc = r10
	expect 9f
8:	loadrs
	not_reached "loadrs of 97 registers (went on)"
9:	fault_is V_GENEX, 0, 8b, "loadrs of more registers than there are"
	mov ar.rsc = 0

	// ---- a loop over more than a page, nop.x, hint ----
	mov ar.lc = 2
	mov r11 = 0
.Lfar:	adds r11 = 1, r11
	br.cond.sptk .Lfar2
	.skip 8192
.Lfar2:	nop.x 0x12345
	hint.x 0
	hint.i 0
	br.cloop.sptk .Lfar
	is r11, 3, "br.cloop to another page"
	end_program
.Lbad:	not_reached "chk.a of a rotated register missed"
	end_program

badpfs:	movl r10 = 96
	mov ar.pfs = r10
	movl r10 = .Lbadpfs
	mov b1 = r10
	br.ret.sptk b1

	.data
	.balign 1024
	.skip 128
data:	data8 W0
	data8 0x10300
	.skip 256
