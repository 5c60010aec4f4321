// SPDX-License-Identifier: GPL-2.0-or-later
// External interrupts of one processor: pending, priorities, masking, the interval timer (SDM 2:5.8), and the
// performance monitor (SDM 2:7.2). Interrupts are made by stores to the processor interrupt block (SDM 2:5.8.4).
	.include "lib.s"

	.set PIB, 0x80000000fee00000	// uncacheable physical

	.macro send vector
	movl r2 = PIB
	mov r3 = \vector
	st8 [r2] = r3
	srlz.d
	.endm
	// Noted and acknowledged by `ack`, which keeps the vectors read from ivr in `log`.
	.macro with_log
	movl r2 = log
	movl r3 = log_next
	st8 [r3] = r2
	st8 [r2] = r0, 8
	st8 [r2] = r0, 8
	st8 [r2] = r0, 8
	st8 [r2] = r0, 8
	.endm
	.macro drain	// with interrupts off: eoi until nothing is pending
	rsm PSR_I
	mov cr.tpr = r0
	mov r11 = 40
	mov ar.lc = r11
.Ldrain\@:
	mov cr.eoi = r0
	mov r11 = cr.ivr
	srlz.d
	br.cloop.sptk .Ldrain\@
	mov cr.eoi = r0
	mov cr.eoi = r0
	mov cr.eoi = r0
	.endm

	.global main
main:
	alloc r4 = ar.pfs, 0, 8, 0, 0
	mov r1 = 1
	mov r11 = cr.lid
	extr.u r11 = r11, 16, 16
	is r11, 0, "cr.lid: id and eid of processor 0"
	mov r11 = cr.ivr
	is r11, 15, "ivr with nothing pending: spurious, 15"
	srlz.d
	mov r11 = cr.eoi
	is r11, 0, "cr.eoi reads 0"

	// ---- pending while psr.i is 0; irr ----
	expect 9f
	send 0x31
	send 0xf5
	send 0x80
	send 0x41
