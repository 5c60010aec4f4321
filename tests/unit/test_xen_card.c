/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Network cards as later front ends use them: several queues, a channel for each ring, IPv6. */
#include <xen/interface/io/netif.h>

#include "backend/net_driver.h"
#include "xen/netback.h"
#include "xen_front.h"

#define QUEUES 4u
#define TX_PAGE 8u  /* gpfn of the rings; rx follows */
#define RX_DATA 20u /* gpfn, 8 a queue */
#define TX_DATA 52u

struct wire {
	struct net net;
	_Atomic int frames;
	uint8_t last[NET_MAX_FRAME];
	size_t len;
	unsigned int offloads;
};

static void wire_send(struct net *net, const struct iovec *iov, unsigned int n,
		      const struct net_offload *o)
{
	struct wire *w = (struct wire *)net;

	memcpy(w->last, iov->iov_base, iov->iov_len);
	w->len = iov->iov_len;
	w->frames++;
}

static void wire_set(struct net *net, unsigned int offloads)
{
	((struct wire *)net)->offloads = offloads;
}

static void wire_close(struct net *net)
{
	net_drop_queue(net);
}

static const struct net_ops wire_ops = {
	.offloads = NET_SEND_CSUM | NET_SEND_TSO4 | NET_SEND_TSO6 | NET_RECEIVE_CSUM |
		    NET_RECEIVE_TSO4 | NET_RECEIVE_TSO6,
	.send = wire_send,
	.set_receive_offloads = wire_set,
	.close = wire_close,
};

struct card {
	struct bed *b;
	struct wire wire;
	struct xen_netback *nb;
	unsigned int queues;
	struct {
		struct front tx, rx;
	} q[QUEUES];
};

static void put(struct bed *b, const char *dir, const char *node, unsigned int value)
{
	char path[96];

	snprintf(path, sizeof(path), VIF_FRONT "%s%s", dir, node);
	xenstore_printf(b->env.store, path, "%u", value);
}

/* With `split` each ring has a channel. */
static void rings(struct card *c, unsigned int queues, bool split)
{
	struct bed *b = c->b;
	char dir[24] = "";
	unsigned int i;

	c->queues = queues;
	for (i = 0; i < queues; i++) {
		if (queues > 1)
			snprintf(dir, sizeof(dir), "queue-%u/", i);
		front_ring(b, &c->q[i].tx, TX_PAGE + 2 * i, 100 + 2 * i,
			   sizeof(union netif_tx_sring_entry));
		front_ring(b, &c->q[i].rx, TX_PAGE + 2 * i + 1, 101 + 2 * i,
			   sizeof(union netif_rx_sring_entry));
		c->q[i].tx.port = c->q[i].rx.port = channel(b);
		put(b, dir, "tx-ring-ref", 100 + 2 * i);
		put(b, dir, "rx-ring-ref", 101 + 2 * i);
		if (split) {
			c->q[i].rx.port = channel(b);
			put(b, dir, "event-channel-tx", c->q[i].tx.port);
			put(b, dir, "event-channel-rx", c->q[i].rx.port);
		} else {
			put(b, dir, "event-channel", c->q[i].tx.port);
		}
	}
	if (queues > 1)
		put(b, "", "multi-queue-num-queues", queues);
}

static struct card *card_open(struct bed *b, unsigned int queues, bool split)
{
	static const uint8_t mac[6] = { 0, 0x16, 0x3e, 1, 2, 3 };
	struct card *c = calloc(1, sizeof(*c));
	struct error err;

