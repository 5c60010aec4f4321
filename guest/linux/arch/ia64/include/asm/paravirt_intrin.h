/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The privileged and sensitive intrinsics of asm/gcc_intrin.h as sites of paravirtualized
 * operations: the same instructions, recorded. Included at the end of that header.
 */
#ifndef _ASM_IA64_PARAVIRT_INTRIN_H
#define _ASM_IA64_PARAVIRT_INTRIN_H

#include <linux/stringify.h>
#include <asm/paravirt_op.h>

asm (".section \"__pv_sites\", \"a\"\n\t.previous");

/* insn is "op %0=..." */
#define pv_asm_get(insn, op, ...)						\
({										\
	unsigned long pv_res;							\
	asm volatile (PV_ASM(insn, op) : "=r"(pv_res) : __VA_ARGS__		\
		      : PV_CLOBBERS, "memory");					\
	pv_res;									\
})

#define pv_asm_set(insn, ...)							\
	asm volatile (PV_ASM(insn, PV_OP_NONE) : : __VA_ARGS__ : PV_CLOBBERS, "memory")

#undef ia64_ssm
#define ia64_ssm(mask)		pv_asm_set("ssm %0", "i"(mask))
#undef ia64_rsm
#define ia64_rsm(mask)		pv_asm_set("rsm %0", "i"(mask))

/* As ia64_getreg(_IA64_REG_PSR), of which only psr.i is looked at. */
#define ia64_get_psr_i()	pv_asm_get("mov %0=psr", PV_OP_GET_PSR_I)

#undef ia64_intrin_local_irq_restore
#define ia64_intrin_local_irq_restore(x)					\
	asm volatile (";;	cmp.ne p6,p7=%0,r0;;\n\t"			\
		      PV_ASM("(p6) ssm psr.i", PV_OP_NONE)			\
		      PV_ASM("(p7) rsm psr.i", PV_OP_NONE)			\
		      "(p6) srlz.d"						\
		      : : "r"(x) : "p6", "p7", PV_CLOBBERS, "memory")

#undef ia64_getreg
#define ia64_getreg(regnum)							\
({										\
	__u64 ia64_intri_res;							\
										\
	switch (regnum) {							\
	case _IA64_REG_GP:							\
		asm volatile ("mov %0=gp" : "=r"(ia64_intri_res));		\
		break;								\
	case _IA64_REG_IP:							\
		asm volatile ("mov %0=ip" : "=r"(ia64_intri_res));		\
		break;								\
	case _IA64_REG_PSR:							\
		ia64_intri_res = pv_asm_get("mov %0=psr", PV_OP_NONE);		\
		break;								\
	case _IA64_REG_TP:							\
		ia64_intri_res = ia64_r13;					\
		break;								\
	case _IA64_REG_AR_ITC:							\
		ia64_intri_res = pv_asm_get("mov %0=ar.itc", PV_OP_NONE);	\
		break;								\
	case _IA64_REG_AR_KR0 ... _IA64_REG_AR_ITC - 1:				\
	case _IA64_REG_AR_ITC + 1 ... _IA64_REG_AR_EC:				\
		asm volatile ("mov %0=ar%1" : "=r"(ia64_intri_res)		\
			      : "i"((regnum) - _IA64_REG_AR_KR0));		\
		break;								\
	case _IA64_REG_CR_DCR ... _IA64_REG_CR_LRR1:				\
		ia64_intri_res = pv_asm_get("mov %0=cr%1", PV_OP_NONE,		\
					    "i"((regnum) - _IA64_REG_CR_DCR));	\
		break;								\
	case _IA64_REG_SP:							\
		asm volatile ("mov %0=sp" : "=r"(ia64_intri_res));		\
		break;								\
	default:								\
		ia64_bad_param_for_getreg();					\
		break;								\
	}									\
	ia64_intri_res;								\
})

#undef ia64_setreg
#define ia64_setreg(regnum, val)						\
({										\
	switch (regnum) {							\
	case _IA64_REG_PSR_L:							\
		pv_asm_set("mov psr.l=%0", "r"(val));				\
		break;								\
	case _IA64_REG_AR_KR0 ... _IA64_REG_AR_KR7:				\
	case _IA64_REG_AR_ITC:							\
		pv_asm_set("mov ar%0=%1", "i"((regnum) - _IA64_REG_AR_KR0),	\
			   "r"(val));						\
		break;								\
	case _IA64_REG_AR_KR7 + 1 ... _IA64_REG_AR_ITC - 1:			\
	case _IA64_REG_AR_ITC + 1 ... _IA64_REG_AR_EC:				\
		asm volatile ("mov ar%0=%1"					\
			      : : "i"((regnum) - _IA64_REG_AR_KR0), "r"(val)	\
			      : "memory");					\
		break;								\
	case _IA64_REG_CR_DCR ... _IA64_REG_CR_LRR1:				\
		pv_asm_set("mov cr%0=%1", "i"((regnum) - _IA64_REG_CR_DCR),	\
			   "r"(val));						\
		break;								\
	case _IA64_REG_SP:							\
		asm volatile ("mov r12=%0" : : "r"(val) : "memory");		\
		break;								\
	case _IA64_REG_GP:							\
		asm volatile ("mov gp=%0" : : "r"(val) : "memory");		\
		break;								\
	default:								\
		ia64_bad_param_for_setreg();					\
		break;								\
	}									\
})

