/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a domain's processors ask of the hypervisor, and the hypervisor of its processors. */
#include <errno.h>
#include <stdlib.h>

#include <xen/interface/callback.h>
#include <xen/interface/sched.h>

#include "backend/chardev.h"
#include "backend/eventloop.h"
#include "ia64/alat.h"
#include "ia64/rse.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "xen/evtchn.h"
#include "xen/pv_instance.h"

#define PAL_HALT_LIGHT 29

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

/* A vCPU that has gone back to SAL's rendezvous is down until it is woken again. */
static void wait_in_sal(struct xen_cpu *c)
{
	ia64_timer_disarm(c->v);
	c->v->op = NULL;
	xen_vcpu_set_up(c->xv, false);
}

static bool platform_break(void *ctx, struct vcpu *v, uint64_t imm)
{
	struct pv_instance *m = ctx;
	struct xen_cpu *c = &m->cpu[v->index];

	if (v->cpl > XEN_KERNEL_LEVEL)
		return false;
	if (imm == XEN_HYPERCALL_BREAK) {
		xen_hypercall_break(c);
		return true;
	}
	if (!in_firmware(v))
		return xen_hyperprivop(c, imm);
	if (imm == FW_BREAK_AP_WAIT) {
		wait_in_sal(c);
		return true;
	}
	/* An event that came while it was masked ends a halt as well. */
	if (imm == FW_BREAK_PAL && v->gr[28] == PAL_HALT_LIGHT) {
		if (m->domain->shared_info->vcpu_info[c->xv->id].evtchn_upcall_pending)
			ia64_post_interrupt(v, XEN_VECTOR_KICK);
		xen_vcpu_runstate(c->xv, RUNSTATE_blocked);
		firmware_break(&m->fw, v, imm);
		xen_vcpu_runstate(c->xv, RUNSTATE_running);
		return true;
	}
	return firmware_break(&m->fw, v, imm);
}

static bool platform_hyperprivop(void *ctx, struct vcpu *v, uint64_t imm)
{
	struct pv_instance *m = ctx;

	return v->cpl <= XEN_KERNEL_LEVEL && imm <= HYPERPRIVOP_MAX && !in_firmware(v) &&
	       xen_hyperprivop(&m->cpu[v->index], imm);
}

static bool platform_interruption(void *ctx, struct vcpu *v, unsigned int vector, uint64_t isr)
{
	struct pv_instance *m = ctx;

	return xen_cpu_interruption(&m->cpu[v->index], vector, isr);
}

static bool platform_unmapped(void *ctx, const struct vcpu *v, uint64_t va, uint64_t *pa)
{
	struct pv_instance *m = ctx;

	return xen_cpu_identity(&m->cpu[v->index], va, pa);
}

struct ia64_platform pv_platform(struct pv_instance *m)
{
	return (struct ia64_platform){
		.ctx = m,
		.mmio_read = platform_read,
		.mmio_write = platform_write,
		.host_break = platform_break,
		.hyperprivop = platform_hyperprivop,
		.interruption = platform_interruption,
		.unmapped = platform_unmapped,
	};
}

/* --- vCPUs --- */

static struct pv_instance *instance(const struct xen_cpu *c)
{
	return c->xv->domain->cfg.ctx;
}

static void kick(void *ctx)
{
	struct xen_cpu *c = ctx;

	ia64_post_interrupt(c->v, XEN_VECTOR_KICK);
}

static bool settle(void *ctx)
{
	struct xen_cpu *c = ctx;
	bool found;

	xen_cpu_take_interrupts(c);
	found = xen_events_pending(c->xv) || c->regs->pending_interruption;
	/* It is delivered when the vCPU is back in the guest. */
	if (found)
		kick(c);
	return found;
}

/* From a hypercall: the vCPU is outside the guest, and is when it returns. */
static bool wait_for_kick(void *ctx, uint64_t deadline)
{
	struct xen_cpu *c = ctx;
	struct eventloop_timer *t = NULL;

	if (deadline != UINT64_MAX) {
		t = eventloop_timer_add(c->xv->domain->host->loop, kick, c);
		if (!t)
			return false;
		eventloop_timer_set(t, c->xv->domain->host->time_zero + (int64_t)deadline);
	}
	ia64_halt(c->v);
	ia64_leave_guest(c->v);
	if (t)
		eventloop_timer_remove(t);
	return ia64_highest_pending(c->v) >= 0;
}

static int initialise(void *ctx, const struct vcpu_guest_context *context)
{
	struct xen_cpu *c = ctx;
	struct vcpu_guest_context *copy, *old;
	int rc = xen_cpu_check_context(context);

	if (rc)
		return rc;
	copy = malloc(sizeof(*copy));
	if (!copy)
		return -ENOMEM;
	*copy = *context;
	pthread_mutex_lock(&c->xv->lock);
	old = c->start_context;
	c->start_context = copy;
	c->start = true;
	pthread_mutex_unlock(&c->xv->lock);
	free(old);
	return 0;
}

static void up(void *ctx)
{
	struct xen_cpu *c = ctx;

	ia64_threads_park(&instance(c)->threads, c->v, false);
}

