/* SPDX-License-Identifier: GPL-2.0-or-later */
/* paravane block-attach, -list, -detach, network-attach, -list, -detach: devices of domains. */
#include <stdlib.h>
#include <string.h>

#include "tool/domain_command.h"
#include "tool/handover.h"
#include "xen/pv_device_spec.h"

static enum pv_device_kind kind_of(const struct tool_command *cmd)
{
	return *cmd->name == 'b' ? PV_DEVICE_DISK : PV_DEVICE_VIF;
}

static const char *word_of(enum pv_device_kind kind)
{
	return kind == PV_DEVICE_DISK ? "disk" : "vif";
}

/* --- attach --- */

static int attach(const struct client_domain *d, enum pv_device_kind kind, const char *spec)
{
	struct handover h = { 0 };
	json_t *answer = NULL;
	struct error err;
	struct wire w;
	char *handed = NULL;

	if (!pv_device_check(kind, spec, &err) && !handover_device(&h, kind, spec, &handed, &err) &&
	    !client_connect(&w, d->host, &err)) {
		answer = client_ask(&w, json_pack("{s:s, s:i, s:s, s:s}", "command", "attach",
						  "domain", d->domid, "kind", word_of(kind), "spec",
						  handed), &h.fds, h.names, &err);
		wire_close(&w);
	}
	if (!answer)
		handover_explain(&h, &err);
	handover_end(&h, answer);
	free(handed);
	json_decref(answer);
	return answer ? TOOL_EXIT_OK : tool_error("%s", err.msg);
}

/* What stands behind the domain, with commas between. */
static char *join(const struct operands *o)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (unsigned int i = 1; i < o->nr; i++)
		fprintf(out, "%s%s", i > 1 ? "," : "", o->value[i]);
	fclose(out);
	return text;
}

static int run_attach(const struct tool_command *cmd, int argc, const char **argv)
{
	struct client_domain d;
	struct operands o;
	struct error err;
	char *spec;
	int rc = operands_parse(cmd, argc, argv, kind_of(cmd) == PV_DEVICE_DISK ? 2 : 1,
				MAX_OPERANDS, &o);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	spec = join(&o);
	if (!spec) {
		rc = tool_error("out of memory");
	} else if (client_find(&d, o.value[0], &err)) {
		rc = tool_error("%s", err.msg);
	} else {
		rc = attach(&d, kind_of(cmd), spec);
		client_domain_free(&d);
	}
	free(spec);
	operands_free(&o);
	return rc;
}

/* --- list --- */

static json_t *devices_of(const struct client_domain *d, enum pv_device_kind kind)
{
	struct error err;
	json_t *answer = client_domain_ask(d, "devices", json_pack("{s:s}", "kind", word_of(kind)),
					   &err), *list;

	if (!answer) {
		tool_error("%s", err.msg);
		return NULL;
	}
	list = json_incref(json_object_get(answer, "devices"));
	json_decref(answer);
	return list;
}

static void print_disk(const json_t *dev)
{
	printf("%-5lld %-3lld %-6d %-5lld %-6lld %-8lld %-30s\n", number_of(dev, "number"),
	       number_of(dev, "backend"), 0, number_of(dev, "state"), number_of(dev, "evtchn"),
	       number_of(dev, "ring_ref"), text_of(dev, "path"));
}

static void print_card(const json_t *dev)
{
	printf("%-3lld %-2lld %s%6lld %5lld %6lld %5lld/%-11lld %-30s\n", number_of(dev, "number"),
	       number_of(dev, "backend"), text_of(dev, "mac"), number_of(dev, "number"),
	       number_of(dev, "state"), number_of(dev, "evtchn"), number_of(dev, "ring_ref"),
	       number_of(dev, "rx_ring_ref"), text_of(dev, "path"));
}

static void print_heading(enum pv_device_kind kind)
{
	if (kind == PV_DEVICE_DISK)
		printf("%-5s %-3s %-6s %-5s %-6s %-8s %-30s\n", "Vdev", "BE", "handle", "state",
		       "evt-ch", "ring-ref", "BE-path");
	else
		printf("%-3s %-2s %-17s %-6s %-5s %-6s %5s/%-5s %-30s\n", "Idx", "BE", "Mac Addr.",
		       "handle", "state", "evt-ch", "tx-", "rx-ring-ref", "BE-path");
}

