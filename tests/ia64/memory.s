// SPDX-License-Identifier: GPL-2.0-or-later
// Virtual memory against SDM 2:4: region registers, inserts and purges, rights, keys, attributes, the faults they
// raise and what these are told, probes, the VHPT walker.
	.include "lib.s"

	// Region 1 is the one tested: rid 0x11, pages of 16 KiB, walker off. Its addresses stand for page1 and page2.
	.set RR1, 0x11<<8|14<<2
	.set VA, 0x2000000000400000
	.set ITIR1, RR1

	.macro faults insn, vector, isr, name, slot=0
	expect 9f
8:	\insn
	not_reached "\name (went on)"
9:	fault_is \vector, \isr, 8b+\slot, "\name"
	.endm
	.macro purge va, ps=14
	movl r2 = \va
	mov r3 = \ps<<2
	ptc.l r2, r3
	srlz.d
	srlz.i
	.endm
	// One page at VA, `fields` of its entry; translations of instructions as well.
	.macro map fields, key=0
	purge VA
	insert_tc d, VA, page1+(\fields), 14<<2|(\key)<<8
	insert_tc i, VA, page1+(\fields), 14<<2|(\key)<<8
	movl r10 = VA
	.endm

	.global main
main:
	alloc r4 = ar.pfs, 0, 8, 0, 0
	mov r1 = 1
	virtual_on
	set_rr 1, RR1
	movl r2 = page1
	movl r3 = 0x1122334455667788
	st8 [r2] = r3
	movl r10 = VA

	// ---- misses with the walker off: Alternate TLB vectors; ISR by the kind of access, Table 5-1 for non-access ----
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "miss of ld8"
	recorded r11, REC_IFA
	is r11, VA, "miss of ld8: ifa"
	recorded r11, REC_ITIR
	is r11, ITIR1, "miss of ld8: itir is the region's rid and page size"
	faults "st8 [r10] = r0", V_ALT_DTLB, ISR_W, "miss of st8"
	faults "fetchadd8.acq r11 = [r10], 1", V_ALT_DTLB, ISR_R|ISR_W, "miss of fetchadd8"
	faults "xchg1 r11 = [r10], r0", V_ALT_DTLB, ISR_R|ISR_W, "miss of xchg1"
	faults "ld8.s r11 = [r10]", V_ALT_DTLB, ISR_R|ISR_SP, "miss of ld8.s without deferral"
	faults "ld8.a r11 = [r10]", V_ALT_DTLB, ISR_R, "miss of ld8.a"
	faults "ld8.sa r11 = [r10]", V_ALT_DTLB, ISR_R|ISR_SP, "miss of ld8.sa without deferral"
	faults "ldfd f6 = [r10]", V_ALT_DTLB, ISR_R, "miss of ldfd"
	faults "stfd [r10] = f6", V_ALT_DTLB, ISR_W, "miss of stfd"
	faults "ldfpd f6, f7 = [r10]", V_ALT_DTLB, ISR_R, "miss of ldfpd"
	faults "tpa r11 = r10", V_ALT_DTLB, ISR_NA|0, "miss of tpa"
	faults "fc r10", V_ALT_DTLB, ISR_NA|ISR_R|1, "miss of fc"
	faults "fc.i r10", V_ALT_DTLB, ISR_NA|ISR_R|1, "miss of fc.i"
	faults "probe.r r11 = r10, r0", V_ALT_DTLB, ISR_NA|ISR_R|2, "miss of probe.r"
	faults "probe.w r11 = r10, 0", V_ALT_DTLB, ISR_NA|ISR_W|2, "miss of probe.w"
	faults "lfetch.fault [r10]", V_ALT_DTLB, ISR_NA|ISR_R|4, "miss of lfetch.fault"
	faults "probe.r.fault r10, 0", V_ALT_DTLB, ISR_NA|ISR_R|5, "miss of probe.r.fault"
	faults "probe.w.fault r10, 0", V_ALT_DTLB, ISR_NA|ISR_W|5, "miss of probe.w.fault"
	faults "probe.rw.fault r10, 0", V_ALT_DTLB, ISR_NA|ISR_R|ISR_W|5, "miss of probe.rw.fault"
	expect 9f
	lfetch [r10]
	tak r11 = r10
9:	no_fault "lfetch and tak never miss"
	is r11, 1, "tak of what is not there is 1"
	mov b6 = r10
	expect 9f
8:	br.cond.sptk b6
9:	movl r11 = VA
	fault_is V_ALT_ITLB, ISR_X, VA, "miss of a fetch: iip is the target"
	recorded r11, REC_IFA
	is r11, VA, "miss of a fetch: ifa"
	recorded r11, REC_ITIR
	is r11, ITIR1, "miss of a fetch: itir"
	recorded r11, REC_IIPA
	is r11, 8b, "miss of a fetch: iipa is the branch"

	// psr.ic = 0: Data Nested TLB; collects nothing, not even isr (SDM 2:8 vector 0x1400).
	rsm PSR_IC
	srlz.d
	movl r11 = 0x600450012
	mov cr.isr = r11
	mov cr.ifa = r1
	mov r11 = psr
	movl r12 = PSR_IC|PSR_BN
	or r11 = r11, r12
	mov cr.ipsr = r11
	expect 9f
	ld8 r11 = [r10]
	not_reached "nested miss (went on)"
