/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A disk under load, every byte of it checked: a front end with rings of several pages, more than
 * one ring, indirect requests; then cut off, forced away and unplugged while requests are under
 * way.
 */
#include <fcntl.h>
#include <xen/interface/io/blkif.h>

#include "xen/blkback.h"
#include "xen_front.h"

#define SECTORS 2048u
#define MAX_DEPTH 8u    /* requests under way; each has pages of its own */
#define SEGMENTS 4u
#define FIRST_PAGE 20u  /* gpfn of the data, SEGMENTS for each request */
#define TABLE_PAGE 14u  /* of the indirect segments, one page */
#define RING_REF 100u
#define DATA_REF 200u
#define TABLE_REF 199u

struct request {
	bool busy, write, indirect;
	unsigned int sector, sectors;
	uint8_t first[SEGMENTS], last[SEGMENTS];
	unsigned int nr;
	uint32_t tag; /* what it writes */
};

struct ring {
	uint8_t *page[XEN_RING_MAX_PAGES];
	unsigned int pages;
	uint32_t port, slots;
	RING_IDX req_prod, rsp_cons;
};

struct load {
	struct bed *b;
	struct xen_blkback *bb;
	struct ring ring[XEN_BLKBACK_QUEUES];
	unsigned int nr_rings;
	struct request req[MAX_DEPTH];
	uint32_t sector[SECTORS]; /* the tag that each holds, 0: never written */
	bool locked[SECTORS];
	uint32_t next_tag, seed;
	unsigned int done;
};

static uint32_t rnd(struct load *l, uint32_t n)
{
	l->seed = l->seed * 1664525u + 1013904223u;
	return (uint32_t)((uint64_t)l->seed * n >> 32);
}

/* The content of a sector is made of its number and its tag. */
static uint8_t byte_of(uint32_t sector, uint32_t tag, uint32_t i)
{
	return tag ? (uint8_t)((sector * 2654435761u ^ tag * 40503u ^ i * 97u) >> (i & 7)) : 0;
}

static struct xen_sring *sring(const struct ring *r)
{
	return (struct xen_sring *)r->page[0];
}

static uint8_t *slot_byte(const struct ring *r, RING_IDX i, size_t n)
{
	size_t at = sizeof(struct xen_sring) + n +
		    (i & (r->slots - 1)) * sizeof(union blkif_sring_entry);

	return r->page[at / XEN_PAGE_SIZE] + at % XEN_PAGE_SIZE;
}

/* The order of the pages in the ring is not that in memory. */
static void open_ring(struct load *l, unsigned int n, unsigned int pages)
{
	struct ring *r = &l->ring[n];
	unsigned int i, gpfn;
	char path[96], dir[24] = "";

	*r = (struct ring){ .pages = pages };
	if (l->nr_rings > 1)
		snprintf(dir, sizeof(dir), "queue-%u/", n);
	for (i = 0; i < pages; i++) {
		gpfn = 63 - n * pages - (i ^ 1);
		r->page[i] = fix_ptr(l->b->g, GPA(gpfn));
		memset(r->page[i], 0, XEN_PAGE_SIZE);
		fix_permit(l->b->g, RING_REF + n * 8 + i, 0, gpfn, 0);
		if (pages > 1)
			snprintf(path, sizeof(path), VBD_FRONT "%sring-ref%u", dir, i);
		else
			snprintf(path, sizeof(path), VBD_FRONT "%sring-ref", dir);
		xenstore_printf(l->b->env.store, path, "%u", RING_REF + n * 8 + i);
	}
	sring(r)->req_event = sring(r)->rsp_event = 1;
	r->slots = xen_ring_slots(pages * (uint32_t)XEN_PAGE_SIZE, sizeof(union blkif_sring_entry));
	r->port = channel(l->b);
	snprintf(path, sizeof(path), VBD_FRONT "%sevent-channel", dir);
	xenstore_printf(l->b->env.store, path, "%u", r->port);
}

