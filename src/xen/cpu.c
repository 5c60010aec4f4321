/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The privileged state of a paravirtualized vCPU; how interruptions come to its kernel. */
#include "xen/cpu.h"

#include <sched.h>
#include <stddef.h>
#include <string.h>

#include "ia64/interruption.h"
#include "ia64/rse.h"
#include "ia64/sapic.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"
#include "xen/evtchn.h"

#define DEFAULT_SHARED_INFO_VA 0xf100000000000000ull /* until the kernel says where it wants it */

#define METAPHYSICAL_PS 24 /* 16 MB */
#define METAPHYSICAL_RR(region) \
	((uint64_t)XEN_METAPHYSICAL_RID(region) << 8 | METAPHYSICAL_PS << 2)
#define UNCACHED (1ull << 63)

/* Data TRs that hold the shared pages: above those PAL tells the kernel of. */
#define TR_SHARED_INFO (IA64_NR_TR - 1)
#define TR_MAPPED_REGS (IA64_NR_TR - 2)

/* Bits of a translation in insertion format, SDM 2:4.1.1.5. */
#define PTE_P (1ull << 0)
#define PTE_MA_UC (4ull << 2)
#define PTE_A (1ull << 5)
#define PTE_D (1ull << 6)
#define PTE_PL(n) ((uint64_t)(n) << 7)
#define PTE_AR_RW (2ull << 9)
#define PTE_AR_RWX (3ull << 9)

/* Always on in the vCPU's own psr; the kernel's are kept elsewhere. */
#define PSR_FORCED (PSR_IC | PSR_I | PSR_DT | PSR_RT | PSR_IT | PSR_BN)
/* What the kernel's psr does not take from the vCPU's. */
#define PSR_VIRTUAL (PSR_FORCED | PSR_CPL | PSR_RI | PSR_IS | PSR_MC | PSR_VM)
/* What the vCPU has as well, but the kernel may change where it sees it. */
#define PSR_IN_PAGE (PSR_DFH | PSR_PP)
#define PSR_TRANSLATED (PSR_DT | PSR_RT | PSR_IT)
/* Left alone by the delivery of an interruption, SDM 2:3.3.2. */
#define PSR_KEPT (PSR_UP | PSR_MFL | PSR_MFH | PSR_PK)

#define IFS_VALID (1ull << 63)
#define DISABLED_FPH 2u /* isr.code of Disabled FP-Register, SDM 2:8.3 */
#define ITV_MASKED (1ull << 16)
#define SPURIOUS_VECTOR 15u
#define ITM_RETRY 1000000 /* of ar.itc: a millisecond */

static struct vcpu_info *info(const struct xen_cpu *c)
{
	return &c->xv->domain->shared_info->vcpu_info[c->xv->id];
}

static bool masked(const struct xen_cpu *c)
{
	return __atomic_load_n(&info(c)->evtchn_upcall_mask, __ATOMIC_ACQUIRE);
}

static void set_mask(struct xen_cpu *c, bool on)
{
	__atomic_store_n(&info(c)->evtchn_upcall_mask, on, __ATOMIC_RELEASE);
}

/* --- register banks: the one that is out is in mapped_regs --- */

static void bank_out(struct xen_cpu *c, uint64_t *bank, uint64_t *nats)
{
	struct vcpu *v = c->v;
	unsigned int n;

	*nats = 0;
	if (!v->nat_any) {
		memcpy(bank, &v->gr[16], 16 * sizeof(*bank));
		return;
	}
	for (n = 0; n < 16; n++) {
		bank[n] = v->gr[16 + n];
		/* As st8.spill would leave them in ar.unat: by bits 8:3 of the address. */
		if (v->nat[16 + n])
			*nats |= 1ull << ((c->regs_gpa + (uint64_t)((uint8_t *)&bank[n] -
				 (uint8_t *)c->regs)) >> 3 & 63);
	}
}

static void bank_in(struct xen_cpu *c, const uint64_t *bank, uint64_t nats)
{
	struct vcpu *v = c->v;
	unsigned int n;

	if (!nats) {
		memcpy(&v->gr[16], bank, 16 * sizeof(*bank));
		memset(&v->nat[16], 0, 16);
		return;
	}
	for (n = 0; n < 16; n++) {
		uint64_t at = c->regs_gpa + (uint64_t)((const uint8_t *)&bank[n] -
						       (const uint8_t *)c->regs);

		v->gr[16 + n] = bank[n];
		v->nat[16 + n] = nats >> (at >> 3 & 63) & 1;
		v->nat_any |= v->nat[16 + n];
	}
}

