// SPDX-License-Identifier: GPL-2.0-or-later
// Four processors: semaphores are atomic in every size, ordering as SDM 2:4.4.7 (and 1:4.4.7) has it, global purges,
// interrupts and changed code between processors, the ALAT against other processors' stores.
	.include "lib.s"
	.pushsection .vcpus, "", @progbits
	data8 4
	.popsection

	.set TURNS, 20000
	.set ROUNDS, 16384

	// All four wait for each other. r8 is the processor's number; uses r9 to r11, p8.
	.macro barrier
	movl r9 = arrived
	fetchadd8.acq r10 = [r9], 1
	adds r10 = 1, r10
	movl r11 = -4
	adds r10 = 3, r10
	and r10 = r10, r11		// the multiple of 4 to wait for
.Lbarrier\@:
	ld8.acq r11 = [r9]
	cmp.ltu p8, p0 = r11, r10
	(p8) hint.m 0
	(p8) br.cond.sptk .Lbarrier\@
	mf
	.endm
	.macro turns
	movl r9 = TURNS-1
	mov ar.lc = r9
	.endm
	.global main, secondary
main:
secondary:
	alloc r4 = ar.pfs, 0, 8, 0, 0
	mov r1 = 1
	mov r12 = cr.lid
	extr.u r12 = r12, 24, 8
	cmp.eq p6, p0 = r12, r8
	is p6, 1, "cr.lid: each processor has its number"
	barrier

	// ---- semaphores: four times TURNS increments are all there ----
	turns
	movl r12 = counters
	adds r13 = 8, r12
	adds r14 = 16, r12
1:	fetchadd8.acq r15 = [r12], 1
	fetchadd8.rel r15 = [r13], -16
	fetchadd4.acq r15 = [r14], 8
	br.cloop.sptk 1b
	.macro cas size, offset
	turns
	movl r12 = counters+\offset
1:	ld\size r15 = [r12]
	mov ar.ccv = r15
	adds r16 = 1, r15
	cmpxchg\size\().acq r17 = [r12], r16, ar.ccv
	cmp.ne p8, p0 = r17, r15
	(p8) br.cond.sptk 1b
	br.cloop.sptk 1b
	.endm
	cas 8, 24
	cas 4, 32
	cas 2, 36
	turns
	movl r12 = counters+38
1:	ld1 r15 = [r12]
	mov ar.ccv = r15
	adds r16 = 1, r15
	cmpxchg1.rel r17 = [r12], r16, ar.ccv
	cmp.ne p8, p0 = r17, r15
	(p8) br.cond.sptk 1b
	br.cloop.sptk 1b
	// a lock by xchg around a plain counter
	.macro locked size, lock, counter
	turns
	movl r12 = \lock
	movl r13 = \counter
1:	xchg\size r15 = [r12], r1
	cmp.ne p8, p0 = r0, r15
	(p8) hint.m 0
	(p8) br.cond.sptk 1b
	ld8 r16 = [r13]
	adds r16 = 1, r16
	st8 [r13] = r16
	st\size\().rel [r12] = r0
	br.cloop.sptk 1b
	.endm
	locked 8, lock8, counters+40
	locked 4, lock4, counters+48
	locked 2, lock2, counters+56
	locked 1, lock1, counters+64
	barrier
	cmp.ne p7, p0 = 0, r8
	(p7) br.cond.sptk 2f
	mem_is counters, 4*TURNS, "fetchadd8.acq"
	mem_is counters+8, -64*TURNS, "fetchadd8.rel, of -16"
	mem_is counters+16, 32*TURNS, "fetchadd4.acq, of 8"
	mem_is counters+24, 4*TURNS, "cmpxchg8"
	mem_is counters+32, 4*TURNS|((4*TURNS)&0xffff)<<32|((4*TURNS)&0xff)<<48, "cmpxchg4, 2 and 1, side by side"
	mem_is counters+40, 4*TURNS, "a lock by xchg8"
	mem_is counters+48, 4*TURNS, "a lock by xchg4"
	mem_is counters+56, 4*TURNS, "a lock by xchg2"
	mem_is counters+64, 4*TURNS, "a lock by xchg1"
