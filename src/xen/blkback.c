/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The block back end. Requests are taken on the event loop, which never waits for a disk except when
 * the device is disconnected; they complete on the block layer's threads.
 *
 * A barrier waits until all before it in its ring is done, flushes, writes, flushes; what comes after
 * it in the ring waits meanwhile.
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

#define MAX_QUEUES 4
#define SECTORS_PER_PAGE (XEN_PAGE_SIZE / BLOCK_SECTOR)

struct queue {
	struct xen_blkback *b;
	struct xen_grant page;
	struct xen_evtchn_host evtchn;
	struct eventloop_work work;

	pthread_mutex_t lock; /* all below */
	pthread_cond_t idle;
	struct xen_back_ring ring;
	unsigned int in_flight;
	bool barrier; /* one is in flight: nothing else is taken */
	bool broken;  /* the front end lied; closed by the next work() */
	bool stop;
};

struct xen_blkback {
	struct xenbus_device dev;
	struct block *blk;
	struct queue queue[MAX_QUEUES];
	unsigned int nr_queues;
};

struct io {
	struct queue *q;
	struct block_request req;
	uint64_t id;
	uint8_t operation;
	bool barrier, then_write;
	unsigned int nr;
	struct xen_grant grant[BLKIF_MAX_SEGMENTS_PER_REQUEST];
	struct iovec iov[BLKIF_MAX_SEGMENTS_PER_REQUEST];
};

static void respond(struct queue *q, uint64_t id, uint8_t operation, int16_t status)
{
	struct blkif_response rsp = { .id = id, .operation = operation, .status = status };

	xen_ring_respond(&q->ring, &rsp, sizeof(rsp));
	if (xen_ring_publish(&q->ring))
		xen_evtchn_host_send(&q->evtchn);
}

