/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Starting a host process: the process in which domains run, behind its control socket. */
#ifndef PARAVANE_TOOL_HOST_H
#define PARAVANE_TOOL_HOST_H

#include <stdbool.h>

#include "backend/error.h"
#include "tool/rundir.h"

struct host_options {
	const char *name; /* of the process; its folder is named so */
	bool sandbox;     /* false: for debugging only */
};

/*
 * Starts a process in a session of its own that serves `control` commands until its last domain has
 * gone (or until the returned connection is closed without one having been made). Under
 * rundir_lock(). Returns a connection to it, or -1 with *err.
 */
int host_start(const struct rundir *dir, const struct host_options *options, struct error *err);

#endif
