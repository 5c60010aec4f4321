/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What becomes of translations when the pages that their code is in are mapped anew (they are used
 * again, or others take their place; the interpreter does not stay with what has been translated),
 * and what they do at each privilege level.
 */

#include "jit_fixture.h"
#include "ia64/decode.h"
#include "ia64/vcpu.h"

#define VA 0x2000000000000000ull
#define PAGE 0x4000ull
#define PAGE_PS 14
#define PA 0x200000ull
#define PA_ELSEWHERE 0x300000ull
#define AR_RX 1
#define AR_PROMOTE 7 /* execute, promotes to pl (SDM 2:4.1.1.6) */
#define TURNS 400

/*
 * Two loops that share a part: from offset 0 to PAGE and back while r8 is not r10, then to 2 * PAGE
 * and back r11 times.
 */
static const uint64_t loop_first[][2] = {
	{ 0x0880000100000001ull, 0x0004000000420020ull }, /* adds r8=1,r8;; */
	{ 0x0000000100000011ull, 0x40003ff000000200ull }, /* br PAGE;; */
};
static const uint64_t loop_second[][2] = {
	{ 0x0890380614203801ull, 0x0004000000420024ull }, /* cmp.ne p6,p7=r8,r10; adds r9=1,r9;; */
	{ 0xf801800100000013ull, 0x40003ff003a47fdfull }, /* (p6) br 0; (p7) br 2 * PAGE;; */
};
static const uint64_t loop_third[][2] = {
	{ 0x0080233f17fc5801ull, 0x0004000000420000ull }, /* adds r11=-1,r11; adds r8=0,r0;; */
	{ 0x0000380616003811ull, 0x48ff7ff003000200ull }, /* cmp.ne p6,p7=r0,r11; (p6) br 0;; */
	{ 0x0000000000021001ull, 0x0004000000000200ull }, /* break.m 0x42 */
};

/* A loop at level 3, at offset 4 * PAGE, which calls level 0, at offset 6 * PAGE. */
static const uint64_t user[][2] = {
	{ 0x0880000100000011ull, 0x5000400000420020ull }, /* adds r8=1,r8; br.call b0=5 * PAGE;; */
	{ 0x0000380614203811ull, 0x48fffff003000200ull }, /* cmp.ne p6,p7=r8,r10; (p6) br .-16;; */
	{ 0x0000000000021001ull, 0x0004000000000200ull }, /* break.m 0x42 */
};
static const uint64_t gate[][2] = {
	{ 0x0000000100000011ull, 0x0040000000000200ull }, /* epc;; */
	{ 0x0000000100000011ull, 0x40003ff000000200ull }, /* br 6 * PAGE;; */
};
static const uint64_t kernel[][2] = {
	{ 0x0890000100000011ull, 0x0084000080420024ull }, /* adds r9=1,r9; br.ret b0;; */
};

/* Application registers and psr.ac, at any level. */
static const uint64_t registers[][2] = {
	{ 0x08800028200c0009ull, 0x0004000000420020ull }, /* mov ar.rsc=3; adds r8=1,r8;; */
	{ 0x0080042220007009ull, 0x0004000000000800ull }, /* mov r14=ar.rsc; sum 8;; */
	{ 0x4070042a202c0009ull, 0x0004000000700c28ull }, /* mov ar.rsc=r11; cmp.ne p6,p7=r8,r10;; */
	{ 0x0100042220007809ull, 0x0004000000084200ull }, /* mov r15=ar.rsc; mov r16=psr.um;; */
	{ 0x8800000500004009ull, 0x0004000000085448ull }, /* rum 8; mov ar.bspstore=r17;; */
	{ 0x0000042a26480009ull, 0x0004000000000200ull }, /* mov ar.rnat=r18;; */
	{ 0x0120042224008809ull, 0x000400000008444cull }, /* mov r17=ar.bspstore; mov r18=ar.rnat;; */
	{ 0x0000042100009808ull, 0x0004000000000200ull }, /* mov r19=psr.um */
	{ 0x0000000100000011ull, 0x48ffff8003000200ull }, /* (p6) br .-128;; */
	{ 0x0000000000021001ull, 0x0004000000000200ull }, /* break.m 0x42 */
};

