/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A domain's physical memory in pages of 16 KB (gpfn): what each is, and how pages come and go.
 *
 * The address window of struct ia64_memory stays mapped all the time: a page that was removed reads
 * as zeros to a host thread that still has its address, and its guests fault on it. So a thread may
 * copy from or to memory it has just looked up without a lock; it can meet the wrong bytes of the
 * same domain, never a signal and never another domain's memory. Who keeps an address for longer
 * (a back end's I/O) pins the page.
 */
#ifndef PARAVANE_XEN_P2M_H
#define PARAVANE_XEN_P2M_H

#include "xen/xen.h"

enum xen_p2m_type {
	XEN_P2M_NONE,
	XEN_P2M_RAM,     /* the domain's own, counted in tot_pages */
	XEN_P2M_FOREIGN, /* another domain's page (a mapped grant) */
	XEN_P2M_XEN,     /* shared with the hypervisor: shared_info, grant table */
};

int xen_p2m_init(struct xen_domain *d);
void xen_p2m_destroy(struct xen_domain *d);

/* What a gpfn is; NONE if it is out of range. Any thread. */
enum xen_p2m_type xen_p2m_type(const struct xen_domain *d, xen_pfn_t gpfn);

/*
 * Makes [gpfn, gpfn + n) RAM: zero-filled, all or nothing. -EINVAL: out of [0, max_gpfn]; -EBUSY:
 * something is there already; -ENOMEM: beyond max_pages. Any thread.
 */
int xen_p2m_populate(struct xen_domain *d, xen_pfn_t gpfn, uint64_t n);
/* Makes a page that the domain shares with the hypervisor, at any free gpfn; NULL if it cannot. */
void *xen_p2m_add_xen_page(struct xen_domain *d, xen_pfn_t gpfn);
/* Gives a RAM page back. -EINVAL: it is none. -EBUSY: it is pinned. Any thread. */
int xen_p2m_remove(struct xen_domain *d, xen_pfn_t gpfn);

/*
 * Puts page `offset` of `fd` at gpfn instead of what is there (RAM goes back, as with Xen).
 * -EINVAL: out of range or not replaceable; -EBUSY: pinned; -ENOMEM. With gnttab_lock held.
 */
int xen_p2m_map_foreign(struct xen_domain *d, xen_pfn_t gpfn, int fd, uint64_t offset,
			bool read_only);
/* Takes it away; the gpfn is empty then. -EINVAL: there is none. */
int xen_p2m_unmap_foreign(struct xen_domain *d, xen_pfn_t gpfn);

/*
 * The host address of a RAM page, which stays until xen_p2m_unpin(); NULL if it is no RAM of the
 * domain's own. Any thread.
 */
void *xen_p2m_pin(struct xen_domain *d, xen_pfn_t gpfn);
void xen_p2m_unpin(struct xen_domain *d, xen_pfn_t gpfn);

/* Copies between guest-physical memory and the host; false if a byte is not there or read-only. */
bool xen_copy_from_gpa(const struct xen_domain *d, void *to, uint64_t gpa, size_t len);
bool xen_copy_to_gpa(struct xen_domain *d, uint64_t gpa, const void *from, size_t len);

#endif
