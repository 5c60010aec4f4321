/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compilers divide by frcpa and a fixed sequence of multiplications and additions in 64 bits of
 * precision, and take square roots by frsqrta likewise. Those known here are proven to end in the
 * quotient (root) rounded as IEEE wants it, or in the exact integer quotient, which the host
 * computes with one instruction.
 *
 * A trace is searched for the computation, whatever the registers and the order: each value gets a
 * number made from its operation and operands, and the last one's must be that of a known sequence.
 */
#include "jit/x86_64/fp_seq.h"

#include "ia64/fp.h"
#include "jit/x86_64/fp.h"

struct fr_names fp_names(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_FMA: case OP_FMS: case OP_FNMA: case OP_FPMA: case OP_FPMS: case OP_FPNMA:
	case OP_XMA_L: case OP_XMA_H: case OP_XMA_HU: case OP_FSELECT:
		return (struct fr_names){ 3, 1, { in->r3, in->r4, in->r2 }, { in->r1 } };
	case OP_FCMP_EQ: case OP_FCMP_LT: case OP_FCMP_LE: case OP_FCMP_UNORD:
		return (struct fr_names){ 2, 0, { in->r2, in->r3 }, { 0 } };
	case OP_FCLASS: case OP_CHK_S_F:
	case OP_GETF_SIG: case OP_GETF_EXP: case OP_GETF_S: case OP_GETF_D:
		return (struct fr_names){ 1, 0, { in->r2 }, { 0 } };
	case OP_FRSQRTA: case OP_FPRSQRTA:
		return (struct fr_names){ 1, 1, { in->r3 }, { in->r1 } };
	case OP_FRCPA: case OP_FPRCPA:
		return (struct fr_names){ 2, 1, { in->r2, in->r3 }, { in->r1 } };
	case OP_FCVT_FX: case OP_FCVT_FXU: case OP_FCVT_FX_TRUNC: case OP_FCVT_FXU_TRUNC:
	case OP_FPCVT_FX: case OP_FPCVT_FXU: case OP_FPCVT_FX_TRUNC: case OP_FPCVT_FXU_TRUNC:
	case OP_FCVT_XF:
		return (struct fr_names){ 1, 1, { in->r2 }, { in->r1 } };
	case OP_SETF_SIG: case OP_SETF_EXP: case OP_SETF_S: case OP_SETF_D:
		return (struct fr_names){ 0, 1, { 0 }, { in->r1 } };
	default:
		if (in->op >= OP_FMIN && in->op <= OP_FPMERGE_SE)
			return (struct fr_names){ 2, 1, { in->r2, in->r3 }, { in->r1 } };
		if (in->op >= OP_STFS && in->op <= OP_STF_SPILL_I)
			return (struct fr_names){ 1, 0, { in->r2 }, { 0 } };
		if (in->op >= OP_LDFPS && in->op <= OP_LDFP8_I)
			return (struct fr_names){ 0, 2, { 0 }, { in->r1, in->r2 } };
		if (in->op >= OP_LDFS && in->op <= OP_LDFX_I)
			return (struct fr_names){ 0, 1, { 0 }, { in->r1 } };
		return (struct fr_names){ 0, 0, { 0 }, { 0 } };
	}
}

const struct ia64_insn *fp_last_writer(const struct tr *t, unsigned int k, unsigned int f)
{
	const struct ia64_insn *in;
	struct fr_names names;
	unsigned int i;

	while (k-- > 0) {
		in = &t->rec->insn[k].in;
		names = fp_names(in);
		for (i = 0; i < names.nwrites; i++)
			if (names.writes[i] == f)
				return in->qp ? NULL : in;
	}
	return NULL;
}

bool fp_is_sig(const struct tr *t, unsigned int k, unsigned int f)
{
	const struct ia64_insn *in = fp_last_writer(t, k, f);

	if (!in)
		return false;
	switch (in->op) {
	case OP_SETF_SIG: case OP_LDF8: case OP_LDF8_I: case OP_LDF8_R:
	case OP_XMA_L: case OP_XMA_H: case OP_XMA_HU:
		return true;
	default:
		return false;
	}
}

enum fp_rep fp_sequence_rep(enum fp_sequence kind)
{
	switch (kind) {
	case SEQ_DIV_D: case SEQ_SQRT_D:
		return REP_D;
	case SEQ_DIV_S: case SEQ_SQRT_S:
		return REP_S;
	default:
		return REP_SIG;
	}
}

