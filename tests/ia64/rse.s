// SPDX-License-Identifier: GPL-2.0-or-later
// The register stack engine against SDM 2:6: backing store layout, its registers, faults half way.
	.include "lib.s"

	.set RSC_EAGER, 3


	// Frame n of a recursion to depth r32: eight registers each with values of its own.
	.global main
main:
	alloc r4 = ar.pfs, 0, 0, 0, 0
	// ---- registers: SDM 2:6.5 ----
	movl r10 = store0
	mov ar.bspstore = r10
	mov r11 = ar.bsp
	mov r12 = ar.bspstore
	is r11, store0, "mov to bspstore with nothing dirty: bsp is the same"
	is r12, store0, "bspstore reads back"
	movl r10 = store0+8*63
	mov ar.bspstore = r10
	mov r11 = ar.bsp
	mov r12 = ar.bspstore
	is r12, store0+8*63, "bspstore may point to a NaT collection"
	movl r10 = store0
	mov ar.bspstore = r10

	expect 9f
8:	mov.m ar.bsp = r10
	not_reached "mov to ar.bsp (went on)"
9:	fault_is V_GENEX, 0, 8b, "mov to ar.bsp is illegal"
	mov ar.rsc = 3
	.macro in_eager insn, what
	expect 9f
8:	\insn
	not_reached "\what with rsc.mode 3 (went on)"
9:	fault_is V_GENEX, 0, 8b, "\what with rsc.mode 3 is illegal"
	.endm
	in_eager "mov.m ar.bspstore = r10", "mov to ar.bspstore"
	in_eager "mov.m r11 = ar.bspstore", "mov from ar.bspstore"
	in_eager "mov.m ar.rnat = r10", "mov to ar.rnat"
	in_eager "mov.m r11 = ar.rnat", "mov from ar.rnat"
	in_eager "loadrs", "loadrs"
	expect 9f
	mov r11 = ar.bsp
9:	no_fault "mov from ar.bsp with rsc.mode 3"
	expect 9f
	flushrs
9:	no_fault "flushrs with rsc.mode 3"
	mov ar.rsc = 0
	// Reserved fields: SDM 2:6.5.1: 15:5, 63:30.
	.macro bad_rsc bit
	movl r10 = 1<<\bit
	expect 9f
8:	mov.m ar.rsc = r10
	not_reached "rsc bit \bit (went on)"
9:	fault_is V_GENEX, 0x30, 8b, "rsc bit \bit is reserved"
	.endm
	bad_rsc 5
	bad_rsc 15
	bad_rsc 30
	bad_rsc 63
	movl r10 = 0x3fff001f
	mov ar.rsc = r10
	mov r11 = ar.rsc
	mov ar.rsc = 0
	is r11, 0x3fff001f, "rsc: all fields read back"
	// rsc.pl cannot be made more privileged than psr.cpl: SDM 2:6.5.1.
	expect 9f
	at_level 2
	mov r10 = 0x4
	mov.m ar.rsc = r10
	mov r11 = ar.rsc
	mov r10 = 0xc
	mov.m ar.rsc = r10
	mov r12 = ar.rsc
	break.m 1
