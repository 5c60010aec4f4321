/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A machine as a domain: made, run, made anew, ended, and asked in between. */
#include "tool/hvm_domain.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <xen/interface/sched.h>

#include "backend/thread.h"
#include "jit/jit.h"
#include "machine/machine.h"
#include "xen/pv_device_spec.h"

/* A machine that was restarted and lives shorter than this does not fill the disk with cores. */
#define SHORT_LIFE_NS 10000000000ull
#define STATE_CONNECTED 4 /* XenbusStateConnected */
#define MAX_LINE 2048     /* of the kernel's command line */

struct hvm_disk {
	struct pv_disk_spec spec;
	struct io_counters counters;
	struct block *hold; /* keeps an image's server alive while the machine is made anew */
};

struct hvm_domain {
	const struct hvm_ops *ops;
	void *ctx;
	_Atomic unsigned int refs;
	struct pv_domain_config config; /* does not change; strings are copies */
	char *kernel, *ramdisk, *console, *core_dir, *nvram, *perf_map, *trace_file, *gdb;
	int variables;                  /* a file in memory, where there is no other; -1: none */
	char append[MAX_LINE];
	char links[MACHINE_MAX_NETS][512];
	struct hvm_disk *disk;
	struct pv_vif_spec *vif;
	struct io_counters card[MACHINE_MAX_NETS];
	struct machine_config mc;       /* points into all that */
	struct observe_config observe;
	struct observers observers;     /* of the machine */
	struct error *start_err;        /* for who waits in hvm_domain_create() */

	pthread_mutex_t op;   /* one operation on the machine at a time; taken before `lock` */
	pthread_mutex_t lock; /* all below */
	pthread_cond_t changed;
	char name[PV_MAX_NAME];
	struct machine *machine; /* set and cleared with both locks held; NULL: none now */
	bool built, failed;      /* the first one, or not */
	bool paused;
	bool reboot;             /* the power button was pressed for a restart */
	int reason;              /* SHUTDOWN_*, it has ended; -1: it runs */
	bool stays;              /* and stays as it is (preserve) */
	bool destroy, gone;
	unsigned int restarts;
	uint64_t built_at;       /* CLOCK_MONOTONIC, ns */
	cpu_set_t affinity[PV_MAX_VCPUS]; /* none: not pinned */
};

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void note(struct hvm_domain *d, const char *what, const char *more)
{
	char line[700];

	snprintf(line, sizeof(line), "domain %s %s%s%s", d->name, what, *more ? ": " : "", more);
	d->ops->log(d->ctx, line);
}

/* --- what is to be made --- */

int hvm_domain_check(const struct pv_domain_config *c, struct error *err)
{
	if (c->memory < MACHINE_MIN_MEMORY || c->memory > MACHINE_MAX_MEMORY)
		return error_set(err, "memory: %llu MB; %llu to %llu are accepted for a machine",
				 (unsigned long long)c->memory >> 20, MACHINE_MIN_MEMORY >> 20,
				 MACHINE_MAX_MEMORY >> 20);
	if (c->maxmem != c->memory)
		return error_set(err, "maxmem: %llu MB; a machine has no balloon: what memory says "
				 "(%llu) is accepted", (unsigned long long)c->maxmem >> 20,
				 (unsigned long long)c->memory >> 20);
	if (c->maxvcpus != c->vcpus)
		return error_set(err, "maxvcpus: %u; a machine's processors are there from the "
				 "start: what vcpus says (%u) is accepted", c->maxvcpus, c->vcpus);
	if (c->on_poweroff == PV_ACTION_RENAME_RESTART ||
	    c->on_reboot == PV_ACTION_RENAME_RESTART || c->on_crash == PV_ACTION_RENAME_RESTART)
		return error_set(err, "rename-restart: a machine's devices cannot move to another; "
				 "destroy, restart, preserve, coredump-destroy, coredump-restart "
				 "are accepted");
	if (c->nr_disks > MACHINE_MAX_DISKS)
		return error_set(err, "%u disks: at most %d are accepted for a machine",
				 c->nr_disks, MACHINE_MAX_DISKS);
	if (c->nr_vifs > MACHINE_MAX_NETS)
		return error_set(err, "%u network cards: at most %d are accepted for a machine",
				 c->nr_vifs, MACHINE_MAX_NETS);
	return 0;
}

