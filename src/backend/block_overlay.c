/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Snapshot mode: sectors that were written live in a temporary file, the others in the image.
 *
 * One bit a sector says where it is. It goes from 0 to 1 after the sector's data has been written
 * to the file, and never back, so that readers need no lock.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "backend/block_driver.h"
#include "backend/iov.h"

struct overlay {
	struct block_driver drv;
	struct block_driver *base;
	int fd;
	_Atomic uint64_t *map; /* one bit a sector */
	size_t map_bytes;
};

static struct overlay *to_overlay(struct block_driver *drv)
{
	return (struct overlay *)drv;
}

static bool is_ours(const struct overlay *o, uint64_t sector)
{
	uint64_t word = atomic_load_explicit(&o->map[sector / 64], memory_order_acquire);

	return word >> (sector % 64) & 1;
}

static void make_ours(struct overlay *o, uint64_t offset, uint64_t length)
{
	uint64_t sector = offset / BLOCK_SECTOR, end = sector + length / BLOCK_SECTOR;

	for (; sector < end && sector % 64; sector++)
		atomic_fetch_or(&o->map[sector / 64], 1ull << (sector % 64));
	for (; sector + 64 <= end; sector += 64)
		atomic_store(&o->map[sector / 64], ~0ull);
	for (; sector < end; sector++)
		atomic_fetch_or(&o->map[sector / 64], 1ull << (sector % 64));
}

/* All of iov, to or from the file. What lies past the file's end reads as zeros. */
static int file_transfer(struct overlay *o, bool write, const struct iovec *iov, unsigned int n,
			 uint64_t offset)
{
	size_t done, len;
	ssize_t got;

	for (; n; n--, iov++)
		for (done = 0; done < iov->iov_len; done += (size_t)got, offset += (uint64_t)got) {
			char *p = (char *)iov->iov_base + done;

			len = iov->iov_len - done;
			got = write ? pwrite(o->fd, p, len, (off_t)offset)
				    : pread(o->fd, p, len, (off_t)offset);
			if (got < 0 && errno == EINTR)
				got = 0;
			else if (got < 0)
				return errno;
			else if (!got && write)
				return EIO;
			else if (!got)
				memset(p, 0, (size_t)(got = (ssize_t)len));
		}
	return 0;
}

static int overlay_read(struct block_driver *drv, unsigned int worker, const struct iovec *iov,
			unsigned int n, uint64_t offset, uint64_t length)
{
	struct overlay *o = to_overlay(drv);
	struct iovec *part = malloc(n * sizeof(*part));
	uint64_t at = 0, run;
	unsigned int count;
	int error = part || !n ? 0 : ENOMEM;
	bool ours;

	while (!error && at < length) {
		ours = is_ours(o, (offset + at) / BLOCK_SECTOR);
		run = BLOCK_SECTOR;
		while (at + run < length && is_ours(o, (offset + at + run) / BLOCK_SECTOR) == ours)
			run += BLOCK_SECTOR;
		count = iov_slice(iov, n, at, run, part);
		if (ours)
			error = file_transfer(o, false, part, count, offset + at);
		else
			error = o->base->ops->read(o->base, worker, part, count, offset + at, run);
		at += run;
	}
	free(part);
	return error;
}

static int overlay_write(struct block_driver *drv, unsigned int worker, const struct iovec *iov,
			 unsigned int n, uint64_t offset, uint64_t length)
{
	struct overlay *o = to_overlay(drv);
	int error = file_transfer(o, true, iov, n, offset);

	if (!error)
		make_ours(o, offset, length);
	return error;
}

static int overlay_flush(struct block_driver *drv, unsigned int worker)
{
	/* Nothing of it outlives the process. */
	return 0;
}

static int overlay_write_zeroes(struct block_driver *drv, unsigned int worker, uint64_t offset,
				uint64_t length, bool unmap)
{
	static const char zeroes[64u << 10];
	struct overlay *o = to_overlay(drv);
	struct iovec iov = { (void *)zeroes, 0 };
	uint64_t at;
	int error;

	if (!length)
		return 0;
	if (fallocate(o->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)offset,
		      (off_t)length) < 0) {
		for (at = 0; at < length; at += iov.iov_len) {
			iov.iov_len = length - at < sizeof(zeroes) ? length - at : sizeof(zeroes);
			error = file_transfer(o, true, &iov, 1, offset + at);
			if (error)
				return error;
		}
	}
	make_ours(o, offset, length);
	return 0;
}

static int overlay_discard(struct block_driver *drv, unsigned int worker, uint64_t offset,
			   uint64_t length)
{
	return overlay_write_zeroes(drv, worker, offset, length, true);
}

static void overlay_close(struct block_driver *drv)
{
	struct overlay *o = to_overlay(drv);

	if (o->fd >= 0)
		close(o->fd);
	if (o->map != MAP_FAILED)
		munmap((void *)o->map, o->map_bytes);
	o->base->ops->close(o->base);
	free(o);
}

static const struct block_driver_ops overlay_ops = {
	.read = overlay_read,
	.write = overlay_write,
	.flush = overlay_flush,
	.discard = overlay_discard,
	.write_zeroes = overlay_write_zeroes,
	.close = overlay_close,
};

struct block_driver *block_overlay_open(struct block_driver *base, struct error *err)
{
	struct overlay *o = calloc(1, sizeof(*o));
	const char *dir = getenv("TMPDIR");

	if (!dir || !*dir)
		dir = "/var/tmp";
	if (!o) {
		base->ops->close(base);
		error_set(err, "snapshot: out of memory");
		return NULL;
	}
	o->drv.ops = &overlay_ops;
	o->drv.size = base->size;
	o->base = base;
	/* Untouched parts of the map take no memory. */
	o->map_bytes = (base->size / BLOCK_SECTOR + 63) / 64 * 8;
	o->map = mmap(NULL, o->map_bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	o->fd = open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (o->map == MAP_FAILED || o->fd < 0) {
		error_set(err, "snapshot: no temporary file in %s: %s (TMPDIR names the directory)",
			  dir, strerror(errno));
		overlay_close(&o->drv);
		return NULL;
	}
	return &o->drv;
}
