/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The small hypercalls: version, console, callbacks, physical interrupts, IA-64's own. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <xen/interface/callback.h>
#include <xen/interface/physdev.h>
#include <xen/interface/version.h>

#include "xen/hypercall.h"
#include "xen/p2m.h"
#include "xen/xencomm.h"

/* The version of the interface that is served. */
#define XEN_MAJOR 4
#define XEN_MINOR 1

#define NR_IRQS 256u
#define CONSOLE_CHUNK 1024u

long xen_hypercall_update_va_mapping(struct xen_vcpu *v, struct xen_hypercall *c)
{
	/* IA-64 guests may put it into multicalls; there is no page table of the hypervisor's. */
	return 0;
}

static long answer(struct xen_vcpu *v, xen_guest_handle arg, const void *buf, size_t len)
{
	return xencomm_to_guest(v->domain, arg, buf, len, 0) ? 0 : -EFAULT;
}

static long get_features(struct xen_vcpu *v, xen_guest_handle arg)
{
	struct xen_feature_info f;

	if (!xencomm_from_guest(v->domain, &f, arg, sizeof(f), 0))
		return -EFAULT;
	if (f.submap_idx)
		return -EINVAL;
	f.submap = 1u << XENFEAT_writable_page_tables | 1u << XENFEAT_auto_translated_physmap;
	return answer(v, arg, &f, sizeof(f));
}

long xen_hypercall_xen_version(struct xen_vcpu *v, struct xen_hypercall *c)
{
	xen_guest_handle arg = c->arg[1];
	struct xen_compile_info info = {
		.compiler = "gcc",
		.compile_by = "paravane",
		.compile_domain = "localhost",
		.compile_date = "",
	};
	struct xen_platform_parameters params = { .virt_start = 0 };
	char text[XEN_CAPABILITIES_INFO_LEN] = "";

	switch ((uint32_t)c->arg[0]) {
	case XENVER_version:
		return XEN_MAJOR << 16 | XEN_MINOR;
	case XENVER_extraversion:
		strcpy(text, ".0-paravane");
		return answer(v, arg, text, XEN_EXTRAVERSION_LEN);
	case XENVER_compile_info:
		return answer(v, arg, &info, sizeof(info));
	case XENVER_capabilities:
		strcpy(text, "xen-3.0-ia64 ");
		return answer(v, arg, text, XEN_CAPABILITIES_INFO_LEN);
	case XENVER_changeset:
		strcpy(text, "unavailable");
		return answer(v, arg, text, XEN_CHANGESET_INFO_LEN);
	case XENVER_platform_parameters:
		return answer(v, arg, &params, sizeof(params));
	case XENVER_get_features:
		return get_features(v, arg);
	case XENVER_pagesize:
		return xencomm_is_null(arg) ? (long)XEN_PAGE_SIZE : -EINVAL;
	case XENVER_guest_handle:
		return answer(v, arg, v->domain->cfg.handle, sizeof(v->domain->cfg.handle));
	case XENVER_commandline:
		return answer(v, arg, text, XEN_COMMANDLINE_LEN);
	default:
		return -ENOSYS;
	}
}

/* cmd, count, buffer: the upper half of count is what is done. */
long xen_hypercall_console_io(struct xen_vcpu *v, struct xen_hypercall *c)
{
	const struct xen_domain_config *cfg = &v->domain->cfg;
	uint32_t n = (uint32_t)c->arg[1], done = c->arg[1] >> 32;
	char buf[CONSOLE_CHUNK];
	uint32_t len;

	switch ((uint32_t)c->arg[0]) {
	case CONSOLEIO_write:
		if (n > INT32_MAX)
			return -EINVAL;
		if (done >= n)
			return 0;
		len = n - done < sizeof(buf) ? n - done : sizeof(buf);
		if (!xencomm_from_guest(v->domain, buf, c->arg[2], len, done))
			return -EFAULT;
		if (cfg->ops->console)
			cfg->ops->console(cfg->ctx, buf, len);
		done += len;
		if (done >= n)
			return 0;
		c->arg[1] = (uint64_t)done << 32 | n;
		return XEN_CALL_AGAIN;
	case CONSOLEIO_read:
		return 0;
	default:
		return -ENOSYS;
	}
}

long xen_hypercall_callback_op(struct xen_vcpu *v, struct xen_hypercall *c)
{
	struct callback_register reg;

	switch ((uint32_t)c->arg[0]) {
	case CALLBACKOP_register:
		if (!xencomm_from_guest(v->domain, &reg, c->arg[1], sizeof(reg), 0))
			return -EFAULT;
		if (reg.type != CALLBACKTYPE_event && reg.type != CALLBACKTYPE_failsafe)
			return -ENOSYS;
		return v->ops && v->ops->set_callback ?
		       v->ops->set_callback(v->ctx, reg.type, reg.address) : 0;
	case CALLBACKOP_unregister:
		return -EINVAL;
	default:
		return -ENOSYS;
	}
}