static void front_connect(struct load *l, unsigned int rings, unsigned int order)
{
	unsigned int i;

	l->nr_rings = rings;
	for (i = 0; i < rings; i++)
		open_ring(l, i, 1u << order);
	if (rings > 1)
		xenstore_printf(l->b->env.store, VBD_FRONT "multi-queue-num-queues", "%u", rings);
	if (order)
		xenstore_printf(l->b->env.store, VBD_FRONT "ring-page-order", "%u", order);
	fix_permit(l->b->g, TABLE_REF, 0, TABLE_PAGE, GTF_readonly);
	xenstore_printf(l->b->env.store, VBD_FRONT "feature-persistent", "1");
	xenstore_printf(l->b->env.store, VBD_FRONT "state", "%d", XenbusStateInitialised);
	WAIT_FOR(number(l->b, VBD_BACK "state") == XenbusStateConnected);
}

static struct load *load_open(struct bed *b, unsigned int rings, unsigned int order)
{
	struct block_options o = { .path = b->disk, .format = BLOCK_FORMAT_RAW };
	const struct xen_blkback_config config = { .vdev = 51712, .name = "xvda", .discard = true };
	struct load *l = calloc(1, sizeof(*l));
	struct error err;
	int fd;

	strcpy(b->disk, "/tmp/xen-load-XXXXXX");
	fd = mkstemp(b->disk);
	assert_int_equal(ftruncate(fd, SECTORS * 512), 0);
	close(fd);
	l->b = b;
	l->seed = rings * 10 + order;
	assert_int_equal(block_open(&b->blk, &o, &err), 0);
	assert_int_equal(xen_blkback_add(&l->bb, &b->env, b->g->d, &config, b->blk, &err), 0);
	assert_int_equal(number(b, VBD_BACK "max-ring-page-order"), 2);
	assert_int_equal(number(b, VBD_BACK "feature-max-indirect-segments"), 256);
	front_connect(l, rings, order);
	return l;
}

static uint8_t *data(struct load *l, unsigned int n, unsigned int seg)
{
	return fix_ptr(l->b->g, GPA(FIRST_PAGE + n * SEGMENTS + seg));
}

/* Chooses pieces of pages, and sectors nobody uses now; false: those are taken. */
static bool choose(struct load *l, struct request *q)
{
	unsigned int i;

	*q = (struct request){ .busy = true, .write = rnd(l, 2), .nr = 1 + rnd(l, SEGMENTS),
			       .tag = ++l->next_tag };
	for (i = 0; i < q->nr; i++) {
		q->first[i] = (uint8_t)rnd(l, 32);
		q->last[i] = (uint8_t)(q->first[i] + rnd(l, 32u - q->first[i]));
		q->sectors += q->last[i] - q->first[i] + 1u;
	}
	q->sector = rnd(l, SECTORS - q->sectors);
	for (i = 0; i < q->sectors; i++)
		if (l->locked[q->sector + i])
			return false;
	for (i = 0; i < q->sectors; i++)
		l->locked[q->sector + i] = true;
	return true;
}

/* Calls fn for each byte of the request's pages that belongs to the disk. */
static void each_byte(struct load *l, unsigned int n,
		      void (*fn)(struct load *l, const struct request *q, uint8_t *p,
				 uint32_t sector, uint32_t i))
{
	const struct request *q = &l->req[n];
	unsigned int seg, s, i, sector = q->sector;

	for (seg = 0; seg < q->nr; seg++)
		for (s = q->first[seg]; s <= q->last[seg]; s++, sector++)
			for (i = 0; i < 512; i++)
				fn(l, q, data(l, n, seg) + s * 512 + i, sector, i);
}

static void fill(struct load *l, const struct request *q, uint8_t *p, uint32_t sector, uint32_t i)
{
	*p = byte_of(sector, q->tag, i);
}

