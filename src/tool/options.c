/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Command lines: from a command's option table to calls of its setters; error lines. */
#include <ctype.h>
#include <errno.h>
#include <popt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/tool.h"

#define MAX_OPTIONS 32
#define VAL_HELP 1
#define VAL_FIRST 2 /* popt gives out values above 0 only; 1 is --help */

const struct tool_command *tool_find_command(const char *name)
{
	for (size_t i = 0; tool_commands[i]; i++) {
		if (!strcmp(tool_commands[i]->name, name))
			return tool_commands[i];
	}
	return NULL;
}

int tool_error(const char *fmt, ...)
{
	char line[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	for (char *p = line; *p; p++) {
		if (iscntrl((unsigned char)*p))
			*p = '?';
	}
	fprintf(stderr, "paravane: %s\n", line);
	return TOOL_EXIT_ERROR;
}

/* The table as popt wants it; values are indices + VAL_FIRST. */
static void make_popt_table(const struct tool_command *cmd, struct poptOption *table)
{
	const char *name;
	size_t n = 0;

	table[n++] = (struct poptOption){ .longName = "help", .shortName = 'h', .val = VAL_HELP };
	for (size_t i = 0; cmd->options && cmd->options[i].name; i++) {
		if (n == MAX_OPTIONS - 1)
			abort(); /* the tables are ours: make MAX_OPTIONS larger */
		name = cmd->options[i].name;
		table[n++] = (struct poptOption){
			.shortName = !name[1] || name[1] == '|' ? *name : '\0',
			.longName = name[1] == '|' ? name + 2 : name[1] ? name : NULL,
			.argInfo = cmd->options[i].arg ? POPT_ARG_STRING : POPT_ARG_NONE,
			.val = (int)i + VAL_FIRST,
		};
	}
	table[n] = (struct poptOption)POPT_TABLEEND;
}

static int bad_option(const struct tool_command *cmd, poptContext ctx, int err)
{
	const char *option = poptBadOption(ctx, 0);

	switch (err) {
	case POPT_ERROR_BADOPT:
		return tool_error("unknown option '%s'; 'paravane help %s' lists them", option,
				  cmd->name);
	case POPT_ERROR_NOARG:
		return tool_error("option '%s' needs a value; 'paravane help %s' says which",
				  option, cmd->name);
	default:
		return tool_error("option '%s': %s", option, poptStrerror(err));
	}
}

int tool_missing(const struct tool_command *cmd)
{
	return tool_error("'%s' takes %s; 'paravane help %s' tells more", cmd->name, cmd->synopsis,
			  cmd->name);
}

int tool_engine(const char *value, bool *jit)
{
	*jit = !strcmp(value, "jit");
	if (!*jit && strcmp(value, "interpreter"))
		return tool_error("--engine: unknown engine '%s'; interpreter, jit are accepted",
				  value);
	return 0;
}

bool tool_number(const char *text, unsigned long long min, unsigned long long max,
		 unsigned long long *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 10);
	return !errno && !*end && *out >= min && *out <= max;
}

bool tool_megabytes(const char *text, unsigned long long *mb)
{
	size_t length = strspn(text, "0123456789");
	unsigned int shift = text[length] == 'G' ? 10 : 0;

	/* As many digits as any size needs, so that nothing overflows. */
	if (!length || length > 12 || (text[length] && strcmp(text + length, "M") && !shift) ||
	    (shift && text[length + 1]))
		return false;
	*mb = strtoull(text, NULL, 10) << shift;
	return true;
}

bool tool_check(const char *value, unsigned int *every)
{
	unsigned long long n = 1;

	if (strncmp(value, "lockstep", 8))
		return false;
	if (value[8] && (value[8] != '=' || !tool_number(value + 9, 1, 1000000000, &n)))
		return false;
	*every = (unsigned int)n;
	return true;
}

bool tool_gdb(const char *value)
{
	unsigned long long port;

	return tool_number(value, 1, 65535, &port) || (!strncmp(value, "unix:", 5) && value[5]);
}

int tool_parse(const struct tool_command *cmd, int argc, const char **argv, void *args,
	       int (*operand)(void *args, const char *value))
{
	struct poptOption table[MAX_OPTIONS];
	const char *value;
	poptContext ctx;
	int val, ret = 0;

	make_popt_table(cmd, table);
	ctx = poptGetContext("paravane", argc, argv, table, 0);
	if (!ctx)
		return tool_error("out of memory");
	while (!ret && (val = poptGetNextOpt(ctx)) > 0) {
		const struct tool_option *option;
		char *text;

		if (val == VAL_HELP) {
			tool_print_help(cmd);
			ret = -1;
			break;
		}
		option = &cmd->options[val - VAL_FIRST];
		text = poptGetOptArg(ctx);
		ret = option->set(args, strchr(option->name, '|') ? option->name + 2 : option->name,
				  text);
		free(text);
	}
	if (!ret && val < -1)
		ret = bad_option(cmd, ctx, val);
	while (!ret && (value = poptGetArg(ctx))) {
		if (operand)
			ret = operand(args, value);
		else
			ret = tool_error("unexpected argument '%s'; 'paravane help %s' says what "
					 "'%s' takes", value, cmd->name, cmd->name);
	}
	poptFreeContext(ctx);
	return ret;
}
