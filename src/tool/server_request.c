/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What requests say and answers do for all kinds of domains. */
#include "tool/server_request.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tool/cpulist.h"

#define MAX_DEVICES 128

const char *request_text(const json_t *request, const char *key)
{
	const char *value = json_string_value(json_object_get(request, key));

	return value ? value : "";
}

json_int_t request_number(const json_t *request, const char *key)
{
	return json_integer_value(json_object_get(request, key));
}

enum pv_device_kind request_kind(const json_t *request)
{
	return strcmp(request_text(request, "kind"), "vif") ? PV_DEVICE_DISK : PV_DEVICE_VIF;
}

int request_trigger(const json_t *request, enum pv_trigger *what, struct error *err)
{
	static const struct { const char *name; enum pv_trigger what; } triggers[] = {
		{ "power", PV_TRIGGER_POWER }, { "sleep", PV_TRIGGER_SLEEP },
		{ "nmi", PV_TRIGGER_NMI }, { "init", PV_TRIGGER_INIT },
		{ "reset", PV_TRIGGER_RESET },
	};

	for (size_t i = 0; i < sizeof(triggers) / sizeof(triggers[0]); i++) {
		if (!strcmp(triggers[i].name, request_text(request, "trigger"))) {
			*what = triggers[i].what;
			return 0;
		}
	}
	return error_set(err, "trigger '%s': nmi, reset, init, power, sleep are accepted",
			 request_text(request, "trigger"));
}

int request_pinning(const json_t *request, unsigned int *vcpu, cpu_set_t *cpus, struct error *err)
{
	json_int_t n = request_number(request, "vcpu");

	if (n < 0 || n >= PV_MAX_VCPUS)
		return error_set(err, "vCPU %lld: there is none", (long long)n);
	*vcpu = (unsigned int)n;
	return cpulist_parse(cpus, request_text(request, "cpus"), err);
}

int request_file(const struct server_conn *c, char *path, size_t size, struct error *err)
{
	if (c->fds.nr != 1)
		return error_set(err, "no file to write to came with the request");
	snprintf(path, size, "/dev/fd/%d", c->fds.fd[0]);
	return 0;
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

int answer_devices(json_t *answer, const json_t *request, list_devices_fn list, void *domain,
		   struct error *err)
{
	struct pv_device_info *info = calloc(MAX_DEVICES, sizeof(*info));
	json_t *devices = json_array();
	unsigned int n;

	if (!info || !devices) {
		free(info);
		json_decref(devices);
		return error_set(err, "out of memory");
	}
	n = list(domain, request_kind(request), info, MAX_DEVICES);
	for (unsigned int i = 0; i < n && i < MAX_DEVICES; i++)
		json_array_append_new(devices, describe_device(&info[i]));
	json_object_set_new(answer, "devices", devices);
	free(info);
	return 0;
}

int answer_text_begin(struct answer_text *text, struct error *err)
{
	text->buf = NULL;
	text->out = open_memstream(&text->buf, &text->size);
	return text->out ? 0 : error_set(err, "out of memory");
}

int answer_text_end(struct answer_text *text, json_t *answer, int rc)
{
	fclose(text->out);
	json_object_set_new(answer, "text", json_string(text->buf));
	free(text->buf);
	return rc;
}

int server_console(struct server_conn *c, domid_t domid, const json_t *request, struct error *err)
{
	bool patient = json_is_true(json_object_get(request, "patient"));
	int fd = fcntl(c->wire.fd, F_DUPFD_CLOEXEC, 3);
	struct server_domain *e;
	json_t *ok;

	if (fd < 0)
		return error_set(err, "console: %s", strerror(errno));
	pthread_mutex_lock(&c->server->lock);
	e = server_find(c->server, domid);
	if (e) {
		ok = json_pack("{s:b, s:i}", "ok", true, "others",
			       (int)console_hub_viewers(e->shared->hub));
		/* The answer goes first: behind it is what the guest says. */
		wire_send(&c->wire, ok, NULL);
		json_decref(ok);
		console_hub_attach(e->shared->hub, fd, patient);
		c->detached = true;
	} else {
		close(fd);
	}
	pthread_mutex_unlock(&c->server->lock);
	return e ? 0 : error_set(err, "the domain has no console any more");
}
