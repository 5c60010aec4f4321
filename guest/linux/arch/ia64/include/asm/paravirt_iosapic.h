/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of asm/iosapic.h that stand for operations of struct pv_iosapic_ops. */
#ifndef _ASM_IA64_PARAVIRT_IOSAPIC_H
#define _ASM_IA64_PARAVIRT_IOSAPIC_H

#include <asm/paravirt.h>

#undef iosapic_pcat_compat_init
#undef iosapic_get_irq_chip
#undef __iosapic_read
#undef __iosapic_write

static inline void iosapic_pcat_compat_init(void)
{
	if (pv_iosapic_ops.pcat_compat_init)
		pv_iosapic_ops.pcat_compat_init();
}

static inline struct irq_chip *iosapic_get_irq_chip(unsigned long trigger)
{
	return pv_iosapic_ops.get_irq_chip(trigger);
}

static inline unsigned int __iosapic_read(char __iomem *iosapic, unsigned int reg)
{
	return pv_iosapic_ops.read(iosapic, reg);
}

static inline void __iosapic_write(char __iomem *iosapic, unsigned int reg, u32 val)
{
	pv_iosapic_ops.write(iosapic, reg, val);
}

#endif /* _ASM_IA64_PARAVIRT_IOSAPIC_H */
