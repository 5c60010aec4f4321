/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: finds the subcommand and hands over to it. */
#include <string.h>

#include "tool/tool.h"

int main(int argc, char **argv)
{
	const struct tool_command *cmd;
	const char *name = argc > 1 ? argv[1] : NULL;

	if (!name)
		return tool_error("no command given; 'paravane help' lists them");
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	else if (!strcmp(name, "--version"))
		name = "version";
	cmd = tool_find_command(name);
	if (!cmd)
		return tool_error("unknown command '%s'; 'paravane help' lists them", name);
	return cmd->run(cmd, argc - 1, (const char **)argv + 1);
}
