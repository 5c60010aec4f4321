/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Grant tables by hypercall: flags, mappings between two domains, copy, transfer, lies. */
#include <pthread.h>

#include "xen_fixture.h"

#define REF 9
#define PAGE 20u   /* the granter's page */
#define HOLE 100u  /* an empty gpfn of the mapper */
#define GPA(gpfn) ((uint64_t)(gpfn) << XEN_PAGE_SHIFT)

static struct gnttab_map_grant_ref map(struct fix_domain *d, domid_t dom, grant_ref_t ref,
				       uint32_t gpfn, uint32_t flags)
{
	struct gnttab_map_grant_ref m = {
		.host_addr = GPA(gpfn), .flags = flags, .ref = ref, .dom = dom, .status = 77,
	};

	assert_int_equal(fix_grant(d, map_grant_ref, &m), 0);
	return m;
}

static int unmap(struct fix_domain *d, grant_handle_t handle, uint32_t gpfn)
{
	struct gnttab_unmap_grant_ref u = { .host_addr = GPA(gpfn), .handle = handle };

	assert_int_equal(fix_grant(d, unmap_grant_ref, &u), 0);
	return u.status;
}

static void map_shares_the_page(void **state)
{
	struct fix *f = *state;
	struct gnttab_map_grant_ref m;
	char *mine = fix_ptr(&f->dom[0], GPA(PAGE)), *theirs = fix_ptr(&f->dom[1], GPA(HOLE));

	strcpy(mine, "granted");
	fix_permit(&f->dom[0], REF, 2, PAGE, 0);
	m = map(&f->dom[1], 1, REF, HOLE, GNTMAP_host_map);
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(fix_entry(&f->dom[0], REF)->flags,
			 GTF_permit_access | GTF_reading | GTF_writing);
	assert_string_equal(theirs, "granted");
	strcpy(theirs, "written");
	assert_string_equal(mine, "written");
	assert_true(ia64_memory_is_ram(&f->dom[1].mem, GPA(HOLE), XEN_PAGE_SIZE));
	assert_int_equal(f->dom[1].d->tot_pages, FIX_PAGES);

	assert_int_equal(unmap(&f->dom[1], m.handle, HOLE), GNTST_okay);
	assert_int_equal(fix_entry(&f->dom[0], REF)->flags, GTF_permit_access);
	assert_false(ia64_memory_is_ram(&f->dom[1].mem, GPA(HOLE), 1));
	assert_int_equal(theirs[0], 0);
	assert_int_equal(unmap(&f->dom[1], m.handle, HOLE), GNTST_bad_handle);
}

static void read_only(void **state)
{
	struct fix *f = *state;
	struct gnttab_map_grant_ref m;

	fix_permit(&f->dom[0], REF, 2, PAGE, GTF_readonly);
	assert_int_equal(map(&f->dom[1], 1, REF, HOLE, GNTMAP_host_map).status,
			 GNTST_general_error);
	m = map(&f->dom[1], 1, REF, HOLE, GNTMAP_host_map | GNTMAP_readonly);
	assert_int_equal(m.status, GNTST_okay);
	assert_int_equal(fix_entry(&f->dom[0], REF)->flags,
			 GTF_permit_access | GTF_readonly | GTF_reading);
	assert_true(ia64_memory_attr(&f->dom[1].mem, GPA(HOLE)) & IA64_PAGE_RO);
	/* The hypervisor does not write there for the guest either. */
	assert_false(xen_copy_to_gpa(f->dom[1].d, GPA(HOLE), "x", 1));
	assert_int_equal(unmap(&f->dom[1], m.handle, HOLE), GNTST_okay);
	assert_int_equal(fix_entry(&f->dom[0], REF)->flags, GTF_permit_access | GTF_readonly);
}

