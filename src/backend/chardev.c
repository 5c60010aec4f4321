/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Character devices: one state machine over up to two descriptors, opened in different ways. */
#include "backend/chardev.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

#include "backend/error.h"
#include "backend/eventloop.h"
#include "backend/logfile.h"
#include "backend/terminal.h"

#define QUEUE_SIZE 65536u
#define INPUT_SIZE 4096u
#define ESCAPE 0x1d /* Ctrl-] */
#define DRAIN_MS 1000
#define DEFAULT_LOG_SIZE (1u << 20)
#define DEFAULT_LOG_COUNT 4
#define MAX_LOG_COUNT 1000

struct chardev {
	struct eventloop *loop;
	int in, out;        /* may be the same; -1: none */
	int listener;       /* unix: waits for a client; -1: none */
	char *socket_path;  /* to unlink */
	int pty_peer;       /* kept open so that the pty never hangs up; -1: none */
	bool terminal;      /* stdio: raw mode and the escape key */
	bool escaped;       /* the escape key was the last one */
	struct logfile *log; /* gets all output; NULL: none */
	uint8_t input[INPUT_SIZE]; /* read and not yet received; on the loop's thread */
	size_t input_count;
	struct eventloop_fd *in_watch, *out_watch, *listen_watch;
	struct eventloop_work accept_work;

	pthread_mutex_t lock; /* guards what follows */
	uint8_t queue[QUEUE_SIZE];
	size_t head, count;   /* the oldest byte, and how many */
	bool starved;         /* a write was cut short: `writable` is owed */
	const struct chardev_client *client;
	void *client_ctx;
};

/* --- output --- */

/* Writes as much as goes without blocking. Returns false when the other side is gone. Locked. */
static bool flush(struct chardev *dev)
{
	size_t run;
	ssize_t n;

	while (dev->count && dev->out >= 0) {
		run = QUEUE_SIZE - dev->head;
		if (run > dev->count)
			run = dev->count;
		/* A client that hung up is no reason to die. */
		if (dev->listener >= 0)
			n = send(dev->out, dev->queue + dev->head, run, MSG_NOSIGNAL);
		else
			n = write(dev->out, dev->queue + dev->head, run);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN;
		dev->head = (dev->head + (size_t)n) % QUEUE_SIZE;
		dev->count -= (size_t)n;
	}
	if (dev->out < 0)
		dev->count = 0;
	return true;
}

static void watch_output(struct chardev *dev)
{
	if (dev->out_watch)
		eventloop_fd_set(dev->out_watch, dev->count ? POLLOUT : 0);
	else if (dev->count && dev->in == dev->out)
		eventloop_post(dev->loop, &dev->accept_work);
}

size_t chardev_write(struct chardev *dev, const uint8_t *buf, size_t len)
{
	size_t i, taken, lost, given = len;
	bool was_empty;

	pthread_mutex_lock(&dev->lock);
	if (dev->log)
		logfile_write(dev->log, buf, len);
	if (dev->out < 0) {
		pthread_mutex_unlock(&dev->lock);
		return given;
	}
	if (dev->log && len > QUEUE_SIZE - dev->count) {
		/* It is in the log: nobody waits for one who does not read, the oldest goes. */
		if (len > QUEUE_SIZE) {
			buf += len - QUEUE_SIZE;
			len = QUEUE_SIZE;
		}
		lost = dev->count + len - QUEUE_SIZE;
		dev->head = (dev->head + lost) % QUEUE_SIZE;
		dev->count -= lost;
	}
	was_empty = !dev->count;
	taken = QUEUE_SIZE - dev->count;
	if (taken > len)
		taken = len;
	for (i = 0; i < taken; i++)
		dev->queue[(dev->head + dev->count + i) % QUEUE_SIZE] = buf[i];
	dev->count += taken;
	if (was_empty && !flush(dev))
		dev->count = 0; /* what nobody can read is dropped; the input side sees the end */
	if (taken < len)
		dev->starved = true;
	watch_output(dev);
	pthread_mutex_unlock(&dev->lock);
	return dev->log ? given : taken;
}

static void output_ready(struct chardev *dev)
{
	const struct chardev_client *client = NULL;
	void *ctx;

	pthread_mutex_lock(&dev->lock);
	if (!flush(dev))
		dev->count = 0;
	watch_output(dev);
	if (dev->starved && dev->count < QUEUE_SIZE / 2) {
		dev->starved = false;
		client = dev->client;
	}
	ctx = dev->client_ctx;
	pthread_mutex_unlock(&dev->lock);
	if (client && client->writable)
		client->writable(ctx);
}

/* --- input, on the loop's thread --- */

static void disconnect(struct chardev *dev);

