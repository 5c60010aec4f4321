// SPDX-License-Identifier: GPL-2.0-or-later
/* The tables of paravirtualized operations, as they are on hardware, and who fills them otherwise. */
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/jiffies.h>
#include <linux/export.h>
#include <linux/irq.h>
#include <linux/sched/clock.h>
#include <linux/time64.h>

#include <asm/delay.h>
#include <asm/hw_irq.h>
#include <asm/io.h>
#include <asm/iosapic.h>
#include <asm/paravirt.h>
#include <asm/sections.h>
#include <asm/unistd.h>

/* In .data: what stores it runs before .bss is used for anything. */
unsigned long pv_hypervisor __section(".data") = PV_HYPERVISOR_NONE;

extern const char ia64_ivt[], xen_ivt[];
extern unsigned long fsyscall_table[NR_syscalls];
extern char fsys_bubble_down[];

const void *const pv_ivt[] = {
	[PV_HYPERVISOR_NONE] = ia64_ivt,
#ifdef CONFIG_XEN
	[PV_HYPERVISOR_XEN] = xen_ivt,
#endif
};

struct pv_info pv_info = { .name = "hardware" };
struct pv_init_ops pv_init_ops;
struct pv_cpu_asm_switch pv_cpu_asm_switch;
struct pv_mmu_ops pv_mmu_ops;
EXPORT_SYMBOL(pv_mmu_ops);

/* What PV_SEQ() in paravirt_seq.S made of single instructions: to try the patching with. */
PV_DECLARE_SEQ(native_ssm_i);
PV_DECLARE_SEQ(native_rsm_i);
PV_DECLARE_SEQ(native_get_psr);
PV_DECLARE_SEQ(native_get_ivr);
PV_DECLARE_SEQ(native_get_tpr);
PV_DECLARE_SEQ(native_set_tpr);
PV_DECLARE_SEQ(native_set_eoi);
PV_DECLARE_SEQ(native_set_itm);
PV_DECLARE_SEQ(native_get_itc);
PV_DECLARE_SEQ(native_get_rr);
PV_DECLARE_SEQ(native_set_rr);
PV_DECLARE_SEQ(native_thash);
PV_DECLARE_SEQ(native_tpa);
PV_DECLARE_SEQ(native_ptc_l);
PV_DECLARE_SEQ(native_ptc_ga);

struct pv_cpu_ops pv_cpu_ops = {
	.op = {
		[PV_OP_SSM_I] = PV_CPU_OP(native_ssm_i),
		[PV_OP_RSM_I] = PV_CPU_OP(native_rsm_i),
		[PV_OP_GET_PSR_I] = PV_CPU_OP_PURE(native_get_psr),
		[PV_OP_GET_PSR] = PV_CPU_OP_PURE(native_get_psr),
		[PV_OP_GET_IVR] = PV_CPU_OP(native_get_ivr),
		[PV_OP_GET_TPR] = PV_CPU_OP(native_get_tpr),
		[PV_OP_SET_TPR] = PV_CPU_OP(native_set_tpr),
		[PV_OP_SET_EOI] = PV_CPU_OP(native_set_eoi),
		[PV_OP_SET_ITM] = PV_CPU_OP(native_set_itm),
		[PV_OP_GET_ITC] = PV_CPU_OP(native_get_itc),
		[PV_OP_GET_RR] = PV_CPU_OP_PURE(native_get_rr),
		[PV_OP_SET_RR] = PV_CPU_OP_PURE(native_set_rr),
		[PV_OP_THASH] = PV_CPU_OP(native_thash),
		[PV_OP_TPA] = PV_CPU_OP(native_tpa),
		[PV_OP_PTC_L] = PV_CPU_OP(native_ptc_l),
		[PV_OP_PTC_GA] = PV_CPU_OP(native_ptc_ga),
	},
};

#define GATE_LIST(prefix, name)									\
	.start_##name##_patchlist = (unsigned long)prefix##__start_gate_##name##_patchlist,	\
	.end_##name##_patchlist = (unsigned long)prefix##__end_gate_##name##_patchlist

struct pv_fsys_data pv_fsys_data = {
	.fsyscall_table = fsyscall_table,
	.fsys_bubble_down = fsys_bubble_down,
};

struct pv_patchdata pv_patchdata = {
	GATE_LIST(, fsyscall),
	GATE_LIST(, brl_fsys_bubble_down),
	GATE_LIST(, vtop),
	GATE_LIST(, mckinley_e9),
	.gate_section = __start_gate_section,
};

/* --- interrupts --- */

static void native_resend_irq(unsigned int vector)
{
	ia64_native_resend_irq(vector);
}

