/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The unwind descriptors' decoder, and the step from a frame to its caller. */
#include "machine/unwind.h"

#include <elf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ia64/rse.h"
#include "ia64/tlb.h"
#include "machine/symbols.h"

#define ENTRY_SIZE 24
#define MAX_LABELS 8

/* --- tables --- */

static uint64_t word(const uint8_t *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint8_t *copy(const struct elf_section *s)
{
	uint8_t *p = malloc(s->size ? s->size : 1);

	if (p)
		memcpy(p, s->data, s->size);
	return p;
}

/* The start of the loaded segment an address is in. */
static uint64_t segment_base(const uint8_t *image, size_t size, uint64_t address)
{
	Elf64_Ehdr eh;
	Elf64_Phdr ph;
	unsigned int i;

	memcpy(&eh, image, sizeof(eh));
	for (i = 0; i < eh.e_phnum; i++) {
		if (eh.e_phoff > size || (i + 1) * sizeof(ph) > size - eh.e_phoff)
			break;
		memcpy(&ph, image + eh.e_phoff + i * sizeof(ph), sizeof(ph));
		if (ph.p_type == PT_LOAD && address - ph.p_vaddr < ph.p_memsz)
			return ph.p_vaddr;
	}
	return 0;
}

int unwind_load(struct unwind_tables *t, const uint8_t *image, size_t size)
{
	struct elf_section s;
	size_t i;

	memset(t, 0, sizeof(*t));
	for (i = 0; i < elf_section_count(image, size); i++) {
		if (!elf_section(image, size, i, &s))
			continue;
		if (!strcmp(s.name, ".IA_64.unwind") && !t->table) {
			t->table = copy(&s);
			t->nr_entries = s.size / ENTRY_SIZE;
			t->base = segment_base(image, size, s.addr);
		} else if (!strcmp(s.name, ".IA_64.unwind_info") && !t->info) {
			t->info = copy(&s);
			t->info_size = s.size;
			t->info_address = s.addr;
		} else {
			continue;
		}
		if (!t->table && !t->info) {
			unwind_free(t);
			return -ENOMEM;
		}
	}
	if (!t->table || !t->info)
		unwind_free(t);
	return 0;
}

void unwind_free(struct unwind_tables *t)
{
	free(t->table);
	free(t->info);
	memset(t, 0, sizeof(*t));
}

/* The descriptors of the procedure at `address`; *start is where it begins. */
static const uint8_t *find_info(const struct unwind_tables *t, uint64_t address, uint64_t *start,
				size_t *len)
{
	size_t low = 0, high = t->nr_entries, mid;
	uint64_t rel = address - t->base, at, header;
	const uint8_t *e;

	while (low < high) {
		mid = low + (high - low) / 2;
		e = t->table + mid * ENTRY_SIZE;
		if (rel < word(e)) {
			high = mid;
		} else if (rel >= word(e + 8)) {
			low = mid + 1;
		} else {
			*start = t->base + word(e);
			at = t->base + word(e + 16) - t->info_address;
			if (at > t->info_size || t->info_size - at < 8)
				return NULL;
			header = word(t->info + at);
			*len = (uint32_t)header * 8ull;
			if (header >> 48 != 1 || *len > t->info_size - at - 8)
				return NULL;
			return t->info + at + 8;
		}
	}
	return NULL;
}

/* --- descriptors --- */

enum where { IN_PLACE, IN_GR, IN_BR, AT_PSP, AT_SP };

struct location {
	enum where where;
	uint64_t n;    /* register, or offset in words of 4 bytes */
	uint64_t when; /* slot from which on it is there */
};

enum { RP, PFS, PSP, NR_SAVED };

struct unwind_state {
	struct location saved[NR_SAVED];
	uint64_t frame_size, frame_when; /* fixed memory stack frame, bytes */
	bool has_frame;
	bool interruption;
};

struct reader {
	const uint8_t *p, *end;
	bool bad;
};

static uint8_t get(struct reader *r)
{
	if (r->p == r->end) {
		r->bad = true;
		return 0;
	}
	return *r->p++;
}

static uint64_t get_uleb(struct reader *r)
{
	unsigned int shift = 0;
	uint64_t v = 0;
	uint8_t b;

	do {
		b = get(r);
		if (shift < 64)
			v |= (uint64_t)(b & 0x7f) << shift;
		shift += 7;
	} while (b & 0x80 && !r->bad);
	return v;
}

static void skip(struct reader *r, uint64_t n)
{
	if (n > (uint64_t)(r->end - r->p))
		r->bad = true;
	else
		r->p += n;
}

static void save(struct unwind_state *s, unsigned int what, enum where where, uint64_t n,
		 uint64_t when)
{
	s->saved[what].where = where;
	s->saved[what].n = n;
	s->saved[what].when = when;
}

/* R2: registers saved in consecutive general registers, in the order rp, pfs, psp, pr. */
static void prologue_gr(struct unwind_state *s, unsigned int mask, unsigned int gr, uint64_t when)
{
	static const int order[3] = { RP, PFS, PSP };
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (mask & 8u >> i)
			save(s, (unsigned int)order[i], IN_GR, gr++, when);
	}
}

