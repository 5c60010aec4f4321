/* SPDX-License-Identifier: GPL-2.0-or-later */
/* socket, bind, listen. */
#include "backend/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

_Static_assert(LISTEN_UNIX_MAX == sizeof(((struct sockaddr_un *)0)->sun_path) - 1, "sun_path");

static int begin(int fd, const void *addr, socklen_t size, int backlog)
{
	int e;

	if (fd < 0 || (!bind(fd, addr, size) && !listen(fd, backlog)))
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

int listen_unix(const char *path, int flags, int backlog)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	mode_t mask;
	int fd;

	if (strlen(path) > LISTEN_UNIX_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(addr.sun_path, path);
	mask = umask(077);
	fd = begin(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0), &addr, sizeof(addr),
		   backlog);
	umask(mask);
	return fd;
}

int listen_port(uint16_t port, int backlog)
{
	const struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
		.sin_port = htons(port),
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return begin(fd, &addr, sizeof(addr), backlog);
}
