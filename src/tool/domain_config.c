/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Domain configurations: a table of the keys, and the checks of their values. */
#include "tool/domain_config.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "jit/jit.h"
#include "machine/machine.h"
#include "machine/trace.h"
#include "tool/cpulist.h"
#include "tool/tool.h"
#include "xen/pv_device.h"
#include "xen/pv_domain.h"

#define DEFAULT_MEMORY 512 /* MB */
#define MAX_MEMORY (1u << 20)
#define MAX_DEVICES 64

struct key {
	const char *name;
	/* Checks the value and puts it into the object. 0, or -1 with *err. */
	int (*take)(const struct key *key, const struct cfg_value *v, json_t *out,
		    struct error *err);
	const char *accepted;
	unsigned int min, max; /* of numbers */
	const char *standard;  /* of texts: what it is if not set; NULL: absent */
};

static int refuse(const struct key *key, const struct cfg_value *v, struct error *err)
{
	if (v->type == CFG_LIST)
		return cfg_error(err, &v->at, "%s: a list; accepted: %s", key->name, key->accepted);
	return cfg_error(err, &v->at, "%s: '%.100s'; accepted: %s", key->name, v->text,
			 key->accepted);
}

static int put(json_t *out, const char *name, json_t *value, struct error *err)
{
	return json_object_set_new(out, name, value) ? error_set(err, "out of memory, or text that "
			"is not UTF-8, in %s", name) : 0;
}

/* --- kinds of values --- */

static int take_text(const struct key *key, const struct cfg_value *v, json_t *out,
		     struct error *err)
{
	if (v->type != CFG_STRING || (key->min && strlen(v->text) < key->min) ||
	    (key->max && strlen(v->text) > key->max))
		return refuse(key, v, err);
	return put(out, key->name, json_string(v->text), err);
}

/* xl takes numbers in quotes too. */
static int take_number(const struct key *key, const struct cfg_value *v, json_t *out,
		       struct error *err)
{
	unsigned long long n = v->number;
	char *end;

	if (v->type == CFG_STRING && isdigit((unsigned char)*v->text)) {
		errno = 0;
		n = strtoull(v->text, &end, 0);
		if (*end || errno)
			return refuse(key, v, err);
	} else if (v->type != CFG_NUMBER) {
		return refuse(key, v, err);
	}
	if (n < key->min || n > key->max)
		return refuse(key, v, err);
	return put(out, key->name, json_integer((json_int_t)n), err);
}

bool domain_name_valid(const char *name)
{
	size_t len = strlen(name);

	for (const char *p = name; *p; p++) {
		if (!isgraph((unsigned char)*p) || *p == '/')
			return false;
	}
	/* Digits alone would be taken for an id. */
	return len && len < PV_MAX_NAME && strspn(name, "0123456789") < len;
}

static int take_name(const struct key *key, const struct cfg_value *v, json_t *out,
		     struct error *err)
{
	if (v->type != CFG_STRING || !domain_name_valid(v->text))
		return refuse(key, v, err);
	return put(out, key->name, json_string(v->text), err);
}

static int take_word(const struct key *key, const struct cfg_value *v, json_t *out,
		     struct error *err)
{
	const char *p = key->accepted;
	size_t len;

	for (; v->type == CFG_STRING && *p; p += len + strspn(p + len, ", ")) {
		len = strcspn(p, ", ");
		if (strlen(v->text) == len && !strncmp(p, v->text, len))
			return put(out, key->name, json_string(v->text), err);
	}
	return refuse(key, v, err);
}

static bool console_valid(const char *where)
{
	return !strcmp(where, "pty") || !strcmp(where, "stdio") ||
	       ((!strncmp(where, "unix:", 5) || !strncmp(where, "file:", 5)) && where[5]);
}

static int take_console(const struct key *key, const struct cfg_value *v, json_t *out,
			struct error *err)
{
	if (v->type != CFG_STRING || !console_valid(v->text))
		return refuse(key, v, err);
	return put(out, key->name, json_string(v->text), err);
}

