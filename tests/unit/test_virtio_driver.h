/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A virtio driver for tests: finds the device through configuration space, talks to it through its
 * BARs, keeps rings in plain guest memory. Included once by each test program.
 */
#ifndef PARAVANE_TEST_VIRTIO_DRIVER_H
#define PARAVANE_TEST_VIRTIO_DRIVER_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ia64/memory.h"
#include "machine/layout.h"
#include "machine/pci.h"
#include "machine/virtio.h"

#define RAM_SIZE (32u << 20)
#define TEST_MSI_ADDRESS 0xfee00000ull
#define NR_MSI_DATA 16

/* What the device under test runs in. */
struct world {
	struct ia64_memory mem;
	struct pci_bus *bus;
	uint64_t next;                        /* first byte of guest memory not handed out */
	_Atomic unsigned int msi[NR_MSI_DATA]; /* messages by data */
	_Atomic bool gsi[LAYOUT_PCI_GSI_BASE + LAYOUT_PCI_NR_GSIS];
	_Atomic unsigned int gsi_rises;
};

static void world_set_gsi(void *ctx, unsigned int gsi, bool level)
{
	struct world *w = ctx;

	assert_in_range(gsi, LAYOUT_PCI_GSI_BASE, LAYOUT_PCI_GSI_BASE + LAYOUT_PCI_NR_GSIS - 1);
	assert_int_not_equal(w->gsi[gsi], level);
	w->gsi[gsi] = level;
	if (level)
		w->gsi_rises++;
}

static void world_send_msi(void *ctx, uint64_t address, uint32_t data)
{
	struct world *w = ctx;

	assert_int_equal(address, TEST_MSI_ADDRESS);
	assert_in_range(data, 0, NR_MSI_DATA - 1);
	w->msi[data]++;
}

static inline struct world *world_create(void)
{
	struct world *w = calloc(1, sizeof(*w));
	struct pci_host host = { .ctx = w, .set_gsi = world_set_gsi, .send_msi = world_send_msi };

	assert_int_equal(ia64_memory_init(&w->mem, 1ull << 32), 0);
	assert_int_equal(ia64_memory_add_ram(&w->mem, 0, RAM_SIZE), 0);
	w->next = 0x10000;
	w->bus = pci_bus_create(&host);
	assert_non_null(w->bus);
	return w;
}

static inline void world_destroy(struct world *w)
{
	pci_bus_destroy(w->bus);
	ia64_memory_destroy(&w->mem);
	free(w);
}

/* Guest memory, zeroed. */
static inline uint64_t guest_alloc(struct world *w, uint64_t size, uint64_t align)
{
	uint64_t at = (w->next + align - 1) & ~(align - 1);

	w->next = at + size;
	assert_true(w->next <= RAM_SIZE);
	memset(ia64_memory_ptr(&w->mem, at, size), 0, size);
	return at;
}

static inline void *guest_ptr(struct world *w, uint64_t gpa)
{
	return w->mem.base + gpa;
}

/* --- the rings, as a driver sees them --- */

struct test_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags, next;
};

enum { TEST_NEXT = 1, TEST_WRITE = 2, TEST_INDIRECT = 4 };

struct test_queue {
	uint16_t size;
	uint64_t desc_gpa, avail_gpa, used_gpa;
	struct test_desc *desc;
	volatile uint16_t *avail; /* flags, idx, ring[size], used_event */
	volatile uint16_t *used;  /* flags, idx, { id32, len32 }[size], avail_event */
	uint16_t avail_idx, used_seen, next_desc;
	uint16_t notify_off;
};

struct test_driver {
	struct world *w;
	unsigned int slot;
	bool modern, msix;
	uint64_t io, msix_bar, bar4;
	uint64_t common, notify, isr, config; /* version 1 structures */
	uint32_t notify_multiplier;
	uint64_t features;
	struct test_queue q[VIRTIO_MAX_QUEUES];
};

static inline uint32_t cfg_read(struct test_driver *d, unsigned int reg, unsigned int size)
{
	return pci_config_read(d->w->bus, 0, d->slot << 3, reg, size);
}

static inline void cfg_write(struct test_driver *d, unsigned int reg, unsigned int size, uint32_t v)
{
	pci_config_write(d->w->bus, 0, d->slot << 3, reg, size, v);
}

