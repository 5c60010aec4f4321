/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The network back end. All of it runs on the event loop, as the net does. Frames are copied out of
 * and into granted pages, so that a page the guest changes meanwhile changes no decision.
 */
#include "xen/netback.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/interface/io/netif.h>

#include "backend/checksum.h"
#include "backend/net.h"
#include "xen/evtchn.h"
#include "xen/gnttab.h"
#include "xen/ring.h"

#define MAX_SLOTS 24     /* of one packet */
#define PACKETS_A_TURN 64
#define ETH_HEADER 14u

struct queue {
	struct xen_netback *n;
	struct xen_grant tx_page, rx_page;
	struct xen_back_ring tx, rx;
	struct xen_evtchn_host tx_evtchn, rx_evtchn; /* rx_evtchn is closed if tx's is for both */
	struct eventloop_work work;
	bool split;
};

struct xen_netback {
	struct xenbus_device dev;
	struct net *net;
	struct queue queue[XEN_NETBACK_QUEUES];
	unsigned int nr_queues; /* 0: not connected */
	bool broken;
	bool csum4, csum6, gso4, gso6; /* what the front end takes */
	struct net_receiver receiver;
	struct {
		_Atomic uint64_t rx_packets, rx_bytes, tx_packets, tx_bytes, tx_errors;
	} stats;
	uint8_t frame[NET_MAX_FRAME];    /* being sent: receive() may be called meanwhile */
	uint8_t rx_frame[NET_MAX_FRAME];
};

/* --- sent by the guest --- */

struct packet {
	unsigned int slots;                       /* of the ring, extra infos included */
	struct netif_tx_request req[MAX_SLOTS];   /* an extra info's place is zero */
	bool extra[MAX_SLOTS];
	bool gso;
	uint8_t gso_type;
	uint16_t gso_size;
};

/* Collects one packet's slots. False: what is there is no packet. */
static bool collect(struct queue *q, int waiting, struct packet *p)
{
	union netif_tx_sring_entry e;
	bool more, extra;

	memset(p, 0, sizeof(*p));
	xen_ring_peek(&q->tx, 0, &e);
	p->req[p->slots++] = e.req;
	extra = e.req.flags & NETTXF_extra_info;
	more = e.req.flags & NETTXF_more_data;
	while (extra || more) {
		if (p->slots == MAX_SLOTS || (int)p->slots >= waiting)
			return false;
		xen_ring_peek(&q->tx, p->slots, &e);
		if (extra) {
			if (e.extra.type == XEN_NETIF_EXTRA_TYPE_GSO) {
				p->gso = true;
				p->gso_type = e.extra.u.gso.type;
				p->gso_size = e.extra.u.gso.size;
			}
			extra = e.extra.flags & XEN_NETIF_EXTRA_FLAG_MORE;
			p->extra[p->slots++] = true;
		} else {
			more = e.req.flags & NETTXF_more_data;
			p->req[p->slots++] = e.req;
		}
	}
	return true;
}

/* Copies the data to n->frame; its length, or 0 if the requests make no sense. */
static size_t gather(struct xen_netback *n, const struct packet *p)
{
	size_t total = p->req[0].size, rest = 0, at = 0;
	unsigned int i;

	/* The first request's size is the whole packet's. */
	for (i = 1; i < p->slots; i++)
		rest += p->req[i].size;
	if (total < ETH_HEADER || rest >= total || total > sizeof(n->frame))
		return 0;
	for (i = 0; i < p->slots; i++) {
		size_t size = i ? p->req[i].size : total - rest;
		struct xen_grant g = { 0 };

		if (p->extra[i] || !size)
			continue;
		if (p->req[i].offset + size > XEN_PAGE_SIZE ||
		    xen_grant_map(&g, n->dev.domain, n->dev.env->domid, p->req[i].gref, false))
			return 0;
		memcpy(n->frame + at, (uint8_t *)g.page + p->req[i].offset, size);
		xen_grant_unmap(&g);
		at += size;
	}
	return total;
}

