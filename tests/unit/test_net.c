/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Links between cards, TCP segmentation, and what a peer may send that is not true. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/virtio_net.h>

#include "backend/checksum.h"
#include "backend/eventloop.h"
#include "backend/net.h"
#include "backend/net_segment.h"

#define MAX_FRAMES 100

/* A card: what it has received. */
struct card {
	struct net *net;
	struct net_receiver receiver;
	_Atomic int frames;
	bool full;
	struct {
		uint8_t *data;
		size_t len;
		struct net_offload o;
	} got[MAX_FRAMES];
};

struct bed {
	struct eventloop *el;
	char dir[32], path[64];
	struct card a, b;
};

static bool receive(void *ctx, const void *frame, size_t len, const struct net_offload *o)
{
	struct card *c = ctx;

	if (c->full)
		return false;
	if (c->frames < MAX_FRAMES) {
		c->got[c->frames].data = malloc(len);
		memcpy(c->got[c->frames].data, frame, len);
		c->got[c->frames].len = len;
		c->got[c->frames].o = *o;
	}
	c->frames++;
	return true;
}

static void forget(struct card *c)
{
	int i;

	for (i = 0; i < c->frames && i < MAX_FRAMES; i++)
		free(c->got[i].data);
	c->frames = 0;
}

static void plug(struct bed *t, struct card *c, unsigned int offloads)
{
	struct error err;

	if (net_open_link(&c->net, t->el, t->path, &err))
		fail_msg("%s", err.msg);
	net_set_receive_offloads(c->net, offloads);
	c->receiver = (struct net_receiver){ receive, c };
	net_set_receiver(c->net, &c->receiver);
}

static void pull(struct card *c)
{
	if (!c->net)
		return;
	net_set_receiver(c->net, NULL);
	net_close(c->net);
	c->net = NULL;
}

static int setup(void **state)
{
	struct bed *t = calloc(1, sizeof(*t));
	struct error err;

	strcpy(t->dir, "/tmp/test-net-XXXXXX");
	assert_non_null(mkdtemp(t->dir));
	snprintf(t->path, sizeof(t->path), "%s/link", t->dir);
	assert_int_equal(eventloop_create(&t->el, &err), 0);
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct bed *t = *state;
	char lock[80];

	pull(&t->a);
	pull(&t->b);
	forget(&t->a);
	forget(&t->b);
	eventloop_destroy(t->el);
	snprintf(lock, sizeof(lock), "%s.lock", t->path);
	unlink(lock);
	assert_int_equal(access(t->path, F_OK), -1);
	assert_int_equal(rmdir(t->dir), 0);
	free(t);
	return 0;
}

#define WAIT_FOR(cond) \
	do { \
		int tries_ = 0; \
		while (!(cond)) { \
			assert_true(tries_++ < 5000); \
			usleep(1000); \
		} \
	} while (0)

struct sending {
	struct net *net;
	struct iovec iov;
	struct net_offload o;
};

static void do_send(void *ctx)
{
	struct sending *s = ctx;

	net_send(s->net, &s->iov, 1, &s->o);
}

static void send_frame(struct bed *t, struct card *c, const void *data, size_t len,
		       const struct net_offload *o)
{
	struct sending s = { c->net, { (void *)data, len }, { 0 } };

	if (o)
		s.o = *o;
	eventloop_call(t->el, do_send, &s);
}

/* The two ends find each other within the time it takes to accept. */
static void meet(struct bed *t)
{
	static const uint8_t hello[60] = "hello";
	int i;

	for (i = 0; i < 3000 && !t->b.frames; i++) {
		send_frame(t, &t->a, hello, sizeof(hello), NULL);
		usleep(1000);
	}
	assert_true(t->b.frames > 0);
	for (i = 0; i < 3000 && !t->a.frames; i++) {
		send_frame(t, &t->b, hello, sizeof(hello), NULL);
		usleep(1000);
	}
	assert_true(t->a.frames > 0);
	/* Those that were sent more than once. */
	usleep(20000);
	forget(&t->a);
	forget(&t->b);
}

/* A TCP segment of 5000 bytes, to be cut; returns its length. */
static size_t tcp_frame(uint8_t *f, bool v6, struct net_offload *o)
{
	size_t ip = 14, l4 = ip + (v6 ? 40 : 20), len = l4 + 20 + 5000, i;
	struct l4_place place;

	memset(f, 0, l4 + 20);
	f[12] = v6 ? 0x86 : 8;
	f[13] = v6 ? 0xdd : 0;
	if (v6) {
		f[ip] = 0x60;
		f[ip + 4] = (uint8_t)((len - l4) >> 8);
		f[ip + 5] = (uint8_t)(len - l4);
		f[ip + 6] = 6;
	} else {
		f[ip] = 0x45;
		f[ip + 2] = (uint8_t)((len - ip) >> 8);
		f[ip + 3] = (uint8_t)(len - ip);
		f[ip + 4] = 0xff; /* identification: goes around */
		f[ip + 5] = 0xff;
		f[ip + 9] = 6;
	}
	f[l4 + 4] = 0xff; /* sequence: goes around */
	f[l4 + 5] = 0xff;
	f[l4 + 6] = 0xff;
	f[l4 + 12] = 0x50;
	f[l4 + 13] = 0x99; /* CWR ACK PSH FIN */
	for (i = 0; i < 5000; i++)
		f[l4 + 20 + i] = (uint8_t)(i * 7 + i / 256);
	assert_true(l4_prepare(f, len, &place));
	*o = (struct net_offload){
		.needs_csum = true, .gso = v6 ? NET_GSO_TCPV6 : NET_GSO_TCPV4, .gso_size = 1400,
		.csum_start = place.start, .csum_offset = place.offset, .hdr_len = place.hdr_len,
	};
	return len;
}