/* P3: one register saved in another. */
static void save_reg(struct unwind_state *s, unsigned int r, unsigned int reg, uint64_t when)
{
	static const int map[7] = { PSP, RP, PFS, -1, -1, -1, RP };

	if (r < 7 && map[r] >= 0)
		save(s, (unsigned int)map[r], r == 6 ? IN_BR : IN_GR, reg, when);
}

/* P7: memory stack and places relative to psp; times of saving, relative to the region. */
static void memory_reg(struct unwind_state *s, struct reader *r, unsigned int code, uint64_t start,
		       uint64_t when)
{
	uint64_t val = get_uleb(r);

	switch (code) {
	case 0: /* mem_stack_f */
		s->has_frame = true;
		s->frame_when = start + val;
		s->frame_size = get_uleb(r) * 16;
		break;
	case 1: /* mem_stack_v */
		s->saved[PSP].when = start + val;
		break;
	case 3:
		save(s, PSP, AT_SP, val, when);
		break;
	case 4:
		s->saved[RP].when = start + val;
		break;
	case 5:
		save(s, RP, AT_PSP, val, when);
		break;
	case 6:
		s->saved[PFS].when = start + val;
		break;
	case 7:
		save(s, PFS, AT_PSP, val, when);
		break;
	default:
		break;
	}
}

static void extended(struct reader *r, unsigned int code)
{
	static const uint8_t fixed[4] = { 1, 2, 2, 3 }, ulebs[4] = { 2, 1, 2, 1 };
	unsigned int i;

	skip(r, fixed[code - 0xf9]);
	for (i = 0; i < ulebs[code - 0xf9]; i++)
		get_uleb(r);
}

/* A descriptor in a prologue region that begins at slot `start` and has `len` slots. */
static void prologue(struct unwind_state *s, struct reader *r, unsigned int code, uint64_t start,
		     uint64_t len)
{
	unsigned int b;
	uint64_t val;

	if (code < 0xa0) { /* P1 */
		return;
	} else if (code < 0xb0) { /* P2 */
		skip(r, 1);
	} else if (code < 0xb8) { /* P3 */
		b = get(r);
		save_reg(s, (code & 7) << 1 | b >> 7, b & 0x7f, start);
	} else if (code == 0xb8) { /* P4: two bits a slot */
		skip(r, (len * 2 + 7) / 8);
	} else if (code == 0xb9) { /* P5 */
		skip(r, 3);
	} else if (code < 0xc0) {
		r->bad = true;
	} else if (code < 0xe0) { /* P6 */
		return;
	} else if (code < 0xf0) { /* P7 */
		memory_reg(s, r, code & 15, start, start);
	} else if (code == 0xf0) { /* P8 */
		b = get(r);
		val = get_uleb(r);
		if (b == 1 || b == 2)
			save(s, b == 1 ? RP : PFS, AT_SP, val, start);
	} else if (code == 0xf1) { /* P9 */
		skip(r, 2);
	} else if (code >= 0xf9 && code <= 0xfc) {
		extended(r, code);
	} else if (code == 0xff) { /* P10: abi, context */
		skip(r, 2);
		s->interruption = true;
	} else {
		r->bad = true;
	}
}

struct labels {
	struct { uint64_t label; struct unwind_state state; } kept[MAX_LABELS];
	unsigned int count;
};

static void label_state(struct labels *l, struct unwind_state *s, uint64_t label, bool restore)
{
	unsigned int i;

	for (i = 0; i < l->count && l->kept[i].label != label; i++)
		;
	if (restore) {
		if (i < l->count)
			*s = l->kept[i].state;
		return;
	}
	if (i == MAX_LABELS)
		return;
	l->kept[i].label = label;
	l->kept[i].state = *s;
	if (i == l->count)
		l->count++;
}

/* A descriptor in a body region. */
static void body(struct unwind_state *s, struct labels *l, struct reader *r, unsigned int code)
{
	if (code < 0xc0) { /* B1 */
		label_state(l, s, code & 31, code & 0x20);
	} else if (code < 0xe0) { /* B2 */
		get_uleb(r);
	} else if (code == 0xe0) { /* B3 */
		get_uleb(r);
		get_uleb(r);
	} else if (code == 0xf0 || code == 0xf8) { /* B4 */
		label_state(l, s, get_uleb(r), code == 0xf8);
	} else if (code >= 0xf9 && code <= 0xfc) {
		extended(r, code);
	} else {
		r->bad = true;
	}
}

