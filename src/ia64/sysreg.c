/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Control, region, key, debug, performance and identification registers (SDM 2:3.3, 3:2 "mov"). */
#include "ia64/sysreg.h"

#include <string.h>

#include "ia64/interruption.h"
#include "ia64/itc.h"
#include "ia64/sapic.h"
#include "ia64/smp.h"
#include "ia64/tlb.h"

/*
 * What a write of a control register keeps and forbids. Reserved bits that are not 0 raise a
 * Reserved Register/Field fault; ignored bits read as 0.
 */
struct cr_rule {
	uint64_t reserved, ignored;
};

/* psr bits that are reserved in this implementation, psr.vm among them. */
#define PSR_RESERVED (1ull << 0 | 0x1fc0ull | 1ull << 16 | 0xfull << 28 | ~0ull << 46)

/* An interrupt vector register: vector 7:0, ignored 12, mask 16, ignored above (SDM 2:5.8.3.6). */
#define VECTOR_RESERVED 0xef00ull
#define VECTOR_IGNORED (~0ull << 17 | 1ull << 12)

static const struct cr_rule cr_rules[128] = {
	[CR_DCR] = { .reserved = ~0ull << 15 | 0xf8 },
	[CR_IVA] = { .ignored = 0x7fff },
	[CR_PTA] = { .reserved = 0x7e02 },
	[CR_IPSR] = { .reserved = PSR_RESERVED },
	[CR_ISR] = { .reserved = 0xffull << 24 | ~0ull << 44 },
	[CR_IIP] = { .ignored = 15 },
	[CR_IIPA] = { .ignored = 15 },
	[CR_IFS] = { .reserved = 0x1ffffffull << 38 },
	[CR_LID] = { .reserved = 0xffff, .ignored = ~0ull << 32 },
	[CR_TPR] = { .reserved = 0xff00, .ignored = ~0ull << 17 | 15 },
	[CR_EOI] = { .ignored = ~0ull },
	[CR_ITV] = { .reserved = VECTOR_RESERVED, .ignored = VECTOR_IGNORED },
	[CR_PMV] = { .reserved = VECTOR_RESERVED, .ignored = VECTOR_IGNORED },
	[CR_CMCV] = { .reserved = VECTOR_RESERVED, .ignored = VECTOR_IGNORED },
	[CR_LRR0] = { .reserved = 0x4800ull, .ignored = ~0ull << 17 | 1ull << 12 },
	[CR_LRR1] = { .reserved = 0x4800ull, .ignored = ~0ull << 17 | 1ull << 12 },
};

#define VECTOR_MASKED (1ull << 16)

/* Registers that belong to an interruption: not to be touched while psr.ic is 1 (SDM 2:3.3.5). */
static bool is_interruption_cr(unsigned int n)
{
	return n >= CR_IPSR && n <= CR_IHA && n != 18;
}

uint64_t ia64_cr_reserved(unsigned int n)
{
	return cr_rules[n].reserved;
}

uint64_t ia64_cr_ignored(unsigned int n)
{
	return cr_rules[n].ignored;
}

bool ia64_cr_read(struct vcpu *v, unsigned int n, uint64_t *val)
{
	if ((v->psr & PSR_IC) && is_interruption_cr(n))
		return ia64_illegal_operation(v);
	switch (n) {
	case CR_IVR:
		*val = ia64_sapic_acknowledge(v);
		break;
	case CR_EOI:
		*val = 0;
		break;
	case CR_IRR0:
	case CR_IRR0 + 1:
	case CR_IRR0 + 2:
	case CR_IRR0 + 3:
		*val = ia64_sapic_irr(v, n - CR_IRR0);
		break;
	default:
		*val = v->cr[n];
		break;
	}
	return true;
}

/* cr.pta.size: 15 to 61 (SDM 2:4.1.5.1). */
static bool pta_ok(uint64_t pta)
{
	unsigned int size = pta >> 2 & 0x3f;

	return size >= 15 && size <= 61;
}

