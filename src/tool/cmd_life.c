/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane console, shutdown, reboot, destroy, pause, unpause, rename: the life of a domain. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/console_client.h"
#include "tool/domain_command.h"
#include "tool/domain_config.h"

/* --- one request each --- */

/* Options of xl's that choose nothing here. */
static const struct tool_option destroy_options[] = {
	{ "f", NULL, "taken, and means nothing: there is no domain 0", operands_flag }, { 0 }
};

static int run_destroy(const struct tool_command *cmd, int argc, const char **argv)
{
	return domain_command(cmd, argc, argv, 1, 1, "destroy", NULL);
}

static int run_pause(const struct tool_command *cmd, int argc, const char **argv)
{
	return domain_command(cmd, argc, argv, 1, 1, "pause", NULL);
}

static int run_unpause(const struct tool_command *cmd, int argc, const char **argv)
{
	return domain_command(cmd, argc, argv, 1, 1, "unpause", NULL);
}

static json_t *new_name(const struct operands *o, const struct client_domain *d)
{
	json_t *list, *info;
	struct error err;
	size_t i;

	if (!domain_name_valid(o->value[1])) {
		tool_error("name '%s': " DOMAIN_NAME_ACCEPTED " are accepted", o->value[1]);
		return NULL;
	}
	list = client_list(&err);
	json_array_foreach(list, i, info) {
		if (!strcmp(text_of(info, "name"), o->value[1])) {
			tool_error("there is a domain '%s' already, with id %lld; names must "
				   "differ", o->value[1], number_of(info, "domid"));
			json_decref(list);
			return NULL;
		}
	}
	json_decref(list);
	return json_pack("{s:s}", "name", o->value[1]);
}

static int run_rename(const struct tool_command *cmd, int argc, const char **argv)
{
	struct rundir dir;
	struct error err;
	int lock = rundir_open(&dir, &err) ? -1 : rundir_lock(&dir, &err);
	int rc;

	if (lock < 0)
		return tool_error("%s", err.msg);
	rc = domain_command(cmd, argc, argv, 2, 2, "rename", new_name);
	close(lock);
	return rc;
}

/* --- shutdown, reboot --- */

struct waiting {
	struct wire wire; /* events of its host */
	int domid;
};

/* Before it is told to go, so that nothing is missed. */
static int listen_to(struct waiting *w, const struct client_domain *d, struct error *err)
{
	json_t *answer;

	w->domid = d->domid;
	if (client_connect(&w->wire, d->host, err))
		return -1;
	client_patient(&w->wire);
	answer = client_ask(&w->wire, json_pack("{s:s}", "command", "events"), NULL, NULL, err);
	if (!answer)
		wire_close(&w->wire);
	json_decref(answer);
	return answer ? 0 : -1;
}

/*
 * Until the domain is where it stays: gone, built again, or preserved; with `death`, until it has
 * gone. Its name and its devices are free when it is not there any more.
 */
static void wait_until(struct waiting *w, bool death)
{
	bool over = false;
	json_t *event;

	while (!over && !wire_receive(&w->wire, &event, NULL)) {
		const char *what = text_of(event, "event");

		if (number_of(event, "domid") == w->domid)
			over = !strcmp(what, "gone") ||
			       (!death && (!strcmp(what, "restart") ||
					   (!strcmp(what, "shutdown") &&
					    json_is_true(json_object_get(event, "stays")))));
		json_decref(event);
	}
	wire_close(&w->wire);
}

static int ask_to_end(const struct tool_command *cmd, const struct operands *o)
{
	struct waiting *waiting;
	json_t *list = operands_has(o, 'a') ? domains_named(&(struct operands){ 0 }) :
		       domains_named(o), *info;
	unsigned int wait = operands_has(o, 'w'), n = 0;
	int status = TOOL_EXIT_OK;
	size_t i;

	if (!list)
		return TOOL_EXIT_ERROR;
	waiting = calloc(json_array_size(list) + 1, sizeof(*waiting));
	if (!waiting) {
		json_decref(list);
		return tool_error("out of memory");
	}
	json_array_foreach(list, i, info) {
		struct client_domain d = { .info = info, .domid = (int)number_of(info, "domid") };
		json_t *answer = NULL;
		struct error err;

		snprintf(d.host, sizeof(d.host), "%s", text_of(info, "host"));
		if (!wait || !listen_to(&waiting[n], &d, &err)) {
			answer = client_domain_ask(&d, cmd->name, json_pack("{s:b}", "fallback",
						   operands_has(o, 'f') > 0), &err);
			if (wait && answer)
				n++;
			else if (wait)
				wire_close(&waiting[n].wire);
		}
		if (!answer)
			status = tool_error("%s: %s", text_of(info, "name"), err.msg);
		if (answer && text_of(info, "state")[2] == 'p')
			fprintf(stderr, "paravane: %s is paused, and hears of it when it is "
				"unpaused\n", text_of(info, "name"));
		json_decref(answer);
	}
	json_decref(list);
	for (unsigned int k = 0; k < n; k++)
		wait_until(&waiting[k], wait > 1);
	free(waiting);
	return status;
}

