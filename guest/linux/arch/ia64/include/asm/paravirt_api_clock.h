/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The time that a hypervisor took from a processor, for the scheduler's accounting. */
#ifndef _ASM_IA64_PARAVIRT_API_CLOCK_H
#define _ASM_IA64_PARAVIRT_API_CLOCK_H

#ifdef CONFIG_PARAVIRT
#include <linux/static_call_types.h>
#include <linux/types.h>

struct static_key;
extern struct static_key paravirt_steal_enabled;
/* Another processor's can be read too. */
extern struct static_key paravirt_steal_rq_enabled;

u64 dummy_steal_clock(int cpu);

DECLARE_STATIC_CALL(pv_steal_clock, dummy_steal_clock);

/* Nanoseconds since the processor started. */
static inline u64 paravirt_steal_clock(int cpu)
{
	return static_call(pv_steal_clock)(cpu);
}
#endif

#endif /* _ASM_IA64_PARAVIRT_API_CLOCK_H */
