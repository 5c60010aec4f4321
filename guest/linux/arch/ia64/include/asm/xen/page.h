/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Frame numbers. A domain on IA-64 is auto-translated: the frames it names to Xen are its own, and
 * what it knows as a physical address is what Xen and back ends take.
 */
#ifndef _ASM_IA64_XEN_PAGE_H
#define _ASM_IA64_XEN_PAGE_H

#include <linux/mm.h>
#include <linux/percpu.h>
#include <linux/pfn.h>
#include <linux/types.h>

#include <asm/io.h>
#include <asm/page.h>

#include <xen/interface/grant_table.h>

typedef struct xmaddr {
	phys_addr_t maddr;
} xmaddr_t;

typedef struct xpaddr {
	phys_addr_t paddr;
} xpaddr_t;

#define XMADDR(x)		((xmaddr_t) { .maddr = (x) })
#define XPADDR(x)		((xpaddr_t) { .paddr = (x) })

#define INVALID_P2M_ENTRY	(~0UL)
#define phys_to_machine_mapping_valid(pfn)	(1)

static inline unsigned long pfn_to_gfn(unsigned long pfn)
{
	return pfn;
}

static inline unsigned long gfn_to_pfn(unsigned long gfn)
{
	return gfn;
}

static inline unsigned long pfn_to_bfn(unsigned long pfn)
{
	return pfn;
}

static inline unsigned long bfn_to_pfn(unsigned long bfn)
{
	return bfn;
}

#define bfn_to_local_pfn(bfn)	bfn_to_pfn(bfn)

#define virt_to_gfn(v)		(virt_to_phys(v) >> XEN_PAGE_SHIFT)
#define gfn_to_virt(m)		(__va((m) << XEN_PAGE_SHIFT))
#define percpu_to_gfn(v)	(pfn_to_gfn(per_cpu_ptr_to_phys(v) >> XEN_PAGE_SHIFT))

static inline bool set_phys_to_machine(unsigned long pfn, unsigned long mfn)
{
	return true;
}

/* Xen has put the granted page where the kernel's own was; there is no table to keep. */
static inline int set_foreign_p2m_mapping(struct gnttab_map_grant_ref *map_ops,
					  struct gnttab_map_grant_ref *kmap_ops,
					  struct page **pages, unsigned int count)
{
	return 0;
}

static inline int clear_foreign_p2m_mapping(struct gnttab_unmap_grant_ref *unmap_ops,
					    struct gnttab_unmap_grant_ref *kunmap_ops,
					    struct page **pages, unsigned int count)
{
	return 0;
}

static inline bool xen_arch_need_swiotlb(struct device *dev, phys_addr_t phys, dma_addr_t dev_addr)
{
	return false;
}

#endif /* _ASM_IA64_XEN_PAGE_H */
