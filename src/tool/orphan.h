/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Processes that nobody has to wait for. */
#ifndef PARAVANE_TOOL_ORPHAN_H
#define PARAVANE_TOOL_ORPHAN_H

/*
 * fork(2) for a process that is nobody's child here. Returns 0 in it; 1, or -1 with errno, in the
 * caller.
 */
int orphan_fork(void);

#endif
