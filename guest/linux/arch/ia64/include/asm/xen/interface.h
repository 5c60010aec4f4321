/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the Xen ABI leaves to the architecture, for IA-64.
 *
 * Source: Xen 4.1, public/arch-ia64.h and public/xencomm.h.
 */
#ifndef _ASM_IA64_XEN_INTERFACE_H
#define _ASM_IA64_XEN_INTERFACE_H

/*
 * A guest handle holds a kernel address until the hypercall is made; what Xen gets is the
 * xencomm handle that the wrappers in arch/ia64/xen/hypercall.c make of it.
 */
#define __DEFINE_GUEST_HANDLE(name, type) \
	typedef struct { type *p; } __guest_handle_ ## name

#define DEFINE_GUEST_HANDLE_STRUCT(name)	__DEFINE_GUEST_HANDLE(name, struct name)
#define DEFINE_GUEST_HANDLE(name)		__DEFINE_GUEST_HANDLE(name, name)
#define GUEST_HANDLE(name)			__guest_handle_ ## name
#define set_xen_guest_handle(hnd, val)		do { (hnd).p = (val); } while (0)

#ifndef __ASSEMBLY__
#include <linux/types.h>

typedef unsigned long xen_pfn_t;
#define PRI_xen_pfn "lx"
typedef unsigned long xen_ulong_t;
#define PRI_xen_ulong "lx"
typedef long xen_long_t;
#define PRI_xen_long "lx"

__DEFINE_GUEST_HANDLE(uchar, unsigned char);
__DEFINE_GUEST_HANDLE(uint, unsigned int);
DEFINE_GUEST_HANDLE(char);
DEFINE_GUEST_HANDLE(int);
DEFINE_GUEST_HANDLE(void);
DEFINE_GUEST_HANDLE(uint32_t);
DEFINE_GUEST_HANDLE(uint64_t);
DEFINE_GUEST_HANDLE(xen_pfn_t);
DEFINE_GUEST_HANDLE(xen_ulong_t);
#endif

#define MAX_VIRT_CPUS		64	/* those that have a place in shared_info */

/* Virtual interrupts of this architecture; all of them one a vCPU. */
#define VIRQ_ITC		VIRQ_ARCH_0	/* the interval timer */
#define VIRQ_MCA_CMC		VIRQ_ARCH_1	/* corrected machine check */
#define VIRQ_MCA_CPE		VIRQ_ARCH_2	/* corrected platform error */

#define __HYPERVISOR_opt_feature	0x700
#define __HYPERVISOR_platform_op_raw	__HYPERVISOR_platform_op

/* break immediates: the hypercalls of Xen, number in r2, arguments in r32 to r36, result in r8 */
#define XEN_HYPERCALL_BREAK		0x1000

/* Hypercalls of the firmware's, through the same break: the low byte of r2 says more. */
#define XEN_FW_IPI			0x400	/* r14: vCPU, r15: vector */
#define XEN_FW_SET_SHARED_INFO_VA	0x600	/* r28: address */

/* Hyperprivops: break immediates; operands in r8, r9, ..., result in r8. */
#define HYPERPRIVOP_RFI			0x01
#define HYPERPRIVOP_RSM_DT		0x02
#define HYPERPRIVOP_SSM_DT		0x03
#define HYPERPRIVOP_COVER		0x04
#define HYPERPRIVOP_ITC_D		0x05
#define HYPERPRIVOP_ITC_I		0x06
#define HYPERPRIVOP_SSM_I		0x07
#define HYPERPRIVOP_GET_IVR		0x08
#define HYPERPRIVOP_GET_TPR		0x09
#define HYPERPRIVOP_SET_TPR		0x0a
#define HYPERPRIVOP_EOI			0x0b
#define HYPERPRIVOP_SET_ITM		0x0c
#define HYPERPRIVOP_THASH		0x0d
#define HYPERPRIVOP_PTC_GA		0x0e
#define HYPERPRIVOP_ITR_D		0x0f
#define HYPERPRIVOP_GET_RR		0x10
#define HYPERPRIVOP_SET_RR		0x11
#define HYPERPRIVOP_SET_KR		0x12
#define HYPERPRIVOP_FC			0x13
#define HYPERPRIVOP_GET_CPUID		0x14
#define HYPERPRIVOP_GET_PMD		0x15
#define HYPERPRIVOP_GET_EFLAG		0x16
#define HYPERPRIVOP_SET_EFLAG		0x17
#define HYPERPRIVOP_RSM_BE		0x18
#define HYPERPRIVOP_GET_PSR		0x19
#define HYPERPRIVOP_SET_RR0_TO_RR4	0x1a

