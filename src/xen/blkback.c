/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The block back end. Requests are taken on the event loop, which never waits for a disk; they
 * complete on the block layer's threads.
 *
 * A barrier waits until all before it in its ring is done, flushes, writes, flushes; what comes
 * after it in the ring waits meanwhile.
 */
#include "xen/blkback.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/interface/io/blkif.h>
#include <xen/interface/io/protocols.h>

#include "backend/block.h"
#include "xen/evtchn.h"
#include "xen/gnttab.h"
#include "xen/ring.h"

#define SECTORS_PER_PAGE (XEN_PAGE_SIZE / BLOCK_SECTOR)
#define MAX_RING_ORDER 2 /* log2 of XEN_RING_MAX_PAGES */
#define SEGMENTS_PER_PAGE (XEN_PAGE_SIZE / sizeof(struct blkif_request_segment))

struct queue {
	struct xen_blkback *b;
	struct xen_grant page[XEN_RING_MAX_PAGES];
	struct xen_evtchn_host evtchn;
	struct eventloop_work work;

	pthread_mutex_t lock; /* all below */
	struct xen_back_ring ring;
	unsigned int in_flight;
	bool barrier; /* one is in flight: nothing else is taken */
	bool held;    /* a request waits for one that is in flight */
	bool broken;  /* the front end lied; closed by the next work() */
	bool stop;
};

struct xen_blkback {
	struct xenbus_device dev;
	struct block *blk;
	bool discard;
	struct queue queue[XEN_BLKBACK_QUEUES];
	unsigned int nr_queues;
	pthread_mutex_t stats_lock;
	struct xen_blkback_stats stats;
};

struct io {
	struct queue *q;
	struct block_request req;
	uint64_t id;
	uint8_t operation; /* as the response names it */
	bool barrier, then_write;
	unsigned int nr;
	struct xen_grant *grant;
	struct iovec iov[];
};

static void respond(struct queue *q, uint64_t id, uint8_t operation, int16_t status)
{
	struct blkif_response rsp = { .id = id, .operation = operation, .status = status };

	xen_ring_respond(&q->ring, &rsp, sizeof(rsp));
	if (xen_ring_publish(&q->ring))
		xen_evtchn_host_send(&q->evtchn);
}

static void count(struct xen_blkback *b, const struct io *io, int error)
{
	struct xen_blkback_stats *s = &b->stats;

	pthread_mutex_lock(&b->stats_lock);
	if (error) {
		s->errors++;
	} else if (io->operation == BLKIF_OP_DISCARD) {
		s->discards++;
	} else if (io->req.op == BLOCK_FLUSH) {
		s->flushes++;
	} else if (io->req.op == BLOCK_READ) {
		s->reads++;
		s->read_bytes += io->req.length;
	} else {
		s->writes++;
		s->written_bytes += io->req.length;
	}
	pthread_mutex_unlock(&b->stats_lock);
}

static void finish(struct io *io, int error)
{
	struct queue *q = io->q;
	unsigned int i;

	for (i = 0; i < io->nr; i++)
		xen_grant_unmap(&io->grant[i]);
	count(q->b, io, error);
	pthread_mutex_lock(&q->lock);
	respond(q, io->id, io->operation, !error ? BLKIF_RSP_OKAY :
		error == EOPNOTSUPP ? BLKIF_RSP_EOPNOTSUPP : BLKIF_RSP_ERROR);
	if (io->barrier)
		q->barrier = false;
	q->in_flight--;
	/* A barrier may wait for this, or others for this barrier; or the end of the ring does. */
	if (q->held && !q->stop) {
		q->held = false;
		eventloop_post(q->b->dev.env->loop, &q->work);
	} else if (q->stop && !q->in_flight) {
		xenbus_device_again(&q->b->dev);
	}
	pthread_mutex_unlock(&q->lock);
	free(io);
}

static void done(struct block_request *req, int error)
{
	struct io *io = (struct io *)((char *)req - offsetof(struct io, req));

	if (!error && io->then_write) {
		io->then_write = false;
		io->req.op = BLOCK_WRITE;
		io->req.flush_after = true;
		block_submit(io->q->b->blk, &io->req);
		return;
	}
	finish(io, error);
}

