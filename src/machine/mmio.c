/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the device for a physical address or I/O port. */
#include "machine/mmio.h"

#include <errno.h>
#include <stddef.h>

#include "machine/layout.h"

int mmio_add(struct mmio_table *table, uint64_t start, uint64_t size, const struct mmio_ops *ops,
	     void *ctx)
{
	const struct mmio_range *r;
	unsigned int i;

	if (!size || start + size < start)
		return -EINVAL;
	for (i = 0; i < table->count; i++) {
		r = &table->range[i];
		if (start < r->start + r->size && r->start < start + size)
			return -EEXIST;
	}
	if (table->count == MMIO_MAX_RANGES)
		return -ENOSPC;
	table->range[table->count++] = (struct mmio_range){ start, size, ops, ctx };
	return 0;
}

static const struct mmio_range *find(const struct mmio_table *table, uint64_t addr,
				     unsigned int size)
{
	const struct mmio_range *r;
	unsigned int i;

	for (i = 0; i < table->count; i++) {
		r = &table->range[i];
		if (addr >= r->start && addr - r->start < r->size &&
		    size <= r->size - (addr - r->start))
			return r;
	}
	return NULL;
}

uint64_t mmio_read(const struct mmio_table *table, uint64_t addr, unsigned int size)
{
	const struct mmio_range *r = find(table, addr, size);
	uint64_t ones = size == 8 ? ~0ull : (1ull << size * 8) - 1;

	return r ? r->ops->read(r->ctx, addr - r->start, size) & ones : ones;
}

void mmio_write(const struct mmio_table *table, uint64_t addr, unsigned int size, uint64_t val)
{
	const struct mmio_range *r = find(table, addr, size);

	if (r)
		r->ops->write(r->ctx, addr - r->start, size, val);
}

/* SDM 2:10.7: bits 2..15 of the port number select the page, 0..1 the byte; 11..2 repeat them. */
static uint64_t sparse_port(uint64_t offset)
{
	return (offset >> 12) << 2 | (offset & 3);
}

static uint64_t port_window_read(void *ctx, uint64_t offset, unsigned int size)
{
	return mmio_read(ctx, sparse_port(offset), size);
}

static void port_window_write(void *ctx, uint64_t offset, unsigned int size, uint64_t val)
{
	mmio_write(ctx, sparse_port(offset), size, val);
}

void mmio_init(struct mmio *mmio)
{
	static const struct mmio_ops port_window = { port_window_read, port_window_write };

	*mmio = (struct mmio){ 0 };
	mmio_add(&mmio->mem, LAYOUT_PORT_BASE, LAYOUT_PORT_SIZE, &port_window, &mmio->port);
}
