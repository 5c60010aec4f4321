// SPDX-License-Identifier: GPL-2.0-or-later
/* A kernel that is a paravirtualized domain: its start, its end, what it knows of itself. */
#define pr_fmt(fmt) "xen: " fmt

#include <linux/console.h>
#include <linux/cpu.h>
#include <linux/device.h>
#include <linux/export.h>
#include <linux/init.h>
#include <linux/kdebug.h>
#include <linux/notifier.h>
#include <linux/panic_notifier.h>
#include <linux/percpu.h>
#include <linux/pm.h>
#include <linux/workqueue.h>

#include <xen/events.h>
#include <xen/features.h>
#include <xen/hvc-console.h>
#include <xen/interface/callback.h>
#include <xen/interface/sched.h>
#include <xen/interface/vcpu.h>
#include <xen/page.h>
#include <xen/xen-ops.h>
#include <xen/xen.h>

#include <asm/cpu.h>
#include <asm/meminit.h>
#include <asm/paravirt.h>
#include <asm/pgtable.h>
#include <asm/xen/hypercall.h>
#include <asm/xen/hypervisor.h>
#include <asm/xen/privop.h>

#include "xen.h"

enum xen_domain_type xen_domain_type __read_mostly = XEN_NATIVE;
EXPORT_SYMBOL(xen_domain_type);

struct shared_info *HYPERVISOR_shared_info __read_mostly = (struct shared_info *)XSI_BASE;
EXPORT_SYMBOL_GPL(HYPERVISOR_shared_info);

struct start_info *xen_start_info __read_mostly;
EXPORT_SYMBOL(xen_start_info);

uint32_t xen_start_flags;
EXPORT_SYMBOL(xen_start_flags);

DEFINE_PER_CPU(struct vcpu_info *, xen_vcpu);
DEFINE_PER_CPU(uint32_t, xen_vcpu_id);
EXPORT_PER_CPU_SYMBOL(xen_vcpu_id);

/* For the balloon: no domain starts with holes it would fill. */
unsigned long xen_released_pages;
struct xen_memory_region xen_extra_mem[XEN_EXTRA_MEM_MAX_REGIONS] __initdata;

#define CHECK(address, field) \
	static_assert((address) - XMAPPEDREGS_BASE == offsetof(struct mapped_regs, field))
CHECK(XSI_BANK1_R16, bank1_regs);
CHECK(XSI_B1NAT, vnat);
CHECK(XEN_CR(0), vcr);
CHECK(XSI_PRECOVER_IFS, precover_ifs);
CHECK(XSI_PSR_IC, interrupt_collection_enabled);
CHECK(XSI_PSR_I_ADDR, interrupt_mask_addr);
CHECK(XSI_BANKNUM, banknum);
CHECK(XSI_ITC_OFFSET, itc_offset);
CHECK(XSI_ITC_LAST, itc_last);
static_assert(sizeof(struct shared_info) <= XSI_SIZE);
static_assert(sizeof(struct mapped_regs) <= XMAPPEDREGS_SIZE);
static_assert(offsetof(struct shared_info, arch) == 64 * 48 + 2 * 512 + 16);

/* --- the end --- */

void xen_reboot(int reason)
{
	struct sched_shutdown r = { .reason = reason };

	local_irq_disable();
	HYPERVISOR_sched_op(SCHEDOP_shutdown, &r);
	for (;;)
		HYPERVISOR_sched_op(SCHEDOP_block, NULL);
}

static void xen_power_off(void)
{
	xen_reboot(SHUTDOWN_poweroff);
}

static int xen_panic_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	/* With a timeout the administrator wants a restart instead of a dump. */
	if (!panic_timeout)
		xen_reboot(SHUTDOWN_crash);
	return NOTIFY_DONE;
}

static struct notifier_block xen_panic_block = {
	.notifier_call = xen_panic_event,
	.priority = INT_MIN,
};

static int xen_machine_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	if (event == DIE_MACHINE_RESTART)
		xen_reboot(SHUTDOWN_reboot);
	if (event == DIE_MACHINE_HALT)
		xen_reboot(SHUTDOWN_poweroff);
	return NOTIFY_DONE;
}

