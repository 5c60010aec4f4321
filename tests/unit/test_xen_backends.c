/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Console, store ring, disk and network back ends against front ends in plain memory. */
#include <fcntl.h>
#include <xen/interface/io/blkif.h>
#include <xen/interface/io/console.h>
#include <xen/interface/io/netif.h>
#include <xen/interface/io/xs_wire.h>

#include "backend/block.h"
#include "backend/chardev.h"
#include "backend/net_driver.h"
#include "backend/xenstore.h"
#include "xen/blkback.h"
#include "xen/console_back.h"
#include "xen/netback.h"
#include "xen/store_ring.h"
#include "xen_front.h"

#define DISK_SECTORS 2048u

/* --- console --- */

static void console(void **state)
{
	struct bed *b = *state;
	struct xencons_interface *page = fix_ptr(b->g, GPA(8));
	struct xen_console *c;
	struct chardev *dev;
	struct error err;
	char path[] = "/tmp/xen-console-XXXXXX", spec[64], buf[8192];
	uint32_t port, i;
	ssize_t n;
	int fd = mkstemp(path);

	snprintf(spec, sizeof(spec), "file:%s", path);
	assert_int_equal(chardev_create(&dev, b->f.el, spec, &err), 0);
	assert_int_equal(xen_console_open(&c, b->f.el, b->g->d, 0, 100, dev, &port, &err), -1);
	assert_int_equal(xen_console_open(&c, b->f.el, b->g->d, 0, 8, dev, &port, &err), 0);
	/* Around the end of the ring, with indices around the end of 32 bits. */
	page->out_cons = page->out_prod = UINT32_MAX - 2;
	for (i = 0; i < 3000; i++) {
		WAIT_FOR(__atomic_load_n(&page->out_prod, __ATOMIC_SEQ_CST) -
			 __atomic_load_n(&page->out_cons, __ATOMIC_SEQ_CST) < sizeof(page->out));
		page->out[(UINT32_MAX - 2 + i) % sizeof(page->out)] = (uint8_t)('a' + i % 26);
		__atomic_store_n(&page->out_prod, UINT32_MAX - 2 + i + 1, __ATOMIC_SEQ_CST);
		if (i % 100 == 0 || i == 2999)
			kick(b, port);
	}
	WAIT_FOR(__atomic_load_n(&page->out_cons, __ATOMIC_SEQ_CST) == page->out_prod);
	/* A page of nonsense does no harm, and what comes later arrives. */
	__atomic_store_n(&page->out_prod, page->out_cons + 100000, __ATOMIC_SEQ_CST);
	kick(b, port);
	WAIT_FOR(__atomic_load_n(&page->out_cons, __ATOMIC_SEQ_CST) == page->out_prod);
	page->out[page->out_prod % sizeof(page->out)] = '!';
	__atomic_store_n(&page->out_prod, page->out_prod + 1, __ATOMIC_SEQ_CST);
	kick(b, port);
	WAIT_FOR(__atomic_load_n(&page->out_cons, __ATOMIC_SEQ_CST) == page->out_prod);
	assert_int_equal(xen_p2m_remove(b->g->d, 8), -EBUSY);
	xen_console_close(c);
	chardev_destroy(dev);
	assert_int_equal(xen_p2m_remove(b->g->d, 8), 0);
	n = read(fd, buf, sizeof(buf));
	assert_int_equal(n, 3001);
	for (i = 0; i < 3000; i++)
		assert_int_equal(buf[i], 'a' + i % 26);
	assert_int_equal(buf[3000], '!');
	close(fd);
	unlink(path);
}

/* --- store --- */

static void put(struct xenstore_domain_interface *p, const void *data, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		p->req[(p->req_prod + i) % XENSTORE_RING_SIZE] = ((const uint8_t *)data)[i];
	__atomic_store_n(&p->req_prod, (uint32_t)(p->req_prod + len), __ATOMIC_SEQ_CST);
}

static void get(struct xenstore_domain_interface *p, void *data, size_t len)
{
	size_t i;

	WAIT_FOR(__atomic_load_n(&p->rsp_prod, __ATOMIC_SEQ_CST) - p->rsp_cons >= len);
	for (i = 0; i < len; i++)
		((uint8_t *)data)[i] = p->rsp[(p->rsp_cons + i) % XENSTORE_RING_SIZE];
	__atomic_store_n(&p->rsp_cons, (uint32_t)(p->rsp_cons + len), __ATOMIC_SEQ_CST);
}

