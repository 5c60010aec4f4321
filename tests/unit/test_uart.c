/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 16550A: what a driver probes for, the FIFO and its trigger, interrupts and their priority. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <unistd.h>

#include "backend/eventloop.h"
#include "machine/uart.h"

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCR, FCR = IIR };

struct fixture {
	struct uart uart;
	bool irq;
};

static void set_irq(void *ctx, bool level)
{
	struct fixture *f = ctx;

	f->irq = level;
}

static int setup(void **state)
{
	static struct fixture f;

	f.irq = false;
	assert_int_equal(uart_init(&f.uart, NULL, NULL, set_irq, &f), 0);
	*state = &f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	uart_destroy(&f->uart);
	return 0;
}

static uint8_t in(struct fixture *f, unsigned int reg)
{
	return (uint8_t)uart_ops.read(&f->uart, reg, 1);
}

static void out(struct fixture *f, unsigned int reg, uint8_t val)
{
	uart_ops.write(&f->uart, reg, 1, val);
}

/* The interrupt line, which the event loop may change. */
static bool line(struct fixture *f)
{
	bool irq;

	pthread_mutex_lock(&f->uart.lock);
	irq = f->irq;
	pthread_mutex_unlock(&f->uart.lock);
	return irq;
}

static void receive(struct fixture *f, const char *text)
{
	uart_receive(&f->uart, (const uint8_t *)text, strlen(text));
}

static void reset_state(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(in(f, IER), 0);
	assert_int_equal(in(f, IIR), 0x01);
	assert_int_equal(in(f, LSR), 0x60);
	assert_int_equal(in(f, MCR), 0);
	assert_false(f->irq);
}

static void scratch_and_divisor(void **state)
{
	struct fixture *f = *state;

	out(f, SCR, 0xa5);
	assert_int_equal(in(f, SCR), 0xa5);
	out(f, LCR, 0x83);
	out(f, DATA, 0x34);
	out(f, IER, 0x12);
	assert_int_equal(in(f, DATA), 0x34);
	assert_int_equal(in(f, IER), 0x12);
	out(f, LCR, 0x03);
	assert_int_equal(in(f, IER), 0); /* the divisor did not reach it */
}

static void ier_has_four_bits(void **state)
{
	struct fixture *f = *state;

	out(f, IER, 0xff);
	assert_int_equal(in(f, IER), 0x0f);
}

static void fifo_shows_in_iir(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(in(f, IIR) & 0xc0, 0);
	out(f, FCR, 0x01);
	assert_int_equal(in(f, IIR) & 0xc0, 0xc0);
}

static void loopback_connects_the_modem_lines(void **state)
{
	struct fixture *f = *state;

	out(f, MCR, 0x1a); /* loop, OUT2, RTS: what drivers probe with */
	assert_int_equal(in(f, MSR) & 0xf0, 0x90);
	out(f, MCR, 0x15); /* loop, OUT1, DTR */
	assert_int_equal(in(f, MSR) & 0xf0, 0x60);
	out(f, DATA, 'x');
	assert_int_equal(in(f, LSR) & 1, 1);
	assert_int_equal(in(f, DATA), 'x');
}

static void receive_interrupts(void **state)
{
	struct fixture *f = *state;

	out(f, FCR, 0x81); /* FIFO, trigger at 8 */
	out(f, IER, 0x01);
	assert_int_equal(uart_can_receive(&f->uart), 16);
	receive(f, "abc");
	assert_true(f->irq);
	assert_int_equal(in(f, IIR), 0xcc); /* below the trigger: character timeout */
	receive(f, "defgh");
	assert_int_equal(in(f, IIR), 0xc4);
	assert_int_equal(uart_can_receive(&f->uart), 8);
	assert_int_equal(in(f, DATA), 'a');
	assert_int_equal(in(f, LSR) & 1, 1);
	while (in(f, LSR) & 1)
		in(f, DATA);
	assert_false(f->irq);
	assert_int_equal(in(f, IIR), 0xc1);
}

static void overrun_is_told_once(void **state)
{
	struct fixture *f = *state;

	out(f, FCR, 0x01);
	out(f, IER, 0x05);
	receive(f, "0123456789abcdefX");
	assert_int_equal(in(f, IIR), 0xc6); /* line status comes first */
	assert_int_equal(in(f, LSR) & 2, 2);
	assert_int_equal(in(f, LSR) & 2, 0);
	assert_int_equal(in(f, IIR), 0xc4);
	assert_int_equal(in(f, DATA), '0');
}

static void transmitter_empty_interrupt(void **state)
{
	struct fixture *f = *state;

	out(f, IER, 0x02);
	assert_true(f->irq);
	assert_int_equal(in(f, IIR), 0x02); /* reading it takes it away */
	assert_int_equal(in(f, IIR), 0x01);
	assert_false(f->irq);
	out(f, DATA, 'x');
	assert_true(f->irq);
	assert_int_equal(in(f, LSR) & 0x60, 0x60);
}

/*
 * With an event loop the line follows a little later than iir, so that a driver that only wants to
 * see iir change is not disturbed; what it finds there and takes away comes no more.
 */
static void enabled_transmitter_interrupt_comes_later(void **state)
{
	struct fixture *f = *state;
	struct eventloop *el;
	struct error err;

	teardown(state);
	assert_int_equal(eventloop_create(&el, &err), 0);
	assert_int_equal(uart_init(&f->uart, NULL, el, set_irq, f), 0);
	out(f, IER, 0x02);
	while (!line(f))
		usleep(1000);
	assert_int_equal(in(f, IIR), 0x02);
	assert_false(line(f));
	/* Others are not delayed. */
	out(f, IER, 0);
	out(f, IER, 0x03);
	receive(f, "a");
	assert_true(line(f));
	assert_int_equal(in(f, DATA), 'a');
	assert_int_equal(in(f, IIR), 0x02);
	usleep(10000);
	assert_false(line(f));
	uart_destroy(&f->uart);
	eventloop_destroy(el);
	setup(state);
}

static void clearing_the_fifo(void **state)
{
	struct fixture *f = *state;

	out(f, FCR, 0x01);
	receive(f, "abc");
	out(f, FCR, 0x03);
	assert_int_equal(in(f, LSR) & 1, 0);
	receive(f, "d");
	assert_int_equal(in(f, DATA), 'd');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(reset_state, setup, teardown),
		cmocka_unit_test_setup_teardown(scratch_and_divisor, setup, teardown),
		cmocka_unit_test_setup_teardown(ier_has_four_bits, setup, teardown),
		cmocka_unit_test_setup_teardown(fifo_shows_in_iir, setup, teardown),
		cmocka_unit_test_setup_teardown(loopback_connects_the_modem_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(receive_interrupts, setup, teardown),
		cmocka_unit_test_setup_teardown(overrun_is_told_once, setup, teardown),
		cmocka_unit_test_setup_teardown(transmitter_empty_interrupt, setup, teardown),
		cmocka_unit_test_setup_teardown(enabled_transmitter_interrupt_comes_later, setup,
						teardown),
		cmocka_unit_test_setup_teardown(clearing_the_fifo, setup, teardown),
	};

	return cmocka_run_group_tests_name("uart", tests, NULL, NULL);
}