/* Maps one segment; 0 or an errno value. */
static int map_segment(struct io *io, const struct blkif_request_segment *s, bool to_guest)
{
	struct xen_domain *d = io->q->b->dev.domain;
	domid_t as = io->q->b->dev.env->domid;
	struct xen_grant *g = &io->grant[io->nr];
	struct iovec *v = &io->iov[io->nr];

	if (s->first_sect > s->last_sect || s->last_sect >= SECTORS_PER_PAGE)
		return EINVAL;
	if (xen_grant_map(g, d, as, s->gref, to_guest) != GNTST_okay)
		return EFAULT;
	v->iov_base = (uint8_t *)g->page + s->first_sect * BLOCK_SECTOR;
	v->iov_len = (s->last_sect - s->first_sect + 1u) * BLOCK_SECTOR;
	io->req.length += v->iov_len;
	io->req.iov = io->iov;
	io->req.nr_iov = ++io->nr;
	return 0;
}

static int map_segments(struct io *io, const struct blkif_request *r, bool to_guest)
{
	unsigned int i;
	int ret = 0;

	for (i = 0; i < r->nr_segments && !ret; i++)
		ret = map_segment(io, &r->seg[i], to_guest);
	return ret;
}

/* Each descriptor is copied out before it is looked at: its page is the guest's. */
static int map_indirect(struct io *io, const struct blkif_request_indirect *r, bool to_guest)
{
	struct xen_domain *d = io->q->b->dev.domain;
	domid_t as = io->q->b->dev.env->domid;
	struct xen_grant g = { 0 };
	unsigned int i;
	int ret = 0;

	for (i = 0; i < r->nr_segments && !ret; i++) {
		struct blkif_request_segment s;

		if (i % SEGMENTS_PER_PAGE == 0) {
			xen_grant_unmap(&g);
			if (xen_grant_map(&g, d, as, r->indirect_grefs[i / SEGMENTS_PER_PAGE],
					  false) != GNTST_okay)
				return EFAULT;
		}
		memcpy(&s, (uint8_t *)g.page + i % SEGMENTS_PER_PAGE * sizeof(s), sizeof(s));
		ret = map_segment(io, &s, to_guest);
	}
	xen_grant_unmap(&g);
	return ret;
}

/* The number of segments a request may have room for; 0: none, or more than are allowed. */
static unsigned int segments_of(const union blkif_sring_entry *e)
{
	unsigned int nr = e->req.nr_segments, max = BLKIF_MAX_SEGMENTS_PER_REQUEST;

	if (e->req.operation == BLKIF_OP_DISCARD)
		return 0;
	if (e->req.operation == BLKIF_OP_INDIRECT) {
		nr = e->indirect.nr_segments;
		max = XEN_BLKBACK_INDIRECT;
	}
	return nr <= max ? nr : 0;
}

static int prepare_rw(struct io *io, const union blkif_sring_entry *e, unsigned int room, bool read)
{
	io->req.op = read ? BLOCK_READ : BLOCK_WRITE;
	if (!room)
		return EINVAL;
	return e->req.operation == BLKIF_OP_INDIRECT ? map_indirect(io, &e->indirect, read)
						     : map_segments(io, &e->req, read);
}

