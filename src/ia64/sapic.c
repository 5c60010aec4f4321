/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local SAPIC: pending external interrupts, their priorities, ivr, tpr and eoi (SDM 2:5.8). */
#include "ia64/sapic.h"

#include "ia64/smp.h"
#include "ia64/sysreg.h"

#define VECTOR_EXTINT 0
#define VECTOR_NMI 2
#define VECTOR_SPURIOUS 15
#define VECTOR_FIRST 16

#define TPR_MMI (1ull << 16)
#define ITV_MASKED (1ull << 16)

/* cr.lrr0, cr.lrr1 (SDM 2:5.8.3.9). The polarity, bit 13, is for whoever wires the pin. */
#define LRR_MODE(lrr) ((lrr) >> 8 & 7)
#define LRR_LEVEL (1ull << 15)
#define LRR_MASKED (1ull << 16)
enum { LRR_INT = 0, LRR_PMI = 2, LRR_NMI = 4, LRR_INIT = 5, LRR_EXTINT = 7 };

#define NR_LINT 2
#define LINT_EDGE 8 /* bits of vcpu.lint from here on: an edge was seen */

static bool vector_valid(unsigned int vector)
{
	return vector == VECTOR_EXTINT || vector == VECTOR_NMI ||
	       (vector >= VECTOR_FIRST && vector < 256);
}

void ia64_post_interrupt(struct vcpu *v, unsigned int vector)
{
	/* Others are reserved, and ignored when a message names them (SDM 2:5.8.3.6). */
	if (!vector_valid(vector))
		return;
	atomic_fetch_or(&v->irr[vector / 64], 1ull << (vector % 64));
	ia64_kick(v, IA64_ATTN_INTERRUPT);
}

void ia64_post_mca(struct vcpu *v)
{
	atomic_store(&v->mca_pending, true);
	ia64_kick(v, IA64_ATTN_INTERRUPT);
}

void ia64_post_init(struct vcpu *v)
{
	atomic_store(&v->init_pending, true);
	ia64_kick(v, IA64_ATTN_INTERRUPT);
}

void ia64_post_pmi(struct vcpu *v, unsigned int vector)
{
	/* 0 is the pin, 1 to 3 are SAL's, 4 to 15 PAL's (SDM 2:11.5.1, Table 11-15). */
	if (vector > 15)
		return;
	atomic_fetch_or(&v->pmi_pending, 1u << vector);
	ia64_kick(v, IA64_ATTN_INTERRUPT);
}

void ia64_post_cmc(struct vcpu *v)
{
	atomic_store(&v->cmc_pending, true);
	ia64_kick(v, IA64_ATTN_INTERRUPT);
}

void ia64_set_lint(struct vcpu *v, unsigned int pin, bool asserted)
{
	uint32_t old;

	if (!asserted) {
		atomic_fetch_and(&v->lint, ~(1u << pin));
		return;
	}
	old = atomic_fetch_or(&v->lint, 1u << pin);
	if (!(old >> pin & 1))
		atomic_fetch_or(&v->lint, 1u << (LINT_EDGE + pin));
	ia64_kick(v, IA64_ATTN_INTERRUPT);
}

/* The highest of the vectors 16 to 255, or -1. */
static int highest(const uint64_t bits[4])
{
	int n;

	for (n = 3; n >= 0; n--) {
		uint64_t b = n ? bits[n] : bits[0] & ~0xffffull;

		if (b)
			return n * 64 + 63 - __builtin_clzll(b);
	}
	return -1;
}

static bool in_service(const struct vcpu *v, unsigned int vector)
{
	return v->isr_in_service[vector / 64] >> (vector % 64) & 1;
}

/*
 * Makes the interval timer's interrupt pending when it has matched. While the one before it is
 * still in service the match is kept back: a handler that took long, or whose host thread did not
 * run, goes past several ticks and sets cr.itm anew, and would be called once more for nothing.
 */
static void absorb_itm(struct vcpu *v)
{
	uint64_t itv = v->cr[CR_ITV];
	unsigned int vector = itv & 0xff;

	if (!atomic_load_explicit(&v->itm_matched, memory_order_relaxed) || in_service(v, vector))
		return;
	atomic_store(&v->itm_matched, false);
	if (!(itv & ITV_MASKED) && vector_valid(vector))
		atomic_fetch_or(&v->irr[vector / 64], 1ull << (vector % 64));
}

/* A corrected machine check: lost while cr.cmcv masks it (SDM 2:5.8.3.8). */
static void absorb_cmc(struct vcpu *v)
{
	uint64_t cmcv = v->cr[CR_CMCV];

	if (!atomic_load_explicit(&v->cmc_pending, memory_order_relaxed))
		return;
	atomic_store(&v->cmc_pending, false);
	if (!(cmcv & ITV_MASKED) && vector_valid(cmcv & 0xff))
		atomic_fetch_or(&v->irr[(cmcv & 0xff) / 64], 1ull << (cmcv % 64));
}

