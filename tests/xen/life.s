// SPDX-License-Identifier: GPL-2.0-or-later
// Ends as the first letter of its command line says: poweroff, reboot, crash, suspend, fault, watchdog; else it hangs.
	.include "lib.s"

	.data
	.align 8
arg: data8 0
text_running: stringz "running\n"

	.text
	.macro shut_down why
	put4 reason, \why
	hcall SCHED_OP, 2, reason + INLINE
	.endm
	.macro on what, where
	cmp.eq p6, p7 = \what, r21
(p6)	br.cond.sptk.many \where
	.endm

main:
	movl r14 = SHARED + 4112
	ld8 r15 = [r14]
	shl r15 = r15, 14
	adds r15 = 64, r15
	adds r15 = 64, r15
	ld1 r21 = [r15]
	movl r16 = text_running
	br.call.sptk.many b7 = puts
8:
	on 'p', 1f
	on 'r', 2f
	on 'c', 3f
	on 's', 4f
	on 'f', 5f
	on 'w', 6f
0:	br.cond.sptk.many 0b // hang
1:	shut_down 0
	br.cond.sptk.many 0b
2:	shut_down 1
	br.cond.sptk.many 0b
3:	shut_down 3
	br.cond.sptk.many 0b
4:	shut_down 2
	is 1, "the suspend was called off"
	shut_down 2
	is 1, "and another one"
	br.cond.sptk.many 1b
	// Nothing is mapped in region 2, and the kernel has no table.
5:	movl r14 = 0x4000000000001000
	ld8 r14 = [r14]
	br.cond.sptk.many 0b
6:	put8 arg, 0x100000000
	hcall SCHED_OP, 6, arg + INLINE
	br.cond.sptk.many 0b
