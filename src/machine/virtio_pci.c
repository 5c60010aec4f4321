/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The registers of a virtio device on PCI: the legacy I/O BAR and the version 1 structures. */
#include <stddef.h>
#include <string.h>

#include "machine/virtio.h"

#define VIRTIO_VENDOR 0x1af4
#define VIRTIO_RING_ALIGN 4096           /* VIRTIO 1.1, 2.6.2: of the legacy interface */

/* BARs. 1 holds the MSI-X table. */
enum { BAR_LEGACY = 0, BAR_MSIX = 1, BAR_MODERN = 4 };

#define LEGACY_SIZE 512
#define MSIX_SIZE 4096
#define MODERN_SIZE 0x4000

/* Structures in BAR 4, one each 4 KiB. */
enum { AREA_COMMON, AREA_ISR, AREA_DEVICE, AREA_NOTIFY };
#define AREA_SHIFT 12
#define NOTIFY_MULTIPLIER 4

/* VIRTIO 1.1, 4.1.4: capability types and the capability's layout. */
enum { CAP_COMMON = 1, CAP_NOTIFY, CAP_ISR, CAP_DEVICE, CAP_PCI };

struct virtio_cap {
	uint8_t id, next, len, type, bar, padding[3];
	uint32_t offset, length;
	union {
		uint32_t notify_multiplier;
		uint8_t pci_data[4];
	};
};

/* VIRTIO 1.1, 4.1.4.3 */
struct common {
	uint32_t device_feature_select;
	uint32_t device_feature;
	uint32_t driver_feature_select;
	uint32_t driver_feature;
	uint16_t msix_config;
	uint16_t num_queues;
	uint8_t device_status;
	uint8_t config_generation;
	uint16_t queue_select;
	uint16_t queue_size;
	uint16_t queue_msix_vector;
	uint16_t queue_enable;
	uint16_t queue_notify_off;
	uint64_t queue_desc;
	uint64_t queue_driver;
	uint64_t queue_device;
};

/* VIRTIO 1.1, 4.1.4.8; the two vectors are there only while MSI-X is on. */
enum {
	LEGACY_DEVICE_FEATURES = 0,
	LEGACY_DRIVER_FEATURES = 4,
	LEGACY_QUEUE_PFN = 8,
	LEGACY_QUEUE_SIZE = 12,
	LEGACY_QUEUE_SELECT = 14,
	LEGACY_QUEUE_NOTIFY = 16,
	LEGACY_STATUS = 18,
	LEGACY_ISR = 19,
	LEGACY_CONFIG_VECTOR = 20,
	LEGACY_QUEUE_VECTOR = 22,
	LEGACY_CONFIG_NO_MSIX = 20,
	LEGACY_CONFIG_MSIX = 24,
};

_Static_assert(sizeof(struct common) == 56, "common configuration structure");
_Static_assert(offsetof(struct virtio_cap, offset) == 8, "capability");

static struct virtio_queue *selected(struct virtio_device *vdev)
{
	return vdev->queue_select < vdev->nr_queues ? &vdev->queues[vdev->queue_select] : NULL;
}

static void reset_queue(struct virtio_queue *vq)
{
	vq->size = vq->max_size;
	vq->enabled = vq->legacy = false;
	vq->desc = vq->avail = vq->used = 0;
	vq->vector = VIRTIO_NO_VECTOR;
	vq->last_avail = vq->used_idx = vq->signalled_used = 0;
}

static void quiesce(struct virtio_device *vdev)
{
	if (!vdev->ops->quiesce || vdev->quiescing)
		return;
	vdev->quiescing = true;
	vdev->ops->quiesce(vdev);
	vdev->quiescing = false;
}

static void reset(struct virtio_device *vdev)
{
	quiesce(vdev);
	vdev->generation++;
	vdev->status = vdev->isr = 0;
	vdev->features = vdev->driver_features = 0;
	vdev->offered_select = vdev->driver_select = 0;
	vdev->queue_select = 0;
	vdev->config_vector = VIRTIO_NO_VECTOR;
	vdev->failure = NULL;
	for (unsigned int i = 0; i < vdev->nr_queues; i++)
		reset_queue(&vdev->queues[i]);
	pci_intx(vdev->pci, false);
	if (vdev->ops->reset)
		vdev->ops->reset(vdev);
}

