/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The register stack engine: addresses, frames, NaT collections, faults half way (SDM 2:6).
 *
 * The backing store is in physical memory unless a test wants it to fault: then it is in region 0
 * with psr.rt, where page by page a translation can be there or not.
 */
#include "unit/cpu_fixture.h"

#include "ia64/regs.h"
#include "ia64/rse.h"

#define STORE 0x200000ull /* slot 0 of a group of 64 words */
#define SLOT(n) (STORE + 8 * (n))

static uint64_t word(struct cpu *c, uint64_t pa)
{
	uint64_t val;

	assert_true(ia64_memory_read(&c->mem, pa, &val, 8));
	return val;
}

static void put_word(struct cpu *c, uint64_t pa, uint64_t val)
{
	assert_true(ia64_memory_write(&c->mem, pa, &val, 8));
}

/* Logical register n of the frame (n from 32). */
static uint64_t *reg(struct vcpu *v, unsigned int n)
{
	return &v->rse.stk[v->rse.bof + n - 32];
}

/* To write or to read it: who sets one says so in nat_any. */
static uint8_t *reg_nat(struct vcpu *v, unsigned int n)
{
	v->nat_any = 1;
	return &v->rse.stk_nat[v->rse.bof + n - 32];
}

static uint64_t frame(unsigned int sof, unsigned int sol)
{
	return sof | (uint64_t)sol << 7;
}

/* An empty stack with its next register at `addr`, a frame of no registers. */
static struct cpu *stack_at(uint64_t addr)
{
	struct cpu *c = cpu_create(1);

	cpu_at(c->v, 0x1000, 0, PSR_IC);
	c->v->rse.sof = c->v->rse.sol = c->v->rse.sor = 0;
	c->v->rse.ndirty = 0;
	c->v->rse.bspstore = addr;
	c->v->rse.rnat = 0;
	return c;
}

static void skip_counts_collections(void **state)
{
	/* SDM 2:6.5.3: the word whose address bits 8:3 are all ones is a NaT collection. */
	assert_int_equal(ia64_rse_skip(SLOT(0), 0), SLOT(0));
	assert_int_equal(ia64_rse_skip(SLOT(0), 62), SLOT(62));
	assert_int_equal(ia64_rse_skip(SLOT(0), 63), SLOT(64));
	assert_int_equal(ia64_rse_skip(SLOT(60), 3), SLOT(64));
	assert_int_equal(ia64_rse_skip(SLOT(0), 126), SLOT(128));
	assert_int_equal(ia64_rse_skip(SLOT(0), 96), SLOT(97));
	assert_int_equal(ia64_rse_skip(SLOT(64), -1), SLOT(62));
	assert_int_equal(ia64_rse_skip(SLOT(64), -63), SLOT(0));
	assert_int_equal(ia64_rse_skip(SLOT(64), -64), SLOT(-2));
	assert_int_equal(ia64_rse_skip(SLOT(5), -5), SLOT(0));
	assert_int_equal(ia64_rse_skip(SLOT(5), -6), SLOT(-2));
}

static void skip_undoes_itself(void **state)
{
	unsigned int slot;
	int n;

	for (slot = 0; slot < 63; slot++)
		for (n = 0; n < 200; n++)
			assert_int_equal(ia64_rse_skip(ia64_rse_skip(SLOT(slot), n), -n),
					 SLOT(slot));
}

static void cfm_round_trip(void **state)
{
	struct cpu *c = stack_at(STORE);
	uint64_t cfm = 40 | 20ull << 7 | 2ull << 14 | 15ull << 18 | 95ull << 25 | 47ull << 32;

	ia64_set_cfm(c->v, cfm);
	assert_int_equal(ia64_cfm(&c->v->rse), cfm);
	assert_int_equal(c->v->rse.sor, 16);
	cpu_destroy(c);
}

