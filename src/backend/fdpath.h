/* SPDX-License-Identifier: GPL-2.0-or-later */
/* File names that stand for descriptors which are open already: "/dev/fd/N". */
#ifndef PARAVANE_BACKEND_FDPATH_H
#define PARAVANE_BACKEND_FDPATH_H

#include <sys/types.h>

/*
 * As open(2) with O_CLOEXEC, but "/dev/fd/N" gives a copy of descriptor N at offset 0, whatever the
 * file's mode is now: a process that has confined itself may open nothing, and is given descriptors
 * instead. N must be open for what `flags` ask for, else errno is EACCES. Any thread.
 */
int fdpath_open(const char *path, int flags, mode_t mode);

#endif
