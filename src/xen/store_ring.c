/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's protocol on a domain's page. */
#include "xen/store_ring.h"

#include <stdlib.h>
#include <xen/interface/io/xs_wire.h>

#include "backend/eventloop.h"
#include "backend/xenstore.h"
#include "xen/byte_ring.h"
#include "xen/evtchn.h"
#include "xen/p2m.h"

/* How long a full ring is left alone, in nanoseconds. */
#define RETRY 5000000

struct xen_store_ring {
	struct eventloop *el;
	struct xenstore *s;
	struct xenstore_conn *conn;
	struct xen_domain *d;
	xen_pfn_t gpfn;
	struct xenstore_domain_interface *page;
	struct xen_evtchn_host evtchn;
	struct eventloop_work work;
	struct eventloop_timer *retry;
	uint8_t in[XENSTORE_RING_SIZE], out[XENSTORE_RING_SIZE];
	size_t in_len, in_at, out_len, out_at;
	bool bad; /* it sent what is no request: nothing is read any more */
	_Atomic bool closing;
};

static void poke(void *ctx)
{
	struct xen_store_ring *r = ctx;

	eventloop_post(r->el, &r->work);
}

static bool move_in(struct xen_store_ring *r)
{
	struct xenstore_domain_interface *p = r->page;
	long took;

	if (r->bad)
		return false;
	if (r->in_at == r->in_len) {
		r->in_at = 0;
		r->in_len = byte_ring_read(p->req, sizeof(p->req), &p->req_cons, &p->req_prod,
					   r->in, sizeof(r->in));
	}
	if (r->in_at == r->in_len)
		return false;
	took = xenstore_input(r->conn, r->in + r->in_at, r->in_len - r->in_at);
	r->bad = took < 0;
	if (took > 0)
		r->in_at += (size_t)took;
	return took > 0;
}

static bool move_out(struct xen_store_ring *r)
{
	struct xenstore_domain_interface *p = r->page;
	size_t n;

	if (r->out_at == r->out_len) {
		r->out_at = 0;
		r->out_len = xenstore_output(r->conn, r->out, sizeof(r->out));
	}
	n = byte_ring_write(p->rsp, sizeof(p->rsp), &p->rsp_cons, &p->rsp_prod, r->out + r->out_at,
			    r->out_len - r->out_at);
	r->out_at += n;
	return n;
}

static void work(void *ctx)
{
	struct xen_store_ring *r = ctx;
	bool moved = false, in, out;

	if (r->closing)
		return;
	/* At most what was there: a guest that goes on writing gets its next turn by its event. */
	do {
		in = move_in(r);
		out = move_out(r);
		moved |= in | out;
	} while (out);
	if (in)
		poke(r);
	if (moved)
		xen_evtchn_host_send(&r->evtchn);
	/*
	 * Linux since 4.11 only tells that it has made room if it found the ring full, and looks
	 * without a barrier: its word may never come.
	 */
	eventloop_timer_set(r->retry, r->out_at < r->out_len ? eventloop_now() + RETRY : -1);
}

int xen_store_ring_open(struct xen_store_ring **out, struct eventloop *el, struct xenstore *s,
			struct xen_domain *d, domid_t as, xen_pfn_t gpfn, uint32_t *port,
			struct error *err)
{
	struct xen_store_ring *r = calloc(1, sizeof(*r));

	if (!r)
		return error_set(err, "store: out of memory");
	r->el = el;
	r->s = s;
	r->d = d;
	r->gpfn = gpfn;
	r->work = (struct eventloop_work){ .fn = work, .ctx = r };
	r->evtchn = (struct xen_evtchn_host){ .notify = poke, .ctx = r };
	r->retry = eventloop_timer_add(el, work, r);
	if (!r->retry) {
		free(r);
		return error_set(err, "store: out of memory");
	}
	r->page = xen_p2m_pin(d, gpfn);
	if (!r->page || xen_evtchn_host_open(&r->evtchn, d, as)) {
		if (r->page)
			xen_p2m_unpin(d, gpfn);
		eventloop_timer_remove(r->retry);
		free(r);
		return error_set(err, "store: page %#llx of domain %u is no RAM, or no event "
				 "channel is free", (unsigned long long)gpfn, d->cfg.domid);
	}
	xen_domain_ref(d);
	r->conn = xenstore_connect(s, d->cfg.domid, poke, r);
	xenstore_introduce(s, d->cfg.domid);
	*port = r->evtchn.port;
	*out = r;
	return 0;
}

void xen_store_ring_close(struct xen_store_ring *r)
{
	if (!r)
		return;
	r->closing = true;
	xen_evtchn_host_close(&r->evtchn);
	eventloop_cancel(r->el, &r->work);
	eventloop_timer_remove(r->retry);
	xenstore_disconnect(r->conn);
	eventloop_cancel(r->el, &r->work);
	xenstore_release(r->s, r->d->cfg.domid);
	xen_p2m_unpin(r->d, r->gpfn);
	xen_domain_put(r->d);
	free(r);
}
