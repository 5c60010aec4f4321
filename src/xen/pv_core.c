/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A domain as an ELF core file: which pages it has, and its vCPUs. */
#include <stdlib.h>

#include "machine/corefile.h"
#include "xen/p2m.h"
#include "xen/pv_instance.h"

/* Runs of pages that are there; returns how many. */
static unsigned int list_ram(const struct xen_domain *d, struct corefile_ram *ram)
{
	xen_pfn_t gpfn, from;
	unsigned int n = 0;

	for (gpfn = 0; gpfn < d->nr_gpfns && n < COREFILE_MAX_RAM; gpfn++) {
		if (xen_p2m_type(d, gpfn) == XEN_P2M_NONE)
			continue;
		for (from = gpfn; xen_p2m_type(d, gpfn + 1) != XEN_P2M_NONE; gpfn++)
			;
		ram[n++] = (struct corefile_ram){ from << XEN_PAGE_SHIFT,
						  (gpfn + 1 - from) << XEN_PAGE_SHIFT };
	}
	return n;
}

int pv_core_write(struct pv_instance *m, const char *path, struct error *err)
{
	struct corefile_ram *ram = calloc(COREFILE_MAX_RAM, sizeof(*ram));
	const struct corefile core = {
		.mem = &m->mem,
		.ram = ram,
		.nr_ram = ram ? list_ram(m->domain, ram) : 0,
		.vcpus = m->sys->vcpus,
		.nr_vcpus = m->nr_cpus,
	};
	int rc = ram ? corefile_write(&core, path, err) : error_set(err, "%s: out of memory", path);

	free(ram);
	return rc;
}
