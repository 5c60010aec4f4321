/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a host process does for commands: one function a request. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <xen/interface/sched.h>

#include "tool/cpulist.h"
#include "tool/server.h"
#include "tool/server_create.h"
#include "tool/server_hvm.h"
#include "tool/server_request.h"
#include "xen/pv_device.h"

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

json_t *server_describe(const struct pv_domain_info *info, const char *kind)
{
	json_t *out, *vcpus = json_array();
	char uuid[40], *p = uuid;

	for (int i = 0; i < 16; i++)
		p += sprintf(p, i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x",
			     info->uuid[i]);
	for (unsigned int i = 0; i < info->nr_vcpus; i++)
		json_array_append_new(vcpus, describe_vcpu(&info->vcpu[i]));
	out = json_pack("{s:i, s:s, s:s, s:s, s:s, s:i, s:s, s:I, s:I, s:I, s:I, s:I, s:i, s:i, "
			"s:i, s:s, s:b, s:o}",
			"domid", info->domid, "name", info->name, "type", kind, "uuid", uuid,
			"state", info->state, "shutdown_reason", info->shutdown_reason, "reason",
			info->reason, "memory", (json_int_t)info->memory, "maxmem",
			(json_int_t)info->maxmem, "target", (json_int_t)info->target, "cpu_time",
			(json_int_t)info->cpu_time, "uptime", (json_int_t)info->uptime, "restarts",
			(int)info->restarts, "vcpus", (int)info->nr_vcpus, "online",
			(int)info->nr_online, "engine", info->jit ? "jit" : "interpreter",
			"stays", info->stays, "vcpu", vcpus);
	return out ? out : json_object();
}

/* The server's lock is held; `e` is the domain's entry, or NULL. */
static void add_to_list(struct server *s, json_t *list, const struct pv_domain_info *info,
			const char *kind, const struct server_domain *e)
{
	json_t *one = server_describe(info, kind);

	json_object_set_new(one, "host", json_string(s->name));
	if (e)
		json_object_set_new(one, "config", json_deep_copy(e->shared->config));
	json_array_append_new(list, one);
}

static int cmd_list(struct server_conn *c, struct pv_domain *d, const json_t *request,
		    json_t *answer, struct error *err)
{
	struct server *s = c->server;
	json_t *list = json_array();
	struct pv_domain_info info;
	struct server_domain *e;

	for (d = pv_host_next(s->host, NULL); d; d = pv_host_next(s->host, d)) {
		pv_domain_info(d, &info);
		pthread_mutex_lock(&s->lock);
		e = server_find(s, info.domid);
		add_to_list(s, list, &info, "pv", e);
		pthread_mutex_unlock(&s->lock);
	}
	pthread_mutex_lock(&s->lock);
	for (e = s->domains; e; e = e->next) {
		if (!e->hvm)
			continue;
		hvm_domain_info(e->hvm, &info);
		add_to_list(s, list, &info, "hvm", e);
	}
	pthread_mutex_unlock(&s->lock);
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
	return pv_domain_rename(d, request_text(request, "name"), err);
}

static int cmd_vcpu_set(struct server_conn *c, struct pv_domain *d, const json_t *request,
			json_t *answer, struct error *err)
{
	json_int_t n = request_number(request, "vcpus");

	if (n < 1 || n > PV_MAX_VCPUS)
		return error_set(err, "%lld vCPUs: 1 to %d are accepted", (long long)n,
				 PV_MAX_VCPUS);
	return pv_domain_set_vcpus(d, (unsigned int)n, err);
}

static int cmd_vcpu_pin(struct server_conn *c, struct pv_domain *d, const json_t *request,
			json_t *answer, struct error *err)
{
	unsigned int vcpu;
	cpu_set_t cpus;

	if (request_pinning(request, &vcpu, &cpus, err))
		return -1;
	return pv_domain_pin(d, vcpu, &cpus, err);
}

static int cmd_mem_set(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	return pv_domain_set_memory(d, (uint64_t)request_number(request, "bytes"), err);
}

static int cmd_mem_max(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	return pv_domain_set_maxmem(d, (uint64_t)request_number(request, "bytes"), err);
}

static int cmd_trigger(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	enum pv_trigger what;

	if (request_trigger(request, &what, err))
		return -1;
	return pv_domain_trigger(d, what, (unsigned int)request_number(request, "vcpu"), err);
}

static int cmd_sysrq(struct server_conn *c, struct pv_domain *d, const json_t *request,
		     json_t *answer, struct error *err)
{
	return pv_domain_sysrq(d, *request_text(request, "key"), err);
}