static int take_check(const struct key *key, const struct cfg_value *v, json_t *out,
		      struct error *err)
{
	unsigned int every;

	if (v->type != CFG_STRING || !tool_check(v->text, &every))
		return refuse(key, v, err);
	return put(out, key->name, json_integer(every), err);
}

static int take_trace(const struct key *key, const struct cfg_value *v, json_t *out,
		      struct error *err)
{
	char word[32];
	uint32_t bits;

	if (v->type != CFG_STRING || !trace_list(v->text, &bits, word, sizeof(word)))
		return refuse(key, v, err);
	return put(out, key->name, json_string(v->text), err);
}

/* A port may be a number. */
static int take_gdb(const struct key *key, const struct cfg_value *v, json_t *out,
		    struct error *err)
{
	char port[32];

	if (v->type == CFG_NUMBER)
		snprintf(port, sizeof(port), "%llu", v->number);
	if (v->type == CFG_LIST || !tool_gdb(v->type == CFG_NUMBER ? port : v->text))
		return refuse(key, v, err);
	return put(out, key->name, json_string(v->type == CFG_NUMBER ? port : v->text), err);
}

static int take_uuid(const struct key *key, const struct cfg_value *v, json_t *out,
		     struct error *err)
{
	if (v->type != CFG_STRING || strlen(v->text) != 36)
		return refuse(key, v, err);
	for (size_t i = 0; i < 36; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash ? v->text[i] != '-' : !isxdigit((unsigned char)v->text[i]))
			return refuse(key, v, err);
	}
	return put(out, key->name, json_string(v->text), err);
}

/* `builder` is the older word for `type`. */
static int take_builder(const struct key *key, const struct cfg_value *v, json_t *out,
			struct error *err)
{
	bool hvm = v->type == CFG_STRING && !strcmp(v->text, "hvm");

	if (v->type != CFG_STRING ||
	    (!hvm && strcmp(v->text, "generic") && strcmp(v->text, "linux")))
		return refuse(key, v, err);
	return put(out, "type", json_string(hvm ? "hvm" : "pv"), err);
}

static int take_cpus(const struct key *key, const struct cfg_value *v, json_t *out,
		     struct error *err)
{
	json_t *list = json_array();
	size_t n = v->type == CFG_LIST ? v->nr_items : 1;
	struct error why;
	cpu_set_t set;

	for (size_t i = 0; i < n; i++) {
		const struct cfg_value *item = v->type == CFG_LIST ? &v->items[i] : v;

		if (item->type == CFG_LIST) {
			json_decref(list);
			return refuse(key, item, err);
		}
		if (cpulist_parse(&set, item->text, &why)) {
			json_decref(list);
			return cfg_error(err, &item->at, "cpus: %s", why.msg);
		}
		json_array_append_new(list, json_string(item->text));
	}
	/* One string is for all vCPUs: complete() repeats it when it knows how many. */
	if (v->type != CFG_LIST)
		json_object_set_new(out, "cpus_all", json_true());
	return put(out, key->name, list, err);
}

static int take_devices(const struct key *key, const struct cfg_value *v, json_t *out,
			struct error *err)
{
	enum pv_device_kind kind = !strcmp(key->name, "disk") ? PV_DEVICE_DISK : PV_DEVICE_VIF;
	json_t *list;
	struct error why;

	if (v->type != CFG_LIST || v->nr_items > MAX_DEVICES)
		return refuse(key, v, err);
	list = json_array();
	for (size_t i = 0; i < v->nr_items; i++) {
		const struct cfg_value *item = &v->items[i];
		int rc = 0;

		if (item->type != CFG_STRING)
			rc = cfg_error(err, &item->at, "%s: %s; accepted: %s", key->name,
				       item->type == CFG_LIST ? "a list in the list" :
				       "a number in the list", key->accepted);
		else if (pv_device_check(kind, item->text, &why))
			rc = cfg_error(err, &item->at, "%s", why.msg);
		if (rc) {
			json_decref(list);
			return rc;
		}
		json_array_append_new(list, json_string(item->text));
	}
	return put(out, key->name, list, err);
}