static void raise_lint(struct vcpu *v, uint64_t lrr)
{
	switch (LRR_MODE(lrr)) {
	case LRR_INT:
		if (vector_valid(lrr & 0xff))
			atomic_fetch_or(&v->irr[(lrr & 0xff) / 64], 1ull << (lrr % 64));
		break;
	case LRR_PMI:
		ia64_post_pmi(v, 0);
		break;
	case LRR_NMI:
		atomic_fetch_or(&v->irr[0], 1ull << VECTOR_NMI);
		break;
	case LRR_INIT:
		ia64_post_init(v);
		break;
	case LRR_EXTINT:
		atomic_fetch_or(&v->irr[0], 1ull << VECTOR_EXTINT);
		break;
	}
}

/*
 * The pins as cr.lrr0 and cr.lrr1 want them: an edge counts once, and is lost while masked; a level
 * is pending again after its eoi as long as the pin is asserted. Levels are for interrupts only.
 */
static void absorb_lint(struct vcpu *v)
{
	unsigned int pin;
	uint32_t lint = atomic_load_explicit(&v->lint, memory_order_relaxed);

	if (!lint)
		return;
	for (pin = 0; pin < NR_LINT; pin++) {
		uint64_t lrr = v->cr[CR_LRR0 + pin];
		bool level = (lrr & LRR_LEVEL) && LRR_MODE(lrr) == LRR_INT;

		atomic_fetch_and(&v->lint, ~(1u << (LINT_EDGE + pin)));
		if (lrr & LRR_MASKED)
			continue;
		if (level ? (lint >> pin & 1) && !in_service(v, lrr & 0xff)
			  : lint >> (LINT_EDGE + pin) & 1)
			raise_lint(v, lrr);
	}
}

void ia64_sapic_absorb(struct vcpu *v)
{
	absorb_itm(v);
	absorb_cmc(v);
	absorb_lint(v);
}

void ia64_sapic_settle_itm(struct vcpu *v)
{
	absorb_itm(v);
	atomic_store(&v->itm_matched, false);
}

void ia64_sapic_withdraw_itm(struct vcpu *v)
{
	unsigned int vector = v->cr[CR_ITV] & 0xff;

	atomic_store(&v->itm_matched, false);
	atomic_fetch_and(&v->irr[vector / 64], ~(1ull << (vector % 64)));
}

uint64_t ia64_sapic_irr(struct vcpu *v, unsigned int n)
{
	ia64_sapic_absorb(v);
	return atomic_load(&v->irr[n]);
}

int ia64_highest_pending(struct vcpu *v)
{
	uint64_t tpr = v->cr[CR_TPR], irr[4];
	int n, pending;

	ia64_sapic_absorb(v);
	for (n = 0; n < 4; n++)
		irr[n] = atomic_load(&v->irr[n]);
	/* Of highest priority is NMI, then ExtINT, then 255 down to 16: SDM 2:5.8.1. */
	if (v->isr_in_service[0] & 1ull << VECTOR_NMI)
		return -1;
	if (irr[0] & 1ull << VECTOR_NMI)
		return VECTOR_NMI;
	if ((tpr & TPR_MMI) || (v->isr_in_service[0] & 1ull << VECTOR_EXTINT))
		return -1;
	if (irr[0] & 1ull << VECTOR_EXTINT)
		return VECTOR_EXTINT;
	pending = highest(irr);
	if (pending <= highest(v->isr_in_service) || pending / 16 <= (int)(tpr >> 4 & 15))
		return -1;
	return pending;
}

void ia64_sapic_unmasked(struct vcpu *v)
{
	if ((v->psr & PSR_I) && ia64_highest_pending(v) >= 0)
		atomic_fetch_or(&v->attention, IA64_ATTN_INTERRUPT);
}

unsigned int ia64_sapic_acknowledge(struct vcpu *v)
{
	int vector = ia64_highest_pending(v);

	if (vector < 0)
		return VECTOR_SPURIOUS;
	atomic_fetch_and(&v->irr[vector / 64], ~(1ull << (vector % 64)));
	v->isr_in_service[vector / 64] |= 1ull << (vector % 64);
	return (unsigned int)vector;
}

void ia64_sapic_eoi(struct vcpu *v)
{
	int vector;

	if (v->isr_in_service[0] & 1ull << VECTOR_NMI)
		vector = VECTOR_NMI;
	else if (v->isr_in_service[0] & 1ull << VECTOR_EXTINT)
		vector = VECTOR_EXTINT;
	else
		vector = highest(v->isr_in_service);
	if (vector < 0)
		return;
	v->isr_in_service[vector / 64] &= ~(1ull << (vector % 64));
	ia64_sapic_unmasked(v);
}
