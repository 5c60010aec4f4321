/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ELF files seen from outside: the sections and symbols of an IA-64 file in memory. Serves the
 * disassembler, crash reports and traces. Facts: System V ABI (gABI) chapter 4, Itanium psABI.
 *
 * Nothing in the file is trusted: whatever points outside it is left out or refused.
 */
#ifndef PARAVANE_MACHINE_SYMBOLS_H
#define PARAVANE_MACHINE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct symbol {
	uint64_t value;    /* address; in an object file, offset in its section */
	uint64_t size;     /* bytes, 0 if the file does not say */
	const char *name;  /* in the table's own memory */
	uint16_t section;  /* section header index (SHN_*) */
	uint8_t rank;      /* of two at one address the one a person would name: higher is better */
};

struct symbol_table {
	struct symbol *sym; /* sorted by section if `by_section`, then by value, then by rank */
	size_t count;
	bool by_section;    /* an object file, where addresses start at 0 in each section */
	char *names;
};

/* A section with bytes in the file. */
struct elf_section {
	char name[64];
	const uint8_t *data; /* in the image */
	uint64_t size, addr;
	uint16_t index;
	bool exec;           /* SHF_EXECINSTR */
};

/*
 * Checks that image[0..size) starts like a little-endian 64-bit IA-64 ELF file. Returns NULL, or
 * what is wrong and what would be right, as a phrase to follow "FILE: ". Any thread.
 */
const char *elf_check(const uint8_t *image, size_t size);

/*
 * Section number n of a checked image, or false if it has no bytes in the file or lies outside it.
 * n runs from 0 to elf_section_count() - 1. Any thread.
 */
size_t elf_section_count(const uint8_t *image, size_t size);
bool elf_section(const uint8_t *image, size_t size, size_t n, struct elf_section *out);

/*
 * Reads the symbols (functions, objects, untyped labels of real sections) of a checked image. The
 * table owns copies, so the image may go. A file without any gives an empty table. Returns 0 or
 * -ENOMEM.
 */
int symbols_load(struct symbol_table *table, const uint8_t *image, size_t size);
void symbols_free(struct symbol_table *table);

/*
 * The symbol at or before addr (in `section` if the table is by_section, else that is ignored), or
 * NULL if there is none. The distance is addr - result->value. Any thread.
 */
const struct symbol *symbols_find(const struct symbol_table *table, uint16_t section,
				  uint64_t addr);

/*
 * Writes "name" or "name+0x10" for addr into buf, or an empty string when no symbol is near: the
 * last one before addr lies more than 16 MiB below it. Returns buf. Any thread.
 */
char *symbols_format(const struct symbol_table *table, uint64_t addr, char *buf, size_t size);

#endif
