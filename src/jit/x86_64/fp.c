/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Floating-point instructions in host code. xmm0 to xmm2 are scratch; the others hold FRs, each in one
 * of the ways of enum fp_rep, which follow from what made the value or, where the trace does not
 * show it, from what wants it: if the register cannot be held so, the interpreter goes on.
 *
 * Each host instruction that may raise an exception has a stub with the state before it.
 */
#include "jit/x86_64/fp.h"

#include "ia64/fp.h"
#include "jit/x86_64/fp_host.h"
#include "jit/x86_64/fp_seq.h"

#define FIRST_XMM 3

#define OFF_FR_SIG(f) (OFF(fr) + 16 * (int32_t)(f))
#define OFF_FR_SE(f) (OFF_FR_SIG(f) + 8)
#define OFF_TAG(f) (OFF(jit_fp.tag) + (int32_t)(f))
#define OFF_FPSR OFF(ar[AR_FPSR])
#define OFF_NOW(i, field) (OFF(jit_fp.now[0].field) + \
			   (int32_t)(i) * (int32_t)sizeof(((struct vcpu *)0)->jit_fp.now[0]))
#define OFF_DONE(i, field) (OFF(jit_fp.done[0].field) + \
			    (int32_t)(i) * (int32_t)sizeof(((struct vcpu *)0)->jit_fp.done[0]))

/* ---- VEX instructions ---- */

enum { P_NONE, P_66, P_F3, P_F2 };
enum { MAP_0F = 1, MAP_0F38 = 2 };

/* Three xmm (or general) registers: d and s1 by reg and vvvv, s2 by r/m. */
static void vex(struct x86_buf *b, unsigned int pp, unsigned int map, unsigned int w,
		unsigned int opc, unsigned int d, unsigned int s1, unsigned int s2)
{
	x86_1(b, 0xc4);
	x86_1(b, (~d >> 3 & 1) << 7 | 0x40 | (~s2 >> 3 & 1) << 5 | map);
	x86_1(b, w << 7 | (~s1 & 15) << 3 | pp);
	x86_1(b, opc);
	x86_1(b, 0xc0 | (d & 7) << 3 | (s2 & 7));
}

/* With a constant of the code cache as the last operand. */
static void vex_constant(struct x86_buf *b, unsigned int pp, unsigned int opc, unsigned int d,
			 unsigned int s1, const uint8_t *at)
{
	x86_1(b, 0xc4);
	x86_1(b, (~d >> 3 & 1) << 7 | 0x60 | MAP_0F);
	x86_1(b, (~s1 & 15) << 3 | pp);
	x86_1(b, opc);
	x86_1(b, (d & 7) << 3 | 5);
	x86_imm32(b, (int32_t)(at - (b->p + 4)));
}

static void mov_xx(struct x86_buf *b, unsigned int d, unsigned int s)
{
	if (d != s)
		vex(b, P_NONE, MAP_0F, 0, 0x28, d, 0, s); /* vmovaps */
}

/* vmovq and vmovd between xmm and general registers. */
static void mov_xr(struct x86_buf *b, unsigned int w, unsigned int x, unsigned int r)
{
	vex(b, P_66, MAP_0F, w, 0x6e, x, 0, r);
}

static void mov_rx(struct x86_buf *b, unsigned int w, unsigned int r, unsigned int x)
{
	vex(b, P_66, MAP_0F, w, 0x7e, x, 0, r);
}

static unsigned int rep_prefix(unsigned int rep)
{
	return rep == REP_S ? 0xf3 : 0xf2;
}

static void load_x(struct x86_buf *b, unsigned int rep, unsigned int x, int32_t off)
{
	x86_prm(b, rep_prefix(rep), 0, 0x0f10, x, RBP, off);
}

static void store_x(struct x86_buf *b, unsigned int rep, unsigned int x, int32_t off)
{
	x86_prm(b, rep_prefix(rep), 0, 0x0f11, x, RBP, off);
}

static void call_shared(struct x86_buf *b, const uint8_t *fn, uint32_t arg)
{
	uint8_t *at;

	x86_mov_imm(b, RAX, arg);
	x86_1(b, 0xe8);
	x86_imm32(b, 0);
	at = b->p - 4;
	x86_patch(b, at, fn);
}

/* test dword [rbp + off], imm */
static void test_mi(struct x86_buf *b, int32_t off, uint32_t imm)
{
	x86_opcode(b, 0, 0, 0, 0, RBP, 0xf7, false);
	x86_modrm_mem(b, 0, RBP, off);
	x86_imm32(b, (int32_t)imm);
}

/* ---- stubs ---- */

/* The host instruction emitted next may raise an exception. */
static void trap_site(struct tr *t)
{
	tr_new_stub(t, STUB_INTERP, NULL)->site = t->b.p;
}

/* A call of shared code, out of line, that comes back here if it returns 0. */
static void call_stub(struct tr *t, uint8_t *from, uint8_t *fn, uint32_t arg, uint8_t *back)
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
	call_shared(&t->b, (const uint8_t *)(uintptr_t)s->target, s->access);
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
	if (s->site && !fp_host_site(t->jit, s->site, t->b.p))
		t->fail = true;
}

/* ---- FRs in xmm registers ---- */

static int where(const struct fp_snap *fp, unsigned int f)
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

static void clean(struct tr *t, unsigned int i)
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
static unsigned int fresh(struct tr *t)
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
		clean(t, best);
	t->s.fp.freg[best] = F_NONE;
	t->fp_locked |= (uint16_t)(1u << best);
	return best;
}

static void forget_fr(struct tr *t, unsigned int f)
{
	int i = where(&t->s.fp, f);

	if (i < 0)
		return;
	t->s.fp.freg[i] = F_NONE;
	set_bit(&t->s.fp.dirty, (unsigned int)i, false);
}

static void modified(struct tr *t, unsigned int f)
{
	unsigned int bit = f < 32 ? 1 : 2;

	if (t->fp_run)
		x86_alu_mi(&t->b, 0, X86_OR, RBP, OFF(psr), (int32_t)(bit << 4));
	else
		t->s.fp.modified |= (uint8_t)bit;
}

/* xmm register i has the new value of FR f. */
static void set(struct tr *t, unsigned int i, unsigned int f, enum fp_rep rep, bool nan, bool normal)
{
	struct fp_snap *fp = &t->s.fp;

	if (fp->freg[i] != f)
		forget_fr(t, f);
	fp->freg[i] = (uint8_t)f;
	fp->rep[i] = rep;
	set_bit(&fp->dirty, i, true);
	set_bit(&fp->nan, i, nan);
	set_bit(&fp->normal, i, normal);
	modified(t, f);
}

