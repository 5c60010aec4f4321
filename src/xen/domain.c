/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Hosts, domains and vCPUs: making them, finding them, ending them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "backend/eventloop.h"
#include "xen/evtchn.h"
#include "xen/gnttab.h"
#include "xen/p2m.h"
#include "xen/timer.h"
#include "xen/xen.h"

int xen_host_init(struct xen_host *h, struct eventloop *loop)
{
	memset(h, 0, sizeof(*h));
	h->loop = loop;
	h->time_zero = eventloop_now();
	if (pthread_mutex_init(&h->lock, NULL) || pthread_mutex_init(&h->evtchn_lock, NULL) ||
	    pthread_mutex_init(&h->gnttab_lock, NULL))
		return -ENOMEM;
	return 0;
}

void xen_host_destroy(struct xen_host *h)
{
	pthread_mutex_destroy(&h->lock);
	pthread_mutex_destroy(&h->evtchn_lock);
	pthread_mutex_destroy(&h->gnttab_lock);
}

uint64_t xen_now(const struct xen_host *h)
{
	return (uint64_t)(eventloop_now() - h->time_zero);
}

static void destroy(struct xen_domain *d)
{
	unsigned int i;

	for (i = 0; i < d->cfg.max_vcpus; i++) {
		if (d->vcpu[i]) {
			pthread_mutex_destroy(&d->vcpu[i]->lock);
			free(d->vcpu[i]);
		}
	}
	xen_evtchn_destroy(d);
	xen_gnttab_destroy(d);
	xen_p2m_destroy(d);
	pthread_mutex_destroy(&d->p2m_lock);
	pthread_mutex_destroy(&d->watchdog_lock);
	free(d);
}

static struct xen_vcpu *make_vcpu(struct xen_domain *d, unsigned int id)
{
	struct xen_vcpu *v = calloc(1, sizeof(*v));

	if (!v)
		return NULL;
	v->domain = d;
	v->id = id;
	v->runstate.state = RUNSTATE_offline;
	v->runstate.state_entry_time = xen_now(d->host);
	pthread_mutex_init(&v->lock, NULL);
	return v;
}

static bool config_ok(const struct xen_domain_config *c)
{
	uint64_t n = c->mem->limit >> XEN_PAGE_SHIFT;

	return c->domid < DOMID_FIRST_RESERVED && c->max_vcpus &&
	       c->max_vcpus <= XEN_LEGACY_MAX_VCPUS && c->max_gpfn < n &&
	       c->shared_info_gpfn > c->max_gpfn && c->grant_table_gpfn > c->max_gpfn &&
	       c->shared_info_gpfn < n && c->grant_table_gpfn < n &&
	       n - c->grant_table_gpfn >= XEN_GNTTAB_MAX_FRAMES &&
	       (c->shared_info_gpfn < c->grant_table_gpfn ||
		c->shared_info_gpfn >= c->grant_table_gpfn + XEN_GNTTAB_MAX_FRAMES);
}

static int enlist(struct xen_domain *d)
{
	struct xen_host *h = d->host;
	struct xen_domain *o;
	int ret = 0;

	pthread_mutex_lock(&h->lock);
	for (o = h->domains; o && !ret; o = o->next)
		if (o->cfg.domid == d->cfg.domid)
			ret = -EEXIST;
	if (!ret) {
		d->next = h->domains;
		h->domains = d;
	}
	pthread_mutex_unlock(&h->lock);
	return ret;
}

int xen_domain_create(struct xen_host *h, const struct xen_domain_config *cfg,
		      struct xen_domain **out)
{
	struct xen_domain *d;
	unsigned int i;
	int ret;

	if (!config_ok(cfg))
		return -EINVAL;
	d = calloc(1, sizeof(*d));
	if (!d)
		return -ENOMEM;
	d->host = h;
	d->cfg = *cfg;
	d->mem = cfg->mem;
	d->refs = 1;
	d->max_pages = cfg->max_pages;
	d->shutdown_reason = d->shutdown_code = -1;
	pthread_mutex_init(&d->p2m_lock, NULL);
	pthread_mutex_init(&d->watchdog_lock, NULL);
	ret = -ENOMEM;
	for (i = 0; i < cfg->max_vcpus; i++) {
		d->vcpu[i] = make_vcpu(d, i);
		if (!d->vcpu[i])
			goto fail;
	}
	ret = xen_p2m_init(d);
	if (ret)
		goto fail;
	ret = -ENOMEM;
	d->shared_info = xen_p2m_add_xen_page(d, cfg->shared_info_gpfn);
	if (!d->shared_info)
		goto fail;
	/* Event channels are masked until the guest unmasks them. */
	memset(d->shared_info->evtchn_mask, 0xff, sizeof(d->shared_info->evtchn_mask));
	ret = xen_evtchn_init(d);
	if (!ret)
		ret = xen_gnttab_init(d);
	if (!ret)
		ret = enlist(d);
	if (ret)
		goto fail;
	*out = d;
	return 0;
fail:
	destroy(d);
	return ret;
}

void xen_domain_kill(struct xen_domain *d)
{
	struct xen_domain **p;
	unsigned int i;

	pthread_mutex_lock(&d->host->lock);
	for (p = &d->host->domains; *p && *p != d; p = &(*p)->next)
		;
	if (*p)
		*p = d->next;
	pthread_mutex_unlock(&d->host->lock);

	/* With both locks: whoever checked it under one of them is done. */
	pthread_mutex_lock(&d->host->gnttab_lock);
	pthread_mutex_lock(&d->host->evtchn_lock);
	d->dying = true;
	pthread_mutex_unlock(&d->host->evtchn_lock);
	pthread_mutex_unlock(&d->host->gnttab_lock);

	for (i = 0; i < d->cfg.max_vcpus; i++)
		xen_timer_stop(d->vcpu[i]);
	xen_watchdog_stop(d);
	xen_evtchn_close_all(d);
	xen_gnttab_unmap_all(d);
	xen_domain_put(d);
}

