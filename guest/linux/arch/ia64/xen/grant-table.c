// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Where the grant table is seen. It is put in place of pages of the kernel's, so that it is in
 * region 7 as all memory is.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include <xen/grant_table.h>
#include <xen/interface/memory.h>
#include <xen/interface/xen.h>
#include <xen/mem-reservation.h>
#include <xen/page.h>
#include <xen/xen.h>

int arch_gnttab_init(unsigned long nr_shared, unsigned long nr_status)
{
	unsigned long i;
	xen_pfn_t *pfn;
	void *vaddr;

	pfn = kmalloc_array(nr_shared, sizeof(*pfn), GFP_KERNEL);
	vaddr = alloc_pages_exact(nr_shared << XEN_PAGE_SHIFT, GFP_KERNEL);
	if (!pfn || !vaddr)
		goto no_memory;
	for (i = 0; i < nr_shared; i++)
		pfn[i] = virt_to_gfn(vaddr) + i;

	/* The domain gets its own pages back; Xen's come in their place as the table grows. */
	if (xenmem_reservation_decrease(nr_shared, pfn) != nr_shared)
		panic("xen: pages for the grant table cannot be given back\n");
	xen_auto_xlat_grant_frames.pfn = pfn;
	xen_auto_xlat_grant_frames.vaddr = vaddr;
	xen_auto_xlat_grant_frames.count = nr_shared;
	return 0;

no_memory:
	if (vaddr)
		free_pages_exact(vaddr, nr_shared << XEN_PAGE_SHIFT);
	kfree(pfn);
	return -ENOMEM;
}

/* An auto-translated domain does not get here. */
int arch_gnttab_map_shared(xen_pfn_t *frames, unsigned long nr_gframes,
			   unsigned long max_nr_gframes, void **shared)
{
	return -ENOSYS;
}

int arch_gnttab_map_status(uint64_t *frames, unsigned long nr_gframes,
			   unsigned long max_nr_gframes, grant_status_t **shared)
{
	return -ENOSYS;
}

void arch_gnttab_unmap(void *shared, unsigned long nr_gframes)
{
}
