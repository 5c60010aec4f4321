/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The register stack engine: frames in the host's array, stores and loads of the backing store. */
#include "ia64/rse.h"

#include <string.h>

#include "ia64/alat.h"
#include "ia64/interruption.h"
#include "ia64/mem.h"

/* ar.rsc, SDM 2:6.5.1. */
#define RSC_MODE 3ull
#define RSC_PL_SHIFT 2
#define RSC_PL (3ull << RSC_PL_SHIFT)
#define RSC_BE (1ull << 4)
#define RSC_LOADRS_SHIFT 16
#define RSC_LOADRS (0x3fffull << RSC_LOADRS_SHIFT)
#define RSC_IMPLEMENTED (RSC_MODE | RSC_PL | RSC_BE | RSC_LOADRS)

/* Room kept on either side of the current frame: two full register files. */
#define STK_MARGIN (2 * IA64_STACKED_PHYS + 64)
#define STK_MIDDLE (IA64_STK_SIZE / 2)

#define NR_ROTATING_PR 48
#define NR_ROTATING_FR 96

/* Slot of a backing store address in its group of 63 registers and one NaT collection (63). */
static unsigned int slot_of(uint64_t addr)
{
	return addr >> 3 & 0x3f;
}

uint64_t ia64_rse_skip(uint64_t bsp, int64_t n)
{
	int64_t slot = slot_of(bsp);

	/* C's division rounds towards zero, which is what SDM 2:6.5.3 wants on either side. */
	if (n >= 0)
		return bsp + 8 * (uint64_t)(n + (slot + n) / 63);
	return bsp + 8 * (uint64_t)(n - (62 - slot - n) / 63);
}

uint64_t ia64_rse_bsp(const struct ia64_rse *rse)
{
	return ia64_rse_skip(rse->bspstore, rse->ndirty - rse->missing);
}

uint64_t ia64_cfm(const struct ia64_rse *rse)
{
	return rse->sof | (uint64_t)rse->sol << 7 | (uint64_t)(rse->sor / 8) << 14 |
	       (uint64_t)rse->rrb_gr << 18 | (uint64_t)rse->rrb_fr << 25 |
	       (uint64_t)rse->rrb_pr << 32;
}

static unsigned int at_most(unsigned int n, unsigned int max)
{
	return n < max ? n : max;
}

void ia64_rse_turn_predicates(struct vcpu *v, unsigned int n)
{
	uint8_t twice[2 * NR_ROTATING_PR];

	memcpy(twice, v->pr + 16, NR_ROTATING_PR);
	memcpy(twice + NR_ROTATING_PR, v->pr + 16, NR_ROTATING_PR);
	memcpy(v->pr + 16, twice + NR_ROTATING_PR - n % NR_ROTATING_PR, NR_ROTATING_PR);
}

/* Predicates are kept as the program names them, so that a change of rrb.pr moves them. */
static void move_predicates(struct vcpu *v, unsigned int rrb_pr)
{
	ia64_rse_turn_predicates(v, NR_ROTATING_PR + v->rse.rrb_pr - rrb_pr);
	v->rse.rrb_pr = rrb_pr;
}

static inline void set_rrb_pr(struct vcpu *v, unsigned int rrb_pr)
{
	if (rrb_pr != v->rse.rrb_pr)
		move_predicates(v, rrb_pr);
}

static void set_frame(struct vcpu *v, unsigned int sof, unsigned int sol, unsigned int sor)
{
	v->rse.sof = at_most(sof, IA64_STACKED_PHYS);
	v->rse.sol = at_most(sol, v->rse.sof);
	v->rse.sor = at_most(sor, v->rse.sof & ~7u);
}

void ia64_set_cfm(struct vcpu *v, uint64_t cfm)
{
	unsigned int rrb_gr = cfm >> 18 & 0x7f, rrb_fr = cfm >> 25 & 0x7f;
	unsigned int rrb_pr = cfm >> 32 & 0x3f;

	set_frame(v, ia64_cfm_sof(cfm), ia64_cfm_sol(cfm), ia64_cfm_sor(cfm));
	v->rse.rrb_gr = rrb_gr < v->rse.sor ? rrb_gr : 0;
	v->rse.rrb_fr = rrb_fr < NR_ROTATING_FR ? rrb_fr : 0;
	set_rrb_pr(v, rrb_pr < NR_ROTATING_PR ? rrb_pr : 0);
}

static void no_frame(struct vcpu *v)
{
	set_frame(v, 0, 0, 0);
	ia64_rse_clear_rrb(v, false);
}

