/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane list, vm-list, vcpu-list, domid, domname, uptime: what domains there are. */
#include <string.h>
#include <time.h>

#include "tool/domain_command.h"

/* Lists the domains named, as JSON or by `print` for each below a heading; the exit status. */
static int list_domains(const struct tool_command *cmd, int argc, const char **argv,
			void (*heading)(const struct operands *o),
			void (*print)(const json_t *info, const struct operands *o))
{
	struct operands o;
	json_t *list, *info;
	size_t i;
	int rc = operands_parse(cmd, argc, argv, 0, MAX_OPERANDS, &o);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	list = domains_named(&o);
	if (!list) {
		rc = TOOL_EXIT_ERROR;
	} else if (operands_has(&o, 'j') || operands_has(&o, 'l')) {
		rc = print_json(list);
	} else {
		heading(&o);
		json_array_foreach(list, i, info)
			print(info, &o);
	}
	json_decref(list);
	operands_free(&o);
	return rc;
}

#define JSON_OPTION { "json", NULL, "as JSON", operands_flag }

/* --- list --- */

static void list_heading(const struct operands *o)
{
	printf("Name                                        ID   Mem VCPUs\tState\tTime(s)");
	if (operands_has(o, 'v'))
		printf("   UUID                            Reason-Code");
	putchar('\n');
}

static void list_print(const json_t *info, const struct operands *o)
{
	printf("%-40s %5lld %5lld %5lld     %s  %8.1f", text_of(info, "name"),
	       number_of(info, "domid"), number_of(info, "memory") >> 20,
	       number_of(info, "online"), text_of(info, "state"),
	       (double)number_of(info, "cpu_time") / 1e9);
	if (operands_has(o, 'v')) {
		printf(" %s", text_of(info, "uuid"));
		if (number_of(info, "shutdown_reason") >= 0)
			printf(" %8llx", number_of(info, "shutdown_reason"));
		else
			printf(" %8s", "-");
	}
	putchar('\n');
}

static int run_list(const struct tool_command *cmd, int argc, const char **argv)
{
	return list_domains(cmd, argc, argv, list_heading, list_print);
}

static const struct tool_option list_options[] = {
	{ "l|long", NULL, "all there is to tell, and the configuration, as JSON", operands_flag },
	{ "v|verbose", NULL, "with UUID and reason of the shutdown", operands_flag },
	{ "json", NULL, "as JSON: the same as -l", operands_flag },
	{ 0 }
};

/* --- vm-list --- */

static void vm_heading(const struct operands *o)
{
	printf("UUID                                  ID    name\n");
}

static void vm_print(const json_t *info, const struct operands *o)
{
	printf("%s  %lld    %-30s\n", text_of(info, "uuid"), number_of(info, "domid"),
	       text_of(info, "name"));
}

static int run_vm_list(const struct tool_command *cmd, int argc, const char **argv)
{
	return list_domains(cmd, argc, argv, vm_heading, vm_print);
}

static const struct tool_option json_option[] = { JSON_OPTION, { 0 } };

/* --- vcpu-list --- */

static void vcpu_heading(const struct operands *o)
{
	printf("%-32s %5s %5s %5s %5s %9s %s\n", "Name", "ID", "VCPU", "CPU", "State", "Time(s)",
	       "Affinity (Hard / Soft)");
}

static void vcpu_print(const json_t *info, const struct operands *o)
{
	const json_t *vcpu;
	size_t i;

	json_array_foreach(json_object_get(info, "vcpu"), i, vcpu) {
		char state = *text_of(vcpu, "state");

		printf("%-32s %5lld %5zu", text_of(info, "name"), number_of(info, "domid"), i);
		if (json_is_true(json_object_get(vcpu, "online")) && number_of(vcpu, "cpu") >= 0)
			printf(" %5lld %3c%c%c ", number_of(vcpu, "cpu"), state == 'r' ? 'r' : '-',
			       state == 'b' ? 'b' : '-', state == 'p' ? 'p' : '-');
		else
			printf(" %5c %3c%cp ", '-', '-', '-');
		printf("%9.1f  %s / all\n", (double)number_of(vcpu, "time") / 1e9,
		       text_of(vcpu, "affinity"));
	}
}

