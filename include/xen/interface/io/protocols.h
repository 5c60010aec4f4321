/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Names of ring layouts in the store's "protocol" node. Source: Xen 4.1 public/io/protocols.h. */
#ifndef XEN_INTERFACE_IO_PROTOCOLS_H
#define XEN_INTERFACE_IO_PROTOCOLS_H

#define XEN_IO_PROTO_ABI_IA64 "ia64-abi"

#endif