static int run_end(const struct tool_command *cmd, int argc, const char **argv)
{
	struct operands o;
	int rc = operands_parse(cmd, argc, argv, 0, 1, &o);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	if (!operands_has(&o, 'a') == !o.nr)
		rc = o.nr ? tool_error("-a and a domain; one of them is accepted") :
		     tool_missing(cmd);
	else
		rc = ask_to_end(cmd, &o);
	operands_free(&o);
	return rc;
}

/* xl's letter, which is a capital: counted as f. */
static int set_fallback(void *args, const char *name, const char *value)
{
	return operands_flag(args, "f", value);
}

static const struct tool_option shutdown_options[] = {
	{ "a|all", NULL, "all domains", operands_flag },
	{ "w|wait", NULL, "wait until they have shut down; given twice, until they have gone",
	  operands_flag },
	{ "F", NULL, "taken: a machine's power button is pressed in any case", set_fallback },
	{ 0 }
};

static const struct tool_option reboot_options[] = {
	{ "a|all", NULL, "all domains", operands_flag },
	{ "w|wait", NULL, "wait until they have shut down; given twice, until they have gone",
	  operands_flag },
	{ "F", NULL, "reset a machine at once instead of pressing its power button", set_fallback },
	{ 0 }
};

/* --- console --- */

/* As xl takes them; there is one console. */
static int set_console_option(void *opaque, const char *name, const char *value)
{
	if (*name == 't' ? !strcmp(value, "pv") || !strcmp(value, "serial") : !strcmp(value, "0"))
		return 0;
	return tool_error("-%s '%s': a domain has one console; %s accepted", name, value,
			  *name == 't' ? "pv and serial, which mean the same, are" : "0 is");
}

static int take_domain(void *opaque, const char *value)
{
	struct operands *o = opaque;

	if (o->nr)
		return tool_error("unexpected argument '%s'; 'console' takes DOMAIN", value);
	o->copy[0] = strdup(value);
	o->value[0] = o->copy[0];
	o->nr = o->copy[0] != NULL;
	return o->nr ? 0 : tool_error("out of memory");
}

static const struct tool_option console_command_options[] = {
	{ "t", "KIND", "pv or serial: the one console a domain has", set_console_option },
	{ "n", "N", "0: likewise", set_console_option },
	{ 0 }
};

static int run_console(const struct tool_command *cmd, int argc, const char **argv)
{
	struct console_options options = { .other = -1 };
	struct operands o = { 0 };
	struct client_domain d;
	struct error err;
	struct wire w;
	int rc = tool_parse(cmd, argc, argv, &o, take_domain);

	if (!rc && !o.nr)
		rc = tool_missing(cmd);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	if (client_find(&d, o.value[0], &err)) {
		operands_free(&o);
		return tool_error("%s", err.msg);
	}
	if (client_connect(&w, d.host, &err)) {
		rc = tool_error("%s", err.msg);
	} else {
		if (console_attach(&w, d.domid, false, &err))
			rc = tool_error("%s", err.msg);
		else if (console_run(&w, &options) == CONSOLE_ERROR)
			rc = tool_error("standard output: %s", strerror(errno));
		wire_close(&w);
	}
	client_domain_free(&d);
	operands_free(&o);
	return rc;
}

/* --- the table --- */

#define DOMAINS .group = "Domains"

const struct tool_command tool_console = {
	.name = "console", DOMAINS, .synopsis = "DOMAIN", .run = run_console,
	.options = console_command_options,
	.summary = "attach to a domain's console",
	.details = "Ctrl-] leaves it. What the domain said while nobody looked comes first.\n"
		   "Several may look and type at once.\n",
};

const struct tool_command tool_shutdown = {
	.name = "shutdown", DOMAINS, .synopsis = "[-w] DOMAIN | -a", .run = run_end,
	.options = shutdown_options,
	.summary = "ask a domain to shut down",
	.details = "The guest does it, in its own time; on_poweroff says what comes then. Of a\n"
		   "machine, the power button is pressed.\n",
};

const struct tool_command tool_reboot = {
	.name = "reboot", DOMAINS, .synopsis = "[-w] DOMAIN | -a", .run = run_end,
	.options = reboot_options,
	.summary = "ask a domain to restart",
	.details = "The guest does it, in its own time; on_reboot says what comes then. Of a\n"
		   "machine, the power button is pressed, and powering off then is not its end.\n",
};

const struct tool_command tool_destroy = {
	.name = "destroy", DOMAINS, .synopsis = "DOMAIN", .run = run_destroy,
	.options = destroy_options,
	.summary = "end a domain at once",
};

const struct tool_command tool_pause = {
	.name = "pause", DOMAINS, .synopsis = "DOMAIN", .run = run_pause,
	.summary = "stop a domain's vCPUs",
};

const struct tool_command tool_unpause = {
	.name = "unpause", DOMAINS, .synopsis = "DOMAIN", .run = run_unpause,
	.summary = "let them go on",
};

const struct tool_command tool_rename = {
	.name = "rename", DOMAINS, .synopsis = "DOMAIN NAME", .run = run_rename,
	.summary = "give a domain another name",
};
