// SPDX-License-Identifier: GPL-2.0-or-later
// Data references: sizes, base updates, big-endian, unaligned and across pages, changed code (SDM 3:2 "ld", "st",
// "fc"; 2:4.5; 1:3.2).
	.include "lib.s"

	.set VA, 0x2000000000400000

	.global main
main:
	alloc r4 = ar.pfs, 0, 8, 0, 0
	mov r1 = 1
	movl r10 = data
	movl r13 = 0x8877665544332211
	st8 [r10] = r13
	// ---- sizes, zero extension ----
	ld1 r11 = [r10]
	is r11, 0x11, "ld1"
	ld2 r11 = [r10]
	is r11, 0x2211, "ld2"
	ld4 r11 = [r10]
	is r11, 0x44332211, "ld4"
	ld8 r11 = [r10]
	is r11, 0x8877665544332211, "ld8"
	adds r12 = 4, r10
	ld4 r11 = [r12]
	is r11, 0x88776655, "ld4 is zero-extended"
	adds r12 = 7, r10
	ld1 r11 = [r12]
	is r11, 0x88, "ld1 is zero-extended"
	movl r14 = 0xfffffffffffffffe
	adds r12 = 8, r10
	st8 [r12] = r0
	st1 [r12] = r14
	mem_is data+8, 0xfe, "st1"
	st8 [r12] = r0
	st2 [r12] = r14
	mem_is data+8, 0xfffe, "st2"
	st8 [r12] = r0
	st4 [r12] = r14
	mem_is data+8, 0xfffffffe, "st4"
	st8 [r12] = r14
	mem_is data+8, 0xfffffffffffffffe, "st8"
	// ---- base updates ----
	mov r12 = r10
	ld1 r11 = [r12], -256
	is r12, data-256, "load, update by -256"
	mov r12 = r10
	ld8 r11 = [r12], 255
	is r12, data+255, "load, update by 255"
	mov r12 = r10
	mov r15 = -8
	ld8 r11 = [r12], r15
	is r12, data-8, "load, update by a register"
	mov r12 = r10
	mov r15 = 16
	ld8 r15 = [r12], r15
	is r12, data+16, "load into its increment: the old increment counts"
	is r15, 0x8877665544332211, "load into its increment: the value"
	movl r12 = data+64
	st8 [r12] = r1, -64
	is r12, data, "store, update by -64"
	mem_is data+64, 1, "store with update goes to the old address"
	mov r12 = r10
	st8 [r12] = r12, 8
	mem_is data, data, "store of its own base: the old value"
	lfetch [r12], 128
	is r12, data+8+128, "lfetch: update"
	lfetch.excl.nt1 [r12], r1
	is r12, data+8+129, "lfetch: update by a register"
	lfetch.fault [r10], 8
	is r10, data+8, "lfetch.fault: update"
	movl r10 = data
	st8 [r10] = r13
	// ---- predicate off: nothing happens ----
	cmp.ne p6, p7 = r0, r0
	mov r11 = 5
	mov r12 = r10
	(p6) ld8 r11 = [r12], 8
	(p6) st8 [r12] = r0, 8
	(p6) ld8 r11 = [r0]
	(p6) xchg8 r11 = [r12], r0
	(p6) ld8.fill r11 = [r12], 8
	is r11, 5, "load, predicate off: target stays"
	is r12, data, "load and store, predicate off: base stays"
	mem_is data, 0x8877665544332211, "store, predicate off: memory stays"
	// ---- other completers load and store alike ----
	.macro ld_form form
	mov r11 = 0
	ld8\form r11 = [r10]
	is r11, 0x8877665544332211, "ld8\form"
	.endm
	.irp f, .acq, .bias, .nt1, .nta, .s, .acq.nta, .c.clr.acq, .c.nc
	ld_form \f
	.endr
	invala
	.irp f, .c.clr, .a
	ld_form \f
	.endr
	invala
	ld_form .sa
	invala
	.macro st_form form, value
	movl r11 = \value
	st8\form [r10] = r11
	mem_is data, \value, "st8\form"
	.endm
	st_form .rel, 0x1234
	st_form .nta, 0x5678
	st_form .rel.nta, 0x9abc

	// ---- big-endian: SDM 1:3.2.3 ----
	st8 [r10] = r13, 8
	movl r14 = 0x1122334455667788
	st8 [r10] = r14, -8
	sum PSR_BE
	ld1 r15 = [r10]
	ld2 r16 = [r10]
	ld4 r17 = [r10]
	ld8 r18 = [r10]
	adds r12 = 1, r10
	ld8 r19 = [r12]
	rum PSR_BE
	is r15, 0x11, "big-endian ld1"
	is r16, 0x1122, "big-endian ld2"
	is r17, 0x11223344, "big-endian ld4"
	is r18, 0x1122334455667788, "big-endian ld8"
	is r19, 0x2233445566778888, "big-endian ld8, unaligned"
	movl r12 = data+32
	sum PSR_BE
	st8 [r12] = r13, 8
	st4 [r12] = r13, 4
	st2 [r12] = r13, 2
	st1 [r12] = r13
	rum PSR_BE
	mem_is data+32, 0x1122334455667788, "big-endian st8"
	movl r12 = data+40
	ld4 r15 = [r12], 4
	is r15, 0x11223344, "big-endian st4"
	ld2 r15 = [r12], 2
	is r15, 0x1122, "big-endian st2"
	ld1 r15 = [r12]
	is r15, 0x11, "big-endian st1"
	sum PSR_BE
	ldfd f6 = [r10]
	ldfs f7 = [r10]
	ldf8 f8 = [r10]
	ldfps f9, f10 = [r10]
	ldfpd f11, f12 = [r10]
	rum PSR_BE
	getf.d r15 = f6
	is r15, 0x1122334455667788, "big-endian ldfd"
	getf.s r15 = f7
	is r15, 0x11223344, "big-endian ldfs"
	fr_is f8, 0x1003e, 0x1122334455667788, "big-endian ldf8"
	getf.s r15 = f9
	is r15, 0x11223344, "big-endian ldfps: first"
	getf.s r15 = f10
	is r15, 0x55667788, "big-endian ldfps: second"
	getf.d r15 = f11
	is r15, 0x1122334455667788, "big-endian ldfpd: first"
	getf.d r15 = f12
	is r15, 0x8877665544332211, "big-endian ldfpd: second"
	movl r12 = data+64
	movl r15 = 0x400921fb54442d18
	setf.d f6 = r15
	st8 [r12] = r0, 8
	st8 [r12] = r0, -8
	sum PSR_BE
	stfe [r12] = f6
	ldfe f7 = [r12]
	rum PSR_BE
	mem_is data+64, 0x6821a2da0fc90040, "big-endian stfe: exponent first"
	mem_is data+72, 0xc0, "big-endian stfe: the significand's end"
	getf.d r15 = f7
	is r15, 0x400921fb54442d18, "big-endian ldfe"
	sum PSR_BE
	stf.spill [r12] = f6
	ldf.fill f7 = [r12]
	st8.spill [r10] = r13
	ld8.fill r15 = [r10]
	rum PSR_BE
	fr_is f7, 0x10000, 0xc90fdaa22168c000, "big-endian stf.spill and ldf.fill"
	is r15, 0x8877665544332211, "big-endian st8.spill and ld8.fill"
	mem_is data, 0x1122334455667788, "big-endian st8.spill: bytes"
	mem_is data+72, 0x00c06821a2da0fc9, "big-endian stf.spill: significand in the second half"
	// semaphores
	st8 [r10] = r0
	sum PSR_BE
	fetchadd4.acq r15 = [r10], 1
	fetchadd8.acq r16 = [r10], 4
	rum PSR_BE
	mem_is data, 0x0400000001000000, "big-endian fetchadd4 and fetchadd8"
	is r16, 0x100000000, "big-endian fetchadd8: the old value"
	movl r15 = 0x0102030405060708
	sum PSR_BE
	xchg8 r16 = [r10], r15
	mov ar.ccv = r15
	cmpxchg8.acq r17 = [r10], r1, ar.ccv
	rum PSR_BE
	is r16, 0x100000004, "big-endian xchg8: the old value"
	is r17, 0x0102030405060708, "big-endian cmpxchg8: compares swapped"
	mem_is data, 0x0100000000000000, "big-endian cmpxchg8: stores swapped"
	movl r15 = 0x1111
	mov ar.csd = r15
	movl r12 = data+64
	movl r15 = 0x2222
	sum PSR_BE
	st16 [r12] = r15, ar.csd
	mov ar.csd = r0
	ld16 r16, ar.csd = [r12]
	rum PSR_BE
	mov r17 = ar.csd
	is r16, 0x2222, "big-endian st16 and ld16: low"
	is r17, 0x1111, "big-endian st16 and ld16: high"
	// instructions are little-endian always; dcr.be gives the handler's byte order
	expect 9f
	sum PSR_BE
