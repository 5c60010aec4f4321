/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Decoded pages of guest code, by physical page, and the way from a virtual address to them.
 *
 * A page is decoded bundle by bundle, when a bundle is first executed. It is dropped when somebody
 * tells (ia64_memory_written(), an fc) that the memory changed, and all are dropped when
 * they have grown to the limit.
 */
#include <errno.h>
#include <stdlib.h>

#include "ia64/exec.h"
#include "ia64/smp.h"
#include "ia64/tlb.h"

#define PAGE_MASK (IA64_MEM_PAGE_SIZE - 1)
#define NR_BUCKETS 1024
#define NR_WINDOWS 1024
#define ICACHE_BYTES (64u << 20)

struct code_page {
	struct code_page *next; /* in its bucket */
	uint64_t pa;
	uint32_t gen;           /* memory.codegen when decoding began */
	struct ia64_insn_op ops[IA64_PAGE_OPS + 1];
};

#define MAX_PAGES (ICACHE_BYTES / sizeof(struct code_page))

/* A page of code where it was last fetched from. */
struct window {
	uint64_t key;   /* va, with psr.it and cpl in the low bits; 0 when empty */
	uint64_t pa;
	const struct ia64_insn_op *ops;
	uint32_t epoch; /* vcpu.exec_epoch of the region then */
};

struct ia64_icache {
	struct code_page *bucket[NR_BUCKETS];
	struct window window[NR_WINDOWS];
	unsigned int nr_pages;
	uint64_t epoch; /* memory.code_epoch when pages were last compared */
};

int ia64_icache_init(struct vcpu *v)
{
	v->icache = calloc(1, sizeof(*v->icache));
	return v->icache ? 0 : -ENOMEM;
}

static void drop_windows(struct ia64_icache *c)
{
	memset(c->window, 0, sizeof(c->window));
}

static void drop_pages(struct ia64_icache *c)
{
	struct code_page *page, *next;
	unsigned int i;

	for (i = 0; i < NR_BUCKETS; i++) {
		for (page = c->bucket[i]; page; page = next) {
			next = page->next;
			free(page);
		}
		c->bucket[i] = NULL;
	}
	c->nr_pages = 0;
	drop_windows(c);
}

void ia64_icache_destroy(struct vcpu *v)
{
	if (!v->icache)
		return;
	drop_pages(v->icache);
	free(v->icache);
	v->icache = NULL;
}

static uint32_t codegen(struct vcpu *v, uint64_t pa)
{
	return atomic_load(&v->sys->mem->codegen[pa >> IA64_MEM_PAGE_SHIFT]);
}

/* Frees the pages whose memory has changed since they were decoded. */
static void drop_stale(struct vcpu *v)
{
	struct ia64_icache *c = v->icache;
	struct code_page **link, *page;
	unsigned int i;

	for (i = 0; i < NR_BUCKETS; i++) {
		link = &c->bucket[i];
		while ((page = *link)) {
			if (page->gen == codegen(v, page->pa)) {
				link = &page->next;
				continue;
			}
			*link = page->next;
			free(page);
			c->nr_pages--;
		}
	}
	drop_windows(c);
}

static void new_ops(struct code_page *page)
{
	unsigned int i;

	for (i = 0; i < IA64_PAGE_OPS; i++) {
		page->ops[i].exec = ia64_exec_UNDECODED;
		page->ops[i].insn = (struct ia64_insn){ 0 };
	}
	page->ops[i].exec = ia64_exec_PAGE_END;
	page->ops[i].insn = (struct ia64_insn){ 0 };
}

/* The page at pa (4 KiB aligned), which must be RAM. NULL when there is no memory for it. */
static struct code_page *find_page(struct vcpu *v, uint64_t pa)
{
	struct ia64_icache *c = v->icache;
	struct ia64_memory *mem = v->sys->mem;
	uint64_t nr = pa >> IA64_MEM_PAGE_SHIFT;
	struct code_page **bucket, *page;

	bucket = &c->bucket[nr % NR_BUCKETS];
	for (page = *bucket; page; page = page->next)
		if (page->pa == pa)
			return page;
	if (c->nr_pages >= MAX_PAGES)
		drop_pages(c);
	page = malloc(sizeof(*page));
	if (!page)
		return NULL;
	page->pa = pa;
	/* The mark first: whoever writes after the generation was read sees it and raises that. */
	atomic_fetch_or(&mem->attr[nr], IA64_PAGE_CODE);
	page->gen = codegen(v, pa);
	new_ops(page);
	page->next = *bucket;
	*bucket = page;
	c->nr_pages++;
	return page;
}

/* ---- from the decoder's instruction to what is executed ---- */

static bool is_between(unsigned int op, enum ia64_op first, enum ia64_op last)
{
	return op >= first && op <= last;
}

/* r1 and r4 are predicate targets; or (approximations) only r4 is. */
static bool targets_predicates(unsigned int op)
{
	return is_between(op, OP_CMP_LT, OP_CMP4_NE_ORANDCM_I) ||
	       is_between(op, OP_TBIT_Z, OP_TNAT_NZ_ORANDCM) ||
	       is_between(op, OP_FCMP_EQ, OP_FCLASS);
}

static bool targets_predicate_2(unsigned int op)
{
	return is_between(op, OP_FRCPA, OP_FPRSQRTA);
}

