/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The I/O thread: descriptors, timers, posted work, and that removal means what it says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "backend/eventloop.h"

struct counter {
	struct eventloop *el;
	_Atomic unsigned int n;
	int fd;
	bool on_thread;
	_Atomic bool removed;
	struct eventloop_work work;
	struct eventloop_timer *timer;
	struct eventloop_fd *watch;
	int64_t at;
};

static void sleep_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static void wait_for(_Atomic unsigned int *n, unsigned int value)
{
	for (int i = 0; *n < value; i++) {
		assert_true(i < 20000);
		sleep_ms(1);
	}
}

static int setup(void **state)
{
	struct counter *c = calloc(1, sizeof(*c));

	assert_int_equal(eventloop_create(&c->el, NULL), 0);
	*state = c;
	return 0;
}

static int teardown(void **state)
{
	struct counter *c = *state;

	eventloop_destroy(c->el);
	free(c);
	return 0;
}

static void readable(void *ctx, short revents)
{
	struct counter *c = ctx;
	char byte;

	assert_true(revents & (POLLIN | POLLHUP));
	assert_false(c->removed);
	c->on_thread = eventloop_is_current(c->el);
	if (read(c->fd, &byte, 1) == 1)
		c->n++;
}

static void test_descriptor(void **state)
{
	struct counter *c = *state;
	int p[2];

	assert_int_equal(pipe(p), 0);
	c->fd = p[0];
	c->watch = eventloop_fd_add(c->el, p[0], POLLIN, readable, c);
	assert_int_equal(write(p[1], "abc", 3), 3);
	wait_for(&c->n, 3);
	assert_true(c->on_thread);
	assert_false(eventloop_is_current(c->el));
	/* Told again and again while it holds; not while nobody asks. */
	eventloop_fd_set(c->watch, 0);
	assert_int_equal(write(p[1], "d", 1), 1);
	sleep_ms(20);
	assert_int_equal(c->n, 3);
	eventloop_fd_set(c->watch, POLLIN);
	wait_for(&c->n, 4);
	eventloop_fd_remove(c->watch);
	c->removed = true;
	assert_int_equal(write(p[1], "e", 1), 1);
	sleep_ms(20);
	assert_int_equal(c->n, 4);
	eventloop_fd_remove(NULL);
	close(p[0]);
	close(p[1]);
}

static void slow(void *ctx, short revents)
{
	struct counter *c = ctx;

	c->n++;
	sleep_ms(30);
	assert_false(c->removed);
}

/* The removal waits for a callback that runs. */
static void test_remove_waits(void **state)
{
	struct counter *c = *state;
	int p[2];

	for (int i = 0; i < 5; i++) {
		c->n = 0;
		c->removed = false;
		assert_int_equal(pipe(p), 0);
		close(p[1]);
		c->watch = eventloop_fd_add(c->el, p[0], POLLIN, slow, c);
		wait_for(&c->n, 1);
		eventloop_fd_remove(c->watch);
		c->removed = true;
		sleep_ms(40);
		close(p[0]);
	}
}

static void remove_self(void *ctx, short revents)
{
	struct counter *c = ctx;

	eventloop_fd_remove(c->watch);
	c->n++;
}

static void test_remove_itself(void **state)
{
	struct counter *c = *state;
	int p[2];

	assert_int_equal(pipe(p), 0);
	c->watch = eventloop_fd_add(c->el, p[0], 0, remove_self, c);
	eventloop_fd_set(c->watch, POLLIN);
	assert_int_equal(write(p[1], "a", 1), 1);
	wait_for(&c->n, 1);
	sleep_ms(20);
	assert_int_equal(c->n, 1);
	close(p[0]);
	close(p[1]);
}

static void fire(void *ctx)
{
	struct counter *c = ctx;

	c->at = eventloop_now();
	if (++c->n % 3)
		eventloop_timer_set(c->timer, eventloop_now() + 1000000);
}

static void test_timer(void **state)
{
	struct counter *c = *state;
	int64_t start = eventloop_now();

	c->timer = eventloop_timer_add(c->el, fire, c);
	eventloop_timer_set(c->timer, start + 20 * 1000000ll);
	wait_for(&c->n, 3);
	assert_true(c->at >= start + 22 * 1000000ll);
	/* Once means once; disarmed means never; the past means now. */
	sleep_ms(20);
	assert_int_equal(c->n, 3);
	eventloop_timer_set(c->timer, eventloop_now() + 20 * 1000000ll);
	eventloop_timer_set(c->timer, -1);
	sleep_ms(40);
	assert_int_equal(c->n, 3);
	eventloop_timer_set(c->timer, 0);
	wait_for(&c->n, 6);
	eventloop_timer_remove(c->timer);
	eventloop_timer_remove(NULL);
}

static void count_work(void *ctx)
{
	struct counter *c = ctx;

	c->n++;
}

static void test_work(void **state)
{
	struct counter *c = *state;
	struct eventloop_work work[100];

	for (int i = 0; i < 100; i++) {
		work[i] = (struct eventloop_work){ .fn = count_work, .ctx = c };
		eventloop_post(c->el, &work[i]);
	}
	wait_for(&c->n, 100);
	/* Cancelled work does not run; what is not queued may be cancelled. */
	for (int i = 0; i < 100; i++) {
		eventloop_post(c->el, &work[i]);
		eventloop_cancel(c->el, &work[i]);
		eventloop_cancel(c->el, &work[i]);
	}
	assert_in_range(c->n, 100, 200);
}

