// SPDX-License-Identifier: GPL-2.0-or-later
/* Kernel addresses as Xen/ia64 takes them: arch-ia64.h and xencomm.h of its public headers. */
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include <xen/page.h>

#include <asm/sections.h>
#include <asm/xen/xencomm.h>

#define NO_ADDRESS (~0UL)

/* The guest-physical address of p. *room: bytes from there on that are contiguous. */
static unsigned long physical(const void *p, size_t *room)
{
	unsigned long addr = (unsigned long)p;
	struct page *page;

	*room = PAGE_SIZE - offset_in_page(p);
	switch (REGION_NUMBER(addr)) {
	case RGN_KERNEL:
		if (addr >= PERCPU_ADDR) {
			*room = PERCPU_ADDR + PERCPU_PAGE_SIZE - addr;
			return ia64_tpa(addr);
		}
		*room = SIZE_MAX;
		return __pa(addr);
	case RGN_GATE:
		if (addr >= KERNEL_START && addr < KERNEL_START + KERNEL_TR_PAGE_SIZE) {
			*room = SIZE_MAX;
			return ia64_tpa(addr);
		}
		page = is_vmalloc_addr(p) ? vmalloc_to_page(p) : NULL;
		return page ? page_to_phys(page) + offset_in_page(p) : NO_ADDRESS;
	default:
		return NO_ADDRESS;
	}
}

unsigned long xencomm_inline(const void *p, size_t bytes)
{
	size_t room;
	unsigned long pa = physical(p, &room);

	return pa != NO_ADDRESS && room >= bytes ? pa | XENCOMM_INLINE_FLAG : 0;
}

static int fill(struct xencomm_desc *desc, const void *p, size_t bytes, unsigned int max)
{
	size_t room, step;

	desc->magic = XENCOMM_MAGIC;
	desc->nr_addrs = 0;
	while (bytes) {
		unsigned long pa = physical(p, &room);

		if (pa == NO_ADDRESS || desc->nr_addrs == max)
			return -EFAULT;
		desc->address[desc->nr_addrs++] = pa;
		step = min_t(size_t, bytes, XEN_PAGE_SIZE - xen_offset_in_page(p));
		p += step;
		bytes -= step;
	}
	return 0;
}

int xencomm_map(struct xencomm_map *m, const void *p, size_t bytes)
{
	struct xencomm_desc *desc = &m->mini.desc;
	unsigned int max = XENCOMM_MINI_ADDRS;
	size_t pages;
	int err;

	m->heap = NULL;
	m->handle = 0;
	if (!p)
		return 0;
	m->handle = xencomm_inline(p, bytes);
	if (m->handle)
		return 0;

	pages = XEN_PFN_UP(xen_offset_in_page(p) + bytes);
	if (pages > max) {
		m->heap = kmalloc(struct_size(desc, address, pages), GFP_ATOMIC);
		if (!m->heap)
			return -ENOMEM;
		desc = m->heap;
		max = pages;
	}
	err = fill(desc, p, bytes, max);
	if (err) {
		xencomm_unmap(m);
		return err;
	}
	m->handle = xencomm_inline(desc, struct_size(desc, address, pages)) & ~XENCOMM_INLINE_FLAG;
	return 0;
}

void xencomm_unmap(struct xencomm_map *m)
{
	/* The idle loop comes here where RCU does not watch, and kfree() is traced. */
	if (!m->heap)
		return;
	kfree(m->heap);
	m->heap = NULL;
}
