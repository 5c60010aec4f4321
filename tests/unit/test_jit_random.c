/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Random programs, run by the interpreter and by the translator: state, memory and every fault on
 * the way must be the same. A program is made of rows of the encoding table with random operands,
 * in a frame of loops, calls and branches that is sure to end.
 *
 * PARAVANE_LONG=1 goes on for 100 million instructions; PARAVANE_SEED=n runs program n alone. A
 * program that fails is cut down, by making nops of what does not matter, and printed.
 */
#include "unit/jit_fixture.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "ia64/disasm.h"
#include "ia64/encoding.h"
#include "ia64/regs.h"
#include "ia64/rse.h"

#define CODE UINT64_C(0x200000)
#define DATA UINT64_C(0x400000)
#define DATA_BYTES 0x10000ull
#define STACK UINT64_C(0x600000)
#define STACK_BYTES 0x10000ull
#define MAX_BUNDLES 1024
#define HANDLER_BYTES 0x8000
#define SHORT_PROGRAMS 250
#define LONG_INSNS 100000000ull
#define MAX_FAULTS 500 /* the program ends then */
#define HOT_AFTER 3
#define JIT_CACHE IA64_JIT_CACHE_MIN
#define MAX_FUNCTIONS 5

/* Registers that the frame of the program needs; random instructions do not write them. */
enum {
	R_DEPTH = 12, R_STORE0 = 16, R_STORE1 = 17, R_LOAD0 = 18, R_LOAD1 = 19, R_PFS = 28,
	R_COUNT = 31, R_SAVED_PFS = 32, R_SAVED_B0 = 33, R_FIRST_FREE = 34,
};
enum { B_TARGET = 6, P_LOOP = 6, P_CALL = 7 };

struct slots {
	uint64_t slot[3], l;
	uint8_t template;
	bool fixed[3]; /* not to be made a nop */
};

struct program {
	uint64_t seed;
	struct slots b[MAX_BUNDLES];
	unsigned int n, entry, check;
	unsigned int function[MAX_FUNCTIONS], nfunctions;
	uint64_t psr;
	bool virtual, nats, floats, rotating;
	bool heavy; /* mostly floating point */
	uint64_t fpsr;
	unsigned int sof;
};

struct machine {
	struct cpu *c;
	uint64_t hash;
	uint64_t faults;
	bool done;
	FILE *log;
};

