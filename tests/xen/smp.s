// SPDX-License-Identifier: GPL-2.0-or-later
// Four vCPUs: brought up by vcpu_op and by SAL's rendezvous, events between them, down and up again, pages that go
// while another vCPU runs. Sources: Xen 4.1 public/vcpu.h, asm-ia64/dom_fw.h; SAL specification 3.2.5.
	.include "lib.s"

	.set IPI, 0x400                      // fw hypercall: r14 vCPU, r15 vector
	.set WAKEUP, 0xf0
	.set SAL_PROC, 0xff090000
	.set SAL_SET_VECTORS, 0x01000000
	.set CONTEXT_R8, 16 + 8 * 8          // in struct vcpu_guest_context
	.set CONTEXT_IP, 16 + 32 * 8 + 8 * 8 + 16 * 8
	.set PAGES_PFN, 0x800

	.data
	.align 16
arg: .skip 64
list: data8 PAGES_PFN
seen1: data8 0
count1: data8 0
seen2: data8 0
count2: data8 0
count3: data8 0
	.align 0x4000
context: .skip 0x8000

	.text
	// Waits until the 8 bytes there are not `not`.
	.macro await address, not=0
	movl r14 = \address
	movl r15 = \not
0:	hint @pause
	ld8.acq r8 = [r14]
	cmp.eq p6, p7 = r15, r8
(p6)	br.cond.sptk.many 0b
	.endm

	// Waits until vCPU n is down.
	.macro await_down n
1:	hint @pause
	hcall VCPU_OP, 3, \n
	cmp.ne p6, p7 = 0, r8
(p6)	br.cond.sptk.many 1b
	.endm

main:
	gives 0, "vCPU 1 is not up", VCPU_OP, 3, 1
	gives EINVAL, "it cannot be before it is initialised", VCPU_OP, 1, 1
	gives EFAULT, "initialise from nowhere", VCPU_OP, 0, 1, 0x1000000000000000 + INLINE
	put8 context + CONTEXT_R8, 0x5678
	put8 context + CONTEXT_IP, ap1
	gives 0, "initialise", VCPU_OP, 0, 1, context + INLINE
	gives EEXIST, "only once", VCPU_OP, 0, 1, context + INLINE
	gives EEXIST, "vCPU 0 is initialised", VCPU_OP, 0, 0, context + INLINE
	gives 0, "not up yet", VCPU_OP, 3, 1
	put4 arg, 0
	gives 0, "a port for events to vCPU 0", EVTCHN_OP, 7, arg + INLINE
	mem4_is arg + 4, 3, "port 3"
	put8 MASK, -1 - 8
	quiet
	gives 0, "up", VCPU_OP, 1, 1
	await seen1
	is 0x5678, "it runs, with r8 of the context"
	gives 0, "block until its event", SCHED_OP, 1
	bits8_are PENDING, 8, 8, "that has come"
	await_down 1
	mem8_is count1, 1, "it has gone down by itself"
	gives 0, "up again", VCPU_OP, 1, 1
	await count1, 1
	is 2, "it goes on where it was"
	gives 0, "down, from here", VCPU_OP, 2, 1
	gives 0, "is_up says so", VCPU_OP, 3, 1

	// ---- by SAL ----
	movl r14 = 2
	movl r15 = WAKEUP
	movl r2 = IPI
	break.m 0x1000
	gives 0, "the rendezvous vector before SAL_SET_VECTORS: nothing", VCPU_OP, 3, 2
	alloc r22 = ar.pfs, 0, 5, 8, 0
	movl r37 = SAL_SET_VECTORS
	movl r38 = 2
	movl r39 = ap2
	movl r40 = 0xabcd
	mov r41 = r0
	mov r42 = r0
	mov r43 = r0
	mov r44 = r0
	movl r16 = SAL_PROC
	mov b6 = r16
	br.call.sptk.many b0 = b6
8:
	alloc r22 = ar.pfs, 0, 5, 0, 0
	is 0, "SAL_SET_VECTORS"
	movl r14 = 2
	movl r15 = WAKEUP
	movl r2 = IPI
	break.m 0x1000
	await seen2
	is 0xabcd, "a vCPU starts, with gp"
	await_down 2
	mem8_is count2, 1, "it is down when it has gone back to SAL"
	movl r14 = 2
	movl r15 = WAKEUP
	movl r2 = IPI
	break.m 0x1000
	await count2, 1
	is 2, "it starts again"
	movl r14 = 99
	movl r15 = WAKEUP
	movl r2 = IPI
	break.m 0x1000
	gives ENOENT, "vCPU 99: nothing", VCPU_OP, 3, 4

	// ---- pages come and go while vCPU 3 runs ----
	put8 context + CONTEXT_IP, ap3
	gives 0, "vCPU 3", VCPU_OP, 0, 3, context + INLINE
	gives 0, "up", VCPU_OP, 1, 3
	await count3
	put8 arg, list + INLINE
	put8 arg + 8, 1
	put8 arg + 16, 0
	put8 arg + 24, SELF
	mov r22 = 500
	mov r23 = 0
2:	hcall MEMORY_OP, 1, arg + INLINE
	add r23 = r23, r8
	hcall MEMORY_OP, 6, arg + INLINE
	add r23 = r23, r8
	adds r22 = -1, r22
	cmp.ne p6, p7 = 0, r22
(p6)	br.cond.sptk.many 2b
	mov r8 = r23
	is 1000, "a page goes and comes 500 times"
	movl r14 = count3
	ld8 r22 = [r14]
3:	hint @pause
	ld8.acq r8 = [r14]
	cmp.eq p6, p7 = r8, r22
(p6)	br.cond.sptk.many 3b
	mov r8 = 0
	is 0, "vCPU 3 goes on meanwhile, and still runs when the domain ends"
	finish

	// ---- vCPU 1: by vcpu_op ----
ap1:
	movl r14 = seen1
	st8.rel [r14] = r8
	alloc r31 = ar.pfs, 0, 5, 0, 0
	// The event when vCPU 0 sleeps, as far as one can tell.
	movl r20 = 100000
0:	adds r20 = -1, r20
	cmp.ne p6, p7 = 0, r20
(p6)	br.cond.sptk.many 0b
	hcall EVTCHN_OP, 4, arg + 4 + INLINE
	movl r14 = count1
	mov r15 = 1
	st8.rel [r14] = r15
	hcall VCPU_OP, 2, 1
	movl r14 = count1
	mov r15 = 2
	st8.rel [r14] = r15
1:	br.cond.sptk.many 1b

	// ---- vCPU 2: by SAL, and back to it ----
ap2:
	movl r14 = count2
	ld8 r15 = [r14]
	adds r15 = 1, r15
	st8.rel [r14] = r15
	movl r14 = seen2
	st8.rel [r14] = r1
	br.cond.sptk.many b0

	// ---- vCPU 3: reads and writes the page that comes and goes; where there is none, nothing happens ----
ap3:
	movl r14 = count3
	movl r16 = PAGES_PFN << 14
0:	ld8 r17 = [r16]
	st8 [r16] = r14
	ld8 r15 = [r14]
	adds r15 = 1, r15
	st8.rel [r14] = r15
	br.cond.sptk.many 0b
