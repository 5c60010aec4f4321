/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The life of a domain: making it, what becomes of it when it shuts down, its end. */
#include "xen/pv_domain.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xen/interface/sched.h>

#include "backend/chardev.h"
#include "backend/xenstore.h"
#include "backend/thread.h"
#include "machine/layout.h"
#include "xen/console_back.h"
#include "xen/pv_domain_impl.h"

/* A domain that was restarted and lives shorter than this does not use up the host again. */
#define SHORT_LIFE_NS 10000000000ull

static const char *const action_names[PV_NR_ACTIONS] = {
	[PV_ACTION_DESTROY] = "destroy",
	[PV_ACTION_RESTART] = "restart",
	[PV_ACTION_RENAME_RESTART] = "rename-restart",
	[PV_ACTION_PRESERVE] = "preserve",
	[PV_ACTION_COREDUMP_DESTROY] = "coredump-destroy",
	[PV_ACTION_COREDUMP_RESTART] = "coredump-restart",
};

const char *pv_action_name(enum pv_action action)
{
	return action < PV_NR_ACTIONS ? action_names[action] : NULL;
}

int pv_action_parse(const char *name)
{
	int i;

	for (i = 0; i < PV_NR_ACTIONS; i++)
		if (!strcmp(name, action_names[i]))
			return i;
	return -1;
}

/* --- configuration --- */

static int check_name(const char *name, struct error *err)
{
	if (name && *name && strlen(name) < PV_MAX_NAME && !strchr(name, '/'))
		return 0;
	return error_set(err, "name '%s': 1 to %d bytes without '/' are accepted",
			 name ? name : "", PV_MAX_NAME - 1);
}

static int check_config(const struct pv_domain_config *c, struct error *err)
{
	const uint64_t most = PV_MAX_MEMORY;

	if (c->domid < 1 || c->domid >= DOMID_FIRST_RESERVED)
		return error_set(err, "domain id %u: 1 to %u are accepted", c->domid,
				 DOMID_FIRST_RESERVED - 1);
	if (check_name(c->name, err) < 0)
		return -1;
	if (!c->kernel)
		return error_set(err, "no kernel given; an IA-64 ELF file for Xen is needed");
	if (c->memory < PV_MIN_MEMORY || c->memory > most || c->memory & 0xfffff)
		return error_set(err, "%llu bytes of memory: whole megabytes from %llu to %llu are "
				 "accepted", (unsigned long long)c->memory, PV_MIN_MEMORY >> 20,
				 (unsigned long long)most >> 20);
	if (c->maxmem < c->memory || c->maxmem > most || c->maxmem & 0xfffff)
		return error_set(err, "at most %llu bytes of memory: whole megabytes from memory "
				 "(%llu) to %llu are accepted", (unsigned long long)c->maxmem,
				 (unsigned long long)c->memory >> 20,
				 (unsigned long long)most >> 20);
	if (c->maxvcpus < 1 || c->maxvcpus > PV_MAX_VCPUS)
		return error_set(err, "at most %u vCPUs: 1 to %d are accepted", c->maxvcpus,
				 PV_MAX_VCPUS);
	if (c->vcpus < 1 || c->vcpus > c->maxvcpus)
		return error_set(err, "%u vCPUs: 1 to %u (the maximum) are accepted", c->vcpus,
				 c->maxvcpus);
	return 0;
}

static void free_config(struct pv_domain_config *c)
{
	free((char *)c->kernel);
	free((char *)c->ramdisk);
	free((char *)c->root);
	free((char *)c->extra);
	free((char *)c->core_dir);
	free((char *)c->observe.trace_file);
	free((char *)c->observe.gdb);
	free((char *)c->perf_map);
}

/* The strings that a restart needs; devices and console are opened once. */
static int copy_config(struct pv_domain_config *to, const struct pv_domain_config *from)
{
	const char **field[] = { &to->kernel, &to->ramdisk, &to->root, &to->extra, &to->core_dir,
				 &to->observe.trace_file, &to->observe.gdb, &to->perf_map };
	unsigned int i;
	bool ok = true;

	*to = *from;
	to->name = to->console = NULL;
	to->disk = to->vif = NULL;
	for (i = 0; i < sizeof(field) / sizeof(field[0]); i++) {
		if (!*field[i])
			continue;
		*field[i] = strdup(*field[i]);
		ok &= *field[i] != NULL;
	}
	return ok ? 0 : -1;
}

