/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the floating-point tests share: a second opinion on every arithmetic instruction, written
 * from the manual with MPFR, and a generator of random and directed operands.
 *
 * Nothing here uses the code under test but for the types and constants of its public header.
 */
#ifndef TEST_FP_ORACLE_H
#define TEST_FP_ORACLE_H

#include <inttypes.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ia64/fp.h"

/* ---- Random numbers: xorshift, seeded the same in every run ---- */

struct rng {
	uint64_t s;
};

static inline uint64_t rnd(struct rng *r)
{
	r->s ^= r->s << 13;
	r->s ^= r->s >> 7;
	r->s ^= r->s << 17;
	return r->s * 0x2545f4914f6cdd1dull;
}

static inline unsigned rnd_below(struct rng *r, unsigned n)
{
	return (unsigned)((rnd(r) >> 32) * n >> 32);
}

static inline int rnd_between(struct rng *r, int lo, int hi)
{
	return lo + (int)rnd_below(r, (unsigned)(hi - lo + 1));
}

/* ---- Operands ---- */

enum { K_NUM, K_INF, K_QNAN, K_SNAN, K_UNSUPPORTED, K_NATVAL };

struct operand {
	int kind;
	bool sign, unnormal, true_zero;
	uint64_t sig;		/* register significand, for NaNs */
	mpfr_t v;		/* K_NUM and K_INF */
};

static inline void operand_init(struct operand *o)
{
	mpfr_init2(o->v, 64);
}

static inline void operand_clear(struct operand *o)
{
	mpfr_clear(o->v);
}

/* SDM 1:5.1.2 and table 5-2. */
static inline void operand_register(struct operand *o, struct ia64_fr f)
{
	long exp = f.se & 0x1ffff;

	o->sign = f.se >> 17 & 1;
	o->sig = f.sig;
	o->unnormal = false;
	o->true_zero = false;
	o->kind = K_NUM;
	if (exp == 0x1ffff) {
		if (f.sig < 0x8000000000000000ull)
			o->kind = K_UNSUPPORTED;
		else if (f.sig == 0x8000000000000000ull)
			o->kind = K_INF;
		else
			o->kind = f.sig < 0xc000000000000000ull ? K_SNAN : K_QNAN;
		mpfr_set_inf(o->v, o->sign ? -1 : 1);
		return;
	}
	if (f.se == 0x1fffe && !f.sig) {
		o->kind = K_NATVAL;
		return;
	}
	o->true_zero = !exp && !f.sig;
	o->unnormal = !o->true_zero && !(exp && f.sig >> 63);
	mpfr_set_ui_2exp(o->v, f.sig, (exp ? exp - 65535 : -16382) - 63, MPFR_RNDN);
	mpfr_setsign(o->v, o->v, o->sign, MPFR_RNDN);
}

static inline void operand_single(struct operand *o, uint32_t s)
{
	uint32_t exp = s >> 23 & 0xff, frac = s & 0x7fffff;

	o->sign = s >> 31;
	o->sig = 0x8000000000000000ull | (uint64_t)frac << 40;
	o->unnormal = !exp && frac;
	o->true_zero = !exp && !frac;
	o->kind = K_NUM;
	if (exp == 0xff) {
		o->kind = !frac ? K_INF : frac >> 22 ? K_QNAN : K_SNAN;
		mpfr_set_inf(o->v, o->sign ? -1 : 1);
		return;
	}
	if (exp)
		mpfr_set_ui_2exp(o->v, frac | 0x800000, (long)exp - 127 - 23, MPFR_RNDN);
	else
		mpfr_set_ui_2exp(o->v, frac, -126 - 23, MPFR_RNDN);
	mpfr_setsign(o->v, o->v, o->sign, MPFR_RNDN);
}

/* ---- The environment ---- */

struct oenv {
	uint32_t enabled, flags, fault, trap;
	mpfr_rnd_t rc;
	bool ftz;
	int prec;
	long emin, emax;
	uint32_t denormal_se;
};

