/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The vCPUs of a system together: life, run loop, kicks, halting, global purges, crashes. */
#include "ia64/smp.h"

#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ia64/alat.h"
#include "ia64/interp.h"
#include "ia64/interruption.h"
#include "ia64/itc.h"
#include "ia64/rse.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"

#define MAX_VCPUS 64

/* Purges a vCPU has not served yet, beyond which it purges everything instead. */
#define INBOX_MAX 64

/* How often a purging vCPU looks whether another has served before it sleeps: some 10 us. */
#define PURGE_SPINS 500
/* How long ia64_flush_all() sleeps between two looks after that. */
#define FLUSH_NAP_NS 20000

/* Pauses after which a vCPU that waits for another in a loop lets other host threads run. */
#define PAUSES_BEFORE_YIELD 32
/* Those after which it sleeps, and for how long. */
#define PAUSES_BEFORE_NAP 512
#define NAP_NS 100000
/* Pauses further apart than this many instructions are not of one loop. */
#define PAUSE_LOOP_MAX 100

struct purge {
	uint32_t rid;
	unsigned int ps;
	uint64_t va;
};

/* What others want purged by one vCPU. */
struct inbox {
	pthread_mutex_t lock;    /* guards all but `served` */
	struct purge purge[INBOX_MAX];
	unsigned int count;
	bool overflow;           /* more than fits: purge everything */
	bool flush;              /* ia64_flush_all() */
	uint64_t from;           /* vCPUs that wait for it */
	uint64_t posted;         /* purges ever posted here */
	_Atomic uint64_t served; /* those of them that are done */
};

struct ia64_purge_queue {
	struct inbox box[MAX_VCPUS];
};

/* --- Attention --- */

static void wake(struct vcpu *v)
{
	uint32_t state = atomic_load(&v->running_state);

	if (state != IA64_STATE_HALTED && state != IA64_STATE_WAITING)
		return;
	pthread_mutex_lock(&v->lock);
	pthread_cond_broadcast(&v->wake);
	pthread_mutex_unlock(&v->lock);
}

void ia64_kick(struct vcpu *v, uint32_t attention)
{
	atomic_fetch_or(&v->attention, attention);
	wake(v);
}

static void take(struct vcpu *v, uint32_t bits)
{
	atomic_fetch_and(&v->attention, ~bits);
}

static void leave_with(struct vcpu *v, enum ia64_exit why)
{
	if (!v->leaving)
		v->exit = why;
	v->leaving = true;
}

bool ia64_serve_attention(struct vcpu *v)
{
	uint32_t attention = atomic_load(&v->attention);

	if (v->leaving)
		return false;
	if (attention & IA64_ATTN_PURGE)
		ia64_serve_purges(v);
	if (attention & IA64_ATTN_CODE) {
		take(v, IA64_ATTN_CODE);
		v->code_stale = true;
	}
	if (atomic_load(&v->sys->shutdown))
		leave_with(v, IA64_EXIT_SHUTDOWN);
	if (attention & IA64_ATTN_DEBUG) {
		take(v, IA64_ATTN_DEBUG);
		leave_with(v, IA64_EXIT_DEBUG);
	}
	if (attention & IA64_ATTN_STOP) {
		take(v, IA64_ATTN_STOP);
		leave_with(v, IA64_EXIT_STOP);
	}
	if (v->leaving)
		return false;
	if (attention & IA64_ATTN_PMU) {
		take(v, IA64_ATTN_PMU);
		ia64_pmu_sync(v);
	}
	if (attention & IA64_ATTN_INTERRUPT) {
		/* Taken first: what arrives meanwhile sets it again. */
		take(v, IA64_ATTN_INTERRUPT);
		/* A step is one of the program being debugged, not the way into a handler. */
		if (!v->debug_step)
			ia64_deliver_pending(v);
	}
	return !v->leaving;
}

enum ia64_exit ia64_run(struct vcpu *v)
{
	v->leaving = false;
	ia64_enter_guest(v);
	while (ia64_serve_attention(v))
		v->sys->execute(v);
	ia64_leave_guest(v);
	/* A stop that led here is served; one that comes later ends the next run. */
	v->leaving = false;
	return v->exit;
}

void ia64_system_shutdown(struct ia64_system *sys)
{
	unsigned int n;

	atomic_store(&sys->shutdown, true);
	for (n = 0; n < sys->nr_vcpus; n++)
		ia64_kick(sys->vcpus[n], IA64_ATTN_STOP);
}

