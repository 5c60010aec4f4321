/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Walks lists of memory pieces. */
#include "backend/iov.h"

#include <string.h>

size_t iov_length(const struct iovec *iov, unsigned int n)
{
	size_t len = 0;

	while (n--)
		len += iov++->iov_len;
	return len;
}

enum direction { TO_BUF, FROM_BUF, ZERO };

static size_t walk(const struct iovec *iov, unsigned int n, size_t offset, char *buf, size_t len,
		   enum direction dir)
{
	size_t done = 0, part;
	char *p;

	for (; n && done < len; n--, iov++) {
		if (offset >= iov->iov_len) {
			offset -= iov->iov_len;
			continue;
		}
		p = (char *)iov->iov_base + offset;
		part = iov->iov_len - offset;
		if (part > len - done)
			part = len - done;
		if (dir == TO_BUF)
			memcpy(buf + done, p, part);
		else if (dir == FROM_BUF)
			memcpy(p, buf + done, part);
		else
			memset(p, 0, part);
		done += part;
		offset = 0;
	}
	return done;
}

size_t iov_to_buf(const struct iovec *iov, unsigned int n, size_t offset, void *buf, size_t len)
{
	return walk(iov, n, offset, buf, len, TO_BUF);
}

size_t iov_from_buf(const struct iovec *iov, unsigned int n, size_t offset, const void *buf,
		    size_t len)
{
	return walk(iov, n, offset, (char *)buf, len, FROM_BUF);
}

size_t iov_zero(const struct iovec *iov, unsigned int n, size_t offset, size_t len)
{
	return walk(iov, n, offset, NULL, len, ZERO);
}

unsigned int iov_slice(const struct iovec *iov, unsigned int n, size_t offset, size_t len,
		       struct iovec *out)
{
	unsigned int used = 0;
	size_t part;

	for (; n && len; n--, iov++) {
		if (offset >= iov->iov_len) {
			offset -= iov->iov_len;
			continue;
		}
		part = iov->iov_len - offset;
		if (part > len)
			part = len;
		out[used++] = (struct iovec){ (char *)iov->iov_base + offset, part };
		len -= part;
		offset = 0;
	}
	return used;
}
