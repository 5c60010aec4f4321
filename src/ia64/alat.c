/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The advanced load address table: 32 entries, fully associative. */
#include "ia64/alat.h"

#include <string.h>

#include "ia64/mem.h"

void ia64_alat_flush(struct vcpu *v)
{
	unsigned int i;

	for (i = 0; i < IA64_ALAT_ENTRIES; i++)
		v->alat[i].size = 0;
	v->alat_used = 0;
}

static struct ia64_alat_entry *find(struct vcpu *v, bool fp, unsigned int reg)
{
	unsigned int i;

	for (i = 0; i < v->alat_used; i++)
		if (v->alat[i].size && v->alat[i].reg == reg && v->alat[i].fp == fp)
			return &v->alat[i];
	return NULL;
}

void ia64_alat_remove(struct vcpu *v, bool fp, unsigned int reg)
{
	struct ia64_alat_entry *e = find(v, fp, reg);

	if (e)
		e->size = 0;
}

static struct ia64_alat_entry *free_entry(struct vcpu *v)
{
	unsigned int i;

	for (i = 0; i < v->alat_used; i++)
		if (!v->alat[i].size)
			return &v->alat[i];
	if (v->alat_used < IA64_ALAT_ENTRIES)
		return &v->alat[v->alat_used++];
	v->alat_next = (v->alat_next + 1) % IA64_ALAT_ENTRIES;
	return &v->alat[v->alat_next];
}

void ia64_alat_insert(struct vcpu *v, bool fp, unsigned int reg, uint64_t va, unsigned int size,
		      const void *value)
{
	struct ia64_alat_entry *e = find(v, fp, reg);
	/* A fast line is there only for cacheable RAM: just where an advanced load may be kept. */
	const uint8_t *p = ia64_fast_ptr(v->view->rd, va, 1);

	if (!p || (va & (IA64_MEM_PAGE_SIZE - 1)) + size > IA64_MEM_PAGE_SIZE) {
		if (e)
			e->size = 0;
		return;
	}
	if (!e)
		e = free_entry(v);
	e->va = va;
	e->pa = p - v->sys->mem->base;
	e->size = size;
	e->fp = fp;
	e->reg = reg;
	memcpy(e->value, value, size);
}

bool ia64_alat_hit(struct vcpu *v, bool fp, unsigned int reg)
{
	struct ia64_alat_entry *e = find(v, fp, reg);
	const void *p;

	if (!e)
		return false;
	p = ia64_memory_ptr(v->sys->mem, e->pa, e->size);
	if (p && !memcmp(p, e->value, e->size))
		return true;
	e->size = 0;
	return false;
}
