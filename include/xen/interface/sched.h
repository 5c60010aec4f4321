/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Giving up the processor. Source: Xen 4.1 public/sched.h. */
#ifndef XEN_INTERFACE_SCHED_H
#define XEN_INTERFACE_SCHED_H

#include "event_channel.h"

#define SCHEDOP_yield 0
#define SCHEDOP_block 1
#define SCHEDOP_shutdown 2
#define SCHEDOP_poll 3
#define SCHEDOP_remote_shutdown 4
#define SCHEDOP_shutdown_code 5
#define SCHEDOP_watchdog 6

struct sched_shutdown {
	uint32_t reason; /* SHUTDOWN_* */
};

struct sched_poll {
	xen_guest_handle ports; /* of evtchn_port_t */
	uint32_t nr_ports;
	uint64_t timeout; /* system time in ns; 0 is never */
};

struct sched_remote_shutdown {
	domid_t domain_id;
	uint32_t reason;
};

struct sched_watchdog {
	uint32_t id;      /* 0 makes a new one */
	uint32_t timeout; /* seconds; 0 removes it */
};

#define SHUTDOWN_poweroff 0
#define SHUTDOWN_reboot 1
#define SHUTDOWN_suspend 2
#define SHUTDOWN_crash 3
#define SHUTDOWN_watchdog 4

#endif
