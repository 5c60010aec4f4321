/* SPDX-License-Identifier: GPL-2.0-or-later */
/* New domains and new devices in a host process. */
#include "tool/server_create.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "machine/trace.h"
#include "tool/cpulist.h"

#define MAX_DEVICES 64 /* of each kind, at the start */
#define MAX_LISTED 256

/* A text with the numbers that descriptors have here instead of @N; to be freed. NULL: wrong. */
static char *with_numbers(const struct wire_fds *fds, const char *text)
{
	static const char mark[] = "/dev/fd/@";
	size_t n = 0, room = strlen(text) * 2 + 32;
	char *out = malloc(room);

	while (out && *text) {
		unsigned int i;
		int len = 0;

		if (strncmp(text, mark, sizeof(mark) - 1)) {
			out[n++] = *text++;
			continue;
		}
		text += sizeof(mark) - 1;
		if (sscanf(text, "%u%n", &i, &len) != 1 || i >= fds->nr) {
			free(out);
			return NULL;
		}
		text += len;
		n += (size_t)sprintf(out + n, "/dev/fd/%d", fds->fd[i]);
	}
	if (out)
		out[n] = '\0';
	return out;
}

/* Strings of a struct pv_domain_config while it is in use. */
struct texts {
	char *text[2 * MAX_DEVICES + 8];
	unsigned int nr;
};

static const char *keep(struct texts *t, const struct wire_fds *fds, const json_t *value)
{
	const char *text = json_string_value(value);

	if (!text || t->nr == sizeof(t->text) / sizeof(t->text[0]))
		return NULL;
	t->text[t->nr] = with_numbers(fds, text);
	return t->text[t->nr] ? t->text[t->nr++] : NULL;
}

static unsigned int keep_list(struct texts *t, const struct wire_fds *fds, const json_t *list,
			      const char **out)
{
	unsigned int n = 0;

	while (n < json_array_size(list) && n < MAX_DEVICES &&
	       (out[n] = keep(t, fds, json_array_get(list, n))))
		n++;
	return n;
}

static void parse_uuid(uint8_t uuid[16], const char *text)
{
	unsigned int byte, n = 0;

	memset(uuid, 0, 16);
	for (; text && *text && n < 16; text += *text == '-' ? 1 : 2) {
		if (*text != '-' && sscanf(text, "%2x", &byte) == 1)
			uuid[n++] = (uint8_t)byte;
		else if (*text != '-')
			return;
	}
}

static int action(const json_t *config, const char *key, struct error *err)
{
	const char *word = json_string_value(json_object_get(config, key));
	int value = pv_action_parse(word ? word : "");

	if (value < 0)
		error_set(err, "%s '%s' is no action", key, word ? word : "");
	return value;
}

/* A domain of either kind; one pointer is set. */
struct made {
	struct pv_domain *pv;
	struct hvm_domain *hvm;
};

static int build(struct server_conn *c, const json_t *config, domid_t domid, int console,
		 bool tied, struct made *out, struct error *err)
{
	bool hvm = !strcmp(json_string_value(json_object_get(config, "type")) ?: "", "hvm");
	const char *disk[MAX_DEVICES], *vif[MAX_DEVICES];
	int poweroff, reboot, crash, watchdog, rc = -1;
	struct pv_domain_config pc = { .domid = domid };
	struct texts t = { 0 };
	char console_spec[RUNDIR_MAX_PATH + 64], word[32];

	/* A log would take what a tied domain's command is slow to read. */
	if (tied)
		snprintf(console_spec, sizeof(console_spec), "fd:%d", console);
	else
		snprintf(console_spec, sizeof(console_spec), "fd:%d,log=%s/console-%u.log", console,
			 server_file_folder(c->server), domid);
	poweroff = action(config, "on_poweroff", err);
	reboot = action(config, "on_reboot", err);
	crash = action(config, "on_crash", err);
	watchdog = action(config, "on_watchdog", err);
	if (poweroff < 0 || reboot < 0 || crash < 0 || watchdog < 0)
		return -1;
	pc.on_poweroff = (enum pv_action)poweroff;
	pc.on_reboot = (enum pv_action)reboot;
	pc.on_crash = (enum pv_action)crash;
	pc.on_watchdog = (enum pv_action)watchdog;
	pc.name = json_string_value(json_object_get(config, "name"));
	parse_uuid(pc.uuid, json_string_value(json_object_get(config, "uuid")));
	pc.kernel = keep(&t, &c->fds, json_object_get(config, "kernel"));
	pc.ramdisk = keep(&t, &c->fds, json_object_get(config, "ramdisk"));
	pc.root = json_string_value(json_object_get(config, "root"));
	pc.extra = json_string_value(json_object_get(config, "extra"));
	pc.memory = (uint64_t)json_integer_value(json_object_get(config, "memory")) << 20;
	pc.maxmem = (uint64_t)json_integer_value(json_object_get(config, "maxmem")) << 20;
	pc.vcpus = (unsigned int)json_integer_value(json_object_get(config, "vcpus"));
	pc.maxvcpus = (unsigned int)json_integer_value(json_object_get(config, "maxvcpus"));
	pc.jit = !strcmp(json_string_value(json_object_get(config, "engine")) ?: "", "jit");
	pc.jit_cache = (unsigned int)json_integer_value(json_object_get(config, "jit_cache"));
	pc.check_every = (unsigned int)json_integer_value(json_object_get(config, "check"));
	pc.core_dir = server_core_folder(c->server);
	pc.console = console_spec;
	if (json_object_get(config, "trace"))
		trace_list(json_string_value(json_object_get(config, "trace")) ?: "",
			   &pc.observe.trace, word, sizeof(word));
	pc.observe.trace_file = keep(&t, &c->fds, json_object_get(config, "trace_file"));
	pc.observe.gdb = keep(&t, &c->fds, json_object_get(config, "gdb"));
	pc.perf_map = keep(&t, &c->fds, json_object_get(config, "perf_map"));
	pc.disk = disk;
	pc.nr_disks = keep_list(&t, &c->fds, json_object_get(config, "disk"), disk);
	pc.vif = vif;
	pc.nr_vifs = keep_list(&t, &c->fds, json_object_get(config, "vif"), vif);
	if (!pc.name || !pc.kernel ||
	    pc.nr_disks != json_array_size(json_object_get(config, "disk")) ||
	    pc.nr_vifs != json_array_size(json_object_get(config, "vif")))
		error_set(err, "the request has no name or kernel, or names descriptors that did "
			  "not come with it");
	else if (hvm)
		rc = hvm_domain_create(&out->hvm, &server_hvm_ops, c->server, &pc,
				       keep(&t, &c->fds, json_object_get(config, "nvram")), err);
	else
		rc = pv_domain_create(&out->pv, c->server->host, &pc, err);
	for (unsigned int i = 0; i < t.nr; i++)
		free(t.text[i]);
	return rc;
}

