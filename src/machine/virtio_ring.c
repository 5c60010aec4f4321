/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Split virtqueues: taking chains out of the driver's rings, giving them back, interrupting. */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "machine/virtio.h"

/* VIRTIO 1.1, 2.6.5 to 2.6.8: the rings' layout. */
struct vring_desc {
	uint64_t addr;
	uint32_t len;
	uint16_t flags;
	uint16_t next;
};

enum { DESC_NEXT = 1, DESC_WRITE = 2, DESC_INDIRECT = 4 };

struct vring_avail {
	uint16_t flags;
	_Atomic uint16_t idx;
	uint16_t ring[];
	/* then used_event */
};

struct vring_used_elem {
	uint32_t id;
	uint32_t len;
};

struct vring_used {
	uint16_t flags;
	_Atomic uint16_t idx;
	struct vring_used_elem ring[];
	/* then avail_event */
};

enum { AVAIL_NO_INTERRUPT = 1 };

/* The rings at their host addresses, looked up for each use: pages of the guest may come and go. */
struct rings {
	const struct vring_desc *desc;
	struct vring_avail *avail;
	struct vring_used *used;
};

static bool writable(const struct ia64_memory *mem, uint64_t gpa, uint64_t len)
{
	if (!ia64_memory_is_ram(mem, gpa, len))
		return false;
	for (uint64_t page = gpa & ~(IA64_MEM_PAGE_SIZE - 1); page < gpa + len;
	     page += IA64_MEM_PAGE_SIZE)
		if (ia64_memory_attr(mem, page) & IA64_PAGE_RO)
			return false;
	return true;
}

bool virtio_queue_live(const struct virtio_queue *vq)
{
	const struct virtio_device *vdev = vq->vdev;

	if (!vq->enabled || vdev->quiescing || vdev->failure)
		return false;
	/* VIRTIO 1.1, 2.1.1: nothing before DRIVER_OK; older drivers use queues before that. */
	return vq->legacy || vdev->status & VIRTIO_STATUS_DRIVER_OK;
}

static bool map_rings(struct virtio_queue *vq, struct rings *r)
{
	struct virtio_device *vdev = vq->vdev;
	const struct ia64_memory *mem = vdev->mem;
	uint64_t n = vq->size;

	if (!virtio_queue_live(vq))
		return false;
	r->desc = ia64_memory_ptr(mem, vq->desc, n * sizeof(struct vring_desc));
	r->avail = ia64_memory_ptr(mem, vq->avail, sizeof(struct vring_avail) + n * 2 + 2);
	r->used = NULL;
	if (writable(mem, vq->used,
		     sizeof(struct vring_used) + n * sizeof(struct vring_used_elem) + 2))
		r->used = ia64_memory_ptr(mem, vq->used, 1);
	if (r->desc && r->avail && r->used)
		return true;
	virtio_fail(vdev, "a ring is not in memory");
	return false;
}

static uint16_t load16(const uint16_t *p)
{
	return *(const volatile uint16_t *)p;
}

/* Where the other side says when it wants to hear: used_event and avail_event. */
static uint16_t *used_event(struct virtio_queue *vq, struct rings *r)
{
	return &r->avail->ring[vq->size];
}

static uint16_t *avail_event(struct virtio_queue *vq, struct rings *r)
{
	return (uint16_t *)&r->used->ring[vq->size];
}

/* Number of entries the driver has put in and we have not taken; negative: it lies. */
static int available(struct virtio_queue *vq, struct rings *r)
{
	uint16_t n = atomic_load_explicit(&r->avail->idx, memory_order_acquire) - vq->last_avail;

	if (n > vq->size) {
		virtio_fail(vq->vdev, "the available ring's index ran ahead");
		return -1;
	}
	return n;
}

/* A descriptor table: the queue's own, or one that a descriptor points to. */
struct table {
	const uint8_t *base;
	unsigned int size;
};

struct piece {
	uint64_t gpa;
	struct iovec iov;
};

