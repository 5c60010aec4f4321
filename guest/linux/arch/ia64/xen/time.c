// SPDX-License-Identifier: GPL-2.0-or-later
/* Run state: what a vCPU wanted to run and could not is time stolen. */
#include <linux/cpuhotplug.h>
#include <linux/init.h>

#include <xen/xen-ops.h>
#include <xen/xen.h>

static int xen_starting_runstate_cpu(unsigned int cpu)
{
	xen_setup_runstate_info(cpu);
	return 0;
}

static int __init xen_runstate_init(void)
{
	if (!xen_domain())
		return 0;
	xen_time_setup_guest();
	return cpuhp_setup_state(CPUHP_AP_ARM_XEN_RUNSTATE_STARTING, "ia64/xen_runstate:starting",
				 xen_starting_runstate_cpu, NULL);
}
late_initcall(xen_runstate_init);