/* --- references, events, names --- */

void pv_domain_ref(struct pv_domain *d)
{
	d->refs++;
}

void pv_domain_put(struct pv_domain *d)
{
	if (--d->refs)
		return;
	free_config(&d->config);
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	free(d);
}

void pv_domain_event(struct pv_domain *d, enum pv_event event)
{
	if (d->host->ops && d->host->ops->event)
		d->host->ops->event(d->host->ctx, d, event);
}

/* With host->lock held. */
static bool name_taken(struct pv_host *h, const struct pv_domain *self, const char *name)
{
	struct pv_domain *o;
	bool taken = false;

	for (o = h->domains; o && !taken; o = o->next) {
		if (o == self)
			continue;
		pthread_mutex_lock(&o->lock);
		taken = !strcmp(o->name, name);
		pthread_mutex_unlock(&o->lock);
	}
	return taken;
}

int pv_domain_set_name(struct pv_domain *d, const char *name, struct error *err)
{
	char path[64];
	bool taken;

	if (check_name(name, err) < 0)
		return -1;
	pthread_mutex_lock(&d->host->lock);
	taken = name_taken(d->host, d, name);
	if (!taken) {
		pthread_mutex_lock(&d->lock);
		snprintf(d->name, sizeof(d->name), "%s", name);
		pthread_mutex_unlock(&d->lock);
	}
	pthread_mutex_unlock(&d->host->lock);
	if (taken)
		return error_set(err, "name '%s': another domain has it", name);
	snprintf(path, sizeof(path), "/local/domain/%u/name", d->domid);
	xenstore_printf(d->host->store, path, "%s", name);
	return 0;
}

static void __attribute__((format(printf, 2, 3))) note(struct pv_domain *d, const char *fmt, ...)
{
	char line[700];
	va_list ap;

	if (!d->host->ops || !d->host->ops->log)
		return;
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	d->host->ops->log(d->host->ctx, line);
}

/* --- instances: on the domain's own thread, as all below that does not say otherwise --- */

/* A vCPU's thread or the event loop's. */
static void shut_down(void *ctx)
{
	struct pv_domain *d = ctx;

	pthread_mutex_lock(&d->lock);
	d->ended = true;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

static void set_run(struct pv_domain *d, struct pv_instance *m)
{
	pthread_mutex_lock(&d->lock);
	d->run = m;
	pthread_mutex_unlock(&d->lock);
}

static void apply_affinity(struct pv_domain *d, struct pv_instance *m)
{
	unsigned int i;

	for (i = 0; i < m->nr_cpus; i++)
		if (CPU_COUNT(&d->affinity[i]))
			ia64_threads_pin(&m->threads, m->sys->vcpus[i], &d->affinity[i]);
}

/* The debugger's thread. */
static void kill_domain(void *ctx)
{
	struct pv_domain *d = ctx;

	pthread_mutex_lock(&d->lock);
	d->destroy = true;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
}

static int observe(struct pv_domain *d, struct pv_instance *m, struct error *err)
{
	const struct debug_target target = {
		.sys = m->sys,
		.threads = &m->threads,
		.symbols = &m->symbols,
		.kill = kill_domain,
		.ctx = d,
	};

	return observers_start(&d->observers, &d->config.observe, &target, err);
}

static int build(struct pv_domain *d, struct error *err)
{
	struct pv_instance *m;

	if (pv_instance_create(&m, d->host, &d->config, d->name, d->chardev, shut_down, d, err) < 0)
		return -1;
	if (pv_devices_reattach(d->devices, &d->host->backends, m->domain, err) < 0) {
		pv_devices_detach(d->devices);
		pv_instance_destroy(m);
		return -1;
	}
	if (observe(d, m, err) < 0) {
		pv_devices_detach(d->devices);
		pv_instance_destroy(m);
		return -1;
	}
	d->target = d->config.memory;
	apply_affinity(d, m);
	set_run(d, m);
	return 0;
}

static void take_apart(struct pv_domain *d)
{
	struct pv_instance *m = d->run;

	if (!m)
		return;
	ia64_threads_pause(&m->threads);
	observers_stop(&d->observers);
	pv_devices_detach(d->devices);
	set_run(d, NULL);
	pv_instance_destroy(m);
}

/* --- its end --- */

static enum pv_action policy(const struct pv_domain *d, int reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
		return d->config.on_poweroff;
	case SHUTDOWN_reboot:
		return d->config.on_reboot;
	case SHUTDOWN_watchdog:
		return d->config.on_watchdog;
	case SHUTDOWN_suspend:
		return PV_ACTION_PRESERVE;
	default:
		return d->config.on_crash;
	}
}