/* The xmm register for a new value of f: the one it has, if any. */
static unsigned int target(struct tr *t, unsigned int f)
{
	int i = where(&t->s.fp, f);

	if (i < 0)
		return fresh(t);
	t->fp_locked |= (uint16_t)(1u << i);
	return (unsigned int)i;
}

static void exit_if(struct tr *t, unsigned int cc)
{
	tr_exit_interp(t, x86_jcc(&t->b, (enum x86_cond)cc));
}

/* MXCSR as ar.fpsr wants it, and ar.fpsr as the translation does. */
static void ready(struct tr *t)
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
	exit_if(t, CC_NE);
	call_stub(t, from, t->jit->fp->set_mode, (uint32_t)mode, b->p);
	t->s.fp.ready = true;
}

/* Loads i from f's home, which is held as `rep` then. */
static void load_checked(struct tr *t, unsigned int i, unsigned int f, enum fp_rep rep)
{
	struct x86_buf *b = &t->b;
	uint8_t *from;

	x86_cmp8_mi(b, RBP, OFF_TAG(f), rep);
	from = x86_jcc(b, CC_NE);
	call_stub(t, from, t->jit->fp->want, f | rep << 8, b->p);
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
	exit_if(t, CC_NE);
}

/* xmm register i, which holds an FR, holds it as `rep`. */
static void convert(struct tr *t, unsigned int i, enum fp_rep rep)
{
	struct fp_snap *fp = &t->s.fp;
	struct x86_buf *b = &t->b;

	if (fp->rep[i] == rep)
		return;
	if (fp->rep[i] == REP_S && rep == REP_D) {
		ready(t);
		trap_site(t);
		vex(b, P_F3, MAP_0F, 0, 0x5a, i, i, i); /* vcvtss2sd */
	} else if (fp->rep[i] == REP_D && rep == REP_S) {
		ready(t);
		trap_site(t);
		vex(b, P_F2, MAP_0F, 0, 0x5a, 0, i, i); /* vcvtsd2ss */
		trap_site(t);
		vex(b, P_F3, MAP_0F, 0, 0x5a, 0, 0, 0);
		vex(b, P_66, MAP_0F, 0, 0x2e, 0, 0, i); /* vucomisd */
		exit_if(t, CC_NE);
		exit_if(t, CC_P);
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

/* The xmm register that holds FR f as `rep`. f0 and f1 are in xmm1 or xmm2, until the next of these. */
static unsigned int use(struct tr *t, unsigned int f, enum fp_rep rep)
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
	at = where(&t->s.fp, f);
	if (at >= 0) {
		t->fp_locked |= (uint16_t)(1u << at);
		convert(t, (unsigned int)at, rep);
		return (unsigned int)at;
	}
	i = fresh(t);
	load_checked(t, i, f, rep);
	t->s.fp.freg[i] = (uint8_t)f;
	t->s.fp.rep[i] = rep;
	set_bit(&t->s.fp.dirty, i, false);
	set_bit(&t->s.fp.nan, i, true);
	set_bit(&t->s.fp.normal, i, false);
	return i;
}

static bool may_be_nan(const struct tr *t, unsigned int i)
{
	return i >= FIRST_XMM && (t->s.fp.nan >> i & 1);
}

/* ---- which instructions ---- */

/* The status field computes as the host can be told to, without faults and traps. */
static bool field_fits(const struct tr *t, unsigned int sf)
{
	uint64_t fpsr = t->rec->fpsr;
	uint32_t s = ia64_sf_get(fpsr, sf), s0 = ia64_sf_get(fpsr, 0);

	if ((fpsr & IA64_FP_ALL) != IA64_FP_ALL && !(sf && s & IA64_SF_TD))
		return false;
	return !((s ^ s0) >> IA64_SF_RC_SHIFT & 3);
}

/* The host's format of the results of an fma, or REP_HOME. */
static enum fp_rep format(const struct tr *t, const struct ia64_insn *in)
{
	uint32_t s = ia64_sf_get(t->rec->fpsr, in->x);

	switch (in->y) {
	case PC_S:
		return REP_S;
	case PC_D:
		return REP_D;
	default:
		break;
	}
	switch (s >> IA64_SF_PC_SHIFT & 3) {
	case IA64_SF_PC_SINGLE:
		return REP_S;
	case IA64_SF_PC_DOUBLE:
		return REP_D;
	default:
		return REP_HOME;
	}
}

static bool is_norm(const struct ia64_insn *in)
{
	return in->op == OP_FMA && in->r2 == 0 && (in->r4 == 1 || in->r3 == 1);
}

static unsigned int norm_source(const struct ia64_insn *in)
{
	return in->r4 == 1 ? in->r3 : in->r4;
}

static bool wants_host(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_FMA: case OP_FMS: case OP_FNMA: case OP_FMIN: case OP_FMAX:
	case OP_FCMP_EQ: case OP_FCMP_LT: case OP_FCMP_LE: case OP_FCMP_UNORD:
	case OP_FCVT_FX: case OP_FCVT_FX_TRUNC: case OP_FCVT_FXU: case OP_FCVT_FXU_TRUNC:
	case OP_FRCPA: case OP_FRSQRTA:
		return true;
	default:
		return false;
	}
}

/* What a register is expected to hold; EXTENDED: no host format can. */
enum { UNKNOWN = REP_HOME, EXTENDED = REP_DONE };

static bool fits(const uint8_t *kind, unsigned int f, unsigned int rep)
{
	if (f < 2 || kind[f] == UNKNOWN)
		return true;
	if (rep == REP_SIG || kind[f] == REP_SIG || kind[f] == EXTENDED)
		return kind[f] == rep;
	/* A double is not a single as a rule. */
	return rep == REP_D || kind[f] != REP_D;
}

static bool all_fit(const uint8_t *kind, const struct fr_names *names, unsigned int rep)
{
	unsigned int i;

	for (i = 0; i < names->nreads; i++)
		if (!fits(kind, names->reads[i], rep))
			return false;
	return true;
}

