/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtio network card: headers, merged buffers, offloads and back pressure over a network made
 * for the test; the user-mode network and tap as the guest would see them.
 */
#include "test_virtio_driver.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "backend/eventloop.h"
#include "backend/net_driver.h"

#define NET 0x1000
#define RX 0
#define TX 1

#define F_CSUM (1u << 0)
#define F_GUEST_CSUM (1u << 1)
#define F_GUEST_TSO4 (1u << 7)
#define F_HOST_TSO4 (1u << 11)
#define F_HOST_TSO6 (1u << 12)
#define F_MRG_RXBUF (1u << 15)

struct header {
	uint8_t flags, gso_type;
	uint16_t hdr_len, gso_size, csum_start, csum_offset, num_buffers;
};

static const uint8_t mac[6] = { 0x52, 0x54, 0, 1, 2, 3 };

/* --- a network that keeps what it is given --- */

struct test_net {
	struct net net;
	pthread_mutex_t lock;
	unsigned int sent;
	uint8_t frame[NET_MAX_FRAME];
	size_t len;
	struct net_offload offload;
	unsigned int resumed;
	unsigned int offloads;
};

static void test_send(struct net *net, const struct iovec *iov, unsigned int n,
		      const struct net_offload *o)
{
	struct test_net *t = (struct test_net *)net;

	pthread_mutex_lock(&t->lock);
	t->len = 0;
	for (unsigned int i = 0; i < n; i++) {
		memcpy(t->frame + t->len, iov[i].iov_base, iov[i].iov_len);
		t->len += iov[i].iov_len;
	}
	t->offload = *o;
	t->sent++;
	pthread_mutex_unlock(&t->lock);
}

static void test_resume(struct net *net)
{
	((struct test_net *)net)->resumed++;
}

static void test_offloads(struct net *net, unsigned int offloads)
{
	((struct test_net *)net)->offloads = offloads;
}

static void test_close(struct net *net)
{
	net_drop_queue(net);
	free(net);
}

static const struct net_ops test_ops = {
	.offloads = 0xff, .send = test_send, .resume = test_resume, .close = test_close,
	.set_receive_offloads = test_offloads,
};

struct delivery {
	struct net *net;
	const void *frame;
	size_t len;
	struct net_offload o;
};

static void deliver_now(void *arg)
{
	struct delivery *x = arg;

	net_deliver(x->net, x->frame, x->len, &x->o);
}

struct card {
	struct test_driver d;
	struct eventloop *el;
	struct test_net *t;
};

static void setup_driver(struct card *c, bool modern, uint64_t features)
{
	drv_probe(&c->d, c->d.w, NET, modern, true);
	drv_negotiate(&c->d, features);
	drv_setup_queue(&c->d, RX, 0);
	drv_setup_queue(&c->d, TX, 0);
	drv_ok(&c->d);
}

static void attach(struct card *c, struct net *net)
{
	c->d.w = world_create();
	assert_int_equal(virtio_net_add(c->d.w->bus, &c->d.w->mem, c->el, net, mac, NULL), 0);
}

static void start(struct card *c, bool modern, uint64_t features)
{
	memset(c, 0, sizeof(*c));
	assert_int_equal(eventloop_create(&c->el, NULL), 0);
	c->t = calloc(1, sizeof(*c->t));
	pthread_mutex_init(&c->t->lock, NULL);
	net_init(&c->t->net, &test_ops, c->el);
	attach(c, &c->t->net);
	setup_driver(c, modern, features);
}

static void finish(struct card *c)
{
	world_destroy(c->d.w);
	eventloop_destroy(c->el);
}

static size_t hsize(const struct card *c)
{
	return c->d.modern || c->d.features & F_MRG_RXBUF ? 12 : 10;
}

/* Sends header and frame as two descriptors; waits until it is used. */
static void nothing(void *ctx)
{
}

