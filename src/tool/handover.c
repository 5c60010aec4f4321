/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Opening files for a host process. */
#include "tool/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "backend/listen.h"
#include "tool/attendant.h"
#include "tool/tool.h"
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

static void become_server(int sock, int log, const char *path, bool read_only)
{
	char format[] = "--format=qcow2", pid[16];
	char *argv[] = { (char *)SERVER, format, (char *)"--shared=16", (char *)"--cache=writeback",
			 (char *)"--discard=unmap", (char *)"--", NULL, NULL, NULL };
	int n = 6, null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (read_only) {
		argv[5] = (char *)"--read-only";
		argv[n++] = (char *)"--";
	}
	if (*path != '/') { /* qemu takes what stands before a colon for a protocol */
		if (asprintf(&argv[n], "./%s", path) < 0)
			_exit(1);
	} else {
		argv[n] = (char *)path;
	}
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "1", 1);
	unsetenv("LISTEN_FDNAMES");
	sock = fcntl(sock, F_DUPFD, FIRST_SOCKET + 1);
	log = fcntl(log, F_DUPFD, FIRST_SOCKET + 1);
	if (null < 0 || sock < 0 || log < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(log, 2) < 0 || dup2(sock, FIRST_SOCKET) < 0)
		_exit(1);
	close_range(FIRST_SOCKET + 1, ~0u, 0);
	execvp(SERVER, argv);
	dprintf(2, SERVER ": %s\n", strerror(errno));
	_exit(127);
}

/*
 * Waits for the server's end and clears up behind it: whoever uses the disk cannot, being confined.
 * A byte on `life` says that somebody uses it now; the end of that without one, that nobody ever
 * will. Disks outlive the command, and keys like Ctrl-C that are meant for it.
 */
static void look_after(int sock, int life, const struct handover_server *s,
		       const struct sockaddr_un *addr, bool read_only)
{
	sigset_t none;
	pid_t server;
	char byte;

	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	server = fork();
	if (!server)
		become_server(sock, s->log, s->target, read_only);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	/* The other ends of pipes are not ours to hold. */
	dup2(life, STDIN_FILENO);
	close_range(STDIN_FILENO + 1, ~0u, 0);
	if (read(STDIN_FILENO, &byte, 1) != 1 && server > 0)
		kill(server, SIGTERM);
	if (server > 0)
		waitpid(server, NULL, 0);
	unlink(addr->sun_path);
	rmdir(s->dir);
	_exit(0);
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

/* Errors that are better told in our words than in the server's. */
static int check_image(const char *path, bool read_only, struct error *err)
{
	int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 && errno == EISDIR)
		return error_set(err, "disk %s: expected a file or a block device", path);
	if (fd < 0 && !read_only && (errno == EACCES || errno == EROFS || errno == EPERM))
		return error_set(err, "disk %s: cannot be written (%s): have it read only, or "
				 "change its mode", path, strerror(errno));
	if (fd < 0)
		return error_set(err, "disk %s: %s", path, strerror(errno));
	close(fd);
	if (system("command -v " SERVER " >/dev/null 2>&1"))
		return error_set(err, "disk %s: format qcow2 needs " SERVER " (package "
				 "qemu-utils), which is not installed; raw images need nothing",
				 path);
	return 0;
}

int handover_serve(struct handover *h, const char *path, bool read_only, char **uri,
		   struct error *err)
{
	struct handover_server *s = &h->servers[h->nr_servers];
	struct sockaddr_un addr;
	int fd, life[2];

	if (check_image(path, read_only, err))
		return -1;
	if (h->nr_servers == HANDOVER_MAX_SERVERS)
		return error_set(err, "disk %s: too many qcow2 disks at once; at most %d are "
				 "accepted", path, HANDOVER_MAX_SERVERS);
	h->nr_servers++;
	s->target = strdup(path);
	s->log = memfd_create("log of " SERVER, MFD_CLOEXEC);
	s->life = -1;
	fd = listen_at(s, &addr);
	if (!s->target || s->log < 0 || fd < 0 || pipe2(life, O_CLOEXEC))
		return error_set(err, "disk %s: no socket for " SERVER ": %s", path,
				 strerror(errno));
	s->pid = fork();
	if (!s->pid)
		look_after(fd, life[0], s, &addr, read_only);
	/* From now on the server alone listens: if it ends, connecting fails instead of waiting. */
	close(fd);
	close(life[0]);
	s->life = life[1];
	if (s->pid < 0)
		return error_set(err, "disk %s: %s", path, strerror(errno));
	return asprintf(uri, "nbd+unix:///?socket=%s", addr.sun_path) < 0 ? no_memory(err) : 0;
}

