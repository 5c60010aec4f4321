/* SPDX-License-Identifier: GPL-2.0-or-later */
/* trap_with() of traps.c. */

	.text

#define EACH	2, 3, 8, 9, 10, 11, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31

.macro next
	shladd	loc2 = loc2, 2, loc2
	;;
	adds	loc2 = 0x1234, loc2
	;;
.endm

	.align	32
	.global	trap_with
	.proc	trap_with
trap_with:
	.prologue
	alloc	loc0 = ar.pfs, 3, 9, 0, 0
	mov	loc1 = pr
	mov	loc3 = ar.lc
	mov	loc4 = r1
	mov	loc5 = r13
	mov	loc6 = b6
	.body
	mov	loc2 = in2
	/* Predicates that differ from turn to turn. */
	movl	loc8 = 0xff00
	;;
	and	loc8 = loc8, in2
	;;
	mov	pr = loc8, 0xff00
	mov	b7 = in2
	;;
	.irp reg, EACH
	next
	mov	r\reg = loc2
	.endr
	/* p8 to p15 are among what is compared. */
	cmp.eq	p6, p0 = 0, in0
	cmp.eq	p7, p0 = 1, in0
	cmp.eq	p32, p0 = 2, in0
	cmp.eq	p33, p0 = 3, in0
	;;
(p6)	br.cond.dpnt .Lwait
(p7)	br.cond.dpnt .Lload
(p32)	br.cond.dpnt .Lstore
(p33)	br.cond.dpnt .Lbreak
	br.cond.sptk .Ldenormal
	;;
.Lwait:
	movl	loc7 = 20000
	;;
	mov	ar.lc = loc7
	;;
1:	br.cloop.sptk 1b
	br.cond.sptk .Llook
	;;
.Lload:
	ld4	loc7 = [in1]
	;;
	mov	loc7 = loc7
	br.cond.sptk .Llook
	;;
.Lstore:
	st4	[in1] = r0
	br.cond.sptk .Llook
	;;
.Lbreak:
	{ .mii
	break.m	0x80001
	nop.i	0
	nop.i	0
	;;
	}
	br.cond.sptk .Llook
	;;
.Ldenormal:
	ldfd	f6 = [in1]
	;;
	fma.d	f7 = f6, f6, f6
	;;
	/* Until it has come to an end. */
	getf.d	loc7 = f7
	;;
	mov	loc7 = loc7
.Llook:
	;;
	mov	loc2 = in2
	mov	loc7 = r0
	;;
	.irp reg, EACH
	next
	cmp.ne	p6, p0 = r\reg, loc2
	;;
(p6)	adds	loc7 = 1, loc7
	.endr
	;;
	mov	r8 = pr
	movl	r9 = 0xff00
	;;
	and	r8 = r8, r9
	mov	r10 = b7
	;;
	cmp.ne	p6, p0 = r8, loc8
	;;
(p6)	adds	loc7 = 1, loc7
	cmp.ne	p6, p0 = r10, in2
	;;
(p6)	adds	loc7 = 1, loc7
	cmp.ne	p6, p0 = r1, loc4
	;;
(p6)	adds	loc7 = 1, loc7
	cmp.ne	p6, p0 = r13, loc5
	;;
(p6)	adds	loc7 = 1, loc7
	;;
	mov	r8 = loc7
	mov	b6 = loc6
	mov	ar.lc = loc3
	mov	pr = loc1, -1
	mov	ar.pfs = loc0
	;;
	br.ret.sptk.many rp
	.endp	trap_with