/* `parallel` or the completer `pc` selects the format: SDM 1:5.2, table 5-6. */
static inline struct oenv oenv_of(uint64_t fpsr, unsigned sf, int pc, bool parallel)
{
	static const mpfr_rnd_t rcs[4] = { MPFR_RNDN, MPFR_RNDD, MPFR_RNDU, MPFR_RNDZ };
	uint32_t s = fpsr >> (6 + 13 * sf) & 0x1fff;
	struct oenv e = { .rc = rcs[s >> 4 & 3], .ftz = s & 1 };
	int bits = 15;

	e.enabled = sf && s & 0x40 ? 0 : ~(uint32_t)fpsr & 0x3f;
	e.prec = (s >> 2 & 3) == 0 ? 24 : (s >> 2 & 3) == 2 ? 53 : 64;
	if (s & 2)
		bits = 17;
	if (pc == IA64_PC_S) {
		e.prec = 24;
		bits = s & 2 ? 17 : 8;
	}
	if (pc == IA64_PC_D) {
		e.prec = 53;
		bits = s & 2 ? 17 : 11;
	}
	if (parallel) {
		e.prec = 24;
		bits = 8;
	}
	e.emax = (1l << (bits - 1)) - 1;
	e.emin = 1 - e.emax;
	e.denormal_se = bits == 15 ? 0 : (uint32_t)(e.emin + 65535);
	return e;
}

static inline bool osignal(struct oenv *e, uint32_t x)
{
	if (e->enabled & x)
		e->fault |= x;
	else
		e->flags |= x;
	return e->fault;
}

/* ---- Results ---- */

enum { R_NUM, R_DENORMAL, R_ZERO, R_INF, R_NAN };

struct oresult {
	int kind;
	bool sign;
	uint64_t sig;
	long exp;
};

static inline struct oresult onan(const struct operand *o)
{
	return (struct oresult){ R_NAN, o->sign, o->sig | 0x4000000000000000ull, 0 };
}

static inline struct oresult oindefinite(void)
{
	return (struct oresult){ R_NAN, true, 0xc000000000000000ull, 0 };
}

static inline struct oresult oinf(bool sign)
{
	return (struct oresult){ R_INF, sign, 0x8000000000000000ull, 0 };
}

static inline struct oresult ozero(bool sign)
{
	return (struct oresult){ R_ZERO, sign, 0, 0 };
}

static inline struct ia64_fr oregister(const struct oenv *e, struct oresult r)
{
	uint32_t se = 0;

	if (r.kind == R_NUM)
		se = (uint32_t)(r.exp + 65535) & 0x1ffff;
	else if (r.kind == R_DENORMAL)
		se = e->denormal_se;
	else if (r.kind != R_ZERO)
		se = 0x1ffff;
	return (struct ia64_fr){ r.sig, se | (r.sign ? 0x20000 : 0), 0 };
}

static inline uint32_t osingle(struct oresult r)
{
	uint32_t exp = r.kind == R_NUM ? (uint32_t)(r.exp + 127) & 0xff :
		       r.kind == R_DENORMAL || r.kind == R_ZERO ? 0 : 0xff;

	return (uint32_t)r.sign << 31 | exp << 23 | (r.sig >> 40 & 0x7fffff);
}

/* |x| * 2^(63 - exp), which must be an integer. */
static inline uint64_t osig(mpfr_t x, long exp)
{
	mpfr_t t;
	uint64_t sig;

	mpfr_init2(t, 64);
	mpfr_mul_2si(t, x, 63 - exp, MPFR_RNDN);
	mpfr_abs(t, t, MPFR_RNDN);
	if (!mpfr_integer_p(t))
		abort();
	sig = mpfr_get_ui(t, MPFR_RNDZ);
	mpfr_clear(t);
	return sig;
}

/* Signals what an inexact result signals; fpa tells that its magnitude is too great. */
static inline void oinexact(struct oenv *e, bool fpa, bool always)
{
	e->flags |= 0x20;
	if (always || e->enabled & 0x20)
		e->trap |= 0x2000 | (fpa ? 0x4000 : 0);
}

