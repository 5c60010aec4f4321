/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections to a host process, each on its own thread, and what its domains tell. */
#include "tool/server.h"

#include <errno.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "backend/eventloop.h"
#include "backend/thread.h"
#include "tool/attendant.h"

#define CLOSING_MS 2000 /* for the rest of consoles' output to be read */

void server_log(const char *fmt, ...)
{
	char when[32], line[1024];
	time_t now = time(NULL);
	struct tm tm;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	localtime_r(&now, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	fprintf(stderr, "%s %s\n", when, line);
}

char *server_sandbox(const struct server *s, char *buf, size_t size)
{
	snprintf(buf, size, "%s%s%s", s->sandbox ? "seccomp" : "off",
		 s->landlock ? ", Landlock" : "", s->namespaces ? ", namespaces" : "");
	return buf;
}

void server_busy(struct server *s, int n)
{
	pthread_mutex_lock(&s->lock);
	s->busy += (unsigned int)n;
	pthread_cond_broadcast(&s->changed);
	pthread_mutex_unlock(&s->lock);
}

const char *server_file_folder(const struct server *s)
{
	return *s->keeper ? s->keeper : s->folder;
}

const char *server_core_folder(const struct server *s)
{
	return *s->keeper && s->core_dir ? s->keeper : s->core_dir;
}

/* --- domains --- */

struct server_domain *server_find(struct server *s, domid_t domid)
{
	struct server_domain *e = s->domains;

	while (e && e->domid != domid)
		e = e->next;
	return e;
}

/* With the lock; the last reference goes only by free_shared(), without. */
static struct server_shared *drop_shared(struct server_shared *shared)
{
	return --shared->refs ? NULL : shared;
}

/* NULL is fine. */
static void free_shared(struct server_shared *shared)
{
	if (!shared)
		return;
	console_hub_stop_listening(shared->hub);
	for (unsigned int i = 0; i < shared->nr_attendants; i++)
		attendant_dismiss(shared->attendant[i]);
	wire_fds_close(&shared->fds);
	if (shared->console >= 0)
		close(shared->console); /* lets go of the hub */
	json_decref(shared->config);
	free(shared);
}

bool server_add(struct server *s, domid_t domid, struct server_shared *shared)
{
	struct server_domain *e = calloc(1, sizeof(*e));
	struct server_shared *unused = NULL;

	pthread_mutex_lock(&s->lock);
	shared->refs++;
	if (e) {
		e->domid = domid;
		e->shared = shared;
		e->next = s->domains;
		s->domains = e;
	} else {
		unused = drop_shared(shared);
	}
	pthread_mutex_unlock(&s->lock);
	free_shared(unused);
	return e;
}

void server_set_hvm(struct server *s, domid_t domid, struct hvm_domain *d)
{
	struct server_domain *e;

	pthread_mutex_lock(&s->lock);
	e = server_find(s, domid);
	if (e) {
		hvm_domain_ref(d);
		e->hvm = d;
	}
	pthread_mutex_unlock(&s->lock);
}

void server_remove(struct server *s, domid_t domid)
{
	struct server_shared *unused = NULL;
	struct server_domain **p, *e;

	pthread_mutex_lock(&s->lock);
	for (p = &s->domains; *p && (*p)->domid != domid; p = &(*p)->next)
		;
	e = *p;
	if (e) {
		*p = e->next;
		unused = drop_shared(e->shared);
		s->busy++; /* the process does not end before that has gone */
	}
	pthread_mutex_unlock(&s->lock);
	free_shared(unused);
	if (!e)
		return;
	if (e->hvm)
		hvm_domain_put(e->hvm);
	free(e);
	server_busy(s, -1);
}

/* A domain that nobody asked for is the restart, under its name, of one that has been renamed. */
static void adopt(struct server *s, struct pv_domain *d)
{
	struct server_shared *shared = NULL;
	struct pv_domain_info *info = malloc(sizeof(*info));

	if (!info)
		return;
	pv_domain_info(d, info);
	pthread_mutex_lock(&s->lock);
	if (!server_find(s, info->domid)) {
		for (struct server_domain *e = s->domains; e; e = e->next) {
			const char *name;

			name = json_string_value(json_object_get(e->shared->config, "name"));
			if (name && !strcmp(name, info->name))
				shared = e->shared;
		}
	}
	pthread_mutex_unlock(&s->lock);
	if (shared)
		server_add(s, info->domid, shared);
	free(info);
}

/* --- events --- */

/* Sends {"event": ...} of a domain to whoever listens. */
static void send_event(struct server *s, const struct pv_domain_info *info, const char *kind,
		       const char *event)
{
	json_t *msg = server_describe(info, kind);
	char *text;

	json_object_set_new(msg, "event", json_string(event));
	text = json_dumps(msg, JSON_COMPACT);
	json_decref(msg);
	if (!text)
		return;
	text[strlen(text)] = '\n'; /* sent without a NUL */
	pthread_mutex_lock(&s->lock);
	for (struct server_listener *l = s->listeners; l; l = l->next) {
		size_t len = (size_t)(strchr(text, '\n') - text) + 1;

		/* One that does not read loses its connection: it would miss what it waits for. */
		if (send(l->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)len)
			shutdown(l->fd, SHUT_RDWR);
	}
	pthread_mutex_unlock(&s->lock);
	free(text);
}

/* With a reason, as the domain may be gone before anybody can ask. */
static void log_shutdown(const struct pv_domain_info *info)
{
	const char *name = pv_shutdown_name((unsigned int)info->shutdown_reason);

	server_log("domain %u: shutdown (%s)%s%s", info->domid, name ? name : "unknown",
		   *info->reason ? ": " : "", info->reason);
}

/* Into the log, and to whoever listens. */
static void tell(struct server *s, const struct pv_domain_info *info, const char *kind,
		 enum pv_event event)
{
	static const char *const names[] = {
		[PV_EVENT_CREATED] = "created", [PV_EVENT_STATE] = "state",
		[PV_EVENT_SHUTDOWN] = "shutdown", [PV_EVENT_RESTART] = "restart",
		[PV_EVENT_GONE] = "gone",
	};

	if (event == PV_EVENT_SHUTDOWN)
		log_shutdown(info);
	else if (event != PV_EVENT_STATE)
		server_log("domain %u: %s", info->domid, names[event]);
	/* Who hears of its end may use its name then, and hears of it before the process ends. */
	server_busy(s, 1);
	if (event == PV_EVENT_GONE)
		server_remove(s, info->domid);
	send_event(s, info, kind, names[event]);
	server_busy(s, -1);
}

static void on_event(void *ctx, struct pv_domain *d, enum pv_event event)
{
	struct pv_domain_info info;

	if (event == PV_EVENT_CREATED)
		adopt(ctx, d);
	pv_domain_info(d, &info);
	tell(ctx, &info, "pv", event);
}

static void on_hvm_event(void *ctx, struct hvm_domain *d, enum pv_event event)
{
	struct server *s = ctx;
	struct pv_domain_info info;

	hvm_domain_info(d, &info);
	tell(s, &info, "hvm", event);
	if (event == PV_EVENT_GONE)
		rundir_domid_release(&s->domids, info.domid);
}

static int on_domid_get(void *ctx)
{
	return rundir_domid_claim(&((struct server *)ctx)->domids);
}

static void on_domid_put(void *ctx, domid_t domid)
{
	rundir_domid_release(&((struct server *)ctx)->domids, domid);
}

/* Names of cores as others know them. */
static void on_log(void *ctx, const char *line)
{
	const struct server *s = ctx;
	const char *core = *s->keeper ? strstr(line, s->keeper) : NULL;

	if (core)
		server_log("%.*s%s%s", (int)(core - line), line, s->core_dir ? s->core_dir : "",
			   core + strlen(s->keeper));
	else
		server_log("%s", line);
}

const struct hvm_ops server_hvm_ops = {
	.event = on_hvm_event,
	.log = on_log,
};

static const struct pv_host_ops host_ops = {
	.event = on_event,
	.domid_get = on_domid_get,
	.domid_put = on_domid_put,
	.log = on_log,
};

/* --- connections --- */

/* Messages name descriptors as the command knows them: /dev/fd/@0 instead of /dev/fd/17. */
void server_hide_numbers(const struct wire_fds *fds, struct error *err)
{
	struct error out;
	size_t n = 0;

	for (const char *p = err->msg; *p && n < sizeof(out.msg) - 16; ) {
		unsigned int i = fds->nr;
		int fd, len = 0;

		if (sscanf(p, "/dev/fd/%d%n", &fd, &len) == 1) {
			for (i = 0; i < fds->nr && fds->fd[i] != fd; i++)
				;
		}
		if (i < fds->nr) {
			n += (size_t)sprintf(out.msg + n, "/dev/fd/@%u", i);
			p += len;
		} else {
			out.msg[n++] = *p++;
		}
	}
	out.msg[n] = '\0';
	*err = out;
}

static const struct server_command *find_command(const json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "command"));

	for (const struct server_command *c = server_commands; name && c->name; c++) {
		if (!strcmp(c->name, name))
			return c;
	}
	return NULL;
}

