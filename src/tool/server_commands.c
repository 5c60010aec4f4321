/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host process does for commands: one function a request. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <xen/interface/sched.h>

#include "tool/cpulist.h"
#include "tool/server.h"
#include "tool/server_create.h"
#include "xen/pv_device.h"

#define MAX_DEVICES 128

static const char *text(const json_t *request, const char *key)
{
	const char *value = json_string_value(json_object_get(request, key));

	return value ? value : "";
}

static json_int_t number(const json_t *request, const char *key)
{
	return json_integer_value(json_object_get(request, key));
}

/* --- what there is --- */

static int cmd_hello(struct server_conn *c, struct pv_domain *d, const json_t *request,
		     json_t *answer, struct error *err)
{
	struct server *s = c->server;
	char sandbox[48];

	json_object_set_new(answer, "version", json_string(PARAVANE_VERSION));
	json_object_set_new(answer, "host", json_string(s->name));
	json_object_set_new(answer, "pid", json_integer(getpid()));
	json_object_set_new(answer, "sandbox",
			    json_string(server_sandbox(s, sandbox, sizeof(sandbox))));
	return 0;
}

static json_t *describe_vcpu(const struct pv_vcpu_info *v)
{
	char cpus[256], state[2] = { v->state, '\0' };

	return json_pack("{s:b, s:s, s:i, s:I, s:s}", "online", v->online, "state", state, "cpu",
			 v->host_cpu, "time", (json_int_t)v->time, "affinity",
			 cpulist_print(&v->affinity, cpus, sizeof(cpus)));
}

json_t *server_describe(struct pv_domain *d)
{
	struct pv_domain_info *info = malloc(sizeof(*info));
	json_t *out, *vcpus = json_array();
	char uuid[40], *p = uuid;

	if (!info)
		return json_object();
	pv_domain_info(d, info);
	for (int i = 0; i < 16; i++)
		p += sprintf(p, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
			     info->uuid[i]);
	for (unsigned int i = 0; i < info->nr_vcpus; i++)
		json_array_append_new(vcpus, describe_vcpu(&info->vcpu[i]));
	out = json_pack("{s:i, s:s, s:s, s:s, s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:i, "
			"s:s, s:o}",
			"domid", info->domid, "name", info->name, "uuid", uuid, "state",
			info->state, "shutdown_reason", info->shutdown_reason, "reason",
			info->reason, "memory", (json_int_t)info->memory, "maxmem",
			(json_int_t)info->maxmem, "target", (json_int_t)info->target, "cpu_time",
			(json_int_t)info->cpu_time, "uptime", (json_int_t)info->uptime, "restarts",
			(int)info->restarts, "vcpus", (int)info->nr_vcpus, "online",
			(int)info->nr_online, "engine", info->jit ? "jit" : "interpreter",
			"vcpu", vcpus);
	free(info);
	return out ? out : json_object();
}

static int cmd_list(struct server_conn *c, struct pv_domain *d, const json_t *request,
		    json_t *answer, struct error *err)
{
	struct server *s = c->server;
	json_t *list = json_array();

	for (d = pv_host_next(s->host, NULL); d; d = pv_host_next(s->host, d)) {
		json_t *one = server_describe(d);
		struct server_domain *e;

		json_object_set_new(one, "host", json_string(s->name));
		pthread_mutex_lock(&s->lock);
		e = server_find(s, pv_domain_id(d));
		if (e)
			json_object_set_new(one, "config", json_deep_copy(e->shared->config));
		pthread_mutex_unlock(&s->lock);
		json_array_append_new(list, one);
	}
	json_object_set_new(answer, "domains", list);
	return 0;
}

static int cmd_events(struct server_conn *c, struct pv_domain *d, const json_t *request,
		      json_t *answer, struct error *err)
{
	struct server_listener *l = calloc(1, sizeof(*l));

	if (!l)
		return error_set(err, "out of memory");
	l->fd = c->wire.fd;
	pthread_mutex_lock(&c->server->lock);
	l->next = c->server->listeners;
	c->server->listeners = l;
	pthread_mutex_unlock(&c->server->lock);
	return 0;
}

