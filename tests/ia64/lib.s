// SPDX-License-Identifier: GPL-2.0-or-later
// What the test programs share: expectations, an interruption vector table that notes what happened and goes
// on where the test said, the start of a vCPU. See runner.c for how cases are judged.
//
// The assembler puts in the stops (.auto, its default). A label begins a bundle; what follows it is in slot 0 if
// it is of unit M or A, slot 1 of unit I or F, slot 2 of unit B. Where that matters a bundle is written out.
//
// r2, r3, b7 and bank 0 of r16 to r31 belong to this file. Everything else is the test's.

	// ---- cases ----

	.set ncase, 0

	.macro case_ kind, what, name, a=0, b=0, c=0, d=0
	break.m 0x1c0000 + ncase
	.set ncase, ncase + 1
	.pushsection .checks, "", @progbits
	data8 \kind, \a, \b, \c, \d
	.popsection
	.pushsection .check_names, "", @progbits
	stringz "\what"
	stringz "\name"
	.popsection
	.endm

	// Register (rN, bN, pN, pr) has this value and, a general register, no NaT.
	.macro is what, value, name
	case_ 0, \what, "\name", \value
	.endm
	// The eight bytes at a physical address.
	.macro mem_is address, value, name
	case_ 0, "[\address]", "\name", \value, \address
	.endm
	// General register is NaT.
	.macro is_nat what, name
	case_ 1, \what, "\name"
	.endm
	// Floating-point register: sign and exponent (18 bits), significand.
	.macro fr_is what, se, sig, name
	case_ 2, \what, "\name", \se, \sig
	.endm
	// Since `expect` there was this one fault. isr without ei; at = bundle + slot of the instruction.
	.macro fault_is vector, isr, at, name
	case_ 3, "fault", "\name", \vector, \isr, \at
	.endm
	// The same for a trap: of the instruction at bundle + slot, to go on at `next`.
	.macro trap_is vector, isr, at, next, name
	case_ 4, "trap", "\name", \vector, \isr, \at, \next
	.endm
	// Since `expect` there was none.
	.macro no_fault name
	case_ 5, "fault", "\name"
	.endm
	.macro reached name
	case_ 6, "", "\name"
	.endm
	.macro not_reached name
	case_ 7, "", "\name"
	.endm
	.macro end_program
	break.m 0x1bffff
	.endm
	// The program has to end with a machine check from here on.
	.macro expect_machine_check
	break.m 0x1bfffd
	.endm

	// A purge beside a translation register, and one of what the register holds, which is a machine check.
	.macro purges_over_register purge
	virtual_on
	set_rr 1, 0x11<<8|14<<2
	insert_tr d, 1, 0x2000000000010000, 0x200000+PTE_PAD+AR_RW, 16<<2
	movl r2 = 0x2000000000020000
	movl r3 = 16<<2
	\purge r2, r3
	srlz.d
	reached "\purge beside a translation register"
	expect_machine_check
	movl r2 = 0x2000000000014000
	movl r3 = 14<<2
	\purge r2, r3
	srlz.d
	not_reached "\purge over a translation register (went on)"
	end_program
	.endm

	// An instruction the assembler would refuse, 41 bits: in slot 0 of a bundle MII or BBB, nops after it.
	.macro raw_m insn
	.balign 16
	data8 (\insn)<<5 | 0x8000000<<46, 0x8000000>>18 | 0x8000000<<23
	.endm
	.macro raw_b insn
	.balign 16
	data8 0x16 | (\insn)<<5 | 0x4000000000<<46, 0x4000000000>>18 | 0x4000000000<<23
	.endm

	// ---- isr, psr ----

	.set ISR_X, 1<<32
	.set ISR_W, 1<<33
	.set ISR_R, 1<<34
	.set ISR_NA, 1<<35
	.set ISR_SP, 1<<36
	.set ISR_RS, 1<<37
	.set ISR_IR, 1<<38
	.set ISR_NI, 1<<39
	.set ISR_SO, 1<<40
	.set ISR_ED, 1<<43

	.set PSR_BE, 1<<1
	.set PSR_UP, 1<<2
	.set PSR_AC, 1<<3
	.set PSR_IC, 1<<13
	.set PSR_I, 1<<14
	.set PSR_PK, 1<<15
	.set PSR_DT, 1<<17
	.set PSR_DFL, 1<<18
	.set PSR_DFH, 1<<19
	.set PSR_SP, 1<<20
	.set PSR_PP, 1<<21
	.set PSR_DI, 1<<22
	.set PSR_SI, 1<<23
	.set PSR_DB, 1<<24
	.set PSR_LP, 1<<25
	.set PSR_TB, 1<<26
	.set PSR_RT, 1<<27
	.set PSR_CPL, 3<<32
	.set PSR_IT, 1<<36
	.set PSR_ID, 1<<37
	.set PSR_DA, 1<<38
	.set PSR_DD, 1<<39
	.set PSR_SS, 1<<40
	.set PSR_ED, 1<<43
	.set PSR_BN, 1<<44
	.set PSR_IA, 1<<45

	.set V_VHPT, 0x0000
	.set V_ITLB, 0x0400
	.set V_DTLB, 0x0800
	.set V_ALT_ITLB, 0x0c00
	.set V_ALT_DTLB, 0x1000
	.set V_NESTED, 0x1400
	.set V_IKEY_MISS, 0x1800
	.set V_DKEY_MISS, 0x1c00
	.set V_DIRTY, 0x2000
	.set V_IACCESS, 0x2400
	.set V_DACCESS, 0x2800
	.set V_BREAK, 0x2c00
	.set V_EXTINT, 0x3000
	.set V_NOT_PRESENT, 0x5000
	.set V_KEY_PERM, 0x5100
	.set V_IRIGHTS, 0x5200
	.set V_DRIGHTS, 0x5300
	.set V_GENEX, 0x5400
	.set V_DISABLED_FP, 0x5500
	.set V_NAT, 0x5600
	.set V_SPEC, 0x5700
	.set V_DEBUG, 0x5900
	.set V_UNALIGNED, 0x5a00
	.set V_UNSUPPORTED, 0x5b00
	.set V_FP_FAULT, 0x5c00
	.set V_FP_TRAP, 0x5d00
	.set V_LOWER_PRIV, 0x5e00
	.set V_TAKEN_BRANCH, 0x5f00
	.set V_SINGLE_STEP, 0x6000

	// ---- what the handlers note: struct fault_record of runner.c, then what they are told ----

	.set REC_COUNT, 0
	.set REC_VECTOR, 8
	.set REC_ISR, 16
	.set REC_IFA, 24
	.set REC_ITIR, 32
	.set REC_IIP, 40
	.set REC_IIPA, 48
	.set REC_IFS, 56
	.set REC_IIM, 64
	.set REC_IHA, 72
	.set REC_IPSR, 80
	.set REC_RESUME, 88	// where to go on; 0: a hook handles it, or it is unexpected
	.set REC_HOOK, 96	// called in bank 0 with the record in r20, ends with br hook_done
	.set REC_SIZE, 256

	// Next interruption: note it and go on at `label`, at privilege level 0.
	.macro expect label
	movl r2 = \label
	mov r3 = ar.k6
	st8 [r3] = r0
	adds r3 = REC_RESUME, r3
	st8 [r3] = r2
	.endm
	// Interruptions from here on go to `label` after they were noted (0: no more).
	.macro hook label
	movl r2 = \label
	mov r3 = ar.k6
	st8 [r3] = r0
	adds r3 = REC_HOOK, r3
	st8 [r3] = r2
	.endm
	// A field of the record; `reg` is not r2 or r3.
	.macro recorded reg, field
	mov r3 = ar.k6
	adds r3 = \field, r3
	ld8 \reg = [r3]
	.endm

	// Goes on with psr = (psr | set) & ~clear, as rfi can; psr.ic becomes 1. cr.ifs invalid.
	.macro with_psr set, clear=0
	rsm PSR_IC
	srlz.d
	mov r2 = psr
	movl r3 = (\set) | PSR_BN | PSR_IC
	or r2 = r2, r3
	movl r3 = \clear
	andcm r2 = r2, r3
	movl r3 = .Lwith_psr\@
	mov cr.ipsr = r2
	mov cr.iip = r3
	mov cr.ifs = r0
	rfi
