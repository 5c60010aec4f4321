/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Transitional virtio devices on the PCI bus: the registers and the split rings that all device
 * types share. A driver may use the legacy interface (I/O BAR 0) or that of version 1 (BAR 4).
 *
 * Threads: each device has one mutex, `lock`, that guards its registers, rings and what the device
 * type adds. Register accesses arrive on vCPU threads and take it; I/O threads and workers take it
 * to use a ring. Lock order: a device's lock, then the PCI bus's. Back ends are called with or
 * without it, as the device type says; they call back without any lock of theirs.
 *
 * The driver is not trusted: every ring field is read once, checked and used from the copy. A ring
 * that cannot be right makes the device fail (virtio_fail): it asks for a reset, and does nothing
 * more until it gets one.
 *
 * Sources: "Virtual I/O Device (VIRTIO) Version 1.1" (OASIS), chapters 2.6 and 4.1, the legacy
 * interfaces in the sections so named.
 */
#ifndef PARAVANE_MACHINE_VIRTIO_H
#define PARAVANE_MACHINE_VIRTIO_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "backend/error.h"
#include "ia64/memory.h"
#include "machine/pci.h"

#define VIRTIO_MAX_QUEUES 4
#define VIRTIO_MAX_CONFIG 256    /* bytes of device configuration */
#define VIRTIO_MAX_SEGMENTS 1024 /* memory pieces of one chain */
#define VIRTIO_MAX_CHAIN_LENGTH (1u << 28) /* bytes of one chain, each direction */

/* Feature bits that are not a device type's. */
#define VIRTIO_F_ANY_LAYOUT (1ull << 27)
#define VIRTIO_F_INDIRECT_DESC (1ull << 28)
#define VIRTIO_F_EVENT_IDX (1ull << 29)
#define VIRTIO_F_VERSION_1 (1ull << 32)

/* Device status bits. */
enum {
	VIRTIO_STATUS_ACKNOWLEDGE = 1,
	VIRTIO_STATUS_DRIVER = 2,
	VIRTIO_STATUS_DRIVER_OK = 4,
	VIRTIO_STATUS_FEATURES_OK = 8,
	VIRTIO_STATUS_NEEDS_RESET = 64,
	VIRTIO_STATUS_FAILED = 128,
};

#define VIRTIO_NO_VECTOR 0xffff

struct virtio_device;

struct virtio_queue {
	struct virtio_device *vdev;
	unsigned int index;
	uint16_t max_size, size; /* entries; size <= max_size, both powers of two */
	bool enabled;
	bool legacy;             /* laid out by QUEUE_PFN */
	uint64_t desc, avail, used; /* guest physical */
	uint16_t vector;
	uint16_t last_avail;     /* next entry of the available ring to look at */
	uint16_t used_idx;       /* next entry of the used ring to fill */
	uint16_t signalled_used; /* used_idx at the last interrupt considered */
};

/* One request of the driver's: what the device may read, then what it may write. */
struct virtio_chain {
	uint16_t head;
	uint32_t generation;    /* of the device, when it was taken */
	unsigned int nr_out, nr_in;
	size_t out_len, in_len;
	struct iovec *out, *in; /* host addresses; `in` follows `out` in iov */
	uint64_t *in_gpa;       /* guest physical addresses of the pieces of `in` */
	struct iovec iov[];
};

/* What a device type does. All are called with vdev->lock held. */
struct virtio_ops {
	/* The driver has put something into queue q. On a vCPU's thread: must not block. */
	void (*notify)(struct virtio_device *vdev, unsigned int q);
	/*
	 * Returns when the device holds no chain any more; may wait on a condition variable with
	 * vdev->lock. Meanwhile virtio_pop() finds nothing. May be NULL.
	 */
	void (*quiesce)(struct virtio_device *vdev);
	/* The driver has reset the device: forget what it negotiated. May be NULL. */
	void (*reset)(struct virtio_device *vdev);
	/* The driver has accepted `features`. May be NULL. */
	void (*negotiated)(struct virtio_device *vdev);
	/* The driver has written its part of `config`. May be NULL: writes are ignored then. */
	void (*config_written)(struct virtio_device *vdev, unsigned int offset, unsigned int size);
	/*
	 * Without the lock, and last: stop the back end, virtio_fini(), free vdev. No vCPU runs any
	 * more.
	 */
	void (*destroy)(struct virtio_device *vdev);
};