2:
	// semaphores return what was there and compare only their size
	cmp.ne p7, p0 = 3, r8
	(p7) br.cond.sptk 2f
	movl r12 = spare
	movl r13 = 0x8899aabbccddeeff
	st8 [r12] = r13
	movl r14 = 0xffffffffffffff
	movl r15 = 0x11111111000000ff
	mov ar.ccv = r15
	cmpxchg1.acq r16 = [r12], r1, ar.ccv
	is r16, 0xff, "cmpxchg1 returns the old value, zero-extended"
	mem_is spare, 0x8899aabbccddeeff, "cmpxchg1: ar.ccv is compared as a whole with the zero-extended value: differs"
	mov r15 = 0xff
	mov ar.ccv = r15
	cmpxchg1.acq r16 = [r12], r1, ar.ccv
	mem_is spare, 0x8899aabbccddee01, "cmpxchg1: stores one byte"
	fetchadd4.acq r16 = [r12], -1
	is r16, 0xccddee01, "fetchadd4 returns the old value, zero-extended"
	mem_is spare, 0x8899aabbccddee00, "fetchadd4: stores four bytes"
	st4 [r12] = r0
	fetchadd4.acq r16 = [r12], -1
	mem_is spare, 0x8899aabbffffffff, "fetchadd4: no carry out of its four bytes"
	xchg2 r16 = [r12], r1
	is r16, 0xffff, "xchg2 returns the old value"
	mem_is spare, 0x8899aabbffff0001, "xchg2: stores two bytes"
	// 16-byte forms: SDM 3:2 "cmp8xchg16", "ld16", "st16"
	movl r12 = wide
	movl r13 = 0x1111
	mov ar.csd = r13
	movl r14 = 0x2222
	st16 [r12] = r14, ar.csd
	mem_is wide, 0x2222, "st16: low half from the register"
	mem_is wide+8, 0x1111, "st16: high half from ar.csd"
	mov ar.csd = r0
	ld16 r15, ar.csd = [r12]
	mov r16 = ar.csd
	is r15, 0x2222, "ld16: low half"
	is r16, 0x1111, "ld16: high half to ar.csd"
	movl r13 = 0x3333
	mov ar.csd = r13
	mov ar.ccv = r0
	movl r14 = 0x4444
	cmp8xchg16.acq r15 = [r12], r14, ar.csd, ar.ccv
	is r15, 0x2222, "cmp8xchg16 that differs: the old value"
	mem_is wide, 0x2222, "cmp8xchg16 that differs: nothing stored"
	mov ar.ccv = r15
	cmp8xchg16.rel r15 = [r12], r14, ar.csd, ar.ccv
	mem_is wide, 0x4444, "cmp8xchg16 that is equal: low half stored"
	mem_is wide+8, 0x3333, "cmp8xchg16 that is equal: high half stored"
	adds r12 = 8, r12
	mov ar.ccv = r13
	movl r14 = 0x6666
	mov ar.csd = r1
	cmp8xchg16.acq r15 = [r12], r14, ar.csd, ar.ccv
	is r15, 0x3333, "cmp8xchg16 at the high half compares that"
	mem_is wide, 0x6666, "cmp8xchg16 at the high half stores all sixteen bytes: low"
	mem_is wide+8, 1, "cmp8xchg16 at the high half stores all sixteen bytes: high"
2:	barrier

	// ---- 16 bytes are never torn: 0 and 1 store pairs of one number, 2 and 3 look ----
	movl r12 = wide
	cmp.ltu p6, p7 = 1, r8
	turns
	mov r20 = 0
	mov r16 = r8
	cmp.eq p8, p0 = 0, r8
	(p8) st8 [r12] = r0, 8
	(p8) st8 [r12] = r0, -8
	barrier
	turns
1:	(p7) mov ar.csd = r16
	(p7) st16 [r12] = r16, ar.csd
	(p7) adds r16 = 2, r16
	(p6) ld16 r15, ar.csd = [r12]
	(p6) mov r17 = ar.csd
	(p6) cmp.ne.unc p8, p0 = r15, r17
	(p8) adds r20 = 1, r20
	br.cloop.sptk 1b
	is r20, 0, "ld16 and st16: halves of one number always"
	barrier
	// the same for cmp8xchg16: each adds to both halves
	turns
