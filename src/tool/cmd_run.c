/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane run: boots a kernel on a machine that options describe, until someone ends it. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "jit/jit.h"
#include "machine/machine.h"
#include "machine/observe.h"
#include "machine/trace.h"
#include "tool/commands.h"
#include "tool/run_sandbox.h"
#include "xen/pv_device_spec.h"

#define DEFAULT_MEMORY (512ull << 20)
#define MAX_STRINGS 64

/* The options, checked one by one; `config` points into `strings`. */
struct run_args {
	struct machine_config config;
	struct observe_config observe;
	unsigned int timeout; /* seconds; 0: none */
	bool no_sandbox;
	char *strings[MAX_STRINGS];
	unsigned int nr_strings;
};

/* A copy that lives as long as *args, or NULL after an error line. */
static char *keep(struct run_args *args, const char *value)
{
	char *copy;

	if (args->nr_strings == MAX_STRINGS) {
		tool_error("too many options; at most %d with a text value are accepted",
			   MAX_STRINGS);
		return NULL;
	}
	copy = strdup(value);
	if (!copy)
		tool_error("out of memory");
	else
		args->strings[args->nr_strings++] = copy;
	return copy;
}

static int set_kernel(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;

	args->config.kernel = keep(args, value);
	return args->config.kernel ? 0 : TOOL_EXIT_ERROR;
}

static int set_initrd(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;

	args->config.initrd = keep(args, value);
	return args->config.initrd ? 0 : TOOL_EXIT_ERROR;
}

static int set_nvram(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;

	args->config.nvram = keep(args, value);
	return args->config.nvram ? 0 : TOOL_EXIT_ERROR;
}

static int set_append(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;

	args->config.append = keep(args, value);
	return args->config.append ? 0 : TOOL_EXIT_ERROR;
}

static int set_memory(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;
	unsigned long long mb;

	if (!tool_megabytes(value, &mb) || mb < MACHINE_MIN_MEMORY >> 20 ||
	    mb > MACHINE_MAX_MEMORY >> 20)
		return tool_error("--memory '%s': a size from %lluM to %lluG is accepted, as a "
				  "number with M (the default) or G", value,
				  MACHINE_MIN_MEMORY >> 20, MACHINE_MAX_MEMORY >> 30);
	args->config.memory = mb << 20;
	return 0;
}

static int set_vcpus(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;
	unsigned long long n;

	if (!tool_number(value, 1, MACHINE_MAX_VCPUS, &n))
		return tool_error("--vcpus '%s': a number from 1 to %d is accepted", value,
				  MACHINE_MAX_VCPUS);
	args->config.vcpus = (unsigned int)n;
	return 0;
}

static int set_disk_flag(struct machine_disk *disk, const char *flag)
{
	if (!strcmp(flag, "format=raw"))
		disk->format = MACHINE_DISK_RAW;
	else if (!strcmp(flag, "format=qcow2"))
		disk->format = MACHINE_DISK_QCOW2;
	else if (!strcmp(flag, "ro"))
		disk->read_only = true;
	else if (!strcmp(flag, "snapshot"))
		disk->snapshot = true;
	else
		return tool_error("--disk: unknown setting '%s' of '%s'; format=raw, format=qcow2, "
				  "ro and snapshot are accepted", flag, disk->path);
	return 0;
}

static int set_disk(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;
	struct machine_disk *disk;
	char *text, *flag;
	int ret = 0;

	if (args->config.nr_disks == MACHINE_MAX_DISKS)
		return tool_error("--disk '%s': at most %d disks are accepted", value,
				  MACHINE_MAX_DISKS);
	disk = &args->config.disks[args->config.nr_disks++];
	text = keep(args, value);
	if (!text)
		return TOOL_EXIT_ERROR;
	disk->path = strsep(&text, ",");
	if (!*disk->path)
		return tool_error("--disk '%s': no file; FILE[,format=raw|qcow2][,ro][,snapshot] "
				  "is accepted", value);
	while (!ret && (flag = strsep(&text, ",")))
		ret = set_disk_flag(disk, flag);
	return ret;
}

