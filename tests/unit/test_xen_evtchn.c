/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Event channels by hypercall: every command right and wrong, and what the guest sees. */
#include "xen_fixture.h"

static struct shared_info *si(struct fix_domain *d)
{
	return fix_ptr(d, (uint64_t)FIX_SHARED_GPFN << XEN_PAGE_SHIFT);
}

static bool pending(struct fix_domain *d, uint32_t port)
{
	return si(d)->evtchn_pending[port / 64] >> port % 64 & 1;
}

static void unmask(struct fix_domain *d, uint32_t port)
{
	si(d)->evtchn_mask[port / 64] &= ~(1ull << port % 64);
}

/* What the guest's upcall handler does. */
static void take(struct fix_domain *d, unsigned int vcpu, uint32_t port)
{
	si(d)->vcpu_info[vcpu].evtchn_upcall_pending = 0;
	si(d)->vcpu_info[vcpu].evtchn_pending_sel &= ~(1ull << port / 64);
	si(d)->evtchn_pending[port / 64] &= ~(1ull << port % 64);
}

static uint32_t alloc(struct fix_domain *d, domid_t remote)
{
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = remote };

	assert_int_equal(fix_evtchn(d, alloc_unbound, &a), 0);
	return a.port;
}

static void connect(struct fix *f, uint32_t *p1, uint32_t *p2)
{
	struct evtchn_bind_interdomain b = { .remote_dom = 1 };

	*p1 = b.remote_port = alloc(&f->dom[0], 2);
	assert_int_equal(fix_evtchn(&f->dom[1], bind_interdomain, &b), 0);
	*p2 = b.local_port;
}

static void layout(void **state)
{
	/* Offsets of Xen 4.1 public/xen.h on a 64-bit machine with 64 legacy vCPUs. */
	assert_int_equal(sizeof(struct vcpu_info), 48);
	assert_int_equal(offsetof(struct shared_info, evtchn_pending), 64 * 48);
	assert_int_equal(offsetof(struct shared_info, evtchn_mask), 64 * 48 + 512);
	assert_int_equal(offsetof(struct shared_info, arch), 4112);
	assert_int_equal(sizeof(struct mapped_regs), 4096);
	assert_int_equal(sizeof(struct vcpu_guest_context), 22208);
	assert_int_equal(sizeof(struct evtchn_op), 28);
	assert_int_equal(sizeof(struct evtchn_status), 24);
}

static void start_masked(void **state)
{
	struct fix *f = *state;
	unsigned int i;

	for (i = 0; i < 64; i++) {
		assert_true(si(&f->dom[0])->evtchn_mask[i] == ~0ull);
		assert_true(si(&f->dom[0])->evtchn_pending[i] == 0);
	}
}

static void interdomain(void **state)
{
	struct fix *f = *state;
	struct evtchn_status s = { .dom = DOMID_SELF };
	struct evtchn_send send;
	uint32_t p1, p2;

	connect(f, &p1, &p2);
	assert_int_not_equal(p1, 0);
	/* A fresh local end is pending: the remote end may have sent before. */
	assert_true(pending(&f->dom[1], p2));
	s.port = p1;
	assert_int_equal(fix_evtchn(&f->dom[0], status, &s), 0);
	assert_int_equal(s.status, EVTCHNSTAT_interdomain);
	assert_int_equal(s.u.interdomain.dom, 2);
	assert_int_equal(s.u.interdomain.port, p2);

	take(&f->dom[1], 0, p2);
	unmask(&f->dom[1], p2);
	send.port = p1;
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), 0);
	assert_true(pending(&f->dom[1], p2));
	assert_int_equal(si(&f->dom[1])->vcpu_info[0].evtchn_upcall_pending, 1);
	assert_true(si(&f->dom[1])->vcpu_info[0].evtchn_pending_sel == 1ull << p2 / 64);
	assert_int_equal(f->dom[1].vcpu[0].events, 1);
	/* Pending already: no second upcall. */
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), 0);
	assert_int_equal(f->dom[1].vcpu[0].events, 1);
}

