/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane create, config-check: domains from configuration files, or from options. */
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/interface/sched.h>

#include "tool/client.h"
#include "tool/commands.h"
#include "tool/console_client.h"
#include "tool/domain_command.h"
#include "tool/domain_config.h"
#include "tool/handover.h"
#include "tool/host.h"
#include "tool/privops.h"

#define MAX_OPTIONS 24

struct create_args {
	char *file;
	char *operands[MAX_OPERANDS]; /* KEY=VALUE */
	unsigned int nr_operands;
	char *host;
	bool paused, console, foreground, quiet, no_sandbox, privops;
	/* What --kernel and the like say: their names, and text of a configuration file. */
	struct option_text {
		char name[16];
		char *text;
	} options[MAX_OPTIONS];
	unsigned int nr_options;
	char *disks, *vifs; /* "'...', '...'" so far */
};

/* --- options --- */

static void print_quoted(FILE *out, const char *value)
{
	putc('"', out);
	for (; *value; value++) {
		if (strchr("\"\\\n", *value))
			fprintf(out, "\\%03o", (unsigned char)*value);
		else
			putc(*value, out);
	}
	putc('"', out);
}

/* "KEY = VALUE" as an option's text (KEY with _ for -), in the place of what it said before. */
static int add_option(struct create_args *args, const char *name, const char *before,
		      const char *value, const char *behind)
{
	struct option_text *o = args->options;
	size_t size;
	FILE *out;

	while (o->text && strcmp(o->name + 2, name))
		o++;
	if (!o->text) {
		if (args->nr_options == MAX_OPTIONS - 1)
			return tool_error("too many options");
		args->nr_options++;
	}
	free(o->text);
	snprintf(o->name, sizeof(o->name), "--%s", name);
	out = open_memstream(&o->text, &size);
	if (!out)
		return tool_error("out of memory");
	for (const char *p = name; *p; p++)
		putc(*p == '-' ? '_' : *p, out);
	fprintf(out, " = %s", before);
	if (*before)
		fputs(value, out);
	else
		print_quoted(out, value);
	fputs(behind, out);
	fclose(out);
	return 0;
}

static bool has_option(const struct create_args *args, const char *name)
{
	for (unsigned int i = 0; i < args->nr_options; i++) {
		if (!strcmp(args->options[i].name + 2, name))
			return true;
	}
	return false;
}

static int set_text(void *opaque, const char *name, const char *value)
{
	return add_option(opaque, name, "", value, "");
}

static int set_yes(void *opaque, const char *name, const char *value)
{
	return add_option(opaque, name, "", "1", "");
}

/* Megabytes; with M and G too, as `run` has it. */
static int set_memory(void *opaque, const char *name, const char *value)
{
	unsigned long long mb;
	char text[24];

	if (!tool_megabytes(value, &mb))
		return set_text(opaque, name, value);
	snprintf(text, sizeof(text), "%llu", mb);
	return set_text(opaque, name, text);
}

static int add_device(char **list, const char *value)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return tool_error("out of memory");
	fprintf(out, "%s%s", *list ? *list : "", *list ? ", " : "");
	print_quoted(out, value);
	fclose(out);
	free(*list);
	*list = text;
	return 0;
}

static int set_device(void *opaque, const char *name, const char *value)
{
	struct create_args *args = opaque;
	char **list = strcmp(name, "disk") ? &args->vifs : &args->disks;
	int rc = add_device(list, value);

	return rc ? rc : add_option(args, name, "[ ", *list, " ]");
}

static int set_string(void *opaque, const char *name, const char *value)
{
	struct create_args *args = opaque;
	char **field = strcmp(name, "host") ? &args->file : &args->host;

	free(*field);
	*field = strdup(value);
	return *field ? 0 : tool_error("out of memory");
}

static int set_flag(void *opaque, const char *name, const char *value)
{
	struct create_args *args = opaque;
	const struct { const char *name; bool *flag; } flags[] = {
		{ "p", &args->paused }, { "c", &args->console }, { "F", &args->foreground },
		{ "quiet", &args->quiet }, { "no-sandbox", &args->no_sandbox },
		{ "privops", &args->privops },
	};

	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
		if (!strcmp(flags[i].name, name))
			*flags[i].flag = true;
	}
	return 0;
}

