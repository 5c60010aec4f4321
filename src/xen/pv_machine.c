/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One paravirtualized domain in this process: put together, run, taken apart. */
#include "xen/pv_machine.h"

#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include <xen/interface/callback.h>
#include <xen/interface/sched.h>

#include "backend/chardev.h"
#include "backend/eventloop.h"
#include "backend/xenstore.h"
#include "ia64/rse.h"
#include "ia64/smp.h"
#include "ia64/state_dump.h"
#include "ia64/sysreg.h"
#include "ia64/tlb.h"
#include "jit/jit.h"
#include "xen/console_back.h"
#include "xen/cpu.h"
#include "xen/domain_build.h"
#include "xen/evtchn.h"
#include "xen/p2m.h"
#include "xen/store_ring.h"

#define JIT_CACHE (64u << 20)
#define ITC_HZ 1000000000ull
#define PAL_HALT_LIGHT 29
#define MIN_MEMORY (64ull << 20)
#define DOMID 1
#define BACKEND_DOMID 0

struct pv_machine {
	struct ia64_memory mem;
	struct ia64_system *sys;
	struct eventloop *loop;
	struct xen_host host;
	struct xen_domain *domain;
	bool host_ready, firmware_ready;
	struct firmware fw;
	struct boot boot;
	struct xen_cpu *cpu;
	unsigned int nr_cpus;
	struct chardev *chardev;
	struct xenstore *store;
	struct xen_store_ring *store_ring;
	struct xen_console *console;
	pthread_t thread;     /* of vCPU 0 */
	_Atomic bool running; /* and whether there is one */

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	bool has_outcome;
	enum pv_outcome outcome;
	struct vcpu *crashed;
};

/* --- what the processor asks --- */

static bool platform_read(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size, uint64_t *val)
{
	(void)ctx;
	(void)v;
	(void)pa;
	*val = size == 8 ? UINT64_MAX : (1ull << size * 8) - 1;
	return true;
}

static bool platform_write(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size, uint64_t val)
{
	(void)ctx;
	(void)v;
	(void)pa;
	(void)size;
	(void)val;
	return true;
}

static bool in_firmware(const struct vcpu *v)
{
	return v->code_pa >= FW_CODE && v->code_pa < FW_CODE_END;
}

static bool platform_break(void *ctx, struct vcpu *v, uint64_t imm)
{
	struct pv_machine *m = ctx;
	struct xen_cpu *c = &m->cpu[v->index];

	if (v->cpl > XEN_KERNEL_LEVEL)
		return false;
	if (imm == XEN_HYPERCALL_BREAK) {
		xen_hypercall_break(c);
		return true;
	}
	if (in_firmware(v)) {
		/* An event that came while it was masked ends a halt as well. */
		if (imm == FW_BREAK_PAL && v->gr[28] == PAL_HALT_LIGHT &&
		    m->domain->shared_info->vcpu_info[c->xv->id].evtchn_upcall_pending)
			ia64_post_interrupt(v, XEN_VECTOR_KICK);
		return firmware_break(&m->fw, v, imm);
	}
	return xen_hyperprivop(c, imm);
}

static bool platform_interruption(void *ctx, struct vcpu *v, unsigned int vector, uint64_t isr)
{
	struct pv_machine *m = ctx;

	return xen_cpu_interruption(&m->cpu[v->index], vector, isr);
}

/* --- what the hypervisor asks --- */

static void kick(void *ctx)
{
	struct xen_cpu *c = ctx;

	ia64_post_interrupt(c->v, XEN_VECTOR_KICK);
}

static void wait_for_kick(void *ctx, uint64_t deadline)
{
	struct xen_cpu *c = ctx;
	struct eventloop_timer *t = NULL;

	if (deadline != UINT64_MAX) {
		t = eventloop_timer_add(c->xv->domain->host->loop, kick, c);
		if (!t)
			return;
		eventloop_timer_set(t, c->xv->domain->host->time_zero + (int64_t)deadline);
	}
	ia64_halt(c->v);
	if (t)
		eventloop_timer_remove(t);
}

static int set_callback(void *ctx, unsigned int type, uint64_t address)
{
	struct xen_cpu *c = ctx;

	if (type == CALLBACKTYPE_event)
		c->event_callback = address;
	else
		c->failsafe_callback = address;
	return 0;
}

static const struct xen_vcpu_ops vcpu_ops = {
	.event = kick,
	.wait = wait_for_kick,
	.wake = kick,
	.set_callback = set_callback,
};

