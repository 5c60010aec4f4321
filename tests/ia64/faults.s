// SPDX-License-Identifier: GPL-2.0-or-later
// Interruptions that need no translation: what each vector is told, against SDM 2:8 and the pages of the
// instructions in SDM 3:2.
	.include "lib.s"

	// The instruction, in slot `slot`, faults like this.
	.macro faults insn, vector, isr, name, slot=0
	expect 9f
8:	\insn
	not_reached "\name (went on)"
9:	fault_is \vector, \isr, 8b+\slot, "\name"
	.endm
	// The same at privilege level 3.
	.macro user_faults insn, vector, isr, name, slot=0
	expect 9f
	at_level 3
8:	\insn
	not_reached "\name, at level 3 (went on)"
9:	fault_is \vector, \isr, 8b+\slot, "\name, at level 3"
	.endm
	// Works at level 3.
	.macro user_works insn, name
	expect 9f
	at_level 3
	\insn
8:	break.m 0x77
	not_reached "\name, at level 3 (went on)"
9:	fault_is V_BREAK, 0, 8b, "\name: allowed at level 3"
	.endm

	.global main
main:
	alloc r4 = ar.pfs, 0, 8, 0, 0
	movl r12 = data
	mov r13 = 1
	mov ar.unat = r13
	ld8.fill r20 = [r12]		// NaT
	mov r1 = 1
	setf.sig f8 = r20		// NaTVal

	// ---- break, in every unit: SDM 3:2 "break"; cr.iim ----
	faults "break.m 0x12345", V_BREAK, 0, "break.m"
	recorded r10, REC_IIM
	is r10, 0x12345, "break.m: iim"
	faults "break.m 0x1f", V_BREAK, 0, "break.m, small"
	faults "break.i 0x1abcd", V_BREAK, 0, "break.i", 1
	recorded r10, REC_IIM
	is r10, 0x1abcd, "break.i: iim"
	faults "break.f 0x2", V_BREAK, 0, "break.f", 1
	recorded r10, REC_IIM
	is r10, 2, "break.f: iim"
	expect 9f
8:	{ .bbb
	nop.b 0
	break.b 0x1234
	nop.b 0
	}
	not_reached "break.b (went on)"
9:	fault_is V_BREAK, 0, 8b+1, "break.b in slot 1"
	recorded r10, REC_IIM
	is r10, 0, "break.b: iim is 0"
	expect 9f
8:	{ .mlx
	nop.m 0
	break.x 0x3123456789abcdef
	}
	not_reached "break.x (went on)"
9:	fault_is V_BREAK, 0, 8b+1, "break.x"
	recorded r10, REC_IIM
	is r10, 0x3123456789abcdef, "break.x: iim has 62 bits"
	cmp.ne p6, p7 = r0, r0
	expect 9f
	(p6) break.m 1
	(p6) break.i 1
	(p6) break.x 1
9:	no_fault "break, predicate off"
	expect 9f
8:	{ .mmi
	nop.m 0
	break.m 5
	nop.i 0
	}
	not_reached "break.m in slot 1 (went on)"
9:	fault_is V_BREAK, 0, 8b+1, "break.m in slot 1"
	expect 9f
8:	{ .mmi
	nop.m 0
	nop.m 0
	break.i 5
	}
	not_reached "break.i in slot 2 (went on)"
9:	fault_is V_BREAK, 0, 8b+2, "break.i in slot 2"

	// ---- what is saved: SDM 2:3.3.5 ----
	expect 9f
	rum 0x30
	ssm PSR_AC
8:	break.m 6
	not_reached "ipsr (went on)"
9:	rum PSR_AC
	recorded r10, REC_IPSR
	movl r11 = PSR_AC|PSR_IC|PSR_BN
	xor r10 = r10, r11
	is r10, 0, "ipsr: ac, ic and bn as they were, ri 0"
	recorded r10, REC_IFS
	is r10, 0, "ifs: valid bit is 0"
	// iipa: the bundle of the instruction executed before (SDM 2:3.3.5.7).
	expect 9f
7:	nop.m 0
	nop.m 0
	nop.m 0
8:	break.m 6
	not_reached "iipa (went on)"
9:	recorded r10, REC_IIPA
	is r10, 8b-16, "iipa: the bundle before, from slot 0"
	expect 9f
8:	{ .mmi
	nop.m 0
	break.m 6
	nop.i 0
	}
	not_reached "iipa in slot 1 (went on)"
9:	recorded r10, REC_IIPA
	is r10, 8b, "iipa: the same bundle, from slot 1"
	expect 9f
7:	br.cond.sptk 8f
	nop.m 0
	nop.m 0
	nop.m 0
8:	break.m 6
	not_reached "iipa after a branch (went on)"
9:	recorded r10, REC_IIPA
	is r10, 7b, "iipa: the branch's bundle, right after a branch"
	// psr in the handler: SDM 2:3.3.2. A hook notes it.
	rum 0x30
	hook psr_hook
	ssm PSR_AC|PSR_PP|PSR_SP|PSR_DI|PSR_SI|PSR_UP
	with_psr PSR_DFL|PSR_DFH