static int set_disk(struct hvm_domain *d, unsigned int n, const char *text, struct error *err)
{
	struct pv_disk_spec *s = &d->disk[n].spec;

	if (pv_disk_parse(s, text, err))
		return -1;
	for (unsigned int i = 0; i < n; i++) {
		if (d->disk[i].spec.vdev == s->vdev)
			return error_set(err, "disk %s: the domain has one of that name", s->name);
	}
	d->mc.disks[n] = (struct machine_disk){
		.path = s->target,
		.format = s->format == BLOCK_FORMAT_RAW ? MACHINE_DISK_RAW :
			  s->format == BLOCK_FORMAT_QCOW2 ? MACHINE_DISK_QCOW2 :
			  MACHINE_DISK_UNNAMED,
		.read_only = s->read_only || s->cdrom,
		.counters = &d->disk[n].counters,
	};
	d->mc.nr_disks = n + 1;
	return 0;
}

static int set_vif(struct hvm_domain *d, unsigned int n, const char *text, struct error *err)
{
	struct machine_net *net = &d->mc.nets[n];
	struct pv_vif_spec *s = &d->vif[n];

	if (pv_vif_parse(s, text, err))
		return -1;
	if (s->devid >= 0 && s->devid != (int)n)
		return error_set(err, "vif: devid=%d; a machine's cards are numbered as they stand "
				 "in the list: %u is accepted", s->devid, n);
	net->kind = s->kind == PV_VIF_TAP ? MACHINE_NET_TAP :
		    s->kind == PV_VIF_LINK ? MACHINE_NET_LINK : MACHINE_NET_USER;
	net->tap = s->tap;
	net->link = d->links[n];
	net->counters = &d->card[n];
	if (s->kind == PV_VIF_LINK &&
	    pv_device_link_path(d->links[n], sizeof(d->links[n]), s->link, err))
		return -1;
	if (!s->has_mac)
		pv_device_mac(s->mac, d->config.uuid, n);
	memcpy(net->mac, s->mac, sizeof(net->mac));
	net->has_mac = true;
	for (unsigned int i = 0; i < s->nr_hostfwd && i < MACHINE_MAX_HOSTFWD; i++)
		net->hostfwd[net->nr_hostfwd++] = (struct machine_hostfwd){
			s->hostfwd[i].host_port, s->hostfwd[i].guest_port
		};
	d->mc.nr_nets = n + 1;
	return 0;
}

static bool copy(char **to, const char *from)
{
	*to = from ? strdup(from) : NULL;
	return !from || *to;
}

/* What a restart must not forget: the EFI variables. */
static bool keep_variables(struct hvm_domain *d, const char *nvram)
{
	if (nvram)
		return copy(&d->nvram, nvram);
	d->variables = memfd_create("EFI variables", MFD_CLOEXEC);
	return d->variables >= 0 && asprintf(&d->nvram, "/dev/fd/%d", d->variables) > 0;
}

static int take_config(struct hvm_domain *d, const struct pv_domain_config *c, const char *nvram,
		       struct error *err)
{
	int n = snprintf(d->append, sizeof(d->append), "%s%s%s%s", c->root ? "root=" : "",
			 c->root ? c->root : "", c->root && c->extra ? " " : "",
			 c->extra ? c->extra : "");