static uint32_t be32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

/* The checksum of a packet comes out right: that of a correct one over everything is 0. */
static void check_packet(const uint8_t *p, size_t len, bool v6)
{
	size_t ip = 14, l4 = ip + (v6 ? 40 : 20);
	uint8_t pseudo[40 + 1500] = { 0 };
	size_t n = v6 ? 32 : 8;

	if (!v6) {
		assert_int_equal(checksum(p + ip, 20), 0);
		assert_int_equal(p[ip + 2] << 8 | p[ip + 3], len - ip);
	} else {
		assert_int_equal(p[ip + 4] << 8 | p[ip + 5], len - l4);
	}
	memcpy(pseudo, p + ip + (v6 ? 8 : 12), n);
	pseudo[n + 1] = 6;
	pseudo[n + 2] = (uint8_t)((len - l4) >> 8);
	pseudo[n + 3] = (uint8_t)(len - l4);
	memcpy(pseudo + n + 4, p + l4, len - l4);
	assert_int_equal(checksum(pseudo, n + 4 + len - l4), 0);
}

static void segments_of(struct card *c, const uint8_t *f, bool v6)
{
	static const size_t size[] = { 1400, 1400, 1400, 800 };
	size_t l4 = 14 + (v6 ? 40 : 20), at = 0;
	int i;

	assert_int_equal(c->frames, 4);
	for (i = 0; i < 4; i++, at += 1400) {
		const uint8_t *p = c->got[i].data;

		assert_int_equal(c->got[i].len, l4 + 20 + size[i]);
		assert_memory_equal(p + l4 + 20, f + l4 + 20 + at, size[i]);
		assert_int_equal(be32(p + l4 + 4), (uint32_t)(0xffffff00u + at));
		assert_int_equal(p[l4 + 13], (i ? 0 : 0x80) | 0x10 | (i == 3 ? 9 : 0));
		if (!v6)
			assert_int_equal(p[18] << 8 | p[19], (0xffff + i) & 0xffff);
		check_packet(p, c->got[i].len, v6);
		assert_int_equal(c->got[i].o.gso, NET_GSO_NONE);
		assert_false(c->got[i].o.needs_csum);
	}
}

/* Frames go both ways as they are; work that the other can do is left to it, and only that. */
static void both_ways(void **state)
{
	struct bed *t = *state;
	static uint8_t f[6000];
	struct net_offload o;
	size_t len;
	int v6;

	plug(t, &t->a, 0);
	plug(t, &t->b, NET_RECEIVE_CSUM | NET_RECEIVE_TSO4 | NET_RECEIVE_TSO6);
	meet(t);
	for (v6 = 0; v6 < 2; v6++) {
		len = tcp_frame(f, v6, &o);
		send_frame(t, &t->a, f, len, &o);
		WAIT_FOR(t->b.frames == 1);
		assert_int_equal(t->b.got[0].len, len);
		assert_memory_equal(t->b.got[0].data, f, len);
		assert_memory_equal(&t->b.got[0].o, &o, sizeof(o));
		forget(&t->b);
		send_frame(t, &t->b, f, len, &o);
		WAIT_FOR(t->a.frames == 4);
		segments_of(&t->a, f, v6);
		forget(&t->a);
	}
	/* A checksum alone. */
	len = tcp_frame(f, false, &o) - 4000;
	o.gso = NET_GSO_NONE;
	f[16] = (uint8_t)((len - 14) >> 8);
	f[17] = (uint8_t)(len - 14);
	memset(f + 24, 0, 2);
	f[24] = (uint8_t)(checksum(f + 14, 20) >> 8);
	f[25] = (uint8_t)checksum(f + 14, 20);
	{
		struct l4_place place;

		assert_true(l4_prepare(f, len, &place));
	}
	send_frame(t, &t->b, f, len, &o);
	WAIT_FOR(t->a.frames == 1);
	check_packet(t->a.got[0].data, len, false);
}

