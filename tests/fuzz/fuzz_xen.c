/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libFuzzer over everything a guest can reach without a processor: hypercalls with their memory,
 * and what it writes to the rings of the store, the console, a disk and a network card. Also over
 * what another process sends to a link between cards, and the text that describes devices.
 *
 * An input is a list of commands; what they put into memory aims at the places the hypervisor
 * reads. After each input the invariants are checked: nothing is left pinned, granted or counted
 * wrong.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/interface/io/blkif.h>
#include <xen/interface/io/console.h>
#include <xen/interface/io/netif.h>
#include <xen/interface/io/xs_wire.h>
#include <xen/interface/memory.h>

#include "backend/block.h"
#include "backend/chardev.h"
#include "backend/eventloop.h"
#include "backend/net_driver.h"
#include "backend/net_segment.h"
#include "xen/blkback.h"
#include "xen/console_back.h"
#include "xen/evtchn.h"
#include "xen/gnttab.h"
#include "xen/netback.h"
#include "xen/p2m.h"
#include "xen/pv_device_spec.h"
#include "xen/ring.h"
#include "xen/store_ring.h"
#include "xen/xen.h"
#include "xen/xencomm.h"

#define PAGES 48u
#define MAX_GPFN 95u
#define SHARED 96u
#define GRANT 100u
#define GPFNS 160u
#define ARGS 0x8000u
#define STORE_GPFN 3u
#define BLK_GPFN 4u
#define TX_GPFN 5u
#define RX_GPFN 6u
#define CONSOLE_GPFN 7u

#define CHECK(x) \
	do { \
		if (!(x)) { \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #x); \
			abort(); \
		} \
	} while (0)

/* --- a disk and a wire without a host --- */

struct block {
	uint64_t size;
};

static struct block disk = { 1 << 20 };

uint64_t block_size(const struct block *blk)
{
	return blk->size;
}

bool block_read_only(const struct block *blk)
{
	return false;
}

void block_submit(struct block *blk, struct block_request *req)
{
	uint64_t sum = 0;
	unsigned int i;

	if (req->op == BLOCK_READ || req->op == BLOCK_WRITE) {
		CHECK(req->offset % BLOCK_SECTOR == 0 && req->length % BLOCK_SECTOR == 0);
		CHECK(req->offset <= blk->size && req->length <= blk->size - req->offset);
		for (i = 0; i < req->nr_iov; i++) {
			sum += req->iov[i].iov_len;
			if (req->op == BLOCK_READ)
				memset(req->iov[i].iov_base, 0x42, req->iov[i].iov_len);
		}
		CHECK(sum == req->length);
	}
	req->done(req, 0);
}

static void wire_send(struct net *net, const struct iovec *iov, unsigned int n,
		      const struct net_offload *o)
{
	CHECK(n == 1 && iov[0].iov_len >= 14 && iov[0].iov_len <= NET_MAX_FRAME);
	if (o->needs_csum)
		CHECK((size_t)o->csum_start + o->csum_offset + 2 <= iov[0].iov_len);
	if (o->gso != NET_GSO_NONE)
		CHECK(o->gso_size && o->hdr_len <= iov[0].iov_len);
	/* An echo: the other direction gets its share. */
	net_deliver(net, iov[0].iov_base, iov[0].iov_len, o);
}

static void wire_close(struct net *net)
{
	net_drop_queue(net);
}

static const struct net_ops wire_ops = {
	.offloads = 0xff, .send = wire_send, .close = wire_close,
};

/* --- the world --- */

struct guest {
	struct ia64_memory mem;
	struct xen_domain *d;
};

static struct {
	struct eventloop *el;
	struct xen_host host;
	struct guest g[2];
	struct xen_backends env;
	struct xen_store_ring *store;
	struct xen_blkback *blk;
	struct xen_netback *nb;
	struct net wire;
	struct chardev *dev;
	struct xen_console *console;
	uint32_t store_port, blk_port, net_port, console_port;
} w;

static void on_shutdown(void *ctx, unsigned int reason)
{
}

static const struct xen_domain_ops domain_ops = { .shutdown = on_shutdown };
static const struct xen_vcpu_ops vcpu_ops;

