/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opens files, or copies descriptors that a name stands for. */
#include "backend/fdpath.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int fdpath_open(const char *path, int flags, mode_t mode)
{
	static const char prefix[] = "/dev/fd/";
	const char *digits = path + sizeof(prefix) - 1;
	int has, wanted = flags & O_ACCMODE, fd;
	char *end;
	long n;

	if (strncmp(path, prefix, sizeof(prefix) - 1) || !isdigit((unsigned char)*digits))
		return open(path, flags | O_CLOEXEC, mode);
	n = strtol(digits, &end, 10);
	has = *end || n > 1 << 20 ? -1 : fcntl((int)n, F_GETFL);
	if (has < 0) {
		errno = EBADF;
		return -1;
	}
	if ((has & O_ACCMODE) != O_RDWR && (has & O_ACCMODE) != wanted) {
		errno = EACCES;
		return -1;
	}
	fd = fcntl((int)n, F_DUPFD_CLOEXEC, 3);
	if (fd >= 0)
		lseek(fd, 0, SEEK_SET); /* what cannot seek has no offset */
	if (fd >= 0 && flags & O_TRUNC && ftruncate(fd, 0)) {
		close(fd);
		return -1;
	}
	return fd;
}
