/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of all commands. */
#include "tool/commands.h"

#include <stddef.h>

const struct tool_command *const tool_commands[] = {
	&tool_run, &tool_create, &tool_config_check, &tool_disassemble, &tool_version, &tool_help,
	NULL
};
