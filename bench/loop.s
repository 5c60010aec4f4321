// SPDX-License-Identifier: GPL-2.0-or-later
// A program for Linux/ia64 without a library: an integer loop of 15 instructions, 40 million times,
// then exit(0). `make bench` measures how many instructions a second it makes.
	.explicit
	.text
	.global _start
	.proc _start
_start:
{	.mlx
	alloc r32 = ar.pfs, 0, 8, 1, 0
	movl r33 = 40000000 - 1 ;;
}
{	.mii
	mov r34 = 1
	mov ar.lc = r33
	mov r35 = 0
}
{	.mlx
	nop.m 0
	movl r36 = table ;;
}
1:
{	.mii
	and r14 = 0x78, r34
	shl r15 = r34, 13 ;;
	nop.i 0
}
{	.mii
	add r14 = r36, r14
	xor r34 = r34, r15 ;;
	shr.u r15 = r34, 7
}
{	.mmi
	ld8 r16 = [r14] ;;
	xor r34 = r34, r15
	add r35 = r35, r16 ;;
}
{	.mii
	cmp.ltu p6, p7 = r34, r35
	shl r15 = r34, 17 ;;
(p6)	add r35 = 1, r35 ;;
}
{	.mib
	st8 [r14] = r35
	xor r34 = r34, r15
	br.cloop.sptk.few 1b ;;
}
{	.mii
	mov r15 = 1025 // __NR_exit
	mov r40 = 0
	nop.i 0 ;;
}
{	.mfb
	break.m 0x100000
	nop.f 0
	nop.b 0 ;;
}
	.endp _start
	.data
	.align 128
table:
	.skip 128
