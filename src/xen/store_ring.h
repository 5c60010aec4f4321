/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's way to the store: its page and event channel. */
#ifndef PARAVANE_XEN_STORE_RING_H
#define PARAVANE_XEN_STORE_RING_H

#include "backend/error.h"
#include "xen/xen.h"

struct eventloop;
struct xen_store_ring;
struct xenstore;

/*
 * Connects the page at gpfn (RAM of the domain; start_info's store_mfn) and introduces the domain;
 * *port is for start_info. 0, or -1 with *err. Not on the loop's thread.
 */
int xen_store_ring_open(struct xen_store_ring **out, struct eventloop *el, struct xenstore *s,
			struct xen_domain *d, domid_t as, xen_pfn_t gpfn, uint32_t *port,
			struct error *err);
/* Releases the domain in the store; its nodes stay. NULL is fine. Not on the loop's thread. */
void xen_store_ring_close(struct xen_store_ring *r);

#endif
