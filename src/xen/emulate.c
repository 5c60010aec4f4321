/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Privileged instructions that a kernel executes at its lower privilege level: done as if it were
 * at level 0, on the registers the hypervisor keeps for it.
 */
#include <string.h>

#include "ia64/decode.h"
#include "ia64/exec.h"
#include "ia64/interruption.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"
#include "xen/cpu.h"

static bool fetch(struct xen_cpu *c, struct ia64_insn_op *op)
{
	struct vcpu *v = c->v;
	struct ia64_bundle bundle;
	const uint8_t *p;
	uint64_t pa;

	if (!ia64_translate_quiet(v, v->ip, true, &pa))
		return false;
	p = ia64_memory_ptr(v->sys->mem, pa, 16);
	if (!p || v->ri > 2)
		return false;
	ia64_decode_bundle(p, &bundle);
	op->insn = bundle.insn[v->ri];
	op->exec = ia64_exec_table[op->insn.op];
	return true;
}

static void count(struct xen_cpu *c, unsigned int op)
{
	uint64_t ip = c->v->ip | c->v->ri;
	struct xen_privop_site *s;
	unsigned int n = (unsigned int)(ip >> 4 ^ ip >> 10 ^ ip) % XEN_PRIVOP_SITES, i;

	c->emulated++;
	for (i = 0; i < XEN_PRIVOP_SITES; i++) {
		s = &c->site[(n + i) % XEN_PRIVOP_SITES];
		if (s->count && (s->ip != ip || s->op != op))
			continue;
		s->ip = ip;
		s->op = (uint16_t)op;
		s->count++;
		return;
	}
}

static bool write_cr(struct xen_cpu *c, unsigned int n, uint64_t val)
{
	struct mapped_regs *r = c->regs;

	switch (n) {
	case CR_ITM:
		xen_cpu_set_itm(c, val);
		return true;
	case CR_PTA:
		/* The vCPU checks it and walks the kernel's table with it. */
		xen_cpu_lend_registers(c);
		if (!ia64_cr_write(c->v, CR_PTA, val))
			return true;
		xen_cpu_return_registers(c);
		r->pta = val;
		return true;
	case CR_IVA:
		r->iva = val & ~0x7fffull;
		return true;
	case CR_EOI:
	case CR_IVR:
	case CR_IRR0:
	case CR_IRR0 + 1:
	case CR_IRR0 + 2:
	case CR_IRR0 + 3:
		return true;
	default:
		r->vcr[n] = val;
		return true;
	}
}

static uint64_t read_cr(struct xen_cpu *c, unsigned int n)
{
	return n == CR_IVR ? xen_cpu_ivr(c) : c->regs->vcr[n];
}

/* What the processor itself does at privilege level 0 on the kernel's registers. */
static void execute(struct xen_cpu *c, struct ia64_insn_op *op)
{
	struct vcpu *v = c->v;
	uint64_t ip = v->ip;
	uint8_t ri = v->ri;

	count(c, op->insn.op);
	xen_cpu_lend_registers(c);
	op->exec(v, op);
	/* A fault of the instruction has given them back and led into a handler. */
	if (!c->virtual_regs)
		return;
	xen_cpu_return_registers(c);
	v->ip = ip;
	v->ri = ri;
	xen_cpu_next(c);
}

static bool set_indirect_rr(struct xen_cpu *c, const struct ia64_insn *i)
{
	struct gr_ref index = gr(c->v, i->r3), val = gr(c->v, i->r2);

	return xen_cpu_set_rr(c, (unsigned int)(*index.val >> 61), *val.val);
}

/* False: there is something wrong with it, which the processor finds. */
static bool set_debug(struct xen_cpu *c, const struct ia64_insn *i)
{
	struct gr_ref index = gr(c->v, i->r3), val = gr(c->v, i->r2);

	if (*index.nat || *val.nat || (*index.val & 0xff) >= IA64_NR_DEBUG)
		return false;
	xen_cpu_set_debug(c, i->op == OP_MOV_DBR, *index.val & 0xff, *val.val);
	return true;
}

