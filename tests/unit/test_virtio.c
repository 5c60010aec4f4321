/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtio registers and rings, by way of the simplest device (entropy): both interfaces, both kinds
 * of interrupt, indirect descriptors, event indices, and drivers that lie.
 */
#include "test_virtio_driver.h"

#define RNG 0x1005
#define ALL (~0ull)

struct mode {
	bool modern, msix;
	uint64_t features;
};

static const struct mode modes[] = {
	{ false, false, 0 },
	{ false, true, 0 },
	{ false, false, VIRTIO_F_INDIRECT_DESC },
	{ false, true, ALL },
	{ true, false, 0 },
	{ true, true, 0 },
	{ true, false, VIRTIO_F_EVENT_IDX },
	{ true, true, ALL },
};

#define NR_MODES (sizeof(modes) / sizeof(modes[0]))

static void start(struct test_driver *d, const struct mode *m)
{
	struct world *w = world_create();

	assert_int_equal(virtio_rng_add(w->bus, &w->mem, NULL), 0);
	drv_probe(d, w, RNG, m->modern, m->msix);
	drv_negotiate(d, m->features);
	drv_setup_queue(d, 0, 0);
	drv_ok(d);
}

static bool is_zero(const void *p, size_t len)
{
	const uint8_t *b = p;

	while (len)
		if (b[--len])
			return false;
	return true;
}

static uint64_t read_isr(struct test_driver *d)
{
	return d->modern ? mem_read(d, d->isr, 1) : io_read(d, 19, 1);
}

/* Bytes come, only where they were asked for, and the driver is told in the way it chose. */
static void one_mode(const struct mode *m)
{
	struct test_driver d;
	bool indirect = m->features & VIRTIO_F_INDIRECT_DESC;
	unsigned int gsi;
	uint64_t buf;
	uint8_t *p;

	start(&d, m);
	gsi = LAYOUT_PCI_GSI(d.slot, 0);
	for (unsigned int i = 0; i < 100; i++) {
		buf = guest_alloc(d.w, 256, 16);
		p = guest_ptr(d.w, buf);
		const struct test_seg seg[2] = { { buf + 16, 32, true }, { buf + 100, 64, true } };

		assert_int_equal(drv_transfer(&d, 0, seg, 2, indirect && i % 2), 96);
		assert_true(is_zero(p, 16) && is_zero(p + 48, 52) && is_zero(p + 164, 92));
		assert_false(is_zero(p + 16, 32));
		assert_false(is_zero(p + 100, 64));
		/* Asks for an interrupt at the next one, where that is how it is asked. */
		d.q[0].avail[2 + d.q[0].size] = d.q[0].used_seen;
		if (m->msix) {
			assert_int_equal(d.w->msi[1], i + 1);
			assert_int_equal(d.w->gsi_rises, 0);
		} else {
			assert_int_equal(d.w->gsi_rises, i + 1);
			assert_true(d.w->gsi[gsi]);
			/* Reading ISR takes the line down. */
			assert_int_equal(read_isr(&d), 1);
			assert_false(d.w->gsi[gsi]);
			assert_int_equal(read_isr(&d), 0);
		}
	}
	drv_set_status(&d, 0);
	assert_int_equal(drv_status(&d), 0);
	world_destroy(d.w);
}

static void test_all_modes(void **state)
{
	for (size_t i = 0; i < NR_MODES; i++)
		one_mode(&modes[i]);
}

/* The same function serves either interface, one after the other. */
static void test_change_of_drivers(void **state)
{
	struct test_driver d;
	struct world *w = world_create();
	struct test_seg seg = { 0, 64, true };

	virtio_rng_add(w->bus, &w->mem, NULL);
	seg.gpa = guest_alloc(w, 64, 16);
	for (int i = 0; i < 6; i++) {
		drv_probe(&d, w, RNG, i & 1, false);
		drv_negotiate(&d, ALL);
		drv_setup_queue(&d, 0, 0);
		drv_ok(&d);
		assert_int_equal(drv_transfer(&d, 0, &seg, 1, false), 64);
	}
	world_destroy(w);
}

