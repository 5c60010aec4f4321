/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The inside of a domain, for pv_*.c. */
#ifndef PARAVANE_XEN_PV_DOMAIN_IMPL_H
#define PARAVANE_XEN_PV_DOMAIN_IMPL_H

#include "xen/pv_domain.h"
#include "xen/pv_instance.h"

struct pv_request;

struct pv_domain {
	struct pv_host *host;
	struct pv_domain *next;       /* host->lock */
	uint64_t serial;              /* in order of creation, from 1 */
	_Atomic unsigned int refs;
	domid_t domid;
	/* Its own thread only, but for maxvcpus, jit, uuid, which do not change. */
	struct pv_domain_config config; /* strings are its own; name is below */
	struct pv_devices *devices;
	struct chardev *chardev;
	struct observers observers;   /* of `run` */
	bool successor;               /* made by rename-restart */

	pthread_mutex_t lock;         /* all below */
	pthread_cond_t changed;
	char name[PV_MAX_NAME];
	/*
	 * NULL: gone, or between two of them. Set by its own thread, which reads it without lock.
	 */
	struct pv_instance *run;
	struct pv_request *requests, **last_request;
	bool built;                   /* for who waits in pv_domain_create() */
	bool paused;                  /* by pv_domain_pause() */
	bool ended;                   /* the instance has shut down */
	bool settled;                 /* and stays as it is (preserve, suspend) */
	bool destroy;                 /* it is to be ended */
	bool gone;                    /* nothing is left */
	unsigned int restarts;
	uint64_t target;              /* of the balloon */
	cpu_set_t affinity[PV_MAX_VCPUS];
};

/*
 * Runs fn on the domain's own thread, when that has nothing else to do, and returns what it does.
 * -1 with *err if the domain is gone.
 */
int pv_domain_do(struct pv_domain *d, int (*fn)(struct pv_domain *d, void *arg, struct error *err),
		 void *arg, struct error *err);

/* The rest is for the domain's own thread. */
void pv_domain_event(struct pv_domain *d, enum pv_event event);
/* In the list and in the store. 0, or -1 with *err: no name, or another has it. */
int pv_domain_set_name(struct pv_domain *d, const char *name, struct error *err);

#endif