static void flags_follow_the_users(void **state)
{
	struct fix *f = *state;
	struct gnttab_map_grant_ref r, w;
	struct grant_entry_v1 *e = fix_entry(&f->dom[0], REF);

	fix_permit(&f->dom[0], REF, 2, PAGE, 0);
	r = map(&f->dom[1], 1, REF, HOLE, GNTMAP_host_map | GNTMAP_readonly);
	assert_int_equal(e->flags, GTF_permit_access | GTF_reading);
	w = map(&f->dom[1], 1, REF, HOLE + 1, GNTMAP_host_map);
	assert_int_equal(w.status, GNTST_okay);
	assert_int_equal(e->flags, GTF_permit_access | GTF_reading | GTF_writing);
	assert_int_equal(unmap(&f->dom[1], w.handle, HOLE + 1), GNTST_okay);
	assert_int_equal(e->flags, GTF_permit_access | GTF_reading);
	assert_int_equal(unmap(&f->dom[1], r.handle, HOLE), GNTST_okay);
	assert_int_equal(e->flags, GTF_permit_access);
}

static void refused(void **state)
{
	struct fix *f = *state;
	struct fix_domain *d = &f->dom[1];

	fix_permit(&f->dom[0], REF, 3, PAGE, 0); /* for another */
	assert_int_equal(map(d, 1, REF, HOLE, GNTMAP_host_map).status, GNTST_general_error);
	fix_permit(&f->dom[0], REF, 2, 5000, 0); /* no page */
	assert_int_equal(map(d, 1, REF, HOLE, GNTMAP_host_map).status, GNTST_general_error);
	assert_int_equal(fix_entry(&f->dom[0], REF)->flags, GTF_permit_access);
	fix_permit(&f->dom[0], REF, 2, FIX_SHARED_GPFN, 0); /* not the guest's to give */
	assert_int_equal(map(d, 1, REF, HOLE, GNTMAP_host_map).status, GNTST_general_error);
	fix_permit(&f->dom[0], REF, 2, PAGE, GTF_sub_page);
	assert_int_equal(map(d, 1, REF, HOLE, GNTMAP_host_map).status, GNTST_general_error);
	fix_entry(&f->dom[0], REF)->flags = GTF_accept_transfer;
	assert_int_equal(map(d, 1, REF, HOLE, GNTMAP_host_map).status, GNTST_general_error);
	fix_entry(&f->dom[0], REF)->flags = GTF_invalid;
	assert_int_equal(map(d, 1, REF, HOLE, GNTMAP_host_map).status, GNTST_general_error);
	fix_permit(&f->dom[0], REF, 2, PAGE, 0);
	assert_int_equal(map(d, 1, 2048, HOLE, GNTMAP_host_map).status, GNTST_bad_gntref);
	assert_int_equal(map(d, 1, 0xffffffff, HOLE, GNTMAP_host_map).status, GNTST_bad_gntref);
	assert_int_equal(map(d, 9, REF, HOLE, GNTMAP_host_map).status, GNTST_bad_domain);
	assert_int_equal(map(d, 1, REF, HOLE, 0).status, GNTST_bad_gntref);
	assert_int_equal(map(d, 1, REF, HOLE, GNTMAP_host_map | GNTMAP_contains_pte).status,
			 GNTST_general_error);
	assert_int_equal(map(d, 1, REF, FIX_MAX_GPFN + 1, GNTMAP_host_map).status,
			 GNTST_general_error);
	assert_int_equal(map(d, 1, REF, FIX_SHARED_GPFN, GNTMAP_host_map).status,
			 GNTST_general_error);
	assert_int_equal(unmap(d, 12345, HOLE), GNTST_bad_handle);
	/* Nothing of it left a mark. */
	assert_int_equal(fix_entry(&f->dom[0], REF)->flags, GTF_permit_access);
	assert_int_equal(xen_p2m_remove(f->dom[0].d, PAGE), 0);
}

