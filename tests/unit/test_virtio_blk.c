/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtio disk through its registers: every byte, flush, id, limits, resets, shutdown. */
#include "test_virtio_driver.h"

#include <stdio.h>
#include <unistd.h>

#include "backend/block.h"

#define BLK 0x1001
#define DISK_SIZE (8u << 20)

enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8, T_DISCARD = 11, T_WRITE_ZEROES = 13 };
enum { S_OK, S_IOERR, S_UNSUPP };

#define F_RO (1u << 5)
#define F_FLUSH (1u << 9)
#define F_CONFIG_WCE (1u << 11)

struct disk {
	char path[64];
	struct test_driver d;
};

static uint8_t pattern(uint64_t at)
{
	return (uint8_t)(at * 11 + at / 512 * 5 + at / 8192);
}

static void make_image(struct disk *t)
{
	uint8_t *buf = malloc(DISK_SIZE);
	FILE *f;

	strcpy(t->path, "/tmp/test_virtio_blk.XXXXXX");
	f = fdopen(mkstemp(t->path), "w");
	assert_non_null(f);
	for (size_t i = 0; i < DISK_SIZE; i++)
		buf[i] = pattern(i);
	assert_int_equal(fwrite(buf, 1, DISK_SIZE, f), DISK_SIZE);
	fclose(f);
	free(buf);
}

static void attach(struct disk *t, bool ro)
{
	struct block_options o = { .path = t->path, .format = BLOCK_FORMAT_RAW, .read_only = ro };
	struct world *w = world_create();
	struct error err = { "" };
	struct block *blk;

	if (block_open(&blk, &o, &err) < 0 ||
	    virtio_blk_add(w->bus, &w->mem, blk, "serial number 1234567890", &err) < 0)
		fail_msg("%s", err.msg);
	t->d.w = w;
}

static void drive(struct disk *t, bool modern, bool msix, uint64_t features)
{
	drv_probe(&t->d, t->d.w, BLK, modern, msix);
	drv_negotiate(&t->d, features);
	drv_setup_queue(&t->d, 0, 0);
	drv_ok(&t->d);
}

static void finish(struct disk *t)
{
	world_destroy(t->d.w);
	unlink(t->path);
}

/* Header, `out` bytes, `in` bytes, status: as chains that drivers build, or cut up oddly. */

static uint16_t blk_add(struct disk *t, uint32_t type, uint64_t sector, uint64_t data, uint32_t len,
			bool indirect, uint64_t *status)
{
	struct world *w = t->d.w;
	uint64_t header = guest_alloc(w, 16, 8), st = guest_alloc(w, 1, 1);
	bool in = type == T_IN || type == T_GET_ID;
	struct test_seg seg[4];
	unsigned int n = 0;

	memcpy(guest_ptr(w, header), &type, 4);
	memcpy((uint8_t *)guest_ptr(w, header) + 8, &sector, 8);
	*(uint8_t *)guest_ptr(w, st) = 0xee;
	seg[n++] = (struct test_seg){ header, 16, false };
	if (len)
		seg[n++] = (struct test_seg){ data, len, in };
	seg[n++] = (struct test_seg){ st, 1, true };
	*status = st;
	return drv_add(&t->d, 0, seg, n, indirect);
}

static int blk_io(struct disk *t, uint32_t type, uint64_t sector, uint64_t data, uint32_t len)
{
	uint64_t status;
	uint32_t id;
	uint16_t head = blk_add(t, type, sector, data, len, false, &status);

	drv_kick(&t->d, 0);
	drv_wait_used(&t->d, 0, &id);
	assert_int_equal(id, head);
	return *(uint8_t *)guest_ptr(t->d.w, status);
}

static void assert_image_is(const char *path, const uint8_t *model)
{
	uint8_t *buf = malloc(DISK_SIZE);
	FILE *f = fopen(path, "r");

	assert_int_equal(fread(buf, 1, DISK_SIZE, f), DISK_SIZE);
	fclose(f);
	assert_memory_equal(buf, model, DISK_SIZE);
	free(buf);
}