static bool read_debug(struct xen_cpu *c, const struct ia64_insn *i)
{
	struct gr_ref index = gr(c->v, i->r3);

	if (*index.nat || i->r1 >= 32 + c->v->rse.sof || (*index.val & 0xff) >= IA64_NR_DEBUG)
		return false;
	gr_write(c->v, i->r1, xen_cpu_debug(c, i->op == OP_MOV_FROM_DBR, *index.val & 0xff), 0);
	return true;
}

bool xen_emulate(struct xen_cpu *c)
{
	struct vcpu *v = c->v;
	struct ia64_insn_op op;
	const struct ia64_insn *i = &op.insn;

	if (!fetch(c, &op))
		return false;
	switch (i->op) {
	case OP_SSM:
		xen_cpu_set_psr(c, xen_cpu_psr(c) | (uint64_t)i->imm);
		break;
	case OP_RSM:
		xen_cpu_set_psr(c, xen_cpu_psr(c) & ~(uint64_t)i->imm);
		break;
	case OP_MOV_PSR_L:
		xen_cpu_set_psr(c, (xen_cpu_psr(c) & ~0xffffffffull) |
				   (*gr(v, i->r2).val & 0xffffffff));
		break;
	case OP_MOV_FROM_PSR:
		gr_write(v, i->r1, xen_cpu_psr(c) & (0xffffffffull | PSR_MC | PSR_IT), 0);
		break;
	case OP_RFI:
		count(c, i->op);
		xen_cpu_rfi(c);
		xen_cpu_deliver_events(c);
		return true;
	case OP_BSW_0:
		xen_cpu_set_psr(c, xen_cpu_psr(c) & ~PSR_BN);
		break;
	case OP_BSW_1:
		xen_cpu_set_psr(c, xen_cpu_psr(c) | PSR_BN);
		break;
	case OP_MOV_CR:
		write_cr(c, i->r3, *gr(v, i->r2).val);
		break;
	case OP_MOV_FROM_CR:
		gr_write(v, i->r1, read_cr(c, i->r3), 0);
		break;
	case OP_MOV_RR:
		if (!set_indirect_rr(c, i))
			return false;
		break;
	case OP_MOV_FROM_RR:
		gr_write(v, i->r1, c->regs->rrs[*gr(v, i->r3).val >> 61], 0);
		break;
	case OP_ITC_D:
	case OP_ITC_I:
		count(c, i->op);
		if (xen_cpu_insert(c, i->op == OP_ITC_I, -1, *gr(v, i->r2).val))
			xen_cpu_next(c);
		return true;
	case OP_ITR_D:
	case OP_ITR_I:
		count(c, i->op);
		if (xen_cpu_insert(c, i->op == OP_ITR_I, (int)(*gr(v, i->r3).val & 0xff),
				   *gr(v, i->r2).val))
			xen_cpu_next(c);
		return true;
	case OP_MOV_DBR:
	case OP_MOV_IBR:
		if (set_debug(c, i))
			break;
		execute(c, &op);
		return true;
	case OP_MOV_FROM_DBR:
	case OP_MOV_FROM_IBR:
		if (read_debug(c, i))
			break;
		execute(c, &op);
		return true;
	case OP_MOV_AR:
	case OP_MOV_AR_I:
		execute(c, &op);
		memcpy(c->regs->krs, &v->ar[AR_K0], sizeof(c->regs->krs));
		xen_cpu_deliver_events(c);
		return true;
	case OP_PTC_L:
	case OP_PTC_G:
	case OP_PTC_GA:
	case OP_PTC_E:
	case OP_PTR_D:
	case OP_PTR_I:
	case OP_TPA:
	case OP_TAK:
	case OP_MOV_PKR:
	case OP_MOV_FROM_PKR:
	case OP_MOV_PMC:
	case OP_MOV_FROM_PMC:
	case OP_MOV_PMD:
		execute(c, &op);
		xen_cpu_deliver_events(c);
		return true;
	case OP_BREAK:
		return i->unit == UNIT_B && xen_hyperprivop(c, (uint64_t)i->imm);
	default:
		return false;
	}
	count(c, i->op);
	v->code_stale = true;
	xen_cpu_next(c);
	xen_cpu_deliver_events(c);
	return true;
}