static void store(void **state)
{
	struct bed *b = *state;
	struct xenstore_domain_interface *p = fix_ptr(b->g, GPA(9));
	struct xsd_sockmsg m = { XS_READ, 5, 0, 11 };
	struct xen_store_ring *r;
	struct error err;
	uint32_t port;
	char buf[2100];
	size_t at, n;

	assert_int_equal(xen_store_ring_open(&r, b->f.el, b->env.store, b->g->d, 0, 9, &port, &err), 0);
	xenstore_printf(b->env.store, "/vm/public", "%01900d", 7);
	xenstore_set_perms(b->env.store, "/vm/public", &(struct xs_perm){ 0, XS_PERM_READ }, 1);
	put(p, &m, sizeof(m));
	put(p, "/vm/public", 11);
	kick(b, port);
	get(p, &m, sizeof(m));
	assert_int_equal(m.type, XS_READ);
	assert_int_equal(m.req_id, 5);
	assert_int_equal(m.len, 1900);
	/*
	 * Longer than the ring: it comes in pieces, also to a guest that does not say it has room.
	 */
	for (at = 0; at < m.len; at += n) {
		n = m.len - at < 500 ? m.len - at : 500;
		get(p, buf + at, n);
	}
	assert_int_equal(buf[1899], '7');
	/* A length that no message has: not listened to any more, and nobody is hurt. */
	m = (struct xsd_sockmsg){ XS_READ, 6, 0, 0x7fffffff };
	put(p, &m, sizeof(m));
	put(p, "/vm/public", 11);
	kick(b, port);
	settle(b);
	assert_int_equal(p->rsp_prod, p->rsp_cons);
	p->req_prod += 5000;
	p->rsp_cons += 77777;
	kick(b, port);
	settle(b);
	xen_store_ring_close(r);
}

static void ask(struct bed *b, struct xenstore_domain_interface *p, uint32_t port, uint32_t type,
		const char *data, size_t len, char *out, struct xsd_sockmsg *m)
{
	*m = (struct xsd_sockmsg){ type, 1, 0, (uint32_t)len };
	put(p, m, sizeof(*m));
	put(p, data, len);
	kick(b, port);
	get(p, m, sizeof(*m));
	get(p, out, m->len);
	out[m->len] = 0;
}

/* What a Linux guest does first: finds its devices, and writes where it has to. */
static void domain_directory(void **state)
{
	struct bed *b = *state;
	struct xenstore_domain_interface *p = fix_ptr(b->g, GPA(9));
	struct xenbus_device dev;
	static const struct xenbus_ops none;
	struct xen_store_ring *r;
	struct xsd_sockmsg m;
	struct error err;
	char out[1024];
	uint32_t port;

	xenbus_domain_init(&b->env, 1, "guest", 65536);
	xenbus_device_init(&dev, &b->env, b->g->d, "vbd", 51712, &none, NULL);
	assert_int_equal(xen_store_ring_open(&r, b->f.el, b->env.store, b->g->d, 0, 9, &port, &err), 0);
#define GUEST(type, text) ask(b, p, port, type, text, sizeof(text), out, &m)
	GUEST(XS_DIRECTORY, "device/vbd");
	assert_int_equal(m.type, XS_DIRECTORY);
	assert_string_equal(out, "51712");
	GUEST(XS_READ, "device/vbd/51712/backend");
	assert_string_equal(out, "/local/domain/0/backend/vbd/1/51712");
	GUEST(XS_READ, "/local/domain/0/backend/vbd/1/51712/online");
	assert_string_equal(out, "1");
	GUEST(XS_WRITE, "device/vbd/51712/state\0003");
	assert_int_equal(m.type, XS_WRITE);
	GUEST(XS_WRITE, "control/shutdown\0");
	assert_int_equal(m.type, XS_WRITE);
	GUEST(XS_READ, "memory/target");
	assert_string_equal(out, "65536");
	/* Not what is the host's. */
	GUEST(XS_WRITE, "memory/target\0001");
	assert_int_equal(m.type, XS_ERROR);
	GUEST(XS_WRITE, "/local/domain/0/backend/vbd/1/51712/state\0004");
	assert_int_equal(m.type, XS_ERROR);
	GUEST(XS_RM, "device/vbd");
	assert_int_equal(m.type, XS_ERROR);
	xen_store_ring_close(r);
	xenbus_device_destroy(&dev);
	xenbus_domain_remove(&b->env, 1);
	assert_null(xenstore_read(b->env.store, "/local/domain/1/name", NULL));
}

