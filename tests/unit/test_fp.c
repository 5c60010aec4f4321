/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every floating-point arithmetic instruction against MPFR: result, predicate, flags, faults and
 * traps, over all rounding modes, precisions, exponent ranges and kinds of operands.
 * PARAVANE_LONG=1 runs fifty times as many cases.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <math.h>
#include <cmocka.h>

#include "test_fp_oracle.h"

static const char *const rc_names[] = { "nearest", "down", "up", "zero" };

struct outcome {
	uint32_t event;
	struct ia64_fr f1;
	bool p1, p2;
	uint64_t fpsr;
};

static const struct ia64_fr untouched = { 0x1122334455667788ull, 0x2abcd, 0 };

static struct outcome outcome_init(uint64_t fpsr)
{
	return (struct outcome){ 0, untouched, true, true, fpsr };
}

static void show(const char *name, struct ia64_fr f)
{
	print_error("  %s %05x.%016" PRIx64 "\n", name, f.se, f.sig);
}

static bool same_fr(struct ia64_fr a, struct ia64_fr b)
{
	return a.sig == b.sig && a.se == b.se && a.pad == b.pad;
}

struct scene {
	const char *name;
	uint64_t fpsr;
	unsigned sf;
	int op, pc;
	struct ia64_fr in[3];
};

static void check(const struct scene *s, const struct outcome *got, const struct outcome *want)
{
	if (got->event == want->event && same_fr(got->f1, want->f1) && got->p1 == want->p1 &&
	    got->p2 == want->p2 && got->fpsr == want->fpsr)
		return;
	print_error("%s op %d pc %d sf%u fpsr %016" PRIx64 " (rc %s)\n", s->name, s->op, s->pc,
		    s->sf, s->fpsr, rc_names[s->fpsr >> (6 + 13 * s->sf + 4) & 3]);
	show("in0 ", s->in[0]);
	show("in1 ", s->in[1]);
	show("in2 ", s->in[2]);
	show("got ", got->f1);
	show("want", want->f1);
	print_error("  event got %05x want %05x; p1 %d/%d p2 %d/%d; fpsr got %016" PRIx64
		    " want %016" PRIx64 "\n", got->event, want->event, got->p1, want->p1,
		    got->p2, want->p2, got->fpsr, want->fpsr);
	fail();
}

/* How many cases there were by what came of them, so that a run shows it reached everything. */
struct counts {
	uint64_t cases, faults, traps, inexact, over, under, rc[4];
};

static void count(struct counts *c, const struct outcome *o, uint64_t before, unsigned sf)
{
	uint32_t flags = (uint32_t)((o->fpsr & ~before) >> (6 + 13 * sf + 7));

	c->cases++;
	c->rc[before >> (6 + 13 * sf + 4) & 3]++;
	c->faults += (o->event & IA64_FP_FAULT) != 0;
	c->traps += (o->event & IA64_FP_TRAP) != 0;
	c->inexact += (flags & IA64_FP_I) != 0;
	c->over += (flags & IA64_FP_O) != 0;
	c->under += (flags & IA64_FP_U) != 0;
}

static void report(const char *what, const struct counts *c)
{
	print_message("%-26s %10" PRIu64 " cases: faults %" PRIu64 ", traps %" PRIu64
		      ", newly set I %" PRIu64 ", O %" PRIu64 ", U %" PRIu64 "; rc", what, c->cases,
		      c->faults, c->traps, c->inexact, c->over, c->under);
	for (int i = 0; i < 4; i++)
		print_message(" %" PRIu64, c->rc[i]);
	print_message("\n");
	assert_true(c->cases > 0);
}

static bool any_natval(const struct ia64_fr *in, int n)
{
	for (int i = 0; i < n; i++)
		if (in[i].se == 0x1fffe && !in[i].sig)
			return true;
	return false;
}

struct operands {
	struct operand o[3];
};

static struct operands operands_make(void)
{
	struct operands s;

	for (int i = 0; i < 3; i++)
		operand_init(&s.o[i]);
	return s;
}

static void operands_free(struct operands *s)
{
	for (int i = 0; i < 3; i++)
		operand_clear(&s->o[i]);
}

static void load_scalar(struct operands *s, const struct ia64_fr *in, int n)
{
	for (int i = 0; i < n; i++)
		operand_register(&s->o[i], in[i]);
}

static void load_half(struct operands *s, const struct ia64_fr *in, int n, int shift)
{
	for (int i = 0; i < n; i++)
		operand_single(&s->o[i], (uint32_t)(in[i].sig >> shift));
}

static struct ia64_fr pair_of(uint64_t hi, uint64_t lo)
{
	return (struct ia64_fr){ hi << 32 | (uint32_t)lo, 0x1003e, 0 };
}

/* ---- fma, fms, fnma ---- */