8:	break.m 7
9:	hook 0
	rsm PSR_AC|PSR_PP|PSR_SP|PSR_DI|PSR_SI|PSR_UP|PSR_DFL|PSR_DFH
	mem_is psr_seen, PSR_UP, "psr in the handler: up kept; ic, i, ac, pp, sp, di, si, dfl, dfh 0"
	// dcr.pp and dcr.be: psr.pp and be in the handler.
	mov r10 = 1
	mov cr.dcr = r10
	hook psr_hook
8:	break.m 7
9:	hook 0
	mov cr.dcr = r0
	mem_is psr_seen, PSR_PP, "psr in the handler: pp from dcr.pp"
	rum PSR_UP

	// ---- psr.ic = 0: only isr is written, with ni (SDM 2:5.5.1) ----
	rsm PSR_IC
	srlz.d
	movl r10 = 0x1110
	mov cr.iip = r10
	movl r10 = 0x2222
	mov cr.ifa = r10
	movl r10 = 0x3330
	mov cr.iipa = r10
	movl r10 = 0x44
	mov cr.iim = r10
	movl r10 = 0x12<<2
	mov cr.itir = r10
	mov r10 = psr
	movl r11 = PSR_BN|PSR_IC
	or r10 = r10, r11
	mov cr.ipsr = r10
	expect 9f
	break.m 0x55
	not_reached "break with psr.ic 0 (went on)"
9:	case_ 3, "fault", "break with psr.ic 0: isr.ni", V_BREAK, ISR_NI, 0
	recorded r10, REC_IIP
	is r10, 0x1110, "psr.ic 0: iip stays"
	recorded r10, REC_IFA
	is r10, 0x2222, "psr.ic 0: ifa stays"
	recorded r10, REC_IIPA
	is r10, 0x3330, "psr.ic 0: iipa stays"
	recorded r10, REC_IIM
	is r10, 0x44, "psr.ic 0: iim stays"
	recorded r10, REC_ITIR
	is r10, 0x12<<2, "psr.ic 0: itir stays"

	// ---- Illegal Operation: code 0 ----
	faults "raw_m 0", V_BREAK, 0, "break.i/m 0 is all zeroes"
	faults "raw_m 15<<37", V_GENEX, 0, "a reserved opcode of unit M"
	expect 9f
8:	.balign 16
	data8 0x06, 0
	not_reached "a reserved template (went on)"
9:	fault_is V_GENEX, 0, 8b, "a reserved template"
	expect 9f
8:	.balign 16
	data8 0x1a, 0
	not_reached "another reserved template (went on)"
9:	fault_is V_GENEX, 0, 8b, "another reserved template"
	.macro illegal insn, name, slot=0
	faults "\insn", V_GENEX, 0, "\name is illegal", \slot
	.endm
	illegal "cmp.eq p8, p8 = r0, r0", "cmp with equal targets"
	illegal "(p6) cmp.eq.unc p8, p8 = r0, r0", "cmp.unc with equal targets, predicate off"
	expect 9f
	(p6) cmp.eq p8, p8 = r0, r0
	(p6) cmp.eq.and p8, p8 = r0, r0
9:	no_fault "cmp with equal targets, predicate off"
	illegal "tbit.z p8, p8 = r10, 3", "tbit with equal targets", 1
	illegal "ld8 r10 = [r10], 8", "ld8 with r1 = r3 and base update"
	illegal "ld8 r0 = [r12]", "ld8 to r0"
	illegal "mov r10 = cr.ifa", "reading cr.ifa with psr.ic 1"
	illegal "mov r10 = cr.ipsr", "reading cr.ipsr with psr.ic 1"
	illegal "mov r10 = cr.iha", "reading cr.iha with psr.ic 1"
	illegal "mov cr.iip = r0", "writing cr.iip with psr.ic 1"
	illegal "mov cr.irr0 = r0", "writing cr.irr0"
	illegal "mov cr.irr3 = r0", "writing cr.irr3"
	illegal "mov cr.ivr = r0", "writing cr.ivr"
	illegal "mov r10 = cr3", "reading a reserved control register"
	illegal "mov cr127 = r0", "writing a reserved control register"
	illegal "mov.m r10 = ar22", "reading a reserved application register"
	illegal "mov.m ar22 = r0", "writing a reserved application register"
	illegal "itc.d r0", "itc.d with psr.ic 1"
	illegal "itr.i itr[r0] = r0", "itr.i with psr.ic 1"
	illegal "ldfd f0 = [r12]", "ldfd to f0"
	illegal "ldfd f1 = [r12]", "ldfd to f1"
	illegal "fma f0 = f1, f1, f1", "fma to f0", 1
	illegal "ldfps f4, f6 = [r12]", "ldfps to two even registers"
	illegal "setf.sig f1 = r0", "setf.sig to f1"
	illegal "mov r40 = b0", "target outside of the frame", 1
	illegal "mov r40 = psr", "mov from psr outside of the frame"
	illegal "add r40 = r0, r0", "add outside of the frame"
	expect 9f
	mov.i r10 = ar112
	mov.i r10 = ar48
	mov.i ar127 = r12
	mov.i r10 = ar127
