/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A client of a host's store, over its socket (docs/misc/xenstore.txt of Xen). */
#ifndef PARAVANE_TOOL_STORE_CLIENT_H
#define PARAVANE_TOOL_STORE_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "backend/error.h"

/* Connects to the socket at `path`. Returns it, or -1 with *err. */
int store_connect(const char *path, struct error *err);
/*
 * Sends a request whose payload is `len` bytes and returns the answer's, with a NUL behind and to
 * be freed, its length in *out_len; or NULL with *err, which says the store's error (ENOENT, ...).
 */
char *store_ask(int fd, uint32_t type, const void *payload, size_t len, size_t *out_len,
		struct error *err);
/* Waits for an event of a watch: its path, to be freed, or NULL at the end. */
char *store_event(int fd);

#endif
