/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The back end's half of the xenbus state machine. */
#include "xen/xenbus.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void xenbus_domain_init(const struct xen_backends *env, domid_t domid, const char *name,
			uint64_t memory_kib)
{
	/* The guest reads the first kind and owns the second; order: above before below. */
	static const struct {
		const char *node;
		bool guests;
	} dirs[] = {
		{ "", false },         { "/device", false },  { "/memory", false },
		{ "/store", false },   { "/console", false }, { "/cpu", false },
		{ "/control", false }, { "/control/shutdown", true }, { "/control/sysrq", true },
		{ "/control/feature-poweroff", true }, { "/control/feature-reboot", true },
		{ "/control/feature-suspend", true },
		{ "/data", true },     { "/error", true },    { "/attr", true },
	};
	struct xs_perm host[] = { { 0, 0 }, { domid, XS_PERM_READ } };
	struct xs_perm guest[] = { { domid, 0 } };
	char path[96];
	unsigned int i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		snprintf(path, sizeof(path), "/local/domain/%u%s", domid, dirs[i].node);
		xenstore_printf(env->store, path, "%s", "");
		xenstore_set_perms(env->store, path, dirs[i].guests ? guest : host,
				   dirs[i].guests ? 1 : 2);
	}
	snprintf(path, sizeof(path), "/local/domain/%u/name", domid);
	xenstore_printf(env->store, path, "%s", name);
	snprintf(path, sizeof(path), "/local/domain/%u/domid", domid);
	xenstore_printf(env->store, path, "%u", domid);
	snprintf(path, sizeof(path), "/local/domain/%u/memory/target", domid);
	xenstore_printf(env->store, path, "%llu", (unsigned long long)memory_kib);
	snprintf(path, sizeof(path), "/local/domain/%u/memory/static-max", domid);
	xenstore_printf(env->store, path, "%llu", (unsigned long long)memory_kib);
}

void xenbus_domain_remove(const struct xen_backends *env, domid_t domid)
{
	static const char *const types[] = { "vbd", "vif" };
	char path[96];
	unsigned int i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		snprintf(path, sizeof(path), "/local/domain/%u/backend/%s/%u", env->domid, types[i],
			 domid);
		xenstore_remove(env->store, path);
	}
	snprintf(path, sizeof(path), "/local/domain/%u", domid);
	xenstore_remove(env->store, path);
}

static int64_t number(struct xenbus_device *dev, const char *dir, const char *node,
		      int64_t fallback)
{
	char path[192], *text, *end;
	int64_t value = fallback;
	unsigned long n;

	snprintf(path, sizeof(path), "%s/%s", dir, node);
	text = xenstore_read(dev->env->store, path, NULL);
	if (text && isdigit((unsigned char)text[0])) {
		errno = 0;
		n = strtoul(text, &end, 10);
		if (!errno && !*end && n <= UINT32_MAX)
			value = (int64_t)n;
	}
	free(text);
	return value;
}

int64_t xenbus_front_number(struct xenbus_device *dev, const char *node, int64_t fallback)
{
	return number(dev, dev->front, node, fallback);
}

char *xenbus_front_read(struct xenbus_device *dev, const char *node)
{
	char path[192];

	snprintf(path, sizeof(path), "%s/%s", dev->front, node);
	return xenstore_read(dev->env->store, path, NULL);
}

static void set_state(struct xenbus_device *dev, enum xenbus_state state)
{
	if (dev->state == state)
		return;
	dev->state = state;
	xenbus_back_printf(dev, "state", "%d", state);
}

/* False: something is under way; look() goes on when it is done. */
static bool disconnect(struct xenbus_device *dev)
{
	if (!dev->connected)
		return true;
	if (dev->ops->quiesce && !dev->ops->quiesce(dev->ctx))
		return false;
	dev->connected = false;
	dev->ops->disconnect(dev->ctx);
	return true;
}

static bool close_failed(struct xenbus_device *dev)
{
	if (!disconnect(dev))
		return false;
	dev->failed = false;
	set_state(dev, XenbusStateClosing);
	return true;
}

void xenbus_device_fail(struct xenbus_device *dev, const char *why)
{
	xenbus_back_printf(dev, "error", "%s", why);
	dev->failed = true;
	close_failed(dev);
}

static void connect(struct xenbus_device *dev)
{
	struct error err;

	if (dev->connected || dev->state != XenbusStateInitWait)
		return;
	if (dev->ops->connect(dev->ctx, &err)) {
		xenbus_device_fail(dev, err.msg);
		return;
	}
	dev->connected = true;
	set_state(dev, XenbusStateConnected);
}

