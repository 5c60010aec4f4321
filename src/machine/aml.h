/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes ACPI Machine Language (ACPI 3.0, chapter 19.2) into a buffer. */
#ifndef PARAVANE_MACHINE_AML_H
#define PARAVANE_MACHINE_AML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AML_MAX_DEPTH 8

/* A buffer filled from the front. When it overflows `full` is set and nothing is written. */
struct aml {
	uint8_t *buf;
	size_t room, len;
	bool full;
	size_t open[AML_MAX_DEPTH]; /* where the contents of unfinished blocks begin */
	unsigned int depth;
};

void aml_init(struct aml *a, uint8_t *buf, size_t room);

/* Blocks with a length of their own: everything up to the matching aml_end() is inside. */
void aml_scope(struct aml *a, const char *path);  /* "\\_SB_": segments of four, divided by '.' */
void aml_device(struct aml *a, const char *name); /* four characters */
void aml_package(struct aml *a, uint8_t elements);
void aml_template(struct aml *a); /* a resource template: a buffer with an end tag */
void aml_end(struct aml *a);
void aml_template_end(struct aml *a);

void aml_name(struct aml *a, const char *name); /* Name(name, what is written next) */
void aml_integer(struct aml *a, uint64_t val);
void aml_eisaid(struct aml *a, const char *id); /* "PNP0A03" */

/* Resource descriptors, ACPI 3.0, 6.4. All ranges are fixed (not relocatable). */
void aml_bus_range(struct aml *a, uint16_t first, uint16_t last);
void aml_io_window(struct aml *a, uint16_t first, uint16_t last);   /* producer, entire range */
void aml_memory_window(struct aml *a, uint32_t first, uint32_t last); /* producer, non-cacheable */
void aml_io(struct aml *a, uint16_t port, uint8_t size);            /* decodes 16 bits */
/* A consumer's interrupt: level triggered; active low or high. */
void aml_interrupt(struct aml *a, uint32_t gsi, bool active_low);

#endif
