/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host process: what its domains share, and the list of them. */
#include "xen/pv_host.h"

#include <stdlib.h>
#include <string.h>

#include "backend/eventloop.h"
#include "backend/xenstore.h"
#include "xen/pv_domain.h"
#include "xen/pv_domain_impl.h"

#define BACKEND_DOMID 0

int pv_host_create(struct pv_host **out, const struct pv_host_ops *ops, void *ctx,
		   struct error *err)
{
	struct pv_host *h = calloc(1, sizeof(*h));

	*out = NULL;
	if (!h)
		return error_set(err, "out of memory");
	h->ops = ops;
	h->ctx = ctx;
	pthread_mutex_init(&h->lock, NULL);
	pthread_cond_init(&h->changed, NULL);
	if (eventloop_create(&h->loop, err) < 0)
		goto fail;
	h->store = xenstore_create(NULL);
	if (!h->store || xen_host_init(&h->xen, h->loop)) {
		error_set(err, "out of memory");
		goto fail;
	}
	h->backends = (struct xen_backends){
		.loop = h->loop,
		.store = h->store,
		.domid = BACKEND_DOMID,
	};
	*out = h;
	return 0;
fail:
	if (h->store)
		xenstore_destroy(h->store);
	eventloop_destroy(h->loop);
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->lock);
	free(h);
	return -1;
}

void pv_host_wait_empty(struct pv_host *h)
{
	pthread_mutex_lock(&h->lock);
	while (h->nr_domains)
		pthread_cond_wait(&h->changed, &h->lock);
	pthread_mutex_unlock(&h->lock);
}

void pv_host_destroy(struct pv_host *h)
{
	struct pv_domain *d;
	struct error err;

	if (!h)
		return;
	while ((d = pv_host_next(h, NULL))) {
		pv_domain_destroy(d, &err);
		pv_domain_put(d);
	}
	pv_host_wait_empty(h);
	xenstore_destroy(h->store);
	xen_host_destroy(&h->xen);
	eventloop_destroy(h->loop);
	pthread_cond_destroy(&h->changed);
	pthread_mutex_destroy(&h->lock);
	free(h);
}

struct pv_domain *pv_host_domain(struct pv_host *h, domid_t domid)
{
	struct pv_domain *d;

	pthread_mutex_lock(&h->lock);
	for (d = h->domains; d && d->domid != domid; d = d->next)
		;
	if (d)
		pv_domain_ref(d);
	pthread_mutex_unlock(&h->lock);
	return d;
}

struct pv_domain *pv_host_domain_named(struct pv_host *h, const char *name)
{
	struct pv_domain *d;
	bool found = false;

	pthread_mutex_lock(&h->lock);
	for (d = h->domains; d; d = d->next) {
		pthread_mutex_lock(&d->lock);
		found = !strcmp(d->name, name);
		pthread_mutex_unlock(&d->lock);
		if (found)
			break;
	}
	if (d)
		pv_domain_ref(d);
	pthread_mutex_unlock(&h->lock);
	return d;
}

struct pv_domain *pv_host_next(struct pv_host *h, struct pv_domain *d)
{
	struct pv_domain *next;
	uint64_t after = d ? d->serial : 0;

	/* By number, as `d` may have left the list meanwhile. */
	pthread_mutex_lock(&h->lock);
	for (next = h->domains; next && next->serial <= after; next = next->next)
		;
	if (next)
		pv_domain_ref(next);
	pthread_mutex_unlock(&h->lock);
	if (d)
		pv_domain_put(d);
	return next;
}
