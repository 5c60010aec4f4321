/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Advanced and speculative loads, and their checks (SDM 1:4.4.4, 4.4.5). What goes well is inline;
 * the rest is the interpreter's function, out of line.
 */
#include "ia64/alat.h"
#include "jit/x86_64/fp.h"

#define ENTRY(field) ((int32_t)offsetof(struct ia64_alat_entry, field))

static const uint16_t load_opcode[9] = { [1] = 0x0fb6, [2] = 0x0fb7, [4] = 0x8b, [8] = 0x8b };

/* Where a register's entry is: known here for a static one, else in rdx (times 4). */
struct entry {
	bool stacked;
	int32_t disp;
	uint32_t key; /* for a stacked one it is in eax */
};

bool tr_speculation_supports(uint64_t ctx_key, const struct ia64_insn *in)
{
	if (in->op != OP_CHK_A && (in->x == LD_BIAS || in->x == LD_ACQ))
		return true;
	if (in->op == OP_CHK_A && in->qp)
		return false;
	/* Nothing comes into the table. */
	if (in->op != OP_CHK_A && in->x == LD_S && (ctx_key & JIT_CTX_ROTATES))
		return true;
	/* The table names registers as they lie; r16-r31 of the other bank have other names. */
	return !(ctx_key & JIT_CTX_ROTATES) &&
	       ((ctx_key & JIT_CTX_BN) || in->r1 < 16 || in->r1 > 31);
}

/* Changes rax and rdx. */
static struct entry locate(struct tr *t, unsigned int r1, unsigned int size)
{
	struct entry e = { .stacked = r1 >= 32, .disp = OFF(alat) };
	struct x86_buf *b = &t->b;

	if (!e.stacked) {
		e.disp += 32 * (int32_t)IA64_ALAT_INDEX(r1);
		e.key = IA64_ALAT_KEY(0, r1, size);
		return e;
	}
	_Static_assert(IA64_ALAT_STACKED % IA64_ALAT_ENTRIES == 0, "the place is the register's");
	/* eax = 8 * its index in rse.stk */
	x86_rr(b, 0, 0x8b, RAX, RBX);
	x86_alu_rr(b, 0, X86_SUB, RAX, RBP);
	x86_alu_ri(b, 0, X86_SUB, RAX, OFF_FRAME - 8 * (tr_gr(t, r1) - V_FRAME));
	x86_rr(b, 0, 0x8b, RDX, RAX);
	x86_alu_ri(b, 0, X86_AND, RDX, 8 * (IA64_ALAT_ENTRIES - 1));
	x86_shift_ri(b, 0, X86_SHL, RAX, 13);
	x86_alu_ri(b, 0, X86_ADD, RAX, (int32_t)IA64_ALAT_KEY(0, IA64_ALAT_STACKED, size));
	return e;
}

/* op reg, the entry's field, or the other way around */
static void entry_op(struct tr *t, const struct entry *e, unsigned int w, unsigned int opc,
		     unsigned int reg, int32_t field)
{
	if (e->stacked)
		x86_rmx(&t->b, 0, w, opc, reg, RBP, RDX, 2, e->disp + field, false);
	else
		x86_rm(&t->b, w, opc, reg, RBP, e->disp + field);
}

/*
 * Is it there, for `size` bytes, and does memory hold what was loaded? The jumps are taken if not.
 * That it is memory still need not be asked: who takes a page away has every vCPU empty its ALAT.
 */
static void look(struct tr *t, const struct entry *e, unsigned int size, uint8_t *no[2])
{
	if (e->stacked)
		entry_op(t, e, 0, 0x39, RAX, ENTRY(key));
	else
		x86_alu_mi(&t->b, 0, X86_CMP, RBP, e->disp + ENTRY(key), (int32_t)e->key);
	no[0] = x86_jcc(&t->b, CC_NE);
	entry_op(t, e, 1, 0x8b, RCX, ENTRY(at));
	x86_rm(&t->b, size == 8, load_opcode[size], RCX, RCX, 0);
	entry_op(t, e, 1, 0x3b, RCX, ENTRY(value));
	no[1] = x86_jcc(&t->b, CC_NE);
}

static void remove_entry(struct tr *t, const struct entry *e)
{
	if (e->stacked) {
		x86_alu_rr(&t->b, 0, X86_XOR, RAX, RAX);
		entry_op(t, e, 0, 0x89, RAX, ENTRY(key));
	} else {
		x86_mov_mi(&t->b, 0, RBP, e->disp + ENTRY(key), 0);
	}
}

/* The bytes at the host address in rcx were loaded into host register `val`. */
static void insert(struct tr *t, unsigned int r1, unsigned int size, unsigned int val)
{
	struct entry e = locate(t, r1, size);

	entry_op(t, &e, 1, 0x89, RCX, ENTRY(at));
	entry_op(t, &e, 1, 0x89, val, ENTRY(value));
	if (e.stacked)
		entry_op(t, &e, 0, 0x89, RAX, ENTRY(key));
	else
		x86_mov_mi(&t->b, 0, RBP, e.disp + ENTRY(key), (int32_t)e.key);
	x86_mov8_mi(&t->b, RBP, OFF(alat_used), 1);
}

