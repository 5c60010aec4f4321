/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The names of asm/hw_irq.h that stand for operations of struct pv_irq_ops. */
#ifndef _ASM_IA64_PARAVIRT_IRQ_H
#define _ASM_IA64_PARAVIRT_IRQ_H

#undef ia64_register_ipi
#undef assign_irq_vector
#undef free_irq_vector
#undef ia64_resend_irq

void ia64_register_ipi(void);
int assign_irq_vector(int irq);
void free_irq_vector(int vector);
void ia64_resend_irq(unsigned int vector);

/* On hardware. */
void ia64_native_send_ipi(int cpu, int vector, int delivery_mode, int redirect);

#endif /* _ASM_IA64_PARAVIRT_IRQ_H */