static int set_hostfwd(struct machine_net *net, const char *text)
{
	struct pv_vif_spec spec;
	struct error err;

	if (strncmp(text, "hostfwd=", 8) || pv_vif_parse(&spec, text, &err))
		return tool_error("--net: unknown setting '%s' of 'user'; hostfwd=tcp:PORT:PORT "
				  "(host's, then guest's, 1 to 65535) is accepted", text);
	if (net->nr_hostfwd == MACHINE_MAX_HOSTFWD)
		return tool_error("--net: at most %d of hostfwd are accepted", MACHINE_MAX_HOSTFWD);
	net->hostfwd[net->nr_hostfwd++] = (struct machine_hostfwd){
		spec.hostfwd[0].host_port, spec.hostfwd[0].guest_port
	};
	return 0;
}

static int set_net(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;
	struct machine_net net = { 0 };
	char *text = keep(args, value), *kind, *setting;
	int ret = 0;

	if (!text)
		return TOOL_EXIT_ERROR;
	kind = strsep(&text, ",");
	args->config.nr_nets = 0;
	if (!strcmp(kind, "user")) {
		args->config.nr_nets = 1;
		net.kind = MACHINE_NET_USER;
		while (!ret && (setting = strsep(&text, ",")))
			ret = set_hostfwd(&net, setting);
	} else if (!strncmp(kind, "tap=", 4) && kind[4] && !text) {
		args->config.nr_nets = 1;
		net.kind = MACHINE_NET_TAP;
		net.tap = kind + 4;
	} else if (strcmp(kind, "none") || text) {
		ret = tool_error("--net '%s': none, user[,hostfwd=tcp:PORT:PORT]... and "
				 "tap=INTERFACE are accepted", value);
	}
	args->config.nets[0] = net;
	return ret;
}

static int set_console(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;
	bool good = !strcmp(value, "stdio") || !strcmp(value, "pty") ||
		    (!strncmp(value, "unix:", 5) && value[5]) ||
		    (!strncmp(value, "file:", 5) && value[5]);

	if (!good)
		return tool_error("--console '%s': stdio, pty, unix:PATH and file:PATH are "
				  "accepted", value);
	args->config.console = keep(args, value);
	return args->config.console ? 0 : TOOL_EXIT_ERROR;
}

static int set_name(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;

	if (!*value)
		return tool_error("--name '': a name of at least one character is accepted");
	args->config.name = keep(args, value);
	return args->config.name ? 0 : TOOL_EXIT_ERROR;
}

static int set_gdb(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;

	if (!tool_gdb(value))
		return tool_error("--gdb '%s': " TOOL_GDB_ACCEPTED " is accepted", value);
	args->observe.gdb = keep(args, value);
	return args->observe.gdb ? 0 : TOOL_EXIT_ERROR;
}

static int set_engine(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;
	bool jit = false;
	int rc = tool_engine(value, &jit);

	args->config.engine = jit ? MACHINE_ENGINE_JIT : MACHINE_ENGINE_INTERPRETER;
	return rc;
}

static int set_check(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;

	if (!tool_check(value, &args->config.check_every))
		return tool_error("--check: '%s' is unknown; " TOOL_CHECK_ACCEPTED " are accepted",
				  value);
	return 0;
}

static int set_jit_cache(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;
	unsigned long long n;

	if (!tool_number(value, IA64_JIT_CACHE_MIN, IA64_JIT_CACHE_MAX, &n))
		return tool_error("--jit-cache '%s': megabytes from %d to %d are accepted", value,
				  IA64_JIT_CACHE_MIN, IA64_JIT_CACHE_MAX);
	args->config.jit_cache = (unsigned int)n;
	return 0;
}

