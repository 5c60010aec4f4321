/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Paravirtualized processor operations: their numbers, the registers they work in, and how one
 * instruction of the kernel is marked as a site of such an operation. For C and assembly.
 *
 * A site is one privileged or sensitive instruction. The kernel is linked with the native
 * instruction there, so on hardware nothing has to be patched. Under a hypervisor the bundle
 * that holds the site becomes a "brl" to a piece of code that the kernel makes at boot
 * (paravirt_patch.c): it moves the instruction's operands to where the operation takes them,
 * does the operation, moves the result to the instruction's target, executes the other
 * instructions of the bundle, and goes on after the bundle.
 *
 * The registers of an operation are its calling convention, one of three (Kconfig):
 *
 *		arguments	result	may be overwritten
 *	static	r8, r9		r8	r8-r11, p14, p15, b6, b7
 *	banked	r28, r29	r28	r28-r31, p14, p15, b6, b7
 *	stacked	in0, in1	r8	all that a C function may, but no predicates
 *
 * A site says with PV_CLOBBER_* which registers are free there.
 *
 * Hand-written assembly that is built twice (ivt.S, entry.S, fsys.S, gate.S) has no sites; see
 * asm/paravirt_inst.h.
 */
#ifndef _ASM_IA64_PARAVIRT_OP_H
#define _ASM_IA64_PARAVIRT_OP_H

/*
 * Operations. "a" and "b" are the arguments in their order, "->" the result. An operation
 * that pv_cpu_ops does not have leaves its sites alone.
 *
 * All are done by the kernel at its own level with whatever stack it has, and clobber what the
 * convention says and what the instruction would. Unless told otherwise, psr.i and psr.ic may be
 * on or off and nothing is serialized: the sites' callers have srlz.d and srlz.i of their own.
 */
#define PV_OP_NONE		0

/* psr.i. Callers: local_irq_*(), spin locks; psr.ic is on, any context. */
#define PV_OP_SSM_I		1	/* psr.i = 1; what is pending may be taken at once */
#define PV_OP_RSM_I		2	/* psr.i = 0, from the next instruction on */
#define PV_OP_GET_PSR_I		3	/* -> a value whose bit IA64_PSR_I is psr.i */
/* Around calls of the firmware (pal.S), restores what GET_PSR_I gave; psr.i is off. */
#define PV_OP_SET_PSR_I		45	/* psr.i = bit IA64_PSR_I of a, and no other bit */

/*
 * The rest of psr. Callers: mode switches (head.S, pal.S, efi_stub.S), MCA, and for psr.dfh
 * ia64_fph_enable(), ia64_fph_disable() of context switch, ptrace, signals, preemption off.
 */
#define PV_OP_GET_PSR		4	/* -> psr, bits 0-31, 35, 36 */
#define PV_OP_SET_PSR_L		5	/* psr.l = a */
#define PV_OP_SSM		6	/* set the bits a of psr, where no operation below fits */
#define PV_OP_RSM		7	/* clear the bits a of psr, likewise */
#define PV_OP_SSM_IC		46	/* psr.ic = 1; interrupts off */
#define PV_OP_RSM_IC		47	/* psr.ic = 0; interrupts off */
#define PV_OP_RSM_I_IC		48	/* psr.i = psr.ic = 0 */
#define PV_OP_RFI		51	/* rfi with cr.iip, cr.ipsr, cr.ifs; psr.ic off; does not return */

/* Interrupts. Callers: ia64_handle_irq(), the timer, iosapic.c; psr.i is off but for TPR. */
#define PV_OP_GET_IVR		8	/* -> cr.ivr: accepts an interrupt */
#define PV_OP_GET_TPR		9	/* -> cr.tpr */
#define PV_OP_SET_TPR		10	/* cr.tpr = a */
#define PV_OP_SET_EOI		11	/* end of the interrupt last accepted */
#define PV_OP_SET_ITM		12	/* cr.itm = a */

/* Other control registers. Callers: cpu_init(), a processor's start, MCA. */
#define PV_OP_GET_CR		13	/* -> control register a, where no other is named */
#define PV_OP_SET_CR		14	/* control register a = b, where no other is named */
#define PV_OP_GET_ICR		49	/* -> control register a, IPSR to IHA; psr.ic off */
#define PV_OP_SET_ICR		50	/* control register a = b, IPSR to IHA; psr.ic off */

/* Kernel registers: cpu_init(), context switch; preemption off. */
#define PV_OP_SET_KR		15	/* ar.k a = b */

/* Time. Callers: get_cycles() and udelay() from anywhere; SET_ITC: ia64_sync_itc(), psr.i off. */
#define PV_OP_GET_ITC		16	/* -> ar.itc */
#define PV_OP_SET_ITC		17	/* ar.itc = a */

