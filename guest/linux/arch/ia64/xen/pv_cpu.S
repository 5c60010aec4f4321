/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Processor operations as Xen does them: the code that is put at the kernel's sites, see
 * asm/paravirt_op.h. Source of what they ask for: Xen 4.1, public/arch-ia64.h.
 */
#include <asm/asmmacro.h>
#include <asm/kregs.h>
#include <asm/page.h>
#include <asm/paravirt_op.h>
#include <asm/pgtable.h>
#include <asm/xen/privop.h>

	.text

/* Unmasked first: from then on Xen delivers by itself; what came before is asked for. */
PV_SEQ(xen_ssm_i,
	mov PV_S0=XSI_PSR_I_ADDR;;
	ld8 PV_S0=[PV_S0];;
	st1.rel [PV_S0]=r0, -1;;
	ld1.acq PV_S1=[PV_S0];;
	cmp.ne PV_P0, p0=PV_S1, r0;;
	(PV_P0) break HYPERPRIVOP_SSM_I)

/* The same if the bit IA64_PSR_I of A0 says so; else masked. */
PV_SEQ(xen_set_psr_i,
	mov PV_S0=XSI_PSR_I_ADDR;
	tbit.nz PV_P0, PV_P1=PV_A0, IA64_PSR_I_BIT;
	mov PV_S1=1;;
	ld8 PV_S0=[PV_S0];;
	(PV_P1) st1 [PV_S0]=PV_S1;
	(PV_P0) st1.rel [PV_S0]=r0, -1;;
	(PV_P0) ld1.acq PV_S1=[PV_S0];;
	(PV_P0) cmp.ne PV_P0, p0=PV_S1, r0;;
	(PV_P0) break HYPERPRIVOP_SSM_I)

PV_SEQ(xen_rsm_i,
	mov PV_S0=XSI_PSR_I_ADDR;
	mov PV_S1=1;;
	ld8 PV_S0=[PV_S0];;
	st1 [PV_S0]=PV_S1)

PV_SEQ(xen_get_psr_i,
	mov PV_S0=XSI_PSR_I_ADDR;;
	ld8 PV_S0=[PV_S0];
	mov PV_RET=0;;
	ld1 PV_S1=[PV_S0];;
	cmp.eq PV_P0, p0=PV_S1, r0;;
	(PV_P0) mov PV_RET=1 << IA64_PSR_I_BIT)

PV_SEQ(xen_get_psr, PV_HYPER(break HYPERPRIVOP_GET_PSR))
PV_SEQ(xen_get_ivr, PV_HYPER(break HYPERPRIVOP_GET_IVR))
PV_SEQ(xen_get_tpr, PV_HYPER(break HYPERPRIVOP_GET_TPR))
PV_SEQ(xen_set_tpr, PV_HYPER(break HYPERPRIVOP_SET_TPR))
PV_SEQ(xen_set_eoi, PV_HYPER(break HYPERPRIVOP_EOI))
PV_SEQ(xen_set_kr, PV_HYPER(break HYPERPRIVOP_SET_KR))
PV_SEQ(xen_get_rr, PV_HYPER(break HYPERPRIVOP_GET_RR))
PV_SEQ(xen_set_rr, PV_HYPER(break HYPERPRIVOP_SET_RR))
PV_SEQ(xen_get_pmd, PV_HYPER(break HYPERPRIVOP_GET_PMD))
PV_SEQ(xen_get_cpuid, PV_HYPER(break HYPERPRIVOP_GET_CPUID))
PV_SEQ(xen_itc_i, PV_HYPER(break HYPERPRIVOP_ITC_I))
PV_SEQ(xen_itc_d, PV_HYPER(break HYPERPRIVOP_ITC_D))
PV_SEQ(xen_itr_d, PV_HYPER(break HYPERPRIVOP_ITR_D))
/* There is none for one processor only; more is purged than was asked for. */
PV_SEQ(xen_ptc_ga, PV_HYPER(break HYPERPRIVOP_PTC_GA))
PV_SEQ(xen_thash, PV_HYPER(break HYPERPRIVOP_THASH))

PV_SEQ(xen_rfi, break HYPERPRIVOP_RFI)

/* psr.ic, and the registers of an interruption: as in asm/xen/inst.h. */
PV_SEQ(xen_ssm_ic,
	mov PV_S0=1;
	mov PV_S1=XSI_PSR_IC;;
	st4 [PV_S1]=PV_S0)

PV_SEQ(xen_rsm_ic,
	mov PV_S0=XSI_PSR_IC;;
	st4 [PV_S0]=r0)

