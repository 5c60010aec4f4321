/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PCI root bus: who answers an access, what a driver may change, when an interrupt goes out. */
#include "machine/pci.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "machine/layout.h"

/*
 * The host bridge's function: a generic bridge of Red Hat's range for virtual devices (the ids
 * are in docs/specs/pci-ids of QEMU), which no driver binds to.
 */
#define BRIDGE_VENDOR 0x1b36
#define BRIDGE_DEVICE 0x0008
#define BRIDGE_CLASS 0x060000

#define MSIX_ENTRY_SIZE 16
#define MSIX_PBA_OFFSET 0x800
#define MSIX_CONTROL 2            /* offset of Message Control in the capability */
#define MSIX_CONTROL_ENABLE 0x8000
#define MSIX_CONTROL_MASK_ALL 0x4000
#define MSIX_ENTRY_MASKED 1u      /* Vector Control, bit 0 */

struct msix_entry {
	uint64_t address;
	uint32_t data;
	uint32_t control;
};

struct pci_device {
	struct pci_bus *bus;
	const struct pci_device_ops *ops;
	void *ctx;
	unsigned int slot;
	struct pci_bar bars[PCI_NR_BARS];

	/* Guarded by bus->lock. */
	uint8_t config[PCI_CONFIG_SIZE];
	uint8_t wmask[PCI_CONFIG_SIZE]; /* ones where the driver may write */
	unsigned int cap_end;           /* first byte free for a capability */
	unsigned int cap_last;          /* offset of the last capability, or 0 */
	bool intx_wanted;               /* what the device says */
	bool intx_level;                /* what the line has, after Interrupt Disable */

	unsigned int msix_vectors, msix_bar, msix_cap;
	struct msix_entry msix[PCI_MAX_VECTORS];
	uint64_t msix_pending;          /* the PBA */
};

struct pci_bus {
	struct pci_host host;
	struct pci_device *slots[PCI_NR_SLOTS]; /* fixed once the guest runs */
	uint64_t mem_next, io_next;             /* first addresses not yet assigned */
	pthread_mutex_t lock;
	unsigned int gsi_users[LAYOUT_PCI_NR_GSIS]; /* asserted pins on each input */
};

_Static_assert(PCI_MAX_VECTORS <= 64, "the pending bits are one word");
_Static_assert(PCI_MAX_VECTORS * MSIX_ENTRY_SIZE <= MSIX_PBA_OFFSET, "table and PBA overlap");

static const struct pci_device_ops bridge_ops;

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static uint32_t get32(const uint8_t *p)
{
	return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, (uint16_t)v);
	put16(p + 2, (uint16_t)(v >> 16));
}

static uint64_t all_ones(unsigned int size)
{
	return size == 8 ? ~0ull : (1ull << (size * 8)) - 1;
}

struct pci_bus *pci_bus_create(const struct pci_host *host)
{
	static const struct pci_device_info bridge = {
		.vendor = BRIDGE_VENDOR, .device = BRIDGE_DEVICE, .class_code = BRIDGE_CLASS,
	};
	struct pci_bus *bus = calloc(1, sizeof(*bus));

	if (!bus)
		return NULL;
	bus->host = *host;
	bus->mem_next = LAYOUT_PCI_MEM_BASE;
	bus->io_next = LAYOUT_PCI_IO_BASE;
	pthread_mutex_init(&bus->lock, NULL);
	if (!pci_device_add(bus, &bridge, &bridge_ops, NULL, NULL)) {
		pci_bus_destroy(bus);
		return NULL;
	}
	return bus;
}

void pci_bus_destroy(struct pci_bus *bus)
{
	struct pci_device *dev;

	if (!bus)
		return;
	for (unsigned int i = 0; i < PCI_NR_SLOTS; i++) {
		dev = bus->slots[i];
		if (dev && dev->ops->destroy)
			dev->ops->destroy(dev->ctx);
	}
	for (unsigned int i = 0; i < PCI_NR_SLOTS; i++)
		free(bus->slots[i]);
	pthread_mutex_destroy(&bus->lock);
	free(bus);
}

/* --- adding a device --- */

/* Takes the next naturally aligned piece of a window; 0 when it is full. */
static uint64_t assign(uint64_t *next, uint64_t end, uint64_t size)
{
	uint64_t at = (*next + size - 1) & ~(size - 1);

	if (at >= end || size > end - at)
		return 0;
	*next = at + size;
	return at;
}

