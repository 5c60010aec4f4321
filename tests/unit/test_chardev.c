/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Console back ends: what goes in comes out, nobody blocks, bad names are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend/chardev.h"
#include "backend/error.h"
#include "backend/eventloop.h"

#define PATIENCE_MS 10000 /* only a failing test waits so long */

struct fixture {
	struct eventloop *loop;
	struct chardev *dev;
	struct error err;
	char dir[32], path[64], spec[80];

	pthread_mutex_t lock;
	pthread_cond_t changed;
	char got[8192];
	size_t nr_got, room; /* room: what can_receive() tells */
	bool writable;
};

static size_t can_receive(void *ctx)
{
	struct fixture *f = ctx;
	size_t room;

	pthread_mutex_lock(&f->lock);
	room = f->room;
	pthread_mutex_unlock(&f->lock);
	return room;
}

static void receive(void *ctx, const uint8_t *buf, size_t len)
{
	struct fixture *f = ctx;

	pthread_mutex_lock(&f->lock);
	memcpy(f->got + f->nr_got, buf, len);
	f->nr_got += len;
	f->room -= len;
	pthread_cond_signal(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

static void writable(void *ctx)
{
	struct fixture *f = ctx;

	pthread_mutex_lock(&f->lock);
	f->writable = true;
	pthread_cond_signal(&f->changed);
	pthread_mutex_unlock(&f->lock);
}

static const struct chardev_client client = {
	.can_receive = can_receive,
	.receive = receive,
	.writable = writable,
};

static int setup(void **state)
{
	static struct fixture f;

	memset(&f, 0, sizeof(f));
	pthread_mutex_init(&f.lock, NULL);
	pthread_cond_init(&f.changed, NULL);
	f.room = sizeof(f.got);
	strcpy(f.dir, "/tmp/chardevXXXXXX");
	*state = &f;
	if (!mkdtemp(f.dir))
		return -1;
	snprintf(f.path, sizeof(f.path), "%s/console", f.dir);
	return eventloop_create(&f.loop, &f.err);
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	if (f->dev)
		chardev_set_client(f->dev, NULL, NULL);
	chardev_destroy(f->dev);
	eventloop_destroy(f->loop);
	unlink(f->path);
	return rmdir(f->dir);
}

static void open_dev(struct fixture *f, const char *kind)
{
	snprintf(f->spec, sizeof(f->spec), "%s%s", kind, f->path);
	assert_int_equal(chardev_create(&f->dev, f->loop, f->spec, &f->err), 0);
	chardev_set_client(f->dev, &client, f);
}

static int connect_to(struct fixture *f)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	strcpy(addr.sun_path, f->path);
	assert_int_equal(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	return fd;
}

static void wait_got(struct fixture *f, size_t n)
{
	struct timespec end;
	int rc = 0;

	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += PATIENCE_MS / 1000;
	pthread_mutex_lock(&f->lock);
	while (f->nr_got < n && !rc)
		rc = pthread_cond_timedwait(&f->changed, &f->lock, &end);
	pthread_mutex_unlock(&f->lock);
	assert_int_equal(f->nr_got, n);
}

static void expect_bytes(int fd, const char *text)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char buf[64];
	size_t done = 0, len = strlen(text);
	ssize_t n;

	while (done < len) {
		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		n = read(fd, buf + done, len - done);
		assert_true(n > 0);
		done += (size_t)n;
	}
	assert_memory_equal(buf, text, len);
}

/* Writes until the client is there: the loop accepts it in its own time. */
static void write_until_seen(struct fixture *f, int fd, const char *text)
{
	struct pollfd p = { fd, POLLIN, 0 };
	unsigned int tries = PATIENCE_MS / 10;

	do {
		assert_int_equal(chardev_write(f->dev, (const uint8_t *)text, strlen(text)),
				 strlen(text));
	} while (poll(&p, 1, 10) == 0 && --tries);
	expect_bytes(fd, text);
}

static void file_gets_output(void **state)
{
	struct fixture *f = *state;
	char buf[16] = "";
	FILE *in;

	open_dev(f, "file:");
	assert_int_equal(chardev_write(f->dev, (const uint8_t *)"hello\n", 6), 6);
	chardev_set_client(f->dev, NULL, NULL);
	chardev_destroy(f->dev);
	f->dev = NULL;
	in = fopen(f->path, "r");
	assert_non_null(in);
	assert_int_equal(fread(buf, 1, sizeof(buf), in), 6);
	fclose(in);
	assert_string_equal(buf, "hello\n");
}

static void socket_goes_both_ways(void **state)
{
	struct fixture *f = *state;
	int fd;

	open_dev(f, "unix:");
	/* Nobody is there: output is dropped, not kept. */
	assert_int_equal(chardev_write(f->dev, (const uint8_t *)"lost", 4), 4);
	fd = connect_to(f);
	assert_int_equal(write(fd, "input", 5), 5);
	wait_got(f, 5);
	assert_memory_equal(f->got, "input", 5);
	write_until_seen(f, fd, "out");
	close(fd);
}

static void socket_takes_the_next_client(void **state)
{
	struct fixture *f = *state;
	int fd;

	open_dev(f, "unix:");
	fd = connect_to(f);
	assert_int_equal(write(fd, "one", 3), 3);
	wait_got(f, 3);
	close(fd);
	fd = connect_to(f);
	assert_int_equal(write(fd, "two", 3), 3);
	wait_got(f, 6);
	write_until_seen(f, fd, "again");
	close(fd);
}

static void input_waits_for_room(void **state)
{
	struct fixture *f = *state;
	int fd;

	f->room = 2;
	open_dev(f, "unix:");
	fd = connect_to(f);
	assert_int_equal(write(fd, "abcdef", 6), 6);
	wait_got(f, 2);
	pthread_mutex_lock(&f->lock);
	f->room = 100;
	pthread_mutex_unlock(&f->lock);
	chardev_accept_input(f->dev);
	wait_got(f, 6);
	assert_memory_equal(f->got, "abcdef", 6);
	close(fd);
}

static void full_queue_takes_less_and_tells(void **state)
{
	struct fixture *f = *state;
	static uint8_t data[1 << 20];
	size_t sent = 0, seen = 0, n;
	struct pollfd p;
	ssize_t got;
	int fd;

	open_dev(f, "unix:");
	fd = connect_to(f);
	write_until_seen(f, fd, "x");
	do {
		n = chardev_write(f->dev, data, 4096);
		sent += n;
	} while (n == 4096 && sent < sizeof(data));
	assert_true(sent < sizeof(data)); /* nobody reads, so it must be full by then */
	p = (struct pollfd){ fd, POLLIN, 0 };
	while (seen < sent) {
		assert_int_equal(poll(&p, 1, PATIENCE_MS), 1);
		got = read(fd, data, sizeof(data));
		assert_true(got > 0);
		seen += (size_t)got;
	}
	/* More than one "x" may have gone out before. */
	assert_in_range(seen, sent, sent + PATIENCE_MS / 10);
	pthread_mutex_lock(&f->lock);
	while (!f->writable)
		pthread_cond_wait(&f->changed, &f->lock);
	pthread_mutex_unlock(&f->lock);
	close(fd);
}

/* Byte n of what goes to a log. */
static uint8_t byte_of(size_t n)
{
	return (uint8_t)(n * 31 + n / 256 * 7 + n / 65536);
}

/* Reads PATH.log.N (0: PATH.log), removes it; returns how much it held. */
static size_t read_log(struct fixture *f, unsigned int n, uint8_t *buf, size_t size)
{
	char path[100];
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), n ? "%s.log.%u" : "%s.log", f->path, n);
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	len = read(fd, buf, size);
	close(fd);
	unlink(path);
	assert_true(len >= 0);
	return (size_t)len;
}

