/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtio network card (VIRTIO 1.1, 5.1). Frames move on the I/O thread only: a notification by
 * the driver just posts work there.
 */
#include <stdlib.h>
#include <string.h>

#include "backend/eventloop.h"
#include "backend/iov.h"
#include "backend/net.h"
#include "machine/virtio.h"

#define TYPE_NET 1
#define QUEUE_SIZE 256
#define MAX_MERGED 64     /* chains that one received frame may take */
#define SENDS_AT_ONCE 128 /* then others on the I/O thread have their turn */

enum { QUEUE_RECEIVE, QUEUE_TRANSMIT };

enum {
	F_CSUM = 1 << 0,
	F_GUEST_CSUM = 1 << 1,
	F_MAC = 1 << 5,
	F_GUEST_TSO4 = 1 << 7,
	F_GUEST_TSO6 = 1 << 8,
	F_GUEST_ECN = 1 << 9,
	F_HOST_TSO4 = 1 << 11,
	F_HOST_TSO6 = 1 << 12,
	F_HOST_ECN = 1 << 13,
	F_MRG_RXBUF = 1 << 15,
	F_STATUS = 1 << 16,
};

/* What a feature needs of the network behind the card. */
static const struct {
	uint32_t feature;
	unsigned int offload;
} offloads[] = {
	{ F_CSUM, NET_SEND_CSUM },
	{ F_HOST_TSO4, NET_SEND_TSO4 },
	{ F_HOST_TSO6, NET_SEND_TSO6 },
	{ F_HOST_ECN, NET_SEND_ECN },
	{ F_GUEST_CSUM, NET_RECEIVE_CSUM },
	{ F_GUEST_TSO4, NET_RECEIVE_TSO4 },
	{ F_GUEST_TSO6, NET_RECEIVE_TSO6 },
	{ F_GUEST_ECN, NET_RECEIVE_ECN },
};

#define NR_OFFLOADS (sizeof(offloads) / sizeof(offloads[0]))

enum { HDR_NEEDS_CSUM = 1, HDR_DATA_VALID = 2 };
enum { GSO_TCPV4 = 1, GSO_TCPV6 = 4, GSO_ECN = 0x80 };

struct net_header {
	uint8_t flags, gso_type;
	uint16_t hdr_len, gso_size, csum_start, csum_offset;
	uint16_t num_buffers; /* not there for an old driver without MRG_RXBUF */
};

struct net_config {
	uint8_t mac[6];
	uint16_t status; /* bit 0: the link is up */
};

struct virtio_net {
	struct virtio_device vdev;
	struct eventloop *el;
	struct net *net;
	struct net_receiver receiver;
	struct eventloop_work send_work, receive_work;
	/* Guarded by vdev.lock. */
	bool sending;        /* a chain is with the network, without the lock */
	pthread_cond_t sent;
};

static struct virtio_net *to_net(struct virtio_device *vdev)
{
	return (struct virtio_net *)vdev;
}

static size_t header_size(const struct virtio_net *dev)
{
	return virtio_has(&dev->vdev, VIRTIO_F_VERSION_1 | F_MRG_RXBUF) ? 12 : 10;
}

/* --- guest to host --- */

/* What the driver asks for with a frame of `len` bytes; false if it makes no sense. */
static bool read_offload(const struct virtio_net *dev, const struct net_header *h, size_t len,
			 struct net_offload *o)
{
	*o = (struct net_offload){ 0 };
	if (h->flags & HDR_NEEDS_CSUM) {
		if (!virtio_has(&dev->vdev, F_CSUM) ||
		    (size_t)h->csum_start + h->csum_offset + 2 > len)
			return false;
		o->needs_csum = true;
		o->csum_start = h->csum_start;
		o->csum_offset = h->csum_offset;
	}
	switch (h->gso_type & ~GSO_ECN) {
	case 0:
		return true;
	case GSO_TCPV4:
		if (!virtio_has(&dev->vdev, F_HOST_TSO4))
			return false;
		o->gso = NET_GSO_TCPV4;
		break;
	case GSO_TCPV6:
		if (!virtio_has(&dev->vdev, F_HOST_TSO6))
			return false;
		o->gso = NET_GSO_TCPV6;
		break;
	default:
		return false;
	}
	o->ecn = h->gso_type & GSO_ECN && virtio_has(&dev->vdev, F_HOST_ECN);
	o->hdr_len = h->hdr_len;
	o->gso_size = h->gso_size;
	return o->needs_csum && o->gso_size;
}

