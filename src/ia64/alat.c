/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The advanced load address table: 32 entries, each register in one place. Translated code looks at
 * it and fills it too (jit/x86_64/speculation.c).
 */
#include "ia64/alat.h"

#include <string.h>

#include "ia64/journal.h"
#include "ia64/mem.h"

void ia64_alat_flush(struct vcpu *v)
{
	unsigned int i;

	if (!v->alat_used)
		return;
	for (i = 0; i < IA64_ALAT_ENTRIES; i++)
		v->alat[i].key = 0;
	v->alat_used = false;
}

/* The key as it is kept now. */
static uint32_t key_of(const struct vcpu *v, bool fp, unsigned int reg, unsigned int size)
{
	return IA64_ALAT_KEY(fp, reg, size) | (v->journal ? IA64_ALAT_HIDDEN : 0);
}

/* The register's entry, or NULL. */
static struct ia64_alat_entry *find(struct vcpu *v, bool fp, unsigned int reg)
{
	struct ia64_alat_entry *e = &v->alat[IA64_ALAT_INDEX(reg)];

	return e->key && !((e->key ^ key_of(v, fp, reg, 0)) & ~0xffu) ? e : NULL;
}

void ia64_alat_hide(struct vcpu *v, bool hide)
{
	unsigned int i;

	for (i = 0; i < IA64_ALAT_ENTRIES; i++)
		if (v->alat[i].key)
			v->alat[i].key = (v->alat[i].key & ~IA64_ALAT_HIDDEN) |
					 (hide ? IA64_ALAT_HIDDEN : 0);
}

void ia64_alat_remove(struct vcpu *v, bool fp, unsigned int reg)
{
	struct ia64_alat_entry *e = find(v, fp, reg);

	if (e)
		e->key = 0;
}

void ia64_alat_insert(struct vcpu *v, bool fp, unsigned int reg, uint64_t va, unsigned int size,
		      const void *value)
{
	struct ia64_alat_entry *e = &v->alat[IA64_ALAT_INDEX(reg)];
	/* A fast line is there only for cacheable RAM: just where an advanced load may be kept. */
	const uint8_t *p = ia64_fast_ptr(v->view->rd, va, 1);
	uint64_t pa;

	/* While engines are compared there are no lines. */
	if (!p && v->journal && ia64_translate_quiet(v, va, false, &pa))
		p = ia64_memory_ptr(v->sys->mem, pa, size);
	if (!p || (va & (IA64_MEM_PAGE_SIZE - 1)) + size > IA64_MEM_PAGE_SIZE) {
		ia64_alat_remove(v, fp, reg);
		return;
	}
	e->at = p;
	e->key = key_of(v, fp, reg, size);
	memset(e->value, 0, sizeof(e->value));
	memcpy(e->value, value, size);
	v->alat_used = true;
}

bool ia64_alat_hit(struct vcpu *v, bool fp, unsigned int reg)
{
	struct ia64_alat_entry *e = find(v, fp, reg);
	uint8_t now[sizeof(e->value)];
	unsigned int size;

	if (!e)
		return false;
	size = e->key & 0xff;
	if (ia64_memory_is_ram(v->sys->mem, (uint64_t)(e->at - v->sys->mem->base), size)) {
		memcpy(now, e->at, size);
		if (v->journal)
			ia64_journal_load(v->journal, e->at, now, size);
		if (!memcmp(now, e->value, size))
			return true;
	}
	e->key = 0;
	return false;
}
