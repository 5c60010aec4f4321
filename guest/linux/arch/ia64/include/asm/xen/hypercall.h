/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hypercalls. Pointers are kernel addresses of any kind; the memory has to stay until the call
 * returns. Results are those of Xen: >= 0, or a negative errno.
 */
#ifndef _ASM_IA64_XEN_HYPERCALL_H
#define _ASM_IA64_XEN_HYPERCALL_H

#include <linux/bug.h>
#include <linux/errno.h>

#include <xen/interface/xen.h>
#include <xen/interface/sched.h>
#include <xen/interface/platform.h>

struct xen_dm_op_buf;
struct xen_ia64_opt_feature;

/* The call itself: arguments as Xen takes them, nothing is translated. */
long __xen_hypercall(unsigned long a1, unsigned long a2, unsigned long a3, unsigned long a4,
		     unsigned long a5, unsigned long nr);
/* Makes vector pending in cr.irr of a vCPU; the boot rendezvous vector starts it. */
void xen_fw_ipi(unsigned long vcpu, unsigned long vector);

int HYPERVISOR_xen_version(int cmd, void *arg);
int HYPERVISOR_console_io(int cmd, int count, char *str);
int HYPERVISOR_grant_table_op(unsigned int cmd, void *uop, unsigned int count);
int HYPERVISOR_sched_op(int cmd, void *arg);
int HYPERVISOR_event_channel_op(int cmd, void *arg);
int HYPERVISOR_memory_op(unsigned int cmd, void *arg);
int HYPERVISOR_physdev_op(int cmd, void *arg);
int HYPERVISOR_vcpu_op(int cmd, int vcpuid, void *arg);
int HYPERVISOR_callback_op(int cmd, void *arg);
int HYPERVISOR_opt_feature(struct xen_ia64_opt_feature *arg);

static inline int HYPERVISOR_vm_assist(unsigned int cmd, unsigned int type)
{
	return __xen_hypercall(cmd, type, 0, 0, 0, __HYPERVISOR_vm_assist);
}

/* What a domain of this architecture cannot ask for. */
static inline unsigned long HYPERVISOR_hvm_op(int op, void *arg)
{
	return -ENOSYS;
}

static inline int HYPERVISOR_dm_op(domid_t domid, unsigned int nr_bufs, struct xen_dm_op_buf *bufs)
{
	return -ENOSYS;
}

static inline int HYPERVISOR_platform_op(struct xen_platform_op *op)
{
	return -ENOSYS;
}

static inline long privcmd_call(unsigned int call, unsigned long a1, unsigned long a2,
				unsigned long a3, unsigned long a4, unsigned long a5)
{
	return __xen_hypercall(a1, a2, a3, a4, a5, call);
}

static inline int HYPERVISOR_suspend(unsigned long start_info_mfn)
{
	struct sched_shutdown r = { .reason = SHUTDOWN_suspend };

	return HYPERVISOR_sched_op(SCHEDOP_shutdown, &r);
}

#endif /* _ASM_IA64_XEN_HYPERCALL_H */
