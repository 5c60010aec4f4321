// SPDX-License-Identifier: GPL-2.0-or-later
// Where execution goes on: slots, branches inside bundles, pages, rfi to a slot, retried instructions, and which of
// several interruptions comes (SDM 2:5.4 to 2:5.6, 1:4.5, 1:3.2).
	.include "lib.s"

	.set VA, 0x2000000000400000

	.macro faults insn, vector, isr, name, slot=0
	expect 9f
8:	\insn
	not_reached "\name (went on)"
9:	fault_is \vector, \isr, 8b+\slot, "\name"
	.endm
	.macro purge va, ps=12
	movl r2 = \va
	mov r3 = \ps<<2
	ptc.l r2, r3
	srlz.d
	srlz.i
	.endm
	// rfi to label, slot ri, with psr bits besides those that are on.
	.macro rfi_to label, ri=0, psr=0
	rsm PSR_IC
	srlz.d
	mov r2 = psr
	movl r3 = PSR_IC|PSR_BN|(\psr)|(\ri<<41)
	or r2 = r2, r3
	mov cr.ipsr = r2
	movl r2 = \label
	mov cr.iip = r2
	mov cr.ifs = r0
	rfi
	.endm

	.global main
main:
	alloc r4 = ar.pfs, 0, 16, 0, 0
	mov r1 = 1

	// ---- rfi to each slot ----
	mov r10 = 0
	rfi_to 1f, 1
1:	{ .mii
	adds r10 = 1, r10
	adds r11 = 2, r0
	adds r12 = 4, r0
	}
	is r10, 0, "rfi to slot 1: slot 0 is passed over"
	is r11, 2, "rfi to slot 1: slot 1 is executed"
	mov r11 = 0
	mov r12 = 0
	rfi_to 1f, 2
1:	{ .mii
	adds r10 = 1, r10
	adds r11 = 2, r11
	adds r12 = 4, r12
	}
	is r10, 0, "rfi to slot 2: slot 0 is passed over"
	is r11, 0, "rfi to slot 2: slot 1 is passed over"
	is r12, 4, "rfi to slot 2: slot 2 is executed"
	mov r10 = 0
	rfi_to 1f, 1
1:	{ .mlx
	adds r10 = 1, r10
	movl r11 = 0x1122334455667788
	}
	is r10, 0, "rfi to slot 1 of MLX: slot 0 is passed over"
	is r11, 0x1122334455667788, "rfi to slot 1 of MLX: movl is executed"
	// low bits of iip are ignored
	rsm PSR_IC
	srlz.d
	mov r2 = psr
	movl r3 = PSR_IC|PSR_BN
	or r2 = r2, r3
	mov cr.ipsr = r2
	movl r2 = 1f+9
	mov cr.iip = r2
	mov r11 = cr.iip
	mov cr.ifs = r0
	rfi
	not_reached "rfi went on"
1:	movl r12 = 1b
	cmp.eq p6, p0 = r11, r12
	is p6, 1, "iip: bits 3:0 are ignored"

	// ---- branches inside a bundle: what follows a taken one is not executed ----
	cmp.eq p6, p7 = r0, r0
	mov r10 = 0
	{ .bbb
	(p7) br.cond.sptk 1f
	(p6) br.cond.sptk 2f
	br.cond.sptk 3f
	}
1:	adds r10 = 1, r10
2:	adds r10 = 2, r10
3:	is r10, 2, "BBB: the second is the first that is taken"
	mov r10 = 0
	{ .mbb
	adds r10 = 8, r10
	(p7) br.cond.sptk 1f
	br.cond.sptk 2f
	}
1:	adds r10 = 1, r10
2:	is r10, 8, "MBB: the last is taken"
	mov r11 = ip
	movl r12 = 7f
	br.cond.sptk 8f
	.balign 16
7:	mov r11 = ip
8:	nop.m 0
	mov r10 = 0
	brl.cond.sptk.few 1f
	adds r10 = 1, r10
1:	is r10, 0, "brl.cond: taken"
	(p7) brl.cond.sptk.few 1f
	adds r10 = 1, r10
1:	is r10, 1, "brl.cond, predicate off: goes on"
	movl r11 = 1f
1:	{ .mii
	nop.m 0
	mov r10 = ip
	nop.i 0
	}
	cmp.eq p8, p0 = r10, r11
	is p8, 1, "mov from ip: the bundle's address"
	brp.loop.imp 1b, 1b
	reached "brp does nothing"
	movl r10 = 1f
	mov.sptk b6 = r10, 1f
	(p7) br.cond.sptk b6
	br.few b6
	not_reached "br b6 went on"
1:	reached "mov to br with a hint"
	// a call in each slot: the link is the next bundle
	{ .bbb
	br.call.sptk b1 = leaf
	nop.b 0
	nop.b 0
	}
