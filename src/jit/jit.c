/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which code is worth translating, and finding what has been: the dispatcher between interpreter
 * and translated code. Everything here belongs to one vCPU and runs on its thread.
 */
#include "jit/jit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ia64/interruption.h"
#include "ia64/rse.h"
#include "ia64/tlb.h"
#include "ia64/trace.h"
#include "jit/trace.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1 */
#endif

#define HOT_AFTER 24 /* visits of a place, before it is recorded */
#define MAX_FAILURES 3
/* A third of the cache is for main paths. */
#define COLD_FROM(bytes) ((bytes) / 3 & ~(size_t)63)
#define PAGES ((size_t)64 << 10) /* a multiple of the host's pages, whatever their size */
#define HUGE_PAGE ((size_t)2 << 20)
#define ROOM ((size_t)128 << 10) /* for the largest trace, in each part of the cache */
#define MIN_CACHE ((size_t)IA64_JIT_CACHE_MIN << 20) /* of a vCPU: less is emptied all the time */
#define MAX_UNROLLED 160
#define MAX_STRAYED 256 /* times, before a loop's trace is recorded anew, */
#define MAX_RECORDED 4  /* which makes it so many, */
#define LONG_LOOP 8     /* and waits for so many iterations to come */
#define LONGEST_DIVISION 64 /* instructions, the nops of their bundles with them */

/* ---- contexts -------------------------------------------------------------------------------- */

int jit_ctx_number(struct ia64_jit *jit, uint64_t key)
{
	unsigned int i;

	for (i = 0; i < jit->nctx; i++)
		if (jit->ctx_key[i] == key)
			return (int)i;
	if (key == JIT_NO_CTX || jit->nctx == JIT_MAX_CTX)
		return -1;
	jit->ctx_key[jit->nctx] = key;
	return (int)jit->nctx++;
}

/* The present context's number, or -1 if translated code cannot run in it. */
static int current_ctx(struct ia64_jit *jit)
{
	uint64_t key = jit_ctx_key(jit->v);

	/* An exit may know less of it, and is linked to a trace that needs no more. */
	if (jit->asked_place == (jit->v->ip | jit->v->ri) &&
	    jit_ctx_fits(key, jit->ctx_key[jit->asked_ctx]) &&
	    !(jit->ctx_key[jit->asked_ctx] & JIT_CTX_EPILOG & ~key))
		return jit->asked_ctx;
	if (jit->nctx && jit->ctx_key[jit->last_ctx] == key)
		return (int)jit->last_ctx;
	int n = jit_ctx_number(jit, key);
	if (n >= 0)
		jit->last_ctx = (unsigned int)n;
	return n;
}

/* ---- the cache of traces --------------------------------------------------------------------- */

static unsigned int hash_ip(uint64_t ip, unsigned int ctx)
{
	return (unsigned int)((ip >> 4 ^ ip >> 20 ^ ip >> 47 ^ ip << 9) + ctx * 977) % JIT_HASH;
}

static struct jit_jump_line *jump_line(struct ia64_jit *jit, uint64_t ip, unsigned int ctx)
{
	return &jit->jump[ctx][ip >> 4 & (JIT_JUMP_LINES - 1)];
}

static void flush_all_traces(struct ia64_jit *jit)
{
	unsigned int i;

	jit->used = jit->base_used;
	jit->cold_used = jit->cold;
	jit->ntraces = 0;
	jit->nexits = JIT_EXIT_FIRST;
	jit->nkept = 0;
	for (i = 0; i < JIT_HASH; i++)
		jit->hash[i] = -1;
	memset(jit->jump, 0, jit->nctx * sizeof(jit->jump[0]));
	jit->nctx = jit->last_ctx = 0;
	jit->asked_place = ~0ull;
	memset(jit->hot, 0, sizeof(jit->hot));
	jit->v->jit_exit = 0;
	jit->stats.flushes++;
}

/*
 * The physical page behind an instruction page now, without faults; false if there is none, or if a
 * privilege level of the set `levels` may not fetch from it.
 */
static bool page_now(struct vcpu *v, uint64_t va, unsigned int levels, uint64_t *pa)
{
	uint64_t at = 0;

	for (; levels; levels &= levels - 1)
		if (!ia64_fetch_quiet(v, va, (unsigned int)__builtin_ctz(levels), &at))
			return false;
	if (!(ia64_memory_attr(v->sys->mem, at) & IA64_PAGE_RAM))
		return false;
	*pa = at & ~(IA64_MEM_PAGE_SIZE - 1);
	return true;
}

/*
 * Is the trace good under the present translations? Its head has just been fetched, so that rights
 * and presence of that page are known; the others must map what they mapped.
 */
