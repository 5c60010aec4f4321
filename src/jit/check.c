/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lockstep: what a trace did is taken back and done again by the interpreter. Registers are copied,
 * memory has a journal. A run that touched a device cannot be repeated and is believed.
 *
 * Back ends write to a domain's memory, and so may other vCPUs, between the two runs: what differs is
 * done again from its start, both ways, and only what differs each time is an error. What a vCPU does
 * by a semaphore is done twice, and others may see it: compare on one vCPU.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ia64/disasm.h"
#include "ia64/interruption.h"
#include "ia64/journal.h"
#include "ia64/rse.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"
#include "jit/trace.h"

#define MAX_ENTRIES 65536
#define ROUNDS 4

/* What lies before the fast lines is all that instructions may change, but for `attention`. */
#define STATE_BYTES offsetof(struct vcpu, views)

struct jit_check {
	unsigned int every, until;
	struct ia64_journal journal;
	uint8_t before[STATE_BYTES];
	struct vcpu *after; /* a copy of the front part only */
	uint64_t compared, believed;
};

int jit_check_create(struct ia64_jit *jit, unsigned int every)
{
	struct jit_check *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	jit->check = c;
	c->every = c->until = every;
	c->journal.max = MAX_ENTRIES;
	c->journal.entry = calloc(MAX_ENTRIES, sizeof(*c->journal.entry));
	c->after = calloc(1, sizeof(*c->after));
	return c->journal.entry && c->after ? 0 : -ENOMEM;
}

void jit_check_destroy(struct ia64_jit *jit)
{
	struct jit_check *c = jit->check;

	if (!c)
		return;
	jit_check_print(jit, stderr);
	free(c->journal.entry);
	free(c->after);
	free(c);
	jit->check = NULL;
}

void jit_check_print(const struct ia64_jit *jit, FILE *out)
{
	if (jit->check)
		fprintf(out, "lockstep: vCPU %u: %" PRIu64 " runs compared, %" PRIu64
			" not repeatable\n", jit->v->index, jit->check->compared,
			jit->check->believed);
}

static void save(void *to, const struct vcpu *v)
{
	memcpy(to, (const void *)v, STATE_BYTES);
}

static void restore(struct vcpu *v, const void *from)
{
	uint32_t attention = atomic_load(&v->attention);

	memcpy((void *)v, from, STATE_BYTES);
	atomic_store(&v->attention, attention);
}

/* Memory as it was before entries from `first` on. */
static void take_back(const struct ia64_journal *j, unsigned int first)
{
	for (unsigned int i = j->n; i-- > first;)
		memcpy(j->entry[i].at, j->entry[i].old, j->entry[i].len);
}

/* What is in memory now where entries are. */
static void note_memory(struct ia64_journal *j)
{
	for (unsigned int i = 0; i < j->n; i++)
		memcpy(j->entry[i].then, j->entry[i].at, j->entry[i].len);
}

/* One line for each register that differs; the number of them. */
static unsigned int compare(const struct vcpu *a, const struct vcpu *b, FILE *out)
{
	unsigned int n = 0, i;
	bool nat_a, nat_b;
	uint64_t x, y;

#define DIFFER(name, index, va, vb) \
	do { \
		uint64_t va_ = (va), vb_ = (vb); \
		if (va_ != vb_) { \
			n++; \
			if (out) \
				fprintf(out, "  %s%d: translated %#" PRIx64 ", interpreted %#" PRIx64 \
					"\n", name, (int)(index), va_, vb_); \
		} \
	} while (0)

	DIFFER("ip ", 0, a->ip, b->ip);
	DIFFER("ri ", 0, a->ri, b->ri);
	DIFFER("psr ", 0, a->psr, b->psr);
	for (i = 1; i < 32; i++)
		DIFFER("r", i, a->gr[i], b->gr[i]);
	for (i = 0; i < a->rse.sof && i < b->rse.sof; i++) {
		x = ia64_stacked_read(a, i, &nat_a);
		y = ia64_stacked_read(b, i, &nat_b);
		DIFFER("r", 32 + i, x, y);
		DIFFER("nat r", 32 + i, nat_a, nat_b);
	}
	for (i = 1; i < 64; i++)
		DIFFER("p", i, a->pr[i], b->pr[i]);
	for (i = 0; i < 8; i++)
		DIFFER("b", i, a->br[i], b->br[i]);
	for (i = 0; i < 128; i++) {
		DIFFER("ar", i, a->ar[i], b->ar[i]);
		DIFFER("cr", i, a->cr[i], b->cr[i]);
		DIFFER("f.sig ", i, a->fr[i].sig, b->fr[i].sig);
		DIFFER("f.se ", i, a->fr[i].se, b->fr[i].se);
	}
	for (i = 0; i < 16; i++)
		DIFFER("bank r", 16 + i, a->bank_gr[i], b->bank_gr[i]);
	DIFFER("cfm", 0, ia64_cfm(&a->rse), ia64_cfm(&b->rse));
	DIFFER("bsp", 0, ia64_rse_bsp(&a->rse), ia64_rse_bsp(&b->rse));
	DIFFER("bspstore", 0, a->rse.bspstore, b->rse.bspstore);
	DIFFER("rnat", 0, a->rse.rnat, b->rse.rnat);
	for (i = 1; a->rse.ndirty == b->rse.ndirty && (int)i <= a->rse.ndirty; i++)
		DIFFER("stacked -", i, a->rse.stk[a->rse.bof - i], b->rse.stk[b->rse.bof - i]);
#undef DIFFER
	return n;
}