static void transmit(struct card *c, const struct header *h, const void *frame, uint32_t len)
{
	uint64_t mark = c->d.w->next, at = guest_alloc(c->d.w, 12, 2), data;
	struct test_seg seg[2];

	data = guest_alloc(c->d.w, len + 1, 2);
	memcpy(guest_ptr(c->d.w, at), h, hsize(c));
	memcpy(guest_ptr(c->d.w, data), frame, len);
	seg[0] = (struct test_seg){ at, (uint32_t)hsize(c), false };
	seg[1] = (struct test_seg){ data, len, false };
	drv_transfer(&c->d, TX, seg, 2, false);
	/* What the loop's thread has noted of it is seen here from now on. */
	eventloop_call(c->el, nothing, NULL);
	c->d.w->next = mark;
}

/* Gives the card a buffer of its own; returns its address. */
static uint64_t give_buffer(struct card *c, uint32_t len)
{
	struct test_seg seg = { guest_alloc(c->d.w, len, 2), len, true };

	drv_add(&c->d, RX, &seg, 1, false);
	return seg.gpa;
}

static void fill(uint8_t *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		p[i] = (uint8_t)(i * 31 + i / 256);
}

static void test_config(void **state)
{
	struct card c;

	for (int modern = 0; modern < 2; modern++) {
		start(&c, modern, ~0ull);
		for (unsigned int i = 0; i < 6; i++)
			assert_int_equal(drv_config(&c.d, i, 1), mac[i]);
		assert_int_equal(drv_config(&c.d, 6, 2), 1);
		assert_int_equal(c.t->offloads & 0xf0, 0xf0);
		drv_set_status(&c.d, 0);
		assert_int_equal(c.t->offloads, 0);
		finish(&c);
	}
}

static void test_transmit(void **state)
{
	static const uint32_t sizes[] = { 1, 14, 60, 1514, 9000, 65000 };
	static uint8_t frame[65000];
	struct header h = { 0 };
	struct card c;

	fill(frame, sizeof(frame));
	for (int kind = 0; kind < 3; kind++) {
		start(&c, kind == 2, kind ? ~0ull : 0);
		for (unsigned int i = 0; i < 6; i++) {
			transmit(&c, &h, frame, sizes[i]);
			assert_int_equal(c.t->sent, i + 1);
			assert_int_equal(c.t->len, sizes[i]);
			assert_memory_equal(c.t->frame, frame, sizes[i]);
		}
		finish(&c);
	}
}

static void test_transmit_offload(void **state)
{
	uint8_t frame[4000];
	struct header h = { .flags = 1, .gso_type = 1 | 0x80, .hdr_len = 54, .gso_size = 1448,
			    .csum_start = 34, .csum_offset = 16 };
	struct card c;

	fill(frame, sizeof(frame));
	start(&c, true, ~0ull);
	transmit(&c, &h, frame, sizeof(frame));
	assert_int_equal(c.t->sent, 1);
	assert_true(c.t->offload.needs_csum && c.t->offload.ecn);
	assert_int_equal(c.t->offload.gso, NET_GSO_TCPV4);
	assert_int_equal(c.t->offload.gso_size, 1448);
	assert_int_equal(c.t->offload.csum_start, 34);
	assert_int_equal(c.t->offload.csum_offset, 16);
	h.gso_type = 4;
	transmit(&c, &h, frame, sizeof(frame));
	assert_int_equal(c.t->offload.gso, NET_GSO_TCPV6);

	/* What makes no sense is dropped, and the chain given back. */
	h = (struct header){ .flags = 1, .csum_start = 3990, .csum_offset = 16 };
	transmit(&c, &h, frame, sizeof(frame));
	h = (struct header){ .flags = 1, .csum_start = 0xffff, .csum_offset = 0xffff };
	transmit(&c, &h, frame, sizeof(frame));
	h = (struct header){ .flags = 1, .gso_type = 3, .gso_size = 1448 };
	transmit(&c, &h, frame, sizeof(frame));
	h = (struct header){ .flags = 1, .gso_type = 1, .gso_size = 0 };
	transmit(&c, &h, frame, sizeof(frame));
	h = (struct header){ .gso_type = 1, .gso_size = 1448 };
	transmit(&c, &h, frame, sizeof(frame));
	assert_int_equal(c.t->sent, 2);
	finish(&c);

	/* So is what was not negotiated. */
	start(&c, true, 0);
	h = (struct header){ .flags = 1, .csum_start = 34, .csum_offset = 16 };
	transmit(&c, &h, frame, sizeof(frame));
	h = (struct header){ .gso_type = 1, .gso_size = 1448 };
	transmit(&c, &h, frame, sizeof(frame));
	assert_int_equal(c.t->sent, 0);
	finish(&c);
}

