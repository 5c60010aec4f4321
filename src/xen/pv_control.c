/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be asked of a domain while it lives. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <xen/interface/sched.h>

#include "backend/xenstore.h"
#include "ia64/decode.h"
#include "ia64/smp.h"
#include "jit/jit.h"
#include "machine/crash.h"
#include "xen/p2m.h"
#include "xen/pv_domain_impl.h"

static int store_set(struct pv_domain *d, const char *node, const char *value, struct error *err)
{
	char path[96];

	snprintf(path, sizeof(path), "/local/domain/%u/%s", d->domid, node);
	if (xenstore_printf(d->host->store, path, "%s", value))
		return error_set(err, "store: %s cannot be written", path);
	return 0;
}

static bool has_ended(struct pv_domain *d)
{
	bool ended;

	pthread_mutex_lock(&d->lock);
	ended = d->ended;
	pthread_mutex_unlock(&d->lock);
	return ended;
}

static int refuse_ended(struct pv_domain *d, struct error *err)
{
	return has_ended(d) ? error_set(err, "domain %u has shut down", d->domid) : 0;
}

static void set_paused(struct pv_domain *d, bool on)
{
	pthread_mutex_lock(&d->lock);
	d->paused = on;
	pthread_mutex_unlock(&d->lock);
	pv_domain_event(d, PV_EVENT_STATE);
}

/* --- pause, shutdown --- */

static int do_pause(struct pv_domain *d, void *arg, struct error *err)
{
	(void)arg;
	(void)err;
	ia64_threads_pause(&d->run->threads);
	set_paused(d, true);
	return 0;
}

static int do_unpause(struct pv_domain *d, void *arg, struct error *err)
{
	(void)arg;
	(void)err;
	/* What has shut down stands still for ever; it is not a pause that holds it. */
	if (!has_ended(d))
		ia64_threads_resume(&d->run->threads);
	set_paused(d, false);
	return 0;
}

int pv_domain_pause(struct pv_domain *d, struct error *err)
{
	return pv_domain_do(d, do_pause, NULL, err);
}

int pv_domain_unpause(struct pv_domain *d, struct error *err)
{
	return pv_domain_do(d, do_unpause, NULL, err);
}

static int do_shutdown(struct pv_domain *d, void *arg, struct error *err)
{
	if (refuse_ended(d, err) < 0)
		return -1;
	return store_set(d, "control/shutdown", arg, err);
}

const char *pv_shutdown_name(unsigned int reason)
{
	static const char *const names[] = {
		[SHUTDOWN_poweroff] = "poweroff",
		[SHUTDOWN_reboot] = "reboot",
		[SHUTDOWN_suspend] = "suspend",
		[SHUTDOWN_crash] = "crash",
		[SHUTDOWN_watchdog] = "watchdog",
	};

	return reason < sizeof(names) / sizeof(names[0]) ? names[reason] : NULL;
}

int pv_domain_shutdown(struct pv_domain *d, unsigned int reason, struct error *err)
{
	const char *word = pv_shutdown_name(reason);

	if (!word || reason == SHUTDOWN_watchdog)
		return error_set(err, "shutdown reason %u: poweroff, reboot, suspend and crash are "
				 "accepted", reason);
	return pv_domain_do(d, do_shutdown, (void *)word, err);
}

static int do_resume(struct pv_domain *d, void *arg, struct error *err)
{
	struct pv_instance *m = d->run;
	bool paused;
	int by = m->shut_down_by;

	(void)arg;
	if (!has_ended(d) || m->domain->shutdown_reason != SHUTDOWN_suspend || by < 0)
		return error_set(err, "domain %u has not suspended itself", d->domid);
	/* What the hypercall returns when nobody has saved the domain: 1. */
	m->sys->vcpus[by]->gr[8] = 1;
	m->shut_down_by = -1;
	m->domain->shutdown_code = -1;
	m->domain->shutdown_reason = -1;
	xenstore_resume(d->host->store, d->domid);
	pthread_mutex_lock(&d->lock);
	d->ended = d->settled = false;
	paused = d->paused;
	pthread_mutex_unlock(&d->lock);
	if (!paused)
		ia64_threads_resume(&m->threads);
	pv_domain_event(d, PV_EVENT_STATE);
	return 0;
}

