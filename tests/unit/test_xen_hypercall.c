/* SPDX-License-Identifier: GPL-2.0-or-later */
/* xencomm, memory, scheduling, vCPU, version, console and the other hypercalls. */
#include <xen/interface/callback.h>
#include <xen/interface/memory.h>
#include <xen/interface/physdev.h>
#include <xen/interface/sched.h>
#include <xen/interface/version.h>

#include "xen_fixture.h"

#define LIST (FIX_ARGS + 0x2000)

/* --- xencomm --- */

static void descriptors(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	struct xencomm_desc *desc = fix_ptr(d, 0x4000);
	char buf[64];

	/* "abcdef" over the end of one page and, after a hole, the start of another. */
	memcpy(fix_ptr(d, 0x13ffd), "abc", 3);
	memcpy(fix_ptr(d, 0x20000), "def", 3);
	desc->magic = XENCOMM_MAGIC;
	desc->nr_addrs = 3;
	desc->address[0] = 0x13ffd;
	desc->address[1] = XENCOMM_INVALID;
	desc->address[2] = 0x20000;
	assert_true(xencomm_from_guest(d->d, buf, 0x4000, 6, 0));
	assert_memory_equal(buf, "abcdef", 6);
	assert_true(xencomm_from_guest(d->d, buf, 0x4000, 3, 2));
	assert_memory_equal(buf, "cde", 3);
	assert_true(xencomm_to_guest(d->d, 0x4000, "WXYZ", 4, 1));
	assert_memory_equal(fix_ptr(d, 0x13ffd), "aWX", 3);
	assert_memory_equal(fix_ptr(d, 0x20000), "YZf", 3);
	/* Too short for what is asked. */
	desc->nr_addrs = 1;
	assert_false(xencomm_from_guest(d->d, buf, 0x4000, 6, 0));
	assert_true(xencomm_from_guest(d->d, buf, 0x4000, 3, 0));
	desc->magic++;
	assert_false(xencomm_from_guest(d->d, buf, 0x4000, 3, 0));
	desc->magic--;
	/* Not memory: the page, the descriptor, a descriptor over a page's end. */
	desc->address[0] = (uint64_t)FIX_MAX_GPFN << XEN_PAGE_SHIFT;
	assert_false(xencomm_from_guest(d->d, buf, 0x4000, 3, 0));
	assert_false(xencomm_from_guest(d->d, buf, 0x7ffffff000, 3, 0));
	assert_false(xencomm_from_guest(d->d, buf, 0x4004, 3, 0));
	assert_false(xencomm_from_guest(d->d, buf, 0x7ffc, 3, 0));
	/* A list that never ends must. */
	desc->nr_addrs = 0xffffffff;
	assert_false(xencomm_from_guest(d->d, buf, 0x4000, 3, UINT64_MAX));
	assert_true(xencomm_from_guest(d->d, buf, 0x4000, 0, 0));
}

static void inline_handles(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	char buf[8];

	strcpy(fix_ptr(d, 0x5000), "inline");
	assert_true(xencomm_from_guest(d->d, buf, FIX_INLINE(0x5000), 4, 2));
	assert_memory_equal(buf, "line", 4);
	assert_false(xencomm_from_guest(d->d, buf, FIX_INLINE(0x5000), 4, UINT64_MAX));
	assert_false(xencomm_from_guest(d->d, buf, UINT64_MAX, 8, 0));
	assert_false(xencomm_from_guest(d->d, buf, FIX_INLINE(FIX_PAGES * XEN_PAGE_SIZE - 2), 4, 0));
}

/* --- memory_op --- */

static int64_t reserve(struct fix_domain *d, uint32_t op, uint64_t n, uint32_t order, domid_t dom)
{
	struct xen_memory_reservation r = {
		.extent_start = FIX_INLINE(LIST), .nr_extents = n, .extent_order = order, .domid = dom,
	};

	return fix_op(d, __HYPERVISOR_memory_op, op, &r, sizeof(r));
}

