/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Running guest code as host code: the calls the processor makes of the translator. */
#ifndef PARAVANE_JIT_JIT_H
#define PARAVANE_JIT_JIT_H

#include <stddef.h>

#include "ia64/vcpu.h"

/*
 * Gives the vCPU a translator with `cache_bytes` for translated code (at least 1 MiB). Returns 0 or
 * -errno (-ENOTSUP where there is none for this host). The vCPU owns it until ia64_jit_destroy().
 */
int ia64_jit_create(struct vcpu *v, size_t cache_bytes);
void ia64_jit_destroy(struct vcpu *v);

/*
 * On the vCPU's thread: executes from ip/ri until attention is posted; ip/ri are in sync on return.
 * The same contract as ia64_interp_run().
 */
void ia64_jit_run(struct vcpu *v);

/* Counts since the start, for `debug` output and tests. */
struct ia64_jit_stats {
	uint64_t traces, trace_insns, code_bytes, flushes;
	uint64_t entries, exits_cold, exits_attention, exits_epoch, exits_interp, lookups;
	uint64_t interp_blocks, interp_insns, dead_traces, record_failed;
};
const struct ia64_jit_stats *ia64_jit_stats(const struct vcpu *v);

#endif