static int pin(const struct made *d, const json_t *list, struct error *err)
{
	cpu_set_t cpus;

	for (unsigned int i = 0; i < json_array_size(list); i++) {
		const char *text = json_string_value(json_array_get(list, i));

		if (cpulist_parse(&cpus, text ? text : "", err) ||
		    (d->hvm ? hvm_domain_pin(d->hvm, i, &cpus, err) :
			      pv_domain_pin(d->pv, i, &cpus, err)))
			return -1;
	}
	return 0;
}

static int unpause(const struct made *d, struct error *err)
{
	return d->hvm ? hvm_domain_unpause(d->hvm, err) : pv_domain_unpause(d->pv, err);
}

static void destroy(const struct made *d)
{
	struct error ignored;

	/* Either gives the domid back. */
	if (d->hvm) {
		hvm_domain_destroy(d->hvm, &ignored);
		hvm_domain_put(d->hvm);
	} else {
		pv_domain_destroy(d->pv, &ignored);
		pv_domain_put(d->pv);
	}
}

/* What the server keeps: the configuration as given, the descriptors, the console. */
static struct server_shared *make_shared(struct server_conn *c, const json_t *request,
					 struct error *err)
{
	struct server_shared *shared = calloc(1, sizeof(*shared));
	const json_t *shown = json_object_get(request, "shown");

	if (!shared) {
		error_set(err, "out of memory");
		return NULL;
	}
	shared->hub = console_hub_create(&c->server->hubs, &shared->console, err);
	if (!shared->hub) {
		free(shared);
		return NULL;
	}
	shared->config = json_deep_copy(shown);
	shared->fds = c->fds;
	c->fds.nr = 0; /* they are the domain's now */
	return shared;
}

/* The descriptor that a string names; -1: it is none, or names none. */
static int named_fd(const struct wire_fds *fds, const json_t *string)
{
	const char *name = json_string_value(string);
	unsigned int i;

	return name && sscanf(name, "/dev/fd/@%u", &i) == 1 && i < fds->nr ? fds->fd[i] : -1;
}