/* Is the instruction translated, and what does it leave in its targets? */
static bool decide_one(struct tr *t, const struct ia64_insn *in, const uint8_t *kind, uint8_t *result)
{
	struct fr_names names = fp_names(in);
	enum fp_rep rep;

	*result = UNKNOWN;
	switch (in->op) {
	case OP_LDFS: case OP_LDFS_R: case OP_LDFS_I: case OP_SETF_S:
		*result = REP_S;
		return true;
	case OP_LDFD: case OP_LDFD_R: case OP_LDFD_I: case OP_SETF_D:
	case OP_SETF_EXP:
		*result = REP_D;
		return true;
	case OP_LDF8: case OP_LDF8_R: case OP_LDF8_I: case OP_SETF_SIG:
		*result = REP_SIG;
		return true;
	case OP_LDFPS: case OP_LDFPS_I:
		*result = REP_S;
		break;
	case OP_LDFPD: case OP_LDFPD_I:
		*result = REP_D;
		break;
	case OP_LDFP8: case OP_LDFP8_I:
		*result = REP_SIG;
		break;
	case OP_LDFE: case OP_LDFE_R: case OP_LDFE_I:
		*result = EXTENDED;
		return false;
	case OP_STFD: case OP_STFD_I: case OP_GETF_D: case OP_GETF_EXP: case OP_GETF_SIG:
		return fits(kind, in->r2, REP_D) || (in->op == OP_GETF_SIG && kind[in->r2] == REP_SIG);
	case OP_STFS: case OP_STFS_I: case OP_GETF_S:
		return fits(kind, in->r2, REP_S);
	case OP_STF8: case OP_STF8_I:
		return fits(kind, in->r2, REP_SIG);
	case OP_XMA_L: case OP_XMA_H: case OP_XMA_HU:
	case OP_FAND: case OP_FANDCM: case OP_FOR: case OP_FXOR:
		*result = REP_SIG;
		return all_fit(kind, &names, REP_SIG);
	case OP_FCVT_XF:
		*result = REP_INT;
		return fits(kind, in->r2, REP_SIG);
	case OP_FMERGE_S: case OP_FMERGE_NS:
		*result = in->r3 < 2 ? REP_D : kind[in->r3];
		if (in->op == OP_FMERGE_S && in->r2 == in->r3)
			return *result != EXTENDED;
		if (*result != REP_S)
			*result = REP_D;
		return all_fit(kind, &names, *result);
	case OP_FCMP_EQ: case OP_FCMP_LT: case OP_FCMP_LE: case OP_FCMP_UNORD:
		return !(in->y && in->qp) && field_fits(t, in->x) && all_fit(kind, &names, REP_D);
	case OP_FCLASS:
		return !(in->y && in->qp) && fits(kind, in->r2, REP_D);
	case OP_FMIN: case OP_FMAX:
		*result = REP_D;
		return field_fits(t, in->x) && all_fit(kind, &names, REP_D);
	case OP_FCVT_FX: case OP_FCVT_FXU: case OP_FCVT_FX_TRUNC: case OP_FCVT_FXU_TRUNC:
		*result = REP_SIG;
		return field_fits(t, in->x) && all_fit(kind, &names, REP_D);
	case OP_FMA: case OP_FMS: case OP_FNMA:
		rep = format(t, in);
		*result = EXTENDED;
		if (!field_fits(t, in->x))
			return false;
		if (is_norm(in) && kind[norm_source(in)] == REP_SIG) {
			*result = rep == REP_HOME ? REP_UINT : rep;
			return true;
		}
		if (rep == REP_HOME || !all_fit(kind, &names, is_norm(in) ? REP_D : rep))
			return false;
		*result = rep;
		return true;
	case OP_FRCPA: case OP_FRSQRTA:
		*result = EXTENDED;
		return false;
	default:
		return in->op >= OP_LDF_FILL && in->op <= OP_STF_SPILL_I;
	}
	return in->x == LD_PLAIN && !(in->flags & INSN_LDFP_MIXED);
}

/* Goes through the trace once, with what is known of each register. */
static void decide(struct tr *t)
{
	static const uint8_t results[] = {
		[SEQ_DIV_D] = REP_D, [SEQ_SQRT_D] = REP_D, [SEQ_DIV_S] = REP_S, [SEQ_SQRT_S] = REP_S,
		[SEQ_DIV_INT] = REP_SIG, [SEQ_DIV_UINT] = REP_SIG,
	};
	const struct fp_recipe *recipe;
	const struct ia64_insn *in;
	struct fr_names names;
	uint8_t kind[128] = { 0 }, result;
	int mode = fp_host_mode(t->jit, t->rec->fpsr);
	unsigned int k, i;

	for (k = 0; k < t->rec->n; k++) {
		in = &t->rec->insn[k].in;
		t->fp_native[k] = decide_one(t, in, kind, &result) && (mode >= 0 || !wants_host(in));
		names = fp_names(in);
		if (t->seq_of[k]) {
			recipe = t->seq[t->seq_of[k] - 1];
			t->fp_native[k] = true;
			result = k == recipe->k[recipe->n - 1] ? results[recipe->kind] : EXTENDED;
		}
		for (i = 0; i < names.nwrites; i++)
			if (!in->qp || t->seq_of[k])
				kind[names.writes[i]] = result;
			else if (kind[names.writes[i]] != result)
				kind[names.writes[i]] = UNKNOWN;
	}
}

bool fp_supports(uint64_t ctx_key, const struct ia64_insn *in)
{
	(void)ctx_key;
	(void)in;
	return fp_host_available();
}

