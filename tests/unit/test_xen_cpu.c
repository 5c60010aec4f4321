/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The paravirtualized vCPU: virtual psr, banks, delivery, metaphysical mode, hyperprivops,
 * emulation.
 */
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
	v->nat[17] = v->nat_any = 1;
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

static void test_timer_set_anew(void **state)
{
	struct pv *p = *state;
	struct evtchn_bind_virq b = { .virq = VIRQ_ITC, .vcpu = 0 };
	const uint64_t later = ia64_itc_read(p->c.v) + (1ull << 40);

	p->c.event_callback = 0xa000000000002000ull;
	p->c.regs->itv = XEN_VECTOR_ITM;
	assert_int_equal(fix_evtchn(&p->fix.dom[0], bind_virq, &b), 0);
	/* A tick that has not been heard of is not heard of when the next one is set. */
	xen_send_vcpu_virq(p->c.xv, VIRQ_ITC);
	assert_true(xen_evtchn_pending(p->fix.dom[0].d, b.port));
	xen_cpu_set_itm(&p->c, later);
	assert_false(xen_evtchn_pending(p->fix.dom[0].d, b.port));
	/* One that is past comes at once, but not when yet another is set. */
	xen_cpu_set_itm(&p->c, ia64_itc_read(p->c.v) - 1);
	xen_cpu_set_itm(&p->c, later);
	xen_cpu_take_interrupts(&p->c);
	assert_false(xen_evtchn_pending(p->fix.dom[0].d, b.port));
	xen_cpu_set_itm(&p->c, ia64_itc_read(p->c.v) - 1);
	xen_cpu_take_interrupts(&p->c);
	assert_true(xen_evtchn_pending(p->fix.dom[0].d, b.port));
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

/* Executes at HOME on the processor: interruptions go the way they go in a domain. */
static void run_slots(struct pv *p, const uint64_t *code, size_t size, unsigned int n)
{
	struct ia64_xlate_result res;

	assert_true(ia64_memory_write(&p->fix.dom[0].mem, HOME, code, size));
	ia64_translate(p->c.v, HOME, 16, IA64_ACCESS_EXEC, 0, &res);
	p->c.v->ip = HOME;
	p->c.v->ri = 0;
	while (n--)
		assert_true(xen_emulate(&p->c));
}

/* Behind a branch an assembler makes break.b of it, whose immediate cr.iim does not tell. */
static void test_break_in_branch_slot(void **state)
{
	/* { nop.m 0; nop.b 0; break.b HYPERPRIVOP_COVER } */
	static const uint64_t code[2] = { 0x0000000100000013, 0x0000000080100000 };
	struct pv *p = *state;
	struct vcpu *v = p->c.v;

	run_slots(p, code, sizeof(code), 0);
	v->ri = 2;
	v->cr[CR_IIM] = 0;
	p->c.regs->interrupt_collection_enabled = 0;
	assert_true(xen_cpu_interruption(&p->c, IA64_BREAK_VECTOR, 2ull << ISR_EI_SHIFT));
	assert_int_equal(p->c.hyperprivops[HYPERPRIVOP_COVER], 1);
	assert_int_equal(v->ip, HOME + 16);
	assert_int_equal(v->ri, 0);
	/* Where the kernel can take the fault it does. */
	v->ip = HOME;
	v->ri = 2;
	p->c.regs->interrupt_collection_enabled = 1;
	assert_true(xen_cpu_interruption(&p->c, IA64_BREAK_VECTOR, 2ull << ISR_EI_SHIFT));
	assert_int_equal(p->c.hyperprivops[HYPERPRIVOP_COVER], 1);
	assert_int_equal(v->ip, IVA + IA64_BREAK_VECTOR);
	assert_int_equal(p->c.regs->iim, 0);
}

static void test_debug_registers(void **state)
{
	/* { mov dbr[r9]=r10; mov r11=dbr[r9]; nop.i } and the same for ibr */
	static const uint64_t code[2][2] = {
		{ 0x00b0040112280009, 0x0004000000082224 },
		{ 0x00b0040212280009, 0x0004000000082424 },
	};
	/* What the kernel writes into bits 59:56, and what the vCPU has. */
	static const struct {
		uint64_t written, has;
	} masks[] = {
		{ 0x1, 0x2 }, { 0x2, 0x2 }, { 0x8, 0x8 }, { 0x9, 0xa }, { 0xf, 0xe }, { 0, 0 },
	};
	struct pv *p = *state;
	struct vcpu *v = p->c.v;
	unsigned int k, n;

	for (k = 0; k < 2; k++) {
		for (n = 0; n < sizeof(masks) / sizeof(masks[0]); n++) {
			v->gr[9] = 3;
			v->gr[10] = 1ull << 63 | masks[n].written << 56 | 0x1000;
			run_slots(p, code[k], sizeof(code[k]), 2);
			assert_true(v->gr[11] == v->gr[10]);
			assert_true((k ? v->ibr : v->dbr)[3] ==
				    (1ull << 63 | masks[n].has << 56 | 0x1000));
		}
		/* Addresses are as they are. */
		v->gr[9] = 2;
		v->gr[10] = 0xff00000000001230;
		run_slots(p, code[k], sizeof(code[k]), 2);
		assert_true((k ? v->ibr : v->dbr)[2] == 0xff00000000001230);
		assert_true(v->gr[11] == 0xff00000000001230);
		/* One that does not exist: the kernel's fault. */
		v->gr[9] = 8;
		p->c.regs->interrupt_collection_enabled = 1;
		run_slots(p, code[k], sizeof(code[k]), 1);
		assert_int_equal(v->ip, IVA + IA64_GENERAL_EXCEPTION_VECTOR);
		assert_int_equal(p->c.regs->isr & 0xf0, IA64_GENEX_RESERVED_REGISTER_FIELD);
	}
}

static void test_data_breakpoint(void **state)
{
	struct pv *p = *state;
	struct ia64_xlate_result res;
	struct vcpu *v = p->c.v;

	xen_cpu_set_debug(&p->c, true, 0, 0x8000);
	xen_cpu_set_debug(&p->c, true, 1, 1ull << 63 | 1ull << 56 | 0xfffffffffffff8);
	xen_cpu_set_psr(&p->c, PSR_IC | PSR_BN | PSR_DB);
	ia64_translate(v, 0x8000, 8, IA64_ACCESS_READ, 0, &res);
	if (v->ip == HOME)
		assert_int_equal(ia64_translate(v, 0x8000, 8, IA64_ACCESS_READ, 0, &res),
				 IA64_XLATE_FAULT);
	assert_int_equal(v->ip, IVA + IA64_DEBUG_VECTOR);
	assert_int_equal(p->c.regs->ifa, 0x8000);
	assert_true(p->c.regs->ipsr & PSR_DB);
	assert_false(v->psr & PSR_DB);
}

static void test_floating_point_off(void **state)
{
	struct pv *p = *state;
	struct vcpu *v = p->c.v;

	/* Written by the kernel itself: it counts when it is used. */
	xen_cpu_set_psr(&p->c, PSR_IC | PSR_BN | PSR_DFH);
	p->c.regs->vpsr_dfh = 0;
	assert_false(xen_cpu_psr(&p->c) & PSR_DFH);
	assert_true(xen_cpu_interruption(&p->c, IA64_DISABLED_FP_VECTOR, 2));
	assert_int_equal(v->ip, HOME);
	assert_false(v->psr & PSR_DFH);
	/* f2 to f31 are off for other reasons. */
	xen_cpu_set_psr(&p->c, PSR_IC | PSR_BN | PSR_DFL | PSR_DFH);
	p->c.regs->vpsr_dfh = 0;
	xen_cpu_interruption(&p->c, IA64_DISABLED_FP_VECTOR, 1);
	assert_int_equal(v->ip, IVA + IA64_DISABLED_FP_VECTOR);
	assert_true(p->c.regs->ipsr & PSR_DFL);
	assert_false(p->c.regs->ipsr & PSR_DFH);
	/* And what the kernel has switched off is its own to look after. */
	v->ip = HOME;
	xen_cpu_set_psr(&p->c, PSR_IC | PSR_BN | PSR_DFH);
	xen_cpu_interruption(&p->c, IA64_DISABLED_FP_VECTOR, 2);
	assert_int_equal(v->ip, IVA + IA64_DISABLED_FP_VECTOR);
	assert_int_equal(p->c.regs->vpsr_dfh, 0);
	assert_true(p->c.regs->ipsr & PSR_DFH);
}

static void test_performance_monitors(void **state)
{
	struct pv *p = *state;

	xen_cpu_set_psr(&p->c, PSR_IC | PSR_BN | PSR_PP);
	assert_int_equal(p->c.regs->vpsr_pp, 1);
	p->c.regs->vpsr_pp = 0;
	assert_false(xen_cpu_psr(&p->c) & PSR_PP);
	xen_cpu_set_psr(&p->c, xen_cpu_psr(&p->c));
	assert_false(p->c.v->psr & PSR_PP);
	/* After an interruption it is dcr.pp. */
	p->c.regs->dcr = DCR_PP;
	xen_cpu_reflect(&p->c, IA64_UNALIGNED_VECTOR, ISR_R);
	assert_int_equal(p->c.regs->vpsr_pp, 1);
	assert_true(xen_cpu_psr(&p->c) & PSR_PP);
	assert_false(p->c.regs->ipsr & PSR_PP);
}

static void test_kernel_registers(void **state)
{
	/* { mov ar.k3=r10; ssm psr.dfh; nop.i } */
	static const uint64_t code[2] = { 0x0000042a06280009, 0x0004000000000c80 };
	struct pv *p = *state;

	p->c.v->gr[10] = 0x3333;
	run_slots(p, code, sizeof(code), 2);
	assert_int_equal(p->c.v->ar[AR_K0 + 3], 0x3333);
	assert_int_equal(p->c.regs->krs[3], 0x3333);
	assert_int_equal(p->c.regs->vpsr_dfh, 1);
	assert_true(p->c.v->psr & PSR_DFH);
}

static void test_pending(void **state)
{
	struct pv *p = *state;

	xen_cpu_raise(&p->c, 0xef);
	xen_cpu_raise(&p->c, 0x30);
	assert_int_equal(p->c.regs->pending_interruption, 1);
	assert_int_equal(xen_cpu_ivr(&p->c), 0xef);
	assert_int_equal(p->c.regs->pending_interruption, 1);
	assert_int_equal(xen_cpu_ivr(&p->c), 0x30);
	assert_int_equal(p->c.regs->pending_interruption, 0);
	assert_int_equal(xen_cpu_ivr(&p->c), 15);
}

static void test_context(void **state)
{
	static struct vcpu_guest_context context;
	struct vcpu_guest_context_regs *r = &context.regs;
	struct pv *p = *state;
	struct vcpu *v = p->c.v;
	struct ia64_xlate_result res;

	r->rr[1] = 0x77ull << 8 | 15 << 2; /* no such page size */
	assert_int_equal(xen_cpu_check_context(&context), -EINVAL);
	r->rr[1] = (uint64_t)XEN_METAPHYSICAL_RID(0) << 8 | 14 << 2;
	assert_int_equal(xen_cpu_check_context(&context), -EINVAL);
	r->rr[1] = 0x77ull << 8 | 14 << 2;
	r->num_phys_stacked = 64;
	assert_int_equal(xen_cpu_check_context(&context), -EINVAL);
	r->num_phys_stacked = 96;
	assert_int_equal(xen_cpu_check_context(&context), 0);

	r->r[8] = 0x88;
	r->nats = 1u << 9;
	r->b[6] = 0x6660;
	r->pr = 0x155;
	r->ip = 0x4560;
	r->psr = PSR_IC | PSR_BN | TRANSLATED;
	r->ar[AR_K0 + 2] = 0x22;
	r->ar[AR_LC] = 5;
	r->ar[AR_EC] = 7;
	r->ar[AR_PFS] = 3ull << 62 | 0x85;
	r->ar[AR_ITC] = 1ull << 50;
	r->cr[CR_DCR] = DCR_BE;
	r->cr[CR_IVA] = 0x80000;
	r->cr[CR_IRR0 + 1] = 0x10;
	r->f[33].bits[0] = 1ull << 63;
	r->f[33].bits[1] = 0xffff;
	r->dbr[1] = 1ull << 63 | 1ull << 56;
	r->tr.dtrs[3] = (struct ia64_tr_entry){
		.pte = 0x661 | 0xc000, .itir = 14 << 2, .vadr = 0x2000000000004000, .rid = 0x77,
	};
	context.event_callback_ip = 0xeee0;
	xen_cpu_set_context(&p->c, &context);
	assert_int_equal(v->gr[8], 0x88);
	assert_int_equal(v->nat[9], 1);
	assert_int_equal(v->br[6], 0x6660);
	assert_int_equal(v->ip, 0x4560);
	assert_int_equal(v->ar[AR_K0 + 2], 0x22);
	assert_int_equal(p->c.regs->krs[2], 0x22);
	assert_int_equal(v->ar[AR_LC], 5);
	assert_int_equal(v->ar[AR_EC], 7);
	assert_true(v->ar[AR_PFS] == (3ull << 62 | 0x85));
	assert_true(v->fr[33].sig == 1ull << 63);
	assert_true(v->dbr[1] == (1ull << 63 | 2ull << 56));
	assert_int_equal(p->c.regs->dcr, DCR_BE);
	assert_int_equal(p->c.regs->rrs[1], 0x77ull << 8 | 14 << 2);
	/* What the flags have not asked for is left alone. */
	assert_int_equal(p->c.regs->iva, IVA);
	assert_int_equal(p->c.event_callback, 0);
	assert_int_equal(p->c.regs->irr[1], 0);
	assert_true(ia64_itc_read(v) < 1ull << 50);
	context.flags = VGCF_EXTRA_REGS | VGCF_SET_CR_IRR | VGCF_SET_AR_ITC;
	xen_cpu_set_context(&p->c, &context);
	assert_int_equal(p->c.regs->iva, 0x80000);
	assert_int_equal(p->c.event_callback, 0xeee0);
	assert_int_equal(p->c.regs->irr[1], 0x10);
	assert_true(ia64_itc_read(v) >= 1ull << 50);
	assert_int_equal(ia64_translate(v, 0x2000000000004010, 8, IA64_ACCESS_READ, 0, &res),
			 IA64_XLATE_OK);
	assert_int_equal(res.pa, 0xc010);
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
		cmocka_unit_test_setup_teardown(test_timer_set_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hyperprivops, setup, teardown),
		cmocka_unit_test_setup_teardown(test_emulation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_debug_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_break_in_branch_slot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_data_breakpoint, setup, teardown),
		cmocka_unit_test_setup_teardown(test_floating_point_off, setup, teardown),
		cmocka_unit_test_setup_teardown(test_performance_monitors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_kernel_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pending, setup, teardown),
		cmocka_unit_test_setup_teardown(test_context, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
