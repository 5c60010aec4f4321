/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where a domain starts, and the break instructions that C asks for.
 *
 * Source of the ABI: Xen 4.1, public/elfnote.h and public/arch-ia64.h.
 */
#include <linux/elfnote.h>
#include <linux/init.h>

#include <xen/interface/elfnote.h>

#include <asm/asmmacro.h>
#include <asm/page.h>
#include <asm/paravirt.h>
#include <asm/pgtable.h>
#include <asm/xen/privop.h>

#define LOAD_OFFSET	(KERNEL_START - KERNEL_TR_PAGE_SIZE)

	__INIT
/*
 * The domain builder's entry point, in metaphysical mode; r28: boot parameters. Notes that this is
 * Xen, and goes on as on hardware.
 */
ENTRY(xen_start)
	mov r9=ip			// where this is loaded
	mov r15=r28
	mov r2=XEN_FW_SET_SHARED_INFO_VA
	mov r28=XSI_BASE
	;;
	break XEN_HYPERCALL_BREAK	// the vector table needs it from the start
	;;
	mov r28=r15
	movl r8=xen_start
	mov r10=PV_HYPERVISOR_XEN
	movl r11=_start
	;;
	sub r9=r9,r8			// physical - virtual
	movl r8=pv_hypervisor
	;;
	add r11=r11,r9
	add r8=r8,r9
	;;
	st8 [r8]=r10
	mov b0=r11
	br.cond.sptk.many b0
	;;
END(xen_start)

	ELFNOTE(Xen, XEN_ELFNOTE_GUEST_OS,	.asciz "linux")
	ELFNOTE(Xen, XEN_ELFNOTE_GUEST_VERSION,	.asciz "2.6")
	ELFNOTE(Xen, XEN_ELFNOTE_XEN_VERSION,	.asciz "xen-3.0")
	ELFNOTE(Xen, XEN_ELFNOTE_ENTRY,		data8.ua xen_start - LOAD_OFFSET)

	.text
/* void xen_fw_ipi(unsigned long vcpu, unsigned long vector) */
GLOBAL_ENTRY(xen_fw_ipi)
	mov r14=r32
	mov r15=r33
	mov r2=XEN_FW_IPI
	break XEN_HYPERCALL_BREAK
	;;
	br.ret.sptk.many rp
END(xen_fw_ipi)

/* void xen_set_rr0_to_rr4(unsigned long rr0, ..., unsigned long rr4) */
GLOBAL_ENTRY(xen_set_rr0_to_rr4)
	mov r8=r32
	mov r9=r33
	mov r10=r34
	mov r11=r35
	mov r14=r36
	;;
	break HYPERPRIVOP_SET_RR0_TO_RR4
	;;
	br.ret.sptk.many rp
END(xen_set_rr0_to_rr4)

/* long __xen_hypercall(a1, ..., a5, nr): the first five are where Xen looks for them. */
GLOBAL_ENTRY(__xen_hypercall)
	mov r2=r37
	break XEN_HYPERCALL_BREAK
	;;
	br.ret.sptk.many rp
END(__xen_hypercall)
