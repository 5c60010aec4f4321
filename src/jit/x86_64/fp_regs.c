/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * FRs in xmm registers. Each host instruction that may raise an exception has a stub with the state
 * before it.
 */
#include "jit/x86_64/fp_regs.h"

#include "ia64/fp.h"
#include "jit/x86_64/fp.h"
#include "jit/x86_64/fp_decide.h"
#include "jit/x86_64/fp_seq.h"
#include "jit/x86_64/vex.h"

void fp_call_shared(struct x86_buf *b, const uint8_t *fn, uint64_t arg)
{
	uint8_t *at;

	x86_mov_imm(b, RAX, arg);
	x86_1(b, 0xe8);
	x86_imm32(b, 0);
	at = b->p - 4;
	x86_patch(b, at, fn);
}

/* ---- stubs ---- */

/* The host instruction emitted next may raise an exception. */
void fp_trap_site(struct tr *t)
{
	tr_new_stub(t, STUB_INTERP, NULL)->site = t->b.p;
}

/* A call of shared code, out of line, that comes back here if it returns 0. */
void fp_call_stub(struct tr *t, uint8_t *from, uint8_t *fn, uint32_t arg, uint8_t *back)
{
	struct stub *s = tr_new_stub(t, STUB_FP, from);

	s->target = (uint64_t)(uintptr_t)fn;
	s->access = arg;
	s->back = back;
}

void fp_stub(struct tr *t, const struct stub *s)
{
	if (s->decrement)
		x86_store(&t->b, 1, RBP, OFF(jit_tmp), RAX);
	fp_call_shared(&t->b, (const uint8_t *)(uintptr_t)s->target, s->access);
	if (s->decrement) { /* of classify(): the predicates */
		if (s->ra)
			x86_rm(&t->b, 0, 0x88, RAX, RBP, OFF_PR(s->ra));
		x86_alu_ri(&t->b, 0, X86_XOR, RAX, 1);
		if (s->rv)
			x86_rm(&t->b, 0, 0x88, RAX, RBP, OFF_PR(s->rv));
		x86_patch(&t->b, x86_jmp(&t->b), s->back);
		return;
	}
	x86_test_rr(&t->b, 0, RAX, RAX);
	x86_patch(&t->b, x86_jcc(&t->b, CC_E), s->back);
}

void fp_site_placed(struct tr *t, const struct stub *s)
{
	const struct jit_insn *i = &t->rec->insn[s->k < t->rec->n ? s->k : 0];

	if (s->site && !fp_host_site(t->jit, s->site, t->b.p, i->ip | i->slot, t->index))
		t->fail = true;
}

/* ---- FRs in xmm registers ---- */

int fp_where(const struct fp_snap *fp, unsigned int f)
{
	unsigned int i;

	for (i = FIRST_XMM; i < NR_XMM; i++)
		if (fp->freg[i] == f)
			return (int)i;
	return -1;
}

static void set_bit(uint16_t *mask, unsigned int i, bool val)
{
	*mask = (uint16_t)((*mask & ~(1u << i)) | (unsigned int)val << i);
}

static void store_home(struct x86_buf *b, const struct fp_snap *fp, unsigned int i)
{
	store_x(b, fp->rep[i], i, OFF_FR_SIG(fp->freg[i]));
	x86_mov8_mi(b, RBP, OFF_TAG(fp->freg[i]), fp->rep[i]);
}

void fp_clean(struct tr *t, unsigned int i)
{
	if (!(t->s.fp.dirty >> i & 1))
		return;
	store_home(&t->b, &t->s.fp, i);
	x86_mov8_mi(&t->b, RBP, OFF(jit_fp.any), 1);
	set_bit(&t->s.fp.dirty, i, false);
}