/* What is left to do with the frame; false: nobody could. */
static bool offloads(struct xen_netback *n, const struct packet *p, size_t len,
		     struct net_offload *o)
{
	unsigned int can = net_offloads(n->net);
	struct l4_place l4;

	if (!(p->req[0].flags & NETTXF_csum_blank)) {
		o->csum_valid = (can & NET_SEND_CSUM) && (p->req[0].flags & NETTXF_data_validated);
		return !p->gso;
	}
	if (!l4_prepare(n->frame, len, &l4))
		return false;
	if (!(can & NET_SEND_CSUM)) {
		l4_complete(n->frame, len, l4.start, l4.offset);
		return !p->gso;
	}
	o->needs_csum = true;
	o->csum_start = l4.start;
	o->csum_offset = l4.offset;
	if (!p->gso)
		return true;
	if (!l4.tcp || !p->gso_size || !(can & (l4.ipv6 ? NET_SEND_TSO6 : NET_SEND_TSO4)) ||
	    p->gso_type != (l4.ipv6 ? XEN_NETIF_GSO_TYPE_TCPV6 : XEN_NETIF_GSO_TYPE_TCPV4))
		return false;
	o->gso = l4.ipv6 ? NET_GSO_TCPV6 : NET_GSO_TCPV4;
	o->gso_size = p->gso_size;
	o->hdr_len = l4.hdr_len;
	o->ecn = (can & NET_SEND_ECN) && (n->frame[l4.start + 13] & 0x80);
	return true;
}

static void respond_tx(struct queue *q, const struct packet *p, int16_t status)
{
	struct netif_tx_response rsp;
	unsigned int i;

	for (i = 0; i < p->slots; i++) {
		rsp.id = p->req[i].id;
		rsp.status = p->extra[i] ? NETIF_RSP_NULL : status;
		xen_ring_respond(&q->tx, &rsp, sizeof(rsp));
	}
	if (xen_ring_publish(&q->tx))
		xen_evtchn_host_send(&q->tx_evtchn);
}

/* One packet; false if there is none (or the ring is broken). */
static bool transmit(struct queue *q)
{
	struct xen_netback *n = q->n;
	struct net_offload o = { 0 };
	struct packet p;
	struct iovec iov;
	bool fine;
	int waiting = xen_ring_waiting(&q->tx);

	if (!waiting && xen_ring_rest(&q->tx, 1))
		waiting = xen_ring_waiting(&q->tx);
	if (!waiting)
		return false;
	if (waiting < 0 || !collect(q, waiting, &p)) {
		n->broken = true;
		return false;
	}
	xen_ring_take(&q->tx, p.slots);
	iov.iov_base = n->frame;
	iov.iov_len = gather(n, &p);
	fine = iov.iov_len && offloads(n, &p, iov.iov_len, &o);
	if (fine) {
		n->stats.tx_packets++;
		n->stats.tx_bytes += iov.iov_len;
		net_send(n->net, &iov, 1, &o);
	} else {
		n->stats.tx_errors++;
	}
	respond_tx(q, &p, fine ? NETIF_RSP_OKAY : NETIF_RSP_ERROR);
	return true;
}

/* --- sent to the guest --- */

static void put_rx(struct queue *q, const void *data, size_t len, uint16_t flags)
{
	struct netif_rx_response rsp = { .flags = flags, .status = (int16_t)len };
	struct xen_netback *n = q->n;
	union netif_rx_sring_entry e;
	struct xen_grant g = { 0 };

	xen_ring_peek(&q->rx, 0, &e);
	xen_ring_take(&q->rx, 1);
	rsp.id = e.req.id;
	if (xen_grant_map(&g, n->dev.domain, n->dev.env->domid, e.req.gref, true)) {
		rsp.status = NETIF_RSP_ERROR;
	} else {
		memcpy(g.page, data, len);
		xen_grant_unmap(&g);
	}
	xen_ring_respond(&q->rx, &rsp, sizeof(rsp));
}

