/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Loads and stores of general registers: the fast lines inline, the rest by C code out of line. */
#include "jit/x86_64/fp.h"
#include "jit/x86_64/vex.h"

/* 0: done, the value is in v->jit_tmp. Else an interruption was delivered. */
static uint32_t jit_load(struct vcpu *v, uint64_t va, uint32_t size, uint32_t access)
{
	jit_resolve_exit(v->jit);
	return ia64_load_slow(v, va, size, access, &v->jit_tmp) != IA64_XLATE_OK;
}

static uint32_t jit_store(struct vcpu *v, uint64_t va, uint32_t size, uint32_t access, uint64_t val)
{
	jit_resolve_exit(v->jit);
	return ia64_store_slow(v, va, size, access, val) != IA64_XLATE_OK;
}

#define OFF_PAGE(n) (OFF(jit_page) + 8 * (IA64_JIT_PAGES - 1 - (n)))
#define OFF_TAG_OF(n) (OFF(jit_page_tag) + 8 * (n))

/* rdx: the page of host register ra + at, and the bits that must be 0. */
static void page_of(struct x86_buf *b, unsigned int ra, int32_t at, unsigned int align)
{
	if (at)
		x86_lea(b, RDX, ra, at);
	else
		x86_mov_rr(b, RDX, ra);
	x86_alu_ri(b, 1, X86_AND, RDX, (int32_t)(~(IA64_MEM_PAGE_SIZE - 1) | (align - 1)));
}

/*
 * Compares the tag of the line for the page of host register ra + first with the page of ra + last
 * (and, for larger sizes, the bits that must be 0): equal, and all between them is in that page,
 * and rcx is the line's offset in `lines`, rdx its tag. Returns the jump taken if not.
 */
static uint8_t *look_up(struct x86_buf *b, int32_t lines, unsigned int ra,
			const struct page_range *r)
{
	const unsigned int shift = IA64_MEM_PAGE_SHIFT - 4;
	int32_t first = r->first;

	if (!first && __builtin_cpu_supports("bmi2")) {
		vex(b, P_F2, MAP_0F3A, 0, 0xf0, RCX, 0, ra); /* rorx */
		x86_1(b, shift);
	} else {
		if (first)
			x86_rm(b, 0, 0x8d, RCX, ra, first); /* lea */
		else
			x86_rr(b, 0, 0x8b, RCX, ra);
		x86_shift_ri(b, 0, X86_SHR, RCX, shift);
	}
	x86_alu_ri(b, 0, X86_AND, RCX, (IA64_FAST_LINES - 1) << 4);
	page_of(b, ra, r->last, r->align);
	x86_rmx(b, 0, 1, 0x3b, RDX, RBP, RCX, 0,
		lines + (int32_t)offsetof(struct ia64_fast_line, tag), false);
	return x86_jcc(b, CC_NE);
}

static void load_addend(struct x86_buf *b, int32_t lines)
{
	x86_rmx(b, 0, 1, 0x8b, RCX, RBP, RCX, 0,
		lines + (int32_t)offsetof(struct ia64_fast_line, addend), false);
}

static int32_t lines_of(const struct tr *t, uint8_t ctx, bool write)
{
	return tr_view(t, ctx) + (int32_t)(write ? offsetof(struct ia64_fast_tlb, wr) :
						   offsetof(struct ia64_fast_tlb, rd));
}

/* What look_up() has found is left for others, and for the next iteration. */
static void leave_page(struct x86_buf *b, const struct page_use *u)
{
	if (u->range.stride)
		x86_store(b, 1, RBP, OFF_TAG_OF(u->slot), RDX);
	x86_store(b, 1, RBP, OFF_PAGE(u->slot), RCX);
}

struct mem_ref tr_address(struct tr *t, unsigned int ra, unsigned int size, bool write,
			  enum stub_kind kind)
{
	struct x86_buf *b = &t->b;
	struct mem_ref m = { .base = (uint8_t)ra, .index = RCX };
	struct page_use u = tr_page_use(t, size, write);
	int32_t lines = lines_of(t, t->ctx, u.range.write);
	uint8_t *miss;

