// SPDX-License-Identifier: GPL-2.0-or-later
// What tests/gdb/gdb.t debugs: a program without an operating system, entered as a kernel is, in
// physical addressing. It calls outer and inner with known values in stacked registers, again and
// again.
	.explicit
	.text
	.global _start
	.proc _start
_start:
{	.mii
	mov ar.rsc = 0
	mov r15 = ip
	nop.i 0 ;;
}
{	.mlx
	flushrs
	movl r14 = backing ;;
}
{	.mmi
	mov ar.bspstore = r14 ;;
	mov ar.rsc = 3
	nop.i 0
}
{	.mlx
	nop.m 0
	movl r12 = stack + 0x1000 ;;
}
{	.mlx
	nop.m 0
	movl r20 = 0x0123456789abcdef
}
{	.mlx
	nop.m 0
	movl r21 = variable ;;
}
{	.mfi
	alloc r32 = ar.pfs, 0, 2, 2, 0
	fcvt.xf f8 = f1
	cmp.eq p6, p7 = r0, r0 ;;
}
{	.mmi
	setf.sig f9 = r20
	setf.exp f40 = r0
	mov ar.lc = 42 ;;
}
again:
{	.mii
	add r33 = 1, r33
	mov r34 = 0x1001
	mov r35 = 0x1002 ;;
}
called_outer:
{	.mib
	nop.m 0
	nop.i 0
	br.call.sptk.many b0 = outer ;;
}
{	.mib
	nop.m 0
	nop.i 0
	br.cond.sptk.few again ;;
}
	.endp _start

	.proc outer
outer:
{	.mii
	alloc r34 = ar.pfs, 2, 3, 2, 0
	mov r35 = b0
	mov r36 = 0x2001 ;;
}
{	.mib
	mov r37 = 0x3001
	mov r38 = 0x3002
	br.call.sptk.many b0 = inner ;;
}
back_in_outer:
{	.mii
	nop.m 0
	mov ar.pfs = r34
	mov b0 = r35 ;;
}
{	.mib
	nop.m 0
	nop.i 0
	br.ret.sptk.many b0 ;;
}
	.endp outer

	.proc inner
inner:
{	.mii
	alloc r34 = ar.pfs, 2, 3, 0, 0
	mov r35 = b0
	mov r36 = 0x4001 ;;
}
stop_here:
{	.mii
	ld8 r22 = [r21]
	(p7) mov r23 = 0x666
	(p6) mov r25 = 0x777 ;;
}
{	.mlx
	add r22 = 1, r22
	movl r24 = 0xfedcba9876543210 ;;
}
the_store:
{	.mii
	st8 [r21] = r22
	mov ar.pfs = r34
	mov b0 = r35 ;;
}
after_store:
{	.mib
	nop.m 0
	nop.i 0
	br.ret.sptk.many b0 ;;
}
	.endp inner

	.data
	.align 16
	.global variable
	.type variable, @object
	.size variable, 8
variable:
	data8 0x1000
	.bss
	.align 4096
stack:
	.skip 0x1000
backing:
	.skip 0x4000