void ia64_crash(struct vcpu *v, const char *fmt, ...)
{
	const struct ia64_platform *plat = &v->sys->platform;
	va_list ap;

	/* The first reason is the one that explains. */
	if (v->leaving && v->exit == IA64_EXIT_CRASH)
		return;
	ia64_sync_ip(v);
	va_start(ap, fmt);
	vsnprintf(v->crash_reason, sizeof(v->crash_reason), fmt, ap);
	va_end(ap);
	v->exit = IA64_EXIT_CRASH;
	v->leaving = true;
	v->op = NULL;
	atomic_fetch_or(&v->attention, IA64_ATTN_STOP);
	if (plat->crashed)
		plat->crashed(plat->ctx, v);
}

/* --- Halting, and being outside --- */

static bool halt_over(struct vcpu *v)
{
	return ia64_highest_pending(v) >= 0 || ia64_pal_event_pending(v) ||
	       atomic_load(&v->sys->shutdown) ||
	       (atomic_load(&v->attention) & (IA64_ATTN_STOP | IA64_ATTN_DEBUG | IA64_ATTN_PMU));
}

static void go_outside(struct vcpu *v, uint32_t state)
{
	v->outside_since = ia64_host_ns();
	atomic_store(&v->running_state, state);
	/* Whoever posted before that waits for an answer; later ones see the state. */
	ia64_serve_purges(v);
}

void ia64_leave_guest(struct vcpu *v)
{
	go_outside(v, IA64_STATE_OUTSIDE);
}

void ia64_enter_guest(struct vcpu *v)
{
	if (v->outside_since)
		v->outside_ns += ia64_host_ns() - v->outside_since;
	atomic_store(&v->running_state, IA64_STATE_GUEST);
	ia64_serve_purges(v);
}

void ia64_halt(struct vcpu *v)
{
	go_outside(v, IA64_STATE_HALTED);
	pthread_mutex_lock(&v->lock);
	while (!halt_over(v))
		pthread_cond_wait(&v->wake, &v->lock);
	pthread_mutex_unlock(&v->lock);
	ia64_enter_guest(v);
	/* Whoever waited for this is delivered when psr.i lets it in. */
	atomic_fetch_or(&v->attention, IA64_ATTN_INTERRUPT);
}

void ia64_nap(struct vcpu *v, unsigned int ns)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += ns;
	if (until.tv_nsec >= 1000000000) {
		until.tv_nsec -= 1000000000;
		until.tv_sec++;
	}
	go_outside(v, IA64_STATE_HALTED);
	pthread_mutex_lock(&v->lock);
	if (!(atomic_load(&v->attention) & ~(uint32_t)IA64_ATTN_SLOW))
		pthread_cond_timedwait(&v->wake, &v->lock, &until);
	pthread_mutex_unlock(&v->lock);
	ia64_enter_guest(v);
}

/*
 * What the guest waits for is perhaps done by a vCPU that has no host processor now, or waits for
 * this one to serve a purge. So it lets others run, and when that does not help, sleeps.
 */
void ia64_pause(struct vcpu *v)
{
	if (v->sys->nr_vcpus == 1)
		return;
	if (v->retired - v->pause_retired > PAUSE_LOOP_MAX)
		v->pauses = 0;
	v->pause_retired = v->retired;
	v->pauses++;
	if (v->sys->overcommitted && v->pauses % PAUSES_BEFORE_NAP == 0)
		ia64_nap(v, NAP_NS);
	else if (v->pauses % PAUSES_BEFORE_YIELD == 0)
		sched_yield();
}

/* --- Global purges --- */

/*
 * One that halts or is outside serves when it comes back, and nobody waits for it until then: it
 * sleeps on. One that waits for another to serve has to be told.
 */
static void kick_to_serve(struct vcpu *v)
{
	atomic_fetch_or(&v->attention, IA64_ATTN_PURGE);
	if (atomic_load(&v->running_state) == IA64_STATE_WAITING)
		wake(v);
}

static uint64_t post_purge(struct inbox *box, const struct purge *p, unsigned int from)
{
	uint64_t seq;

	pthread_mutex_lock(&box->lock);
	if (box->count < INBOX_MAX)
		box->purge[box->count++] = *p;
	else
		box->overflow = true;
	box->from |= 1ull << from;
	seq = ++box->posted;
	pthread_mutex_unlock(&box->lock);
	return seq;
}