struct virtio_info {
	unsigned int type;          /* virtio device number: 1 net, 2 block, 3 console, 4 entropy */
	uint32_t pci_class;
	uint64_t features;          /* of the device type, those above are added */
	unsigned int nr_queues;
	uint16_t queue_size[VIRTIO_MAX_QUEUES];
	unsigned int config_size;
};

/* The first member of each device type's structure, zeroed by whoever allocates that. */
struct virtio_device {
	const struct virtio_ops *ops;
	struct pci_device *pci;
	struct ia64_memory *mem;

	pthread_mutex_t lock; /* guards what follows */
	unsigned int type;
	uint64_t offered, features; /* `features`: those the driver took */
	uint32_t offered_select, driver_select;
	uint64_t driver_features;   /* as written so far */
	uint8_t status, isr;
	uint16_t queue_select;
	uint16_t config_vector;
	bool quiescing;
	const char *failure;        /* why the device wants a reset, or NULL */
	uint32_t generation;        /* counts resets */
	unsigned int nr_queues;
	struct virtio_queue queues[VIRTIO_MAX_QUEUES];
	unsigned int config_size;
	_Alignas(8) uint8_t config[VIRTIO_MAX_CONFIG];
	unsigned int pci_cfg_cap;   /* offset of the configuration access capability */
};

/*
 * Puts the device on the bus, which owns it from then on. Returns 0, or -1 with *err set and the
 * device still the caller's.
 */
int virtio_add(struct virtio_device *vdev, const struct virtio_info *info,
	       const struct virtio_ops *ops, struct pci_bus *bus, struct ia64_memory *mem,
	       struct error *err);

/* Ends what virtio_add() began; only the structure's memory is left. */
void virtio_fini(struct virtio_device *vdev);

/* --- for device types; all with vdev->lock held --- */

static inline bool virtio_has(const struct virtio_device *vdev, uint64_t feature)
{
	return vdev->features & feature;
}

/*
 * Takes the next chain out of a queue, or returns NULL: nothing there, queue not in use, or the
 * driver's ring is wrong (the device has failed then). Frees with virtio_chain_free() or by
 * virtio_push().
 */
struct virtio_chain *virtio_pop(struct virtio_queue *vq);
void virtio_chain_free(struct virtio_chain *chain);
/* Puts back a chain that was popped last and not used: the next virtio_pop() finds it again. */
void virtio_unpop(struct virtio_queue *vq, struct virtio_chain *chain);
/* True if the driver has made the queue ready for use. */
bool virtio_queue_live(const struct virtio_queue *vq);

/*
 * Gives a chain back with `written` bytes put into its `in` pieces from the start, and frees it.
 * One taken before a reset is only freed. The driver is told by virtio_signal().
 */
void virtio_push(struct virtio_queue *vq, struct virtio_chain *chain, size_t written);
/*
 * In two steps, for packets that take several chains: fills used entry `ahead` places further on
 * (and frees the chain), then shows the driver `count` of them.
 */
void virtio_fill(struct virtio_queue *vq, struct virtio_chain *chain, size_t written,
		 unsigned int ahead);
void virtio_flush(struct virtio_queue *vq, unsigned int count);
/* Interrupts the driver if anything was used since the last call, and it did not ask not to. */
void virtio_signal(struct virtio_queue *vq);

/* The driver broke the rules: ask for a reset. `why` is a constant string. */
void virtio_fail(struct virtio_device *vdev, const char *why);

/* --- the devices: each takes what it is given when it returns 0, and leaves it when -1 --- */

struct block;
struct net;
struct console;
struct eventloop;

/* `serial` is what the guest sees as the disk's id (20 characters count). */
int virtio_blk_add(struct pci_bus *bus, struct ia64_memory *mem, struct block *blk,
		   const char *serial, struct error *err);
int virtio_net_add(struct pci_bus *bus, struct ia64_memory *mem, struct eventloop *el,
		   struct net *net, const uint8_t mac[6], struct error *err);
/* Becomes a port of the console, which must be disconnected before the bus is destroyed. */
int virtio_console_add(struct pci_bus *bus, struct ia64_memory *mem, struct console *con,
		       struct error *err);
int virtio_rng_add(struct pci_bus *bus, struct ia64_memory *mem, struct error *err);

#endif