static uint64_t value(const uint8_t *at, unsigned int len)
{
	uint64_t val = 0;

	memcpy(&val, at, len < 8 ? len : 8);
	return val;
}

static unsigned int compare_memory(const struct ia64_journal *j, unsigned int n, FILE *out)
{
	unsigned int bad = 0;

	for (unsigned int i = 0; i < n; i++) {
		const struct ia64_journal_entry *e = &j->entry[i];

		for (unsigned int k = 0; k < e->len; k += 8) {
			const unsigned int len = e->len - k < 8 ? e->len - k : 8;

			if (!memcmp(e->then + k, e->at + k, len))
				continue;
			bad++;
			if (out)
				fprintf(out, "  memory %p, %u bytes: translated %#" PRIx64
					", interpreted %#" PRIx64 "\n", (void *)(e->at + k), len,
					value(e->then + k, len), value(e->at + k, len));
		}
	}
	return bad;
}

static void report(struct ia64_jit *jit, uint64_t head, const struct vcpu *a, unsigned int entries)
{
	struct vcpu *v = jit->v;
	uint64_t pa, ip;
	struct ia64_disasm text;
	unsigned int i, slot;

	fprintf(stderr, "lockstep: the trace at %#" PRIx64 " and the interpreter differ after %" PRIu64
		" instructions\n", head, a->retired - ((struct vcpu *)jit->check->before)->retired);
	compare(a, v, stderr);
	compare_memory(&jit->check->journal, entries, stderr);
	for (i = 0, ip = head & ~15ull; i < 24; i++, ip += 16) {
		if (!ia64_translate_quiet(v, ip, true, &pa) ||
		    !ia64_memory_is_ram(v->sys->mem, pa, 16))
			break;
		ia64_disasm_bundle(v->sys->mem->base + pa, ip, &text);
		for (slot = 0; slot < 3; slot++)
			fprintf(stderr, "%016" PRIx64 ".%u  %s\n", ip, slot, text.text[slot]);
	}
	ia64_crash(v, "translated code differs from the interpreter (trace at %#" PRIx64 ")", head);
}

/* From `before`, by the translation. False: it cannot be done again. */
static bool run_translated(struct ia64_jit *jit, const uint8_t *code, uint64_t *result)
{
	struct jit_check *c = jit->check;
	struct vcpu *v = jit->v;

	c->journal.n = 0;
	c->journal.device = false;
	v->journal = &c->journal; /* part of the copied state */
	jit_order_registers(jit, true);
	*result = jit_host_enter(jit, code);
	if (*result >= JIT_EXIT_FIRST) {
		v->ip = jit->exit[*result].target & ~15ull;
		v->ri = jit->exit[*result].target & 15;
	}
	jit_settle(jit);
	v->journal = NULL;
	save(c->after, v);
	return !c->journal.device;
}

/* From `before`, by the interpreter, as far as the translation came: to `after`. */
static void run_interpreted(struct ia64_jit *jit, uint64_t faults)
{
	struct jit_check *c = jit->check;
	struct vcpu *v = jit->v;
	const struct ia64_insn_op *op, *next;

	v->journal = &c->journal;
	while ((v->retired < c->after->retired || v->count_interruptions < faults) &&
	       v->count_interruptions <= faults && !v->leaving) {
		if (v->rse.cfle && !ia64_rse_complete(v))
			continue;
		op = ia64_fetch(v);
		if (!op)
			continue;
		next = jit_step(v, op);
		if (next) {
			v->op = next;
			ia64_sync_ip(v);
		}
		v->op = NULL;
	}
	/* The last one may have been a return, whose missing registers the trace has loaded. */
	if (v->rse.cfle && !c->after->rse.cfle)
		ia64_rse_complete(v);
	v->journal = NULL;
}

uint64_t jit_check_enter(struct ia64_jit *jit, const uint8_t *code)
{
	struct jit_check *c = jit->check;
	struct vcpu *v = jit->v;
	const uint64_t head = v->ip | v->ri, faults_before = v->count_interruptions;
	unsigned int entries, round = 0;
	uint64_t result, faults;

	if (--c->until)
		return jit_host_enter(jit, code);
	c->until = c->every;
	ia64_fast_flush(v);
	c->journal.itc = ia64_itc_read(v);
	jit_order_registers(jit, false);
	save(c->before, v);
	for (;;) {
		if (!run_translated(jit, code, &result)) {
			c->believed++;
			return result;
		}
		faults = v->count_interruptions;
		entries = c->journal.n;
		note_memory(&c->journal);
		take_back(&c->journal, 0);
		restore(v, c->before);
		v->count_interruptions = faults_before;
		run_interpreted(jit, faults);
		if (v->count_interruptions == faults && !compare(c->after, v, NULL) &&
		    !compare_memory(&c->journal, entries, NULL))
			break;
		if (++round == ROUNDS || c->journal.device) {
			report(jit, head, c->after, entries);
			break;
		}
		take_back(&c->journal, entries);
		restore(v, c->before);
		v->count_interruptions = faults_before;
	}
	c->compared++;
	return result >= JIT_EXIT_FIRST ? JIT_DISPATCH : result;
}
