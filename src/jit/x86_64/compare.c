/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares and predicates: a compare waits for its branch where that is possible. */
#include "jit/x86_64/codegen.h"

void tr_emit_compare(struct x86_buf *b, const struct snap *s, const struct pending *p)
{
	unsigned int i, ra = X86_NR_REGS, rb = X86_NR_REGS;

	for (i = 0; i < X86_NR_REGS; i++) {
		if (s->vreg[i] == p->a)
			ra = i;
		if (s->vreg[i] == p->b && !p->imm_form)
			rb = i;
	}
	if (ra == X86_NR_REGS) {
		tr_load_home(b, p->a, RAX);
		ra = RAX;
	}
	if (p->tbit) {
		x86_bt(b, ra, p->bit);
		return;
	}
	if (p->imm_form) {
		if (p->imm == 0 && p->cond != CC_B && p->cond != CC_AE)
			x86_test_rr(b, p->wide, ra, ra);
		else
			x86_alu_ri(b, p->wide, X86_CMP, ra, p->imm);
		return;
	}
	if (rb == X86_NR_REGS) {
		tr_load_home(b, p->b, RCX);
		rb = RCX;
	}
	x86_alu_rr(b, p->wide, X86_CMP, ra, rb);
}

void tr_set_predicates(struct x86_buf *b, const struct pending *p)
{
	if (p->p1)
		x86_setcc_m(b, p->cond, RBP, OFF_PR(p->p1));
	if (p->p2)
		x86_setcc_m(b, p->cond ^ 1, RBP, OFF_PR(p->p2));
}

enum cmp_type { CT_NORMAL, CT_AND, CT_OR, CT_ORANDCM };

struct cmp_desc {
	bool valid, wide, imm_form, zero_first, tbit, unc;
	uint8_t cond; /* of (first operand, r3), before swapping */
	uint8_t type;
};