static void test_transmit_without_header(void **state)
{
	struct test_seg seg;
	struct card c;

	start(&c, true, ~0ull);
	seg = (struct test_seg){ guest_alloc(c.d.w, 64, 8), 11, false };
	drv_add(&c.d, TX, &seg, 1, false);
	drv_kick(&c.d, TX);
	for (int i = 0; !(drv_status(&c.d) & VIRTIO_STATUS_NEEDS_RESET); i++) {
		assert_true(i < 20000);
		test_sleep_ms(1);
	}
	finish(&c);
}

static void deliver(struct card *c, const void *frame, size_t len, struct net_offload o)
{
	struct delivery x = { &c->t->net, frame, len, o };

	eventloop_call(c->el, deliver_now, &x);
}

/* One buffer a frame (modern and legacy), then a frame over several (MRG_RXBUF). */
static void test_receive(void **state)
{
	static uint8_t frame[20000], got[24000];
	struct net_offload none = { 0 };
	struct header *h;
	struct card c;
	uint64_t buf[30];
	size_t len;

	fill(frame, sizeof(frame));
	for (int modern = 0; modern < 2; modern++) {
		start(&c, modern, 0);
		buf[0] = give_buffer(&c, 1600);
		drv_kick(&c.d, RX);
		deliver(&c, frame, 1514, none);
		assert_int_equal(drv_wait_used(&c.d, RX, NULL), hsize(&c) + 1514);
		assert_memory_equal((uint8_t *)guest_ptr(c.d.w, buf[0]) + hsize(&c), frame, 1514);
		h = guest_ptr(c.d.w, buf[0]);
		assert_int_equal(h->flags | h->gso_type | h->hdr_len | h->gso_size, 0);
		if (modern)
			assert_int_equal(h->num_buffers, 1);
		/* One that does not fit is dropped, and the buffer is there for the next. */
		buf[0] = give_buffer(&c, 100);
		deliver(&c, frame, 1514, none);
		deliver(&c, frame, 60, none);
		assert_int_equal(drv_wait_used(&c.d, RX, NULL), hsize(&c) + 60);
		finish(&c);

		start(&c, modern, F_MRG_RXBUF);
		for (int i = 0; i < 30; i++)
			buf[i] = give_buffer(&c, 1000);
		drv_kick(&c.d, RX);
		deliver(&c, frame, sizeof(frame), none);
		h = guest_ptr(c.d.w, buf[0]);
		len = 0;
		for (int i = 0; i < 21; i++) {
			uint32_t id, part = drv_wait_used(&c.d, RX, &id);

			assert_int_equal(id, i);
			assert_int_equal(part, i < 20 ? 1000 : 12);
			memcpy(got + len, guest_ptr(c.d.w, buf[i]), part);
			len += part;
		}
		assert_int_equal(h->num_buffers, 21);
		assert_int_equal(len, 12 + sizeof(frame));
		assert_memory_equal(got + 12, frame, sizeof(frame));
		finish(&c);
	}
}