void ia64_rse_clear_rrb(struct vcpu *v, bool pr_only)
{
	if (!pr_only) {
		v->rse.rrb_gr = 0;
		v->rse.rrb_fr = 0;
	}
	set_rrb_pr(v, 0);
}

void ia64_rse_rotate(struct vcpu *v)
{
	struct ia64_rse *rse = &v->rse;
	uint8_t last = v->pr[63];

	if (rse->sor)
		rse->rrb_gr = (rse->rrb_gr ? rse->rrb_gr : rse->sor) - 1;
	rse->rrb_fr = (rse->rrb_fr ? rse->rrb_fr : NR_ROTATING_FR) - 1;
	rse->rrb_pr = (rse->rrb_pr ? rse->rrb_pr : NR_ROTATING_PR) - 1;
	memmove(v->pr + 17, v->pr + 16, NR_ROTATING_PR - 1);
	v->pr[16] = last;
}

void ia64_rse_reset(struct vcpu *v)
{
	memset(&v->rse, 0, sizeof(v->rse));
	v->rse.bof = STK_MIDDLE;
	v->rse.sof = IA64_STACKED_PHYS;
}

/* Moves the resident registers to the middle of the array when the frame runs against an end. */
static void move_to_middle(struct vcpu *v)
{
	struct ia64_rse *rse = &v->rse;
	uint32_t first = rse->bof - rse->ndirty;
	uint32_t count = rse->ndirty + rse->sof;

	memmove(rse->stk + STK_MIDDLE - rse->ndirty, rse->stk + first, count * sizeof(*rse->stk));
	memmove(rse->stk_nat + STK_MIDDLE - rse->ndirty, rse->stk_nat + first, count);
	rse->bof = STK_MIDDLE;
	/* An ALAT entry names its register by the place in the array. */
	ia64_alat_flush(v);
}

void ia64_rse_recentre(struct vcpu *v)
{
	move_to_middle(v);
}

static inline void recentre(struct vcpu *v)
{
	if (v->rse.bof - STK_MARGIN > IA64_STK_SIZE - 2 * STK_MARGIN)
		move_to_middle(v);
}

/* The lines plain accesses of the RSE's privilege level and translation may use, or NULL. */
static struct ia64_fast_tlb *rse_view(struct vcpu *v)
{
	unsigned int pl = (v->ar[AR_RSC] & RSC_PL) >> RSC_PL_SHIFT;
	unsigned int view;

	if ((v->ar[AR_RSC] & RSC_BE) || (v->psr & PSR_BE))
		return NULL;
	if (!(v->psr & PSR_RT))
		return &v->views[IA64_VIEW_PHYS];
	view = ia64_level_view(v, pl);
	if (view == IA64_VIEW_USER && pl != v->user_level)
		return NULL;
	return &v->views[view];
}

static bool rse_store(struct vcpu *v, uint64_t addr, uint64_t val)
{
	struct ia64_fast_tlb *view = rse_view(v);
	uint64_t *p = view ? ia64_fast_ptr(view->wr, addr, 8) : NULL;

	if (!p)
		return ia64_store_slow(v, addr, 8, IA64_ACCESS_WRITE | IA64_ACCESS_RSE, val) ==
		       IA64_XLATE_OK;
	__atomic_store_n(p, val, __ATOMIC_RELAXED);
	return true;
}

static bool rse_load(struct vcpu *v, uint64_t addr, uint64_t *val)
{
	struct ia64_fast_tlb *view = rse_view(v);
	uint64_t *p = view ? ia64_fast_ptr(view->rd, addr, 8) : NULL;

	if (!p)
		return ia64_load_slow(v, addr, 8, IA64_ACCESS_READ | IA64_ACCESS_RSE, val) ==
		       IA64_XLATE_OK;
	*val = __atomic_load_n(p, __ATOMIC_RELAXED);
	return true;
}

/* Stores the NaT collection if bspstore has come to one. */
static bool store_collection(struct vcpu *v)
{
	struct ia64_rse *rse = &v->rse;

	if (slot_of(rse->bspstore) != 63)
		return true;
	if (!rse_store(v, rse->bspstore, rse->rnat & ~(1ull << 63)))
		return false;
	rse->bspstore += 8;
	rse->rnat = 0;
	return true;
}