static void unmap_elsewhere(void **state)
{
	struct fix *f = *state;
	struct gnttab_map_grant_ref m;

	fix_permit(&f->dom[0], REF, 2, PAGE, 0);
	m = map(&f->dom[1], 1, REF, HOLE, GNTMAP_host_map);
	assert_int_equal(unmap(&f->dom[1], m.handle, HOLE + 1), GNTST_general_error);
	assert_int_equal(unmap(&f->dom[1], m.handle, HOLE), GNTST_okay);
}

static void map_over_ram(void **state)
{
	struct fix *f = *state;
	struct gnttab_map_grant_ref m;

	fix_permit(&f->dom[0], REF, 2, PAGE, 0);
	m = map(&f->dom[1], 1, REF, 30, GNTMAP_host_map);
	assert_int_equal(m.status, GNTST_okay);
	/* As in Xen the page that was there is given back, and the gpfn is empty afterwards. */
	assert_int_equal(f->dom[1].d->tot_pages, FIX_PAGES - 1);
	assert_int_equal(unmap(&f->dom[1], m.handle, 30), GNTST_okay);
	assert_int_equal(xen_p2m_type(f->dom[1].d, 30), XEN_P2M_NONE);
	assert_int_equal(xen_p2m_populate(f->dom[1].d, 30, 1), 0);
}

static void granted_page_stays(void **state)
{
	struct fix *f = *state;
	struct gnttab_map_grant_ref m;

	fix_permit(&f->dom[0], REF, 2, PAGE, 0);
	m = map(&f->dom[1], 1, REF, HOLE, GNTMAP_host_map);
	assert_int_equal(xen_p2m_remove(f->dom[0].d, PAGE), -EBUSY);
	/* The granter's entry may be changed; the users' page is that of the map. */
	fix_entry(&f->dom[0], REF)->frame = 21;
	assert_int_equal(xen_p2m_remove(f->dom[0].d, 21), 0);
	assert_int_equal(xen_p2m_populate(f->dom[0].d, 21, 1), 0);
	assert_int_equal(unmap(&f->dom[1], m.handle, HOLE), GNTST_okay);
	assert_int_equal(xen_p2m_remove(f->dom[0].d, PAGE), 0);
	/* A mapped page is not the mapper's to grant on. */
	fix_permit(&f->dom[0], REF, 2, 21, 0);
	m = map(&f->dom[1], 1, REF, HOLE, GNTMAP_host_map);
	fix_permit(&f->dom[1], REF, 1, HOLE, 0);
	assert_int_equal(map(&f->dom[0], 2, REF, HOLE, GNTMAP_host_map).status,
			 GNTST_general_error);
	assert_int_equal(unmap(&f->dom[1], m.handle, HOLE), GNTST_okay);
}

static void granter_dies(void **state)
{
	struct fix *f = *state;
	struct gnttab_map_grant_ref m;

	strcpy(fix_ptr(&f->dom[0], GPA(PAGE)), "legacy");
	fix_permit(&f->dom[0], REF, 2, PAGE, 0);
	m = map(&f->dom[1], 1, REF, HOLE, GNTMAP_host_map);
	fix_domain_kill(f, 0);
	assert_int_equal(f->dom[0].released, 0);
	assert_string_equal(fix_ptr(&f->dom[1], GPA(HOLE)), "legacy");
	assert_int_equal(unmap(&f->dom[1], m.handle, HOLE), GNTST_okay);
	assert_int_equal(f->dom[0].released, 1);
}

static void mapper_dies(void **state)
{
	struct fix *f = *state;

	fix_permit(&f->dom[0], REF, 2, PAGE, 0);
	map(&f->dom[1], 1, REF, HOLE, GNTMAP_host_map);
	fix_domain_kill(f, 1);
	assert_int_equal(f->dom[1].released, 1);
	assert_int_equal(fix_entry(&f->dom[0], REF)->flags, GTF_permit_access);
	assert_int_equal(xen_p2m_remove(f->dom[0].d, PAGE), 0);
}

