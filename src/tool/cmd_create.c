/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane create: starts a paravirtualized domain described by options and waits for its end. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/tool.h"
#include "xen/pv_machine.h"

#define DEFAULT_MEMORY (512ull << 20)

struct create_args {
	struct pv_config config;
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
	{ "engine", "NAME", TOOL_ENGINE_HELP, set_engine },
	{ "privops", NULL, "at the end, list privileged operations by kind and place",
	  set_privops },
	{ NULL, NULL, NULL, NULL }
};

static int run_domain(const struct create_args *args)
{
	enum pv_outcome outcome;
	struct pv_machine *m;
	struct error err;

	if (pv_machine_create(&m, &args->config, &err) < 0)
		return tool_error("%s", err.msg);
	outcome = pv_machine_run(m);
	if (outcome == PV_CRASH)
		pv_machine_report(m, stderr);
	if (args->privops)
		pv_machine_privops(m, stderr);
	pv_machine_destroy(m);
	return outcome == PV_CRASH || outcome == PV_REBOOT ? TOOL_EXIT_CRASH : TOOL_EXIT_OK;
}

static int run(const struct tool_command *cmd, int argc, const char **argv)
{
	struct create_args args = {
		.config = { .memory = DEFAULT_MEMORY, .vcpus = 1 },
	};
	int rc = tool_parse(cmd, argc, argv, &args, NULL);

	args.config.kernel = args.kernel;
	args.config.initrd = args.ramdisk;
	args.config.append = args.extra;
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