static int set_perf_map(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;
	char path[64];

	snprintf(path, sizeof(path), TOOL_PERF_MAP, (long)getpid());
	args->config.perf_map = keep(args, path);
	return args->config.perf_map ? 0 : TOOL_EXIT_ERROR;
}

static int set_trace(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;
	char word[32];
	uint32_t bits;

	if (!trace_list(value, &bits, word, sizeof(word)))
		return tool_error("--trace: unknown event '%s'; %s are accepted", word,
				  trace_kinds());
	args->observe.trace |= bits;
	return 0;
}

static int set_no_sandbox(void *opaque, const char *name, const char *value)
{
	((struct run_args *)opaque)->no_sandbox = true;
	return 0;
}

static int set_timeout(void *opaque, const char *name, const char *value)
{
	struct run_args *args = opaque;
	unsigned long long n;

	if (!tool_number(value, 1, 1000000000, &n))
		return tool_error("--timeout '%s': a number of seconds from 1 to 1000000000 is "
				  "accepted", value);
	args->timeout = (unsigned int)n;
	return 0;
}

static const struct tool_option run_options[] = {
	{ "kernel", "FILE", "the kernel: an ELF file for IA-64, plain or gzip", set_kernel },
	{ "initrd", "FILE", "the initial RAM disk", set_initrd },
	{ "nvram", "FILE", "keep the EFI variables in FILE, which is made if need be", set_nvram },
	{ "append", "STR", "the kernel's command line", set_append },
	{ "memory", "SIZE", "memory, as a number with M or G (default 512M)", set_memory },
	{ "vcpus", "N", "processors, 1 to 64 (default 1)", set_vcpus },
	{ "disk", "FILE[,SETTING]...", "a virtio disk; may be given several times. Settings:\n"
	  "format=raw (default) or format=qcow2, ro (read-only),\n"
	  "snapshot (writes are forgotten at the end)", set_disk },
	{ "net", "KIND", "the network: none (default), tap=INTERFACE, or\n"
	  "user[,hostfwd=tcp:PORT:PORT]... (through this program;\n"
	  "forwards a local port of the host to one of the guest)", set_net },
	{ "console", "WHERE", "stdio (default), pty, unix:PATH (listens there), file:PATH",
	  set_console },
	{ "name", "NAME", "what messages call the machine", set_name },
	{ "gdb", "PORT|unix:PATH", "wait there for a debugger before the first instruction",
	  set_gdb },
	{ "trace", "LIST", "tell about events on stderr: a list, divided by commas, of\n"
	  "faults, interrupts, firmware, mmio, insn, jit, counters", set_trace },
	{ "engine", "NAME", TOOL_ENGINE_HELP, set_engine },
	{ "jit-cache", "MB", "with the jit: memory for translated code, 4 to 1024 (default 64)",
	  set_jit_cache },
	{ "check", "lockstep[=N]", "with the jit: run each trace (or each Nth) by the interpreter\n"
	  "as well and stop where the two differ", set_check },
	{ "perf-map", NULL, "with the jit: keep /tmp/perf-PID.map, where perf(1) finds the\n"
	  "guest's functions", set_perf_map },
	{ "no-sandbox", NULL, "do not confine this process: for debugging it", set_no_sandbox },
	{ "timeout", "SECONDS", "end the machine after this time, with status 124", set_timeout },
	{ 0 }
};

/* What ends the machine from outside: signals and the time limit. */
struct watcher {
	struct machine *machine;
	sigset_t signals;
	unsigned int timeout;
	pthread_t thread;
	int signal; /* the one that came, 0: none; read when the thread has ended */
};

static void *watch(void *opaque)
{
	struct watcher *w = opaque;
	struct timespec left = { .tv_sec = w->timeout };
	int sig;

	do {
		sig = w->timeout ? sigtimedwait(&w->signals, NULL, &left) :
		      sigwaitinfo(&w->signals, NULL);
	} while (sig < 0 && errno == EINTR);
	if (sig > 0) {
		w->signal = sig;
		machine_stop(w->machine, MACHINE_STOP);
	} else {
		machine_stop(w->machine, MACHINE_TIMEOUT);
	}
	return NULL;
}