static int add_bar(struct pci_device *dev, unsigned int n, const struct pci_bar *bar,
		   struct error *err)
{
	struct pci_bus *bus = dev->bus;
	uint8_t *reg = dev->config + PCI_BAR0 + 4 * n;
	uint8_t *wmask = dev->wmask + PCI_BAR0 + 4 * n;
	bool io = bar->kind == PCI_BAR_IO;
	uint64_t at;

	if (io)
		at = assign(&bus->io_next, LAYOUT_PCI_IO_BASE + LAYOUT_PCI_IO_SIZE, bar->size);
	else
		at = assign(&bus->mem_next, LAYOUT_PCI_MEM_BASE + LAYOUT_PCI_MEM_SIZE, bar->size);
	if (!at)
		return error_set(err, "PCI: no %s space left for another device: use fewer devices",
				 io ? "I/O port" : "memory");
	dev->bars[n] = *bar;
	put32(reg, (uint32_t)at | (io ? 1 : bar->kind == PCI_BAR_MEM64 ? 4 : 0) |
			   (!io && bar->prefetchable ? 8 : 0));
	put32(wmask, (uint32_t)~(bar->size - 1));
	if (bar->kind == PCI_BAR_MEM64) {
		put32(reg + 4, (uint32_t)(at >> 32));
		put32(wmask + 4, (uint32_t)(~(bar->size - 1) >> 32));
	}
	return 0;
}

static void add_msix(struct pci_device *dev, unsigned int vectors, unsigned int bar)
{
	uint8_t body[12] = { 0 }, wmask[12] = { 0 };

	put16(body + 2, (uint16_t)(vectors - 1));
	put32(body + 4, bar);
	put32(body + 8, MSIX_PBA_OFFSET | bar);
	put16(wmask + 2, MSIX_CONTROL_ENABLE | MSIX_CONTROL_MASK_ALL);
	dev->msix_vectors = vectors;
	dev->msix_bar = bar;
	for (unsigned int i = 0; i < vectors; i++)
		dev->msix[i].control = MSIX_ENTRY_MASKED;
	dev->msix_cap = pci_capability_add(dev, PCI_CAP_ID_MSIX, body, wmask, sizeof(body));
}

struct pci_device *pci_device_add(struct pci_bus *bus, const struct pci_device_info *info,
				  const struct pci_device_ops *ops, void *ctx, struct error *err)
{
	struct pci_device *dev;
	unsigned int slot = 0;

	while (slot < PCI_NR_SLOTS && bus->slots[slot])
		slot++;
	if (slot == PCI_NR_SLOTS) {
		error_set(err, "PCI: more than %d devices: use fewer", PCI_NR_SLOTS - 1);
		return NULL;
	}
	dev = calloc(1, sizeof(*dev));
	if (!dev) {
		error_set(err, "PCI: out of memory");
		return NULL;
	}
	dev->bus = bus;
	dev->ops = ops;
	dev->ctx = ctx;
	dev->slot = slot;
	dev->cap_end = PCI_HEADER_END;
	put16(dev->config + PCI_VENDOR_ID, info->vendor);
	put16(dev->config + PCI_DEVICE_ID, info->device);
	put16(dev->config + PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER);
	put16(dev->wmask + PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER |
						PCI_COMMAND_INTX_DISABLE);
	dev->config[PCI_REVISION_ID] = info->revision;
	dev->config[PCI_CLASS_PROG] = (uint8_t)info->class_code;
	put16(dev->config + PCI_CLASS_DEVICE, (uint16_t)(info->class_code >> 8));
	dev->wmask[PCI_CACHE_LINE_SIZE] = 0xff;
	dev->wmask[PCI_LATENCY_TIMER] = 0xff;
	put16(dev->config + PCI_SUBSYSTEM_VENDOR_ID, info->subsystem_vendor);
	put16(dev->config + PCI_SUBSYSTEM_ID, info->subsystem);
	if (info->intx) {
		dev->config[PCI_INTERRUPT_PIN] = 1;
		dev->config[PCI_INTERRUPT_LINE] = LAYOUT_PCI_GSI(slot, 0);
		dev->wmask[PCI_INTERRUPT_LINE] = 0xff;
	}
	for (unsigned int i = 0; i < PCI_NR_BARS; i++)
		if (info->bars[i].kind != PCI_BAR_NONE &&
		    add_bar(dev, i, &info->bars[i], err) < 0) {
			free(dev);
			return NULL;
		}
	if (info->msix_vectors)
		add_msix(dev, info->msix_vectors, info->msix_bar);
	bus->slots[slot] = dev;
	return dev;
}

