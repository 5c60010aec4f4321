/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the Xen ABI leaves to the architecture, for IA-64. Source: Xen 4.1 public/arch-ia64.h.
 */
#ifndef XEN_INTERFACE_ARCH_IA64_H
#define XEN_INTERFACE_ARCH_IA64_H

#include <stdint.h>

typedef uint64_t xen_pfn_t;
typedef uint64_t xen_ulong_t;

/*
 * A pointer in an argument. On IA-64 it is a xencomm handle (xencomm.h): guest-physical, not
 * virtual.
 */
typedef uint64_t xen_guest_handle;

/* Pages of the interface are those of the IA-64 hypervisor and of Linux/ia64: 16 KB. */
#define XEN_PAGE_SHIFT 14
#define XEN_PAGE_SIZE (1ul << XEN_PAGE_SHIFT)

#define XEN_LEGACY_MAX_VCPUS 64
#define INVALID_MFN (~0ull)

/* Virtual interrupts of this architecture, from VIRQ_ARCH_0 on. All but these are per domain. */
#define VIRQ_ITC 16     /* the virtual interval timer; one a vCPU */
#define VIRQ_MCA_CMC 17 /* corrected machine check; one a vCPU */
#define VIRQ_MCA_CPE 18 /* corrected platform error */

/* break immediates that enter the hypervisor. The number of the hypercall is in r2. */
#define XEN_HYPERCALL_BREAK 0x1000

/* --- the shared page of a vCPU's privileged state, at XSI_BASE + XMAPPEDREGS_OFS --- */

#define XSI_SHIFT 14
#define XSI_SIZE (1 << XSI_SHIFT)
#define XMAPPEDREGS_SHIFT 12
#define XMAPPEDREGS_SIZE (1 << XMAPPEDREGS_SHIFT)
#define XMAPPEDREGS_OFS XSI_SIZE

struct mapped_regs {
	uint64_t vac;
	uint64_t vdc;
	uint64_t virt_env_vaddr;
	uint64_t reserved1[29];
	uint64_t vhpi;
	uint64_t reserved2[95];
	uint64_t bank1_regs[16];
	uint64_t bank0_regs[16];
	uint64_t vnat;
	uint64_t vbnat;
	uint64_t vcpuid[5];
	uint64_t reserved3[11];
	uint64_t vpsr;
	uint64_t vpr;
	uint64_t reserved4[76];
	union {
		uint64_t vcr[128];
		struct {
			uint64_t dcr, itm, iva, rsv1[5];
			uint64_t pta, rsv2[7];
			uint64_t ipsr, isr, rsv3, iip, ifa, itir, iipa, ifs, iim, iha;
			uint64_t rsv4[38];
			uint64_t lid, ivr, tpr, eoi, irr[4], itv, pmv, cmcv, rsv5[5];
			uint64_t lrr0, lrr1, rsv6[46];
		};
	};
	union {
		uint64_t reserved5[128];
		struct {
			uint64_t precover_ifs;
			uint64_t unat;
			int32_t interrupt_collection_enabled; /* virtual psr.ic */
			uint32_t pad0;
			uint64_t interrupt_mask_addr; /* virtual address of the byte !psr.i */
			int32_t pending_interruption;
			uint8_t vpsr_pp;
			uint8_t vpsr_dfh;
			uint8_t hpsr_dfh;
			uint8_t hpsr_mfh;
			uint64_t reserved5_1[4];
			int32_t metaphysical_mode; /* 1: the guest runs with translation off */
			int32_t banknum;           /* virtual psr.bn */
			uint64_t rrs[8];
			uint64_t krs[8];
			uint64_t tmp[16];
			uint64_t itc_offset;
			uint64_t itc_last;
		};
	};
};

struct arch_vcpu_info {
};

/* A copy of the memory map, at memmap_info_pfn: this header, then EFI memory descriptors. */
struct xen_ia64_memmap_info {
	uint64_t efi_memmap_size;
	uint64_t efi_memdesc_size;
	uint32_t efi_memdesc_version;
	uint32_t pad;
};

struct arch_shared_info {
	uint64_t start_info_pfn;
	int32_t evtchn_vector;          /* the interrupt vector that event channels raise */
	uint32_t memmap_info_num_pages;
	uint64_t memmap_info_pfn;
	uint64_t pad[31];
};

struct xen_ia64_boot_param {
	uint64_t command_line;
	uint64_t efi_systab;
	uint64_t efi_memmap;
	uint64_t efi_memmap_size;
	uint64_t efi_memdesc_size;
	uint32_t efi_memdesc_version;
	struct {
		uint16_t num_cols, num_rows, orig_x, orig_y;
	} console_info;
	uint64_t fpswa;
	uint64_t initrd_start;
	uint64_t initrd_size;
	uint64_t domain_start;
	uint64_t domain_size;
};

/* --- the state a vCPU is created with: VCPUOP_initialise --- */

struct xen_fpreg {
	_Alignas(16) uint64_t bits[2];
};

struct ia64_tr_entry {
	uint64_t pte, itir, vadr, rid;
};

struct vcpu_tr_regs {
	struct ia64_tr_entry itrs[12];
	struct ia64_tr_entry dtrs[12];
};

