/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Disks: every byte comes back, flushes hold, snapshots leave the image alone, errors are told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/block.h"

#define DISK_SIZE (4u << 20)

struct fixture {
	char dir[64];
	char path[96];
};

/* A request that its submitter waits for. */
struct waited {
	struct block_request req;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool done;
	int error;
};

static void request_done(struct block_request *req, int error)
{
	struct waited *w = (struct waited *)req;

	pthread_mutex_lock(&w->lock);
	w->error = error;
	w->done = true;
	pthread_cond_signal(&w->cond);
	pthread_mutex_unlock(&w->lock);
}

static void submit(struct block *blk, struct waited *w)
{
	pthread_mutex_init(&w->lock, NULL);
	pthread_cond_init(&w->cond, NULL);
	w->done = false;
	w->req.done = request_done;
	block_submit(blk, &w->req);
}

static int wait_for(struct waited *w)
{
	pthread_mutex_lock(&w->lock);
	while (!w->done)
		pthread_cond_wait(&w->cond, &w->lock);
	pthread_mutex_unlock(&w->lock);
	return w->error;
}

static int run(struct block *blk, enum block_op op, uint64_t offset, void *buf, uint64_t length)
{
	/* Three uneven pieces, so that lists are walked. */
	uint64_t a = length > 700 ? 700 : length, b = length > 1000 ? 300 : 0;
	struct iovec iov[3] = {
		{ buf, a }, { (char *)buf + a, b }, { (char *)buf + a + b, length - a - b },
	};
	struct waited w = {
		.req = { .op = op, .offset = offset, .length = length, .iov = iov, .nr_iov = 3 },
	};

	submit(blk, &w);
	return wait_for(&w);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/test_block.XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/disk", f->dir);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", f->dir);
	assert_int_equal(system(cmd), 0);
	free(f);
	return 0;
}

static uint8_t pattern(uint64_t at)
{
	return (uint8_t)(at * 7 + at / 512 * 13 + at / 65536);
}

static void make_raw(const char *path, size_t size)
{
	uint8_t *buf = malloc(size);
	FILE *f = fopen(path, "w");

	for (size_t i = 0; i < size; i++)
		buf[i] = pattern(i);
	assert_non_null(f);
	assert_int_equal(fwrite(buf, 1, size, f), size);
	fclose(f);
	free(buf);
}