1:	ld16 r15, ar.csd = [r12]
	mov r17 = ar.csd
	adds r16 = 1, r15
	adds r17 = 1, r17
	mov ar.ccv = r15
	mov ar.csd = r17
	cmp8xchg16.acq r17 = [r12], r16, ar.csd, ar.ccv
	cmp.ne p8, p0 = r17, r15
	(p8) br.cond.sptk 1b
	br.cloop.sptk 1b
	barrier
	ld8 r15 = [r12], 8
	ld8 r16 = [r12], -8
	sub r16 = r16, r15
	is r16, 0, "cmp8xchg16: both halves count alike"

	// ---- store buffering: st x; mf; ld y  against  st y; mf; ld x: not both 0 ----
	// Pair 0 with 1, pair 2 with 3, each in its own arrays; each round has locations of its own.
	.macro litmus_arrays
	shr.u r9 = r8, 1
	movl r12 = area
	shl r9 = r9, 19			// 512 KiB for each pair
	add r12 = r12, r9
	movl r13 = ROUNDS*16
	add r13 = r12, r13		// results
	tbit.nz p6, p7 = r8, 0
	movl r9 = ROUNDS-1
	mov ar.lc = r9
	.endm
	.macro clear_area
	movl r12 = area
	shl r9 = r8, 18			// each clears a quarter of 1 MiB
	add r12 = r12, r9
	movl r9 = (1<<15)-1
	mov ar.lc = r9
1:	st8 [r12] = r0, 8
	br.cloop.sptk 1b
	barrier
	.endm
	clear_area
	litmus_arrays
	(p6) adds r14 = 8, r12
	(p7) mov r14 = r12
	(p6) mov r15 = r12
	(p7) adds r15 = 8, r12
	(p6) adds r13 = 8, r13
1:	st8 [r14] = r1, 16
	mf
	ld8 r16 = [r15], 16
	st8 [r13] = r16, 16
	br.cloop.sptk 1b
	barrier
	litmus_arrays
	mov r20 = 0
1:	ld8 r16 = [r13], 8
	ld8 r17 = [r13], 8
	or r16 = r16, r17
	cmp.eq p8, p0 = r0, r16
	(p8) adds r20 = 1, r20
	br.cloop.sptk 1b
	is r20, 0, "store buffering with mf: never both 0"
	barrier
	// ---- message passing: st data; st.rel flag  against  ld.acq flag; ld data ----
	clear_area
	litmus_arrays
	mov r20 = 0
	adds r14 = 8, r12
	mov r18 = 1
	(p6) br.cond.sptk 3f
1:	st8 [r12] = r18, 16		// data
	st8.rel [r14] = r18, 16		// flag
	br.cloop.sptk 1b
	br.cond.sptk 4f
3:	ld8.acq r16 = [r14], 16
	ld8 r17 = [r12], 16
	cmp.ltu p8, p0 = r17, r16
	(p8) adds r20 = 1, r20
	br.cloop.sptk 3b
4:	is r20, 0, "message passing with st.rel and ld.acq: flag seen, data seen"
	barrier
	// the same with one location each, written over and over: data is at least as new as the flag
	clear_area
	litmus_arrays
	adds r14 = 128, r12
	mov r18 = 0
	mov r20 = 0
	(p6) br.cond.sptk 3f
1:	adds r18 = 1, r18
	st8 [r12] = r18
	st8.rel [r14] = r18
	br.cloop.sptk 1b
	br.cond.sptk 4f
3:	ld8.acq r16 = [r14]
	ld8 r17 = [r12]
	cmp.ltu p8, p0 = r17, r16
	(p8) adds r20 = 1, r20
	br.cloop.sptk 3b
4:	is r20, 0, "message passing over one location: data is never older than the flag"
	barrier
	// ---- load buffering: ld.acq x; st y  against  ld.acq y; st x: not both 1 ----
	clear_area
	litmus_arrays
	(p6) adds r14 = 8, r12
	(p7) mov r14 = r12
	(p6) mov r15 = r12
	(p7) adds r15 = 8, r12
	(p6) adds r13 = 8, r13
1:	ld8.acq r16 = [r14], 16
	st8 [r15] = r1, 16
	st8 [r13] = r16, 16
	br.cloop.sptk 1b
	barrier
	litmus_arrays
	mov r20 = 0
1:	ld8 r16 = [r13], 8
	ld8 r17 = [r13], 8
	and r16 = r16, r17
	cmp.eq p8, p0 = 1, r16
	(p8) adds r20 = 1, r20
	br.cloop.sptk 1b
	is r20, 0, "load buffering with ld.acq: never both 1"
	barrier
	// ---- independent reads of independent writes (st.rel is seen by all in one order) ----
	clear_area
	movl r12 = area
	movl r13 = area+(1<<19)
	movl r9 = ROUNDS-1
	mov ar.lc = r9
	adds r14 = 8, r12
	cmp.eq p6, p0 = 0, r8
	cmp.eq p7, p0 = 1, r8
	cmp.eq p9, p0 = 2, r8
	cmp.eq p10, p0 = 3, r8
	(p10) adds r13 = 16, r13
