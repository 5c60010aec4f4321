/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Events: Xen enters here, as through a vector, when one is pending and not masked. psr.ic is off,
 * bank 0 in use, events are masked.
 */
#include <asm/asmmacro.h>
#include <asm/kregs.h>
#include <asm/pgtable.h>

#include "../kernel/minstate.h"

	.text
GLOBAL_ENTRY(xen_event_callback)
	mov r31=pr			// prepare to save predicates
	;;
	SAVE_MIN_WITH_COVER		// uses r31; defines r2 and r3
	;;
	SSM_PSR_IC_AND_SRLZ_D(r3, r14)	// uses r3
	;;
	adds r3=8,r2			// set up second base pointer for SAVE_REST
	;;
	SAVE_REST
	;;
	alloc r14=ar.pfs,0,0,1,0	// must be first in an insn group
	add out0=16,sp			// pass pointer to pt_regs as first arg
	;;
	br.call.sptk.many b0=xen_upcall
	;;
	br.sptk.many ia64_leave_kernel
END(xen_event_callback)
