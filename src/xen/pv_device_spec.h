/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disks and network cards as xl.cfg describes them: xl-disk-configuration(5) and
 * xl-network-configuration(5), of which what has a meaning here is accepted. What differs:
 *
 * disk: no scripts and no other back end domains; TARGET may be an NBD URI ("nbd://HOST/EXPORT",
 * "nbd+unix:///EXPORT?socket=PATH") or "/dev/fd/N", a descriptor that is open already.
 *
 * vif: without a bridge, a card is on a user-mode network of its own. "bridge=NAME" makes a tap
 * interface and puts it on that bridge, "vifname=NAME" takes an existing one (with both: and puts
 * it on the bridge), or, as "/dev/fd/N", one that is open (net_tap_descriptor()); "link=NAME"
 * connects the two cards of that name, of this process or another of the same user;
 * "hostfwd=tcp:PORT:PORT" (user mode; may be repeated) leads a port of 127.0.0.1 into the guest.
 */
#ifndef PARAVANE_XEN_PV_DEVICE_SPEC_H
#define PARAVANE_XEN_PV_DEVICE_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/block.h"
#include "backend/error.h"
#include "backend/net.h"

#define PV_MAX_HOSTFWD 32

struct pv_disk_spec {
	char target[4096];
	enum block_format format;
	unsigned int vdev;  /* virtual device number: 51712 */
	char name[16];      /* of it: "xvda" */
	bool read_only, cdrom, discard;
};

enum pv_vif_kind { PV_VIF_USER, PV_VIF_TAP, PV_VIF_LINK };

struct pv_vif_spec {
	enum pv_vif_kind kind;
	int devid;          /* -1: not said */
	bool has_mac;
	uint8_t mac[6];
	char bridge[16];    /* or "" */
	char tap[16];       /* or "" */
	char link[64];
	struct net_hostfwd hostfwd[PV_MAX_HOSTFWD];
	unsigned int nr_hostfwd;
};

/* Nothing is opened. 0, or -1 with *err that says what is accepted. Any thread. */
int pv_disk_parse(struct pv_disk_spec *out, const char *text, struct error *err);
int pv_vif_parse(struct pv_vif_spec *out, const char *text, struct error *err);

/*
 * The number of a virtual disk by its name ("xvda", "sdb3", "hdc", "d0p1") or as digits, with its
 * name in `name` (16 bytes). xen-vbd-interface(7). -1: it is none.
 */
int64_t pv_vdev_parse(const char *text, char name[16]);

#endif