static void show_help(struct chardev *dev, const struct chardev_client *client)
{
	static const char help[] = "Ctrl-] ?   this text\r\n"
				   "Ctrl-] Ctrl-]   send Ctrl-] to the guest\r\n";

	chardev_write(dev, (const uint8_t *)"\r\n", 2);
	if (client->commands)
		chardev_write(dev, (const uint8_t *)client->commands, strlen(client->commands));
	chardev_write(dev, (const uint8_t *)help, sizeof(help) - 1);
}

/* Takes escape sequences out of buf in place; returns what is left for the guest. */
static size_t filter_escapes(struct chardev *dev, const struct chardev_client *client, void *ctx,
			     uint8_t *buf, size_t len)
{
	size_t i, kept = 0;

	for (i = 0; i < len; i++) {
		if (!dev->escaped && buf[i] == ESCAPE) {
			dev->escaped = true;
			continue;
		}
		if (!dev->escaped) {
			buf[kept++] = buf[i];
			continue;
		}
		dev->escaped = false;
		if (buf[i] == ESCAPE)
			buf[kept++] = ESCAPE;
		else if (buf[i] == '?')
			show_help(dev, client);
		else if (client->command)
			client->command(ctx, buf[i]);
	}
	return kept;
}

/* Gives the client what it takes of the input. */
static void deliver_input(struct chardev *dev, const struct chardev_client *client, void *ctx)
{
	size_t room;

	while (dev->input_count) {
		room = client->can_receive ? client->can_receive(ctx) : 0;
		if (!room)
			return;
		if (room > dev->input_count)
			room = dev->input_count;
		client->receive(ctx, dev->input, room);
		dev->input_count -= room;
		memmove(dev->input, dev->input + room, dev->input_count);
	}
}

/* Waits for input while there is a client and room to keep it, for output while some is queued. */
static void watch_input(struct chardev *dev)
{
	short events;

	if (!dev->in_watch)
		return;
	pthread_mutex_lock(&dev->lock);
	events = dev->client && dev->input_count < INPUT_SIZE ? POLLIN : 0;
	if (dev->in == dev->out && dev->count)
		events |= POLLOUT;
	pthread_mutex_unlock(&dev->lock);
	eventloop_fd_set(dev->in_watch, events);
}

/*
 * A terminal is read even while the guest takes nothing, so that the escape key works then too.
 */
static void input_ready(struct chardev *dev)
{
	const struct chardev_client *client;
	uint8_t *tail = dev->input + dev->input_count;
	size_t len;
	void *ctx;
	ssize_t n;

	pthread_mutex_lock(&dev->lock);
	client = dev->client;
	ctx = dev->client_ctx;
	pthread_mutex_unlock(&dev->lock);
	if (!client || dev->input_count == INPUT_SIZE)
		return;
	n = read(dev->in, tail, INPUT_SIZE - dev->input_count);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		disconnect(dev);
		return;
	}
	len = (size_t)n;
	if (dev->terminal)
		len = filter_escapes(dev, client, ctx, tail, len);
	dev->input_count += len;
	deliver_input(dev, client, ctx);
}

static void in_event(void *ctx, short revents)
{
	struct chardev *dev = ctx;

	if ((revents & POLLOUT) && dev->in == dev->out)
		output_ready(dev);
	if (dev->in_watch && (revents & (POLLIN | POLLHUP | POLLERR)))
		input_ready(dev);
	watch_input(dev);
}

static void out_event(void *ctx, short revents)
{
	output_ready(ctx);
}

/* Input may flow again, or a descriptor used both ways has output waiting. */
static void accept_input(void *ctx)
{
	struct chardev *dev = ctx;
	const struct chardev_client *client;
	void *client_ctx;

	pthread_mutex_lock(&dev->lock);
	client = dev->client;
	client_ctx = dev->client_ctx;
	pthread_mutex_unlock(&dev->lock);
	if (client)
		deliver_input(dev, client, client_ctx);
	watch_input(dev);
}

void chardev_accept_input(struct chardev *dev)
{
	eventloop_post(dev->loop, &dev->accept_work);
}

/* The end of input: a socket's client has gone, a file or terminal is at its end. */
static void disconnect(struct chardev *dev)
{
	eventloop_fd_remove(dev->in_watch);
	dev->in_watch = NULL;
	pthread_mutex_lock(&dev->lock);
	if (dev->listener < 0) {
		dev->in = -1;
		pthread_mutex_unlock(&dev->lock);
		return;
	}
	close(dev->in);
	dev->in = dev->out = -1;
	dev->count = 0;
	pthread_mutex_unlock(&dev->lock);
	eventloop_fd_set(dev->listen_watch, POLLIN);
}

