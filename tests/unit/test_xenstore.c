/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store by its protocol: permissions, quotas, transactions that conflict, watches. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <xen/interface/io/xs_wire.h>

#include "backend/xenstore.h"

static struct xenstore *s;
static struct xenstore_conn *host, *one, *two; /* domains 0, 1, 2 */
static int wakes;

static void wake(void *ctx)
{
	wakes++;
}

static int setup(void **state)
{
	struct xs_perm perm = { 1, 0 };

	s = xenstore_create(NULL);
	host = xenstore_connect(s, 0, wake, NULL);
	one = xenstore_connect(s, 1, wake, NULL);
	two = xenstore_connect(s, 2, wake, NULL);
	xenstore_printf(s, "/local/domain/1", "%s", "");
	xenstore_set_perms(s, "/local/domain/1", &perm, 1);
	return 0;
}

static int teardown(void **state)
{
	xenstore_disconnect(host);
	xenstore_disconnect(one);
	xenstore_disconnect(two);
	xenstore_destroy(s);
	return 0;
}

static char answer[8192];
static size_t answer_len;

/* The next message's type, its payload in answer; -1 if there is none. */
static int next(struct xenstore_conn *c)
{
	struct xsd_sockmsg m;

	if (xenstore_output(c, (uint8_t *)&m, sizeof(m)) != sizeof(m))
		return -1;
	answer_len = xenstore_output(c, (uint8_t *)answer, m.len);
	assert_int_equal(answer_len, m.len);
	answer[answer_len] = 0;
	return (int)m.type;
}

/* A request whose payload is a list of strings; the answer's type. */
static int ask_tx(struct xenstore_conn *c, uint32_t tx, uint32_t type, const char *data, size_t len)
{
	struct xsd_sockmsg m = { type, 7, tx, (uint32_t)len };

	assert_int_equal(xenstore_input(c, (uint8_t *)&m, sizeof(m)), sizeof(m));
	assert_int_equal(xenstore_input(c, (const uint8_t *)data, len), len);
	return next(c);
}

#define ASK(c, type, text) ask_tx(c, 0, type, text, sizeof(text))
#define ASK_TX(c, tx, type, text) ask_tx(c, tx, type, text, sizeof(text))
/* A value has no NUL at its end. */
#define WRITE(c, text) ask_tx(c, 0, XS_WRITE, text, sizeof(text) - 1)
#define WRITE_TX(c, tx, text) ask_tx(c, tx, XS_WRITE, text, sizeof(text) - 1)
#define ERROR_IS(type, name) \
	do { \
		assert_int_equal(type, XS_ERROR); \
		assert_string_equal(answer, name); \
	} while (0)

static uint32_t begin(struct xenstore_conn *c)
{
	assert_int_equal(ASK(c, XS_TRANSACTION_START, ""), XS_TRANSACTION_START);
	return (uint32_t)atoi(answer);
}

/* Quotas count what is there. */
static void counts_match(void)
{
	assert_int_equal(ASK(host, XS_DEBUG, "check"), XS_DEBUG);
	assert_string_equal(answer, "OK");
}

static void permissions(void **state)
{
	ERROR_IS(WRITE(one, "/tool\0x"), "EACCES");
	assert_int_equal(WRITE(one, "data/x\0hello"), XS_WRITE);
	assert_int_equal(ASK(one, XS_READ, "/local/domain/1/data/x"), XS_READ);
	assert_string_equal(answer, "hello");
	/* Neither what it says nor whether it is there. */
	ERROR_IS(ASK(two, XS_READ, "/local/domain/1/data/x"), "EACCES");
	ERROR_IS(ASK(two, XS_READ, "/local/domain/1/data/y"), "EACCES");
	ERROR_IS(ASK(one, XS_READ, "data/y"), "ENOENT");
	assert_int_equal(ASK(one, XS_SET_PERMS, "data/x\0n1\0r2"), XS_SET_PERMS);
	assert_int_equal(ASK(two, XS_READ, "/local/domain/1/data/x"), XS_READ);
	ERROR_IS(ask_tx(two, 0, XS_WRITE, "/local/domain/1/data/x\0y", 24), "EACCES");
	/* Nobody gives away or takes what he does not own. */
	ERROR_IS(ASK(two, XS_SET_PERMS, "/local/domain/1/data/x\0n2"), "EACCES");
	ERROR_IS(ASK(one, XS_SET_PERMS, "data/x\0n2"), "EACCES");
	ERROR_IS(ASK(one, XS_SET_PERMS, "data/x\0q1"), "EINVAL");
	ERROR_IS(ask_tx(one, 0, XS_SET_PERMS, "data/x", 7), "EINVAL");
	assert_int_equal(ASK(one, XS_GET_PERMS, "data/x"), XS_GET_PERMS);
	assert_memory_equal(answer, "n1\0r2", 6);
}

