/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The domain this kernel runs as, for the common Xen code and for arch/ia64. */
#ifndef _ASM_IA64_XEN_HYPERVISOR_H
#define _ASM_IA64_XEN_HYPERVISOR_H

#include <linux/init.h>
#include <linux/types.h>

extern struct shared_info *HYPERVISOR_shared_info;
extern struct start_info *xen_start_info;

/* Nothing is batched. */
enum paravirt_lazy_mode {
	PARAVIRT_LAZY_NONE,
	PARAVIRT_LAZY_MMU,
	PARAVIRT_LAZY_CPU,
};

static inline enum paravirt_lazy_mode paravirt_get_lazy_mode(void)
{
	return PARAVIRT_LAZY_NONE;
}

/* vCPUs that come and go by the store: drivers/xen/cpu_hotplug.c. */
int xen_arch_register_cpu(int num);
void xen_arch_unregister_cpu(int num);

#if defined(CONFIG_XEN) && defined(CONFIG_HOTPLUG_CPU) && defined(CONFIG_SMP)
/* Of a CPU that goes, instead of what hardware needs; nothing and false if this is hardware. */
void xen_play_dead(void);
bool xen_migrate_irqs(void);
#else
static inline void xen_play_dead(void)
{
}

static inline bool xen_migrate_irqs(void)
{
	return false;
}
#endif

#ifdef CONFIG_XEN
/* Whole pages of region 7 that nothing will use again. Returns where those begin that Xen left. */
void *xen_give_back(void *start, void *end);
#else
/* Not a function: the order of what its arguments execute would be another one then. */
# define xen_give_back(start, end)	(start)
#endif

#endif /* _ASM_IA64_XEN_HYPERVISOR_H */