/* Rounds a non-zero x that has the bits of the exact result and a sticky bit below bit 130. */
static inline struct oresult oround(struct oenv *e, mpfr_t x)
{
	struct oresult r = { .sign = mpfr_signbit(x) };
	mpfr_t y;
	bool inexact, fpa;
	long exact_exp = mpfr_get_exp(x) - 1, q;

	mpfr_init2(y, e->prec);
	inexact = mpfr_set(y, x, e->rc) != 0;
	fpa = mpfr_cmpabs(y, x) > 0;
	r.exp = mpfr_get_exp(y) - 1;
	r.kind = R_NUM;
	r.sig = osig(y, r.exp);
	if (r.exp > e->emax) {
		e->flags |= 0x08;
		if (e->enabled & 0x08) {
			e->trap |= 0x0800;
			if (inexact)
				oinexact(e, fpa, true);
		} else if (e->rc == MPFR_RNDN || e->rc == (r.sign ? MPFR_RNDD : MPFR_RNDU)) {
			r = oinf(r.sign);
			oinexact(e, true, false);
		} else {
			r.exp = e->emax;
			r.sig = UINT64_MAX << (64 - e->prec);
			oinexact(e, false, false);
		}
	} else if (r.exp < e->emin && e->enabled & 0x10) {
		e->flags |= 0x10;
		e->trap |= 0x1000;
		if (inexact)
			oinexact(e, fpa, true);
	} else if (r.exp < e->emin && e->ftz) {
		e->flags |= 0x10;
		r = ozero(r.sign);
		oinexact(e, false, false);
	} else if (r.exp < e->emin) {
		/* A denormal is the exact value rounded to fewer bits. */
		q = e->prec - (e->emin - exact_exp);
		if (q >= 1) {
			mpfr_set_prec(y, q);
			mpfr_set(y, x, e->rc);
		} else {
			/* Between 0 and the least denormal. */
			bool away = e->rc == (r.sign ? MPFR_RNDD : MPFR_RNDU);

			mpfr_set_prec(y, 2);
			mpfr_set_ui_2exp(y, 1, e->emin - e->prec, MPFR_RNDN);
			if (e->rc == MPFR_RNDN && mpfr_cmpabs(x, y) > 0)
				away = true;
			mpfr_set_ui_2exp(y, away, e->emin - e->prec + 1, MPFR_RNDN);
			mpfr_setsign(y, y, r.sign, MPFR_RNDN);
		}
		if (mpfr_cmpabs(y, x)) {
			e->flags |= 0x10;
			oinexact(e, mpfr_cmpabs(y, x) > 0, false);
		}
		r.sig = mpfr_zero_p(y) ? 0 : osig(y, e->emin);
		r.exp = e->emin;
		r.kind = !r.sig ? R_ZERO : r.sig >> 63 ? R_NUM : R_DENORMAL;
	} else if (inexact) {
		oinexact(e, fpa, false);
	}
	mpfr_clear(y);
	return r;
}

/* Adds to y, truncated to 140 bits with ternary value t, a sticky bit; x has 160 bits. */
static inline void osticky(mpfr_t x, mpfr_t y, int t)
{
	mpfr_t u;

	mpfr_set(x, y, MPFR_RNDN);
	if (!t)
		return;
	mpfr_init2(u, 2);
	mpfr_set_ui_2exp(u, 1, mpfr_get_exp(y) - 145, MPFR_RNDN);
	mpfr_setsign(u, u, mpfr_signbit(y), MPFR_RNDN);
	mpfr_add(x, x, u, MPFR_RNDN);
	mpfr_clear(u);
}

static inline bool is_nan_kind(int kind)
{
	return kind == K_QNAN || kind == K_SNAN;
}

/* fma, fms, fnma on operands none of which is NaTVal. o2 is not added if `has` is false. */
static inline struct oresult ofma(struct oenv *e, int op, struct operand *o3, struct operand *o4,
				  struct operand *o2, bool has)
{
	struct operand *order[3] = { o4, o2, o3 };
	bool psign = (o3->sign != o4->sign) != (op == IA64_FNMA);
	bool asign = o2->sign != (op == IA64_FMS);
	bool pinf = o3->kind == K_INF || o4->kind == K_INF;
	struct oresult r;
	mpfr_t a, c, y, x;
	int t;

	if (o3->kind == K_UNSUPPORTED || o4->kind == K_UNSUPPORTED || o2->kind == K_UNSUPPORTED) {
		osignal(e, IA64_FP_V);
		return oindefinite();
	}
	if (o3->kind == K_SNAN || o4->kind == K_SNAN || o2->kind == K_SNAN)
		osignal(e, IA64_FP_V);
	for (int i = 0; i < 3; i++)
		if (is_nan_kind(order[i]->kind))
			return onan(order[i]);
	if ((pinf && (o3->true_zero || o4->true_zero)) ||
	    (pinf && o2->kind == K_INF && psign != asign)) {
		osignal(e, IA64_FP_V);
		return oindefinite();
	}
	if (o3->unnormal || o4->unnormal || o2->unnormal)
		osignal(e, IA64_FP_D);
	if (pinf)
		return oinf(psign);
	if (o2->kind == K_INF)
		return oinf(asign);