/* --- disk --- */

static struct xen_blkback *disk(struct bed *b, bool ro)
{
	struct block_options o = { .path = b->disk, .format = BLOCK_FORMAT_RAW, .read_only = ro };
	const struct xen_blkback_config config = { .vdev = 51712, .name = "xvda", .discard = true };
	struct xen_blkback *bb;
	struct error err;
	int fd;

	strcpy(b->disk, "/tmp/xen-disk-XXXXXX");
	fd = mkstemp(b->disk);
	assert_int_equal(ftruncate(fd, DISK_SECTORS * 512), 0);
	close(fd);
	assert_int_equal(block_open(&b->blk, &o, &err), 0);
	assert_int_equal(xen_blkback_add(&bb, &b->env, b->g->d, &config, b->blk, &err), 0);
	return bb;
}

static void remove_disk(struct bed *b, struct xen_blkback *bb)
{
	xen_blkback_remove(bb);
	assert_int_equal(block_close(b->blk), 0);
}

static void connect_disk(struct bed *b, struct front *fr)
{
	front_ring(b, fr, 10, 100, sizeof(union blkif_sring_entry));
	fr->port = channel(b);
	xenstore_printf(b->env.store, VBD_FRONT "ring-ref", "100");
	xenstore_printf(b->env.store, VBD_FRONT "event-channel", "%u", fr->port);
	xenstore_printf(b->env.store, VBD_FRONT "protocol", "ia64-abi");
	xenstore_printf(b->env.store, VBD_FRONT "state", "%d", XenbusStateInitialised);
}

static void post(struct bed *b, struct front *fr, const union blkif_sring_entry *e)
{
	memcpy((union blkif_sring_entry *)(fr->ring + 1) + fr->ring->req_prod % fr->slots, e, sizeof(*e));
	__atomic_store_n(&fr->ring->req_prod, fr->ring->req_prod + 1, __ATOMIC_SEQ_CST);
	kick(b, fr->port);
}

static struct blkif_response answer(struct front *fr)
{
	union blkif_sring_entry e;

	WAIT_FOR(__atomic_load_n(&fr->ring->rsp_prod, __ATOMIC_SEQ_CST) != fr->rsp_cons);
	e = ((union blkif_sring_entry *)(fr->ring + 1))[fr->rsp_cons++ % fr->slots];
	return e.rsp;
}

static int disk_op(struct bed *b, struct front *fr, uint8_t op, uint64_t sector, unsigned int gpfn,
		   uint8_t first, uint8_t last)
{
	union blkif_sring_entry e = { .req = { .operation = op, .nr_segments = gpfn ? 1 : 0, .id = 99,
					       .sector_number = sector } };
	struct blkif_response r;

	if (gpfn) {
		fix_permit(b->g, 200, 0, gpfn, 0);
		e.req.seg[0] = (struct blkif_request_segment){ 200, first, last };
	}
	post(b, fr, &e);
	r = answer(fr);
	assert_int_equal(r.id, 99);
	assert_int_equal(r.operation, op);
	/* The page is the guest's again. */
	assert_int_equal(fix_entry(b->g, 200)->flags & (GTF_reading | GTF_writing), 0);
	return r.status;
}

