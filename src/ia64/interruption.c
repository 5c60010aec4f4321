/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Delivery of interruptions, the return from them, and what follows from a change of psr. */
#include "ia64/interruption.h"

#include "ia64/journal.h"
#include "ia64/rse.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"
#include "ia64/trace.h"

/* psr bits a handler starts with unchanged; others are 0, but for dcr's. SDM 2:3.3.2, Table 3-2. */
#define PSR_KEPT (PSR_UP | PSR_MFL | PSR_MFH | PSR_PK | PSR_DT | PSR_RT | PSR_MC | PSR_IT)

/* Bits under which instructions are looked at one by one. */
#define PSR_SLOW (PSR_SS | PSR_TB | PSR_LP | PSR_DB | PSR_ONE_SHOT)

/* Faults in a row on first instructions of handlers after which there is no way out. */
#define VECTOR_LOOPS_MAX 3

static void attend(struct vcpu *v, uint32_t bits)
{
	atomic_fetch_or_explicit(&v->attention, bits, memory_order_relaxed);
}

static void switch_bank(struct vcpu *v)
{
	unsigned int n;

	for (n = 0; n < 16; n++) {
		uint64_t gr = v->gr[16 + n];
		uint8_t nat = v->nat[16 + n];

		v->gr[16 + n] = v->bank_gr[n];
		v->nat[16 + n] = v->bank_nat[n];
		v->bank_gr[n] = gr;
		v->bank_nat[n] = nat;
	}
}

static void select_view(struct vcpu *v)
{
	unsigned int view = ia64_level_view(v, v->cpl);

	if (view == IA64_VIEW_USER)
		ia64_fast_set_user_level(v, v->cpl);
	if (v->psr & PSR_BE)
		view = IA64_VIEW_SLOW;
	else if (!(v->psr & PSR_DT))
		view = IA64_VIEW_PHYS;
	v->view = &v->views[view];
}

bool ia64_pal_event_pending(struct vcpu *v)
{
	return atomic_load_explicit(&v->mca_pending, memory_order_relaxed) ||
	       atomic_load_explicit(&v->init_pending, memory_order_relaxed) ||
	       atomic_load_explicit(&v->pmi_pending, memory_order_relaxed);
}

static bool any_pending(struct vcpu *v)
{
	unsigned int n;

	for (n = 0; n < 4; n++)
		if (atomic_load_explicit(&v->irr[n], memory_order_relaxed))
			return true;
	return atomic_load_explicit(&v->itm_matched, memory_order_relaxed) ||
	       atomic_load_explicit(&v->cmc_pending, memory_order_relaxed) ||
	       atomic_load_explicit(&v->lint, memory_order_relaxed) || ia64_pal_event_pending(v);
}

void ia64_set_psr(struct vcpu *v, uint64_t psr)
{
	uint64_t changed = v->psr ^ psr;

	if (v->pmu_active && (changed & (PSR_CPL | PSR_UP | PSR_PP)))
		ia64_pmu_sync(v);
	v->psr = psr;
	v->cpl = (psr & PSR_CPL) >> PSR_CPL_SHIFT;
	if (changed & psr & PSR_IC)
		v->ic_set_at = v->retired;
	if (changed & PSR_BN)
		switch_bank(v);
	if (!v->view || (changed & (PSR_DT | PSR_CPL | PSR_BE)))
		select_view(v);
	if (changed & PSR_PK) {
		ia64_fast_flush(v);
		ia64_exec_flush(v);
	}
	if (psr & PSR_SLOW)
		attend(v, IA64_ATTN_SLOW);
	else if ((changed & PSR_SLOW) && !v->debug_step)
		atomic_fetch_and_explicit(&v->attention, ~(uint32_t)IA64_ATTN_SLOW,
					  memory_order_relaxed);
	if ((changed & (PSR_I | PSR_IC | PSR_MC)) && any_pending(v))
		attend(v, IA64_ATTN_INTERRUPT);
}

/*
 * cr.iipa: the bundle of the instruction executed last. That is this one from its second slot on,
 * else the one a taken branch came from, else the one before. An instruction that found psr.ic
 * clear, as the one that set it did, does not count (SDM 2:3.3.5.6).
 */
static uint64_t last_bundle(const struct vcpu *v)
{
	if (v->retired == v->ic_set_at)
		return v->cr[CR_IIPA];
	if (v->ri)
		return v->ip;
	return v->ip == v->branch_to ? v->branch_from : v->ip - 16;
}