static bool revalidate(struct ia64_jit *jit, struct jit_trace *t)
{
	struct vcpu *v = jit->v;
	uint32_t epoch = v->exec_last;
	unsigned int i;
	uint64_t pa;

	for (i = 0; i < t->npages; i++) {
		if (!page_now(v, t->page_va[i], t->page_levels[i], &pa) || pa != t->page_pa[i])
			return false;
		if (atomic_load_explicit(&v->sys->mem->codegen[pa >> IA64_MEM_PAGE_SHIFT],
					 memory_order_acquire) != t->codegen[i]) {
			t->dead = true;
			return false;
		}
	}
	/* To look at one may have pushed another out of the translation cache. */
	if (v->exec_last != epoch)
		return false;
	jit_host_validate(jit, t);
	return true;
}

/*
 * The trace for a place. `fetched`: its page has just been fetched, without a fault; otherwise only
 * one that is known to be good is found.
 */
static struct jit_trace *find_trace(struct ia64_jit *jit, uint64_t ip, unsigned int ctx,
				    bool fetched)
{
	struct jit_trace *t;
	int32_t i;

	jit->stats.lookups++;
	for (i = jit->hash[hash_ip(ip, ctx)]; i >= 0; i = t->next) {
		t = &jit->trace[i];
		if (t->ip != ip || t->ctx != ctx || t->dead)
			continue;
		if (jit_good(jit->v, t) ||
		    (fetched && revalidate(jit, t)))
			return t;
	}
	return NULL;
}

/* The same, for the next time as well. */
static struct jit_trace *lookup(struct ia64_jit *jit, uint64_t ip, unsigned int ctx, bool fetched)
{
	struct jit_jump_line *line = jump_line(jit, ip, ctx);
	struct jit_trace *t;

	t = find_trace(jit, ip, ctx, fetched);
	if (!t)
		return NULL;
	if (ip != JIT_NO_PLACE && !jit->check) {
		line->tag = ip;
		line->code = t->code;
	}
	return t;
}

const uint8_t *jit_elsewhere(struct ia64_jit *jit)
{
	struct vcpu *v = jit->v;
	struct jit_jump_line *line;
	int ctx;

	if (v->nat_any || v->leaving || v->rse.cfle || jit->check ||
	    atomic_load_explicit(&v->sys->mem->code_epoch, memory_order_acquire) !=
		    jit->code_epoch ||
	    (ctx = current_ctx(jit)) < 0)
		return NULL;
	line = jump_line(jit, v->ip | v->ri, (unsigned int)ctx);
	if (line->tag != (v->ip | v->ri) || line->tag == JIT_NO_PLACE)
		return NULL;
	jit_order_registers(jit, true);
	return line->code;
}

/* Decoded code changed somewhere: traces of pages that were written go. */
static void drop_stale_code(struct ia64_jit *jit)
{
	const struct ia64_memory *mem = jit->v->sys->mem;
	uint64_t now = atomic_load_explicit(&mem->code_epoch, memory_order_acquire);
	struct jit_trace *t;
	uint32_t i;
	unsigned int p;

	if (now == jit->code_epoch)
		return;
	jit->code_epoch = now;
	for (i = 0; i < jit->ntraces; i++) {
		t = &jit->trace[i];
		if (t->dead)
			continue;
		for (p = 0; p < t->npages; p++) {
			if (atomic_load_explicit(&mem->codegen[t->page_pa[p] >> IA64_MEM_PAGE_SHIFT],
						 memory_order_relaxed) == t->codegen[p])
				continue;
			jit_host_kill(jit, t);
			jit->stats.dead_traces++;
			break;
		}
	}
}

/* How many traces of a place have been given up. */
static unsigned int given_up(const struct ia64_jit *jit, uint64_t ip, unsigned int ctx)
{
	unsigned int n = 0;
	int32_t i;

	for (i = jit->hash[hash_ip(ip, ctx)]; i >= 0; i = jit->trace[i].next)
		n += jit->trace[i].dead && jit->trace[i].ip == ip && jit->trace[i].ctx == ctx;
	return n;
}

void jit_strayed(struct ia64_jit *jit, uint32_t trace)
{
	struct jit_trace *t = &jit->trace[trace];

	if (++t->strayed == MAX_STRAYED && !t->dead && given_up(jit, t->ip, t->ctx) < MAX_RECORDED)
		jit_host_kill(jit, t);
}

/* ---- recording ------------------------------------------------------------------------------- */

static bool add_page(struct jit_record *rec, uint64_t va, uint64_t pa, unsigned int level)
{
	unsigned int regions = 1u << (va >> 61), i;

	for (i = 0; i < rec->npages && rec->page_va[i] != va; i++)
		regions |= 1u << (rec->page_va[i] >> 61);
	if (i == JIT_MAX_PAGES || __builtin_popcount(regions) > JIT_MAX_REGIONS)
		return false;
	if (i == rec->npages) {
		rec->page_va[i] = va;
		rec->page_pa[i] = pa;
		rec->page_levels[i] = 0;
		rec->npages++;
	}
	rec->page_levels[i] |= (uint8_t)(1u << level);
	return rec->page_pa[i] == pa;
}

static bool is_branch(const struct ia64_insn *in)
{
	return (in->op >= OP_BR_COND && in->op <= OP_BRL_CALL) || in->op == OP_CHK_A;
}

