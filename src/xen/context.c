/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registers a vCPU is created with: VCPUOP_initialise. Source: Xen 4.1 public/arch-ia64.h. */
#include <errno.h>
#include <string.h>

#include "ia64/fp.h"
#include "ia64/rse.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"
#include "xen/cpu.h"

#define PFS_IMPLEMENTED 0xc3f0003fffffffffull
#define PTE_P 1u

static void set_context_ars(struct xen_cpu *c, const struct vcpu_guest_context_regs *r)
{
	struct vcpu *v = c->v;
	unsigned int n;

	for (n = 0; n < 8; n++) {
		v->ar[AR_K0 + n] = r->ar[AR_K0 + n];
		c->regs->krs[n] = r->ar[AR_K0 + n];
	}
	v->ar[AR_CCV] = r->ar[AR_CCV];
	v->ar[AR_UNAT] = r->ar[AR_UNAT];
	v->ar[AR_CSD] = r->ar[AR_CSD];
	v->ar[AR_SSD] = r->ar[AR_SSD];
	v->ar[AR_LC] = r->ar[AR_LC];
	v->ar[AR_EC] = r->ar[AR_EC] & 0x3f;
	v->ar[AR_PFS] = r->ar[AR_PFS] & PFS_IMPLEMENTED;
	if (r->ar[AR_FPSR] && !ia64_fpsr_is_reserved(r->ar[AR_FPSR]))
		v->ar[AR_FPSR] = r->ar[AR_FPSR];
	/* These two while the RSE is in lazy mode still, as it is after reset. */
	ia64_rse_ar_write(v, AR_BSPSTORE, r->ar[AR_BSPSTORE]);
	ia64_rse_ar_write(v, AR_RNAT, r->ar[AR_RNAT]);
	ia64_rse_ar_write(v, AR_RSC, (r->ar[AR_RSC] & 0x3fff0013) | XEN_KERNEL_LEVEL << 2);
}

int xen_cpu_check_context(const struct vcpu_guest_context *context)
{
	const struct vcpu_guest_context_regs *r = &context->regs;
	unsigned int n;

	for (n = 0; n < 8; n++)
		if (r->rr[n] && !xen_cpu_rr_ok(r->rr[n]))
			return -EINVAL;
	/* A context of a processor with another register stack; 0: it does not say. */
	if (r->num_phys_stacked && r->num_phys_stacked != IA64_STACKED_PHYS)
		return -EINVAL;
	return 0;
}

/* Of what comes with VGCF_EXTRA_REGS. TRs with their own region identifier. */
static void set_context_extra(struct xen_cpu *c, const struct vcpu_guest_context *context)
{
	const struct vcpu_guest_context_regs *r = &context->regs;
	unsigned int n, k;

	for (k = 0; k < 2; k++) {
		const struct ia64_tr_entry *tr = k ? r->tr.dtrs : r->tr.itrs;

		for (n = 0; n < sizeof(r->tr.itrs) / sizeof(r->tr.itrs[0]); n++) {
			unsigned int region = (unsigned int)(tr[n].vadr >> 61);
			uint64_t old = c->v->rr[region];
			uint64_t rr = tr[n].rid << 8 | (tr[n].itir & 0xfc);

			if (!(tr[n].pte & PTE_P) || !xen_cpu_rr_ok(rr))
				continue;
			ia64_rr_write(c->v, region, rr);
			xen_cpu_insert_at(c, !k, (int)n, tr[n].vadr, tr[n].itir & 0xfffffffcull,
					  tr[n].pte);
			ia64_rr_write(c->v, region, old);
		}
	}
	c->event_callback = context->event_callback_ip;
	c->regs->iva = r->cr[CR_IVA] & ~0x7fffull;
}

void xen_cpu_set_context(struct xen_cpu *c, const struct vcpu_guest_context *context)
{
	const struct vcpu_guest_context_regs *r = &context->regs;
	struct vcpu *v = c->v;
	unsigned int n;

	for (n = 1; n < 32; n++) {
		v->gr[n] = r->r[n];
		v->nat[n] = r->nats >> n & 1;
		v->nat_any |= v->nat[n];
	}
	memcpy(v->br, r->b, sizeof(v->br));
	ia64_pr_set(v, r->pr, UINT64_MAX);
	set_context_ars(c, r);
	for (n = 0; n < 8; n++)
		if (r->rr[n])
			xen_cpu_set_rr(c, n, r->rr[n]);
	for (n = 0; n < IA64_NR_DEBUG; n++) {
		xen_cpu_set_debug(c, true, n, r->dbr[n]);
		xen_cpu_set_debug(c, false, n, r->ibr[n]);
	}
	for (n = 2; n < 128; n++)
		v->fr[n] = ia64_fr_from_fill(r->f[n].bits[0], r->f[n].bits[1]);
	c->regs->dcr = r->cr[CR_DCR];
	if (context->flags & VGCF_SET_CR_IRR)
		memcpy(c->regs->irr, &r->cr[CR_IRR0], sizeof(c->regs->irr));
	if (context->flags & VGCF_SET_AR_ITC)
		ia64_itc_write(v, r->ar[AR_ITC]);
	if (context->flags & VGCF_EXTRA_REGS)
		set_context_extra(c, context);
	if (r->psr)
		xen_cpu_set_psr(c, r->psr);
	v->ip = r->ip & ~15ull;
	v->ri = 0;
}