static void quotas(void **state)
{
	char text[3000];
	unsigned int i;
	int n;

	memset(text, 'v', sizeof(text));
	n = sprintf(text, "data/v") + 1;
	ERROR_IS(ask_tx(one, 0, XS_WRITE, text, (size_t)n + 2049), "ENOSPC");
	assert_int_equal(ask_tx(one, 0, XS_WRITE, text, (size_t)n + 2048), XS_WRITE);
	for (i = 0; ; i++) {
		n = sprintf(text, "data/n%u", i) + 1;
		if (ask_tx(one, 0, XS_WRITE, text, (size_t)n) == XS_ERROR)
			break;
	}
	assert_string_equal(answer, "ENOSPC");
	/* 1000 with its directory, data and data/v. */
	assert_int_equal(i, 997);
	assert_int_equal(ASK(one, XS_RM, "data/n5"), XS_RM);
	assert_int_equal(WRITE(one, "data/m\0"), XS_WRITE);
	ERROR_IS(WRITE(one, "data/o\0"), "ENOSPC");
	for (i = 0; i < 10; i++)
		begin(one);
	ERROR_IS(ASK(one, XS_TRANSACTION_START, ""), "ENOSPC");
	for (i = 0; i < 128; i++) {
		n = sprintf(text, "data/n%u%ctoken", i, 0) + 1;
		assert_int_equal(ask_tx(one, 0, XS_WATCH, text, (size_t)n), XS_WATCH);
		assert_int_equal(next(one), XS_WATCH_EVENT);
	}
	ERROR_IS(ASK(one, XS_WATCH, "data\0token"), "ENOSPC");
	assert_int_equal(ASK(one, XS_RESET_WATCHES, ""), XS_RESET_WATCHES);
	assert_int_equal(ASK(one, XS_WATCH, "data\0token"), XS_WATCH);
	begin(two);
	counts_match();
	ERROR_IS(ASK(two, XS_DEBUG, "check"), "EACCES");
}

static void transactions(void **state)
{
	uint32_t t, u;

	WRITE(host, "/x\0001");
	t = begin(host);
	assert_int_equal(WRITE_TX(host, t, "/x\0002"), XS_WRITE);
	/* Nobody sees it before its end. */
	ASK(host, XS_READ, "/x");
	assert_string_equal(answer, "1");
	ASK_TX(host, t, XS_READ, "/x");
	assert_string_equal(answer, "2");
	assert_int_equal(ASK_TX(host, t, XS_TRANSACTION_END, "T"), XS_TRANSACTION_END);
	ASK(host, XS_READ, "/x");
	assert_string_equal(answer, "2");
	/* Given up. */
	t = begin(host);
	WRITE_TX(host, t, "/x\0003");
	assert_int_equal(ASK_TX(host, t, XS_TRANSACTION_END, "F"), XS_TRANSACTION_END);
	ASK(host, XS_READ, "/x");
	assert_string_equal(answer, "2");
	/* What it read has changed. */
	t = begin(host);
	ASK_TX(host, t, XS_READ, "/x");
	WRITE_TX(host, t, "/y\0003");
	WRITE(host, "/x\0004");
	ERROR_IS(ASK_TX(host, t, XS_TRANSACTION_END, "T"), "EAGAIN");
	ERROR_IS(ASK(host, XS_READ, "/y"), "ENOENT");
	/* That it was not there is something it read, too. */
	t = begin(host);
	ASK_TX(host, t, XS_READ, "/z");
	WRITE(host, "/z\0001");
	ERROR_IS(ASK_TX(host, t, XS_TRANSACTION_END, "T"), "EAGAIN");
	/* Two that do not meet. */
	WRITE(host, "/p/a\0001");
	WRITE(host, "/q/a\0001");
	t = begin(host);
	u = begin(host);
	WRITE_TX(host, t, "/p/a\0002");
	WRITE_TX(host, u, "/q/a\0002");
	assert_int_equal(ASK_TX(host, t, XS_TRANSACTION_END, "T"), XS_TRANSACTION_END);
	assert_int_equal(ASK_TX(host, u, XS_TRANSACTION_END, "T"), XS_TRANSACTION_END);
	ASK(host, XS_READ, "/q/a");
	assert_string_equal(answer, "2");
	ERROR_IS(ASK_TX(host, 4711, XS_READ, "/x"), "ENOENT");
	ERROR_IS(ASK_TX(host, t, XS_TRANSACTION_END, "T"), "ENOENT");
	t = begin(host);
	ERROR_IS(ASK_TX(host, t, XS_TRANSACTION_START, ""), "EBUSY");
	ERROR_IS(ASK_TX(host, t, XS_TRANSACTION_END, "maybe"), "EINVAL");
	/* A domain's, done and undone. */
	t = begin(one);
	WRITE_TX(one, t, "data/a/b\0001");
	ASK_TX(one, t, XS_TRANSACTION_END, "T");
	t = begin(one);
	WRITE_TX(one, t, "data/c\0001");
	ASK_TX(one, t, XS_RM, "data/a");
	ASK_TX(one, t, XS_TRANSACTION_END, "T");
	t = begin(one);
	ASK_TX(one, t, XS_RM, "data/c");
	ASK_TX(one, t, XS_TRANSACTION_END, "F");
	counts_match();
}

