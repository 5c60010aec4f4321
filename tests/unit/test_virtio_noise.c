/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drivers that are nothing but noise, against every virtio device: random registers, rings and
 * descriptors, some of them nearly right. Nothing is expected but that the host stays whole and the
 * device works for a sane driver afterwards. PARAVANE_NOISE=SEED,ROUNDS runs it longer.
 */
#include "test_virtio_driver.h"

#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "backend/block.h"
#include "backend/chardev.h"
#include "backend/eventloop.h"
#include "backend/iov.h"
#include "backend/net_driver.h"
#include "machine/console.h"

#define STEPS 1000

struct bench {
	struct test_driver d;
	struct eventloop *el;
	struct chardev *chr;
	struct console con;
	uint64_t rng; /* xorshift */
	char path[64];
};

static const uint16_t devices[] = { 0x1000, 0x1001, 0x1003, 0x1005 };

static uint64_t rnd(struct bench *b)
{
	b->rng ^= b->rng << 13;
	b->rng ^= b->rng >> 7;
	b->rng ^= b->rng << 17;
	return b->rng;
}

static uint64_t pick(struct bench *b, uint64_t n)
{
	return rnd(b) % n;
}

/* A network that sends back whatever it gets, as if it came with offloads. */
struct echo {
	struct net net;
	uint8_t frame[NET_MAX_FRAME];
};

static void echo_send(struct net *net, const struct iovec *iov, unsigned int n,
		      const struct net_offload *o)
{
	struct echo *e = (struct echo *)net;
	size_t len = iov_to_buf(iov, n, 0, e->frame, sizeof(e->frame));

	net_deliver(net, e->frame, len, o);
}

static void echo_close(struct net *net)
{
	net_drop_queue(net);
	free(net);
}

static const struct net_ops echo_ops = {
	.offloads = 0xff, .send = echo_send, .close = echo_close,
};

static void start(struct bench *b, uint64_t seed)
{
	static const uint8_t mac[6] = { 2 };
	struct block_options o = { .path = b->path, .format = BLOCK_FORMAT_RAW, .snapshot = true };
	struct world *w = world_create();
	struct error err = { "" };
	struct echo *echo = calloc(1, sizeof(*echo));
	struct block *blk;
	int fd;

	b->rng = seed * 0x9e3779b97f4a7c15ull | 1;
	b->d.w = w;
	strcpy(b->path, "/tmp/test_virtio_noise.XXXXXX");
	fd = mkstemp(b->path);
	assert_int_equal(ftruncate(fd, 1 << 20), 0);
	close(fd);
	assert_int_equal(eventloop_create(&b->el, &err), 0);
	net_init(&echo->net, &echo_ops, b->el);
	if (virtio_net_add(w->bus, &w->mem, b->el, &echo->net, mac, &err) < 0 ||
	    block_open(&blk, &o, &err) < 0 ||
	    virtio_blk_add(w->bus, &w->mem, blk, "noise", &err) < 0 ||
	    chardev_create(&b->chr, b->el, "none", &err) < 0)
		fail_msg("%s", err.msg);
	console_init(&b->con, b->chr, NULL, NULL, NULL);
	assert_int_equal(virtio_console_add(w->bus, &w->mem, &b->con, &err), 0);
	console_connect(&b->con);
	assert_int_equal(virtio_rng_add(w->bus, &w->mem, &err), 0);
}

static void finish(struct bench *b)
{
	console_disconnect(&b->con);
	world_destroy(b->d.w);
	chardev_destroy(b->chr);
	eventloop_destroy(b->el);
	unlink(b->path);
}

static uint64_t odd_address(struct bench *b)
{
	switch (pick(b, 8)) {
	case 0: return rnd(b);
	case 1: return RAM_SIZE - pick(b, 64);
	case 2: return ~0ull - pick(b, 64);
	case 3: return LAYOUT_PCI_MEM_BASE + pick(b, 0x100000);
	default: return 0x100000 + pick(b, RAM_SIZE - 0x200000);
	}
}

