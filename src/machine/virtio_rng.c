/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Entropy for the guest out of the host's getrandom(2) (VIRTIO 1.1, 5.4). */
#include <stdlib.h>
#include <sys/random.h>

#include "machine/virtio.h"

#define TYPE_ENTROPY 4
#define MAX_BYTES 65536u /* of one request: a vCPU waits for them */

/* Fills the chain from the start; returns how many bytes. getrandom() never fails once seeded. */
static size_t fill(const struct virtio_chain *chain)
{
	size_t done = 0, len;
	ssize_t got;

	for (unsigned int i = 0; i < chain->nr_in && done < MAX_BYTES; i++) {
		len = chain->in[i].iov_len;
		if (len > MAX_BYTES - done)
			len = MAX_BYTES - done;
		got = getrandom(chain->in[i].iov_base, len, 0);
		if (got > 0)
			done += (size_t)got;
		if (got != (ssize_t)len)
			break;
	}
	return done;
}

static void rng_notify(struct virtio_device *vdev, unsigned int q)
{
	struct virtio_queue *vq = &vdev->queues[q];
	struct virtio_chain *chain;

	while ((chain = virtio_pop(vq)))
		virtio_push(vq, chain, fill(chain));
	virtio_signal(vq);
}

static void rng_destroy(struct virtio_device *vdev)
{
	virtio_fini(vdev);
	free(vdev);
}

static const struct virtio_ops rng_ops = {
	.notify = rng_notify,
	.destroy = rng_destroy,
};

int virtio_rng_add(struct pci_bus *bus, struct ia64_memory *mem, struct error *err)
{
	static const struct virtio_info info = {
		.type = TYPE_ENTROPY, .pci_class = 0x00ff00, .nr_queues = 1, .queue_size = { 8 },
	};
	struct virtio_device *vdev = calloc(1, sizeof(*vdev));

	if (!vdev)
		return error_set(err, "entropy device: out of memory");
	if (virtio_add(vdev, &info, &rng_ops, bus, mem, err) < 0) {
		free(vdev);
		return -1;
	}
	return 0;
}