static void open_guest(unsigned int i)
{
	struct guest *g = &w.g[i];
	struct xen_domain_config cfg = {
		.domid = (domid_t)(i + 1),
		.mem = &g->mem,
		.max_gpfn = MAX_GPFN,
		.max_pages = PAGES + 16,
		.shared_info_gpfn = SHARED,
		.grant_table_gpfn = GRANT,
		.max_vcpus = 2,
		.ops = &domain_ops,
	};

	CHECK(!ia64_memory_init(&g->mem, (uint64_t)GPFNS << XEN_PAGE_SHIFT));
	CHECK(!xen_domain_create(&w.host, &cfg, &g->d));
	xen_vcpu_attach(g->d->vcpu[0], &vcpu_ops, NULL, true);
	xen_vcpu_attach(g->d->vcpu[1], &vcpu_ops, NULL, false);
	CHECK(!xen_p2m_populate(g->d, 0, PAGES));
}

static void nothing(void *ctx)
{
}

static void settle(void)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		eventloop_call(w.el, nothing, NULL);
}

static void *at(struct guest *g, uint64_t gpa)
{
	return g->mem.base + gpa;
}

static void permit(grant_ref_t ref, domid_t to, uint32_t gpfn)
{
	CHECK(xen_gnttab_seed(w.g[0].d, ref, to, gpfn));
}

static void start_ring(uint32_t gpfn)
{
	struct xen_sring *r = at(&w.g[0], (uint64_t)gpfn << XEN_PAGE_SHIFT);

	memset(r, 0, XEN_PAGE_SIZE);
	r->req_event = r->rsp_event = 1;
}

static uint32_t channel(void)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = 0 };

	CHECK(!xen_evtchn_op(w.g[0].d, EVTCHNOP_alloc_unbound, &a));
	return a.port;
}

static const uint8_t tcp[] = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 0,
	0x45, 0, 0x1f, 0x40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
	0, 7, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0,
};
static const uint8_t udp[] = {
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x86, 0xdd,
	0x60, 0, 0, 0, 0, 10, 17, 64, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
	1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
	0, 7, 0, 9, 0, 10, 0, 0, 'h', 'i',
};

static void open_world(void)
{
	static const uint8_t mac[6] = { 0, 0x16, 0x3e, 0, 0, 1 };
	const struct xen_blkback_config config = { .vdev = 1, .name = "xvda", .discard = true };
	struct xenstore *s = xenstore_create(NULL);
	struct error err;
	uint32_t ref;

	CHECK(!xen_host_init(&w.host, w.el));
	open_guest(0);
	open_guest(1);
	w.env = (struct xen_backends){ w.el, s, 0 };
	/* Events are unmasked, and there are packets to send. */
	memset(w.g[0].d->shared_info->evtchn_mask, 0, sizeof(w.g[0].d->shared_info->evtchn_mask));
	memcpy(at(&w.g[0], 20u << XEN_PAGE_SHIFT), tcp, sizeof(tcp));
	memcpy(at(&w.g[0], 21u << XEN_PAGE_SHIFT), udp, sizeof(udp));
	xenbus_domain_init(&w.env, 1, "fuzz", 1024);
	net_init(&w.wire, &wire_ops, w.el);
	CHECK(!xen_store_ring_open(&w.store, w.el, s, w.g[0].d, 0, STORE_GPFN, &w.store_port, &err));
	CHECK(!xen_console_open(&w.console, w.el, w.g[0].d, 0, CONSOLE_GPFN, w.dev, &w.console_port,
				&err));
	CHECK(!xen_blkback_add(&w.blk, &w.env, w.g[0].d, &config, &disk, &err));
	CHECK(!xen_netback_add(&w.nb, &w.env, w.g[0].d, 0, mac, &w.wire, &err));
	for (ref = 0; ref < 64; ref++)
		permit(ref, (domid_t)(ref & 2), ref & 31);
	permit(8, 0, BLK_GPFN);
	permit(9, 0, TX_GPFN);
	permit(12, 0, RX_GPFN);
	start_ring(BLK_GPFN);
	start_ring(TX_GPFN);
	start_ring(RX_GPFN);
	w.blk_port = channel();
	w.net_port = channel();
	xenstore_printf(s, "/local/domain/1/device/vbd/1/ring-ref", "8");
	xenstore_printf(s, "/local/domain/1/device/vbd/1/event-channel", "%u", w.blk_port);
	xenstore_printf(s, "/local/domain/1/device/vbd/1/state", "3");
	xenstore_printf(s, "/local/domain/1/device/vif/0/tx-ring-ref", "9");
	xenstore_printf(s, "/local/domain/1/device/vif/0/rx-ring-ref", "12");
	xenstore_printf(s, "/local/domain/1/device/vif/0/event-channel", "%u", w.net_port);
	xenstore_printf(s, "/local/domain/1/device/vif/0/request-rx-copy", "1");
	xenstore_printf(s, "/local/domain/1/device/vif/0/feature-sg", "1");
	xenstore_printf(s, "/local/domain/1/device/vif/0/feature-gso-tcpv4", "1");
	xenstore_printf(s, "/local/domain/1/device/vif/0/state", "4");
	settle();
}

