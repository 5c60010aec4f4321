/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The tables of breakpoints and watchpoints, and the processor's questions about them. */
#include <errno.h>
#include <string.h>

#include "ia64/debug.h"
#include "ia64/tlb.h"
#include "ia64/vcpu.h"

#define PAGE_MASK (~(IA64_MEM_PAGE_SIZE - 1))

int ia64_debug_add_break(struct ia64_debug *d, uint64_t va, unsigned int slot)
{
	uint64_t where = (va & ~0xfull) | slot;

	if (slot > 2)
		return -EINVAL;
	for (unsigned int i = 0; i < d->nr_breaks; i++) {
		if (d->breaks[i] == where)
			return 0;
	}
	if (d->nr_breaks == IA64_DEBUG_MAX_BREAKS)
		return -ENOSPC;
	d->breaks[d->nr_breaks++] = where;
	return 0;
}

int ia64_debug_remove_break(struct ia64_debug *d, uint64_t va, unsigned int slot)
{
	uint64_t where = (va & ~0xfull) | slot;

	for (unsigned int i = 0; i < d->nr_breaks; i++) {
		if (d->breaks[i] == where) {
			d->breaks[i] = d->breaks[--d->nr_breaks];
			return 0;
		}
	}
	return -ENOENT;
}

int ia64_debug_add_watch(struct ia64_debug *d, uint64_t va, uint64_t size, unsigned int kinds)
{
	if (!size || va + size - 1 < va)
		return -EINVAL;
	if (d->nr_watches == IA64_DEBUG_MAX_WATCHES)
		return -ENOSPC;
	d->watches[d->nr_watches++] = (struct ia64_debug_watch){ va, size, kinds };
	return 0;
}

int ia64_debug_remove_watch(struct ia64_debug *d, uint64_t va, uint64_t size, unsigned int kinds)
{
	for (unsigned int i = 0; i < d->nr_watches; i++) {
		const struct ia64_debug_watch *w = &d->watches[i];

		if (w->va == va && w->size == size && w->kinds == kinds) {
			d->watches[i] = d->watches[--d->nr_watches];
			return 0;
		}
	}
	return -ENOENT;
}

void ia64_debug_changed(struct ia64_system *sys)
{
	for (unsigned int i = 0; i < sys->nr_vcpus; i++) {
		ia64_fast_flush(sys->vcpus[i]);
		sys->vcpus[i]->code_stale = true;
	}
}

bool ia64_debug_slow(const struct vcpu *v)
{
	const struct ia64_debug *d = v->sys->debug;

	if (!d)
		return false;
	if (v->debug_step)
		return true;
	for (unsigned int i = 0; i < d->nr_breaks; i++) {
		if ((d->breaks[i] & PAGE_MASK) == (v->code_va & PAGE_MASK))
			return true;
	}
	return false;
}

bool ia64_debug_break(struct vcpu *v)
{
	const struct ia64_debug *d = v->sys->debug;

	for (unsigned int i = 0; d && i < d->nr_breaks; i++) {
		if (d->breaks[i] == (v->ip | v->ri)) {
			v->debug_reason = IA64_DEBUG_BREAK;
			return true;
		}
	}
	return false;
}

/* Do [a, a + a_size) and [b, b + b_size) have a byte in common; sizes are above 0. */
static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a <= b + b_size - 1 && b <= a + a_size - 1;
}

bool ia64_debug_watches_page(const struct vcpu *v, uint64_t va)
{
	const struct ia64_debug *d = v->sys->debug;

	for (unsigned int i = 0; d && i < d->nr_watches; i++) {
		if (overlap(d->watches[i].va, d->watches[i].size, va & PAGE_MASK,
			    IA64_MEM_PAGE_SIZE))
			return true;
	}
	return false;
}

bool ia64_debug_access(struct vcpu *v, uint64_t va, unsigned int size, unsigned int kinds)
{
	const struct ia64_debug *d = v->sys->debug;

	for (unsigned int i = 0; d && i < d->nr_watches; i++) {
		const struct ia64_debug_watch *w = &d->watches[i];

		if (!(w->kinds & kinds) || !overlap(w->va, w->size, va, size))
			continue;
		v->debug_reason = IA64_DEBUG_WATCH;
		v->debug_watch_va = w->va > va ? w->va : va;
		v->debug_watch_kinds = (uint8_t)w->kinds;
		atomic_fetch_or(&v->attention, IA64_ATTN_DEBUG);
		return true;
	}
	return false;
}
