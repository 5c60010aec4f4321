/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writing an ELF core file of vCPUs that stand still and their memory; see docs/hypervisor.md. */
#ifndef PARAVANE_MACHINE_COREFILE_H
#define PARAVANE_MACHINE_COREFILE_H

#include <stdint.h>

#include "backend/error.h"
#include "ia64/memory.h"
#include "ia64/vcpu.h"

#define COREFILE_MAX_RAM 2048

/* RAM from one address on; both are multiples of 16 KB. */
struct corefile_ram {
	uint64_t pa, size;
};

struct corefile {
	const struct ia64_memory *mem;
	const struct corefile_ram *ram; /* in order; what is beyond COREFILE_MAX_RAM is left out */
	unsigned int nr_ram;
	struct vcpu *const *vcpus;
	unsigned int nr_vcpus;
};

/*
 * Writes a new file; "/dev/fd/N" is a descriptor that is open (backend/fdpath.h). Any thread.
 * Returns 0, or -1 with *err and no file.
 */
int corefile_write(const struct corefile *m, const char *path, struct error *err);

#endif
