/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening files for a host process. */
#include "tool/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xen/pv_device_spec.h"

#define SERVER "qemu-nbd"
#define FIRST_SOCKET 3 /* sd_listen_fds(3) */

static int no_memory(struct error *err)
{
	return error_set(err, "out of memory");
}

static int add(struct handover *h, int fd, const char *name, char **out, struct error *err)
{
	int index = wire_fds_add(&h->fds, fd);

	if (index < 0)
		return error_set(err, "%s: too many files; at most %u are accepted", name,
				 WIRE_MAX_FDS);
	h->names[index] = strdup(name);
	if (!h->names[index] || asprintf(out, "/dev/fd/@%d", index) < 0)
		return no_memory(err);
	return 0;
}

int handover_file(struct handover *h, const char *path, int flags, char **out, struct error *err)
{
	/* O_NONBLOCK: a FIFO must not stop us; the host process refuses it. */
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0600);

	if (fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	return add(h, fd, path, out, err);
}

/* --- disks that need a server --- */

static void become_server(int sock, const struct pv_disk_spec *s)
{
	char format[] = "--format=qcow2", pid[16];
	char *argv[] = { (char *)SERVER, format, (char *)"--shared=16", (char *)"--cache=writeback",
			 (char *)"--discard=unmap", (char *)"--", NULL, NULL, NULL };
	int n = 6, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	/* Disks outlive the command, and keys like Ctrl-C that are meant for it. */
	setsid();
	if (s->read_only) {
		argv[5] = (char *)"--read-only";
		argv[n++] = (char *)"--";
	}
	if (*s->target != '/') { /* qemu takes what stands before a colon for a protocol */
		if (asprintf(&argv[n], "./%s", s->target) < 0)
			_exit(1);
	} else {
		argv[n] = (char *)s->target;
	}
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	unsetenv("LISTEN_FDNAMES");
	sock = fcntl(sock, F_DUPFD, FIRST_SOCKET + 1);
	if (null < 0 || sock < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0 ||
	    dup2(sock, FIRST_SOCKET) < 0)
		_exit(1);
	close_range(FIRST_SOCKET + 1, ~0u, 0);
	execvp(SERVER, argv);
	_exit(127);
}

static int listen_at(struct handover_server *server, struct sockaddr_un *addr)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(server->dir, sizeof(server->dir), "/tmp/paravane-disk-XXXXXX");
	if (fd < 0 || !mkdtemp(server->dir)) {
		server->dir[0] = '\0';
		return -1;
	}
	snprintf(addr->sun_path, sizeof(addr->sun_path), "%s/nbd", server->dir);
	if (!bind(fd, (struct sockaddr *)addr, sizeof(*addr)) && !listen(fd, 16))
		return fd;
	close(fd);
	return -1;
}

