/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation registers and caches, inserts and purges, and the fast lines made from them. */
#include "ia64/tlb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ia64/interruption.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "ia64/tlb_impl.h"

/*
 * Invariant: every fast line, and every decoded page a vCPU fetches from by virtual address, comes
 * from an entry that is in a TR or in the TC now. So only what takes entries away has to look for
 * stale lines.
 */

/* Ranges of up to this many 4 KiB pages are dropped from the fast lines page by page. */
#define FLUSH_PAGES_MAX 64

#define PS_MIN 12
#define PS_MAX 61

#define PS(n) (1ull << (n))
static const uint64_t page_sizes = PS(12) | PS(13) | PS(14) | PS(16) | PS(18) | PS(20) | PS(22) |
				   PS(24) | PS(26) | PS(28) | PS(30) | PS(32);
#undef PS

bool ia64_page_size_ok(unsigned int ps)
{
	return ps < 64 && (page_sizes >> ps & 1);
}

uint64_t ia64_page_sizes(void)
{
	return page_sizes;
}

/* --- Fast lines --- */

static void fast_clear(struct ia64_fast_tlb *view)
{
	unsigned int i;

	for (i = 0; i < IA64_FAST_LINES; i++) {
		view->rd[i].tag = IA64_FAST_INVALID;
		view->wr[i].tag = IA64_FAST_INVALID;
	}
	memset(view->filled, 0, sizeof(view->filled));
	memset(view->some, 0, sizeof(view->some));
}

/* What translated code remembers of lines goes with any of them. */
static void forget_pages(struct vcpu *v)
{
	memset(v->jit_page, 0, sizeof(v->jit_page));
	memset(v->jit_page_tag, 0xff, sizeof(v->jit_page_tag));
}

static void fast_flush_lines(struct ia64_fast_tlb *view, unsigned int region)
{
	unsigned int rw, word;
	uint64_t words;

	for (rw = 0; rw < 2; rw++) {
		struct ia64_fast_line *lines = rw ? view->wr : view->rd;

		for (words = view->some[rw][region]; words; words &= words - 1) {
			word = (unsigned int)__builtin_ctzll(words);
			uint64_t bits = view->filled[rw][region][word];

			view->filled[rw][region][word] = 0;
			for (; bits; bits &= bits - 1) {
				unsigned int n = word * 64 + (unsigned int)__builtin_ctzll(bits);

				if (va_region(lines[n].tag) == region)
					lines[n].tag = IA64_FAST_INVALID;
			}
		}
		view->some[rw][region] = 0;
	}
}

void ia64_fast_flush_region(struct vcpu *v, unsigned int region)
{
	forget_pages(v);
	fast_flush_lines(&v->views[IA64_VIEW_KERNEL], region);
	fast_flush_lines(&v->views[IA64_VIEW_USER], region);
}

void ia64_fast_flush(struct vcpu *v)
{
	unsigned int view, region;

	forget_pages(v);
	for (view = 0; view < IA64_NR_VIEWS; view++)
		for (region = 0; region < 8; region++)
			fast_flush_lines(&v->views[view], region);
}

void ia64_fast_set_user_level(struct vcpu *v, unsigned int level)
{
	unsigned int region;

	if (v->user_level == level)
		return;
	v->user_level = (uint8_t)level;
	forget_pages(v);
	for (region = 0; region < 8; region++)
		fast_flush_lines(&v->views[IA64_VIEW_USER], region);
}

static void fast_drop_page(struct ia64_fast_tlb *view, uint64_t va)
{
	unsigned int n = (unsigned int)(va >> IA64_MEM_PAGE_SHIFT) % IA64_FAST_LINES;

	if (view->rd[n].tag == va)
		view->rd[n].tag = IA64_FAST_INVALID;
	if (view->wr[n].tag == va)
		view->wr[n].tag = IA64_FAST_INVALID;
}

/* Drops the lines of [offset, offset + 2^ps) in every region that has this rid. */
static void fast_flush_range(struct vcpu *v, uint32_t rid, uint64_t offset, unsigned int ps)
{
	uint64_t pages = 1ull << (ps - PS_MIN), i;
	unsigned int region;

	forget_pages(v);
	offset &= ~((1ull << ps) - 1);
	for (region = 0; region < 8; region++) {
		if (rr_rid(v->rr[region]) != rid)
			continue;
		if (pages > FLUSH_PAGES_MAX) {
			ia64_fast_flush_region(v, region);
			continue;
		}
		for (i = 0; i < pages; i++) {
			uint64_t va = (uint64_t)region << 61 | (offset + (i << PS_MIN));

			fast_drop_page(&v->views[IA64_VIEW_KERNEL], va);
			fast_drop_page(&v->views[IA64_VIEW_USER], va);
		}
	}
}

