/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grant tables: pages that a domain lets another, or a service of the host, use. */
#ifndef PARAVANE_XEN_GNTTAB_H
#define PARAVANE_XEN_GNTTAB_H

#include "xen/xen.h"

int xen_gnttab_init(struct xen_domain *d);
/* Unmaps what the domain has mapped of others. The domain is dying. */
void xen_gnttab_unmap_all(struct xen_domain *d);
void xen_gnttab_destroy(struct xen_domain *d);

/* Makes the table at least nr frames long; false beyond XEN_GNTTAB_MAX_FRAMES. Any thread. */
bool xen_gnttab_grow(struct xen_domain *d, uint32_t nr);
/*
 * The domain builder's grant (console and store pages, for a dom0): entry `ref` permits `to` to use
 * the page. False: no such entry.
 */
bool xen_gnttab_seed(struct xen_domain *d, grant_ref_t ref, domid_t to, xen_pfn_t gpfn);

/* The operations on one element: *op is in and out, with its status. Any thread. */
void xen_gnttab_map(struct xen_domain *d, struct gnttab_map_grant_ref *op);
void xen_gnttab_unmap(struct xen_domain *d, struct gnttab_unmap_grant_ref *op);
void xen_gnttab_transfer(struct xen_domain *d, struct gnttab_transfer *op);
void xen_gnttab_copy(struct xen_domain *d, struct gnttab_copy *op);
void xen_gnttab_query(struct xen_domain *d, struct gnttab_query_size *op);
/* As unmap; then the page at new_addr moves to host_addr. Status as GNTST_*. */
int16_t xen_gnttab_unmap_and_replace(struct xen_domain *d, grant_handle_t handle,
				     uint64_t host_addr, uint64_t new_addr);

/* --- grants a service of the host uses --- */

struct xen_grant {
	struct xen_domain *domain; /* NULL: not mapped */
	grant_ref_t ref;
	xen_pfn_t gpfn;
	bool write;
	void *page; /* XEN_PAGE_SIZE bytes, which the guest changes at any time */
};

/*
 * Maps an entry that d made for `as`. Returns GNTST_okay with *g to be unmapped, or another
 * GNTST_*. Any thread.
 */
int16_t xen_grant_map(struct xen_grant *g, struct xen_domain *d, domid_t as, grant_ref_t ref,
		      bool write);
/* Not mapped is fine. */
void xen_grant_unmap(struct xen_grant *g);

#endif
