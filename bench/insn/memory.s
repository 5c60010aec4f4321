// SPDX-License-Identifier: GPL-2.0-or-later
// Fills 64 KiB with words and adds them up: loads and stores with base update.
	.text
	.explicit
	mov r20 = 6000
	movl r21 = 0x400000 ;;
again:
	mov r14 = r21
	mov r15 = 8191
	mov r8 = 0 ;;
	mov ar.lc = r15 ;;
fill:
	{ .mib
	st8 [r14] = r15, 8
	add r15 = r15, r20
	br.cloop.sptk.few fill ;; }
	mov r14 = r21
	mov r15 = 8191 ;;
	mov ar.lc = r15 ;;
sum:
	ld8 r16 = [r14], 8 ;;
	add r8 = r8, r16
	br.cloop.sptk.few sum ;;
	add r20 = -1, r20 ;;
	cmp.ne p6, p0 = 0, r20
(p6)	br.cond.sptk.few again ;;
	break 0x1ff ;;