	if (u.how == PAGE_NEXT && u.range.stride) {
		/* Where it moves to comes to another page first. */
		page_of(b, ra, u.range.stride > 0 ? u.range.last : u.range.first, u.range.align);
		x86_alu_rm(b, 1, X86_CMP, RDX, RBP, OFF_TAG_OF(u.slot));
		miss = x86_jcc(b, CC_NE);
		x86_load(b, 1, RCX, RBP, OFF_PAGE(u.slot));
	} else if (u.how == PAGE_NEXT || u.how == PAGE_KNOWN) {
		x86_load(b, 1, RCX, RBP, OFF_PAGE(u.slot));
		x86_test_rr(b, 1, RCX, RCX);
		miss = x86_jcc(b, CC_E);
	} else {
		miss = look_up(b, lines, ra, &u.range);
		load_addend(b, lines);
	}
	m.stub = tr_new_stub(t, kind, miss);
	m.stub->ra = (uint8_t)ra;
	m.stub->size = (uint8_t)size;
	m.stub->access = write ? IA64_ACCESS_WRITE : IA64_ACCESS_READ;
	m.stub->page = u;
	if (u.how == PAGE_FIRST)
		leave_page(b, &u);
	if (u.how != PAGE_ALONE)
		m.stub->alone = b->p;
	return m;
}

void tr_look_again(struct tr *t, const struct stub *s)
{
	const struct page_use *u = &s->page;
	struct page_range alone = { .align = s->size, .write = s->access & IA64_ACCESS_WRITE };
	struct x86_buf *b = &t->b;
	int32_t lines;
	uint8_t *miss, *at;

	if (u->how == PAGE_NEXT) {
		lines = lines_of(t, s->ctx, u->range.write);
		miss = look_up(b, lines, s->ra, &u->range);
		load_addend(b, lines);
		leave_page(b, u);
		at = x86_jmp(b);
		x86_patch(b, at, s->alone);
		x86_patch(b, miss, b->p);
	}
	if (u->how != PAGE_KNOWN) {
		x86_mov_mi(b, 1, RBP, OFF_PAGE(u->slot), 0);
		x86_mov_mi(b, 1, RBP, OFF_TAG_OF(u->slot), -1);
	}
	lines = lines_of(t, s->ctx, alone.write);
	miss = look_up(b, lines, s->ra, &alone);
	load_addend(b, lines);
	at = x86_jmp(b);
	x86_patch(b, at, s->alone);
	x86_patch(b, miss, b->p);
}

void tr_mem_op(struct tr *t, unsigned int prefix, unsigned int w, unsigned int opc,
	       unsigned int reg, const struct mem_ref *m, int32_t disp, bool byte_reg)
{
	x86_rmx(&t->b, prefix, w, opc, reg, m->base, m->index, 0, m->disp + disp, byte_reg);
}

void tr_base_update(struct tr *t, const struct ia64_insn *in, bool by_reg, bool by_imm)
{
	unsigned int r3, r2;

	if (by_reg) {
		r2 = tr_use(t, in->r2);
		r3 = tr_use(t, in->r3);
		tr_def(t, in->r3);
		x86_alu_rr(&t->b, 1, X86_ADD, r3, r2);
	} else if (by_imm && in->imm) {
		r3 = tr_use(t, in->r3);
		tr_def(t, in->r3);
		x86_alu_ri(&t->b, 1, X86_ADD, r3, (int32_t)in->imm);
	}
}

static void tr_load(struct tr *t, const struct ia64_insn *in, unsigned int size, bool by_reg,
		    bool by_imm, bool fill)
{
	unsigned int ra = tr_use(t, in->r3), dst;
	static const uint16_t opcode[9] = { [1] = 0x0fb6, [2] = 0x0fb7, [4] = 0x8b, [8] = 0x8b };
	struct mem_ref m;

	if (fill) {
		/* A NaT to restore is the interpreter's: bit va<8:3> of ar.unat. */
		unsigned int unat = tr_use_v(t, V_AR + AR_UNAT);

		x86_mov_rr(&t->b, RCX, ra);
		x86_shift_ri(&t->b, 0, X86_SHR, RCX, 3);
		x86_rr(&t->b, 1, 0x0fa3, RCX, unat); /* bt unat, rcx */
		tr_exit_interp(t, x86_jcc(&t->b, CC_B));
	}
	m = tr_address(t, ra, size, false, STUB_LOAD);
	if ((in->op == OP_LDX || in->op == OP_LDX_R || in->op == OP_LDX_I) && in->x == LD_ACQ)
		m.stub->access |= IA64_ACCESS_ORDERED;
	/*
	 * The stub keeps the state from before r1 got its register: if the load faults, that holds.
	 */
	dst = tr_def(t, in->r1);
	m.stub->rv = (uint8_t)dst;
	tr_mem_op(t, 0, size == 8, opcode[size], dst, &m, 0, false);
	m.stub->back = t->b.p;
	tr_base_update(t, in, by_reg, by_imm);
}

