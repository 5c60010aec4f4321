/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What commands about domains have in common. */
#include "tool/domain_command.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int operands_flag(void *args, const char *name, const char *value)
{
	struct operands *o = args;

	if (*name >= 'a' && *name <= 'z')
		o->flags[*name - 'a']++;
	return 0;
}

unsigned int operands_has(const struct operands *o, char letter)
{
	return o->flags[letter - 'a'];
}

static int take_operand(void *args, const char *value)
{
	struct operands *o = args;

	if (o->nr == MAX_OPERANDS)
		return tool_error("too many arguments; at most %d are accepted", MAX_OPERANDS);
	o->copy[o->nr] = strdup(value);
	if (!o->copy[o->nr])
		return tool_error("out of memory");
	o->value[o->nr] = o->copy[o->nr];
	o->nr++;
	return 0;
}

void operands_free(struct operands *o)
{
	for (unsigned int i = 0; i < o->nr; i++)
		free(o->copy[i]);
	o->nr = 0;
}

int operands_parse(const struct tool_command *cmd, int argc, const char **argv,
		   unsigned int least, unsigned int most, struct operands *o)
{
	int rc;

	*o = (struct operands){ 0 };
	rc = tool_parse(cmd, argc, argv, o, take_operand);
	if (!rc && o->nr < least)
		rc = tool_missing(cmd);
	if (!rc && o->nr > most)
		rc = tool_error("unexpected argument '%s'; '%s' takes %s", o->value[most],
				cmd->name, *cmd->synopsis ? cmd->synopsis : "none");
	if (rc)
		operands_free(o);
	return rc;
}

int domain_command(const struct tool_command *cmd, int argc, const char **argv, unsigned int least,
		   unsigned int most, const char *command,
		   json_t *(*arguments)(const struct operands *o, const struct client_domain *d))
{
	struct client_domain d;
	struct operands o;
	struct error err;
	json_t *request = NULL, *answer;
	int rc = operands_parse(cmd, argc, argv, least, most, &o);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	if (client_find(&d, o.value[0], &err)) {
		operands_free(&o);
		return tool_error("%s", err.msg);
	}
	if (arguments) {
		request = arguments(&o, &d);
		rc = request ? 0 : TOOL_EXIT_ERROR;
	}
	if (!rc) {
		answer = client_domain_ask(&d, command, request, &err);
		if (!answer)
			rc = tool_error("%s", err.msg);
		json_decref(answer);
	}
	client_domain_free(&d);
	operands_free(&o);
	return rc;
}

json_t *domains_named(const struct operands *o)
{
	struct error err;
	json_t *list;

	if (!o->nr) {
		list = client_list(&err);
		if (!list)
			tool_error("%s", err.msg);
		return list;
	}
	list = json_array();
	for (unsigned int i = 0; i < o->nr; i++) {
		struct client_domain d;

		if (client_find(&d, o->value[i], &err)) {
			tool_error("%s", err.msg);
			json_decref(list);
			return NULL;
		}
		json_array_append(list, d.info);
		client_domain_free(&d);
	}
	return list;
}

int print_json(const json_t *value)
{
	if (json_dumpf(value, stdout, JSON_INDENT(4)) || putchar('\n') == EOF || fflush(stdout))
		return tool_error("standard output: %s", strerror(errno));
	return TOOL_EXIT_OK;
}

const char *text_of(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

long long number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

bool parse_decimal(const char *text, long long max, long long *out)
{
	unsigned long long n;

	if (max < 0 || !tool_number(text, 0, (unsigned long long)max, &n))
		return false;
	*out = (long long)n;
	return true;
}