int pv_domain_resume(struct pv_domain *d, struct error *err)
{
	return pv_domain_do(d, do_resume, NULL, err);
}

static int do_rename(struct pv_domain *d, void *arg, struct error *err)
{
	if (pv_domain_set_name(d, arg, err) < 0)
		return -1;
	pv_domain_event(d, PV_EVENT_STATE);
	return 0;
}

int pv_domain_rename(struct pv_domain *d, const char *name, struct error *err)
{
	return pv_domain_do(d, do_rename, (void *)name, err);
}

/* --- vCPUs and memory --- */

static int do_set_vcpus(struct pv_domain *d, void *arg, struct error *err)
{
	unsigned int n = *(unsigned int *)arg, i;
	char node[48];

	if (n < 1 || n > d->config.maxvcpus)
		return error_set(err, "%u vCPUs: 1 to %u are accepted", n, d->config.maxvcpus);
	if (refuse_ended(d, err) < 0)
		return -1;
	d->config.vcpus = n;
	for (i = 0; i < d->config.maxvcpus; i++) {
		snprintf(node, sizeof(node), "cpu/%u/availability", i);
		if (store_set(d, node, i < n ? "online" : "offline", err) < 0)
			return -1;
	}
	return 0;
}

int pv_domain_set_vcpus(struct pv_domain *d, unsigned int n, struct error *err)
{
	return pv_domain_do(d, do_set_vcpus, &n, err);
}

static uint64_t max_memory(const struct pv_domain *d)
{
	return (d->run->domain->max_pages << XEN_PAGE_SHIFT) - d->run->extra_memory;
}

static uint64_t has_memory(const struct pv_domain *d)
{
	return (d->run->domain->tot_pages << XEN_PAGE_SHIFT) - d->run->extra_memory;
}

static int do_set_memory(struct pv_domain *d, void *arg, struct error *err)
{
	uint64_t bytes = *(uint64_t *)arg;
	char kib[24];

	if (bytes < PV_MIN_MEMORY || bytes > max_memory(d))
		return error_set(err, "%llu KB of memory: %llu to %llu (the maximum) are accepted",
				 (unsigned long long)bytes >> 10, PV_MIN_MEMORY >> 10,
				 (unsigned long long)max_memory(d) >> 10);
	if (refuse_ended(d, err) < 0)
		return -1;
	snprintf(kib, sizeof(kib), "%llu", (unsigned long long)bytes >> 10);
	if (store_set(d, "memory/target", kib, err) < 0)
		return -1;
	pthread_mutex_lock(&d->lock);
	d->target = bytes;
	pthread_mutex_unlock(&d->lock);
	return 0;
}

int pv_domain_set_memory(struct pv_domain *d, uint64_t bytes, struct error *err)
{
	return pv_domain_do(d, do_set_memory, &bytes, err);
}

static int do_set_maxmem(struct pv_domain *d, void *arg, struct error *err)
{
	uint64_t bytes = *(uint64_t *)arg;
	/* What there is room for in its address space. */
	uint64_t most = (d->run->domain->cfg.max_gpfn + 1) << XEN_PAGE_SHIFT;
	char kib[24];

	if (bytes < has_memory(d) || bytes > most || bytes & 0xfffff)
		return error_set(err, "at most %llu KB of memory: whole megabytes from %llu KB (what "
				 "the domain has) to %llu KB are accepted",
				 (unsigned long long)bytes >> 10,
				 (unsigned long long)has_memory(d) >> 10,
				 (unsigned long long)most >> 10);
	d->run->domain->max_pages = (bytes + d->run->extra_memory) >> XEN_PAGE_SHIFT;
	d->config.maxmem = bytes;
	snprintf(kib, sizeof(kib), "%llu", (unsigned long long)bytes >> 10);
	return store_set(d, "memory/static-max", kib, err);
}