static void close_world(void)
{
	struct xen_domain *d;
	uint64_t ram;
	unsigned int i;
	xen_pfn_t gpfn;

	xen_netback_remove(w.nb);
	net_close(&w.wire);
	xen_blkback_remove(w.blk);
	xen_console_close(w.console);
	xen_store_ring_close(w.store);
	xenstore_destroy(w.env.store);
	for (i = 0; i < 2; i++)
		xen_domain_ref(w.g[i].d);
	for (i = 0; i < 2; i++)
		xen_domain_kill(w.g[i].d);
	for (i = 0; i < 2; i++) {
		/* Nobody uses anything any more, and the count of pages is that of the pages. */
		d = w.g[i].d;
		CHECK(d->refs == 1);
		ram = 0;
		for (gpfn = 0; gpfn < d->nr_gpfns; gpfn++) {
			CHECK(d->p2m[gpfn] < 4);
			ram += d->p2m[gpfn] == XEN_P2M_RAM;
		}
		CHECK(ram == d->tot_pages && ram <= d->max_pages);
		xen_domain_put(d);
		ia64_memory_destroy(&w.g[i].mem);
	}
	xen_host_destroy(&w.host);
	memset(&w.g, 0, sizeof(w.g));
}

/* --- commands --- */

struct input {
	const uint8_t *p;
	size_t len;
};

static uint64_t take(struct input *in, unsigned int n)
{
	uint64_t v = 0;
	unsigned int i;

	for (i = 0; i < n && in->len; i++, in->p++, in->len--)
		v |= (uint64_t)*in->p << 8 * i;
	return v;
}

static size_t take_bytes(struct input *in, uint8_t *buf, size_t n)
{
	if (n > in->len)
		n = in->len;
	memcpy(buf, in->p, n);
	in->p += n;
	in->len -= n;
	return n;
}

/* An argument that often is one that leads somewhere. */
static uint64_t argument(struct input *in)
{
	switch (take(in, 1) & 7) {
	case 0:
		return take(in, 8);
	case 1:
		return XENCOMM_INLINE_FLAG | (ARGS + take(in, 1));
	case 2:
		return ARGS + 0x1000;
	case 3:
		return take(in, 2);
	case 4:
		return XENCOMM_INLINE_FLAG | take(in, 4);
	default:
		return take(in, 1);
	}
}

static void hypercall(struct guest *g, struct input *in)
{
	static const uint8_t nr[] = { 12, 13, 15, 16, 17, 18, 20, 24, 29, 30, 32, 33, 48, 49, 6 };
	struct xen_hypercall c = { 0 };
	unsigned int i, sel = (unsigned int)take(in, 1), rounds;
	uint8_t args[256];
	int64_t ret;
	size_t n;

	c.nr = sel == 255 ? __HYPERVISOR_opt_feature : sel >= 250 ? take(in, 8) : nr[sel % sizeof(nr)];
	for (i = 0; i < 3; i++)
		c.arg[i] = argument(in);
	n = take_bytes(in, args, take(in, 1));
	xen_copy_to_gpa(g->d, ARGS, args, n);
	/* A call that goes on and on is allowed to; a round must end. */
	for (rounds = 0; rounds < 100; rounds++)
		if (xen_hypercall(g->d->vcpu[sel & 1], &c, &ret))
			break;
}

