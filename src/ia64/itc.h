/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The clock behind ar.itc and the thread that raises timer interrupts. */
#ifndef PARAVANE_IA64_ITC_H
#define PARAVANE_IA64_ITC_H

#include "ia64/vcpu.h"

/* CLOCK_MONOTONIC in nanoseconds. Any thread. */
uint64_t ia64_host_ns(void);

/* Starts the system's clock at 0, at sys->itc_hz, and its timer thread. 0 or -errno. */
int ia64_timers_create(struct ia64_system *sys);
/* Stops the thread. NULL timers are allowed. */
void ia64_timers_destroy(struct ia64_system *sys);

/* Raises IA64_ATTN_PMU on the vCPU every millisecond while on. */
void ia64_timer_pmu_tick(struct vcpu *v, bool on);

#endif
