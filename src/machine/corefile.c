/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Memory and vCPUs as an ELF core file. Its segments are the RAM at the addresses the kernel has
 * it: region 7 one to one, and what translation registers map.
 *
 * Sources: System V ABI, chapter 5 (program header, notes); Linux 2.6.32 include/linux/elfcore.h,
 * arch/ia64/include/asm/elf.h (struct elf_prstatus, elf_gregset_t).
 */
#include "machine/corefile.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/fdpath.h"
#include "ia64/rse.h"
#include "ia64/tlb.h"
#include "machine/gdbregs.h"

#define REGION7 0xe000000000000000ull
#define MAX_CPUS 64
/* The notes, RAM, and what the translation registers of all vCPUs may map. */
#define MAX_SEGMENTS (1 + COREFILE_MAX_RAM + MAX_CPUS * 2 * IA64_NR_TR)
#define ALIGNMENT 0x4000ull /* also what is looked at for zeros at a time */

/* Places in elf_gregset_t. */
enum {
	GREG_NAT = 32, GREG_PR, GREG_BR, GREG_IP = 42, GREG_CFM, GREG_PSR, GREG_RSC, GREG_BSP,
	GREG_BSPSTORE, GREG_RNAT, GREG_CCV, GREG_UNAT, GREG_FPSR, GREG_PFS, GREG_LC, GREG_EC,
	NR_GREGS = 128
};

/* GDB's numbers of what gdb_reg_read() gives with the register stack in memory. */
enum { GDB_FR = 128, GDB_BR = 320, GDB_PR = 330, GDB_IP, GDB_PSR, GDB_CFM, GDB_AR };

struct prstatus {
	int32_t info[3];
	int16_t cursig, pad;
	uint64_t sigpend, sighold;
	int32_t pid, ppid, pgrp, sid;
	uint64_t times[8];
	uint64_t greg[NR_GREGS];
	int32_t fpvalid, pad2;
};

/*
 * Notes as Linux writes them. BFD, and so GDB, takes registers of IA-64 only from the form that
 * NetBSD uses, with the number of the thread in the name: they are there as well.
 */
#define LINUX_NAME "CORE"
#define BSD_NAME "NetBSD-CORE@%u"
#define BSD_REGS 33
#define BSD_FPREGS 35

/* Header, name and contents, each aligned to 4. */
#define NOTE_SIZE(size) (sizeof(Elf64_Nhdr) + 20 + (size))
#define FR_SIZE (128 * 16)
#define NOTES_PER_CPU \
	(NOTE_SIZE(sizeof(struct prstatus)) + NOTE_SIZE(NR_GREGS * 8) + 2 * NOTE_SIZE(FR_SIZE))

struct core {
	const struct corefile *m;
	int fd;
	Elf64_Phdr *phdr;
	unsigned int nr, nr_ram;  /* of them, the first are the note and then RAM */
	uint64_t ram_size;
	uint8_t *notes; /* at most NOTES_PER_CPU for each */
	uint64_t notes_size;
};

static uint64_t reg(struct vcpu *v, unsigned int n)
{
	uint8_t buf[GDB_REG_MAX];
	uint64_t val = 0;

	if (gdb_reg_read(v, n, buf))
		memcpy(&val, buf, sizeof(val));
	return val;
}

static void fill_registers(struct vcpu *v, uint64_t greg[NR_GREGS])
{
	static const struct {
		uint8_t greg, ar;
	} ars[] = {
		{ GREG_RSC, AR_RSC }, { GREG_BSP, AR_BSP }, { GREG_BSPSTORE, AR_BSPSTORE },
		{ GREG_RNAT, AR_RNAT }, { GREG_CCV, AR_CCV }, { GREG_UNAT, AR_UNAT },
		{ GREG_FPSR, AR_FPSR }, { GREG_PFS, AR_PFS }, { GREG_LC, AR_LC }, { GREG_EC, AR_EC },
	};
	unsigned int n;

	for (n = 0; n < 32; n++) {
		greg[n] = v->gr[n];
		greg[GREG_NAT] |= (uint64_t)v->nat[n] << n;
	}
	greg[GREG_PR] = reg(v, GDB_PR);
	for (n = 0; n < 8; n++)
		greg[GREG_BR + n] = v->br[n];
	greg[GREG_IP] = v->ip;
	greg[GREG_PSR] = reg(v, GDB_PSR);
	greg[GREG_CFM] = reg(v, GDB_CFM);
	for (n = 0; n < sizeof(ars) / sizeof(ars[0]); n++)
		greg[ars[n].greg] = reg(v, GDB_AR + ars[n].ar);
}

