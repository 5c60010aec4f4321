/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Privileged instructions as a paravirtualized kernel does them: the macros of asm/native/inst.h
 * with the same operands. State that Xen shares is loaded and stored, the rest is asked for with a
 * hyperprivop. clob names registers and predicates that a macro may destroy; nothing else is,
 * r8 and r9 included.
 *
 * Every macro is complete: it begins where its operands are ready in the instruction group and what
 * needs a stop between its own instructions has one.
 *
 * Source: Xen 4.1, public/arch-ia64.h (hyperprivops, mapped_regs).
 */
#ifndef _ASM_IA64_XEN_INST_H
#define _ASM_IA64_XEN_INST_H

#include <asm/paravirt_op.h>
#include <asm/xen/privop.h>

#define DO_SAVE_MIN		IA64_NATIVE_DO_SAVE_MIN	/* of these macros */

/* --- interruption state: in the shared page while psr.ic is off --- */

#define XEN_LOAD(reg, address)			\
	mov reg = address;			\
	;;					\
	ld8 reg = [reg]

#define XEN_STORE(pred, address, reg, clob)	\
(pred)	mov clob = address;			\
	;;					\
(pred)	st8 [clob] = reg;			\
	;;

#define MOV_FROM_IFA(reg)	XEN_LOAD(reg, XSI_IFA)
#define MOV_FROM_ITIR(reg)	XEN_LOAD(reg, XSI_ITIR)
#define MOV_FROM_ISR(reg)	XEN_LOAD(reg, XSI_ISR)
#define MOV_FROM_IHA(reg)	XEN_LOAD(reg, XSI_IHA)
#define MOV_FROM_IIM(reg)	XEN_LOAD(reg, XSI_IIM)
#define MOV_FROM_IIP(reg)	XEN_LOAD(reg, XSI_IIP)
#define MOV_FROM_IFS(reg)	XEN_LOAD(reg, XSI_IFS)
#define MOV_FROM_IPSR(pred, reg)		\
(pred)	mov reg = XSI_IPSR;			\
	;;					\
(pred)	ld8 reg = [reg]

#define MOV_TO_IFA(reg, clob)		XEN_STORE(p0, XSI_IFA, reg, clob)
#define MOV_TO_ITIR(pred, reg, clob)	XEN_STORE(pred, XSI_ITIR, reg, clob)
#define MOV_TO_IHA(pred, reg, clob)	XEN_STORE(pred, XSI_IHA, reg, clob)
#define MOV_TO_IPSR(pred, reg, clob)	XEN_STORE(pred, XSI_IPSR, reg, clob)
#define MOV_TO_IFS(pred, reg, clob)	XEN_STORE(pred, XSI_IFS, reg, clob)
#define MOV_TO_IIP(reg, clob)		XEN_STORE(p0, XSI_IIP, reg, clob)

/* --- hyperprivops with operands in r8 and r9 --- */

/* reg = what hyperprivop op leaves in r8; r8 itself is kept unless reg or clob is r8. */
.macro XEN_GET pred, op, reg, clob
	.ifc "\reg", "r8"
(\pred)	break.m \op
	;;
	.exitm
	.endif
	.ifnc "\clob", "r8"
(\pred)	mov \clob = r8
	;;
	.endif
(\pred)	break.m \op
	;;
(\pred)	mov \reg = r8
	;;
	.ifnc "\clob", "r8"
(\pred)	mov r8 = \clob
	;;
	.endif
.endm

/* Hyperprivop op with r8 = reg. */
.macro XEN_PUT pred, op, reg, clob
	.ifc "\reg", "r8"
(\pred)	break.m \op
	;;
	.exitm
	.endif
	.ifnc "\clob", "r8"
(\pred)	mov \clob = r8
	;;
	.endif
(\pred)	mov r8 = \reg
	;;
(\pred)	break.m \op
	;;
	.ifnc "\clob", "r8"
(\pred)	mov r8 = \clob
	;;
	.endif
.endm

#define MOV_FROM_IVR(reg, clob)		XEN_GET p0, HYPERPRIVOP_GET_IVR, reg, clob
#define MOV_FROM_PSR(pred, reg, clob)	XEN_GET pred, HYPERPRIVOP_GET_PSR, reg, clob
#define ITC_I(pred, reg, clob)		XEN_PUT pred, HYPERPRIVOP_ITC_I, reg, clob
#define ITC_D(pred, reg, clob)		XEN_PUT pred, HYPERPRIVOP_ITC_D, reg, clob
#define ITC_I_AND_D(pred_i, pred_d, reg, clob)			\
	XEN_PUT pred_i, HYPERPRIVOP_ITC_I, reg, clob;		\
	XEN_PUT pred_d, HYPERPRIVOP_ITC_D, reg, clob

