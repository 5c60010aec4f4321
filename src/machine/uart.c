/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The 16550A's registers and interrupts. Characters take no time, so baud rates do not matter. */
#include "machine/uart.h"

#include <string.h>

#include "backend/eventloop.h"
#include "machine/console.h"

enum { REG_DATA, REG_IER, REG_IIR_FCR, REG_LCR, REG_MCR, REG_LSR, REG_MSR, REG_SCR };

#define IER_RX 0x01u
#define IER_TX 0x02u
#define IER_LINE 0x04u
#define IER_MODEM 0x08u

#define IIR_NONE 0x01u
#define IIR_MODEM 0x00u
#define IIR_TX 0x02u
#define IIR_RX 0x04u
#define IIR_LINE 0x06u
#define IIR_TIMEOUT 0x0cu
#define IIR_FIFO 0xc0u

#define FCR_ENABLE 0x01u
#define FCR_CLEAR_RX 0x02u
#define FCR_CLEAR_TX 0x04u

#define LCR_DLAB 0x80u

#define MCR_DTR 0x01u
#define MCR_RTS 0x02u
#define MCR_OUT1 0x04u
#define MCR_OUT2 0x08u
#define MCR_LOOP 0x10u

#define LSR_DATA 0x01u
#define LSR_OVERRUN 0x02u
#define LSR_THRE 0x20u
#define LSR_TEMT 0x40u

#define MSR_CTS 0x10u
#define MSR_DSR 0x20u
#define MSR_RI 0x40u
#define MSR_DCD 0x80u

/*
 * How long the line stays low after software has enabled the interrupt of a transmitter that is
 * empty: about a character at 115200 baud. Linux enables it to see whether iir tells of it, and
 * takes the chip for a broken one when a handler on another processor was there first.
 */
#define ENABLE_DELAY_NS 100000

static void update_irq(struct uart *u);

static void end_delay(void *ctx)
{
	struct uart *u = ctx;

	pthread_mutex_lock(&u->lock);
	u->delayed = false;
	update_irq(u);
	pthread_mutex_unlock(&u->lock);
}

int uart_init(struct uart *u, struct console_port *console, struct eventloop *el,
	      void (*set_irq)(void *ctx, bool level), void *ctx)
{
	memset(u, 0, sizeof(*u));
	pthread_mutex_init(&u->lock, NULL);
	u->divisor = 1;
	u->console = console;
	u->set_irq = set_irq;
	u->ctx = ctx;
	if (!el)
		return 0;
	u->delay = eventloop_timer_add(el, end_delay, u);
	return u->delay ? 0 : -1;
}

void uart_destroy(struct uart *u)
{
	eventloop_timer_remove(u->delay);
	pthread_mutex_destroy(&u->lock);
}

static unsigned int rx_capacity(const struct uart *u)
{
	return u->fcr & FCR_ENABLE ? UART_FIFO : 1;
}

static unsigned int rx_trigger(const struct uart *u)
{
	static const uint8_t level[4] = { 1, 4, 8, 14 };

	return u->fcr & FCR_ENABLE ? level[u->fcr >> 6] : 1;
}

/* The highest interrupt that is due, as iir names it. */
static uint8_t pending(const struct uart *u)
{
	if ((u->ier & IER_LINE) && u->lsr_errors)
		return IIR_LINE;
	if ((u->ier & IER_RX) && u->rx_count)
		return u->rx_count >= rx_trigger(u) ? IIR_RX : IIR_TIMEOUT;
	if ((u->ier & IER_TX) && u->thre_pending)
		return IIR_TX;
	if ((u->ier & IER_MODEM) && u->msr_delta)
		return IIR_MODEM;
	return IIR_NONE;
}

static void update_irq(struct uart *u)
{
	uint8_t iir = pending(u);

	/* OUT2 gates the interrupt on PCs only; a UART that ACPI describes drives its line. */
	u->set_irq(u->ctx, iir != IIR_NONE && !(iir == IIR_TX && u->delayed));
}

static uint8_t modem_status(const struct uart *u)
{
	if (!(u->mcr & MCR_LOOP))
		return MSR_CTS | MSR_DSR | MSR_DCD;
	return (u->mcr & MCR_RTS ? MSR_CTS : 0) | (u->mcr & MCR_DTR ? MSR_DSR : 0) |
	       (u->mcr & MCR_OUT1 ? MSR_RI : 0) | (u->mcr & MCR_OUT2 ? MSR_DCD : 0);
}

static void push_rx(struct uart *u, uint8_t c)
{
	if (u->rx_count == rx_capacity(u)) {
		u->lsr_errors |= LSR_OVERRUN;
		return;
	}
	u->rx[(u->rx_head + u->rx_count++) % UART_FIFO] = c;
}

static uint8_t pop_rx(struct uart *u)
{
	uint8_t c;

	if (!u->rx_count)
		return 0;
	c = u->rx[u->rx_head];
	u->rx_head = (u->rx_head + 1) % UART_FIFO;
	u->rx_count--;
	return c;
}

static void flush_tx(struct uart *u)
{
	while (u->tx_count && (!u->console || console_write(u->console, &u->tx[u->tx_head], 1))) {
		u->tx_head = (u->tx_head + 1) % UART_FIFO;
		u->tx_count--;
		if (!u->tx_count)
			u->thre_pending = true;
	}
}