	mpfr_inits2(64, a, c, (mpfr_ptr)0);
	mpfr_init2(y, 140);
	mpfr_init2(x, 160);
	mpfr_setsign(a, o3->v, o3->sign != (op == IA64_FNMA), MPFR_RNDN);
	mpfr_setsign(c, o2->v, asign, MPFR_RNDN);
	t = has ? mpfr_fma(y, a, o4->v, c, MPFR_RNDZ) : mpfr_mul(y, a, o4->v, MPFR_RNDZ);
	if (mpfr_zero_p(y)) {
		if (has)
			mpfr_fma(y, a, o4->v, c, e->rc);
		r = ozero(mpfr_signbit(y));
	} else {
		osticky(x, y, t);
		r = oround(e, x);
	}
	mpfr_clears(a, c, y, x, (mpfr_ptr)0);
	return r;
}

/* The table entries of fp_ieee_recip and fp_ieee_recip_sqrt, as 11-bit significands. */
static inline uint64_t orecip_entry(bool root, unsigned index)
{
	mpfr_t x;
	uint64_t entry;

	mpfr_init2(x, 200);
	if (root) {
		mpfr_set_ui(x, 2 * (128 + (index & 127)) + 1, MPFR_RNDN);
		mpfr_div_ui(x, x, index >> 7 ? 256 : 128, MPFR_RNDN);
		mpfr_rec_sqrt(x, x, MPFR_RNDN);
	} else {
		mpfr_set_ui(x, 2 * (256 + index) + 1, MPFR_RNDN);
		mpfr_ui_div(x, 512, x, MPFR_RNDN);
	}
	mpfr_mul_ui(x, x, 2048, MPFR_RNDN);
	mpfr_rint(x, x, MPFR_RNDN);
	entry = mpfr_get_ui(x, MPFR_RNDN);
	mpfr_clear(x);
	return entry;
}

static inline struct oresult orecip(mpfr_t den)
{
	long exp = mpfr_get_exp(den) - 1;
	unsigned index = osig(den, exp) >> 55 & 0xff;

	return (struct oresult){ R_NUM, mpfr_signbit(den), orecip_entry(false, index) << 53,
				 -1 - exp };
}

static inline struct oresult oroot(mpfr_t v)
{
	long exp = mpfr_get_exp(v) - 1, biased = exp + 65535;
	unsigned index = (unsigned)(biased & 1) << 7 | (osig(v, exp) >> 56 & 0x7f);
	long half = biased & 1 ? exp / 2 : (exp - 1) / 2;

	return (struct oresult){ R_NUM, false, orecip_entry(true, index) << 53, -1 - half };
}

/* frcpa, and a half of fprcpa if `parallel`. */
static inline struct oresult ofrcpa(struct oenv *e, bool parallel, bool *p2, struct operand *n,
				    struct operand *d)
{
	bool sign = n->sign != d->sign;
	bool nzero = n->kind == K_NUM && mpfr_zero_p(n->v);
	bool dzero = d->kind == K_NUM && mpfr_zero_p(d->v);
	long emin = parallel ? -126 : -65534, emax = parallel ? 127 : 65535;
	long prec = parallel ? 24 : 64, en, ed;
	struct oresult r;
	mpfr_t y, x;
	int t;

	*p2 = false;
	if (n->kind == K_UNSUPPORTED || d->kind == K_UNSUPPORTED) {
		osignal(e, IA64_FP_V);
		return oindefinite();
	}
	if (n->kind == K_SNAN || d->kind == K_SNAN)
		osignal(e, IA64_FP_V);
	if (is_nan_kind(n->kind))
		return onan(n);
	if (is_nan_kind(d->kind))
		return onan(d);
	if ((n->kind == K_INF && d->kind == K_INF) || (nzero && dzero)) {
		osignal(e, IA64_FP_V);
		return oindefinite();
	}
	if (n->kind == K_NUM && dzero) {
		osignal(e, IA64_FP_Z);
		return oinf(sign);
	}
	if (n->unnormal || d->unnormal)
		osignal(e, IA64_FP_D);
	if (n->kind == K_INF)
		return oinf(sign);
	if (nzero || d->kind == K_INF)
		return ozero(sign);
	en = mpfr_get_exp(n->v) - 1;
	ed = mpfr_get_exp(d->v) - 1;
	if (parallel && ed < emin)
		return oinf(d->sign);
	if (parallel && ed >= emax - 2)
		return ozero(d->sign);
	*p2 = ed >= emin && ed < emax - 2 && en - ed < emax && en - ed > emin + 1 &&
	      en > emin + prec - 1;
	if (*p2 || parallel)
		return orecip(d->v);
	mpfr_init2(y, 140);
	mpfr_init2(x, 160);
	t = mpfr_div(y, n->v, d->v, MPFR_RNDZ);
	osticky(x, y, t);
	r = oround(e, x);
	mpfr_clears(x, y, (mpfr_ptr)0);
	return r;
}

