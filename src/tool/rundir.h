/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the host processes of a user meet: $XDG_RUNTIME_DIR/paravane, with a folder for each
 * process (its control socket, the store's socket and its log) and the ids of domains in use.
 */
#ifndef PARAVANE_TOOL_RUNDIR_H
#define PARAVANE_TOOL_RUNDIR_H

#include <pthread.h>
#include <stdint.h>

#include <xen/interface/xen.h>

#include "backend/error.h"

#define RUNDIR_MAX_HOST 48 /* bytes of a host's name, with the NUL */
#define RUNDIR_MAX_PATH 100 /* of all paths here: what a Unix socket's address takes */

struct rundir {
	char path[RUNDIR_MAX_PATH - RUNDIR_MAX_HOST - 12];
};

/*
 * Finds the folder: $XDG_RUNTIME_DIR/paravane, else /run/user/UID/paravane, else
 * /tmp/paravane-UID; makes it with mode 0700. One that is not this user's own, or that others may
 * enter, is an error. Returns 0, or -1 with *err.
 */
int rundir_open(struct rundir *dir, struct error *err);

/* The path of a file in a host's folder. */
void rundir_file(const struct rundir *dir, const char *host, const char *file,
		 char path[RUNDIR_MAX_PATH]);

/* Letters, digits, '.', '_', '-', not first a '.': what a host may be called. */
int rundir_check_host(const char *name, struct error *err);

/*
 * One at a time: who starts a host, or gives a domain a name. Blocks. Returns a descriptor whose
 * closing unlocks, or -1 with *err.
 */
int rundir_lock(const struct rundir *dir, struct error *err);

/*
 * Calls fn(ctx, name) for each host that has a control socket, in order of name. A socket that
 * nobody listens at any more is removed first. Returns 0, fn's value when that is not 0, or -1 with
 * *err.
 */
int rundir_hosts(const struct rundir *dir, int (*fn)(void *ctx, const char *host), void *ctx,
		 struct error *err);

/* Connects to a host. Returns the socket, or -1 with errno: ENOENT, ECONNREFUSED: there is none. */
int rundir_connect(const struct rundir *dir, const char *host);

/*
 * Makes a host's folder and its listening control socket, which is returned; under rundir_lock().
 * Removes what dead hosts left, but for the newest logs. -1 with *err; errno EEXIST: it runs.
 */
int rundir_listen(const struct rundir *dir, const char *host, struct error *err);

/* --- ids of domains, unique over all processes of a user --- */

struct rundir_domids {
	int fd; /* of the file; what is claimed in it goes with the process */
	pthread_mutex_t lock;
	uint8_t used[DOMID_FIRST_RESERVED / 8 + 1]; /* by this process */
};

/* Returns 0, or -1 with *err. Only the process that calls it (no child of its) may claim ids. */
int rundir_domids_open(struct rundir_domids *ids, const struct rundir *dir, struct error *err);
/* The next free id, from 1 on, not soon used again; or -1. Any thread. */
int rundir_domid_claim(struct rundir_domids *ids);
void rundir_domid_release(struct rundir_domids *ids, unsigned int domid);

#endif