/* Pieces collected so far. */
struct collected {
	struct piece piece[VIRTIO_MAX_SEGMENTS];
	unsigned int nr_out, nr_in;
	uint64_t out_len, in_len;
};

static const char *add_piece(const struct ia64_memory *mem, const struct vring_desc *d,
			     struct collected *c)
{
	bool write = d->flags & DESC_WRITE;
	struct piece *p = &c->piece[c->nr_out + c->nr_in];
	uint64_t *len = write ? &c->in_len : &c->out_len;

	if (!write && c->nr_in)
		return "a readable descriptor follows a writable one";
	if (!d->len)
		return NULL;
	if (c->nr_out + c->nr_in == VIRTIO_MAX_SEGMENTS)
		return "a chain has too many descriptors";
	*len += d->len;
	if (*len > VIRTIO_MAX_CHAIN_LENGTH)
		return "a chain is too long";
	if (write && !writable(mem, d->addr, d->len))
		return "a descriptor's memory cannot be written";
	p->gpa = d->addr;
	p->iov.iov_len = d->len;
	p->iov.iov_base = ia64_memory_ptr(mem, d->addr, d->len);
	if (!p->iov.iov_base)
		return "a descriptor points to no memory";
	if (write)
		c->nr_in++;
	else
		c->nr_out++;
	return NULL;
}

/* Follows the chain from `head`; returns what is wrong with it, or NULL. */
static const char *collect(struct virtio_queue *vq, struct rings *r, unsigned int head,
			   struct collected *c)
{
	struct virtio_device *vdev = vq->vdev;
	struct table t = { (const uint8_t *)r->desc, vq->size };
	unsigned int i = head, steps = 0;
	bool indirect = false;
	struct vring_desc d;
	const char *wrong;

	for (;;) {
		if (i >= t.size)
			return "a descriptor's number is out of range";
		if (steps++ >= t.size)
			return "a chain runs in a circle";
		memcpy(&d, t.base + i * sizeof(d), sizeof(d));
		if (d.flags & DESC_INDIRECT) {
			if (indirect || d.flags & DESC_NEXT ||
			    !virtio_has(vdev, VIRTIO_F_INDIRECT_DESC))
				return "an indirect descriptor where none may be";
			if (!d.len || d.len % sizeof(d) || d.len / sizeof(d) > 65536)
				return "an indirect table's length is wrong";
			t.base = ia64_memory_ptr(vdev->mem, d.addr, d.len);
			if (!t.base)
				return "an indirect table is not in memory";
			t.size = d.len / sizeof(d);
			indirect = true;
			i = steps = 0;
			continue;
		}
		wrong = add_piece(vdev->mem, &d, c);
		if (wrong)
			return wrong;
		if (!(d.flags & DESC_NEXT))
			return NULL;
		i = d.next;
	}
}

static struct virtio_chain *make_chain(const struct collected *c, uint16_t head,
				       uint32_t generation)
{
	unsigned int n = c->nr_out + c->nr_in;
	struct virtio_chain *chain;

	chain = malloc(sizeof(*chain) + n * sizeof(chain->iov[0]) + c->nr_in * sizeof(uint64_t));
	if (!chain)
		return NULL;
	chain->head = head;
	chain->generation = generation;
	chain->nr_out = c->nr_out;
	chain->nr_in = c->nr_in;
	chain->out_len = c->out_len;
	chain->in_len = c->in_len;
	chain->out = chain->iov;
	chain->in = chain->iov + c->nr_out;
	chain->in_gpa = (uint64_t *)(chain->iov + n);
	for (unsigned int i = 0; i < n; i++)
		chain->iov[i] = c->piece[i].iov;
	for (unsigned int i = 0; i < c->nr_in; i++)
		chain->in_gpa[i] = c->piece[c->nr_out + i].gpa;
	return chain;
}

struct virtio_chain *virtio_pop(struct virtio_queue *vq)
{
	struct virtio_device *vdev = vq->vdev;
	struct virtio_chain *chain;
	struct collected c;
	const char *wrong;
	uint16_t head;
	struct rings r;
	int n;