9:	case_ 3, "fault", "miss with psr.ic 0: Data Nested TLB, isr is not written", V_NESTED, 0x600450012, 0
	recorded r11, REC_IFA
	is r11, 1, "miss with psr.ic 0: ifa stays"

	// ---- inserted: loads see the page; physical and virtual are the same memory ----
	map PTE_PAD|AR_RW|PL3
	ld8 r11 = [r10]
	is r11, 0x1122334455667788, "load through a translation"
	adds r12 = 8, r10
	st8 [r12] = r10
	mem_is page1+8, VA, "store through a translation"
	tpa r11 = r12
	is r11, page1+8, "tpa"
	movl r12 = VA+0x3ff8
	ld8 r11 = [r12]
	reached "last word of the page"
	movl r10 = VA+0x4000
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "first word after the page"
	movl r10 = VA+0x3ffc
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "an access across its end"

	// ---- not present ----
	map (PTE_PAD&~PTE_P)|AR_RWX|PL3
	faults "ld8 r11 = [r10]", V_NOT_PRESENT, ISR_R, "page not present: ld8"
	recorded r11, REC_IFA
	is r11, VA, "page not present: ifa"
	recorded r11, REC_ITIR
	is r11, ITIR1, "page not present: itir"
	faults "st1 [r10] = r0", V_NOT_PRESENT, ISR_W, "page not present: st1"
	faults "probe.r r11 = r10, 0", V_NOT_PRESENT, ISR_NA|ISR_R|2, "page not present: probe.r"
	faults "tpa r11 = r10", V_NOT_PRESENT, ISR_NA, "page not present: tpa"
	faults "fc r10", V_NOT_PRESENT, ISR_NA|ISR_R|1, "page not present: fc"
	tak r11 = r10
	is r11, 1, "page not present: tak is 1"
	mov b6 = r10
	expect 9f
8:	br.cond.sptk b6
9:	fault_is V_NOT_PRESENT, ISR_X, VA, "page not present: fetch"

	// ---- NaTPage ----
	map PTE_PAD|PTE_NATPAGE|AR_RWX|PL3, 5
	faults "ld8 r11 = [r10]", V_NAT, 0x20|ISR_R, "NaTPage: ld8"
	faults "st8 [r10] = r0", V_NAT, 0x20|ISR_W, "NaTPage: st8"
	faults "lfetch.fault [r10]", V_NAT, 0x24|ISR_NA|ISR_R, "NaTPage: lfetch.fault"
	faults "fc r10", V_NAT, 0x21|ISR_NA|ISR_R, "NaTPage: fc"
	faults "probe.r r11 = r10, 0", V_NAT, 0x22|ISR_NA|ISR_R, "NaTPage: probe.r"
	ld8.s r11 = [r10]
	is_nat r11, "NaTPage: ld8.s gives NaT"
	ldfd.s f6 = [r10]
	fr_is f6, 0x1fffe, 0, "NaTPage: ldfd.s gives NaTVal"
	tak r11 = r10
	is r11, 5<<8, "NaTPage: tak gives the key"
	mov b6 = r10
	expect 9f
8:	br.cond.sptk b6
9:	fault_is V_NAT, 0x20|ISR_X, VA, "NaTPage: fetch"

	// ---- access rights of each ar and pl: probes at each level (SDM 2:4.1.1.6, Table 4-2) ----
	// \r, \w: bit n set if level n may
	.macro rights ar, pl, r, w
	map PTE_PAD|(\ar)<<9|(\pl)<<7
	.irp level, 0, 1, 2, 3
	probe.r r11 = r10, \level
	probe.w r12 = r10, \level
	is r11, ((\r)>>\level)&1, "probe.r ar \ar pl \pl level \level"
	is r12, ((\w)>>\level)&1, "probe.w ar \ar pl \pl level \level"
	.endr
	.endm
	.irp a, 0, 1
	rights \a, 3, 0xf, 0
	rights \a, 2, 0x7, 0
	rights \a, 1, 0x3, 0
	rights \a, 0, 0x1, 0
	.endr
	.irp a, 2, 3, 6
	rights \a, 3, 0xf, 0xf
	rights \a, 2, 0x7, 0x7
	rights \a, 1, 0x3, 0x3
	rights \a, 0, 0x1, 0x1
	.endr
	rights 4, 3, 0xf, 0x7
	rights 4, 2, 0x7, 0x3
	rights 4, 1, 0x3, 0x1
	rights 4, 0, 0x1, 0x1
	rights 5, 3, 0xf, 0x1
	rights 5, 2, 0x7, 0x1
	rights 5, 1, 0x3, 0x1
	rights 5, 0, 0x1, 0x1
	.irp p, 0, 1, 2, 3
	rights 7, \p, 1, 0
	.endr
	// probe with a level in a register: the less privileged of it and cpl
	map PTE_PAD|AR_RW|PL1
	mov r14 = 2
	probe.r r11 = r10, r14
	is r11, 0, "probe.r with the level in a register: 2 of pl 1"
	movl r14 = 0xfffffffffffffff1
	probe.r r11 = r10, r14
	is r11, 1, "probe.r with the level in a register: low two bits count"
	expect 9f
	at_level 2
	probe.r r11 = r10, 0
	break.m 1
9:	is r11, 0, "probe.r at level 2 for level 0: level 2 counts"
	faults "probe.r.fault r10, 3", V_DRIGHTS, ISR_NA|ISR_R|5, "probe.r.fault without right"
	expect 9f
	probe.r.fault r10, 1
	probe.w.fault r10, 0
9:	no_fault "probe.fault with right"
	faults "probe.rw.fault r10, 3", V_DRIGHTS, ISR_NA|ISR_R|ISR_W|5, "probe.rw.fault without right"
	// real accesses
	.macro level_faults level, insn, vector, isr, name
	expect 9f
	at_level \level
