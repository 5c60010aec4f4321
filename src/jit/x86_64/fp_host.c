/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating point of translated code, at run time. */
#include "jit/x86_64/fp_host.h"

#include <signal.h>
#include <stdlib.h>
#include <ucontext.h>
#include <xmmintrin.h>

#include "ia64/fp.h"
#include "jit/x86_64/fp_extended.h"

#define MXCSR_FLAGS 0x3fu
#define MXCSR_PM 0x1000u
#define MXCSR_RC_SHIFT 13
#define SF_CONTROLS 0x7full
#define MAX_SITES (1u << 18)
#define MAX_RAISED 32 /* signals, if they come in less than */
#define SIGNAL_INSNS 4096u /* guest instructions each: about what one costs */
#define SAVED_XMM 3 /* xmm3 to xmm15 hold registers */

/* The translator whose code this thread is running: all a signal handler has to go by. */
static _Thread_local struct ia64_jit *running;

/* ---- the values that tags stand for ---- */

static struct ia64_fr from_integer(uint64_t sig, bool sign)
{
	struct ia64_fr f;
	int shift;

	if (sign)
		return ia64_fcvt_xf(ia64_fr_from_sig(sig));
	if (!sig)
		return IA64_FR_ZERO;
	shift = __builtin_clzll(sig);
	f = ia64_fr_from_sig(sig << shift);
	f.se -= (uint32_t)shift;
	return f;
}

/*
 * Does the first `n` instructions of a recipe, whatever MXCSR is; r[] is indexed by register.
 */
static void follow(const struct vcpu *v, const struct fp_recipe *recipe, uint64_t a, uint64_t b,
		   unsigned int n, struct ia64_fr r[128])
{
	uint64_t fpsr = v->ar[AR_FPSR] | IA64_FP_ALL;
	const struct ia64_insn *i;
	unsigned int j;
	bool p;

	r[0] = IA64_FR_ZERO;
	r[1] = IA64_FR_ONE;
	for (j = 0; j < recipe->nconstants; j++)
		r[recipe->constant[j].f] = recipe->constant[j].val;
	switch (recipe->kind) {
	case SEQ_DIV_D:
		r[recipe->a] = ia64_fr_from_double(a);
		/* fall through */
	case SEQ_SQRT_D:
		r[recipe->b] = ia64_fr_from_double(b);
		break;
	case SEQ_DIV_S:
		r[recipe->a] = ia64_fr_from_single((uint32_t)a);
		/* fall through */
	case SEQ_SQRT_S:
		r[recipe->b] = ia64_fr_from_single((uint32_t)b);
		break;
	case SEQ_DIV_INT:
	case SEQ_DIV_UINT:
		r[recipe->a] = from_integer(a, recipe->kind == SEQ_DIV_INT);
		r[recipe->b] = from_integer(b, recipe->kind == SEQ_DIV_INT);
		break;
	}
	for (j = 0; j < n; j++) {
		i = &recipe->insn[j];
		switch (i->op) {
		case OP_FRCPA:
			ia64_frcpa(&fpsr, i->x, &r[i->r1], &p, r[i->r2], r[i->r3]);
			break;
		case OP_FRSQRTA:
			ia64_frsqrta(&fpsr, i->x, &r[i->r1], &p, r[i->r3]);
			break;
		case OP_FCVT_FX_TRUNC:
			ia64_fcvt_fx(&fpsr, i->x, IA64_FCVT_TRUNC, &r[i->r1], r[i->r2]);
			break;
		case OP_FCVT_FXU_TRUNC:
			ia64_fcvt_fx(&fpsr, i->x, IA64_FCVT_TRUNC | IA64_FCVT_UNSIGNED, &r[i->r1],
				     r[i->r2]);
			break;
		default:
			ia64_fma_integer(&fpsr, i->x, (enum ia64_fp_pc)i->y,
					 i->op == OP_FMA ? IA64_FMA :
					 i->op == OP_FMS ? IA64_FMS : IA64_FNMA,
					 &r[i->r1], &r[i->r3], &r[i->r4],
					 i->r2 ? &r[i->r2] : NULL);
			break;
		}
	}
}

/* Registers that a finished sequence has left: those that still have its tag. */
static void force_slot(struct vcpu *v, unsigned int slot)
{
	struct ia64_jit_fp *fp = &v->jit_fp;
	const struct fp_recipe *recipe = fp->done[slot].recipe;
	struct ia64_fr r[128];
	unsigned int i, f;
	bool followed = false;

	if (!recipe)
		return;
	for (i = 0; i < recipe->n; i++) {
		f = recipe->insn[i].r1;
		if (fp->tag[f] != REP_DONE + slot)
			continue;
		if (!followed)
			follow(v, recipe, fp->done[slot].a, fp->done[slot].b, recipe->n, r);
		followed = true;
		v->fr[f] = r[f];
		fp->tag[f] = REP_HOME;
	}
	fp->done[slot].recipe = NULL;
}

