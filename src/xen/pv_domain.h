/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A paravirtualized domain: its making, its life, its end.
 *
 * For threads and locks see pv_host.h. A struct pv_domain stays until its last reference is
 * dropped; of one that has been destroyed, only pv_domain_put() and pv_domain_info() do anything,
 * the others fail with an error that says so.
 */
#ifndef PARAVANE_XEN_PV_DOMAIN_H
#define PARAVANE_XEN_PV_DOMAIN_H

#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <xen/interface/arch-ia64.h>
#include <xen/interface/vcpu.h>

#include "backend/error.h"
#include "machine/observe.h"
#include "xen/pv_device.h"
#include "xen/pv_host.h"

/* --- what is to be made --- */

/*
 * What becomes of a domain that has shut down; xl.cfg(5), on_poweroff. One that ends again within
 * 10 seconds of a restart is preserved instead of restarted with a core or under another id.
 */
enum pv_action {
	PV_ACTION_DESTROY,
	PV_ACTION_RESTART,
	PV_ACTION_RENAME_RESTART,
	PV_ACTION_PRESERVE,
	PV_ACTION_COREDUMP_DESTROY,
	PV_ACTION_COREDUMP_RESTART,
	PV_NR_ACTIONS
};

/* xl.cfg's words; NULL if it is no action. And back: -1 if it is none of them. */
const char *pv_action_name(enum pv_action action);
int pv_action_parse(const char *name);

#define PV_MAX_NAME 80
#define PV_MAX_VCPUS XEN_LEGACY_MAX_VCPUS
#define PV_MIN_MEMORY (64ull << 20)
#define PV_MAX_MEMORY (1ull << 40)

/*
 * Copied by pv_domain_create(): nothing of it needs to stay. Strings may be NULL where it says so.
 */
struct pv_domain_config {
	domid_t domid;          /* in use nowhere else; given back when the domain has gone */
	const char *name;       /* 1 .. PV_MAX_NAME - 1 bytes, no '/' */
	uint8_t uuid[16];
	const char *kernel;     /* ELF image with a Xen entry point; may be gzip'ed */
	const char *ramdisk;    /* or NULL */
	const char *root;       /* or NULL: goes in front of extra, as root=... */
	const char *extra;      /* or NULL */
	uint64_t memory;        /* bytes, whole megabytes */
	uint64_t maxmem;        /* bytes; 0: as memory */
	unsigned int vcpus;     /* that the guest may start with */
	unsigned int maxvcpus;  /* 0: as vcpus */
	bool jit;               /* translate to host code; false: interpret */
	/* See ia64_jit_attach(). */
	unsigned int jit_cache;   /* MiB; 0: the standard */
	unsigned int check_every; /* 0: no comparison */
	enum pv_action on_poweroff, on_reboot, on_crash, on_watchdog;
	const char *core_dir;   /* where coredump-* writes NAME-DATE.core; NULL: the working directory */
	const char *console;    /* chardev.h's spec; NULL: "stdio" */
	struct observe_config observe; /* a trace, a debugger */
	const char *perf_map;   /* with the translator: a file for ia64_jit_perf_map(); or NULL */
	/* As in xl.cfg: one string a device, parsed by pv_device.h. */
	const char *const *disk, *const *vif;
	unsigned int nr_disks, nr_vifs;
};

/* --- life --- */

/*
 * Builds the domain and attaches its devices; it is paused (pv_domain_unpause() lets it go).
 * Returns 0 with *out and a reference for pv_domain_put(), or -1 with *err.
 */
int pv_domain_create(struct pv_domain **out, struct pv_host *h,
		     const struct pv_domain_config *config, struct error *err);
void pv_domain_ref(struct pv_domain *d);
void pv_domain_put(struct pv_domain *d);

/* All below: 0, or -1 with *err. */

/* Returns when the vCPUs stand still. Paused already is fine; not counted. */
int pv_domain_pause(struct pv_domain *d, struct error *err);
int pv_domain_unpause(struct pv_domain *d, struct error *err);
/*
 * Asks the guest by control/shutdown in the store: "poweroff", "reboot", "halt", "suspend", "crash"
 * (SHUTDOWN_* as enum). Whether and when it does so is its own affair.
 */
int pv_domain_shutdown(struct pv_domain *d, unsigned int reason, struct error *err);
/* Ends it at once, whatever it does; returns when nothing of it is left. */
int pv_domain_destroy(struct pv_domain *d, struct error *err);
/* Lets a domain go on that has suspended itself: as Xen does when a suspend is called off. */
int pv_domain_resume(struct pv_domain *d, struct error *err);

int pv_domain_rename(struct pv_domain *d, const char *name, struct error *err);
/* vCPUs 0 .. n - 1 become available in the store, the others not; the guest does the rest. */
int pv_domain_set_vcpus(struct pv_domain *d, unsigned int n, struct error *err);
/* The balloon's target in bytes, at most the maximum; and the maximum (at least what it has). */
int pv_domain_set_memory(struct pv_domain *d, uint64_t bytes, struct error *err);
int pv_domain_set_maxmem(struct pv_domain *d, uint64_t bytes, struct error *err);
/* Host CPUs the thread of a vCPU may run on. */
int pv_domain_pin(struct pv_domain *d, unsigned int vcpu, const cpu_set_t *cpus, struct error *err);

