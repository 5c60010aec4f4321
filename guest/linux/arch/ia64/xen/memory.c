// SPDX-License-Identifier: GPL-2.0-or-later
/* Pages that the kernel will not use again go back to Xen. */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/efi.h>
#include <linux/init.h>
#include <linux/kernel.h>
#include <linux/mm.h>

#include <xen/interface/xen.h>
#include <xen/mem-reservation.h>
#include <xen/page.h>
#include <xen/xen.h>

#include <asm/xen/hypervisor.h>

#define BATCH 64

/* How many of nr pages from gfn on Xen has taken. */
static unsigned long decrease(xen_pfn_t gfn, unsigned long nr)
{
	xen_pfn_t frames[BATCH];
	unsigned long done = 0;

	while (done < nr) {
		int i, ret, n = min_t(unsigned long, nr - done, BATCH);

		for (i = 0; i < n; i++)
			frames[i] = gfn + done + i;
		ret = xenmem_reservation_decrease(n, frames);
		if (ret > 0)
			done += ret;
		if (ret != n)
			break;
	}
	return done;
}

/* [start, end) of region 7: whole pages that nothing uses. Returns where those begin that stay. */
void *xen_give_back(void *start, void *end)
{
	unsigned long nr = (end - start) >> XEN_PAGE_SHIFT;

	if (!xen_domain())
		return start;
	nr = decrease(virt_to_gfn(start), nr);
	pr_info("%lu pages of the kernel's init sections given back\n", nr);
	return start + (nr << XEN_PAGE_SHIFT);
}

/*
 * A hole: Linux/ia64 never uses the first page. A domain builder may have put something there, and
 * then says what; reserved is what no kernel uses.
 */
static int __init xen_give_back_holes(void)
{
	int type;

	if (!xen_domain())
		return 0;
	type = efi_mem_type(0);
	if (type == EFI_CONVENTIONAL_MEMORY || type == EFI_RESERVED_TYPE)
		pr_info("%lu pages of holes given back\n", decrease(0, 1));
	return 0;
}
late_initcall(xen_give_back_holes);
