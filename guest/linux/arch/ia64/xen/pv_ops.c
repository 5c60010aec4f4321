// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of operations of a kernel that runs on Xen. */
#include <linux/init.h>
#include <linux/string.h>
#include <linux/unistd.h>

#include <xen/interface/sched.h>
#include <xen/interface/vcpu.h>
#include <xen/xen.h>

#include <asm/meminit.h>
#include <asm/paravirt.h>
#include <asm/pgtable.h>
#include <asm/xen/hypercall.h>

#include "xen.h"

PV_DECLARE_SEQ(xen_ssm_i);
PV_DECLARE_SEQ(xen_rsm_i);
PV_DECLARE_SEQ(xen_get_psr_i);
PV_DECLARE_SEQ(xen_get_psr);
PV_DECLARE_SEQ(xen_get_ivr);
PV_DECLARE_SEQ(xen_get_tpr);
PV_DECLARE_SEQ(xen_set_tpr);
PV_DECLARE_SEQ(xen_set_eoi);
PV_DECLARE_SEQ(xen_set_itm);
PV_DECLARE_SEQ(xen_set_kr);
PV_DECLARE_SEQ(xen_get_itc);
PV_DECLARE_SEQ(xen_set_itc);
PV_DECLARE_SEQ(xen_get_rr);
PV_DECLARE_SEQ(xen_set_rr);
PV_DECLARE_SEQ(xen_get_pmd);
PV_DECLARE_SEQ(xen_get_cpuid);
PV_DECLARE_SEQ(xen_itc_i);
PV_DECLARE_SEQ(xen_itc_d);
PV_DECLARE_SEQ(xen_itr_d);
PV_DECLARE_SEQ(xen_ptc_ga);
PV_DECLARE_SEQ(xen_set_psr_i);
PV_DECLARE_SEQ(xen_rfi);
PV_DECLARE_SEQ(xen_ssm_ic);
PV_DECLARE_SEQ(xen_rsm_ic);
PV_DECLARE_SEQ(xen_rsm_i_ic);
PV_DECLARE_SEQ(xen_get_icr);
PV_DECLARE_SEQ(xen_set_icr);
PV_DECLARE_SEQ(xen_tpa);
PV_DECLARE_SEQ(xen_thash);
PV_DECLARE_SEQ(xen_spin_ticket);

static const struct pv_cpu_ops xen_cpu_ops __initconst = {
	.op = {
		[PV_OP_SSM_I] = PV_CPU_OP(xen_ssm_i),
		[PV_OP_RSM_I] = PV_CPU_OP(xen_rsm_i),
		[PV_OP_GET_PSR_I] = PV_CPU_OP(xen_get_psr_i),
		[PV_OP_GET_PSR] = PV_CPU_OP_PURE(xen_get_psr),
		[PV_OP_GET_IVR] = PV_CPU_OP_PURE(xen_get_ivr),
		[PV_OP_GET_TPR] = PV_CPU_OP_PURE(xen_get_tpr),
		[PV_OP_SET_TPR] = PV_CPU_OP_PURE(xen_set_tpr),
		[PV_OP_SET_EOI] = PV_CPU_OP_PURE(xen_set_eoi),
		[PV_OP_SET_ITM] = PV_CPU_OP(xen_set_itm),
		[PV_OP_SET_KR] = PV_CPU_OP_PURE(xen_set_kr),
		[PV_OP_GET_ITC] = PV_CPU_OP(xen_get_itc),
		[PV_OP_SET_ITC] = PV_CPU_OP(xen_set_itc),
		[PV_OP_GET_RR] = PV_CPU_OP_PURE(xen_get_rr),
		[PV_OP_SET_RR] = PV_CPU_OP_PURE(xen_set_rr),
		[PV_OP_GET_PMD] = PV_CPU_OP_PURE(xen_get_pmd),
		[PV_OP_GET_CPUID] = PV_CPU_OP_PURE(xen_get_cpuid),
		[PV_OP_ITC_I] = PV_CPU_OP_PURE(xen_itc_i),
		[PV_OP_ITC_D] = PV_CPU_OP_PURE(xen_itc_d),
		[PV_OP_ITR_D] = PV_CPU_OP_PURE(xen_itr_d),
		[PV_OP_PTC_L] = PV_CPU_OP_PURE(xen_ptc_ga),
		[PV_OP_PTC_GA] = PV_CPU_OP_PURE(xen_ptc_ga),
		[PV_OP_THASH] = PV_CPU_OP_PURE(xen_thash),
		[PV_OP_TPA] = PV_CPU_OP(xen_tpa),
		[PV_OP_SET_PSR_I] = PV_CPU_OP(xen_set_psr_i),
		[PV_OP_SSM_IC] = PV_CPU_OP(xen_ssm_ic),
		[PV_OP_RSM_IC] = PV_CPU_OP(xen_rsm_ic),
		[PV_OP_RSM_I_IC] = PV_CPU_OP(xen_rsm_i_ic),
		[PV_OP_GET_ICR] = PV_CPU_OP(xen_get_icr),
		[PV_OP_SET_ICR] = PV_CPU_OP(xen_set_icr),
		[PV_OP_RFI] = PV_CPU_OP(xen_rfi),
		[PV_OP_SPIN_TICKET] = PV_CPU_OP(xen_spin_ticket),
	},
};

/* Where the image begins, for xen_tpa. */
unsigned long xen_kernel_start __ro_after_init;

/* Enables events, and waits for one; both are one operation of Xen's. */
static void xen_idle_halt(void)
{
	HYPERVISOR_sched_op(SCHEDOP_block, NULL);
}

static void __init xen_setup_early(void)
{
	xen_arch_setup_early();
	/*
	 * Where there are others, ptc.ga waits for those that run: dearer than emulation. Where
	 * there are none, nobody holds a lock that is waited for.
	 */
	if (HYPERVISOR_vcpu_op(VCPUOP_is_up, 1, NULL) >= 0)
		pv_cpu_ops.op[PV_OP_PTC_L] = (struct pv_cpu_op){ };
	else
		pv_cpu_ops.op[PV_OP_SPIN_TICKET] = (struct pv_cpu_op){ };
}

static const struct pv_init_ops xen_init_ops __initconst = {
	.banner = xen_banner,
	.reserve_memory = xen_reserve_memory,
	.arch_setup_early = xen_setup_early,
	.arch_setup_console = xen_arch_setup_console,
	.arch_setup_nomca = xen_arch_setup_nomca,
	.post_smp_prepare_boot_cpu = xen_post_smp_prepare_boot_cpu,
};

/*
 * Called before there is a log. The processor's sites are native until pv_patch_kernel(): until
 * then Xen emulates what they ask for.
 */
void __init xen_pv_setup(void)
{
	xen_domain_type = XEN_PV_DOMAIN;

	pv_info.name = "Xen/ia64";
	/* Xen runs a kernel at level 1 or 2, and says which in ar.rsc. */
	pv_info.kernel_pl = ia64_getreg(_IA64_REG_AR_RSC) >> 2 & 3;
	pv_info.paravirt = true;

	pv_init_ops = xen_init_ops;
	pv_cpu_ops = xen_cpu_ops;
	pv_irq_ops.register_ipi = xen_register_ipi;
	pv_irq_ops.register_percpu_irq = xen_register_percpu_irq;
	pv_irq_ops.send_ipi = xen_send_ipi;
	pv_irq_ops.idle_halt = xen_idle_halt;
	pv_mmu_ops.set_rr0_to_rr4 = xen_set_rr0_to_rr4;
	xen_kernel_start = ia64_tpa(KERNEL_START);
}