1:	mov r10 = b1
	movl r11 = 1b
	cmp.eq p8, p0 = r10, r11
	is p8, 1, "br.call in slot 0: what follows in the bundle is passed over"

	// loop branches belong in slot 2 (SDM 3:2 "br"); here in slot 0 of BBB
	.macro misplaced btype, name
	expect 9f
8:	raw_b 4<<37|(\btype)<<6
	not_reached "\name in slot 0 (went on)"
9:	fault_is V_GENEX, 0, 8b, "\name in slot 0 is illegal"
	.endm
	misplaced 2, "br.wexit"
	misplaced 3, "br.wtop"
	misplaced 5, "br.cloop"
	misplaced 6, "br.cexit"
	misplaced 7, "br.ctop"
	misplaced 1, "a reserved branch type"
	// rfi: cr.ifs with its valid bit gives the frame, without leaves it
	alloc r4 = ar.pfs, 0, 16, 0, 0
	mov r32 = 32
	rsm PSR_IC
	srlz.d
	mov r2 = psr
	movl r3 = PSR_IC|PSR_BN
	or r2 = r2, r3
	mov cr.ipsr = r2
	movl r2 = 1f
	mov cr.iip = r2
	movl r2 = 4<<7|4
	mov cr.ifs = r2
	rfi
1:	mov r47 = 47
	is r47, 47, "rfi with ifs.v 0: the frame stays"
	rsm PSR_IC
	srlz.d
	cover
	mov r2 = psr
	movl r3 = PSR_IC|PSR_BN
	or r2 = r2, r3
	mov cr.ipsr = r2
	movl r2 = 1f
	mov cr.iip = r2
	rfi
1:	is r47, 47, "cover and rfi: the frame is back"
	is r32, 32, "cover and rfi: its first register"
	// reserved bits of what rfi restores
	rsm PSR_IC
	srlz.d
	.macro bad_cr_value cr, value, name
	mov r2 = psr
	movl r3 = PSR_BN|PSR_IC
	or r2 = r2, r3
	mov cr.ipsr = r2
	movl r10 = \value
	expect 9f
	mov cr.\cr = r10
	not_reached "\name (went on)"
9:	case_ 3, "fault", "\name", V_GENEX, 0x30|ISR_NI, 0
	rsm PSR_IC
	srlz.d
	.endm
	.macro bad_cr cr, bit
	bad_cr_value \cr, 1<<\bit, "cr.\cr bit \bit is reserved"
	.endm
	bad_cr ipsr, 0
	bad_cr ipsr, 6
	bad_cr ipsr, 16
	bad_cr ipsr, 28
	bad_cr ipsr, 47
	bad_cr ifs, 38
	bad_cr ifs, 62
	// cr.ifs takes frames that there can be (SDM 1:3.1.7)
	bad_cr_value ifs, 97, "cr.ifs: sof 97"
	bad_cr_value ifs, 5<<7|4, "cr.ifs: sol above sof"
	bad_cr_value ifs, 1<<14|7, "cr.ifs: sor above sof"
	movl r10 = 1<<63|12<<14|96<<7|96
	mov cr.ifs = r10
	mov r11 = cr.ifs
	mov cr.ifs = r0
	sub r11 = r11, r10
	is r11, 0, "cr.ifs: 96 registers, local, rotating"
	bad_cr isr, 24
	bad_cr isr, 44
	ssm PSR_IC
	srlz.d

	// ---- virtual: execution runs from page to page ----
	virtual_on
	set_rr 1, 0x11<<8|12<<2
	movl r10 = pages+0xff0		// last bundle of the first page, first of the second
	movl r11 = code
	ld8 r12 = [r11], 8
	ld8 r13 = [r11], 8
	st8 [r10] = r12, 8
	st8 [r10] = r13
	movl r10 = pages+0x2000
	ld8 r12 = [r11], 8
	ld8 r13 = [r11], 8
	st8 [r10] = r12, 8
	st8 [r10] = r13
	fc.i r10
	movl r10 = pages+0xff0
	fc.i r10
	sync.i
	srlz.i
	movl r10 = VA+0xff0
	mov b6 = r10
	insert_tc i, VA, pages+PTE_PAD+AR_RX, 12<<2
	mov r10 = 0
	mov r11 = 0
	expect 9f
	br.cond.sptk b6
9:	fault_is V_ALT_ITLB, ISR_X, VA+0x1000, "running into a missing page: iip is its first bundle"
	is r10, 1, "running into a missing page: the bundle before has executed"
	recorded r12, REC_IIPA
	is r12, VA+0xff0, "running into a missing page: iipa is the bundle before"
	insert_tc i, VA+0x1000, pages+0x2000+PTE_PAD+AR_RX, 12<<2
	mov r10 = 0
	expect 9f
	br.cond.sptk b6