.Lwith_psr\@:
	.endm
	// Goes on at a privilege level.
	.macro at_level n
	with_psr (\n)<<32
	.endm

	.macro set_rr region, value
	movl r2 = (\region)<<61
	movl r3 = \value
	mov rr[r2] = r3
	srlz.d
	srlz.i
	.endm

	// A page table entry's fields. ar, pl: access rights and privilege level.
	.set PTE_P, 1
	.set PTE_A, 1<<5
	.set PTE_D, 1<<6
	.set PTE_ED, 1<<52
	.set PTE_UC, 4<<2
	.set PTE_NATPAGE, 7<<2
	.set PTE_PAD, PTE_P|PTE_A|PTE_D
	.set AR_R, 0<<9
	.set AR_RX, 1<<9
	.set AR_RW, 2<<9
	.set AR_RWX, 3<<9
	.set AR_R_RW, 4<<9
	.set AR_RX_RWX, 5<<9
	.set AR_RWX_RW, 6<<9
	.set AR_X_RX, 7<<9
	.set PL0, 0<<7
	.set PL1, 1<<7
	.set PL2, 2<<7
	.set PL3, 3<<7

	// itc.d or .i of a translation va -> pte (address and fields); key << 8 | ps << 2 in itir.
	.macro insert_tc kind, va, pte, itir=14<<2
	rsm PSR_IC
	srlz.d
	movl r2 = \va
	movl r3 = \itir
	mov cr.ifa = r2
	mov cr.itir = r3
	movl r2 = \pte
	itc.\kind r2
	srlz.i
	ssm PSR_IC
	srlz.i
	.endm
	.macro insert_tr kind, slot, va, pte, itir=14<<2
	rsm PSR_IC
	srlz.d
	movl r2 = \va
	movl r3 = \itir
	mov cr.ifa = r2
	mov cr.itir = r3
	movl r2 = \pte
	mov r3 = \slot
	itr.\kind \kind\()tr[r3] = r2
	srlz.i
	ssm PSR_IC
	srlz.i
	.endm
	// Addresses below 16 MiB become virtual ones that mean the same (itr0, dtr0), for every level.
	.macro virtual_on
	set_rr 0, 1<<8|14<<2
	insert_tr i, 0, 0, PTE_PAD|AR_RWX|PL3, 24<<2
	insert_tr d, 0, 0, PTE_PAD|AR_RWX|PL3, 24<<2
	with_psr PSR_IT|PSR_DT|PSR_RT
	.endm

	// ---- interruption vector table ----

	.section .text.ivt, "ax", @progbits
	.balign 32768
	.global ivt
