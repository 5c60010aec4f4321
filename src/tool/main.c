/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The program: finds the subcommand and hands over to it. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tool/tool.h"

#ifdef __SANITIZE_ADDRESS__
/* The leak checker stops threads as a debugger does, which a confined process may not. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
#endif

int main(int argc, char **argv)
{
	const struct tool_command *cmd;
	const char *name = argc > 1 ? argv[1] : NULL;
	int rc;

	if (!name)
		return tool_error("no command given; 'paravane help' lists them");
	if (!strcmp(name, "--help") || !strcmp(name, "-h"))
		name = "help";
	else if (!strcmp(name, "--version"))
		name = "version";
	cmd = tool_find_command(name);
	if (!cmd)
		return tool_error("unknown command '%s'; 'paravane help' lists them", name);
	rc = cmd->run(cmd, argc - 1, (const char **)argv + 1);
	errno = 0;
	/* A list that is cut short, on a full disk say, is not what was asked for. */
	if ((fflush(stdout) || ferror(stdout)) && !rc)
		rc = tool_error("standard output: %s", errno ? strerror(errno) :
				"not all could be written");
	return rc;
}
