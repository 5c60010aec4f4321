// SPDX-License-Identifier: GPL-2.0-or-later
// Control speculation (SDM 1:4.4.4, deferral 2:5.5.5), NaT propagation (SDM 3:2), data speculation and the ALAT
// (SDM 1:4.4.5).
	.include "lib.s"

	.set VA, 0x2000000000400000
	.set ED, 0x4000000000000000	// the low 16 MiB again, with translations marked ed

	.macro purge
	movl r2 = VA
	mov r3 = 14<<2
	ptc.l r2, r3
	srlz.d
	.endm
	.macro map fields, key=0
	purge
	insert_tc d, VA, page1+(\fields), 14<<2|(\key)<<8
	movl r10 = VA
	.endm
	// Goes on in the ed alias of the code, or back.
	.macro go_to offset, psr=0
	rsm PSR_IC
	srlz.d
	mov r2 = psr
	movl r3 = PSR_BN|PSR_IC|(\psr)
	or r2 = r2, r3
	mov cr.ipsr = r2
	movl r3 = .Lgo\@+\offset
	mov cr.iip = r3
	mov cr.ifs = r0
	rfi
.Lgo\@:
	.endm
	.macro set_dcr bits
	movl r2 = \bits
	mov cr.dcr = r2
	srlz.d
	.endm

	.global main