/* fnorm.s1 of an integer, which makes it a number as it is; or fcvt.xf. */
static bool makes_integer(const struct tr *t, unsigned int k, unsigned int f, bool sign)
{
	const struct ia64_insn *in = fp_last_writer(t, k, f);

	if (!in)
		return false;
	if (sign)
		return in->op == OP_FCVT_XF;
	return in->op == OP_FMA && in->y == PC_NONE && in->r4 == 1 && in->r2 == 0;
}

/* ---- the sequences ---- */

/* Names of values in a sequence: operands, constants; temporaries from T on. */
enum { ZERO, ONE, A, B, HALF, C1, C2, C3, C4, C5, T, MAX_NAMES = 40 };

#define FMA(pc, sf, d, x, y, z) { OP_FMA, pc, sf, d, x, y, z }
#define FNMA(pc, sf, d, x, y, z) { OP_FNMA, pc, sf, d, x, y, z }
#define MPY(pc, sf, d, x, y) { OP_FMA, pc, sf, d, x, y, ZERO }
#define RCP(d, sf) { OP_FRCPA, 0, sf, d, A, B, ZERO }
#define RSQ(d, sf) { OP_FRSQRTA, 0, sf, d, B, ZERO, ZERO }

struct step {
	uint16_t op;
	uint8_t pc, sf;
	uint8_t d, x, y, z; /* d = x * y + z */
};

/* gcc: a / b in double precision. */
static const struct step div_d[] = {
	RCP(T, 0), FNMA(PC_NONE, 1, T + 1, B, T, ONE), MPY(PC_NONE, 1, T + 2, T + 1, T + 1),
	FMA(PC_NONE, 1, T + 3, T, T + 1, T), MPY(PC_NONE, 1, T + 4, T + 2, T + 2),
	FMA(PC_NONE, 1, T + 5, T + 3, T + 2, T + 3), FMA(PC_NONE, 1, T + 6, T + 5, T + 4, T + 5),
	MPY(PC_D, 1, T + 7, A, T + 6), FNMA(PC_NONE, 1, T + 8, B, T + 7, A),
	FMA(PC_D, 0, T + 9, T + 8, T + 6, T + 7), { 0 },
};

/* gcc: a / b in single precision. */
static const struct step div_s[] = {
	RCP(T, 0), FNMA(PC_NONE, 1, T + 1, B, T, ONE), FMA(PC_NONE, 1, T + 2, T, T + 1, T),
	FMA(PC_NONE, 1, T + 3, T + 2, T + 1, T), MPY(PC_S, 1, T + 4, A, T + 3),
	FNMA(PC_NONE, 1, T + 5, T + 4, B, A), FMA(PC_S, 0, T + 6, T + 5, T + 3, T + 4), { 0 },
};

/* libgcc: a / b of 64-bit integers. */
#define DIV_64(last) { \
	RCP(T, 1), FNMA(PC_NONE, 1, T + 1, B, T, ONE), MPY(PC_NONE, 1, T + 2, A, T), \
	MPY(PC_NONE, 1, T + 3, T + 1, T + 1), FMA(PC_NONE, 1, T + 4, T + 1, T + 2, T + 2), \
	FMA(PC_NONE, 1, T + 5, T + 1, T, T), FMA(PC_NONE, 1, T + 6, T + 3, T + 4, T + 4), \
	FMA(PC_NONE, 1, T + 7, T + 3, T + 5, T + 5), FNMA(PC_NONE, 1, T + 8, B, T + 6, A), \
	FMA(PC_NONE, 1, T + 9, T + 8, T + 7, T + 6), { last, 0, 1, T + 10, T + 9, ZERO, ZERO }, \
	{ 0 } }
static const struct step div_int[] = DIV_64(OP_FCVT_FX_TRUNC);
static const struct step div_uint[] = DIV_64(OP_FCVT_FXU_TRUNC);

/* glibc: the square root of b in double precision. C1..C5: 3/2, 5/2, 63/8, 231/16, 35/8. */
static const struct step sqrt_d[] = {
	RSQ(T, 0), MPY(PC_NONE, 1, T + 1, HALF, T), MPY(PC_NONE, 1, T + 2, B, T),
	FNMA(PC_NONE, 1, T + 3, T + 2, T + 1, HALF), FMA(PC_NONE, 1, T + 4, C2, T + 3, C1),
	MPY(PC_NONE, 1, T + 5, T + 3, T + 3), FMA(PC_NONE, 1, T + 6, C4, T + 3, C3),
	FMA(PC_NONE, 1, T + 7, T + 5, T + 4, T + 3), MPY(PC_NONE, 1, T + 8, T + 5, T + 5),
	FMA(PC_NONE, 1, T + 9, T + 3, T + 6, C5), FMA(PC_NONE, 1, T + 10, T + 7, T + 2, T + 2),
	MPY(PC_NONE, 1, T + 11, T + 2, T + 8), FMA(PC_NONE, 1, T + 12, T + 8, T + 9, T + 7),
	FMA(PC_D, 1, T + 13, T + 9, T + 11, T + 10), FMA(PC_NONE, 1, T + 14, T + 12, T + 1, T + 1),
	FNMA(PC_NONE, 1, T + 15, T + 13, T + 13, B), FMA(PC_D, 0, T + 16, T + 15, T + 14, T + 13),
	{ 0 },
};

