/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disks on the host: a queue of requests, served by threads over a driver for the image's format.
 *
 * A write that has completed is on stable storage once a flush submitted after its completion has
 * completed. Requests that overlap in time and place have no order, as on a disk.
 */
#ifndef PARAVANE_BACKEND_BLOCK_H
#define PARAVANE_BACKEND_BLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#include "backend/error.h"
#include "backend/io_counters.h"

#define BLOCK_SECTOR 512u

enum block_format {
	/* Not named: NBD if it is a URI; else raw, but refused if it looks like another format. */
	BLOCK_FORMAT_NONE,
	BLOCK_FORMAT_RAW,
	BLOCK_FORMAT_QCOW2,
	BLOCK_FORMAT_PROBE, /* by the content, which a guest may have written: only on demand */
	/* path is a URI: nbd://HOST[:PORT]/EXPORT, nbd+unix:///EXPORT?socket=PATH */
	BLOCK_FORMAT_NBD,
};

struct block_options {
	const char *path; /* raw: "/dev/fd/N" is descriptor N, which stays the caller's */
	enum block_format format;
	bool read_only;
	bool snapshot; /* the image stays as it is; writes live until block_close() */
};

enum block_op { BLOCK_READ, BLOCK_WRITE, BLOCK_FLUSH, BLOCK_DISCARD, BLOCK_WRITE_ZEROES };

/* The caller's until block_submit(), the back end's until done() is called. */
struct block_request {
	enum block_op op;
	uint64_t offset, length;    /* bytes, multiples of BLOCK_SECTOR; unused for a flush */
	const struct iovec *iov;    /* read and write: exactly `length` bytes */
	unsigned int nr_iov;
	bool unmap;                 /* write zeroes: may deallocate */
	bool flush_after;           /* write kinds: on stable storage before done() */
	/*
	 * On a thread of the back end, without locks: error is 0 or an errno value (EIO, ENOSPC,
	 * EINVAL for what lies outside the disk or is misaligned, EROFS). The request is the
	 * caller's again.
	 */
	void (*done)(struct block_request *req, int error);
	struct block_request *next; /* the back end's */
};

struct block;

/*
 * Opens what the options name. Returns 0 and *blk owned by the caller, or -1 with *err set. Call
 * on a thread that lives as long as the disk: a helper process may be tied to it.
 */
int block_open(struct block **blk, const struct block_options *options, struct error *err);

/* Waits for all requests, flushes, closes. Returns 0 or the errno value of the flush. */
int block_close(struct block *blk);

/* Bytes, a multiple of BLOCK_SECTOR (the rest of a file that is not is not reachable). */
uint64_t block_size(const struct block *blk);
bool block_read_only(const struct block *blk);

/* Requests are counted there from now on; it lives as long as the disk. Before the first. */
void block_count(struct block *blk, struct io_counters *counters);

/* Any thread; never blocks for I/O. */
void block_submit(struct block *blk, struct block_request *req);

#endif
