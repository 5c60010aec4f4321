/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store's protocol, on a domain's page and on sockets. Source: Xen 4.1 public/io/xs_wire.h, and
 * Xen 4.17's for the two requests at the end that Debian's clients use.
 */
#ifndef XEN_INTERFACE_IO_XS_WIRE_H
#define XEN_INTERFACE_IO_XS_WIRE_H

#include <stdint.h>

enum xsd_sockmsg_type {
	XS_DEBUG,
	XS_DIRECTORY,
	XS_READ,
	XS_GET_PERMS,
	XS_WATCH,
	XS_UNWATCH,
	XS_TRANSACTION_START,
	XS_TRANSACTION_END,
	XS_INTRODUCE,
	XS_RELEASE,
	XS_GET_DOMAIN_PATH,
	XS_WRITE,
	XS_MKDIR,
	XS_RM,
	XS_SET_PERMS,
	XS_WATCH_EVENT,
	XS_ERROR,
	XS_IS_DOMAIN_INTRODUCED,
	XS_RESUME,
	XS_SET_TARGET,
	XS_RESTRICT,
	XS_RESET_WATCHES,
	XS_DIRECTORY_PART,
};

struct xsd_sockmsg {
	uint32_t type;   /* XS_* */
	uint32_t req_id; /* the answer's is the request's */
	uint32_t tx_id;  /* 0: no transaction */
	uint32_t len;    /* bytes that follow */
};

#define XENSTORE_RING_SIZE 1024

struct xenstore_domain_interface {
	uint8_t req[XENSTORE_RING_SIZE];
	uint8_t rsp[XENSTORE_RING_SIZE];
	uint32_t req_cons, req_prod;
	uint32_t rsp_cons, rsp_prod;
};

#define XENSTORE_PAYLOAD_MAX 4096
#define XENSTORE_ABS_PATH_MAX 3072
#define XENSTORE_REL_PATH_MAX 2048

#endif