static void balloon(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	uint64_t *list = fix_ptr(d, LIST);
	domid_t self = DOMID_SELF;
	unsigned int i;

	for (i = 0; i < 10; i++)
		list[i] = 40 + i;
	strcpy(fix_ptr(d, 40ull << XEN_PAGE_SHIFT), "secret");
	assert_int_equal(reserve(d, XENMEM_decrease_reservation, 10, 0, DOMID_SELF), 10);
	assert_int_equal(fix_op(d, __HYPERVISOR_memory_op, XENMEM_current_reservation, &self,
				sizeof(self)), FIX_PAGES - 10);
	assert_int_equal(d->flushes, 10);
	assert_false(ia64_memory_is_ram(&d->mem, 40ull << XEN_PAGE_SHIFT, 1));
	/* Not there any more: nothing is done, and the number says so. */
	assert_int_equal(reserve(d, XENMEM_decrease_reservation, 10, 0, DOMID_SELF), 0);
	list[0] = 9999999999;
	assert_int_equal(reserve(d, XENMEM_decrease_reservation, 1, 0, DOMID_SELF), 0);
	list[0] = FIX_SHARED_GPFN;
	assert_int_equal(reserve(d, XENMEM_decrease_reservation, 1, 0, DOMID_SELF), 0);

	list[0] = 40;
	list[4] = 3; /* populated already: stops there */
	assert_int_equal(reserve(d, XENMEM_populate_physmap, 10, 0, DOMID_SELF), 4);
	assert_int_equal(*(char *)fix_ptr(d, 40ull << XEN_PAGE_SHIFT), 0);
	list[0] = FIX_MAX_GPFN + 1;
	assert_int_equal(reserve(d, XENMEM_populate_physmap, 1, 0, DOMID_SELF), 0);
	/* Only the privileged may ask for more than single pages. */
	list[0] = 44;
	assert_int_equal(reserve(d, XENMEM_populate_physmap, 1, 1, DOMID_SELF), 0);
	assert_int_equal(reserve(d, XENMEM_populate_physmap, 1, 0, 2), -EPERM);
	assert_int_equal(reserve(d, XENMEM_populate_physmap, 1, 0, 77), -ESRCH);
	assert_int_equal(reserve(d, XENMEM_populate_physmap, UINT64_MAX, 0, DOMID_SELF), 0);
}

static void up_to_the_maximum(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	uint64_t *list = fix_ptr(d, LIST);
	domid_t self = DOMID_SELF;
	unsigned int i;

	for (i = 0; i < 63; i++)
		list[i] = 64 + i;
	assert_int_equal(reserve(d, XENMEM_populate_physmap, 63, 0, DOMID_SELF), 16);
	assert_int_equal(fix_op(d, __HYPERVISOR_memory_op, XENMEM_maximum_reservation, &self,
				sizeof(self)), FIX_PAGES + 16);
	assert_int_equal(reserve(d, XENMEM_increase_reservation, 1, 0, DOMID_SELF), 0);
	list[0] = 70;
	assert_int_equal(reserve(d, XENMEM_decrease_reservation, 1, 0, DOMID_SELF), 1);
	assert_int_equal(reserve(d, XENMEM_increase_reservation, 2, 0, DOMID_SELF), 1);
	assert_int_equal(list[0], 70);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_memory_op, XENMEM_maximum_ram_page, 0, 0),
			 FIX_MAX_GPFN + 1);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_memory_op, 8, 0, 0), -ENOSYS);
}