static void open_with_log(struct fixture *f, const char *kind, const char *options)
{
	char spec[256];

	snprintf(spec, sizeof(spec), "%s%s,log=%s.log%s", kind, f->path, f->path, options);
	assert_int_equal(chardev_create(&f->dev, f->loop, spec, &f->err), 0);
	chardev_set_client(f->dev, &client, f);
}

/* Who looks on does not read: nobody waits for him, and the log has all. */
static void log_has_what_the_client_misses(void **state)
{
	struct fixture *f = *state;
	static uint8_t data[1 << 20], got[1 << 20];
	size_t i, at = 0, len, x;
	unsigned int n;
	int fd;

	open_with_log(f, "unix:", ",logsize=100K,logcount=20");
	fd = connect_to(f);
	write_until_seen(f, fd, "x");
	/* Those that were sent until it was seen. */
	x = read_log(f, 0, got, sizeof(got));
	assert_true(x > 0);
	chardev_set_client(f->dev, NULL, NULL);
	chardev_destroy(f->dev);
	close(fd);
	open_with_log(f, "unix:", ",logsize=100K,logcount=20");
	fd = connect_to(f);
	for (i = 0; i < sizeof(data); i++)
		data[i] = byte_of(i);
	for (i = 0; i < sizeof(data); i += 4096)
		assert_int_equal(chardev_write(f->dev, data + i, 4096), 4096);
	for (n = 20; n <= 20; n--) {
		len = read_log(f, n, got, sizeof(got));
		assert_true(len <= 100 << 10);
		assert_memory_equal(got, data + at, len);
		at += len;
	}
	assert_int_equal(at, sizeof(data));
	close(fd);
}

