/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A vCPU's VIRQ_TIMER, the domain's watchdogs, and the vCPU's run state in guest memory. */
#ifndef PARAVANE_XEN_TIMER_H
#define PARAVANE_XEN_TIMER_H

#include "xen/xen.h"

/* System time of the next one-shot VIRQ_TIMER, 0: none. Any thread. 0 or -ENOMEM. */
int xen_timer_singleshot(struct xen_vcpu *v, uint64_t when);
/* VIRQ_TIMER every `ns` from now on; 0 stops. 0 or -ENOMEM. */
int xen_timer_periodic(struct xen_vcpu *v, uint64_t ns);
/* Both, for ever. Not on the event loop with a lock held. */
void xen_timer_stop(struct xen_vcpu *v);

/* SCHEDOP_watchdog: returns the id, 0, or -errno. */
long xen_watchdog(struct xen_domain *d, uint32_t id, uint32_t seconds);
void xen_watchdog_stop(struct xen_domain *d);

/* Copies a run state to where the guest asked for it; what cannot be written is left out. */
void xen_runstate_publish(struct xen_vcpu *v, xen_guest_handle area,
			  const struct vcpu_runstate_info *r);

#endif
