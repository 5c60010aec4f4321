/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What each program of this folder says: a line "ok NAME" or "FAIL NAME: why" for each case, and a
 * status that is 0 when none failed. */
#ifndef CHECK_H
#define CHECK_H

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_failed;

__attribute__((format(printf, 3, 4), unused))
static void check(int holds, const char *name, const char *why, ...)
{
	va_list args;

	if (holds) {
		printf("ok %s\n", name);
	} else {
		printf("FAIL %s: ", name);
		va_start(args, why);
		vprintf(why, args);
		va_end(args);
		printf("\n");
		check_failed = 1;
	}
	fflush(stdout);
}

/* A call that must not fail for the cases to mean anything. */
#define NEED(call) \
	({ __auto_type need = (call); \
	   if ((long)need == -1) { \
		   printf("FAIL %s:%d: %s: %s\n", __FILE__, __LINE__, #call, strerror(errno)); \
		   exit(1); \
	   } \
	   need; })

#endif