/* Makes a block request of it; 0 or an errno value. */
static int prepare(struct io *io, const union blkif_sring_entry *e, unsigned int room)
{
	struct xen_blkback *b = io->q->b;
	uint64_t sectors = block_size(b->blk) / BLOCK_SECTOR;
	uint64_t sector = e->req.sector_number;
	uint8_t op = e->req.operation;
	int ret;

	if (op == BLKIF_OP_INDIRECT) {
		op = e->indirect.indirect_op;
		sector = e->indirect.sector_number;
		if (op != BLKIF_OP_READ && op != BLKIF_OP_WRITE)
			return EINVAL;
	}
	if (op != BLKIF_OP_READ && block_read_only(b->blk))
		return EROFS;
	switch (op) {
	case BLKIF_OP_READ:
	case BLKIF_OP_WRITE:
		ret = prepare_rw(io, e, room, op == BLKIF_OP_READ);
		break;
	case BLKIF_OP_WRITE_BARRIER:
	case BLKIF_OP_FLUSH_DISKCACHE:
		io->req.op = BLOCK_FLUSH;
		ret = room == e->req.nr_segments ? map_segments(io, &e->req, false) : EINVAL;
		io->then_write = io->nr;
		break;
	case BLKIF_OP_DISCARD:
		io->req.op = BLOCK_DISCARD;
		if (!b->discard)
			return EOPNOTSUPP;
		if (e->discard.nr_sectors > sectors)
			return EINVAL;
		io->req.length = e->discard.nr_sectors * BLOCK_SECTOR;
		ret = 0;
		break;
	default:
		return EOPNOTSUPP;
	}
	if (ret)
		return ret;
	if (io->req.length &&
	    (sector > sectors || io->req.length / BLOCK_SECTOR > sectors - sector))
		return EINVAL;
	io->req.offset = sector * BLOCK_SECTOR;
	io->req.done = done;
	return 0;
}

/* A front end knows an indirect request by what it does: public/io/blkif.h. */
static uint8_t response_operation(const union blkif_sring_entry *e)
{
	return e->req.operation == BLKIF_OP_INDIRECT ? e->indirect.indirect_op : e->req.operation;
}

static void start(struct queue *q, const union blkif_sring_entry *e)
{
	unsigned int room = segments_of(e);
	struct io *io = calloc(1, sizeof(*io) + room * (sizeof(*io->iov) + sizeof(*io->grant)));
	int error;

	if (!io) {
		pthread_mutex_lock(&q->lock);
		respond(q, e->req.id, response_operation(e), BLKIF_RSP_ERROR);
		if (e->req.operation == BLKIF_OP_WRITE_BARRIER)
			q->barrier = false;
		q->in_flight--;
		pthread_mutex_unlock(&q->lock);
		return;
	}
	io->q = q;
	io->id = e->req.id;
	io->operation = response_operation(e);
	io->barrier = e->req.operation == BLKIF_OP_WRITE_BARRIER;
	io->grant = (struct xen_grant *)(io->iov + room);
	error = prepare(io, e, room);
	if (error)
		finish(io, error);
	else
		block_submit(q->b->blk, &io->req);
}

/* Takes the next request if there is one and it may begin. */
static bool take(struct queue *q, union blkif_sring_entry *e)
{
	int waiting;
	bool ok = false;

	pthread_mutex_lock(&q->lock);
	q->held = q->barrier;
	if (q->stop || q->broken || q->barrier)
		goto out;
	waiting = xen_ring_waiting(&q->ring);
	if (!waiting && xen_ring_rest(&q->ring, 1))
		waiting = xen_ring_waiting(&q->ring);
	if (waiting < 0)
		q->broken = true;
	if (waiting <= 0)
		goto out;
	xen_ring_peek(&q->ring, 0, e);
	if (e->req.operation == BLKIF_OP_WRITE_BARRIER) {
		q->held = q->in_flight;
		if (q->held)
			goto out;
		q->barrier = true;
	}
	xen_ring_take(&q->ring, 1);
	q->in_flight++;
	ok = true;
out:
	pthread_mutex_unlock(&q->lock);
	return ok;
}

static void work(void *ctx)
{
	struct queue *q = ctx;
	union blkif_sring_entry e;
	uint32_t n;

	for (n = 0; n < q->ring.nr && take(q, &e); n++)
		start(q, &e);
	if (q->broken && !q->stop)
		xenbus_device_fail(&q->b->dev, "the ring's indices make no sense");
	else if (n == q->ring.nr && n)
		eventloop_post(q->b->dev.env->loop, &q->work); /* others' turn in between */
}

static void notify(void *ctx)
{
	struct queue *q = ctx;

	eventloop_post(q->b->dev.env->loop, &q->work);
}

static void unmap_ring(struct queue *q)
{
	unsigned int i;

	for (i = 0; i < XEN_RING_MAX_PAGES; i++)
		xen_grant_unmap(&q->page[i]);
}

/* True: nothing of it is under way. */
static bool stop_queue(struct queue *q)
{
	bool idle;

	pthread_mutex_lock(&q->lock);
	q->stop = true;
	idle = !q->in_flight;
	pthread_mutex_unlock(&q->lock);
	return idle;
}

