/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which accesses of a trace share one look into the fast TLB: those at constant distances from each
 * other, mostly fields of an object or of a frame on the stack. The first looks for the page of all
 * of them and leaves what is to be added to a guest address in vcpu.jit_page[]; a flush of the fast
 * TLB zeroes that. memory.c makes the code.
 */
#include "ia64/rse.h"
#include "jit/x86_64/fp.h"

/* Bytes from the first to the last of them: across a page's end they are looked up one by one. */
#define MAX_SPAN 512

/*
 * Guest registers as origin + offset: equal origins are equal values. Origin 0 is nothing known, 1
 * is the number 0.
 */
struct value {
	uint32_t origin;
	int64_t offset;
};

#define ZERO 1
#define AT_ENTRY 2 /* and more: what vreg n has at the trace's entry is origin AT_ENTRY + n */

struct numbering {
	struct value value[V_COUNT];
	uint32_t next;
	/* The frame, as tr.s will have it. */
	int fd;
	unsigned int depth;
	struct { int fd; uint32_t pfs; } call[MAX_CALLS];
};

/* A value that nothing is known of. */
static struct value something(struct numbering *n)
{
	return (struct value){ n->next++, 0 };
}

static void forget(struct numbering *n, unsigned int from, unsigned int to)
{
	for (; from < to; from++)
		n->value[from].origin = 0;
}

static void forget_frame(struct numbering *n)
{
	forget(n, V_STACKED, V_BR);
	n->fd = 0;
	n->depth = 0;
}

static uint16_t vreg_of(const struct numbering *n, unsigned int r)
{
	int slot = n->fd + (int)r - 32;

	if (r < 32)
		return (uint16_t)r;
	return slot >= -JIT_MAX_BELOW && slot < JIT_MAX_STACKED ? (uint16_t)(V_FRAME + slot) :
								  V_NONE;
}

/* The value a register has; it is given an origin if it has none. */
static struct value value_of(struct numbering *n, unsigned int r)
{
	uint16_t vreg = vreg_of(n, r);

	if (r == 0)
		return (struct value){ ZERO, 0 };
	if (vreg == V_NONE)
		return something(n);
	if (!n->value[vreg].origin)
		n->value[vreg] = something(n);
	return n->value[vreg];
}

static void set_value(struct numbering *n, unsigned int r, struct value val)
{
	uint16_t vreg = vreg_of(n, r);

	if (vreg != V_NONE)
		n->value[vreg] = val;
}

static struct value plus(struct value v, int64_t by)
{
	v.offset = (int64_t)((uint64_t)v.offset + (uint64_t)by);
	return v;
}

/* What a general register gets. */
static struct value result(struct numbering *n, const struct ia64_insn *in)
{
	struct value a, b;

	switch (in->op) {
	case OP_ADDS: case OP_ADDL:
		return plus(value_of(n, in->r3), in->imm);
	case OP_MOVL:
		return (struct value){ ZERO, in->imm };
	case OP_ADD:
		a = value_of(n, in->r2);
		b = value_of(n, in->r3);
		if (a.origin == ZERO)
			return plus(b, a.offset);
		if (b.origin == ZERO)
			return plus(a, b.offset);
		break;
	case OP_MOV_FROM_AR:
		if (in->r3 == AR_PFS)
			return n->value[V_AR + AR_PFS];
		break;
	default:
		break;
	}
	return something(n);
}

static void base_update(struct numbering *n, const struct ia64_insn *in, unsigned int info,
			bool maybe)
{
	bool by_register = (info & R2) && ((info & (W1 | FP)) || !(info & MEM));

	set_value(n, in->r3, maybe || by_register ? something(n) :
			     plus(value_of(n, in->r3), in->imm));
}

/* The frame is the recorded one: the trace makes sure of it before it calls. */
static void call(struct numbering *n, const struct jit_insn *i)
{
	struct value pfs = something(n);

	n->value[V_AR + AR_PFS] = pfs;
	if (n->depth == MAX_CALLS) {
		forget_frame(n);
		return;
	}
	n->call[n->depth].fd = n->fd;
	n->call[n->depth++].pfs = pfs.origin;
	n->fd += i->sol;
}

/*
 * Back to the caller's frame if ar.pfs is what its call has put there, or what the trace makes sure
 * of.
 */
static void back(struct numbering *n, const struct tr *t, unsigned int k)
{
	if (n->depth && n->value[V_AR + AR_PFS].origin == n->call[n->depth - 1].pfs &&
	    !n->value[V_AR + AR_PFS].offset) {
		n->fd = n->call[--n->depth].fd;
	} else if (tr_returns_as_recorded(t, k)) {
		n->depth = 0;
		n->fd -= (int)ia64_cfm_sol(t->rec->insn[k].pfs);
	} else {
		forget_frame(n);
	}
}

