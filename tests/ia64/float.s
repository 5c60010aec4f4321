// SPDX-License-Identifier: GPL-2.0-or-later
// Floating-point registers, loads and stores in every form, and a sample of each operation as programs see it. (The
// arithmetic itself is compared with MPFR by tests/unit/test_fp.c.) SDM 1:5, 3:2.
	.include "lib.s"

	.set QNAN_SE, 0x3ffff
	.set INT, 0x8000000000000000

	.global main
main:
	alloc r4 = ar.pfs, 0, 8, 0, 0
	mov r1 = 1
	fr_is f0, 0, 0, "f0 is +0"
	fr_is f1, 0xffff, INT, "f1 is +1"

	// ---- setf, getf: SDM 3:2, 1:5.1 ----
	.macro set form, value, se, sig
	movl r10 = \value
	setf.\form f6 = r10
	fr_is f6, \se, \sig, "setf.\form \value"
	.endm
	set s, 0x3f800000, 0xffff, INT
	set s, 0xbf800000, 0x2ffff, INT
	set s, 0xffffffff3f800000, 0xffff, INT
	set s, 0, 0, 0
	set s, 0x80000000, 0x20000, 0
	set s, 0x7f800000, 0x1ffff, INT
	set s, 0xffc00000, QNAN_SE, 0xc000000000000000
	set s, 0x7f800001, 0x1ffff, 0x8000010000000000
	set s, 0x00000001, 0xff81, 0x0000010000000000
	set s, 0x007fffff, 0xff81, 0x7fffff0000000000
	set d, 0x3ff0000000000000, 0xffff, INT
	set d, 0x4008000000000000, 0x10000, 0xc000000000000000
	set d, 0xfff0000000000000, 0x3ffff, INT
	set d, 0x7ff8000000000000, 0x1ffff, 0xc000000000000000
	set d, 0x0000000000000001, 0xfc01, 0x0000000000000800
	set d, 0x8000000000000000, 0x20000, 0
	set sig, 0x123456789abcdef0, 0x1003e, 0x123456789abcdef0
	set exp, 0x1ffff, 0x1ffff, INT
	set exp, 0xfffffffffffe0005, 0x20005, INT
	.macro get form, se, sig, value
	movl r10 = \sig
	movl r11 = \se
	setf.sig f7 = r10
	setf.exp f8 = r11
	fmerge.se f6 = f8, f7
	getf.\form r12 = f6
	is r12, \value, "getf.\form of \se:\sig"
	.endm
	get s, 0xffff, INT, 0x3f800000
	get s, 0x2ffff, 0xc000000000000000, 0xbfc00000
	get s, 0x1ffff, INT, 0x7f800000
	get s, QNAN_SE, 0xc000000000000000, 0xffc00000
	get s, 0xff81, 0x0000010000000000, 1
	get d, 0xffff, INT, 0x3ff0000000000000
	get d, 0x3ffff, INT, 0xfff0000000000000
	get d, 0xfc01, 0x800, 1
	get d, 0, 0, 0
	get exp, 0x2ffff, INT, 0x2ffff
	get sig, 0x2ffff, 0x123456789abcdef0, 0x123456789abcdef0

	// ---- loads: SDM 3:2 "ldf", "ldfp" ----
	movl r10 = data
	ldfs f6 = [r10]
	fr_is f6, 0x10000, 0xc800000000000000, "ldfs"
	ldfd f7 = [r10]
	getf.d r11 = f7
	is r11, 0x4009000040480000, "ldfd"
	adds r11 = 16, r10
	ldfe f6 = [r11]
	fr_is f6, 0x2c001, 0xdeadbeef12345678, "ldfe: sign, 15-bit exponent rebiased"
	adds r12 = 32, r10
	ldfe f6 = [r12]
	fr_is f6, 0x1ffff, 0xc000000000000000, "ldfe of a NaN: exponent all ones"
	adds r12 = 48, r10
	ldfe f6 = [r12]
	fr_is f6, 0, 1, "ldfe of a double-extended denormal: exponent 0"
	ldf8 f6 = [r10]
	fr_is f6, 0x1003e, 0x4009000040480000, "ldf8: integer exponent"
	ldf.fill f6 = [r11]
	fr_is f6, 0x08001, 0xdeadbeef12345678, "ldf.fill: 82 bits as they are"
	ldfps f6, f7 = [r10]
	fr_is f6, 0x10000, 0xc800000000000000, "ldfps: first"
	fr_is f7, 0x10000, 0x8900000000000000, "ldfps: second"
	ldfpd f6, f7 = [r11]
	getf.d r12 = f6
	getf.d r13 = f7
	is r12, 0xdeadbeef12345678, "ldfpd: first"
	is r13, 0x8001, "ldfpd: second"
	ldfp8 f6, f7 = [r11]
	fr_is f6, 0x1003e, 0xdeadbeef12345678, "ldfp8: first"
	fr_is f7, 0x1003e, 0x8001, "ldfp8: second"
	// updates
	mov r12 = r10
	ldfs f6 = [r12], 4
	is r12, data+4, "ldfs: immediate update"
	mov r13 = -4
	ldfd f6 = [r10], r13
	is r10, data-4, "ldfd: register update"
	adds r10 = 4, r10
	mov r12 = r10
	ldfps f6, f7 = [r12], 8
	is r12, data+8, "ldfps: update by 8"
	ldfpd f6, f7 = [r11], 16
	is r11, data+32, "ldfpd: update by 16"
	ldfe f6 = [r11], -16
	is r11, data+16, "ldfe: update"

	// ---- stores ----
	movl r12 = out
	movl r13 = 0x1122334455667788
	.macro clear
	st8 [r12] = r13, 8
	st8 [r12] = r13, -8
	.endm
	movl r14 = 0xc0490000
	setf.s f6 = r14
	clear
	stfs [r12] = f6
	mem_is out, 0x11223344c0490000, "stfs: four bytes"
	stfd [r12] = f6
	mem_is out, 0xc009200000000000, "stfd"
	clear
	stfe [r12] = f6
	mem_is out, 0xc900000000000000, "stfe: significand"
	mem_is out+8, 0x112233445566c000, "stfe: sign and exponent in two bytes"
	clear
	stf8 [r12] = f6
	mem_is out, 0xc900000000000000, "stf8: significand"
	stf.spill [r12] = f6
	mem_is out, 0xc900000000000000, "stf.spill: significand"
	mem_is out+8, 0x30000, "stf.spill: sign and exponent, rest 0"
	setf.sig f7 = r13
	stf.spill [r12] = f7, 32
	is r12, out+32, "stf.spill: update"
	adds r12 = -32, r12
	mem_is out+8, 0x1003e, "stf.spill of an integer"
	ldf.fill f8 = [r12]
	fr_is f8, 0x1003e, 0x1122334455667788, "spilled and filled again"
	// a denormal double stored as single and back
	movl r14 = 0x380fffffe0000000
	setf.d f6 = r14
	stfs [r12] = f6
	ld4 r15 = [r12]
	is r15, 0x007fffff, "stfs of a number that is denormal in single"

	// ---- a sample of arithmetic ----
	movl r14 = 0x4008000000000000	// 3
	setf.d f10 = r14
	movl r14 = 0x4000000000000000	// 2
	setf.d f11 = r14
	fma f6 = f10, f11, f1
	fr_is f6, 0x10001, 0xe000000000000000, "fma: 3 * 2 + 1"
	fms f6 = f10, f11, f1
	fr_is f6, 0x10001, 0xa000000000000000, "fms: 3 * 2 - 1"
	fnma f6 = f10, f11, f1
	fr_is f6, 0x30001, 0xa000000000000000, "fnma: -(3 * 2) + 1"
	fadd.s f6 = f10, f11
	fr_is f6, 0x10001, 0xa000000000000000, "fadd.s"
	fsub.d f6 = f11, f10
	fr_is f6, 0x2ffff, INT, "fsub.d"
	fmpy f6 = f10, f10
	fr_is f6, 0x10002, 0x9000000000000000, "fmpy"
	fnorm f6 = f10
	fr_is f6, 0x10000, 0xc000000000000000, "fnorm"
	fmax f6 = f10, f11
	fr_is f6, 0x10000, 0xc000000000000000, "fmax"
	fmin f6 = f10, f11
	fr_is f6, 0x10000, INT, "fmin"
	fneg f6 = f10
	famax f7 = f6, f11
	fr_is f7, 0x30000, 0xc000000000000000, "famax: by magnitude"
	famin f7 = f6, f11
	fr_is f7, 0x10000, INT, "famin: by magnitude"
	fabs f7 = f6
	fr_is f7, 0x10000, 0xc000000000000000, "fabs"
	fnegabs f7 = f10
	fr_is f7, 0x30000, 0xc000000000000000, "fnegabs"
	fmerge.ns f7 = f10, f11
	fr_is f7, 0x30000, INT, "fmerge.ns: the sign complemented"
	fmerge.s f7 = f6, f11
	fr_is f7, 0x30000, INT, "fmerge.s"
	fmerge.se f7 = f6, f1
	fr_is f7, 0x30000, INT, "fmerge.se"

	// ---- conversions ----
	movl r14 = -7
	setf.sig f6 = r14
	fcvt.xf f7 = f6
	fr_is f7, 0x30001, 0xe000000000000000, "fcvt.xf of -7"
	fcvt.fx f8 = f7
	getf.sig r15 = f8
	is r15, -7, "fcvt.fx of -7"
	fcvt.xuf.d f7 = f6
	fr_is f7, 0x1003f, INT, "fcvt.xuf.d of 2^64 - 7: rounds to 2^64"
	movl r14 = 0xc00e000000000000	// -3.75
	setf.d f6 = r14
	fcvt.fx f7 = f6
	fr_is f7, 0x1003e, -4, "fcvt.fx of -3.75: to nearest"
	fcvt.fx.trunc f7 = f6
	fr_is f7, 0x1003e, -3, "fcvt.fx.trunc of -3.75"
	fcvt.fxu.trunc f7 = f10
	fr_is f7, 0x1003e, 3, "fcvt.fxu.trunc of 3"
	fcvt.fxu f7 = f6
	fr_is f7, 0x1003e, INT, "fcvt.fxu of a negative number: invalid, integer indefinite"

	// ---- xma ----
	movl r14 = 0xffffffffffffffff
	setf.sig f6 = r14
	movl r14 = 5
	setf.sig f7 = r14
	xma.l f8 = f6, f6, f7
	fr_is f8, 0x1003e, 6, "xma.l"
	xma.h f8 = f6, f6, f7
	fr_is f8, 0x1003e, 0, "xma.h: signed"
	xma.hu f8 = f6, f6, f7
	fr_is f8, 0x1003e, 0xfffffffffffffffe, "xma.hu: unsigned"
	xmpy.l f8 = f7, f7
	fr_is f8, 0x1003e, 25, "xmpy.l"

	// ---- logic, select, parallel ----
	fand f8 = f6, f7
	fr_is f8, 0x1003e, 5, "fand"
	fandcm f8 = f6, f7
	fr_is f8, 0x1003e, 0xfffffffffffffffa, "fandcm"
	for f8 = f7, f0
	fr_is f8, 0x1003e, 5, "for"
	fxor f8 = f6, f7
	fr_is f8, 0x1003e, 0xfffffffffffffffa, "fxor"
	fselect f8 = f6, f7, f7
	fr_is f8, 0x1003e, 5, "fselect: 5 of all ones, the rest of 5"
	movl r14 = 0x0011223344556677
	setf.sig f12 = r14
	movl r14 = 0x8899aabbccddeeff
	setf.sig f13 = r14
	.macro par insn, value
	\insn
	fr_is f8, 0x1003e, \value, "\insn"
	.endm
	par "fswap f8 = f12, f13", 0xccddeeff00112233
	par "fswap.nl f8 = f12, f13", 0x4cddeeff00112233
	par "fswap.nr f8 = f12, f13", 0xccddeeff80112233
	par "fmix.lr f8 = f12, f13", 0x00112233ccddeeff
	par "fmix.l f8 = f12, f13", 0x001122338899aabb
	par "fmix.r f8 = f12, f13", 0x44556677ccddeeff
	par "fsxt.l f8 = f13, f12", 0xffffffff00112233
	par "fsxt.r f8 = f13, f12", 0xffffffff44556677
	par "fpack f8 = f10, f11", 0x4040000040000000
	par "fpmerge.s f8 = f13, f12", 0x80112233c4556677
	par "fpmerge.ns f8 = f13, f12", 0x0011223344556677
	par "fpmerge.se f8 = f13, f12", 0x88912233ccd56677
	fpack f14 = f10, f11		// 3, 2
	par "fpma f8 = f14, f14, f14", 0x4140000040c00000
	par "fpms f8 = f14, f14, f14", 0x40c0000040000000
	par "fpnma f8 = f14, f14, f14", 0xc0c00000c0000000
	par "fpmax f8 = f14, f8", 0x4040000040000000
	par "fpcmp.eq f8 = f14, f14", 0xffffffffffffffff
	par "fpcmp.lt f8 = f14, f14", 0
	par "fpcvt.fx f8 = f14", 0x0000000300000002
	par "fpabs f8 = f13", 0x0899aabb4cddeeff
	par "fpneg f8 = f12", 0x80112233c4556677

	// ---- fcmp relations, types none and unc; NaN is unordered ----
	movl r14 = 0x7ff8000000000000
	setf.d f15 = r14
	.macro compare rel, a, b, first, second
	cmp.eq p8, p9 = \second, r1
	fcmp.\rel p8, p9 = \a, \b
	is p8, \first, "fcmp.\rel \a, \b: first"
	is p9, \second, "fcmp.\rel \a, \b: second"
	.endm
	compare eq, f1, f1, 1, 0
	compare eq, f1, f10, 0, 1
	compare lt, f1, f10, 1, 0
	compare lt, f10, f1, 0, 1
	compare le, f1, f1, 1, 0
	compare gt, f10, f1, 1, 0
	compare ge, f1, f10, 0, 1
	compare unord, f1, f10, 0, 1
	compare unord, f1, f15, 1, 0
	compare ord, f1, f15, 0, 1
	compare eq, f15, f15, 0, 1
	compare neq, f15, f15, 1, 0
	compare lt, f15, f1, 0, 1
	compare nlt, f15, f1, 1, 0
	compare nge, f15, f1, 1, 0
	movl r14 = 0x8000000000000000
	setf.d f6 = r14
	compare eq, f0, f6, 1, 0
	cmp.ne p6, p0 = r0, r0
	cmp.eq p8, p0 = r0, r0
	cmp.eq p9, p0 = r0, r0
	(p6) fcmp.eq p8, p9 = f1, f1
	is p8, 1, "fcmp, predicate off: stays"
	(p6) fcmp.eq.unc p8, p9 = f1, f1
	is p8, 0, "fcmp.unc, predicate off: cleared (first)"
	is p9, 0, "fcmp.unc, predicate off: cleared (second)"

	// ---- fclass ----
	movl r14 = 1
	setf.d f16 = r14		// denormal double: unnormalized
	movl r14 = 0xfff0000000000000
	setf.d f17 = r14
	movl r14 = 0x7ff0000000000001
	setf.d f18 = r14
	.macro class reg, mask, yes
	fclass.m p8, p9 = \reg, \mask
	is p8, \yes, "fclass.m \reg, \mask"
	is p9, 1-\yes, "fclass.m \reg, \mask: second"
	.endm
	class f0, "@zero|@pos", 1
	class f0, "@zero|@neg", 0
	class f0, "@norm|@pos", 0
	class f6, "@zero|@neg", 1
	class f1, "@norm|@pos", 1
	class f1, "@norm|@unorm|@pos|@neg", 1
	class f16, "@unorm|@pos", 1
	class f16, "@norm|@pos", 0
	class f17, "@inf|@neg", 1
	class f17, "@inf|@pos", 0
	class f15, "@qnan", 1
	class f15, "@snan", 0
	class f18, "@snan", 1
	class f18, "@nat", 0
	class f12, "@unorm|@pos", 1

	// ---- frcpa, frsqrta and what clears their predicate: SDM 3:2 ----
	.macro approx insn, p, name
	cmp.eq p8, p0 = r0, r0
	\insn
	is p8, \p, "\name: predicate"
	.endm
	approx "frcpa f8, p8 = f1, f10", 1, "frcpa of 1 / 3"
	// within 2^-8.886: compare 3 * result with 1
	fnma f9 = f8, f10, f1
	fabs f9 = f9
	movl r14 = 0x3f61500000000000	// 2^-8.886 = 0.002114
	setf.d f7 = r14
	fcmp.le p8, p0 = f9, f7
	is p8, 1, "frcpa: relative error below 2^-8.886"
	approx "frcpa f8, p8 = f1, f0", 0, "frcpa of 1 / 0"
	fr_is f8, 0x1ffff, INT, "frcpa of 1 / 0: infinity"
	approx "frcpa f8, p8 = f0, f0", 0, "frcpa of 0 / 0"
	fr_is f8, QNAN_SE, 0xc000000000000000, "frcpa of 0 / 0: the default NaN"
	approx "frcpa f8, p8 = f0, f10", 0, "frcpa of 0 / 3"
	fr_is f8, 0, 0, "frcpa of 0 / 3: 0"
	approx "frcpa f8, p8 = f1, f17", 0, "frcpa of 1 / -infinity"
	fr_is f8, 0x20000, 0, "frcpa of 1 / -infinity: -0"
	approx "frcpa f8, p8 = f15, f1", 0, "frcpa of a NaN"
	fr_is f8, 0x1ffff, 0xc000000000000000, "frcpa of a NaN: that NaN"
	approx "frsqrta f8, p8 = f10", 1, "frsqrta of 3"
	approx "frsqrta f8, p8 = f0", 0, "frsqrta of 0"
	fr_is f8, 0, 0, "frsqrta of 0: 0"
	fneg f9 = f1
	approx "frsqrta f8, p8 = f9", 0, "frsqrta of -1"
	fr_is f8, QNAN_SE, 0xc000000000000000, "frsqrta of -1: the default NaN"
	cmp.eq p8, p0 = r0, r0
	(p6) frcpa f8, p8 = f1, f10
	is p8, 0, "frcpa, predicate off: clears its predicate"

	// ---- status fields: rounding by sf, flags, fsetc, fclrf, fchkf ----
	movl r10 = 0x9804c0270033f
	mov ar.fpsr = r10
	fsetc.s2 0x7f, 0x30
	mov r11 = ar.fpsr
	extr.u r12 = r11, 32, 7
	is r12, 0x3c, "fsetc.s2: or-mask, control bits from sf0"
	movl r10 = 0x9804c0270033f
	mov ar.fpsr = r10
	movl r11 = 0xffff-60
	setf.exp f8 = r11
	fma.s.s2 f8 = f10, f1, f8	// 3 + 2^-60: inexact
	mov r11 = ar.fpsr
	extr.u r12 = r11, 39, 6
	is r12, 0x20, "fma.s2: the inexact flag of sf2"
	extr.u r12 = r11, 13, 6
	is r12, 0, "fma.s2: sf0's flags stay"
	fchkf.s2 .Lchk
	not_reached "fchkf of a new flag goes on"
.Lchk:
	fclrf.s2
	fchkf.s2 .Lbad
	mov r11 = ar.fpsr
	extr.u r12 = r11, 39, 6
	is r12, 0, "fclrf.s2"
	end_program
.Lbad:	not_reached "fchkf without flags branched"
	end_program

	.data
	.balign 64
data:	data8 0x4009000040480000
	data8 0
	data8 0xdeadbeef12345678
	data8 0x8001
	data8 0xc000000000000000
	data8 0x7fff
	data8 1
	data8 0
	.balign 64
out:	.skip 64