static void watches(void **state)
{
	assert_int_equal(ASK(one, XS_WATCH, "dev\0tok"), XS_WATCH);
	assert_int_equal(next(one), XS_WATCH_EVENT);
	assert_memory_equal(answer, "dev\0tok", 8);
	ERROR_IS(ASK(one, XS_WATCH, "dev\0tok"), "EEXIST");
	xenstore_printf(s, "/local/domain/1/dev/state", "%d", 4);
	assert_int_equal(next(one), XS_WATCH_EVENT);
	assert_memory_equal(answer, "dev/state\0tok", 14);
	assert_int_equal(next(one), -1);
	/* Not for one whose name only begins the same. */
	xenstore_printf(s, "/local/domain/1/device", "%d", 4);
	assert_int_equal(next(one), -1);
	/* Not what it may not read. */
	assert_int_equal(ASK(two, XS_WATCH, "/local/domain/1\0t"), XS_WATCH);
	assert_int_equal(next(two), XS_WATCH_EVENT);
	xenstore_printf(s, "/local/domain/1/dev/state", "%d", 5);
	assert_int_equal(next(two), -1);
	assert_int_equal(next(one), XS_WATCH_EVENT);
	/* Removed above it. */
	xenstore_remove(s, "/local/domain/1");
	assert_int_equal(next(one), XS_WATCH_EVENT);
	assert_memory_equal(answer, "dev\0tok", 8);
	assert_int_equal(ASK(one, XS_UNWATCH, "dev\0tok"), XS_UNWATCH);
	ERROR_IS(ASK(one, XS_UNWATCH, "dev\0tok"), "ENOENT");
	/* Domains. */
	ERROR_IS(ASK(one, XS_WATCH, "@releaseDomain\0x"), "EACCES");
	assert_int_equal(ASK(host, XS_WATCH, "@releaseDomain\0x"), XS_WATCH);
	next(host);
	xenstore_introduce(s, 5);
	ASK(host, XS_IS_DOMAIN_INTRODUCED, "5");
	assert_string_equal(answer, "T");
	xenstore_release(s, 5);
	assert_int_equal(next(host), XS_WATCH_EVENT);
	assert_memory_equal(answer, "@releaseDomain\0x", 17);
	ASK(host, XS_IS_DOMAIN_INTRODUCED, "5");
	assert_string_equal(answer, "F");
}

static void commit_fires_watches(void **state)
{
	uint32_t t;

	ASK(host, XS_WATCH, "/w\0t");
	next(host);
	t = begin(one);
	assert_int_equal(ASK_TX(one, t, XS_TRANSACTION_END, "F"), XS_TRANSACTION_END);
	t = begin(host);
	WRITE_TX(host, t, "/w/a\0001");
	assert_int_equal(next(host), -1);
	/* The event comes with the end's answer; which of the two is first is not said. */
	assert_int_equal(ASK_TX(host, t, XS_TRANSACTION_END, "T"), XS_WATCH_EVENT);
	assert_int_equal(next(host), XS_TRANSACTION_END);
}