/* Tells the driver that the status has changed. */
static void signal_config(struct virtio_device *vdev)
{
	if (!(vdev->status & VIRTIO_STATUS_DRIVER_OK))
		return;
	if (pci_msix_enabled(vdev->pci)) {
		pci_msix(vdev->pci, vdev->config_vector);
	} else {
		vdev->isr |= 2;
		pci_intx(vdev->pci, true);
	}
}

void virtio_fail(struct virtio_device *vdev, const char *why)
{
	if (vdev->failure)
		return;
	vdev->failure = why;
	if (virtio_has(vdev, VIRTIO_F_VERSION_1)) {
		vdev->status |= VIRTIO_STATUS_NEEDS_RESET;
		signal_config(vdev);
	}
}

static void accept_features(struct virtio_device *vdev)
{
	vdev->features = vdev->driver_features & vdev->offered;
	if (vdev->ops->negotiated)
		vdev->ops->negotiated(vdev);
}

static void write_status(struct virtio_device *vdev, uint8_t val, bool modern)
{
	uint8_t added = val & ~vdev->status;

	if (!val) {
		reset(vdev);
		return;
	}
	if (modern && added & VIRTIO_STATUS_FEATURES_OK) {
		/* VIRTIO 1.1, 3.1.1 and 6.1: the bit stays clear if the choice cannot be served. */
		if (vdev->driver_features & ~vdev->offered ||
		    !(vdev->driver_features & VIRTIO_F_VERSION_1))
			val &= (uint8_t)~VIRTIO_STATUS_FEATURES_OK;
		else
			accept_features(vdev);
	}
	vdev->status |= val & (uint8_t)~VIRTIO_STATUS_NEEDS_RESET;
	/* Buffers may have been made available before. */
	if (added & VIRTIO_STATUS_DRIVER_OK)
		for (unsigned int i = 0; i < vdev->nr_queues; i++)
			if (vdev->queues[i].enabled)
				vdev->ops->notify(vdev, i);
}

static void notify(struct virtio_device *vdev, uint64_t q)
{
	if (q < vdev->nr_queues && vdev->queues[q].enabled)
		vdev->ops->notify(vdev, (unsigned int)q);
}

static uint16_t check_vector(struct virtio_device *vdev, uint64_t vector)
{
	/* One vector for each queue and one for the configuration. */
	return vector <= vdev->nr_queues ? (uint16_t)vector : VIRTIO_NO_VECTOR;
}

static uint8_t read_isr(struct virtio_device *vdev)
{
	uint8_t isr = vdev->isr;

	vdev->isr = 0;
	pci_intx(vdev->pci, false);
	return isr;
}

/* --- device configuration --- */

static uint64_t read_config(struct virtio_device *vdev, uint64_t offset, unsigned int size)
{
	uint64_t val = 0;

	if (offset < vdev->config_size) {
		if (size > vdev->config_size - offset)
			size = (unsigned int)(vdev->config_size - offset);
		memcpy(&val, vdev->config + offset, size);
	}
	return val;
}

static void write_config(struct virtio_device *vdev, uint64_t offset, unsigned int size,
			 uint64_t val)
{
	if (!vdev->ops->config_written || offset >= vdev->config_size ||
	    size > vdev->config_size - offset)
		return;
	memcpy(vdev->config + offset, &val, size);
	vdev->ops->config_written(vdev, (unsigned int)offset, size);
}

/* --- legacy interface --- */