static const struct tool_option create_options[] = {
	{ "p", NULL, "leave the domain paused", set_flag },
	{ "c", NULL, "attach to its console at once; Ctrl-] leaves it", set_flag },
	{ "F", NULL, "wait until the domain has gone", set_flag },
	{ "q|quiet", NULL, "say nothing unless something is wrong", set_flag },
	{ "f|defconfig", "FILE", "the configuration file, as the argument", set_string },
	{ "host", "NAME", "run it in the host process of that name, with the domains that are\n"
	  "there, instead of in one of its own", set_string },
	{ "no-sandbox", NULL, "do not confine the host process: for debugging it", set_flag },
	{ "kernel", "FILE", "without a configuration file: an IA-64 ELF kernel", set_text },
	{ "type", "KIND", "pv (default), or hvm: a machine with firmware and virtio devices",
	  set_text },
	{ "ramdisk", "FILE", "its initial RAM disk", set_text },
	{ "extra", "TEXT", "its command line", set_text },
	{ "memory", "SIZE", "memory of the domain in megabytes, or with M or G; 512 if not given",
	  set_memory },
	{ "vcpus", "N", "its vCPUs; 1 if not given", set_text },
	{ "disk", "SPEC", "a disk, as in a configuration file; several times", set_device },
	{ "vif", "SPEC", "a network card, likewise", set_device },
	{ "console", "WHERE", "where else its console goes: pty, unix:PATH, file:PATH; or stdio:\n"
	  "nowhere else, as with -c", set_text },
	{ "name", "NAME", "its name", set_text },
	{ "engine", "NAME", "what executes guest code: interpreter or jit", set_text },
	{ "jit-cache", "MB", "memory for translated code", set_text },
	{ "check", "lockstep[=N]", "run each translation (or each Nth) by the interpreter as well",
	  set_text },
	{ "perf-map", NULL, "with the jit: keep /tmp/perf-PID.map of the host process, where\n"
	  "perf(1) finds the guest's functions", set_yes },
	{ "trace", "LIST", "tell about events: a list, divided by commas, of faults,\n"
	  "interrupts, firmware, mmio, insn, jit, counters", set_text },
	{ "trace-file", "FILE", "tell about them there; if not given, on standard error, or in the\n"
	  "process's log when the domain is in the background", set_text },
	{ "gdb", "PORT|unix:PATH", "wait there for a debugger before the first instruction",
	  set_text },
	{ "privops", NULL, "at the end, list privileged operations by kind and place", set_flag },
	{ 0 }
};

static int take_operand(void *opaque, const char *value)
{
	struct create_args *args = opaque;

	if (!strchr(value, '=')) {
		if (args->file)
			return tool_error("unexpected argument '%s'; one file and KEY=VALUE are "
					  "accepted", value);
		return set_string(args, "file", value);
	}
	if (args->nr_operands == MAX_OPERANDS)
		return tool_error("too many arguments; at most %d of KEY=VALUE are accepted",
				  MAX_OPERANDS);
	args->operands[args->nr_operands] = strdup(value);
	return args->operands[args->nr_operands++] ? 0 : tool_error("out of memory");
}

/* --- from arguments to a configuration --- */

/* In quotes if it is neither a number nor in quotes or brackets already: KEY=text is meant so. */
static int parse_operand(struct cfg *cfg, const char *operand, struct error *err)
{
	const char *value = strchr(operand, '=') + 1;
	char *text = NULL;
	size_t size;
	FILE *out;
	int rc;

	if (strchr("0123456789\"'[ ", *value))
		return cfg_parse_argument(cfg, operand, operand, strlen(operand), err);
	out = open_memstream(&text, &size);
	if (!out)
		return error_set(err, "out of memory");
	fprintf(out, "%.*s", (int)(value - operand), operand);
	print_quoted(out, value);
	fclose(out);
	rc = cfg_parse_argument(cfg, operand, text, size, err);
	free(text);
	return rc;
}

/* The file, what options say, what KEY=VALUE says: the later overrides. */
static json_t *read_config(struct create_args *args, struct cfg *cfg, struct error *err)
{
	json_t *config;
	char name[32];

	snprintf(name, sizeof(name), "domain-%d", (int)getpid());
	if (!args->file && !has_option(args, "name") && set_text(args, "name", name))
		return NULL;
	if (args->file && cfg_read(cfg, args->file, err))
		return NULL;
	for (unsigned int i = 0; i < args->nr_options; i++) {
		const struct option_text *o = &args->options[i];

		if (cfg_parse_argument(cfg, o->name, o->text, strlen(o->text), err))
			return NULL;
	}
	for (unsigned int i = 0; i < args->nr_operands; i++) {
		if (parse_operand(cfg, args->operands[i], err))
			return NULL;
	}
	config = domain_config_check(cfg, err);
	if (config && args->privops && !strcmp(text_of(config, "type"), "hvm")) {
		error_set(err, "--privops: a machine (type=\"hvm\") has none to count");
		json_decref(config);
		config = NULL;
	}
	return config;
}

