// SPDX-License-Identifier: GPL-2.0-or-later
// What the guests of domains.t share: a Xen entry point, hypercalls, judging and the console. They run in metaphysical
// mode where the builder starts them, so a label is a guest-physical address.
//
// A case is a line "ok - NAME" or "not ok - NAME" on the console; the last line is "end".
// A call returns to the bundle after its own: so a label (8) follows each.
// r2, r8 to r11, r14, r16 to r31, p6, p7, b6, b7 and r32 to r36 belong to this file.

	.set INLINE, 0x8000000000000000      // a handle that is an address
	.set SHARED, 0xf100000000000000      // shared_info
	.set PRIVREGS, SHARED + 0x4000       // mapped_regs
	.set PENDING, SHARED + 0xc00         // evtchn_pending
	.set MASK, SHARED + 0xe00            // evtchn_mask
	.set SELF, 0x7ff0                    // DOMID_SELF

	.set SCHED_COMPAT, 6
	.set MEMORY_OP, 12
	.set MULTICALL, 13
	.set SET_TIMER, 15
	.set EVTCHN_COMPAT, 16
	.set XEN_VERSION, 17
	.set CONSOLE_IO, 18
	.set GRANT_OP, 20
	.set VCPU_OP, 24
	.set SCHED_OP, 29
	.set CALLBACK_OP, 30
	.set EVTCHN_OP, 32
	.set PHYSDEV_OP, 33
	.set DOM0VP_OP, 48
	.set FAST_EOI, 49
	.set OPT_FEATURE, 0x700

	.set EPERM, -1
	.set ENOENT, -2
	.set ESRCH, -3
	.set EFAULT, -14
	.set EBUSY, -16
	.set EEXIST, -17
	.set EINVAL, -22
	.set ENOSPC, -28
	.set ENOSYS, -38
	.set ETIME, -62

	// A hypercall; its result is in r8.
	.macro hcall nr, a0=0, a1=0, a2=0, a3=0, a4=0
	movl r32 = \a0
	movl r33 = \a1
	movl r34 = \a2
	movl r35 = \a3
	movl r36 = \a4
	movl r2 = \nr
	break.m 0x1000
	.endm

	// r8 has this value.
	.macro is value, name
	.pushsection .rodata
9:	stringz "\name"
	.popsection
	movl r9 = \value
	movl r11 = 9b
	br.call.sptk.many b6 = judge
8:
	.endm

	// A hypercall that gives `value`.
	.macro gives value, name, nr, a0=0, a1=0, a2=0, a3=0, a4=0
	hcall \nr, \a0, \a1, \a2, \a3, \a4
	is \value, "\name"
	.endm

	.macro mem8_is address, value, name
	movl r14 = \address
	ld8 r8 = [r14]
	is \value, "\name"
	.endm
	.macro mem4_is address, value, name
	movl r14 = \address
	ld4 r8 = [r14]
	is \value, "\name"
	.endm
	.macro mem2_is address, value, name
	movl r14 = \address
	ld2 r8 = [r14]
	is \value, "\name"
	.endm
	// These bits of it.
	.macro bits8_are address, mask, value, name
	movl r14 = \address
	movl r15 = \mask
	ld8 r8 = [r14]
	and r8 = r8, r15
	is \value, "\name"
	.endm
	.macro put8 address, value
	movl r14 = \address
	movl r15 = \value
	st8 [r14] = r15
	.endm
	.macro put4 address, value
	movl r14 = \address
	movl r15 = \value
	st4 [r14] = r15
	.endm
	.macro put2 address, value
	movl r14 = \address
	movl r15 = \value
	st2 [r14] = r15
	.endm

	// System time (ns) into r8, by the run state of vCPU 0.
	.macro now
	hcall VCPU_OP, 4, 0, runstate_now + INLINE
	movl r14 = runstate_now + 8
	ld8 r8 = [r14]
	.endm

	// Events are masked and none is pending.
	.macro quiet
	put8 SHARED, 0x100
	put8 PENDING, 0
	put8 SHARED + 8, 0
	.endm

	.macro finish
	movl r16 = text_end
	br.call.sptk.many b7 = puts
8:
	put4 reason, 0
	hcall SCHED_OP, 2, reason + INLINE
0:	br.cond.sptk.many 0b
	.endm

	.section .note.xen, "", @note
	data4 4, 8, 1 // Xen:ENTRY
	stringz "Xen"
	data8 _start

	.section .rodata
text_ok: stringz "ok - "
text_not_ok: stringz "not ok - "
text_got: stringz "# got "
text_newline: stringz "\n"
text_end: stringz "end\n"

	.data
	.align 16
hex: .skip 24
runstate_now: .skip 48
reason: data8 0

	.text
	.global _start
_start:
	alloc r31 = ar.pfs, 0, 5, 0, 0
	br.cond.sptk.many main

	// The string at r16; returns by b7.
puts:
	alloc r27 = ar.pfs, 0, 5, 0, 0
	mov r17 = r16
0:	ld1 r18 = [r17], 1
	cmp.ne p6, p7 = r18, r0
(p6)	br.cond.sptk.many 0b
	sub r33 = r17, r16
	adds r33 = -1, r33
	mov r32 = r0
	movl r18 = INLINE
	or r34 = r16, r18
	mov r35 = r0
	mov r36 = r0
	mov r2 = CONSOLE_IO
	break.m 0x1000
	mov ar.pfs = r27
	br.ret.sptk.many b7

	// r8 against r9; the case's name is at r11. Returns by b6.
judge:
	alloc r26 = ar.pfs, 0, 0, 0, 0
	mov r28 = r8
	mov r25 = r11
	movl r16 = text_ok
	movl r18 = text_not_ok
	cmp.ne p6, p7 = r8, r9
	mov r24 = pr
(p6)	mov r16 = r18
	br.call.sptk.many b7 = puts
8:
	mov r16 = r25
	br.call.sptk.many b7 = puts
8:
	movl r16 = text_newline
	br.call.sptk.many b7 = puts
8:
	mov pr = r24, -1
(p7)	br.cond.sptk.many 2f
	movl r16 = text_got
	br.call.sptk.many b7 = puts
8:
	movl r17 = hex
	mov r18 = 60
1:	shr.u r19 = r28, r18
	and r19 = 15, r19
	cmp.lt p6, p7 = 9, r19
	adds r20 = 48, r19
(p6)	adds r20 = 87, r19
	st1 [r17] = r20, 1
	adds r18 = -4, r18
	cmp.le p6, p7 = 0, r18
(p6)	br.cond.sptk.many 1b
	mov r20 = 10
	st1 [r17] = r20, 1
	st1 [r17] = r0
	movl r16 = hex
	br.call.sptk.many b7 = puts
8:
2:	mov ar.pfs = r26
	br.ret.sptk.many b6
