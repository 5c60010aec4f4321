/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What commands about domains share: their operands, and doing it for each. */
#ifndef PARAVANE_TOOL_DOMAIN_COMMAND_H
#define PARAVANE_TOOL_DOMAIN_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "tool/client.h"
#include "tool/commands.h"

#define MAX_OPERANDS 64

/* Operands in order, and options that are there or not, by the first letter of their name. */
struct operands {
	const char *value[MAX_OPERANDS];
	char *copy[MAX_OPERANDS];
	unsigned int nr;
	unsigned int flags['z' - 'a' + 1]; /* how often each was given */
};

/* Setter of an option without a value, for a struct operands. */
int operands_flag(void *args, const char *name, const char *value);
unsigned int operands_has(const struct operands *o, char letter);
/*
 * tool_parse() into *o. Fewer than `least` or more than `most` is an error. Returns what it does;
 * on 0, operands_free() is due.
 */
int operands_parse(const struct tool_command *cmd, int argc, const char **argv,
		   unsigned int least, unsigned int most, struct operands *o);
void operands_free(struct operands *o);

/*
 * A whole command that finds the domain of its first operand and asks for `command` with what
 * arguments(o, d) makes of the others (NULL after an error line, or NULL function: none). The exit
 * status.
 */
int domain_command(const struct tool_command *cmd, int argc, const char **argv, unsigned int least,
		   unsigned int most, const char *command,
		   json_t *(*arguments)(const struct operands *o, const struct client_domain *d));

/* The domains named, or all. NULL after an error line. */
json_t *domains_named(const struct operands *o);
/* Prints JSON as --json does. Returns the exit status. */
int print_json(const json_t *value);

/* Fields of JSON objects. */
const char *text_of(const json_t *object, const char *key);
long long number_of(const json_t *object, const char *key);

/* A decimal number, all of the text. */
bool parse_decimal(const char *text, long long max, long long *out);

#endif
