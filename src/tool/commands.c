/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of all commands. */
#include "tool/commands.h"

#include <stddef.h>

const struct tool_command *const tool_commands[] = {
	&tool_run,
	&tool_create, &tool_config_check, &tool_console, &tool_shutdown, &tool_reboot,
	&tool_destroy, &tool_pause, &tool_unpause, &tool_rename,
	&tool_list, &tool_vm_list, &tool_domid, &tool_domname, &tool_uptime, &tool_top, &tool_info,
	&tool_dmesg,
	&tool_vcpu_list, &tool_vcpu_set, &tool_vcpu_pin, &tool_mem_set, &tool_mem_max,
	&tool_block_attach, &tool_block_list, &tool_block_detach,
	&tool_network_attach, &tool_network_list, &tool_network_detach,
	&tool_trigger, &tool_sysrq, &tool_dump_core, &tool_debug, &tool_xenstore,
	&tool_disassemble, &tool_version, &tool_help,
	NULL
};