PV_SEQ(xen_rsm_i_ic,
	mov PV_S0=XSI_PSR_I_ADDR;
	mov PV_S1=1;;
	ld8 PV_S0=[PV_S0];;
	st1 [PV_S0]=PV_S1;
	mov PV_S1=XSI_PSR_IC;;
	st4 [PV_S1]=r0)

PV_SEQ(xen_get_icr,
	mov PV_S0=XEN_CR(0);;
	shladd PV_S0=PV_A0, 3, PV_S0;;
	ld8 PV_RET=[PV_S0])

PV_SEQ(xen_set_icr,
	mov PV_S0=XEN_CR(0);;
	shladd PV_S0=PV_A0, 3, PV_S0;;
	st8 [PV_S0]=PV_A1)

/*
 * Where an address is: in the per-CPU page, whose physical address is in ar.k3; in the kernel's
 * image; in region 6 or 7; anywhere else only Xen knows, who emulates the instruction.
 */
PV_SEQ(xen_tpa,
	mov PV_S1=PERCPU_ADDR;
	movl PV_S0=KERNEL_START;;
	cmp.leu PV_P0, PV_P1=PV_S1, PV_A0;;
	(PV_P0) sub PV_A1=PV_A0, PV_S1;
	(PV_P0) mov PV_S0=IA64_KR(PER_CPU_DATA);
	(PV_P1) sub PV_A1=PV_A0, PV_S0;;
	(PV_P0) add PV_RET=PV_A1, PV_S0;
	(PV_P0) br.cond.sptk.few 9f;;
	shr.u PV_S1=PV_A1, KERNEL_TR_PAGE_SHIFT;
	movl PV_S0=xen_kernel_start;;
	cmp.eq PV_P0, PV_P1=r0, PV_S1;;
	(PV_P0) ld8 PV_S0=[PV_S0];;
	(PV_P0) add PV_RET=PV_A1, PV_S0;
	(PV_P0) br.cond.sptk.few 9f;;
	extr.u PV_S0=PV_A0, 61, 3;;
	cmp.leu PV_P0, PV_P1=6, PV_S0;;
	(PV_P0) dep PV_RET=0, PV_A0, 61, 3;
	(PV_P1) tpa PV_RET=PV_A0;;
	9:)

/* The kernel's ar.itc is the processor's and an offset; it never goes back. */
PV_SEQ(xen_get_itc,
	mov PV_S0=XSI_ITC_OFFSET;;
	ld8 PV_S1=[PV_S0], XSI_ITC_LAST - XSI_ITC_OFFSET;
	mov.m PV_RET=ar.itc;;
	ld8 PV_A1=[PV_S0];
	add PV_RET=PV_RET, PV_S1;;
	cmp.ltu PV_P0, p0=PV_RET, PV_A1;;
	(PV_P0) mov PV_RET=PV_A1;;
	st8 [PV_S0]=PV_RET)

PV_SEQ(xen_set_itc,
	mov PV_S0=XSI_ITC_LAST;
	mov.m PV_S1=ar.itc;;
	st8 [PV_S0]=PV_A0, XSI_ITC_OFFSET - XSI_ITC_LAST;
	sub PV_S1=PV_A0, PV_S1;;
	st8 [PV_S0]=PV_S1)

PV_SEQ(xen_set_itm,
	mov PV_S0=XSI_ITC_OFFSET;;
	ld8 PV_S1=[PV_S0];;
	sub PV_A0=PV_A0, PV_S1;;
	PV_HYPER(break HYPERPRIVOP_SET_ITM))

/*
 * A spin lock: waits until nobody is served, then draws a ticket that is served at once. The next
 * ticket is in bits 0 to 14 of the word, the one being served in bits 17 to 31. ar.ccv is free.
 */
PV_SEQ(xen_spin_ticket,
	8: ld4 PV_S0=[PV_A0];;
	extr.u PV_S1=PV_S0, 17, 15;
	extr.u PV_A1=PV_S0, 0, 15;;
	cmp.ne PV_P0, PV_P1=PV_S1, PV_A1;
	mov ar.ccv=PV_S0;
	add PV_S1=1, PV_S0;;
	(PV_P0) hint.m @pause;
	(PV_P0) br.cond.spnt.few 8b;;
	cmpxchg4.acq PV_A1=[PV_A0], PV_S1, ar.ccv;;
	cmp.ne PV_P0, p0=PV_A1, PV_S0;
	(PV_P0) br.cond.spnt.few 8b;;
	mov PV_RET=PV_S0)
