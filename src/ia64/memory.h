/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Guest physical memory: one window of host address space in which host = base + gpa.
 *
 * The window is reserved as a whole and RAM is mapped into it, so that an address computation is an
 * addition, a page can be replaced by another mapping (balloon, grants) without anyone's pointers
 * changing, and generated code can use the host's MMU. Every 4 KiB page has an attribute byte that
 * says whether it is there at all.
 */
#ifndef PARAVANE_IA64_MEMORY_H
#define PARAVANE_IA64_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IA64_MEM_PAGE_SHIFT 12
#define IA64_MEM_PAGE_SIZE (1ull << IA64_MEM_PAGE_SHIFT)

/* Attribute bits of a 4 KiB page of guest physical memory. */
enum {
	IA64_PAGE_RAM = 1 << 0,  /* backed by host memory */
	IA64_PAGE_RO = 1 << 1,   /* the guest may not write it (a page granted read-only) */
	IA64_PAGE_CODE = 1 << 2, /* some vCPU holds decoded instructions of it */
};

struct ia64_memory {
	uint8_t *base;             /* host address of guest physical address 0 */
	uint64_t limit;            /* bytes in the window; gpa >= limit is never RAM */
	int fd;                    /* memfd behind all RAM; offset in it == gpa */
	_Atomic uint8_t *attr;     /* one byte a page, limit >> 12 of them */
	_Atomic uint32_t *codegen; /* one word a page: raised when decoded code of it is stale */
	_Atomic uint64_t code_epoch; /* raised with any codegen; polled by vCPUs */
	/*
	 * Called when code_epoch has been raised, on the thread that raised it, for those who do
	 * not poll it all the time; NULL: nobody. Set while no vCPU runs and nothing is written.
	 */
	void (*code_changed)(void *ctx);
	void *code_changed_ctx;
};

/*
 * Reserves a window of `limit` bytes (a multiple of 64 KiB) without RAM in it. Returns 0 or -errno;
 * on success the caller owns *m until ia64_memory_destroy().
 */
int ia64_memory_init(struct ia64_memory *m, uint64_t limit);
void ia64_memory_destroy(struct ia64_memory *m);

/* Maps zero-filled RAM at [gpa, gpa + size), both multiples of 4 KiB. Returns 0 or -errno. */
int ia64_memory_add_ram(struct ia64_memory *m, uint64_t gpa, uint64_t size);

/* True if all of [gpa, gpa + len) is RAM. len 0 is true. Any thread. */
bool ia64_memory_is_ram(const struct ia64_memory *m, uint64_t gpa, uint64_t len);

/*
 * Host pointer to [gpa, gpa + len) or NULL if any byte of it is not RAM. Valid until the page is
 * removed. Writers through it call ia64_memory_written() afterwards. Any thread.
 */
void *ia64_memory_ptr(const struct ia64_memory *m, uint64_t gpa, uint64_t len);

/* Copies out of or into RAM; false (and nothing copied) if the range is not all RAM. Any thread. */
bool ia64_memory_read(const struct ia64_memory *m, uint64_t gpa, void *buf, uint64_t len);
bool ia64_memory_write(struct ia64_memory *m, uint64_t gpa, const void *buf, uint64_t len);

/*
 * Tells that someone other than a vCPU's store (DMA, firmware, debugger) or an fc changed
 * [gpa, gpa + len): decoded instructions of these pages are dropped by every vCPU before it
 * next crosses a branch. Any thread.
 */
void ia64_memory_written(struct ia64_memory *m, uint64_t gpa, uint64_t len);

static inline uint8_t ia64_memory_attr(const struct ia64_memory *m, uint64_t gpa)
{
	if (gpa >= m->limit)
		return 0;
	return atomic_load_explicit(&m->attr[gpa >> IA64_MEM_PAGE_SHIFT], memory_order_relaxed);
}

#endif