static void one_fma(struct operands *ops, struct counts *c, struct scene *s, bool has)
{
	struct oenv e = oenv_of(s->fpsr, s->sf, s->pc, false);
	struct outcome want = outcome_init(s->fpsr), got = want, soft = want, integer = want;

	if (!has)
		s->in[2] = IA64_FR_ZERO;
	if (any_natval(s->in, 3)) {
		want.f1 = IA64_FR_NATVAL;
	} else {
		struct oresult r;

		load_scalar(ops, s->in, 3);
		r = ofma(&e, s->op, &ops->o[0], &ops->o[1], &ops->o[2], has);
		want.event = oevent(&e, s->sf, &want.fpsr);
		if (!(want.event & IA64_FP_FAULT))
			want.f1 = oregister(&e, r);
	}
	got.event = ia64_fma(&got.fpsr, s->sf, s->pc, s->op, &got.f1, s->in[0], s->in[1],
			     has ? &s->in[2] : NULL);
	soft.event = ia64_fma_soft(&soft.fpsr, s->sf, s->pc, s->op, &soft.f1, s->in[0], s->in[1],
				   has ? &s->in[2] : NULL);
	check(s, &got, &want);
	integer.event = ia64_fma_integer(&integer.fpsr, s->sf, s->pc, s->op, &integer.f1, &s->in[0],
					 &s->in[1], has ? &s->in[2] : NULL);
	check(s, &soft, &want);
	check(s, &integer, &want);
	count(c, &want, s->fpsr, s->sf);
}

/* The formats by significand bits and exponent bits: SDM 1:5.2, table 5-6. */
static const struct {
	int prec;
	long emax;
	const char *name;
} formats[] = {
	{ 24, 127, "24/8" }, { 53, 1023, "53/11" },
	{ 24, 16383, "24/15" }, { 53, 16383, "53/15" }, { 64, 16383, "64/15" },
	{ 24, 65535, "24/17" }, { 53, 65535, "53/17" }, { 64, 65535, "64/17" },
};

#define N_FORMATS (sizeof(formats) / sizeof(*formats))

static void test_fma(void **state)
{
	static const char *const names[] = { "fma", "fms", "fnma" };
	uint64_t by_format[N_FORMATS][4] = { { 0 } };
	static const char *const completers[] = { "", ".s", ".d" };
	struct operands ops = operands_make();
	struct rng r = { 0x1001 };

	for (int op = IA64_FMA; op <= IA64_FNMA; op++) {
		for (int pc = IA64_PC_DYNAMIC; pc <= IA64_PC_D; pc++) {
			struct counts c = { 0 };
			char name[32];

			for (uint64_t i = 0; i < 300000 * scale(); i++) {
				struct scene s = { names[op], gen_fpsr(&r), rnd_below(&r, 4), op,
						   pc, { { 0, 0, 0 } } };
				struct oenv e = oenv_of(s.fpsr, s.sf, pc, false);

				for (unsigned f = 0; f < N_FORMATS; f++)
					if (formats[f].prec == e.prec && formats[f].emax == e.emax)
						by_format[f][s.fpsr >> (10 + 13 * s.sf) & 3]++;
				gen_fma(&r, &e, &s.in[0], &s.in[1], &s.in[2]);
				one_fma(&ops, &c, &s, rnd_below(&r, 4));
			}
			snprintf(name, sizeof(name), "%s%s", names[op], completers[pc]);
			report(name, &c);
		}
	}
	for (unsigned f = 0; f < N_FORMATS; f++) {
		print_message("  format %-6s", formats[f].name);
		for (unsigned rc = 0; rc < 4; rc++) {
			print_message(" %s %" PRIu64, rc_names[rc], by_format[f][rc]);
			assert_true(by_format[f][rc] > 0);
		}
		print_message("\n");
	}
	operands_free(&ops);
}

/*
 * All triples of operands at the edges, each under a few of 96 combinations of operation, rounding
 * mode, format and enabled traps; in the long run under all of them.
 */
static void test_fma_edges(void **state)
{
	static const struct ia64_fr edge[] = {
		{ 0, 0, 0 }, { 0, 0x20000, 0 },				/* zeros */
		{ 1ull << 63, 0xffff, 0 }, { 1ull << 63, 0x2ffff, 0 },	/* ones */
		{ 0, 0x1003e, 0 }, { 0, 0x3fffe, 0 },			/* pseudo-zeros */
		{ 1ull << 63, 0x1ffff, 0 }, { 1ull << 63, 0x3ffff, 0 },	/* infinities */
		{ 3ull << 62, 0x3ffff, 0 }, { 3ull << 62 | 5, 0x1ffff, 0 }, /* QNaNs */
		{ 1ull << 63 | 3, 0x1ffff, 0 },				/* SNaN */
		{ 0, 0x1ffff, 0 }, { 7, 0x3ffff, 0 },			/* unsupported */
		{ 0, 0x1fffe, 0 },					/* NaTVal */
		{ 1, 0, 0 }, { 1ull << 63, 0, 0 },			/* extended denormals */
		{ 1, 0xfc01, 0 }, { 1ull << 40, 0x2ff81, 0 },		/* denormals, d and s */
		{ 1, 1, 0 }, { 1ull << 63, 1, 0 },			/* least of the register */
		{ 1ull << 63, 0xc001, 0 }, { 1ull << 63, 0xfc01, 0 }, { 1ull << 63, 0xff81, 0 },
		{ UINT64_MAX, 0x1007e, 0 }, { UINT64_MAX, 0x303fe, 0 },	/* greatest */
		{ UINT64_MAX, 0x13ffe, 0 }, { UINT64_MAX, 0x1fffe, 0 },
		{ UINT64_MAX << 40, 0x1007e, 0 }, { UINT64_MAX << 11, 0x103fe, 0 },
		{ 1ull << 63, 0xffff - 24, 0 }, { 1ull << 63, 0x2ffff - 53, 0 },
		{ 1ull << 63 | 1, 0xffff - 64, 0 },
	};
	const unsigned n = sizeof(edge) / sizeof(*edge);
	struct operands ops = operands_make();
	struct counts c = { 0 };
	struct rng r = { 0x1002 };

	for (unsigned i = 0; i < n * n * n; i++) {
		unsigned modes = scale() > 1 ? 96 : 6;

		for (unsigned m = 0; m < modes; m++) {
			unsigned mode = scale() > 1 ? m : rnd_below(&r, 96);
			uint64_t field = (uint64_t)(mode & 3) << 4 | (mode >> 2 & 1) << 1;
			struct scene s = {
				"edge", 0, mode % 4, mode / 8 % 3, mode / 24 % 3,
				{ edge[i % n], edge[i / n % n], edge[i / n / n] },
			};

			field |= (uint64_t)((unsigned[]){ 0, 2, 3, 3 })[mode / 8 % 4] << 2;
			s.fpsr = (mode & 0x40 ? 0 : 0x3f) | field << (6 + 13 * s.sf);
			one_fma(&ops, &c, &s, true);
		}
	}
	report("fma, fms, fnma at edges", &c);
	operands_free(&ops);
}