static unsigned int next_use(const struct tr *t, unsigned int f)
{
	unsigned int k, i, end = t->k + 40 < t->rec->n ? t->k + 40 : t->rec->n;
	struct fr_names names;

	for (k = t->k + 1; k < end; k++) {
		names = fp_names(&t->rec->insn[k].in);
		for (i = 0; i < names.nreads; i++)
			if (names.reads[i] == f)
				return 2 * k;
		for (i = 0; i < names.nwrites; i++)
			if (names.writes[i] == f)
				return 200 + 2 * k;
	}
	return 2 * k;
}

/* An xmm register with nothing in it, locked for the present instruction. */
unsigned int fp_fresh(struct tr *t)
{
	unsigned int i, best = NR_XMM, best_use = 0, use;

	for (i = FIRST_XMM; i < NR_XMM; i++) {
		if (t->fp_locked >> i & 1)
			continue;
		if (t->s.fp.freg[i] == F_NONE) {
			best = i;
			break;
		}
		use = next_use(t, t->s.fp.freg[i]) + !(t->s.fp.dirty >> i & 1);
		if (best == NR_XMM || use > best_use) {
			best = i;
			best_use = use;
		}
	}
	if (best == NR_XMM) {
		t->fail = true;
		return FIRST_XMM;
	}
	if (t->s.fp.freg[best] != F_NONE)
		fp_clean(t, best);
	t->s.fp.freg[best] = F_NONE;
	t->fp_locked |= (uint16_t)(1u << best);
	return best;
}

void fp_forget_fr(struct tr *t, unsigned int f)
{
	int i = fp_where(&t->s.fp, f);

	if (i < 0)
		return;
	t->s.fp.freg[i] = F_NONE;
	set_bit(&t->s.fp.dirty, (unsigned int)i, false);
}

void fp_modified(struct tr *t, unsigned int f)
{
	unsigned int bit = f < 32 ? 1 : 2;

	if (t->s.fp.told & bit)
		return;
	if (t->fp_run)
		x86_alu_mi(&t->b, 0, X86_OR, RBP, OFF(psr), (int32_t)(bit << 4));
	else
		t->s.fp.modified |= (uint8_t)bit;
}

void fp_set(struct tr *t, unsigned int i, unsigned int f, enum fp_rep rep, bool nan, bool normal)
{
	struct fp_snap *fp = &t->s.fp;

	if (fp->freg[i] != f)
		fp_forget_fr(t, f);
	fp->freg[i] = (uint8_t)f;
	fp->rep[i] = rep;
	set_bit(&fp->dirty, i, true);
	set_bit(&fp->nan, i, nan);
	set_bit(&fp->normal, i, normal);
	fp_modified(t, f);
}

/* The xmm register for a new value of f: the one it has, if any. */
unsigned int fp_target(struct tr *t, unsigned int f)
{
	int i = fp_where(&t->s.fp, f);

	if (i < 0)
		return fp_fresh(t);
	t->fp_locked |= (uint16_t)(1u << i);
	return (unsigned int)i;
}

void fp_exit_if(struct tr *t, unsigned int cc)
{
	tr_exit_interp(t, x86_jcc(&t->b, (enum x86_cond)cc));
}

/* MXCSR as ar.fpsr wants it, and ar.fpsr as the translation does. */
void fp_ready(struct tr *t)
{
	struct x86_buf *b = &t->b;
	int mode = fp_host_mode(t->jit, t->rec->fpsr);
	uint8_t *from;

	if (t->s.fp.ready)
		return;
	if (mode < 0) { /* too many have been met */
		tr_exit_interp(t, x86_jmp(b));
		return;
	}
	x86_load(b, 1, RAX, RBP, OFF_FPSR);
	x86_alu_rm(b, 1, X86_CMP, RAX, RBP, OFF(jit_fp.fpsr));
	from = x86_jcc(b, CC_NE);
	x86_alu_mi(b, 0, X86_CMP, RBP, OFF(jit_fp.mode), mode);
	fp_exit_if(t, CC_NE);
	fp_call_stub(t, from, t->jit->fp->set_mode, (uint32_t)mode, b->p);
	t->s.fp.ready = true;
}

