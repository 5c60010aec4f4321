/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypercalls of an IA-64 kernel: break XEN_HYPERCALL_BREAK with the number in r2. Those of Xen
 * proper take their arguments in r32 to r36, the architecture's own in registers of their own.
 * Source: Xen 4.1 public/arch-ia64.h, asm-ia64/dom_fw.h.
 */
#include <errno.h>
#include <stddef.h>

#include "ia64/exec.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "machine/firmware.h"
#include "xen/cpu.h"

#define FW_HYPERCALL_IPI 0x400
#define FW_HYPERCALL_SET_SHARED_INFO_VA 0x600

static void set_result(struct vcpu *v, uint64_t val)
{
	v->gr[8] = val;
	v->nat[8] = 0;
}

/* r28: where the kernel wants shared_info; all vCPUs of the domain see it there. */
static int64_t set_shared_info_va(struct xen_cpu *c, uint64_t va)
{
	struct xen_domain *d = c->xv->domain;
	unsigned int n;

	if (va & (XSI_SIZE - 1) || va > UINT64_MAX - 2 * XSI_SIZE)
		return -EINVAL;
	for (n = 0; n < d->cfg.max_vcpus; n++) {
		struct xen_cpu *o = d->vcpu[n]->ctx;

		if (!o)
			continue;
		o->shared_info_va = va;
		o->regs->interrupt_mask_addr = va + n * sizeof(struct vcpu_info) +
					       offsetof(struct vcpu_info, evtchn_upcall_mask);
	}
	return 0;
}

/* Makes a vector pending in cr.irr of a vCPU: what a kernel does before it takes events. */
static void send_ipi(struct xen_cpu *c, uint64_t cpu, uint64_t vector)
{
	struct xen_domain *d = c->xv->domain;
	struct xen_cpu *o;

	if (cpu >= d->cfg.max_vcpus || vector < 16 || vector > 255 || !d->vcpu[cpu]->ctx)
		return;
	o = d->vcpu[cpu]->ctx;
	if (vector == FW_AP_WAKEUP_VECTOR && o->rendezvous && o->rendezvous(o))
		return;
	xen_cpu_raise(o, (unsigned int)vector);
	ia64_post_interrupt(o->v, XEN_VECTOR_KICK);
}

static void xen_proper(struct xen_cpu *c)
{
	struct vcpu *v = c->v;
	struct xen_hypercall call = { .nr = v->gr[2] };
	uint64_t ip = v->ip;
	uint8_t ri = v->ri;
	int64_t ret = 0;
	unsigned int n;
	bool done;

	for (n = 0; n < 5 && n < v->rse.sof; n++)
		call.arg[n] = *gr(v, 32 + n).val;

	/*
	 * It may wait for locks, and whoever holds one for this vCPU to drop host addresses: so it
	 * is outside the guest meanwhile, and drops them when it comes back.
	 */
	ia64_leave_guest(v);
	done = xen_hypercall(c->xv, &call, &ret);
	ia64_enter_guest(v);
	if (!done) {
		/* The break again, with what is left to do, when interrupts have had their turn. */
		for (n = 0; n < 5 && n < v->rse.sof; n++)
			gr_write(v, 32 + n, call.arg[n], 0);
		v->op = NULL;
		return;
	}
	set_result(v, (uint64_t)ret);
	if (v->ip == ip && v->ri == ri)
		xen_cpu_next(c);
}

void xen_hypercall_break(struct xen_cpu *c)
{
	struct vcpu *v = c->v;

	switch (v->gr[2] & ~0xffull) {
	case FW_HYPERCALL_SET_SHARED_INFO_VA:
		set_result(v, (uint64_t)set_shared_info_va(c, v->gr[28]));
		xen_cpu_next(c);
		break;
	case FW_HYPERCALL_IPI:
		send_ipi(c, v->gr[14], v->gr[15]);
		xen_cpu_next(c);
		break;
	default:
		xen_proper(c);
		break;
	}
	v->code_stale = true;
	xen_cpu_deliver_events(c);
}
