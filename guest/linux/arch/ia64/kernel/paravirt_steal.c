// SPDX-License-Identifier: GPL-2.0-or-later
/* Nobody steals time on hardware. */
#include <linux/jump_label.h>
#include <linux/static_call.h>

#include <asm/paravirt_api_clock.h>

struct static_key paravirt_steal_enabled;
struct static_key paravirt_steal_rq_enabled;

static u64 native_steal_clock(int cpu)
{
	return 0;
}

DEFINE_STATIC_CALL(pv_steal_clock, native_steal_clock);
