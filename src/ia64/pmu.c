/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The performance monitor: the four architected generic counters pmc/pmd 4 to 7 (SDM 2:7.2). They
 * are brought up to date when someone looks, when what they count changes, and every millisecond
 * while one of them is to interrupt on overflow.
 */
#include <string.h>

#include "ia64/itc.h"
#include "ia64/sysreg.h"

#define FIRST 4
#define LAST 7

/* Fields of pmc 4 to 7. */
#define PMC_PLM 15ull
#define PMC_OI (1ull << 5)
#define PMC_PM (1ull << 6)
#define PMC_ES(pmc) ((pmc) >> 8 & 0xff)

/* pmc0: freeze, and a bit for each counter that has overflowed. */
#define PMC0_FR 1ull

#define PMD_MASK ((1ull << IA64_PMD_WIDTH) - 1)

/* Events, with the codes of Itanium 2 (PAL_PERF_MON_INFO names them to software). */
enum { EVENT_INST_RETIRED = 0x08, EVENT_CPU_CYCLES = 0x12 };

#define VECTOR_MASKED (1ull << 16)

static bool counts(uint64_t pmc)
{
	return (pmc & PMC_PLM) &&
	       (PMC_ES(pmc) == EVENT_CPU_CYCLES || PMC_ES(pmc) == EVENT_INST_RETIRED);
}

static bool enabled_now(const struct vcpu *v, uint64_t pmc)
{
	return counts(pmc) && (pmc >> v->cpl & 1) &&
	       (v->psr & (pmc & PMC_PM ? PSR_PP : PSR_UP));
}

void ia64_pmu_sync(struct vcpu *v)
{
	uint64_t itc = ia64_itc_read(v), cycles = itc - v->pmu_itc;
	uint64_t retired = v->retired - v->pmu_retired;
	bool frozen = v->pmc[0] & PMC0_FR;
	unsigned int n;

	v->pmu_itc = itc;
	v->pmu_retired = v->retired;
	if (frozen)
		return;
	for (n = FIRST; n <= LAST; n++) {
		uint64_t pmc = v->pmc[n], sum;

		if (!enabled_now(v, pmc))
			continue;
		sum = v->pmd[n] + (PMC_ES(pmc) == EVENT_CPU_CYCLES ? cycles : retired);
		v->pmd[n] = sum & PMD_MASK;
		if (sum == v->pmd[n])
			continue;
		v->pmc[0] |= 1ull << n;
		if (!(pmc & PMC_OI))
			continue;
		v->pmc[0] |= PMC0_FR;
		if (!(v->cr[CR_PMV] & VECTOR_MASKED))
			ia64_post_interrupt(v, v->cr[CR_PMV] & 0xff);
	}
}

uint64_t ia64_pmc_read(struct vcpu *v, unsigned int n)
{
	/* Reads of unimplemented registers give 0, writes are ignored: SDM 2:7.2.1. */
	if (n >= IA64_NR_PMC)
		return 0;
	ia64_pmu_sync(v);
	return v->pmc[n];
}

void ia64_pmc_write(struct vcpu *v, unsigned int n, uint64_t val)
{
	bool interrupts = false;

	if (n >= IA64_NR_PMC)
		return;
	ia64_pmu_sync(v);
	v->pmc[n] = val;
	v->pmu_active = false;
	for (n = FIRST; n <= LAST; n++) {
		v->pmu_active |= counts(v->pmc[n]);
		interrupts |= counts(v->pmc[n]) && (v->pmc[n] & PMC_OI);
	}
	ia64_timer_pmu_tick(v, interrupts && !(v->pmc[0] & PMC0_FR));
}

uint64_t ia64_pmd_read(struct vcpu *v, unsigned int n)
{
	if (n >= IA64_NR_PMD)
		return 0;
	/* Less privileged code sees 0 where psr.sp or pmc.pm keeps it out: SDM 3:2 "mov pmd". */
	if (v->cpl && ((v->psr & PSR_SP) || (n >= FIRST && n <= LAST && (v->pmc[n] & PMC_PM))))
		return 0;
	ia64_pmu_sync(v);
	return v->pmd[n];
}

void ia64_pmd_write(struct vcpu *v, unsigned int n, uint64_t val)
{
	if (n >= IA64_NR_PMD)
		return;
	ia64_pmu_sync(v);
	v->pmd[n] = n >= FIRST && n <= LAST ? val & PMD_MASK : val;
}

void ia64_pmu_reset(struct vcpu *v)
{
	memset(v->pmc, 0, sizeof(v->pmc));
	memset(v->pmd, 0, sizeof(v->pmd));
	v->pmc[0] = PMC0_FR;
	v->pmu_active = false;
	v->pmu_itc = ia64_itc_read(v);
	v->pmu_retired = v->retired;
}