static void end_server(struct handover_server *s)
{
	if (s->life < 0)
		return;
	close(s->life);
	s->life = -1;
	waitpid(s->pid, NULL, 0);
}

void handover_explain(struct handover *h, struct error *err)
{
	static const char prefix[] = SERVER ": ";
	char text[1024], *line = text;
	ssize_t n;

	for (unsigned int i = 0; i < h->nr_servers; i++) {
		struct handover_server *s = &h->servers[i];

		if (!*s->dir || !strstr(err->msg, s->dir))
			continue;
		/* All it had to say is there once it has ended. */
		end_server(s);
		n = pread(s->log, text, sizeof(text) - 1, 0);
		text[n > 0 ? n : 0] = '\0';
		text[strcspn(text, "\n")] = '\0';
		if (!strncmp(line, prefix, sizeof(prefix) - 1))
			line += sizeof(prefix) - 1;
		error_set(err, "disk %s: " SERVER ": qcow2: %s", s->target, *line ? line :
			  "it does not answer");
		return;
	}
}

/* Has somebody else connect to the Unix socket that the URI names: *uri is changed. */
static int hand_nbd(struct handover *h, char **uri, struct error *err)
{
	char *path = strstr(*uri, "?socket="), *name = NULL, *given;
	int fd, rc;

	if (!path)
		return 0;
	path += 8;
	fd = attendant_connect(path, err);
	if (fd < 0 || add(h, fd, path, &name, err))
		return -1;
	rc = asprintf(&given, "%.*s%s", (int)(path - *uri), *uri, name) < 0 ? no_memory(err) : 0;
	free(name);
	if (!rc) {
		free(*uri);
		*uri = given;
	}
	return rc;
}

static int hand_disk(struct handover *h, const char *spec, char **out, struct error *err)
{
	struct pv_disk_spec s;
	char *file = NULL;
	int rc = 0;

	if (pv_disk_parse(&s, spec, err))
		return -1;
	if (s.format == BLOCK_FORMAT_QCOW2)
		rc = handover_serve(h, s.target, s.read_only, &file, err);
	else if (s.format == BLOCK_FORMAT_NBD)
		rc = (file = strdup(s.target)) ? 0 : no_memory(err);
	else
		rc = handover_file(h, s.target, s.read_only ? O_RDONLY : O_RDWR, &file, err);
	if (!rc && (s.format == BLOCK_FORMAT_QCOW2 || s.format == BLOCK_FORMAT_NBD))
		rc = hand_nbd(h, &file, err);
	if (rc && file == NULL && s.format == BLOCK_FORMAT_RAW) {
		struct error why = *err;

		error_set(err, "disk %.480s", why.msg);
	}
	if (!rc && asprintf(out, "vdev=%s,access=%s,%s%s,target=%s", s.name,
			    s.read_only ? "ro" : "rw", s.cdrom ? "devtype=cdrom," : "",
			    s.discard ? "discard" : "no-discard", file) < 0)
		rc = no_memory(err);
	free(file);
	return rc;
}

/* "mac=...,devid=..." of a card, with a comma behind each. */
static void print_card(char *out, size_t size, const struct pv_vif_spec *s)
{
	size_t n = 0;

	*out = '\0';
	if (s->has_mac)
		n = (size_t)snprintf(out, size, "mac=%02x:%02x:%02x:%02x:%02x:%02x,", s->mac[0],
				     s->mac[1], s->mac[2], s->mac[3], s->mac[4], s->mac[5]);
	if (s->devid >= 0)
		snprintf(out + n, size - n, "devid=%d,", s->devid);
}

