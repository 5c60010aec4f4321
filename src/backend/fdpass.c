/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Messages with control data. */
#include "backend/fdpass.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

union control {
	struct cmsghdr align;
	char space[CMSG_SPACE(FDPASS_MAX * sizeof(int))];
};

ssize_t fdpass_send(int sock, const void *data, size_t size, const int *fd, unsigned int n)
{
	union control control = { .space = "" };
	struct iovec iov = { (void *)data, size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c = &control.align;
	ssize_t sent;

	if (n > FDPASS_MAX) {
		errno = EINVAL;
		return -1;
	}
	if (n) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fd, n * sizeof(int));
	}
	do {
		sent = sendmsg(sock, &msg, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent;
}

/* Descriptors of one control message, behind the *n that are there already. */
static void take(struct cmsghdr *c, int *fd, unsigned int max, unsigned int *n)
{
	size_t count = c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS ?
		       (c->cmsg_len - CMSG_LEN(0)) / sizeof(int) : 0, i;
	int one;

	for (i = 0; i < count; i++) {
		memcpy(&one, CMSG_DATA(c) + i * sizeof(int), sizeof(one));
		if (*n < max)
			fd[(*n)++] = one;
		else
			close(one);
	}
}

ssize_t fdpass_receive(int sock, void *data, size_t size, int *fd, unsigned int max,
		       unsigned int *n)
{
	union control control;
	struct iovec iov = { data, size };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	ssize_t got;

	*n = 0;
	do {
		got = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return -1;
	for (c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		take(c, fd, max, n);
	return got;
}