/* The machine of that id, with a reference; NULL: there is none. */
static struct hvm_domain *find_hvm(struct server *s, domid_t domid)
{
	struct server_domain *e;
	struct hvm_domain *d;

	pthread_mutex_lock(&s->lock);
	e = server_find(s, domid);
	d = e ? e->hvm : NULL;
	if (d)
		hvm_domain_ref(d);
	pthread_mutex_unlock(&s->lock);
	return d;
}

static int run_command(struct server_conn *c, const json_t *request, json_t *answer,
		       struct error *err)
{
	const struct server_command *cmd = find_command(request);
	json_int_t id = json_integer_value(json_object_get(request, "domain"));
	struct hvm_domain *hvm = NULL;
	struct pv_domain *d = NULL;
	int rc;

	if (!cmd)
		return error_set(err, "the host process knows no such command; is it of another "
				 "version?");
	if (cmd->domain) {
		if (id > 0 && id < DOMID_FIRST_RESERVED) {
			hvm = find_hvm(c->server, (domid_t)id);
			d = hvm ? NULL : pv_host_domain(c->server->host, (domid_t)id);
		}
		if (!d && !hvm)
			return error_set(err, "there is no domain %lld any more", (long long)id);
	}
	if (hvm) {
		rc = cmd->hvm ? cmd->hvm(c, hvm, request, answer, err) :
		     error_set(err, "%s", cmd->why);
		hvm_domain_put(hvm);
		return rc;
	}
	rc = cmd->run(c, d, request, answer, err);
	if (d)
		pv_domain_put(d);
	return rc;
}