static void impossible_cfm_stays_inside(void **state)
{
	struct cpu *c = stack_at(STORE);

	ia64_set_cfm(c->v, (1ull << 38) - 1);
	assert_true(c->v->rse.sof <= IA64_STACKED_PHYS);
	assert_true(c->v->rse.sol <= c->v->rse.sof);
	assert_true(c->v->rse.sor <= c->v->rse.sof);
	assert_true(c->v->rse.rrb_gr < IA64_STACKED_PHYS);
	assert_true(c->v->rse.rrb_fr < 96);
	assert_true(c->v->rse.rrb_pr < 48);
	cpu_destroy(c);
}

static void call_and_return_keep_registers(void **state)
{
	struct cpu *c = stack_at(STORE);
	struct vcpu *v = c->v;
	uint64_t pfm;

	assert_true(ia64_rse_alloc(v, 10, 7, 0));
	*reg(v, 32) = 0x32;
	*reg(v, 38) = 0x38;
	*reg(v, 39) = 0x39; /* the first output */
	pfm = ia64_cfm(&v->rse);
	ia64_rse_call(v);
	/* SDM 3:2 "br": the callee's frame is the outputs, and nothing is local. */
	assert_int_equal(v->rse.sof, 3);
	assert_int_equal(v->rse.sol, 0);
	assert_int_equal(*reg(v, 32), 0x39);
	assert_int_equal(ia64_rse_bsp(&v->rse), SLOT(7));
	*reg(v, 32) = 0x139;
	ia64_rse_return(v, pfm);
	assert_false(v->rse.cfle);
	assert_int_equal(ia64_cfm(&v->rse), pfm);
	assert_int_equal(ia64_rse_bsp(&v->rse), SLOT(0));
	assert_int_equal(*reg(v, 32), 0x32);
	assert_int_equal(*reg(v, 38), 0x38);
	assert_int_equal(*reg(v, 39), 0x139);
	cpu_destroy(c);
}

static void alloc_spills_only_what_it_must(void **state)
{
	struct cpu *c = stack_at(STORE);
	struct vcpu *v = c->v;

	assert_true(ia64_rse_alloc(v, 90, 90, 0));
	*reg(v, 32) = 0xa0;
	*reg(v, 33) = 0xa1;
	ia64_rse_call(v);
	assert_true(ia64_rse_alloc(v, 6, 6, 0));
	assert_int_equal(v->rse.bspstore, SLOT(0)); /* 90 + 6 fit */
	assert_true(ia64_rse_alloc(v, 8, 8, 0));
	assert_int_equal(v->rse.bspstore, SLOT(2));
	assert_int_equal(word(c, SLOT(0)), 0xa0);
	assert_int_equal(word(c, SLOT(1)), 0xa1);
	/* Where r32 would be stored does not depend on what was. */
	assert_int_equal(ia64_rse_bsp(&v->rse), ia64_rse_skip(STORE, 90));
	cpu_destroy(c);
}

static void flushrs_stores_nats_in_collections(void **state)
{
	struct cpu *c = stack_at(SLOT(60));
	struct vcpu *v = c->v;
	unsigned int n;

	assert_true(ia64_rse_alloc(v, 6, 6, 0));
	for (n = 0; n < 6; n++)
		*reg(v, 32 + n) = 0x100 + n;
	*reg_nat(v, 33) = 1; /* goes to slot 61 */
	*reg_nat(v, 36) = 1; /* goes to slot 65, bit 1 of the next collection */
	v->rse.rnat = 1ull << 59;
	ia64_rse_call(v);
	assert_true(ia64_rse_flushrs(v));
	assert_int_equal(v->rse.ndirty, 0);
	assert_int_equal(v->rse.bspstore, SLOT(67));
	assert_int_equal(ia64_rse_bsp(&v->rse), SLOT(67));
	assert_int_equal(word(c, SLOT(60)), 0x100);
	assert_int_equal(word(c, SLOT(62)), 0x102);
	assert_int_equal(word(c, SLOT(63)), 1ull << 61 | 1ull << 59);
	assert_int_equal(word(c, SLOT(64)), 0x103);
	assert_int_equal(word(c, SLOT(66)), 0x105);
	assert_int_equal(v->rse.rnat, 1ull << 1);
	cpu_destroy(c);
}

