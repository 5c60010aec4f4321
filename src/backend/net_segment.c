/* SPDX-License-Identifier: GPL-2.0-or-later */
/* TCP segmentation (RFC 9293) in software. */
#include "backend/net_segment.h"

#include <string.h>

#include "backend/checksum.h"

#define ETH_HEADER 14u
#define TCP_MIN 20u
/*
 * A frame costs its receiver by the packet. Linux's TCP makes none smaller than this; and of the
 * longest frame at the least MSS Linux takes (48, with time stamps), no more than that.
 */
#define MIN_GSO_SIZE 8u
#define MAX_SEGMENTS 2048u
#define TCP_FIN_PSH 0x09u
#define TCP_CWR 0x80u

/* Where the IP header starts behind up to one VLAN tag. */
static size_t ip_at(const uint8_t *f)
{
	return f[12] == 0x81 && f[13] == 0 ? ETH_HEADER + 4 : ETH_HEADER;
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put16(uint8_t *p, unsigned int v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

static size_t header_length(const uint8_t *f, const struct net_offload *o)
{
	return o->csum_start + (f[o->csum_start + 12] >> 4) * 4u;
}

bool net_offload_valid(const uint8_t *f, size_t len, const struct net_offload *o)
{
	bool v6 = o->gso == NET_GSO_TCPV6;
	size_t ip, start = o->csum_start, headers;

	if (len < ETH_HEADER)
		return false;
	if (o->needs_csum && (start < ETH_HEADER || start + o->csum_offset + 2 > len))
		return false;
	if (o->gso == NET_GSO_NONE)
		return true;
	if (!o->needs_csum || o->gso_size < MIN_GSO_SIZE || o->csum_offset != 16 ||
	    start + TCP_MIN > len)
		return false;
	ip = ip_at(f);
	/* An IPv6 packet with extension headers has its TCP further behind. */
	if (start < ip + (v6 ? 40u : 20u) || f[ip] >> 4 != (v6 ? 6 : 4) ||
	    (!v6 && start != ip + (f[ip] & 15) * 4u))
		return false;
	headers = header_length(f, o);
	return headers >= start + TCP_MIN && headers < len && headers <= 512 &&
	       len - headers <= (size_t)MAX_SEGMENTS * o->gso_size;
}

void net_segment(const uint8_t *f, size_t len, const struct net_offload *o,
		 void (*emit)(void *ctx, const uint8_t *packet, size_t len), void *ctx)
{
	size_t ip = ip_at(f), tcp = o->csum_start, headers = header_length(f, o), at, part;
	uint8_t packet[512 + UINT16_MAX];
	struct l4_place l4;
	unsigned int id = (unsigned int)(f[ip + 4] << 8 | f[ip + 5]);

	memcpy(packet, f, headers);
	for (at = headers; at < len; at += part, id++) {
		part = len - at < o->gso_size ? len - at : o->gso_size;
		memcpy(packet + headers, f + at, part);
		put32(packet + tcp + 4, get32(f + tcp + 4) + (uint32_t)(at - headers));
		packet[tcp + 13] = f[tcp + 13];
		if (at + part < len)
			packet[tcp + 13] &= (uint8_t)~TCP_FIN_PSH;
		if (at > headers)
			packet[tcp + 13] &= (uint8_t)~TCP_CWR;
		if (o->gso == NET_GSO_TCPV4) {
			put16(packet + ip + 2, (unsigned int)(headers - ip + part));
			put16(packet + ip + 4, id & 0xffff);
			put16(packet + ip + 10, 0);
			put16(packet + ip + 10, checksum(packet + ip, tcp - ip));
		} else {
			put16(packet + ip + 4, (unsigned int)(headers - ip - 40 + part));
		}
		/* Behind IPv6 extension headers, which nobody sends with TCP: dropped. */
		if (!l4_prepare(packet, headers + part, &l4))
			return;
		l4_complete(packet, headers + part, l4.start, l4.offset);
		emit(ctx, packet, headers + part);
	}
}
