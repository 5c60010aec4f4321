/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A confined process: what it is refused, and what it may still do. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tool/namespace.h"
#include "tool/sandbox.h"

static char dir[32];

/* In the child: says what went wrong, by its number as the status. */
#define MUST(condition) \
	do { \
		if (!(condition)) { \
			fprintf(stderr, "line %d: %s (errno %d)\n", __LINE__, #condition, errno); \
			_exit(1); \
		} \
	} while (0)
#define REFUSED(call, with) MUST((errno = 0, (call) < 0 && errno == (with)))

/* Runs fn in a confined child; true if nothing there went wrong. */
static bool confined_as(const struct sandbox *s, void (*fn)(bool landlock))
{
	struct error err = { "" };
	bool landlock = false;
	int status;
	pid_t child = fork();

	if (!child) {
		if (sandbox_enter(s, &landlock, &err)) {
			fprintf(stderr, "%s\n", err.msg);
			_exit(2);
		}
		fn(landlock);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

static bool confined(void (*fn)(bool landlock))
{
	const struct sandbox s = { .write = { dir }, .read = { "/etc/hosts", "/nowhere" } };

	return confined_as(&s, fn);
}

/* --- refused --- */

static void try_programs(bool landlock)
{
	char *const argv[] = { (char *)"true", NULL };
	void *image = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	REFUSED(execve("/bin/true", argv, NULL), EPERM);
	REFUSED(syscall(SYS_execveat, AT_FDCWD, "/bin/true", argv, NULL, 0), EPERM);
	REFUSED(fork(), EPERM);
	REFUSED(syscall(SYS_clone3, image, 88), ENOSYS);
}

static void no_programs_no_processes(void **state)
{
	assert_true(confined(try_programs));
}

static void try_files(bool landlock)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%s/made", dir);
	if (!landlock) {
		/* Reading is not refused, writing is. */
		REFUSED(open("/etc/passwd", O_RDWR), EPERM);
		REFUSED(open(path, O_RDWR | O_CREAT, 0600), EPERM);
		return;
	}
	REFUSED(open("/etc/passwd", O_RDONLY), EACCES);
	REFUSED(open("/tmp/paravane-test-sandbox", O_RDWR | O_CREAT, 0600), EACCES);
	REFUSED(open("/proc/self/mem", O_RDWR), EACCES);
	MUST(open("/etc/hosts", O_RDWR) < 0 && (errno == EACCES || errno == ENOENT));
	REFUSED(mkdir("/tmp/paravane-test-sandbox", 0700), EPERM);
	REFUSED(chmod(dir, 0777), EPERM);
	fd = open("/etc/hosts", O_RDONLY);
	MUST(fd >= 0 || errno == ENOENT);
	fd = open(path, O_RDWR | O_CREAT, 0600);
	MUST(fd >= 0);
	MUST(write(fd, "x", 1) == 1);
	MUST(!unlink(path));
}

static void no_files_but_those_named(void **state)
{
	assert_true(confined(try_files));
}

static void try_rest(bool landlock)
{
	const struct rlimit more = { 1, RLIM_INFINITY };
	struct rlimit old;
	cpu_set_t cpus;
	int pair[2];

	REFUSED(ptrace(PTRACE_ATTACH, getppid(), NULL, NULL), EPERM);
	REFUSED(kill(getppid(), 0), EPERM);
	REFUSED(syscall(SYS_tgkill, getppid(), getppid(), 0), EPERM);
	REFUSED(fcntl(0, F_SETOWN, getppid()), EPERM);
	REFUSED(fcntl(0, F_SETSIG, SIGKILL), EPERM);
	MUST(fcntl(0, F_GETFL) >= 0);
	REFUSED(syscall(SYS_prlimit64, getppid(), RLIMIT_CORE, NULL, &old), EPERM);
	MUST(!syscall(SYS_tgkill, getpid(), getpid(), 0));
	MUST(!getrlimit(RLIMIT_CORE, &old));
	REFUSED(mount("none", dir, "tmpfs", 0, NULL), EPERM);
	REFUSED(unshare(CLONE_NEWUSER), EPERM);
	REFUSED(setuid(0), EPERM);
	REFUSED(socket(AF_PACKET, SOCK_RAW, 0), EPERM);
	REFUSED(socket(AF_NETLINK, SOCK_RAW, 0), EPERM);
	REFUSED(socket(AF_INET, SOCK_RAW, 1), EPERM);
	REFUSED(socket(AF_INET, SOCK_SEQPACKET, 0), EPERM);
	MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0) >= 0);
	REFUSED(socket(AF_UNIX, SOCK_DGRAM, 0), EPERM);
	MUST(!sched_getaffinity(0, sizeof(cpus), &cpus));
	MUST(!sched_setaffinity(0, sizeof(cpus), &cpus));
	REFUSED(sched_setaffinity(getppid(), sizeof(cpus), &cpus), EPERM);
	REFUSED(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair), EPERM);
	MUST(!socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair));
	REFUSED(syscall(SYS_bpf, 0, NULL, 0), EPERM);
	REFUSED(syscall(SYS_io_uring_setup, 1, NULL), EPERM);
	REFUSED(syscall(SYS_process_vm_readv, getppid(), NULL, 0, NULL, 0, 0), EPERM);
	REFUSED(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0), EPERM);
	REFUSED(setrlimit(RLIMIT_CORE, &more), EPERM);
	MUST(prctl(PR_SET_NAME, "name", 0, 0, 0) == 0);
}