/* What xl trigger can send. */
enum pv_trigger { PV_TRIGGER_POWER, PV_TRIGGER_SLEEP, PV_TRIGGER_NMI, PV_TRIGGER_INIT,
		  PV_TRIGGER_RESET };
/* INIT goes to `vcpu`; RESET restarts at once; what a pv guest has no notion of is an error. */
int pv_domain_trigger(struct pv_domain *d, enum pv_trigger what, unsigned int vcpu,
		      struct error *err);
/* A letter for control/sysrq. */
int pv_domain_sysrq(struct pv_domain *d, char key, struct error *err);

/* Pauses it meanwhile; writes an ELF core of memory and vCPUs. See docs/hypervisor.md. */
int pv_domain_dump_core(struct pv_domain *d, const char *path, struct error *err);

/* --- what it is and does --- */

struct pv_vcpu_info {
	bool online;                   /* the guest has brought it up */
	char state;                    /* 'r' runs, 'b' blocked, 'p' paused, '-' ready or offline */
	int host_cpu;                  /* its thread was last seen there; -1: no thread */
	uint64_t time;                 /* ns in which it ran */
	struct vcpu_runstate_info runstate;
	cpu_set_t affinity;
};

struct pv_domain_info {
	domid_t domid;
	char name[PV_MAX_NAME];
	uint8_t uuid[16];
	char state[7];                 /* as xl list: "r-----", "-b----", "--p---", s, c, d */
	int shutdown_reason;           /* SHUTDOWN_*, -1: it has not shut down */
	bool stays;                    /* it has shut down and neither goes nor restarts by itself */
	char reason[256];              /* why it crashed, or "" */
	uint64_t memory, maxmem;       /* bytes it has; may have */
	uint64_t target;               /* bytes, of the balloon */
	uint64_t cpu_time;             /* ns, of all vCPUs */
	uint64_t uptime;               /* ns since it was built or rebuilt */
	unsigned int restarts;
	unsigned int nr_vcpus, nr_online;
	bool jit;
	struct pv_vcpu_info vcpu[PV_MAX_VCPUS];
};

/* Any thread, the event loop's too. */
void pv_domain_info(struct pv_domain *d, struct pv_domain_info *info);
/* Any thread; the id does not change in a domain's life. */
domid_t pv_domain_id(const struct pv_domain *d);

/* Privileged operations since it was built, of one vCPU. */
#define PV_PRIVOP_SITES 512
struct pv_privops {
	uint64_t hyperprivop[HYPERPRIVOP_MAX + 1];
	uint64_t emulated; /* privileged instructions, all of them */
	unsigned int nr_sites;
	struct pv_privop_site {
		uint64_t ip;       /* address | slot */
		const char *name;  /* mnemonic */
		uint64_t count;
	} site[PV_PRIVOP_SITES];
};

int pv_domain_privops(struct pv_domain *d, unsigned int vcpu, struct pv_privops *out,
		      struct error *err);
/* Hypercalls of all vCPUs by number; the last: others. And of them those answered with ENOSYS. */
int pv_domain_hypercalls(struct pv_domain *d, uint64_t count[__HYPERVISOR_nr + 1],
			 uint64_t *enosys, struct error *err);
/* What the translator has done, for people; an error if there is none. */
int pv_domain_jit(struct pv_domain *d, FILE *out, struct error *err);
/* "rfi", "memory_op"; NULL: there is none of that number. */
const char *pv_hyperprivop_name(unsigned int n);
const char *pv_hypercall_name(unsigned int n);
/* "poweroff", "crash": a SHUTDOWN_* in a word; NULL: there is none of that number. */
const char *pv_shutdown_name(unsigned int reason);

/* Why it crashed and the state of the vCPU that did, for people; of one that is shut down. */
void pv_domain_report(struct pv_domain *d, FILE *out);

/* --- devices and the console --- */

/* Hot plug, by pv_device.h's strings; a device that was added is there again after a restart. */
int pv_domain_device_add(struct pv_domain *d, enum pv_device_kind kind, const char *spec,
			 struct error *err);
int pv_domain_device_remove(struct pv_domain *d, enum pv_device_kind kind, unsigned int number,
			    bool force, struct error *err);
/* Fills at most `max` of them; returns how many there are. */
unsigned int pv_domain_device_list(struct pv_domain *d, enum pv_device_kind kind,
				   struct pv_device_info *info, unsigned int max);

/* The console's host end (backend/chardev.h), the same over restarts. */
struct chardev *pv_domain_chardev(struct pv_domain *d);
struct pv_host *pv_domain_host(struct pv_domain *d);

#endif