struct pv_irq_ops pv_irq_ops = {
	.register_ipi = ia64_native_register_ipi,
	.assign_irq_vector = ia64_native_assign_irq_vector,
	.free_irq_vector = ia64_native_free_irq_vector,
	.register_percpu_irq = ia64_native_register_percpu_irq,
	.resend_irq = native_resend_irq,
	.send_ipi = ia64_native_send_ipi,
};

void ia64_register_ipi(void)
{
	pv_irq_ops.register_ipi();
}

int assign_irq_vector(int irq)
{
	return pv_irq_ops.assign_irq_vector(irq);
}

void free_irq_vector(int vector)
{
	pv_irq_ops.free_irq_vector(vector);
}

void register_percpu_irq(ia64_vector vec, irq_handler_t handler, unsigned long flags,
			 const char *name)
{
	pv_irq_ops.register_percpu_irq(vec, handler, flags, name);
}

void ia64_resend_irq(unsigned int vector)
{
	pv_irq_ops.resend_irq(vector);
}

void ia64_send_ipi(int cpu, int vector, int delivery_mode, int redirect)
{
	pv_irq_ops.send_ipi(cpu, vector, delivery_mode, redirect);
}

bool pv_safe_halt(void)
{
	if (!pv_irq_ops.idle_halt)
		return false;
	pv_irq_ops.idle_halt();
	return true;
}

/* --- I/O SAPICs --- */

struct pv_iosapic_ops pv_iosapic_ops = {
	.pcat_compat_init = ia64_native_iosapic_pcat_compat_init,
	.get_irq_chip = ia64_native_iosapic_get_irq_chip,
	.read = __ia64_native_iosapic_read,
	.write = __ia64_native_iosapic_write,
};

/* --- time --- */

/* What a kernel without an architecture's sched_clock() uses: reading ar.itc costs 7 % of a pipe. */
static unsigned long long notrace native_sched_clock(void)
{
	return (unsigned long long)(jiffies - INITIAL_JIFFIES) * (NSEC_PER_SEC / HZ);
}

struct pv_time_ops pv_time_ops = { .sched_clock = native_sched_clock };

unsigned long long notrace sched_clock(void)
{
	return pv_time_ops.sched_clock();
}

/* --- Xen --- */

#ifdef CONFIG_XEN
/* ar.itc differs between processors, but not between vCPUs. 0 until time_init() has the frequency. */
static unsigned long long notrace xen_sched_clock(void)
{
	return (unsigned __int128)ia64_get_itc() * local_cpu_data->nsec_per_cyc >>
	       IA64_NSEC_PER_CYC_SHIFT;
}

extern const char xen_switch_to[], xen_leave_syscall[], xen_work_processed_syscall[],
	xen_work_pending_syscall_end[], xen_leave_kernel[];
extern unsigned long xen_fsyscall_table[NR_syscalls];
extern char xen_fsys_bubble_down[], __start_xen_gate_section[];
#define GATE_SYMBOLS(name)							\
	extern char xen__start_gate_##name##_patchlist[];			\
	extern char xen__end_gate_##name##_patchlist[]
GATE_SYMBOLS(fsyscall);
GATE_SYMBOLS(brl_fsys_bubble_down);
GATE_SYMBOLS(vtop);
GATE_SYMBOLS(mckinley_e9);

static const struct pv_cpu_asm_switch xen_asm_switch __initconst = {
	.switch_to = xen_switch_to,
	.leave_syscall = xen_leave_syscall,
	.work_processed_syscall = xen_work_processed_syscall,
	.work_pending_syscall_end = xen_work_pending_syscall_end,
	.leave_kernel = xen_leave_kernel,
};

static const struct pv_fsys_data xen_fsys_data __initconst = {
	.fsyscall_table = xen_fsyscall_table,
	.fsys_bubble_down = xen_fsys_bubble_down,
};

static const struct pv_patchdata xen_patchdata __initconst = {
	GATE_LIST(xen, fsyscall),
	GATE_LIST(xen, brl_fsys_bubble_down),
	GATE_LIST(xen, vtop),
	GATE_LIST(xen, mckinley_e9),
	.gate_section = __start_xen_gate_section,
};
#endif

void __init pv_setup(void)
{
#ifdef CONFIG_XEN
	if (pv_hypervisor == PV_HYPERVISOR_XEN) {
		pv_cpu_asm_switch = xen_asm_switch;
		pv_fsys_data = xen_fsys_data;
		pv_patchdata = xen_patchdata;
		pv_time_ops.sched_clock = xen_sched_clock;
		xen_pv_setup();
	}
#endif
}
