/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Steps from a frame to its caller, by descriptors written by hand after the Software Conventions
 * and Runtime Architecture Guide, appendix B.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "ia64/interruption.h"
#include "ia64/rse.h"
#include "ia64/smp.h"
#include "machine/unwind.h"

#define BASE 0x100000ull    /* the program: two procedures of 16 bundles */
#define CALLEE (BASE + 0x100)
#define RETURN_TO (BASE + 0x40)
#define INFO (BASE + 0x1000)
#define STACK 0x200000ull

struct fixture {
	struct ia64_memory mem;
	struct ia64_system *sys;
	struct vcpu *v;
	struct unwind_tables t;
	uint64_t table[2][3];
	uint8_t info[128];
};

static int setup(void **state)
{
	static struct fixture f;
	const struct ia64_platform platform = { 0 };

	memset(&f, 0, sizeof(f));
	*state = &f;
	if (ia64_memory_init(&f.mem, 4 << 20) || ia64_memory_add_ram(&f.mem, 0, 4 << 20) ||
	    ia64_system_create(&f.sys, &f.mem, &platform, 1, 1000000000))
		return -1;
	f.v = f.sys->vcpus[0];
	ia64_set_psr(f.v, PSR_BN | PSR_IC);
	f.table[0][1] = 0x100;
	f.table[0][2] = INFO - BASE;
	f.table[1][0] = 0x100;
	f.table[1][1] = 0x200;
	f.table[1][2] = INFO - BASE + 64;
	f.t = (struct unwind_tables){ BASE, (uint8_t *)f.table, 2, f.info, INFO, sizeof(f.info) };
	/* The caller has 3 locals in front of the callee's frame of 8. */
	f.v->rse.bof = 100;
	f.v->rse.ndirty = 3;
	f.v->rse.sof = 8;
	f.v->rse.sol = 8;
	f.v->rse.bspstore = 0x300000;
	f.v->gr[12] = STACK;
	f.v->ip = CALLEE + 0x80;
	f.v->br[0] = 0xbad0;
	f.v->ar[AR_PFS] = 0;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	ia64_system_destroy(f->sys);
	ia64_memory_destroy(&f->mem);
	return 0;
}

/* Descriptors of the callee (1) or the caller (0). */
static void describe(struct fixture *f, unsigned int which, const void *bytes, size_t len)
{
	uint8_t *p = f->info + which * 64;
	uint64_t header = 1ull << 48 | (len + 7) / 8;

	memcpy(p, &header, 8);
	memset(p + 8, 0, 56);
	memcpy(p + 8, bytes, len);
}

static void set_local(struct fixture *f, unsigned int n, uint64_t val)
{
	f->v->rse.stk[f->v->rse.bof + n - 32] = val;
}

/* The step gives RETURN_TO with a frame of `sol` registers below. */
static void steps(struct fixture *f, unsigned int sol, uint64_t sp)
{
	struct unwind_frame frame;

	unwind_first(f->v, &frame);
	assert_int_equal(frame.ip, CALLEE + 0x80);
	assert_true(unwind_next(&f->t, f->v, &frame));
	assert_int_equal(frame.ip, RETURN_TO);
	assert_int_equal(frame.bsp, 0x300000 + (3 - sol) * 8);
	assert_int_equal(frame.sp, sp);
	assert_false(frame.top);
}

static void a_leaf_has_them_in_place(void **state)
{
	struct fixture *f = *state;

	f->v->br[0] = RETURN_TO;
	f->v->ar[AR_PFS] = 3 << 7;
	f->t.nr_entries = 0;
	steps(f, 3, STACK);
}

static void consecutive_registers(void **state)
{
	struct fixture *f = *state;

	/* R2 prologue_gr: rp in r34, pfs in r35, 6 slots; R1 body of 31. */
	describe(f, 1, "\x46\x22\x06\x3f", 4);
	set_local(f, 34, RETURN_TO);
	set_local(f, 35, 2 << 7);
	steps(f, 2, STACK);
}