static void close_queue(struct queue *q)
{
	xen_evtchn_host_close(&q->evtchn);
	eventloop_cancel(q->b->dev.env->loop, &q->work);
	unmap_ring(q);
	pthread_mutex_destroy(&q->lock);
}

/* The ring's pages: "ring-ref", or "ring-ref0" and so on if there is more than one. */
static int map_ring(struct queue *q, const char *dir, unsigned int pages, struct error *err)
{
	struct xen_blkback *b = q->b;
	void *page[XEN_RING_MAX_PAGES];
	unsigned int i;
	char node[64];
	int64_t ref;

	for (i = 0; i < pages; i++) {
		snprintf(node, sizeof(node), pages > 1 ? "%sring-ref%u" : "%sring-ref", dir, i);
		ref = xenbus_front_number(&b->dev, node, -1);
		if (ref < 0)
			return error_set(err, "%s must be a number", node);
		if (xen_grant_map(&q->page[i], b->dev.domain, b->dev.env->domid, (grant_ref_t)ref,
				  true))
			return error_set(err, "%s %lld cannot be mapped", node, (long long)ref);
		page[i] = q->page[i].page;
	}
	xen_ring_init(&q->ring, page, pages, sizeof(union blkif_sring_entry));
	return 0;
}

static int open_queue(struct xen_blkback *b, struct queue *q, const char *dir, unsigned int pages,
		      struct error *err)
{
	char node[64];
	int64_t port;

	snprintf(node, sizeof(node), "%sevent-channel", dir);
	port = xenbus_front_number(&b->dev, node, -1);
	if (port < 0)
		return error_set(err, "%s must be a number", node);
	memset(q, 0, sizeof(*q));
	q->b = b;
	q->work = (struct eventloop_work){ .fn = work, .ctx = q };
	q->evtchn = (struct xen_evtchn_host){ .notify = notify, .ctx = q };
	if (map_ring(q, dir, pages, err)) {
		unmap_ring(q);
		return -1;
	}
	pthread_mutex_init(&q->lock, NULL);
	if (xen_evtchn_host_bind(&q->evtchn, b->dev.domain, b->dev.env->domid, (uint32_t)port)) {
		close_queue(q);
		return error_set(err, "%s %lld cannot be bound", node, (long long)port);
	}
	return 0;
}

static bool quiesce(void *ctx)
{
	struct xen_blkback *b = ctx;
	bool idle = true;
	unsigned int i;

	for (i = 0; i < b->nr_queues; i++)
		idle &= stop_queue(&b->queue[i]);
	return idle;
}

static void disconnect(void *ctx)
{
	struct xen_blkback *b = ctx;

	while (b->nr_queues)
		close_queue(&b->queue[--b->nr_queues]);
}

static int connect(void *ctx, struct error *err)
{
	struct xen_blkback *b = ctx;
	int64_t n = xenbus_front_number(&b->dev, "multi-queue-num-queues", 0);
	int64_t order = xenbus_front_number(&b->dev, "ring-page-order", 0);
	int64_t pages = xenbus_front_number(&b->dev, "num-ring-pages", 1 << (order & 15));
	char *protocol = xenbus_front_read(&b->dev, "protocol");
	bool known = !protocol || !strcmp(protocol, XEN_IO_PROTO_ABI_IA64);
	char dir[32] = "";

	free(protocol);
	if (!known)
		return error_set(err, "protocol is not " XEN_IO_PROTO_ABI_IA64);
	if (n > XEN_BLKBACK_QUEUES)
		return error_set(err, "multi-queue-num-queues is at most %d", XEN_BLKBACK_QUEUES);
	if (order > MAX_RING_ORDER || pages < 1 || pages > (int64_t)XEN_RING_MAX_PAGES ||
	    (pages & (pages - 1)))
		return error_set(err, "ring-page-order is at most %d (num-ring-pages: 1, 2, ... "
				 "%u)", MAX_RING_ORDER, XEN_RING_MAX_PAGES);
	do {
		/* One queue's details stand in the device's own directory. */
		if (n > 1)
			snprintf(dir, sizeof(dir), "queue-%u/", b->nr_queues);
		if (open_queue(b, &b->queue[b->nr_queues], dir, (unsigned int)pages, err)) {
			disconnect(b);
			return -1;
		}
		b->nr_queues++;
	} while (b->nr_queues < n);
	/* Requests may have come before the channel was bound. */
	for (n = 0; n < b->nr_queues; n++)
		eventloop_post(b->dev.env->loop, &b->queue[n].work);
	return 0;
}