static uint8_t *make_model(void)
{
	uint8_t *model = malloc(DISK_SIZE);

	for (size_t i = 0; i < DISK_SIZE; i++)
		model[i] = pattern(i);
	return model;
}

/* Many requests at a time at random places that do not overlap; every byte compared. */
static void traffic(bool modern, bool msix, uint64_t features)
{
	enum { ROUNDS = 40, AT_ONCE = 16, SLOT = 65536 };
	struct disk t = { 0 };
	uint8_t *model;
	uint64_t buf, status[AT_ONCE], sector[AT_ONCE];
	uint32_t len[AT_ONCE], type[AT_ONCE];

	make_image(&t);
	attach(&t, false);
	drive(&t, modern, msix, features);
	model = make_model();
	buf = guest_alloc(t.d.w, AT_ONCE * SLOT, 4096);
	srandom(3);
	for (int round = 0; round < ROUNDS; round++) {
		unsigned int first = (unsigned int)random() % (DISK_SIZE / SLOT - AT_ONCE);
		uint64_t mark = t.d.w->next;

		for (unsigned int i = 0; i < AT_ONCE; i++) {
			uint64_t at = buf + i * SLOT;
			uint8_t *p = guest_ptr(t.d.w, at);

			len[i] = (uint32_t)(random() % (SLOT / 512) + 1) * 512;
			sector[i] = (first + i) * (SLOT / 512);
			type[i] = random() % 2 ? T_IN : T_OUT;
			if (type[i] == T_OUT)
				for (uint32_t k = 0; k < len[i]; k++)
					p[k] = (uint8_t)random();
			else
				memset(p, 0x5a, len[i]);
			if (type[i] == T_OUT)
				memcpy(model + sector[i] * 512, p, len[i]);
			blk_add(&t, type[i], sector[i], at, len[i],
				features & VIRTIO_F_INDIRECT_DESC && i % 2, &status[i]);
		}
		drv_kick(&t.d, 0);
		for (unsigned int i = 0; i < AT_ONCE; i++)
			drv_wait_used(&t.d, 0, NULL);
		for (unsigned int i = 0; i < AT_ONCE; i++) {
			assert_int_equal(*(uint8_t *)guest_ptr(t.d.w, status[i]), S_OK);
			if (type[i] == T_IN)
				assert_memory_equal(guest_ptr(t.d.w, buf + i * SLOT),
						    model + sector[i] * 512, len[i]);
		}
		t.d.w->next = mark;
	}
	assert_int_equal(blk_io(&t, T_FLUSH, 0, 0, 0), S_OK);
	assert_image_is(t.path, model);
	free(model);
	finish(&t);
}

static void test_traffic(void **state)
{
	traffic(false, false, 0);
	traffic(false, true, ~0ull);
	traffic(true, false, 0);
	traffic(true, true, ~0ull);
}

/* The header and the data in pieces that no sane driver makes (VIRTIO 1.1, 2.6.4.2). */
static void test_any_layout(void **state)
{
	struct disk t = { 0 };
	uint8_t *model = make_model();
	uint64_t header, data;
	struct test_seg seg[40];
	uint32_t type = T_IN;
	uint64_t sector = 3;
	unsigned int n = 0;

	make_image(&t);
	attach(&t, false);
	drive(&t, true, true, ~0ull);
	header = guest_alloc(t.d.w, 16, 1);
	data = guest_alloc(t.d.w, 1025, 1);
	memcpy(guest_ptr(t.d.w, header), &type, 4);
	memcpy((uint8_t *)guest_ptr(t.d.w, header) + 8, &sector, 8);
	for (unsigned int i = 0; i < 16; i++)
		seg[n++] = (struct test_seg){ header + i, 1, false };
	seg[n++] = (struct test_seg){ data, 1, true };
	seg[n++] = (struct test_seg){ data + 1, 0, true };
	seg[n++] = (struct test_seg){ data + 1, 700, true };
	seg[n++] = (struct test_seg){ data + 701, 324, true }; /* the last byte is the status */
	*((uint8_t *)guest_ptr(t.d.w, data) + 1024) = 0xee;
	assert_int_equal(drv_transfer(&t.d, 0, seg, n, true), 1025);
	assert_memory_equal(guest_ptr(t.d.w, data), model + 3 * 512, 1024);
	assert_int_equal(*((uint8_t *)guest_ptr(t.d.w, data) + 1024), S_OK);
	free(model);
	finish(&t);
}

