/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process that runs guests gives up before a guest's first instruction.
 *
 * - no_new_privs: no program it could start has more rights than it.
 * - Capabilities: none, in no set.
 * - Limits: no core dump of its own, and nobody traces it.
 * - Landlock (where the kernel has it): no file is opened but those named here, nothing is
 *   executed, no signal is sent to another process.
 * - seccomp: system calls that emulation, host I/O and user-mode networking need; all others fail
 *   with EPERM. Without Landlock, or with `attended`, files are opened for reading only.
 */
#ifndef PARAVANE_TOOL_SANDBOX_H
#define PARAVANE_TOOL_SANDBOX_H

#include <stdbool.h>

#include "backend/error.h"

#define SANDBOX_MAX_PATHS 32

/* Each list ends with NULL; the strings are the caller's. What does not exist is passed over. */
struct sandbox {
	/*
	 * Folders whose files may be made, written, replaced and removed, sockets included; files
	 * and devices that may be read, written and have their size set.
	 */
	const char *write[SANDBOX_MAX_PATHS];
	/* Files, or folders with all below, that may be read, besides what libraries need. */
	const char *read[SANDBOX_MAX_PATHS];
	/* Folders in which sockets may be made, and things removed. */
	const char *sockets[SANDBOX_MAX_PATHS];
	/*
	 * Others do all that for it: it writes to no file by name, removes and renames none, and
	 * makes and connects no Unix sockets, whether there is Landlock or not.
	 */
	bool attended;
};

/* Adds a path to a list; false: it is full. */
bool sandbox_allow(const char *list[SANDBOX_MAX_PATHS], const char *path);

/*
 * Confines this thread, and all that it starts from now on: to be called before there are others.
 * It cannot be undone. Returns 0; or -1 with *err when the kernel refuses what every supported
 * kernel has. *landlock tells whether Landlock took part.
 */
int sandbox_enter(const struct sandbox *s, bool *landlock, struct error *err);

#endif