static void flushed_frame_comes_back(void **state)
{
	struct cpu *c = stack_at(SLOT(30));
	struct vcpu *v = c->v;
	uint64_t pfm;
	unsigned int n;

	assert_true(ia64_rse_alloc(v, 96, 96, 0));
	for (n = 0; n < 96; n++) {
		*reg(v, 32 + n) = 0x1000 + n;
		*reg_nat(v, 32 + n) = n % 5 == 2;
	}
	pfm = ia64_cfm(&v->rse);
	ia64_rse_call(v);
	assert_true(ia64_rse_flushrs(v));
	/* Whatever lies in the registers now is not the frame's. */
	memset(v->rse.stk, 0xee, sizeof(v->rse.stk));
	memset(v->rse.stk_nat, 1, sizeof(v->rse.stk_nat));
	ia64_rse_return(v, pfm);
	assert_true(v->rse.cfle);
	assert_true(ia64_rse_complete(v));
	assert_false(v->rse.cfle);
	for (n = 0; n < 96; n++) {
		assert_int_equal(*reg(v, 32 + n), 0x1000 + n);
		assert_int_equal(*reg_nat(v, 32 + n), n % 5 == 2);
	}
	assert_true(v->nat_any);
	assert_int_equal(v->rse.bspstore, SLOT(30));
	assert_int_equal(ia64_rse_bsp(&v->rse), SLOT(30));
	cpu_destroy(c);
}

/*
 * A thousand frames of every size up to 96 and back again, with the values and NaTs checked.
 * Without NaTs registers are moved many at once.
 */
static void nest(bool nats)
{
	struct cpu *c = stack_at(SLOT(17));
	struct vcpu *v = c->v;
	static uint64_t pfm[1000];
	unsigned int depth, n, sof;

	for (depth = 0; depth < 1000; depth++) {
		sof = depth * 7 % 97;
		assert_true(ia64_rse_alloc(v, sof, sof - (sof > 8 ? depth % 8 : 0), 0));
		for (n = 0; n < v->rse.sol; n++) {
			*reg(v, 32 + n) = (uint64_t)depth << 16 | n;
			if (nats)
				*reg_nat(v, 32 + n) = (depth + n) % 3 == 0;
		}
		pfm[depth] = ia64_cfm(&v->rse);
		ia64_rse_call(v);
		assert_true(v->rse.ndirty + v->rse.sof <= IA64_STACKED_PHYS);
	}
	while (depth--) {
		ia64_rse_return(v, pfm[depth]);
		assert_true(ia64_rse_complete(v));
		for (n = 0; n < v->rse.sol; n++) {
			assert_int_equal(*reg(v, 32 + n), (uint64_t)depth << 16 | n);
			if (nats)
				assert_int_equal(*reg_nat(v, 32 + n), (depth + n) % 3 == 0);
		}
	}
	assert_int_equal(ia64_rse_bsp(&v->rse), SLOT(17));
	assert_int_equal(v->nat_any, nats);
	cpu_destroy(c);
}

static void deep_nesting(void **state)
{
	nest(true);
	nest(false);
}

static void bad_pfs_makes_an_empty_frame(void **state)
{
	struct cpu *c = stack_at(STORE);
	struct vcpu *v = c->v;

	/* SDM 2:6.5.5: 90 dirty registers and a frame of 90 more cannot both be there. */
	assert_true(ia64_rse_alloc(v, 90, 90, 0));
	ia64_rse_call(v);
	ia64_rse_return(v, frame(90, 0));
	assert_int_equal(ia64_cfm(&v->rse), 0);
	cpu_destroy(c);
}

