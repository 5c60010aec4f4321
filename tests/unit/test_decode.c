/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the decoder makes of instructions: operands, flags, and what is illegal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "decode/assemble.h"
#include "ia64/decode.h"

#define M UNIT_M
#define I UNIT_I
#define F UNIT_F
#define B UNIT_B
#define X UNIT_X
/* Fields of struct ia64_insn that a case expects; the rest 0. */
#define E(o, ...)	{ .op = o, __VA_ARGS__ }

static const struct {
	enum ia64_unit unit;
	const char *text;
	struct ia64_insn want;
} operand_cases[] = {
	/* A */
	{ M, "(p7) add r1=r2,r3", E(OP_ADD, .qp = 7, .r1 = 1, .r2 = 2, .r3 = 3) },
	{ I, "add r32=r127,r126,1",
	  E(OP_ADD1, .flags = INSN_R1_STACKED, .r1 = 32, .r2 = 127, .r3 = 126) },
	{ M, "sub r4=r5,r6,1", E(OP_SUB1, .r1 = 4, .r2 = 5, .r3 = 6) },
	{ M, "shladd r4=r5,4,r6", E(OP_SHLADD, .r1 = 4, .r2 = 5, .r3 = 6, .x = 4) },
	{ I, "shladdp4 r4=r5,1,r6", E(OP_SHLADDP4, .r1 = 4, .r2 = 5, .r3 = 6, .x = 1) },
	{ M, "and r4=-128,r6", E(OP_AND_I, .r1 = 4, .r3 = 6, .imm = -128) },
	{ M, "adds r12=-8192,r12", E(OP_ADDS, .r1 = 12, .r3 = 12, .imm = -8192) },
	{ M, "adds r12=8191,r12", E(OP_ADDS, .r1 = 12, .r3 = 12, .imm = 8191) },
	{ M, "mov r5=r6", E(OP_ADDS, .r1 = 5, .r3 = 6) },
	{ M, "addl r5=-2097152,r3", E(OP_ADDL, .r1 = 5, .r3 = 3, .imm = -2097152) },
	{ I, "mov r5=2097151", E(OP_ADDL, .r1 = 5, .imm = 2097151) },
	{ M, "addp4 r5=-1,r9", E(OP_ADDP4_I, .r1 = 5, .r3 = 9, .imm = -1) },
	{ M, "cmp.lt p6,p63=r8,r9", E(OP_CMP_LT, .r1 = 6, .r4 = 63, .r2 = 8, .r3 = 9) },
	/* Pseudo-ops of compare swap operands or targets (SDM 3:2 "cmp"). */
	{ M, "cmp.ge p6,p7=r8,r9", E(OP_CMP_LT, .r1 = 7, .r4 = 6, .r2 = 8, .r3 = 9) },
	{ M, "cmp.gt p6,p7=r8,r9", E(OP_CMP_LT, .r1 = 6, .r4 = 7, .r2 = 9, .r3 = 8) },
	{ M, "cmp.ltu.unc p6,p7=-1,r9",
	  E(OP_CMP_LTU_UNC_I, .r1 = 6, .r4 = 7, .r3 = 9, .imm = -1) },
	{ M, "cmp.ne.or.andcm p6,p7=r8,r9",
	  E(OP_CMP_NE_ORANDCM, .r1 = 6, .r4 = 7, .r2 = 8, .r3 = 9) },
	{ M, "cmp.gt.and p6,p7=r0,r9", E(OP_CMP_GT_AND_Z, .r1 = 6, .r4 = 7, .r3 = 9) },
	{ M, "cmp4.le.or p6,p7=r0,r9", E(OP_CMP4_LE_OR_Z, .r1 = 6, .r4 = 7, .r3 = 9) },
	{ M, "cmp4.eq.and p6,p7=127,r9",
	  E(OP_CMP4_EQ_AND_I, .r1 = 6, .r4 = 7, .r3 = 9, .imm = 127) },
	{ M, "padd2.uus r4=r5,r6", E(OP_PADD2_UUS, .r1 = 4, .r2 = 5, .r3 = 6) },
	{ M, "pshradd2 r4=r5,3,r6", E(OP_PSHRADD2, .r1 = 4, .r2 = 5, .r3 = 6, .x = 3) },
	/* I */
	{ I, "pmpyshr2.u r4=r5,r6,15", E(OP_PMPYSHR2_U, .r1 = 4, .r2 = 5, .r3 = 6, .x = 15) },
	{ I, "pack2.uss r4=r5,r6", E(OP_PACK2_USS, .r1 = 4, .r2 = 5, .r3 = 6) },
	{ I, "mux1 r4=r5,@rev", E(OP_MUX1, .r1 = 4, .r2 = 5, .x = MUX1_REV) },
	{ I, "mux2 r4=r5,0x8d", E(OP_MUX2, .r1 = 4, .r2 = 5, .imm = 0x8d) },
	{ I, "shr r4=r5,r6", E(OP_SHR, .r1 = 4, .r3 = 5, .r2 = 6) },
	{ I, "shl r4=r5,r6", E(OP_SHL, .r1 = 4, .r2 = 5, .r3 = 6) },
	{ I, "pshr4.u r4=r5,31", E(OP_PSHR4_U_I, .r1 = 4, .r3 = 5, .x = 31) },
	{ I, "pshl2 r4=r5,9", E(OP_PSHL2_I, .r1 = 4, .r2 = 5, .x = 9) },
	{ I, "popcnt r4=r5", E(OP_POPCNT, .r1 = 4, .r3 = 5) },
	{ I, "shrp r4=r5,r6,63", E(OP_SHRP, .r1 = 4, .r2 = 5, .r3 = 6, .x = 63) },
	{ I, "extr r4=r5,7,57", E(OP_EXTR, .r1 = 4, .r3 = 5, .x = 7, .y = 57) },
	{ I, "shr.u r4=r5,60", E(OP_EXTR_U, .r1 = 4, .r3 = 5, .x = 60, .y = 4) },
	{ I, "shl r4=r5,3", E(OP_DEP_Z, .r1 = 4, .r2 = 5, .x = 3, .y = 61) },
	{ I, "dep.z r4=-5,63,1", E(OP_DEP_Z_I, .r1 = 4, .imm = -5, .x = 63, .y = 1) },
	{ I, "dep r4=-1,r6,0,64", E(OP_DEP_I, .r1 = 4, .r3 = 6, .imm = -1, .x = 0, .y = 64) },
	{ I, "dep r4=r5,r6,48,16", E(OP_DEP, .r1 = 4, .r2 = 5, .r3 = 6, .x = 48, .y = 16) },
	{ I, "tbit.nz.or.andcm p6,p7=r8,63",
	  E(OP_TBIT_NZ_ORANDCM, .r1 = 6, .r4 = 7, .r3 = 8, .x = 63) },
	{ I, "tbit.nz p6,p7=r8,0", E(OP_TBIT_Z, .r1 = 7, .r4 = 6, .r3 = 8) },
	{ I, "tnat.z.unc p6,p7=r8", E(OP_TNAT_Z_UNC, .r1 = 6, .r4 = 7, .r3 = 8) },
	{ I, "mov b6=r8", E(OP_MOV_BR, .r1 = 6, .r2 = 8) },
	{ I, "mov r8=b7", E(OP_MOV_FROM_BR, .r1 = 8, .r2 = 7) },
	{ I, "mov pr=r8,-2", E(OP_MOV_PR, .r2 = 8, .imm = -2) },
	{ I, "mov pr=r8,0xfffe", E(OP_MOV_PR, .r2 = 8, .imm = 0xfffe) },
	{ I, "mov pr.rot=0x3fff0000", E(OP_MOV_PR_ROT, .imm = 0x3fff0000) },
	{ I, "mov r8=ip", E(OP_MOV_FROM_IP, .r1 = 8) },
	{ I, "mov r8=pr", E(OP_MOV_FROM_PR, .r1 = 8) },
	{ I, "mov.i ar.lc=r8", E(OP_MOV_AR, .r3 = 65, .r2 = 8) },
	{ I, "mov.i ar.ec=-1", E(OP_MOV_AR_I, .r3 = 66, .imm = -1) },
	{ I, "mov.i r8=ar.pfs", E(OP_MOV_FROM_AR, .r1 = 8, .r3 = 64) },
	{ I, "sxt4 r8=r9", E(OP_SXT4, .r1 = 8, .r3 = 9) },
	{ I, "nop.i 0x1fffff", E(OP_NOP, .imm = 0x1fffff) },
	{ I, "break.i 0x100000", E(OP_BREAK, .flags = INSN_BRANCH, .imm = 0x100000) },
	{ I, "hint.i 5", E(OP_HINT, .imm = 5) },
	{ I, "chk.s.i r8,1b-0x100", E(OP_CHK_S, .flags = INSN_BRANCH, .r2 = 8, .imm = -0x100) },
	/* M */
	{ M, "ld8.nta r8=[r9]", E(OP_LD8, .r1 = 8, .r3 = 9, .hint = 3) },
	{ M, "ld4 r8=[r9],r10", E(OP_LD4_R, .r1 = 8, .r3 = 9, .r2 = 10) },
	{ M, "ld1 r33=[r34],-256",
	  E(OP_LD1_I, .flags = INSN_R1_STACKED | INSN_R3_STACKED, .r1 = 33, .r3 = 34,
	    .imm = -256) },
	{ M, "ld2.acq r8=[r9],255",
	  E(OP_LDX_I, .r1 = 8, .r3 = 9, .imm = 255, .x = LD_ACQ, .y = 2) },
	{ M, "ld8.s r8=[r9]", E(OP_LDX, .r1 = 8, .r3 = 9, .x = LD_S, .y = 8) },
	{ M, "ld1.c.clr.acq r8=[r9],r3",
	  E(OP_LDX_R, .r1 = 8, .r3 = 9, .r2 = 3, .x = LD_C_CLR_ACQ, .y = 1) },
	{ M, "ld8.fill r8=[r9],16", E(OP_LD8_FILL_I, .r1 = 8, .r3 = 9, .imm = 16) },
	{ M, "ld16.acq r8,ar.csd=[r9]", E(OP_LD16, .r1 = 8, .r3 = 9, .x = LD_ACQ) },
	{ M, "st4 [r9]=r8,-4", E(OP_ST4_I, .r2 = 8, .r3 = 9, .imm = -4) },
	{ M, "st8.rel [r9]=r8", E(OP_STX, .r2 = 8, .r3 = 9, .y = 8) },
	{ M, "st8.spill [r9]=r8", E(OP_ST8_SPILL, .r2 = 8, .r3 = 9) },
	{ M, "st16.rel [r9]=r8,ar.csd", E(OP_ST16, .r2 = 8, .r3 = 9, .x = 1) },
	{ M, "ldfe f8=[r9]", E(OP_LDFE, .flags = INSN_FP_LOW | INSN_FP_WLOW, .r1 = 8, .r3 = 9) },
	{ M, "ldf8.c.nc f40=[r9],r3",
	  E(OP_LDFX_R, .flags = INSN_FP_HIGH | INSN_FP_WHIGH, .r1 = 40, .r3 = 9, .r2 = 3,
	    .x = LD_C_NC,
	    .y = FPMEM_8) },
	{ M, "ldfpd f8,f9=[r9],16",
	  E(OP_LDFPD_I, .flags = INSN_FP_LOW | INSN_FP_WLOW, .r1 = 8, .r2 = 9, .r3 = 9,
	    .imm = 16) },
	{ M, "ldfps.sa f8,f33=[r9]",
	  E(OP_LDFPS,
	    .flags = INSN_FP_LOW | INSN_FP_WLOW | INSN_FP_HIGH | INSN_FP_WHIGH | INSN_LDFP_MIXED,
	    .r1 = 8, .r2 = 33, .r3 = 9, .x = LD_SA) },
	{ M, "stfd [r9]=f8,8", E(OP_STFD_I, .flags = INSN_FP_LOW, .r2 = 8, .r3 = 9, .imm = 8) },
	{ M, "stf.spill [r9]=f1", E(OP_STF_SPILL, .r2 = 1, .r3 = 9) },
	{ M, "lfetch.fault.excl.nt1 [r9],r8",
	  E(OP_LFETCH_R, .r2 = 8, .r3 = 9, .x = IA64_LFETCH_FAULT | IA64_LFETCH_EXCL, .hint = 1) },
	{ M, "cmpxchg4.rel r8=[r9],r10,ar.ccv",
	  E(OP_CMPXCHG, .r1 = 8, .r3 = 9, .r2 = 10, .x = 1, .y = 4) },
	{ M, "cmp8xchg16.acq r8=[r9],r10,ar.csd,ar.ccv",
	  E(OP_CMP8XCHG16, .r1 = 8, .r3 = 9, .r2 = 10) },
	{ M, "xchg1 r8=[r9],r10", E(OP_XCHG, .r1 = 8, .r3 = 9, .r2 = 10, .y = 1) },
	{ M, "fetchadd8.rel r8=[r9],-16",
	  E(OP_FETCHADD, .r1 = 8, .r3 = 9, .x = 1, .y = 8, .imm = -16) },
	{ M, "fetchadd4.acq r8=[r9],1", E(OP_FETCHADD, .r1 = 8, .r3 = 9, .y = 4, .imm = 1) },
	{ M, "setf.exp f8=r9",
	  E(OP_SETF_EXP, .flags = INSN_FP_LOW | INSN_FP_WLOW, .r1 = 8, .r2 = 9) },
	{ M, "getf.sig r8=f9", E(OP_GETF_SIG, .flags = INSN_FP_LOW, .r1 = 8, .r2 = 9) },
	{ M, "chk.a.clr r8,1b+0xfffff0",
	  E(OP_CHK_A, .flags = INSN_BRANCH, .r1 = 8, .x = 1, .imm = 0xfffff0) },
	{ M, "chk.a.nc f8,1b-0xfffff0",
	  E(OP_CHK_A_F, .flags = INSN_BRANCH, .r1 = 8, .imm = -0xfffff0) },
	{ M, "chk.s f8,1b", E(OP_CHK_S_F, .flags = INSN_BRANCH | INSN_FP_LOW, .r2 = 8) },
	{ M, "alloc r40=ar.pfs,5,4,3,8", E(OP_ALLOC, .r1 = 40, .x = 12, .y = 9, .imm = 8) },
	{ M, "mov.m ar.k7=-128", E(OP_MOV_AR_I, .r3 = 7, .imm = -128) },
	{ M, "mov.m r8=ar.itc", E(OP_MOV_FROM_AR, .r1 = 8, .r3 = 44) },
	{ M, "mov cr.ifa=r8", E(OP_MOV_CR, .flags = INSN_PRIV, .r2 = 8, .r3 = 20) },
	{ M, "mov r8=cr.ivr", E(OP_MOV_FROM_CR, .flags = INSN_PRIV, .r1 = 8, .r3 = 65) },
	{ M, "mov psr.l=r8", E(OP_MOV_PSR_L, .flags = INSN_PRIV, .r2 = 8) },
	{ M, "mov r8=psr.um", E(OP_MOV_FROM_PSR_UM, .r1 = 8) },
	{ M, "rsm 0xc00001", E(OP_RSM, .flags = INSN_PRIV, .imm = 0xc00001) },
	{ M, "probe.w r8=r9,3", E(OP_PROBE_I, .r1 = 8, .r3 = 9, .imm = 3, .x = IA64_PROBE_W) },
	{ M, "probe.r r8=r9,r10", E(OP_PROBE, .r1 = 8, .r3 = 9, .r2 = 10, .x = IA64_PROBE_R) },
	{ M, "probe.rw.fault r9,2",
	  E(OP_PROBE_FAULT, .r3 = 9, .imm = 2, .x = IA64_PROBE_R | IA64_PROBE_W) },
	{ M, "itr.d dtr[r8]=r9", E(OP_ITR_D, .flags = INSN_PRIV, .r3 = 8, .r2 = 9) },
	{ M, "mov r8=rr[r9]", E(OP_MOV_FROM_RR, .flags = INSN_PRIV, .r1 = 8, .r3 = 9) },
	{ M, "mov r8=cpuid[r9]", E(OP_MOV_FROM_CPUID, .r1 = 8, .r3 = 9) },
	{ M, "ptc.l r8,r9", E(OP_PTC_L, .flags = INSN_PRIV, .r3 = 8, .r2 = 9) },
	{ M, "tpa r8=r9", E(OP_TPA, .flags = INSN_PRIV, .r1 = 8, .r3 = 9) },
	{ M, "fc.i r9", E(OP_FC_I, .r3 = 9) },
	{ M, "invala.e f9", E(OP_INVALA_E_F, .r1 = 9) },
	{ M, "break.m 0x123", E(OP_BREAK, .flags = INSN_BRANCH, .imm = 0x123) },
	/* F */
	{ F, "fma.d.s3 f8=f9,f10,f11",
	  E(OP_FMA, .flags = INSN_FP_LOW | INSN_FP_WLOW, .r1 = 8, .r3 = 9, .r4 = 10, .r2 = 11,
	    .x = 3, .y = PC_D) },
	{ F, "fnorm.s f8=f9",
	  E(OP_FMA, .flags = INSN_FP_LOW | INSN_FP_WLOW, .r1 = 8, .r3 = 9, .r4 = 1, .r2 = 0,
	    .y = PC_S) },
	{ F, "fnma.s1 f32=f9,f10,f11",
	  E(OP_FNMA, .flags = INSN_FP_LOW | INSN_FP_HIGH | INSN_FP_WHIGH, .r1 = 32, .r3 = 9,
	    .r4 = 10, .r2 = 11,
	    .x = 1) },
	{ F, "xma.hu f8=f9,f10,f11",
	  E(OP_XMA_HU, .flags = INSN_FP_LOW | INSN_FP_WLOW, .r1 = 8, .r3 = 9, .r4 = 10, .r2 = 11) },
	{ F, "fcmp.unord.unc.s2 p6,p7=f8,f9",
	  E(OP_FCMP_UNORD, .flags = INSN_FP_LOW, .r1 = 6, .r4 = 7, .r2 = 8, .r3 = 9, .x = 2,
	    .y = 1) },
	{ F, "fclass.m p6,p7=f8,0x1ff",
	  E(OP_FCLASS, .flags = INSN_FP_LOW, .r1 = 6, .r4 = 7, .r2 = 8, .imm = 0x1ff) },
	{ F, "frcpa.s1 f8,p6=f9,f10",
	  E(OP_FRCPA, .flags = INSN_FP_LOW | INSN_FP_WLOW, .r1 = 8, .r4 = 6, .r2 = 9, .r3 = 10,
	    .x = 1) },
	{ F, "fprsqrta f8,p6=f9",
	  E(OP_FPRSQRTA, .flags = INSN_FP_LOW | INSN_FP_WLOW, .r1 = 8, .r4 = 6, .r3 = 9) },
	{ F, "mov f8=f9",
	  E(OP_FMERGE_S, .flags = INSN_FP_LOW | INSN_FP_WLOW, .r1 = 8, .r2 = 9, .r3 = 9) },
	{ F, "fcvt.fx.trunc.s1 f8=f9",
	  E(OP_FCVT_FX_TRUNC, .flags = INSN_FP_LOW | INSN_FP_WLOW, .r1 = 8, .r2 = 9, .x = 1) },
	{ F, "fsetc.s2 0x7f,0x40", E(OP_FSETC, .x = 2, .y = 0x7f, .imm = 0x40) },
	{ F, "fchkf.s3 1b-0x10", E(OP_FCHKF, .flags = INSN_BRANCH, .x = 3, .imm = -0x10) },
	/* B */
	{ B, "(p6) br.cond.dpnt.few 1b+0x20",
	  E(OP_BR_COND, .flags = INSN_BRANCH, .qp = 6, .imm = 0x20) },
	{ B, "br.ctop.sptk.few 1b-0x40", E(OP_BR_CTOP, .flags = INSN_BRANCH, .imm = -0x40) },
	{ B, "(p16) br.wtop.sptk.few 1b-0x40",
	  E(OP_BR_WTOP, .flags = INSN_BRANCH, .qp = 16, .imm = -0x40) },
	{ B, "br.call.sptk.many b7=1b+0x100",
	  E(OP_BR_CALL, .flags = INSN_BRANCH, .r1 = 7, .imm = 0x100) },
	{ B, "br.call.sptk.many b1=b6", E(OP_BR_CALL_IND, .flags = INSN_BRANCH, .r1 = 1, .r2 = 6) },
	{ B, "br.ret.sptk.many b3", E(OP_BR_RET, .flags = INSN_BRANCH, .r2 = 3) },
	{ B, "rfi", E(OP_RFI, .flags = INSN_BRANCH | INSN_PRIV) },
	{ B, "brp.ret.sptk b3,1b", E(OP_NOP, .r2 = 3) },
	{ B, "break.b 7", E(OP_BREAK, .flags = INSN_BRANCH, .imm = 7) },
	/* X */
	{ X, "movl r8=0x8123456789abcdef",
	  E(OP_MOVL, .r1 = 8, .imm = (int64_t)0x8123456789abcdef) },
	{ X, "(p3) brl.call.sptk.few b2=1b-0x7000000000000000",
	  E(OP_BRL_CALL, .flags = INSN_BRANCH, .qp = 3, .r1 = 2, .imm = -0x7000000000000000) },
	{ X, "nop.x 0x3fffffffffffffff", E(OP_NOP, .imm = 0x3fffffffffffffff) },
};