static void not_yet_saved(void **state)
{
	struct fixture *f = *state;

	/* R1 prologue of 31; P3 rp in r34, pfs in r35; P7 rp_when 30, pfs_when 30. */
	describe(f, 1, "\x1f\xb0\xa2\xb1\x23\xe4\x1e\xe6\x1e", 9);
	set_local(f, 34, RETURN_TO);
	set_local(f, 35, 3 << 7);
	f->v->br[0] = RETURN_TO;
	f->v->ar[AR_PFS] = 1 << 7;
	f->v->ip = CALLEE + 0x80; /* slot 24 */
	steps(f, 1, STACK);
}

static void memory_stack(void **state)
{
	struct fixture *f = *state;
	uint64_t rp = RETURN_TO, pfs = 3 << 7;

	/* R1 prologue 6; mem_stack_f at slot 0, 4 * 16 bytes; rp at psp + 16 - 4 * 4, pfs 6 * 4. */
	describe(f, 1, "\x06\xe0\x00\x04\xe5\x04\xe7\x06\x3f", 9);
	ia64_memory_write(&f->mem, STACK + 64, &rp, 8);
	ia64_memory_write(&f->mem, STACK + 64 + 16 - 24, &pfs, 8);
	steps(f, 3, STACK + 64);
}

static void registers_in_the_backing_store(void **state)
{
	struct fixture *f = *state;
	uint64_t rp = BASE + 0x30;
	struct unwind_frame frame;

	/* Both keep rp and pfs in r32, r33; the caller's r32 has been stored. */
	describe(f, 0, "\x46\x20\x03\x3f", 4);
	describe(f, 1, "\x46\x20\x03\x3f", 4);
	f->v->rse.ndirty = 2;
	f->v->rse.bspstore = 0x300008;
	set_local(f, 32, RETURN_TO);
	set_local(f, 33, 3 << 7);
	ia64_memory_write(&f->mem, 0x300000, &rp, 8);
	f->v->rse.stk[f->v->rse.bof - 2] = 0;
	steps(f, 3, STACK);
	unwind_first(f->v, &frame);
	assert_true(unwind_next(&f->t, f->v, &frame));
	assert_true(unwind_next(&f->t, f->v, &frame));
	assert_int_equal(frame.ip, BASE + 0x30);
}

static void the_outermost_has_no_caller(void **state)
{
	struct fixture *f = *state;
	struct unwind_frame frame;

	describe(f, 1, "\x06\xb0\x80\x3f", 4); /* rp in r0 */
	unwind_first(f->v, &frame);
	assert_false(unwind_next(&f->t, f->v, &frame));
	assert_true(frame.outermost);
}

static void interruptions_end_it(void **state)
{
	struct fixture *f = *state;
	struct unwind_frame frame;

	describe(f, 1, "\x06\xff\x03\x69\x3f", 5); /* P10: abi 3, 'i' */
	unwind_first(f->v, &frame);
	assert_false(unwind_next(&f->t, f->v, &frame));
	assert_false(frame.outermost);
}

static void damaged_descriptors_end_it(void **state)
{
	struct fixture *f = *state;
	struct unwind_frame frame;
	unsigned int first, second;

	for (first = 0; first < 256; first++) {
		for (second = 0; second < 256; second++) {
			uint8_t bytes[8] = { 0x06, (uint8_t)first, (uint8_t)second };

			memset(bytes + 3, 0xff, 5);

			describe(f, 1, bytes, 8);
			unwind_first(f->v, &frame);
			/* Reads nothing outside: the sanitizers would tell. */
			unwind_next(&f->t, f->v, &frame);
		}
	}
	f->table[1][2] = ~0ull - BASE;
	assert_false(unwind_next(&f->t, f->v, &(struct unwind_frame){ .ip = CALLEE + 16 }));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_leaf_has_them_in_place, setup, teardown),
		cmocka_unit_test_setup_teardown(consecutive_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(not_yet_saved, setup, teardown),
		cmocka_unit_test_setup_teardown(memory_stack, setup, teardown),
		cmocka_unit_test_setup_teardown(registers_in_the_backing_store, setup, teardown),
		cmocka_unit_test_setup_teardown(the_outermost_has_no_caller, setup, teardown),
		cmocka_unit_test_setup_teardown(interruptions_end_it, setup, teardown),
		cmocka_unit_test_setup_teardown(damaged_descriptors_end_it, setup, teardown),
	};

	return cmocka_run_group_tests_name("unwinder", tests, NULL, NULL);
}
