/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain has no device that does DMA. */
#ifndef _ASM_IA64_XEN_SWIOTLB_XEN_H
#define _ASM_IA64_XEN_SWIOTLB_XEN_H

static inline int xen_swiotlb_detect(void)
{
	return 0;
}

#endif /* _ASM_IA64_XEN_SWIOTLB_XEN_H */
