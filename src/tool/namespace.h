/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A view of the file system of a process's own, by namespaces of users and mounts. */
#ifndef PARAVANE_TOOL_NAMESPACE_H
#define PARAVANE_TOOL_NAMESPACE_H

#include <stdbool.h>

/*
 * Hides what is in `folder` from this process, but for the folders of the names in `keep` (NULL
 * ends; at most 8). Sockets of others are not reached then, which Landlock does not see to. The
 * rest of the file system stays in view. Before there are other threads, and before
 * sandbox_enter(). False: the kernel, or how it is set up, does not let this user do so; nothing
 * has changed then.
 */
bool namespace_hide(const char *folder, const char *const *keep);

#endif
