/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains without a processor: memory, vCPUs that count what they are told, hypercalls by number.
 */
#ifndef TESTS_XEN_FIXTURE_H
#define TESTS_XEN_FIXTURE_H

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "backend/eventloop.h"
#include "xen/evtchn.h"
#include "xen/gnttab.h"
#include "xen/p2m.h"
#include "xen/xen.h"
#include "xen/xencomm.h"

#define FIX_PAGES 64u            /* RAM of a domain, in 16 KB pages */
#define FIX_MAX_GPFN 127u        /* the rest is room for the balloon and grants */
#define FIX_SHARED_GPFN 128u
#define FIX_GRANT_GPFN 160u
#define FIX_GPFNS 256u
#define FIX_ARGS 0x8000u         /* guest-physical scratch for arguments */
#define FIX_INLINE(gpa) (XENCOMM_INLINE_FLAG | (gpa))

struct fix_vcpu {
	_Atomic int events, wakes, waits, early, ups, downs, inits, callbacks;
	uint64_t deadline;
	uint64_t ip;
};

struct fix_domain {
	struct ia64_memory mem;
	struct xen_domain *d;
	struct fix_vcpu vcpu[4];
	_Atomic int shutdown, flushes, released;
	char console[4096];
	size_t console_len;
};

struct fix {
	struct eventloop *el;
	struct xen_host host;
	struct fix_domain dom[3]; /* domids 1, 2, 3 */
};

static inline void fix_event(void *ctx) { ((struct fix_vcpu *)ctx)->events++; }
static inline void fix_wake(void *ctx) { ((struct fix_vcpu *)ctx)->wakes++; }
static inline void fix_up(void *ctx) { ((struct fix_vcpu *)ctx)->ups++; }
static inline void fix_down(void *ctx) { ((struct fix_vcpu *)ctx)->downs++; }

static inline bool fix_wait(void *ctx, uint64_t deadline)
{
	((struct fix_vcpu *)ctx)->waits++;
	((struct fix_vcpu *)ctx)->deadline = deadline;
	return ((struct fix_vcpu *)ctx)->waits < ((struct fix_vcpu *)ctx)->early;
}

static inline int fix_initialise(void *ctx, const struct vcpu_guest_context *c)
{
	((struct fix_vcpu *)ctx)->inits++;
	((struct fix_vcpu *)ctx)->ip = c->regs.ip;
	return 0;
}

static inline int fix_callback(void *ctx, unsigned int type, uint64_t address)
{
	((struct fix_vcpu *)ctx)->callbacks++;
	return 0;
}

static const struct xen_vcpu_ops fix_vcpu_ops = {
	.event = fix_event,
	.wait = fix_wait,
	.wake = fix_wake,
	.initialise = fix_initialise,
	.up = fix_up,
	.down = fix_down,
	.set_callback = fix_callback,
};

static inline void fix_shutdown(void *ctx, unsigned int reason)
{
	((struct fix_domain *)ctx)->shutdown = (int)reason;
}

static inline void fix_flush(void *ctx) { ((struct fix_domain *)ctx)->flushes++; }
static inline void fix_released(void *ctx) { ((struct fix_domain *)ctx)->released++; }

static inline void fix_console(void *ctx, const char *text, size_t len)
{
	struct fix_domain *f = ctx;

	if (len > sizeof(f->console) - f->console_len)
		len = sizeof(f->console) - f->console_len;
	memcpy(f->console + f->console_len, text, len);
	f->console_len += len;
}

static const struct xen_domain_ops fix_domain_ops = {
	.shutdown = fix_shutdown,
	.flush = fix_flush,
	.console = fix_console,
	.released = fix_released,
};

static inline int fix_domain_create(struct fix *f, unsigned int i, bool privileged)
{
	struct fix_domain *dom = &f->dom[i];
	struct xen_domain_config cfg = {
		.domid = (domid_t)(i + 1),
		.mem = &dom->mem,
		.max_gpfn = FIX_MAX_GPFN,
		.max_pages = FIX_PAGES + 16,
		.shared_info_gpfn = FIX_SHARED_GPFN,
		.grant_table_gpfn = FIX_GRANT_GPFN,
		.max_vcpus = 4,
		.privileged = privileged,
		.ops = &fix_domain_ops,
		.ctx = dom,
	};
	unsigned int n;
	int ret;

	memset(dom, 0, sizeof(*dom));
	dom->shutdown = -1;
	ret = ia64_memory_init(&dom->mem, (uint64_t)FIX_GPFNS << XEN_PAGE_SHIFT);
	if (ret)
		return ret;
	ret = xen_domain_create(&f->host, &cfg, &dom->d);
	if (ret)
		return ret;
	for (n = 0; n < 4; n++)
		xen_vcpu_attach(dom->d->vcpu[n], &fix_vcpu_ops, &dom->vcpu[n], n == 0);
	return xen_p2m_populate(dom->d, 0, FIX_PAGES);
}

