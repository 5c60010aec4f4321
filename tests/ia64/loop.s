// SPDX-License-Identifier: GPL-2.0-or-later
// Loop branches, register rotation, alloc and calls, against SDM 3:2 "br", "alloc", "clrrrb", "mov pr" and
// SDM 1:4.5.1, 1:4.1.
	.include "lib.s"

	// The instruction with ar.lc, ar.ec and p6 (the qualifying predicate of br.w...) as given; then
	// lc, ec, p16 and whether it was taken and registers rotated. p20 is set before, p15 says "taken".
	.macro loop_branch insn, lc, ec, qp, lc2, ec2, p16_, taken, rotated
	clrrrb
	mov ar.lc = \lc
	mov ar.ec = \ec
	mov pr.rot = 1<<20|1<<16
	cmp.eq p6, p0 = \qp, r1
	cmp.eq p15, p0 = r0, r0
	mov f32 = f1
	mov f33 = f0
	mov r32 = 32
	mov r33 = 33
	mov r39 = 39
	\insn .Ltaken\@
	cmp.ne p15, p0 = r0, r0
.Ltaken\@:
	mov r10 = ar.lc
	mov r11 = ar.ec
	is p15, \taken, "\insn lc \lc ec \ec p6 \qp: taken"
	is r10, \lc2, "\insn lc \lc ec \ec p6 \qp: ar.lc"
	is r11, \ec2, "\insn lc \lc ec \ec p6 \qp: ar.ec"
	is p16, \p16_, "\insn lc \lc ec \ec p6 \qp: p16"
	is p21, \rotated, "\insn lc \lc ec \ec p6 \qp: predicates rotate"
	is p20, 1-\rotated, "\insn lc \lc ec \ec p6 \qp: predicates rotate (2)"
	is r33, 33-\rotated, "\insn lc \lc ec \ec p6 \qp: general registers rotate"
	is r32, 32+7*\rotated, "\insn lc \lc ec \ec p6 \qp: general registers wrap"
	fr_is f33, 0xffff*\rotated, 0x8000000000000000*\rotated, "\insn lc \lc ec \ec p6 \qp: FP registers rotate"
	.endm

	.global main
main:
	alloc r4 = ar.pfs, 0, 16, 0, 8
	mov r1 = 1
	// SDM 3:2 "br", the flow charts of br.ctop, br.cexit, br.wtop, br.wexit.
	loop_branch "br.ctop.sptk.few", 5, 3, 0, 4, 3, 1, 1, 1
	loop_branch "br.ctop.sptk.few", 0, 3, 0, 0, 2, 0, 1, 1
	loop_branch "br.ctop.sptk.few", 0, 2, 1, 0, 1, 0, 1, 1
	loop_branch "br.ctop.sptk.few", 0, 1, 1, 0, 0, 0, 0, 1
	loop_branch "br.ctop.sptk.few", 0, 0, 1, 0, 0, 1, 0, 0
	loop_branch "br.ctop.sptk.few", 1, 0, 0, 0, 0, 1, 1, 1
	loop_branch "br.cexit.sptk.few", 5, 3, 0, 4, 3, 1, 0, 1
	loop_branch "br.cexit.sptk.few", 0, 3, 0, 0, 2, 0, 0, 1
	loop_branch "br.cexit.sptk.few", 0, 1, 1, 0, 0, 0, 1, 1
	loop_branch "br.cexit.sptk.few", 0, 0, 1, 0, 0, 1, 1, 0
	loop_branch "(p6) br.wtop.sptk.few", 5, 3, 1, 5, 3, 0, 1, 1
	loop_branch "(p6) br.wtop.sptk.few", 5, 3, 0, 5, 2, 0, 1, 1
	loop_branch "(p6) br.wtop.sptk.few", 5, 2, 0, 5, 1, 0, 1, 1
	loop_branch "(p6) br.wtop.sptk.few", 5, 1, 0, 5, 0, 0, 0, 1
	loop_branch "(p6) br.wtop.sptk.few", 5, 0, 0, 5, 0, 1, 0, 0
	loop_branch "(p6) br.wtop.sptk.few", 0, 0, 1, 0, 0, 0, 1, 1
	loop_branch "(p6) br.wexit.sptk.few", 5, 3, 1, 5, 3, 0, 0, 1
	loop_branch "(p6) br.wexit.sptk.few", 5, 3, 0, 5, 2, 0, 0, 1
	loop_branch "(p6) br.wexit.sptk.few", 5, 1, 0, 5, 0, 0, 1, 1
	loop_branch "(p6) br.wexit.sptk.few", 5, 0, 0, 5, 0, 1, 1, 0
	loop_branch "br.cloop.sptk.few", 5, 3, 0, 4, 3, 1, 1, 0
	loop_branch "br.cloop.sptk.few", 1, 3, 0, 0, 3, 1, 1, 0
	loop_branch "br.cloop.sptk.few", 0, 3, 0, 0, 3, 1, 0, 0

	// p63 takes the new value also when nothing rotates (ec 0): it is 0 afterwards.
	clrrrb
	mov ar.lc = 0
	mov ar.ec = 0
	movl r10 = 0x8000000000000000
	mov pr = r10, 0x10000
	br.ctop.sptk.few .Lno63