static void long_lists_continue(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	struct xen_memory_reservation r = {
		.extent_start = FIX_INLINE(LIST), .nr_extents = 63, .domid = DOMID_SELF,
	};
	struct xen_hypercall c = {
		.nr = __HYPERVISOR_memory_op, .arg = { XENMEM_decrease_reservation, FIX_INLINE(FIX_ARGS) },
	};
	uint64_t *list = fix_ptr(d, LIST);
	unsigned int i;
	int64_t ret;

	d->d->max_pages = 128;
	assert_int_equal(xen_p2m_populate(d->d, 64, 64), 0);
	r.nr_extents = 100;
	for (i = 0; i < 100; i++)
		list[i] = 20 + i;
	memcpy(fix_ptr(d, FIX_ARGS), &r, sizeof(r));
	assert_false(xen_hypercall(d->d->vcpu[0], &c, &ret));
	assert_int_equal(d->d->tot_pages, 64);
	assert_true(xen_hypercall(d->d->vcpu[0], &c, &ret));
	assert_int_equal(ret, 100);
	assert_int_equal(d->d->tot_pages, 28);
}

static void physmap(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	struct xen_add_to_physmap x = { .domid = DOMID_SELF, .space = XENMAPSPACE_shared_info,
					.gpfn = 100 };

	d->d->shared_info->wc_sec = 0x12345678;
	assert_int_equal(fix_op(d, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x, sizeof(x)), 0);
	assert_int_equal(((struct shared_info *)fix_ptr(d, 100ull << XEN_PAGE_SHIFT))->wc_sec,
			 0x12345678);
	x = (struct xen_add_to_physmap){ .domid = DOMID_SELF, .space = XENMAPSPACE_grant_table,
					 .idx = 1, .gpfn = 101 };
	assert_int_equal(fix_op(d, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x, sizeof(x)), 0);
	fix_entry(d, 2048)->frame = 77;
	assert_int_equal(((struct grant_entry_v1 *)fix_ptr(d, 101ull << XEN_PAGE_SHIFT))->frame, 77);
	x.idx = XEN_GNTTAB_MAX_FRAMES;
	assert_int_equal(fix_op(d, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x, sizeof(x)),
			 -EINVAL);
	strcpy(fix_ptr(d, 50ull << XEN_PAGE_SHIFT), "page");
	x = (struct xen_add_to_physmap){ .domid = DOMID_SELF, .space = XENMAPSPACE_gmfn, .idx = 50,
					 .gpfn = 102 };
	assert_int_equal(fix_op(d, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x, sizeof(x)), 0);
	assert_string_equal(fix_ptr(d, 102ull << XEN_PAGE_SHIFT), "page");
	assert_int_equal(xen_p2m_type(d->d, 50), XEN_P2M_NONE);
	assert_int_equal(fix_op(d, __HYPERVISOR_memory_op, XENMEM_add_to_physmap, &x, sizeof(x)),
			 -EINVAL);
}

/* --- sched_op --- */

static void blocking(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	struct vcpu_info *v = &d->d->shared_info->vcpu_info[0];

	v->evtchn_upcall_mask = 1;
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0), 0);
	assert_int_equal(v->evtchn_upcall_mask, 0);
	assert_int_equal(d->vcpu[0].waits, 1);
	assert_true(d->vcpu[0].deadline == UINT64_MAX);
	/* Woken for nothing, it goes on waiting until it has to stop. */
	d->vcpu[0].early = 4;
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0), 0);
	assert_int_equal(d->vcpu[0].waits, 4);
	v->evtchn_upcall_pending = 1;
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_sched_op, SCHEDOP_block, 0, 0), 0);
	assert_int_equal(d->vcpu[0].waits, 4);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_sched_op, SCHEDOP_yield, 0, 0), 0);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_sched_op, 7, 0, 0), -ENOSYS);
}

