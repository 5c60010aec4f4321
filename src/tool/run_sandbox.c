/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What `paravane run` may open: the files that its options name. */
#include "tool/run_sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/net.h"

/* A text that stays; NULL: no memory. Takes it over. */
static char *keep(struct run_sandbox *s, char *text)
{
	if (!text || s->nr_texts == sizeof(s->texts) / sizeof(s->texts[0])) {
		free(text);
		return NULL;
	}
	return s->texts[s->nr_texts++] = text;
}

static int too_many(struct error *err)
{
	return error_set(err, "sandbox: too many files, or out of memory");
}

static int allow(const char *list[SANDBOX_MAX_PATHS], const char *path, struct error *err)
{
	return !path || sandbox_allow(list, path) ? 0 : too_many(err);
}

/* The folder in which a path is. */
static int allow_folder(struct run_sandbox *s, const char *list[SANDBOX_MAX_PATHS],
			const char *path, struct error *err)
{
	char *copy = keep(s, strdup(path));

	return copy && sandbox_allow(list, dirname(copy)) ? 0 : too_many(err);
}

static int allow_disk(struct run_sandbox *s, struct machine_disk *disk, struct error *err)
{
	bool read_only = disk->read_only || disk->snapshot;
	const char *tmp = getenv("TMPDIR");
	char *uri;

	if (disk->snapshot && allow(s->box.write, tmp && *tmp ? tmp : "/var/tmp", err))
		return -1;
	if (disk->format != MACHINE_DISK_QCOW2)
		return allow(read_only ? s->box.read : s->box.write, disk->path, err);
	if (handover_serve(&s->given, disk->path, read_only, &uri, err))
		return -1;
	disk->path = keep(s, uri);
	disk->format = MACHINE_DISK_UNNAMED;
	return disk->path ? 0 : too_many(err);
}

/* A name that is kept for a descriptor that is open from now on; takes it over. */
static const char *given(struct run_sandbox *s, int fd, struct error *err)
{
	char *name;

	if (asprintf(&name, "/dev/fd/%d", fd) < 0)
		name = NULL;
	name = keep(s, name);
	if (name && wire_fds_add(&s->given.fds, fd) >= 0)
		return name;
	too_many(err);
	return NULL;
}

static int open_tap(struct run_sandbox *s, struct machine_net *net, struct error *err)
{
	int fd = net_tap_descriptor(NULL, net->tap, err);

	if (fd < 0)
		return -1;
	net->tap = given(s, fd, err);
	return net->tap ? 0 : -1;
}

static int open_map(struct run_sandbox *s, struct machine_config *config, struct error *err)
{
	int fd = open(config->perf_map, O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(err, "%s: %s", config->perf_map, strerror(errno));
	config->perf_map = given(s, fd, err);
	return config->perf_map ? 0 : -1;
}

/* A file that is made here if it is not there, so that nothing else in its folder is allowed. */
static int allow_file(struct run_sandbox *s, const char *path, struct error *err)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0666);

	if (fd >= 0)
		close(fd);
	return allow(s->box.write, path, err);
}

static int allow_console(struct run_sandbox *s, const char *spec, struct error *err)
{
	if (!strcmp(spec, "pty"))
		return allow(s->box.write, "/dev/ptmx", err) ||
		       allow(s->box.write, "/dev/pts", err);
	if (!strncmp(spec, "unix:", 5))
		return allow_folder(s, s->box.sockets, spec + 5, err);
	return strncmp(spec, "file:", 5) ? 0 : allow_file(s, spec + 5, err);
}

int run_sandbox_enter(struct run_sandbox *s, struct machine_config *config, const char *gdb,
		      struct error *err)
{
	bool landlock;

	if (allow(s->box.read, config->kernel, err) || allow(s->box.read, config->initrd, err) ||
	    allow_console(s, config->console, err) ||
	    (gdb && !strncmp(gdb, "unix:", 5) &&
	     allow_folder(s, s->box.sockets, gdb + 5, err)) ||
	    (config->nvram && allow_file(s, config->nvram, err)) ||
	    (config->perf_map && open_map(s, config, err)) ||
	    (config->nr_nets && config->nets[0].kind == MACHINE_NET_TAP &&
	     open_tap(s, &config->nets[0], err)))
		return -1;
	for (unsigned int i = 0; i < config->nr_disks; i++) {
		if (allow_disk(s, &config->disks[i], err))
			return -1;
	}
	return sandbox_enter(&s->box, &landlock, err);
}

void run_sandbox_end(struct run_sandbox *s, bool done)
{
	/* Its names are for messages of host processes. */
	for (unsigned int i = 0; i < s->given.fds.nr; i++)
		s->given.names[i] = NULL;
	handover_end(&s->given, done);
	for (unsigned int i = 0; i < s->nr_texts; i++)
		free(s->texts[i]);
	s->nr_texts = 0;
}