static inline struct oresult ofrsqrta(struct oenv *e, bool parallel, bool *p2, struct operand *o)
{
	long emin = parallel ? -126 : -65534, prec = parallel ? 24 : 64;
	bool zero = o->kind == K_NUM && mpfr_zero_p(o->v);
	struct oresult r;
	mpfr_t y, x;
	int t;

	*p2 = false;
	if (o->kind == K_UNSUPPORTED) {
		osignal(e, IA64_FP_V);
		return oindefinite();
	}
	if (is_nan_kind(o->kind)) {
		if (o->kind == K_SNAN)
			osignal(e, IA64_FP_V);
		return onan(o);
	}
	if (o->sign && !zero) {
		osignal(e, IA64_FP_V);
		return oindefinite();
	}
	if (o->unnormal)
		osignal(e, IA64_FP_D);
	if (zero)
		return parallel ? oinf(o->sign) : ozero(o->sign);
	if (o->kind == K_INF)
		return parallel ? ozero(false) : oinf(false);
	*p2 = mpfr_get_exp(o->v) - 1 > emin + prec - 1;
	if (*p2 || parallel)
		return oroot(o->v);
	mpfr_init2(y, 140);
	mpfr_init2(x, 160);
	t = mpfr_sqrt(y, o->v, MPFR_RNDZ);
	osticky(x, y, t);
	r = oround(e, x);
	mpfr_clears(x, y, (mpfr_ptr)0);
	return r;
}

/* -1, 0, 1, or 2 for unordered; signals V and D. */
static inline int ocompare(struct oenv *e, bool quiet, bool absolute, struct operand *a,
			   struct operand *b)
{
	int c;

	if (a->kind >= K_QNAN || b->kind >= K_QNAN) {
		if (!quiet || a->kind >= K_SNAN || b->kind >= K_SNAN)
			osignal(e, IA64_FP_V);
		return 2;
	}
	if (a->unnormal || b->unnormal)
		osignal(e, IA64_FP_D);
	c = absolute ? mpfr_cmpabs(a->v, b->v) : mpfr_cmp(a->v, b->v);
	return (c > 0) - (c < 0);
}

static inline bool orelation(int rel, int c)
{
	const char *holds[8] = { "nynn", "ynnn", "yynn", "nnny", "ynyy", "nyyy", "nnyy", "yyyn" };

	return holds[rel][c + 1] == 'y';
}

static inline bool orelated(struct oenv *e, int rel, struct operand *a, struct operand *b)
{
	bool quiet = rel == IA64_REL_EQ || rel == IA64_REL_UNORD || rel == IA64_REL_NEQ ||
		     rel == IA64_REL_ORD;

	return orelation(rel, ocompare(e, quiet, false, a, b));
}

static inline bool ofirst(struct oenv *e, int op, struct operand *a, struct operand *b)
{
	int c = ocompare(e, false, op >= IA64_FAMIN, a, b);

	return c == (op == IA64_FMIN || op == IA64_FAMIN ? -1 : 1);
}

static inline uint64_t ofcvt(struct oenv *e, unsigned form, unsigned bits, struct operand *o)
{
	mpfr_t y, lo, hi;
	uint64_t r = 1ull << (bits - 1);

	mpfr_inits2(80, y, lo, hi, (mpfr_ptr)0);
	mpfr_set_si_2exp(lo, form & IA64_FCVT_UNSIGNED ? 0 : -1, bits - 1, MPFR_RNDN);
	mpfr_set_ui_2exp(hi, 1, form & IA64_FCVT_UNSIGNED ? bits : bits - 1, MPFR_RNDN);
	if (o->kind == K_NUM)
		mpfr_rint(y, o->v, form & IA64_FCVT_TRUNC ? MPFR_RNDZ : e->rc);
	if (o->kind != K_NUM || mpfr_cmp(y, lo) < 0 || mpfr_cmp(y, hi) >= 0) {
		osignal(e, IA64_FP_V);
	} else {
		if (o->unnormal)
			osignal(e, IA64_FP_D);
		if (mpfr_cmp(y, o->v))
			oinexact(e, mpfr_cmpabs(y, o->v) > 0, false);
		r = mpfr_sgn(y) < 0 ? -mpfr_get_ui((mpfr_neg(y, y, MPFR_RNDN), y), MPFR_RNDN)
				    : mpfr_get_ui(y, MPFR_RNDN);
	}
	mpfr_clears(y, lo, hi, (mpfr_ptr)0);
	return r;
}