9:	fault_is V_BREAK, 0, VA+0x1000+1, "running into the next page, elsewhere in memory"
	is r10, 1, "running into the next page: before"
	is r11, 2, "running into the next page: after"
	// psr.ic 0: a fetch that misses is an Alternate Instruction TLB fault too, with isr.ni; nothing else is collected
	purge VA+0x1000
	rsm PSR_IC
	srlz.d
	mov cr.iip = r0
	mov cr.ifa = r0
	mov r2 = psr
	movl r3 = PSR_IC|PSR_BN
	or r2 = r2, r3
	mov cr.ipsr = r2
	expect 9f
	br.cond.sptk b6
9:	case_ 3, "fault", "a fetch that misses with psr.ic 0: isr.ni", V_ALT_ITLB, ISR_X|ISR_NI, 0
	recorded r12, REC_IFA
	is r12, 0, "a fetch that misses with psr.ic 0: ifa stays"
	// rfi to slot 1 of a bundle that is missing
	purge VA+0x1000
	expect 9f
	rfi_to VA+0x1000, 1
9:	fault_is V_ALT_ITLB, ISR_X, VA+0x1000+1, "rfi to slot 1 of a missing page: ei and ri are 1"
	// single step over the page's end
	insert_tc i, VA+0x1000, pages+0x2000+PTE_PAD+AR_RX, 12<<2
	expect 9f
	rfi_to VA+0xff0, 2, PSR_SS
9:	trap_is V_SINGLE_STEP, 8, VA+0xff0+2, VA+0x1000, "single step over the page's end"
	// the trap comes before the fault of the next page
	purge VA+0x1000
	expect 9f
	rfi_to VA+0xff0, 2, PSR_SS
9:	trap_is V_SINGLE_STEP, 8, VA+0xff0+2, VA+0x1000, "single step comes before the next page's fault"

	// ---- retried instructions: what came before in the bundle is done once, the faulting one whole ----
	movl r10 = VA+0x4000
	mov r11 = 0
	mov r12 = 0
	hook insert_page
8:	{ .mmi
	adds r11 = 1, r11
	ld8 r13 = [r10], 8
	adds r12 = 1, r12
	}
9:	fault_is V_ALT_DTLB, ISR_R, 8b+1, "a load in slot 1 that misses"
	is r11, 1, "retry: slot 0 executes once"
	is r12, 1, "retry: slot 2 executes once"
	is r10, VA+0x4008, "retry: the base is updated once"
	is r13, 0x5555, "retry: the value"
	purge VA+0x4000
	movl r10 = VA+0x4010
	movl r13 = 0x6666
	hook insert_page
8:	{ .mmi
	st8 [r10] = r13, 8
	adds r11 = 1, r11
	nop.i 0
	}
	fault_is V_ALT_DTLB, ISR_W, 8b, "a store that misses"
	mem_is pages+0x1010, 0x6666, "retry: stored"
	is r10, VA+0x4018, "retry: store's base is updated once"
	purge VA+0x4000
	movl r10 = VA+0x4020
	hook insert_page
	fetchadd8.acq r13 = [r10], 1
	mem_is pages+0x1020, 1, "retry: fetchadd adds once"
	purge VA+0x4000
	movl r10 = VA+0x4000
	hook insert_page
8:	ldfpd f6, f7 = [r10], 16
	fault_is V_ALT_DTLB, ISR_R, 8b, "ldfpd that misses"
	is r10, VA+0x4010, "retry: ldfpd"
	hook 0

	// ---- one of several: SDM 2:5.4, Table 5-6 ----
	movl r10 = VA+0x5001		// missing and unaligned
	sum PSR_AC
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "TLB miss comes before unaligned"
	insert_tc d, VA+0x5000, pages+0x1000+PTE_PAD+AR_R+PL0, 12<<2
	faults "st8 [r10] = r0", V_DRIGHTS, ISR_W, "access rights come before unaligned"
	movl r11 = VA+0x5000
	mov dbr[r0] = r11
	movl r11 = 1<<63|0xf<<56|0xffffffffffff00
	mov dbr[r1] = r11
	srlz.d
	with_psr PSR_DB
	faults "ld8 r11 = [r10]", V_DEBUG, ISR_R, "data debug comes before unaligned"
	mov dbr[r1] = r0
	srlz.d
	faults "ld8 r11 = [r10]", V_UNALIGNED, ISR_R, "unaligned"
	insert_tc d, VA+0x5000, pages+0x1000+(PTE_PAD&~PTE_P)+AR_R+PL0, 12<<2
	faults "st8 [r10] = r0", V_NOT_PRESENT, ISR_W, "page not present comes before access rights"
	rum PSR_AC
	// instruction side before the instruction's own faults
	with_psr PSR_DFL
	faults "ldfd f6 = [r10]", V_DISABLED_FP, 1|ISR_R, "disabled FP comes before page not present"
	rsm PSR_DFL
	mov ar.unat = r1
	movl r12 = zero
	ld8.fill r20 = [r12]
	faults "ld8 r60 = [r20]", V_GENEX, 0, "illegal target comes before NaT"
	faults "ld8 r20 = [r20], 8", V_GENEX, 0, "equal registers come before NaT"
	movl r10 = VA+0x5000
	faults "st8 [r10] = r20", V_NAT, 0x10|ISR_W, "NaT data comes before page not present"
	expect 9f
	at_level 3
