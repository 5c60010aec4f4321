/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The process is a child's child, and the child ends at once. */
#include "tool/orphan.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int orphan_fork(void)
{
	pid_t child;
	int status;

	fflush(NULL);
	child = fork();
	if (!child) {
		child = fork();
		if (!child)
			return 0;
		_exit(child < 0 ? errno : 0);
	}
	if (child < 0)
		return -1;
	/* Whoever started us may have had us ignore SIGCHLD: then there is no status. */
	while (waitpid(child, &status, 0) < 0) {
		if (errno != EINTR)
			return errno == ECHILD ? 1 : -1;
	}
	errno = WIFEXITED(status) ? WEXITSTATUS(status) : EAGAIN;
	return errno ? -1 : 1;
}