static int copy_of(const struct wire_fds *fds, const json_t *string)
{
	int fd = named_fd(fds, string);

	return fd < 0 ? -1 : fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

static void note_attendants(struct server_shared *shared, const json_t *config)
{
	const json_t *list = json_object_get(config, "attendants");
	const size_t most = sizeof(shared->attendant) / sizeof(shared->attendant[0]);

	for (size_t i = 0; i < json_array_size(list) && i < most; i++) {
		int fd = named_fd(&shared->fds, json_array_get(list, i));

		if (fd >= 0)
			shared->attendant[shared->nr_attendants++] = fd;
	}
}

/* Where else than to the commands that attach to it the console goes. */
static int place_console(struct server_shared *shared, const json_t *config,
			 struct error *err)
{
	const json_t *where = json_object_get(config, "console");
	int stream = copy_of(&shared->fds, json_object_get(where, "stream"));
	int listener = copy_of(&shared->fds, json_object_get(where, "listen"));

	if ((stream >= 0 && !console_hub_add(shared->hub, stream)) ||
	    (listener >= 0 && !console_hub_listen(shared->hub, listener)))
		return error_set(err, "console: out of memory");
	return 0;
}

static int create(struct server_conn *c, const json_t *request, domid_t domid,
		  struct made *d, struct error *err)
{
	const json_t *config = json_object_get(request, "config");
	struct server_shared *shared = make_shared(c, request, err);
	struct wire_fds fds;
	int rc;

	if (!shared || !server_add(c->server, domid, shared)) {
		rundir_domid_release(&c->server->domids, domid);
		return shared ? error_set(err, "out of memory") : -1;
	}
	note_attendants(shared, config);
	fds = shared->fds;
	c->fds = fds; /* to be named, not to be closed */
	rc = place_console(shared, config, err) ||
	     build(c, config, domid, shared->console,
		   json_is_true(json_object_get(request, "tied")), d, err);
	if (rc)
		rundir_domid_release(&c->server->domids, domid);
	else if (d->hvm)
		server_set_hvm(c->server, domid, d->hvm);
	if (!rc && (pin(d, json_object_get(config, "cpus"), err) ||
		    (!json_is_true(json_object_get(request, "paused")) && unpause(d, err)))) {
		destroy(d);
		rc = -1;
	}
	if (rc) {
		server_hide_numbers(&fds, err);
		server_remove(c->server, domid);
	}
	c->fds.nr = 0;
	return rc;
}

int server_create(struct server_conn *c, struct pv_domain *none, const json_t *request,
		  json_t *answer, struct error *err)
{
	struct server *s = c->server;
	struct made d = { 0 };
	int domid, rc = -1;
	bool ending;

	pthread_mutex_lock(&s->lock);
	ending = s->ending;
	s->starting += !ending;
	pthread_mutex_unlock(&s->lock);
	if (ending)
		return error_set(err, "host '%s' is just ending; try again", s->name);
	domid = rundir_domid_claim(&s->domids);
	if (domid < 0)
		error_set(err, "there is no free domain id");
	else
		rc = create(c, request, (domid_t)domid, &d, err);
	pthread_mutex_lock(&s->lock);
	s->starting--;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
	if (rc)
		return -1;
	json_object_set_new(answer, "domid", json_integer(domid));
	if (json_is_true(json_object_get(request, "tied")) && !c->tied && !c->tied_hvm) {
		c->tied = d.pv;
		c->tied_hvm = d.hvm;
	} else if (d.hvm) {
		hvm_domain_put(d.hvm);
	} else {
		pv_domain_put(d.pv);
	}
	return 0;
}

int server_attach(struct server_conn *c, struct pv_domain *d, enum pv_device_kind kind,
		  const char *spec, struct error *err)
{
	struct server_domain *e;
	char *text = with_numbers(&c->fds, spec);
	int rc;

	if (!text)
		return error_set(err, "the request names descriptors that did not come with it");
	rc = pv_domain_device_add(d, kind, text, err);
	free(text);
	if (rc)
		return rc;
	/* After a restart the device is there again, and its file with it. */
	pthread_mutex_lock(&c->server->lock);
	e = server_find(c->server, pv_domain_id(d));
	while (e && c->fds.nr)
		wire_fds_add(&e->shared->fds, c->fds.fd[--c->fds.nr]);
	pthread_mutex_unlock(&c->server->lock);
	return 0;
}

/* The descriptor that a device's string names, or -1. */
static int device_fd(struct pv_domain *d, enum pv_device_kind kind, unsigned int number)
{
	struct pv_device_info *info = calloc(MAX_LISTED, sizeof(*info));
	const char *name;
	unsigned int n;
	int fd = -1;

	if (!info)
		return -1;
	n = pv_domain_device_list(d, kind, info, MAX_LISTED);
	for (unsigned int i = 0; i < n && i < MAX_LISTED; i++) {
		name = info[i].number == number ? strstr(info[i].spec, "/dev/fd/") : NULL;
		if (name && sscanf(name, "/dev/fd/%d", &fd) != 1)
			fd = -1;
	}
	free(info);
	return fd;
}

int server_detach(struct server_conn *c, struct pv_domain *d, enum pv_device_kind kind,
		  unsigned int number, bool force, struct error *err)
{
	int fd = device_fd(d, kind, number);
	struct server_domain *e;

	if (pv_domain_device_remove(d, kind, number, force, err))
		return -1;
	/* The device had a copy; this one was for restarts. */
	pthread_mutex_lock(&c->server->lock);
	e = server_find(c->server, pv_domain_id(d));
	for (unsigned int i = 0; e && fd >= 0 && i < e->shared->fds.nr; i++) {
		if (e->shared->fds.fd[i] == fd) {
			close(fd);
			e->shared->fds.fd[i] = e->shared->fds.fd[--e->shared->fds.nr];
			break;
		}
	}
	pthread_mutex_unlock(&c->server->lock);
	return 0;
}
