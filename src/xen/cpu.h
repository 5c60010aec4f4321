/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A paravirtualized vCPU: the privileged state that a guest kernel shares with the hypervisor, and
 * what becomes of its interruptions, privileged instructions and hyperprivops.
 *
 * The kernel runs at privilege level XEN_KERNEL_LEVEL of a vCPU whose own psr has ic, i, dt, rt, it
 * and bn on all the time. The psr the kernel thinks it has is made of that one, of mapped_regs and
 * of vcpu_info.evtchn_upcall_mask. Its region registers, TRs, TC inserts and page table walks are
 * the vCPU's own; translations get at least its privilege level. In metaphysical mode (the
 * kernel's psr.dt off) regions 0 and 4 have region identifiers of the hypervisor's, translated one
 * to one; the other regions stay translated, as with Xen.
 *
 * Source: Xen 4.1 public/arch-ia64.h; SDM 2:3.3, 2:5.
 *
 * All of it belongs to the vCPU's thread, but for what it says otherwise.
 */
#ifndef PARAVANE_XEN_CPU_H
#define PARAVANE_XEN_CPU_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include <xen/interface/arch-ia64.h>

#include "ia64/vcpu.h"
#include "xen/xen.h"

#define XEN_KERNEL_LEVEL 1u /* Xen 4.1: CONFIG_CPL0_EMUL */

/* Region identifiers of regions 0 and 4 in metaphysical mode; a guest cannot load these. */
#define XEN_METAPHYSICAL_RID(region) (0xfffffeu | ((region) >> 2))

/* The vCPU's own vectors: nothing a guest sees. */
#define XEN_VECTOR_KICK 0xee
#define XEN_VECTOR_ITM 0xef

#define XEN_PRIVOP_SITES 512

/* Privileged instructions of one kind from one place in the kernel. */
struct xen_privop_site {
	uint64_t ip;
	uint64_t count;
	uint16_t op; /* enum ia64_op */
};

struct xen_cpu {
	struct vcpu *v;
	struct xen_vcpu *xv;
	struct mapped_regs *regs; /* the guest's page: host address */
	uint64_t regs_gpa;
	uint64_t shared_info_va;  /* where the kernel wants shared_info, mapped_regs behind it */
	uint64_t event_callback;  /* 0: none registered */
	uint64_t failsafe_callback;
	struct {
		bool on;
		uint64_t pgprot, key;
	} identity[8];            /* opt_feature, by region */
	/*
	 * Bits 57:56 (levels 1 and 0) of the odd debug registers, as the kernel has written them.
	 */
	uint8_t dbr_levels[IA64_NR_DEBUG], ibr_levels[IA64_NR_DEBUG];
	bool virtual_regs;        /* xen_cpu_lend_registers() is in effect */
	uint64_t lent_psr;

	/*
	 * The kernel wakes it by SAL's rendezvous; any vCPU's thread of the domain. False: it is up
	 * already, or nobody said where it goes. NULL: there is no SAL.
	 */
	bool (*rendezvous)(struct xen_cpu *c);
	/* How it starts when its thread runs it next; under xv->lock. */
	bool start;
	uint64_t start_ip, start_gp; /* SAL's rendezvous, unless there is a context */
	struct vcpu_guest_context *start_context; /* or NULL; malloc'ed */

	_Atomic int host_cpu; /* where its thread was seen last */
	uint64_t hyperprivops[HYPERPRIVOP_MAX + 1];
	uint64_t emulated;        /* privileged instructions, all of them */
	struct xen_privop_site site[XEN_PRIVOP_SITES];
};

/*
 * State of a vCPU that is about to start: physical mode, interrupts masked, all of psr as SAL hands
 * it over. v, xv, regs and regs_gpa are set.
 */
void xen_cpu_init(struct xen_cpu *c);
/* Whether a context is one that xen_cpu_set_context() can set: 0 or -EINVAL, as Xen. Any thread. */
int xen_cpu_check_context(const struct vcpu_guest_context *context);
/*
 * And then the registers of VCPUOP_initialise; of its flags, VGCF_EXTRA_REGS and VGCF_SET_* are
 * looked at. Stacked registers (cfm, rbs) are not set: the vCPU starts with an empty frame.
 */