/* ---- Generators ---- */

static inline uint64_t gen_sig(struct rng *r)
{
	unsigned k = rnd_below(r, 64), precs[] = { 24, 53, 64, 23, 52, 11 };
	unsigned p = precs[rnd_below(r, 6)];
	uint64_t s = rnd(r);

	switch (rnd_below(r, 12)) {
	case 0:
		return s | 1ull << 63;
	case 1:
		return 1ull << 63;
	case 2:
		return UINT64_MAX;
	case 3:
		return 1ull << 63 | 1ull << k;
	case 4:
		return UINT64_MAX << k;
	case 5:
		return (s & UINT64_MAX << k) | 1ull << 63;
	case 6:
		return s | UINT64_MAX >> k | 1ull << 63;
	case 7:		/* a tie or next to one for precision p */
		s = (s & UINT64_MAX << (64 - p)) | 1ull << 63;
		if (p < 64)
			s |= 1ull << (63 - p);
		return s + (uint64_t)(int64_t)rnd_between(r, -1, 1);
	case 8:		/* carries out of precision p */
		return UINT64_MAX << rnd_below(r, 64 - p + 1) | 1ull << 63;
	case 9:
		return (s & UINT64_MAX << 11) | 1ull << 63;
	case 10:
		return (s & UINT64_MAX << 40) | 1ull << 63;
	default:
		return (s & 0x7) << 60 | 1ull << 63 | (s >> 61);
	}
}

static inline uint32_t gen_exp(struct rng *r)
{
	static const uint32_t edges[] = {
		0, 1, 64, 0xbfc1, 0xc001, 0xfbcd, 0xfc01, 0xff6b, 0xff81, 0xffff, 0x1003e,
		0x1007e, 0x103fe, 0x13ffe, 0x1fffc, 0x1fffe, 0x1fffe, 0x1003e, 0x1001e, 0x10000,
	};

	switch (rnd_below(r, 5)) {
	case 0:
		return (uint32_t)rnd(r) & 0x1ffff;
	case 1: {
		int e = (int)edges[rnd_below(r, sizeof(edges) / sizeof(*edges))];

		e += rnd_between(r, -2, 2);
		return e < 0 ? 0 : (uint32_t)e & 0x1ffff;
	}
	default:
		return 0xffff + (uint32_t)rnd_between(r, -70, 70);
	}
}

static inline struct ia64_fr gen_special(struct rng *r)
{
	uint32_t sign = rnd(r) & 0x20000;

	switch (rnd_below(r, 11)) {
	case 0:
		return ia64_fr_make(1ull << 63, sign | 0x1ffff);
	case 1:
		return ia64_fr_make(rnd(r) | 3ull << 62, sign | 0x1ffff);
	case 2:
		return ia64_fr_make((rnd(r) >> 2) | 1ull << 63 | 1, sign | 0x1ffff);
	case 3:
		return ia64_fr_make(rnd(r) >> 1, sign | 0x1ffff);
	case 4:
		return ia64_fr_make(0, sign | 0x1ffff);
	case 5:
		return IA64_FR_NATVAL;
	case 6:
		return ia64_fr_make(0, sign | (1 + rnd_below(r, 0x1fffe)));
	case 7:
		return ia64_fr_make(0, 0x3fffe);
	case 8:
		return ia64_fr_make(rnd(r) >> rnd_below(r, 64), sign);
	case 9:
		return ia64_fr_make(rnd(r) | 1ull << 63, sign);
	default:
		return ia64_fr_make(0, sign);
	}
}

