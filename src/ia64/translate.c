/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a virtual address and a kind of access to a physical address or a fault: the checks of SDM
 * 2:4.1 in the order of SDM 2:5.4 (Table 5-6), and the contents of isr, ifa, itir and iha that
 * SDM 2:8 gives for each.
 */
#include "ia64/debug.h"
#include "ia64/interruption.h"
#include "ia64/tlb_impl.h"

enum {
	MA_WB = 0,
	MA_UC = 4,
	MA_NATPAGE = 7,
};

/* isr.code<3:0> of non-access instructions, SDM 2:5.6 (Table 5-1). */
enum {
	NA_TPA = 0,
	NA_FC = 1,
	NA_PROBE = 2,
	NA_TAK = 3,
	NA_PROBE_FAULT = 5,
};

#define ISR_CODE_NATPAGE 0x20

/* PKR bits, SDM 2:4.1.3. */
#define PKR_V 1
#define PKR_WD 2
#define PKR_RD 4
#define PKR_XD 8

/* Unimplemented bits of a physical address: all between the attribute bit 63 and the last one. */
#define PA_UNIMPLEMENTED (~((1ull << IA64_IMPL_PA_BITS) - 1) & ~(1ull << 63))

/* What is known of an access while it is checked. */
struct request {
	uint64_t va;
	unsigned int size, access, na_code, level;
	bool defer; /* a deferrable condition was met: goes on only to see if another one faults */
};

/* Is the page that holds the current instruction marked for recovery (ITLB.ed)? */
static bool code_ed(struct vcpu *v)
{
	const struct ia64_translation *t;
	struct ia64_translation walked;

	if (!(v->psr & PSR_IT))
		return false;
	ia64_sync_ip(v);
	t = tlb_find(v, true, v->ip);
	/* Code that runs need not have been fetched lately. */
	if (!t && vhpt_walk(v, v->ip, IA64_ACCESS_EXEC, &walked) == VHPT_FOUND)
		t = &walked;
	return t && t->ed;
}

/* SDM 2:5.5.5, Table 5-4. dcr_bits 0: no bit of the DCR is asked. */
static bool deferred(struct vcpu *v, struct request *rq, uint64_t dcr_bit)
{
	if (!(rq->access & IA64_ACCESS_SPEC))
		return false;
	if ((v->psr & PSR_IC) && !(code_ed(v) && (!dcr_bit || (v->cr[CR_DCR] & dcr_bit))))
		return false;
	rq->defer = true;
	return true;
}

static uint64_t request_isr(struct vcpu *v, const struct request *rq)
{
	uint64_t isr = 0;

	if (rq->access & IA64_ACCESS_EXEC)
		return ISR_X;
	if (rq->access & IA64_ACCESS_READ)
		isr |= ISR_R;
	if (rq->access & IA64_ACCESS_WRITE)
		isr |= ISR_W;
	if (rq->access & IA64_ACCESS_SPEC)
		isr |= ISR_SP;
	if (rq->access & IA64_ACCESS_NA)
		isr |= ISR_NA | rq->na_code;
	if (rq->access & IA64_ACCESS_RSE)
		isr |= ISR_RS;
	else if (code_ed(v))
		isr |= ISR_ED;
	return isr;
}

/* Faults that leave the address alone in ifa. */
static enum ia64_xlate address_fault(struct vcpu *v, enum ia64_vector vector, uint64_t isr,
				     const struct request *rq)
{
	if (v->psr & PSR_IC)
		v->cr[CR_IFA] = rq->va;
	ia64_fault(v, vector, isr);
	return IA64_XLATE_FAULT;
}

/* Faults about a translation: ifa and the default itir. */
static enum ia64_xlate page_fault(struct vcpu *v, enum ia64_vector vector, struct request *rq)
{
	if (v->psr & PSR_IC)
		v->cr[CR_ITIR] = default_itir(v, rq->va);
	return address_fault(v, vector, request_isr(v, rq), rq);
}

static enum ia64_xlate natpage_fault(struct vcpu *v, struct request *rq)
{
	uint64_t isr = request_isr(v, rq) & ~ISR_ED;