static void cover_makes_the_frame_dirty(void **state)
{
	struct cpu *c = stack_at(STORE);
	struct vcpu *v = c->v;
	uint64_t ifm;

	assert_true(ia64_rse_alloc(v, 12, 8, 8));
	ia64_rse_rotate(v);
	ia64_rse_cover(v, &ifm);
	assert_int_equal(ifm & 0x3ffff, 12 | 8 << 7 | 1 << 14);
	assert_int_equal(ifm >> 18 & 0x7f, 7);
	assert_int_equal(ia64_cfm(&v->rse), 0);
	assert_int_equal(ia64_rse_bsp(&v->rse), SLOT(12));
	ia64_rse_rfi(v, ifm | 1ull << 63);
	assert_int_equal(ia64_cfm(&v->rse), ifm);
	assert_int_equal(ia64_rse_bsp(&v->rse), SLOT(0));
	/* Without ifs.v the frame stays. */
	ia64_rse_rfi(v, 0);
	assert_int_equal(ia64_cfm(&v->rse), ifm);
	cpu_destroy(c);
}

static void loadrs_moves_the_tear_point(void **state)
{
	struct cpu *c = stack_at(SLOT(70));
	struct vcpu *v = c->v;
	unsigned int n;

	for (n = 0; n < 70; n++)
		put_word(c, SLOT(n), 0x5000 + n);
	put_word(c, SLOT(63), 1ull << 62);
	/* 10 words below bsp: slots 60..69, of which 63 is a collection: 9 registers. */
	v->ar[AR_RSC] = 80ull << 16;
	v->rse.rnat = 1ull << 65 % 64;
	assert_true(ia64_rse_loadrs(v));
	assert_int_equal(v->rse.ndirty, 9);
	assert_int_equal(v->rse.bspstore, SLOT(60));
	assert_int_equal(ia64_rse_bsp(&v->rse), SLOT(70));
	assert_int_equal(v->rse.stk[v->rse.bof - 1], 0x5000 + 69);
	assert_int_equal(v->rse.stk[v->rse.bof - 9], 0x5000 + 60);
	assert_int_equal(v->rse.stk_nat[v->rse.bof - 5], 1); /* slot 65, from ar.rnat */
	assert_int_equal(v->rse.stk_nat[v->rse.bof - 7], 1); /* slot 62, from memory */
	assert_int_equal(v->rse.stk_nat[v->rse.bof - 6], 0);
	/* Nearer: what lies below is dropped without being stored. */
	put_word(c, SLOT(60), 0);
	v->ar[AR_RSC] = 8ull << 16;
	assert_true(ia64_rse_loadrs(v));
	assert_int_equal(v->rse.ndirty, 1);
	assert_int_equal(v->rse.bspstore, SLOT(69));
	assert_int_equal(word(c, SLOT(60)), 0);
	v->ar[AR_RSC] = 0;
	assert_true(ia64_rse_loadrs(v));
	assert_int_equal(v->rse.ndirty, 0);
	assert_int_equal(ia64_rse_bsp(&v->rse), SLOT(70));
	cpu_destroy(c);
}

static void loadrs_refuses(void **state)
{
	struct cpu *c = stack_at(SLOT(200));
	struct vcpu *v = c->v;

	v->ar[AR_RSC] = 100ull << 19; /* 100 words: 98 or 99 registers */
	assert_false(ia64_rse_loadrs(v));
	assert_int_equal(cpu_vector(v), IA64_GENERAL_EXCEPTION_VECTOR);
	cpu_at(v, 0x1000, 0, PSR_IC);
	v->ar[AR_RSC] = 3; /* eager */
	assert_false(ia64_rse_loadrs(v));
	assert_int_equal(cpu_vector(v), IA64_GENERAL_EXCEPTION_VECTOR);
	cpu_at(v, 0x1000, 0, PSR_IC);
	v->ar[AR_RSC] = 8ull << 16;
	v->rse.sof = 1;
	assert_false(ia64_rse_loadrs(v));
	assert_int_equal(cpu_vector(v), IA64_GENERAL_EXCEPTION_VECTOR);
	cpu_destroy(c);
}