main:
	alloc r4 = ar.pfs, 0, 16, 0, 8
	mov r1 = 1
	mov ar.unat = r1
	movl r12 = nats
	ld8.fill r20 = [r12]		// NaT
	movl r10 = 0x1122334455667788
	movl r12 = page1
	st8 [r12] = r10

	// ---- NaT goes from operands to results; compares are in compare.s, consumption in faults.s ----
	.macro gives_nat insn
	mov r12 = 5
	\insn
	is_nat r12, "NaT operand: \insn"
	.endm
	gives_nat "add r12 = r20, r1"
	gives_nat "add r12 = r1, r20"
	gives_nat "sub r12 = r20, r20"
	gives_nat "xor r12 = r20, r20"
	gives_nat "and r12 = 0, r20"
	gives_nat "andcm r12 = r0, r20"
	gives_nat "or r12 = -1, r20"
	gives_nat "adds r12 = 8, r20"
	gives_nat "sub r12 = 8, r20"
	gives_nat "shladd r12 = r1, 2, r20"
	gives_nat "addp4 r12 = r20, r1"
	gives_nat "shl r12 = r20, r1"
	gives_nat "shl r12 = r1, r20"
	gives_nat "shr.u r12 = r20, 3"
	gives_nat "shrp r12 = r1, r20, 3"
	gives_nat "extr r12 = r20, 3, 4"
	gives_nat "dep r12 = r20, r1, 3, 4"
	gives_nat "dep r12 = r1, r20, 3, 4"
	gives_nat "dep r12 = -1, r20, 3, 4"
	gives_nat "dep.z r12 = r20, 3, 4"
	gives_nat "zxt4 r12 = r20"
	gives_nat "popcnt r12 = r20"
	gives_nat "czx1.l r12 = r20"
	gives_nat "mux1 r12 = r20, @rev"
	gives_nat "mux2 r12 = r20, 0x1b"
	gives_nat "padd1 r12 = r1, r20"
	gives_nat "pmpy2.r r12 = r20, r1"
	gives_nat "psad1 r12 = r20, r1"
	gives_nat "unpack4.h r12 = r1, r20"
	gives_nat "mov r12 = r20"
	gives_nat "ld8.s r12 = [r20]"
	gives_nat "ld1.sa r12 = [r20]"
	mov r12 = r20
	adds r12 = 3, r1
	is r12, 4, "a result without NaT operands has none"
	setf.sig f6 = r20
	fr_is f6, 0x1fffe, 0, "setf.sig of a NaT: NaTVal"
	setf.d f6 = r20
	fr_is f6, 0x1fffe, 0, "setf.d of a NaT: NaTVal"
	setf.exp f6 = r20
	fr_is f6, 0x1fffe, 0, "setf.exp of a NaT: NaTVal"
	getf.sig r12 = f6
	is_nat r12, "getf.sig of a NaTVal: NaT"
	getf.s r12 = f6
	is_nat r12, "getf.s of a NaTVal: NaT"
	getf.exp r12 = f6
	is_nat r12, "getf.exp of a NaTVal: NaT"
	fma f7 = f6, f0, f0
	fr_is f7, 0x1fffe, 0, "fma of a NaTVal: NaTVal"
	xma.l f7 = f1, f1, f6
	fr_is f7, 0x1fffe, 0, "xma of a NaTVal: NaTVal"
	fand f7 = f6, f0
	fr_is f7, 0x1fffe, 0, "fand of a NaTVal: NaTVal"
	fmerge.s f7 = f1, f6
	fr_is f7, 0x1fffe, 0, "fmerge of a NaTVal: NaTVal"
	fcvt.xf f7 = f6
	fr_is f7, 0x1fffe, 0, "fcvt.xf of a NaTVal: NaTVal"
	cmp.eq p8, p9 = r0, r0
	fcmp.eq p8, p9 = f6, f1
	is p8, 0, "fcmp of a NaTVal clears the first"
	is p9, 0, "fcmp of a NaTVal clears the second"
	fclass.m p8, p9 = f6, @nat
	is p8, 1, "fclass @nat of a NaTVal"
	is p9, 0, "fclass @nat of a NaTVal: second"
	cmp.eq p8, p9 = r0, r0
	frcpa f7, p8 = f6, f1
	is p8, 0, "frcpa of a NaTVal clears p"
	fr_is f7, 0x1fffe, 0, "frcpa of a NaTVal: NaTVal"
	// base updates
	movl r12 = page1
	ld8.s r13 = [r20], 8
	is_nat r13, "ld8.s from a NaT address: NaT"
	is_nat r20, "ld8.s from a NaT address: the base stays NaT"
	ld8 r13 = [r12], r20
	is r13, 0x1122334455667788, "ld8 with a NaT increment: loads"
	is_nat r12, "ld8 with a NaT increment: the base becomes NaT"
	lfetch [r12], 8
	is_nat r12, "lfetch of a NaT address: the base stays NaT"
	// spill and fill: unat bit by address bits 8:3
	mov ar.unat = r0
	movl r12 = page1+0x108
	st8.spill [r12] = r20
	adds r13 = 8, r12
	st8.spill [r13] = r1
	mov r11 = ar.unat
	is r11, 1<<33, "st8.spill: unat bit of address bits 8:3"
	movl r11 = 1<<33|1<<34
	mov ar.unat = r11
	adds r13 = 8, r12
	st8.spill [r13] = r1
	mov r11 = ar.unat
	is r11, 1<<33, "st8.spill without NaT clears its unat bit"
	ld8.fill r14 = [r12], 8
	is_nat r14, "ld8.fill: NaT"
	ld8.fill r14 = [r12]
	is r14, 1, "ld8.fill: no NaT"
	is r12, page1+0x110, "ld8.fill: base update"

	// ---- deferral; translations on ----
	virtual_on
	set_rr 1, 0x11<<8|14<<2
	set_rr 2, 0x12<<8|14<<2
	insert_tr i, 1, ED, PTE_PAD|AR_RWX|PL3|PTE_ED, 24<<2
	map PTE_PAD|AR_RW|PL3
	ld8.s r11 = [r10]
	is r11, 0x1122334455667788, "ld8.s: loads"
	ld4.sa r11 = [r10]
	is r11, 0x55667788, "ld4.sa: loads"
	ldfd.s f6 = [r10]
	getf.d r11 = f6
	is r11, 0x1122334455667788, "ldfd.s: loads"
	// psr.ed: for one load, whatever is there
	with_psr PSR_ED
	ld8.s r11 = [r10]
	is_nat r11, "psr.ed: ld8.s gives NaT"
	ld8.s r11 = [r10]
	is r11, 0x1122334455667788, "psr.ed: for one instruction only"
	with_psr PSR_ED
	ldfd.s f6 = [r10]
	fr_is f6, 0x1fffe, 0, "psr.ed: ldfd.s gives NaTVal"
	with_psr PSR_ED
	ld8 r11 = [r10]
	is r11, 0x1122334455667788, "psr.ed: does nothing to ld8"
	with_psr PSR_ED
	ld8.sa r11 = [r10]
	is_nat r11, "psr.ed: ld8.sa gives NaT"
	chk.a.clr r11, .Led1
	not_reached "psr.ed: ld8.sa leaves an ALAT entry"
