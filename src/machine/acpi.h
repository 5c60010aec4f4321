/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the ACPI tables and the tables like them have in common (ACPI 3.0, 5.2). */
#ifndef PARAVANE_MACHINE_ACPI_H
#define PARAVANE_MACHINE_ACPI_H

#include <stddef.h>
#include <stdint.h>

#define ACPI_OEM "PARAVN"
#define ACPI_OEM_TABLE "PARAVANE"
#define ACPI_CREATOR "PARA"

/* Generic Address Structure, 5.2.3.1. */
struct __attribute__((packed)) acpi_gas {
	uint8_t space, bits, offset, access; /* access: 1 byte, 2 word, 3 dword */
	uint64_t address;
};
enum { ACPI_SPACE_MEMORY = 0, ACPI_SPACE_IO = 1 };

struct __attribute__((packed)) acpi_header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
};

/* The byte that makes all of the table add up to 0; the field itself must hold 0. */
uint8_t acpi_checksum(const void *table, size_t size);

/* The DSDT's AML (dsdt.c): a table with its header, checksum set. Returns its size, 0: no room. */
size_t dsdt_build(uint8_t *buf, size_t room);

/* Fills in a header of a table of `length` bytes; the checksum is left 0. */
void acpi_fill_header(struct acpi_header *h, const char signature[4], uint8_t revision,
		      size_t length);

#endif
