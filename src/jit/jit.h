/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running guest code as host code: the calls the processor makes of the translator. */
#ifndef PARAVANE_JIT_JIT_H
#define PARAVANE_JIT_JIT_H

#include <stddef.h>

#include "ia64/vcpu.h"

/*
 * Gives each vCPU of the system a translator; together they have `cache_bytes` for translated code (at
 * least 1 MiB a vCPU). Before the first ia64_run(). Returns 0 or -errno (-ENOTSUP where there is
 * no translator for this host); then the interpreter runs everything, as before.
 *
 * `check_every` 0: no comparison. n > 0: each n-th run of a trace is done again by the interpreter, and
 * the vCPU crashes with a report on stderr when the two differ (1: all of them, "lockstep").
 */
int ia64_jit_attach(struct ia64_system *sys, size_t cache_bytes, unsigned int check_every);
/* Translates a place after so many visits. After an attach that succeeded, before ia64_run(). */
void ia64_jit_hot_after(struct ia64_system *sys, unsigned int visits);
/* No vCPU runs, and none of them will. Allowed without an attach. */
void ia64_jit_detach(struct ia64_system *sys);

/* Counts since the start, for `debug` output and tests. */
struct ia64_jit_stats {
	uint64_t traces, trace_insns, code_bytes, flushes;
	uint64_t entries, exits_cold, exits_epoch, exits_interp, lookups;
	uint64_t interp_blocks, interp_insns, dead_traces, record_failed;
};
const struct ia64_jit_stats *ia64_jit_stats(const struct vcpu *v);

#endif
