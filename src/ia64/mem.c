/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Data accesses that the fast lines do not serve: faults, devices, byte order, page crossings. */
#include "ia64/mem.h"

#include "ia64/debug.h"
#include "ia64/host_atomic.h"
#include "ia64/interruption.h"
#include "ia64/journal.h"
#include "ia64/smp.h"

#define MA_WB 0

/* One stretch of an access within a 4 KiB page of guest physical memory. */
struct piece {
	uint64_t pa;
	unsigned int len;
	bool ram;
};

struct span {
	struct piece piece[2];
	unsigned int count;
};

static bool big_endian(const struct vcpu *v, unsigned int access)
{
	if (access & IA64_ACCESS_RSE)
		return v->ar[AR_RSC] >> 4 & 1;
	return v->psr & PSR_BE;
}

/*
 * Translates all of [va, va + size), so that nothing is done before everything is permitted. The
 * second page's faults name its first byte.
 */
static enum ia64_xlate translate_span(struct vcpu *v, uint64_t va, unsigned int size,
				      unsigned int access, struct span *s)
{
	unsigned int first = size;
	uint64_t room = IA64_MEM_PAGE_SIZE - (va & (IA64_MEM_PAGE_SIZE - 1));
	struct ia64_xlate_result res;
	enum ia64_xlate x;
	unsigned int n;

	if (room < size)
		first = (unsigned int)room;
	x = ia64_translate(v, va, size, access, 0, &res);
	if (x != IA64_XLATE_OK)
		return x;
	s->count = 1;
	s->piece[0] = (struct piece){ .pa = res.pa, .len = first };
	if (first < size) {
		uint64_t next = va + first;

		/* A page's start is aligned for any size; the whole operand has been judged. */
		x = ia64_translate(v, next, size - first, access, 0, &res);
		if (x != IA64_XLATE_OK)
			return x;
		if (res.ma != MA_WB) {
			if (v->psr & PSR_IC)
				v->cr[CR_IFA] = va;
			ia64_fault(v, IA64_UNALIGNED_VECTOR,
				   (access & IA64_ACCESS_READ ? ISR_R : 0) |
				   (access & IA64_ACCESS_WRITE ? ISR_W : 0));
			return IA64_XLATE_FAULT;
		}
		s->piece[1] = (struct piece){ .pa = res.pa, .len = size - first };
		s->count = 2;
	}
	for (n = 0; n < s->count; n++) {
		uint8_t attr = ia64_memory_attr(v->sys->mem, s->piece[n].pa);

		s->piece[n].ram = attr & IA64_PAGE_RAM;
		if ((access & IA64_ACCESS_WRITE) && (attr & IA64_PAGE_RO)) {
			if (v->psr & PSR_IC)
				v->cr[CR_IFA] = n ? va + first : va;
			ia64_fault(v, IA64_DACCESS_RIGHTS_VECTOR, ISR_W);
			return IA64_XLATE_FAULT;
		}
	}
	/* An advanced load of what must not be read speculatively: SDM 2:4.4.10. */
	if ((access & IA64_ACCESS_ADVANCED) && res.ma != MA_WB)
		return IA64_XLATE_NONE;
	if (v->sys->debug)
		ia64_debug_access(v, va, size,
				  (access & IA64_ACCESS_READ ? IA64_WATCH_READ : 0) |
				  (access & IA64_ACCESS_WRITE ? IA64_WATCH_WRITE : 0));
	return IA64_XLATE_OK;
}

/* The largest device access that is aligned at pa and no longer than len. */
static unsigned int device_width(uint64_t pa, unsigned int len)
{
	unsigned int width = 8;

	while (width > len || pa & (width - 1))
		width /= 2;
	return width;
}

static void device_read(struct vcpu *v, uint64_t pa, uint8_t *buf, unsigned int len)
{
	const struct ia64_platform *plat = &v->sys->platform;

	ia64_journal_give_up(&v->journal);
	ia64_sync_ip(v);
	while (len) {
		unsigned int width = device_width(pa, len);
		uint64_t val = ~0ull;

		v->count_mmio++;
		if (!plat->mmio_read || !plat->mmio_read(plat->ctx, v, pa, width, &val))
			val = ~0ull;
		memcpy(buf, &val, width);
		pa += width;
		buf += width;
		len -= width;
	}
}

static void device_write(struct vcpu *v, uint64_t pa, const uint8_t *buf, unsigned int len)
{
	const struct ia64_platform *plat = &v->sys->platform;

	ia64_journal_give_up(&v->journal);
	ia64_sync_ip(v);
	while (len) {
		unsigned int width = device_width(pa, len);
		uint64_t val = 0;

		v->count_mmio++;
		memcpy(&val, buf, width);
		/* A write nobody takes is lost, as on a bus without a target. */
		if (plat->mmio_write)
			plat->mmio_write(plat->ctx, v, pa, width, val);
		pa += width;
		buf += width;
		len -= width;
	}
}

/*
 * Aligned accesses of 1 to 8 bytes are single copies, and so are ld16 and st16, which come with
 * IA64_ACCESS_ORDERED; what else has 16 is two. Others go byte by byte (SDM 2:4.5).
 */
