/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The host process: from the fork to its end. */
#include "tool/host.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend/fdpath.h"
#include "backend/xenstore.h"
#include "tool/attendant.h"
#include "tool/namespace.h"
#include "tool/orphan.h"
#include "tool/sandbox.h"
#include "tool/server.h"

/* Standard input from nowhere, output into the log. */
static int redirect(const struct rundir *dir, const char *name, struct error *err)
{
	char path[RUNDIR_MAX_PATH];
	int null, log;

	rundir_file(dir, name, "log", path);
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	log = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (null < 0 || log < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(log, STDOUT_FILENO) < 0 ||
	    dup2(log, STDERR_FILENO) < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	close(null);
	close(log);
	setvbuf(stderr, NULL, _IOLBF, 0);
	return 0;
}

/* Where coredump-* puts cores: $XDG_STATE_HOME/paravane. False: there is no such place. */
static bool find_core_dir(char *path, size_t size)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	int n;

	if (state && *state == '/')
		n = snprintf(path, size, "%s/paravane", state);
	else if (home && *home == '/')
		n = snprintf(path, size, "%s/.local/state/paravane", home);
	else
		return false;
	if (n < 0 || (size_t)n >= size)
		return false;
	for (char *p = path + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(path, 0700);
		*p = '/';
	}
	return !mkdir(path, 0700) || errno == EEXIST;
}

static void keep_only(int a, int b)
{
	if (a > b) {
		int swap = a;

		a = b;
		b = swap;
	}
	if (a > 3)
		close_range(3, (unsigned int)a - 1, 0);
	if (b > a + 1)
		close_range((unsigned int)a + 1, (unsigned int)b - 1, 0);
	close_range((unsigned int)b + 1, ~0u, 0);
}

static int confine(struct server *s, const struct rundir *dir, struct error *err)
{
	const struct sandbox box = { .attended = true };
	int keeper = attendant_keep(s->folder, s->core_dir, err);

	if (keeper < 0)
		return -1;
	s->namespaces = namespace_hide(dir->path, (const char *const[]){ NULL });
	snprintf(s->keeper, sizeof(s->keeper), "/dev/fd/%d", keeper);
	return sandbox_enter(&box, &s->landlock, err);
}

/* Where the process's own files are for it. */
static void remove_file(const struct server *s, const char *name)
{
	char path[RUNDIR_MAX_PATH + 16];

	snprintf(path, sizeof(path), "%s/%s", server_file_folder(s), name);
	fdpath_unlink(path);
}

/* Does not return. Errors before the first request go to the log: the command sees the connection
 * end, and looks there. */
static void run_host(const struct rundir *dir, const struct host_options *options, int listener,
		     int first)
{
	static char core_dir[4096];
	struct server s = { .name = options->name, .sandbox = options->sandbox };
	char store[RUNDIR_MAX_PATH], folder[RUNDIR_MAX_PATH];
	struct error err = { "" };
	char sandbox[48];
	int rc, store_fd = -1;

	setsid();
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	umask(077);
	if (chdir("/"))
		_exit(1);
	keep_only(listener, first);
	rundir_file(dir, options->name, "store", store);
	rundir_file(dir, options->name, "", folder);
	folder[strlen(folder) - 1] = '\0'; /* the slash */
	s.folder = folder;
	if (find_core_dir(core_dir, sizeof(core_dir)))
		s.core_dir = core_dir;
	rc = redirect(dir, options->name, &err);
	if (!rc)
		rc = rundir_domids_open(&s.domids, dir, &err);
	if (!rc && (store_fd = xenstore_socket_listen(store, &err)) < 0)
		rc = -1;
	if (!rc && options->sandbox)
		rc = confine(&s, dir, &err);
	if (!rc) {
		server_log("host %s: process %d, sandbox: %s", s.name, (int)getpid(),
			   server_sandbox(&s, sandbox, sizeof(sandbox)));
		rc = server_run(&s, listener, first, store_fd, &err);
	}
	if (rc)
		server_log("host %s: %s", s.name, err.msg);
	remove_file(&s, "control");
	remove_file(&s, "store");
	server_log("host %s: end", s.name);
	_exit(rc ? 1 : 0);
}

int host_start(const struct rundir *dir, const struct host_options *options, struct error *err)
{
	int listener = rundir_listen(dir, options->name, err), pair[2], child;

	if (listener < 0)
		return -1;
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		close(listener);
		return error_set(err, "no connection to a host process: %s", strerror(errno));
	}
	child = orphan_fork();
	if (!child)
		run_host(dir, options, listener, pair[1]);
	if (child < 0)
		error_set(err, "no host process: %s", strerror(errno));
	close(pair[1]);
	close(listener);
	if (child > 0)
		return pair[0];
	close(pair[0]);
	return -1;
}
