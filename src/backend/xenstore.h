/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store in which the parts of a host and its domains leave each other notes (xenstore): a tree
 * of nodes with permissions, transactions and watches.
 *
 * Source of the protocol: Xen's public/io/xs_wire.h and docs/misc/xenstore.txt. Domains come and go
 * with xenstore_introduce() and _release(); INTRODUCE by a client is for one that is there.
 * RESTRICT answers ENOSYS, as Xen's daemon; of DEBUG's commands there are check and help.
 *
 * Any thread for everything; one lock inside. Callbacks are called with it held: they post work.
 */
#ifndef PARAVANE_BACKEND_XENSTORE_H
#define PARAVANE_BACKEND_XENSTORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/error.h"
#include "backend/xenstore_tree.h"

struct eventloop;
struct xenstore;
struct xenstore_conn;
struct xenstore_socket;
struct xenstore_watch;

/* What a domain other than 0 may have. */
struct xenstore_quota {
	unsigned int nodes, value_bytes, watches, transactions, perms;
};

extern const struct xenstore_quota xenstore_default_quota;

/* Returns an empty store; NULL quota is the default. */
struct xenstore *xenstore_create(const struct xenstore_quota *quota);
/* All connections are closed and watches removed before. NULL is fine. */
void xenstore_destroy(struct xenstore *s);

/* --- the host's own use, with all rights, no transactions. Paths are absolute. --- */

/* Writes a printf-style value, with the nodes above that are missing. 0 or -EINVAL. */
int xenstore_printf(struct xenstore *s, const char *path, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
/* The value with a NUL after it, to be freed, or NULL; its length if len is not NULL. */
char *xenstore_read(struct xenstore *s, const char *path, size_t *len);
/* Removes a node and all below. 0 or -ENOENT. */
int xenstore_remove(struct xenstore *s, const char *path);
/* 0, -ENOENT, -EINVAL. */
int xenstore_set_perms(struct xenstore *s, const char *path, const struct xs_perm *perms,
		       unsigned int nr);
/* Names below, each with a NUL, one more NUL at the end; to be freed. NULL: no such node. */
char *xenstore_list(struct xenstore *s, const char *path);
/* Calls changed(ctx) now, and whenever the node or one below it changes. */
struct xenstore_watch *xenstore_watch_add(struct xenstore *s, const char *path,
					  void (*changed)(void *ctx), void *ctx);
/* changed() is not called any more when it returns. NULL is fine. */
void xenstore_watch_remove(struct xenstore *s, struct xenstore_watch *w);

/*
 * Tells the watchers of @introduceDomain, @releaseDomain. What a released domain says is not heard
 * any more until its connection is closed and made anew.
 */
void xenstore_introduce(struct xenstore *s, uint32_t domid);
void xenstore_release(struct xenstore *s, uint32_t domid);
/* It has shut down but is still there: @releaseDomain too, once until a client's RESUME. */
void xenstore_shutdown(struct xenstore *s, uint32_t domid);
/* It goes on, and will shut down anew. */
void xenstore_resume(struct xenstore *s, uint32_t domid);

/* --- connections --- */

/* wake(ctx): there is output, or room for input again. Domain 0 has all rights and no quota. */
struct xenstore_conn *xenstore_connect(struct xenstore *s, uint32_t domid, void (*wake)(void *ctx),
				       void *ctx);
/* With its watches and transactions; wake() is not called any more. NULL is fine. */
void xenstore_disconnect(struct xenstore_conn *c);
/*
 * Takes bytes of requests and answers the complete ones. Returns how many it took: less than all
 * while too much output waits. -1: what came is no request; nothing more will be understood.
 */
long xenstore_input(struct xenstore_conn *c, const uint8_t *buf, size_t len);
/* Moves output to buf; returns how much. */
size_t xenstore_output(struct xenstore_conn *c, uint8_t *buf, size_t size);

/* --- Unix socket: every client is domain 0 --- */

/* A socket that listens at `path`, which must not exist, for this user alone. Or -1 with *err. */
int xenstore_socket_listen(const char *path, struct error *err);
/* Serves whoever connects to it; takes fd over. Returns 0, or -1 with *err and fd still open. */
int xenstore_socket_open(struct xenstore_socket **out, struct xenstore *s, struct eventloop *el,
			 int fd, struct error *err);
/* Closes it and all clients; the path stays. NULL is fine. Not on the loop's thread. */
void xenstore_socket_close(struct xenstore_socket *sock);

#endif
