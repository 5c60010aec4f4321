/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Delivery of interruptions and rfi: SDM 2:3.3.2, 2:5.5, 2:8; control registers: SDM 2:3.3. */
#include "unit/cpu_fixture.h"

#include "ia64/rse.h"

#define IP 0xa000000000001230ull
#define USER_PSR (PSR_IC | PSR_I | PSR_DT | PSR_IT | PSR_RT | PSR_BN | 3ull << PSR_CPL_SHIFT)

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

/* A fault with psr.ic on: everything is collected, and the handler's psr is as in Table 3-2. */
static void fault_collects(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	const uint64_t all = PSR_BE | PSR_UP | PSR_AC | PSR_MFL | PSR_MFH | PSR_IC | PSR_I |
			     PSR_PK | PSR_DT | PSR_DFL | PSR_DFH | PSR_SP | PSR_PP | PSR_DI |
			     PSR_SI | PSR_DB | PSR_LP | PSR_TB | PSR_RT | PSR_CPL | PSR_MC |
			     PSR_IT | PSR_ID | PSR_DA | PSR_DD | PSR_SS | PSR_ED | PSR_BN | PSR_IA;
	const uint64_t kept = PSR_UP | PSR_MFL | PSR_MFH | PSR_PK | PSR_DT | PSR_RT | PSR_MC |
			      PSR_IT;

	cpu_at(v, IP, 1, all);
	v->branch_from = 0x777;
	v->branch_to = IP;
	ia64_fault(v, IA64_UNALIGNED_VECTOR, ISR_R);
	assert_int_equal(cpu_vector(v), IA64_UNALIGNED_VECTOR);
	assert_int_equal(v->cr[CR_IPSR], all | 1ull << PSR_RI_SHIFT);
	assert_int_equal(v->cr[CR_IIP], IP);
	assert_int_equal(v->cr[CR_IIPA], IP); /* its first slot was executed last */
	assert_int_equal(v->cr[CR_IFS], 0);
	assert_int_equal(v->cr[CR_ISR], ISR_R | 1ull << ISR_EI_SHIFT);
	assert_int_equal(v->psr, kept);
	assert_int_equal(v->cpl, 0);
	/* dcr.pp and dcr.be give the handler its own. */
	v->cr[CR_DCR] = DCR_PP | DCR_BE;
	cpu_at(v, IP, 0, 0);
	ia64_fault(v, IA64_UNALIGNED_VECTOR, 0);
	assert_int_equal(v->psr, PSR_PP | PSR_BE);
	assert_ptr_equal(v->view, &v->views[IA64_VIEW_SLOW]);
}

/* With psr.ic off only isr changes, with ni set. */
static void fault_without_collection(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	unsigned int n;

	cpu_at(v, IP, 2, PSR_DT | PSR_IT);
	ia64_illegal_operation(v);
	assert_int_equal(cpu_vector(v), IA64_GENERAL_EXCEPTION_VECTOR);
	assert_int_equal(v->cr[CR_ISR], ISR_NI | 2ull << ISR_EI_SHIFT);
	for (n = CR_IPSR; n <= CR_IHA; n++)
		if (n != CR_ISR && n != 18)
			assert_int_equal(v->cr[n], 0xdead);
	cpu_at(v, IP, 0, PSR_DT | PSR_IT);
	ia64_break_fault(v, 0x1234);
	assert_int_equal(v->cr[CR_IIM], 0xdead);
	cpu_at(v, IP, 0, PSR_DT | PSR_IT | PSR_IC);
	ia64_break_fault(v, 0x1234);
	assert_int_equal(v->cr[CR_IIM], 0x1234);
	assert_int_equal(cpu_vector(v), IA64_BREAK_VECTOR);
}

