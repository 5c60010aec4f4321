/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The I/O SAPIC: turns interrupt lines into messages to local SAPICs. Registers as the Itanium
 * platform's I/O SAPIC has them: select at 0x00, window at 0x10, EOI at 0x40.
 */
#ifndef PARAVANE_MACHINE_IOSAPIC_H
#define PARAVANE_MACHINE_IOSAPIC_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "machine/layout.h"
#include "machine/mmio.h"
#include "machine/ipi.h"

/* Redirection table entry, low word. */
#define IOSAPIC_RTE_VECTOR 0xffu
#define IOSAPIC_RTE_DELIVERY_SHIFT 8
#define IOSAPIC_RTE_STATUS (1u << 12)     /* read only: always idle, delivery is immediate */
#define IOSAPIC_RTE_POLARITY (1u << 13)   /* kept, but lines are logical here */
#define IOSAPIC_RTE_REMOTE_IRR (1u << 14) /* read only: a level interrupt awaits its EOI */
#define IOSAPIC_RTE_LEVEL (1u << 15)
#define IOSAPIC_RTE_MASKED (1u << 16)

typedef void (*iosapic_deliver_fn)(void *ctx, uint16_t id_eid, enum sapic_delivery mode,
				   uint8_t vector);

struct iosapic {
	pthread_mutex_t lock; /* guards what follows */
	uint8_t select;
	struct {
		uint32_t low, high;
		bool asserted;
	} pin[LAYOUT_NR_GSIS];
	iosapic_deliver_fn deliver; /* called with the lock held; must not come back */
	void *ctx;
};

/* All pins masked, as after reset. */
void iosapic_init(struct iosapic *io, iosapic_deliver_fn deliver, void *ctx);
void iosapic_destroy(struct iosapic *io);

/* Any thread: sets a line; true asserts, whatever the entry's polarity. A bad pin is ignored. */
void iosapic_set(struct iosapic *io, unsigned int pin, bool asserted);

/* Offsets from LAYOUT_IOSAPIC_BASE; ctx is the struct iosapic. */
extern const struct mmio_ops iosapic_ops;

#endif