/*
 * A fault on the first instruction of a handler, before anything was saved, leads there again.
 * Nothing a guest could do would end it.
 */
static bool is_hopeless(struct vcpu *v, enum ia64_vector vector)
{
	bool first = !(v->psr & PSR_IC) && !v->ri && v->ip == v->branch_to &&
		     v->ip - v->cr[CR_IVA] < 0x8000;

	v->vector_loops = first ? v->vector_loops + 1 : 0;
	if (v->vector_loops < VECTOR_LOOPS_MAX)
		return false;
	ia64_crash(v, "the first instruction of the interruption handler at 0x%016llx faults "
		   "(vector 0x%04x, isr 0x%llx): the interruption vector table cannot be executed",
		   (unsigned long long)v->ip, vector, (unsigned long long)v->cr[CR_ISR]);
	return true;
}

/* SDM 2:5.5.1 from the point where iip, ri and iipa are known. */
static void enter_handler(struct vcpu *v, enum ia64_vector vector, uint64_t isr, uint64_t ipsr,
			  uint64_t iip, unsigned int ri, uint64_t iipa)
{
	uint64_t psr = v->psr & PSR_KEPT;

	if (v->psr & PSR_IC) {
		v->cr[CR_IPSR] = ipsr | (uint64_t)ri << PSR_RI_SHIFT;
		v->cr[CR_IIP] = iip;
		v->cr[CR_IIPA] = iipa;
		v->cr[CR_IFS] = 0;
	} else {
		isr |= ISR_NI;
	}
	if (v->rse.cfle)
		isr |= ISR_IR;
	v->cr[CR_ISR] = isr;
	v->rse.cfle = false;
	if (v->cr[CR_DCR] & DCR_BE)
		psr |= PSR_BE;
	if (v->cr[CR_DCR] & DCR_PP)
		psr |= PSR_PP;
	ia64_set_psr(v, psr);
	v->op = NULL;
	v->branch_from = v->ip;
	v->ip = v->cr[CR_IVA] + vector;
	v->ri = 0;
	v->branch_to = v->ip;
	v->count_interruptions++;
}

/* Does the host deal with it? ip, ri are where a handler would return to. */
static bool host_takes(struct vcpu *v, enum ia64_vector vector, uint64_t isr)
{
	const struct ia64_platform *plat = &v->sys->platform;

	if (!plat->interruption)
		return false;
	ia64_journal_give_up(&v->journal);
	v->op = NULL;
	if (v->rse.cfle)
		isr |= ISR_IR;
	if (!plat->interruption(plat->ctx, v, vector, isr))
		return false;
	v->count_interruptions++;
	return true;
}

void ia64_fault(struct vcpu *v, enum ia64_vector vector, uint64_t isr)
{
	ia64_sync_ip(v);
	ia64_trace(v, IA64_TRACE_FAULT, NULL, vector, isr, v->cr[CR_IFA]);
	if (v->op) /* counted as it was begun, but it did not retire */
		v->retired--;
	v->op = NULL;
	isr |= (uint64_t)v->ri << ISR_EI_SHIFT;
	if (host_takes(v, vector, isr))
		return;
	if (is_hopeless(v, vector))
		return;
	enter_handler(v, vector, isr, v->psr, v->ip, v->ri, last_bundle(v));
}

void ia64_trap(struct vcpu *v, enum ia64_vector vector, uint64_t isr, uint64_t next_ip,
	       unsigned int next_ri)
{
	ia64_sync_ip(v);
	ia64_trace(v, IA64_TRACE_FAULT, NULL, vector, isr, v->cr[CR_IFA]);
	isr |= (uint64_t)v->ri << ISR_EI_SHIFT;
	if (v->sys->platform.interruption) {
		const uint64_t ip = v->ip;
		const uint8_t ri = v->ri;

		v->ip = next_ip;
		v->ri = (uint8_t)next_ri;
		if (host_takes(v, vector, isr))
			return;
		v->ip = ip;
		v->ri = ri;
	}
	enter_handler(v, vector, isr, v->psr & ~PSR_ONE_SHOT, next_ip, next_ri, v->ip);
}

static bool general_exception(struct vcpu *v, uint64_t isr)
{
	ia64_fault(v, IA64_GENERAL_EXCEPTION_VECTOR, isr);
	return false;
}