/*
 * Executes one instruction. Returns the next one in the same page, or NULL: then ip and ri are in
 * sync (and code may have changed, an interruption been delivered, ...).
 */
const struct ia64_insn_op *jit_step(struct vcpu *v, const struct ia64_insn_op *op)
{
	v->op = op;
	v->retired++;
	if (!v->pr[op->insn.qp])
		return op + 1;
	return op->exec(v, op);
}

static void position(const struct vcpu *v, const struct ia64_insn_op *op, uint64_t *ip,
		     unsigned int *slot)
{
	unsigned int n = (unsigned int)(op - v->code_ops);

	*ip = v->code_va + n / 3 * 16;
	*slot = n % 3;
}

/*
 * After an instruction: does the recording go on, and in which context? What only the instruction's
 * own function knows is taken as it came; translated code checks that it comes so again.
 */
static bool context_after(struct ia64_jit *jit, const struct jit_insn *i, enum jit_support support,
			  unsigned int *ctx)
{
	struct vcpu *v = jit->v;
	uint64_t before = jit->ctx_key[*ctx], expected, now;
	int n;

	if (v->rse.cfle && !ia64_rse_complete(v))
		return false;
	now = jit_ctx_key(v);
	expected = support == JIT_SYSTEM || i->in.op == OP_BR_RET ?
			   now & ~(uint64_t)JIT_CTX_EPILOG : jit_ctx_after(before, i);
	if (v->nat_any || now == JIT_NO_CTX || ((before ^ now) & JIT_CTX_IT) ||
	    !jit_ctx_fits(now, expected))
		return false;
	n = jit_ctx_number(jit, expected);
	if (n < 0)
		return false;
	*ctx = (unsigned int)n;
	return true;
}

/*
 * A br.ctop has just gone back to `place`, and the trace knows which stages of the loop are on: is
 * all of what is left of the loop to be recorded as well? Then its registers have their names, and
 * what stages that are off would do costs nothing. How many instructions that is; 0: no.
 */
static unsigned int rest_of_loop(const struct ia64_jit *jit, uint64_t place)
{
	const struct jit_record *rec = &jit->rec;
	const struct vcpu *v = jit->v;
	unsigned int body;
	uint64_t rest;

	for (body = 1; body <= rec->n; body++)
		if ((rec->insn[rec->n - body].ip | rec->insn[rec->n - body].slot) == place)
			break;
	rest = v->ar[AR_LC] > JIT_MAX_INSNS ? JIT_MAX_INSNS : v->ar[AR_LC] + v->ar[AR_EC];
	if (body > rec->n || rec->n + body * rest > JIT_MAX_INSNS - 64)
		return 0;
	return body * (unsigned int)rest;
}

/*
 * Is a division or a root under way? The translator knows those that it finds whole in a trace.
 */
static bool dividing(const struct jit_record *rec)
{
	const struct ia64_insn *in;
	unsigned int k;

	for (k = rec->n; k > 0 && k + LONGEST_DIVISION > rec->n; k--) {
		in = &rec->insn[k - 1].in;
		switch (in->op) {
		case OP_FRCPA: case OP_FRSQRTA:
			return true;
		case OP_FCVT_FX_TRUNC: case OP_FCVT_FXU_TRUNC: case OP_BR_RET:
			return false;
		case OP_FMA:
			if (in->y != PC_NONE && in->x == 0)
				return false;
			break;
		default:
			break;
		}
	}
	return false;
}

/* What do FRs hold? */
static void note_forms(struct jit_record *rec, const struct vcpu *v)
{
	const struct ia64_fr *fr;
	struct ia64_fr d;
	unsigned int f;

	for (f = 0; f < 128; f++) {
		fr = &v->fr[f];
		d = ia64_fr_from_double(ia64_fr_to_double(*fr));
		rec->form[f] = d.sig == fr->sig && d.se == fr->se ? JIT_FR_DOUBLE :
			       fr->se == IA64_FR_EXP_INTEGER ? JIT_FR_INTEGER : JIT_FR_WIDE;
	}
}

/*
 * Interprets and records from ip/ri until something ends the trace. On return ip/ri are in sync.
 * False: nothing usable was recorded.
 */
