/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A device that the host serves to a domain: its nodes in the store and its state (xenbus). */
#ifndef PARAVANE_XEN_XENBUS_H
#define PARAVANE_XEN_XENBUS_H

#include <xen/interface/io/xenbus.h>

#include "backend/error.h"
#include "backend/eventloop.h"
#include "backend/xenstore.h"
#include "xen/xen.h"

/* What back ends need; outlives them. */
struct xen_backends {
	struct eventloop *loop;
	struct xenstore *store;
	domid_t domid; /* the back ends' own, as front ends see it: 0 */
};

/*
 * A domain's directory with what a Linux guest looks for there, and who may write what: `device`
 * and `memory` are the host's, `control`, `data` and the like the guest's own. Before its devices.
 */
void xenbus_domain_init(const struct xen_backends *env, domid_t domid, const char *name,
			uint64_t memory_kib);
/* Removes it, and what is left of its back ends' directories. */
void xenbus_domain_remove(const struct xen_backends *env, domid_t domid);

/* On the loop's thread. */
struct xenbus_ops {
	/* The front end's details are in the store. 0, or -1 with *err: the device closes. */
	int (*connect)(void *ctx, struct error *err);
	/*
	 * Takes nothing more from the front end. True: nothing is under way; else
	 * xenbus_device_again() follows when that is so. NULL: nothing ever is.
	 */
	bool (*quiesce)(void *ctx);
	/*
	 * Only after connect() returned 0 and quiesce() true: nothing of the guest is in use then.
	 */
	void (*disconnect)(void *ctx);
};

struct xenbus_device {
	const struct xen_backends *env;
	struct xen_domain *domain; /* a reference */
	char back[96], front[96];  /* directories */
	const struct xenbus_ops *ops;
	void *ctx;
	_Atomic enum xenbus_state state;
	bool connected;
	bool failed;       /* disconnects as soon as nothing is under way */
	_Atomic bool gone; /* unplugged, and the front end has let go */
	void (*on_gone)(void *ctx); /* NULL or set before it starts: called then, on the loop */
	void *on_gone_ctx;
	struct eventloop_work work;
	struct xenstore_watch *front_watch, *back_watch;
	bool removing;     /* on the loop's thread */
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool removed;      /* lock */
};

/*
 * Makes both ends' directories (type "vbd", number devid), with permissions, and what is common to
 * all devices. The caller adds its own nodes, then calls xenbus_device_start().
 */
void xenbus_device_init(struct xenbus_device *dev, const struct xen_backends *env,
			struct xen_domain *d, const char *type, unsigned int devid,
			const struct xenbus_ops *ops, void *ctx);
void xenbus_device_start(struct xenbus_device *dev);
/* Asks the front end to let go; dev->gone is true when it has. Any thread. */
void xenbus_device_unplug(struct xenbus_device *dev);
/*
 * Disconnects without asking, waits for what is under way, removes the directories. Not on the
 * loop's thread.
 */
void xenbus_device_destroy(struct xenbus_device *dev);

/* The front end broke the rules: disconnects, says why in the store. On the loop's thread. */
void xenbus_device_fail(struct xenbus_device *dev, const char *why);

/* What quiesce() found under way is done. Any thread, before xenbus_device_destroy() returns. */
void xenbus_device_again(struct xenbus_device *dev);

/* A node of the back end's directory. */
#define xenbus_back_printf(dev, node, ...) \
	do { \
		char path_[160]; \
		snprintf(path_, sizeof(path_), "%s/%s", (dev)->back, node); \
		xenstore_printf((dev)->env->store, path_, __VA_ARGS__); \
	} while (0)
#define xenbus_front_printf(dev, node, ...) \
	do { \
		char path_[160]; \
		snprintf(path_, sizeof(path_), "%s/%s", (dev)->front, node); \
		xenstore_printf((dev)->env->store, path_, __VA_ARGS__); \
	} while (0)
/* A number from the front end's directory: `fallback` if it is missing or none. */
int64_t xenbus_front_number(struct xenbus_device *dev, const char *node, int64_t fallback);
/* The text, to be freed, or NULL. */
char *xenbus_front_read(struct xenbus_device *dev, const char *node);

#endif