static void shell(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void shell(const char *fmt, ...)
{
	char cmd[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, ap);
	va_end(ap);
	assert_int_equal(system(cmd), 0);
}

static struct block *open_disk(const char *path, enum block_format format, bool ro, bool snapshot)
{
	struct block_options o = {
		.path = path, .format = format, .read_only = ro, .snapshot = snapshot,
	};
	struct block *blk = NULL;
	struct error err = { "" };

	if (block_open(&blk, &o, &err) < 0)
		fail_msg("%s", err.msg);
	return blk;
}

static void expect_error(const char *path, enum block_format format, const char *text)
{
	struct block_options o = { .path = path, .format = format };
	struct block *blk = NULL;
	struct error err = { "" };

	assert_int_equal(block_open(&blk, &o, &err), -1);
	if (!strstr(err.msg, path) || !strstr(err.msg, text) || strchr(err.msg, '\n'))
		fail_msg("\"%s\" does not say \"%s\"", err.msg, text);
}

/* Writes, zeroes and discards at random places, a model in memory beside it; then compares all. */
static void exercise(struct block *blk, uint8_t *model, unsigned int seed, int steps)
{
	uint8_t *buf = malloc(256 << 10);
	uint64_t offset, length;

	srandom(seed);
	for (int i = 0; i < steps; i++) {
		length = (uint64_t)(random() % 400 + 1) * BLOCK_SECTOR;
		offset = (uint64_t)random() % (DISK_SIZE / BLOCK_SECTOR) * BLOCK_SECTOR;
		if (length > DISK_SIZE - offset)
			length = DISK_SIZE - offset;
		switch (random() % 4) {
		case 0:
			memset(model + offset, 0, length);
			assert_int_equal(run(blk, BLOCK_WRITE_ZEROES, offset, NULL, length), 0);
			break;
		case 1:
			assert_int_equal(run(blk, BLOCK_READ, offset, buf, length), 0);
			assert_memory_equal(buf, model + offset, length);
			break;
		default:
			for (uint64_t k = 0; k < length; k++)
				buf[k] = (uint8_t)random();
			memcpy(model + offset, buf, length);
			assert_int_equal(run(blk, BLOCK_WRITE, offset, buf, length), 0);
		}
	}
	for (offset = 0; offset < DISK_SIZE; offset += 128 << 10) {
		assert_int_equal(run(blk, BLOCK_READ, offset, buf, 128 << 10), 0);
		assert_memory_equal(buf, model + offset, 128 << 10);
	}
	free(buf);
}

static uint8_t *pattern_model(void)
{
	uint8_t *model = malloc(DISK_SIZE);

	for (size_t i = 0; i < DISK_SIZE; i++)
		model[i] = pattern(i);
	return model;
}

static void assert_file_is(const char *path, const uint8_t *model)
{
	uint8_t *buf = malloc(DISK_SIZE);
	FILE *f = fopen(path, "r");

	assert_non_null(f);
	assert_int_equal(fread(buf, 1, DISK_SIZE, f), DISK_SIZE);
	assert_int_equal(fgetc(f), EOF);
	fclose(f);
	assert_memory_equal(buf, model, DISK_SIZE);
	free(buf);
}

static void test_raw(void **state)
{
	struct fixture *f = *state;
	uint8_t *model = pattern_model();
	struct block *blk;

	make_raw(f->path, DISK_SIZE);
	blk = open_disk(f->path, BLOCK_FORMAT_RAW, false, false);
	assert_int_equal(block_size(blk), DISK_SIZE);
	assert_false(block_read_only(blk));
	exercise(blk, model, 1, 300);
	assert_int_equal(run(blk, BLOCK_FLUSH, 0, NULL, 0), 0);
	assert_file_is(f->path, model);
	assert_int_equal(block_close(blk), 0);
	free(model);
}

static void test_discard_keeps_the_rest(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[8192];
	struct block *blk;

	make_raw(f->path, DISK_SIZE);
	blk = open_disk(f->path, BLOCK_FORMAT_RAW, false, false);
	assert_int_equal(run(blk, BLOCK_DISCARD, 65536, NULL, 65536), 0);
	assert_int_equal(run(blk, BLOCK_READ, 65536 - 4096, buf, 4096), 0);
	assert_int_equal(run(blk, BLOCK_READ, 131072, buf + 4096, 4096), 0);
	for (int i = 0; i < 4096; i++) {
		assert_int_equal(buf[i], pattern(65536 - 4096 + (uint64_t)i));
		assert_int_equal(buf[4096 + i], pattern(131072 + (uint64_t)i));
	}
	block_close(blk);
}

static void test_bounds(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[4096];
	struct block *blk;

	make_raw(f->path, DISK_SIZE + 100);
	blk = open_disk(f->path, BLOCK_FORMAT_RAW, false, false);
	assert_int_equal(block_size(blk), DISK_SIZE);
	assert_int_equal(run(blk, BLOCK_READ, DISK_SIZE - 512, buf, 512), 0);
	assert_int_equal(run(blk, BLOCK_READ, DISK_SIZE - 512, buf, 1024), EINVAL);
	assert_int_equal(run(blk, BLOCK_WRITE, DISK_SIZE, buf, 512), EINVAL);
	assert_int_equal(run(blk, BLOCK_WRITE, ~0ull & ~511ull, buf, 1024), EINVAL);
	assert_int_equal(run(blk, BLOCK_READ, 100, buf, 512), EINVAL);
	assert_int_equal(run(blk, BLOCK_READ, 0, buf, 100), EINVAL);
	assert_int_equal(run(blk, BLOCK_DISCARD, DISK_SIZE, NULL, 512), EINVAL);
	assert_int_equal(run(blk, BLOCK_READ, DISK_SIZE, buf, 0), 0);
	block_close(blk);
}

static void test_read_only(void **state)
{
	struct fixture *f = *state;
	uint8_t *model = pattern_model(), buf[512] = { 0 };
	struct block *blk;

	make_raw(f->path, DISK_SIZE);
	blk = open_disk(f->path, BLOCK_FORMAT_RAW, true, false);
	assert_true(block_read_only(blk));
	assert_int_equal(run(blk, BLOCK_READ, 0, buf, 512), 0);
	assert_memory_equal(buf, model, 512);
	assert_int_equal(run(blk, BLOCK_WRITE, 0, buf, 512), EROFS);
	assert_int_equal(run(blk, BLOCK_WRITE_ZEROES, 0, NULL, 512), EROFS);
	assert_int_equal(run(blk, BLOCK_DISCARD, 0, NULL, 512), EROFS);
	assert_int_equal(run(blk, BLOCK_FLUSH, 0, NULL, 0), 0);
	block_close(blk);
	assert_file_is(f->path, model);
	free(model);
}

static void test_raw_snapshot(void **state)
{
	struct fixture *f = *state;
	uint8_t *before = pattern_model(), *model = pattern_model();
	struct block *blk;

	make_raw(f->path, DISK_SIZE);
	chmod(f->path, 0444);
	blk = open_disk(f->path, BLOCK_FORMAT_RAW, false, true);
	assert_false(block_read_only(blk));
	exercise(blk, model, 2, 300);
	assert_int_equal(run(blk, BLOCK_FLUSH, 0, NULL, 0), 0);
	assert_file_is(f->path, before);
	block_close(blk);
	assert_file_is(f->path, before);

	/* Nothing of it is left the next time. */
	blk = open_disk(f->path, BLOCK_FORMAT_RAW, false, true);
	exercise(blk, before, 3, 0);
	block_close(blk);
	free(before);
	free(model);
}

static void test_qcow2(void **state)
{
	struct fixture *f = *state;
	uint8_t *model = calloc(1, DISK_SIZE);
	char raw[128];
	struct block *blk;

	shell("qemu-img create -q -f qcow2 %s %u", f->path, DISK_SIZE);
	blk = open_disk(f->path, BLOCK_FORMAT_QCOW2, false, false);
	assert_int_equal(block_size(blk), DISK_SIZE);
	exercise(blk, model, 4, 200);
	assert_int_equal(run(blk, BLOCK_DISCARD, 0, NULL, 65536), 0);
	memset(model, 0, 65536);
	assert_int_equal(run(blk, BLOCK_WRITE_ZEROES, 0, NULL, 65536), 0);
	assert_int_equal(block_close(blk), 0);

	/* qemu's own tool finds the same bytes, and no damage. */
	snprintf(raw, sizeof(raw), "%s/raw", f->dir);
	shell("qemu-img check -q %s && qemu-img convert -O raw %s %s", f->path, f->path, raw);
	assert_file_is(raw, model);
	free(model);
}

static void test_qcow2_snapshot(void **state)
{
	struct fixture *f = *state;
	uint8_t *model = pattern_model();
	char raw[128], sum[128];
	struct block *blk;

	snprintf(raw, sizeof(raw), "%s/raw", f->dir);
	snprintf(sum, sizeof(sum), "%s/sum", f->dir);
	make_raw(raw, DISK_SIZE);
	shell("qemu-img convert -c -O qcow2 %s %s && sha256sum %s > %s", raw, f->path, f->path,
	      sum);
	blk = open_disk(f->path, BLOCK_FORMAT_QCOW2, false, true);
	exercise(blk, model, 5, 200);
	block_close(blk);
	shell("sha256sum --quiet -c %s", sum);
	free(model);
}

static void test_probe(void **state)
{
	struct fixture *f = *state;
	struct block *blk;

	shell("qemu-img create -q -f qcow2 %s %u", f->path, DISK_SIZE);
	blk = open_disk(f->path, BLOCK_FORMAT_PROBE, true, false);
	assert_int_equal(block_size(blk), DISK_SIZE);
	block_close(blk);
	/* A name that qemu would take for a protocol is a file all the same. */
	shell("cp %s %s/a:b", f->path, f->dir);
	assert_int_equal(chdir(f->dir), 0);
	blk = open_disk("a:b", BLOCK_FORMAT_PROBE, false, false);
	block_close(blk);
	assert_int_equal(chdir("/"), 0);
	make_raw(f->path, DISK_SIZE);
	blk = open_disk(f->path, BLOCK_FORMAT_PROBE, true, false);
	assert_int_equal(block_size(blk), DISK_SIZE);
	block_close(blk);
}

static void test_flush_after(void **state)
{
	struct fixture *f = *state;
	uint8_t buf[512] = "durable";
	struct iovec iov = { buf, sizeof(buf) };
	struct waited w = {
		.req = { .op = BLOCK_WRITE, .length = sizeof(buf), .iov = &iov, .nr_iov = 1,
			 .flush_after = true },
	};
	struct block *blk;

	make_raw(f->path, DISK_SIZE);
	blk = open_disk(f->path, BLOCK_FORMAT_RAW, false, false);
	submit(blk, &w);
	assert_int_equal(wait_for(&w), 0);
	block_close(blk);
}

/* Closing while requests are queued: each one is done, and its bytes are in the file. */
static void test_close_completes_everything(void **state)
{
	enum { REQUESTS = 200, SIZE = 16384 };
	struct fixture *f = *state;
	struct waited *w = calloc(REQUESTS, sizeof(*w));
	struct iovec *iov = calloc(REQUESTS, sizeof(*iov));
	uint8_t *model = malloc(DISK_SIZE);
	struct block *blk;

	make_raw(f->path, DISK_SIZE);
	for (size_t i = 0; i < DISK_SIZE; i++)
		model[i] = i < REQUESTS * SIZE ? (uint8_t)~pattern(i) : pattern(i);
	blk = open_disk(f->path, BLOCK_FORMAT_RAW, false, false);
	for (unsigned int i = 0; i < REQUESTS; i++) {
		iov[i] = (struct iovec){ model + i * SIZE, SIZE };
		w[i].req = (struct block_request){
			.op = BLOCK_WRITE, .offset = i * SIZE, .length = SIZE, .iov = &iov[i],
			.nr_iov = 1,
		};
		submit(blk, &w[i]);
	}
	assert_int_equal(block_close(blk), 0);
	for (unsigned int i = 0; i < REQUESTS; i++) {
		assert_true(w[i].done);
		assert_int_equal(w[i].error, 0);
	}
	assert_file_is(f->path, model);
	free(model);
	free(iov);
	free(w);
}

static void test_errors(void **state)
{
	struct fixture *f = *state;
	char other[128];

	expect_error(f->path, BLOCK_FORMAT_RAW, "No such file");
	expect_error(f->path, BLOCK_FORMAT_QCOW2, "No such file");
	expect_error(f->dir, BLOCK_FORMAT_RAW, "expected a file or a block device");
	expect_error(f->dir, BLOCK_FORMAT_QCOW2, "expected a file or a block device");
	expect_error("/dev/null", BLOCK_FORMAT_RAW, "expected a file or a block device");
	snprintf(other, sizeof(other), "%s/fifo", f->dir);
	shell("mkfifo %s", other);
	expect_error(other, BLOCK_FORMAT_RAW, "expected a file or a block device");
	make_raw(f->path, 0);
	expect_error(f->path, BLOCK_FORMAT_RAW, "empty");
	make_raw(f->path, 65536);
	expect_error(f->path, BLOCK_FORMAT_QCOW2, "not in qcow2 format");
	shell("qemu-img create -q -f qcow2 %s 1M", f->path);
	expect_error(f->path, BLOCK_FORMAT_NONE, "format=qcow2 or format=raw");
	setenv("PATH", "/nonexistent", 1);
	expect_error(f->path, BLOCK_FORMAT_QCOW2, "qemu-utils");
	setenv("PATH", "/usr/local/bin:/usr/bin:/bin", 1);
}

static void test_one_writer(void **state)
{
	struct fixture *f = *state;
	struct block *blk, *other;

	make_raw(f->path, DISK_SIZE);
	blk = open_disk(f->path, BLOCK_FORMAT_RAW, false, false);
	expect_error(f->path, BLOCK_FORMAT_RAW, "in use");
	block_close(blk);
	blk = open_disk(f->path, BLOCK_FORMAT_RAW, true, false);
	other = open_disk(f->path, BLOCK_FORMAT_RAW, false, true);
	expect_error(f->path, BLOCK_FORMAT_RAW, "in use");
	block_close(other);
	block_close(blk);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_raw, setup, teardown),
		cmocka_unit_test_setup_teardown(test_discard_keeps_the_rest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bounds, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read_only, setup, teardown),
		cmocka_unit_test_setup_teardown(test_raw_snapshot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_qcow2, setup, teardown),
		cmocka_unit_test_setup_teardown(test_qcow2_snapshot, setup, teardown),
		cmocka_unit_test_setup_teardown(test_probe, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flush_after, setup, teardown),
		cmocka_unit_test_setup_teardown(test_close_completes_everything, setup, teardown),
		cmocka_unit_test_setup_teardown(test_errors, setup, teardown),
		cmocka_unit_test_setup_teardown(test_one_writer, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
