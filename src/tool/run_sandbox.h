/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Confining `paravane run` before it makes its machine. */
#ifndef PARAVANE_TOOL_RUN_SANDBOX_H
#define PARAVANE_TOOL_RUN_SANDBOX_H

#include "backend/error.h"
#include "machine/machine.h"
#include "tool/handover.h"
#include "tool/sandbox.h"

/* What the confined machine was given; stays as long as it. */
struct run_sandbox {
	struct handover given;
	char *texts[2 * MACHINE_MAX_DISKS + 8];
	unsigned int nr_texts;
	struct sandbox box;
};

/*
 * Opens or starts what a confined process cannot (tap interfaces, servers for qcow2 images),
 * changing *config to name that, and confines this process to the files *config names, and `gdb`
 * ("unix:PATH"; may be NULL). Before there are other threads. 0, or -1 with *err; run_sandbox_end()
 * is due either way.
 */
int run_sandbox_enter(struct run_sandbox *s, struct machine_config *config, const char *gdb,
		      struct error *err);
/* `done`: the machine has been made, and has connected to its servers. */
void run_sandbox_end(struct run_sandbox *s, bool done);

#endif
