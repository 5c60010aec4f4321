/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * without WHAT... -- COMMAND [ARGUMENT]...: runs a command as on a kernel that has not, or does not
 * let this user have, user namespaces ("namespaces") or Landlock ("landlock").
 */
#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static int refuse(scmp_filter_ctx ctx, const char *what)
{
	if (!strcmp(what, "namespaces"))
		return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(unshare), 1,
					SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_NEWUSER, CLONE_NEWUSER));
	if (!strcmp(what, "landlock"))
		return seccomp_rule_add(ctx, SCMP_ACT_ERRNO(ENOSYS),
					SCMP_SYS(landlock_create_ruleset), 0);
	return -EINVAL;
}

int main(int argc, char **argv)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);
	int i;

	for (i = 1; i < argc && strcmp(argv[i], "--"); i++) {
		if (!ctx || refuse(ctx, argv[i])) {
			fprintf(stderr, "without %s: not possible\n", argv[i]);
			return 77;
		}
	}
	if (i + 1 >= argc || seccomp_load(ctx)) {
		fprintf(stderr, "without: no command, or no filter\n");
		return 77;
	}
	execvp(argv[i + 1], argv + i + 1);
	perror(argv[i + 1]);
	return 127;
}