9:	no_fault "ignored application registers can be moved"
	is r10, 0, "an ignored application register reads 0"
	.purgem illegal

	// ---- Privileged Operation: code 0x10; Privileged Register 0x20 ----
	.macro privileged insn, name, slot=0
	user_faults "\insn", V_GENEX, 0x10, "\name is privileged", \slot
	.endm
	privileged "rsm PSR_I", "rsm"
	privileged "ssm PSR_I", "ssm"
	privileged "mov psr.l = r0", "mov to psr"
	privileged "mov r10 = psr", "mov from psr"
	privileged "mov r10 = cr.dcr", "mov from cr"
	privileged "mov cr.tpr = r0", "mov to cr"
	privileged "mov r10 = rr[r0]", "mov from rr"
	privileged "mov rr[r0] = r0", "mov to rr"
	privileged "mov r10 = pkr[r0]", "mov from pkr"
	privileged "mov r10 = ibr[r0]", "mov from ibr"
	privileged "mov r10 = dbr[r0]", "mov from dbr"
	privileged "mov r10 = pmc[r0]", "mov from pmc"
	privileged "mov pmd[r0] = r0", "mov to pmd"
	privileged "ptc.l r0, r0", "ptc.l"
	privileged "ptc.g r0, r0", "ptc.g"
	privileged "ptc.e r0", "ptc.e"
	privileged "ptr.d r0, r0", "ptr.d"
	user_faults "tpa r10 = r0", V_GENEX, 0x10|ISR_NA, "tpa is privileged"
	user_faults "tak r10 = r0", V_GENEX, 0x13|ISR_NA, "tak is privileged"
	privileged "rfi", "rfi", 2
	privileged "bsw.0", "bsw.0", 2
	privileged "bsw.1", "bsw.1", 2
	user_works "srlz.d", "srlz.d"
	user_works "srlz.i", "srlz.i"
	user_works "sync.i", "sync.i"
	user_works "mf.a", "mf.a"
	user_works "mov r10 = cpuid[r0]", "mov from cpuid"
	user_works "mov r10 = pmd[r1]", "mov from pmd"
	user_works "thash r10 = r0", "thash"
	user_works "ttag r10 = r0", "ttag"
	user_works "cover", "cover"
	user_works "clrrrb", "clrrrb"
	user_works "flushrs", "flushrs"
	user_works "rum 4", "rum"
	user_works "sum 4", "sum"
	user_works "mov psr.um = r0", "mov to psr.um"
	user_works "mov.m r10 = ar.itc", "mov from ar.itc"
	user_works "mov r10 = ar.k0", "mov from ar.k0"
	user_works "fc r12", "fc"
	user_works "fc.i r12", "fc.i"
	user_works "fwb", "fwb"
	user_works "invala", "invala"
	user_works "hint.m 0", "hint"
	user_faults "mov.m ar.k0 = r0", V_GENEX, 0x20, "mov to ar.k0"
	user_faults "mov.m ar.k7 = r0", V_GENEX, 0x20, "mov to ar.k7"
	user_faults "mov.m ar.itc = r0", V_GENEX, 0x20, "mov to ar.itc"
	ssm PSR_SI
	user_faults "mov.m r10 = ar.itc", V_GENEX, 0x20, "mov from ar.itc with psr.si"
	rsm PSR_SI
	// Illegal Operation is found before privilege: SDM 3:2 "mov cr".
	user_faults "mov r10 = cr.ifa", V_GENEX, 0, "reading cr.ifa with psr.ic 1: illegal before privileged"
	user_faults "mov cr.irr0 = r0", V_GENEX, 0, "writing cr.irr0: illegal before privileged"
	user_faults "mov r40 = cr.dcr", V_GENEX, 0, "mov from cr outside of the frame: illegal before privileged"
	user_faults "mov cr.dcr = r20", V_GENEX, 0x10, "mov of a NaT to cr: privileged before NaT"

	// ---- Reserved Register/Field: code 0x30 ----
	.macro reserved insn, value, name
	movl r10 = \value
	faults "\insn", V_GENEX, 0x30, "\name"
	.endm
	reserved "mov cr.dcr = r10", 1<<3, "dcr bit 3"
	reserved "mov cr.dcr = r10", 1<<15, "dcr bit 15"
	reserved "mov cr.pta = r10", 15<<2|2, "pta bit 1"
	reserved "mov cr.pta = r10", 15<<2|1<<9, "pta bit 9"
	reserved "mov cr.tpr = r10", 1<<8, "tpr bit 8"
	reserved "mov cr.itv = r10", 1<<8, "itv bit 8"
	reserved "mov cr.itv = r10", 1<<13, "itv bit 13"
	reserved "mov cr.pmv = r10", 1<<15, "pmv bit 15"
	reserved "mov cr.lid = r10", 1, "lid bit 0"
	reserved "mov psr.l = r10", 1<<6, "psr.l bit 6"
	reserved "mov psr.l = r10", 1<<16, "psr.l bit 16"
	reserved "mov psr.l = r10", 1<<28, "psr.l bit 28"
	reserved "ssm 1<<12", 0, "ssm bit 12"
	reserved "rsm 1<<16", 0, "rsm bit 16"
	reserved "sum 1<<6", 0, "sum bit 6"
	reserved "mov psr.um = r10", 1<<13, "psr.um bit 13"
	reserved "mov rr[r0] = r10", 2|12<<2, "rr bit 1"
	reserved "mov rr[r0] = r10", 1<<32|12<<2, "rr bit 32"
	reserved "mov rr[r0] = r10", 11<<2, "rr with a page size of 2 KiB"
	reserved "mov pkr[r0] = r10", 1<<4, "pkr bit 4"
	reserved "mov pkr[r0] = r10", 1<<32, "pkr bit 32"
	reserved "mov.m ar.fpsr = r10", 0x9804c0270033f|1<<58, "fpsr bit 58"
	reserved "mov.m ar.fpsr = r10", 0x9804c0270033f|1<<12, "fpsr sf0.td"
	reserved "mov.m ar.fpsr = r10", 0x9804c0270033f&~(3<<8)|1<<8, "fpsr sf0.pc 1"
	movl r10 = 1<<40
	faults "mov.i ar.pfs = r10", V_GENEX, 0x30, "pfs bit 40", 1
	mov r10 = 255
	faults "mov r11 = pkr[r10]", V_GENEX, 0x30, "pkr 255"
	faults "mov r11 = cpuid[r10]", V_GENEX, 0x30, "cpuid 255"
	faults "mov r11 = dbr[r10]", V_GENEX, 0x30, "dbr 255"
	// ignored: they write nothing
	movl r10 = 0xffff
	mov cr.iva = r10
	mov r11 = cr.iva
	movl r10 = ivt
	mov cr.iva = r10
	is r11, 0x8000, "iva: bits 14:0 are ignored"

	// ---- Unimplemented Data Address 0x50 (physical); instruction address ----
	movl r10 = 1<<55
	faults "ld8 r11 = [r10]", V_GENEX, 0x50|ISR_R, "load from an unimplemented physical address"
	recorded r11, REC_IFA
	is r11, 1<<55, "unimplemented data address: ifa"
	faults "st8 [r10] = r0", V_GENEX, 0x50|ISR_W, "store to an unimplemented physical address"
	faults "fetchadd8.acq r11 = [r10], 1", V_GENEX, 0x50|ISR_R|ISR_W, "fetchadd at an unimplemented physical address"
	ld8.s r11 = [r10]
	is_nat r11, "ld8.s from an unimplemented physical address: deferred"
	lfetch [r10]
	reached "lfetch of an unimplemented physical address: nothing"
	mov b6 = r10
	expect 9f
