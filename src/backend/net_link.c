/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A wire between two cards: a Unix socket that carries each frame as one message, with a header of
 * what is left to do with it. The other end may be another process: nothing it says is believed.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/checksum.h"
#include "backend/eventloop.h"
#include "backend/fdpath.h"
#include "backend/iov.h"
#include "backend/net_driver.h"
#include "backend/net_segment.h"
#include "backend/net_vnet.h"

#define MESSAGES_AT_ONCE 64 /* then others on the I/O thread have their turn */
#define MAX_UNSENT 256      /* messages that the socket had no room for */
#define RETRY_NS 500000000ll

struct message {
	struct message *next;
	size_t len;
	uint8_t data[];
};

struct link {
	struct net net;
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	int listener, fd; /* -1: none */
	struct eventloop_fd *listen_watch, *watch;
	struct eventloop_timer *retry; /* to find the other end again */
	struct message *head, **tail;  /* unsent */
	unsigned int unsent;
	unsigned int offloads;         /* what the receiver takes */
	uint8_t buf[sizeof(struct virtio_net_hdr) + NET_MAX_FRAME];
};

static void drop_unsent(struct link *l)
{
	struct message *m;

	while ((m = l->head)) {
		l->head = m->next;
		free(m);
	}
	l->tail = &l->head;
	l->unsent = 0;
}

static void watch_events(struct link *l)
{
	if (l->watch)
		eventloop_fd_set(l->watch, (short)((net_is_waiting(&l->net) ? 0 : POLLIN) |
						   (l->head ? POLLOUT : 0)));
}

/* The other end has gone: whoever listens waits for the next, the other looks for one. */
static void lost(struct link *l)
{
	eventloop_fd_remove(l->watch);
	l->watch = NULL;
	close(l->fd);
	l->fd = -1;
	drop_unsent(l);
	if (l->listen_watch)
		eventloop_fd_set(l->listen_watch, POLLIN);
	else
		eventloop_timer_set(l->retry, eventloop_now() + RETRY_NS);
}

static void emit(void *ctx, const uint8_t *packet, size_t len)
{
	struct link *l = ctx;

	net_deliver(&l->net, packet, len, NULL);
}

/* A frame in l->buf, made what the receiver takes. */
static void take(struct link *l, size_t len)
{
	static const unsigned int gso_bit[] = {
		[NET_GSO_NONE] = 0,
		[NET_GSO_TCPV4] = NET_RECEIVE_TSO4,
		[NET_GSO_TCPV6] = NET_RECEIVE_TSO6,
	};
	struct virtio_net_hdr h;
	uint8_t *frame = l->buf + sizeof(h);
	struct net_offload o;

	memcpy(&h, l->buf, sizeof(h));
	net_from_vnet(&h, &o);
	if (!net_offload_valid(frame, len, &o))
		return;
	if (gso_bit[o.gso] & ~l->offloads) {
		net_segment(frame, len, &o, emit, l);
		return;
	}
	if (o.needs_csum && !(l->offloads & NET_RECEIVE_CSUM)) {
		l4_complete(frame, len, o.csum_start, o.csum_offset);
		o = (struct net_offload){ 0 };
	}
	o.ecn = o.ecn && (l->offloads & NET_RECEIVE_ECN);
	net_deliver(&l->net, frame, len, &o);
}

/* 1: sent or lost for good; 0: no room; -1: nobody is there. */
static int send_message(struct link *l, const void *data, size_t len)
{
	if (send(l->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return 1;
	if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS)
		return 0;
	return errno == EMSGSIZE ? 1 : -1;
}

static int flush(struct link *l)
{
	struct message *m;
	int rc = 1;

	while ((m = l->head) && (rc = send_message(l, m->data, m->len)) > 0) {
		l->head = m->next;
		if (!l->head)
			l->tail = &l->head;
		l->unsent--;
		free(m);
	}
	return rc;
}

static void ready(void *ctx, short revents)
{
	struct link *l = ctx;
	ssize_t len;
	int i;

	if ((revents & POLLOUT) && flush(l) < 0) {
		lost(l);
		return;
	}
	for (i = 0; i < MESSAGES_AT_ONCE && !net_is_waiting(&l->net); i++) {
		len = recv(l->fd, l->buf, sizeof(l->buf), MSG_DONTWAIT);
		if (!len || (len < 0 && errno != EAGAIN && errno != EINTR)) {
			lost(l);
			return;
		}
		if (len < 0)
			break;
		if (len > (ssize_t)sizeof(struct virtio_net_hdr))
			take(l, (size_t)len - sizeof(struct virtio_net_hdr));
	}
	watch_events(l);
}

static int connected(struct link *l, int fd)
{
	l->watch = eventloop_fd_add(l->net.el, fd, POLLIN, ready, l);
	if (!l->watch) {
		close(fd);
		return -1;
	}
	l->fd = fd;
	return 0;
}

static void accept_peer(void *ctx, short revents)
{
	struct link *l = ctx;
	int fd = eventloop_accept(l->net.el, l->listener, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd >= 0 && !connected(l, fd))
		eventloop_fd_set(l->listen_watch, 0);
}

/* Connects, or listens if nobody does. Locked against others who do so. */
static int meet_locked(const char *path, bool *listens)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), e;

	if (fd < 0)
		return -1;
	strcpy(addr.sun_path, path);
	*listens = false;
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	*listens = true;
	if (errno == ECONNREFUSED)
		unlink(path);
	if ((errno == ECONNREFUSED || errno == ENOENT) &&
	    !bind(fd, (struct sockaddr *)&addr, sizeof(addr)) && !listen(fd, 0))
		return fd;
	e = errno;
	close(fd);
	errno = e;
	return -1;
}

