/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The AML writer. Block lengths are inserted when a block ends, since their own size varies. */
#include "machine/aml.h"

#include <string.h>

void aml_init(struct aml *a, uint8_t *buf, size_t room)
{
	memset(a, 0, sizeof(*a));
	a->buf = buf;
	a->room = room;
}

static void bytes(struct aml *a, const void *p, size_t n)
{
	if (a->full || n > a->room - a->len) {
		a->full = true;
		return;
	}
	memcpy(a->buf + a->len, p, n);
	a->len += n;
}

static void byte(struct aml *a, unsigned int b)
{
	uint8_t v = (uint8_t)b;

	bytes(a, &v, 1);
}

static void begin(struct aml *a)
{
	if (a->depth == AML_MAX_DEPTH)
		a->full = true;
	else
		a->open[a->depth++] = a->len;
}

/* PkgLength: counts itself; 1 byte up to 63, else 2 to 4 with the low nibble first. */
void aml_end(struct aml *a)
{
	uint8_t len[4];
	size_t start, inside, total;
	unsigned int n, i;

	if (a->full || !a->depth)
		return;
	start = a->open[--a->depth];
	inside = a->len - start;
	for (n = 1; n < 4; n++) {
		total = inside + n;
		if (total < (n == 1 ? 64u : 1u << (4 + 8 * (n - 1))))
			break;
	}
	total = inside + n;
	if (n > a->room - a->len) {
		a->full = true;
		return;
	}
	len[0] = (uint8_t)(n == 1 ? total : (n - 1) << 6 | (total & 15));
	for (i = 1; i < n; i++)
		len[i] = (uint8_t)(total >> (4 + 8 * (i - 1)));
	memmove(a->buf + start + n, a->buf + start, inside);
	memcpy(a->buf + start, len, n);
	a->len += n;
}

enum {
	OP_NAME = 0x08,
	OP_BYTE = 0x0a,
	OP_WORD = 0x0b,
	OP_DWORD = 0x0c,
	OP_QWORD = 0x0e,
	OP_SCOPE = 0x10,
	OP_BUFFER = 0x11,
	OP_PACKAGE = 0x12,
	OP_EXT = 0x5b,
	OP_EXT_DEVICE = 0x82,
};

void aml_scope(struct aml *a, const char *path)
{
	byte(a, OP_SCOPE);
	begin(a);
	bytes(a, path, strlen(path));
}

void aml_device(struct aml *a, const char *name)
{
	byte(a, OP_EXT);
	byte(a, OP_EXT_DEVICE);
	begin(a);
	bytes(a, name, 4);
}

void aml_package(struct aml *a, uint8_t elements)
{
	byte(a, OP_PACKAGE);
	begin(a);
	byte(a, elements);
}

/* A Buffer says its size inside: it is written last, in front of the bytes, as a word. */
void aml_template(struct aml *a)
{
	byte(a, OP_BUFFER);
	begin(a);
	byte(a, OP_WORD);
	bytes(a, "\0\0", 2);
}

void aml_template_end(struct aml *a)
{
	size_t start, size;

	bytes(a, "\x79\0", 2); /* end tag; checksum 0 counts as right */
	if (a->full || !a->depth)
		return;
	start = a->open[a->depth - 1];
	size = a->len - start - 3;
	a->buf[start + 1] = (uint8_t)size;
	a->buf[start + 2] = (uint8_t)(size >> 8);
	aml_end(a);
}

void aml_name(struct aml *a, const char *name)
{
	byte(a, OP_NAME);
	bytes(a, name, 4);
}

void aml_integer(struct aml *a, uint64_t val)
{
	if (val <= 1) {
		byte(a, (unsigned int)val);
	} else if (val <= 0xff) {
		byte(a, OP_BYTE);
		bytes(a, &val, 1);
	} else if (val <= 0xffff) {
		byte(a, OP_WORD);
		bytes(a, &val, 2);
	} else if (val <= 0xffffffff) {
		byte(a, OP_DWORD);
		bytes(a, &val, 4);
	} else {
		byte(a, OP_QWORD);
		bytes(a, &val, 8);
	}
}

static unsigned int hex(char c)
{
	return (unsigned int)(c <= '9' ? c - '0' : c - 'A' + 10);
}

void aml_eisaid(struct aml *a, const char *id)
{
	/* Three letters of five bits, then four hexadecimal digits, big-endian. */
	uint32_t v = (uint32_t)((id[0] & 31) << 26 | (id[1] & 31) << 21 | (id[2] & 31) << 16) |
		     hex(id[3]) << 12 | hex(id[4]) << 8 | hex(id[5]) << 4 | hex(id[6]);

	byte(a, OP_DWORD);
	v = __builtin_bswap32(v);
	bytes(a, &v, 4);
}

/* Word and dword address space descriptors, 6.4.3.5: type 0 memory, 1 I/O, 2 bus. */
#define RANGE_FIXED 0x0cu /* minimum and maximum are fixed, positive decode, producer */

void aml_bus_range(struct aml *a, uint16_t first, uint16_t last)
{
	uint16_t v[5] = { 0, first, last, 0, (uint16_t)(last - first + 1) };

	bytes(a, "\x88\x0d\x00\x02", 4);
	byte(a, RANGE_FIXED);
	byte(a, 0);
	bytes(a, v, sizeof(v));
}

void aml_io_window(struct aml *a, uint16_t first, uint16_t last)
{
	uint16_t v[5] = { 0, first, last, 0, (uint16_t)(last - first + 1) };

	bytes(a, "\x88\x0d\x00\x01", 4);
	byte(a, RANGE_FIXED);
	byte(a, 0x03); /* the entire range, ISA and not */
	bytes(a, v, sizeof(v));
}

void aml_memory_window(struct aml *a, uint32_t first, uint32_t last)
{
	uint32_t v[5] = { 0, first, last, 0, last - first + 1 };

	bytes(a, "\x87\x17\x00\x00", 4);
	byte(a, RANGE_FIXED);
	byte(a, 0x01); /* read-write, non-cacheable */
	bytes(a, v, sizeof(v));
}

void aml_io(struct aml *a, uint16_t port, uint8_t size)
{
	byte(a, 0x47);
	byte(a, 1); /* decodes 16 bits */
	bytes(a, &port, 2);
	bytes(a, &port, 2);
	byte(a, 1); /* alignment */
	byte(a, size);
}

void aml_interrupt(struct aml *a, uint32_t gsi, bool active_low)
{
	bytes(a, "\x89\x06\x00", 3);
	byte(a, 0x01u | (active_low ? 0x04u : 0)); /* consumer, level, not shared */
	byte(a, 1);
	bytes(a, &gsi, 4);
}