static void settle_one(struct vcpu *v, unsigned int f)
{
	uint8_t *tag = &v->jit_fp.tag[f];
	uint64_t sig = v->fr[f].sig;

	if (*tag >= REP_DONE) {
		force_slot(v, *tag - REP_DONE);
		return;
	}
	switch (*tag) {
	case REP_D:
		v->fr[f] = ia64_fr_from_double(sig);
		break;
	case REP_S:
		v->fr[f] = ia64_fr_from_single((uint32_t)sig);
		break;
	case REP_INT:
	case REP_UINT:
		v->fr[f] = from_integer(sig, *tag == REP_INT);
		break;
	case REP_SIG:
		v->fr[f] = ia64_fr_from_sig(sig);
		break;
	default:
		break;
	}
	*tag = REP_HOME;
}

void fp_host_settle_one(struct vcpu *v, unsigned int f)
{
	if (v->jit_fp.tag[f])
		settle_one(v, f);
}

void fp_host_controls(struct vcpu *v)
{
	struct ia64_jit_fp *fp = &v->jit_fp;

	if (fp->fpsr == FP_NO_FPSR)
		return;
	_mm_setcsr(FP_MXCSR_DEFAULT);
	fp->fpsr = FP_NO_FPSR;
	fp->mxcsr = FP_MXCSR_DEFAULT;
}

void fp_host_settle(struct vcpu *v)
{
	struct ia64_jit_fp *fp = &v->jit_fp;
	unsigned int i, f;
	uint64_t tags;

	fp_host_controls(v);
	if (!fp->any)
		return;
	for (i = 0; i < 128; i += 8) {
		memcpy(&tags, &fp->tag[i], 8);
		for (; tags; memcpy(&tags, &fp->tag[i], 8)) {
			f = i + (unsigned int)__builtin_ctzll(tags) / 8;
			settle_one(v, f);
		}
	}
	fp->any = false;
	for (i = 0; i < 8; i++)
		fp->done[i].recipe = NULL;
}

/*
 * ---- C code that translated code calls: in integers alone, for MXCSR is the trace's ----
 */

/* Register what & 127 is to be held as what >> 8 in its home. 1: it cannot be. */
static uint32_t want(struct vcpu *v, uint32_t what)
{
	unsigned int f = what & 127, rep = what >> 8;
	struct ia64_fr *home = &v->fr[f], val;
	uint8_t *tag = &v->jit_fp.tag[f];
	uint64_t sig;

	settle_one(v, f);
	val = *home;
	switch (rep) {
	case REP_HOME:
		return 0;
	case REP_D:
		sig = ia64_fr_to_double(val);
		val = ia64_fr_from_double(sig);
		break;
	case REP_S:
		sig = ia64_fr_to_single(val);
		val = ia64_fr_from_single((uint32_t)sig);
		break;
	default: /* REP_SIG */
		sig = val.sig;
		val.se = IA64_FR_EXP_INTEGER;
		break;
	}
	if (val.sig != home->sig || val.se != home->se)
		return 1;
	home->sig = sig;
	*tag = (uint8_t)rep;
	v->jit_fp.any = true;
	return 0;
}

/* Sets MXCSR for ar.fpsr. 1: it is not of mode `mode`. */
static uint32_t set_mode(struct vcpu *v, uint32_t mode)
{
	uint64_t fpsr = v->ar[AR_FPSR];
	uint32_t s = ia64_sf_get(fpsr, 0);

	if (fp_host_mode(v->jit, fpsr) != (int)mode)
		return 1;
	v->jit_fp.fpsr = fpsr;
	v->jit_fp.mode = mode;
	v->jit_fp.mxcsr = (s >> IA64_SF_RC_SHIFT & 3) << MXCSR_RC_SHIFT |
			  (s >> IA64_SF_FLAGS_SHIFT & IA64_FP_I ? MXCSR_PM : 0);
	_mm_setcsr(v->jit_fp.mxcsr);
	return 0;
}

/* Is the double in jit_tmp of class `mask`? */
static uint32_t classify(struct vcpu *v, uint32_t mask)
{
	bool p1, p2;

	ia64_fclass(&p1, &p2, ia64_fr_from_double(v->jit_tmp), mask);
	return p1;
}

/*
 * A sequence is left in the middle: what its first instructions have computed goes to vcpu.fr.
 * what: number of the recipe << 8 | instructions done << 3 | place in jit_fp.now
 */