/* Requests that name domains. */
static void domains(void **state)
{
	struct xenstore_conn *late;

	ERROR_IS(ASK(host, XS_INTRODUCE, "1\0" "100\0" "3"), "EINVAL");
	ERROR_IS(ASK(host, XS_RELEASE, "1"), "ENOENT");
	ERROR_IS(ASK(host, XS_RESUME, "1"), "ENOENT");
	assert_int_equal(ASK(host, XS_WATCH, "@introduceDomain\0i"), XS_WATCH);
	assert_int_equal(next(host), XS_WATCH_EVENT);
	assert_int_equal(ASK(host, XS_WATCH, "@releaseDomain\0r"), XS_WATCH);
	assert_int_equal(next(host), XS_WATCH_EVENT);
	xenstore_introduce(s, 1);
	assert_int_equal(next(host), XS_WATCH_EVENT);
	assert_memory_equal(answer, "@introduceDomain\0i", 19);
	/* Once more is nothing new. */
	xenstore_introduce(s, 1);
	assert_int_equal(ASK(host, XS_INTRODUCE, "1\0" "100\0" "3"), XS_INTRODUCE);
	assert_int_equal(next(host), -1);
	ERROR_IS(ASK(host, XS_INTRODUCE, "1"), "EINVAL");
	assert_int_equal(ASK(one, XS_IS_DOMAIN_INTRODUCED, "1"), XS_IS_DOMAIN_INTRODUCED);
	assert_string_equal(answer, "T");
	assert_int_equal(ASK(one, XS_IS_DOMAIN_INTRODUCED, "2"), XS_IS_DOMAIN_INTRODUCED);
	assert_string_equal(answer, "F");
	assert_int_equal(ASK(one, XS_GET_DOMAIN_PATH, "2"), XS_GET_DOMAIN_PATH);
	assert_string_equal(answer, "/local/domain/2");
	/* None of a guest's business. */
	ERROR_IS(ASK(one, XS_INTRODUCE, "1\0" "100\0" "3"), "EACCES");
	ERROR_IS(ASK(one, XS_RELEASE, "1"), "EACCES");
	ERROR_IS(ASK(one, XS_RESUME, "1"), "EACCES");
	ERROR_IS(ASK(one, XS_SET_TARGET, "1\0" "2"), "EACCES");
	/* It shuts down, which is told once, and goes on. */
	xenstore_shutdown(s, 1);
	assert_int_equal(next(host), XS_WATCH_EVENT);
	assert_memory_equal(answer, "@releaseDomain\0r", 17);
	xenstore_shutdown(s, 1);
	assert_int_equal(next(host), -1);
	assert_int_equal(ASK(host, XS_RESUME, "1"), XS_RESUME);
	xenstore_shutdown(s, 1);
	assert_int_equal(next(host), XS_WATCH_EVENT);
	/* Domain 2 works for domain 1, with its rights. */
	assert_int_equal(WRITE(one, "data\0x"), XS_WRITE);
	ERROR_IS(ASK(two, XS_READ, "/local/domain/1/data"), "EACCES");
	ERROR_IS(ASK(host, XS_SET_TARGET, "2\0" "1"), "ENOENT");
	xenstore_introduce(s, 2);
	assert_int_equal(next(host), XS_WATCH_EVENT);
	ERROR_IS(ASK(host, XS_SET_TARGET, "2\0" "9"), "ENOENT");
	assert_int_equal(ASK(host, XS_SET_TARGET, "2\0" "1"), XS_SET_TARGET);
	assert_int_equal(ASK(two, XS_READ, "/local/domain/1/data"), XS_READ);
	assert_int_equal(ASK(two, XS_SET_PERMS, "/local/domain/1/data\0r1"), XS_SET_PERMS);
	ERROR_IS(ASK(two, XS_SET_PERMS, "/local/domain/1/data\0n2"), "EACCES");
	/* Released: not heard, and watches nothing; a new connection is. */
	assert_int_equal(ASK(one, XS_WATCH, "data\0w"), XS_WATCH);
	assert_int_equal(next(one), XS_WATCH_EVENT);
	assert_int_equal(ASK(host, XS_RELEASE, "1"), XS_WATCH_EVENT);
	assert_int_equal(next(host), XS_RELEASE);
	xenstore_printf(s, "/local/domain/1/data", "y");
	assert_int_equal(next(one), -1);
	assert_int_equal(xenstore_input(one, (const uint8_t *)"x", 1), -1);
	ERROR_IS(ASK(two, XS_READ, "/local/domain/1/data/z"), "ENOENT");
	assert_int_equal(ASK(host, XS_SET_PERMS, "/local/domain/1/data\0n1"), XS_SET_PERMS);
	ERROR_IS(ASK(two, XS_READ, "/local/domain/1/data"), "EACCES");
	late = xenstore_connect(s, 1, wake, NULL);
	assert_int_equal(ASK(late, XS_READ, "data"), XS_READ);
	xenstore_disconnect(late);
}