/* More than the socket holds, to a card that has no room for a while: in order, none twice. */
static void slow_receiver(void **state)
{
	struct bed *t = *state;
	static uint8_t f[20000];
	int i;

	plug(t, &t->a, 0);
	plug(t, &t->b, 0);
	meet(t);
	t->b.full = true;
	for (i = 0; i < 90; i++) {
		f[100] = (uint8_t)i;
		send_frame(t, &t->a, f, sizeof(f), NULL);
	}
	usleep(50000);
	assert_int_equal(t->b.frames, 0);
	t->b.full = false;
	net_set_receiver(t->b.net, &t->b.receiver); /* offers again what waits */
	WAIT_FOR(t->b.frames == 90);
	for (i = 0; i < 90; i++)
		assert_int_equal(t->b.got[i].data[100], i);
}

/* Either end may go and come again. */
static void again(void **state)
{
	struct bed *t = *state;
	static const uint8_t alone[60];
	int round;

	plug(t, &t->a, 0);
	send_frame(t, &t->a, alone, sizeof(alone), NULL);
	plug(t, &t->b, 0);
	for (round = 0; round < 4; round++) {
		meet(t);
		if (round & 1) {
			pull(&t->a);
			plug(t, &t->a, 0);
		} else {
			pull(&t->b);
			send_frame(t, &t->a, alone, sizeof(alone), NULL);
			plug(t, &t->b, 0);
		}
	}
	meet(t);
}

/* A path where no socket can be. */
static void no_place(void **state)
{
	struct bed *t = *state;
	struct error err;
	struct net *net;

	assert_int_equal(net_open_link(&net, t->el, "/nonexistent/link", &err), -1);
	assert_non_null(strstr(err.msg, "No such file"));
	assert_int_equal(net_open_link(&net, t->el, "/tmp/this-path-is-longer-than-the-address-"
				       "of-a-unix-socket-can-be-on-linux-which-is-108-bytes-with-"
				       "its-end/link", &err), -1);
	assert_int_equal(net_open_bridge(&net, t->el, "no-such-bridge", NULL, &err), -1);
	assert_non_null(strstr(err.msg, "no such interface"));
	assert_int_equal(net_open_tap(&net, t->el, "/dev/fd/0", &err), -1);
	assert_non_null(strstr(err.msg, "no open tap"));
}

/* A peer that is no card of ours. */
static void lying_peer(void **state)
{
	struct bed *t = *state;
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	uint8_t m[sizeof(struct virtio_net_hdr) + 5100] = { 0 };
	struct virtio_net_hdr h;
	struct net_offload o;
	size_t len = tcp_frame(m + sizeof(h), false, &o), n;
	unsigned int i, k;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);

	plug(t, &t->a, 0);
	strcpy(addr.sun_path, t->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	srand(1);
	for (i = 0; i < 20000; i++) {
		h = (struct virtio_net_hdr){
			.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM, .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
			.hdr_len = 54, .gso_size = 1400, .csum_start = 34, .csum_offset = 16,
		};
		for (k = 0; k < 3; k++)
			((uint8_t *)&h)[rand() % (int)sizeof(h)] = (uint8_t)rand();
		memcpy(m, &h, sizeof(h));
		n = rand() % 4 ? sizeof(h) + len : 1 + (size_t)rand() % len;
		m[sizeof(h) + (size_t)(rand() % 60)] = (uint8_t)rand();
		assert_int_equal(send(fd, m, n, MSG_NOSIGNAL), n);
	}
	close(fd);
	/* It is the card's again. */
	usleep(100000);
	forget(&t->a);
	plug(t, &t->b, 0);
	meet(t);
}

/*
 * Somebody keeps the lock by which two ends meet: the loop goes on, and they meet when he lets go.
 */
static void lock_is_taken(void **state)
{
	struct bed *t = *state;
	static const uint8_t alone[60];
	char lock[80];
	int fd;

	snprintf(lock, sizeof(lock), "%s.lock", t->path);
	fd = open(lock, O_RDWR | O_CREAT, 0600);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	plug(t, &t->a, 0);
	plug(t, &t->b, 0);
	send_frame(t, &t->a, alone, sizeof(alone), NULL);
	assert_int_equal(access(t->path, F_OK), -1);
	close(fd);
	meet(t);
}

/* What it costs to cut a frame has a bound. */
static void too_many_segments(void **state)
{
	static uint8_t frame[65000];
	struct net_offload o;
	size_t len = tcp_frame(frame, false, &o);

	(void)state;
	assert_true(net_offload_valid(frame, len, &o));
	o.gso_size = 8;
	assert_true(net_offload_valid(frame, len, &o));
	for (o.gso_size = 0; o.gso_size < 8; o.gso_size++)
		assert_false(net_offload_valid(frame, len, &o));
	o.gso_size = 36;
	assert_true(net_offload_valid(frame, sizeof(frame), &o));
	o.gso_size = 30;
	assert_false(net_offload_valid(frame, sizeof(frame), &o));
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(both_ways), T(slow_receiver), T(again), T(no_place), T(lying_peer),
		T(lock_is_taken), T(too_many_segments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
