/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which floating-point instructions of a trace are translated: those whose status field computes as
 * the host can be told to, on operands of the right kind as far as the trace shows.
 */
#include "jit/x86_64/fp_decide.h"

#include "ia64/fp.h"
#include "jit/x86_64/fp.h"
#include "jit/x86_64/fp_seq.h"

/* The status field computes as the host can be told to, without faults and traps. */
static bool field_fits(const struct tr *t, unsigned int sf)
{
	uint64_t fpsr = t->rec->fpsr;
	uint32_t s = ia64_sf_get(fpsr, sf), s0 = ia64_sf_get(fpsr, 0);

	if ((fpsr & IA64_FP_ALL) != IA64_FP_ALL && !(sf && s & IA64_SF_TD))
		return false;
	return !((s ^ s0) >> IA64_SF_RC_SHIFT & 3);
}

/* The host's format of the results of an fma, or REP_HOME. */
enum fp_rep fp_format(const struct tr *t, const struct ia64_insn *in)
{
	uint32_t s = ia64_sf_get(t->rec->fpsr, in->x);

	switch (in->y) {
	case PC_S:
		return REP_S;
	case PC_D:
		return REP_D;
	default:
		break;
	}
	switch (s >> IA64_SF_PC_SHIFT & 3) {
	case IA64_SF_PC_SINGLE:
		return REP_S;
	case IA64_SF_PC_DOUBLE:
		return REP_D;
	default:
		return REP_HOME;
	}
}

bool fp_is_norm(const struct ia64_insn *in)
{
	return in->op == OP_FMA && in->r2 == 0 && (in->r4 == 1 || in->r3 == 1);
}

unsigned int fp_norm_source(const struct ia64_insn *in)
{
	return in->r4 == 1 ? in->r3 : in->r4;
}

enum fp_rep fp_memory_rep(enum ia64_fpmem format)
{
	return format == FPMEM_S ? REP_S : format == FPMEM_D ? REP_D : REP_SIG;
}

bool fp_is_parallel(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_FPMA: case OP_FPMS: case OP_FPNMA: case OP_FPRCPA: case OP_FPRSQRTA:
	case OP_FPMIN: case OP_FPMAX: case OP_FPAMIN: case OP_FPAMAX:
	case OP_FPCMP_EQ: case OP_FPCMP_LT: case OP_FPCMP_LE: case OP_FPCMP_UNORD:
	case OP_FPCMP_NEQ: case OP_FPCMP_NLT: case OP_FPCMP_NLE: case OP_FPCMP_ORD:
	case OP_FPCVT_FX: case OP_FPCVT_FXU: case OP_FPCVT_FX_TRUNC: case OP_FPCVT_FXU_TRUNC:
	case OP_FPMERGE_S: case OP_FPMERGE_NS: case OP_FPMERGE_SE: case OP_FPACK: case OP_FSELECT:
	case OP_FMIX_L: case OP_FMIX_R: case OP_FMIX_LR: case OP_FSXT_L: case OP_FSXT_R:
	case OP_FSWAP: case OP_FSWAP_NL: case OP_FSWAP_NR:
		return true;
	default:
		return false;
	}
}

bool fp_wants_host(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_FMA: case OP_FMS: case OP_FNMA: case OP_FMIN: case OP_FMAX:
	case OP_FPMA: case OP_FPMS: case OP_FPNMA:
	case OP_FCMP_EQ: case OP_FCMP_LT: case OP_FCMP_LE: case OP_FCMP_UNORD:
	case OP_FCVT_FX: case OP_FCVT_FX_TRUNC: case OP_FCVT_FXU: case OP_FCVT_FXU_TRUNC:
	case OP_FRCPA: case OP_FRSQRTA:
		return true;
	default:
		return false;
	}
}

static bool fits(const uint8_t *kind, unsigned int f, unsigned int rep)
{
	if (f < 2 || kind[f] == UNKNOWN)
		return true;
	if (rep == REP_SIG || kind[f] == REP_SIG || kind[f] == EXTENDED)
		return kind[f] == rep;
	/* A double is not a single as a rule. */
	return rep == REP_D || kind[f] != REP_D;
}

static bool all_fit(const uint8_t *kind, const struct fr_names *names, unsigned int rep)
{
	unsigned int i;

	for (i = 0; i < names->nreads; i++)
		if (!fits(kind, names->reads[i], rep))
			return false;
	return true;
}