static void test_identity(void **state)
{
	struct world *w = world_create();
	struct test_driver d;

	virtio_rng_add(w->bus, &w->mem, NULL);
	drv_probe(&d, w, RNG, true, false);
	/* VIRTIO 1.1, 4.1.2.3: transitional devices have revision 0 and the type as subsystem. */
	assert_int_equal(cfg_read(&d, PCI_REVISION_ID, 1), 0);
	assert_int_equal(cfg_read(&d, PCI_SUBSYSTEM_ID, 2), 4);
	assert_int_equal(mem_read(&d, d.common + 18, 2), 1);
	assert_true(drv_offered(&d) & VIRTIO_F_VERSION_1);
	mem_write(&d, d.common, 4, 2);
	assert_int_equal(mem_read(&d, d.common + 4, 4), 0);
	assert_int_equal(io_read(&d, 0, 4) & ~(VIRTIO_F_ANY_LAYOUT | VIRTIO_F_INDIRECT_DESC |
					       VIRTIO_F_EVENT_IDX), 0);
	/* A queue that is not there. */
	io_write(&d, 14, 2, 1);
	assert_int_equal(io_read(&d, 12, 2), 0);
	mem_write(&d, d.common + 22, 2, 77);
	assert_int_equal(mem_read(&d, d.common + 24, 2), 0);
	io_write(&d, 8, 4, 5);
	assert_int_equal(io_read(&d, 8, 4), 0);
	world_destroy(w);
}

/* VIRTIO 1.1, 3.1.1 and 6.1: FEATURES_OK does not stick for a choice that cannot be served. */
static void test_features_refused(void **state)
{
	struct world *w = world_create();
	struct test_driver d;

	virtio_rng_add(w->bus, &w->mem, NULL);
	drv_probe(&d, w, RNG, true, false);
	drv_set_status(&d, 3);
	mem_write(&d, d.common + 8, 4, 0);
	mem_write(&d, d.common + 12, 4, 0);
	drv_set_status(&d, 11);
	assert_int_equal(drv_status(&d), 3); /* without VERSION_1 */
	mem_write(&d, d.common + 8, 4, 1);
	mem_write(&d, d.common + 12, 4, 0x80000001);
	drv_set_status(&d, 11);
	assert_int_equal(drv_status(&d), 3); /* a bit that was not offered */
	mem_write(&d, d.common + 12, 4, 1);
	drv_set_status(&d, 11);
	assert_int_equal(drv_status(&d), 11);
	/* Fixed from here on. */
	mem_write(&d, d.common + 12, 4, 0);
	assert_int_equal(mem_read(&d, d.common + 12, 4), 1);
	world_destroy(w);
}

/* VIRTIO 1.1, 2.1.1: nothing is used before DRIVER_OK, and what was made available is then. */
static void test_not_before_driver_ok(void **state)
{
	struct world *w = world_create();
	struct test_driver d;
	struct test_seg seg = { 0, 64, true };

	virtio_rng_add(w->bus, &w->mem, NULL);
	drv_probe(&d, w, RNG, true, false);
	drv_negotiate(&d, 0);
	drv_setup_queue(&d, 0, 0);
	seg.gpa = guest_alloc(w, 64, 16);
	drv_add(&d, 0, &seg, 1, false);
	drv_kick(&d, 0);
	assert_int_equal(d.q[0].used[1], 0);
	drv_ok(&d);
	assert_int_equal(d.q[0].used[1], 1);
	world_destroy(w);
}

/* A legacy driver may use its queues before DRIVER_OK (VIRTIO 1.1, 3.1.2). */
static void test_legacy_before_driver_ok(void **state)
{
	struct world *w = world_create();
	struct test_driver d;
	struct test_seg seg = { 0, 64, true };

	virtio_rng_add(w->bus, &w->mem, NULL);
	drv_probe(&d, w, RNG, false, false);
	drv_negotiate(&d, 0);
	drv_setup_queue(&d, 0, 0);
	seg.gpa = guest_alloc(w, 64, 16);
	assert_int_equal(drv_transfer(&d, 0, &seg, 1, false), 64);
	world_destroy(w);
}

