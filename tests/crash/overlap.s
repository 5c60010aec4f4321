// SPDX-License-Identifier: GPL-2.0-or-later
// What tests/crash/overlap.t runs: inserts a translation over one in a register (SDM 2:4.1.1.4). Its
// OS_MCA handler, if it registers one, purges that register and says that the error is corrected, so
// that the instruction is executed again. It powers off when all is as it should be, else it resets.
	.set SAL_PROC, 0xff090000
	.set SAL_SET_VECTORS, 0x01000000
	.set POWER_OFF, 5<<10|1<<13
	.set PM_CONTROL, 0xf0101404	// I/O port 0x404
	.set PM_RESET, 0xf010340c	// I/O port 0x40c
	.set PTE, 0x4000661	// present, write-back, accessed, dirty, RWX
	// HANDLER: is there one?
	.explicit
	.text
	.global _start
	.proc _start
_start:
	rsm 0x6000 ;;	// psr.i and psr.ic
	srlz.d ;;
	alloc r2 = ar.pfs, 0, 0, 8, 0
	movl r14 = handler ;;
	.if HANDLER
	movl r32 = SAL_SET_VECTORS
	mov r33 = 0	// OS_MCA
	mov r34 = r14
	mov r35 = 0
	mov r36 = 0
	mov r37 = 0
	mov r38 = 0
	mov r39 = 0
	movl r15 = SAL_PROC ;;
	mov b6 = r15 ;;
	br.call.sptk.many b0 = b6 ;;
	cmp.ne p6, p0 = r8, r0
(p6)	br.cond.spnt fail ;;
	.endif
	movl r16 = 0x2000000000010000
	mov r17 = 16<<2
	movl r18 = PTE
	mov r19 = 3
	mov r20 = 4 ;;
	mov cr.ifa = r16
	mov cr.itir = r17 ;;
	itr.d dtr[r19] = r18 ;;
	srlz.d ;;
	.global overlapping
overlapping:
	itr.d dtr[r20] = r18 ;;
	srlz.d ;;
	// The handler has been here once, with the processor state parameter that says so.
	movl r14 = seen ;;
	ld8 r15 = [r14], 8 ;;
	cmp.ne p6, p0 = 1, r15
	ld8 r15 = [r14] ;;
	tbit.z.or p6, p0 = r15, 60	// psp.tc
(p6)	br.cond.spnt fail ;;
	movl r14 = PM_CONTROL
	mov r15 = POWER_OFF ;;
	st2 [r14] = r15 ;;
1:	br.cond.sptk 1b ;;
fail:
	movl r14 = PM_RESET
	mov r15 = 6 ;;
	st1 [r14] = r15 ;;
1:	br.cond.sptk 1b ;;
	.endp _start

	// In physical mode, with psr.mc; r12 is where it returns to, r18 the processor state parameter.
handler:
	movl r14 = seen ;;
	ld8 r15 = [r14] ;;
	add r15 = 1, r15 ;;
	st8 [r14] = r15, 8 ;;
	st8 [r14] = r18
	movl r16 = 0x2000000000010000
	mov r17 = 16<<2 ;;
	ptr.d r16, r17 ;;
	srlz.d
	mov r8 = 0	// corrected
	mov r10 = 0	// the same context goes on
	mov b0 = r12 ;;
	br.cond.sptk.many b0 ;;

	.data
	.balign 16
seen:	data8 0, 0
