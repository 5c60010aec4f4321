/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Runs a list of bundles through GNU objdump for IA-64 and returns the text of each slot. */
#ifndef TESTS_DECODE_OBJDUMP_H
#define TESTS_DECODE_OBJDUMP_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ia64/disasm.h"

#define OBJDUMP "ia64-linux-gnu-objdump"

struct objdump_text {
	char text[3][IA64_DISASM_MAX];
	uint8_t stops;
};

/* Split a line of objdump's output: "  26:\t[MII] (p03) mov r5=r6;;". False if it is no
 * instruction. The text has no template, no padding and no ";;". */
static bool objdump_parse(char *line, uint64_t *address, char **text, bool *stop)
{
	char *end, *s;
	size_t n;

	*address = strtoull(line, &end, 16);
	if (end == line || *end != ':')
		return false;
	s = end + 1;
	s += strspn(s, "\t ");
	if (*s == '[') {
		s = strchr(s, ']');
		if (!s)
			return false;
		s++;
	}
	s += strspn(s, "\t ");
	n = strcspn(s, "\n");
	while (n && s[n - 1] == ' ')
		n--;
	*stop = n >= 2 && !memcmp(s + n - 2, ";;", 2);
	if (*stop)
		n -= 2;
	s[n] = '\0';
	*text = s;
	return true;
}

/* Disassemble n bundles placed at address `base`. Returns n texts to be freed, or NULL with a
 * message on stderr. */
static struct objdump_text *objdump_bundles(const uint8_t (*bundle)[16], size_t n, uint64_t base)
{
	struct objdump_text *out = calloc(n, sizeof(*out));
	char path[] = "/tmp/paravane-decode-XXXXXX";
	int fd = mkstemp(path);
	char command[256], *line = NULL;
	size_t size = 0, lines = 0;
	FILE *f;

	if (!out || fd < 0 || write(fd, bundle, n * 16) != (ssize_t)(n * 16)) {
		perror(path);
		exit(1);
	}
	close(fd);
	snprintf(command, sizeof(command),
		 OBJDUMP " -D -z -b binary -m ia64 --no-show-raw-insn --adjust-vma=0x%llx %s",
		 (unsigned long long)base, path);
	f = popen(command, "r");
	while (f && getline(&line, &size, f) > 0) {
		uint64_t address;
		char *text;
		bool stop;
		size_t i, slot;

		if (!objdump_parse(line, &address, &text, &stop))
			continue;
		i = (address - base) / 16;
		slot = (address - base) % 16 / 6;
		if (address < base || i >= n)
			continue;
		snprintf(out[i].text[slot], IA64_DISASM_MAX, "%s", text);
		out[i].stops |= stop << slot;
		lines++;
	}
	free(line);
	unlink(path);
	if (!f || pclose(f) || lines < n) {
		fprintf(stderr, OBJDUMP " did not disassemble the bundles; "
			"it is in Debian's package binutils-ia64-linux-gnu\n");
		free(out);
		return NULL;
	}
	return out;
}

#endif