static void test_interrupt_suppression(void **state)
{
	static const struct mode flags = { true, true, 0 }, events = { true, true, ALL };
	struct test_seg seg = { 0, 64, true };
	struct test_driver d;

	start(&d, &flags);
	seg.gpa = guest_alloc(d.w, 64, 16);
	d.q[0].avail[0] = 1; /* VIRTQ_AVAIL_F_NO_INTERRUPT */
	drv_transfer(&d, 0, &seg, 1, false);
	assert_int_equal(d.w->msi[1], 0);
	d.q[0].avail[0] = 0;
	drv_transfer(&d, 0, &seg, 1, false);
	assert_int_equal(d.w->msi[1], 1);
	world_destroy(d.w);

	/* used_event 4: the fifth used entry interrupts. */
	start(&d, &events);
	seg.gpa = guest_alloc(d.w, 64, 16);
	d.q[0].avail[2 + d.q[0].size] = 4;
	for (unsigned int i = 0; i < 8; i++) {
		drv_transfer(&d, 0, &seg, 1, false);
		assert_int_equal(d.w->msi[1], i < 4 ? 0 : 1);
	}
	/* The device tells from where on it wants to hear. */
	assert_int_equal(d.q[0].used[2 + 4 * d.q[0].size], 8);
	world_destroy(d.w);
}

/* The 16-bit indices wrap. */
static void test_wrap(void **state)
{
	static const struct mode events = { true, true, ALL };
	struct test_seg seg = { 0, 8, true };
	struct test_driver d;

	start(&d, &events);
	seg.gpa = guest_alloc(d.w, 64, 16);
	for (unsigned int i = 0; i < 70000; i++) {
		d.q[0].avail[2 + d.q[0].size] = (uint16_t)i;
		assert_int_equal(drv_transfer(&d, 0, &seg, 1, false), 8);
		if (d.w->msi[1] != i + 1)
			fail_msg("%u interrupts after %u uses", d.w->msi[1], i + 1);
	}
	world_destroy(d.w);
}

/* Each queue size the device can have. */
static void test_queue_sizes(void **state)
{
	struct world *w = world_create();
	struct test_driver d;
	struct test_seg seg = { 0, 16, true };

	virtio_rng_add(w->bus, &w->mem, NULL);
	seg.gpa = guest_alloc(w, 64, 16);
	for (uint16_t size = 1; size <= 8; size *= 2) {
		drv_probe(&d, w, RNG, true, false);
		drv_negotiate(&d, 0);
		drv_setup_queue(&d, 0, size);
		drv_ok(&d);
		for (int i = 0; i < 20; i++)
			assert_int_equal(drv_transfer(&d, 0, &seg, 1, false), 16);
	}
	world_destroy(w);
}

/* DMA into a page with decoded instructions makes them stale. */
static void test_dma_marks_code_stale(void **state)
{
	struct test_seg seg = { 0, 16, true };
	struct test_driver d;
	uint64_t page;

	start(&d, &modes[5]);
	seg.gpa = guest_alloc(d.w, 4096, 4096);
	page = seg.gpa >> IA64_MEM_PAGE_SHIFT;
	atomic_fetch_or(&d.w->mem.attr[page], IA64_PAGE_CODE);
	drv_transfer(&d, 0, &seg, 1, false);
	assert_int_equal(d.w->mem.codegen[page], 1);
	assert_false(d.w->mem.attr[page] & IA64_PAGE_CODE);
	world_destroy(d.w);
}

