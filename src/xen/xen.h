/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The hypervisor of one host process: its domains, their vCPUs, and what holds them together.
 *
 * Nothing here knows how a vCPU executes: a vCPU and a domain bring callback tables. So all of it
 * runs in a test without a processor.
 *
 * Locks, in the order they may be taken: store and device locks -> host->gnttab_lock ->
 * domain->p2m_lock; host->evtchn_lock and host->lock are leaves. The callbacks below are called
 * with one of these held where they say so, and must not call back into src/xen then.
 */
#ifndef PARAVANE_XEN_XEN_H
#define PARAVANE_XEN_XEN_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <xen/interface/event_channel.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/vcpu.h>
#include <xen/interface/xen.h>

#include "ia64/memory.h"

struct eventloop;
struct eventloop_timer;
struct xen_domain;
struct xen_evtchn;
struct xen_gnttab;
struct xen_host;
struct xen_vcpu;

/* --- host --- */

struct xen_host {
	struct eventloop *loop; /* timers and back ends run on it */
	int64_t time_zero;      /* CLOCK_MONOTONIC ns at system time 0 */

	pthread_mutex_t lock;   /* the list of domains */
	struct xen_domain *domains;

	pthread_mutex_t evtchn_lock; /* all event channels of all domains */
	pthread_mutex_t gnttab_lock; /* all grant tables and mapped grants */
};

/*
 * Returns 0 or -errno. *h stays where it is until xen_host_destroy(); no domain may be left then.
 */
int xen_host_init(struct xen_host *h, struct eventloop *loop);
void xen_host_destroy(struct xen_host *h);

/* System time: nanoseconds since xen_host_init(), never back. Any thread. */
uint64_t xen_now(const struct xen_host *h);

/* --- vCPU --- */

/* How a vCPU is told things. Any may be NULL. Any thread unless it says otherwise. */
struct xen_vcpu_ops {
	/*
	 * evtchn_upcall_pending has become 1: raise shared_info's arch.evtchn_vector. With
	 * host->evtchn_lock held.
	 */
	void (*event)(void *ctx);
	/*
	 * On the vCPU's own thread, before wait(): forgets what has woken it so far. Whether there
	 * is something for the guest to take (an event that is not masked, an interruption).
	 */
	bool (*settle)(void *ctx);
	/*
	 * On the vCPU's own thread: returns true after wake() or at `deadline` (system time in ns,
	 * UINT64_MAX is never), false when it has to stop waiting for a reason of its own (pause).
	 */
	bool (*wait)(void *ctx, uint64_t deadline);
	/*
	 * Ends wait(); if nobody waits, the next one unless settle() is between. With evtchn_lock
	 * held.
	 */
	void (*wake)(void *ctx);
	/* VCPUOP_initialise: 0 or -errno. *c is the callback's to read until it returns. */
	int (*initialise)(void *ctx, const struct vcpu_guest_context *c);
	/* VCPUOP_up and _down. The vCPU's own thread may be the caller. With its lock held. */
	void (*up)(void *ctx);
	void (*down)(void *ctx);
	/* callback_op: the guest's entry for CALLBACKTYPE_event or _failsafe. 0 or -errno. */
	int (*set_callback)(void *ctx, unsigned int type, uint64_t address);
};

struct xen_vcpu {
	struct xen_domain *domain;
	unsigned int id;
	const struct xen_vcpu_ops *ops;
	void *ctx;

	/* under evtchn_lock */
	uint16_t virq_to_evtchn[NR_VIRQS]; /* 0: not bound */
	bool polling;
	uint32_t poll_port; /* 0: any */

	pthread_mutex_t lock; /* all below */
	bool initialised, up;
	struct vcpu_runstate_info runstate;
	clockid_t cpu_clock;            /* of the thread that runs it, and what it showed when the */
	bool has_cpu_clock;             /* run state last changed; while it runs */
	uint64_t cpu_time;
	xen_guest_handle runstate_area; /* 0: none */
	uint64_t singleshot;            /* system time of VIRQ_TIMER, 0: none */
	uint64_t period;                /* ns, 0: none */
	uint64_t next_period;
	struct eventloop_timer *timer;
};

/* --- domain --- */

/* Any may be NULL. */
struct xen_domain_ops {
	/* sched_op shutdown: the domain's vCPUs stop. On the vCPU's thread, no lock held. */
	void (*shutdown)(void *ctx, unsigned int reason);
	/*
	 * Drops what any vCPU keeps of host addresses of guest memory, and returns when none uses
	 * the old ones. With domain->p2m_lock held; the calling vCPU's thread may be the caller.
	 */
	void (*flush)(void *ctx);
	/* console_io write. Any thread. */
	void (*console)(void *ctx, const char *text, size_t len);
	/* opt_feature: 0 or -errno. */
	int (*opt_feature)(void *ctx, const struct xen_ia64_opt_feature *f);
	/* The last reference is gone: guest memory may be destroyed. Any thread. */
	void (*released)(void *ctx);
};