static void dump(struct pv_domain *d)
{
	const char *dir = d->config.core_dir ? d->config.core_dir : ".";
	char path[512], date[32];
	struct error err;
	struct tm tm;
	time_t now = time(NULL);

	gmtime_r(&now, &tm);
	strftime(date, sizeof(date), "%Y-%m%d-%H%M.%S", &tm);
	snprintf(path, sizeof(path), "%s/%s-%s.core", dir, d->name, date);
	if (pv_core_write(d->run, path, &err) < 0)
		note(d, "domain %s: %s", d->name, err.msg);
	else
		note(d, "domain %s: core in %s", d->name, path);
}

/* False: it could not be built again. */
static bool restart(struct pv_domain *d)
{
	struct error err;

	take_apart(d);
	if (build(d, &err) < 0) {
		note(d, "domain %s cannot be restarted: %s", d->name, err.msg);
		return false;
	}
	pthread_mutex_lock(&d->lock);
	d->restarts++;
	d->ended = d->paused = false;
	pthread_mutex_unlock(&d->lock);
	ia64_threads_resume(&d->run->threads);
	return true;
}

static struct pv_domain *allocate(struct pv_host *h, const struct pv_domain_config *config,
				  struct error *err)
{
	struct pv_domain *d = calloc(1, sizeof(*d));

	if (!d || copy_config(&d->config, config) < 0) {
		if (d)
			free_config(&d->config);
		free(d);
		error_set(err, "out of memory");
		return NULL;
	}
	d->host = h;
	d->refs = 1;
	d->domid = config->domid;
	d->last_request = &d->requests;
	snprintf(d->name, sizeof(d->name), "%s", config->name);
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->changed, NULL);
	return d;
}

static int begin(struct pv_domain *d, const struct pv_domain_config *config, struct error *err);

/*
 * A domain like this one starts under its name and a domid of its own, with its console and
 * devices; this one stays under another name, without.
 */
static void rename_restart(struct pv_domain *d)
{
	struct pv_host *h = d->host;
	struct pv_domain_config config = d->config;
	char name[PV_MAX_NAME], old[PV_MAX_NAME];
	int domid = h->ops && h->ops->domid_get ? h->ops->domid_get(h->ctx) : -1;
	struct pv_devices *none = pv_devices_create();
	struct pv_domain *new = NULL;
	struct error err;

	error_set(&err, "there is no domain id for it");
	snprintf(name, sizeof(name), "%s", d->name);
	snprintf(old, sizeof(old), "%.60s-%u", name, d->domid);
	config.domid = (domid_t)domid;
	config.name = name;
	if (domid < 0 || !none || pv_domain_set_name(d, old, &err) < 0 ||
	    !(new = allocate(h, &config, &err)))
		goto fail;
	observers_stop(&d->observers);
	pv_devices_detach(d->devices);
	xen_console_close(d->run->console);
	d->run->console = NULL;
	d->run->chardev = NULL;
	new->devices = d->devices;
	new->chardev = d->chardev;
	new->successor = true;
	d->devices = none;
	d->chardev = NULL;
	/* What was handed over goes with the new one if that fails. */
	none = NULL;
	if (begin(new, NULL, &err) < 0)
		goto fail;
	pv_domain_unpause(new, &err);
	pv_domain_put(new);
	return;
fail:
	note(d, "domain %s is not restarted: %s", name, err.msg);
	pv_devices_destroy(none);
	if (domid >= 0 && h->ops->domid_put)
		h->ops->domid_put(h->ctx, (domid_t)domid);
}

/* A guest must not fill memory with domains or disks with cores by failing again and again. */
static enum pv_action limit(struct pv_domain *d, enum pv_action action)
{
	uint64_t life = xen_now(&d->host->xen) - d->run->built_at;

	if ((action != PV_ACTION_RENAME_RESTART && action != PV_ACTION_COREDUMP_RESTART) ||
	    !(d->restarts || d->successor) || life >= SHORT_LIFE_NS)
		return action;
	note(d, "domain %s is not restarted: it has ended %u s after its last restart", d->name,
	     (unsigned int)(life / 1000000000));
	return PV_ACTION_PRESERVE;
}

