/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane xenstore: looks into, and changes, the store of a host process. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/interface/io/xs_wire.h>

#include "tool/domain_command.h"
#include "tool/store_client.h"

struct store_args {
	char *host, *domain;
	char *operands[MAX_OPERANDS];
	unsigned int nr;
	bool full;    /* ls -f */
	bool json;    /* of ls, list and read */
	json_t *said; /* what they print then */
};

static int set_text(void *opaque, const char *name, const char *value)
{
	struct store_args *args = opaque;
	char **field = *name == 'h' ? &args->host : &args->domain;

	free(*field);
	*field = strdup(value);
	return *field ? 0 : tool_error("out of memory");
}

static int set_flag(void *opaque, const char *name, const char *value)
{
	struct store_args *args = opaque;

	*(*name == 'f' ? &args->full : &args->json) = true;
	return 0;
}

static int take_operand(void *opaque, const char *value)
{
	struct store_args *args = opaque;

	if (args->nr == MAX_OPERANDS)
		return tool_error("too many arguments; at most %d are accepted", MAX_OPERANDS);
	args->operands[args->nr] = strdup(value);
	return args->operands[args->nr++] ? 0 : tool_error("out of memory");
}

/* --- what it can do; each with the operands behind its name --- */

/* What does not print, and what would end a quotation, is escaped. */
static void print_value(FILE *out, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			fprintf(out, "\\%c", text[i]);
		else if (isprint((unsigned char)text[i]))
			putc(text[i], out);
		else
			fprintf(out, "\\x%02x", (unsigned char)text[i]);
	}
}

/* The same as a string of JSON. */
static json_t *json_value(const char *value, size_t len)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *json;

	if (!out)
		return NULL;
	print_value(out, value, len);
	fclose(out);
	json = json_string(text);
	free(text);
	return json;
}

static char *ask_path(int fd, uint32_t type, const char *path, size_t *len, struct error *err)
{
	return store_ask(fd, type, path, strlen(path) + 1, len, err);
}

/* A node's children, each with its value, and theirs. */
static int list_tree(int fd, const char *path, unsigned int depth, const struct store_args *args,
		     struct error *err)
{
	size_t len, value_len;
	char *names = ask_path(fd, XS_DIRECTORY, path, &len, err);

	if (!names)
		return -1;
	for (char *name = names; name < names + len; name += strlen(name) + 1) {
		struct error ignored;
		char child[XENSTORE_ABS_PATH_MAX + 1], *value;

		snprintf(child, sizeof(child), "%s/%s", strcmp(path, "/") ? path : "", name);
		value = ask_path(fd, XS_READ, child, &value_len, &ignored);
		if (!value)
			continue; /* it has gone meanwhile */
		if (args->json) {
			json_object_set_new(args->said, child, json_value(value, value_len));
		} else {
			printf("%*s%s = \"", args->full ? 0 : (int)depth, "",
			       args->full ? child : name);
			print_value(stdout, value, value_len);
			printf("\"\n");
		}
		free(value);
		list_tree(fd, child, depth + 1, args, &ignored);
	}
	free(names);
	return 0;
}

static int do_ls(int fd, const struct store_args *args, struct error *err)
{
	return list_tree(fd, args->nr > 1 ? args->operands[1] : "/", 0, args, err);
}

static int do_list(int fd, const struct store_args *args, struct error *err)
{
	size_t len;
	char *names = ask_path(fd, XS_DIRECTORY, args->nr > 1 ? args->operands[1] : "/", &len, err);

	if (!names)
		return -1;
	for (char *name = names; name < names + len; name += strlen(name) + 1) {
		if (args->json)
			json_array_append_new(args->said, json_string(name));
		else
			puts(name);
	}
	free(names);
	return 0;
}

static int do_read(int fd, const struct store_args *args, struct error *err)
{
	for (unsigned int i = 1; i < args->nr; i++) {
		size_t len;
		char *value = ask_path(fd, XS_READ, args->operands[i], &len, err);

		if (!value)
			return -1;
		if (args->json) {
			json_object_set_new(args->said, args->operands[i], json_value(value, len));
		} else {
			print_value(stdout, value, len);
			putchar('\n');
		}
		free(value);
	}
	return 0;
}

static int do_write(int fd, const struct store_args *args, struct error *err)
{
	for (unsigned int i = 1; i + 1 < args->nr; i += 2) {
		size_t path = strlen(args->operands[i]) + 1, len = strlen(args->operands[i + 1]);
		char *payload = malloc(path + len + 1), *answer;

		if (!payload)
			return error_set(err, "out of memory");
		memcpy(payload, args->operands[i], path);
		memcpy(payload + path, args->operands[i + 1], len);
		answer = store_ask(fd, XS_WRITE, payload, path + len, NULL, err);
		free(payload);
		free(answer);
		if (!answer)
			return -1;
	}
	return args->nr % 2 ? 0 : error_set(err, "a path without a value; pairs are accepted");
}

static int do_rm(int fd, const struct store_args *args, struct error *err)
{
	for (unsigned int i = 1; i < args->nr; i++) {
		char *answer = ask_path(fd, XS_RM, args->operands[i], NULL, err);

		free(answer);
		if (!answer)
			return -1;
	}
	return 0;
}

