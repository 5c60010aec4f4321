/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Disks over NBD: of a server that is there, by URI, or in a format of qemu's. For these a child
 * process qemu-nbd serves the image to us over a private Unix socket, and libnbd speaks to it.
 *
 * The child gets the listening socket from us (systemd's LISTEN_FDS convention, which qemu-nbd
 * knows), so there is nothing to wait for, and the socket's name is gone once we are connected. It
 * ends when we disconnect, when we die (PR_SET_PDEATHSIG), or with our last connection.
 */
#include <errno.h>
#include <fcntl.h>
#include <libnbd.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "backend/block_driver.h"
#include "backend/fdpath.h"
#include "backend/iov.h"

#define SERVER "qemu-nbd"
#define BOUNCE (1u << 20)         /* bytes in a read or write */
#define MAX_RANGE (1u << 30)      /* bytes in a trim or zero: the protocol has 32 bits */
#define LISTEN_FD 3               /* SD_LISTEN_FDS_START */

struct connection {
	struct nbd_handle *nbd;
	uint8_t *bounce;
	pthread_mutex_t lock;     /* of bounce: workers share a connection when there is but one */
};

struct nbd {
	struct block_driver drv;
	struct connection conns[BLOCK_WORKERS];
	unsigned int nr_conns;
	pid_t child;
	int log;                  /* what the child wrote to stderr */
};

static struct nbd *to_nbd(struct block_driver *drv)
{
	return (struct nbd *)drv;
}

static int last_errno(void)
{
	int e = nbd_get_errno();

	return e ? e : EIO;
}

static int transfer(struct nbd *n, unsigned int worker, bool write, const struct iovec *iov,
		    unsigned int nr, uint64_t offset, uint64_t length)
{
	struct connection *c = &n->conns[worker % n->nr_conns];
	uint64_t done;
	size_t part;
	int rc = 0;

	pthread_mutex_lock(&c->lock);
	for (done = 0; done < length && !rc; done += part) {
		part = length - done < BOUNCE ? length - done : BOUNCE;
		if (write) {
			iov_to_buf(iov, nr, done, c->bounce, part);
			rc = nbd_pwrite(c->nbd, c->bounce, part, offset + done, 0);
		} else {
			rc = nbd_pread(c->nbd, c->bounce, part, offset + done, 0);
			if (!rc)
				iov_from_buf(iov, nr, done, c->bounce, part);
		}
	}
	pthread_mutex_unlock(&c->lock);
	return rc ? last_errno() : 0;
}

static int nbd_drv_read(struct block_driver *drv, unsigned int worker, const struct iovec *iov,
			unsigned int n, uint64_t offset, uint64_t length)
{
	return transfer(to_nbd(drv), worker, false, iov, n, offset, length);
}

static int nbd_drv_write(struct block_driver *drv, unsigned int worker, const struct iovec *iov,
			 unsigned int n, uint64_t offset, uint64_t length)
{
	return transfer(to_nbd(drv), worker, true, iov, n, offset, length);
}

static struct nbd_handle *handle(struct block_driver *drv, unsigned int worker)
{
	struct nbd *n = to_nbd(drv);

	return n->conns[worker % n->nr_conns].nbd;
}

static int nbd_drv_flush(struct block_driver *drv, unsigned int worker)
{
	return nbd_flush(handle(drv, worker), 0) < 0 ? last_errno() : 0;
}

static int nbd_drv_discard(struct block_driver *drv, unsigned int worker, uint64_t offset,
			   uint64_t length)
{
	struct nbd_handle *h = handle(drv, worker);
	uint64_t part;

	if (nbd_can_trim(h) <= 0)
		return 0;
	for (; length; offset += part, length -= part) {
		part = length < MAX_RANGE ? length : MAX_RANGE;
		if (nbd_trim(h, part, offset, 0) < 0)
			return last_errno();
	}
	return 0;
}

static int nbd_drv_write_zeroes(struct block_driver *drv, unsigned int worker, uint64_t offset,
				uint64_t length, bool unmap)
{
	struct nbd_handle *h = handle(drv, worker);
	uint64_t part;

	for (; length; offset += part, length -= part) {
		part = length < MAX_RANGE ? length : MAX_RANGE;
		if (nbd_zero(h, part, offset, unmap ? 0 : LIBNBD_CMD_FLAG_NO_HOLE) < 0)
			return last_errno();
	}
	return 0;
}

