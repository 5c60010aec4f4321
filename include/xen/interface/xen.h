/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers and layouts every part of the Xen interface shares. Source: Xen 4.1 public/xen.h.
 */
#ifndef XEN_INTERFACE_XEN_H
#define XEN_INTERFACE_XEN_H

#include <stdint.h>

#include "arch-ia64.h"

/* Hypercalls: the number is in r2. Those not here do not exist on IA-64. */
#define __HYPERVISOR_sched_op_compat 6
#define __HYPERVISOR_memory_op 12
#define __HYPERVISOR_multicall 13
#define __HYPERVISOR_update_va_mapping 14
#define __HYPERVISOR_set_timer_op 15
#define __HYPERVISOR_event_channel_op_compat 16
#define __HYPERVISOR_xen_version 17
#define __HYPERVISOR_console_io 18
#define __HYPERVISOR_physdev_op_compat 19
#define __HYPERVISOR_grant_table_op 20
#define __HYPERVISOR_vm_assist 21
#define __HYPERVISOR_vcpu_op 24
#define __HYPERVISOR_sched_op 29
#define __HYPERVISOR_callback_op 30
#define __HYPERVISOR_xenoprof_op 31
#define __HYPERVISOR_event_channel_op 32
#define __HYPERVISOR_physdev_op 33
#define __HYPERVISOR_hvm_op 34
#define __HYPERVISOR_sysctl 35
#define __HYPERVISOR_domctl 36
#define __HYPERVISOR_kexec_op 37
#define __HYPERVISOR_tmem_op 38
#define __HYPERVISOR_nr 64 /* all of the above and the architecture's 48..55 are below */

/* Virtual interrupts: "one a vCPU", the others one a domain (delivered to vCPU 0 until rebound). */
#define VIRQ_TIMER 0 /* one a vCPU */
#define VIRQ_DEBUG 1 /* one a vCPU */
#define VIRQ_CONSOLE 2
#define VIRQ_DOM_EXC 3
#define VIRQ_TBUF 4
#define VIRQ_DEBUGGER 6
#define VIRQ_XENOPROF 7 /* one a vCPU */
#define VIRQ_CON_RING 8
#define VIRQ_PCPU_STATE 9
#define VIRQ_MEM_EVENT 10
#define VIRQ_ARCH_0 16
#define NR_VIRQS 24

#define CONSOLEIO_write 0
#define CONSOLEIO_read 1

typedef uint16_t domid_t;
#define DOMID_FIRST_RESERVED 0x7ff0u
#define DOMID_SELF 0x7ff0u
#define DOMID_IO 0x7ff1u
#define DOMID_XEN 0x7ff2u
#define DOMID_COW 0x7ff3u
#define DOMID_INVALID 0x7ff4u

struct multicall_entry {
	uint64_t op, result;
	uint64_t args[6];
};

/* Event channels of a domain: two levels of 64-bit words. */
#define NR_EVENT_CHANNELS 4096u

struct vcpu_time_info {
	uint32_t version;
	uint32_t pad0;
	uint64_t tsc_timestamp;
	uint64_t system_time;
	uint32_t tsc_to_system_mul;
	int8_t tsc_shift;
	int8_t pad1[3];
};

struct vcpu_info {
	uint8_t evtchn_upcall_pending;
	uint8_t evtchn_upcall_mask;
	uint64_t evtchn_pending_sel; /* bit n: word n of evtchn_pending has something */
	struct arch_vcpu_info arch;
	struct vcpu_time_info time;
};

struct shared_info {
	struct vcpu_info vcpu_info[XEN_LEGACY_MAX_VCPUS];
	uint64_t evtchn_pending[64];
	uint64_t evtchn_mask[64];
	uint32_t wc_version;
	uint32_t wc_sec;
	uint32_t wc_nsec;
	struct arch_shared_info arch;
};

#define MAX_GUEST_CMDLINE 1024

struct start_info {
	char magic[32]; /* "xen-3.0-ia64" */
	uint64_t nr_pages;
	uint64_t shared_info; /* guest-physical */
	uint32_t flags;       /* SIF_* */
	xen_pfn_t store_mfn;
	uint32_t store_evtchn;
	union {
		struct {
			xen_pfn_t mfn;
			uint32_t evtchn;
		} domU;
		struct {
			uint32_t info_off;
			uint32_t info_size;
		} dom0;
	} console;
	uint64_t pt_base;
	uint64_t nr_pt_frames;
	uint64_t mfn_list;
	uint64_t mod_start;
	uint64_t mod_len;
	int8_t cmd_line[MAX_GUEST_CMDLINE];
	uint64_t first_p2m_pfn;
	uint64_t nr_p2m_frames;
};

#define SIF_PRIVILEGED (1 << 0)
#define SIF_INITDOMAIN (1 << 1)

#endif
