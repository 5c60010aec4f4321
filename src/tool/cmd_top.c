/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane top: what domains use, again and again, in the columns of xentop(1). */
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <time.h>
#include <unistd.h>

#include "backend/terminal.h"
#include "tool/domain_command.h"

struct top_args {
	long long delay, iterations; /* seconds; 0: for ever */
	bool batch, json;
};

/* Of a domain: sums over its devices, and its CPU time of the round before. */
struct usage {
	long long domid, cpu_time, disks, cards;
	long long rx, tx, reads, writes, read_bytes, written_bytes;
};

#define MAX_DOMAINS 1024
#define CTRL_C 3

static int set_number(void *opaque, const char *name, const char *value)
{
	struct top_args *args = opaque;

	if (!parse_decimal(value, 1000000, *name == 'd' ? &args->delay : &args->iterations) ||
	    (*name == 'd' && !args->delay))
		return tool_error("--%s '%s': a number from 1 to 1000000 is accepted", name, value);
	return 0;
}

static int set_flag(void *opaque, const char *name, const char *value)
{
	struct top_args *args = opaque;

	*(*name == 'b' ? &args->batch : &args->json) = true;
	return 0;
}

static void add_devices(const struct client_domain *d, const char *kind, struct usage *u)
{
	bool disk = !strcmp(kind, "disk");
	struct error err;
	json_t *answer = client_domain_ask(d, "devices", json_pack("{s:s}", "kind", kind), &err);
	const json_t *dev;
	size_t i;

	json_array_foreach(json_object_get(answer, "devices"), i, dev) {
		u->disks += disk;
		u->cards += !disk;
		u->rx += disk ? 0 : number_of(dev, "in_bytes");
		u->tx += disk ? 0 : number_of(dev, "out_bytes");
		u->reads += disk ? number_of(dev, "in_ops") : 0;
		u->writes += disk ? number_of(dev, "out_ops") : 0;
		u->read_bytes += disk ? number_of(dev, "in_bytes") : 0;
		u->written_bytes += disk ? number_of(dev, "out_bytes") : 0;
	}
	json_decref(answer);
}

static long long before(const struct usage *old, unsigned int nr_old, long long domid,
			long long otherwise)
{
	for (unsigned int i = 0; i < nr_old; i++) {
		if (old[i].domid == domid)
			return old[i].cpu_time;
	}
	return otherwise;
}

static void print_domain(const json_t *info, const struct usage *u, double cpu, double total_kb)
{
	double mem = (double)number_of(info, "memory") / 1024;
	double max = (double)number_of(info, "maxmem") / 1024;

	printf("%10.10s %6s %10lld %6.1f %10.0f %6.1f %10.0f %9.1f %5lld %4lld %8lld %8lld %4lld "
	       "%8lld %8lld %10lld %10lld\n", text_of(info, "name"), text_of(info, "state"),
	       u->cpu_time / 1000000000, cpu, mem, 100 * mem / total_kb, max, 100 * max / total_kb,
	       number_of(info, "online"), u->cards, u->tx / 1024, u->rx / 1024, u->disks, u->reads,
	       u->writes, u->read_bytes / 512, u->written_bytes / 512);
}