static int run_vcpu_list(const struct tool_command *cmd, int argc, const char **argv)
{
	return list_domains(cmd, argc, argv, vcpu_heading, vcpu_print);
}

/* --- uptime --- */

static void uptime_heading(const struct operands *o)
{
	if (!operands_has(o, 's'))
		printf("%-33s %4s %s\n", "Name", "ID", "Uptime");
}

static void uptime_print(const json_t *info, const struct operands *o)
{
	long long s = number_of(info, "uptime") / 1000000000, days = s / 86400;
	char text[64], now[16];
	time_t t = time(NULL);
	struct tm tm;
	int n = 0;

	if (days)
		n = snprintf(text, sizeof(text), "%lld day%s, ", days, days > 1 ? "s" : "");
	n += snprintf(text + n, sizeof(text) - (size_t)n, "%2lld:%02lld", s % 86400 / 3600,
		      s % 3600 / 60);
	if (!operands_has(o, 's')) {
		printf("%-33s %4lld %s:%02lld\n", text_of(info, "name"), number_of(info, "domid"),
		       text, s % 60);
		return;
	}
	localtime_r(&t, &tm);
	strftime(now, sizeof(now), "%H:%M:%S", &tm);
	printf(" %s up %s, %s (%lld)\n", now, text, text_of(info, "name"),
	       number_of(info, "domid"));
}

static int run_uptime(const struct tool_command *cmd, int argc, const char **argv)
{
	return list_domains(cmd, argc, argv, uptime_heading, uptime_print);
}

static const struct tool_option uptime_options[] = {
	{ "s", NULL, "with the time of day, without a heading", operands_flag }, JSON_OPTION, { 0 }
};

/* --- domid, domname --- */

static int translate(const struct tool_command *cmd, int argc, const char **argv)
{
	struct client_domain d;
	struct operands o;
	struct error err;
	long long id;
	int rc = operands_parse(cmd, argc, argv, 1, 1, &o);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	if (!strcmp(cmd->name, "domname") && !parse_decimal(o.value[0], 0x7fff, &id))
		rc = tool_error("'%s' is no domain id; a number is accepted", o.value[0]);
	else if (client_find(&d, o.value[0], &err))
		rc = tool_error("%s", err.msg);
	operands_free(&o);
	if (rc)
		return rc;
	if (!strcmp(cmd->name, "domid"))
		printf("%d\n", d.domid);
	else
		printf("%s\n", text_of(d.info, "name"));
	client_domain_free(&d);
	return TOOL_EXIT_OK;
}

#define LISTS .group = "What there is"

const struct tool_command tool_list = {
	.name = "list", LISTS, .synopsis = "[OPTION]... [DOMAIN]...", .run = run_list,
	.options = list_options,
	.summary = "the domains of this user, in all processes",
	.details = "States: r runs, b waits, p paused, s shut down, c crashed, d goes just now.\n",
};

const struct tool_command tool_vm_list = {
	.name = "vm-list", LISTS, .synopsis = "[DOMAIN]...", .run = run_vm_list,
	.options = json_option, .summary = "their UUIDs",
};

const struct tool_command tool_vcpu_list = {
	.name = "vcpu-list", .group = "vCPUs and memory", .synopsis = "[DOMAIN]...",
	.run = run_vcpu_list, .options = json_option, .summary = "the vCPUs of domains",
};

const struct tool_command tool_uptime = {
	.name = "uptime", LISTS, .synopsis = "[-s] [DOMAIN]...", .run = run_uptime,
	.options = uptime_options, .summary = "how long they have been up",
};

const struct tool_command tool_domid = {
	.name = "domid", LISTS, .synopsis = "NAME", .run = translate,
	.summary = "the id of the domain of that name",
};

const struct tool_command tool_domname = {
	.name = "domname", LISTS, .synopsis = "ID", .run = translate,
	.summary = "the name of the domain of that id",
};