/* The frame marker of cr.ifs: sof up to 96, sol up to sof, sor up to sof (SDM 1:3.1.7). */
static bool ifs_ok(uint64_t ifs)
{
	unsigned int sof = ifs & 0x7f, sol = ifs >> 7 & 0x7f, sor = (ifs >> 14 & 15) * 8;

	return sof <= IA64_STACKED_PHYS && sol <= sof && sor <= sof;
}

bool ia64_cr_write(struct vcpu *v, unsigned int n, uint64_t val)
{
	const struct cr_rule *rule = &cr_rules[n];

	if ((v->psr & PSR_IC) && is_interruption_cr(n))
		return ia64_illegal_operation(v);
	if (val & rule->reserved)
		return ia64_reserved_register_field(v, 0);
	if ((n == CR_PTA && !pta_ok(val)) || (n == CR_IFS && !ifs_ok(val)))
		return ia64_reserved_register_field(v, 0);
	if (n == CR_ITV || n == CR_CMCV || n == CR_LRR0 || n == CR_LRR1)
		ia64_sapic_absorb(v);
	v->cr[n] = val & ~rule->ignored;
	switch (n) {
	case CR_ITM:
		ia64_timer_arm(v, val);
		break;
	case CR_TPR:
		ia64_sapic_unmasked(v);
		break;
	case CR_EOI:
		ia64_sapic_eoi(v);
		break;
	}
	return true;
}

/* How many registers a file has; indices beyond it raise Reserved Register/Field. */
static unsigned int file_size(enum ia64_regfile file)
{
	switch (file) {
	case IA64_RF_RR:
		return 8;
	case IA64_RF_PKR:
		return IA64_NR_PKR;
	case IA64_RF_IBR:
	case IA64_RF_DBR:
		return IA64_NR_DEBUG;
	case IA64_RF_PMC:
	case IA64_RF_PMD:
		return 256;
	case IA64_RF_CPUID:
		return IA64_NR_CPUID;
	case IA64_RF_MSR:
		return 0;
	}
	return 0;
}

/* The index is in the low 8 bits; a region register is named by the top bits of an address. */
static unsigned int file_index(enum ia64_regfile file, uint64_t index)
{
	return file == IA64_RF_RR ? (unsigned int)(index >> 61) : (unsigned int)index & 0xff;
}

bool ia64_indirect_read(struct vcpu *v, enum ia64_regfile file, uint64_t index, uint64_t *val)
{
	unsigned int n = file_index(file, index);

	if (n >= file_size(file))
		return ia64_reserved_register_field(v, 0);
	switch (file) {
	case IA64_RF_RR:
		*val = v->rr[n];
		break;
	case IA64_RF_PKR:
		*val = v->pkr[n];
		break;
	case IA64_RF_IBR:
		*val = v->ibr[n];
		break;
	case IA64_RF_DBR:
		*val = v->dbr[n];
		break;
	case IA64_RF_PMC:
		*val = ia64_pmc_read(v, n);
		break;
	case IA64_RF_PMD:
		*val = ia64_pmd_read(v, n);
		break;
	case IA64_RF_CPUID:
		*val = v->cpuid[n];
		break;
	case IA64_RF_MSR:
		break;
	}
	return true;
}

/* ve 0, ps 7:2, rid 31:8 (SDM 2:4.1.2). */
static bool rr_ok(uint64_t val)
{
	return !(val & (~0ull << 32 | 2)) && ia64_page_size_ok(val >> 2 & 0x3f);
}

/* At most one valid register holds a key (SDM 2:4.1.3). */
static void pkr_write(struct vcpu *v, unsigned int n, uint64_t val)
{
	unsigned int other;

	if (val & 1)
		for (other = 0; other < IA64_NR_PKR; other++)
			if ((v->pkr[other] ^ val) >> 8 == 0)
				v->pkr[other] &= ~1ull;
	v->pkr[n] = val;
	ia64_fast_flush(v);
	ia64_exec_flush(v);
}

