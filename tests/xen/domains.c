/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Domains by command, for tests. Reads lines from standard input, answers each with "ok ..." or
 * "error TEXT"; events are lines of their own: "event DOMID WHAT STATE REASON".
 *
 *     create DOMID NAME KERNEL MEMORY_MB VCPUS MAXVCPUS CONSOLE ENGINE POLICY [RAMDISK|-] [EXTRA...]
 *     disk|vif DOMID SPEC          undisk|unvif DOMID NUMBER
 *     pause|unpause|destroy|resume|report DOMID
 *     shutdown DOMID REASON        rename DOMID NAME
 *     vcpus DOMID N                memory DOMID MB
 *     sysrq DOMID LETTER           core DOMID PATH
 *     info DOMID                   wait DOMID WHAT SECONDS
 *     set PATH VALUE               get PATH
 *
 * POLICY: poweroff,reboot,crash by xl.cfg's words.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <xen/interface/sched.h>

#include "backend/xenstore.h"
#include "xen/pv_domain.h"

#define MAX_EVENTS 4096

static struct {
	pthread_mutex_t lock;
	pthread_cond_t changed;
	struct {
		domid_t domid;
		enum pv_event what;
		bool taken;
	} list[MAX_EVENTS];
	unsigned int nr;
	int next_domid;
} events = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER,
	     .next_domid = 100 };

static const char *const event_names[] = { "created", "state", "shutdown", "restart", "gone" };

static void on_event(void *ctx, struct pv_domain *d, enum pv_event what)
{
	struct pv_domain_info info;

	(void)ctx;
	pv_domain_info(d, &info);
	pthread_mutex_lock(&events.lock);
	printf("event %u %s %s %d %s\n", info.domid, event_names[what], info.state,
	       info.shutdown_reason, info.name);
	fflush(stdout);
	if (events.nr < MAX_EVENTS) {
		events.list[events.nr].domid = info.domid;
		events.list[events.nr++].what = what;
	}
	pthread_cond_broadcast(&events.changed);
	pthread_mutex_unlock(&events.lock);
}

static int domid_get(void *ctx)
{
	(void)ctx;
	return events.next_domid++;
}

static void say(void *ctx, const char *line)
{
	(void)ctx;
	fprintf(stderr, "%s\n", line);
}

static const struct pv_host_ops ops = { .event = on_event, .domid_get = domid_get, .log = say };

/* Each event is waited for once. */
static bool wait_event(domid_t domid, const char *what, int seconds)
{
	struct timespec until;
	bool found = false;
	unsigned int i;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += seconds;
	pthread_mutex_lock(&events.lock);
	for (;;) {
		for (i = 0; i < events.nr && !found; i++) {
			found = !events.list[i].taken && events.list[i].domid == domid &&
				!strcmp(event_names[events.list[i].what], what);
			events.list[i].taken |= found;
		}
		if (found ||
		    pthread_cond_timedwait(&events.changed, &events.lock, &until) == ETIMEDOUT)
			break;
	}
	pthread_mutex_unlock(&events.lock);
	return found;
}

static int create(struct pv_host *h, char *args, struct error *err)
{
	char name[80], kernel[512], console[512], engine[16], policy[128], ramdisk[512] = "-";
	char *word[3], *rest = policy;
	unsigned int domid, mb, vcpus, maxvcpus, i;
	struct pv_domain_config c = { 0 };
	struct pv_domain *d;
	int at = 0;

	if (sscanf(args, "%u %79s %511s %u %u %u %511s %15s %127s %511s %n", &domid, name, kernel,
		   &mb, &vcpus, &maxvcpus, console, engine, policy, ramdisk, &at) < 9)
		return error_set(err, "create: too few words");
	for (i = 0; i < 3; i++)
		word[i] = strsep(&rest, ",");
	c.domid = (domid_t)domid;
	c.name = name;
	memset(c.uuid, (int)domid, sizeof(c.uuid));
	c.kernel = kernel;
	c.ramdisk = strcmp(ramdisk, "-") ? ramdisk : NULL;
	c.extra = at ? args + at : NULL;
	c.memory = (uint64_t)mb << 20;
	c.vcpus = vcpus;
	c.maxvcpus = maxvcpus;
	c.console = console;
	c.core_dir = getenv("CORE_DIR");
	c.jit = !strcmp(engine, "jit");
	if (!word[2])
		return error_set(err, "create: three policies are needed");
	c.on_poweroff = (enum pv_action)pv_action_parse(word[0]);
	c.on_reboot = (enum pv_action)pv_action_parse(word[1]);
	c.on_crash = c.on_watchdog = (enum pv_action)pv_action_parse(word[2]);
	if (pv_domain_create(&d, h, &c, err) < 0)
		return -1;
	pv_domain_put(d);
	return 0;
}

