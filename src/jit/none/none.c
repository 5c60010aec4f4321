/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stands in for the translator on hosts that have none: everything is interpreted. */
#include "jit/jit.h"

#include <errno.h>

int ia64_jit_attach(struct ia64_system *sys, unsigned int cache, unsigned int check_every)
{
	return -ENOTSUP;
}

void ia64_jit_hot_after(struct ia64_system *sys, unsigned int visits)
{
}

void ia64_jit_detach(struct ia64_system *sys)
{
}

const struct ia64_jit_stats *ia64_jit_stats(const struct vcpu *v)
{
	return NULL;
}

int ia64_jit_perf_map(struct ia64_system *sys,
		      void (*name)(void *ctx, uint64_t ip, char *buf, size_t size), void *ctx)
{
	return -ENOTSUP;
}

void ia64_jit_print(const struct vcpu *v, FILE *out)
{
}
