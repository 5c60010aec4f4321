/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory_op. The domain is auto-translated: every frame number it sees is a gpfn. Returns how many
 * extents were done, so that a failure half way is a smaller number (Xen 4.1 common/memory.c).
 */
#include <errno.h>
#include <stdlib.h>
#include <xen/interface/memory.h>

#include "xen/gnttab.h"
#include "xen/hypercall.h"
#include "xen/p2m.h"
#include "xen/xencomm.h"

#define CMD_BITS 6 /* of the first argument; the extents that are done are above */
#define MAX_ORDER 9

static bool free_extent(const struct xen_domain *d, xen_pfn_t gpfn, uint64_t n)
{
	uint64_t i;

	for (i = 0; i < n; i++)
		if (xen_p2m_type(d, gpfn + i) != XEN_P2M_NONE)
			return false;
	return true;
}

/* No frame is named: the lowest free one is taken. */
static bool increase(struct xen_domain *d, xen_guest_handle list, uint64_t i, uint64_t pages)
{
	xen_pfn_t gpfn;

	if (d->tot_pages + pages > d->max_pages)
		return false;
	for (gpfn = 0; gpfn + pages - 1 <= d->cfg.max_gpfn; gpfn += pages) {
		if (!free_extent(d, gpfn, pages))
			continue;
		switch (xen_p2m_populate(d, gpfn, pages)) {
		case 0:
			return xencomm_is_null(list) ||
			       xencomm_to_guest(d, list, &gpfn, sizeof(gpfn), i * sizeof(gpfn));
		case -EBUSY:
			continue;
		default:
			return false;
		}
	}
	return false;
}

static bool decrease(struct xen_domain *d, xen_pfn_t gpfn, uint64_t pages)
{
	uint64_t i;

	if (gpfn > UINT64_MAX - pages)
		return false;
	for (i = 0; i < pages; i++)
		if (xen_p2m_remove(d, gpfn + i))
			return false;
	return true;
}

static long reservation(struct xen_vcpu *v, struct xen_hypercall *c)
{
	uint32_t op = c->arg[0] & ((1u << CMD_BITS) - 1);
	uint64_t i = c->arg[0] >> CMD_BITS, pages, batch;
	struct xen_memory_reservation r;
	struct xen_domain *d;
	xen_pfn_t gpfn;
	int ret;

	if (!xencomm_from_guest(v->domain, &r, c->arg[1], sizeof(r), 0))
		return -EFAULT;
	if (r.nr_extents > UINT64_MAX >> CMD_BITS || i >= r.nr_extents)
		return (long)i;
	if (r.extent_order > MAX_ORDER ||
	    (r.extent_order && op != XENMEM_decrease_reservation && !v->domain->cfg.privileged))
		return (long)i;
	ret = xen_domain_get_target(v->domain, r.domid, &d);
	if (ret)
		return ret;
	pages = 1ull << r.extent_order;
	for (batch = 0; i < r.nr_extents && batch < XEN_CALL_BATCH; i++, batch += pages) {
		bool ok;

		if (op == XENMEM_increase_reservation) {
			ok = increase(d, r.extent_start, i, pages);
		} else {
			ok = xencomm_from_guest(v->domain, &gpfn, r.extent_start, sizeof(gpfn),
						i * sizeof(gpfn));
			if (ok && op == XENMEM_populate_physmap)
				ok = !xen_p2m_populate(d, gpfn, pages);
			else if (ok)
				ok = decrease(d, gpfn, pages);
		}
		if (!ok)
			break;
	}
	xen_domain_put(d);
	if (i < r.nr_extents && batch >= XEN_CALL_BATCH) {
		c->arg[0] = i << CMD_BITS | op;
		return XEN_CALL_AGAIN;
	}
	return (long)i;
}

