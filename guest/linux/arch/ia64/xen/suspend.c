// SPDX-License-Identifier: GPL-2.0-or-later
/* Points of a suspend that drivers/xen/manage.c passes; devices come back by themselves. */
#include <xen/xen-ops.h>

#include "xen.h"

void xen_arch_pre_suspend(void)
{
}

void xen_arch_post_suspend(int suspend_cancelled)
{
	if (suspend_cancelled)
		return;
	/* The new domain knows none of what the old one was told. */
	xen_register_callback();
	xen_enable_opt_feature();
}

void xen_timer_resume(void)
{
}

void xen_arch_resume(void)
{
}

void xen_arch_suspend(void)
{
}
