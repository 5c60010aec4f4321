// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The hypercalls that a domain makes: arguments are translated to xencomm handles, those within
 * structures too.
 */
#include <linux/export.h>
#include <linux/kernel.h>
#include <linux/string.h>

#include <xen/interface/xen.h>
#include <xen/interface/callback.h>
#include <xen/interface/event_channel.h>
#include <xen/interface/grant_table.h>
#include <xen/interface/memory.h>
#include <xen/interface/physdev.h>
#include <xen/interface/sched.h>
#include <xen/interface/vcpu.h>
#include <xen/interface/version.h>
#include <xen/page.h>

#include <asm/xen/hypercall.h>
#include <asm/xen/xencomm.h>

EXPORT_SYMBOL_GPL(__xen_hypercall);

static size_t size_of(const unsigned short *table, size_t n, unsigned int cmd)
{
	return cmd < n ? table[cmd] : 0;
}

#define SIZE_OF(table, cmd) size_of((table), ARRAY_SIZE(table), (cmd))

/* nr(cmd, arg): arg has bytes; 0 where there is none. */
static int call(unsigned int nr, unsigned long cmd, void *arg, size_t bytes)
{
	struct xencomm_map m;
	int ret = xencomm_map(&m, bytes ? arg : NULL, bytes);

	if (ret)
		return ret;
	ret = __xen_hypercall(cmd, m.handle, 0, 0, 0, nr);
	xencomm_unmap(&m);
	return ret;
}

/* The same for a structure with a guest handle in it, at *handle, for bytes of memory. */
static int call_with_handle(unsigned int nr, unsigned long cmd, void *arg, size_t arg_bytes,
			    void *handle, size_t bytes)
{
	struct xencomm_map m;
	unsigned long *field = handle, address = *field;
	int ret = xencomm_map(&m, (void *)address, bytes);

	if (ret)
		return ret;
	*field = m.handle;
	ret = call(nr, cmd, arg, arg_bytes);
	*field = address;
	xencomm_unmap(&m);
	return ret;
}

int HYPERVISOR_xen_version(int cmd, void *arg)
{
	static const unsigned short size[] = {
		[XENVER_extraversion] = XEN_EXTRAVERSION_LEN,
		[XENVER_compile_info] = sizeof(struct xen_compile_info),
		[XENVER_capabilities] = sizeof(struct xen_capabilities_info),
		[XENVER_changeset] = sizeof(struct xen_changeset_info),
		[XENVER_platform_parameters] = sizeof(struct xen_platform_parameters),
		[XENVER_get_features] = sizeof(struct xen_feature_info),
		[XENVER_guest_handle] = sizeof(xen_domain_handle_t),
		[XENVER_commandline] = sizeof(struct xen_commandline),
	};

	return call(__HYPERVISOR_xen_version, cmd, arg, SIZE_OF(size, cmd));
}
EXPORT_SYMBOL_GPL(HYPERVISOR_xen_version);

int HYPERVISOR_console_io(int cmd, int count, char *str)
{
	struct xencomm_map m;
	int ret = xencomm_map(&m, str, count);

	if (ret)
		return ret;
	ret = __xen_hypercall(cmd, count, m.handle, 0, 0, __HYPERVISOR_console_io);
	xencomm_unmap(&m);
	return ret;
}
EXPORT_SYMBOL_GPL(HYPERVISOR_console_io);

static int grant_table_call(unsigned int cmd, void *uop, unsigned int count, size_t size)
{
	struct xencomm_map m;
	int ret = xencomm_map(&m, uop, count * size);

	if (ret)
		return ret;
	ret = __xen_hypercall(cmd, m.handle, count, 0, 0, __HYPERVISOR_grant_table_op);
	xencomm_unmap(&m);
	return ret;
}

