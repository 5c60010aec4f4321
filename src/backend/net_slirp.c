/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The user-mode network: libslirp's TCP/IP, driven by the I/O thread. No rights needed. */
#include <errno.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "backend/checksum.h"
#include "backend/eventloop.h"
#include "backend/iov.h"
#include "backend/net_driver.h"

struct slirp_net {
	struct net net;
	Slirp *slirp;
	struct eventloop_poller poller;
	_Atomic bool receive_csum; /* the receiver need not check checksums */
	uint8_t frame[NET_MAX_FRAME];
};

static const struct {
	int slirp;
	short poll;
} poll_bits[] = {
	{ SLIRP_POLL_IN, POLLIN },   { SLIRP_POLL_OUT, POLLOUT }, { SLIRP_POLL_PRI, POLLPRI },
	{ SLIRP_POLL_ERR, POLLERR }, { SLIRP_POLL_HUP, POLLHUP },
};

#define NR_POLL_BITS (sizeof(poll_bits) / sizeof(poll_bits[0]))

static int add_poll(int fd, int events, void *opaque)
{
	struct slirp_net *s = opaque;
	short bits = 0;

	for (size_t i = 0; i < NR_POLL_BITS; i++)
		if (events & poll_bits[i].slirp)
			bits |= poll_bits[i].poll;
	return eventloop_poller_fd(s->net.el, fd, bits);
}

static int get_revents(int index, void *opaque)
{
	struct slirp_net *s = opaque;
	short revents = eventloop_poller_revents(s->net.el, index);
	int events = 0;

	for (size_t i = 0; i < NR_POLL_BITS; i++)
		if (revents & poll_bits[i].poll)
			events |= poll_bits[i].slirp;
	return events;
}

static void prepare(void *ctx, struct eventloop *el, int64_t *timeout_ms)
{
	struct slirp_net *s = ctx;
	uint32_t timeout = UINT32_MAX;

	slirp_pollfds_fill(s->slirp, &timeout, add_poll, s);
	if (timeout != UINT32_MAX && (*timeout_ms < 0 || timeout < *timeout_ms))
		*timeout_ms = timeout;
}

static void dispatch(void *ctx, struct eventloop *el)
{
	struct slirp_net *s = ctx;

	slirp_pollfds_poll(s->slirp, 0, get_revents, s);
}

static ssize_t send_packet(const void *buf, size_t len, void *opaque)
{
	/* It was made in this process: there is nothing to check. */
	static const struct net_offload valid = { .csum_valid = true };
	struct slirp_net *s = opaque;

	net_deliver(&s->net, buf, len, s->receive_csum ? &valid : NULL);
	return (ssize_t)len;
}

static void guest_error(const char *msg, void *opaque)
{
	/* The guest sent something odd: its own business. */
}

static int64_t clock_get_ns(void *opaque)
{
	return eventloop_now();
}

static void *timer_new(SlirpTimerCb cb, void *cb_opaque, void *opaque)
{
	struct slirp_net *s = opaque;

	return eventloop_timer_add(s->net.el, cb, cb_opaque);
}

static void timer_free(void *timer, void *opaque)
{
	eventloop_timer_remove(timer);
}

static void timer_mod(void *timer, int64_t expire_ms, void *opaque)
{
	if (timer)
		eventloop_timer_set(timer, expire_ms * 1000000);
}

/* Descriptors are asked for anew each round, on the thread that calls libslirp. */
static void poll_fd_unused(int fd, void *opaque)
{
}

static void notify_unused(void *opaque)
{
}

static const SlirpCb callbacks = {
	.send_packet = send_packet,
	.guest_error = guest_error,
	.clock_get_ns = clock_get_ns,
	.timer_new = timer_new,
	.timer_free = timer_free,
	.timer_mod = timer_mod,
	.register_poll_fd = poll_fd_unused,
	.unregister_poll_fd = poll_fd_unused,
	.notify = notify_unused,
};

/* A long segment need not be cut: libslirp takes any that IP can carry. */
static void slirp_send(struct net *net, const struct iovec *iov, unsigned int n,
		       const struct net_offload *o)
{
	struct slirp_net *s = (struct slirp_net *)net;
	size_t len = iov_to_buf(iov, n, 0, s->frame, sizeof(s->frame));

	if (o->needs_csum && (size_t)o->csum_start + o->csum_offset + 2 <= len)
		l4_complete(s->frame, len, o->csum_start, o->csum_offset);
	slirp_input(s->slirp, s->frame, (int)len);
}

static void cleanup(void *arg)
{
	struct slirp_net *s = arg;

	slirp_cleanup(s->slirp);
}

static void slirp_close(struct net *net)
{
	struct slirp_net *s = (struct slirp_net *)net;

	if (s->slirp) {
		eventloop_poller_remove(net->el, &s->poller);
		eventloop_call(net->el, cleanup, s);
	}
	net_drop_queue(net);
	free(s);
}

static void slirp_set_offloads(struct net *net, unsigned int offloads)
{
	((struct slirp_net *)net)->receive_csum = offloads & NET_RECEIVE_CSUM;
}

static const struct net_ops ops = {
	.offloads = NET_SEND_CSUM | NET_SEND_TSO4 | NET_RECEIVE_CSUM,
	.send = slirp_send,
	.set_receive_offloads = slirp_set_offloads,
	.close = slirp_close,
};

int net_open_user(struct net **out, struct eventloop *el, const struct net_hostfwd *fwd,
		  unsigned int nr_fwd, struct error *err)
{
	struct slirp_net *s = calloc(1, sizeof(*s));
	SlirpConfig config = { .version = 1, .in_enabled = true };
	struct in_addr guest, local = { htonl(INADDR_LOOPBACK) };

	if (!s)
		return error_set(err, "network user: out of memory");
	net_init(&s->net, &ops, el);
	inet_pton(AF_INET, "10.0.2.0", &config.vnetwork);
	inet_pton(AF_INET, "255.255.255.0", &config.vnetmask);
	inet_pton(AF_INET, "10.0.2.2", &config.vhost);
	inet_pton(AF_INET, "10.0.2.3", &config.vnameserver);
	inet_pton(AF_INET, "10.0.2.15", &config.vdhcp_start);
	guest = config.vdhcp_start;
	s->slirp = slirp_new(&config, &callbacks, s);
	if (!s->slirp) {
		free(s);
		return error_set(err, "network user: libslirp does not start");
	}
	s->poller = (struct eventloop_poller){ .prepare = prepare, .dispatch = dispatch, .ctx = s };
	for (unsigned int i = 0; i < nr_fwd; i++)
		if (slirp_add_hostfwd(s->slirp, 0, local, fwd[i].host_port, guest,
				      fwd[i].guest_port) < 0) {
			error_set(err, "network user: hostfwd=tcp:%u:%u: cannot listen on "
				  "127.0.0.1 port %u: %s", fwd[i].host_port, fwd[i].guest_port,
				  fwd[i].host_port, strerror(errno));
			slirp_cleanup(s->slirp);
			free(s);
			return -1;
		}
	eventloop_poller_add(el, &s->poller);
	*out = &s->net;
	return 0;
}
