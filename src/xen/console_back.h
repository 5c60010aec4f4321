/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The PV console: a domain's page and event channel on one side, a character device behind. */
#ifndef PARAVANE_XEN_CONSOLE_BACK_H
#define PARAVANE_XEN_CONSOLE_BACK_H

#include "backend/error.h"
#include "xen/xen.h"

struct chardev;
struct eventloop;
struct xen_console;

/*
 * Serves the page at gpfn (RAM of the domain; start_info's console.domU.mfn) to `dev`, which stays
 * the caller's; *port is for start_info. 0, or -1 with *err. Not on the loop's thread.
 */
int xen_console_open(struct xen_console **out, struct eventloop *el, struct xen_domain *d,
		     domid_t as, xen_pfn_t gpfn, struct chardev *dev, uint32_t *port,
		     struct error *err);
/* NULL is fine. Not on the loop's thread; before chardev_destroy(). */
void xen_console_close(struct xen_console *c);

#endif