/* Does the instruction do something when its qualifying predicate is false? */
static bool acts_when_false(const struct ia64_insn *insn)
{
	switch (insn->op) {
#define UNC(C) \
	case OP_##C##_LT_UNC: case OP_##C##_LTU_UNC: case OP_##C##_EQ_UNC: \
	case OP_##C##_LT_UNC_I: case OP_##C##_LTU_UNC_I: case OP_##C##_EQ_UNC_I
	UNC(CMP):
	UNC(CMP4):
#undef UNC
	case OP_TBIT_Z_UNC:
	case OP_TNAT_Z_UNC:
	case OP_FRCPA:
	case OP_FPRCPA:
	case OP_FRSQRTA:
	case OP_FPRSQRTA:
	case OP_BR_WTOP:
	case OP_BR_WEXIT:
		return true;
	case OP_FCMP_EQ:
	case OP_FCMP_LT:
	case OP_FCMP_LE:
	case OP_FCMP_UNORD:
	case OP_FCLASS:
		return insn->y;
	default:
		return false;
	}
}

static void hide_predicate(struct ia64_insn *insn)
{
	insn->hint = insn->qp;
	insn->qp = 0;
}

static void predecode(struct ia64_insn_op *op, unsigned int bundle, const struct ia64_insn *insn)
{
	int64_t target = (int64_t)bundle * 16 + insn->imm;
	bool near = target >= 0 && target < (int64_t)IA64_MEM_PAGE_SIZE;

	op->insn = *insn;
	op->exec = ia64_exec_table[insn->op];
	if (targets_predicates(insn->op) && !insn->r1)
		op->insn.r1 = IA64_PR_SINK;
	if ((targets_predicates(insn->op) || targets_predicate_2(insn->op)) && !insn->r4)
		op->insn.r4 = IA64_PR_SINK;
	if (insn->unit == UNIT_X) {
		if (insn->op == OP_NOP || insn->op == OP_HINT) {
			op->exec = ia64_exec_NOP_X;
			op->insn.qp = 0;
		} else if (insn->qp) {
			op->exec = ia64_exec_PREDICATED_X;
			hide_predicate(&op->insn);
		}
		return;
	}
	if (acts_when_false(insn))
		hide_predicate(&op->insn);
	if (near && (insn->op == OP_BR_COND || insn->op == OP_BR_CLOOP)) {
		op->exec = insn->op == OP_BR_COND ? ia64_exec_BR_COND_NEAR :
						    ia64_exec_BR_CLOOP_NEAR;
		op->insn.imm = target / 16 * 3 - (bundle * 3 + insn->slot);
	}
}

EXEC(UNDECODED)
{
	unsigned int bundle = op_index(v, op) / 3, slot;
	struct ia64_insn_op *first = (struct ia64_insn_op *)v->code_ops + 3 * bundle;
	struct ia64_bundle decoded;

	ia64_decode_bundle(v->sys->mem->base + v->code_pa + 16 * bundle, &decoded);
	for (slot = 0; slot < 3; slot++)
		predecode(first + slot, bundle, &decoded.insn[slot]);
	v->retired--;
	return ia64_leave_run(v, op);
}

/* ---- fetching ---- */

/* What a window depends on beside its address and what raises exec_epoch. */
static uint64_t window_key(const struct vcpu *v, uint64_t va)
{
	return va | 8 | (v->psr & PSR_IT ? 4 : 0) | v->cpl;
}

static struct window *window_of(struct vcpu *v, uint64_t va)
{
	return &v->icache->window[(va >> IA64_MEM_PAGE_SHIFT ^ va >> 61) % NR_WINDOWS];
}

static const struct ia64_insn_op *enter(struct vcpu *v, uint64_t va, const struct window *w)
{
	v->code_ops = w->ops;
	v->code_va = va;
	v->code_pa = w->pa;
	return w->ops;
}

const struct ia64_insn_op *ia64_icache_lookup(struct vcpu *v, uint64_t va)
{
	struct window *w = window_of(v, va);

	if (w->key != window_key(v, va) || w->epoch != v->exec_epoch[va >> 61] ||
	    v->icache->epoch != atomic_load_explicit(&v->sys->mem->code_epoch,
						     memory_order_relaxed))
		return NULL;
	return enter(v, va, w);
}

/* Translates the page at va, finds or makes its decoded page. NULL: a fault was delivered. */
static const struct ia64_insn_op *fetch_page(struct vcpu *v, uint64_t va)
{
	struct ia64_icache *c = v->icache;
	struct ia64_xlate_result res;
	struct code_page *page;
	struct window *w;
	uint64_t epoch;

	if (ia64_translate(v, v->ip, 16, IA64_ACCESS_EXEC, 0, &res) != IA64_XLATE_OK)
		return NULL;
	epoch = atomic_load(&v->sys->mem->code_epoch);
	if (c->epoch != epoch) {
		drop_stale(v);
		c->epoch = epoch;
	}
	if (!ia64_memory_is_ram(v->sys->mem, res.pa & ~PAGE_MASK, IA64_MEM_PAGE_SIZE)) {
		ia64_crash(v, "instruction fetch at 0x%016llx from physical address 0x%llx, where "
			   "there is no memory", (unsigned long long)v->ip,
			   (unsigned long long)res.pa);
		return NULL;
	}
	page = find_page(v, res.pa & ~PAGE_MASK);
	if (!page) {
		ia64_crash(v, "no host memory for decoded instructions");
		return NULL;
	}
	w = window_of(v, va);
	w->key = window_key(v, va);
	w->epoch = v->exec_epoch[va >> 61];
	w->pa = page->pa;
	w->ops = page->ops;
	return enter(v, va, w);
}

const struct ia64_insn_op *ia64_fetch(struct vcpu *v)
{
	uint64_t va = v->ip & ~PAGE_MASK;
	const struct ia64_insn_op *ops;

	v->code_stale = false;
	ops = ia64_icache_lookup(v, va);
	if (!ops)
		ops = fetch_page(v, va);
	return ops ? ops + (v->ip & PAGE_MASK) / 16 * 3 + (v->ri < 3 ? v->ri : 2) : NULL;
}
