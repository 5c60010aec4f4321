/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The request queue of a disk and the threads that serve it. */
#include "backend/block.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/block_driver.h"
#include "backend/thread.h"

struct worker {
	struct block *blk;
	unsigned int index;
	pthread_t thread;
};

struct block {
	struct block_driver *drv;
	struct worker workers[BLOCK_WORKERS];
	unsigned int nr_workers;
	struct io_counters *counters; /* or NULL */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t work;
	struct block_request *head, **tail;
	bool closing;
};

static int check(const struct block_driver *drv, const struct block_request *req)
{
	if (req->op == BLOCK_FLUSH)
		return 0;
	if (req->offset % BLOCK_SECTOR || req->length % BLOCK_SECTOR || req->offset > drv->size ||
	    req->length > drv->size - req->offset)
		return EINVAL;
	return req->op != BLOCK_READ && drv->read_only ? EROFS : 0;
}

static int serve(struct block_driver *drv, unsigned int worker, const struct block_request *req)
{
	int error = check(drv, req);

	if (error)
		return error;
	switch (req->op) {
	case BLOCK_READ:
		return drv->ops->read(drv, worker, req->iov, req->nr_iov, req->offset, req->length);
	case BLOCK_WRITE:
		error = drv->ops->write(drv, worker, req->iov, req->nr_iov, req->offset,
					req->length);
		break;
	case BLOCK_DISCARD:
		error = drv->ops->discard(drv, worker, req->offset, req->length);
		break;
	case BLOCK_WRITE_ZEROES:
		error = drv->ops->write_zeroes(drv, worker, req->offset, req->length, req->unmap);
		break;
	case BLOCK_FLUSH:
		return drv->read_only ? 0 : drv->ops->flush(drv, worker);
	}
	if (!error && req->flush_after)
		error = drv->ops->flush(drv, worker);
	return error;
}

static void *run_worker(void *arg)
{
	struct worker *w = arg;
	struct block *blk = w->blk;
	struct block_request *req;

	pthread_mutex_lock(&blk->lock);
	for (;;) {
		while (!blk->head && !blk->closing)
			pthread_cond_wait(&blk->work, &blk->lock);
		req = blk->head;
		if (!req)
			break;
		blk->head = req->next;
		if (!blk->head)
			blk->tail = &blk->head;
		pthread_mutex_unlock(&blk->lock);
		req->done(req, serve(blk->drv, w->index, req));
		pthread_mutex_lock(&blk->lock);
	}
	pthread_mutex_unlock(&blk->lock);
	return NULL;
}

static void stop_workers(struct block *blk)
{
	pthread_mutex_lock(&blk->lock);
	blk->closing = true;
	pthread_cond_broadcast(&blk->work);
	pthread_mutex_unlock(&blk->lock);
	for (unsigned int i = 0; i < blk->nr_workers; i++)
		pthread_join(blk->workers[i].thread, NULL);
}

static void free_block(struct block *blk)
{
	if (blk->drv)
		blk->drv->ops->close(blk->drv);
	pthread_cond_destroy(&blk->work);
	pthread_mutex_destroy(&blk->lock);
	free(blk);
}

/* The names of formats that begin with a signature; raw has none. */
static const char *looks_like(const char *path)
{
	static const struct {
		char magic[8];
		size_t len;
		const char *name;
	} known[] = {
		{ "QFI\xfb", 4, "qcow2" }, { "KDMV", 4, "vmdk" },   { "COWD", 4, "vmdk" },
		{ "vhdxfile", 8, "vhdx" }, { "conectix", 8, "vpc" }, { "QED", 4, "qed" },
	};
	char head[8] = { 0 };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return NULL;
	n = pread(fd, head, sizeof(head), 0);
	close(fd);
	for (size_t i = 0; n == sizeof(head) && i < sizeof(known) / sizeof(known[0]); i++)
		if (!memcmp(head, known[i].magic, known[i].len))
			return known[i].name;
	return NULL;
}