	if (n < 0 || (size_t)n >= sizeof(d->append))
		return error_set(err, "the kernel's command line has %d bytes; at most %d are "
				 "accepted", n, MAX_LINE - 1);
	d->disk = calloc(c->nr_disks + 1, sizeof(*d->disk));
	d->vif = calloc(c->nr_vifs + 1, sizeof(*d->vif));
	if (!d->disk || !d->vif || !copy(&d->kernel, c->kernel) || !copy(&d->ramdisk, c->ramdisk) ||
	    !copy(&d->console, c->console) || !copy(&d->core_dir, c->core_dir) ||
	    !copy(&d->perf_map, c->perf_map) || !copy(&d->gdb, c->observe.gdb) ||
	    !copy(&d->trace_file, c->observe.trace_file) || !keep_variables(d, nvram))
		return error_set(err, "out of memory");
	d->config = *c;
	d->config.name = d->config.kernel = d->config.ramdisk = d->config.root = NULL;
	d->config.extra = d->config.core_dir = d->config.console = d->config.perf_map = NULL;
	d->config.observe = (struct observe_config){ 0 };
	d->observe = (struct observe_config){
		.trace = c->observe.trace,
		.trace_file = d->trace_file,
		.gdb = d->gdb,
	};
	d->config.disk = d->config.vif = NULL;
	snprintf(d->name, sizeof(d->name), "%s", c->name);
	d->mc = (struct machine_config){
		.kernel = d->kernel,
		.initrd = d->ramdisk,
		.append = d->append,
		.nvram = d->nvram,
		.memory = c->memory,
		.vcpus = c->vcpus,
		.console = d->console,
		.engine = c->jit ? MACHINE_ENGINE_DEFAULT : MACHINE_ENGINE_INTERPRETER,
		.jit_cache = c->jit_cache,
		.check_every = c->check_every,
		.perf_map = d->perf_map,
	};
	for (unsigned int i = 0; i < c->nr_disks; i++) {
		if (set_disk(d, i, c->disk[i], err))
			return -1;
	}
	for (unsigned int i = 0; i < c->nr_vifs; i++) {
		if (set_vif(d, i, c->vif[i], err))
			return -1;
	}
	return 0;
}

/* --- making it: on its own thread, as all up to the next such line --- */

static void set_machine(struct hvm_domain *d, struct machine *m)
{
	pthread_mutex_lock(&d->op);
	pthread_mutex_lock(&d->lock);
	d->machine = m;
	d->reason = -1;
	d->stays = false;
	d->built_at = now();
	for (unsigned int i = 0; m && i < d->config.vcpus; i++) {
		if (CPU_COUNT(&d->affinity[i]))
			machine_pin(m, i, &d->affinity[i]);
	}
	if (m && d->paused)
		machine_start_paused(m);
	if (m && d->destroy)
		machine_stop(m, MACHINE_STOP);
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	pthread_mutex_unlock(&d->op);
}

static int make(struct hvm_domain *d, struct error *err)
{
	struct debug_target target;
	struct machine *m;

	if (machine_create(&m, &d->mc, err))
		return -1;
	machine_debug_target(m, &target);
	if (observers_start(&d->observers, &d->observe, &target, err)) {
		machine_destroy(m);
		return -1;
	}
	set_machine(d, m);
	return 0;
}

static void take_apart(struct hvm_domain *d)
{
	struct machine *m = d->machine;

	if (!m)
		return;
	set_machine(d, NULL);
	observers_stop(&d->observers);
	machine_destroy(m);
}

/* An image's server ends with its last client: this one stays. */
static int hold_images(struct hvm_domain *d, struct error *err)
{
	for (unsigned int i = 0; i < d->config.nr_disks; i++) {
		const struct block_options options = {
			.path = d->disk[i].spec.target,
			.read_only = d->mc.disks[i].read_only,
		};

		if (d->disk[i].spec.format == BLOCK_FORMAT_NBD &&
		    block_open(&d->disk[i].hold, &options, err))
			return -1;
	}
	return 0;
}

static void let_images_go(struct hvm_domain *d)
{
	for (unsigned int i = 0; i < d->config.nr_disks; i++) {
		if (d->disk[i].hold)
			block_close(d->disk[i].hold);
	}
}

/* --- its end --- */

static int reason_of(struct hvm_domain *d, enum machine_outcome outcome)
{
	switch (outcome) {
	case MACHINE_POWEROFF:
		return d->reboot ? SHUTDOWN_reboot : SHUTDOWN_poweroff;
	case MACHINE_RESET:
		return SHUTDOWN_reboot;
	default:
		return SHUTDOWN_crash;
	}
}