	if (!map_rings(vq, &r) || !pci_bus_master(vdev->pci))
		return NULL;
	n = available(vq, &r);
	if (!n && virtio_has(vdev, VIRTIO_F_EVENT_IDX)) {
		/* Ask for a notification, then look again: the driver may just have missed it. */
		*(volatile uint16_t *)avail_event(vq, &r) = vq->last_avail;
		atomic_thread_fence(memory_order_seq_cst);
		n = available(vq, &r);
	}
	if (n <= 0)
		return NULL;
	head = load16(&r.avail->ring[vq->last_avail & (vq->size - 1)]);
	c.nr_out = c.nr_in = 0;
	c.out_len = c.in_len = 0;
	wrong = collect(vq, &r, head, &c);
	if (wrong) {
		virtio_fail(vdev, wrong);
		return NULL;
	}
	chain = make_chain(&c, head, vdev->generation);
	if (chain)
		vq->last_avail++;
	return chain;
}

void virtio_chain_free(struct virtio_chain *chain)
{
	free(chain);
}

void virtio_unpop(struct virtio_queue *vq, struct virtio_chain *chain)
{
	if (chain->generation == vq->vdev->generation)
		vq->last_avail--;
	free(chain);
}

void virtio_fill(struct virtio_queue *vq, struct virtio_chain *chain, size_t written,
		 unsigned int ahead)
{
	struct vring_used_elem *e;
	struct rings r;
	size_t left = written, part;

	/* The memory has been written, whatever has become of the ring. */
	for (unsigned int i = 0; i < chain->nr_in && left; i++) {
		part = chain->in[i].iov_len < left ? chain->in[i].iov_len : left;
		ia64_memory_written(vq->vdev->mem, chain->in_gpa[i], part);
		left -= part;
	}
	if (chain->generation == vq->vdev->generation && map_rings(vq, &r)) {
		e = &r.used->ring[(uint16_t)(vq->used_idx + ahead) & (vq->size - 1)];
		e->id = chain->head;
		e->len = (uint32_t)written;
	}
	free(chain);
}

void virtio_flush(struct virtio_queue *vq, unsigned int count)
{
	struct rings r;

	if (!map_rings(vq, &r))
		return;
	vq->used_idx += (uint16_t)count;
	atomic_store_explicit(&r.used->idx, vq->used_idx, memory_order_release);
	ia64_memory_written(vq->vdev->mem, vq->used,
			    sizeof(struct vring_used) + vq->size * sizeof(struct vring_used_elem));
}

void virtio_push(struct virtio_queue *vq, struct virtio_chain *chain, size_t written)
{
	bool stale = chain->generation != vq->vdev->generation;

	virtio_fill(vq, chain, written, 0);
	if (!stale)
		virtio_flush(vq, 1);
}

/* VIRTIO 1.1, 2.6.7.2: did used_idx pass `event` since the interrupt before? */
static bool passed(uint16_t event, uint16_t now, uint16_t before)
{
	return (uint16_t)(now - event - 1) < (uint16_t)(now - before);
}

void virtio_signal(struct virtio_queue *vq)
{
	struct virtio_device *vdev = vq->vdev;
	uint16_t before = vq->signalled_used;
	struct rings r;
	bool wanted;

	if (vq->used_idx == before || !map_rings(vq, &r))
		return;
	/* The used index must be visible before the driver's wish is read. */
	atomic_thread_fence(memory_order_seq_cst);
	vq->signalled_used = vq->used_idx;
	if (virtio_has(vdev, VIRTIO_F_EVENT_IDX))
		wanted = passed(load16(used_event(vq, &r)), vq->used_idx, before);
	else
		wanted = !(load16(&r.avail->flags) & AVAIL_NO_INTERRUPT);
	if (!wanted)
		return;
	if (pci_msix_enabled(vdev->pci)) {
		pci_msix(vdev->pci, vq->vector);
	} else {
		vdev->isr |= 1;
		pci_intx(vdev->pci, true);
	}
}