bool ia64_indirect_write(struct vcpu *v, enum ia64_regfile file, uint64_t index, uint64_t val)
{
	unsigned int n = file_index(file, index);

	if (n >= file_size(file))
		return ia64_reserved_register_field(v, 0);
	switch (file) {
	case IA64_RF_RR:
		if (!rr_ok(val))
			return ia64_reserved_register_field(v, 0);
		ia64_rr_write(v, n, val);
		break;
	case IA64_RF_PKR:
		/* v, wd, rd, xd 3:0, key 31:8. */
		if (val & (~0ull << 32 | 0xf0))
			return ia64_reserved_register_field(v, 0);
		pkr_write(v, n, val);
		break;
	case IA64_RF_IBR:
		/* Odd registers: x 63, ignored 62:60, plm and mask below. */
		v->ibr[n] = n & 1 ? val & ~(7ull << 60) : val;
		break;
	case IA64_RF_DBR:
		/* Odd registers: r 63, w 62, ignored 61:60. */
		v->dbr[n] = n & 1 ? val & ~(3ull << 60) : val;
		ia64_fast_flush(v);
		break;
	case IA64_RF_PMC:
		ia64_pmc_write(v, n, val);
		break;
	case IA64_RF_PMD:
		ia64_pmd_write(v, n, val);
		break;
	case IA64_RF_CPUID:
	case IA64_RF_MSR:
		return ia64_reserved_register_field(v, 0);
	}
	return true;
}

/* Itanium 2, Madison: SDM 1:3.1.11 for the layout. */
static void cpuid_init(struct vcpu *v)
{
	memcpy(v->cpuid, "GenuineIntel\0\0\0\0", 16);
	v->cpuid[2] = 0;
	/* archrev 0, family 0x1f, model 1, revision 5, and the number of the last register. */
	v->cpuid[3] = 0x1full << 24 | 1 << 16 | 5 << 8 | 4;
	/* lb: brl; ao: 16-byte ld, st and cmp8xchg16. */
	v->cpuid[4] = 1 << 0 | 1 << 2;
}

void ia64_sysreg_reset(struct vcpu *v)
{
	unsigned int n;

	memset(v->gr, 0, sizeof(v->gr));
	memset(v->nat, 0, sizeof(v->nat));
	memset(v->bank_gr, 0, sizeof(v->bank_gr));
	memset(v->bank_nat, 0, sizeof(v->bank_nat));
	memset(v->pr, 0, sizeof(v->pr));
	v->pr[0] = 1;
	memset(v->br, 0, sizeof(v->br));
	memset(v->ar, 0, sizeof(v->ar));
	v->ar[AR_FPSR] = IA64_FPSR_DEFAULT;
	memset(v->fr, 0, sizeof(v->fr));
	v->fr[1] = IA64_FR_ONE;
	memset(v->cr, 0, sizeof(v->cr));
	v->cr[CR_PTA] = 15 << 2;
	v->cr[CR_LID] = (uint64_t)v->index << 24;
	v->cr[CR_ITV] = VECTOR_MASKED;
	v->cr[CR_PMV] = VECTOR_MASKED;
	v->cr[CR_CMCV] = VECTOR_MASKED;
	v->cr[CR_LRR0] = VECTOR_MASKED;
	v->cr[CR_LRR1] = VECTOR_MASKED;
	ia64_timer_disarm(v);
	atomic_store(&v->itm_matched, false);
	for (n = 0; n < 8; n++)
		v->rr[n] = IA64_MEM_PAGE_SHIFT << 2;
	memset(v->pkr, 0, sizeof(v->pkr));
	memset(v->ibr, 0, sizeof(v->ibr));
	memset(v->dbr, 0, sizeof(v->dbr));
	memset(v->itr, 0, sizeof(v->itr));
	memset(v->dtr, 0, sizeof(v->dtr));
	ia64_tlb_reload(v);
	ia64_pmu_reset(v);
	cpuid_init(v);
	for (n = 0; n < 4; n++) {
		atomic_store(&v->irr[n], 0);
		v->isr_in_service[n] = 0;
	}
	v->itc_offset = 0;
	v->psr = 0;
	v->view = NULL;
	/* SDM 2:11.2.2: what SALE_ENTRY is entered with. */
	ia64_set_psr(v, PSR_BN);
	v->ip = 0;
	v->ri = 0;
	v->branch_from = 0;
	v->branch_to = 0;
}