static void test_config_and_id(void **state)
{
	struct disk t = { 0 };
	uint64_t buf;

	make_image(&t);
	attach(&t, false);
	for (int modern = 0; modern < 2; modern++) {
		drive(&t, modern, false, ~0ull);
		assert_int_equal(drv_config(&t.d, 0, 4), DISK_SIZE / 512);
		assert_int_equal(drv_config(&t.d, 4, 4), 0);
		assert_int_equal(drv_config(&t.d, 20, 4), 512);
		assert_false(t.d.features & F_RO);
		buf = guest_alloc(t.d.w, 64, 8);
		assert_int_equal(blk_io(&t, T_GET_ID, 0, buf, 20), S_OK);
		assert_memory_equal(guest_ptr(t.d.w, buf), "serial number 123456\0\0", 22);
		assert_int_equal(blk_io(&t, T_GET_ID, 0, buf, 10), S_IOERR);
	}
	finish(&t);
}

static void test_discard_and_zeroes(void **state)
{
	struct disk t = { 0 };
	struct { uint64_t sector; uint32_t sectors, flags; } *range;
	uint8_t *model = make_model();
	uint64_t at, buf;

	make_image(&t);
	attach(&t, false);
	drive(&t, true, true, ~0ull);
	at = guest_alloc(t.d.w, 64, 8);
	buf = guest_alloc(t.d.w, 65536, 8);
	range = guest_ptr(t.d.w, at);
	for (uint32_t unmap = 0; unmap < 2; unmap++) {
		range->sector = 16 + 64 * unmap;
		range->sectors = 33;
		range->flags = unmap;
		assert_int_equal(blk_io(&t, T_WRITE_ZEROES, 0, at, 16), S_OK);
		memset(model + range->sector * 512, 0, 33 * 512);
	}
	assert_int_equal(blk_io(&t, T_IN, 0, buf, 65536), S_OK);
	assert_memory_equal(guest_ptr(t.d.w, buf), model, 65536);
	range->flags = 0;
	assert_int_equal(blk_io(&t, T_DISCARD, 0, at, 16), S_OK);
	range->flags = 1; /* reserved for discard */
	assert_int_equal(blk_io(&t, T_DISCARD, 0, at, 16), S_UNSUPP);
	range->flags = 2;
	assert_int_equal(blk_io(&t, T_WRITE_ZEROES, 0, at, 16), S_UNSUPP);
	range->flags = 0;
	assert_int_equal(blk_io(&t, T_WRITE_ZEROES, 0, at, 15), S_UNSUPP);
	range->sector = DISK_SIZE / 512 - 32;
	assert_int_equal(blk_io(&t, T_WRITE_ZEROES, 0, at, 16), S_IOERR);
	range->sector = ~0ull;
	assert_int_equal(blk_io(&t, T_WRITE_ZEROES, 0, at, 16), S_IOERR);
	free(model);
	finish(&t);
}