static bool on_break(void *ctx, struct vcpu *v, uint64_t imm)
{
	(void)ctx;
	assert_int_equal(imm, 0x42);
	ia64_kick(v, IA64_ATTN_STOP);
	return true;
}

static struct cpu *setup(void)
{
	struct cpu *c = cpu_create(1);

	c->sys->platform.host_break = on_break;
	assert_int_equal(ia64_jit_attach(c->sys, IA64_JIT_CACHE_MIN, 0), 0);
	return c;
}

static void teardown(struct cpu *c)
{
	ia64_jit_detach(c->sys);
	cpu_destroy(c);
}

static void put(struct cpu *c, uint64_t pa, const void *code, size_t bytes)
{
	assert_true(ia64_memory_write(&c->mem, pa, code, bytes));
}

static void map(struct cpu *c, unsigned int page, uint64_t pa, unsigned int ar, unsigned int pl)
{
	assert_true(cpu_insert(c->v, true, -1, VA + page * PAGE, PAGE_PS, 0,
			       PTE_P | PTE_A | PTE_D | PTE_AR(ar) | PTE_PL(pl) | pa));
}

/* From `page` to the break; returns how many instructions were interpreted. */
static uint64_t run(struct cpu *c, unsigned int page, uint64_t cpl, uint64_t r10, uint64_t r11)
{
	const struct ia64_jit_stats *stats = ia64_jit_stats(c->v);
	uint64_t before = stats->interp_insns;

	cpu_at(c->v, VA + page * PAGE, 0, PSR_IC | PSR_IT | PSR_DT | PSR_RT | PSR_BN |
	       cpl << PSR_CPL_SHIFT);
	c->v->code_stale = true;
	c->v->gr[8] = c->v->gr[9] = 0;
	c->v->gr[10] = r10;
	c->v->gr[11] = r11;
	atomic_store(&c->v->attention, 0);
	assert_int_equal(ia64_run(c->v), IA64_EXIT_STOP);
	return stats->interp_insns - before;
}

/* The second page is mapped elsewhere: what is there now is translated as well. */
static void page_changes(void **state)
{
	struct cpu *c = setup();
	uint64_t other[2][2];

	memcpy(other, loop_second, sizeof(other));
	other[0][0] += 1ull << (46 + 13); /* adds r9=2,r9: imm7b of slot 1 */
	put(c, PA, loop_first, sizeof(loop_first));
	put(c, PA + PAGE, loop_second, sizeof(loop_second));
	put(c, PA + 2 * PAGE, loop_third, sizeof(loop_third));
	put(c, PA_ELSEWHERE, other, sizeof(other));
	map(c, 0, PA, AR_RX, 0);
	map(c, 1, PA + PAGE, AR_RX, 0);
	map(c, 2, PA + 2 * PAGE, AR_RX, 0);
	/* One trace for the first two pages, then one that leads to it. */
	assert_in_range(run(c, 0, 0, TURNS, 1), 1, TURNS);
	assert_int_equal(c->v->gr[9], TURNS);
	assert_in_range(run(c, 2, 0, 1, TURNS), 1, TURNS);
	assert_int_equal(c->v->gr[9], TURNS - 1);
	assert_true(ia64_jit_stats(c->v)->traces >= 2);
	map(c, 1, PA_ELSEWHERE, AR_RX, 0);
	assert_in_range(run(c, 2, 0, 1, TURNS), 1, TURNS);
	assert_int_equal(c->v->gr[9], 2 * (TURNS - 1));
	/* And back. */
	map(c, 1, PA + PAGE, AR_RX, 0);
	assert_in_range(run(c, 2, 0, 1, TURNS), 1, TURNS);
	assert_int_equal(c->v->gr[9], TURNS - 1);
	teardown(c);
}