/* Links and tap interfaces are opened with the rights of whoever calls the command. */
static int hand_vif(struct handover *h, const char *spec, char **out, struct error *err)
{
	char card[64], path[512], *name = NULL;
	struct pv_vif_spec s;
	struct error why;
	int fd, rc;

	if (pv_vif_parse(&s, spec, err))
		return -1;
	if (s.kind != PV_VIF_TAP && s.kind != PV_VIF_LINK) {
		*out = strdup(spec);
		return *out ? 0 : no_memory(err);
	}
	if (s.kind == PV_VIF_TAP)
		fd = net_tap_descriptor(*s.bridge ? s.bridge : NULL, *s.tap ? s.tap : NULL, &why);
	else
		fd = pv_device_link_path(path, sizeof(path), s.link, &why) ? -1 :
		     attendant_link(path, &why);
	if (fd < 0)
		return error_set(err, "vif '%.100s': %.380s", spec, why.msg);
	if (add(h, fd, s.kind == PV_VIF_LINK ? s.link : *s.tap ? s.tap : s.bridge, &name, err))
		return -1;
	print_card(card, sizeof(card), &s);
	rc = asprintf(out, "%s%s=%s", card, s.kind == PV_VIF_TAP ? "vifname" : "link", name) < 0 ?
	     no_memory(err) : 0;
	free(name);
	return rc;
}

int handover_device(struct handover *h, enum pv_device_kind kind, const char *spec, char **out,
		    struct error *err)
{
	*out = NULL;
	return (kind == PV_DEVICE_DISK ? hand_disk : hand_vif)(h, spec, out, err);
}

/* --- configurations --- */

static int hand_key(struct handover *h, json_t *config, const char *key, int flags,
		    struct error *err)
{
	const char *path = json_string_value(json_object_get(config, key));
	char *name = NULL;
	struct error why;

	if (!path || !*path)
		return json_object_del(config, key) * 0;
	if (handover_file(h, path, flags, &name, &why))
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
		const char *given = json_string_value(json_array_get(list, i));
		char *spec;

		if (handover_device(h, kind, given, &spec, err))
			return -1;
		json_array_set_new(list, i, json_string(spec));
		free(spec);
	}
	return 0;
}

/* --- consoles --- */

/* A pseudo-terminal: both its ends, so that it does not hang up when nobody has it open. */
static int hand_pty(struct handover *h, json_t *config, struct error *err)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), slave;
	char name[64] = "a pseudo-terminal", *first = NULL, *second = NULL;
	struct termios raw;
	int rc = -1;

	if (master < 0 || grantpt(master) || unlockpt(master) ||
	    ptsname_r(master, name, sizeof(name)) ||
	    (slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0) {
		error_set(err, "console: %s: %s", name, strerror(errno));
		if (master >= 0)
			close(master);
		return -1;
	}
	if (!tcgetattr(slave, &raw)) {
		cfmakeraw(&raw);
		tcsetattr(slave, TCSANOW, &raw);
	}
	if (!add(h, slave, name, &second, err) && !add(h, master, name, &first, err)) {
		json_object_set_new(config, "console", json_pack("{s:s, s:s}", "stream", first,
								 "tty", name));
		rc = 0;
	}
	free(first);
	free(second);
	return rc;
}

/* --- sockets that listen --- */

/* Has the socket's name removed when the domain has gone. */
static int hand_removal(struct handover *h, json_t *config, const char *path, struct error *err)
{
	json_t *list = json_object_get(config, "attendants");
	int fd = attendant_remove(path, err);
	char *name;

	if (fd < 0 || add(h, fd, path, &name, err))
		return -1;
	if (!list)
		json_object_set_new(config, "attendants", list = json_array());
	json_array_append_new(list, json_string(name));
	free(name);
	return 0;
}

/* One at the path, which must be free, or have a socket that nobody listens at any more. */
static int listen_at_path(const char *path, struct error *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, probe;

	if (strlen(path) > LISTEN_UNIX_MAX)
		return error_set(err, "unix:%s: at most %d bytes are accepted", path,
				 LISTEN_UNIX_MAX);
	strcpy(addr.sun_path, path);
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (connect(probe, (struct sockaddr *)&addr, sizeof(addr)) && errno == ECONNREFUSED)
		unlink(path);
	close(probe);
	fd = listen_unix(path, 0, 4);
	return fd < 0 ? error_set(err, "unix:%s: %s", path, strerror(errno)) : fd;
}

static int hand_unix(struct handover *h, json_t *config, const char *path, char **name,
		     struct error *err)
{
	int fd = listen_at_path(path, err);

