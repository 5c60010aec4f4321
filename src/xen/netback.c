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

#include "backend/net.h"
#include "xen/checksum.h"
#include "xen/evtchn.h"
#include "xen/gnttab.h"
#include "xen/ring.h"

#define MAX_SLOTS 24     /* of one packet */
#define PACKETS_A_TURN 64
#define ETH_HEADER 14u

struct xen_netback {
	struct xenbus_device dev;
	struct net *net;
	struct xen_grant tx_page, rx_page;
	struct xen_back_ring tx, rx;
	struct xen_evtchn_host evtchn;
	struct eventloop_work work;
	bool connected, broken;
	bool csum4, csum6, gso4, gso6; /* what the front end takes */
	struct net_receiver receiver;
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
static bool collect(struct xen_netback *n, int waiting, struct packet *p)
{
	union netif_tx_sring_entry e;
	bool more, extra;

	memset(p, 0, sizeof(*p));
	xen_ring_peek(&n->tx, 0, &e);
	p->req[p->slots++] = e.req;
	extra = e.req.flags & NETTXF_extra_info;
	more = e.req.flags & NETTXF_more_data;
	while (extra || more) {
		if (p->slots == MAX_SLOTS || (int)p->slots >= waiting)
			return false;
		xen_ring_peek(&n->tx, p->slots, &e);
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

static void respond_tx(struct xen_netback *n, const struct packet *p, int16_t status)
{
	struct netif_tx_response rsp;
	unsigned int i;

	for (i = 0; i < p->slots; i++) {
		rsp.id = p->req[i].id;
		rsp.status = p->extra[i] ? NETIF_RSP_NULL : status;
		xen_ring_respond(&n->tx, &rsp, sizeof(rsp));
	}
	if (xen_ring_publish(&n->tx))
		xen_evtchn_host_send(&n->evtchn);
}

/* One packet; false if there is none (or the ring is broken). */
static bool transmit(struct xen_netback *n)
{
	struct net_offload o = { 0 };
	struct packet p;
	struct iovec iov;
	bool fine;
	int waiting = xen_ring_waiting(&n->tx);

	if (!waiting && xen_ring_rest(&n->tx))
		waiting = xen_ring_waiting(&n->tx);
	if (!waiting)
		return false;
	if (waiting < 0 || !collect(n, waiting, &p)) {
		n->broken = true;
		return false;
	}
	xen_ring_take(&n->tx, p.slots);
	iov.iov_base = n->frame;
	iov.iov_len = gather(n, &p);
	fine = iov.iov_len && offloads(n, &p, iov.iov_len, &o);
	if (fine)
		net_send(n->net, &iov, 1, &o);
	respond_tx(n, &p, fine ? NETIF_RSP_OKAY : NETIF_RSP_ERROR);
	return true;
}

/* --- sent to the guest --- */

static void put_rx(struct xen_netback *n, const void *data, size_t len, uint16_t flags)
{
	struct netif_rx_response rsp = { .flags = flags, .status = (int16_t)len };
	union netif_rx_sring_entry e;
	struct xen_grant g = { 0 };

	xen_ring_peek(&n->rx, 0, &e);
	xen_ring_take(&n->rx, 1);
	rsp.id = e.req.id;
	if (xen_grant_map(&g, n->dev.domain, n->dev.env->domid, e.req.gref, true)) {
		rsp.status = NETIF_RSP_ERROR;
	} else {
		memcpy(g.page, data, len);
		xen_grant_unmap(&g);
	}
	xen_ring_respond(&n->rx, &rsp, sizeof(rsp));
}

static void put_gso(struct xen_netback *n, const struct net_offload *o)
{
	struct netif_extra_info extra = { .type = XEN_NETIF_EXTRA_TYPE_GSO };

	extra.u.gso.size = o->gso_size;
	extra.u.gso.type = o->gso == NET_GSO_TCPV6 ? XEN_NETIF_GSO_TYPE_TCPV6 :
						     XEN_NETIF_GSO_TYPE_TCPV4;
	xen_ring_take(&n->rx, 1);
	xen_ring_respond(&n->rx, &extra, sizeof(extra));
}

static bool receive(void *ctx, const void *frame, size_t len, const struct net_offload *o)
{
	struct xen_netback *n = ctx;
	size_t pages = (len + XEN_PAGE_SIZE - 1) / XEN_PAGE_SIZE, at, part;
	int need = (int)pages + (o->gso != NET_GSO_NONE), waiting;
	const uint8_t *data = frame;
	uint16_t flags = 0;
	bool ipv6;

	if (!n->connected || n->broken || !len || len > sizeof(n->rx_frame))
		return true;
	waiting = xen_ring_waiting(&n->rx);
	if (waiting >= 0 && waiting < need) {
		xen_ring_rest(&n->rx);
		waiting = xen_ring_waiting(&n->rx);
	}
	if (waiting < 0) {
		n->broken = true;
		eventloop_post(n->dev.env->loop, &n->work);
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
		put_rx(n, data + at, part, flags);
		if (!at && o->gso != NET_GSO_NONE)
			put_gso(n, o);
		flags = 0;
	}
	if (xen_ring_publish(&n->rx))
		xen_evtchn_host_send(&n->evtchn);
	return true;
}

/* --- the device --- */

static void work(void *ctx)
{
	struct xen_netback *n = ctx;
	unsigned int i;

	if (!n->connected)
		return;
	for (i = 0; i < PACKETS_A_TURN && !n->broken && transmit(n); i++)
		;
	if (n->broken) {
		xenbus_device_fail(&n->dev, "the ring's indices or packets make no sense");
		return;
	}
	net_resume(n->net);
	if (i == PACKETS_A_TURN)
		eventloop_post(n->dev.env->loop, &n->work);
}

static void notify(void *ctx)
{
	struct xen_netback *n = ctx;

	eventloop_post(n->dev.env->loop, &n->work);
}

static void disconnect(void *ctx)
{
	struct xen_netback *n = ctx;

	n->connected = false;
	net_set_receiver(n->net, NULL);
	xen_evtchn_host_close(&n->evtchn);
	eventloop_cancel(n->dev.env->loop, &n->work);
	xen_grant_unmap(&n->tx_page);
	xen_grant_unmap(&n->rx_page);
}

static int map_ring(struct xen_netback *n, const char *node, struct xen_grant *g, struct error *err)
{
	int64_t ref = xenbus_front_number(&n->dev, node, -1);

	if (ref < 0)
		return error_set(err, "%s must be a number", node);
	if (xen_grant_map(g, n->dev.domain, n->dev.env->domid, (grant_ref_t)ref, true))
		return error_set(err, "%s %lld cannot be mapped", node, (long long)ref);
	return 0;
}

static int connect(void *ctx, struct error *err)
{
	struct xen_netback *n = ctx;
	int64_t port = xenbus_front_number(&n->dev, "event-channel", -1);
	bool sg = xenbus_front_number(&n->dev, "feature-sg", 0);

	if (!xenbus_front_number(&n->dev, "request-rx-copy", 0))
		return error_set(err, "request-rx-copy must be 1: pages are not flipped");
	n->csum4 = !xenbus_front_number(&n->dev, "feature-no-csum-offload", 0);
	n->csum6 = xenbus_front_number(&n->dev, "feature-ipv6-csum-offload", 0);
	n->gso4 = sg && xenbus_front_number(&n->dev, "feature-gso-tcpv4", 0);
	n->gso6 = sg && xenbus_front_number(&n->dev, "feature-gso-tcpv6", 0);
	n->broken = false;
	n->evtchn = (struct xen_evtchn_host){ .notify = notify, .ctx = n };
	if (map_ring(n, "tx-ring-ref", &n->tx_page, err) ||
	    map_ring(n, "rx-ring-ref", &n->rx_page, err))
		goto fail;
	xen_ring_init(&n->tx, n->tx_page.page, XEN_PAGE_SIZE, sizeof(union netif_tx_sring_entry));
	xen_ring_init(&n->rx, n->rx_page.page, XEN_PAGE_SIZE, sizeof(union netif_rx_sring_entry));
	if (port < 0 || xen_evtchn_host_bind(&n->evtchn, n->dev.domain, n->dev.env->domid,
					     (uint32_t)port)) {
		error_set(err, "event-channel %lld cannot be bound", (long long)port);
		goto fail;
	}
	n->connected = true;
	net_set_receive_offloads(n->net, (n->csum4 || n->csum6 ? NET_RECEIVE_CSUM : 0) |
					 (n->csum4 && n->gso4 ? NET_RECEIVE_TSO4 : 0) |
					 (n->csum6 && n->gso6 ? NET_RECEIVE_TSO6 : 0));
	n->receiver = (struct net_receiver){ .receive = receive, .ctx = n };
	net_set_receiver(n->net, &n->receiver);
	eventloop_post(n->dev.env->loop, &n->work);
	return 0;
fail:
	xen_grant_unmap(&n->tx_page);
	xen_grant_unmap(&n->rx_page);
	return -1;
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
	n->work = (struct eventloop_work){ .fn = work, .ctx = n };
	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
	xenbus_device_init(&n->dev, env, d, "vif", devid, &ops, n);
	xenbus_back_printf(&n->dev, "mac", "%s", text);
	xenbus_back_printf(&n->dev, "handle", "%u", devid);
	xenbus_back_printf(&n->dev, "feature-rx-copy", "1");
	xenbus_back_printf(&n->dev, "feature-rx-flip", "0");
	xenbus_back_printf(&n->dev, "feature-sg", "1");
	xenbus_back_printf(&n->dev, "feature-gso-tcpv4", "%d", !!(can & NET_SEND_TSO4));
	xenbus_back_printf(&n->dev, "feature-gso-tcpv6", "%d", !!(can & NET_SEND_TSO6));
	xenbus_back_printf(&n->dev, "feature-ipv6-csum-offload", "1");
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

void xen_netback_remove(struct xen_netback *n)
{
	xenbus_device_destroy(&n->dev);
	net_close(n->net);
	free(n);
}