static void check(struct load *l, const struct request *q, uint8_t *p, uint32_t sector, uint32_t i)
{
	if (*p != byte_of(sector, l->sector[sector], i))
		fail_msg("sector %u byte %u: %#x, tag %u", sector, i, *p, l->sector[sector]);
}

static void submit(struct load *l, unsigned int n)
{
	struct request *q = &l->req[n];
	struct ring *r = &l->ring[rnd(l, l->nr_rings)];
	union blkif_sring_entry e = { 0 };
	struct blkif_request_segment *seg = e.req.seg;
	bool indirect = rnd(l, 2);
	unsigned int i;

	if (!choose(l, q)) {
		q->busy = false;
		return;
	}
	if (q->write)
		each_byte(l, n, fill);
	/* There is one page for the segments: one such request at a time. */
	for (i = 0; i < MAX_DEPTH; i++)
		if (i != n && l->req[i].busy && l->req[i].indirect)
			indirect = false;
	q->indirect = indirect;
	if (indirect) {
		seg = fix_ptr(l->b->g, GPA(TABLE_PAGE));
		e.indirect = (struct blkif_request_indirect){
			.operation = BLKIF_OP_INDIRECT, .id = n,
			.indirect_op = q->write ? BLKIF_OP_WRITE : BLKIF_OP_READ,
			.nr_segments = (uint16_t)q->nr, .sector_number = q->sector,
			.indirect_grefs = { TABLE_REF },
		};
	} else {
		e.req.operation = q->write ? BLKIF_OP_WRITE : BLKIF_OP_READ;
		e.req.id = n;
		e.req.nr_segments = (uint8_t)q->nr;
		e.req.sector_number = q->sector;
	}
	for (i = 0; i < q->nr; i++) {
		fix_permit(l->b->g, DATA_REF + n * SEGMENTS + i, 0, FIRST_PAGE + n * SEGMENTS + i,
			   q->write ? GTF_readonly : 0);
		seg[i] = (struct blkif_request_segment){ DATA_REF + n * SEGMENTS + i, q->first[i],
							 q->last[i] };
	}
	for (i = 0; i < sizeof(e); i++)
		*slot_byte(r, r->req_prod, i) = ((uint8_t *)&e)[i];
	__atomic_store_n(&sring(r)->req_prod, ++r->req_prod, __ATOMIC_SEQ_CST);
	kick(l->b, r->port);
}

static void complete(struct load *l, const struct blkif_response *rsp)
{
	struct request *q;
	unsigned int i;

	assert_true(rsp->id < MAX_DEPTH);
	q = &l->req[rsp->id];
	assert_true(q->busy);
	assert_int_equal(rsp->status, BLKIF_RSP_OKAY);
	for (i = 0; i < q->sectors; i++) {
		if (q->write)
			l->sector[q->sector + i] = q->tag;
		l->locked[q->sector + i] = false;
	}
	if (!q->write)
		each_byte(l, (unsigned int)rsp->id, check);
	q->busy = false;
	l->done++;
}

static void collect(struct load *l)
{
	struct blkif_response rsp;
	unsigned int n, i;

	for (n = 0; n < l->nr_rings; n++) {
		struct ring *r = &l->ring[n];

		while (__atomic_load_n(&sring(r)->rsp_prod, __ATOMIC_SEQ_CST) != r->rsp_cons) {
			for (i = 0; i < sizeof(rsp); i++)
				((uint8_t *)&rsp)[i] = *slot_byte(r, r->rsp_cons, i);
			r->rsp_cons++;
			complete(l, &rsp);
		}
	}
}

/* Keeps requests under way until so many are done. */
static void run_load(struct load *l, unsigned int requests)
{
	unsigned int n, end = l->done + requests, idle = 0, before;

	while (l->done < end) {
		for (n = 0; n < MAX_DEPTH; n++)
			if (!l->req[n].busy && rnd(l, 4))
				submit(l, n);
		before = l->done;
		collect(l);
		if (l->done == before)
			usleep(100);
		idle = l->done == before ? idle + 1 : 0;
		assert_true(idle < 100000);
	}
}