static unsigned int copy_width(const struct piece *p, unsigned int access)
{
	if ((p->len & (p->len - 1)) || (p->pa & (p->len - 1)))
		return 1;
	return p->len == 16 && !(access & IA64_ACCESS_ORDERED) ? 8 : p->len;
}

static void copy_in(uint8_t *buf, const uint8_t *src, unsigned int len, unsigned int width)
{
	unsigned int n;

	if (width == 16) {
		uint64_t val[2];

		host_load16(src, val);
		memcpy(buf, val, 16);
		return;
	}
	for (n = 0; n < len; n += width) {
		uint64_t val = ia64_ram_load(src + n, width);

		memcpy(buf + n, &val, width);
	}
}

static void copy_out(uint8_t *dst, const uint8_t *buf, unsigned int len, unsigned int width)
{
	uint64_t val[2] = { 0 };
	unsigned int n;

	if (width == 16) {
		memcpy(val, buf, 16);
		host_store16(dst, val);
		return;
	}
	for (n = 0; n < len; n += width) {
		memcpy(val, buf + n, width);
		ia64_ram_store(dst + n, width, val[0]);
	}
}

static void ram_read(const struct vcpu *v, const struct piece *p, unsigned int access, uint8_t *buf)
{
	const uint8_t *src = v->sys->mem->base + p->pa;

	if (!ia64_journal_again(v->journal))
		copy_in(buf, src, p->len, copy_width(p, access));
	if (v->journal)
		ia64_journal_load(v->journal, src, buf, p->len);
}

static void ram_write(struct vcpu *v, const struct piece *p, unsigned int access,
		      const uint8_t *buf)
{
	uint8_t *dst = v->sys->mem->base + p->pa;

	if (v->journal)
		ia64_journal_store(v->journal, dst, buf, p->len);
	if (!ia64_journal_again(v->journal))
		copy_out(dst, buf, p->len, copy_width(p, access));
}

enum ia64_xlate ia64_load_bytes(struct vcpu *v, uint64_t va, unsigned int size,
				unsigned int access, void *buf)
{
	uint8_t *to = buf;
	struct span s;
	enum ia64_xlate x;
	unsigned int n;

	x = translate_span(v, va, size, access, &s);
	if (x == IA64_XLATE_NONE)
		memset(buf, 0, size);
	if (x != IA64_XLATE_OK)
		return x;
	for (n = 0; n < s.count; n++) {
		if (s.piece[n].ram)
			ram_read(v, &s.piece[n], access, to);
		else
			device_read(v, s.piece[n].pa, to, s.piece[n].len);
		to += s.piece[n].len;
	}
	return IA64_XLATE_OK;
}

enum ia64_xlate ia64_store_bytes(struct vcpu *v, uint64_t va, unsigned int size,
				 unsigned int access, const void *buf)
{
	const uint8_t *from = buf;
	struct span s;
	enum ia64_xlate x;
	unsigned int n;

	x = translate_span(v, va, size, access, &s);
	if (x != IA64_XLATE_OK)
		return x;
	for (n = 0; n < s.count; n++) {
		if (s.piece[n].ram)
			ram_write(v, &s.piece[n], access, from);
		else
			device_write(v, s.piece[n].pa, from, s.piece[n].len);
		from += s.piece[n].len;
	}
	return IA64_XLATE_OK;
}

enum ia64_xlate ia64_load_slow(struct vcpu *v, uint64_t va, unsigned int size, unsigned int access,
			       uint64_t *val)
{
	bool swap = big_endian(v, access);
	uint64_t raw = 0;
	enum ia64_xlate x;

	x = ia64_load_bytes(v, va, size, access, &raw);
	if (x == IA64_XLATE_OK && swap)
		raw = __builtin_bswap64(raw) >> (64 - 8 * size);
	if (x == IA64_XLATE_OK || x == IA64_XLATE_NONE)
		*val = raw;
	return x;
}

enum ia64_xlate ia64_store_slow(struct vcpu *v, uint64_t va, unsigned int size,
				unsigned int access, uint64_t val)
{
	if (big_endian(v, access))
		val = __builtin_bswap64(val) >> (64 - 8 * size);
	return ia64_store_bytes(v, va, size, access, &val);
}

enum ia64_xlate ia64_semaphore_ptr(struct vcpu *v, uint64_t va, unsigned int size, void **ptr)
{
	const unsigned int access = IA64_ACCESS_READ | IA64_ACCESS_WRITE | IA64_ACCESS_SEMAPHORE;
	void *p = ia64_fast_ptr(v->view->wr, va, size);
	struct span s;
	enum ia64_xlate x;

	if (p && p == ia64_fast_ptr(v->view->rd, va, size)) {
		*ptr = p;
		return IA64_XLATE_OK;
	}
	x = translate_span(v, va, size, access, &s);
	if (x != IA64_XLATE_OK)
		return x;
	if (!s.piece[0].ram) {
		/* Nothing there could make it atomic. */
		if (v->psr & PSR_IC)
			v->cr[CR_IFA] = va;
		ia64_fault(v, IA64_UNSUPPORTED_DATA_VECTOR, ISR_R | ISR_W);
		return IA64_XLATE_FAULT;
	}
	*ptr = v->sys->mem->base + s.piece[0].pa;
	if (v->journal)
		*ptr = ia64_journal_semaphore(v->journal, *ptr);
	return IA64_XLATE_OK;
}
