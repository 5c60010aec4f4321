// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Interrupts of a domain: all of them are event channels. The vectors of a processor's own
 * interrupts become virtual interrupts and IPIs that are bound for each vCPU.
 */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/cpu.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/percpu.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include <xen/events.h>
#include <xen/interface/xen.h>
#include <xen/xen-ops.h>
#include <xen/xen.h>

#include <asm/hw_irq.h>
#include <asm/irq_regs.h>
#include <asm/smp.h>
#include <asm/tlbflush.h>
#include <asm/xen/events.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/interface.h>

#include "xen.h"

/* What the common code calls with interrupts off, from xen_event_callback. */
void xen_upcall(struct pt_regs *regs)
{
	struct pt_regs *old_regs = set_irq_regs(regs);

	trace_hardirqs_off();
	irq_enter();
	xen_evtchn_do_upcall();
	irq_exit();
	set_irq_regs(old_regs);
	trace_hardirqs_on();
}

/* Numbers below are the vectors of native interrupts, which ACPI code may still ask for. */
unsigned int arch_dynirq_lower_bound(unsigned int from)
{
	return xen_domain() ? max_t(unsigned int, from, IA64_NUM_VECTORS) : from;
}

/* --- a processor's own interrupts --- */

static const struct percpu_source {
	ia64_vector vector;
	bool ipi;
	unsigned int number;	/* of the IPI or the virtual interrupt */
} sources[] = {
	{ IA64_TIMER_VECTOR, false, VIRQ_ITC },
	{ IA64_IPI_VECTOR, true, XEN_IPI_VECTOR },
	{ IA64_IPI_RESCHEDULE, true, XEN_RESCHEDULE_VECTOR },
	{ IA64_IPI_LOCAL_TLB_FLUSH, true, XEN_TLB_FLUSH_VECTOR },
	{ IA64_CMC_VECTOR, false, VIRQ_MCA_CMC },
	{ IA64_CMCP_VECTOR, true, XEN_CMCP_VECTOR },
	{ IA64_CPEP_VECTOR, true, XEN_CPEP_VECTOR },
};

#define NR_SOURCES ARRAY_SIZE(sources)

static struct {
	irq_handler_t handler;
	unsigned long flags;
	const char *name;
} actions[NR_SOURCES];

static bool events_ready;

static DEFINE_PER_CPU(unsigned int [NR_SOURCES], percpu_irq);
static DEFINE_PER_CPU(char [NR_SOURCES][16], percpu_name);

static int find_source(ia64_vector vector)
{
	int i;

	for (i = 0; i < NR_SOURCES; i++)
		if (sources[i].vector == vector)
			return i;
	return -1;
}

static int bind(unsigned int cpu, int i)
{
	unsigned long flags = actions[i].flags | IRQF_PERCPU | IRQF_NOBALANCING;
	char *name = per_cpu(percpu_name, cpu)[i];
	int irq;

	snprintf(name, sizeof(per_cpu(percpu_name, cpu)[i]), "%s%u", actions[i].name, cpu);
	irq = sources[i].ipi ?
		bind_ipi_to_irqhandler(sources[i].number, cpu, actions[i].handler, flags, name,
				       NULL) :
		bind_virq_to_irqhandler(sources[i].number, cpu, actions[i].handler, flags, name,
					NULL);
	if (irq < 0)
		return irq;
	per_cpu(percpu_irq, cpu)[i] = irq;
	return 0;
}

int xen_bind_percpu_irqs(unsigned int cpu)
{
	int i, err;

	for (i = 0; i < NR_SOURCES; i++) {
		if (!actions[i].handler || per_cpu(percpu_irq, cpu)[i])
			continue;
		err = bind(cpu, i);
		if (err) {
			pr_err("%s: CPU %u: error %d\n", actions[i].name, cpu, err);
			xen_unbind_percpu_irqs(cpu);
			return err;
		}
	}
	return 0;
}

int xen_unbind_percpu_irqs(unsigned int cpu)
{
	int i;

	for (i = 0; i < NR_SOURCES; i++) {
		if (!per_cpu(percpu_irq, cpu)[i])
			continue;
		unbind_from_irqhandler(per_cpu(percpu_irq, cpu)[i], NULL);
		per_cpu(percpu_irq, cpu)[i] = 0;
	}
	return 0;
}

static void bind_online(int i)
{
	unsigned int cpu;

	for_each_online_cpu(cpu)
		if (bind(cpu, i))
			pr_err("%s: cannot be bound for CPU %u\n", actions[i].name, cpu);
}

void xen_register_percpu_irq(ia64_vector vector, irq_handler_t handler, unsigned long flags,
			     const char *name)
{
	int i = find_source(vector);

	/* The others are of hardware that a domain does not see. */
	if (i < 0 || !handler)
		return;
	actions[i].handler = handler;
	actions[i].flags = flags;
	actions[i].name = name;
	if (events_ready)
		bind_online(i);
}

#ifdef CONFIG_SMP
static irqreturn_t reschedule(int irq, void *dev_id)
{
	scheduler_ipi();
	return IRQ_HANDLED;
}

static irqreturn_t tlb_flush(int irq, void *dev_id)
{
	smp_local_flush_tlb();
	return IRQ_HANDLED;
}
#endif

void __init xen_register_ipi(void)
{
	int i;

	xen_init_IRQ();
	xen_register_callback();
	events_ready = true;
	/* What was registered before there were event channels. */
	for (i = 0; i < NR_SOURCES; i++)
		if (actions[i].handler)
			bind_online(i);
#ifdef CONFIG_SMP
	xen_register_percpu_irq(IA64_IPI_VECTOR, handle_IPI, 0, "IPI");
	xen_register_percpu_irq(IA64_IPI_RESCHEDULE, reschedule, 0, "resched");
	xen_register_percpu_irq(IA64_IPI_LOCAL_TLB_FLUSH, tlb_flush, 0, "tlb_flush");
#endif
}

void xen_send_ipi(int cpu, int vector, int delivery_mode, int redirect)
{
	int i = find_source(vector);

	if (i >= 0 && sources[i].ipi && per_cpu(percpu_irq, cpu)[i])
		xen_send_IPI_one(cpu, sources[i].number);
	else
		/* Wakes a vCPU from its rendezvous, or is a test of vectors before events. */
		xen_fw_ipi(cpu, vector);
}