	if (v->psr & PSR_IC)
		v->cr[CR_ITIR] = default_itir(v, rq->va);
	return address_fault(v, IA64_NAT_CONSUMPTION_VECTOR, isr | ISR_CODE_NATPAGE, rq);
}

/*
 * Finds the entry for rq->va, walking the VHPT if need be. OK with *found NULL: a speculative
 * access that is deferred, or a look-up that must not fault (tak).
 */
static enum ia64_xlate find_entry(struct vcpu *v, struct request *rq,
				  const struct ia64_translation **found,
				  struct ia64_translation *walked)
{
	bool exec = rq->access & IA64_ACCESS_EXEC;
	enum ia64_vector vector;

	*found = tlb_find(v, exec, rq->va);
	if (*found)
		return IA64_XLATE_OK;
	v->count_tlb_miss++;
	switch (vhpt_walk(v, rq->va, rq->access, walked)) {
	case VHPT_FOUND:
		if (tlb_insert_tc(v, exec, walked)) {
			*found = walked;
			return IA64_XLATE_OK;
		}
		vector = exec ? IA64_ITLB_VECTOR : IA64_DTLB_VECTOR;
		break;
	case VHPT_MISS:
		vector = exec ? IA64_ITLB_VECTOR : IA64_DTLB_VECTOR;
		break;
	case VHPT_FAULT:
		vector = IA64_VHPT_VECTOR;
		break;
	default:
		vector = exec ? IA64_ALT_ITLB_VECTOR : IA64_ALT_DTLB_VECTOR;
		break;
	}
	if ((rq->access & IA64_ACCESS_NA) && rq->na_code == NA_TAK)
		return IA64_XLATE_OK;
	if (deferred(v, rq, DCR_DM))
		return IA64_XLATE_OK;
	if (!exec && !(v->psr & PSR_IC)) {
		/* Collects nothing, not even isr. */
		uint64_t isr = v->cr[CR_ISR];

		ia64_fault(v, IA64_NESTED_DTLB_VECTOR, 0);
		v->cr[CR_ISR] = isr;
		return IA64_XLATE_FAULT;
	}
	if ((v->psr & PSR_IC) && vector != IA64_ALT_ITLB_VECTOR && vector != IA64_ALT_DTLB_VECTOR)
		v->cr[CR_IHA] = ia64_thash(v, rq->va);
	return page_fault(v, vector, rq);
}

static const uint64_t *find_key(const struct vcpu *v, uint32_t key)
{
	unsigned int n;

	for (n = 0; n < IA64_NR_PKR; n++)
		if ((v->pkr[n] & PKR_V) && (uint32_t)(v->pkr[n] >> 8) == key)
			return &v->pkr[n];
	return NULL;
}

static bool key_permits(uint64_t pkr, unsigned int access)
{
	return !((access & IA64_ACCESS_READ && pkr & PKR_RD) ||
		 (access & IA64_ACCESS_WRITE && pkr & PKR_WD) ||
		 (access & IA64_ACCESS_EXEC && pkr & PKR_XD));
}

/* TLB.ar and TLB.pl against the level of the access, SDM 2:4.1.1.6 (Table 4-2). */
static bool rights_permit(const struct ia64_translation *t, unsigned int level,
			  unsigned int access)
{
	unsigned int rights = 0;
	const unsigned int r = IA64_ACCESS_READ, w = IA64_ACCESS_WRITE, x = IA64_ACCESS_EXEC;

	if (level > t->pl)
		return t->ar == 7 && !(access & (r | w));
	switch (t->ar) {
	case 0:
		rights = r;
		break;
	case 1:
		rights = r | x;
		break;
	case 2:
		rights = r | w;
		break;
	case 3:
		rights = r | w | x;
		break;
	case 4:
		rights = level < t->pl || !level ? r | w : r;
		break;
	case 5:
		rights = level ? r | x : r | w | x;
		break;
	case 6:
		rights = level && level == t->pl ? r | w | x : r | w;
		break;
	case 7:
		rights = level ? x : r | x;
		break;
	}
	return !(access & (r | w | x) & ~rights);
}

