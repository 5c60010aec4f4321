/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between commands and host processes: JSON, one object a line, and descriptors.
 *
 * A request is {"command": NAME, "domain": ID, ...}; the answer {"ok": true, ...} or
 * {"error": TEXT}. An argument "/dev/fd/@N" names the Nth descriptor that came with the line.
 */
#ifndef PARAVANE_TOOL_WIRE_H
#define PARAVANE_TOOL_WIRE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "backend/fdpass.h"

#define WIRE_MAX_LINE (4u << 20)
#define WIRE_MAX_FDS FDPASS_MAX /* of one message */

struct wire_fds {
	int fd[WIRE_MAX_FDS];
	unsigned int nr;
};

/* One end of a connection. */
struct wire {
	int fd;
	char *buf;       /* received and not yet given out */
	size_t len, room;
};

void wire_init(struct wire *w, int fd);
/* Closes the descriptor and frees what is buffered. */
void wire_close(struct wire *w);

/* Sends one message; fds may be NULL and stay the caller's. 0 or -errno. One thread at a time. */
int wire_send(struct wire *w, const json_t *msg, const struct wire_fds *fds);
/*
 * Waits for one message, adds its descriptors to *fds (closes them if fds is NULL). Returns 0 and
 * *msg to be freed; or -errno, with -ECONNRESET when the other side has closed, -EPROTO when what
 * came is no message.
 */
int wire_receive(struct wire *w, json_t **msg, struct wire_fds *fds);
/* Bytes that came behind the last message: for a connection that goes on as a stream. */
size_t wire_rest(struct wire *w, void *buf, size_t size);

void wire_fds_close(struct wire_fds *fds);
/* Takes fd over; returns its index, or -1 when there are too many (and closes it). */
int wire_fds_add(struct wire_fds *fds, int fd);

/* True if the process at the other end of a Unix socket is of this user (or root's). */
bool wire_peer_is_us(int fd);

#endif