static void test_fpma(void **state)
{
	static const char *const names[] = { "fpma", "fpms", "fpnma" };
	struct operands ops = operands_make();
	struct rng r = { 0x1003 };

	for (int op = IA64_FMA; op <= IA64_FNMA; op++) {
		struct counts c = { 0 };

		for (uint64_t i = 0; i < 200000 * scale(); i++) {
			struct scene s = { names[op], gen_fpsr(&r), rnd_below(&r, 4), op, 0,
					   { { 0, 0, 0 } } };
			struct oenv hi = oenv_of(s.fpsr, s.sf, 0, true), lo = hi;
			struct outcome want = outcome_init(s.fpsr), got = want;
			bool has = rnd_below(&r, 4);

			gen_fpma(&r, &s.in[0], &s.in[1], &s.in[2]);
			if (!has)
				s.in[2] = IA64_FR_ZERO;
			if (any_natval(s.in, 3)) {
				want.f1 = IA64_FR_NATVAL;
			} else {
				struct oresult a, b;

				load_half(&ops, s.in, 3, 32);
				a = ofma(&hi, op, &ops.o[0], &ops.o[1], &ops.o[2], has);
				load_half(&ops, s.in, 3, 0);
				b = ofma(&lo, op, &ops.o[0], &ops.o[1], &ops.o[2], has);
				want.event = oevent_pair(&hi, &lo, s.sf, &want.fpsr);
				if (!(want.event & IA64_FP_FAULT))
					want.f1 = pair_of(osingle(a), osingle(b));
			}
			got.event = ia64_fpma(&got.fpsr, s.sf, op, &got.f1, s.in[0], s.in[1],
					      has ? &s.in[2] : NULL);
			check(&s, &got, &want);
			count(&c, &want, s.fpsr, s.sf);
		}
		report(names[op], &c);
	}
	operands_free(&ops);
}

/* The host's FPU must give what the integers give, flags too, where it is used. */
static void test_host_fpu(void **state)
{
	struct rng r = { 0x1004 };
	struct counts c = { 0 };

	for (uint64_t i = 0; i < 4000000 * scale(); i++) {
		static const uint64_t masks[] = { UINT64_MAX << 11, UINT64_MAX << 40 };
		bool single = rnd(&r) & 1;
		struct scene s = { "host", 0x3f, 0, rnd_below(&r, 3),
				   single ? IA64_PC_S : IA64_PC_D, { { 0, 0, 0 } } };
		int spread = rnd_below(&r, 3) ? 40 : single ? 127 : 1023;
		bool has = rnd_below(&r, 3);
		struct outcome soft, got;

		s.fpsr |= (rnd(&r) & 0x20) << 13 | (rnd(&r) & 2) << 6;	/* sf0.i, sf0.wre */
		for (int k = 0; k < 3; k++) {
			uint64_t sig = gen_sig(&r) & masks[single];

			if (rnd(&r) & 1)
				sig &= UINT64_MAX << 48;
			s.in[k] = ia64_fr_make(sig, 0xffff +
					       (uint32_t)rnd_between(&r, -spread, spread));
			s.in[k].se |= rnd(&r) & 0x20000;
		}
		if (rnd_below(&r, 3) == 0)
			s.in[1] = IA64_FR_ONE;
		soft = outcome_init(s.fpsr);
		got = soft;
		soft.event = ia64_fma_soft(&soft.fpsr, 0, s.pc, s.op, &soft.f1, s.in[0], s.in[1],
					   has ? &s.in[2] : NULL);
		got.event = ia64_fma(&got.fpsr, 0, s.pc, s.op, &got.f1, s.in[0], s.in[1],
				     has ? &s.in[2] : NULL);
		check(&s, &got, &soft);
		count(&c, &soft, s.fpsr, 0);
	}
	report("host FPU against integers", &c);
}

/*
 * The short way in integers, where it is close to its limits: addends of all distances, sums that
 * cancel, results at the ends of the range.
 */