/* Stores the oldest dirty register, and the NaT collection that follows it. */
static bool store_oldest(struct vcpu *v)
{
	struct ia64_rse *rse = &v->rse;
	uint32_t oldest = rse->bof - rse->ndirty;
	uint64_t bit;

	if (!store_collection(v))
		return false;
	bit = 1ull << slot_of(rse->bspstore);
	if (!rse_store(v, rse->bspstore, rse->stk[oldest]))
		return false;
	rse->rnat = rse->stk_nat[oldest] ? rse->rnat | bit : rse->rnat & ~bit;
	rse->bspstore += 8;
	rse->ndirty--;
	return store_collection(v);
}

/* Bits `slot` .. `slot` + n - 1 of a NaT collection. */
static uint64_t nat_bits(unsigned int slot, unsigned int n)
{
	return ((1ull << n) - 1) << slot;
}

/* Words of the backing store, from lower to higher ones; each is moved as a whole. */
static inline void move_words(uint64_t *to, const uint64_t *from, unsigned int n)
{
	/* A compiler moves a constant number of aligned words by vectors, or word by word. */
	for (; n >= 4; n -= 4, to += 4, from += 4)
		memcpy(to, from, 4 * sizeof(*to));
	for (; n; n--)
		__atomic_store_n(to++, __atomic_load_n(from++, __ATOMIC_RELAXED), __ATOMIC_RELAXED);
}

/*
 * Stores up to n of the oldest dirty registers, those that one line of the fast TLB serves and that
 * have no NaT bit. Returns how many; 0: the next one is for store_oldest().
 */
static unsigned int store_run(struct vcpu *v, unsigned int n)
{
	struct ia64_rse *rse = &v->rse;
	const uint64_t *from = rse->stk + rse->bof - rse->ndirty;
	unsigned int slot = slot_of(rse->bspstore);
	struct ia64_fast_tlb *view = rse_view(v);
	uint64_t *to;

	/* A page ends where a group does. */
	n = at_most(n, 63 - slot);
	if (!n || v->nat_any || !view || !(to = ia64_fast_ptr(view->wr, rse->bspstore, 8)))
		return 0;
	move_words(to, from, n);
	rse->rnat &= ~nat_bits(slot, n);
	rse->bspstore += 8 * n;
	rse->ndirty -= (int32_t)n;
	return n;
}

/* Stores dirty registers until there are no more than `most`. */
static bool store_until(struct vcpu *v, int32_t most)
{
	struct ia64_rse *rse = &v->rse;

	while (rse->ndirty > most) {
		if (store_run(v, (unsigned int)(rse->ndirty - most))) {
			if (!store_collection(v))
				return false;
		} else if (!store_oldest(v)) {
			return false;
		}
	}
	return true;
}

/*
 * Loads the word below bspstore: a NaT collection, or the register that belongs at stk[index]. The
 * NaT bits of the group that bspstore is in are always in rnat, which is what makes this work.
 */
static bool load_below(struct vcpu *v, uint32_t index, bool *was_register)
{
	struct ia64_rse *rse = &v->rse;
	uint64_t addr = rse->bspstore - 8, val;
	unsigned int slot = slot_of(addr);

	if (!rse_load(v, addr, &val))
		return false;
	rse->bspstore = addr;
	*was_register = slot != 63;
	if (!*was_register) {
		rse->rnat = val;
		return true;
	}
	rse->stk[index] = val;
	rse->stk_nat[index] = rse->rnat >> slot & 1;
	v->nat_any |= rse->stk_nat[index];
	return true;
}

/*
 * The same for up to n registers, the last of which belongs at stk[index]: those of one group and
 * without NaT bits. Returns how many; 0: the next word is for load_below().
 */
static unsigned int load_run(struct vcpu *v, uint32_t index, unsigned int n)
{
	struct ia64_rse *rse = &v->rse;
	uint64_t last = rse->bspstore - 8, first;
	struct ia64_fast_tlb *view = rse_view(v);
	unsigned int slot = slot_of(last);
	const uint64_t *from;

	if (slot == 63)
		return 0;
	n = at_most(n, slot + 1);
	first = last - 8 * (n - 1);
	if (rse->rnat & nat_bits(slot + 1 - n, n) || !view ||
	    !(from = ia64_fast_ptr(view->rd, first, 8)))
		return 0;
	move_words(rse->stk + index + 1 - n, from, n);
	if (v->nat_any)
		memset(rse->stk_nat + index + 1 - n, 0, n);
	rse->bspstore = first;
	return n;
}

