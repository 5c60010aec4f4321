/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The I/O thread: one ppoll(2) over all descriptors, the nearest timer, a queue of posted work. */
#include "backend/eventloop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "backend/thread.h"

#define ACCEPT_REST_NS 100000000ll /* of a listener that cannot accept for want of something */

struct eventloop_fd {
	struct eventloop *el;
	struct eventloop_fd *next;
	void (*ready)(void *ctx, short revents);
	void *ctx;
	int fd;
	short events;
	int index; /* in pollfds this round, or -1 */
	int64_t rests_until; /* not waited for before; 0: it does not rest */
	bool dead;
};

struct eventloop_timer {
	struct eventloop *el;
	struct eventloop_timer *next;
	void (*fire)(void *ctx);
	void *ctx;
	int64_t deadline; /* -1: not armed */
	bool dead;
};

struct eventloop {
	pthread_t thread;
	int wake; /* eventfd */

	/* The lock guards everything below but pollfds, which is the thread's own. */
	pthread_mutex_t lock;
	pthread_cond_t idle;        /* `running` changed, or a call is done */
	const void *running;        /* the object whose callback runs now */
	struct eventloop_fd *fds;
	struct eventloop_timer *timers;
	struct eventloop_work *work, **work_tail;
	struct eventloop_poller *pollers;
	bool stop;

	struct pollfd *pollfds;
	int nr_pollfds, max_pollfds;
};

int64_t eventloop_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ll + ts.tv_nsec;
}

bool eventloop_is_current(const struct eventloop *el)
{
	return pthread_equal(el->thread, pthread_self());
}

static void wake(struct eventloop *el)
{
	uint64_t one = 1;

	/* A full counter fails with EAGAIN, and then the thread wakes up anyway. */
	if (write(el->wake, &one, sizeof(one)) < 0 && errno != EAGAIN)
		abort();
}

static int add_pollfd(struct eventloop *el, int fd, short events)
{
	struct pollfd *grown;
	int max;

	if (el->nr_pollfds == el->max_pollfds) {
		max = el->max_pollfds ? el->max_pollfds * 2 : 16;
		grown = realloc(el->pollfds, (size_t)max * sizeof(*grown));
		if (!grown)
			return -1;
		el->pollfds = grown;
		el->max_pollfds = max;
	}
	el->pollfds[el->nr_pollfds] = (struct pollfd){ .fd = fd, .events = events };
	return el->nr_pollfds++;
}

/* Brackets around a callback: the lock is released for it, and waiters see what runs. */
static void begin(struct eventloop *el, const void *object)
{
	el->running = object;
	pthread_mutex_unlock(&el->lock);
}

static void end(struct eventloop *el)
{
	pthread_mutex_lock(&el->lock);
	el->running = NULL;
	pthread_cond_broadcast(&el->idle);
}

static void wait_until_not_running(struct eventloop *el, const void *object)
{
	if (eventloop_is_current(el))
		return;
	while (el->running == object)
		pthread_cond_wait(&el->idle, &el->lock);
}

static void free_dead(struct eventloop *el)
{
	struct eventloop_fd **pf = &el->fds, *f;
	struct eventloop_timer **pt = &el->timers, *t;

	while ((f = *pf)) {
		if (f->dead) {
			*pf = f->next;
			free(f);
		} else {
			pf = &f->next;
		}
	}
	while ((t = *pt)) {
		if (t->dead) {
			*pt = t->next;
			free(t);
		} else {
			pt = &t->next;
		}
	}
}

static void run_pollers(struct eventloop *el, int64_t *timeout_ms)
{
	struct eventloop_poller *p, *next;

	for (p = el->pollers; p; p = next) {
		begin(el, p);
		if (timeout_ms)
			p->prepare(p->ctx, el, timeout_ms);
		else
			p->dispatch(p->ctx, el);
		pthread_mutex_lock(&el->lock);
		/* Read before the removal of p may return and *p be gone. */
		next = p->next;
		el->running = NULL;
		pthread_cond_broadcast(&el->idle);
	}
}

