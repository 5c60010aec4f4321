/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What differs between a processor with its platform and a hypervisor's domain, as tables of
 * operations. Each table is filled for hardware at link time (paravirt.c); a hypervisor's
 * set-up code, called before anything else in C (pv_setup in head.S), writes its own entries
 * over them. They do not change after setup_arch().
 *
 * "May be NULL" means that nothing is done then. Where no locking is named there is none.
 */
#ifndef _ASM_IA64_PARAVIRT_H
#define _ASM_IA64_PARAVIRT_H

/* The kind of machine, in pv_hypervisor; an ELF note's entry point stores it, or nobody. */
#define PV_HYPERVISOR_NONE	0
#define PV_HYPERVISOR_XEN	1

#ifndef __ASSEMBLY__

#include <linux/types.h>

/*
 * The fast system calls: the table that the gate page looks a call's handler up in, and the
 * way into the kernel of calls without one. Read by ia64_patch_gate() and once by
 * count_fsyscalls in mm; both before user level exists.
 */
struct pv_fsys_data {
	unsigned long *fsyscall_table;	/* NR_syscalls addresses, 0 where there is no handler */
	void *fsys_bubble_down;
};

/*
 * The gate page and the places in it that ia64_patch_gate() fills in. The lists have s32
 * offsets from each entry to its instruction.
 */
struct pv_patchdata {
	unsigned long start_fsyscall_patchlist, end_fsyscall_patchlist;
	unsigned long start_brl_fsys_bubble_down_patchlist, end_brl_fsys_bubble_down_patchlist;
	unsigned long start_vtop_patchlist, end_vtop_patchlist;
	unsigned long start_mckinley_e9_patchlist, end_mckinley_e9_patchlist;
	void *gate_section;		/* first byte of the page, page-aligned */
};

#ifdef CONFIG_PARAVIRT

#include <linux/interrupt.h>
#include <asm/hw_irq.h>
#include <asm/paravirt_mmu.h>
#include <asm/paravirt_op.h>

struct rsvd_region;
struct irq_chip;

struct pv_info {
	const char *name;		/* for the log */
	unsigned int kernel_pl;		/* the privilege level that the kernel really runs at */
	bool paravirt;			/* false on hardware and in a domain that looks like it */
};

struct pv_init_ops {
	/* Says in the log what this runs on. setup_arch(), once there is a console. May be NULL. */
	void (*banner)(void);
	/*
	 * Adds what the kernel must not allocate from to region[0...], virtual addresses in
	 * region 7, and returns how many it added, at most 3. reserve_memory(), before memblock.
	 * May be NULL.
	 */
	int (*reserve_memory)(struct rsvd_region *region);
	/* First of setup_arch(): no memory allocation, no log yet. May be NULL. */
	void (*arch_setup_early)(void);
	/* Chooses consoles; *cmdline may be changed. setup_arch(), before paging_init(). May be NULL. */
	void (*arch_setup_console)(char **cmdline);
	/* Not 0: no machine check handler. setup_arch(). May be NULL. */
	int (*arch_setup_nomca)(void);
	/* The boot processor, with its per-CPU data in place. smp_prepare_boot_cpu(). May be NULL. */
	void (*post_smp_prepare_boot_cpu)(void);
};

/* One processor operation, PV_OP_*, in the convention of asm/paravirt_op.h. */
struct pv_cpu_op {
	/*
	 * The code to put at sites, from PV_SEQ(): [start, end) is copied, a "br b6" is at end.
	 * Runs with interrupts on or off, psr.ic 0 or 1, on any stack; must not fault.
	 */
	const void *start, *end;
	/* The same as a C function; what the "stacked" convention calls. */
	unsigned long (*fn)(unsigned long a, unsigned long b);
	/* It accesses no memory, so it can be done in physical mode too. */
	bool no_memory;
};

/* An entry whose start is NULL leaves the instruction in place: the hypervisor emulates it. */
struct pv_cpu_ops {
	struct pv_cpu_op op[PV_NR_OPS];
};

