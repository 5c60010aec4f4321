/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The event loop: one thread that waits for file descriptors and timers on behalf of all devices.
 *
 * Callbacks run on the loop's thread, one at a time, with no lock of the loop held; they may add and
 * remove anything, themselves too. Any thread may add, change and remove: a removed watch's callback
 * is not called any more once loop_remove() returns on the loop's thread; from another thread one
 * call may still be under way.
 */
#ifndef PARAVANE_BACKEND_LOOP_H
#define PARAVANE_BACKEND_LOOP_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct loop;
struct loop_watch;
struct loop_timer;

/* Makes a loop that does not run yet. Returns 0 or -errno. */
int loop_create(struct loop **loop);
/* Its thread has ended. Watches, timers and pollers still there are freed with it. */
void loop_destroy(struct loop *loop);

/* Runs the loop on the calling thread until loop_quit(). */
void loop_run(struct loop *loop);
/* Any thread: ends loop_run(), or keeps it from starting. */
void loop_quit(struct loop *loop);
/* Any thread: makes the loop ask its pollers again now. */
void loop_wake(struct loop *loop);

/* `events`, `revents`: POLLIN, POLLOUT, POLLHUP, POLLERR as in poll(2). 0 events: nothing is watched. */
typedef void (*loop_fd_fn)(void *ctx, int fd, short revents);
/* Watches fd (not owned). NULL when out of memory. */
struct loop_watch *loop_add(struct loop *loop, int fd, short events, loop_fd_fn fn, void *ctx);
void loop_set_events(struct loop_watch *w, short events);
void loop_remove(struct loop_watch *w); /* frees w */

/* A one-shot timer. Disarmed at first. */
typedef void (*loop_timer_fn)(void *ctx);
struct loop_timer *loop_timer_add(struct loop *loop, loop_timer_fn fn, void *ctx);
void loop_timer_arm(struct loop_timer *t, uint64_t deadline_ns); /* CLOCK_MONOTONIC */
void loop_timer_disarm(struct loop_timer *t);
void loop_timer_remove(struct loop_timer *t);
uint64_t loop_now_ns(void); /* CLOCK_MONOTONIC */

/*
 * For libraries that bring their own set of descriptors (libslirp): `prepare` adds to the set with
 * loop_poll_fd() and may lower *timeout_ms; `dispatch` looks results up with loop_poll_revents().
 */
struct loop_poller_ops {
	void (*prepare)(void *ctx, struct loop *loop, int *timeout_ms);
	void (*dispatch)(void *ctx, struct loop *loop, bool failed);
};
struct loop_poller;
struct loop_poller *loop_poller_add(struct loop *loop, const struct loop_poller_ops *ops, void *ctx);
void loop_poller_remove(struct loop_poller *p);
/* In prepare: adds fd, returns its index (or -1). In dispatch: what happened on that index. */
int loop_poll_fd(struct loop *loop, int fd, short events);
short loop_poll_revents(struct loop *loop, int index);

#endif