static void test_receive_offload(void **state)
{
	struct net_offload o = { .needs_csum = true, .gso = NET_GSO_TCPV4, .ecn = true,
				 .csum_start = 34, .csum_offset = 16, .hdr_len = 66,
				 .gso_size = 1400 };
	uint8_t frame[3000];
	struct header *h;
	struct card c;

	fill(frame, sizeof(frame));
	start(&c, true, ~0ull);
	h = guest_ptr(c.d.w, give_buffer(&c, 4000));
	deliver(&c, frame, sizeof(frame), o);
	drv_wait_used(&c.d, RX, NULL);
	assert_int_equal(h->flags, 1);
	assert_int_equal(h->gso_type, 0x81);
	assert_int_equal(h->gso_size, 1400);
	assert_int_equal(h->hdr_len, 66);
	assert_int_equal(h->csum_start, 34);
	assert_int_equal(h->csum_offset, 16);
	h = guest_ptr(c.d.w, give_buffer(&c, 4000));
	deliver(&c, frame, 60, (struct net_offload){ .csum_valid = true });
	drv_wait_used(&c.d, RX, NULL);
	assert_int_equal(h->flags, 2);
	assert_int_equal(h->gso_type, 0);
	finish(&c);
}

/* Frames wait for buffers, in order; when none come, the queue is bounded. */
static void test_back_pressure(void **state)
{
	struct net_offload none = { 0 };
	uint8_t frame[60] = { 0 };
	uint64_t buf[64];
	struct card c;

	start(&c, true, ~0ull);
	for (unsigned int i = 0; i < 2 * NET_MAX_QUEUE; i++) {
		memcpy(frame, &i, 4);
		deliver(&c, frame, sizeof(frame), none);
	}
	assert_int_equal(c.t->net.queued, NET_MAX_QUEUE);
	for (unsigned int i = 0; i < NET_MAX_QUEUE; i += 64) {
		uint64_t mark = c.d.w->next;

		for (unsigned int k = 0; k < 64; k++)
			buf[k] = give_buffer(&c, 128);
		drv_kick(&c.d, RX);
		for (unsigned int k = 0; k < 64; k++) {
			uint32_t number;

			assert_int_equal(drv_wait_used(&c.d, RX, NULL), 12 + 60);
			memcpy(&number, (uint8_t *)guest_ptr(c.d.w, buf[k]) + 12, 4);
			assert_int_equal(number, i + k);
		}
		c.d.w->next = mark;
	}
	eventloop_call(c.el, (void (*)(void *))net_resume, &c.t->net);
	assert_int_equal(c.t->resumed, 1);
	finish(&c);
}

/* Without a driver frames are lost; a reset in the middle of traffic is survived. */
static void test_no_driver(void **state)
{
	struct net_offload none = { 0 };
	struct header h = { 0 };
	uint8_t frame[60] = { 0 };
	struct card c;

	start(&c, true, ~0ull);
	for (int i = 0; i < 50; i++) {
		give_buffer(&c, 128);
		drv_kick(&c.d, RX);
		drv_kick(&c.d, TX);
		drv_set_status(&c.d, 0);
		for (int k = 0; k < 10; k++)
			deliver(&c, frame, sizeof(frame), none);
		assert_int_equal(c.t->net.queued, 0);
		setup_driver(&c, i % 2, ~0ull);
		transmit(&c, &h, frame, sizeof(frame));
	}
	assert_int_equal(c.t->sent, 50);
	finish(&c);
}

/* --- the user-mode network --- */

static uint16_t free_port(void)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	close(fd);
	return ntohs(sa.sin_port);
}

static void start_user(struct card *c, const struct net_hostfwd *fwd, unsigned int n)
{
	struct error err = { "" };
	struct net *net;

	memset(c, 0, sizeof(*c));
	assert_int_equal(eventloop_create(&c->el, NULL), 0);
	if (net_open_user(&net, c->el, fwd, n, &err) < 0)
		fail_msg("%s", err.msg);
	attach(c, net);
	setup_driver(c, true, ~0ull);
	assert_int_equal(c->d.features & (F_CSUM | F_HOST_TSO4 | F_HOST_TSO6 | F_GUEST_TSO4),
			 F_CSUM | F_HOST_TSO4);
	for (int i = 0; i < 32; i++)
		give_buffer(c, 2048);
	drv_kick(&c->d, RX);
}

/* Waits for the next frame with that type in its Ethernet header. */
static const uint8_t *next_frame(struct card *c, uint16_t type, uint32_t *len)
{
	for (;;) {
		uint32_t id;
		const uint8_t *p;

		*len = drv_wait_used(&c->d, RX, &id) - 12;
		p = (const uint8_t *)guest_ptr(c->d.w, c->d.q[RX].desc[id].addr) + 12;
		if ((p[12] << 8 | p[13]) == type)
			return p;
	}
}