static void transmit(struct uart *u, uint8_t c)
{
	u->thre_pending = false;
	if (u->mcr & MCR_LOOP) {
		push_rx(u, c);
		u->thre_pending = true;
		return;
	}
	if (u->tx_count == UART_FIFO)
		return; /* written though the FIFO was not empty: lost, as on the chip */
	u->tx[(u->tx_head + u->tx_count++) % UART_FIFO] = c;
	flush_tx(u);
}

static uint8_t read_iir(struct uart *u)
{
	uint8_t iir = pending(u);

	if (iir == IIR_TX)
		u->thre_pending = false;
	return iir | (u->fcr & FCR_ENABLE ? IIR_FIFO : 0);
}

static uint8_t read_lsr(struct uart *u)
{
	uint8_t lsr = u->lsr_errors;

	u->lsr_errors = 0;
	if (u->rx_count)
		lsr |= LSR_DATA;
	if (!u->tx_count)
		lsr |= LSR_THRE | LSR_TEMT;
	return lsr;
}

static uint8_t read_reg(struct uart *u, unsigned int reg, bool *drained)
{
	uint8_t val;

	switch (reg) {
	case REG_DATA:
		if (u->lcr & LCR_DLAB)
			return (uint8_t)u->divisor;
		*drained = true;
		return pop_rx(u);
	case REG_IER:
		return u->lcr & LCR_DLAB ? u->divisor >> 8 : u->ier;
	case REG_IIR_FCR:
		return read_iir(u);
	case REG_LCR:
		return u->lcr;
	case REG_MCR:
		return u->mcr;
	case REG_LSR:
		return read_lsr(u);
	case REG_MSR:
		val = modem_status(u) | u->msr_delta;
		u->msr_delta = 0;
		return val;
	default:
		return u->scr;
	}
}

static void write_ier(struct uart *u, uint8_t val)
{
	uint8_t rose = val & ~u->ier;

	u->ier = val & (IER_RX | IER_TX | IER_LINE | IER_MODEM);
	if (!(rose & IER_TX) || u->tx_count)
		return;
	u->thre_pending = true;
	u->delayed = u->delay != NULL;
	if (u->delayed)
		eventloop_timer_set(u->delay, eventloop_now() + ENABLE_DELAY_NS);
}

static void write_fcr(struct uart *u, uint8_t val)
{
	if ((val ^ u->fcr) & FCR_ENABLE)
		val |= FCR_CLEAR_RX | FCR_CLEAR_TX;
	if (val & FCR_CLEAR_RX)
		u->rx_count = 0;
	if ((val & FCR_CLEAR_TX) && u->tx_count) {
		u->tx_count = 0;
		u->thre_pending = true;
	}
	u->fcr = val & (FCR_ENABLE | 0xc0);
}

static void write_mcr(struct uart *u, uint8_t val)
{
	uint8_t before = modem_status(u), changed;

	u->mcr = val & 0x1f;
	changed = before ^ modem_status(u);
	/* The ring indicator's delta marks the trailing edge only. */
	u->msr_delta |= changed >> 4 & 0x0b;
	if (changed & before & MSR_RI)
		u->msr_delta |= 0x04;
}

static void write_reg(struct uart *u, unsigned int reg, uint8_t val)
{
	switch (reg) {
	case REG_DATA:
		if (u->lcr & LCR_DLAB)
			u->divisor = (uint16_t)((u->divisor & 0xff00) | val);
		else
			transmit(u, val);
		break;
	case REG_IER:
		if (u->lcr & LCR_DLAB)
			u->divisor = (uint16_t)((u->divisor & 0xff) | val << 8);
		else
			write_ier(u, val);
		break;
	case REG_IIR_FCR:
		write_fcr(u, val);
		break;
	case REG_LCR:
		u->lcr = val;
		break;
	case REG_MCR:
		write_mcr(u, val);
		break;
	case REG_SCR:
		u->scr = val;
		break;
	default: /* lsr and msr are read only */
		break;
	}
}

static uint64_t uart_read(void *ctx, uint64_t offset, unsigned int size)
{
	struct uart *u = ctx;
	bool drained = false;
	uint8_t val;

	pthread_mutex_lock(&u->lock);
	val = read_reg(u, (unsigned int)offset, &drained);
	update_irq(u);
	pthread_mutex_unlock(&u->lock);
	if (drained && u->console)
		console_accept_input(u->console);
	return val;
}

static void uart_write(void *ctx, uint64_t offset, unsigned int size, uint64_t val)
{
	struct uart *u = ctx;

	pthread_mutex_lock(&u->lock);
	write_reg(u, (unsigned int)offset, (uint8_t)val);
	update_irq(u);
	pthread_mutex_unlock(&u->lock);
}

const struct mmio_ops uart_ops = { uart_read, uart_write };

size_t uart_can_receive(struct uart *u)
{
	size_t room;

	pthread_mutex_lock(&u->lock);
	room = u->mcr & MCR_LOOP ? 0 : rx_capacity(u) - u->rx_count;
	pthread_mutex_unlock(&u->lock);
	return room;
}

void uart_receive(struct uart *u, const uint8_t *buf, size_t len)
{
	size_t i;

	pthread_mutex_lock(&u->lock);
	for (i = 0; i < len; i++)
		push_rx(u, buf[i]);
	update_irq(u);
	pthread_mutex_unlock(&u->lock);
}

void uart_writable(struct uart *u)
{
	pthread_mutex_lock(&u->lock);
	flush_tx(u);
	update_irq(u);
	pthread_mutex_unlock(&u->lock);
}