8:	break.m 3
9:	fault_is V_BREAK, 0, 8b, "break with psr.be: little-endian instructions"

	// ---- unaligned, across pages, each half with a fault of its own ----
	virtual_on
	set_rr 1, 0x11<<8|12<<2
	insert_tc d, VA, pages+PTE_PAD+AR_RW, 12<<2
	insert_tc d, VA+0x1000, pages+0x2000+PTE_PAD+AR_RW, 12<<2
	movl r10 = VA+0xffd
	movl r13 = 0x8877665544332211
	st8 [r10] = r13
	ld8 r11 = [r10]
	is r11, 0x8877665544332211, "across pages: st8 and ld8"
	mem_is pages+0xff8, 0x3322110000000000, "across pages: the first"
	mem_is pages+0x2000, 0x0000008877665544, "across pages: the second, elsewhere"
	ldfd f6 = [r10]
	getf.d r11 = f6
	is r11, 0x8877665544332211, "across pages: ldfd"
	movl r2 = VA+0x1000
	mov r3 = 12<<2
	ptc.l r2, r3
	srlz.d
	expect 9f
8:	ld8 r11 = [r10]
	not_reached "across pages, the second missing (went on)"
9:	fault_is V_ALT_DTLB, ISR_R, 8b, "across pages, the second missing"
	recorded r11, REC_IFA
	shr.u r11 = r11, 12
	is r11, (VA+0x1000)>>12, "across pages, the second missing: ifa is in it"
	mov r14 = r0
	expect 9f