static enum pv_action policy(struct hvm_domain *d, int reason)
{
	enum pv_action action = reason == SHUTDOWN_poweroff ? d->config.on_poweroff :
				reason == SHUTDOWN_reboot ? d->config.on_reboot :
				d->config.on_crash;

	if (action == PV_ACTION_COREDUMP_RESTART && d->restarts &&
	    now() - d->built_at < SHORT_LIFE_NS) {
		note(d, "is not restarted", "it has ended within 10 s of its last restart");
		return PV_ACTION_PRESERVE;
	}
	return action;
}

static void dump(struct hvm_domain *d)
{
	char path[512], date[32];
	struct error err;
	struct tm tm;
	time_t t = time(NULL);

	gmtime_r(&t, &tm);
	strftime(date, sizeof(date), "%Y-%m%d-%H%M.%S", &tm);
	snprintf(path, sizeof(path), "%s/%s-%s.core", d->core_dir ? d->core_dir : ".", d->name,
		 date);
	if (hvm_domain_dump_core(d, path, &err))
		note(d, "has no core", err.msg);
	else
		note(d, "has left a core", path);
}

/* What becomes of it; true: a machine is to run. */
static bool look_after(struct hvm_domain *d, enum machine_outcome outcome)
{
	enum pv_action action;
	struct error err;
	bool destroy;
	int reason;

	pthread_mutex_lock(&d->lock);
	destroy = d->destroy || outcome == MACHINE_STOP;
	reason = reason_of(d, outcome);
	d->reboot = false;
	pthread_mutex_unlock(&d->lock);
	if (destroy)
		return false;
	action = policy(d, reason);
	pthread_mutex_lock(&d->lock);
	d->reason = reason;
	d->stays = action == PV_ACTION_PRESERVE;
	pthread_mutex_unlock(&d->lock);
	d->ops->event(d->ctx, d, PV_EVENT_SHUTDOWN);
	if (action == PV_ACTION_COREDUMP_DESTROY || action == PV_ACTION_COREDUMP_RESTART)
		dump(d);
	if (action == PV_ACTION_PRESERVE) {
		pthread_mutex_lock(&d->lock);
		while (!d->destroy)
			pthread_cond_wait(&d->changed, &d->lock);
		pthread_mutex_unlock(&d->lock);
	}
	if (action != PV_ACTION_RESTART && action != PV_ACTION_COREDUMP_RESTART)
		return false;
	take_apart(d);
	pthread_mutex_lock(&d->lock);
	d->restarts++;
	d->paused = false;
	pthread_mutex_unlock(&d->lock);
	if (make(d, &err)) {
		note(d, "cannot be restarted", err.msg);
		return false;
	}
	d->ops->event(d->ctx, d, PV_EVENT_RESTART);
	return true;
}

static void close_up(struct hvm_domain *d)
{
	bool built;

	pthread_mutex_lock(&d->lock);
	d->destroy = true;
	built = d->built;
	pthread_mutex_unlock(&d->lock);
	take_apart(d);
	let_images_go(d);
	if (built)
		d->ops->event(d->ctx, d, PV_EVENT_GONE);
	pthread_mutex_lock(&d->lock);
	d->gone = true;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	hvm_domain_put(d);
}

static void *life(void *arg)
{
	struct hvm_domain *d = arg;
	bool run = !make(d, d->start_err) && !hold_images(d, d->start_err);

	pthread_mutex_lock(&d->lock);
	d->built = run;
	d->failed = !run;
	d->start_err = NULL;
	pthread_cond_broadcast(&d->changed);
	pthread_mutex_unlock(&d->lock);
	if (run)
		d->ops->event(d->ctx, d, PV_EVENT_CREATED);
	while (run)
		run = look_after(d, machine_run(d->machine));
	close_up(d);
	return NULL;
}

/* --- any thread from here on --- */

static void release(struct hvm_domain *d)
{
	pthread_cond_destroy(&d->changed);
	pthread_mutex_destroy(&d->lock);
	pthread_mutex_destroy(&d->op);
	free(d->kernel);
	free(d->ramdisk);
	free(d->console);
	free(d->core_dir);
	free(d->nvram);
	free(d->perf_map);
	free(d->trace_file);
	free(d->gdb);
	if (d->variables >= 0)
		close(d->variables);
	free(d->disk);
	free(d->vif);
	free(d);
}

