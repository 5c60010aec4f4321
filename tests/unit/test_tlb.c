/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Translation, its faults and what they report, purges, VHPT: SDM 2:4, 2:5.5, 2:8. */
#include "unit/cpu_fixture.h"

#include "ia64/debug.h"

#define PSR_V (PSR_IC | PSR_DT | PSR_IT | PSR_RT) /* the usual virtual state */
#define RD IA64_ACCESS_READ
#define WR IA64_ACCESS_WRITE
#define USER(psr) ((psr) | 3ull << PSR_CPL_SHIFT)

#define VA 0x2000000000012340ull /* region 1, rid 0x101 */
#define IP 0xa000000000001000ull
#define DEFAULT_ITIR(region) ((uint64_t)(0x100 + (region)) << 8 | 14 << 2)

static int setup(void **state)
{
	*state = cpu_create(1);
	return 0;
}

static int teardown(void **state)
{
	cpu_destroy(*state);
	return 0;
}

static void expect(struct vcpu *v, unsigned int vector, uint64_t isr, uint64_t ifa)
{
	assert_int_equal(cpu_vector(v), vector);
	assert_int_equal(v->cr[CR_ISR], isr);
	assert_int_equal(v->cr[CR_IFA], ifa);
}

static void expect_page(struct vcpu *v, unsigned int vector, uint64_t isr, uint64_t ifa)
{
	expect(v, vector, isr, ifa);
	assert_int_equal(v->cr[CR_ITIR], DEFAULT_ITIR(ifa >> 61));
}

static enum ia64_xlate load(struct vcpu *v, uint64_t va, unsigned int access)
{
	uint64_t val;

	return ia64_load_slow(v, va, 8, access, &val);
}

/* A load and a store of 8 bytes reach the page the translation names. */
static void insert_and_use(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;
	uint64_t val, page = 0x400000;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, VA, 14, 0, page | PTE_RWX));
	assert_int_equal(ia64_store(v, VA, 8, 0x1122334455667788ull), IA64_XLATE_OK);
	assert_int_equal(*(uint64_t *)(c->mem.base + page + 0x2340), 0x1122334455667788ull);
	assert_int_equal(ia64_load(v, VA, 4, &val), IA64_XLATE_OK);
	assert_int_equal(val, 0x55667788);
	/* By now from the fast lines. */
	assert_non_null(ia64_fast_ptr(v->view->rd, VA, 8));
	assert_non_null(ia64_fast_ptr(v->view->wr, VA, 8));
	assert_int_equal(ia64_store(v, VA + 8, 2, 0xabcd), IA64_XLATE_OK);
	assert_int_equal(*(uint16_t *)(c->mem.base + page + 0x2348), 0xabcd);
}

/* SDM 2:8, vectors 0x0800, 0x1000, 0x0400, 0x0c00: ISR, IFA, ITIR. */
static void misses(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	struct ia64_xlate_result res;

	cpu_at(v, IP, 1, PSR_V);
	assert_int_equal(load(v, VA, RD), IA64_XLATE_FAULT);
	expect_page(v, IA64_ALT_DTLB_VECTOR, ISR_R | 1ull << ISR_EI_SHIFT, VA);
	assert_int_equal(v->cr[CR_IHA], 0xdead);
	cpu_at(v, IP, 2, PSR_V);
	assert_int_equal(ia64_store_slow(v, VA, 4, WR, 0), IA64_XLATE_FAULT);
	expect_page(v, IA64_ALT_DTLB_VECTOR, ISR_W | 2ull << ISR_EI_SHIFT, VA);
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(ia64_translate(v, IP, 16, IA64_ACCESS_EXEC, 0, &res), IA64_XLATE_FAULT);
	expect_page(v, IA64_ALT_ITLB_VECTOR, ISR_X, IP);
	/* RSE references: isr.rs. */
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(ia64_load_slow(v, VA, 8, RD | IA64_ACCESS_RSE, &res.pa),
			 IA64_XLATE_FAULT);
	expect_page(v, IA64_ALT_DTLB_VECTOR, ISR_R | ISR_RS, VA);
	/* Non-access: isr.na and its code. */
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(ia64_translate(v, VA, 1, RD | IA64_ACCESS_NA, 1, &res), IA64_XLATE_FAULT);
	expect_page(v, IA64_ALT_DTLB_VECTOR, ISR_R | ISR_NA | 1, VA);
}

/* With psr.ic 0: Data Nested TLB fault, and nothing is collected, SDM 2:8 at 0x1400. */
static void nested(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	struct ia64_xlate_result res;

	cpu_at(v, IP, 1, PSR_V & ~PSR_IC);
	v->cr[CR_ISR] = 0x1234;
	assert_int_equal(load(v, VA, RD), IA64_XLATE_FAULT);
	expect(v, IA64_NESTED_DTLB_VECTOR, 0x1234, 0xdead);
	assert_int_equal(v->cr[CR_IIP], 0xdead);
	assert_int_equal(v->cr[CR_IPSR], 0xdead);
	/* Other faults go to their vector with isr.ni, and leave the rest alone. */
	cpu_at(v, IP, 1, PSR_V);
	assert_true(cpu_insert(v, false, -1, VA, 14, 0, 0));
	cpu_at(v, IP, 1, PSR_V & ~PSR_IC);
	assert_int_equal(load(v, VA, RD), IA64_XLATE_FAULT);
	expect(v, IA64_PAGE_NOT_PRESENT_VECTOR, ISR_R | ISR_NI | 1ull << ISR_EI_SHIFT, 0xdead);
	/* Instruction misses too. */
	cpu_at(v, IP, 0, PSR_V & ~PSR_IC);
	assert_int_equal(ia64_translate(v, IP, 16, IA64_ACCESS_EXEC, 0, &res), IA64_XLATE_FAULT);
	expect(v, IA64_ALT_ITLB_VECTOR, ISR_X | ISR_NI, 0xdead);
}

/* Every page size maps all of its page and not a byte more; others are reserved. */
static void page_sizes(void **state)
{
	static const unsigned int sizes[] = { 12, 13, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32 };
	struct vcpu *v = ((struct cpu *)*state)->v;
	unsigned int n, ps;
	uint64_t pa;

	for (n = 0; n < 12; n++) {
		uint64_t size = 1ull << sizes[n], base = 3ull << 61 | 5 * size;
		uint64_t phys = 1ull << 40 | size;

		cpu_at(v, IP, 0, PSR_V);
		assert_true(cpu_insert(v, false, -1, base + size / 2, sizes[n], 0,
				       phys | (PTE_RWX & ~(size - 1)) | PTE_RWX));
		assert_true(ia64_tpa(v, base, &pa));
		assert_int_equal(pa, phys);
		assert_true(ia64_tpa(v, base + size - 1, &pa));
		assert_int_equal(pa, phys + size - 1);
		assert_false(ia64_tpa(v, base + size, &pa));
		cpu_at(v, IP, 0, PSR_V);
		assert_false(ia64_tpa(v, base - 1, &pa));
		expect_page(v, IA64_ALT_DTLB_VECTOR, ISR_NA, base - 1);
		ia64_tlb_purge_all(v);
	}
	for (ps = 0, n = 0; ps < 64; ps++) {
		if (n < 12 && sizes[n] == ps) {
			n++;
			continue;
		}
		cpu_at(v, IP, 0, PSR_V);
		assert_false(cpu_insert(v, false, -1, VA, ps, 0, PTE_RWX));
		assert_int_equal(cpu_vector(v), IA64_GENERAL_EXCEPTION_VECTOR);
		assert_int_equal(v->cr[CR_ISR], 0x30 | ISR_NI);
		assert_false(ia64_page_size_ok(ps));
	}
}