static void legacy_set_pfn(struct virtio_device *vdev, uint32_t pfn)
{
	struct virtio_queue *vq = selected(vdev);
	uint16_t vector;
	uint64_t avail_end;

	if (!vq)
		return;
	quiesce(vdev);
	vector = vq->vector;
	reset_queue(vq);
	vq->vector = vector;
	if (!pfn)
		return;
	vq->desc = (uint64_t)pfn * VIRTIO_RING_ALIGN;
	vq->avail = vq->desc + 16ull * vq->size;
	avail_end = vq->avail + 6 + 2ull * vq->size;
	vq->used = (avail_end + VIRTIO_RING_ALIGN - 1) & ~(uint64_t)(VIRTIO_RING_ALIGN - 1);
	vq->enabled = vq->legacy = true;
}

static uint64_t legacy_read(struct virtio_device *vdev, uint64_t offset, unsigned int size)
{
	struct virtio_queue *vq = selected(vdev);
	bool msix = pci_msix_enabled(vdev->pci);
	unsigned int config = msix ? LEGACY_CONFIG_MSIX : LEGACY_CONFIG_NO_MSIX;

	if (offset >= config)
		return read_config(vdev, offset - config, size);
	switch (offset) {
	case LEGACY_DEVICE_FEATURES: return (uint32_t)vdev->offered;
	case LEGACY_DRIVER_FEATURES: return (uint32_t)vdev->driver_features;
	case LEGACY_QUEUE_PFN: return vq && vq->legacy ? vq->desc / VIRTIO_RING_ALIGN : 0;
	case LEGACY_QUEUE_SIZE: return vq ? vq->max_size : 0;
	case LEGACY_QUEUE_SELECT: return vdev->queue_select;
	case LEGACY_STATUS: return vdev->status;
	case LEGACY_ISR: return read_isr(vdev);
	case LEGACY_CONFIG_VECTOR: return vdev->config_vector;
	case LEGACY_QUEUE_VECTOR: return vq ? vq->vector : VIRTIO_NO_VECTOR;
	default: return 0;
	}
}

static void legacy_write(struct virtio_device *vdev, uint64_t offset, unsigned int size,
			 uint64_t val)
{
	struct virtio_queue *vq = selected(vdev);
	bool msix = pci_msix_enabled(vdev->pci);
	unsigned int config = msix ? LEGACY_CONFIG_MSIX : LEGACY_CONFIG_NO_MSIX;

	if (offset >= config) {
		write_config(vdev, offset - config, size, val);
		return;
	}
	switch (offset) {
	case LEGACY_DRIVER_FEATURES:
		if (vdev->status & VIRTIO_STATUS_DRIVER_OK)
			break;
		vdev->driver_features = (uint32_t)val;
		accept_features(vdev);
		break;
	case LEGACY_QUEUE_PFN: legacy_set_pfn(vdev, (uint32_t)val); break;
	case LEGACY_QUEUE_SELECT: vdev->queue_select = (uint16_t)val; break;
	case LEGACY_QUEUE_NOTIFY: notify(vdev, val); break;
	case LEGACY_STATUS: write_status(vdev, (uint8_t)val, false); break;
	case LEGACY_CONFIG_VECTOR: vdev->config_vector = check_vector(vdev, val); break;
	case LEGACY_QUEUE_VECTOR:
		if (vq)
			vq->vector = check_vector(vdev, val);
		break;
	}
}

/* --- version 1 interface --- */

static uint64_t common_read(struct virtio_device *vdev, uint64_t offset, unsigned int size)
{
	struct virtio_queue *vq = selected(vdev);
	uint64_t val = 0;
	struct common c = {
		.device_feature_select = vdev->offered_select,
		.device_feature = vdev->offered_select < 2 ?
			(uint32_t)(vdev->offered >> (32 * vdev->offered_select)) : 0,
		.driver_feature_select = vdev->driver_select,
		.driver_feature = vdev->driver_select < 2 ?
			(uint32_t)(vdev->driver_features >> (32 * vdev->driver_select)) : 0,
		.msix_config = vdev->config_vector,
		.num_queues = (uint16_t)vdev->nr_queues,
		.device_status = vdev->status,
		.queue_select = vdev->queue_select,
	};

	if (vq) {
		c.queue_size = vq->size;
		c.queue_msix_vector = vq->vector;
		c.queue_enable = vq->enabled;
		c.queue_notify_off = (uint16_t)vq->index;
		c.queue_desc = vq->desc;
		c.queue_driver = vq->avail;
		c.queue_device = vq->used;
	}
	if (offset < sizeof(c) && size <= sizeof(c) - offset)
		memcpy(&val, (const uint8_t *)&c + offset, size);
	return val;
}

