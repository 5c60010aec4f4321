/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entry points the guest registers. Source: Xen 4.1 public/callback.h. */
#ifndef XEN_INTERFACE_CALLBACK_H
#define XEN_INTERFACE_CALLBACK_H

#include "xen.h"

#define CALLBACKOP_register 0
#define CALLBACKOP_unregister 1

#define CALLBACKTYPE_event 0
#define CALLBACKTYPE_failsafe 1

struct callback_register {
	uint16_t type; /* CALLBACKTYPE_* */
	uint16_t flags;
	uint64_t address;
};

struct callback_unregister {
	uint16_t type;
	uint16_t unused;
};

#endif