static void check(const char *text, const struct ia64_insn *got, const struct ia64_insn *want)
{
#define SAME(field) do { \
		if (got->field != want->field) \
			fail_msg("%s: " #field " is %lld, not %lld (%s)", text, \
				 (long long)got->field, (long long)want->field, \
				 ia64_op_name(got->op)); \
	} while (0)
	SAME(op);
	SAME(flags);
	SAME(qp);
	SAME(r1);
	SAME(r2);
	SAME(r3);
	SAME(r4);
	SAME(x);
	SAME(y);
	SAME(hint);
	SAME(imm);
	SAME(unit);
	SAME(slot);
#undef SAME
}

static void test_operands(void **state)
{
	enum { N = sizeof(operand_cases) / sizeof(operand_cases[0]) };
	char *source = NULL;
	size_t source_size, size = 0;
	FILE *f = open_memstream(&source, &source_size);
	uint8_t *code;

	fputs("\t.text\n", f);
	for (size_t i = 0; i < N; i++)
		assemble_one(f, operand_cases[i].unit, operand_cases[i].text);
	fclose(f);
	code = assemble_text(source, &size);
	assert_non_null(code);
	assert_int_equal(size, 16 * N);
	for (size_t i = 0; i < N; i++) {
		struct ia64_insn want = operand_cases[i].want;
		struct ia64_bundle b;
		unsigned int slot = assemble_slot(operand_cases[i].unit);

		ia64_decode_bundle(code + 16 * i, &b);
		want.unit = operand_cases[i].unit;
		want.slot = slot;
		b.insn[slot].flags &= ~INSN_STOP;
		check(operand_cases[i].text, &b.insn[slot], &want);
		if (want.unit == UNIT_X)
			assert_int_equal(b.insn[2].op, OP_SLOT_EMPTY);
	}
	fprintf(stderr, "# decoder: %d instructions assembled and decoded\n", N);
	free(code);
	free(source);
}