/* SDM 2:4.1.1.5: reserved fields of the insertion format; psr.ic; the slot. */
static void reserved_inserts(void **state)
{
	static const struct {
		uint64_t pte, itir;
	} bad[] = {
		{ PTE_RWX | 2, 14 << 2 }, { PTE_RWX | 1ull << 50, 14 << 2 },
		{ PTE_RWX | 1ull << 51, 14 << 2 }, { PTE_RWX | PTE_MA(1), 14 << 2 },
		{ PTE_RWX | PTE_MA(2), 14 << 2 }, { PTE_RWX | PTE_MA(3), 14 << 2 },
		{ PTE_RWX, 14 << 2 | 1 }, { PTE_RWX, 14 << 2 | 1ull << 32 },
	};
	struct vcpu *v = ((struct cpu *)*state)->v;
	unsigned int n;

	for (n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
		cpu_at(v, IP, 0, PSR_V & ~PSR_IC);
		v->cr[CR_IFA] = VA;
		v->cr[CR_ITIR] = bad[n].itir;
		assert_false(ia64_tlb_insert(v, false, -1, bad[n].pte));
		assert_int_equal(cpu_vector(v), IA64_GENERAL_EXCEPTION_VECTOR);
		/* Not present: everything but the page size is the software's. */
		cpu_at(v, IP, 0, PSR_V & ~PSR_IC);
		v->cr[CR_IFA] = VA;
		v->cr[CR_ITIR] = bad[n].itir;
		assert_true(ia64_tlb_insert(v, false, -1, bad[n].pte & ~PTE_P));
	}
	cpu_at(v, IP, 0, PSR_V);
	assert_false(ia64_tlb_insert(v, false, -1, PTE_RWX));
	expect(v, IA64_GENERAL_EXCEPTION_VECTOR, 0, 0xdead);
	cpu_at(v, IP, 0, PSR_V);
	assert_false(cpu_insert(v, false, 64, VA, 14, 0, PTE_RWX));
	assert_int_equal(v->cr[CR_ISR], 0x30 | ISR_NI);
}

/* SDM 2:4.1.1.6, Table 4-2: rights at levels 3, 2, 1, 0 for each ar and pl, "-" is none. */
static const char *const rights[8][4][4] = {
	[0] = { { "-", "-", "-", "r" }, { "-", "-", "r", "r" },
		{ "-", "r", "r", "r" }, { "r", "r", "r", "r" } },
	[1] = { { "-", "-", "-", "rx" }, { "-", "-", "rx", "rx" },
		{ "-", "rx", "rx", "rx" }, { "rx", "rx", "rx", "rx" } },
	[2] = { { "-", "-", "-", "rw" }, { "-", "-", "rw", "rw" },
		{ "-", "rw", "rw", "rw" }, { "rw", "rw", "rw", "rw" } },
	[3] = { { "-", "-", "-", "rwx" }, { "-", "-", "rwx", "rwx" },
		{ "-", "rwx", "rwx", "rwx" }, { "rwx", "rwx", "rwx", "rwx" } },
	[4] = { { "-", "-", "-", "rw" }, { "-", "-", "r", "rw" },
		{ "-", "r", "rw", "rw" }, { "r", "rw", "rw", "rw" } },
	[5] = { { "-", "-", "-", "rwx" }, { "-", "-", "rx", "rwx" },
		{ "-", "rx", "rx", "rwx" }, { "rx", "rx", "rx", "rwx" } },
	[6] = { { "-", "-", "-", "rw" }, { "-", "-", "rwx", "rw" },
		{ "-", "rwx", "rw", "rw" }, { "rwx", "rw", "rw", "rw" } },
	[7] = { { "x", "x", "x", "rx" }, { "x", "x", "x", "rx" },
		{ "x", "x", "x", "rx" }, { "x", "x", "x", "rx" } },
};

static void access_rights(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	unsigned int ar, pl, level, kind;
	static const char letter[] = "rwx";
	static const unsigned int access[] = { RD, WR, IA64_ACCESS_EXEC };
	static const uint64_t isr[] = { ISR_R, ISR_W, ISR_X };
	struct ia64_xlate_result res;

	for (ar = 0; ar < 8; ar++)
		for (pl = 0; pl < 4; pl++)
			for (level = 0; level < 4; level++)
				for (kind = 0; kind < 3; kind++) {
		const char *r = rights[ar][pl][3 - level];
		bool ok = strchr(r, letter[kind]), permitted;
		uint64_t pte = PTE_P | PTE_A | PTE_D | PTE_PL(pl) | PTE_AR(ar);

		cpu_at(v, IP, 0, PSR_V | (uint64_t)level << PSR_CPL_SHIFT);
		assert_true(cpu_insert(v, kind == 2, -1, VA & ~15ull, 12, 0, pte));
		cpu_at(v, IP, 0, PSR_V | (uint64_t)level << PSR_CPL_SHIFT);
		assert_int_equal(ia64_translate(v, VA & ~15ull, 8, access[kind], 0, &res),
				 ok ? IA64_XLATE_OK : IA64_XLATE_FAULT);
		if (!ok)
			expect_page(v, kind == 2 ? IA64_IACCESS_RIGHTS_VECTOR :
				    IA64_DACCESS_RIGHTS_VECTOR, isr[kind], VA & ~15ull);
		if (kind == 2)
			continue;
		/* probe answers what a reference would meet, at the less privileged level. */
		cpu_at(v, IP, 0, PSR_V);
		assert_true(ia64_probe(v, VA & ~15ull, access[kind], level, false, &permitted));
		assert_int_equal(permitted, ok);
		assert_int_equal(ia64_probe(v, VA & ~15ull, access[kind], level, true, &permitted),
				 ok);
		if (!ok)
			expect_page(v, IA64_DACCESS_RIGHTS_VECTOR, isr[kind] | ISR_NA | 5,
				    VA & ~15ull);
	}
}

/* A line filled at one level serves no other. */
static void views_by_level(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	uint64_t val;
	unsigned int level;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, VA, 14, 0,
			       PTE_P | PTE_A | PTE_D | PTE_PL(1) | PTE_AR(2)));
	for (level = 0; level < 4; level++) {
		cpu_at(v, IP, 0, PSR_V | (uint64_t)level << PSR_CPL_SHIFT);
		assert_int_equal(ia64_load(v, VA, 8, &val),
				 level <= 1 ? IA64_XLATE_OK : IA64_XLATE_FAULT);
	}
	for (level = 4; level-- > 0;) {
		cpu_at(v, IP, 0, PSR_V | (uint64_t)level << PSR_CPL_SHIFT);
		assert_int_equal(ia64_load(v, VA, 8, &val),
				 level <= 1 ? IA64_XLATE_OK : IA64_XLATE_FAULT);
	}
}

