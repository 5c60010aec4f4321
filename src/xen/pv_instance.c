/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Builds what runs of a domain, and takes it apart. */
#include "xen/pv_instance.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/xenstore.h"
#include "ia64/rse.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "jit/jit.h"
#include "machine/observe.h"
#include "xen/console_back.h"
#include "xen/domain_build.h"
#include "xen/p2m.h"
#include "xen/store_ring.h"

#define ITC_HZ 1000000000ull

static int create_domain(struct pv_instance *m, const struct pv_domain_config *config,
			 struct error *err)
{
	const struct xen_layout layout = xen_layout(config->maxmem);
	struct xen_domain_config dc = {
		.domid = config->domid,
		.mem = &m->mem,
		.max_gpfn = layout.max_gpfn,
		.max_pages = (config->maxmem + m->extra_memory) >> XEN_PAGE_SHIFT,
		.shared_info_gpfn = layout.shared_info,
		.grant_table_gpfn = layout.grant_table,
		.max_vcpus = config->maxvcpus,
		.ops = &pv_domain_ops,
		.ctx = m,
	};
	int rc;

	memcpy(dc.handle, config->uuid, sizeof(dc.handle));
	rc = ia64_memory_init(&m->mem, layout.end << XEN_PAGE_SHIFT);
	if (!rc) {
		m->memory_ready = true;
		rc = xen_domain_create(&m->host->xen, &dc, &m->domain);
	}
	return rc ? error_set(err, "domain %u: %s", config->domid, strerror(-rc)) : 0;
}

static int create_cpus(struct pv_instance *m, const struct pv_domain_config *config,
		       struct error *err)
{
	const xen_pfn_t privregs = xen_layout(config->maxmem).privregs;
	const struct ia64_platform platform = pv_platform(m);
	unsigned int i;
	int rc = ia64_system_create(&m->sys, &m->mem, &platform, config->maxvcpus, ITC_HZ);

	if (!rc && config->jit)
		rc = ia64_jit_attach(m->sys, config->jit_cache, config->check_every);
	/* Where there is no translator for this host the interpreter does it. */
	if (rc && rc != -ENOTSUP)
		return error_set(err, "processors: %s", strerror(-rc));
	if (!rc && config->jit && config->perf_map &&
	    observe_translations(config->perf_map, m->sys, &m->symbols, err) < 0)
		return -1;
	ia64_threads_init(&m->threads, m->sys, &pv_threads_ops, m);
	m->threads_ready = true;
	m->cpu = calloc(config->maxvcpus, sizeof(*m->cpu));
	if (!m->cpu)
		return error_set(err, "out of memory");
	m->nr_cpus = config->maxvcpus;
	for (i = 0; i < m->nr_cpus; i++) {
		struct xen_cpu *c = &m->cpu[i];

		c->v = m->sys->vcpus[i];
		c->xv = m->domain->vcpu[i];
		c->regs_gpa = (privregs + i) << XEN_PAGE_SHIFT;
		c->regs = xen_p2m_add_xen_page(m->domain, privregs + i);
		if (!c->regs)
			return error_set(err, "out of memory");
		c->rendezvous = pv_rendezvous;
		xen_vcpu_attach(c->xv, &pv_vcpu_ops, c, i == 0);
		ia64_threads_park(&m->threads, c->v, i != 0);
	}
	return 0;
}

/* What a domU looks for in the store about itself, besides what all have. */
static void fill_store(struct pv_instance *m, const struct pv_domain_config *config,
		       const char *name)
{
	struct xenstore *s = m->host->store;
	char path[96];
	unsigned int i;

	xenbus_domain_init(&m->host->backends, config->domid, name, config->memory >> 10);
	m->in_store = true;
	snprintf(path, sizeof(path), "/local/domain/%u/memory/static-max", config->domid);
	xenstore_printf(s, path, "%llu", (unsigned long long)config->maxmem >> 10);
	for (i = 0; i < config->maxvcpus; i++) {
		snprintf(path, sizeof(path), "/local/domain/%u/cpu/%u/availability", config->domid,
			 i);
		xenstore_printf(s, path, "%s", i < config->vcpus ? "online" : "offline");
	}
}