static void setup_and_query(void **state)
{
	struct fix *f = *state;
	uint64_t list = FIX_ARGS + 0x1000, *frames = fix_ptr(&f->dom[0], list);
	struct gnttab_setup_table s = {
		.dom = DOMID_SELF, .nr_frames = 3, .frame_list = FIX_INLINE(list),
	};
	struct gnttab_query_size q = { .dom = DOMID_SELF };
	struct gnttab_dump_table dump = { .dom = DOMID_SELF };

	assert_int_equal(fix_grant(&f->dom[0], setup_table, &s), 0);
	assert_int_equal(s.status, GNTST_okay);
	assert_true(frames[0] == FIX_GRANT_GPFN && frames[1] == FIX_GRANT_GPFN + 1 &&
		    frames[2] == FIX_GRANT_GPFN + 2);
	assert_int_equal(fix_grant(&f->dom[0], query_size, &q), 0);
	assert_int_equal(q.status, GNTST_okay);
	assert_int_equal(q.nr_frames, 3);
	assert_int_equal(q.max_nr_frames, XEN_GNTTAB_MAX_FRAMES);
	/* Entries of the new frames work. */
	fix_permit(&f->dom[0], 3 * 2048 - 1, 2, PAGE, 0);
	assert_int_equal(map(&f->dom[1], 1, 3 * 2048 - 1, HOLE, GNTMAP_host_map).status,
			 GNTST_okay);
	s.nr_frames = XEN_GNTTAB_MAX_FRAMES + 1;
	assert_int_equal(fix_grant(&f->dom[0], setup_table, &s), 0);
	assert_int_equal(s.status, GNTST_general_error);
	s = (struct gnttab_setup_table){ .dom = 2, .nr_frames = 1 };
	assert_int_equal(fix_grant(&f->dom[0], setup_table, &s), 0);
	assert_int_equal(s.status, GNTST_permission_denied);
	assert_int_equal(fix_grant(&f->dom[0], dump_table, &dump), 0);
	assert_int_equal(dump.status, GNTST_permission_denied);
	assert_int_equal(fix_call(&f->dom[0], 0, __HYPERVISOR_grant_table_op, GNTTABOP_query_size,
				  FIX_INLINE(FIX_ARGS), 2), -EINVAL);
	assert_int_equal(fix_call(&f->dom[0], 0, __HYPERVISOR_grant_table_op, 99,
				  FIX_INLINE(FIX_ARGS), 1), -ENOSYS);
}

static int copy(struct fix *f, struct gnttab_copy *c)
{
	assert_int_equal(fix_grant(&f->dom[1], copy, c), 0);
	return c->status;
}

static void copies(void **state)
{
	struct fix *f = *state;
	struct gnttab_copy c = {
		.source = { .u.ref = REF, .domid = 1, .offset = 16380 },
		.dest = { .u.gmfn = 40, .domid = DOMID_SELF, .offset = 3 },
		.len = 4,
		.flags = GNTCOPY_source_gref,
	};

	strcpy(fix_ptr(&f->dom[0], GPA(PAGE) + 16380), "end");
	fix_permit(&f->dom[0], REF, 2, PAGE, GTF_readonly);
	assert_int_equal(copy(f, &c), GNTST_okay);
	assert_string_equal(fix_ptr(&f->dom[1], GPA(40) + 3), "end");
	assert_int_equal(fix_entry(&f->dom[0], REF)->flags, GTF_permit_access | GTF_readonly);
	c.len = 5;
	assert_int_equal(copy(f, &c), GNTST_bad_copy_arg);
	c.len = 4;
	c.dest.offset = 16381;
	assert_int_equal(copy(f, &c), GNTST_bad_copy_arg);
	c.dest.offset = 0;
	c.dest.u.gmfn = 0xffffffffffull;
	assert_int_equal(copy(f, &c), GNTST_general_error);
	c.dest.u.gmfn = 40;
	c.source.domid = 7;
	assert_int_equal(copy(f, &c), GNTST_bad_domain);
	c.source.domid = 1;
	c.flags = 0;
	assert_int_equal(copy(f, &c), GNTST_permission_denied);
	/* Into a read-only grant. */
	c = (struct gnttab_copy){
		.source = { .u.gmfn = 40, .domid = DOMID_SELF },
		.dest = { .u.ref = REF, .domid = 1 },
		.len = 4,
		.flags = GNTCOPY_dest_gref,
	};
	assert_int_equal(copy(f, &c), GNTST_general_error);
	fix_permit(&f->dom[0], REF, 2, PAGE, 0);
	assert_int_equal(copy(f, &c), GNTST_okay);
	assert_int_equal(xen_p2m_remove(f->dom[0].d, PAGE), 0);
	assert_int_equal(xen_p2m_remove(f->dom[1].d, 40), 0);
}