/* SDM 2:4.1.3. */
static void protection_keys(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	uint64_t val, key = 0x777;
	unsigned int n;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, VA, 14, (uint32_t)key, PTE_RWX));
	assert_true(cpu_insert(v, true, -1, IP, 14, (uint32_t)key, PTE_RWX));
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_OK);
	/* psr.pk takes effect on lines that are there already. */
	cpu_at(v, IP, 0, PSR_V | PSR_PK);
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
	expect_page(v, IA64_DKEY_MISS_VECTOR, ISR_R, VA);
	for (n = 0; n < 8; n++) {
		struct ia64_xlate_result res;

		cpu_at(v, IP, 0, PSR_V | PSR_PK);
		assert_true(ia64_indirect_write(v, IA64_RF_PKR, 3, key << 8 | n << 1 | 1));
		assert_int_equal(ia64_store(v, VA, 8, 0), n & 1 ? IA64_XLATE_FAULT : IA64_XLATE_OK);
		if (n & 1)
			expect_page(v, IA64_KEY_PERMISSION_VECTOR, ISR_W, VA);
		cpu_at(v, IP, 0, PSR_V | PSR_PK);
		assert_int_equal(ia64_load(v, VA, 8, &val),
				 n & 2 ? IA64_XLATE_FAULT : IA64_XLATE_OK);
		if (n & 2)
			expect_page(v, IA64_KEY_PERMISSION_VECTOR, ISR_R, VA);
		cpu_at(v, IP, 0, PSR_V | PSR_PK);
		assert_int_equal(ia64_translate(v, IP, 16, IA64_ACCESS_EXEC, 0, &res),
				 n & 4 ? IA64_XLATE_FAULT : IA64_XLATE_OK);
		if (n & 4)
			expect_page(v, IA64_KEY_PERMISSION_VECTOR, ISR_X, IP);
	}
	/* A key is valid in one register at most. */
	cpu_at(v, IP, 0, PSR_V | PSR_PK);
	assert_true(ia64_indirect_write(v, IA64_RF_PKR, 9, key << 8 | 1));
	assert_int_equal(v->pkr[3] & 1, 0);
	assert_true(ia64_indirect_write(v, IA64_RF_PKR, 9, key << 8));
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
	expect_page(v, IA64_DKEY_MISS_VECTOR, ISR_R, VA);
}

static void dirty_and_access_bits(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	uint64_t pte = PTE_P | PTE_PL(3) | PTE_AR(3), val;
	struct ia64_xlate_result res;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, VA, 14, 0, pte));
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
	expect_page(v, IA64_DACCESS_BIT_VECTOR, ISR_R, VA);
	/* Dirty Bit comes before Access Bit: SDM 2:5.4. */
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(ia64_store(v, VA, 8, 0), IA64_XLATE_FAULT);
	expect_page(v, IA64_DIRTY_BIT_VECTOR, ISR_W, VA);
	/* psr.da: both are passed over, for this once. */
	cpu_at(v, IP, 0, PSR_V | PSR_DA);
	assert_int_equal(ia64_store(v, VA, 8, 0), IA64_XLATE_OK);
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_OK);
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
	/* Accessed but clean: reads do, writes do not. */
	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, VA, 14, 0, pte | PTE_A));
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_OK);
	assert_int_equal(ia64_store(v, VA, 8, 0), IA64_XLATE_FAULT);
	expect_page(v, IA64_DIRTY_BIT_VECTOR, ISR_W, VA);
	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, VA, 14, 0, pte | PTE_D));
	assert_int_equal(ia64_store(v, VA, 8, 0), IA64_XLATE_FAULT);
	expect_page(v, IA64_DACCESS_BIT_VECTOR, ISR_W, VA);
	/* Instruction side: psr.ia. */
	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, true, -1, IP, 14, 0, pte));
	assert_int_equal(ia64_translate(v, IP, 16, IA64_ACCESS_EXEC, 0, &res), IA64_XLATE_FAULT);
	expect_page(v, IA64_IACCESS_BIT_VECTOR, ISR_X, IP);
	cpu_at(v, IP, 0, PSR_V | PSR_IA);
	assert_int_equal(ia64_translate(v, IP, 16, IA64_ACCESS_EXEC, 0, &res), IA64_XLATE_OK);
}

/*
 * SDM 2:5.4: with everything wrong at once the first condition is reported; setting it right shows
 * the next, down to the last.
 */
static void data_fault_order(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	const uint64_t va = VA + 1; /* misaligned */
	const uint64_t psr = PSR_V | PSR_PK | PSR_DB | PSR_AC;
	const unsigned int sem = RD | WR | IA64_ACCESS_SEMAPHORE;
	static const struct {
		unsigned int vector;
		uint64_t pte;
	} step[] = {
		{ IA64_PAGE_NOT_PRESENT_VECTOR, 0 },
		{ IA64_NAT_CONSUMPTION_VECTOR, PTE_P | PTE_MA(7) },
		{ IA64_DKEY_MISS_VECTOR, PTE_P | PTE_MA(4) },
		{ IA64_KEY_PERMISSION_VECTOR, PTE_P | PTE_MA(4) },
		{ IA64_DACCESS_RIGHTS_VECTOR, PTE_P | PTE_MA(4) },
		{ IA64_DIRTY_BIT_VECTOR, PTE_P | PTE_MA(4) | PTE_AR(2) },
		{ IA64_DACCESS_BIT_VECTOR, PTE_P | PTE_MA(4) | PTE_AR(2) | PTE_D },
		{ IA64_DEBUG_VECTOR, PTE_P | PTE_MA(4) | PTE_AR(2) | PTE_D | PTE_A },
		{ IA64_UNALIGNED_VECTOR, PTE_P | PTE_MA(4) | PTE_AR(2) | PTE_D | PTE_A },
	};
	struct ia64_xlate_result res;
	unsigned int n;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(ia64_indirect_write(v, IA64_RF_DBR, 0, va));
	assert_true(ia64_indirect_write(v, IA64_RF_DBR, 1,
					3ull << 62 | 15ull << 56 | ((1ull << 56) - 1)));
	cpu_at(v, IP, 0, psr);
	assert_int_equal(ia64_translate(v, va, 8, sem, 0, &res), IA64_XLATE_FAULT);
	expect_page(v, IA64_ALT_DTLB_VECTOR, ISR_R | ISR_W, va);
	for (n = 0; n < sizeof(step) / sizeof(step[0]); n++) {
		unsigned int vector = step[n].vector;
		uint64_t isr = ISR_R | ISR_W;

		cpu_at(v, IP, 0, psr);
		if (vector == IA64_KEY_PERMISSION_VECTOR)
			ia64_indirect_write(v, IA64_RF_PKR, 0, 0x99 << 8 | 7);
		if (vector == IA64_DACCESS_RIGHTS_VECTOR)
			ia64_indirect_write(v, IA64_RF_PKR, 0, 0x99 << 8 | 1);
		if (vector == IA64_UNALIGNED_VECTOR)
			ia64_indirect_write(v, IA64_RF_DBR, 0, va + 0x1000);
		assert_true(cpu_insert(v, false, -1, va, 14, 0x99, step[n].pte));
		assert_int_equal(ia64_translate(v, va, 8, sem, 0, &res), IA64_XLATE_FAULT);
		if (vector == IA64_NAT_CONSUMPTION_VECTOR)
			isr |= 0x20;
		expect(v, vector, isr, va);
	}
	cpu_at(v, IP, 0, psr);
	assert_int_equal(ia64_translate(v, va - 1, 8, sem, 0, &res), IA64_XLATE_FAULT);
	expect(v, IA64_UNSUPPORTED_DATA_VECTOR, ISR_R | ISR_W, va - 1);
}