static void enable_queue(struct virtio_device *vdev, struct virtio_queue *vq)
{
	const struct ia64_memory *mem = vdev->mem;
	uint64_t n = vq->size;

	if (vq->desc % 16 || vq->avail % 2 || vq->used % 4 ||
	    !ia64_memory_is_ram(mem, vq->desc, 16 * n) ||
	    !ia64_memory_is_ram(mem, vq->avail, 6 + 2 * n) ||
	    !ia64_memory_is_ram(mem, vq->used, 6 + 8 * n)) {
		virtio_fail(vdev, "a queue is misaligned or not in memory");
		return;
	}
	vq->enabled = true;
}

/* One half, or all, of a 64-bit register. */
static void write_address(uint64_t *reg, unsigned int half, unsigned int size, uint64_t val)
{
	if (size == 8)
		*reg = val;
	else if (half)
		*reg = (*reg & 0xffffffffull) | val << 32;
	else
		*reg = (*reg & ~0xffffffffull) | (val & 0xffffffffull);
}

static void write_queue(struct virtio_device *vdev, uint64_t offset, unsigned int size,
			uint64_t val)
{
	struct virtio_queue *vq = selected(vdev);

	if (!vq)
		return;
	if (offset == offsetof(struct common, queue_msix_vector)) {
		vq->vector = check_vector(vdev, val);
		return;
	}
	/* VIRTIO 1.1, 4.1.4.3.2: the rest stays as it is once the queue is enabled. */
	if (vq->enabled)
		return;
	switch (offset) {
	case offsetof(struct common, queue_size):
		if (val && val <= vq->max_size && !(val & (val - 1)))
			vq->size = (uint16_t)val;
		else
			virtio_fail(vdev, "a queue's size is not a power of two or too large");
		break;
	case offsetof(struct common, queue_enable):
		if (val == 1)
			enable_queue(vdev, vq);
		break;
	case offsetof(struct common, queue_desc):
	case offsetof(struct common, queue_desc) + 4:
		write_address(&vq->desc, offset & 4, size, val);
		break;
	case offsetof(struct common, queue_driver):
	case offsetof(struct common, queue_driver) + 4:
		write_address(&vq->avail, offset & 4, size, val);
		break;
	case offsetof(struct common, queue_device):
	case offsetof(struct common, queue_device) + 4:
		write_address(&vq->used, offset & 4, size, val);
		break;
	}
}

static void common_write(struct virtio_device *vdev, uint64_t offset, unsigned int size,
			 uint64_t val)
{
	switch (offset) {
	case offsetof(struct common, device_feature_select):
		vdev->offered_select = (uint32_t)val;
		break;
	case offsetof(struct common, driver_feature_select):
		vdev->driver_select = (uint32_t)val;
		break;
	case offsetof(struct common, driver_feature):
		if (vdev->status & (VIRTIO_STATUS_FEATURES_OK | VIRTIO_STATUS_DRIVER_OK))
			break;
		if (vdev->driver_select < 2)
			write_address(&vdev->driver_features, vdev->driver_select, 4,
				      (uint32_t)val);
		break;
	case offsetof(struct common, msix_config):
		vdev->config_vector = check_vector(vdev, val);
		break;
	case offsetof(struct common, device_status):
		write_status(vdev, (uint8_t)val, true);
		break;
	case offsetof(struct common, queue_select):
		vdev->queue_select = (uint16_t)val;
		break;
	default:
		write_queue(vdev, offset, size, val);
	}
}