ivt:
	.macro vector offset
	.org \offset
	mov r16 = \offset
	br.sptk fault_common
	.endm
	.irp at, 0x0000,0x0400,0x0800,0x0c00,0x1000,0x1400,0x1800,0x1c00,0x2000,0x2400,0x2800,0x2c00,0x3000
	vector \at
	.endr
	.irp at, 0x3400,0x3800,0x3c00,0x4000,0x4400,0x4800,0x4c00
	vector \at
	.endr
	.irp at, 0x5000,0x5100,0x5200,0x5300,0x5400,0x5500,0x5600,0x5700,0x5800,0x5900,0x5a00,0x5b00,0x5c00
	vector \at
	.endr
	.irp at, 0x5d00,0x5e00,0x5f00,0x6000,0x6100,0x6200,0x6300,0x6400,0x6500,0x6600,0x6700,0x6800,0x6900
	vector \at
	.endr
	.irp at, 0x6a00,0x6b00,0x6c00,0x6d00,0x6e00,0x6f00,0x7000,0x7100,0x7200,0x7300,0x7400,0x7500,0x7600
	vector \at
	.endr
	.org 0x8000

	.text
	// In bank 0, psr.ic = 0, r16 = vector.
fault_common:
	mov r31 = pr
	mov r30 = b7
	mov r17 = cr.isr
	rsm PSR_DT|PSR_BE
	mov r20 = ar.k6
	srlz.d
	ld8 r18 = [r20]
	adds r18 = 1, r18
	mov r19 = cr.ifa
	mov r21 = r20
	st8 [r21] = r18, 8
	st8 [r21] = r16, 8
	mov r18 = cr.itir
	st8 [r21] = r17, 8
	st8 [r21] = r19, 8
	mov r19 = cr.iip
	st8 [r21] = r18, 8
	mov r18 = cr.iipa
	st8 [r21] = r19, 8
	mov r19 = cr.ifs
	st8 [r21] = r18, 8
	mov r18 = cr.iim
	st8 [r21] = r19, 8
	mov r19 = cr.iha
	st8 [r21] = r18, 8
	mov r18 = cr.ipsr
	st8 [r21] = r19, 8
	st8 [r21] = r18, 8
	ld8 r19 = [r21]		// REC_RESUME
	adds r22 = REC_HOOK, r20
	ld8 r23 = [r22]
	cmp.ne p6, p7 = r0, r23
	mov b7 = r23
	(p6) br.cond.sptk b7
resume:	// at r19, psr in r18
	cmp.eq p6, p7 = r0, r19
	(p6) br.cond.spnt unexpected
	movl r22 = PSR_CPL|PSR_I|PSR_SS|PSR_TB|PSR_LP|PSR_DB|PSR_ID|PSR_DA|PSR_DD|PSR_ED|PSR_IA|PSR_BE|3<<41
	andcm r18 = r18, r22
	st8 [r21] = r0
	mov cr.iip = r19
	mov cr.ipsr = r18
hook_done:	// goes on as cr.iip, ipsr say
	mov b7 = r30
	mov pr = r31, -1
	rfi
unexpected:
	break.m 0x1bfffe

	// ---- a vCPU starts: r8 = its number, r9 = their count ----

	.global _start
_start:
	alloc r2 = ar.pfs, 0, 0, 0, 0
	mov ar.rsc = 0
	movl r2 = ivt
	mov cr.iva = r2
	movl r2 = fault_records
	shl r3 = r8, 8
	add r2 = r2, r3
	mov ar.k6 = r2
	mov ar.k5 = r8
	movl r2 = rse_stacks
	shl r3 = r8, 16
	add r2 = r2, r3
	mov ar.bspstore = r2
	mov ar.rnat = r0
	movl r2 = 0x9804c0270033f
	mov ar.fpsr = r2
	mov cr.dcr = r0
	mov cr.tpr = r0
	ssm PSR_IC
	srlz.i
	movl r2 = main
	movl r3 = secondary
	cmp.eq p6, p7 = r0, r8
	(p6) mov b7 = r2
	(p7) mov b7 = r3
	br.cond.sptk b7
	.weak secondary

	.section .bss
	.balign 65536
	.global fault_records, rse_stacks
rse_stacks:
	.skip 8 * 65536
fault_records:
	.skip 8 * REC_SIZE

	.text