unsigned int pci_capability_add(struct pci_device *dev, uint8_t id, const uint8_t *body,
				const uint8_t *wmask, unsigned int size)
{
	unsigned int at = dev->cap_end;

	if (size < 2 || size > PCI_CONFIG_SIZE - at)
		return 0;
	memcpy(dev->config + at, body, size);
	if (wmask)
		memcpy(dev->wmask + at, wmask, size);
	dev->config[at] = id;
	dev->config[at + 1] = 0;
	if (dev->cap_last)
		dev->config[dev->cap_last + 1] = (uint8_t)at;
	else
		dev->config[PCI_CAPABILITY_LIST] = (uint8_t)at;
	dev->config[PCI_STATUS] |= PCI_STATUS_CAP_LIST;
	dev->cap_last = at;
	dev->cap_end = (at + size + 3) & ~3u;
	return at;
}

unsigned int pci_device_slot(const struct pci_device *dev)
{
	return dev->slot;
}

/* --- interrupts; all with bus->lock held unless they are public --- */

static uint16_t command(const struct pci_device *dev)
{
	return get16(dev->config + PCI_COMMAND);
}

static uint16_t msix_control(const struct pci_device *dev)
{
	return dev->msix_cap ? get16(dev->config + dev->msix_cap + MSIX_CONTROL) : 0;
}

/* Brings the INTx line in step with what the device wants and the driver lets through. */
static void update_intx(struct pci_device *dev)
{
	struct pci_bus *bus = dev->bus;
	unsigned int gsi = LAYOUT_PCI_GSI(dev->slot, 0);
	unsigned int *users = &bus->gsi_users[gsi - LAYOUT_PCI_GSI_BASE];
	bool level = dev->intx_wanted && !(command(dev) & PCI_COMMAND_INTX_DISABLE) &&
		     !(msix_control(dev) & MSIX_CONTROL_ENABLE);

	if (dev->intx_wanted)
		dev->config[PCI_STATUS] |= PCI_STATUS_INTERRUPT;
	else
		dev->config[PCI_STATUS] &= (uint8_t)~PCI_STATUS_INTERRUPT;
	if (level == dev->intx_level)
		return;
	dev->intx_level = level;
	*users += level ? 1 : -1u;
	if (*users == (level ? 1 : 0))
		bus->host.set_gsi(bus->host.ctx, gsi, level);
}

/* Sends what is pending and no longer masked. */
static void update_msix(struct pci_device *dev)
{
	struct pci_bus *bus = dev->bus;
	uint16_t control = msix_control(dev);

	if ((control & (MSIX_CONTROL_ENABLE | MSIX_CONTROL_MASK_ALL)) != MSIX_CONTROL_ENABLE ||
	    !(command(dev) & PCI_COMMAND_MASTER))
		return;
	for (unsigned int i = 0; dev->msix_pending && i < dev->msix_vectors; i++) {
		if (!(dev->msix_pending >> i & 1) || dev->msix[i].control & MSIX_ENTRY_MASKED)
			continue;
		dev->msix_pending &= ~(1ull << i);
		bus->host.send_msi(bus->host.ctx, dev->msix[i].address, dev->msix[i].data);
	}
}

void pci_intx(struct pci_device *dev, bool level)
{
	pthread_mutex_lock(&dev->bus->lock);
	dev->intx_wanted = level;
	update_intx(dev);
	pthread_mutex_unlock(&dev->bus->lock);
}

bool pci_msix_enabled(struct pci_device *dev)
{
	bool on;

	pthread_mutex_lock(&dev->bus->lock);
	on = msix_control(dev) & MSIX_CONTROL_ENABLE;
	pthread_mutex_unlock(&dev->bus->lock);
	return on;
}

void pci_msix(struct pci_device *dev, unsigned int vector)
{
	if (vector >= dev->msix_vectors)
		return;
	pthread_mutex_lock(&dev->bus->lock);
	if (msix_control(dev) & MSIX_CONTROL_ENABLE) {
		dev->msix_pending |= 1ull << vector;
		update_msix(dev);
	}
	pthread_mutex_unlock(&dev->bus->lock);
}