/* A value of the kinds that structures are made of. */
static uint64_t word(struct input *in)
{
	switch (take(in, 1) % 7) {
	case 0:
		return take(in, 1);
	case 1:
		return take(in, 1) << XEN_PAGE_SHIFT;
	case 2:
		return take(in, 1) | take(in, 1) << 32;
	case 3:
		return XENCOMM_INLINE_FLAG | (ARGS + 0x2000);
	case 4:
		return DOMID_SELF | take(in, 1) << 32;
	case 5:
		return take(in, 1) | take(in, 1) << 16 | take(in, 1) << 32 | take(in, 1) << 48;
	default:
		return take(in, 8);
	}
}

/* A hypercall whose argument is a structure of such values, with a list behind it. */
static void shaped_hypercall(struct guest *g, struct input *in)
{
	static const uint8_t nr[] = { 20, 20, 20, 32, 32, 12, 12, 24, 29, 13, 17, 18, 30, 33 };
	struct xen_hypercall c = { .nr = nr[take(in, 1) % sizeof(nr)] };
	uint64_t args[12] = { 0 }, list[16];
	unsigned int i, n = take(in, 1) % 13, vcpu = take(in, 1) & 1;
	int64_t ret;

	for (i = 0; i < n; i++)
		args[i] = word(in);
	for (i = 0; i < 16; i++)
		list[i] = take(in, 1) & 127;
	xen_copy_to_gpa(g->d, ARGS, args, sizeof(args));
	xen_copy_to_gpa(g->d, ARGS + 0x2000, list, sizeof(list));
	c.arg[0] = take(in, 1) & 15;
	c.arg[1] = XENCOMM_INLINE_FLAG | ARGS;
	c.arg[2] = take(in, 1) & 3;
	if (c.nr == __HYPERVISOR_multicall) {
		c.arg[0] = c.arg[1];
		c.arg[1] = 1;
	} else if (c.nr == __HYPERVISOR_vcpu_op || c.nr == __HYPERVISOR_console_io) {
		c.arg[1] = c.arg[2];
		c.arg[2] = XENCOMM_INLINE_FLAG | ARGS;
	}
	for (i = 0; i < 100; i++)
		if (xen_hypercall(g->d->vcpu[vcpu], &c, &ret))
			break;
}

static void describe(struct guest *g, struct input *in)
{
	uint64_t desc[1 + 8];
	unsigned int i;

	desc[0] = XENCOMM_MAGIC | take(in, 2) << 32;
	for (i = 1; i < 9; i++)
		desc[i] = take(in, 3);
	xen_copy_to_gpa(g->d, ARGS + 0x1000, desc, sizeof(desc));
}

static void grant_entry(struct guest *g, struct input *in)
{
	struct grant_entry_v1 e;
	uint64_t ref = take(in, 1);

	e.flags = (uint16_t)take(in, 2);
	e.domid = (domid_t)take(in, 1);
	e.frame = (uint32_t)take(in, 1);
	xen_copy_to_gpa(g->d, ((uint64_t)GRANT << XEN_PAGE_SHIFT) + ref * sizeof(e), &e, sizeof(e));
}

static void send(uint32_t port)
{
	struct evtchn_send s = { .port = port };

	xen_evtchn_op(w.g[0].d, EVTCHNOP_send, &s);
	settle();
}