.macro XEN_THASH pred, reg0, reg1, clob
	.ifc "\reg1", "r8"
	XEN_GET \pred, HYPERPRIVOP_THASH, \reg0, \clob
	.exitm
	.endif
	.ifnc "\reg0", "r8"
	.ifnc "\clob", "r8"
(\pred)	mov \clob = r8
	;;
	.endif
	.endif
(\pred)	mov r8 = \reg1
	;;
(\pred)	break.m HYPERPRIVOP_THASH
	;;
	.ifnc "\reg0", "r8"
(\pred)	mov \reg0 = r8
	;;
	.ifnc "\clob", "r8"
(\pred)	mov r8 = \clob
	;;
	.endif
	.endif
.endm
#define THASH(pred, reg0, reg1, clob)	XEN_THASH pred, reg0, reg1, clob

/*
 * Hyperprivop op with r8 = a, a register or a number, and r9 = b, a register. clob0 and clob1 may
 * be r8 and r9; a and b may not, but for b = r9.
 */
.macro XEN_PUT2 pred, op, a, b, clob0, clob1
	.ifc "\clob0", "r9"
	XEN_PUT2 \pred, \op, \a, \b, \clob1, \clob0
	.exitm
	.endif
	.ifc "\clob1", "r8"
	XEN_PUT2 \pred, \op, \a, \b, \clob1, \clob0
	.exitm
	.endif
	.ifnc "\clob0", "r8"
(\pred)	mov \clob0 = r8
	.endif
	.ifnc "\b", "r9"
	.ifnc "\clob1", "r9"
(\pred)	mov \clob1 = r9
	.endif
	.endif
	;;
(\pred)	mov r8 = \a
	.ifnc "\b", "r9"
(\pred)	mov r9 = \b
	.endif
	;;
(\pred)	break.m \op
	;;
	.ifnc "\clob0", "r8"
(\pred)	mov r8 = \clob0
	.endif
	.ifnc "\b", "r9"
	.ifnc "\clob1", "r9"
(\pred)	mov r9 = \clob1
	.endif
	.endif
	;;
.endm
#define MOV_TO_KR(kr, reg, clob0, clob1)	\
	XEN_PUT2 p0, HYPERPRIVOP_SET_KR, IA64_KR_##kr, reg, clob0, clob1
#define ITR_D(slot, pte, clob0, clob1)		\
	XEN_PUT2 p0, HYPERPRIVOP_ITR_D, slot, pte, clob0, clob1
/* There is none for one processor only. */
#define PTC_L(pred, va, ps, clob0, clob1)	\
	XEN_PUT2 pred, HYPERPRIVOP_PTC_GA, va, ps, clob0, clob1

/* The kernel's ar.itc: the processor's and an offset; it does not stand still or go back. */
#define MOV_FROM_ITC(pred, pred_clob, reg, clob)	\
(pred)	mov clob = XSI_ITC_OFFSET;			\
	;;						\
(pred)	ld8 clob = [clob];				\
(pred)	mov reg = ar.itc;				\
	;;						\
(pred)	add reg = reg, clob;				\
(pred)	mov clob = XSI_ITC_LAST;			\
	;;						\
(pred)	ld8 clob = [clob];				\
	;;						\
(pred)	cmp.geu.unc pred_clob, p0 = clob, reg;		\
	;;						\
(pred_clob) add reg = 1, clob;				\
(pred)	mov clob = XSI_ITC_LAST;			\
	;;						\
(pred)	st8 [clob] = reg;				\
	;;

/* --- psr --- */

/* ac is in the user mask, which a kernel at a lower level may set as well. */
#define SSM_PSR_IC_AND_DEFAULT_BITS_AND_SRLZ_I(clob0, clob1)	\
	mov clob0 = 1;						\
	mov clob1 = XSI_PSR_IC;					\
	sum PSR_DEFAULT_BITS;					\
	;;							\
	st4 [clob1] = clob0;					\
	;;

#define SSM_PSR_IC_AND_SRLZ_D(clob0, clob1)	\
	mov clob0 = 1;				\
	mov clob1 = XSI_PSR_IC;			\
	;;					\
	st4 [clob1] = clob0;			\
	;;

#define RSM_PSR_IC(clob)			\
	mov clob = XSI_PSR_IC;			\
	;;					\
	st4 [clob] = r0;			\
	;;

/* Unmasks events; one that waits is asked for. Xen looks by itself at one that comes after. */
#define SSM_PSR_I(pred, pred_clob, clob)	\
(pred)	mov clob = XSI_PSR_I_ADDR;		\
	;;					\
(pred)	ld8 clob = [clob];			\
	;;					\
(pred)	st1 [clob] = r0, -1;			\
	;;					\
(pred)	ld1 clob = [clob];			\
	;;					\
