// SPDX-License-Identifier: GPL-2.0-or-later
// What tests/crash/unwind.t runs: _start calls first, first calls second, and second branches to where
// there is no memory. Entered as a kernel is, in physical addressing.
	.explicit
	.text
	.global _start
	.proc _start
_start:
	.prologue
	.save rp, r0
	.body
{	.mii
	alloc r32 = ar.pfs, 0, 3, 1, 0
	mov r33 = 0x1234
	nop.i 0 ;;
}
{	.mib
	nop.m 0
	nop.i 0
	br.call.sptk.many b0 = first ;;
}
.Lself:
{	.mib
	nop.m 0
	nop.i 0
	br.cond.sptk.few .Lself ;;
}
	.endp _start

	.global first
	.proc first
first:
	.prologue 12, 33
{	.mii
	alloc r34 = ar.pfs, 1, 2, 1, 0
	mov r33 = b0
	nop.i 0 ;;
}
	.body
{	.mib
	nop.m 0
	nop.i 0
	br.call.sptk.many b0 = second ;;
}
{	.mii
	nop.m 0
	mov ar.pfs = r34
	mov b0 = r33 ;;
}
{	.mib
	nop.m 0
	nop.i 0
	br.ret.sptk.many b0 ;;
}
	.endp first

	.global second
	.proc second
second:
	.prologue 12, 32
{	.mii
	alloc r33 = ar.pfs, 0, 2, 1, 0
	mov r32 = b0
	nop.i 0 ;;
}
	.body
{	.mlx
	nop.m 0
	movl r14 = 0x70000000000 ;;
}
{	.mii
	nop.m 0
	mov b6 = r14
	nop.i 0 ;;
}
{	.mib
	nop.m 0
	nop.i 0
	br.call.sptk.many b0 = b6 ;;
}
{	.mii
	nop.m 0
	mov ar.pfs = r33
	mov b0 = r32 ;;
}
{	.mib
	nop.m 0
	nop.i 0
	br.ret.sptk.many b0 ;;
}
	.endp second