/* Declares and names what PV_SEQ(name, ...) made: "[PV_OP_GET_RR] = PV_CPU_OP(xen_get_rr)". */
#define PV_DECLARE_SEQ(name)							\
	extern const char pv_seq_##name[], pv_seq_##name##_end[];		\
	extern unsigned long pv_fn_##name(unsigned long, unsigned long)
#define PV_CPU_OP(name)								\
	{ .start = pv_seq_##name, .end = pv_seq_##name##_end, .fn = pv_fn_##name }
/* The same for a sequence that accesses no memory. */
#define PV_CPU_OP_PURE(name)							\
	{ .start = pv_seq_##name, .end = pv_seq_##name##_end, .fn = pv_fn_##name,	\
	  .no_memory = true }

/*
 * The entries of entry.S and ivt.S that code built only once goes to. All are addresses of
 * instructions, not of function descriptors, and as the functions of the same name in
 * entry.S: same registers and stacks. On hardware all are NULL; where one is set,
 * pv_asm_switch_apply() makes the first bundle of the native function branch to it.
 */
struct pv_cpu_asm_switch {
	const void *switch_to;			/* ia64_switch_to */
	const void *leave_syscall;		/* ia64_leave_syscall */
	const void *work_processed_syscall;	/* ia64_work_processed_syscall */
	const void *work_pending_syscall_end;	/* ia64_work_pending_syscall_end */
	const void *leave_kernel;		/* ia64_leave_kernel */
};

/* I/O SAPICs. Called with the IOSAPIC's lock held, interrupts off, except at boot. */
struct pv_iosapic_ops {
	/* Masks the 8259s of a PC-compatible platform. May be NULL. */
	void (*pcat_compat_init)(void);
	/* The chip for an input that is triggered so (IOSAPIC_EDGE, IOSAPIC_LEVEL). */
	struct irq_chip *(*get_irq_chip)(unsigned long trigger);
	/* Reads and writes a register; iosapic is its address in region 6. */
	unsigned int (*read)(char __iomem *iosapic, unsigned int reg);
	void (*write)(char __iomem *iosapic, unsigned int reg, u32 val);
};

struct pv_irq_ops {
	/* Sets the kernel's own inter-processor interrupts up, for all processors. init_IRQ(). */
	void (*register_ipi)(void);
	/* A vector for irq, or for any if irq is AUTO_ASSIGN; or -ENOSPC. May sleep: no. */
	int (*assign_irq_vector)(int irq);
	void (*free_irq_vector)(int vector);
	/*
	 * An interrupt that each processor has for itself, by its vector: register_percpu_irq().
	 * handler may be NULL. Boot, and early in the life of each processor.
	 */
	void (*register_percpu_irq)(ia64_vector vec, irq_handler_t handler, unsigned long flags,
				    const char *name);
	/* Raises a vector again on this processor. Interrupts off. */
	void (*resend_irq)(unsigned int vector);
	/* ia64_send_ipi(): any context. cpu may be one that is being started (ap_wakeup_vector). */
	void (*send_ipi)(int cpu, int vector, int delivery_mode, int redirect);
	/*
	 * Enables interrupts and waits for one: arch_safe_halt(). The idle task, interrupts off.
	 * NULL: PAL_HALT_LIGHT.
	 */
	void (*idle_halt)(void);
};

struct pv_time_ops {
	/* The processor cpu starts to count time that was stolen from it. Itself, interrupts off. */
	void (*init_missing_ticks_accounting)(int cpu);
	/*
	 * In the timer's interrupt: accounts time that did not run, and moves *new_itm, the
	 * itm of the last tick accounted, past it. Returns not 0 if no tick is left to account.
	 * May be NULL.
	 */
	int (*do_steal_accounting)(unsigned long *new_itm);
	/* The time stamp counter restarted: after suspend. May be NULL. */
	void (*clocksource_resume)(void);
	/* sched_clock(): nanoseconds, from anywhere, monotonic on one processor. */
	unsigned long long (*sched_clock)(void);
};

/* On hardware: pv_irq_ops.register_percpu_irq. */
void ia64_native_register_percpu_irq(ia64_vector vec, irq_handler_t handler, unsigned long flags,
				     const char *name);
void register_percpu_irq(ia64_vector vec, irq_handler_t handler, unsigned long flags,
			 const char *name);

extern unsigned long pv_hypervisor;
extern struct pv_info pv_info;
extern struct pv_init_ops pv_init_ops;
extern struct pv_cpu_ops pv_cpu_ops;
extern struct pv_cpu_asm_switch pv_cpu_asm_switch;
extern struct pv_iosapic_ops pv_iosapic_ops;
extern struct pv_irq_ops pv_irq_ops;
extern struct pv_time_ops pv_time_ops;
extern struct pv_fsys_data pv_fsys_data;
extern struct pv_patchdata pv_patchdata;

/* The interruption vector tables (cr.iva), by pv_hypervisor. head.S takes it from here. */
extern const void *const pv_ivt[];

/*
 * Fills the tables for the machine that pv_hypervisor says: what belongs to the code that is built
 * twice (pv_cpu_asm_switch, pv_fsys_data, pv_patchdata), then the rest with xen_pv_setup().
 * head.S calls it on the boot processor, in virtual mode, interrupts off, on init_task's stack,
 * before start_kernel(): no memory allocation, no log.
 */
void pv_setup(void);
void xen_pv_setup(void);

static inline bool paravirt_enabled(void)
{
	return pv_info.paravirt;
}

static inline void pv_banner(void)
{
	if (pv_init_ops.banner)
		pv_init_ops.banner();
}

static inline int pv_reserve_memory(struct rsvd_region *region)
{
	return pv_init_ops.reserve_memory ? pv_init_ops.reserve_memory(region) : 0;
}

static inline void pv_arch_setup_early(void)
{
	if (pv_init_ops.arch_setup_early)
		pv_init_ops.arch_setup_early();
}

static inline void pv_arch_setup_console(char **cmdline)
{
	if (pv_init_ops.arch_setup_console)
		pv_init_ops.arch_setup_console(cmdline);
}

static inline int pv_arch_setup_nomca(void)
{
	return pv_init_ops.arch_setup_nomca ? pv_init_ops.arch_setup_nomca() : 0;
}

static inline void pv_post_smp_prepare_boot_cpu(void)
{
	if (pv_init_ops.post_smp_prepare_boot_cpu)
		pv_init_ops.post_smp_prepare_boot_cpu();
}

static inline void pv_init_missing_ticks_accounting(int cpu)
{
	if (pv_time_ops.init_missing_ticks_accounting)
		pv_time_ops.init_missing_ticks_accounting(cpu);
}

static inline int pv_do_steal_accounting(unsigned long *new_itm)
{
	return pv_time_ops.do_steal_accounting ? pv_time_ops.do_steal_accounting(new_itm) : 0;
}

static inline void pv_clocksource_resume(void)
{
	if (pv_time_ops.clocksource_resume)
		pv_time_ops.clocksource_resume();
}

/* Applies pv_cpu_asm_switch and pv_cpu_ops to the kernel. setup_arch(), after find_memory(). */
void pv_patch_kernel(void);

#else /* !CONFIG_PARAVIRT */

#define pv_banner()				do { } while (0)
#define pv_reserve_memory(region)		0
#define pv_arch_setup_early()			do { } while (0)
#define pv_arch_setup_console(cmdline)		do { } while (0)
#define pv_arch_setup_nomca()			0
#define pv_post_smp_prepare_boot_cpu()		do { } while (0)
#define pv_init_missing_ticks_accounting(cpu)	do { } while (0)
#define pv_do_steal_accounting(new_itm)		0
#define pv_patch_kernel()			do { } while (0)

#endif /* !CONFIG_PARAVIRT */
#endif /* !__ASSEMBLY__ */
#endif /* _ASM_IA64_PARAVIRT_H */
