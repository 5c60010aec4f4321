/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that do for a domain what its own must not. */
#include "tool/attendant.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

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
	int pair[2], fd = -1;
	pid_t child;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return error_set(err, "no socket for a helper process: %s", strerror(errno));
	fflush(NULL);
	child = fork();
	if (!child) {
		/* Its own child, so that nobody has to wait for it. */
		if (fork())
			_exit(0);
		close(pair[0]);
		become(pair[1]);
		return 0;
	}
	close(pair[1]);
	if (child > 0 && waitpid(child, NULL, 0) == child)
		fd = pair[0];
	else
		close(pair[0]);
	return fd > 0 ? fd : error_set(err, "no helper process: %s", strerror(errno));
}

int attendant_remove(const char *path, struct error *err)
{
	char name[PATH_MAX] = "";
	struct stat was, is;
	size_t n = 0;
	char byte;
	int fd;

	if (*path != '/') {
		if (!getcwd(name, sizeof(name) - 2))
			return error_set(err, "%s: %s", path, strerror(errno));
		n = strlen(name);
		name[n++] = '/';
	}
	if (n + strlen(path) >= sizeof(name) || lstat(path, &was))
		return error_set(err, "%s: %s", path, strerror(errno ? errno : ENAMETOOLONG));
	strcpy(name + n, path);
	fd = start(err);
	if (fd)
		return fd;
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	if (!lstat(name, &is) && is.st_dev == was.st_dev && is.st_ino == was.st_ino)
		unlink(name);
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