/* The bits of an odd breakpoint register, SDM 2:7.1.1. */
#define BR_MASK ((1ull << 56) - 1)
#define BR_R (1ull << 63)
#define BR_W (1ull << 62)

bool dbr_match(const struct vcpu *v, uint64_t va, unsigned int size, unsigned int access,
	       unsigned int level)
{
	unsigned int n, i;

	for (n = 0; n < IA64_NR_DEBUG; n += 2) {
		uint64_t control = v->dbr[n + 1], compare = (control & BR_MASK) | ~BR_MASK;

		if (!((access & IA64_ACCESS_READ && control & BR_R) ||
		      (access & IA64_ACCESS_WRITE && control & BR_W)))
			continue;
		if (!(control >> (56 + level) & 1))
			continue;
		for (i = 0; i < size; i++)
			if (!(((va + i) ^ v->dbr[n]) & compare))
				return true;
	}
	return false;
}

bool dbr_in_page(const struct vcpu *v, uint64_t va)
{
	unsigned int n;

	for (n = 0; n < IA64_NR_DEBUG; n += 2) {
		uint64_t control = v->dbr[n + 1], compare = (control & BR_MASK) | ~BR_MASK;

		if ((control & (BR_R | BR_W)) &&
		    !((va ^ v->dbr[n]) & compare & ~(IA64_MEM_PAGE_SIZE - 1)))
			return true;
	}
	return false;
}

/* 10-byte operands are aligned to 16. */
static bool misaligned(const struct request *rq)
{
	return rq->size && rq->va & ((rq->size == 10 ? 16 : rq->size) - 1);
}

/*
 * The checks after translation: breakpoints, alignment, what the memory attribute does not support.
 * FAULT, or OK with rq->defer perhaps set.
 */
static enum ia64_xlate reference_checks(struct vcpu *v, struct request *rq, unsigned int ma)
{
	bool own = !(rq->access & IA64_ACCESS_RSE); /* psr.dd is about the instruction's own */
	const unsigned int ordered = IA64_ACCESS_SEMAPHORE | IA64_ACCESS_ORDERED;

	if ((v->psr & PSR_DB) && !(own && v->psr & PSR_DD) &&
	    dbr_match(v, rq->va, rq->size, rq->access, rq->level) && !deferred(v, rq, DCR_DD))
		return address_fault(v, IA64_DEBUG_VECTOR, request_isr(v, rq), rq);
	if (rq->access & IA64_ACCESS_NA)
		return IA64_XLATE_OK;
	if (misaligned(rq) && ((v->psr & PSR_AC) || (rq->access & ordered) || ma != MA_WB) &&
	    !deferred(v, rq, 0))
		return address_fault(v, IA64_UNALIGNED_VECTOR, request_isr(v, rq), rq);
	if (ma != MA_WB && ((rq->access & IA64_ACCESS_SEMAPHORE) || rq->size == 10 ||
			    (rq->size == 16 && rq->access & IA64_ACCESS_ORDERED)) &&
	    !deferred(v, rq, 0))
		return address_fault(v, IA64_UNSUPPORTED_DATA_VECTOR, request_isr(v, rq), rq);
	return IA64_XLATE_OK;
}

/* Lines for a page are made for those around it as well, as far as one translation goes. */
#define FILL_PS 14

/*
 * Fast lines after an access that was permitted to a page of log2 size `ps`. `writes`: where a
 * store may go, a load may as well.
 */
static void fill(struct vcpu *v, const struct request *rq, bool virt, uint64_t pa, unsigned int ps,
		 bool writes)
{
	unsigned int view = virt ? ia64_level_view(v, rq->level) : IA64_VIEW_PHYS;
	uint64_t size = 1ull << (ps < FILL_PS ? ps : FILL_PS), from = rq->va & -size, at;
	uint8_t attr;

	if (view == IA64_VIEW_SLOW || (view == IA64_VIEW_USER && rq->level != v->user_level))
		return;
	for (at = from; at != from + size; at += IA64_MEM_PAGE_SIZE) {
		attr = ia64_memory_attr(v->sys->mem, (pa & -size) + (at - from));
		if (!(attr & IA64_PAGE_RAM) || dbr_in_page(v, at) || ia64_debug_watches_page(v, at))
			continue;
		if (rq->access & IA64_ACCESS_READ)
			fast_fill(v, view, at, (pa & -size) + (at - from), false);
		if ((rq->access & IA64_ACCESS_WRITE) && writes && !(attr & IA64_PAGE_RO))
			fast_fill(v, view, at, (pa & -size) + (at - from), true);
	}
}