static void flush_own(struct vcpu *v)
{
	ia64_fast_flush(v);
	ia64_exec_flush(v);
	ia64_alat_flush(v);
}

void ia64_serve_purges(struct vcpu *v)
{
	struct inbox *box = &v->sys->purges->box[v->index];
	struct purge todo[INBOX_MAX];
	unsigned int count, n;
	uint64_t from, posted;
	bool overflow, flush;

	take(v, IA64_ATTN_PURGE);
	pthread_mutex_lock(&box->lock);
	count = box->count;
	overflow = box->overflow;
	flush = box->flush;
	from = box->from;
	posted = box->posted;
	memcpy(todo, box->purge, count * sizeof(todo[0]));
	box->count = 0;
	box->overflow = false;
	box->flush = false;
	box->from = 0;
	pthread_mutex_unlock(&box->lock);
	if (flush)
		flush_own(v);
	if (!from) {
		atomic_store(&box->served, posted);
		return;
	}
	if (overflow)
		ia64_tlb_purge_all(v);
	else
		for (n = 0; n < count; n++)
			ia64_tlb_purge_rid(v, todo[n].rid, todo[n].va, todo[n].ps);
	/* ptc.ga asks for it, ptc.g allows it. */
	ia64_alat_flush(v);
	atomic_store(&box->served, posted);
	for (; from; from &= from - 1)
		wake(v->sys->vcpus[__builtin_ctzll(from)]);
}

static bool is_outside(const struct vcpu *v)
{
	uint32_t state = atomic_load(&v->running_state);

	return state == IA64_STATE_OUTSIDE || state == IA64_STATE_HALTED;
}

static bool purge_done(struct vcpu *other, uint64_t seq)
{
	return atomic_load(&other->sys->purges->box[other->index].served) >= seq ||
	       is_outside(other);
}

