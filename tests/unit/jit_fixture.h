/* SPDX-License-Identifier: GPL-2.0-or-later */
/* For tests of the translator. */
#ifndef PARAVANE_TESTS_JIT_FIXTURE_H
#define PARAVANE_TESTS_JIT_FIXTURE_H

#include <errno.h>
#include <stdio.h>

#include "cpu_fixture.h"
#include "jit/jit.h"

/* Is there one for this host? If not, says that all is skipped. */
static inline bool have_translator(void)
{
	struct cpu *c = cpu_create(1);
	int rc = ia64_jit_attach(c->sys, IA64_JIT_CACHE_MIN, 0);

	ia64_jit_detach(c->sys);
	cpu_destroy(c);
	if (rc == -ENOTSUP)
		puts("1..0 # SKIP this host has no translator");
	return rc != -ENOTSUP;
}

#endif
