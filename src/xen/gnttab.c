/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Version 1 grant tables. The entries are in memory the guest writes to at any time: an entry is
 * read once, and its flags change only by compare-and-exchange of flags and domid together.
 */
#include "xen/gnttab.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "xen/p2m.h"

#define ENTRIES_PER_FRAME (XEN_PAGE_SIZE / sizeof(struct grant_entry_v1))
#define MAX_ENTRIES (XEN_GNTTAB_MAX_FRAMES * ENTRIES_PER_FRAME)
#define MAX_MAPTRACK (8 * MAX_ENTRIES)
#define MAX_USERS 0xffffu /* of one entry */
#define MAX_RETRIES 5

/* An entry somebody uses: what was read from it then holds until the last user is gone. */
struct active {
	uint16_t readers, writers;
	domid_t domid;
	xen_pfn_t gpfn;
};

/* A grant that this domain has mapped into its memory; the handle is the index. */
struct mapping {
	struct xen_domain *granter; /* NULL: free */
	grant_ref_t ref;
	bool write;
	xen_pfn_t gpfn;
	uint32_t next_free;
};

struct xen_gnttab {
	uint32_t nr_frames;
	struct grant_entry_v1 *shared; /* all frames, one after the other */
	struct active *active[XEN_GNTTAB_MAX_FRAMES];
	struct mapping *maps;
	uint32_t nr_maps;
	uint32_t free_map; /* nr_maps: none */
};

static bool grow(struct xen_domain *d, uint32_t nr)
{
	struct xen_gnttab *t = d->gnttab;

	if (nr > XEN_GNTTAB_MAX_FRAMES)
		return false;
	for (; t->nr_frames < nr; t->nr_frames++) {
		uint32_t i = t->nr_frames;

		if (!t->active[i])
			t->active[i] = calloc(ENTRIES_PER_FRAME, sizeof(*t->active[i]));
		if (!t->active[i] || !xen_p2m_add_xen_page(d, d->cfg.grant_table_gpfn + i))
			return false;
	}
	return true;
}

int xen_gnttab_init(struct xen_domain *d)
{
	d->gnttab = calloc(1, sizeof(*d->gnttab));
	if (!d->gnttab)
		return -ENOMEM;
	d->gnttab->shared = (void *)(d->mem->base + (d->cfg.grant_table_gpfn << XEN_PAGE_SHIFT));
	return grow(d, 1) ? 0 : -ENOMEM;
}

void xen_gnttab_destroy(struct xen_domain *d)
{
	unsigned int i;

	if (!d->gnttab)
		return;
	for (i = 0; i < XEN_GNTTAB_MAX_FRAMES; i++)
		free(d->gnttab->active[i]);
	free(d->gnttab->maps);
	free(d->gnttab);
	d->gnttab = NULL;
}

bool xen_gnttab_grow(struct xen_domain *d, uint32_t nr)
{
	bool ok;

	pthread_mutex_lock(&d->host->gnttab_lock);
	ok = grow(d, nr);
	pthread_mutex_unlock(&d->host->gnttab_lock);
	return ok;
}