static inline struct ia64_fr gen_fr(struct rng *r)
{
	uint32_t sign = rnd(r) & 0x20000;

	switch (rnd_below(r, 16)) {
	case 0:
		return gen_special(r);
	case 1:
		return ia64_fr_make(0, sign);
	case 2:		/* an unnormal or a denormal of some format */
		return ia64_fr_make(gen_sig(r) >> rnd_below(r, 64), sign | gen_exp(r));
	case 3:
		return ia64_fr_make(rnd_below(r, 4) ? rnd(r) >> rnd_below(r, 64) : 0, 0x1003e);
	case 4:
		return ia64_fr_make(1ull << 63, sign | 0xffff);
	case 5:
	case 6:		/* a double */
		return ia64_fr_make(gen_sig(r) & UINT64_MAX << 11,
				    sign | (0xfc01 + rnd_below(r, 0x7fe)));
	case 7:		/* a single */
		return ia64_fr_make(gen_sig(r) & UINT64_MAX << 40,
				    sign | (0xff81 + rnd_below(r, 0xfe)));
	default:
		return ia64_fr_make(gen_sig(r), sign | gen_exp(r));
	}
}

/* Three operands of an fma, often so that the result is near an edge of the format or cancels. */
static inline void gen_fma(struct rng *r, const struct oenv *e, struct ia64_fr *f3,
			   struct ia64_fr *f4, struct ia64_fr *f2)
{
	uint32_t signs = (uint32_t)rnd(r);
	long e3, e4, target;
	unsigned __int128 p;

	*f3 = gen_fr(r);
	*f4 = gen_fr(r);
	*f2 = gen_fr(r);
	switch (rnd_below(r, 8)) {
	case 0:
	case 1:		/* the product, or the sum, near the least or the greatest exponent */
		target = rnd(r) & 1 ? e->emin + rnd_between(r, -e->prec - 4, 3)
				    : e->emax + rnd_between(r, -2, 2);
		e3 = rnd_between(r, -60000, 60000);
		if (rnd(r) & 1)
			e3 = rnd_between(r, -100, 100);
		e4 = target - e3;
		if (e4 < -65534 || e4 > 65535) {
			e3 = target / 2;
			e4 = target - e3;
		}
		*f3 = ia64_fr_make(gen_sig(r), (signs & 0x20000) | (uint32_t)(e3 + 65535));
		*f4 = ia64_fr_make(gen_sig(r), (signs << 1 & 0x20000) | (uint32_t)(e4 + 65535));
		if (rnd(r) & 1) {
			target += rnd_between(r, -140, 10);
			if (target < -65534)
				target = -65534;
			if (target > 65535)
				target = 65535;
			*f2 = ia64_fr_make(gen_sig(r),
					   (signs << 2 & 0x20000) | (uint32_t)(target + 65535));
		} else {
			*f2 = IA64_FR_ZERO;
		}
		break;
	case 2:
	case 3:		/* an addend close to the product, or at a given distance */
		if (!(f3->sig >> 63) || !(f4->sig >> 63))
			break;
		p = (unsigned __int128)f3->sig * f4->sig;
		target = (long)(f3->se & 0x1ffff) + (long)(f4->se & 0x1ffff) - 65535;
		target += p >> 127 != 0;
		if (!(p >> 127))
			p <<= 1;
		if (rnd(r) & 1) {
			*f2 = ia64_fr_make((uint64_t)(p >> 64) +
					   (uint64_t)(int64_t)rnd_between(r, -2, 2), 0);
		} else {
			*f2 = ia64_fr_make(gen_sig(r), 0);
			target += rnd_between(r, -135, 135);
		}
		if (target < 1 || target > 0x1fffe)
			target = 0xffff;
		f2->se = (uint32_t)target | (signs & 0x20000);
		break;
	case 4:		/* a sum of two */
		*f4 = IA64_FR_ONE;
		f2->se = (f2->se & 0x20000) |
			 (((f3->se & 0x1ffff) + (uint32_t)rnd_between(r, -70, 70)) & 0x1ffff);
		break;
	default:
		break;
	}
}

static inline uint32_t gen_single(struct rng *r)
{
	uint32_t s = (uint32_t)rnd(r), sign = s & 0x80000000;
	uint32_t frac = (uint32_t)(gen_sig(r) >> 40) & 0x7fffff;

	switch (rnd_below(r, 12)) {
	case 0:
		return s;
	case 1:
		return sign | frac;
	case 2:
		return sign | (rnd(r) & 1 ? 0x7f800000 : 0);
	case 3:
		return sign | 0x7f800000 | (rnd_below(r, 4) ? s & 0x7fffff : 0);
	case 4:
		return sign | 0x3f800000;
	case 5:
		return sign | rnd_below(r, 3) << 23 | frac;
	case 6:
		return sign | (0xfe - rnd_below(r, 3)) << 23 | frac;
	case 7:
		return sign | (1 + rnd_below(r, 60)) << 23 | frac;
	case 8:
		return sign | (uint32_t)rnd_between(r, 150, 162) << 23 | frac;
	default:
		return sign | (uint32_t)rnd_between(r, 97, 157) << 23 | frac;
	}
}