struct xen_domain_config {
	domid_t domid;
	uint8_t handle[16];      /* UUID */
	struct ia64_memory *mem; /* without RAM; stays until released() */
	xen_pfn_t max_gpfn;      /* RAM may be populated in [0, max_gpfn] */
	uint64_t max_pages;      /* of 16 KB */
	xen_pfn_t shared_info_gpfn;  /* above max_gpfn; becomes memory */
	xen_pfn_t grant_table_gpfn;  /* XEN_GNTTAB_MAX_FRAMES pages from here on, likewise */
	unsigned int max_vcpus;      /* 1..XEN_LEGACY_MAX_VCPUS */
	bool privileged;             /* a dom0 */
	const struct xen_domain_ops *ops;
	void *ctx;
};

#define XEN_GNTTAB_MAX_FRAMES 32u

struct xen_domain {
	struct xen_host *host;
	struct xen_domain *next;
	struct xen_domain_config cfg;
	_Atomic unsigned int refs;
	_Atomic bool dying;

	struct ia64_memory *mem;
	struct shared_info *shared_info; /* the guest's page: read fields once, trust nothing */
	struct xen_vcpu *vcpu[XEN_LEGACY_MAX_VCPUS];

	pthread_mutex_t p2m_lock; /* changes of the p2m and of the counts */
	_Atomic uint32_t *p2m;    /* see p2m.h */
	xen_pfn_t nr_gpfns;       /* entries of p2m */
	_Atomic uint64_t tot_pages;
	_Atomic uint64_t max_pages;

	struct xen_evtchn **evtchn; /* evtchn_lock */
	struct xen_gnttab *gnttab;  /* gnttab_lock */

	_Atomic bool has_pirq_eoi_page; /* PHYSDEVOP_pirq_eoi_gmfn was called */
	_Atomic int shutdown_reason; /* SHUTDOWN_*, -1 while it runs */
	_Atomic int shutdown_code;   /* SCHEDOP_shutdown_code, -1: none */
	pthread_mutex_t watchdog_lock;
	struct {
		bool used;
		struct eventloop_timer *timer;
	} watchdog[2];

	_Atomic uint64_t hypercalls[__HYPERVISOR_nr + 1]; /* by number; the last: all others */
	_Atomic uint64_t hypercalls_enosys;
};

/*
 * Makes a domain without RAM, with vCPUs that are not initialised (xen_vcpu_attach() gives them
 * ops). Returns 0 and *out with one reference, the caller's; or -errno: EEXIST (domid in use),
 * EINVAL, ENOMEM. Then released() is not called.
 */
int xen_domain_create(struct xen_host *h, const struct xen_domain_config *cfg,
		      struct xen_domain **out);
/*
 * Ends what the domain has with others: event channels close, grants it mapped are unmapped,
 * timers stop, no hypercall changes anything any more, its domid is free. The vCPUs do not run any
 * more and back ends are detached. Drops the reference of xen_domain_create(). Others may keep
 * pages of it mapped; the memory goes with the last.
 */
void xen_domain_kill(struct xen_domain *d);

/* The domain of that id with a reference, or NULL. Any thread. */
struct xen_domain *xen_domain_get(struct xen_host *h, domid_t domid);
void xen_domain_ref(struct xen_domain *d);
void xen_domain_put(struct xen_domain *d);
/*
 * By the rule of hypercalls: DOMID_SELF, or another for a privileged caller. 0 or -ESRCH, -EPERM.
 */
int xen_domain_get_target(struct xen_domain *self, domid_t domid, struct xen_domain **out);

/* Tells ops->shutdown() once; later calls change nothing. */
void xen_domain_shutdown(struct xen_domain *d, unsigned int reason);

/*
 * Gives a vCPU its callbacks, before it runs. The boot vCPU: `initialised` and up from the start.
 */
void xen_vcpu_attach(struct xen_vcpu *v, const struct xen_vcpu_ops *ops, void *ctx,
		     bool initialised);
/*
 * Accounts the time up to now to the state before: of the state running, what the host did not run
 * the thread for goes to runnable (stolen time). Any thread; running: the vCPU's own.
 */
void xen_vcpu_runstate(struct xen_vcpu *v, int state);
/* The same without a change of state, so that the guest sees what was stolen. Any thread. */
void xen_vcpu_runstate_sync(struct xen_vcpu *v);
/* A copy that is true now. Any thread. */
void xen_vcpu_runstate_get(struct xen_vcpu *v, struct vcpu_runstate_info *out);

bool xen_vcpu_is_up(struct xen_vcpu *v);
/* VCPUOP_up, _down: 0, or -EINVAL if it was never initialised. Any thread. */
int xen_vcpu_set_up(struct xen_vcpu *v, bool up);

/* --- hypercalls --- */

/* What the guest passed: the number (r2), and r32 to r36. */
struct xen_hypercall {
	uint64_t nr;
	uint64_t arg[5];
};

/*
 * Does a hypercall on the vCPU's thread. True: *ret is for r8 (a result or -errno). False: it has
 * done a part; call again with *c as it is now after looking after interrupts (as if the break were
 * executed again with these arguments).
 */
bool xen_hypercall(struct xen_vcpu *v, struct xen_hypercall *c, int64_t *ret);

#endif