static void test_fma_short(void **state)
{
	static const uint32_t exponents[] = { 0xffff, 0x10000, 2, 0x8000, 0x17ffe, 0x1fffd };
	struct counts c = { 0 };
	struct rng r = { 0x100f };

	for (int i = 0; i < 600000; i++) {
		struct scene s = { "short", IA64_FPSR_DEFAULT, 1, rnd_below(&r, 3),
				   (enum ia64_fp_pc)(rnd_below(&r, 4) ? 0 : rnd_below(&r, 3)),
				   { { 0, 0, 0 } } };
		bool has = rnd_below(&r, 8);
		uint32_t at = exponents[rnd_below(&r, 6)];
		struct outcome soft, got;
		int d = rnd_below(&r, 3) ? rnd_between(&r, -3, 3) : rnd_between(&r, -140, 140);

		s.fpsr ^= (rnd(&r) & 0x20) << 26;	/* sf1.i */
		s.in[0] = ia64_fr_make(gen_sig(&r) | IA64_FR_INTEGER_BIT, at);
		s.in[1] = ia64_fr_make(gen_sig(&r) | IA64_FR_INTEGER_BIT, 0xffff);
		s.in[2] = ia64_fr_make(gen_sig(&r) | IA64_FR_INTEGER_BIT, at);
		if (!rnd_below(&r, 4))	/* all but the last bits of the product, which cancel */
			s.in[2].sig = (uint64_t)(((unsigned __int128)s.in[0].sig * s.in[1].sig) >>
						 63) | IA64_FR_INTEGER_BIT;
		if ((int64_t)at + d > 0 && at + d < IA64_FR_EXP_SPECIAL)
			s.in[2].se += d;
		for (int k = 0; k < 3; k++)
			s.in[k].se |= rnd(&r) & 0x20000;
		soft = outcome_init(s.fpsr);
		got = soft;
		soft.event = ia64_fma_soft(&soft.fpsr, 1, s.pc, s.op, &soft.f1, s.in[0], s.in[1],
					   has ? &s.in[2] : NULL);
		got.event = ia64_fma_integer(&got.fpsr, 1, s.pc, s.op, &got.f1, &s.in[0], &s.in[1],
					     has ? &s.in[2] : NULL);
		check(&s, &got, &soft);
		count(&c, &soft, s.fpsr, 1);
	}
	report("short way against the long one", &c);
}

/* ---- Reciprocals ---- */

static void one_frcpa(struct operands *ops, struct counts *c, struct scene *s)
{
	struct oenv e = oenv_of(s->fpsr, s->sf, IA64_PC_DYNAMIC, false);
	struct outcome want = outcome_init(s->fpsr), got = want;

	if (any_natval(s->in, 2)) {
		want.f1 = IA64_FR_NATVAL;
		want.p2 = false;
	} else {
		struct oresult r;
		bool p2;

		load_scalar(ops, s->in, 2);
		r = ofrcpa(&e, false, &p2, &ops->o[0], &ops->o[1]);
		want.event = oevent(&e, s->sf, &want.fpsr);
		if (!(want.event & IA64_FP_FAULT)) {
			want.f1 = oregister(&e, r);
			want.p2 = p2;
		}
	}
	got.event = ia64_frcpa(&got.fpsr, s->sf, &got.f1, &got.p2, s->in[0], s->in[1]);
	check(s, &got, &want);
	count(c, &want, s->fpsr, s->sf);
}

static void test_frcpa(void **state)
{
	struct operands ops = operands_make();
	struct rng r = { 0x1005 };
	struct counts c = { 0 };

	for (uint64_t i = 0; i < 300000 * scale(); i++) {
		struct scene s = { "frcpa", gen_fpsr(&r), rnd_below(&r, 4), 0, 0,
				   { gen_fr(&r), gen_fr(&r), { 0, 0, 0 } } };

		if (rnd_below(&r, 3) == 0) {
			/* Where the approximation does not serve: the quotient is computed. */
			static const uint32_t edge[] = { 0, 1, 64, 65, 0x1fffb, 0x1fffc, 0x1fffe };

			s.in[0].se = (s.in[0].se & 0x20000) | edge[rnd_below(&r, 7)];
			if (rnd(&r) & 1)
				s.in[1].se = (s.in[1].se & 0x20000) | edge[rnd_below(&r, 7)];
		}
		one_frcpa(&ops, &c, &s);
	}
	report("frcpa", &c);
	operands_free(&ops);
}

static void test_fprcpa(void **state)
{
	struct operands ops = operands_make();
	struct rng r = { 0x1006 };
	struct counts c = { 0 };

	for (uint64_t i = 0; i < 200000 * scale(); i++) {
		struct scene s = { "fprcpa", gen_fpsr(&r), rnd_below(&r, 4), 0, 0,
				   { gen_pair(&r), gen_pair(&r), { 0, 0, 0 } } };
		struct oenv hi = oenv_of(s.fpsr, s.sf, 0, true), lo = hi;
		struct outcome want = outcome_init(s.fpsr), got = want;

		if (any_natval(s.in, 2)) {
			want.f1 = IA64_FR_NATVAL;
			want.p2 = false;
		} else {
			struct oresult a, b;
			bool pa, pb;

			load_half(&ops, s.in, 2, 32);
			a = ofrcpa(&hi, true, &pa, &ops.o[0], &ops.o[1]);
			load_half(&ops, s.in, 2, 0);
			b = ofrcpa(&lo, true, &pb, &ops.o[0], &ops.o[1]);
			want.event = oevent_pair(&hi, &lo, s.sf, &want.fpsr);
			if (!(want.event & IA64_FP_FAULT)) {
				want.f1 = pair_of(osingle(a), osingle(b));
				want.p2 = pa && pb;
			}
		}
		got.event = ia64_fprcpa(&got.fpsr, s.sf, &got.f1, &got.p2, s.in[0], s.in[1]);
		check(&s, &got, &want);
		count(&c, &want, s.fpsr, s.sf);
	}
	report("fprcpa", &c);
	operands_free(&ops);
}