static uint64_t modern_read(struct virtio_device *vdev, uint64_t offset, unsigned int size)
{
	uint64_t at = offset & ((1u << AREA_SHIFT) - 1);

	switch (offset >> AREA_SHIFT) {
	case AREA_COMMON: return common_read(vdev, at, size);
	case AREA_ISR: return at ? 0 : read_isr(vdev);
	case AREA_DEVICE: return read_config(vdev, at, size);
	default: return 0;
	}
}

static void modern_write(struct virtio_device *vdev, uint64_t offset, unsigned int size,
			 uint64_t val)
{
	uint64_t at = offset & ((1u << AREA_SHIFT) - 1);

	switch (offset >> AREA_SHIFT) {
	case AREA_COMMON: common_write(vdev, at, size, val); break;
	case AREA_DEVICE: write_config(vdev, at, size, val); break;
	case AREA_NOTIFY: notify(vdev, at / NOTIFY_MULTIPLIER); break;
	}
}

/* --- what the PCI bus calls --- */

static uint64_t bar_read(void *ctx, unsigned int bar, uint64_t offset, unsigned int size)
{
	struct virtio_device *vdev = ctx;
	uint64_t val;

	pthread_mutex_lock(&vdev->lock);
	if (bar == BAR_LEGACY)
		val = legacy_read(vdev, offset, size);
	else
		val = modern_read(vdev, offset, size);
	pthread_mutex_unlock(&vdev->lock);
	return val;
}

static void bar_write(void *ctx, unsigned int bar, uint64_t offset, unsigned int size, uint64_t val)
{
	struct virtio_device *vdev = ctx;

	pthread_mutex_lock(&vdev->lock);
	if (bar == BAR_LEGACY)
		legacy_write(vdev, offset, size, val);
	else
		modern_write(vdev, offset, size, val);
	pthread_mutex_unlock(&vdev->lock);
}

/*
 * VIRTIO 1.1, 4.1.4.9: the data field of the configuration access capability is a window to where
 * the driver points it. Returns false unless the access touches it and it points somewhere.
 */
static bool pci_window(struct virtio_device *vdev, unsigned int reg, unsigned int size,
		       struct virtio_cap *cap)
{
	unsigned int data = vdev->pci_cfg_cap + offsetof(struct virtio_cap, pci_data);
	uint64_t bar_size;

	if (reg + size <= data || reg >= data + sizeof(cap->pci_data))
		return false;
	pci_config_peek(vdev->pci, vdev->pci_cfg_cap, cap, sizeof(*cap));
	if (cap->length != 1 && cap->length != 2 && cap->length != 4)
		return false;
	if (cap->bar == BAR_LEGACY)
		bar_size = LEGACY_SIZE;
	else if (cap->bar == BAR_MODERN)
		bar_size = MODERN_SIZE;
	else
		return false;
	return !(cap->offset & (cap->length - 1)) && cap->offset < bar_size;
}

static void config_read(void *ctx, unsigned int reg, unsigned int size)
{
	struct virtio_device *vdev = ctx;
	struct virtio_cap cap;
	uint64_t val;

	if (!pci_window(vdev, reg, size, &cap))
		return;
	val = bar_read(vdev, cap.bar, cap.offset, cap.length);
	pci_config_poke(vdev->pci, vdev->pci_cfg_cap + offsetof(struct virtio_cap, pci_data), &val,
			cap.length);
}

static void config_written(void *ctx, unsigned int reg, unsigned int size)
{
	struct virtio_device *vdev = ctx;
	struct virtio_cap cap;
	uint64_t val = 0;

	if (!pci_window(vdev, reg, size, &cap))
		return;
	memcpy(&val, cap.pci_data, cap.length);
	bar_write(vdev, cap.bar, cap.offset, cap.length, val);
}

static void destroy(void *ctx)
{
	struct virtio_device *vdev = ctx;

	pthread_mutex_lock(&vdev->lock);
	reset(vdev);
	pthread_mutex_unlock(&vdev->lock);
	vdev->ops->destroy(vdev);
}

void virtio_fini(struct virtio_device *vdev)
{
	pthread_mutex_destroy(&vdev->lock);
}