8:	mov rr[r20] = r0
	not_reached "privileged before NaT (went on)"
9:	fault_is V_GENEX, 0x10, 8b, "privileged operation comes before NaT"
	movl r11 = 1<<40
	faults "mov rr[r20] = r11", V_NAT, 0x10, "NaT comes before reserved fields"
	// an interrupt comes before the next instruction's fault
	movl r12 = 0x80000000fee00000
	mov r13 = 0x44
	rsm PSR_DT
	srlz.d
	st8 [r12] = r13
	ssm PSR_DT
	srlz.d
	expect 9f
	with_psr PSR_I
8:	break.m 1
	not_reached "interrupt before break (went on)"
9:	rsm PSR_I
	case_ 3, "fault", "an external interrupt comes before the next instruction's fault", V_EXTINT, 0, 0
	mov r11 = cr.ivr
	is r11, 0x44, "the interrupt was pending"
	srlz.d
	mov cr.eoi = r0

	// ---- psr.dt, rt, it apart ----
	movl r10 = VA+0x6000
	rsm PSR_DT
	srlz.d
	movl r11 = pages+0x1000
	ld8 r12 = [r11]
	is r12, 0x5555, "psr.dt 0, it 1: data is physical"
	ssm PSR_DT
	srlz.d
	// rt 0: the backing store is physical while data is virtual
	flushrs
	alloc r4 = ar.pfs, 0, 0, 0, 0
	mov ar.rsc = 0
	with_psr 0, PSR_RT
	movl r10 = pages+0x1800
	mov ar.bspstore = r10
	alloc r4 = ar.pfs, 0, 2, 0, 0
	movl r32 = 0x7777
	cover
	flushrs
	with_psr PSR_RT
	mem_is pages+0x1800, 0x7777, "psr.rt 0: the backing store is physical"
	// RSE references raise the same faults with isr.rs
	.macro rse_fault fields, vector, isr, name
	alloc r4 = ar.pfs, 0, 0, 0, 0
	purge VA+0x7000
	insert_tc d, VA+0x7000, pages+0x1000+(\fields), 12<<2
	movl r10 = VA+0x7800
	mov ar.bspstore = r10
	alloc r4 = ar.pfs, 0, 2, 0, 0
	cover
	expect 9f
8:	flushrs
	not_reached "\name (went on)"
9:	fault_is \vector, \isr|ISR_RS, 8b, "\name"
	insert_tc d, VA+0x7000, pages+0x1000+PTE_PAD+AR_RW, 12<<2
	flushrs
	.endm
	rse_fault (PTE_PAD&~PTE_D)|AR_RW, V_DIRTY, ISR_W, "RSE store: dirty bit"
	rse_fault (PTE_PAD&~PTE_A)|AR_RW, V_DACCESS, ISR_W, "RSE store: access bit"
	rse_fault (PTE_PAD&~PTE_P)|AR_RW, V_NOT_PRESENT, ISR_W, "RSE store: page not present"
	rse_fault PTE_PAD|AR_R, V_DRIGHTS, ISR_W, "RSE store: access rights"
	rse_fault PTE_PAD|PTE_NATPAGE|AR_RW, V_NAT, 0x20|ISR_W, "RSE store: NaTPage"
	end_program

leaf:	br.ret.sptk b1

	.balign 16
code:	{ .mii
	adds r10 = 1, r10
	nop.i 0
	nop.i 0
	}
	{ .mmi
	adds r11 = 2, r0
	break.m 7
	nop.i 0
	}

	// Bank 0: the page at VA + 0x4000, once.
insert_page:
	adds r22 = REC_HOOK, r20
	st8 [r22] = r0
	movl r22 = pages+0x1000+PTE_PAD+AR_RW
	mov r23 = 12<<2
	mov cr.itir = r23
	itc.d r22
	br.sptk hook_done

	.data
	.balign 4096
pages:	.skip 4096
	data8 0x5555
	.skip 8192
	.balign 512
zero:	data8 0
