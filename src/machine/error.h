/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The one-line message of a start-up error, on its way from where it is found to who prints it. */
#ifndef PARAVANE_MACHINE_ERROR_H
#define PARAVANE_MACHINE_ERROR_H

struct error {
	char msg[512]; /* one line without newline; what, where, and what would be accepted */
};

/*
 * Writes a printf-style message into *err (cut to fit; control characters, which come from file
 * names, become '?'). Always returns -1, so that callers can `return error_set(...)`.
 */
int error_set(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