static void test_limits(void **state)
{
	struct disk t = { 0 };
	uint64_t buf;
	uint8_t *model = make_model();

	make_image(&t);
	attach(&t, false);
	drive(&t, true, true, ~0ull);
	buf = guest_alloc(t.d.w, 65536, 8);
	assert_int_equal(blk_io(&t, T_IN, DISK_SIZE / 512 - 1, buf, 512), S_OK);
	assert_int_equal(blk_io(&t, T_IN, DISK_SIZE / 512 - 1, buf, 1024), S_IOERR);
	assert_int_equal(blk_io(&t, T_IN, DISK_SIZE / 512, buf, 512), S_IOERR);
	assert_int_equal(blk_io(&t, T_OUT, ~0ull, buf, 512), S_IOERR);
	assert_int_equal(blk_io(&t, T_OUT, 1ull << 55, buf, 512), S_IOERR);
	assert_int_equal(blk_io(&t, T_OUT, (1ull << 55) - 1, buf, 1024), S_IOERR);
	assert_int_equal(blk_io(&t, T_OUT, 0, buf, 100), S_IOERR);
	assert_int_equal(blk_io(&t, 99, 0, buf, 512), S_UNSUPP);
	assert_image_is(t.path, model);
	free(model);
	finish(&t);
}

static void test_read_only(void **state)
{
	struct disk t = { 0 };
	uint8_t *model = make_model();
	uint64_t buf;

	make_image(&t);
	attach(&t, true);
	drive(&t, true, true, ~0ull);
	assert_true(t.d.features & F_RO);
	buf = guest_alloc(t.d.w, 512, 8);
	assert_int_equal(blk_io(&t, T_IN, 0, buf, 512), S_OK);
	memset(guest_ptr(t.d.w, buf), 0, 512);
	assert_int_equal(blk_io(&t, T_OUT, 0, buf, 512), S_IOERR);
	assert_int_equal(blk_io(&t, T_FLUSH, 0, 0, 0), S_OK);
	assert_image_is(t.path, model);
	free(model);
	finish(&t);
}

/* VIRTIO 1.1, 5.2.5.1: the driver may choose the cache; nothing else in the configuration. */
static void test_cache_mode(void **state)
{
	struct disk t = { 0 };
	uint64_t buf;

	make_image(&t);
	attach(&t, false);
	drive(&t, true, true, ~0ull);
	assert_int_equal(drv_config(&t.d, 32, 1), 1);
	mem_write(&t.d, t.d.config + 32, 1, 0);
	assert_int_equal(drv_config(&t.d, 32, 1), 0);
	for (unsigned int i = 0; i < 64; i++)
		if (i != 32)
			mem_write(&t.d, t.d.config + i, 1, 0xff);
	assert_int_equal(drv_config(&t.d, 0, 8), DISK_SIZE / 512);
	buf = guest_alloc(t.d.w, 512, 8);
	assert_int_equal(blk_io(&t, T_OUT, 0, buf, 512), S_OK);
	drive(&t, true, true, 0); /* back to the start with the reset */
	assert_int_equal(drv_config(&t.d, 32, 1), 1);
	finish(&t);
}

static void test_hostile_requests(void **state)
{
	struct disk t = { 0 };
	struct test_seg seg[2];

	/* No header, a short one, no status, nothing at all (a descriptor of no bytes). */
	for (int kind = 0; kind < 4; kind++) {
		make_image(&t);
		attach(&t, false);
		drive(&t, true, true, ~0ull);
		seg[0] = (struct test_seg){ guest_alloc(t.d.w, 64, 8), kind == 1 ? 15 : 16,
					    kind == 0 };
		seg[1] = (struct test_seg){ guest_alloc(t.d.w, 64, 8), 1, true };
		if (kind == 3)
			seg[0].len = 0;
		drv_add(&t.d, 0, seg, kind >= 2 ? 1 : 2, false);
		drv_kick(&t.d, 0);
		assert_true(drv_status(&t.d) & VIRTIO_STATUS_NEEDS_RESET);
		finish(&t);
	}
}

/* More requests than the queue has entries, all through one head: bounded, and it goes on. */
static void test_more_than_the_queue(void **state)
{
	struct disk t = { 0 };
	struct test_queue *q = &t.d.q[0];
	uint64_t buf, status;
	uint16_t head;

	make_image(&t);
	attach(&t, false);
	drive(&t, true, true, VIRTIO_F_EVENT_IDX);
	buf = guest_alloc(t.d.w, 512, 8);
	head = blk_add(&t, T_IN, 0, buf, 512, false, &status);
	for (int i = 0; i < 2000; i++) {
		while ((uint16_t)(q->avail_idx - q->used[1]) >= q->size)
			test_sleep_ms(1);
		drv_publish(&t.d, 0, head);
		drv_kick(&t.d, 0);
	}
	for (int i = 0; i < 2001; i++)
		drv_wait_used(&t.d, 0, NULL);
	finish(&t);
}