void xen_cpu_set_context(struct xen_cpu *c, const struct vcpu_guest_context *context);

/* The psr the kernel sees, without ri; and setting it: mode, bank, masks follow. */
uint64_t xen_cpu_psr(const struct xen_cpu *c);
void xen_cpu_set_psr(struct xen_cpu *c, uint64_t psr);
void xen_cpu_set_metaphysical(struct xen_cpu *c, bool on);

/* rfi from mapped_regs. */
void xen_cpu_rfi(struct xen_cpu *c);
/* Whether a region register may have this value. */
bool xen_cpu_rr_ok(uint64_t val);
/* mov rr. False: the value is not one a guest may load. */
bool xen_cpu_set_rr(struct xen_cpu *c, unsigned int region, uint64_t val);
/*
 * A debug register, n below IA64_NR_DEBUG: what the kernel wants for its level 0 is for
 * XEN_KERNEL_LEVEL, nothing is for the hypervisor's. And what the kernel has written.
 */
void xen_cpu_set_debug(struct xen_cpu *c, bool data, unsigned int n, uint64_t val);
uint64_t xen_cpu_debug(const struct xen_cpu *c, bool data, unsigned int n);
/* cr.itm: VIRQ_ITC is raised when ar.itc gets there, and no more for the value before. */
void xen_cpu_set_itm(struct xen_cpu *c, uint64_t itm);
/* Makes a vector pending in cr.irr: what a kernel looks at before it takes events. Any thread. */
void xen_cpu_raise(struct xen_cpu *c, unsigned int vector);
/* A read of cr.ivr: the highest vector pending in cr.irr, which is no longer, or 15. */
unsigned int xen_cpu_ivr(struct xen_cpu *c);
/* itc.i, itc.d, itr.i, itr.d for the kernel's ifa and itir; slot < 0 for the TC. */
bool xen_cpu_insert(struct xen_cpu *c, bool instruction, int slot, uint64_t pte);
/* The same for an address and an itir of the hypervisor's own. */
bool xen_cpu_insert_at(struct xen_cpu *c, bool instruction, int slot, uint64_t va, uint64_t itir,
		       uint64_t pte);

/*
 * The kernel's interruption registers and privilege level 0 become the vCPU's, so that the
 * processor's own functions do what an instruction says; and back.
 */
void xen_cpu_lend_registers(struct xen_cpu *c);
void xen_cpu_return_registers(struct xen_cpu *c);

/* Delivers an interruption to the kernel's table. ip, ri: where it returns to. */
void xen_cpu_reflect(struct xen_cpu *c, unsigned int vector, uint64_t isr);
/*
 * On the vCPU's own thread: takes the vCPU's own interrupts (timer, kicks). What they tell of is in
 * shared_info and mapped_regs then, and not yet delivered.
 */
void xen_cpu_take_interrupts(struct xen_cpu *c);
/* Enters the event callback if an upcall waits and nothing masks it. */
void xen_cpu_deliver_events(struct xen_cpu *c);
/* Past the instruction at ip/ri. */
void xen_cpu_next(struct xen_cpu *c);

/* Is a miss for va mapped one to one, and to which physical address? Nothing changes. */
bool xen_cpu_identity(const struct xen_cpu *c, uint64_t va, uint64_t *pa);

/* For struct ia64_platform: what an interruption of the vCPU is for the guest. Always true. */
bool xen_cpu_interruption(struct xen_cpu *c, unsigned int vector, uint64_t isr);

/* A break below XEN_HYPERCALL_BREAK: false if it is no hyperprivop (ip has not moved). */
bool xen_hyperprivop(struct xen_cpu *c, uint64_t imm);
/*
 * A privileged instruction, or a break.b that is a hyperprivop, at ip/ri. False: not one that is
 * emulated; nothing has changed.
 */
bool xen_emulate(struct xen_cpu *c);

/* hypercalls of break XEN_HYPERCALL_BREAK by r2, the firmware's and Xen's; moves ip. */
void xen_hypercall_break(struct xen_cpu *c);

#endif