static void put_gso(struct queue *q, const struct net_offload *o)
{
	struct netif_extra_info extra = { .type = XEN_NETIF_EXTRA_TYPE_GSO };

	extra.u.gso.size = o->gso_size;
	extra.u.gso.type = o->gso == NET_GSO_TCPV6 ? XEN_NETIF_GSO_TYPE_TCPV6 :
						     XEN_NETIF_GSO_TYPE_TCPV4;
	xen_ring_take(&q->rx, 1);
	xen_ring_respond(&q->rx, &extra, sizeof(extra));
}

/* The queue for a frame: packets of one connection, and the like, stay in order. */
static struct queue *queue_for(struct xen_netback *n, const uint8_t *f, size_t len)
{
	size_t from = 0, to = 12, i;
	uint32_t hash = 2166136261u; /* FNV-1a */

	if (n->nr_queues == 1)
		return &n->queue[0];
	/* Addresses of IP, and ports if it is no fragment; else those of Ethernet. */
	if (len >= 38 && f[12] == 8 && !f[13]) {
		from = 26;
		to = (f[14] & 15) == 5 && !((f[20] & 0x3f) | f[21]) ? 38 : 34;
	} else if (len >= 58 && f[12] == 0x86 && f[13] == 0xdd) {
		from = 22;
		to = f[20] == 6 || f[20] == 17 ? 58 : 54;
	}
	for (i = from; i < to && i < len; i++)
		hash = (hash ^ f[i]) * 16777619u;
	return &n->queue[(hash >> 16 ^ hash) % n->nr_queues];
}

static bool receive(void *ctx, const void *frame, size_t len, const struct net_offload *o)
{
	struct xen_netback *n = ctx;
	size_t pages = (len + XEN_PAGE_SIZE - 1) / XEN_PAGE_SIZE, at, part;
	int need = (int)pages + (o->gso != NET_GSO_NONE), waiting;
	const uint8_t *data = frame;
	struct queue *q;
	uint16_t flags = 0;
	bool ipv6;

	if (!n->nr_queues || n->broken || !len || len > sizeof(n->rx_frame))
		return true;
	q = queue_for(n, frame, len);
	waiting = xen_ring_waiting(&q->rx);
	if (waiting >= 0 && waiting < need) {
		xen_ring_rest(&q->rx, (uint32_t)need);
		waiting = xen_ring_waiting(&q->rx);
	}
	if (waiting < 0) {
		n->broken = true;
		eventloop_post(n->dev.env->loop, &q->work);
		return true;
	}
	if (waiting < need)
		return false;
	if (o->needs_csum) {
		ipv6 = len > ETH_HEADER && data[12] == 0x86 && data[13] == 0xdd;
		if (ipv6 ? n->csum6 : n->csum4) {
			flags = NETRXF_csum_blank | NETRXF_data_validated;
		} else if ((size_t)o->csum_start + o->csum_offset + 2 <= len) {
			memcpy(n->rx_frame, frame, len);
			l4_complete(n->rx_frame, len, o->csum_start, o->csum_offset);
			data = n->rx_frame;
		}
	} else if (o->csum_valid) {
		flags = NETRXF_data_validated;
	}
	for (at = 0; at < len; at += part) {
		part = len - at < XEN_PAGE_SIZE ? len - at : XEN_PAGE_SIZE;
		if (at + part < len)
			flags |= NETRXF_more_data;
		else
			flags &= (uint16_t)~NETRXF_more_data;
		if (!at && o->gso != NET_GSO_NONE)
			flags |= NETRXF_extra_info;
		put_rx(q, data + at, part, flags);
		if (!at && o->gso != NET_GSO_NONE)
			put_gso(q, o);
		flags = 0;
	}
	n->stats.rx_packets++;
	n->stats.rx_bytes += len;
	if (xen_ring_publish(&q->rx))
		xen_evtchn_host_send(q->split ? &q->rx_evtchn : &q->tx_evtchn);
	return true;
}

/* --- the device --- */