static void post_again(void *ctx)
{
	struct counter *c = ctx;

	c->n++;
	eventloop_post(c->el, &c->work);
}

/* Work that posts itself for ever neither stops the others nor its own cancellation. */
static void test_work_that_posts_itself(void **state)
{
	struct counter *c = *state;
	struct counter other = { .el = c->el };
	unsigned int n;

	c->work = (struct eventloop_work){ .fn = post_again, .ctx = c };
	eventloop_post(c->el, &c->work);
	wait_for(&c->n, 1000);
	eventloop_call(c->el, count_work, &other);
	assert_int_equal(other.n, 1);
	eventloop_cancel(c->el, &c->work);
	n = c->n;
	sleep_ms(20);
	assert_int_equal(c->n, n);
}

static void call_nested(void *ctx)
{
	struct counter *c = ctx;

	eventloop_call(c->el, count_work, c);
}

static void test_call(void **state)
{
	struct counter *c = *state;

	for (unsigned int i = 1; i <= 1000; i++) {
		eventloop_call(c->el, i % 2 ? count_work : call_nested, c);
		assert_int_equal(c->n, i);
	}
}

struct poller {
	struct eventloop_poller p;
	int fd, index;
	_Atomic unsigned int seen;
};

static void poller_prepare(void *ctx, struct eventloop *el, int64_t *timeout_ms)
{
	struct poller *p = ctx;

	p->index = eventloop_poller_fd(el, p->fd, POLLIN);
	assert_true(p->index > 0);
	if (*timeout_ms < 0 || *timeout_ms > 5)
		*timeout_ms = 5;
}

static void poller_dispatch(void *ctx, struct eventloop *el)
{
	struct poller *p = ctx;
	char byte;

	assert_int_equal(eventloop_poller_revents(el, -1), 0);
	assert_int_equal(eventloop_poller_revents(el, 10000), 0);
	if (eventloop_poller_revents(el, p->index) & POLLIN && read(p->fd, &byte, 1) == 1)
		p->seen++;
}

static void test_poller(void **state)
{
	struct counter *c = *state;
	struct poller p = { .p = { .prepare = poller_prepare, .dispatch = poller_dispatch } };
	int fds[2];

	assert_int_equal(pipe(fds), 0);
	p.fd = fds[0];
	p.p.ctx = &p;
	eventloop_poller_add(c->el, &p.p);
	assert_int_equal(write(fds[1], "abcde", 5), 5);
	wait_for(&p.seen, 5);
	eventloop_poller_remove(c->el, &p.p);
	assert_int_equal(write(fds[1], "f", 1), 1);
	sleep_ms(20);
	assert_int_equal(p.seen, 5);
	close(fds[0]);
	close(fds[1]);
}

#define DESCRIPTORS 64 /* the process may have, for a while */

static void welcome(void *ctx, short revents)
{
	struct counter *c = ctx;
	int fd = eventloop_accept(c->el, c->fd, SOCK_CLOEXEC);

	c->n++;
	if (fd < 0)
		return;
	c->removed = true;
	close(fd);
}

/*
 * Somebody connects while there is no descriptor to be had: the loop does not spin, he is not lost.
 */
static void test_accept_rests(void **state)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct counter *c = *state;
	int client = socket(AF_UNIX, SOCK_STREAM, 0), fds[DESCRIPTORS], n = 0;
	struct rlimit old, few;
	int64_t start, rests, calls;

	c->fd = socket(AF_UNIX, SOCK_STREAM, 0);
	/* A name that the kernel chooses (unix(7), autobind). */
	assert_int_equal(bind(c->fd, (struct sockaddr *)&addr, sizeof(sa_family_t)), 0);
	assert_int_equal(listen(c->fd, 1), 0);
	socklen_t len = sizeof(addr);
	assert_int_equal(getsockname(c->fd, (struct sockaddr *)&addr, &len), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	few = old;
	few.rlim_cur = DESCRIPTORS;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	while (n < DESCRIPTORS && (fds[n] = dup(c->fd)) >= 0)
		n++;
	start = eventloop_now();
	assert_int_equal(connect(client, (struct sockaddr *)&addr, len), 0);
	c->watch = eventloop_fd_add(c->el, c->fd, POLLIN, welcome, c);
	assert_non_null(c->watch);
	wait_for(&c->n, 3);
	calls = c->n;
	rests = (eventloop_now() - start) / 100000000;
	assert_true(rests >= 2);
	assert_true(calls <= rests + 1);
	assert_false(c->removed);
	while (n--)
		close(fds[n]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	for (n = 0; !c->removed; n++) {
		assert_true(n < 20000);
		sleep_ms(1);
	}
	eventloop_fd_remove(c->watch);
	close(client);
	close(c->fd);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_descriptor, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remove_waits, setup, teardown),
		cmocka_unit_test_setup_teardown(test_remove_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(test_timer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_work, setup, teardown),
		cmocka_unit_test_setup_teardown(test_work_that_posts_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(test_call, setup, teardown),
		cmocka_unit_test_setup_teardown(test_poller, setup, teardown),
		cmocka_unit_test_setup_teardown(test_accept_rests, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
