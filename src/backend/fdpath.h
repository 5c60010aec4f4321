/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * File names for a process that has confined itself, may open nothing, and is given descriptors
 * instead: "/dev/fd/N" stands for descriptor N, which is open already; "/dev/fd/N/NAME" for what
 * another process, at the other end of the socket N, does with NAME for us, if it lets us.
 *
 * All functions: any thread. -1 with errno if they fail.
 */
#ifndef PARAVANE_BACKEND_FDPATH_H
#define PARAVANE_BACKEND_FDPATH_H

#include <stdbool.h>
#include <sys/types.h>

/* Is the name one of these? */
bool fdpath_is(const char *path);

/*
 * As open(2) with O_CLOEXEC, but "/dev/fd/N" gives a copy of descriptor N at offset 0, whatever the
 * file's mode is now. N must be open for what `flags` ask for, else errno is EACCES.
 */
int fdpath_open(const char *path, int flags, mode_t mode);
/* As rename(2) and unlink(2). Both names of rename are of one kind, and one N. */
int fdpath_rename(const char *from, const char *to);
int fdpath_unlink(const char *path);

/*
 * "/dev/fd/N", where N is a socket as above: a new Unix socket, connected to the one place that the
 * other process reaches; with `listens`, which may be NULL, it may be one that listens there.
 */
int fdpath_connect(const char *path, bool *listens);

/* --- the other end --- */

enum fdpath_what { FDPATH_OPEN, FDPATH_RENAME, FDPATH_UNLINK, FDPATH_CONNECT };

struct fdpath_request {
	enum fdpath_what what;
	int flags;              /* of open: as open(2)'s */
	mode_t mode;
	char name[256], to[256]; /* as they came: anything, but ended by a 0 */
};

/*
 * Serves requests until nobody can ask any more. serve() returns a descriptor, which is closed when
 * it has been handed over; or 0, or -errno. It sets *listens for a socket that listens.
 */
void fdpath_serve(int sock, int (*serve)(void *ctx, const struct fdpath_request *r, bool *listens),
		  void *ctx);

#endif