static bool record(struct ia64_jit *jit, unsigned int ctx)
{
	struct jit_record *rec = &jit->rec;
	struct vcpu *v = jit->v;
	const struct ia64_insn_op *op, *next;
	struct ia64_bundle bundle;
	struct jit_insn *i;
	enum jit_support support;
	uint64_t ip, next_ip, seq_ip, place;
	unsigned int slot, next_slot, seq_slot;
	bool crossed = false, unroll = false, stages_known = false, met = false;
	bool renamed = false, onwards;
	unsigned int rotations = 0, longest = JIT_LONG, rest;
	uint64_t followed = JIT_NO_PLACE;

	rec->n = 0;
	rec->npages = 0;
	rec->head = v->ip | v->ri;
	rec->ctx = rec->end_ctx = (uint8_t)ctx;
	rec->to_interp = rec->to_other = false;
	rec->fpsr = 0;
	rec->why = "full";
	note_forms(rec, v);
	op = ia64_fetch(v);
	if (!op)
		return false;
	for (;;) {
		position(v, op, &ip, &slot);
		if (op == v->code_ops + 768) {
			/* the sentinel: on to the next page */
			v->op = op;
			v->retired++; /* which it takes back */
			op = op->exec(v, op);
			if (!op)
				op = atomic_load(&v->attention) ? NULL : ia64_fetch(v);
			if (!op) {
				crossed = true;
				break;
			}
			continue;
		}
		if ((rec->n >= longest && (rec->n == JIT_MAX_INSNS || !dividing(rec))) ||
		    (rec->n && (ip | slot) == rec->head && !unroll) ||
		    !add_page(rec, v->code_va, v->code_pa, v->cpl))
			break;
		i = &rec->insn[rec->n];
		ia64_decode_bundle(v->sys->mem->base + v->code_pa + (ip & 0xff0), &bundle);
		i->in = bundle.insn[slot];
		i->ip = ip;
		i->slot = (uint8_t)slot;
		i->ctx = (uint8_t)ctx;
		support = jit_host_support(jit->ctx_key[ctx], i);
		if (support == JIT_END_BEFORE) {
			rec->to_interp = true;
			rec->why = "for the interpreter";
			break;
		}
		if (slot == 2 || i->in.unit == UNIT_X) {
			seq_ip = ip + 16;
			seq_slot = 0;
		} else {
			seq_ip = ip;
			seq_slot = slot + 1;
		}
		if (i->in.unit == UNIT_F && i->in.op != OP_NOP && !rec->fpsr)
			rec->fpsr = v->ar[AR_FPSR];
		i->executed = v->pr[i->in.qp];
		i->kernel = v->ar[AR_LC] != 0;
		i->sof = v->rse.sof;
		i->sol = v->rse.sol;
		i->pfs = v->ar[AR_PFS];
		next = jit_step(v, op);
		i->op = *op;
		if (next) {
			position(v, next, &next_ip, &next_slot);
			if (i->in.unit == UNIT_X && next == op + 1)
				next++, next_ip = seq_ip, next_slot = 0;
			op = next;
		} else {
			v->op = NULL;
			next_ip = v->ip;
			next_slot = v->ri;
			crossed = true;
		}
		if (!next && next_ip == ip && next_slot == slot) {
			/* It was not decoded yet, or faulted on itself: once more. */
			if (atomic_load(&v->attention) || !(op = ia64_fetch(v)))
				break;
			crossed = false;
			continue;
		}
		place = next_ip | next_slot;
		i->taken = is_branch(&i->in) && (next_ip != seq_ip || next_slot != seq_slot);
		i->next = place;
		if (support != JIT_SYSTEM) {
			/* Faulted, or went where only the interpreter can follow. */
			rec->why = "fault";
			if (!i->taken && (next_ip != seq_ip || next_slot != seq_slot))
				break;
			if (i->taken && (next_slot || support == JIT_CALL))
				break;
			rec->why = "full";
		}
		rec->n++;
		if (!context_after(jit, i, support, &ctx)) {
			/* what was executed is as recorded, but it cannot go on */
			rec->to_other = true;
			rec->why = "another context";
			break;
		}
		rec->end_ctx = (uint8_t)ctx;
		/*
		 * A loop that rotates is followed several times around: the registers' names come
		 * around as well, and the predicates of its stages are found to be set.
		 */
		rotations += i->in.op == OP_BR_CTOP && i->taken;
		if (i->in.op == OP_BR_CTOP)
			renamed = true;
		else if (support != JIT_NATIVE || (i->in.op == OP_BR_RET && i->executed))
			renamed = false;
		stages_known |= i->in.op == OP_MOV_PR_ROT;
		if (i->in.op == OP_BR_CTOP && i->taken && place != followed && stages_known &&
		    (rest = rest_of_loop(jit, place))) {
			followed = place;
			longest = longest + rest < JIT_MAX_INSNS ? longest + rest : JIT_MAX_INSNS;
		} else if (i->in.op == OP_BR_CTOP && !i->taken) {
			followed = JIT_NO_PLACE;
			stages_known = false;
		}
		unroll = i->taken && place == rec->head && rotations &&
			 rec->n + rec->n / rotations <= MAX_UNROLLED &&
			 /* Its end has another trace, if there is enough for one without it. */
			 !(rotations >= LONG_LOOP / 2 && i->kernel && !v->ar[AR_LC]) &&
			 !(rec->n > MAX_UNROLLED / 2 &&
			   rotations % (v->rse.sor ? v->rse.sor : 8) == 0);
		/*
		 * Another trace has registers in the order of their names, and to bring them there
		 * takes longer than what comes behind a loop, up to the return that forgets it.
		 */
		onwards = renamed && !(i->in.op == OP_BR_CTOP && i->taken) &&
			  (jit->ctx_key[ctx] & JIT_CTX_ROTATES) && place != rec->head;
		if ((i->taken || place != (seq_ip | seq_slot)) && !unroll && !onwards &&
		    !(place == followed && i->in.op == OP_BR_CTOP) &&
		    (place == rec->head || find_trace(jit, place, ctx, false))) {
			rec->why = place == rec->head ? "loop" : "meets a trace";
			met = true;
			break;
		}
		if (!next) {
			rec->why = "attention";
			if (atomic_load(&v->attention))
				break;
			next = ia64_fetch(v);
			if (!next)
				break;
			rec->why = "full";
			crossed = false;
		}
		op = next;
	}
	if (!crossed && op) {
		/* stopped in front of `op` */
		v->op = op;
		ia64_sync_ip(v);
	}
	v->op = NULL;
	if (!rec->n)
		return false;
	i = &rec->insn[rec->n - 1];
	if (i->taken || jit_host_support(jit->ctx_key[i->ctx], i) == JIT_SYSTEM)
		rec->end = i->next;
	else if (i->slot == 2 || i->in.unit == UNIT_X)
		rec->end = i->ip + 16;
	else
		rec->end = i->ip + i->slot + 1;
	/* A short one is worth it where it joins two others. */
	return rec->n >= 3 || met;
}

