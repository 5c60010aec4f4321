/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the privileged state of a paravirtualized vCPU is found, for C and assembly.
 *
 * XSI_BASE is in the last megabyte of region 7, below the per-CPU page: an add immediate reaches
 * it, and no physical memory is that high. Source of the layout: Xen 4.1, public/arch-ia64.h;
 * arch/ia64/xen/enlighten.c checks the numbers against struct mapped_regs.
 */
#ifndef _ASM_IA64_XEN_PRIVOP_H
#define _ASM_IA64_XEN_PRIVOP_H

#include <asm/xen/interface.h>

#define XSI_BASE		0xfffffffffff00000	/* shared_info */
#define XSI_SHIFT		14
#define XSI_SIZE		(1 << XSI_SHIFT)
#define XMAPPEDREGS_BASE	(XSI_BASE + XSI_SIZE)	/* mapped_regs */
#define XMAPPEDREGS_SIZE	(1 << 12)

#define XEN_REG(offset)		(XMAPPEDREGS_BASE + (offset))
#define XEN_CR(n)		XEN_REG(2048 + 8 * (n))

#define XSI_BANK1_R16		XEN_REG(1024)
#define XSI_B1NAT		XEN_REG(1280)
#define XSI_IPSR		XEN_CR(16)
#define XSI_ISR			XEN_CR(17)
#define XSI_IIP			XEN_CR(19)
#define XSI_IFA			XEN_CR(20)
#define XSI_ITIR		XEN_CR(21)
#define XSI_IIPA		XEN_CR(22)
#define XSI_IFS			XEN_CR(23)
#define XSI_IIM			XEN_CR(24)
#define XSI_IHA			XEN_CR(25)
#define XSI_PRECOVER_IFS	XEN_REG(3072)
#define XSI_PSR_IC		XEN_REG(3088)
#define XSI_PSR_I_ADDR		XEN_REG(3096)
#define XSI_BANKNUM		XEN_REG(3148)
#define XSI_ITC_OFFSET		XEN_REG(3408)
#define XSI_ITC_LAST		XEN_REG(3416)

#ifndef __ASSEMBLY__
#define XEN_MAPPEDREGS		((struct mapped_regs *)XMAPPEDREGS_BASE)

/* psr.i, inverted: 1 while events are masked. The byte before says that one waits. */
#define XEN_PSR_I_MASK		(*(volatile unsigned char *)XEN_MAPPEDREGS->interrupt_mask_addr)
#define XEN_UPCALL_PENDING	\
	(*((volatile unsigned char *)XEN_MAPPEDREGS->interrupt_mask_addr - 1))
#endif

#endif /* _ASM_IA64_XEN_PRIVOP_H */
