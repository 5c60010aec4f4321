/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System instructions of unit M, application registers, psr, alloc and the like (SDM 3:2). */
#include "ia64/exec.h"

#include "ia64/sysreg.h"
#include "ia64/smp.h"
#include "ia64/tlb.h"

/* ---- application registers (SDM 3:2 "mov ar"; 1:3.1.8) ---- */

#define NR_KERNEL_REGISTERS 8
#define PFS_RESERVED (0x3fffull << 38 | 0xfull << 58)
#define EC_MASK 0x3full

/* What reserved and ignored ones do on a move is the decoder's business: see decode.h. */
static bool is_ignored(unsigned int ar)
{
	return (ar >= 48 && ar < 64) || ar >= 112;
}

static bool ar_read(struct vcpu *v, unsigned int ar, uint64_t *val)
{
	switch (ar) {
	case AR_RSC:
	case AR_BSP:
	case AR_BSPSTORE:
	case AR_RNAT:
		return ia64_rse_ar_read(v, ar, val);
	case AR_ITC:
		if ((v->psr & PSR_SI) && v->cpl)
			return ia64_privileged_register(v);
		*val = ia64_itc_read(v);
		return true;
	case AR_RUC:
		return ia64_illegal_operation(v);
	default:
		*val = v->ar[ar];
		return true;
	}
}

static bool ar_write(struct vcpu *v, unsigned int ar, uint64_t val)
{
	if (v->cpl && (ar < AR_K0 + NR_KERNEL_REGISTERS || ar == AR_ITC || ar == AR_CFLG))
		return ia64_privileged_register(v);
	if (ar < AR_K0 + NR_KERNEL_REGISTERS) {
		ia64_tlb_kr_write(v, ar - AR_K0, val);
		return true;
	}
	switch (ar) {
	case AR_RSC:
	case AR_BSPSTORE:
	case AR_RNAT:
		return ia64_rse_ar_write(v, ar, val);
	case AR_ITC:
		ia64_itc_write(v, val);
		return true;
	case AR_FPSR:
		if (ia64_fpsr_is_reserved(val))
			return ia64_reserved_register_field(v, 0);
		break;
	case AR_PFS:
		if (val & PFS_RESERVED)
			return ia64_reserved_register_field(v, 0);
		break;
	case AR_EC:
		val &= EC_MASK;
		break;
	case AR_BSP:
	case AR_RUC:
		return ia64_illegal_operation(v);
	default:
		if (is_ignored(ar))
			return true;
		break;
	}
	v->ar[ar] = val;
	return true;
}

EXEC(MOV_AR)
{
	struct gr_ref s = gr(v, op->insn.r2);

	CHECK_NAT(*s.nat, 0);
	return ar_write(v, op->insn.r3, *s.val) ? op + 1 : NULL;
}

EXEC(MOV_AR_I)
{
	return ar_write(v, op->insn.r3, op->insn.imm) ? op + 1 : NULL;
}

EXEC(MOV_FROM_AR)
{
	uint64_t val;

	CHECK_TARGET(op->insn.r1);
	if (!ar_read(v, op->insn.r3, &val))
		return NULL;
	gr_write(v, op->insn.r1, val, 0);
	return op + 1;
}

/* ---- register stack ---- */

EXEC(ALLOC)
{
	const struct ia64_insn *i = &op->insn;
	uint64_t pfs = v->ar[AR_PFS];

	/* The decoder has refused sizes that do not fit each other; r1 belongs to the new frame. */
	if (i->r1 >= 32u + i->x) {
		ia64_illegal_operation(v);
		return NULL;
	}
	/* Rotation cannot change its size while it is under way (SDM 3:2 "alloc"). */
	if (i->imm != v->rse.sor && (v->rse.rrb_gr || v->rse.rrb_fr || v->rse.rrb_pr)) {
		ia64_reserved_register_field(v, 0);
		return NULL;
	}
	if (!ia64_rse_alloc(v, i->x, i->y, i->imm))
		return NULL;
	gr_write(v, i->r1, pfs, 0);
	return op + 1;
}

EXEC(FLUSHRS)
{
	return ia64_rse_flushrs(v) ? op + 1 : NULL;
}

EXEC(LOADRS)
{
	return ia64_rse_loadrs(v) ? op + 1 : NULL;
}

/* ---- processor status (SDM 3:2 "ssm", "rsm", "sum", "rum", "mov psr") ---- */

/* Bits of psr.l that exist. */
#define PSR_L_IMPLEMENTED \
	(PSR_UM | PSR_IC | PSR_I | PSR_PK | PSR_DT | PSR_DFL | PSR_DFH | PSR_SP | PSR_PP | \
	 PSR_DI | PSR_SI | PSR_DB | PSR_LP | PSR_TB | PSR_RT)