void fast_fill(struct vcpu *v, unsigned int view, uint64_t va, uint64_t pa, bool write)
{
	struct ia64_fast_tlb *t = &v->views[view];
	uint64_t page = va & ~(IA64_MEM_PAGE_SIZE - 1);
	unsigned int n = (unsigned int)(va >> IA64_MEM_PAGE_SHIFT) % IA64_FAST_LINES;
	struct ia64_fast_line *line = write ? &t->wr[n] : &t->rd[n];

	if (v->journal)
		return;
	pa &= ~(IA64_MEM_PAGE_SIZE - 1);
	line->tag = page;
	line->addend = (uint64_t)(uintptr_t)v->sys->mem->base + pa - page;
	t->filled[write][va_region(va)][n / 64] |= 1ull << (n % 64);
	t->some[write][va_region(va)] |= 1ull << (n / 64);
}

static void exec_changed_region(struct vcpu *v, unsigned int region)
{
	if (++v->exec_last == IA64_NO_EPOCH) {
		memset(v->exec_kept, 0, sizeof(v->exec_kept));
		v->exec_last++;
	}
	v->exec_epoch[region] = v->exec_last;
	v->code_stale = true;
}

static struct ia64_exec_kept *exec_kept(struct vcpu *v, unsigned int region, uint32_t rid)
{
	/* Linux: eight rids an address space. */
	return &v->exec_kept[region][(rid ^ rid >> 3) % IA64_EXEC_KEPT];
}

static void exec_changed(struct vcpu *v, uint32_t rid)
{
	struct ia64_exec_kept *kept;
	unsigned int region;

	for (region = 0; region < 8; region++) {
		kept = exec_kept(v, region, rid);
		if (rr_rid(kept->rr) == rid)
			kept->epoch = IA64_NO_EPOCH;
		if (rr_rid(v->rr[region]) == rid)
			exec_changed_region(v, region);
	}
}

void ia64_exec_flush(struct vcpu *v)
{
	unsigned int region;

	memset(v->exec_kept, 0, sizeof(v->exec_kept));
	for (region = 0; region < 8; region++)
		exec_changed_region(v, region);
}

void ia64_rr_write(struct vcpu *v, unsigned int region, uint64_t val)
{
	uint64_t old = v->rr[region];
	struct ia64_exec_kept *kept;

	if (old == val)
		return;
	*exec_kept(v, region, rr_rid(old)) = (struct ia64_exec_kept){ old, v->exec_epoch[region] };
	v->rr[region] = val;
	ia64_fast_flush_region(v, region);
	exec_changed_region(v, region);
	kept = exec_kept(v, region, rr_rid(val));
	if (kept->rr == val && kept->epoch != IA64_NO_EPOCH)
		v->exec_epoch[region] = kept->epoch;
}

/* --- Translation caches --- */

static unsigned int tc_set(uint32_t rid, uint64_t offset, unsigned int ps)
{
	uint64_t h = (offset >> ps) ^ (uint64_t)rid << 32 ^ (uint64_t)ps << 56;

	h *= 0x9e3779b97f4a7c15ull;
	return (unsigned int)(h >> 54) % TC_SETS;
}

static bool covers(const struct ia64_translation *t, uint32_t rid, uint64_t offset)
{
	return t->valid && t->rid == rid && !((t->va ^ offset) >> t->ps);
}

/* Do two ranges, aligned to their sizes, have an address in common? */
static bool overlaps(const struct ia64_translation *t, uint32_t rid, uint64_t offset,
		     unsigned int ps)
{
	return t->valid && t->rid == rid && !((t->va ^ offset) >> (t->ps > ps ? t->ps : ps));
}

static const struct ia64_translation *tlb_lookup(const struct vcpu *v, bool instruction,
						 uint32_t rid, uint64_t offset)
{
	const struct ia64_tc *tc = instruction ? v->itc : v->dtc;
	const struct ia64_translation *tr = instruction ? v->itr : v->dtr;
	uint64_t bits;
	unsigned int way;

	for (bits = tc->tr_valid; bits; bits &= bits - 1) {
		const struct ia64_translation *t = &tr[__builtin_ctzll(bits)];

		if (covers(t, rid, offset))
			return t;
	}
	for (bits = tc->sizes; bits; bits &= bits - 1) {
		unsigned int ps = (unsigned int)__builtin_ctzll(bits);
		const struct ia64_translation *set = tc->entry[tc_set(rid, offset, ps)];

		for (way = 0; way < TC_WAYS; way++)
			if (set[way].ps == ps && covers(&set[way], rid, offset))
				return &set[way];
	}
	return NULL;
}

