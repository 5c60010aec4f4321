/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI fixed hardware and the map of who answers where. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "machine/layout.h"
#include "machine/mmio.h"
#include "machine/pm.h"

struct fixture {
	struct pm pm;
	struct mmio mmio;
	unsigned int requests;
	enum pm_request request;
	bool sci;
};

static void request(void *ctx, enum pm_request what)
{
	struct fixture *f = ctx;

	f->requests++;
	f->request = what;
}

static void set_sci(void *ctx, bool level)
{
	struct fixture *f = ctx;

	f->sci = level;
}

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	pm_init(&f.pm, request, set_sci, &f);
	mmio_init(&f.mmio);
	*state = &f;
	return mmio_add(&f.mmio.port, LAYOUT_PM_PORT, PM_SIZE, &pm_ops, &f.pm);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	pm_destroy(&f->pm);
	return 0;
}

/* Through the sparse port window, as the guest does. */
static uint64_t port_address(unsigned int port)
{
	return LAYOUT_PORT_BASE + ((uint64_t)(port >> 2) << 12 | (port & 0xfff));
}

static uint64_t in(struct fixture *f, unsigned int reg, unsigned int size)
{
	return mmio_read(&f->mmio.mem, port_address(LAYOUT_PM_PORT + reg), size);
}

static void out(struct fixture *f, unsigned int reg, unsigned int size, uint64_t val)
{
	mmio_write(&f->mmio.mem, port_address(LAYOUT_PM_PORT + reg), size, val);
}

static void is_in_acpi_mode(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(in(f, PM_CONTROL, 2) & 1, 1);
	out(f, PM_CONTROL, 2, 0);
	assert_int_equal(in(f, PM_CONTROL, 2) & 1, 1);
}

static void s5_powers_off(void **state)
{
	struct fixture *f = *state;

	out(f, PM_CONTROL, 2, PM_SLEEP_S5 << 10); /* the type alone does nothing */
	assert_int_equal(f->requests, 0);
	out(f, PM_CONTROL, 2, 1 << 10 | 1 << 13); /* another type: neither */
	assert_int_equal(f->requests, 0);
	out(f, PM_CONTROL, 2, PM_SLEEP_S5 << 10 | 1 << 13);
	assert_int_equal(f->requests, 1);
	assert_int_equal(f->request, PM_REQUEST_POWEROFF);
	assert_int_equal(in(f, PM_CONTROL, 2) & 1 << 13, 0); /* SLP_EN reads as 0 */
}

static void reset_register(void **state)
{
	struct fixture *f = *state;

	out(f, PM_RESET, 1, 1);
	assert_int_equal(f->requests, 0);
	out(f, PM_RESET, 1, PM_RESET_VALUE);
	assert_int_equal(f->requests, 1);
	assert_int_equal(f->request, PM_REQUEST_RESET);
}

static void enables_are_kept_and_raise_nothing(void **state)
{
	struct fixture *f = *state;

	out(f, PM_EVENT + 2, 2, 0xffff);
	assert_int_equal(in(f, PM_EVENT + 2, 2), 0x4721);
	out(f, PM_EVENT, 2, 0xffff);
	assert_int_equal(in(f, PM_EVENT, 2), 0);
	assert_false(f->sci);
}

/* ACPI 3.0, 4.7.2.2.1.1: PWRBTN_STS is set by a press, and cleared by a 1 that is written to it. */
static void power_button_is_heard_if_enabled(void **state)
{
	struct fixture *f = *state;

	assert_false(pm_press_power_button(&f->pm));
	assert_int_equal(in(f, PM_EVENT, 2), 1 << 8);
	assert_false(f->sci);
	out(f, PM_EVENT, 2, 1 << 8);
	assert_int_equal(in(f, PM_EVENT, 2), 0);
	out(f, PM_EVENT + 2, 2, 1 << 8);
	assert_false(f->sci);
	assert_true(pm_press_power_button(&f->pm));
	assert_true(f->sci);
	out(f, PM_EVENT, 2, 1); /* another event's */
	assert_true(f->sci);
	out(f, PM_EVENT, 2, 1 << 8);
	assert_false(f->sci);
	assert_int_equal(f->requests, 0);
}

static void timer_counts_up(void **state)
{
	struct fixture *f = *state;
	uint32_t first = (uint32_t)in(f, PM_TIMER, 4), now;

	do {
		now = (uint32_t)in(f, PM_TIMER, 4);
	} while (now == first);
	assert_true(now - first < PM_TIMER_HZ * 60u);
}

static void nobody_answers_with_ones(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mmio_read(&f->mmio.mem, port_address(0x80), 1), 0xff);
	assert_int_equal(mmio_read(&f->mmio.mem, 0xe0000000, 4), 0xffffffff);
	assert_true(mmio_read(&f->mmio.mem, ~0ull - 7, 8) == ~0ull);
	mmio_write(&f->mmio.mem, ~0ull, 8, 0);
	/* Across the end of a range. */
	assert_int_equal(in(f, PM_SIZE - 1, 2), 0xffff);
}

static void ranges_do_not_overlap(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(mmio_add(&f->mmio.port, LAYOUT_PM_PORT + PM_SIZE - 1, 4, &pm_ops, &f->pm),
			 -EEXIST);
	assert_int_equal(mmio_add(&f->mmio.port, LAYOUT_PM_PORT - 1, 2, &pm_ops, &f->pm), -EEXIST);
	assert_int_equal(mmio_add(&f->mmio.port, 0, 0, &pm_ops, &f->pm), -EINVAL);
	assert_int_equal(mmio_add(&f->mmio.port, ~0ull, 2, &pm_ops, &f->pm), -EINVAL);
	assert_int_equal(mmio_add(&f->mmio.port, LAYOUT_PM_PORT + PM_SIZE, 1, &pm_ops, &f->pm), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(is_in_acpi_mode, setup, teardown),
		cmocka_unit_test_setup_teardown(s5_powers_off, setup, teardown),
		cmocka_unit_test_setup_teardown(reset_register, setup, teardown),
		cmocka_unit_test_setup_teardown(enables_are_kept_and_raise_nothing, setup,
						teardown),
		cmocka_unit_test_setup_teardown(power_button_is_heard_if_enabled, setup, teardown),
		cmocka_unit_test_setup_teardown(timer_counts_up, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_answers_with_ones, setup, teardown),
		cmocka_unit_test_setup_teardown(ranges_do_not_overlap, setup, teardown),
	};

	return cmocka_run_group_tests_name("ACPI registers and address map", tests, NULL, NULL);
}