/* VIRTIO 1.1, 4.1.4.9 */
static void test_pci_window(void **state)
{
	struct world *w = world_create();
	struct test_driver d;
	unsigned int at;

	virtio_rng_add(w->bus, &w->mem, NULL);
	drv_probe(&d, w, RNG, true, false);
	at = cfg_read(&d, PCI_CAPABILITY_LIST, 1);
	while (cfg_read(&d, at, 1) != PCI_CAP_ID_VENDOR || cfg_read(&d, at + 3, 1) != 5)
		at = cfg_read(&d, at + 1, 1);
	cfg_write(&d, at + 4, 1, 4);
	cfg_write(&d, at + 8, 4, (uint32_t)(d.common - d.bar4) + 20);
	cfg_write(&d, at + 12, 4, 1);
	cfg_write(&d, at + 16, 1, 3);
	assert_int_equal(drv_status(&d), 3);
	assert_int_equal(cfg_read(&d, at + 16, 1), 3);
	/* To nowhere: no effect, no harm. */
	for (unsigned int bar = 0; bar < 256; bar++)
		for (unsigned int shift = 0; shift < 32; shift++)
			for (unsigned int len = 0; len <= 8; len++) {
				cfg_write(&d, at + 4, 1, bar);
				cfg_write(&d, at + 8, 4, 0xffffffffu << shift);
				cfg_write(&d, at + 12, 4, len);
				cfg_read(&d, at + 16, 4);
			}
	world_destroy(w);
}

/* --- drivers that lie --- */

static void expect_needs_reset(struct test_driver *d)
{
	struct test_seg seg = { guest_alloc(d->w, 64, 16), 16, true };

	assert_true(drv_status(d) & VIRTIO_STATUS_NEEDS_RESET);
	/* It says so by a configuration interrupt... */
	mem_write(d, d->common + 16, 2, 0);
	/* ... and works again after the reset. */
	drv_negotiate(d, ALL);
	drv_setup_queue(d, 0, 0);
	drv_ok(d);
	assert_int_equal(drv_transfer(d, 0, &seg, 1, false), 16);
	world_destroy(d->w);
}

static void start_hostile(struct test_driver *d)
{
	static const struct mode m = { true, true, ALL };

	start(d, &m);
}

static void hostile_desc(struct test_desc desc)
{
	struct test_driver d;

	start_hostile(&d);
	d.q[0].desc[0] = desc;
	drv_publish(&d, 0, 0);
	drv_kick(&d, 0);
	assert_int_equal(d.q[0].used[1], 0);
	expect_needs_reset(&d);
}

static void test_hostile_descriptors(void **state)
{
	/* Not RAM, over its end, around the end of the address space, readable after writable. */
	hostile_desc((struct test_desc){ RAM_SIZE, 16, TEST_WRITE, 0 });
	hostile_desc((struct test_desc){ RAM_SIZE - 8, 16, TEST_WRITE, 0 });
	hostile_desc((struct test_desc){ ~0ull - 7, 16, TEST_WRITE, 0 });
	hostile_desc((struct test_desc){ 0, 0xffffffff, TEST_WRITE, 0 });
	hostile_desc((struct test_desc){ LAYOUT_PCI_MEM_BASE, 16, TEST_WRITE, 0 });
	/* A circle, a number out of range. */
	hostile_desc((struct test_desc){ 0x10000, 16, TEST_WRITE | TEST_NEXT, 0 });
	hostile_desc((struct test_desc){ 0x10000, 16, TEST_WRITE | TEST_NEXT, 8 });
	hostile_desc((struct test_desc){ 0x10000, 16, TEST_WRITE | TEST_NEXT, 0xffff });
	/* Indirect tables: empty, odd, not memory, too long, with NEXT. */
	hostile_desc((struct test_desc){ 0x10000, 0, TEST_INDIRECT, 0 });
	hostile_desc((struct test_desc){ 0x10000, 17, TEST_INDIRECT, 0 });
	hostile_desc((struct test_desc){ ~0ull - 15, 32, TEST_INDIRECT, 0 });
	hostile_desc((struct test_desc){ RAM_SIZE - 16, 32, TEST_INDIRECT, 0 });
	hostile_desc((struct test_desc){ 0, 0xfffffff0, TEST_INDIRECT, 0 });
	hostile_desc((struct test_desc){ 0x10000, 16, TEST_INDIRECT | TEST_NEXT, 1 });
}