static void step(struct numbering *n, const struct tr *t, unsigned int k)
{
	const struct jit_insn *i = &t->rec->insn[k];
	const struct ia64_insn *in = &i->in;
	unsigned int info = jit_op_info[in->op];
	bool maybe = !(t->qp[k] & PR_KNOWN);

	switch (tr_support(t, i)) {
	case JIT_NATIVE:
		break;
	case JIT_CALL:
		if (t->jit->ctx_key[i->ctx] & JIT_CTX_ROTATES)
			forget_frame(n);
		set_value(n, in->r1 & 127, something(n));
		set_value(n, in->r3 & 127, something(n));
		n->value[V_AR + AR_PFS].origin = 0;
		return;
	default:
		forget(n, 0, V_COUNT);
		forget_frame(n);
		return;
	}
	switch (in->op) {
	case OP_BR_CALL: case OP_BRL_CALL: case OP_BR_CALL_IND:
		if (i->executed)
			call(n, i);
		return;
	case OP_BR_RET:
		/* One that is not executed may have given rotating registers other names. */
		if (i->executed)
			back(n, t, k);
		else if (t->jit->ctx_key[i->ctx] & JIT_CTX_ROTATES)
			forget_frame(n);
		return;
	case OP_ALLOC:
		if (in->r1)
			set_value(n, in->r1, n->value[V_AR + AR_PFS]);
		return;
	case OP_MOV_AR: case OP_MOV_AR_I:
		if (in->r3 == AR_PFS)
			n->value[V_AR + AR_PFS] = in->op == OP_MOV_AR && !maybe ?
				value_of(n, in->r2) : something(n);
		return;
	default:
		break;
	}
	if (info & W3)
		base_update(n, in, info, maybe);
	if ((info & W1) && in->r1)
		set_value(n, in->r1, maybe ? something(n) : result(n, in));
}

/* Bytes of a load or store that asks for the page by tr_address(); 0: of no other kind. */
static unsigned int access_size(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_LD1: case OP_LD1_R: case OP_LD1_I: case OP_ST1: case OP_ST1_I:
		return 1;
	case OP_LD2: case OP_LD2_R: case OP_LD2_I: case OP_ST2: case OP_ST2_I:
		return 2;
	case OP_LD4: case OP_LD4_R: case OP_LD4_I: case OP_ST4: case OP_ST4_I:
	case OP_LDFS: case OP_LDFS_R: case OP_LDFS_I: case OP_STFS: case OP_STFS_I:
		return 4;
	case OP_LD8: case OP_LD8_R: case OP_LD8_I: case OP_ST8: case OP_ST8_I:
	case OP_LD8_FILL: case OP_LD8_FILL_R: case OP_LD8_FILL_I:
	case OP_ST8_SPILL: case OP_ST8_SPILL_I:
	case OP_LDFD: case OP_LDFD_R: case OP_LDFD_I: case OP_STFD: case OP_STFD_I:
	case OP_LDF8: case OP_LDF8_R: case OP_LDF8_I: case OP_STF8: case OP_STF8_I:
	case OP_LDFPS: case OP_LDFPS_I:
		return 8;
	case OP_LDFPD: case OP_LDFPD_I: case OP_LDFP8: case OP_LDFP8_I:
	case OP_LDF_FILL: case OP_LDF_FILL_R: case OP_LDF_FILL_I:
	case OP_STF_SPILL: case OP_STF_SPILL_I:
	case OP_LDFE: case OP_LDFE_R: case OP_LDFE_I: case OP_STFE: case OP_STFE_I:
		return 16;
	case OP_LDX: case OP_LDX_R: case OP_LDX_I: case OP_STX: case OP_STX_I:
	case OP_CMPXCHG: case OP_XCHG: case OP_FETCHADD:
		return in->y;
	default:
		return 0;
	}
}

static bool is_write(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_ST1: case OP_ST1_I: case OP_ST2: case OP_ST2_I: case OP_ST4: case OP_ST4_I:
	case OP_ST8: case OP_ST8_I: case OP_ST8_SPILL: case OP_ST8_SPILL_I:
	case OP_STX: case OP_STX_I: case OP_CMPXCHG: case OP_XCHG: case OP_FETCHADD:
	case OP_STFS: case OP_STFS_I: case OP_STFD: case OP_STFD_I: case OP_STF8: case OP_STF8_I:
	case OP_STFE: case OP_STFE_I: case OP_STF_SPILL: case OP_STF_SPILL_I:
		return true;
	default:
		return false;
	}
}

/* Does the access fit into the group: near enough, and aligned if the others are? */
static bool joins(const struct page_group *g, int64_t at, unsigned int size)
{
	unsigned int align = size < g->size ? size : g->size;
	int64_t lo = at < g->lo ? at : g->lo;
	int64_t hi = at + (int64_t)size > g->hi ? at + (int64_t)size : g->hi;

	return (uint64_t)hi - (uint64_t)lo <= MAX_SPAN && !((at - g->ref) & (int64_t)(align - 1));
}