static void answer_arp(struct card *c, const uint8_t *request)
{
	struct header h = { 0 };
	uint8_t reply[42];

	memcpy(reply, request, sizeof(reply));
	memcpy(reply, request + 6, 6);
	memcpy(reply + 6, mac, 6);
	reply[21] = 2;
	memcpy(reply + 22, mac, 6);
	memcpy(reply + 28, request + 38, 4);
	memcpy(reply + 32, request + 22, 10);
	transmit(c, &h, reply, sizeof(reply));
}

static void test_user_arp_and_dhcp(void **state)
{
	static const uint8_t arp[42] = {
		0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 1, 2, 3, 8, 6,
		0, 1, 8, 0, 6, 4, 0, 1, 0x52, 0x54, 0, 1, 2, 3, 10, 0, 2, 15,
		0, 0, 0, 0, 0, 0, 10, 0, 2, 2,
	};
	static const uint8_t ip_udp[28] = {
		0x45, 0, 1, 16, 0, 0, 0, 0, 64, 17, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255,
		0, 68, 0, 67, 0, 252, 0, 0,
	};
	uint8_t dhcp[14 + 272] = { 0 };
	struct header h = { 0 };
	const uint8_t *p;
	struct card c;
	uint32_t len, sum = 0;

	start_user(&c, NULL, 0);
	transmit(&c, &h, arp, sizeof(arp));
	p = next_frame(&c, 0x0806, &len);
	assert_int_equal(p[21], 2);
	assert_memory_equal(p + 28, "\x0a\x00\x02\x02", 4);
	assert_memory_equal(p, mac, 6);

	/* DHCPDISCOVER: 10.0.2.15 is offered. */
	memset(dhcp, 0xff, 6);
	memcpy(dhcp + 6, mac, 6);
	dhcp[12] = 8;
	memcpy(dhcp + 14, ip_udp, sizeof(ip_udp));
	for (int i = 0; i < 20; i += 2)
		sum += (uint32_t)(dhcp[14 + i] << 8 | dhcp[15 + i]);
	sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
	dhcp[24] = (uint8_t)(sum >> 8);
	dhcp[25] = (uint8_t)sum;
	memcpy(dhcp + 42, "\x01\x01\x06\x00" "abcd", 8);
	memcpy(dhcp + 42 + 28, mac, 6);
	memcpy(dhcp + 42 + 236, "\x63\x82\x53\x63\x35\x01\x01\xff", 8);
	transmit(&c, &h, dhcp, sizeof(dhcp));
	p = next_frame(&c, 0x0800, &len);
	assert_true(len > 42 + 240);
	assert_int_equal(p[42], 2);
	assert_memory_equal(p + 42 + 4, "abcd", 4);
	assert_memory_equal(p + 42 + 16, "\x0a\x00\x02\x0f", 4);
	finish(&c);
}

/* A connection to the host's port arrives as a SYN at the guest's. */
static void test_user_hostfwd(void **state)
{
	struct net_hostfwd fwd = { free_port(), 8022 };
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) },
				  .sin_port = htons(fwd.host_port) };
	struct error err = { "" };
	const uint8_t *p;
	struct card c;
	struct net *other;
	uint32_t len;
	int fd;

	start_user(&c, &fwd, 1);
	assert_int_equal(net_open_user(&other, c.el, &fwd, 1, &err), -1);
	assert_non_null(strstr(err.msg, "cannot listen"));
	fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	answer_arp(&c, next_frame(&c, 0x0806, &len));
	p = next_frame(&c, 0x0800, &len);
	assert_int_equal(p[23], 6);
	assert_memory_equal(p + 30, "\x0a\x00\x02\x0f", 4);
	assert_int_equal(p[36] << 8 | p[37], 8022);
	assert_int_equal(p[47] & 0x12, 2); /* SYN without ACK */
	close(fd);
	finish(&c);
}