static void cpu_relax(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static void wait_for_purge(struct vcpu *v, struct vcpu *other, uint64_t seq)
{
	unsigned int spins;

	for (spins = 0; spins < PURGE_SPINS; spins++) {
		if (purge_done(other, seq))
			return;
		if (atomic_load(&v->attention) & IA64_ATTN_PURGE)
			ia64_serve_purges(v);
		cpu_relax();
	}
	pthread_mutex_lock(&v->lock);
	atomic_store(&v->running_state, IA64_STATE_WAITING);
	while (!purge_done(other, seq)) {
		if (atomic_load(&v->attention) & IA64_ATTN_PURGE) {
			pthread_mutex_unlock(&v->lock);
			ia64_serve_purges(v);
			pthread_mutex_lock(&v->lock);
			continue;
		}
		pthread_cond_wait(&v->wake, &v->lock);
	}
	atomic_store(&v->running_state, IA64_STATE_GUEST);
	pthread_mutex_unlock(&v->lock);
}

void ia64_purge_global(struct vcpu *v, uint64_t va, unsigned int ps)
{
	struct ia64_system *sys = v->sys;
	struct purge p = {
		.rid = (uint32_t)(v->rr[va >> 61] >> 8) & ((1u << IA64_RID_BITS) - 1),
		.ps = ps,
		.va = va,
	};
	uint64_t seq[MAX_VCPUS];
	unsigned int n;

	ia64_tlb_purge_local(v, va, ps);
	for (n = 0; n < sys->nr_vcpus; n++) {
		if (n == v->index)
			continue;
		seq[n] = post_purge(&sys->purges->box[n], &p, v->index);
		kick_to_serve(sys->vcpus[n]);
	}
	for (n = 0; n < sys->nr_vcpus; n++)
		if (n != v->index)
			wait_for_purge(v, sys->vcpus[n], seq[n]);
}

/*
 * The others may run guest code, or wait for this one to purge: they serve in both cases. So this
 * one need not serve anything meanwhile, nor be a vCPU.
 */
void ia64_flush_all(struct ia64_system *sys, struct vcpu *self)
{
	const struct timespec nap = { .tv_nsec = FLUSH_NAP_NS };
	uint64_t seq[MAX_VCPUS];
	unsigned int n, spins;

	if (self)
		flush_own(self);
	for (n = 0; n < sys->nr_vcpus; n++) {
		struct inbox *box = &sys->purges->box[n];

		if (sys->vcpus[n] == self)
			continue;
		pthread_mutex_lock(&box->lock);
		box->flush = true;
		seq[n] = ++box->posted;
		pthread_mutex_unlock(&box->lock);
		kick_to_serve(sys->vcpus[n]);
	}
	for (n = 0; n < sys->nr_vcpus; n++) {
		if (sys->vcpus[n] == self)
			continue;
		for (spins = 0; !purge_done(sys->vcpus[n], seq[n]); spins++) {
			if (spins < PURGE_SPINS)
				cpu_relax();
			else
				nanosleep(&nap, NULL);
		}
	}
}

/* --- Life --- */

static int vcpu_init(struct vcpu *v)
{
	pthread_condattr_t attr;
	int err;

	pthread_mutex_init(&v->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&v->wake, &attr);
	pthread_condattr_destroy(&attr);
	err = ia64_tlb_init(v);
	if (!err)
		err = ia64_icache_init(v);
	if (err)
		return err;
	ia64_sysreg_reset(v);
	ia64_rse_reset(v);
	ia64_alat_flush(v);
	return 0;
}

static void vcpu_destroy(struct vcpu *v)
{
	ia64_icache_destroy(v);
	ia64_tlb_destroy(v);
	pthread_cond_destroy(&v->wake);
	pthread_mutex_destroy(&v->lock);
	free(v);
}

static int alloc_vcpus(struct ia64_system *sys, unsigned int nr_vcpus)
{
	unsigned int n;

	sys->vcpus = calloc(nr_vcpus, sizeof(struct vcpu *));
	if (!sys->vcpus)
		return -ENOMEM;
	for (n = 0; n < nr_vcpus; n++) {
		struct vcpu *v = aligned_alloc(64, (sizeof(*v) + 63) & ~(size_t)63);

		if (!v)
			return -ENOMEM;
		memset(v, 0, sizeof(*v));
		v->sys = sys;
		v->index = n;
		sys->vcpus[n] = v;
		sys->nr_vcpus = n + 1;
	}
	return 0;
}

/*
 * Branches inside a page and linked translations look at `attention`, not at code_epoch. Any
 * thread.
 */
static void code_changed(void *ctx)
{
	struct ia64_system *sys = ctx;
	unsigned int n;

	for (n = 0; n < sys->nr_vcpus; n++)
		atomic_fetch_or(&sys->vcpus[n]->attention, IA64_ATTN_CODE);
}

int ia64_system_create(struct ia64_system **out, struct ia64_memory *mem,
		       const struct ia64_platform *platform, unsigned int nr_vcpus,
		       uint64_t itc_hz)
{
	struct ia64_system *sys;
	unsigned int n;
	int err;

	*out = NULL;
	if (nr_vcpus < 1 || nr_vcpus > MAX_VCPUS || !itc_hz)
		return -EINVAL;
	sys = calloc(1, sizeof(*sys));
	if (!sys)
		return -ENOMEM;
	sys->mem = mem;
	sys->platform = *platform;
	sys->itc_hz = itc_hz;
	sys->execute = ia64_interp_run;
	sys->overcommitted = nr_vcpus > (unsigned long)sysconf(_SC_NPROCESSORS_ONLN);
	sys->purges = calloc(1, sizeof(*sys->purges));
	if (!sys->purges) {
		free(sys);
		return -ENOMEM;
	}
	for (n = 0; n < MAX_VCPUS; n++)
		pthread_mutex_init(&sys->purges->box[n].lock, NULL);
	err = alloc_vcpus(sys, nr_vcpus);
	if (!err)
		err = ia64_timers_create(sys);
	for (n = 0; n < sys->nr_vcpus && !err; n++)
		err = vcpu_init(sys->vcpus[n]);
	if (err) {
		ia64_system_destroy(sys);
		return err;
	}
	mem->code_changed_ctx = sys;
	mem->code_changed = code_changed;
	*out = sys;
	return 0;
}

void ia64_system_destroy(struct ia64_system *sys)
{
	unsigned int n;

	if (!sys)
		return;
	sys->mem->code_changed = NULL;
	ia64_timers_destroy(sys);
	for (n = 0; n < sys->nr_vcpus; n++)
		vcpu_destroy(sys->vcpus[n]);
	free(sys->vcpus);
	for (n = 0; n < MAX_VCPUS; n++)
		pthread_mutex_destroy(&sys->purges->box[n].lock);
	free(sys->purges);
	free(sys);
}
