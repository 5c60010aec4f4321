/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to host processes. */
#include "tool/client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "tool/tool.h"

#define PATIENCE 120 /* seconds for an answer: detaching and dumping take their time */
#define SHORT_PATIENCE 10 /* where all hosts are asked what they have */

int client_connect(struct wire *w, const char *host, struct error *err)
{
	struct timeval patience = { .tv_sec = PATIENCE };
	struct rundir dir;
	int fd;

	if (rundir_open(&dir, err))
		return -1;
	fd = rundir_connect(&dir, host);
	if (fd < 0)
		return error_set(err, "host '%s': %s; 'paravane info' tells which there are", host,
				 errno == ENOENT || errno == ECONNREFUSED ? "there is none" :
				 strerror(errno));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	wire_init(w, fd);
	return 0;
}

void client_patient(struct wire *w)
{
	const struct timeval for_ever = { 0 };

	setsockopt(w->fd, SOL_SOCKET, SO_RCVTIMEO, &for_ever, sizeof(for_ever));
}

/* A message with names for /dev/fd/@N. */
static void show_names(struct error *err, const char *text, char *const *names, unsigned int nr)
{
	static const char mark[] = "/dev/fd/@";
	size_t n = 0;

	while (*text && n < sizeof(err->msg) - 1) {
		unsigned int i = nr;
		int len = 0;

		if (names && !strncmp(text, mark, sizeof(mark) - 1) &&
		    sscanf(text + sizeof(mark) - 1, "%u%n", &i, &len) == 1 && i < nr) {
			n += (size_t)snprintf(err->msg + n, sizeof(err->msg) - n, "%s", names[i]);
			text += sizeof(mark) - 1 + len;
		} else {
			err->msg[n++] = *text++;
		}
	}
	err->msg[n < sizeof(err->msg) ? n : sizeof(err->msg) - 1] = '\0';
}

/* As client_ask(); *hangs says that the host has not answered. */
static json_t *ask(struct wire *w, json_t *request, const struct wire_fds *fds, char *const *names,
		   bool *hangs, struct error *err)
{
	json_t *answer = NULL;
	const char *message;
	int rc;

	*hangs = false;
	if (!request) {
		error_set(err, "no request can be made: out of memory, or text that is not UTF-8");
		return NULL;
	}
	rc = wire_send(w, request, fds);
	json_decref(request);
	if (!rc)
		rc = wire_receive(w, &answer, NULL);
	*hangs = rc == -EAGAIN;
	if (rc) {
		error_set(err, "the host process %s", rc == -ECONNRESET || rc == -EPIPE ?
			  "has ended; 'paravane dmesg' may say why" : *hangs ?
			  "does not answer" : strerror(-rc));
		return NULL;
	}
	message = json_string_value(json_object_get(answer, "error"));
	if (!message)
		return answer;
	show_names(err, message, names, fds ? fds->nr : 0);
	json_decref(answer);
	return NULL;
}

json_t *client_ask(struct wire *w, json_t *request, const struct wire_fds *fds,
		   char *const *names, struct error *err)
{
	bool hangs;

	return ask(w, request, fds, names, &hangs, err);
}

/* --- over all hosts --- */

struct gathering {
	json_t *list;
	const char *command, *key; /* key: an array in the answer; NULL: the answer itself */
	struct error *err;
};

static int gather(void *ctx, const char *host)
{
	const struct timeval patience = { .tv_sec = SHORT_PATIENCE };
	struct gathering *g = ctx;
	struct error err;
	struct wire w;
	json_t *answer;
	bool hangs;

	/* A host that ends just now has nothing to tell, one that hangs must not hold up all. */
	if (client_connect(&w, host, &err))
		return 0;
	setsockopt(w.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	answer = ask(&w, json_pack("{s:s}", "command", g->command), NULL, NULL, &hangs, &err);
	wire_close(&w);
	if (hangs)
		tool_error("process '%s': %s; its domains are left out", host, err.msg);
	if (!answer)
		return 0;
	if (g->key)
		json_array_extend(g->list, json_object_get(answer, g->key));
	else
		json_array_append(g->list, answer);
	json_decref(answer);
	return 0;
}

static json_t *gather_all(const char *command, const char *key, struct error *err)
{
	struct gathering g = { json_array(), command, key, err };
	struct rundir dir;

	if (!rundir_open(&dir, err) && !rundir_hosts(&dir, gather, &g, err))
		return g.list;
	json_decref(g.list);
	return NULL;
}

static int domid_of(const json_t *info)
{
	return (int)json_integer_value(json_object_get(info, "domid"));
}

json_t *client_list(struct error *err)
{
	json_t *list = gather_all("list", "domains", err), *sorted;

	if (!list)
		return NULL;
	sorted = json_array();
	while (json_array_size(list)) {
		size_t first = 0;

		for (size_t i = 1; i < json_array_size(list); i++) {
			const json_t *a = json_array_get(list, i);

			if (domid_of(a) < domid_of(json_array_get(list, first)))
				first = i;
		}
		json_array_append(sorted, json_array_get(list, first));
		json_array_remove(list, first);
	}
	json_decref(list);
	return sorted;
}

json_t *client_hosts(struct error *err)
{
	return gather_all("hello", NULL, err);
}

int client_find(struct client_domain *d, const char *id_or_name, struct error *err)
{
	json_t *list = client_list(err), *info;
	char *end;
	long id = strtol(id_or_name, &end, 10);
	size_t i;

	d->info = NULL;
	if (!list)
		return -1;
	json_array_foreach(list, i, info) {
		const char *name = json_string_value(json_object_get(info, "name"));

		if (*id_or_name && !*end ? id == domid_of(info) :
		    name && !strcmp(name, id_or_name)) {
			d->info = json_incref(info);
			d->domid = domid_of(info);
			snprintf(d->host, sizeof(d->host), "%s",
				 json_string_value(json_object_get(info, "host")));
			break;
		}
	}
	json_decref(list);
	return d->info ? 0 : error_set(err, "there is no domain '%s'; 'paravane list' shows them",
				       id_or_name);
}

void client_domain_free(struct client_domain *d)
{
	json_decref(d->info);
	d->info = NULL;
}

json_t *client_domain_ask(const struct client_domain *d, const char *command, json_t *arguments,
			  struct error *err)
{
	json_t *request = arguments ? arguments : json_object(), *answer;
	struct wire w;

	if (client_connect(&w, d->host, err)) {
		json_decref(request);
		return NULL;
	}
	json_object_set_new(request, "command", json_string(command));
	json_object_set_new(request, "domain", json_integer(d->domid));
	answer = client_ask(&w, request, NULL, NULL, err);
	wire_close(&w);
	return answer;
}