	c->b = b;
	net_init(&c->wire.net, &wire_ops, b->f.el);
	assert_int_equal(xen_netback_add(&c->nb, &b->env, b->g->d, 0, mac, &c->wire.net, &err), 0);
	assert_int_equal(number(b, VIF_BACK "multi-queue-max-queues"), QUEUES);
	assert_int_equal(number(b, VIF_BACK "feature-split-event-channels"), 1);
	assert_int_equal(number(b, VIF_BACK "feature-ctrl-ring"), 0);
	assert_int_equal(number(b, VIF_BACK "feature-gso-tcpv6"), 1);
	/* A control ring that was not offered is not looked at. */
	put(b, "", "ctrl-ring-ref", 9999);
	put(b, "", "event-channel-ctrl", 9999);
	put(b, "", "request-rx-copy", 1);
	put(b, "", "feature-sg", 1);
	put(b, "", "feature-gso-tcpv4", 1);
	put(b, "", "feature-gso-tcpv6", 1);
	put(b, "", "feature-ipv6-csum-offload", 1);
	rings(c, queues, split);
	put(b, "", "state", XenbusStateConnected);
	WAIT_FOR(number(b, VIF_BACK "state") == XenbusStateConnected);
	return c;
}

static void card_close(struct card *c)
{
	unsigned int i;

	xen_netback_remove(c->nb);
	net_close(&c->wire.net);
	for (i = 0; i < 2 * QUEUES; i++)
		assert_int_equal(fix_entry(c->b->g, 100 + i)->flags & (GTF_reading | GTF_writing),
				 0);
	free(c);
}

static bool pending(struct card *c, uint32_t port)
{
	return xen_evtchn_pending(c->b->g->d, port);
}

static void clear(struct card *c)
{
	memset(c->b->g->d->shared_info->evtchn_pending, 0,
	       sizeof(c->b->g->d->shared_info->evtchn_pending));
}

struct delivery {
	struct wire *w;
	const uint8_t *frame;
	size_t len;
	struct net_offload o;
};

static void deliver(void *ctx)
{
	struct delivery *d = ctx;

	net_deliver(&d->w->net, d->frame, d->len, &d->o);
}

static union netif_rx_sring_entry *rx_slot(struct card *c, unsigned int q, RING_IDX i)
{
	return (union netif_rx_sring_entry *)(c->q[q].rx.ring + 1) + i % c->q[q].rx.slots;
}

static void give_pages(struct card *c)
{
	unsigned int q, i;

	for (q = 0; q < c->queues; q++) {
		for (i = 0; i < 8; i++) {
			fix_permit(c->b->g, 200 + q * 8 + i, 0, RX_DATA + q * 8 + i, 0);
			rx_slot(c, q, c->q[q].rx.ring->req_prod + i)->req =
				(struct netif_rx_request){ (uint16_t)i, 200 + q * 8 + i };
		}
		__atomic_store_n(&c->q[q].rx.ring->req_prod, c->q[q].rx.ring->req_prod + 8,
				 __ATOMIC_SEQ_CST);
		kick(c->b, c->q[q].rx.port);
	}
}

/* A UDP datagram from one of many ports. */
static size_t datagram(uint8_t *f, uint16_t port)
{
	static const uint8_t head[] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 0,
		0x45, 0, 0, 30, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
		0, 7, 0, 9, 0, 10, 0, 0, 'h', 'i',
	};

	memcpy(f, head, sizeof(head));
	f[34] = (uint8_t)(port >> 8);
	f[35] = (uint8_t)port;
	return sizeof(head);
}