.Lno63:
	is p63, 0, "br.ctop with lc 0, ec 0: p63 is cleared"

	// A modulo-scheduled loop over three stages: copies 10 numbers, adding 5 (SDM 1:4.5.1's example).
	clrrrb
	movl r10 = numbers
	movl r11 = copies
	mov ar.lc = 9
	mov ar.ec = 4
	mov pr.rot = 1<<16
.Lkernel:
	(p16) ld8 r32 = [r10], 8
	(p18) adds r35 = 5, r34
	(p19) st8 [r11] = r36, 8
	br.ctop.sptk.few .Lkernel
	mem_is copies, 105, "modulo-scheduled loop: first result"
	mem_is copies+32, 505, "modulo-scheduled loop: fifth result"
	mem_is copies+72, 1005, "modulo-scheduled loop: last result"
	mem_is copies+80, 0xdead, "modulo-scheduled loop: no result too many"
	mov r10 = ar.ec
	is r10, 0, "modulo-scheduled loop: ec at the end"

	// A while loop: sums until a zero, the condition computed in the loop.
	clrrrb
	movl r10 = numbers
	mov r12 = 0
	mov ar.ec = 1
	mov pr.rot = 1<<16
.Lwhile:
	ld8 r13 = [r10], 8
	add r12 = r12, r13
	cmp.ne p17, p0 = r0, r13
	(p17) br.wtop.sptk.few .Lwhile
	is r12, 5500, "br.wtop loop: sum of all"

	// ---- rotation of the general registers by 8, 16 and 96; of f32..f127; of p16..p63 ----
	clrrrb
	alloc r4 = ar.pfs, 0, 96, 0, 96
	mov r32 = 100
	mov r127 = 300
	mov ar.lc = 0
	mov ar.ec = 1
	br.ctop.sptk.few .L96
.L96:
	is r33, 100, "96 rotating registers: r32 becomes r33"
	is r32, 300, "96 rotating registers: r127 becomes r32"
	clrrrb
	is r32, 100, "clrrrb: r32 is what it was"
	is r127, 300, "clrrrb: r127 is what it was"
	alloc r4 = ar.pfs, 0, 96, 0, 16
	mov r47 = 47
	mov r48 = 48
	mov ar.ec = 1
	br.ctop.sptk.few .L16
.L16:
	is r32, 47, "16 rotating registers: r47 becomes r32"
	is r48, 48, "16 rotating registers: r48 does not rotate"
	is r33, 100, "16 rotating registers: r32 becomes r33"
	mov f32 = f1
	mov f127 = f0
	mov pr.rot = 1<<16
	is p17, 1, "mov to pr.rot: as if rrb.pr were 0"
	is p16, 0, "mov to pr.rot: as if rrb.pr were 0 (2)"
	clrrrb
	mov f32 = f0
	mov f127 = f1
	mov pr.rot = -65536
	mov ar.ec = 1
	br.ctop.sptk.few .Lf
.Lf:
	fr_is f32, 0xffff, 0x8000000000000000, "f127 becomes f32"
	is p16, 0, "br.ctop in the epilogue writes p63 before it rotates"

	// ---- copies of 1 to 40 pairs of words through rotating FRs; then the predicates as before ----
	clrrrb
	alloc r4 = ar.pfs, 0, 8, 0, 8
	mov r20 = 1
	mov r15 = 0
	movl r16 = 0x555555555555aaaa | 1
	mov pr = r16, -2
.Lcopies:
	movl r10 = copy_from
	movl r11 = copy_to
	add r12 = 8, r11
	add r14 = -1, r20
	shladd r13 = r20, 4, r11
	st8 [r13] = r0
	mov r17 = pr
	mov ar.lc = r14
	mov ar.ec = 4
	mov pr.rot = 1<<16