static void test_frsqrta(void **state)
{
	struct operands ops = operands_make();
	struct rng r = { 0x1007 };
	struct counts c = { 0 };

	for (uint64_t i = 0; i < 300000 * scale(); i++) {
		struct scene s = { "frsqrta", gen_fpsr(&r), rnd_below(&r, 4), 0, 0,
				   { gen_fr(&r), { 0, 0, 0 }, { 0, 0, 0 } } };
		struct oenv e = oenv_of(s.fpsr, s.sf, IA64_PC_DYNAMIC, false);
		struct outcome want = outcome_init(s.fpsr), got = want;

		if (rnd_below(&r, 4))
			s.in[0].se &= 0x1ffff;
		if (rnd_below(&r, 3) == 0)
			s.in[0].se = rnd_below(&r, 68);
		if (any_natval(s.in, 1)) {
			want.f1 = IA64_FR_NATVAL;
			want.p2 = false;
		} else {
			struct oresult res;
			bool p2;

			load_scalar(&ops, s.in, 1);
			res = ofrsqrta(&e, false, &p2, &ops.o[0]);
			want.event = oevent(&e, s.sf, &want.fpsr);
			if (!(want.event & IA64_FP_FAULT)) {
				want.f1 = oregister(&e, res);
				want.p2 = p2;
			}
		}
		got.event = ia64_frsqrta(&got.fpsr, s.sf, &got.f1, &got.p2, s.in[0]);
		check(&s, &got, &want);
		count(&c, &want, s.fpsr, s.sf);
	}
	report("frsqrta", &c);
	operands_free(&ops);
}

static void test_fprsqrta(void **state)
{
	struct operands ops = operands_make();
	struct rng r = { 0x1008 };
	struct counts c = { 0 };

	for (uint64_t i = 0; i < 200000 * scale(); i++) {
		struct scene s = { "fprsqrta", gen_fpsr(&r), rnd_below(&r, 4), 0, 0,
				   { gen_pair(&r), { 0, 0, 0 }, { 0, 0, 0 } } };
		struct oenv hi = oenv_of(s.fpsr, s.sf, 0, true), lo = hi;
		struct outcome want = outcome_init(s.fpsr), got = want;

		if (rnd_below(&r, 3))
			s.in[0].sig &= 0x7fffffff7fffffffull;
		if (any_natval(s.in, 1)) {
			want.f1 = IA64_FR_NATVAL;
			want.p2 = false;
		} else {
			struct oresult a, b;
			bool pa, pb;

			load_half(&ops, s.in, 1, 32);
			a = ofrsqrta(&hi, true, &pa, &ops.o[0]);
			load_half(&ops, s.in, 1, 0);
			b = ofrsqrta(&lo, true, &pb, &ops.o[0]);
			want.event = oevent_pair(&hi, &lo, s.sf, &want.fpsr);
			if (!(want.event & IA64_FP_FAULT)) {
				want.f1 = pair_of(osingle(a), osingle(b));
				want.p2 = pa && pb;
			}
		}
		got.event = ia64_fprsqrta(&got.fpsr, s.sf, &got.f1, &got.p2, s.in[0]);
		check(&s, &got, &want);
		count(&c, &want, s.fpsr, s.sf);
	}
	report("fprsqrta", &c);
	operands_free(&ops);
}

/* The relative errors of SDM 3:2 "frcpa" and "frsqrta": below 2^-8.886 and 2^-8.831. */
static void test_recip_tables(void **state)
{
	double worst = 0, worst_root = 0;

	for (unsigned i = 0; i < 512; i++) {
		/* Both ends of each interval of the tables. */
		uint64_t end = i & 1 ? UINT64_MAX >> 9 : 0;
		struct ia64_fr d = { 1ull << 63 | (uint64_t)(i >> 1) << 55 | end, 0xffff, 0 }, y;
		uint64_t fpsr = 0x3f, fpsr_root = 0x3f;
		bool p2 = false;
		double x, err;

		assert_int_equal(ia64_frcpa(&fpsr, 1, &y, &p2, IA64_FR_ONE, d), 0);
		assert_true(p2);
		assert_int_equal(y.sig >> 53, orecip_entry(false, i >> 1));
		x = (double)d.sig * 0x1p-63 * (double)y.sig * 0x1p-64;
		err = x < 1 ? 1 - x : x - 1;
		worst = err > worst ? err : worst;

		end = i & 1 ? UINT64_MAX >> 8 : 0;
		d.sig = 1ull << 63 | (uint64_t)(i >> 1 & 127) << 56 | end;
		d.se = i >> 8 ? 0xffff : 0x10000;
		assert_int_equal(ia64_frsqrta(&fpsr_root, 1, &y, &p2, d), 0);
		assert_true(p2);
		assert_int_equal(y.sig >> 53, orecip_entry(true, i >> 1));
		x = (double)y.sig * 0x1p-64;
		x = x * x * (double)d.sig * 0x1p-63 * (d.se == 0xffff ? 1 : 2);
		/* |1 - sqrt(x)| to the second order. */
		err = (1 - x) / 2 + (1 - x) * (1 - x) / 8;
		err = err < 0 ? -err : err;
		worst_root = err > worst_root ? err : worst_root;
	}
	assert_true(worst < 0.002114 && worst > 0.0021);	/* 2^-8.886 = 0.0021137 */
	assert_true(worst_root < 0.002197 && worst_root > 0.0021);	/* 2^-8.831 = 0.0021958 */
}

static struct ia64_fr step(uint64_t *fpsr, unsigned sf, enum ia64_fp_pc pc, enum ia64_fma_op op,
			   struct ia64_fr f3, struct ia64_fr f4, const struct ia64_fr *f2)
{
	struct ia64_fr f1 = untouched;