const struct ia64_translation *tlb_find(const struct vcpu *v, bool instruction, uint64_t va)
{
	return tlb_lookup(v, instruction, rr_rid(v->rr[va_region(va)]), va & VA_OFFSET_MASK);
}

static void tc_drop(struct ia64_tc *tc, struct ia64_translation *t)
{
	t->valid = false;
	if (!--tc->count[t->ps])
		tc->sizes &= ~(1ull << t->ps);
}

/* The larger of `gone` and the sizes of what it removed. */
static unsigned int tc_purge_set(struct ia64_tc *tc, unsigned int set, uint32_t rid,
				 uint64_t offset, unsigned int ps, unsigned int gone)
{
	unsigned int way;

	for (way = 0; way < TC_WAYS; way++) {
		struct ia64_translation *t = &tc->entry[set][way];

		if (!overlaps(t, rid, offset, ps))
			continue;
		if (gone < ps)
			gone = ps;
		if (gone < t->ps)
			gone = t->ps;
		tc_drop(tc, t);
	}
	return gone;
}

/*
 * Removes what overlaps [offset, offset + 2^ps) of rid. Returns log2 of the size of the smallest
 * aligned range that holds everything removed, 0 if there was nothing.
 */
static unsigned int tc_purge(struct ia64_tc *tc, uint32_t rid, uint64_t offset, unsigned int ps)
{
	unsigned int set, gone = 0;
	uint64_t bits, i;

	for (bits = tc->sizes; bits; bits &= bits - 1) {
		unsigned int eps = (unsigned int)__builtin_ctzll(bits);
		uint64_t pages = eps >= ps ? 1 : 1ull << (ps - eps);
		uint64_t first = eps >= ps ? offset : offset & ~((1ull << ps) - 1);

		if (pages >= TC_SETS) {
			for (set = 0; set < TC_SETS; set++)
				gone = tc_purge_set(tc, set, rid, offset, ps, gone);
			return gone;
		}
		for (i = 0; i < pages; i++)
			gone = tc_purge_set(tc, tc_set(rid, first + (i << eps), eps), rid, offset,
					    ps, gone);
	}
	return gone;
}

/* What depends on entries of [offset, offset + 2^ps) that are gone now. */
static void entries_gone(struct vcpu *v, bool instruction, uint32_t rid, uint64_t offset,
			 unsigned int ps)
{
	if (instruction)
		exec_changed(v, rid);
	else
		fast_flush_range(v, rid, offset, ps);
}

static int tr_overlap(const struct vcpu *v, bool instruction, int slot, uint32_t rid,
		      uint64_t offset, unsigned int ps)
{
	const struct ia64_tc *tc = instruction ? v->itc : v->dtc;
	const struct ia64_translation *tr = instruction ? v->itr : v->dtr;
	uint64_t bits = tc->tr_valid;

	while (bits) {
		int n = 63 - __builtin_clzll(bits);

		if (n != slot && overlaps(&tr[n], rid, offset, ps))
			return n;
		bits &= ~(1ull << n);
	}
	return -1;
}

void ia64_overlap_crash(struct vcpu *v, const char *why)
{
	const struct ia64_tr_overlap *o = &v->tr_overlap;

	ia64_crash(v, "machine check: %s of 0x%016llx overlaps %s[%u]%s", o->insn,
		   (unsigned long long)o->va, o->instruction ? "itr" : "dtr", o->slot, why);
}

/*
 * The instruction has done nothing. The machine check comes before it is executed again, or, while
 * psr.mc holds it back, at some later time: the instruction is left out then (true).
 */
static bool overlap_check(struct vcpu *v, const char *insn, bool instruction, int slot,
			  uint64_t va)
{
	ia64_sync_ip(v);
	v->tr_overlap = (struct ia64_tr_overlap){
		.pending = true,
		.instruction = instruction,
		.slot = (uint8_t)slot,
		.insn = insn,
		.va = va,
	};
	if (!v->sys->platform.pal_event) {
		ia64_overlap_crash(v, "");
		return false;
	}
	ia64_post_mca(v);
	if (v->psr & PSR_MC)
		return true;
	if (v->op) /* counted as it was begun, but it did not retire */
		v->retired--;
	v->op = NULL;
	v->count_interruptions++;
	return false;
}