static void nbd_drv_close(struct block_driver *drv)
{
	struct nbd *n = to_nbd(drv);

	for (unsigned int i = 0; i < n->nr_conns; i++) {
		nbd_shutdown(n->conns[i].nbd, 0);
		nbd_close(n->conns[i].nbd);
		pthread_mutex_destroy(&n->conns[i].lock);
		free(n->conns[i].bounce);
	}
	if (n->child > 0) {
		/* It ends by itself at the last disconnect, but not if there was no connection. */
		kill(n->child, SIGTERM);
		while (waitpid(n->child, NULL, 0) < 0 && errno == EINTR)
			;
	}
	if (n->log >= 0)
		close(n->log);
	free(n);
}

static const struct block_driver_ops nbd_ops = {
	.read = nbd_drv_read,
	.write = nbd_drv_write,
	.flush = nbd_drv_flush,
	.discard = nbd_drv_discard,
	.write_zeroes = nbd_drv_write_zeroes,
	.close = nbd_drv_close,
};

/* --- starting the server --- */

static int find_program(const char *name, char *path, size_t size)
{
	const char *dir = getenv("PATH"), *end;

	if (!dir)
		dir = "/usr/local/bin:/usr/bin:/bin";
	for (; *dir; dir = *end ? end + 1 : end) {
		end = strchrnul(dir, ':');
		if (end > dir && snprintf(path, size, "%.*s/%s", (int)(end - dir), dir, name) <
					 (int)size && !access(path, X_OK))
			return 0;
	}
	return -1;
}

/* The socket in a directory that only we may enter. */
struct private_socket {
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path) - 8];
	struct sockaddr_un addr;
	int fd;
};

static int make_socket(struct private_socket *s)
{
	const char *base = getenv("XDG_RUNTIME_DIR");

	s->fd = -1;
	if (!base || !*base || access(base, W_OK) < 0 || strlen(base) > sizeof(s->dir) - 32)
		base = "/tmp";
	snprintf(s->dir, sizeof(s->dir), "%s/paravane-nbd-XXXXXX", base);
	if (!mkdtemp(s->dir)) {
		s->dir[0] = 0;
		return -1;
	}
	s->addr = (struct sockaddr_un){ .sun_family = AF_UNIX };
	snprintf(s->addr.sun_path, sizeof(s->addr.sun_path), "%s/nbd", s->dir);
	s->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (s->fd < 0 || bind(s->fd, (struct sockaddr *)&s->addr, sizeof(s->addr)) < 0 ||
	    listen(s->fd, BLOCK_WORKERS) < 0)
		return -1;
	return 0;
}

static void drop_socket(struct private_socket *s)
{
	if (s->fd >= 0)
		close(s->fd);
	if (s->dir[0]) {
		unlink(s->addr.sun_path);
		rmdir(s->dir);
	}
}

/* In the child, between fork and exec: only what is safe with other threads gone. */
static void become_server(const char *program, char *const argv[], char *envp[], char *pid_text,
			  int sock, int log, pid_t parent)
{
	sigset_t none;
	pid_t pid = getpid();
	int null = open("/dev/null", O_RDWR);
	char digits[16];
	int n = 0;

	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(1);
	/* Keys like Ctrl-C are for the machine: the disk must outlive its last write. */
	setsid();
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	for (; pid; pid /= 10)
		digits[n++] = (char)('0' + pid % 10);
	while (n)
		*pid_text++ = digits[--n];
	*pid_text = 0;
	/* sock may be any number: take it out of the way of the others first. */
	sock = fcntl(sock, F_DUPFD, LISTEN_FD + 1);
	log = fcntl(log, F_DUPFD, LISTEN_FD + 1);
	if (null < 0 || sock < 0 || log < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 ||
	    dup2(log, 2) < 0 || dup2(sock, LISTEN_FD) < 0)
		_exit(1);
	close_range(LISTEN_FD + 1, ~0u, 0);
	execve(program, argv, envp);
	_exit(1);
}

