/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sockets that listen. Any thread; the descriptor is the caller's, -1 with errno if it fails. */
#ifndef PARAVANE_BACKEND_LISTEN_H
#define PARAVANE_BACKEND_LISTEN_H

#include <stdint.h>

/*
 * A stream socket at the path, to which nobody but this user may connect. flags: SOCK_*, beside
 * SOCK_CLOEXEC. ENAMETOOLONG: LISTEN_UNIX_MAX bytes are accepted.
 */
int listen_unix(const char *path, int flags, int backlog);
#define LISTEN_UNIX_MAX 107 /* sun_path, but for the 0 */

/* A TCP port of 127.0.0.1. */
int listen_port(uint16_t port, int backlog);

#endif