static void disk_request(struct input *in, void *buf)
{
	struct blkif_request *r = buf;
	unsigned int i;

	r->operation = (uint8_t)(take(in, 1) % 8);
	r->nr_segments = (uint8_t)(take(in, 1) % 13);
	r->sector_number = take(in, 2);
	if (r->operation == BLKIF_OP_INDIRECT)
		*(struct blkif_request_indirect *)buf = (struct blkif_request_indirect){
			.operation = BLKIF_OP_INDIRECT, .indirect_op = (uint8_t)(take(in, 1) & 3),
			.nr_segments = (uint16_t)(take(in, 2) % 300), .sector_number = take(in, 1),
			.indirect_grefs = { (grant_ref_t)take(in, 1) & 63 },
		};
	else if (r->operation == BLKIF_OP_DISCARD)
		((struct blkif_request_discard *)buf)->nr_sectors = take(in, 2);
	else
		for (i = 0; i < 11 && i < r->nr_segments; i++)
			r->seg[i] = (struct blkif_request_segment){
				(grant_ref_t)take(in, 1) & 63, (uint8_t)take(in, 1) & 31,
				(uint8_t)take(in, 1) & 63,
			};
}

static void tx_request(struct input *in, void *buf)
{
	struct netif_tx_request *r = buf;
	uint64_t sel = take(in, 1);

	r->gref = sel & 64 ? 20 + (sel & 1) : sel & 63;
	r->flags = (uint16_t)(take(in, 1) & 15);
	r->offset = (uint16_t)take(in, sel & 128 ? 2 : 0);
	r->size = (uint16_t)take(in, 2);
}

static void gso_info(struct input *in, void *buf)
{
	struct netif_extra_info *e = buf;

	e->type = (uint8_t)(take(in, 1) & 3);
	e->flags = (uint8_t)(take(in, 1) & 1);
	e->u.gso.size = (uint16_t)take(in, 2);
	e->u.gso.type = (uint8_t)(take(in, 1) & 3);
}

static void rx_request(struct input *in, void *buf)
{
	((struct netif_rx_request *)buf)->gref = (grant_ref_t)take(in, 1) & 63;
}

/* Requests into a ring, at the place the guest's index says, and now and then any index. */
static void ring(struct input *in, uint32_t gpfn, size_t slot, uint32_t port,
		 void (*shape)(struct input *in, void *buf))
{
	struct xen_sring *r = at(&w.g[0], (uint64_t)gpfn << XEN_PAGE_SHIFT);
	uint32_t slots = xen_ring_slots(XEN_PAGE_SIZE, (uint32_t)slot);
	unsigned int sel = take(in, 1), n = sel & 7, i;
	uint8_t req[128];

	if (xen_p2m_type(w.g[0].d, gpfn) != XEN_P2M_RAM)
		return;
	for (i = 0; i < n; i++) {
		memset(req, 0, sizeof(req));
		if (sel & 8)
			take_bytes(in, req, slot);
		else if ((sel & 16) && i == 1 && shape == tx_request)
			gso_info(in, req);
		else
			shape(in, req);
		memcpy((uint8_t *)(r + 1) + (r->req_prod + i) % slots * slot, req, slot);
	}
	if ((sel & 0xe0) == 0xe0)
		n += (uint32_t)take(in, 4);
	__atomic_store_n(&r->req_prod, r->req_prod + n, __ATOMIC_SEQ_CST);
	send(port);
}

/* A path, one more string or value, as requests have them. */
static size_t payload(struct input *in, uint8_t *buf, size_t size)
{
	static const char *const first[] = {
		"data", "data/a", "data/a/b", "/local/domain/1/data", "/", "/local", "1", "T", "F",
		"device/vbd/1/state", "control/shutdown", "", "@releaseDomain", "data/",
	};
	static const char *const second[] = { "", "x", "n1", "r0", "b1", "0", "token" };
	unsigned int sel = take(in, 1);
	size_t n = (size_t)snprintf((char *)buf, size, "%s", first[sel % 14]) + 1;

	if (sel & 128)
		n += (size_t)snprintf((char *)buf + n, size - n, "%s", second[take(in, 1) % 7]) + 1;
	if (sel & 64)
		n += take_bytes(in, buf + n, take(in, 1) & 63);
	return n;
}