/* cr.iipa: the bundle of the last instruction executed. */
static void last_bundle(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;

	cpu_at(v, IP, 0, PSR_IC);
	ia64_illegal_operation(v);
	assert_int_equal(v->cr[CR_IIPA], IP - 16);
	cpu_at(v, IP, 0, PSR_IC);
	v->branch_from = 0x4000;
	v->branch_to = IP;
	ia64_illegal_operation(v);
	assert_int_equal(v->cr[CR_IIPA], 0x4000);
	/* A trap's is its own. */
	cpu_at(v, IP, 2, PSR_IC | PSR_DD | PSR_SS);
	ia64_trap(v, IA64_SINGLE_STEP_VECTOR, 8, IP + 16, 0);
	assert_int_equal(cpu_vector(v), IA64_SINGLE_STEP_VECTOR);
	assert_int_equal(v->cr[CR_IIPA], IP);
	assert_int_equal(v->cr[CR_IIP], IP + 16);
	assert_int_equal(v->cr[CR_ISR], 8 | 2ull << ISR_EI_SHIFT);
	/* The instruction that used them up has executed. */
	assert_int_equal(v->cr[CR_IPSR], PSR_IC | PSR_SS);
	cpu_at(v, IP, 0, PSR_IC);
	ia64_trap(v, IA64_SINGLE_STEP_VECTOR, 8, IP, 1);
	assert_int_equal(v->cr[CR_IPSR], PSR_IC | 1ull << PSR_RI_SHIFT);
}

static void codes(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;

	cpu_at(v, IP, 0, PSR_IC);
	assert_false(ia64_privileged_operation(v, ISR_NA | 3));
	assert_int_equal(v->cr[CR_ISR], 0x10 | ISR_NA | 3);
	cpu_at(v, IP, 0, PSR_IC);
	assert_false(ia64_privileged_register(v));
	assert_int_equal(v->cr[CR_ISR], 0x20);
	cpu_at(v, IP, 0, PSR_IC);
	assert_false(ia64_reserved_register_field(v, 0));
	assert_int_equal(v->cr[CR_ISR], 0x30);
	cpu_at(v, IP, 0, PSR_IC);
	assert_false(ia64_unimplemented_data_address(v, ISR_W, 0x123));
	assert_int_equal(v->cr[CR_ISR], 0x50 | ISR_W);
	assert_int_equal(v->cr[CR_IFA], 0x123);
	assert_int_equal(cpu_vector(v), IA64_GENERAL_EXCEPTION_VECTOR);
	cpu_at(v, IP, 0, PSR_IC);
	assert_false(ia64_register_nat_consumption(v, ISR_R));
	assert_int_equal(v->cr[CR_ISR], 0x10 | ISR_R);
	assert_int_equal(cpu_vector(v), IA64_NAT_CONSUMPTION_VECTOR);
	cpu_at(v, IP, 0, PSR_IC);
	assert_false(ia64_disabled_fp(v, 2, ISR_W));
	assert_int_equal(v->cr[CR_ISR], 2 | ISR_W);
	assert_int_equal(cpu_vector(v), IA64_DISABLED_FP_VECTOR);
}

/* psr.bn chooses the r16 to r31 an instruction sees; a handler starts in bank 0. */
static void banks(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	unsigned int n;

	cpu_at(v, IP, 0, USER_PSR);
	for (n = 0; n < 32; n++) {
		v->gr[n] = 0x100 + n;
		v->nat[n] = n & 1;
	}
	ia64_illegal_operation(v);
	for (n = 0; n < 16; n++)
		assert_int_equal(v->gr[n], 0x100 + n);
	for (n = 16; n < 32; n++) {
		v->gr[n] = 0x200 + n;
		v->nat[n] = 0;
	}
	ia64_rfi(v);
	for (n = 0; n < 32; n++) {
		assert_int_equal(v->gr[n], 0x100 + n);
		assert_int_equal(v->nat[n], n & 1);
	}
	ia64_set_psr(v, v->psr & ~PSR_BN);
	assert_int_equal(v->gr[16], 0x210);
}