9:	is r11, 8, "rsc.pl at level 2: 1 becomes 2"
	is r12, 12, "rsc.pl at level 2: 3 stays"
	mov ar.rsc = 0
	// rnat keeps 63 bits.
	movl r10 = 0xffffffffffffffff
	mov ar.rnat = r10
	mov r11 = ar.rnat
	is r11, 0x7fffffffffffffff, "rnat: bit 63 reads 0"
	mov ar.rnat = r0

	// ---- what a frame leaves in the backing store ----
	// 80 registers from slot 5 of a group on: a NaT collection after 58 of them.
	movl r10 = store0+8*5
	mov ar.bspstore = r10
	mov r5 = 1
	mov ar.unat = r5
	movl r6 = spare
	st8 [r6] = r0
	ld8.fill r7 = [r6]		// a NaT: unat bit 0
	alloc r4 = ar.pfs, 0, 80, 0, 0
	.set n, 32
	.rept 80
	.macro fillone num
	mov r\num = 1000+\num
	.endm
	.altmacro
	fillone %n
	.noaltmacro
	.set n, n+1
	.purgem fillone
	.endr
	mov r33 = r7
	mov r37 = r7
	mov r89 = r7		// the 58th: last of the first group
	mov r90 = r7		// the first after the collection
	mov r111 = r7
	cover
	mov r11 = ar.bsp
	mov r12 = ar.bspstore
	is r11, store0+8*(5+81), "cover: bsp counts the NaT collection"
	is r12, store0+8*5, "cover: nothing stored yet (enforced lazy)"
	flushrs
	mov r12 = ar.bspstore
	mov r13 = ar.rnat
	is r12, store0+8*(5+81), "flushrs: bspstore = bsp"
	// Collection bits are those of the address bits 8:3 of the registers' places (SDM 2:6.1, Figure 6-2).
	mem_is store0+8*5, 1032, "backing store: r32"
	mem_is store0+8*8, 1035, "backing store: r35"
	mem_is store0+8*61, 1088, "backing store: r88"
	mem_is store0+8*63, 1<<6|1<<10|1<<62, "backing store: NaT collection"
	mem_is store0+8*65, 1091, "backing store: r91"
	mem_is store0+8*84, 1110, "backing store: r110"
	is r13, 1<<0|1<<21, "rnat: bits of the group that is not full"

	// ---- loadrs gets it back: SDM 2:6.7 ----
	alloc r4 = ar.pfs, 0, 0, 0, 0
	movl r10 = 81*8<<16
	mov ar.rsc = r10
	loadrs
	mov r11 = ar.bspstore
	mov r12 = ar.bsp
	is r11, store0+8*5, "loadrs: bspstore = bsp - loadrs"
	is r12, store0+8*(5+81), "loadrs: bsp stays"
	mov ar.rsc = 0
	movl r10 = 1<<63|80<<7|80	// back in the frame, with rfi
	rsm PSR_IC
	srlz.d
	mov cr.ifs = r10
	mov r10 = psr
	movl r11 = PSR_BN|PSR_IC
	or r10 = r10, r11
	mov cr.ipsr = r10
	movl r10 = .Lback
	mov cr.iip = r10
	rfi
.Lback:
	is r32, 1032, "rfi to the frame: r32"
	is_nat r33, "rfi to the frame: r33"
	is r36, 1036, "rfi to the frame: r36"
	is_nat r37, "rfi to the frame: r37"
	is r88, 1088, "rfi to the frame: r88"
	is_nat r89, "rfi to the frame: r89"
	is_nat r90, "rfi to the frame: r90"
	is r91, 1091, "rfi to the frame: r91"
	is r110, 1110, "rfi to the frame: r110"
	is_nat r111, "rfi to the frame: r111"
	mov r10 = ar.bsp
	is r10, store0+8*5, "rfi to the frame: bsp"
	// loadrs with 0: everything below bsp is invalid, bspstore = bsp.
	alloc r4 = ar.pfs, 0, 0, 0, 0
	mov ar.rsc = 0
	loadrs
	mov r10 = ar.bspstore
	mov r11 = ar.bsp
	cmp.eq p6, p0 = r10, r11
	is p6, 1, "loadrs 0: bspstore = bsp"
	// loadrs with registers in the frame and rsc.loadrs not 0.
	alloc r4 = ar.pfs, 0, 4, 0, 0
	movl r10 = 8<<16
	mov ar.rsc = r10
	expect 9f
8:	loadrs
	not_reached "loadrs with a frame (went on)"
