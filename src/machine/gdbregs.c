/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Registers by GDB's numbers; memory with the register stack laid over it. */
#include <string.h>

#include "ia64/fp.h"
#include "ia64/interruption.h"
#include "ia64/rse.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"
#include "machine/gdbregs.h"

/* GDB's numbers, from `maint print remote-registers` with architecture ia64-elf64. */
enum {
	GDB_GR = 0,
	GDB_FR = 128,
	GDB_BR = 320,
	GDB_PR = 330,
	GDB_IP = 331,
	GDB_PSR = 332,
	GDB_CFM = 333,
	GDB_AR = 334,
};

/* SDM 2:6.1: each 64th doubleword of the backing store collects the NaT bits of 63 registers. */
static bool is_collection(uint64_t addr)
{
	return (addr >> 3 & 0x3f) == 0x3f;
}

/* Registers (not doublewords) from one place in the backing store up to another. */
static int64_t registers_between(uint64_t from, uint64_t to)
{
	int64_t words = (int64_t)(to - from) / 8;
	int64_t collections = (int64_t)((to >> 9) - (from >> 9));

	return words - collections;
}

/* The end of the current frame in the backing store: what GDB calls bsp. */
static uint64_t frame_end(const struct vcpu *v)
{
	return ia64_rse_skip(ia64_rse_bsp(&v->rse), v->rse.sof);
}

static bool in_register_stack(const struct vcpu *v, uint64_t addr)
{
	return addr >= v->rse.bspstore && addr < frame_end(v);
}

/* Index in rse.stk of the register whose place is addr (in the register stack, no collection). */
static uint32_t stack_index(const struct vcpu *v, uint64_t addr)
{
	return (uint32_t)(v->rse.bof + registers_between(ia64_rse_bsp(&v->rse), addr));
}

/* The collection at addr | 0x1f8 as it would be if everything up to the frame's end were stored. */
static uint64_t collection(const struct vcpu *v, uint64_t addr)
{
	uint64_t base = addr & ~0x1ffull, bits = 0;

	for (unsigned int bit = 0; bit < 63; bit++) {
		uint64_t place = base + 8 * bit;

		if (in_register_stack(v, place))
			bits |= (uint64_t)v->rse.stk_nat[stack_index(v, place)] << bit;
		else
			bits |= v->rse.rnat & 1ull << bit;
	}
	return bits;
}

static uint64_t *app_register(struct vcpu *v, unsigned int ar)
{
	switch (ar) {
	case AR_BSPSTORE:
		return &v->rse.bspstore;
	case AR_BSP:
	case AR_RNAT:
	case AR_ITC:
	case AR_RUC:
		return NULL;
	default:
		return &v->ar[ar];
	}
}

static uint64_t read_app_register(struct vcpu *v, unsigned int ar)
{
	switch (ar) {
	case AR_BSP:
		return frame_end(v);
	case AR_RNAT:
		return collection(v, frame_end(v));
	case AR_ITC:
		return ia64_itc_read(v);
	case AR_RUC:
		return 0;
	default:
		return *app_register(v, ar);
	}
}

size_t gdb_reg_size(unsigned int n)
{
	return n >= GDB_FR && n < GDB_FR + 128 ? 16 : 8;
}

static bool read_plain(struct vcpu *v, unsigned int n, uint64_t *val)
{
	if (n < GDB_GR + 32)
		*val = v->gr[n];
	else if (n < 32u + v->rse.sof)
		*val = ia64_stacked_read(v, n - 32, NULL);
	else if (n >= GDB_BR && n < GDB_BR + 8)
		*val = v->br[n - GDB_BR];
	else if (n == GDB_PR)
		*val = ia64_pr_get(v);
	else if (n == GDB_IP)
		*val = v->ip;
	else if (n == GDB_PSR)
		*val = (v->psr & ~PSR_RI) | (uint64_t)v->ri << PSR_RI_SHIFT;
	else if (n == GDB_CFM)
		*val = ia64_cfm(&v->rse);
	else if (n >= GDB_AR && n < GDB_AR + 128)
		*val = read_app_register(v, n - GDB_AR);
	else
		return false;
	return true;
}

bool gdb_reg_read(struct vcpu *v, unsigned int n, uint8_t buf[GDB_REG_MAX])
{
	uint64_t val;

	if (n >= GDB_FR && n < GDB_FR + 128) {
		memset(buf, 0, GDB_REG_MAX);
		memcpy(buf, &v->fr[n - GDB_FR].sig, 8);
		memcpy(buf + 8, &v->fr[n - GDB_FR].se, 4);
		return true;
	}
	if (!read_plain(v, n, &val))
		return false;
	memcpy(buf, &val, 8);
	return true;
}