/* SDM 2:5.5.5, Table 5-4: which conditions a speculative load defers. */
static void deferral(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	static const struct {
		uint64_t dcr_bit;
		unsigned int vector;
		uint64_t pte;
	} row[] = {
		{ DCR_DP, IA64_PAGE_NOT_PRESENT_VECTOR, 0 },
		{ DCR_DK, IA64_DKEY_MISS_VECTOR, PTE_RWX },
		{ DCR_DX, IA64_KEY_PERMISSION_VECTOR, PTE_RWX },
		{ DCR_DR, IA64_DACCESS_RIGHTS_VECTOR, PTE_P | PTE_A | PTE_PL(0) },
		{ DCR_DA, IA64_DACCESS_BIT_VECTOR, PTE_RWX & ~PTE_A },
		{ DCR_DD, IA64_DEBUG_VECTOR, PTE_RWX },
		{ DCR_DM, IA64_ALT_DTLB_VECTOR, 0 },
	};
	unsigned int n, ed, ic, bit;

	for (n = 0; n < sizeof(row) / sizeof(row[0]); n++)
		for (ed = 0; ed < 2; ed++)
			for (ic = 0; ic < 2; ic++)
				for (bit = 0; bit < 2; bit++) {
		uint64_t psr = USER(PSR_DT | PSR_IT | PSR_RT | PSR_PK | PSR_DB);
		uint64_t all = DCR_DM | DCR_DP | DCR_DK | DCR_DX | DCR_DR | DCR_DA | DCR_DD;
		bool defers = !ic || (ed && bit);

		if (ic)
			psr |= PSR_IC;
		ia64_tlb_purge_all(v);
		cpu_at(v, IP, 0, psr);
		memset(v->pkr, 0, sizeof(v->pkr));
		memset(v->dbr, 0, sizeof(v->dbr));
		if (row[n].dcr_bit != DCR_DK)
			v->pkr[0] = 0x55 << 8 | 1 | (row[n].dcr_bit == DCR_DX ? 4 : 0);
		if (row[n].dcr_bit == DCR_DD) {
			v->dbr[0] = VA;
			v->dbr[1] = 1ull << 63 | 15ull << 56 | ((1ull << 56) - 1);
		}
		assert_true(cpu_insert(v, true, -1, IP, 14, 0x55, PTE_RWX | (ed ? PTE_ED : 0)));
		if (row[n].dcr_bit != DCR_DM)
			assert_true(cpu_insert(v, false, -1, VA, 14, 0x55, row[n].pte));
		/* The bit is the one that counts: alone, or all others. */
		v->cr[CR_DCR] = bit ? row[n].dcr_bit : all & ~row[n].dcr_bit;
		assert_int_equal(load(v, VA, RD | IA64_ACCESS_SPEC),
				 defers ? IA64_XLATE_DEFER : IA64_XLATE_FAULT);
		if (!defers)
			expect(v, row[n].vector, ISR_R | ISR_SP | (ed ? ISR_ED : 0), VA);
		/* psr.ed: the load is not done, whatever it would meet. */
		cpu_at(v, IP, 0, psr | PSR_ED);
		assert_int_equal(load(v, VA, RD | IA64_ACCESS_SPEC), IA64_XLATE_DEFER);
	}
	v->cr[CR_DCR] = 0;
}

/* NaTPage and uncacheable pages: SDM 2:4.4, 2:5.5.5. */
static void attributes(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;
	uint64_t val = 1;
	void *p;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, VA, 14, 0, PTE_RWX | PTE_MA(7)));
	assert_int_equal(load(v, VA, RD), IA64_XLATE_FAULT);
	expect_page(v, IA64_NAT_CONSUMPTION_VECTOR, ISR_R | 0x20, VA);
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(load(v, VA, RD | IA64_ACCESS_SPEC), IA64_XLATE_DEFER);
	/* Uncacheable: to the device, at once, every time. */
	assert_true(cpu_insert(v, false, -1, VA, 14, 0, CPU_DEVICE | PTE_RWX | PTE_MA(4)));
	assert_int_equal(ia64_load(v, (VA & ~0x3fffull) + 4, 4, &val), IA64_XLATE_OK);
	assert_int_equal(val, 0x88776655);
	assert_int_equal(c->mmio_pa, CPU_DEVICE + 4);
	assert_int_equal(c->mmio_size, 4);
	assert_int_equal(ia64_store(v, (VA & ~0x3fffull) + 2, 2, 0x12345), IA64_XLATE_OK);
	assert_int_equal(c->mmio_pa, CPU_DEVICE + 2);
	assert_int_equal(c->mmio_val, 0x2345);
	assert_int_equal(load(v, VA, RD | IA64_ACCESS_SPEC), IA64_XLATE_DEFER);
	/* An advanced load of it is not done. */
	c->mmio_reads = 0;
	assert_int_equal(ia64_load_slow(v, VA, 8, RD | IA64_ACCESS_ADVANCED, &val),
			 IA64_XLATE_NONE);
	assert_int_equal(val, 0);
	assert_int_equal(c->mmio_reads, 0);
	/* Unaligned there faults whatever psr.ac is; semaphores are not supported. */
	assert_int_equal(ia64_load(v, VA + 1, 4, &val), IA64_XLATE_FAULT);
	expect(v, IA64_UNALIGNED_VECTOR, ISR_R, VA + 1);
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(ia64_semaphore_ptr(v, VA, 8, &p), IA64_XLATE_FAULT);
	expect(v, IA64_UNSUPPORTED_DATA_VECTOR, ISR_R | ISR_W, VA);
	/* Where nobody is: all ones. */
	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, VA, 14, 0,
			       (CPU_DEVICE + 0x10000) | PTE_RWX | PTE_MA(4)));
	assert_int_equal(ia64_load(v, VA, 2, &val), IA64_XLATE_OK);
	assert_int_equal(val, 0xffff);
}

