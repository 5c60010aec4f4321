// SPDX-License-Identifier: GPL-2.0-or-later
// ptc.ga of what a translation register holds: a machine check (SDM 2:4.1.1.4, 3:2 "ptc.g").
	.include "lib.s"
	.global main
main:
	purges_over_register ptc.ga