9:	fault_is V_GENEX, 0, 8b, "loadrs with a frame and rsc.loadrs is illegal"
	mov ar.rsc = 0

	// ---- big-endian backing store ----
	alloc r4 = ar.pfs, 0, 0, 0, 0
	movl r10 = store0
	mov ar.bspstore = r10
	mov r10 = 0x10
	mov ar.rsc = r10
	alloc r4 = ar.pfs, 0, 2, 0, 0
	movl r32 = 0x0102030405060708
	mov r33 = 2
	cover
	flushrs
	mov ar.rsc = 0
	mem_is store0, 0x0807060504030201, "rsc.be: bytes are swapped"
	mem_is store0+8, 0x0200000000000000, "rsc.be: bytes are swapped (2)"

	// ---- deep recursion: every frame comes back, with its NaTs; in each mode ----
	.macro deep mode, depth
	alloc r4 = ar.pfs, 0, 0, 0, 0
	mov ar.rsc = 0
	movl r10 = store0+8*17
	mov ar.bspstore = r10
	mov ar.rnat = r0
	mov ar.rsc = \mode
	alloc r4 = ar.pfs, 0, 2, 1, 0
	mov r32 = r4
	mov r33 = 33
	mov r34 = \depth
	mov r9 = 0
	mov r10 = 0
	br.call.sptk.few b1 = recurse
	is r9, (\depth)*6, "recursion, mode \mode, depth \depth: registers come back"
	is r10, \depth, "recursion, mode \mode, depth \depth: NaT bits come back"
	is r33, 33, "recursion, mode \mode, depth \depth: first frame"
	mov r11 = ar.bsp
	is r11, store0+8*17, "recursion, mode \mode, depth \depth: bsp is back"
	.endm
	deep 0, 3
	deep 0, 20
	deep 0, 500
	deep 1, 500
	deep 2, 500
	deep 3, 500
	mov ar.rsc = 0

	// ---- a stack switch, as a kernel does it: SDM 2:6.11.1 ----
	alloc r4 = ar.pfs, 0, 0, 0, 0
	movl r10 = store0
	mov ar.bspstore = r10
	alloc r4 = ar.pfs, 0, 4, 0, 0
	mov r32 = 1
	mov r33 = r7
	mov r34 = 3
	mov r35 = 4
	rsm PSR_IC
	srlz.d
	cover
	mov r20 = cr.ifs
	is r20, 1<<63|4<<7|4, "cover with psr.ic 0: cr.ifs has the frame and its valid bit"
	mov r21 = ar.bspstore
	mov r22 = ar.rnat
	movl r10 = store1+8*60
	mov ar.bspstore = r10
	mov r11 = ar.bsp
	is r11, store1+8*(60+5), "mov to bspstore with four dirty registers: bsp keeps their distance"
	sub r10 = r11, r10
	shl r10 = r10, 16		// dirty bytes, as rsc.loadrs wants them
	// Another frame on the new store.
	alloc r4 = ar.pfs, 0, 96, 0, 0
	mov r32 = 5
	mov r121 = 6
	alloc r4 = ar.pfs, 0, 0, 0, 0
	mov ar.rsc = r10
	loadrs
	mov ar.bspstore = r21
	mov ar.rnat = r22
	mov ar.rsc = 0
	mov cr.ifs = r20
	mov r10 = psr
	movl r11 = PSR_BN|PSR_IC
	or r10 = r10, r11
	mov cr.ipsr = r10
	movl r10 = .Lswitched
	mov cr.iip = r10
	rfi
.Lswitched:
	is r32, 1, "stack switch: r32"
	is_nat r33, "stack switch: r33"
	is r34, 3, "stack switch: r34"
	is r35, 4, "stack switch: r35"
	mem_is store1+8*60, 1, "stack switch: stored on the other store"
	mov r10 = ar.bsp
	is r10, store0, "stack switch: bsp"

	// ---- cover with psr.ic 1 leaves cr.ifs alone ----
	rsm PSR_IC
	srlz.d
	mov cr.ifs = r0
	ssm PSR_IC
	srlz.d
	cover
	rsm PSR_IC
	srlz.d
	mov r10 = cr.ifs
	ssm PSR_IC
	srlz.d
	is r10, 0, "cover with psr.ic 1: cr.ifs stays"
	flushrs

	// ---- faults half way, virtual: SDM 2:6.6, 2:6.8 ----
	virtual_on
	.set STORE_VA, 0x2000000000100000
	set_rr 1, 0x11<<8|12<<2
	alloc r4 = ar.pfs, 0, 0, 0, 0
	insert_tc d, STORE_VA, store0+(PTE_PAD|AR_RW|PL3), 12<<2
	// The next page is not there: a hook inserts it.
	movl r10 = STORE_VA+0x1000-8*20
	mov ar.bspstore = r10
	mov ar.rnat = r0
	alloc r4 = ar.pfs, 0, 60, 0, 0
	mov r32 = 32
	mov r51 = 51
	mov r52 = 52
	mov r53 = r7
	mov r91 = 91
	cover
	hook map_second
