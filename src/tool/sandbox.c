/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Confinement: privileges, capabilities, limits, Landlock, seccomp. */
#include "tool/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* --- capabilities and limits --- */

static int drop_capabilities(struct error *err)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };

	/* The bounding set needs CAP_SETPCAP: whoever lacks it has nothing to lose either. */
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_capset, &head, none))
		return error_set(err, "sandbox: capabilities cannot be dropped: %s",
				 strerror(errno));
	return 0;
}

static int set_limits(struct error *err)
{
	const struct rlimit none = { 0, 0 };

	/* A core file would have the guest's memory in it. */
	if (setrlimit(RLIMIT_CORE, &none) || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0))
		return error_set(err, "sandbox: limits cannot be set: %s", strerror(errno));
	return 0;
}

/* --- Landlock --- */

/* Rights by the version of the interface that brought them; headers may be older than it. */
#define FS_V1 ((1ull << 13) - 1)
#define FS_REFER (1ull << 13)     /* 2 */
#define FS_TRUNCATE (1ull << 14)  /* 3 */
#define FS_IOCTL_DEV (1ull << 15) /* 5 */
#define SCOPE_ABSTRACT_UNIX (1ull << 0) /* 6 */
#define SCOPE_SIGNAL (1ull << 1)        /* 6 */

#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITE (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	       LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | \
	       LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_TRUNCATE | \
	       FS_IOCTL_DEV)
/* What a rule for a file may say; the rest is for folders. */
#define FILE_RIGHTS (LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE | \
		     LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV)
#define SOCKETS (LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE)

/* What libraries read: of name resolution, of the machine, of the time zone. */
static const char *const common[] = {
	"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/localtime",
	"/etc/services", "/usr/share/zoneinfo", "/sys/devices/system/cpu", "/dev/urandom", NULL
};

bool sandbox_allow(const char *list[SANDBOX_MAX_PATHS], const char *path)
{
	size_t n = 0;

	while (list[n])
		n++;
	if (n < SANDBOX_MAX_PATHS - 1)
		list[n] = path;
	return n < SANDBOX_MAX_PATHS - 1;
}

/* As the kernel has it since version 6 of the interface. */
struct ruleset_attr {
	uint64_t fs, net, scoped;
};

static void allow_paths(int ruleset, const char *const *paths, uint64_t rights)
{
	for (; *paths; paths++) {
		struct landlock_path_beneath_attr rule = { .allowed_access = rights };
		int fd = open(*paths, O_PATH | O_CLOEXEC | O_DIRECTORY);

		if (fd < 0) {
			fd = open(*paths, O_PATH | O_CLOEXEC);
			rule.allowed_access &= FILE_RIGHTS;
		}
		if (fd < 0)
			continue;
		rule.parent_fd = fd;
		syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
		close(fd);
	}
}

static int enter_landlock(const struct sandbox *s, bool *active, struct error *err)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);
	struct ruleset_attr attr = { .fs = FS_V1 };
	size_t size = offsetof(struct ruleset_attr, net);
	int ruleset, rc;

	*active = version > 0;
	if (version <= 0)
		return 0;
	if (version >= 2)
		attr.fs |= FS_REFER;
	if (version >= 3)
		attr.fs |= FS_TRUNCATE;
	if (version >= 5)
		attr.fs |= FS_IOCTL_DEV;
	if (version >= 6) {
		attr.scoped = SCOPE_ABSTRACT_UNIX | SCOPE_SIGNAL;
		size = sizeof(attr);
	}
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (ruleset < 0)
		return error_set(err, "sandbox: Landlock: %s", strerror(errno));
	allow_paths(ruleset, common, READ & attr.fs);
	allow_paths(ruleset, s->read, READ & attr.fs);
	allow_paths(ruleset, s->sockets, SOCKETS & attr.fs);
	allow_paths(ruleset, s->write, WRITE & attr.fs);
	rc = (int)syscall(SYS_landlock_restrict_self, ruleset, 0);
	if (rc)
		error_set(err, "sandbox: Landlock: %s", strerror(errno));
	close(ruleset);
	return rc;
}

/* --- seccomp --- */