int net_link_meet(const char *path, bool *listens)
{
	char lock[sizeof(((struct sockaddr_un *)0)->sun_path) + 8];
	int fd, rc = -1, e;

	if (strlen(path) + sizeof(".lock") > sizeof(((struct sockaddr_un *)0)->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(lock, path);
	strcat(lock, ".lock");
	fd = open(lock, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	/* Whoever has the lock may be an enemy that keeps it: nothing waits for him. */
	if (fd >= 0 && !flock(fd, LOCK_EX | LOCK_NB))
		rc = meet_locked(path, listens);
	e = errno;
	if (fd >= 0)
		close(fd);
	errno = e;
	return rc;
}

static int meet(struct link *l)
{
	bool given = fdpath_is(l->path), listens = false;
	int fd = given ? fdpath_connect(l->path, &listens) : net_link_meet(l->path, &listens);

	/* Two have met already, a queue being full, or somebody has the lock. */
	if (fd < 0 && errno == EAGAIN) {
		eventloop_timer_set(l->retry, eventloop_now() + RETRY_NS);
		return 0;
	}
	if (fd < 0)
		return -1;
	if (!listens)
		return connected(l, fd);
	l->listen_watch = eventloop_fd_add(l->net.el, fd, POLLIN, accept_peer, l);
	if (!l->listen_watch) {
		/* As if it had not been tried, so that it is tried again. */
		if (!given)
			unlink(l->path);
		close(fd);
		errno = ENOMEM;
		return -1;
	}
	l->listener = fd;
	return 0;
}

static void try_again(void *ctx)
{
	struct link *l = ctx;

	if (l->fd < 0 && l->listener < 0 && meet(l) < 0)
		eventloop_timer_set(l->retry, eventloop_now() + RETRY_NS);
}

static void link_send(struct net *net, const struct iovec *iov, unsigned int n,
		      const struct net_offload *o)
{
	struct link *l = (struct link *)net;
	size_t len = sizeof(struct virtio_net_hdr) + iov_length(iov, n);
	struct virtio_net_hdr h;
	struct message *m;
	int rc;

	if (l->fd < 0 || l->unsent == MAX_UNSENT || len > sizeof(l->buf))
		return;
	m = malloc(sizeof(*m) + len);
	if (!m)
		return;
	m->next = NULL;
	m->len = len;
	net_to_vnet(o, &h);
	memcpy(m->data, &h, sizeof(h));
	iov_to_buf(iov, n, 0, m->data + sizeof(h), len - sizeof(h));
	/* If the other end has gone, reading finds out. */
	rc = l->head ? 0 : send_message(l, m->data, len);
	if (rc) {
		free(m);
		return;
	}
	*l->tail = m;
	l->tail = &m->next;
	l->unsent++;
	watch_events(l);
}

static void link_resume(struct net *net)
{
	watch_events((struct link *)net);
}

static void link_set_offloads(struct net *net, unsigned int offloads)
{
	((struct link *)net)->offloads = offloads;
}

static void link_close(struct net *net)
{
	struct link *l = (struct link *)net;

	eventloop_timer_remove(l->retry);
	eventloop_fd_remove(l->listen_watch);
	eventloop_fd_remove(l->watch);
	if (l->fd >= 0)
		close(l->fd);
	if (l->listener >= 0) {
		if (!fdpath_is(l->path))
			unlink(l->path);
		close(l->listener);
	}
	drop_unsent(l);
	net_drop_queue(net);
	free(l);
}

static const struct net_ops ops = {
	.offloads = NET_SEND_CSUM | NET_SEND_TSO4 | NET_SEND_TSO6 | NET_SEND_ECN |
		    NET_RECEIVE_CSUM | NET_RECEIVE_TSO4 | NET_RECEIVE_TSO6 | NET_RECEIVE_ECN,
	.send = link_send,
	.resume = link_resume,
	.set_receive_offloads = link_set_offloads,
	.close = link_close,
};

struct opening {
	struct link *l;
	int rc, error;
};

static void open_on_loop(void *ctx)
{
	struct opening *o = ctx;

	o->rc = meet(o->l);
	o->error = errno;
}

int net_open_link(struct net **out, struct eventloop *el, const char *path, struct error *err)
{
	struct link *l = calloc(1, sizeof(*l));
	struct opening o = { .l = l };

	if (!l)
		return error_set(err, "network link %s: out of memory", path);
	net_init(&l->net, &ops, el);
	l->fd = l->listener = -1;
	l->tail = &l->head;
	l->retry = eventloop_timer_add(el, try_again, l);
	if (!l->retry || strlen(path) + sizeof(".lock") > sizeof(l->path)) {
		link_close(&l->net);
		return error_set(err, "network link %s: the path has at most %zu characters", path,
				 sizeof(l->path) - sizeof(".lock"));
	}
	strcpy(l->path, path);
	eventloop_call(el, open_on_loop, &o);
	if (o.rc) {
		link_close(&l->net);
		return error_set(err, "network link %s: %s", path, strerror(o.error));
	}
	*out = &l->net;
	return 0;
}