8:	\insn
	not_reached "\name (went on)"
9:	fault_is \vector, \isr, 8b, "\name"
	.endm
	level_faults 2, "ld8 r11 = [r10]", V_DRIGHTS, ISR_R, "load at level 2 from pl 1"
	level_faults 3, "st8 [r10] = r0", V_DRIGHTS, ISR_W, "store at level 3 to pl 1"
	level_faults 3, "fetchadd4.acq r11 = [r10], 1", V_DRIGHTS, ISR_R|ISR_W, "semaphore at level 3 to pl 1"
	expect 9f
	at_level 1
	ld8 r11 = [r10]
8:	break.m 1
9:	fault_is V_BREAK, 0, 8b, "load at level 1 from pl 1: allowed"
	map PTE_PAD|AR_R|PL3
	faults "st8 [r10] = r0", V_DRIGHTS, ISR_W, "store to a read-only page"
	recorded r11, REC_ITIR
	is r11, ITIR1, "access rights: itir"
	faults "cmpxchg8.acq r11 = [r10], r0, ar.ccv", V_DRIGHTS, ISR_R|ISR_W, "semaphore on a read-only page"
	expect 9f
	ld8 r11 = [r10]
	fc r10
9:	no_fault "load and fc from a read-only page"
	// fetches: each ar at each level. page_code returns by a break.
	movl r2 = page1
	movl r3 = 7<<11			// break.m 7 in slot 0 of MII
	st8 [r2] = r3, 8
	movl r3 = 0x0004000000000200
	st8 [r2] = r3
	fc.i r2
	sync.i
	srlz.i
	.macro fetch ar, pl, x
	map PTE_PAD|(\ar)<<9|(\pl)<<7
	mov b6 = r10
	.irp level, 0, 1, 2, 3
	expect 9f
	at_level \level
	br.cond.sptk b6
9:	.if ((\x)>>\level)&1
	fault_is V_BREAK, 0, VA, "fetch ar \ar pl \pl level \level"
	.else
	fault_is V_IRIGHTS, ISR_X, VA, "fetch ar \ar pl \pl level \level"
	.endif
	.endr
	.endm
	.irp a, 0, 2, 4
	fetch \a, 3, 0
	fetch \a, 0, 0
	.endr
	.irp a, 1, 3, 5
	fetch \a, 3, 0xf
	fetch \a, 2, 0x7
	fetch \a, 1, 0x3
	fetch \a, 0, 0x1
	.endr
	fetch 6, 3, 0x8
	fetch 6, 2, 0x4
	fetch 6, 1, 0x2
	fetch 6, 0, 0x0
	fetch 7, 3, 0xf
	fetch 7, 0, 0xf
	recorded r11, REC_IFA

	// ---- dirty and access bits; psr.da, psr.ia; priority: rights, dirty, access ----
	map (PTE_PAD&~PTE_D)|AR_RWX|PL3
	faults "st8 [r10] = r0", V_DIRTY, ISR_W, "dirty bit: st8"
	recorded r11, REC_IFA
	is r11, VA, "dirty bit: ifa"
	recorded r11, REC_ITIR
	is r11, ITIR1, "dirty bit: itir"
	faults "fetchadd8.acq r11 = [r10], 1", V_DIRTY, ISR_R|ISR_W, "dirty bit: fetchadd8"
	expect 9f
	ld8 r11 = [r10]
	probe.w r11 = r10, 0
9:	no_fault "dirty bit: loads and probes do not mind"
	is r11, 1, "dirty bit: probe.w says yes"
	adds r12 = 64, r10
	expect 9f
	with_psr PSR_DA
	st8 [r12] = r0
8:	st8 [r12] = r0
	not_reached "psr.da (went on)"
9:	fault_is V_DIRTY, ISR_W, 8b, "psr.da: for one instruction only"
	map (PTE_PAD&~PTE_A)|AR_RWX|PL3
	faults "ld8 r11 = [r10]", V_DACCESS, ISR_R, "access bit: ld8"
	faults "st8 [r10] = r0", V_DACCESS, ISR_W, "access bit: st8"
	faults "lfetch.fault [r10]", V_DACCESS, ISR_R|ISR_NA|4, "access bit: lfetch.fault"
	faults "probe.r.fault r10, 0", V_DACCESS, ISR_R|ISR_NA|5, "access bit: probe.r.fault"
	expect 9f
	probe.r r11 = r10, 0
	tpa r11 = r10
	fc r10
9:	no_fault "access bit: probe.r, tpa, fc do not mind"
	expect 9f
	with_psr PSR_DA
	ld8 r11 = [r10]
8:	ld8 r11 = [r10]
	not_reached "psr.da and access bit (went on)"
9:	fault_is V_DACCESS, ISR_R, 8b, "psr.da: for one load only"
	mov b6 = r10
	expect 9f
	br.cond.sptk b6
9:	fault_is V_IACCESS, ISR_X, VA, "access bit: fetch"
	map (PTE_PAD&~PTE_A&~PTE_D)|AR_RWX|PL3
	faults "st8 [r10] = r0", V_DIRTY, ISR_W, "dirty bit comes before access bit"
	map (PTE_PAD&~PTE_A&~PTE_D)|AR_R|PL3
	faults "st8 [r10] = r0", V_DRIGHTS, ISR_W, "rights come before dirty bit"
	map PTE_PAD|AR_R|PL3|PTE_NATPAGE
	faults "st8 [r10] = r0", V_NAT, 0x20|ISR_W, "NaTPage comes before rights"

	// ---- protection keys: SDM 2:4.1.3 ----
	.macro set_key n, value
	mov r2 = \n
	movl r3 = \value
	mov pkr[r2] = r3
	srlz.d
	srlz.i
	.endm
	set_key 0, 1	// key 0, all allowed: the code itself
	map PTE_PAD|AR_RWX|PL3, 0x77
	tak r11 = r10
	is r11, 0x77<<8, "tak: key in bits 31:8"
	expect 9f
	ld8 r11 = [r10]
