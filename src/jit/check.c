/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lockstep: what a trace did is done again by the interpreter, from registers that were copied and
 * with memory as the trace found it (ia64/journal.h): it is the trace that has written. A run that
 * cannot be repeated, because a device, the hypervisor or the TLB took part, is believed.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ia64/alat.h"
#include "ia64/disasm.h"
#include "ia64/interruption.h"
#include "ia64/journal.h"
#include "ia64/rse.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"
#include "jit/trace.h"

#define MAX_ACCESSES 65536

/* What lies before the fast lines is all that instructions may change, but for `attention`. */
#define STATE_BYTES offsetof(struct vcpu, views)

struct jit_check {
	unsigned int every, until;
	struct ia64_journal journal;
	struct vcpu *before, *after; /* copies of the front part only */
	uint64_t compared, believed;
};

int jit_check_create(struct ia64_jit *jit, unsigned int every)
{
	struct jit_check *c = calloc(1, sizeof(*c));

	if (!c)
		return -ENOMEM;
	jit->check = c;
	c->every = c->until = every;
	c->journal.max = MAX_ACCESSES;
	c->journal.access = calloc(MAX_ACCESSES, sizeof(*c->journal.access));
	c->before = calloc(1, sizeof(*c->before));
	c->after = calloc(1, sizeof(*c->after));
	return c->journal.access && c->before && c->after ? 0 : -ENOMEM;
}

void jit_check_destroy(struct ia64_jit *jit)
{
	struct jit_check *c = jit->check;

	if (!c)
		return;
	jit_check_print(jit, stderr);
	free(c->journal.access);
	free(c->before);
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

/* All but `attention`, which is everyone's. */
static void copy_state(void *to, const void *from)
{
	const size_t end = offsetof(struct vcpu, attention), on = end + sizeof(uint32_t);

	memcpy(to, from, end);
	memcpy((uint8_t *)to + on, (const uint8_t *)from + on, STATE_BYTES - on);
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

static void print_bytes(const uint8_t *bytes, unsigned int len, FILE *out)
{
	fputs(" 0x", out);
	while (len--)
		fprintf(out, "%02x", bytes[len]);
}

static void print_access(const struct vcpu *v, const struct ia64_journal_access *a, FILE *out)
{
	static const char *const kind[] = {
		[IA64_JOURNAL_LOAD] = "load",
		[IA64_JOURNAL_STORE] = "store",
		[IA64_JOURNAL_SEMAPHORE] = "semaphore",
	};

	fprintf(out, "%s of %u bytes at physical %#" PRIx64, kind[a->kind], a->len,
		(uint64_t)(a->at - v->sys->mem->base));
	if (a->kind != IA64_JOURNAL_LOAD)
		print_bytes(a->written, a->len, out);
}

/* Did the interpreter do what was noted, and all of it? */
static bool same_accesses(const struct ia64_journal *j)
{
	return !j->given_up && !j->differs && j->next == j->n;
}

static void report_accesses(const struct vcpu *v, const struct ia64_journal *j, FILE *out)
{
	if (same_accesses(j))
		return;
	fprintf(out, "  access %u of %u: translated ", j->next + 1, j->n);
	if (j->next < j->n)
		print_access(v, &j->access[j->next], out);
	else
		fputs("none", out);
	fputs(", interpreted ", out);
	if (j->given_up)
		fputs("what cannot be repeated", out);
	else if (j->differs)
		print_access(v, &j->found, out);
	else
		fputs("none", out);
	fputc('\n', out);
}

static void report(struct ia64_jit *jit, uint64_t head)
{
	const struct vcpu *a = jit->check->after;
	struct vcpu *v = jit->v;
	uint64_t pa, ip;
	struct ia64_disasm text;
	unsigned int i, slot;

	fprintf(stderr, "lockstep: the trace at %#" PRIx64 " and the interpreter differ after %" PRIu64
		" instructions\n", head, a->retired - jit->check->before->retired);
	compare(a, v, stderr);
	report_accesses(v, &jit->check->journal, stderr);
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

/* False: it cannot be done again. */
static bool run_translated(struct ia64_jit *jit, const uint8_t *code, uint64_t *result)
{
	struct jit_check *c = jit->check;
	struct vcpu *v = jit->v;

	c->journal.n = c->journal.next = 0;
	c->journal.given_up = c->journal.again = c->journal.differs = false;
	v->journal = &c->journal;
	jit_order_registers(jit, true);
	*result = jit_host_enter(jit, code);
	if (*result >= JIT_EXIT_FIRST) {
		v->ip = jit->exit[*result].target & ~15ull;
		v->ri = jit->exit[*result].target & 15;
	}
	jit_settle(jit);
	v->journal = NULL;
	return !c->journal.given_up;
}

/* From `before`, by the interpreter, as far as the translation came: to `after`. */
static void run_interpreted(struct ia64_jit *jit, uint64_t faults)
{
	struct jit_check *c = jit->check;
	struct vcpu *v = jit->v;
	const struct ia64_insn_op *op, *next;

	c->journal.again = true;
	v->journal = &c->journal;
	while ((v->retired < c->after->retired || v->count_interruptions < faults) &&
	       v->count_interruptions <= faults && !v->leaving && !c->journal.differs) {
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
	const struct ia64_system *sys = v->sys;
	const uint64_t head = v->ip | v->ri, faults_before = v->count_interruptions;
	const uint64_t code_epoch = atomic_load(&sys->mem->code_epoch);
	uint64_t result, faults;

	if (--c->until)
		return jit_host_enter(jit, code);
	c->until = c->every;
	ia64_fast_flush(v);
	ia64_alat_hide(v, true);
	c->journal.itc = ia64_itc_read(v);
	jit_order_registers(jit, false);
	copy_state(c->before, v);
	if (!run_translated(jit, code, &result))
		goto believe;
	faults = v->count_interruptions;
	/* What it was about another vCPU may have mended meanwhile: a page table entry, say. */
	if (faults != faults_before && sys->nr_vcpus > 1)
		goto believe;
	copy_state(c->after, v);
	copy_state(v, c->before);
	v->count_interruptions = faults_before;
	run_interpreted(jit, faults);
	if (v->count_interruptions != faults || !same_accesses(&c->journal) ||
	    compare(c->after, v, NULL)) {
		if (atomic_load(&sys->mem->code_epoch) != code_epoch) {
			/* The interpreter may have executed other instructions. */
			copy_state(v, c->after);
			v->count_interruptions = faults;
			goto believe;
		}
		report(jit, head);
	}
	c->compared++;
	ia64_alat_hide(v, false);
	return result >= JIT_EXIT_FIRST ? JIT_DISPATCH : result;
believe:
	c->believed++;
	ia64_alat_hide(v, false);
	return result;
}