.Led1:	reached "psr.ed: ld8.sa leaves no ALAT entry"

	// Each condition: without itlb.ed a fault; with it and without the dcr bit a fault with isr.ed; with both a NaT.
	.macro deferred bit, vector, name
	set_dcr 1<<\bit
	expect 9f
8:	ld8.s r11 = [r10]
	not_reached "\name: no itlb.ed (went on)"
9:	fault_is \vector, ISR_R|ISR_SP, 8b, "\name: no itlb.ed: a fault"
	set_dcr (0x7f00&~(1<<\bit))
	expect 9f
	go_to ED, _psr
8:	ld8.s r11 = [r10]
	not_reached "\name: itlb.ed, no dcr bit (went on)"
9:	fault_is \vector, ISR_R|ISR_SP|ISR_ED, 8b+ED, "\name: itlb.ed, no dcr bit: a fault with isr.ed"
	set_dcr 1<<\bit
	expect 9f
	mov r11 = 0
	go_to ED, _psr
	ld8.s r11 = [r10]
	ldfd.s f6 = [r10]
	ld8.sa r12 = [r10], 8
	go_to 0, _psr
9:	no_fault "\name: itlb.ed and dcr bit: no fault"
	is_nat r11, "\name: itlb.ed and dcr bit: NaT"
	fr_is f6, 0x1fffe, 0, "\name: itlb.ed and dcr bit: NaTVal"
	is_nat r12, "\name: itlb.ed and dcr bit: ld8.sa gives NaT"
	is r10, VA+8, "\name: itlb.ed and dcr bit: base update"
	movl r10 = VA
	expect 9f
	go_to ED, _psr
8:	ld8 r11 = [r10]
	not_reached "\name: ld8 (went on)"
9:	fault_is \vector, ISR_R|ISR_ED, 8b+ED, "\name: ld8 is not deferred"
	.endm
	.set _psr, 0
	purge
	movl r10 = VA
	deferred 8, V_ALT_DTLB, "dcr.dm, TLB miss"
	map (PTE_PAD&~PTE_P)|AR_RW|PL3
	deferred 9, V_NOT_PRESENT, "dcr.dp, page not present"
	map PTE_PAD|AR_X_RX|PL3
	mov r2 = 0
	movl r3 = 1
	mov pkr[r2] = r3
	map PTE_PAD|AR_RW|PL3, 0x77
	.set _psr, PSR_PK
	with_psr PSR_PK
	deferred 10, V_DKEY_MISS, "dcr.dk, key miss"
	mov r2 = 1
	movl r3 = 0x77<<8|5
	mov pkr[r2] = r3
	srlz.d
	deferred 11, V_KEY_PERM, "dcr.dx, key permission"
	.set _psr, 0
	rsm PSR_PK
	srlz.d
	map (PTE_PAD&~PTE_A)|AR_RW|PL3
	deferred 13, V_DACCESS, "dcr.da, access bit"
	map PTE_PAD|AR_RW|PL3
	movl r11 = VA
	mov dbr[r0] = r11
	movl r11 = 1<<63|0xf<<56|0xfffffffffffff8
	mov dbr[r1] = r11
	srlz.d
	.set _psr, PSR_DB
	with_psr PSR_DB
	// the fault's handler clears psr.db: set it again before each
	set_dcr 1<<14
	expect 9f