static void transfers(void **state)
{
	struct fix *f = *state;
	struct gnttab_transfer t = { .mfn = 40, .domid = 1, .ref = REF };
	struct grant_entry_v1 *e = fix_entry(&f->dom[0], REF);

	strcpy(fix_ptr(&f->dom[1], GPA(40)), "gift");
	e->domid = 2;
	e->frame = HOLE;
	e->flags = GTF_permit_access;
	assert_int_equal(fix_grant(&f->dom[1], transfer, &t), 0);
	assert_int_equal(t.status, GNTST_general_error);
	e->flags = GTF_accept_transfer;
	assert_int_equal(fix_grant(&f->dom[1], transfer, &t), 0);
	assert_int_equal(t.status, GNTST_okay);
	assert_int_equal(e->flags,
			 GTF_accept_transfer | GTF_transfer_committed | GTF_transfer_completed);
	assert_int_equal(e->frame, HOLE);
	assert_string_equal(fix_ptr(&f->dom[0], GPA(HOLE)), "gift");
	assert_int_equal(*(char *)fix_ptr(&f->dom[1], GPA(40)), 0);
	assert_int_equal(f->dom[0].d->tot_pages, FIX_PAGES + 1);
	/* Done is done. */
	assert_int_equal(fix_grant(&f->dom[1], transfer, &t), 0);
	assert_int_equal(t.status, GNTST_general_error);
	t.mfn = HOLE;
	assert_int_equal(fix_grant(&f->dom[1], transfer, &t), 0);
	assert_int_equal(t.status, GNTST_bad_page);
	/* No headroom: the page stays where it was. */
	f->dom[0].d->max_pages = FIX_PAGES + 1;
	e->frame = HOLE + 1;
	e->flags = GTF_accept_transfer;
	t.mfn = 41;
	strcpy(fix_ptr(&f->dom[1], GPA(41)), "kept");
	assert_int_equal(fix_grant(&f->dom[1], transfer, &t), 0);
	assert_int_equal(t.status, GNTST_general_error);
	assert_int_equal(e->flags, GTF_accept_transfer);
	assert_string_equal(fix_ptr(&f->dom[1], GPA(41)), "kept");
}

static void unmap_and_replace(void **state)
{
	struct fix *f = *state;
	struct gnttab_map_grant_ref m;
	struct {
		uint64_t host_addr, new_addr;
		grant_handle_t handle;
		int16_t status;
	} r = { .host_addr = GPA(HOLE), .new_addr = GPA(40) };

	fix_permit(&f->dom[0], REF, 2, PAGE, 0);
	m = map(&f->dom[1], 1, REF, HOLE, GNTMAP_host_map);
	strcpy(fix_ptr(&f->dom[1], GPA(40)), "moved");
	r.handle = m.handle;
	assert_int_equal(fix_grant(&f->dom[1], unmap_and_replace, &r), 0);
	assert_int_equal(r.status, GNTST_okay);
	assert_string_equal(fix_ptr(&f->dom[1], GPA(HOLE)), "moved");
	assert_int_equal(xen_p2m_type(f->dom[1].d, 40), XEN_P2M_NONE);
	assert_int_equal(f->dom[1].d->tot_pages, FIX_PAGES);
}