.Lcopy:
	(p16) ldfp8 f32, f41 = [r10], 16
	(p19) stf8 [r11] = f35, 16
	(p19) stf8 [r12] = f44, 16
	br.ctop.sptk.few .Lcopy
	mov pr = r17, -2
	clrrrb
	mov r18 = pr
	sub r18 = r18, r17
	or r15 = r15, r18
	ld8 r18 = [r13]
	or r15 = r15, r18
	movl r10 = copy_from
	movl r11 = copy_to
	shladd r14 = r20, 1, r0
	add r14 = -1, r14
	mov ar.lc = r14
.Lcompare:
	ld8 r13 = [r10], 8
	ld8 r14 = [r11], 8
	sub r13 = r13, r14
	or r15 = r15, r13
	br.cloop.sptk.few .Lcompare
	add r20 = 1, r20
	movl r10 = copy_to
	cmp.ge p1, p2 = 40, r20
	(p1) br.sptk.few .Lcopies
	is r15, 0, "copies through rotating FRs: words, what lies behind them, predicates"

	// mov from pr and mov to pr name the registers as if rrb.pr were 0 (SDM 3:2 "mov pr").
	clrrrb
	mov pr.rot = 1<<20
	mov ar.ec = 1
	br.ctop.sptk.few .Lpr
.Lpr:
	is p21, 1, "rotated: p20 is p21"
	mov r10 = pr
	movl r11 = ~0xffff
	and r10 = r10, r11
	is r10, 1<<20, "mov from pr: as if rrb.pr were 0"
	movl r10 = 1<<30
	mov pr = r10, -65536
	is p31, 1, "mov to pr: as if rrb.pr were 0"
	is p21, 0, "mov to pr: replaces what is masked in"
	clrrrb.pr
	is p30, 1, "clrrrb.pr: predicates are unrotated"
	is p31, 0, "clrrrb.pr: predicates are unrotated (2)"
	mov r32 = 1
	mov ar.ec = 1
	br.ctop.sptk.few .Lgr
.Lgr:
	clrrrb.pr
	is r33, 1, "clrrrb.pr: general registers stay rotated"
	clrrrb
	// mov pr, mask: only 16 static ones by mask bits, all rotating ones by bit 16.
	movl r10 = 0xffffffffffffffff
	mov pr = r10, 0x10
	is p4, 1, "mov pr, 0x10: p4 is written"
	cmp.ne p5, p0 = r0, r0
	movl r10 = 0
	mov pr = r10, 0x10
	is p4, 0, "mov pr, 0x10: p4 is written (2)"
	is p0, 1, "mov pr: p0 stays"

	// ---- alloc ----
	mov r5 = 77
	alloc r32 = ar.pfs, 3, 4, 2, 0
	mov r10 = ar.pfs
	mov r11 = r32
	cmp.eq p6, p0 = r10, r11
	is p6, 1, "alloc: r1 = ar.pfs"
	// With another size while something is rotated: Reserved Register/Field (SDM 3:2 "alloc").
	alloc r4 = ar.pfs, 0, 16, 0, 8
	mov ar.ec = 1
	mov ar.lc = 0
	br.ctop.sptk.few .Lalloc
.Lalloc:
	expect 9f
8:	alloc r4 = ar.pfs, 0, 16, 0, 16
	not_reached "alloc with other sor while rotated"
9:	fault_is V_GENEX, 0x30, 8b, "alloc with other sor while rotated"
	expect 9f
	alloc r4 = ar.pfs, 0, 24, 0, 8
9:	no_fault "alloc with the same sor while rotated"
	clrrrb
	// Sizes that do not fit: Illegal Operation. M34: op 1, x3 6; sof 26:20 19:13 r1 12:6, qp 5:0.
	.macro alloc_m34 sof, sol, sor, r1=4, qp=0
	raw_m 1<<37 | 6<<33 | (\sor)<<27 | (\sol)<<20 | (\sof)<<13 | (\r1)<<6 | (\qp)
	.endm
	.macro bad_alloc what, sof, sol, sor, r1=4, qp=0
	expect 9f
8:	alloc_m34 \sof, \sol, \sor, \r1, \qp
	not_reached "alloc: \what is refused (went on)"
