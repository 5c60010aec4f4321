/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes what a paravirtualized kernel finds when it starts: memory, firmware, start_info. */
#ifndef PARAVANE_XEN_DOMAIN_BUILD_H
#define PARAVANE_XEN_DOMAIN_BUILD_H

#include "backend/error.h"
#include "machine/boot.h"
#include "machine/firmware.h"
#include "xen/xen.h"

/*
 * How guest-physical memory is laid out: RAM from 0 on without a gap, as Xen's domain builder has
 * it (kernels take start_info.nr_pages for the end of RAM). The firmware is at its address, as a
 * part of RAM if there is so much, else in addition. The shared pages are above all that.
 */
struct xen_layout {
	xen_pfn_t max_gpfn; /* where RAM may be at most */
	xen_pfn_t shared_info;
	xen_pfn_t privregs; /* one page a vCPU */
	xen_pfn_t grant_table;
	xen_pfn_t end;      /* of all */
};

/* For a domain that may have so many bytes of memory. */
struct xen_layout xen_layout(uint64_t maxmem);
/* Bytes that a domain built with so much memory has in addition: the firmware's, or 0. */
uint64_t xen_layout_extra(uint64_t memory);
/* Where the special pages begin: at the end of RAM, but not in the firmware. */
xen_pfn_t xen_layout_special(uint64_t memory);
/* Bytes from 0 on in which kernel and initrd may be placed. */
uint64_t xen_layout_boot_limit(uint64_t memory);

/*
 * A copy of the memory map, start_info, xenstore ring, console ring: reserved in the memory map.
 * In the order of Xen's builder.
 */
#define XEN_BUILD_SPECIAL_PAGES 4u

struct xen_build {
	struct xen_domain *domain;
	struct firmware *fw;  /* sys, mem, request, ctx are set; the rest is done here */
	struct boot *boot;    /* read by boot_prepare() for xen_layout_boot_limit() */
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