static inline struct ia64_fr gen_pair(struct rng *r)
{
	if (rnd_below(r, 200) == 0)
		return IA64_FR_NATVAL;
	return ia64_fr_make((uint64_t)gen_single(r) << 32 | gen_single(r),
			    rnd_below(r, 8) ? 0x1003e : gen_exp(r));
}

/* Three pairs; often a half's product nears an edge of single, or nearly cancels. */
static inline void gen_fpma(struct rng *r, struct ia64_fr *f3, struct ia64_fr *f4,
			    struct ia64_fr *f2)
{
	*f3 = gen_pair(r);
	*f4 = gen_pair(r);
	*f2 = gen_pair(r);
	for (int shift = 0; shift < 64; shift += 32) {
		uint32_t a = (uint32_t)(f3->sig >> shift), b, c = (uint32_t)(f2->sig >> shift);
		int ea = a >> 23 & 0xff, target;

		if (rnd(r) & 1)
			continue;
		target = rnd(r) & 1 ? rnd_between(r, -24, 4) : rnd_between(r, 250, 258);
		target = target - ea + 127;
		if (target < 1 || target > 254)
			target = 127;
		b = (uint32_t)rnd(r) & 0x80000000;
		b |= (uint32_t)target << 23 | (uint32_t)(gen_sig(r) >> 40 & 0x7fffff);
		target = target + ea - 127 + rnd_between(r, -26, 2);
		if (target > 0 && target < 255)
			c = (c & 0x807fffff) | (uint32_t)target << 23;
		f4->sig = (f4->sig & ~(0xffffffffull << shift)) | (uint64_t)b << shift;
		f2->sig = (f2->sig & ~(0xffffffffull << shift)) | (uint64_t)c << shift;
	}
}

/* ar.fpsr with status fields of all kinds (pc never reserved); traps mostly disabled. */
static inline uint64_t gen_fpsr(struct rng *r)
{
	static const unsigned pcs[4] = { 0, 2, 3, 3 };
	uint64_t fpsr = rnd_below(r, 3) ? 0x3f : rnd(r) & 0x3f;

	for (unsigned sf = 0; sf < 4; sf++) {
		uint64_t s = rnd(r) & 0x1ff3;

		if (rnd_below(r, 4))
			s &= ~1ull;	/* ftz seldom */
		if (!sf)
			s &= ~0x40ull;
		s |= pcs[rnd_below(r, 4)] << 2;
		fpsr |= s << (6 + 13 * sf);
	}
	return fpsr;
}

/* ---- Comparing ---- */

/* The event of a scalar operation and, unless it is a fault, the ar.fpsr it leaves. */
static inline uint32_t oevent(const struct oenv *e, unsigned sf, uint64_t *fpsr)
{
	if (e->fault)
		return 0x10000 | e->fault;
	*fpsr |= (uint64_t)e->flags << (6 + 13 * sf + 7);
	return e->trap ? 0x20001 | e->trap : 0;
}

/* The same of a parallel one: high half in ISR.code{3:0} or {14:11}, low half {7:4} or {10:7}. */
static inline uint32_t oevent_pair(const struct oenv *hi, const struct oenv *lo, unsigned sf,
				   uint64_t *fpsr)
{
	if (hi->fault || lo->fault)
		return 0x10000 | hi->fault | lo->fault << 4;
	*fpsr |= (uint64_t)(hi->flags | lo->flags) << (6 + 13 * sf + 7);
	return hi->trap || lo->trap ? 0x20001 | hi->trap | lo->trap >> 4 : 0;
}

/* How many times as many cases as the short run: PARAVANE_LONG=1 is 50, any other number itself. */
static inline uint64_t scale(void)
{
	const char *s = getenv("PARAVANE_LONG");
	long n = s ? strtol(s, NULL, 10) : 0;

	return n == 1 ? 50 : n > 1 ? (uint64_t)n : 1;
}

#endif