static void many_in_one_call(void **state)
{
	struct fix *f = *state;
	struct gnttab_map_grant_ref *m = fix_ptr(&f->dom[1], 0x10000);
	unsigned int i;

	/* More than a batch: the call is continued. Only one page is granted many times. */
	fix_permit(&f->dom[0], REF, 2, PAGE, 0);
	for (i = 0; i < 200; i++)
		m[i] = (struct gnttab_map_grant_ref){
			.host_addr = GPA(64 + i % 60), .flags = GNTMAP_host_map, .ref = REF, .dom = 1,
			.status = 99,
		};
	assert_int_equal(fix_call(&f->dom[1], 0, __HYPERVISOR_grant_table_op,
				  GNTTABOP_map_grant_ref, FIX_INLINE(0x10000), 200), 0);
	for (i = 0; i < 200; i++)
		assert_int_equal(m[i].status, i < 60 ? GNTST_okay : GNTST_general_error);
	assert_int_equal(fix_call(&f->dom[1], 0, __HYPERVISOR_grant_table_op,
				  GNTTABOP_map_grant_ref, FIX_INLINE(0x10000), 0x80000000), -EINVAL);
}

static void by_the_host(void **state)
{
	struct fix *f = *state;
	struct xen_grant g = { 0 }, h = { 0 };

	fix_permit(&f->dom[0], REF, 0, PAGE, 0);
	assert_int_equal(xen_grant_map(&g, f->dom[0].d, 3, REF, true), GNTST_general_error);
	assert_int_equal(xen_grant_map(&g, f->dom[0].d, 0, REF, true), GNTST_okay);
	assert_ptr_equal(g.page, fix_ptr(&f->dom[0], GPA(PAGE)));
	assert_int_equal(xen_grant_map(&h, f->dom[0].d, 0, REF, false), GNTST_okay);
	assert_int_equal(fix_entry(&f->dom[0], REF)->flags,
			 GTF_permit_access | GTF_reading | GTF_writing);
	xen_grant_unmap(&g);
	assert_int_equal(fix_entry(&f->dom[0], REF)->flags, GTF_permit_access | GTF_reading);
	xen_grant_unmap(&h);
	xen_grant_unmap(&h);
	assert_int_equal(fix_entry(&f->dom[0], REF)->flags, GTF_permit_access);
}

static _Atomic bool stop;

static void *flip(void *arg)
{
	struct grant_entry_v1 *e = arg;

	while (!stop) {
		__atomic_fetch_xor(&e->flags, GTF_readonly, __ATOMIC_SEQ_CST);
		e->frame = e->frame == PAGE ? 9999 : PAGE;
	}
	return NULL;
}

/* An entry that changes under the hypervisor: every map ends, and unmapping undoes all of it. */
static void changing_entry(void **state)
{
	struct fix *f = *state;
	struct xen_grant g = { 0 };
	pthread_t t;
	int i;

	fix_permit(&f->dom[0], REF, 0, PAGE, 0);
	stop = false;
	pthread_create(&t, NULL, flip, fix_entry(&f->dom[0], REF));
	for (i = 0; i < 20000; i++)
		if (xen_grant_map(&g, f->dom[0].d, 0, REF, i & 1) == GNTST_okay)
			xen_grant_unmap(&g);
	stop = true;
	pthread_join(t, NULL);
	assert_int_equal(fix_entry(&f->dom[0], REF)->flags & ~GTF_readonly, GTF_permit_access);
	assert_int_equal(xen_p2m_remove(f->dom[0].d, PAGE), 0);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, fix_setup, fix_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(map_shares_the_page), T(read_only), T(flags_follow_the_users), T(refused),
		T(unmap_elsewhere), T(map_over_ram), T(granted_page_stays), T(granter_dies),
		T(mapper_dies), T(setup_and_query), T(copies), T(transfers), T(unmap_and_replace),
		T(many_in_one_call), T(by_the_host), T(changing_entry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
