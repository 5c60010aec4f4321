/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory reservations of a domain. Source: Xen 4.1 public/memory.h. */
#ifndef XEN_INTERFACE_MEMORY_H
#define XEN_INTERFACE_MEMORY_H

#include "xen.h"

#define XENMEM_increase_reservation 0
#define XENMEM_decrease_reservation 1
#define XENMEM_maximum_ram_page 2
#define XENMEM_current_reservation 3
#define XENMEM_maximum_reservation 4
#define XENMEM_machphys_mfn_list 5
#define XENMEM_populate_physmap 6
#define XENMEM_add_to_physmap 7
#define XENMEM_memory_map 9
#define XENMEM_machine_memory_map 10
#define XENMEM_exchange 11
#define XENMEM_set_memory_map 13
#define XENMEM_maximum_gpfn 14
#define XENMEM_set_pod_target 16
#define XENMEM_get_pod_target 17

/* Increase, decrease, populate: the hypercall returns how many extents were done. */
struct xen_memory_reservation {
	xen_guest_handle extent_start; /* of xen_pfn_t */
	xen_ulong_t nr_extents;
	uint32_t extent_order; /* an extent is 1 << order pages */
	uint32_t mem_flags;
	domid_t domid;
};

#define XENMAPSPACE_shared_info 0
#define XENMAPSPACE_grant_table 1
#define XENMAPSPACE_gmfn 2

struct xen_add_to_physmap {
	domid_t domid;
	uint32_t space; /* XENMAPSPACE_* */
	xen_ulong_t idx;
	xen_pfn_t gpfn;
};

#endif