static int place(struct pv_instance *m, const struct pv_domain_config *config, struct error *err)
{
	struct xen_build b = {
		.domain = m->domain,
		.fw = &m->fw,
		.boot = &m->boot,
		.nr_pages = config->memory >> XEN_PAGE_SHIFT,
	};
	const domid_t backend = m->host->backends.domid;
	struct vcpu *v = m->sys->vcpus[0];
	unsigned int i;

	if (xen_domain_populate(&b, err) < 0 ||
	    xen_store_ring_open(&m->store_ring, m->host->loop, m->host->store, m->domain, backend,
				b.store_gpfn, &b.store_evtchn, err) < 0 ||
	    xen_console_open(&m->console, m->host->loop, m->domain, backend, b.console_gpfn,
			     m->chardev, &b.console_evtchn, err) < 0)
		return -1;
	m->fw.sys = m->sys;
	m->fw.mem = &m->mem;
	m->fw.request = pv_power_request;
	m->fw.ctx = m;
	if (xen_domain_build(&b, err) < 0)
		return -1;
	m->firmware_ready = true;
	if (symbols_load(&m->symbols, m->boot.kernel, m->boot.kernel_size) < 0 ||
	    unwind_load(&m->unwind, m->boot.kernel, m->boot.kernel_size) < 0)
		return error_set(err, "symbols: out of memory");
	boot_enter(&m->boot, v);
	for (i = 0; i < m->nr_cpus; i++)
		xen_cpu_init(&m->cpu[i]);
	ia64_rse_ar_write(v, AR_RSC, XEN_KERNEL_LEVEL << 2);
	v->ip = b.entry;
	v->ri = 0;
	return 0;
}

int pv_instance_create(struct pv_instance **out, struct pv_host *h,
		       const struct pv_domain_config *config, const char *name,
		       struct chardev *chardev, void (*shut_down)(void *ctx), void *ctx,
		       struct error *err)
{
	uint64_t low = xen_layout_boot_limit(config->memory);
	struct pv_instance *m = calloc(1, sizeof(*m));
	char append[sizeof(((struct start_info *)NULL)->cmd_line)];
	int n;

	*out = NULL;
	if (!m)
		return error_set(err, "out of memory");
	m->host = h;
	m->extra_memory = xen_layout_extra(config->memory);
	m->chardev = chardev;
	m->shut_down = shut_down;
	m->ctx = ctx;
	m->shut_down_by = -1;
	n = snprintf(append, sizeof(append), "%s%s%s%s", config->root ? "root=" : "",
		     config->root ? config->root : "", config->root && config->extra ? " " : "",
		     config->extra ? config->extra : "");
	if (n >= (int)sizeof(append)) {
		error_set(err, "root and extra: %d bytes together; up to %zu are accepted", n,
			  sizeof(append) - 1);
		goto fail;
	}
	if (boot_prepare(&m->boot, config->kernel, config->ramdisk, append, low, err) < 0 ||
	    create_domain(m, config, err) < 0 ||
	    create_cpus(m, config, err) < 0)
		goto fail;
	fill_store(m, config, name);
	if (place(m, config, err) < 0)
		goto fail;
	boot_free(&m->boot);
	ia64_threads_hold(&m->threads);
	if (ia64_threads_start(&m->threads) < 0) {
		error_set(err, "the host has no threads for %u vCPUs", m->nr_cpus);
		goto fail;
	}
	m->built_at = xen_now(&h->xen);
	*out = m;
	return 0;
fail:
	pv_instance_destroy(m);
	return -1;
}

void pv_instance_destroy(struct pv_instance *m)
{
	unsigned int i;

	if (!m)
		return;
	if (m->threads_ready) {
		ia64_threads_end(&m->threads);
		ia64_threads_join(&m->threads);
	}
	xen_console_close(m->console);
	xen_store_ring_close(m->store_ring);
	if (m->in_store)
		xenbus_domain_remove(&m->host->backends, m->domain->cfg.domid);
	if (m->domain) {
		/* Its memory, and *m, are needed until the rest is gone. */
		xen_domain_ref(m->domain);
		xen_domain_kill(m->domain);
	}
	if (m->threads_ready)
		ia64_threads_destroy(&m->threads);
	if (m->sys) {
		ia64_jit_detach(m->sys);
		ia64_system_destroy(m->sys);
	}
	if (m->firmware_ready)
		firmware_destroy(&m->fw);
	symbols_free(&m->symbols);
	unwind_free(&m->unwind);
	boot_free(&m->boot);
	for (i = 0; i < m->nr_cpus; i++)
		free(m->cpu[i].start_context);
	free(m->cpu);
	if (m->domain) {
		xen_domain_put(m->domain);
		return;
	}
	if (m->memory_ready)
		ia64_memory_destroy(&m->mem);
	free(m);
}