static void store(struct input *in)
{
	struct xenstore_domain_interface *p = at(&w.g[0], (uint64_t)STORE_GPFN << XEN_PAGE_SHIFT);
	struct xsd_sockmsg m = { (uint32_t)take(in, 1) % 24, 1, (uint32_t)take(in, 1) & 3, 0 };
	uint8_t msg[sizeof(m) + 256];
	uint32_t i, prod = p->req_prod;

	m.len = (uint32_t)payload(in, msg + sizeof(m), 256);
	if (take(in, 1) == 77)
		m.len = (uint32_t)take(in, 4);
	memcpy(msg, &m, sizeof(m));
	for (i = 0; i < sizeof(m) + (m.len & 255); i++)
		p->req[(prod + i) % XENSTORE_RING_SIZE] = msg[i];
	__atomic_store_n(&p->req_prod, prod + i, __ATOMIC_SEQ_CST);
	__atomic_store_n(&p->rsp_cons, __atomic_load_n(&p->rsp_prod, __ATOMIC_SEQ_CST) +
			 (take(in, 1) == 77 ? (uint32_t)take(in, 4) : 0), __ATOMIC_SEQ_CST);
	send(w.store_port);
}

/* What a front end may write: its own directory, its state. */
static void front_state(struct input *in)
{
	static const char *const path[] = {
		"/local/domain/1/device/vbd/1/state", "/local/domain/1/device/vif/0/state",
		"/local/domain/1/device/vbd/1/ring-ref", "/local/domain/1/device/vif/0/rx-ring-ref",
		"/local/domain/1/device/vbd/1/event-channel",
		"/local/domain/1/device/vbd/1/multi-queue-num-queues",
		"/local/domain/1/device/vif/0/event-channel",
		"/local/domain/1/device/vif/0/feature-no-csum-offload",
		"/local/domain/1/device/vbd/1/ring-page-order",
		"/local/domain/1/device/vbd/1/num-ring-pages",
		"/local/domain/1/device/vbd/1/ring-ref0", "/local/domain/1/device/vbd/1/ring-ref1",
		"/local/domain/1/device/vbd/1/queue-0/ring-ref",
		"/local/domain/1/device/vif/0/multi-queue-num-queues",
		"/local/domain/1/device/vif/0/event-channel-tx",
		"/local/domain/1/device/vif/0/event-channel-rx",
		"/local/domain/1/device/vif/0/queue-0/tx-ring-ref",
		"/local/domain/1/device/vif/0/queue-0/rx-ring-ref",
		"/local/domain/1/device/vif/0/queue-0/event-channel",
		"/local/domain/0/backend/vbd/1/1/online",
	};

	xenstore_printf(w.env.store, path[take(in, 1) % (sizeof(path) / sizeof(path[0]))], "%u",
			(unsigned int)take(in, 1));
	settle();
}

/* The second domain maps what the first grants, and unmaps some of it. */
static void map_or_unmap(struct input *in)
{
	struct xen_domain *d = w.g[1].d;
	uint64_t gpfn = 40 + take(in, 1) % 50, sel = take(in, 1);
	struct gnttab_map_grant_ref m = {
		.host_addr = gpfn << XEN_PAGE_SHIFT, .flags = GNTMAP_host_map | (sel & 4),
		.ref = (grant_ref_t)take(in, 1) & 63, .dom = 1,
	};
	struct gnttab_unmap_grant_ref u = {
		.host_addr = gpfn << XEN_PAGE_SHIFT, .handle = (grant_handle_t)sel & 7,
	};

	if (sel & 128)
		xen_gnttab_map(d, &m);
	else
		for (u.handle = 0; u.handle < 16; u.handle++)
			xen_gnttab_unmap(d, &u);
}

static void balloon(struct guest *g, struct input *in)
{
	static const uint8_t op[] = { XENMEM_decrease_reservation, XENMEM_populate_physmap,
				      XENMEM_increase_reservation };
	struct xen_memory_reservation r = {
		.extent_start = XENCOMM_INLINE_FLAG | (ARGS + 0x2000), .nr_extents = take(in, 1) & 15,
		.domid = DOMID_SELF,
	};
	struct xen_hypercall c = {
		.nr = __HYPERVISOR_memory_op,
		.arg = { op[take(in, 1) % 3], XENCOMM_INLINE_FLAG | ARGS },
	};
	uint64_t list[16];
	unsigned int i;
	int64_t ret;

	for (i = 0; i < 16; i++)
		list[i] = 8 + take(in, 1) % 90;
	xen_copy_to_gpa(g->d, ARGS, &r, sizeof(r));
	xen_copy_to_gpa(g->d, ARGS + 0x2000, list, sizeof(list));
	while (!xen_hypercall(g->d->vcpu[0], &c, &ret))
		;
}