static inline uint64_t io_read(struct test_driver *d, unsigned int reg, unsigned int size)
{
	uint64_t v;

	assert_true(pci_io_read(d->w->bus, d->io + reg, size, &v));
	return v;
}

static inline void io_write(struct test_driver *d, unsigned int reg, unsigned int size, uint64_t v)
{
	assert_true(pci_io_write(d->w->bus, d->io + reg, size, v));
}

static inline uint64_t mem_read(struct test_driver *d, uint64_t at, unsigned int size)
{
	uint64_t v;

	assert_true(pci_mem_read(d->w->bus, at, size, &v));
	return v;
}

static inline void mem_write(struct test_driver *d, uint64_t at, unsigned int size, uint64_t v)
{
	assert_true(pci_mem_write(d->w->bus, at, size, v));
}

static inline uint8_t drv_status(struct test_driver *d)
{
	return (uint8_t)(d->modern ? mem_read(d, d->common + 20, 1) : io_read(d, 18, 1));
}

static inline void drv_set_status(struct test_driver *d, uint8_t v)
{
	if (d->modern)
		mem_write(d, d->common + 20, 1, v);
	else
		io_write(d, 18, 1, v);
}

static inline uint64_t drv_config(struct test_driver *d, unsigned int offset, unsigned int size)
{
	if (d->modern)
		return mem_read(d, d->config + offset, size);
	return io_read(d, (d->msix ? 24 : 20) + offset, size);
}

static inline void drv_find_capabilities(struct test_driver *d)
{
	unsigned int at = cfg_read(d, PCI_CAPABILITY_LIST, 1), seen = 0;

	assert_true(cfg_read(d, PCI_STATUS, 2) & PCI_STATUS_CAP_LIST);
	for (; at; at = cfg_read(d, at + 1, 1)) {
		uint64_t where;

		assert_true(seen++ < 20);
		if (cfg_read(d, at, 1) != PCI_CAP_ID_VENDOR)
			continue;
		where = d->bar4 + cfg_read(d, at + 8, 4);
		switch (cfg_read(d, at + 3, 1)) {
		case 1: d->common = where; break;
		case 2:
			d->notify = where;
			d->notify_multiplier = cfg_read(d, at + 16, 4);
			break;
		case 3: d->isr = where; break;
		case 4: d->config = where; break;
		}
	}
	assert_true(d->common && d->notify && d->isr && d->config);
}

static inline unsigned int drv_find_msix(struct test_driver *d)
{
	unsigned int at = cfg_read(d, PCI_CAPABILITY_LIST, 1);

	while (at && cfg_read(d, at, 1) != PCI_CAP_ID_MSIX)
		at = cfg_read(d, at + 1, 1);
	assert_true(at);
	return at;
}

/* Vector n sends data n; all unmasked. */
static inline void drv_enable_msix(struct test_driver *d)
{
	unsigned int at = drv_find_msix(d);
	unsigned int vectors = (cfg_read(d, at + 2, 2) & 0x7ff) + 1;

	for (unsigned int i = 0; i < vectors; i++) {
		mem_write(d, d->msix_bar + 16 * i, 4, TEST_MSI_ADDRESS);
		mem_write(d, d->msix_bar + 16 * i + 4, 4, 0);
		mem_write(d, d->msix_bar + 16 * i + 8, 4, i);
		mem_write(d, d->msix_bar + 16 * i + 12, 4, 0);
	}
	cfg_write(d, at + 2, 2, 0x8000);
}

/* Finds the function with that transitional device id and its BARs. */
static inline void drv_probe(struct test_driver *d, struct world *w, uint16_t device, bool modern,
			     bool msix)
{
	memset(d, 0, sizeof(*d));
	d->w = w;
	d->modern = modern;
	d->msix = msix;
	for (d->slot = 1; cfg_read(d, PCI_DEVICE_ID, 2) != device; d->slot++)
		assert_in_range(d->slot, 1, PCI_NR_SLOTS - 1);
	assert_int_equal(cfg_read(d, PCI_VENDOR_ID, 2), 0x1af4);
	d->io = cfg_read(d, PCI_BAR0, 4) & ~3u;
	d->msix_bar = cfg_read(d, PCI_BAR0 + 4, 4) & ~15u;
	d->bar4 = (cfg_read(d, PCI_BAR0 + 16, 4) & ~15u) |
		  (uint64_t)cfg_read(d, PCI_BAR0 + 20, 4) << 32;
	if (modern)
		drv_find_capabilities(d);
	if (msix)
		drv_enable_msix(d);
}

