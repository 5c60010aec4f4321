/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane vcpu-set, vcpu-pin, mem-set, mem-max, trigger, sysrq, dump-core. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "tool/cpulist.h"
#include "tool/domain_command.h"

/* --- vCPUs --- */

static json_t *vcpu_set(const struct operands *o, const struct client_domain *d)
{
	long long n;

	if (!parse_decimal(o->value[1], number_of(d->info, "vcpus"), &n) || !n) {
		tool_error("vcpu-set '%s': a number from 1 to %lld, the domain's maxvcpus, is "
			   "accepted", o->value[1], number_of(d->info, "vcpus"));
		return NULL;
	}
	return json_pack("{s:I}", "vcpus", (json_int_t)n);
}

static int run_vcpu_set(const struct tool_command *cmd, int argc, const char **argv)
{
	return domain_command(cmd, argc, argv, 2, 2, "vcpu-set", vcpu_set);
}

static int pin(const struct client_domain *d, long long vcpu, const char *cpus)
{
	struct error err;
	json_t *answer = client_domain_ask(d, "vcpu-pin", json_pack("{s:I, s:s}", "vcpu",
					   (json_int_t)vcpu, "cpus", cpus), &err);

	json_decref(answer);
	return answer ? 0 : tool_error("%s", err.msg);
}

static int pin_some(const struct operands *o, const struct client_domain *d)
{
	long long nr = number_of(d->info, "vcpus"), vcpu = 0;
	bool all = !strcmp(o->value[1], "all");
	struct error err;
	cpu_set_t set;
	int rc = 0;

	if (!all && !parse_decimal(o->value[1], nr - 1, &vcpu))
		return tool_error("vCPU '%s': 0 to %lld, or all, is accepted", o->value[1], nr - 1);
	if (o->nr > 3 && strcmp(o->value[3], "-") && strcmp(o->value[3], "all"))
		return tool_error("soft affinity '%s': the scheduler here has none; all and - are "
				  "accepted", o->value[3]);
	if (!strcmp(o->value[2], "-"))
		return 0;
	if (cpulist_parse(&set, o->value[2], &err))
		return tool_error("%s", err.msg);
	do {
		rc = pin(d, vcpu, o->value[2]);
	} while (!rc && all && ++vcpu < nr);
	return rc;
}

static int run_vcpu_pin(const struct tool_command *cmd, int argc, const char **argv)
{
	struct client_domain d;
	struct operands o;
	struct error err;
	int rc = operands_parse(cmd, argc, argv, 3, 4, &o);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	if (client_find(&d, o.value[0], &err)) {
		rc = tool_error("%s", err.msg);
	} else {
		rc = pin_some(&o, &d);
		client_domain_free(&d);
	}
	operands_free(&o);
	return rc;
}

/* --- memory --- */

/* xl's sizes: KiB, or with a letter. */
static json_t *memory_size(const struct operands *o, const struct client_domain *d)
{
	static const char units[] = "bkmgt";
	const char *text = o->value[1], *unit;
	size_t digits = strspn(text, "0123456789");
	char last = (char)tolower((unsigned char)text[digits]);
	unsigned long long n = 0;
	unsigned int shift = 10;
	bool good = digits && digits < 19 && (!last || !text[digits + 1]);

	if (good && last) {
		unit = strchr(units, last);
		good = unit;
		shift = unit ? (unsigned int)(unit - units) * 10 : 0;
	}
	for (size_t i = 0; i < digits && good; i++)
		n = n * 10 + (unsigned long long)(text[i] - '0');
	if (!good || !n || n > (1ull << 50) >> shift) {
		tool_error("size '%s': a number of KiB is accepted, or one with b, k, m, g or t",
			   text);
		return NULL;
	}
	return json_pack("{s:I}", "bytes", (json_int_t)(n << shift));
}

static int run_memory(const struct tool_command *cmd, int argc, const char **argv)
{
	return domain_command(cmd, argc, argv, 2, 2, cmd->name, memory_size);
}

/* --- signals --- */

static json_t *trigger(const struct operands *o, const struct client_domain *d)
{
	long long vcpu = 0;

	if (o->nr > 2 && !parse_decimal(o->value[2], number_of(d->info, "vcpus") - 1, &vcpu)) {
		tool_error("vCPU '%s': 0 to %lld are accepted", o->value[2],
			   number_of(d->info, "vcpus") - 1);
		return NULL;
	}
	return json_pack("{s:s, s:I}", "trigger", o->value[1], "vcpu", (json_int_t)vcpu);
}

