/* SPDX-License-Identifier: GPL-2.0-or-later */
/* PV disks: the back end between a domain's rings and a struct block. */
#ifndef PARAVANE_XEN_BLKBACK_H
#define PARAVANE_XEN_BLKBACK_H

#include "xen/xenbus.h"

struct block;
struct xen_blkback;

/*
 * Adds a disk (virtual device number vdev, name in the store `name`, e.g. "xvda"). Takes blk over
 * when it returns 0; -1 with *err leaves it the caller's. Any thread but the loop's.
 */
int xen_blkback_add(struct xen_blkback **out, const struct xen_backends *env, struct xen_domain *d,
		    unsigned int vdev, const char *name, struct block *blk, struct error *err);
struct xenbus_device *xen_blkback_device(struct xen_blkback *b);
/* Waits for all I/O, closes the disk; the front end is not asked. Not on the loop's thread. */
void xen_blkback_remove(struct xen_blkback *b);

#endif