static void set_bank(struct xen_cpu *c, unsigned int bank)
{
	struct mapped_regs *r = c->regs;
	uint64_t nats;

	if ((unsigned int)r->banknum == bank)
		return;
	if (bank) {
		bank_out(c, r->bank0_regs, &nats);
		r->vbnat = nats;
		bank_in(c, r->bank1_regs, r->vnat);
	} else {
		bank_out(c, r->bank1_regs, &nats);
		r->vnat = nats;
		bank_in(c, r->bank0_regs, r->vbnat);
	}
	r->banknum = (int32_t)bank;
}

/* --- psr --- */

uint64_t xen_cpu_psr(const struct xen_cpu *c)
{
	const struct mapped_regs *r = c->regs;
	uint64_t psr = c->v->psr & ~(PSR_VIRTUAL | PSR_IN_PAGE);
	uint64_t cpl = c->v->cpl <= XEN_KERNEL_LEVEL ? 0 : c->v->cpl;

	psr |= cpl << PSR_CPL_SHIFT | PSR_DI;
	if (r->interrupt_collection_enabled)
		psr |= PSR_IC;
	if (!masked(c))
		psr |= PSR_I;
	if (!r->metaphysical_mode)
		psr |= PSR_TRANSLATED;
	if (r->banknum)
		psr |= PSR_BN;
	if (r->vpsr_dfh)
		psr |= PSR_DFH;
	if (r->vpsr_pp)
		psr |= PSR_PP;
	return psr;
}

void xen_cpu_set_metaphysical(struct xen_cpu *c, bool on)
{
	unsigned int region;

	c->regs->metaphysical_mode = on;
	for (region = 0; region < 8; region += 4)
		ia64_rr_write(c->v, region, on ? METAPHYSICAL_RR(region) : c->regs->rrs[region]);
}

void xen_cpu_set_psr(struct xen_cpu *c, uint64_t psr)
{
	uint64_t cpl = (psr & PSR_CPL) >> PSR_CPL_SHIFT;
	struct mapped_regs *r = c->regs;

	if (cpl < XEN_KERNEL_LEVEL)
		cpl = XEN_KERNEL_LEVEL;
	r->interrupt_collection_enabled = !!(psr & PSR_IC);
	r->vpsr_dfh = !!(psr & PSR_DFH);
	r->vpsr_pp = !!(psr & PSR_PP);
	set_mask(c, !(psr & PSR_I));
	set_bank(c, !!(psr & PSR_BN));
	if (!!r->metaphysical_mode != ((psr & PSR_TRANSLATED) != PSR_TRANSLATED))
		xen_cpu_set_metaphysical(c, !r->metaphysical_mode);
	ia64_set_psr(c->v, (psr & ~PSR_VIRTUAL) | PSR_FORCED | cpl << PSR_CPL_SHIFT);
}

void xen_cpu_rfi(struct xen_cpu *c)
{
	struct mapped_regs *r = c->regs;
	struct vcpu *v = c->v;
	uint64_t psr = r->ipsr;

	v->op = NULL;
	v->ip = r->iip & ~15ull;
	v->ri = (psr & PSR_RI) >> PSR_RI_SHIFT;
	if (v->ri > 2)
		v->ri = 0;
	v->branch_from = r->iipa;
	v->branch_to = v->ip;
	v->code_stale = true;
	ia64_rse_rfi(v, r->ifs);
	xen_cpu_set_psr(c, psr);
}