struct vcpu_guest_context_regs {
	uint64_t r[32];
	uint64_t b[8];
	uint64_t bank[16];
	uint64_t ip;
	uint64_t psr;
	uint64_t cfm;
	uint64_t pr;
	uint32_t nats;
	uint32_t bnats;
	uint64_t ar[128]; /* by number: kr0-7 first, rsc 16, bsp 17, bspstore 18, rnat 19, ... */
	uint64_t cr[128]; /* by number: dcr 0, itm 1, iva 2, pta 8, ... */
	struct xen_fpreg f[128];
	uint64_t dbr[8];
	uint64_t ibr[8];
	uint64_t rr[8];
	uint64_t pkr[16];
	uint64_t xip;
	uint64_t xpsr;
	uint64_t xfs;
	uint64_t xr[4];
	struct vcpu_tr_regs tr;
	uint64_t excp_iipa;
	uint64_t excp_ifa;
	uint64_t excp_isr;
	uint32_t excp_vector;
	uint32_t rbs_voff;
	uint64_t rbs[2048];
	uint64_t rbs_rnat;
	uint64_t num_phys_stacked;
};

#define VGCF_EXTRA_REGS (1ul << 1)
#define VGCF_SET_CR_IRR (1ul << 2)
#define VGCF_online (1ul << 3)
#define VGCF_SET_AR_ITC (1ul << 4)

struct vcpu_guest_context {
	uint64_t flags; /* VGCF_* */
	struct vcpu_guest_context_regs regs;
	uint64_t event_callback_ip;
	uint64_t privregs_pfn;
};

/* --- hypercalls of this architecture --- */

#define __HYPERVISOR_ia64_dom0vp_op 48
#define __HYPERVISOR_ia64_fast_eoi 49
#define __HYPERVISOR_ia64_debug_op 50
#define __HYPERVISOR_opt_feature 0x700

#define IA64_DOM0VP_ioremap 0
#define IA64_DOM0VP_phystomach 1
#define IA64_DOM0VP_machtophys 3
#define IA64_DOM0VP_iounmap 4
#define IA64_DOM0VP_zap_physmap 5
#define IA64_DOM0VP_add_physmap 6
#define IA64_DOM0VP_expose_p2m 7
#define IA64_DOM0VP_perfmon 8
#define IA64_DOM0VP_add_physmap_with_gmfn 9
#define IA64_DOM0VP_fpswa_revision 10
#define IA64_DOM0VP_add_io_space 11
#define IA64_DOM0VP_expose_foreign_p2m 12
#define IA64_DOM0VP_unexpose_foreign_p2m 13
#define IA64_DOM0VP_get_memmap 14

#define XEN_IA64_OPTF_OFF 0
#define XEN_IA64_OPTF_ON 1
#define XEN_IA64_OPTF_IDENT_MAP_REG7 1 /* map region 7 one to one on a miss, without the guest */
#define XEN_IA64_OPTF_IDENT_MAP_REG4 2
#define XEN_IA64_OPTF_IDENT_MAP_REG5 3

struct xen_ia64_opt_feature {
	uint64_t cmd; /* XEN_IA64_OPTF_IDENT_MAP_* */
	uint8_t on;   /* XEN_IA64_OPTF_ON, _OFF */
	uint8_t pad[7];
	uint64_t pgprot;
	uint64_t key;
};

/* --- hyperprivops: break immediates below XEN_HYPERCALL_BREAK --- */

#define HYPERPRIVOP_START 0x1
#define HYPERPRIVOP_RFI 0x01
#define HYPERPRIVOP_RSM_DT 0x02
#define HYPERPRIVOP_SSM_DT 0x03
#define HYPERPRIVOP_COVER 0x04
#define HYPERPRIVOP_ITC_D 0x05
#define HYPERPRIVOP_ITC_I 0x06
#define HYPERPRIVOP_SSM_I 0x07
#define HYPERPRIVOP_GET_IVR 0x08
#define HYPERPRIVOP_GET_TPR 0x09
#define HYPERPRIVOP_SET_TPR 0x0a
#define HYPERPRIVOP_EOI 0x0b
#define HYPERPRIVOP_SET_ITM 0x0c
#define HYPERPRIVOP_THASH 0x0d
#define HYPERPRIVOP_PTC_GA 0x0e
#define HYPERPRIVOP_ITR_D 0x0f
#define HYPERPRIVOP_GET_RR 0x10
#define HYPERPRIVOP_SET_RR 0x11
#define HYPERPRIVOP_SET_KR 0x12
#define HYPERPRIVOP_FC 0x13
#define HYPERPRIVOP_GET_CPUID 0x14
#define HYPERPRIVOP_GET_PMD 0x15
#define HYPERPRIVOP_GET_EFLAG 0x16
#define HYPERPRIVOP_SET_EFLAG 0x17
#define HYPERPRIVOP_RSM_BE 0x18
#define HYPERPRIVOP_GET_PSR 0x19
#define HYPERPRIVOP_SET_RR0_TO_RR4 0x1a
#define HYPERPRIVOP_MAX 0x1a

#endif
