/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why something could not be started: one line for the person who asked for it. */
#ifndef PARAVANE_BACKEND_ERROR_H
#define PARAVANE_BACKEND_ERROR_H

/*
 * One line without a newline that names what is wrong, where, and what would be accepted. Owned by
 * the caller of the function that may fail; valid only when that function says it failed.
 */
struct error {
	char msg[512];
};

/*
 * Puts a printf-style line into *err (which may be NULL; a line too long is cut). Returns -1, so
 * that a function may end with `return error_set(...)`. Any thread.
 */
int error_set(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