/* rfi undoes a fault: ip, slot, psr; an incomplete frame is reported by isr.ir. */
static void return_from(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	uint64_t cfm;

	cpu_at(v, IP, 2, USER_PSR);
	v->rse.cfle = true;
	cfm = ia64_cfm(&v->rse);
	ia64_illegal_operation(v);
	assert_int_equal(v->cr[CR_ISR], ISR_IR | 2ull << ISR_EI_SHIFT);
	assert_false(v->rse.cfle);
	v->cr[CR_IIPA] = 0x5550;
	ia64_rfi(v);
	assert_int_equal(v->ip, IP);
	assert_int_equal(v->ri, 2);
	assert_int_equal(v->psr, USER_PSR);
	assert_int_equal(v->cpl, 3);
	assert_int_equal(ia64_cfm(&v->rse), cfm);
	/* A fault before anything has executed leaves iipa as the handler set it. */
	v->cr[CR_IPSR] = USER_PSR;
	v->cr[CR_IIP] = IP;
	v->cr[CR_IIPA] = 0x5550;
	ia64_rfi(v);
	ia64_illegal_operation(v);
	assert_int_equal(v->cr[CR_IIPA], 0x5550);
	/* To IA-32 code: Disabled Instruction Set Transition. */
	cpu_at(v, IP, 0, 0);
	v->cr[CR_IPSR] = USER_PSR | PSR_IS;
	ia64_rfi(v);
	assert_int_equal(cpu_vector(v), IA64_GENERAL_EXCEPTION_VECTOR);
	assert_int_equal(v->cr[CR_ISR], 0x40 | ISR_NI);
}

static void slow_attention(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	static const uint64_t bits[] = { PSR_SS, PSR_TB, PSR_LP, PSR_DB, PSR_ID, PSR_DA, PSR_DD,
					 PSR_ED, PSR_IA };
	unsigned int n;

	for (n = 0; n < sizeof(bits) / sizeof(bits[0]); n++) {
		cpu_at(v, IP, 0, PSR_IC);
		assert_int_equal(v->attention & IA64_ATTN_SLOW, 0);
		ia64_set_psr(v, PSR_IC | bits[n]);
		assert_int_equal(v->attention & IA64_ATTN_SLOW, IA64_ATTN_SLOW);
	}
}

/* External interrupts wait for psr.i; the vector is fetched by reading cr.ivr. */
static void external(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	uint64_t val;

	cpu_at(v, IP, 1, PSR_IC);
	ia64_post_interrupt(v, 0x31);
	assert_int_equal(v->attention & IA64_ATTN_INTERRUPT, IA64_ATTN_INTERRUPT);
	assert_true(ia64_serve_attention(v));
	assert_int_equal(v->ip, IP);
	assert_int_equal(v->attention & IA64_ATTN_INTERRUPT, 0);
	/* psr.i asks again. */
	ia64_set_psr(v, PSR_IC | PSR_I);
	assert_int_equal(v->attention & IA64_ATTN_INTERRUPT, IA64_ATTN_INTERRUPT);
	assert_true(ia64_serve_attention(v));
	assert_int_equal(cpu_vector(v), IA64_EXTINT_VECTOR);
	assert_int_equal(v->cr[CR_ISR], 1ull << ISR_EI_SHIFT);
	assert_int_equal(v->cr[CR_IIP], IP);
	assert_int_equal(v->cr[CR_IPSR], PSR_IC | PSR_I | 1ull << PSR_RI_SHIFT);
	assert_true(ia64_cr_read(v, CR_IVR, &val));
	assert_int_equal(val, 0x31);
	assert_true(ia64_cr_read(v, CR_IVR, &val));
	assert_int_equal(val, 15);
	/* A higher task priority keeps it out; lowering it lets it in. */
	cpu_at(v, IP, 0, PSR_IC | PSR_I);
	assert_true(ia64_cr_write(v, CR_EOI, 0));
	assert_true(ia64_cr_write(v, CR_TPR, 0x30));
	ia64_post_interrupt(v, 0x3f);
	assert_true(ia64_serve_attention(v));
	assert_int_equal(v->ip, IP);
	assert_true(ia64_cr_write(v, CR_TPR, 0x20));
	assert_true(ia64_serve_attention(v));
	assert_int_equal(cpu_vector(v), IA64_EXTINT_VECTOR);
}