8:	alloc r4 = ar.pfs, 0, 96, 0, 0
	fault_is V_ALT_DTLB, ISR_W|ISR_RS, 8b, "alloc whose stores fault: isr.rs, w; iip is the alloc"
	recorded r10, REC_IFA
	is r10, STORE_VA+0x1000, "alloc whose stores fault: ifa"
	recorded r10, REC_ITIR
	is r10, 0x11<<8|12<<2, "alloc whose stores fault: itir"
	recorded r10, REC_IIPA
	is r10, 8b-16, "alloc whose stores fault: iipa"
	mov r10 = ar.bspstore
	movl r11 = STORE_VA+0x1000-8*20
	cmp.ltu p6, p0 = r11, r10
	is p6, 1, "alloc whose stores fault: it went on and stored"
	mov r10 = ar.bsp
	is r10, STORE_VA+0x1000+8*41, "alloc whose stores fault: bsp"

	// flushrs half way: bspstore is at the word that could not be stored.
	alloc r4 = ar.pfs, 0, 0, 0, 0
	flushrs
	ptc.l r10, r0
	movl r10 = STORE_VA+0x1000
	mov r11 = 12<<2
	ptc.l r10, r11
	movl r10 = STORE_VA+0x1000-8*3
	mov ar.bspstore = r10
	mov ar.rnat = r0
	alloc r4 = ar.pfs, 0, 6, 0, 0
	mov r32 = 132
	mov r34 = 134
	mov r35 = 135
	mov r37 = 137
	cover
	expect 9f
8:	flushrs
	not_reached "flushrs into a missing page (went on)"
9:	fault_is V_ALT_DTLB, ISR_W|ISR_RS, 8b, "flushrs into a missing page"
	mov r10 = ar.bspstore
	is r10, STORE_VA+0x1000, "flushrs half way: bspstore"
	mov r10 = ar.bsp
	is r10, STORE_VA+0x1000+8*4, "flushrs half way: bsp"
	insert_tc d, STORE_VA+0x1000, store0+0x1000+(PTE_PAD|AR_RW|PL3), 12<<2
	flushrs
	mem_is store0+0x1000-8, 0, "flushrs: the NaT collection at the end of the page"
	mem_is store0+0x1000+24, 137, "flushrs: completes after the page is there"

	// br.ret into a frame whose registers are in memory that is missing: isr.ir, r, rs; iip is the target.
	alloc r4 = ar.pfs, 0, 4, 0, 0
	mov r33 = 0x33
	mov r34 = r7
	br.call.sptk.few b1 = spill_and_unmap
.Lret_target:
	fault_is V_ALT_DTLB, ISR_R|ISR_RS|ISR_IR, .Lret_target, "br.ret to an incomplete frame: isr.ir, rs, r; iip is the target"
	is r33, 0x33, "br.ret to an incomplete frame: completed after the fault"
	is_nat r34, "br.ret to an incomplete frame: NaT"
	recorded r10, REC_IFS
	is r10, 0, "br.ret to an incomplete frame: ifs.v is 0 without cover"
	// The same with a handler that covers what is there and leaves by rfi, as a kernel does.
	mov r33 = 0x43
	mov r34 = r7
	mov r35 = 0x45
	movl r10 = map_second_covering
	movl r11 = cover_hook
	st8 [r11] = r10
	br.call.sptk.few b1 = spill_and_unmap
.Lret_target2:
	fault_is V_ALT_DTLB, ISR_R|ISR_RS|ISR_IR, .Lret_target2, "incomplete frame and cover: fault"
	is r33, 0x43, "incomplete frame and cover: r33"
	is_nat r34, "incomplete frame and cover: r34"
	is r35, 0x45, "incomplete frame and cover: r35"
	mem_is covered_ifs, 1<<63|4<<7|4, "incomplete frame and cover: cr.ifs has the whole frame"

	// rfi to an incomplete frame.
	mov r32 = 0x52
	mov r35 = 0x55
	rsm PSR_IC
	srlz.d
	cover
	flushrs
	// forget them: loadrs 0
	mov ar.rsc = 0
	loadrs
	movl r10 = .Lrfi_target
	mov cr.iip = r10
	mov r10 = psr
	movl r11 = PSR_BN|PSR_IC
	or r10 = r10, r11
	mov cr.ipsr = r10
	movl r10 = STORE_VA+0x1000
	mov r11 = 12<<2
	ptc.l r10, r11
	movl r10 = STORE_VA
	ptc.l r10, r11
	hook map_second
	rsm PSR_IC
	srlz.d
	rfi
