// SPDX-License-Identifier: GPL-2.0-or-later
// Domain 2 of two: uses what domain 1 (granter.s) grants, rightly and wrongly, and outlives it.
// Sources: Xen 4.1 public/grant_table.h, public/event_channel.h.
	.include "lib.s"

	.set WINDOW, 0x900 << 14             // where pages are mapped
	.set WINDOW2, 0x901 << 14
	.set OKAY, 0
	.set GENERAL_ERROR, 0xffff
	.set BAD_DOMAIN, 0xfffe
	.set BAD_GNTREF, 0xfffd
	.set BAD_HANDLE, 0xfffc

	.data
	.align 16
arg: .skip 64
port: data4 0, 0
map: .skip 32
map2: .skip 32
unmap: .skip 32
copy: .skip 48
transfer: .skip 32
	.align 0x4000
local: data8 0x5555
	.skip 0x4000 - 8
given: data8 0x9999
	.skip 0x4000 - 8

	.text
	// Maps `ref` of a domain; its status is `status`.
	.macro map_ at, address, flags, ref, domid, status, name
	put8 \at, \address
	put4 \at + 8, \flags
	put4 \at + 12, \ref
	put4 \at + 16, \domid
	hcall GRANT_OP, 0, \at + INLINE, 1
	mem2_is \at + 18, \status, "\name"
	.endm
	// Unmaps the handle of `at`.
	.macro unmap_ at, address, status, name
	put8 unmap, \address
	put8 unmap + 8, 0
	movl r14 = \at + 20
	ld4 r15 = [r14]
	movl r14 = unmap + 16
	st4 [r14] = r15
	hcall GRANT_OP, 1, unmap + INLINE, 1
	mem2_is unmap + 20, \status, "\name"
	.endm
	// Copies 8 bytes from the page of `local` to a reference of domain 1.
	.macro copy_ ref, offset, len, status, name
	movl r14 = local
	shr.u r14 = r14, 14
	movl r15 = copy
	st8 [r15] = r14
	put4 copy + 8, SELF
	put8 copy + 16, \ref
	put2 copy + 24, 1
	put2 copy + 26, \offset
	put4 copy + 32, \len | 2 << 16
	hcall GRANT_OP, 5, copy + INLINE, 1
	mem2_is copy + 36, \status, "\name"
	.endm
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
	put4 arg, 1
	put4 arg + 4, 3
	movl r21 = 1000000
1:	hcall EVTCHN_OP, 0, arg + INLINE
	cmp.eq p6, p7 = 0, r8
(p6)	br.cond.sptk.many 2f
	hcall SCHED_OP, 0
	adds r21 = -1, r21
	cmp.ne p6, p7 = 0, r21
(p6)	br.cond.sptk.many 1b
2:	is 0, "bind_interdomain to domain 1"
	mem4_is arg + 8, 3, "port 3"
	put4 port, 3
	put8 PENDING, 0
	gives 0, "send", EVTCHN_OP, 4, port + INLINE
	await "domain 1 has heard it"

	map_ map, WINDOW, 2, 8, 1, OKAY, "map a page"
	mem8_is WINDOW, 0x1111, "its contents"
	map_ map2, WINDOW2, 6, 9, 1, OKAY, "map one read-only"
	mem8_is WINDOW2, 0x2222, "its contents"
	map_ arg + 32, WINDOW2, 2, 9, 1, GENERAL_ERROR, "that one is not writable"
	map_ arg + 32, 0x902 << 14, 2, 10, 1, GENERAL_ERROR, "nothing is granted there"
	map_ arg + 32, 0x902 << 14, 2, 12, 1, GENERAL_ERROR, "granted to another domain"
	map_ arg + 32, 0x902 << 14, 2, 100000, 1, BAD_GNTREF, "there is no such reference"
	map_ arg + 32, 0x902 << 14, 2, 8, 9, BAD_DOMAIN, "there is no such domain"
	put8 WINDOW, 0x3333
	gives 0, "send", EVTCHN_OP, 4, port + INLINE
	await "domain 1 has looked"
	mem8_is WINDOW + 8, 0x7777, "what it wrote is here"
	unmap_ map, WINDOW, OKAY, "unmap"
	unmap_ map, WINDOW, BAD_HANDLE, "only once"
	unmap_ map2, WINDOW2, OKAY, "unmap the read-only one"
	put4 map + 20, 12345
	unmap_ map, WINDOW, BAD_HANDLE, "there is no such handle"
	copy_ 13, 0, 8, OKAY, "copy to a page"
	copy_ 9, 0, 8, GENERAL_ERROR, "copy to a read-only one"
	copy_ 10, 0, 8, GENERAL_ERROR, "copy where nothing is granted"
	copy_ 13, 0x3ffc, 8, 0xfff6, "copy over the page's end"
	movl r14 = given
	shr.u r14 = r14, 14
	movl r15 = transfer
	st8 [r15] = r14
	put4 transfer + 8, 1
	put4 transfer + 12, 12
	hcall GRANT_OP, 4, transfer + INLINE, 1
	mem2_is transfer + 16, GENERAL_ERROR, "transfer to a reference that does not accept one"
	put4 transfer + 12, 11
	hcall GRANT_OP, 4, transfer + INLINE, 1
	mem2_is transfer + 16, OKAY, "transfer of a page"
	mem8_is given, 0, "another is in its place"
	hcall GRANT_OP, 4, transfer + INLINE, 1
	mem2_is transfer + 16, GENERAL_ERROR, "only once"
	gives 0, "send", EVTCHN_OP, 4, port + INLINE
	await "domain 1 has looked again"
	map_ map, WINDOW, 2, 8, 1, OKAY, "map it once more"
	gives 0, "send", EVTCHN_OP, 4, port + INLINE

	// ---- domain 1 ends ----
	put2 arg + 32, SELF
	put4 arg + 36, 3
3:	hcall SCHED_OP, 0
	hcall EVTCHN_OP, 5, arg + 32 + INLINE
	movl r14 = arg + 40
	ld4 r15 = [r14]
	cmp.eq p6, p7 = 2, r15
(p6)	br.cond.sptk.many 3b
	mov r8 = r15
	is 1, "domain 1 has gone: the port is unbound"
	mem8_is WINDOW + 8, 0x7777, "its page is still here"
	map_ arg + 32, 0x902 << 14, 2, 8, 1, BAD_DOMAIN, "it grants nothing any more"
	gives 0, "an event to nobody", EVTCHN_OP, 4, port + INLINE
	unmap_ map, WINDOW, OKAY, "unmap what it granted"
	finish