static void test_hostile_indirect(void **state)
{
	struct test_driver d;
	struct test_desc *t;
	uint64_t table;

	for (int kind = 0; kind < 3; kind++) {
		start_hostile(&d);
		table = guest_alloc(d.w, 16 * 4096, 16);
		t = guest_ptr(d.w, table);
		d.q[0].desc[0] = (struct test_desc){ table, 16 * 4096, TEST_INDIRECT, 0 };
		for (unsigned int i = 0; i < 4096; i++)
			t[i] = (struct test_desc){ 0x10000, 1, TEST_WRITE | TEST_NEXT,
						   (uint16_t)(i + 1) };
		if (kind == 1) /* a table in a table */
			t[0] = (struct test_desc){ table, 16, TEST_INDIRECT, 0 };
		else if (kind == 2) /* a circle */
			t[5].next = 0;
		drv_publish(&d, 0, 0);
		drv_kick(&d, 0);
		expect_needs_reset(&d);
	}
}

static void test_indirect_not_negotiated(void **state)
{
	static const struct mode m = { true, true, 0 };
	struct test_driver d;

	start(&d, &m);
	d.q[0].desc[0] = (struct test_desc){ 0x10000, 16, TEST_INDIRECT, 0 };
	drv_publish(&d, 0, 0);
	drv_kick(&d, 0);
	expect_needs_reset(&d);
}

static void test_hostile_order(void **state)
{
	struct test_driver d;
	struct test_seg seg[2] = { { 0x10000, 16, true }, { 0x10000, 16, false } };

	start_hostile(&d);
	drv_add(&d, 0, seg, 2, false);
	drv_kick(&d, 0);
	expect_needs_reset(&d);
}

static void test_hostile_indices(void **state)
{
	struct test_driver d;

	start_hostile(&d);
	d.q[0].avail[2] = 8; /* a head out of range */
	d.q[0].avail[1] = 1;
	drv_kick(&d, 0);
	expect_needs_reset(&d);

	start_hostile(&d);
	d.q[0].avail[1] = 9; /* more than the ring holds */
	drv_kick(&d, 0);
	expect_needs_reset(&d);

	start_hostile(&d);
	d.q[0].avail[1] = 0xffff; /* backwards */
	drv_kick(&d, 0);
	expect_needs_reset(&d);
}

/* A page that the guest may not write cannot be written by way of a device either. */
static void test_read_only_page(void **state)
{
	struct test_driver d;
	struct test_seg seg = { 0, 32, true };
	uint64_t page;

	start_hostile(&d);
	page = guest_alloc(d.w, 8192, 4096);
	seg.gpa = page + 4096 - 16;
	atomic_fetch_or(&d.w->mem.attr[(page >> 12) + 1], IA64_PAGE_RO);
	drv_add(&d, 0, &seg, 1, false);
	drv_kick(&d, 0);
	assert_true(is_zero(guest_ptr(d.w, page), 8192));
	expect_needs_reset(&d);
}

static void test_hostile_queue_setup(void **state)
{
	static const struct {
		uint64_t desc, avail, used;
		uint16_t size;
	} bad[] = {
		{ 0x20000, 0x21000, RAM_SIZE, 8 },
		{ 0x20000, RAM_SIZE - 16, 0x21000, 8 },
		{ RAM_SIZE - 64, 0x20000, 0x21000, 8 },
		{ ~0ull & ~15ull, 0x20000, 0x21000, 8 },
		{ 0x20000, ~0ull & ~1ull, 0x21000, 8 },
		{ 0x20001, 0x21000, 0x22000, 8 },
		{ 0x20000, 0x21001, 0x22000, 8 },
		{ 0x20000, 0x21000, 0x22002, 8 },
		{ 0x20000, 0x21000, 0x22000, 3 },
		{ 0x20000, 0x21000, 0x22000, 16 },
		{ 0x20000, 0x21000, 0x22000, 0 },
	};
	struct test_driver d;
	struct world *w;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		w = world_create();
		virtio_rng_add(w->bus, &w->mem, NULL);
		drv_probe(&d, w, RNG, true, true);
		drv_negotiate(&d, ALL);
		mem_write(&d, d.common + 22, 2, 0);
		mem_write(&d, d.common + 24, 2, bad[i].size);
		mem_write(&d, d.common + 32, 8, bad[i].desc);
		mem_write(&d, d.common + 40, 8, bad[i].avail);
		mem_write(&d, d.common + 48, 8, bad[i].used);
		mem_write(&d, d.common + 28, 2, 1);
		drv_ok(&d);
		drv_kick(&d, 0);
		expect_needs_reset(&d);
	}
}

