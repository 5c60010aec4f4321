/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory that a hypercall's argument names: an inline address or a descriptor of pages. */
#ifndef PARAVANE_XEN_XENCOMM_H
#define PARAVANE_XEN_XENCOMM_H

#include <xen/interface/xencomm.h>

#include "xen/xen.h"

/* A descriptor's addresses beyond this many are not looked at (256 MB of buffer). */
#define XENCOMM_MAX_ADDRS 16384u

/*
 * Copies len bytes that start `skip` bytes into what the handle names. False: the descriptor is
 * malformed or too short, or a byte of it is not the guest's memory; part may have been copied.
 * Source: Xen 4.1 common/xencomm.c for what is accepted.
 */
bool xencomm_from_guest(const struct xen_domain *d, void *to, xen_guest_handle handle, size_t len,
			uint64_t skip);
bool xencomm_to_guest(struct xen_domain *d, xen_guest_handle handle, const void *from, size_t len,
		      uint64_t skip);
/* True for the handle of no memory. */
static inline bool xencomm_is_null(xen_guest_handle handle)
{
	return (handle & ~XENCOMM_INLINE_FLAG) == 0;
}

#endif
