/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What tlb.c, vhpt.c and translate.c share; nobody else includes it. */
#ifndef PARAVANE_IA64_TLB_IMPL_H
#define PARAVANE_IA64_TLB_IMPL_H

#include "ia64/tlb.h"

#define TC_WAYS 4
#define TC_SETS 1024

/*
 * A translation cache. An entry's set comes from its rid, page size and page number, so that a
 * look-up tries each page size that is in the cache at all. Replacement goes round within a set,
 * which makes runs repeatable.
 */
struct ia64_tc {
	struct ia64_translation entry[TC_SETS][TC_WAYS];
	uint8_t next[TC_SETS];
	uint32_t count[64];  /* valid entries, by log2 of the page size */
	uint64_t sizes;      /* bit ps is set while count[ps] is not 0 */
	uint64_t tr_valid;   /* bit n: TR n of the same kind is valid */
};

/* Offsets in a region: bits 60:0 of a virtual address. */
#define VA_OFFSET_MASK ((1ull << 61) - 1)

static inline unsigned int va_region(uint64_t va)
{
	return (unsigned int)(va >> 61);
}

/* Fields of a region register, SDM 2:4.1.2. */
static inline uint32_t rr_rid(uint64_t rr)
{
	return (uint32_t)(rr >> 8) & ((1u << IA64_RID_BITS) - 1);
}

static inline unsigned int rr_ps(uint64_t rr)
{
	return (unsigned int)(rr >> 2) & 0x3f;
}

static inline bool rr_ve(uint64_t rr)
{
	return rr & 1;
}

/* cr.itir as a fault sets it: preferred page size and rid of va's region. SDM 2:4.1.8. */
static inline uint64_t default_itir(const struct vcpu *v, uint64_t va)
{
	uint64_t rr = v->rr[va_region(va)];

	return (uint64_t)rr_rid(rr) << 8 | rr_ps(rr) << 2;
}

/* The TR or TC entry that translates va, or NULL. Nothing changes. */
const struct ia64_translation *tlb_find(const struct vcpu *v, bool instruction, uint64_t va);

/*
 * A translation from the insertion format (SDM 2:4.1.1.5); va as in cr.ifa, itir as in cr.itir.
 * False when a reserved field is not zero, or a reserved encoding or page size is used.
 */
bool tlb_decode(uint64_t pte, uint64_t itir, uint32_t rid, uint64_t va,
		struct ia64_translation *t);

/*
 * Puts *t into the TC in the place of what it overlaps there. False, and nothing done, when it
 * overlaps a TR.
 */
bool tlb_insert_tc(struct vcpu *v, bool instruction, const struct ia64_translation *t);

enum vhpt_result {
	VHPT_OFF,    /* the walker is not enabled for this reference: Alternate TLB fault */
	VHPT_FOUND,  /* *t is what the table holds */
	VHPT_MISS,   /* no entry, or the walk was aborted: TLB fault */
	VHPT_FAULT,  /* the table itself is not mapped: VHPT Translation fault */
};

/* Looks va up in the VHPT (SDM 2:4.1.5 to 4.1.8). Inserts nothing, faults nothing. */
enum vhpt_result vhpt_walk(const struct vcpu *v, uint64_t va, unsigned int access,
			   struct ia64_translation *t);

/* Does a data breakpoint match: SDM 2:7.1. `level` is the access's privilege level. */
bool dbr_match(const struct vcpu *v, uint64_t va, unsigned int size, unsigned int access,
	       unsigned int level);
/* Is there any data breakpoint, for any access and level, in va's 4 KiB page? */
bool dbr_in_page(const struct vcpu *v, uint64_t va);

/* Makes an entry for the 4 KiB page of va in a view. */
void fast_fill(struct vcpu *v, unsigned int view, uint64_t va, uint64_t pa, bool write);

#endif
