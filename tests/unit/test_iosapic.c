/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The I/O SAPIC: version, redirection entries, edge and level delivery, masking, EOI. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "machine/iosapic.h"

struct fixture {
	struct iosapic io;
	unsigned int count;
	uint16_t id_eid;
	enum sapic_delivery mode;
	uint8_t vector;
};

static void deliver(void *ctx, uint16_t id_eid, enum sapic_delivery mode, uint8_t vector)
{
	struct fixture *f = ctx;

	f->count++;
	f->id_eid = id_eid;
	f->mode = mode;
	f->vector = vector;
}

static int setup(void **state)
{
	static struct fixture f;

	f.count = 0;
	iosapic_init(&f.io, deliver, &f);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	iosapic_destroy(&f->io);
	return 0;
}

static uint32_t reg_read(struct fixture *f, uint8_t reg)
{
	iosapic_ops.write(&f->io, 0x00, 4, reg);
	return (uint32_t)iosapic_ops.read(&f->io, 0x10, 4);
}

static void reg_write(struct fixture *f, uint8_t reg, uint32_t val)
{
	iosapic_ops.write(&f->io, 0x00, 4, reg);
	iosapic_ops.write(&f->io, 0x10, 4, val);
}

static void set_entry(struct fixture *f, unsigned int pin, uint16_t id_eid, uint32_t low)
{
	reg_write(f, (uint8_t)(0x11 + pin * 2), (uint32_t)id_eid << 16);
	reg_write(f, (uint8_t)(0x10 + pin * 2), low);
}

static void version_tells_the_pins(void **state)
{
	struct fixture *f = *state;
	uint32_t version = reg_read(f, 1);

	assert_int_equal(version & 0xf0, 0x20); /* an I/O SAPIC, not an I/O APIC */
	assert_int_equal((version >> 16 & 0xff) + 1, LAYOUT_NR_GSIS);
}

static void reset_masks_everything(void **state)
{
	struct fixture *f = *state;
	unsigned int pin;

	for (pin = 0; pin < LAYOUT_NR_GSIS; pin++) {
		assert_int_equal(reg_read(f, (uint8_t)(0x10 + pin * 2)), 0x10000);
		iosapic_set(&f->io, pin, true);
	}
	assert_int_equal(f->count, 0);
}

static void entries_keep_what_is_writable(void **state)
{
	struct fixture *f = *state;

	set_entry(f, 5, 0x1234, 0xffffffff);
	assert_int_equal(reg_read(f, 0x1a), 0x1a7ff);
	assert_int_equal(reg_read(f, 0x1b), 0x12340000);
	reg_write(f, 0xff, 0xffffffff); /* no such register */
	assert_int_equal(reg_read(f, 0xff), 0);
}

static void edges_send_once(void **state)
{
	struct fixture *f = *state;

	set_entry(f, 3, 0x0200, 0x51);
	iosapic_set(&f->io, 3, true);
	assert_int_equal(f->count, 1);
	assert_int_equal(f->id_eid, 0x0200);
	assert_int_equal(f->mode, SAPIC_INT);
	assert_int_equal(f->vector, 0x51);
	iosapic_set(&f->io, 3, true);
	assert_int_equal(f->count, 1);
	iosapic_set(&f->io, 3, false);
	iosapic_set(&f->io, 3, true);
	assert_int_equal(f->count, 2);
}

static void masked_edges_are_lost(void **state)
{
	struct fixture *f = *state;

	set_entry(f, 3, 0, 0x10051);
	iosapic_set(&f->io, 3, true);
	set_entry(f, 3, 0, 0x51);
	assert_int_equal(f->count, 0);
}

static void levels_send_until_deasserted(void **state)
{
	struct fixture *f = *state;

	set_entry(f, 20, 0x0100, 0x8060);
	iosapic_set(&f->io, 20, true);
	assert_int_equal(f->count, 1);
	assert_int_equal(reg_read(f, 0x10 + 40), 0xc060); /* remote IRR */
	iosapic_set(&f->io, 20, true);
	assert_int_equal(f->count, 1); /* awaits its EOI */
	iosapic_ops.write(&f->io, 0x40, 4, 0x61);
	assert_int_equal(f->count, 1); /* another vector's EOI */
	iosapic_ops.write(&f->io, 0x40, 4, 0x60);
	assert_int_equal(f->count, 2); /* still asserted */
	iosapic_set(&f->io, 20, false);
	iosapic_ops.write(&f->io, 0x40, 4, 0x60);
	assert_int_equal(f->count, 2);
	assert_int_equal(reg_read(f, 0x10 + 40), 0x8060);
}

static void unmasking_sends_a_waiting_level(void **state)
{
	struct fixture *f = *state;

	set_entry(f, 20, 0, 0x18060);
	iosapic_set(&f->io, 20, true);
	assert_int_equal(f->count, 0);
	reg_write(f, 0x10 + 40, 0x8060);
	assert_int_equal(f->count, 1);
}

static void delivery_modes_are_passed_on(void **state)
{
	struct fixture *f = *state;

	set_entry(f, 1, 0x0300, 0x0400);
	iosapic_set(&f->io, 1, true);
	assert_int_equal(f->mode, SAPIC_NMI);
	set_entry(f, 2, 0x0300, 0x0200);
	iosapic_set(&f->io, 2, true);
	assert_int_equal(f->mode, SAPIC_PMI);
}

static void pins_that_are_not_there_are_ignored(void **state)
{
	struct fixture *f = *state;

	iosapic_set(&f->io, LAYOUT_NR_GSIS, true);
	iosapic_set(&f->io, ~0u, true);
	assert_int_equal(f->count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(version_tells_the_pins, setup, teardown),
		cmocka_unit_test_setup_teardown(reset_masks_everything, setup, teardown),
		cmocka_unit_test_setup_teardown(entries_keep_what_is_writable, setup, teardown),
		cmocka_unit_test_setup_teardown(edges_send_once, setup, teardown),
		cmocka_unit_test_setup_teardown(masked_edges_are_lost, setup, teardown),
		cmocka_unit_test_setup_teardown(levels_send_until_deasserted, setup, teardown),
		cmocka_unit_test_setup_teardown(unmasking_sends_a_waiting_level, setup, teardown),
		cmocka_unit_test_setup_teardown(delivery_modes_are_passed_on, setup, teardown),
		cmocka_unit_test_setup_teardown(pins_that_are_not_there_are_ignored, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("iosapic", tests, NULL, NULL);
}
