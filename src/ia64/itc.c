/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ar.itc from the host's monotonic clock, and the timer thread behind cr.itm (SDM 2:5.8.3.6). */
#include "ia64/itc.h"

#include "ia64/journal.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "ia64/sapic.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"

#define NEVER UINT64_MAX
#define PMU_TICK_NS 1000000ull
#define NS_PER_S 1000000000ull

#define MAX_VCPUS 64

struct ia64_timer_wheel {
	uint64_t base_ns;      /* host time when the clock was 0 */
	uint64_t ticks_per_ns; /* with 32 binary places */
	pthread_t thread;
	pthread_mutex_t lock;  /* guards all below */
	pthread_cond_t changed;
	bool stop;
	uint64_t match[MAX_VCPUS]; /* system clock at which cr.itm matches, or NEVER */
	bool pmu_tick[MAX_VCPUS];
	uint64_t next_pmu_ns;
	uint64_t sleeping_until; /* host time the thread sleeps to; 0 while it is awake */
};

uint64_t ia64_host_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * NS_PER_S + (uint64_t)ts.tv_nsec;
}

static uint64_t clock_at(const struct ia64_timer_wheel *w, uint64_t ns)
{
	return (uint64_t)((unsigned __int128)(ns - w->base_ns) * w->ticks_per_ns >> 32);
}

/* The host time at which the clock has reached `ticks`, or NEVER if that is beyond counting. */
static uint64_t host_time_of(const struct ia64_timer_wheel *w, uint64_t ticks)
{
	unsigned __int128 ns = ((unsigned __int128)ticks << 32) / w->ticks_per_ns + 1;

	return ns > (1ull << 62) ? NEVER : w->base_ns + (uint64_t)ns;
}

uint64_t ia64_itc_read(struct vcpu *v)
{
	if (v->journal)
		return v->journal->itc;
	return clock_at(v->sys->timers, ia64_host_ns()) + (uint64_t)v->itc_offset;
}

void ia64_itc_write(struct vcpu *v, uint64_t val)
{
	uint64_t was = ia64_itc_read(v);

	v->itc_offset = (int64_t)((uint64_t)v->itc_offset + (val - was));
	v->pmu_itc += val - was; /* no cycles have passed */
	ia64_timer_arm(v, v->cr[CR_ITM]);
}

/* The lock is held. */
static void reschedule(struct ia64_timer_wheel *w, uint64_t ns)
{
	if (ns < w->sleeping_until)
		pthread_cond_signal(&w->changed);
}

void ia64_timer_arm(struct vcpu *v, uint64_t itm)
{
	struct ia64_timer_wheel *w = v->sys->timers;
	uint64_t match = itm - (uint64_t)v->itc_offset;
	uint64_t now = clock_at(w, ia64_host_ns());

	pthread_mutex_lock(&w->lock);
	ia64_sapic_settle_itm(v);
	/* The interrupt comes when the counter gets there, not for what is past: SDM 2:5.8.3. */
	w->match[v->index] = (int64_t)(match - now) > 0 ? match : NEVER;
	if (w->match[v->index] != NEVER)
		reschedule(w, host_time_of(w, match));
	pthread_mutex_unlock(&w->lock);
}

void ia64_timer_disarm(struct vcpu *v)
{
	struct ia64_timer_wheel *w = v->sys->timers;

	pthread_mutex_lock(&w->lock);
	w->match[v->index] = NEVER;
	pthread_mutex_unlock(&w->lock);
}

void ia64_timer_pmu_tick(struct vcpu *v, bool on)
{
	struct ia64_timer_wheel *w = v->sys->timers;

	pthread_mutex_lock(&w->lock);
	if (on && !w->pmu_tick[v->index]) {
		w->next_pmu_ns = ia64_host_ns() + PMU_TICK_NS;
		reschedule(w, w->next_pmu_ns);
	}
	w->pmu_tick[v->index] = on;
	pthread_mutex_unlock(&w->lock);
}

/*
 * Raises what is due at `now` and returns the host time of what comes next. The lock is held; what
 * is called takes only the vCPU's lock, under which nobody takes this one.
 */
static uint64_t serve_due(struct ia64_system *sys, uint64_t now)
{
	struct ia64_timer_wheel *w = sys->timers;
	uint64_t clock = clock_at(w, now), next = NEVER, ns;
	bool pmu_due = w->next_pmu_ns <= now, pmu_any = false;
	unsigned int n;

	for (n = 0; n < sys->nr_vcpus; n++) {
		struct vcpu *v = sys->vcpus[n];

		if (w->match[n] != NEVER && (int64_t)(clock - w->match[n]) >= 0) {
			w->match[n] = NEVER;
			atomic_store(&v->itm_matched, true);
			ia64_kick(v, IA64_ATTN_INTERRUPT);
		}
		if (w->match[n] != NEVER) {
			ns = host_time_of(w, w->match[n]);
			next = ns < next ? ns : next;
		}
		if (w->pmu_tick[n]) {
			pmu_any = true;
			if (pmu_due)
				ia64_kick(v, IA64_ATTN_PMU);
		}
	}
	if (pmu_any) {
		if (pmu_due)
			w->next_pmu_ns = now + PMU_TICK_NS;
		next = w->next_pmu_ns < next ? w->next_pmu_ns : next;
	}
	return next;
}

static void *timer_thread(void *arg)
{
	struct ia64_system *sys = arg;
	struct ia64_timer_wheel *w = sys->timers;

	pthread_mutex_lock(&w->lock);
	while (!w->stop) {
		uint64_t next = serve_due(sys, ia64_host_ns());
		struct timespec ts = { (time_t)(next / NS_PER_S), (long)(next % NS_PER_S) };

		w->sleeping_until = next;
		if (next == NEVER)
			pthread_cond_wait(&w->changed, &w->lock);
		else
			pthread_cond_timedwait(&w->changed, &w->lock, &ts);
		w->sleeping_until = 0;
	}
	pthread_mutex_unlock(&w->lock);
	return NULL;
}

int ia64_timers_create(struct ia64_system *sys)
{
	struct ia64_timer_wheel *w = calloc(1, sizeof(*w));
	pthread_condattr_t attr;
	unsigned int n;
	int err;

	if (!w)
		return -ENOMEM;
	w->base_ns = ia64_host_ns();
	w->ticks_per_ns = (uint64_t)(((unsigned __int128)sys->itc_hz << 32) / NS_PER_S);
	for (n = 0; n < MAX_VCPUS; n++)
		w->match[n] = NEVER;
	pthread_mutex_init(&w->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&w->changed, &attr);
	pthread_condattr_destroy(&attr);
	sys->timers = w;
	/* The thread sees no vCPU before the system is complete: nothing is armed until then. */
	err = pthread_create(&w->thread, NULL, timer_thread, sys);
	if (err) {
		sys->timers = NULL;
		pthread_cond_destroy(&w->changed);
		pthread_mutex_destroy(&w->lock);
		free(w);
	}
	return -err;
}

void ia64_timers_destroy(struct ia64_system *sys)
{
	struct ia64_timer_wheel *w = sys->timers;

	if (!w)
		return;
	pthread_mutex_lock(&w->lock);
	w->stop = true;
	pthread_cond_signal(&w->changed);
	pthread_mutex_unlock(&w->lock);
	pthread_join(w->thread, NULL);
	pthread_cond_destroy(&w->changed);
	pthread_mutex_destroy(&w->lock);
	free(w);
	sys->timers = NULL;
}
