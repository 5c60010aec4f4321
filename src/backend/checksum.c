/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Internet checksums (RFC 1071) of frames that a guest left to us. */
#include "backend/checksum.h"

#include <string.h>

#define PROTO_TCP 6
#define PROTO_UDP 17

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static void put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static uint64_t add(uint64_t sum, const uint8_t *p, size_t len)
{
	for (; len > 1; p += 2, len -= 2)
		sum += get16(p);
	return len ? sum + (uint64_t)(p[0] << 8) : sum;
}

static uint16_t fold(uint64_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

uint16_t checksum(const uint8_t *data, size_t len)
{
	return (uint16_t)~fold(add(0, data, len));
}

bool l4_prepare(uint8_t *frame, size_t len, struct l4_place *p)
{
	size_t ip = 14, l4, l4_len;
	uint64_t pseudo;
	uint16_t type;
	uint8_t proto;

	if (len < ip)
		return false;
	type = get16(frame + 12);
	if (type == 0x8100) {
		ip += 4;
		if (len < ip)
			return false;
		type = get16(frame + 16);
	}
	if (type == 0x0800) {
		if (len < ip + 20 || frame[ip] >> 4 != 4)
			return false;
		l4 = ip + (frame[ip] & 15) * 4u;
		/* More fragments, or not the first. */
		if (l4 < ip + 20 || (get16(frame + ip + 6) & 0x3fff))
			return false;
		proto = frame[ip + 9];
		pseudo = add(0, frame + ip + 12, 8);
	} else if (type == 0x86dd) {
		if (len < ip + 40 || frame[ip] >> 4 != 6)
			return false;
		l4 = ip + 40;
		proto = frame[ip + 6];
		pseudo = add(0, frame + ip + 8, 32);
	} else {
		return false;
	}
	p->ipv6 = type == 0x86dd;
	p->tcp = proto == PROTO_TCP;
	p->offset = p->tcp ? 16 : 6;
	if ((!p->tcp && proto != PROTO_UDP) || l4 > len || len - l4 < (p->tcp ? 20u : 8u))
		return false;
	p->start = (uint16_t)l4;
	p->hdr_len = (uint16_t)(l4 + (p->tcp ? (frame[l4 + 12] >> 4) * 4u : 8u));
	if (p->tcp && (p->hdr_len < l4 + 20 || p->hdr_len > len))
		return false;
	l4_len = len - l4;
	pseudo += proto + (l4_len & 0xffff) + (l4_len >> 16);
	put16(frame + l4 + p->offset, fold(pseudo));
	return true;
}

void l4_complete(uint8_t *frame, size_t len, uint16_t start, uint16_t offset)
{
	uint16_t sum = (uint16_t)~fold(add(0, frame + start, len - start));

	/* Zero means "none" in UDP over IPv4; all ones is the same sum. */
	put16(frame + start + offset, sum || offset == 16 ? sum : 0xffff);
}