#define XEN_IA64_OPTF_OFF		0
#define XEN_IA64_OPTF_ON		1
#define XEN_IA64_OPTF_IDENT_MAP_REG7	1	/* region 7 is mapped one to one on a miss */

/*
 * xencomm: how an argument names memory. Inline: this bit and the guest-physical address of
 * memory that is physically contiguous; else the guest-physical address of a descriptor.
 */
#define XENCOMM_INLINE_FLAG		(1UL << 63)
#define XENCOMM_MAGIC			0x58434f4d	/* "XCOM" */

#ifndef __ASSEMBLY__

struct xencomm_desc {
	uint32_t magic;
	uint32_t nr_addrs;
	uint64_t address[];	/* the first may point into a page, the others are page starts */
};

struct xen_callback {
	unsigned long ip;
};
typedef struct xen_callback xen_callback_t;

/* The page of a vCPU's privileged state, at XSI_BASE + XSI_SIZE. */
struct mapped_regs {
	uint64_t vac;
	uint64_t vdc;
	uint64_t virt_env_vaddr;
	uint64_t reserved1[29];
	uint64_t vhpi;
	uint64_t reserved2[95];
	uint64_t bank1_regs[16];	/* r16 to r31 of bank 1 while bank 0 is in use */
	uint64_t bank0_regs[16];	/* and the other way round */
	uint64_t vnat;
	uint64_t vbnat;
	uint64_t vcpuid[5];
	uint64_t reserved3[11];
	uint64_t vpsr;
	uint64_t vpr;
	uint64_t reserved4[76];
	uint64_t vcr[128];		/* control registers by number */
	uint64_t precover_ifs;		/* cr.ifs as a cover at the interruption would leave it */
	uint64_t unat;
	int32_t interrupt_collection_enabled;	/* psr.ic */
	uint32_t pad0;
	unsigned char *interrupt_mask_addr;	/* where !psr.i is */
	int32_t pending_interruption;
	uint8_t vpsr_pp;
	uint8_t vpsr_dfh;
	uint8_t hpsr_dfh;
	uint8_t hpsr_mfh;
	uint64_t reserved5[4];
	int32_t metaphysical_mode;	/* 1: psr.dt is off */
	int32_t banknum;		/* psr.bn */
	uint64_t rrs[8];
	uint64_t krs[8];
	uint64_t tmp[16];
	uint64_t itc_offset;		/* the kernel's ar.itc less the processor's */
	uint64_t itc_last;		/* the last one that was read: it does not go back */
};

struct arch_vcpu_info {
};

struct arch_shared_info {
	uint64_t start_info_pfn;
	int32_t evtchn_vector;
	uint32_t memmap_info_num_pages;
	uint64_t memmap_info_pfn;
	uint64_t pad[31];
};

/* The common header of shared_info has these two names from x86; IA-64 has room for them only. */
struct pvclock_vcpu_time_info {
	uint32_t version;
	uint32_t pad0;
	uint64_t tsc_timestamp;
	uint64_t system_time;
	uint32_t tsc_to_system_mul;
	int8_t tsc_shift;
	uint8_t flags;
	uint8_t pad[2];
};

struct pvclock_wall_clock {
	uint32_t version;
	uint32_t sec;
	uint32_t nsec;
};

struct xen_ia64_opt_feature {
	uint64_t cmd;			/* XEN_IA64_OPTF_IDENT_MAP_* */
	uint8_t on;			/* XEN_IA64_OPTF_ON, _OFF */
	uint8_t pad[7];
	uint64_t pgprot;
	uint64_t key;
};

#endif /* !__ASSEMBLY__ */

#endif /* _ASM_IA64_XEN_INTERFACE_H */
