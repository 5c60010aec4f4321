/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A host process: one event loop, one store, one hypervisor, and the domains that run in it.
 *
 * Threads: the event loop's own; for each domain one per vCPU and one that looks after its life
 * (pv_domain.c). What is declared here and in pv_domain.h may be called on any other thread, by
 * several at once, and blocks until it is done; never call it on the event loop's thread, on a
 * vCPU's, or from pv_host_ops (those post what they want to be done).
 *
 * Locks: host->lock -> domain's lock; both are above those of xen.h. No callback is called with
 * one held.
 */
#ifndef PARAVANE_XEN_PV_HOST_H
#define PARAVANE_XEN_PV_HOST_H

#include <pthread.h>

#include "backend/error.h"
#include "xen/xen.h"
#include "xen/xenbus.h"

struct pv_domain;
struct pv_host;

/* What has happened to a domain. */
enum pv_event {
	PV_EVENT_CREATED,  /* built; paused */
	PV_EVENT_STATE,    /* paused, unpaused, vCPUs came or went, renamed */
	PV_EVENT_SHUTDOWN, /* it has shut down or crashed: pv_domain_info() says why */
	PV_EVENT_RESTART,  /* built anew, runs */
	PV_EVENT_GONE,     /* destroyed; the last event of a domain */
};

/* On a domain's own thread or the caller's, without locks. Any may be NULL. */
struct pv_host_ops {
	void (*event)(void *ctx, struct pv_domain *d, enum pv_event event);
	/*
	 * A domid for the domain that rename-restart makes (< 0: there is none), and one that is
	 * not needed any more, also of those that pv_domain_create() made a domain with.
	 */
	int (*domid_get)(void *ctx);
	void (*domid_put)(void *ctx, domid_t domid);
	/* One line about what went wrong where nobody waits for an answer (a failed restart). */
	void (*log)(void *ctx, const char *line);
};

struct pv_host {
	struct eventloop *loop;
	struct xenstore *store;
	struct xen_host xen;
	struct xen_backends backends; /* loop, store, domid 0 */
	const struct pv_host_ops *ops;
	void *ctx;

	pthread_mutex_t lock;      /* what follows */
	pthread_cond_t changed;
	struct pv_domain *domains; /* in order of creation, by ->next */
	unsigned int nr_domains;   /* of which not all need be in the list any more */
	uint64_t last_serial;
};

/* Returns 0 with *out for pv_host_destroy(), or -1 with *err. ops outlives it. */
int pv_host_create(struct pv_host **out, const struct pv_host_ops *ops, void *ctx,
		   struct error *err);
/* Destroys the domains that are left, then the rest. NULL is fine. */
void pv_host_destroy(struct pv_host *h);

/* Returns the domain of that id or name with a reference for pv_domain_put(), or NULL. */
struct pv_domain *pv_host_domain(struct pv_host *h, domid_t domid);
struct pv_domain *pv_host_domain_named(struct pv_host *h, const char *name);
/*
 * The next domain after `d` (NULL: the first) with a reference, or NULL; drops that of `d`:
 * for (d = pv_host_next(h, NULL); d; d = pv_host_next(h, d)).
 */
struct pv_domain *pv_host_next(struct pv_host *h, struct pv_domain *d);
/* Blocks until no domain is left. */
void pv_host_wait_empty(struct pv_host *h);

#endif