/* What the states of both ends ask for. */
static void follow(struct xenbus_device *dev)
{
	bool online = number(dev, dev->back, "online", 0);

	switch (xenbus_front_number(dev, "state", XenbusStateUnknown)) {
	case XenbusStateInitialising:
		/* It starts, or starts again. */
		if (!disconnect(dev))
			break;
		if (!online)
			dev->gone = true;
		else
			set_state(dev, XenbusStateInitWait);
		break;
	case XenbusStateInitialised:
	case XenbusStateConnected:
		if (online)
			connect(dev);
		else
			set_state(dev, XenbusStateClosing);
		break;
	case XenbusStateClosing:
		if (disconnect(dev))
			set_state(dev, XenbusStateClosing);
		break;
	case XenbusStateUnknown:
	case XenbusStateClosed:
		if (!disconnect(dev))
			break;
		set_state(dev, XenbusStateClosed);
		if (!online)
			dev->gone = true;
		break;
	default:
		break;
	}
}

static void look(void *ctx)
{
	struct xenbus_device *dev = ctx;

	if (dev->removing) {
		if (!disconnect(dev))
			return;
		pthread_mutex_lock(&dev->lock);
		dev->removed = true;
		pthread_cond_signal(&dev->changed);
		pthread_mutex_unlock(&dev->lock);
		return;
	}
	if (dev->failed && !close_failed(dev))
		return;
	follow(dev);
	if (dev->gone && dev->on_gone)
		dev->on_gone(dev->on_gone_ctx);
}

static void poke(void *ctx)
{
	struct xenbus_device *dev = ctx;

	eventloop_post(dev->env->loop, &dev->work);
}

void xenbus_device_again(struct xenbus_device *dev)
{
	poke(dev);
}

void xenbus_device_init(struct xenbus_device *dev, const struct xen_backends *env,
			struct xen_domain *d, const char *type, unsigned int devid,
			const struct xenbus_ops *ops, void *ctx)
{
	struct xs_perm back[] = { { env->domid, 0 }, { d->cfg.domid, XS_PERM_READ } };
	struct xs_perm front[] = { { d->cfg.domid, 0 }, { env->domid, XS_PERM_READ } };

	memset(dev, 0, sizeof(*dev));
	dev->env = env;
	dev->domain = d;
	xen_domain_ref(d);
	dev->ops = ops;
	dev->ctx = ctx;
	dev->state = XenbusStateInitialising;
	dev->work = (struct eventloop_work){ .fn = look, .ctx = dev };
	pthread_mutex_init(&dev->lock, NULL);
	pthread_cond_init(&dev->changed, NULL);
	snprintf(dev->back, sizeof(dev->back), "/local/domain/%u/backend/%s/%u/%u", env->domid,
		 type, d->cfg.domid, devid);
	snprintf(dev->front, sizeof(dev->front), "/local/domain/%u/device/%s/%u", d->cfg.domid,
		 type, devid);
	xenstore_printf(env->store, dev->back, "%s", "");
	xenstore_set_perms(env->store, dev->back, back, 2);
	xenstore_printf(env->store, dev->front, "%s", "");
	xenstore_set_perms(env->store, dev->front, front, 2);
	xenbus_back_printf(dev, "frontend", "%s", dev->front);
	xenbus_back_printf(dev, "frontend-id", "%u", d->cfg.domid);
	xenbus_back_printf(dev, "online", "1");
	xenbus_front_printf(dev, "backend", "%s", dev->back);
	xenbus_front_printf(dev, "backend-id", "%u", env->domid);
}

void xenbus_device_start(struct xenbus_device *dev)
{
	char path[128];

	dev->state = XenbusStateInitWait;
	/* What a hotplug script says when it is done: there is none to wait for. */
	xenbus_back_printf(dev, "hotplug-status", "connected");
	xenbus_back_printf(dev, "state", "%d", XenbusStateInitWait);
	xenbus_front_printf(dev, "state", "%d", XenbusStateInitialising);
	snprintf(path, sizeof(path), "%s/state", dev->front);
	dev->front_watch = xenstore_watch_add(dev->env->store, path, poke, dev);
	snprintf(path, sizeof(path), "%s/online", dev->back);
	dev->back_watch = xenstore_watch_add(dev->env->store, path, poke, dev);
}

void xenbus_device_unplug(struct xenbus_device *dev)
{
	xenbus_back_printf(dev, "online", "0");
}

static void begin_removal(void *ctx)
{
	struct xenbus_device *dev = ctx;

	dev->removing = true;
	look(dev);
}

void xenbus_device_destroy(struct xenbus_device *dev)
{
	eventloop_call(dev->env->loop, begin_removal, dev);
	pthread_mutex_lock(&dev->lock);
	while (!dev->removed)
		pthread_cond_wait(&dev->changed, &dev->lock);
	pthread_mutex_unlock(&dev->lock);
	xenstore_watch_remove(dev->env->store, dev->front_watch);
	xenstore_watch_remove(dev->env->store, dev->back_watch);
	eventloop_cancel(dev->env->loop, &dev->work);
	xenstore_remove(dev->env->store, dev->back);
	xenstore_remove(dev->env->store, dev->front);
	pthread_cond_destroy(&dev->changed);
	pthread_mutex_destroy(&dev->lock);
	xen_domain_put(dev->domain);
}