/* SDM 2:4.4.1: bit 63 chooses the attribute; bits above the last implemented one fault. */
static void physical(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;
	uint64_t val;

	cpu_at(v, IP, 0, PSR_IC);
	*(uint64_t *)(c->mem.base + 0x5000) = 0x42;
	assert_int_equal(ia64_load(v, 0x5000, 8, &val), IA64_XLATE_OK);
	assert_int_equal(val, 0x42);
	assert_ptr_equal(v->view, &v->views[IA64_VIEW_PHYS]);
	assert_non_null(ia64_fast_ptr(v->view->rd, 0x5000, 8));
	assert_int_equal(ia64_load(v, 1ull << 63 | CPU_DEVICE, 1, &val), IA64_XLATE_OK);
	assert_int_equal(val, 0x11);
	assert_int_equal(c->mmio_pa, CPU_DEVICE);
	assert_int_equal(ia64_load(v, 1ull << 50, 8, &val), IA64_XLATE_FAULT);
	expect(v, IA64_GENERAL_EXCEPTION_VECTOR, 0x50 | ISR_R, 1ull << 50);
	cpu_at(v, IP, 0, PSR_IC);
	assert_int_equal(load(v, 1ull << 62, RD | IA64_ACCESS_SPEC), IA64_XLATE_DEFER);
	/* The same address, virtual: its lines are others'. */
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(ia64_load(v, 0x5000, 8, &val), IA64_XLATE_FAULT);
}

/* Unaligned accesses without psr.ac, within a page and across two: SDM 2:4.5. */
static void unaligned(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;
	const uint64_t edge = (VA & ~0x3fffull) + 0x4000;
	uint64_t val;
	unsigned int n;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, edge - 1, 14, 0, 0x200000 | PTE_RWX));
	memset(c->mem.base + 0x200000, 0xee, 0x4000);
	/* The second page is missing: its first byte is reported and nothing was stored. */
	assert_int_equal(ia64_store(v, edge - 3, 8, 0x1122334455667788ull), IA64_XLATE_FAULT);
	expect_page(v, IA64_ALT_DTLB_VECTOR, ISR_W, edge);
	assert_int_equal(c->mem.base[0x203ffd], 0xee);
	/* Present but read-only, too. */
	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, edge, 14, 0, 0x300000 | PTE_P | PTE_A | PTE_PL(3)));
	assert_int_equal(ia64_store(v, edge - 3, 8, 0x1122334455667788ull), IA64_XLATE_FAULT);
	expect_page(v, IA64_DACCESS_RIGHTS_VECTOR, ISR_W, edge);
	assert_int_equal(c->mem.base[0x203ffd], 0xee);
	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, edge, 14, 0, 0x300000 | PTE_RWX));
	for (n = 1; n < 8; n++) {
		assert_int_equal(ia64_store(v, edge - n, 8, 0x1122334455667788ull), IA64_XLATE_OK);
		assert_int_equal(c->mem.base[0x204000 - n], 0x88);
		assert_int_equal(c->mem.base[0x300000], 0x1122334455667788ull >> 8 * n & 0xff);
		assert_int_equal(ia64_load(v, edge - n, 8, &val), IA64_XLATE_OK);
		assert_int_equal(val, 0x1122334455667788ull);
		assert_int_equal(ia64_load(v, edge + n, 4, &val), IA64_XLATE_OK);
	}
	/* psr.ac, or an ordered access: Unaligned Data Reference. */
	for (n = 0; n < 2; n++) {
		unsigned int access = n ? RD | IA64_ACCESS_ORDERED : RD;

		cpu_at(v, IP, 0, n ? PSR_V : PSR_V | PSR_AC);
		assert_int_equal(ia64_load_slow(v, edge + 2, 4, access, &val), IA64_XLATE_FAULT);
		expect(v, IA64_UNALIGNED_VECTOR, ISR_R, edge + 2);
	}
}

static void big_endian(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;
	uint64_t val;
	unsigned int size;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, VA, 14, 0, 0x400000 | PTE_RWX));
	assert_int_equal(ia64_store(v, VA, 8, 0x0102030405060708ull), IA64_XLATE_OK);
	cpu_at(v, IP, 0, PSR_V | PSR_BE);
	for (size = 1; size <= 8; size *= 2) {
		assert_int_equal(ia64_load(v, VA, size, &val), IA64_XLATE_OK);
		assert_int_equal(val, 0x0807060504030201ull >> (64 - 8 * size));
		assert_int_equal(ia64_store(v, VA + 8, size, 0xa1a2a3a4a5a6a7a8ull), IA64_XLATE_OK);
		assert_int_equal(c->mem.base[0x402348], 0xa8 - (size - 1));
	}
	/* RSE references go by ar.rsc.be, whatever psr.be is. */
	assert_int_equal(ia64_load_slow(v, VA, 8, RD | IA64_ACCESS_RSE, &val), IA64_XLATE_OK);
	assert_int_equal(val, 0x0102030405060708ull);
	v->ar[AR_RSC] = 1 << 4;
	assert_int_equal(ia64_load_slow(v, VA, 8, RD | IA64_ACCESS_RSE, &val), IA64_XLATE_OK);
	assert_int_equal(val, 0x0807060504030201ull);
}

/* Data breakpoints: SDM 2:7.1. Lines that were there before do not hide them. */
static void data_breakpoints(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	uint64_t val, mask = ((1ull << 56) - 1) & ~7ull, next = (VA | 0xfff) + 1;

	cpu_at(v, IP, 0, PSR_V | PSR_DB);
	assert_true(cpu_insert(v, false, -1, VA, 14, 0, 0x400000 | PTE_RWX));
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_OK);
	assert_true(ia64_indirect_write(v, IA64_RF_DBR, 2, VA));
	assert_true(ia64_indirect_write(v, IA64_RF_DBR, 3, 1ull << 62 | 1ull << 56 | mask));
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_OK); /* for writes only */
	assert_int_equal(ia64_store(v, VA + 8, 8, 0), IA64_XLATE_OK);
	assert_int_equal(ia64_store(v, VA + 7, 1, 0), IA64_XLATE_FAULT);
	expect(v, IA64_DEBUG_VECTOR, ISR_W, VA + 7);
	/* An access that only touches the range. */
	cpu_at(v, IP, 0, PSR_V | PSR_DB);
	assert_int_equal(ia64_store(v, VA - 3, 4, 0), IA64_XLATE_FAULT);
	expect(v, IA64_DEBUG_VECTOR, ISR_W, VA - 3);
	/* psr.dd, psr.db off, another level. */
	cpu_at(v, IP, 0, PSR_V | PSR_DB | PSR_DD);
	assert_int_equal(ia64_store(v, VA, 8, 0), IA64_XLATE_OK);
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(ia64_store(v, VA, 8, 0), IA64_XLATE_OK);
	cpu_at(v, IP, 0, USER(PSR_V | PSR_DB));
	assert_int_equal(ia64_store(v, VA, 8, 0), IA64_XLATE_OK);
	cpu_at(v, IP, 0, PSR_V | PSR_DB);
	assert_int_equal(ia64_store(v, VA, 8, 0), IA64_XLATE_FAULT);
	/* In the second page of an access that crosses into it. */
	cpu_at(v, IP, 0, PSR_V | PSR_DB);
	assert_true(ia64_indirect_write(v, IA64_RF_DBR, 2, next + 2));
	assert_true(ia64_indirect_write(v, IA64_RF_DBR, 3, 1ull << 62 | 1ull << 56 | mask | 7));
	assert_int_equal(ia64_store(v, next - 6, 8, 0), IA64_XLATE_OK);
	assert_int_equal(ia64_store(v, next - 5, 8, 0), IA64_XLATE_FAULT);
	expect(v, IA64_DEBUG_VECTOR, ISR_W, next - 5);
}

