/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The I/O SAPIC's registers and its pins. */
#include "machine/iosapic.h"

#include <string.h>

enum { REG_SELECT = 0x00, REG_WINDOW = 0x10, REG_EOI = 0x40 };
enum { SELECT_VERSION = 0x01, SELECT_RTE = 0x10 };

#define VERSION 0x21u /* the first I/O SAPIC version; an I/O APIC has 0x1x */
#define RTE_LOW_WRITABLE 0x1a7ffu /* all but status, remote IRR and the reserved bits 11, 17.. */
#define RTE_HIGH_WRITABLE 0xffff0000u

void iosapic_init(struct iosapic *io, iosapic_deliver_fn deliver, void *ctx)
{
	unsigned int i;

	memset(io, 0, sizeof(*io));
	pthread_mutex_init(&io->lock, NULL);
	for (i = 0; i < LAYOUT_NR_GSIS; i++)
		io->pin[i].low = IOSAPIC_RTE_MASKED;
	io->deliver = deliver;
	io->ctx = ctx;
}

void iosapic_destroy(struct iosapic *io)
{
	pthread_mutex_destroy(&io->lock);
}

static void send(struct iosapic *io, unsigned int pin)
{
	uint32_t low = io->pin[pin].low;

	io->deliver(io->ctx, (uint16_t)(io->pin[pin].high >> 16),
		    low >> IOSAPIC_RTE_DELIVERY_SHIFT & 7, (uint8_t)low);
}

/* A level pin sends while it is asserted, unmasked, and its last message has been ended. */
static void update_level(struct iosapic *io, unsigned int pin)
{
	uint32_t low = io->pin[pin].low;

	if (!io->pin[pin].asserted || !(low & IOSAPIC_RTE_LEVEL) ||
	    (low & (IOSAPIC_RTE_MASKED | IOSAPIC_RTE_REMOTE_IRR)))
		return;
	io->pin[pin].low |= IOSAPIC_RTE_REMOTE_IRR;
	send(io, pin);
}

void iosapic_set(struct iosapic *io, unsigned int pin, bool asserted)
{
	bool rose;

	if (pin >= LAYOUT_NR_GSIS)
		return;
	pthread_mutex_lock(&io->lock);
	rose = asserted && !io->pin[pin].asserted;
	io->pin[pin].asserted = asserted;
	if (io->pin[pin].low & IOSAPIC_RTE_LEVEL)
		update_level(io, pin);
	else if (rose && !(io->pin[pin].low & IOSAPIC_RTE_MASKED))
		send(io, pin);
	pthread_mutex_unlock(&io->lock);
}

static uint64_t window_read(struct iosapic *io)
{
	unsigned int n = io->select - SELECT_RTE;

	if (io->select == SELECT_VERSION)
		return (LAYOUT_NR_GSIS - 1) << 16 | VERSION;
	if (io->select < SELECT_RTE || n / 2 >= LAYOUT_NR_GSIS)
		return 0;
	return n % 2 ? io->pin[n / 2].high : io->pin[n / 2].low;
}

static void window_write(struct iosapic *io, uint32_t val)
{
	unsigned int n = io->select - SELECT_RTE;
	uint32_t *low;

	if (io->select < SELECT_RTE || n / 2 >= LAYOUT_NR_GSIS)
		return;
	if (n % 2) {
		io->pin[n / 2].high = val & RTE_HIGH_WRITABLE;
		return;
	}
	low = &io->pin[n / 2].low;
	*low = (val & RTE_LOW_WRITABLE) | (*low & IOSAPIC_RTE_REMOTE_IRR);
	if (!(*low & IOSAPIC_RTE_LEVEL))
		*low &= ~IOSAPIC_RTE_REMOTE_IRR;
	update_level(io, n / 2);
}

static void eoi(struct iosapic *io, uint8_t vector)
{
	unsigned int i;

	for (i = 0; i < LAYOUT_NR_GSIS; i++) {
		if (!(io->pin[i].low & IOSAPIC_RTE_REMOTE_IRR) ||
		    (io->pin[i].low & IOSAPIC_RTE_VECTOR) != vector)
			continue;
		io->pin[i].low &= ~IOSAPIC_RTE_REMOTE_IRR;
		update_level(io, i);
	}
}

static uint64_t iosapic_read(void *ctx, uint64_t offset, unsigned int size)
{
	struct iosapic *io = ctx;
	uint64_t val = 0;

	pthread_mutex_lock(&io->lock);
	if (offset == REG_SELECT)
		val = io->select;
	else if (offset == REG_WINDOW)
		val = window_read(io);
	pthread_mutex_unlock(&io->lock);
	return val;
}

static void iosapic_write(void *ctx, uint64_t offset, unsigned int size, uint64_t val)
{
	struct iosapic *io = ctx;

	pthread_mutex_lock(&io->lock);
	if (offset == REG_SELECT)
		io->select = (uint8_t)val;
	else if (offset == REG_WINDOW)
		window_write(io, (uint32_t)val);
	else if (offset == REG_EOI)
		eoi(io, (uint8_t)val);
	pthread_mutex_unlock(&io->lock);
}

const struct mmio_ops iosapic_ops = { iosapic_read, iosapic_write };
