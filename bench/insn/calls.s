// SPDX-License-Identifier: GPL-2.0-or-later
// Fibonacci numbers by recursion: calls, returns, alloc, register stack spills and fills.
	.text
	.explicit
	alloc r31 = ar.pfs, 0, 1, 1, 0
	mov r33 = 32 ;;
	br.call.sptk.many b0 = fib ;;
	break 0x1ff ;;
fib:
	alloc r33 = ar.pfs, 1, 4, 1, 0
	mov r34 = b0
	cmp.gtu p6, p7 = 2, r32 ;;
(p6)	mov r8 = r32
(p6)	br.cond.sptk.few out
	add r37 = -1, r32
	br.call.sptk.many b0 = fib ;;
	mov r35 = r8
	add r37 = -2, r32
	br.call.sptk.many b0 = fib ;;
	add r8 = r8, r35
out:
	mov b0 = r34
	mov ar.pfs = r33 ;;
	br.ret.sptk.many b0 ;;