static void finish_load(struct load *l)
{
	unsigned int n;

	for (n = 0; n < MAX_DEPTH; n++)
		WAIT_FOR((collect(l), !l->req[n].busy));
}

/* The file against what was written. What was under way when it ended may be there or not. */
static void verify_file(struct load *l)
{
	uint8_t sector[512];
	uint32_t s, i, n, tag;
	int fd = open(l->b->disk, O_RDONLY);

	for (s = 0; s < SECTORS; s++) {
		assert_int_equal(pread(fd, sector, 512, s * 512), 512);
		tag = l->sector[s];
		for (n = 0; n < MAX_DEPTH; n++) {
			const struct request *q = &l->req[n];

			if (q->busy && q->write && s - q->sector < q->sectors &&
			    sector[7] == byte_of(s, q->tag, 7) &&
			    sector[99] == byte_of(s, q->tag, 99))
				tag = q->tag;
		}
		for (i = 0; i < 512; i++)
			if (sector[i] != byte_of(s, tag, i))
				fail_msg("sector %u byte %u of the file", s, i);
	}
	close(fd);
}

static void no_grant_in_use(struct load *l, grant_ref_t from)
{
	grant_ref_t ref;

	for (ref = from; ref < DATA_REF + MAX_DEPTH * SEGMENTS; ref++)
		assert_int_equal(fix_entry(l->b->g, ref)->flags & (GTF_reading | GTF_writing), 0);
}

static void load_close(struct load *l)
{
	if (l->bb)
		xen_blkback_remove(l->bb);
	no_grant_in_use(l, RING_REF);
	assert_int_equal(block_close(l->b->blk), 0);
	verify_file(l);
	free(l);
}

static void whole(struct bed *b, unsigned int rings, unsigned int order)
{
	struct load *l = load_open(b, rings, order);
	struct xen_blkback_stats s;

	run_load(l, 2000);
	finish_load(l);
	xen_blkback_stats(l->bb, &s);
	assert_int_equal(s.reads + s.writes, l->done);
	assert_int_equal(s.errors, 0);
	load_close(l);
}

static void one_ring(void **state)
{
	whole(*state, 1, 0);
}

static void ring_of_four_pages(void **state)
{
	whole(*state, 1, 2);
}

static void four_rings_of_two_pages(void **state)
{
	whole(*state, 4, 1);
}

/* The front end's nodes vanish while requests are under way, and it comes back. */
static void cut_off(void **state)
{
	struct load *l = load_open(*state, 2, 1);
	unsigned int n, i, round;
	struct xs_perm front[] = { { 1, 0 }, { 0, XS_PERM_READ } };

	for (round = 0; round < 10; round++) {
		run_load(l, 100);
		for (n = 0; n < MAX_DEPTH; n++)
			if (!l->req[n].busy)
				submit(l, n);
		xenstore_remove(l->b->env.store, "/local/domain/1");
		WAIT_FOR(number(l->b, VBD_BACK "state") == XenbusStateClosed);
		no_grant_in_use(l, RING_REF);
		/* All that it had taken is answered; the rest was never begun. */
		collect(l);
		verify_file(l);
		for (n = 0; n < MAX_DEPTH; n++)
			l->req[n].busy = false;
		for (i = 0; i < SECTORS; i++)
			l->locked[i] = false;
		xenstore_printf(l->b->env.store, "/local/domain/1/device/vbd/51712", "%s", "");
		xenstore_set_perms(l->b->env.store, "/local/domain/1/device/vbd/51712", front, 2);
		xenstore_printf(l->b->env.store, VBD_FRONT "state", "%d", XenbusStateInitialising);
		WAIT_FOR(number(l->b, VBD_BACK "state") == XenbusStateInitWait);
		front_connect(l, 2, 1);
	}
	finish_load(l);
	load_close(l);
}