static uint8_t *put_note(uint8_t *p, const char *name, uint32_t type, const void *contents,
			 size_t size)
{
	const Elf64_Nhdr header = {
		.n_namesz = (uint32_t)strlen(name) + 1,
		.n_descsz = (uint32_t)size,
		.n_type = type,
	};

	memset(p, 0, NOTE_SIZE(0));
	memcpy(p, &header, sizeof(header));
	strcpy((char *)p + sizeof(header), name);
	p += sizeof(header) + ((header.n_namesz + 3) & ~3u);
	memcpy(p, contents, size);
	return p + size;
}

static void fill_notes(struct core *c)
{
	uint8_t *p = c->notes, fr[128][16];
	char bsd[sizeof(BSD_NAME) + 8];
	unsigned int i, n;

	for (i = 0; i < c->m->nr_vcpus; i++) {
		struct prstatus status = { .pid = (int32_t)i + 1 };
		struct vcpu *v = c->m->vcpus[i];

		fill_registers(v, status.greg);
		for (n = 0; n < 128; n++)
			gdb_reg_read(v, GDB_FR + n, fr[n]);
		snprintf(bsd, sizeof(bsd), BSD_NAME, i + 1);
		p = put_note(p, LINUX_NAME, NT_PRSTATUS, &status, sizeof(status));
		p = put_note(p, LINUX_NAME, NT_FPREGSET, fr, sizeof(fr));
		p = put_note(p, bsd, BSD_REGS, status.greg, sizeof(status.greg));
		p = put_note(p, bsd, BSD_FPREGS, fr, sizeof(fr));
	}
	c->notes_size = (uint64_t)(p - c->notes);
}

/* `at`: in the file, from the first byte of memory in it on. */
static void add_segment(struct core *c, uint64_t va, uint64_t pa, uint64_t size, uint64_t at)
{
	if (c->nr == MAX_SEGMENTS)
		return;
	c->phdr[c->nr++] = (Elf64_Phdr){
		.p_type = PT_LOAD,
		.p_flags = PF_R | PF_W | PF_X,
		.p_offset = at,
		.p_vaddr = va,
		.p_paddr = pa,
		.p_filesz = size,
		.p_memsz = size,
		.p_align = ALIGNMENT,
	};
}

static void add_ram(struct core *c)
{
	unsigned int i;

	for (i = 0; i < c->m->nr_ram; i++) {
		const struct corefile_ram *ram = &c->m->ram[i];

		add_segment(c, REGION7 | ram->pa, ram->pa, ram->size, c->ram_size);
		c->ram_size += ram->size;
	}
	c->nr_ram = c->nr;
}

/* The segment of RAM that has this address, or NULL. */
static const Elf64_Phdr *find_ram(const struct core *c, uint64_t pa)
{
	unsigned int i;

	for (i = 1; i < c->nr_ram; i++)
		if (pa - c->phdr[i].p_paddr < c->phdr[i].p_filesz)
			return &c->phdr[i];
	return NULL;
}

/* The kernel's text and data, per-CPU data and the like: each once. */
static void add_translations(struct core *c)
{
	const struct vcpu *v;
	unsigned int i, n, k, region;

	for (i = 0; i < c->m->nr_vcpus; i++) {
		v = c->m->vcpus[i];
		for (n = 0; n < 2 * IA64_NR_TR; n++) {
			const struct ia64_translation *t = n < IA64_NR_TR ? &v->dtr[n] :
							   &v->itr[n - IA64_NR_TR];
			const Elf64_Phdr *ram = t->valid ? find_ram(c, t->ppn_pa) : NULL;
			uint64_t va, offset, size = 1ull << t->ps;

			if (!ram)
				continue;
			offset = t->ppn_pa - ram->p_paddr;
			if (size > ram->p_filesz - offset)
				size = ram->p_filesz - offset;
			for (region = 0; region < 7 && (v->rr[region] >> 8 & 0xffffff) != t->rid;
			     region++)
				;
			va = (uint64_t)region << 61 | t->va;
			for (k = 1; k < c->nr && c->phdr[k].p_vaddr != va; k++)
				;
			if (region < 7 && k == c->nr)
				add_segment(c, va, t->ppn_pa, size, ram->p_offset + offset);
		}
	}
}

