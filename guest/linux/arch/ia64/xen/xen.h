/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Between the files of arch/ia64/xen. */
#ifndef ARCH_IA64_XEN_H
#define ARCH_IA64_XEN_H

#include <linux/init.h>
#include <linux/interrupt.h>

#include <asm/hw_irq.h>

struct pt_regs;

struct rsvd_region;

/* event.S: what Xen enters for events */
extern char xen_event_callback[];

/* enlighten.c: for struct pv_init_ops */
void __init xen_banner(void);
int __init xen_reserve_memory(struct rsvd_region *region);
void __init xen_arch_setup_early(void);
void __init xen_arch_setup_console(char **cmdline);
int __init xen_arch_setup_nomca(void);
void __init xen_post_smp_prepare_boot_cpu(void);

/* setup.S: for struct pv_mmu_ops */
void xen_set_rr0_to_rr4(unsigned long rr0, unsigned long rr1, unsigned long rr2, unsigned long rr3,
			unsigned long rr4);

/* Registers it for the vCPU that calls, and switches on what Xen does faster when asked to. */
void xen_register_callback(void);
void xen_enable_opt_feature(void);
/* vcpu_info, vCPU number and run state area of a vCPU. */
void xen_vcpu_setup(int cpu);

/* irq.c */
void __init xen_register_ipi(void);
void xen_register_percpu_irq(ia64_vector vector, irq_handler_t handler, unsigned long flags,
			     const char *name);
void xen_send_ipi(int cpu, int vector, int delivery_mode, int redirect);
int xen_bind_percpu_irqs(unsigned int cpu);
int xen_unbind_percpu_irqs(unsigned int cpu);

#endif /* ARCH_IA64_XEN_H */