static void no_other_powers(void **state)
{
	assert_true(confined(try_rest));
}

/* One that has others do for it what files and Unix sockets need. */
static void try_attended(bool landlock)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	char path[64], to[64];
	int pair[2], fd;

	snprintf(path, sizeof(path), "%s/there", dir);
	snprintf(to, sizeof(to), "%s/moved", dir);
	REFUSED(open(path, O_RDWR), EPERM);
	REFUSED(open(path, O_WRONLY | O_APPEND), EPERM);
	REFUSED(open(to, O_WRONLY | O_CREAT, 0600), EPERM);
	REFUSED(open(path, O_RDONLY | O_TRUNC), EPERM);
	REFUSED(unlink(path), EPERM);
	REFUSED(rename(path, to), EPERM);
	REFUSED(syscall(SYS_renameat2, AT_FDCWD, path, AT_FDCWD, to, 0), EPERM);
	REFUSED(unlinkat(AT_FDCWD, path, 0), EPERM);
	REFUSED(link(path, to), EPERM);
	REFUSED(socket(AF_UNIX, SOCK_STREAM, 0), EPERM);
	REFUSED(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), EPERM);
	REFUSED(socket(AF_UNIX, SOCK_DGRAM, 0), EPERM);
	MUST(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
	/* What is connected does not connect to anything else, nor does an Internet socket. */
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/listens", dir);
	REFUSED(connect(pair[0], (struct sockaddr *)&addr, sizeof(addr)), EISCONN);
	fd = socket(AF_INET, SOCK_STREAM, 0);
	MUST(fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 &&
	     (errno == EAFNOSUPPORT || errno == EINVAL));
}

static void one_that_is_attended_makes_nothing(void **state)
{
	const struct sandbox s = { .attended = true };
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, listener = socket(AF_UNIX, SOCK_SEQPACKET, 0);
	char path[64];

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/listens", dir);
	assert_int_equal(bind(listener, (struct sockaddr *)&addr, sizeof(addr)), 0);
	assert_int_equal(listen(listener, 1), 0);

	snprintf(path, sizeof(path), "%s/there", dir);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	close(fd);
	assert_true(confined_as(&s, try_attended));
	assert_int_equal(unlink(path), 0);
	assert_int_equal(unlink(addr.sun_path), 0);
	close(listener);
}

/* --- allowed --- */

static void *thread(void *arg)
{
	char *const argv[] = { (char *)"true", NULL };

	/* What a thread may do is what the process may. */
	REFUSED(execve("/bin/true", argv, NULL), EPERM);
	return arg;
}

static void try_needed(bool landlock)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	pthread_t id;
	void *value, *code;
	int pair[2], fd;

	MUST(!pthread_create(&id, NULL, thread, dir) && !pthread_join(id, &value) && value == dir);
	code = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	MUST(code != MAP_FAILED && !mprotect(code, 65536, PROT_READ | PROT_EXEC));
	fd = memfd_create("memory", MFD_CLOEXEC);
	MUST(fd >= 0 && !ftruncate(fd, 1 << 20));
	MUST(mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) != MAP_FAILED);
	MUST(!socketpair(AF_UNIX, SOCK_STREAM, 0, pair) && send(pair[0], "x", 1, 0) == 1);
	MUST(socket(AF_INET, SOCK_STREAM, 0) >= 0 && socket(AF_INET, SOCK_DGRAM, 0) >= 0);
	fd = socket(AF_UNIX, SOCK_STREAM, 0);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/socket", dir);
	MUST(!bind(fd, (struct sockaddr *)&addr, sizeof(addr)) && !listen(fd, 1));
	MUST(!unlink(addr.sun_path));
}

static void what_guests_need_is_there(void **state)
{
	assert_true(confined(try_needed));
}

/* --- namespaces --- */

static void make(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkdir(path, 0700), 0);
}

static void destroy(const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(rmdir(path), 0);
}

static void a_folder_is_hidden_but_for_some(void **state)
{
	static const char *const keep[] = { "ours", NULL };
	char ours[64], others[64], file[64];
	int status;
	pid_t child;

	make("ours");
	make("others");
	snprintf(ours, sizeof(ours), "%s/ours", dir);
	snprintf(others, sizeof(others), "%s/others", dir);
	snprintf(file, sizeof(file), "%s/ours/file", dir);
	child = fork();
	if (!child) {
		uid_t uid = geteuid();

		if (!namespace_hide(dir, keep))
			_exit(77);
		REFUSED(access(others, F_OK), ENOENT);
		MUST(!access(ours, F_OK) && geteuid() == uid);
		MUST(mkdir(file, 0700) == 0);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		destroy("ours");
		destroy("others");
		skip(); /* not for this user, on this kernel */
	}
	assert_true(WIFEXITED(status) && !WEXITSTATUS(status));
	destroy("ours/file"); /* what is done there is done for all */
	destroy("ours");
	destroy("others");
}

static int make_dir(void **state)
{
	strcpy(dir, "/tmp/sandboxXXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	return rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_programs_no_processes),
		cmocka_unit_test(no_files_but_those_named),
		cmocka_unit_test(no_other_powers),
		cmocka_unit_test(one_that_is_attended_makes_nothing),
		cmocka_unit_test(what_guests_need_is_there),
		cmocka_unit_test(a_folder_is_hidden_but_for_some),
	};

	return cmocka_run_group_tests_name("confinement", tests, make_dir, remove_dir);
}