8:	br.cond.sptk b6
	not_reached "branch to an unimplemented address (went on)"
9:	recorded r11, REC_IIPA
	trap_is V_LOWER_PRIV, 0x10, 8b+2, 0, "branch to an unimplemented physical address: trap, code ui"
	is r11, 8b, "branch to an unimplemented physical address: iipa"

	// ---- Unaligned Data Reference ----
	movl r10 = data+1
	.macro unaligned insn, isr, name
	faults "\insn", V_UNALIGNED, \isr, "\name"
	.endm
	sum PSR_AC
	unaligned "ld2 r11 = [r10]", ISR_R, "ld2 unaligned, psr.ac"
	unaligned "ld4 r11 = [r10]", ISR_R, "ld4 unaligned, psr.ac"
	unaligned "ld8 r11 = [r10]", ISR_R, "ld8 unaligned, psr.ac"
	recorded r11, REC_IFA
	is r11, data+1, "unaligned: ifa"
	unaligned "st2 [r10] = r0", ISR_W, "st2 unaligned, psr.ac"
	unaligned "st8 [r10] = r0", ISR_W, "st8 unaligned, psr.ac"
	unaligned "ldfs f6 = [r10]", ISR_R, "ldfs unaligned, psr.ac"
	unaligned "ldfd f6 = [r10]", ISR_R, "ldfd unaligned, psr.ac"
	unaligned "ldfe f6 = [r10]", ISR_R, "ldfe unaligned, psr.ac"
	unaligned "ldf.fill f6 = [r10]", ISR_R, "ldf.fill unaligned, psr.ac"
	unaligned "ldfpd f6, f7 = [r10]", ISR_R, "ldfpd unaligned, psr.ac"
	unaligned "stfe [r10] = f1", ISR_W, "stfe unaligned, psr.ac"
	unaligned "stf.spill [r10] = f1", ISR_W, "stf.spill unaligned, psr.ac"
	unaligned "st8.spill [r10] = r0", ISR_W, "st8.spill unaligned, psr.ac"
	expect 9f
	ld1 r11 = [r10]
	st1 [r10] = r0
9:	no_fault "one byte is always aligned"
	movl r10 = data+8
	expect 9f
	ldfps f6, f7 = [r10]
