/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host process does for commands on machines: the functions of server_command.hvm. */
#ifndef PARAVANE_TOOL_SERVER_HVM_H
#define PARAVANE_TOOL_SERVER_HVM_H

#include "tool/server.h"

#define SERVER_HVM(name) \
	int server_hvm_##name(struct server_conn *c, struct hvm_domain *d, \
			      const json_t *request, json_t *answer, struct error *err)

SERVER_HVM(pause);
SERVER_HVM(unpause);
SERVER_HVM(shutdown);
SERVER_HVM(reboot);
SERVER_HVM(destroy);
SERVER_HVM(rename);
SERVER_HVM(vcpu_pin);
SERVER_HVM(trigger);
SERVER_HVM(dump_core);
SERVER_HVM(devices);
SERVER_HVM(report);
SERVER_HVM(jit);
SERVER_HVM(console);

#endif
