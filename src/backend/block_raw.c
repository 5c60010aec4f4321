/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks whose image is the bytes of a file or of a block device. */
#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/block_driver.h"
#include "backend/fdpath.h"
#include "backend/iov.h"

#define ZEROES (64u << 10)

struct raw {
	struct block_driver drv;
	int fd;
};

static struct raw *to_raw(struct block_driver *drv)
{
	return (struct raw *)drv;
}

static int transfer(struct raw *raw, bool write, const struct iovec *iov, unsigned int n,
		    uint64_t offset, uint64_t length)
{
	struct iovec part[64];
	uint64_t done = 0;
	unsigned int first = 0, count;
	size_t skip = 0;
	ssize_t got;

	while (done < length) {
		while (first < n && skip >= iov[first].iov_len) {
			skip -= iov[first].iov_len;
			first++;
		}
		if (first == n)
			return EINVAL;
		count = n - first < 64 ? n - first : 64;
		memcpy(part, iov + first, count * sizeof(part[0]));
		part[0].iov_base = (char *)part[0].iov_base + skip;
		part[0].iov_len -= skip;
		got = write ? pwritev(raw->fd, part, (int)count, (off_t)(offset + done))
			    : preadv(raw->fd, part, (int)count, (off_t)(offset + done));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return errno;
		/* The file has become shorter behind our back. */
		if (!got)
			return EIO;
		done += (uint64_t)got;
		skip += (size_t)got;
	}
	return 0;
}

static int raw_read(struct block_driver *drv, unsigned int worker, const struct iovec *iov,
		    unsigned int n, uint64_t offset, uint64_t length)
{
	return transfer(to_raw(drv), false, iov, n, offset, length);
}

static int raw_write(struct block_driver *drv, unsigned int worker, const struct iovec *iov,
		     unsigned int n, uint64_t offset, uint64_t length)
{
	return transfer(to_raw(drv), true, iov, n, offset, length);
}

static int raw_flush(struct block_driver *drv, unsigned int worker)
{
	return fdatasync(to_raw(drv)->fd) < 0 ? errno : 0;
}

static int punch(struct raw *raw, int mode, uint64_t offset, uint64_t length)
{
	int rc;

	do
		rc = fallocate(raw->fd, mode | FALLOC_FL_KEEP_SIZE, (off_t)offset, (off_t)length);
	while (rc < 0 && errno == EINTR);
	return rc < 0 ? errno : 0;
}

static int raw_discard(struct block_driver *drv, unsigned int worker, uint64_t offset,
		       uint64_t length)
{
	int error = length ? punch(to_raw(drv), FALLOC_FL_PUNCH_HOLE, offset, length) : 0;

	/* A hint that cannot be followed is no error. */
	return error == EOPNOTSUPP || error == ENODEV || error == EINVAL ? 0 : error;
}

static int raw_write_zeroes(struct block_driver *drv, unsigned int worker, uint64_t offset,
			    uint64_t length, bool unmap)
{
	static const char zeroes[ZEROES];
	struct raw *raw = to_raw(drv);
	struct iovec iov = { (void *)zeroes, 0 };
	int error;

	if (!length)
		return 0;
	error = punch(raw, unmap ? FALLOC_FL_PUNCH_HOLE : FALLOC_FL_ZERO_RANGE, offset, length);
	if (error != EOPNOTSUPP && error != ENODEV && error != EINVAL)
		return error;
	for (; length; offset += iov.iov_len, length -= iov.iov_len) {
		iov.iov_len = length < ZEROES ? length : ZEROES;
		error = transfer(raw, true, &iov, 1, offset, iov.iov_len);
		if (error)
			return error;
	}
	return 0;
}

static void raw_close(struct block_driver *drv)
{
	struct flock unlock = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	/* It is the lock of all copies of the descriptor; whoever gave it to us may have one. */
	fcntl(to_raw(drv)->fd, F_OFD_SETLK, &unlock);
	close(to_raw(drv)->fd);
	free(drv);
}

static const struct block_driver_ops raw_ops = {
	.read = raw_read,
	.write = raw_write,
	.flush = raw_flush,
	.discard = raw_discard,
	.write_zeroes = raw_write_zeroes,
	.close = raw_close,
};

/* Two writers of one image spoil it: the whole file is locked for as long as it is open. */
static int lock_file(int fd, bool read_only)
{
	struct flock lock = { .l_type = read_only ? F_RDLCK : F_WRLCK, .l_whence = SEEK_SET };

	if (fcntl(fd, F_OFD_SETLK, &lock) < 0 && (errno == EAGAIN || errno == EACCES))
		return -1;
	return 0;
}

struct block_driver *block_raw_open(const char *path, bool read_only, struct error *err)
{
	struct raw *raw = NULL;
	struct stat st;
	uint64_t size = 0;
	/* O_NONBLOCK: a FIFO must not stop us before we can refuse it. */
	int fd = fdpath_open(path, (read_only ? O_RDONLY : O_RDWR) | O_NONBLOCK, 0);

	if (fd < 0 && !read_only && (errno == EACCES || errno == EROFS || errno == EPERM)) {
		error_set(err, "disk %s: cannot be written (%s): add ro or snapshot, or "
			  "change its mode", path, strerror(errno));
		return NULL;
	}
	if (fd < 0 && errno == EISDIR) {
		error_set(err, "disk %s: is a directory, expected a file or a block device", path);
		return NULL;
	}
	if (fd < 0) {
		error_set(err, "disk %s: %s", path, strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) < 0) {
		error_set(err, "disk %s: %s", path, strerror(errno));
		goto fail;
	}
	if (S_ISBLK(st.st_mode)) {
		if (ioctl(fd, BLKGETSIZE64, &size) < 0) {
			error_set(err, "disk %s: its size is not known: %s", path, strerror(errno));
			goto fail;
		}
	} else if (S_ISREG(st.st_mode)) {
		size = (uint64_t)st.st_size;
	} else {
		error_set(err, "disk %s: expected a file or a block device", path);
		goto fail;
	}
	if (lock_file(fd, read_only) < 0) {
		error_set(err, "disk %s: is in use by another program%s", path,
			  read_only ? " that writes it" : ": stop that, or add ro to both");
		goto fail;
	}
	raw = calloc(1, sizeof(*raw));
	if (!raw) {
		error_set(err, "disk %s: out of memory", path);
		goto fail;
	}
	raw->drv.ops = &raw_ops;
	raw->drv.size = size & ~(uint64_t)(BLOCK_SECTOR - 1);
	raw->drv.read_only = read_only;
	raw->fd = fd;
	return &raw->drv;
fail:
	close(fd);
	return NULL;
}