/* Frames of one connection come by one queue; those of many by all. */
static void queues_of_connections(void **state)
{
	struct card *c = card_open(*state, QUEUES, true);
	unsigned int q, used = 0, before[QUEUES], moved, i, port;
	uint8_t f[64];
	struct delivery d = { &c->wire, f, 0, { 0 } };

	for (port = 0; port < 40; port++) {
		give_pages(c);
		for (q = 0; q < QUEUES; q++)
			before[q] = c->q[q].rx.ring->rsp_prod;
		d.len = datagram(f, (uint16_t)(1000 + port * 37));
		for (i = 0; i < 8; i++)
			eventloop_call(c->b->f.el, deliver, &d);
		for (q = 0, moved = 0; q < QUEUES; q++) {
			unsigned int n = c->q[q].rx.ring->rsp_prod - before[q];

			if (!n)
				continue;
			assert_int_equal(n, 8);
			moved++;
			used |= 1u << q;
			assert_int_equal(rx_slot(c, q, before[q])->rsp.status, (int)d.len);
			/* The event is the receiving ring's. */
			assert_true(pending(c, c->q[q].rx.port));
			assert_false(pending(c, c->q[q].tx.port));
			c->q[q].rx.ring->rsp_event = c->q[q].rx.ring->rsp_prod + 1;
		}
		assert_int_equal(moved, 1);
		clear(c);
		/* What was not used is taken back: the ring starts where it was. */
		for (q = 0; q < QUEUES; q++)
			c->q[q].rx.ring->req_prod = c->q[q].rx.ring->rsp_prod;
	}
	assert_int_equal(used, (1u << QUEUES) - 1);
	card_close(c);
}

/* Each queue sends, and is told by its own channel. */
static void all_queues_send(void **state)
{
	struct card *c = card_open(*state, QUEUES, true);
	uint8_t *page = fix_ptr(c->b->g, GPA(TX_DATA));
	unsigned int q;

	for (q = 0; q < QUEUES; q++) {
		struct front *tx = &c->q[q].tx;
		union netif_tx_sring_entry *slot = (void *)(tx->ring + 1);

		datagram(page, (uint16_t)q);
		fix_permit(c->b->g, 300, 0, TX_DATA, GTF_readonly);
		slot->req = (struct netif_tx_request){ 300, 0, 0, (uint16_t)(40 + q), 44 };
		__atomic_store_n(&tx->ring->req_prod, 1, __ATOMIC_SEQ_CST);
		kick(c->b, tx->port);
		WAIT_FOR(__atomic_load_n(&tx->ring->rsp_prod, __ATOMIC_SEQ_CST) == 1);
		WAIT_FOR(pending(c, tx->port));
		assert_false(pending(c, c->q[q].rx.port));
		assert_int_equal(slot->rsp.id, 40 + q);
		assert_int_equal(slot->rsp.status, NETIF_RSP_OKAY);
		assert_int_equal(c->wire.frames, q + 1);
		assert_memory_equal(c->wire.last, page, 44);
	}
	card_close(c);
}

/* A long IPv6 segment goes to a front end that asked for such. */
static void ipv6_segment(void **state)
{
	struct card *c = card_open(*state, 1, true);
	static uint8_t f[30000] = { [12] = 0x86, [13] = 0xdd, [14] = 0x60, [20] = 6 };
	struct delivery d = { &c->wire, f, sizeof(f), {
		.needs_csum = true, .gso = NET_GSO_TCPV6, .gso_size = 1428, .csum_start = 54,
		.csum_offset = 16, .hdr_len = 74 } };

	assert_int_equal(c->wire.offloads, NET_RECEIVE_CSUM | NET_RECEIVE_TSO4 | NET_RECEIVE_TSO6);
	give_pages(c);
	eventloop_call(c->b->f.el, deliver, &d);
	WAIT_FOR(c->q[0].rx.ring->rsp_prod == 3);
	assert_int_equal(rx_slot(c, 0, 0)->rsp.flags, NETRXF_csum_blank | NETRXF_data_validated |
						      NETRXF_more_data | NETRXF_extra_info);
	assert_int_equal(rx_slot(c, 0, 1)->extra.u.gso.type, XEN_NETIF_GSO_TYPE_TCPV6);
	assert_int_equal(rx_slot(c, 0, 1)->extra.u.gso.size, 1428);
	assert_int_equal(rx_slot(c, 0, 2)->rsp.status, 30000 - 16384);
	card_close(c);
}

