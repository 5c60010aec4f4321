/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Data accesses of instructions: the fast path inline, everything else out of line.
 *
 * Each returns IA64_XLATE_OK with the access done, or says that it was not done (fault delivered,
 * deferred, ...). Values are in register form: little-endian zero-extended, already swapped when
 * psr.be is on.
 */
#ifndef PARAVANE_IA64_MEM_H
#define PARAVANE_IA64_MEM_H

#include <string.h>

#include "ia64/tlb.h"

enum ia64_xlate ia64_load_slow(struct vcpu *v, uint64_t va, unsigned int size, unsigned int access,
			       uint64_t *val);
enum ia64_xlate ia64_store_slow(struct vcpu *v, uint64_t va, unsigned int size,
				unsigned int access, uint64_t val);
/* 10-byte (ldfe) and 16-byte (ldf.fill, ld16, ldfp) accesses: bytes in memory order. */
enum ia64_xlate ia64_load_bytes(struct vcpu *v, uint64_t va, unsigned int size,
				unsigned int access, void *buf);
enum ia64_xlate ia64_store_bytes(struct vcpu *v, uint64_t va, unsigned int size,
				 unsigned int access, const void *buf);
/*
 * Host pointer for a semaphore (size 1, 2, 4, 8, 16, aligned or fault) to RAM; on device memory or
 * a non-cacheable attribute delivers what SDM 2:4.4 says. While there is a journal, the caller says
 * what it did (ia64_journal_semaphore_done()).
 */
enum ia64_xlate ia64_semaphore_ptr(struct vcpu *v, uint64_t va, unsigned int size, void **ptr);

/*
 * The host address for a plain little-endian access, or NULL for the slow path. An unaligned
 * address is never in a line's tag.
 */
static inline void *ia64_fast_ptr(const struct ia64_fast_line *lines, uint64_t va,
				  unsigned int size)
{
	const struct ia64_fast_line *line;

	line = &lines[(va >> IA64_MEM_PAGE_SHIFT) % IA64_FAST_LINES];
	if ((va & (~(IA64_MEM_PAGE_SIZE - 1) | (size - 1))) != line->tag)
		return NULL;
	return (void *)(uintptr_t)(va + line->addend);
}

/* 1, 2, 4 or 8 aligned bytes of host memory, at once: relaxed, as other vCPUs may use them too. */
static inline uint64_t ia64_ram_load(const void *p, unsigned int size)
{
	switch (size) {
	case 1:
		return __atomic_load_n((const uint8_t *)p, __ATOMIC_RELAXED);
	case 2:
		return __atomic_load_n((const uint16_t *)p, __ATOMIC_RELAXED);
	case 4:
		return __atomic_load_n((const uint32_t *)p, __ATOMIC_RELAXED);
	default:
		return __atomic_load_n((const uint64_t *)p, __ATOMIC_RELAXED);
	}
}

static inline void ia64_ram_store(void *p, unsigned int size, uint64_t val)
{
	switch (size) {
	case 1:
		__atomic_store_n((uint8_t *)p, (uint8_t)val, __ATOMIC_RELAXED);
		break;
	case 2:
		__atomic_store_n((uint16_t *)p, (uint16_t)val, __ATOMIC_RELAXED);
		break;
	case 4:
		__atomic_store_n((uint32_t *)p, (uint32_t)val, __ATOMIC_RELAXED);
		break;
	default:
		__atomic_store_n((uint64_t *)p, val, __ATOMIC_RELAXED);
		break;
	}
}

/*
 * A load of 1, 2, 4 or 8 bytes. Relaxed: what an acquire needs on top is the caller's. The fast
 * lines of a view with psr.be on are kept empty, so that the slow path does the swapping.
 */
static inline enum ia64_xlate ia64_load(struct vcpu *v, uint64_t va, unsigned int size,
					uint64_t *val)
{
	void *p = ia64_fast_ptr(v->view->rd, va, size);

	if (__builtin_expect(!p, 0))
		return ia64_load_slow(v, va, size, IA64_ACCESS_READ, val);
	*val = ia64_ram_load(p, size);
	return IA64_XLATE_OK;
}

static inline enum ia64_xlate ia64_store(struct vcpu *v, uint64_t va, unsigned int size,
					 uint64_t val)
{
	void *p = ia64_fast_ptr(v->view->wr, va, size);

	if (__builtin_expect(!p, 0))
		return ia64_store_slow(v, va, size, IA64_ACCESS_WRITE, val);
	ia64_ram_store(p, size, val);
	return IA64_XLATE_OK;
}

#endif
