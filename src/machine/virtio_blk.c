/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtio disk (VIRTIO 1.1, 5.2). vCPU threads submit, the back end's threads complete; at most
 * as many requests are under way as the queue has entries.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/block.h"
#include "backend/iov.h"
#include "machine/virtio.h"

#define TYPE_BLOCK 2
#define QUEUE_SIZE 256
#define ID_BYTES 20

enum {
	F_SIZE_MAX = 1 << 1,
	F_SEG_MAX = 1 << 2,
	F_RO = 1 << 5,
	F_BLK_SIZE = 1 << 6,
	F_FLUSH = 1 << 9,
	F_CONFIG_WCE = 1 << 11,
	F_DISCARD = 1 << 13,
	F_WRITE_ZEROES = 1 << 14,
};

enum {
	T_IN = 0,
	T_OUT = 1,
	T_FLUSH = 4,
	T_GET_ID = 8,
	T_DISCARD = 11,
	T_WRITE_ZEROES = 13,
};

enum { S_OK, S_IOERR, S_UNSUPP };

struct blk_config {
	uint64_t capacity; /* sectors */
	uint32_t size_max;
	uint32_t seg_max;
	uint8_t geometry[4];
	uint32_t blk_size;
	uint8_t topology[8];
	uint8_t writeback;
	uint8_t unused0[3];
	uint32_t max_discard_sectors;
	uint32_t max_discard_seg;
	uint32_t discard_sector_alignment;
	uint32_t max_write_zeroes_sectors;
	uint32_t max_write_zeroes_seg;
	uint8_t write_zeroes_may_unmap;
	uint8_t unused1[3];
};

#define CONFIG_SIZE 60 /* without the structure's padding */

_Static_assert(offsetof(struct blk_config, max_discard_sectors) == 36, "block configuration");
_Static_assert(offsetof(struct blk_config, unused1) + 3 == CONFIG_SIZE, "block configuration");

struct blk_header {
	uint32_t type;
	uint32_t reserved;
	uint64_t sector;
};

struct blk_range {
	uint64_t sector;
	uint32_t sectors;
	uint32_t flags; /* bit 0: unmap */
};

struct virtio_blk {
	struct virtio_device vdev;
	struct block *blk;
	char id[ID_BYTES + 1];
	/* Guarded by vdev.lock. */
	unsigned int in_flight;
	pthread_cond_t idle; /* in_flight has become 0 */
};

struct request {
	struct block_request req;
	struct virtio_blk *dev;
	struct virtio_chain *chain;
	struct iovec data[]; /* as many as the chain has pieces */
};

static struct virtio_blk *to_blk(struct virtio_device *vdev)
{
	return (struct virtio_blk *)vdev;
}

static void complete(struct virtio_blk *dev, struct virtio_chain *chain, uint8_t status)
{
	struct virtio_queue *vq = &dev->vdev.queues[0];

	iov_from_buf(chain->in, chain->nr_in, chain->in_len - 1, &status, 1);
	virtio_push(vq, chain, chain->in_len);
	virtio_signal(vq);
}

static void run_queue(struct virtio_blk *dev);

static void request_done(struct block_request *req, int error)
{
	struct request *r = (struct request *)req;
	struct virtio_blk *dev = r->dev;

	pthread_mutex_lock(&dev->vdev.lock);
	complete(dev, r->chain, error ? S_IOERR : S_OK);
	free(r);
	dev->in_flight--;
	/* What had to wait for a free place can go now. */
	run_queue(dev);
	if (!dev->in_flight)
		pthread_cond_broadcast(&dev->idle);
	pthread_mutex_unlock(&dev->vdev.lock);
}

/* VIRTIO 1.1, 5.2.6.2: does the driver know of a cache, and wants it? */
static bool writeback(const struct virtio_blk *dev)
{
	const struct blk_config *c = (const struct blk_config *)dev->vdev.config;

	if (virtio_has(&dev->vdev, F_CONFIG_WCE))
		return c->writeback;
	return virtio_has(&dev->vdev, F_FLUSH);
}

/* Fills in the request; returns S_OK, or the status that answers it at once. */
static uint8_t parse(struct virtio_blk *dev, struct request *r, const struct blk_header *h)
{
	struct virtio_chain *chain = r->chain;
	size_t out = chain->out_len - sizeof(*h), in = chain->in_len - 1;
	struct block_request *req = &r->req;
	uint64_t sector = h->sector;
	struct blk_range range;

	req->flush_after = !writeback(dev);
	switch (h->type) {
	case T_IN:
		req->op = BLOCK_READ;
		req->length = in;
		req->nr_iov = iov_slice(chain->in, chain->nr_in, 0, in, r->data);
		break;
	case T_OUT:
		req->op = BLOCK_WRITE;
		req->length = out;
		req->nr_iov = iov_slice(chain->out, chain->nr_out, sizeof(*h), out, r->data);
		break;
	case T_FLUSH:
		req->op = BLOCK_FLUSH;
		return S_OK;
	case T_DISCARD:
	case T_WRITE_ZEROES:
		if (out != sizeof(range))
			return S_UNSUPP;
		iov_to_buf(chain->out, chain->nr_out, sizeof(*h), &range, sizeof(range));
		if (range.flags & ~1u || (range.flags && h->type == T_DISCARD))
			return S_UNSUPP;
		req->op = h->type == T_DISCARD ? BLOCK_DISCARD : BLOCK_WRITE_ZEROES;
		req->unmap = range.flags;
		req->length = (uint64_t)range.sectors * BLOCK_SECTOR;
		sector = range.sector;
		break;
	default:
		return S_UNSUPP;
	}
	if (sector > UINT64_MAX / BLOCK_SECTOR)
		return S_IOERR;
	req->offset = sector * BLOCK_SECTOR;
	req->iov = r->data;
	return S_OK;
}