9:	no_fault "keys: not looked at without psr.pk"
	with_psr PSR_PK
	faults "ld8 r11 = [r10]", V_DKEY_MISS, ISR_R, "key miss: ld8"
	recorded r11, REC_ITIR
	is r11, ITIR1, "key miss: itir"
	faults "st8 [r10] = r0", V_DKEY_MISS, ISR_W, "key miss: st8"
	faults "probe.r r11 = r10, 0", V_DKEY_MISS, ISR_NA|ISR_R|2, "key miss: probe.r"
	mov b6 = r10
	expect 9f
	br.cond.sptk b6
9:	fault_is V_IKEY_MISS, ISR_X, VA, "key miss: fetch"
	set_key 15, 0x77<<8|1|2
	faults "st8 [r10] = r0", V_KEY_PERM, ISR_W, "key with wd: st8"
	faults "xchg8 r11 = [r10], r0", V_KEY_PERM, ISR_R|ISR_W, "key with wd: xchg8"
	expect 9f
	ld8 r11 = [r10]
9:	no_fault "key with wd: ld8"
	probe.w r11 = r10, 0
	is r11, 0, "key with wd: probe.w says no"
	probe.r r11 = r10, 0
	is r11, 1, "key with wd: probe.r says yes"
	set_key 15, 0x77<<8|1|4
	faults "ld8 r11 = [r10]", V_KEY_PERM, ISR_R, "key with rd: ld8"
	faults "fetchadd8.acq r11 = [r10], 1", V_KEY_PERM, ISR_R|ISR_W, "key with rd: fetchadd8"
	faults "probe.r.fault r10, 0", V_KEY_PERM, ISR_NA|ISR_R|5, "key with rd: probe.r.fault"
	expect 9f
	adds r12 = 64, r10
	st8 [r12] = r0
9:	no_fault "key with rd: st8"
	mov b6 = r10
	expect 9f
	br.cond.sptk b6
9:	fault_is V_BREAK, 0, VA, "key with rd: fetch"
	set_key 15, 0x77<<8|1|8
	expect 9f
	br.cond.sptk b6
9:	fault_is V_KEY_PERM, ISR_X, VA, "key with xd: fetch"
	// an invalid key register does not count; a key twice: the older one becomes invalid
	set_key 15, 0x77<<8
	faults "ld8 r11 = [r10]", V_DKEY_MISS, ISR_R, "key register without v"
	set_key 15, 0x77<<8|1|4
	set_key 3, 0x77<<8|1
	expect 9f
	ld8 r11 = [r10]
9:	no_fault "the same key in another register: the new one counts"
	mov r11 = 15
	mov r11 = pkr[r11]
	is r11, 0x77<<8|4, "the same key in another register: v of the old one is cleared"
	rsm PSR_PK
	srlz.d
	srlz.i

	// ---- memory attributes ----
	map PTE_PAD|PTE_UC|AR_RWX|PL3
	faults "fetchadd8.acq r11 = [r10], 1", V_UNSUPPORTED, ISR_R|ISR_W, "fetchadd on an uncacheable page"
	faults "xchg8 r11 = [r10], r0", V_UNSUPPORTED, ISR_R|ISR_W, "xchg8 on an uncacheable page"
	faults "ldfe f6 = [r10]", V_UNSUPPORTED, ISR_R, "ldfe from an uncacheable page"
	faults "stfe [r10] = f1", V_UNSUPPORTED, ISR_W, "stfe to an uncacheable page"
	adds r12 = 1, r10
	faults "ld8 r11 = [r12]", V_UNALIGNED, ISR_R, "unaligned load from an uncacheable page, psr.ac 0"
	ld8.s r11 = [r10]
	is_nat r11, "ld8.s from an uncacheable page: deferred"
	ld8.a r11 = [r10]
	is r11, 0, "ld8.a from an uncacheable page: 0"
	chk.a.nc r11, .Luc
	not_reached "ld8.a from an uncacheable page leaves no ALAT entry"
.Luc:
	ld8 r11 = [r10]
	is r11, 7<<11, "ld8 from an uncacheable page"

	// ---- page sizes: the whole range translates, nothing beyond it ----
	.macro size ps
	purge VA, \ps
	movl r10 = 1<<61|1<<40
	insert_tc d, 1<<61|1<<40, (1<<33)+PTE_PAD+AR_RW, \ps<<2
	movl r11 = (1<<61|1<<40)+(1<<\ps)-1
	tpa r12 = r11
	is r12, (1<<33)+(1<<\ps)-1, "page of 2^\ps: last byte"
	adds r11 = 1, r11
	faults "tpa r12 = r11", V_ALT_DTLB, ISR_NA, "page of 2^\ps: first byte after it"
	purge 1<<61|1<<40, \ps
	faults "tpa r12 = r10", V_ALT_DTLB, ISR_NA, "page of 2^\ps: gone after ptc.l"
	.endm
	.irp ps, 12, 13, 14, 16, 18, 20, 22, 24, 26, 28
	size \ps
	.endr
	// The address in cr.ifa need not be aligned: the page is.
	insert_tc d, (1<<61|1<<40)+0x5678, (1<<33)+0x3000+PTE_PAD+AR_RW, 16<<2
	movl r11 = (1<<61|1<<40)+0x10
	tpa r12 = r11
	is r12, (1<<33)+0x10, "insert: low bits of va and ppn are ignored by the page size"
	purge 1<<61|1<<40, 16
	.macro bad_insert insn, ifa, itir, pte, name
	rsm PSR_IC
	srlz.d
	movl r10 = \ifa
	mov cr.ifa = r10
	movl r10 = \itir
	mov cr.itir = r10
	movl r10 = \pte
	mov r11 = psr
	movl r12 = PSR_IC|PSR_BN|PSR_IT
	or r11 = r11, r12
	mov cr.ipsr = r11
	expect 9f
	\insn
	not_reached "\name (went on)"