#define D_R(C, w, r, cc) \
	[OP_##C##_##r] = { true, w, false, false, false, false, cc, CT_NORMAL }, \
	[OP_##C##_##r##_I] = { true, w, true, false, false, false, cc, CT_NORMAL }, \
	[OP_##C##_##r##_UNC] = { true, w, false, false, false, true, cc, CT_NORMAL }, \
	[OP_##C##_##r##_UNC_I] = { true, w, true, false, false, true, cc, CT_NORMAL }
#define D_P(C, w, r, cc) \
	[OP_##C##_##r##_AND] = { true, w, false, false, false, false, cc, CT_AND }, \
	[OP_##C##_##r##_OR] = { true, w, false, false, false, false, cc, CT_OR }, \
	[OP_##C##_##r##_ORANDCM] = { true, w, false, false, false, false, cc, CT_ORANDCM }, \
	[OP_##C##_##r##_AND_I] = { true, w, true, false, false, false, cc, CT_AND }, \
	[OP_##C##_##r##_OR_I] = { true, w, true, false, false, false, cc, CT_OR }, \
	[OP_##C##_##r##_ORANDCM_I] = { true, w, true, false, false, false, cc, CT_ORANDCM }
#define D_Z(C, w, r, cc) \
	[OP_##C##_##r##_AND_Z] = { true, w, false, true, false, false, cc, CT_AND }, \
	[OP_##C##_##r##_OR_Z] = { true, w, false, true, false, false, cc, CT_OR }, \
	[OP_##C##_##r##_ORANDCM_Z] = { true, w, false, true, false, false, cc, CT_ORANDCM }
#define D_ALL(C, w) D_R(C, w, LT, CC_L), D_R(C, w, LTU, CC_B), D_R(C, w, EQ, CC_E), \
	D_P(C, w, EQ, CC_E), D_P(C, w, NE, CC_NE), D_Z(C, w, GT, CC_G), D_Z(C, w, LE, CC_LE), \
	D_Z(C, w, GE, CC_GE), D_Z(C, w, LT, CC_L)
#define D_T(z, cc) \
	[OP_TBIT_##z##_AND] = { true, true, false, false, true, false, cc, CT_AND }, \
	[OP_TBIT_##z##_OR] = { true, true, false, false, true, false, cc, CT_OR }, \
	[OP_TBIT_##z##_ORANDCM] = { true, true, false, false, true, false, cc, CT_ORANDCM }

static const struct cmp_desc cmp_table[OP_COUNT] = {
	D_ALL(CMP, true), D_ALL(CMP4, false), D_T(Z, CC_AE), D_T(NZ, CC_B),
	[OP_TBIT_Z] = { true, true, false, false, true, false, CC_AE, CT_NORMAL },
	[OP_TBIT_Z_UNC] = { true, true, false, false, true, true, CC_AE, CT_NORMAL },
};

static uint8_t swap_cond(uint8_t cc)
{
	switch (cc) {
	case CC_L: return CC_G;
	case CC_G: return CC_L;
	case CC_LE: return CC_GE;
	case CC_GE: return CC_LE;
	case CC_B: return CC_A;
	case CC_A: return CC_B;
	default: return cc;
	}
}

/* The compare as x86 does it: one operand may be an immediate, always the second. */
static struct pending describe_compare(struct tr *t, const struct ia64_insn *in)
{
	const struct cmp_desc *d = &cmp_table[in->op];
	struct pending p = { .on = true, .p1 = tr_real_pr(in->r1), .p2 = tr_real_pr(in->r4),
			     .cond = d->cond, .wide = d->wide, .tbit = d->tbit };

	p.a = tr_gr(t, in->r3);
	p.b = V_NONE;
	if (d->tbit) {
		p.bit = in->x;
		p.imm_form = true;
	} else if (d->imm_form) {
		p.cond = swap_cond(p.cond);
		p.imm_form = true;
		p.imm = (int32_t)in->imm;
	} else if (d->zero_first || in->r2 == 0) {
		p.cond = swap_cond(p.cond);
		p.imm_form = true;
	} else if (in->r3 == 0) {
		p.a = tr_gr(t, in->r2);
		p.imm_form = true;
	} else {
		p.b = p.a;
		p.a = tr_gr(t, in->r2);
	}
	return p;
}

void tr_predicates_written(struct tr *t, unsigned int p1, unsigned int p2)
{
	t->s.pr[tr_real_pr((uint8_t)p1)] = PR_HOME;
	t->s.pr[tr_real_pr((uint8_t)p2)] = PR_HOME;
}

bool tr_is_compare(const struct ia64_insn *in)
{
	return cmp_table[in->op].valid;
}

void tr_compare(struct tr *t, const struct ia64_insn *in)
{
	const struct cmp_desc *d = &cmp_table[in->op];
	struct pending p = describe_compare(t, in);
	struct x86_buf *b = &t->b;
	unsigned int i;

	tr_use_v(t, p.a);
	if (!p.imm_form)
		tr_use_v(t, p.b);
	if (d->type == CT_NORMAL) {
		if (t->fused[t->k]) {
			t->s.pending = p;
			tr_predicates_written(t, p.p1, p.p2);
			return;
		}
		tr_emit_compare(b, &t->s, &p);
		tr_set_predicates(b, &p);
	} else {
		uint8_t pr[2] = { p.p1, p.p2 };

		for (i = 0; i < 2; i++)
			if (pr[i] && (t->s.pr[pr[i]] & PR_STALE))
				x86_mov8_mi(b, RBP, OFF_PR(pr[i]), t->s.pr[pr[i]] & 1);
		tr_emit_compare(b, &t->s, &p);
		x86_rr(b, 0, 0x0f90u | p.cond, 0, RAX); /* setcc al */
		if (p.p1)
			x86_rm(b, 0, d->type == CT_AND ? 0x20 : 0x08, RAX, RBP, OFF_PR(p.p1));
		if (d->type == CT_ORANDCM)
			x86_alu_ri(b, 0, X86_XOR, RAX, 1);
		if (p.p2)
			x86_rm(b, 0, d->type == CT_OR ? 0x08 : 0x20, RAX, RBP, OFF_PR(p.p2));
	}
	tr_predicates_written(t, p.p1, p.p2);
}

bool tr_can_fuse(struct tr *t, unsigned int k)
{
	const struct ia64_insn *in = &t->rec->insn[k].in, *n;
	const struct cmp_desc *d = &cmp_table[in->op];
	struct pending p;
	uint16_t list[4];
	unsigned int j, i, m, info;

	if (!d->valid || d->type != CT_NORMAL || in->qp)
		return false;
	if (tr_real_pr(in->r1) == 0 && tr_real_pr(in->r4) == 0)
		return false;
	p = describe_compare(t, in);
	for (j = k + 1; j < t->rec->n && j < k + 8; j++) {
		n = &t->rec->insn[j].in;
		info = jit_op_info[n->op];
		if (n->op == OP_BR_COND)
			return n->qp && (n->qp == p.p1 || n->qp == p.p2);
		if (tr_support(t, &t->rec->insn[j]) != JIT_NATIVE || (info & (BRANCH | P2 | PRS)) ||
		    n->op == OP_ALLOC)
			return false;
		if (n->qp)
			return false;
		m = tr_vregs(t, n, list);
		for (i = 0; i < m; i++) {
			bool writes = ((info & W1) && list[i] == tr_gr(t, n->r1)) ||
				      ((info & W3) && list[i] == tr_gr(t, n->r3));

			if (writes && (list[i] == p.a || list[i] == p.b))
				return false;
		}
	}
	return false;
}

void tr_flush_predicates(struct tr *t)
{
	unsigned int i;

	if (t->s.pending.on) {
		tr_emit_compare(&t->b, &t->s, &t->s.pending);
		tr_set_predicates(&t->b, &t->s.pending);
		t->s.pending.on = false;
	}
	for (i = 1; i < 64; i++) {
		if (t->s.pr[i] & PR_STALE)
			x86_mov8_mi(&t->b, RBP, OFF_PR(i), t->s.pr[i] & 1);
		t->s.pr[i] &= (uint8_t)~PR_STALE;
	}
}

void tr_flush_unless_fused(struct tr *t, unsigned int qp)
{
	if (t->s.pending.on && qp != t->s.pending.p1 && qp != t->s.pending.p2)
		tr_flush_predicates(t);
}

uint8_t *tr_branch_on_pr(struct tr *t, unsigned int qp, bool want)
{
	struct pending *p = &t->s.pending;
	unsigned int cond;

	if (p->on && (qp == p->p1 || qp == p->p2)) {
		tr_emit_compare(&t->b, &t->s, p);
		cond = qp == p->p1 ? p->cond : p->cond ^ 1u;
		return x86_jcc(&t->b, want ? cond : cond ^ 1u);
	}
	x86_cmp8_mi(&t->b, RBP, OFF_PR(qp), 0);
	return x86_jcc(&t->b, want ? CC_NE : CC_E);
}

void tr_learn_pr(struct snap *s, unsigned int qp, bool val)
{
	struct pending *p = &s->pending;
	bool p1;

	if (!p->on || (qp != p->p1 && qp != p->p2)) {
		s->pr[qp] = PR_KNOWN | val;
		return;
	}
	p1 = qp == p->p1 ? val : !val;
	if (p->p1)
		s->pr[p->p1] = PR_STALE | PR_KNOWN | p1;
	if (p->p2)
		s->pr[p->p2] = PR_STALE | PR_KNOWN | !p1;
	p->on = false;
}

/* What is known of predicates behind an instruction, from what was known before. */
static void know_behind(const struct tr *t, const struct jit_insn *i, uint8_t pr[64])
{
	const struct ia64_insn *in = &i->in;
	unsigned int n;

	if (tr_support(t, i) != JIT_NATIVE) {
		memset(pr, 0, 64);
		return;
	}
	switch (in->op) {
	case OP_BR_CTOP:
		pr[in->r1] = PR_KNOWN | i->kernel;
		return;
	case OP_BR_COND: case OP_BRL_COND:
		pr[in->qp] = PR_KNOWN | i->taken;
		return;
	case OP_BR_CALL: case OP_BRL_CALL: case OP_BR_CALL_IND: case OP_BR_COND_IND:
		pr[in->qp] = PR_KNOWN | i->executed;
		return;
	case OP_BR_RET:
		pr[in->qp] = PR_KNOWN | i->executed;
		/* The caller's may have other names. */
		if (i->executed)
			memset(pr + 16, 0, 48);
		return;
	case OP_MOV_PR_ROT:
		for (n = 16; n < 64; n++)
			pr[n] = PR_KNOWN | (in->imm >> n & 1);
		return;
	case OP_MOV_PR:
		for (n = 1; n < 64; n++)
			if (in->imm >> n & 1)
				pr[n] = 0;
		return;
	default:
		if (jit_op_info[in->op] & P2)
			pr[in->r1 & 63] = pr[in->r4 & 63] = 0;
		return;
	}
}

void tr_know_predicates(struct tr *t)
{
	uint8_t pr[64] = { 0 };
	unsigned int k;

	for (k = 0; k < t->rec->n; k++) {
		pr[0] = PR_KNOWN | 1;
		t->qp[k] = pr[t->rec->insn[k].in.qp & 63];
		know_behind(t, &t->rec->insn[k], pr);
	}
}

/* No register is a NaT here. */
void tr_tnat(struct tr *t, const struct ia64_insn *in)
{
	bool p1 = true, p2 = false;

	switch (in->op) {
	case OP_TNAT_Z_AND: case OP_TNAT_NZ_OR: case OP_TNAT_NZ_ORANDCM:
		return;
	case OP_TNAT_NZ_AND:
		p1 = false;
		break;
	case OP_TNAT_Z_OR:
		p2 = true;
		break;
	default:
		break;
	}
	tr_flush_predicates(t);
	if (tr_real_pr(in->r1))
		x86_mov8_mi(&t->b, RBP, OFF_PR(in->r1), p1);
	if (tr_real_pr(in->r4))
		x86_mov8_mi(&t->b, RBP, OFF_PR(in->r4), p2);
	t->s.pr[tr_real_pr(in->r1)] = PR_KNOWN | p1;
	t->s.pr[tr_real_pr(in->r4)] = PR_KNOWN | p2;
	t->s.pr[0] = PR_HOME;
}

/* ---- all of them ----------------------------------------------------------------------------- */

#define LOW_BITS 0x0101010101010101ull /* of eight predicates in their homes */

/* pext or pdep rax, rax, rdx */
static void x86_pext(struct x86_buf *b)
{
	x86_bytes(b, "\xc4\xe2\xfa\xf5\xc2", 5);
}

static void x86_pdep(struct x86_buf *b)
{
	x86_bytes(b, "\xc4\xe2\xfb\xf5\xc2", 5);
}

/* Eight bits as eight bytes. */
static uint64_t spread(unsigned int bits)
{
	uint64_t bytes = 0;
	unsigned int n;

	for (n = 0; n < 8; n++)
		bytes |= (uint64_t)(bits >> n & 1) << 8 * n;
	return bytes;
}

static void from_pr(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int d = tr_def(t, in->r1), n;

	x86_mov_imm(b, RDX, LOW_BITS);
	for (n = 8; n-- > 0;) {
		x86_load(b, 1, RAX, RBP, OFF_PR(8 * n));
		x86_pext(b);
		if (n == 7) {
			x86_mov_rr(b, d, RAX);
		} else {
			x86_shift_ri(b, 1, X86_SHL, d, 8);
			x86_alu_rr(b, 1, X86_OR, d, RAX);
		}
	}
}

/* jit_tmp: the bits of host register s where rotation has put them. Changes rax, rcx, rdx. */
static void rotated_bits(struct x86_buf *b, unsigned int s)
{
	x86_rm(b, 0, 0x0fb6, RCX, RBP, OFF_RSE(rrb_pr));
	x86_mov_rr(b, RAX, s);
	x86_shift_ri(b, 1, X86_SHR, RAX, 16);
	x86_mov_rr(b, RDX, RAX);
	x86_rr(b, 1, 0xd3, X86_SHR, RDX); /* shr rdx, cl */
	x86_rr(b, 0, 0xf7, 3, RCX); /* neg */
	x86_alu_ri(b, 0, X86_ADD, RCX, 48);
	x86_rr(b, 1, 0xd3, X86_SHL, RAX);
	x86_alu_rr(b, 1, X86_OR, RAX, RDX);
	x86_shift_ri(b, 1, X86_SHL, RAX, 16);
	x86_rr(b, 0, 0x0fb7, RDX, s);
	x86_alu_rr(b, 1, X86_OR, RAX, RDX);
	x86_store(b, 1, RBP, OFF(jit_tmp), RAX);
}

static void to_pr(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int s = tr_use(t, in->r2), n, mask;
	/* p16 to p63 are written all or not at all. */
	bool rotated = !t->unrotated[t->k] && (in->imm >> 16 & 1);

	if (rotated)
		rotated_bits(b, s);
	x86_mov_imm(b, RDX, LOW_BITS);
	for (n = 0; n < 8; n++) {
		mask = (uint64_t)in->imm >> 8 * n & 0xff;
		if (!mask)
			continue;
		if (rotated) {
			x86_rm(b, 0, 0x0fb6, RAX, RBP, OFF(jit_tmp) + (int32_t)n);
		} else {
			x86_mov_rr(b, RAX, s);
			if (n)
				x86_shift_ri(b, 1, X86_SHR, RAX, 8 * n);
		}
		x86_pdep(b);
		if (mask != 0xff) {
			x86_mov_imm(b, RCX, spread(mask));
			x86_alu_rr(b, 1, X86_AND, RAX, RCX);
			x86_not(b, RCX);
			x86_alu_rm(b, 1, X86_AND, RCX, RBP, OFF_PR(8 * n));
			x86_alu_rr(b, 1, X86_OR, RAX, RCX);
		}
		x86_store(b, 1, RBP, OFF_PR(8 * n), RAX);
	}
	for (n = 1; n < 64; n++)
		if (in->imm >> n & 1)
			t->s.pr[n] = PR_HOME;
}

static void to_rotating_pr(struct tr *t, const struct ia64_insn *in)
{
	unsigned int n;

	for (n = 2; n < 8; n++) {
		x86_mov_imm(&t->b, RAX, spread((uint64_t)in->imm >> 8 * n & 0xff));
		x86_store(&t->b, 1, RBP, OFF_PR(8 * n), RAX);
	}
	for (n = 16; n < 64; n++)
		t->s.pr[n] = PR_KNOWN | (in->imm >> n & 1);
}

bool tr_mov_pr(struct tr *t, const struct ia64_insn *in)
{
	unsigned int n;

	if (!(jit_op_info[in->op] & PRS))
		return false;
	/* What it writes need not be written before. */
	for (n = 1; n < 64; n++)
		if (in->op == OP_MOV_PR_ROT ? n >= 16 : in->op == OP_MOV_PR && (in->imm >> n & 1))
			t->s.pr[n] = PR_HOME;
	tr_flush_predicates(t);
	if (in->op == OP_MOV_FROM_PR)
		from_pr(t, in);
	else if (in->op == OP_MOV_PR)
		to_pr(t, in);
	else
		to_rotating_pr(t, in);
	return true;
}