/* glibc: the square root of b in single precision. */
static const struct step sqrt_s[] = {
	RSQ(T, 0), MPY(PC_NONE, 1, T + 1, HALF, T), MPY(PC_NONE, 1, T + 2, B, T),
	FNMA(PC_NONE, 1, T + 3, T + 2, T + 1, HALF), FMA(PC_NONE, 1, T + 4, HALF, ONE, ONE),
	FMA(PC_NONE, 1, T + 5, T + 4, T + 3, ONE), MPY(PC_NONE, 1, T + 6, T + 3, T + 2),
	MPY(PC_NONE, 1, T + 7, T + 3, T + 1), FMA(PC_S, 1, T + 8, T + 5, T + 6, T + 2),
	FMA(PC_NONE, 1, T + 9, T + 5, T + 7, T + 1), FNMA(PC_NONE, 1, T + 10, T + 8, T + 8, B),
	FMA(PC_S, 0, T + 11, T + 10, T + 9, T + 8), { 0 },
};

static const struct {
	enum fp_sequence kind;
	const struct step *steps;
} known[] = {
	{ SEQ_DIV_D, div_d }, { SEQ_DIV_S, div_s }, { SEQ_DIV_INT, div_int },
	{ SEQ_DIV_UINT, div_uint }, { SEQ_SQRT_D, sqrt_d },
	{ SEQ_SQRT_S, sqrt_s },
};

static uint64_t mix(uint64_t h, uint64_t v)
{
	h = (h ^ v) * 0x9e3779b97f4a7c15ull;
	return h ^ h >> 29;
}

/* The number of op(x * y + z); x and y may change places. */
static uint64_t number(unsigned int op, unsigned int pc, unsigned int sf, uint64_t x, uint64_t y,
		       uint64_t z)
{
	uint64_t h = mix(mix(op, pc * 4 + sf), z);

	return op == OP_FRCPA || x < y ? mix(mix(h, x), y) : mix(mix(h, y), x);
}

static uint64_t number_of_constant(struct ia64_fr f)
{
	return mix(mix(1, f.sig), f.se);
}

static struct ia64_fr constant(double d)
{
	uint64_t bits;

	memcpy(&bits, &d, 8);
	return ia64_fr_from_double(bits);
}

#define NUMBER_A 0x41ull
#define NUMBER_B 0x42ull

/* `one`: the dividend is 1, of f1. */
static uint64_t number_of_sequence(const struct step *s, bool one)
{
	static const double constants[] = { 0.5, 1.5, 2.5, 7.875, 14.4375, 4.375 };
	uint64_t n[MAX_NAMES] = { 0 };
	unsigned int i;

	n[ZERO] = number_of_constant(IA64_FR_ZERO);
	n[ONE] = number_of_constant(IA64_FR_ONE);
	n[A] = one ? n[ONE] : NUMBER_A;
	n[B] = NUMBER_B;
	for (i = 0; i < 6; i++)
		n[HALF + i] = number_of_constant(constant(constants[i]));
	for (;; s++) {
		n[s->d] = number(s->op, s->pc, s->sf, n[s->x], n[s->y], n[s->z]);
		if (!s[1].op)
			return n[s->d];
	}
}

/* ---- in a trace ---- */

/* The constant that a general register holds before instruction k. */
static bool known_gr(const struct tr *t, unsigned int k, unsigned int r, uint64_t *val)
{
	const struct ia64_insn *in;
	unsigned int info;

	while (k-- > 0) {
		in = &t->rec->insn[k].in;
		info = jit_op_info[in->op];
		/* Stacked registers have other names in other frames. */
		if (in->op == OP_ALLOC || (info & BRANCH) || !(info & NA)) {
			if (r >= 32 || !(info & NA))
				return false;
			continue;
		}
		if (((info & W1) && in->r1 == r) || ((info & W3) && in->r3 == r)) {
			*val = (uint64_t)in->imm;
			return in->op == OP_MOVL && !in->qp;
		}
	}
	return false;
}