static void disk_traffic(void **state)
{
	struct bed *b = *state;
	struct xen_blkback *bb = disk(b, false);
	struct front fr;
	uint8_t *page = fix_ptr(b->g, GPA(11));
	union blkif_sring_entry e;
	unsigned int i;

	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateInitWait);
	assert_int_equal(number(b, VBD_BACK "sectors"), DISK_SECTORS);
	connect_disk(b, &fr);
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateConnected);
	memset(page, 0x5a, XEN_PAGE_SIZE);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_WRITE, 100, 11, 0, 31), BLKIF_RSP_OKAY);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_FLUSH_DISKCACHE, 0, 0, 0, 0), BLKIF_RSP_OKAY);
	memset(page, 0, XEN_PAGE_SIZE);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, 131, 11, 3, 4), BLKIF_RSP_OKAY);
	assert_int_equal(page[3 * 512], 0x5a);
	assert_int_equal(page[3 * 512 - 1], 0);
	assert_int_equal(page[4 * 512], 0);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_WRITE_BARRIER, 5, 11, 3, 3), BLKIF_RSP_OKAY);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_WRITE_BARRIER, 0, 0, 0, 0), BLKIF_RSP_OKAY);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, 5, 11, 0, 0), BLKIF_RSP_OKAY);
	assert_int_equal(page[0], 0x5a);
	e.discard = (struct blkif_request_discard){ .operation = BLKIF_OP_DISCARD, .id = 1,
						    .sector_number = 0, .nr_sectors = 8 };
	post(b, &fr, &e);
	answer(&fr);
	/* Wrong in every way. */
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, DISK_SECTORS, 11, 0, 0), BLKIF_RSP_ERROR);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, DISK_SECTORS - 1, 11, 0, 1), BLKIF_RSP_ERROR);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, UINT64_MAX, 11, 0, 0), BLKIF_RSP_ERROR);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, UINT64_MAX / 512 + 1, 11, 0, 0),
			 BLKIF_RSP_ERROR);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, 0, 11, 4, 3), BLKIF_RSP_ERROR);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, 0, 11, 0, 32), BLKIF_RSP_ERROR);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, 0, 11, 0, 255), BLKIF_RSP_ERROR);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, 0, 5000, 0, 0), BLKIF_RSP_ERROR);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, 0, 0, 0, 0), BLKIF_RSP_ERROR);
	assert_int_equal(disk_op(b, &fr, 77, 0, 0, 0, 0), BLKIF_RSP_EOPNOTSUPP);
	e.req = (struct blkif_request){ .operation = BLKIF_OP_WRITE, .nr_segments = 255, .id = 3 };
	post(b, &fr, &e);
	assert_int_equal(answer(&fr).status, BLKIF_RSP_ERROR);
	e.discard.sector_number = 1;
	e.discard.nr_sectors = UINT64_MAX;
	e.discard.operation = BLKIF_OP_DISCARD;
	post(b, &fr, &e);
	assert_int_equal(answer(&fr).status, BLKIF_RSP_ERROR);
	/* A full ring, with barriers in it: each request is answered once. */
	for (i = 0; i < 1000; i++) {
		if (i >= fr.slots)
			assert_int_equal(answer(&fr).status, BLKIF_RSP_OKAY);
		e.req = (struct blkif_request){
			.operation = i % 7 ? BLKIF_OP_WRITE : BLKIF_OP_WRITE_BARRIER, .nr_segments = 1,
			.id = i, .sector_number = i, .seg[0] = { 200, 0, 0 },
		};
		fix_entry(b->g, 200)->frame = 11;
		post(b, &fr, &e);
	}
	for (i = 0; i < fr.slots; i++)
		assert_int_equal(answer(&fr).status, BLKIF_RSP_OKAY);
	remove_disk(b, bb);
	assert_null(xenstore_read(b->env.store, VBD_BACK "state", NULL));
	assert_int_equal(fix_entry(b->g, 100)->flags, GTF_permit_access);
}

static void disk_read_only(void **state)
{
	struct bed *b = *state;
	struct xen_blkback *bb = disk(b, true);
	struct front fr;

	assert_int_equal(number(b, VBD_BACK "info"), VDISK_READONLY);
	connect_disk(b, &fr);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, 0, 11, 0, 7), BLKIF_RSP_OKAY);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_WRITE, 0, 11, 0, 7), BLKIF_RSP_ERROR);
	remove_disk(b, bb);
}

