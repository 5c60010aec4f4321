/* SPDX-License-Identifier: GPL-2.0-or-later */
/* grant_table_op: copies the elements in and out, and does the operations on tables as a whole. */
#include <errno.h>

#include "xen/gnttab.h"
#include "xen/hypercall.h"
#include "xen/xencomm.h"

union element {
	struct gnttab_map_grant_ref map;
	struct gnttab_unmap_grant_ref unmap;
	struct gnttab_unmap_and_replace_element {
		uint64_t host_addr;
		uint64_t new_addr;
		grant_handle_t handle;
		int16_t status;
	} replace;
	struct gnttab_setup_table setup;
	struct gnttab_dump_table dump;
	struct gnttab_transfer transfer;
	struct gnttab_copy copy;
	struct gnttab_query_size query;
	struct gnttab_get_version version;
};

static void map(struct xen_domain *d, union element *e)
{
	xen_gnttab_map(d, &e->map);
}

static void unmap(struct xen_domain *d, union element *e)
{
	xen_gnttab_unmap(d, &e->unmap);
}

static void setup(struct xen_domain *d, union element *e)
{
	struct gnttab_setup_table *op = &e->setup;
	struct xen_domain *t;
	uint64_t gpfn;
	uint32_t i;
	int ret;

	if (op->nr_frames > XEN_GNTTAB_MAX_FRAMES) {
		op->status = GNTST_general_error;
		return;
	}
	ret = xen_domain_get_target(d, op->dom, &t);
	if (ret) {
		op->status = ret == -ESRCH ? GNTST_bad_domain : GNTST_permission_denied;
		return;
	}
	op->status = xen_gnttab_grow(t, op->nr_frames) ? GNTST_okay : GNTST_general_error;
	for (i = 0; op->status == GNTST_okay && i < op->nr_frames; i++) {
		gpfn = t->cfg.grant_table_gpfn + i;
		xencomm_to_guest(d, op->frame_list, &gpfn, sizeof(gpfn), i * sizeof(gpfn));
	}
	xen_domain_put(t);
}

static void dump(struct xen_domain *d, union element *e)
{
	/* There is no console of the hypervisor to dump to. */
	e->dump.status = GNTST_permission_denied;
}

static void transfer(struct xen_domain *d, union element *e)
{
	xen_gnttab_transfer(d, &e->transfer);
}

static void copy(struct xen_domain *d, union element *e)
{
	xen_gnttab_copy(d, &e->copy);
}

static void query(struct xen_domain *d, union element *e)
{
	xen_gnttab_query(d, &e->query);
}

static void replace(struct xen_domain *d, union element *e)
{
	e->replace.status = xen_gnttab_unmap_and_replace(d, e->replace.handle,
							 e->replace.host_addr,
							 e->replace.new_addr);
}

static void get_version(struct xen_domain *d, union element *e)
{
	e->version.version = 1;
}

static const struct {
	void (*fn)(struct xen_domain *d, union element *e);
	size_t size;
	bool one; /* count must be 1 */
} ops[] = {
	[GNTTABOP_map_grant_ref] = { map, sizeof(struct gnttab_map_grant_ref), false },
	[GNTTABOP_unmap_grant_ref] = { unmap, sizeof(struct gnttab_unmap_grant_ref), false },
	[GNTTABOP_setup_table] = { setup, sizeof(struct gnttab_setup_table), true },
	[GNTTABOP_dump_table] = { dump, sizeof(struct gnttab_dump_table), true },
	[GNTTABOP_transfer] = { transfer, sizeof(struct gnttab_transfer), false },
	[GNTTABOP_copy] = { copy, sizeof(struct gnttab_copy), false },
	[GNTTABOP_query_size] = { query, sizeof(struct gnttab_query_size), true },
	[GNTTABOP_unmap_and_replace] = { replace, sizeof(struct gnttab_unmap_and_replace_element),
					 false },
	[GNTTABOP_get_version] = { get_version, sizeof(struct gnttab_get_version), true },
};

/* cmd, array, count: the upper half of cmd counts the elements that are done. */
long xen_hypercall_grant_table_op(struct xen_vcpu *v, struct xen_hypercall *c)
{
	uint32_t cmd = (uint32_t)c->arg[0], i = c->arg[0] >> 32, n = (uint32_t)c->arg[2], batch;
	struct xen_domain *d = v->domain;
	union element e;
	uint64_t at;

	if (cmd >= sizeof(ops) / sizeof(ops[0]) || !ops[cmd].fn)
		return -ENOSYS;
	if (n > INT32_MAX || (ops[cmd].one && n != 1))
		return -EINVAL;
	for (batch = 0; i < n && batch < XEN_CALL_BATCH; i++, batch++) {
		at = (uint64_t)i * ops[cmd].size;
		if (!xencomm_from_guest(d, &e, c->arg[1], ops[cmd].size, at))
			return -EFAULT;
		ops[cmd].fn(d, &e);
		if (!xencomm_to_guest(d, c->arg[1], &e, ops[cmd].size, at))
			return -EFAULT;
	}
	if (i >= n)
		return 0;
	c->arg[0] = (uint64_t)i << 32 | cmd;
	return XEN_CALL_AGAIN;
}