9:	no_fault "ldfps at a multiple of 8"
	unaligned "ldfpd f6, f7 = [r10]", ISR_R, "ldfpd at 8 of 16, psr.ac"
	unaligned "ldfe f6 = [r10]", ISR_R, "ldfe at 8 of 16, psr.ac"
	unaligned "ldf.fill f6 = [r10]", ISR_R, "ldf.fill at 8 of 16, psr.ac"
	movl r10 = data+1
	rum PSR_AC
	// Without psr.ac they work; semaphores and ordered ones never do (SDM 2:4.5, 3:2 "ld").
	movl r14 = 0x8877665544332211
	movl r15 = data
	st8 [r15] = r14, 8
	st8 [r15] = r14
	ld2 r11 = [r10]
	is r11, 0x3322, "ld2 unaligned"
	ld4 r11 = [r10]
	is r11, 0x55443322, "ld4 unaligned"
	ld8 r11 = [r10]
	is r11, 0x1188776655443322, "ld8 unaligned"
	st4 [r10] = r0
	mem_is data, 0x8877660000000011, "st4 unaligned"
	ldf8 f6 = [r10]
	fr_is f6, 0x1003e, 0x1188776600000000, "ldf8 unaligned"
	unaligned "xchg8 r11 = [r10], r0", ISR_R|ISR_W, "xchg8 unaligned"
	unaligned "xchg2 r11 = [r10], r0", ISR_R|ISR_W, "xchg2 unaligned"
	unaligned "cmpxchg4.acq r11 = [r10], r0, ar.ccv", ISR_R|ISR_W, "cmpxchg4 unaligned"
	unaligned "fetchadd4.rel r11 = [r10], 1", ISR_R|ISR_W, "fetchadd4 unaligned"
	unaligned "fetchadd8.rel r11 = [r10], 1", ISR_R|ISR_W, "fetchadd8 unaligned"
	unaligned "ld8.acq r11 = [r10]", ISR_R, "ld8.acq unaligned"
	unaligned "st8.rel [r10] = r0", ISR_W, "st8.rel unaligned"
	unaligned "ld16 r11, ar.csd = [r10]", ISR_R, "ld16 unaligned"
	unaligned "st16 [r10] = r0, ar.csd", ISR_W, "st16 unaligned"

	// ---- Register NaT Consumption: code 0x10 and how it was consumed ----
	.macro nat insn, isr, name, slot=0
	faults "\insn", V_NAT, 0x10|\isr, "\name", \slot
	.endm
	mov r20 = r20
	nat "ld8 r11 = [r20]", ISR_R, "ld8 from a NaT address"
	nat "ld8.a r11 = [r20]", ISR_R, "ld8.a from a NaT address"
	nat "ld8.fill r11 = [r20]", ISR_R, "ld8.fill from a NaT address"
	nat "ld8.c.clr r11 = [r20]", ISR_R, "ld8.c.clr from a NaT address"
	nat "ldfd f6 = [r20]", ISR_R, "ldfd from a NaT address"
	nat "ldfpd f6, f7 = [r20]", ISR_R, "ldfpd from a NaT address"
	nat "st8 [r20] = r0", ISR_W, "st8 to a NaT address"
	nat "st8 [r12] = r20", ISR_W, "st8 of a NaT"
	nat "st1.rel [r12] = r20", ISR_W, "st1.rel of a NaT"
	nat "st8.spill [r20] = r0", ISR_W, "st8.spill to a NaT address"
	nat "stfd [r20] = f1", ISR_W, "stfd to a NaT address"
	nat "stfd [r12] = f8", ISR_W, "stfd of a NaTVal"
	nat "stf8 [r12] = f8", ISR_W, "stf8 of a NaTVal"
	nat "xchg8 r11 = [r20], r0", ISR_R|ISR_W, "xchg8 at a NaT address"
	nat "xchg8 r11 = [r12], r20", ISR_R|ISR_W, "xchg8 of a NaT"
	nat "cmpxchg8.acq r11 = [r12], r20, ar.ccv", ISR_R|ISR_W, "cmpxchg8 of a NaT"
	nat "fetchadd8.acq r11 = [r20], 1", ISR_R|ISR_W, "fetchadd8 at a NaT address"
	nat "lfetch.fault [r20]", ISR_R|ISR_NA|4, "lfetch.fault of a NaT address"
	nat "fc r20", ISR_R|ISR_NA|1, "fc of a NaT address"
	nat "probe.r r11 = r20, r0", ISR_R|ISR_NA|2, "probe.r of a NaT address"
	nat "probe.w r11 = r20, r0", ISR_W|ISR_NA|2, "probe.w of a NaT address"
	nat "probe.r r11 = r0, r20", ISR_R|ISR_NA|2, "probe.r with a NaT level"
	nat "probe.rw.fault r20, 0", ISR_R|ISR_W|ISR_NA|5, "probe.rw.fault of a NaT address"
	nat "tpa r11 = r20", ISR_NA|0, "tpa of a NaT address"
	nat "tak r11 = r20", ISR_NA|3, "tak of a NaT address"
	nat "mov cr.dcr = r20", 0, "mov of a NaT to cr"
	nat "mov.m ar.k0 = r20", 0, "mov of a NaT to ar (unit M)"
	nat "mov.i ar.lc = r20", 0, "mov of a NaT to ar (unit I)", 1
	nat "mov b6 = r20", 0, "mov of a NaT to br", 1
	nat "mov pr = r20, -1", 0, "mov of a NaT to pr", 1
	nat "mov psr.l = r20", 0, "mov of a NaT to psr"
	nat "mov psr.um = r20", 0, "mov of a NaT to psr.um"
	nat "mov rr[r20] = r0", 0, "mov to rr with a NaT index"
	nat "mov rr[r0] = r20", 0, "mov of a NaT to rr"
	nat "mov r11 = cpuid[r20]", 0, "mov from cpuid with a NaT index"
	nat "ptc.l r20, r0", 0, "ptc.l of a NaT address"
	nat "ptc.l r0, r20", 0, "ptc.l with a NaT size"
	nat "ptc.e r20", 0, "ptc.e of a NaT"
	expect 9f
	lfetch [r20]
	lfetch [r20], 8
	thash r10 = r20
	ttag r11 = r20
	st8.spill [r12] = r20
	stf.spill [r15] = f0
