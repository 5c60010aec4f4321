/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing an ELF core file of vCPUs that stand still and their memory; see docs/hypervisor.md. */
#ifndef PARAVANE_MACHINE_COREFILE_H
#define PARAVANE_MACHINE_COREFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/error.h"
#include "ia64/memory.h"
#include "ia64/vcpu.h"

#define COREFILE_MAX_RAM 2048

/* RAM from one address on; both are multiples of 16 KB. What of it is not RAM is written as 0. */
struct corefile_ram {
	uint64_t pa, size;
};

struct corefile {
	const struct ia64_memory *mem;
	const struct corefile_ram *ram; /* in order; at most COREFILE_MAX_RAM */
	unsigned int nr_ram;
	bool mixed; /* some of it is not mapped from mem->fd, or from another place in it */
	struct vcpu *const *vcpus;
	unsigned int nr_vcpus;
};

/*
 * Writes a new file; "/dev/fd/N" is a descriptor that is open (backend/fdpath.h). Any thread.
 * Returns 0, or -1 with *err and no file.
 */
int corefile_write(const struct corefile *m, const char *path, struct error *err);

#endif
