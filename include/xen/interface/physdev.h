/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Physical interrupts, as far as a domain without devices meets them. Source: Xen 4.1
 * public/physdev.h.
 */
#ifndef XEN_INTERFACE_PHYSDEV_H
#define XEN_INTERFACE_PHYSDEV_H

#include "xen.h"

#define PHYSDEVOP_irq_unmask_notify 4
#define PHYSDEVOP_irq_status_query 5
#define PHYSDEVOP_apic_read 8
#define PHYSDEVOP_apic_write 9
#define PHYSDEVOP_alloc_irq_vector 10
#define PHYSDEVOP_free_irq_vector 11
#define PHYSDEVOP_eoi 12
#define PHYSDEVOP_map_pirq 13
#define PHYSDEVOP_unmap_pirq 14
#define PHYSDEVOP_manage_pci_add 15
#define PHYSDEVOP_manage_pci_remove 16
#define PHYSDEVOP_pirq_eoi_gmfn_v1 17
#define PHYSDEVOP_manage_pci_add_ext 20
#define PHYSDEVOP_pirq_eoi_gmfn_v2 28

struct physdev_eoi {
	uint32_t irq;
};

struct physdev_irq_status_query {
	uint32_t irq;
	uint32_t flags; /* out: XENIRQSTAT_* */
};

#define XENIRQSTAT_needs_eoi (1u << 0)

struct physdev_apic {
	uint64_t apic_physbase;
	uint32_t reg;
	uint32_t value;
};

struct physdev_irq {
	uint32_t irq;
	uint32_t vector;
};

struct physdev_map_pirq {
	domid_t domid;
	int32_t type;
	int32_t index;
	int32_t pirq;
	int32_t bus, devfn, entry_nr;
	uint64_t table_base;
};

struct physdev_unmap_pirq {
	domid_t domid;
	int32_t pirq;
};

struct physdev_pirq_eoi_gmfn {
	xen_pfn_t gmfn;
};

#endif