static int run_trigger(const struct tool_command *cmd, int argc, const char **argv)
{
	return domain_command(cmd, argc, argv, 2, 3, "trigger", trigger);
}

static json_t *sysrq(const struct operands *o, const struct client_domain *d)
{
	if (strlen(o->value[1]) == 1 && isalnum((unsigned char)*o->value[1]))
		return json_pack("{s:s}", "key", o->value[1]);
	tool_error("sysrq '%s': one letter or digit is accepted", o->value[1]);
	return NULL;
}

static int run_sysrq(const struct tool_command *cmd, int argc, const char **argv)
{
	return domain_command(cmd, argc, argv, 2, 2, "sysrq", sysrq);
}

/* --- dump-core --- */

static int dump_to(const struct client_domain *d, const char *path)
{
	struct wire_fds fds = { 0 };
	char *names[] = { (char *)path };
	json_t *answer = NULL;
	struct error err;
	struct wire w;
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return tool_error("%s: %s; a new file is accepted", path, strerror(errno));
	wire_fds_add(&fds, fd);
	if (!client_connect(&w, d->host, &err)) {
		client_patient(&w);
		answer = client_ask(&w, json_pack("{s:s, s:i}", "command", "dump-core", "domain",
						  d->domid), &fds, names, &err);
		wire_close(&w);
	}
	wire_fds_close(&fds);
	json_decref(answer);
	if (answer)
		return TOOL_EXIT_OK;
	unlink(path);
	return tool_error("%s", err.msg);
}

static int run_dump_core(const struct tool_command *cmd, int argc, const char **argv)
{
	struct client_domain d;
	struct operands o;
	struct error err;
	char path[256];
	int rc = operands_parse(cmd, argc, argv, 1, 2, &o);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	if (client_find(&d, o.value[0], &err)) {
		operands_free(&o);
		return tool_error("%s", err.msg);
	}
	snprintf(path, sizeof(path), "%.200s.core", text_of(d.info, "name"));
	rc = dump_to(&d, o.nr > 1 ? o.value[1] : path);
	if (!rc && o.nr < 2)
		printf("%s\n", path);
	client_domain_free(&d);
	operands_free(&o);
	return rc;
}

#define RESOURCES .group = "vCPUs and memory"
#define INSIDE .group = "Looking inside"

static const struct tool_option pin_options[] = {
	{ "f|force", NULL, "taken: nobody else pins vCPUs", operands_flag }, { 0 }
};

const struct tool_command tool_vcpu_set = {
	.name = "vcpu-set", RESOURCES, .synopsis = "DOMAIN N", .run = run_vcpu_set,
	.summary = "let a domain have N of its vCPUs",
	.details = "The guest takes them on and off line itself.\n",
};

const struct tool_command tool_vcpu_pin = {
	.name = "vcpu-pin", RESOURCES, .synopsis = "DOMAIN VCPU|all CPUS [all]",
	.run = run_vcpu_pin, .options = pin_options, .summary = "say on which processors vCPUs run",
	.details = "CPUS is a list as 0-3,^1 or all.\n",
};

const struct tool_command tool_mem_set = {
	.name = "mem-set", RESOURCES, .synopsis = "DOMAIN SIZE", .run = run_memory,
	.summary = "ask a domain's balloon driver to reach a size",
	.details = "SIZE is in KiB, or has a letter: b, k, m, g, t.\n",
};

const struct tool_command tool_mem_max = {
	.name = "mem-max", RESOURCES, .synopsis = "DOMAIN SIZE", .run = run_memory,
	.summary = "set how much memory a domain may have",
	.details = "SIZE is in KiB, or has a letter: b, k, m, g, t.\n",
};

const struct tool_command tool_trigger = {
	.name = "trigger", INSIDE, .synopsis = "DOMAIN nmi|reset|init|power|sleep [VCPU]",
	.run = run_trigger, .summary = "send a domain a signal",
	.details = "A machine takes power (its button), reset and init (to all vCPUs), a pv\n"
		   "domain what the man page says. Without VCPU, the first.\n",
};

const struct tool_command tool_sysrq = {
	.name = "sysrq", INSIDE, .synopsis = "DOMAIN LETTER", .run = run_sysrq,
	.summary = "send a domain a magic system request",
};

const struct tool_command tool_dump_core = {
	.name = "dump-core", INSIDE, .synopsis = "DOMAIN [FILE]", .run = run_dump_core,
	.summary = "write a domain's memory and vCPUs to a new ELF core file",
	.details = "Without FILE, its name is that of the domain with .core behind, and printed.\n",
};