void xen_cpu_init(struct xen_cpu *c)
{
	struct mapped_regs *r = c->regs;
	struct vcpu *v = c->v;
	unsigned int n;

	memset(r, 0, sizeof(*r));
	if (!c->shared_info_va)
		c->shared_info_va = DEFAULT_SHARED_INFO_VA;
	c->event_callback = c->failsafe_callback = 0;
	memset(c->dbr_levels, 0, sizeof(c->dbr_levels));
	memset(c->ibr_levels, 0, sizeof(c->ibr_levels));
	r->interrupt_mask_addr = c->shared_info_va + c->xv->id * sizeof(struct vcpu_info) +
				 offsetof(struct vcpu_info, evtchn_upcall_mask);
	r->banknum = 1;
	r->pta = 15 << 2;
	r->itv = ITV_MASKED;
	r->lid = (uint64_t)c->xv->id << 24;
	for (n = 0; n < IA64_NR_CPUID; n++)
		r->vcpuid[n] = v->cpuid[n];
	for (n = 0; n < 8; n++) {
		r->rrs[n] = (uint64_t)n << 8 | 14 << 2;
		ia64_rr_write(v, n, r->rrs[n]);
	}
	v->pl_floor = XEN_KERNEL_LEVEL;
	v->cr[CR_PTA] = r->pta;
	ia64_cr_write(v, CR_ITV, XEN_VECTOR_ITM);
	xen_cpu_set_metaphysical(c, true);
	xen_cpu_set_psr(c, PSR_AC | PSR_IC | PSR_BN);
	info(c)->evtchn_upcall_pending = 0;
}

bool xen_cpu_rr_ok(uint64_t val)
{
	uint32_t rid = (uint32_t)(val >> 8) & ((1u << IA64_RID_BITS) - 1);

	return !(val >> 32) && !(val & 2) && ia64_page_size_ok(val >> 2 & 0x3f) &&
	       rid != XEN_METAPHYSICAL_RID(0) && rid != XEN_METAPHYSICAL_RID(4);
}

void xen_cpu_next(struct xen_cpu *c)
{
	struct vcpu *v = c->v;

	v->op = NULL;
	if (++v->ri > 2) {
		v->ri = 0;
		v->ip += 16;
	}
}

/* --- translation --- */

bool xen_cpu_set_rr(struct xen_cpu *c, unsigned int region, uint64_t val)
{
	if (!xen_cpu_rr_ok(val))
		return false;
	c->regs->rrs[region] = val;
	if (!c->regs->metaphysical_mode || region & 3)
		ia64_rr_write(c->v, region, val);
	return true;
}

void xen_cpu_lend_registers(struct xen_cpu *c)
{
	struct vcpu *v = c->v;

	c->lent_psr = v->psr;
	memcpy(&v->cr[CR_IPSR], &c->regs->vcr[CR_IPSR], 10 * sizeof(v->cr[0]));
	v->psr &= ~(PSR_CPL | PSR_IC | PSR_I);
	if (c->regs->interrupt_collection_enabled)
		v->psr |= PSR_IC;
	v->cpl = 0;
	c->virtual_regs = true;
}

void xen_cpu_return_registers(struct xen_cpu *c)
{
	struct vcpu *v = c->v;

	if (!c->virtual_regs)
		return;
	c->virtual_regs = false;
	v->psr = c->lent_psr;
	v->cpl = (v->psr & PSR_CPL) >> PSR_CPL_SHIFT;
}

/* An insertion on behalf of the hypervisor or of the kernel: cr.ifa and cr.itir are borrowed. */
bool xen_cpu_insert_at(struct xen_cpu *c, bool instruction, int slot, uint64_t va, uint64_t itir,
		       uint64_t pte)
{
	struct vcpu *v = c->v;
	uint64_t ifa = v->cr[CR_IFA], old_itir = v->cr[CR_ITIR], psr = v->psr;
	bool ok;

	v->cr[CR_IFA] = va;
	v->cr[CR_ITIR] = itir;
	v->psr &= ~PSR_IC;
	ok = ia64_tlb_insert(v, instruction, slot, pte);
	v->psr |= psr & PSR_IC;
	v->cr[CR_IFA] = ifa;
	v->cr[CR_ITIR] = old_itir;
	return ok;
}

bool xen_cpu_insert(struct xen_cpu *c, bool instruction, int slot, uint64_t pte)
{
	/* rid and reserved bits of cr.itir are read as they were, ignored on insertion. */
	uint64_t va = c->regs->ifa, itir = c->regs->itir & 0xfffffffcull;
	int other = ia64_tr_overlap(c->v, instruction, slot, va, itir);

	/*
	 * Xen keeps the kernel's translation registers beside its own TLB: overlapping one is no
	 * machine check. What is in the TC may go at any time, this at once; a register takes the
	 * older one's place. The pages that Xen shares with the kernel end the domain.
	 */
	if (other >= 0 && (instruction || other < TR_MAPPED_REGS)) {
		if (slot < 0)
			return true;
		ia64_tlb_purge_tr(c->v, instruction, va, itir >> 2 & 0x3f);
	}
	return xen_cpu_insert_at(c, instruction, slot, va, itir, pte);
}

