/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The folder in which host processes and commands find each other. */
#include "tool/rundir.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <xen/interface/xen.h>

#define KEEP_LOGS 16

static int check_dir(const char *path, struct error *err)
{
	struct stat st;

	if (mkdir(path, 0700) && errno != EEXIST)
		return error_set(err, "%s: %s; a folder for control sockets is needed", path,
				 strerror(errno));
	if (lstat(path, &st))
		return error_set(err, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		return error_set(err, "%s: is not safe to use; a folder of this user's own with "
				 "mode 0700 is accepted", path);
	return 0;
}

int rundir_open(struct rundir *dir, struct error *err)
{
	const char *base = getenv("XDG_RUNTIME_DIR");
	char run[64];
	int n;

	snprintf(run, sizeof(run), "/run/user/%u", (unsigned int)geteuid());
	if (base && *base == '/')
		n = snprintf(dir->path, sizeof(dir->path), "%s/paravane", base);
	else if (!access(run, W_OK | X_OK))
		n = snprintf(dir->path, sizeof(dir->path), "%s/paravane", run);
	else
		n = snprintf(dir->path, sizeof(dir->path), "/tmp/paravane-%u",
			     (unsigned int)geteuid());
	if ((size_t)n >= sizeof(dir->path))
		return error_set(err, "$XDG_RUNTIME_DIR '%s' is too long for sockets; at most %zu "
				 "bytes are accepted", base, sizeof(dir->path) - 10);
	return check_dir(dir->path, err);
}

void rundir_file(const struct rundir *dir, const char *host, const char *file,
		 char path[RUNDIR_MAX_PATH])
{
	snprintf(path, RUNDIR_MAX_PATH, "%s/%.*s/%s", dir->path, RUNDIR_MAX_HOST - 1, host, file);
}

int rundir_check_host(const char *name, struct error *err)
{
	size_t n;

	for (n = 0; isalnum((unsigned char)name[n]) || (name[n] && strchr("._-", name[n])); n++)
		;
	/* "links" is the folder of links between network cards (xen/pv_device.h). */
	if (!n || name[n] || n >= RUNDIR_MAX_HOST || *name == '.' || !strcmp(name, "links"))
		return error_set(err, "host '%s': 1 to %d letters, digits, '.', '_' and '-', not "
				 "first a '.', and not links, are accepted", name,
				 RUNDIR_MAX_HOST - 1);
	return 0;
}

int rundir_lock(const struct rundir *dir, struct error *err)
{
	char path[RUNDIR_MAX_PATH];
	int fd;

	snprintf(path, sizeof(path), "%s/lock", dir->path);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	while (flock(fd, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		error_set(err, "%s: %s", path, strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

/* --- control sockets --- */

static void control_address(const struct rundir *dir, const char *host, struct sockaddr_un *addr)
{
	_Static_assert(RUNDIR_MAX_PATH <= sizeof(addr->sun_path), "a path is an address");
	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	rundir_file(dir, host, "control", addr->sun_path);
}

int rundir_connect(const struct rundir *dir, const char *host)
{
	struct sockaddr_un addr;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), saved;

	if (fd < 0)
		return -1;
	control_address(dir, host, &addr);
	if (!connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* Removes the sockets of a host that has died. The caller knows that nobody listens. */
static void remove_sockets(const struct rundir *dir, const char *host)
{
	char path[RUNDIR_MAX_PATH];

	rundir_file(dir, host, "control", path);
	unlink(path);
	rundir_file(dir, host, "store", path);
	unlink(path);
}

static int is_host(const struct dirent *entry)
{
	return !rundir_check_host(entry->d_name, NULL);
}

int rundir_hosts(const struct rundir *dir, int (*fn)(void *ctx, const char *host), void *ctx,
		 struct error *err)
{
	struct dirent **entries;
	int n = scandir(dir->path, &entries, is_host, alphasort), rc = 0, fd;

	if (n < 0)
		return error_set(err, "%s: %s", dir->path, strerror(errno));
	for (int i = 0; i < n; i++) {
		fd = rc ? -1 : rundir_connect(dir, entries[i]->d_name);
		if (fd >= 0) {
			close(fd);
			rc = fn(ctx, entries[i]->d_name);
		} else if (!rc && errno == ECONNREFUSED) {
			/* Whoever starts a host listens before others see the socket. */
			remove_sockets(dir, entries[i]->d_name);
		}
		free(entries[i]);
	}
	free(entries);
	return rc;
}

static int is_file(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* All that a host has left, or all but its log. */
static void remove_files(const struct rundir *dir, const char *host, bool but_log)
{
	char folder[RUNDIR_MAX_PATH], path[RUNDIR_MAX_PATH + 256];
	struct dirent **entries;
	int n;

	rundir_file(dir, host, "", folder);
	n = scandir(folder, &entries, is_file, alphasort);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s%s", folder, entries[i]->d_name);
		if (!but_log || strcmp(entries[i]->d_name, "log"))
			unlink(path);
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	rmdir(folder); /* if it is empty */
}

/* Logs of hosts that have ended: the newest stay. */
static void prune(const struct rundir *dir)
{
	struct { char name[RUNDIR_MAX_HOST]; time_t when; } old[256];
	char path[RUNDIR_MAX_PATH];
	struct dirent **entries;
	int n = scandir(dir->path, &entries, is_host, alphasort), nr = 0;

	for (int i = 0; i < n; i++) {
		struct stat st;

		rundir_file(dir, entries[i]->d_name, "control", path);
		if (lstat(path, &st) && nr < 256) {
			rundir_file(dir, entries[i]->d_name, "log", path);
			if (!lstat(path, &st)) {
				snprintf(old[nr].name, sizeof(old[nr].name), "%.*s",
					 RUNDIR_MAX_HOST - 1, entries[i]->d_name);
				old[nr++].when = st.st_mtime;
			}
		}
		free(entries[i]);
	}
	if (n >= 0)
		free(entries);
	for (; nr > KEEP_LOGS; nr--) {
		int oldest = 0;

		for (int i = 1; i < nr; i++) {
			if (old[i].when < old[oldest].when)
				oldest = i;
		}
		remove_files(dir, old[oldest].name, false);
		old[oldest] = old[nr - 1];
	}
}

int rundir_listen(const struct rundir *dir, const char *host, struct error *err)
{
	struct sockaddr_un addr;
	char path[RUNDIR_MAX_PATH];
	int fd;

	prune(dir);
	fd = rundir_connect(dir, host);
	if (fd >= 0) {
		close(fd);
		error_set(err, "host '%s' runs already", host);
		errno = EEXIST;
		return -1;
	}
	snprintf(path, sizeof(path), "%s/%.*s", dir->path, RUNDIR_MAX_HOST - 1, host);
	remove_files(dir, host, true);
	if (check_dir(path, err))
		return -1;
	control_address(dir, host, &addr);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && !bind(fd, (struct sockaddr *)&addr, sizeof(addr)) && !listen(fd, 64))
		return fd;
	error_set(err, "%s: %s", addr.sun_path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

/* --- ids of domains --- */

/*
 * Byte N of the file is locked by the process in which domain N lives: the lock goes with the
 * process, whatever ends it. The content is the id that was given out last.
 */
int rundir_domids_open(struct rundir_domids *ids, const struct rundir *dir, struct error *err)
{
	char path[RUNDIR_MAX_PATH];

	snprintf(path, sizeof(path), "%s/domids", dir->path);
	ids->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (ids->fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	memset(ids->used, 0, sizeof(ids->used));
	pthread_mutex_init(&ids->lock, NULL);
	return 0;
}

static int lock_byte(int fd, unsigned int n, short type)
{
	struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = n, .l_len = 1 };

	return fcntl(fd, F_OFD_SETLK, &lock);
}

int rundir_domid_claim(struct rundir_domids *ids)
{
	uint32_t last = 0, n, id = 0;

	pthread_mutex_lock(&ids->lock);
	if (pread(ids->fd, &last, sizeof(last), 0) != sizeof(last) || last >= DOMID_FIRST_RESERVED)
		last = 0;
	for (n = 1; n < DOMID_FIRST_RESERVED; n++) {
		id = 1 + (last + n - 1) % (DOMID_FIRST_RESERVED - 1);
		/* A lock of this process does not keep it from locking again. */
		if (ids->used[id / 8] & 1 << id % 8 || lock_byte(ids->fd, id, F_WRLCK))
			continue;
		ids->used[id / 8] |= (uint8_t)(1 << id % 8);
		break;
	}
	/* If that fails, the next to come may be this id again once it is free. */
	if (n < DOMID_FIRST_RESERVED && pwrite(ids->fd, &id, sizeof(id), 0) < 0)
		errno = 0;
	pthread_mutex_unlock(&ids->lock);
	return n < DOMID_FIRST_RESERVED ? (int)id : -1;
}

void rundir_domid_release(struct rundir_domids *ids, unsigned int domid)
{
	pthread_mutex_lock(&ids->lock);
	ids->used[domid / 8] &= (uint8_t)~(1 << domid % 8);
	lock_byte(ids->fd, domid, F_UNLCK);
	pthread_mutex_unlock(&ids->lock);
}