static void domain_shutdown(void *ctx, unsigned int reason)
{
	switch (reason) {
	case SHUTDOWN_poweroff:
		pv_machine_stop(ctx, PV_POWEROFF);
		break;
	case SHUTDOWN_reboot:
		pv_machine_stop(ctx, PV_REBOOT);
		break;
	case SHUTDOWN_suspend:
		pv_machine_stop(ctx, PV_SUSPEND);
		break;
	default:
		pv_machine_stop(ctx, PV_CRASH);
		break;
	}
}

static void console_write(void *ctx, const char *text, size_t len)
{
	struct pv_machine *m = ctx;

	chardev_write(m->chardev, (const uint8_t *)text, len);
}

static int opt_feature(void *ctx, const struct xen_ia64_opt_feature *f)
{
	static const unsigned int region[] = {
		[XEN_IA64_OPTF_IDENT_MAP_REG7] = 7,
		[XEN_IA64_OPTF_IDENT_MAP_REG4] = 4,
		[XEN_IA64_OPTF_IDENT_MAP_REG5] = 5,
	};
	struct pv_machine *m = ctx;
	unsigned int i, r = region[f->cmd];

	for (i = 0; i < m->nr_cpus; i++) {
		m->cpu[i].identity[r].pgprot = f->pgprot & 0xe7full;
		m->cpu[i].identity[r].key = f->key;
		m->cpu[i].identity[r].on = f->on == XEN_IA64_OPTF_ON;
	}
	return 0;
}

/*
 * Pages come and go by the vCPU's own hypercalls, on its thread: what it keeps of their addresses
 * goes. Nothing else in the process removes pages of this domain.
 */
static void flush(void *ctx)
{
	struct pv_machine *m = ctx;

	if (!m->running || !pthread_equal(pthread_self(), m->thread))
		return;
	ia64_fast_flush(m->cpu[0].v);
	ia64_exec_flush(m->cpu[0].v);
}

static const struct xen_domain_ops domain_ops = {
	.flush = flush,
	.shutdown = domain_shutdown,
	.console = console_write,
	.opt_feature = opt_feature,
};

static void power_request(void *ctx, enum pm_request what)
{
	pv_machine_stop(ctx, what == PM_REQUEST_POWEROFF ? PV_POWEROFF : PV_REBOOT);
}

/* --- making it --- */

static int check_config(const struct pv_config *config, struct error *err)
{
	if (!config->kernel)
		return error_set(err, "no kernel given; an IA-64 ELF file for Xen is needed");
	if (config->vcpus != 1)
		return error_set(err, "%u vCPUs: 1 is accepted for a pv domain", config->vcpus);
	if (config->memory < MIN_MEMORY || config->memory > LAYOUT_RAM_LOW_END ||
	    config->memory & 0xfffff)
		return error_set(err, "%llu bytes of memory: whole megabytes from %llu to %llu are "
				 "accepted", (unsigned long long)config->memory, MIN_MEMORY >> 20,
				 LAYOUT_RAM_LOW_END >> 20);
	return 0;
}

static int create_domain(struct pv_machine *m, const struct pv_config *config, struct error *err)
{
	const struct xen_domain_config dc = {
		.domid = DOMID,
		.mem = &m->mem,
		.max_gpfn = XEN_BUILD_MAX_GPFN,
		.max_pages = (config->memory + LAYOUT_FIRMWARE_SIZE) >> XEN_PAGE_SHIFT,
		.shared_info_gpfn = XEN_BUILD_SHARED_INFO_GPFN,
		.grant_table_gpfn = XEN_BUILD_GRANT_GPFN,
		.max_vcpus = config->vcpus,
		.ops = &domain_ops,
		.ctx = m,
	};
	int rc;

	if (eventloop_create(&m->loop, err) < 0 ||
	    chardev_create(&m->chardev, m->loop, config->console ? config->console : "stdio",
			   err) < 0)
		return -1;
	m->store = xenstore_create(NULL);
	if (!m->store)
		return error_set(err, "out of memory");
	rc = ia64_memory_init(&m->mem, XEN_BUILD_END_GPFN << XEN_PAGE_SHIFT);
	if (!rc)
		rc = xen_host_init(&m->host, m->loop);
	m->host_ready = !rc;
	if (!rc)
		rc = xen_domain_create(&m->host, &dc, &m->domain);
	return rc ? error_set(err, "domain: %s", strerror(-rc)) : 0;
}