static uint32_t odd_length(struct bench *b)
{
	static const uint32_t common[] = {
		0, 1, 10, 12, 16, 17, 512, 513, 1024, 4096, 1514, 65536,
	};

	return pick(b, 10) ? common[pick(b, 12)] : (uint32_t)rnd(b);
}

static void random_desc(struct bench *b, struct test_desc *t, unsigned int size)
{
	struct test_desc *desc = &t[pick(b, size)];

	*desc = (struct test_desc){ odd_address(b), odd_length(b),
				    (uint16_t)(pick(b, 20) ? pick(b, 4) : rnd(b)),
				    (uint16_t)(pick(b, 20) ? pick(b, size) : rnd(b)) };
	/* A header that the disk may like. */
	if (desc->addr < RAM_SIZE - 64 && desc->addr % 8 == 0 && pick(b, 2)) {
		uint32_t *h = guest_ptr(b->d.w, desc->addr);

		h[0] = (uint32_t)pick(b, 15);
		h[2] = (uint32_t)pick(b, 3000);
		h[3] = pick(b, 10) ? 0 : (uint32_t)rnd(b);
	}
}

/* A table of its own, and a descriptor that points to it. */
static void random_indirect(struct bench *b, struct test_queue *q)
{
	unsigned int n = 1 + (unsigned int)pick(b, 40);
	uint64_t table = 0x80000 + pick(b, 100) * 1024;
	struct test_desc *t = guest_ptr(b->d.w, table);

	for (unsigned int i = 0; i < n; i++) {
		random_desc(b, t + i, 1);
		t[i].next = (uint16_t)(i + 1);
		t[i].flags = (uint16_t)((i * 2 > n ? TEST_WRITE : 0) | (i + 1 < n ? TEST_NEXT : 0));
		if (pick(b, 4))
			t[i].addr = 0x100000 + pick(b, 0x100000);
	}
	q->desc[pick(b, q->size)] = (struct test_desc){ table, 16 * n, TEST_INDIRECT, 0 };
}

/* A request that is right, or nearly so, for a device that it may even be meant for. */
static uint16_t nearly_right(struct bench *b, unsigned int n)
{
	struct test_driver *d = &b->d;
	struct test_queue *q = &d->q[n];
	uint64_t at = 0x100000 + pick(b, 0x10000) * 8;
	uint32_t *h = guest_ptr(d->w, at), len = odd_length(b) % 66000;
	uint16_t head = (uint16_t)pick(b, q->size);
	struct test_seg seg[4];
	unsigned int nr = 0;

	memset(h, 0, 64);
	if (pick(b, 2)) { /* the disk's */
		h[0] = (uint32_t)pick(b, 14);
		h[2] = (uint32_t)pick(b, 2048);
		h[4] = (uint32_t)pick(b, 2048); /* the range of a discard */
		h[6] = (uint32_t)pick(b, 64);
		h[7] = (uint32_t)pick(b, 3);
		if (pick(b, 3)) {
			bool in = pick(b, 2);

			seg[nr++] = (struct test_seg){ at, 16, false };
			seg[nr++] = (struct test_seg){ 0x200000, in ? len & ~511u : len, in };
		} else {
			seg[nr++] = (struct test_seg){ at, 32, false };
		}
		seg[nr++] = (struct test_seg){ at + 64, 1, true };
	} else if (n == 0 || pick(b, 20) == 0) { /* a buffer to receive into */
		seg[nr++] = (struct test_seg){ 0x300000, len, true };
		if (pick(b, 2))
			seg[nr++] = (struct test_seg){ 0x310000, 1600, true };
	} else { /* a frame, or output */
		((uint8_t *)h)[0] = (uint8_t)pick(b, 2);
		((uint8_t *)h)[1] = (uint8_t)(pick(b, 4) ? 0 : pick(b, 2) ? 1 : rnd(b));
		((uint16_t *)h)[2] = (uint16_t)pick(b, 2000);
		((uint16_t *)h)[3] = (uint16_t)pick(b, 100);
		((uint16_t *)h)[4] = (uint16_t)pick(b, 40);
		seg[nr++] = (struct test_seg){ at, 12, false };
		seg[nr++] = (struct test_seg){ 0x400000, len, false };
	}
	fill_table(q->desc, head, q->size, seg, nr);
	return head;
}

