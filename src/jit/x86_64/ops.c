/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which instructions are translated, and which registers each of them names. */
#include "jit/x86_64/fp.h"
#include "jit/x86_64/fp_rotating.h"
#include "jit/x86_64/simd.h"

#define ALU3 (NA | R2 | R3 | W1)
#define ALUI (NA | R3 | W1)
#define CMP_R(C, r) \
	[OP_##C##_##r] = NA | R2 | R3 | P2, [OP_##C##_##r##_I] = NA | R3 | P2, \
	[OP_##C##_##r##_UNC] = NA | R2 | R3 | P2 | PS, [OP_##C##_##r##_UNC_I] = NA | R3 | P2 | PS
#define CMP_P(C, r) \
	[OP_##C##_##r##_AND] = NA | R2 | R3 | P2, [OP_##C##_##r##_OR] = NA | R2 | R3 | P2, \
	[OP_##C##_##r##_ORANDCM] = NA | R2 | R3 | P2, \
	[OP_##C##_##r##_AND_I] = NA | R3 | P2, [OP_##C##_##r##_OR_I] = NA | R3 | P2, \
	[OP_##C##_##r##_ORANDCM_I] = NA | R3 | P2
#define CMP_Z(C, r) \
	[OP_##C##_##r##_AND_Z] = NA | R3 | P2, [OP_##C##_##r##_OR_Z] = NA | R3 | P2, \
	[OP_##C##_##r##_ORANDCM_Z] = NA | R3 | P2
#define CMPS(C) CMP_R(C, LT), CMP_R(C, LTU), CMP_R(C, EQ), CMP_P(C, EQ), CMP_P(C, NE), \
	CMP_Z(C, GT), CMP_Z(C, LE), CMP_Z(C, GE), CMP_Z(C, LT)
#define LOAD(n) [OP_LD##n] = NA | MEM | R3 | W1, [OP_LD##n##_R] = NA | MEM | R2 | R3 | W1 | W3, \
	[OP_LD##n##_I] = NA | MEM | R3 | W1 | W3
#define STORE(n) [OP_ST##n] = NA | MEM | R2 | R3, [OP_ST##n##_I] = NA | MEM | R2 | R3 | W3

const uint16_t jit_op_info[OP_COUNT] = {
	[OP_NOP] = NA, [OP_HINT] = NA,
	[OP_ADD] = ALU3, [OP_ADD1] = ALU3, [OP_SUB] = ALU3, [OP_SUB1] = ALU3, [OP_ADDP4] = ALU3,
	[OP_AND] = ALU3, [OP_ANDCM] = ALU3, [OP_OR] = ALU3, [OP_XOR] = ALU3,
	[OP_SHLADD] = ALU3, [OP_SHLADDP4] = ALU3,
	[OP_SUB_I] = ALUI, [OP_AND_I] = ALUI, [OP_ANDCM_I] = ALUI, [OP_OR_I] = ALUI,
	[OP_XOR_I] = ALUI, [OP_ADDS] = ALUI, [OP_ADDP4_I] = ALUI, [OP_ADDL] = ALUI,
	[OP_MOVL] = NA | W1,
	CMPS(CMP), CMPS(CMP4),
	[OP_TBIT_Z] = NA | R3 | P2, [OP_TBIT_Z_UNC] = NA | R3 | P2 | PS,
	[OP_TBIT_Z_AND] = NA | R3 | P2, [OP_TBIT_NZ_AND] = NA | R3 | P2,
	[OP_TBIT_Z_OR] = NA | R3 | P2, [OP_TBIT_NZ_OR] = NA | R3 | P2,
	[OP_TBIT_Z_ORANDCM] = NA | R3 | P2, [OP_TBIT_NZ_ORANDCM] = NA | R3 | P2,
	[OP_TNAT_Z] = NA | P2, [OP_TNAT_Z_UNC] = NA | P2 | PS,
	[OP_TNAT_Z_AND] = NA | P2, [OP_TNAT_NZ_AND] = NA | P2,
	[OP_TNAT_Z_OR] = NA | P2, [OP_TNAT_NZ_OR] = NA | P2,
	[OP_TNAT_Z_ORANDCM] = NA | P2, [OP_TNAT_NZ_ORANDCM] = NA | P2,
	[OP_SHR] = ALU3, [OP_SHR_U] = ALU3, [OP_SHL] = ALU3,
	[OP_SXT1] = ALUI, [OP_SXT2] = ALUI, [OP_SXT4] = ALUI,
	[OP_ZXT1] = ALUI, [OP_ZXT2] = ALUI, [OP_ZXT4] = ALUI, [OP_POPCNT] = ALUI,
	[OP_SHRP] = ALU3, [OP_EXTR] = ALUI, [OP_EXTR_U] = ALUI,
	[OP_DEP_Z] = NA | R2 | W1, [OP_DEP_Z_I] = NA | W1, [OP_DEP] = ALU3, [OP_DEP_I] = ALUI,
	[OP_MOV_BR] = NA | R2, [OP_MOV_FROM_BR] = NA | W1, [OP_MOV_FROM_IP] = NA | W1,
	[OP_MOV_AR] = NA | R2, [OP_MOV_AR_I] = NA, [OP_MOV_FROM_AR] = NA | W1,
	[OP_MOV_PR] = NA | PRS | R2, [OP_MOV_PR_ROT] = NA | PRS, [OP_MOV_FROM_PR] = NA | PRS | W1,
	[OP_MOV_CR] = NA | R2, [OP_SRLZ_I] = NA, [OP_MOV_FROM_CR] = NA | W1, [OP_SSM] = NA, [OP_RSM] = NA,
	[OP_CMPXCHG] = NA | MEM | R2 | R3 | W1, [OP_XCHG] = NA | MEM | R2 | R3 | W1,
	[OP_FETCHADD] = NA | MEM | R3 | W1,
	[OP_CHK_S] = NA | R2, [OP_CHK_A] = NA | BRANCH, [OP_INVALA] = NA,
	LOAD(1), LOAD(2), LOAD(4), LOAD(8), LOAD(8_FILL), LOAD(X),
	STORE(1), STORE(2), STORE(4), STORE(8), STORE(8_SPILL), STORE(X),
	[OP_LFETCH] = NA | R3, [OP_LFETCH_R] = NA | R2 | R3 | W3, [OP_LFETCH_I] = NA | R3 | W3,
	[OP_SRLZ_D] = NA, [OP_FWB] = NA, [OP_MF] = NA, [OP_MF_A] = NA, [OP_MOV_FROM_PSR] = NA | W1,
	FP_OP_INFO,
	SIMD_OP_INFO
	[OP_ALLOC] = NA | W1,
	[OP_BR_COND] = NA | BRANCH, [OP_BRL_COND] = NA | BRANCH,
	[OP_BR_CLOOP] = NA | BRANCH | NOQP, [OP_BR_CTOP] = NA | BRANCH | NOQP,
	[OP_BR_CALL] = NA | BRANCH, [OP_BRL_CALL] = NA | BRANCH,
	[OP_BR_COND_IND] = NA | BRANCH, [OP_BR_CALL_IND] = NA | BRANCH, [OP_BR_RET] = NA | BRANCH,
};

/* ARs whose moves need nothing but the store (SDM 1:3.1.8). */
static bool plain_ar(unsigned int ar)
{
	switch (ar) {
	case AR_CCV:
	case AR_CSD:
	case AR_SSD:
	case AR_EC:
	case AR_LC:
	case AR_PFS:
	case AR_UNAT:
		return true;
	default:
		return false;
	}
}

/* What the translator does not go beyond. */
static bool ends_trace(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_ILLEGAL: case OP_SLOT_EMPTY: case OP_BR_IA: case OP_VMSW_0: case OP_VMSW_1:
	case OP_MOV_IBR: case OP_MOV_DBR:
		return true;
	default:
		return false;
	}
}

static bool is_system(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_BREAK:
	case OP_BR_WEXIT: case OP_BR_WTOP: case OP_BR_CEXIT:
	case OP_COVER: case OP_CLRRRB: case OP_CLRRRB_PR: case OP_RFI: case OP_BSW_0: case OP_BSW_1:
	case OP_EPC: case OP_FLUSHRS: case OP_LOADRS:
	case OP_FCHKF: case OP_MOV_PSR_L: case OP_MOV_PSR_UM: case OP_SRLZ_I: case OP_SYNC_I:
	case OP_ITC_I: case OP_ITR_I: case OP_ITC_D: case OP_ITR_D: case OP_MOV_RR: case OP_MOV_PKR:
	case OP_PTC_E: case OP_PTC_G: case OP_PTC_GA: case OP_PTC_L: case OP_PTR_I: case OP_PTR_D:
	case OP_FC: case OP_FC_I: case OP_MOV_CR: case OP_SSM: case OP_RSM: case OP_SUM: case OP_RUM:
		return true;
	case OP_MOV_FROM_CR: /* ivr: reading it acknowledges */
		return in->r3 == CR_IVR;
	case OP_MOV_AR:
	case OP_MOV_AR_I:
		return in->r3 == AR_RSC || in->r3 == AR_BSPSTORE || in->r3 == AR_RNAT;
	default:
		return false;
	}
}

enum jit_support jit_host_support(uint64_t ctx_key, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;

	if (ends_trace(in))
		return JIT_END_BEFORE;
	if (tr_system_native(ctx_key, in))
		return JIT_NATIVE;
	if (is_system(in))
		return JIT_SYSTEM;
	/* Frames that rotate are neither pushed nor resized here. */
	if (jit_ctx_rotating(ctx_key) && (in->op == OP_ALLOC || in->op == OP_BR_CALL ||
					  in->op == OP_BRL_CALL || in->op == OP_BR_CALL_IND))
		return JIT_SYSTEM;
	if ((ctx_key & JIT_CTX_ROTATES) && (jit_op_info[in->op] & FP) &&
	    (in->flags & INSN_FP_HIGH) && !fp_rotating_supports(in))
		return JIT_CALL;
	if (!(jit_op_info[in->op] & NA))
		return JIT_CALL;
	if ((jit_op_info[in->op] & FP) && !fp_supports(ctx_key, in))
		return JIT_CALL;
	if ((jit_op_info[in->op] & SIMD) && !simd_supports(in))
		return JIT_CALL;
	if ((jit_op_info[in->op] & PRS) && (in->qp || !__builtin_cpu_supports("bmi2")))
		return JIT_CALL;
	if (in->op == OP_HINT && in->imm == 0)
		return JIT_CALL; /* @pause: lets other threads run */
	if ((in->op == OP_MOV_AR || in->op == OP_MOV_AR_I) && !plain_ar(in->r3))
		return JIT_CALL;
	if (in->op == OP_MOV_AR_I && in->imm < 0 && in->r3 == AR_PFS)
		return JIT_CALL; /* it has reserved fields */
	if (in->op == OP_MOV_FROM_CR || in->op == OP_SSM || in->op == OP_RSM ||
	    in->op == OP_MOV_FROM_PSR)
		return JIT_CALL;
	/* C code sees the rotating registers as they lie. */
	if ((in->op == OP_CMPXCHG || in->op == OP_XCHG || in->op == OP_FETCHADD) &&
	    (ctx_key & JIT_CTX_ROTATES))
		return JIT_CALL;
	if (in->op == OP_MOV_FROM_AR && !plain_ar(in->r3))
		return JIT_CALL;
	if ((in->op == OP_LDX || in->op == OP_LDX_R || in->op == OP_LDX_I || in->op == OP_CHK_A) &&
	    !tr_speculation_supports(ctx_key, in))
		return JIT_CALL;
	/* The base is updated by what r2 was before the load (SDM 3:2 "ld"). */
	if ((jit_op_info[in->op] & (MEM | R2 | W1)) == (MEM | R2 | W1) && in->r1 == in->r2)
		return JIT_CALL;
	if (in->op >= OP_LFETCH && in->op <= OP_LFETCH_I && (in->x & IA64_LFETCH_FAULT) &&
	    (ctx_key & JIT_CTX_ROTATES))
		return JIT_CALL;
	return JIT_NATIVE;
}

enum jit_support tr_support(const struct tr *t, const struct jit_insn *i)
{
	uint64_t ctx = t->jit->ctx_key[i->ctx];
	enum jit_support s = jit_host_support(ctx, i);

	if (s == JIT_NATIVE && (jit_op_info[i->in.op] & FP) &&
	    fp_disabled(ctx, i->in.flags))
		return JIT_CALL;
	if (s == JIT_NATIVE && (jit_op_info[i->in.op] & FP) && !fp_supports_here(t, i))
		return JIT_CALL;
	/* They see the predicates as if they had not rotated. */
	if (s == JIT_NATIVE && (i->in.op == OP_MOV_FROM_PR || i->in.op == OP_MOV_PR_ROT) &&
	    !t->unrotated[i - t->rec->insn])
		return JIT_CALL;
	return s;
}

unsigned int tr_vregs(struct tr *t, const struct ia64_insn *in, uint16_t out[4])
{
	unsigned int info = jit_op_info[in->op], n = 0;

	if ((info & R2) && in->r2)
		out[n++] = tr_gr(t, in->r2);
	if ((info & (R3 | W3)) && in->r3)
		out[n++] = tr_gr(t, in->r3);
	if ((info & W1) && in->r1)
		out[n++] = tr_gr(t, in->r1);
	switch (in->op) {
	case OP_MOV_BR:
		out[n++] = V_BR + in->r1;
		break;
	case OP_MOV_FROM_BR:
		out[n++] = V_BR + in->r2;
		break;
	case OP_MOV_AR:
	case OP_MOV_AR_I:
	case OP_MOV_FROM_AR:
		if (plain_ar(in->r3))
			out[n++] = V_AR + in->r3;
		break;
	case OP_CMPXCHG:
		out[n++] = V_AR + AR_CCV;
		break;
	case OP_LD8_FILL: case OP_LD8_FILL_R: case OP_LD8_FILL_I:
	case OP_ST8_SPILL: case OP_ST8_SPILL_I:
		out[n++] = V_AR + AR_UNAT;
		break;
	default:
		break;
	}
	return n;
}