static struct block_driver *open_driver(const struct block_options *o, struct error *err)
{
	bool read_only = o->read_only || o->snapshot;
	struct block_driver *drv;
	const char *name;

	switch (o->format) {
	case BLOCK_FORMAT_NONE:
		if (!strncmp(o->path, "nbd", 3) && strstr(o->path, "://")) {
			drv = block_nbd_open_uri(o->path, read_only, err);
			break;
		}
		name = looks_like(o->path);
		if (name) {
			error_set(err, "disk %s: looks like a %s image: say format=qcow2 or "
				  "format=raw", o->path, name);
			return NULL;
		}
		/* fall through */
	case BLOCK_FORMAT_RAW:
		drv = block_raw_open(o->path, read_only, err);
		break;
	case BLOCK_FORMAT_QCOW2:
		drv = block_nbd_open(o->path, "qcow2", read_only, err);
		break;
	case BLOCK_FORMAT_NBD:
		drv = block_nbd_open_uri(o->path, read_only, err);
		break;
	case BLOCK_FORMAT_PROBE:
		name = looks_like(o->path);
		drv = name ? block_nbd_open(o->path, name, read_only, err)
			   : block_raw_open(o->path, read_only, err);
		break;
	default:
		error_set(err, "disk %s: unknown format, expected raw or qcow2", o->path);
		return NULL;
	}
	if (drv && !drv->size) {
		error_set(err, "disk %s: is empty, a disk has at least %u bytes", o->path,
			  BLOCK_SECTOR);
		drv->ops->close(drv);
		return NULL;
	}
	if (drv && o->snapshot && !o->read_only)
		drv = block_overlay_open(drv, err);
	return drv;
}

int block_open(struct block **out, const struct block_options *options, struct error *err)
{
	struct block *blk = calloc(1, sizeof(*blk));
	struct worker *w;
	int rc;

	if (!blk)
		return error_set(err, "disk %s: out of memory", options->path);
	pthread_mutex_init(&blk->lock, NULL);
	pthread_cond_init(&blk->work, NULL);
	blk->tail = &blk->head;
	blk->drv = open_driver(options, err);
	if (!blk->drv) {
		free_block(blk);
		return -1;
	}
	while (blk->nr_workers < BLOCK_WORKERS) {
		w = &blk->workers[blk->nr_workers];
		w->blk = blk;
		w->index = blk->nr_workers;
		rc = thread_start(&w->thread, run_worker, w);
		if (rc) {
			error_set(err, "disk %s: cannot start a thread: %s", options->path,
				  strerror(rc));
			stop_workers(blk);
			free_block(blk);
			return -1;
		}
		blk->nr_workers++;
	}
	*out = blk;
	return 0;
}

int block_close(struct block *blk)
{
	int error;

	/* The workers leave when the queue is empty and nothing is under way. */
	stop_workers(blk);
	error = blk->drv->read_only ? 0 : blk->drv->ops->flush(blk->drv, 0);
	free_block(blk);
	return error;
}

uint64_t block_size(const struct block *blk)
{
	return blk->drv->size;
}

bool block_read_only(const struct block *blk)
{
	return blk->drv->read_only;
}

void block_count(struct block *blk, struct io_counters *counters)
{
	blk->counters = counters;
}

static void count(struct io_counters *c, const struct block_request *req)
{
	if (req->op == BLOCK_READ) {
		c->in_ops++;
		c->in_bytes += req->length;
	} else if (req->op == BLOCK_WRITE) {
		c->out_ops++;
		c->out_bytes += req->length;
	}
}

void block_submit(struct block *blk, struct block_request *req)
{
	if (blk->counters)
		count(blk->counters, req);
	pthread_mutex_lock(&blk->lock);
	req->next = NULL;
	*blk->tail = req;
	blk->tail = &req->next;
	pthread_cond_signal(&blk->work);
	pthread_mutex_unlock(&blk->lock);
}