struct xen_domain *xen_domain_get(struct xen_host *h, domid_t domid)
{
	struct xen_domain *d;

	pthread_mutex_lock(&h->lock);
	for (d = h->domains; d && d->cfg.domid != domid; d = d->next)
		;
	if (d)
		d->refs++;
	pthread_mutex_unlock(&h->lock);
	return d;
}

void xen_domain_ref(struct xen_domain *d)
{
	d->refs++;
}

void xen_domain_put(struct xen_domain *d)
{
	void (*released)(void *) = d->cfg.ops->released;
	void *ctx = d->cfg.ctx;

	if (--d->refs)
		return;
	destroy(d);
	if (released)
		released(ctx);
}

int xen_domain_get_target(struct xen_domain *self, domid_t domid, struct xen_domain **out)
{
	struct xen_domain *d;

	if (domid == DOMID_SELF || domid == self->cfg.domid) {
		xen_domain_ref(self);
		*out = self;
		return 0;
	}
	d = xen_domain_get(self->host, domid);
	if (!d)
		return -ESRCH;
	if (!self->cfg.privileged) {
		xen_domain_put(d);
		return -EPERM;
	}
	*out = d;
	return 0;
}

void xen_domain_shutdown(struct xen_domain *d, unsigned int reason)
{
	int running = -1;
	int code = d->shutdown_code;

	if (code >= 0)
		reason = (unsigned int)code;
	if (!atomic_compare_exchange_strong(&d->shutdown_reason, &running, (int)(reason & 0xff)))
		return;
	if (d->cfg.ops->shutdown)
		d->cfg.ops->shutdown(d->cfg.ctx, reason & 0xff);
}

void xen_vcpu_attach(struct xen_vcpu *v, const struct xen_vcpu_ops *ops, void *ctx,
		     bool initialised)
{
	v->ops = ops;
	v->ctx = ctx;
	v->initialised = v->up = initialised;
	if (initialised)
		xen_vcpu_runstate(v, RUNSTATE_runnable);
}

/* 0: it cannot be read. */
static uint64_t thread_time(clockid_t clock)
{
	struct timespec ts;

	if (clock_gettime(clock, &ts))
		return 0;
	return (uint64_t)ts.tv_sec * 1000000000ull + (uint64_t)ts.tv_nsec;
}

/* With v->lock held. */
static void account(struct xen_vcpu *v, uint64_t now)
{
	struct vcpu_runstate_info *r = &v->runstate;
	uint64_t passed = now > r->state_entry_time ? now - r->state_entry_time : 0;

	if (r->state == RUNSTATE_running && v->has_cpu_clock) {
		uint64_t cpu = thread_time(v->cpu_clock), used = cpu - v->cpu_time;

		if (cpu < v->cpu_time || used > passed)
			used = passed;
		v->cpu_time = cpu;
		r->time[RUNSTATE_running] += used;
		r->time[RUNSTATE_runnable] += passed - used;
	} else {
		r->time[r->state] += passed;
	}
	r->state_entry_time = now;
}

/* With v->lock held: so what the guest reads never goes back. */
static void publish(struct xen_vcpu *v)
{
	if (v->runstate_area)
		xen_runstate_publish(v, v->runstate_area, &v->runstate);
}

/* With v->lock held. */
static void set_runstate(struct xen_vcpu *v, int state)
{
	account(v, xen_now(v->domain->host));
	v->runstate.state = state;
	if (state == RUNSTATE_running) {
		v->has_cpu_clock = !pthread_getcpuclockid(pthread_self(), &v->cpu_clock);
		if (v->has_cpu_clock)
			v->cpu_time = thread_time(v->cpu_clock);
	}
	publish(v);
}

void xen_vcpu_runstate(struct xen_vcpu *v, int state)
{
	pthread_mutex_lock(&v->lock);
	set_runstate(v, state);
	pthread_mutex_unlock(&v->lock);
}

void xen_vcpu_runstate_sync(struct xen_vcpu *v)
{
	pthread_mutex_lock(&v->lock);
	account(v, xen_now(v->domain->host));
	publish(v);
	pthread_mutex_unlock(&v->lock);
}

void xen_vcpu_runstate_get(struct xen_vcpu *v, struct vcpu_runstate_info *out)
{
	pthread_mutex_lock(&v->lock);
	account(v, xen_now(v->domain->host));
	*out = v->runstate;
	pthread_mutex_unlock(&v->lock);
}

bool xen_vcpu_is_up(struct xen_vcpu *v)
{
	bool up;

	pthread_mutex_lock(&v->lock);
	up = v->up;
	pthread_mutex_unlock(&v->lock);
	return up;
}

int xen_vcpu_set_up(struct xen_vcpu *v, bool up)
{
	int ret = 0;

	pthread_mutex_lock(&v->lock);
	if (up && !v->initialised) {
		ret = -EINVAL;
	} else if (v->up != up) {
		v->up = up;
		set_runstate(v, up ? RUNSTATE_runnable : RUNSTATE_offline);
		/* Within the lock: who sees that it is down may want it up at once. */
		if (v->ops && up && v->ops->up)
			v->ops->up(v->ctx);
		else if (v->ops && !up && v->ops->down)
			v->ops->down(v->ctx);
	}
	pthread_mutex_unlock(&v->lock);
	return ret;
}