/* Taken away without asking. */
static void forced(void **state)
{
	struct load *l = load_open(*state, 1, 2);
	unsigned int n;

	run_load(l, 200);
	for (n = 0; n < MAX_DEPTH; n++)
		if (!l->req[n].busy)
			submit(l, n);
	xen_blkback_remove(l->bb);
	l->bb = NULL;
	collect(l);
	load_close(l);
}

/* A front end that finishes its requests and lets go. */
static void unplugged(void **state)
{
	struct load *l = load_open(*state, 1, 0);

	run_load(l, 100);
	xenbus_device_unplug(xen_blkback_device(l->bb));
	WAIT_FOR(number(l->b, VBD_BACK "state") == XenbusStateClosing);
	run_load(l, 100);
	finish_load(l);
	xenstore_printf(l->b->env.store, VBD_FRONT "state", "%d", XenbusStateClosing);
	xenstore_printf(l->b->env.store, VBD_FRONT "state", "%d", XenbusStateClosed);
	WAIT_FOR(xen_blkback_device(l->bb)->gone);
	load_close(l);
}

static struct blkif_response one_request(struct load *l, const union blkif_sring_entry *e)
{
	struct ring *r = &l->ring[0];
	struct blkif_response rsp;
	unsigned int i;

	for (i = 0; i < sizeof(*e); i++)
		*slot_byte(r, r->req_prod, i) = ((const uint8_t *)e)[i];
	__atomic_store_n(&sring(r)->req_prod, ++r->req_prod, __ATOMIC_SEQ_CST);
	kick(l->b, r->port);
	WAIT_FOR(__atomic_load_n(&sring(r)->rsp_prod, __ATOMIC_SEQ_CST) != r->rsp_cons);
	for (i = 0; i < sizeof(rsp); i++)
		((uint8_t *)&rsp)[i] = *slot_byte(r, r->rsp_cons, i);
	r->rsp_cons++;
	no_grant_in_use(l, TABLE_REF);
	return rsp;
}

/* Indirect requests whose every field may be wrong. */
static void indirect_lies(void **state)
{
	struct load *l = load_open(*state, 1, 0);
	struct blkif_request_segment *seg = fix_ptr(l->b->g, GPA(TABLE_PAGE));
	const struct blkif_request_indirect good = {
		.operation = BLKIF_OP_INDIRECT, .indirect_op = BLKIF_OP_READ, .nr_segments = 256,
		.id = 7, .indirect_grefs = { TABLE_REF },
	};
	union blkif_sring_entry e;
	struct blkif_response rsp;
	unsigned int i;

	fix_permit(l->b->g, DATA_REF, 0, FIRST_PAGE, 0);
	for (i = 0; i < 300; i++)
		seg[i] = (struct blkif_request_segment){ DATA_REF, 0, 0 };
#define TRY(change, want) \
	do { \
		e.indirect = good; \
		change; \
		rsp = one_request(l, &e); \
		assert_int_equal(rsp.id, 7); \
		/* As Linux wants it: what is to be done, not how it is described. */ \
		assert_int_equal(rsp.operation, e.indirect.indirect_op); \
		assert_int_equal(rsp.status, want); \
	} while (0)
	TRY((void)0, BLKIF_RSP_OKAY);
	TRY(e.indirect.indirect_op = BLKIF_OP_WRITE, BLKIF_RSP_OKAY);
	TRY(e.indirect.nr_segments = 257, BLKIF_RSP_ERROR);
	TRY(e.indirect.nr_segments = 65535, BLKIF_RSP_ERROR);
	TRY(e.indirect.nr_segments = 0, BLKIF_RSP_ERROR);
	TRY(e.indirect.indirect_op = BLKIF_OP_INDIRECT, BLKIF_RSP_ERROR);
	TRY(e.indirect.indirect_op = BLKIF_OP_FLUSH_DISKCACHE, BLKIF_RSP_ERROR);
	TRY(e.indirect.indirect_op = 200, BLKIF_RSP_ERROR);
	TRY(e.indirect.indirect_grefs[0] = 5000, BLKIF_RSP_ERROR);
	TRY(e.indirect.indirect_grefs[0] = UINT32_MAX, BLKIF_RSP_ERROR);
	TRY(e.indirect.sector_number = SECTORS - 255, BLKIF_RSP_ERROR);
	TRY(e.indirect.sector_number = SECTORS - 256, BLKIF_RSP_OKAY);
	TRY(e.indirect.sector_number = UINT64_MAX, BLKIF_RSP_ERROR);
	TRY(seg[255].gref = 5000, BLKIF_RSP_ERROR);
	TRY((seg[255].gref = DATA_REF, seg[255].first_sect = 1), BLKIF_RSP_ERROR);
	TRY((seg[255].first_sect = 0, seg[255].last_sect = 32), BLKIF_RSP_ERROR);
	TRY((seg[255].last_sect = 31), BLKIF_RSP_OKAY);
	memset(l->sector, 0, sizeof(l->sector));
	xen_blkback_remove(l->bb);
	assert_int_equal(block_close(l->b->blk), 0);
	free(l);
}

