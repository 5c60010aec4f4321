/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The fast system calls of a domain of Xen: fsys.S with other macros. */
#define __IA64_PV_XEN
#define fsyscall_table		xen_fsyscall_table
#define fsys_bubble_down	xen_fsys_bubble_down
#define ia64_syscall_setup	xen_syscall_setup
#include "fsys.S"