/* The shared pages; false if va is not in them. */
static bool map_shared(struct xen_cpu *c, uint64_t va)
{
	uint64_t offset = va - c->shared_info_va;
	uint64_t pte = PTE_P | PTE_A | PTE_D | PTE_PL(XEN_KERNEL_LEVEL) | PTE_AR_RW;

	if (offset < XSI_SIZE)
		return xen_cpu_insert_at(c, false, TR_SHARED_INFO, c->shared_info_va, XSI_SHIFT << 2,
			      pte | c->xv->domain->cfg.shared_info_gpfn << XEN_PAGE_SHIFT);
	if (offset < XMAPPEDREGS_OFS + XMAPPEDREGS_SIZE)
		return xen_cpu_insert_at(c, false, TR_MAPPED_REGS, c->shared_info_va + XMAPPEDREGS_OFS,
			      XMAPPEDREGS_SHIFT << 2, pte | c->regs_gpa);
	return false;
}

/* One to one: metaphysical mode, and the regions opt_feature names. */
bool xen_cpu_identity(const struct xen_cpu *c, uint64_t va, uint64_t *pa)
{
	unsigned int region = (unsigned int)(va >> 61);

	*pa = va & ((1ull << 61) - 1);
	return !(*pa >> IA64_IMPL_PA_BITS) && c->v->cpl <= XEN_KERNEL_LEVEL &&
	       ((c->regs->metaphysical_mode && !(region & 3)) || c->identity[region].on);
}

static bool map_identity(struct xen_cpu *c, uint64_t va, bool instruction)
{
	unsigned int region = (unsigned int)(va >> 61);
	uint64_t page = ~((1ull << METAPHYSICAL_PS) - 1);
	uint64_t pte = PTE_P | PTE_A | PTE_D | PTE_PL(XEN_KERNEL_LEVEL) | PTE_AR_RWX, pa;

	if (!xen_cpu_identity(c, va, &pa))
		return false;
	if (c->regs->metaphysical_mode && !(region & 3)) {
		if (va & UNCACHED)
			pte |= PTE_MA_UC;
		return xen_cpu_insert_at(c, instruction, -1, va, METAPHYSICAL_PS << 2, pte | (pa & page));
	}
	pte = c->identity[region].pgprot | PTE_P | PTE_A | PTE_D;
	return xen_cpu_insert_at(c, instruction, -1, va,
		      (c->regs->rrs[region] & 0xfc) | (c->identity[region].key << 8 & 0xffffff00),
		      pte | (pa & ~((1ull << (c->regs->rrs[region] >> 2 & 0x3f)) - 1)));
}

/* --- interruptions --- */

static bool is_data_miss(unsigned int vector)
{
	return vector == IA64_VHPT_VECTOR || vector == IA64_DTLB_VECTOR ||
	       vector == IA64_ALT_DTLB_VECTOR;
}

static bool is_miss(unsigned int vector)
{
	return is_data_miss(vector) || vector == IA64_ITLB_VECTOR ||
	       vector == IA64_ALT_ITLB_VECTOR;
}

/* The vCPU's state after an interruption; where it goes to is set by the caller. */
static void enter(struct xen_cpu *c, uint64_t ip)
{
	struct vcpu *v = c->v;
	uint64_t psr = (v->psr & PSR_KEPT) | PSR_FORCED |
		       (uint64_t)XEN_KERNEL_LEVEL << PSR_CPL_SHIFT;

	if (c->regs->dcr & DCR_BE)
		psr |= PSR_BE;
	if (c->regs->dcr & DCR_PP)
		psr |= PSR_PP;
	c->regs->vpsr_dfh = 0;
	c->regs->vpsr_pp = !!(c->regs->dcr & DCR_PP);
	v->rse.cfle = false;
	ia64_set_psr(v, psr);
	v->op = NULL;
	v->branch_from = v->ip;
	v->ip = ip & ~15ull;
	v->ri = 0;
	v->branch_to = v->ip;
	v->code_stale = true;
}

