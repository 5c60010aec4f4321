/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane help: the list of commands, and each command's options from its table. */
#include <stdio.h>
#include <string.h>

#include "tool/commands.h"

#define OPTION_COLUMN 26

static void print_option(const struct tool_option *option)
{
	const char *text = option->help;
	const char *bar = strchr(option->name, '|'), *sep = option->arg ? " " : "";
	int column;

	if (bar)
		column = printf("  -%c, --%s%s%s", *option->name, bar + 1, sep,
				option->arg ? option->arg : "");
	else
		column = printf("  %s%s%s%s", option->name[1] ? "--" : "-", option->name, sep,
				option->arg ? option->arg : "");
	if (column >= OPTION_COLUMN) {
		putchar('\n');
		column = 0;
	}
	while (*text) {
		int length = (int)strcspn(text, "\n");

		printf("%*s%.*s\n", OPTION_COLUMN - column, "", length, text);
		column = 0;
		text += length + (text[length] == '\n');
	}
}

static void print_commands(void)
{
	printf("Usage: paravane COMMAND [ARGUMENT]...\n"
	       "Runs IA-64 (Itanium) systems on this machine.\n");
	for (size_t i = 0; tool_commands[i]; i++) {
		const struct tool_command *cmd = tool_commands[i];

		if (!i || strcmp(cmd->group, tool_commands[i - 1]->group))
			printf("\n%s:\n", cmd->group);
		printf("  %-15s %s\n", cmd->name, cmd->summary);
	}
	printf("\n'paravane help COMMAND' tells more.\n");
}

void tool_print_help(const struct tool_command *cmd)
{
	if (!cmd) {
		print_commands();
		return;
	}
	printf("Usage: paravane %s%s%s\n%s\n", cmd->name, *cmd->synopsis ? " " : "", cmd->synopsis,
	       cmd->summary);
	if (cmd->options)
		putchar('\n');
	for (size_t i = 0; cmd->options && cmd->options[i].name; i++)
		print_option(&cmd->options[i]);
	if (cmd->details)
		printf("\n%s", cmd->details);
}

struct help_args {
	const struct tool_command *about;
	int operands;
};

static int take_operand(void *opaque, const char *value)
{
	struct help_args *args = opaque;

	if (args->operands++)
		return tool_error("unexpected argument '%s'; 'help' takes one command", value);
	args->about = tool_find_command(value);
	if (!args->about)
		return tool_error("unknown command '%s'; 'paravane help' lists them", value);
	return 0;
}

static int set_long(void *opaque, const char *name, const char *value)
{
	return 0;
}

static const struct tool_option options[] = {
	{ "long", NULL, "taken: the list is always whole", set_long }, { 0 }
};

static int run(const struct tool_command *cmd, int argc, const char **argv)
{
	struct help_args args = { 0 };
	int ret = tool_parse(cmd, argc, argv, &args, take_operand);

	if (ret)
		return ret < 0 ? TOOL_EXIT_OK : ret;
	tool_print_help(args.about);
	return TOOL_EXIT_OK;
}

const struct tool_command tool_help = {
	.name = "help",
	.group = "Other",
	.synopsis = "[COMMAND]",
	.summary = "list the commands, or tell about one",
	.options = options,
	.run = run,
};