static void map_levels(struct cpu *c, unsigned int kernel_ar)
{
	map(c, 4, PA, AR_RX, 3);
	map(c, 5, PA + PAGE, AR_PROMOTE, 0);
	map(c, 6, PA + 2 * PAGE, kernel_ar, 0);
}

static struct cpu *setup_levels(void)
{
	struct cpu *c = setup();

	put(c, PA, user, sizeof(user));
	put(c, PA + PAGE, gate, sizeof(gate));
	put(c, PA + 2 * PAGE, kernel, sizeof(kernel));
	map_levels(c, AR_RX);
	run(c, 4, 3, TURNS, 0);
	assert_int_equal(c->v->gr[9], TURNS);
	return c;
}

/* A trace that goes through levels is good again if each of them may fetch its own pages. */
static void levels(void **state)
{
	struct cpu *c = setup_levels();
	uint64_t traces = ia64_jit_stats(c->v)->traces;

	assert_true(traces > 0);
	ia64_exec_flush(c->v);
	assert_in_range(run(c, 4, 3, TURNS, 0), 0, TURNS);
	assert_int_equal(c->v->gr[9], TURNS);
	assert_int_equal(ia64_jit_stats(c->v)->traces, traces);
	teardown(c);
}

/* The kernel may not execute its page any more: the trace is not used, the fault comes. */
static void level_loses_page(void **state)
{
	struct cpu *c = setup_levels();

	map_levels(c, 0);
	put(c, CPU_IVA + IA64_IACCESS_RIGHTS_VECTOR, loop_third[2], sizeof(loop_third[2]));
	assert_true(cpu_insert(c->v, true, 0, CPU_IVA, 16, 0,
			       PTE_P | PTE_A | PTE_D | PTE_AR(AR_RX) | CPU_IVA));
	run(c, 4, 3, TURNS, 0);
	assert_int_equal(c->v->gr[8], 1);
	assert_int_equal(c->v->gr[9], 0);
	assert_int_equal(c->v->cr[CR_IIP], VA + 6 * PAGE);
	teardown(c);
}

/* ar.rsc.pl is not less than the level (SDM 2:6.5.1); all of it without leaving the translation. */
static void registers_at_levels(void **state)
{
	static const struct {
		uint64_t cpl, written, read_3, read;
	} cases[] = {
		{ 0, 0, 3, 0 }, { 1, 0, 7, 4 }, { 1, 8, 7, 8 }, { 1, 12, 7, 12 },
		{ 3, 0, 15, 12 }, { 2, 4, 11, 8 }, { 1, 0x3fff0000 | 4, 7, 0x3fff0000 | 4 },
	};
	const struct ia64_jit_stats *stats;
	struct cpu *c;
	uint64_t called, interpreted;
	size_t n;

	for (n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		c = setup();
		stats = ia64_jit_stats(c->v);
		put(c, PA, registers, sizeof(registers));
		map(c, 0, PA, AR_RX, 3);
		c->v->gr[17] = 0x10007;
		c->v->gr[18] = ~0ull;
		c->v->gr[11] = cases[n].written;
		interpreted = run(c, 0, cases[n].cpl, TURNS, cases[n].written);
		assert_in_range(interpreted, 1, TURNS * 5);
		called = stats->called[OP_MOV_AR] + stats->called[OP_MOV_AR_I] +
			 stats->called[OP_SUM] + stats->called[OP_RUM];
		assert_int_equal(called, 0);
		assert_int_equal(c->v->gr[14], cases[n].read_3);
		assert_int_equal(c->v->gr[15], cases[n].read);
		assert_int_equal(c->v->gr[16], PSR_AC);
		assert_int_equal(c->v->gr[17], 0x10000);
		assert_int_equal(c->v->gr[18], ~0ull >> 1);
		assert_int_equal(c->v->gr[19], 0);
		teardown(c);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(page_changes),
		cmocka_unit_test(levels),
		cmocka_unit_test(level_loses_page),
		cmocka_unit_test(registers_at_levels),
	};

	if (!have_translator())
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
