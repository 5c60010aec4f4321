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

void ia64_post_init(struct vcpu *v)
{
	atomic_store(&v->init_pending, true);
	ia64_kick(v, IA64_ATTN_INTERRUPT);
}

void ia64_post_pmi(struct vcpu *v)
{
	atomic_store(&v->pmi_pending, true);
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
void ia64_sapic_absorb_itm(struct vcpu *v)
{
	uint64_t itv = v->cr[CR_ITV];
	unsigned int vector = itv & 0xff;

	if (!atomic_load_explicit(&v->itm_matched, memory_order_relaxed) || in_service(v, vector))
		return;
	atomic_store(&v->itm_matched, false);
	if (!(itv & ITV_MASKED) && vector_valid(vector))
		atomic_fetch_or(&v->irr[vector / 64], 1ull << (vector % 64));
}

void ia64_sapic_settle_itm(struct vcpu *v)
{
	ia64_sapic_absorb_itm(v);
	atomic_store(&v->itm_matched, false);
}

uint64_t ia64_sapic_irr(struct vcpu *v, unsigned int n)
{
	ia64_sapic_absorb_itm(v);
	return atomic_load(&v->irr[n]);
}

int ia64_highest_pending(struct vcpu *v)
{
	uint64_t tpr = v->cr[CR_TPR], irr[4];
	int n, pending;

	ia64_sapic_absorb_itm(v);
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
