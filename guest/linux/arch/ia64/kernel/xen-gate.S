/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate page of a domain of Xen: gate.S with other macros. */
#define __IA64_PV_XEN
#include "gate.S"