/* TRs: priority over nothing but misses; overlap with another is a machine check. */
static void translation_registers(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;
	uint64_t pa;

	cpu_at(v, IP, 0, PSR_V);
	/* An insert takes the place of what it overlaps in the TC. */
	assert_true(cpu_insert(v, false, -1, VA, 12, 0, 0x100000 | PTE_RWX));
	assert_true(cpu_insert(v, false, 5, VA, 16, 0, 0x200000 | PTE_RWX));
	assert_true(ia64_tpa(v, VA, &pa));
	assert_int_equal(pa, 0x200000 | (VA & 0xffff));
	/* ptc does not reach TRs, ptr does. */
	ia64_tlb_purge_local(v, VA, 16);
	ia64_tlb_purge_all(v);
	assert_true(ia64_tpa(v, VA, &pa));
	/* The same register again: replaced. */
	assert_true(cpu_insert(v, false, 5, VA, 14, 0, 0x300000 | PTE_RWX));
	assert_true(ia64_tpa(v, VA, &pa));
	assert_int_equal(pa, 0x300000 | (VA & 0x3fff));
	assert_int_equal(c->mcas, 0);
	assert_false(cpu_insert(v, false, 6, VA, 12, 0, PTE_RWX));
	assert_true(v->tr_overlap.pending);
	assert_int_equal(v->tr_overlap.slot, 5);
	assert_true(ia64_deliver_pending(v));
	assert_int_equal(c->mcas, 1);
	assert_false(cpu_insert(v, false, -1, VA, 12, 0, PTE_RWX));
	assert_true(ia64_deliver_pending(v));
	assert_int_equal(c->mcas, 2);
	/*
	 * A purge too, on either side; not of what is beside it, nor by a global one's effect here.
	 */
	assert_false(ia64_purge_check(v, "ptc.l", VA, 12));
	assert_true(ia64_deliver_pending(v));
	assert_true(ia64_purge_check(v, "ptc.l", VA + 0x10000, 14));
	ia64_tlb_purge_rid(v, (uint32_t)(v->rr[VA >> 61] >> 8), VA, 12);
	assert_true(ia64_tpa(v, VA, &pa));
	/* The instruction side is another world. */
	assert_true(cpu_insert(v, true, 6, VA, 12, 0, PTE_RWX));
	cpu_at(v, IP, 0, PSR_V);
	ia64_tlb_purge_tr(v, false, VA, 12);
	assert_false(ia64_tpa(v, VA, &pa));
	assert_false(v->dtr[5].valid);
	assert_true(v->itr[6].valid);
}

/* probe, tpa, tak: SDM 3:2. */
static void non_access(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	uint64_t out;
	bool ok;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(ia64_tak(v, VA, &out));
	assert_int_equal(out, 1);
	assert_true(cpu_insert(v, false, -1, VA, 14, 0xabcdef, 0));
	assert_true(ia64_tak(v, VA, &out));
	assert_int_equal(out, 1); /* not present */
	assert_false(ia64_tpa(v, VA, &out));
	expect_page(v, IA64_PAGE_NOT_PRESENT_VECTOR, ISR_NA, VA);
	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, VA, 14, 0xabcdef, PTE_P | 0x400000));
	assert_true(ia64_tak(v, VA, &out));
	assert_int_equal(out, 0xabcdefull << 8);
	assert_true(ia64_tpa(v, VA, &out)); /* neither rights nor bits nor level matter */
	assert_int_equal(out, 0x400000 | (VA & 0x3fff));
	/* A user's probe cannot ask for level 0; neither access nor dirty bit matter to it. */
	cpu_at(v, IP, 0, USER(PSR_V));
	assert_true(ia64_probe(v, VA, RD, 0, false, &ok));
	assert_false(ok);
	cpu_at(v, IP, 0, PSR_V);
	assert_true(ia64_probe(v, VA, RD, 0, false, &ok));
	assert_true(ok);
	assert_false(ia64_probe(v, VA, RD, 0, true, &ok));
	expect_page(v, IA64_DACCESS_BIT_VECTOR, ISR_R | ISR_NA | 5, VA);
	/* A miss: isr.code tells which instruction. */
	cpu_at(v, IP, 0, PSR_V);
	assert_false(ia64_probe(v, VA + (1 << 20), WR, 0, false, &ok));
	expect_page(v, IA64_ALT_DTLB_VECTOR, ISR_W | ISR_NA | 2, VA + (1 << 20));
}

/* The table's own place: region 1's linear table at the top of the region, 2^40 bytes. */
#define PTA_BASE ((1ull << 61) - (1ull << 40))
#define VE (1ull << 0)

static void set_ve(struct vcpu *v, unsigned int region, bool ve)
{
	ia64_rr_write(v, region, (v->rr[region] & ~VE) | ve);
}