bool tlb_insert_tc(struct vcpu *v, bool instruction, const struct ia64_translation *t)
{
	struct ia64_tc *tc = instruction ? v->itc : v->dtc;
	unsigned int set = tc_set(t->rid, t->va, t->ps), way;
	struct ia64_translation *e = NULL;
	unsigned int gone;

	if (tr_overlap(v, instruction, -1, t->rid, t->va, t->ps) >= 0)
		return false;
	gone = tc_purge(tc, t->rid, t->va, t->ps);
	if (gone)
		entries_gone(v, instruction, t->rid, t->va, gone);
	for (way = 0; way < TC_WAYS && !e; way++)
		if (!tc->entry[set][way].valid)
			e = &tc->entry[set][way];
	if (!e) {
		e = &tc->entry[set][tc->next[set]];
		tc->next[set] = (uint8_t)((tc->next[set] + 1) % TC_WAYS);
		tc_drop(tc, e);
		entries_gone(v, instruction, e->rid, e->va, e->ps);
	}
	*e = *t;
	e->valid = true;
	if (!tc->count[t->ps]++)
		tc->sizes |= 1ull << t->ps;
	return true;
}

bool tlb_decode(uint64_t pte, uint64_t itir, uint32_t rid, uint64_t va,
		struct ia64_translation *t)
{
	unsigned int ps = (unsigned int)(itir >> 2) & 0x3f;
	uint64_t page_mask;

	if (!ia64_page_size_ok(ps))
		return false;
	page_mask = (1ull << ps) - 1;
	*t = (struct ia64_translation){
		.va = va & VA_OFFSET_MASK & ~page_mask,
		.rid = rid,
		.ps = (uint8_t)ps,
		.valid = true,
	};
	/* All but the page size is ignored in a translation that is not present. */
	if (!(pte & 1))
		return true;
	if (itir & 0xffffffff00000003ull || pte & (3ull << 50 | 1ull << 1))
		return false;
	t->p = true;
	t->ma = pte >> 2 & 7;
	if (t->ma >= 1 && t->ma <= 3)
		return false;
	t->a = pte >> 5 & 1;
	t->d = pte >> 6 & 1;
	t->pl = pte >> 7 & 3;
	t->ar = pte >> 9 & 7;
	t->ppn_pa = pte & ((1ull << IA64_IMPL_PA_BITS) - 1) & ~page_mask;
	t->ed = pte >> 52 & 1;
	t->key = (uint32_t)(itir >> 8) & ((1u << IA64_KEY_BITS) - 1);
	return true;
}

bool ia64_tlb_insert(struct vcpu *v, bool instruction, int slot, uint64_t pte)
{
	struct ia64_translation *tr = instruction ? v->itr : v->dtr;
	struct ia64_tc *tc = instruction ? v->itc : v->dtc;
	uint64_t va = v->cr[CR_IFA];
	uint32_t rid = rr_rid(v->rr[va_region(va)]);
	struct ia64_translation t;
	unsigned int gone;
	int other;

	if (v->psr & PSR_IC)
		return ia64_illegal_operation(v);
	if (slot >= IA64_NR_TR || !tlb_decode(pte, v->cr[CR_ITIR], rid, va, &t))
		return ia64_reserved_register_field(v, 0);
	if (t.pl < v->pl_floor)
		t.pl = v->pl_floor;
	other = tr_overlap(v, instruction, slot, t.rid, t.va, t.ps);
	if (other >= 0)
		return overlap_check(v, slot < 0 ? instruction ? "itc.i" : "itc.d" :
				     instruction ? "itr.i" : "itr.d", instruction, other, va);
	if (slot < 0)
		return tlb_insert_tc(v, instruction, &t);
	/* The register's old translation goes, so it is no overlap. */
	if (tc->tr_valid >> slot & 1) {
		tc->tr_valid &= ~(1ull << slot);
		tr[slot].valid = false;
		entries_gone(v, instruction, tr[slot].rid, tr[slot].va, tr[slot].ps);
	}
	gone = tc_purge(tc, t.rid, t.va, t.ps);
	if (gone)
		entries_gone(v, instruction, t.rid, t.va, gone);
	tr[slot] = t;
	tc->tr_valid |= 1ull << slot;
	return true;
}

