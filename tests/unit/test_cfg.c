/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Configuration files: xl.cfg(5)'s syntax, the keys, the places in error lines; and noise. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/cfg.h"
#include "tool/cpulist.h"
#include "tool/domain_config.h"

static struct cfg parse(const char *text)
{
	struct cfg cfg = { 0 };
	struct error err = { "" };

	if (cfg_parse(&cfg, "f", text, strlen(text), &err))
		fail_msg("'%s': %s", text, err.msg);
	return cfg;
}

static void refuse(const char *text, const char *message)
{
	struct cfg cfg = { 0 };
	struct error err = { "" };

	if (!cfg_parse(&cfg, "f", text, strlen(text), &err))
		fail_msg("'%s' was accepted", text);
	if (strncmp(err.msg, message, strlen(message)))
		fail_msg("'%s' says '%s', not '%s'", text, err.msg, message);
	cfg_free(&cfg);
}

/* --- syntax --- */

static void strings_numbers_and_lists_are_read(void **state)
{
	struct cfg cfg = parse("# a comment\n"
			       "name = \"web\"\n"
			       "  extra='a \"b\" c'   # behind a value\r\n"
			       "memory=0x100; vcpus = 010;\n"
			       "\n"
			       "disk = [ 'one',\n"
			       "         # between\n"
			       "         \"two\", 3, ['four'],\n"
			       "       ]\n"
			       "empty=[]");

	assert_int_equal(cfg.nr, 6);
	assert_string_equal(cfg.settings[0].key, "name");
	assert_string_equal(cfg.settings[0].value.text, "web");
	assert_int_equal(cfg.settings[0].value.at.line, 2);
	assert_int_equal(cfg.settings[0].value.at.column, 8);
	assert_string_equal(cfg.settings[1].value.text, "a \"b\" c");
	assert_int_equal(cfg.settings[1].at.column, 3);
	assert_int_equal(cfg.settings[2].value.type, CFG_NUMBER);
	assert_int_equal(cfg.settings[2].value.number, 256);
	assert_int_equal(cfg.settings[3].value.number, 8);
	assert_int_equal(cfg.settings[4].value.nr_items, 4);
	assert_string_equal(cfg.settings[4].value.items[1].text, "two");
	assert_int_equal(cfg.settings[4].value.items[1].at.line, 8);
	assert_int_equal(cfg.settings[4].value.items[2].number, 3);
	assert_string_equal(cfg.settings[4].value.items[3].items[0].text, "four");
	assert_int_equal(cfg.settings[5].value.nr_items, 0);
	cfg_free(&cfg);
}

static void escapes_stand_for_bytes(void **state)
{
	struct cfg cfg = parse("a = \"\\\"q\\\" \\x41\\102 \\n\\\\\"");

	assert_string_equal(cfg.settings[0].value.text, "\"q\" AB \n\\");
	cfg_free(&cfg);
}

static void a_later_text_overrides(void **state)
{
	struct cfg cfg = parse("name = 'a'\nmemory = 1\nvcpus = 2\n");
	struct error err;

	assert_int_equal(cfg_parse(&cfg, "g", "memory=7; name='b'", 18, &err), 0);
	assert_int_equal(cfg.nr, 3);
	for (size_t i = 0; i < cfg.nr; i++) {
		if (!strcmp(cfg.settings[i].key, "name"))
			assert_string_equal(cfg.settings[i].value.text, "b");
		if (!strcmp(cfg.settings[i].key, "memory"))
			assert_int_equal(cfg.settings[i].value.number, 7);
	}
	/* But twice in the same text is a slip. */
	assert_int_equal(cfg_parse(&cfg, "h", "vcpus=1; vcpus=2", 16, &err), -1);
	assert_non_null(strstr(err.msg, "h:1:10: vcpus is set a second time"));
	cfg_free(&cfg);
}

