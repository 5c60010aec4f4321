/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists and a main loop, as glib.h says. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "glib.h"

#define SOURCES_MAX 16

struct source {
	enum { NONE, TIMEOUT, SIGNAL, FD } kind;
	int fd, signal;
	guint seconds;
	time_t due;
	GSourceFunc call;
	GUnixFDSourceFunc call_fd;
	gpointer data;
};

struct GMainLoop {
	gboolean running;
};

static struct source sources[SOURCES_MAX];
static volatile sig_atomic_t raised[NSIG];

static void die(const char *what)
{
	perror(what);
	exit(1);
}

GList *g_list_first(GList *list)
{
	while (list && list->prev)
		list = list->prev;
	return list;
}

GList *g_list_append(GList *list, gpointer data)
{
	GList *new = calloc(1, sizeof(*new)), *last = list;

	if (!new)
		die("g_list_append");
	new->data = data;
	if (!list)
		return new;
	while (last->next)
		last = last->next;
	last->next = new;
	new->prev = last;
	return list;
}

GList *g_list_delete_link(GList *list, GList *link)
{
	if (!link)
		return list;
	if (link->prev)
		link->prev->next = link->next;
	if (link->next)
		link->next->prev = link->prev;
	if (list == link)
		list = link->next;
	free(link);
	return list;
}

GList *g_list_find(GList *list, gconstpointer data)
{
	while (list && list->data != data)
		list = list->next;
	return list;
}

GList *g_list_find_custom(GList *list, gconstpointer data, GCompareFunc compare)
{
	while (list && compare(list->data, data))
		list = list->next;
	return list;
}

GList *g_list_remove(GList *list, gconstpointer data)
{
	return g_list_delete_link(list, g_list_find(list, data));
}

void g_list_free(GList *list)
{
	while (list) {
		GList *next = list->next;

		free(list);
		list = next;
	}
}

void g_list_free_full(GList *list, GDestroyNotify destroy)
{
	for (GList *at = list; at; at = at->next)
		destroy(at->data);
	g_list_free(list);
}

guint g_list_length(GList *list)
{
	guint n = 0;

	for (; list; list = list->next)
		n++;
	return n;
}

/* By insertion; what is equal stays in its order. The elements stay, their data moves. */
GList *g_list_sort(GList *list, GCompareFunc compare)
{
	for (GList *at = list ? list->next : NULL; at; at = at->next) {
		gpointer data = at->data;
		GList *to = at;

		for (; to->prev && compare(to->prev->data, data) > 0; to = to->prev)
			to->data = to->prev->data;
		to->data = data;
	}
	return list;
}

static time_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec;
}

static guint add(struct source source)
{
	for (guint i = 0; i < SOURCES_MAX; i++) {
		if (sources[i].kind == NONE) {
			sources[i] = source;
			return i + 1;
		}
	}
	errno = ENOSPC;
	die("main loop");
	return 0;
}

guint g_timeout_add_seconds(guint seconds, GSourceFunc call, gpointer data)
{
	return add((struct source){ .kind = TIMEOUT, .fd = -1, .seconds = seconds,
				    .due = now() + seconds, .call = call, .data = data });
}

static void raise_flag(int signal)
{
	raised[signal] = 1;
}

guint g_unix_signal_add(gint signal, GSourceFunc call, gpointer data)
{
	struct sigaction act = { .sa_handler = raise_flag };

	if (sigaction(signal, &act, NULL))
		die("sigaction");
	return add((struct source){ .kind = SIGNAL, .fd = -1, .signal = signal, .call = call,
				    .data = data });
}

guint g_unix_fd_add(gint fd, GIOCondition condition, GUnixFDSourceFunc call, gpointer data)
{
	(void)condition;
	return add((struct source){ .kind = FD, .fd = fd, .call_fd = call, .data = data });
}

GMainLoop *g_main_loop_new(void *context, gboolean running)
{
	GMainLoop *loop = calloc(1, sizeof(*loop));

	(void)context;
	if (!loop)
		die("g_main_loop_new");
	loop->running = running;
	return loop;
}

void g_main_loop_quit(GMainLoop *loop)
{
	loop->running = FALSE;
}

/* Has the source something? */
static gboolean ready(const struct source *source, const struct pollfd *fd)
{
	switch (source->kind) {
	case TIMEOUT:
		return source->due <= now();
	case SIGNAL:
		return raised[source->signal];
	case FD:
		return fd->revents != 0;
	default:
		return FALSE;
	}
}

static void dispatch(struct source *source)
{
	gboolean stays;

	if (source->kind == SIGNAL)
		raised[source->signal] = 0;
	stays = source->kind == FD ? source->call_fd(source->fd, G_IO_IN, source->data)
				   : source->call(source->data);
	if (stays)
		source->due = now() + source->seconds;
	else
		source->kind = NONE;
}

void g_main_loop_run(GMainLoop *loop)
{
	loop->running = TRUE;
	while (loop->running) {
		struct timespec wait = { .tv_sec = 3600 };
		struct pollfd fds[SOURCES_MAX];
		sigset_t all, before;

		/* A signal comes while ppoll() waits, or is seen before. */
		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, &before);
		for (int i = 0; i < SOURCES_MAX; i++) {
			const struct source *source = &sources[i];

			fds[i] = (struct pollfd){ .fd = source->kind == FD ? source->fd : -1,
						  .events = POLLIN };
			if (source->kind == TIMEOUT && source->due - now() < wait.tv_sec)
				wait.tv_sec = source->due > now() ? source->due - now() : 0;
			if (source->kind == SIGNAL && raised[source->signal])
				wait.tv_sec = 0;
		}
		if (ppoll(fds, SOURCES_MAX, &wait, &before) < 0 && errno != EINTR)
			die("ppoll");
		sigprocmask(SIG_SETMASK, &before, NULL);
		for (int i = 0; i < SOURCES_MAX && loop->running; i++)
			if (ready(&sources[i], &fds[i]))
				dispatch(&sources[i]);
	}
}
