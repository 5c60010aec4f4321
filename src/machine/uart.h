/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A 16550A serial port over a character device (National PC16550D data sheet). */
#ifndef PARAVANE_MACHINE_UART_H
#define PARAVANE_MACHINE_UART_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "machine/mmio.h"

#define UART_FIFO 16
#define UART_SIZE 8 /* ports */
#define UART_CLOCK_HZ 1843200u

struct console_port;
struct eventloop;
struct eventloop_timer;

struct uart {
	pthread_mutex_t lock; /* guards what follows */
	uint16_t divisor;
	uint8_t ier, fcr, lcr, mcr, scr;
	uint8_t lsr_errors; /* overrun */
	uint8_t msr_delta;
	uint8_t rx[UART_FIFO];
	unsigned int rx_head, rx_count;
	uint8_t tx[UART_FIFO]; /* what the character device did not take yet */
	unsigned int tx_head, tx_count;
	bool thre_pending;     /* the transmitter-empty interrupt has not been read off iir */
	bool delayed;          /* it does not drive the line yet */
	struct eventloop_timer *delay; /* ends that; NULL: there is no delay */
	struct console_port *console;
	void (*set_irq)(void *ctx, bool level); /* called with the lock held */
	void *ctx;
};

/*
 * A port after reset. `console` (borrowed, may be NULL: nothing is connected) is where output goes.
 * With an event loop (borrowed), the interrupt of an empty transmitter comes a character's time
 * after it was enabled, else at once. 0, or -1 when memory is short.
 */
int uart_init(struct uart *uart, struct console_port *console, struct eventloop *el,
	      void (*set_irq)(void *ctx, bool level), void *ctx);
/* The console's client has been removed and no vCPU runs. The event loop is still there. */
void uart_destroy(struct uart *uart);

/* For the console's client: bytes that may be given to uart_receive() now, and giving them. */
size_t uart_can_receive(struct uart *uart);
void uart_receive(struct uart *uart, const uint8_t *buf, size_t len);
/* The console has room again. */
void uart_writable(struct uart *uart);

/* Eight ports; ctx is the struct uart. */
extern const struct mmio_ops uart_ops;

#endif
