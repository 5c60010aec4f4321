/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Rings of bytes in a page the guest shares (console, store): free-running indices that either side
 * may find to be nonsense. The sizes are powers of two.
 */
#ifndef PARAVANE_XEN_BYTE_RING_H
#define PARAVANE_XEN_BYTE_RING_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Takes up to len bytes that the guest produced. If it claims more than the ring holds, all of it
 * is dropped: *cons catches up.
 */
static inline size_t byte_ring_read(const uint8_t *ring, uint32_t size, uint32_t *cons,
				    const uint32_t *prod, uint8_t *buf, size_t len)
{
	uint32_t p = __atomic_load_n(prod, __ATOMIC_ACQUIRE);
	uint32_t c = __atomic_load_n(cons, __ATOMIC_RELAXED);
	size_t n = p - c, i;

	if (n > size) {
		__atomic_store_n(cons, p, __ATOMIC_RELEASE);
		return 0;
	}
	if (n > len)
		n = len;
	for (i = 0; i < n; i++)
		buf[i] = ring[(c + i) & (size - 1)];
	__atomic_store_n(cons, (uint32_t)(c + n), __ATOMIC_RELEASE);
	return n;
}

/* Room for the guest to take more; 0 if its index is nonsense. */
static inline size_t byte_ring_room(uint32_t size, const uint32_t *cons, const uint32_t *prod)
{
	uint32_t used = __atomic_load_n(prod, __ATOMIC_RELAXED) -
			__atomic_load_n(cons, __ATOMIC_ACQUIRE);

	return used > size ? 0 : size - used;
}

/* Gives the guest up to len bytes. */
static inline size_t byte_ring_write(uint8_t *ring, uint32_t size, const uint32_t *cons,
				     uint32_t *prod, const uint8_t *buf, size_t len)
{
	uint32_t p = __atomic_load_n(prod, __ATOMIC_RELAXED);
	size_t n = byte_ring_room(size, cons, prod), i;

	if (n > len)
		n = len;
	for (i = 0; i < n; i++)
		ring[(p + i) & (size - 1)] = buf[i];
	__atomic_store_n(prod, (uint32_t)(p + n), __ATOMIC_RELEASE);
	return n;
}

#endif