int ia64_tr_overlap(const struct vcpu *v, bool instruction, int slot, uint64_t va, uint64_t itir)
{
	unsigned int ps = (unsigned int)(itir >> 2) & 0x3f;

	return ia64_page_size_ok(ps) ? tr_overlap(v, instruction, slot, rr_rid(v->rr[va_region(va)]),
						  va & VA_OFFSET_MASK, ps) : -1;
}

static unsigned int purge_size(unsigned int ps)
{
	return ps < PS_MIN ? PS_MIN : ps > PS_MAX ? PS_MAX : ps;
}

bool ia64_purge_check(struct vcpu *v, const char *insn, uint64_t va, unsigned int ps)
{
	uint32_t rid = rr_rid(v->rr[va_region(va)]);
	int side, slot;

	for (side = 0; side < 2; side++) {
		slot = tr_overlap(v, side, -1, rid, va & VA_OFFSET_MASK, purge_size(ps));
		if (slot >= 0 && !overlap_check(v, insn, side, slot, va))
			return false;
	}
	return true;
}

void ia64_tlb_purge_tr(struct vcpu *v, bool instruction, uint64_t va, unsigned int ps)
{
	struct ia64_translation *tr = instruction ? v->itr : v->dtr;
	struct ia64_tc *tc = instruction ? v->itc : v->dtc;
	uint32_t rid = rr_rid(v->rr[va_region(va)]);
	uint64_t offset = va & VA_OFFSET_MASK, bits;
	unsigned int gone;

	ps = purge_size(ps);
	for (bits = tc->tr_valid; bits; bits &= bits - 1) {
		int n = __builtin_ctzll(bits);

		if (!overlaps(&tr[n], rid, offset, ps))
			continue;
		tr[n].valid = false;
		tc->tr_valid &= ~(1ull << n);
		entries_gone(v, instruction, rid, tr[n].va, tr[n].ps);
	}
	gone = tc_purge(tc, rid, offset, ps);
	if (gone)
		entries_gone(v, instruction, rid, offset, gone);
}

void ia64_tlb_purge_rid(struct vcpu *v, uint32_t rid, uint64_t va, unsigned int ps)
{
	uint64_t offset = va & VA_OFFSET_MASK;
	unsigned int gone;

	ps = purge_size(ps);
	gone = tc_purge(v->dtc, rid, offset, ps);
	if (gone)
		entries_gone(v, false, rid, offset, gone);
	gone = tc_purge(v->itc, rid, offset, ps);
	if (gone)
		entries_gone(v, true, rid, offset, gone);
}

void ia64_tlb_purge_local(struct vcpu *v, uint64_t va, unsigned int ps)
{
	ia64_tlb_purge_rid(v, rr_rid(v->rr[va_region(va)]), va, ps);
}

static void tc_clear(struct ia64_tc *tc)
{
	memset(tc->entry, 0, sizeof(tc->entry));
	memset(tc->next, 0, sizeof(tc->next));
	memset(tc->count, 0, sizeof(tc->count));
	tc->sizes = 0;
}

void ia64_tlb_purge_all(struct vcpu *v)
{
	tc_clear(v->itc);
	tc_clear(v->dtc);
	ia64_fast_flush(v);
	ia64_exec_flush(v);
}

void ia64_tlb_kr_write(struct vcpu *v, unsigned int n, uint64_t val)
{
	bool moved = n == 3 && v->ar[AR_K0 + n] != val;

	v->ar[AR_K0 + n] = val;
	if (!moved)
		return;
	tc_clear(v->dtc);
	ia64_fast_flush(v);
}

void ia64_tlb_reload(struct vcpu *v)
{
	unsigned int n;

	v->itc->tr_valid = 0;
	v->dtc->tr_valid = 0;
	for (n = 0; n < IA64_NR_TR; n++) {
		v->itc->tr_valid |= (uint64_t)v->itr[n].valid << n;
		v->dtc->tr_valid |= (uint64_t)v->dtr[n].valid << n;
	}
	ia64_tlb_purge_all(v);
}

int ia64_tlb_init(struct vcpu *v)
{
	unsigned int view;

	v->itc = calloc(1, sizeof(*v->itc));
	v->dtc = calloc(1, sizeof(*v->dtc));
	if (!v->itc || !v->dtc) {
		ia64_tlb_destroy(v);
		return -ENOMEM;
	}
	for (view = 0; view < IA64_NR_VIEWS; view++)
		fast_clear(&v->views[view]);
	v->user_level = 3;
	ia64_exec_flush(v);
	return 0;
}

void ia64_tlb_destroy(struct vcpu *v)
{
	free(v->itc);
	free(v->dtc);
	v->itc = NULL;
	v->dtc = NULL;
}
