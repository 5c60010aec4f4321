/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that do for a domain what its own must not. */
#include "tool/attendant.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/fdpath.h"
#include "backend/net.h"
#include "tool/orphan.h"

#define PATIENCE 5 /* seconds for one to end */

/* In the attendant: what it is asked by is its standard input, and all it has open. */
static void become(int sock)
{
	sigset_t none;

	setsid();
	signal(SIGTERM, SIG_IGN);
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	dup2(sock, STDIN_FILENO);
	close_range(STDIN_FILENO + 1, ~0u, 0);
	if (chdir("/"))
		_exit(1);
}

/* Returns the asker's end, or -1 with *err; 0 is returned in the attendant. */
static int start(struct error *err)
{
	int pair[2], child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return error_set(err, "no socket for a helper process: %s", strerror(errno));
	child = orphan_fork();
	if (!child) {
		close(pair[0]);
		become(pair[1]);
		return 0;
	}
	if (child < 0)
		error_set(err, "no helper process: %s", strerror(errno));
	close(pair[1]);
	if (child > 0)
		return pair[0];
	close(pair[0]);
	return -1;
}

static int whole_path(char name[PATH_MAX], const char *path, struct error *err)
{
	size_t n = 0;

	if (*path != '/') {
		if (!getcwd(name, PATH_MAX - 2))
			return error_set(err, "%s: %s", path, strerror(errno));
		n = strlen(name);
		name[n++] = '/';
	}
	if (n + strlen(path) >= PATH_MAX)
		return error_set(err, "%s: %s", path, strerror(ENAMETOOLONG));
	strcpy(name + n, path);
	return 0;
}

/* Unless something else stands there by now. */
static void remove_same(const char *path, const struct stat *was)
{
	struct stat is;

	if (!lstat(path, &is) && is.st_dev == was->st_dev && is.st_ino == was->st_ino)
		unlink(path);
}

int attendant_remove(const char *path, struct error *err)
{
	char name[PATH_MAX];
	struct stat was;
	char byte;
	int fd;

	if (whole_path(name, path, err))
		return -1;
	if (lstat(path, &was))
		return error_set(err, "%s: %s", path, strerror(errno));
	fd = start(err);
	if (fd)
		return fd;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	remove_same(name, &was);
	_exit(0);
}

/* --- sockets --- */

static int serve_connect(void *ctx, const struct fdpath_request *r, bool *listens)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, rc;

	if (r->what != FDPATH_CONNECT)
		return -EPERM;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -errno;
	strcpy(addr.sun_path, ctx);
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	rc = -errno;
	close(fd);
	return rc;
}

/* Begins an attendant for the socket at the path; its whole name is in `name` then. As start(). */
static int attend_socket(const char *path, char name[PATH_MAX], struct error *err)
{
	if (whole_path(name, path, err))
		return -1;
	if (strlen(name) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		return error_set(err, "%s: a socket's path has at most %zu bytes", path,
				 sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	return start(err);
}

int attendant_connect(const char *path, struct error *err)
{
	char name[PATH_MAX];
	int fd = attend_socket(path, name, err);

	if (fd)
		return fd;
	fdpath_serve(STDIN_FILENO, serve_connect, name);
	_exit(0);
}

struct meeting {
	char path[PATH_MAX];
	struct stat made; /* the socket that listens, if one was made: st_nlink is not 0 */
};

static int serve_link(void *ctx, const struct fdpath_request *r, bool *listens)
{
	struct meeting *m = ctx;
	int fd;

	if (r->what != FDPATH_CONNECT)
		return -EPERM;
	fd = net_link_meet(m->path, listens);
	if (fd < 0)
		return -errno;
	if (*listens && lstat(m->path, &m->made))
		m->made.st_nlink = 0;
	return fd;
}

int attendant_link(const char *path, struct error *err)
{
	struct meeting m = { .path = "" };
	int fd = attend_socket(path, m.path, err);

	if (fd)
		return fd;
	fdpath_serve(STDIN_FILENO, serve_link, &m);
	if (m.made.st_nlink)
		remove_same(m.path, &m.made);
	_exit(0);
}

/* --- files of a host process --- */

struct keeper {
	const char *folder, *core_dir;
};

/* Whoever asks may be a guest: names are what they can be, and nothing else. */
static bool place(const struct keeper *k, const char *name, bool remove, char path[PATH_MAX])
{
	size_t length = strlen(name);
	const char *dir = NULL;
	unsigned int id, end = 0;

	if (strchr(name, '/') || *name == '.')
		return false;
	if (length > 5 && !strcmp(name + length - 5, ".core"))
		dir = k->core_dir;
	else if ((sscanf(name, "console-%5u.log%n", &id, (int *)&end) == 1 && end &&
		  (!name[end] || (name[end] == '.' && name[end + 1] &&
				  strspn(name + end + 1, "0123456789") == length - end - 1))) ||
		 (remove && (!strcmp(name, "control") || !strcmp(name, "store"))))
		dir = k->folder;
	return dir && snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX;
}

static int serve_files(void *ctx, const struct fdpath_request *r, bool *listens)
{
	const int taken = O_ACCMODE | O_CREAT | O_EXCL | O_TRUNC | O_APPEND;
	char path[PATH_MAX], to[PATH_MAX];
	int fd;

	if (!place(ctx, r->name, r->what == FDPATH_UNLINK, path))
		return -EPERM;
	switch (r->what) {
	case FDPATH_OPEN:
		fd = open(path, (r->flags & taken) | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW, 0600);
		return fd < 0 ? -errno : fd;
	case FDPATH_RENAME:
		if (!place(ctx, r->to, false, to))
			return -EPERM;
		return rename(path, to) ? -errno : 0;
	case FDPATH_UNLINK:
		return unlink(path) ? -errno : 0;
	default:
		return -EPERM;
	}
}

int attendant_keep(const char *folder, const char *core_dir, struct error *err)
{
	struct keeper k = { folder, core_dir };
	int fd = start(err);

	if (fd)
		return fd;
	fdpath_serve(STDIN_FILENO, serve_files, &k);
	_exit(0);
}

void attendant_dismiss(int fd)
{
	const struct timeval patience = { .tv_sec = PATIENCE };
	char byte;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	shutdown(fd, SHUT_WR);
	while (read(fd, &byte, 1) > 0)
		;
}