static void errors_name_the_place(void **state)
{
	refuse("name", "f:1:5: the end of the file");
	refuse("name \"x\"", "f:1:6: '\"' where it cannot be; accepted: '='");
	refuse("a = 1\n = 2", "f:2:2: '='");
	refuse("a = b", "f:1:5: 'b' where it cannot be; accepted: a string in quotes");
	refuse("a = 'x", "f:1:5: a string without its end");
	refuse("a = 'x\n'", "f:1:5: a string without its end");
	refuse("a = 'x' 'y'", "f:1:9: ''' where it cannot be; accepted: a new line or ';'");
	refuse("a = [ 'x' 'y' ]", "f:1:11: ''' where it cannot be; accepted: ',' or ']'");
	refuse("a = [ 'x',\n\n", "f:1:5: a list without its end");
	refuse("a = [", "f:1:5: a list without its end");
	refuse("a = 12x", "f:1:5: '12x' is no number");
	refuse("a = 99999999999999999999", "f:1:5: '99999999999999999999' is no number");
	refuse("a = \"\\x\"", "f:1:8: ");
	refuse("a = \"\\0\"", "f:1:7: ");
	refuse("\x01", "f:1:1: byte 0x01 where it cannot be");
	refuse("a = [[[[[[[[[[1]]]]]]]]]]", "f:1:13: a list in 8 others");
}

static void arguments_have_no_lines(void **state)
{
	static const char good[] = "memory = [ 'x',\n2 ]", bad[] = "\nmemory = \n";
	struct cfg cfg = { 0 };
	struct error err;

	assert_int_equal(cfg_parse_argument(&cfg, "--memory", good, strlen(good), &err), 0);
	assert_int_equal(cfg_error(&err, &cfg.settings[0].value.items[1].at, "%s", "too much"), -1);
	assert_string_equal(err.msg, "--memory: too much");
	assert_int_equal(cfg_parse_argument(&cfg, "memory=", bad, strlen(bad), &err), -1);
	assert_non_null(strstr(err.msg, "memory=: the end of the line where it cannot be"));
	assert_int_equal(cfg_parse_argument(&cfg, "memory=", bad, strlen(bad) - 1, &err), -1);
	assert_non_null(strstr(err.msg, "memory=: the end where it cannot be"));
	cfg_free(&cfg);
}

static void zero_bytes_are_refused(void **state)
{
	static const char text[] = "a = 'x\0y'";
	struct cfg cfg = { 0 };
	struct error err;

	assert_int_equal(cfg_parse(&cfg, "f", text, sizeof(text) - 1, &err), -1);
	assert_non_null(strstr(err.msg, "f:1:7: byte 0x00"));
	cfg_free(&cfg);
}

/* Any text is either taken, or refused with a place and what is accepted. */
static void noise_does_no_harm(void **state)
{
	static const char *const pieces[] = {
		"name", "=", "'x'", "\"y\\n\"", "[", "]", ",", ";", "\n", "#c\n", "12", "0x", "'", "\"",
		"\\", " ", "disk", "\xff", "\x00", "memory = 64\n", "['a',\n'b']", "-1", "\\x41",
	};
	uint64_t seed = 88172645463325252u;

	for (int round = 0; round < 200000; round++) {
		char text[256];
		size_t len = 0;
		struct cfg cfg = { 0 };
		struct error err = { "" };

		while (len < sizeof(text) - 32) {
			const char *piece;
			size_t n;

			seed ^= seed << 13; /* xorshift64 */
			seed ^= seed >> 7;
			seed ^= seed << 17;
			if (seed % 13 == 0)
				break;
			piece = pieces[(seed >> 8) % (sizeof(pieces) / sizeof(pieces[0]))];
			n = *piece ? strlen(piece) : 1;
			memcpy(text + len, piece, n);
			len += n;
		}
		if (cfg_parse(&cfg, "f", text, len, &err)) {
			assert_int_equal(strncmp(err.msg, "f:", 2), 0);
			assert_non_null(strstr(err.msg, round ? "accepted: " : ""));
		} else {
			json_decref(domain_config_check(&cfg, &err));
		}
		cfg_free(&cfg);
	}
}

/* --- keys --- */

static json_t *check(const char *text)
{
	struct cfg cfg = parse(text);
	struct error err = { "" };
	json_t *config = domain_config_check(&cfg, &err);

	if (!config)
		fail_msg("'%s': %s", text, err.msg);
	cfg_free(&cfg);
	return config;
}