static void random_register(struct bench *b)
{
	struct test_driver *d = &b->d;
	unsigned int size = 1u << pick(b, 4);
	uint64_t val = pick(b, 2) ? rnd(b) : pick(b, 16), at = pick(b, 64), v;

	if (!pick(b, 4))
		at = pick(b, 0x4000);
	switch (pick(b, 4)) {
	case 0: pci_mem_write(d->w->bus, d->bar4 + at, size, val); break;
	case 1: pci_mem_read(d->w->bus, d->bar4 + at, size, &v); break;
	case 2: pci_io_write(d->w->bus, d->io + at % 64, size, val); break;
	case 3: pci_io_read(d->w->bus, d->io + at % 64, size, &v); break;
	}
}

static void set_up(struct bench *b)
{
	struct test_driver *d = &b->d;
	unsigned int queues;
	struct world *w = d->w;

	/* The queues' memory is taken anew each time from the same place. */
	w->next = 0x10000;
	drv_probe(d, w, devices[pick(b, 4)], pick(b, 2), pick(b, 2));
	drv_negotiate(d, pick(b, 2) ? ~0ull : rnd(b));
	drv_find_capabilities(d);
	queues = (unsigned int)mem_read(d, d->common + 18, 2);
	for (unsigned int i = 0; i < queues; i++)
		drv_setup_queue(d, i, 0);
	drv_ok(d);
}

static void one_round(uint64_t seed)
{
	struct bench b = { 0 };
	struct test_seg seg = { 0x100000, 64, true };

	start(&b, seed);
	set_up(&b);
	for (int i = 0; i < STEPS; i++) {
		unsigned int n = (unsigned int)pick(&b, 2);
		struct test_queue *q = &b.d.q[n];

		if (!q->desc) {
			n = 0;
			q = &b.d.q[0];
		}
		drv_publish(&b.d, n, nearly_right(&b, n));
		if (pick(&b, 2))
			drv_kick(&b.d, n);
		/* The driver must not run ahead of the device too often. */
		if ((uint16_t)(q->avail_idx - q->used[1]) >= q->size / 2 && pick(&b, 50)) {
			for (int ms = 0; ms < 3 && q->avail_idx != q->used[1]; ms++)
				test_sleep_ms(1);
			if (q->avail_idx != q->used[1])
				set_up(&b);
			continue;
		}
		switch (pick(&b, 200)) {
		case 0: random_desc(&b, q->desc, q->size); break;
		case 1: random_indirect(&b, q); break;
		case 2:
		case 3: random_register(&b); break;
		case 4: q->avail[pick(&b, 2u + q->size)] = (uint16_t)rnd(&b); break;
		case 5: drv_publish(&b.d, n, (uint16_t)pick(&b, q->size)); break;
		case 6: set_up(&b); break;
		}
		if (drv_status(&b.d) & VIRTIO_STATUS_NEEDS_RESET)
			set_up(&b);
	}
	/* And now somebody sane. */
	drv_probe(&b.d, b.d.w, 0x1005, true, true);
	b.d.w->next = 0x10000;
	drv_negotiate(&b.d, ~0ull);
	drv_setup_queue(&b.d, 0, 0);
	drv_ok(&b.d);
	assert_int_equal(drv_transfer(&b.d, 0, &seg, 1, false), 64);
	finish(&b);
}

static void test_noise(void **state)
{
	const char *env = getenv("PARAVANE_NOISE");
	unsigned long long seed = 1, rounds = 40;

	if (env)
		assert_int_equal(sscanf(env, "%llu,%llu", &seed, &rounds), 2);
	for (; rounds; rounds--, seed++) {
		if (env)
			print_message("# seed %llu\n", seed);
		one_round(seed);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
