/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gate page of a domain of Xen, as it goes into the kernel. */
#include <asm/page.h>

	.section .data..page_aligned, "aw"
	.align PAGE_SIZE
	.global __start_xen_gate_section
__start_xen_gate_section:
	.incbin "arch/ia64/kernel/xen-gate.so"
	.align PAGE_SIZE