static int create_cpus(struct pv_machine *m, const struct pv_config *config, struct error *err)
{
	const struct ia64_platform platform = {
		.ctx = m,
		.mmio_read = platform_read,
		.mmio_write = platform_write,
		.host_break = platform_break,
		.interruption = platform_interruption,
	};
	unsigned int i;
	int rc = ia64_system_create(&m->sys, &m->mem, &platform, config->vcpus, ITC_HZ);

	if (!rc && config->jit)
		rc = ia64_jit_attach(m->sys, JIT_CACHE, 0);
	if (rc)
		return error_set(err, "processors: %s", strerror(-rc));
	m->cpu = calloc(config->vcpus, sizeof(*m->cpu));
	if (!m->cpu)
		return error_set(err, "out of memory");
	m->nr_cpus = config->vcpus;
	for (i = 0; i < config->vcpus; i++) {
		struct xen_cpu *c = &m->cpu[i];

		c->v = m->sys->vcpus[i];
		c->xv = m->domain->vcpu[i];
		c->regs_gpa = (XEN_BUILD_PRIVREGS_GPFN + i) << XEN_PAGE_SHIFT;
		c->regs = xen_p2m_add_xen_page(m->domain, XEN_BUILD_PRIVREGS_GPFN + i);
		if (!c->regs)
			return error_set(err, "out of memory");
		xen_vcpu_attach(c->xv, &vcpu_ops, c, i == 0);
	}
	return 0;
}

/* What a domU looks for in the store under its home. */
static int fill_store(struct pv_machine *m, const struct pv_config *config, struct error *err)
{
	const struct xs_perm perm = { .domid = DOMID }; /* the owner may do everything */
	static const char home[] = "/local/domain/1";
	char path[64];
	int rc;

	rc = xenstore_printf(m->store, "/local/domain/1/domid", "%d", DOMID);
	if (!rc)
		rc = xenstore_printf(m->store, "/local/domain/1/name", "domain-%d", DOMID);
	if (!rc)
		rc = xenstore_printf(m->store, "/local/domain/1/memory/target", "%llu",
				     (unsigned long long)config->memory >> 10);
	if (!rc)
		rc = xenstore_printf(m->store, "/local/domain/1/control/shutdown", "%s", "");
	if (!rc)
		rc = xenstore_printf(m->store, "/local/domain/1/device", "%s", "");
	if (!rc)
		rc = xenstore_set_perms(m->store, home, &perm, 1);
	snprintf(path, sizeof(path), "%s/control/shutdown", home);
	if (!rc)
		rc = xenstore_set_perms(m->store, path, &perm, 1);
	snprintf(path, sizeof(path), "%s/device", home);
	if (!rc)
		rc = xenstore_set_perms(m->store, path, &perm, 1);
	return rc ? error_set(err, "store: %s", strerror(rc < 0 ? -rc : rc)) : 0;
}

static int build(struct pv_machine *m, const struct pv_config *config, struct error *err)
{
	struct xen_build b = {
		.domain = m->domain,
		.fw = &m->fw,
		.boot = &m->boot,
		.nr_pages = config->memory >> XEN_PAGE_SHIFT,
	};
	struct vcpu *v = m->sys->vcpus[0];

	if (xen_domain_populate(&b, err) < 0 || fill_store(m, config, err) < 0 ||
	    xen_store_ring_open(&m->store_ring, m->loop, m->store, m->domain, BACKEND_DOMID,
				b.store_gpfn, &b.store_evtchn, err) < 0 ||
	    xen_console_open(&m->console, m->loop, m->domain, BACKEND_DOMID, b.console_gpfn,
			     m->chardev, &b.console_evtchn, err) < 0)
		return -1;
	m->fw.sys = m->sys;
	m->fw.mem = &m->mem;
	m->fw.request = power_request;
	m->fw.ctx = m;
	if (xen_domain_build(&b, err) < 0)
		return -1;
	m->firmware_ready = true;
	boot_enter(&m->boot, v);
	xen_cpu_init(&m->cpu[0]);
	ia64_rse_ar_write(v, AR_RSC, XEN_KERNEL_LEVEL << 2);
	v->ip = b.entry;
	v->ri = 0;
	return 0;
}

