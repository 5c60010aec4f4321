/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The domain builder. Source: Xen 4.1 public/xen.h, arch-ia64.h, elfnote.h. */
#include "xen/domain_build.h"

#include <elf.h>
#include <stdio.h>
#include <string.h>

#include "xen/p2m.h"

#define XEN_ELFNOTE_ENTRY 1

static uint64_t note_entry(const uint8_t *p, uint64_t size, uint64_t limit)
{
	Elf64_Nhdr n;
	uint64_t name, desc, entry;

	while (size >= sizeof(n)) {
		memcpy(&n, p, sizeof(n));
		name = ((uint64_t)n.n_namesz + 3) & ~3ull;
		desc = ((uint64_t)n.n_descsz + 3) & ~3ull;
		if (name + desc > size - sizeof(n))
			return 0;
		p += sizeof(n);
		if (n.n_type == XEN_ELFNOTE_ENTRY && n.n_namesz == 4 && !memcmp(p, "Xen", 4) &&
		    n.n_descsz == 8) {
			memcpy(&entry, p + name, 8);
			return entry < limit && !(entry & 15) ? entry : 0;
		}
		p += name + desc;
		size -= sizeof(n) + name + desc;
	}
	return 0;
}

uint64_t xen_elf_entry(const uint8_t *image, size_t size, uint64_t limit)
{
	uint64_t entry = 0;
	Elf64_Ehdr eh;
	Elf64_Shdr sh;
	unsigned int i;

	if (size < sizeof(eh))
		return 0;
	memcpy(&eh, image, sizeof(eh));
	if (eh.e_shentsize != sizeof(sh) || eh.e_shoff > size ||
	    eh.e_shnum * sizeof(sh) > size - eh.e_shoff)
		return 0;
	for (i = 0; i < eh.e_shnum && !entry; i++) {
		memcpy(&sh, image + eh.e_shoff + i * sizeof(sh), sizeof(sh));
		if (sh.sh_type == SHT_NOTE && sh.sh_offset <= size &&
		    sh.sh_size <= size - sh.sh_offset)
			entry = note_entry(image + sh.sh_offset, sh.sh_size, limit);
	}
	return entry;
}

#define FIRMWARE_END (LAYOUT_FIRMWARE_BASE + LAYOUT_FIRMWARE_SIZE)

struct xen_layout xen_layout(uint64_t maxmem)
{
	struct xen_layout l;

	l.max_gpfn = ((maxmem > FIRMWARE_END ? maxmem : FIRMWARE_END) >> XEN_PAGE_SHIFT) - 1;
	l.shared_info = l.max_gpfn + 1;
	l.privregs = l.shared_info + 1;
	l.grant_table = l.privregs + XEN_LEGACY_MAX_VCPUS;
	/* The window of struct ia64_memory is of whole 64 KB. */
	l.end = (l.grant_table + XEN_GNTTAB_MAX_FRAMES + 3) & ~3ull;
	return l;
}

uint64_t xen_layout_extra(uint64_t memory)
{
	return memory > LAYOUT_FIRMWARE_BASE ? 0 : LAYOUT_FIRMWARE_SIZE;
}

xen_pfn_t xen_layout_special(uint64_t memory)
{
	uint64_t end = memory;

	if (end > LAYOUT_FIRMWARE_BASE && end <= FIRMWARE_END)
		end = LAYOUT_FIRMWARE_BASE;
	return (end >> XEN_PAGE_SHIFT) - XEN_BUILD_SPECIAL_PAGES;
}

uint64_t xen_layout_boot_limit(uint64_t memory)
{
	uint64_t special = xen_layout_special(memory) << XEN_PAGE_SHIFT;

	return special < LAYOUT_FIRMWARE_BASE ? special : LAYOUT_FIRMWARE_BASE;
}

/*
 * One descriptor for all of RAM; what the firmware and the special pages use of it is left to it.
 */