/* Loads the NaT collection below bspstore if there is one, and the fast TLB serves it. */
static bool load_collection(struct vcpu *v)
{
	struct ia64_rse *rse = &v->rse;
	struct ia64_fast_tlb *view = rse_view(v);
	const uint64_t *from;

	if (slot_of(rse->bspstore - 8) != 63 || !view ||
	    !(from = ia64_fast_ptr(view->rd, rse->bspstore - 8, 8)))
		return false;
	rse->bspstore -= 8;
	rse->rnat = __atomic_load_n(from, __ATOMIC_RELAXED);
	return true;
}

bool ia64_rse_complete(struct vcpu *v)
{
	struct ia64_rse *rse = &v->rse;
	bool was_register;
	uint32_t last;
	unsigned int n;

	while (rse->missing > 0) {
		last = rse->bof + (uint32_t)rse->missing - 1;
		n = load_run(v, last, (unsigned int)rse->missing);
		if (n) {
			rse->missing -= (int32_t)n;
			continue;
		}
		if (!load_below(v, rse->bof + rse->missing - 1, &was_register))
			return false;
		rse->missing -= was_register;
	}
	rse->cfle = false;
	return true;
}

bool ia64_rse_refill(struct vcpu *v, unsigned int sof, unsigned int sol)
{
	struct ia64_rse *rse = &v->rse;
	int32_t missing = (int32_t)sol - rse->ndirty;
	unsigned int n;

	if (missing <= 0 || sof > IA64_STACKED_PHYS || rse->bof < STK_MARGIN)
		return false;
	while (missing) {
		n = load_run(v, rse->bof - (uint32_t)rse->ndirty - 1, (unsigned int)missing);
		if (!n && !load_collection(v))
			return false;
		missing -= (int32_t)n;
		rse->ndirty += (int32_t)n;
	}
	return true;
}

bool ia64_rse_alloc(struct vcpu *v, unsigned int sof, unsigned int sol, unsigned int sor)
{
	if (!store_until(v, IA64_STACKED_PHYS - (int32_t)sof))
		return false;
	set_frame(v, sof, sol, sor);
	return true;
}

void ia64_rse_call(struct vcpu *v)
{
	struct ia64_rse *rse = &v->rse;

	rse->bof += rse->sol;
	rse->ndirty += rse->sol;
	rse->sof -= rse->sol;
	rse->sol = 0;
	rse->sor = 0;
	rse->rrb_gr = 0;
	rse->rrb_fr = 0;
	set_rrb_pr(v, 0);
	recentre(v);
}

void ia64_rse_cover(struct vcpu *v, uint64_t *ifm)
{
	struct ia64_rse *rse = &v->rse;

	*ifm = ia64_cfm(rse);
	rse->bof += rse->sof;
	/* Of an incomplete frame only the registers that were loaded become dirty (SDM 2:6.8). */
	rse->ndirty += rse->missing < rse->sof ? rse->sof - rse->missing : 0;
	rse->missing = 0;
	rse->cfle = false;
	no_frame(v);
	recentre(v);
}

/* Goes back to a frame whose first `preserved` registers lie below the current one. */
static void restore_frame(struct vcpu *v, uint64_t fm, unsigned int preserved)
{
	struct ia64_rse *rse = &v->rse;
	unsigned int sof = at_most(ia64_cfm_sof(fm), IA64_STACKED_PHYS);

	preserved = at_most(preserved, sof);
	recentre(v);
	rse->bof -= preserved;
	rse->ndirty -= preserved;
	if (rse->ndirty < 0) {
		rse->missing = -rse->ndirty;
		rse->ndirty = 0;
		rse->cfle = true;
	} else if (rse->ndirty + (int)sof > IA64_STACKED_PHYS) {
		/* Dirty registers and frame are more than there are (SDM 2:6.5.5). */
		no_frame(v);
		return;
	}
	ia64_set_cfm(v, fm);
}

void ia64_rse_return(struct vcpu *v, uint64_t pfm)
{
	restore_frame(v, pfm, ia64_cfm_sol(pfm));
}

void ia64_rse_rfi(struct vcpu *v, uint64_t ifs)
{
	if (ifs >> 63)
		restore_frame(v, ifs, ia64_cfm_sof(ifs));
	v->rse.cfle = v->rse.missing > 0;
}

bool ia64_rse_flushrs(struct vcpu *v)
{
	return store_until(v, 0) && store_collection(v);
}

