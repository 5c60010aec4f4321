/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The paravirtualized vCPU: virtual psr, banks, delivery, metaphysical mode, hyperprivops, emulation. */
#include "xen_fixture.h"

#include "ia64/interruption.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"
#include "xen/cpu.h"

#define REGS_GPFN 200u
#define IVA 0x40000ull
#define HOME 0x10000ull /* where the kernel "runs", physical */
#define TRANSLATED (PSR_DT | PSR_RT | PSR_IT)

struct pv {
	struct fix fix;
	struct ia64_system *sys;
	struct xen_cpu c;
};

static bool interruption(void *ctx, struct vcpu *v, unsigned int vector, uint64_t isr)
{
	(void)v;
	return xen_cpu_interruption(&((struct pv *)ctx)->c, vector, isr);
}

static int setup(void **state)
{
	struct pv *p = calloc(1, sizeof(*p));
	const struct ia64_platform platform = { .ctx = p, .interruption = interruption };

	fix_open(&p->fix);
	if (ia64_system_create(&p->sys, &p->fix.dom[0].mem, &platform, 1, 1000000000))
		abort();
	p->c.v = p->sys->vcpus[0];
	p->c.xv = p->fix.dom[0].d->vcpu[0];
	p->c.regs_gpa = (uint64_t)REGS_GPFN << XEN_PAGE_SHIFT;
	p->c.regs = xen_p2m_add_xen_page(p->fix.dom[0].d, REGS_GPFN);
	xen_cpu_init(&p->c);
	p->c.regs->iva = IVA;
	p->c.v->ip = HOME;
	p->c.v->ri = 0;
	*state = p;
	return 0;
}

static int teardown(void **state)
{
	struct pv *p = *state;

	ia64_system_destroy(p->sys);
	fix_close(&p->fix);
	free(p);
	return 0;
}

static struct vcpu_info *info(struct pv *p)
{
	return &p->fix.dom[0].d->shared_info->vcpu_info[0];
}

static void test_start(void **state)
{
	struct pv *p = *state;

	assert_int_equal(p->c.v->cpl, XEN_KERNEL_LEVEL);
	assert_int_equal(p->c.regs->metaphysical_mode, 1);
	assert_int_equal(info(p)->evtchn_upcall_mask, 1);
	assert_int_equal(xen_cpu_psr(&p->c), PSR_AC | PSR_IC | PSR_BN | PSR_DI);
}

static void test_psr(void **state)
{
	struct pv *p = *state;
	uint64_t psr = PSR_IC | PSR_I | PSR_BN | PSR_DFH | PSR_MFL | TRANSLATED;

	xen_cpu_set_psr(&p->c, psr);
	assert_int_equal(xen_cpu_psr(&p->c), psr | PSR_DI);
	assert_int_equal(p->c.regs->metaphysical_mode, 0);
	assert_int_equal(p->c.regs->interrupt_collection_enabled, 1);
	assert_int_equal(p->c.regs->vpsr_dfh, 1);
	assert_int_equal(info(p)->evtchn_upcall_mask, 0);
	/* User level is what it is; the kernel never gets level 0. */
	xen_cpu_set_psr(&p->c, psr | PSR_CPL);
	assert_int_equal(p->c.v->cpl, 3);
	assert_int_equal(xen_cpu_psr(&p->c) & PSR_CPL, PSR_CPL);
	/* The vCPU's own psr keeps what lets the hypervisor in. */
	xen_cpu_set_psr(&p->c, 0);
	assert_int_equal(p->c.v->psr & (PSR_IC | PSR_I | PSR_BN | TRANSLATED),
			 PSR_IC | PSR_I | PSR_BN | TRANSLATED);
	assert_int_equal(p->c.v->cpl, XEN_KERNEL_LEVEL);
}

static void test_banks(void **state)
{
	struct pv *p = *state;
	struct vcpu *v = p->c.v;

	v->gr[16] = 0x1616;
	v->nat[17] = 1;
	p->c.regs->bank0_regs[0] = 0xb0;
	xen_cpu_set_psr(&p->c, PSR_IC);
	assert_int_equal(p->c.regs->banknum, 0);
	assert_int_equal(p->c.regs->bank1_regs[0], 0x1616);
	assert_int_equal(v->gr[16], 0xb0);
	assert_int_equal(v->nat[17], 0);
	xen_cpu_set_psr(&p->c, PSR_IC | PSR_BN);
	assert_int_equal(v->gr[16], 0x1616);
	assert_int_equal(v->nat[17], 1);
}