static int do_watch(int fd, const struct store_args *args, struct error *err)
{
	char *event;

	for (unsigned int i = 1; i < args->nr; i++) {
		char payload[XENSTORE_ABS_PATH_MAX + 16];
		int n = snprintf(payload, sizeof(payload), "%s%cwatch", args->operands[i], 0);
		char *answer = n < (int)sizeof(payload) ?
			       store_ask(fd, XS_WATCH, payload, (size_t)n + 1, NULL, err) : NULL;

		free(answer);
		if (!answer)
			return -1;
	}
	while ((event = store_event(fd))) {
		puts(event);
		fflush(stdout);
		free(event);
	}
	return 0;
}

static const struct action {
	const char *name;
	unsigned int least;
	int (*run)(int fd, const struct store_args *args, struct error *err);
	json_t *(*said)(void); /* what --json begins with; NULL: it has no such thing */
} actions[] = {
	{ "ls", 1, do_ls, json_object }, { "list", 1, do_list, json_array },
	{ "read", 2, do_read, json_object }, { "write", 3, do_write, NULL },
	{ "rm", 2, do_rm, NULL }, { "watch", 2, do_watch, NULL },
};

/* --- whose store --- */

static int find_host(const struct store_args *args, char host[RUNDIR_MAX_HOST], struct error *err)
{
	json_t *hosts;
	int rc = 0;

	if (args->host) {
		snprintf(host, RUNDIR_MAX_HOST, "%s", args->host);
		return rundir_check_host(host, err);
	}
	if (args->domain) {
		struct client_domain d;

		if (client_find(&d, args->domain, err))
			return -1;
		snprintf(host, RUNDIR_MAX_HOST, "%s", d.host);
		client_domain_free(&d);
		return 0;
	}
	hosts = client_hosts(err);
	if (!hosts)
		return -1;
	if (json_array_size(hosts) == 1)
		snprintf(host, RUNDIR_MAX_HOST, "%s", text_of(json_array_get(hosts, 0), "host"));
	else if (!json_array_size(hosts))
		rc = error_set(err, "there is no host process, and so no store; 'paravane create' "
			       "starts one");
	else
		rc = error_set(err, "there are %zu host processes, each with a store; say which by "
			       "--host NAME or --domain DOMAIN", json_array_size(hosts));
	json_decref(hosts);
	return rc;
}

/* The store's errors that a mistyped path gives, in words. */
static const char *explain(const char *code)
{
	if (!strcmp(code, "ENOENT"))
		return ", there is no such node; 'paravane xenstore ls -f' shows them";
	if (!strcmp(code, "EINVAL"))
		return ", no path; /, or names with / before each are accepted";
	return "";
}

static int act(struct store_args *args)
{
	char host[RUNDIR_MAX_HOST], path[RUNDIR_MAX_PATH];
	const struct action *a = NULL;
	struct rundir dir;
	struct error err;
	int fd, rc;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		if (!strcmp(actions[i].name, args->operands[0]))
			a = &actions[i];
	}
	if (!a || args->nr < a->least)
		return tool_error("xenstore '%s': ls [PATH], list [PATH], read PATH..., write PATH "
				  "VALUE..., rm PATH..., watch PATH... are accepted",
				  args->operands[0]);
	if (args->json && !a->said)
		return tool_error("xenstore %s: prints nothing as JSON; ls, list and read do",
				  a->name);
	if (find_host(args, host, &err) || rundir_open(&dir, &err))
		return tool_error("%s", err.msg);
	rundir_file(&dir, host, "store", path);
	fd = store_connect(path, &err);
	if (fd < 0)
		return tool_error("%s", err.msg);
	args->said = args->json ? a->said() : NULL;
	rc = a->run(fd, args, &err);
	close(fd);
	if (!rc && args->json)
		rc = print_json(args->said);
	json_decref(args->said);
	if (rc > 0)
		return rc;
	return rc ? tool_error("xenstore %s %s: %s%s", a->name,
			       args->nr > 1 ? args->operands[1] : "/", err.msg,
			       explain(err.msg)) : TOOL_EXIT_OK;
}

static int run(const struct tool_command *cmd, int argc, const char **argv)
{
	struct store_args args = { 0 };
	int rc = tool_parse(cmd, argc, argv, &args, take_operand);

	if (!rc && !args.nr)
		rc = tool_missing(cmd);
	if (!rc)
		rc = act(&args);
	free(args.host);
	free(args.domain);
	for (unsigned int i = 0; i < args.nr; i++)
		free(args.operands[i]);
	return rc < 0 ? TOOL_EXIT_OK : rc;
}

static const struct tool_option options[] = {
	{ "host", "NAME", "the store of that process; needed if there are several", set_text },
	{ "domain", "DOMAIN", "the store of the process in which that domain is", set_text },
	{ "f", NULL, "ls: whole paths", set_flag },
	{ "json", NULL, "ls, list, read: as JSON; of ls and read, an object with whole paths",
	  set_flag },
	{ 0 }
};

const struct tool_command tool_xenstore = {
	.name = "xenstore", .group = "Looking inside", .run = run, .options = options,
	.synopsis = "[OPTION]... ls|list|read|write|rm|watch [PATH]...",
	.summary = "look into a store, and change it",
	.details = "Debian's xenstore-ls and the like work too, with the path of the socket in\n"
		   "XENSTORED_PATH, which is $XDG_RUNTIME_DIR/paravane/PROCESS/store.\n",
};