#define R1_(n)		((uint64_t)(n) << 6)
#define R2_(n)		((uint64_t)(n) << 13)
#define R3_(n)		((uint64_t)(n) << 20)
#define P2_(n)		((uint64_t)(n) << 27)
#define OPC(n)		((uint64_t)(n) << 37)

/* Encodings an assembler refuses: legal but for one thing, with qp 5. */
static const struct {
	const char *why;
	enum ia64_unit unit;
	uint64_t slot;
	uint16_t op;
	uint8_t qp;
} illegal_cases[] = {
	{ "add r1=", M, OPC(8) | R1_(1), OP_ADD, 5 },
	{ "add r0=", M, OPC(8), OP_ILLEGAL, 5 },
	{ "ld1 r1=[r2],r3", M, OPC(4) | 1ull << 36 | R1_(1) | R2_(3) | R3_(2), OP_LD1_R, 5 },
	{ "ld1 r2=[r2],r3", M, OPC(4) | 1ull << 36 | R1_(2) | R2_(3) | R3_(2), OP_ILLEGAL, 5 },
	{ "ld1 r1=[r0],r3", M, OPC(4) | 1ull << 36 | R1_(1) | R2_(3), OP_ILLEGAL, 5 },
	{ "ld1 r2=[r2]", M, OPC(4) | R1_(2) | R3_(2), OP_LD1, 5 },
	{ "st1 [r0]=r2,imm", M, OPC(5) | 0x30ull << 30 | R2_(2), OP_ILLEGAL, 5 },
	{ "st1 [r0]=r2", M, OPC(4) | 0x30ull << 30 | R2_(2), OP_ST1, 5 },
	{ "lfetch [r0],imm", M, OPC(7) | 0x2cull << 30, OP_ILLEGAL, 5 },
	{ "ldfs f1=[r2]", M, OPC(6) | 2ull << 30 | R1_(1) | R3_(2), OP_ILLEGAL, 5 },
	{ "ldfs f2=[r2]", M, OPC(6) | 2ull << 30 | R1_(2) | R3_(2), OP_LDFS, 5 },
	{ "ldfps f2,f4", M, OPC(6) | 1ull << 27 | 2ull << 30 | R1_(2) | R2_(4), OP_ILLEGAL, 5 },
	{ "ldfps f2,f5", M, OPC(6) | 1ull << 27 | 2ull << 30 | R1_(2) | R2_(5), OP_LDFPS, 5 },
	{ "ldfps f2,f1", M, OPC(6) | 1ull << 27 | 2ull << 30 | R1_(2) | R2_(1), OP_ILLEGAL, 5 },
	{ "ldfps f33,f35", M, OPC(6) | 1ull << 27 | 2ull << 30 | R1_(33) | R2_(35), OP_ILLEGAL, 5 },
	{ "setf.sig f0", M, OPC(6) | 1ull << 27 | 0x1cull << 30, OP_ILLEGAL, 5 },
	{ "cmp.lt p3,p3", M, OPC(0xc) | R1_(3) | P2_(3), OP_ILLEGAL, 5 },
	{ "cmp.lt p0,p0", M, OPC(0xc), OP_ILLEGAL, 5 },
	{ "cmp.lt.unc p3,p3: whatever PR[qp]", M, OPC(0xc) | 1 << 12 | R1_(3) | P2_(3),
	  OP_ILLEGAL, 0 },
	{ "cmp.eq.and p3,p3", M, OPC(0xc) | 1ull << 33 | R1_(3) | P2_(3), OP_ILLEGAL, 5 },
	{ "tbit.z.unc p3,p3", I, OPC(5) | 1 << 12 | R1_(3) | P2_(3), OP_ILLEGAL, 0 },
	{ "fcmp.eq p3,p3", F, OPC(4) | R1_(3) | P2_(3), OP_ILLEGAL, 5 },
	{ "fcmp.eq.unc p3,p3", F, OPC(4) | 1 << 12 | R1_(3) | P2_(3), OP_ILLEGAL, 0 },
	{ "fclass.m.unc p3,p3", F, OPC(5) | 1 << 12 | R1_(3) | P2_(3), OP_ILLEGAL, 0 },
	{ "fma f1=", F, OPC(8) | R1_(1), OP_ILLEGAL, 5 },
	{ "frcpa f8,p0=", F, OPC(0) | 1ull << 33 | R1_(8), OP_FRCPA, 5 },
	{ "alloc with qp", M, OPC(1) | 6ull << 33 | R1_(8), OP_ILLEGAL, 0 },
	{ "pshladd2 count 4", M, OPC(8) | 1ull << 34 | 1ull << 33 | 4ull << 29 | P2_(3) | R1_(1),
	  OP_ILLEGAL, 5 },
	{ "mux1 mbtype 1", I, OPC(7) | 3ull << 34 | 2ull << 30 | 2ull << 28 | R3_(1) | R1_(1),
	  OP_ILLEGAL, 5 },
	{ "mov.i ar.ccv", I, 0x2aull << 27 | R3_(32), OP_ILLEGAL, 5 },
	{ "mov.i ar.lc", I, 0x2aull << 27 | R3_(65), OP_MOV_AR, 5 },
	{ "mov.i ar48 (ignored)", I, 0x2aull << 27 | R3_(48), OP_MOV_AR, 5 },
	{ "mov.m ar48 (ignored)", M, OPC(1) | 0x2aull << 27 | R3_(48), OP_MOV_AR, 5 },
	{ "mov.m ar.lc", M, OPC(1) | 0x2aull << 27 | R3_(65), OP_ILLEGAL, 5 },
	{ "mov.m ar8 (reserved)", M, OPC(1) | 0x2aull << 27 | R3_(8), OP_ILLEGAL, 5 },
	{ "mov.m ar.bsp=", M, OPC(1) | 0x2aull << 27 | R3_(17), OP_ILLEGAL, 5 },
	{ "mov.m =ar.bsp", M, OPC(1) | 0x22ull << 27 | R3_(17) | R1_(1), OP_MOV_FROM_AR, 5 },
	{ "mov cr.ivr=", M, OPC(1) | 0x2cull << 27 | R3_(65), OP_ILLEGAL, 5 },
	{ "mov cr.irr3=", M, OPC(1) | 0x2cull << 27 | R3_(71), OP_ILLEGAL, 5 },
	{ "mov cr3=", M, OPC(1) | 0x2cull << 27 | R3_(3), OP_ILLEGAL, 5 },
	{ "mov =cr26", M, OPC(1) | 0x24ull << 27 | R3_(26) | R1_(1), OP_ILLEGAL, 5 },
	{ "M opcode 2", M, OPC(2), OP_ILLEGAL, 5 },
	{ "F opcode 15", F, OPC(15), OP_ILLEGAL, 5 },
	{ "B opcode 3 (ignored)", B, OPC(3), OP_NOP, 0 },
	{ "B opcode 2, x6 0x3f (ignored)", B, OPC(2) | 0x3full << 27, OP_NOP, 0 },
	{ "B opcode 0, x6 6: if PR[qp]", B, 6ull << 27, OP_ILLEGAL, 5 },
	{ "B opcode 0, x6 0x22: whatever PR[qp]", B, 0x22ull << 27, OP_ILLEGAL, 0 },
	{ "B opcode 4, btype 1: whatever PR[qp]", B, OPC(4) | 1 << 6, OP_ILLEGAL, 0 },
	{ "B opcode 8: whatever PR[qp]", B, OPC(8), OP_ILLEGAL, 0 },
	{ "X opcode 14: if PR[qp]", X, OPC(14), OP_ILLEGAL, 5 },
	{ "X opcode 6, vc 1", X, OPC(6) | 1 << 20 | R1_(1), OP_ILLEGAL, 5 },
	{ "tf is tnat", I, OPC(5) | 1 << 19 | 1 << 13 | R1_(3) | P2_(4), OP_TNAT_Z, 5 },
	{ "clz is reserved", I, OPC(7) | 1ull << 33 | 1ull << 34 | 3ull << 28 | 2ull << 30 | R1_(1),
	  OP_ILLEGAL, 5 },
};