/* INIT goes to the platform, before external interrupts, and waits while psr.mc is on. */
static void init(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;

	cpu_at(v, IP, 0, PSR_IC | PSR_I | PSR_MC);
	ia64_post_init(v);
	assert_true(ia64_serve_attention(v));
	assert_int_equal(c->inits, 0);
	ia64_post_interrupt(v, 0x31);
	ia64_set_psr(v, PSR_IC | PSR_I);
	assert_true(ia64_serve_attention(v));
	assert_int_equal(c->inits, 1);
	assert_int_equal(v->ip, IP); /* the interrupt has not been delivered over it */
	assert_true(ia64_serve_attention(v));
	assert_int_equal(c->inits, 1);
	assert_int_equal(cpu_vector(v), IA64_EXTINT_VECTOR);
}

/* A machine check comes before INIT, both before a PMI; psr.mc holds the first two back. */
static void pal_events(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;

	cpu_at(v, IP, 0, PSR_MC);
	ia64_post_pmi(v, 1);
	ia64_post_pmi(v, 3);
	ia64_post_init(v);
	ia64_post_mca(v);
	assert_true(ia64_serve_attention(v));
	assert_int_equal(c->mcas + c->inits + c->pmis, 0); /* a PMI waits for psr.ic */
	ia64_set_psr(v, PSR_IC);
	assert_true(ia64_serve_attention(v));
	assert_int_equal(c->mcas, 1);
	assert_int_equal(c->inits, 0);
	assert_true(ia64_serve_attention(v));
	assert_int_equal(c->inits, 1);
	assert_int_equal(c->pmis, 0);
	assert_true(ia64_serve_attention(v));
	assert_int_equal(c->pmi_vector, 3); /* the higher vector first: SDM 2:11.5.1 */
	assert_true(ia64_serve_attention(v));
	assert_int_equal(c->pmi_vector, 1);
	assert_int_equal(c->pmis, 2);
	assert_true(ia64_serve_attention(v));
	assert_int_equal(c->mcas + c->inits + c->pmis, 4);
}

/* iipa after psr.ic was set: what had psr.ic clear before it is not counted (SDM 2:3.3.5.6). */
static void iipa_after_ssm(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;

	cpu_at(v, IP, 2, 0);
	assert_true(ia64_cr_write(v, CR_IIPA, 0x123450));
	ia64_set_psr(v, PSR_IC);
	ia64_break_fault(v, 1);
	assert_int_equal(v->cr[CR_IIPA], 0x123450);
	cpu_at(v, IP, 2, 0);
	ia64_set_psr(v, PSR_IC);
	v->retired++;
	ia64_break_fault(v, 1);
	assert_int_equal(v->cr[CR_IIPA], IP);
}

/* A vector table that cannot be executed ends the run instead of going round for ever. */
static void hopeless(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;
	struct ia64_xlate_result res;
	unsigned int n;

	cpu_at(v, IP, 0, PSR_IC | PSR_IT | PSR_DT);
	for (n = 0; n < 10 && !v->leaving; n++)
		assert_int_equal(ia64_translate(v, v->ip, 16, IA64_ACCESS_EXEC, 0, &res),
				 IA64_XLATE_FAULT);
	assert_in_range(n, 3, 5);
	assert_int_equal(c->crashes, 1);
	assert_int_equal(v->exit, IA64_EXIT_CRASH);
	assert_non_null(strstr(v->crash_reason, "0x0c00"));
	/* What was collected with the first fault is still there to be reported. */
	assert_int_equal(v->cr[CR_IIP], IP);
	/* A handler that faults further on is not that. */
	v->leaving = false;
	for (n = 0; n < 10; n++) {
		cpu_at(v, CPU_IVA + IA64_DTLB_VECTOR, 1, 0);
		ia64_fault(v, IA64_DTLB_VECTOR, 0);
	}
	assert_int_equal(c->crashes, 1);
}

