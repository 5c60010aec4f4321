/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The commands' side: finding domains over all host processes of the user, asking for things. */
#ifndef PARAVANE_TOOL_CLIENT_H
#define PARAVANE_TOOL_CLIENT_H

#include <jansson.h>

#include "backend/error.h"
#include "tool/rundir.h"
#include "tool/wire.h"

/* A domain that was found. */
struct client_domain {
	char host[RUNDIR_MAX_HOST];
	int domid;
	json_t *info; /* what list tells of it */
};

/*
 * All domains of all hosts, by id, as list describes them (server_commands.c), with "host". Returns
 * NULL with *err.
 */
json_t *client_list(struct error *err);
/* What hello tells, of each host. */
json_t *client_hosts(struct error *err);

/* The domain of that id, or that name. 0, or -1 with *err; to be freed. */
int client_find(struct client_domain *d, const char *id_or_name, struct error *err);
void client_domain_free(struct client_domain *d);

/* Connects to a host. 0, or -1 with *err. */
int client_connect(struct wire *w, const char *host, struct error *err);
/* An answer may take for ever from now on: it is an event. */
void client_patient(struct wire *w);
/*
 * Sends a request (taken over; json_pack() of it may have failed) and waits for its answer. Returns
 * the answer, or NULL with *err: what the host said was wrong. `names` are what messages call the
 * descriptors, or NULL.
 */
json_t *client_ask(struct wire *w, json_t *request, const struct wire_fds *fds,
		   char *const *names, struct error *err);
/* Connects to the domain's host, asks for the command with the domain's id in it, hangs up. */
json_t *client_domain_ask(const struct client_domain *d, const char *command, json_t *arguments,
			  struct error *err);

#endif
