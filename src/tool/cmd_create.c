/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane create: starts a paravirtualized domain described by options and waits for its end. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/interface/sched.h>

#include "tool/tool.h"
#include "xen/pv_domain.h"

#define DEFAULT_MEMORY (512ull << 20)

struct create_args {
	struct pv_domain_config config;
	char *kernel, *ramdisk, *extra;
	bool privops;
};

static int set_text(char **field, const char *value)
{
	free(*field);
	*field = strdup(value);
	return *field ? 0 : tool_error("out of memory");
}

static int set_kernel(void *opaque, const char *name, const char *value)
{
	(void)name;
	return set_text(&((struct create_args *)opaque)->kernel, value);
}

static int set_ramdisk(void *opaque, const char *name, const char *value)
{
	(void)name;
	return set_text(&((struct create_args *)opaque)->ramdisk, value);
}

static int set_extra(void *opaque, const char *name, const char *value)
{
	(void)name;
	return set_text(&((struct create_args *)opaque)->extra, value);
}

static int set_memory(void *opaque, const char *name, const char *value)
{
	struct create_args *args = opaque;
	unsigned long long mb;
	char *end;

	errno = 0;
	mb = strtoull(value, &end, 10);
	if (*value < '0' || *value > '9' || errno || *end || mb > 1 << 20)
		return tool_error("--%s '%s': a number of megabytes is accepted", name, value);
	args->config.memory = mb << 20;
	return 0;
}

static int set_vcpus(void *opaque, const char *name, const char *value)
{
	unsigned long n;
	char *end;

	errno = 0;
	n = strtoul(value, &end, 10);
	if (*value < '0' || *value > '9' || errno || *end || n < 1 || n > PV_MAX_VCPUS)
		return tool_error("--%s '%s': 1 to %d are accepted", name, value, PV_MAX_VCPUS);
	((struct create_args *)opaque)->config.vcpus = (unsigned int)n;
	return 0;
}

static int set_engine(void *opaque, const char *name, const char *value)
{
	(void)name;
	return tool_engine(value, &((struct create_args *)opaque)->config.jit);
}

static int set_privops(void *opaque, const char *name, const char *value)
{
	(void)name;
	(void)value;
	((struct create_args *)opaque)->privops = true;
	return 0;
}

static const struct tool_option options[] = {
	{ "kernel", "FILE", "an IA-64 ELF kernel built for Xen, gzip'ed or not", set_kernel },
	{ "ramdisk", "FILE", "its initial RAM disk", set_ramdisk },
	{ "extra", "TEXT", "its command line", set_extra },
	{ "memory", "MB", "memory of the domain; 512 if not given", set_memory },
	{ "vcpus", "N", "virtual processors; 1 if not given", set_vcpus },
	{ "engine", "NAME", TOOL_ENGINE_HELP, set_engine },
	{ "privops", NULL, "at the end, list privileged operations by kind and place",
	  set_privops },
	{ NULL, NULL, NULL, NULL }
};

static void print_privops(struct pv_domain *d)
{
	uint64_t count[__HYPERVISOR_nr + 1], enosys;
	struct pv_domain_info info;
	struct pv_privops p;
	struct error err;
	unsigned int i, n;

	pv_domain_info(d, &info);
	for (i = 0; i < info.nr_vcpus && !pv_domain_privops(d, i, &p, &err); i++) {
		for (n = 1; n <= HYPERPRIVOP_MAX; n++)
			if (p.hyperprivop[n])
				fprintf(stderr, "vcpu %u  hyperprivop %-14s  %12" PRIu64 "\n", i,
					pv_hyperprivop_name(n), p.hyperprivop[n]);
		for (n = 0; n < p.nr_sites; n++)
			fprintf(stderr, "vcpu %u  emulated %016" PRIx64 "  %s  %" PRIu64 "\n", i,
				p.site[n].ip, p.site[n].name, p.site[n].count);
	}
	if (pv_domain_hypercalls(d, count, &enosys, &err) < 0)
		return;
	for (n = 0; n < __HYPERVISOR_nr; n++)
		if (count[n])
			fprintf(stderr, "hypercall %-24s  %" PRIu64 "\n",
				pv_hypercall_name(n) ? pv_hypercall_name(n) : "?", count[n]);
}

struct end {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool over;
};

static void on_event(void *ctx, struct pv_domain *d, enum pv_event event)
{
	struct end *end = ctx;

	(void)d;
	if (event != PV_EVENT_SHUTDOWN)
		return;
	pthread_mutex_lock(&end->lock);
	end->over = true;
	pthread_cond_broadcast(&end->changed);
	pthread_mutex_unlock(&end->lock);
}

static int run_domain(const struct create_args *args)
{
	static const struct pv_host_ops ops = { .event = on_event };
	struct end end = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };
	struct pv_domain_info info;
	struct pv_domain *d;
	struct pv_host *h;
	struct error err;

	if (pv_host_create(&h, &ops, &end, &err) < 0)
		return tool_error("%s", err.msg);
	if (pv_domain_create(&d, h, &args->config, &err) < 0) {
		pv_host_destroy(h);
		return tool_error("%s", err.msg);
	}
	pv_domain_unpause(d, &err);
	pthread_mutex_lock(&end.lock);
	while (!end.over)
		pthread_cond_wait(&end.changed, &end.lock);
	pthread_mutex_unlock(&end.lock);
	pv_domain_info(d, &info);
	if (info.shutdown_reason == SHUTDOWN_crash)
		pv_domain_report(d, stderr);
	if (args->privops)
		print_privops(d);
	pv_domain_put(d);
	pv_host_destroy(h);
	return info.shutdown_reason == SHUTDOWN_poweroff ? TOOL_EXIT_OK : TOOL_EXIT_CRASH;
}

static int run(const struct tool_command *cmd, int argc, const char **argv)
{
	struct create_args args = {
		.config = {
			.domid = 1,
			.name = "domain-1",
			.memory = DEFAULT_MEMORY,
			.vcpus = 1,
			.on_poweroff = PV_ACTION_PRESERVE,
			.on_reboot = PV_ACTION_PRESERVE,
			.on_crash = PV_ACTION_PRESERVE,
			.on_watchdog = PV_ACTION_PRESERVE,
		},
	};
	int rc = tool_parse(cmd, argc, argv, &args, NULL);

	args.config.kernel = args.kernel;
	args.config.ramdisk = args.ramdisk;
	args.config.extra = args.extra;
	if (!rc)
		rc = run_domain(&args);
	free(args.kernel);
	free(args.ramdisk);
	free(args.extra);
	return rc < 0 ? TOOL_EXIT_OK : rc;
}

const struct tool_command tool_create = {
	.name = "create",
	.synopsis = "--kernel FILE [OPTION]...",
	.summary = "Start a paravirtualized (Xen) domain",
	.details = "The console is standard input and output. The domain has no disks\n"
		   "or network cards yet. The exit status is 0 when it powers off, 3 when it crashes or reboots.",
	.options = options,
	.run = run,
};