/* A reset returns only when no request may touch memory any more. */
static void test_reset_waits(void **state)
{
	enum { AT_ONCE = 60, SIZE = 65536 };
	struct disk t = { 0 };
	uint64_t buf, status;
	uint8_t *p;

	for (int modern = 0; modern < 2; modern++) {
		make_image(&t);
		attach(&t, false);
		drive(&t, modern, true, ~0ull);
		buf = guest_alloc(t.d.w, SIZE, 4096);
		p = guest_ptr(t.d.w, buf);
		for (int round = 0; round < 10; round++) {
			uint64_t mark = t.d.w->next;

			for (int i = 0; i < AT_ONCE; i++)
				blk_add(&t, T_IN, (uint64_t)i * SIZE / 512, buf, SIZE, false,
					&status);
			drv_kick(&t.d, 0);
			drv_set_status(&t.d, 0);
			memset(p, 0x77, SIZE);
			test_sleep_ms(2);
			for (int i = 0; i < SIZE; i++)
				assert_int_equal(p[i], 0x77);
			drive(&t, modern, true, ~0ull);
			t.d.w->next = mark + 65536;
		}
		finish(&t);
	}
}

/* The machine ends right after writes were submitted: they are all in the file. */
static void test_end_loses_nothing(void **state)
{
	enum { AT_ONCE = 60, SIZE = 32768 };
	struct disk t = { 0 };
	uint8_t *model = make_model();
	uint64_t buf, status;

	make_image(&t);
	attach(&t, false);
	drive(&t, true, true, ~0ull);
	buf = guest_alloc(t.d.w, AT_ONCE * SIZE, 4096);
	for (uint64_t i = 0; i < AT_ONCE; i++) {
		memset(guest_ptr(t.d.w, buf + i * SIZE), (int)i + 1, SIZE);
		memset(model + i * SIZE, (int)i + 1, SIZE);
		blk_add(&t, T_OUT, i * SIZE / 512, buf + i * SIZE, SIZE, false, &status);
	}
	drv_kick(&t.d, 0);
	world_destroy(t.d.w);
	assert_image_is(t.path, model);
	unlink(t.path);
	free(model);
}

/* VIRTIO 1.1, 3.3; PCI 3.0, 6.2.2: no memory is touched without bus mastering. */
static void test_no_bus_master(void **state)
{
	struct disk t = { 0 };
	uint64_t buf, status;

	make_image(&t);
	attach(&t, false);
	drive(&t, true, true, ~0ull);
	buf = guest_alloc(t.d.w, 512, 8);
	cfg_write(&t.d, PCI_COMMAND, 2, PCI_COMMAND_MEMORY | PCI_COMMAND_IO);
	blk_add(&t, T_IN, 0, buf, 512, false, &status);
	drv_kick(&t.d, 0);
	test_sleep_ms(5);
	assert_int_equal(t.d.q[0].used[1], 0);
	cfg_write(&t.d, PCI_COMMAND, 2, 7);
	drv_kick(&t.d, 0);
	drv_wait_used(&t.d, 0, NULL);
	finish(&t);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_traffic),
		cmocka_unit_test(test_any_layout),
		cmocka_unit_test(test_config_and_id),
		cmocka_unit_test(test_discard_and_zeroes),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_cache_mode),
		cmocka_unit_test(test_hostile_requests),
		cmocka_unit_test(test_more_than_the_queue),
		cmocka_unit_test(test_reset_waits),
		cmocka_unit_test(test_end_loses_nothing),
		cmocka_unit_test(test_no_bus_master),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
