/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running guest code as host code: the calls the processor makes of the translator. */
#ifndef PARAVANE_JIT_JIT_H
#define PARAVANE_JIT_JIT_H

#include <stddef.h>
#include <stdio.h>

#include "ia64/vcpu.h"

/* The room for translated code, and what it may be set to, in MiB. */
#define IA64_JIT_CACHE_STANDARD 64
#define IA64_JIT_CACHE_MIN 4
#define IA64_JIT_CACHE_MAX 1024

/*
 * Gives each vCPU of the system a translator; together they have `cache` MiB for translated code
 * (0: the standard), but 4 MiB each at least. Before the first ia64_run(). Returns 0 or -errno
 * (-ENOTSUP where there is no translator for this host); then the interpreter runs everything, as
 * before.
 *
 * `check_every` 0: no comparison. n > 0: each n-th run of a trace is done again by the interpreter,
 * and the vCPU crashes with a report on stderr when the two differ (1: all of them, "lockstep").
 */
int ia64_jit_attach(struct ia64_system *sys, unsigned int cache, unsigned int check_every);
/* Translates a place after so many visits. After an attach that succeeded, before ia64_run(). */
void ia64_jit_hot_after(struct ia64_system *sys, unsigned int visits);
/* No vCPU runs, and none of them will. Allowed without an attach. */
void ia64_jit_detach(struct ia64_system *sys);

#define IA64_JIT_OPS 1024 /* more than there are operations */

/* Counts since the start, for `debug` output and tests. */
struct ia64_jit_stats {
	uint64_t traces, trace_insns, code_bytes, flushes;
	uint64_t entries, exits_cold, exits_epoch, exits_interp, lookups;
	uint64_t interp_blocks, interp_insns, dead_traces, record_failed;
	/* By operation (enum ia64_op): */
	uint64_t called[IA64_JIT_OPS];   /* done by the interpreter's function inside a trace */
	uint64_t diverted[IA64_JIT_OPS]; /* of those, ended the trace: not as it was recorded */
	uint64_t handed[IA64_JIT_OPS];   /* reached by an exit that is for the interpreter */
};
const struct ia64_jit_stats *ia64_jit_stats(const struct vcpu *v);

/*
 * From now on each translation is named in the file `fd`, which is taken over: /tmp/perf-PID.map,
 * for Linux' perf(1). `name` writes the name of the code at ip, at most size - 1 characters and a
 * 0, and is called on vCPU threads. After an attach that succeeded, before ia64_run(). Returns 0 or
 * -errno.
 */
int ia64_jit_perf_map(struct ia64_system *sys, int fd,
		      void (*name)(void *ctx, uint64_t ip, char *buf, size_t size), void *ctx);

/*
 * Prints the counts of one vCPU, some lines of name=value, on `out`; nothing without a translator.
 * Any thread: each number is right by itself.
 */
void ia64_jit_print(const struct vcpu *v, FILE *out);

#endif