static void polling(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	struct sched_poll p = { .ports = FIX_INLINE(LIST), .nr_ports = 2 };
	uint32_t *ports = fix_ptr(d, LIST);
	struct vcpu_info *info = &d->d->shared_info->vcpu_info[0];
	uint64_t ns;
	int waits;

	ports[0] = 5;
	ports[1] = 70;
	info->evtchn_upcall_mask = 0;
	p.timeout = xen_now(&f->host) + 1000000000000;
	assert_int_equal(fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p)), 0);
	assert_true(d->vcpu[0].waits >= 1);
	assert_true(d->vcpu[0].deadline == p.timeout);
	/* Woken for nothing, it waits again until its time. */
	info->evtchn_upcall_mask = 1;
	waits = d->vcpu[0].waits;
	/* A time that is over before the call says nothing: a later one then. */
	for (ns = 2000000; d->vcpu[0].waits == waits; ns *= 2) {
		assert_true(ns < 60000000000);
		p.timeout = xen_now(&f->host) + ns;
		assert_int_equal(fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p)), 0);
		assert_true(xen_now(&f->host) >= p.timeout);
	}
	/* But if an event may come in meanwhile, the guest has to look first. */
	info->evtchn_upcall_mask = 0;
	p.timeout = xen_now(&f->host) + 1000000000000;
	waits = d->vcpu[0].waits;
	assert_int_equal(fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p)), 0);
	assert_int_equal(d->vcpu[0].waits, waits + 1);
	info->evtchn_upcall_mask = 1;
	waits = d->vcpu[0].waits;
	p.timeout = 0;
	d->d->shared_info->evtchn_pending[1] = 1ull << 6;
	assert_int_equal(fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p)), 0);
	assert_int_equal(d->vcpu[0].waits, waits);
	ports[0] = 4096;
	assert_int_equal(fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p)), -EINVAL);
	p.nr_ports = 129;
	assert_int_equal(fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p)), -EINVAL);
	p.nr_ports = 1;
	p.ports = 0;
	assert_int_equal(fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_poll, &p, sizeof(p)), -EFAULT);
}

static void shutting_down(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	struct sched_shutdown s = { .reason = SHUTDOWN_reboot };
	struct sched_remote_shutdown r = { .domain_id = 2, .reason = SHUTDOWN_crash };

	assert_int_equal(fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_remote_shutdown, &r, sizeof(r)),
			 -EPERM);
	assert_int_equal(fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_shutdown, &s, sizeof(s)), 0);
	assert_int_equal(d->shutdown, SHUTDOWN_reboot);
	assert_int_equal(d->d->shutdown_reason, SHUTDOWN_reboot);
	d->shutdown = -1;
	assert_int_equal(fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_shutdown, &s, sizeof(s)), 0);
	assert_int_equal(d->shutdown, -1);
	/* The code that was announced wins over the reason. */
	d = &f->dom[1];
	s.reason = SHUTDOWN_crash;
	assert_int_equal(fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_shutdown_code, &s, sizeof(s)), 0);
	s.reason = SHUTDOWN_poweroff;
	assert_int_equal(fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_shutdown, &s, sizeof(s)), 0);
	assert_int_equal(d->shutdown, SHUTDOWN_crash);
}

static void watchdogs(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	struct sched_watchdog w = { .id = 0, .timeout = 1000 };

#define DOG() fix_op(d, __HYPERVISOR_sched_op, SCHEDOP_watchdog, &w, sizeof(w))
	assert_int_equal(DOG(), 1);
	assert_int_equal(DOG(), 2);
	assert_int_equal(DOG(), -ENOSPC);
	w = (struct sched_watchdog){ .id = 1, .timeout = 0 };
	assert_int_equal(DOG(), 0);
	assert_int_equal(DOG(), -EINVAL);
	w.id = 3;
	assert_int_equal(DOG(), -EINVAL);
	w = (struct sched_watchdog){ .id = 2, .timeout = 1 };
	assert_int_equal(DOG(), 0);
	while (d->shutdown < 0)
		usleep(10000);
	assert_int_equal(d->shutdown, SHUTDOWN_watchdog);
}

/* --- vcpu_op --- */

