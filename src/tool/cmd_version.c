/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane version: prints the version. */
#include <stdio.h>

#include "tool/commands.h"

static int run(const struct tool_command *cmd, int argc, const char **argv)
{
	int ret = tool_parse(cmd, argc, argv, NULL, NULL);

	if (ret)
		return ret < 0 ? TOOL_EXIT_OK : ret;
	printf("paravane %s\n", PARAVANE_VERSION);
	return TOOL_EXIT_OK;
}

const struct tool_command tool_version = {
	.name = "version",
	.group = "Other",
	.synopsis = "",
	.summary = "print the version",
	.run = run,
};