static void collect(struct xen_cpu *c, uint64_t isr)
{
	struct mapped_regs *r = c->regs;
	struct vcpu *v = c->v;

	r->unat = v->ar[AR_UNAT];
	r->precover_ifs = ia64_cfm(&v->rse) | IFS_VALID;
	r->ipsr = xen_cpu_psr(c) | (uint64_t)v->ri << PSR_RI_SHIFT;
	set_bank(c, 0);
	r->isr = isr;
	r->iip = v->ip;
	r->iipa = v->ip;
	r->ifs = 0;
	set_mask(c, true);
	r->interrupt_collection_enabled = 0;
}

void xen_cpu_reflect(struct xen_cpu *c, unsigned int vector, uint64_t isr)
{
	struct mapped_regs *r = c->regs;
	struct vcpu *v = c->v;

	if (!r->interrupt_collection_enabled) {
		if (!is_data_miss(vector)) {
			ia64_crash(v, "interruption 0x%04x (isr 0x%llx, ifa 0x%llx) at 0x%llx while "
				   "the kernel's psr.ic is off", vector, (unsigned long long)isr,
				   (unsigned long long)v->cr[CR_IFA], (unsigned long long)v->ip);
			return;
		}
		enter(c, r->iva + IA64_NESTED_DTLB_VECTOR);
		return;
	}
	if (vector != IA64_EXTINT_VECTOR) {
		r->ifa = v->cr[CR_IFA];
		r->itir = v->cr[CR_ITIR];
	}
	if (is_miss(vector))
		r->iha = v->cr[CR_IHA];
	if (vector == IA64_BREAK_VECTOR || vector == IA64_SPECULATION_VECTOR)
		r->iim = v->cr[CR_IIM];
	collect(c, isr);
	enter(c, r->iva + vector);
}

void xen_cpu_deliver_events(struct xen_cpu *c)
{
	struct mapped_regs *r = c->regs;

	if (!c->event_callback || !r->interrupt_collection_enabled || masked(c) ||
	    !xen_events_pending(c->xv))
		return;
	collect(c, (uint64_t)c->v->ri << ISR_EI_SHIFT);
	enter(c, c->event_callback);
}

void xen_cpu_raise(struct xen_cpu *c, unsigned int vector)
{
	__atomic_fetch_or(&c->regs->irr[vector / 64], 1ull << (vector % 64), __ATOMIC_RELAXED);
	c->regs->pending_interruption = 1;
}

unsigned int xen_cpu_ivr(struct xen_cpu *c)
{
	int n;

	for (n = 3; n >= 0; n--) {
		uint64_t irr = c->regs->irr[n];

		if (!irr)
			continue;
		__atomic_fetch_and(&c->regs->irr[n], ~(1ull << 63 >> __builtin_clzll(irr)),
				   __ATOMIC_RELAXED);
		c->regs->pending_interruption = c->regs->irr[0] || c->regs->irr[1] ||
						c->regs->irr[2] || c->regs->irr[3];
		return (unsigned int)n * 64 + 63 - (unsigned int)__builtin_clzll(irr);
	}
	return SPURIOUS_VECTOR;
}

/* Before the kernel takes events, it looks for the timer's vector in cr.irr. */
static void timer_interrupt(struct xen_cpu *c)
{
	uint64_t itv = c->regs->itv;

	if (itv & ITV_MASKED)
		return;
	if (c->event_callback && !c->xv->virq_to_evtchn[VIRQ_ITC])
		/* The kernel has armed it before it can hear of it: kept until it can. */
		ia64_cr_write(c->v, CR_ITM, ia64_itc_read(c->v) + ITM_RETRY);
	else if (c->event_callback)
		xen_send_vcpu_virq(c->xv, VIRQ_ITC);
	else
		xen_cpu_raise(c, itv & 0xff);
	/* The kernel is about to look at how much time was stolen from it. */
	xen_vcpu_runstate_sync(c->xv);
	c->host_cpu = sched_getcpu();
}

/* The interval timer's, and kicks, which only want a look at events. */
void xen_cpu_take_interrupts(struct xen_cpu *c)
{
	unsigned int vector;

	while ((vector = ia64_sapic_acknowledge(c->v)) > SPURIOUS_VECTOR) {
		ia64_sapic_eoi(c->v);
		if (vector == XEN_VECTOR_ITM)
			timer_interrupt(c);
	}
}