9:	case_ 3, "fault", "\name", V_GENEX, 0x30|ISR_NI, 0
	.endm
	bad_insert "itc.d r10", VA, 11<<2, PTE_PAD, "itc.d: page size 2^11"
	bad_insert "itc.d r10", VA, 63<<2, PTE_PAD, "itc.d: page size 2^63"
	bad_insert "itc.d r10", VA, 15<<2, PTE_PAD, "itc.d: page size 2^15, not implemented"
	bad_insert "itc.i r10", VA, 14<<2|1, PTE_PAD, "itc.i: itir bit 0"
	bad_insert "itc.i r10", VA, 14<<2|1<<32, PTE_PAD, "itc.i: itir bit 32"
	bad_insert "itc.d r10", VA, 14<<2, PTE_PAD|2, "itc.d: pte bit 1"
	bad_insert "itc.d r10", VA, 14<<2, PTE_PAD|1<<51, "itc.d: pte bit 51"
	bad_insert "itc.d r10", VA, 14<<2, PTE_PAD|1<<2, "itc.d: memory attribute 1"
	bad_insert "itc.d r10", VA, 14<<2, PTE_PAD|3<<2, "itc.d: memory attribute 3"
	bad_insert "itr.d dtr[r1] = r10", VA, 14<<2, PTE_PAD|2<<2, "itr.d: memory attribute 2"
	movl r13 = 255
	bad_insert "itr.d dtr[r13] = r10", VA, 14<<2, PTE_PAD, "itr.d: register 255"

	// ---- TR: stays until purged by ptr; ptc.l of TC only ----
	insert_tr d, 1, VA, page1+PTE_PAD+AR_RW, 14<<2
	insert_tr d, 2, VA+0x4000, page2+PTE_PAD+AR_RW, 14<<2
	movl r10 = VA
	ptc.e r0
	srlz.d
	expect 9f
	ld8 r11 = [r10]
9:	no_fault "ptc.e does not touch translation registers"
	movl r14 = VA+0x4000
	mov r15 = 14<<2
	ptr.d r14, r15
	srlz.d
	faults "ld8 r11 = [r14]", V_ALT_DTLB, ISR_R, "ptr.d removes the register for that page"
	expect 9f
	ld8 r11 = [r10]
9:	no_fault "ptr.d leaves others"
	// a new translation in the same register
	insert_tr d, 1, VA+0x8000, page2+PTE_PAD+AR_RW, 14<<2
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "a register that was loaded anew: the old page is gone"
	movl r10 = VA+0x8000
	tpa r11 = r10
	is r11, page2, "a register that was loaded anew: the new page is there"
	mov r15 = 20<<2
	ptr.d r10, r15
	srlz.d
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "ptr.d with a larger size"
	// the same for instructions
	insert_tr i, 1, VA, page1+PTE_PAD+AR_RWX, 14<<2
	movl r10 = VA
	mov b6 = r10
	ptc.e r0
	srlz.i
	expect 9f
	br.cond.sptk b6
9:	fault_is V_BREAK, 0, VA, "itr.i stays over ptc.e"
	mov r15 = 14<<2
	ptr.i r10, r15
	srlz.i
	expect 9f
	br.cond.sptk b6
9:	fault_is V_ALT_ITLB, ISR_X, VA, "ptr.i removes the register"
	// instruction and data sides are apart
	insert_tc d, VA, page1+PTE_PAD+AR_RWX, 14<<2
	movl r10 = VA
	mov b6 = r10
	expect 9f
	br.cond.sptk b6
9:	fault_is V_ALT_ITLB, ISR_X, VA, "a data translation is none for fetches"
	// a TC entry that overlaps is replaced
	insert_tc d, VA, page2+PTE_PAD+AR_RW, 14<<2
	tpa r11 = r10
	is r11, page2, "itc.d replaces what overlaps"
	// in a loop, whose accesses around one base are in another page each time
	movl r20 = page1+PTE_PAD+AR_RW
	movl r21 = page2+PTE_PAD+AR_RW
	movl r22 = page1+0x3f00
	movl r23 = page2+0x3f00
	adds r24 = 8, r22
	adds r25 = 8, r23
	st8 [r22] = r22
	st8 [r24] = r22
	st8 [r23] = r23
	st8 [r25] = r23
	movl r10 = VA+0x3f00
	mov r26 = 0
	mov r14 = 199
	mov ar.lc = r14