static void tr_store(struct tr *t, const struct ia64_insn *in, unsigned int size, bool by_imm,
		     bool spill, bool release)
{
	unsigned int ra = tr_use(t, in->r3), rv = tr_use(t, in->r2), unat;
	struct mem_ref m;

	if (spill)
		tr_use_v(t, V_AR + AR_UNAT);
	m = tr_address(t, ra, size, true, STUB_STORE);
	m.stub->rv = (uint8_t)rv;
	m.stub->access |= release ? IA64_ACCESS_ORDERED : 0;
	tr_mem_op(t, size == 2 ? 0x66 : 0, size == 8, size == 1 ? 0x88 : 0x89, rv, &m, 0, size == 1);
	m.stub->back = t->b.p;
	if (spill) {
		unat = tr_def_v(t, V_AR + AR_UNAT);
		x86_mov_rr(&t->b, RCX, ra);
		x86_shift_ri(&t->b, 0, X86_SHR, RCX, 3);
		x86_rr(&t->b, 1, 0x0fb3, RCX, unat); /* btr unat, rcx */
	}
	tr_base_update(t, in, false, by_imm);
}

/* What is not served by the fast path: all of the instruction by its own function. */
static bool exec_elsewhere(struct tr *t, struct stub *stub)
{
	stub->kept = jit_keep(t->jit, &t->rec->insn[t->k]);
	stub->after = t->s;
	stub->back = t->b.p;
	return stub->kept;
}

/* lfetch.fault: raises the faults of a load (SDM 3:2 "lfetch"). */
static void tr_lfetch_fault(struct tr *t, const struct ia64_insn *in)
{
	struct stub *stub = tr_address(t, tr_use(t, in->r3), 1, false, STUB_EXEC).stub;

	tr_base_update(t, in, in->op == OP_LFETCH_R, in->op == OP_LFETCH_I);
	if (!exec_elsewhere(t, stub))
		t->fail = true;
}

/* cmpxchg, xchg, fetchadd. Where a store may go, a load may. */
static void tr_semaphore(struct tr *t, const struct ia64_insn *in)
{
	unsigned int size = in->y, ra = tr_use(t, in->r3), val = 0, ccv = 0, dst;
	unsigned int prefix = size == 2 ? 0x66 : 0, wide = size == 8;
	struct x86_buf *b = &t->b;
	struct stub *stub[2];
	struct mem_ref m;
	unsigned int n = 0, opc;

	if (in->op != OP_FETCHADD)
		val = tr_use(t, in->r2);
	if (in->op == OP_CMPXCHG)
		ccv = tr_use_v(t, V_AR + AR_CCV);
	m = tr_address(t, ra, size, true, STUB_EXEC);
	stub[n++] = m.stub;
	if (in->op == OP_CMPXCHG) {
		if (size < 8) {
			/* What is read is zero-extended: it cannot be equal. */
			x86_mov_rr(b, RDX, ccv);
			x86_shift_ri(b, 1, X86_SHR, RDX, 8 * size);
			stub[n++] = tr_new_stub(t, STUB_EXEC, x86_jcc(b, CC_NE));
		}
		x86_mov_rr(b, RAX, ccv);
		x86_mov_rr(b, RDX, val);
		opc = size == 1 ? 0x0fb0 : 0x0fb1;
		x86_1(b, 0xf0);
	} else if (in->op == OP_FETCHADD) {
		x86_mov_imm(b, RDX, (uint64_t)in->imm);
		opc = size == 1 ? 0x0fc0 : 0x0fc1;
		x86_1(b, 0xf0);
	} else {
		x86_mov_rr(b, RDX, val);
		opc = size == 1 ? 0x86 : 0x87;
	}
	tr_mem_op(t, prefix, wide, opc, RDX, &m, 0, false);
	dst = tr_def(t, in->r1);
	val = in->op == OP_CMPXCHG ? RAX : RDX;
	if (size == 8)
		x86_mov_rr(b, dst, val);
	else
		x86_rr(b, 0, size == 1 ? 0x0fb6 : size == 2 ? 0x0fb7 : 0x8b, dst, val);
	while (n-- > 0)
		if (!exec_elsewhere(t, stub[n]))
			t->fail = true;
}