static void place_memory_map(struct xen_build *b, xen_pfn_t gpfn)
{
	struct xen_domain *d = b->domain;
	const struct {
		struct xen_ia64_memmap_info info;
		struct efi_memory_descriptor map[1];
	} page = {
		.info.efi_memmap_size = sizeof(page.map),
		.info.efi_memdesc_size = sizeof(page.map[0]),
		.info.efi_memdesc_version = EFI_MEMORY_DESCRIPTOR_VERSION,
		.map[0] = {
			.type = EFI_CONVENTIONAL,
			.pages = b->nr_pages * (XEN_PAGE_SIZE / EFI_PAGE_SIZE),
			.attribute = EFI_MEMORY_WB,
		},
	};

	ia64_memory_write(d->mem, gpfn << XEN_PAGE_SHIFT, &page, sizeof(page));
	d->shared_info->arch.memmap_info_num_pages = 1;
	d->shared_info->arch.memmap_info_pfn = gpfn;
}

static void place_start_info(struct xen_build *b, xen_pfn_t gpfn)
{
	struct xen_domain *d = b->domain;
	struct start_info si = {
		.magic = "xen-3.0-ia64",
		.nr_pages = b->nr_pages,
		.shared_info = d->cfg.shared_info_gpfn << XEN_PAGE_SHIFT,
		.flags = d->cfg.privileged ? SIF_PRIVILEGED | SIF_INITDOMAIN : 0,
		.store_mfn = b->store_gpfn,
		.store_evtchn = b->store_evtchn,
		.console.domU = { .mfn = b->console_gpfn, .evtchn = b->console_evtchn },
		.mod_start = b->boot->initrd_size ? b->boot->initrd_start : 0,
		.mod_len = b->boot->initrd_size,
	};
	unsigned int i;

	snprintf((char *)si.cmd_line, sizeof(si.cmd_line), "%s", b->boot->append);
	ia64_memory_write(d->mem, gpfn << XEN_PAGE_SHIFT, &si, sizeof(si));
	for (i = 0; i < XEN_LEGACY_MAX_VCPUS; i++)
		d->shared_info->vcpu_info[i].evtchn_upcall_mask = 1;
	d->shared_info->arch.start_info_pfn = gpfn;
}

int xen_domain_populate(struct xen_build *b, struct error *err)
{
	struct xen_domain *d = b->domain;
	const uint64_t memory = b->nr_pages << XEN_PAGE_SHIFT;
	xen_pfn_t special = xen_layout_special(memory);

	b->store_gpfn = special + 2;
	b->console_gpfn = special + 3;
	if (xen_p2m_populate(d, 0, b->nr_pages) ||
	    (xen_layout_extra(memory) &&
	     xen_p2m_populate(d, LAYOUT_FIRMWARE_BASE >> XEN_PAGE_SHIFT,
			      LAYOUT_FIRMWARE_SIZE >> XEN_PAGE_SHIFT)))
		return error_set(err, "memory of %llu pages cannot be populated",
				 (unsigned long long)b->nr_pages);
	return 0;
}

int xen_domain_build(struct xen_build *b, struct error *err)
{
	const uint64_t memory = b->nr_pages << XEN_PAGE_SHIFT;
	xen_pfn_t special = xen_layout_special(memory);

	b->entry = xen_elf_entry(b->boot->kernel, b->boot->kernel_size,
				 xen_layout_boot_limit(memory));
	if (!b->entry)
		return error_set(err, "kernel: has no Xen entry point (ELF note Xen:ENTRY); a kernel "
				 "built for Xen/ia64 is needed");
	b->fw->flat = true;
	b->fw->ram_low = memory;
	b->fw->ram_reserved = XEN_BUILD_SPECIAL_PAGES << XEN_PAGE_SHIFT;
	b->fw->ram_high = 0;
	if (firmware_init(b->fw) < 0 || !xen_acpi_build(b->fw))
		return error_set(err, "firmware tables do not fit");
	if (boot_place(b->boot, b->fw, err) < 0)
		return -1;
	place_memory_map(b, special);
	place_start_info(b, special + 1);
	return 0;
}