/* SDM 2:4.1.5.3: the short format. */
static void vhpt_short(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;
	struct ia64_xlate_result res;
	uint64_t entry, pa, val;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(ia64_cr_write(v, CR_PTA, PTA_BASE | 40 << 2 | 1));
	set_ve(v, 1, true);
	entry = ia64_thash(v, VA);
	assert_int_equal(entry, 1ull << 61 | PTA_BASE | (VA & ((1ull << 61) - 1)) >> 14 << 3);
	/* The table is not mapped. */
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
	expect_page(v, IA64_VHPT_VECTOR, ISR_R, VA);
	assert_int_equal(v->cr[CR_IHA], entry);
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(ia64_translate(v, VA, 16, IA64_ACCESS_EXEC, 0, &res), IA64_XLATE_FAULT);
	expect_page(v, IA64_VHPT_VECTOR, ISR_X, VA);
	/* psr.ic off: the data side is nested, the instruction side is not walked at all. */
	cpu_at(v, IP, 0, PSR_V & ~PSR_IC);
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
	assert_int_equal(cpu_vector(v), IA64_NESTED_DTLB_VECTOR);
	cpu_at(v, IP, 0, PSR_V & ~PSR_IC);
	assert_int_equal(ia64_translate(v, VA, 16, IA64_ACCESS_EXEC, 0, &res), IA64_XLATE_FAULT);
	assert_int_equal(cpu_vector(v), IA64_ALT_ITLB_VECTOR);
	/* Mapped, entry not present: installed, so Page Not Present. */
	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, entry, 14, 0, 0x800000 | PTE_P | PTE_A | PTE_AR(2)));
	assert_true(ia64_tpa(v, entry, &pa));
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
	expect_page(v, IA64_PAGE_NOT_PRESENT_VECTOR, ISR_R, VA);
	ia64_tlb_purge_local(v, VA, 14);
	/* Reserved bits: the walk fails. */
	*(uint64_t *)(c->mem.base + pa) = 0x400000 | PTE_RWX | 2;
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
	expect_page(v, IA64_DTLB_VECTOR, ISR_R, VA);
	assert_int_equal(v->cr[CR_IHA], entry);
	/* Found. */
	*(uint64_t *)(c->mem.base + pa) = 0x400000 | PTE_RWX;
	*(uint64_t *)(c->mem.base + 0x400000 + (VA & 0x3fff)) = 0xfeed;
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_OK);
	assert_int_equal(val, 0xfeed);
	/* It is in the TC now: the table is not asked again. */
	*(uint64_t *)(c->mem.base + pa) = 0;
	assert_int_equal(ia64_load(v, VA + 8, 8, &val), IA64_XLATE_OK);
	ia64_tlb_purge_local(v, VA, 14);
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
	assert_int_equal(cpu_vector(v), IA64_PAGE_NOT_PRESENT_VECTOR);
	ia64_tlb_purge_local(v, VA, 14);
	/* rr.ve off, or psr.dt for the instruction side: Alternate. */
	set_ve(v, 1, false);
	cpu_at(v, IP, 0, PSR_V);
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
	expect_page(v, IA64_ALT_DTLB_VECTOR, ISR_R, VA);
	/* dcr.be: the table is big-endian. */
	set_ve(v, 1, true);
	v->cr[CR_DCR] = DCR_BE;
	*(uint64_t *)(c->mem.base + pa) = __builtin_bswap64(0x400000 | PTE_RWX);
	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, false, -1, entry, 14, 0, 0x800000 | PTE_P | PTE_A | PTE_AR(2)));
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_OK);
	assert_int_equal(val, 0xfeed);
	v->cr[CR_DCR] = 0;
	/* An uncacheable table is not walked. */
	assert_true(cpu_insert(v, false, -1, entry, 14, 0, 0x800000 | PTE_RWX | PTE_MA(4)));
	ia64_tlb_purge_local(v, VA, 14);
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
	assert_int_equal(cpu_vector(v), IA64_DTLB_VECTOR);
}

/* SDM 2:4.1.5.4, 2:4.1.6.2: the long format. */
static void vhpt_long(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;
	uint64_t table = 5ull << 61 | 1ull << 30, entry, *e, val, pa;
	unsigned int r, n;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(ia64_cr_write(v, CR_PTA, table | 1 << 8 | 16 << 2 | 1));
	for (r = 0; r < 8; r++)
		set_ve(v, r, r != 5);
	assert_true(cpu_insert(v, false, 0, table, 16, 0, 0x800000 | PTE_RWX));
	entry = ia64_thash(v, VA);
	assert_in_range(entry, table, table + 0xffe0);
	assert_int_equal(entry & 31, 0);
	assert_int_equal(ia64_ttag(v, VA) >> 63, 0);
	e = (uint64_t *)(c->mem.base + 0x800000 + (entry - table));
	assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
	expect_page(v, IA64_DTLB_VECTOR, ISR_R, VA);
	assert_int_equal(v->cr[CR_IHA], entry);
	/* A page of its own size, with a key. */
	e[0] = 0x400000 | PTE_RWX;
	e[1] = 0x1234 << 8 | 12 << 2;
	e[2] = ia64_ttag(v, VA);
	cpu_at(v, IP, 0, PSR_V);
	assert_true(ia64_tpa(v, VA, &pa));
	assert_int_equal(pa, 0x400000 | (VA & 0xfff));
	assert_true(ia64_tak(v, VA, &val));
	assert_int_equal(val, 0x1234 << 8);
	/* The invalid bit, and another tag. */
	for (n = 0; n < 2; n++) {
		ia64_tlb_purge_local(v, VA, 14);
		e[2] ^= n ? 1ull << 63 | 1 : 1ull << 63;
		cpu_at(v, IP, 0, PSR_V);
		assert_int_equal(ia64_load(v, VA, 8, &val), IA64_XLATE_FAULT);
		expect_page(v, IA64_DTLB_VECTOR, ISR_R, VA);
	}
}

/* Index and tag name one page of one region: no two differ in neither. */
static void hash_is_unique(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	uint64_t seed = 88172645463325252ull;
	unsigned int n, bit;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(ia64_cr_write(v, CR_PTA, 1 << 8 | 15 << 2 | 1));
	for (n = 0; n < 20000; n++) {
		uint64_t va, hash, tag, rr;

		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		va = seed & ((1ull << 61) - 1) & ~0xfffull;
		rr = seed >> 40 << 8 | 12 << 2;
		ia64_rr_write(v, 0, rr);
		hash = ia64_thash(v, va);
		tag = ia64_ttag(v, va);
		for (bit = 12; bit < 61; bit++)
			assert_true(ia64_thash(v, va ^ 1ull << bit) != hash ||
				    ia64_ttag(v, va ^ 1ull << bit) != tag);
		for (bit = 8; bit < 32; bit++) {
			ia64_rr_write(v, 0, rr ^ 1ull << bit);
			assert_true(ia64_thash(v, va) != hash || ia64_ttag(v, va) != tag);
		}
	}
}

/*
 * Random inserts, purges, region changes and accesses, against a list of what was inserted. The TC
 * may forget; it may not invent, and neither may the fast lines.
 */
#define MODEL_MAX 4096

struct model {
	struct {
		uint32_t rid;
		uint64_t va, pa;
		unsigned int ps;
		int slot;
		bool valid;
	} e[MODEL_MAX];
	unsigned int count;
};

static bool ranges_meet(uint64_t a, unsigned int pa, uint64_t b, unsigned int pb)
{
	unsigned int ps = pa > pb ? pa : pb;

	return a >> ps == b >> ps;
}

static void model_purge(struct model *m, uint32_t rid, uint64_t va, unsigned int ps, bool trs)
{
	unsigned int n;

	for (n = 0; n < m->count; n++)
		if (m->e[n].rid == rid && ranges_meet(m->e[n].va, m->e[n].ps, va, ps) &&
		    (trs || m->e[n].slot < 0))
			m->e[n].valid = false;
}

static bool model_tr_meets(const struct model *m, uint32_t rid, uint64_t va, unsigned int ps)
{
	unsigned int n;

	for (n = 0; n < m->count; n++)
		if (m->e[n].valid && m->e[n].slot >= 0 && m->e[n].rid == rid &&
		    ranges_meet(m->e[n].va, m->e[n].ps, va, ps))
			return true;
	return false;
}