/* SDM 2:3.3.4, 2:3.3.5, 2:5.8.3: reserved bits fault, ignored ones read as 0. */
static void control_registers(void **state)
{
	static const struct {
		unsigned int cr;
		uint64_t kept, reserved;
	} row[] = {
		{ CR_DCR, 0x7f07, 0xffffffffffff80f8 },
		{ CR_ITM, ~0ull, 0 },
		{ CR_IVA, ~0x7fffull, 0 },
		{ CR_IIP, ~15ull, 0 },
		{ CR_IFA, ~0ull, 0 },
		{ CR_ITIR, ~0ull, 0 }, /* checked by the insert that uses it */
		{ CR_LID, 0xffff0000, 0xffff },
		{ CR_TPR, 0x100f0, 0xff00 },
		{ CR_EOI, 0, 0 },
		{ CR_ITV, 0x100ff, 0xef00 },
		{ CR_PMV, 0x100ff, 0xef00 },
		{ CR_CMCV, 0x100ff, 0xef00 },
	};
	struct vcpu *v = ((struct cpu *)*state)->v;
	unsigned int n, bit;
	uint64_t val;

	for (n = 0; n < sizeof(row) / sizeof(row[0]); n++)
		for (bit = 0; bit < 64; bit++) {
			bool bad = row[n].reserved >> bit & 1;

			cpu_at(v, IP, 0, 0);
			assert_int_equal(ia64_cr_write(v, row[n].cr, 1ull << bit), !bad);
			if (bad) {
				assert_int_equal(v->cr[CR_ISR], 0x30 | ISR_NI);
				continue;
			}
			assert_true(ia64_cr_read(v, row[n].cr, &val));
			assert_int_equal(val, 1ull << bit & row[n].kept);
		}
	v->cr[CR_DCR] = 0;
	v->cr[CR_IVA] = CPU_IVA;
	for (bit = 0; bit < 64; bit++) {
		cpu_at(v, IP, 0, 0);
		assert_int_equal(ia64_cr_write(v, CR_PTA, bit << 2), bit >= 15 && bit <= 61);
	}
	/* The interruption's own registers are out of reach while psr.ic is on. */
	for (n = CR_IPSR; n <= CR_IHA; n++) {
		if (n == 18)
			continue;
		cpu_at(v, IP, 0, PSR_IC);
		assert_false(ia64_cr_read(v, n, &val));
		assert_int_equal(v->cr[CR_ISR], 0);
		cpu_at(v, IP, 0, PSR_IC);
		assert_false(ia64_cr_write(v, n, 0));
		assert_int_equal(cpu_vector(v), IA64_GENERAL_EXCEPTION_VECTOR);
		cpu_at(v, IP, 0, 0);
		assert_true(ia64_cr_read(v, n, &val));
	}
}

static void register_files(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	static const struct {
		enum ia64_regfile file;
		unsigned int count;
	} files[] = {
		{ IA64_RF_PKR, 16 }, { IA64_RF_IBR, 8 }, { IA64_RF_DBR, 8 }, { IA64_RF_CPUID, 5 },
	};
	unsigned int n, i;
	uint64_t val;

	for (n = 0; n < sizeof(files) / sizeof(files[0]); n++)
		for (i = 0; i < 256; i++) {
			cpu_at(v, IP, 0, PSR_IC);
			assert_int_equal(ia64_indirect_read(v, files[n].file, i, &val),
					 i < files[n].count);
			if (i >= files[n].count)
				assert_int_equal(v->cr[CR_ISR], 0x30);
		}
	/* Region registers: reserved bits and page sizes. */
	for (i = 0; i < 64; i++) {
		cpu_at(v, IP, 0, PSR_IC);
		assert_int_equal(ia64_indirect_write(v, IA64_RF_RR, 3ull << 61, (uint64_t)i << 2),
				 ia64_page_size_ok(i));
		cpu_at(v, IP, 0, PSR_IC);
		assert_int_equal(ia64_indirect_write(v, IA64_RF_RR, 3ull << 61,
						     1ull << i | 14 << 2),
				 (i >= 8 && i < 32) || i == 0 || (14 << 2 & 1ull << i) ||
				 (i < 8 && i != 1 && ia64_page_size_ok(14 | 1u << (i - 2))));
	}
	/* Identification: SDM 1:3.1.11. */
	cpu_at(v, IP, 0, PSR_IC);
	assert_memory_equal(v->cpuid, "GenuineIntel\0\0\0\0", 16);
	assert_true(ia64_indirect_read(v, IA64_RF_CPUID, 3, &val));
	assert_int_equal(val >> 24 & 0xff, 0x1f);
	assert_int_equal(val & 0xff, 4);
}