static void registers_of_the_rse(void **state)
{
	struct cpu *c = stack_at(STORE);
	struct vcpu *v = c->v;
	uint64_t val;

	assert_true(ia64_rse_ar_write(v, AR_BSPSTORE, SLOT(5) | 7));
	assert_true(ia64_rse_ar_read(v, AR_BSPSTORE, &val));
	assert_int_equal(val, SLOT(5));
	assert_true(ia64_rse_ar_read(v, AR_BSP, &val));
	assert_int_equal(val, SLOT(5));
	assert_true(ia64_rse_ar_write(v, AR_RNAT, ~0ull));
	assert_true(ia64_rse_ar_read(v, AR_RNAT, &val));
	assert_int_equal(val, ~0ull >> 1); /* bit 63 is never stored */
	assert_true(ia64_rse_ar_write(v, AR_RSC, 0x1f | 0x3fffull << 16));
	assert_true(ia64_rse_ar_read(v, AR_RSC, &val));
	assert_int_equal(val, 0x1f | 0x3fffull << 16);
	/* rsc.mode is not 0: bspstore and rnat are out of reach. */
	assert_false(ia64_rse_ar_read(v, AR_BSPSTORE, &val));
	assert_int_equal(cpu_vector(v), IA64_GENERAL_EXCEPTION_VECTOR);
	cpu_at(v, 0x1000, 0, PSR_IC);
	assert_false(ia64_rse_ar_write(v, AR_RNAT, 0));
	assert_int_equal(cpu_vector(v), IA64_GENERAL_EXCEPTION_VECTOR);
	cpu_at(v, 0x1000, 0, PSR_IC);
	assert_false(ia64_rse_ar_write(v, AR_RSC, 1ull << 5));
	assert_int_equal(v->cr[CR_ISR] & 0xffff, IA64_GENEX_RESERVED_REGISTER_FIELD);
	/* The RSE gets no more privilege than the code that asks for it. */
	cpu_at(v, 0x1000, 0, PSR_IC | 2ull << PSR_CPL_SHIFT);
	assert_true(ia64_rse_ar_write(v, AR_RSC, 0));
	assert_int_equal(v->ar[AR_RSC], 2 << 2);
	cpu_destroy(c);
}

static void big_endian_backing_store(void **state)
{
	struct cpu *c = stack_at(STORE);
	struct vcpu *v = c->v;
	uint64_t pfm;

	v->ar[AR_RSC] = 1 << 4;
	assert_true(ia64_rse_alloc(v, 1, 1, 0));
	*reg(v, 32) = 0x0102030405060708ull;
	pfm = ia64_cfm(&v->rse);
	ia64_rse_call(v);
	assert_true(ia64_rse_flushrs(v));
	assert_int_equal(word(c, SLOT(0)), 0x0807060504030201ull);
	*reg(v, 31) = 0;
	ia64_rse_return(v, pfm);
	assert_true(ia64_rse_complete(v));
	assert_int_equal(*reg(v, 32), 0x0102030405060708ull);
	cpu_destroy(c);
}

/* ---- predicates and rotation ---- */

static void predicates_rotate(void **state)
{
	struct cpu *c = stack_at(STORE);
	struct vcpu *v = c->v;
	uint64_t val = 0x123456789abc0001ull;

	ia64_pr_set(v, val, ~0ull);
	assert_int_equal(ia64_pr_get(v), val);
	assert_int_equal(v->pr[0], 1);
	v->pr[16] = 1;
	v->pr[17] = 0;
	val = ia64_pr_get(v);
	ia64_rse_rotate(v);
	/* What was p16 is p17 now; the physical registers have not changed. */
	assert_int_equal(v->pr[17], 1);
	assert_int_equal(v->pr[18], 0);
	assert_int_equal(ia64_pr_get(v), val);
	ia64_pr_set(v, 0x20001, ~0ull);
	assert_int_equal(ia64_pr_get(v), 0x20001);
	/* Physical 17 under rrb.pr = 47 is p18. */
	assert_int_equal(v->pr[18], 1);
	ia64_rse_clear_rrb(v, true);
	assert_int_equal(v->pr[17], 1);
	assert_int_equal(v->pr[18], 0);
	assert_int_equal(ia64_pr_get(v), 0x20001);
	ia64_pr_set(v, 0, 1);
	assert_int_equal(v->pr[0], 1);
	cpu_destroy(c);
}

