/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane console, shutdown, reboot, destroy, pause, unpause, rename: the life of a domain. */
#include <string.h>
#include <unistd.h>

#include "tool/console_client.h"
#include "tool/domain_command.h"
#include "tool/domain_config.h"

/* --- one request each --- */

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
	char name[128];
};

/* Before it is told to go, so that nothing is missed. */
static int listen_to(struct waiting *w, const struct client_domain *d, struct error *err)
{
	json_t *answer;

	w->domid = d->domid;
	snprintf(w->name, sizeof(w->name), "%s", text_of(d->info, "name"));
	if (client_connect(&w->wire, d->host, err))
		return -1;
	client_patient(&w->wire);
	answer = client_ask(&w->wire, json_pack("{s:s}", "command", "events"), NULL, NULL, err);
	if (!answer)
		wire_close(&w->wire);
	json_decref(answer);
	return answer ? 0 : -1;
}

/* Until the domain has shut down, been built again, or (with `death`) gone. */
static void wait_until(struct waiting *w, bool death)
{
	bool over = false;
	json_t *event;

	while (!over && !wire_receive(&w->wire, &event, NULL)) {
		const char *what = text_of(event, "event");

		if (number_of(event, "domid") == w->domid)
			over = !strcmp(what, "gone") ||
			       (!death && (!strcmp(what, "shutdown") || !strcmp(what, "restart")));
		json_decref(event);
	}
	wire_close(&w->wire);
}

static int ask_to_end(const struct tool_command *cmd, const struct operands *o)
{
	static struct waiting waiting[1024];
	json_t *list = operands_has(o, 'a') ? domains_named(&(struct operands){ 0 }) :
		       domains_named(o), *info;
	unsigned int wait = operands_has(o, 'w'), n = 0;
	int status = TOOL_EXIT_OK;
	size_t i;

	if (!list)
		return TOOL_EXIT_ERROR;
	json_array_foreach(list, i, info) {
		struct client_domain d = { .info = info, .domid = (int)number_of(info, "domid") };
		json_t *answer = NULL;
		struct error err;

		snprintf(d.host, sizeof(d.host), "%s", text_of(info, "host"));
		if (n == sizeof(waiting) / sizeof(waiting[0]))
			break;
		if (!wait || !listen_to(&waiting[n], &d, &err))
			answer = client_domain_ask(&d, cmd->name, NULL, &err);
		if (!answer)
			status = tool_error("%s: %s", text_of(info, "name"), err.msg);
		else if (wait)
			n++;
		json_decref(answer);
	}
	json_decref(list);
	for (unsigned int k = 0; k < n; k++)
		wait_until(&waiting[k], wait > 1);
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

static const struct tool_option end_options[] = {
	{ "a|all", NULL, "all domains", operands_flag },
	{ "w|wait", NULL, "wait until they have shut down; given twice, until they have gone",
	  operands_flag },
	{ 0 }
};

/* --- console --- */

static int run_console(const struct tool_command *cmd, int argc, const char **argv)
{
	struct console_options options = { .other = -1 };
	struct client_domain d;
	struct operands o;
	struct error err;
	struct wire w;
	int rc = operands_parse(cmd, argc, argv, 1, 1, &o);

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
		else
			console_run(&w, &options);
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
	.summary = "attach to a domain's console",
	.details = "Ctrl-] leaves it. What the domain said while nobody looked comes first.\n"
		   "Several may look and type at once.\n",
};

const struct tool_command tool_shutdown = {
	.name = "shutdown", DOMAINS, .synopsis = "[-w] DOMAIN | -a", .run = run_end,
	.options = end_options,
	.summary = "ask a domain to shut down",
	.details = "The guest does it, in its own time; on_poweroff says what comes then.\n",
};

const struct tool_command tool_reboot = {
	.name = "reboot", DOMAINS, .synopsis = "[-w] DOMAIN | -a", .run = run_end,
	.options = end_options,
	.summary = "ask a domain to restart",
	.details = "The guest does it, in its own time; on_reboot says what comes then.\n",
};

const struct tool_command tool_destroy = {
	.name = "destroy", DOMAINS, .synopsis = "DOMAIN", .run = run_destroy,
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
