/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes what a paravirtualized kernel finds when it starts: memory, firmware, start_info. */
#ifndef PARAVANE_XEN_DOMAIN_BUILD_H
#define PARAVANE_XEN_DOMAIN_BUILD_H

#include "backend/error.h"
#include "machine/boot.h"
#include "machine/firmware.h"
#include "xen/xen.h"

/* How guest-physical memory is laid out: RAM from 0, all else behind the firmware. */
#define XEN_BUILD_MAX_GPFN \
	(((LAYOUT_FIRMWARE_BASE + LAYOUT_FIRMWARE_SIZE) >> XEN_PAGE_SHIFT) - 1)
#define XEN_BUILD_SHARED_INFO_GPFN (XEN_BUILD_MAX_GPFN + 1)
#define XEN_BUILD_PRIVREGS_GPFN (XEN_BUILD_MAX_GPFN + 2) /* one page a vCPU */
#define XEN_BUILD_GRANT_GPFN (XEN_BUILD_PRIVREGS_GPFN + XEN_LEGACY_MAX_VCPUS)
#define XEN_BUILD_END_GPFN (XEN_BUILD_GRANT_GPFN + XEN_GNTTAB_MAX_FRAMES)

/* start_info, xenstore ring, console ring: the last pages of RAM, reserved in the memory map. */
#define XEN_BUILD_SPECIAL_PAGES 3u

struct xen_build {
	struct xen_domain *domain;
	struct firmware *fw;  /* sys, mem, request, ctx are set; the rest is done here */
	struct boot *boot;    /* read by boot_prepare() for RAM less the special pages */
	uint64_t nr_pages;    /* of RAM */
	uint32_t store_evtchn, console_evtchn; /* 0: no such back end */

	uint64_t entry;       /* out: where the kernel wants to be entered */
	xen_pfn_t store_gpfn, console_gpfn;
};

/*
 * Populates RAM and says where the rings of store and console are (store_gpfn, console_gpfn), so
 * that their back ends can be opened. Returns 0, or -1 with *err set.
 */
int xen_domain_populate(struct xen_build *b, struct error *err);
/*
 * Lays the firmware out, puts the kernel, its initrd and start_info into place. No vCPU runs.
 * Returns 0, or -1 with *err set.
 */
int xen_domain_build(struct xen_build *b, struct error *err);

/*
 * The entry of the ELF note Xen:ENTRY of a kernel image; 0 if it has none, or it is no address in
 * [0, limit). The image is an ELF64 file of any content.
 */
uint64_t xen_elf_entry(const uint8_t *image, size_t size, uint64_t limit);

/* ACPI tables of a domain (no devices) instead of the machine's; false: they do not fit. */
bool xen_acpi_build(struct firmware *fw);

#endif