/* Loads i from f's home, which is held as `rep` then. */
static void load_checked(struct tr *t, unsigned int i, unsigned int f, enum fp_rep rep)
{
	struct x86_buf *b = &t->b;
	uint8_t *from;

	x86_cmp8_mi(b, RBP, OFF_TAG(f), rep);
	from = x86_jcc(b, CC_NE);
	fp_call_stub(t, from, t->jit->fp->want, f | rep << 8, b->p);
	load_x(b, rep, i, OFF_FR_SIG(f));
}

/* Are the integers of xmm register i exact in a format of `bits` bits? rax: the integer. */
static void check_integer(struct tr *t, unsigned int i, unsigned int bits)
{
	struct x86_buf *b = &t->b;

	mov_rx(b, 1, RAX, i);
	if (t->s.fp.rep[i] == REP_INT) {
		x86_mov_imm(b, RDX, 1ull << bits);
		x86_alu_rr(b, 1, X86_ADD, RDX, RAX);
		x86_shift_ri(b, 1, X86_SHR, RDX, bits + 1);
	} else {
		x86_mov_rr(b, RDX, RAX);
		x86_shift_ri(b, 1, X86_SHR, RDX, bits);
	}
	fp_exit_if(t, CC_NE);
}

/* xmm register i, which holds an FR, holds it as `rep`. */
static void convert(struct tr *t, unsigned int i, enum fp_rep rep)
{
	struct fp_snap *fp = &t->s.fp;
	struct x86_buf *b = &t->b;

	if (fp->rep[i] == rep)
		return;
	if (fp->rep[i] == REP_S && rep == REP_D) {
		fp_ready(t);
		fp_trap_site(t);
		vex(b, P_F3, MAP_0F, 0, 0x5a, i, i, i); /* vcvtss2sd */
	} else if (fp->rep[i] == REP_D && rep == REP_S) {
		fp_ready(t);
		fp_trap_site(t);
		vex(b, P_F2, MAP_0F, 0, 0x5a, 0, i, i); /* vcvtsd2ss */
		fp_trap_site(t);
		vex(b, P_F3, MAP_0F, 0, 0x5a, 0, 0, 0);
		vex(b, P_66, MAP_0F, 0, 0x2e, 0, 0, i); /* vucomisd */
		fp_exit_if(t, CC_NE);
		fp_exit_if(t, CC_P);
		vex(b, P_F2, MAP_0F, 0, 0x5a, i, i, i);
	} else if ((fp->rep[i] == REP_INT || fp->rep[i] == REP_UINT) && rep != REP_SIG) {
		check_integer(t, i, rep == REP_D ? 53 : 24);
		vex(b, P_NONE, MAP_0F, 0, 0x57, i, i, i);
		vex(b, rep == REP_D ? P_F2 : P_F3, MAP_0F, 1, 0x2a, i, i, RAX);
		set_bit(&fp->nan, i, false);
		set_bit(&fp->normal, i, true);
	} else {
		tr_exit_interp(t, x86_jmp(b));
	}
	fp->rep[i] = rep;
	set_bit(&fp->dirty, i, true);
}

unsigned int fp_use(struct tr *t, unsigned int f, enum fp_rep rep)
{
	struct x86_buf *b = &t->b;
	int at;
	unsigned int i;

	if (f == 0) {
		vex(b, P_NONE, MAP_0F, 0, 0x57, 1, 1, 1);
		return 1;
	}
	if (f == 1) {
		if (rep == REP_SIG) {
			x86_mov_imm(b, RAX, IA64_FR_INTEGER_BIT);
			mov_xr(b, 1, 2, RAX);
		} else {
			vex_constant(b, rep == REP_D ? P_F2 : P_F3, 0x10, 2, 0,
				     rep == REP_D ? t->jit->fp->one_d : t->jit->fp->one_s);
		}
		return 2;
	}
	at = fp_where(&t->s.fp, f);
	if (at >= 0) {
		t->fp_locked |= (uint16_t)(1u << at);
		convert(t, (unsigned int)at, rep);
		return (unsigned int)at;
	}
	i = fp_fresh(t);
	load_checked(t, i, f, rep);
	t->s.fp.freg[i] = (uint8_t)f;
	t->s.fp.rep[i] = rep;
	set_bit(&t->s.fp.dirty, i, false);
	set_bit(&t->s.fp.nan, i, true);
	set_bit(&t->s.fp.normal, i, false);
	return i;
}