9:	fault_is V_GENEX, 0, 8b, "alloc: \what is refused"
	.endm
	bad_alloc "sof 97", 97, 0, 0
	bad_alloc "sof 127", 127, 127, 0
	bad_alloc "sol greater than sof", 8, 9, 0
	bad_alloc "sor greater than sof", 15, 15, 2
	bad_alloc "sor 13", 96, 96, 13
	bad_alloc "a qualifying predicate", 8, 8, 0, 4, 6
	bad_alloc "r0 as target", 8, 8, 0, 0
	bad_alloc "a target outside of the new frame", 8, 8, 0, 40
	alloc_m34 96, 96, 12
	reached "alloc: 96 registers, all rotating"
	alloc_m34 0, 0, 0
	reached "alloc: no registers"
	// A register outside of the frame cannot be written, but can be read (SDM 1:3.1.2).
	alloc r4 = ar.pfs, 0, 8, 0, 0
	expect 9f
8:	adds r40 = 1, r0
	not_reached "write outside of the frame (went on)"
9:	fault_is V_GENEX, 0, 8b, "write outside of the frame"
	expect 9f
	adds r39 = 1, r40
9:	no_fault "read outside of the frame"
	expect 9f
8:	ld8 r40 = [r0]
	not_reached "load outside of the frame (went on)"
9:	fault_is V_GENEX, 0, 8b, "load outside of the frame"
	cmp.ne p6, p0 = r0, r0
	expect 9f
	(p6) adds r40 = 1, r0
9:	no_fault "write outside of the frame, predicate off"
	expect 9f
8:	raw_m 8<<37 | 2<<34 | 0<<6 | 1<<20	// adds r0 = 0, r1
	not_reached "write of r0 (went on)"
9:	fault_is V_GENEX, 0, 8b, "write of r0 is illegal"

	// ---- br.call, br.ret ----
	alloc r4 = ar.pfs, 0, 8, 3, 8
	mov ar.ec = 9
	mov r32 = 32
	mov r40 = 140
	mov r42 = 142
	movl r10 = 0
	mov b1 = r10
8:	br.call.sptk.few b1 = callee
	mov r10 = b1
	movl r11 = 8b+16
	cmp.eq p6, p0 = r10, r11
	is p6, 1, "br.call: return link is the next bundle"
	is r32, 32, "br.ret: the caller has its registers"
	is r40, 1400, "br.ret: output registers hold what the callee left"
	mov r10 = ar.ec
	is r10, 9, "br.ret: ar.ec from ar.pfs"
	// brl.
	mov r32 = 5
	mov r40 = 140
	brl.call.sptk.few b1 = callee
	is r32, 5, "brl.call and br.ret"
	// A predicated-off call does nothing.
	cmp.ne p6, p0 = r0, r0
	mov r10 = 0x30
	mov b1 = r10
	(p6) br.call.sptk.few b1 = callee
	mov r10 = b1
	is r10, 0x30, "br.call, predicate off: b1 stays"
	(p6) brl.call.sptk.few b1 = callee
	mov r10 = b1
	is r10, 0x30, "brl.call, predicate off: b1 stays"
	reached "brl.call, predicate off: next bundle"
	// Calls through a register; low four bits are ignored.
	movl r10 = .Lodd+5
	mov b2 = r10
	br.cond.sptk b2
	not_reached "br.cond b2 (went on)"
.Lodd:	reached "br.cond b2: bits 3:0 of the target are ignored"
	// br.ia with ar.bspstore != ar.bsp: illegal; else disabled ISA transition (IA-32 is not there).
	flushrs
	expect 9f
8:	br.ia.sptk.few b2
	not_reached "br.ia (went on)"
9:	fault_is V_GENEX, 0x40, 8b+2, "br.ia: Disabled Instruction Set Transition"
	end_program

callee:
	alloc r35 = ar.pfs, 3, 5, 0, 0
	is r32, 140, "br.call: first output is r32 of the callee"
	is r34, 142, "br.call: third output is r34 of the callee"
	movl r10 = 9<<52 | 1<<14 | 8<<7 | 11
	mov r32 = 1400
	mov r33 = 1410
	mov ar.ec = 1
	cmp.eq p6, p0 = r10, r35
	is p6, 1, "br.call: ar.pfs has sof, sol, sor, ec, level"
	cmp.ne p6, p0 = r0, r0
	br.ret.sptk.few b1

	.data
	.balign 16
copy_from:
	.set word, 0x123456789
	.rept 80
	.set word, word * 7 + 3
	data8 word
	.endr
copy_to:
	.skip 41 * 16
numbers:
	data8 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 0, 0
copies:
	.skip 80
	data8 0xdead