	assert_int_equal(ia64_fma(fpsr, sf, pc, op, &f1, f3, f4, f2), 0);
	return f1;
}

/*
 * A double-precision quotient as compilers make it: frcpa, then iterations in sf1 with the widest
 * range and extended precision, and one last step in sf0. It must equal the host's, and sf0 must
 * have I exactly when the quotient is inexact.
 */
static void test_divide(void **state)
{
	struct rng r = { 0x100e };
	uint64_t approximated = 0, cases = 0;

	for (uint64_t i = 0; i < 500000 * scale(); i++, cases++) {
		uint64_t ua = rnd(&r), ub = rnd(&r), fpsr = IA64_FPSR_DEFAULT, got, want;
		struct ia64_fr a, b, y, q, e, q1, e1, y1, q2, e2, y2, q3, y3, rem;
		const struct ia64_fr one = IA64_FR_ONE;
		bool p2 = false;
		double da, db, dq;

		if (rnd_below(&r, 4)) {
			ua &= 0x800fffffffffffffull;
			ua |= (uint64_t)(1000 + rnd_below(&r, 46)) << 52;
			ub &= 0x800fffffffffffffull;
			ub |= (uint64_t)(1000 + rnd_below(&r, 46)) << 52;
		}
		if (rnd_below(&r, 4) == 0)
			ub &= 0xfff0000000000000ull | rnd(&r) << 44;
		memcpy(&da, &ua, 8);
		memcpy(&db, &ub, 8);
		a = ia64_fr_from_double(ua);
		b = ia64_fr_from_double(ub);
		assert_int_equal(ia64_frcpa(&fpsr, 0, &y, &p2, a, b), 0);
		if (!p2) {
			q = y;
		} else {
			q = step(&fpsr, 1, IA64_PC_DYNAMIC, IA64_FMA, a, y, NULL);
			e = step(&fpsr, 1, IA64_PC_DYNAMIC, IA64_FNMA, b, y, &one);
			q1 = step(&fpsr, 1, IA64_PC_DYNAMIC, IA64_FMA, e, q, &q);
			e1 = step(&fpsr, 1, IA64_PC_DYNAMIC, IA64_FMA, e, e, NULL);
			y1 = step(&fpsr, 1, IA64_PC_DYNAMIC, IA64_FMA, e, y, &y);
			q2 = step(&fpsr, 1, IA64_PC_DYNAMIC, IA64_FMA, e1, q1, &q1);
			e2 = step(&fpsr, 1, IA64_PC_DYNAMIC, IA64_FMA, e1, e1, NULL);
			y2 = step(&fpsr, 1, IA64_PC_DYNAMIC, IA64_FMA, e1, y1, &y1);
			q3 = step(&fpsr, 1, IA64_PC_D, IA64_FMA, e2, q2, &q2);
			y3 = step(&fpsr, 1, IA64_PC_DYNAMIC, IA64_FMA, e2, y2, &y2);
			rem = step(&fpsr, 1, IA64_PC_D, IA64_FNMA, b, q3, &a);
			q = step(&fpsr, 0, IA64_PC_D, IA64_FMA, rem, y3, &q3);
			approximated++;
		}
		dq = da / db;
		memcpy(&want, &dq, 8);
		got = ia64_fr_to_double(q);
		if (dq != dq) {
			/* NaNs: which one is each machine's own affair. */
			assert_true((got & 0x7ff8000000000000ull) == 0x7ff8000000000000ull);
			continue;
		}
		if (got != want) {
			print_error("%a / %a: got %016" PRIx64 ", want %016" PRIx64 "\n", da, db,
				    got, want);
			fail();
		}
		/* The remainder is exact where nothing is near the ends of the range. */
		if ((want >> 52 & 0x7ff) > 60 && (want >> 52 & 0x7ff) < 0x7ff &&
		    (ua >> 52 & 0x7ff) > 120)
			assert_int_equal(fpsr >> 18 & 1, fma(dq, db, -da) != 0);
	}
	print_message("division by iteration: %" PRIu64 " cases, %" PRIu64 " iterated\n", cases,
		      approximated);
}

/* ---- Comparisons ---- */

static void test_fcmp(void **state)
{
	struct operands ops = operands_make();
	struct rng r = { 0x1009 };
	struct counts c = { 0 };

	for (uint64_t i = 0; i < 300000 * scale(); i++) {
		struct scene s = { "fcmp", gen_fpsr(&r), rnd_below(&r, 4), rnd_below(&r, 8), 0,
				   { gen_fr(&r), gen_fr(&r), { 0, 0, 0 } } };
		struct oenv e = oenv_of(s.fpsr, s.sf, 0, false);
		struct outcome want = outcome_init(s.fpsr), got = want;

		if (rnd_below(&r, 3) == 0) {
			/* Equal, or nearly, perhaps in another representation. */
			int shift = rnd_below(&r, 3);

			s.in[1] = s.in[0];
			if (!(s.in[0].sig & 7) && (s.in[0].se & 0x1ffff) > 1 &&
			    (s.in[0].se & 0x1ffff) < 0x1fff0)
				s.in[1] = ia64_fr_make(s.in[0].sig >> shift, s.in[0].se + shift);
			s.in[1].sig += (uint64_t)(int64_t)rnd_between(&r, -1, 1);
			s.in[1].se ^= rnd(&r) & rnd(&r) & 0x20000;
		}
		if (any_natval(s.in, 2)) {
			want.p1 = want.p2 = false;
		} else {
			bool rel;

			load_scalar(&ops, s.in, 2);
			rel = orelated(&e, s.op, &ops.o[0], &ops.o[1]);
			want.event = oevent(&e, s.sf, &want.fpsr);
			if (!(want.event & IA64_FP_FAULT)) {
				want.p1 = rel;
				want.p2 = !rel;
			}
		}
		got.event = ia64_fcmp(&got.fpsr, s.sf, s.op, &got.p1, &got.p2, s.in[0], s.in[1]);
		check(&s, &got, &want);
		count(&c, &want, s.fpsr, s.sf);
	}
	report("fcmp, all relations", &c);
	operands_free(&ops);
}

