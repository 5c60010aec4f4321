/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The disks and network cards of a domain. */
#include "xen/pv_device.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backend/block.h"
#include "backend/fdpath.h"
#include "backend/net.h"
#include "xen/blkback.h"
#include "xen/netback.h"
#include "xen/pv_device_spec.h"

struct device {
	struct device *next;
	struct pv_devices *set;
	enum pv_device_kind kind;
	unsigned int number;
	char *text;
	char name[16];
	uint8_t mac[6];
	bool has_mac; /* it is in the text: others are made for each domain */
	bool cdrom, discard;
	struct block *blk;
	struct net *net;
	struct xen_blkback *bb; /* NULL, as nb: not attached */
	struct xen_netback *nb;
	bool gone;              /* set->lock */
};

struct pv_devices {
	struct device *list; /* in order of addition */
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

int pv_device_check(enum pv_device_kind kind, const char *spec, struct error *err)
{
	struct pv_disk_spec disk;
	struct pv_vif_spec vif;

	return kind == PV_DEVICE_DISK ? pv_disk_parse(&disk, spec, err) :
					pv_vif_parse(&vif, spec, err);
}

struct pv_devices *pv_devices_create(void)
{
	struct pv_devices *set = calloc(1, sizeof(*set));
	pthread_condattr_t monotonic;

	if (!set)
		return NULL;
	pthread_mutex_init(&set->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&set->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	return set;
}

static struct device *find(struct pv_devices *set, enum pv_device_kind kind, unsigned int number)
{
	struct device *dev;

	for (dev = set->list; dev && (dev->kind != kind || dev->number != number); dev = dev->next)
		;
	return dev;
}

static void close_device(struct device *dev)
{
	if (dev->blk)
		block_close(dev->blk);
	net_close(dev->net);
	free(dev->text);
	free(dev);
}

static void detach(struct device *dev)
{
	if (dev->bb)
		xen_blkback_remove(dev->bb);
	if (dev->nb)
		xen_netback_remove(dev->nb);
	dev->bb = NULL;
	dev->nb = NULL;
}

/* --- opening --- */

struct opening {
	struct block **blk;
	const struct block_options *options;
	struct error *err;
	int rc;
};

static void open_block(void *ctx)
{
	struct opening *o = ctx;

	o->rc = block_open(o->blk, o->options, o->err);
}

static int open_disk(struct device *dev, const struct xen_backends *env,
		     const struct pv_disk_spec *s, struct error *err)
{
	struct block_options options = {
		.path = s->target, .format = s->format, .read_only = s->read_only,
	};
	struct opening o = { &dev->blk, &options, err, 0 };

	dev->number = s->vdev;
	dev->cdrom = s->cdrom;
	dev->discard = s->discard;
	strcpy(dev->name, s->name);
	if (find(dev->set, PV_DEVICE_DISK, s->vdev))
		return error_set(err, "disk %s: the domain has one of that name", s->name);
	/* A format's helper process is tied to the thread that starts it: the loop's stays. */
	eventloop_call(env->loop, open_block, &o);
	return o.rc;
}

/* Makes a folder of this user's own if it is not there. */
static int private_folder(const char *dir, struct error *err)
{
	struct stat st;

	mkdir(dir, 0700);
	if (lstat(dir, &st) || !S_ISDIR(st.st_mode) || st.st_uid != getuid() || (st.st_mode & 077))
		return error_set(err, "links: %s must be a folder that only this user may enter",
				 dir);
	return 0;
}

int pv_device_link_folder(char *dir, size_t size, struct error *err)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	size_t n;