static void test_illegal(void **state)
{
	for (size_t i = 0; i < sizeof(illegal_cases) / sizeof(illegal_cases[0]); i++) {
		struct ia64_insn insn;

		ia64_decode_slot(illegal_cases[i].unit, illegal_cases[i].slot | 5, 0, &insn);
		if (insn.op != illegal_cases[i].op || insn.qp != illegal_cases[i].qp)
			fail_msg("%s: %s with qp %u", illegal_cases[i].why, ia64_op_name(insn.op),
				 insn.qp);
	}
}

/* SDM 3:2 "alloc": sizes that do not fit, and a target outside the new frame. */
static void test_alloc(void **state)
{
	static const struct { unsigned int r1, sof, sol, sor; bool legal; } cases[] = {
		{ 8, 96, 96, 12, true }, { 8, 97, 0, 0, false }, { 8, 10, 11, 0, false },
		{ 8, 15, 0, 2, false }, { 8, 16, 0, 2, true }, { 8, 0, 0, 0, true },
		{ 32, 1, 0, 0, true }, { 32, 0, 0, 0, false }, { 127, 96, 0, 0, true },
		{ 127, 95, 0, 0, false }, { 0, 0, 0, 0, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ia64_insn insn;

		ia64_decode_slot(UNIT_M, OPC(1) | 6ull << 33 | R1_(cases[i].r1) |
				 R2_(cases[i].sof) | R3_(cases[i].sol) | P2_(cases[i].sor),
				 0, &insn);
		assert_int_equal(insn.op, cases[i].legal ? OP_ALLOC : OP_ILLEGAL);
		assert_int_equal(insn.flags, 0);
	}
}

/* SDM 3:2 "br": loop branches are only for slot 2. SDM 3:4.1: reserved templates. */
static void test_bundles(void **state)
{
	static const char source[] =
		"\t.text\n"
		"{ .bbb\n\tnop.b 0\n\tnop.b 0\n\tbr.cloop.sptk.few .\n\t;;\n}\n"
		"{ .mii\n\tnop.m 0\n\tnop.i 0\n\t;;\n\tnop.i 1\n}\n"
		"{ .mlx\n\tnop.m 0\n\tmovl r8=1\n\t;;\n}\n";
	size_t size;
	uint8_t *code = assemble_text(source, &size);
	uint8_t bundle[16];
	struct ia64_bundle b;

	assert_non_null(code);
	ia64_decode_bundle(code, &b);
	assert_int_equal(b.insn[0].op, OP_NOP);
	assert_int_equal(b.insn[2].op, OP_BR_CLOOP);
	assert_true(b.insn[2].flags & INSN_STOP);
	assert_false(b.insn[1].flags & INSN_STOP);

	/* The same branch moved to slot 0. */
	memcpy(bundle, code, 16);
	for (unsigned int bit = 0; bit < 41; bit++) {
		unsigned int to = 5 + bit;

		bundle[to / 8] &= (uint8_t)~(1u << to % 8);
		if (ia64_bundle_slot(code, 2) >> bit & 1)
			bundle[to / 8] |= (uint8_t)(1u << to % 8);
	}
	ia64_decode_bundle(bundle, &b);
	assert_int_equal(b.insn[0].op, OP_ILLEGAL);
	assert_int_equal(b.insn[0].qp, 0);
	assert_int_equal(b.insn[2].op, OP_BR_CLOOP);

	ia64_decode_bundle(code + 16, &b);
	assert_true(b.insn[1].flags & INSN_STOP);
	assert_false(b.insn[0].flags & INSN_STOP);
	assert_int_equal(b.insn[2].imm, 1);

	ia64_decode_bundle(code + 32, &b);
	assert_int_equal(b.insn[1].op, OP_MOVL);
	assert_int_equal(b.insn[2].op, OP_SLOT_EMPTY);
	assert_true(b.insn[1].flags & INSN_STOP);

	for (unsigned int t = 0; t < 32; t++) {
		memset(bundle, 0, sizeof(bundle));
		bundle[0] = (uint8_t)t;
		ia64_decode_bundle(bundle, &b);
		assert_int_equal(b.template, t);
		if (ia64_templates[t].unit[0] != UNIT_NONE)
			continue;
		for (unsigned int i = 0; i < 3; i++) {
			assert_int_equal(b.insn[i].op, OP_ILLEGAL);
			assert_int_equal(b.insn[i].qp, 0);
			assert_int_equal(b.insn[i].slot, i);
		}
	}
	free(code);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_operands),
		cmocka_unit_test(test_illegal),
		cmocka_unit_test(test_alloc),
		cmocka_unit_test(test_bundles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
