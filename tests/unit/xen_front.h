/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What front ends in plain memory need: a domain, a store, rings and channels. */
#ifndef TESTS_XEN_FRONT_H
#define TESTS_XEN_FRONT_H

#include "backend/block.h"
#include "backend/xenstore.h"
#include "xen/ring.h"
#include "xen/xenbus.h"
#include "xen_fixture.h"

#define GPA(gpfn) ((uint64_t)(gpfn) << XEN_PAGE_SHIFT)

struct bed {
	struct fix f;
	struct block *blk;
	struct xen_backends env;
	struct fix_domain *g;
	char disk[64];
};

static inline int bed_setup(void **state)
{
	struct bed *b = calloc(1, sizeof(*b));

	fix_open(&b->f);
	b->env = (struct xen_backends){ b->f.el, xenstore_create(NULL), 0 };
	b->g = &b->f.dom[0];
	*state = b;
	return 0;
}

static inline int bed_teardown(void **state)
{
	struct bed *b = *state;

	fix_close(&b->f);
	xenstore_destroy(b->env.store);
	if (b->disk[0])
		unlink(b->disk);
	free(b);
	return 0;
}

static inline void nothing(void *ctx)
{
}

/* Lets the event loop do what has been posted. */
static inline void settle(struct bed *b)
{
	int i;

	for (i = 0; i < 5; i++)
		eventloop_call(b->f.el, nothing, NULL);
}

#define WAIT_FOR(cond) \
	do { \
		int tries_ = 0; \
		while (!(cond)) { \
			assert_true(tries_++ < 5000); \
			usleep(1000); \
		} \
	} while (0)

static inline int number(struct bed *b, const char *path)
{
	char *text = xenstore_read(b->env.store, path, NULL);
	int n = text ? atoi(text) : -1;

	free(text);
	return n;
}

static inline void kick(struct bed *b, uint32_t port)
{
	struct evtchn_send s = { .port = port };

	assert_int_equal(fix_evtchn(b->g, send, &s), 0);
}

static inline uint32_t channel(struct bed *b)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = 0 };

	assert_int_equal(fix_evtchn(b->g, alloc_unbound, &a), 0);
	return a.port;
}

struct front {
	struct xen_sring *ring;
	uint32_t port, slots;
	RING_IDX rsp_cons;
};

static inline void front_ring(struct bed *b, struct front *fr, unsigned int gpfn, grant_ref_t ref,
		       size_t slot)
{
	memset(fr, 0, sizeof(*fr));
	fr->ring = fix_ptr(b->g, GPA(gpfn));
	memset(fr->ring, 0, XEN_PAGE_SIZE);
	fr->ring->req_event = fr->ring->rsp_event = 1;
	fr->slots = xen_ring_slots(XEN_PAGE_SIZE, (uint32_t)slot);
	fix_permit(b->g, ref, 0, gpfn, 0);
}

#define VBD_BACK "/local/domain/0/backend/vbd/1/51712/"
#define VBD_FRONT "/local/domain/1/device/vbd/51712/"

#define VIF_BACK "/local/domain/0/backend/vif/1/0/"
#define VIF_FRONT "/local/domain/1/device/vif/0/"

#endif