static void listener_event(void *ctx, short revents)
{
	struct chardev *dev = ctx;
	int fd = eventloop_accept(dev->loop, dev->listener, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0)
		return;
	pthread_mutex_lock(&dev->lock);
	dev->in = dev->out = fd;
	pthread_mutex_unlock(&dev->lock);
	dev->in_watch = eventloop_fd_add(dev->loop, fd, 0, in_event, dev);
	watch_input(dev);
	eventloop_fd_set(dev->listen_watch, 0);
}

/* --- opening --- */

/* Regular files are always ready and need no watch. */
static bool pollable(int fd)
{
	struct stat st;

	return fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode);
}

static int open_stdio(struct chardev *dev, struct error *err)
{
	int rc;

	dev->in = STDIN_FILENO;
	dev->terminal = isatty(STDIN_FILENO);
	/* A description of its own, so that O_NONBLOCK does not leak into the shell's terminal. */
	if (pollable(STDOUT_FILENO))
		dev->out = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (dev->out < 0)
		dev->out = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (dev->out < 0)
		return error_set(err, "console stdio: standard output: %s", strerror(errno));
	if (dev->terminal) {
		rc = terminal_raw(STDIN_FILENO);
		if (rc < 0)
			return error_set(err, "console stdio: terminal: %s", strerror(-rc));
	}
	return 0;
}

static int open_pty(struct chardev *dev, struct error *err)
{
	struct termios tio;
	char name[128];
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0)
		return error_set(err, "console pty: %s", strerror(errno));
	dev->in = dev->out = fd;
	if (grantpt(fd) < 0 || unlockpt(fd) < 0 || ptsname_r(fd, name, sizeof(name)))
		return error_set(err, "console pty: %s", strerror(errno));
	dev->pty_peer = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (dev->pty_peer >= 0 && tcgetattr(dev->pty_peer, &tio) == 0) {
		cfmakeraw(&tio);
		tcsetattr(dev->pty_peer, TCSANOW, &tio);
	}
	fprintf(stderr, "console: %s\n", name);
	return 0;
}

