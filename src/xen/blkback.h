/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * PV disks: the back end between a domain's rings and a struct block.
 *
 * A front end may use up to XEN_BLKBACK_QUEUES rings of up to XEN_RING_MAX_PAGES pages each, and
 * requests with their segments in pages of their own. Grants are not kept mapped
 * ("feature-persistent"): mapping one is a look-up here, copying would cost more.
 */
#ifndef PARAVANE_XEN_BLKBACK_H
#define PARAVANE_XEN_BLKBACK_H

#include "xen/xenbus.h"

#define XEN_BLKBACK_QUEUES 4
#define XEN_BLKBACK_INDIRECT 256 /* segments of a request */

struct block;
struct xen_blkback;

struct xen_blkback_config {
	unsigned int vdev;  /* virtual device number */
	const char *name;   /* of it in the store: "xvda" */
	bool cdrom;
	bool discard;       /* offered if the disk can be written */
};

struct xen_blkback_stats {
	uint64_t reads, writes, read_bytes, written_bytes, flushes, discards, errors;
};

/*
 * Adds a disk. blk stays the caller's, who closes it after xen_blkback_remove(). 0, or -1 with
 * *err. Any thread.
 */
int xen_blkback_add(struct xen_blkback **out, const struct xen_backends *env, struct xen_domain *d,
		    const struct xen_blkback_config *config, struct block *blk, struct error *err);
struct xenbus_device *xen_blkback_device(struct xen_blkback *b);
/* Any thread. */
void xen_blkback_stats(struct xen_blkback *b, struct xen_blkback_stats *out);
/* Waits for all I/O; the front end is not asked. Not on the loop's thread. */
void xen_blkback_remove(struct xen_blkback *b);

#endif
