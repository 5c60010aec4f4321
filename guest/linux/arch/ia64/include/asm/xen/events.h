/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels on IA-64. */
#ifndef _ASM_IA64_XEN_EVENTS_H
#define _ASM_IA64_XEN_EVENTS_H

#include <linux/atomic.h>
#include <asm/ptrace.h>

enum ipi_vector {
	XEN_RESCHEDULE_VECTOR,
	XEN_IPI_VECTOR,
	XEN_TLB_FLUSH_VECTOR,
	XEN_CMCP_VECTOR,
	XEN_CPEP_VECTOR,

	XEN_NR_IPIS,
};

/* None of the numbers is taken before the others. */
static inline unsigned int nr_legacy_irqs(void)
{
	return 0;
}

static inline int xen_irqs_disabled(struct pt_regs *regs)
{
	return !ia64_psr(regs)->i;
}

#define xchg_xen_ulong(ptr, val)	xchg((ptr), (val))

static inline bool xen_support_evtchn_rebind(void)
{
	return true;
}

#endif /* _ASM_IA64_XEN_EVENTS_H */
