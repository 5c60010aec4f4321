/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The controlling terminal in raw mode, and back again whatever happens. */
#ifndef PARAVANE_BACKEND_TERMINAL_H
#define PARAVANE_BACKEND_TERMINAL_H

/*
 * Puts the terminal behind fd into raw mode (nothing if fd is no terminal) and arranges that it is
 * restored at exit(3) and when a signal ends the process. One terminal a process. Returns 0 or
 * -errno.
 */
int terminal_raw(int fd);

/* Restores it now. Safe in a signal handler and when terminal_raw() was never called. */
void terminal_restore(void);

#endif