static void run_work(struct eventloop *el)
{
	struct eventloop_work *w;
	unsigned int n = 0;

	/* Only as many as there are now, so that work that posts itself starves nobody. */
	for (w = el->work; w; w = w->next)
		n++;
	while (n-- && (w = el->work)) {
		el->work = w->next;
		if (!el->work)
			el->work_tail = &el->work;
		w->next = NULL;
		w->queued = false;
		begin(el, w);
		w->fn(w->ctx);
		end(el);
	}
}

static void run_fds(struct eventloop *el)
{
	struct eventloop_fd *f;
	short revents;

	for (f = el->fds; f; f = f->next) {
		if (f->dead || f->index < 0)
			continue;
		revents = el->pollfds[f->index].revents;
		f->index = -1;
		if (!revents || !f->events)
			continue;
		begin(el, f);
		f->ready(f->ctx, revents);
		end(el);
	}
}

static void run_timers(struct eventloop *el)
{
	struct eventloop_timer *t;
	int64_t now = eventloop_now();

	for (t = el->timers; t; t = t->next) {
		if (t->dead || t->deadline < 0 || t->deadline > now)
			continue;
		t->deadline = -1;
		begin(el, t);
		t->fire(t->ctx);
		end(el);
	}
}

/* The smaller of two times until something happens; -1 is never. */
static int64_t sooner(int64_t timeout, int64_t left)
{
	if (left < 0)
		left = 0;
	return timeout < 0 || left < timeout ? left : timeout;
}

/* Nanoseconds until the nearest timer, or until a descriptor has rested; -1: never. */
static int64_t timer_timeout(const struct eventloop *el)
{
	int64_t now = eventloop_now(), timeout = -1;
	const struct eventloop_timer *t;
	const struct eventloop_fd *f;

	for (t = el->timers; t; t = t->next)
		if (!t->dead && t->deadline >= 0)
			timeout = sooner(timeout, t->deadline - now);
	for (f = el->fds; f; f = f->next)
		if (!f->dead && f->rests_until)
			timeout = sooner(timeout, f->rests_until - now);
	return timeout;
}

static bool rests(struct eventloop_fd *f)
{
	if (f->rests_until && eventloop_now() >= f->rests_until)
		f->rests_until = 0;
	return f->rests_until;
}

static void *loop(void *arg)
{
	struct eventloop *el = arg;
	struct eventloop_fd *f;
	struct timespec ts;
	int64_t timeout;
	uint64_t count;

	pthread_mutex_lock(&el->lock);
	while (!el->stop) {
		free_dead(el);
		el->nr_pollfds = 0;
		add_pollfd(el, el->wake, POLLIN);
		for (f = el->fds; f; f = f->next)
			f->index = f->events && !rests(f) ?
					   add_pollfd(el, f->fd, f->events) : -1;
		timeout = -1;
		run_pollers(el, &timeout);
		timeout = timeout < 0 ? -1 : timeout * 1000000;
		/* Pollers may have moved timers or posted work. */
		if (el->work || el->stop) {
			timeout = 0;
		} else {
			int64_t t = timer_timeout(el);

			if (timeout < 0 || (t >= 0 && t < timeout))
				timeout = t;
		}
		pthread_mutex_unlock(&el->lock);
		ts.tv_sec = timeout / 1000000000;
		ts.tv_nsec = timeout % 1000000000;
		if (ppoll(el->pollfds, (nfds_t)el->nr_pollfds, timeout < 0 ? NULL : &ts, NULL) < 0)
			for (int i = 0; i < el->nr_pollfds; i++)
				el->pollfds[i].revents = 0;
		if (el->nr_pollfds && el->pollfds[0].revents &&
		    read(el->wake, &count, sizeof(count)) < 0 && errno != EAGAIN)
			abort();
		pthread_mutex_lock(&el->lock);
		run_work(el);
		run_fds(el);
		run_pollers(el, NULL);
		run_timers(el);
	}
	pthread_mutex_unlock(&el->lock);
	return NULL;
}