1:	rsm PSR_IC
	srlz.d
	movl r2 = VA
	movl r3 = 14<<2
	mov cr.ifa = r2
	mov cr.itir = r3
	itc.d r20
	ssm PSR_IC
	srlz.d
	adds r11 = 8, r10
	ld8 r12 = [r10]
	ld8 r13 = [r11]
	st8 [r11] = r22
	xor r12 = r12, r22
	xor r13 = r13, r22
	or r26 = r26, r12
	or r26 = r26, r13
	xor r22 = r22, r23
	xor r23 = r23, r22
	xor r22 = r22, r23
	xor r20 = r20, r21
	xor r21 = r21, r20
	xor r20 = r20, r21
	br.cloop.sptk 1b
	is r26, 0, "itc.d in a loop: the page is the new one each time"
	insert_tc d, VA, page2+PTE_PAD+AR_RW, 14<<2
	movl r10 = VA
	insert_tc d, VA, page1+PTE_PAD+AR_RW, 12<<2
	tpa r11 = r10
	is r11, page1, "itc.d of a smaller page replaces a larger one"
	movl r10 = VA+0x1000
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "itc.d of a smaller page: the rest of the larger one is gone"
	// purges: of the size given, of the region given
	insert_tc d, VA, page1+PTE_PAD+AR_RW, 14<<2
	insert_tc d, VA+0x4000, page2+PTE_PAD+AR_RW, 14<<2
	movl r10 = VA
	movl r14 = VA+0x4000
	purge VA
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "ptc.l: that page"
	expect 9f
	ld8 r11 = [r14]
9:	no_fault "ptc.l: not the next one"
	insert_tc d, VA, page1+PTE_PAD+AR_RW, 14<<2
	purge VA, 16
	faults "ld8 r11 = [r14]", V_ALT_DTLB, ISR_R, "ptc.l of 64 KiB: all in it"
	insert_tc d, VA, page1+PTE_PAD+AR_RW, 14<<2
	movl r2 = VA
	mov r3 = 14<<2
	ptc.g r2, r3
	srlz.d
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "ptc.g on one processor"
	insert_tc d, VA, page1+PTE_PAD+AR_RW, 14<<2
	movl r2 = VA
	mov r3 = 14<<2
	ptc.ga r2, r3
	srlz.d
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "ptc.ga on one processor"
	insert_tc d, VA, page1+PTE_PAD+AR_RW, 14<<2
	ptc.e r0
	srlz.d
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "ptc.e"

	// more translations than there is room for: all are right or gone, and come back
	hook refill
	movl r10 = VA
	mov r13 = 0
	movl r11 = 3000
	mov ar.lc = r11
	movl r15 = 1<<12
1:	tpa r11 = r10
	sub r11 = r11, r10
	movl r14 = 0x10000000-VA
	cmp.eq p8, p9 = r11, r14
	(p9) adds r13 = 1, r13
	add r10 = r10, r15
	br.cloop.sptk 1b
	movl r10 = VA
	movl r11 = 3000
	mov ar.lc = r11
1:	tpa r11 = r10
	sub r11 = r11, r10
	cmp.eq p8, p9 = r11, r14
	(p9) adds r13 = 1, r13
	add r10 = r10, r15
	br.cloop.sptk 1b
	hook 0
	is r13, 0, "3000 translations of 4 KiB, twice: each is right"
	purge VA, 28
	movl r10 = VA
	faults "tpa r11 = r10", V_ALT_DTLB, ISR_NA, "one purge of 2^28 removes the first"
	movl r10 = VA+3000*4096
	faults "tpa r11 = r10", V_ALT_DTLB, ISR_NA, "one purge of 2^28 removes the last"
	movl r10 = VA

	// ---- region registers: another rid, another address space; the same rid in two regions is shared ----
	insert_tc d, VA, page1+PTE_PAD+AR_RW, 14<<2
	ld8 r11 = [r10]
	set_rr 1, 0x22<<8|14<<2
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "another rid: the translation does not match"
	recorded r11, REC_ITIR
	is r11, 0x22<<8|14<<2, "another rid: itir has it"
	insert_tc d, VA, page2+PTE_PAD+AR_RW, 14<<2
	tpa r11 = r10
	is r11, page2, "another rid: a translation of its own"
	set_rr 1, RR1
	tpa r11 = r10
	is r11, page1, "the first rid again: its translation is still there"
	set_rr 3, RR1
	movl r14 = 0x6000000000400000
	tpa r11 = r14
	is r11, page1, "two regions with one rid share translations"
	set_rr 3, 0x33<<8|14<<2
	mov r11 = rr[r10]
	is r11, RR1, "mov from rr: by the address's region"

	// ---- VHPT, short format: SDM 2:4.1.5 ----
	.set RR1V, RR1|1
	.set TABLE, 0x2000000100000000	// in region 1: short format tables are per region
	purge VA
	movl r11 = 0x100000000|20<<2|1
	mov cr.pta = r11
	srlz.d
	set_rr 1, RR1V
	thash r11 = r10
	is r11, TABLE+(VA&0x1fffffffffffffff)>>14<<3, "thash, short format"
	movl r12 = VA+0x123456000
	thash r11 = r12
	is r11, TABLE+((((VA+0x123456000)&0x1fffffffffffffff)>>14<<3)&0xfffff), "thash, short format: cut by the table's size"
	movl r12 = 0x6000000000400000
	thash r11 = r12
	is r11, 0x6000000100000000+(0x400000>>14<<3), "thash, short format: in the address's own region"
	// the table is not mapped: VHPT fault
	faults "ld8 r11 = [r10]", V_VHPT, ISR_R, "VHPT fault: the table's translation is missing"
	recorded r11, REC_IFA
	is r11, VA, "VHPT fault: ifa is the original address"
	recorded r11, REC_IHA
	is r11, TABLE+((VA&0x1fffffffffffffff)>>14<<3), "VHPT fault: iha is the entry's address"
	recorded r11, REC_ITIR
	is r11, RR1, "VHPT fault: itir"
	faults "st8 [r10] = r0", V_VHPT, ISR_W, "VHPT fault of a store"
	mov b6 = r10
	expect 9f
	br.cond.sptk b6