static void test_fpcmp(void **state)
{
	struct operands ops = operands_make();
	struct rng r = { 0x100a };
	struct counts c = { 0 };

	for (uint64_t i = 0; i < 300000 * scale(); i++) {
		struct scene s = { "fpcmp", gen_fpsr(&r), rnd_below(&r, 4), rnd_below(&r, 8), 0,
				   { gen_pair(&r), gen_pair(&r), { 0, 0, 0 } } };
		struct oenv hi = oenv_of(s.fpsr, s.sf, 0, true), lo = hi;
		struct outcome want = outcome_init(s.fpsr), got = want;

		if (rnd_below(&r, 3) == 0)
			s.in[1].sig = s.in[0].sig ^ (rnd(&r) & rnd(&r) & 0x8000000180000001ull);
		if (any_natval(s.in, 2)) {
			want.f1 = IA64_FR_NATVAL;
		} else {
			bool a, b;

			load_half(&ops, s.in, 2, 32);
			a = orelated(&hi, s.op, &ops.o[0], &ops.o[1]);
			load_half(&ops, s.in, 2, 0);
			b = orelated(&lo, s.op, &ops.o[0], &ops.o[1]);
			want.event = oevent_pair(&hi, &lo, s.sf, &want.fpsr);
			if (!(want.event & IA64_FP_FAULT))
				want.f1 = pair_of(a ? 0xffffffff : 0, b ? 0xffffffff : 0);
		}
		got.event = ia64_fpcmp(&got.fpsr, s.sf, s.op, &got.f1, s.in[0], s.in[1]);
		check(&s, &got, &want);
		count(&c, &want, s.fpsr, s.sf);
	}
	report("fpcmp, all relations", &c);
	operands_free(&ops);
}

static void test_fminmax(void **state)
{
	struct operands ops = operands_make();
	struct rng r = { 0x100b };
	struct counts c = { 0 }, cp = { 0 };

	for (uint64_t i = 0; i < 250000 * scale(); i++) {
		struct scene s = { "fmin/fmax", gen_fpsr(&r), rnd_below(&r, 4), rnd_below(&r, 4),
				   0, { gen_fr(&r), gen_fr(&r), { 0, 0, 0 } } };
		struct oenv e = oenv_of(s.fpsr, s.sf, 0, false);
		struct outcome want = outcome_init(s.fpsr), got = want;

		if (rnd_below(&r, 3) == 0) {
			s.in[1] = s.in[0];
			s.in[1].se ^= rnd(&r) & 0x20000;
			s.in[1].sig += (uint64_t)(int64_t)rnd_between(&r, -1, 1);
		}
		if (any_natval(s.in, 2)) {
			want.f1 = IA64_FR_NATVAL;
		} else {
			bool first;

			load_scalar(&ops, s.in, 2);
			first = ofirst(&e, s.op, &ops.o[0], &ops.o[1]);
			want.event = oevent(&e, s.sf, &want.fpsr);
			if (!(want.event & IA64_FP_FAULT))
				want.f1 = s.in[!first];
		}
		got.event = ia64_fminmax(&got.fpsr, s.sf, s.op, &got.f1, s.in[0], s.in[1]);
		check(&s, &got, &want);
		count(&c, &want, s.fpsr, s.sf);
	}
	report("fmin, fmax, famin, famax", &c);
	for (uint64_t i = 0; i < 250000 * scale(); i++) {
		struct scene s = { "fpmin/fpmax", gen_fpsr(&r), rnd_below(&r, 4), rnd_below(&r, 4),
				   0, { gen_pair(&r), gen_pair(&r), { 0, 0, 0 } } };
		struct oenv hi = oenv_of(s.fpsr, s.sf, 0, true), lo = hi;
		struct outcome want = outcome_init(s.fpsr), got = want;

		if (rnd_below(&r, 3) == 0)
			s.in[1].sig = s.in[0].sig ^ (rnd(&r) & rnd(&r) & 0x8000000180000001ull);
		if (any_natval(s.in, 2)) {
			want.f1 = IA64_FR_NATVAL;
		} else {
			bool a, b;

			load_half(&ops, s.in, 2, 32);
			a = ofirst(&hi, s.op, &ops.o[0], &ops.o[1]);
			load_half(&ops, s.in, 2, 0);
			b = ofirst(&lo, s.op, &ops.o[0], &ops.o[1]);
			want.event = oevent_pair(&hi, &lo, s.sf, &want.fpsr);
			if (!(want.event & IA64_FP_FAULT))
				want.f1 = pair_of(s.in[!a].sig >> 32, s.in[!b].sig);
		}
		got.event = ia64_fpminmax(&got.fpsr, s.sf, s.op, &got.f1, s.in[0], s.in[1]);
		check(&s, &got, &want);
		count(&cp, &want, s.fpsr, s.sf);
	}
	report("fpmin, fpmax, fpamin, fpamax", &cp);
	operands_free(&ops);
}

