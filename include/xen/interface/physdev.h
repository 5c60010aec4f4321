/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Physical interrupts, as far as a domain without devices meets them. Source: Xen 4.1 public/physdev.h. */
#ifndef XEN_INTERFACE_PHYSDEV_H
#define XEN_INTERFACE_PHYSDEV_H

#include "xen.h"

#define PHYSDEVOP_irq_status_query 5
#define PHYSDEVOP_apic_read 8
#define PHYSDEVOP_apic_write 9
#define PHYSDEVOP_alloc_irq_vector 10
#define PHYSDEVOP_free_irq_vector 11
#define PHYSDEVOP_eoi 12
#define PHYSDEVOP_manage_pci_add 15
#define PHYSDEVOP_manage_pci_remove 16

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

#endif
