// SPDX-License-Identifier: GPL-2.0-or-later
// Uncacheable references reach a device once, with their size; what is not supported there faults (SDM 2:4.4).
// The device is runner.c's: reads give the address's low byte in each byte, writes can be read back.
	.include "lib.s"

	.set DEV, 0x80000000f0000000	// physical, uncacheable
	.set NOTE, DEV+0x8000
	.set VA, 0x2000000000400000

	.macro accesses n, name
	movl r12 = NOTE+24
	ld8 r13 = [r12]
	sub r14 = r13, r20
	mov r20 = r13
	is r14, \n, "\name: number of accesses"
	.endm
	.macro written value, offset, size, name
	movl r12 = NOTE
	ld8 r13 = [r12], 8
	is r13, \value, "\name: value"
	ld8 r13 = [r12], 8
	is r13, 0xf0000000+\offset, "\name: address"
	ld8 r13 = [r12], 8
	is r13, \size, "\name: size"
	accesses 1, "\name"
	.endm

	.global main
main:
	alloc r4 = ar.pfs, 0, 8, 0, 0
	mov r1 = 1
	mov r20 = 0
	.macro dev_load op, offset, value
	movl r10 = DEV+\offset
	\op r11 = [r10]
	is r11, \value, "\op from a device"
	accesses 1, "\op from a device"
	.endm
	dev_load ld1, 0x41, 0x41
	dev_load ld2, 0x42, 0x4242
	dev_load ld4, 0x44, 0x44444444
	dev_load ld8, 0x48, 0x4848484848484848
	dev_load ld8.acq, 0x50, 0x5050505050505050
	dev_load ld4.bias, 0x54, 0x54545454
	movl r10 = DEV+0x48
	ldfd f6 = [r10]
	getf.d r11 = f6
	is r11, 0x4848484848484848, "ldfd from a device"
	accesses 1, "ldfd from a device"
	movl r11 = 0x8877665544332211
	.macro dev_store op, offset, value, size
	movl r10 = DEV+\offset
	\op [r10] = r11
	written \value, \offset, \size, "\op to a device"
	.endm
	dev_store st1, 1, 0x11, 1
	dev_store st2, 2, 0x2211, 2
	dev_store st4, 4, 0x44332211, 4
	dev_store st8, 8, 0x8877665544332211, 8
	dev_store st8.rel, 16, 0x8877665544332211, 8
	setf.sig f6 = r11
	movl r10 = DEV+0x18
	stf8 [r10] = f6
	written 0x8877665544332211, 0x18, 8, "stf8 to a device"
	// big-endian
	movl r10 = DEV+0x20
	movl r15 = 0x11223344
	sum PSR_BE
	st4 [r10] = r15
	rum PSR_BE
	written 0x44332211, 0x20, 4, "big-endian st4 to a device"
	// predicated off and speculative references do not touch it
	cmp.ne p6, p7 = r0, r0
	(p6) ld8 r11 = [r10]
	(p6) st8 [r10] = r0
	ld8.s r11 = [r10]
	is_nat r11, "ld8.s from a device is deferred"
	ld8.a r11 = [r10]
	is r11, 0, "ld8.a from a device gives 0"
	lfetch [r10]
	fc r10
	accesses 0, "predicated off, ld8.s, ld8.a, lfetch, fc"
	chk.a.clr r11, 1f
	not_reached "ld8.a from a device leaves an ALAT entry"
1:	ld8.c.clr r11 = [r10]
	is r11, 0x2020202020202020, "ld8.c.clr after ld8.a from a device: loads"
	accesses 1, "ld8.c.clr from a device"
	// a fault in the bundle after it does not repeat the access
	movl r10 = DEV+0x28
	expect 9f
	{ .mmi
	ld8 r11 = [r10]
	break.m 5
	nop.i 0
	}
9:	accesses 1, "a fault in the slot after a device load"
	.macro unsupported insn, vector, isr, name
	movl r10 = DEV+0x40
	expect 9f
8:	\insn
	not_reached "\name (went on)"
9:	fault_is \vector, \isr, 8b, "\name"
	accesses 0, "\name"
	.endm
	unsupported "fetchadd8.acq r11 = [r10], 1", V_UNSUPPORTED, ISR_R|ISR_W, "fetchadd8 on a device"
	unsupported "xchg4 r11 = [r10], r0", V_UNSUPPORTED, ISR_R|ISR_W, "xchg4 on a device"
	unsupported "cmpxchg8.rel r11 = [r10], r0, ar.ccv", V_UNSUPPORTED, ISR_R|ISR_W, "cmpxchg8 on a device"
	unsupported "ld16 r11, ar.csd = [r10]", V_UNSUPPORTED, ISR_R, "ld16 from a device"
	unsupported "st16 [r10] = r0, ar.csd", V_UNSUPPORTED, ISR_W, "st16 to a device"
	unsupported "ldfe f6 = [r10]", V_UNSUPPORTED, ISR_R, "ldfe from a device"
	unsupported "stfe [r10] = f1", V_UNSUPPORTED, ISR_W, "stfe to a device"
	.macro unaligned_dev insn, isr, name
	movl r10 = DEV+0x41
	expect 9f
8:	\insn
	not_reached "\name (went on)"
9:	fault_is V_UNALIGNED, \isr, 8b, "\name"
	accesses 0, "\name"
	.endm
	unaligned_dev "ld2 r11 = [r10]", ISR_R, "unaligned ld2 from a device, psr.ac 0"
	unaligned_dev "st8 [r10] = r0", ISR_W, "unaligned st8 to a device, psr.ac 0"

	// ---- through an uncacheable translation; next to a cacheable one ----
	virtual_on
	set_rr 1, 0x11<<8|12<<2
	insert_tc d, VA+0x1000, 0xf0000000+(PTE_PAD|PTE_UC|AR_RW), 12<<2
	insert_tc d, VA, page+(PTE_PAD|AR_RW), 12<<2
	movl r10 = VA+0x1004
	ld4 r11 = [r10]
	is r11, 0x04040404, "load through an uncacheable translation"
	// the notes are read physically
	rsm PSR_DT
	srlz.d
	accesses 1, "load through an uncacheable translation"
	ssm PSR_DT
	srlz.d
	movl r10 = VA+0xffc
	expect 9f
8:	ld8 r11 = [r10]
	not_reached "an access across into an uncacheable page (went on)"
9:	fault_is V_UNALIGNED, ISR_R, 8b, "an access across into an uncacheable page"
	expect 9f
8:	st8 [r10] = r0
	not_reached "a store across into an uncacheable page (went on)"
9:	fault_is V_UNALIGNED, ISR_W, 8b, "a store across into an uncacheable page"
	end_program

	.section .bss
	.balign 4096
page:	.skip 4096