/* A protection key may forbid loads alone. */
static bool key_permits_loads(const struct vcpu *v, uint32_t key)
{
	const uint64_t *pkr = v->psr & PSR_PK ? find_key(v, key) : NULL;

	return !pkr || key_permits(*pkr, IA64_ACCESS_READ);
}

/* psr.dt, rt or it is 0: SDM 2:4.4.1. */
static enum ia64_xlate translate_physical(struct vcpu *v, struct request *rq,
					  struct ia64_xlate_result *res)
{
	bool exec = rq->access & IA64_ACCESS_EXEC;

	*res = (struct ia64_xlate_result){
		.pa = rq->va & ~(1ull << 63),
		.ma = rq->va >> 63 ? MA_UC : MA_WB,
		.ps = IA64_MEM_PAGE_SHIFT,
	};
	if (rq->va & PA_UNIMPLEMENTED) {
		if (exec) {
			/* Unimplemented Instruction Address fault: SDM 2:8 at 0x5e00. */
			ia64_fault(v, IA64_LOWER_PRIV_VECTOR, 0x10);
			return IA64_XLATE_FAULT;
		}
		if (rq->access & IA64_ACCESS_SPEC)
			return IA64_XLATE_DEFER;
		ia64_unimplemented_data_address(v, request_isr(v, rq), rq->va);
		return IA64_XLATE_FAULT;
	}
	if (exec)
		return IA64_XLATE_OK;
	if (reference_checks(v, rq, res->ma) == IA64_XLATE_FAULT)
		return IA64_XLATE_FAULT;
	if (rq->defer || ((rq->access & IA64_ACCESS_SPEC) && res->ma != MA_WB))
		return IA64_XLATE_DEFER;
	if (!(rq->access & IA64_ACCESS_NA) && res->ma == MA_WB)
		fill(v, rq, false, res->pa, FILL_PS, true);
	return IA64_XLATE_OK;
}

static enum ia64_xlate translate_exec(struct vcpu *v, struct request *rq,
				      struct ia64_xlate_result *res)
{
	const struct ia64_translation *t;
	struct ia64_translation walked;
	enum ia64_xlate x;

	x = find_entry(v, rq, &t, &walked);
	if (x != IA64_XLATE_OK)
		return x;
	if (!t->p)
		return page_fault(v, IA64_PAGE_NOT_PRESENT_VECTOR, rq);
	if (t->ma == MA_NATPAGE)
		return natpage_fault(v, rq);
	if (v->psr & PSR_PK) {
		const uint64_t *pkr = find_key(v, t->key);

		if (!pkr)
			return page_fault(v, IA64_IKEY_MISS_VECTOR, rq);
		if (!key_permits(*pkr, rq->access))
			return page_fault(v, IA64_KEY_PERMISSION_VECTOR, rq);
	}
	if (!rights_permit(t, rq->level, rq->access))
		return page_fault(v, IA64_IACCESS_RIGHTS_VECTOR, rq);
	if (!t->a && !(v->psr & PSR_IA))
		return page_fault(v, IA64_IACCESS_BIT_VECTOR, rq);
	*res = (struct ia64_xlate_result){
		.pa = t->ppn_pa | (rq->va & ((1ull << t->ps) - 1)),
		.ma = t->ma,
		.ps = t->ps,
		.ed = t->ed,
		.ar = t->ar,
		.pl = t->pl,
	};
	return IA64_XLATE_OK;
}