/* Where things are at slot `slot` of a procedure. False if its descriptors are damaged. */
static bool decode(const uint8_t *info, size_t len, uint64_t slot, struct unwind_state *s)
{
	struct reader r = { info, info + len, false };
	struct labels labels = { .count = 0 };
	uint64_t start = 0, region = 0;
	unsigned int code, b;
	bool is_body = false;

	memset(s, 0, sizeof(*s));
	while (r.p < r.end && !r.bad) {
		code = get(&r);
		if (code & 0x80) {
			if (is_body)
				body(s, &labels, &r, code);
			else
				prologue(s, &r, code, start, region);
			continue;
		}
		/* A region header. Bytes of padding are headers of empty regions. */
		start += region;
		if (code < 0x40) { /* R1 */
			is_body = code & 0x20;
			region = code & 31;
		} else if (code < 0x48) { /* R2 */
			b = get(&r);
			region = get_uleb(&r);
			is_body = false;
			if (start <= slot)
				prologue_gr(s, (code & 7) << 1 | b >> 7, b & 0x7f, start);
		} else if (code >= 0x60 && code < 0x64) { /* R3 */
			is_body = code & 1;
			region = get_uleb(&r);
		} else {
			return false;
		}
		if (start > slot)
			break;
	}
	return !r.bad;
}

/* --- frames --- */

/* Registers in the backing store range [from, to). */
static int64_t count_registers(uint64_t from, uint64_t to)
{
	int64_t words = (int64_t)(to - from) / 8;

	return words - ((int64_t)(from >> 3 & 63) + words) / 64;
}

bool unwind_read_stacked(struct vcpu *v, uint64_t address, uint64_t *val)
{
	uint64_t bsp = ia64_rse_bsp(&v->rse), pa;

	if (address >= v->rse.bspstore && address < ia64_rse_skip(bsp, v->rse.sof)) {
		int64_t n = address < bsp ? -count_registers(address, bsp) :
					    count_registers(bsp, address);

		if (n < -(int64_t)v->rse.ndirty || n >= v->rse.sof)
			return false;
		*val = v->rse.stk[v->rse.bof + n];
		return true;
	}
	if (!(v->psr & PSR_RT))
		pa = address & ~(1ull << 63);
	else if (!ia64_translate_quiet(v, address, false, &pa))
		return false;
	return ia64_memory_read(v->sys->mem, pa, val, sizeof(*val));
}

static bool read_memory(struct vcpu *v, uint64_t address, uint64_t *val)
{
	uint64_t pa;

	if (!(v->psr & PSR_DT))
		pa = address & ~(1ull << 63);
	else if (!ia64_translate_quiet(v, address, false, &pa))
		return false;
	return ia64_memory_read(v->sys->mem, pa, val, sizeof(*val));
}

static bool read_gr(struct vcpu *v, const struct unwind_frame *f, uint64_t n, uint64_t *val)
{
	if (n >= 32)
		return unwind_read_stacked(v, ia64_rse_skip(f->bsp, (int64_t)n - 32), val);
	*val = v->gr[n];
	return n == 0 || f->top;
}

/* The value a location had when the procedure was entered; `in_place`: the register itself. */
static bool read_saved(struct vcpu *v, const struct unwind_frame *f, const struct location *l,
		       uint64_t slot, uint64_t psp, uint64_t in_place, uint64_t *val)
{
	if (l->where == IN_PLACE || slot < l->when) {
		*val = in_place;
		return f->top;
	}
	switch (l->where) {
	case IN_GR:
		return read_gr(v, f, l->n, val);
	case IN_BR:
		*val = v->br[l->n & 7];
		return f->top;
	case AT_PSP:
		return read_memory(v, psp + 16 - l->n * 4, val);
	default:
		return read_memory(v, f->sp + l->n * 4, val);
	}
}

void unwind_first(struct vcpu *v, struct unwind_frame *f)
{
	*f = (struct unwind_frame){
		.ip = v->ip,
		.slot = v->ri,
		.sp = v->gr[12],
		.bsp = ia64_rse_bsp(&v->rse),
		.top = true,
	};
}

bool unwind_next(const struct unwind_tables *t, struct vcpu *v, struct unwind_frame *f)
{
	/* A caller is in its call, the last slot of the bundle before the return address. */
	uint64_t at = f->top ? f->ip : f->ip - 16, slot, start = 0, psp = f->sp, rp, pfs;
	struct unwind_state s = { .has_frame = false };
	const uint8_t *info;
	size_t len;

	info = find_info(t, at, &start, &len);
	slot = (at - start) / 16 * 3 + (f->top ? f->slot : 2);
	if (info && !decode(info, len, slot, &s))
		return false;
	if (s.interruption || (!info && !f->top))
		return false;
	if (s.has_frame && slot >= s.frame_when)
		psp = f->sp + s.frame_size;
	if (s.saved[PSP].where != IN_PLACE &&
	    !read_saved(v, f, &s.saved[PSP], slot, psp, f->sp, &psp))
		return false;
	if (!read_saved(v, f, &s.saved[RP], slot, psp, v->br[0], &rp) ||
	    !read_saved(v, f, &s.saved[PFS], slot, psp, v->ar[AR_PFS], &pfs))
		return false;
	f->outermost = !rp;
	if (!rp || rp & 15)
		return false;
	f->bsp = ia64_rse_skip(f->bsp, -(int64_t)ia64_cfm_sol(pfs));
	f->sp = psp;
	f->ip = rp;
	f->top = false;
	return true;
}
