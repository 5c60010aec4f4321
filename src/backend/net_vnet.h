/* SPDX-License-Identifier: GPL-2.0-or-later */
/* struct net_offload as the header that a tap interface (IFF_VNET_HDR) has before each frame. */
#ifndef PARAVANE_BACKEND_NET_VNET_H
#define PARAVANE_BACKEND_NET_VNET_H

#include <linux/virtio_net.h>

#include "backend/net.h"

/* In host byte order. */
static inline void net_to_vnet(const struct net_offload *o, struct virtio_net_hdr *h)
{
	static const uint8_t gso[] = {
		[NET_GSO_NONE] = VIRTIO_NET_HDR_GSO_NONE,
		[NET_GSO_TCPV4] = VIRTIO_NET_HDR_GSO_TCPV4,
		[NET_GSO_TCPV6] = VIRTIO_NET_HDR_GSO_TCPV6,
	};

	*h = (struct virtio_net_hdr){
		.flags = o->needs_csum ? VIRTIO_NET_HDR_F_NEEDS_CSUM : 0,
		.gso_type = gso[o->gso] | (o->gso && o->ecn ? VIRTIO_NET_HDR_GSO_ECN : 0),
		.hdr_len = o->hdr_len, .gso_size = o->gso_size,
		.csum_start = o->csum_start, .csum_offset = o->csum_offset,
	};
}

static inline void net_from_vnet(const struct virtio_net_hdr *h, struct net_offload *o)
{
	*o = (struct net_offload){
		.needs_csum = h->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM,
		.csum_valid = h->flags & VIRTIO_NET_HDR_F_DATA_VALID,
		.ecn = h->gso_type & VIRTIO_NET_HDR_GSO_ECN,
		.hdr_len = h->hdr_len, .gso_size = h->gso_size,
		.csum_start = h->csum_start, .csum_offset = h->csum_offset,
	};
	switch (h->gso_type & ~VIRTIO_NET_HDR_GSO_ECN) {
	case VIRTIO_NET_HDR_GSO_TCPV4: o->gso = NET_GSO_TCPV4; break;
	case VIRTIO_NET_HDR_GSO_TCPV6: o->gso = NET_GSO_TCPV6; break;
	}
}

#endif