/* --- the keys --- */

#define ACTIONS "destroy, restart, rename-restart, preserve, coredump-destroy, coredump-restart"

static const struct key keys[] = {
	{ "name", take_name, "a string of " DOMAIN_NAME_ACCEPTED, 0, 0, NULL },
	{ "uuid", take_uuid, "a string as 01234567-89ab-cdef-0123-456789abcdef", 0, 0, NULL },
	{ "type", take_word, "pv, hvm", 0, 0, "pv" },
	{ "builder", take_builder, "generic (a pv domain), hvm", 0, 0, NULL },
	{ "kernel", take_text, "the name of an IA-64 ELF kernel", 1, 4095, NULL },
	{ "ramdisk", take_text, "the name of a file", 0, 4095, NULL },
	{ "root", take_text, "a string of at most 1024 bytes", 0, 1024, NULL },
	{ "extra", take_text, "a string of at most 1024 bytes", 0, 1024, NULL },
	{ "cmdline", take_text, "a string of at most 1024 bytes", 0, 1024, NULL },
	{ "memory", take_number, "megabytes, 64 to 1048576", 64, MAX_MEMORY, NULL },
	{ "maxmem", take_number, "megabytes, 64 to 1048576", 64, MAX_MEMORY, NULL },
	{ "vcpus", take_number, "a number from 1 to 64", 1, PV_MAX_VCPUS, NULL },
	{ "maxvcpus", take_number, "a number from 1 to 64", 1, PV_MAX_VCPUS, NULL },
	{ "cpus", take_cpus, "a list of processors as \"0-3,^1\", or one such string for each vCPU "
	  "in [ ]", 0, 0, NULL },
	{ "nvram", take_text, "the name of a file", 1, 4095, NULL },
	{ "disk", take_devices, "a list of at most 64 strings, one a disk", 0, 0, NULL },
	{ "vif", take_devices, "a list of at most 64 strings, one a network card", 0, 0, NULL },
	{ "console", take_console, "pty, stdio, unix:PATH, file:PATH", 0, 0, NULL },
	{ "on_poweroff", take_word, ACTIONS, 0, 0, "destroy" },
	{ "on_reboot", take_word, ACTIONS, 0, 0, "restart" },
	{ "on_crash", take_word, ACTIONS, 0, 0, "destroy" },
	{ "on_watchdog", take_word, ACTIONS, 0, 0, "destroy" },
	{ "engine", take_word, "jit, interpreter", 0, 0, "jit" },
	{ "jit_cache", take_number, "megabytes, 4 to 1024", IA64_JIT_CACHE_MIN, IA64_JIT_CACHE_MAX,
	  NULL },
	{ "check", take_check, TOOL_CHECK_ACCEPTED, 0, 0, NULL },
	{ "perf_map", take_number, "0 or 1", 0, 1, NULL },
	{ "trace", take_trace, "a list, divided by commas, of faults, interrupts, firmware, mmio, "
	  "insn, jit, counters", 0, 0, NULL },
	{ "trace_file", take_text, "the name of a file", 1, 4095, NULL },
	{ "gdb", take_gdb, TOOL_GDB_ACCEPTED, 0, 0, NULL },
};

#define NR_KEYS (sizeof(keys) / sizeof(keys[0]))

char *domain_config_keys(char *buf, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < NR_KEYS && n < size; i++)
		n += (size_t)snprintf(buf + n, size - n, "%s%s", i ? " " : "", keys[i].name);
	return buf;
}