static bool write_app_register(struct vcpu *v, unsigned int ar, uint64_t val)
{
	uint64_t *where = app_register(v, ar);

	if (ar == AR_ITC)
		ia64_itc_write(v, val);
	else if (ar == AR_RNAT)
		v->rse.rnat = val;
	else if (where)
		*where = val;
	else
		return false;
	return true;
}

/* The next instruction is looked up anew: where it is, or how it is fetched, has changed. */
static void refetch(struct vcpu *v)
{
	v->op = NULL;
	v->code_stale = true;
}

bool gdb_reg_write(struct vcpu *v, unsigned int n, const uint8_t buf[GDB_REG_MAX])
{
	uint64_t val;

	memcpy(&val, buf, 8);
	if (n > GDB_GR && n < GDB_GR + 32) {
		v->gr[n] = val;
		v->nat[n] = 0;
	} else if (n >= GDB_FR + 2 && n < GDB_FR + 128) {
		uint32_t se;

		memcpy(&se, buf + 8, 4);
		v->fr[n - GDB_FR] = ia64_fr_make(val, se);
	} else if (n >= GDB_BR && n < GDB_BR + 8) {
		v->br[n - GDB_BR] = val;
	} else if (n == GDB_PR) {
		ia64_pr_set(v, val, ~1ull);
	} else if (n == GDB_IP) {
		v->ip = val & ~0xfull;
		refetch(v);
	} else if (n == GDB_PSR) {
		if ((val >> PSR_RI_SHIFT & 3) == 3)
			return false;
		v->ri = val >> PSR_RI_SHIFT & 3;
		ia64_set_psr(v, val & ~PSR_RI);
		refetch(v);
	} else if (n == GDB_CFM) {
		ia64_set_cfm(v, val);
	} else if (n >= GDB_AR && n < GDB_AR + 128) {
		return write_app_register(v, n - GDB_AR, val);
	} else {
		return false;
	}
	return true;
}

/* Memory as the vCPU reaches it, RSE or not: at most up to the end of the 4 KiB page. */
static bool plain_access(struct vcpu *v, uint64_t va, uint8_t *buf, size_t len, bool write)
{
	struct ia64_memory *mem = v->sys->mem;
	uint64_t pa;

	if (!ia64_translate_quiet(v, va, false, &pa) && !ia64_translate_quiet(v, va, true, &pa))
		return false;
	if (!write)
		return ia64_memory_read(mem, pa, buf, len);
	if (!ia64_memory_write(mem, pa, buf, len))
		return false;
	ia64_memory_written(mem, pa, len);
	return true;
}

static void stack_access(struct vcpu *v, uint64_t va, uint8_t *buf, size_t len, bool write)
{
	uint64_t addr = va & ~7ull, word;
	uint32_t index;

	if (is_collection(addr)) { /* made up from NaT bits: writes of it are dropped */
		word = collection(v, addr);
		if (!write)
			memcpy(buf, (uint8_t *)&word + (va & 7), len);
		return;
	}
	index = stack_index(v, addr);
	if (write) {
		memcpy((uint8_t *)&v->rse.stk[index] + (va & 7), buf, len);
		v->rse.stk_nat[index] = 0;
	} else {
		memcpy(buf, (uint8_t *)&v->rse.stk[index] + (va & 7), len);
	}
}

static size_t access(struct vcpu *v, uint64_t va, uint8_t *buf, size_t len, bool write)
{
	uint64_t start = v->rse.bspstore;
	size_t done = 0;

	while (done < len) {
		uint64_t at = va + done;
		uint64_t chunk = IA64_MEM_PAGE_SIZE - (at & (IA64_MEM_PAGE_SIZE - 1));

		if (in_register_stack(v, at)) {
			chunk = 8 - (at & 7);
			if (chunk > len - done)
				chunk = len - done;
			stack_access(v, at, buf + done, chunk, write);
		} else {
			if (chunk > len - done)
				chunk = len - done;
			if (at < start && chunk > start - at)
				chunk = start - at;
			if (!plain_access(v, at, buf + done, chunk, write))
				break;
		}
		done += chunk;
	}
	return done;
}

size_t gdb_mem_read(struct vcpu *v, uint64_t va, uint8_t *buf, size_t len)
{
	return access(v, va, buf, len, false);
}

size_t gdb_mem_write(struct vcpu *v, uint64_t va, const uint8_t *buf, size_t len)
{
	return access(v, va, (uint8_t *)buf, len, true);
}
