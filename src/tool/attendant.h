/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Attendants: processes with the rights of who calls a command that outlive it, to do for a domain
 * what its confined process must not. Each does one thing, and ends with the descriptor that it is
 * asked by: a domain that is killed leaves none.
 */
#ifndef PARAVANE_TOOL_ATTENDANT_H
#define PARAVANE_TOOL_ATTENDANT_H

#include "backend/error.h"

/*
 * Removes the socket at the path when all copies of the descriptor have been closed, or
 * attendant_dismiss() is called, unless another stands there by then. Returns the descriptor, the
 * caller's to close; or -1 with *err.
 */
int attendant_remove(const char *path, struct error *err);

/* For fdpath_connect(): connects to the Unix socket at the path. As above. */
int attendant_connect(const char *path, struct error *err);
/* For net_open_link(): net_link_meet() of the path. As above. */
int attendant_link(const char *path, struct error *err);
/*
 * For a host process: opens, renames and removes consoles' logs in its folder, cores (*.core) in
 * core_dir (NULL: none), and removes its sockets. "/dev/fd/N/NAME" is a file then (fdpath.h).
 */
int attendant_keep(const char *folder, const char *core_dir, struct error *err);

/* Has an attendant end, and waits until it has: for a few seconds at most. */
void attendant_dismiss(int fd);

#endif
