// SPDX-License-Identifier: GPL-2.0-or-later
// Each hypercall right and wrong, as one domain with one vCPU and 64 MB sees it. Sources: Xen 4.1 public/*.h.
	.include "lib.s"

	.set RAM_PAGES, 0x1000               // of 16 KB
	.set FREE_PFN, 0x800                 // a page of RAM nobody uses
	.set HOLE_PFN, RAM_PAGES + 16        // where there is none
	.set MAX_GPFN, 0xff100000 / 0x4000 - 1

	.data
	.align 8
arg: .skip 256
list: .skip 256
text: stringz "# console_io by a descriptor over two pages\n"
	.align 0x4000                        // a descriptor's addresses are of pages
page_a: .skip 0x4000
page_b: .skip 0x4000
desc: data4 0x58434f4d, 2
	data8 page_a + 0x4000 - 8, page_b
desc_short: data4 0x58434f4d, 1
	data8 page_a + 0x4000 - 8
desc_bad: data4 0x12345678, 1
	data8 page_a
desc_hole: data4 0x58434f4d, 1
	data8 0xffffffffffffffff
desc_far: data4 0x58434f4d, 1
	data8 0xd0000000
calls:
	data8 XEN_VERSION, 0, 0, 0, 0, 0, 0, 0
	data8 63, 0, 0, 0, 0, 0, 0, 0
	data8 MULTICALL, 0, 0, 0, 0, 0, 0, 0

	// Blocks until port 3 is pending. It may be woken by what rang before, as the bit is set first and
	// the vCPU woken then: a kernel looks, and blocks again.
	.macro blocks nr, name
7:	hcall \nr, 1
	movl r14 = PENDING
	ld8 r15 = [r14]
	tbit.z p6, p7 = r15, 3
(p6)	br.cond.spnt.few 7b
	is 0, "\name"
	.endm

	.text