int pv_machine_create(struct pv_machine **out, const struct pv_config *config, struct error *err)
{
	uint64_t low = config->memory - (XEN_BUILD_SPECIAL_PAGES << XEN_PAGE_SHIFT);
	struct pv_machine *m;

	*out = NULL;
	if (check_config(config, err) < 0)
		return -1;
	m = calloc(1, sizeof(*m));
	if (!m)
		return error_set(err, "out of memory");
	m->mem.fd = -1;
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->changed, NULL);
	if (boot_prepare(&m->boot, config->kernel, config->initrd, config->append, low, err) < 0 ||
	    create_domain(m, config, err) < 0 ||
	    create_cpus(m, config, err) < 0 ||
	    build(m, config, err) < 0) {
		pv_machine_destroy(m);
		return -1;
	}
	boot_free(&m->boot);
	*out = m;
	return 0;
}

void pv_machine_destroy(struct pv_machine *m)
{
	if (!m)
		return;
	xen_console_close(m->console);
	xen_store_ring_close(m->store_ring);
	chardev_destroy(m->chardev);
	if (m->store)
		xenstore_destroy(m->store);
	if (m->domain)
		xen_domain_kill(m->domain);
	if (m->host_ready)
		xen_host_destroy(&m->host);
	eventloop_destroy(m->loop);
	if (m->sys) {
		ia64_jit_detach(m->sys);
		ia64_system_destroy(m->sys);
	}
	if (m->mem.fd >= 0)
		ia64_memory_destroy(&m->mem);
	if (m->firmware_ready)
		firmware_destroy(&m->fw);
	boot_free(&m->boot);
	free(m->cpu);
	pthread_cond_destroy(&m->changed);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

/* --- running --- */

void pv_machine_stop(struct pv_machine *m, enum pv_outcome outcome)
{
	pthread_mutex_lock(&m->lock);
	if (!m->has_outcome) {
		m->has_outcome = true;
		m->outcome = outcome;
	}
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	ia64_system_shutdown(m->sys);
}

static void *cpu_thread(void *ctx)
{
	struct xen_cpu *c = ctx;
	struct pv_machine *m = c->v->sys->platform.ctx;

	m->thread = pthread_self();
	m->running = true;
	xen_vcpu_runstate(c->xv, RUNSTATE_running);
	for (;;) {
		switch (ia64_run(c->v)) {
		case IA64_EXIT_CRASH:
			pthread_mutex_lock(&m->lock);
			if (!m->crashed)
				m->crashed = c->v;
			pthread_mutex_unlock(&m->lock);
			pv_machine_stop(m, PV_CRASH);
			return NULL;
		case IA64_EXIT_SHUTDOWN:
			return NULL;
		case IA64_EXIT_DEBUG:
		case IA64_EXIT_STOP:
			break;
		}
	}
}

enum pv_outcome pv_machine_run(struct pv_machine *m)
{
	sigset_t all, old;
	int rc;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	rc = pthread_create(&m->thread, NULL, cpu_thread, &m->cpu[0]);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (rc) {
		pv_machine_stop(m, PV_CRASH);
		return PV_CRASH;
	}
	pthread_mutex_lock(&m->lock);
	while (!m->has_outcome)
		pthread_cond_wait(&m->changed, &m->lock);
	pthread_mutex_unlock(&m->lock);
	pthread_join(m->thread, NULL);
	m->running = false;
	return m->outcome;
}

void pv_machine_report(struct pv_machine *m, FILE *out)
{
	if (!m->crashed) {
		fprintf(out, "the kernel ended with a crash of its own\n");
		return;
	}
	fprintf(out, "%s\n", m->crashed->crash_reason);
	ia64_state_dump(m->crashed, out);
}

void pv_machine_privops(struct pv_machine *m, FILE *out)
{
	unsigned int i, n;

	for (i = 0; i < m->nr_cpus; i++) {
		const struct xen_cpu *c = &m->cpu[i];

		for (n = 1; n <= HYPERPRIVOP_MAX; n++)
			if (c->hyperprivops[n])
				fprintf(out, "vcpu %u  hyperprivop %2u  %12" PRIu64 "\n", i, n,
					c->hyperprivops[n]);
		for (n = 0; n < XEN_PRIVOP_SITES; n++)
			if (c->site[n].count)
				fprintf(out, "vcpu %u  emulated %016" PRIx64 "  op %u  %" PRIu64 "\n",
					i, c->site[n].ip, c->site[n].op, c->site[n].count);
	}
	for (n = 0; n <= __HYPERVISOR_nr; n++)
		if (m->domain->hypercalls[n])
			fprintf(out, "hypercall %2u  %" PRIu64 "\n", n,
				(uint64_t)m->domain->hypercalls[n]);
}