static void rotation_wraps(void **state)
{
	struct cpu *c = stack_at(STORE);
	struct vcpu *v = c->v;
	unsigned int n;

	assert_true(ia64_rse_alloc(v, 16, 16, 16));
	for (n = 0; n < 16; n++)
		*reg(v, 32 + n) = n;
	for (n = 0; n < 48 * 2 * 3; n++) {
		assert_int_equal(ia64_stacked_read(v, n % 16, NULL), 0);
		ia64_rse_rotate(v);
	}
	assert_int_equal(ia64_cfm(&v->rse) >> 18, 0);
	cpu_destroy(c);
}

/* ---- faults half way: the backing store in region 0, two pages of it ---- */

#define PAGE 14
#define PAGE_BYTES (1ull << PAGE)

static struct cpu *virtual_stack(uint64_t va)
{
	struct cpu *c = stack_at(va);

	ia64_set_psr(c->v, PSR_IC | PSR_RT | PSR_DT);
	c->v->cr[CR_PTA] = 15 << 2; /* no walker */
	return c;
}

static void map(struct cpu *c, uint64_t va)
{
	assert_true(cpu_insert(c->v, false, -1, va, PAGE, 0,
			       PTE_RWX | 0x200000 | (va & PAGE_BYTES)));
}

static void spill_faults_half_way(void **state)
{
	uint64_t edge = 0x10000000ull + PAGE_BYTES;
	struct cpu *c = virtual_stack(edge - 3 * 8);
	struct vcpu *v = c->v;
	uint64_t isr;

	/* Two registers and a NaT collection on the first page, the rest on the second. */
	map(c, edge - PAGE_BYTES);
	assert_true(ia64_rse_alloc(v, 5, 5, 0));
	*reg(v, 34) = 0x34;
	ia64_rse_call(v);
	assert_false(ia64_rse_flushrs(v));
	assert_int_equal(cpu_vector(v), IA64_ALT_DTLB_VECTOR);
	isr = v->cr[CR_ISR];
	assert_true(isr & ISR_RS);
	assert_true(isr & ISR_W);
	assert_false(isr & ISR_IR);
	assert_int_equal(v->cr[CR_IFA], edge);
	/* What was stored stays stored. */
	assert_int_equal(v->rse.bspstore, edge);
	assert_int_equal(v->rse.ndirty, 3);
	cpu_at(v, 0x1000, 0, PSR_IC | PSR_RT | PSR_DT);
	map(c, edge);
	assert_true(ia64_rse_flushrs(v));
	assert_int_equal(word(c, 0x200000 | (edge & PAGE_BYTES)), 0x34);
	cpu_destroy(c);
}