9:	no_fault "psr.i 0: nothing is delivered"
	mov r11 = cr.irr0
	is r11, 1<<0x31, "irr0"
	mov r11 = cr.irr1
	is r11, 1<<1, "irr1"
	mov r11 = cr.irr2
	is r11, 1<<0, "irr2"
	mov r11 = cr.irr3
	is r11, 1<<0x35, "irr3"
	// ivr gives the highest and takes it out; lower ones wait for eoi
	mov r11 = cr.ivr
	is r11, 0xf5, "ivr: the highest first"
	srlz.d
	mov r11 = cr.irr3
	is r11, 0, "ivr read: no longer in irr"
	mov r11 = cr.ivr
	is r11, 15, "ivr while a higher one is in service: spurious"
	srlz.d
	mov cr.eoi = r0
	srlz.d
	mov r11 = cr.ivr
	is r11, 0x80, "ivr after eoi: the next"
	srlz.d
	// nesting: a higher one comes while 0x80 is in service
	send 0x95
	mov r11 = cr.ivr
	is r11, 0x95, "a higher vector nests"
	srlz.d
	send 0x88
	mov r11 = cr.ivr
	is r11, 15, "a vector between them waits"
	srlz.d
	mov cr.eoi = r0
	srlz.d
	mov r11 = cr.ivr
	is r11, 0x88, "it comes after eoi of the highest"
	srlz.d
	mov cr.eoi = r0
	mov cr.eoi = r0
	srlz.d
	mov r11 = cr.ivr
	is r11, 0x41, "and the rest follows"
	srlz.d
	// the same vector again while in service: pending again, after eoi
	send 0x41
	mov r11 = cr.irr1
	is r11, 2, "the vector in service can be pending again"
	mov r11 = cr.ivr
	is r11, 15, "but does not nest"
	srlz.d
	mov cr.eoi = r0
	srlz.d
	mov r11 = cr.ivr
	is r11, 0x41, "after eoi it comes again"
	srlz.d
	mov cr.eoi = r0
	srlz.d
	mov r11 = cr.ivr
	is r11, 0x31, "the lowest last"
	srlz.d
	mov cr.eoi = r0
	drain

	// ---- tpr: mic masks classes of 16 up to it; mmi all but NMI ----
	mov r11 = 0x30
	mov cr.tpr = r11
	srlz.d
	send 0x3f
	mov r11 = cr.ivr
	is r11, 15, "tpr.mic 3 masks 0x3f"
	srlz.d
	send 0x40
	mov r11 = cr.ivr
	is r11, 0x40, "tpr.mic 3 lets 0x40 in"
	srlz.d
	mov cr.eoi = r0
	mov r11 = 0x20
	mov cr.tpr = r11
	srlz.d
	mov r11 = cr.ivr
	is r11, 0x3f, "tpr.mic 2 lets 0x3f in"
	srlz.d
	mov cr.eoi = r0
	movl r11 = 1<<16
	mov cr.tpr = r11
	srlz.d
	send 0xff
	send 0
	mov r11 = cr.ivr
	is r11, 15, "tpr.mmi masks 0xff and ExtINT"
	srlz.d
	send 2
	mov r11 = cr.ivr
	is r11, 2, "tpr.mmi: not NMI"
	srlz.d
	mov cr.tpr = r0
	srlz.d
	mov r11 = cr.ivr
	is r11, 15, "NMI in service: nothing nests"
	srlz.d
	mov cr.eoi = r0
	srlz.d
	mov r11 = cr.ivr
	is r11, 0, "ExtINT comes before 0xff"
	srlz.d
	mov cr.eoi = r0
	srlz.d
	mov r11 = cr.ivr
	is r11, 0xff, "then 0xff"
	srlz.d
	mov cr.eoi = r0
	drain
	send 15
	send 1
	send 3
	mov r11 = cr.irr0
	is r11, 0, "reserved vectors 1, 3 and 15 are ignored"

	// ---- delivery: External Interrupt vector, between instructions; iip is the next instruction ----
	with_log
	send 0x55
	hook ack
	ssm PSR_I
	srlz.d
	case_ 3, "fault", "delivered when psr.i becomes 1", V_EXTINT, 0, 0
	mem_is log, 0x55, "the handler read its vector"
	send 0x56
	nop.m 0
	case_ 3, "fault", "delivered with psr.i 1", V_EXTINT, 0, 0
	mem_is log+8, 0x56, "the handler read its vector (2)"
	recorded r11, REC_IPSR
	movl r12 = PSR_I|PSR_IC|PSR_BN|3<<41
	andcm r11 = r11, r12
	is r11, 0, "ipsr: i, ic, bn"
	// psr.ic 0 does not mask: SDM 2:5.8.3.1 (nothing is collected then, so the test leaves it alone)
	// masked by tpr, then unmasked
	movl r11 = 1<<16
	mov cr.tpr = r11
	srlz.d
	hook ack
	send 0x57
	no_fault "masked by tpr.mmi"
	mov cr.tpr = r0
	srlz.d
	nop.m 0
	case_ 3, "fault", "delivered when tpr unmasks it", V_EXTINT, 0, 0
	mem_is log+16, 0x57, "the handler read its vector (3)"
	// rsm keeps it out, rfi lets it in
	rsm PSR_I
	srlz.d
	hook ack
	send 0x58
	no_fault "psr.i 0 again"
	with_psr PSR_I
	nop.m 0
	case_ 3, "fault", "delivered when rfi sets psr.i", V_EXTINT, 0, 0
	mem_is log+24, 0x58, "the handler read its vector (4)"
	rsm PSR_I
	hook 0
	drain

	// ---- interval timer ----
	mov r11 = ar.itc
	mov r12 = ar.itc
	cmp.leu p8, p0 = r11, r12
	is p8, 1, "ar.itc does not run backwards"
	movl r11 = 0x1000000000000
	mov ar.itc = r11
	mov r12 = ar.itc
	sub r12 = r12, r11
	shr.u r12 = r12, 40
	is r12, 0, "ar.itc can be set"
	mov r11 = 0x61
	mov cr.itv = r11
	srlz.d
	mov r11 = ar.itc
	movl r12 = 100000
	add r11 = r11, r12
	mov cr.itm = r11
	srlz.d
.Ltimer:
	mov r12 = cr.irr1
	tbit.z p8, p0 = r12, 0x21
	(p8) br.cond.sptk .Ltimer
	mov r12 = ar.itc
	cmp.leu p8, p0 = r11, r12
	is p8, 1, "timer: not before its time"
	mov r12 = cr.ivr
	is r12, 0x61, "timer: the vector of itv"
	srlz.d
	mov cr.eoi = r0
	mov r12 = cr.itm
	cmp.eq p8, p0 = r11, r12
	is p8, 1, "itm reads back"
	// masked: the match is lost
	movl r11 = 1<<16|0x61
	mov cr.itv = r11
	srlz.d
	mov r11 = ar.itc
	movl r12 = 20000
	add r11 = r11, r12
	mov cr.itm = r11
	srlz.d
	movl r12 = 2000000
	add r12 = r11, r12
.Lmasked:
	mov r13 = ar.itc
	cmp.ltu p8, p0 = r13, r12
	(p8) br.cond.sptk .Lmasked
	mov r11 = 0x61
	mov cr.itv = r11
	srlz.d
	mov r12 = cr.irr1
	is r12, 0, "timer masked by itv.m: the interrupt is not held"
	// a time that has passed does not interrupt
	mov r11 = ar.itc
	adds r11 = -1000, r11
	mov cr.itm = r11
	srlz.d
	movl r12 = 1000000
	add r12 = r11, r12
