/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Namespaces of users and mounts; see user_namespaces(7), mount_namespaces(7). */
#include "tool/namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX_KEPT 8

static bool write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	if (fd >= 0)
		close(fd);
	return ok;
}

/* A namespace in which this user is who it is outside, and may mount. */
static bool enter(void)
{
	unsigned int uid = geteuid(), gid = getegid();
	char map[32];

	if (unshare(CLONE_NEWUSER | CLONE_NEWNS))
		return false;
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	if (!write_file("/proc/self/uid_map", map) || !write_file("/proc/self/setgroups", "deny"))
		return false;
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	return write_file("/proc/self/gid_map", map) &&
	       !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

static bool hide(const char *folder, const char *const *keep)
{
	int kept[MAX_KEPT], nr = 0;
	char path[256], from[32];
	bool ok = true;

	for (; keep[nr] && ok; nr++) {
		snprintf(path, sizeof(path), "%s/%s", folder, keep[nr]);
		kept[nr] = nr < MAX_KEPT ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
		ok = kept[nr] >= 0;
	}
	ok = ok && !mount("none", folder, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC,
			  "mode=0700,size=64k");
	for (int i = 0; i < nr && ok; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, keep[i]);
		snprintf(from, sizeof(from), "/proc/self/fd/%d", kept[i]);
		ok = !mkdir(path, 0700) && !mount(from, path, NULL, MS_BIND, NULL);
	}
	for (int i = 0; i < nr; i++) {
		if (kept[i] >= 0)
			close(kept[i]);
	}
	return ok;
}

bool namespace_hide(const char *folder, const char *const *keep)
{
	int status;
	pid_t child = fork();

	/* What may fail is tried by somebody else first: there is no way back. */
	if (!child)
		_exit(enter() && hide(folder, keep) ? 0 : 1);
	if (child < 0 || waitpid(child, &status, 0) < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status))
		return false;
	return enter() && hide(folder, keep);
}