static void fill_faults_half_way(void **state)
{
	uint64_t edge = 0x10000000ull + PAGE_BYTES;
	struct cpu *c = virtual_stack(edge - 4 * 8);
	struct vcpu *v = c->v;
	uint64_t pfm, ifm;
	unsigned int n;

	/* Slots 60, 61, 62 and a collection on the first page, three more on the second. */
	map(c, edge - PAGE_BYTES);
	map(c, edge);
	assert_true(ia64_rse_alloc(v, 6, 6, 0));
	for (n = 0; n < 6; n++)
		*reg(v, 32 + n) = 0x600 + n;
	*reg_nat(v, 33) = 1;
	pfm = ia64_cfm(&v->rse);
	ia64_rse_call(v);
	assert_true(ia64_rse_flushrs(v));
	for (n = 0; n < 6; n++)
		v->rse.stk[v->rse.bof - 1 - n] = v->rse.stk_nat[v->rse.bof - 1 - n] = 0;
	ia64_tlb_purge_local(v, edge - PAGE_BYTES, PAGE);
	ia64_rse_return(v, pfm);
	assert_true(v->rse.cfle);
	assert_false(ia64_rse_complete(v));
	assert_int_equal(cpu_vector(v), IA64_ALT_DTLB_VECTOR);
	/* SDM 2:6.6: the frame is incomplete, the access was the RSE's. */
	assert_true(v->cr[CR_ISR] & ISR_IR);
	assert_true(v->cr[CR_ISR] & ISR_RS);
	assert_true(v->cr[CR_ISR] & ISR_R);
	assert_int_equal(v->cr[CR_IFA], edge - 8);
	assert_false(v->rse.cfle);
	/* SDM 2:6.8: bspstore lies above bsp. */
	assert_int_equal(v->rse.bspstore, edge);
	assert_int_equal(ia64_rse_bsp(&v->rse), edge - 4 * 8);

	/* A handler that covers it: the three that were loaded become dirty, the frame complete. */
	ia64_rse_cover(v, &ifm);
	assert_int_equal(ifm, pfm);
	assert_int_equal(v->rse.ndirty, 3);
	assert_int_equal(v->rse.bspstore, edge);
	assert_int_equal(ia64_rse_bsp(&v->rse), edge + 3 * 8);
	/* Its own frames come and go. */
	assert_true(ia64_rse_alloc(v, 20, 20, 0));
	*reg(v, 32) = 0x99;
	ia64_rse_alloc(v, 0, 0, 0);
	cpu_at(v, 0x1000, 0, PSR_IC | PSR_RT | PSR_DT);
	map(c, edge - PAGE_BYTES);
	ia64_rse_rfi(v, ifm | 1ull << 63);
	assert_true(v->rse.cfle);
	assert_true(ia64_rse_complete(v));
	for (n = 0; n < 6; n++) {
		assert_int_equal(*reg(v, 32 + n), 0x600 + n);
		assert_int_equal(*reg_nat(v, 32 + n), n == 1);
	}
	assert_int_equal(v->rse.bspstore, edge - 4 * 8);
	cpu_destroy(c);
}

/* A handler that does not cover leaves the frame to the rfi (SDM 3:2 "rfi", ifs.v 0). */
static void uncovered_frame_is_completed_by_rfi(void **state)
{
	uint64_t base = 0x10000000ull;
	struct cpu *c = virtual_stack(base);
	struct vcpu *v = c->v;
	uint64_t pfm;

	map(c, base);
	assert_true(ia64_rse_alloc(v, 2, 2, 0));
	*reg(v, 32) = 0x32;
	*reg(v, 33) = 0x33;
	pfm = ia64_cfm(&v->rse);
	ia64_rse_call(v);
	assert_true(ia64_rse_flushrs(v));
	v->rse.stk[v->rse.bof - 1] = v->rse.stk[v->rse.bof - 2] = 0;
	ia64_tlb_purge_local(v, base, PAGE);
	ia64_rse_return(v, pfm);
	assert_false(ia64_rse_complete(v));
	assert_int_equal(v->rse.missing, 2);
	ia64_set_psr(v, PSR_RT | PSR_DT);
	map(c, base);
	ia64_rse_rfi(v, 0);
	assert_true(v->rse.cfle);
	assert_true(ia64_rse_complete(v));
	assert_int_equal(*reg(v, 32), 0x32);
	assert_int_equal(*reg(v, 33), 0x33);
	cpu_destroy(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(skip_counts_collections),
		cmocka_unit_test(skip_undoes_itself),
		cmocka_unit_test(cfm_round_trip),
		cmocka_unit_test(impossible_cfm_stays_inside),
		cmocka_unit_test(call_and_return_keep_registers),
		cmocka_unit_test(alloc_spills_only_what_it_must),
		cmocka_unit_test(flushrs_stores_nats_in_collections),
		cmocka_unit_test(flushed_frame_comes_back),
		cmocka_unit_test(deep_nesting),
		cmocka_unit_test(bad_pfs_makes_an_empty_frame),
		cmocka_unit_test(cover_makes_the_frame_dirty),
		cmocka_unit_test(loadrs_moves_the_tear_point),
		cmocka_unit_test(loadrs_refuses),
		cmocka_unit_test(registers_of_the_rse),
		cmocka_unit_test(big_endian_backing_store),
		cmocka_unit_test(predicates_rotate),
		cmocka_unit_test(rotation_wraps),
		cmocka_unit_test(spill_faults_half_way),
		cmocka_unit_test(fill_faults_half_way),
		cmocka_unit_test(uncovered_frame_is_completed_by_rfi),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