/* f32 to f127 are off for the vCPU but not for the kernel, which has said so in mapped_regs. */
static bool is_stale_dfh(const struct xen_cpu *c, unsigned int vector, uint64_t isr)
{
	return vector == IA64_DISABLED_FP_VECTOR && isr & DISABLED_FPH && c->v->psr & PSR_DFH &&
	       !c->regs->vpsr_dfh;
}

/*
 * Whether it is a break.b, whose immediate cr.iim does not tell (SDM 3:2 "break"), where the kernel
 * can mean nothing but a hyperprivop: its psr.ic is off, so it could not take the fault. Assemblers
 * put `break` into a branch's slot behind a branch: Linux's way out of a system call that is traced
 * has a cover there, of which Xen 4.1 does not hear.
 */
static bool is_branch_slot_break(const struct xen_cpu *c, unsigned int vector)
{
	return vector == IA64_BREAK_VECTOR && !c->v->cr[CR_IIM] &&
	       !c->regs->interrupt_collection_enabled;
}

static bool is_privileged(unsigned int vector, uint64_t isr)
{
	uint64_t code = isr & 0xf0;

	/* Control registers of an interruption fault as illegal while the vCPU's psr.ic is on. */
	return vector == IA64_GENERAL_EXCEPTION_VECTOR &&
	       (code == IA64_GENEX_PRIVILEGED_OPERATION || code == IA64_GENEX_PRIVILEGED_REGISTER ||
		code == IA64_GENEX_ILLEGAL_OPERATION);
}

bool xen_cpu_interruption(struct xen_cpu *c, unsigned int vector, uint64_t isr)
{
	struct vcpu *v = c->v;
	uint64_t va = v->cr[CR_IFA];

	xen_cpu_return_registers(c);
	if (vector == IA64_EXTINT_VECTOR) {
		xen_cpu_take_interrupts(c);
		xen_cpu_deliver_events(c);
		return true;
	}
	if (is_miss(vector)) {
		if (v->cpl <= XEN_KERNEL_LEVEL && !(isr & ISR_X) && map_shared(c, va))
			return true;
		if (map_identity(c, va, isr & ISR_X))
			return true;
	}
	if (is_stale_dfh(c, vector, isr)) {
		ia64_set_psr(v, v->psr & ~PSR_DFH);
		v->op = NULL;
		return true;
	}
	if (v->cpl <= XEN_KERNEL_LEVEL &&
	    (is_privileged(vector, isr) || is_branch_slot_break(c, vector)) && xen_emulate(c))
		return true;
	xen_cpu_reflect(c, vector, isr);
	return true;
}

void xen_cpu_set_debug(struct xen_cpu *c, bool data, unsigned int n, uint64_t val)
{
	uint8_t *levels = data ? c->dbr_levels : c->ibr_levels;

	if (n & 1) {
		levels[n] = val >> 56 & 3;
		val &= ~(3ull << 56);
		if (levels[n])
			val |= 1ull << (56 + XEN_KERNEL_LEVEL);
	}
	ia64_indirect_write(c->v, data ? IA64_RF_DBR : IA64_RF_IBR, n, val);
	c->v->code_stale = true;
}

uint64_t xen_cpu_debug(const struct xen_cpu *c, bool data, unsigned int n)
{
	uint64_t val = data ? c->v->dbr[n] : c->v->ibr[n];

	if (n & 1)
		val = (val & ~(3ull << 56)) |
		      (uint64_t)(data ? c->dbr_levels : c->ibr_levels)[n] << 56;
	return val;
}

void xen_cpu_set_itm(struct xen_cpu *c, uint64_t itm)
{
	c->regs->itm = itm;
	/*
	 * A tick that the kernel has not heard of is of the value before, which it has gone past: a
	 * vCPU that is not run for long between its look at ar.itc and here would hear "before it's
	 * due".
	 */
	ia64_timer_disarm(c->v);
	ia64_sapic_withdraw_itm(c->v);
	if (c->event_callback)
		xen_withdraw_vcpu_virq(c->xv, VIRQ_ITC);
	/* One that has passed is not waited for until ar.itc wraps. */
	if ((int64_t)(itm - ia64_itc_read(c->v)) <= 0)
		ia64_post_interrupt(c->v, XEN_VECTOR_ITM);
	else
		ia64_cr_write(c->v, CR_ITM, itm);
}