/* Dirty and access bits. */
static enum ia64_xlate bit_checks(struct vcpu *v, struct request *rq,
				  const struct ia64_translation *t)
{
	if ((v->psr & PSR_DA) && !(rq->access & IA64_ACCESS_RSE))
		return IA64_XLATE_OK;
	if ((rq->access & IA64_ACCESS_WRITE) && !t->d)
		return page_fault(v, IA64_DIRTY_BIT_VECTOR, rq);
	if (!t->a && !deferred(v, rq, DCR_DA))
		return page_fault(v, IA64_DACCESS_BIT_VECTOR, rq);
	return IA64_XLATE_OK;
}

/*
 * A virtual data reference or non-access instruction. *denied, if not NULL, turns what keys and
 * rights forbid into an answer instead of a fault (probe without .fault).
 */
static enum ia64_xlate translate_data(struct vcpu *v, struct request *rq,
				      struct ia64_xlate_result *res, bool *denied)
{
	bool na = rq->access & IA64_ACCESS_NA, fc = na && rq->na_code == NA_FC;
	const struct ia64_translation *t;
	struct ia64_translation walked;
	enum ia64_xlate x;

	x = find_entry(v, rq, &t, &walked);
	if (x != IA64_XLATE_OK)
		return x;
	if (!t) {
		x = reference_checks(v, rq, MA_WB);
		return x == IA64_XLATE_OK ? IA64_XLATE_DEFER : x;
	}
	*res = (struct ia64_xlate_result){
		.pa = t->ppn_pa | (rq->va & ((1ull << t->ps) - 1)),
		.ma = t->ma,
		.ps = t->ps,
		.ed = t->ed,
		.ar = t->ar,
		.pl = t->pl,
	};
	if (!t->p) {
		if (!deferred(v, rq, DCR_DP))
			return page_fault(v, IA64_PAGE_NOT_PRESENT_VECTOR, rq);
		x = reference_checks(v, rq, MA_WB);
		return x == IA64_XLATE_OK ? IA64_XLATE_DEFER : x;
	}
	if (t->ma == MA_NATPAGE) {
		if (rq->access & IA64_ACCESS_SPEC)
			return IA64_XLATE_DEFER;
		return natpage_fault(v, rq);
	}
	if (na && rq->na_code == NA_TPA)
		return IA64_XLATE_OK;
	if ((v->psr & PSR_PK) && !fc) {
		const uint64_t *pkr = find_key(v, t->key);

		if (!pkr) {
			if (!deferred(v, rq, DCR_DK))
				return page_fault(v, IA64_DKEY_MISS_VECTOR, rq);
		} else if (!key_permits(*pkr, rq->access)) {
			if (denied)
				*denied = true;
			else if (!deferred(v, rq, DCR_DX))
				return page_fault(v, IA64_KEY_PERMISSION_VECTOR, rq);
		}
	}
	if (!rights_permit(t, rq->level, rq->access)) {
		if (denied)
			*denied = true;
		else if (!deferred(v, rq, DCR_DR))
			return page_fault(v, IA64_DACCESS_RIGHTS_VECTOR, rq);
	}
	if (fc || denied)
		return IA64_XLATE_OK;
	x = bit_checks(v, rq, t);
	if (x != IA64_XLATE_OK)
		return x;
	x = reference_checks(v, rq, t->ma);
	if (x != IA64_XLATE_OK)
		return x;
	if (rq->defer || ((rq->access & IA64_ACCESS_SPEC) && t->ma != MA_WB))
		return IA64_XLATE_DEFER;
	if (!na && t->ma == MA_WB && t->a)
		fill(v, rq, true, res->pa, t->ps, t->d && key_permits_loads(v, t->key));
	return IA64_XLATE_OK;
}

enum ia64_xlate ia64_translate(struct vcpu *v, uint64_t va, unsigned int size, unsigned int access,
			       unsigned int na_code, struct ia64_xlate_result *res)
{
	struct request rq = {
		.va = va,
		.size = size,
		.access = access,
		.na_code = na_code,
		.level = access & IA64_ACCESS_RSE ? (unsigned int)(v->ar[AR_RSC] >> 2) & 3 : v->cpl,
	};
	uint64_t bit = PSR_DT;

	if (access & IA64_ACCESS_LFETCH)
		return IA64_XLATE_NONE;
	if (access & IA64_ACCESS_EXEC)
		bit = PSR_IT;
	else if (access & IA64_ACCESS_RSE)
		bit = PSR_RT;
	/* psr.ed: the load is not done at all, whatever would come of it. */
	if ((access & IA64_ACCESS_SPEC) && (v->psr & PSR_ED))
		return IA64_XLATE_DEFER;
	if (!(v->psr & bit))
		return translate_physical(v, &rq, res);
	if (access & IA64_ACCESS_EXEC)
		return translate_exec(v, &rq, res);
	return translate_data(v, &rq, res, NULL);
}