/* SDM 2:7.2: counting by level, overflow, freeze, interrupt. */
static void performance_counters(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	uint64_t val, top = (1ull << IA64_PMD_WIDTH) - 1;

	cpu_at(v, IP, 0, PSR_UP);
	assert_true(ia64_cr_write(v, CR_PMV, 0x50));
	assert_true(ia64_indirect_write(v, IA64_RF_PMC, 0, 0));
	/* Instructions retired, level 3 only. */
	assert_true(ia64_indirect_write(v, IA64_RF_PMC, 4, 0x08 << 8 | 8));
	assert_true(ia64_indirect_write(v, IA64_RF_PMD, 4, 100));
	v->retired += 50;
	ia64_set_psr(v, USER_PSR | PSR_UP);
	v->retired += 7;
	ia64_set_psr(v, PSR_UP);
	v->retired += 1000;
	assert_true(ia64_indirect_read(v, IA64_RF_PMD, 4, &val));
	assert_int_equal(val, 107);
	/* Without psr.up nothing; a privileged monitor goes by psr.pp. */
	ia64_set_psr(v, USER_PSR);
	v->retired += 10;
	ia64_set_psr(v, USER_PSR | PSR_UP);
	assert_int_equal(v->pmd[4], 107);
	assert_true(ia64_indirect_write(v, IA64_RF_PMC, 4, 0x08 << 8 | 1 << 6 | 1 << 5 | 9));
	v->retired += 10;
	ia64_set_psr(v, USER_PSR | PSR_PP);
	assert_int_equal(v->pmd[4], 107);
	/* Out of sight of less privileged code. */
	assert_true(ia64_indirect_read(v, IA64_RF_PMD, 4, &val));
	assert_int_equal(val, 0);
	ia64_set_psr(v, PSR_PP);
	assert_true(ia64_indirect_write(v, IA64_RF_PMD, 4, top - 4));
	v->retired += 3;
	assert_true(ia64_indirect_read(v, IA64_RF_PMC, 0, &val));
	assert_int_equal(val, 0);
	v->retired += 5;
	assert_true(ia64_indirect_read(v, IA64_RF_PMC, 0, &val));
	assert_int_equal(val, 1 << 4 | 1);
	assert_int_equal(v->pmd[4], 3);
	assert_int_equal(v->irr[1], 1ull << (0x50 - 64));
	/* Frozen. */
	v->retired += 5;
	assert_true(ia64_indirect_read(v, IA64_RF_PMD, 4, &val));
	assert_int_equal(val, 3);
	/* Cycles go up by themselves. */
	assert_true(ia64_indirect_write(v, IA64_RF_PMC, 5, 0x12 << 8 | 1 << 6 | 1));
	assert_true(ia64_indirect_write(v, IA64_RF_PMC, 0, 0));
	do
		assert_true(ia64_indirect_read(v, IA64_RF_PMD, 5, &val));
	while (!val);
	/* Registers that are not there. */
	assert_true(ia64_indirect_write(v, IA64_RF_PMC, 200, 1));
	assert_true(ia64_indirect_read(v, IA64_RF_PMC, 200, &val));
	assert_int_equal(val, 0);
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(fault_collects), T(fault_without_collection), T(last_bundle), T(codes), T(banks),
		T(return_from), T(slow_attention), T(external), T(init), T(pal_events),
		T(iipa_after_ssm), T(hopeless), T(control_registers), T(register_files),
		T(performance_counters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