void hvm_domain_ref(struct hvm_domain *d)
{
	d->refs++;
}

void hvm_domain_put(struct hvm_domain *d)
{
	if (!--d->refs)
		release(d);
}

int hvm_domain_create(struct hvm_domain **out, const struct hvm_ops *ops, void *ctx,
		      const struct pv_domain_config *config, const char *nvram,
		      struct error *err)
{
	struct hvm_domain *d;
	pthread_t thread;
	bool failed;

	err->msg[0] = '\0';
	if (hvm_domain_check(config, err))
		return -1;
	d = calloc(1, sizeof(*d));
	if (!d)
		return error_set(err, "out of memory");
	d->ops = ops;
	d->ctx = ctx;
	d->variables = -1;
	d->refs = 2; /* the caller's and its thread's */
	d->paused = true;
	d->reason = -1;
	d->start_err = err;
	pthread_mutex_init(&d->op, NULL);
	pthread_mutex_init(&d->lock, NULL);
	pthread_cond_init(&d->changed, NULL);
	if (take_config(d, config, nvram, err) || thread_start(&thread, life, d)) {
		release(d);
		return *err->msg ? -1 : error_set(err, "a thread cannot be started");
	}
	pthread_detach(thread);
	pthread_mutex_lock(&d->lock);
	while (!d->built && !d->failed)
		pthread_cond_wait(&d->changed, &d->lock);
	failed = d->failed;
	/* Its files are the caller's to close. */
	while (failed && !d->gone)
		pthread_cond_wait(&d->changed, &d->lock);
	pthread_mutex_unlock(&d->lock);
	if (failed) {
		hvm_domain_put(d);
		return -1;
	}
	*out = d;
	return 0;
}

domid_t hvm_domain_id(const struct hvm_domain *d)
{
	return d->config.domid;
}

/*
 * Takes the machine for an operation, waiting for one that is just being made anew. NULL with *err,
 * and nothing to leave(), if there is none, or `alive` is asked for and it has ended.
 */
static struct machine *take(struct hvm_domain *d, bool alive, struct error *err)
{
	bool gone, ended;

	for (;;) {
		pthread_mutex_lock(&d->op);
		pthread_mutex_lock(&d->lock);
		gone = d->destroy;
		ended = d->reason >= 0;
		pthread_mutex_unlock(&d->lock);
		if (gone || d->machine)
			break;
		pthread_mutex_unlock(&d->op);
		pthread_mutex_lock(&d->lock);
		while (!d->machine && !d->destroy)
			pthread_cond_wait(&d->changed, &d->lock);
		pthread_mutex_unlock(&d->lock);
	}
	if (!gone && !(alive && ended))
		return d->machine;
	pthread_mutex_unlock(&d->op);
	error_set(err, gone ? "domain %u does not exist any more" : "domain %u has shut down",
		  d->config.domid);
	return NULL;
}

static int leave(struct hvm_domain *d, int rc)
{
	pthread_mutex_unlock(&d->op);
	return rc;
}

/* True if that is new. */
static bool set_paused(struct hvm_domain *d, bool on)
{
	bool changed;

	pthread_mutex_lock(&d->lock);
	changed = d->paused != on;
	d->paused = on;
	pthread_mutex_unlock(&d->lock);
	return changed;
}

int hvm_domain_pause(struct hvm_domain *d, struct error *err)
{
	struct machine *m = take(d, false, err);

	if (!m)
		return -1;
	if (set_paused(d, true))
		machine_pause(m);
	leave(d, 0);
	d->ops->event(d->ctx, d, PV_EVENT_STATE);
	return 0;
}

int hvm_domain_unpause(struct hvm_domain *d, struct error *err)
{
	struct machine *m = take(d, false, err);

	if (!m)
		return -1;
	if (set_paused(d, false))
		machine_resume(m);
	leave(d, 0);
	d->ops->event(d->ctx, d, PV_EVENT_STATE);
	return 0;
}

