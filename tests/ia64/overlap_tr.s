// SPDX-License-Identifier: GPL-2.0-or-later
// itr.d of what another translation register holds: a machine check (SDM 2:4.1.1.4).
	.include "lib.s"
	.global main
main:
	virtual_on
	set_rr 1, 0x11<<8|14<<2
	insert_tr d, 1, 0x2000000000010000, 0x200000+PTE_PAD+AR_RW, 16<<2
	insert_tr d, 2, 0x2000000000020000, 0x200000+PTE_PAD+AR_RW, 16<<2
	reached "registers side by side"
	expect_machine_check
	insert_tr d, 3, 0x2000000000024000, 0x200000+PTE_PAD+AR_RW, 14<<2
	not_reached "itr.d over another register (went on)"
	end_program