/* With too few pages for a long one, the front end is to say when there are as many as it takes. */
static void too_few_pages(void **state)
{
	struct card *c = card_open(*state, 1, true);
	static uint8_t f[30000];
	struct delivery d = { &c->wire, f, sizeof(f), { 0 } };
	struct front *rx = &c->q[0].rx;

	give_pages(c);
	settle(c->b);
	rx->ring->req_prod = 1;
	eventloop_call(c->b->f.el, deliver, &d);
	assert_true(net_is_waiting(&c->wire.net));
	/* RING_PUSH_REQUESTS_AND_CHECK_NOTIFY: an event is sent when req_prod comes past it. */
	assert_int_equal(rx->ring->req_event, 2);
	__atomic_store_n(&rx->ring->req_prod, 2, __ATOMIC_SEQ_CST);
	kick(c->b, rx->port);
	WAIT_FOR(rx->ring->rsp_prod == 2);
	assert_int_equal(rx_slot(c, 0, 1)->rsp.status, 30000 - 16384);
	card_close(c);
}

/* What a front end may claim; and it comes back properly after each. */
static void lies(void **state)
{
	static const struct {
		const char *node;
		unsigned int value;
	} lie[] = {
		{ "multi-queue-num-queues", 0 },  { "multi-queue-num-queues", QUEUES + 1 },
		{ "multi-queue-num-queues", UINT32_MAX }, { "queue-1/tx-ring-ref", 9999 },
		{ "queue-1/rx-ring-ref", 9999 },  { "queue-1/event-channel-tx", 4000 },
		{ "queue-1/event-channel-rx", 4000 }, { "request-rx-copy", 0 },
	};
	struct card *c = card_open(*state, 2, true);
	unsigned int i;

	for (i = 0; i < sizeof(lie) / sizeof(lie[0]); i++) {
		put(c->b, "", "state", XenbusStateClosed);
		WAIT_FOR(number(c->b, VIF_BACK "state") == XenbusStateClosed);
		put(c->b, "", "state", XenbusStateInitialising);
		WAIT_FOR(number(c->b, VIF_BACK "state") == XenbusStateInitWait);
		rings(c, 2, true);
		put(c->b, "", "request-rx-copy", 1);
		put(c->b, "", lie[i].node, lie[i].value);
		put(c->b, "", "state", XenbusStateConnected);
		WAIT_FOR(number(c->b, VIF_BACK "state") == XenbusStateClosing);
		assert_int_equal(fix_entry(c->b->g, 100)->flags & (GTF_reading | GTF_writing), 0);
		/* One queue is fine at any time. */
		put(c->b, "", "state", XenbusStateClosed);
		WAIT_FOR(number(c->b, VIF_BACK "state") == XenbusStateClosed);
		put(c->b, "", "state", XenbusStateInitialising);
		WAIT_FOR(number(c->b, VIF_BACK "state") == XenbusStateInitWait);
		put(c->b, "", "request-rx-copy", 1);
		put(c->b, "", "multi-queue-num-queues", 1);
		rings(c, 1, true);
		put(c->b, "", "state", XenbusStateConnected);
		WAIT_FOR(number(c->b, VIF_BACK "state") == XenbusStateConnected);
	}
	card_close(c);
}

/* Frames come while the card is taken away and while the front end goes. */
static void goes_away(void **state)
{
	struct card *c = card_open(*state, 2, false);
	uint8_t f[64];
	struct delivery d = { &c->wire, f, datagram(f, 9), { 0 } };
	unsigned int i;

	for (i = 0; i < 600; i++)
		eventloop_call(c->b->f.el, deliver, &d);
	assert_true(net_is_waiting(&c->wire.net));
	xenstore_remove(c->b->env.store, "/local/domain/1");
	WAIT_FOR(number(c->b, VIF_BACK "state") == XenbusStateClosed);
	assert_false(net_is_waiting(&c->wire.net));
	for (i = 0; i < 10; i++)
		eventloop_call(c->b->f.el, deliver, &d);
	card_close(c);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, bed_setup, bed_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(queues_of_connections), T(all_queues_send), T(ipv6_segment),
		T(too_few_pages), T(lies), T(goes_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