1:	(p6) st8.rel [r12] = r1, 16
	(p7) st8.rel [r14] = r1, 16
	(p9) ld8.acq r16 = [r12], 16	// x then y
	(p9) ld8.acq r17 = [r14], 16
	(p10) ld8.acq r16 = [r14], 16	// y then x
	(p10) ld8.acq r17 = [r12], 16
	(p9) st8 [r13] = r16, 8
	(p9) st8 [r13] = r17, 24
	(p10) st8 [r13] = r16, 8
	(p10) st8 [r13] = r17, 24
	br.cloop.sptk 1b
	barrier
	movl r13 = area+(1<<19)
	movl r9 = ROUNDS-1
	mov ar.lc = r9
	mov r20 = 0
1:	ld8 r14 = [r13], 8
	ld8 r15 = [r13], 8
	ld8 r16 = [r13], 8
	ld8 r17 = [r13], 8
	andcm r14 = r14, r15		// 2 saw x, not yet y
	andcm r16 = r16, r17		// 3 saw y, not yet x
	and r14 = r14, r16
	cmp.eq p8, p0 = 1, r14
	(p8) adds r20 = 1, r20
	br.cloop.sptk 1b
	is r20, 0, "independent reads of independent writes: one order for all"
	barrier
	// ---- coherence: reads of one location never go back ----
	cmp.eq p6, p7 = 0, r8
	movl r12 = coherent
	turns
	mov r18 = 0
	mov r20 = 0
	mov r17 = 0
1:	(p6) adds r18 = 1, r18
	(p6) st8 [r12] = r18
	(p7) ld8 r16 = [r12]
	(p7) cmp.ltu.unc p8, p0 = r16, r17
	(p8) adds r20 = 1, r20
	(p7) mov r17 = r16
	br.cloop.sptk 1b
	is r20, 0, "coherence: a location's value never goes back"
	barrier

	// ---- ALAT: another processor's store makes the check miss ----
	cmp.eq p6, p7 = 0, r8
	(p7) br.cond.sptk 2f
	movl r12 = shared
	movl r13 = go
	ld8.a r14 = [r12]
	st8.rel [r13] = r1
	movl r15 = done
1:	ld8.acq r16 = [r15]
	cmp.eq p8, p0 = r0, r16
	(p8) hint.m 0
	(p8) br.cond.sptk 1b
	ld8.c.clr r14 = [r12]
	is r14, 0x77, "ld8.a, another processor's store, ld8.c.clr: the new value"
2:	cmp.ne p7, p0 = 1, r8
	(p7) br.cond.sptk 2f
	movl r13 = go
1:	ld8.acq r16 = [r13]
	cmp.eq p8, p0 = r0, r16
	(p8) hint.m 0
	(p8) br.cond.sptk 1b
	movl r12 = shared
	mov r14 = 0x77
	st8 [r12] = r14
	movl r15 = done
	st8.rel [r15] = r1
2:	barrier

	// ---- interrupts between processors: 0 sends 0x50 + n to each n, who answer 0 with 0x60 + n ----
	hook ack
	ssm PSR_I
	srlz.d
	barrier
	cmp.ne p7, p0 = 0, r8
	(p7) br.cond.sptk 2f
	movl r12 = 0x80000000fee00000
	movl r13 = 1<<12
	mov r14 = 0x51
	add r15 = r12, r13
	st8 [r15] = r14
	add r15 = r15, r13
	adds r14 = 1, r14
	st8 [r15] = r14
	add r15 = r15, r13
	adds r14 = 1, r14
	st8 [r15] = r14
	// waits until the three answers have come
	movl r15 = got
1:	ld8.acq r16 = [r15]
	cmp.ne p8, p0 = 3, r16
	(p8) hint.m 0
	(p8) br.cond.sptk 1b
	reached "interrupts: all three answers came"
	br.cond.sptk 3f
2:	movl r15 = got
	shl r9 = r8, 6
	add r15 = r15, r9
1:	ld8.acq r16 = [r15]
	cmp.ne p8, p0 = 1, r16
	(p8) hint.m 0
	(p8) br.cond.sptk 1b
	adds r15 = 8, r15
	ld8 r16 = [r15]
	adds r16 = -0x50, r16
	cmp.eq p8, p0 = r16, r8
	is p8, 1, "interrupts: each processor got its own vector"
	adds r14 = 0x60, r8
	movl r12 = 0x80000000fee00000
	st8 [r12] = r14
