/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The translator's counts, for people. */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "ia64/decode.h"
#include "ia64/itc.h"
#include "ia64/smp.h"
#include "jit/trace.h"

_Static_assert(OP_COUNT <= IA64_JIT_OPS, "the counts by operation have room");

const struct ia64_jit_stats *ia64_jit_stats(const struct vcpu *v)
{
	return v->jit ? &v->jit->stats : NULL;
}

#define MOST 12 /* operations told of each kind */

/* The operations that were counted most. */
static void print_most(const char *what, const uint64_t *count, FILE *out)
{
	bool told[OP_COUNT] = { false };
	unsigned int n, op, most;
	uint64_t sum = 0;

	for (op = 0; op < OP_COUNT; op++)
		sum += count[op];
	fprintf(out, "jit %s=%" PRIu64, what, sum);
	for (n = 0; n < MOST; n++) {
		for (op = most = 0; op < OP_COUNT; op++)
			if (!told[op] && (told[most] || count[op] > count[most]))
				most = op;
		if (told[most] || !count[most])
			break;
		told[most] = true;
		fprintf(out, " %s=%" PRIu64, ia64_op_name(most), count[most]);
	}
	fputc('\n', out);
}

void jit_clock_begin(struct jit_clock *c)
{
	c->since = c->first_ticks = jit_host_ticks();
	c->first_ns = ia64_host_ns();
}

void jit_tier(struct ia64_jit *jit, enum jit_tier tier)
{
	struct jit_clock *c = &jit->clock;
	uint64_t now = jit_host_ticks();

	c->ticks[c->now] += now - c->since;
	c->outside_ns[c->now] += jit->v->outside_ns - c->outside_before;
	c->outside_before = jit->v->outside_ns;
	c->since = now;
	c->now = tier;
}

/* Of another thread's clock: what it shows may be a moment old. */
static void print_times(const struct ia64_jit *jit, FILE *out)
{
	static const char *const name[JIT_TIERS] = {
		[JIT_INTERPRETING] = "interpreting", [JIT_RECORDING] = "recording",
		[JIT_TRANSLATING] = "translating", [JIT_TRANSLATED] = "translated",
	};
	const struct jit_clock *c = &jit->clock;
	uint64_t ticks = jit_host_ticks();
	uint64_t now = ia64_host_ns();
	double ns_a_tick = (double)(now - c->first_ns) / (double)(ticks - c->first_ticks), ns;
	bool outside = atomic_load(&jit->v->running_state) != IA64_STATE_GUEST;
	unsigned int n;

	fputs("jit milliseconds", out);
	for (n = 0; n < JIT_TIERS; n++) {
		if (!name[n])
			continue;
		ns = ns_a_tick * (double)(c->ticks[n] + (c->now == n ? ticks - c->since : 0)) -
		     (double)(c->outside_ns[n] +
			      (c->now == n ? jit->v->outside_ns - c->outside_before : 0)) -
		     (double)(c->now == n && outside ? now - jit->v->outside_since : 0);
		fprintf(out, " %s=%.0f", name[n], ns > 0 ? ns / 1e6 : 0);
	}
	fputc('\n', out);
}

void ia64_jit_print(const struct vcpu *v, FILE *out)
{
	const struct ia64_jit_stats *s = ia64_jit_stats(v);

	if (!s)
		return;
	fprintf(out, "jit vcpu=%u traces=%" PRIu64 " instructions=%" PRIu64 " bytes=%" PRIu64
		" of=%zu flushes=%" PRIu64 " dead=%" PRIu64 " refused=%" PRIu64 "\n", v->index,
		s->traces, s->trace_insns, s->code_bytes, v->jit->bytes, s->flushes,
		s->dead_traces, s->record_failed);
	fprintf(out, "jit entries=%" PRIu64 " cold_exits=%" PRIu64 " handed_over=%" PRIu64
		" revalidated=%" PRIu64 " lookups=%" PRIu64 " interpreted_blocks=%" PRIu64
		" interpreted=%" PRIu64 " retired=%" PRIu64 "\n", s->entries, s->exits_cold,
		s->exits_interp, s->exits_epoch, s->lookups, s->interp_blocks, s->interp_insns,
		__atomic_load_n(&v->retired, __ATOMIC_RELAXED));
	print_times(v->jit, out);
	print_most("called", s->called, out);
	print_most("diverted", s->diverted, out);
	print_most("handed", s->handed, out);
	jit_check_print(v->jit, out);
}

struct jit_perf_map {
	FILE *out;
	pthread_mutex_t lock;
	unsigned int users; /* vCPUs; counted down before threads are started or after they have ended */
	void (*name)(void *ctx, uint64_t ip, char *buf, size_t size);
	void *ctx;
};

int ia64_jit_perf_map(struct ia64_system *sys, int fd,
		      void (*name)(void *ctx, uint64_t ip, char *buf, size_t size), void *ctx)
{
	struct jit_perf_map *map = calloc(1, sizeof(*map));
	unsigned int i;

	if (map)
		map->out = fdopen(fd, "a");
	if (!map || !map->out) {
		close(fd);
		free(map);
		return -ENOMEM;
	}
	setvbuf(map->out, NULL, _IOLBF, 0);
	pthread_mutex_init(&map->lock, NULL);
	map->name = name;
	map->ctx = ctx;
	for (i = 0; i < sys->nr_vcpus; i++) {
		sys->vcpus[i]->jit->perf_map = map;
		map->users++;
	}
	return 0;
}

void jit_perf_map_add(struct ia64_jit *jit, const struct jit_trace *t, size_t bytes, size_t cold,
		      size_t cold_bytes)
{
	uintptr_t hot = (uintptr_t)t->code, rx = (uintptr_t)jit->rx;
	struct jit_perf_map *map = jit->perf_map;
	char name[128] = "";

	if (!map)
		return;
	map->name(map->ctx, t->ip, name, sizeof(name));
	if (!*name)
		snprintf(name, sizeof(name), "guest:%#" PRIx64, t->ip);
	pthread_mutex_lock(&map->lock);
	fprintf(map->out, "%" PRIxPTR " %zx %s\n", hot, bytes, name);
	fprintf(map->out, "%" PRIxPTR " %zx %s (out of line)\n", rx + cold, cold_bytes, name);
	pthread_mutex_unlock(&map->lock);
}

void jit_perf_map_drop(struct ia64_jit *jit)
{
	struct jit_perf_map *map = jit->perf_map;

	jit->perf_map = NULL;
	if (!map || --map->users)
		return;
	fclose(map->out);
	pthread_mutex_destroy(&map->lock);
	free(map);
}
