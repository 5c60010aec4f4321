/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Prints counts of hyperprivops, emulated instructions and hypercalls. */
#include "tool/privops.h"

static void print_counts(const json_t *counts, const char *kind, FILE *out)
{
	const char *name;
	const json_t *count;

	json_object_foreach((json_t *)counts, name, count)
		fprintf(out, "%-12s %-24s %12lld\n", kind, name,
			(long long)json_integer_value(count));
}

void privops_print(const json_t *answer, FILE *out)
{
	const json_t *vcpus = json_object_get(answer, "vcpu"), *vcpu, *site;
	size_t i, n;

	json_array_foreach(vcpus, i, vcpu) {
		fprintf(out, "vCPU %zu\n", i);
		print_counts(json_object_get(vcpu, "hyperprivops"), "hyperprivop", out);
		fprintf(out, "%-12s %-24s %12lld\n", "emulated", "all", (long long)
			json_integer_value(json_object_get(vcpu, "emulated")));
		json_array_foreach(json_object_get(vcpu, "sites"), n, site)
			fprintf(out, "%-12s %-24s %12lld  %s\n", "emulated",
				json_string_value(json_object_get(site, "instruction")), (long long)
				json_integer_value(json_object_get(site, "count")),
				json_string_value(json_object_get(site, "ip")));
	}
	fprintf(out, "All vCPUs\n");
	print_counts(json_object_get(answer, "hypercalls"), "hypercall", out);
	fprintf(out, "%-12s %-24s %12lld\n", "hypercall", "others", (long long)
		json_integer_value(json_object_get(answer, "other")));
	fprintf(out, "%-12s %-24s %12lld\n", "hypercall", "answered ENOSYS", (long long)
		json_integer_value(json_object_get(answer, "enosys")));
}
