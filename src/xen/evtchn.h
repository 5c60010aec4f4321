/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels between domains, and between a domain and the host's own services. */
#ifndef PARAVANE_XEN_EVTCHN_H
#define PARAVANE_XEN_EVTCHN_H

#include "xen/xen.h"

int xen_evtchn_init(struct xen_domain *d);
/* Closes all; frees. The domain is dying. */
void xen_evtchn_close_all(struct xen_domain *d);
void xen_evtchn_destroy(struct xen_domain *d);

/* EVTCHNOP_*: *arg is the command's structure, updated on success. 0 or -errno. Any thread. */
long xen_evtchn_op(struct xen_domain *d, uint32_t cmd, void *arg);
/* Bytes of a command's structure, 0 if there is no such command. */
size_t xen_evtchn_arg_size(uint32_t cmd);

/* A virtual interrupt, if the domain has bound it: for one vCPU, or for the domain. Any thread. */
void xen_send_vcpu_virq(struct xen_vcpu *v, uint32_t virq);
/*
 * Its port is not pending any more: the guest may find that it was called for nothing. Any thread.
 */
void xen_withdraw_vcpu_virq(struct xen_vcpu *v, uint32_t virq);
void xen_send_domain_virq(struct xen_domain *d, uint32_t virq);

/* True if the vCPU has an upcall to deliver. */
bool xen_events_pending(const struct xen_vcpu *v);
/* Whether the port's pending bit is set. False if there is no such port. */
bool xen_evtchn_pending(const struct xen_domain *d, uint32_t port);

/* --- the host's end of a channel --- */

struct xen_evtchn_host {
	struct xen_domain *domain; /* NULL: closed */
	uint32_t port;
	/* The guest sent. Any thread, with evtchn_lock held: posts work or the like. */
	void (*notify)(void *ctx);
	void *ctx;
};

/*
 * Binds to a port that the domain allocated for `as` (the domid it knows the service by). Returns
 * 0 or -EINVAL. *e with notify and ctx set; a reference to d is held until it is closed.
 */
int xen_evtchn_host_bind(struct xen_evtchn_host *e, struct xen_domain *d, domid_t as,
			 uint32_t port);
/* Allocates a port in the domain that is bound already (console, store). 0 or -errno. */
int xen_evtchn_host_open(struct xen_evtchn_host *e, struct xen_domain *d, domid_t as);
/* The port is unbound again; notify() is not called any more. Closed already is fine. */
void xen_evtchn_host_close(struct xen_evtchn_host *e);
/* Raises the event in the domain; nothing if the guest closed its end. Any thread. */
void xen_evtchn_host_send(struct xen_evtchn_host *e);

#endif
