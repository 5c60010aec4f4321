/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages of a domain: populate, remove, foreign mappings, pins, checked copies. */
#include "xen/p2m.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

/* An entry: the type in the low two bits, pins above. */
#define TYPE_MASK 3u
#define PIN 4u
#define PIN_MAX (UINT32_MAX - PIN)

#define ATTRS_PER_PAGE (XEN_PAGE_SIZE / IA64_MEM_PAGE_SIZE)

static uint64_t gpa_of(xen_pfn_t gpfn)
{
	return gpfn << XEN_PAGE_SHIFT;
}

int xen_p2m_init(struct xen_domain *d)
{
	d->nr_gpfns = d->mem->limit >> XEN_PAGE_SHIFT;
	d->p2m = mmap(NULL, d->nr_gpfns * sizeof(*d->p2m), PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if ((void *)d->p2m == MAP_FAILED) {
		d->p2m = NULL;
		return -ENOMEM;
	}
	/* All of the window is mapped from now on; only the attributes say what is memory. */
	if (mmap(d->mem->base, d->nr_gpfns << XEN_PAGE_SHIFT, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED | MAP_NORESERVE, d->mem->fd, 0) == MAP_FAILED)
		return -errno;
	return 0;
}

void xen_p2m_destroy(struct xen_domain *d)
{
	if (d->p2m)
		munmap((void *)d->p2m, d->nr_gpfns * sizeof(*d->p2m));
	d->p2m = NULL;
}

enum xen_p2m_type xen_p2m_type(const struct xen_domain *d, xen_pfn_t gpfn)
{
	return gpfn < d->nr_gpfns ? atomic_load(&d->p2m[gpfn]) & TYPE_MASK : XEN_P2M_NONE;
}

static void set_attrs(struct xen_domain *d, xen_pfn_t gpfn, uint8_t value)
{
	uint64_t page = gpfn * ATTRS_PER_PAGE;
	unsigned int i;

	/* Decoded code of what was there before must go. */
	ia64_memory_written(d->mem, gpa_of(gpfn), XEN_PAGE_SIZE);
	for (i = 0; i < ATTRS_PER_PAGE; i++)
		atomic_store(&d->mem->attr[page + i], value);
}

static void flush(struct xen_domain *d)
{
	if (d->cfg.ops->flush)
		d->cfg.ops->flush(d->cfg.ctx);
}

static void give_back(struct xen_domain *d, xen_pfn_t gpfn, uint64_t n)
{
	/* The mapping stays; what is read from now on is zero. */
	fallocate(d->mem->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)gpa_of(gpfn),
		  (off_t)(n << XEN_PAGE_SHIFT));
}

int xen_p2m_populate(struct xen_domain *d, xen_pfn_t gpfn, uint64_t n)
{
	uint64_t i;
	int ret = 0;

	if (gpfn > d->cfg.max_gpfn || n > d->cfg.max_gpfn - gpfn + 1)
		return -EINVAL;
	pthread_mutex_lock(&d->p2m_lock);
	if (n > d->max_pages || d->tot_pages > d->max_pages - n) {
		ret = -ENOMEM;
		goto out;
	}
	for (i = 0; i < n; i++) {
		if (xen_p2m_type(d, gpfn + i) != XEN_P2M_NONE) {
			ret = -EBUSY;
			goto out;
		}
	}
	/* A host thread with an old address may have written to the hole. */
	give_back(d, gpfn, n);
	for (i = 0; i < n; i++) {
		atomic_store(&d->p2m[gpfn + i], XEN_P2M_RAM);
		set_attrs(d, gpfn + i, IA64_PAGE_RAM);
	}
	d->tot_pages += n;
out:
	pthread_mutex_unlock(&d->p2m_lock);
	return ret;
}

void *xen_p2m_add_xen_page(struct xen_domain *d, xen_pfn_t gpfn)
{
	void *page = NULL;

	if (gpfn >= d->nr_gpfns)
		return NULL;
	pthread_mutex_lock(&d->p2m_lock);
	if (xen_p2m_type(d, gpfn) == XEN_P2M_NONE) {
		give_back(d, gpfn, 1);
		atomic_store(&d->p2m[gpfn], XEN_P2M_XEN);
		set_attrs(d, gpfn, IA64_PAGE_RAM);
		page = d->mem->base + gpa_of(gpfn);
	}
	pthread_mutex_unlock(&d->p2m_lock);
	return page;
}