static inline void fix_domain_kill(struct fix *f, unsigned int i)
{
	if (f->dom[i].d)
		xen_domain_kill(f->dom[i].d);
	f->dom[i].d = NULL;
}

static inline void fix_open(struct fix *f)
{
	struct error err;

	memset(f, 0, sizeof(*f));
	if (eventloop_create(&f->el, &err) || xen_host_init(&f->host, f->el) ||
	    fix_domain_create(f, 0, false) || fix_domain_create(f, 1, false))
		abort();
}

static inline void fix_close(struct fix *f)
{
	unsigned int i;

	for (i = 0; i < 3; i++)
		fix_domain_kill(f, i);
	for (i = 0; i < 3; i++)
		if (f->dom[i].mem.base)
			ia64_memory_destroy(&f->dom[i].mem);
	xen_host_destroy(&f->host);
	eventloop_destroy(f->el);
}

static inline int fix_setup(void **state)
{
	struct fix *f = calloc(1, sizeof(*f));

	fix_open(f);
	*state = f;
	return 0;
}

static inline int fix_teardown(void **state)
{
	fix_close(*state);
	free(*state);
	return 0;
}

static inline void *fix_ptr(struct fix_domain *dom, uint64_t gpa)
{
	return dom->mem.base + gpa;
}

/* A hypercall to its end. */
static inline int64_t fix_call(struct fix_domain *dom, unsigned int vcpu, uint64_t nr, uint64_t a0,
			       uint64_t a1, uint64_t a2)
{
	struct xen_hypercall c = { .nr = nr, .arg = { a0, a1, a2 } };
	int64_t ret;

	while (!xen_hypercall(dom->d->vcpu[vcpu], &c, &ret))
		;
	return ret;
}

/* One with a structure, passed inline, that is read back. */
static inline int64_t fix_op(struct fix_domain *dom, uint64_t nr, uint64_t cmd, void *arg,
			     size_t len)
{
	int64_t ret;

	memcpy(fix_ptr(dom, FIX_ARGS), arg, len);
	ret = fix_call(dom, 0, nr, cmd, FIX_INLINE(FIX_ARGS), 0);
	memcpy(arg, fix_ptr(dom, FIX_ARGS), len);
	return ret;
}

#define fix_evtchn(dom, cmd, arg) \
	fix_op(dom, __HYPERVISOR_event_channel_op, EVTCHNOP_##cmd, arg, sizeof(*(arg)))

static inline int64_t fix_grant_op(struct fix_domain *dom, uint64_t cmd, void *arg, size_t len)
{
	int64_t ret;

	memcpy(fix_ptr(dom, FIX_ARGS), arg, len);
	ret = fix_call(dom, 0, __HYPERVISOR_grant_table_op, cmd, FIX_INLINE(FIX_ARGS), 1);
	memcpy(arg, fix_ptr(dom, FIX_ARGS), len);
	return ret;
}

#define fix_grant(dom, cmd, arg) fix_grant_op(dom, GNTTABOP_##cmd, arg, sizeof(*(arg)))

/* The guest's own view of its grant table. */
static inline struct grant_entry_v1 *fix_entry(struct fix_domain *dom, grant_ref_t ref)
{
	return (struct grant_entry_v1 *)fix_ptr(dom, (uint64_t)FIX_GRANT_GPFN << XEN_PAGE_SHIFT) +
	       ref;
}

static inline void fix_permit(struct fix_domain *dom, grant_ref_t ref, domid_t to, uint32_t gpfn,
			      uint16_t flags)
{
	struct grant_entry_v1 *e = fix_entry(dom, ref);

	e->frame = gpfn;
	e->domid = to;
	e->flags = GTF_permit_access | flags;
}

#endif