static int run_list(const struct tool_command *cmd, int argc, const char **argv)
{
	enum pv_device_kind kind = kind_of(cmd);
	json_t *all, *dev;
	struct operands o;
	struct error err;
	size_t i;
	int rc = operands_parse(cmd, argc, argv, 1, MAX_OPERANDS, &o);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	all = json_array();
	for (unsigned int n = 0; n < o.nr; n++) {
		struct client_domain d;
		json_t *list;

		if (client_find(&d, o.value[n], &err)) {
			rc = tool_error("%s", err.msg);
			continue;
		}
		list = devices_of(&d, kind);
		json_array_foreach(list, i, dev)
			json_object_set_new(dev, "domid", json_integer(d.domid));
		json_array_extend(all, list);
		json_decref(list);
		client_domain_free(&d);
	}
	if (operands_has(&o, 'j')) {
		rc = print_json(all);
	} else {
		print_heading(kind);
		json_array_foreach(all, i, dev)
			(kind == PV_DEVICE_DISK ? print_disk : print_card)(dev);
	}
	json_decref(all);
	operands_free(&o);
	return rc;
}

/* --- detach --- */

/* The number of what is named: a virtual disk's name or number, a card's index or address. */
static long long find_device(const struct client_domain *d, enum pv_device_kind kind,
			     const char *text)
{
	json_t *list = devices_of(d, kind), *dev;
	long long number = -1, wanted;
	char name[16];
	size_t i;

	if (!list)
		return -1;
	if (kind == PV_DEVICE_DISK)
		wanted = pv_vdev_parse(text, name);
	else if (!parse_decimal(text, 1 << 20, &wanted))
		wanted = -1;
	json_array_foreach(list, i, dev) {
		if (number_of(dev, "number") == wanted || !strcasecmp(text_of(dev, "mac"), text))
			number = number_of(dev, "number");
	}
	json_decref(list);
	if (number < 0)
		tool_error("domain '%s' has no %s '%s'; '%s' shows those it has",
			   text_of(d->info, "name"),
			   kind == PV_DEVICE_DISK ? "disk" : "network card", text,
			   kind == PV_DEVICE_DISK ? "block-list" : "network-list");
	return number;
}

static int run_detach(const struct tool_command *cmd, int argc, const char **argv)
{
	enum pv_device_kind kind = kind_of(cmd);
	struct client_domain d;
	struct operands o;
	struct error err;
	json_t *answer;
	long long number;
	int rc = operands_parse(cmd, argc, argv, 2, 2, &o);

	if (rc)
		return rc < 0 ? TOOL_EXIT_OK : rc;
	if (client_find(&d, o.value[0], &err)) {
		operands_free(&o);
		return tool_error("%s", err.msg);
	}
	number = find_device(&d, kind, o.value[1]);
	if (number >= 0) {
		answer = client_domain_ask(&d, "detach", json_pack("{s:s, s:I, s:b}", "kind",
			word_of(kind), "number", (json_int_t)number, "force",
			operands_has(&o, 'f') > 0), &err);
		rc = answer ? TOOL_EXIT_OK : tool_error("%s", err.msg);
		json_decref(answer);
	} else {
		rc = TOOL_EXIT_ERROR;
	}
	client_domain_free(&d);
	operands_free(&o);
	return rc;
}

#define DEVICES .group = "Devices"

static const struct tool_option json_option[] = {
	{ "json", NULL, "as JSON", operands_flag }, { 0 }
};

static const struct tool_option detach_options[] = {
	{ "f|force", NULL, "do not wait until the guest lets go of it", operands_flag }, { 0 }
};

const struct tool_command tool_block_attach = {
	.name = "block-attach", DEVICES, .synopsis = "DOMAIN SPEC...", .run = run_attach,
	.summary = "give a domain a disk",
	.details = "SPEC is as in a configuration file: disk.img,raw,xvdb,ro; or\n"
		   "vdev=xvdb,target=disk.img, where target= stands last.\n",
};

const struct tool_command tool_block_list = {
	.name = "block-list", DEVICES, .synopsis = "DOMAIN...", .run = run_list,
	.options = json_option, .summary = "a domain's disks",
};

const struct tool_command tool_block_detach = {
	.name = "block-detach", DEVICES, .synopsis = "DOMAIN DISK", .run = run_detach,
	.options = detach_options, .summary = "take a disk away, by name (xvdb) or number",
};

const struct tool_command tool_network_attach = {
	.name = "network-attach", DEVICES, .synopsis = "DOMAIN [KEY=VALUE]...", .run = run_attach,
	.summary = "give a domain a network card",
	.details = "KEY=VALUE is as in a configuration file: mac=, bridge=, vifname=, link=,\n"
		   "hostfwd=\n",
};

const struct tool_command tool_network_list = {
	.name = "network-list", DEVICES, .synopsis = "DOMAIN...", .run = run_list,
	.options = json_option, .summary = "a domain's network cards",
};

const struct tool_command tool_network_detach = {
	.name = "network-detach", DEVICES, .synopsis = "DOMAIN CARD", .run = run_detach,
	.options = detach_options, .summary = "take a card away, by index or address",
};