static void test_reflect(void **state)
{
	struct pv *p = *state;
	struct mapped_regs *r = p->c.regs;
	struct vcpu *v = p->c.v;

	xen_cpu_set_psr(&p->c, PSR_IC | PSR_I | PSR_BN | PSR_DFH | PSR_CPL | TRANSLATED);
	v->ip = 0x2000000000001230ull;
	v->ri = 2;
	v->cr[CR_IFA] = 0x6000000000004000ull;
	xen_cpu_reflect(&p->c, IA64_PAGE_NOT_PRESENT_VECTOR, ISR_R);
	assert_int_equal(v->ip, IVA + IA64_PAGE_NOT_PRESENT_VECTOR);
	assert_int_equal(v->ri, 0);
	assert_int_equal(v->cpl, XEN_KERNEL_LEVEL);
	assert_int_equal(r->iip, 0x2000000000001230ull);
	assert_int_equal(r->ifa, 0x6000000000004000ull);
	assert_int_equal(r->isr, ISR_R);
	assert_int_equal(r->ipsr, PSR_IC | PSR_I | PSR_BN | PSR_DFH | PSR_DI | PSR_CPL | TRANSLATED |
				  2ull << PSR_RI_SHIFT);
	assert_int_equal(r->interrupt_collection_enabled, 0);
	assert_int_equal(r->banknum, 0);
	assert_int_equal(r->ifs, 0);
	assert_int_equal(r->precover_ifs >> 63, 1);
	assert_int_equal(info(p)->evtchn_upcall_mask, 1);
	/* And back. */
	xen_cpu_rfi(&p->c);
	assert_int_equal(v->ip, 0x2000000000001230ull);
	assert_int_equal(v->ri, 2);
	assert_int_equal(v->cpl, 3);
	assert_int_equal(info(p)->evtchn_upcall_mask, 0);
}

static void test_nested(void **state)
{
	struct pv *p = *state;

	xen_cpu_set_psr(&p->c, PSR_BN);
	p->c.regs->iip = 0x1230;
	xen_cpu_reflect(&p->c, IA64_DTLB_VECTOR, ISR_R);
	assert_int_equal(p->c.v->ip, IVA + IA64_NESTED_DTLB_VECTOR);
	assert_int_equal(p->c.regs->iip, 0x1230);
	assert_false(p->c.v->leaving);
	/* Anything else cannot be told to a kernel that has collection off. */
	xen_cpu_reflect(&p->c, IA64_UNALIGNED_VECTOR, ISR_R);
	assert_true(p->c.v->leaving);
	assert_int_equal(p->c.v->exit, IA64_EXIT_CRASH);
}

static void test_metaphysical(void **state)
{
	struct pv *p = *state;
	struct ia64_xlate_result res;
	struct vcpu *v = p->c.v;

	assert_int_equal(ia64_translate(v, 0x8000, 8, IA64_ACCESS_READ, 0, &res), IA64_XLATE_FAULT);
	assert_int_equal(v->ip, HOME); /* again, not in a handler */
	assert_int_equal(ia64_translate(v, 0x8000, 8, IA64_ACCESS_READ, 0, &res), IA64_XLATE_OK);
	assert_int_equal(res.pa, 0x8000);
	/* Translated again, the address means nothing. */
	p->c.regs->pta = 15 << 2;
	xen_cpu_set_psr(&p->c, PSR_IC | PSR_BN | TRANSLATED);
	assert_int_equal(ia64_translate(v, 0x8000, 8, IA64_ACCESS_READ, 0, &res), IA64_XLATE_FAULT);
	assert_int_equal(v->ip, IVA + IA64_ALT_DTLB_VECTOR);
	assert_int_equal(p->c.regs->ifa, 0x8000);
}

static void test_shared_pages(void **state)
{
	struct pv *p = *state;
	uint64_t va = p->c.shared_info_va + XMAPPEDREGS_OFS;
	struct ia64_xlate_result res;
	struct vcpu *v = p->c.v;

	assert_int_equal(ia64_translate(v, va, 8, IA64_ACCESS_WRITE, 0, &res), IA64_XLATE_FAULT);
	assert_int_equal(ia64_translate(v, va, 8, IA64_ACCESS_WRITE, 0, &res), IA64_XLATE_OK);
	assert_int_equal(res.pa, p->c.regs_gpa);
	/* Not for user level. */
	xen_cpu_set_psr(&p->c, PSR_IC | PSR_BN | PSR_CPL | TRANSLATED);
	assert_int_equal(ia64_translate(v, va, 8, IA64_ACCESS_READ, 0, &res), IA64_XLATE_FAULT);
	assert_int_equal(v->ip, IVA + IA64_DACCESS_RIGHTS_VECTOR);
}

static void test_region_registers(void **state)
{
	struct pv *p = *state;
	uint64_t rr = 0x1234ull << 8 | 14 << 2;

	assert_true(xen_cpu_set_rr(&p->c, 0, rr));
	assert_int_equal(p->c.regs->rrs[0], rr);
	assert_int_not_equal(p->c.v->rr[0], rr); /* in metaphysical mode */
	assert_true(xen_cpu_set_rr(&p->c, 5, rr));
	assert_int_equal(p->c.v->rr[5], rr);
	xen_cpu_set_metaphysical(&p->c, false);
	assert_int_equal(p->c.v->rr[0], rr);
	assert_false(xen_cpu_set_rr(&p->c, 1, (uint64_t)XEN_METAPHYSICAL_RID(4) << 8 | 14 << 2));
	assert_false(xen_cpu_set_rr(&p->c, 1, rr | 1ull << 40));
	assert_false(xen_cpu_set_rr(&p->c, 1, 0x1234ull << 8 | 15 << 2)); /* no such page size */
}

