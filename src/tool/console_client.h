/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain's console in this terminal. */
#ifndef PARAVANE_TOOL_CONSOLE_CLIENT_H
#define PARAVANE_TOOL_CONSOLE_CLIENT_H

#include "tool/client.h"

enum console_end {
	CONSOLE_CLOSED, /* the domain has gone */
	CONSOLE_LEFT,   /* Ctrl-], or the end of input */
	CONSOLE_QUIT,   /* Ctrl-] q */
	CONSOLE_ERROR,  /* standard output cannot be written */
};

struct console_options {
	bool patient; /* the guest waits until output has been read */
	bool menu;    /* Ctrl-] is followed by a key, as on the console of `run`; else it leaves */
	/*
	 * Another descriptor to watch, or -1: ready(ctx) is called when it is readable, and its
	 * value other than 0 stops that.
	 */
	int other;
	int (*ready)(void *ctx);
	void *ctx;
};

/*
 * Asks for the console: the connection *w is its stream then. If others look at it too, says so on
 * standard error. 0, or -1 with *err.
 */
int console_attach(struct wire *w, int domid, bool patient, struct error *err);

/*
 * Copies between standard input and output and the console until one of the ends above. A terminal
 * is raw meanwhile. When standard input ends, and is no terminal, what the guest still says is
 * waited for, up to a second of silence or ten in all; with `menu`, its end ends nothing but that.
 */
enum console_end console_run(struct wire *w, const struct console_options *options);

#endif