/* True: the domain is to go. */
static bool look_after(struct pv_domain *d)
{
	struct pv_instance *m = d->run;
	enum pv_action action;

	ia64_threads_pause(&m->threads);
	action = limit(d, policy(d, m->domain->shutdown_reason));
	pthread_mutex_lock(&d->lock);
	d->settled = action == PV_ACTION_PRESERVE || action == PV_ACTION_RENAME_RESTART;
	pthread_mutex_unlock(&d->lock);
	xenstore_shutdown(d->host->store, d->domid);
	pv_domain_event(d, PV_EVENT_SHUTDOWN);
	if (action == PV_ACTION_COREDUMP_DESTROY || action == PV_ACTION_COREDUMP_RESTART)
		dump(d);
	switch (action) {
	case PV_ACTION_RESTART:
	case PV_ACTION_COREDUMP_RESTART:
		if (!restart(d))
			return true;
		pv_domain_event(d, PV_EVENT_RESTART);
		return false;
	case PV_ACTION_RENAME_RESTART:
		rename_restart(d);
		return false;
	case PV_ACTION_PRESERVE:
		return false;
	default:
		return true;
	}
}

/* --- its thread --- */

struct pv_request {
	int (*fn)(struct pv_domain *d, void *arg, struct error *err);
	void *arg;
	struct error *err;
	int rc;
	bool done;
	struct pv_request *next;
};

/* Any thread but its own. */
int pv_domain_do(struct pv_domain *d, int (*fn)(struct pv_domain *d, void *arg, struct error *err),
		 void *arg, struct error *err)
{
	struct pv_request r = { .fn = fn, .arg = arg, .err = err };

	pthread_mutex_lock(&d->lock);
	if (d->destroy || d->gone) {
		pthread_mutex_unlock(&d->lock);
		return error_set(err, "domain %u does not exist any more", d->domid);
	}
	*d->last_request = &r;
	d->last_request = &r.next;
	pthread_cond_broadcast(&d->changed);
	while (!r.done)
		pthread_cond_wait(&d->changed, &d->lock);
	pthread_mutex_unlock(&d->lock);
	return r.rc;
}

/* The lock is held; not while fn runs. */
static void serve_request(struct pv_domain *d)
{
	struct pv_request *r = d->requests;

	d->requests = r->next;
	if (!d->requests)
		d->last_request = &d->requests;
	if (d->destroy) {
		r->rc = error_set(r->err, "domain %u does not exist any more", d->domid);
	} else {
		pthread_mutex_unlock(&d->lock);
		r->rc = r->fn(d, r->arg, r->err);
		pthread_mutex_lock(&d->lock);
	}
	r->done = true;
	pthread_cond_broadcast(&d->changed);
}

static void leave_list(struct pv_domain *d)
{
	struct pv_host *h = d->host;
	struct pv_domain **p;

	pthread_mutex_lock(&h->lock);
	for (p = &h->domains; *p && *p != d; p = &(*p)->next)
		;
	if (*p)
		*p = d->next;
	pthread_mutex_unlock(&h->lock);
}

static void close_up(struct pv_domain *d)
{
	struct pv_host *h = d->host;

	take_apart(d);
	pv_devices_destroy(d->devices);
	chardev_destroy(d->chardev);
	leave_list(d);
	if (d->built && h->ops && h->ops->domid_put)
		h->ops->domid_put(h->ctx, d->domid);
}

static void *life(void *arg)
{
	struct pv_domain *d = arg;
	struct pv_host *h = d->host;

	pthread_mutex_lock(&d->lock);
	for (;;) {
		if (d->requests) {
			serve_request(d);
		} else if (d->destroy) {
			break;
		} else if (d->ended && !d->settled) {
			pthread_mutex_unlock(&d->lock);
			if (look_after(d)) {
				pthread_mutex_lock(&d->lock);
				d->destroy = true;
				continue;
			}
			pthread_mutex_lock(&d->lock);
		} else {
			pthread_cond_wait(&d->changed, &d->lock);
		}
	}
	pthread_mutex_unlock(&d->lock);
	close_up(d);
	if (d->built)
		pv_domain_event(d, PV_EVENT_GONE);
	pthread_mutex_lock(&d->lock);
	d->gone = true;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	pv_domain_put(d);
	pthread_mutex_lock(&h->lock);
	h->nr_domains--;
	pthread_cond_broadcast(&h->changed);
	pthread_mutex_unlock(&h->lock);
	return NULL;
}