bool ia64_rse_loadrs(struct vcpu *v)
{
	struct ia64_rse *rse = &v->rse;
	uint64_t loadrs = (v->ar[AR_RSC] & RSC_LOADRS) >> RSC_LOADRS_SHIFT & ~7ull;
	uint64_t bsp = ia64_rse_bsp(rse), tear = bsp - loadrs;
	bool was_register;
	unsigned int n;
	int registers;
	uint32_t last;

	if ((v->ar[AR_RSC] & RSC_MODE) || (rse->sof && loadrs))
		return ia64_illegal_operation(v);
	/* Words of the range that are not NaT collections. */
	registers = loadrs / 8 - ((bsp >> 9) - (tear >> 9));
	if (registers > IA64_STACKED_PHYS)
		return ia64_illegal_operation(v);
	recentre(v);
	while (rse->bspstore > tear) {
		last = rse->bof - (uint32_t)rse->ndirty - 1;
		n = load_run(v, last, at_most((rse->bspstore - tear) / 8, IA64_STACKED_PHYS));
		rse->ndirty += (int32_t)n;
		if (n)
			continue;
		if (!load_below(v, last, &was_register))
			return false;
		rse->ndirty += was_register;
	}
	rse->bspstore = tear;
	rse->ndirty = registers;
	return true;
}

bool ia64_rse_ar_read(struct vcpu *v, unsigned int ar, uint64_t *val)
{
	switch (ar) {
	case AR_BSP:
		*val = ia64_rse_bsp(&v->rse);
		return true;
	case AR_BSPSTORE:
		if (v->ar[AR_RSC] & RSC_MODE)
			return ia64_illegal_operation(v);
		*val = v->rse.bspstore;
		return true;
	case AR_RNAT:
		if (v->ar[AR_RSC] & RSC_MODE)
			return ia64_illegal_operation(v);
		*val = v->rse.rnat & ~(1ull << 63);
		return true;
	default:
		*val = v->ar[AR_RSC];
		return true;
	}
}

bool ia64_rse_ar_write(struct vcpu *v, unsigned int ar, uint64_t val)
{
	switch (ar) {
	case AR_RSC:
		if (val & ~RSC_IMPLEMENTED)
			return ia64_reserved_register_field(v, 0);
		/* Nobody gives the RSE more privilege than the code has. */
		if ((val & RSC_PL) >> RSC_PL_SHIFT < v->cpl)
			val = (val & ~RSC_PL) | (uint64_t)v->cpl << RSC_PL_SHIFT;
		v->ar[AR_RSC] = val;
		return true;
	case AR_BSPSTORE:
		if (v->ar[AR_RSC] & RSC_MODE)
			return ia64_illegal_operation(v);
		v->rse.bspstore = val & ~7ull;
		return true;
	case AR_RNAT:
		if (v->ar[AR_RSC] & RSC_MODE)
			return ia64_illegal_operation(v);
		v->rse.rnat = val & ~(1ull << 63);
		return true;
	default:
		return ia64_illegal_operation(v);
	}
}

uint64_t ia64_stacked_read(const struct vcpu *v, unsigned int n, bool *nat)
{
	const struct ia64_rse *rse = &v->rse;
	unsigned int index = n;

	if (n < rse->sor) {
		index = n + rse->rrb_gr;
		if (index >= rse->sor)
			index -= rse->sor;
	}
	if (nat)
		*nat = rse->stk_nat[rse->bof + index];
	return rse->stk[rse->bof + index];
}

/* Physical predicate n is logical n - rrb.pr among the 48 that rotate. */
static uint64_t rotate_pr(uint64_t bits, unsigned int by)
{
	uint64_t rotating = bits >> 16;

	rotating = rotating << by | rotating >> (NR_ROTATING_PR - by);
	return rotating << 16 | (bits & 0xffff);
}

uint64_t ia64_pr_get(const struct vcpu *v)
{
	uint64_t bits = 0, bytes;
	unsigned int n;

	for (n = 0; n < 64; n += 8) {
		memcpy(&bytes, v->pr + n, 8);
		/* Moves bit 0 of byte k to bit 56 + k. */
		bits |= bytes * 0x0102040810204080ull >> 56 << n;
	}
	return rotate_pr(bits, v->rse.rrb_pr);
}

void ia64_pr_set(struct vcpu *v, uint64_t val, uint64_t mask)
{
	uint64_t bits = (ia64_pr_get(v) & ~mask) | (val & mask) | 1, bytes;
	unsigned int n;

	bits = rotate_pr(bits, NR_ROTATING_PR - v->rse.rrb_pr);
	for (n = 0; n < 64; n += 8) {
		bytes = (bits >> n & 0xff) * 0x0101010101010101ull & 0x8040201008040201ull;
		bytes = (bytes + 0x7f7f7f7f7f7f7f7full) >> 7 & 0x0101010101010101ull;
		memcpy(v->pr + n, &bytes, 8);
	}
}
