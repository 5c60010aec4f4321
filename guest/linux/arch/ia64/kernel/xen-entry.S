/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Task switch and the ways out of the kernel in a domain of Xen: a part of entry.S, with other macros. */
#define __IA64_PV_XEN
#define ia64_switch_to			xen_switch_to
#define ia64_leave_syscall		xen_leave_syscall
#define ia64_work_processed_syscall	xen_work_processed_syscall
#define ia64_work_pending_syscall_end	xen_work_pending_syscall_end
#define ia64_leave_kernel		xen_leave_kernel
#include "entry.S"
