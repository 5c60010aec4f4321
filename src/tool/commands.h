/* SPDX-License-Identifier: GPL-2.0-or-later */
/* All commands: what options.c's table is made of. */
#ifndef PARAVANE_TOOL_COMMANDS_H
#define PARAVANE_TOOL_COMMANDS_H

#include "tool/tool.h"

extern const struct tool_command tool_run, tool_disassemble, tool_version, tool_help;
/* cmd_create.c */
extern const struct tool_command tool_create, tool_config_check;
/* cmd_list.c: tables of what there is */
extern const struct tool_command tool_list, tool_vm_list, tool_vcpu_list, tool_uptime, tool_domid,
	tool_domname, tool_info, tool_dmesg, tool_top;
/* cmd_life.c: start, stop, end */
extern const struct tool_command tool_console, tool_shutdown, tool_reboot, tool_destroy, tool_pause,
	tool_unpause, tool_rename;
/* cmd_change.c: vCPUs, memory, signals */
extern const struct tool_command tool_vcpu_set, tool_vcpu_pin, tool_mem_set, tool_mem_max,
	tool_trigger, tool_sysrq, tool_dump_core;
/* cmd_device.c */
extern const struct tool_command tool_block_attach, tool_block_list, tool_block_detach,
	tool_network_attach, tool_network_list, tool_network_detach;
/* cmd_debug.c, cmd_xenstore.c */
extern const struct tool_command tool_debug, tool_xenstore;

#endif
