/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What serves the requests of a disk: raw files, NBD, and an overlay over another driver.
 *
 * Functions are called by several of the disk's threads at a time, `worker` (< BLOCK_WORKERS) says
 * by which, and block. They get ranges that are checked: inside the disk, whole sectors, and no
 * writes on what is read only. Each returns 0 or a (positive) errno value.
 */
#ifndef PARAVANE_BACKEND_BLOCK_DRIVER_H
#define PARAVANE_BACKEND_BLOCK_DRIVER_H

#include "backend/block.h"

#define BLOCK_WORKERS 4

struct block_driver;

struct block_driver_ops {
	int (*read)(struct block_driver *drv, unsigned int worker, const struct iovec *iov,
		    unsigned int n, uint64_t offset, uint64_t length);
	int (*write)(struct block_driver *drv, unsigned int worker, const struct iovec *iov,
		     unsigned int n, uint64_t offset, uint64_t length);
	int (*flush)(struct block_driver *drv, unsigned int worker);
	/* A hint: what the range reads as afterwards is not defined. */
	int (*discard)(struct block_driver *drv, unsigned int worker, uint64_t offset,
		       uint64_t length);
	int (*write_zeroes)(struct block_driver *drv, unsigned int worker, uint64_t offset,
			    uint64_t length, bool unmap);
	/* No call is under way. */
	void (*close)(struct block_driver *drv);
};

/* The first member of each driver's structure. */
struct block_driver {
	const struct block_driver_ops *ops;
	uint64_t size; /* bytes, a multiple of BLOCK_SECTOR */
	bool read_only;
};

/* Each returns NULL with *err set. */

/* A file or block device, byte for byte. */
struct block_driver *block_raw_open(const char *path, bool read_only, struct error *err);
/* An image in a format by qemu-nbd's name for it, served by a child process of that program. */
struct block_driver *block_nbd_open(const char *path, const char *format, bool read_only,
				    struct error *err);
/* What another program serves, by NBD's URI (nbd_connect_uri(3)); over TCP or a Unix socket. */
struct block_driver *block_nbd_open_uri(const char *uri, bool read_only, struct error *err);
/*
 * Keeps writes to `base` (which is only read, and owned from then on, also on failure) in a
 * temporary file without a name, in $TMPDIR or /var/tmp.
 */
struct block_driver *block_overlay_open(struct block_driver *base, struct error *err);

#endif
