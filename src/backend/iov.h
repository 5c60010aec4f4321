/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copying into and out of lists of memory pieces (struct iovec). Any thread; no errors. */
#ifndef PARAVANE_BACKEND_IOV_H
#define PARAVANE_BACKEND_IOV_H

#include <stddef.h>
#include <sys/uio.h>

/* Bytes in all n pieces. */
size_t iov_length(const struct iovec *iov, unsigned int n);

/* Copies up to len bytes that start `offset` into the list; returns how many there were. */
size_t iov_to_buf(const struct iovec *iov, unsigned int n, size_t offset, void *buf, size_t len);
size_t iov_from_buf(const struct iovec *iov, unsigned int n, size_t offset, const void *buf,
		    size_t len);
/* The same with zeros. */
size_t iov_zero(const struct iovec *iov, unsigned int n, size_t offset, size_t len);

/*
 * Describes [offset, offset + len) of the list in `out`, which has room for n pieces; returns how
 * many it took. The list must be that long.
 */
unsigned int iov_slice(const struct iovec *iov, unsigned int n, size_t offset, size_t len,
		       struct iovec *out);

#endif
