// SPDX-License-Identifier: GPL-2.0-or-later
// What machines run in tests of commands: a program without an operating system that has a serial
// port and a power button (docs/machine.md has the addresses), and polls both.
//
// It says "ready" and what it was called with. What is typed comes back; but q powers off, r resets,
// c crashes, d listens to the power button no more. The power button powers off.
//
// r4 serial port: data, r5 line status, r6 power management: status, r7 enable; b6 holds return
// addresses. A call returns to the next bundle: hence a label behind each.
	.explicit
	.text
	.global _start
	.proc _start
_start:
	rsm 0x6000				// psr.i and psr.ic: a fault is a crash
	movl r4 = 0x80000000f00fe3f8
	movl r5 = 0x80000000f00ff3fd
	movl r6 = 0x80000000f0100400 ;;
	srlz.d ;;
	adds r7 = 2, r6
	mov r8 = 0x100 ;;			// PWRBTN_EN
	st2.rel [r7] = r8
	movl r20 = ready ;;
	br.call.sptk.many b6 = print
0:
	ld8 r20 = [r28] ;;			// struct ia64_boot_param: command_line
	br.call.sptk.many b6 = print
0:
	movl r20 = newline ;;
	br.call.sptk.many b6 = print
0:

wait:
	hint @pause
	ld1.acq r16 = [r5]
	ld2.acq r17 = [r6]
	ld2.acq r18 = [r7] ;;
	and r17 = r17, r18
	tbit.nz p6, p0 = r16, 0			// a character
	;;
	tbit.nz p7, p0 = r17, 8 ;;		// PWRBTN_STS
	(p6) br.cond.sptk.few key
	(p7) br.cond.sptk.few button
	br.cond.sptk.few wait
	.endp _start

key:
	ld1.acq r22 = [r4] ;;
	cmp.eq p6, p0 = 'q', r22
	cmp.eq p7, p0 = 'r', r22
	cmp.eq p8, p0 = 'c', r22
	cmp.eq p9, p0 = 'd', r22 ;;
	(p6) br.cond.sptk.few poweroff
	(p7) br.cond.sptk.few reset
	(p8) break.i 0x77 ;;
	(p9) st2.rel [r7] = r0
	movl r20 = echo ;;
	st1 [r20] = r22 ;;
	br.call.sptk.many b6 = print
0:
	br.cond.sptk.few wait

button:
	movl r20 = pressed ;;
	br.call.sptk.many b6 = print
0:
poweroff:
	movl r14 = 0x80000000f0101404		// PM1a_CNT
	movl r15 = 0x3400 ;;			// SLP_EN, SLP_TYP of S5
	st2.rel [r14] = r15
1:	br.cond.sptk.few 1b

reset:
	movl r14 = 0x80000000f010340c		// RESET_REG
	mov r15 = 6 ;;
	st1.rel [r14] = r15
1:	br.cond.sptk.few 1b

// Prints the text at r20.
print:
	ld1 r21 = [r20], 1 ;;
	cmp.eq p6, p0 = r0, r21
	(p6) br.ret.sptk.many b6
	;;
1:	ld1.acq r16 = [r5] ;;
	tbit.z p6, p0 = r16, 5			// THRE
	(p6) br.cond.sptk.few 1b
	;;
	st1.rel [r4] = r21
	br.cond.sptk.few print

	.data
ready:	stringz "ready: "
newline: stringz "\r\n"
pressed: stringz "button\r\n"
echo:	data1 0, 0
