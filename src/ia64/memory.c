/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Guest physical memory: the reserved window, its RAM, and who must forget decoded code. */
#include "ia64/memory.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void *reserve(uint64_t bytes, int prot)
{
	return mmap(NULL, bytes, prot, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

#ifdef __SANITIZE_THREAD__
void AnnotateBenignRaceSized(const char *file, int line, const volatile void *mem, size_t size,
			     const char *what);

/* How guests and devices use memory is their own affair: races there are none of ours. */
static void expect_races(void *mem, uint64_t size)
{
	AnnotateBenignRaceSized(__FILE__, __LINE__, mem, size, "guest memory");
}
#else
static void expect_races(void *mem, uint64_t size)
{
}
#endif

int ia64_memory_init(struct ia64_memory *m, uint64_t limit)
{
	uint64_t pages = limit >> IA64_MEM_PAGE_SHIFT;
	int err;

	memset(m, 0, sizeof(*m));
	m->limit = limit;
	m->fd = memfd_create("guest-ram", MFD_CLOEXEC);
	if (m->fd < 0)
		return -errno;
	m->base = reserve(limit, PROT_NONE);
	m->attr = reserve(pages * sizeof(*m->attr), PROT_READ | PROT_WRITE);
	m->codegen = reserve(pages * sizeof(*m->codegen), PROT_READ | PROT_WRITE);
	if (m->base == MAP_FAILED || (void *)m->attr == MAP_FAILED ||
	    (void *)m->codegen == MAP_FAILED || ftruncate(m->fd, (off_t)limit) < 0) {
		err = errno;
		ia64_memory_destroy(m);
		return -err;
	}
	expect_races(m->base, limit);
	return 0;
}

void ia64_memory_destroy(struct ia64_memory *m)
{
	uint64_t pages = m->limit >> IA64_MEM_PAGE_SHIFT;

	if (m->base && m->base != MAP_FAILED)
		munmap(m->base, m->limit);
	if (m->attr && (void *)m->attr != MAP_FAILED)
		munmap((void *)m->attr, pages * sizeof(*m->attr));
	if (m->codegen && (void *)m->codegen != MAP_FAILED)
		munmap((void *)m->codegen, pages * sizeof(*m->codegen));
	if (m->fd >= 0)
		close(m->fd);
	memset(m, 0, sizeof(*m));
	m->fd = -1;
}

int ia64_memory_add_ram(struct ia64_memory *m, uint64_t gpa, uint64_t size)
{
	uint64_t page;

	if (gpa > m->limit || size > m->limit - gpa)
		return -EINVAL;
	if ((gpa | size) & (IA64_MEM_PAGE_SIZE - 1))
		return -EINVAL;
	if (!size)
		return 0;
	if (mmap(m->base + gpa, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED |
		 MAP_NORESERVE, m->fd, (off_t)gpa) == MAP_FAILED)
		return -errno;
	for (page = gpa >> IA64_MEM_PAGE_SHIFT; page < (gpa + size) >> IA64_MEM_PAGE_SHIFT; page++)
		atomic_fetch_or(&m->attr[page], IA64_PAGE_RAM);
	return 0;
}

bool ia64_memory_is_ram(const struct ia64_memory *m, uint64_t gpa, uint64_t len)
{
	uint64_t page, last;

	if (!len)
		return true;
	if (gpa >= m->limit || len > m->limit - gpa)
		return false;
	last = (gpa + len - 1) >> IA64_MEM_PAGE_SHIFT;
	for (page = gpa >> IA64_MEM_PAGE_SHIFT; page <= last; page++)
		if (!(atomic_load_explicit(&m->attr[page], memory_order_relaxed) & IA64_PAGE_RAM))
			return false;
	return true;
}

void *ia64_memory_ptr(const struct ia64_memory *m, uint64_t gpa, uint64_t len)
{
	return ia64_memory_is_ram(m, gpa, len) ? m->base + gpa : NULL;
}

bool ia64_memory_read(const struct ia64_memory *m, uint64_t gpa, void *buf, uint64_t len)
{
	if (!ia64_memory_is_ram(m, gpa, len))
		return false;
	if (len)
		memcpy(buf, m->base + gpa, len);
	return true;
}

bool ia64_memory_write(struct ia64_memory *m, uint64_t gpa, const void *buf, uint64_t len)
{
	if (!ia64_memory_is_ram(m, gpa, len))
		return false;
	if (len)
		memcpy(m->base + gpa, buf, len);
	ia64_memory_written(m, gpa, len);
	return true;
}

void ia64_memory_written(struct ia64_memory *m, uint64_t gpa, uint64_t len)
{
	uint64_t page, last;
	bool stale = false;

	if (!len || gpa >= m->limit || len > m->limit - gpa)
		return;
	last = (gpa + len - 1) >> IA64_MEM_PAGE_SHIFT;
	for (page = gpa >> IA64_MEM_PAGE_SHIFT; page <= last; page++) {
		if (!(atomic_load_explicit(&m->attr[page], memory_order_relaxed) & IA64_PAGE_CODE))
			continue;
		atomic_fetch_and(&m->attr[page], (uint8_t)~IA64_PAGE_CODE);
		atomic_fetch_add(&m->codegen[page], 1);
		stale = true;
	}
	if (!stale)
		return;
	atomic_fetch_add(&m->code_epoch, 1);
	if (m->code_changed)
		m->code_changed(m->code_changed_ctx);
}
