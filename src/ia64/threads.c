/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One host thread a vCPU, and the places where they wait. */
#include "ia64/threads.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "ia64/smp.h"

void ia64_threads_init(struct ia64_threads *t, struct ia64_system *sys,
		       const struct ia64_threads_ops *ops, void *ctx)
{
	unsigned int i;

	memset(t, 0, sizeof(*t));
	t->sys = sys;
	t->ops = ops;
	t->ctx = ctx;
	pthread_mutex_init(&t->lock, NULL);
	pthread_cond_init(&t->changed, NULL);
	for (i = 0; i < sys->nr_vcpus; i++) {
		t->cpu[i].all = t;
		t->cpu[i].v = sys->vcpus[i];
	}
}

void ia64_threads_destroy(struct ia64_threads *t)
{
	pthread_cond_destroy(&t->changed);
	pthread_mutex_destroy(&t->lock);
}

/* Waits with the lock held while this vCPU may not run. False: it is to end. */
static bool wait_to_run(struct ia64_threads *t, struct ia64_thread *cpu)
{
	t->nr_waiting++;
	pthread_cond_broadcast(&t->changed);
	while (!t->ended && (cpu->parked || t->paused || (t->stopped && t->only != cpu->v)))
		pthread_cond_wait(&t->changed, &t->lock);
	t->nr_waiting--;
	if (cpu->move)
		sched_setaffinity(0, sizeof(cpu->cpus), &cpu->cpus);
	cpu->move = false;
	return !t->ended;
}

/* Makes every vCPU but those that stand still leave ia64_run(); the lock is held. */
static void kick_all(struct ia64_threads *t)
{
	unsigned int i;

	for (i = 0; i < t->sys->nr_vcpus; i++)
		ia64_kick(t->sys->vcpus[i], IA64_ATTN_STOP);
}

static void hold(struct ia64_threads *t)
{
	t->paused = true;
	kick_all(t);
}

static void debug_hold(struct ia64_threads *t)
{
	t->stopped = true;
	t->only = NULL;
	kick_all(t);
}

static void wait_all(struct ia64_threads *t)
{
	while (!t->ended && t->nr_waiting < t->sys->nr_vcpus)
		pthread_cond_wait(&t->changed, &t->lock);
}

static void debug_exit(struct ia64_threads *t, struct vcpu *v)
{
	pthread_mutex_lock(&t->lock);
	debug_hold(t);
	t->nr_waiting++;
	pthread_cond_broadcast(&t->changed);
	wait_all(t);
	pthread_mutex_unlock(&t->lock);
	if (t->debug)
		t->debug(t->debug_ctx, v);
	pthread_mutex_lock(&t->lock);
	t->nr_waiting--;
	pthread_mutex_unlock(&t->lock);
}

static void crash_exit(struct ia64_threads *t, struct ia64_thread *cpu)
{
	pthread_mutex_lock(&t->lock);
	if (!t->crashed)
		t->crashed = cpu->v;
	cpu->parked = true;
	pthread_mutex_unlock(&t->lock);
	if (t->ops->crashed)
		t->ops->crashed(t->ctx, cpu->v);
}

static void *thread_main(void *arg)
{
	struct ia64_thread *cpu = arg;
	struct ia64_threads *t = cpu->all;
	enum ia64_exit why;
	bool go_on;

	for (;;) {
		pthread_mutex_lock(&t->lock);
		go_on = wait_to_run(t, cpu);
		pthread_mutex_unlock(&t->lock);
		if (!go_on)
			return NULL;
		if (t->ops->running)
			t->ops->running(t->ctx, cpu->v, true);
		why = ia64_run(cpu->v);
		if (t->ops->running)
			t->ops->running(t->ctx, cpu->v, false);
		if (why == IA64_EXIT_DEBUG)
			debug_exit(t, cpu->v);
		else if (why == IA64_EXIT_CRASH)
			crash_exit(t, cpu);
	}
}