3:	barrier
	rsm PSR_I
	srlz.d
	hook 0
	barrier

	// ---- changed code: 1 writes, fc.i, sync.i; 0 sees it after srlz.i ----
	cmp.eq p6, p7 = 0, r8
	(p6) br.call.sptk b1 = patched
	(p7) mov r10 = 1
	is r10, 1, "code before it was changed"
	barrier
	cmp.ne p7, p0 = 1, r8
	(p7) br.cond.sptk 2f
	movl r12 = patched
	movl r13 = patch
	ld8 r14 = [r13], 8
	ld8 r15 = [r13]
	st8 [r12] = r14, 8
	st8 [r12] = r15
	fc.i r12
	sync.i
	srlz.i
	mf
2:	barrier
	srlz.i
	br.call.sptk b1 = patched
	is r10, 2, "code changed by another processor, fc.i, sync.i, srlz.i"
	barrier

	// ---- ptc.ga: after it no processor uses the old translation ----
	.set VA, 0x2000000000400000
	virtual_on
	set_rr 1, 0x11<<8|12<<2
	// got, ... are in low memory, mapped as they are. The pages: first has 1, second 2.
	movl r12 = pages
	movl r13 = pages+4096
	mov r14 = 2
	cmp.eq p8, p0 = 0, r8
	(p8) st8 [r12] = r1
	(p8) st8 [r13] = r14
	movl r10 = which
	movl r14 = pages+PTE_PAD+AR_RW
	(p8) st8 [r10] = r14
	barrier
	hook refill
	movl r12 = VA
	movl r15 = purged
	cmp.eq p6, p7 = 0, r8
	(p6) br.cond.sptk 2f
	mov r20 = 0
	movl r21 = warm
	ld8 r17 = [r12]
	fetchadd8.rel r22 = [r21], 1
1:	ld8.acq r16 = [r15]
	ld8 r17 = [r12]
	cmp.eq p8, p0 = 1, r16
	(p8) cmp.ne.unc p9, p0 = 2, r17
	(p9) adds r20 = 1, r20
	cmp.eq p8, p0 = r0, r16
	(p8) br.cond.sptk 1b
	is r20, 0, "ptc.ga: who sees that it is done sees the new translation"
	is r17, 2, "ptc.ga: the new translation is used"
	br.cond.sptk 3f
2:	movl r21 = warm		// all three have the old one
	ld8.acq r16 = [r21]
	cmp.ne p8, p0 = 3, r16
	(p8) hint.m 0
	(p8) br.cond.sptk 2b
	ld8 r17 = [r12]
	is r17, 1, "ptc.ga: the old translation before"
	movl r10 = which
	movl r14 = pages+4096+PTE_PAD+AR_RW
	st8 [r10] = r14
	mf
	movl r10 = 12<<2
	ptc.ga r12, r10
	srlz.i
	mf
	st8.rel [r15] = r1
	ld8 r17 = [r12]
	is r17, 2, "ptc.ga: the purging processor itself"
3:	barrier
	hook 0
	// many purges from all at once end
	mov r9 = 30
	mov ar.lc = r9
	movl r10 = 12<<2
1:	ptc.g r12, r10
	srlz.d
	br.cloop.sptk 1b
	barrier
	reached "purges by all at once end"
	cmp.ne p7, p0 = 0, r8
	barrier
	(p7) br.cond.sptk .Lidle
	end_program
.Lidle:	hint.m 0
	br.cond.sptk .Lidle

	.balign 16
patched:
	mov r10 = 1
	br.ret.sptk b1
	.balign 16
patch:	{ .mib
	mov r10 = 2
	nop.i 0
	br.ret.sptk b1
	}

	// Bank 0, record in r20, number of the processor in ar.k5.
ack:
	mov r22 = cr.ivr
	srlz.d
	mov r23 = ar.k5
	movl r24 = got
	shl r23 = r23, 6
	add r24 = r24, r23
	fetchadd8.acq r23 = [r24], 1
	adds r24 = 8, r24
	st8.rel [r24] = r22
	mov cr.eoi = r0
	srlz.d
	br.sptk hook_done
refill:
	movl r22 = which
	ld8.acq r23 = [r22]
	mov r24 = 12<<2
	mov cr.itir = r24
	itc.d r23
	br.sptk hook_done

	.data
	.balign 64
arrived: data8 0
	.balign 64
counters: .skip 128
lock8:	data8 0
lock4:	data8 0
lock2:	data8 0
lock1:	data8 0
spare:	data8 0
	.balign 64
wide:	.skip 64
coherent: .skip 64
shared:	.skip 64
go:	.skip 64
done:	.skip 64
got:	.skip 256
which:	data8 0
purged:	data8 0
warm:	data8 0
	.section .bss
	.balign 65536
pages:	.skip 8192
	.balign 65536
area:	.skip 1<<20