static void free_args(struct create_args *args)
{
	for (unsigned int i = 0; i < args->nr_options; i++)
		free(args->options[i].text);
	for (unsigned int i = 0; i < args->nr_operands; i++)
		free(args->operands[i]);
	free(args->file);
	free(args->host);
	free(args->disks);
	free(args->vifs);
}

/* --- making it --- */

static int check_name(const json_t *config, struct error *err)
{
	const char *name = text_of(config, "name"), *uuid = text_of(config, "uuid");
	json_t *list = client_list(err), *info;
	size_t i;
	int rc = 0;

	if (!list)
		return -1;
	json_array_foreach(list, i, info) {
		if (!strcmp(text_of(info, "name"), name))
			rc = error_set(err, "there is a domain '%s' already, with id %lld; names "
				       "must differ", name,
				       number_of(info, "domid"));
		else if (!strcasecmp(text_of(info, "uuid"), uuid))
			rc = error_set(err, "domain '%s' has the UUID %s already; they must differ",
				       text_of(info, "name"), uuid);
	}
	json_decref(list);
	return rc;
}

/* What a host process of its own is called: as its domain, or nearly so. */
static void host_name(const struct rundir *dir, const char *domain, char name[RUNDIR_MAX_HOST])
{
	char base[RUNDIR_MAX_HOST - 12];
	size_t n = 0;
	int fd;

	for (; domain[n] && n < sizeof(base) - 1; n++)
		base[n] = isalnum((unsigned char)domain[n]) || (n && strchr("._-", domain[n])) ?
			  domain[n] : '_';
	base[n] = '\0';
	snprintf(name, RUNDIR_MAX_HOST, "%s", rundir_check_host(base, NULL) ? "domain" : base);
	for (int i = 2; (fd = rundir_connect(dir, name)) >= 0; i++) {
		close(fd);
		snprintf(name, RUNDIR_MAX_HOST, "%s-%d", base, i);
	}
}

/* A connection to the host that is wanted, started if it has to be. Under the lock. */
static int reach_host(const struct create_args *args, const struct rundir *dir,
		      const json_t *config, struct wire *w, struct client_domain *d,
		      struct error *err)
{
	struct host_options options = { .name = d->host, .sandbox = !args->no_sandbox };
	int fd = -1;

	if (args->host) {
		if (rundir_check_host(args->host, err))
			return -1;
		snprintf(d->host, sizeof(d->host), "%s", args->host);
		fd = rundir_connect(dir, d->host);
	} else {
		host_name(dir, text_of(config, "name"), d->host);
	}
	if (fd < 0)
		fd = host_start(dir, &options, err);
	wire_init(w, fd);
	return fd < 0 ? -1 : 0;
}

/* Whose id the host process has is known only now. */
static int open_perf_map(struct handover *h, json_t *config, struct wire *w, struct error *err)
{
	bool wanted = json_integer_value(json_object_get(config, "perf_map"));
	json_t *answer;
	int rc;

	json_object_del(config, "perf_map");
	if (!wanted)
		return 0;
	answer = client_ask(w, json_pack("{s:s}", "command", "hello"), NULL, NULL, err);
	rc = answer ? handover_perf_map(h, config, number_of(answer, "pid"), err) : -1;
	json_decref(answer);
	return rc;
}

/* The domain is paused, and tied to *w if that is asked for. */
static int make(const struct create_args *args, json_t *config, bool tied, struct wire *w,
		struct client_domain *d, struct error *err)
{
	const char *tty;
	struct handover h = { 0 };
	json_t *shown = json_deep_copy(config), *answer = NULL;
	struct rundir dir;
	int lock = -1, rc;

	*w = (struct wire){ .fd = -1 };
	rc = rundir_open(&dir, err) || (lock = rundir_lock(&dir, err)) < 0 ||
	     check_name(config, err) || handover_config(&h, config, err) ||
	     reach_host(args, &dir, config, w, d, err) || open_perf_map(&h, config, w, err);
	tty = rc ? NULL : json_string_value(json_object_get(json_object_get(config, "console"),
							    "tty"));
	if (tty)
		json_object_set_new(shown, "console_tty", json_string(tty));
	if (!rc)
		answer = client_ask(w, json_pack("{s:s, s:O, s:O, s:b, s:b}", "command", "create",
						 "config", config, "shown", shown, "paused", true,
						 "tied", tied), &h.fds, h.names, err);
	if (!answer)
		handover_explain(&h, err);
	d->domid = (int)json_integer_value(json_object_get(answer, "domid"));
	handover_end(&h, answer);
	json_decref(shown);
	if (lock >= 0)
		close(lock);
	if (!answer)
		wire_close(w);
	json_decref(answer);
	if (answer && tty && !args->quiet) {
		printf("The console of '%s' is %s\n", text_of(config, "name"), tty);
		fflush(stdout);
	}
	return answer ? 0 : -1;
}

