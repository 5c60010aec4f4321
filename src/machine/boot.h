/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Direct boot: a kernel, an initrd and a command line, as the EFI boot loader of IA-64 Linux leaves
 * them: boot parameters in r28, physical mode (arch/ia64 boot protocol: struct ia64_boot_param).
 */
#ifndef PARAVANE_MACHINE_BOOT_H
#define PARAVANE_MACHINE_BOOT_H

#include <stddef.h>
#include <stdint.h>

#include "backend/error.h"
#include "ia64/vcpu.h"

struct firmware;

#define BOOT_MAX_COMMAND_LINE 2047 /* what ia64 kernels keep of it */

struct boot {
	uint8_t *kernel; /* the ELF image, unpacked */
	size_t kernel_size;
	uint64_t entry;                    /* physical */
	uint64_t kernel_start, kernel_end; /* physical, rounded out to 64 KB */
	uint8_t *initrd;
	size_t initrd_size;
	uint64_t initrd_start;
	const char *append;
};

/*
 * Reads and checks the files for a machine with RAM at [0, ram_low); nothing is written to guest
 * memory. `initrd` and `append` may be NULL; `append` is borrowed. Returns 0 with *boot owned by
 * the caller, or -1 with *err set and nothing to free.
 */
int boot_prepare(struct boot *boot, const char *kernel, const char *initrd, const char *append,
		 uint64_t ram_low, struct error *err);
void boot_free(struct boot *boot);

/* Puts everything into guest memory: after firmware_init(). Returns 0, or -1 with *err set. */
int boot_place(struct boot *boot, struct firmware *fw, struct error *err);

/* Sets the first vCPU's registers for the kernel's first instruction. */
void boot_enter(const struct boot *boot, struct vcpu *v);

#endif
