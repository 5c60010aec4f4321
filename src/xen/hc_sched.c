/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sched_op, vcpu_op and set_timer_op. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <xen/interface/sched.h>

#include "xen/evtchn.h"
#include "xen/hypercall.h"
#include "xen/timer.h"
#include "xen/xencomm.h"

#define MAX_POLL_PORTS 128u /* Xen 4.1 common/schedule.c */
#define MAX_TIMER_NS (1ull << 62)
#define LONG_TIMER_NS (1ull << 50)
#define LONG_TIMER_INSTEAD_NS 100000000ull

/* Before the look at what may be waited for: a wake-up after that look ends the wait. */
static bool settle(struct xen_vcpu *v)
{
	return v->ops && v->ops->settle ? v->ops->settle(v->ctx) : xen_events_pending(v);
}

/* False: the vCPU has to be left now, whatever it waits for. */
static bool wait_until(struct xen_vcpu *v, uint64_t deadline)
{
	bool woken = false;

	xen_vcpu_runstate(v, RUNSTATE_blocked);
	if (v->ops && v->ops->wait)
		woken = v->ops->wait(v->ctx, deadline);
	xen_vcpu_runstate(v, RUNSTATE_running);
	return woken;
}

static long block(struct xen_vcpu *v)
{
	struct vcpu_info *info = &v->domain->shared_info->vcpu_info[v->id];

	__atomic_store_n(&info->evtchn_upcall_mask, 0, __ATOMIC_SEQ_CST);
	/* What has woken it may be late: for an event that the guest took before it called. */
	while (!settle(v) && wait_until(v, UINT64_MAX))
		;
	return 0;
}

static void set_polling(struct xen_vcpu *v, bool on, uint32_t port)
{
	pthread_mutex_lock(&v->domain->host->evtchn_lock);
	v->polling = on;
	v->poll_port = port;
	pthread_mutex_unlock(&v->domain->host->evtchn_lock);
}

static bool masked(const struct xen_vcpu *v)
{
	return __atomic_load_n(&v->domain->shared_info->vcpu_info[v->id].evtchn_upcall_mask,
			       __ATOMIC_ACQUIRE);
}

static bool any_pending(const struct xen_domain *d, const evtchn_port_t *ports, uint32_t nr)
{
	uint32_t i;

	for (i = 0; i < nr; i++)
		if (xen_evtchn_pending(d, ports[i]))
			return true;
	return false;
}

/* timeout: system time, 0 for never. */
static bool passed(const struct xen_vcpu *v, uint64_t timeout)
{
	return timeout && xen_now(v->domain->host) >= timeout;
}

static long poll_ports(struct xen_vcpu *v, xen_guest_handle arg)
{
	evtchn_port_t ports[MAX_POLL_PORTS];
	struct sched_poll p;
	bool pending;
	uint32_t i;

	if (!xencomm_from_guest(v->domain, &p, arg, sizeof(p), 0))
		return -EFAULT;
	if (p.nr_ports > MAX_POLL_PORTS)
		return -EINVAL;
	if (!xencomm_from_guest(v->domain, ports, p.ports, p.nr_ports * sizeof(ports[0]), 0))
		return -EFAULT;
	for (i = 0; i < p.nr_ports; i++)
		if (ports[i] >= NR_EVENT_CHANNELS)
			return -EINVAL;
	/* First say so, then look: an event in between wakes us. */
	set_polling(v, true, p.nr_ports == 1 ? ports[0] : 0);
	do
		pending = settle(v) || any_pending(v->domain, ports, p.nr_ports);
	while (!pending && !passed(v, p.timeout) &&
	       wait_until(v, p.timeout ? p.timeout : UINT64_MAX));
	set_polling(v, false, 0);
	/*
	 * It may have had to stop for a while. Not if an event could come in before the call is
	 * made again: its handler would take what the kernel waits for.
	 */
	if (!pending && masked(v) && !passed(v, p.timeout))
		return XEN_CALL_AGAIN;
	return 0;
}

static long remote_shutdown(struct xen_domain *self, xen_guest_handle arg)
{
	struct sched_remote_shutdown r;
	struct xen_domain *d;
	int ret;

	if (!xencomm_from_guest(self, &r, arg, sizeof(r), 0))
		return -EFAULT;
	ret = xen_domain_get_target(self, r.domain_id, &d);
	if (ret)
		return ret;
	ret = self->cfg.privileged ? 0 : -EPERM;
	if (!ret)
		xen_domain_shutdown(d, r.reason);
	xen_domain_put(d);
	return ret;
}

/* What both forms of sched_op have. */
static long simple_op(struct xen_vcpu *v, uint32_t op)
{
	switch (op) {
	case SCHEDOP_yield:
		sched_yield();
		return 0;
	case SCHEDOP_block:
		return block(v);
	default:
		return -ENOSYS;
	}
}

long xen_hypercall_sched_op(struct xen_vcpu *v, struct xen_hypercall *c)
{
	struct sched_shutdown s;
	struct sched_watchdog w;
	int none = -1;

	switch ((uint32_t)c->arg[0]) {
	case SCHEDOP_shutdown:
		if (!xencomm_from_guest(v->domain, &s, c->arg[1], sizeof(s), 0))
			return -EFAULT;
		xen_domain_shutdown(v->domain, s.reason);
		return 0;
	case SCHEDOP_shutdown_code:
		if (!xencomm_from_guest(v->domain, &s, c->arg[1], sizeof(s), 0))
			return -EFAULT;
		atomic_compare_exchange_strong(&v->domain->shutdown_code, &none,
					       (int)(s.reason & 0xff));
		return 0;
	case SCHEDOP_poll:
		return poll_ports(v, c->arg[1]);
	case SCHEDOP_remote_shutdown:
		return remote_shutdown(v->domain, c->arg[1]);
	case SCHEDOP_watchdog:
		if (!xencomm_from_guest(v->domain, &w, c->arg[1], sizeof(w), 0))
			return -EFAULT;
		return xen_watchdog(v->domain, w.id, w.timeout);
	default:
		return simple_op(v, (uint32_t)c->arg[0]);
	}
}