bool fp_supports_here(const struct tr *t, const struct jit_insn *i)
{
	return t->fp_native[i - t->rec->insn];
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
		call_shared(&t->b, t->jit->fp->force,
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
	decide(t);
}

void fp_top(struct tr *t)
{
	struct fp_snap *fp = &t->s.fp, *top = &t->top.fp;
	unsigned int i;

	emit_modified(&t->b, fp);
	fp->modified = 0;
	for (i = FIRST_XMM; i < NR_XMM; i++) {
		/* What has another form at the end cannot be asked for as an integer. */
		if (fp->freg[i] == F_NONE || (fp->rep[i] != REP_INT && fp->rep[i] != REP_UINT))
			continue;
		clean(t, i);
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
		ready(t);
	for (i = FIRST_XMM; i < NR_XMM; i++) {
		if (top->freg[i] == F_NONE)
			continue;
		at = where(fp, top->freg[i]);
		if (at >= 0)
			convert(t, (unsigned int)at, top->rep[i]);
	}
	for (i = FIRST_XMM; i < NR_XMM; i++) {
		if (fp->freg[i] == F_NONE)
			continue;
		if (top->freg[i] != fp->freg[i] || !(top->dirty >> i & 1))
			clean(t, i);
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
	if (wants_host(in))
		ready(t);
	for (i = FIRST_XMM; i < NR_XMM; i++)
		if (t->s.fp.freg[i] != F_NONE)
			clean(t, i);
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
		clean(t, i);
		if (fp->freg[i] != t->fp_before.freg[i] || fp->rep[i] != t->fp_before.rep[i])
			fp->freg[i] = F_NONE;
	}
	fp->nan |= t->fp_before.nan;
	fp->normal &= t->fp_before.normal;
	fp->ready &= t->fp_before.ready;
}

/* ---- moves, loads, stores ---- */

/* Leaves to the interpreter unless the double in rax is a normal number. rdx: its biased exponent. */
static void check_normal(struct tr *t)
{
	struct x86_buf *b = &t->b;

	x86_mov_rr(b, RDX, RAX);
	x86_shift_ri(b, 1, X86_SHR, RDX, 52);
	x86_alu_ri(b, 0, X86_AND, RDX, 0x7ff);
	x86_rm(b, 0, 0x8d, RCX, RDX, -1);
	x86_alu_ri(b, 0, X86_CMP, RCX, 0x7fe);
}

static void tr_fp_load(struct tr *t, const struct ia64_insn *in, enum fp_rep rep, bool by_reg,
		       bool by_imm)
{
	unsigned int ra = tr_use(t, in->r3), i;
	struct mem_ref m = tr_address(t, ra, rep == REP_S ? 4 : 8, false, STUB_FP_LOAD);
	struct stub *stub = m.stub;

	/* The stub keeps the state from before f1 got its register: if the load faults, that holds. */
	i = target(t, in->r1);
	stub->rv = (uint8_t)i;
	tr_mem_op(t, rep_prefix(rep), 0, 0x0f10, i, &m, 0, false);
	stub->back = t->b.p;
	set(t, i, in->r1, rep, true, false);
	tr_base_update(t, in, by_reg, by_imm);
}

static void tr_fp_load_pair(struct tr *t, const struct ia64_insn *in, enum fp_rep rep, bool by_imm)
{
	unsigned int ra = tr_use(t, in->r3), size = rep == REP_S ? 4 : 8, i, j;
	struct mem_ref m = tr_address(t, ra, 2 * size, false, STUB_INTERP);

	i = target(t, in->r1);
	tr_mem_op(t, rep_prefix(rep), 0, 0x0f10, i, &m, 0, false);
	set(t, i, in->r1, rep, true, false);
	j = target(t, in->r2);
	tr_mem_op(t, rep_prefix(rep), 0, 0x0f10, j, &m, (int32_t)size, false);
	set(t, j, in->r2, rep, true, false);
	tr_base_update(t, in, false, by_imm);
}

static void tr_fp_store(struct tr *t, const struct ia64_insn *in, enum fp_rep rep, bool by_imm)
{
	unsigned int ra = tr_use(t, in->r3), i = use(t, in->r2, rep);
	struct mem_ref m = tr_address(t, ra, rep == REP_S ? 4 : 8, true, STUB_FP_STORE);

	m.stub->rv = (uint8_t)i;
	tr_mem_op(t, rep_prefix(rep), 0, 0x0f11, i, &m, 0, false);
	m.stub->back = t->b.p;
	tr_base_update(t, in, false, by_imm);
}

static void tr_fill(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int ra = tr_use(t, in->r3);
	struct mem_ref m = tr_address(t, ra, 16, false, STUB_INTERP);

	forget_fr(t, in->r1);
	tr_mem_op(t, 0, 1, 0x8b, RAX, &m, 0, false);
	x86_store(b, 1, RBP, OFF_FR_SIG(in->r1), RAX);
	tr_mem_op(t, 0, 0, 0x8b, RAX, &m, 8, false);
	x86_alu_ri(b, 0, X86_AND, RAX, 0x3ffff);
	x86_store(b, 1, RBP, OFF_FR_SE(in->r1), RAX);
	x86_mov8_mi(b, RBP, OFF_TAG(in->r1), REP_HOME);
	modified(t, in->r1);
	tr_base_update(t, in, in->op == OP_LDF_FILL_R, in->op == OP_LDF_FILL_I);
}

static void tr_spill(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int ra = tr_use(t, in->r3), f = in->r2;
	int i = f < 2 ? -1 : where(&t->s.fp, f);
	uint8_t *from;
	struct mem_ref m;

	if (i >= 0)
		clean(t, (unsigned int)i);
	if (i >= 0 && t->s.fp.rep[i] == REP_D) {
		mov_rx(b, 1, RAX, (unsigned int)i);
		check_normal(t);
		from = x86_jcc(b, CC_AE);
		x86_mov_rr(b, RCX, RAX);
		x86_shift_ri(b, 1, X86_SHR, RCX, 63);
		x86_shift_ri(b, 0, X86_SHL, RCX, 17);
		x86_rmx(b, 0, 0, 0x8d, RDX, RDX, RCX, 0, 0xfc00, false);
		x86_store(b, 1, RBP, OFF_FR_SE(f), RDX);
		x86_shift_ri(b, 1, X86_SHL, RAX, 11);
		x86_bytes(b, "\x48\x0f\xba\xe8\x3f", 5); /* bts rax, 63 */
		x86_store(b, 1, RBP, OFF_FR_SIG(f), RAX);
		x86_mov8_mi(b, RBP, OFF_TAG(f), REP_HOME);
		call_stub(t, from, t->jit->fp->want, f | REP_HOME << 8, b->p);
	} else if (f >= 2) {
		x86_cmp8_mi(b, RBP, OFF_TAG(f), REP_HOME);
		from = x86_jcc(b, CC_NE);
		call_stub(t, from, t->jit->fp->want, f | REP_HOME << 8, b->p);
	}
	if (i >= 0)
		set_bit(&t->s.fp.dirty, (unsigned int)i, true);
	m = tr_address(t, ra, 16, true, STUB_INTERP);
	x86_rm(b, 0, 0x0f10, 0, RBP, OFF_FR_SIG(f)); /* movups */
	tr_mem_op(t, 0, 0, 0x0f11, 0, &m, 0, false);
	tr_base_update(t, in, false, in->op == OP_STF_SPILL_I);
}

static void tr_setf(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int r = tr_use(t, in->r2), i;

	if (in->op == OP_SETF_EXP) {
		/* A double, with any luck: its exponent between 1 and 0x7fe. */
		x86_rr(b, 0, 0x8b, RAX, r);
		x86_alu_ri(b, 0, X86_AND, RAX, 0x1ffff);
		x86_alu_ri(b, 0, X86_SUB, RAX, 0xfc00);
		x86_rm(b, 0, 0x8d, RCX, RAX, -1);
		x86_alu_ri(b, 0, X86_CMP, RCX, 0x7fe);
		exit_if(t, CC_AE);
		x86_rr(b, 0, 0x8b, RCX, r);
		x86_shift_ri(b, 0, X86_SHR, RCX, 17);
		x86_shift_ri(b, 0, X86_SHL, RCX, 11);
		x86_alu_ri(b, 0, X86_AND, RCX, 0x800);
		x86_alu_rr(b, 0, X86_OR, RAX, RCX);
		x86_shift_ri(b, 1, X86_SHL, RAX, 52);
		r = RAX;
	}
	i = target(t, in->r1);
	mov_xr(b, in->op != OP_SETF_S, i, r);
	set(t, i, in->r1, in->op == OP_SETF_S ? REP_S : in->op == OP_SETF_SIG ? REP_SIG : REP_D,
	    in->op == OP_SETF_S || in->op == OP_SETF_D, in->op == OP_SETF_EXP);
}

static unsigned int rep_of(const struct tr *t, unsigned int f)
{
	int i = where(&t->s.fp, f);

	return f < 2 || i < 0 ? REP_HOME : t->s.fp.rep[i];
}

static void tr_getf(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int rep, i, d;

	switch (in->op) {
	case OP_GETF_S:
		rep = REP_S;
		break;
	case OP_GETF_SIG:
		rep = rep_of(t, in->r2) == REP_D ? REP_D : REP_SIG;
		break;
	default:
		rep = REP_D;
		break;
	}
	i = use(t, in->r2, rep);
	if (in->op == OP_GETF_EXP || (in->op == OP_GETF_SIG && rep == REP_D)) {
		mov_rx(b, 1, RAX, i);
		check_normal(t);
		exit_if(t, CC_AE);
		d = tr_def(t, in->r1);
		if (in->op == OP_GETF_EXP) {
			x86_shift_ri(b, 1, X86_SHR, RAX, 63);
			x86_shift_ri(b, 0, X86_SHL, RAX, 17);
			x86_rmx(b, 0, 0, 0x8d, d, RDX, RAX, 0, 0xfc00, false);
		} else {
			x86_shift_ri(b, 1, X86_SHL, RAX, 11);
			x86_bytes(b, "\x48\x0f\xba\xe8\x3f", 5); /* bts rax, 63 */
			x86_mov_rr(b, d, RAX);
		}
		return;
	}
	d = tr_def(t, in->r1);
	mov_rx(b, rep != REP_S, d, i);
}

static void tr_merge(struct tr *t, const struct ia64_insn *in)
{
	struct jit_fp *fp = t->jit->fp;
	struct x86_buf *b = &t->b;
	bool negate = in->op == OP_FMERGE_NS, single, nan, normal;
	unsigned int rep = rep_of(t, in->r3), s, i;

	if (in->r2 == in->r3 && !negate) {
		s = use(t, in->r3, rep == REP_HOME ? REP_D : rep);
	} else {
		if (rep != REP_S)
			rep = REP_D;
		s = use(t, in->r3, rep);
	}
	if (rep == REP_HOME)
		rep = REP_D;
	single = rep == REP_S;
	nan = may_be_nan(t, s);
	normal = s < FIRST_XMM || (t->s.fp.normal >> s & 1);
	if (in->r2 == in->r3) {
		i = target(t, in->r1);
		if (negate)
			vex_constant(b, P_NONE, 0x57, i, s, single ? fp->sign_s : fp->sign_d);
		else
			mov_xx(b, i, s);
	} else if (in->r2 == 0) {
		i = target(t, in->r1);
		if (negate)
			vex_constant(b, P_NONE, 0x56, i, s, single ? fp->sign_s : fp->sign_d);
		else
			vex_constant(b, P_NONE, 0x54, i, s,
				     single ? fp->magnitude_s : fp->magnitude_d);
	} else {
		/* f0 and f1 share no scratch register. */
		unsigned int sign = use(t, in->r2, rep);

		i = target(t, in->r1);
		vex_constant(b, P_NONE, 0x54, 0, sign, single ? fp->sign_s : fp->sign_d);
		if (negate)
			vex_constant(b, P_NONE, 0x57, 0, 0, single ? fp->sign_s : fp->sign_d);
		vex_constant(b, P_NONE, 0x54, i, s, single ? fp->magnitude_s : fp->magnitude_d);
		vex(b, P_NONE, MAP_0F, 0, 0x56, i, i, 0);
	}
	set(t, i, in->r1, (enum fp_rep)rep, nan, normal);
}

/* ---- integers ---- */

static void tr_xma(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int x, y, z, i;

	/* All are asked for before any is moved: the asking changes rax. */
	x = use(t, in->r3, REP_SIG);
	y = use(t, in->r4, REP_SIG);
	z = in->r2 ? use(t, in->r2, REP_SIG) : x;
	mov_rx(b, 1, RAX, x);
	mov_rx(b, 1, RDX, y);
	if (in->r2)
		mov_rx(b, 1, RCX, z);
	if (in->op == OP_XMA_L) {
		x86_rr(b, 1, 0x0faf, RAX, RDX);
		if (in->r2)
			x86_alu_rr(b, 1, X86_ADD, RAX, RCX);
	} else {
		x86_opcode(b, 0, 1, 0, 0, RDX, 0xf7, false); /* imul rdx, mul rdx */
		x86_1(b, 0xc0 | (in->op == OP_XMA_H ? 5 : 4) << 3 | RDX);
		if (in->r2) {
			x86_alu_rr(b, 1, X86_ADD, RAX, RCX);
			x86_alu_ri(b, 1, X86_ADC, RDX, 0);
		}
		x86_mov_rr(b, RAX, RDX);
	}
	i = target(t, in->r1);
	mov_xr(b, 1, i, RAX);
	set(t, i, in->r1, REP_SIG, false, true);
}

static void tr_logic(struct tr *t, const struct ia64_insn *in)
{
	unsigned int x = use(t, in->r2, REP_SIG), y = use(t, in->r3, REP_SIG), i = target(t, in->r1);
	unsigned int opc = in->op == OP_FAND ? 0xdb : in->op == OP_FANDCM ? 0xdf :
			   in->op == OP_FOR ? 0xeb : 0xef;

	if (in->op == OP_FANDCM)
		vex(&t->b, P_66, MAP_0F, 0, opc, i, y, x);
	else
		vex(&t->b, P_66, MAP_0F, 0, opc, i, x, y);
	set(t, i, in->r1, REP_SIG, false, true);
}

/* Leaves to the interpreter if a flag of status field sf is not set yet. */
static void check_flag(struct tr *t, unsigned int sf, uint32_t flag)
{
	unsigned int bit = ia64_sf_shift(sf) + IA64_SF_FLAGS_SHIFT + (unsigned int)__builtin_ctz(flag);

	test_mi(&t->b, OFF_FPSR + (bit >= 32 ? 4 : 0), 1u << bit % 32);
	exit_if(t, CC_E);
}

/* An operation of status field sf may be inexact: only sf0's flag is the host's business. */
static void arithmetic(struct tr *t, unsigned int sf)
{
	ready(t);
	if (sf)
		check_flag(t, sf, IA64_FP_I);
}

static void tr_to_integer(struct tr *t, const struct ia64_insn *in)
{
	bool trunc = in->op == OP_FCVT_FX_TRUNC || in->op == OP_FCVT_FXU_TRUNC;
	struct x86_buf *b = &t->b;
	unsigned int s, i;

	arithmetic(t, in->x);
	s = use(t, in->r2, REP_D);
	trap_site(t);
	vex(b, P_F2, MAP_0F, 1, trunc ? 0x2c : 0x2d, RAX, 0, s);
	if (in->op == OP_FCVT_FXU || in->op == OP_FCVT_FXU_TRUNC) {
		x86_test_rr(b, 1, RAX, RAX);
		exit_if(t, CC_S);
	}
	i = target(t, in->r1);
	mov_xr(b, 1, i, RAX);
	set(t, i, in->r1, REP_SIG, false, true);
}

static void tr_from_integer(struct tr *t, const struct ia64_insn *in)
{
	unsigned int s = use(t, in->r2, REP_SIG), i = target(t, in->r1);

	mov_xx(&t->b, i, s);
	set(t, i, in->r1, REP_INT, false, true);
}

/* ---- arithmetic ---- */

static unsigned int scalar(enum fp_rep rep)
{
	return rep == REP_S ? P_F3 : P_F2;
}

/* The result in i, of operands two of which may be NaNs: which of them it is the interpreter knows. */
static void check_nan(struct tr *t, unsigned int i, enum fp_rep rep)
{
	vex(&t->b, rep == REP_S ? P_NONE : P_66, MAP_0F, 0, 0x2e, i, 0, i);
	exit_if(t, CC_P);
}

/* fnorm, and all that is converted by it. */
static void tr_norm(struct tr *t, const struct ia64_insn *in, enum fp_rep rep)
{
	unsigned int f = norm_source(in), held = rep_of(t, f), s, i;
	struct x86_buf *b = &t->b;
	bool nan;

	if (f < 2)
		held = rep;
	if (held == REP_SIG || held == REP_INT || held == REP_UINT) {
		s = use(t, f, (enum fp_rep)held);
		if (held == REP_SIG)
			check_flag(t, in->x, IA64_FP_D);
		i = target(t, in->r1);
		if (rep == REP_HOME) {
			mov_xx(b, i, s);
			set(t, i, in->r1, REP_UINT, false, true);
			return;
		}
		mov_rx(b, 1, RAX, s);
		if (held != REP_INT) {
			x86_test_rr(b, 1, RAX, RAX);
			exit_if(t, CC_S);
		}
		vex(b, P_NONE, MAP_0F, 0, 0x57, 0, 0, 0);
		trap_site(t);
		vex(b, scalar(rep), MAP_0F, 1, 0x2a, i, 0, RAX);
		set(t, i, in->r1, rep, false, true);
		return;
	}
	if (rep == REP_HOME) { /* of what is not the integer that it was to be */
		tr_exit_interp(t, x86_jmp(b));
		set(t, target(t, in->r1), in->r1, REP_UINT, false, true);
		return;
	}
	if (rep == REP_S && held != REP_S) {
		s = use(t, f, REP_D);
		nan = may_be_nan(t, s);
		i = nan ? fresh(t) : target(t, in->r1);
		trap_site(t);
		vex(b, P_F2, MAP_0F, 0, 0x5a, i, s, s);
		if (nan)
			check_nan(t, i, REP_S);
		set(t, i, in->r1, rep, false, true);
		return;
	}
	s = use(t, f, rep);
	nan = may_be_nan(t, s);
	i = target(t, in->r1);
	if (s < FIRST_XMM || (t->s.fp.normal >> s & 1)) {
		mov_xx(b, i, s);
	} else {
		trap_site(t);
		vex_constant(b, scalar(rep), 0x59, i, s,
			     rep == REP_S ? t->jit->fp->one_s : t->jit->fp->one_d);
	}
	set(t, i, in->r1, rep, nan, true);
}

static void tr_fma(struct tr *t, const struct ia64_insn *in)
{
	enum fp_rep rep = format(t, in);
	unsigned int pp = scalar(rep), x, y, z, i, f;
	struct x86_buf *b = &t->b;
	bool check = false, nan;

	arithmetic(t, in->x);
	if (is_norm(in)) {
		tr_norm(t, in, rep);
		return;
	}
	/* The first NaN of f4, f2, f3 is the result; of two, the host takes the first operand. */
	if (in->r2 && (in->r4 == 1 || in->r3 == 1)) {
		f = in->r4 == 1 ? in->r3 : in->r4;
		x = use(t, f, rep);
		z = use(t, in->r2, rep);
		nan = may_be_nan(t, x) || may_be_nan(t, z);
		if (may_be_nan(t, x) && may_be_nan(t, z) && f != in->r2)
			check = in->op == OP_FMS ? in->r4 == 1 : in->op == OP_FNMA && in->r4 != 1;
		i = check ? fresh(t) : target(t, in->r1);
		trap_site(t);
		if (in->op == OP_FMA)
			vex(b, pp, MAP_0F, 0, 0x58, i, in->r4 == 1 ? z : x, in->r4 == 1 ? x : z);
		else if (in->op == OP_FMS)
			vex(b, pp, MAP_0F, 0, 0x5c, i, x, z);
		else
			vex(b, pp, MAP_0F, 0, 0x5c, i, z, x);
	} else if (!in->r2) {
		x = use(t, in->r3, rep);
		y = use(t, in->r4, rep);
		nan = may_be_nan(t, x) || may_be_nan(t, y);
		check = in->op == OP_FNMA && nan;
		i = check ? fresh(t) : target(t, in->r1);
		if (in->op == OP_FNMA) {
			vex_constant(b, P_NONE, 0x57, 0, x, rep == REP_S ? t->jit->fp->sign_s :
									   t->jit->fp->sign_d);
			x = 0;
		}
		trap_site(t);
		vex(b, pp, MAP_0F, 0, 0x59, i, y, x);
	} else {
		static const uint8_t opc[] = { [IA64_FMA] = 0xb9, [IA64_FMS] = 0xbb, [IA64_FNMA] = 0xbd };
		unsigned int op = in->op == OP_FMA ? IA64_FMA : in->op == OP_FMS ? IA64_FMS : IA64_FNMA;

		x = use(t, in->r3, rep);
		y = use(t, in->r4, rep);
		z = use(t, in->r2, rep);
		nan = may_be_nan(t, x) || may_be_nan(t, y) || may_be_nan(t, z);
		check = may_be_nan(t, x) + may_be_nan(t, y) + may_be_nan(t, z) > 1;
		if (!check && where(&t->s.fp, in->r1) == (int)z && x != z && y != z) {
			i = z;
		} else {
			i = fresh(t);
			mov_xx(b, i, z);
		}
		trap_site(t);
		vex(b, P_66, MAP_0F38, rep == REP_D, opc[op], i, x, y);
	}
	if (check)
		check_nan(t, i, rep);
	set(t, i, in->r1, rep, nan && !check, true);
}

static void tr_minmax(struct tr *t, const struct ia64_insn *in)
{
	unsigned int x, y, i;

	ready(t);
	x = use(t, in->r2, REP_D);
	y = use(t, in->r3, REP_D);
	i = target(t, in->r1);
	trap_site(t);
	/* The second unless the comparison holds; any NaN is invalid: as min and max here. */
	vex(&t->b, P_F2, MAP_0F, 0, in->op == OP_FMIN ? 0x5d : 0x5f, i, x, y);
	set(t, i, in->r1, REP_D, false, true);
}

static void set_predicate(struct tr *t, unsigned int cc, unsigned int p)
{
	if (p)
		x86_setcc_m(&t->b, (enum x86_cond)cc, RBP, OFF_PR(p));
}

static void tr_fcmp(struct tr *t, const struct ia64_insn *in)
{
	unsigned int p1 = tr_real_pr(in->r1), p2 = tr_real_pr(in->r4), x, y;
	bool single = rep_of(t, in->r2) == REP_S && (rep_of(t, in->r3) == REP_S || in->r3 < 2);
	enum fp_rep rep = single || (in->r2 < 2 && rep_of(t, in->r3) == REP_S) ? REP_S : REP_D;
	unsigned int pp = rep == REP_S ? P_NONE : P_66;
	struct x86_buf *b = &t->b;

	ready(t);
	x = use(t, in->r2, rep);
	y = use(t, in->r3, rep);
	trap_site(t);
	switch (in->op) {
	case OP_FCMP_LT:
	case OP_FCMP_LE:
		vex(b, pp, MAP_0F, 0, 0x2f, y, 0, x); /* vcomis: a NaN is invalid */
		set_predicate(t, in->op == OP_FCMP_LT ? CC_A : CC_AE, p1);
		set_predicate(t, in->op == OP_FCMP_LT ? CC_BE : CC_B, p2);
		break;
	case OP_FCMP_UNORD:
		vex(b, pp, MAP_0F, 0, 0x2e, x, 0, y);
		set_predicate(t, CC_P, p1);
		set_predicate(t, CC_NP, p2);
		break;
	default:
		vex(b, pp, MAP_0F, 0, 0x2e, x, 0, y);
		if (!may_be_nan(t, x) && !may_be_nan(t, y)) {
			set_predicate(t, CC_E, p1);
			set_predicate(t, CC_NE, p2);
			break;
		}
		x86_rr(b, 0, 0x0f90 | CC_E, 0, RAX);
		x86_rr(b, 0, 0x0f90 | CC_NP, 0, RCX);
		x86_alu_rr(b, 0, X86_AND, RAX, RCX);
		x86_rr(b, 0, 0x0fb6, RAX, RAX);
		x86_test_rr(b, 0, RAX, RAX);
		set_predicate(t, CC_NE, p1);
		set_predicate(t, CC_E, p2);
		break;
	}
	tr_predicates_written(t, in->r1, in->r4);
}

static void tr_fclass(struct tr *t, const struct ia64_insn *in)
{
	unsigned int p1 = tr_real_pr(in->r1), p2 = tr_real_pr(in->r4), mask = (unsigned int)in->imm;
	unsigned int i = use(t, in->r2, REP_D), signs = mask & (IA64_FCLASS_POS | IA64_FCLASS_NEG);
	bool norm = (mask & IA64_FCLASS_NORM) && signs;
	struct x86_buf *b = &t->b;
	struct stub *stub;

	mov_rx(b, 1, RAX, i);
	check_normal(t);
	stub = tr_new_stub(t, STUB_FP, x86_jcc(b, CC_AE));
	stub->target = (uint64_t)(uintptr_t)t->jit->fp->classify;
	stub->access = mask;
	stub->decrement = true;
	stub->ra = (uint8_t)p1;
	stub->rv = (uint8_t)p2;
	if (!norm || signs == (IA64_FCLASS_POS | IA64_FCLASS_NEG)) {
		if (p1)
			x86_mov8_mi(b, RBP, OFF_PR(p1), norm);
		if (p2)
			x86_mov8_mi(b, RBP, OFF_PR(p2), !norm);
	} else {
		x86_test_rr(b, 1, RAX, RAX);
		set_predicate(t, signs == IA64_FCLASS_NEG ? CC_S : CC_NS, p1);
		set_predicate(t, signs == IA64_FCLASS_NEG ? CC_NS : CC_S, p2);
	}
	stub->back = b->p;
	tr_predicates_written(t, in->r1, in->r4);
}

/* ---- sequences ---- */

static void begin_division(struct tr *t, const struct fp_recipe *recipe)
{
	bool sign = recipe->kind == SEQ_DIV_INT;
	struct x86_buf *b = &t->b;
	unsigned int x, y;

	x = use(t, recipe->a, sign ? REP_INT : REP_UINT);
	y = use(t, recipe->b, sign ? REP_INT : REP_UINT);
	mov_rx(b, 1, RCX, y);
	mov_rx(b, 1, RAX, x);
	x86_test_rr(b, 1, RCX, RCX);
	exit_if(t, CC_E);
	x86_test_rr(b, 1, RAX, RAX);
	exit_if(t, CC_E);
	if (sign) {
		x86_alu_ri(b, 1, X86_CMP, RCX, -1); /* -2^63 / -1 is too large */
		exit_if(t, CC_E);
		x86_bytes(b, "\x48\x99", 2); /* cqo */
	} else {
		x86_mov_imm(b, RDX, 0);
	}
	x86_bytes(b, sign ? "\x48\xf7\xf9" : "\x48\xf7\xf1", 3); /* idiv rcx, div rcx */
}

/* frcpa or frsqrta that begins sequence n: the result is computed here, and kept for the end. */
static void begin_sequence(struct tr *t, unsigned int n)
{
	const struct fp_recipe *recipe = t->seq[n];
	bool root = recipe->kind == SEQ_SQRT_D || recipe->kind == SEQ_SQRT_S;
	enum fp_rep rep = recipe->kind == SEQ_DIV_S || recipe->kind == SEQ_SQRT_S ? REP_S : REP_D;
	unsigned int p2 = recipe->insn[0].r4, x, y;
	struct x86_buf *b = &t->b;

	ready(t);
	check_flag(t, 1, IA64_FP_I);
	if (recipe->kind == SEQ_DIV_INT || recipe->kind == SEQ_DIV_UINT) {
		begin_division(t, recipe);
		x86_store(b, 1, RBP, OFF_NOW(n, q), RAX);
		rep = recipe->kind == SEQ_DIV_INT ? REP_INT : REP_UINT;
		x = use(t, recipe->a, rep);
		y = use(t, recipe->b, rep);
	} else {
		y = use(t, recipe->b, rep);
		x = root ? y : use(t, recipe->a, rep);
		trap_site(t);
		vex(b, scalar(rep), MAP_0F, 0, root ? 0x51 : 0x5e, 0, x, y);
		/* A normal result has normal operands. */
		mov_rx(b, rep == REP_D, RAX, 0);
		if (rep == REP_D) {
			check_normal(t);
		} else {
			x86_shift_ri(b, 0, X86_SHR, RAX, 23);
			x86_rr(b, 0, 0x0fb6, RAX, RAX);
			x86_alu_ri(b, 0, X86_SUB, RAX, 1);
			x86_alu_ri(b, 0, X86_CMP, RAX, 0xfe);
		}
		exit_if(t, CC_AE);
		store_x(b, rep, 0, OFF_NOW(n, q));
	}
	store_x(b, rep, x, OFF_NOW(n, a));
	store_x(b, rep, y, OFF_NOW(n, b));
	tr_flush_predicates(t);
	t->s.pr[p2] = PR_KNOWN | PR_STALE | 1;
}

/* Who wants the values in between finds them by the recipe. */
static void leave_recipe(struct tr *t, const struct fp_recipe *recipe, unsigned int n)
{
	unsigned int i, slot = recipe->slot, last = recipe->insn[recipe->n - 1].r1;
	struct x86_buf *b = &t->b;
	uint8_t *from;

	x86_mov_imm(b, RAX, (uint64_t)(uintptr_t)recipe);
	x86_alu_rm(b, 1, X86_CMP, RAX, RBP, OFF_DONE(slot, recipe));
	from = x86_jcc(b, CC_NE);
	call_stub(t, from, t->jit->fp->retire, slot, b->p);
	x86_mov_imm(b, RAX, (uint64_t)(uintptr_t)recipe);
	x86_store(b, 1, RBP, OFF_DONE(slot, recipe), RAX);
	x86_load(b, 1, RAX, RBP, OFF_NOW(n, a));
	x86_store(b, 1, RBP, OFF_DONE(slot, a), RAX);
	x86_load(b, 1, RAX, RBP, OFF_NOW(n, b));
	x86_store(b, 1, RBP, OFF_DONE(slot, b), RAX);
	for (i = 0; i < recipe->n; i++)
		if (recipe->insn[i].r1 != last)
			x86_mov8_mi(b, RBP, OFF_TAG(recipe->insn[i].r1), REP_DONE + slot);
	x86_mov8_mi(b, RBP, OFF(jit_fp.any), 1);
}

static void tr_sequence(struct tr *t, unsigned int n)
{
	static const uint8_t results[] = {
		[SEQ_DIV_D] = REP_D, [SEQ_SQRT_D] = REP_D, [SEQ_DIV_S] = REP_S, [SEQ_SQRT_S] = REP_S,
		[SEQ_DIV_INT] = REP_SIG, [SEQ_DIV_UINT] = REP_SIG,
	};
	const struct fp_recipe *recipe = t->seq[n];
	unsigned int i;

	if (t->k == recipe->k[0])
		begin_sequence(t, n);
	if (t->k != recipe->k[recipe->n - 1]) {
		forget_fr(t, recipe->insn[t->s.fp.done[n]].r1);
		modified(t, recipe->insn[t->s.fp.done[n]].r1);
		t->s.fp.done[n]++;
		return;
	}
	leave_recipe(t, recipe, n);
	t->s.fp.done[n] = 0;
	i = target(t, t->rec->insn[t->k].in.r1);
	load_x(&t->b, results[recipe->kind], i, OFF_NOW(n, q));
	set(t, i, t->rec->insn[t->k].in.r1, (enum fp_rep)results[recipe->kind], false, true);
}

bool fp_translate(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	bool by_reg = in->op >= OP_LDFS_R && in->op <= OP_LDFX_R;
	bool by_imm = (in->op >= OP_LDFS_I && in->op <= OP_LDFX_I) || in->op == OP_STFS_I ||
		      in->op == OP_STFD_I || in->op == OP_STF8_I || in->op == OP_LDFPS_I ||
		      in->op == OP_LDFPD_I || in->op == OP_LDFP8_I;

	t->fp_locked = 0;
	if (t->seq_of[t->k]) {
		tr_sequence(t, t->seq_of[t->k] - 1);
		return true;
	}
	switch (in->op) {
	case OP_LDFS: case OP_LDFS_R: case OP_LDFS_I:
		tr_fp_load(t, in, REP_S, by_reg, by_imm);
		break;
	case OP_LDFD: case OP_LDFD_R: case OP_LDFD_I:
		tr_fp_load(t, in, REP_D, by_reg, by_imm);
		break;
	case OP_LDF8: case OP_LDF8_R: case OP_LDF8_I:
		tr_fp_load(t, in, REP_SIG, by_reg, by_imm);
		break;
	case OP_LDFPS: case OP_LDFPS_I:
		tr_fp_load_pair(t, in, REP_S, by_imm);
		break;
	case OP_LDFPD: case OP_LDFPD_I:
		tr_fp_load_pair(t, in, REP_D, by_imm);
		break;
	case OP_LDFP8: case OP_LDFP8_I:
		tr_fp_load_pair(t, in, REP_SIG, by_imm);
		break;
	case OP_STFS: case OP_STFS_I:
		tr_fp_store(t, in, REP_S, by_imm);
		break;
	case OP_STFD: case OP_STFD_I:
		tr_fp_store(t, in, REP_D, by_imm);
		break;
	case OP_STF8: case OP_STF8_I:
		tr_fp_store(t, in, REP_SIG, by_imm);
		break;
	case OP_LDF_FILL: case OP_LDF_FILL_R: case OP_LDF_FILL_I:
		tr_fill(t, in);
		break;
	case OP_STF_SPILL: case OP_STF_SPILL_I:
		tr_spill(t, in);
		break;
	case OP_SETF_SIG: case OP_SETF_EXP: case OP_SETF_S: case OP_SETF_D:
		tr_setf(t, in);
		break;
	case OP_GETF_SIG: case OP_GETF_EXP: case OP_GETF_S: case OP_GETF_D:
		tr_getf(t, in);
		break;
	case OP_FMERGE_S: case OP_FMERGE_NS:
		tr_merge(t, in);
		break;
	case OP_XMA_L: case OP_XMA_H: case OP_XMA_HU:
		tr_xma(t, in);
		break;
	case OP_FAND: case OP_FANDCM: case OP_FOR: case OP_FXOR:
		tr_logic(t, in);
		break;
	case OP_FCVT_FX: case OP_FCVT_FXU: case OP_FCVT_FX_TRUNC: case OP_FCVT_FXU_TRUNC:
		tr_to_integer(t, in);
		break;
	case OP_FCVT_XF:
		tr_from_integer(t, in);
		break;
	case OP_FMA: case OP_FMS: case OP_FNMA:
		tr_fma(t, in);
		break;
	case OP_FMIN: case OP_FMAX:
		tr_minmax(t, in);
		break;
	case OP_FCMP_EQ: case OP_FCMP_LT: case OP_FCMP_LE: case OP_FCMP_UNORD:
		tr_fcmp(t, in);
		break;
	case OP_FCLASS:
		tr_fclass(t, in);
		break;
	default:
		return false;
	}
	return true;
}
