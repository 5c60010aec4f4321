/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PV network cards: the back end between a domain's rings and a struct net.
 *
 * A front end may use up to XEN_NETBACK_QUEUES pairs of rings, with one event channel for both or
 * one for each. Received pages are copied ("request-rx-copy"), never exchanged. The control ring is
 * not offered, so a front end has nothing to set up there.
 */
#ifndef PARAVANE_XEN_NETBACK_H
#define PARAVANE_XEN_NETBACK_H

#include "xen/xenbus.h"

#define XEN_NETBACK_QUEUES 4

struct net;
struct xen_netback;

/* As the guest sees it: rx is what it has received. */
struct xen_netback_stats {
	uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes, tx_errors;
};

/*
 * Adds card number devid. The net's event loop is env->loop; it stays the caller's, who closes it
 * after xen_netback_remove(). 0, or -1 with *err. Any thread.
 */
int xen_netback_add(struct xen_netback **out, const struct xen_backends *env, struct xen_domain *d,
		    unsigned int devid, const uint8_t mac[6], struct net *net, struct error *err);
struct xenbus_device *xen_netback_device(struct xen_netback *n);
/* Any thread. */
void xen_netback_stats(struct xen_netback *n, struct xen_netback_stats *out);
/* The front end is not asked. Not on the loop's thread. */
void xen_netback_remove(struct xen_netback *n);

#endif
