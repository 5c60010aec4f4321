/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a hypercall's argument names memory: an inline handle, or the guest-physical address of a
 * descriptor that lists the pages. Source: Xen 4.1 public/xencomm.h and public/arch-ia64.h.
 */
#ifndef XEN_INTERFACE_XENCOMM_H
#define XEN_INTERFACE_XENCOMM_H

#include <stdint.h>

#define XENCOMM_MAGIC 0x58434F4Du
#define XENCOMM_INVALID (~0ull) /* an entry without a page */

/* Inline: this bit, and the guest-physical address of physically contiguous memory. */
#define XENCOMM_INLINE_FLAG 0x8000000000000000ull

/* The first address may point into a page; every other is a page's start. */
struct xencomm_desc {
	uint32_t magic;
	uint32_t nr_addrs;
	uint64_t address[];
};

#endif
