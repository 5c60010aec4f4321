/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtual hash page table: hash functions and the walker (SDM 2:4.1.5 to 4.1.7). */
#include "ia64/tlb_impl.h"

#define PTA_VE (1ull << 0)
#define PTA_VF (1ull << 8)

static unsigned int pta_size(uint64_t pta)
{
	return (unsigned int)(pta >> 2) & 0x3f;
}

/*
 * The long-format hash is the implementation's own. The tag holds rid and the low 39 bits of the
 * page number; the rest of the page number is xor-ed into the lowest bits of the index, which every
 * table has, so that index and tag together name one page of one region.
 */
#define TAG_HPN_BITS 39

static uint64_t hash_long(uint64_t hpn, uint32_t rid)
{
	uint64_t low = hpn & ((1ull << TAG_HPN_BITS) - 1);

	return low ^ (uint64_t)rid * 0x1003f ^ hpn >> TAG_HPN_BITS;
}

uint64_t ia64_thash(const struct vcpu *v, uint64_t va)
{
	uint64_t pta = v->cr[CR_PTA], rr = v->rr[va_region(va)], offset, base, mask;
	uint64_t hpn = (va & VA_OFFSET_MASK) >> rr_ps(rr);

	mask = (1ull << pta_size(pta)) - 1;
	if (pta & PTA_VF) {
		offset = hash_long(hpn, rr_rid(rr)) << 5;
		base = pta;
	} else {
		offset = hpn << 3;
		base = (pta & VA_OFFSET_MASK) | (va & ~VA_OFFSET_MASK);
	}
	return (base & ~mask & ~0x7fffull) | (offset & mask & VA_OFFSET_MASK);
}

uint64_t ia64_ttag(const struct vcpu *v, uint64_t va)
{
	uint64_t rr = v->rr[va_region(va)];
	uint64_t hpn = (va & VA_OFFSET_MASK) >> rr_ps(rr);

	return (uint64_t)rr_rid(rr) << TAG_HPN_BITS | (hpn & ((1ull << TAG_HPN_BITS) - 1));
}

static bool walker_enabled(const struct vcpu *v, uint64_t va, unsigned int access)
{
	uint64_t need = PSR_DT;

	if (access & IA64_ACCESS_EXEC)
		need |= PSR_IT | PSR_IC;
	if (access & IA64_ACCESS_RSE)
		need |= PSR_RT;
	return (v->cr[CR_PTA] & PTA_VE) && rr_ve(v->rr[va_region(va)]) && (v->psr & need) == need;
}

static bool key_readable(const struct vcpu *v, uint32_t key)
{
	unsigned int n;

	if (!(v->psr & PSR_PK))
		return true;
	for (n = 0; n < IA64_NR_PKR; n++)
		if ((v->pkr[n] & 1) && (uint32_t)(v->pkr[n] >> 8) == key)
			return !(v->pkr[n] & 4);
	return false;
}

/*
 * The physical address of the table at va. The walker reads at privilege level 0 and gives up on
 * everything but a missing translation, which is the software's to supply.
 */
static enum vhpt_result table_address(const struct vcpu *v, uint64_t va, unsigned int size,
				      const uint8_t **p)
{
	const struct ia64_translation *t = tlb_find(v, false, va);

	if (!t)
		return VHPT_FAULT;
	if (!t->p || t->ma || !t->a || !key_readable(v, t->key))
		return VHPT_MISS;
	if ((v->psr & PSR_DB) && dbr_match(v, va, size, IA64_ACCESS_READ, 0))
		return VHPT_MISS;
	*p = ia64_memory_ptr(v->sys->mem, t->ppn_pa | (va & ((1ull << t->ps) - 1)), size);
	return *p ? VHPT_FOUND : VHPT_MISS;
}

static uint64_t table_load(const struct vcpu *v, const uint8_t *p)
{
	uint64_t val = __atomic_load_n((const uint64_t *)(const void *)p, __ATOMIC_ACQUIRE);

	return v->cr[CR_DCR] & DCR_BE ? __builtin_bswap64(val) : val;
}

enum vhpt_result vhpt_walk(const struct vcpu *v, uint64_t va, unsigned int access,
			   struct ia64_translation *t)
{
	bool is_long = v->cr[CR_PTA] & PTA_VF;
	uint64_t pte, itir, tag;
	enum vhpt_result found;
	const uint8_t *p;

	if (!walker_enabled(v, va, access))
		return VHPT_OFF;
	found = table_address(v, ia64_thash(v, va), is_long ? 32 : 8, &p);
	if (found != VHPT_FOUND)
		return found;
	if (is_long) {
		tag = ia64_ttag(v, va);
		if (table_load(v, p + 16) != tag)
			return VHPT_MISS;
		pte = table_load(v, p);
		itir = table_load(v, p + 8);
		/* Software that changes an entry makes its tag invalid meanwhile. */
		if (table_load(v, p + 16) != tag)
			return VHPT_MISS;
	} else {
		pte = table_load(v, p);
		itir = default_itir(v, va);
	}
	if (!tlb_decode(pte, itir, rr_rid(v->rr[va_region(va)]), va, t))
		return VHPT_MISS;
	if (t->pl < v->pl_floor)
		t->pl = v->pl_floor;
	return VHPT_FOUND;
}
