/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PV network cards: the back end between a domain's two rings and a struct net. */
#ifndef PARAVANE_XEN_NETBACK_H
#define PARAVANE_XEN_NETBACK_H

#include "xen/xenbus.h"

struct net;
struct xen_netback;

/*
 * Adds card number devid. The net's event loop is env->loop. Takes net over when it returns 0; -1
 * with *err leaves it the caller's. Any thread but the loop's.
 */
int xen_netback_add(struct xen_netback **out, const struct xen_backends *env, struct xen_domain *d,
		    unsigned int devid, const uint8_t mac[6], struct net *net, struct error *err);
struct xenbus_device *xen_netback_device(struct xen_netback *n);
/* Closes the net; the front end is not asked. Not on the loop's thread. */
void xen_netback_remove(struct xen_netback *n);

#endif