static int64_t vcpu_op(struct fix_domain *d, uint32_t cmd, uint32_t id, void *arg, size_t len)
{
	int64_t ret;

	memcpy(fix_ptr(d, FIX_ARGS), arg, len);
	ret = fix_call(d, 0, __HYPERVISOR_vcpu_op, cmd, id, FIX_INLINE(FIX_ARGS));
	memcpy(arg, fix_ptr(d, FIX_ARGS), len);
	return ret;
}

static void bring_up(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	static struct vcpu_guest_context c;

	c.regs.ip = 0xa000000100001230;
	assert_int_equal(vcpu_op(d, VCPUOP_up, 1, &c, 0), -EINVAL);
	assert_int_equal(vcpu_op(d, VCPUOP_is_up, 1, &c, 0), 0);
	assert_int_equal(vcpu_op(d, VCPUOP_initialise, 1, &c, sizeof(c)), 0);
	assert_true(d->vcpu[1].ip == 0xa000000100001230);
	assert_int_equal(vcpu_op(d, VCPUOP_initialise, 1, &c, sizeof(c)), -EEXIST);
	assert_int_equal(vcpu_op(d, VCPUOP_initialise, 0, &c, sizeof(c)), -EEXIST);
	assert_int_equal(vcpu_op(d, VCPUOP_up, 1, &c, 0), 0);
	assert_int_equal(vcpu_op(d, VCPUOP_up, 1, &c, 0), 0);
	assert_int_equal(d->vcpu[1].ups, 1);
	assert_int_equal(vcpu_op(d, VCPUOP_is_up, 1, &c, 0), 1);
	assert_int_equal(vcpu_op(d, VCPUOP_down, 1, &c, 0), 0);
	assert_int_equal(d->vcpu[1].downs, 1);
	assert_int_equal(vcpu_op(d, VCPUOP_is_up, 1, &c, 0), 0);
	assert_int_equal(vcpu_op(d, VCPUOP_up, 4, &c, 0), -ENOENT);
	assert_int_equal(vcpu_op(d, VCPUOP_up, 64, &c, 0), -EINVAL);
	assert_int_equal(vcpu_op(d, VCPUOP_send_nmi, 1, &c, 0), -ENOSYS);
}

static void run_states(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	struct vcpu_register_runstate_memory_area area = { .addr = FIX_INLINE(LIST) };
	struct vcpu_runstate_info r, *mem = fix_ptr(d, LIST);
	uint64_t sum;

	xen_vcpu_runstate(d->d->vcpu[0], RUNSTATE_running);
	assert_int_equal(vcpu_op(d, VCPUOP_register_runstate_memory_area, 0, &area, sizeof(area)), 0);
	assert_int_equal(mem->state, RUNSTATE_running);
	usleep(2000);
	xen_vcpu_runstate(d->d->vcpu[0], RUNSTATE_blocked);
	assert_int_equal(mem->state, RUNSTATE_blocked);
	/* A thread that ran for less than passed has had the rest stolen. */
	assert_true(mem->time[RUNSTATE_runnable] >= 1000000);
	assert_true(mem->time[RUNSTATE_running] + mem->time[RUNSTATE_runnable] >= 2000000);
	usleep(1000);
	assert_int_equal(vcpu_op(d, VCPUOP_get_runstate_info, 0, &r, sizeof(r)), 0);
	assert_true(r.time[RUNSTATE_blocked] >= 1000000);
	/* Every nanosecond since the start is in one of the states. */
	sum = r.time[0] + r.time[1] + r.time[2] + r.time[3];
	assert_true(sum <= xen_now(&f->host));
	assert_true(sum >= 3000000);
}

static uint32_t timer_port(struct fix_domain *d)
{
	struct evtchn_bind_virq b = { .virq = VIRQ_TIMER };

	assert_int_equal(fix_evtchn(d, bind_virq, &b), 0);
	d->d->shared_info->evtchn_mask[0] = 0;
	return b.port;
}