static pid_t start_server(const char *program, const char *path, const char *format,
			  bool read_only, int sock, int log)
{
	static const char pid_name[] = "LISTEN_PID=";
	char format_arg[32], shared_arg[32], listen_pid[32] = "LISTEN_PID=";
	size_t n = 0, k = 0;
	char **envp;
	pid_t parent = getpid(), child;
	char *file;
	char *argv[10];

	/* qemu takes what stands before a colon for a protocol unless a slash comes first. */
	if (asprintf(&file, "%s%s", *path == '/' ? "" : "./", path) < 0)
		return -1;
	snprintf(format_arg, sizeof(format_arg), "--format=%s", format);
	snprintf(shared_arg, sizeof(shared_arg), "--shared=%d", BLOCK_WORKERS);
	argv[n++] = (char *)SERVER;
	argv[n++] = format_arg;
	argv[n++] = shared_arg;
	argv[n++] = (char *)"--cache=writeback";
	argv[n++] = (char *)"--discard=unmap";
	if (read_only)
		argv[n++] = (char *)"--read-only";
	argv[n++] = (char *)"--";
	argv[n++] = file;
	argv[n] = NULL;

	for (n = 0; environ[n]; n++)
		;
	envp = calloc(n + 3, sizeof(*envp));
	if (!envp) {
		free(file);
		return -1;
	}
	for (n = 0; environ[n]; n++)
		if (strncmp(environ[n], "LISTEN_", 7))
			envp[k++] = environ[n];
	envp[k++] = listen_pid;
	envp[k++] = (char *)"LISTEN_FDS=1";

	child = fork();
	if (!child)
		become_server(program, argv, envp, listen_pid + sizeof(pid_name) - 1, sock, log,
			      parent);
	free(envp);
	free(file);
	return child;
}

/* What the child said last, without its name; or what libnbd says. */
static void explain(struct nbd *n, const char *path, const char *what, struct error *err)
{
	const char *prefix = SERVER ": ";
	char text[1024], *line, *end;
	ssize_t len;

	snprintf(text, sizeof(text), "%s", nbd_get_error() ? nbd_get_error() : what);
	/* If it has given up, all it had to say is there once it has ended. */
	if (n->child > 0) {
		kill(n->child, SIGTERM);
		while (waitpid(n->child, NULL, 0) < 0 && errno == EINTR)
			;
		n->child = 0;
	}
	len = pread(n->log, text, sizeof(text) - 1, 0);
	if (len > 0)
		text[len] = 0;
	line = text;
	if (!strncmp(line, prefix, strlen(prefix)))
		line += strlen(prefix);
	end = strchr(line, '\n');
	if (end)
		*end = 0;
	error_set(err, "disk %s: %s: %s", path, SERVER, line);
}

/* A name as URIs write it (RFC 3986, 2.1), up to its end. */
static void decode_name(char *out, size_t size, const char *from, const char *end)
{
	unsigned int byte;

	for (; from < end && size > 1; size--) {
		if (*from == '%' && end - from >= 3 && sscanf(from + 1, "%2x", &byte) == 1) {
			*out++ = (char)byte;
			from += 3;
		} else {
			*out++ = *from++;
		}
	}
	*out = '\0';
}

/* nbd+unix:///EXPORT?socket=/dev/fd/N: somebody else connects for us. */
static int connect_given(struct nbd_handle *h, const char *uri, const char *socket)
{
	const char *path = strstr(uri, "://") + 3, *end = strchr(path, '?');
	char export[4097];
	int fd;

	path += *path == '/';
	decode_name(export, sizeof(export), path, end && end > path ? end : path);
	fd = fdpath_connect(socket, NULL);
	if (fd < 0)
		return -1;
	/* libnbd takes it over, whatever comes of it. */
	return nbd_set_export_name(h, export) < 0 ? -1 : nbd_connect_socket(h, fd);
}

/* To the child, or by URI if that is not NULL. */
static int connect_one(struct nbd_handle *h, const struct private_socket *s, const char *uri)
{
	const char *given;

	if (!uri)
		return nbd_connect_unix(h, s->addr.sun_path);
	given = strstr(uri, "?socket=/dev/fd/");
	if (given)
		return connect_given(h, uri, given + 8);
	nbd_set_uri_allow_transports(h, LIBNBD_ALLOW_TRANSPORT_TCP | LIBNBD_ALLOW_TRANSPORT_UNIX);
	return nbd_connect_uri(h, uri);
}