/* The constant that an FR holds, from setf of a known value. */
static bool known_fr(const struct tr *t, unsigned int k, unsigned int f, struct ia64_fr *val)
{
	const struct ia64_insn *in;
	struct fr_names names;
	uint64_t r;

	while (k-- > 0) {
		in = &t->rec->insn[k].in;
		names = fp_names(in);
		if (!((names.nwrites && names.writes[0] == f) ||
		      (names.nwrites > 1 && names.writes[1] == f)))
			continue;
		if (in->op != OP_SETF_S && in->op != OP_SETF_D && in->op != OP_SETF_EXP)
			return false;
		if (in->qp || !known_gr(t, k, in->r2, &r))
			return false;
		*val = in->op == OP_SETF_S ? ia64_fr_from_single((uint32_t)r) :
		       in->op == OP_SETF_D ? ia64_fr_from_double(r) : ia64_setf_exp(r);
		return true;
	}
	return false;
}

struct search {
	const struct tr *t;
	struct fp_recipe *recipe;
	uint64_t number[128]; /* of what a register holds; 0: not known yet */
	bool part[128];       /* it is a value of the sequence */
};

static bool add_constant(struct search *s, unsigned int k, unsigned int f)
{
	struct fp_recipe *recipe = s->recipe;
	struct ia64_fr val;

	unsigned int i;

	if (recipe->nconstants == FP_RECIPE_CONSTANTS || f == recipe->a || f == recipe->b ||
	    !known_fr(s->t, k, f, &val))
		return false;
	for (i = 0; i < recipe->nconstants; i++)
		if (recipe->constant[i].f == f)
			return false;
	recipe->constant[recipe->nconstants].f = (uint8_t)f;
	recipe->constant[recipe->nconstants++].val = val;
	s->number[f] = number_of_constant(val);
	return true;
}

static bool add(struct search *s, unsigned int k, uint64_t number)
{
	uint64_t ctx = s->t->jit->ctx_key[s->t->rec->insn[k].ctx];
	unsigned int flags = s->t->rec->insn[k].in.flags;
	struct fp_recipe *recipe = s->recipe;

	if (recipe->n == FP_RECIPE_INSNS || fp_disabled(ctx, flags) ||
	    ((flags & INSN_FP_HIGH) && (ctx & JIT_CTX_ROTATES)))
		return false;
	recipe->k[recipe->n] = (uint16_t)k;
	recipe->insn[recipe->n++] = s->t->rec->insn[k].in;
	s->number[s->t->rec->insn[k].in.r1] = number;
	s->part[s->t->rec->insn[k].in.r1] = true;
	return true;
}

static bool is_known(uint64_t number, bool one, enum fp_sequence *kind)
{
	unsigned int i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (number != number_of_sequence(known[i].steps, one))
			continue;
		*kind = known[i].kind;
		return true;
	}
	return false;
}

/* Does it compute with a value of the sequence, or with constants of it alone? */
static bool takes_part(const struct search *s, const struct ia64_insn *in,
		       const struct fr_names *names)
{
	unsigned int i, f, constants = 0, fixed = 0;

	for (i = 0; i < names->nreads; i++) {
		f = names->reads[i];
		if (s->part[f])
			return true;
		fixed += f < 2;
		constants += f >= 2 && f != s->recipe->a && f != s->recipe->b && s->number[f];
	}
	return in->op == OP_FMA && constants && constants + fixed == names->nreads;
}

