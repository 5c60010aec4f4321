// SPDX-License-Identifier: GPL-2.0-or-later
// A domain of 8192 MB: where its memory is, what it is told of it, and that all of it can be used. Then it waits.
	.include "lib.s"

	.set RAM_PAGES, 0x80000              // of 16 KB
	.set LAST, (RAM_PAGES - 5) * 0x4000  // the last page nobody uses
	.set WRITE_BACK, 8

	.data
	.align 8
arg: .skip 64
list: .skip 16

	.text
	.macro start_info
	movl r14 = SHARED + 4112
	ld8 r15 = [r14]
	shl r15 = r15, 14
	.endm
	.macro memmap_info
	movl r14 = SHARED + 4128
	ld8 r15 = [r14]
	shl r15 = r15, 14
	.endm

main:
	mov r4 = r28                         // boot parameters
	start_info
	adds r15 = 32, r15
	ld8 r8 = [r15]
	is RAM_PAGES, "start_info: nr_pages"
	mem8_is SHARED + 4112, RAM_PAGES - 3, "start_info is the third page from the end"
	start_info
	adds r15 = 56, r15
	ld8 r8 = [r15]
	is RAM_PAGES - 2, "the store's ring is the next"

	// ---- the copy of the memory map ----
	mem4_is SHARED + 4124, 1, "memmap_info_num_pages"
	mem8_is SHARED + 4128, RAM_PAGES - 4, "memmap_info_pfn"
	memmap_info
	ld8 r8 = [r15]
	is 40, "one descriptor"
	memmap_info
	adds r15 = 48, r15
	ld8 r8 = [r15]
	is RAM_PAGES * 4, "for all of memory"

	// ---- the memory map: RAM without a gap, and nothing else that is write-back ----
	adds r14 = 16, r4
	ld8 r5 = [r14], 8                    // efi_memmap
	ld8 r6 = [r14]                       // efi_memmap_size
	add r6 = r5, r6
	mov r8 = r0
1:	adds r14 = 32, r5
	ld8 r15 = [r14], -8
	tbit.z p6, p7 = r15, 3
(p6)	br.cond.sptk.many 2f
	ld8 r15 = [r14], -16
	ld8 r14 = [r14]
	shr.u r14 = r14, 12
	cmp.ne p6, p7 = r14, r8              // begins where the one before ended
(p6)	br.cond.sptk.many 3f
	add r8 = r8, r15
2:	adds r5 = 40, r5
	cmp.ltu p6, p7 = r5, r6
(p6)	br.cond.sptk.many 1b
3:	is RAM_PAGES * 4, "efi_memmap: RAM from 0 to the end"

	// ---- all of it is there ----
	mem8_is 0xff000000, 0x5453595320494249, "the firmware is at its place: IBI SYST"
	put8 0xff100000, 0x1111
	put8 0xfffffff8, 0x2222
	put8 0x100000000, 0x3333
	put8 LAST, 0x4444
	put8 0, 0x5555
	mem8_is 0xff100000, 0x1111, "memory behind the firmware"
	mem8_is 0xfffffff8, 0x2222, "below 4 GB"
	mem8_is 0x100000000, 0x3333, "from 4 GB on"
	mem8_is LAST, 0x4444, "at the end"
	mem8_is 0, 0x5555, "at the start"

	// ---- and counts ----
	put2 arg, SELF
	gives RAM_PAGES, "memory_op: current_reservation, the firmware is a part of it", MEMORY_OP, 3, arg + INLINE
	gives RAM_PAGES, "memory_op: maximum_reservation", MEMORY_OP, 4, arg + INLINE
	gives RAM_PAGES - 1, "memory_op: maximum_gpfn", MEMORY_OP, 14, arg + INLINE
	put8 list, LAST / 0x4000
	put8 arg, list + INLINE
	put8 arg + 8, 1
	put8 arg + 16, 0
	put8 arg + 24, SELF
	gives 1, "memory_op: decrease_reservation above 4 GB", MEMORY_OP, 1, arg + INLINE
	gives 1, "memory_op: populate_physmap above 4 GB", MEMORY_OP, 6, arg + INLINE
	mem8_is LAST, 0, "it is zero now"
	put8 LAST, 0x6666
	put8 list, RAM_PAGES
	gives 0, "memory_op: populate_physmap behind the end", MEMORY_OP, 6, arg + INLINE

	movl r16 = text_end
	br.call.sptk.many b7 = puts
8:
0:	br.cond.sptk.many 0b