/* --- life --- */

static int cmd_pause(struct server_conn *c, struct pv_domain *d, const json_t *request,
		     json_t *answer, struct error *err)
{
	return pv_domain_pause(d, err);
}

static int cmd_unpause(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	return pv_domain_unpause(d, err);
}

static int cmd_shutdown(struct server_conn *c, struct pv_domain *d, const json_t *request,
			json_t *answer, struct error *err)
{
	return pv_domain_shutdown(d, SHUTDOWN_poweroff, err);
}

static int cmd_reboot(struct server_conn *c, struct pv_domain *d, const json_t *request,
		      json_t *answer, struct error *err)
{
	return pv_domain_shutdown(d, SHUTDOWN_reboot, err);
}

static int cmd_destroy(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	return pv_domain_destroy(d, err);
}

static int cmd_rename(struct server_conn *c, struct pv_domain *d, const json_t *request,
		      json_t *answer, struct error *err)
{
	return pv_domain_rename(d, text(request, "name"), err);
}

static int cmd_vcpu_set(struct server_conn *c, struct pv_domain *d, const json_t *request,
			json_t *answer, struct error *err)
{
	json_int_t n = number(request, "vcpus");

	if (n < 1 || n > PV_MAX_VCPUS)
		return error_set(err, "%lld vCPUs: 1 to %d are accepted", (long long)n,
				 PV_MAX_VCPUS);
	return pv_domain_set_vcpus(d, (unsigned int)n, err);
}

static int cmd_vcpu_pin(struct server_conn *c, struct pv_domain *d, const json_t *request,
			json_t *answer, struct error *err)
{
	json_int_t vcpu = number(request, "vcpu");
	cpu_set_t cpus;

	if (vcpu < 0 || vcpu >= PV_MAX_VCPUS)
		return error_set(err, "vCPU %lld: there is none", (long long)vcpu);
	if (cpulist_parse(&cpus, text(request, "cpus"), err))
		return -1;
	return pv_domain_pin(d, (unsigned int)vcpu, &cpus, err);
}

static int cmd_mem_set(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	return pv_domain_set_memory(d, (uint64_t)number(request, "bytes"), err);
}

static int cmd_mem_max(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	return pv_domain_set_maxmem(d, (uint64_t)number(request, "bytes"), err);
}

static int cmd_trigger(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	static const struct { const char *name; enum pv_trigger what; } triggers[] = {
		{ "power", PV_TRIGGER_POWER }, { "sleep", PV_TRIGGER_SLEEP },
		{ "nmi", PV_TRIGGER_NMI }, { "init", PV_TRIGGER_INIT },
		{ "reset", PV_TRIGGER_RESET },
	};

	for (size_t i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++) {
		if (!strcmp(triggers[i].name, text(request, "trigger")))
			return pv_domain_trigger(d, triggers[i].what,
						 (unsigned int)number(request, "vcpu"), err);
	}
	return error_set(err, "trigger '%s': nmi, reset, init, power, sleep are accepted",
			 text(request, "trigger"));
}

static int cmd_sysrq(struct server_conn *c, struct pv_domain *d, const json_t *request,
		     json_t *answer, struct error *err)
{
	return pv_domain_sysrq(d, *text(request, "key"), err);
}

static int cmd_dump_core(struct server_conn *c, struct pv_domain *d, const json_t *request,
			 json_t *answer, struct error *err)
{
	char path[32];

	if (c->fds.nr != 1)
		return error_set(err, "no file to write to came with the request");
	snprintf(path, sizeof(path), "/dev/fd/%d", c->fds.fd[0]);
	return pv_domain_dump_core(d, path, err);
}

/* --- devices --- */

static int cmd_attach(struct server_conn *c, struct pv_domain *d, const json_t *request,
		      json_t *answer, struct error *err)
{
	enum pv_device_kind kind = strcmp(text(request, "kind"), "vif") ? PV_DEVICE_DISK :
				   PV_DEVICE_VIF;

	return server_attach(c, d, kind, text(request, "spec"), err);
}