/* Looks for the end of a sequence that instruction k may begin. */
static bool search(struct search *s, unsigned int k)
{
	const struct jit_record *rec = s->t->rec;
	const struct ia64_insn *first = &rec->insn[k].in, *in;
	unsigned int i, p = first->r4, start = k;
	struct fr_names names;
	uint64_t number_now;

	/* Predicates that rotate get other names later. */
	if (p >= 16 && (s->t->jit->ctx_key[rec->insn[k].ctx] & JIT_CTX_ROTATES))
		return false;
	if (first->qp || p == 0 || first->r3 < 2 ||
	    (first->op == OP_FRCPA && (first->r2 == 0 || first->r2 == first->r3)))
		return false;
	s->recipe->a = first->op == OP_FRCPA ? first->r2 : 0;
	s->recipe->b = first->r3;
	s->number[0] = number_of_constant(IA64_FR_ZERO);
	s->number[1] = number_of_constant(IA64_FR_ONE);
	if (s->recipe->a > 1)
		s->number[s->recipe->a] = NUMBER_A;
	s->number[s->recipe->b] = NUMBER_B;
	number_now = first->op == OP_FRCPA ? number(OP_FRCPA, 0, first->x, s->number[first->r2],
						    NUMBER_B, s->number[0]) :
		     number(OP_FRSQRTA, 0, first->x, NUMBER_B, s->number[0], s->number[0]);
	if (!add(s, k, number_now))
		return false;
	for (k++; k < rec->n && k < start + 100; k++) {
		in = &rec->insn[k].in;
		names = fp_names(in);
		if (in->op == OP_BR_CALL || in->op == OP_BRL_CALL || in->op == OP_BR_CALL_IND ||
		    in->op == OP_BR_RET || in->op == OP_BR_CTOP || !(jit_op_info[in->op] & NA) ||
		    (jit_op_info[in->op] & PRS) || (in->op == OP_MOV_AR && in->r3 == AR_FPSR))
			return false;
		if ((jit_op_info[in->op] & P2) && (in->r1 == p || in->r4 == p))
			return false;
		if ((in->op == OP_FRCPA || in->op == OP_FRSQRTA) && in->r4 == p)
			return false;
		if (!takes_part(s, in, &names)) {
			/* No part of it: it may take away an operand, not a value. */
			for (i = 0; i < names.nwrites; i++) {
				if (s->part[names.writes[i]])
					return false;
				s->number[names.writes[i]] = 0;
			}
			continue;
		}
		if (in->qp != p && in->qp)
			return false;
		for (i = 0; i < names.nreads; i++)
			if (!s->number[names.reads[i]] &&
			    !add_constant(s, k, names.reads[i]))
				return false;
		switch (in->op) {
		case OP_FMA: case OP_FMS: case OP_FNMA:
			number_now = number(in->op, in->y, in->x, s->number[in->r3],
					    s->number[in->r4], s->number[in->r2]);
			break;
		case OP_FCVT_FX_TRUNC: case OP_FCVT_FXU_TRUNC:
			number_now = number(in->op, 0, in->x, s->number[in->r2], s->number[0],
					    s->number[0]);
			break;
		default:
			return false;
		}
		if (!add(s, k, number_now))
			return false;
		if (is_known(number_now, s->recipe->a == 1, &s->recipe->kind))
			return true;
	}
	return false;
}

/* Are the operands of the kind that the sequence is known for? */
static bool operands_fit(const struct tr *t, const struct fp_recipe *recipe)
{
	bool sign = recipe->kind == SEQ_DIV_INT;
	unsigned int k = recipe->k[0];

	if (recipe->kind != SEQ_DIV_INT && recipe->kind != SEQ_DIV_UINT)
		return true;
	return recipe->a > 1 && makes_integer(t, k, recipe->a, sign) &&
	       makes_integer(t, k, recipe->b, sign);
}

/* Do status fields 0 and 1 say what the sequences are made for, without faults and traps? */
static bool status_fits(uint64_t fpsr)
{
	const uint32_t wide = IA64_SF_WRE | IA64_SF_PC_EXTENDED << IA64_SF_PC_SHIFT;
	uint32_t s = ia64_sf_get(fpsr, 1) & 0x7f;

	return (fpsr & IA64_FP_ALL) == IA64_FP_ALL && (s & ~(IA64_SF_TD | IA64_SF_FTZ)) == wide;
}

void fp_find_sequences(struct tr *t)
{
	struct jit_fp *fp = t->jit->fp;
	struct search s;
	unsigned int k, i;

	if (!status_fits(t->rec->fpsr))
		return;
	for (k = 0; k < t->rec->n && t->nseq < MAX_SEQUENCES; k++) {
		if (t->seq_of[k] || (t->rec->insn[k].in.op != OP_FRCPA &&
				     t->rec->insn[k].in.op != OP_FRSQRTA))
			continue;
		if (fp_host_exact(t->jit, t->rec->insn[k].ip | t->rec->insn[k].slot))
			continue;
		memset(&s, 0, sizeof(s));
		s.t = t;
		s.recipe = fp_host_recipe(t->jit);
		if (!s.recipe)
			return;
		memset(s.recipe, 0, sizeof(*s.recipe));
		if (!search(&s, k) || !operands_fit(t, s.recipe))
			continue;
		for (i = 0; i < s.recipe->n && !t->seq_of[s.recipe->k[i]]; i++)
			;
		if (i < s.recipe->n)
			continue;
		s.recipe->slot = (uint8_t)(fp->next_slot++ % 8);
		fp->nrecipes++;
		t->seq[t->nseq++] = s.recipe;
		for (i = 0; i < s.recipe->n; i++)
			t->seq_of[s.recipe->k[i]] = (uint8_t)t->nseq;
	}
}