static uint32_t force(struct vcpu *v, uint32_t what)
{
	const struct fp_recipe *recipe = &v->jit->fp->recipe[what >> 8];
	unsigned int n = what >> 3 & 31, now = what & 7, i, f;
	struct ia64_fr r[128];

	follow(v, recipe, v->jit_fp.now[now].a, v->jit_fp.now[now].b, n, r);
	for (i = 0; i < n; i++) {
		f = recipe->insn[i].r1;
		v->fr[f] = r[f];
		v->jit_fp.tag[f] = REP_HOME;
	}
	return 0;
}

/* Slot jit_fp.done[slot] is wanted for another recipe. */
static uint32_t retire(struct vcpu *v, uint32_t slot)
{
	force_slot(v, slot);
	return 0;
}

/* ---- in the code cache ---- */

/* eax = fn(the vCPU, eax), which computes in integers; all other registers stay as they are. */
static uint8_t *emit_call_saved(struct x86_buf *b, uint32_t (*fn)(struct vcpu *, uint32_t))
{
	static const uint8_t saved[] = { RCX, RDX, RSI, RDI, R8, R9, R10, R11 };
	uint8_t *start = b->p;
	int32_t i;

	for (i = 0; i < (int32_t)sizeof(saved); i++)
		x86_opcode(b, 0, 0, 0, 0, saved[i], 0x50 | (saved[i] & 7), false);
	/* The stack was aligned before the call that led here. */
	x86_alu_ri(b, 1, X86_SUB, RSP, 8 + 16 * (NR_XMM - SAVED_XMM));
	for (i = SAVED_XMM; i < NR_XMM; i++)
		x86_rm(b, 0, 0x0f11, (unsigned int)i, RSP, 16 * (i - SAVED_XMM));
	tr_vcpu_argument(b);
	x86_rr(b, 0, 0x8b, RSI, RAX);
	x86_call(b, (const void *)fn);
	for (i = SAVED_XMM; i < NR_XMM; i++)
		x86_rm(b, 0, 0x0f10, (unsigned int)i, RSP, 16 * (i - SAVED_XMM));
	x86_alu_ri(b, 1, X86_ADD, RSP, 8 + 16 * (NR_XMM - SAVED_XMM));
	for (i = sizeof(saved); i-- > 0;)
		x86_opcode(b, 0, 0, 0, 0, saved[i], 0x58 | (saved[i] & 7), false);
	x86_1(b, 0xc3);
	return start;
}

static uint8_t *emit_constant(struct x86_buf *b, uint64_t low, uint64_t high)
{
	uint8_t *at;

	while ((uintptr_t)b->p & 15)
		x86_1(b, 0xcc);
	at = b->p;
	x86_bytes(b, &low, 8);
	x86_bytes(b, &high, 8);
	return at;
}

static void emit_shared(struct ia64_jit *jit, struct x86_buf *b)
{
	struct jit_fp *fp = jit->fp;
	uint64_t sign = 1ull << 63, signs = 0x8000000080000000ull;

	fp->sign_d = emit_constant(b, sign, sign);
	fp->magnitude_d = emit_constant(b, ~sign, ~sign);
	fp->sign_s = emit_constant(b, signs, signs);
	fp->magnitude_s = emit_constant(b, ~signs, ~signs);
	fp->one_d = emit_constant(b, 0x3ff0000000000000ull, 0);
	fp->one_s = emit_constant(b, 0x3f800000, 0);
	fp->mxcsr = emit_constant(b, FP_MXCSR_DEFAULT, 0);
	fp->want = emit_call_saved(b, want);
	fp->set_mode = emit_call_saved(b, set_mode);
	fp->classify = emit_call_saved(b, classify);
	fp->force = emit_call_saved(b, force);
	fp->retire = emit_call_saved(b, retire);
	fp_extended_init(jit, b);
}

/* ---- SIGFPE ---- */

static struct fp_site *find_site(const struct jit_fp *fp, uint32_t at)
{
	uint32_t low = 0, high = fp->nsites, mid;

	while (low < high) {
		mid = (low + high) / 2;
		if (fp->site[mid].at < at)
			low = mid + 1;
		else
			high = mid;
	}
	return low < fp->nsites && fp->site[low].at == at ? &fp->site[low] : NULL;
}

static uint64_t *exact_line(struct jit_fp *fp, uint64_t place)
{
	return &fp->exact[(place >> 4 ^ place >> 14 ^ place << 8) % FP_EXACT];
}

bool fp_host_exact(const struct ia64_jit *jit, uint64_t place)
{
	return *exact_line(jit->fp, place) == place;
}

/* Notes that it has raised a signal; is that too often? */
static bool too_many(struct fp_site *site, uint64_t retired)
{
	if (!site->raised++)
		site->since = retired;
	if (site->raised < MAX_RAISED)
		return false;
	site->raised = 0;
	return retired - site->since < MAX_RAISED * SIGNAL_INSNS;
}