/* As many old logs as were asked for; a log is added to. */
static void log_is_begun_anew(void **state)
{
	struct fixture *f = *state;
	uint8_t got[256];
	size_t i;

	for (i = 0; i < 9; i++) {
		open_with_log(f, "file:", ",logsize=16,logcount=2");
		assert_int_equal(chardev_write(f->dev, (const uint8_t *)"0123456789", 10), 10);
		chardev_set_client(f->dev, NULL, NULL);
		chardev_destroy(f->dev);
		f->dev = NULL;
	}
	/* 90 bytes: the sixth file has 10, two before it 16. */
	assert_int_equal(read_log(f, 0, got, sizeof(got)), 10);
	assert_memory_equal(got, "0123456789", 10);
	assert_int_equal(read_log(f, 1, got, sizeof(got)), 16);
	assert_memory_equal(got, "4567890123456789", 16);
	assert_int_equal(read_log(f, 2, got, sizeof(got)), 16);
	assert_int_equal(read_log(f, 3, got, sizeof(got)), 0);
	/* None: it is emptied. */
	open_with_log(f, "file:", ",logsize=16,logcount=0");
	assert_int_equal(chardev_write(f->dev, (const uint8_t *)"0123456789abcdefghij", 20), 20);
	assert_int_equal(read_log(f, 0, got, sizeof(got)), 4);
	assert_memory_equal(got, "ghij", 4);
}

static void bad_logs_are_refused(void **state)
{
	static const char *const bad[] = {
		",log=/nonexistent/log", ",log=", ",log=/tmp/x,logsize=1G",
		",log=/tmp/x,logsize=-1", ",log=/tmp/x,logcount=1001", ",log=/tmp/x,more=1",
		",log=/tmp/x,logsize=",
	};
	struct fixture *f = *state;
	char spec[80];
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		snprintf(spec, sizeof(spec), "none%s", bad[i]);
		assert_int_equal(chardev_create(&f->dev, f->loop, spec, &f->err), -1);
		assert_non_null(strstr(f->err.msg, "log"));
	}
	assert_int_equal(access("/tmp/x", F_OK), -1);
}

static void a_descriptor_is_copied_and_goes_both_ways(void **state)
{
	struct fixture *f = *state;
	int pair[2];
	char end;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	snprintf(f->spec, sizeof(f->spec), "fd:%d", pair[1]);
	assert_int_equal(chardev_create(&f->dev, f->loop, f->spec, &f->err), 0);
	close(pair[1]);
	chardev_set_client(f->dev, &client, f);
	assert_int_equal(write(pair[0], "input", 5), 5);
	wait_got(f, 5);
	assert_memory_equal(f->got, "input", 5);
	assert_int_equal(chardev_write(f->dev, (const uint8_t *)"out", 3), 3);
	expect_bytes(pair[0], "out");
	chardev_set_client(f->dev, NULL, NULL);
	chardev_destroy(f->dev);
	f->dev = NULL;
	assert_int_equal(read(pair[0], &end, 1), 0);
	close(pair[0]);
}

static void bad_specs_are_refused(void **state)
{
	static const char *const bad[] = {
		"", "stdin", "unix:", "file:/nonexistent/x", "unix:/nonexistent/x",
		"fd:", "fd:x", "fd:-1", "fd:99999", "fd:1x",
	};
	struct fixture *f = *state;
	struct chardev *dev;
	size_t i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(chardev_create(&dev, f->loop, bad[i], &f->err), -1);
		assert_null(dev);
		assert_non_null(strstr(f->err.msg, "console"));
		assert_non_null(strstr(f->err.msg, bad[i]));
	}
}

static void a_file_in_the_way_of_a_socket_stays(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	FILE *out = fopen(f->path, "w");

	assert_non_null(out);
	fclose(out);
	snprintf(f->spec, sizeof(f->spec), "unix:%s", f->path);
	assert_int_equal(chardev_create(&f->dev, f->loop, f->spec, &f->err), -1);
	assert_int_equal(stat(f->path, &st), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(file_gets_output, setup, teardown),
		cmocka_unit_test_setup_teardown(socket_goes_both_ways, setup, teardown),
		cmocka_unit_test_setup_teardown(socket_takes_the_next_client, setup, teardown),
		cmocka_unit_test_setup_teardown(input_waits_for_room, setup, teardown),
		cmocka_unit_test_setup_teardown(full_queue_takes_less_and_tells, setup, teardown),
		cmocka_unit_test_setup_teardown(log_has_what_the_client_misses, setup, teardown),
		cmocka_unit_test_setup_teardown(log_is_begun_anew, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_logs_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_descriptor_is_copied_and_goes_both_ways, setup,
						teardown),
		cmocka_unit_test_setup_teardown(bad_specs_are_refused, setup, teardown),
		cmocka_unit_test_setup_teardown(a_file_in_the_way_of_a_socket_stays, setup,
						teardown),
	};

	return cmocka_run_group_tests_name("character devices", tests, NULL, NULL);
}
