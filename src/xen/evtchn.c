/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels: ports, what they are bound to, and the two-level bitmaps in shared_info. */
#include "xen/evtchn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum state {
	ECS_FREE,
	ECS_RESERVED,
	ECS_UNBOUND,     /* remote_domid may bind */
	ECS_INTERDOMAIN, /* remote, remote_port */
	ECS_HOST,        /* host */
	ECS_VIRQ,
	ECS_IPI,
};

struct xen_evtchn {
	uint8_t state;
	uint16_t vcpu; /* who is notified */
	domid_t remote_domid; /* unbound, interdomain and host */
	uint32_t remote_port;
	uint32_t virq;
	struct xen_domain *remote;
	struct xen_evtchn_host *host;
};

static const struct {
	size_t size;
	bool out;
} commands[] = {
	[EVTCHNOP_bind_interdomain] = { sizeof(struct evtchn_bind_interdomain), true },
	[EVTCHNOP_bind_virq] = { sizeof(struct evtchn_bind_virq), true },
	[EVTCHNOP_bind_pirq] = { sizeof(struct evtchn_bind_pirq), true },
	[EVTCHNOP_close] = { sizeof(struct evtchn_close), false },
	[EVTCHNOP_send] = { sizeof(struct evtchn_send), false },
	[EVTCHNOP_status] = { sizeof(struct evtchn_status), true },
	[EVTCHNOP_alloc_unbound] = { sizeof(struct evtchn_alloc_unbound), true },
	[EVTCHNOP_bind_ipi] = { sizeof(struct evtchn_bind_ipi), true },
	[EVTCHNOP_bind_vcpu] = { sizeof(struct evtchn_bind_vcpu), false },
	[EVTCHNOP_unmask] = { sizeof(struct evtchn_unmask), false },
	[EVTCHNOP_reset] = { sizeof(struct evtchn_reset), false },
};

size_t xen_evtchn_arg_size(uint32_t cmd)
{
	return cmd < sizeof(commands) / sizeof(commands[0]) ? commands[cmd].size : 0;
}

int xen_evtchn_init(struct xen_domain *d)
{
	d->evtchn = calloc(NR_EVENT_CHANNELS, sizeof(*d->evtchn));
	if (!d->evtchn)
		return -ENOMEM;
	d->evtchn[0] = calloc(1, sizeof(**d->evtchn));
	if (!d->evtchn[0])
		return -ENOMEM;
	d->evtchn[0]->state = ECS_RESERVED;
	return 0;
}

void xen_evtchn_destroy(struct xen_domain *d)
{
	unsigned int i;

	for (i = 0; d->evtchn && i < NR_EVENT_CHANNELS; i++)
		free(d->evtchn[i]);
	free(d->evtchn);
	d->evtchn = NULL;
}

/* --- shared_info; the guest changes all of it at any time --- */

static bool test_and_set(uint64_t *word, unsigned int bit)
{
	return __atomic_fetch_or(word, 1ull << bit, __ATOMIC_SEQ_CST) >> bit & 1;
}

static bool test_and_clear(uint64_t *word, unsigned int bit)
{
	return __atomic_fetch_and(word, ~(1ull << bit), __ATOMIC_SEQ_CST) >> bit & 1;
}

static bool test(const uint64_t *word, unsigned int bit)
{
	return __atomic_load_n(word, __ATOMIC_SEQ_CST) >> bit & 1;
}

static void select_word(struct xen_vcpu *v, uint32_t port)
{
	struct vcpu_info *info = &v->domain->shared_info->vcpu_info[v->id];

	if (test_and_set(&info->evtchn_pending_sel, port / 64))
		return;
	if (__atomic_exchange_n(&info->evtchn_upcall_pending, 1, __ATOMIC_SEQ_CST) == 0) {
		if (v->ops && v->ops->event)
			v->ops->event(v->ctx);
		/* Wakes what is blocked even with events masked; the guest looks for itself. */
		if (v->ops && v->ops->wake)
			v->ops->wake(v->ctx);
	}
}