main:
	// ---- what the builder made ----
	movl r14 = SHARED + 4112
	ld8 r15 = [r14]
	shl r15 = r15, 14
	ld8 r8 = [r15]
	is 0x2d302e332d6e6578, "start_info: magic xen-3.0-"
	adds r15 = 32, r15
	ld8 r8 = [r15]
	is RAM_PAGES, "start_info: nr_pages"
	movl r14 = SHARED + 4112
	ld8 r15 = [r14]
	shl r15 = r15, 14
	adds r15 = 48, r15
	ld4 r8 = [r15]
	is 0, "start_info: flags of a domU"

	// ---- xen_version ----
	gives 0x40001, "xen_version: 4.1", XEN_VERSION, 0
	gives 0x4000, "xen_version: pages of 16 KB", XEN_VERSION, 7
	gives EINVAL, "xen_version: pagesize takes no argument", XEN_VERSION, 7, arg + INLINE
	gives 0, "xen_version: capabilities", XEN_VERSION, 3, page_a + INLINE
	mem8_is page_a, 0x2d302e332d6e6578, "they begin with xen-3.0-"
	gives 0, "xen_version: features, map 0", XEN_VERSION, 6, arg + INLINE
	bits8_are arg, 0x500000000, 0x500000000, "writable page tables, translated physmap"
	put8 arg, 1
	gives EINVAL, "xen_version: features, map 1", XEN_VERSION, 6, arg + INLINE
	gives EFAULT, "xen_version: to a hole", XEN_VERSION, 3, HOLE_PFN * 0x4000 + INLINE
	gives EFAULT, "xen_version: to address 1 << 60", XEN_VERSION, 3, 0x1000000000000000 + INLINE
	gives ENOSYS, "xen_version: unknown command", XEN_VERSION, 99, arg + INLINE

	// ---- xencomm ----
	gives 0, "xencomm: a descriptor over two pages", XEN_VERSION, 1, desc
	mem8_is page_a + 0x4000 - 8, 0x76617261702d302e, "its first part"
	bits8_are page_b, 0xffffff, 0x656e61, "its second part"
	gives EFAULT, "xencomm: wrong magic", XEN_VERSION, 1, desc_bad
	gives EFAULT, "xencomm: an entry without a page", XEN_VERSION, 1, desc_hole
	gives EFAULT, "xencomm: an entry outside of memory", XEN_VERSION, 1, desc_far
	gives EFAULT, "xencomm: shorter than the structure", XEN_VERSION, 3, desc_short
	gives EFAULT, "xencomm: the descriptor is outside of memory", XEN_VERSION, 1, 0xd0000000
	gives EFAULT, "xencomm: the null handle", XEN_VERSION, 1, 0

	// ---- console_io ----
	gives 0, "console_io: nothing", CONSOLE_IO, 0, 0, text + INLINE
	gives EFAULT, "console_io: from a hole", CONSOLE_IO, 0, 8, HOLE_PFN * 0x4000 + INLINE
	gives EINVAL, "console_io: a negative count", CONSOLE_IO, 0, 0xfffffff0, text + INLINE
	gives 0, "console_io: there is nothing to read", CONSOLE_IO, 1, 8, arg + INLINE
	gives ENOSYS, "console_io: unknown command", CONSOLE_IO, 2

	// ---- memory_op ----
	put2 arg, SELF
	gives RAM_PAGES + 64, "memory_op: current_reservation, firmware included", MEMORY_OP, 3, arg + INLINE
	gives RAM_PAGES + 64, "memory_op: maximum_reservation", MEMORY_OP, 4, arg + INLINE
	put2 arg, 7
	gives ESRCH, "memory_op: current_reservation of no domain", MEMORY_OP, 3, arg + INLINE
	put8 list, FREE_PFN
	put8 FREE_PFN * 0x4000, 0x1234
	put8 arg, list + INLINE
	put8 arg + 8, 1
	put8 arg + 16, 0
	put8 arg + 24, SELF
	gives 1, "memory_op: decrease_reservation of a page", MEMORY_OP, 1, arg + INLINE
	gives 0, "memory_op: again, it is gone", MEMORY_OP, 1, arg + INLINE
	gives 1, "memory_op: populate_physmap puts it back", MEMORY_OP, 6, arg + INLINE
	mem8_is FREE_PFN * 0x4000, 0, "it is zero now"
	gives 0, "memory_op: populate_physmap where there is one", MEMORY_OP, 6, arg + INLINE
	put8 list, 0xfffffffffff
	gives 0, "memory_op: populate_physmap far away", MEMORY_OP, 6, arg + INLINE
	put8 list, HOLE_PFN
	gives 0, "memory_op: populate_physmap beyond the maximum", MEMORY_OP, 6, arg + INLINE
	put8 arg + 16, 40
	gives 0, "memory_op: an order of 40", MEMORY_OP, 6, arg + INLINE
	put8 arg, HOLE_PFN * 0x4000 + INLINE
	put8 arg + 16, 0
	gives 0, "memory_op: a list that is not there", MEMORY_OP, 6, arg + INLINE
	gives EFAULT, "memory_op: a structure that is not there", MEMORY_OP, 6, HOLE_PFN * 0x4000 + INLINE
	put8 arg, list + INLINE
	put2 arg + 24, 7
	gives ESRCH, "memory_op: populate_physmap for no domain", MEMORY_OP, 6, arg + INLINE
	put2 arg, SELF
	put4 arg + 4, 0
	put8 arg + 8, 0
	put8 arg + 16, FREE_PFN
	gives 0, "memory_op: add_to_physmap of shared_info", MEMORY_OP, 7, arg + INLINE
	mem8_is FREE_PFN * 0x4000 + 4112, RAM_PAGES - 3, "start_info_pfn is there"
	put4 arg + 4, 9
	gives EINVAL, "memory_op: add_to_physmap of an unknown space", MEMORY_OP, 7, arg + INLINE
	gives ENOSYS, "memory_op: exchange", MEMORY_OP, 11, arg + INLINE
	put2 arg, SELF
	gives MAX_GPFN, "memory_op: maximum_gpfn", MEMORY_OP, 14, arg + INLINE
	gives MAX_GPFN + 1, "memory_op: maximum_ram_page", MEMORY_OP, 2
	gives EFAULT, "memory_op: maximum_gpfn of nobody's structure", MEMORY_OP, 14, HOLE_PFN * 0x4000 + INLINE
	gives EINVAL, "memory_op: machine_memory_map is for a dom0", MEMORY_OP, 10, arg + INLINE
	gives EINVAL, "memory_op: set_pod_target likewise", MEMORY_OP, 16, arg + INLINE
	gives EINVAL, "memory_op: get_pod_target likewise", MEMORY_OP, 17, arg + INLINE
	gives ENOSYS, "memory_op: memory_map", MEMORY_OP, 9, arg + INLINE
	gives ENOSYS, "memory_op: machphys_mfn_list", MEMORY_OP, 5, arg + INLINE
	gives ENOSYS, "memory_op: unknown command", MEMORY_OP, 63, arg + INLINE
	put8 arg, list + INLINE
	put8 arg + 8, 0
	put8 arg + 16, 0
	put8 arg + 24, SELF
	gives 0, "memory_op: increase_reservation of nothing", MEMORY_OP, 0, arg + INLINE
	put8 arg + 8, 1
	gives 1, "memory_op: increase_reservation: shared_info has taken a page's place", MEMORY_OP, 0, arg + INLINE
	mem8_is list, RAM_PAGES, "the first where nothing is"
	gives 0, "memory_op: increase_reservation beyond the maximum", MEMORY_OP, 0, arg + INLINE
	put8 list, FREE_PFN + 1
	gives 1, "memory_op: decrease_reservation", MEMORY_OP, 1, arg + INLINE
	put8 list, 0
	gives 1, "memory_op: increase_reservation", MEMORY_OP, 0, arg + INLINE
	mem8_is list, FREE_PFN + 1, "where a page was missing"

	// ---- event_channel_op; ports 1 and 2 are the store's and the console's ----
	put4 arg, 0
	gives 0, "event_channel_op: bind_ipi", EVTCHN_OP, 7, arg + INLINE
	mem4_is arg + 4, 3, "the first free port"
	put4 arg, 1
	gives ENOENT, "event_channel_op: bind_ipi of a vCPU that is not", EVTCHN_OP, 7, arg + INLINE
	put4 arg, 3
	gives 0, "event_channel_op: send", EVTCHN_OP, 4, arg + INLINE
	bits8_are PENDING, 8, 8, "its bit is set"
	bits8_are SHARED, 0xff, 0, "no upcall: it is masked"
	gives 0, "event_channel_op: unmask", EVTCHN_OP, 9, arg + INLINE
	bits8_are MASK, 8, 0, "its mask is clear"
	bits8_are SHARED, 0xff, 1, "upcall pending"
	mem8_is SHARED + 8, 1, "word 0 of the selector"
	put4 arg + 32, 3
	put2 arg + 32, SELF
	put4 arg + 36, 3
	gives 0, "event_channel_op: status", EVTCHN_OP, 5, arg + 32 + INLINE
	mem4_is arg + 40, 5, "an IPI"
	put4 arg + 36, 4095
	gives 0, "event_channel_op: status of a free port", EVTCHN_OP, 5, arg + 32 + INLINE
	mem4_is arg + 40, 0, "closed"
	put4 arg + 36, 4096
	gives EINVAL, "event_channel_op: status of port 4096", EVTCHN_OP, 5, arg + 32 + INLINE
	put4 arg + 4, 0
	gives EINVAL, "event_channel_op: an IPI stays with its vCPU", EVTCHN_OP, 8, arg + INLINE
	gives 0, "event_channel_op: close", EVTCHN_OP, 3, arg + INLINE
	bits8_are PENDING, 8, 0, "nothing is pending any more"
	gives EINVAL, "event_channel_op: close it twice", EVTCHN_OP, 3, arg + INLINE
	gives EINVAL, "event_channel_op: send to a closed port", EVTCHN_OP, 4, arg + INLINE
	put4 arg, 0
	gives EINVAL, "event_channel_op: close port 0", EVTCHN_OP, 3, arg + INLINE
	put4 arg, 5000
	gives EINVAL, "event_channel_op: send to port 5000", EVTCHN_OP, 4, arg + INLINE
	put4 arg, 0
	put4 arg + 4, 0
	gives 0, "event_channel_op: bind_virq of the timer", EVTCHN_OP, 1, arg + INLINE
	mem4_is arg + 8, 3, "the port is free again"
	gives EEXIST, "event_channel_op: bind_virq twice", EVTCHN_OP, 1, arg + INLINE
	put4 arg, 24
	gives EINVAL, "event_channel_op: bind_virq 24", EVTCHN_OP, 1, arg + INLINE
	gives EPERM, "event_channel_op: bind_pirq", EVTCHN_OP, 2, arg + INLINE
	put2 arg, SELF
	put2 arg + 2, SELF
	gives 0, "event_channel_op: alloc_unbound for itself", EVTCHN_OP, 6, arg + INLINE
	mem4_is arg + 4, 4, "port 4"
	put2 arg, 7
	gives ESRCH, "event_channel_op: alloc_unbound in no domain", EVTCHN_OP, 6, arg + INLINE
	put4 arg, SELF
	put4 arg + 4, 4
	gives 0, "event_channel_op: bind_interdomain to itself", EVTCHN_OP, 0, arg + INLINE
	mem4_is arg + 8, 5, "port 5"
	gives EINVAL, "event_channel_op: bind_interdomain to what is bound", EVTCHN_OP, 0, arg + INLINE
	put4 arg, 7
	gives ESRCH, "event_channel_op: bind_interdomain to no domain", EVTCHN_OP, 0, arg + INLINE
	put8 PENDING, 0
	put4 arg, 5
	gives 0, "event_channel_op: send from one end", EVTCHN_OP, 4, arg + INLINE
	mem8_is PENDING, 0x10, "arrives at the other"
	put4 arg, 4
	gives 0, "event_channel_op: close one end", EVTCHN_OP, 3, arg + INLINE
	put2 arg + 32, SELF
	put4 arg + 36, 5
	gives 0, "event_channel_op: status of the other", EVTCHN_OP, 5, arg + 32 + INLINE
	mem4_is arg + 40, 1, "unbound"
	put4 arg, 5
	put4 arg + 4, 0
	gives 0, "event_channel_op: bind_vcpu", EVTCHN_OP, 8, arg + INLINE
	put4 arg + 4, 1
	gives ENOENT, "event_channel_op: bind_vcpu to none", EVTCHN_OP, 8, arg + INLINE
	gives 0, "event_channel_op: close", EVTCHN_OP, 3, arg + INLINE
	gives ENOSYS, "event_channel_op: unknown command", EVTCHN_OP, 11, arg + INLINE
	gives EFAULT, "event_channel_op: a structure that is not there", EVTCHN_OP, 4, HOLE_PFN * 0x4000 + INLINE
	put4 arg, 7
	put4 arg + 4, 0
	gives 0, "event_channel_op_compat: bind_ipi", EVTCHN_COMPAT, arg + INLINE
	mem4_is arg + 8, 4, "port 4"

	// ---- sched_op, set_timer_op, vcpu_op: port 3 is the timer's ----
	gives 0, "sched_op: yield", SCHED_OP, 0
	put8 MASK, -1 - 8
	quiet
	now
	movl r15 = 2000000
	add r32 = r8, r15
	mov r2 = SET_TIMER
	break.m 0x1000
	is 0, "set_timer_op: in 2 ms"
	blocks SCHED_OP, "sched_op: block until it rings, events unmasked"
	bits8_are PENDING, 8, 8, "it rang"
	bits8_are SHARED, 0xff00, 0, "block has cleared evtchn_upcall_mask"
	quiet
	// Not so soon that a busy host lets it pass before the call: nothing would be waited for.
	now
	movl r15 = 100000000
	add r15 = r8, r15
	movl r14 = arg + 16
	st8 [r14] = r15
	put4 list, 4
	put8 arg, list + INLINE
	put8 arg + 8, 1
	gives 0, "sched_op: poll until its time-out", SCHED_OP, 3, arg + INLINE
	now
	movl r14 = arg + 16
	ld8 r15 = [r14]
	cmp.ltu p6, p7 = r8, r15
	mov r8 = 0