static void timers(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	struct vcpu_set_singleshot_timer shot = { .timeout_abs_ns = 1,
						  .flags = VCPU_SSHOTTMR_future };
	struct vcpu_set_periodic_timer tick = { .period_ns = 999999 };
	uint32_t port = timer_port(d);
	int events;

	assert_int_equal(vcpu_op(d, VCPUOP_set_singleshot_timer, 0, &shot, sizeof(shot)), -ETIME);
	assert_int_equal(vcpu_op(d, VCPUOP_set_singleshot_timer, 1, &shot, sizeof(shot)), -EINVAL);
	shot = (struct vcpu_set_singleshot_timer){ .timeout_abs_ns = xen_now(&f->host) + 3000000 };
	assert_int_equal(vcpu_op(d, VCPUOP_set_singleshot_timer, 0, &shot, sizeof(shot)), 0);
	while (!d->vcpu[0].events)
		usleep(1000);
	assert_true(xen_now(&f->host) >= shot.timeout_abs_ns);
	assert_true(xen_evtchn_pending(d->d, port));
	assert_int_equal(vcpu_op(d, VCPUOP_set_periodic_timer, 0, &tick, sizeof(tick)), -EINVAL);
	tick.period_ns = 1000000;
	assert_int_equal(vcpu_op(d, VCPUOP_set_periodic_timer, 0, &tick, sizeof(tick)), 0);
	for (events = 2; events < 5; events++) {
		/* What the guest's upcall handler does. */
		__atomic_store_n(&d->d->shared_info->vcpu_info[0].evtchn_upcall_pending, 0,
				 __ATOMIC_SEQ_CST);
		__atomic_store_n(&d->d->shared_info->vcpu_info[0].evtchn_pending_sel, 0,
				 __ATOMIC_SEQ_CST);
		__atomic_store_n(&d->d->shared_info->evtchn_pending[0], 0, __ATOMIC_SEQ_CST);
		while (d->vcpu[0].events < events)
			usleep(1000);
	}
	assert_int_equal(vcpu_op(d, VCPUOP_stop_periodic_timer, 0, &tick, 0), 0);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_set_timer_op, 0, 0, 0), 0);
}

/* --- the rest --- */

static void version(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	struct xen_feature_info feat = { .submap_idx = 0 };
	char text[1024];

	assert_int_equal(fix_call(d, 0, __HYPERVISOR_xen_version, XENVER_version, 0, 0), 4 << 16 | 1);
	assert_int_equal(fix_op(d, __HYPERVISOR_xen_version, XENVER_get_features, &feat, sizeof(feat)),
			 0);
	assert_true(feat.submap & 1u << XENFEAT_auto_translated_physmap);
	feat.submap_idx = 1;
	assert_int_equal(fix_op(d, __HYPERVISOR_xen_version, XENVER_get_features, &feat, sizeof(feat)),
			 -EINVAL);
	assert_int_equal(fix_op(d, __HYPERVISOR_xen_version, XENVER_capabilities, text, 1024), 0);
	assert_non_null(strstr(text, "xen-3.0-ia64"));
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_xen_version, XENVER_pagesize, 0, 0), 16384);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_xen_version, XENVER_extraversion, 0, 0), 0 - EFAULT);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_xen_version, 77, 0, 0), -ENOSYS);
}

static void console(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];

	memset(fix_ptr(d, 0x10000), 'x', 3000);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_console_io, CONSOLEIO_write, 3000,
				  FIX_INLINE(0x10000)), 0);
	assert_int_equal(d->console_len, 3000);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_console_io, CONSOLEIO_read, 10,
				  FIX_INLINE(0x10000)), 0);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_console_io, CONSOLEIO_write, 0x80000000,
				  FIX_INLINE(0x10000)), -EINVAL);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_console_io, CONSOLEIO_write, 10, 8), -EFAULT);
}