(pred)	cmp.ne.unc pred_clob, p0 = clob, r0;	\
	;;					\
(pred_clob) break.m HYPERPRIVOP_SSM_I;		\
	;;

#define RSM_PSR_I(pred, clob0, clob1)		\
(pred)	mov clob0 = XSI_PSR_I_ADDR;		\
(pred)	mov clob1 = 1;				\
	;;					\
(pred)	ld8 clob0 = [clob0];			\
	;;					\
(pred)	st1 [clob0] = clob1;			\
	;;

#define RSM_PSR_I_IC(clob0, clob1, clob2)	\
	mov clob0 = XSI_PSR_I_ADDR;		\
	mov clob1 = XSI_PSR_IC;			\
	mov clob2 = 1;				\
	;;					\
	ld8 clob0 = [clob0];			\
	;;					\
	st1 [clob0] = clob2;			\
	st4 [clob1] = r0;			\
	;;

#define RSM_PSR_BE_I(clob0, clob1)		\
	RSM_PSR_I(p0, clob0, clob1)		\
	rum psr.be;				\
	;;

/* An interruption has cleared it: SDM 2, table 3-2; and so does Xen. */
#define RSM_PSR_DFH(clob0, clob1)

#define RSM_PSR_DT				\
	break.m HYPERPRIVOP_RSM_DT;		\
	;;

#define SSM_PSR_DT_AND_SRLZ_I			\
	break.m HYPERPRIVOP_SSM_DT;		\
	;;

/* --- banked registers: those of the other bank are in the shared page, NaT bits and all --- */

#define XEN_BANK1_SPILL(a, b, pa, pb)			\
.mem.offset 0, 0; st8.spill [pa] = a, 16;		\
.mem.offset 8, 0; st8.spill [pb] = b, 16;		\
	;;

#define XEN_BANK1_FILL(a, b, pa, pb)			\
	ld8.fill a = [pa], 16;				\
	ld8.fill b = [pb], 16;				\
	;;

/* To bank 0: its contents are not needed by who asks for this. clob*: not r16 to r31. */
#define BSW_0(clob0, clob1, clob2)			\
	;;						\
	mov clob2 = ar.unat;				\
	mov clob0 = XSI_BANK1_R16;			\
	mov clob1 = XSI_BANK1_R16 + 8;			\
	;;						\
	XEN_BANK1_SPILL(r16, r17, clob0, clob1)		\
	XEN_BANK1_SPILL(r18, r19, clob0, clob1)		\
	XEN_BANK1_SPILL(r20, r21, clob0, clob1)		\
	XEN_BANK1_SPILL(r22, r23, clob0, clob1)		\
	XEN_BANK1_SPILL(r24, r25, clob0, clob1)		\
	XEN_BANK1_SPILL(r26, r27, clob0, clob1)		\
	XEN_BANK1_SPILL(r28, r29, clob0, clob1)		\
	XEN_BANK1_SPILL(r30, r31, clob0, clob1)		\
	mov clob1 = ar.unat;				\
	mov clob0 = XSI_B1NAT;				\
	;;						\
	st8 [clob0] = clob1;				\
	mov ar.unat = clob2;				\
	mov clob0 = XSI_BANKNUM;			\
	;;						\
	st4 [clob0] = r0;				\
	;;

/* To bank 1. clob*: not r16 to r31. */
#define BSW_1(clob0, clob1)				\
	;;						\
	mov clob1 = ar.unat;				\
	mov r30 = XSI_B1NAT;				\
	mov r31 = XSI_BANKNUM;				\
	mov clob0 = 1;					\
	;;						\
	ld8 r30 = [r30];				\
	st4 [r31] = clob0;				\
	;;						\
	mov ar.unat = r30;				\
	mov r30 = XSI_BANK1_R16;			\
	mov r31 = XSI_BANK1_R16 + 8;			\
	;;						\
	XEN_BANK1_FILL(r16, r17, r30, r31)		\
	XEN_BANK1_FILL(r18, r19, r30, r31)		\
	XEN_BANK1_FILL(r20, r21, r30, r31)		\
	XEN_BANK1_FILL(r22, r23, r30, r31)		\
	XEN_BANK1_FILL(r24, r25, r30, r31)		\
	XEN_BANK1_FILL(r26, r27, r30, r31)		\
	XEN_BANK1_FILL(r28, r29, r30, r31)		\
	ld8.fill r30 = [r30];				\
	ld8.fill r31 = [r31];				\
	;;						\
	mov ar.unat = clob1;				\
	;;

#define COVER						\
	break.m HYPERPRIVOP_COVER;			\
	;;

#define RFI						\
	break.m HYPERPRIVOP_RFI;				\
	;;

#endif /* _ASM_IA64_XEN_INST_H */