void fp_set_dirty(struct tr *t, unsigned int i)
{
	set_bit(&t->s.fp.dirty, i, true);
}

bool fp_may_be_nan(const struct tr *t, unsigned int i)
{
	return i >= FIRST_XMM && (t->s.fp.nan >> i & 1);
}

unsigned int fp_rep_of(const struct tr *t, unsigned int f)
{
	int i = fp_where(&t->s.fp, f);

	return f < 2 || i < 0 ? REP_HOME : t->s.fp.rep[i];
}

/* ---- the hooks ---- */

void fp_clear(struct fp_snap *fp)
{
	memset(fp, 0, sizeof(*fp));
	memset(fp->freg, F_NONE, sizeof(fp->freg));
}

static void emit_modified(struct x86_buf *b, const struct fp_snap *fp)
{
	_Static_assert(PSR_MFL == 1 << 4 && PSR_MFH == 1 << 5, "");
	if (fp->modified)
		x86_alu_mi(b, 0, X86_OR, RBP, OFF(psr), fp->modified << 4);
}

void fp_sync(struct tr *t, const struct snap *s)
{
	const struct fp_recipe *recipe;
	unsigned int i;

	for (i = FIRST_XMM; i < NR_XMM; i++)
		if (s->fp.dirty >> i & 1)
			store_home(&t->b, &s->fp, i);
	if (s->fp.dirty)
		x86_mov8_mi(&t->b, RBP, OFF(jit_fp.any), 1);
	emit_modified(&t->b, &s->fp);
	for (i = 0; i < t->nseq; i++) {
		if (!s->fp.done[i])
			continue;
		recipe = t->seq[i];
		fp_call_shared(&t->b, t->jit->fp->force,
			    (uint32_t)(recipe - t->jit->fp->recipe) << 8 |
			    (uint32_t)s->fp.done[i] << 3 | i);
	}
}

void fp_forget(struct tr *t)
{
	uint8_t done[MAX_SEQUENCES];

	memcpy(done, t->s.fp.done, sizeof(done));
	fp_clear(&t->s.fp);
	memcpy(t->s.fp.done, done, sizeof(done));
}

void fp_flush(struct tr *t)
{
	unsigned int i;

	for (i = FIRST_XMM; i < NR_XMM; i++) {
		if (t->s.fp.freg[i] == F_NONE)
			continue;
		fp_clean(t, i);
		t->s.fp.freg[i] = F_NONE;
	}
}

void fp_save(struct tr *t, const struct snap *s)
{
	if (!s->fp.ready)
		return;
	x86_bytes(&t->b, "\x0f\xae\x15", 3); /* ldmxcsr */
	x86_imm32(&t->b, (int32_t)(t->jit->fp->mxcsr - (t->b.p + 4)));
}

void fp_restore(struct tr *t, const struct snap *s)
{
	unsigned int i;

	for (i = FIRST_XMM; i < NR_XMM; i++)
		if (s->fp.freg[i] != F_NONE)
			load_x(&t->b, s->fp.rep[i], i, OFF_FR_SIG(s->fp.freg[i]));
	if (!s->fp.ready)
		return;
	x86_opcode(&t->b, 0, 0, 2, 0, RBP, 0x0fae, false);
	x86_modrm_mem(&t->b, 2, RBP, OFF(jit_fp.mxcsr));
}

