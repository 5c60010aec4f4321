// SPDX-License-Identifier: GPL-2.0-or-later
// Integer instructions and compares in one page, predicates half of the time false.
	.text
	.explicit
	movl r10 = 50000000 ;;
	mov ar.lc = r10
	mov r9 = 0
	mov r11 = 1
	mov r12 = 0 ;;
loop:
	add r9 = r9, r11 ;;
	xor r12 = r12, r9 ;;
	tbit.nz p6, p7 = r9, 0 ;;
(p6)	add r13 = 1, r13
(p7)	shladd r14 = r9, 3, r13 ;;
	and r15 = r14, r12
	br.cloop.sptk.few loop ;;
	break 0x1ff ;;
