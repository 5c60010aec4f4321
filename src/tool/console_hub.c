/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One console, many who look at it. */
#include "tool/console_hub.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/eventloop.h"

#define KEPT (256u << 10) /* a power of two */
#define INPUT 4096u

struct viewer {
	struct console_hub *hub;
	struct viewer *next;
	int fd;
	struct eventloop_fd *watch; /* NULL: a file, which is always ready and says nothing */
	bool patient, typed_last; /* typed_last: it will type no more */
	bool fixed;   /* by configuration: nobody waits for it, nor does it count as somebody */
	uint64_t shown; /* bytes of the guest's output, of all there ever were */
};

struct console_hub {
	struct console_hubs *hubs;
	int fd; /* towards the guest; -1: it is gone */
	struct eventloop_fd *watch;
	int listener; /* -1: none */
	struct eventloop_fd *listen_watch;
	struct viewer *viewers;
	_Atomic unsigned int nr_viewers; /* but for fixed ones */
	uint64_t said;      /* bytes of output so far */
	uint64_t unseen;    /* what comes from here on nobody has been shown */
	uint8_t kept[KEPT]; /* the last of it */
	uint8_t input[INPUT];
	size_t input_len;
};

static void update(struct console_hub *hub);

static void remove_viewer(struct viewer *v)
{
	struct viewer **p = &v->hub->viewers;

	while (*p != v)
		p = &(*p)->next;
	*p = v->next;
	v->hub->nr_viewers -= !v->fixed;
	eventloop_fd_remove(v->watch);
	close(v->fd);
	free(v);
}

/* False: it has gone, and is freed. */
static bool show(struct viewer *v)
{
	struct console_hub *hub = v->hub;

	if (hub->said - v->shown > KEPT)
		v->shown = hub->said - KEPT;
	while (v->shown < hub->said) {
		size_t at = v->shown % KEPT, n = KEPT - at;
		ssize_t sent;

		if (n > hub->said - v->shown)
			n = hub->said - v->shown;
		sent = write(v->fd, hub->kept + at, n);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			break;
		if (sent < 0) {
			remove_viewer(v);
			return false;
		}
		v->shown += (size_t)sent;
		if (v->shown > hub->unseen && !v->fixed)
			hub->unseen = v->shown;
	}
	if (hub->fd < 0 && (v->fixed || v->shown == hub->said)) {
		remove_viewer(v);
		return false;
	}
	return true;
}

