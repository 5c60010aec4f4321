/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Translated floating point whose results and operands raise exceptions on the host: the registers
 * and flags are the interpreter's, and it does not go on raising them.
 */

#include "jit_fixture.h"
#include "ia64/fp.h"
#include "ia64/vcpu.h"

#define PA 0x200000ull
#define TURNS 20000u
/*
 * Beside the loop's recording and some signals; were each a signal, it would be as many as turns.
 */
#define MAX_INTERPRETED 5000u

static const uint64_t loop[][2] = {
	{ 0x00a021001004400dull, 0x0004000000481220ull }, /* adds r8=1,r8; fmpy.d.s0 f10=f8,f9;; */
	{ 0x50b038061420380dull, 0x000400000048022cull }, /* cmp.eq p7,p6=r8,r10; */
							  /* fadd.d.s0 f11=f11,f10;; */
	{ 0x0000000100000011ull, 0x48ffffe003000200ull }, /* (p6) br .-32;; */
	{ 0x0000000000021001ull, 0x0004000000000200ull }, /* break.m 0x42 */
};

struct outcome {
	struct ia64_fr f10, f11;
	uint64_t fpsr, interpreted;
};

static bool on_break(void *ctx, struct vcpu *v, uint64_t imm)
{
	(void)ctx;
	assert_int_equal(imm, 0x42);
	ia64_kick(v, IA64_ATTN_STOP);
	return true;
}

static struct outcome run(bool translate, uint64_t f8, uint64_t f9, uint64_t f11)
{
	struct cpu *c = cpu_create(1);
	struct vcpu *v = c->v;
	struct outcome o;

	c->sys->platform.host_break = on_break;
	if (translate)
		assert_int_equal(ia64_jit_attach(c->sys, IA64_JIT_CACHE_MIN, 0), 0);
	assert_true(ia64_memory_write(&c->mem, PA, loop, sizeof(loop)));
	cpu_at(v, PA, 0, PSR_IC | PSR_BN);
	v->ar[AR_FPSR] = IA64_FPSR_DEFAULT;
	v->gr[8] = 0;
	v->gr[10] = TURNS;
	v->fr[8] = ia64_fr_from_double(f8);
	v->fr[9] = ia64_fr_from_double(f9);
	v->fr[11] = ia64_fr_from_double(f11);
	assert_int_equal(ia64_run(v), IA64_EXIT_STOP);
	o = (struct outcome){ v->fr[10], v->fr[11], v->ar[AR_FPSR], 0 };
	if (translate) {
		o.interpreted = ia64_jit_stats(v)->interp_insns;
		ia64_jit_detach(c->sys);
	}
	cpu_destroy(c);
	return o;
}

static void exceptions(void **state)
{
	static const struct {
		uint64_t f8, f9, f11;
	} cases[] = {
		{ 0x0178000000000000, 0x3c34000000000000, 0x3ff0000000000000 }, /* denormal */
		{ 0x0178000000000000, 0x3c34000000000000, 0 }, /* and its sum */
		{ 0x0008000000000000, 0x3ff8000000000000, 0x3ff0000000000000 }, /* denormal operand */
		{ 0x7fe0000000000000, 0x4010000000000000, 0x3ff0000000000000 }, /* overflow */
		{ 0x7ff0000000000000, 0x0000000000000000, 0x3ff0000000000000 }, /* invalid */
	};
	struct outcome want, got;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		want = run(false, cases[i].f8, cases[i].f9, cases[i].f11);
		got = run(true, cases[i].f8, cases[i].f9, cases[i].f11);
		assert_memory_equal(&got.f10, &want.f10, sizeof(want.f10));
		assert_memory_equal(&got.f11, &want.f11, sizeof(want.f11));
		assert_int_equal(got.fpsr, want.fpsr);
		assert_in_range(got.interpreted, 1, MAX_INTERPRETED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exceptions),
	};

	if (!have_translator())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