static int cmd_dump_core(struct server_conn *c, struct pv_domain *d, const json_t *request,
			 json_t *answer, struct error *err)
{
	char path[32];

	return request_file(c, path, sizeof(path), err) ? -1 : pv_domain_dump_core(d, path, err);
}

/* --- devices --- */

static int cmd_attach(struct server_conn *c, struct pv_domain *d, const json_t *request,
		      json_t *answer, struct error *err)
{
	return server_attach(c, d, request_kind(request), request_text(request, "spec"), err);
}

static int cmd_detach(struct server_conn *c, struct pv_domain *d, const json_t *request,
		      json_t *answer, struct error *err)
{
	return server_detach(c, d, request_kind(request),
			     (unsigned int)request_number(request, "number"),
			     json_is_true(json_object_get(request, "force")), err);
}

static unsigned int list_devices(void *d, enum pv_device_kind kind, struct pv_device_info *info,
				 unsigned int max)
{
	return pv_domain_device_list(d, kind, info, max);
}

static int cmd_devices(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	return answer_devices(answer, request, list_devices, d, err);
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

static int cmd_report(struct server_conn *c, struct pv_domain *d, const json_t *request,
		      json_t *answer, struct error *err)
{
	struct answer_text text;

	if (answer_text_begin(&text, err))
		return -1;
	pv_domain_report(d, text.out);
	return answer_text_end(&text, answer, 0);
}

static int cmd_jit(struct server_conn *c, struct pv_domain *d, const json_t *request,
		   json_t *answer, struct error *err)
{
	struct answer_text text;

	if (answer_text_begin(&text, err))
		return -1;
	return answer_text_end(&text, answer, pv_domain_jit(d, text.out, err));
}

/* --- the console --- */

static int cmd_console(struct server_conn *c, struct pv_domain *d, const json_t *request,
		       json_t *answer, struct error *err)
{
	return server_console(c, pv_domain_id(d), request, err);
}

/* --- the table --- */

#define NO_HOTPLUG \
	"a machine (type=\"hvm\") has the devices it was created with; its configuration names them"
#define NO_BALLOON "a machine (type=\"hvm\") has no balloon: its memory stays what it is"

const struct server_command server_commands[] = {
	{ "hello", false, cmd_hello, NULL, NULL },
	{ "list", false, cmd_list, NULL, NULL },
	{ "events", false, cmd_events, NULL, NULL },
	{ "create", false, server_create, NULL, NULL },
	{ "pause", true, cmd_pause, server_hvm_pause, NULL },
	{ "unpause", true, cmd_unpause, server_hvm_unpause, NULL },
	{ "shutdown", true, cmd_shutdown, server_hvm_shutdown, NULL },
	{ "reboot", true, cmd_reboot, server_hvm_reboot, NULL },
	{ "destroy", true, cmd_destroy, server_hvm_destroy, NULL },
	{ "rename", true, cmd_rename, server_hvm_rename, NULL },
	{ "vcpu-set", true, cmd_vcpu_set, NULL, "a machine (type=\"hvm\") keeps its processors; "
	  "the guest itself takes them off line" },
	{ "vcpu-pin", true, cmd_vcpu_pin, server_hvm_vcpu_pin, NULL },
	{ "mem-set", true, cmd_mem_set, NULL, NO_BALLOON },
	{ "mem-max", true, cmd_mem_max, NULL, NO_BALLOON },
	{ "trigger", true, cmd_trigger, server_hvm_trigger, NULL },
	{ "sysrq", true, cmd_sysrq, NULL, "a machine (type=\"hvm\") has no keyboard for it; "
	  "inside, /proc/sysrq-trigger takes the letter" },
	{ "dump-core", true, cmd_dump_core, server_hvm_dump_core, NULL },
	{ "attach", true, cmd_attach, NULL, NO_HOTPLUG },
	{ "detach", true, cmd_detach, NULL, NO_HOTPLUG },
	{ "devices", true, cmd_devices, server_hvm_devices, NULL },
	{ "privops", true, cmd_privops, NULL, "a machine (type=\"hvm\") runs privileged operations "
	  "itself: there is nothing to count; 'debug DOMAIN jit' counts other things" },
	{ "report", true, cmd_report, server_hvm_report, NULL },
	{ "jit", true, cmd_jit, server_hvm_jit, NULL },
	{ "console", true, cmd_console, server_hvm_console, NULL },
	{ NULL, false, NULL, NULL, NULL }
};