static void pass_input(struct console_hub *hub)
{
	while (hub->input_len) {
		ssize_t n = hub->fd < 0 ? (ssize_t)hub->input_len :
			    send(hub->fd, hub->input, hub->input_len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			n = (ssize_t)hub->input_len; /* the guest is going */
		hub->input_len -= (size_t)n;
		memmove(hub->input, hub->input + n, hub->input_len);
	}
}

static void viewer_ready(void *ctx, short revents)
{
	struct viewer *v = ctx;
	struct console_hub *hub = v->hub;

	if (revents & POLLIN && !hub->input_len) {
		ssize_t n = read(v->fd, hub->input, INPUT);

		if (n > 0) {
			hub->input_len = (size_t)n;
			pass_input(hub);
		} else if (!n) {
			v->typed_last = true;
		}
	}
	/* What was typed before the end is read first. */
	if (revents & (POLLHUP | POLLERR) && (v->typed_last || !(revents & POLLIN)))
		remove_viewer(v);
	update(hub);
}

static bool has_room(const struct console_hub *hub)
{
	for (const struct viewer *v = hub->viewers; v; v = v->next) {
		if (v->patient && hub->said - v->shown > KEPT / 2)
			return false;
	}
	return true;
}

static void let_go(struct console_hub *hub)
{
	eventloop_fd_remove(hub->watch);
	close(hub->fd);
	hub->watch = NULL;
	hub->fd = -1;
}

static void guest_ready(void *ctx, short revents)
{
	struct console_hub *hub = ctx;

	if (revents & POLLOUT)
		pass_input(hub);
	if (revents & (POLLIN | POLLHUP | POLLERR) && has_room(hub)) {
		size_t at = hub->said % KEPT, room = KEPT - at < KEPT / 4 ? KEPT - at : KEPT / 4;
		ssize_t n = recv(hub->fd, hub->kept + at, room, MSG_DONTWAIT);

		if (n > 0)
			hub->said += (size_t)n;
		else if (!n || (errno != EAGAIN && errno != EINTR))
			let_go(hub);
	}
	update(hub);
}

static void stop_listening(void *ctx)
{
	struct console_hub *hub = ctx;

	eventloop_fd_remove(hub->listen_watch);
	hub->listen_watch = NULL;
	if (hub->listener >= 0)
		close(hub->listener);
	hub->listener = -1;
}

void console_hub_stop_listening(struct console_hub *hub)
{
	eventloop_call(hub->hubs->loop, stop_listening, hub);
}

/* Tells everybody, and waits for what there is to wait for. May free the hub. */
static void update(struct console_hub *hub)
{
	struct viewer *v, *next;

	for (v = hub->viewers; v; v = next) {
		next = v->next;
		if (show(v) && v->watch)
			eventloop_fd_set(v->watch, (short)
				((v->typed_last || hub->input_len ? 0 : POLLIN) |
				 (v->shown < hub->said ? POLLOUT : 0) |
				 (v->typed_last ? POLLHUP : 0)));
	}
	if (hub->fd >= 0) {
		eventloop_fd_set(hub->watch, (short)((has_room(hub) ? POLLIN : 0) |
						     (hub->input_len ? POLLOUT : 0)));
	} else if (!hub->viewers) {
		stop_listening(hub);
		hub->hubs->nr--;
		free(hub);
	}
}

struct console_hub *console_hub_create(struct console_hubs *hubs, int *fd, struct error *err)
{
	struct console_hub *hub = calloc(1, sizeof(*hub));
	int pair[2] = { -1, -1 };

	if (!hub || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		error_set(err, "console: %s", strerror(errno));
		free(hub);
		return NULL;
	}
	hub->hubs = hubs;
	hub->listener = -1;
	hub->fd = pair[0];
	*fd = pair[1];
	hub->watch = eventloop_fd_add(hubs->loop, hub->fd, POLLIN, guest_ready, hub);
	if (!hub->watch) {
		close(pair[0]);
		close(pair[1]);
		free(hub);
		error_set(err, "console: out of memory");
		return NULL;
	}
	hubs->nr++;
	return hub;
}

static void add_viewer(void *ctx)
{
	struct viewer *v = ctx;
	struct console_hub *hub = v->hub;

	v->next = hub->viewers;
	hub->viewers = v;
	hub->nr_viewers += !v->fixed;
	v->shown = hub->unseen;
	update(hub);
}

/* Takes fd over; NULL: no memory. */
static struct viewer *make_viewer(struct console_hub *hub, int fd)
{
	struct viewer *v = calloc(1, sizeof(*v));
	struct stat st;

	if (v) {
		v->hub = hub;
		v->fd = fd;
		fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
		if (!fstat(fd, &st) && S_ISREG(st.st_mode))
			return v;
		v->watch = eventloop_fd_add(hub->hubs->loop, fd, 0, viewer_ready, v);
	}
	if (!v || !v->watch) {
		close(fd);
		free(v);
		return NULL;
	}
	return v;
}

bool console_hub_attach(struct console_hub *hub, int fd, bool patient)
{
	struct viewer *v = make_viewer(hub, fd);

	if (!v)
		return false;
	v->patient = patient;
	eventloop_call(hub->hubs->loop, add_viewer, v);
	return true;
}

unsigned int console_hub_viewers(const struct console_hub *hub)
{
	return hub->nr_viewers;
}

bool console_hub_add(struct console_hub *hub, int fd)
{
	struct viewer *v = make_viewer(hub, fd);

	if (!v)
		return false;
	v->fixed = true;
	eventloop_call(hub->hubs->loop, add_viewer, v);
	return true;
}

static void somebody_connects(void *ctx, short revents)
{
	struct console_hub *hub = ctx;
	int fd = eventloop_accept(hub->hubs->loop, hub->listener, SOCK_CLOEXEC);
	struct viewer *v = fd < 0 ? NULL : make_viewer(hub, fd);

	if (v)
		add_viewer(v);
}

bool console_hub_listen(struct console_hub *hub, int fd)
{
	hub->listener = fd;
	hub->listen_watch = eventloop_fd_add(hub->hubs->loop, fd, POLLIN, somebody_connects, hub);
	return hub->listen_watch;
}