/* Region registers: activate_mm() and the like, preemption off. */
#define PV_OP_GET_RR		18	/* -> rr[a]; a is an address */
#define PV_OP_SET_RR		19	/* rr[a] = b; a is an address */

/* Debug, protection key and performance registers: ptrace, perfmon; preemption off. */
#define PV_OP_GET_DBR		20	/* -> dbr[a] */
#define PV_OP_SET_DBR		21	/* dbr[a] = b */
#define PV_OP_GET_IBR		22	/* -> ibr[a] */
#define PV_OP_SET_IBR		23	/* ibr[a] = b */
#define PV_OP_GET_PKR		24	/* -> pkr[a] */
#define PV_OP_SET_PKR		25	/* pkr[a] = b */
#define PV_OP_GET_PMC		26	/* -> pmc[a] */
#define PV_OP_SET_PMC		27	/* pmc[a] = b */
#define PV_OP_GET_PMD		28	/* -> pmd[a] */
#define PV_OP_SET_PMD		29	/* pmd[a] = b */

/* identify_cpu() */
#define PV_OP_GET_CPUID		30	/* -> cpuid[a] */

/* Insertions: ia64_itr_entry(), a processor's start; psr.ic is off. */
#define PV_OP_ITC_I		31	/* itc.i a, with cr.ifa and cr.itir */
#define PV_OP_ITC_D		32	/* itc.d a, with cr.ifa and cr.itir */
#define PV_OP_ITR_I		33	/* itr[a] = b, with cr.ifa and cr.itir */
#define PV_OP_ITR_D		34	/* dtr[a] = b, with cr.ifa and cr.itir */

/*
 * Purges: tlb.c, preemption off. A purge may take more than was asked for, and other processors'
 * translations too; never less.
 */
#define PV_OP_PTR_I		35	/* ptr.i a,b: address, page size << 2 */
#define PV_OP_PTR_D		36	/* ptr.d a,b */
#define PV_OP_PTC_L		37	/* ptc.l a,b */
#define PV_OP_PTC_G		38	/* ptc.g a,b */
#define PV_OP_PTC_GA		39	/* ptc.ga a,b */
#define PV_OP_PTC_E		40	/* ptc.e a; interrupts off */

/* Questions about translations: flush_tlb_range(), ia64_imva() and others, any context. */
#define PV_OP_THASH		41	/* -> thash a */
#define PV_OP_TTAG		42	/* -> ttag a */
#define PV_OP_TPA		43	/* -> tpa a; a is mapped */
#define PV_OP_TAK		44	/* -> tak a */

/*
 * Spin locks: arch_spin_lock(), any context, psr.i on or off. The address a of the lock's word;
 * -> the word before a ticket was drawn from it. On hardware fetchadd4.acq, and who is not served
 * yet waits in the queue. A hypervisor may return when it is served: there, whoever comes first
 * takes a lock that is free, as the next in a queue may be a vCPU that is not running.
 */
#define PV_OP_SPIN_TICKET	52

#define PV_NR_OPS		53

/*
 * What is free at a site.
 * NONE: nothing. The instruction stays, and a hypervisor emulates it.
 * CALL: the registers of the convention.
 * FP: f6 to f9, p14, p15 only: the registers of the convention are kept there meanwhile. The
 *	operation's sequence is copied, not called.
 * PHYS: as FP, and the processor may be in physical mode: code for the site has to be in the
 *	kernel's image, and what accesses memory cannot be done.
 */
#define PV_CLOBBER_NONE		0
#define PV_CLOBBER_CALL		1
#define PV_CLOBBER_FP		2
#define PV_CLOBBER_PHYS		3

/* The second word of a site: the operation, if the instruction alone does not tell it. */
#define PV_SITE_INFO(op, clobber)	((op) | (clobber) << 8)

#ifdef __ASSEMBLY__

/*
 * PV_SITE(insn): the instruction insn, as a site where no register is free. It may be
 * predicated, "(p6) ssm psr.i", and stands where the instruction would.
 * PV_SITE_CALL, PV_SITE_FP, PV_SITE_PHYS(insn): the same where something is free. A stop
 * follows: so the bundle has no branch in it.
 * PV_SITE_AS(op, insn): PV_SITE_FP(insn), of what insn does only op is wanted.
 */
# ifdef CONFIG_PARAVIRT
	.section "__pv_sites", "a"
	.previous
#  define PV_SITE(...)							\
[77771:] __VA_ARGS__;							\
	.xdata4 "__pv_sites", 77771b-., PV_SITE_INFO(0, PV_CLOBBER_NONE)