static void masked(void **state)
{
	struct fix *f = *state;
	struct evtchn_unmask u;
	struct evtchn_send send;
	uint32_t p1, p2;

	connect(f, &p1, &p2);
	take(&f->dom[1], 0, p2);
	send.port = p1;
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), 0);
	assert_true(pending(&f->dom[1], p2));
	assert_int_equal(f->dom[1].vcpu[0].events, 0);
	u.port = p2;
	assert_int_equal(fix_evtchn(&f->dom[1], unmask, &u), 0);
	assert_int_equal(f->dom[1].vcpu[0].events, 1);
	assert_true(!(si(&f->dom[1])->evtchn_mask[p2 / 64] >> p2 % 64 & 1));
	u.port = 4000;
	assert_int_equal(fix_evtchn(&f->dom[1], unmask, &u), -EINVAL);
	u.port = 4096;
	assert_int_equal(fix_evtchn(&f->dom[1], unmask, &u), -EINVAL);
}

static void bind_refused(void **state)
{
	struct fix *f = *state;
	struct evtchn_bind_interdomain b = { .remote_dom = 1 };

	b.remote_port = alloc(&f->dom[0], 7); /* for somebody else */
	assert_int_equal(fix_evtchn(&f->dom[1], bind_interdomain, &b), -EINVAL);
	b.remote_port = 4095;
	assert_int_equal(fix_evtchn(&f->dom[1], bind_interdomain, &b), -EINVAL);
	b.remote_port = 0xffffffff;
	assert_int_equal(fix_evtchn(&f->dom[1], bind_interdomain, &b), -EINVAL);
	b.remote_dom = 9;
	assert_int_equal(fix_evtchn(&f->dom[1], bind_interdomain, &b), -ESRCH);
}

static void for_others(void **state)
{
	struct fix *f = *state;
	struct evtchn_alloc_unbound a = { .dom = 2, .remote_dom = 1 };
	struct evtchn_status s = { .dom = 2, .port = 1 };
	struct evtchn_reset r = { .dom = 2 };

	assert_int_equal(fix_evtchn(&f->dom[0], alloc_unbound, &a), -EPERM);
	assert_int_equal(fix_evtchn(&f->dom[0], status, &s), -EPERM);
	assert_int_equal(fix_evtchn(&f->dom[0], reset, &r), -EPERM);
	a.dom = 77;
	assert_int_equal(fix_evtchn(&f->dom[0], alloc_unbound, &a), -ESRCH);
	assert_int_equal(fix_domain_create(f, 2, true), 0);
	a.dom = 2;
	assert_int_equal(fix_evtchn(&f->dom[2], alloc_unbound, &a), 0);
	s.port = a.port;
	assert_int_equal(fix_evtchn(&f->dom[2], status, &s), 0);
	assert_int_equal(s.status, EVTCHNSTAT_unbound);
	assert_int_equal(s.u.unbound.dom, 1);
}

static void loopback(void **state)
{
	struct fix *f = *state;
	struct evtchn_bind_interdomain b = { .remote_dom = DOMID_SELF };
	struct evtchn_send send;

	b.remote_port = alloc(&f->dom[0], DOMID_SELF);
	assert_int_equal(fix_evtchn(&f->dom[0], bind_interdomain, &b), 0);
	send.port = b.local_port;
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), 0);
	assert_true(pending(&f->dom[0], b.remote_port));
}