static void down(void *ctx)
{
	struct xen_cpu *c = ctx;

	ia64_threads_park(&instance(c)->threads, c->v, true);
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

const struct xen_vcpu_ops pv_vcpu_ops = {
	.event = kick,
	.settle = settle,
	.wait = wait_for_kick,
	.wake = kick,
	.initialise = initialise,
	.up = up,
	.down = down,
	.set_callback = set_callback,
};

bool pv_rendezvous(struct xen_cpu *c)
{
	struct firmware *fw = &instance(c)->fw;
	struct vcpu_guest_context *old = NULL;
	uint64_t ip, gp;
	bool down;

	pthread_mutex_lock(&fw->lock);
	ip = fw->os_rendez.ip;
	gp = fw->os_rendez.gp;
	pthread_mutex_unlock(&fw->lock);
	if (!ip)
		return false;
	pthread_mutex_lock(&c->xv->lock);
	down = !c->xv->up;
	if (down) {
		old = c->start_context;
		c->start_context = NULL;
		c->start_ip = ip;
		c->start_gp = gp;
		c->start = c->xv->initialised = true;
	}
	pthread_mutex_unlock(&c->xv->lock);
	free(old);
	if (down)
		xen_vcpu_set_up(c->xv, true);
	return down;
}

/* On its own thread, before its first instruction. */
static void start(struct xen_cpu *c)
{
	struct vcpu_guest_context *context;
	struct vcpu *v = c->v;
	uint64_t ip, gp;
	bool wanted;

	pthread_mutex_lock(&c->xv->lock);
	wanted = c->start;
	context = c->start_context;
	ip = c->start_ip;
	gp = c->start_gp;
	c->start = false;
	c->start_context = NULL;
	pthread_mutex_unlock(&c->xv->lock);
	if (!wanted)
		return;
	ia64_sysreg_reset(v);
	ia64_rse_reset(v);
	ia64_alat_flush(v);
	xen_cpu_init(c);
	ia64_rse_ar_write(v, AR_RSC, XEN_KERNEL_LEVEL << 2);
	if (context) {
		xen_cpu_set_context(c, context);
	} else {
		v->gr[1] = gp;
		v->br[0] = FW_AP_WAIT;
		v->ip = ip & ~15ull;
		v->ri = 0;
	}
	free(context);
	v->code_stale = true;
}

/* --- their threads --- */

static void running(void *ctx, struct vcpu *v, bool on)
{
	struct pv_instance *m = ctx;
	struct xen_cpu *c = &m->cpu[v->index];

	if (on)
		start(c);
	/* One that stands still is not kept from running by the host: as Xen has it for pauses. */
	xen_vcpu_runstate(c->xv, on ? RUNSTATE_running : RUNSTATE_offline);
	/* What came while it stood still, or had no state yet. */
	if (on && xen_events_pending(c->xv))
		kick(c);
}

static void crashed(void *ctx, struct vcpu *v)
{
	struct pv_instance *m = ctx;

	(void)v;
	xen_domain_shutdown(m->domain, SHUTDOWN_crash);
}

const struct ia64_threads_ops pv_threads_ops = {
	.crashed = crashed,
	.running = running,
};

/* --- the domain --- */

static void domain_shutdown(void *ctx, unsigned int reason)
{
	struct pv_instance *m = ctx;
	unsigned int i;

	(void)reason;
	for (i = 0; i < m->nr_cpus; i++)
		if (m->threads.cpu[i].started &&
		    pthread_equal(m->threads.cpu[i].thread, pthread_self()))
			m->shut_down_by = (int)i;
	ia64_threads_hold(&m->threads);
	m->shut_down(m->ctx);
}

static void console_write(void *ctx, const char *text, size_t len)
{
	struct pv_instance *m = ctx;

	if (m->chardev)
		chardev_write(m->chardev, (const uint8_t *)text, len);
}

static int opt_feature(void *ctx, const struct xen_ia64_opt_feature *f)
{
	static const unsigned int region[] = {
		[XEN_IA64_OPTF_IDENT_MAP_REG7] = 7,
		[XEN_IA64_OPTF_IDENT_MAP_REG4] = 4,
		[XEN_IA64_OPTF_IDENT_MAP_REG5] = 5,
	};
	struct pv_instance *m = ctx;
	unsigned int i, r = region[f->cmd];

	for (i = 0; i < m->nr_cpus; i++) {
		m->cpu[i].identity[r].pgprot = f->pgprot & 0xe7full;
		m->cpu[i].identity[r].key = f->key;
		m->cpu[i].identity[r].on = f->on == XEN_IA64_OPTF_ON;
	}
	return 0;
}

/* vCPUs that call it do so from hypercalls, outside the guest. */
static void flush(void *ctx)
{
	struct pv_instance *m = ctx;

	if (m->sys)
		ia64_flush_all(m->sys, NULL);
}

static void released(void *ctx)
{
	struct pv_instance *m = ctx;

	ia64_memory_destroy(&m->mem);
	free(m);
}

const struct xen_domain_ops pv_domain_ops = {
	.flush = flush,
	.shutdown = domain_shutdown,
	.console = console_write,
	.opt_feature = opt_feature,
	.released = released,
};

void pv_power_request(void *ctx, enum pm_request what)
{
	struct pv_instance *m = ctx;

	xen_domain_shutdown(m->domain, what == PM_REQUEST_POWEROFF ? SHUTDOWN_poweroff :
								     SHUTDOWN_reboot);
}
