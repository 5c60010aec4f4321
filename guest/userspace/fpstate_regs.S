/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fp_turns() and fp_yield() of fpstate.c: f2-f5 and f16-f31 belong to the caller and are kept. */

#define SYS_sched_yield 1253

	.text

/* r14 gets the next number: it goes through an integer register, all 64 bits count. */
.macro next
	shladd	r14 = r14, 2, r14
	;;
	adds	r14 = 0x1234, r14
	;;
.endm


.macro enter
	.prologue
	alloc	r31 = ar.pfs, 2, 1, 0, 0
	adds	r20 = -320, sp
	adds	sp = -336, sp
	;;
	.body
	.irp reg, 2, 3, 4, 5, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	stf.spill [r20] = f\reg, 16
	;;
	.endr
	mov	r14 = in0
	;;
	.altmacro
	.set	n, 2
	.rept	126
	put	%n
	.set	n, n + 1
	.endr
	.noaltmacro
.endm

.macro put reg
	next
	setf.sig f\reg = r14
.endm

.macro look reg
	next
	getf.sig r15 = f\reg
	;;
	cmp.ne	p6, p0 = r14, r15
	;;
(p6)	adds	r8 = 1, r8
.endm

/* scratch: do f6 to f15 count? A system call need not keep them. */
.macro leave scratch
	mov	r14 = in0
	mov	r8 = r0
	;;
	.altmacro
	.set	n, 2
	.rept	126
	.if	\scratch || n < 6 || n > 15
	look	%n
	.else
	next
	.endif
	.set	n, n + 1
	.endr
	.noaltmacro
	adds	r20 = 16, sp
	;;
	.irp reg, 2, 3, 4, 5, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	ldf.fill f\reg = [r20], 16
	;;
	.endr
	adds	sp = 336, sp
	br.ret.sptk.many rp
.endm

	.align	16
	.global	fp_turns
	.proc	fp_turns
fp_turns:
	enter
	mov	loc0 = ar.lc
	;;
	mov	ar.lc = in1
	;;
1:	br.cloop.sptk 1b
	;;
	mov	ar.lc = loc0
	leave	1
	.endp	fp_turns

	.global	fp_yield
	.proc	fp_yield
fp_yield:
	enter
	mov	r15 = SYS_sched_yield
	;;
	break.i	0x100000
	;;
	leave	0
	.endp	fp_yield
