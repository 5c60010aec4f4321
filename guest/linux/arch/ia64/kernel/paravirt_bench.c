// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Measures paravirtualized operations when it is loaded: each in a loop, with interrupts off, and a
 * line in the log with cycles of ar.itc and nanoseconds a call. What the loop takes without an
 * operation is the line "empty". The instructions that a call takes are the difference of two runs
 * with one operation and different loops, counted from outside.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/irqflags.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/string.h>
#include <linux/timex.h>

#include <asm/page.h>

static unsigned long loops = 10000;
module_param(loops, ulong, 0444);
MODULE_PARM_DESC(loops, "calls of each operation");

static char *op = "";
module_param(op, charp, 0444);
MODULE_PARM_DESC(op, "the only operation to measure; all if not given");

#define MEASURED(name, statement)			\
	static noinline void measure_##name(unsigned long n)	\
	{						\
		for (; n; n--) {			\
			barrier();			\
			statement;			\
		}					\
	}

/* Interrupts are off: that is what every one of these leaves behind. */
MEASURED(empty, )
MEASURED(rsm_i, ia64_rsm(IA64_PSR_I))
MEASURED(get_psr_i, ia64_get_psr_i())
MEASURED(get_psr, ia64_getreg(_IA64_REG_PSR))
MEASURED(get_itc, ia64_getreg(_IA64_REG_AR_ITC))
MEASURED(get_tpr, ia64_getreg(_IA64_REG_CR_TPR))
MEASURED(set_tpr, ia64_setreg(_IA64_REG_CR_TPR, 0))
MEASURED(get_rr, ia64_get_rr((unsigned long)RGN_KERNEL << 61))
MEASURED(set_rr, ia64_set_rr(0, ia64_get_rr(0)))
MEASURED(get_cpuid, ia64_get_cpuid(0))
MEASURED(thash, ia64_thash(0))
MEASURED(tpa, ia64_tpa(current))
MEASURED(ptc_l, ia64_ptcl(0, PAGE_SHIFT << 2))
MEASURED(ptc_ga, ia64_ptcga(0, PAGE_SHIFT << 2))

static const struct {
	const char *name;
	void (*measure)(unsigned long n);
} ops[] = {
	{ "empty", measure_empty },
	{ "rsm_i", measure_rsm_i },
	{ "get_psr_i", measure_get_psr_i },
	{ "get_psr", measure_get_psr },
	{ "get_itc", measure_get_itc },
	{ "get_tpr", measure_get_tpr },
	{ "set_tpr", measure_set_tpr },
	{ "get_rr", measure_get_rr },
	{ "set_rr", measure_set_rr },	/* and get_rr */
	{ "get_cpuid", measure_get_cpuid },
	{ "thash", measure_thash },
	{ "tpa", measure_tpa },
	{ "ptc_l", measure_ptc_l },
	{ "ptc_ga", measure_ptc_ga },
};

static int __init paravirt_bench_init(void)
{
	unsigned long flags;
	cycles_t cycles;
	bool any = false;
	u64 ns;
	int i;

	if (!loops)
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(ops); i++) {
		if (*op && strcmp(op, ops[i].name))
			continue;
		any = true;
		local_irq_save(flags);
		ops[i].measure(min(loops, 100UL));	/* a translator has seen it then */
		ns = ktime_get_ns();
		cycles = get_cycles();
		ops[i].measure(loops);
		cycles = get_cycles() - cycles;
		ns = ktime_get_ns() - ns;
		local_irq_restore(flags);
		pr_info("%-10s %6llu cycles %8llu.%01llu ns\n", ops[i].name,
			div64_ul(cycles, loops), div64_ul(ns, loops),
			div64_ul(ns * 10, loops) % 10);
	}
	return any ? 0 : -EINVAL;
}

static void __exit paravirt_bench_exit(void)
{
}

module_init(paravirt_bench_init);
module_exit(paravirt_bench_exit);
MODULE_DESCRIPTION("Measures paravirtualized operations");
MODULE_LICENSE("GPL");