/* By name: not every architecture has all. What is not there is passed over. */
static const char *const allowed[] = {
	/* memory, the translator's included */
	"brk", "mmap", "munmap", "mprotect", "mremap", "madvise", "memfd_create", "membarrier",
	"mincore", "msync", "fadvise64",
	/* threads, signals, time */
	"exit", "exit_group", "futex", "set_robust_list", "get_robust_list", "rseq", "gettid",
	"getpid", "getppid", "sched_yield", "sched_getaffinity", "getcpu",
	"sched_getparam", "sched_getscheduler", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
	"rt_sigtimedwait", "rt_sigsuspend", "sigaltstack", "restart_syscall",
	"nanosleep", "clock_nanosleep", "clock_gettime", "clock_getres", "gettimeofday", "time",
	"timerfd_create", "timerfd_settime", "timerfd_gettime", "getrusage", "sysinfo", "uname",
	"getrandom", "getrlimit", "wait4", "waitid",
	/* descriptors */
	"read", "write", "readv", "writev", "pread64", "pwrite64", "preadv", "pwritev", "preadv2",
	"pwritev2", "lseek", "close", "close_range", "dup", "dup2", "dup3", "pipe2",
	"eventfd2", "epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "poll", "ppoll",
	"select", "pselect6", "fstat", "newfstatat", "stat", "lstat", "statx", "fstatfs", "fsync",
	"fdatasync", "sync_file_range", "fallocate", "ftruncate", "flock", "getcwd", "readlink",
	"readlinkat", "getdents64", "copy_file_range",
	/* files by name: Landlock says which; see also allow_open() */
	"access", "faccessat", "faccessat2",
	/* network: user-mode networking, NBD, sockets of our own */
	"bind", "listen", "accept", "accept4", "connect", "shutdown", "getsockname",
	"getpeername", "setsockopt", "getsockopt", "sendto", "recvfrom", "sendmsg", "recvmsg",
	"sendmmsg", "recvmmsg",
	/* who we are */
	"getuid", "geteuid", "getgid", "getegid", "getresuid", "getresgid",
};

/* Of one that is not attended: Landlock says where. */
static const char *const by_name[] = {
	"unlink", "unlinkat", "rename", "renameat", "renameat2",
};

/* ioctl(2)s: terminals, sizes of block devices, discards, sockets' bytes, tap interfaces. */
static const unsigned int ioctls[] = {
	0x5401 /* TCGETS */, 0x5402 /* TCSETS */, 0x5403 /* TCSETSW */, 0x5413 /* TIOCGWINSZ */,
	0x5404 /* TCSETSF */, 0x80045430 /* TIOCGPTN */, 0x40045431 /* TIOCSPTLCK */,
	0x541b /* FIONREAD */, 0x5421 /* FIONBIO */,
	0x80081272 /* BLKGETSIZE64 */, 0x1268 /* BLKSSZGET */, 0x127b /* BLKPBSZGET */,
	0x1277 /* BLKDISCARD */, 0x127f /* BLKZEROOUT */,
	0x400454d0 /* TUNSETOFFLOAD */, 0x800454d2 /* TUNGETIFF */,
	0x400454d8 /* TUNSETVNETHDRSZ */,
};

/* fcntl(2)s; not the owner and signal of a descriptor, which would reach other processes. */
static const unsigned int fcntls[] = {
	F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_SETLK,
	F_OFD_GETLK, F_OFD_SETLK,
};

/* Threads of this process, no new processes. No filter can look into what clone3(2) is given. */
static int allow_threads(scmp_filter_ctx ctx)
{
	int rc = seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);

	return rc ? rc : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
					  SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD | CLONE_VM,
						  CLONE_THREAD | CLONE_VM));
}

static int allow_open(scmp_filter_ctx ctx, bool landlock)
{
	int rc;

	if (landlock) {
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 0);
		return rc ? rc : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(open), 0);
	}
	rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(openat), 1,
			      SCMP_A2(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY));
	return rc ? rc : seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(open), 1,
					  SCMP_A1(SCMP_CMP_MASKED_EQ, O_ACCMODE | O_CREAT | O_TRUNC,
						  O_RDONLY));
}