static uint64_t rnd(struct program *p)
{
	uint64_t z = p->seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static unsigned int below(struct program *p, unsigned int n)
{
	return (unsigned int)(rnd(p) >> 20) % n;
}

/*
 * ---- encoding ---------------------------------------------------------------------------------
 */

static uint64_t field(uint64_t slot, unsigned int hi, unsigned int lo, uint64_t val)
{
	uint64_t mask = ((UINT64_C(2) << (hi - lo)) - 1) << lo;

	return (slot & ~mask) | (val << lo & mask);
}

static uint64_t major(unsigned int m)
{
	return (uint64_t)m << 37;
}

static uint64_t nop(enum ia64_unit unit)
{
	return unit == UNIT_B ? major(2) : 1ull << 27;
}

static uint64_t enc_adds(unsigned int r1, int imm, unsigned int r3)
{
	uint64_t s = major(8) | 2ull << 34 | (uint64_t)r1 << 6 | (uint64_t)r3 << 20;

	s = field(s, 19, 13, (uint64_t)imm & 0x7f);
	s = field(s, 32, 27, (uint64_t)imm >> 7 & 0x3f);
	return field(s, 36, 36, imm < 0);
}

/* cmp.lt p1, p0 = 0, r3 */
static uint64_t enc_positive(unsigned int p1, unsigned int r3)
{
	return major(0xc) | 2ull << 34 | (uint64_t)p1 << 6 | (uint64_t)r3 << 20;
}

static uint64_t enc_branch(unsigned int m, unsigned int low, unsigned int qp, int bundles)
{
	return field(major(m) | (uint64_t)low << 6 | qp, 32, 13, (uint64_t)bundles) |
	       (uint64_t)(bundles < 0) << 36;
}

static uint64_t enc_alloc(unsigned int r1, unsigned int sof, unsigned int sol, unsigned int sor)
{
	return major(1) | 6ull << 33 | (uint64_t)r1 << 6 | (uint64_t)sof << 13 |
	       (uint64_t)sol << 20 | (uint64_t)sor << 27;
}

static uint64_t enc_mov_ar_i(unsigned int ar, unsigned int imm)
{
	return 0x0aull << 27 | (uint64_t)ar << 20 | (uint64_t)(imm & 0x7f) << 13;
}

static uint64_t enc_mov_ar(unsigned int ar, unsigned int r2)
{
	return 0x2aull << 27 | (uint64_t)ar << 20 | (uint64_t)r2 << 13;
}

static uint64_t enc_mov_b(unsigned int b, unsigned int r2)
{
	return 7ull << 33 | 1ull << 20 | (uint64_t)r2 << 13 | (uint64_t)b << 6;
}

static uint64_t enc_mov_from_b(unsigned int r1, unsigned int b)
{
	return 0x31ull << 27 | (uint64_t)b << 13 | (uint64_t)r1 << 6;
}

#define ENC_RET (0x21ull << 27 | 4ull << 6)
#define ENC_CLRRRB (4ull << 27)

enum { T_MII = 0x00, T_MLX = 0x04, T_MMI = 0x08, T_MFI = 0x0c, T_MIB = 0x10, T_MMB = 0x18, T_MFB = 0x1c,
       T_MMF = 0x0e };

static struct slots *bundle(struct program *p, unsigned int template)
{
	struct slots *s;
	unsigned int i;

	assert_true(p->n < MAX_BUNDLES);
	s = &p->b[p->n++];
	memset(s, 0, sizeof(*s));
	s->template = (uint8_t)template;
	for (i = 0; i < 3; i++)
		if (ia64_templates[template].unit[i] != UNIT_L)
			s->slot[i] = nop(ia64_templates[template].unit[i] == UNIT_X ? UNIT_I :
					 ia64_templates[template].unit[i]);
	return s;
}

static void fix(struct slots *s, unsigned int i, uint64_t slot)
{
	s->slot[i] = slot;
	s->fixed[i] = true;
}

static void emit_fixed(struct program *p, unsigned int template, unsigned int i, uint64_t slot)
{
	fix(bundle(p, template), i, slot);
}

static void emit_movl(struct program *p, unsigned int r1, uint64_t imm)
{
	struct slots *s = bundle(p, T_MLX);
	uint64_t x = major(6) | (uint64_t)r1 << 6;

	x = field(x, 19, 13, imm);
	x = field(x, 35, 27, imm >> 7);
	x = field(x, 26, 22, imm >> 16);
	x = field(x, 21, 21, imm >> 21);
	x = field(x, 36, 36, imm >> 63);
	s->slot[1] = imm >> 22 & ((1ull << 41) - 1);
	s->slot[2] = x;
	s->fixed[1] = s->fixed[2] = true;
}

/*
 * ---- random instructions ----------------------------------------------------------------------
 */

/*
 * May a random instruction be this one? What ends the program, or is not the same twice, may not.
 */
static bool usable(const struct program *p, unsigned int op, unsigned int unit)
{
	switch (op) {
	case OP_ILLEGAL: case OP_BREAK: case OP_SLOT_EMPTY: case OP_HINT:
	case OP_MOV_BR: case OP_MOV_AR: case OP_MOV_AR_I: case OP_MOV_FROM_AR:
	case OP_ALLOC: case OP_LOADRS: case OP_FC: case OP_FC_I:
	case OP_MOV_PSR_L: case OP_MOV_PSR_UM: case OP_SUM: case OP_RUM: case OP_SSM: case OP_RSM:
	case OP_MOV_CR: case OP_MOV_FROM_CR: case OP_ITC_D: case OP_ITC_I: case OP_ITR_D: case OP_ITR_I:
	case OP_MOV_RR: case OP_MOV_DBR: case OP_MOV_IBR: case OP_MOV_PKR: case OP_MOV_PMC:
	case OP_MOV_PMD: case OP_MOV_FROM_PMD: case OP_PTC_E: case OP_PTC_L: case OP_PTC_G:
	case OP_PTC_GA: case OP_PTR_D: case OP_PTR_I: case OP_MOV_FROM_PSR:
	case OP_CHK_A: case OP_CHK_A_F: case OP_CHK_S: case OP_CHK_S_F: case OP_FCHKF:
	case OP_LDX: case OP_LDX_R: case OP_LDX_I:
	case OP_LDFX: case OP_LDFX_R: case OP_LDFX_I:
		return false;
	case OP_SETF_SIG: case OP_SETF_EXP: case OP_SETF_S: case OP_SETF_D:
	case OP_GETF_SIG: case OP_GETF_EXP: case OP_GETF_S: case OP_GETF_D:
		return p->floats;
	case OP_LD8_FILL: case OP_LD8_FILL_R: case OP_LD8_FILL_I:
		return p->nats;
	default:
		if (op >= OP_LDFS && op <= OP_LDFP8_I)
			return p->floats;
		return unit != UNIT_B;
	}
}

static bool is_store(unsigned int op)
{
	return (op >= OP_ST1 && op <= OP_ST16) || (op >= OP_STFS && op <= OP_STF_SPILL_I) ||
	       (op >= OP_CMPXCHG && op <= OP_FETCHADD);
}

static unsigned int target(struct program *p)
{
	unsigned int r;

	for (;;) {
		r = 1 + below(p, 30);
		if (p->sof && !below(p, 3))
			r = R_FIRST_FREE + below(p, p->sof > 3 ? p->sof - 2 : 2);
		if (p->rotating && below(p, 2))
			r = 32 + below(p, p->sof);
		if (r != R_DEPTH && !(r >= R_STORE0 && r <= R_LOAD1) && r != R_PFS && r != R_COUNT &&
		    (p->rotating || (r != R_SAVED_PFS && r != R_SAVED_B0)))
			return r;
	}
}

static unsigned int source(struct program *p)
{
	switch (below(p, 8)) {
	case 0:
		return R_COUNT;
	case 1:
		return below(p, 32);
	case 2:
		return p->sof ? 32 + below(p, p->sof) : 0;
	default:
		return target(p);
	}
}

static unsigned int predicate(struct program *p)
{
	return below(p, 4) ? 8 + below(p, 6) : 16 + below(p, p->rotating ? 5 : 48);
}

static unsigned int fr(struct program *p)
{
	return p->heavy && below(p, 16) ? 2 + below(p, 12) : 2 + below(p, 40);
}

/*
 * f0 and f1 where they make something else of an instruction, and the status field that is usual.
 */
static uint64_t simpler_fma(struct program *p, uint64_t slot)
{
	if (!below(p, 3))
		slot = field(slot, 19, 13, 0);
	if (!below(p, 3))
		slot = field(slot, 33, 27, 1);
	else if (!below(p, 6))
		slot = field(slot, 26, 20, below(p, 2));
	return below(p, 6) ? field(slot, 35, 34, 0) : slot;
}

static uint64_t random_row(struct program *p, enum ia64_unit unit, const struct ia64_encoding *e,
			   unsigned int m)
{
	uint64_t slot = ((rnd(p) & ((1ull << 37) - 1) & ~e->mask) | e->match) | major(m);
	unsigned int i, r;

	slot = field(slot, 5, 0, below(p, 4) ? 0 : predicate(p));
	for (i = 0; i < 6; i++) {
		switch (e->opnd[i]) {
		case R1: case R1S:
			slot = field(slot, 12, 6, target(p));
			break;
		case R2:
			slot = field(slot, 19, 13, source(p));
			break;
		case R3:
			slot = field(slot, 26, 20, source(p));
			break;
		case R3A:
			slot = field(slot, 21, 20, below(p, 4));
			break;
		case MR3: case MR3U:
			r = is_store(e->op) ? R_STORE0 + below(p, 2) : R_LOAD0 + below(p, 2);
			if (!is_store(e->op) && below(p, 2))
				r = R_STORE0 + below(p, 2);
			/* An unknown amount is added only to what is not stored through. */
			if (e->op == OP_LFETCH_R || (e->op >= OP_LD1_R && e->op <= OP_LDX_R) ||
			    (e->op >= OP_LDFS_R && e->op <= OP_LDFX_R))
				r = R_LOAD0 + below(p, 2);
			if (!is_store(e->op) && !below(p, 12))
				r = source(p);
			if (e->opnd[i] == MR3U && (r < R_STORE0 || r > R_LOAD1))
				r = R_LOAD0;
			slot = field(slot, 26, 20, r);
			break;
		case F1: case F1S:
			slot = field(slot, 12, 6, fr(p));
			break;
		case F2: case F2D:
			slot = field(slot, 19, 13, below(p, 16) ? fr(p) : below(p, 2));
			break;
		case F3:
			slot = field(slot, 26, 20, below(p, 16) ? fr(p) : below(p, 2));
			break;
		case F4:
			slot = field(slot, 33, 27, below(p, 16) ? fr(p) : below(p, 2));
			break;
		case P1:
			slot = field(slot, 11, 6, below(p, 5) ? predicate(p) : 0);
			break;
		case P2:
			slot = field(slot, 32, 27, below(p, 5) ? predicate(p) : 0);
			break;
		default:
			break;
		}
	}
	return p->heavy && e->op >= OP_FMA && e->op <= OP_FNMA ? simpler_fma(p, slot) : slot;
}

static uint64_t random_slot(struct program *p, enum ia64_unit unit)
{
	static const uint8_t i_ars[] = { AR_PFS, AR_LC, AR_EC };
	struct ia64_encoding_list list;
	const struct ia64_encoding *e;
	struct ia64_insn in;
	unsigned int m, tries;
	uint64_t slot;

	if (unit == UNIT_I && !below(p, 24)) {
		unsigned int qp = below(p, 4) ? 0 : predicate(p);

		switch (below(p, 4)) {
		case 0: /* mov r = ar */
			return 0x32ull << 27 | (uint64_t)i_ars[below(p, 3)] << 20 |
			       (uint64_t)target(p) << 6 | qp;
		case 1:
			return enc_mov_from_b(target(p), below(p, 8)) | qp;
		case 2:
			return enc_mov_b(1 + below(p, 4), source(p)) | qp;
		default:
			return p->rotating ? nop(unit) : enc_mov_ar(AR_EC, source(p)) | qp;
		}
	}
	if (unit == UNIT_M && !below(p, 24)) {
		/* mov.m of ar.ccv or ar.unat: major 1, x3 0, x6 0x2a or 0x22 */
		unsigned int ar = below(p, 2) ? AR_CCV : AR_UNAT;

		if (below(p, 2))
			return major(1) | 0x22ull << 27 | (uint64_t)ar << 20 |
			       (uint64_t)target(p) << 6;
		if (p->nats || ar != AR_UNAT)
			return major(1) | 0x2aull << 27 | (uint64_t)ar << 20 |
			       (uint64_t)source(p) << 13;
	}
	for (tries = 0; tries < 1000; tries++) {
		/* Loads and stores, and the plain ALU, are most of what there is. */
		m = below(p, 16);
		if (unit == UNIT_M && !below(p, 3))
			m = 4 + below(p, 2);
		if (p->heavy && below(p, 4))
			m = unit == UNIT_M ? 6 + below(p, 2) :
			    unit == UNIT_F && below(p, 3) ? 8 + below(p, 6) : m;
		list = ia64_encodings(unit, m);
		if (!list.n)
			continue;
		e = &list.row[below(p, (unsigned int)list.n)];
		if ((e->attr & (ENC_ALIAS | ENC_BRANCH | ENC_PRIV)) || !usable(p, e->op, unit))
			continue;
		if (unit == UNIT_F && !p->floats && e->op != OP_XMA_L && e->op != OP_XMA_H)
			continue;
		slot = random_row(p, unit, e, m);
		if (ia64_encoding_find(unit, slot, false) != e)
			continue;
		ia64_decode_slot(unit, slot, 0, &in);
		if (in.op == OP_ILLEGAL && below(p, 64))
			continue;
		if (in.op != OP_ILLEGAL && in.op != e->op)
			continue;
		return slot;
	}
	return nop(unit);
}

/* Loads of the other kinds: x6 of M1 by table; they have to make sense together (SDM 1:4.4.5). */
static uint64_t enc_ld(unsigned int x6, unsigned int r1, unsigned int r3)
{
	return major(4) | (uint64_t)x6 << 30 | (uint64_t)r1 << 6 | (uint64_t)r3 << 20;
}

static uint64_t enc_ldf(unsigned int x6, unsigned int f1, unsigned int r3)
{
	return major(6) | (uint64_t)x6 << 30 | (uint64_t)f1 << 6 | (uint64_t)r3 << 20;
}

/* fma and its like: major opcode and x say which, and of what precision. */
static uint64_t enc_fma(unsigned int m, unsigned int x, unsigned int sf, unsigned int f1, unsigned int f3,
			unsigned int f4, unsigned int f2)
{
	return major(m) | (uint64_t)x << 36 | (uint64_t)sf << 34 | (uint64_t)f4 << 27 |
	       (uint64_t)f3 << 20 | (uint64_t)f2 << 13 | (uint64_t)f1 << 6;
}

/*
 * What compilers and libraries make of divisions and square roots: registers by their place in
 * f[], 0 and 1 being f0 and f1.
 */
enum { FMA_, FMA_S, FMA_D, FNMA_ };
struct step {
	uint8_t op, sf, r[4];
};

static const struct step divide_double[] = { /* 2 = 3 / 4 */
	{ FNMA_, 1, { 5, 4, 2, 1 } }, { FMA_, 1, { 6, 5, 5, 0 } }, { FMA_, 1, { 5, 2, 5, 2 } },
	{ FMA_, 1, { 7, 6, 6, 0 } }, { FMA_, 1, { 5, 5, 6, 5 } }, { FMA_, 1, { 5, 5, 7, 5 } },
	{ FMA_D, 1, { 6, 3, 5, 0 } }, { FNMA_, 1, { 3, 4, 6, 3 } }, { FMA_D, 0, { 2, 3, 5, 6 } },
};
static const struct step divide_single[] = {
	{ FNMA_, 1, { 5, 4, 2, 1 } }, { FMA_, 1, { 6, 2, 5, 2 } }, { FMA_, 1, { 6, 6, 5, 2 } },
	{ FMA_S, 1, { 5, 3, 6, 0 } }, { FNMA_, 1, { 3, 5, 4, 3 } }, { FMA_S, 0, { 2, 3, 6, 5 } },
};
static const struct step divide_integer[] = {
	{ FNMA_, 1, { 5, 4, 2, 1 } }, { FMA_, 1, { 6, 3, 2, 0 } }, { FMA_, 1, { 7, 5, 5, 0 } },
	{ FMA_, 1, { 6, 5, 6, 6 } }, { FMA_, 1, { 2, 5, 2, 2 } }, { FMA_, 1, { 5, 7, 6, 6 } },
	{ FMA_, 1, { 2, 7, 2, 2 } }, { FNMA_, 1, { 6, 4, 5, 3 } }, { FMA_, 1, { 2, 6, 2, 5 } },
};
static const struct step root_double[] = { /* 2 = root of 4; 5..10: 1/2, 3/2, ... */
	{ FMA_, 1, { 11, 5, 2, 0 } }, { FMA_, 1, { 2, 4, 2, 0 } }, { FNMA_, 1, { 5, 2, 11, 5 } },
	{ FMA_, 1, { 6, 7, 5, 6 } }, { FMA_, 1, { 7, 5, 5, 0 } }, { FMA_, 1, { 8, 9, 5, 8 } },
	{ FMA_, 1, { 6, 7, 6, 5 } }, { FMA_, 1, { 7, 7, 7, 0 } }, { FMA_, 1, { 5, 5, 8, 10 } },
	{ FMA_, 1, { 8, 6, 2, 2 } }, { FMA_, 1, { 2, 2, 7, 0 } }, { FMA_, 1, { 6, 7, 5, 6 } },
	{ FMA_D, 1, { 2, 5, 2, 8 } }, { FMA_, 1, { 11, 6, 11, 11 } }, { FNMA_, 1, { 5, 2, 2, 4 } },
	{ FMA_D, 0, { 3, 5, 11, 2 } },
};

static const struct step root_single[] = { /* 3 = root of 4; 5: 1/2 */
	{ FMA_, 1, { 6, 5, 2, 0 } }, { FMA_, 1, { 2, 4, 2, 0 } }, { FNMA_, 1, { 7, 2, 6, 5 } },
	{ FMA_, 1, { 5, 5, 1, 1 } }, { FMA_, 1, { 5, 5, 7, 1 } }, { FMA_, 1, { 8, 7, 2, 0 } },
	{ FMA_, 1, { 7, 7, 6, 0 } }, { FMA_S, 1, { 2, 5, 8, 2 } }, { FMA_, 1, { 5, 5, 7, 6 } },
	{ FNMA_, 1, { 6, 2, 2, 4 } }, { FMA_S, 0, { 3, 6, 5, 2 } },
};

/* An F-unit instruction with random ones around it. */
static void emit_among(struct program *p, uint64_t slot)
{
	struct slots *s = bundle(p, T_MFI);

	if (!below(p, 4))
		s->slot[0] = random_slot(p, UNIT_M);
	s->slot[1] = slot;
	if (!below(p, 4))
		s->slot[2] = random_slot(p, UNIT_I);
}

static void emit_sequence(struct program *p)
{
	static const struct {
		const struct step *steps;
		unsigned int n;
	} kinds[] = {
		{ divide_double, 9 }, { divide_single, 6 }, { divide_integer, 9 }, { divide_integer, 9 },
		{ root_double, 16 }, { root_single, 11 },
	};
	static const uint32_t constants[] = { 0x3f000000, 0x3fc00000, 0x40200000, 0x40fc0000,
					      0x41670000, 0x408c0000 };
	unsigned int kind = below(p, 6), p2 = 8 + below(p, 6), i, f[12] = { 0, 1 };
	unsigned int first = 2 + below(p, 6) * 5, sf = kind == 2 || kind == 3;
	bool is_unsigned = kind == 3, single = kind == 1 || kind == 5, root = kind >= 4;
	struct slots *s;

	for (i = 2; i < 12; i++)
		f[i] = first + i - 2;
	if (!below(p, 6) && kind < 2)
		f[3] = 1;
	/* The operands: from memory, or whatever is there. */
	for (i = 3; i < 5; i++) {
		if (f[i] == 1 || !below(p, 4))
			continue;
		s = bundle(p, T_MFI);
		if (sf)
			s->slot[0] = major(6) | 0x1cull << 30 | 1ull << 27 | (uint64_t)source(p) << 13 |
				     (uint64_t)f[i] << 6; /* setf.sig */
		else /* ldfs or ldfd */
			s->slot[0] = major(6) | (single ? 2ull : 3ull) << 30 |
				     (uint64_t)(R_LOAD0 + below(p, 2)) << 20 | (uint64_t)f[i] << 6;
	}
	if (sf) { /* fcvt.xf, or fnorm.s1 */
		for (i = 3; i < 5; i++)
			emit_among(p, is_unsigned ? enc_fma(8, 0, 1, f[i], f[i], 1, 0) :
					0x1cull << 27 | (uint64_t)f[i] << 13 | (uint64_t)f[i] << 6);
	}
	if (root) {
		for (i = 0; i < (single ? 1 : 6); i++) {
			emit_movl(p, 11, constants[i]);
			s = bundle(p, T_MFI); /* setf.s */
			s->slot[0] = major(6) | 0x1eull << 30 | 1ull << 27 | 11ull << 13 |
				     (uint64_t)f[5 + i] << 6;
		}
	}
	emit_among(p, (uint64_t)p2 << 27 | 1ull << 33 | (uint64_t)sf << 34 | (uint64_t)root << 36 |
		      (uint64_t)f[4] << 20 | (uint64_t)(root ? 0 : f[3]) << 13 |
		      (uint64_t)f[2] << 6);
	for (i = 0; i < kinds[kind].n; i++) {
		static const uint8_t opcode[] = { [FMA_] = 8, [FMA_S] = 8, [FMA_D] = 9, [FNMA_] = 0xc };
		const struct step *step = &kinds[kind].steps[i];
		bool swap = below(p, 2);

		unsigned int f3 = f[step->r[1 + swap]], f4 = f[step->r[2 - swap]], f2 = f[step->r[3]];

		/* For 1 / x gcc takes the divisor's register where the dividend's is written. */
		if (step->r[0] == 3)
			f[3] = f[3] == 1 ? f[4] : f[3];
		emit_among(p, p2 | enc_fma(opcode[step->op], step->op == FMA_S, step->sf, f[step->r[0]],
					   f3, f4, f2));
	}
	if (sf) { /* fcvt.fx.trunc.s1, fcvt.fxu.trunc.s1; getf.sig */
		emit_among(p, (is_unsigned ? 0x1bull : 0x1aull) << 27 | 1ull << 34 |
			      (uint64_t)f[2] << 13 | (uint64_t)f[2] << 6);
		s = bundle(p, T_MFI);
		s->slot[0] = major(4) | 0x1cull << 30 | 1ull << 27 | (uint64_t)f[2] << 13 |
			     (uint64_t)target(p) << 6;
	}
}

/* A load or store at r11, which is moved on by `imm`. */
static uint64_t enc_field(struct program *p, unsigned int imm)
{
	unsigned int sz = below(p, 3) ? 3 : below(p, 4), qp = below(p, 2) ? predicate(p) : 0;
	uint64_t insn = (imm ? major(5) : major(4)) | 11ull << 20 | qp;

	if (below(p, 2))
		return insn | (uint64_t)sz << 30 | (uint64_t)imm << 13 | (uint64_t)target(p) << 6;
	return insn | (0x30ull + sz) << 30 | (uint64_t)source(p) << 13 | (uint64_t)imm << 6;
}

/* As Linux has it, mostly, with or without the flags that computing sets. */
static uint64_t random_fpsr(struct program *p)
{
	uint64_t fpsr = IA64_FPSR_DEFAULT, val;

	if (!p->heavy)
		return fpsr;
	if (below(p, 3)) /* I and D of sf0 and sf1 */
		fpsr |= 0x88102ull << 12 | below(p, 2) * (0x22ull << 12) | 0x22ull << 26;
	if (!below(p, 4))
		fpsr ^= (uint64_t)(1 + below(p, 3)) << 10; /* sf0.rc */
	if (!below(p, 6)) {
		val = fpsr ^ (rnd(p) & 0x7f00000000fc0ull & ~(1ull << 12));
		if (!ia64_fpsr_is_reserved(val))
			fpsr = val;
	}
	if (!below(p, 6))
		fpsr ^= rnd(p) & 0x3f; /* traps */
	return ia64_fpsr_is_reserved(fpsr) ? IA64_FPSR_DEFAULT : fpsr;
}

static void emit_random(struct program *p)
{
	static const uint8_t templates[] = { T_MII, T_MII, T_MMI, T_MMI, T_MFI, T_MMF };
	struct slots *s;
	unsigned int i, unit, r, sz = below(p, 4);

	if (p->heavy && p->n < MAX_BUNDLES / 2 && !below(p, 8)) {
		emit_sequence(p);
		return;
	}
	if (p->heavy && !below(p, 48)) { /* mov.m ar.fpsr = r11 */
		emit_movl(p, 11, below(p, 8) ? random_fpsr(p) : rnd(p));
		s = bundle(p, T_MMI);
		s->slot[0] = major(1) | 0x2aull << 27 | (uint64_t)AR_FPSR << 20 | 11ull << 13 |
			     (below(p, 4) ? 0 : predicate(p));
		return;
	}
	switch (below(p, 16)) {
	case 0:
		emit_movl(p, target(p), below(p, 2) ? rnd(p) : DATA + below(p, DATA_BYTES));
		p->b[p->n - 1].fixed[1] = p->b[p->n - 1].fixed[2] = false;
		return;
	case 1: /* ld.acq, ld.bias */
		s = bundle(p, T_MMI);
		s->slot[0] = enc_ld((below(p, 2) ? 0x14 : 0x10) + sz, target(p), R_LOAD0 + below(p, 2));
		s->slot[2] = random_slot(p, UNIT_I);
		return;
	case 2: /* ld.a, a store, ld.c; neither faults, or the check would find an older entry */
		if (p->heavy && below(p, 2)) { /* ldf8, ldfs, ldfd */
			sz = 1 + below(p, 3);
			r = fr(p);
			emit_movl(p, 11, DATA + below(p, DATA_BYTES) / 8 * 8);
			s = bundle(p, T_MMI);
			fix(s, 0, enc_ldf(0x08 + sz, r, 11));
			if (below(p, 2))
				s->slot[1] = major(4) | (0x30ull + below(p, 4)) << 30 |
					     (uint64_t)source(p) << 13 |
					     (uint64_t)(R_STORE0 + below(p, 2)) << 20;
			s = bundle(p, T_MMI);
			fix(s, 0, enc_ldf((below(p, 2) ? 0x20 : 0x24) + sz, r, 11));
			p->check = p->n - 1;
			return;
		}
		r = target(p);
		if (r < 32 && r != 11) {
			emit_movl(p, 11, DATA + below(p, DATA_BYTES) / 8 * 8);
			s = bundle(p, T_MMI);
			fix(s, 0, enc_ld(0x08 + sz, r, 11));
			s->slot[1] = major(4) | (0x30ull + below(p, 4)) << 30 |
				     (uint64_t)source(p) << 13 | (uint64_t)(R_STORE0 + below(p, 2)) << 20;
			s = bundle(p, T_MMI);
			fix(s, 0, enc_ld((below(p, 2) ? 0x20 : 0x24) + sz, r, 11));
			p->check = p->n - 1;
			return;
		}
		break;
	case 3: /* ld.s and, perhaps, its check */
		if (!p->nats)
			break;
		s = bundle(p, T_MMI);
		r = target(p);
		s->slot[0] = enc_ld(0x04 + sz, r, below(p, 2) ? R_LOAD0 : source(p));
		if (below(p, 4)) /* chk.s.m to the next bundle */
			s->slot[1] = major(1) | 1ull << 33 | (uint64_t)r << 13 | 1ull << 6;
		return;
	case 4: /* alloc in the middle of things */
		if (p->rotating || p->sof < 5 || below(p, 2))
			break;
		s = bundle(p, T_MII);
		s->slot[0] = enc_alloc(1 + below(p, 8), p->sof, 2 + below(p, p->sof - 2), 0);
		return;
	case 5: /* some fields of an object, and what lies at its ends */
		for (i = 0; i < 4; i++) {
			s = bundle(p, T_MMI);
			fix(s, 0, enc_adds(11, (int)(below(p, 64) << below(p, 4)) - 64,
					   R_STORE0 + below(p, 4)));
			s = bundle(p, T_MMI);
			s->slot[0] = enc_field(p, below(p, 3) ? below(p, 128) : 0);
			s = bundle(p, T_MMI);
			s->slot[0] = enc_field(p, 0);
		}
		p->check = p->n - 1; /* who jumps there has a place in the code in r11 */
		return;
	default:
		break;
	}
	s = bundle(p, templates[below(p, sizeof(templates))]);
	for (i = 0; i < 3; i++) {
		unit = ia64_templates[s->template].unit[i];
		if (below(p, 10))
			s->slot[i] = random_slot(p, unit);
	}
}

/* n bundles, with forward branches among them. */
static void emit_straight(struct program *p, unsigned int n)
{
	unsigned int i, k, at;
	struct slots *s;

	while (n) {
		if (below(p, 6)) {
			emit_random(p);
			n--;
			continue;
		}
		k = 1 + below(p, n < 4 ? n : 4);
		at = p->n;
		s = bundle(p, below(p, 2) ? T_MIB : T_MFB);
		s->slot[0] = random_slot(p, UNIT_M);
		for (i = 0; i < k; i++)
			emit_random(p);
		p->b[at].slot[2] = enc_branch(4, 0, predicate(p), (int)(p->n - at));
		n -= k;
	}
}

/* Pointers into the data, or just out of it. */
static void emit_pointers(struct program *p)
{
	unsigned int i;
	uint64_t to;

	for (i = 0; i < 4; i++) {
		to = DATA + 0x2000 + below(p, DATA_BYTES - 0x4000) / 8 * 8;
		if (!below(p, 8))
			to += below(p, 8);
		if (!below(p, 8))
			to = (to & ~0xfffull) + 0x1000 - below(p, 20);
		if (!below(p, 12))
			to += i >= 2 ? DATA_BYTES + 0x3000 : 0x700000000ull;
		emit_movl(p, R_STORE0 + i, to);
	}
}

static void emit_call(struct program *p, unsigned int f)
{
	unsigned int at;

	if (below(p, 3)) {
		at = p->n;
		emit_fixed(p, T_MIB, 2, enc_branch(5, 0, below(p, 3) ? 0 : predicate(p),
						   (int)p->function[f] - (int)at));
	} else {
		emit_movl(p, 11, CODE + 16 * (uint64_t)p->function[f]);
		emit_fixed(p, T_MII, 1, enc_mov_b(B_TARGET, 11));
		/* br.call b0 = b6 */
		emit_fixed(p, T_MIB, 2, major(1) | (uint64_t)B_TARGET << 13);
	}
}

static void emit_body(struct program *p, unsigned int first_callable, unsigned int parts)
{
	unsigned int top, at;

	while (parts--) {
		switch (below(p, 6)) {
		case 0: /* a counted loop */
			emit_fixed(p, T_MII, 1, enc_mov_ar_i(AR_LC, 1 + below(p, 14)));
			top = p->n;
			emit_straight(p, 1 + below(p, 4));
			if (first_callable < p->nfunctions && !below(p, 4))
				emit_call(p, first_callable + below(p, p->nfunctions - first_callable));
			at = p->n;
			emit_fixed(p, T_MIB, 2, enc_branch(4, 5, 0, (int)top - (int)at));
			break;
		case 1:
		case 2:
			if (first_callable < p->nfunctions) {
				/* Elsewhere it may only become less, or nothing would end. */
				if (!first_callable)
					emit_fixed(p, T_MII, 1,
						   enc_adds(R_DEPTH, (int)below(p, 12), 0));
				emit_call(p, first_callable + below(p, p->nfunctions - first_callable));
				break;
			}
			/* fall through */
		case 3: /* an indirect branch, here or there by the count */
			at = p->n;
			emit_movl(p, 11, 0);
			emit_fixed(p, T_MII, 1, enc_mov_b(B_TARGET, 11));
			emit_fixed(p, T_MIB, 2, 0x20ull << 27 | (uint64_t)B_TARGET << 13);
			emit_straight(p, 1 + below(p, 2));
			top = p->n;
			p->n = at;
			/* A check without its advanced load has no defined result. */
			emit_movl(p, 11, CODE + 16 * (uint64_t)(top - (p->check != top - 1 &&
								       below(p, 2))));
			p->n = top;
			break;
		default:
			emit_straight(p, 2 + below(p, 6));
			break;
		}
	}
}

/* A register that was never written in a frame has any value. */
static void emit_clean_frame(struct program *p, unsigned int from)
{
	struct slots *s;

	for (; from < 32 + p->sof; from += 2) {
		s = bundle(p, T_MII);
		fix(s, 0, enc_adds(from, 0, 0));
		if (from + 1 < 32 + p->sof)
			fix(s, 1, enc_adds(from + 1, 0, 0));
	}
}

static void emit_return(struct program *p)
{
	emit_fixed(p, T_MIB, 2, ENC_RET);
}

/* r11 = r3 + 8 * ar.lc */
static void emit_address_by_count(struct program *p, unsigned int r3)
{
	emit_fixed(p, T_MII, 1, 0x32ull << 27 | (uint64_t)AR_LC << 20 | 11ull << 6);
	emit_fixed(p, T_MII, 1, major(8) | 4ull << 29 | 2ull << 27 | (uint64_t)r3 << 20 |
		   11ull << 13 | 11ull << 6);
}

/* In a loop that rotates, as memory is copied: loads significands that later iterations store. */
static void emit_copying(struct program *p)
{
	unsigned int f1 = 32 + below(p, 96), f2 = 32 + (f1 - 31 + 2 * below(p, 48)) % 96, i, late;
	struct slots *s;

	emit_address_by_count(p, R_LOAD0 + below(p, 2));
	s = bundle(p, T_MMI);
	s->slot[0] = 16 | (below(p, 3) ? enc_ldf(0x01, f1, 11) | 1ull << 27 | (uint64_t)f2 << 13 :
					 enc_ldf(0x01, f1, 11));
	emit_address_by_count(p, R_STORE0 + below(p, 2));
	for (i = 0; i < 2; i++) {
		late = below(p, 8);
		s = bundle(p, T_MMI);
		s->slot[0] = (16 + late) | major(6) | 0x31ull << 30 | 11ull << 20 |
			     (uint64_t)(32 + ((i ? f2 : f1) - 32 + late) % 96) << 13;
	}
}

/* A loop that rotates, alone in its function: its frame has no place that stays. */
static void emit_rotating(struct program *p)
{
	unsigned int sor = below(p, 4), top, at;

	p->rotating = true;
	p->sof = sor * 8 + 1 + below(p, 16);
	emit_fixed(p, T_MII, 0, enc_alloc(R_PFS, p->sof, p->sof - below(p, 2), sor));
	emit_clean_frame(p, 32);
	emit_fixed(p, T_MII, 1, enc_mov_ar_i(AR_LC, below(p, 40)));
	/* mov pr.rot = 1 << 16 */
	emit_fixed(p, T_MII, 1, 2ull << 33 | 1ull << 6);
	emit_fixed(p, T_MII, 1, enc_mov_ar_i(AR_EC, below(p, 6)));
	top = p->n;
	emit_straight(p, 1 + below(p, 4));
	if (p->floats && below(p, 2))
		emit_copying(p);
	at = p->n;
	emit_fixed(p, T_MIB, 2, enc_branch(4, 7, 0, (int)top - (int)at));
	if (below(p, 2)) /* mov r = pr, as it has rotated */
		emit_fixed(p, T_MII, 1, 0x33ull << 27 | (uint64_t)target(p) << 6);
	if (below(p, 2))
		emit_fixed(p, T_MIB, 2, ENC_CLRRRB);
	emit_straight(p, 1);
	if (below(p, 2)) /* mov pr = r, mask */
		emit_fixed(p, T_MII, 1, 3ull << 33 | (rnd(p) & 0x10ff001fc0) |
			   (uint64_t)source(p) << 13);
	emit_fixed(p, T_MII, 1, enc_mov_ar(AR_PFS, R_PFS));
	emit_return(p);
	p->rotating = false;
}

static void emit_function(struct program *p, unsigned int f)
{
	unsigned int kind = below(p, 4), self = p->n, at;

	p->function[f] = p->n;
	if (kind == 0) {
		emit_rotating(p);
		return;
	}
	if (kind == 1) { /* a leaf without a frame of its own */
		p->sof = 0;
		emit_straight(p, 1 + below(p, 4));
		emit_return(p);
		return;
	}
	p->sof = 6 + below(p, 30);
	emit_fixed(p, T_MII, 0, enc_alloc(R_SAVED_PFS, p->sof, p->sof - below(p, 4), 0));
	emit_fixed(p, T_MII, 1, enc_mov_from_b(R_SAVED_B0, 0));
	emit_clean_frame(p, R_FIRST_FREE);
	emit_body(p, f + 1, 1 + below(p, 3));
	if (kind == 2) { /* calls itself */
		struct slots *s = bundle(p, T_MII);

		fix(s, 0, enc_positive(P_CALL, R_DEPTH));
		fix(s, 1, enc_adds(R_DEPTH, -1, R_DEPTH));
		at = p->n;
		emit_fixed(p, T_MIB, 2, enc_branch(5, 0, P_CALL, (int)self - (int)at));
		emit_straight(p, 1 + below(p, 2));
	}
	{
		struct slots *s = bundle(p, T_MII);

		fix(s, 1, enc_mov_ar(AR_PFS, R_SAVED_PFS));
		fix(s, 2, enc_mov_b(0, R_SAVED_B0));
	}
	emit_return(p);
}

static void generate(struct program *p, uint64_t seed)
{
	static const uint64_t flags[] = { 0, 0, PSR_AC, PSR_DFL, PSR_DFH, PSR_AC | PSR_DFH };
	unsigned int f, top, at;
	struct slots *s;

	memset(p, 0, sizeof(*p));
	p->seed = seed * 0x2545f4914f6cdd1dull;
	p->virtual = below(p, 2);
	p->nats = !below(p, 4);
	p->floats = below(p, 2);
	p->heavy = p->floats && below(p, 2);
	p->fpsr = random_fpsr(p);
	p->psr = PSR_IC | PSR_BN | flags[below(p, 6)];
	if (p->virtual)
		p->psr |= PSR_IT | PSR_DT | PSR_RT | (below(p, 3) ? 0 : PSR_CPL);
	p->nfunctions = 1 + below(p, MAX_FUNCTIONS);
	for (f = p->nfunctions; f-- > 0;)
		emit_function(p, f);
	p->entry = p->n;
	p->sof = 20;
	emit_fixed(p, T_MII, 0, enc_alloc(R_SAVED_PFS, 20, 18, 0));
	emit_clean_frame(p, R_FIRST_FREE);
	emit_fixed(p, T_MII, 1, enc_adds(R_DEPTH, 0, 0));
	emit_fixed(p, T_MII, 1, enc_adds(R_COUNT, 12 + (int)below(p, 30), 0));
	top = p->n;
	emit_pointers(p);
	emit_fixed(p, T_MII, 0, enc_alloc(1, 20, 18, 0));
	emit_body(p, 0, 1 + below(p, 5));
	s = bundle(p, T_MII);
	fix(s, 0, enc_adds(R_COUNT, -1, R_COUNT));
	fix(s, 1, enc_positive(P_LOOP, R_COUNT));
	at = p->n;
	emit_fixed(p, T_MIB, 2, enc_branch(4, 0, P_LOOP, (int)top - (int)at));
	emit_fixed(p, T_MII, 0, 0); /* break.m 0 */
}

static void bytes_of(const struct slots *s, uint64_t out[2])
{
	out[0] = s->template | s->slot[0] << 5 | s->slot[1] << 46;
	out[1] = s->slot[1] >> 18 | s->slot[2] << 23;
}

/*
 * ---- running -----------------------------------------------------------------------------------
 */

static void mix(struct machine *m, const char *what, uint64_t index, uint64_t val)
{
	m->hash = (m->hash ^ val) * 0x9e3779b97f4a7c15ull;
	m->hash ^= m->hash >> 29;
	if (m->log)
		fprintf(m->log, "%s%" PRIu64 " %#" PRIx64 "\n", what, index, val);
}

static void mix_state(struct machine *m, bool all)
{
	static const uint8_t ars[] = { AR_CCV, AR_UNAT, AR_FPSR, AR_PFS, AR_LC, AR_EC, AR_CSD };
	struct vcpu *v = m->c->v;
	unsigned int i;
	uint64_t val;
	bool nat;

	for (i = 1; i < 32; i++) {
		mix(m, "r", i, v->gr[i]);
		mix(m, "nat r", i, v->nat[i]);
	}
	for (i = 0; i < v->rse.sof; i++) {
		val = ia64_stacked_read(v, i, &nat);
		mix(m, "r", 32 + i, val);
		mix(m, "nat r", 32 + i, nat);
	}
	for (i = 0; i < 64; i++)
		mix(m, "p", i, v->pr[i]);
	for (i = 0; i < 8; i++)
		mix(m, "b", i, v->br[i]);
	for (i = 0; i < sizeof(ars); i++)
		mix(m, "ar", ars[i], v->ar[ars[i]]);
	for (i = 0; all && i < 128; i++) {
		mix(m, "f.sig ", i, v->fr[i].sig);
		mix(m, "f.se ", i, v->fr[i].se);
	}
	mix(m, "cfm", 0, ia64_cfm(&v->rse));
	mix(m, "bsp", 0, ia64_rse_bsp(&v->rse));
	mix(m, "bspstore", 0, v->rse.bspstore);
	mix(m, "rnat", 0, v->rse.rnat);
	mix(m, "psr", 0, v->psr);
	mix(m, "retired", 0, v->retired);
}

/* The handlers are breaks: the host notes what is there and goes on behind the instruction. */
static bool on_break(void *ctx, struct vcpu *v, uint64_t imm)
{
	struct machine *m = ctx;
	uint64_t ip = v->ip, iip = v->cr[CR_IIP];
	unsigned int ri = (unsigned int)(v->cr[CR_IPSR] >> PSR_RI_SHIFT & 3);

	(void)imm;
	if (m->log)
		fprintf(m->log, "--- at %#" PRIx64 "\n", ip);
	if (ip - CPU_IVA >= HANDLER_BYTES) {
		mix_state(m, true);
		m->done = true;
		ia64_kick(v, IA64_ATTN_STOP);
		return true;
	}
	m->faults++;
	v->retired--; /* the break */
	mix(m, "vector", 0, ip);
	mix(m, "iip", 0, iip);
	mix(m, "ipsr", 0, v->cr[CR_IPSR]);
	mix(m, "isr", 0, v->cr[CR_ISR]);
	mix(m, "ifa", 0, v->cr[CR_IFA]);
	mix(m, "itir", 0, v->cr[CR_ITIR]);
	mix(m, "iipa", 0, v->cr[CR_IIPA]);
	mix_state(m, m->faults % 64 == 0);
	if (m->faults == MAX_FAULTS) {
		m->done = true;
		ia64_kick(v, IA64_ATTN_STOP);
		return true;
	}
	ia64_set_psr(v, v->cr[CR_IPSR] & ~(3ull << PSR_RI_SHIFT));
	v->ip = ri == 2 ? iip + 16 : iip;
	v->ri = ri == 2 ? 0 : (uint8_t)(ri + 1);
	return true;
}

static bool on_read(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size, uint64_t *val)
{
	(void)v;
	mix(ctx, "read ", size, pa);
	*val = pa * 0x0102030405060708ull;
	return pa & 8;
}

static bool on_write(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size, uint64_t val)
{
	(void)v;
	mix(ctx, "write ", size, pa ^ val);
	return true;
}

static void on_crash(void *ctx, struct vcpu *v)
{
	((struct machine *)ctx)->done = false;
	fprintf(stderr, "# crash: %s\n", v->crash_reason);
}

static struct machine *machine(bool translate)
{
	static const uint8_t breaks[HANDLER_BYTES];
	struct machine *m = calloc(1, sizeof(*m));

	assert_non_null(m);
	m->c = cpu_create(1);
	m->c->sys->platform = (struct ia64_platform){
		.ctx = m, .host_break = on_break, .mmio_read = on_read, .mmio_write = on_write,
		.crashed = on_crash,
	};
	assert_true(ia64_memory_write(&m->c->mem, CPU_IVA, breaks, sizeof(breaks)));
	if (translate) {
		assert_int_equal(ia64_jit_attach(m->c->sys, JIT_CACHE, 0), 0);
		ia64_jit_hot_after(m->c->sys, HOT_AFTER);
	}
	return m;
}

/* A double that may be anything, but is a number of moderate size mostly. */
static uint64_t some_double(uint64_t random)
{
	static const uint64_t special[] = {
		0, 1ull << 63, 0x3ff0000000000000ull, 0xbff0000000000000ull, 0x7ff0000000000000ull,
		0xfff0000000000000ull, 0x7ff8000000000001ull, 0xfff4000000000002ull,
		0x0010000000000000ull, 0x000fffffffffffffull, 0x7fefffffffffffffull, 1,
		0x47efffffe0000000ull, 0x3810000000000000ull, 0x36a0000000000000ull,
		0x43e0000000000000ull,
	};
	uint64_t kind = random >> 59;

	if (kind == 0)
		return special[random & 15];
	if (kind == 1)
		return random;
	if (kind < 8) /* few bits, so that results are exact */
		random &= 0xfff00fff00000000ull;
	if (kind < 12) /* a single */
		random &= ~0x1fffffffull;
	return (random & 0x800fffffffffffffull) | (0x3e0 + (random >> 52 & 0x3f)) << 52;
}

/* A register that may be anything, too. */
static struct ia64_fr some_fr(uint64_t random)
{
	static const struct ia64_fr special[] = {
		{ 0, IA64_FR_EXP_NATVAL, 0 }, { 1, 0, 0 }, { 0, 0xffff, 0 }, { 0x4000000000000000ull, 0xffff, 0 },
		{ 0x8000000000000001ull, 0xffff, 0 }, { 0x8000000000000000ull, 1, 0 },
		{ 0x8000000000000000ull, 0x3fffe, 0 }, { 0xffffffffffffffffull, 0x10000, 0 },
		{ 0x4000000000000000ull, 0x1ffff, 0 }, { 0x8000000000000000ull, 0xfc00, 0 },
		{ 0x8000000000000000ull, 0x103ff, 0 }, { 0xc000000000000001ull, 0x1ffff, 0 },
		{ 0xfffffffffffff800ull, 0xffff, 0 }, { 0xfffffffffffffc00ull, 0xffff, 0 },
		{ 0x8000000000000000ull, 0, 0 }, { 0x8000000000000000ull, 0xff81, 0 },
	};
	uint64_t kind = random >> 60;

	random *= 0x9e3779b97f4a7c15ull;
	if (kind == 0)
		return special[random >> 60];
	if (kind == 1)
		return ia64_fr_make(random, (uint32_t)(random >> 20));
	if (kind < 5)
		return ia64_fr_from_sig(kind < 3 ? random : random >> 40);
	if (kind < 7)
		return ia64_fr_from_single((uint32_t)(ia64_fr_to_single(ia64_fr_from_double(some_double(random)))));
	return ia64_fr_from_double(some_double(random));
}

static void start(struct machine *m, const struct program *p)
{
	struct vcpu *v = m->c->v;
	uint64_t b[2], seed = p->seed, i;
	uint8_t *data = m->c->mem.base + DATA;

	for (i = 0; i < p->n; i++) {
		bytes_of(&p->b[i], b);
		assert_true(ia64_memory_write(&m->c->mem, CODE + 16 * i, b, 16));
	}
	for (i = 0; i < DATA_BYTES; i++) {
		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		data[i] = (uint8_t)(seed >> 56);
		if (p->heavy && (i & 7) == 7) {
			uint64_t val = some_double(seed * 0x9e3779b97f4a7c15ull);
			uint32_t single = ia64_fr_to_single(ia64_fr_from_double(val));

			if ((seed >> 50 & 7) < 5)
				memcpy(data + i - 7, &val, 8);
			else if ((seed >> 50 & 7) < 7)
				memcpy(data + i - 3, &single, 4);
		}
	}
	memset(m->c->mem.base + STACK, 0, STACK_BYTES);
	v->op = NULL;
	ia64_set_psr(v, PSR_BN);
	ia64_rse_reset(v);
	ia64_set_cfm(v, 0);
	v->rse.bspstore = STACK;
	v->nat_any = 0;
	memset(v->nat, 0, sizeof(v->nat));
	memset(v->bank_nat, 0, sizeof(v->bank_nat));
	memset(v->br, 0, sizeof(v->br));
	memset(v->pr, 0, sizeof(v->pr));
	v->pr[0] = 1;
	for (i = 1; i < 32; i++)
		v->gr[i] = i * 0x123456789abcdefull;
	for (i = 0; i < 16; i++)
		v->bank_gr[i] = i;
	for (i = 2; i < 128; i++)
		v->fr[i] = p->heavy ? some_fr((p->seed + i) * 0x2545f4914f6cdd1dull) :
			   ia64_fr_make(i * 0x8123456789abcdefull, 0xffff + (i & 7));
	v->ar[AR_LC] = v->ar[AR_EC] = v->ar[AR_UNAT] = v->ar[AR_CCV] = v->ar[AR_CSD] = 0;
	v->ar[AR_PFS] = 0;
	v->ar[AR_FPSR] = p->fpsr;
	for (i = 0; i < IA64_ALAT_ENTRIES; i++)
		v->alat[i].key = 0;
	v->retired = 0;
	if (!v->itr[0].valid) {
		assert_true(cpu_insert(v, true, 0, CODE, 20, 0, PTE_RWX | CODE));
		assert_true(cpu_insert(v, true, 1, CPU_IVA, 16, 0, PTE_RWX | CPU_IVA));
		/* Pages that are neighbours are not where neighbours are. */
		for (i = 0; i < DATA_BYTES >> 12; i++)
			assert_true(cpu_insert(v, false, -1, DATA + (i << 12), 12, 0,
					       PTE_RWX | (DATA + ((i * 7 % 16) << 12))));
		assert_true(cpu_insert(v, false, 1, STACK, 16, 0, PTE_RWX | STACK));
	}
	cpu_at(v, CODE + 16 * p->entry, 0, p->psr);
	/* As ar.rsc is written at that level. */
	v->ar[AR_RSC] = (p->psr >> PSR_CPL_SHIFT & 3) << 2 | 3;
	m->hash = p->seed;
	m->faults = 0;
	m->done = false;
}

static bool run_both(struct machine *a, struct machine *b, const struct program *p)
{
	start(a, p);
	start(b, p);
	assert_int_equal(ia64_run(a->c->v), IA64_EXIT_STOP);
	assert_true(a->done);
	ia64_run(b->c->v);
	return b->done && a->hash == b->hash && a->faults == b->faults &&
	       !memcmp(a->c->mem.base + DATA, b->c->mem.base + DATA, DATA_BYTES) &&
	       !memcmp(a->c->mem.base + STACK, b->c->mem.base + STACK, STACK_BYTES);
}

/* Makes nops of all that may go with the difference still there. */
static void shrink(struct machine *a, struct machine *b, struct program *p)
{
	static struct program less;
	unsigned int step, i, k, n;
	bool changed = true;

	for (step = 64; changed || step > 1; step = step > 1 ? step / 4 : 1) {
		changed = false;
		for (i = 0; i < p->n; i += step) {
			bool any = false;

			less = *p;
			for (n = i; n < i + step && n < p->n; n++) {
				const uint8_t *unit = ia64_templates[p->b[n].template].unit;

				for (k = 0; k < 3; k++) {
					if (less.b[n].fixed[k] || unit[k] == UNIT_L ||
					    unit[k] == UNIT_X || less.b[n].slot[k] == nop(unit[k]))
						continue;
					less.b[n].slot[k] = nop(unit[k]);
					any = true;
				}
				if (p->b[n].template == T_MLX && !p->b[n].fixed[1]) {
					less.b[n].template = T_MII;
					less.b[n].slot[1] = less.b[n].slot[2] = nop(UNIT_I);
					any = true;
				}
			}
			if (any && !run_both(a, b, &less)) {
				*p = less;
				changed = true;
			}
		}
	}
	for (i = 0; i < 3 * p->n; i++) {
		const uint8_t *unit = ia64_templates[p->b[i / 3].template].unit;

		k = i % 3;
		if (p->b[i / 3].fixed[k] || unit[k] == UNIT_L || unit[k] == UNIT_X ||
		    p->b[i / 3].slot[k] == nop(unit[k]))
			continue;
		less = *p;
		less.b[i / 3].slot[k] = nop(unit[k]);
		if (!run_both(a, b, &less))
			*p = less;
	}
}

static void print(struct machine *a, struct machine *b, const struct program *p)
{
	struct ia64_disasm text;
	unsigned int i, k;
	uint64_t w[2];
	char line[2][200];
	FILE *fa = tmpfile(), *fb = tmpfile();

	assert_true(fa && fb);
	for (i = 0; i < p->n; i++) {
		bytes_of(&p->b[i], w);
		ia64_disasm_bundle((const uint8_t *)w, CODE + 16 * i, &text);
		for (k = 0; k < 3; k++)
			if (!strstr(text.text[k], "nop.") && !strstr(text.text[k], "=r0") && text.text[k][0])
				fprintf(stderr, "# %#" PRIx64 ".%u%s %s\n", CODE + 16 * i, k,
					p->entry == i ? ">" : " ", text.text[k]);
	}
	a->log = fa;
	b->log = fb;
	run_both(a, b, p);
	a->log = b->log = NULL;
	rewind(fa);
	rewind(fb);
	fprintf(stderr, "# psr %#" PRIx64 ", faults %" PRIu64 " and %" PRIu64 "%s\n", p->psr, a->faults,
		b->faults, b->done ? "" : ", not done");
	for (i = 0, k = 0; k < 12 && fgets(line[0], sizeof(line[0]), fa) &&
			   fgets(line[1], sizeof(line[1]), fb); i++)
		if (strcmp(line[0], line[1])) {
			fprintf(stderr, "# line %u: interpreted %.*s, translated %s", i,
				(int)strcspn(line[0], "\n"), line[0], line[1]);
			k++;
		} else if (!strncmp(line[0], "iip", 3) && i < 200000) {
			continue;
		}
	for (i = 0; i < DATA_BYTES; i += 8)
		if (memcmp(a->c->mem.base + DATA + i, b->c->mem.base + DATA + i, 8))
			fprintf(stderr, "# memory %#" PRIx64 " differs\n", DATA + i);
	for (i = 0; i < STACK_BYTES; i += 8)
		if (memcmp(a->c->mem.base + STACK + i, b->c->mem.base + STACK + i, 8))
			fprintf(stderr, "# memory %#" PRIx64 " differs\n", STACK + i);
	fclose(fa);
	fclose(fb);
}

static void random_programs(void **state)
{
	static struct program p;
	const char *one = getenv("PARAVANE_SEED"), *many = getenv("PARAVANE_LONG");
	uint64_t seed = one ? strtoull(one, NULL, 0) : 1, n, insns = 0, faults = 0, bad = 0;
	struct machine *a = machine(false), *b = machine(true);
	const struct ia64_jit_stats *stats = ia64_jit_stats(b->c->v);

	(void)state;
	for (n = 0; one ? n < 1 : many ? insns < LONG_INSNS : n < SHORT_PROGRAMS; n++, seed++) {
		generate(&p, seed);
		if (!run_both(a, b, &p)) {
			fprintf(stderr, "# program %" PRIu64 " differs\n", seed);
			shrink(a, b, &p);
			print(a, b, &p);
			if (++bad == (many ? 3 : 1))
				break;
		}
		insns += a->c->v->retired;
		faults += a->faults;
	}
	fprintf(stderr, "# %" PRIu64 " programs, %" PRIu64 " instructions, %" PRIu64 " faults; %" PRIu64
		" traces of %" PRIu64 " instructions, entered %" PRIu64 " times, %" PRIu64
		" flushes, %" PRIu64 " instructions interpreted\n", n, insns, faults, stats->traces,
		stats->trace_insns, stats->entries, stats->flushes, stats->interp_insns);
	assert_int_equal(bad, 0);
	ia64_jit_detach(b->c->sys);
	cpu_destroy(a->c);
	cpu_destroy(b->c);
	free(a);
	free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs),
	};

	if (!have_translator())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