static void refuse_value(const char *text, const char *place, const char *accepted)
{
	struct cfg cfg = parse(text);
	struct error err = { "" };
	json_t *config = domain_config_check(&cfg, &err);

	if (config)
		fail_msg("'%s' was accepted", text);
	if (strncmp(err.msg, place, strlen(place)) || !strstr(err.msg, accepted))
		fail_msg("'%s' says '%s', not '%s' and '%s'", text, err.msg, place, accepted);
	cfg_free(&cfg);
}

#define MINIMUM "name='x'\nkernel='k'\n"

static long long number(const json_t *config, const char *key)
{
	return json_integer_value(json_object_get(config, key));
}

static void what_is_not_set_has_xl_s_defaults(void **state)
{
	json_t *c = check(MINIMUM);

	assert_int_equal(number(c, "vcpus"), 1);
	assert_int_equal(number(c, "maxvcpus"), 1);
	assert_int_equal(number(c, "memory"), number(c, "maxmem"));
	assert_string_equal(json_string_value(json_object_get(c, "type")), "pv");
	assert_string_equal(json_string_value(json_object_get(c, "on_poweroff")), "destroy");
	assert_string_equal(json_string_value(json_object_get(c, "on_reboot")), "restart");
	assert_string_equal(json_string_value(json_object_get(c, "on_crash")), "destroy");
	assert_int_equal(strlen(json_string_value(json_object_get(c, "uuid"))), 36);
	json_decref(c);
}

static void values_are_taken_as_xl_takes_them(void **state)
{
	json_t *c = check(MINIMUM "memory='128'\nmaxmem=0x200\nvcpus=2\nmaxvcpus=4\ncpus='0'\n"
			  "builder='generic'\non_crash='preserve'\n"
			  "disk=['/img,raw,xvda,w', 'vdev=xvdb,format=qcow2,target=/a,b']\n"
			  "vif=['', 'mac=00:16:3e:00:00:01']\n");

	assert_int_equal(number(c, "memory"), 128);
	assert_int_equal(number(c, "maxmem"), 512);
	assert_int_equal(number(c, "maxvcpus"), 4);
	assert_int_equal(json_array_size(json_object_get(c, "cpus")), 4);
	assert_int_equal(json_array_size(json_object_get(c, "disk")), 2);
	assert_int_equal(json_array_size(json_object_get(c, "vif")), 2);
	json_decref(c);
	c = check(MINIMUM "root='/dev/xvda'\nextra='a'\ncmdline='b'");
	assert_string_equal(json_string_value(json_object_get(c, "extra")), "b");
	assert_null(json_object_get(c, "root"));
	json_decref(c);
	c = check(MINIMUM "maxvcpus=2\ncpus=['0', 'all']");
	assert_int_equal(json_array_size(json_object_get(c, "cpus")), 2);
	json_decref(c);
}

