// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * vCPUs other than the first. They start at SAL's boot rendezvous, as processors do; their events
 * are bound before, by the vCPU that starts them.
 */
#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/init.h>
#include <linux/irq.h>
#include <linux/irqflags.h>

#include <xen/interface/xen.h>
#include <xen/interface/vcpu.h>
#include <xen/xen-ops.h>
#include <xen/xen.h>

#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>

#include "xen.h"

/* On the new vCPU, with interrupts off. */
static int xen_starting_cpu(unsigned int cpu)
{
	xen_register_callback();
	return 0;
}

static int __init xen_smp_init(void)
{
	int err;

	if (!xen_domain())
		return 0;
	err = cpuhp_setup_state_nocalls(CPUHP_BP_PREPARE_DYN, "ia64/xen:prepare",
					xen_bind_percpu_irqs, xen_unbind_percpu_irqs);
	if (err < 0)
		return err;
	return cpuhp_setup_state_nocalls(CPUHP_AP_ARM_XEN_STARTING, "ia64/xen:starting",
					 xen_starting_cpu, NULL);
}
early_initcall(xen_smp_init);

#ifdef CONFIG_HOTPLUG_CPU
/* The vCPU starts again at the rendezvous. */
void xen_play_dead(void)
{
	if (!xen_domain())
		return;
	local_irq_disable();
	HYPERVISOR_vcpu_op(VCPUOP_down, smp_processor_id(), NULL);
	BUG();
}

/* An event channel is where it is bound to: no move is under way that others would complete. */
void irq_force_complete_move(struct irq_desc *desc)
{
}

bool xen_migrate_irqs(void)
{
	if (!xen_domain())
		return false;
	irq_migrate_all_off_this_cpu();
	return true;
}
#endif
