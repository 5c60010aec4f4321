/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Paravirtualized region registers and TLB purges. */
#ifndef _ASM_IA64_PARAVIRT_MMU_H
#define _ASM_IA64_PARAVIRT_MMU_H

#ifdef CONFIG_PARAVIRT

struct pv_mmu_ops {
	/* rr[0] to rr[4] at once; the caller serializes. NULL: one PV_OP_SET_RR after another. */
	void (*set_rr0_to_rr4)(unsigned long rr0, unsigned long rr1, unsigned long rr2,
			       unsigned long rr3, unsigned long rr4);
	/*
	 * Purges [start, end) of the current region from all processors' TLBs. nbits is the
	 * binary logarithm of the page size to purge with. Preemption off.
	 * NULL: one PV_OP_PTC_GA after another.
	 */
	void (*global_tlb_purge)(unsigned long start, unsigned long end, unsigned long nbits);
	/* Purges this processor's whole translation cache. NULL: PV_OP_PTC_E as PAL says. */
	void (*local_flush_tlb_all)(void);
};

extern struct pv_mmu_ops pv_mmu_ops;

#define pv_set_rr0_to_rr4(rr0, rr1, rr2, rr3, rr4)				\
do {										\
	if (pv_mmu_ops.set_rr0_to_rr4)						\
		pv_mmu_ops.set_rr0_to_rr4(rr0, rr1, rr2, rr3, rr4);		\
	else									\
		ia64_set_rr0_to_rr4(rr0, rr1, rr2, rr3, rr4);			\
} while (0)

#else

#define pv_set_rr0_to_rr4	ia64_set_rr0_to_rr4

#endif
#endif /* _ASM_IA64_PARAVIRT_MMU_H */
