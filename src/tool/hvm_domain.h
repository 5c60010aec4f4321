/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A machine (machine/machine.h) run as a domain: its making, its life, its end, in the words of
 * xen/pv_domain.h, so that commands see no difference where there is none.
 *
 * Each has a thread of its own that makes the machine, runs it and makes it anew. All functions:
 * any thread but the event loop's; those that can fail return 0, or -1 with *err. One that has gone
 * fails in all but hvm_domain_put() and hvm_domain_info().
 */
#ifndef PARAVANE_TOOL_HVM_DOMAIN_H
#define PARAVANE_TOOL_HVM_DOMAIN_H

#include "xen/pv_device.h"
#include "xen/pv_domain.h"

struct hvm_domain;

/* Without locks, on the domain's own thread or the caller's. */
struct hvm_ops {
	/* As pv_host_ops.event. */
	void (*event)(void *ctx, struct hvm_domain *d, enum pv_event event);
	/* One line about what went wrong where nobody waits for an answer. */
	void (*log)(void *ctx, const char *line);
};

/* Memory in MB, disks, network cards: what a machine takes. What it does not is an error. */
int hvm_domain_check(const struct pv_domain_config *config, struct error *err);

/*
 * Makes the machine; it is paused. The configuration is that of a pv domain, with one memory size,
 * one number of vCPUs and no rename-restart. `nvram` is the file for the EFI variables; NULL: they
 * last as the domain. *out has a reference for hvm_domain_put().
 */
int hvm_domain_create(struct hvm_domain **out, const struct hvm_ops *ops, void *ctx,
		      const struct pv_domain_config *config, const char *nvram,
		      struct error *err);
void hvm_domain_ref(struct hvm_domain *d);
void hvm_domain_put(struct hvm_domain *d);

domid_t hvm_domain_id(const struct hvm_domain *d);
void hvm_domain_info(struct hvm_domain *d, struct pv_domain_info *info);

int hvm_domain_pause(struct hvm_domain *d, struct error *err);
int hvm_domain_unpause(struct hvm_domain *d, struct error *err);
/*
 * Presses the power button. What the guest does then is its own affair; if it powers off, that
 * counts as a restart if `reboot` is said.
 */
int hvm_domain_shutdown(struct hvm_domain *d, bool reboot, struct error *err);
/* Returns when nothing is left of it. */
int hvm_domain_destroy(struct hvm_domain *d, struct error *err);
/* The name is the caller's to check. */
int hvm_domain_rename(struct hvm_domain *d, const char *name, struct error *err);
int hvm_domain_pin(struct hvm_domain *d, unsigned int vcpu, const cpu_set_t *cpus,
		   struct error *err);
/* INIT goes to all vCPUs, as from the button; NMI and SLEEP have no meaning. */
int hvm_domain_trigger(struct hvm_domain *d, enum pv_trigger what, struct error *err);
int hvm_domain_dump_core(struct hvm_domain *d, const char *path, struct error *err);

/* What the translator has done, for people; why it crashed and the vCPU that did. */
int hvm_domain_jit(struct hvm_domain *d, FILE *out, struct error *err);
int hvm_domain_report(struct hvm_domain *d, FILE *out, struct error *err);

/* Fills at most `max` of them; returns how many there are. They have no rings and no channels. */
unsigned int hvm_domain_device_list(struct hvm_domain *d, enum pv_device_kind kind,
				    struct pv_device_info *info, unsigned int max);

#endif