int eventloop_create(struct eventloop **out, struct error *err)
{
	struct eventloop *el = calloc(1, sizeof(*el));
	int rc;

	if (!el)
		return error_set(err, "I/O thread: out of memory");
	el->work_tail = &el->work;
	pthread_mutex_init(&el->lock, NULL);
	pthread_cond_init(&el->idle, NULL);
	el->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	/* The slot of the wake-up descriptor exists from here on, so that it cannot fail later. */
	rc = el->wake < 0 ? errno : add_pollfd(el, el->wake, POLLIN) < 0 ? ENOMEM : 0;
	if (!rc) {
		/* Callbacks ask for el->thread: none runs before it is set. */
		pthread_mutex_lock(&el->lock);
		rc = thread_start(&el->thread, loop, el);
		pthread_mutex_unlock(&el->lock);
	}
	if (rc) {
		if (el->wake >= 0)
			close(el->wake);
		free(el->pollfds);
		free(el);
		return error_set(err, "I/O thread: %s", strerror(rc));
	}
	*out = el;
	return 0;
}

void eventloop_destroy(struct eventloop *el)
{
	if (!el)
		return;
	pthread_mutex_lock(&el->lock);
	el->stop = true;
	pthread_mutex_unlock(&el->lock);
	wake(el);
	pthread_join(el->thread, NULL);
	free_dead(el);
	close(el->wake);
	pthread_cond_destroy(&el->idle);
	pthread_mutex_destroy(&el->lock);
	free(el->pollfds);
	free(el);
}

struct eventloop_fd *eventloop_fd_add(struct eventloop *el, int fd, short events,
				      void (*ready)(void *ctx, short revents), void *ctx)
{
	struct eventloop_fd *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	*f = (struct eventloop_fd){ .el = el, .ready = ready, .ctx = ctx, .fd = fd,
				    .events = events, .index = -1 };
	pthread_mutex_lock(&el->lock);
	f->next = el->fds;
	el->fds = f;
	pthread_mutex_unlock(&el->lock);
	wake(el);
	return f;
}

void eventloop_fd_set(struct eventloop_fd *f, short events)
{
	struct eventloop *el = f->el;
	bool changed;

	pthread_mutex_lock(&el->lock);
	changed = f->events != events;
	f->events = events;
	pthread_mutex_unlock(&el->lock);
	if (changed && !eventloop_is_current(el))
		wake(el);
}

int eventloop_accept(struct eventloop *el, int listener, int flags)
{
	int fd = accept4(listener, NULL, NULL, flags);
	int e = errno;
	struct eventloop_fd *f;

	if (fd >= 0 || (e != EMFILE && e != ENFILE && e != ENOBUFS && e != ENOMEM))
		return fd;
	pthread_mutex_lock(&el->lock);
	for (f = el->fds; f; f = f->next)
		if (f == el->running)
			f->rests_until = eventloop_now() + ACCEPT_REST_NS;
	pthread_mutex_unlock(&el->lock);
	errno = e;
	return -1;
}

void eventloop_fd_remove(struct eventloop_fd *f)
{
	struct eventloop *el;

	if (!f)
		return;
	el = f->el;
	pthread_mutex_lock(&el->lock);
	wait_until_not_running(el, f);
	f->dead = true;
	pthread_mutex_unlock(&el->lock);
	wake(el);
}

struct eventloop_timer *eventloop_timer_add(struct eventloop *el, void (*fire)(void *ctx),
					    void *ctx)
{
	struct eventloop_timer *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	*t = (struct eventloop_timer){ .el = el, .fire = fire, .ctx = ctx, .deadline = -1 };
	pthread_mutex_lock(&el->lock);
	t->next = el->timers;
	el->timers = t;
	pthread_mutex_unlock(&el->lock);
	return t;
}