bool xen_gnttab_seed(struct xen_domain *d, grant_ref_t ref, domid_t to, xen_pfn_t gpfn)
{
	struct grant_entry_v1 *e;
	bool ok;

	pthread_mutex_lock(&d->host->gnttab_lock);
	ok = ref < d->gnttab->nr_frames * ENTRIES_PER_FRAME && gpfn <= UINT32_MAX;
	if (ok) {
		e = &d->gnttab->shared[ref];
		e->frame = (uint32_t)gpfn;
		e->domid = to;
		__atomic_store_n(&e->flags, GTF_permit_access, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&d->host->gnttab_lock);
	return ok;
}

/* --- users of an entry, with gnttab_lock held --- */

/* Flags and domid are one 32-bit word. */
static uint32_t *word_of(struct grant_entry_v1 *e)
{
	return (uint32_t *)(void *)e;
}

static struct active *find(struct xen_domain *d, grant_ref_t ref)
{
	if (ref >= d->gnttab->nr_frames * ENTRIES_PER_FRAME)
		return NULL;
	return &d->gnttab->active[ref / ENTRIES_PER_FRAME][ref % ENTRIES_PER_FRAME];
}

static void clear_flags(struct xen_domain *d, grant_ref_t ref, uint16_t flags)
{
	__atomic_fetch_and(&d->gnttab->shared[ref].flags, (uint16_t)~flags, __ATOMIC_SEQ_CST);
}

static bool set_status(struct grant_entry_v1 *e, const struct active *a, domid_t user, bool write)
{
	uint32_t old = __atomic_load_n(word_of(e), __ATOMIC_SEQ_CST);
	uint16_t want = GTF_reading | (write ? GTF_writing : 0);
	int i;

	/* The guest may change its entry now and then, but not keep us here. */
	for (i = 0; i < MAX_RETRIES; i++) {
		uint16_t flags = (uint16_t)old;

		if (!a->readers && !a->writers &&
		    ((flags & (GTF_type_mask | GTF_sub_page)) != GTF_permit_access ||
		     old >> 16 != user))
			return false;
		if (write && (flags & GTF_readonly))
			return false;
		if (__atomic_compare_exchange_n(word_of(e), &old, old | want, false,
						__ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
			return true;
	}
	return false;
}

static int16_t acquire(struct xen_domain *d, grant_ref_t ref, domid_t user, bool write,
		       xen_pfn_t *gpfn)
{
	struct active *a = find(d, ref);
	struct grant_entry_v1 *e;

	if (!a)
		return GNTST_bad_gntref;
	if (d->dying)
		return GNTST_general_error;
	if ((a->readers || a->writers) &&
	    (a->domid != user || a->readers == MAX_USERS || a->writers == MAX_USERS))
		return GNTST_general_error;
	e = &d->gnttab->shared[ref];
	if ((!a->readers && !a->writers) || (write && !a->writers)) {
		if (!set_status(e, a, user, write))
			return GNTST_general_error;
		if (!a->readers && !a->writers) {
			a->gpfn = __atomic_load_n(&e->frame, __ATOMIC_RELAXED);
			a->domid = user;
			if (!xen_p2m_pin(d, a->gpfn)) {
				clear_flags(d, ref, GTF_reading | GTF_writing);
				return GNTST_general_error;
			}
		}
	}
	if (write)
		a->writers++;
	else
		a->readers++;
	*gpfn = a->gpfn;
	return GNTST_okay;
}

static void release(struct xen_domain *d, grant_ref_t ref, bool write)
{
	struct active *a = find(d, ref);

	if (write)
		a->writers--;
	else
		a->readers--;
	if (!a->readers && !a->writers) {
		xen_p2m_unpin(d, a->gpfn);
		clear_flags(d, ref, GTF_reading | GTF_writing);
	} else if (write && !a->writers) {
		clear_flags(d, ref, GTF_writing);
	}
}

/* --- map and unmap by a domain --- */

static bool new_handle(struct xen_gnttab *t, uint32_t *handle)
{
	struct mapping *maps;
	uint32_t i, n;

	if (t->free_map == t->nr_maps) {
		n = t->nr_maps ? t->nr_maps * 2 : 64;
		if (n > MAX_MAPTRACK)
			return false;
		maps = realloc(t->maps, n * sizeof(*maps));
		if (!maps)
			return false;
		memset(maps + t->nr_maps, 0, (n - t->nr_maps) * sizeof(*maps));
		for (i = t->nr_maps; i < n; i++)
			maps[i].next_free = i + 1;
		t->maps = maps;
		t->nr_maps = n;
	}
	*handle = t->free_map;
	t->free_map = t->maps[*handle].next_free;
	return true;
}

static void free_handle(struct xen_gnttab *t, uint32_t handle)
{
	t->maps[handle].granter = NULL;
	t->maps[handle].next_free = t->free_map;
	t->free_map = handle;
}

static int16_t map_locked(struct xen_domain *d, struct xen_domain *rd,
			  struct gnttab_map_grant_ref *op)
{
	bool write = !(op->flags & GNTMAP_readonly);
	xen_pfn_t gpfn;
	uint32_t handle;
	int16_t status;

	if (d->dying || !new_handle(d->gnttab, &handle))
		return GNTST_no_device_space;
	status = acquire(rd, op->ref, d->cfg.domid, write, &gpfn);
	if (status == GNTST_okay &&
	    xen_p2m_map_foreign(d, op->host_addr >> XEN_PAGE_SHIFT, rd->mem->fd,
				gpfn << XEN_PAGE_SHIFT, !write)) {
		release(rd, op->ref, write);
		status = GNTST_general_error;
	}
	if (status != GNTST_okay) {
		free_handle(d->gnttab, handle);
		return status;
	}
	xen_domain_ref(rd);
	d->gnttab->maps[handle] = (struct mapping){
		.granter = rd,
		.ref = op->ref,
		.write = write,
		.gpfn = op->host_addr >> XEN_PAGE_SHIFT,
	};
	op->handle = handle;
	op->dev_bus_addr = op->host_addr;
	return GNTST_okay;
}

void xen_gnttab_map(struct xen_domain *d, struct gnttab_map_grant_ref *op)
{
	struct xen_domain *rd;

	if (!(op->flags & (GNTMAP_device_map | GNTMAP_host_map))) {
		op->status = GNTST_bad_gntref;
		return;
	}
	if (op->flags & (GNTMAP_device_map | GNTMAP_application_map | GNTMAP_contains_pte)) {
		op->status = GNTST_general_error;
		return;
	}
	if (op->host_addr % XEN_PAGE_SIZE) {
		op->status = GNTST_bad_virt_addr;
		return;
	}
	rd = xen_domain_get(d->host, op->dom == DOMID_SELF ? d->cfg.domid : op->dom);
	if (!rd) {
		op->status = GNTST_bad_domain;
		return;
	}
	pthread_mutex_lock(&d->host->gnttab_lock);
	op->status = map_locked(d, rd, op);
	pthread_mutex_unlock(&d->host->gnttab_lock);
	xen_domain_put(rd);
}

/* The granter's reference is for the caller to put without the lock. */
static int16_t unmap_locked(struct xen_domain *d, grant_handle_t handle, uint64_t host_addr,
			    struct xen_domain **granter)
{
	struct mapping *m;

	if (handle >= d->gnttab->nr_maps || !d->gnttab->maps[handle].granter)
		return GNTST_bad_handle;
	m = &d->gnttab->maps[handle];
	if (host_addr != m->gpfn << XEN_PAGE_SHIFT)
		return GNTST_general_error;
	if (xen_p2m_unmap_foreign(d, m->gpfn))
		return GNTST_general_error;
	release(m->granter, m->ref, m->write);
	*granter = m->granter;
	free_handle(d->gnttab, handle);
	return GNTST_okay;
}

static int16_t unmap(struct xen_domain *d, grant_handle_t handle, uint64_t host_addr)
{
	struct xen_domain *granter = NULL;
	int16_t status;

	pthread_mutex_lock(&d->host->gnttab_lock);
	status = unmap_locked(d, handle, host_addr, &granter);
	pthread_mutex_unlock(&d->host->gnttab_lock);
	if (granter)
		xen_domain_put(granter);
	return status;
}

void xen_gnttab_unmap(struct xen_domain *d, struct gnttab_unmap_grant_ref *op)
{
	if (op->dev_bus_addr && op->dev_bus_addr != op->host_addr)
		op->status = GNTST_bad_dev_addr;
	else
		op->status = unmap(d, op->handle, op->host_addr);
}

int16_t xen_gnttab_unmap_and_replace(struct xen_domain *d, grant_handle_t handle,
				     uint64_t host_addr, uint64_t new_addr)
{
	xen_pfn_t from = new_addr >> XEN_PAGE_SHIFT, to = host_addr >> XEN_PAGE_SHIFT;
	int16_t status = GNTST_general_error;
	void *page, *copy;

	if (new_addr % XEN_PAGE_SIZE || from == to)
		return GNTST_bad_virt_addr;
	copy = malloc(XEN_PAGE_SIZE);
	page = xen_p2m_pin(d, from);
	if (copy && page) {
		status = unmap(d, handle, host_addr);
		memcpy(copy, page, XEN_PAGE_SIZE);
	}
	if (page)
		xen_p2m_unpin(d, from);
	if (status == GNTST_okay &&
	    (xen_p2m_remove(d, from) || xen_p2m_populate(d, to, 1) ||
	     !xen_copy_to_gpa(d, host_addr, copy, XEN_PAGE_SIZE)))
		status = GNTST_general_error;
	free(copy);
	return status;
}

void xen_gnttab_unmap_all(struct xen_domain *d)
{
	uint32_t i;

	for (i = 0; i < d->gnttab->nr_maps; i++)
		if (d->gnttab->maps[i].granter)
			unmap(d, i, d->gnttab->maps[i].gpfn << XEN_PAGE_SHIFT);
}

void xen_gnttab_query(struct xen_domain *d, struct gnttab_query_size *op)
{
	struct xen_domain *t;
	int ret = xen_domain_get_target(d, op->dom, &t);

	if (ret) {
		op->status = ret == -ESRCH ? GNTST_bad_domain : GNTST_permission_denied;
		return;
	}
	pthread_mutex_lock(&d->host->gnttab_lock);
	op->nr_frames = t->gnttab->nr_frames;
	pthread_mutex_unlock(&d->host->gnttab_lock);
	op->max_nr_frames = XEN_GNTTAB_MAX_FRAMES;
	op->status = GNTST_okay;
	xen_domain_put(t);
}

/* --- copy --- */

/* One side of a copy, pinned. */
struct side {
	struct xen_domain *domain;
	bool granted, pinned;
	xen_pfn_t gpfn;
};

static int16_t open_side(struct xen_domain *d, const struct gnttab_copy_ptr *p, bool gref,
			 bool write, struct side *s)
{
	int16_t status = GNTST_okay;

	if (p->domid != DOMID_SELF && !gref)
		return GNTST_permission_denied;
	s->domain = xen_domain_get(d->host, p->domid == DOMID_SELF ? d->cfg.domid : p->domid);
	if (!s->domain)
		return GNTST_bad_domain;
	if (gref) {
		pthread_mutex_lock(&d->host->gnttab_lock);
		status = acquire(s->domain, p->u.ref, d->cfg.domid, write, &s->gpfn);
		pthread_mutex_unlock(&d->host->gnttab_lock);
		s->granted = status == GNTST_okay;
		return status;
	}
	s->gpfn = p->u.gmfn;
	s->pinned = xen_p2m_pin(s->domain, s->gpfn);
	return s->pinned ? GNTST_okay : GNTST_general_error;
}

static void close_side(const struct gnttab_copy_ptr *p, bool write, struct side *s)
{
	if (s->granted) {
		pthread_mutex_lock(&s->domain->host->gnttab_lock);
		release(s->domain, p->u.ref, write);
		pthread_mutex_unlock(&s->domain->host->gnttab_lock);
	}
	if (s->pinned)
		xen_p2m_unpin(s->domain, s->gpfn);
	if (s->domain)
		xen_domain_put(s->domain);
}

void xen_gnttab_copy(struct xen_domain *d, struct gnttab_copy *op)
{
	struct side src = { 0 }, dst = { 0 };
	uint64_t from, to;

	if (op->source.offset + op->len > (int)XEN_PAGE_SIZE ||
	    op->dest.offset + op->len > (int)XEN_PAGE_SIZE) {
		op->status = GNTST_bad_copy_arg;
		return;
	}
	op->status = open_side(d, &op->source, op->flags & GNTCOPY_source_gref, false, &src);
	if (op->status == GNTST_okay)
		op->status = open_side(d, &op->dest, op->flags & GNTCOPY_dest_gref, true, &dst);
	if (op->status == GNTST_okay) {
		from = (src.gpfn << XEN_PAGE_SHIFT) + op->source.offset;
		to = (dst.gpfn << XEN_PAGE_SHIFT) + op->dest.offset;
		memmove(dst.domain->mem->base + to, src.domain->mem->base + from, op->len);
		ia64_memory_written(dst.domain->mem, to, op->len);
	}
	close_side(&op->source, false, &src);
	close_side(&op->dest, true, &dst);
}

/* --- transfer --- */

static int16_t transfer_locked(struct xen_domain *d, struct xen_domain *e,
			       const struct gnttab_transfer *op)
{
	struct grant_entry_v1 *entry;
	uint32_t want, old;
	xen_pfn_t to;
	void *from;

	if (!find(e, op->ref) || e->dying)
		return GNTST_general_error;
	entry = &e->gnttab->shared[op->ref];
	want = GTF_accept_transfer | (uint32_t)d->cfg.domid << 16;
	if (__atomic_load_n(word_of(entry), __ATOMIC_SEQ_CST) != want)
		return GNTST_general_error;
	to = __atomic_load_n(&entry->frame, __ATOMIC_RELAXED);
	from = xen_p2m_pin(d, op->mfn);
	if (!from)
		return GNTST_bad_page;
	if (xen_p2m_populate(e, to, 1)) {
		xen_p2m_unpin(d, op->mfn);
		return GNTST_general_error;
	}
	old = want;
	if (!__atomic_compare_exchange_n(word_of(entry), &old, want | GTF_transfer_committed, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		xen_p2m_unpin(d, op->mfn);
		xen_p2m_remove(e, to);
		return GNTST_general_error;
	}
	xen_copy_to_gpa(e, to << XEN_PAGE_SHIFT, from, XEN_PAGE_SIZE);
	/* As Xen does on IA-64, the giver's page stays, but it is a new one. */
	memset(from, 0, XEN_PAGE_SIZE);
	ia64_memory_written(d->mem, op->mfn << XEN_PAGE_SHIFT, XEN_PAGE_SIZE);
	xen_p2m_unpin(d, op->mfn);
	__atomic_store_n(&entry->frame, (uint32_t)to, __ATOMIC_RELAXED);
	__atomic_fetch_or(&entry->flags, GTF_transfer_completed, __ATOMIC_SEQ_CST);
	return GNTST_okay;
}

void xen_gnttab_transfer(struct xen_domain *d, struct gnttab_transfer *op)
{
	struct xen_domain *e;

	if (xen_p2m_type(d, op->mfn) != XEN_P2M_RAM) {
		op->status = GNTST_bad_page;
		return;
	}
	e = xen_domain_get(d->host, op->domid == DOMID_SELF ? d->cfg.domid : op->domid);
	if (!e) {
		op->status = GNTST_bad_domain;
		return;
	}
	pthread_mutex_lock(&d->host->gnttab_lock);
	op->status = transfer_locked(d, e, op);
	pthread_mutex_unlock(&d->host->gnttab_lock);
	xen_domain_put(e);
}

/* --- the host's services --- */

int16_t xen_grant_map(struct xen_grant *g, struct xen_domain *d, domid_t as, grant_ref_t ref,
		      bool write)
{
	int16_t status;

	pthread_mutex_lock(&d->host->gnttab_lock);
	status = acquire(d, ref, as, write, &g->gpfn);
	pthread_mutex_unlock(&d->host->gnttab_lock);
	if (status != GNTST_okay)
		return status;
	xen_domain_ref(d);
	g->domain = d;
	g->ref = ref;
	g->write = write;
	g->page = d->mem->base + (g->gpfn << XEN_PAGE_SHIFT);
	return GNTST_okay;
}

void xen_grant_unmap(struct xen_grant *g)
{
	struct xen_domain *d = g->domain;

	if (!d)
		return;
	g->domain = NULL;
	if (g->write)
		ia64_memory_written(d->mem, g->gpfn << XEN_PAGE_SHIFT, XEN_PAGE_SIZE);
	pthread_mutex_lock(&d->host->gnttab_lock);
	release(d, g->ref, g->write);
	pthread_mutex_unlock(&d->host->gnttab_lock);
	xen_domain_put(d);
}
