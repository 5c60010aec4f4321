/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The interruption vector table of a domain of Xen: ivt.S with other macros. */
#define __IA64_PV_XEN
#define ia64_ivt		xen_ivt
#define ia64_syscall_setup	xen_syscall_setup
#define account_sys_enter	xen_account_sys_enter
#define ia64_leave_kernel	xen_leave_kernel
#include "ivt.S"
