/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane info, dmesg: the machine, the host processes and their logs. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tool/domain_command.h"

/* --- info --- */

static void add_machine(json_t *out)
{
	struct utsname uts;
	struct sysinfo mem;

	if (!uname(&uts)) {
		json_object_set_new(out, "host", json_string(uts.nodename));
		json_object_set_new(out, "release", json_string(uts.release));
		json_object_set_new(out, "version", json_string(uts.version));
		json_object_set_new(out, "machine", json_string(uts.machine));
	}
	json_object_set_new(out, "nr_cpus", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
	if (!sysinfo(&mem)) {
		json_object_set_new(out, "total_memory", json_integer((json_int_t)
				    (mem.totalram * mem.mem_unit >> 20)));
		json_object_set_new(out, "free_memory", json_integer((json_int_t)
				    (mem.freeram * mem.mem_unit >> 20)));
	}
	json_object_set_new(out, "xen_major", json_integer(4));
	json_object_set_new(out, "xen_minor", json_integer(1));
	json_object_set_new(out, "xen_extra", json_string("-paravane"));
	json_object_set_new(out, "xen_version", json_string("4.1-paravane"));
	json_object_set_new(out, "xen_caps", json_string("xen-3.0-ia64 hvm-3.0-ia64"));
	json_object_set_new(out, "xen_pagesize", json_integer(16384));
	json_object_set_new(out, "paravane_version", json_string(PARAVANE_VERSION));
}

static int run_info(const struct tool_command *cmd, int argc, const char **argv)
{
	struct operands o;
	struct error err;
	json_t *out, *hosts, *value;
	const char *key;
	size_t i;
	int rc = operands_parse(cmd, argc, argv, 0, 0, &o);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	hosts = client_hosts(&err);
	if (!hosts)
		return tool_error("%s", err.msg);
	json_array_foreach(hosts, i, value)
		json_object_del(value, "ok");
	out = json_object();
	add_machine(out);
	if (operands_has(&o, 'j')) {
		json_object_set(out, "processes", hosts);
		rc = print_json(out);
	} else {
		json_object_foreach(out, key, value) {
			if (json_is_string(value))
				printf("%-22s : %s\n", key, json_string_value(value));
			else
				printf("%-22s : %lld\n", key, (long long)json_integer_value(value));
		}
		json_array_foreach(hosts, i, value)
			printf("%-22s : %s, pid %lld, sandbox: %s\n", "process",
			       text_of(value, "host"), number_of(value, "pid"),
			       text_of(value, "sandbox"));
	}
	json_decref(out);
	json_decref(hosts);
	operands_free(&o);
	return rc;
}

/* --- dmesg --- */

static int is_log(const struct dirent *entry)
{
	return !rundir_check_host(entry->d_name, NULL);
}

static int show_log(const struct rundir *dir, const char *host, bool title, bool clear)
{
	char path[RUNDIR_MAX_PATH], buf[4096];
	size_t n;
	FILE *in;

	rundir_file(dir, host, "log", path);
	in = fopen(path, "re");
	if (!in)
		return -1;
	if (title)
		printf("== %s ==\n", host);
	while ((n = fread(buf, 1, sizeof(buf), in)))
		fwrite(buf, 1, n, stdout);
	fclose(in);
	if (clear && truncate(path, 0))
		return tool_error("%s: %s", path, strerror(errno));
	return 0;
}

static int run_dmesg(const struct tool_command *cmd, int argc, const char **argv)
{
	struct dirent **entries;
	struct rundir dir;
	struct operands o;
	struct error err;
	int n = 0, rc = operands_parse(cmd, argc, argv, 0, 1, &o);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	if (rundir_open(&dir, &err)) {
		rc = tool_error("%s", err.msg);
	} else if (o.nr) {
		if (rundir_check_host(o.value[0], &err))
			rc = tool_error("%s", err.msg);
		else if (show_log(&dir, o.value[0], false, operands_has(&o, 'c')))
			rc = tool_error("there is no log of a process '%s'; 'paravane dmesg' shows "
					"all there are", o.value[0]);
	} else {
		n = scandir(dir.path, &entries, is_log, alphasort);
		for (int i = 0; i < n; i++) {
			show_log(&dir, entries[i]->d_name, true, operands_has(&o, 'c'));
			free(entries[i]);
		}
		if (n >= 0)
			free(entries);
	}
	operands_free(&o);
	return rc;
}

static const struct tool_option info_options[] = {
	{ "json", NULL, "as JSON", operands_flag }, { 0 }
};

static const struct tool_option dmesg_options[] = {
	{ "c|clear", NULL, "empty what has been shown", operands_flag }, { 0 }
};

const struct tool_command tool_info = {
	.name = "info", .group = "What there is", .synopsis = "[--json]", .run = run_info,
	.options = info_options, .summary = "this machine, and the host processes",
};

const struct tool_command tool_dmesg = {
	.name = "dmesg", .group = "What there is", .synopsis = "[-c] [PROCESS]", .run = run_dmesg,
	.options = dmesg_options,
	.summary = "the logs of host processes, also of those that have ended",
};