9:	no_fault "lfetch, thash, ttag of a NaT, spills: no fault"
	is_nat r10, "thash of a NaT is NaT"
	is_nat r11, "ttag of a NaT is NaT"
	mem_is 0, 0, "address 0 is untouched"

	// ---- Disabled FP Register: code bit 0 for f2-f31, bit 1 for f32-f127 ----
	with_psr PSR_DFL
	faults "fadd f6 = f0, f1", V_DISABLED_FP, 1, "f6 with psr.dfl", 1
	faults "fadd f0 = f6, f1", V_GENEX, 0, "fadd to f0 with psr.dfl: illegal comes first", 1
	faults "ldfd f6 = [r12]", V_DISABLED_FP, 1|ISR_R, "ldfd f6 with psr.dfl"
	faults "stfd [r12] = f6", V_DISABLED_FP, 1|ISR_W, "stfd f6 with psr.dfl"
	faults "getf.sig r10 = f6", V_DISABLED_FP, 1, "getf f6 with psr.dfl"
	faults "chk.s f6, main", V_DISABLED_FP, 1, "chk.s f6 with psr.dfl"
	expect 9f
	fadd f32 = f0, f1
	fcmp.eq p8, p9 = f0, f1
9:	no_fault "f32, f0 and f1 with psr.dfl"
	with_psr PSR_DFH, PSR_DFL
	faults "fadd f32 = f0, f1", V_DISABLED_FP, 2, "f32 with psr.dfh", 1
	faults "fadd f6 = f127, f1", V_DISABLED_FP, 2, "f127 as operand with psr.dfh", 1
	with_psr PSR_DFH|PSR_DFL
	faults "fadd f6 = f127, f1", V_DISABLED_FP, 3, "f6 and f127 with both disabled", 1
	rsm PSR_DFH|PSR_DFL
	// psr.mfl, mfh tell that a register was written.
	rum 0x30
	fadd f6 = f0, f1
	mov r10 = psr.um
	is r10, 0x10, "psr.mfl is set by a write of f6"
	rum 0x30
	fadd f32 = f0, f1
	mov r10 = psr.um
	is r10, 0x20, "psr.mfh is set by a write of f32"
	rum 0x30

	// ---- FP fault and trap: SDM 2:8 vectors 0x5c00, 0x5d00; code as for sf0 ----
	movl r10 = 0x9804c0270033f & ~0x3f	// all traps enabled
	mov ar.fpsr = r10
	movl r10 = 0x7ff0000000000000
	setf.d f10 = r10		// infinity
	movl r10 = 0x7fefffffffffffff
	setf.d f11 = r10		// largest double
	movl r10 = 0x0010000000000000
	setf.d f12 = r10		// smallest normal double
	movl r10 = 0x3ff0000000000001
	setf.d f13 = r10
	movl r10 = 1
	setf.d f14 = r10		// a denormal
	faults "fsub f6 = f10, f10", V_FP_FAULT, 1, "infinity - infinity: V", 1
	faults "fma.d f6 = f14, f1, f0", V_FP_FAULT, 2, "denormal operand: D", 1
	faults "frcpa f6, p8 = f1, f0", V_FP_FAULT, 4, "1 / 0: Z", 1
	expect 9f
8:	fma.d f6 = f11, f11, f0
	nop.m 0
	not_reached "overflow (went on)"
9:	trap_is V_FP_TRAP, 1|1<<11|1<<13|0<<14, 8b+1, 8b+2, "overflow enabled: trap with O and I, FPA as rounded"
	expect 9f
8:	fma.d f6 = f12, f12, f0
	nop.m 0
	not_reached "underflow (went on)"
9:	trap_is V_FP_TRAP, 1|1<<12, 8b+1, 8b+2, "underflow enabled: trap with U"
	expect 9f
8:	fma.d f6 = f13, f13, f0
	nop.m 0
	not_reached "inexact (went on)"
9:	trap_is V_FP_TRAP, 1|1<<13, 8b+1, 8b+2, "inexact enabled: trap with I"
	movl r10 = 0x9804c0270033f
	mov ar.fpsr = r10
	expect 9f
	fsub f6 = f10, f10
	fma.d f6 = f11, f11, f0
	fma.d f6 = f14, f1, f0
	frcpa f6, p8 = f1, f0
9:	no_fault "the same with all traps disabled"
	mov r10 = ar.fpsr
	shr.u r10 = r10, 13
	and r10 = 0x3f, r10
	is r10, 0x2f, "sf0 flags: V, D, Z, O and I"

	// ---- Debug: breakpoint registers (SDM 2:7.1) ----
	movl r10 = data
	mov r11 = r0
	mov dbr[r11] = r10
	movl r10 = 1<<63|1<<56|0xfffffffffffff8
	mov r11 = 1
	mov dbr[r11] = r10
	srlz.d
	movl r10 = data
	expect 9f
	ld8 r11 = [r10]
