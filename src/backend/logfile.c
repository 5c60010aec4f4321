/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Log files with rotation. */
#include "backend/logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/fdpath.h"

struct logfile {
	pthread_mutex_t lock;
	int fd;
	char *path;
	char *from, *to; /* room for a name with a number each */
	uint64_t size, written;
	unsigned int count;
};

static int open_file(const char *path, int flags)
{
	return fdpath_open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | flags, 0600);
}

int logfile_open(struct logfile **out, const char *path, uint64_t size, unsigned int count,
		 struct error *err)
{
	struct logfile *log = calloc(1, sizeof(*log));
	size_t room = strlen(path) + 16;
	struct stat st;

	if (!log)
		return error_set(err, "log %s: out of memory", path);
	pthread_mutex_init(&log->lock, NULL);
	log->size = size;
	log->count = count;
	log->path = strdup(path);
	log->from = malloc(room);
	log->to = malloc(room);
	log->fd = log->path && log->from && log->to ? open_file(path, 0) : -1;
	if (log->fd < 0 || fstat(log->fd, &st) < 0) {
		error_set(err, "log %s: %s", path, strerror(errno));
		logfile_close(log);
		return -1;
	}
	log->written = (uint64_t)st.st_size;
	*out = log;
	return 0;
}

/* Locked. */
static void rotate(struct logfile *log)
{
	size_t room = strlen(log->path) + 16;
	unsigned int i;
	int fd;

	for (i = log->count; i > 1; i--) {
		snprintf(log->from, room, "%s.%u", log->path, i - 1);
		snprintf(log->to, room, "%s.%u", log->path, i);
		fdpath_rename(log->from, log->to);
	}
	snprintf(log->to, room, "%s.1", log->path);
	if (log->count && fdpath_rename(log->path, log->to) < 0) {
		/* Tried again when as much has been added once more. */
		log->written = 0;
		return;
	}
	fd = open_file(log->path, log->count ? O_EXCL : O_TRUNC);
	if (fd >= 0) {
		close(log->fd);
		log->fd = fd;
	}
	log->written = 0;
}

void logfile_write(struct logfile *log, const void *data, size_t len)
{
	const uint8_t *p = data;
	size_t part;
	ssize_t n;

	pthread_mutex_lock(&log->lock);
	while (len) {
		if (log->size && log->written >= log->size)
			rotate(log);
		part = log->size && len > log->size - log->written ? log->size - log->written : len;
		n = write(log->fd, p, part);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		p += n;
		len -= (size_t)n;
		log->written += (uint64_t)n;
	}
	pthread_mutex_unlock(&log->lock);
}

void logfile_close(struct logfile *log)
{
	if (!log)
		return;
	if (log->fd >= 0)
		close(log->fd);
	pthread_mutex_destroy(&log->lock);
	free(log->path);
	free(log->from);
	free(log->to);
	free(log);
}
