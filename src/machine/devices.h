/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PCI devices that a configuration asks for: disks, network, console, entropy. */
#ifndef PARAVANE_MACHINE_DEVICES_H
#define PARAVANE_MACHINE_DEVICES_H

#include "backend/error.h"
#include "ia64/memory.h"

struct console;
struct eventloop;
struct machine_config;
struct pci_bus;

/*
 * Opens images and the network and adds the devices to the bus, which owns them then. On the main
 * thread, before the guest runs. Returns 0, or -1 with *err set (pci_bus_destroy() frees the rest).
 */
int devices_create(struct pci_bus *bus, struct ia64_memory *mem, struct eventloop *loop,
		   struct console *console, const struct machine_config *config, struct error *err);

#endif
