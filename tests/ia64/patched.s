// SPDX-License-Identifier: GPL-2.0-or-later
// Two processors: code that one changes and makes coherent (fc.i, sync.i) is seen in bounded time by the other,
// which calls it all the while and never serializes, nor takes an interrupt.
	.include "lib.s"
	.pushsection .vcpus, "", @progbits
	data8 2
	.popsection

	.set WARM, 20000	// calls before the change: hot by any measure

	.global main, secondary
main:
	movl r14 = calls
	movl r15 = WARM
1:	ld8.acq r16 = [r14]
	hint.m 0
	cmp.ltu p8, p0 = r16, r15
	(p8) br.cond.sptk 1b
	movl r14 = other
	movl r15 = changing
	ld8 r16 = [r14], 8
	adds r18 = 8, r15
	ld8 r17 = [r14]
	// The half with the new value last: before it, the bundle is as good as the old one.
	st8.rel [r15] = r16
	st8.rel [r18] = r17
	fc.i r15
	sync.i
	srlz.i
	br.call.sptk b1 = changing
	is r11, 2, "the processor that changed it: the new code"
	movl r14 = done
2:	ld8.acq r16 = [r14]
	hint.m 0
	cmp.eq p8, p0 = 0, r16
	(p8) br.cond.sptk 2b
	reached "the other one has seen it"
	end_program

secondary:
	movl r14 = calls
	mov r16 = 0
1:	br.call.sptk b1 = changing
	adds r16 = 1, r16
	st8.rel [r14] = r16
	cmp.eq p8, p0 = 1, r11
	(p8) br.cond.sptk 1b
	is r11, 2, "the other processor: the new code"
	movl r14 = done
	st8.rel [r14] = r16
3:	hint.m 0
	br.cond.sptk 3b

	.balign 16
changing:
	{ .mib
	mov r11 = 1
	nop.i 0
	br.ret.sptk b1
	}
other:
	{ .mib
	mov r11 = 2
	nop.i 0
	br.ret.sptk b1
	}
	.balign 8
calls:	data8 0
done:	data8 0