static void multicalls(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	struct multicall_entry *e = fix_ptr(d, 0x10000);
	unsigned int i;

	for (i = 0; i < 100; i++)
		e[i] = (struct multicall_entry){ .op = __HYPERVISOR_xen_version, .result = 1 };
	e[1].op = __HYPERVISOR_multicall;
	e[2].op = __HYPERVISOR_update_va_mapping;
	e[3].op = 0xffffffffffff;
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_multicall, FIX_INLINE(0x10000), 100, 0), 0);
	assert_int_equal(e[0].result, 0x40001);
	assert_int_equal((int64_t)e[1].result, -ENOSYS);
	assert_int_equal(e[2].result, 0);
	assert_int_equal((int64_t)e[3].result, -ENOSYS);
	assert_int_equal(e[99].result, 0x40001);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_multicall, FIX_INLINE(1ull << 40), 1, 0), -EFAULT);
}

static void others(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[0];
	struct callback_register reg = { .type = CALLBACKTYPE_event, .address = 0xa0000001000000 };
	struct physdev_irq_status_query q = { .irq = 3, .flags = 9 };
	struct xen_ia64_opt_feature opt = { .cmd = XEN_IA64_OPTF_IDENT_MAP_REG7, .on = 1 };

	assert_int_equal(fix_op(d, __HYPERVISOR_callback_op, CALLBACKOP_register, &reg, sizeof(reg)),
			 0);
	assert_int_equal(d->vcpu[0].callbacks, 1);
	reg.type = 2;
	assert_int_equal(fix_op(d, __HYPERVISOR_callback_op, CALLBACKOP_register, &reg, sizeof(reg)),
			 -ENOSYS);
	assert_int_equal(fix_op(d, __HYPERVISOR_physdev_op, PHYSDEVOP_irq_status_query, &q, sizeof(q)),
			 0);
	assert_int_equal(q.flags, 0);
	q.irq = 256;
	assert_int_equal(fix_op(d, __HYPERVISOR_physdev_op, PHYSDEVOP_irq_status_query, &q, sizeof(q)),
			 -EINVAL);
	assert_int_equal(fix_op(d, __HYPERVISOR_physdev_op, PHYSDEVOP_apic_read, &q, sizeof(q)),
			 -EPERM);
	memcpy(fix_ptr(d, FIX_ARGS), &opt, sizeof(opt));
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_opt_feature, FIX_INLINE(FIX_ARGS), 0, 0), 0);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_ia64_dom0vp_op, IA64_DOM0VP_phystomach, 5, 0), 5);
	assert_true((uint64_t)fix_call(d, 0, __HYPERVISOR_ia64_dom0vp_op, IA64_DOM0VP_phystomach,
				       1ull << 40, 0) == INVALID_MFN);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_ia64_dom0vp_op, IA64_DOM0VP_zap_physmap, 5, 0),
			 0);
	assert_int_equal(xen_p2m_type(d->d, 5), XEN_P2M_NONE);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_ia64_dom0vp_op, IA64_DOM0VP_add_physmap, 5, 0),
			 -EPERM);
	assert_int_equal(d->d->hypercalls_enosys, 1);
	assert_int_equal(fix_call(d, 0, __HYPERVISOR_domctl, 0, 0, 0), -ENOSYS);
	assert_int_equal(fix_call(d, 0, UINT64_MAX, 0, 0, 0), -ENOSYS);
	assert_int_equal(d->d->hypercalls_enosys, 3);
	assert_int_equal(d->d->hypercalls[__HYPERVISOR_nr], 2);
	assert_int_equal(d->d->hypercalls[__HYPERVISOR_callback_op], 2);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, fix_setup, fix_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(descriptors), T(inline_handles), T(balloon), T(up_to_the_maximum),
		T(long_lists_continue), T(physmap), T(blocking), T(polling), T(shutting_down),
		T(watchdogs), T(bring_up), T(run_states), T(timers), T(version), T(console),
		T(multicalls), T(others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