8:	st8 [r10] = r0
	not_reached "store across pages, the second missing (went on)"
9:	fault_is V_ALT_DTLB, ISR_W, 8b, "store across pages, the second missing"
	mem_is pages+0xff8, 0x3322110000000000, "store across pages, the second missing: nothing is stored"
	insert_tc d, VA+0x1000, pages+0x2000+PTE_PAD+AR_R, 12<<2
	expect 9f
8:	st8 [r10] = r0
	not_reached "store across pages, the second read-only (went on)"
9:	fault_is V_DRIGHTS, ISR_W, 8b, "store across pages, the second read-only"
	mem_is pages+0xff8, 0x3322110000000000, "store across pages, the second read-only: nothing is stored"

	// ---- changed code: fc.i, sync.i, srlz.i; on the same page and on another; in virtual and physical ----
	mov r12 = 0
	br.call.sptk b1 = changing
	is r11, 1, "code before it is changed"
	.macro change source
	movl r14 = \source
	movl r15 = changing
	ld8 r16 = [r14], 8
	ld8 r17 = [r14]
	st8 [r15] = r16, 8
	st8 [r15] = r17
	fc.i r15
	sync.i
	srlz.i
	.endm
	change to2
	br.call.sptk b1 = changing
	is r11, 2, "changed code, virtual"
	change to3
	br.call.sptk b1 = changing
	is r11, 3, "changed code, again"
	rsm PSR_DT
	srlz.d
	change to2
	br.call.sptk b1 = changing
	ssm PSR_DT
	srlz.d
	is r11, 2, "changed through physical memory, executed virtual"
	// the very next bundles
	movl r14 = to3
	movl r15 = next_bundle
	ld8 r16 = [r14], 8
	ld8 r17 = [r14]
	st8 [r15] = r16, 8
	st8 [r15] = r17
	fc r15
	sync.i
	srlz.i
	movl r16 = after
	mov b1 = r16
	br.cond.sptk next_bundle
	.balign 16