int pv_domain_set_maxmem(struct pv_domain *d, uint64_t bytes, struct error *err)
{
	return pv_domain_do(d, do_set_maxmem, &bytes, err);
}

struct pin {
	unsigned int vcpu;
	const cpu_set_t *cpus;
};

static int do_pin(struct pv_domain *d, void *arg, struct error *err)
{
	const struct pin *p = arg;
	int rc;

	if (p->vcpu >= d->config.maxvcpus)
		return error_set(err, "vCPU %u: 0 to %u are accepted", p->vcpu,
				 d->config.maxvcpus - 1);
	rc = ia64_threads_pin(&d->run->threads, d->run->sys->vcpus[p->vcpu], p->cpus);
	if (rc)
		return error_set(err, "vCPU %u cannot be pinned to these CPUs: %s", p->vcpu,
				 strerror(rc));
	pthread_mutex_lock(&d->lock);
	d->affinity[p->vcpu] = *p->cpus;
	pthread_mutex_unlock(&d->lock);
	return 0;
}

int pv_domain_pin(struct pv_domain *d, unsigned int vcpu, const cpu_set_t *cpus, struct error *err)
{
	struct pin p = { .vcpu = vcpu, .cpus = cpus };

	return pv_domain_do(d, do_pin, &p, err);
}

/* --- keys and signals --- */

static int do_reset(struct pv_domain *d, void *arg, struct error *err)
{
	(void)arg;
	if (refuse_ended(d, err) < 0)
		return -1;
	xen_domain_shutdown(d->run->domain, SHUTDOWN_reboot);
	return 0;
}

int pv_domain_trigger(struct pv_domain *d, enum pv_trigger what, unsigned int vcpu,
		      struct error *err)
{
	static const char *const names[] = {
		[PV_TRIGGER_SLEEP] = "sleep",
		[PV_TRIGGER_NMI] = "nmi",
		[PV_TRIGGER_INIT] = "init",
	};

	(void)vcpu;
	switch (what) {
	case PV_TRIGGER_POWER:
		return pv_domain_shutdown(d, SHUTDOWN_poweroff, err);
	case PV_TRIGGER_RESET:
		return pv_domain_do(d, do_reset, NULL, err);
	default:
		return error_set(err, "%s: a paravirtualized domain takes power and reset",
				 names[what]);
	}
}

static int do_sysrq(struct pv_domain *d, void *arg, struct error *err)
{
	return store_set(d, "control/sysrq", arg, err);
}

int pv_domain_sysrq(struct pv_domain *d, char key, struct error *err)
{
	char text[2] = { key, 0 };

	if (key <= ' ' || key > '~')
		return error_set(err, "a letter or digit is accepted for sysrq");
	return pv_domain_do(d, do_sysrq, text, err);
}

/* --- core --- */

static int do_dump_core(struct pv_domain *d, void *arg, struct error *err)
{
	bool held;
	int rc;

	pthread_mutex_lock(&d->lock);
	held = d->paused || d->ended;
	pthread_mutex_unlock(&d->lock);
	ia64_threads_pause(&d->run->threads);
	rc = pv_core_write(d->run, arg, err);
	/* It may have shut down just before the pause. */
	if (!held && !has_ended(d))
		ia64_threads_resume(&d->run->threads);
	return rc;
}

int pv_domain_dump_core(struct pv_domain *d, const char *path, struct error *err)
{
	return pv_domain_do(d, do_dump_core, (void *)path, err);
}

/* --- what it is and does --- */

domid_t pv_domain_id(const struct pv_domain *d)
{
	return d->domid;
}

struct pv_host *pv_domain_host(struct pv_domain *d)
{
	return d->host;
}

struct chardev *pv_domain_chardev(struct pv_domain *d)
{
	return d->chardev;
}