static bool put(int fd, const void *buf, size_t len, uint64_t at)
{
	const uint8_t *p = buf;
	ssize_t n;

	while (len) {
		n = pwrite(fd, p, len, (off_t)at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		at += (uint64_t)n;
		len -= (size_t)n;
	}
	return true;
}

static bool is_zero(const uint8_t *p, size_t len)
{
	return !*p && !memcmp(p, p + 1, len - 1);
}

/*
 * Where the file behind RAM has data, from an address on: reading what nobody has touched yet would
 * make the host find memory for it.
 */
static uint64_t next_data(const struct core *c, uint64_t pa)
{
	off_t at = lseek(c->m->mem->fd, (off_t)pa, SEEK_DATA);

	if (at >= 0)
		return (uint64_t)at & ~(ALIGNMENT - 1);
	return errno == ENXIO ? UINT64_MAX : pa;
}

/* What is zero stays a hole in the file. */
static bool put_memory(struct core *c)
{
	uint64_t at, pa, data = 0;
	unsigned int i;

	for (i = 1; i < c->nr_ram; i++) {
		const Elf64_Phdr *ph = &c->phdr[i];

		for (at = 0; at < ph->p_filesz; at += ALIGNMENT) {
			const uint8_t *page = c->m->mem->base + ph->p_paddr + at;

			pa = ph->p_paddr + at;
			if (!c->m->mixed && pa >= data)
				data = next_data(c, pa);
			if (pa < data || !ia64_memory_is_ram(c->m->mem, pa, ALIGNMENT))
				continue;
			if (!is_zero(page, ALIGNMENT) &&
			    !put(c->fd, page, ALIGNMENT, ph->p_offset + at))
				return false;
		}
	}
	return true;
}

/* The registers of the stack that are not in memory yet, at their places in the file. */
static bool put_stacks(struct core *c)
{
	const Elf64_Phdr *ram;
	unsigned int i;

	for (i = 0; i < c->m->nr_vcpus; i++) {
		struct vcpu *v = c->m->vcpus[i];
		uint64_t end = reg(v, GDB_AR + AR_BSP), at, val, pa;

		for (at = v->rse.bspstore; at < end; at += 8)
			if (gdb_mem_read(v, at, (uint8_t *)&val, 8) == 8 &&
			    ia64_translate_quiet(v, at, false, &pa) &&
			    (ram = find_ram(c, pa)) &&
			    !put(c->fd, &val, 8, ram->p_offset + (pa - ram->p_paddr)))
				return false;
	}
	return true;
}

static bool write_all(struct core *c)
{
	const uint64_t notes_at = sizeof(Elf64_Ehdr) + c->nr * sizeof(Elf64_Phdr);
	const uint64_t base = (notes_at + c->notes_size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	Elf64_Ehdr eh = {
		.e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB,
			     EV_CURRENT },
		.e_type = ET_CORE,
		.e_machine = EM_IA_64,
		.e_version = EV_CURRENT,
		.e_phoff = sizeof(eh),
		.e_ehsize = sizeof(eh),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = (uint16_t)c->nr,
	};
	unsigned int i;

	c->phdr[0] = (Elf64_Phdr){
		.p_type = PT_NOTE,
		.p_offset = notes_at,
		.p_filesz = c->notes_size,
	};
	for (i = 1; i < c->nr; i++)
		c->phdr[i].p_offset += base;
	return !ftruncate(c->fd, (off_t)(base + c->ram_size)) &&
	       put(c->fd, &eh, sizeof(eh), 0) &&
	       put(c->fd, c->phdr, c->nr * sizeof(*c->phdr), sizeof(eh)) &&
	       put(c->fd, c->notes, c->notes_size, notes_at) &&
	       put_memory(c) && put_stacks(c);
}

int corefile_write(const struct corefile *m, const char *path, struct error *err)
{
	struct core c = { .m = m, .nr = 1 };
	int rc = 0;

	c.fd = fdpath_open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (c.fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	c.phdr = calloc(MAX_SEGMENTS, sizeof(*c.phdr));
	c.notes = calloc(m->nr_vcpus, NOTES_PER_CPU);
	if (!c.phdr || !c.notes) {
		rc = error_set(err, "%s: out of memory", path);
	} else {
		add_ram(&c);
		add_translations(&c);
		fill_notes(&c);
		if (!write_all(&c))
			rc = error_set(err, "%s: %s", path, strerror(errno));
	}
	if (close(c.fd) && !rc)
		rc = error_set(err, "%s: %s", path, strerror(errno));
	if (rc)
		fdpath_unlink(path);
	free(c.phdr);
	free(c.notes);
	return rc;
}