/* A domain without devices has no physical interrupt; the answers are Xen's for it. */
long xen_hypercall_physdev_op(struct xen_vcpu *v, struct xen_hypercall *c)
{
	static const uint8_t sizes[] = {
		[PHYSDEVOP_eoi] = sizeof(struct physdev_eoi),
		[PHYSDEVOP_apic_read] = sizeof(struct physdev_apic),
		[PHYSDEVOP_apic_write] = sizeof(struct physdev_apic),
		[PHYSDEVOP_alloc_irq_vector] = sizeof(struct physdev_irq),
		[PHYSDEVOP_free_irq_vector] = sizeof(struct physdev_irq),
		[PHYSDEVOP_map_pirq] = sizeof(struct physdev_map_pirq),
		[PHYSDEVOP_unmap_pirq] = sizeof(struct physdev_unmap_pirq),
	};
	struct physdev_pirq_eoi_gmfn page;
	struct physdev_irq_status_query q;
	uint32_t cmd = (uint32_t)c->arg[0];
	uint8_t any[sizeof(struct physdev_map_pirq)];

	if (cmd < sizeof(sizes) && !xencomm_from_guest(v->domain, any, c->arg[1], sizes[cmd], 0))
		return -EFAULT;
	switch (cmd) {
	case PHYSDEVOP_irq_unmask_notify:
	case PHYSDEVOP_unmap_pirq:
		return 0;
	case PHYSDEVOP_map_pirq:
		/* As Xen/ia64: nothing is mapped, and that is fine. */
		return answer(v, c->arg[1], any, sizes[cmd]);
	case PHYSDEVOP_eoi:
		return -EINVAL;
	case PHYSDEVOP_pirq_eoi_gmfn_v1:
	case PHYSDEVOP_pirq_eoi_gmfn_v2:
		if (!xencomm_from_guest(v->domain, &page, c->arg[1], sizeof(page), 0))
			return -EFAULT;
		if (xen_p2m_type(v->domain, page.gmfn) != XEN_P2M_RAM)
			return -EINVAL;
		/* No interrupt will ever be marked in it. */
		return atomic_exchange(&v->domain->has_pirq_eoi_page, true) ? -EBUSY : 0;
	case PHYSDEVOP_irq_status_query:
		if (!xencomm_from_guest(v->domain, &q, c->arg[1], sizeof(q), 0))
			return -EFAULT;
		if (q.irq >= NR_IRQS)
			return -EINVAL;
		q.flags = 0;
		return answer(v, c->arg[1], &q, sizeof(q));
	case PHYSDEVOP_apic_read:
	case PHYSDEVOP_apic_write:
	case PHYSDEVOP_alloc_irq_vector:
	case PHYSDEVOP_free_irq_vector:
	case PHYSDEVOP_manage_pci_add:
	case PHYSDEVOP_manage_pci_remove:
	case PHYSDEVOP_manage_pci_add_ext:
		return -EPERM;
	default:
		return -ENOSYS;
	}
}

long xen_hypercall_ia64_fast_eoi(struct xen_vcpu *v, struct xen_hypercall *c)
{
	return -EINVAL;
}

/* The copy of the memory map that the builder has left, as far as it is one. */
static long get_memmap(struct xen_domain *self, domid_t domid, xen_guest_handle to)
{
	struct xen_ia64_memmap_info *info;
	struct xen_domain *d;
	uint8_t page[XEN_PAGE_SIZE];
	uint64_t gpfn, size;
	long ret = xen_domain_get_target(self, domid, &d);

	if (ret)
		return ret;
	info = (struct xen_ia64_memmap_info *)page;
	gpfn = __atomic_load_n(&d->shared_info->arch.memmap_info_pfn, __ATOMIC_RELAXED);
	size = gpfn < d->nr_gpfns &&
	       xen_copy_from_gpa(d, page, gpfn << XEN_PAGE_SHIFT, sizeof(page)) ?
	       info->efi_memmap_size : UINT64_MAX;
	xen_domain_put(d);
	if (size > sizeof(page) - sizeof(*info) ||
	    !xencomm_to_guest(self, to, page, sizeof(*info) + size, 0))
		return -EFAULT;
	return 0;
}

long xen_hypercall_ia64_dom0vp_op(struct xen_vcpu *v, struct xen_hypercall *c)
{
	struct xen_domain *d = v->domain;

	switch (c->arg[0]) {
	case IA64_DOM0VP_phystomach:
	case IA64_DOM0VP_machtophys:
		/* Machine frames are not shown: the two numbers are the same. */
		return xen_p2m_type(d, c->arg[1]) == XEN_P2M_NONE ? (long)INVALID_MFN :
								    (long)c->arg[1];
	case IA64_DOM0VP_zap_physmap:
		return c->arg[2] ? -ENOSYS : xen_p2m_remove(d, c->arg[1]);
	case IA64_DOM0VP_get_memmap:
		return get_memmap(d, (domid_t)c->arg[1], c->arg[2]);
	case IA64_DOM0VP_ioremap:
	case IA64_DOM0VP_add_physmap:
	case IA64_DOM0VP_add_physmap_with_gmfn:
	case IA64_DOM0VP_add_io_space:
		return d->cfg.privileged ? -ENOSYS : -EPERM;
	default:
		return -ENOSYS;
	}
}

long xen_hypercall_opt_feature(struct xen_vcpu *v, struct xen_hypercall *c)
{
	const struct xen_domain_config *cfg = &v->domain->cfg;
	struct xen_ia64_opt_feature f;

	if (!xencomm_from_guest(v->domain, &f, c->arg[0], sizeof(f), 0))
		return -EFAULT;
	switch (f.cmd) {
	case XEN_IA64_OPTF_IDENT_MAP_REG7:
	case XEN_IA64_OPTF_IDENT_MAP_REG4:
	case XEN_IA64_OPTF_IDENT_MAP_REG5:
		return cfg->ops->opt_feature ? cfg->ops->opt_feature(cfg->ctx, &f) : 0;
	default:
		return -ENOSYS;
	}
}