/* Moves a page: what was at `to` goes. */
static int move_page(struct xen_domain *d, xen_pfn_t from, xen_pfn_t to)
{
	void *page = xen_p2m_pin(d, from), *copy;
	int ret = 0;

	if (!page)
		return -EINVAL;
	copy = malloc(XEN_PAGE_SIZE);
	if (copy)
		xen_copy_from_gpa(d, copy, from << XEN_PAGE_SHIFT, XEN_PAGE_SIZE);
	xen_p2m_unpin(d, from);
	if (!copy)
		return -ENOMEM;
	if (from != to && to <= d->cfg.max_gpfn) {
		if (xen_p2m_type(d, to) == XEN_P2M_RAM)
			ret = xen_p2m_remove(d, to);
		if (!ret)
			ret = xen_p2m_remove(d, from);
		if (!ret)
			ret = xen_p2m_populate(d, to, 1);
		if (!ret && !xen_copy_to_gpa(d, to << XEN_PAGE_SHIFT, copy, XEN_PAGE_SIZE))
			ret = -EINVAL;
	} else if (from != to) {
		ret = -EINVAL;
	}
	free(copy);
	return ret;
}

static long add_to_physmap(struct xen_domain *self, xen_guest_handle arg)
{
	struct xen_add_to_physmap x;
	struct xen_domain *d;
	xen_pfn_t page;
	int ret;

	if (!xencomm_from_guest(self, &x, arg, sizeof(x), 0))
		return -EFAULT;
	ret = xen_domain_get_target(self, x.domid, &d);
	if (ret)
		return ret;
	ret = -EINVAL;
	switch (x.space) {
	case XENMAPSPACE_shared_info:
		if (x.idx)
			break;
		page = d->cfg.shared_info_gpfn;
		ret = xen_p2m_map_foreign(d, x.gpfn, d->mem->fd, page << XEN_PAGE_SHIFT, false);
		break;
	case XENMAPSPACE_grant_table:
		if (x.idx >= XEN_GNTTAB_MAX_FRAMES || !xen_gnttab_grow(d, (uint32_t)x.idx + 1))
			break;
		page = d->cfg.grant_table_gpfn + x.idx;
		ret = xen_p2m_map_foreign(d, x.gpfn, d->mem->fd, page << XEN_PAGE_SHIFT, false);
		break;
	case XENMAPSPACE_gmfn:
		ret = move_page(d, x.idx, x.gpfn);
		break;
	}
	xen_domain_put(d);
	return ret;
}

static long query(struct xen_domain *self, uint32_t op, xen_guest_handle arg)
{
	struct xen_domain *d;
	domid_t domid;
	long ret;

	if (!xencomm_from_guest(self, &domid, arg, sizeof(domid), 0))
		return -EFAULT;
	ret = xen_domain_get_target(self, domid, &d);
	if (ret)
		return ret;
	if (op == XENMEM_current_reservation)
		ret = (long)d->tot_pages;
	else if (op == XENMEM_maximum_reservation)
		ret = (long)d->max_pages;
	else
		ret = (long)d->cfg.max_gpfn;
	xen_domain_put(d);
	return ret;
}

long xen_hypercall_memory_op(struct xen_vcpu *v, struct xen_hypercall *c)
{
	uint32_t op = c->arg[0] & ((1u << CMD_BITS) - 1);

	switch (op) {
	case XENMEM_increase_reservation:
	case XENMEM_decrease_reservation:
	case XENMEM_populate_physmap:
		return reservation(v, c);
	case XENMEM_maximum_ram_page:
		return (long)v->domain->cfg.max_gpfn + 1;
	case XENMEM_current_reservation:
	case XENMEM_maximum_reservation:
	case XENMEM_maximum_gpfn:
		return query(v->domain, op, c->arg[1]);
	case XENMEM_add_to_physmap:
		return add_to_physmap(v->domain, c->arg[1]);
	case XENMEM_machine_memory_map:
	case XENMEM_set_pod_target:
	case XENMEM_get_pod_target:
		/* For a dom0; the answer is Xen's to others. */
		return v->domain->cfg.privileged ? -ENOSYS : -EINVAL;
	default:
		return -ENOSYS;
	}
}
