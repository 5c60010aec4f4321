/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What runs of a domain from one start to its end: memory, vCPUs, rings to the host's services. A
 * restart makes a new one.
 */
#ifndef PARAVANE_XEN_PV_INSTANCE_H
#define PARAVANE_XEN_PV_INSTANCE_H

#include "ia64/threads.h"
#include "machine/boot.h"
#include "machine/firmware.h"
#include "machine/symbols.h"
#include "machine/unwind.h"
#include "xen/cpu.h"
#include "xen/pv_domain.h"

struct chardev;
struct xen_console;
struct xen_store_ring;

struct pv_instance {
	struct pv_host *host;
	struct ia64_memory mem;
	struct ia64_system *sys;
	struct ia64_threads threads;
	struct xen_domain *domain;
	struct firmware fw;
	struct boot boot;
	struct symbol_table symbols; /* the kernel's, if it has some */
	struct unwind_tables unwind;
	struct xen_cpu *cpu;
	unsigned int nr_cpus;
	uint64_t extra_memory; /* bytes that do not count as the domain's memory */
	bool memory_ready, threads_ready, firmware_ready, in_store;
	struct chardev *chardev;
	struct xen_store_ring *store_ring;
	struct xen_console *console;
	uint64_t built_at; /* xen_now() */
	/* The domain has shut down, its vCPUs are being held. Any thread; must not block. */
	void (*shut_down)(void *ctx);
	void *ctx;
	_Atomic int shut_down_by; /* the vCPU whose hypercall it was, or -1 */
};

/*
 * Builds a domain that is about to start: its vCPUs' threads are there, held. Its devices are not
 * attached yet. Returns 0, or -1 with *err and nothing left.
 */
int pv_instance_create(struct pv_instance **out, struct pv_host *h,
		       const struct pv_domain_config *config, const char *name,
		       struct chardev *chardev, void (*shut_down)(void *ctx), void *ctx,
		       struct error *err);
/*
 * Its devices are detached. Nothing of it runs or is reachable when this returns; memory that other
 * domains have mapped goes when they let go. NULL is fine. Not on the event loop's thread.
 */
void pv_instance_destroy(struct pv_instance *m);

/* --- pv_platform.c --- */

extern const struct xen_vcpu_ops pv_vcpu_ops;     /* ctx: struct xen_cpu */
extern const struct xen_domain_ops pv_domain_ops; /* ctx: struct pv_instance */
extern const struct ia64_threads_ops pv_threads_ops;
/* What the processor asks. */
struct ia64_platform pv_platform(struct pv_instance *m);
/* For struct firmware: the guest resets or powers off by EFI. */
void pv_power_request(void *ctx, enum pm_request what);

/* struct xen_cpu's rendezvous. */
bool pv_rendezvous(struct xen_cpu *c);

/* pv_core.c: an ELF core of a domain that stands still. Returns 0, or -1 with *err. */
int pv_core_write(struct pv_instance *m, const char *path, struct error *err);

#endif
