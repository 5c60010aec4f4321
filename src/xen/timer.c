/* SPDX-License-Identifier: GPL-2.0-or-later */
/* VIRQ_TIMER from the event loop's timers; watchdogs that end a domain that hangs. */
#include "xen/timer.h"

#include <errno.h>
#include <xen/interface/sched.h>

#include "backend/eventloop.h"
#include "xen/evtchn.h"
#include "xen/xencomm.h"

static void arm(struct xen_vcpu *v);

static void fire(void *ctx)
{
	struct xen_vcpu *v = ctx;
	uint64_t now = xen_now(v->domain->host);
	bool due = false;

	pthread_mutex_lock(&v->lock);
	if (v->singleshot && v->singleshot <= now) {
		v->singleshot = 0;
		due = true;
	}
	if (v->period && v->next_period <= now) {
		/* Ticks nobody could take are not made up for. */
		v->next_period += (now - v->next_period) / v->period * v->period + v->period;
		due = true;
	}
	arm(v);
	pthread_mutex_unlock(&v->lock);
	if (due)
		xen_send_vcpu_virq(v, VIRQ_TIMER);
}

/* With v->lock held. */
static void arm(struct xen_vcpu *v)
{
	uint64_t when = v->singleshot ? v->singleshot : UINT64_MAX;

	if (v->period && v->next_period < when)
		when = v->next_period;
	if (v->timer)
		eventloop_timer_set(v->timer, when > INT64_MAX / 2 ?
				    -1 : (int64_t)when + v->domain->host->time_zero);
}

static int need_timer(struct xen_vcpu *v)
{
	if (!v->timer)
		v->timer = eventloop_timer_add(v->domain->host->loop, fire, v);
	return v->timer ? 0 : -ENOMEM;
}

int xen_timer_singleshot(struct xen_vcpu *v, uint64_t when)
{
	int ret = -EINVAL;

	pthread_mutex_lock(&v->lock);
	if (!v->domain->dying && !(ret = need_timer(v))) {
		v->singleshot = when;
		arm(v);
	}
	pthread_mutex_unlock(&v->lock);
	return ret;
}

int xen_timer_periodic(struct xen_vcpu *v, uint64_t ns)
{
	int ret = -EINVAL;

	pthread_mutex_lock(&v->lock);
	if (!v->domain->dying && !(ret = need_timer(v))) {
		v->period = ns;
		v->next_period = xen_now(v->domain->host) + ns;
		arm(v);
	}
	pthread_mutex_unlock(&v->lock);
	return ret;
}

void xen_timer_stop(struct xen_vcpu *v)
{
	struct eventloop_timer *t;

	pthread_mutex_lock(&v->lock);
	t = v->timer;
	v->timer = NULL;
	v->singleshot = v->period = 0;
	pthread_mutex_unlock(&v->lock);
	eventloop_timer_remove(t);
}

static void bite(void *ctx)
{
	xen_domain_shutdown(ctx, SHUTDOWN_watchdog);
}

long xen_watchdog(struct xen_domain *d, uint32_t id, uint32_t seconds)
{
	const uint32_t n = sizeof(d->watchdog) / sizeof(d->watchdog[0]);
	uint32_t i = id - 1;
	long ret = 0;

	if (id > n)
		return -EINVAL;
	pthread_mutex_lock(&d->watchdog_lock);
	if (!id) {
		ret = seconds ? -ENOSPC : -EINVAL;
		for (i = 0; seconds && i < n; i++) {
			if (!d->watchdog[i].used) {
				ret = i + 1;
				break;
			}
		}
	} else if (!d->watchdog[i].used) {
		ret = -EINVAL;
	}
	if (ret < 0 || d->dying)
		goto out;
	if (!d->watchdog[i].timer)
		d->watchdog[i].timer = eventloop_timer_add(d->host->loop, bite, d);
	if (!d->watchdog[i].timer) {
		ret = -ENOMEM;
		goto out;
	}
	d->watchdog[i].used = seconds;
	eventloop_timer_set(d->watchdog[i].timer,
			    seconds ? eventloop_now() + seconds * 1000000000ll : -1);
out:
	pthread_mutex_unlock(&d->watchdog_lock);
	return ret;
}

void xen_watchdog_stop(struct xen_domain *d)
{
	struct eventloop_timer *t;
	unsigned int i;

	for (i = 0; i < sizeof(d->watchdog) / sizeof(d->watchdog[0]); i++) {
		pthread_mutex_lock(&d->watchdog_lock);
		t = d->watchdog[i].timer;
		d->watchdog[i].timer = NULL;
		d->watchdog[i].used = false;
		pthread_mutex_unlock(&d->watchdog_lock);
		eventloop_timer_remove(t);
	}
}

void xen_runstate_publish(struct xen_vcpu *v, xen_guest_handle area,
			  const struct vcpu_runstate_info *r)
{
	xencomm_to_guest(v->domain, area, r, sizeof(*r), 0);
}