static void vcpu_info(struct pv_domain *d, unsigned int i, struct pv_vcpu_info *info)
{
	struct xen_cpu *c = &d->run->cpu[i];

	xen_vcpu_runstate_get(c->xv, &info->runstate);
	info->online = xen_vcpu_is_up(c->xv);
	info->host_cpu = info->online ? (int)c->host_cpu : -1;
	info->time = info->runstate.time[RUNSTATE_running];
	info->affinity = d->affinity[i];
	if (!CPU_COUNT(&info->affinity))
		pthread_getaffinity_np(d->run->threads.cpu[i].thread, sizeof(info->affinity),
				       &info->affinity);
	info->state = !info->online ? '-' : d->paused ? 'p' :
		      info->runstate.state == RUNSTATE_running ? 'r' :
		      info->runstate.state == RUNSTATE_blocked ? 'b' : '-';
}

/* With the lock held, of a domain that has an instance. */
static void fill_info(struct pv_domain *d, struct pv_domain_info *info)
{
	struct pv_instance *m = d->run;
	bool running = false, blocked = true;
	unsigned int i;

	info->shutdown_reason = m->domain->shutdown_reason;
	info->memory = has_memory(d);
	info->maxmem = max_memory(d);
	info->target = d->target;
	info->uptime = xen_now(&d->host->xen) - m->built_at;
	for (i = 0; i < info->nr_vcpus; i++) {
		struct pv_vcpu_info *v = &info->vcpu[i];

		vcpu_info(d, i, v);
		info->cpu_time += v->time;
		info->nr_online += v->online;
		running |= v->online && v->runstate.state == RUNSTATE_running;
		blocked &= !v->online || v->runstate.state == RUNSTATE_blocked;
	}
	if (running && !d->paused && !d->ended)
		info->state[0] = 'r';
	if (blocked && !d->paused && !d->ended)
		info->state[1] = 'b';
	if (d->paused)
		info->state[2] = 'p';
	if (d->ended)
		info->state[3] = 's';
	if (d->ended && info->shutdown_reason == SHUTDOWN_crash)
		info->state[4] = 'c';
	if (m->threads.crashed && d->ended)
		snprintf(info->reason, sizeof(info->reason), "%s",
			 m->threads.crashed->crash_reason);
}

void pv_domain_info(struct pv_domain *d, struct pv_domain_info *info)
{
	memset(info, 0, sizeof(*info));
	strcpy(info->state, "------");
	info->domid = d->domid;
	info->shutdown_reason = -1;
	memcpy(info->uuid, d->config.uuid, sizeof(info->uuid));
	info->jit = d->config.jit;
	info->nr_vcpus = d->config.maxvcpus;
	pthread_mutex_lock(&d->lock);
	snprintf(info->name, sizeof(info->name), "%s", d->name);
	info->restarts = d->restarts;
	info->stays = d->ended && d->settled;
	if (d->destroy || d->gone)
		info->state[5] = 'd';
	if (d->run)
		fill_info(d, info);
	pthread_mutex_unlock(&d->lock);
}

struct privops {
	unsigned int vcpu;
	struct pv_privops *out;
};

static int do_privops(struct pv_domain *d, void *arg, struct error *err)
{
	const struct privops *p = arg;
	const struct xen_cpu *c;
	unsigned int n;

	if (p->vcpu >= d->config.maxvcpus)
		return error_set(err, "vCPU %u: 0 to %u are accepted", p->vcpu,
				 d->config.maxvcpus - 1);
	c = &d->run->cpu[p->vcpu];
	memset(p->out, 0, sizeof(*p->out));
	for (n = 0; n <= HYPERPRIVOP_MAX; n++)
		p->out->hyperprivop[n] = __atomic_load_n(&c->hyperprivops[n], __ATOMIC_RELAXED);
	p->out->emulated = __atomic_load_n(&c->emulated, __ATOMIC_RELAXED);
	for (n = 0; n < XEN_PRIVOP_SITES; n++) {
		const struct xen_privop_site *s = &c->site[n];
		uint64_t count = __atomic_load_n(&s->count, __ATOMIC_RELAXED);

		if (!count)
			continue;
		p->out->site[p->out->nr_sites].ip = s->ip;
		p->out->site[p->out->nr_sites].name = ia64_op_name(s->op);
		p->out->site[p->out->nr_sites++].count = count;
	}
	return 0;
}