8:	ld8.s r11 = [r10]
	not_reached "dcr.dd, debug: no itlb.ed (went on)"
9:	fault_is V_DEBUG, ISR_R|ISR_SP, 8b, "dcr.dd, debug: no itlb.ed: a fault"
	set_dcr 0
	expect 9f
	go_to ED, PSR_DB
8:	ld8.s r11 = [r10]
	not_reached "dcr.dd, debug: itlb.ed, no dcr bit (went on)"
9:	fault_is V_DEBUG, ISR_R|ISR_SP|ISR_ED, 8b+ED, "dcr.dd, debug: itlb.ed, no dcr bit: a fault"
	set_dcr 1<<14
	expect 9f
	go_to ED, PSR_DB
	ld8.s r11 = [r10]
	go_to 0
9:	no_fault "dcr.dd, debug: deferred"
	is_nat r11, "dcr.dd, debug: NaT"
	rsm PSR_IC
	srlz.d
	mov dbr[r1] = r0
	ssm PSR_IC
	srlz.d
	mov r11 = psr
	movl r12 = PSR_DB
	andcm r11 = r11, r12
	mov psr.l = r11
	srlz.d
	// stores and others in an ed page
	set_dcr 0x7f00
	purge
	expect 9f
	go_to ED
8:	st8 [r10] = r0
	not_reached "store from an ed page (went on)"
9:	fault_is V_ALT_DTLB, ISR_W|ISR_ED, 8b+ED, "store from an ed page: isr.ed"
	// psr.ic 0: always deferred
	set_dcr 0
	rsm PSR_IC
	srlz.d
	ld8.s r11 = [r10]
	ldfd.s f6 = [r10]
	ssm PSR_IC
	srlz.d
	is_nat r11, "psr.ic 0: a miss of ld8.s is deferred"
	fr_is f6, 0x1fffe, 0, "psr.ic 0: a miss of ldfd.s is deferred"
	// Illegal Operation and Disabled FP are never deferred
	expect 9f
	go_to ED
8:	ld8.s r60 = [r10]
	not_reached "ld8.s outside of the frame (went on)"
9:	fault_is V_GENEX, 0, 8b+ED, "ld8.s outside of the frame: never deferred"

	// ---- the ALAT ----
	map PTE_PAD|AR_RW|PL3
	movl r12 = VA+8
	movl r13 = VA+0x100
	.macro fresh
	invala
	movl r2 = 0x1111222233334444
	st8 [r10] = r2
	st8 [r12] = r2
	.endm
	// r14 is changed behind the ALAT's back, so that a check that hits shows.
	.macro hits insn, name
	mov r14 = 77
	\insn
	is r14, 77, "\name: hit"
	.endm
	.macro misses insn, value, name
	mov r14 = 77
	\insn
	is r14, \value, "\name: miss"
	.endm
	fresh
	ld8.a r14 = [r10]
	is r14, 0x1111222233334444, "ld8.a loads"
	hits "ld8.c.nc r14 = [r10]", "ld8.c.nc"
	hits "ld8.c.nc r14 = [r10]", "ld8.c.nc again"
	hits "ld8.c.clr r14 = [r10]", "ld8.c.clr"
	misses "ld8.c.clr r14 = [r10]", 0x1111222233334444, "ld8.c.clr cleared it"
	misses "ld8.c.nc r14 = [r10]", 0x1111222233334444, "ld8.c.nc after a miss: loads and enters"
	hits "ld8.c.clr.acq r14 = [r10]", "ld8.c.nc entered; ld8.c.clr.acq"
	.macro store_between insn, value, name
	fresh
	ld8.a r14 = [r10]
	movl r15 = 0xabcdef0123456789
	\insn
	misses "ld8.c.nc r14 = [r10]", \value, "\name"
	.endm
	store_between "st8 [r10] = r15", 0xabcdef0123456789, "st8 between"
	store_between "st8.rel [r10] = r15", 0xabcdef0123456789, "st8.rel between"
	adds r16 = 7, r10
	store_between "st1 [r16] = r15", 0x8911222233334444, "st1 on the last byte between"
	adds r16 = -4, r10
	movl r2 = VA-0x4000
	adds r16 = 4, r10
	store_between "st8 [r16] = r15", 0x2345678933334444, "an unaligned st8 that overlaps between"
	store_between "xchg8 r17 = [r10], r15", 0xabcdef0123456789, "xchg8 between"
	store_between "fetchadd8.acq r17 = [r10], 1", 0x1111222233334445, "fetchadd8 between"
	store_between "stf8 [r10] = f1", 0x8000000000000000, "stf8 between"
	store_between "st8.spill [r10] = r15", 0xabcdef0123456789, "st8.spill between"
	mov ar.csd = r0
	store_between "st16 [r10] = r15, ar.csd", 0xabcdef0123456789, "st16 between"
	fresh
	ld8.a r14 = [r10]
	st8 [r12] = r0
	st8 [r13] = r0
	hits "ld8.c.clr r14 = [r10]", "stores elsewhere between"
	fresh
	ld8.a r14 = [r10]
	ld8.a r14 = [r12]
	st8 [r10] = r1
	hits "ld8.c.nc r14 = [r12]", "a second ld8.a replaces the entry"
	st8 [r12] = r1
	misses "ld8.c.clr r14 = [r12]", 1, "a second ld8.a: store to its address"
	// chk.a
	.macro chk insn, branches, name
	cmp.ne p8, p0 = r0, r0
	\insn, .Lchk\@
	br.cond.sptk .Lnot\@