/* A loop that rotates and was recorded too close to its end: another time. */
static bool worth_recording(const struct ia64_jit *jit, uint64_t ip, unsigned int ctx)
{
	uint64_t key = jit->ctx_key[ctx];

	return !(key & JIT_CTX_ROTATES) || (key & JIT_CTX_EPILOG) ||
	       jit->v->ar[AR_LC] >= LONG_LOOP || !given_up(jit, ip, ctx);
}

static void add_region(struct jit_trace *t, uint8_t region)
{
	unsigned int i;

	for (i = 0; i < t->nregions; i++)
		if (t->region[i] == region)
			return;
	t->region[t->nregions++] = region;
}

/*
 * Of the part of the cache that begins at `from` and is filled up to `used`: a page that is half
 * full becomes a huge one, in both mappings. Not before, as each is memory that is taken; where the
 * kernel has none (or no such call) all stays as it is.
 */
static void use_huge_pages(struct ia64_jit *jit, size_t from, size_t used, size_t *asked)
{
	size_t page = used & ~(HUGE_PAGE - 1), begin = page > from ? page : from;

	if (page < *asked || used - begin < HUGE_PAGE / 2 || page + HUGE_PAGE > jit->bytes)
		return;
	*asked = page + HUGE_PAGE;
	if (!madvise(jit->rw + page, HUGE_PAGE, MADV_COLLAPSE))
		madvise(jit->rx + page, HUGE_PAGE, MADV_COLLAPSE);
}

static bool translate(struct ia64_jit *jit, unsigned int ctx)
{
	struct jit_record *rec = &jit->rec;
	const struct ia64_memory *mem = jit->v->sys->mem;
	struct jit_trace *t;
	unsigned int i, h;
	size_t hot, cold;

	if (jit->ntraces == jit->max_traces || jit->nctx > JIT_MAX_CTX - 4 ||
	    jit->cold - jit->used < ROOM || jit->bytes - jit->cold_used < ROOM ||
	    jit->max_exits - jit->nexits < 2 * JIT_MAX_INSNS ||
	    jit->max_kept - jit->nkept < 2 * JIT_MAX_INSNS) {
		flush_all_traces(jit);
		return true;
	}
	/* What was recorded may have been changed meanwhile. */
	if (atomic_load_explicit(&mem->code_epoch, memory_order_acquire) != jit->code_epoch)
		return false;
	t = &jit->trace[jit->ntraces];
	memset(t, 0, sizeof(*t));
	t->ip = rec->head;
	t->ctx = (uint8_t)ctx;
	t->npages = (uint8_t)rec->npages;
	for (i = 0; i < rec->npages; i++) {
		add_region(t, (uint8_t)(rec->page_va[i] >> 61));
		t->page_va[i] = rec->page_va[i];
		t->page_pa[i] = rec->page_pa[i];
		t->page_levels[i] = rec->page_levels[i];
		t->codegen[i] = atomic_load(&mem->codegen[rec->page_pa[i] >> IA64_MEM_PAGE_SHIFT]);
	}
	hot = jit->used;
	cold = jit->cold_used;
	if (!jit_host_translate(jit, jit->ntraces)) {
		jit->stats.record_failed++;
		ia64_trace(jit->v, IA64_TRACE_JIT, "refused", t->ip, rec->n, 0);
		return false;
	}
	use_huge_pages(jit, 0, jit->used, &jit->huge);
	use_huge_pages(jit, jit->cold, jit->cold_used, &jit->cold_huge);
	h = hash_ip(t->ip, ctx);
	t->next = jit->hash[h];
	jit->hash[h] = (int32_t)jit->ntraces++;
	jit->stats.traces++;
	jit->stats.trace_insns += rec->n;
	jit->stats.code_bytes = jit->used + jit->cold_used - jit->cold;
	jit_perf_map_add(jit, t, jit->used - hot, cold, jit->cold_used - cold);
	ia64_trace(jit->v, IA64_TRACE_JIT, rec->why, t->ip, rec->n,
		   jit->used - hot + jit->cold_used - cold);
	return true;
}