static void reset(void **state)
{
	uint32_t tx = begin(one);

	assert_int_equal(ASK(one, XS_WATCH, "data\0w"), XS_WATCH);
	assert_int_equal(next(one), XS_WATCH_EVENT);
	assert_int_equal(ASK(one, XS_RESET_WATCHES, ""), XS_RESET_WATCHES);
	xenstore_printf(s, "/local/domain/1/data", "y");
	assert_int_equal(next(one), -1);
	ERROR_IS(ASK_TX(one, tx, XS_TRANSACTION_END, "T"), "ENOENT");
}

static void malformed(void **state)
{
	struct xsd_sockmsg m = { XS_READ, 1, 0, XENSTORE_PAYLOAD_MAX + 1 };
	char text[4000];

	ERROR_IS(ask_tx(host, 0, XS_READ, "/abc", 4), "EINVAL"); /* no NUL */
	ERROR_IS(ask_tx(host, 0, XS_READ, "", 0), "EINVAL");
	ERROR_IS(ASK(host, XS_READ, "/a b"), "EINVAL");
	ERROR_IS(ASK(host, XS_READ, "/a//b"), "EINVAL");
	ERROR_IS(ASK(host, XS_READ, "/a/"), "EINVAL");
	ERROR_IS(ASK(host, XS_READ, ""), "EINVAL");
	ERROR_IS(ASK(host, XS_RM, "/"), "EINVAL");
	ERROR_IS(ASK(host, XS_WATCH, "/a"), "EINVAL");
	ERROR_IS(ASK(host, XS_GET_DOMAIN_PATH, "-1"), "EINVAL");
	ERROR_IS(ASK(host, XS_RESTRICT, "1"), "ENOSYS");
	ERROR_IS(ASK(host, XS_DEBUG, "nothing"), "EINVAL");
	ERROR_IS(ASK(host, XS_DEBUG, ""), "EINVAL");
	ERROR_IS(ASK(host, 99, "1"), "ENOSYS");
	memset(text, 'a', sizeof(text));
	text[0] = '/';
	text[3500] = 0;
	ERROR_IS(ask_tx(host, 0, XS_READ, text, 3501), "EINVAL");
	assert_int_equal(xenstore_input(host, (uint8_t *)&m, sizeof(m)), -1);
	assert_int_equal(xenstore_input(host, (uint8_t *)&m, sizeof(m)), -1);
}

/* Who asks and never reads the answers is not listened to for ever. */
static void deaf_client(void **state)
{
	static const char req[] = "data";
	struct xsd_sockmsg m = { XS_DIRECTORY, 1, 0, sizeof(req) };
	uint8_t msg[sizeof(m) + sizeof(req)], buf[4096];
	unsigned int i;
	long n = 0;

	WRITE(one, "data/a-child-with-a-name\0x");
	memcpy(msg, &m, sizeof(m));
	memcpy(msg + sizeof(m), req, sizeof(req));
	for (i = 0; i < 100000; i++) {
		n = xenstore_input(one, msg, sizeof(msg));
		if (n != (long)sizeof(msg))
			break;
	}
	assert_int_equal(n, 0);
	wakes = 0;
	while (xenstore_output(one, buf, sizeof(buf)))
		;
	assert_true(wakes > 0);
	assert_int_equal(xenstore_input(one, msg, sizeof(msg)), sizeof(msg));
}

static void changed(void *ctx)
{
	(*(int *)ctx)++;
}

static void host_use(void **state)
{
	struct xenstore_watch *w;
	char *text;
	int n = 0;

	w = xenstore_watch_add(s, "/b", changed, &n);
	assert_int_equal(n, 1);
	assert_int_equal(xenstore_printf(s, "/b/c", "%d", 42), 0);
	assert_int_equal(n, 2);
	text = xenstore_read(s, "/b/c", NULL);
	assert_string_equal(text, "42");
	free(text);
	text = xenstore_list(s, "/b");
	assert_memory_equal(text, "c\0", 3);
	free(text);
	assert_int_equal(xenstore_remove(s, "/b"), 0);
	assert_int_equal(n, 3);
	assert_null(xenstore_read(s, "/b/c", NULL));
	assert_int_equal(xenstore_remove(s, "/b"), -ENOENT);
	xenstore_watch_remove(s, w);
	xenstore_printf(s, "/b", "1");
	assert_int_equal(n, 3);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(permissions), T(quotas), T(transactions), T(watches), T(commit_fires_watches),
		T(domains), T(reset), T(malformed), T(deaf_client), T(host_use),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