static void disk_lies(void **state)
{
	struct bed *b = *state;
	struct xen_blkback *bb = disk(b, false);
	struct front fr;

	/* Details that do not hold. */
	xenstore_printf(b->env.store, VBD_FRONT "ring-ref", "x");
	xenstore_printf(b->env.store, VBD_FRONT "state", "3");
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateClosing);
	/* It starts again, and then the ring is nonsense. */
	xenstore_printf(b->env.store, VBD_FRONT "state", "6");
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateClosed);
	xenstore_printf(b->env.store, VBD_FRONT "state", "1");
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateInitWait);
	connect_disk(b, &fr);
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateConnected);
	fr.ring->req_prod = 1000;
	kick(b, fr.port);
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateClosing);
	assert_int_equal(fix_entry(b->g, 100)->flags, GTF_permit_access);
	/* And once more, properly. */
	xenstore_printf(b->env.store, VBD_FRONT "state", "6");
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateClosed);
	xenstore_printf(b->env.store, VBD_FRONT "state", "1");
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateInitWait);
	connect_disk(b, &fr);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, 0, 11, 0, 7), BLKIF_RSP_OKAY);
	/* Gone in the middle: requests are under way, and its nodes vanish. */
	{
		union blkif_sring_entry e = { .req = { .operation = BLKIF_OP_READ, .nr_segments = 1,
						       .seg[0] = { 200, 0, 31 } } };
		unsigned int i;

		for (i = 0; i < 60; i++)
			post(b, &fr, &e);
	}
	xenstore_remove(b->env.store, "/local/domain/1");
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateClosed);
	assert_int_equal(fix_entry(b->g, 100)->flags, GTF_permit_access);
	assert_int_equal(fix_entry(b->g, 200)->flags, GTF_permit_access);
	remove_disk(b, bb);
}

static void disk_unplug(void **state)
{
	struct bed *b = *state;
	struct xen_blkback *bb = disk(b, false);
	struct front fr;

	connect_disk(b, &fr);
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, 0, 11, 0, 7), BLKIF_RSP_OKAY);
	xenbus_device_unplug(xen_blkback_device(bb));
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateClosing);
	/* Still served until the front end lets go. */
	assert_int_equal(disk_op(b, &fr, BLKIF_OP_READ, 0, 11, 0, 7), BLKIF_RSP_OKAY);
	assert_false(xen_blkback_device(bb)->gone);
	xenstore_printf(b->env.store, VBD_FRONT "state", "%d", XenbusStateClosing);
	xenstore_printf(b->env.store, VBD_FRONT "state", "%d", XenbusStateClosed);
	WAIT_FOR(xen_blkback_device(bb)->gone);
	remove_disk(b, bb);
}

static void disk_two_rings(void **state)
{
	struct bed *b = *state;
	struct xen_blkback *bb = disk(b, false);
	struct front fr[2];
	unsigned int i;

	for (i = 0; i < 2; i++) {
		char path[96];

		front_ring(b, &fr[i], 10 + i * 10, 100 + i, sizeof(union blkif_sring_entry));
		fr[i].port = channel(b);
		snprintf(path, sizeof(path), VBD_FRONT "queue-%u/ring-ref", i);
		xenstore_printf(b->env.store, path, "%u", 100 + i);
		snprintf(path, sizeof(path), VBD_FRONT "queue-%u/event-channel", i);
		xenstore_printf(b->env.store, path, "%u", fr[i].port);
	}
	xenstore_printf(b->env.store, VBD_FRONT "multi-queue-num-queues", "2");
	xenstore_printf(b->env.store, VBD_FRONT "state", "3");
	WAIT_FOR(number(b, VBD_BACK "state") == XenbusStateConnected);
	memset(fix_ptr(b->g, GPA(11)), 0x77, 512);
	assert_int_equal(disk_op(b, &fr[0], BLKIF_OP_WRITE, 3, 11, 0, 0), BLKIF_RSP_OKAY);
	assert_int_equal(disk_op(b, &fr[1], BLKIF_OP_READ, 3, 12, 0, 0), BLKIF_RSP_OKAY);
	assert_int_equal(*(uint8_t *)fix_ptr(b->g, GPA(12)), 0x77);
	remove_disk(b, bb);
}

/* --- network --- */

struct wire {
	struct net net;
	uint8_t sent[NET_MAX_FRAME];
	size_t len;
	struct net_offload o;
	_Atomic int frames;
};