bool ia64_illegal_operation(struct vcpu *v)
{
	return general_exception(v, IA64_GENEX_ILLEGAL_OPERATION);
}

bool ia64_privileged_operation(struct vcpu *v, uint64_t isr_bits)
{
	return general_exception(v, IA64_GENEX_PRIVILEGED_OPERATION | isr_bits);
}

bool ia64_privileged_register(struct vcpu *v)
{
	return general_exception(v, IA64_GENEX_PRIVILEGED_REGISTER);
}

bool ia64_reserved_register_field(struct vcpu *v, uint64_t isr_bits)
{
	return general_exception(v, IA64_GENEX_RESERVED_REGISTER_FIELD | isr_bits);
}

bool ia64_unimplemented_data_address(struct vcpu *v, uint64_t isr_bits, uint64_t va)
{
	if (v->psr & PSR_IC)
		v->cr[CR_IFA] = va;
	return general_exception(v, IA64_GENEX_UNIMPLEMENTED_ADDRESS | isr_bits);
}

bool ia64_register_nat_consumption(struct vcpu *v, uint64_t isr_bits)
{
	ia64_fault(v, IA64_NAT_CONSUMPTION_VECTOR, 0x10 | isr_bits);
	return false;
}

bool ia64_disabled_fp(struct vcpu *v, uint64_t isr_code, uint64_t isr_bits)
{
	ia64_fault(v, IA64_DISABLED_FP_VECTOR, isr_code | isr_bits);
	return false;
}

bool ia64_break_fault(struct vcpu *v, uint64_t imm)
{
	if (v->psr & PSR_IC)
		v->cr[CR_IIM] = imm;
	ia64_fault(v, IA64_BREAK_VECTOR, 0);
	return false;
}

void ia64_rfi(struct vcpu *v)
{
	uint64_t ipsr = v->cr[CR_IPSR];

	if (ipsr & PSR_IS) {
		/* IA-32 code is not executed here: SDM 3:2 "rfi", as with psr.di set. */
		general_exception(v, IA64_GENEX_DISABLED_ISA_TRANSITION);
		return;
	}
	v->op = NULL;
	v->ip = v->cr[CR_IIP] & ~15ull;
	v->ri = (ipsr & PSR_RI) >> PSR_RI_SHIFT;
	/* Until the next instruction has executed, iipa stays what it is. */
	v->branch_from = v->cr[CR_IIPA];
	v->branch_to = v->ip;
	ia64_rse_rfi(v, v->cr[CR_IFS]);
	ia64_set_psr(v, ipsr & ~PSR_RI);
}

/* Takes the PAL event of highest priority that psr lets through (SDM 2:5.8.1, Table 5-5). */
static bool take_pal_event(struct vcpu *v, enum ia64_pal_event *event, unsigned int *vector)
{
	uint32_t pmi;

	*vector = 0;
	if (!(v->psr & PSR_MC) && atomic_exchange(&v->mca_pending, false)) {
		*event = IA64_EVENT_MCA;
		return true;
	}
	if (!(v->psr & PSR_MC) && atomic_exchange(&v->init_pending, false)) {
		*event = IA64_EVENT_INIT;
		return true;
	}
	pmi = atomic_load(&v->pmi_pending);
	if (!(v->psr & PSR_IC) || !pmi)
		return false;
	*event = IA64_EVENT_PMI;
	*vector = 31 - (unsigned int)__builtin_clz(pmi);
	atomic_fetch_and(&v->pmi_pending, ~(1u << *vector));
	return true;
}

bool ia64_deliver_pending(struct vcpu *v)
{
	const struct ia64_platform *plat = &v->sys->platform;
	enum ia64_pal_event event;
	unsigned int pmi;
	int vector;

	while (ia64_pal_event_pending(v) && take_pal_event(v, &event, &pmi)) {
		ia64_sync_ip(v);
		v->op = NULL;
		if (plat->pal_event && plat->pal_event(plat->ctx, v, event, pmi)) {
			attend(v, IA64_ATTN_INTERRUPT); /* what else is pending comes next */
			return true;
		}
	}
	if (!(v->psr & PSR_I))
		return false;
	vector = ia64_highest_pending(v);
	if (vector < 0)
		return false;
	ia64_sync_ip(v);
	ia64_trace(v, IA64_TRACE_INTERRUPT, NULL, (uint64_t)vector, 0, 0);
	v->op = NULL;
	ia64_fault(v, IA64_EXTINT_VECTOR, 0);
	return true;
}
