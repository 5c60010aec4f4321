/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Instructions that are left to the interpreter's functions. */
#include "jit/x86_64/codegen.h"

/* Does it look at no GR but static ones: floating point, and its loads and stores? */
static bool only_static_registers(const struct ia64_insn *in)
{
	if (in->unit == UNIT_F)
		return true;
	return in->op >= OP_LDFS && in->op <= OP_LDFP8_I && in->r3 < 32 &&
	       !(in->op >= OP_LDFS_R && in->op <= OP_LDFX_R);
}

/* Executes an instruction the translator leaves to the interpreter. 0: go on behind it. */
static uint32_t jit_exec(struct vcpu *v, const struct jit_insn *i)
{
	const struct ia64_insn_op *next;
	bool logical = v->jit->logical;

	jit_resolve_exit(v->jit);
	/* Where it does not matter the order stays: settling it costs more than the instruction. */
	if (!only_static_registers(&i->in))
		jit_order_registers(v->jit, false);
	v->near_from = v->near_to = NULL;
	v->code_va = i->ip;
	v->code_ops = &i->op - i->slot;
	v->op = &i->op;
	next = i->op.exec(v, &i->op);
	if (next == &i->op + 1 && !v->nat_any && !v->leaving) {
		v->op = NULL;
		jit_order_registers(v->jit, logical);
		return 0;
	}
	if (next && next != &i->op + 1) {
		/* A check that failed: its target, found as if in the same page. */
		v->op = next;
		ia64_sync_ip(v);
	} else if (next == &i->op + 1) {
		v->ip = i->slot == 2 || i->in.unit == UNIT_X ? i->ip + 16 : i->ip;
		v->ri = i->slot == 2 || i->in.unit == UNIT_X ? 0 : i->slot + 1;
	}
	v->op = NULL;
	return 1;
}

void tr_call_out(struct tr *t, const struct jit_insn *i)
{
	const struct jit_insn *kept = jit_keep(t->jit, i);
	struct stub *st;

	if (!kept) {
		t->fail = true;
		return;
	}
	tr_flush_all(t);
	tr_ip(t, t->k);
	x86_mov_rr(&t->b, RDI, RBP);
	x86_mov_imm(&t->b, RSI, (uint64_t)(uintptr_t)kept);
	x86_call(&t->b, (const void *)jit_exec);
	x86_test_rr(&t->b, 0, RAX, RAX);
	st = tr_new_stub(t, STUB_LEAVE, x86_jcc(&t->b, CC_NE));
	st->retired = 0;
	st->s.fd = 0;
	tr_unsync_frame(t, &t->s);
	/* What it may have written: a GR as r1, a base register as r3. */
	t->known[tr_gr(t, i->in.r1 & 127)].kind = K_NOTHING;
	t->known[tr_gr(t, i->in.r3 & 127)].kind = K_NOTHING;
}