static int press(struct hvm_domain *d, struct machine *m, bool reboot, struct error *err)
{
	pthread_mutex_lock(&d->lock);
	d->reboot = reboot;
	pthread_mutex_unlock(&d->lock);
	if (machine_press_power_button(m))
		return 0;
	return error_set(err, "the guest does not listen to its power button (its ACPI driver "
			 "does); it can be shut down from inside, or ended with destroy");
}

int hvm_domain_shutdown(struct hvm_domain *d, bool reboot, struct error *err)
{
	struct machine *m = take(d, true, err);

	return m ? leave(d, press(d, m, reboot, err)) : -1;
}

int hvm_domain_destroy(struct hvm_domain *d, struct error *err)
{
	pthread_mutex_lock(&d->lock);
	d->destroy = true;
	if (d->machine)
		machine_stop(d->machine, MACHINE_STOP);
	pthread_cond_broadcast(&d->changed);
	while (!d->gone)
		pthread_cond_wait(&d->changed, &d->lock);
	pthread_mutex_unlock(&d->lock);
	return 0;
}

int hvm_domain_rename(struct hvm_domain *d, const char *name, struct error *err)
{
	if (strlen(name) >= sizeof(d->name))
		return error_set(err, "name '%s': at most %zu bytes are accepted", name,
				 sizeof(d->name) - 1);
	pthread_mutex_lock(&d->lock);
	strcpy(d->name, name);
	pthread_mutex_unlock(&d->lock);
	d->ops->event(d->ctx, d, PV_EVENT_STATE);
	return 0;
}

int hvm_domain_pin(struct hvm_domain *d, unsigned int vcpu, const cpu_set_t *cpus,
		   struct error *err)
{
	struct machine *m;
	int rc;

	if (vcpu >= d->config.vcpus)
		return error_set(err, "vCPU %u: 0 to %u are accepted", vcpu, d->config.vcpus - 1);
	m = take(d, false, err);
	if (!m)
		return -1;
	rc = machine_pin(m, vcpu, cpus);
	if (rc)
		return leave(d, error_set(err, "vCPU %u cannot be pinned to these CPUs: %s", vcpu,
					  strerror(-rc)));
	pthread_mutex_lock(&d->lock);
	d->affinity[vcpu] = *cpus;
	pthread_mutex_unlock(&d->lock);
	return leave(d, 0);
}

int hvm_domain_trigger(struct hvm_domain *d, enum pv_trigger what, struct error *err)
{
	struct machine *m = take(d, true, err);
	int rc = 0;

	if (!m)
		return -1;
	switch (what) {
	case PV_TRIGGER_POWER:
		rc = press(d, m, false, err);
		break;
	case PV_TRIGGER_RESET:
		machine_stop(m, MACHINE_RESET);
		break;
	case PV_TRIGGER_INIT:
		machine_inject(m, 0, MACHINE_EVENT_INIT);
		break;
	default:
		rc = error_set(err, "%s: a machine takes power, reset and init",
			       what == PV_TRIGGER_NMI ? "nmi" : "sleep");
	}
	return leave(d, rc);
}

int hvm_domain_dump_core(struct hvm_domain *d, const char *path, struct error *err)
{
	struct machine *m = take(d, false, err);
	bool runs;
	int rc;

	if (!m)
		return -1;
	pthread_mutex_lock(&d->lock);
	runs = !d->paused && d->reason < 0;
	pthread_mutex_unlock(&d->lock);
	if (runs)
		machine_pause(m);
	rc = machine_dump_core(m, path, err);
	if (runs)
		machine_resume(m);
	return leave(d, rc);
}

int hvm_domain_jit(struct hvm_domain *d, FILE *out, struct error *err)
{
	struct machine *m = take(d, false, err);
	struct ia64_system *sys;

	if (!m)
		return -1;
	if (!d->config.jit)
		return leave(d, error_set(err, "domain %u is interpreted; engine = \"jit\" "
					  "translates", d->config.domid));
	sys = machine_system(m);
	for (unsigned int i = 0; i < sys->nr_vcpus; i++)
		ia64_jit_print(sys->vcpus[i], out);
	return leave(d, 0);
}

