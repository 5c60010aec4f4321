/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which device answers which physical address and which I/O port.
 *
 * The tables are filled before the vCPUs run and never change afterwards, so that a lookup takes no
 * lock. What moves inside a window (PCI BARs) is the window's own business.
 */
#ifndef PARAVANE_MACHINE_MMIO_H
#define PARAVANE_MACHINE_MMIO_H

#include <stdint.h>

/* Offsets are into the range, sizes 1, 2, 4 or 8; called on any vCPU's thread. */
struct mmio_ops {
	uint64_t (*read)(void *ctx, uint64_t offset, unsigned int size);
	void (*write)(void *ctx, uint64_t offset, unsigned int size, uint64_t val);
};

struct mmio_range {
	uint64_t start, size;
	const struct mmio_ops *ops;
	void *ctx;
};

#define MMIO_MAX_RANGES 16

struct mmio_table {
	struct mmio_range range[MMIO_MAX_RANGES];
	unsigned int count;
};

/* What a machine decodes: physical addresses, and I/O ports behind the port window. */
struct mmio {
	struct mmio_table mem, port;
};

/* Adds the port window itself at LAYOUT_PORT_BASE. */
void mmio_init(struct mmio *mmio);

/* Adds a range; 0, -EEXIST if it overlaps another, -ENOSPC, -EINVAL if it is empty or wraps. */
int mmio_add(struct mmio_table *table, uint64_t start, uint64_t size, const struct mmio_ops *ops,
	     void *ctx);

/*
 * An access of 1, 2, 4 or 8 bytes. Nobody there: a read gives all ones and a write is lost, as a
 * PCI master abort would; an access that straddles the end of a range counts as nobody's.
 */
uint64_t mmio_read(const struct mmio_table *table, uint64_t addr, unsigned int size);
void mmio_write(const struct mmio_table *table, uint64_t addr, unsigned int size, uint64_t val);

#endif
