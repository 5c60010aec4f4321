/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events that can be told to someone outside: the processor and the firmware report them, whoever
 * asked for their kind gets them. Nothing is reported from the fast paths: a system without a
 * tracer tests one word where an event happens.
 */
#ifndef PARAVANE_IA64_TRACE_H
#define PARAVANE_IA64_TRACE_H

#include "ia64/vcpu.h"

/* Kinds, as bits of ia64_tracer.kinds. Beside each: a, b, c of the report. */
enum {
	IA64_TRACE_FAULT = 1 << 0,     /* fault or trap delivered: vector, isr, cr.ifa */
	IA64_TRACE_INTERRUPT = 1 << 1, /* external interrupt delivered: its vector number, 0, 0 */
	IA64_TRACE_FIRMWARE = 1 << 2,  /* a call into PAL, SAL, EFI: see `text`; status, 0, 0 */
	IA64_TRACE_MMIO = 1 << 3,      /* device access: pa, value, size | 16 for a write */
	IA64_TRACE_INSN = 1 << 4,      /* about to execute what is at ip/ri: ip, ri, 0 */
	IA64_TRACE_JIT = 1 << 5,       /* code translated, up to `text`: its place, instructions, bytes */
};

struct ia64_tracer {
	/*
	 * On the vCPU's thread, ip and ri in sync. `text` names the thing (a firmware procedure)
	 * or is NULL. Must not change the vCPU.
	 */
	void (*report)(void *ctx, struct vcpu *v, unsigned int kind, const char *text, uint64_t a,
		       uint64_t b, uint64_t c);
	void *ctx;
	unsigned int kinds;
};

/* Reports an event if its kind is wanted. IA64_TRACE_INSN is asked for in the slow loop only. */
static inline void ia64_trace(struct vcpu *v, unsigned int kind, const char *text, uint64_t a,
			      uint64_t b, uint64_t c)
{
	const struct ia64_tracer *t = v->sys->tracer;

	if (__builtin_expect(t && (t->kinds & kind), 0))
		t->report(t->ctx, v, kind, text, a, b, c);
}

/* Is a kind wanted: IA64_TRACE_INSN keeps a vCPU going instruction by instruction. */
static inline bool ia64_trace_wants(const struct vcpu *v, unsigned int kind)
{
	return v->sys->tracer && (v->sys->tracer->kinds & kind);
}

#endif
