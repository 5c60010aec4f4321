/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ways out of a trace: stubs behind its code that bring the state up to date. */
#include "jit/x86_64/fp.h"

void tr_exit_interp(struct tr *t, uint8_t *from)
{
	tr_new_stub(t, STUB_INTERP, from);
}

struct stub *tr_new_stub(struct tr *t, enum stub_kind kind, uint8_t *from)
{
	struct stub *s;

	if (t->nstubs == MAX_STUBS) {
		t->fail = true;
		return &t->stub[0];
	}
	s = &t->stub[t->nstubs++];
	memset(s, 0, sizeof(*s));
	s->kind = kind;
	s->s = t->s;
	s->from = from;
	s->k = (uint16_t)t->k;
	s->ctx = t->ctx;
	s->retired = (uint16_t)(t->k - t->counted);
	return s;
}

void tr_count_retired(struct tr *t, int n)
{
	if (n)
		x86_alu_mi(&t->b, 1, X86_ADD, RBP, OFF(retired), n);
}

void tr_store_imm(struct x86_buf *b, int32_t off, uint64_t val)
{
	if ((int64_t)val == (int32_t)val) {
		x86_mov_mi(b, 1, RBP, off, (int32_t)val);
		return;
	}
	x86_mov_imm(b, RAX, val);
	x86_store(b, 1, RBP, off, RAX);
}

void tr_leave(struct tr *t, uint64_t code)
{
	uint8_t *at;

	x86_mov_imm(&t->b, RAX, code);
	at = x86_jmp(&t->b);
	x86_patch(&t->b, at, t->jit->leave);
}

bool tr_went_elsewhere(const struct tr *t, unsigned int k)
{
	const struct jit_insn *i = &t->rec->insn[k];

	return tr_support(t, i) == JIT_SYSTEM && i->executed && i->next != following(i);
}

void tr_place(struct tr *t, unsigned int k, uint64_t place)
{
	tr_store_imm(&t->b, OFF(ip), place & ~15ull);
	x86_mov8_mi(&t->b, RBP, OFF(ri), place & 15);
	if (k == 0 || (place & 15))
		return;
	if (tr_went_elsewhere(t, k - 1)) {
		/* Its function has left word. */
	} else if (t->rec->insn[k - 1].taken) {
		tr_store_imm(&t->b, OFF(branch_from), t->rec->insn[k - 1].ip);
		tr_store_imm(&t->b, OFF(branch_to), place);
	} else {
		x86_mov_mi(&t->b, 1, RBP, OFF(branch_to), 1);
	}
	x86_mov_mi(&t->b, 0, RBP, OFF(jit_exit), 0);
}

void tr_ip(struct tr *t, unsigned int k)
{
	tr_place(t, k, t->rec->insn[k].ip | t->rec->insn[k].slot);
}

void tr_exit_to(struct tr *t, uint8_t *from, uint64_t target, uint64_t branch_ip, unsigned int n)
{
	struct stub *s = tr_new_stub(t, STUB_EXIT, from);

	s->target = target;
	s->taken_from = branch_ip;
	s->retired = (uint16_t)(n - t->counted);
}

struct jit_exit *tr_new_exit(struct tr *t, uint64_t target, uint64_t from, uint8_t ctx)
{
	struct ia64_jit *jit = t->jit;
	struct jit_exit *e;

	if (jit->nexits == jit->max_exits) {
		t->fail = true;
		return &jit->exit[JIT_EXIT_FIRST];
	}
	e = &jit->exit[jit->nexits++];
	*e = (struct jit_exit){ .target = target, .from = from, .trace = t->index,
				.ctx = ctx };
	return e;
}

void tr_exit_jump(struct tr *t, const struct snap *s, uint64_t target, uint64_t from, uint8_t ctx)
{
	struct jit_exit *e = tr_new_exit(t, target, from, ctx);
	uint32_t id = (uint32_t)(e - t->jit->exit);

	if (s->fd)
		x86_alu_ri(&t->b, 1, X86_ADD, RBX, 8 * s->fd);
	x86_mov_mi(&t->b, 0, RBP, OFF(jit_exit), from == JIT_FROM_KNOWN ? 0 : (int32_t)id);
	e->patch = x86_jmp(&t->b);
	tr_leave(t, id);
}

void tr_indirect(struct tr *t, uint64_t from, uint8_t ctx)
{
	int32_t jump = OFF_JIT(jump[0]) + ctx * (int32_t)sizeof(t->jit->jump[0]);
	struct x86_buf *b = &t->b;

	x86_mov_imm(b, RCX, from);
	x86_store(b, 1, RBP, OFF(branch_from), RCX);
	x86_store(b, 1, RBP, OFF(branch_to), RAX);
	x86_mov_mi(b, 0, RBP, OFF(jit_exit), 0);
	/* Each has a jump of its own, so that the host can tell what each will do. */
	x86_load(b, 1, RDX, RBP, OFF(jit));
	x86_rr(b, 0, 0x8b, RSI, RAX);
	x86_alu_ri(b, 0, X86_AND, RSI, (JIT_JUMP_LINES - 1) << 4);
	x86_rmx(b, 0, 1, 0x3b, RAX, RDX, RSI, 0, jump, false);
	x86_patch(b, x86_jcc(b, CC_NE), t->jit->miss);
	x86_rmx(b, 0, 0, 0xff, 4, RDX, RSI, 0,
		jump + (int32_t)offsetof(struct jit_jump_line, code), false);
}