void eventloop_timer_set(struct eventloop_timer *t, int64_t deadline)
{
	struct eventloop *el = t->el;

	pthread_mutex_lock(&el->lock);
	t->deadline = deadline < 0 ? -1 : deadline;
	pthread_mutex_unlock(&el->lock);
	if (!eventloop_is_current(el))
		wake(el);
}

void eventloop_timer_remove(struct eventloop_timer *t)
{
	struct eventloop *el;

	if (!t)
		return;
	el = t->el;
	pthread_mutex_lock(&el->lock);
	wait_until_not_running(el, t);
	t->dead = true;
	pthread_mutex_unlock(&el->lock);
	wake(el);
}

void eventloop_post(struct eventloop *el, struct eventloop_work *w)
{
	bool first = false;

	pthread_mutex_lock(&el->lock);
	if (!w->queued) {
		first = el->work == NULL;
		w->queued = true;
		w->next = NULL;
		*el->work_tail = w;
		el->work_tail = &w->next;
	}
	pthread_mutex_unlock(&el->lock);
	if (first && !eventloop_is_current(el))
		wake(el);
}

void eventloop_cancel(struct eventloop *el, struct eventloop_work *w)
{
	struct eventloop_work **pw;

	pthread_mutex_lock(&el->lock);
	for (;;) {
		if (w->queued) {
			for (pw = &el->work; *pw != w; pw = &(*pw)->next)
				;
			*pw = w->next;
			if (!*pw)
				el->work_tail = pw;
			w->queued = false;
			w->next = NULL;
		}
		if (el->running != w || eventloop_is_current(el))
			break;
		/* It may post itself again while it finishes. */
		pthread_cond_wait(&el->idle, &el->lock);
	}
	pthread_mutex_unlock(&el->lock);
}

struct call {
	struct eventloop_work work;
	struct eventloop *el;
	void (*fn)(void *ctx);
	void *ctx;
	bool done;
};

static void run_call(void *arg)
{
	struct call *c = arg;

	c->fn(c->ctx);
	pthread_mutex_lock(&c->el->lock);
	c->done = true;
	pthread_cond_broadcast(&c->el->idle);
	pthread_mutex_unlock(&c->el->lock);
}

void eventloop_call(struct eventloop *el, void (*fn)(void *ctx), void *ctx)
{
	struct call c = { .el = el, .fn = fn, .ctx = ctx };

	if (eventloop_is_current(el)) {
		fn(ctx);
		return;
	}
	c.work.fn = run_call;
	c.work.ctx = &c;
	eventloop_post(el, &c.work);
	pthread_mutex_lock(&el->lock);
	while (!c.done)
		pthread_cond_wait(&el->idle, &el->lock);
	pthread_mutex_unlock(&el->lock);
}

void eventloop_poller_add(struct eventloop *el, struct eventloop_poller *p)
{
	pthread_mutex_lock(&el->lock);
	p->next = el->pollers;
	el->pollers = p;
	pthread_mutex_unlock(&el->lock);
	wake(el);
}

void eventloop_poller_remove(struct eventloop *el, struct eventloop_poller *p)
{
	struct eventloop_poller **pp;

	pthread_mutex_lock(&el->lock);
	wait_until_not_running(el, p);
	for (pp = &el->pollers; *pp; pp = &(*pp)->next)
		if (*pp == p) {
			*pp = p->next;
			break;
		}
	pthread_mutex_unlock(&el->lock);
	wake(el);
}

int eventloop_poller_fd(struct eventloop *el, int fd, short events)
{
	return add_pollfd(el, fd, events);
}

short eventloop_poller_revents(struct eventloop *el, int index)
{
	return index > 0 && index < el->nr_pollfds ? el->pollfds[index].revents : 0;
}