static inline uint64_t drv_offered(struct test_driver *d)
{
	uint64_t f;

	if (!d->modern)
		return io_read(d, 0, 4);
	mem_write(d, d->common, 4, 0);
	f = mem_read(d, d->common + 4, 4);
	mem_write(d, d->common, 4, 1);
	return f | mem_read(d, d->common + 4, 4) << 32;
}

/* Up to the point where queues are set up: takes what is offered and in `wanted`. */
static inline void drv_negotiate(struct test_driver *d, uint64_t wanted)
{
	drv_set_status(d, 0);
	assert_int_equal(drv_status(d), 0);
	drv_set_status(d, VIRTIO_STATUS_ACKNOWLEDGE);
	drv_set_status(d, VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER);
	d->features = drv_offered(d) & (wanted | (d->modern ? VIRTIO_F_VERSION_1 : 0));
	if (!d->modern) {
		io_write(d, 4, 4, d->features);
		return;
	}
	mem_write(d, d->common + 8, 4, 0);
	mem_write(d, d->common + 12, 4, (uint32_t)d->features);
	mem_write(d, d->common + 8, 4, 1);
	mem_write(d, d->common + 12, 4, d->features >> 32);
	drv_set_status(d, VIRTIO_STATUS_ACKNOWLEDGE | VIRTIO_STATUS_DRIVER |
				  VIRTIO_STATUS_FEATURES_OK);
	assert_true(drv_status(d) & VIRTIO_STATUS_FEATURES_OK);
}

/* Memory for a queue, and where its parts are. */
static inline void drv_alloc_queue(struct test_driver *d, unsigned int n, uint16_t size)
{
	struct test_queue *q = &d->q[n];
	uint64_t used = 16ull * size + 6 + 2ull * size;

	memset(q, 0, sizeof(*q));
	q->size = size;
	used = (used + 4095) & ~4095ull;
	q->desc_gpa = guest_alloc(d->w, used + 6 + 8ull * size, 4096);
	q->avail_gpa = q->desc_gpa + 16ull * size;
	q->used_gpa = q->desc_gpa + used;
	q->desc = guest_ptr(d->w, q->desc_gpa);
	q->avail = guest_ptr(d->w, q->avail_gpa);
	q->used = guest_ptr(d->w, q->used_gpa);
	/* Descriptors that are not set up point nowhere good. */
	for (unsigned int i = 0; i < size; i++)
		q->desc[i].addr = ~0ull;
}

/* size 0: as large as the device offers. MSI-X vector n + 1 is queue n's. */
static inline void drv_setup_queue(struct test_driver *d, unsigned int n, uint16_t size)
{
	struct test_queue *q = &d->q[n];

	if (!d->modern) {
		io_write(d, 14, 2, n);
		drv_alloc_queue(d, n, (uint16_t)io_read(d, 12, 2));
		assert_int_equal(io_read(d, 8, 4), 0);
		if (d->msix) {
			io_write(d, 22, 2, n + 1);
			assert_int_equal(io_read(d, 22, 2), n + 1);
		}
		io_write(d, 8, 4, q->desc_gpa >> 12);
		assert_int_equal(io_read(d, 8, 4), q->desc_gpa >> 12);
		return;
	}
	mem_write(d, d->common + 22, 2, n);
	drv_alloc_queue(d, n, size ? size : (uint16_t)mem_read(d, d->common + 24, 2));
	if (size)
		mem_write(d, d->common + 24, 2, size);
	assert_int_equal(mem_read(d, d->common + 24, 2), q->size);
	if (d->msix) {
		mem_write(d, d->common + 26, 2, n + 1);
		assert_int_equal(mem_read(d, d->common + 26, 2), n + 1);
	}
	mem_write(d, d->common + 32, 4, (uint32_t)q->desc_gpa);
	mem_write(d, d->common + 36, 4, q->desc_gpa >> 32);
	mem_write(d, d->common + 40, 4, (uint32_t)q->avail_gpa);
	mem_write(d, d->common + 44, 4, q->avail_gpa >> 32);
	mem_write(d, d->common + 48, 8, q->used_gpa);
	q->notify_off = (uint16_t)mem_read(d, d->common + 30, 2);
	mem_write(d, d->common + 28, 2, 1);
}