9:	no_fault "data breakpoint with psr.db 0"
	with_psr PSR_DB
	faults "ld8 r11 = [r10]", V_DEBUG, ISR_R, "read breakpoint"
	recorded r11, REC_IFA
	is r11, data, "read breakpoint: ifa"
	with_psr PSR_DB
	adds r15 = 4, r10
	faults "ld4 r11 = [r15]", V_DEBUG, ISR_R, "read breakpoint: mask"
	with_psr PSR_DB
	adds r15 = -4, r10
	faults "ld8 r11 = [r15]", V_DEBUG, ISR_R, "read breakpoint: an access that overlaps"
	with_psr PSR_DB
	faults "fetchadd8.acq r11 = [r10], 1", V_DEBUG, ISR_R|ISR_W, "read breakpoint: semaphore"
	with_psr PSR_DB
	adds r15 = 8, r10
	expect 9f
	st8 [r10] = r0
	ld8 r11 = [r15]
9:	no_fault "read breakpoint: stores and other addresses"
	rsm PSR_IC
	srlz.d
	with_psr PSR_DB|PSR_DD
	ld8 r11 = [r10]
	reached "psr.dd: the breakpoint is passed over once"
	faults "ld8 r11 = [r10]", V_DEBUG, ISR_R, "psr.dd: for one instruction only"
	// For levels not in plm nothing.
	expect 9f
	with_psr PSR_DB|3<<32
	ld8 r11 = [r10]
8:	break.m 1
9:	fault_is V_BREAK, 0, 8b, "read breakpoint for level 0: nothing at level 3"
	movl r12 = data
	movl r10 = 1<<62|1<<56|0xfffffffffffff8
	mov r11 = 1
	mov dbr[r11] = r10
	srlz.d
	with_psr PSR_DB
	faults "st1 [r12] = r0", V_DEBUG, ISR_W, "write breakpoint"
	mov dbr[r1] = r0
	srlz.d
	// instruction breakpoint
	movl r10 = 8f
	movl r14 = 1<<63|1<<56|0xfffffffffffff0
	mov ibr[r0] = r10
	mov ibr[r1] = r14
	srlz.i
	expect 9f
	with_psr PSR_DB
	nop.m 0
	nop.m 0
	nop.m 0
8:	nop.m 0
	not_reached "instruction breakpoint (went on)"
9:	fault_is V_DEBUG, ISR_X, 8b, "instruction breakpoint"
	recorded r11, REC_IFA
	is r11, 8b, "instruction breakpoint: ifa"
	movl r10 = 8f
	mov ibr[r0] = r10
	srlz.i
	rsm PSR_IC
	srlz.d
	mov r10 = psr
	movl r11 = PSR_IC|PSR_BN|PSR_DB|PSR_ID
	or r10 = r10, r11
	mov cr.ipsr = r10
	movl r10 = 8f
	mov cr.iip = r10
	mov cr.ifs = r0
	expect 9f
	rfi
8:	{ .mmi
	adds r16 = 1, r0
	adds r17 = 1, r0
	nop.i 0
	}
	not_reached "psr.id (went on)"
9:	fault_is V_DEBUG, ISR_X, 8b+1, "psr.id: the breakpoint is passed over for one instruction"
	mov ibr[r1] = r0
	srlz.i

	// ---- traps: single step, taken branch, lower privilege; codes ss 8, tb 4, lp 2 ----
	.macro step_to label, psr, ri=0
	rsm PSR_IC
	srlz.d
	mov r2 = psr
	movl r3 = PSR_IC|PSR_BN|\psr|(\ri<<41)
	or r2 = r2, r3
	mov cr.ipsr = r2
	movl r2 = \label
	mov cr.iip = r2
	mov cr.ifs = r0
	rfi
	.endm
	expect 9f
	step_to 8f, PSR_SS
8:	{ .mmi
	mov r10 = 1
	mov r10 = 2
	nop.i 0
	}
	not_reached "single step (went on)"
9:	trap_is V_SINGLE_STEP, 8, 8b, 8b+1, "single step: after one instruction"
	is r10, 1, "single step: it has executed"
	expect 9f
	step_to 8f, PSR_SS, 2
8:	{ .mmi
	mov r10 = 3
	mov r10 = 4
	mov r10 = 5
	}
	not_reached "single step in slot 2 (went on)"
9:	trap_is V_SINGLE_STEP, 8, 8b+2, 8b+16, "single step in slot 2: iip is the next bundle"
	is r10, 5, "single step in slot 2: only that has executed"
	expect 9f
	step_to 8f, PSR_SS
7:	nop.m 0
	not_reached "single step of a branch (went on)"
8:	{ .bbb
	br.cond.sptk 7b
	nop.b 0
	nop.b 0
	}
9:	trap_is V_SINGLE_STEP, 8, 8b, 7b, "single step of a taken branch without psr.tb"
	expect 9f
	step_to 8f, PSR_SS|PSR_TB