static void serve(struct server_conn *c)
{
	json_t *request, *answer;
	struct error err = { "" };

	while (!c->detached && !wire_receive(&c->wire, &request, &c->fds)) {
		server_busy(c->server, 1);
		answer = json_object();
		if (run_command(c, request, answer, &err)) {
			server_hide_numbers(&c->fds, &err);
			json_object_set_new(answer, "error", json_string(err.msg));
		} else {
			json_object_set_new(answer, "ok", json_true());
		}
		if (!c->detached && wire_send(&c->wire, answer, NULL))
			c->detached = true;
		json_decref(answer);
		json_decref(request);
		wire_fds_close(&c->fds);
		server_busy(c->server, -1);
	}
}

static void end_tied(struct server_conn *c)
{
	struct error err;

	if (c->tied) {
		pv_domain_destroy(c->tied, &err);
		pv_domain_put(c->tied);
	}
	if (c->tied_hvm) {
		hvm_domain_destroy(c->tied_hvm, &err);
		hvm_domain_put(c->tied_hvm);
	}
}

static void forget_listener(struct server *s, int fd)
{
	struct server_listener **p, *l;

	pthread_mutex_lock(&s->lock);
	for (p = &s->listeners; *p && (*p)->fd != fd; p = &(*p)->next)
		;
	l = *p;
	if (l)
		*p = l->next;
	pthread_mutex_unlock(&s->lock);
	free(l);
}

static void *connection_thread(void *ctx)
{
	struct server_conn *c = ctx;
	struct server *s = c->server;
	bool first = c->first;

	serve(c);
	forget_listener(s, c->wire.fd);
	end_tied(c);
	wire_fds_close(&c->fds);
	wire_close(&c->wire);
	free(c);
	if (first) {
		pthread_mutex_lock(&s->lock);
		s->starting--;
		pthread_cond_broadcast(&s->changed);
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

static int start_connection(struct server *s, int fd, bool first)
{
	struct server_conn *c = calloc(1, sizeof(*c));
	pthread_t thread;

	if (c) {
		c->server = s;
		c->first = first;
		wire_init(&c->wire, fd);
	}
	if (!c || thread_start(&thread, connection_thread, c)) {
		free(c);
		close(fd);
		return -1;
	}
	pthread_detach(thread);
	return 0;
}

struct acceptor {
	struct server *server;
	int fd;
};

static void accept_ready(void *ctx, short revents)
{
	struct acceptor *a = ctx;
	int fd = eventloop_accept(a->server->host->loop, a->fd, SOCK_CLOEXEC);

	if (fd < 0)
		return;
	if (wire_peer_is_us(fd))
		start_connection(a->server, fd, false);
	else
		close(fd);
}

/* Until there is no domain and nobody who makes one. */
static void wait_for_end(struct server *s)
{
	pthread_mutex_lock(&s->lock);
	while (s->starting || s->domains || s->busy)
		pthread_cond_wait(&s->changed, &s->lock);
	s->ending = true;
	pthread_mutex_unlock(&s->lock);
	pv_host_wait_empty(s->host);
	for (int i = 0; s->hubs.nr && i < CLOSING_MS / 10; i++)
		poll(NULL, 0, 10);
}

int server_run(struct server *s, int listener, int first, int store_fd, struct error *err)
{
	struct acceptor a = { s, listener };
	struct xenstore_socket *store = NULL;
	struct eventloop_fd *watch;
	int rc = -1;

	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->changed, NULL);
	s->starting = 1;
	if (pv_host_create(&s->host, &host_ops, s, err))
		return -1;
	s->hubs.loop = s->host->loop;
	watch = eventloop_fd_add(s->host->loop, listener, POLLIN, accept_ready, &a);
	if (!watch) {
		error_set(err, "out of memory");
	} else if (!xenstore_socket_open(&store, s->host->store, s->host->loop, store_fd, err)) {
		/* Until whoever started it has said what it wants, or gone, nothing ends. */
		rc = start_connection(s, first, true);
		if (rc)
			error_set(err, "a thread cannot be started");
		else
			wait_for_end(s);
	}
	eventloop_fd_remove(watch);
	xenstore_socket_close(store);
	if (rc)
		pv_host_destroy(s->host);
	/* Else connections may still be at it on threads of their own; exit(3) ends them. */
	return rc;
}
