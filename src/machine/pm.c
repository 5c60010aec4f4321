/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ACPI fixed hardware: always in ACPI mode, sleeps in S5 only, has a power button. */
#include "machine/pm.h"

#include <string.h>
#include <time.h>

/* PM1_CNT, ACPI 3.0 table 4-14. */
#define CONTROL_SCI_EN (1u << 0)
#define CONTROL_SLP_TYP_SHIFT 10
#define CONTROL_SLP_EN (1u << 13)
#define CONTROL_KEPT 0x1c07u /* SLP_EN and GBL_RLS read as 0 */

/* PM1_STS and PM1_EN, tables 4-11 and 4-12: timer, bus master, global, power, sleep, RTC, wake. */
#define POWER_BUTTON (1u << 8)
#define STATUS_BITS 0xc731u
#define ENABLE_BITS 0x4721u

void pm_init(struct pm *pm, void (*request)(void *ctx, enum pm_request what),
	     void (*set_sci)(void *ctx, bool level), void *ctx)
{
	memset(pm, 0, sizeof(*pm));
	pthread_mutex_init(&pm->lock, NULL);
	pm->control = CONTROL_SCI_EN;
	pm->request = request;
	pm->set_sci = set_sci;
	pm->ctx = ctx;
}

void pm_destroy(struct pm *pm)
{
	pthread_mutex_destroy(&pm->lock);
}

bool pm_press_power_button(struct pm *pm)
{
	bool enabled;

	pthread_mutex_lock(&pm->lock);
	enabled = pm->enable & POWER_BUTTON;
	pm->status |= POWER_BUTTON;
	pm->set_sci(pm->ctx, pm->status & pm->enable);
	pthread_mutex_unlock(&pm->lock);
	return enabled;
}

static uint32_t timer_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint32_t)((uint64_t)ts.tv_sec * PM_TIMER_HZ +
			  (uint64_t)ts.tv_nsec * PM_TIMER_HZ / 1000000000u);
}

/* The 16 bytes as they read. */
static uint64_t registers(struct pm *pm, unsigned int word)
{
	if (word)
		return timer_now();
	return pm->status | (uint64_t)pm->enable << 16 | (uint64_t)pm->control << 32;
}

static uint64_t pm_read(void *ctx, uint64_t offset, unsigned int size)
{
	struct pm *pm = ctx;
	uint64_t val;

	pthread_mutex_lock(&pm->lock);
	val = registers(pm, offset >= PM_TIMER) >> offset % 8 * 8;
	pthread_mutex_unlock(&pm->lock);
	return val;
}

static bool is_poweroff(uint16_t control)
{
	return (control & CONTROL_SLP_EN) && (control >> CONTROL_SLP_TYP_SHIFT & 7) == PM_SLEEP_S5;
}

static void pm_write(void *ctx, uint64_t offset, unsigned int size, uint64_t val)
{
	struct pm *pm = ctx;
	bool poweroff = false;

	if (offset == PM_RESET) {
		if ((uint8_t)val == PM_RESET_VALUE)
			pm->request(pm->ctx, PM_REQUEST_RESET);
		return;
	}
	pthread_mutex_lock(&pm->lock);
	switch (offset) {
	case PM_EVENT:
		pm->status &= (uint16_t)~(val & STATUS_BITS);
		if (size >= 4)
			pm->enable = val >> 16 & ENABLE_BITS;
		break;
	case PM_EVENT + 2:
		pm->enable = val & ENABLE_BITS;
		break;
	case PM_CONTROL:
		pm->control = (uint16_t)((val & CONTROL_KEPT) | CONTROL_SCI_EN);
		poweroff = is_poweroff((uint16_t)val);
		break;
	default:
		break;
	}
	pm->set_sci(pm->ctx, pm->status & pm->enable);
	pthread_mutex_unlock(&pm->lock);
	if (poweroff)
		pm->request(pm->ctx, PM_REQUEST_POWEROFF);
}

const struct mmio_ops pm_ops = { pm_read, pm_write };