/* The target becomes the URI of a server for it. */
static int serve(struct handover *h, struct pv_disk_spec *s, struct error *err)
{
	struct handover_server *server = &h->servers[h->nr_servers];
	int probe = open(s->target, (s->read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);
	struct sockaddr_un addr;
	int fd;

	if (probe < 0)
		return error_set(err, "disk %s: %s", s->target, strerror(errno));
	close(probe);
	if (system("command -v " SERVER " >/dev/null 2>&1"))
		return error_set(err, "disk %s: format qcow2 needs " SERVER " (package qemu-utils), "
				 "which is not installed; raw images need nothing", s->target);
	if (h->nr_servers == HANDOVER_MAX_SERVERS)
		return error_set(err, "disk %s: too many qcow2 disks at once; at most %d are "
				 "accepted", s->target, HANDOVER_MAX_SERVERS);
	h->nr_servers++;
	fd = listen_at(server, &addr);
	if (fd < 0)
		return error_set(err, "disk %s: no socket for " SERVER ": %s", s->target,
				 strerror(errno));
	server->pid = fork();
	if (!server->pid)
		become_server(fd, s);
	/* From now on the server alone listens: if it ends, connecting fails instead of waiting. */
	close(fd);
	if (server->pid < 0)
		return error_set(err, "disk %s: %s", s->target, strerror(errno));
	snprintf(s->target, sizeof(s->target), "nbd+unix:///?socket=%s", addr.sun_path);
	return 0;
}

static int hand_disk(struct handover *h, const char *spec, char **out, struct error *err)
{
	struct pv_disk_spec s;
	char *file = NULL;
	int rc = 0;

	if (pv_disk_parse(&s, spec, err))
		return -1;
	if (s.format == BLOCK_FORMAT_QCOW2)
		rc = serve(h, &s, err);
	else if (s.format != BLOCK_FORMAT_NBD)
		rc = handover_file(h, s.target, s.read_only ? O_RDONLY : O_RDWR, &file, err);
	if (rc && file == NULL && s.format == BLOCK_FORMAT_RAW) {
		struct error why = *err;

		error_set(err, "disk %.480s", why.msg);
	}
	if (!rc && asprintf(out, "vdev=%s,access=%s,%s%s,target=%s", s.name,
			    s.read_only ? "ro" : "rw", s.cdrom ? "devtype=cdrom," : "",
			    s.discard ? "discard" : "no-discard", file ? file : s.target) < 0)
		rc = no_memory(err);
	free(file);
	return rc;
}

/* A tap interface is opened with the rights of whoever calls the command. */
static int hand_vif(struct handover *h, const char *spec, char **out, struct error *err)
{
	struct pv_vif_spec s;
	char mac[32] = "", devid[24] = "", *tap;
	int fd, rc;

	if (pv_vif_parse(&s, spec, err))
		return -1;
	if (s.kind != PV_VIF_TAP) {
		*out = strdup(spec);
		return *out ? 0 : no_memory(err);
	}
	fd = net_tap_descriptor(*s.bridge ? s.bridge : NULL, *s.tap ? s.tap : NULL, err);
	if (fd < 0 || add(h, fd, *s.tap ? s.tap : s.bridge, &tap, err))
		return -1;
	if (s.has_mac)
		snprintf(mac, sizeof(mac), "mac=%02x:%02x:%02x:%02x:%02x:%02x,", s.mac[0], s.mac[1],
			 s.mac[2], s.mac[3], s.mac[4], s.mac[5]);
	if (s.devid >= 0)
		snprintf(devid, sizeof(devid), "devid=%d,", s.devid);
	rc = asprintf(out, "%s%svifname=%s", mac, devid, tap) < 0 ? no_memory(err) : 0;
	free(tap);
	return rc;
}

int handover_device(struct handover *h, enum pv_device_kind kind, const char *spec, char **out,
		    struct error *err)
{
	*out = NULL;
	return (kind == PV_DEVICE_DISK ? hand_disk : hand_vif)(h, spec, out, err);
}

/* --- configurations --- */

static int hand_key(struct handover *h, json_t *config, const char *key, struct error *err)
{
	const char *path = json_string_value(json_object_get(config, key));
	char *name = NULL;
	struct error why;

	if (!path || !*path)
		return json_object_del(config, key) * 0;
	if (handover_file(h, path, O_RDONLY, &name, &why))
		return error_set(err, "%s %.400s", key, why.msg);
	json_object_set_new(config, key, json_string(name));
	free(name);
	return 0;
}

static int hand_list(struct handover *h, json_t *config, const char *key,
		     enum pv_device_kind kind, struct error *err)
{
	json_t *list = json_object_get(config, key);

	for (size_t i = 0; i < json_array_size(list); i++) {
		char *spec;

		if (handover_device(h, kind, json_string_value(json_array_get(list, i)), &spec, err))
			return -1;
		json_array_set_new(list, i, json_string(spec));
		free(spec);
	}
	return 0;
}

int handover_config(struct handover *h, json_t *config, struct error *err)
{
	return hand_key(h, config, "kernel", err) || hand_key(h, config, "ramdisk", err) ||
	       hand_list(h, config, "disk", PV_DEVICE_DISK, err) ||
	       hand_list(h, config, "vif", PV_DEVICE_VIF, err) ? -1 : 0;
}

void handover_end(struct handover *h, bool done)
{
	char path[80];

	for (unsigned int i = 0; i < h->fds.nr; i++)
		free(h->names[i]);
	wire_fds_close(&h->fds);
	for (unsigned int i = 0; i < h->nr_servers; i++) {
		struct handover_server *s = &h->servers[i];

		if (!done && s->pid > 0 && !kill(s->pid, SIGTERM))
			waitpid(s->pid, NULL, 0);
		snprintf(path, sizeof(path), "%s/nbd", s->dir);
		if (*s->dir && !unlink(path))
			rmdir(s->dir);
	}
	h->nr_servers = 0;
}
