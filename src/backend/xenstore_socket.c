/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's Unix socket, which Debian's xenstore clients use. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backend/eventloop.h"
#include "backend/listen.h"
#include "backend/xenstore.h"

struct client {
	struct client *next;
	struct xenstore_socket *sock;
	int fd;
	struct eventloop_fd *efd;
	struct eventloop_work work;
	struct xenstore_conn *conn;
	uint8_t in[4096], out[4096];
	size_t in_len, out_len;
	bool ended; /* no more requests come */
};

struct xenstore_socket {
	struct xenstore *s;
	struct eventloop *el;
	int fd;
	struct eventloop_fd *efd;
	struct client *clients;
};

static void client_close(struct client *c)
{
	struct client **p;

	for (p = &c->sock->clients; *p != c; p = &(*p)->next)
		;
	*p = c->next;
	eventloop_fd_remove(c->efd);
	xenstore_disconnect(c->conn);
	eventloop_cancel(c->sock->el, &c->work);
	close(c->fd);
	free(c);
}

/* Moves what it can both ways; false if the client is finished. */
static bool client_move(struct client *c)
{
	ssize_t n;
	long took;

	for (;;) {
		if (c->in_len) {
			took = xenstore_input(c->conn, c->in, c->in_len);
			if (took < 0)
				return false;
			memmove(c->in, c->in + took, c->in_len - (size_t)took);
			c->in_len -= (size_t)took;
		}
		if (!c->out_len)
			c->out_len = xenstore_output(c->conn, c->out, sizeof(c->out));
		if (!c->out_len)
			break;
		n = send(c->fd, c->out, c->out_len, MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		if (n <= 0)
			break;
		memmove(c->out, c->out + n, c->out_len - (size_t)n);
		c->out_len -= (size_t)n;
	}
	if (c->ended && !c->out_len)
		return false;
	eventloop_fd_set(c->efd, (short)((c->in_len || c->ended ? 0 : POLLIN) |
					 (c->out_len ? POLLOUT : 0)));
	return true;
}

static void client_work(void *ctx)
{
	struct client *c = ctx;

	if (!client_move(c))
		client_close(c);
}

static void client_wake(void *ctx)
{
	struct client *c = ctx;

	eventloop_post(c->sock->el, &c->work);
}

static void client_ready(void *ctx, short revents)
{
	struct client *c = ctx;
	ssize_t n;

	if (!c->in_len && !c->ended && (revents & (POLLIN | POLLHUP | POLLERR))) {
		n = recv(c->fd, c->in, sizeof(c->in), MSG_DONTWAIT);
		if (n > 0)
			c->in_len = (size_t)n;
		else if (!n || (errno != EAGAIN && errno != EINTR))
			c->ended = true;
	}
	if (!client_move(c))
		client_close(c);
}

static void accept_client(void *ctx, short revents)
{
	struct xenstore_socket *sock = ctx;
	struct client *c;
	int fd = eventloop_accept(sock->el, sock->fd, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	c = calloc(1, sizeof(*c));
	if (!c) {
		close(fd);
		return;
	}
	c->sock = sock;
	c->fd = fd;
	c->work = (struct eventloop_work){ .fn = client_work, .ctx = c };
	c->conn = xenstore_connect(sock->s, 0, client_wake, c);
	c->efd = eventloop_fd_add(sock->el, fd, POLLIN, client_ready, c);
	c->next = sock->clients;
	sock->clients = c;
	if (!c->efd)
		client_close(c);
}

int xenstore_socket_listen(const char *path, struct error *err)
{
	/* A client is domain 0. */
	int fd = listen_unix(path, SOCK_NONBLOCK, 16);

	if (fd >= 0)
		return fd;
	if (errno == ENAMETOOLONG)
		return error_set(err, "%s: a socket's path has at most %d bytes", path,
				 LISTEN_UNIX_MAX);
	return error_set(err, "%s: cannot listen: %s", path, strerror(errno));
}

int xenstore_socket_open(struct xenstore_socket **out, struct xenstore *s, struct eventloop *el,
			 int fd, struct error *err)
{
	struct xenstore_socket *sock = calloc(1, sizeof(*sock));

	if (sock) {
		sock->s = s;
		sock->el = el;
		sock->fd = fd;
		sock->efd = eventloop_fd_add(el, fd, POLLIN, accept_client, sock);
	}
	if (!sock || !sock->efd) {
		free(sock);
		return error_set(err, "store: out of memory");
	}
	*out = sock;
	return 0;
}

static void close_clients(void *ctx)
{
	struct xenstore_socket *sock = ctx;

	while (sock->clients)
		client_close(sock->clients);
}

void xenstore_socket_close(struct xenstore_socket *sock)
{
	if (!sock)
		return;
	eventloop_fd_remove(sock->efd);
	eventloop_call(sock->el, close_clients, sock);
	close(sock->fd);
	free(sock);
}