static int finish(const struct run_args *args, struct machine *machine,
		  enum machine_outcome outcome)
{
	const char *name = args->config.name ? args->config.name : "paravane";

	switch (outcome) {
	case MACHINE_POWEROFF:
	case MACHINE_STOP:
		return TOOL_EXIT_OK;
	case MACHINE_TIMEOUT:
		fprintf(stderr, "%s: still running after %u seconds; ended\n", name, args->timeout);
		return TOOL_EXIT_TIMEOUT;
	case MACHINE_RESET:
		fprintf(stderr, "%s: the guest reset the machine\n", name);
		return TOOL_EXIT_CRASH;
	case MACHINE_CRASH:
		machine_crash_report(machine, stderr);
		return TOOL_EXIT_CRASH;
	}
	return TOOL_EXIT_CRASH;
}

static int run_machine(struct run_args *args)
{
	struct watcher w = { .timeout = args->timeout };
	struct run_sandbox box = { 0 };
	enum machine_outcome outcome;
	struct observers observers = { 0 };
	struct debug_target target;
	struct error err;
	int status;

	/* Before the machine makes threads: they inherit the mask, and only the watcher looks. */
	sigemptyset(&w.signals);
	sigaddset(&w.signals, SIGINT);
	sigaddset(&w.signals, SIGTERM);
	sigaddset(&w.signals, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &w.signals, NULL);
	if ((!args->no_sandbox && run_sandbox_enter(&box, &args->config, args->observe.gdb,
						    &err)) ||
	    machine_create(&w.machine, &args->config, &err)) {
		handover_explain(&box.given, &err);
		run_sandbox_end(&box, false);
		return tool_error("%s", err.msg);
	}
	machine_debug_target(w.machine, &target);
	if (observers_start(&observers, &args->observe, &target, &err)) {
		status = tool_error("%s", err.msg);
	} else if ((errno = pthread_create(&w.thread, NULL, watch, &w))) {
		status = tool_error("no thread for signals: %s", strerror(errno));
	} else {
		outcome = machine_run(w.machine);
		pthread_cancel(w.thread);
		pthread_join(w.thread, NULL);
		status = finish(args, w.machine, outcome);
	}
	observers_stop(&observers);
	machine_destroy(w.machine);
	run_sandbox_end(&box, true);
	if (w.signal) {
		/* Die of it, as the parent expects. */
		signal(w.signal, SIG_DFL);
		pthread_sigmask(SIG_UNBLOCK, &w.signals, NULL);
		raise(w.signal);
	}
	return status;
}

static int run(const struct tool_command *cmd, int argc, const char **argv)
{
	struct run_args args = {
		.config = { .memory = DEFAULT_MEMORY, .vcpus = 1, .console = "stdio" },
	};
	int status = tool_parse(cmd, argc, argv, &args, NULL);

	if (!status && !args.config.kernel)
		status = tool_error("no --kernel; an ELF file for IA-64 is needed");
	if (!status)
		status = run_machine(&args);
	for (unsigned int i = 0; i < args.nr_strings; i++)
		free(args.strings[i]);
	return status < 0 ? TOOL_EXIT_OK : status;
}

const struct tool_command tool_run = {
	.name = "run",
	.group = "Machines",
	.synopsis = "--kernel FILE [OPTION]...",
	.summary = "boot a kernel and run it until the guest powers off",
	.details =
	"On the stdio console, Ctrl-] then q ends the machine; Ctrl-] then ? lists the keys.\n"
	"Exit status: 0 the guest powered off (or Ctrl-] q), 1 an error before the start,\n"
	"3 the guest crashed or reset itself, 124 --timeout.\n",
	.options = run_options,
	.run = run,
};