/* ---- running --------------------------------------------------------------------------------- */

/*
 * Clears nat_any if no NaT bit is set in any register that exists; what lies above the frame in
 * the stack is cleared as well, since a new frame may show it.
 */
static bool nats_clear(struct vcpu *v)
{
	struct ia64_rse *r = &v->rse;
	uint32_t lo, hi, i;
	uint8_t any = 0;

	if (!v->nat_any)
		return true;
	for (i = 0; i < 32; i++)
		any |= v->nat[i];
	for (i = 0; i < 16; i++)
		any |= v->bank_nat[i];
	hi = r->bof + r->sof;
	lo = (uint32_t)((int32_t)r->bof - (r->ndirty > 0 ? r->ndirty : 0) - r->nclean);
	for (i = lo; i < hi && i < IA64_STK_SIZE; i++)
		any |= r->stk_nat[i];
	if (any)
		return false;
	memset(r->stk_nat, 0, sizeof(r->stk_nat));
	v->nat_any = 0;
	return true;
}

/*
 * Interprets from ip/ri to the next taken branch, or to the end of the bundle when `bundle`. Leaves
 * ip/ri in sync. False if attention came up or the vCPU is to leave.
 */
static void interpret(struct ia64_jit *jit, bool bundle)
{
	struct vcpu *v = jit->v;
	const struct ia64_insn_op *op = ia64_fetch(v), *next;

	if (!op)
		return;
	jit->stats.handed[op->insn.op] += bundle;
	jit->stats.interp_blocks++;
	for (;;) {
		next = jit_step(v, op);
		jit->stats.interp_insns++;
		if (!next) {
			v->op = NULL;
			return;
		}
		if (next != op + 1 || (bundle && (next - v->code_ops) % 3 == 0)) {
			v->op = next;
			ia64_sync_ip(v);
			v->op = NULL;
			return;
		}
		op = next;
	}
}

/* Moves the n registers of a rotating frame (a multiple of 8) by so many places around. */
static void turn(uint64_t *gr, unsigned int n, unsigned int by)
{
	uint64_t twice[2 * IA64_STACKED_PHYS];
	const uint64_t *from;
	unsigned int i;

	if (!n || !(by %= n))
		return;
	for (i = 0; i < n; i += 8) {
		memcpy(twice + i, gr + i, 8 * sizeof(*gr));
		memcpy(twice + n + i, gr + i, 8 * sizeof(*gr));
	}
	for (i = 0, from = twice + n - by; i < n; i += 8)
		memcpy(gr + i, from + i, 8 * sizeof(*gr));
}

void jit_order_registers(struct ia64_jit *jit, bool logical)
{
	struct ia64_rse *r = &jit->v->rse;

	if (jit->logical == logical)
		return;
	jit->logical = logical;
	if (!r->rrb_gr)
		return;
	turn(r->stk + r->bof, r->sor, logical ? r->sor - r->rrb_gr : r->rrb_gr);
}

void jit_leave_frame(struct ia64_jit *jit, unsigned int n)
{
	struct ia64_rse *r = &jit->v->rse;
	uint64_t *gr = r->stk + r->bof, first[IA64_STACKED_PHYS];
	unsigned int i, from;

	if (!jit->logical)
		return;
	jit->logical = false;
	if (!r->rrb_gr)
		return;
	/* A frame that comes to be where this one was begins with them, which lockstep compares. */
	if (n > r->sor || jit->check)
		n = r->sor;
	for (i = 0, from = r->sor - r->rrb_gr; i < n; i++) {
		first[i] = gr[from];
		from = from + 1 == r->sor ? 0 : from + 1;
	}
	memcpy(gr, first, n * sizeof(*gr));
}

/* rrb after n steps; without a division where it can be. */
static uint8_t rrb_after(unsigned int rrb, unsigned int n, unsigned int size)
{
	if (n > rrb)
		rrb += n <= size ? size : (n / size + 1) * size;
	rrb -= n;
	return (uint8_t)(rrb >= size ? rrb - size : rrb);
}

void jit_rotate(struct vcpu *v, uint32_t n)
{
	struct ia64_rse *r = &v->rse;

	turn(r->stk + r->bof, r->sor, n);
	ia64_rse_turn_predicates(v, n);
	if (r->sor)
		r->rrb_gr = rrb_after(r->rrb_gr, n, r->sor);
	r->rrb_fr = rrb_after(r->rrb_fr, n, 96);
	r->rrb_pr = rrb_after(r->rrb_pr, n, 48);
}