/* Is the console to be here, at standard input and output? `standard`: if nothing is said. */
static bool console_is_here(const json_t *config, bool standard)
{
	const char *where = text_of(config, "console");

	return *where ? !strcmp(where, "stdio") : standard;
}

/* --- waiting for its end --- */

struct follower {
	struct wire wire;           /* events */
	const struct client_domain *domain;
	bool once;                  /* --kernel: it goes when it shuts down */
	const struct create_args *args;
	int reason;                 /* SHUTDOWN_*, -1: it has not shut down */
	json_t *report, *privops;
};

static int follow(struct follower *f, struct error *err)
{
	json_t *answer;

	if (client_connect(&f->wire, f->domain->host, err))
		return -1;
	client_patient(&f->wire);
	answer = client_ask(&f->wire, json_pack("{s:s}", "command", "events"), NULL, NULL, err);
	json_decref(answer);
	return answer ? 0 : -1;
}

/* Asks what is to be told at the end, as long as there is somebody to ask. */
static void last_words(struct follower *f)
{
	struct error err;

	if (f->reason == SHUTDOWN_crash)
		f->report = client_domain_ask(f->domain, "report", NULL, &err);
	if (f->args->privops)
		f->privops = client_domain_ask(f->domain, "privops", NULL, &err);
	json_decref(client_domain_ask(f->domain, "destroy", NULL, &err));
}

/* One event; true when the domain has ended for good. */
static int take_event(void *ctx)
{
	struct follower *f = ctx;
	json_t *event;
	const char *what;
	int end = 0;

	if (wire_receive(&f->wire, &event, NULL))
		return 1;
	what = text_of(event, "event");
	if (what && json_integer_value(json_object_get(event, "domid")) == f->domain->domid) {
		if (!strcmp(what, "shutdown")) {
			f->reason = (int)json_integer_value(json_object_get(event,
								"shutdown_reason"));
			if (f->once) {
				last_words(f);
				end = 1;
			}
		}
		end |= !strcmp(what, "gone");
	}
	json_decref(event);
	return end;
}

static void wait_for_end(struct follower *f)
{
	while (!take_event(f))
		;
}

/* The exit status; tells what is to be told. */
static int finish(struct follower *f)
{
	if (f->report)
		fputs(text_of(f->report, "text"), stderr);
	if (f->privops)
		privops_print(f->privops, stderr);
	json_decref(f->report);
	json_decref(f->privops);
	f->report = f->privops = NULL;
	return f->reason == SHUTDOWN_crash || f->reason == SHUTDOWN_reboot ||
	       f->reason == SHUTDOWN_watchdog ? TOOL_EXIT_CRASH : TOOL_EXIT_OK;
}

/* --- the ways to run it --- */

/* With --kernel: console and life of the domain are this command's. */
static int run_here(const struct create_args *args, json_t *config, struct error *err)
{
	static const char *const actions[] = {
		"on_poweroff", "on_reboot", "on_crash", "on_watchdog"
	};
	struct client_domain d = { 0 };
	struct follower f = { .wire.fd = -1, .domain = &d, .once = true, .args = args,
			      .reason = -1 };
	struct console_options options = { .patient = true, .menu = true, .ready = take_event,
					   .ctx = &f };
	struct wire tie, console;
	json_t *answer = NULL;
	enum console_end end = CONSOLE_ERROR;
	bool here = console_is_here(config, true);
	int status;

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		json_object_set_new(config, actions[i], json_string("preserve"));
	if (!json_object_get(config, "trace_file"))
		json_object_set_new(config, "trace_file", json_string("-"));
	if (make(args, config, true, &tie, &d, err))
		return tool_error("%s", err->msg);
	if (!follow(&f, err) && !client_connect(&console, d.host, err)) {
		if (!here || !console_attach(&console, d.domid, true, err))
			answer = args->paused ? json_object() :
				 client_domain_ask(&d, "unpause", NULL, err);
		options.other = f.wire.fd;
		if (answer && here)
			end = console_run(&console, &options);
		else if (answer)
			wait_for_end(&f);
		wire_close(&console);
	}
	wire_close(&tie);
	wire_close(&f.wire);
	json_decref(answer);
	if (!answer)
		return tool_error("%s", err->msg);
	status = finish(&f);
	return end == CONSOLE_QUIT ? TOOL_EXIT_OK : status;
}