bool ia64_translate_quiet(struct vcpu *v, uint64_t va, bool exec, uint64_t *pa)
{
	unsigned int access = exec ? IA64_ACCESS_EXEC : IA64_ACCESS_READ;
	const struct ia64_translation *t;
	struct ia64_translation walked;

	if (!(v->psr & (exec ? PSR_IT : PSR_DT))) {
		*pa = va & ~(1ull << 63);
		return true;
	}
	t = tlb_find(v, exec, va);
	if (!t)
		t = tlb_find(v, !exec, va);
	if (!t && vhpt_walk(v, va, access, &walked) == VHPT_FOUND)
		t = &walked;
	if (!t)
		return v->sys->platform.unmapped &&
		       v->sys->platform.unmapped(v->sys->platform.ctx, v, va, pa);
	if (!t->p)
		return false;
	*pa = t->ppn_pa | (va & ((1ull << t->ps) - 1));
	return true;
}

bool ia64_fetch_quiet(struct vcpu *v, uint64_t va, unsigned int cpl, uint64_t *pa)
{
	const struct ia64_translation *t;
	struct ia64_translation walked;
	const uint64_t *pkr;

	if (!(v->psr & PSR_IT))
		return ia64_translate_quiet(v, va, true, pa);
	t = tlb_find(v, true, va);
	if (!t && vhpt_walk(v, va, IA64_ACCESS_EXEC, &walked) == VHPT_FOUND)
		t = &walked;
	if (!t || !t->p || t->ma == MA_NATPAGE || !rights_permit(t, cpl, IA64_ACCESS_EXEC) ||
	    (!t->a && !(v->psr & PSR_IA)))
		return false;
	if (v->psr & PSR_PK) {
		pkr = find_key(v, t->key);
		if (!pkr || !key_permits(*pkr, IA64_ACCESS_EXEC))
			return false;
	}
	/* What has been walked to is inserted: so a purge of it raises exec_epoch. */
	if (t == &walked && !tlb_insert_tc(v, true, t))
		return false;
	*pa = t->ppn_pa | (va & ((1ull << t->ps) - 1));
	return true;
}

bool ia64_tpa(struct vcpu *v, uint64_t va, uint64_t *pa)
{
	struct request rq = { .va = va, .access = IA64_ACCESS_NA, .na_code = NA_TPA };
	struct ia64_xlate_result res;

	if (translate_data(v, &rq, &res, NULL) != IA64_XLATE_OK)
		return false;
	*pa = res.pa;
	return true;
}

bool ia64_tak(struct vcpu *v, uint64_t va, uint64_t *key)
{
	struct request rq = { .va = va, .access = IA64_ACCESS_NA, .na_code = NA_TAK };
	const struct ia64_translation *t;
	struct ia64_translation walked;

	if (find_entry(v, &rq, &t, &walked) != IA64_XLATE_OK)
		return false;
	*key = t && t->p ? (uint64_t)t->key << 8 : 1;
	return true;
}

bool ia64_probe(struct vcpu *v, uint64_t va, unsigned int access, unsigned int level, bool fault,
		bool *permitted)
{
	struct request rq = {
		.va = va,
		.access = access | IA64_ACCESS_NA,
		.na_code = fault ? NA_PROBE_FAULT : NA_PROBE,
		.level = level > v->cpl ? level : v->cpl,
	};
	struct ia64_xlate_result res;
	bool denied = false;

	/* A fault form looks at the byte at va for breakpoints. */
	rq.size = fault ? 1 : 0;
	if (translate_data(v, &rq, &res, fault ? NULL : &denied) != IA64_XLATE_OK)
		return false;
	*permitted = !denied;
	return true;
}
