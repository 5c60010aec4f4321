/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Copies through xencomm handles. */
#include "xen/xencomm.h"

#include "xen/p2m.h"

typedef bool copy_fn(struct xen_domain *d, uint64_t gpa, uint8_t *buf, size_t len);

static bool from_gpa(struct xen_domain *d, uint64_t gpa, uint8_t *buf, size_t len)
{
	return xen_copy_from_gpa(d, buf, gpa, len);
}

static bool to_gpa(struct xen_domain *d, uint64_t gpa, uint8_t *buf, size_t len)
{
	return xen_copy_to_gpa(d, gpa, buf, len);
}

static bool copy(struct xen_domain *d, xen_guest_handle handle, uint8_t *buf, size_t len,
		 uint64_t skip, copy_fn *fn)
{
	struct xencomm_desc desc;
	uint64_t addr, gpa, room, n;
	uint32_t i;

	if (!len)
		return true;
	if (handle & XENCOMM_INLINE_FLAG) {
		gpa = handle & ~XENCOMM_INLINE_FLAG;
		return skip <= UINT64_MAX - gpa && fn(d, gpa + skip, buf, len);
	}
	if (handle % _Alignof(struct xencomm_desc) ||
	    handle % XEN_PAGE_SIZE > XEN_PAGE_SIZE - sizeof(desc))
		return false;
	if (!xen_copy_from_gpa(d, &desc, handle, sizeof(desc)) || desc.magic != XENCOMM_MAGIC)
		return false;
	for (i = 0; len && i < desc.nr_addrs && i < XENCOMM_MAX_ADDRS; i++) {
		if (!xen_copy_from_gpa(d, &addr, handle + sizeof(desc) + i * sizeof(addr),
				       sizeof(addr)))
			return false;
		if (addr == XENCOMM_INVALID)
			continue;
		room = XEN_PAGE_SIZE - addr % XEN_PAGE_SIZE;
		if (skip >= room) {
			skip -= room;
			continue;
		}
		n = room - skip < len ? room - skip : len;
		if (!fn(d, addr + skip, buf, n))
			return false;
		skip = 0;
		buf += n;
		len -= n;
	}
	return !len;
}

bool xencomm_from_guest(const struct xen_domain *d, void *to, xen_guest_handle handle, size_t len,
			uint64_t skip)
{
	return copy((struct xen_domain *)d, handle, to, len, skip, from_gpa);
}

bool xencomm_to_guest(struct xen_domain *d, xen_guest_handle handle, const void *from, size_t len,
		      uint64_t skip)
{
	return copy(d, handle, (uint8_t *)from, len, skip, to_gpa);
}
