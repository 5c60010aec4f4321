/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The back end of the PV console. */
#include "xen/console_back.h"

#include <stdlib.h>
#include <xen/interface/io/console.h>

#include "backend/chardev.h"
#include "backend/eventloop.h"
#include "xen/byte_ring.h"
#include "xen/evtchn.h"
#include "xen/p2m.h"

struct xen_console {
	struct eventloop *el;
	struct xen_domain *d;
	xen_pfn_t gpfn;
	struct xencons_interface *page;
	struct chardev *dev;
	struct xen_evtchn_host evtchn;
	struct eventloop_work work;
	uint8_t held[512]; /* taken from the guest, not yet by the device */
	size_t held_len, held_at;
};

static void notify(void *ctx)
{
	struct xen_console *c = ctx;

	eventloop_post(c->el, &c->work);
}

/* On the loop's thread, as all below. */
static void move_output(struct xen_console *c)
{
	struct xencons_interface *p = c->page;
	bool took = false;

	for (;;) {
		if (c->held_at == c->held_len) {
			c->held_at = 0;
			c->held_len = byte_ring_read(p->out, sizeof(p->out), &p->out_cons,
						     &p->out_prod, c->held, sizeof(c->held));
			if (!c->held_len)
				break;
			took = true;
		}
		c->held_at += chardev_write(c->dev, c->held + c->held_at, c->held_len - c->held_at);
		if (c->held_at < c->held_len)
			break; /* writable() goes on */
	}
	if (took)
		xen_evtchn_host_send(&c->evtchn);
}

static void work(void *ctx)
{
	struct xen_console *c = ctx;

	move_output(c);
	/* It may have taken input. */
	chardev_accept_input(c->dev);
}

static size_t can_receive(void *ctx)
{
	struct xen_console *c = ctx;

	return byte_ring_room(sizeof(c->page->in), &c->page->in_cons, &c->page->in_prod);
}

static void receive(void *ctx, const uint8_t *buf, size_t len)
{
	struct xen_console *c = ctx;

	byte_ring_write(c->page->in, sizeof(c->page->in), &c->page->in_cons, &c->page->in_prod, buf,
			len);
	xen_evtchn_host_send(&c->evtchn);
}

static void writable(void *ctx)
{
	move_output(ctx);
}

static const struct chardev_client client = {
	.can_receive = can_receive,
	.receive = receive,
	.writable = writable,
};

int xen_console_open(struct xen_console **out, struct eventloop *el, struct xen_domain *d,
		     domid_t as, xen_pfn_t gpfn, struct chardev *dev, uint32_t *port,
		     struct error *err)
{
	struct xen_console *c = calloc(1, sizeof(*c));

	if (!c)
		return error_set(err, "console: out of memory");
	c->el = el;
	c->d = d;
	c->gpfn = gpfn;
	c->dev = dev;
	c->work = (struct eventloop_work){ .fn = work, .ctx = c };
	c->evtchn = (struct xen_evtchn_host){ .notify = notify, .ctx = c };
	c->page = xen_p2m_pin(d, gpfn);
	if (!c->page || xen_evtchn_host_open(&c->evtchn, d, as)) {
		if (c->page)
			xen_p2m_unpin(d, gpfn);
		free(c);
		return error_set(err, "console: page %#llx of domain %u is no RAM, or no event "
				 "channel is free", (unsigned long long)gpfn, d->cfg.domid);
	}
	xen_domain_ref(d);
	*port = c->evtchn.port;
	chardev_set_client(dev, &client, c);
	*out = c;
	return 0;
}

void xen_console_close(struct xen_console *c)
{
	if (!c)
		return;
	chardev_set_client(c->dev, NULL, NULL);
	xen_evtchn_host_close(&c->evtchn);
	eventloop_cancel(c->el, &c->work);
	xen_p2m_unpin(c->d, c->gpfn);
	xen_domain_put(c->d);
	free(c);
}