static void bad_values_say_what_is_accepted(void **state)
{
	refuse_value("kernel='k'", "f:1:1: name is not set", "accepted: name = ");
	refuse_value("name='x'", "f:1:1: kernel is not set", "accepted: kernel = ");
	refuse_value(MINIMUM "\nbootloder='x'", "f:4:1: unknown key 'bootloder'", "accepted: name ");
	refuse_value(MINIMUM "memory='lots'", "f:3:8: memory: 'lots'", "accepted: megabytes");
	refuse_value(MINIMUM "memory=10", "f:3:8: memory: '10'", "64 to ");
	refuse_value(MINIMUM "memory=[64]", "f:3:8: memory: a list", "accepted: megabytes");
	refuse_value(MINIMUM "memory=256\nmaxmem=128", "f:4:8: maxmem: 128 is less", "at least 256");
	refuse_value(MINIMUM "vcpus=0", "f:3:7: vcpus: '0'", "1 to 64");
	refuse_value(MINIMUM "vcpus=65", "f:3:7: vcpus: '65'", "1 to 64");
	refuse_value(MINIMUM "vcpus=4\nmaxvcpus=2", "f:4:10: maxvcpus: 2 is less", "at least 4");
	refuse_value(MINIMUM "type='hvm2'", "f:3:6: type: 'hvm2'", "accepted: pv, hvm");
	refuse_value(MINIMUM "type='hvm'\nmemory=64", "f:4:8: memory: 64", "at least 96");
	refuse_value(MINIMUM "type='hvm'\nmaxmem=1024", "f:4:8: maxmem: 1024", "no balloon");
	refuse_value(MINIMUM "type='hvm'\nvcpus=2\nmaxvcpus=3", "f:5:10: maxvcpus: 3", "vcpus");
	refuse_value(MINIMUM "on_crash='rename-restart'\ntype='hvm'", "f:3:10: on_crash", "preserve");
	refuse_value(MINIMUM "on_crash='explode'", "f:3:10: on_crash: 'explode'", "rename-restart");
	refuse_value(MINIMUM "on_crash=1", "f:3:10: on_crash: '1'", "preserve");
	refuse_value(MINIMUM "uuid='123'", "f:3:6: uuid: '123'", "accepted: a string as");
	refuse_value(MINIMUM "cpus='fast'", "f:3:6: cpus: 'fast'", "accepted: all");
	refuse_value(MINIMUM "cpus=['0', '9999']", "f:3:12: cpus: '9999'", "accepted: ");
	refuse_value(MINIMUM "cpus=['0','0']", "f:3:6: cpus: a list of 2 for 1", "at most one");
	refuse_value(MINIMUM "disk='x'", "f:3:6: disk: 'x'", "accepted: a list");
	refuse_value(MINIMUM "disk=[\n 'ok,raw,xvda',\n 'target=/x,vdev=zzz']", "f:5:2: ", "xvda");
	refuse_value(MINIMUM "disk=[1]", "f:3:7: disk: a number in the list", "accepted: ");
	refuse_value(MINIMUM "vif=['speed=fast']", "f:3:6: ", "accepted");
	refuse_value("kernel='k'\nname='a b'", "f:2:6: name: 'a b'", "without blanks");
	refuse_value("kernel='k'\nname='17'", "f:2:6: name: '17'", "not digits alone");
	refuse_value("kernel='k'\nname=''", "f:2:6: name: ''", "1 to 79");
	refuse_value("kernel=7\nname='x'", "f:1:8: kernel: '7'", "accepted: the name");
}

/* --- lists of processors --- */

static void lists_of_processors(void **state)
{
	struct error err;
	cpu_set_t set, all;
	char buf[64];

	cpulist_all(&all);
	assert_int_equal(cpulist_parse(&set, "all", &err), 0);
	assert_true(CPU_EQUAL(&set, &all));
	assert_string_equal(cpulist_print(&set, buf, sizeof(buf)), "all");
	assert_int_equal(cpulist_parse(&set, "0", &err), 0);
	assert_int_equal(CPU_COUNT(&set), 1);
	assert_int_equal(cpulist_parse(&set, "all,^0,0", &err), 0);
	assert_true(CPU_ISSET(0, &set));
	assert_int_equal(cpulist_parse(&set, "0-1023, ^1-1023", &err), 0);
	assert_int_equal(CPU_COUNT(&set), 1);
	for (const char *const *bad = (const char *const[]){ "", "x", "0-", "1-0", "^0", "0,,1", "0;1",
	     "0-3x", "-1", "9999", NULL }; *bad; bad++)
		assert_int_equal(cpulist_parse(&set, *bad, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(strings_numbers_and_lists_are_read),
		cmocka_unit_test(escapes_stand_for_bytes),
		cmocka_unit_test(a_later_text_overrides),
		cmocka_unit_test(errors_name_the_place),
		cmocka_unit_test(arguments_have_no_lines),
		cmocka_unit_test(zero_bytes_are_refused),
		cmocka_unit_test(noise_does_no_harm),
		cmocka_unit_test(what_is_not_set_has_xl_s_defaults),
		cmocka_unit_test(values_are_taken_as_xl_takes_them),
		cmocka_unit_test(bad_values_say_what_is_accepted),
		cmocka_unit_test(lists_of_processors),
	};

	return cmocka_run_group_tests_name("configuration files", tests, NULL, NULL);
}