9:	fault_is V_VHPT, ISR_X, VA, "VHPT fault of a fetch"
	// the walker is off for data with psr.dt 0... and with rr.ve 0: Alternate
	set_rr 1, RR1
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "rr.ve 0: Alternate Data TLB"
	set_rr 1, RR1V
	movl r11 = 0x100000000|20<<2
	mov cr.pta = r11
	srlz.d
	faults "ld8 r11 = [r10]", V_ALT_DTLB, ISR_R, "pta.ve 0: Alternate Data TLB"
	movl r11 = 0x100000000|20<<2|1
	mov cr.pta = r11
	srlz.d
	// the table mapped: entries for VA are in table+(0x400000>>14)*8 = +0x800
	insert_tr d, 3, TABLE, table+PTE_PAD+AR_RW, 16<<2
	movl r14 = table+0x800
	movl r15 = page1+PTE_PAD+AR_RWX
	st8 [r14] = r15, 8
	movl r15 = page2+PTE_PAD+AR_RWX
	st8 [r14] = r15, 8
	movl r15 = page2+(PTE_PAD&~PTE_P)
	st8 [r14] = r15, 8
	movl r15 = page2+PTE_PAD+2	// reserved bit
	st8 [r14] = r15, 8
	ld8 r11 = [r10]
	is r11, 7<<11, "VHPT walk, short format: load"
	movl r10 = VA+0x4000
	tpa r11 = r10
	is r11, page2, "VHPT walk, short format: tpa of the next page"
	movl r10 = VA+0x8000
	faults "ld8 r11 = [r10]", V_NOT_PRESENT, ISR_R, "VHPT walk: an entry that is not present"
	movl r10 = VA+0xc000
	faults "ld8 r11 = [r10]", V_DTLB, ISR_R, "VHPT walk: an entry with a reserved bit set: Data TLB"
	recorded r11, REC_IHA
	is r11, TABLE+0x818, "VHPT walk: iha"
	movl r10 = VA
	mov b6 = r10
	expect 9f
	br.cond.sptk b6
9:	fault_is V_BREAK, 0, VA, "VHPT walk, short format: fetch"
	// a changed table is seen after a purge
	movl r14 = table+0x800
	movl r15 = page2+PTE_PAD+AR_RWX
	st8 [r14] = r15
	tpa r11 = r10
	is r11, page1, "VHPT: what was walked is cached"
	purge VA
	tpa r11 = r10
	is r11, page2, "VHPT: walked again after a purge"
	tak r11 = r10
	is r11, 0x11<<8, "VHPT, short format: the key is the rid"
	// dcr.be: the table is big-endian
	movl r14 = table+0x800
	movl r15 = page1+PTE_PAD+AR_RWX
	sum PSR_BE
	st8 [r14] = r15
	rum PSR_BE
	purge VA
	movl r15 = 1<<1
	mov cr.dcr = r15
	srlz.d
	tpa r11 = r10
	mov cr.dcr = r0
	srlz.d
	is r11, page1, "VHPT walk with dcr.be: a big-endian entry"
	movl r15 = page2+PTE_PAD+AR_RWX
	st8 [r14] = r15
	// the table's own translation: key without read permission, access bit 0, NaTPage: the walk fails
	purge VA
	movl r14 = TABLE
	mov r15 = 16<<2
	ptr.d r14, r15
	srlz.d
	.macro bad_table fields, itir, psr, name
	insert_tr d, 3, TABLE, table+(\fields), \itir
	purge VA
	with_psr \psr
	faults "ld8 r11 = [r10]", V_DTLB, ISR_R, "VHPT walk, \name: Data TLB"
	rsm PSR_PK
	srlz.d
	.endm
	bad_table PTE_PAD&~PTE_A|AR_RW, 16<<2, 0, "table with access bit 0"
	bad_table PTE_PAD&~PTE_P|AR_RW, 16<<2, 0, "table not present"
	bad_table PTE_PAD|PTE_NATPAGE|AR_RW, 16<<2, 0, "table on a NaTPage"
	bad_table PTE_PAD|PTE_UC|AR_RW, 16<<2, 0, "table uncacheable"
	set_key 7, 0x99<<8|1|4
	bad_table PTE_PAD|AR_RW, 0x99<<8|16<<2, PSR_PK, "table with a key that forbids reads"
	set_key 7, 0
	bad_table PTE_PAD|AR_RW, 0x99<<8|16<<2, PSR_PK, "table with a key that is not there"
	insert_tr d, 3, TABLE, table+PTE_PAD+AR_RW, 16<<2
	purge VA
	// nested: with psr.ic 0 walks still happen for data
	purge VA
	rsm PSR_IC
	srlz.d
	tpa r12 = r10
	ssm PSR_IC
	srlz.d
	is r12, page2, "VHPT walk for data with psr.ic 0"

	// ---- VHPT, long format ----
	movl r11 = TABLE|1<<8|16<<2|1
	mov cr.pta = r11
	srlz.d
	purge VA, 16
	thash r14 = r10
	ttag r15 = r10
	// the entry's address lies in the table, 32 bytes aligned
	movl r11 = TABLE
	sub r12 = r14, r11
	and r11 = 31, r12
	is r11, 0, "thash, long format: a multiple of 32"
	shr.u r11 = r12, 16
	is r11, 0, "thash, long format: within the table"
	tbit.z p6, p0 = r15, 63
	is p6, 1, "ttag: ti is 0"
	// an entry with a page size that is none: as if there were no entry
	movl r11 = page1+PTE_PAD+AR_RWX
	movl r12 = 11<<2
	st8 [r14] = r11, 8
	st8 [r14] = r12, 8
	st8 [r14] = r15, -16
	faults "ld8 r11 = [r10]", V_DTLB, ISR_R, "long format: a page size of 2 KiB: Data TLB"
	st8 [r14] = r0, 16
	movl r11 = 1<<63
	st8 [r14] = r11, -16
	faults "ld8 r11 = [r10]", V_DTLB, ISR_R, "long format: an invalid tag: Data TLB"
	recorded r11, REC_IHA
	cmp.eq p6, p0 = r11, r14
	is p6, 1, "long format: iha"
	mov b6 = r10
	expect 9f
	br.cond.sptk b6