static void work(void *ctx)
{
	struct queue *q = ctx;
	struct xen_netback *n = q->n;
	unsigned int i;

	if (!n->nr_queues)
		return;
	for (i = 0; i < PACKETS_A_TURN && !n->broken && transmit(q); i++)
		;
	if (!n->broken)
		net_resume(n->net);
	if (n->broken)
		xenbus_device_fail(&n->dev, "the ring's indices or packets make no sense");
	else if (i == PACKETS_A_TURN)
		eventloop_post(n->dev.env->loop, &q->work);
}

static void notify(void *ctx)
{
	struct queue *q = ctx;

	eventloop_post(q->n->dev.env->loop, &q->work);
}

static void close_queue(struct queue *q)
{
	xen_evtchn_host_close(&q->tx_evtchn);
	xen_evtchn_host_close(&q->rx_evtchn);
	eventloop_cancel(q->n->dev.env->loop, &q->work);
	xen_grant_unmap(&q->tx_page);
	xen_grant_unmap(&q->rx_page);
}

static void disconnect(void *ctx)
{
	struct xen_netback *n = ctx;
	unsigned int i;

	net_set_receiver(n->net, NULL);
	for (i = 0; i < n->nr_queues; i++)
		close_queue(&n->queue[i]);
	n->nr_queues = 0;
}

static int map_ring(struct queue *q, const char *dir, const char *name, struct xen_grant *g,
		    struct xen_back_ring *ring, uint32_t slot, struct error *err)
{
	struct xen_netback *n = q->n;
	char node[64];
	int64_t ref;

	snprintf(node, sizeof(node), "%s%s", dir, name);
	ref = xenbus_front_number(&n->dev, node, -1);
	if (ref < 0)
		return error_set(err, "%s must be a number", node);
	if (xen_grant_map(g, n->dev.domain, n->dev.env->domid, (grant_ref_t)ref, true))
		return error_set(err, "%s %lld cannot be mapped", node, (long long)ref);
	xen_ring_init(ring, &g->page, 1, slot);
	return 0;
}

static int bind(struct queue *q, const char *dir, const char *name, struct xen_evtchn_host *e,
		struct error *err)
{
	struct xen_netback *n = q->n;
	char node[64];
	int64_t port;

	snprintf(node, sizeof(node), "%s%s", dir, name);
	port = xenbus_front_number(&n->dev, node, -1);
	*e = (struct xen_evtchn_host){ .notify = notify, .ctx = q };
	if (port < 0 || xen_evtchn_host_bind(e, n->dev.domain, n->dev.env->domid, (uint32_t)port))
		return error_set(err, "%s %lld cannot be bound", node, (long long)port);
	return 0;
}

static int open_queue(struct xen_netback *n, struct queue *q, const char *dir, struct error *err)
{
	char node[64];

	memset(q, 0, sizeof(*q));
	q->n = n;
	q->work = (struct eventloop_work){ .fn = work, .ctx = q };
	snprintf(node, sizeof(node), "%sevent-channel-tx", dir);
	q->split = xenbus_front_number(&n->dev, node, -1) >= 0;
	if (map_ring(q, dir, "tx-ring-ref", &q->tx_page, &q->tx,
		     sizeof(union netif_tx_sring_entry), err) ||
	    map_ring(q, dir, "rx-ring-ref", &q->rx_page, &q->rx,
		     sizeof(union netif_rx_sring_entry), err) ||
	    bind(q, dir, q->split ? "event-channel-tx" : "event-channel", &q->tx_evtchn, err) ||
	    (q->split && bind(q, dir, "event-channel-rx", &q->rx_evtchn, err))) {
		close_queue(q);
		return -1;
	}
	return 0;
}

