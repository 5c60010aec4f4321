/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log files that begin anew when they are full and keep old ones: PATH.1, PATH.2, ... */
#ifndef PARAVANE_BACKEND_LOGFILE_H
#define PARAVANE_BACKEND_LOGFILE_H

#include <stddef.h>
#include <stdint.h>

#include "backend/error.h"

struct logfile;

/*
 * Opens `path` to add to it. When `size` bytes (0: never) are in it, it becomes PATH.1, that PATH.2
 * and so on up to `count`, the oldest goes; with a count of 0 it is emptied. Returns 0, or -1 with
 * *err set.
 */
int logfile_open(struct logfile **out, const char *path, uint64_t size, unsigned int count,
		 struct error *err);
/*
 * Adds bytes; blocks as a file does. If a new file cannot be begun (no rights, no space for a
 * name), the old one goes on; what the disk has no room for is lost. Any thread.
 */
void logfile_write(struct logfile *log, const void *data, size_t len);
/* NULL is fine. */
void logfile_close(struct logfile *log);

#endif
