/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Cuts long TCP segments for receivers that cannot do it themselves. */
#ifndef PARAVANE_BACKEND_NET_SEGMENT_H
#define PARAVANE_BACKEND_NET_SEGMENT_H

#include "backend/net.h"

/*
 * True if what is said about the frame holds: places inside it, a TCP header where gso says there
 * is one, and not so many packets that cutting it is an attack. Whoever sent it may have said
 * anything.
 */
bool net_offload_valid(const uint8_t *frame, size_t len, const struct net_offload *o);
/*
 * Calls emit() with each packet the frame is to be cut into, checksums complete. `o` is valid and
 * has gso; the frame is left as it is. Any thread.
 */
void net_segment(const uint8_t *frame, size_t len, const struct net_offload *o,
		 void (*emit)(void *ctx, const uint8_t *packet, size_t len), void *ctx);

#endif