static void random_model(void **state)
{
	static const unsigned int sizes[] = { 12, 12, 12, 13, 14, 14, 16, 18, 20 };
	struct cpu *c = *state;
	struct vcpu *v = c->v;
	struct model *m = calloc(1, sizeof(*m));
	uint64_t seed = 0x123456789abcdefull;
	unsigned int step, n, hits = 0, fast = 0;

	/* Every 4 KiB of RAM says where it is. */
	for (n = 0; n < CPU_RAM >> 12; n++)
		*(uint64_t *)(c->mem.base + ((uint64_t)n << 12)) = (uint64_t)n << 12;
	cpu_at(v, IP, 0, PSR_V);
	for (step = 0; step < 300000; step++) {
		unsigned int region, ps, op, level;
		uint64_t va, pa, val;
		uint32_t rid;

		seed = seed * 6364136223846793005ull + 1442695040888963407ull;
		op = seed >> 60;
		region = seed >> 57 & 1;
		ps = sizes[(seed >> 50 & 0x7f) % 9];
		va = (seed >> 40 & 0x3f) << 12;
		pa = (seed >> 20 & (CPU_RAM - 1)) & ~((1ull << ps) - 1);
		level = seed >> 18 & 1 ? 3 : 0;
		rid = v->rr[region] >> 8;
		if (op == 0 && m->count < MODEL_MAX && !model_tr_meets(m, rid, va, ps)) {
			int slot = (seed >> 12 & 15) == 0 ? (int)(seed >> 8 & 7) : -1;

			if (slot >= 0)
				for (n = 0; n < m->count; n++)
					if (m->e[n].slot == slot)
						m->e[n].valid = false;
			model_purge(m, rid, va, ps, false);
			assert_true(cpu_insert(v, false, slot, (uint64_t)region << 61 | va, ps, 0,
					       pa | PTE_RWX));
			m->e[m->count].rid = rid;
			m->e[m->count].va = va;
			m->e[m->count].pa = pa;
			m->e[m->count].ps = ps;
			m->e[m->count].slot = slot;
			m->e[m->count++].valid = true;
		} else if (op == 1 && !(seed >> 19 & 1)) {
			if (seed >> 16 & 7) {
				ia64_tlb_purge_local(v, (uint64_t)region << 61 | va, ps);
				model_purge(m, rid, va, ps, false);
			} else {
				ia64_tlb_purge_tr(v, false, (uint64_t)region << 61 | va, ps);
				model_purge(m, rid, va, ps, true);
			}
		} else if (op == 2 && !(seed >> 19 & 3)) {
			assert_true(ia64_indirect_write(v, IA64_RF_RR, (uint64_t)region << 61,
							(0x10 + (seed >> 16 & 1)) << 8 | 14 << 2));
		} else {
			bool hit;

			va |= (uint64_t)region << 61;
			cpu_at(v, IP, 0, PSR_V | (uint64_t)level << PSR_CPL_SHIFT);
			fast += ia64_fast_ptr(v->view->rd, va, 8) != NULL;
			hit = ia64_load(v, va, 8, &val) == IA64_XLATE_OK;
			if (!hit)
				continue;
			hits++;
			va &= (1ull << 61) - 1;
			for (n = m->count; n-- > 0;)
				if (m->e[n].valid && m->e[n].rid == rid &&
				    m->e[n].va >> m->e[n].ps == va >> m->e[n].ps)
					break;
			assert_true(n < m->count);
			assert_int_equal(val, m->e[n].pa | (va & ((1ull << m->e[n].ps) - 1)));
		}
		if (m->count == MODEL_MAX) {
			/* Forget the dead. */
			unsigned int to = 0;

			for (n = 0; n < m->count; n++)
				if (m->e[n].valid)
					m->e[to++] = m->e[n];
			m->count = to;
		}
	}
	print_message("# %u hits, %u of them in fast lines\n", hits, fast);
	/* Too few hits and the test says nothing. */
	assert_true(hits > 50000);
	assert_true(fast > 10000);
	free(m);
}

/* The TC forgets when it is full, in the same way each time, and stays right. */
static void capacity(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;
	unsigned int n, kept = 0;
	uint64_t pa;

	for (n = 0; n < 20000; n++) {
		cpu_at(v, IP, 0, PSR_V);
		assert_true(cpu_insert(v, false, -1, 1ull << 61 | (uint64_t)n << 12, 12, 0,
				       (uint64_t)n << 12 | PTE_RWX));
		assert_true(ia64_tpa(v, 1ull << 61 | (uint64_t)n << 12, &pa));
		assert_int_equal(pa, (uint64_t)n << 12);
	}
	for (n = 0; n < 20000; n++) {
		cpu_at(v, IP, 0, PSR_V);
		if (!ia64_tpa(v, 1ull << 61 | (uint64_t)n << 12, &pa))
			continue;
		assert_int_equal(pa, (uint64_t)n << 12);
		kept++;
	}
	assert_in_range(kept, 2000, 8192);
	/* One purge over all of it. */
	ia64_tlb_purge_local(v, 1ull << 61, 28);
	for (n = 0; n < 20000; n++) {
		cpu_at(v, IP, 0, PSR_V);
		assert_false(ia64_tpa(v, 1ull << 61 | (uint64_t)n << 12, &pa));
	}
}

/* What fetches instructions is told when a translation of its region may have changed. */
static void exec_epochs(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	uint32_t before;

	cpu_at(v, IP, 0, PSR_V);
	assert_true(cpu_insert(v, true, -1, IP, 14, 0, PTE_RWX));
	before = v->exec_epoch[IP >> 61];
	v->code_stale = false;
	assert_true(cpu_insert(v, true, -1, IP + (1 << 20), 14, 0, PTE_RWX));
	ia64_tlb_purge_local(v, IP + (1 << 22), 14);
	assert_int_equal(v->exec_epoch[IP >> 61], before);
	assert_false(v->code_stale);
	assert_true(cpu_insert(v, true, -1, IP, 14, 0, 0x4000 | PTE_RWX));
	assert_int_not_equal(v->exec_epoch[IP >> 61], before);
	assert_true(v->code_stale);
	before = v->exec_epoch[IP >> 61];
	ia64_tlb_purge_local(v, IP, 14);
	assert_int_not_equal(v->exec_epoch[IP >> 61], before);
	before = v->exec_epoch[IP >> 61];
	assert_true(ia64_indirect_write(v, IA64_RF_RR, IP, v->rr[IP >> 61]));
	assert_int_equal(v->exec_epoch[IP >> 61], before);
	assert_true(ia64_indirect_write(v, IA64_RF_RR, IP, v->rr[IP >> 61] ^ 1 << 8));
	assert_int_not_equal(v->exec_epoch[IP >> 61], before);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(insert_and_use), T(misses), T(nested), T(page_sizes), T(reserved_inserts),
		T(access_rights), T(views_by_level), T(protection_keys), T(dirty_and_access_bits),
		T(data_fault_order), T(deferral), T(attributes), T(physical), T(unaligned),
		T(big_endian), T(data_breakpoints), T(translation_registers), T(non_access),
		T(vhpt_short), T(vhpt_long), T(hash_is_unique), T(random_model), T(capacity),
		T(exec_epochs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