	if (base && *base)
		snprintf(dir, size, "%s/paravane", base);
	else if (snprintf(dir, size, "/run/user/%u", getuid()), !access(dir, W_OK))
		snprintf(dir, size, "/run/user/%u/paravane", getuid());
	else
		snprintf(dir, size, "/tmp/paravane-%u", getuid());
	n = strlen(dir);
	if (n + sizeof("/links") > size)
		return error_set(err, "links: %s is too long", dir);
	if (private_folder(dir, err))
		return -1;
	strcpy(dir + n, "/links");
	return private_folder(dir, err);
}

int pv_device_link_path(char *path, size_t size, const char *name, struct error *err)
{
	char dir[256];

	if (fdpath_is(name)) { /* somebody else opens it for us */
		snprintf(path, size, "%s", name);
		return 0;
	}
	if (pv_device_link_folder(dir, sizeof(dir), err))
		return -1;
	if (snprintf(path, size, "%s/%s", dir, name) >= (int)size)
		return error_set(err, "link=%s: the path is too long", name);
	return 0;
}

static int open_vif(struct device *dev, const struct xen_backends *env,
		    const struct pv_vif_spec *s, struct error *err)
{
	char path[512];

	if (s->devid >= 0)
		dev->number = (unsigned int)s->devid;
	else
		while (find(dev->set, PV_DEVICE_VIF, dev->number))
			dev->number++;
	if (find(dev->set, PV_DEVICE_VIF, dev->number))
		return error_set(err, "vif: the domain has a network card %u", dev->number);
	dev->has_mac = s->has_mac;
	memcpy(dev->mac, s->mac, sizeof(dev->mac));
	switch (s->kind) {
	case PV_VIF_TAP:
		return net_open_bridge(&dev->net, env->loop, *s->bridge ? s->bridge : NULL,
				       *s->tap ? s->tap : NULL, err);
	case PV_VIF_LINK:
		if (pv_device_link_path(path, sizeof(path), s->link, err))
			return -1;
		return net_open_link(&dev->net, env->loop, path, err);
	default:
		return net_open_user(&dev->net, env->loop, s->hostfwd, s->nr_hostfwd, err);
	}
}

void pv_device_mac(uint8_t mac[6], const uint8_t uuid[16], unsigned int number)
{
	uint64_t hash = 14695981039346656037u; /* FNV-1a */
	unsigned int i;

	for (i = 0; i < 16; i++)
		hash = (hash ^ uuid[i]) * 1099511628211u;
	hash = (hash ^ number) * 1099511628211u;
	for (i = 0; i < 6; i++)
		mac[i] = (uint8_t)(hash >> 8 * i);
	mac[0] = (uint8_t)((mac[0] & 0xfc) | 2);
}

static int attach(struct device *dev, const struct xen_backends *env, struct xen_domain *d,
		  struct error *err)
{
	struct xen_blkback_config config = {
		.vdev = dev->number, .name = dev->name, .cdrom = dev->cdrom,
		.discard = dev->discard,
	};

	dev->gone = false;
	if (dev->kind == PV_DEVICE_DISK)
		return xen_blkback_add(&dev->bb, env, d, &config, dev->blk, err);
	if (!dev->has_mac)
		pv_device_mac(dev->mac, d->cfg.handle, dev->number);
	return xen_netback_add(&dev->nb, env, d, dev->number, dev->mac, dev->net, err);
}

/* --- the set --- */

int pv_devices_add(struct pv_devices *set, const struct xen_backends *env, struct xen_domain *d,
		   enum pv_device_kind kind, const char *spec, struct error *err)
{
	struct device *dev = calloc(1, sizeof(*dev)), **end;
	struct pv_disk_spec disk;
	struct pv_vif_spec vif;
	int rc;