int ia64_threads_start(struct ia64_threads *t)
{
	sigset_t all, old;
	unsigned int i;
	int rc = 0;

	/* Signals are for the thread that called, but for those of its own instructions. */
	sigfillset(&all);
	sigdelset(&all, SIGFPE);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (i = 0; i < t->sys->nr_vcpus && !rc; i++) {
		rc = pthread_create(&t->cpu[i].thread, NULL, thread_main, &t->cpu[i]);
		t->cpu[i].started = !rc;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	return rc ? -1 : 0;
}

void ia64_threads_end(struct ia64_threads *t)
{
	pthread_mutex_lock(&t->lock);
	t->ended = true;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
	ia64_system_shutdown(t->sys);
}

void ia64_threads_join(struct ia64_threads *t)
{
	unsigned int i;

	for (i = 0; i < t->sys->nr_vcpus; i++) {
		if (t->cpu[i].started)
			pthread_join(t->cpu[i].thread, NULL);
		t->cpu[i].started = false;
	}
}

void ia64_threads_hold(struct ia64_threads *t)
{
	pthread_mutex_lock(&t->lock);
	hold(t);
	pthread_mutex_unlock(&t->lock);
}

void ia64_threads_pause(struct ia64_threads *t)
{
	pthread_mutex_lock(&t->lock);
	hold(t);
	wait_all(t);
	pthread_mutex_unlock(&t->lock);
}

void ia64_threads_resume(struct ia64_threads *t)
{
	pthread_mutex_lock(&t->lock);
	t->paused = false;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
}

void ia64_threads_set_debugger(struct ia64_threads *t, void (*stopped)(void *ctx, struct vcpu *v),
			       void *ctx)
{
	pthread_mutex_lock(&t->lock);
	t->debug = stopped;
	t->debug_ctx = ctx;
	pthread_mutex_unlock(&t->lock);
}

void ia64_threads_debug_hold(struct ia64_threads *t)
{
	pthread_mutex_lock(&t->lock);
	debug_hold(t);
	pthread_mutex_unlock(&t->lock);
}

void ia64_threads_debug_stop(struct ia64_threads *t)
{
	pthread_mutex_lock(&t->lock);
	debug_hold(t);
	wait_all(t);
	pthread_mutex_unlock(&t->lock);
}

void ia64_threads_debug_go(struct ia64_threads *t, struct vcpu *only)
{
	pthread_mutex_lock(&t->lock);
	t->stopped = only != NULL;
	t->only = only;
	pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
}

bool ia64_threads_park(struct ia64_threads *t, struct vcpu *v, bool on)
{
	struct ia64_thread *cpu = &t->cpu[v->index];
	bool was;

	pthread_mutex_lock(&t->lock);
	was = cpu->parked;
	cpu->parked = on;
	if (on)
		ia64_kick(v, IA64_ATTN_STOP);
	else
		pthread_cond_broadcast(&t->changed);
	pthread_mutex_unlock(&t->lock);
	return was;
}

int ia64_threads_pin(struct ia64_threads *t, struct vcpu *v, const cpu_set_t *cpus)
{
	struct ia64_thread *cpu = &t->cpu[v->index];
	cpu_set_t own;

	if (sched_getaffinity(0, sizeof(own), &own) || sched_setaffinity(0, sizeof(*cpus), cpus))
		return errno;
	sched_setaffinity(0, sizeof(own), &own);
	pthread_mutex_lock(&t->lock);
	cpu->cpus = *cpus;
	cpu->move = true;
	ia64_kick(v, IA64_ATTN_STOP);
	pthread_mutex_unlock(&t->lock);
	return 0;
}

bool ia64_threads_pinned(struct ia64_threads *t, const struct vcpu *v, cpu_set_t *cpus)
{
	pthread_mutex_lock(&t->lock);
	*cpus = t->cpu[v->index].cpus;
	pthread_mutex_unlock(&t->lock);
	return CPU_COUNT(cpus);
}