/* Sockets of the kinds that are needed; not raw, packet, netlink, vsock, ... */
static int allow_sockets(scmp_filter_ctx ctx, bool attended)
{
	static const struct { int family, type; } sockets[] = {
		{ AF_INET, SOCK_STREAM }, { AF_INET, SOCK_DGRAM },
		{ AF_INET6, SOCK_STREAM }, { AF_INET6, SOCK_DGRAM },
		{ AF_UNIX, SOCK_STREAM }, { AF_UNIX, SOCK_SEQPACKET }, /* not if attended */
	};
	const size_t nr = sizeof(sockets) / sizeof(sockets[0]) - (attended ? 2 : 0);
	int rc = 0;

	for (size_t i = 0; !rc && i < nr; i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
				      SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)sockets[i].family, 0),
				      SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf,
					      (scmp_datum_t)sockets[i].type));
	/* Datagrams would reach any service of the user's that takes them, without a connection. */
	if (!rc)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1,
				      SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, SOCK_STREAM));
	if (!rc)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(socketpair), 1,
				      SCMP_A1(SCMP_CMP_MASKED_EQ, 0xf, SOCK_SEQPACKET));
	return rc;
}

static int allow_calls(scmp_filter_ctx ctx, const char *const *names, size_t nr)
{
	int rc = 0;

	for (size_t i = 0; !rc && i < nr; i++) {
		int call = seccomp_syscall_resolve_name(names[i]);

		if (call >= 0)
			rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, call, 0);
	}
	return rc;
}

static int add_rules(scmp_filter_ctx ctx, bool landlock, bool attended)
{
	int rc = allow_calls(ctx, allowed, sizeof(allowed) / sizeof(allowed[0]));

	if (!rc && !attended)
		rc = allow_calls(ctx, by_name, sizeof(by_name) / sizeof(by_name[0]));
	for (size_t i = 0; !rc && i < sizeof(ioctls) / sizeof(ioctls[0]); i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
				      SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, ioctls[i]));
	for (size_t i = 0; !rc && i < sizeof(fcntls) / sizeof(fcntls[0]); i++)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
				      SCMP_A1(SCMP_CMP_MASKED_EQ, 0xffffffff, fcntls[i]));
	/* A thread's own name; nothing else of prctl(2). */
	if (!rc)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prctl), 1,
				      SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME, 0));
	/* No signals to other processes, nor limits for them. */
	if (!rc)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1,
				      SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
	if (!rc)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
				      SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));
	if (!rc)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1,
				      SCMP_A0(SCMP_CMP_EQ, 0, 0));
	/* A thread's own processors, by 0: all others are numbers that may be anybody's. */
	if (!rc)
		rc = seccomp_rule_add(ctx, SCMP_ACT_ALLOW, SCMP_SYS(sched_setaffinity), 1,
				      SCMP_A0(SCMP_CMP_MASKED_EQ, 0xffffffff, 0));
	if (!rc)
		rc = allow_threads(ctx);
	if (!rc)
		rc = allow_open(ctx, landlock && !attended);
	return rc ? rc : allow_sockets(ctx, attended);
}

static int enter_seccomp(bool landlock, bool attended, struct error *err)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int rc;

	if (!ctx)
		return error_set(err, "sandbox: out of memory");
	rc = add_rules(ctx, landlock, attended);
	if (!rc)
		rc = seccomp_load(ctx);
	seccomp_release(ctx);
	return rc ? error_set(err, "sandbox: system call filter: %s", strerror(-rc)) : 0;
}

int sandbox_enter(const struct sandbox *s, bool *landlock, struct error *err)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return error_set(err, "sandbox: no_new_privs: %s", strerror(errno));
	if (set_limits(err) || drop_capabilities(err) || enter_landlock(s, landlock, err))
		return -1;
	return enter_seccomp(*landlock, s->attended, err);
}

#ifdef __SANITIZE_ADDRESS__
/* LeakSanitizer stops all threads in ways that a confined process has not; it asks here first. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return prctl(PR_GET_SECCOMP, 0, 0, 0, 0) != 0;
}
#endif