static int setup_table(struct gnttab_setup_table *op)
{
	struct xencomm_map m;
	xen_pfn_t *list = op->frame_list.p;
	int ret = xencomm_map(&m, list, op->nr_frames * sizeof(*list));

	if (ret)
		return ret;
	op->frame_list.p = (void *)m.handle;
	ret = grant_table_call(GNTTABOP_setup_table, op, 1, sizeof(*op));
	op->frame_list.p = list;
	xencomm_unmap(&m);
	return ret;
}

int HYPERVISOR_grant_table_op(unsigned int cmd, void *uop, unsigned int count)
{
	static const unsigned short size[] = {
		[GNTTABOP_map_grant_ref] = sizeof(struct gnttab_map_grant_ref),
		[GNTTABOP_unmap_grant_ref] = sizeof(struct gnttab_unmap_grant_ref),
		[GNTTABOP_dump_table] = sizeof(struct gnttab_dump_table),
		[GNTTABOP_transfer] = sizeof(struct gnttab_transfer),
		[GNTTABOP_copy] = sizeof(struct gnttab_copy),
		[GNTTABOP_query_size] = sizeof(struct gnttab_query_size),
		[GNTTABOP_unmap_and_replace] = sizeof(struct gnttab_unmap_and_replace),
		[GNTTABOP_set_version] = sizeof(struct gnttab_set_version),
		[GNTTABOP_get_version] = sizeof(struct gnttab_get_version),
	};

	if (cmd == GNTTABOP_setup_table)
		return count == 1 ? setup_table(uop) : -EINVAL;
	if (!SIZE_OF(size, cmd))
		return -ENOSYS;
	return grant_table_call(cmd, uop, count, size[cmd]);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_grant_table_op);

int HYPERVISOR_sched_op(int cmd, void *arg)
{
	static const unsigned short size[] = {
		[SCHEDOP_shutdown] = sizeof(struct sched_shutdown),
		[SCHEDOP_remote_shutdown] = sizeof(struct sched_remote_shutdown),
		[SCHEDOP_shutdown_code] = sizeof(struct sched_shutdown),
		[SCHEDOP_watchdog] = sizeof(struct sched_watchdog),
	};
	struct sched_poll *poll = arg;

	if (cmd == SCHEDOP_poll)
		return call_with_handle(__HYPERVISOR_sched_op, cmd, poll, sizeof(*poll),
					&poll->ports, poll->nr_ports * sizeof(*poll->ports.p));
	return call(__HYPERVISOR_sched_op, cmd, arg, SIZE_OF(size, cmd));
}
EXPORT_SYMBOL_GPL(HYPERVISOR_sched_op);

int HYPERVISOR_event_channel_op(int cmd, void *arg)
{
	static const unsigned short size[] = {
		[EVTCHNOP_bind_interdomain] = sizeof(struct evtchn_bind_interdomain),
		[EVTCHNOP_bind_virq] = sizeof(struct evtchn_bind_virq),
		[EVTCHNOP_bind_pirq] = sizeof(struct evtchn_bind_pirq),
		[EVTCHNOP_close] = sizeof(struct evtchn_close),
		[EVTCHNOP_send] = sizeof(struct evtchn_send),
		[EVTCHNOP_status] = sizeof(struct evtchn_status),
		[EVTCHNOP_alloc_unbound] = sizeof(struct evtchn_alloc_unbound),
		[EVTCHNOP_bind_ipi] = sizeof(struct evtchn_bind_ipi),
		[EVTCHNOP_bind_vcpu] = sizeof(struct evtchn_bind_vcpu),
		[EVTCHNOP_unmask] = sizeof(struct evtchn_unmask),
		[EVTCHNOP_reset] = sizeof(struct evtchn_reset),
	};

	if (!SIZE_OF(size, cmd))
		return -ENOSYS;
	return call(__HYPERVISOR_event_channel_op, cmd, arg, size[cmd]);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_event_channel_op);