static void console(struct input *in)
{
	struct xencons_interface *p = at(&w.g[0], (uint64_t)CONSOLE_GPFN << XEN_PAGE_SHIFT);

	__atomic_store_n(&p->out_prod, p->out_cons + (uint32_t)take(in, 2), __ATOMIC_SEQ_CST);
	if (take(in, 1) == 77) {
		__atomic_store_n(&p->out_cons, (uint32_t)take(in, 4), __ATOMIC_SEQ_CST);
		__atomic_store_n(&p->in_prod, (uint32_t)take(in, 4), __ATOMIC_SEQ_CST);
		__atomic_store_n(&p->in_cons, (uint32_t)take(in, 4), __ATOMIC_SEQ_CST);
	}
	send(w.console_port);
}

static void emitted(void *ctx, const uint8_t *packet, size_t len)
{
	CHECK(len <= *(size_t *)ctx && packet[len - 1] == packet[len - 1]);
}

/* What the peer of a link says about a frame. */
static void segment(struct input *in)
{
	struct net_offload o = { .needs_csum = true, .gso = (enum net_gso)(take(in, 1) % 3) };
	uint8_t *f;
	size_t len;

	o.csum_start = (uint16_t)(take(in, 1) & 1 ? take(in, 2) : 34);
	o.csum_offset = (uint16_t)(take(in, 1) & 1 ? take(in, 2) : 16);
	o.gso_size = (uint16_t)take(in, 2);
	len = take(in, 2);
	/* Of its own size, so that one byte too far is noticed. */
	f = calloc(1, len + 1);
	memcpy(f, tcp, len < sizeof(tcp) ? len : sizeof(tcp));
	take_bytes(in, f + (len > 14 ? 12 : 0), len > 80 ? 40 : 0);
	f = realloc(f, len ? len : 1);
	if (net_offload_valid(f, len, &o) && o.gso != NET_GSO_NONE)
		net_segment(f, len, &o, emitted, &len);
	free(f);
}

static void device_text(struct input *in)
{
	char text[200] = "";
	struct pv_disk_spec disk;
	struct pv_vif_spec vif;
	struct error err;

	take_bytes(in, (uint8_t *)text, take(in, 1) % 199);
	pv_disk_parse(&disk, text, &err);
	pv_vif_parse(&vif, text, &err);
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct error err;

	CHECK(!eventloop_create(&w.el, &err));
	CHECK(!chardev_create(&w.dev, w.el, "none", &err));
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	unsigned int cmd;

	open_world();
	while (in.len) {
		cmd = (unsigned int)take(&in, 1);
		switch (cmd % 15) {
		case 0:
		case 1:
			shaped_hypercall(&w.g[cmd / 15 & 1], &in);
			break;
		case 2:
			hypercall(&w.g[cmd / 15 & 1], &in);
			break;
		case 3:
			describe(&w.g[cmd / 15 & 1], &in);
			break;
		case 4:
			grant_entry(&w.g[cmd / 15 & 1], &in);
			break;
		case 5:
			ring(&in, BLK_GPFN, sizeof(union blkif_sring_entry), w.blk_port,
			     disk_request);
			break;
		case 6:
			ring(&in, TX_GPFN, sizeof(union netif_tx_sring_entry), w.net_port,
			     tx_request);
			break;
		case 7:
			ring(&in, RX_GPFN, sizeof(union netif_rx_sring_entry), w.net_port,
			     rx_request);
			break;
		case 8:
			store(&in);
			break;
		case 9:
			front_state(&in);
			break;
		case 10:
			map_or_unmap(&in);
			break;
		case 11:
			balloon(&w.g[cmd / 15 & 1], &in);
			break;
		case 12:
			console(&in);
			break;
		case 13:
			segment(&in);
			break;
		case 14:
			device_text(&in);
			break;
		}
	}
	close_world();
	return 0;
}
