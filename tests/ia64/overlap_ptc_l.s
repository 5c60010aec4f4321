// SPDX-License-Identifier: GPL-2.0-or-later
// ptc.l of what a translation register holds: a machine check (SDM 2:4.1.1.4, 3:2 "ptc.l").
	.include "lib.s"
	.global main
main:
	virtual_on
	set_rr 1, 0x11<<8|14<<2
	insert_tr d, 1, 0x2000000000010000, 0x200000+PTE_PAD+AR_RW, 16<<2
	movl r2 = 0x2000000000020000
	movl r3 = 16<<2
	ptc.l r2, r3
	srlz.d
	reached "ptc.l beside a translation register"
	expect_machine_check
	movl r2 = 0x2000000000014000
	movl r3 = 14<<2
	ptc.l r2, r3
	srlz.d
	not_reached "ptc.l over a translation register (went on)"
	end_program
