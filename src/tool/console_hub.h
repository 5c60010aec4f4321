/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The console of a domain and all who look at it: what the guest says goes to each of them and is
 * kept for those who come later; what any of them types goes to the guest.
 *
 * A hub lives on the event loop's thread and frees itself when the domain has let go of it and
 * everyone has been told the rest.
 */
#ifndef PARAVANE_TOOL_CONSOLE_HUB_H
#define PARAVANE_TOOL_CONSOLE_HUB_H

#include <stdbool.h>

#include "backend/error.h"

struct console_hub;
struct eventloop;

/* How many hubs are left, for whoever must not end before they are gone. */
struct console_hubs {
	struct eventloop *loop;
	_Atomic unsigned int nr;
};

/*
 * Makes a hub; *fd is the guest's end, to be closed by the caller when the domain is gone: that
 * releases the hub, which must not be used then. Any thread. Returns NULL with *err.
 */
struct console_hub *console_hub_create(struct console_hubs *hubs, int *fd, struct error *err);

/*
 * Adds someone who looks on and types: takes the socket over. They get what nobody has been shown
 * yet, at most the last 256 KB. With `patient`, the guest waits for this one to read; another who
 * is slow misses what has been overwritten. Any thread but the loop's. False: no memory, and fd is
 * closed.
 */
bool console_hub_attach(struct console_hub *hub, int fd, bool patient);
/* How many look on now, by the function above or as below. Any thread. */
unsigned int console_hub_viewers(const struct console_hub *hub);

/*
 * What a configuration asks for, as long as there is the hub; all take fd over. Any thread but the
 * loop's. False: no memory, and fd is closed.
 *
 * A terminal or a file gets all output as far as it takes it; what is typed at the former goes to
 * the guest. Whoever connects to a listening socket looks on and types.
 */
bool console_hub_add(struct console_hub *hub, int fd);
bool console_hub_listen(struct console_hub *hub, int fd);
/* Nobody connects any more when it returns. Any thread. */
void console_hub_stop_listening(struct console_hub *hub);

#endif