void tr_elsewhere(struct tr *t)
{
	struct x86_buf *b = &t->b;
	uint8_t *leave;

	x86_alu_ri(b, 1, X86_CMP, RAX, 1);
	leave = x86_jcc(b, CC_E);
	x86_mov_mi(b, 0, RBP, OFF(jit_exit), 0);
	tr_frame_base(t);
	x86_1(b, 0xff); /* jmp rax */
	x86_1(b, 0xe0 | RAX);
	x86_patch(b, leave, b->p);
	tr_leave(t, JIT_DISPATCH);
}

/* To the head, through the dispatcher. */
static void tr_head_stub(struct tr *t, const struct stub *s)
{
	tr_sync(t, &s->s);
	tr_store_imm(&t->b, OFF(ip), t->rec->head & ~15ull);
	x86_mov8_mi(&t->b, RBP, OFF(ri), t->rec->head & 15);
	if (s->kind == STUB_REVALIDATE) {
		x86_load(&t->b, 1, RCX, RBP, OFF(jit));
		x86_mov_mi(&t->b, 0, RCX, OFF_JIT(stale), (int32_t)t->index);
	}
	tr_leave(t, s->kind == STUB_REVALIDATE ? JIT_REVALIDATE : JIT_DISPATCH);
}

void tr_emit_stub(struct tr *t, struct stub *s)
{
	struct x86_buf *b = &t->b;
	const struct jit_insn *i = &t->rec->insn[s->k < t->rec->n ? s->k : 0];

	if (s->from)
		x86_patch(b, s->from, b->p);
	else
		fp_site_placed(t, s);
	if (s->alone)
		tr_look_again(t, s);
	switch (s->kind) {
	case STUB_LOAD:
	case STUB_STORE:
	case STUB_FP_LOAD:
	case STUB_FP_STORE:
		tr_memory_stub(t, s);
		break;
	case STUB_EXEC:
		tr_exec_stub(t, s);
		break;
	case STUB_SSM:
		tr_ssm_stub(t, s);
		break;
	case STUB_CHECK:
		tr_check_stub(t, s);
		break;
	case STUB_LOOP:
		tr_loop_stub(t, s);
		break;
	case STUB_ALLOC:
		tr_alloc_stub(t, s);
		break;
	case STUB_FP:
		fp_stub(t, s);
		/* fall through */
	case STUB_INTERP:
		if (s->k == t->rec->n) {
			tr_head_stub(t, s);
			break;
		}
		tr_sync(t, &s->s);
		tr_ip(t, s->k);
		tr_count_retired(t, s->retired);
		tr_rotate_later(t, s->s.rot);
		tr_leave(t, JIT_INTERP);
		break;
	case STUB_EXIT:
		if (s->decrement)
			x86_alu_ri(b, 1, X86_SUB, s->rv, 1);
		tr_sync(t, &s->s);
		tr_count_retired(t, s->retired);
		tr_rotate(t, s->s.rot);
		tr_exit_jump(t, &s->s, s->target, s->taken_from, s->ctx);
		break;
	case STUB_INDIRECT:
		tr_sync(t, &s->s);
		tr_count_retired(t, s->retired);
		tr_rotate(t, s->s.rot);
		if (s->s.fd)
			x86_alu_ri(b, 1, X86_ADD, RBX, 8 * s->s.fd);
		x86_load(b, 1, RAX, RBP, OFF(br) + 8 * s->rv);
		x86_alu_ri(b, 1, X86_AND, RAX, ~15);
		tr_indirect(t, i->ip, s->ctx);
		break;
	case STUB_CALL:
		tr_call_stub(t, s);
		break;
	case STUB_RETURN:
		tr_return_stub(t, s);
		break;
	case STUB_RETURN_OTHER:
		tr_return_other_stub(t, s);
		break;
	case STUB_REFILL:
		tr_refill_stub(t, s);
		break;
	case STUB_RETURNED:
		tr_count_retired(t, s->retired);
		tr_indirect(t, i->ip, s->ctx);
		break;
	case STUB_ELSEWHERE:
		tr_elsewhere(t);
		break;
	case STUB_LEAVE:
		tr_count_retired(t, s->retired);
		tr_leave(t, JIT_DISPATCH);
		break;
	case STUB_ATTENTION:
	case STUB_REVALIDATE:
		tr_head_stub(t, s);
		break;
	}
}
