/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The console's page. Indices count for ever. Source: Xen 4.1 public/io/console.h. */
#ifndef XEN_INTERFACE_IO_CONSOLE_H
#define XEN_INTERFACE_IO_CONSOLE_H

#include <stdint.h>

struct xencons_interface {
	uint8_t in[1024];
	uint8_t out[2048];
	uint32_t in_cons, in_prod;
	uint32_t out_cons, out_prod;
};

#endif