static int connect_all(struct nbd *n, const struct private_socket *s, const char *uri)
{
	struct connection *c;
	unsigned int wanted = 1;

	while (n->nr_conns < wanted) {
		c = &n->conns[n->nr_conns];
		c->bounce = malloc(BOUNCE);
		c->nbd = c->bounce ? nbd_create() : NULL;
		if (!c->nbd || connect_one(c->nbd, s, uri) < 0) {
			nbd_close(c->nbd);
			free(c->bounce);
			return -1;
		}
		pthread_mutex_init(&c->lock, NULL);
		n->nr_conns++;
		/* A flush must cover what other connections have written. */
		if (nbd_can_multi_conn(c->nbd) > 0)
			wanted = BLOCK_WORKERS;
	}
	return 0;
}

/* Errors that are better told in our words than in the server's. */
static int check_file(const char *path, bool read_only, struct error *err)
{
	struct stat st;
	int fd = open(path, (read_only ? O_RDONLY : O_RDWR) | O_CLOEXEC | O_NONBLOCK), rc = 0;

	if (fd < 0 && !read_only && (errno == EACCES || errno == EROFS || errno == EPERM))
		return error_set(err, "disk %s: cannot be written (%s): add ro or snapshot, or "
				 "change its mode", path, strerror(errno));
	if (fd < 0 && errno != EISDIR)
		return error_set(err, "disk %s: %s", path, strerror(errno));
	if (fd < 0 || fstat(fd, &st) < 0 || !(S_ISREG(st.st_mode) || S_ISBLK(st.st_mode)))
		rc = error_set(err, "disk %s: expected a file or a block device", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

struct block_driver *block_nbd_open(const char *path, const char *format, bool read_only,
				    struct error *err)
{
	struct private_socket sock = { .fd = -1 };
	char program[4096];
	struct nbd *n;
	int64_t size;

	if (check_file(path, read_only, err) < 0)
		return NULL;
	if (find_program(SERVER, program, sizeof(program)) < 0) {
		error_set(err, "disk %s: format %s needs " SERVER " (package qemu-utils), which is "
			  "not installed; raw images need nothing", path, format);
		return NULL;
	}
	n = calloc(1, sizeof(*n));
	if (!n) {
		error_set(err, "disk %s: out of memory", path);
		return NULL;
	}
	n->drv.ops = &nbd_ops;
	n->drv.read_only = read_only;
	n->log = memfd_create("qemu-nbd-log", MFD_CLOEXEC);
	if (n->log < 0 || make_socket(&sock) < 0) {
		error_set(err, "disk %s: cannot make a socket for " SERVER ": %s", path,
			  strerror(errno));
		goto fail;
	}
	n->child = start_server(program, path, format, read_only, sock.fd, n->log);
	/* From now on the child alone listens: if it ends, connecting fails instead of waiting. */
	close(sock.fd);
	sock.fd = -1;
	if (n->child < 0) {
		error_set(err, "disk %s: cannot start " SERVER ": %s", path, strerror(errno));
		goto fail;
	}
	if (connect_all(n, &sock, NULL) < 0) {
		explain(n, path, "out of memory", err);
		goto fail;
	}
	size = nbd_get_size(n->conns[0].nbd);
	if (size < 0) {
		explain(n, path, "the size is not known", err);
		goto fail;
	}
	n->drv.size = (uint64_t)size & ~(uint64_t)(BLOCK_SECTOR - 1);
	drop_socket(&sock);
	return &n->drv;
fail:
	drop_socket(&sock);
	nbd_drv_close(&n->drv);
	return NULL;
}

struct block_driver *block_nbd_open_uri(const char *uri, bool read_only, struct error *err)
{
	struct nbd *n = calloc(1, sizeof(*n));
	const char *why;
	int64_t size;

	if (!n) {
		error_set(err, "disk %s: out of memory", uri);
		return NULL;
	}
	n->drv.ops = &nbd_ops;
	n->drv.read_only = read_only;
	n->log = -1;
	if (connect_all(n, NULL, uri) < 0)
		goto fail;
	size = nbd_get_size(n->conns[0].nbd);
	if (size < 0)
		goto fail;
	if (!read_only && nbd_is_read_only(n->conns[0].nbd) > 0) {
		error_set(err, "disk %s: the server does not let it be written: say access=ro",
			  uri);
		nbd_drv_close(&n->drv);
		return NULL;
	}
	n->drv.size = (uint64_t)size & ~(uint64_t)(BLOCK_SECTOR - 1);
	return &n->drv;
fail:
	why = nbd_get_error();
	error_set(err, "disk %s: %s", uri, why ? why : "out of memory");
	nbd_drv_close(&n->drv);
	return NULL;
}