	if (!dev)
		return error_set(err, "device: out of memory");
	dev->set = set;
	dev->kind = kind;
	dev->text = strdup(spec);
	if (!dev->text)
		rc = error_set(err, "device: out of memory");
	else if (kind == PV_DEVICE_DISK)
		rc = pv_disk_parse(&disk, spec, err) ? -1 : open_disk(dev, env, &disk, err);
	else
		rc = pv_vif_parse(&vif, spec, err) ? -1 : open_vif(dev, env, &vif, err);
	if (!rc)
		rc = attach(dev, env, d, err);
	if (rc) {
		close_device(dev);
		return -1;
	}
	for (end = &set->list; *end; end = &(*end)->next)
		;
	*end = dev;
	return 0;
}

static void gone(void *ctx)
{
	struct device *dev = ctx;

	pthread_mutex_lock(&dev->set->lock);
	dev->gone = true;
	pthread_cond_broadcast(&dev->set->changed);
	pthread_mutex_unlock(&dev->set->lock);
}

static struct xenbus_device *xenbus_of(struct device *dev)
{
	if (dev->bb)
		return xen_blkback_device(dev->bb);
	return dev->nb ? xen_netback_device(dev->nb) : NULL;
}

static void watch_gone(void *ctx)
{
	struct device *dev = ctx;
	struct xenbus_device *x = xenbus_of(dev);

	x->on_gone = gone;
	x->on_gone_ctx = dev;
}

/* True when the front end has let go. */
static bool unplug(struct device *dev)
{
	struct xenbus_device *x = xenbus_of(dev);
	struct timespec end;
	bool done;
	int rc = 0;

	eventloop_call(x->env->loop, watch_gone, dev);
	xenbus_device_unplug(x);
	clock_gettime(CLOCK_MONOTONIC, &end);
	end.tv_sec += PV_UNPLUG_SECONDS;
	pthread_mutex_lock(&dev->set->lock);
	while (!dev->gone && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(&dev->set->changed, &dev->set->lock, &end);
	done = dev->gone;
	pthread_mutex_unlock(&dev->set->lock);
	return done;
}

int pv_devices_remove(struct pv_devices *set, enum pv_device_kind kind, unsigned int number,
		      bool force, struct error *err)
{
	struct device *dev = find(set, kind, number), **p;

	if (!dev)
		return error_set(err, "the domain has no %s %u",
				 kind == PV_DEVICE_DISK ? "disk" : "network card", number);
	if (!force && xenbus_of(dev) && !unplug(dev))
		return error_set(err, "%s %u: the guest has not let go of it within %d s; it may "
				 "still do so, or be forced", kind == PV_DEVICE_DISK ? "disk" :
				 "network card", number, PV_UNPLUG_SECONDS);
	detach(dev);
	for (p = &set->list; *p != dev; p = &(*p)->next)
		;
	*p = dev->next;
	close_device(dev);
	return 0;
}

void pv_devices_detach(struct pv_devices *set)
{
	struct device *dev;

	for (dev = set->list; dev; dev = dev->next)
		detach(dev);
}

int pv_devices_reattach(struct pv_devices *set, const struct xen_backends *env,
			struct xen_domain *d, struct error *err)
{
	struct device *dev;

	for (dev = set->list; dev; dev = dev->next)
		if (!xenbus_of(dev) && attach(dev, env, d, err))
			return -1;
	return 0;
}

void pv_devices_destroy(struct pv_devices *set)
{
	struct device *dev;

	if (!set)
		return;
	while ((dev = set->list)) {
		set->list = dev->next;
		detach(dev);
		close_device(dev);
	}
	pthread_cond_destroy(&set->changed);
	pthread_mutex_destroy(&set->lock);
	free(set);
}

/* --- lists --- */

static int64_t front_number(struct xenbus_device *x, const char *node)
{
	char first[64];
	int64_t n = xenbus_front_number(x, node, -1);

	snprintf(first, sizeof(first), "queue-0/%s", node);
	return n >= 0 ? n : xenbus_front_number(x, first, -1);
}

static void describe(struct device *dev, struct pv_device_info *info)
{
	struct xenbus_device *x = xenbus_of(dev);
	struct xen_blkback_stats disk;
	struct xen_netback_stats card;

	*info = (struct pv_device_info){
		.number = dev->number, .evtchn = -1, .ring_ref = -1, .rx_ring_ref = -1,
	};
	memcpy(info->name, dev->name, sizeof(info->name));
	snprintf(info->spec, sizeof(info->spec), "%s", dev->text);
	if (dev->kind == PV_DEVICE_VIF)
		snprintf(info->mac, sizeof(info->mac), "%02x:%02x:%02x:%02x:%02x:%02x",
			 dev->mac[0], dev->mac[1], dev->mac[2], dev->mac[3], dev->mac[4],
			 dev->mac[5]);
	if (!x)
		return;
	info->state = (int)x->state;
	snprintf(info->back, sizeof(info->back), "%s", x->back);
	info->evtchn = front_number(x, "event-channel");
	if (dev->bb) {
		info->ring_ref = front_number(x, "ring-ref");
		if (info->ring_ref < 0)
			info->ring_ref = front_number(x, "ring-ref0");
		xen_blkback_stats(dev->bb, &disk);
		info->in_ops = disk.reads;
		info->in_bytes = disk.read_bytes;
		info->out_ops = disk.writes;
		info->out_bytes = disk.written_bytes;
	} else {
		if (info->evtchn < 0)
			info->evtchn = front_number(x, "event-channel-tx");
		info->ring_ref = front_number(x, "tx-ring-ref");
		info->rx_ring_ref = front_number(x, "rx-ring-ref");
		xen_netback_stats(dev->nb, &card);
		info->in_ops = card.rx_packets;
		info->in_bytes = card.rx_bytes;
		info->out_ops = card.tx_packets;
		info->out_bytes = card.tx_bytes;
	}
}

unsigned int pv_devices_list(struct pv_devices *set, enum pv_device_kind kind,
			     struct pv_device_info *info, unsigned int max)
{
	struct device *dev;
	unsigned int n = 0;

	for (dev = set->list; dev; dev = dev->next)
		if (dev->kind == kind && n++ < max)
			describe(dev, &info[n - 1]);
	return n;
}
