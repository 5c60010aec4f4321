/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain as an ELF core file: which pages it has, and its vCPUs. */
#include <stdbool.h>
#include <stdlib.h>

#include "machine/corefile.h"
#include "xen/p2m.h"
#include "xen/pv_instance.h"

/*
 * Lists runs of pages that are there, with at most `gap` pages that are not between two of them.
 * False: there are too many.
 */
static bool list_ram(const struct xen_domain *d, struct corefile_ram *ram, struct corefile *core,
		     uint64_t gap)
{
	xen_pfn_t gpfn, end = 0; /* of the last run */
	unsigned int n = 0;

	for (gpfn = 0; gpfn < d->nr_gpfns; gpfn++) {
		enum xen_p2m_type type = xen_p2m_type(d, gpfn);

		if (type == XEN_P2M_NONE)
			continue;
		core->mixed |= type == XEN_P2M_FOREIGN;
		if (!n || gpfn - end > gap) {
			if (n == COREFILE_MAX_RAM)
				return false;
			ram[n++] = (struct corefile_ram){ .pa = gpfn << XEN_PAGE_SHIFT };
		}
		end = gpfn + 1;
		ram[n - 1].size = (end << XEN_PAGE_SHIFT) - ram[n - 1].pa;
	}
	core->nr_ram = n;
	return true;
}

int pv_core_write(struct pv_instance *m, const char *path, struct error *err)
{
	struct corefile_ram *ram = calloc(COREFILE_MAX_RAM, sizeof(*ram));
	struct corefile core = {
		.mem = &m->mem,
		.ram = ram,
		.vcpus = m->sys->vcpus,
		.nr_vcpus = m->nr_cpus,
	};
	uint64_t gap = 0;
	int rc;

	if (!ram)
		return error_set(err, "%s: out of memory", path);
	/* A balloon may have taken every second page: then small gaps are written as zeros. */
	while (!list_ram(m->domain, ram, &core, gap))
		gap = 2 * gap + 1;
	rc = corefile_write(&core, path, err);
	free(ram);
	return rc;
}
