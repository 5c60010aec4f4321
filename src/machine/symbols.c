/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sections and symbols of ELF files. */
#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "machine/symbols.h"

#define NEAR (16ull << 20)

/* Structures in a file may lie at any alignment: they are copied out. */
static bool get(const uint8_t *image, size_t size, uint64_t offset, void *out, size_t length)
{
	if (offset > size || length > size - offset)
		return false;
	memcpy(out, image + offset, length);
	return true;
}

const char *elf_check(const uint8_t *image, size_t size)
{
	Elf64_Ehdr eh;

	if (size < SELFMAG || memcmp(image, ELFMAG, SELFMAG))
		return "not an ELF file; an IA-64 ELF file is accepted";
	if (!get(image, size, 0, &eh, sizeof(eh)))
		return "truncated: the ELF header is not all there";
	if (eh.e_ident[EI_CLASS] != ELFCLASS64 || eh.e_ident[EI_DATA] != ELFDATA2LSB)
		return "not a 64-bit little-endian ELF file; an IA-64 one is accepted";
	if (eh.e_machine != EM_IA_64)
		return "an ELF file for another machine; an IA-64 one is accepted";
	if (eh.e_shnum && eh.e_shentsize != sizeof(Elf64_Shdr))
		return "damaged: section headers of an unknown size";
	if (eh.e_shoff > size || (uint64_t)eh.e_shnum * sizeof(Elf64_Shdr) > size - eh.e_shoff)
		return "truncated: the section headers are not all there";
	return NULL;
}

size_t elf_section_count(const uint8_t *image, size_t size)
{
	Elf64_Ehdr eh;

	return get(image, size, 0, &eh, sizeof(eh)) ? eh.e_shnum : 0;
}

static bool section_header(const uint8_t *image, size_t size, size_t n, Elf64_Shdr *sh)
{
	Elf64_Ehdr eh;

	return get(image, size, 0, &eh, sizeof(eh)) && n < eh.e_shnum &&
	       get(image, size, eh.e_shoff + n * sizeof(*sh), sh, sizeof(*sh));
}

static bool in_file(const Elf64_Shdr *sh, size_t size)
{
	return sh->sh_type != SHT_NOBITS && sh->sh_offset <= size &&
	       sh->sh_size <= size - sh->sh_offset;
}

static void section_name(const uint8_t *image, size_t size, const Elf64_Shdr *sh, char *buf,
			 size_t length)
{
	Elf64_Shdr names;
	Elf64_Ehdr eh;

	buf[0] = '\0';
	if (!get(image, size, 0, &eh, sizeof(eh)) ||
	    !section_header(image, size, eh.e_shstrndx, &names) || !in_file(&names, size) ||
	    sh->sh_name >= names.sh_size)
		return;
	snprintf(buf, length, "%.*s", (int)(names.sh_size - sh->sh_name < length ?
		 names.sh_size - sh->sh_name : length),
		 (const char *)image + names.sh_offset + sh->sh_name);
}

bool elf_section(const uint8_t *image, size_t size, size_t n, struct elf_section *out)
{
	Elf64_Shdr sh;

	if (!section_header(image, size, n, &sh) || !in_file(&sh, size))
		return false;
	section_name(image, size, &sh, out->name, sizeof(out->name));
	out->data = image + sh.sh_offset;
	out->size = sh.sh_size;
	out->addr = sh.sh_addr;
	out->index = (uint16_t)n;
	out->exec = sh.sh_type == SHT_PROGBITS && sh.sh_flags & SHF_EXECINSTR;
	return true;
}

static uint8_t rank_of(const Elf64_Sym *sym)
{
	uint8_t rank = 0;

	if (ELF64_ST_TYPE(sym->st_info) == STT_FUNC)
		rank += 4;
	else if (ELF64_ST_TYPE(sym->st_info) == STT_OBJECT)
		rank += 2;
	if (ELF64_ST_BIND(sym->st_info) != STB_LOCAL)
		rank += 1;
	return rank;
}

static bool wanted(const Elf64_Sym *sym)
{
	switch (ELF64_ST_TYPE(sym->st_info)) {
	case STT_NOTYPE:
	case STT_FUNC:
	case STT_OBJECT:
		return sym->st_shndx != SHN_UNDEF && sym->st_shndx < SHN_LORESERVE;
	default:
		return false;
	}
}

static int compare(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->value != y->value)
		return x->value < y->value ? -1 : 1;
	return x->rank - y->rank;
}

static int compare_by_section(const void *a, const void *b)
{
	const struct symbol *x = a, *y = b;

	if (x->section != y->section)
		return x->section - y->section;
	return compare(a, b);
}

int symbols_load(struct symbol_table *table, const uint8_t *image, size_t size)
{
	Elf64_Shdr sh, strings;
	Elf64_Ehdr eh;
	size_t n, room;

	memset(table, 0, sizeof(*table));
	for (n = 0; section_header(image, size, n, &sh); n++) {
		if (sh.sh_type == SHT_SYMTAB)
			break;
	}
	if (!get(image, size, 0, &eh, sizeof(eh)) || !section_header(image, size, n, &sh) ||
	    !in_file(&sh, size) || !section_header(image, size, sh.sh_link, &strings) ||
	    !in_file(&strings, size) || !strings.sh_size)
		return 0;
	table->by_section = eh.e_type == ET_REL;
	room = sh.sh_size / sizeof(Elf64_Sym);
	table->sym = calloc(room ? room : 1, sizeof(*table->sym));
	table->names = malloc(strings.sh_size);
	if (!table->sym || !table->names) {
		symbols_free(table);
		return -ENOMEM;
	}
	memcpy(table->names, image + strings.sh_offset, strings.sh_size);
	table->names[strings.sh_size - 1] = '\0';
	for (n = 0; n < room; n++) {
		Elf64_Sym sym;

		memcpy(&sym, image + sh.sh_offset + n * sizeof(sym), sizeof(sym));
		if (!wanted(&sym) || sym.st_name >= strings.sh_size ||
		    !table->names[sym.st_name])
			continue;
		table->sym[table->count++] = (struct symbol){
			.value = sym.st_value, .size = sym.st_size,
			.name = table->names + sym.st_name,
			.section = sym.st_shndx, .rank = rank_of(&sym),
		};
	}
	qsort(table->sym, table->count, sizeof(*table->sym),
	      table->by_section ? compare_by_section : compare);
	return 0;
}

void symbols_free(struct symbol_table *table)
{
	free(table->sym);
	free(table->names);
	memset(table, 0, sizeof(*table));
}

const struct symbol *symbols_find(const struct symbol_table *table, uint16_t section,
				  uint64_t addr)
{
	struct symbol key = { .value = addr, .section = section, .rank = UINT8_MAX };
	size_t low = 0, high = table->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		int order = table->by_section ? compare_by_section(&table->sym[mid], &key) :
			    compare(&table->sym[mid], &key);

		if (order <= 0)
			low = mid + 1;
		else
			high = mid;
	}
	if (!low || (table->by_section && table->sym[low - 1].section != section))
		return NULL;
	return &table->sym[low - 1];
}

char *symbols_format(const struct symbol_table *table, uint64_t addr, char *buf, size_t size)
{
	const struct symbol *sym = symbols_find(table, 0, addr);

	if (!sym || addr - sym->value > NEAR)
		snprintf(buf, size, "%s", "");
	else if (addr == sym->value)
		snprintf(buf, size, "%s", sym->name);
	else
		snprintf(buf, size, "%s+0x%llx", sym->name,
			 (unsigned long long)(addr - sym->value));
	return buf;
}