void fp_stub_loaded(struct tr *t, const struct stub *s)
{
	load_x(&t->b, s->size == 4 ? REP_S : REP_D, s->rv, OFF(jit_tmp));
}

void fp_stub_value(struct tr *t, const struct stub *s)
{
	mov_rx(&t->b, s->size == 8, R8, s->rv);
}

void fp_begin(struct tr *t)
{
	fp_host_trim(t->jit);
	t->fp_run = false;
	t->nseq = 0;
	memset(t->seq_of, 0, sizeof(t->seq_of));
	if (fp_host_mode(t->jit, t->rec->fpsr) >= 0)
		fp_find_sequences(t);
	fp_decide(t);
}

void fp_status_written(struct tr *t)
{
	t->s.fp.ready = false;
}

void fp_top(struct tr *t)
{
	struct fp_snap *fp = &t->s.fp, *top = &t->top.fp;
	unsigned int i;

	emit_modified(&t->b, fp);
	fp->told |= fp->modified;
	fp->modified = 0;
	for (i = FIRST_XMM; i < NR_XMM; i++) {
		/* What has another form at the end cannot be asked for as an integer. */
		if (fp->freg[i] == F_NONE || (fp->rep[i] != REP_INT && fp->rep[i] != REP_UINT))
			continue;
		fp_clean(t, i);
		fp->freg[i] = F_NONE;
	}
	*top = *fp;
	/* The end of the loop may know less of a value. */
	top->nan = (uint16_t)~0u;
	top->normal = 0;
}

void fp_loop_end(struct tr *t)
{
	struct fp_snap *fp = &t->s.fp, *top = &t->top.fp;
	unsigned int i;
	int at;

	emit_modified(&t->b, fp);
	fp->modified = 0;
	if (top->ready)
		fp_ready(t);
	for (i = FIRST_XMM; i < NR_XMM; i++) {
		if (top->freg[i] == F_NONE)
			continue;
		at = fp_where(fp, top->freg[i]);
		if (at >= 0)
			convert(t, (unsigned int)at, top->rep[i]);
	}
	for (i = FIRST_XMM; i < NR_XMM; i++) {
		if (fp->freg[i] == F_NONE)
			continue;
		if (top->freg[i] != fp->freg[i] || !(top->dirty >> i & 1))
			fp_clean(t, i);
		if (top->freg[i] != fp->freg[i])
			fp->freg[i] = F_NONE;
	}
	for (i = FIRST_XMM; i < NR_XMM; i++) {
		if (top->freg[i] == F_NONE || top->freg[i] == fp->freg[i])
			continue;
		load_checked(t, i, top->freg[i], top->rep[i]);
		fp->freg[i] = top->freg[i];
		fp->rep[i] = top->rep[i];
	}
}

void fp_prepare(struct tr *t, const struct ia64_insn *in)
{
	unsigned int i;

	if (jit_op_info[in->op] & FP)
		t->fp_run = true;
	if (fp_wants_host(in))
		fp_ready(t);
	for (i = FIRST_XMM; i < NR_XMM; i++)
		if (t->s.fp.freg[i] != F_NONE)
			fp_clean(t, i);
	t->fp_before = t->s.fp;
}

void fp_run_end(struct tr *t)
{
	struct fp_snap *fp = &t->s.fp;
	unsigned int i;

	if (!t->fp_run)
		return;
	t->fp_run = false;
	for (i = FIRST_XMM; i < NR_XMM; i++) {
		if (fp->freg[i] == F_NONE)
			continue;
		fp_clean(t, i);
		if (fp->freg[i] != t->fp_before.freg[i] || fp->rep[i] != t->fp_before.rep[i])
			fp->freg[i] = F_NONE;
	}
	fp->nan |= t->fp_before.nan;
	fp->normal &= t->fp_before.normal;
	fp->ready &= t->fp_before.ready;
}
