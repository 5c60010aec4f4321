/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypercalls, one function each. They run on the vCPU's thread, take the guest's arguments as
 * they are, and return a result or -errno for r8.
 */
#ifndef PARAVANE_XEN_HYPERCALL_H
#define PARAVANE_XEN_HYPERCALL_H

#include "xen/xen.h"

/* A call that did a part of its work puts how to go on into *c and returns this. */
#define XEN_CALL_AGAIN (-4096l)
/* Elements of a list that a call works on before it lets interrupts in. */
#define XEN_CALL_BATCH 64u

long xen_hypercall_memory_op(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_multicall(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_update_va_mapping(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_set_timer_op(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_event_channel_op_compat(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_xen_version(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_console_io(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_grant_table_op(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_vcpu_op(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_sched_op(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_sched_op_compat(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_callback_op(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_event_channel_op(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_physdev_op(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_ia64_dom0vp_op(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_ia64_fast_eoi(struct xen_vcpu *v, struct xen_hypercall *c);
long xen_hypercall_opt_feature(struct xen_vcpu *v, struct xen_hypercall *c);

#endif