	if (fd < 0)
		return -1;
	if (!hand_removal(h, config, path, err))
		return add(h, fd, path, name, err);
	unlink(path);
	close(fd);
	return -1;
}

static int hand_port(struct handover *h, const char *port, char **name, struct error *err)
{
	int fd = listen_port((uint16_t)strtoul(port, NULL, 10), 1);

	if (fd >= 0)
		return add(h, fd, port, name, err);
	return error_set(err, "port %s of 127.0.0.1: %s", port, strerror(errno));
}

static int hand_console(struct handover *h, json_t *config, struct error *err)
{
	const char *where = json_string_value(json_object_get(config, "console"));
	bool listens = where && !strncmp(where, "unix:", 5);
	struct error why;
	char *name;
	int rc;

	if (!where || !strcmp(where, "stdio"))
		return json_object_del(config, "console") * 0;
	if (!strcmp(where, "pty"))
		return hand_pty(h, config, err);
	rc = listens ? hand_unix(h, config, where + 5, &name, &why) :
	     handover_file(h, where + 5, O_WRONLY | O_CREAT | O_TRUNC, &name, &why);
	if (rc)
		return error_set(err, "console: %s%.400s", listens ? "" : "file:", why.msg);
	json_object_set_new(config, "console", json_pack("{s:s}", listens ? "listen" : "stream",
							 name));
	free(name);
	return 0;
}

/* --- those who look on --- */

static int hand_gdb(struct handover *h, json_t *config, struct error *err)
{
	const char *where = json_string_value(json_object_get(config, "gdb"));
	struct error why;
	char *name;

	if (!where)
		return 0;
	if (!strncmp(where, "unix:", 5) ? hand_unix(h, config, where + 5, &name, &why) :
	    hand_port(h, where, &name, &why))
		return error_set(err, "gdb: %.400s", why.msg);
	json_object_set_new(config, "gdb", json_string(name));
	free(name);
	return 0;
}

static int hand_trace(struct handover *h, json_t *config, struct error *err)
{
	const char *file = json_string_value(json_object_get(config, "trace_file"));
	char *name = NULL;
	int rc;

	if (!file || strcmp(file, "-"))
		return hand_key(h, config, "trace_file", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND,
				err);
	rc = add(h, fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3), "standard error", &name, err);
	if (!rc)
		json_object_set_new(config, "trace_file", json_string(name));
	free(name);
	return rc;
}

int handover_perf_map(struct handover *h, json_t *config, long pid, struct error *err)
{
	struct error why;
	char path[64], *name;
	struct stat st;

	snprintf(path, sizeof(path), TOOL_PERF_MAP, pid);
	/* A folder for all: what stands there may be somebody else's. */
	if (!lstat(path, &st) && (!S_ISREG(st.st_mode) || st.st_uid != geteuid()))
		return error_set(err, "perf_map: %s: it is somebody else's", path);
	if (handover_file(h, path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, &name, &why))
		return error_set(err, "perf_map: %.400s", why.msg);
	json_object_set_new(config, "perf_map", json_string(name));
	free(name);
	return 0;
}

int handover_config(struct handover *h, json_t *config, struct error *err)
{
	return hand_console(h, config, err) || hand_gdb(h, config, err) ||
	       hand_trace(h, config, err) ||
	       hand_key(h, config, "kernel", O_RDONLY, err) ||
	       hand_key(h, config, "ramdisk", O_RDONLY, err) ||
	       hand_key(h, config, "nvram", O_RDWR | O_CREAT, err) ||
	       hand_list(h, config, "disk", PV_DEVICE_DISK, err) ||
	       hand_list(h, config, "vif", PV_DEVICE_VIF, err) ? -1 : 0;
}

void handover_end(struct handover *h, bool done)
{
	for (unsigned int i = 0; i < h->fds.nr; i++)
		free(h->names[i]);
	wire_fds_close(&h->fds);
	for (unsigned int i = 0; i < h->nr_servers; i++) {
		struct handover_server *s = &h->servers[i];

		if (!done || write(s->life, "", 1) != 1)
			end_server(s);
		if (s->life >= 0)
			close(s->life);
		if (s->log >= 0)
			close(s->log);
		free(s->target);
	}
	h->nr_servers = 0;
}