/* Takes an entry from an unpinned `type` to NONE: nobody can pin it any more. */
static int retire(struct xen_domain *d, xen_pfn_t gpfn, enum xen_p2m_type type)
{
	uint32_t old = type;

	if (gpfn >= d->nr_gpfns)
		return -EINVAL;
	if (!atomic_compare_exchange_strong(&d->p2m[gpfn], &old, XEN_P2M_NONE))
		return (old & TYPE_MASK) == type ? -EBUSY : -EINVAL;
	set_attrs(d, gpfn, 0);
	flush(d);
	return 0;
}

static int remove_ram(struct xen_domain *d, xen_pfn_t gpfn)
{
	int ret = retire(d, gpfn, XEN_P2M_RAM);

	if (ret)
		return ret;
	give_back(d, gpfn, 1);
	d->tot_pages--;
	return 0;
}

int xen_p2m_remove(struct xen_domain *d, xen_pfn_t gpfn)
{
	int ret;

	pthread_mutex_lock(&d->p2m_lock);
	ret = remove_ram(d, gpfn);
	pthread_mutex_unlock(&d->p2m_lock);
	return ret;
}

int xen_p2m_map_foreign(struct xen_domain *d, xen_pfn_t gpfn, int fd, uint64_t offset,
			bool read_only)
{
	int prot = read_only ? PROT_READ : PROT_READ | PROT_WRITE;
	int ret = 0;

	if (gpfn > d->cfg.max_gpfn)
		return -EINVAL;
	pthread_mutex_lock(&d->p2m_lock);
	if (xen_p2m_type(d, gpfn) == XEN_P2M_RAM)
		ret = remove_ram(d, gpfn);
	else if (xen_p2m_type(d, gpfn) != XEN_P2M_NONE)
		ret = -EINVAL;
	if (ret)
		goto out;
	if (mmap(d->mem->base + gpa_of(gpfn), XEN_PAGE_SIZE, prot, MAP_SHARED | MAP_FIXED, fd,
		 (off_t)offset) == MAP_FAILED) {
		ret = -ENOMEM;
		goto out;
	}
	atomic_store(&d->p2m[gpfn], XEN_P2M_FOREIGN);
	set_attrs(d, gpfn, IA64_PAGE_RAM | (read_only ? IA64_PAGE_RO : 0));
out:
	pthread_mutex_unlock(&d->p2m_lock);
	return ret;
}

int xen_p2m_unmap_foreign(struct xen_domain *d, xen_pfn_t gpfn)
{
	int ret;

	pthread_mutex_lock(&d->p2m_lock);
	ret = retire(d, gpfn, XEN_P2M_FOREIGN);
	/* If it fails for want of memory, nothing may ever be put here again. */
	if (!ret && mmap(d->mem->base + gpa_of(gpfn), XEN_PAGE_SIZE, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_FIXED | MAP_NORESERVE, d->mem->fd,
			 (off_t)gpa_of(gpfn)) == MAP_FAILED)
		atomic_store(&d->p2m[gpfn], XEN_P2M_XEN);
	pthread_mutex_unlock(&d->p2m_lock);
	return ret;
}

void *xen_p2m_pin(struct xen_domain *d, xen_pfn_t gpfn)
{
	uint32_t old;

	if (gpfn >= d->nr_gpfns)
		return NULL;
	old = atomic_load(&d->p2m[gpfn]);
	do {
		if ((old & TYPE_MASK) != XEN_P2M_RAM || old >= PIN_MAX)
			return NULL;
	} while (!atomic_compare_exchange_weak(&d->p2m[gpfn], &old, old + PIN));
	return d->mem->base + gpa_of(gpfn);
}

void xen_p2m_unpin(struct xen_domain *d, xen_pfn_t gpfn)
{
	atomic_fetch_sub(&d->p2m[gpfn], PIN);
}

bool xen_copy_from_gpa(const struct xen_domain *d, void *to, uint64_t gpa, size_t len)
{
	return ia64_memory_read(d->mem, gpa, to, len);
}

bool xen_copy_to_gpa(struct xen_domain *d, uint64_t gpa, const void *from, size_t len)
{
	uint64_t page;

	if (!len)
		return true;
	if (!ia64_memory_is_ram(d->mem, gpa, len))
		return false;
	for (page = gpa / IA64_MEM_PAGE_SIZE; page <= (gpa + len - 1) / IA64_MEM_PAGE_SIZE; page++)
		if (ia64_memory_attr(d->mem, page * IA64_MEM_PAGE_SIZE) & IA64_PAGE_RO)
			return false;
	return ia64_memory_write(d->mem, gpa, from, len);
}
