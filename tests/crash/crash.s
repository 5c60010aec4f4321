// SPDX-License-Identifier: GPL-2.0-or-later
// What tests/crash/crash.t runs: a program without an operating system that calls lost from outer,
// where it takes a fault with psr.ic clear and nothing but zeros in the interruption vector table.
	.explicit
	.text
	.global _start
	.proc _start
_start:
{	.mlx
	mov ar.rsc = 0
	movl r14 = backing ;;
}
{	.mmi
	mov ar.bspstore = r14 ;;
	mov ar.rsc = 3
	nop.i 0
}
{	.mlx
	rsm 0x6000 // psr.i and psr.ic
	movl r15 = handlers ;;
}
{	.mmi
	srlz.d ;;
	mov cr.iva = r15
	nop.i 0 ;;
}
{	.mii
	alloc r32 = ar.pfs, 0, 1, 1, 0
	nop.i 0 ;;
	nop.i 0
}
{	.mib
	mov r33 = 0x111
	nop.i 0
	br.call.sptk.many b0 = outer ;;
}
	.endp _start

	.proc outer
outer:
	.prologue
	.save ar.pfs, r33
{	.mii
	alloc r33 = ar.pfs, 1, 2, 1, 0
	.save rp, r34
	mov r34 = b0
	mov r35 = 0x222 ;;
}
	.body
{	.mib
	nop.m 0
	nop.i 0
	br.call.sptk.many b0 = lost ;;
}
{	.mib
	nop.m 0
	nop.i 0
	br.ret.sptk.many b0 ;;
}
	.endp outer

	.proc lost
lost:
	.prologue
	.save ar.pfs, r33
{	.mii
	alloc r33 = ar.pfs, 1, 2, 0, 0
	.save rp, r34
	mov r34 = b0
	nop.i 0 ;;
}
	.body
{	.mii
	mov r20 = 0x1234
	break.i 0x77
	nop.i 0 ;;
}
{	.mib
	nop.m 0
	nop.i 0
	br.ret.sptk.many b0 ;;
}
	.endp lost
	.bss
	.align 4096
backing:
	.skip 0x4000
	.align 0x8000
handlers:
	.skip 0x8000