.Lchk\@:
	cmp.eq p8, p0 = r0, r0
.Lnot\@:
	is p8, \branches, "\name"
	.endm
	fresh
	ld8.a r14 = [r10]
	chk "chk.a.nc r14", 0, "chk.a.nc: hit goes on"
	chk "chk.a.clr r14", 0, "chk.a.clr: hit goes on"
	chk "chk.a.nc r14", 1, "chk.a.clr cleared the entry"
	ld8.a r14 = [r10]
	st8 [r10] = r1
	chk "chk.a.nc r14", 1, "chk.a after a store: branches"
	fresh
	ld8.a r14 = [r10]
	ld8.a r15 = [r12]
	invala.e r14
	chk "chk.a.nc r14", 1, "invala.e: its entry is gone"
	chk "chk.a.nc r15", 0, "invala.e: others stay"
	invala
	chk "chk.a.nc r15", 1, "invala: all are gone"
	fresh
	ld8.a r14 = [r10]
	cmp.ne p6, p0 = r0, r0
	(p6) ld8.a r14 = [r12]
	(p6) invala
	(p6) invala.e r14
	(p6) chk.a.clr r14, .Lbad
	chk "chk.a.clr r14", 0, "predicated-off ld.a, invala, chk.a do nothing"
	// sizes
	.macro size n, value
	fresh
	ld\n\().a r14 = [r10]
	is r14, \value, "ld\n\().a"
	hits "ld\n\().c.nc r14 = [r10]", "ld\n\().c.nc"
	st1 [r10] = r0
	misses "ld\n\().c.clr r14 = [r10]", \value-0x44, "ld\n\().c.clr after a store"
	.endm
	size 1, 0x44
	size 2, 0x4444
	size 4, 0x33334444
	// FP registers are apart from general ones
	fresh
	ldfd.a f14 = [r10]
	chk "chk.a.nc r14", 1, "ldfd.a f14 is not an entry for r14"
	chk "chk.a.nc f14", 0, "chk.a of an FP register: hit"
	mov f14 = f1
	ldfd.c.nc f14 = [r10]
	fr_is f14, 0xffff, 0x8000000000000000, "ldfd.c.nc: hit"
	st8 [r10] = r0
	ldfd.c.clr f14 = [r10]
	fr_is f14, 0, 0, "ldfd.c.clr after a store: miss"
	chk "chk.a.nc f14", 1, "ldfd.c.clr cleared it"
	fresh
	ldfe.a f14 = [r13]
	chk "chk.a.nc f14", 0, "ldfe.a: hit"
	adds r16 = 8, r13
	st2 [r16] = r1
	chk "chk.a.nc f14", 1, "ldfe.a and a store to bytes 9:8: miss"
	ldfpd.a f14, f15 = [r13]
	chk "chk.a.nc f14", 0, "ldfpd.a: an entry for the first"
	invala.e f14
	chk "chk.a.nc f14", 1, "invala.e of an FP register"
	// ld8.sa
	fresh
	ld8.sa r14 = [r10]
	chk "chk.a.nc r14", 0, "ld8.sa: an entry"
	st8 [r10] = r1
	misses "ld8.c.clr r14 = [r10]", 1, "ld8.sa and a store"
	// purges drop what they must: a translation changed below an entry
	fresh
	ld8.a r14 = [r10]
	map PTE_PAD|AR_RW|PL3
	reached "a purge below an ALAT entry"
	// frames: r32 of a callee is another register
	fresh
	ld8.a r32 = [r10]
	br.call.sptk b1 = alat_callee
	is p9, 1, "ALAT: a callee's r32 is not the caller's"
	mov r14 = r32
	ld8.c.clr r32 = [r10]
	is r32, 0x9999, "ALAT: after the callee stored, the caller's check sees it"
	// rotation: the entry goes with the register
	fresh
	clrrrb
	mov ar.lc = 0
	mov ar.ec = 1
	ld8.a r32 = [r10]
	br.ctop.sptk .Lrot
