/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hyperprivops: privileged operations a paravirtualized kernel asks for with a break instruction,
 * operands in r8 to r14, the result in r8. Source: Xen 4.1 public/arch-ia64.h.
 */
#include "ia64/interruption.h"
#include "ia64/rse.h"
#include "ia64/sapic.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"
#include "xen/cpu.h"
#include "xen/evtchn.h"

static void result(struct xen_cpu *c, uint64_t val)
{
	c->v->gr[8] = val;
	c->v->nat[8] = 0;
}

static void rfi(struct xen_cpu *c)
{
	xen_cpu_rfi(c);
}

static void rsm_dt(struct xen_cpu *c)
{
	xen_cpu_set_metaphysical(c, true);
}

static void ssm_dt(struct xen_cpu *c)
{
	xen_cpu_set_metaphysical(c, false);
}

static void cover(struct xen_cpu *c)
{
	uint64_t ifm;

	ia64_rse_cover(c->v, &ifm);
	if (!c->regs->interrupt_collection_enabled)
		c->regs->ifs = ifm | 1ull << 63;
}

static void itc_d(struct xen_cpu *c)
{
	xen_cpu_insert(c, false, -1, c->v->gr[8]);
}

static void itc_i(struct xen_cpu *c)
{
	xen_cpu_insert(c, true, -1, c->v->gr[8]);
}

static void itr_d(struct xen_cpu *c)
{
	xen_cpu_insert(c, false, (int)(c->v->gr[8] & 0xff), c->v->gr[9]);
}

static void ssm_i(struct xen_cpu *c)
{
	struct vcpu_info *info = &c->xv->domain->shared_info->vcpu_info[c->xv->id];

	__atomic_store_n(&info->evtchn_upcall_mask, 0, __ATOMIC_RELEASE);
}

static void get_ivr(struct xen_cpu *c)
{
	result(c, xen_cpu_ivr(c));
}

static void get_tpr(struct xen_cpu *c)
{
	result(c, c->regs->tpr);
}

static void set_tpr(struct xen_cpu *c)
{
	c->regs->tpr = c->v->gr[8] & 0x100f0;
}

static void eoi(struct xen_cpu *c)
{
	(void)c; /* nothing is ever in service */
}

static void set_itm(struct xen_cpu *c)
{
	xen_cpu_set_itm(c, c->v->gr[8]);
}

static void thash(struct xen_cpu *c)
{
	result(c, ia64_thash(c->v, c->v->gr[8]));
}

static void ptc_ga(struct xen_cpu *c)
{
	ia64_purge_global(c->v, c->v->gr[8], c->v->gr[9] >> 2 & 0x3f);
}

static void get_rr(struct xen_cpu *c)
{
	result(c, c->regs->rrs[c->v->gr[8] >> 61]);
}

static void set_rr(struct xen_cpu *c)
{
	xen_cpu_set_rr(c, (unsigned int)(c->v->gr[8] >> 61), c->v->gr[9]);
}

static void set_kr(struct xen_cpu *c)
{
	uint64_t n = c->v->gr[8];

	if (n > 7)
		return;
	ia64_tlb_kr_write(c->v, (unsigned int)n, c->v->gr[9]);
	c->regs->krs[n] = c->v->gr[9];
}

/* The line is whole in memory already; what was decoded from it is stale. */
static void fc(struct xen_cpu *c)
{
	uint64_t pa;

	if (ia64_translate_quiet(c->v, c->v->gr[8], false, &pa))
		ia64_memory_written(c->v->sys->mem, pa & ~63ull, 64);
}

static void get_cpuid(struct xen_cpu *c)
{
	uint64_t n = c->v->gr[8];

	result(c, n < IA64_NR_CPUID ? c->v->cpuid[n] : 0);
}

static void get_pmd(struct xen_cpu *c)
{
	uint64_t n = c->v->gr[8];

	result(c, n < IA64_NR_PMD ? ia64_pmd_read(c->v, (unsigned int)n) : 0);
}

static void get_eflag(struct xen_cpu *c)
{
	result(c, c->v->ar[AR_EFLAG]);
}

static void set_eflag(struct xen_cpu *c)
{
	c->v->ar[AR_EFLAG] = c->v->gr[8];
}

static void rsm_be(struct xen_cpu *c)
{
	ia64_set_psr(c->v, c->v->psr & ~PSR_BE);
}

static void get_psr(struct xen_cpu *c)
{
	result(c, xen_cpu_psr(c) & (0xffffffffull | PSR_MC | PSR_IT));
}

static void set_rr0_to_rr4(struct xen_cpu *c)
{
	const uint64_t *gr = c->v->gr;
	const uint64_t val[5] = { gr[8], gr[9], gr[10], gr[11], gr[14] };
	unsigned int n;

	for (n = 0; n < 5; n++)
		xen_cpu_set_rr(c, n, val[n]);
}

static void (*const table[HYPERPRIVOP_MAX + 1])(struct xen_cpu *c) = {
	[HYPERPRIVOP_RFI] = rfi,
	[HYPERPRIVOP_RSM_DT] = rsm_dt,
	[HYPERPRIVOP_SSM_DT] = ssm_dt,
	[HYPERPRIVOP_COVER] = cover,
	[HYPERPRIVOP_ITC_D] = itc_d,
	[HYPERPRIVOP_ITC_I] = itc_i,
	[HYPERPRIVOP_SSM_I] = ssm_i,
	[HYPERPRIVOP_GET_IVR] = get_ivr,
	[HYPERPRIVOP_GET_TPR] = get_tpr,
	[HYPERPRIVOP_SET_TPR] = set_tpr,
	[HYPERPRIVOP_EOI] = eoi,
	[HYPERPRIVOP_SET_ITM] = set_itm,
	[HYPERPRIVOP_THASH] = thash,
	[HYPERPRIVOP_PTC_GA] = ptc_ga,
	[HYPERPRIVOP_ITR_D] = itr_d,
	[HYPERPRIVOP_GET_RR] = get_rr,
	[HYPERPRIVOP_SET_RR] = set_rr,
	[HYPERPRIVOP_SET_KR] = set_kr,
	[HYPERPRIVOP_FC] = fc,
	[HYPERPRIVOP_GET_CPUID] = get_cpuid,
	[HYPERPRIVOP_GET_PMD] = get_pmd,
	[HYPERPRIVOP_GET_EFLAG] = get_eflag,
	[HYPERPRIVOP_SET_EFLAG] = set_eflag,
	[HYPERPRIVOP_RSM_BE] = rsm_be,
	[HYPERPRIVOP_GET_PSR] = get_psr,
	[HYPERPRIVOP_SET_RR0_TO_RR4] = set_rr0_to_rr4,
};

bool xen_hyperprivop(struct xen_cpu *c, uint64_t imm)
{
	struct vcpu *v = c->v;
	uint64_t ip = v->ip;
	uint8_t ri = v->ri;

	if (!imm || imm > HYPERPRIVOP_MAX)
		return false;
	c->hyperprivops[imm]++;
	table[imm](c);
	/* rfi sets ip, an insertion that faults leads into a handler. */
	if (imm != HYPERPRIVOP_RFI && v->ip == ip && v->ri == ri)
		xen_cpu_next(c);
	xen_cpu_deliver_events(c);
	return true;
}