/*
 * A datagram to a socket of this machine whose checksum is left to the network, of even and odd
 * length; the answer comes as checked.
 */
static void test_user_checksum(void **state)
{
	static const uint8_t udp[42] = {
		0x52, 0x55, 10, 0, 2, 2, 0x52, 0x54, 0, 1, 2, 3, 8, 0,
		0x45, 0, 0, 0, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 2, 15, 10, 0, 2, 2,
		0x30, 0x39, 0, 0, 0, 0, 0, 0,
	};
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	struct timeval timeout = { .tv_sec = 20 };
	struct header h = { .flags = 1, .csum_start = 34, .csum_offset = 6 };
	socklen_t salen = sizeof(sa);
	uint8_t frame[2000], got[2000];
	const uint8_t *p;
	struct card c;
	uint32_t len;
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &salen), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	start_user(&c, NULL, 0);
	for (uint16_t size = 100; size < 104; size++) {
		uint32_t sum = 0;
		uint16_t total = 20 + 8 + size;

		fill(frame, sizeof(frame));
		memcpy(frame, udp, sizeof(udp));
		frame[16] = (uint8_t)(total >> 8);
		frame[17] = (uint8_t)total;
		memcpy(frame + 36, &sa.sin_port, 2);
		frame[39] = (uint8_t)(8 + size);
		for (int i = 14; i < 34; i += 2)
			sum += (uint32_t)(frame[i] << 8 | frame[i + 1]);
		sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
		frame[24] = (uint8_t)(sum >> 8);
		frame[25] = (uint8_t)sum;
		/* The pseudo header: addresses, protocol, length. */
		sum = 17u + 8 + size;
		for (int i = 26; i < 34; i += 2)
			sum += (uint32_t)(frame[i] << 8 | frame[i + 1]);
		sum = (sum & 0xffff) + (sum >> 16);
		frame[40] = (uint8_t)(sum >> 8);
		frame[41] = (uint8_t)sum;
		transmit(&c, &h, frame, 42u + size);
		salen = sizeof(sa);
		assert_int_equal(recvfrom(fd, got, sizeof(got), 0, (struct sockaddr *)&sa, &salen),
				 size);
		assert_memory_equal(got, frame + 42, size);
		assert_int_equal(sendto(fd, got, size, 0, (struct sockaddr *)&sa, salen), size);
		/* From here on the port is the one that the socket bound. */
		assert_int_equal(getsockname(fd, (struct sockaddr *)&sa, &salen), 0);
		if (size == 100)
			answer_arp(&c, next_frame(&c, 0x0806, &len));
		p = next_frame(&c, 0x0800, &len);
		assert_memory_equal(p + 42, frame + 42, size);
		assert_int_equal(*(p - 12), 2); /* DATA_VALID */
	}
	close(fd);
	finish(&c);
}

/* Frames of noise into libslirp. */
static void test_user_noise(void **state)
{
	struct header h = { 0 };
	uint8_t frame[1600];
	struct card c;

	start_user(&c, NULL, 0);
	srandom(11);
	for (int i = 0; i < 3000; i++) {
		for (size_t k = 0; k < sizeof(frame); k++)
			frame[k] = (uint8_t)random();
		frame[12] = 8;
		frame[13] = random() % 2 ? 0 : 6;
		frame[14] = 0x45;
		transmit(&c, &h, frame, (uint32_t)random() % sizeof(frame) + 1);
	}
	finish(&c);
}

/* --- tap --- */

static int make_tap(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int tap = open("/dev/net/tun", O_RDWR), s = socket(AF_INET, SOCK_DGRAM, 0), rc = -1;

	strcpy(ifr.ifr_name, name);
	if (tap >= 0 && !ioctl(tap, TUNSETIFF, &ifr) && !ioctl(tap, TUNSETPERSIST, 1)) {
		ifr.ifr_flags = IFF_UP;
		rc = ioctl(s, SIOCSIFFLAGS, &ifr);
	}
	if (tap >= 0)
		close(tap);
	close(s);
	return rc;
}

