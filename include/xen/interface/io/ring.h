/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page a front end and a back end share: producer indices, then slots that hold a request or
 * its response. Indices count for ever; a slot is index % size. Source: Xen 4.1 public/io/ring.h.
 */
#ifndef XEN_INTERFACE_IO_RING_H
#define XEN_INTERFACE_IO_RING_H

#include <stdint.h>

typedef uint32_t RING_IDX;

struct xen_sring {
	RING_IDX req_prod;  /* front end: requests up to here are there */
	RING_IDX req_event; /* back end: wants an event when req_prod passes this */
	RING_IDX rsp_prod;  /* back end: responses up to here are there */
	RING_IDX rsp_event; /* front end: wants an event when rsp_prod passes this */
	uint8_t pad[48];
};

/* Slots of `slot` bytes in a ring of `bytes`: the largest power of two that fits. */
static inline uint32_t xen_ring_slots(uint32_t bytes, uint32_t slot)
{
	uint32_t n = 1;

	while (n * 2 <= (bytes - (uint32_t)sizeof(struct xen_sring)) / slot)
		n *= 2;
	return n;
}

#endif