static void virq(void **state)
{
	struct fix *f = *state;
	struct evtchn_bind_virq b = { .virq = VIRQ_TIMER, .vcpu = 1 };
	struct evtchn_bind_vcpu bv;
	struct evtchn_send send;

	assert_int_equal(fix_evtchn(&f->dom[0], bind_virq, &b), 0);
	unmask(&f->dom[0], b.port);
	xen_send_vcpu_virq(f->dom[0].d->vcpu[0], VIRQ_TIMER);
	assert_false(pending(&f->dom[0], b.port));
	xen_send_vcpu_virq(f->dom[0].d->vcpu[1], VIRQ_TIMER);
	assert_true(pending(&f->dom[0], b.port));
	assert_int_equal(f->dom[0].vcpu[1].events, 1);
	assert_int_equal(f->dom[0].vcpu[0].events, 0);
	bv = (struct evtchn_bind_vcpu){ .port = b.port, .vcpu = 2 };
	assert_int_equal(fix_evtchn(&f->dom[0], bind_vcpu, &bv), -EINVAL);
	send.port = b.port;
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), -EINVAL);

	assert_int_equal(fix_evtchn(&f->dom[0], bind_virq, &b), -EEXIST);
	b = (struct evtchn_bind_virq){ .virq = VIRQ_CONSOLE, .vcpu = 1 };
	assert_int_equal(fix_evtchn(&f->dom[0], bind_virq, &b), -EINVAL);
	b = (struct evtchn_bind_virq){ .virq = NR_VIRQS };
	assert_int_equal(fix_evtchn(&f->dom[0], bind_virq, &b), -EINVAL);
	b = (struct evtchn_bind_virq){ .virq = VIRQ_TIMER, .vcpu = 4 };
	assert_int_equal(fix_evtchn(&f->dom[0], bind_virq, &b), -ENOENT);
	/* One of the domain moves where the guest binds it. */
	b = (struct evtchn_bind_virq){ .virq = VIRQ_CONSOLE };
	assert_int_equal(fix_evtchn(&f->dom[0], bind_virq, &b), 0);
	bv = (struct evtchn_bind_vcpu){ .port = b.port, .vcpu = 3 };
	assert_int_equal(fix_evtchn(&f->dom[0], bind_vcpu, &bv), 0);
	unmask(&f->dom[0], b.port);
	xen_send_domain_virq(f->dom[0].d, VIRQ_CONSOLE);
	assert_int_equal(f->dom[0].vcpu[3].events, 1);
}

static void virq_again_after_close(void **state)
{
	struct fix *f = *state;
	struct evtchn_bind_virq b = { .virq = VIRQ_ITC, .vcpu = 0 };
	struct evtchn_close c;

	assert_int_equal(fix_evtchn(&f->dom[0], bind_virq, &b), 0);
	c.port = b.port;
	assert_int_equal(fix_evtchn(&f->dom[0], close, &c), 0);
	xen_send_vcpu_virq(f->dom[0].d->vcpu[0], VIRQ_ITC);
	assert_false(pending(&f->dom[0], c.port));
	assert_int_equal(fix_evtchn(&f->dom[0], bind_virq, &b), 0);
}

static void ipi(void **state)
{
	struct fix *f = *state;
	struct evtchn_bind_ipi b = { .vcpu = 2 };
	struct evtchn_bind_vcpu bv;
	struct evtchn_send send;

	assert_int_equal(fix_evtchn(&f->dom[0], bind_ipi, &b), 0);
	unmask(&f->dom[0], b.port);
	send.port = b.port;
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), 0);
	assert_int_equal(f->dom[0].vcpu[2].events, 1);
	bv = (struct evtchn_bind_vcpu){ .port = b.port, .vcpu = 0 };
	assert_int_equal(fix_evtchn(&f->dom[0], bind_vcpu, &bv), -EINVAL);
	b.vcpu = 4;
	assert_int_equal(fix_evtchn(&f->dom[0], bind_ipi, &b), -ENOENT);
}