/* What a front end may claim about its rings. */
static void ring_lies(void **state)
{
	static const struct {
		const char *node, *value;
	} lie[] = {
		{ "ring-page-order", "3" },      { "ring-page-order", "4294967295" },
		{ "num-ring-pages", "0" },       { "num-ring-pages", "3" },
		{ "num-ring-pages", "8" },       { "num-ring-pages", "4294967295" },
		{ "multi-queue-num-queues", "5" }, { "multi-queue-num-queues", "4294967295" },
		{ "ring-ref", "9999" },          { "ring-ref", "" },
		{ "event-channel", "4095" },     { "event-channel", "-1" },
		{ "protocol", "x86_64-abi" },    { "ring-page-order", "1" },
		{ "multi-queue-num-queues", "2" },
	};
	struct load *l = load_open(*state, 1, 0);
	char path[96];
	unsigned int i;

	for (i = 0; i < sizeof(lie) / sizeof(lie[0]); i++) {
		xenstore_printf(l->b->env.store, VBD_FRONT "state", "%d", XenbusStateClosed);
		WAIT_FOR(number(l->b, VBD_BACK "state") == XenbusStateClosed);
		xenstore_printf(l->b->env.store, VBD_FRONT "state", "%d", XenbusStateInitialising);
		WAIT_FOR(number(l->b, VBD_BACK "state") == XenbusStateInitWait);
		snprintf(path, sizeof(path), VBD_FRONT "%s", lie[i].node);
		open_ring(l, 0, 1);
		xenstore_printf(l->b->env.store, path, "%s", lie[i].value);
		xenstore_printf(l->b->env.store, VBD_FRONT "state", "%d", XenbusStateInitialised);
		WAIT_FOR(number(l->b, VBD_BACK "state") == XenbusStateClosing);
		no_grant_in_use(l, RING_REF);
		xenstore_remove(l->b->env.store, path);
	}
	xenstore_printf(l->b->env.store, VBD_FRONT "state", "%d", XenbusStateClosed);
	WAIT_FOR(number(l->b, VBD_BACK "state") == XenbusStateClosed);
	xenstore_printf(l->b->env.store, VBD_FRONT "state", "%d", XenbusStateInitialising);
	WAIT_FOR(number(l->b, VBD_BACK "state") == XenbusStateInitWait);
	front_connect(l, 1, 0);
	run_load(l, 50);
	finish_load(l);
	load_close(l);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, bed_setup, bed_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_ring), T(ring_of_four_pages), T(four_rings_of_two_pages), T(cut_off),
		T(forced), T(unplugged), T(indirect_lies), T(ring_lies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