#define PSR_L 0xffffffffull
/* ssm and rsm reach the low 24 bits of those. */
#define PSR_SM_IMPLEMENTED (PSR_L_IMPLEMENTED & 0xffffff)
/* Nothing else is derived from these: they may change without ia64_set_psr(). */
#define PSR_UNDERIVED (PSR_MFL | PSR_MFH | PSR_DFL | PSR_DFH | PSR_AC)
/* These may be cleared without anyone looking, not set. */
#define PSR_CLEARED_CHEAPLY (PSR_I | PSR_IC)

/* psr becomes `psr`; goes on with the next instruction unless something now wants attention. */
static const struct ia64_insn_op *set_psr(struct vcpu *v, const struct ia64_insn_op *op,
					  uint64_t psr)
{
	if (!((v->psr ^ psr) & ~(PSR_UNDERIVED | (v->psr & PSR_CLEARED_CHEAPLY)))) {
		v->psr = psr;
		return op + 1;
	}
	ia64_set_psr(v, psr);
	return attention(v) ? ia64_leave_run(v, op + 1) : op + 1;
}

static bool sm_is_reserved(struct vcpu *v, uint64_t imm, uint64_t implemented)
{
	if (!(imm & ~implemented))
		return false;
	ia64_reserved_register_field(v, 0);
	return true;
}

EXEC(SSM)
{
	uint64_t imm = op->insn.imm;

	CHECK_PRIVILEGE(0);
	if (sm_is_reserved(v, imm, PSR_SM_IMPLEMENTED))
		return NULL;
	return set_psr(v, op, v->psr | imm);
}

EXEC(RSM)
{
	uint64_t imm = op->insn.imm;

	CHECK_PRIVILEGE(0);
	if (sm_is_reserved(v, imm, PSR_SM_IMPLEMENTED))
		return NULL;
	return set_psr(v, op, v->psr & ~imm);
}

/* The user mask's psr.up is out of reach while performance monitors are secure (psr.sp). */
static uint64_t user_mask_reach(const struct vcpu *v)
{
	return v->psr & PSR_SP ? PSR_UM & ~PSR_UP : PSR_UM;
}

EXEC(SUM)
{
	uint64_t imm = op->insn.imm;

	if (sm_is_reserved(v, imm, PSR_UM))
		return NULL;
	return set_psr(v, op, v->psr | (imm & user_mask_reach(v)));
}

EXEC(RUM)
{
	uint64_t imm = op->insn.imm;

	if (sm_is_reserved(v, imm, PSR_UM))
		return NULL;
	return set_psr(v, op, v->psr & ~(imm & user_mask_reach(v)));
}

EXEC(MOV_PSR_UM)
{
	struct gr_ref s = gr(v, op->insn.r2);
	uint64_t reach = user_mask_reach(v);

	CHECK_NAT(*s.nat, 0);
	if (sm_is_reserved(v, *s.val, PSR_UM))
		return NULL;
	return set_psr(v, op, (v->psr & ~reach) | (*s.val & reach));
}

EXEC(MOV_FROM_PSR_UM)
{
	return gr_result(v, op, v->psr & PSR_UM, 0);
}

EXEC(MOV_PSR_L)
{
	struct gr_ref s = gr(v, op->insn.r2);

	CHECK_PRIVILEGE(0);
	CHECK_NAT(*s.nat, 0);
	if (sm_is_reserved(v, *s.val & PSR_L, PSR_L_IMPLEMENTED))
		return NULL;
	return set_psr(v, op, (v->psr & ~PSR_L) | (*s.val & PSR_L));
}

EXEC(MOV_FROM_PSR)
{
	CHECK_TARGET(op->insn.r1);
	CHECK_PRIVILEGE(0);
	return gr_result(v, op, v->psr & (PSR_L | PSR_MC | PSR_IT), 0);
}

/* ---- serialization: what was posted becomes visible here at the latest ---- */

EXEC(SRLZ_D)
{
	return attention(v) ? ia64_leave_run(v, op + 1) : op + 1;
}

EXEC(SRLZ_I)
{
	/* Fetches again, which looks for decoded instructions that went stale. */
	return ia64_leave_run(v, op + 1);
}

/* ---- control registers ---- */

/* Those that belong to an interruption may not be touched while psr.ic is 1 (SDM 2:3.3.5). */
static bool is_collected(const struct vcpu *v, unsigned int cr)
{
	return (v->psr & PSR_IC) && cr >= CR_IPSR && cr <= CR_IHA;
}