static void wire_send(struct net *net, const struct iovec *iov, unsigned int n,
		      const struct net_offload *o)
{
	struct wire *w = (struct wire *)net;

	w->len = iov[0].iov_len;
	memcpy(w->sent, iov[0].iov_base, w->len);
	w->o = *o;
	w->frames++;
}

static void wire_close(struct net *net)
{
	net_drop_queue(net);
}

static const struct net_ops plain_ops = { .send = wire_send, .close = wire_close };
static const struct net_ops offload_ops = {
	.offloads = NET_SEND_CSUM | NET_SEND_TSO4 | NET_RECEIVE_CSUM | NET_RECEIVE_TSO4,
	.send = wire_send,
	.close = wire_close,
};

struct card {
	struct wire wire;
	struct xen_netback *nb;
	struct front tx, rx;
};

static void card_open(struct bed *b, struct card *c, const struct net_ops *ops)
{
	static const uint8_t mac[6] = { 0, 0x16, 0x3e, 1, 2, 3 };
	struct error err;

	memset(c, 0, sizeof(*c));
	net_init(&c->wire.net, ops, b->f.el);
	assert_int_equal(xen_netback_add(&c->nb, &b->env, b->g->d, 0, mac, &c->wire.net, &err), 0);
	front_ring(b, &c->tx, 10, 100, sizeof(union netif_tx_sring_entry));
	front_ring(b, &c->rx, 12, 101, sizeof(union netif_rx_sring_entry));
	c->tx.port = c->rx.port = channel(b);
	xenstore_printf(b->env.store, VIF_FRONT "tx-ring-ref", "100");
	xenstore_printf(b->env.store, VIF_FRONT "rx-ring-ref", "101");
	xenstore_printf(b->env.store, VIF_FRONT "event-channel", "%u", c->tx.port);
	xenstore_printf(b->env.store, VIF_FRONT "request-rx-copy", "1");
	xenstore_printf(b->env.store, VIF_FRONT "feature-sg", "1");
	xenstore_printf(b->env.store, VIF_FRONT "feature-gso-tcpv4", "1");
	xenstore_printf(b->env.store, VIF_FRONT "state", "4");
	WAIT_FOR(number(b, VIF_BACK "state") == XenbusStateConnected);
}

static union netif_tx_sring_entry *tx_slot(struct card *c, RING_IDX i)
{
	return (union netif_tx_sring_entry *)(c->tx.ring + 1) + i % c->tx.slots;
}

static union netif_rx_sring_entry *rx_slot(struct card *c, RING_IDX i)
{
	return (union netif_rx_sring_entry *)(c->rx.ring + 1) + i % c->rx.slots;
}

static void tx_go(struct bed *b, struct card *c, unsigned int n)
{
	__atomic_store_n(&c->tx.ring->req_prod, c->tx.ring->req_prod + n, __ATOMIC_SEQ_CST);
	kick(b, c->tx.port);
}

static struct netif_tx_response tx_answer(struct card *c)
{
	WAIT_FOR(__atomic_load_n(&c->tx.ring->rsp_prod, __ATOMIC_SEQ_CST) != c->tx.rsp_cons);
	return tx_slot(c, c->tx.rsp_cons++)->rsp;
}

/* A UDP datagram "hi" from 10.0.0.1 to 10.0.0.2, its checksum left out. */
static size_t udp_frame(uint8_t *f)
{
	static const uint8_t head[] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 0,
		0x45, 0, 0, 30, 0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
		0, 7, 0, 9, 0, 10, 0, 0, 'h', 'i',
	};

	memcpy(f, head, sizeof(head));
	return sizeof(head);
}

