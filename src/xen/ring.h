/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The back end's side of a shared ring. The front end may write anything at any time: indices of
 * the back end are kept here and only published, a request is copied out before it is looked at.
 */
#ifndef PARAVANE_XEN_RING_H
#define PARAVANE_XEN_RING_H

#include <stdbool.h>
#include <string.h>
#include <xen/interface/io/ring.h>
#include <xen/interface/xen.h>

#define XEN_RING_MAX_PAGES 4u

struct xen_back_ring {
	struct xen_sring *sring;                /* at the start of the first page */
	uint8_t *page[XEN_RING_MAX_PAGES];      /* XEN_PAGE_SIZE each, anywhere */
	uint32_t nr, slot;                      /* slots, bytes of one */
	RING_IDX req_cons, rsp_prod;
};

static inline void xen_ring_init(struct xen_back_ring *r, void *const *page, uint32_t nr_pages,
				 uint32_t slot)
{
	uint32_t i;

	for (i = 0; i < nr_pages; i++)
		r->page[i] = page[i];
	r->sring = page[0];
	r->slot = slot;
	r->nr = xen_ring_slots(nr_pages * (uint32_t)XEN_PAGE_SIZE, slot);
	/* The front end has just set it up; a ring that is taken over goes on where it was. */
	r->req_cons = r->rsp_prod = __atomic_load_n(&r->sring->rsp_prod, __ATOMIC_ACQUIRE);
}

/* Where slot i starts, and how many of its bytes lie in that page. */
static inline uint8_t *xen_ring_slot(const struct xen_back_ring *r, RING_IDX i, size_t *here)
{
	size_t at = sizeof(*r->sring) + (size_t)(i & (r->nr - 1)) * r->slot;

	*here = XEN_PAGE_SIZE - at % XEN_PAGE_SIZE;
	return r->page[at / XEN_PAGE_SIZE] + at % XEN_PAGE_SIZE;
}

static inline uint8_t *xen_ring_next_page(const struct xen_back_ring *r, RING_IDX i)
{
	size_t at = sizeof(*r->sring) + (size_t)(i & (r->nr - 1)) * r->slot;

	return r->page[at / XEN_PAGE_SIZE + 1];
}

/* How many requests wait, or -1: the front end claims more than the ring holds. */
static inline int xen_ring_waiting(const struct xen_back_ring *r)
{
	RING_IDX n = __atomic_load_n(&r->sring->req_prod, __ATOMIC_ACQUIRE) - r->req_cons;

	/* Slots whose response is not out yet are not free for requests. */
	return n > r->nr - (r->req_cons - r->rsp_prod) ? -1 : (int)n;
}

/* Copies request n of those that wait, without taking it. */
static inline void xen_ring_peek(const struct xen_back_ring *r, uint32_t n, void *out)
{
	size_t here;
	const uint8_t *p = xen_ring_slot(r, r->req_cons + n, &here);

	if (here > r->slot)
		here = r->slot;
	memcpy(out, p, here);
	if (here < r->slot)
		memcpy((uint8_t *)out + here, xen_ring_next_page(r, r->req_cons + n),
		       r->slot - here);
}

static inline void xen_ring_take(struct xen_back_ring *r, uint32_t n)
{
	r->req_cons += n;
}

/* Asks for an event when n requests wait (n > 0). True: as many came meanwhile, look again. */
static inline bool xen_ring_rest(struct xen_back_ring *r, uint32_t n)
{
	__atomic_store_n(&r->sring->req_event, r->req_cons + n, __ATOMIC_SEQ_CST);
	return __atomic_load_n(&r->sring->req_prod, __ATOMIC_SEQ_CST) - r->req_cons >= n;
}

/* Puts a response into the next slot; xen_ring_publish() shows it. */
static inline void xen_ring_respond(struct xen_back_ring *r, const void *rsp, size_t len)
{
	size_t here;
	uint8_t *p = xen_ring_slot(r, r->rsp_prod, &here);

	if (here > len)
		here = len;
	memcpy(p, rsp, here);
	if (here < len)
		memcpy(xen_ring_next_page(r, r->rsp_prod), (const uint8_t *)rsp + here, len - here);
	r->rsp_prod++;
}

/* True: the front end wants an event. */
static inline bool xen_ring_publish(struct xen_back_ring *r)
{
	RING_IDX old = __atomic_exchange_n(&r->sring->rsp_prod, r->rsp_prod, __ATOMIC_SEQ_CST);
	RING_IDX event = __atomic_load_n(&r->sring->rsp_event, __ATOMIC_SEQ_CST);

	return (RING_IDX)(r->rsp_prod - event) < (RING_IDX)(r->rsp_prod - old);
}

#endif