EXEC(MOV_CR)
{
	struct gr_ref s = gr(v, op->insn.r2);

	if (is_collected(v, op->insn.r3)) {
		ia64_illegal_operation(v);
		return NULL;
	}
	CHECK_PRIVILEGE(0);
	CHECK_NAT(*s.nat, 0);
	if (!ia64_cr_write(v, op->insn.r3, *s.val))
		return NULL;
	return attention(v) ? ia64_leave_run(v, op + 1) : op + 1;
}

EXEC(MOV_FROM_CR)
{
	uint64_t val;

	if (is_collected(v, op->insn.r3)) {
		ia64_illegal_operation(v);
		return NULL;
	}
	CHECK_TARGET(op->insn.r1);
	CHECK_PRIVILEGE(0);
	if (!ia64_cr_read(v, op->insn.r3, &val))
		return NULL;
	gr_write(v, op->insn.r1, val, 0);
	return op + 1;
}

/* ---- indirect register files (SDM 3:2 "mov indirect") ---- */

static const struct ia64_insn_op *write_indirect(struct vcpu *v, const struct ia64_insn_op *op,
						 enum ia64_regfile file)
{
	struct gr_ref s = gr(v, op->insn.r2), index = gr(v, op->insn.r3);

	CHECK_PRIVILEGE(0);
	CHECK_NAT(*s.nat | *index.nat, 0);
	if (!ia64_indirect_write(v, file, *index.val, *s.val))
		return NULL;
	/* Region registers, keys and breakpoints change what the next fetch finds. */
	return v->code_stale || attention(v) ? ia64_leave_run(v, op + 1) : op + 1;
}

static const struct ia64_insn_op *read_indirect(struct vcpu *v, const struct ia64_insn_op *op,
						enum ia64_regfile file)
{
	struct gr_ref index = gr(v, op->insn.r3);
	uint64_t val;

	CHECK_TARGET(op->insn.r1);
	/* These two may be read at any level. */
	if (file != IA64_RF_PMD && file != IA64_RF_CPUID)
		CHECK_PRIVILEGE(0);
	CHECK_NAT(*index.nat, 0);
	if (!ia64_indirect_read(v, file, *index.val, &val))
		return NULL;
	gr_write(v, op->insn.r1, val, 0);
	return op + 1;
}