static void card_sends(void **state)
{
	struct bed *b = *state;
	struct card *c = malloc(sizeof(*c));
	uint8_t *page = fix_ptr(b->g, GPA(14));
	size_t len = udp_frame(page + 50);
	uint32_t sum = 0, i;

	card_open(b, c, &plain_ops);
	assert_int_equal(number(b, VIF_BACK "feature-gso-tcpv4"), 0);
	fix_permit(b->g, 200, 0, 14, GTF_readonly);
	tx_slot(c, 0)->req = (struct netif_tx_request){ 200, 50, NETTXF_csum_blank, 7, (uint16_t)len };
	tx_go(b, c, 1);
	assert_int_equal(tx_answer(c).status, NETIF_RSP_OKAY);
	assert_int_equal(c->wire.frames, 1);
	assert_int_equal(c->wire.len, len);
	assert_false(c->wire.o.needs_csum);
	/* RFC 768: the sum over pseudo header, header and data is all ones. */
	for (i = 26; i < len; i += 2)
		sum += (uint32_t)(c->wire.sent[i] << 8 | c->wire.sent[i + 1]);
	sum += 17 + 10;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	assert_int_equal(sum, 0xffff);
	/* In two pieces. */
	tx_slot(c, 1)->req = (struct netif_tx_request){ 200, 50, NETTXF_more_data, 8, (uint16_t)len };
	tx_slot(c, 2)->req = (struct netif_tx_request){ 200, 50, 0, 9, 10 };
	tx_go(b, c, 2);
	assert_int_equal(tx_answer(c).id, 8);
	assert_int_equal(tx_answer(c).id, 9);
	assert_int_equal(c->wire.len, len);
	assert_memory_equal(c->wire.sent + len - 10, page + 50, 10);
	/* Sizes, offsets and references that lie. */
	tx_slot(c, 3)->req = (struct netif_tx_request){ 200, 16384 - 10, 0, 1, 60 };
	tx_slot(c, 4)->req = (struct netif_tx_request){ 200, 0, 0, 1, 13 };
	tx_slot(c, 5)->req = (struct netif_tx_request){ 99999, 0, 0, 1, 60 };
	tx_slot(c, 6)->req = (struct netif_tx_request){ 200, 0, NETTXF_more_data, 1, 60 };
	tx_slot(c, 7)->req = (struct netif_tx_request){ 200, 0, 0, 1, 60 };
	tx_slot(c, 8)->req = (struct netif_tx_request){ 200, 0, NETTXF_csum_blank, 1, 60 };
	tx_go(b, c, 6);
	for (i = 0; i < 6; i++)
		assert_int_equal(tx_answer(c).status, NETIF_RSP_ERROR);
	assert_int_equal(c->wire.frames, 2);
	/* A packet without an end. */
	tx_slot(c, 9)->req = (struct netif_tx_request){ 200, 0, NETTXF_more_data, 1, 60 };
	tx_go(b, c, 1);
	WAIT_FOR(number(b, VIF_BACK "state") == XenbusStateClosing);
	assert_int_equal(fix_entry(b->g, 100)->flags, GTF_permit_access);
	xen_netback_remove(c->nb);
	net_close(&c->wire.net);
	free(c);
}

static void card_gso(void **state)
{
	static const uint8_t head[] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 8, 0,
		0x45, 0, 0x1f, 0x40, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2,
		0, 7, 0, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0,
	};
	struct bed *b = *state;
	struct card *c = malloc(sizeof(*c));
	uint8_t *page = fix_ptr(b->g, GPA(14));
	struct netif_extra_info extra = { .type = XEN_NETIF_EXTRA_TYPE_GSO };

	memset(page, 'd', XEN_PAGE_SIZE);
	memcpy(page, head, sizeof(head));
	card_open(b, c, &offload_ops);
	assert_int_equal(number(b, VIF_BACK "feature-gso-tcpv4"), 1);
	fix_permit(b->g, 200, 0, 14, GTF_readonly);
	tx_slot(c, 0)->req = (struct netif_tx_request){
		200, 0, NETTXF_csum_blank | NETTXF_data_validated | NETTXF_extra_info, 7, 8014,
	};
	extra.u.gso.size = 1448;
	extra.u.gso.type = XEN_NETIF_GSO_TYPE_TCPV4;
	tx_slot(c, 1)->extra = extra;
	tx_go(b, c, 2);
	assert_int_equal(tx_answer(c).status, NETIF_RSP_OKAY);
	assert_int_equal(tx_answer(c).status, NETIF_RSP_NULL);
	assert_int_equal(c->wire.len, 8014);
	assert_true(c->wire.o.needs_csum);
	assert_int_equal(c->wire.o.gso, NET_GSO_TCPV4);
	assert_int_equal(c->wire.o.gso_size, 1448);
	assert_int_equal(c->wire.o.csum_start, 34);
	assert_int_equal(c->wire.o.csum_offset, 16);
	assert_int_equal(c->wire.o.hdr_len, 54);
	/* A size of zero cannot be cut. */
	tx_slot(c, 2)->req = tx_slot(c, 3)->req = (struct netif_tx_request){
		200, 0, NETTXF_csum_blank | NETTXF_extra_info, 7, 8014,
	};
	extra.u.gso.size = 0;
	tx_slot(c, 3)->extra = extra;
	tx_go(b, c, 2);
	assert_int_equal(tx_answer(c).status, NETIF_RSP_ERROR);
	xen_netback_remove(c->nb);
	net_close(&c->wire.net);
	free(c);
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