.Lrfi_target:
	fault_is V_ALT_DTLB, ISR_R|ISR_RS|ISR_IR, .Lrfi_target, "rfi to an incomplete frame: fault with isr.ir"
	is r32, 0x52, "rfi to an incomplete frame: r32"
	is r35, 0x55, "rfi to an incomplete frame: r35"
	// A load at rsc.pl 3 from a page for level 0: the RSE's own level counts (SDM 2:6.5.1).
	hook 0
	alloc r4 = ar.pfs, 0, 0, 0, 0
	insert_tc d, STORE_VA, store0+(PTE_PAD|AR_RW|PL0), 12<<2
	movl r10 = STORE_VA+0x800
	mov ar.bspstore = r10
	mov r10 = 3<<2
	mov ar.rsc = r10
	alloc r4 = ar.pfs, 0, 2, 0, 0
	cover
	expect 9f
8:	flushrs
	not_reached "RSE at level 3 to a page of level 0 (went on)"
9:	fault_is V_DRIGHTS, ISR_W|ISR_RS, 8b, "RSE at level 3 to a page of level 0"
	mov ar.rsc = 0
	expect 9f
	flushrs
9:	no_fault "RSE at level 0 to a page of level 0"
	end_program

	// Adds 6 to r9 for each level whose six registers come back, 1 to r10 for each NaT. r32 = levels to go.
recurse:
	alloc r33 = ar.pfs, 1, 8, 1, 0
	mov r34 = b1
	adds r35 = 1000, r32
	adds r36 = 2000, r32
	add r37 = r7, r32		// NaT
	adds r38 = 3000, r32
	adds r39 = 4000, r32
	adds r40 = 5000, r32
	adds r41 = -1, r32
	cmp.eq p8, p9 = 1, r32
	(p9) br.call.sptk.few b1 = recurse
	adds r11 = 1000, r32
	cmp.eq p8, p0 = r11, r35
	(p8) adds r9 = 1, r9
	adds r11 = 2000, r32
	cmp.eq p8, p0 = r11, r36
	(p8) adds r9 = 1, r9
	adds r11 = 3000, r32
	cmp.eq p8, p0 = r11, r38
	(p8) adds r9 = 1, r9
	adds r11 = 4000, r32
	cmp.eq p8, p0 = r11, r39
	(p8) adds r9 = 1, r9
	adds r11 = 5000, r32
	cmp.eq p8, p0 = r11, r40
	(p8) adds r9 = 1, r9
	adds r11 = -1, r32
	cmp.eq p8, p0 = r11, r41
	(p8) adds r9 = 1, r9
	tnat.nz p8, p0 = r37
	(p8) adds r10 = 1, r10
	mov ar.pfs = r33
	mov b1 = r34
	br.ret.sptk.few b1

	// Makes the caller's frame go to memory, forgets it, and its page; the fault's hook gives the page back.
spill_and_unmap:
	alloc r4 = ar.pfs, 0, 0, 0, 0
	mov r12 = ar.pfs
	flushrs
	loadrs
	movl r10 = STORE_VA+0x1000
	mov r11 = 12<<2
	ptc.l r10, r11
	movl r10 = STORE_VA
	ptc.l r10, r11
	movl r11 = cover_hook
	ld8 r10 = [r11]
	movl r2 = map_second
	cmp.eq p6, p7 = r0, r10
	(p6) mov r10 = r2
	st8 [r11] = r0
	mov r3 = ar.k6
	st8 [r3] = r0
	adds r3 = REC_HOOK, r3
	st8 [r3] = r10
	br.ret.sptk.few b1

	// Hooks (bank 0, record in r20): insert the page at ifa, once.
map_second:
	adds r22 = REC_HOOK, r20
	st8 [r22] = r0
	rsm PSR_DT
	srlz.d
map_both:
	// both pages of the store
	movl r22 = STORE_VA+0x1000
	mov r23 = 12<<2
	movl r24 = store0+0x1000+(PTE_PAD|AR_RW|PL3)
	mov cr.ifa = r22
	mov cr.itir = r23
	itc.d r24
	movl r22 = STORE_VA
	movl r24 = store0+(PTE_PAD|AR_RW|PL3)
	mov cr.ifa = r22
	itc.d r24
	br.sptk hook_done
map_second_covering:
	adds r22 = REC_HOOK, r20
	st8 [r22] = r0
	cover
	movl r22 = covered_ifs
	mov r23 = cr.ifs
	st8 [r22] = r23
	br.sptk map_both

	.data
	.balign 8
spare:	data8 0
cover_hook: data8 0
covered_ifs: data8 0
	.section .bss
	.balign 4096
store0:	.skip 65536
store1:	.skip 65536