static const struct key *find_key(const char *name)
{
	for (size_t i = 0; i < NR_KEYS; i++) {
		if (!strcmp(keys[i].name, name))
			return &keys[i];
	}
	return NULL;
}

static const struct cfg_setting *find_setting(const struct cfg *cfg, const char *key)
{
	for (size_t i = 0; i < cfg->nr; i++) {
		if (!strcmp(cfg->settings[i].key, key))
			return &cfg->settings[i];
	}
	return NULL;
}

/* Where to say that something is missing: behind all that is there. */
static int missing(const struct cfg *cfg, const char *key, struct error *err)
{
	struct cfg_place at = { "configuration", 1, 1 };

	for (size_t i = 0; i < cfg->nr; i++)
		at = cfg->settings[i].at;
	return cfg_error(err, &at, "%s is not set; accepted: %s = %s", key, key,
			 find_key(key)->accepted);
}

static json_int_t number(const json_t *out, const char *key)
{
	return json_integer_value(json_object_get(out, key));
}

/* `larger` is at least `smaller`, and is that if it is not set. */
static int order(const struct cfg *cfg, json_t *out, const char *smaller, const char *larger,
		 json_int_t standard, struct error *err)
{
	const struct cfg_setting *max = find_setting(cfg, larger);

	if (max && number(out, larger) < standard)
		standard = number(out, larger);
	if (!json_object_get(out, smaller))
		json_object_set_new(out, smaller, json_integer(standard));
	if (!max)
		json_object_set_new(out, larger, json_integer(number(out, smaller)));
	else if (number(out, larger) < number(out, smaller))
		return cfg_error(err, &max->value.at, "%s: %lld is less than %s; accepted: at "
				 "least %lld", larger, (long long)number(out, larger), smaller,
				 (long long)number(out, smaller));
	return 0;
}

/* Where a key was set; else where the type was. */
static const struct cfg_place *place(const struct cfg *cfg, const char *key)
{
	const struct cfg_setting *s = find_setting(cfg, key);

	if (!s)
		s = find_setting(cfg, find_setting(cfg, "type") ? "type" : "builder");
	return &s->value.at;
}

/* What only a pv domain can do. */
static int check_hvm(const struct cfg *cfg, const json_t *out, struct error *err)
{
	static const char *const actions[] = {
		"on_poweroff", "on_reboot", "on_crash", "on_watchdog"
	};

	if (number(out, "memory") < (json_int_t)(MACHINE_MIN_MEMORY >> 20))
		return cfg_error(err, place(cfg, "memory"), "memory: %lld; accepted for "
				 "type=\"hvm\": at least %llu", (long long)number(out, "memory"),
				 MACHINE_MIN_MEMORY >> 20);
	if (number(out, "maxmem") != number(out, "memory"))
		return cfg_error(err, place(cfg, "maxmem"), "maxmem: %lld; accepted for "
				 "type=\"hvm\": what memory says (%lld): a machine has no balloon",
				 (long long)number(out, "maxmem"),
				 (long long)number(out, "memory"));
	if (number(out, "maxvcpus") != number(out, "vcpus"))
		return cfg_error(err, place(cfg, "maxvcpus"), "maxvcpus: %lld; accepted for "
				 "type=\"hvm\": what vcpus says (%lld), as a machine's processors "
				 "are there from its start", (long long)number(out, "maxvcpus"),
				 (long long)number(out, "vcpus"));
	if (json_array_size(json_object_get(out, "disk")) > MACHINE_MAX_DISKS)
		return cfg_error(err, place(cfg, "disk"), "disk: a list of %zu; accepted for "
				 "type=\"hvm\": at most %d",
				 json_array_size(json_object_get(out, "disk")), MACHINE_MAX_DISKS);
	if (json_array_size(json_object_get(out, "vif")) > MACHINE_MAX_NETS)
		return cfg_error(err, place(cfg, "vif"), "vif: a list of %zu; accepted for "
				 "type=\"hvm\": at most %d",
				 json_array_size(json_object_get(out, "vif")), MACHINE_MAX_NETS);
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		const char *action = json_string_value(json_object_get(out, actions[i]));

		if (!strcmp(action, "rename-restart"))
			return cfg_error(err, place(cfg, actions[i]), "%s: 'rename-restart'; "
					 "accepted for type=\"hvm\": destroy, restart, preserve, "
					 "coredump-destroy, coredump-restart", actions[i]);
	}
	return 0;
}