void tr_load_speculative(struct tr *t, const struct ia64_insn *in)
{
	const struct jit_kept *kept = jit_keep(t->jit, &t->rec->insn[t->k]);
	bool check = in->x != LD_S && in->x != LD_A && in->x != LD_SA;
	bool rotates = t->jit->ctx_key[t->ctx] & JIT_CTX_ROTATES;
	unsigned int size = in->y, ra, dst, n = 0, i;
	struct stub *stub[2];
	uint8_t *no[2];
	struct entry e;
	struct mem_ref m;

	if (!kept) {
		t->fail = true;
		return;
	}
	if (check) {
		e = locate(t, in->r1, size);
		look(t, &e, size, no);
		stub[n++] = tr_new_stub(t, STUB_EXEC, no[0]);
		stub[n++] = tr_new_stub(t, STUB_EXEC, no[1]);
		if (in->x != LD_C_NC)
			remove_entry(t, &e);
		t->known[tr_gr(t, in->r1)].kind = K_NOTHING;
	} else {
		ra = tr_use(t, in->r3);
		m = tr_address(t, ra, size, false, rotates ? STUB_INTERP : STUB_EXEC);
		if (!rotates)
			stub[n++] = m.stub;
		dst = tr_def(t, in->r1);
		if (in->x == LD_S) {
			tr_mem_op(t, 0, size == 8, load_opcode[size], dst, &m, 0, false);
		} else {
			tr_mem_op(t, 0, 1, 0x8d, RCX, &m, 0, false);
			x86_rm(&t->b, size == 8, load_opcode[size], dst, RCX, 0);
			insert(t, in->r1, size, dst);
		}
	}
	tr_base_update(t, in, in->op == OP_LDX_R, in->op == OP_LDX_I);
	for (i = 0; i < n; i++) {
		stub[i]->kept = kept;
		stub[i]->after = t->s;
		stub[i]->back = t->b.p;
	}
}

/* How many bytes the advanced load had that a check of r1 is for, as far as can be seen. */
static unsigned int loaded_size(const struct tr *t, unsigned int r1)
{
	const struct ia64_insn *in;
	unsigned int k;

	for (k = t->k; k-- > 0;) {
		in = &t->rec->insn[k].in;
		if ((in->op == OP_LDX || in->op == OP_LDX_R || in->op == OP_LDX_I) &&
		    in->r1 == r1 && in->x != LD_S)
			return in->y;
	}
	return 8;
}

void tr_chk_a(struct tr *t, const struct jit_insn *i)
{
	unsigned int size = loaded_size(t, i->in.r1), k;
	struct entry e = locate(t, i->in.r1, size);
	struct stub *stub;
	uint8_t *no[2], *at;

	look(t, &e, size, no);
	if (i->in.x)
		remove_entry(t, &e);
	if (i->taken)
		tr_exit_to(t, x86_jmp(&t->b), following(i), 0, t->k + 1);
	at = t->b.p;
	for (k = 0; k < 2; k++) {
		stub = tr_new_stub(t, STUB_CHECK, no[k]);
		stub->back = at;
	}
}

/* Does the ALAT have r1's value still? A clr form removes the entry. */
static uint32_t jit_chk_a(struct vcpu *v, uint32_t r1, uint32_t clear)
{
	unsigned int reg = r1 < 32 ? r1 : IA64_ALAT_STACKED + v->rse.bof + r1 - 32;
	bool hit = ia64_alat_hit(v, false, reg);

	if (hit && clear)
		ia64_alat_remove(v, false, reg);
	return hit;
}

/* The trace goes on at `back` as it was recorded: with a hit, or with a miss. */
void tr_check_stub(struct tr *t, struct stub *s)
{
	const struct jit_insn *i = &t->rec->insn[s->k];
	struct x86_buf *b = &t->b;
	uint8_t *other;

	tr_sync(t, &s->s);
	fp_save(t, &s->s);
	tr_vcpu_argument(b);
	x86_mov_imm(b, RSI, i->in.r1);
	x86_mov_imm(b, RDX, i->in.x);
	x86_call(b, (const void *)jit_chk_a);
	x86_test_rr(b, 0, RAX, RAX);
	other = x86_jcc(b, i->taken ? CC_NE : CC_E);
	tr_back(t, s);
	x86_patch(b, other, b->p);
	tr_count_retired(t, s->retired + 1);
	if (i->taken)
		tr_exit_jump(t, &s->s, following(i), 0, s->ctx);
	else
		tr_exit_jump(t, &s->s, i->ip + (uint64_t)i->in.imm, i->ip, s->ctx);
}

void tr_invala(struct tr *t)
{
	uint8_t *empty;
	unsigned int n;

	x86_cmp8_mi(&t->b, RBP, OFF(alat_used), 0);
	empty = x86_jcc(&t->b, CC_E);
	for (n = 0; n < IA64_ALAT_ENTRIES; n++)
		x86_mov_mi(&t->b, 0, RBP, OFF(alat) + 32 * (int32_t)n + ENTRY(key), 0);
	x86_mov8_mi(&t->b, RBP, OFF(alat_used), 0);
	x86_patch(&t->b, empty, t->b.p);
}