static void set_pending(struct xen_domain *d, uint32_t port)
{
	struct shared_info *s = d->shared_info;
	unsigned int i;

	if (test_and_set(&s->evtchn_pending[port / 64], port % 64))
		return;
	if (!test(&s->evtchn_mask[port / 64], port % 64))
		select_word(d->vcpu[d->evtchn[port]->vcpu], port);
	for (i = 0; i < d->cfg.max_vcpus; i++) {
		struct xen_vcpu *v = d->vcpu[i];

		if (v->polling && (!v->poll_port || v->poll_port == port) && v->ops &&
		    v->ops->wake)
			v->ops->wake(v->ctx);
	}
}

bool xen_events_pending(const struct xen_vcpu *v)
{
	const struct vcpu_info *info = &v->domain->shared_info->vcpu_info[v->id];

	return __atomic_load_n(&info->evtchn_upcall_pending, __ATOMIC_SEQ_CST) &&
	       !__atomic_load_n(&info->evtchn_upcall_mask, __ATOMIC_SEQ_CST);
}

bool xen_evtchn_pending(const struct xen_domain *d, uint32_t port)
{
	return port < NR_EVENT_CHANNELS &&
	       test(&d->shared_info->evtchn_pending[port / 64], port % 64);
}

/* --- ports, with evtchn_lock held --- */

static struct xen_evtchn *find(struct xen_domain *d, uint32_t port)
{
	return port < NR_EVENT_CHANNELS ? d->evtchn[port] : NULL;
}

static int get_free_port(struct xen_domain *d)
{
	int port;

	if (d->dying)
		return -EINVAL;
	for (port = 0; port < (int)NR_EVENT_CHANNELS; port++) {
		if (!d->evtchn[port]) {
			d->evtchn[port] = calloc(1, sizeof(**d->evtchn));
			return d->evtchn[port] ? port : -ENOMEM;
		}
		if (d->evtchn[port]->state == ECS_FREE)
			return port;
	}
	return -ENOSPC;
}

static bool virq_is_global(uint32_t virq)
{
	return virq != VIRQ_TIMER && virq != VIRQ_DEBUG && virq != VIRQ_XENOPROF &&
	       virq != VIRQ_ITC && virq != VIRQ_MCA_CMC;
}

static long alloc_unbound(struct xen_domain *self, struct evtchn_alloc_unbound *a)
{
	struct xen_domain *d;
	int port;
	int ret = xen_domain_get_target(self, a->dom, &d);

	if (ret)
		return ret;
	pthread_mutex_lock(&self->host->evtchn_lock);
	port = get_free_port(d);
	if (port >= 0) {
		d->evtchn[port]->state = ECS_UNBOUND;
		d->evtchn[port]->vcpu = 0;
		d->evtchn[port]->remote_domid =
			a->remote_dom == DOMID_SELF ? self->cfg.domid : a->remote_dom;
		a->port = (uint32_t)port;
	}
	pthread_mutex_unlock(&self->host->evtchn_lock);
	xen_domain_put(d);
	return port < 0 ? port : 0;
}

static long bind_interdomain(struct xen_domain *ld, struct evtchn_bind_interdomain *b)
{
	domid_t domid = b->remote_dom == DOMID_SELF ? ld->cfg.domid : b->remote_dom;
	struct xen_domain *rd = xen_domain_get(ld->host, domid);
	struct xen_evtchn *l, *r;
	long ret;
	int port;

	if (!rd)
		return -ESRCH;
	pthread_mutex_lock(&ld->host->evtchn_lock);
	ret = port = get_free_port(ld);
	if (port < 0)
		goto out;
	ret = -EINVAL;
	r = find(rd, b->remote_port);
	if (rd->dying || !r || r->state != ECS_UNBOUND || r->remote_domid != ld->cfg.domid)
		goto out;
	l = ld->evtchn[port];
	l->state = r->state = ECS_INTERDOMAIN;
	l->vcpu = 0;
	l->remote = rd;
	l->remote_domid = domid;
	l->remote_port = b->remote_port;
	r->remote = ld;
	r->remote_domid = ld->cfg.domid;
	r->remote_port = (uint32_t)port;
	/* What the remote end sent while this one was not bound may have been lost. */
	set_pending(ld, (uint32_t)port);
	b->local_port = (uint32_t)port;
	ret = 0;
out:
	pthread_mutex_unlock(&ld->host->evtchn_lock);
	xen_domain_put(rd);
	return ret;
}

