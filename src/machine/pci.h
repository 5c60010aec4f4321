/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One PCI root bus: configuration space, base address registers, INTx and MSI-X.
 *
 * Threads: everything here may be called on any thread once the devices have been added. The bus
 * has one mutex, for the configuration space of all devices, the MSI-X tables and the INTx levels.
 * A device's handlers are called without it. Lock order: a device's own, the bus's, what is behind
 * the callbacks of struct pci_host.
 *
 * Sources: PCI Local Bus Specification 3.0 (chapter 6; MSI-X 6.8.2; command and status 6.2).
 */
#ifndef PARAVANE_MACHINE_PCI_H
#define PARAVANE_MACHINE_PCI_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/error.h"

#define PCI_NR_SLOTS 32
#define PCI_NR_BARS 6
#define PCI_CONFIG_SIZE 256
#define PCI_MAX_VECTORS 64 /* MSI-X vectors of a device */

/* Offsets in the header of a type 0 function. */
enum {
	PCI_VENDOR_ID = 0x00,
	PCI_DEVICE_ID = 0x02,
	PCI_COMMAND = 0x04,
	PCI_STATUS = 0x06,
	PCI_REVISION_ID = 0x08,
	PCI_CLASS_PROG = 0x09,
	PCI_CLASS_DEVICE = 0x0a,
	PCI_CACHE_LINE_SIZE = 0x0c,
	PCI_LATENCY_TIMER = 0x0d,
	PCI_BAR0 = 0x10,
	PCI_SUBSYSTEM_VENDOR_ID = 0x2c,
	PCI_SUBSYSTEM_ID = 0x2e,
	PCI_CAPABILITY_LIST = 0x34,
	PCI_INTERRUPT_LINE = 0x3c,
	PCI_INTERRUPT_PIN = 0x3d,
	PCI_HEADER_END = 0x40,
};

enum {
	PCI_COMMAND_IO = 1 << 0,
	PCI_COMMAND_MEMORY = 1 << 1,
	PCI_COMMAND_MASTER = 1 << 2,
	PCI_COMMAND_INTX_DISABLE = 1 << 10,
	PCI_STATUS_INTERRUPT = 1 << 3,
	PCI_STATUS_CAP_LIST = 1 << 4,
};

enum { PCI_CAP_ID_VENDOR = 0x09, PCI_CAP_ID_MSIX = 0x11 };

/* What the bus asks of the machine; called with the bus's mutex held, must not block. */
struct pci_host {
	void *ctx;
	/* Level of an I/O SAPIC input; the bus has joined the pins that share it. */
	void (*set_gsi)(void *ctx, unsigned int gsi, bool level);
	/* A message signalled interrupt: `data` written to `address`. */
	void (*send_msi)(void *ctx, uint64_t address, uint32_t data);
};

struct pci_bus;
struct pci_device;

/*
 * What a device does with accesses to a BAR (offset < size; size 1, 2, 4 or 8, not crossing the
 * end; not necessarily aligned) and with writes to its configuration space above the header.
 * Called on a vCPU's thread without locks.
 */
struct pci_device_ops {
	uint64_t (*bar_read)(void *ctx, unsigned int bar, uint64_t offset, unsigned int size);
	void (*bar_write)(void *ctx, unsigned int bar, uint64_t offset, unsigned int size,
			  uint64_t val);
	/*
	 * Before a read, and after a write, of [reg, reg + size) at or above PCI_HEADER_END (for
	 * capabilities that are windows to something else). May be NULL.
	 */
	void (*config_read)(void *ctx, unsigned int reg, unsigned int size);
	void (*config_written)(void *ctx, unsigned int reg, unsigned int size);
	/* Lets go of the device: called by pci_bus_destroy(). May be NULL. */
	void (*destroy)(void *ctx);
};

enum pci_bar_kind { PCI_BAR_NONE, PCI_BAR_IO, PCI_BAR_MEM32, PCI_BAR_MEM64 };