int hvm_domain_report(struct hvm_domain *d, FILE *out, struct error *err)
{
	struct machine *m = take(d, false, err);
	const char *name;

	if (!m)
		return -1;
	if (d->reason < 0) {
		fprintf(out, "the domain runs\n");
	} else if (!*machine_crash_reason(m)) {
		name = pv_shutdown_name((unsigned int)d->reason);
		fprintf(out, "the guest ended it itself, reason %d (%s)\n", d->reason, name);
	} else {
		machine_crash_report(m, out);
	}
	return leave(d, 0);
}

/* --- what it is and has --- */

/* The lock is held. */
static void fill_vcpus(struct hvm_domain *d, struct pv_domain_info *info)
{
	bool running = false, blocked = true;

	for (unsigned int i = 0; i < d->config.vcpus; i++) {
		struct pv_vcpu_info *v = &info->vcpu[i];
		struct machine_vcpu_info mi;

		machine_vcpu_info(d->machine, i, &mi);
		v->online = mi.online;
		v->host_cpu = mi.online ? mi.host_cpu : -1;
		v->time = mi.time;
		v->affinity = mi.affinity;
		v->state = !mi.online ? '-' : d->paused ? 'p' : mi.halted ? 'b' : 'r';
		info->cpu_time += v->time;
		info->nr_online += v->online;
		running |= v->state == 'r';
		blocked &= v->state == 'b' || v->state == '-';
	}
	if (d->reason >= 0 || d->paused)
		return;
	if (running)
		info->state[0] = 'r';
	else if (blocked)
		info->state[1] = 'b';
}

void hvm_domain_info(struct hvm_domain *d, struct pv_domain_info *info)
{
	memset(info, 0, sizeof(*info));
	strcpy(info->state, "------");
	info->domid = d->config.domid;
	memcpy(info->uuid, d->config.uuid, sizeof(info->uuid));
	info->memory = info->maxmem = info->target = d->config.memory;
	info->jit = d->config.jit;
	info->nr_vcpus = d->config.vcpus;
	pthread_mutex_lock(&d->lock);
	snprintf(info->name, sizeof(info->name), "%s", d->name);
	info->restarts = d->restarts;
	info->shutdown_reason = d->reason;
	info->stays = d->stays;
	if (d->paused)
		info->state[2] = 'p';
	if (d->reason >= 0)
		info->state[3] = 's';
	if (d->reason == SHUTDOWN_crash)
		info->state[4] = 'c';
	if (d->destroy || d->gone)
		info->state[5] = 'd';
	if (d->machine) {
		info->uptime = now() - d->built_at;
		fill_vcpus(d, info);
		if (d->reason == SHUTDOWN_crash)
			snprintf(info->reason, sizeof(info->reason), "%s",
				 machine_crash_reason(d->machine));
	}
	pthread_mutex_unlock(&d->lock);
}

unsigned int hvm_domain_device_list(struct hvm_domain *d, enum pv_device_kind kind,
				    struct pv_device_info *info, unsigned int max)
{
	unsigned int n = kind == PV_DEVICE_DISK ? d->config.nr_disks : d->config.nr_vifs;

	for (unsigned int i = 0; i < n && i < max; i++) {
		const struct io_counters *c = kind == PV_DEVICE_DISK ? &d->disk[i].counters :
					      &d->card[i];

		info[i] = (struct pv_device_info){
			.state = STATE_CONNECTED, .evtchn = -1, .ring_ref = -1, .rx_ring_ref = -1,
			.in_ops = c->in_ops, .in_bytes = c->in_bytes, .out_ops = c->out_ops,
			.out_bytes = c->out_bytes,
		};
		if (kind == PV_DEVICE_DISK) {
			info[i].number = d->disk[i].spec.vdev;
			strcpy(info[i].name, d->disk[i].spec.name);
		} else {
			const uint8_t *mac = d->vif[i].mac;

			info[i].number = i;
			snprintf(info[i].mac, sizeof(info[i].mac), "%02x:%02x:%02x:%02x:%02x:%02x",
				 mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
		}
	}
	return n;
}