/* Is the instruction translated, and what does it leave in its targets? */
static bool decide_one(struct tr *t, const struct ia64_insn *in, const uint8_t *kind,
		       uint8_t *result)
{
	struct fr_names names = fp_names(in);
	enum fp_rep rep;

	*result = UNKNOWN;
	switch (in->op) {
	case OP_LDFS: case OP_LDFS_R: case OP_LDFS_I: case OP_SETF_S:
		*result = REP_S;
		return true;
	case OP_LDFD: case OP_LDFD_R: case OP_LDFD_I: case OP_SETF_D:
		*result = REP_D;
		return true;
	case OP_SETF_EXP:
		*result = EXTENDED;
		return true;
	case OP_LDF8: case OP_LDF8_R: case OP_LDF8_I: case OP_SETF_SIG:
		*result = REP_SIG;
		return true;
	case OP_LDFX: case OP_LDFX_R: case OP_LDFX_I:
		if (in->y != FPMEM_E)
			*result = fp_memory_rep(in->y);
		/* A check that is good leaves what is there. */
		if (in->x != LD_A)
			*result = kind[in->r1];
		return in->y != FPMEM_E &&
		       (in->x == LD_A || in->x == LD_C_CLR || in->x == LD_C_NC);
	case OP_LDFPS: case OP_LDFPS_I:
		*result = REP_S;
		break;
	case OP_LDFPD: case OP_LDFPD_I:
		*result = REP_D;
		break;
	case OP_LDFP8: case OP_LDFP8_I:
		*result = REP_SIG;
		break;
	case OP_LDFE: case OP_LDFE_R: case OP_LDFE_I:
		*result = EXTENDED;
		break;
	case OP_STFE: case OP_STFE_I: case OP_GETF_EXP: case OP_GETF_SIG:
		return true;
	case OP_STFD: case OP_STFD_I: case OP_GETF_D:
		return fits(kind, in->r2, REP_D);
	case OP_STFS: case OP_STFS_I: case OP_GETF_S:
		return fits(kind, in->r2, REP_S);
	case OP_STF8: case OP_STF8_I:
		return fits(kind, in->r2, REP_SIG);
	case OP_XMA_L: case OP_XMA_H: case OP_XMA_HU:
	case OP_FAND: case OP_FANDCM: case OP_FOR: case OP_FXOR:
		*result = REP_SIG;
		return all_fit(kind, &names, REP_SIG);
	case OP_FCVT_XF:
		*result = REP_INT;
		return fits(kind, in->r2, REP_SIG);
	case OP_FMERGE_S: case OP_FMERGE_NS:
		*result = in->r3 < 2 ? REP_D : kind[in->r3];
		if (in->op == OP_FMERGE_S && in->r2 == in->r3)
			return *result != EXTENDED;
		if (*result != REP_S)
			*result = REP_D;
		return all_fit(kind, &names, *result);
	case OP_FCMP_EQ: case OP_FCMP_LT: case OP_FCMP_LE: case OP_FCMP_UNORD:
		return !(in->y && in->qp) && field_fits(t, in->x) && all_fit(kind, &names, REP_D);
	case OP_FCLASS:
		return !(in->y && in->qp) && fits(kind, in->r2, REP_D);
	case OP_FMIN: case OP_FMAX:
		*result = REP_D;
		return field_fits(t, in->x) && all_fit(kind, &names, REP_D);
	case OP_FCVT_FX: case OP_FCVT_FXU: case OP_FCVT_FX_TRUNC: case OP_FCVT_FXU_TRUNC:
		*result = REP_SIG;
		return field_fits(t, in->x) && all_fit(kind, &names, REP_D);
	case OP_FMA: case OP_FMS: case OP_FNMA:
		rep = fp_format(t, in);
		*result = rep == REP_HOME ? EXTENDED : rep;
		if (!field_fits(t, in->x))
			return false;
		if (fp_is_norm(in) && kind[fp_norm_source(in)] == REP_SIG) {
			*result = rep == REP_HOME ? REP_UINT : rep;
			return true;
		}
		return rep != REP_HOME && all_fit(kind, &names, fp_is_norm(in) ? REP_D : rep);
	case OP_FRCPA: case OP_FRSQRTA:
		*result = EXTENDED;
		return false;
	case OP_FPMA: case OP_FPMS: case OP_FPNMA:
		*result = REP_SIG;
		return field_fits(t, in->x) && all_fit(kind, &names, REP_SIG);
	default:
		if (fp_is_parallel(in)) {
			*result = REP_SIG;
			return false;
		}
		return in->op >= OP_LDF_FILL && in->op <= OP_STF_SPILL_I;
	}
	return in->x == LD_PLAIN && !(in->flags & INSN_LDFP_MIXED);
}

static uint64_t place_of(const struct tr *t, unsigned int k)
{
	return t->rec->insn[k].ip | t->rec->insn[k].slot;
}

/* Goes through the trace once, with what is known of each register. */
void fp_decide(struct tr *t)
{
	const struct fp_recipe *recipe;
	const struct ia64_insn *in;
	struct fr_names names;
	uint8_t kind[128], result;
	int mode = fp_host_mode(t->jit, t->rec->fpsr);
	unsigned int k, i;

	for (i = 0; i < 128; i++)
		kind[i] = t->rec->form[i] == JIT_FR_WIDE ? EXTENDED :
			  t->rec->form[i] == JIT_FR_INTEGER ? REP_SIG : UNKNOWN;
	for (k = 0; k < t->rec->n; k++) {
		in = &t->rec->insn[k].in;
		t->fp_native[k] = decide_one(t, in, kind, &result);
		if (fp_wants_host(in))
			t->fp_native[k] &= mode >= 0 && !fp_host_exact(t->jit, place_of(t, k));
		names = fp_names(in);
		if (t->seq_of[k]) {
			recipe = t->seq[t->seq_of[k] - 1];
			t->fp_native[k] = true;
			result = k == recipe->k[recipe->n - 1] ?
				 (uint8_t)fp_sequence_rep(recipe->kind) : EXTENDED;
		}
		t->fp_kind[k] = names.nreads ? kind[names.reads[0]] : UNKNOWN;
		for (i = 0; i < names.nwrites; i++)
			if (!in->qp || t->seq_of[k] || result == EXTENDED)
				kind[names.writes[i]] = result;
			else if (kind[names.writes[i]] != result &&
				 kind[names.writes[i]] != EXTENDED)
				kind[names.writes[i]] = UNKNOWN;
	}
}

bool fp_supports(uint64_t ctx_key, const struct ia64_insn *in)
{
	(void)ctx_key;
	(void)in;
	return fp_host_available();
}

bool fp_supports_here(const struct tr *t, const struct jit_insn *i)
{
	/* A sequence under way may compute any of the registers that these may be. */
	if ((t->jit->ctx_key[i->ctx] & JIT_CTX_ROTATES) && (i->in.flags & INSN_FP_HIGH))
		return !t->nseq;
	return t->fp_native[i - t->rec->insn];
}
