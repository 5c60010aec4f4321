/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Assembles instructions with GNU as for IA-64, one a bundle, for tests of the decoder. */
#ifndef TESTS_DECODE_ASSEMBLE_H
#define TESTS_DECODE_ASSEMBLE_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "ia64/decode.h"

/* A bundle with the instruction in the slot its unit has: M 0, I 1, F 2 of MMF, B 2 of MIB, X.
 * Its address is "1b" to the instruction. */
static void assemble_one(FILE *f, enum ia64_unit unit, const char *text)
{
	fputs("1:\n", f);
	switch (unit) {
	case UNIT_M:
		fprintf(f, "{ .mii\n\t%s\n\tnop.i 0\n\tnop.i 0\n}\n", text);
		break;
	case UNIT_I:
		fprintf(f, "{ .mii\n\tnop.m 0\n\t%s\n\tnop.i 0\n}\n", text);
		break;
	case UNIT_F:
		fprintf(f, "{ .mmf\n\tnop.m 0\n\tnop.m 0\n\t%s\n}\n", text);
		break;
	case UNIT_B:
		fprintf(f, "{ .mib\n\tnop.m 0\n\tnop.i 0\n\t%s\n}\n", text);
		break;
	default:
		fprintf(f, "{ .mlx\n\tnop.m 0\n\t%s\n}\n", text);
		break;
	}
}

/* Where assemble_one puts the instruction. */
static unsigned int assemble_slot(enum ia64_unit unit)
{
	return unit == UNIT_M ? 0 : unit == UNIT_I || unit == UNIT_X ? 1 : 2;
}

/* Assemble the text of a whole file. Returns the bytes of .text, to be freed, and their number;
 * NULL, with the assembler's own message on stderr, if it refuses. */
static uint8_t *assemble_text(const char *source, size_t *size)
{
	char s[] = "/tmp/paravane-as-XXXXXX";
	char command[512];
	uint8_t *code = NULL;
	int fd = mkstemp(s);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w");

	if (!f) {
		perror(s);
		return NULL;
	}
	fputs(source, f);
	fclose(f);
	snprintf(command, sizeof(command),
		 "ia64-linux-gnu-as -W -xnone -o %s.o %s && "
		 "ia64-linux-gnu-objcopy -O binary -j .text %s.o %s.bin", s, s, s, s);
	if (!system(command)) {
		snprintf(command, sizeof(command), "%s.bin", s);
		f = fopen(command, "r");
		if (f && !fseek(f, 0, SEEK_END)) {
			*size = (size_t)ftell(f);
			code = malloc(*size);
			rewind(f);
			if (code && fread(code, 1, *size, f) != *size) {
				free(code);
				code = NULL;
			}
			fclose(f);
		}
		unlink(command);
	}
	snprintf(command, sizeof(command), "%s.o", s);
	unlink(command);
	unlink(s);
	return code;
}

#endif
