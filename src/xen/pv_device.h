/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The devices of a domain: from xl.cfg's strings to back ends, at the start and while it runs.
 *
 * Calls for one set are serialised by the caller (pv_domain.c; the tool uses pv_domain_device_add()
 * and the like). None on the event loop's thread.
 */
#ifndef PARAVANE_XEN_PV_DEVICE_H
#define PARAVANE_XEN_PV_DEVICE_H

#include "backend/error.h"
#include "xen/xenbus.h"

struct pv_devices;

#define PV_UNPLUG_SECONDS 10

enum pv_device_kind { PV_DEVICE_DISK, PV_DEVICE_VIF, PV_NR_DEVICE_KINDS };

/*
 * Checks a string as it stands in xl.cfg, without opening anything. 0, or -1 with *err that says
 * what is accepted.
 */
int pv_device_check(enum pv_device_kind kind, const char *spec, struct error *err);

/*
 * Where the sockets of links between cards are: $XDG_RUNTIME_DIR/paravane/links, else in
 * /run/user/UID or /tmp/paravane-UID. It is made. A process that confines itself must let itself
 * write there. 0, or -1 with *err.
 */
int pv_device_link_folder(char *dir, size_t size, struct error *err);
/* The path of the link of that name there, for net_open_link(). 0, or -1 with *err. */
int pv_device_link_path(char *path, size_t size, const char *name, struct error *err);

/*
 * The Ethernet address of a domain's card that has been given none: locally administered, and the
 * same each time the domain is made.
 */
void pv_device_mac(uint8_t mac[6], const uint8_t uuid[16], unsigned int number);

/* An empty set; NULL: no memory. */
struct pv_devices *pv_devices_create(void);
/* Closes what is left. NULL is fine. */
void pv_devices_destroy(struct pv_devices *devs);

/*
 * Opens what the string names and serves it to `d`, with its nodes in env->store (whose directory
 * for the domain is there). A card without devid= gets the first free number, one without mac= an
 * address made of the domain's UUID. 0, or -1 with *err.
 */
int pv_devices_add(struct pv_devices *devs, const struct xen_backends *env, struct xen_domain *d,
		   enum pv_device_kind kind, const char *spec, struct error *err);
/*
 * Asks the front end to let go and waits for it for PV_UNPLUG_SECONDS, or with `force` does not
 * ask. By number. 0, or -1 with *err: the front end still has it.
 */
int pv_devices_remove(struct pv_devices *devs, enum pv_device_kind kind, unsigned int number,
		      bool force, struct error *err);
/*
 * All devices lose their front end, as the domain ends, without asking. They stay open:
 * pv_devices_reattach() serves them to the domain that is built next.
 */
void pv_devices_detach(struct pv_devices *devs);
int pv_devices_reattach(struct pv_devices *devs, const struct xen_backends *env,
			struct xen_domain *d, struct error *err);

/* One device, for lists. */
struct pv_device_info {
	unsigned int number;  /* virtual device number of a disk, index of a card */
	char name[16];        /* "xvda"; "" for cards */
	int state;            /* enum xenbus_state of the back end */
	char mac[18];         /* of a card */
	char spec[256];       /* the string, cut to fit */
	char back[96];        /* the back end's directory in the store */
	/* What the front end uses, of its first queue; -1: not connected. A disk has one ring. */
	int64_t evtchn, ring_ref, rx_ring_ref;
	/* Bytes and requests or packets: read or received by the guest, written or sent by it. */
	uint64_t in_ops, in_bytes, out_ops, out_bytes;
};

/* Fills at most `max` of them; returns how many there are. */
unsigned int pv_devices_list(struct pv_devices *devs, enum pv_device_kind kind,
			     struct pv_device_info *info, unsigned int max);

#endif