9:	fault_is V_ITLB, ISR_X, VA, "long format: an invalid tag: Instruction TLB"
	movl r11 = page1+PTE_PAD+AR_RWX
	movl r12 = 0x55<<8|12<<2
	st8 [r14] = r11, 8
	st8 [r14] = r12, 8
	st8 [r14] = r15
	ld8 r11 = [r10]
	is r11, 7<<11, "long format: load"
	tak r11 = r10
	is r11, 0x55<<8, "long format: the key is the entry's"
	movl r12 = VA+0x1000
	thash r11 = r12
	thash r13 = r10
	cmp.eq p6, p0 = r11, r13
	is p6, 1, "thash: by the region's page size"
	expect 9f
	br.cond.sptk b6
9:	fault_is V_BREAK, 0, VA, "long format: fetch"
	// Hash and tag together are one page's alone: SDM 2:4.1.6. Pages 0 to 255 against that of VA.
	mov r20 = 0
	movl r12 = 1<<61
	movl r13 = 1<<14
	mov r11 = 255
	mov ar.lc = r11
.Ltags:	thash r22 = r12
	ttag r23 = r12
	cmp.eq p8, p0 = r22, r14
	cmp.eq p9, p0 = r10, r12
	(p8) cmp.eq.unc p10, p0 = r23, r15
	(p9) cmp.ne p10, p0 = r0, r0
	(p8) cmp.ne p8, p0 = r0, r0
	(p10) adds r20 = 1, r20
	cmp.ne p10, p0 = r0, r0
	add r12 = r12, r13
	br.cloop.sptk .Ltags
	is r20, 0, "thash and ttag: no other page has both the same"
	set_rr 1, RR1
	mov r11 = 15<<2
	mov cr.pta = r11

	// ---- epc: promotion by a page with ar 7; demotion by br.ret; SDM 3:2 "epc" ----
	// page2: { epc (B slot 2, MIB: nop.m nop.i epc) } { break.m 7 }
	movl r14 = gate
	movl r15 = page2
	mov ar.lc = 5
.Lcopy:	ld8 r16 = [r14], 8
	st8 [r15] = r16, 8
	br.cloop.sptk .Lcopy
	movl r15 = page2
	fc.i r15
	sync.i
	srlz.i
	.macro epc_case ar, pl, ppl, level, name
	purge VA
	insert_tc i, VA, page2+PTE_PAD+((\ar)<<9|(\pl)<<7), 14<<2
	movl r10 = VA
	mov b6 = r10
	movl r10 = (\ppl)<<62
	mov ar.pfs = r10
	expect 9f
	at_level \level
	br.cond.sptk b6
9:
	.endm
	epc_case 7, 0, 3, 3, "x"
	fault_is V_BREAK, 0, VA+32, "epc on a page with ar 7, pl 0: at level 0 now (mov from psr works)"
	recorded r11, REC_IPSR
	extr.u r11 = r11, 32, 2
	is r11, 0, "epc: ipsr.cpl of the break after it"
	epc_case 7, 1, 3, 3, "x"
	fault_is V_GENEX, 0x10, VA+16, "epc on a page with ar 7, pl 1: level 1 is not privileged"
	recorded r11, REC_IPSR
	extr.u r11 = r11, 32, 2
	is r11, 1, "epc with pl 1: level 1"
	epc_case 3, 0, 0, 0, "x"
	fault_is V_BREAK, 0, VA+32, "epc on a page with ar 3 at level 0: nothing"
	epc_case 3, 3, 3, 3, "x"
	fault_is V_GENEX, 0x10, VA+16, "epc on a page with ar 3: no promotion"
	epc_case 7, 0, 2, 3, "x"
	fault_is V_GENEX, 0, VA+2, "epc with pfs.ppl more privileged than cpl: Illegal Operation"
	// at level 3 with pl 2
	epc_case 7, 2, 3, 3, "x"
	recorded r11, REC_IPSR
	extr.u r11 = r11, 32, 2
	is r11, 2, "epc with pl 2: level 2"
	end_program

	// Bank 0: a page of 4 KiB at ifa -> ifa - VA + 0x10000000.
refill:
	mov r22 = cr.ifa
	movl r23 = (0x10000000-VA)+PTE_PAD+AR_RW
	mov r24 = -4096
	and r22 = r22, r24
	mov r24 = 12<<2
	add r22 = r22, r23
	mov cr.itir = r24
	itc.d r22
	br.sptk hook_done

	.balign 16
gate:	{ .mib
	nop.m 0
	nop.i 0
	epc
	}
	{ .mmi
	mov r11 = psr
	nop.m 0
	nop.i 0
	}
	{ .mmi
	break.m 7
	nop.m 0
	nop.i 0
	}

	.section .bss
	.balign 65536
table:	.skip 65536
page1:	.skip 16384
page2:	.skip 16384