/* The older form: command, and the reason of a shutdown as such. */
long xen_hypercall_sched_op_compat(struct xen_vcpu *v, struct xen_hypercall *c)
{
	if ((uint32_t)c->arg[0] != SCHEDOP_shutdown)
		return simple_op(v, (uint32_t)c->arg[0]);
	xen_domain_shutdown(v->domain, c->arg[1] & 0xff);
	return 0;
}

static long initialise(struct xen_vcpu *v, struct xen_domain *d, xen_guest_handle arg)
{
	struct vcpu_guest_context *ctxt = malloc(sizeof(*ctxt));
	bool first;
	long ret;

	if (!ctxt)
		return -ENOMEM;
	if (!xencomm_from_guest(d, ctxt, arg, sizeof(*ctxt), 0)) {
		free(ctxt);
		return -EFAULT;
	}
	/* Claimed before the callback, so that two callers cannot both do it. */
	pthread_mutex_lock(&v->lock);
	first = !v->initialised;
	v->initialised = true;
	pthread_mutex_unlock(&v->lock);
	ret = !first ? -EEXIST :
	      v->ops && v->ops->initialise ? v->ops->initialise(v->ctx, ctxt) : 0;
	if (first && ret) {
		pthread_mutex_lock(&v->lock);
		v->initialised = false;
		pthread_mutex_unlock(&v->lock);
	}
	if (!ret && ctxt->flags & VGCF_online)
		xen_vcpu_set_up(v, true);
	free(ctxt);
	return ret;
}

static long register_area(struct xen_vcpu *v, struct xen_domain *d, xen_guest_handle arg)
{
	struct vcpu_register_runstate_memory_area area;
	struct vcpu_runstate_info r;

	if (!xencomm_from_guest(d, &area, arg, sizeof(area), 0))
		return -EFAULT;
	pthread_mutex_lock(&v->lock);
	v->runstate_area = area.addr;
	pthread_mutex_unlock(&v->lock);
	xen_vcpu_runstate_get(v, &r);
	if (area.addr)
		xen_runstate_publish(v, area.addr, &r);
	return 0;
}

long xen_hypercall_vcpu_op(struct xen_vcpu *self, struct xen_hypercall *c)
{
	struct xen_domain *d = self->domain;
	struct vcpu_set_singleshot_timer shot;
	struct vcpu_set_periodic_timer tick;
	struct vcpu_runstate_info r;
	uint32_t id = (uint32_t)c->arg[1];
	xen_guest_handle arg = c->arg[2];
	struct xen_vcpu *v;

	if (id >= XEN_LEGACY_MAX_VCPUS)
		return -EINVAL;
	if (id >= d->cfg.max_vcpus)
		return -ENOENT;
	v = d->vcpu[id];
	switch ((uint32_t)c->arg[0]) {
	case VCPUOP_initialise:
		return initialise(v, d, arg);
	case VCPUOP_up:
		return xen_vcpu_set_up(v, true);
	case VCPUOP_down:
		return xen_vcpu_set_up(v, false);
	case VCPUOP_is_up:
		return xen_vcpu_is_up(v);
	case VCPUOP_get_runstate_info:
		xen_vcpu_runstate_get(v, &r);
		return xencomm_to_guest(d, arg, &r, sizeof(r), 0) ? 0 : -EFAULT;
	case VCPUOP_register_runstate_memory_area:
		return register_area(v, d, arg);
	case VCPUOP_set_periodic_timer:
		if (!xencomm_from_guest(d, &tick, arg, sizeof(tick), 0))
			return -EFAULT;
		if (tick.period_ns < 1000000 || tick.period_ns > MAX_TIMER_NS)
			return -EINVAL;
		return xen_timer_periodic(v, tick.period_ns);
	case VCPUOP_stop_periodic_timer:
		return xen_timer_periodic(v, 0);
	case VCPUOP_set_singleshot_timer:
		if (v != self)
			return -EINVAL;
		if (!xencomm_from_guest(d, &shot, arg, sizeof(shot), 0))
			return -EFAULT;
		if ((shot.flags & VCPU_SSHOTTMR_future) && shot.timeout_abs_ns < xen_now(d->host))
			return -ETIME;
		return xen_timer_singleshot(v, shot.timeout_abs_ns ? shot.timeout_abs_ns : 1);
	case VCPUOP_stop_singleshot_timer:
		return v != self ? -EINVAL : xen_timer_singleshot(v, 0);
	default:
		return -ENOSYS;
	}
}

long xen_hypercall_set_timer_op(struct xen_vcpu *v, struct xen_hypercall *c)
{
	uint64_t when = c->arg[0], now = xen_now(v->domain->host);

	/*
	 * Linux's jiffies wrap: such a time is in the past, or there is no timer at all. As Xen,
	 * the middle of the two.
	 */
	if (when > INT64_MAX || (when > now && when - now > LONG_TIMER_NS))
		when = now + LONG_TIMER_INSTEAD_NS;
	return xen_timer_singleshot(v, when);
}