static void rebind_to_vcpu(void **state)
{
	struct fix *f = *state;
	struct evtchn_bind_vcpu bv;
	struct evtchn_send send;
	uint32_t p1, p2;

	connect(f, &p1, &p2);
	take(&f->dom[1], 0, p2);
	unmask(&f->dom[1], p2);
	bv = (struct evtchn_bind_vcpu){ .port = p2, .vcpu = 3 };
	assert_int_equal(fix_evtchn(&f->dom[1], bind_vcpu, &bv), 0);
	bv.vcpu = 4;
	assert_int_equal(fix_evtchn(&f->dom[1], bind_vcpu, &bv), -ENOENT);
	send.port = p1;
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), 0);
	assert_int_equal(f->dom[1].vcpu[3].events, 1);
	assert_int_equal(si(&f->dom[1])->vcpu_info[3].evtchn_upcall_pending, 1);
}

static void close_and_reuse(void **state)
{
	struct fix *f = *state;
	struct evtchn_status s = { .dom = DOMID_SELF };
	struct evtchn_close c;
	struct evtchn_send send;
	uint32_t p1, p2;

	connect(f, &p1, &p2);
	c.port = p2;
	assert_int_equal(fix_evtchn(&f->dom[1], close, &c), 0);
	assert_false(pending(&f->dom[1], p2));
	/* The other end waits for the same domain again; what is sent is lost. */
	s.port = p1;
	assert_int_equal(fix_evtchn(&f->dom[0], status, &s), 0);
	assert_int_equal(s.status, EVTCHNSTAT_unbound);
	assert_int_equal(s.u.unbound.dom, 2);
	send.port = p1;
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), 0);
	assert_int_equal(fix_evtchn(&f->dom[1], close, &c), -EINVAL);
	send.port = p2;
	assert_int_equal(fix_evtchn(&f->dom[1], send, &send), -EINVAL);
	c.port = 0;
	assert_int_equal(fix_evtchn(&f->dom[1], close, &c), -EINVAL);
	assert_int_equal(alloc(&f->dom[1], 1), p2);
}

static void reset_closes_all(void **state)
{
	struct fix *f = *state;
	struct evtchn_reset r = { .dom = DOMID_SELF };
	struct evtchn_status s = { .dom = DOMID_SELF };
	uint32_t p1, p2;

	connect(f, &p1, &p2);
	assert_int_equal(fix_evtchn(&f->dom[1], reset, &r), 0);
	s.port = p2;
	assert_int_equal(fix_evtchn(&f->dom[1], status, &s), 0);
	assert_int_equal(s.status, EVTCHNSTAT_closed);
	s.port = p1;
	assert_int_equal(fix_evtchn(&f->dom[0], status, &s), 0);
	assert_int_equal(s.status, EVTCHNSTAT_unbound);
}

static void all_ports(void **state)
{
	struct fix *f = *state;
	struct evtchn_alloc_unbound a = { .dom = DOMID_SELF, .remote_dom = 2 };
	struct evtchn_bind_ipi b = { .vcpu = 0 };
	struct evtchn_send send;
	unsigned int n;

	for (n = 1; n < 4095; n++)
		assert_int_equal(fix_evtchn(&f->dom[0], alloc_unbound, &a), 0);
	assert_int_equal(fix_evtchn(&f->dom[0], bind_ipi, &b), 0);
	assert_int_equal(b.port, 4095);
	assert_int_equal(fix_evtchn(&f->dom[0], alloc_unbound, &a), -ENOSPC);
	unmask(&f->dom[0], 4095);
	send.port = 4095;
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), 0);
	assert_true(si(&f->dom[0])->evtchn_pending[63] == 1ull << 63);
	assert_true(si(&f->dom[0])->vcpu_info[0].evtchn_pending_sel == 1ull << 63);
}

static void dying_domain(void **state)
{
	struct fix *f = *state;
	struct evtchn_status s = { .dom = DOMID_SELF };
	struct evtchn_send send;
	uint32_t p1, p2;

	connect(f, &p1, &p2);
	fix_domain_kill(f, 1);
	assert_int_equal(f->dom[1].released, 1);
	s.port = p1;
	assert_int_equal(fix_evtchn(&f->dom[0], status, &s), 0);
	assert_int_equal(s.status, EVTCHNSTAT_unbound);
	send.port = p1;
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), 0);
}