.Lpast:
	mov r13 = ar.itc
	cmp.ltu p8, p0 = r13, r12
	(p8) br.cond.sptk .Lpast
	mov r12 = cr.irr1
	is r12, 0, "timer: a time in the past does not match"

	// ---- performance monitor: instructions retired in pmc/pmd 4 (event 8), by level and psr.up/pp ----
	// Runs 100 times a loop of two bundles, all predicates on or off: 6 instructions retire in each turn.
	.macro count pmc, psr, name
	mov r11 = 4
	mov pmc[r11] = r0
	mov pmd[r11] = r0
	mov pmc[r0] = r0		// not frozen
	movl r12 = \pmc
	mov pmc[r11] = r12
	mov r12 = 99
	mov ar.lc = r12
	srlz.d
	ssm \psr
	srlz.d
	mov r13 = pmd[r11]
.Lcount\@:
	{ .mmi
	nop.m 0
	(p6) nop.m 0
	nop.i 0
	}
	{ .mib
	nop.m 0
	(p6) nop.i 0
	br.cloop.sptk .Lcount\@
	}
	mov r14 = pmd[r11]
	rsm PSR_UP|PSR_PP
	srlz.d
	sub r14 = r14, r13
	.endm
	.set RETIRED, 8<<8
	.set CYCLES, 0x12<<8
	cmp.ne p6, p0 = r0, r0
	// up to 15 for the instructions around the loop
	.macro counted name
	adds r14 = -600, r14
	shr r14 = r14, 4
	is r14, 0, "\name"
	.endm
	count 1|RETIRED, PSR_UP
	counted "instructions retired at level 0 with psr.up"
	count 1|RETIRED, PSR_PP
	is r14, 0, "an unprivileged monitor counts only with psr.up"
	count 1|RETIRED|1<<6, PSR_PP
	counted "a privileged monitor (pm) counts with psr.pp"
	count 1|RETIRED|1<<6, PSR_UP
	is r14, 0, "a privileged monitor does not count with psr.up"
	count 8|RETIRED, PSR_UP
	is r14, 0, "a monitor of level 3 does not count at level 0"
	count RETIRED, PSR_UP
	is r14, 0, "a monitor of no level does not count"
	count 1|CYCLES, PSR_UP
	cmp.ltu p8, p0 = r0, r14
	is p8, 1, "cycles are counted"
	mov r11 = 1
	mov pmc[r0] = r11
	count 1|RETIRED, 0
	is r14, 0, "with psr.up 0 nothing is counted"
	// overflow: 47 bits; with oi the monitor freezes, pmc0 tells which, and pmv's interrupt comes
	mov r11 = 0x71
	mov cr.pmv = r11
	srlz.d
	mov r11 = 4
	mov pmc[r0] = r0
	movl r12 = (1<<47)-50
	mov pmd[r11] = r12
	mov r12 = 1|1<<5|RETIRED
	mov pmc[r11] = r12
	srlz.d
	sum PSR_UP
	mov r12 = 199
	mov ar.lc = r12
.Lovf:	br.cloop.sptk .Lovf
	mov r12 = pmd[r11]
	rum PSR_UP
	mov r13 = pmc[r0]
	is r13, 1|1<<4, "overflow: pmc0 has fr and the monitor's bit"
	shr.u r12 = r12, 40
	is r12, 0, "overflow: the count went past 0"
	mov r12 = cr.ivr
	is r12, 0x71, "overflow: the interrupt of pmv"
	srlz.d
	mov cr.eoi = r0
	mov pmc[r11] = r0
	// psr.sp and pm hide the count from level 3
	mov pmc[r0] = r0
	movl r12 = 0x1234
	mov pmd[r11] = r12
	mov r14 = r0
	expect 9f
	at_level 3
	mov r14 = pmd[r11]
	break.m 1
9:	is r14, 0x1234, "pmd read at level 3"
	ssm PSR_SP
	expect 9f
	at_level 3
	mov r14 = pmd[r11]
	break.m 1
9:	rsm PSR_SP
	is r14, 0, "pmd read at level 3 with psr.sp: 0"
	mov r12 = 1<<6
	mov pmc[r11] = r12
	expect 9f
	at_level 3
	mov r14 = pmd[r11]
	break.m 1
9:	is r14, 0, "pmd read at level 3 of a privileged monitor: 0"
	// user mask: up is out of reach at level 3 while psr.sp is set
	ssm PSR_SP
	expect 9f
	at_level 3
	sum PSR_UP
	mov r14 = psr.um
	break.m 1
9:	rsm PSR_SP|PSR_UP
	and r14 = PSR_UP, r14
	is r14, 0, "sum psr.up with psr.sp: ignored"
	end_program

	// Acknowledges, logs the vector, goes on where it was.
ack:
	mov r22 = cr.ivr
	srlz.d
	movl r23 = log_next
	ld8 r24 = [r23]
	st8 [r24] = r22, 8
	st8 [r23] = r24
	mov cr.eoi = r0
	srlz.d
	br.sptk hook_done

	.data
	.balign 8
log:	.skip 128
log_next: data8 log