(p6)	mov r8 = 1
	is 0, "that has passed"
	put8 arg + 16, 0
	put4 list + 8, 4
	gives 0, "a port that is pending", EVTCHN_OP, 4, list + 8 + INLINE
	gives 0, "sched_op: poll of it returns at once", SCHED_OP, 3, arg + INLINE
	put8 arg + 8, 129
	gives EINVAL, "sched_op: poll of 129 ports", SCHED_OP, 3, arg + INLINE
	put8 arg + 8, 1
	put4 list, 4096
	gives EINVAL, "sched_op: poll of port 4096", SCHED_OP, 3, arg + INLINE
	put8 arg, HOLE_PFN * 0x4000 + INLINE
	gives EFAULT, "sched_op: poll of ports that are not there", SCHED_OP, 3, arg + INLINE
	put8 arg, 0
	gives ESRCH, "sched_op: remote_shutdown of a domain that is not", SCHED_OP, 4, arg + INLINE
	put8 arg, 0
	gives EINVAL, "sched_op: a watchdog with neither id nor time-out", SCHED_OP, 6, arg + INLINE
	put8 arg, 0x6400000000
	gives 1, "sched_op: a watchdog of 100 s", SCHED_OP, 6, arg + INLINE
	put8 arg, 1
	gives 0, "sched_op: it stops", SCHED_OP, 6, arg + INLINE
	put8 arg, 0x6400000009
	gives EINVAL, "sched_op: watchdog 9", SCHED_OP, 6, arg + INLINE
	gives ENOSYS, "sched_op: unknown command", SCHED_OP, 7, arg + INLINE
	gives 1, "vcpu_op: vCPU 0 is up", VCPU_OP, 3, 0
	gives ENOENT, "vcpu_op: there is no vCPU 1", VCPU_OP, 3, 1
	gives EINVAL, "vcpu_op: nor can there be a vCPU 64", VCPU_OP, 3, 64
	put8 arg, page_a + INLINE
	gives 0, "vcpu_op: register_runstate_memory_area", VCPU_OP, 5, 0, arg + INLINE
	mem4_is page_a, 0, "it is there, running"
	put8 arg, 1000
	gives EINVAL, "vcpu_op: a period of 1 us", VCPU_OP, 6, 0, arg + INLINE
	put8 arg, 2000000
	quiet
	gives 0, "vcpu_op: a period of 2 ms", VCPU_OP, 6, 0, arg + INLINE
	blocks SCHED_OP, "sched_op: block until it rings"
	bits8_are PENDING, 8, 8, "it rang"
	gives 0, "vcpu_op: no period any more", VCPU_OP, 7, 0
	quiet
	put8 arg, 1
	put4 arg + 8, 1
	gives ETIME, "vcpu_op: a single shot in the past", VCPU_OP, 8, 0, arg + INLINE
	put4 arg + 8, 0
	gives 0, "vcpu_op: one that rings at once", VCPU_OP, 8, 0, arg + INLINE
	blocks SCHED_OP, "sched_op: block until it rings"
	bits8_are PENDING, 8, 8, "it rang"
	gives 0, "vcpu_op: no single shot any more", VCPU_OP, 9, 0
	gives ENOSYS, "vcpu_op: send_nmi", VCPU_OP, 11, 0
	gives ENOSYS, "vcpu_op: get_physid", VCPU_OP, 12, 0, arg + INLINE
	gives ENOSYS, "vcpu_op: register_vcpu_info", VCPU_OP, 10, 0, arg + INLINE
	// Not so soon that a busy host lets it pass before the call: that would refuse it.
	now
	movl r15 = 200000000
	add r15 = r8, r15
	movl r14 = arg
	st8 [r14] = r15
	put4 arg + 8, 1
	quiet
	gives 0, "vcpu_op: a single shot in the future", VCPU_OP, 8, 0, arg + INLINE
	blocks SCHED_OP, "sched_op: block until it rings"
	bits8_are PENDING, 8, 8, "it rang"
	quiet
	gives 0, "set_timer_op: far in the future, as jiffies that have wrapped", SET_TIMER, 0x7000000000000000
	blocks SCHED_COMPAT, "sched_op_compat: block until it rings all the same"
	bits8_are PENDING, 8, 8, "it rang"
	quiet
	gives 0, "set_timer_op: a negative time", SET_TIMER, -1
	blocks SCHED_OP, "sched_op: block until it rings"
	bits8_are PENDING, 8, 8, "it rang"
	gives 0, "set_timer_op: none", SET_TIMER, 0
	gives 0, "sched_op_compat: yield", SCHED_COMPAT, 0
	gives ENOSYS, "sched_op_compat: poll", SCHED_COMPAT, 3
	gives EFAULT, "sched_op: shutdown for a reason that is not there", SCHED_OP, 2, HOLE_PFN * 0x4000 + INLINE
	gives EFAULT, "sched_op: shutdown_code that is not there", SCHED_OP, 5, HOLE_PFN * 0x4000 + INLINE
	gives EFAULT, "vcpu_op: a structure that is not there", VCPU_OP, 6, 0, HOLE_PFN * 0x4000 + INLINE

	// ---- grant_table_op ----
	put8 arg, SELF
	gives 0, "grant_table_op: query_size", GRANT_OP, 6, arg + INLINE, 1
	mem4_is arg + 8, 32, "32 frames at most"
	put2 arg, SELF
	put4 arg + 4, 1
	put8 arg + 16, list + INLINE
	gives 0, "grant_table_op: setup_table", GRANT_OP, 2, arg + INLINE, 1
	mem2_is arg + 8, 0, "status okay"
	movl r14 = list
	ld8 r15 = [r14]
	shl r15 = r15, 14
	movl r14 = page_b
	shr.u r14 = r14, 14
	shl r14 = r14, 32
	movl r16 = 1
	or r14 = r14, r16
	adds r15 = 64, r15
	st8 [r15] = r14
	put4 arg + 4, 33
	hcall GRANT_OP, 2, arg + INLINE, 1
	mem2_is arg + 8, 0xffff, "setup_table of 33 frames: general error"
	put2 arg, 7
	put4 arg + 4, 1
	hcall GRANT_OP, 2, arg + INLINE, 1
	mem2_is arg + 8, 0xfffe, "setup_table of no domain: bad domain"
	put8 arg, FREE_PFN * 0x4000
	put4 arg + 8, 2
	put4 arg + 12, 8
	put2 arg + 16, 7
	gives 0, "grant_table_op: map of no domain's", GRANT_OP, 0, arg + INLINE, 1
	mem2_is arg + 18, 0xfffe, "bad domain"
	gives ENOSYS, "grant_table_op: set_version", GRANT_OP, 8, arg + INLINE, 1
	gives ENOSYS, "grant_table_op: unknown command", GRANT_OP, 50, arg + INLINE, 1
	gives EFAULT, "grant_table_op: a structure that is not there", GRANT_OP, 6, HOLE_PFN * 0x4000 + INLINE, 1

	// ---- the rest ----
	put8 arg, 0
	put8 arg + 8, 0
	gives 0, "callback_op: register an event callback", CALLBACK_OP, 0, arg + INLINE
	put2 arg, 5
	gives ENOSYS, "callback_op: of an unknown type", CALLBACK_OP, 0, arg + INLINE
	gives EINVAL, "callback_op: unregister", CALLBACK_OP, 1, arg + INLINE
	gives ENOSYS, "callback_op: unknown command", CALLBACK_OP, 2, arg + INLINE
	gives EINVAL, "physdev_op: eoi of nothing", PHYSDEV_OP, 12, arg + INLINE
	gives EFAULT, "physdev_op: eoi that is not there", PHYSDEV_OP, 12, HOLE_PFN * 0x4000 + INLINE
	gives 0, "physdev_op: irq_unmask_notify", PHYSDEV_OP, 4
	gives 0, "physdev_op: map_pirq", PHYSDEV_OP, 13, arg + INLINE
	gives EFAULT, "physdev_op: map_pirq that is not there", PHYSDEV_OP, 13, HOLE_PFN * 0x4000 + INLINE
	gives 0, "physdev_op: unmap_pirq", PHYSDEV_OP, 14, arg + INLINE
	gives EPERM, "physdev_op: apic_read", PHYSDEV_OP, 8, arg + INLINE
	gives EPERM, "physdev_op: apic_write", PHYSDEV_OP, 9, arg + INLINE
	gives EPERM, "physdev_op: free_irq_vector", PHYSDEV_OP, 11, arg + INLINE
	gives EPERM, "physdev_op: manage_pci_add", PHYSDEV_OP, 15, arg + INLINE
	gives EPERM, "physdev_op: manage_pci_remove", PHYSDEV_OP, 16, arg + INLINE
	gives EPERM, "physdev_op: manage_pci_add_ext", PHYSDEV_OP, 20, arg + INLINE
	put8 arg, HOLE_PFN
	gives EINVAL, "physdev_op: pirq_eoi_gmfn in a hole", PHYSDEV_OP, 17, arg + INLINE
	put8 arg, FREE_PFN + 1
	gives 0, "physdev_op: pirq_eoi_gmfn", PHYSDEV_OP, 17, arg + INLINE
	gives EBUSY, "physdev_op: pirq_eoi_gmfn only once", PHYSDEV_OP, 28, arg + INLINE
	put4 arg, 20
	gives 0, "physdev_op: status of interrupt 20", PHYSDEV_OP, 5, arg + INLINE
	mem4_is arg + 4, 0, "no eoi is needed"
	put4 arg, 300
	gives EINVAL, "physdev_op: status of interrupt 300", PHYSDEV_OP, 5, arg + INLINE
	gives EPERM, "physdev_op: alloc_irq_vector", PHYSDEV_OP, 10, arg + INLINE
	gives ENOSYS, "physdev_op: unknown command", PHYSDEV_OP, 77, arg + INLINE
	gives EINVAL, "ia64_fast_eoi: of nothing", FAST_EOI, 0
	gives 16, "dom0vp_op: phystomach", DOM0VP_OP, 1, 16
	gives -1, "dom0vp_op: phystomach of a hole", DOM0VP_OP, 1, HOLE_PFN
	gives EPERM, "dom0vp_op: add_physmap", DOM0VP_OP, 6
	gives EPERM, "dom0vp_op: add_physmap_with_gmfn", DOM0VP_OP, 9
	gives EPERM, "dom0vp_op: ioremap", DOM0VP_OP, 0, 0xf0000000, 0x1000
	gives 17, "dom0vp_op: machtophys", DOM0VP_OP, 3, 17
	gives -1, "dom0vp_op: machtophys of a hole", DOM0VP_OP, 3, HOLE_PFN
	gives ENOSYS, "dom0vp_op: fpswa_revision", DOM0VP_OP, 10, arg + INLINE
	gives ENOSYS, "dom0vp_op: expose_p2m", DOM0VP_OP, 7
	gives ENOSYS, "dom0vp_op: zap_physmap of many", DOM0VP_OP, 5, FREE_PFN + 2, 1
	put8 (FREE_PFN + 2) * 0x4000, 0x1234
	gives 0, "dom0vp_op: zap_physmap", DOM0VP_OP, 5, FREE_PFN + 2
	gives -1, "it is gone", DOM0VP_OP, 1, FREE_PFN + 2
	gives 0, "dom0vp_op: get_memmap", DOM0VP_OP, 14, SELF, arg + INLINE
	mem8_is arg, 40, "a descriptor"
	mem8_is arg + 48, RAM_PAGES * 4, "of all memory"
	gives ESRCH, "dom0vp_op: get_memmap of no domain", DOM0VP_OP, 14, 7, arg + INLINE
	gives EFAULT, "dom0vp_op: get_memmap to nowhere", DOM0VP_OP, 14, SELF, HOLE_PFN * 0x4000 + INLINE
	put8 SHARED + 4128, -1
	gives EFAULT, "dom0vp_op: get_memmap, from where there is none", DOM0VP_OP, 14, SELF, arg + INLINE
	gives ENOSYS, "dom0vp_op: unknown command", DOM0VP_OP, 99
	put8 arg, 1
	put8 arg + 8, 1
	gives 0, "opt_feature: identity mapping of region 7", OPT_FEATURE, arg + INLINE
	put8 arg, 9
	gives ENOSYS, "opt_feature: unknown", OPT_FEATURE, arg + INLINE
	gives 0, "multicall", MULTICALL, calls + INLINE, 3
	mem8_is calls + 8, 0x40001, "its first result"
	mem8_is calls + 64 + 8, ENOSYS, "its second: no such hypercall"
	mem8_is calls + 128 + 8, ENOSYS, "its third: no multicall in a multicall"
	gives EFAULT, "multicall: a list that is not there", MULTICALL, HOLE_PFN * 0x4000 + INLINE, 3
	gives EINVAL, "multicall: a negative count", MULTICALL, calls + INLINE, 0xffffffff
	gives ENOSYS, "set_trap_table", 0
	gives ENOSYS, "mmu_update", 1
	gives ENOSYS, "platform_op", 7
	gives ENOSYS, "kexec_op", 37
	gives ENOSYS, "tmem_op", 38
	gives ENOSYS, "ia64_debug_op", 50
	gives ENOSYS, "vm_assist", 21
	gives ENOSYS, "xenoprof_op", 31
	gives ENOSYS, "hvm_op", 34
	gives ENOSYS, "sysctl", 35
	gives ENOSYS, "domctl", 36
	gives ENOSYS, "number 63", 63
	gives ENOSYS, "number 64", 64
	gives ENOSYS, "a number of 64 bits", 0x8000000000000011
	finish