static int cmd_detach(struct server_conn *c, struct pv_domain *d, const json_t *request,
		      json_t *answer, struct error *err)
{
	enum pv_device_kind kind = strcmp(text(request, "kind"), "vif") ? PV_DEVICE_DISK :
				   PV_DEVICE_VIF;

	return server_detach(c, d, kind, (unsigned int)number(request, "number"),
			     json_is_true(json_object_get(request, "force")), err);
}

static json_t *describe_device(const struct pv_device_info *info)
{
	return json_pack("{s:i, s:s, s:i, s:i, s:s, s:I, s:I, s:I, s:s, s:I, s:I, s:I, s:I}",
			 "number", (int)info->number, "name", info->name, "backend", 0, "state",
			 info->state, "mac", info->mac, "evtchn", (json_int_t)info->evtchn,
			 "ring_ref", (json_int_t)info->ring_ref, "rx_ring_ref",
			 (json_int_t)info->rx_ring_ref, "path", info->back, "in_ops",
			 (json_int_t)info->in_ops, "in_bytes", (json_int_t)info->in_bytes,
			 "out_ops", (json_int_t)info->out_ops, "out_bytes",
			 (json_int_t)info->out_bytes);
}

static int cmd_devices(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	bool vif = !strcmp(text(request, "kind"), "vif");
	struct pv_device_info *info = calloc(MAX_DEVICES, sizeof(*info));
	json_t *list = json_array();
	unsigned int n;

	if (!info)
		return error_set(err, "out of memory");
	n = pv_domain_device_list(d, vif ? PV_DEVICE_VIF : PV_DEVICE_DISK, info, MAX_DEVICES);
	for (unsigned int i = 0; i < n && i < MAX_DEVICES; i++)
		json_array_append_new(list, describe_device(&info[i]));
	free(info);
	json_object_set_new(answer, "devices", list);
	return 0;
}

/* --- a look inside --- */

static json_t *named_counts(const uint64_t *count, unsigned int n,
			    const char *(*name)(unsigned int))
{
	json_t *out = json_object();
	char unnamed[16];

	for (unsigned int i = 0; i < n; i++) {
		const char *key = name(i);

		if (!key)
			snprintf(unnamed, sizeof(unnamed), "%u", i);
		if (count[i])
			json_object_set_new(out, key ? key : unnamed,
					    json_integer((json_int_t)count[i]));
	}
	return out;
}

static int most_first(const void *a, const void *b)
{
	const struct pv_privop_site *x = a, *y = b;

	return (x->count < y->count) - (x->count > y->count);
}

static json_t *describe_privops(struct pv_privops *p)
{
	json_t *sites = json_array();
	char ip[24];

	qsort(p->site, p->nr_sites, sizeof(p->site[0]), most_first);
	for (unsigned int i = 0; i < p->nr_sites; i++) {
		snprintf(ip, sizeof(ip), "%016llx.%llu",
			 (unsigned long long)(p->site[i].ip & ~15ull),
			 (unsigned long long)(p->site[i].ip & 15));
		json_array_append_new(sites, json_pack("{s:s, s:s, s:I}", "ip", ip, "instruction",
			p->site[i].name ? p->site[i].name : "?", "count",
			(json_int_t)p->site[i].count));
	}
	return json_pack("{s:o, s:I, s:o}", "hyperprivops",
			 named_counts(p->hyperprivop, HYPERPRIVOP_MAX + 1, pv_hyperprivop_name),
			 "emulated", (json_int_t)p->emulated, "sites", sites);
}