void jit_settle(struct ia64_jit *jit)
{
	struct vcpu *v = jit->v;

	jit_resolve_exit(jit);
	if (v->jit_rotate) {
		jit_rotate(v, v->jit_rotate);
		v->jit_rotate = 0;
	}
	jit_order_registers(jit, false);
}

static void run_code(struct ia64_jit *jit, const uint8_t *at)
{
	struct vcpu *v = jit->v;
	struct jit_exit *e = NULL;
	struct jit_trace *to;
	uint64_t code;
	int ctx;

	v->op = NULL;
	v->jit_exit = 0;
	jit->asked_place = ~0ull;
	jit->stats.entries++;
	jit_order_registers(jit, true);
	jit_tier(jit, JIT_TRANSLATED);
	for (;;) {
		code = jit->check ? jit_check_enter(jit, at) : jit_host_enter(jit, at);
		if (code < JIT_EXIT_FIRST) {
			e = v->jit_exit ? &jit->exit[v->jit_exit] : NULL;
			jit_resolve_exit(jit);
			break;
		}
		/* An exit that is not linked yet: link it if there is a trace to link it to. */
		jit->stats.exits_cold++;
		e = &jit->exit[code];
		v->ip = e->target & ~15ull;
		v->ri = e->target & 15;
		to = find_trace(jit, e->target, e->ctx, false);
		if (!to || jit->check) {
			jit->asked_place = e->target;
			jit->asked_ctx = e->ctx;
			jit_resolve_exit(jit);
			break;
		}
		jit_host_link(jit, e, to->code);
		at = to->code;
	}
	jit_tier(jit, JIT_INTERPRETING);
	jit_settle(jit);
	if (code == JIT_INTERP) {
		jit->stats.exits_interp++;
		if (v->rse.bof > JIT_MAX_BOF - 2 * IA64_STACKED_PHYS)
			ia64_rse_recentre(v);
		interpret(jit, true);
	} else if (code == JIT_REVALIDATE) {
		jit->stats.exits_epoch++;
		/* The head's translation may be gone: fetch, which faults if so. */
		if (!ia64_fetch(v))
			return;
		/* Its context may know less than this one: it is what exits are linked to. */
		jit->asked_place = v->ip | v->ri;
		jit->asked_ctx = jit->trace[jit->stale].ctx;
		ctx = current_ctx(jit);
		if (ctx < 0)
			return;
		jump_line(jit, v->ip | v->ri, (unsigned int)ctx)->tag = JIT_NO_PLACE;
		to = lookup(jit, v->ip | v->ri, (unsigned int)ctx, true);
		/* The exit that led to the old one leads to this from now on. */
		if (to && e && e->patch && e->target == (v->ip | v->ri) && e->ctx == ctx &&
		    !jit->check)
			jit_host_link(jit, e, to->code);
	}
}

static bool record_and_translate(struct ia64_jit *jit, unsigned int ctx)
{
	bool done;

	jit_tier(jit, JIT_RECORDING);
	done = record(jit, ctx);
	jit_tier(jit, JIT_TRANSLATING);
	done = done && translate(jit, ctx);
	jit_tier(jit, JIT_INTERPRETING);
	return done;
}

static bool run_until_attention(struct vcpu *v)
{
	struct ia64_jit *jit = v->jit;
	struct jit_jump_line *line;
	struct jit_trace *t;
	struct jit_hot *hot;
	uint64_t ip;
	int ctx;

	/* What goes instruction by instruction, or wants to see each, is the interpreter's. */
	if (atomic_load(&v->attention) == IA64_ATTN_SLOW || v->sys->debug ||
	    ia64_trace_wants(v, IA64_TRACE_INSN))
		return ia64_interp_run(v);
	v->op = NULL;
	while (!atomic_load_explicit(&v->attention, memory_order_relaxed) && !v->leaving) {
		drop_stale_code(jit);
		if (v->rse.cfle) {
			ia64_rse_complete(v);
			continue;
		}
		if (!nats_clear(v) || (ctx = current_ctx(jit)) < 0) {
			interpret(jit, false);
			continue;
		}
		ip = v->ip | v->ri;
		line = jump_line(jit, ip, (unsigned int)ctx);
		if (line->tag == ip && ip != JIT_NO_PLACE) {
			/* Its entry looks whether it is still good. */
			run_code(jit, line->code);
			continue;
		}
		t = lookup(jit, ip, (unsigned int)ctx, false);
		if (!t) {
			if (!ia64_fetch(v))
				continue;
			t = lookup(jit, ip, (unsigned int)ctx, true);
		}
		if (t) {
			run_code(jit, t->code);
			continue;
		}
		/* One place may be hot in several contexts. */
		hot = &jit->hot[((ip >> 4 ^ ip >> 18 ^ ip << 10) + (unsigned int)ctx * 977) %
				JIT_HOT];
		if (hot->ip != (ip ^ (uint64_t)ctx << 56)) {
			hot->ip = ip ^ (uint64_t)ctx << 56;
			hot->count = hot->failed = 0;
		}
		if (++hot->count < jit->hot_after || hot->failed >= MAX_FAILURES) {
			interpret(jit, false);
			continue;
		}
		hot->count = 0;
		if (!worth_recording(jit, ip, (unsigned int)ctx)) {
			hot->failed++;
			interpret(jit, false);
			continue;
		}
		if (!record_and_translate(jit, (unsigned int)ctx))
			hot->failed++;
	}
	return false;
}