#define INDIRECT(name) \
	EXEC(MOV_##name) { return write_indirect(v, op, IA64_RF_##name); } \
	EXEC(MOV_FROM_##name) { return read_indirect(v, op, IA64_RF_##name); }

INDIRECT(RR)
INDIRECT(DBR)
INDIRECT(IBR)
INDIRECT(PKR)
INDIRECT(PMC)
INDIRECT(PMD)

EXEC(MOV_FROM_CPUID)
{
	return read_indirect(v, op, IA64_RF_CPUID);
}

/* ---- translations (SDM 3:2 "itc", "itr", "ptc", "ptr") ---- */

/* What may have changed the translation of the code that runs: fetch it again if so. */
static const struct ia64_insn_op *after_tlb_change(struct vcpu *v, const struct ia64_insn_op *op)
{
	return v->code_stale || attention(v) ? ia64_leave_run(v, op + 1) : op + 1;
}

static const struct ia64_insn_op *insert(struct vcpu *v, const struct ia64_insn_op *op,
					 bool instruction, bool tr)
{
	struct gr_ref pte = gr(v, op->insn.r2), slot = gr(v, op->insn.r3);

	if (v->psr & PSR_IC) {
		ia64_illegal_operation(v);
		return NULL;
	}
	CHECK_PRIVILEGE(0);
	CHECK_NAT(*pte.nat | (tr && *slot.nat), 0);
	/* Only bits 7:0 of r3 name the slot. */
	if (!ia64_tlb_insert(v, instruction, tr ? (int)(*slot.val & 0xff) : -1, *pte.val))
		return NULL;
	return after_tlb_change(v, op);
}

EXEC(ITC_D)
{
	return insert(v, op, false, false);
}

EXEC(ITC_I)
{
	return insert(v, op, true, false);
}

EXEC(ITR_D)
{
	return insert(v, op, false, true);
}

EXEC(ITR_I)
{
	return insert(v, op, true, true);
}

/* Operands of a purge: the address in r3, log2 of the size in r2{7:2}. */
struct purge {
	uint64_t va;
	unsigned int ps;
};

static bool purge_operands(struct vcpu *v, const struct ia64_insn_op *op, struct purge *p)
{
	struct gr_ref size = gr(v, op->insn.r2), va = gr(v, op->insn.r3);

	if (v->cpl)
		return ia64_privileged_operation(v, 0);
	if (*size.nat | *va.nat)
		return ia64_register_nat_consumption(v, 0);
	p->va = *va.val;
	p->ps = *size.val >> 2 & 0x3f;
	return true;
}

EXEC(PTC_L)
{
	struct purge p;

	if (!purge_operands(v, op, &p) || !ia64_purge_check(v, "ptc.l", p.va, p.ps))
		return NULL;
	ia64_tlb_purge_local(v, p.va, p.ps);
	return after_tlb_change(v, op);
}

static const struct ia64_insn_op *purge_global(struct vcpu *v, const struct ia64_insn_op *op,
					       const char *name)
{
	struct purge p;

	if (!purge_operands(v, op, &p) || !ia64_purge_check(v, name, p.va, p.ps))
		return NULL;
	/* Others' purges are served while this one waits, so that ip must be known. */
	ia64_sync_ip(v);
	ia64_purge_global(v, p.va, p.ps);
	return after_tlb_change(v, op);
}

EXEC(PTC_G)
{
	return purge_global(v, op, "ptc.g");
}

EXEC(PTC_GA)
{
	return purge_global(v, op, "ptc.ga");
}

EXEC(PTR_D)
{
	struct purge p;

	if (!purge_operands(v, op, &p))
		return NULL;
	ia64_tlb_purge_tr(v, false, p.va, p.ps);
	return after_tlb_change(v, op);
}

EXEC(PTR_I)
{
	struct purge p;

	if (!purge_operands(v, op, &p))
		return NULL;
	ia64_tlb_purge_tr(v, true, p.va, p.ps);
	return after_tlb_change(v, op);
}

EXEC(PTC_E)
{
	CHECK_PRIVILEGE(0);
	CHECK_NAT(*gr(v, op->insn.r3).nat, 0);
	ia64_tlb_purge_all(v);
	return after_tlb_change(v, op);
}

/* ---- questions about translations (SDM 3:2 "probe", "tpa", "tak", "thash", "ttag") ---- */

/* isr.code of non-access instructions, SDM 2:5.5.2 (Table 5-1). */
enum { NA_TPA = 0, NA_PROBE = 2, NA_TAK = 3, NA_PROBE_FAULT = 5 };

static uint64_t probe_bits(const struct ia64_insn_op *op)
{
	return (op->insn.x & IA64_ACCESS_READ ? ISR_R : 0) |
	       (op->insn.x & IA64_ACCESS_WRITE ? ISR_W : 0) | ISR_NA;
}

static const struct ia64_insn_op *probe(struct vcpu *v, const struct ia64_insn_op *op,
					unsigned int level)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	bool permitted;

	CHECK_TARGET(op->insn.r1);
	CHECK_NAT(*r3.nat, probe_bits(op) | NA_PROBE);
	if (!ia64_probe(v, *r3.val, op->insn.x, level, false, &permitted))
		return NULL;
	gr_write(v, op->insn.r1, permitted, 0);
	return op + 1;
}

EXEC(PROBE)
{
	struct gr_ref r2 = gr(v, op->insn.r2);

	CHECK_TARGET(op->insn.r1);
	CHECK_NAT(*r2.nat, probe_bits(op) | NA_PROBE);
	return probe(v, op, *r2.val & 3);
}

EXEC(PROBE_I)
{
	return probe(v, op, op->insn.imm);
}

EXEC(PROBE_FAULT)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	bool permitted;

	CHECK_NAT(*r3.nat, probe_bits(op) | NA_PROBE_FAULT);
	if (!ia64_probe(v, *r3.val, op->insn.x, op->insn.imm, true, &permitted))
		return NULL;
	return op + 1;
}

EXEC(TPA)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	uint64_t pa;

	CHECK_TARGET(op->insn.r1);
	CHECK_PRIVILEGE(ISR_NA | NA_TPA);
	CHECK_NAT(*r3.nat, ISR_NA | NA_TPA);
	if (!ia64_tpa(v, *r3.val, &pa))
		return NULL;
	gr_write(v, op->insn.r1, pa, 0);
	return op + 1;
}

EXEC(TAK)
{
	struct gr_ref r3 = gr(v, op->insn.r3);
	uint64_t key;

	CHECK_TARGET(op->insn.r1);
	CHECK_PRIVILEGE(ISR_NA | NA_TAK);
	CHECK_NAT(*r3.nat, ISR_NA | NA_TAK);
	if (!ia64_tak(v, *r3.val, &key))
		return NULL;
	gr_write(v, op->insn.r1, key, 0);
	return op + 1;
}

EXEC(THASH)
{
	struct gr_ref r3 = gr(v, op->insn.r3);

	return gr_result(v, op, ia64_thash(v, *r3.val), *r3.nat);
}

EXEC(TTAG)
{
	struct gr_ref r3 = gr(v, op->insn.r3);

	return gr_result(v, op, ia64_ttag(v, *r3.val), *r3.nat);
}