static int complete(const struct cfg *cfg, json_t *out, struct error *err)
{
	const struct cfg_setting *cpus = find_setting(cfg, "cpus");
	uint8_t b[16];
	char uuid[40];

	if (!find_setting(cfg, "name"))
		return missing(cfg, "name", err);
	if (!find_setting(cfg, "kernel"))
		return missing(cfg, "kernel", err);
	if (order(cfg, out, "memory", "maxmem", DEFAULT_MEMORY, err) ||
	    order(cfg, out, "vcpus", "maxvcpus", 1, err))
		return -1;
	for (size_t i = 0; i < NR_KEYS; i++) {
		if (keys[i].standard && !json_object_get(out, keys[i].name))
			json_object_set_new(out, keys[i].name, json_string(keys[i].standard));
	}
	if (!strcmp(json_string_value(json_object_get(out, "type")), "hvm")) {
		if (check_hvm(cfg, out, err))
			return -1;
	} else if (find_setting(cfg, "nvram")) {
		return cfg_error(err, &find_setting(cfg, "nvram")->at, "nvram: only a machine has "
				 "firmware variables; accepted with type = \"hvm\"");
	}
	if (!json_object_get(out, "uuid")) {
		if (getrandom(b, sizeof(b), 0) != sizeof(b))
			return error_set(err, "no random numbers for a UUID: %s", strerror(errno));
		b[6] = (b[6] & 0x0f) | 0x40; /* RFC 4122, 4.4 */
		b[8] = (b[8] & 0x3f) | 0x80;
		snprintf(uuid, sizeof(uuid), "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-"
			 "%02x%02x%02x%02x%02x%02x", b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7],
			 b[8], b[9], b[10], b[11], b[12], b[13], b[14], b[15]);
		json_object_set_new(out, "uuid", json_string(uuid));
	}
	if (json_object_get(out, "cmdline")) {
		json_object_set(out, "extra", json_object_get(out, "cmdline"));
		json_object_del(out, "root");
	}
	if (json_is_true(json_object_get(out, "cpus_all"))) {
		json_t *list = json_object_get(out, "cpus");

		for (json_int_t i = 1; i < number(out, "maxvcpus"); i++)
			json_array_append(list, json_array_get(list, 0));
		json_object_del(out, "cpus_all");
	} else if (cpus && json_array_size(json_object_get(out, "cpus")) >
			   (size_t)number(out, "maxvcpus")) {
		return cfg_error(err, &cpus->value.at, "cpus: a list of %zu for %lld vCPUs; "
				 "accepted: at most one string a vCPU", cpus->value.nr_items,
				 (long long)number(out, "maxvcpus"));
	}
	return 0;
}

json_t *domain_config_check(const struct cfg *cfg, struct error *err)
{
	json_t *out = json_object();
	char names[512];

	if (!out) {
		error_set(err, "out of memory");
		return NULL;
	}
	for (size_t i = 0; i < cfg->nr; i++) {
		const struct cfg_setting *s = &cfg->settings[i];
		const struct key *key = find_key(s->key);

		if (key ? key->take(key, &s->value, out, err) :
		    cfg_error(err, &s->at, "unknown key '%.40s'; accepted: %s", s->key,
			      domain_config_keys(names, sizeof(names)))) {
			json_decref(out);
			return NULL;
		}
	}
	if (complete(cfg, out, err)) {
		json_decref(out);
		return NULL;
	}
	return out;
}
