/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Binary patching of the sites of paravirtualized operations. See asm/paravirt_op.h. */
#ifndef _ASM_IA64_PARAVIRT_PATCH_H
#define _ASM_IA64_PARAVIRT_PATCH_H

#include <linux/types.h>

struct elf64_hdr;
struct elf64_shdr;
struct module;

/* An entry of the section __pv_sites. */
struct pv_site {
	s32 offset;		/* from here to the instruction: bundle plus slot number */
	u32 info;		/* PV_SITE_INFO(); with the operation once the site is patched */
};

extern struct pv_site __start___pv_sites[], __stop___pv_sites[];

/*
 * Patches a module's sites, once it is relocated and before any of its code runs. Returns 0, or
 * -ENOMEM, or -ENOEXEC with a line in the log if a site cannot be patched.
 */
int pv_patch_module(const struct elf64_hdr *hdr, const struct elf64_shdr *sechdrs,
		    struct module *mod);

/* Frees what the above made. The module's code does not run any more. */
void pv_unpatch_module(struct module *mod);

#endif /* _ASM_IA64_PARAVIRT_PATCH_H */