static struct notifier_block xen_machine_block = {
	.notifier_call = xen_machine_event,
	.priority = INT_MIN,
};

/* --- vCPUs --- */

void xen_register_callback(void)
{
	struct callback_register event = {
		.type = CALLBACKTYPE_event,
		.address.ip = (unsigned long)xen_event_callback,
	};

	BUG_ON(HYPERVISOR_callback_op(CALLBACKOP_register, &event));
}

void xen_enable_opt_feature(void)
{
	struct xen_ia64_opt_feature optf = {
		.cmd = XEN_IA64_OPTF_IDENT_MAP_REG7,
		.on = XEN_IA64_OPTF_ON,
		.pgprot = pgprot_val(PAGE_KERNEL),
	};

	HYPERVISOR_opt_feature(&optf);
}

void xen_vcpu_setup(int cpu)
{
	per_cpu(xen_vcpu, cpu) = &HYPERVISOR_shared_info->vcpu_info[cpu];
	per_cpu(xen_vcpu_id, cpu) = cpu;
}

#ifdef CONFIG_HOTPLUG_CPU
static struct cpumask cpus_to_start;

/* vCPUs that the store has made available; nothing in user space is asked to start them. */
static void start_cpus(struct work_struct *work)
{
	unsigned int cpu;

	lock_device_hotplug();
	for_each_cpu(cpu, &cpus_to_start) {
		/* Present when the watch's handler is through. */
		if (!cpu_present(cpu) || !cpumask_test_and_clear_cpu(cpu, &cpus_to_start))
			continue;
		if (!cpu_online(cpu) && device_online(get_cpu_device(cpu)))
			pr_err("CPU %u does not start\n", cpu);
	}
	unlock_device_hotplug();
	if (!cpumask_empty(&cpus_to_start))
		schedule_delayed_work(to_delayed_work(work), 1);
}

static DECLARE_DELAYED_WORK(start_cpus_work, start_cpus);

int xen_arch_register_cpu(int num)
{
	int err = arch_register_cpu(num);

	if (!err) {
		cpumask_set_cpu(num, &cpus_to_start);
		schedule_delayed_work(&start_cpus_work, 1);
	}
	return err;
}

void xen_arch_unregister_cpu(int num)
{
	cpumask_clear_cpu(num, &cpus_to_start);
	arch_unregister_cpu(num);
}
#endif

int xen_unmap_domain_gfn_range(struct vm_area_struct *vma, int nr, struct page **pages)
{
	return xen_xlate_unmap_gfn_range(vma, nr, pages);
}
EXPORT_SYMBOL_GPL(xen_unmap_domain_gfn_range);

/* --- the start --- */

void __init xen_banner(void)
{
	pr_info("privilege level %u, start_info in page 0x%llx, %lu pages\n", pv_info.kernel_pl,
		HYPERVISOR_shared_info->arch.start_info_pfn, xen_start_info->nr_pages);
}

/* start_info; the rings behind it are in no memory map. */
int __init xen_reserve_memory(struct rsvd_region *region)
{
	region->start = (unsigned long)xen_start_info;
	region->end = region->start + XEN_PAGE_SIZE;
	return 1;
}

void __init xen_arch_setup_early(void)
{
	xen_start_info = gfn_to_virt(HYPERVISOR_shared_info->arch.start_info_pfn);
	xen_start_flags = xen_start_info->flags;
	register_console(&xenboot_console);
	xen_setup_features();
	xen_enable_opt_feature();

	atomic_notifier_chain_register(&panic_notifier_list, &xen_panic_block);
	register_die_notifier(&xen_machine_block);
	pm_power_off = xen_power_off;
}

void __init xen_arch_setup_console(char **cmdline_p)
{
	add_preferred_console("hvc", 0, NULL);
	pm_power_off = xen_power_off;
}

void __init xen_post_smp_prepare_boot_cpu(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		xen_vcpu_setup(cpu);
}

/* Machine checks are the host's. */
int __init xen_arch_setup_nomca(void)
{
	return 1;
}
