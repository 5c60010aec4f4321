/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI fixed hardware (ACPI 3.0, 4.8): PM1a event and control, PM timer, reset register. */
#ifndef PARAVANE_MACHINE_PM_H
#define PARAVANE_MACHINE_PM_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "machine/mmio.h"

/* Offsets from LAYOUT_PM_PORT. */
enum {
	PM_EVENT = 0x00,   /* PM1a_EVT_BLK: status, enable; 4 bytes */
	PM_CONTROL = 0x04, /* PM1a_CNT_BLK, 2 bytes */
	PM_TIMER = 0x08,   /* PM_TMR_BLK, 4 bytes, 32 bits wide */
	PM_RESET = 0x0c,   /* RESET_REG, 1 byte */
	PM_SIZE = 0x10,
};
#define PM_RESET_VALUE 0x06u
#define PM_SLEEP_S5 5u /* SLP_TYP of \_S5 */
#define PM_TIMER_HZ 3579545u

enum pm_request { PM_REQUEST_POWEROFF, PM_REQUEST_RESET };

struct pm {
	pthread_mutex_t lock; /* guards the registers */
	uint16_t status, enable, control;
	void (*request)(void *ctx, enum pm_request what); /* called without the lock */
	void (*set_sci)(void *ctx, bool level);           /* called with it */
	void *ctx;
};

void pm_init(struct pm *pm, void (*request)(void *ctx, enum pm_request what),
	     void (*set_sci)(void *ctx, bool level), void *ctx);
void pm_destroy(struct pm *pm);

/* The power button is pressed and let go. False: the guest does not listen to it. Any thread. */
bool pm_press_power_button(struct pm *pm);

/* Offsets from LAYOUT_PM_PORT; ctx is the struct pm. */
extern const struct mmio_ops pm_ops;

#endif