static const struct xenbus_ops ops = {
	.connect = connect,
	.quiesce = quiesce,
	.disconnect = disconnect,
};

int xen_blkback_add(struct xen_blkback **out, const struct xen_backends *env, struct xen_domain *d,
		    const struct xen_blkback_config *config, struct block *blk, struct error *err)
{
	struct xen_blkback *b = calloc(1, sizeof(*b));
	const char *type = config->cdrom ? "cdrom" : "disk";
	bool ro = block_read_only(blk);

	if (!b)
		return error_set(err, "disk %s: out of memory", config->name);
	pthread_mutex_init(&b->stats_lock, NULL);
	b->blk = blk;
	b->discard = config->discard && !ro;
	xenbus_device_init(&b->dev, env, d, "vbd", config->vdev, &ops, b);
	xenbus_back_printf(&b->dev, "dev", "%s", config->name);
	xenbus_back_printf(&b->dev, "type", "phy");
	xenbus_back_printf(&b->dev, "mode", "%s", ro ? "r" : "w");
	xenbus_back_printf(&b->dev, "device-type", "%s", type);
	xenbus_back_printf(&b->dev, "removable", "%d", config->cdrom);
	xenbus_back_printf(&b->dev, "bootable", "1");
	xenbus_back_printf(&b->dev, "sectors", "%llu",
			   (unsigned long long)(block_size(blk) / BLOCK_SECTOR));
	xenbus_back_printf(&b->dev, "sector-size", "%u", BLOCK_SECTOR);
	xenbus_back_printf(&b->dev, "physical-sector-size", "%u", BLOCK_SECTOR);
	xenbus_back_printf(&b->dev, "info", "%u",
			   (ro ? VDISK_READONLY : 0u) | (config->cdrom ? VDISK_CDROM : 0u));
	xenbus_back_printf(&b->dev, "feature-barrier", "%d", !ro);
	xenbus_back_printf(&b->dev, "feature-flush-cache", "%d", !ro);
	xenbus_back_printf(&b->dev, "feature-discard", "%d", b->discard);
	if (b->discard) {
		xenbus_back_printf(&b->dev, "discard-granularity", "%u", BLOCK_SECTOR);
		xenbus_back_printf(&b->dev, "discard-alignment", "0");
		xenbus_back_printf(&b->dev, "discard-secure", "0");
	}
	xenbus_back_printf(&b->dev, "feature-persistent", "0");
	xenbus_back_printf(&b->dev, "feature-max-indirect-segments", "%u", XEN_BLKBACK_INDIRECT);
	xenbus_back_printf(&b->dev, "max-ring-page-order", "%u", MAX_RING_ORDER);
	xenbus_back_printf(&b->dev, "max-ring-pages", "%u", XEN_RING_MAX_PAGES);
	xenbus_back_printf(&b->dev, "multi-queue-max-queues", "%d", XEN_BLKBACK_QUEUES);
	xenbus_front_printf(&b->dev, "virtual-device", "%u", config->vdev);
	xenbus_front_printf(&b->dev, "device-type", "%s", type);
	xenbus_device_start(&b->dev);
	*out = b;
	return 0;
}

struct xenbus_device *xen_blkback_device(struct xen_blkback *b)
{
	return &b->dev;
}

void xen_blkback_stats(struct xen_blkback *b, struct xen_blkback_stats *out)
{
	pthread_mutex_lock(&b->stats_lock);
	*out = b->stats;
	pthread_mutex_unlock(&b->stats_lock);
}

void xen_blkback_remove(struct xen_blkback *b)
{
	xenbus_device_destroy(&b->dev);
	pthread_mutex_destroy(&b->stats_lock);
	free(b);
}