/* Sends one chain; the lock is released meanwhile. False if the driver broke the rules. */
static bool send_chain(struct virtio_net *dev, struct virtio_chain *chain)
{
	size_t hsize = header_size(dev), len;
	struct iovec frame[VIRTIO_MAX_SEGMENTS];
	struct net_header h = { 0 };
	struct net_offload o;
	unsigned int n;

	if (chain->out_len < hsize) {
		virtio_fail(&dev->vdev, "a frame without its header");
		return false;
	}
	iov_to_buf(chain->out, chain->nr_out, 0, &h, hsize);
	len = chain->out_len - hsize;
	if (len > NET_MAX_FRAME || !read_offload(dev, &h, len, &o))
		return true;
	n = iov_slice(chain->out, chain->nr_out, hsize, len, frame);
	dev->sending = true;
	pthread_mutex_unlock(&dev->vdev.lock);
	net_send(dev->net, frame, n, &o);
	pthread_mutex_lock(&dev->vdev.lock);
	dev->sending = false;
	pthread_cond_broadcast(&dev->sent);
	return true;
}

static void run_send(void *ctx)
{
	struct virtio_net *dev = ctx;
	struct virtio_queue *vq = &dev->vdev.queues[QUEUE_TRANSMIT];
	struct virtio_chain *chain = NULL;

	pthread_mutex_lock(&dev->vdev.lock);
	for (int i = 0; i < SENDS_AT_ONCE; i++) {
		chain = virtio_pop(vq);
		if (!chain)
			break;
		if (!send_chain(dev, chain)) {
			virtio_chain_free(chain);
			break;
		}
		virtio_push(vq, chain, 0);
	}
	virtio_signal(vq);
	if (chain)
		eventloop_post(dev->el, &dev->send_work);
	pthread_mutex_unlock(&dev->vdev.lock);
}

/* --- host to guest --- */

static void write_header(const struct virtio_net *dev, const struct net_offload *o,
			 unsigned int buffers, struct net_header *h)
{
	*h = (struct net_header){ .num_buffers = (uint16_t)buffers };
	if (virtio_has(&dev->vdev, F_GUEST_CSUM)) {
		if (o->needs_csum) {
			h->flags = HDR_NEEDS_CSUM;
			h->csum_start = o->csum_start;
			h->csum_offset = o->csum_offset;
		} else if (o->csum_valid) {
			h->flags = HDR_DATA_VALID;
		}
	}
	if (o->gso != NET_GSO_NONE) {
		h->gso_type = o->gso == NET_GSO_TCPV4 ? GSO_TCPV4 : GSO_TCPV6;
		h->gso_type |= o->ecn ? GSO_ECN : 0;
		h->hdr_len = o->hdr_len;
		h->gso_size = o->gso_size;
	}
}

/* Takes chains for `total` bytes; returns how many, 0 with all put back if there are not enough. */
static unsigned int take_chains(struct virtio_net *dev, size_t total, unsigned int max,
				struct virtio_chain **chains, bool *too_long)
{
	struct virtio_queue *vq = &dev->vdev.queues[QUEUE_RECEIVE];
	unsigned int n = 0;
	size_t room = 0;

	*too_long = false;
	while (room < total) {
		if (n == max) {
			*too_long = true;
			break;
		}
		chains[n] = virtio_pop(vq);
		if (!chains[n])
			break;
		room += chains[n++]->in_len;
	}
	if (room >= total)
		return n;
	while (n)
		virtio_unpop(vq, chains[--n]);
	return 0;
}

static void fill_chains(struct virtio_net *dev, struct virtio_chain **chains, unsigned int n,
			const void *frame, size_t len, const struct net_offload *o)
{
	struct virtio_queue *vq = &dev->vdev.queues[QUEUE_RECEIVE];
	size_t hsize = header_size(dev), done = 0, part;
	struct net_header h;

	write_header(dev, o, n, &h);
	for (unsigned int i = 0; i < n; i++) {
		size_t skip = i ? 0 : hsize;

		iov_from_buf(chains[i]->in, chains[i]->nr_in, 0, &h, skip);
		part = iov_from_buf(chains[i]->in, chains[i]->nr_in, skip,
				    (const uint8_t *)frame + done, len - done);
		done += part;
		virtio_fill(vq, chains[i], skip + part, i);
	}
	virtio_flush(vq, n);
	virtio_signal(vq);
}

