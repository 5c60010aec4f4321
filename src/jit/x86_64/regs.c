/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where guest registers are: homes, host registers, and bringing the one up to date from the other.
 */
#include "jit/x86_64/fp.h"

/* Those that survive a call of C code come first. */
static const uint8_t alloc_order[] = { R12, R13, R14, R15, RSI, RDI, R8, R9, R10, R11 };

uint16_t tr_gr(struct tr *t, unsigned int r)
{
	int slot;

	if (r < 32)
		return (uint16_t)r;
	slot = t->s.fd + (int)r - 32;
	if (slot >= JIT_MAX_STACKED) {
		t->fail = true;
		slot = 0;
	}
	return (uint16_t)(V_FRAME + slot);
}

static void home(uint16_t vreg, unsigned int *base, int32_t *disp)
{
	if (vreg < V_STACKED) {
		*base = RBP;
		*disp = OFF(gr) + 8 * vreg;
	} else if (vreg < V_BR) {
		*base = RBX;
		*disp = 8 * (vreg - V_FRAME) - RBX_AHEAD;
	} else if (vreg < V_AR) {
		*base = RBP;
		*disp = OFF(br) + 8 * (vreg - V_BR);
	} else {
		*base = RBP;
		*disp = OFF(ar) + 8 * (vreg - V_AR);
	}
}

void tr_store_home(struct x86_buf *b, uint16_t vreg, unsigned int reg)
{
	unsigned int base;
	int32_t disp;

	home(vreg, &base, &disp);
	x86_store(b, 1, base, disp, reg);
}

void tr_load_home(struct x86_buf *b, uint16_t vreg, unsigned int reg)
{
	unsigned int base;
	int32_t disp;

	if (vreg == 0) {
		x86_mov_imm(b, reg, 0);
		return;
	}
	home(vreg, &base, &disp);
	x86_load(b, 1, reg, base, disp);
}

static int where(const struct tr *t, uint16_t vreg)
{
	unsigned int i;

	for (i = 0; i < sizeof(alloc_order); i++)
		if (t->s.vreg[alloc_order[i]] == vreg)
			return alloc_order[i];
	return -1;
}

/*
 * When the guest register is wanted next, as far as that can be seen: instructions that follow are
 * looked at as if no call came between.
 */
static unsigned int next_use(struct tr *t, uint16_t vreg)
{
	unsigned int k, end = t->k + 24 < t->rec->n ? t->k + 24 : t->rec->n;
	uint16_t name = vreg >= V_STACKED && vreg < V_BR ? (uint16_t)(vreg - t->s.fd) : vreg;
	const uint16_t *names;

	for (k = t->k + 1; k < end; k++) {
		names = t->names[k];
		if (names[0] == name || names[1] == name || names[2] == name || names[3] == name)
			return k;
	}
	return k;
}

/* A host register with nothing in it, not one the present instruction has locked. */
static unsigned int free_reg(struct tr *t)
{
	unsigned int i, best = X86_NR_REGS, best_use = 0, use, r;

	for (i = 0; i < sizeof(alloc_order); i++) {
		r = alloc_order[i];
		if (t->locked >> r & 1)
			continue;
		if (t->s.vreg[r] == V_NONE)
			return r;
		use = next_use(t, t->s.vreg[r]) * 2 + !(t->s.dirty >> r & 1);
		if (best == X86_NR_REGS || use > best_use) {
			best = r;
			best_use = use;
		}
	}
	if (best == X86_NR_REGS) {
		t->fail = true;
		return R11;
	}
	if (t->s.dirty >> best & 1)
		tr_store_home(&t->b, t->s.vreg[best], best);
	t->s.dirty &= (uint16_t)~(1u << best);
	t->s.vreg[best] = V_NONE;
	return best;
}

unsigned int tr_use_v(struct tr *t, uint16_t vreg)
{
	int at = where(t, vreg);

	if (at < 0) {
		at = (int)free_reg(t);
		tr_load_home(&t->b, vreg, (unsigned int)at);
		t->s.vreg[at] = vreg;
	}
	t->locked |= (uint16_t)(1u << at);
	return (unsigned int)at;
}

unsigned int tr_def_v(struct tr *t, uint16_t vreg)
{
	int at = where(t, vreg);

	if (at < 0) {
		at = (int)free_reg(t);
		t->s.vreg[at] = vreg;
	}
	t->locked |= (uint16_t)(1u << at);
	t->s.dirty |= (uint16_t)(1u << at);
	t->known[vreg].kind = K_NOTHING;
	return (unsigned int)at;
}

void tr_home_v(struct tr *t, uint16_t vreg)
{
	int at = where(t, vreg);

	if (at < 0)
		return;
	if (t->s.dirty >> at & 1)
		tr_store_home(&t->b, vreg, (unsigned int)at);
	t->s.dirty &= (uint16_t)~(1u << at);
	t->s.vreg[at] = V_NONE;
}