#  define PV_SITE_WITH(op, clobber, ...)				\
[77771:] __VA_ARGS__;;							\
	.xdata4 "__pv_sites", 77771b-., PV_SITE_INFO(op, clobber)
# else
#  define PV_SITE(...)			__VA_ARGS__
#  define PV_SITE_WITH(op, clobber, ...)	__VA_ARGS__
# endif
# define PV_SITE_CALL(...)	PV_SITE_WITH(0, PV_CLOBBER_CALL, __VA_ARGS__)
# define PV_SITE_FP(...)	PV_SITE_WITH(0, PV_CLOBBER_FP, __VA_ARGS__)
# define PV_SITE_PHYS(...)	PV_SITE_WITH(0, PV_CLOBBER_PHYS, __VA_ARGS__)
# define PV_SITE_AS(op, ...)	PV_SITE_WITH(op, PV_CLOBBER_FP, __VA_ARGS__)

/*
 * PV_SEQ(name, body): the code of an operation. body is a list of instructions, separated by
 * ";", that takes PV_A0 and PV_A1 and leaves PV_RET, overwrites those, PV_S0, PV_S1, PV_P0 and
 * PV_P1 only, has no branch out of itself (but to its end) and does not depend on where it is:
 * it is copied.
 * PV_HYPER(insn) is an instruction that takes r8 and r9, leaves r8, and overwrites nothing
 * else, whatever the convention.
 *
 * Defines pv_seq_NAME, pv_seq_NAME_end and, to be called from C, pv_fn_NAME.
 */
# ifdef CONFIG_PARAVIRT_BANKED
#  define PV_A0		r28
#  define PV_A1		r29
#  define PV_RET	r28
#  define PV_S0		r30
#  define PV_S1		r31
#  define PV_HYPER(...)							\
	mov r30=r8; mov r31=r9;;					\
	mov r8=r28; mov r9=r29;;					\
	__VA_ARGS__;;							\
	mov r28=r8; mov r8=r30; mov r9=r31;;
# else
#  define PV_A0		r8
#  define PV_A1		r9
#  define PV_RET	r8
#  define PV_S0		r10
#  define PV_S1		r11
#  define PV_HYPER(...)	__VA_ARGS__;;
# endif
# define PV_P0		p14
# define PV_P1		p15

# define PV_SEQ(name, ...)						\
	.global pv_seq_##name, pv_seq_##name##_end;			\
	.align 32;							\
pv_seq_##name:								\
	;;								\
	__VA_ARGS__;;							\
pv_seq_##name##_end:							\
	br.cond.sptk.many b6;;						\
	.global pv_fn_##name;						\
	.proc pv_fn_##name;						\
pv_fn_##name:								\
	alloc r2=ar.pfs,2,0,0,0;;					\
	mov PV_A0=r32; mov PV_A1=r33;;					\
	__VA_ARGS__;;							\
	mov r8=PV_RET;							\
	br.ret.sptk.many b0;;						\
	.endp pv_fn_##name

#else /* !__ASSEMBLY__ */

/* The site of the instruction in the string insn, a piece of an asm statement. */
#define PV_ASM(insn, op)	PV_ASM_WITH(insn, op, PV_CLOBBER_CALL)
/* The same where only PV_FP_CLOBBERS are free. */
#define PV_ASM_FP(insn)		PV_ASM_WITH(insn, PV_OP_NONE, PV_CLOBBER_FP)
#define PV_ASM_WITH(insn, op, clobber)					\
	"[77771:] " insn ";;\n\t"					\
	".xdata4 \"__pv_sites\", 77771b-., "				\
		__stringify(PV_SITE_INFO(op, clobber)) "\n\t"

#define PV_FP_CLOBBERS	"f6", "f7", "f8", "f9", "p14", "p15"

/* What an asm statement with PV_ASM in it has to name, beside "memory". */
#if defined(CONFIG_PARAVIRT_STACKED)
# define PV_CLOBBERS							\
	"r2", "r3", "r8", "r9", "r10", "r11", "r14", "r15", "r16",	\
	"r17", "r18", "r19", "r20", "r21", "r22", "r23", "r24", "r25",	\
	"r26", "r27", "r28", "r29", "r30", "r31",			\
	"f6", "f7", "f8", "f9", "f10", "f11", "b6", "b7", "ar.ccv"
#elif defined(CONFIG_PARAVIRT_BANKED)
# define PV_CLOBBERS	"r28", "r29", "r30", "r31", "p14", "p15", "b6", "b7"
#else
# define PV_CLOBBERS	"r8", "r9", "r10", "r11", "p14", "p15", "b6", "b7"
#endif

#endif /* !__ASSEMBLY__ */
#endif /* _ASM_IA64_PARAVIRT_OP_H */