int pv_domain_privops(struct pv_domain *d, unsigned int vcpu, struct pv_privops *out,
		      struct error *err)
{
	struct privops p = { .vcpu = vcpu, .out = out };

	return pv_domain_do(d, do_privops, &p, err);
}

static int do_jit(struct pv_domain *d, void *arg, struct error *err)
{
	unsigned int i;

	if (!d->config.jit)
		return error_set(err, "domain %u is interpreted; engine = \"jit\" translates", d->domid);
	for (i = 0; i < d->config.maxvcpus; i++)
		ia64_jit_print(d->run->cpu[i].v, arg);
	return 0;
}

int pv_domain_jit(struct pv_domain *d, FILE *out, struct error *err)
{
	return pv_domain_do(d, do_jit, out, err);
}

struct hypercalls {
	uint64_t *count, *enosys;
};

static int do_hypercalls(struct pv_domain *d, void *arg, struct error *err)
{
	const struct hypercalls *h = arg;
	unsigned int n;

	(void)err;
	for (n = 0; n <= __HYPERVISOR_nr; n++)
		h->count[n] = d->run->domain->hypercalls[n];
	*h->enosys = d->run->domain->hypercalls_enosys;
	return 0;
}

int pv_domain_hypercalls(struct pv_domain *d, uint64_t count[__HYPERVISOR_nr + 1],
			 uint64_t *enosys, struct error *err)
{
	struct hypercalls h = { .count = count, .enosys = enosys };

	return pv_domain_do(d, do_hypercalls, &h, err);
}

const char *pv_hyperprivop_name(unsigned int n)
{
	static const char *const names[HYPERPRIVOP_MAX + 1] = {
		[HYPERPRIVOP_RFI] = "rfi",
		[HYPERPRIVOP_RSM_DT] = "rsm_dt",
		[HYPERPRIVOP_SSM_DT] = "ssm_dt",
		[HYPERPRIVOP_COVER] = "cover",
		[HYPERPRIVOP_ITC_D] = "itc_d",
		[HYPERPRIVOP_ITC_I] = "itc_i",
		[HYPERPRIVOP_SSM_I] = "ssm_i",
		[HYPERPRIVOP_GET_IVR] = "get_ivr",
		[HYPERPRIVOP_GET_TPR] = "get_tpr",
		[HYPERPRIVOP_SET_TPR] = "set_tpr",
		[HYPERPRIVOP_EOI] = "eoi",
		[HYPERPRIVOP_SET_ITM] = "set_itm",
		[HYPERPRIVOP_THASH] = "thash",
		[HYPERPRIVOP_PTC_GA] = "ptc_ga",
		[HYPERPRIVOP_ITR_D] = "itr_d",
		[HYPERPRIVOP_GET_RR] = "get_rr",
		[HYPERPRIVOP_SET_RR] = "set_rr",
		[HYPERPRIVOP_SET_KR] = "set_kr",
		[HYPERPRIVOP_FC] = "fc",
		[HYPERPRIVOP_GET_CPUID] = "get_cpuid",
		[HYPERPRIVOP_GET_PMD] = "get_pmd",
		[HYPERPRIVOP_GET_EFLAG] = "get_eflag",
		[HYPERPRIVOP_SET_EFLAG] = "set_eflag",
		[HYPERPRIVOP_RSM_BE] = "rsm_be",
		[HYPERPRIVOP_GET_PSR] = "get_psr",
		[HYPERPRIVOP_SET_RR0_TO_RR4] = "set_rr0_to_rr4",
	};

	return n <= HYPERPRIVOP_MAX ? names[n] : NULL;
}