bool tr_memory(struct tr *t, const struct ia64_insn *in)
{
	switch (in->op) {
#define LOADS(n, sz, fill) \
	case OP_LD##n: \
		tr_load(t, in, sz, false, false, fill); \
		break; \
	case OP_LD##n##_R: \
		tr_load(t, in, sz, true, false, fill); \
		break; \
	case OP_LD##n##_I: \
		tr_load(t, in, sz, false, true, fill); \
		break
	LOADS(1, 1, false);
	LOADS(2, 2, false);
	LOADS(4, 4, false);
	LOADS(8, 8, false);
	LOADS(8_FILL, 8, true);
#undef LOADS
	case OP_LDX: case OP_LDX_R: case OP_LDX_I:
		if (in->x == LD_BIAS || in->x == LD_ACQ)
			tr_load(t, in, in->y, in->op == OP_LDX_R, in->op == OP_LDX_I, false);
		else
			tr_load_speculative(t, in);
		break;
#define STORES(n, sz, spill, rel) \
	case OP_ST##n: \
		tr_store(t, in, sz, false, spill, rel); \
		break; \
	case OP_ST##n##_I: \
		tr_store(t, in, sz, true, spill, rel); \
		break
	STORES(1, 1, false, false);
	STORES(2, 2, false, false);
	STORES(4, 4, false, false);
	STORES(8, 8, false, false);
	STORES(8_SPILL, 8, true, false);
	STORES(X, in->y, false, true);
#undef STORES
	case OP_CMPXCHG: case OP_XCHG: case OP_FETCHADD:
		tr_semaphore(t, in);
		break;
	case OP_LFETCH: case OP_LFETCH_R: case OP_LFETCH_I:
		if (in->x & IA64_LFETCH_FAULT)
			tr_lfetch_fault(t, in);
		else
			tr_base_update(t, in, in->op == OP_LFETCH_R, in->op == OP_LFETCH_I);
		break;
	default:
		return false;
	}
	return true;
}

void tr_memory_stub(struct tr *t, struct stub *s)
{
	bool store = s->kind == STUB_STORE || s->kind == STUB_FP_STORE;
	struct x86_buf *b = &t->b;
	uint8_t *jump, *at;

	tr_sync(t, &s->s);
	fp_save(t, &s->s);
	tr_ip(t, s->k);
	tr_count_retired(t, s->retired); /* a fault looks at it */
	/* Address and value may sit in argument registers. */
	x86_mov_rr(b, RAX, s->ra);
	if (s->kind == STUB_STORE)
		x86_mov_rr(b, R8, s->rv);
	x86_mov_rr(b, RSI, RAX);
	if (s->kind == STUB_FP_STORE)
		fp_stub_value(t, s);
	x86_mov_imm(b, RCX, s->access);
	x86_mov_imm(b, RDX, s->size);
	tr_vcpu_argument(b);
	x86_call(b, store ? (const void *)jit_store : (const void *)jit_load);
	x86_test_rr(b, 0, RAX, RAX);
	jump = x86_jcc(b, CC_E);
	tr_rotate_later(t, s->s.rot);
	tr_leave(t, JIT_DISPATCH);
	x86_patch(b, jump, b->p);
	tr_count_retired(t, -s->retired);
	tr_unsync_frame(t, &s->s);
	fp_restore(t, &s->s);
	tr_reload_clobbered(t, &s->s, s->kind == STUB_LOAD ? s->rv : X86_NR_REGS);
	if (s->kind == STUB_LOAD)
		x86_load(b, 1, s->rv, RBP, OFF(jit_tmp));
	else if (s->kind == STUB_FP_LOAD)
		fp_stub_loaded(t, s);
	at = x86_jmp(b);
	x86_patch(b, at, s->back);
}