static long bind_virq(struct xen_domain *d, struct evtchn_bind_virq *b)
{
	struct xen_vcpu *v;
	long ret;
	int port;

	if (b->virq >= NR_VIRQS || (virq_is_global(b->virq) && b->vcpu))
		return -EINVAL;
	if (b->vcpu >= d->cfg.max_vcpus)
		return -ENOENT;
	v = d->vcpu[b->vcpu];
	pthread_mutex_lock(&d->host->evtchn_lock);
	ret = -EEXIST;
	if (v->virq_to_evtchn[b->virq])
		goto out;
	ret = port = get_free_port(d);
	if (port < 0)
		goto out;
	d->evtchn[port]->state = ECS_VIRQ;
	d->evtchn[port]->vcpu = (uint16_t)b->vcpu;
	d->evtchn[port]->virq = b->virq;
	v->virq_to_evtchn[b->virq] = (uint16_t)port;
	b->port = (uint32_t)port;
	ret = 0;
out:
	pthread_mutex_unlock(&d->host->evtchn_lock);
	return ret;
}

static long bind_ipi(struct xen_domain *d, struct evtchn_bind_ipi *b)
{
	int port;

	if (b->vcpu >= d->cfg.max_vcpus)
		return -ENOENT;
	pthread_mutex_lock(&d->host->evtchn_lock);
	port = get_free_port(d);
	if (port >= 0) {
		d->evtchn[port]->state = ECS_IPI;
		d->evtchn[port]->vcpu = (uint16_t)b->vcpu;
		b->port = (uint32_t)port;
	}
	pthread_mutex_unlock(&d->host->evtchn_lock);
	return port < 0 ? port : 0;
}

static long close_locked(struct xen_domain *d, uint32_t port)
{
	struct xen_evtchn *c = find(d, port), *r;
	unsigned int i;

	if (!c || c->state == ECS_FREE || c->state == ECS_RESERVED)
		return -EINVAL;
	switch (c->state) {
	case ECS_VIRQ:
		for (i = 0; i < d->cfg.max_vcpus; i++)
			if (d->vcpu[i]->virq_to_evtchn[c->virq] == port)
				d->vcpu[i]->virq_to_evtchn[c->virq] = 0;
		break;
	case ECS_INTERDOMAIN:
		r = find(c->remote, c->remote_port);
		r->state = ECS_UNBOUND;
		r->remote_domid = d->cfg.domid;
		r->remote = NULL;
		break;
	case ECS_HOST:
		/* The service keeps its end, which leads nowhere, until it closes it. */
		c->host->port = 0;
		break;
	default:
		break;
	}
	test_and_clear(&d->shared_info->evtchn_pending[port / 64], port % 64);
	memset(c, 0, sizeof(*c));
	return 0;
}

static long send(struct xen_domain *d, uint32_t port)
{
	struct xen_evtchn *c = find(d, port);

	if (!c)
		return -EINVAL;
	switch (c->state) {
	case ECS_INTERDOMAIN:
		set_pending(c->remote, c->remote_port);
		return 0;
	case ECS_HOST:
		c->host->notify(c->host->ctx);
		return 0;
	case ECS_IPI:
		set_pending(d, port);
		return 0;
	case ECS_UNBOUND:
		return 0;
	default:
		return -EINVAL;
	}
}

