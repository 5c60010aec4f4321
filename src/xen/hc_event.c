/* SPDX-License-Identifier: GPL-2.0-or-later */
/* event_channel_op, and its older form with the command inside the structure. */
#include <errno.h>

#include "xen/evtchn.h"
#include "xen/hypercall.h"
#include "xen/xencomm.h"

static long run(struct xen_vcpu *v, uint32_t cmd, xen_guest_handle arg, uint64_t skip)
{
	struct evtchn_op op;
	size_t size = xen_evtchn_arg_size(cmd);
	long ret;

	if (!size)
		return -ENOSYS;
	if (!xencomm_from_guest(v->domain, &op.u, arg, size, skip))
		return -EFAULT;
	ret = xen_evtchn_op(v->domain, cmd, &op.u);
	/* Nothing is undone if the answer cannot be written, as in Xen. */
	if (!ret && !xencomm_to_guest(v->domain, arg, &op.u, size, skip))
		return -EFAULT;
	return ret;
}

long xen_hypercall_event_channel_op(struct xen_vcpu *v, struct xen_hypercall *c)
{
	return run(v, (uint32_t)c->arg[0], c->arg[1], 0);
}

long xen_hypercall_event_channel_op_compat(struct xen_vcpu *v, struct xen_hypercall *c)
{
	uint32_t cmd;

	if (!xencomm_from_guest(v->domain, &cmd, c->arg[0], sizeof(cmd), 0))
		return -EFAULT;
	return run(v, cmd, c->arg[0], offsetof(struct evtchn_op, u));
}
