/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane debug: counts of what a domain does and what executes it. */
#include <string.h>

#include "tool/domain_command.h"
#include "tool/privops.h"

static int show(const struct operands *o, const json_t *answer)
{
	json_object_del((json_t *)answer, "ok");
	if (operands_has(o, 'j'))
		return print_json(answer);
	if (!strcmp(o->value[1], "privops"))
		privops_print(answer, stdout);
	else
		fputs(text_of(answer, "text"), stdout);
	return TOOL_EXIT_OK;
}

static int run(const struct tool_command *cmd, int argc, const char **argv)
{
	struct client_domain d;
	struct operands o;
	struct error err;
	json_t *answer;
	int rc = operands_parse(cmd, argc, argv, 2, 2, &o);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	if (strcmp(o.value[1], "privops") && strcmp(o.value[1], "jit") &&
	    strcmp(o.value[1], "report")) {
		rc = tool_error("debug '%s': privops, jit, report are accepted", o.value[1]);
	} else if (client_find(&d, o.value[0], &err)) {
		rc = tool_error("%s", err.msg);
	} else {
		answer = client_domain_ask(&d, o.value[1], NULL, &err);
		rc = answer ? show(&o, answer) : tool_error("%s", err.msg);
		json_decref(answer);
		client_domain_free(&d);
	}
	operands_free(&o);
	return rc;
}

static const struct tool_option options[] = {
	{ "json", NULL, "as JSON", operands_flag }, { 0 }
};

const struct tool_command tool_debug = {
	.name = "debug", .group = "Looking inside", .synopsis = "DOMAIN privops|jit|report",
	.run = run, .options = options, .summary = "counts of what a domain does",
	.details = "privops: privileged operations by kind and place, and hypercalls\n"
		   "jit: what the translator has done, for each vCPU\n"
		   "report: why a domain crashed, and the state of its vCPUs\n",
};