struct pci_bar {
	enum pci_bar_kind kind; /* MEM64 takes the next BAR's register too */
	bool prefetchable;
	uint64_t size;          /* a power of two, >= 4 (I/O) or 16 (memory) */
};

struct pci_device_info {
	uint16_t vendor, device, subsystem_vendor, subsystem;
	uint32_t class_code; /* base class, subclass, programming interface: 24 bits */
	uint8_t revision;
	bool intx;           /* has INTA# */
	struct pci_bar bars[PCI_NR_BARS];
	unsigned int msix_vectors; /* 0: no MSI-X; table and PBA are in msix_bar, size >= 4096 */
	unsigned int msix_bar;
};

/* Makes the bus with the host bridge's own function in slot 0; NULL when memory is short. */
struct pci_bus *pci_bus_create(const struct pci_host *host);
/* Destroys the devices, then the bus. No vCPU runs any more. NULL is fine. */
void pci_bus_destroy(struct pci_bus *bus);

/*
 * Adds a function in the first free slot and assigns its BARs, as firmware would: windows of
 * machine/layout.h, decoding and bus mastering on. *ops must live as long as the bus. Before the
 * guest runs only. Returns NULL with *err set when slots or windows are full; ops->destroy is not
 * called then.
 */
struct pci_device *pci_device_add(struct pci_bus *bus, const struct pci_device_info *info,
				  const struct pci_device_ops *ops, void *ctx, struct error *err);

/*
 * Appends a capability of `size` bytes (its first two are filled in here) from `body`, writable
 * where `wmask` (or NULL) has ones. Returns its offset in configuration space, 0 if it does not
 * fit. Before the guest runs only.
 */
unsigned int pci_capability_add(struct pci_device *dev, uint8_t id, const uint8_t *body,
				const uint8_t *wmask, unsigned int size);

unsigned int pci_device_slot(const struct pci_device *dev);

/* --- for devices --- */

/* The INTA# line. Any thread. */
void pci_intx(struct pci_device *dev, bool level);
/* True when the driver has turned MSI-X on: INTA# is not to be used then. Any thread. */
bool pci_msix_enabled(struct pci_device *dev);
/* Sends MSI-X vector `vector`, or remembers it while masked. One out of range is ignored. */
void pci_msix(struct pci_device *dev, unsigned int vector);
/* True when the device may use memory (PCI_COMMAND_MASTER). Any thread. */
bool pci_bus_master(struct pci_device *dev);
/* Bytes of the device's own configuration space, for its config_read and config_written. */
void pci_config_peek(struct pci_device *dev, unsigned int reg, void *buf, unsigned int size);
void pci_config_poke(struct pci_device *dev, unsigned int reg, const void *buf, unsigned int size);

/* --- for the machine: accesses by vCPUs --- */

/*
 * Configuration space, as SAL_PCI_CONFIG_READ and _WRITE name it. size is 1, 2 or 4. What nobody
 * answers (no such bus or function, register past the end, misaligned) reads as all ones and
 * ignores writes.
 */
uint32_t pci_config_read(struct pci_bus *bus, unsigned int busnr, unsigned int devfn,
			 unsigned int reg, unsigned int size);
void pci_config_write(struct pci_bus *bus, unsigned int busnr, unsigned int devfn,
		      unsigned int reg, unsigned int size, uint32_t val);

/* True when a function is there: what SAL answers for others is its business. */
bool pci_function_exists(const struct pci_bus *bus, unsigned int busnr, unsigned int devfn);

/*
 * Accesses of 1, 2, 4 or 8 bytes to memory and I/O ports. False when no BAR decodes the whole
 * access (*val is all ones then).
 */
bool pci_mem_read(struct pci_bus *bus, uint64_t pa, unsigned int size, uint64_t *val);
bool pci_mem_write(struct pci_bus *bus, uint64_t pa, unsigned int size, uint64_t val);
bool pci_io_read(struct pci_bus *bus, uint64_t port, unsigned int size, uint64_t *val);
bool pci_io_write(struct pci_bus *bus, uint64_t port, unsigned int size, uint64_t val);

#endif