static bool run(struct vcpu *v)
{
	bool done;

	jit_tier(v->jit, JIT_INTERPRETING);
	done = run_until_attention(v);
	jit_tier(v->jit, JIT_OUTSIDE);
	return done;
}

/* ---- making it ------------------------------------------------------------------------------- */

/* Room for so many bytes, where a huge page may begin; or MAP_FAILED. */
static uint8_t *reserve(size_t bytes)
{
	uint8_t *at = mmap(NULL, bytes + HUGE_PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (at == MAP_FAILED)
		return at;
	before = -(uintptr_t)at & (HUGE_PAGE - 1);
	if (before)
		munmap(at, before);
	munmap(at + before + bytes, HUGE_PAGE - before);
	return at + before;
}

/*
 * The same pages twice. Without a file behind them: perf(1) looks names up for memory that has
 * none.
 */
static int map_cache(struct ia64_jit *jit, size_t bytes)
{
	jit->bytes = bytes;
	jit->cold = jit->cold_used = COLD_FROM(bytes);
	jit->rw = reserve(bytes);
	jit->rx = reserve(bytes);
	if (jit->rw == MAP_FAILED || jit->rx == MAP_FAILED)
		return -errno;
	if (mmap(jit->rw, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) == MAP_FAILED)
		return -errno;
	/* Of a shared mapping, a length of 0 makes another mapping (mremap(2)). */
	if (mremap(jit->rw, 0, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, jit->rx) == MAP_FAILED ||
	    mprotect(jit->rx, bytes, PROT_READ | PROT_EXEC) < 0)
		return -errno;
	return 0;
}

static void destroy(struct vcpu *v)
{
	struct ia64_jit *jit = v->jit;

	if (!jit)
		return;
	v->jit = NULL;
	jit_perf_map_drop(jit);
	jit_check_destroy(jit);
	jit_host_destroy(jit);
	if (jit->rw != MAP_FAILED)
		munmap(jit->rw, jit->bytes);
	if (jit->rx != MAP_FAILED)
		munmap(jit->rx, jit->bytes);
	free(jit->trace);
	free(jit->exit);
	free(jit->kept);
	free(jit);
}

static int create(struct vcpu *v, size_t cache_bytes)
{
	struct ia64_jit *jit = calloc(1, sizeof(*jit));
	int err;

	if (!jit)
		return -ENOMEM;
	jit->v = v;
	jit->hot_after = HOT_AFTER;
	jit->rw = jit->rx = MAP_FAILED;
	v->jit = jit;
	jit_clock_begin(&jit->clock);
	err = map_cache(jit, cache_bytes);
	jit->max_traces = (uint32_t)(cache_bytes / 512);
	jit->max_exits = jit->max_traces * 6;
	jit->max_kept = jit->max_traces * 2;
	jit->trace = calloc(jit->max_traces, sizeof(*jit->trace));
	jit->exit = calloc(jit->max_exits, sizeof(*jit->exit));
	jit->kept = calloc(jit->max_kept, sizeof(*jit->kept));
	if (!err && (!jit->trace || !jit->exit || !jit->kept))
		err = -ENOMEM;
	if (!err && !jit_host_init(jit))
		err = -ENOMEM;
	if (err) {
		destroy(v);
		return err;
	}
	flush_all_traces(jit);
	jit->stats.flushes = 0;
	return 0;
}

int ia64_jit_attach(struct ia64_system *sys, unsigned int cache, unsigned int check_every)
{
	size_t bytes = ((size_t)(cache ? cache : IA64_JIT_CACHE_STANDARD) << 20) / sys->nr_vcpus &
		       ~(PAGES - 1);
	unsigned int i;
	int err = 0;

	if (bytes < MIN_CACHE)
		bytes = MIN_CACHE;
	for (i = 0; i < sys->nr_vcpus && !err; i++) {
		err = create(sys->vcpus[i], bytes);
		if (!err && check_every)
			err = jit_check_create(sys->vcpus[i]->jit, check_every);
	}
	if (err) {
		ia64_jit_detach(sys);
		return err;
	}
	sys->execute = run;
	return 0;
}

void ia64_jit_hot_after(struct ia64_system *sys, unsigned int visits)
{
	unsigned int i;

	for (i = 0; i < sys->nr_vcpus; i++)
		sys->vcpus[i]->jit->hot_after = visits;
}

void ia64_jit_detach(struct ia64_system *sys)
{
	unsigned int i;

	sys->execute = ia64_interp_run;
	for (i = 0; i < sys->nr_vcpus; i++)
		destroy(sys->vcpus[i]);
}