/* --- making it --- */

/* Into the list, where its place and number are from now on. The caller's thread. */
static int enlist(struct pv_domain *d, struct error *err)
{
	struct pv_host *h = d->host;
	struct pv_domain **p;
	bool id_taken = false, taken;

	pthread_mutex_lock(&h->lock);
	taken = name_taken(h, d, d->name);
	for (p = &h->domains; *p; p = &(*p)->next)
		id_taken |= (*p)->domid == d->domid;
	if (!taken && !id_taken) {
		d->serial = ++h->last_serial;
		*p = d;
		h->nr_domains++;
	}
	pthread_mutex_unlock(&h->lock);
	if (taken)
		return error_set(err, "name '%s': another domain has it", d->name);
	if (id_taken)
		return error_set(err, "domain id %u: another domain has it", d->domid);
	return 0;
}

static int open_new(struct pv_domain *d, const struct pv_domain_config *config, struct error *err)
{
	d->devices = pv_devices_create();
	if (!d->devices)
		return error_set(err, "out of memory");
	return chardev_create(&d->chardev, d->host->loop,
			      config->console ? config->console : "stdio", err);
}

static int add_devices(struct pv_domain *d, const struct pv_domain_config *config,
		       struct error *err)
{
	const struct {
		enum pv_device_kind kind;
		const char *const *spec;
		unsigned int nr;
	} list[] = {
		{ PV_DEVICE_DISK, config->disk, config->nr_disks },
		{ PV_DEVICE_VIF, config->vif, config->nr_vifs },
	};
	unsigned int k, i;

	for (k = 0; k < sizeof(list) / sizeof(list[0]); k++)
		for (i = 0; i < list[k].nr; i++)
			if (pv_devices_add(d->devices, &d->host->backends, d->run->domain,
					   list[k].kind, list[k].spec[i], err) < 0)
				return -1;
	return 0;
}

/* `arg`: the configuration with console and devices, or NULL if the domain has them already. */
static int first_build(struct pv_domain *d, void *arg, struct error *err)
{
	const struct pv_domain_config *config = arg;

	if (config && open_new(d, config, err) < 0)
		return -1;
	if (build(d, err) < 0)
		return -1;
	if (config && add_devices(d, config, err) < 0)
		return -1;
	pthread_mutex_lock(&d->lock);
	d->built = d->paused = true;
	pthread_mutex_unlock(&d->lock);
	pv_domain_event(d, PV_EVENT_CREATED);
	return 0;
}

/* Any thread. What `d` has goes if it fails; then the caller's reference is dropped too. */
static int begin(struct pv_domain *d, const struct pv_domain_config *config, struct error *err)
{
	pthread_t thread;
	struct error ignored;
	int rc = enlist(d, err);

	if (!rc) {
		pv_domain_ref(d);
		if (!thread_start(&thread, life, d)) {
			pthread_detach(thread);
			/* On the thread that lives as long as the domain: block_open() wants it. */
			rc = pv_domain_do(d, first_build, (void *)config, err);
			if (rc)
				pv_domain_destroy(d, &ignored);
			goto out;
		}
		rc = error_set(err, "the host has no thread for a domain");
		pthread_mutex_lock(&d->host->lock);
		d->host->nr_domains--;
		pthread_mutex_unlock(&d->host->lock);
		pv_domain_put(d);
	}
	close_up(d);
out:
	if (rc)
		pv_domain_put(d);
	return rc;
}

int pv_domain_create(struct pv_domain **out, struct pv_host *h,
		     const struct pv_domain_config *config, struct error *err)
{
	struct pv_domain_config c = *config;
	struct pv_domain *d;

	*out = NULL;
	if (!c.maxmem)
		c.maxmem = c.memory;
	if (!c.maxvcpus)
		c.maxvcpus = c.vcpus;
	if (check_config(&c, err) < 0)
		return -1;
	d = allocate(h, &c, err);
	if (!d || begin(d, config, err) < 0)
		return -1;
	*out = d;
	return 0;
}

int pv_domain_destroy(struct pv_domain *d, struct error *err)
{
	(void)err;
	pthread_mutex_lock(&d->lock);
	d->destroy = true;
	pthread_cond_broadcast(&d->changed);
	while (!d->gone)
		pthread_cond_wait(&d->changed, &d->lock);
	pthread_mutex_unlock(&d->lock);
	return 0;
}