#undef ia64_get_rr
#define ia64_get_rr(index)	pv_asm_get("mov %0=rr[%1]", PV_OP_NONE, "r"(index))
#undef ia64_set_rr
#define ia64_set_rr(index, val)	pv_asm_set("mov rr[%0]=%1", "r"(index), "r"(val))

#undef __ia64_get_dbr
#define __ia64_get_dbr(index)	pv_asm_get("mov %0=dbr[%1]", PV_OP_NONE, "r"(index))
#undef __ia64_set_dbr
#define __ia64_set_dbr(index, val)	pv_asm_set("mov dbr[%0]=%1", "r"(index), "r"(val))
#undef ia64_get_ibr
#define ia64_get_ibr(index)	pv_asm_get("mov %0=ibr[%1]", PV_OP_NONE, "r"(index))
#undef ia64_set_ibr
#define ia64_set_ibr(index, val)	pv_asm_set("mov ibr[%0]=%1", "r"(index), "r"(val))
#undef ia64_get_pkr
#define ia64_get_pkr(index)	pv_asm_get("mov %0=pkr[%1]", PV_OP_NONE, "r"(index))
#undef ia64_set_pkr
#define ia64_set_pkr(index, val)	pv_asm_set("mov pkr[%0]=%1", "r"(index), "r"(val))
#undef ia64_get_pmc
#define ia64_get_pmc(index)	pv_asm_get("mov %0=pmc[%1]", PV_OP_NONE, "r"(index))
#undef ia64_set_pmc
#define ia64_set_pmc(index, val)	pv_asm_set("mov pmc[%0]=%1", "r"(index), "r"(val))
#undef ia64_get_pmd
#define ia64_get_pmd(index)	pv_asm_get("mov %0=pmd[%1]", PV_OP_NONE, "r"(index))
#undef ia64_set_pmd
#define ia64_set_pmd(index, val)	pv_asm_set("mov pmd[%0]=%1", "r"(index), "r"(val))
#undef ia64_get_cpuid
#define ia64_get_cpuid(index)	pv_asm_get("mov %0=cpuid[%r1]", PV_OP_NONE, "rO"(index))

#undef ia64_itci
#define ia64_itci(pte)		pv_asm_set("itc.i %0", "r"(pte))
#undef ia64_itcd
#define ia64_itcd(pte)		pv_asm_set("itc.d %0", "r"(pte))
#undef ia64_itri
#define ia64_itri(trnum, pte)	pv_asm_set("itr.i itr[%0]=%1", "r"(trnum), "r"(pte))
#undef ia64_itrd
#define ia64_itrd(trnum, pte)	pv_asm_set("itr.d dtr[%0]=%1", "r"(trnum), "r"(pte))
#undef ia64_ptri
#define ia64_ptri(addr, size)	pv_asm_set("ptr.i %0,%1", "r"(addr), "r"(size))
#undef ia64_ptrd
#define ia64_ptrd(addr, size)	pv_asm_set("ptr.d %0,%1", "r"(addr), "r"(size))
#undef ia64_ptce
#define ia64_ptce(addr)		pv_asm_set("ptc.e %0", "r"(addr))
#undef ia64_ptcl
#define ia64_ptcl(addr, size)							\
do {										\
	pv_asm_set("ptc.l %0,%1", "r"(addr), "r"(size));			\
	ia64_dv_serialize_data();						\
} while (0)
#undef ia64_ptcga
#define ia64_ptcga(addr, size)							\
do {										\
	pv_asm_set("ptc.ga %0,%1", "r"(addr), "r"(size));			\
	ia64_dv_serialize_data();						\
} while (0)

#undef ia64_thash
#define ia64_thash(addr)	pv_asm_get("thash %0=%1", PV_OP_NONE, "r"(addr))
#undef ia64_ttag
#define ia64_ttag(addr)		pv_asm_get("ttag %0=%1", PV_OP_NONE, "r"(addr))
#undef ia64_tpa
#define ia64_tpa(addr)		pv_asm_get("tpa %0=%1", PV_OP_NONE, "r"(addr))

#endif /* _ASM_IA64_PARAVIRT_INTRIN_H */