static void print_info(struct pv_domain *d)
{
	struct pv_domain_info info;
	unsigned int i;

	pv_domain_info(d, &info);
	printf("ok name=%s state=%s reason=%d memory=%llu maxmem=%llu online=%u vcpus=%u restarts=%u "
	       "cpu=%.3f uptime=%.3f why=%s\n", info.name, info.state, info.shutdown_reason,
	       (unsigned long long)info.memory >> 20, (unsigned long long)info.maxmem >> 20,
	       info.nr_online, info.nr_vcpus, info.restarts, (double)info.cpu_time / 1e9,
	       (double)info.uptime / 1e9, info.reason);
	for (i = 0; i < info.nr_vcpus; i++) {
		const uint64_t *t = info.vcpu[i].runstate.time;

		printf("# vcpu %u %c running %.3f runnable %.3f blocked %.3f offline %.3f\n", i,
		       info.vcpu[i].state, (double)t[0] / 1e9, (double)t[1] / 1e9,
		       (double)t[2] / 1e9, (double)t[3] / 1e9);
	}
}

static int shutdown_reason(const char *word)
{
	return !strcmp(word, "poweroff") ? SHUTDOWN_poweroff :
	       !strcmp(word, "reboot") ? SHUTDOWN_reboot :
	       !strcmp(word, "suspend") ? SHUTDOWN_suspend : SHUTDOWN_crash;
}

static int on_domain(struct pv_domain *d, const char *cmd, const char *arg, struct error *err)
{
	if (!strcmp(cmd, "pause"))
		return pv_domain_pause(d, err);
	if (!strcmp(cmd, "unpause"))
		return pv_domain_unpause(d, err);
	if (!strcmp(cmd, "destroy"))
		return pv_domain_destroy(d, err);
	if (!strcmp(cmd, "resume"))
		return pv_domain_resume(d, err);
	if (!strcmp(cmd, "shutdown"))
		return pv_domain_shutdown(d, (unsigned int)shutdown_reason(arg), err);
	if (!strcmp(cmd, "rename"))
		return pv_domain_rename(d, arg, err);
	if (!strcmp(cmd, "vcpus"))
		return pv_domain_set_vcpus(d, (unsigned int)atoi(arg), err);
	if (!strcmp(cmd, "memory"))
		return pv_domain_set_memory(d, strtoull(arg, NULL, 10) << 20, err);
	if (!strcmp(cmd, "sysrq"))
		return pv_domain_sysrq(d, arg[0], err);
	if (!strcmp(cmd, "core"))
		return pv_domain_dump_core(d, arg, err);
	if (!strcmp(cmd, "disk") || !strcmp(cmd, "vif"))
		return pv_domain_device_add(d, *cmd == 'd' ? PV_DEVICE_DISK : PV_DEVICE_VIF, arg,
					    err);
	if (!strcmp(cmd, "undisk") || !strcmp(cmd, "unvif"))
		return pv_domain_device_remove(d, cmd[2] == 'd' ? PV_DEVICE_DISK : PV_DEVICE_VIF,
					       (unsigned int)atoi(arg), false, err);
	if (!strcmp(cmd, "report")) {
		pv_domain_report(d, stderr);
		return 0;
	}
	return error_set(err, "%s: no such command", cmd);
}

static void serve(struct pv_host *h, char *line)
{
	char cmd[16] = "", arg[512] = "", what[32] = "";
	struct error err = { "" };
	struct pv_domain *d;
	unsigned int domid = 0;
	int seconds = 0, rc;

	sscanf(line, "%15s %u %511s", cmd, &domid, arg);
	if (!strcmp(cmd, "create")) {
		rc = create(h, line + 7, &err);
	} else if (!strcmp(cmd, "set")) {
		sscanf(line, "%*s %31s", what);
		rc = sscanf(line, "%*s %511s %31s", arg, what) == 2 ?
		     xenstore_printf(h->store, arg, "%s", what) : -1;
	} else if (!strcmp(cmd, "get")) {
		char *value = NULL;

		if (sscanf(line, "%*s %511s", arg) == 1)
			value = xenstore_read(h->store, arg, NULL);
		printf("%s %s\n", value ? "ok" : "error", value ? value : "");
		free(value);
		return;
	} else if (!strcmp(cmd, "wait")) {
		rc = sscanf(line, "%*s %u %31s %d", &domid, what, &seconds) == 3 &&
		     wait_event((domid_t)domid, what, seconds) ? 0 : -1;
		if (rc)
			error_set(&err, "not within %d seconds", seconds);
	} else {
		d = pv_host_domain(h, (domid_t)domid);
		if (!d) {
			rc = error_set(&err, "no domain %u", domid);
		} else if (!strcmp(cmd, "info")) {
			print_info(d);
			pv_domain_put(d);
			return;
		} else {
			rc = on_domain(d, cmd, arg, &err);
			pv_domain_put(d);
		}
	}
	if (rc)
		printf("error %s\n", err.msg);
	else
		printf("ok\n");
}

int main(void)
{
	struct pv_host *h;
	struct error err;
	char line[2048];

	if (pv_host_create(&h, &ops, NULL, &err) < 0) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		serve(h, line);
		fflush(stdout);
	}
	pv_host_destroy(h);
	return 0;
}