static void card_receives(void **state)
{
	struct bed *b = *state;
	struct card *c = malloc(sizeof(*c));
	static uint8_t frame[20000];
	struct delivery d;
	unsigned int i;

	card_open(b, c, &offload_ops);
	d = (struct delivery){ &c->wire, frame, udp_frame(frame), { 0 } };
	d.o.needs_csum = true;
	d.o.csum_start = 34;
	d.o.csum_offset = 6;
	/* No room yet: it waits. */
	eventloop_call(b->f.el, deliver, &d);
	assert_int_equal(c->rx.ring->rsp_prod, 0);
	for (i = 0; i < 4; i++) {
		fix_permit(b->g, 200 + i, 0, 14 + i, 0);
		rx_slot(c, i)->req = (struct netif_rx_request){ (uint16_t)i, 200 + i };
	}
	__atomic_store_n(&c->rx.ring->req_prod, 4, __ATOMIC_SEQ_CST);
	kick(b, c->rx.port);
	WAIT_FOR(__atomic_load_n(&c->rx.ring->rsp_prod, __ATOMIC_SEQ_CST) == 1);
	assert_int_equal(rx_slot(c, 0)->rsp.status, (int)d.len);
	assert_int_equal(rx_slot(c, 0)->rsp.flags, NETRXF_csum_blank | NETRXF_data_validated);
	assert_memory_equal(fix_ptr(b->g, GPA(14)), frame, d.len);
	/* Over two pages, to be cut by the guest. */
	memset(frame, 'r', sizeof(frame));
	d.len = 20000;
	d.o.gso = NET_GSO_TCPV4;
	d.o.gso_size = 1448;
	eventloop_call(b->f.el, deliver, &d);
	WAIT_FOR(__atomic_load_n(&c->rx.ring->rsp_prod, __ATOMIC_SEQ_CST) == 4);
	assert_int_equal(rx_slot(c, 1)->rsp.flags, NETRXF_csum_blank | NETRXF_data_validated |
						   NETRXF_more_data | NETRXF_extra_info);
	assert_int_equal(rx_slot(c, 1)->rsp.status, 16384);
	assert_int_equal(rx_slot(c, 2)->extra.u.gso.size, 1448);
	assert_int_equal(rx_slot(c, 3)->rsp.status, 20000 - 16384);
	/* A page that is not granted. */
	d.o = (struct net_offload){ 0 };
	d.len = 100;
	rx_slot(c, 4)->req = (struct netif_rx_request){ 4, 7777 };
	__atomic_store_n(&c->rx.ring->req_prod, 5, __ATOMIC_SEQ_CST);
	eventloop_call(b->f.el, deliver, &d);
	WAIT_FOR(__atomic_load_n(&c->rx.ring->rsp_prod, __ATOMIC_SEQ_CST) == 5);
	assert_int_equal(rx_slot(c, 4)->rsp.status, NETIF_RSP_ERROR);
	/* More requests than slots. */
	__atomic_store_n(&c->rx.ring->req_prod, 100000, __ATOMIC_SEQ_CST);
	eventloop_call(b->f.el, deliver, &d);
	WAIT_FOR(number(b, VIF_BACK "state") == XenbusStateClosing);
	xen_netback_remove(c->nb);
	net_close(&c->wire.net);
	free(c);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, bed_setup, bed_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(console), T(store), T(domain_directory), T(disk_traffic), T(disk_read_only), T(disk_lies), T(disk_unplug),
		T(disk_two_rings), T(card_sends), T(card_gso), T(card_receives),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
