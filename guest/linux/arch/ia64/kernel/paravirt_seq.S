/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The operations that hardware does with one instruction, as sequences, and the way from patched
 * code to C functions.
 */
#include <asm/asmmacro.h>
#include <asm/paravirt_op.h>

	.text
PV_SEQ(native_ssm_i, ssm psr.i)
PV_SEQ(native_rsm_i, rsm psr.i)
PV_SEQ(native_get_psr, mov PV_RET=psr)
PV_SEQ(native_get_ivr, mov PV_RET=cr.ivr)
PV_SEQ(native_get_tpr, mov PV_RET=cr.tpr)
PV_SEQ(native_set_tpr, mov cr.tpr=PV_A0)
PV_SEQ(native_set_eoi, mov cr.eoi=r0)
PV_SEQ(native_set_itm, mov cr.itm=PV_A0)
PV_SEQ(native_get_itc, mov.m PV_RET=ar.itc)
PV_SEQ(native_get_rr, mov PV_RET=rr[PV_A0])
PV_SEQ(native_set_rr, mov rr[PV_A0]=PV_A1)
PV_SEQ(native_thash, thash PV_RET=PV_A0)
PV_SEQ(native_tpa, tpa PV_RET=PV_A0)
PV_SEQ(native_ptc_l, ptc.l PV_A0,PV_A1; .serialize.data)
PV_SEQ(native_ptc_ga, ptc.ga PV_A0,PV_A1; .serialize.data)

#ifdef CONFIG_PARAVIRT_STACKED
/*
 * Calls the C function at r10 (its code, not its descriptor; the kernel's gp) with r8 and r9.
 * Entered by "br.call b6" in the frame of the code that the site is in: its output registers
 * become inputs here and survive. r2 is ar.pfs before that call, and is again at the return.
 */
GLOBAL_ENTRY(pv_stacked_call)
	.prologue
	alloc loc0=ar.pfs,8,6,2,0
	mov loc1=r2
	mov loc2=b0
	mov loc3=b6
	mov loc4=gp
	mov loc5=pr
	mov b7=r10
	mov out0=r8
	mov out1=r9
	movl gp=__gp
	.body
	;;
	br.call.sptk.many b0=b7
	mov b6=loc3
	mov b0=loc2
	mov ar.pfs=loc0
	mov r2=loc1
	mov gp=loc4
	mov pr=loc5,-1
	;;
	br.ret.sptk.many b6
END(pv_stacked_call)
#endif