.Lrot:
	chk "chk.a.nc r33", 0, "ALAT: the entry of r32 is r33's after rotation"
	chk "chk.a.nc r32", 1, "ALAT: r32 after rotation has none"
	clrrrb
	// a register freed and used again by another frame must not hit
	fresh
	br.call.sptk b1 = alat_leaf
	br.call.sptk b1 = alat_leaf2
	is p9, 0, "ALAT: an entry of a frame that is gone does not hit with stale data"
	// more entries than the ALAT has: whatever hits is right
	invala
	alloc r4 = ar.pfs, 0, 90, 0, 0
	.altmacro
	.macro many n
	ld8.a r\n = [r13]
	.endm
	.set n, 32
	.rept 90
	many %n
	.set n, n+1
	.endr
	.noaltmacro
	chk "chk.a.nc r121", 0, "ALAT, 90 entries: the last is there"
	chk "chk.a.nc r100", 0, "ALAT, 90 entries: 21 before it too (32 are asked for)"
	st8 [r13] = r1
	mov r15 = 0
	.altmacro
	.macro check_many n
	ld8.c.clr r\n = [r13]
	add r15 = r15, r\n
	.endm
	.set n, 32
	.rept 90
	check_many %n
	.set n, n+1
	.endr
	.noaltmacro
	is r15, 90, "ALAT, 90 entries: after a store every check gives the new value"
	end_program
.Lbad:	not_reached "a predicated-off chk.a branched"
	end_program

alat_callee:
	alloc r33 = ar.pfs, 0, 2, 0, 0
	cmp.ne p9, p0 = r0, r0
	chk.a.nc r32, 1f
	br.cond.sptk 2f
1:	cmp.eq p9, p0 = r0, r0
2:	movl r14 = 0x9999
	st8 [r10] = r14
	br.ret.sptk b1
alat_leaf:
	alloc r33 = ar.pfs, 0, 2, 0, 0
	ld8.a r32 = [r10]
	br.ret.sptk b1
alat_leaf2:	// stores, then checks a register it never loaded
	alloc r33 = ar.pfs, 0, 2, 0, 0
	movl r14 = 0x8888
	st8 [r10] = r14
	cmp.ne p9, p0 = r0, r0
	ld8.c.clr r32 = [r10]
	cmp.ne p9, p0 = r14, r32
	br.ret.sptk b1

	.data
	.balign 512
nats:	.skip 16
	.section .bss
	.balign 16384
page1:	.skip 16384