bool pci_bus_master(struct pci_device *dev)
{
	bool on;

	pthread_mutex_lock(&dev->bus->lock);
	on = command(dev) & PCI_COMMAND_MASTER;
	pthread_mutex_unlock(&dev->bus->lock);
	return on;
}

/* The table is made of 32-bit registers; a wider access is two, a narrower one reads the lane. */
static uint32_t msix_read32(const struct pci_device *dev, uint64_t offset)
{
	const struct msix_entry *e;

	if (offset >= MSIX_PBA_OFFSET) {
		offset -= MSIX_PBA_OFFSET;
		return offset < 8 ? (uint32_t)(dev->msix_pending >> (offset * 8)) : 0;
	}
	if (offset / MSIX_ENTRY_SIZE >= dev->msix_vectors)
		return 0;
	e = &dev->msix[offset / MSIX_ENTRY_SIZE];
	switch (offset % MSIX_ENTRY_SIZE) {
	case 0: return (uint32_t)e->address;
	case 4: return (uint32_t)(e->address >> 32);
	case 8: return e->data;
	default: return e->control;
	}
}

static void msix_write32(struct pci_device *dev, uint64_t offset, uint32_t val)
{
	struct msix_entry *e;

	if (offset / MSIX_ENTRY_SIZE >= dev->msix_vectors)
		return;
	e = &dev->msix[offset / MSIX_ENTRY_SIZE];
	switch (offset % MSIX_ENTRY_SIZE) {
	case 0: e->address = (e->address & ~0xffffffffull) | (val & ~3u); break;
	case 4: e->address = (e->address & 0xffffffffull) | (uint64_t)val << 32; break;
	case 8: e->data = val; break;
	default: e->control = val & MSIX_ENTRY_MASKED; break;
	}
}

static uint64_t msix_read(struct pci_device *dev, uint64_t offset, unsigned int size)
{
	uint64_t val;

	pthread_mutex_lock(&dev->bus->lock);
	val = msix_read32(dev, offset & ~3ull) >> ((offset & 3) * 8);
	if (size == 8)
		val |= (uint64_t)msix_read32(dev, (offset & ~3ull) + 4) << 32;
	pthread_mutex_unlock(&dev->bus->lock);
	return val & all_ones(size);
}

static void msix_write(struct pci_device *dev, uint64_t offset, unsigned int size, uint64_t val)
{
	/* PCI 3.0 6.8.2: only aligned doublewords and quadwords are defined. */
	if (size < 4 || offset & (size - 1))
		return;
	pthread_mutex_lock(&dev->bus->lock);
	msix_write32(dev, offset, (uint32_t)val);
	if (size == 8)
		msix_write32(dev, offset + 4, (uint32_t)(val >> 32));
	update_msix(dev);
	pthread_mutex_unlock(&dev->bus->lock);
}

/* --- configuration space --- */

static struct pci_device *find_function(const struct pci_bus *bus, unsigned int busnr,
					unsigned int devfn)
{
	if (busnr || devfn >> 3 >= PCI_NR_SLOTS || devfn & 7)
		return NULL;
	return bus->slots[devfn >> 3];
}

bool pci_function_exists(const struct pci_bus *bus, unsigned int busnr, unsigned int devfn)
{
	return find_function(bus, busnr, devfn) != NULL;
}

static bool config_access_ok(unsigned int reg, unsigned int size)
{
	return (size == 1 || size == 2 || size == 4) && !(reg & (size - 1)) &&
	       reg < PCI_CONFIG_SIZE;
}

uint32_t pci_config_read(struct pci_bus *bus, unsigned int busnr, unsigned int devfn,
			 unsigned int reg, unsigned int size)
{
	struct pci_device *dev = find_function(bus, busnr, devfn);
	uint8_t bytes[4] = { 0 };

	if (!dev || !config_access_ok(reg, size))
		return (uint32_t)all_ones(size <= 4 ? size : 4);
	if (reg >= PCI_HEADER_END && dev->ops->config_read)
		dev->ops->config_read(dev->ctx, reg, size);
	pci_config_peek(dev, reg, bytes, size);
	return get32(bytes);
}