static void finish(struct io *io, int error)
{
	struct queue *q = io->q;
	unsigned int i;

	for (i = 0; i < io->nr; i++)
		xen_grant_unmap(&io->grant[i]);
	pthread_mutex_lock(&q->lock);
	respond(q, io->id, io->operation,
		error == EOPNOTSUPP ? BLKIF_RSP_EOPNOTSUPP : error ? BLKIF_RSP_ERROR : BLKIF_RSP_OKAY);
	if (io->barrier)
		q->barrier = false;
	q->in_flight--;
	/* A barrier may wait for this, or others for this barrier. */
	if (!q->stop)
		eventloop_post(q->b->dev.env->loop, &q->work);
	pthread_cond_broadcast(&q->idle);
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

/* Maps the segments; 0 or an errno value. */
static int map_segments(struct io *io, const struct blkif_request *r, bool to_guest)
{
	struct xen_domain *d = io->q->b->dev.domain;
	domid_t as = io->q->b->dev.env->domid;

	if (r->nr_segments > BLKIF_MAX_SEGMENTS_PER_REQUEST)
		return EINVAL;
	for (; io->nr < r->nr_segments; io->nr++) {
		const struct blkif_request_segment *s = &r->seg[io->nr];

		if (s->first_sect > s->last_sect || s->last_sect >= SECTORS_PER_PAGE)
			return EINVAL;
		if (xen_grant_map(&io->grant[io->nr], d, as, s->gref, to_guest) != GNTST_okay)
			return EFAULT;
		io->iov[io->nr].iov_base = (uint8_t *)io->grant[io->nr].page +
					   s->first_sect * BLOCK_SECTOR;
		io->iov[io->nr].iov_len = (s->last_sect - s->first_sect + 1u) * BLOCK_SECTOR;
		io->req.length += io->iov[io->nr].iov_len;
	}
	io->req.iov = io->iov;
	io->req.nr_iov = io->nr;
	return 0;
}

/* Makes a block request of it; 0 or an errno value. */
static int prepare(struct io *io, const union blkif_sring_entry *e)
{
	struct xen_blkback *b = io->q->b;
	uint64_t sectors = block_size(b->blk) / BLOCK_SECTOR;
	uint64_t sector = e->req.sector_number;
	int ret;

	if (io->operation != BLKIF_OP_READ && block_read_only(b->blk))
		return EROFS;
	switch (io->operation) {
	case BLKIF_OP_READ:
	case BLKIF_OP_WRITE:
		io->req.op = io->operation == BLKIF_OP_READ ? BLOCK_READ : BLOCK_WRITE;
		ret = map_segments(io, &e->req, io->operation == BLKIF_OP_READ);
		if (!ret && !io->nr)
			ret = EINVAL;
		break;
	case BLKIF_OP_WRITE_BARRIER:
	case BLKIF_OP_FLUSH_DISKCACHE:
		io->req.op = BLOCK_FLUSH;
		ret = map_segments(io, &e->req, false);
		io->then_write = io->nr;
		break;
	case BLKIF_OP_DISCARD:
		io->req.op = BLOCK_DISCARD;
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
	if (io->req.length && (sector > sectors || io->req.length / BLOCK_SECTOR > sectors - sector))
		return EINVAL;
	io->req.offset = sector * BLOCK_SECTOR;
	io->req.done = done;
	return 0;
}

static void start(struct queue *q, const union blkif_sring_entry *e)
{
	struct io *io = calloc(1, sizeof(*io));
	int error;

	if (!io) {
		pthread_mutex_lock(&q->lock);
		respond(q, e->req.id, e->req.operation, BLKIF_RSP_ERROR);
		q->in_flight--;
		pthread_mutex_unlock(&q->lock);
		return;
	}
	io->q = q;
	io->id = e->req.id;
	io->operation = e->req.operation;
	io->barrier = io->operation == BLKIF_OP_WRITE_BARRIER;
	error = prepare(io, e);
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
	if (q->stop || q->broken || q->barrier)
		goto out;
	waiting = xen_ring_waiting(&q->ring);
	if (!waiting && xen_ring_rest(&q->ring))
		waiting = xen_ring_waiting(&q->ring);
	if (waiting < 0)
		q->broken = true;
	if (waiting <= 0)
		goto out;
	xen_ring_peek(&q->ring, 0, e);
	if (e->req.operation == BLKIF_OP_WRITE_BARRIER) {
		if (q->in_flight)
			goto out; /* its last completion posts the work again */
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

static void close_queue(struct queue *q)
{
	struct xen_blkback *b = q->b;

	/* Completions still send: the channel goes after the last. */
	pthread_mutex_lock(&q->lock);
	q->stop = true;
	while (q->in_flight)
		pthread_cond_wait(&q->idle, &q->lock);
	pthread_mutex_unlock(&q->lock);
	xen_evtchn_host_close(&q->evtchn);
	eventloop_cancel(b->dev.env->loop, &q->work);
	xen_grant_unmap(&q->page);
	pthread_mutex_destroy(&q->lock);
	pthread_cond_destroy(&q->idle);
}

static int open_queue(struct xen_blkback *b, struct queue *q, const char *dir, struct error *err)
{
	char node[64];
	int64_t ref, port;

	snprintf(node, sizeof(node), "%sring-ref", dir);
	ref = xenbus_front_number(&b->dev, node, -1);
	snprintf(node, sizeof(node), "%sevent-channel", dir);
	port = xenbus_front_number(&b->dev, node, -1);
	if (ref < 0 || port < 0)
		return error_set(err, "%sring-ref and %sevent-channel must be numbers", dir, dir);
	memset(q, 0, sizeof(*q));
	q->b = b;
	q->work = (struct eventloop_work){ .fn = work, .ctx = q };
	q->evtchn = (struct xen_evtchn_host){ .notify = notify, .ctx = q };
	if (xen_grant_map(&q->page, b->dev.domain, b->dev.env->domid, (grant_ref_t)ref, true))
		return error_set(err, "%sring-ref %lld cannot be mapped", dir, (long long)ref);
	pthread_mutex_init(&q->lock, NULL);
	pthread_cond_init(&q->idle, NULL);
	xen_ring_init(&q->ring, q->page.page, XEN_PAGE_SIZE, sizeof(union blkif_sring_entry));
	if (xen_evtchn_host_bind(&q->evtchn, b->dev.domain, b->dev.env->domid, (uint32_t)port)) {
		close_queue(q);
		return error_set(err, "%sevent-channel %lld cannot be bound", dir, (long long)port);
	}
	return 0;
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
	char *protocol = xenbus_front_read(&b->dev, "protocol");
	bool known = !protocol || !strcmp(protocol, XEN_IO_PROTO_ABI_IA64);
	char dir[32] = "";

	free(protocol);
	if (!known)
		return error_set(err, "protocol is not " XEN_IO_PROTO_ABI_IA64);
	if (n > MAX_QUEUES)
		return error_set(err, "multi-queue-num-queues is at most %d", MAX_QUEUES);
	do {
		if (n)
			snprintf(dir, sizeof(dir), "queue-%u/", b->nr_queues);
		if (open_queue(b, &b->queue[b->nr_queues], dir, err)) {
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

static const struct xenbus_ops ops = { .connect = connect, .disconnect = disconnect };

int xen_blkback_add(struct xen_blkback **out, const struct xen_backends *env, struct xen_domain *d,
		    unsigned int vdev, const char *name, struct block *blk, struct error *err)
{
	struct xen_blkback *b = calloc(1, sizeof(*b));
	bool ro = block_read_only(blk);

	if (!b)
		return error_set(err, "disk %s: out of memory", name);
	b->blk = blk;
	xenbus_device_init(&b->dev, env, d, "vbd", vdev, &ops, b);
	xenbus_back_printf(&b->dev, "dev", "%s", name);
	xenbus_back_printf(&b->dev, "mode", "%s", ro ? "r" : "w");
	xenbus_back_printf(&b->dev, "sectors", "%llu",
			   (unsigned long long)(block_size(blk) / BLOCK_SECTOR));
	xenbus_back_printf(&b->dev, "sector-size", "%u", BLOCK_SECTOR);
	xenbus_back_printf(&b->dev, "info", "%u", ro ? VDISK_READONLY : 0u);
	xenbus_back_printf(&b->dev, "feature-barrier", "%d", !ro);
	xenbus_back_printf(&b->dev, "feature-flush-cache", "%d", !ro);
	xenbus_back_printf(&b->dev, "feature-discard", "%d", !ro);
	xenbus_back_printf(&b->dev, "multi-queue-max-queues", "%d", MAX_QUEUES);
	xenbus_front_printf(&b->dev, "virtual-device", "%u", vdev);
	xenbus_front_printf(&b->dev, "device-type", "disk");
	xenbus_device_start(&b->dev);
	*out = b;
	return 0;
}

struct xenbus_device *xen_blkback_device(struct xen_blkback *b)
{
	return &b->dev;
}

void xen_blkback_remove(struct xen_blkback *b)
{
	xenbus_device_destroy(&b->dev);
	block_close(b->blk);
	free(b);
}