static long status_locked(struct xen_domain *d, struct evtchn_status *s)
{
	struct xen_evtchn *c;

	if (s->port >= NR_EVENT_CHANNELS)
		return -EINVAL;
	c = find(d, s->port);
	s->vcpu = c ? c->vcpu : 0;
	switch (c ? c->state : ECS_FREE) {
	case ECS_UNBOUND:
		s->status = EVTCHNSTAT_unbound;
		s->u.unbound.dom = c->remote_domid;
		break;
	case ECS_INTERDOMAIN:
	case ECS_HOST:
		s->status = EVTCHNSTAT_interdomain;
		s->u.interdomain.dom = c->remote_domid;
		s->u.interdomain.port = c->remote_port;
		break;
	case ECS_VIRQ:
		s->status = EVTCHNSTAT_virq;
		s->u.virq = c->virq;
		break;
	case ECS_IPI:
		s->status = EVTCHNSTAT_ipi;
		break;
	default:
		s->status = EVTCHNSTAT_closed;
		break;
	}
	return 0;
}

static long bind_vcpu_locked(struct xen_domain *d, const struct evtchn_bind_vcpu *b)
{
	struct xen_evtchn *c = find(d, b->port);

	if (b->vcpu >= d->cfg.max_vcpus)
		return -ENOENT;
	if (!c)
		return -EINVAL;
	switch (c->state) {
	case ECS_VIRQ:
		if (!virq_is_global(c->virq))
			return -EINVAL;
		break;
	case ECS_UNBOUND:
	case ECS_INTERDOMAIN:
	case ECS_HOST:
		break;
	default:
		return -EINVAL;
	}
	c->vcpu = (uint16_t)b->vcpu;
	return 0;
}

static long unmask_locked(struct xen_domain *d, uint32_t port)
{
	struct xen_evtchn *c = find(d, port);

	if (!c)
		return -EINVAL;
	if (test_and_clear(&d->shared_info->evtchn_mask[port / 64], port % 64) &&
	    test(&d->shared_info->evtchn_pending[port / 64], port % 64))
		select_word(d->vcpu[c->vcpu], port);
	return 0;
}

static void close_all_locked(struct xen_domain *d)
{
	uint32_t port;

	for (port = 1; port < NR_EVENT_CHANNELS; port++)
		close_locked(d, port);
}

long xen_evtchn_op(struct xen_domain *d, uint32_t cmd, void *arg)
{
	struct xen_domain *target = NULL;
	long ret;

	switch (cmd) {
	case EVTCHNOP_alloc_unbound:
		return alloc_unbound(d, arg);
	case EVTCHNOP_bind_interdomain:
		return bind_interdomain(d, arg);
	case EVTCHNOP_bind_virq:
		return bind_virq(d, arg);
	case EVTCHNOP_bind_ipi:
		return bind_ipi(d, arg);
	case EVTCHNOP_bind_pirq:
		/* No domain has been given a physical interrupt. */
		return -EPERM;
	case EVTCHNOP_status:
		ret = xen_domain_get_target(d, ((struct evtchn_status *)arg)->dom, &target);
		break;
	case EVTCHNOP_reset:
		ret = xen_domain_get_target(d, ((struct evtchn_reset *)arg)->dom, &target);
		break;
	default:
		ret = xen_evtchn_arg_size(cmd) ? 0 : -ENOSYS;
		break;
	}
	if (ret)
		return ret;
	pthread_mutex_lock(&d->host->evtchn_lock);
	switch (cmd) {
	case EVTCHNOP_close:
		ret = close_locked(d, ((struct evtchn_close *)arg)->port);
		break;
	case EVTCHNOP_send:
		ret = send(d, ((struct evtchn_send *)arg)->port);
		break;
	case EVTCHNOP_status:
		ret = status_locked(target, arg);
		break;
	case EVTCHNOP_bind_vcpu:
		ret = bind_vcpu_locked(d, arg);
		break;
	case EVTCHNOP_unmask:
		ret = unmask_locked(d, ((struct evtchn_unmask *)arg)->port);
		break;
	case EVTCHNOP_reset:
		close_all_locked(target);
		break;
	}
	pthread_mutex_unlock(&d->host->evtchn_lock);
	if (target)
		xen_domain_put(target);
	return ret;
}

