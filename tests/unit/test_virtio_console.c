/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The virtio console over a Unix socket: every byte both ways, slow readers, resets. */
#include "test_virtio_driver.h"

#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/chardev.h"
#include "backend/eventloop.h"
#include "machine/console.h"

#define CONSOLE 0x1003
#define RX 0
#define TX 1

struct fixture {
	struct test_driver d;
	struct eventloop *el;
	struct chardev *chr;
	struct console con;
	char path[64];
	int fd; /* the host's end */
};

static void drive(struct fixture *c, bool modern)
{
	drv_probe(&c->d, c->d.w, CONSOLE, modern, true);
	drv_negotiate(&c->d, ~0ull);
	drv_setup_queue(&c->d, RX, 0);
	drv_setup_queue(&c->d, TX, 0);
	drv_ok(&c->d);
}

static void start(struct fixture *c, bool modern)
{
	struct sockaddr_un sa = { .sun_family = AF_UNIX };
	struct timeval timeout = { .tv_sec = 20 };
	struct error err = { "" };
	char spec[80];

	memset(c, 0, sizeof(*c));
	snprintf(c->path, sizeof(c->path), "/tmp/test_virtio_console.%d", (int)getpid());
	snprintf(spec, sizeof(spec), "unix:%s", c->path);
	assert_int_equal(eventloop_create(&c->el, NULL), 0);
	if (chardev_create(&c->chr, c->el, spec, &err) < 0)
		fail_msg("%s", err.msg);
	console_init(&c->con, c->chr, NULL, NULL, NULL);
	c->d.w = world_create();
	assert_int_equal(virtio_console_add(c->d.w->bus, &c->d.w->mem, &c->con, NULL), 0);
	console_connect(&c->con);
	drive(c, modern);
	c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
	strcpy(sa.sun_path, c->path);
	assert_int_equal(connect(c->fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
}

static void finish(struct fixture *c)
{
	console_disconnect(&c->con);
	world_destroy(c->d.w);
	chardev_destroy(c->chr);
	eventloop_destroy(c->el);
	close(c->fd);
	unlink(c->path);
}

static uint64_t give_buffer(struct fixture *c, uint32_t len)
{
	struct test_seg seg = { guest_alloc(c->d.w, len, 1), len, true };

	drv_add(&c->d, RX, &seg, 1, false);
	return seg.gpa;
}

/* Bytes from the host arrive in order, in buffers of any size, however late those come. */
static void test_input(void **state)
{
	enum { TOTAL = 20000 };
	uint8_t sent[TOTAL], got[TOTAL];
	struct fixture c;

	for (size_t i = 0; i < TOTAL; i++)
		sent[i] = (uint8_t)(i * 7 + i / 256);
	for (int modern = 0; modern < 2; modern++) {
		size_t done = 0;

		start(&c, modern);
		assert_int_equal(write(c.fd, sent, TOTAL), TOTAL);
		test_sleep_ms(20); /* nothing to put it in yet */
		while (done < TOTAL) {
			uint64_t mark = c.d.w->next, buf = give_buffer(&c, 1 + done % 700);
			uint32_t len;

			drv_kick(&c.d, RX);
			len = drv_wait_used(&c.d, RX, NULL);
			assert_in_range(len, 1, 1 + done % 700);
			assert_true(done + len <= TOTAL);
			memcpy(got + done, guest_ptr(c.d.w, buf), len);
			done += len;
			c.d.w->next = mark;
		}
		assert_memory_equal(got, sent, TOTAL);
		finish(&c);
	}
}

/* Far more than the host queues, read slowly: chains wait, nothing is lost. */
static void test_output(void **state)
{
	enum { CHUNK = 5000, CHUNKS = 200 };
	uint8_t got[CHUNK];
	struct fixture c;

	for (int modern = 0; modern < 2; modern++) {
		uint64_t buf;
		uint8_t *p;
		unsigned int added = 0, used = 0;

		start(&c, modern);
		buf = guest_alloc(c.d.w, CHUNK * 8, 8);
		p = guest_ptr(c.d.w, buf);
		/* The socket must have been accepted: output before that is dropped. */
		give_buffer(&c, 16);
		drv_kick(&c.d, RX);
		assert_int_equal(write(c.fd, "x", 1), 1);
		drv_wait_used(&c.d, RX, NULL);
		for (unsigned int read_chunks = 0; read_chunks < CHUNKS; read_chunks++) {
			while (added < CHUNKS && added - used < 8) {
				struct test_seg seg[2] = {
					{ buf + added % 8 * CHUNK, 100, false },
					{ buf + added % 8 * CHUNK + 100, CHUNK - 100, false },
				};

				for (unsigned int i = 0; i < CHUNK; i++)
					p[added % 8 * CHUNK + i] = (uint8_t)(added * 3 + i);
				drv_add(&c.d, TX, seg, 2, false);
				drv_kick(&c.d, TX);
				added++;
				while (c.d.q[TX].used[1] != c.d.q[TX].used_seen) {
					drv_wait_used(&c.d, TX, NULL);
					used++;
				}
			}
			for (size_t n = 0; n < CHUNK;) {
				ssize_t r = read(c.fd, got + n, CHUNK - n);

				assert_true(r > 0);
				n += (size_t)r;
			}
			for (unsigned int i = 0; i < CHUNK; i++)
				assert_int_equal(got[i], (uint8_t)(read_chunks * 3 + i));
			while (c.d.q[TX].used[1] != c.d.q[TX].used_seen) {
				drv_wait_used(&c.d, TX, NULL);
				used++;
			}
		}
		while (used < CHUNKS) {
			drv_wait_used(&c.d, TX, NULL);
			used++;
		}
		finish(&c);
	}
}

/* A driver that resets with chains under way, empty chains, one that gives the wrong direction. */
static void test_reset_and_nonsense(void **state)
{
	struct fixture c;
	struct test_seg in = { 0, 64, true }, out = { 0, 64, false }, empty = { 0, 0, true };

	start(&c, true);
	in.gpa = out.gpa = guest_alloc(c.d.w, 64, 8);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(write(c.fd, "0123456789", 10), 10);
		drv_add(&c.d, RX, i % 3 == 0 ? &empty : i % 3 == 1 ? &out : &in, 1, false);
		drv_kick(&c.d, RX);
		drv_add(&c.d, TX, i % 2 ? &in : &out, 1, false);
		drv_kick(&c.d, TX);
		drive(&c, i % 2);
	}
	finish(&c);
}

/* --- two ports on one console --- */

struct port {
	struct console_port *port;
	pthread_mutex_t lock;
	char got[64];
	size_t len;
};

static size_t port_room(void *ctx)
{
	return 8;
}

static void port_receive(void *ctx, const uint8_t *buf, size_t len)
{
	struct port *p = ctx;

	pthread_mutex_lock(&p->lock);
	memcpy(p->got + p->len, buf, len);
	p->len += len;
	pthread_mutex_unlock(&p->lock);
}

static void port_writable(void *ctx)
{
}

static void expect_input(struct fixture *c, struct port *p, const char *text)
{
	size_t len = 0;

	assert_int_equal(write(c->fd, text, strlen(text)), strlen(text));
	for (int i = 0; len < strlen(text); i++) {
		assert_true(i < 20000);
		test_sleep_ms(1);
		pthread_mutex_lock(&p->lock);
		len = p->len;
		pthread_mutex_unlock(&p->lock);
	}
	assert_memory_equal(p->got, text, len);
	p->len = 0;
}

/* Input goes to the port that wrote last; output of both comes out. */
static void test_two_ports(void **state)
{
	static const struct chardev_client client = {
		.can_receive = port_room, .receive = port_receive, .writable = port_writable,
	};
	struct port a = { .lock = PTHREAD_MUTEX_INITIALIZER }, b = a;
	struct fixture c;
	char out[8];

	start(&c, true);
	console_disconnect(&c.con);
	console_init(&c.con, c.chr, NULL, NULL, NULL);
	a.port = console_add_port(&c.con, &client, &a);
	b.port = console_add_port(&c.con, &client, &b);
	assert_null(console_add_port(&c.con, &client, &b));
	console_connect(&c.con);
	expect_input(&c, &a, "first");
	assert_int_equal(console_write(b.port, (const uint8_t *)"b", 1), 1);
	expect_input(&c, &b, "to b, more than its room");
	assert_int_equal(console_write(a.port, (const uint8_t *)"a", 1), 1);
	expect_input(&c, &a, "to a");
	assert_int_equal(read(c.fd, out, 1) + read(c.fd, out + 1, 1), 2);
	assert_memory_equal(out, "ba", 2);
	assert_int_equal(b.len, 0);
	finish(&c);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_output),
		cmocka_unit_test(test_reset_and_nonsense),
		cmocka_unit_test(test_two_ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
