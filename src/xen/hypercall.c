/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which hypercall is which; multicalls; counting. */
#include "xen/hypercall.h"

#include <errno.h>
#include <string.h>

#include "xen/xencomm.h"

typedef long hypercall_fn(struct xen_vcpu *v, struct xen_hypercall *c);

static hypercall_fn *const table[__HYPERVISOR_nr] = {
	[__HYPERVISOR_sched_op_compat] = xen_hypercall_sched_op_compat,
	[__HYPERVISOR_memory_op] = xen_hypercall_memory_op,
	[__HYPERVISOR_multicall] = xen_hypercall_multicall,
	[__HYPERVISOR_update_va_mapping] = xen_hypercall_update_va_mapping,
	[__HYPERVISOR_set_timer_op] = xen_hypercall_set_timer_op,
	[__HYPERVISOR_event_channel_op_compat] = xen_hypercall_event_channel_op_compat,
	[__HYPERVISOR_xen_version] = xen_hypercall_xen_version,
	[__HYPERVISOR_console_io] = xen_hypercall_console_io,
	[__HYPERVISOR_grant_table_op] = xen_hypercall_grant_table_op,
	[__HYPERVISOR_vcpu_op] = xen_hypercall_vcpu_op,
	[__HYPERVISOR_sched_op] = xen_hypercall_sched_op,
	[__HYPERVISOR_callback_op] = xen_hypercall_callback_op,
	[__HYPERVISOR_event_channel_op] = xen_hypercall_event_channel_op,
	[__HYPERVISOR_physdev_op] = xen_hypercall_physdev_op,
	[__HYPERVISOR_ia64_dom0vp_op] = xen_hypercall_ia64_dom0vp_op,
	[__HYPERVISOR_ia64_fast_eoi] = xen_hypercall_ia64_fast_eoi,
};

static hypercall_fn *find(uint64_t nr)
{
	if (nr == __HYPERVISOR_opt_feature)
		return xen_hypercall_opt_feature;
	return nr < __HYPERVISOR_nr ? table[nr] : NULL;
}

bool xen_hypercall(struct xen_vcpu *v, struct xen_hypercall *c, int64_t *ret)
{
	struct xen_domain *d = v->domain;
	hypercall_fn *fn = find(c->nr);

	*ret = d->dying ? -EINVAL : fn ? fn(v, c) : -ENOSYS;
	if (*ret == XEN_CALL_AGAIN)
		return false;
	d->hypercalls[c->nr < __HYPERVISOR_nr ? c->nr : __HYPERVISOR_nr]++;
	if (*ret == -ENOSYS)
		d->hypercalls_enosys++;
	return true;
}

/*
 * call_list, nr_calls: the upper half of nr_calls counts those that are done. An entry that did a
 * part is written back as it has to go on.
 */
long xen_hypercall_multicall(struct xen_vcpu *v, struct xen_hypercall *c)
{
	struct xen_domain *d = v->domain;
	uint32_t n = (uint32_t)c->arg[1], i = c->arg[1] >> 32, batch;
	struct multicall_entry e;
	struct xen_hypercall sub;
	hypercall_fn *fn;
	long ret;

	if (n > INT32_MAX)
		return -EINVAL;
	for (batch = 0; i < n && batch < XEN_CALL_BATCH; i++, batch++) {
		if (!xencomm_from_guest(d, &e, c->arg[0], sizeof(e), (uint64_t)i * sizeof(e)))
			return -EFAULT;
		sub.nr = e.op;
		memcpy(sub.arg, e.args, sizeof(sub.arg));
		fn = find(e.op);
		ret = fn && fn != xen_hypercall_multicall ? fn(v, &sub) : -ENOSYS;
		if (ret == XEN_CALL_AGAIN) {
			memcpy(e.args, sub.arg, sizeof(sub.arg));
			if (!xencomm_to_guest(d, c->arg[0], &e, sizeof(e), (uint64_t)i * sizeof(e)))
				return -EFAULT;
			break;
		}
		e.result = (uint64_t)ret;
		if (!xencomm_to_guest(d, c->arg[0], &e.result, sizeof(e.result),
				      (uint64_t)i * sizeof(e) +
					      offsetof(struct multicall_entry, result)))
			return -EFAULT;
	}
	if (i >= n)
		return 0;
	c->arg[1] = (uint64_t)i << 32 | n;
	return XEN_CALL_AGAIN;
}