static void submit(struct virtio_blk *dev, struct virtio_chain *chain, const struct blk_header *h)
{
	struct request *r;
	uint8_t status;

	r = calloc(1, sizeof(*r) + (chain->nr_in + chain->nr_out) * sizeof(r->data[0]));
	if (!r) {
		complete(dev, chain, S_IOERR);
		return;
	}
	r->dev = dev;
	r->chain = chain;
	r->req.done = request_done;
	status = parse(dev, r, h);
	if (status != S_OK) {
		free(r);
		complete(dev, chain, status);
		return;
	}
	dev->in_flight++;
	block_submit(dev->blk, &r->req);
}

static void run_queue(struct virtio_blk *dev)
{
	struct virtio_queue *vq = &dev->vdev.queues[0];
	struct virtio_chain *chain;
	struct blk_header h;

	while (dev->in_flight < vq->size && (chain = virtio_pop(vq))) {
		if (!chain->in_len ||
		    iov_to_buf(chain->out, chain->nr_out, 0, &h, sizeof(h)) < sizeof(h)) {
			virtio_chain_free(chain);
			virtio_fail(&dev->vdev, "a block request without header or status");
			return;
		}
		if (h.type == T_GET_ID) {
			if (chain->in_len > ID_BYTES)
				iov_from_buf(chain->in, chain->nr_in, 0, dev->id, ID_BYTES);
			complete(dev, chain, chain->in_len > ID_BYTES ? S_OK : S_IOERR);
		} else {
			submit(dev, chain, &h);
		}
	}
}

static void blk_notify(struct virtio_device *vdev, unsigned int q)
{
	run_queue(to_blk(vdev));
}

static void blk_quiesce(struct virtio_device *vdev)
{
	struct virtio_blk *dev = to_blk(vdev);

	while (dev->in_flight)
		pthread_cond_wait(&dev->idle, &vdev->lock);
}

static void blk_reset(struct virtio_device *vdev)
{
	((struct blk_config *)vdev->config)->writeback = 1;
}

static void blk_config_written(struct virtio_device *vdev, unsigned int offset, unsigned int size)
{
	struct virtio_blk *dev = to_blk(vdev);
	struct blk_config *c = (struct blk_config *)vdev->config, written = *c;

	/* Only `writeback` is the driver's: put back what else it touched. */
	memset(c, 0, sizeof(*c));
	c->capacity = block_size(dev->blk) / BLOCK_SECTOR;
	c->size_max = 1 << 20;
	c->seg_max = QUEUE_SIZE - 2;
	c->blk_size = BLOCK_SECTOR;
	c->max_discard_sectors = c->max_write_zeroes_sectors = 1 << 22;
	c->max_discard_seg = c->max_write_zeroes_seg = 1;
	c->discard_sector_alignment = 4096 / BLOCK_SECTOR;
	c->write_zeroes_may_unmap = 1;
	c->writeback = written.writeback & 1;
}

static void blk_destroy(struct virtio_device *vdev)
{
	struct virtio_blk *dev = to_blk(vdev);
	int error = block_close(dev->blk);

	if (error)
		fprintf(stderr, "paravane: disk %s: the last writes may be lost: %s\n", dev->id,
			strerror(error));
	pthread_cond_destroy(&dev->idle);
	virtio_fini(vdev);
	free(dev);
}

static const struct virtio_ops blk_ops = {
	.notify = blk_notify,
	.quiesce = blk_quiesce,
	.reset = blk_reset,
	.config_written = blk_config_written,
	.destroy = blk_destroy,
};

int virtio_blk_add(struct pci_bus *bus, struct ia64_memory *mem, struct block *blk,
		   const char *serial, struct error *err)
{
	struct virtio_info info = {
		.type = TYPE_BLOCK, .pci_class = 0x010000, .nr_queues = 1,
		.queue_size = { QUEUE_SIZE }, .config_size = CONFIG_SIZE,
		.features = F_SIZE_MAX | F_SEG_MAX | F_BLK_SIZE | F_FLUSH | F_CONFIG_WCE,
	};
	struct virtio_blk *dev = calloc(1, sizeof(*dev));

	if (!dev)
		return error_set(err, "disk %s: out of memory", serial);
	if (block_read_only(blk))
		info.features |= F_RO;
	else
		info.features |= F_DISCARD | F_WRITE_ZEROES;
	dev->blk = blk;
	snprintf(dev->id, sizeof(dev->id), "%s", serial);
	pthread_cond_init(&dev->idle, NULL);
	((struct blk_config *)dev->vdev.config)->writeback = 1;
	blk_config_written(&dev->vdev, 0, 0);
	if (virtio_add(&dev->vdev, &info, &blk_ops, bus, mem, err) < 0) {
		pthread_cond_destroy(&dev->idle);
		free(dev);
		return -1;
	}
	return 0;
}