const char *pv_hypercall_name(unsigned int n)
{
	static const char *const names[__HYPERVISOR_nr] = {
		[__HYPERVISOR_sched_op_compat] = "sched_op_compat",
		[__HYPERVISOR_memory_op] = "memory_op",
		[__HYPERVISOR_multicall] = "multicall",
		[__HYPERVISOR_update_va_mapping] = "update_va_mapping",
		[__HYPERVISOR_set_timer_op] = "set_timer_op",
		[__HYPERVISOR_event_channel_op_compat] = "event_channel_op_compat",
		[__HYPERVISOR_xen_version] = "xen_version",
		[__HYPERVISOR_console_io] = "console_io",
		[__HYPERVISOR_physdev_op_compat] = "physdev_op_compat",
		[__HYPERVISOR_grant_table_op] = "grant_table_op",
		[__HYPERVISOR_vm_assist] = "vm_assist",
		[__HYPERVISOR_vcpu_op] = "vcpu_op",
		[__HYPERVISOR_sched_op] = "sched_op",
		[__HYPERVISOR_callback_op] = "callback_op",
		[__HYPERVISOR_xenoprof_op] = "xenoprof_op",
		[__HYPERVISOR_event_channel_op] = "event_channel_op",
		[__HYPERVISOR_physdev_op] = "physdev_op",
		[__HYPERVISOR_hvm_op] = "hvm_op",
		[__HYPERVISOR_sysctl] = "sysctl",
		[__HYPERVISOR_domctl] = "domctl",
		[__HYPERVISOR_kexec_op] = "kexec_op",
		[__HYPERVISOR_tmem_op] = "tmem_op",
		[__HYPERVISOR_ia64_dom0vp_op] = "ia64_dom0vp_op",
		[__HYPERVISOR_ia64_fast_eoi] = "ia64_fast_eoi",
		[__HYPERVISOR_ia64_debug_op] = "ia64_debug_op",
	};

	return n < __HYPERVISOR_nr ? names[n] : NULL;
}

static int do_report(struct pv_domain *d, void *arg, struct error *err)
{
	const struct pv_instance *m = d->run;
	FILE *out = arg;
	const char *name;

	(void)err;
	if (!has_ended(d)) {
		fprintf(out, "the domain runs\n");
	} else if (!m->threads.crashed) {
		name = pv_shutdown_name((unsigned int)m->domain->shutdown_reason);
		fprintf(out, "the kernel ended with a shutdown of its own, reason %d (%s)\n",
			m->domain->shutdown_reason, name ? name : "unknown");
	} else {
		crash_report(m->threads.crashed, &m->symbols, &m->unwind, out);
	}
	return 0;
}

void pv_domain_report(struct pv_domain *d, FILE *out)
{
	struct error err;

	pv_domain_do(d, do_report, out, &err);
}

/* --- devices --- */

struct device_call {
	enum pv_device_kind kind;
	const char *spec;
	unsigned int number, max, nr;
	bool force;
	struct pv_device_info *info;
};

static int do_device_add(struct pv_domain *d, void *arg, struct error *err)
{
	const struct device_call *c = arg;

	if (refuse_ended(d, err) < 0)
		return -1;
	return pv_devices_add(d->devices, &d->host->backends, d->run->domain, c->kind, c->spec,
			      err);
}

int pv_domain_device_add(struct pv_domain *d, enum pv_device_kind kind, const char *spec,
			 struct error *err)
{
	struct device_call c = { .kind = kind, .spec = spec };

	return pv_domain_do(d, do_device_add, &c, err);
}

static int do_device_remove(struct pv_domain *d, void *arg, struct error *err)
{
	const struct device_call *c = arg;

	return pv_devices_remove(d->devices, c->kind, c->number, c->force, err);
}

int pv_domain_device_remove(struct pv_domain *d, enum pv_device_kind kind, unsigned int number,
			    bool force, struct error *err)
{
	struct device_call c = { .kind = kind, .number = number, .force = force };

	return pv_domain_do(d, do_device_remove, &c, err);
}

static int do_device_list(struct pv_domain *d, void *arg, struct error *err)
{
	struct device_call *c = arg;

	(void)err;
	c->nr = pv_devices_list(d->devices, c->kind, c->info, c->max);
	return 0;
}

unsigned int pv_domain_device_list(struct pv_domain *d, enum pv_device_kind kind,
				   struct pv_device_info *info, unsigned int max)
{
	struct device_call c = { .kind = kind, .info = info, .max = max };
	struct error err;

	return pv_domain_do(d, do_device_list, &c, &err) < 0 ? 0 : c.nr;
}
