/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What requests say, and what answers do, whatever kind of domain they are about. */
#ifndef PARAVANE_TOOL_SERVER_REQUEST_H
#define PARAVANE_TOOL_SERVER_REQUEST_H

#include <jansson.h>
#include <stdio.h>

#include "tool/server.h"
#include "xen/pv_device.h"

/* "" and 0 if there is no such key, or it is something else. */
const char *request_text(const json_t *request, const char *key);
json_int_t request_number(const json_t *request, const char *key);
/* "kind": "vif", else a disk. */
enum pv_device_kind request_kind(const json_t *request);
/* "trigger" by xl's words. 0, or -1 with *err. */
int request_trigger(const json_t *request, enum pv_trigger *what, struct error *err);
/* "vcpu" and "cpus". 0, or -1 with *err. */
int request_pinning(const json_t *request, unsigned int *vcpu, cpu_set_t *cpus, struct error *err);
/* The one descriptor that must have come along, as a path. 0, or -1 with *err. */
int request_file(const struct server_conn *c, char *path, size_t size, struct error *err);

/* As pv_domain_device_list(), for a domain of any kind. */
typedef unsigned int (*list_devices_fn)(void *domain, enum pv_device_kind kind,
					struct pv_device_info *info, unsigned int max);
/* "devices": those of the request's kind that the domain has. 0, or -1 with *err. */
int answer_devices(json_t *answer, const json_t *request, list_devices_fn list, void *domain,
		   struct error *err);

/* Text for people, as "text": what is written to `out` between the two. */
struct answer_text {
	FILE *out;
	char *buf;
	size_t size;
};

int answer_text_begin(struct answer_text *text, struct error *err);
/* Returns rc. */
int answer_text_end(struct answer_text *text, json_t *answer, int rc);

/* The connection becomes the console's stream. */
int server_console(struct server_conn *c, domid_t domid, const json_t *request, struct error *err);

#endif
