/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Descriptors that go along with what is sent on a Unix socket (unix(7), SCM_RIGHTS). */
#ifndef PARAVANE_BACKEND_FDPASS_H
#define PARAVANE_BACKEND_FDPASS_H

#include <stddef.h>
#include <sys/types.h>

#define FDPASS_MAX 128u /* at once, below the kernel's limit */

/* As send(2), with n descriptors, which stay the caller's. Goes on after signals. Any thread. */
ssize_t fdpass_send(int sock, const void *data, size_t size, const int *fd, unsigned int n);

/*
 * As recv(2). Descriptors that came, `max` at most, are the caller's, and close on exec; *n is how
 * many. More than that are closed. Goes on after signals. Any thread.
 */
ssize_t fdpass_receive(int sock, void *data, size_t size, int *fd, unsigned int max,
		       unsigned int *n);

#endif