static int cmd_privops(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	struct pv_domain_info *info = malloc(sizeof(*info));
	struct pv_privops *p = malloc(sizeof(*p));
	uint64_t calls[__HYPERVISOR_nr + 1], enosys;
	json_t *vcpus = json_array();
	int rc = info && p ? 0 : error_set(err, "out of memory");

	if (!rc)
		pv_domain_info(d, info);
	for (unsigned int i = 0; !rc && i < info->nr_vcpus; i++) {
		rc = pv_domain_privops(d, i, p, err);
		if (!rc)
			json_array_append_new(vcpus, describe_privops(p));
	}
	if (!rc)
		rc = pv_domain_hypercalls(d, calls, &enosys, err);
	json_object_set_new(answer, "vcpu", vcpus);
	if (!rc) {
		json_object_set_new(answer, "hypercalls",
				    named_counts(calls, __HYPERVISOR_nr, pv_hypercall_name));
		json_object_set_new(answer, "other",
				    json_integer((json_int_t)calls[__HYPERVISOR_nr]));
		json_object_set_new(answer, "enosys", json_integer((json_int_t)enosys));
	}
	free(info);
	free(p);
	return rc;
}

/* Text for people, as "text". */
static int answer_text(struct pv_domain *d, json_t *answer,
		       int (*print)(struct pv_domain *d, FILE *out, struct error *err),
		       struct error *err)
{
	char *buf = NULL;
	size_t size;
	FILE *out = open_memstream(&buf, &size);
	int rc;

	if (!out)
		return error_set(err, "out of memory");
	rc = print(d, out, err);
	fclose(out);
	json_object_set_new(answer, "text", json_string(buf));
	free(buf);
	return rc;
}

static int print_report(struct pv_domain *d, FILE *out, struct error *err)
{
	pv_domain_report(d, out);
	return 0;
}

static int cmd_report(struct server_conn *c, struct pv_domain *d, const json_t *request,
		      json_t *answer, struct error *err)
{
	return answer_text(d, answer, print_report, err);
}

static int cmd_jit(struct server_conn *c, struct pv_domain *d, const json_t *request,
		   json_t *answer, struct error *err)
{
	return answer_text(d, answer, pv_domain_jit, err);
}

/* --- the console --- */

static int cmd_console(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	bool patient = json_is_true(json_object_get(request, "patient"));
	int fd = fcntl(c->wire.fd, F_DUPFD_CLOEXEC, 3);
	json_t *ok = json_pack("{s:b}", "ok", true);
	struct server_domain *e;

	if (fd < 0) {
		json_decref(ok);
		return error_set(err, "console: %s", strerror(errno));
	}
	pthread_mutex_lock(&c->server->lock);
	e = server_find(c->server, pv_domain_id(d));
	if (e) {
		/* The answer goes first: behind it is what the guest says. */
		wire_send(&c->wire, ok, NULL);
		console_hub_attach(e->shared->hub, fd, patient);
		c->detached = true;
	} else {
		close(fd);
	}
	pthread_mutex_unlock(&c->server->lock);
	json_decref(ok);
	return e ? 0 : error_set(err, "the domain has no console any more");
}

const struct server_command server_commands[] = {
	{ "hello", false, cmd_hello },
	{ "list", false, cmd_list },
	{ "events", false, cmd_events },
	{ "create", false, server_create },
	{ "pause", true, cmd_pause },
	{ "unpause", true, cmd_unpause },
	{ "shutdown", true, cmd_shutdown },
	{ "reboot", true, cmd_reboot },
	{ "destroy", true, cmd_destroy },
	{ "rename", true, cmd_rename },
	{ "vcpu-set", true, cmd_vcpu_set },
	{ "vcpu-pin", true, cmd_vcpu_pin },
	{ "mem-set", true, cmd_mem_set },
	{ "mem-max", true, cmd_mem_max },
	{ "trigger", true, cmd_trigger },
	{ "sysrq", true, cmd_sysrq },
	{ "dump-core", true, cmd_dump_core },
	{ "attach", true, cmd_attach },
	{ "detach", true, cmd_detach },
	{ "devices", true, cmd_devices },
	{ "privops", true, cmd_privops },
	{ "report", true, cmd_report },
	{ "jit", true, cmd_jit },
	{ "console", true, cmd_console },
	{ NULL, false, NULL }
};