static void drop_tap(const char *name)
{
	struct ifreq ifr = { .ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR };
	int tap = open("/dev/net/tun", O_RDWR);

	strcpy(ifr.ifr_name, name);
	if (!ioctl(tap, TUNSETIFF, &ifr))
		ioctl(tap, TUNSETPERSIST, 0);
	close(tap);
}

static void test_tap(void **state)
{
	static const char name[] = "pvtest0";
	struct sockaddr_ll sll = { .sll_family = AF_PACKET, .sll_protocol = htons(0x88b5) };
	struct timeval timeout = { .tv_sec = 20 };
	struct header h = { .flags = 1, .csum_start = 20, .csum_offset = 4 };
	uint8_t frame[100], got[200];
	struct error err = { "" };
	const uint8_t *p;
	struct card c = { 0 };
	struct net *net;
	uint32_t len;
	int fd;

	if (make_tap(name) < 0) {
		print_message("no right to make a tap interface\n");
		skip();
	}
	assert_int_equal(eventloop_create(&c.el, NULL), 0);
	if (net_open_tap(&net, c.el, name, &err) < 0)
		fail_msg("%s", err.msg);
	attach(&c, net);
	setup_driver(&c, true, ~0ull);
	assert_true(c.d.features & F_HOST_TSO4);
	for (int i = 0; i < 32; i++)
		give_buffer(&c, 2048);
	drv_kick(&c.d, RX);
	fd = socket(AF_PACKET, SOCK_RAW, htons(0x88b5));
	sll.sll_ifindex = (int)if_nametoindex(name);
	assert_int_equal(bind(fd, (struct sockaddr *)&sll, sizeof(sll)), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));

	fill(frame, sizeof(frame));
	memset(frame, 0xff, 6);
	frame[12] = 0x88;
	frame[13] = 0xb5;
	transmit(&c, &h, frame, sizeof(frame));
	assert_int_equal(recv(fd, got, sizeof(got), 0), sizeof(frame));
	assert_memory_equal(got, frame, sizeof(frame));

	frame[50] ^= 1;
	assert_int_equal(send(fd, frame, sizeof(frame), 0), sizeof(frame));
	p = next_frame(&c, 0x88b5, &len);
	assert_int_equal(len, sizeof(frame));
	assert_memory_equal(p, frame, sizeof(frame));

	/* A second user of the interface is refused. */
	assert_int_equal(net_open_tap(&net, c.el, name, &err), -1);
	assert_non_null(strstr(err.msg, "in use"));
	close(fd);
	finish(&c);
	drop_tap(name);
}

static void test_tap_errors(void **state)
{
	struct eventloop *el;
	struct error err = { "" };
	struct net *net;

	assert_int_equal(eventloop_create(&el, NULL), 0);
	assert_int_equal(net_open_tap(&net, el, "nosuchtap7", &err), -1);
	assert_non_null(strstr(err.msg, "no such interface"));
	assert_int_equal(net_open_tap(&net, el, "anamethatismuchtoolong", &err), -1);
	assert_non_null(strstr(err.msg, "1 to 15 characters"));
	assert_int_equal(net_open_tap(&net, el, "", &err), -1);
	assert_non_null(strstr(err.msg, "1 to 15 characters"));
	if (!access("/dev/net/tun", R_OK | W_OK)) {
		assert_int_equal(net_open_tap(&net, el, "lo", &err), -1);
		assert_non_null(strstr(err.msg, "tap=lo"));
	}
	eventloop_destroy(el);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_config),
		cmocka_unit_test(test_transmit),
		cmocka_unit_test(test_transmit_offload),
		cmocka_unit_test(test_transmit_without_header),
		cmocka_unit_test(test_receive),
		cmocka_unit_test(test_receive_offload),
		cmocka_unit_test(test_back_pressure),
		cmocka_unit_test(test_no_driver),
		cmocka_unit_test(test_user_arp_and_dhcp),
		cmocka_unit_test(test_user_hostfwd),
		cmocka_unit_test(test_user_checksum),
		cmocka_unit_test(test_user_noise),
		cmocka_unit_test(test_tap),
		cmocka_unit_test(test_tap_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
