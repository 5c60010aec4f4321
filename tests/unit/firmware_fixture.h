/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A system with firmware, two processors and no guest: calls are made as a guest's breaks would. */
#ifndef PARAVANE_TESTS_FIRMWARE_FIXTURE_H
#define PARAVANE_TESTS_FIRMWARE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "ia64/interruption.h"
#include "ia64/rse.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "machine/firmware.h"
#include "machine/pci.h"

#define RAM (128ull << 20)
#define BUFFER 0x200000ull
#define UNALLOCATED 0x40000000ull /* no RAM there */
#define EFI_ERROR(n) (1ull << 63 | (n))

struct fixture {
	struct ia64_memory mem;
	struct ia64_system *sys;
	struct firmware fw;
	struct pci_bus *pci;
	struct vcpu *v;
	unsigned int requests;
	enum pm_request request;
};

static inline void request(void *ctx, enum pm_request what)
{
	struct fixture *f = ctx;

	f->requests++;
	f->request = what;
}

static inline bool host_break(void *ctx, struct vcpu *v, uint64_t imm)
{
	struct fixture *f = ctx;

	return firmware_owns(v) && firmware_break(&f->fw, v, imm);
}

static inline bool pal_event(void *ctx, struct vcpu *v, enum ia64_pal_event event,
			     unsigned int vector)
{
	struct fixture *f = ctx;

	return firmware_pal_event(&f->fw, v, event, vector);
}

static inline void set_gsi(void *ctx, unsigned int gsi, bool level)
{
}

static inline void send_msi(void *ctx, uint64_t address, uint32_t data)
{
}

static inline int setup(void **state)
{
	static struct fixture f;
	const struct ia64_platform platform = {
		.ctx = &f,
		.host_break = host_break,
		.pal_event = pal_event,
	};
	const struct pci_host host = { &f, set_gsi, send_msi };

	memset(&f, 0, sizeof(f));
	*state = &f;
	if (ia64_memory_init(&f.mem, LAYOUT_RAM_HIGH) || ia64_memory_add_ram(&f.mem, 0, RAM) ||
	    ia64_memory_add_ram(&f.mem, LAYOUT_FIRMWARE_BASE, LAYOUT_FIRMWARE_SIZE) ||
	    ia64_system_create(&f.sys, &f.mem, &platform, 2, 1000000000))
		return -1;
	f.pci = pci_bus_create(&host);
	f.fw.sys = f.sys;
	f.fw.mem = &f.mem;
	f.fw.pci = f.pci;
	f.fw.ram_low = RAM;
	f.fw.request = request;
	f.fw.ctx = &f;
	f.v = f.sys->vcpus[0];
	ia64_set_psr(f.v, PSR_BN | PSR_IC);
	return firmware_init(&f.fw);
}

static inline int teardown(void **state)
{
	struct fixture *f = *state;

	firmware_destroy(&f->fw);
	pci_bus_destroy(f->pci);
	ia64_system_destroy(f->sys);
	ia64_memory_destroy(&f->mem);
	return 0;
}

/* What the processor does with the break at an entry point. */
static inline void call(struct fixture *f, uint64_t entry, uint32_t imm)
{
	f->v->ip = entry;
	f->v->ri = 0;
	f->v->code_pa = entry & ~0xfffull;
	assert_true(host_break(f, f->v, imm));
}

static inline uint64_t stacked(struct fixture *f, uint64_t entry, uint32_t imm,
			       const uint64_t arg[8])
{
	unsigned int i;

	f->v->rse.sof = 8;
	for (i = 0; i < 8; i++)
		f->v->rse.stk[f->v->rse.bof + i] = arg[i];
	call(f, entry, imm);
	return f->v->gr[8];
}

/* A static call returns through the branch, a stacked one through the return behind the break. */
static inline uint64_t pal(struct fixture *f, uint64_t index, uint64_t a, uint64_t b, uint64_t c)
{
	if (index & 0x100) {
		f->v->gr[28] = index;
		stacked(f, FW_PAL_PROC, FW_BREAK_PAL, (uint64_t[8]){ index, a, b, c });
		assert_int_equal(f->v->ip, FW_PAL_PROC);
		assert_int_equal(f->v->ri, 1);
	} else {
		f->v->gr[28] = index;
		f->v->gr[29] = a;
		f->v->gr[30] = b;
		f->v->gr[31] = c;
		call(f, FW_PAL_PROC, FW_BREAK_PAL);
		assert_int_equal(f->v->ip, FW_PAL_RETURN_STATIC);
		assert_int_equal(f->v->ri, 0);
	}
	return f->v->gr[8];
}

static inline uint64_t sal(struct fixture *f, const uint64_t arg[8])
{
	uint64_t status = stacked(f, FW_SAL_PROC, FW_BREAK_SAL, arg);

	assert_int_equal(f->v->ip, FW_SAL_PROC);
	assert_int_equal(f->v->ri, 1);
	return status;
}

#define SAL(f, ...) sal(f, (uint64_t[8]){ __VA_ARGS__ })
#define EFI(f, n, ...) \
	stacked(f, FW_EFI_ENTRY(n), FW_BREAK_EFI + (n), (uint64_t[8]){ __VA_ARGS__ })

#endif
