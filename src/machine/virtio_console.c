/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The virtio console (VIRTIO 1.1, 5.3): one port between the guest and a character device. A chain
 * is held on to when the host takes only part of its output, or while input may come for it.
 */
#include <stdlib.h>

#include "backend/iov.h"
#include "machine/console.h"
#include "machine/virtio.h"

#define TYPE_CONSOLE 3
#define QUEUE_SIZE 64
#define CHUNK 4096

enum { QUEUE_RECEIVE, QUEUE_TRANSMIT };

struct virtio_console {
	struct virtio_device vdev;
	struct console_port *port;
	/* Guarded by vdev.lock. */
	struct virtio_chain *input;  /* taken for the input that comes next, or NULL */
	struct virtio_chain *output; /* not yet written wholly, or NULL */
	size_t output_done;
};

static struct virtio_console *to_console(struct virtio_device *vdev)
{
	return (struct virtio_console *)vdev;
}

/* Writes as far as the host takes it. */
static void run_output(struct virtio_console *dev)
{
	struct virtio_queue *vq = &dev->vdev.queues[QUEUE_TRANSMIT];
	uint8_t buf[CHUNK];
	size_t len, took;

	for (;;) {
		if (!dev->output) {
			dev->output = virtio_pop(vq);
			dev->output_done = 0;
		}
		if (!dev->output)
			break;
		len = iov_to_buf(dev->output->out, dev->output->nr_out, dev->output_done, buf,
				 sizeof(buf));
		if (!len) {
			virtio_push(vq, dev->output, 0);
			dev->output = NULL;
			continue;
		}
		took = console_write(dev->port, buf, len);
		dev->output_done += took;
		if (took < len)
			break;
	}
	virtio_signal(vq);
}

static void console_notify(struct virtio_device *vdev, unsigned int q)
{
	struct virtio_console *dev = to_console(vdev);

	if (q == QUEUE_RECEIVE)
		console_accept_input(dev->port);
	else
		run_output(dev);
}

static void console_quiesce(struct virtio_device *vdev)
{
	struct virtio_console *dev = to_console(vdev);

	virtio_chain_free(dev->input);
	virtio_chain_free(dev->output);
	dev->input = dev->output = NULL;
}

/* --- callbacks of the console, on the I/O thread --- */

static size_t can_receive(void *ctx)
{
	struct virtio_console *dev = ctx;
	struct virtio_queue *vq = &dev->vdev.queues[QUEUE_RECEIVE];
	size_t room;

	pthread_mutex_lock(&dev->vdev.lock);
	while (!dev->input && (dev->input = virtio_pop(vq)) && !dev->input->in_len) {
		virtio_push(vq, dev->input, 0);
		dev->input = NULL;
	}
	room = dev->input ? dev->input->in_len : 0;
	pthread_mutex_unlock(&dev->vdev.lock);
	return room;
}

static void receive(void *ctx, const uint8_t *buf, size_t len)
{
	struct virtio_console *dev = ctx;
	struct virtio_queue *vq = &dev->vdev.queues[QUEUE_RECEIVE];
	struct virtio_chain *chain;
	size_t part;

	pthread_mutex_lock(&dev->vdev.lock);
	while (len) {
		chain = dev->input ? dev->input : virtio_pop(vq);
		dev->input = NULL;
		/* A reset came in between: nobody is there to read it. */
		if (!chain)
			break;
		part = iov_from_buf(chain->in, chain->nr_in, 0, buf, len);
		virtio_push(vq, chain, part);
		buf += part;
		len -= part;
	}
	virtio_signal(vq);
	pthread_mutex_unlock(&dev->vdev.lock);
}

static void room_again(void *ctx)
{
	struct virtio_console *dev = ctx;

	pthread_mutex_lock(&dev->vdev.lock);
	run_output(dev);
	pthread_mutex_unlock(&dev->vdev.lock);
}

static const struct chardev_client client = {
	.can_receive = can_receive,
	.receive = receive,
	.writable = room_again,
};

static void console_destroy(struct virtio_device *vdev)
{
	struct virtio_console *dev = to_console(vdev);

	virtio_fini(vdev);
	free(dev);
}

static const struct virtio_ops console_ops = {
	.notify = console_notify,
	.quiesce = console_quiesce,
	.destroy = console_destroy,
};

int virtio_console_add(struct pci_bus *bus, struct ia64_memory *mem, struct console *con,
		       struct error *err)
{
	static const struct virtio_info info = {
		.type = TYPE_CONSOLE, .pci_class = 0x078000, .nr_queues = 2,
		.queue_size = { QUEUE_SIZE, QUEUE_SIZE },
	};
	struct virtio_console *dev = calloc(1, sizeof(*dev));

	if (!dev)
		return error_set(err, "virtio console: out of memory");
	if (virtio_add(&dev->vdev, &info, &console_ops, bus, mem, err) < 0) {
		free(dev);
		return -1;
	}
	dev->port = console_add_port(con, &client, dev);
	return dev->port ? 0 : error_set(err, "virtio console: the console has no port left");
}
