/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the TCP or UDP checksum of a frame is, and what it is. */
#ifndef PARAVANE_BACKEND_CHECKSUM_H
#define PARAVANE_BACKEND_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct l4_place {
	bool ipv6, tcp;
	uint16_t start;   /* of the TCP or UDP header in the frame */
	uint16_t offset;  /* of the checksum in it */
	uint16_t hdr_len; /* all headers: where the payload starts */
};

/*
 * Finds the header in an Ethernet frame with IPv4 or IPv6, one VLAN tag allowed. False: it is no
 * TCP or UDP, is a fragment, or is too short. Writes the pseudo header's sum into the checksum's
 * place, which is how hardware wants it.
 */
bool l4_prepare(uint8_t *frame, size_t len, struct l4_place *p);
/*
 * Completes a checksum whose place holds the pseudo header's sum. start + offset + 2 must not lie
 * behind the frame's end.
 */
void l4_complete(uint8_t *frame, size_t len, uint16_t start, uint16_t offset);
/* The Internet checksum of len bytes, as it goes into a header. */
uint16_t checksum(const uint8_t *data, size_t len);

#endif