unsigned int tr_use(struct tr *t, unsigned int r)
{
	return tr_use_v(t, tr_gr(t, r));
}

/* The highest register, r at least, that the trace writes from here on while the frame stays. */
static unsigned int highest_written(const struct tr *t, unsigned int r)
{
	const struct jit_insn *i;
	unsigned int k, info;

	for (k = t->k; k < t->rec->n; k++) {
		i = &t->rec->insn[k];
		info = jit_op_info[i->in.op];
		if (i->in.op == OP_ALLOC || tr_support(t, i) == JIT_SYSTEM ||
		    ((info & BRANCH) && i->executed && i->in.op != OP_BR_COND))
			break;
		if ((info & W1) && i->in.r1 > r)
			r = i->in.r1;
		if ((info & W3) && i->in.r3 > r)
			r = i->in.r3;
	}
	return r;
}

void tr_check_frame(struct tr *t, unsigned int r)
{
	if (r < 32)
		return;
	if (t->s.known) {
		if (r - 32 >= t->s.sof)
			t->fail = true;
		return;
	}
	if (r - 32 < t->sof_checked)
		return;
	/* All of them at once; where that stops a trace too early, the interpreter knows better. */
	r = highest_written(t, r);
	x86_cmp8_mi(&t->b, RBP, OFF_RSE(sof), r - 32);
	tr_exit_interp(t, x86_jcc(&t->b, CC_BE));
	t->sof_checked = (uint8_t)(r - 32 + 1);
}

unsigned int tr_def(struct tr *t, unsigned int r)
{
	return tr_def_v(t, tr_gr(t, r));
}

void tr_sync(struct tr *t, const struct snap *s)
{
	unsigned int i;

	if (s->pending.on) {
		tr_emit_compare(&t->b, s, &s->pending);
		tr_set_predicates(&t->b, &s->pending);
	}
	fp_sync(t, s);
	for (i = 0; i < X86_NR_REGS; i++)
		if (s->dirty >> i & 1)
			tr_store_home(&t->b, s->vreg[i], i);
	for (i = 1; i < 64; i++)
		if (s->pr[i] & PR_STALE)
			x86_mov8_mi(&t->b, RBP, OFF_PR(i), s->pr[i] & 1);
	if (s->ec_known)
		x86_mov_mi(&t->b, 1, RBP, OFF(ar[AR_EC]), s->ec);
	if (s->fd) {
		x86_alu_mi(&t->b, 0, X86_ADD, RBP, OFF_RSE(bof), s->fd);
		x86_alu_mi(&t->b, 0, X86_ADD, RBP, OFF_RSE(ndirty), s->fd);
	}
	if (s->known && s->frame_stale) {
		x86_mov8_mi(&t->b, RBP, OFF_RSE(sof), s->sof);
		x86_mov8_mi(&t->b, RBP, OFF_RSE(sol), s->sol);
	}
}

void tr_unsync_frame(struct tr *t, const struct snap *s)
{
	if (s->fd) {
		x86_alu_mi(&t->b, 0, X86_SUB, RBP, OFF_RSE(bof), s->fd);
		x86_alu_mi(&t->b, 0, X86_SUB, RBP, OFF_RSE(ndirty), s->fd);
	}
}

void tr_frame_base(struct tr *t)
{
	x86_rm(&t->b, 0, 0x8b, RBX, RBP, OFF_RSE(bof));
	x86_rmx(&t->b, 0, 1, 0x8d, RBX, RBP, RBX, 3, OFF_FRAME, false);
}

void tr_flush_ec(struct tr *t)
{
	if (t->s.ec_known)
		x86_mov_mi(&t->b, 1, RBP, OFF(ar[AR_EC]), t->s.ec);
	t->s.ec_known = false;
}

void tr_flush_all(struct tr *t)
{
	unsigned int i;

	tr_sync(t, &t->s);
	fp_forget(t);
	for (i = 0; i < X86_NR_REGS; i++)
		t->s.vreg[i] = V_NONE;
	t->s.dirty = 0;
	memset(t->s.pr, PR_HOME, sizeof(t->s.pr));
	t->s.pending.on = false;
	t->s.frame_stale = false;
	t->s.ec_known = false;
}

void tr_reload_clobbered(struct tr *t, const struct snap *s, unsigned int but)
{
	unsigned int i;

	for (i = 0; i < X86_NR_REGS; i++)
		if (s->vreg[i] != V_NONE && (CALL_CLOBBERED >> i & 1) && i != but)
			tr_load_home(&t->b, s->vreg[i], i);
}

void tr_back(struct tr *t, const struct stub *s)
{
	tr_unsync_frame(t, &s->s);
	fp_restore(t, &s->s);
	tr_reload_clobbered(t, &s->s, X86_NR_REGS);
	x86_patch(&t->b, x86_jmp(&t->b), s->back);
}