/* The trace of a site that has raised too many signals is recorded anew. */
static void calm(struct ia64_jit *jit)
{
	struct jit_fp *fp = jit->fp;
	const struct fp_site *site = &fp->site[fp->troubled - 1];

	fp->troubled = 0;
	*exact_line(fp, site->place) = site->place;
	if (!jit->trace[site->trace].dead)
		jit_host_kill(jit, &jit->trace[site->trace]);
}

static void on_sigfpe(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	struct ia64_jit *jit = running;
	uintptr_t at = (uintptr_t)uc->uc_mcontext.gregs[REG_RIP];
	struct fp_site *site = NULL;

	(void)info;
	if (jit && at - (uintptr_t)jit->rx < jit->bytes)
		site = find_site(jit->fp, (uint32_t)(at - (uintptr_t)jit->rx));
	if (!site) {
		/* None of ours: it happens again, and ends the program. */
		signal(sig, SIG_DFL);
		return;
	}
	if (too_many(site, jit->v->retired))
		jit->fp->troubled = (uint32_t)(site - jit->fp->site) + 1;
	uc->uc_mcontext.gregs[REG_RIP] = (greg_t)(uintptr_t)(jit->rx + site->stub);
	uc->uc_mcontext.fpregs->mxcsr &= ~MXCSR_FLAGS;
}

bool fp_host_site(struct ia64_jit *jit, const uint8_t *at, const uint8_t *stub, uint64_t place,
		  uint32_t trace)
{
	struct jit_fp *fp = jit->fp;

	if (fp->nsites == fp->max_sites)
		return false;
	fp->site[fp->nsites++] = (struct fp_site){ .at = (uint32_t)(at - jit->rw),
						   .stub = (uint32_t)(stub - jit->rw),
						   .place = place, .trace = trace };
	return true;
}

void fp_host_trim(struct ia64_jit *jit)
{
	struct jit_fp *fp = jit->fp;

	while (fp->nsites && fp->site[fp->nsites - 1].at >= jit->used)
		fp->nsites--;
	if (jit->used == jit->base_used) {
		fp->nrecipes = fp->nmodes = 0;
		memset(fp->exact, 0, sizeof(fp->exact));
	}
}

struct fp_recipe *fp_host_recipe(struct ia64_jit *jit)
{
	struct jit_fp *fp = jit->fp;

	return fp->nrecipes < FP_MAX_RECIPES ? &fp->recipe[fp->nrecipes] : NULL;
}

/* ---- modes ---- */

int fp_host_mode(struct ia64_jit *jit, uint64_t fpsr)
{
	struct jit_fp *fp = jit->fp;
	uint64_t mask = IA64_FP_ALL;
	unsigned int i;

	for (i = 0; i < 4; i++)
		mask |= SF_CONTROLS << ia64_sf_shift(i);
	fpsr &= mask;
	for (i = 0; i < fp->nmodes; i++)
		if (fp->mode[i] == fpsr)
			return (int)i;
	if (fp->nmodes == FP_MODES)
		return -1;
	fp->mode[fp->nmodes] = fpsr;
	return (int)fp->nmodes++;
}

/* ---- making it ---- */

bool fp_host_available(void)
{
	return __builtin_cpu_supports("avx") && __builtin_cpu_supports("fma");
}

bool fp_host_init(struct ia64_jit *jit, struct x86_buf *b)
{
	struct sigaction action = { .sa_sigaction = on_sigfpe, .sa_flags = SA_SIGINFO };
	struct jit_fp *fp = calloc(1, sizeof(*fp));

	if (!fp)
		return false;
	jit->fp = fp;
	fp->max_sites = (uint32_t)(jit->bytes / 64 < MAX_SITES ? jit->bytes / 64 : MAX_SITES);
	fp->site = calloc(fp->max_sites, sizeof(*fp->site));
	fp->recipe = calloc(FP_MAX_RECIPES, sizeof(*fp->recipe));
	if (!fp->site || !fp->recipe)
		return false;
	jit->v->jit_fp.fpsr = FP_NO_FPSR;
	jit->v->jit_fp.mxcsr = FP_MXCSR_DEFAULT;
	emit_shared(jit, b);
	return !fp_host_available() || sigaction(SIGFPE, &action, NULL) == 0;
}

void fp_host_destroy(struct ia64_jit *jit)
{
	if (!jit->fp)
		return;
	free(jit->fp->site);
	free(jit->fp->recipe);
	free(jit->fp);
	jit->fp = NULL;
}

void fp_host_enter(struct ia64_jit *jit)
{
	running = jit;
}

void fp_host_leave(struct ia64_jit *jit)
{
	fp_host_settle(jit->v);
	if (jit->fp->troubled)
		calm(jit);
}