/* ---- Conversions ---- */

static void test_fcvt_fx(void **state)
{
	struct operands ops = operands_make();
	struct rng r = { 0x100c };
	struct counts c = { 0 }, cp = { 0 };

	for (uint64_t i = 0; i < 400000 * scale(); i++) {
		struct scene s = { "fcvt.fx", gen_fpsr(&r), rnd_below(&r, 4), rnd_below(&r, 4), 0,
				   { gen_fr(&r), { 0, 0, 0 }, { 0, 0, 0 } } };
		struct oenv e = oenv_of(s.fpsr, s.sf, 0, false);
		struct outcome want = outcome_init(s.fpsr), got = want;

		if (rnd(&r) & 1)	/* around the bounds and around zero */
			s.in[0].se = (s.in[0].se & 0x20000) |
				     (0xffff + (uint32_t)rnd_between(&r, rnd(&r) & 1 ? 58 : -3,
								     rnd(&r) & 1 ? 66 : 64));
		if (any_natval(s.in, 1)) {
			want.f1 = IA64_FR_NATVAL;
		} else {
			uint64_t v;

			load_scalar(&ops, s.in, 1);
			v = ofcvt(&e, s.op, 64, &ops.o[0]);
			want.event = oevent(&e, s.sf, &want.fpsr);
			if (!(want.event & IA64_FP_FAULT))
				want.f1 = (struct ia64_fr){ v, 0x1003e, 0 };
		}
		got.event = ia64_fcvt_fx(&got.fpsr, s.sf, s.op, &got.f1, s.in[0]);
		check(&s, &got, &want);
		count(&c, &want, s.fpsr, s.sf);
	}
	report("fcvt.fx[u][.trunc]", &c);
	for (uint64_t i = 0; i < 300000 * scale(); i++) {
		struct scene s = { "fpcvt.fx", gen_fpsr(&r), rnd_below(&r, 4), rnd_below(&r, 4), 0,
				   { gen_pair(&r), { 0, 0, 0 }, { 0, 0, 0 } } };
		struct oenv hi = oenv_of(s.fpsr, s.sf, 0, true), lo = hi;
		struct outcome want = outcome_init(s.fpsr), got = want;

		if (any_natval(s.in, 1)) {
			want.f1 = IA64_FR_NATVAL;
		} else {
			uint64_t a, b;

			load_half(&ops, s.in, 1, 32);
			a = ofcvt(&hi, s.op, 32, &ops.o[0]);
			load_half(&ops, s.in, 1, 0);
			b = ofcvt(&lo, s.op, 32, &ops.o[0]);
			want.event = oevent_pair(&hi, &lo, s.sf, &want.fpsr);
			if (!(want.event & IA64_FP_FAULT))
				want.f1 = pair_of(a, b);
		}
		got.event = ia64_fpcvt_fx(&got.fpsr, s.sf, s.op, &got.f1, s.in[0]);
		check(&s, &got, &want);
		count(&cp, &want, s.fpsr, s.sf);
	}
	report("fpcvt.fx[u][.trunc]", &cp);
	operands_free(&ops);
}

static void test_fcvt_xf(void **state)
{
	struct rng r = { 0x100d };
	struct counts c = { 0 };
	mpfr_t x;

	mpfr_init2(x, 64);
	for (uint64_t i = 0; i < 200000 * scale(); i++) {
		uint64_t v = rnd_below(&r, 50) ? rnd(&r) >> rnd_below(&r, 64) : 1ull << 63;
		struct scene s = { "fcvt.xf", 0, 0, 0, 0,
				   { { 0, gen_exp(&r), 0 }, { 0, 0, 0 }, { 0, 0, 0 } } };
		struct outcome want = outcome_init(0), got = want;

		s.in[0].sig = rnd(&r) & 1 ? v : -v;
		mpfr_set_si(x, (int64_t)s.in[0].sig, MPFR_RNDN);
		if (any_natval(s.in, 1)) {
			want.f1 = IA64_FR_NATVAL;
		} else if (mpfr_zero_p(x)) {
			want.f1 = IA64_FR_ZERO;
		} else {
			long exp = mpfr_get_exp(x) - 1;

			want.f1 = (struct ia64_fr){ osig(x, exp), (uint32_t)(exp + 65535) |
						    (mpfr_signbit(x) ? 0x20000 : 0), 0 };
		}
		got.f1 = ia64_fcvt_xf(s.in[0]);
		check(&s, &got, &want);
		count(&c, &want, 0, 0);
	}
	report("fcvt.xf", &c);
	mpfr_clear(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fma),
		cmocka_unit_test(test_fma_edges),
		cmocka_unit_test(test_fma_short),
		cmocka_unit_test(test_fpma),
		cmocka_unit_test(test_host_fpu),
		cmocka_unit_test(test_frcpa),
		cmocka_unit_test(test_fprcpa),
		cmocka_unit_test(test_frsqrta),
		cmocka_unit_test(test_fprsqrta),
		cmocka_unit_test(test_recip_tables),
		cmocka_unit_test(test_divide),
		cmocka_unit_test(test_fcmp),
		cmocka_unit_test(test_fpcmp),
		cmocka_unit_test(test_fminmax),
		cmocka_unit_test(test_fcvt_fx),
		cmocka_unit_test(test_fcvt_xf),
	};

	return cmocka_run_group_tests_name("floating point against MPFR", tests, NULL, NULL);
}