/* In the background, but for -c and -F. */
static int run_domain(const struct create_args *args, json_t *config, struct error *err)
{
	struct client_domain d = { 0 };
	struct follower f = { .wire.fd = -1, .domain = &d, .args = args, .reason = -1 };
	struct console_options options = { .other = -1 };
	struct wire first, console = { .fd = -1 };
	bool here = args->console || console_is_here(config, false);
	json_t *answer;
	int rc;

	if (make(args, config, false, &first, &d, err))
		return tool_error("%s", err->msg);
	rc = args->foreground ? follow(&f, err) : 0;
	if (!rc && here)
		rc = client_connect(&console, d.host, err) ||
		     console_attach(&console, d.domid, false, err);
	if (!rc && !args->paused) {
		answer = client_domain_ask(&d, "unpause", NULL, err);
		rc = answer ? 0 : -1;
		json_decref(answer);
	}
	wire_close(&first);
	if (rc) {
		wire_close(&console);
		wire_close(&f.wire);
		return tool_error("%s", err->msg);
	}
	if (here) {
		console_run(&console, &options);
		wire_close(&console);
	}
	if (args->foreground)
		wait_for_end(&f);
	wire_close(&f.wire);
	return TOOL_EXIT_OK;
}

static int run(const struct tool_command *cmd, int argc, const char **argv)
{
	struct create_args args = { 0 };
	struct error err = { "" };
	struct cfg cfg = { 0 };
	json_t *config = NULL;
	int rc;

	rc = tool_parse(cmd, argc, argv, &args, take_operand);
	if (!rc && !args.file && !args.nr_operands && !has_option(&args, "kernel"))
		rc = tool_error("no configuration; 'create' takes a file, or --kernel FILE");
	if (!rc) {
		config = read_config(&args, &cfg, &err);
		if (!config)
			rc = tool_error("%s", err.msg);
		else if (!args.file && has_option(&args, "kernel"))
			rc = run_here(&args, config, &err);
		else
			rc = run_domain(&args, config, &err);
	}
	json_decref(config);
	cfg_free(&cfg);
	free_args(&args);
	return rc < 0 ? TOOL_EXIT_OK : rc;
}

const struct tool_command tool_create = {
	.name = "create",
	.group = "Domains",
	.synopsis = "[OPTION]... FILE [KEY=VALUE]...",
	.summary = "start a domain from a configuration file",
	.details = "FILE has the syntax and keys of xl.cfg; paravane.cfg(5) tells which.\n"
		   "KEY=VALUE overrides what the file says.\n"
		   "With --kernel instead of FILE, the domain lives as long as this command: the\n"
		   "console is standard input and output (Ctrl-] then ? lists the keys), and the\n"
		   "exit status is 0 when it powers off, 3 when it crashes or reboots.\n",
	.options = create_options,
	.run = run,
};

/* --- config-check --- */

static int run_check(const struct tool_command *cmd, int argc, const char **argv)
{
	struct create_args args = { 0 };
	struct error err = { "" };
	struct cfg cfg = { 0 };
	json_t *config = NULL;
	int rc = tool_parse(cmd, argc, argv, &args, take_operand);

	if (!rc && !args.file)
		rc = tool_missing(cmd);
	if (!rc && cfg_read(&cfg, args.file, &err))
		rc = tool_error("%s", err.msg);
	for (unsigned int i = 0; !rc && i < args.nr_operands; i++) {
		if (parse_operand(&cfg, args.operands[i], &err))
			rc = tool_error("%s", err.msg);
	}
	if (!rc) {
		config = domain_config_check(&cfg, &err);
		if (!config)
			rc = tool_error("%s", err.msg);
		else
			json_dumpf(config, stdout, JSON_INDENT(2)), putchar('\n');
	}
	json_decref(config);
	cfg_free(&cfg);
	free_args(&args);
	return rc < 0 ? TOOL_EXIT_OK : rc;
}

const struct tool_command tool_config_check = {
	.name = "config-check",
	.group = "Domains",
	.synopsis = "FILE [KEY=VALUE]...",
	.summary = "check a configuration file, and show all it says as JSON",
	.details = "The UUID is a new one each time unless the file has one. Nothing that the\n"
		   "file names is opened.\n",
	.run = run_check,
};