/* The legacy interface has no way to say no: the queue is ignored until the reset. */
static void test_hostile_legacy(void **state)
{
	static const struct mode m = { false, false, 0 };
	static const uint32_t pfns[] = { RAM_SIZE >> 12, (RAM_SIZE >> 12) - 1, 0xffffffff };
	struct test_seg seg = { 0x10000, 16, true };
	struct test_driver d;

	for (size_t i = 0; i < 3; i++) {
		start(&d, &m);
		io_write(&d, 8, 4, 0);
		io_write(&d, 8, 4, pfns[i]);
		drv_kick(&d, 0);
		drv_negotiate(&d, 0);
		drv_setup_queue(&d, 0, 0);
		drv_ok(&d);
		assert_int_equal(drv_transfer(&d, 0, &seg, 1, false), 16);
		world_destroy(d.w);
	}
}

/* Every register, every size, odd values, before and while in use: nothing to see but survival. */
static void test_register_noise(void **state)
{
	struct test_driver d;
	uint64_t v;

	srandom(7);
	for (int round = 0; round < 20; round++) {
		start(&d, &modes[round % NR_MODES]);
		for (int i = 0; i < 20000; i++) {
			unsigned int size = 1u << random() % 4;
			uint64_t val = (uint64_t)random() << (random() % 40) ^ (uint64_t)random();
			uint64_t at = (uint64_t)random() % (random() % 4 ? 64 : 0x4000);
			uint64_t bar4 = (cfg_read(&d, PCI_BAR0 + 16, 4) & ~15u) |
					(uint64_t)cfg_read(&d, PCI_BAR0 + 20, 4) << 32;

			switch (random() % 6) {
			case 0: pci_mem_write(d.w->bus, bar4 + at, size, val); break;
			case 1: pci_mem_read(d.w->bus, bar4 + at, size, &v); break;
			case 2: pci_io_write(d.w->bus, d.io + at % 64, size, val); break;
			case 3: pci_io_read(d.w->bus, d.io + at % 64, size, &v); break;
			case 4: pci_mem_write(d.w->bus, bar4 + 0x3000, 2, 0); break;
			case 5:
				/* Not the MSI-X addresses: the test's own callback checks those. */
				if (random() % 8 == 0)
					cfg_write(&d, 0x40 + (unsigned int)random() % 0xc0, 1,
						  (uint32_t)val);
				break;
			}
			if (random() % 64 == 0)
				d.q[0].avail[random() % 12] = (uint16_t)random();
			if (random() % 64 == 0)
				d.q[0].desc[random() % 8] = (struct test_desc){
					(uint64_t)random() % (2 * RAM_SIZE),
					(uint32_t)random() % 70000,
					(uint16_t)(random() % 8), (uint16_t)(random() % 10) };
		}
		world_destroy(d.w);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_modes),
		cmocka_unit_test(test_change_of_drivers),
		cmocka_unit_test(test_identity),
		cmocka_unit_test(test_features_refused),
		cmocka_unit_test(test_not_before_driver_ok),
		cmocka_unit_test(test_legacy_before_driver_ok),
		cmocka_unit_test(test_interrupt_suppression),
		cmocka_unit_test(test_wrap),
		cmocka_unit_test(test_queue_sizes),
		cmocka_unit_test(test_dma_marks_code_stale),
		cmocka_unit_test(test_pci_window),
		cmocka_unit_test(test_hostile_descriptors),
		cmocka_unit_test(test_hostile_indirect),
		cmocka_unit_test(test_indirect_not_negotiated),
		cmocka_unit_test(test_hostile_order),
		cmocka_unit_test(test_hostile_indices),
		cmocka_unit_test(test_read_only_page),
		cmocka_unit_test(test_hostile_queue_setup),
		cmocka_unit_test(test_hostile_legacy),
		cmocka_unit_test(test_register_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
