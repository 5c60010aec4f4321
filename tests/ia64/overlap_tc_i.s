// SPDX-License-Identifier: GPL-2.0-or-later
// itc.i of what a translation register holds: a machine check (SDM 2:4.1.1.4).
	.include "lib.s"
	.global main
main:
	virtual_on
	expect_machine_check
	insert_tc i, 0x4000, 0x8000+PTE_PAD+AR_RWX+PL3, 14<<2
	not_reached "itc.i over a translation register (went on)"
	end_program
