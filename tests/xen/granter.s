// SPDX-License-Identifier: GPL-2.0-or-later
// Domain 1 of two: grants pages to domain 2 (mapper.s) and waits for its events. Sources: Xen 4.1 public/grant_table.h.
	.include "lib.s"

	.set TRANSFER_PFN, 0x900

	.data
	.align 16
arg: .skip 64
list: .skip 64
gone: data8 TRANSFER_PFN
port: data4 3, 0
	.align 0x4000
page0: data8 0x1111
	.skip 0x4000 - 8
page1: data8 0x2222
	.skip 0x4000 - 8
page2: data8 0x4444
	.skip 0x4000 - 8

	.text
	// Entry n of the table, whose address is in r22.
	.macro entry n, flags, domid, page
	adds r14 = 8 * \n, r22
	movl r15 = \page
	shr.u r15 = r15, 14
	adds r16 = 4, r14
	st4.rel [r16] = r15
	movl r15 = (\domid << 16) | \flags
	st4.rel [r14] = r15
	.endm

	.macro flags_are n, mask, value, name
	adds r14 = 8 * \n, r22
	ld2 r8 = [r14]
	movl r15 = \mask
	and r8 = r8, r15
	is \value, "\name"
	.endm

	// For the other's next event on port 3, a minute at most.
	.macro await name
	now
	movl r15 = 60000000000
	add r15 = r8, r15
	movl r14 = arg + 16
	st8 [r14] = r15
	put8 arg, port + INLINE
	put8 arg + 8, 1
	hcall SCHED_OP, 3, arg + INLINE
	bits8_are PENDING, 8, 8, "\name"
	put8 PENDING, 0
	.endm

main:
	put2 arg, SELF
	put4 arg + 4, 1
	put8 arg + 16, list + INLINE
	gives 0, "setup_table", GRANT_OP, 2, arg + INLINE, 1
	movl r14 = list
	ld8 r22 = [r14]
	shl r22 = r22, 14
	put8 list, TRANSFER_PFN
	put8 arg, list + INLINE
	put8 arg + 8, 1
	put8 arg + 16, 0
	put8 arg + 24, SELF
	gives 1, "room for a page", MEMORY_OP, 1, arg + INLINE
	entry 8, 1, 2, page0
	entry 9, 5, 2, page1
	entry 11, 2, 2, (TRANSFER_PFN << 14)
	entry 12, 1, 3, page2
	entry 13, 1, 2, page2
	put2 arg, SELF
	put2 arg + 2, 2
	gives 0, "a port for domain 2", EVTCHN_OP, 6, arg + INLINE
	mem4_is arg + 4, 3, "port 3"

	await "domain 2 has bound it"
	gives 0, "send", EVTCHN_OP, 4, port + INLINE
	await "domain 2 has mapped pages"
	mem8_is page0, 0x3333, "what it wrote is here"
	flags_are 8, 0x18, 0x18, "the entry says reading and writing"
	flags_are 9, 0x18, 0x08, "the read-only one says reading"
	put8 page0 + 8, 0x7777
	movl r14 = page0
	shr.u r14 = r14, 14
	movl r15 = list
	st8 [r15] = r14
	put8 arg, list + INLINE
	put8 arg + 8, 1
	put8 arg + 16, 0
	put8 arg + 24, SELF
	gives 0, "a page that is mapped cannot be given back", MEMORY_OP, 1, arg + INLINE
	gives 0, "send", EVTCHN_OP, 4, port + INLINE
	await "domain 2 has unmapped them"
	flags_are 8, 0x18, 0, "the entry is free"
	flags_are 9, 0x18, 0, "the read-only one too"
	mem8_is page2, 0x5555, "what it copied is here"
	flags_are 11, 0xc, 0xc, "the transfer is completed"
	mem8_is (TRANSFER_PFN << 14), 0x9999, "the page it gave is here"
	gives 0, "send", EVTCHN_OP, 4, port + INLINE
	await "domain 2 has mapped one again"
	finish
