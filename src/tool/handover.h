/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a command opens for a host process, which may open nothing itself: kernels, disks, tap
 * interfaces. Strings of the configuration name them as /dev/fd/@N (wire.h) afterwards.
 */
#ifndef PARAVANE_TOOL_HANDOVER_H
#define PARAVANE_TOOL_HANDOVER_H

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "backend/error.h"
#include "tool/wire.h"
#include "xen/pv_device.h"

#define HANDOVER_MAX_SERVERS 64

struct handover {
	struct wire_fds fds;
	char *names[WIRE_MAX_FDS]; /* what messages call them */
	struct handover_server {
		pid_t pid;         /* who looks after it */
		int life;          /* closed, it ends the server, unless told to let it be */
		char dir[64];      /* its socket's */
		char *target;      /* the image */
		int log;           /* what it says */
	} servers[HANDOVER_MAX_SERVERS];
	unsigned int nr_servers;
};

/* All return 0, or -1 with *err; *h is to be ended either way. */

/* Opens a file; *out becomes a new string for /dev/fd/@N. */
int handover_file(struct handover *h, const char *path, int flags, char **out, struct error *err);
/*
 * Opens what a device's string names; *out is the new string. A qcow2 image gets a server process
 * (qemu-nbd), which ends when the host process closes the disk.
 */
int handover_device(struct handover *h, enum pv_device_kind kind, const char *spec, char **out,
		    struct error *err);
/* The same for all that a domain's configuration names: changes *config. */
int handover_config(struct handover *h, json_t *config, struct error *err);

/* Opens what perf(1) looks for of the process `pid`, in which the domain will be. */
int handover_perf_map(struct handover *h, json_t *config, long pid, struct error *err);

/*
 * A server for a qcow2 image, which ends when its last client goes; *uri is a new string for where
 * to reach it.
 */
int handover_serve(struct handover *h, const char *path, bool read_only, char **uri,
		   struct error *err);
/* If a message is about a server of ours, says instead what it has said itself. */
void handover_explain(struct handover *h, struct error *err);

/* Closes our copies. If what they were for did not come about, servers are ended. */
void handover_end(struct handover *h, bool done);

#endif