static const struct pci_device_ops pci_ops = {
	.bar_read = bar_read,
	.bar_write = bar_write,
	.config_read = config_read,
	.config_written = config_written,
	.destroy = destroy,
};

static void add_capabilities(struct virtio_device *vdev)
{
	static const struct {
		uint8_t type, area, size;
		uint32_t length;
	} areas[] = {
		{ CAP_COMMON, AREA_COMMON, 16, sizeof(struct common) },
		{ CAP_ISR, AREA_ISR, 16, 4 },
		{ CAP_DEVICE, AREA_DEVICE, 16, 1 << AREA_SHIFT },
		{ CAP_NOTIFY, AREA_NOTIFY, 20, VIRTIO_MAX_QUEUES * NOTIFY_MULTIPLIER },
		{ CAP_PCI, 0, 20, 0 },
	};
	struct virtio_cap cap, wmask = {
		.bar = 0xff, .offset = ~0u, .length = ~0u, .pci_data = { 0xff, 0xff, 0xff, 0xff },
	};
	unsigned int at;

	for (size_t i = 0; i < sizeof(areas) / sizeof(areas[0]); i++) {
		bool pci = areas[i].type == CAP_PCI;

		cap = (struct virtio_cap){
			.len = areas[i].size, .type = areas[i].type, .bar = pci ? 0 : BAR_MODERN,
			.offset = (uint32_t)areas[i].area << AREA_SHIFT, .length = areas[i].length,
			.notify_multiplier = areas[i].type == CAP_NOTIFY ? NOTIFY_MULTIPLIER : 0,
		};
		at = pci_capability_add(vdev->pci, PCI_CAP_ID_VENDOR, (const uint8_t *)&cap,
					pci ? (const uint8_t *)&wmask : NULL, areas[i].size);
		if (pci)
			vdev->pci_cfg_cap = at;
	}
}

int virtio_add(struct virtio_device *vdev, const struct virtio_info *info,
	       const struct virtio_ops *ops, struct pci_bus *bus, struct ia64_memory *mem,
	       struct error *err)
{
	/* VIRTIO 1.1, 4.1.2: the transitional device ids, by device type. */
	static const uint16_t ids[] = { [1] = 0x1000, [2] = 0x1001, [3] = 0x1003, [4] = 0x1005 };
	const struct pci_device_info pci = {
		.vendor = VIRTIO_VENDOR, .device = ids[info->type],
		.subsystem_vendor = VIRTIO_VENDOR, .subsystem = (uint16_t)info->type,
		.class_code = info->pci_class,
		.intx = true,
		.bars = {
			[BAR_LEGACY] = { .kind = PCI_BAR_IO, .size = LEGACY_SIZE },
			[BAR_MSIX] = { .kind = PCI_BAR_MEM32, .size = MSIX_SIZE },
			[BAR_MODERN] = { .kind = PCI_BAR_MEM64, .size = MODERN_SIZE,
					 .prefetchable = true },
		},
		.msix_vectors = info->nr_queues + 1, .msix_bar = BAR_MSIX,
	};

	pthread_mutex_init(&vdev->lock, NULL);
	vdev->ops = ops;
	vdev->mem = mem;
	vdev->type = info->type;
	vdev->offered = info->features | VIRTIO_F_ANY_LAYOUT | VIRTIO_F_INDIRECT_DESC |
			VIRTIO_F_EVENT_IDX | VIRTIO_F_VERSION_1;
	vdev->nr_queues = info->nr_queues;
	vdev->config_size = info->config_size;
	vdev->config_vector = VIRTIO_NO_VECTOR;
	for (unsigned int i = 0; i < info->nr_queues; i++) {
		vdev->queues[i] = (struct virtio_queue){
			.vdev = vdev, .index = i, .max_size = info->queue_size[i],
		};
		reset_queue(&vdev->queues[i]);
	}
	vdev->pci = pci_device_add(bus, &pci, &pci_ops, vdev, err);
	if (!vdev->pci) {
		pthread_mutex_destroy(&vdev->lock);
		return -1;
	}
	add_capabilities(vdev);
	return 0;
}