/* One round; returns how many domains there were, or -1 after an error line. */
static int show(const struct top_args *args, struct usage *usage, unsigned int nr_old,
		double seconds)
{
	struct usage *now = calloc(MAX_DOMAINS, sizeof(*now));
	struct sysinfo host = { .totalram = 1, .mem_unit = 1 };
	struct error err;
	json_t *list = client_list(&err), *info;
	unsigned int nr = 0;
	size_t i;

	if (!list || !now) {
		free(now);
		return tool_error("%s", list ? "out of memory" : err.msg), -1;
	}
	sysinfo(&host);
	if (!args->json)
		printf("%10s %6s %10s %6s %10s %6s %10s %9s %5s %4s %8s %8s %4s %8s %8s %10s "
		       "%10s\n", "NAME", "STATE", "CPU(sec)", "CPU(%)", "MEM(k)", "MEM(%)",
		       "MAXMEM(k)",
		       "MAXMEM(%)", "VCPUS", "NETS", "NETTX(k)", "NETRX(k)", "VBDS", "VBD_RD",
		       "VBD_WR", "VBD_RSECT", "VBD_WSECT");
	json_array_foreach(list, i, info) {
		struct client_domain d = { .domid = (int)number_of(info, "domid"), .info = info };
		struct usage *u = &now[nr];
		double cpu;

		if (nr == MAX_DOMAINS)
			break;
		nr++;
		snprintf(d.host, sizeof(d.host), "%s", text_of(info, "host"));
		*u = (struct usage){ .domid = d.domid, .cpu_time = number_of(info, "cpu_time") };
		add_devices(&d, "disk", u);
		add_devices(&d, "vif", u);
		cpu = seconds > 0 ? (double)(u->cpu_time - before(usage, nr_old, u->domid,
								  u->cpu_time)) / 1e7 / seconds : 0;
		if (!args->json) {
			print_domain(info, u, cpu, (double)host.totalram * host.mem_unit / 1024);
			continue;
		}
		json_object_set_new(info, "cpu_percent", json_real(cpu));
		json_object_update_new(info, json_pack("{s:I, s:I, s:I, s:I, s:I, s:I}",
			"net_tx_bytes", (json_int_t)u->tx, "net_rx_bytes", (json_int_t)u->rx,
			"block_reads", (json_int_t)u->reads, "block_writes", (json_int_t)u->writes,
			"block_read_bytes", (json_int_t)u->read_bytes, "block_written_bytes",
			(json_int_t)u->written_bytes));
	}
	if (args->json)
		print_json(list);
	json_decref(list);
	memcpy(usage, now, nr * sizeof(*now));
	free(now);
	return (int)nr;
}

static double seconds_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Until the next round; true: a key says that it is the end. */
static bool wait_round(long long seconds)
{
	const double end = seconds_now() + (double)seconds;
	struct pollfd p = { isatty(STDIN_FILENO) ? STDIN_FILENO : -1, POLLIN, 0 };
	char key;

	for (double left; (left = end - seconds_now()) > 0; ) {
		if (poll(&p, 1, (int)(left * 1000) + 1) <= 0 || read(p.fd, &key, 1) != 1)
			continue;
		if (key == 'q' || key == 'Q' || key == CTRL_C)
			return true;
		if (key == ' ' || key == '\r' || key == '\n')
			return false;
	}
	return false;
}

static int run(const struct tool_command *cmd, int argc, const char **argv)
{
	struct top_args args = { .delay = 3 };
	struct usage *usage;
	double last = 0, now;
	int rc = tool_parse(cmd, argc, argv, &args, NULL), nr = 0;

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	usage = calloc(MAX_DOMAINS, sizeof(*usage));
	if (!usage)
		return tool_error("out of memory");
	if (!args.batch && !args.json && isatty(STDIN_FILENO))
		terminal_raw(STDIN_FILENO);
	for (long long i = 0; !args.iterations || i < args.iterations; i++) {
		if (i && wait_round(args.delay))
			break;
		if (!args.batch && !args.json && isatty(STDOUT_FILENO))
			printf("\033[H\033[2J");
		now = seconds_now();
		nr = show(&args, usage, (unsigned int)nr, last > 0 ? now - last : 0);
		last = now;
		if (nr < 0 || fflush(stdout))
			break;
	}
	terminal_restore();
	free(usage);
	return nr < 0 ? TOOL_EXIT_ERROR : TOOL_EXIT_OK;
}

static const struct tool_option options[] = {
	{ "d|delay", "SECONDS", "between rounds; 3 if not given", set_number },
	{ "i|iterations", "N", "end after N rounds", set_number },
	{ "b|batch", NULL, "one table below the other", set_flag },
	{ "json", NULL, "as JSON, an array a round", set_flag },
	{ 0 }
};

const struct tool_command tool_top = {
	.name = "top", .group = "What there is", .synopsis = "[OPTION]...", .run = run,
	.options = options, .summary = "what domains use of processors, memory, disks, networks",
	.details = "q or Ctrl-C ends it, the space bar shows the next round at once.\n",
};