static int open_unix(struct chardev *dev, const char *path, struct error *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	struct stat st;

	if (!*path || strlen(path) >= sizeof(addr.sun_path))
		return error_set(err, "console unix:%s: the path must have 1 to %zu characters",
				 path, sizeof(addr.sun_path) - 1);
	strcpy(addr.sun_path, path);
	if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode))
		unlink(path);
	dev->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (dev->listener < 0 ||
	    bind(dev->listener, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return error_set(err, "console unix:%s: %s", path, strerror(errno));
	dev->socket_path = strdup(path);
	if (!dev->socket_path || listen(dev->listener, 1) < 0)
		return error_set(err, "console unix:%s: %s", path, strerror(errno));
	return 0;
}

static int open_file(struct chardev *dev, const char *path, struct error *err)
{
	dev->out = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (dev->out < 0)
		return error_set(err, "console file:%s: %s", path, strerror(errno));
	return 0;
}

static int open_descriptor(struct chardev *dev, const char *number, struct error *err)
{
	char *end;
	long n = strtol(number, &end, 10);

	if (end == number || *end || n < 0 || n > 1 << 20)
		return error_set(err, "console fd:%s: must be the number of a descriptor", number);
	dev->in = dev->out = fcntl((int)n, F_DUPFD_CLOEXEC, 3);
	if (dev->in < 0 || fcntl(dev->in, F_SETFL, fcntl(dev->in, F_GETFL) | O_NONBLOCK) < 0)
		return error_set(err, "console fd:%s: %s", number, strerror(errno));
	return 0;
}

static int open_spec(struct chardev *dev, const char *spec, struct error *err)
{
	if (!strcmp(spec, "stdio"))
		return open_stdio(dev, err);
	if (!strcmp(spec, "pty"))
		return open_pty(dev, err);
	if (!strncmp(spec, "unix:", 5))
		return open_unix(dev, spec + 5, err);
	if (!strncmp(spec, "file:", 5))
		return open_file(dev, spec + 5, err);
	if (!strncmp(spec, "fd:", 3))
		return open_descriptor(dev, spec + 3, err);
	if (!strcmp(spec, "none"))
		return 0;
	return error_set(err, "console '%s': must be stdio, pty, unix:PATH, file:PATH, fd:N or "
			 "none", spec);
}

/* A number with K or M behind it or not. */
static int parse_size(const char *text, uint64_t *out)
{
	char *end;

	if (*text < '0' || *text > '9')
		return -1;
	errno = 0;
	*out = strtoull(text, &end, 10);
	if (*end == 'K' || *end == 'M')
		*out <<= *end++ == 'K' ? 10 : 20;
	return errno || *end || *out > 1ull << 40 ? -1 : 0;
}

/* LOG[,logsize=N][,logcount=N], which it writes to. */
static int open_log(struct chardev *dev, char *text, struct error *err)
{
	uint64_t size = DEFAULT_LOG_SIZE, count = DEFAULT_LOG_COUNT;
	char *key, *rest = text;

	strsep(&rest, ",");
	while ((key = strsep(&rest, ","))) {
		if (!strncmp(key, "logsize=", 8) && !parse_size(key + 8, &size))
			continue;
		if (!strncmp(key, "logcount=", 9) && !parse_size(key + 9, &count) &&
		    count <= MAX_LOG_COUNT)
			continue;
		return error_set(err, "console log '%s': logsize=BYTES (with K or M) and "
				 "logcount=0 to %d are accepted", key, MAX_LOG_COUNT);
	}
	return logfile_open(&dev->log, text, size, (unsigned int)count, err);
}

static int open_all(struct chardev *dev, const char *spec, struct error *err)
{
	char *copy = strdup(spec), *log;
	int rc;

	if (!copy)
		return error_set(err, "console: out of memory");
	log = strstr(copy, ",log=");
	if (log)
		*log = 0;
	rc = open_spec(dev, copy, err);
	if (!rc && log)
		rc = open_log(dev, log + 5, err);
	free(copy);
	return rc;
}

/* Starts waiting. */
static int add_watches(struct chardev *dev)
{
	if (dev->listener >= 0) {
		/* The callback uses listen_watch: it comes when that is set. */
		dev->listen_watch =
			eventloop_fd_add(dev->loop, dev->listener, 0, listener_event, dev);
		if (!dev->listen_watch)
			return -1;
		eventloop_fd_set(dev->listen_watch, POLLIN);
		return 0;
	}
	if (dev->in >= 0) {
		/* Nothing is read before there is a client: chardev_set_client() turns it on. */
		dev->in_watch = eventloop_fd_add(dev->loop, dev->in, 0, in_event, dev);
		if (!dev->in_watch)
			return -1;
	}
	if (dev->out != dev->in && pollable(dev->out)) {
		dev->out_watch = eventloop_fd_add(dev->loop, dev->out, 0, out_event, dev);
		if (!dev->out_watch)
			return -1;
	}
	return 0;
}

int chardev_create(struct chardev **out, struct eventloop *loop, const char *spec,
		   struct error *err)
{
	struct chardev *dev = calloc(1, sizeof(*dev));

	*out = NULL;
	if (!dev)
		return error_set(err, "console: out of memory");
	dev->loop = loop;
	dev->in = dev->out = dev->listener = dev->pty_peer = -1;
	dev->accept_work.fn = accept_input;
	dev->accept_work.ctx = dev;
	pthread_mutex_init(&dev->lock, NULL);
	if (open_all(dev, spec, err) < 0) {
		chardev_destroy(dev);
		return -1;
	}
	if (add_watches(dev) < 0) {
		chardev_destroy(dev);
		return error_set(err, "console: out of memory");
	}
	*out = dev;
	return 0;
}

static void drain(struct chardev *dev)
{
	int64_t end = eventloop_now() + DRAIN_MS * 1000000ll;
	struct pollfd p = { .events = POLLOUT };

	pthread_mutex_lock(&dev->lock);
	while (dev->count && flush(dev) && dev->count && eventloop_now() < end) {
		p.fd = dev->out;
		poll(&p, 1, 10);
	}
	pthread_mutex_unlock(&dev->lock);
}

void chardev_destroy(struct chardev *dev)
{
	if (!dev)
		return;
	eventloop_fd_remove(dev->listen_watch);
	eventloop_fd_remove(dev->in_watch);
	eventloop_fd_remove(dev->out_watch);
	eventloop_cancel(dev->loop, &dev->accept_work);
	drain(dev);
	if (dev->terminal)
		terminal_restore();
	if (dev->out > STDERR_FILENO)
		close(dev->out);
	if (dev->in > STDERR_FILENO && dev->in != dev->out)
		close(dev->in);
	if (dev->pty_peer >= 0)
		close(dev->pty_peer);
	if (dev->listener >= 0)
		close(dev->listener);
	if (dev->socket_path)
		unlink(dev->socket_path);
	free(dev->socket_path);
	logfile_close(dev->log);
	pthread_mutex_destroy(&dev->lock);
	free(dev);
}

struct set_client {
	struct chardev *dev;
	const struct chardev_client *client;
	void *ctx;
};

static void set_client(void *ctx)
{
	struct set_client *s = ctx;

	pthread_mutex_lock(&s->dev->lock);
	s->dev->client = s->client;
	s->dev->client_ctx = s->ctx;
	pthread_mutex_unlock(&s->dev->lock);
	accept_input(s->dev);
}

void chardev_set_client(struct chardev *dev, const struct chardev_client *client, void *ctx)
{
	struct set_client s = { dev, client, ctx };

	eventloop_call(dev->loop, set_client, &s);
}
