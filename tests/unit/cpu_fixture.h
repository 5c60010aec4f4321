/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A system with memory and vCPUs but no platform, for tests that call the processor's parts. */
#ifndef PARAVANE_TESTS_CPU_FIXTURE_H
#define PARAVANE_TESTS_CPU_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ia64/interruption.h"
#include "ia64/mem.h"
#include "ia64/memory.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"

#define CPU_RAM (16ull << 20)
#define CPU_ITC_HZ 400000000ull
#define CPU_IVA 0x100000ull
#define CPU_DEVICE 0x30000000ull /* no RAM here */

struct cpu {
	struct ia64_memory mem;
	struct ia64_system *sys;
	struct vcpu *v; /* the first */
	/* The last access to a device. */
	uint64_t mmio_pa, mmio_val;
	unsigned int mmio_size, mmio_reads, mmio_writes;
	unsigned int crashes, mcas, inits, pmis, pmi_vector;
};

static inline bool cpu_mmio_read(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size,
				 uint64_t *val)
{
	struct cpu *c = ctx;

	c->mmio_pa = pa;
	c->mmio_size = size;
	c->mmio_reads++;
	if (pa < CPU_DEVICE || pa >= CPU_DEVICE + 0x1000)
		return false;
	*val = 0x8877665544332211ull >> (pa & 7) * 8;
	return true;
}

static inline bool cpu_mmio_write(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size,
				  uint64_t val)
{
	struct cpu *c = ctx;

	c->mmio_pa = pa;
	c->mmio_size = size;
	c->mmio_val = val;
	c->mmio_writes++;
	return true;
}

static inline void cpu_crashed(void *ctx, struct vcpu *v)
{
	((struct cpu *)ctx)->crashes++;
}

static inline bool cpu_pal_event(void *ctx, struct vcpu *v, enum ia64_pal_event event,
				 unsigned int vector)
{
	struct cpu *c = ctx;

	c->mcas += event == IA64_EVENT_MCA;
	c->inits += event == IA64_EVENT_INIT;
	c->pmis += event == IA64_EVENT_PMI;
	c->pmi_vector = vector;
	return true;
}

static inline struct cpu *cpu_create(unsigned int vcpus)
{
	struct cpu *c = calloc(1, sizeof(*c));
	struct ia64_platform plat = {
		.ctx = c,
		.mmio_read = cpu_mmio_read,
		.mmio_write = cpu_mmio_write,
		.crashed = cpu_crashed,
		.pal_event = cpu_pal_event,
	};
	unsigned int n;

	assert_non_null(c);
	assert_int_equal(ia64_memory_init(&c->mem, 1ull << 30), 0);
	assert_int_equal(ia64_memory_add_ram(&c->mem, 0, CPU_RAM), 0);
	assert_int_equal(ia64_system_create(&c->sys, &c->mem, &plat, vcpus, CPU_ITC_HZ), 0);
	c->v = c->sys->vcpus[0];
	for (n = 0; n < vcpus; n++) {
		struct vcpu *v = c->sys->vcpus[n];
		unsigned int r;

		v->cr[CR_IVA] = CPU_IVA;
		for (r = 0; r < 8; r++)
			ia64_rr_write(v, r, (uint64_t)(0x100 + r) << 8 | 14 << 2);
	}
	return c;
}

static inline void cpu_destroy(struct cpu *c)
{
	ia64_system_destroy(c->sys);
	ia64_memory_destroy(&c->mem);
	free(c);
}

/* As at the start of an instruction at ip/ri under psr; what interruptions write is made dirty. */
static inline void cpu_at(struct vcpu *v, uint64_t ip, unsigned int ri, uint64_t psr)
{
	v->op = NULL;
	v->ip = ip;
	v->ri = (uint8_t)ri;
	v->branch_from = 0;
	v->branch_to = 0;
	v->rse.cfle = false;
	ia64_set_psr(v, psr);
	v->retired++; /* something ran with that psr */
	v->cr[CR_IPSR] = v->cr[CR_ISR] = v->cr[CR_IIP] = v->cr[CR_IFA] = 0xdead;
	v->cr[CR_ITIR] = v->cr[CR_IIPA] = v->cr[CR_IFS] = v->cr[CR_IIM] = v->cr[CR_IHA] = 0xdead;
}

/* The vector the vCPU has just been sent to. */
static inline unsigned int cpu_vector(const struct vcpu *v)
{
	assert_int_equal(v->ip >> 15, CPU_IVA >> 15);
	assert_int_equal(v->ri, 0);
	return (unsigned int)(v->ip - CPU_IVA);
}

/* Fields of a translation to insert: present, accessed, dirty, WB, rights 3 (rwx) at level 3. */
#define PTE_P 1ull
#define PTE_MA(ma) ((uint64_t)(ma) << 2)
#define PTE_A (1ull << 5)
#define PTE_D (1ull << 6)
#define PTE_PL(pl) ((uint64_t)(pl) << 7)
#define PTE_AR(ar) ((uint64_t)(ar) << 9)
#define PTE_ED (1ull << 52)
#define PTE_RWX (PTE_P | PTE_A | PTE_D | PTE_PL(3) | PTE_AR(3))

/* itc (slot -1) or itr with psr.ic off for the moment; false when it faulted. */
static inline bool cpu_insert(struct vcpu *v, bool instruction, int slot, uint64_t va,
			      unsigned int ps, uint32_t key, uint64_t pte)
{
	uint64_t psr = v->psr, ifa = v->cr[CR_IFA], itir = v->cr[CR_ITIR];
	bool ok;

	ia64_set_psr(v, psr & ~PSR_IC);
	v->cr[CR_IFA] = va;
	v->cr[CR_ITIR] = (uint64_t)key << 8 | (uint64_t)ps << 2;
	ok = ia64_tlb_insert(v, instruction, slot, pte);
	if (ok) {
		ia64_set_psr(v, psr);
		v->cr[CR_IFA] = ifa;
		v->cr[CR_ITIR] = itir;
	}
	return ok;
}

#endif