static void test_events(void **state)
{
	struct pv *p = *state;

	xen_cpu_set_psr(&p->c, PSR_IC | PSR_BN | TRANSLATED);
	p->c.event_callback = 0xa000000000002000ull;
	info(p)->evtchn_upcall_pending = 1;
	xen_cpu_deliver_events(&p->c);
	assert_int_equal(p->c.v->ip, HOME); /* masked */
	assert_true(xen_hyperprivop(&p->c, HYPERPRIVOP_SSM_I));
	assert_int_equal(p->c.v->ip, 0xa000000000002000ull);
	assert_int_equal(p->c.regs->iip, HOME); /* the break was in slot 0 */
	assert_int_equal(p->c.regs->ipsr >> PSR_RI_SHIFT & 3, 1);
	assert_int_equal(info(p)->evtchn_upcall_mask, 1);
}

static void test_hyperprivops(void **state)
{
	struct pv *p = *state;
	struct vcpu *v = p->c.v;

	assert_false(xen_hyperprivop(&p->c, 0));
	assert_false(xen_hyperprivop(&p->c, HYPERPRIVOP_MAX + 1));
	assert_int_equal(v->ip | v->ri, HOME);
	v->gr[8] = 6;
	v->gr[9] = 0x66;
	assert_true(xen_hyperprivop(&p->c, HYPERPRIVOP_SET_KR));
	assert_int_equal(v->ar[AR_K0 + 6], 0x66);
	assert_int_equal(v->ri, 1);
	v->gr[8] = 5ull << 61;
	v->gr[9] = 0x55ull << 8 | 14 << 2;
	assert_true(xen_hyperprivop(&p->c, HYPERPRIVOP_SET_RR));
	v->gr[8] = 5ull << 61;
	assert_true(xen_hyperprivop(&p->c, HYPERPRIVOP_GET_RR));
	assert_int_equal(v->gr[8], 0x55ull << 8 | 14 << 2);
	assert_int_equal(v->ip, HOME + 16);
	assert_int_equal(v->ri, 0);
	p->c.regs->irr[3] = 1ull << (0xef - 192);
	assert_true(xen_hyperprivop(&p->c, HYPERPRIVOP_GET_IVR));
	assert_int_equal(v->gr[8], 0xef);
	assert_true(xen_hyperprivop(&p->c, HYPERPRIVOP_GET_IVR));
	assert_int_equal(v->gr[8], 15);
	assert_int_equal(p->c.hyperprivops[HYPERPRIVOP_GET_IVR], 2);
	/* What does not exist changes nothing. */
	v->gr[8] = 8;
	assert_true(xen_hyperprivop(&p->c, HYPERPRIVOP_SET_KR));
	v->gr[8] = 1000;
	assert_true(xen_hyperprivop(&p->c, HYPERPRIVOP_GET_CPUID));
	assert_int_equal(v->gr[8], 0);
}

static void test_emulation(void **state)
{
	/* { rsm psr.ic; mov r8=cr.iva; nop.i } { mov cr.ifa=r9; mov r10=psr; nop.i } */
	static const uint64_t code[4] = {
		0x0080000701000009, 0x0004000000084808,
		0x00a0042c28240009, 0x0004000000084a00,
	};
	struct pv *p = *state;
	struct ia64_xlate_result res;
	struct vcpu *v = p->c.v;

	assert_true(ia64_memory_write(&p->fix.dom[0].mem, HOME, code, sizeof(code)));
	ia64_translate(v, HOME, 16, IA64_ACCESS_EXEC, 0, &res);
	v->gr[9] = 0x9999;
	assert_true(xen_emulate(&p->c));
	assert_int_equal(p->c.regs->interrupt_collection_enabled, 0);
	assert_true(xen_emulate(&p->c));
	assert_int_equal(v->gr[8], IVA);
	assert_int_equal(v->ri, 2);
	assert_false(xen_emulate(&p->c)); /* nop is nobody's business */
	v->ip = HOME + 16;
	v->ri = 0;
	assert_true(xen_emulate(&p->c));
	assert_int_equal(p->c.regs->ifa, 0x9999);
	assert_true(xen_emulate(&p->c));
	assert_int_equal(v->gr[10], PSR_AC | PSR_DI);
	assert_int_equal(p->c.emulated, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_start, setup, teardown),
		cmocka_unit_test_setup_teardown(test_psr, setup, teardown),
		cmocka_unit_test_setup_teardown(test_banks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_reflect, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nested, setup, teardown),
		cmocka_unit_test_setup_teardown(test_metaphysical, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shared_pages, setup, teardown),
		cmocka_unit_test_setup_teardown(test_region_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hyperprivops, setup, teardown),
		cmocka_unit_test_setup_teardown(test_emulation, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