static inline void drv_ok(struct test_driver *d)
{
	drv_set_status(d, drv_status(d) | VIRTIO_STATUS_DRIVER_OK);
}

static inline void drv_kick(struct test_driver *d, unsigned int n)
{
	atomic_thread_fence(memory_order_seq_cst);
	if (d->modern)
		mem_write(d, d->notify + d->q[n].notify_off * d->notify_multiplier, 2, n);
	else
		io_write(d, 16, 2, n);
}

struct test_seg {
	uint64_t gpa;
	uint32_t len;
	bool in; /* the device writes it */
};

/* Fills descriptors of a table from segments, in order from `first`. */
static inline void fill_table(struct test_desc *t, uint16_t first, uint16_t size,
			      const struct test_seg *seg, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		t[(first + i) % size] = (struct test_desc){
			.addr = seg[i].gpa, .len = seg[i].len,
			.flags = (seg[i].in ? TEST_WRITE : 0) | (i + 1 < n ? TEST_NEXT : 0),
			.next = (uint16_t)((first + i + 1) % size),
		};
}

/* Shows descriptor `head` to the device, without telling it. */
static inline void drv_publish(struct test_driver *d, unsigned int n, uint16_t head)
{
	struct test_queue *q = &d->q[n];

	q->avail[2 + q->avail_idx % q->size] = head;
	atomic_thread_fence(memory_order_seq_cst);
	q->avail[1] = ++q->avail_idx;
}

/* Adds a chain; returns its head. */
static inline uint16_t drv_add(struct test_driver *d, unsigned int n, const struct test_seg *seg,
			       unsigned int nr, bool indirect)
{
	struct test_queue *q = &d->q[n];
	uint16_t head = q->next_desc;
	uint64_t table;

	if (indirect) {
		table = guest_alloc(d->w, 16ull * nr, 16);
		fill_table(guest_ptr(d->w, table), 0, (uint16_t)nr, seg, nr);
		q->desc[head] = (struct test_desc){ table, 16 * nr, TEST_INDIRECT, 0 };
		q->next_desc = (head + 1) % q->size;
	} else {
		fill_table(q->desc, head, q->size, seg, nr);
		q->next_desc = (uint16_t)(head + nr) % q->size;
	}
	drv_publish(d, n, head);
	return head;
}

static inline void test_sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* Waits for the next used entry; returns its length, and its id by *id. Gives up after 20 s. */
static inline uint32_t drv_wait_used(struct test_driver *d, unsigned int n, uint32_t *id)
{
	struct test_queue *q = &d->q[n];
	volatile uint32_t *elem;

	for (int i = 0; q->used[1] == q->used_seen; i++) {
		if (i == 20000)
			fail_msg("queue %u: nothing used", n);
		test_sleep_ms(1);
	}
	atomic_thread_fence(memory_order_seq_cst);
	elem = (volatile uint32_t *)(q->used + 2) + 2 * (q->used_seen++ % q->size);
	if (id)
		*id = elem[0];
	return elem[1];
}

/* One chain there and back. */
static inline uint32_t drv_transfer(struct test_driver *d, unsigned int n,
				    const struct test_seg *seg, unsigned int nr, bool indirect)
{
	uint16_t head = drv_add(d, n, seg, nr, indirect);
	uint32_t id, len;

	drv_kick(d, n);
	len = drv_wait_used(d, n, &id);
	assert_int_equal(id, head);
	return len;
}

/* Waits until an atomic counter has reached at least `value`. */
static inline void wait_count(_Atomic unsigned int *counter, unsigned int value)
{
	for (int i = 0; *counter < value; i++) {
		if (i == 20000)
			fail_msg("an interrupt did not come");
		test_sleep_ms(1);
	}
}

#endif