static void pirq_and_unknown(void **state)
{
	struct fix *f = *state;
	struct evtchn_bind_pirq b = { .pirq = 5 };

	assert_int_equal(fix_evtchn(&f->dom[0], bind_pirq, &b), -EPERM);
	assert_int_equal(fix_call(&f->dom[0], 0, __HYPERVISOR_event_channel_op, 11,
				  FIX_INLINE(FIX_ARGS), 0), -ENOSYS);
	assert_int_equal(fix_call(&f->dom[0], 0, __HYPERVISOR_event_channel_op, EVTCHNOP_send,
				  FIX_INLINE(0x7fffffffffff), 0), -EFAULT);
}

static void compat(void **state)
{
	struct fix *f = *state;
	struct evtchn_op op = { .cmd = EVTCHNOP_bind_ipi, .u.bind_ipi.vcpu = 1 };

	memcpy(fix_ptr(&f->dom[0], FIX_ARGS), &op, sizeof(op));
	assert_int_equal(fix_call(&f->dom[0], 0, __HYPERVISOR_event_channel_op_compat,
				  FIX_INLINE(FIX_ARGS), 0, 0), 0);
	memcpy(&op, fix_ptr(&f->dom[0], FIX_ARGS), sizeof(op));
	assert_int_equal(op.u.bind_ipi.port, 1);
}

static void count(void *ctx)
{
	(*(int *)ctx)++;
}

static void host_end(void **state)
{
	struct fix *f = *state;
	int notified = 0;
	struct xen_evtchn_host e = { .notify = count, .ctx = &notified };
	struct evtchn_status s = { .dom = DOMID_SELF };
	struct evtchn_send send;
	struct evtchn_close c;
	uint32_t port = alloc(&f->dom[0], 0);

	assert_int_equal(xen_evtchn_host_bind(&e, f->dom[0].d, 5, port), -EINVAL);
	assert_int_equal(xen_evtchn_host_bind(&e, f->dom[0].d, 0, 99999), -EINVAL);
	assert_int_equal(xen_evtchn_host_bind(&e, f->dom[0].d, 0, port), 0);
	send.port = port;
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), 0);
	assert_int_equal(notified, 1);
	unmask(&f->dom[0], port);
	xen_evtchn_host_send(&e);
	assert_int_equal(f->dom[0].vcpu[0].events, 1);
	/* The guest may close its end at any time. */
	c.port = port;
	assert_int_equal(fix_evtchn(&f->dom[0], close, &c), 0);
	assert_int_equal(alloc(&f->dom[0], 3), port);
	xen_evtchn_host_send(&e);
	assert_false(pending(&f->dom[0], port));
	xen_evtchn_host_close(&e);
	xen_evtchn_host_close(&e);
	s.port = port;
	assert_int_equal(fix_evtchn(&f->dom[0], status, &s), 0);
	assert_int_equal(s.u.unbound.dom, 3);

	assert_int_equal(xen_evtchn_host_open(&e, f->dom[0].d, 0), 0);
	send.port = e.port;
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), 0);
	assert_int_equal(notified, 2);
	xen_evtchn_host_close(&e);
	assert_int_equal(fix_evtchn(&f->dom[0], send, &send), 0);
	assert_int_equal(notified, 2);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, fix_setup, fix_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(layout), T(start_masked), T(interdomain), T(masked), T(bind_refused),
		T(for_others), T(loopback), T(virq), T(virq_again_after_close), T(ipi),
		T(rebind_to_vcpu), T(close_and_reuse), T(reset_closes_all), T(all_ports),
		T(dying_domain), T(pirq_and_unknown), T(compat), T(host_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
