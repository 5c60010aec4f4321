/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The I/O thread of a machine: waits for file descriptors and timers and runs what others post.
 *
 * All callbacks run on that one thread, with no lock of the loop held, so they may call anything
 * declared here. They must not block for long: everything else on the thread waits meanwhile.
 *
 * Functions may be called on any thread unless they say otherwise. The remove and cancel functions
 * return only when the callback is not running and will not run again (on the I/O thread itself
 * they return at once); do not call them with a lock held that the callback takes.
 */
#ifndef PARAVANE_BACKEND_EVENTLOOP_H
#define PARAVANE_BACKEND_EVENTLOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/error.h"

struct eventloop;

/* Makes the loop and starts its thread. Returns 0, or -1 with *err set. */
int eventloop_create(struct eventloop **el, struct error *err);
/* Stops and joins the thread. Everything added must have been removed. NULL is fine. */
void eventloop_destroy(struct eventloop *el);
/* True on the loop's own thread. */
bool eventloop_is_current(const struct eventloop *el);
/* CLOCK_MONOTONIC in nanoseconds: the clock of the timers. */
int64_t eventloop_now(void);

/* --- file descriptors --- */

struct eventloop_fd;

/*
 * Calls ready(ctx, revents) while any of `events` (poll(2)'s POLLIN, POLLOUT; errors and hang-ups
 * always) holds for fd, again and again as long as it holds. The caller keeps owning fd and closes
 * it after the removal. Returns NULL when memory is short.
 */
struct eventloop_fd *eventloop_fd_add(struct eventloop *el, int fd, short events,
				      void (*ready)(void *ctx, short revents), void *ctx);
/* Changes what is waited for. With 0, errors and hang-ups are not reported either. */
void eventloop_fd_set(struct eventloop_fd *efd, short events);
/*
 * From ready() of the socket `listener`: accept4(2) with `flags` (SOCK_*). Returns the descriptor,
 * the caller's, or -1 with errno. When there is none to be had, or no memory, the socket rests for
 * a tenth of a second: who connects stays in its queue, and the loop does not turn without end.
 */
int eventloop_accept(struct eventloop *el, int listener, int flags);
/* NULL is fine. */
void eventloop_fd_remove(struct eventloop_fd *efd);

/* --- timers --- */

struct eventloop_timer;

/* Makes a timer that is not armed. Returns NULL when memory is short. */
struct eventloop_timer *eventloop_timer_add(struct eventloop *el, void (*fire)(void *ctx),
					    void *ctx);
/* Calls fire(ctx) once, at `deadline` of eventloop_now()'s clock or soon after; < 0 disarms. */
void eventloop_timer_set(struct eventloop_timer *t, int64_t deadline);
/* NULL is fine. */
void eventloop_timer_remove(struct eventloop_timer *t);

/* --- work handed over by other threads --- */

/* Embedded in what it works for; fill in fn and ctx, leave the rest zero. */
struct eventloop_work {
	void (*fn)(void *ctx);
	void *ctx;
	struct eventloop_work *next;
	bool queued;
};

/* Runs w->fn(w->ctx) soon. Posting what is queued and has not begun yet changes nothing. */
void eventloop_post(struct eventloop *el, struct eventloop_work *w);
/* Takes *w out of the queue; returns when it is not running. */
void eventloop_cancel(struct eventloop *el, struct eventloop_work *w);
/* Runs fn(ctx) on the I/O thread and returns when it is done. */
void eventloop_call(struct eventloop *el, void (*fn)(void *ctx), void *ctx);

/* --- libraries that choose their descriptors anew each round --- */

struct eventloop_poller {
	/*
	 * Before each wait: adds descriptors with eventloop_poller_fd() and may lower *timeout_ms
	 * (-1 is for ever).
	 */
	void (*prepare)(void *ctx, struct eventloop *el, int64_t *timeout_ms);
	/* After each wait: asks with eventloop_poller_revents(). */
	void (*dispatch)(void *ctx, struct eventloop *el);
	void *ctx;
	struct eventloop_poller *next;
};

/* *p is the caller's and stays until it is removed. */
void eventloop_poller_add(struct eventloop *el, struct eventloop_poller *p);
void eventloop_poller_remove(struct eventloop *el, struct eventloop_poller *p);
/* In prepare() only: returns an index for eventloop_poller_revents(), or -1 (memory is short). */
int eventloop_poller_fd(struct eventloop *el, int fd, short events);
/* In dispatch() only; an index that was not given out this round reads 0. */
short eventloop_poller_revents(struct eventloop *el, int index);

#endif