int HYPERVISOR_memory_op(unsigned int cmd, void *arg)
{
	struct xen_memory_reservation *r = arg;
	size_t bytes;

	switch (cmd) {
	case XENMEM_increase_reservation:
	case XENMEM_decrease_reservation:
	case XENMEM_populate_physmap:
		return call_with_handle(__HYPERVISOR_memory_op, cmd, r, sizeof(*r),
					&r->extent_start,
					r->nr_extents * sizeof(*r->extent_start.p));
	case XENMEM_add_to_physmap:
		bytes = sizeof(struct xen_add_to_physmap);
		break;
	case XENMEM_maximum_ram_page:
		bytes = 0;
		break;
	case XENMEM_current_reservation:
	case XENMEM_maximum_reservation:
		bytes = sizeof(domid_t);
		break;
	default:
		return -ENOSYS;
	}
	return call(__HYPERVISOR_memory_op, cmd, arg, bytes);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_memory_op);

int HYPERVISOR_physdev_op(int cmd, void *arg)
{
	size_t bytes;

	switch (cmd) {
	case PHYSDEVOP_eoi:
		bytes = sizeof(struct physdev_eoi);
		break;
	case PHYSDEVOP_irq_status_query:
		bytes = sizeof(struct physdev_irq_status_query);
		break;
	default:
		return -ENOSYS;
	}
	return call(__HYPERVISOR_physdev_op, cmd, arg, bytes);
}
EXPORT_SYMBOL_GPL(HYPERVISOR_physdev_op);

/* The area is written from now on, so that its handle has to stay good: inline. */
static int register_runstate(int vcpuid, struct vcpu_register_runstate_memory_area *area)
{
	struct vcpu_register_runstate_memory_area xen;
	struct xencomm_map m;
	int ret;

	xen.addr.p = xencomm_inline(area->addr.v, sizeof(*area->addr.v));
	if (area->addr.v && !xen.addr.p)
		return -EFAULT;
	ret = xencomm_map(&m, &xen, sizeof(xen));
	if (ret)
		return ret;
	ret = __xen_hypercall(VCPUOP_register_runstate_memory_area, vcpuid, m.handle, 0, 0,
			      __HYPERVISOR_vcpu_op);
	xencomm_unmap(&m);
	return ret;
}

int HYPERVISOR_vcpu_op(int cmd, int vcpuid, void *arg)
{
	struct xencomm_map m;
	size_t bytes;
	int ret;

	switch (cmd) {
	case VCPUOP_up:
	case VCPUOP_down:
	case VCPUOP_is_up:
	case VCPUOP_stop_periodic_timer:
	case VCPUOP_stop_singleshot_timer:
		bytes = 0;
		break;
	case VCPUOP_get_runstate_info:
		bytes = sizeof(struct vcpu_runstate_info);
		break;
	case VCPUOP_register_runstate_memory_area:
		return register_runstate(vcpuid, arg);
	case VCPUOP_set_periodic_timer:
		bytes = sizeof(struct vcpu_set_periodic_timer);
		break;
	case VCPUOP_set_singleshot_timer:
		bytes = sizeof(struct vcpu_set_singleshot_timer);
		break;
	default:
		return -ENOSYS;
	}
	ret = xencomm_map(&m, bytes ? arg : NULL, bytes);
	if (ret)
		return ret;
	ret = __xen_hypercall(cmd, vcpuid, m.handle, 0, 0, __HYPERVISOR_vcpu_op);
	xencomm_unmap(&m);
	return ret;
}
EXPORT_SYMBOL_GPL(HYPERVISOR_vcpu_op);

int HYPERVISOR_callback_op(int cmd, void *arg)
{
	return call(__HYPERVISOR_callback_op, cmd, arg,
		    cmd == CALLBACKOP_register ? sizeof(struct callback_register) :
						 sizeof(struct callback_unregister));
}

int HYPERVISOR_opt_feature(struct xen_ia64_opt_feature *arg)
{
	struct xencomm_map m;
	int ret = xencomm_map(&m, arg, sizeof(*arg));

	if (ret)
		return ret;
	ret = __xen_hypercall(m.handle, 0, 0, 0, 0, __HYPERVISOR_opt_feature);
	xencomm_unmap(&m);
	return ret;
}