static int connect(void *ctx, struct error *err)
{
	struct xen_netback *n = ctx;
	int64_t queues = xenbus_front_number(&n->dev, "multi-queue-num-queues", 1);
	bool sg = xenbus_front_number(&n->dev, "feature-sg", 0);
	unsigned int i, nr = 0;
	char dir[32] = "";

	if (!xenbus_front_number(&n->dev, "request-rx-copy", 0))
		return error_set(err, "request-rx-copy must be 1: pages are not flipped");
	if (queues < 1 || queues > XEN_NETBACK_QUEUES)
		return error_set(err, "multi-queue-num-queues: 1 to %d", XEN_NETBACK_QUEUES);
	n->csum4 = !xenbus_front_number(&n->dev, "feature-no-csum-offload", 0);
	n->csum6 = xenbus_front_number(&n->dev, "feature-ipv6-csum-offload", 0);
	n->gso4 = sg && xenbus_front_number(&n->dev, "feature-gso-tcpv4", 0);
	n->gso6 = sg && xenbus_front_number(&n->dev, "feature-gso-tcpv6", 0);
	n->broken = false;
	for (nr = 0; nr < queues; nr++) {
		/* One queue's details stand in the device's own directory. */
		if (queues > 1)
			snprintf(dir, sizeof(dir), "queue-%u/", nr);
		if (open_queue(n, &n->queue[nr], dir, err)) {
			for (i = 0; i < nr; i++)
				close_queue(&n->queue[i]);
			return -1;
		}
	}
	n->nr_queues = nr;
	net_set_receive_offloads(n->net, (n->csum4 || n->csum6 ? NET_RECEIVE_CSUM : 0) |
					 (n->csum4 && n->gso4 ? NET_RECEIVE_TSO4 : 0) |
					 (n->csum6 && n->gso6 ? NET_RECEIVE_TSO6 : 0));
	n->receiver = (struct net_receiver){ .receive = receive, .ctx = n };
	net_set_receiver(n->net, &n->receiver);
	for (i = 0; i < nr; i++)
		eventloop_post(n->dev.env->loop, &n->queue[i].work);
	return 0;
}

static const struct xenbus_ops ops = { .connect = connect, .disconnect = disconnect };

int xen_netback_add(struct xen_netback **out, const struct xen_backends *env, struct xen_domain *d,
		    unsigned int devid, const uint8_t mac[6], struct net *net, struct error *err)
{
	struct xen_netback *n = calloc(1, sizeof(*n));
	unsigned int can = net_offloads(net);
	char text[18];

	if (!n)
		return error_set(err, "network card %u: out of memory", devid);
	n->net = net;
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2],
		 mac[3], mac[4], mac[5]);
	xenbus_device_init(&n->dev, env, d, "vif", devid, &ops, n);
	xenbus_back_printf(&n->dev, "mac", "%s", text);
	xenbus_back_printf(&n->dev, "handle", "%u", devid);
	xenbus_back_printf(&n->dev, "type", "vif");
	xenbus_back_printf(&n->dev, "feature-rx-copy", "1");
	xenbus_back_printf(&n->dev, "feature-rx-flip", "0");
	xenbus_back_printf(&n->dev, "feature-sg", "1");
	xenbus_back_printf(&n->dev, "feature-gso-tcpv4", "%d", !!(can & NET_SEND_TSO4));
	xenbus_back_printf(&n->dev, "feature-gso-tcpv6", "%d", !!(can & NET_SEND_TSO6));
	xenbus_back_printf(&n->dev, "feature-ipv6-csum-offload", "1");
	xenbus_back_printf(&n->dev, "feature-split-event-channels", "1");
	xenbus_back_printf(&n->dev, "feature-multicast-control", "0");
	xenbus_back_printf(&n->dev, "feature-ctrl-ring", "0");
	xenbus_back_printf(&n->dev, "multi-queue-max-queues", "%d", XEN_NETBACK_QUEUES);
	xenbus_front_printf(&n->dev, "mac", "%s", text);
	xenbus_front_printf(&n->dev, "handle", "%u", devid);
	xenbus_device_start(&n->dev);
	*out = n;
	return 0;
}

struct xenbus_device *xen_netback_device(struct xen_netback *n)
{
	return &n->dev;
}

void xen_netback_stats(struct xen_netback *n, struct xen_netback_stats *out)
{
	*out = (struct xen_netback_stats){
		n->stats.rx_packets, n->stats.rx_bytes, n->stats.tx_packets, n->stats.tx_bytes,
		n->stats.tx_errors,
	};
}

void xen_netback_remove(struct xen_netback *n)
{
	xenbus_device_destroy(&n->dev);
	free(n);
}