static bool receive(void *ctx, const void *frame, size_t len, const struct net_offload *o)
{
	struct virtio_net *dev = ctx;
	struct virtio_queue *vq = &dev->vdev.queues[QUEUE_RECEIVE];
	struct virtio_chain *chains[MAX_MERGED];
	bool too_long = false, taken = true;
	unsigned int n;

	pthread_mutex_lock(&dev->vdev.lock);
	/* No driver: the frame is lost, as on a wire. */
	if (virtio_queue_live(vq)) {
		n = take_chains(dev, header_size(dev) + len,
				virtio_has(&dev->vdev, F_MRG_RXBUF) ? MAX_MERGED : 1, chains,
				&too_long);
		if (n && chains[0]->in_len < header_size(dev)) {
			while (n)
				virtio_chain_free(chains[--n]);
			virtio_fail(&dev->vdev, "a receive buffer shorter than the header");
		} else if (n) {
			fill_chains(dev, chains, n, frame, len, o);
		} else {
			taken = too_long || dev->vdev.failure;
		}
	}
	pthread_mutex_unlock(&dev->vdev.lock);
	return taken;
}

static void run_receive(void *ctx)
{
	struct virtio_net *dev = ctx;

	net_resume(dev->net);
}

/* --- the device --- */

static void net_notify(struct virtio_device *vdev, unsigned int q)
{
	struct virtio_net *dev = to_net(vdev);

	eventloop_post(dev->el, q == QUEUE_TRANSMIT ? &dev->send_work : &dev->receive_work);
}

static void net_quiesce(struct virtio_device *vdev)
{
	struct virtio_net *dev = to_net(vdev);

	while (dev->sending)
		pthread_cond_wait(&dev->sent, &vdev->lock);
}

static void net_negotiated(struct virtio_device *vdev)
{
	unsigned int bits = 0;

	for (size_t i = 0; i < NR_OFFLOADS; i++)
		if (virtio_has(vdev, offloads[i].feature))
			bits |= offloads[i].offload;
	net_set_receive_offloads(to_net(vdev)->net, bits);
}

static void net_destroy(struct virtio_device *vdev)
{
	struct virtio_net *dev = to_net(vdev);

	net_set_receiver(dev->net, NULL);
	eventloop_cancel(dev->el, &dev->send_work);
	eventloop_cancel(dev->el, &dev->receive_work);
	net_close(dev->net);
	pthread_cond_destroy(&dev->sent);
	virtio_fini(vdev);
	free(dev);
}

static const struct virtio_ops net_ops = {
	.notify = net_notify,
	.quiesce = net_quiesce,
	.reset = net_negotiated,
	.negotiated = net_negotiated,
	.destroy = net_destroy,
};

int virtio_net_add(struct pci_bus *bus, struct ia64_memory *mem, struct eventloop *el,
		   struct net *net, const uint8_t mac[6], struct error *err)
{
	struct virtio_info info = {
		.type = TYPE_NET, .pci_class = 0x020000, .nr_queues = 2,
		.queue_size = { QUEUE_SIZE, QUEUE_SIZE }, .config_size = sizeof(struct net_config),
		.features = F_MAC | F_STATUS | F_MRG_RXBUF,
	};
	struct virtio_net *dev = calloc(1, sizeof(*dev));
	struct net_config *config;

	if (!dev)
		return error_set(err, "network card: out of memory");
	for (size_t i = 0; i < NR_OFFLOADS; i++)
		if (net_offloads(net) & offloads[i].offload)
			info.features |= offloads[i].feature;
	config = (struct net_config *)dev->vdev.config;
	memcpy(config->mac, mac, 6);
	config->status = 1;
	dev->el = el;
	dev->net = net;
	dev->receiver = (struct net_receiver){ .receive = receive, .ctx = dev };
	dev->send_work = (struct eventloop_work){ .fn = run_send, .ctx = dev };
	dev->receive_work = (struct eventloop_work){ .fn = run_receive, .ctx = dev };
	pthread_cond_init(&dev->sent, NULL);
	if (virtio_add(&dev->vdev, &info, &net_ops, bus, mem, err) < 0) {
		pthread_cond_destroy(&dev->sent);
		free(dev);
		return -1;
	}
	net_set_receiver(net, &dev->receiver);
	return 0;
}