7:	nop.m 0
	not_reached "single step and taken branch (went on)"
8:	{ .bbb
	br.cond.sptk 7b
	nop.b 0
	nop.b 0
	}
9:	trap_is V_TAKEN_BRANCH, 4|8, 8b, 7b, "single step and taken branch: both codes, taken branch's vector"
	expect 9f
	step_to 8f, PSR_TB
8:	{ .mib
	nop.m 0
	nop.i 0
	br.cond.sptk 7f
	}
	not_reached "taken branch (went on)"
7:	nop.m 0
	not_reached "taken branch (went on after it)"
9:	trap_is V_TAKEN_BRANCH, 4, 8b+2, 7b, "taken branch"
	cmp.ne p6, p7 = r0, r0
	expect 9f
	step_to 8f, PSR_TB
8:	{ .mib
	nop.m 0
	nop.i 0
	(p6) br.cond.sptk 7f
	}
7:	{ .mmi
	nop.m 0
	break.m 0x11
	nop.i 0
	}
9:	fault_is V_BREAK, 0, 7b+1, "taken branch: not for one that is not taken"
	// A step over an L+X instruction.
	expect 9f
	step_to 8f, PSR_SS, 1
8:	{ .mlx
	nop.m 0
	movl r10 = 0x123456789abcdef0
	}
	not_reached "single step of movl (went on)"
9:	trap_is V_SINGLE_STEP, 8, 8b+1, 8b+16, "single step of movl: iip is the next bundle"
	is r10, 0x123456789abcdef0, "single step of movl: it has executed"
	// A fault comes instead of the trap.
	expect 9f
	step_to 8f, PSR_SS
8:	break.m 0x12
	not_reached "single step of a fault (went on)"
9:	fault_is V_BREAK, 0, 8b, "single step: a fault comes before the trap"
	// Lower privilege transfer: br.ret to pfs.ppl; demotes; with psr.lp it traps after.
	movl r10 = 3<<62|8
	mov ar.pfs = r10
	movl r10 = 7f
	mov b6 = r10
	expect 9f
	br.ret.sptk b6
7:	mov r10 = psr
	not_reached "br.ret to level 3 (went on)"
9:	fault_is V_GENEX, 0x10, 7b, "br.ret to level 3: privilege is gone"
	movl r10 = 3<<62|8
	mov ar.pfs = r10
	movl r10 = 7f
	mov b6 = r10
	expect 9f
	step_to 8f, PSR_LP
8:	{ .bbb
	br.ret.sptk b6
	nop.b 0
	nop.b 0
	}
7:	nop.m 0
	not_reached "lower privilege trap (went on)"
9:	trap_is V_LOWER_PRIV, 2, 8b, 7b, "br.ret to level 3 with psr.lp: lower privilege transfer trap"
	movl r10 = 3<<62|8
	mov ar.pfs = r10
	movl r10 = 7f
	mov b6 = r10
	expect 9f
	step_to 8f, PSR_LP|PSR_TB|PSR_SS
8:	{ .bbb
	br.ret.sptk b6
	nop.b 0
	nop.b 0
	}
7:	nop.m 0
	not_reached "lower privilege, taken branch, single step (went on)"
9:	trap_is V_LOWER_PRIV, 2|4|8, 8b, 7b, "br.ret to level 3 with psr.lp, tb, ss: all three codes"
	// br.ret never raises privilege: at level 3 with ppl 0 it stays.
	expect 9f
	at_level 3
	movl r10 = 8<<7|8
	mov ar.pfs = r10
	movl r10 = 7f
	mov b6 = r10
	br.ret.sptk b6
7:	mov r10 = psr
	not_reached "br.ret does not raise privilege (went on)"
9:	fault_is V_GENEX, 0x10, 7b, "br.ret does not raise privilege"

	// ---- speculation checks branch; the target is relative to the bundle ----
	chk.s.m r20, .Lfix1
	not_reached "chk.s of a NaT (went on)"
.Lfix1:	chk.s.i r0, .Lbad
	chk.s f1, .Lbad
	reached "chk.s of a value: goes on"
	chk.s f8, .Lfix2
	not_reached "chk.s of a NaTVal (went on)"
.Lfix2:
	br.cond.sptk .Lover
.Lbad:	not_reached "chk.s of a value branched"
.Lover:

	// ---- banked registers: SDM 2:3.3.7 ----
	mov r16 = 16
	mov r31 = r20		// NaT
	mov r15 = 15
	bsw.0
	mov r16 = 160
	mov r31 = 310
	is r15, 15, "bsw.0: r15 is not banked"
	is r31, 310, "bsw.0: r31 of bank 0"
	bsw.1
	is r16, 16, "bsw.1: r16 of bank 1"
	is_nat r31, "bsw.1: r31 of bank 1, NaT"
	bsw.0
	is r16, 160, "bsw.0: r16 of bank 0"
	bsw.1
	mov r31 = r0
	end_program

psr_hook:
	mov r22 = psr
	movl r23 = psr_seen
	st8 [r23] = r22
	mov r22 = cr.iip
	adds r22 = 16, r22
	mov cr.iip = r22
	br.sptk hook_done

	.data
	.balign 512
data:	.skip 64
psr_seen: data8 0
