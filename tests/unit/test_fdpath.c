/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names that stand for descriptors. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/fdpath.h"

static int temporary(const char *text)
{
	char name[] = "/tmp/fdpathXXXXXX";
	int fd = mkstemp(name);

	assert_true(fd >= 0);
	unlink(name);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	return fd;
}

static void a_descriptor_is_read_from_its_start_each_time(void **state)
{
	int fd = temporary("hello");
	char name[32], buf[8] = "";

	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	for (int i = 0; i < 2; i++) {
		int copy = fdpath_open(name, O_RDONLY, 0);

		assert_true(copy >= 0 && copy != fd);
		assert_int_equal(read(copy, buf, sizeof(buf)), 5);
		assert_memory_equal(buf, "hello", 5);
		assert_true(fcntl(copy, F_GETFD) & FD_CLOEXEC);
		close(copy);
	}
	close(fd);
}

static void rights_are_those_of_the_descriptor(void **state)
{
	int fd = open("/dev/null", O_RDONLY), copy;
	char name[32];

	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	copy = fdpath_open(name, O_RDONLY, 0);
	assert_true(copy >= 0);
	close(copy);
	assert_int_equal(fdpath_open(name, O_RDWR, 0), -1);
	assert_int_equal(errno, EACCES);
	assert_int_equal(fdpath_open(name, O_WRONLY, 0), -1);
	close(fd);
	assert_int_equal(fdpath_open(name, O_RDONLY, 0), -1);
	assert_int_equal(errno, EBADF);
}

static void truncation_is_done(void **state)
{
	int fd = temporary("hello"), copy;
	char name[32];

	snprintf(name, sizeof(name), "/dev/fd/%d", fd);
	copy = fdpath_open(name, O_WRONLY | O_TRUNC, 0);
	assert_true(copy >= 0);
	assert_int_equal(lseek(fd, 0, SEEK_END), 0);
	close(copy);
	close(fd);
}

static void other_names_are_files(void **state)
{
	int fd = fdpath_open("/dev/null", O_RDWR, 0);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(fdpath_open("/nowhere/file", O_RDONLY, 0), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(fdpath_open("/dev/fd/9x", O_RDONLY, 0), -1);
	assert_int_equal(errno, EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_descriptor_is_read_from_its_start_each_time),
		cmocka_unit_test(rights_are_those_of_the_descriptor),
		cmocka_unit_test(truncation_is_done),
		cmocka_unit_test(other_names_are_files),
	};

	return cmocka_run_group_tests_name("names of descriptors", tests, NULL, NULL);
}