void xen_evtchn_close_all(struct xen_domain *d)
{
	pthread_mutex_lock(&d->host->evtchn_lock);
	close_all_locked(d);
	pthread_mutex_unlock(&d->host->evtchn_lock);
}

/* --- virtual interrupts --- */

static void send_virq(struct xen_vcpu *v, uint32_t virq)
{
	uint16_t port;

	pthread_mutex_lock(&v->domain->host->evtchn_lock);
	port = v->virq_to_evtchn[virq];
	if (port)
		set_pending(v->domain, port);
	pthread_mutex_unlock(&v->domain->host->evtchn_lock);
}

void xen_send_vcpu_virq(struct xen_vcpu *v, uint32_t virq)
{
	send_virq(v, virq);
}

void xen_withdraw_vcpu_virq(struct xen_vcpu *v, uint32_t virq)
{
	uint32_t port;

	pthread_mutex_lock(&v->domain->host->evtchn_lock);
	port = v->virq_to_evtchn[virq];
	if (port)
		test_and_clear(&v->domain->shared_info->evtchn_pending[port / 64], port % 64);
	pthread_mutex_unlock(&v->domain->host->evtchn_lock);
}

void xen_send_domain_virq(struct xen_domain *d, uint32_t virq)
{
	send_virq(d->vcpu[0], virq);
}

/* --- the host's end --- */

static void attach_host(struct xen_evtchn_host *e, struct xen_domain *d, domid_t as, uint32_t port)
{
	struct xen_evtchn *c = d->evtchn[port];

	c->state = ECS_HOST;
	c->remote_domid = as;
	c->remote_port = port;
	c->host = e;
	e->domain = d;
	e->port = port;
	xen_domain_ref(d);
}

int xen_evtchn_host_bind(struct xen_evtchn_host *e, struct xen_domain *d, domid_t as, uint32_t port)
{
	struct xen_evtchn *c;
	int ret = -EINVAL;

	pthread_mutex_lock(&d->host->evtchn_lock);
	c = find(d, port);
	if (!d->dying && c && c->state == ECS_UNBOUND && c->remote_domid == as) {
		attach_host(e, d, as, port);
		ret = 0;
	}
	pthread_mutex_unlock(&d->host->evtchn_lock);
	return ret;
}

int xen_evtchn_host_open(struct xen_evtchn_host *e, struct xen_domain *d, domid_t as)
{
	int port;

	pthread_mutex_lock(&d->host->evtchn_lock);
	port = get_free_port(d);
	if (port >= 0)
		attach_host(e, d, as, (uint32_t)port);
	pthread_mutex_unlock(&d->host->evtchn_lock);
	return port < 0 ? port : 0;
}

void xen_evtchn_host_close(struct xen_evtchn_host *e)
{
	struct xen_domain *d = e->domain;

	if (!d)
		return;
	pthread_mutex_lock(&d->host->evtchn_lock);
	if (e->port) {
		struct xen_evtchn *c = d->evtchn[e->port];

		c->state = ECS_UNBOUND;
		c->host = NULL;
		c->remote_port = 0;
	}
	e->domain = NULL;
	e->port = 0;
	pthread_mutex_unlock(&d->host->evtchn_lock);
	xen_domain_put(d);
}

void xen_evtchn_host_send(struct xen_evtchn_host *e)
{
	struct xen_domain *d = e->domain;

	if (!d)
		return;
	pthread_mutex_lock(&d->host->evtchn_lock);
	if (e->port)
		set_pending(d, e->port);
	pthread_mutex_unlock(&d->host->evtchn_lock);
}