static void note_access(struct tr *t, struct numbering *n, unsigned int k, unsigned int size)
{
	struct value at = value_of(n, t->rec->insn[k].in.r3);
	uint64_t view = t->jit->ctx_key[t->rec->insn[k].ctx] >> JIT_CTX_VIEW_SHIFT;
	struct page_access *a = &t->access[k];
	struct page_group *g = NULL;
	unsigned int i;

	for (i = t->ngroups; i-- > 0 && !g;)
		if (t->group[i].origin == at.origin && t->group[i].view == view &&
		    joins(&t->group[i], at.offset, size))
			g = &t->group[i];
	if (!g) {
		if (t->ngroups == MAX_PAGE_GROUPS)
			return;
		g = &t->group[t->ngroups++];
		*g = (struct page_group){ .origin = at.origin, .view = (uint8_t)view,
					  .lo = at.offset, .hi = at.offset, .ref = at.offset,
					  .size = (uint8_t)size, .slot = -1 };
	}
	if (at.offset < g->lo)
		g->lo = at.offset;
	if (at.offset + (int64_t)size > g->hi)
		g->hi = at.offset + (int64_t)size;
	if (size > g->size) {
		g->size = (uint8_t)size;
		g->ref = at.offset;
	}
	*a = (struct page_access){ .group = g, .size = (uint8_t)size, .offset = at.offset,
				   .write = is_write(&t->rec->insn[k].in) };
}

/* How far the group's base has come when the trace is back at its head. False: nobody knows. */
static bool moves(const struct numbering *n, const struct tr *t, const struct page_group *g,
		  int64_t *by)
{
	uint32_t vreg = g->origin - AT_ENTRY;
	bool rotates = t->jit->ctx_key[t->rec->ctx] & JIT_CTX_ROTATES;

	*by = 0;
	if (g->origin == ZERO)
		return true;
	if (g->origin >= AT_ENTRY + V_COUNT || n->fd || (rotates && vreg >= V_STACKED))
		return false;
	*by = n->value[vreg].offset;
	return n->value[vreg].origin == g->origin;
}

void tr_pages_begin(struct tr *t, bool loop)
{
	struct numbering n = { .next = AT_ENTRY + V_COUNT };
	unsigned int k, size;
	struct page_group *g;
	uint32_t i;
	bool native;

	t->ngroups = t->nslots = 0;
	memset(t->access, 0, sizeof(t->access));
	for (i = 0; i < V_COUNT; i++)
		n.value[i].origin = AT_ENTRY + i;
	for (k = 0; k < t->rec->n; k++) {
		native = tr_support(t, &t->rec->insn[k]) == JIT_NATIVE;
		/* A branch does something where its predicate is false. */
		if (native && t->qp[k] == PR_KNOWN &&
		    !(jit_op_info[t->rec->insn[k].in.op] & BRANCH))
			continue;
		size = access_size(&t->rec->insn[k].in);
		if (size && native)
			note_access(t, &n, k, size);
		step(&n, t, k);
	}
	for (g = t->group; loop && g < t->group + t->ngroups; g++)
		g->carried = moves(&n, t, g, &g->stride);
}

void tr_pages_forget(struct tr *t)
{
	struct page_group *g;

	for (g = t->group; g < t->group + t->ngroups; g++)
		g->known = false;
}

/* What the present access and those after it in its group span. How many that is. */
static unsigned int span(struct tr *t, struct page_group *g, struct page_range *r)
{
	const struct page_access *a, *mine = &t->access[t->k];
	int64_t lo = mine->offset, hi = lo, ref = lo;
	unsigned int k, n = 0;

	*r = (struct page_range){ .align = 1 };
	for (k = t->k; k < t->rec->n; k++) {
		a = &t->access[k];
		if (a->group != g)
			continue;
		n++;
		lo = a->offset < lo ? a->offset : lo;
		hi = a->offset + a->size > hi ? a->offset + a->size : hi;
		if (a->size > r->align) {
			r->align = a->size;
			ref = a->offset;
		}
		r->write |= a->write && t->rec->insn[k].executed;
	}
	lo -= (lo - ref) & (int64_t)(r->align - 1);
	r->first = (int32_t)(lo - mine->offset);
	r->last = r->first + (int32_t)((uint64_t)(hi - lo - 1) & ~(uint64_t)(r->align - 1));
	r->stride = g->stride;
	return n;
}

struct page_use tr_page_use(struct tr *t, unsigned int size, bool write)
{
	struct page_use u = { .how = PAGE_ALONE, .slot = -1,
			      .range = { .align = size, .write = write } };
	struct page_group *g = t->access[t->k].group;
	struct page_range r;

	if (!g)
		return u;
	if (g->known) {
		if (write && !g->write)
			return u;
		u.how = PAGE_KNOWN;
		u.slot = g->slot;
		return u;
	}
	if (t->in_run)
		return u;
	if (t->looping && g->carried && g->slot >= 0 && g->first == t->k) {
		span(t, g, &u.range);
		u.how = PAGE_NEXT;
	} else {
		if (span(t, g, &r) < 2 && !(g->carried && !t->looping))
			return u;
		if (g->slot < 0 && t->nslots == IA64_JIT_PAGES)
			return u;
		if (g->slot < 0)
			g->slot = (int8_t)t->nslots++;
		u.range = r;
		u.how = PAGE_FIRST;
		g->first = (uint16_t)t->k;
		g->write = r.write;
	}
	u.slot = g->slot;
	g->known = true;
	return u;
}
