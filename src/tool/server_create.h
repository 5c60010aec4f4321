/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests that bring descriptors along: new domains, new devices. */
#ifndef PARAVANE_TOOL_SERVER_CREATE_H
#define PARAVANE_TOOL_SERVER_CREATE_H

#include "tool/server.h"
#include "xen/pv_device.h"

/*
 * {"config": as domain_config_check() makes it, "paused": BOOL, "tied": BOOL}; the answer has
 * "domid". Names of files are /dev/fd/@N. A tied domain is destroyed when the connection closes.
 */
int server_create(struct server_conn *c, struct pv_domain *d, const json_t *request,
		  json_t *answer, struct error *err);

/* Adds a device whose string names its files as /dev/fd/@N. */
int server_attach(struct server_conn *c, struct pv_domain *d, enum pv_device_kind kind,
		  const char *spec, struct error *err);
/* Takes one away, and closes what it was opened with. */
int server_detach(struct server_conn *c, struct pv_domain *d, enum pv_device_kind kind,
		  unsigned int number, bool force, struct error *err);

#endif