void pci_config_write(struct pci_bus *bus, unsigned int busnr, unsigned int devfn,
		      unsigned int reg, unsigned int size, uint32_t val)
{
	struct pci_device *dev = find_function(bus, busnr, devfn);
	uint8_t mask;

	if (!dev || !config_access_ok(reg, size))
		return;
	pthread_mutex_lock(&bus->lock);
	for (unsigned int i = 0; i < size; i++) {
		mask = dev->wmask[reg + i];
		dev->config[reg + i] = (uint8_t)((dev->config[reg + i] & ~mask) |
						 (val >> (8 * i) & mask));
	}
	update_intx(dev);
	update_msix(dev);
	pthread_mutex_unlock(&bus->lock);
	if (reg >= PCI_HEADER_END && dev->ops->config_written)
		dev->ops->config_written(dev->ctx, reg, size);
}

void pci_config_peek(struct pci_device *dev, unsigned int reg, void *buf, unsigned int size)
{
	pthread_mutex_lock(&dev->bus->lock);
	memcpy(buf, dev->config + reg, size);
	pthread_mutex_unlock(&dev->bus->lock);
}

void pci_config_poke(struct pci_device *dev, unsigned int reg, const void *buf, unsigned int size)
{
	pthread_mutex_lock(&dev->bus->lock);
	memcpy(dev->config + reg, buf, size);
	pthread_mutex_unlock(&dev->bus->lock);
}

/* --- BARs --- */

static uint64_t bar_address(const struct pci_device *dev, unsigned int n)
{
	const uint8_t *reg = dev->config + PCI_BAR0 + 4 * n;

	switch (dev->bars[n].kind) {
	case PCI_BAR_IO:
		return get32(reg) & ~3u;
	case PCI_BAR_MEM32:
		return get32(reg) & ~15u;
	default:
		return (get32(reg) & ~15u) | (uint64_t)get32(reg + 4) << 32;
	}
}

/* Who decodes [at, at + size)? Fills in the BAR and the offset in it. */
static struct pci_device *find_bar(struct pci_bus *bus, bool io, uint64_t at, unsigned int size,
				   unsigned int *bar, uint64_t *offset)
{
	struct pci_device *dev, *found = NULL;
	uint16_t enable = io ? PCI_COMMAND_IO : PCI_COMMAND_MEMORY;

	pthread_mutex_lock(&bus->lock);
	for (unsigned int s = 0; s < PCI_NR_SLOTS && !found; s++) {
		dev = bus->slots[s];
		if (!dev || !(command(dev) & enable))
			continue;
		for (unsigned int n = 0; n < PCI_NR_BARS; n++) {
			if (dev->bars[n].kind == PCI_BAR_NONE ||
			    (dev->bars[n].kind == PCI_BAR_IO) != io)
				continue;
			*offset = at - bar_address(dev, n);
			if (*offset >= dev->bars[n].size || size > dev->bars[n].size - *offset)
				continue;
			*bar = n;
			found = dev;
			break;
		}
	}
	pthread_mutex_unlock(&bus->lock);
	return found;
}

static bool bar_read(struct pci_bus *bus, bool io, uint64_t at, unsigned int size, uint64_t *val)
{
	struct pci_device *dev;
	unsigned int bar;
	uint64_t offset;

	dev = find_bar(bus, io, at, size, &bar, &offset);
	if (!dev) {
		*val = all_ones(size);
		return false;
	}
	if (dev->msix_vectors && bar == dev->msix_bar)
		*val = msix_read(dev, offset, size);
	else
		*val = dev->ops->bar_read(dev->ctx, bar, offset, size) & all_ones(size);
	return true;
}

static bool bar_write(struct pci_bus *bus, bool io, uint64_t at, unsigned int size, uint64_t val)
{
	struct pci_device *dev;
	unsigned int bar;
	uint64_t offset;

	dev = find_bar(bus, io, at, size, &bar, &offset);
	if (!dev)
		return false;
	if (dev->msix_vectors && bar == dev->msix_bar)
		msix_write(dev, offset, size, val);
	else
		dev->ops->bar_write(dev->ctx, bar, offset, size, val & all_ones(size));
	return true;
}

bool pci_mem_read(struct pci_bus *bus, uint64_t pa, unsigned int size, uint64_t *val)
{
	return bar_read(bus, false, pa, size, val);
}

bool pci_mem_write(struct pci_bus *bus, uint64_t pa, unsigned int size, uint64_t val)
{
	return bar_write(bus, false, pa, size, val);
}

bool pci_io_read(struct pci_bus *bus, uint64_t port, unsigned int size, uint64_t *val)
{
	return bar_read(bus, true, port, size, val);
}

bool pci_io_write(struct pci_bus *bus, uint64_t port, unsigned int size, uint64_t val)
{
	return bar_write(bus, true, port, size, val);
}