next_bundle:
	{ .mib
	mov r11 = 9
	nop.i 0
	br.ret.sptk b1
	}
after:	is r11, 3, "changed code ahead on the same page"
	// a loop that changes its own code 50 times
	mov r12 = 0
	mov r18 = 50
.Lsmc:	tbit.nz p8, p9 = r18, 0
	movl r14 = to2
	movl r16 = to3
	(p9) mov r14 = r16
	movl r15 = changing
	ld8 r16 = [r14], 8
	ld8 r17 = [r14]
	st8 [r15] = r16, 8
	st8 [r15] = r17
	fc.i r15
	sync.i
	srlz.i
	br.call.sptk b1 = changing
	add r12 = r12, r11
	adds r18 = -1, r18
	cmp.ne p8, p0 = 0, r18
	(p8) br.cond.sptk .Lsmc
	is r12, 25*2+25*3, "code changed in a loop"
	// the same physical page executed through two virtual addresses
	set_rr 2, 0x12<<8|24<<2
	insert_tc i, 2<<61, PTE_PAD|AR_RX, 24<<2
	movl r14 = changing+(2<<61)
	mov b6 = r14
	change to2
	br.call.sptk b1 = b6
	// came back to the alias's caller: b1 holds this code's own address
	is r11, 2, "changed code at another virtual address"
	br.call.sptk b1 = changing
	is r11, 2, "changed code at its own"
	// remapped: another page at the same virtual address
	movl r14 = VA
	mov b6 = r14
	movl r15 = pages
	movl r14 = to2
	ld8 r16 = [r14], 8
	ld8 r17 = [r14]
	st8 [r15] = r16, 8
	st8 [r15] = r17
	movl r15 = pages+0x2000
	movl r14 = to3
	ld8 r16 = [r14], 8
	ld8 r17 = [r14]
	st8 [r15] = r16, 8
	st8 [r15] = r17
	fc.i r15
	sync.i
	srlz.i
	insert_tc i, VA, pages+PTE_PAD+AR_RX, 12<<2
	br.call.sptk b1 = b6
	is r11, 2, "code in a page"
	movl r2 = VA
	mov r3 = 12<<2
	ptc.l r2, r3
	insert_tc i, VA, pages+0x2000+PTE_PAD+AR_RX, 12<<2
	br.call.sptk b1 = b6
	is r11, 3, "another page at the same address: its code"
	insert_tc i, VA, pages+PTE_PAD+AR_RX, 12<<2
	br.call.sptk b1 = b6
	is r11, 2, "an insert that replaces: the first page's code"
	set_rr 1, 0x21<<8|12<<2
	expect 9f
	br.call.sptk b1 = b6
	not_reached "another rid (went on)"
9:	fault_is V_ALT_ITLB, ISR_X, VA, "another rid: the code is not there"
	end_program

	.balign 64
changing:
	{ .mib
	mov r11 = 1
	nop.i 0
	br.ret.sptk b1
	}
	.balign 64
to2:	{ .mib
	mov r11 = 2
	nop.i 0
	br.ret.sptk b1
	}
to3:	{ .mib
	mov r11 = 3
	nop.i 0
	br.ret.sptk b1
	}

	.data
	.balign 1024
	.skip 256
data:	.skip 512
	.section .bss
	.balign 4096
pages:	.skip 12288
