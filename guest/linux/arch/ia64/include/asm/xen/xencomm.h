/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xencomm: Xen/ia64 takes guest-physical addresses. A handle names memory inline, when it is
 * contiguous, or through a descriptor that lists its pages.
 */
#ifndef _ASM_IA64_XEN_XENCOMM_H
#define _ASM_IA64_XEN_XENCOMM_H

#include <linux/types.h>

#include <asm/xen/interface.h>

#define XENCOMM_MINI_ADDRS 14

/* A handle and its descriptor, on the caller's stack until the hypercall is done. */
struct xencomm_map {
	/* Aligned, so that a short descriptor is in one page. */
	struct {
		struct xencomm_desc desc;
		uint64_t address[XENCOMM_MINI_ADDRS];
	} mini __aligned(128);
	struct xencomm_desc *heap;	/* a long one */
	unsigned long handle;
};

/*
 * Sets m->handle for bytes at p: 0 for NULL. p may be any kernel address. Returns 0, -EFAULT for
 * memory that is not there, -ENOMEM. Any context.
 */
int xencomm_map(struct xencomm_map *m, const void *p, size_t bytes);
void xencomm_unmap(struct xencomm_map *m);

/*
 * A handle that stays good, for memory that the hypervisor will write again: inline. Returns 0 when
 * the memory is not contiguous.
 */
unsigned long xencomm_inline(const void *p, size_t bytes);

#endif /* _ASM_IA64_XEN_XENCOMM_H */
