/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens files, or copies descriptors that a name stands for, or has another process open them. */
#include "backend/fdpath.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/fdpass.h"

struct answer {
	int error; /* errno, 0: done */
	bool listens;
};

/* --- asking --- */

static const char prefix[] = "/dev/fd/";

/* Whatever is wrong with N, it is no descriptor. */
#define NO_DESCRIPTOR (1 << 24)

/* The N of "/dev/fd/N" and "/dev/fd/N/NAME", and NAME ("" if there is none); -1: neither. */
static int split(const char *path, const char **name)
{
	const char *digits = path + sizeof(prefix) - 1;
	char *end;
	long n;

	if (strncmp(path, prefix, sizeof(prefix) - 1) || !isdigit((unsigned char)*digits))
		return -1;
	n = strtol(digits, &end, 10);
	*name = *end == '/' ? end + 1 : "";
	return (*end && *end != '/') || n > 1 << 20 ? NO_DESCRIPTOR : (int)n;
}

bool fdpath_is(const char *path)
{
	const char *name;

	return split(path, &name) >= 0;
}

/*
 * The answer comes on a socket of its own, so that any thread may ask. Returns a descriptor, 0 if
 * none came, or -1 with errno.
 */
static int ask(int sock, struct fdpath_request *r, const char *name, const char *to, bool *listens)
{
	struct answer a = { .error = EIO };
	unsigned int came;
	int pair[2], fd = -1;

	if (strlen(name) >= sizeof(r->name) || strlen(to) >= sizeof(r->to)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(r->name, name);
	strcpy(r->to, to);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return -1;
	if (fdpass_send(sock, r, sizeof(*r), &pair[1], 1) != sizeof(*r))
		a.error = errno;
	close(pair[1]);
	if (fdpass_receive(pair[0], &a, sizeof(a), &fd, 1, &came) != sizeof(a) && came) {
		close(fd);
		fd = -1;
	}
	close(pair[0]);
	if (listens)
		*listens = a.listens;
	if (!a.error)
		return fd < 0 ? 0 : fd;
	if (fd >= 0)
		close(fd);
	errno = a.error;
	return -1;
}

int fdpath_open(const char *path, int flags, mode_t mode)
{
	struct fdpath_request r = { .what = FDPATH_OPEN, .flags = flags, .mode = mode };
	int has, wanted = flags & O_ACCMODE, fd, n;
	const char *name;

	n = split(path, &name);
	if (n < 0)
		return open(path, flags | O_CLOEXEC, mode);
	if (*name)
		return ask(n, &r, name, "", NULL);
	has = fcntl(n, F_GETFL);
	if (has < 0) {
		errno = EBADF;
		return -1;
	}
	if ((has & O_ACCMODE) != O_RDWR && (has & O_ACCMODE) != wanted) {
		errno = EACCES;
		return -1;
	}
	fd = fcntl(n, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET); /* what cannot seek has no offset */
	if (fd >= 0 && flags & O_TRUNC && ftruncate(fd, 0)) {
		close(fd);
		return -1;
	}
	return fd;
}

int fdpath_rename(const char *from, const char *to)
{
	struct fdpath_request r = { .what = FDPATH_RENAME };
	const char *name, *new_name;
	int n = split(from, &name);

	if (n < 0)
		return rename(from, to);
	if (split(to, &new_name) != n) {
		errno = EXDEV;
		return -1;
	}
	return ask(n, &r, name, new_name, NULL);
}

int fdpath_unlink(const char *path)
{
	struct fdpath_request r = { .what = FDPATH_UNLINK };
	const char *name;
	int n = split(path, &name);

	if (n < 0)
		return unlink(path);
	if (*name)
		return ask(n, &r, name, "", NULL);
	errno = EINVAL;
	return -1;
}

int fdpath_connect(const char *path, bool *listens)
{
	struct fdpath_request r = { .what = FDPATH_CONNECT };
	const char *name;
	int n = split(path, &name);

	if (n >= 0 && !*name)
		return ask(n, &r, "", "", listens);
	errno = EINVAL;
	return -1;
}

/* --- answering --- */

void fdpath_serve(int sock, int (*serve)(void *ctx, const struct fdpath_request *r, bool *listens),
		  void *ctx)
{
	struct fdpath_request r;
	unsigned int came;
	ssize_t n;
	int reply;

	while ((n = fdpass_receive(sock, &r, sizeof(r), &reply, 1, &came)) > 0) {
		struct answer a = { .error = EINVAL };
		int fd = 0;

		if (n == sizeof(r) && came) {
			r.name[sizeof(r.name) - 1] = r.to[sizeof(r.to) - 1] = '\0';
			fd = serve(ctx, &r, &a.listens);
			a.error = fd < 0 ? -fd : 0;
		}
		if (came) {
			fdpass_send(reply, &a, sizeof(a), &fd, fd > 0);
			close(reply);
		}
		if (fd > 0)
			close(fd);
	}
}
