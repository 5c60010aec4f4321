/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From a recorded trace to x86-64 code.
 *
 * Registers: rbp is the vCPU, rbx points to the stacked register that is r32 of the frame the trace
 * began in, rax, rcx and rdx are scratch; the others hold guest registers. A guest register lives in
 * its home (struct vcpu, or the stack in struct ia64_rse), and for a while in a host register, which
 * may be newer. Every way out of the main path goes through a stub, out of line, that first
 * brings the homes up to date: at every instruction that may fault the state is the
 * interpreter's. NaT bits are known to be clear while translated code runs (vcpu.nat_any).
 */
#include <stddef.h>
#include <stdlib.h>

#include "ia64/interruption.h"
#include "ia64/mem.h"
#include "ia64/rse.h"
#include "jit/trace.h"
#include "jit/x86_64/asm.h"

/*
 * Guest registers by one number: static GRs, stacked GRs by their place above rbx, BRs, ARs.
 */
#define V_STACKED 32
#define V_NR_STACKED JIT_MAX_STACKED
#define V_BR (V_STACKED + V_NR_STACKED)
#define V_AR (V_BR + 8)
#define V_COUNT (V_AR + 128)
#define V_NONE 0xffff

#define OFF(field) ((int32_t)offsetof(struct vcpu, field))
#define OFF_PR(n) (OFF(pr) + (int32_t)(n))
#define OFF_RSE(field) (OFF(rse) + (int32_t)offsetof(struct ia64_rse, field))
#define OFF_JIT(field) ((int32_t)offsetof(struct ia64_jit, field))

/* Host registers that hold guest registers, those that survive a call of C code first. */
static const uint8_t alloc_order[] = { R12, R13, R14, R15, RSI, RDI, R8, R9, R10, R11 };
#define CALL_CLOBBERED (1u << RSI | 1u << RDI | 1u << R8 | 1u << R9 | 1u << R10 | 1u << R11)

/* What is known of a guest register's value at translation. */
enum known_kind { K_NOTHING, K_CONST, K_PFS };

struct known {
	uint8_t kind;
	uint64_t value; /* K_CONST: it; K_PFS: which call of the trace */
};

/* A compare whose predicates are not in their homes yet: the branch that wants it comes soon. */
struct pending {
	bool on;
	uint8_t p1, p2;
	uint8_t cond;
	bool wide, imm_form;
	uint16_t a, b;  /* vregs */
	int32_t imm;
	uint8_t bit;    /* tbit: CC_B with bt */
	bool tbit;
};

/*
 * What is known of a predicate: bit 0 its value, if bit 1 says that it is known; bit 2: the home does
 * not have it yet.
 */
enum { PR_HOME = 0, PR_KNOWN = 2, PR_STALE = 4 };

/* All that must survive into a stub. */
struct snap {
	uint16_t vreg[X86_NR_REGS];  /* V_NONE: free */
	uint16_t dirty;              /* bit a host register */
	uint8_t pr[64];              /* PR_* */
	struct pending pending;
	uint8_t rot;                 /* rotations since entry that memory does not show */
	int fd;                      /* the frame has moved up by so many registers since entry */
	bool known;                  /* sof and sol are known */
	bool frame_stale;            /* and rse.sof, rse.sol do not say so yet */
	uint8_t sof, sol;
};

struct call_site {
	int fd;
	uint8_t sof, sol;
	bool spilled; /* an alloc may have spilled registers since */
};

enum stub_kind {
	STUB_LOAD, STUB_STORE, STUB_ALLOC,
	STUB_INTERP,     /* to the interpreter, at the instruction */
	STUB_EXIT,       /* to a known address */
	STUB_INDIRECT,   /* to where the branch register rv says */
	STUB_RETURNED,   /* to ip, which is in sync, through the jump cache */
	STUB_LEAVE,      /* to ip, through the dispatcher */
	STUB_ATTENTION,  /* to the head, through the dispatcher */
	STUB_REVALIDATE,
};

struct stub {
	enum stub_kind kind;
	struct snap s;
	uint8_t *from;      /* rel32 to patch */
	uint8_t *back;
	uint16_t k;         /* instruction number in the trace */
	uint16_t retired;
	uint8_t ra, rv;     /* host registers: address, value or destination */
	uint8_t size;
	bool decrement;     /* STUB_EXIT: of host register rv, which holds ar.lc */
	uint32_t access;
	uint64_t target;
	uint64_t taken_from;
};

#define MAX_STUBS (JIT_MAX_INSNS * 2)
#define MAX_CALLS 32

struct tr {
	struct ia64_jit *jit;
	struct jit_record *rec;
	struct x86_buf b;
	struct snap s;
	struct known known[V_COUNT];
	uint16_t locked;             /* host registers the present instruction uses */
	bool fail;
	unsigned int k;              /* present instruction */
	unsigned int counted;        /* instructions already added to v->retired */
	int32_t view;                /* offset of the fast TLB */
	struct stub stub[MAX_STUBS];
	unsigned int nstubs;
	struct call_site call[MAX_CALLS];
	unsigned int ncalls, call_depth;
	uint16_t call_stack[MAX_CALLS];
	uint32_t index;
	uint32_t first_exit;
	uint8_t *loop_top;
	struct snap top;             /* what is where at the top of a loop */
	uint16_t names[JIT_MAX_INSNS][4]; /* vregs_of() each with the frame at its start */
	uint8_t fused[JIT_MAX_INSNS];/* 1: a compare left to the branch that follows */
	uint8_t sof_checked;         /* registers of an unknown frame found to be in it */
};

/* ---- operands ------------------------------------------------------------------------------- */

enum {
	R2 = 1 << 0,  /* reads gr r2 */
	R3 = 1 << 1,  /* reads gr r3 */
	W1 = 1 << 2,  /* writes gr r1 */
	W3 = 1 << 3,  /* writes gr r3 (base update) */
	P2 = 1 << 4,  /* writes predicates r1 and r4 */
	PS = 1 << 5,  /* unconditional form: clears them when qp is 0 */
	NA = 1 << 6,  /* translated natively */
	MEM = 1 << 7,
	BRANCH = 1 << 8,
	NOQP = 1 << 9,/* handles its own qp */
	FP = 1 << 10, /* touches FRs: not translated where psr.dfl or dfh forbids them */
};

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

static const uint16_t op_info[OP_COUNT] = {
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
	[OP_SHR] = ALU3, [OP_SHR_U] = ALU3, [OP_SHL] = ALU3,
	[OP_SXT1] = ALUI, [OP_SXT2] = ALUI, [OP_SXT4] = ALUI,
	[OP_ZXT1] = ALUI, [OP_ZXT2] = ALUI, [OP_ZXT4] = ALUI, [OP_POPCNT] = ALUI,
	[OP_SHRP] = ALU3, [OP_EXTR] = ALUI, [OP_EXTR_U] = ALUI,
	[OP_DEP_Z] = NA | R2 | W1, [OP_DEP_Z_I] = NA | W1, [OP_DEP] = ALU3, [OP_DEP_I] = ALUI,
	[OP_MOV_BR] = NA | R2, [OP_MOV_FROM_BR] = NA | W1, [OP_MOV_FROM_IP] = NA | W1,
	[OP_MOV_AR] = NA | R2, [OP_MOV_AR_I] = NA, [OP_MOV_FROM_AR] = NA | W1,
	[OP_CHK_S] = NA | R2,
	LOAD(1), LOAD(2), LOAD(4), LOAD(8), LOAD(8_FILL), LOAD(X),
	STORE(1), STORE(2), STORE(4), STORE(8), STORE(8_SPILL), STORE(X),
	[OP_LFETCH] = NA | R3, [OP_LFETCH_R] = NA | R2 | R3 | W3, [OP_LFETCH_I] = NA | R3 | W3,
	[OP_SRLZ_D] = NA, [OP_FWB] = NA, [OP_MF] = NA,
	[OP_SETF_SIG] = NA | FP | R2, [OP_GETF_SIG] = NA | FP | W1,
	[OP_XMA_L] = NA | FP, [OP_XMA_H] = NA | FP, [OP_XMA_HU] = NA | FP,
	[OP_LDF_FILL] = NA | FP | MEM | R3, [OP_LDF_FILL_I] = NA | FP | MEM | R3 | W3,
	[OP_STF_SPILL] = NA | FP | MEM | R3, [OP_STF_SPILL_I] = NA | FP | MEM | R3 | W3,
	[OP_LDF8] = NA | FP | MEM | R3, [OP_LDF8_I] = NA | FP | MEM | R3 | W3,
	[OP_STF8] = NA | FP | MEM | R3, [OP_STF8_I] = NA | FP | MEM | R3 | W3,
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
	case AR_LC:
	case AR_PFS:
	case AR_UNAT:
		return true;
	default:
		return false;
	}
}

static bool native_load_type(const struct ia64_insn *in)
{
	switch (in->x) {
	case LD_PLAIN:
	case LD_BIAS:
	case LD_ACQ:
		return true;
	default:
		return false;
	}
}

static bool ends_trace(const struct ia64_insn *in)
{
	switch (in->op) {
	case OP_ILLEGAL: case OP_SLOT_EMPTY: case OP_BREAK:
	case OP_BR_WEXIT: case OP_BR_WTOP: case OP_BR_CEXIT: case OP_BR_IA:
	case OP_COVER: case OP_CLRRRB: case OP_CLRRRB_PR: case OP_RFI: case OP_BSW_0: case OP_BSW_1:
	case OP_EPC: case OP_VMSW_0: case OP_VMSW_1:
	case OP_FLUSHRS: case OP_LOADRS:
	case OP_FCHKF: case OP_MOV_PSR_L: case OP_MOV_PSR_UM: case OP_SRLZ_I: case OP_SYNC_I:
	case OP_ITC_I: case OP_ITR_I: case OP_ITC_D: case OP_ITR_D: case OP_MOV_RR: case OP_MOV_PKR:
	case OP_PTC_E: case OP_PTC_G: case OP_PTC_GA: case OP_PTC_L: case OP_PTR_I: case OP_PTR_D:
	case OP_FC: case OP_FC_I: case OP_MOV_CR: case OP_SUM: case OP_RUM:
	case OP_MOV_IBR: case OP_MOV_DBR:
		return true;
	case OP_MOV_FROM_CR: /* ivr: reading it acknowledges */
		return in->r3 == CR_IVR;
	case OP_ALLOC:
		return in->imm != 0;
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
	if (ctx_key & JIT_CTX_ROTATES) {
		/* Frames that rotate are neither pushed nor resized here. */
		if (in->op == OP_ALLOC || in->op == OP_BR_CALL || in->op == OP_BRL_CALL ||
		    in->op == OP_BR_CALL_IND)
			return JIT_END_BEFORE;
		if ((op_info[in->op] & FP) && (in->flags & INSN_FP_HIGH))
			return JIT_CALL;
	} else if (in->op == OP_BR_CTOP) {
		return JIT_END_BEFORE;
	}
	if (!(op_info[in->op] & NA))
		return JIT_CALL;
	if (in->op == OP_HINT && in->imm == 0)
		return JIT_CALL; /* @pause: lets other threads run */
	if ((in->op == OP_MOV_AR || in->op == OP_MOV_AR_I) && !plain_ar(in->r3))
		return JIT_CALL;
	if (in->op == OP_MOV_FROM_AR && !plain_ar(in->r3))
		return JIT_CALL;
	if ((in->op == OP_LDX || in->op == OP_LDX_R || in->op == OP_LDX_I) && !native_load_type(in))
		return JIT_CALL;
	/* The base is updated by what r2 was before the load (SDM 3:2 "ld"). */
	if ((op_info[in->op] & (MEM | R2 | W1)) == (MEM | R2 | W1) && in->r1 == in->r2)
		return JIT_CALL;
	if (in->op >= OP_LFETCH && in->op <= OP_LFETCH_I && (in->x & IA64_LFETCH_FAULT))
		return JIT_CALL;
	return JIT_NATIVE;
}

static struct stub *new_stub(struct tr *t, enum stub_kind kind, uint8_t *from);

/* How instruction k is translated in this trace's context. */
static enum jit_support support(const struct tr *t, const struct jit_insn *i)
{
	uint64_t ctx = t->jit->ctx_key[t->rec->ctx];
	enum jit_support s = jit_host_support(ctx, i);

	if (s == JIT_NATIVE && (op_info[i->in.op] & FP) &&
	    (((ctx & JIT_CTX_DFL) && (i->in.flags & INSN_FP_LOW)) ||
	     ((ctx & JIT_CTX_DFH) && (i->in.flags & INSN_FP_HIGH))))
		return JIT_CALL;
	return s;
}

static void interp_exit(struct tr *t, uint8_t *from)
{
	new_stub(t, STUB_INTERP, from);
}

/* ---- where guest registers are ---------------------------------------------------------------- */

static uint16_t gr_vreg(struct tr *t, unsigned int r)
{
	int slot;

	if (r < 32)
		return (uint16_t)r;
	slot = t->s.fd + (int)r - 32;
	if (slot >= V_NR_STACKED) {
		t->fail = true;
		slot = 0;
	}
	return (uint16_t)(V_STACKED + slot);
}

static void home(uint16_t vreg, unsigned int *base, int32_t *disp)
{
	if (vreg < V_STACKED) {
		*base = RBP;
		*disp = OFF(gr) + 8 * vreg;
	} else if (vreg < V_BR) {
		*base = RBX;
		*disp = 8 * (vreg - V_STACKED);
	} else if (vreg < V_AR) {
		*base = RBP;
		*disp = OFF(br) + 8 * (vreg - V_BR);
	} else {
		*base = RBP;
		*disp = OFF(ar) + 8 * (vreg - V_AR);
	}
}

static void store_home(struct x86_buf *b, uint16_t vreg, unsigned int reg)
{
	unsigned int base;
	int32_t disp;

	home(vreg, &base, &disp);
	x86_store(b, 1, base, disp, reg);
}

static void load_home(struct x86_buf *b, uint16_t vreg, unsigned int reg)
{
	unsigned int base;
	int32_t disp;

	if (vreg == 0) {
		x86_mov_imm(b, reg, 0);
		return;
	}
	home(vreg, &base, &disp);
	x86_load(b, 1, reg, base, disp);
}

static int where(const struct tr *t, uint16_t vreg)
{
	unsigned int i;

	for (i = 0; i < sizeof(alloc_order); i++)
		if (t->s.vreg[alloc_order[i]] == vreg)
			return alloc_order[i];
	return -1;
}

/* The vregs an instruction names, for preloading and for looking ahead. r0 is not listed. */
static unsigned int vregs_of(struct tr *t, const struct ia64_insn *in, uint16_t out[4])
{
	unsigned int info = op_info[in->op], n = 0;

	if ((info & R2) && in->r2)
		out[n++] = gr_vreg(t, in->r2);
	if ((info & (R3 | W3)) && in->r3)
		out[n++] = gr_vreg(t, in->r3);
	if ((info & W1) && in->r1)
		out[n++] = gr_vreg(t, in->r1);
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
		out[n++] = V_AR + in->r3;
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

/*
 * When the guest register is wanted next, as far as that can be seen: instructions that follow are
 * looked at as if no call came between.
 */
static unsigned int next_use(struct tr *t, uint16_t vreg)
{
	unsigned int k, end = t->k + 24 < t->rec->n ? t->k + 24 : t->rec->n;
	uint16_t name = vreg >= V_STACKED && vreg < V_BR ? (uint16_t)(vreg - t->s.fd) : vreg;
	const uint16_t *names;

	for (k = t->k + 1; k < end; k++) {
		names = t->names[k];
		if (names[0] == name || names[1] == name || names[2] == name || names[3] == name)
			return k;
	}
	return k;
}

/* A host register with nothing in it, not one the present instruction has locked. */
static unsigned int free_reg(struct tr *t)
{
	unsigned int i, best = X86_NR_REGS, best_use = 0, use, r;

	for (i = 0; i < sizeof(alloc_order); i++) {
		r = alloc_order[i];
		if (t->locked >> r & 1)
			continue;
		if (t->s.vreg[r] == V_NONE)
			return r;
		use = next_use(t, t->s.vreg[r]) * 2 + !(t->s.dirty >> r & 1);
		if (best == X86_NR_REGS || use > best_use) {
			best = r;
			best_use = use;
		}
	}
	if (best == X86_NR_REGS) {
		t->fail = true;
		return R11;
	}
	if (t->s.dirty >> best & 1)
		store_home(&t->b, t->s.vreg[best], best);
	t->s.dirty &= (uint16_t)~(1u << best);
	t->s.vreg[best] = V_NONE;
	return best;
}

/* The host register that holds the guest register; never changes the flags. */
static unsigned int use_v(struct tr *t, uint16_t vreg)
{
	int at = where(t, vreg);

	if (at < 0) {
		at = (int)free_reg(t);
		load_home(&t->b, vreg, (unsigned int)at);
		t->s.vreg[at] = vreg;
	}
	t->locked |= (uint16_t)(1u << at);
	return (unsigned int)at;
}

/* A host register for a new value of the guest register. */
static unsigned int def_v(struct tr *t, uint16_t vreg)
{
	int at = where(t, vreg);

	if (at < 0) {
		at = (int)free_reg(t);
		t->s.vreg[at] = vreg;
	}
	t->locked |= (uint16_t)(1u << at);
	t->s.dirty |= (uint16_t)(1u << at);
	t->known[vreg].kind = K_NOTHING;
	return (unsigned int)at;
}

static unsigned int use(struct tr *t, unsigned int r)
{
	return use_v(t, gr_vreg(t, r));
}

/*
 * A stacked register that is written must be in the frame (SDM 1:4.1, Illegal Operation). Where the
 * frame's size is not known the code looks, once for each new highest register.
 */
static void check_frame(struct tr *t, unsigned int r)
{
	if (r < 32)
		return;
	if (t->s.known) {
		if (r - 32 >= t->s.sof)
			t->fail = true;
		return;
	}
	if (r - 32 < t->sof_checked)
		return;
	x86_cmp8_mi(&t->b, RBP, OFF_RSE(sof), r - 32);
	interp_exit(t, x86_jcc(&t->b, CC_BE));
	t->sof_checked = (uint8_t)(r - 32 + 1);
}

static unsigned int def(struct tr *t, unsigned int r)
{
	return def_v(t, gr_vreg(t, r));
}

/* ---- leaving the main path ---------------------------------------------------------------------- */

static struct stub *new_stub(struct tr *t, enum stub_kind kind, uint8_t *from)
{
	struct stub *s;

	if (t->nstubs == MAX_STUBS) {
		t->fail = true;
		return &t->stub[0];
	}
	s = &t->stub[t->nstubs++];
	memset(s, 0, sizeof(*s));
	s->kind = kind;
	s->s = t->s;
	s->from = from;
	s->k = (uint16_t)t->k;
	s->retired = (uint16_t)(t->k - t->counted);
	return s;
}

static void emit_compare(struct x86_buf *b, const struct snap *s, const struct pending *p)
{
	unsigned int i, ra = X86_NR_REGS, rb = X86_NR_REGS;

	for (i = 0; i < X86_NR_REGS; i++) {
		if (s->vreg[i] == p->a)
			ra = i;
		if (s->vreg[i] == p->b && !p->imm_form)
			rb = i;
	}
	if (ra == X86_NR_REGS) {
		load_home(b, p->a, RAX);
		ra = RAX;
	}
	if (p->tbit) {
		x86_bt(b, ra, p->bit);
		return;
	}
	if (p->imm_form) {
		if (p->imm == 0 && p->cond != CC_B && p->cond != CC_AE)
			x86_test_rr(b, p->wide, ra, ra);
		else
			x86_alu_ri(b, p->wide, X86_CMP, ra, p->imm);
		return;
	}
	if (rb == X86_NR_REGS) {
		load_home(b, p->b, RCX);
		rb = RCX;
	}
	x86_alu_rr(b, p->wide, X86_CMP, ra, rb);
}

static void emit_set_predicates(struct x86_buf *b, const struct pending *p)
{
	if (p->p1)
		x86_setcc_m(b, p->cond, RBP, OFF_PR(p->p1));
	if (p->p2)
		x86_setcc_m(b, p->cond ^ 1, RBP, OFF_PR(p->p2));
}

/* Writes the homes of everything that is newer elsewhere. Changes no allocated register. */
static void emit_sync(struct tr *t, const struct snap *s)
{
	unsigned int i;

	if (s->pending.on) {
		emit_compare(&t->b, s, &s->pending);
		emit_set_predicates(&t->b, &s->pending);
	}
	for (i = 0; i < X86_NR_REGS; i++)
		if (s->dirty >> i & 1)
			store_home(&t->b, s->vreg[i], i);
	for (i = 1; i < 64; i++)
		if (s->pr[i] & PR_STALE)
			x86_mov8_mi(&t->b, RBP, OFF_PR(i), s->pr[i] & 1);
	if (s->fd) {
		x86_alu_mi(&t->b, 0, X86_ADD, RBP, OFF_RSE(bof), s->fd);
		x86_alu_mi(&t->b, 0, X86_ADD, RBP, OFF_RSE(ndirty), s->fd);
	}
	if (s->known && s->frame_stale) {
		x86_mov8_mi(&t->b, RBP, OFF_RSE(sof), s->sof);
		x86_mov8_mi(&t->b, RBP, OFF_RSE(sol), s->sol);
	}
}

static void emit_unsync_frame(struct tr *t, const struct snap *s)
{
	if (s->fd) {
		x86_alu_mi(&t->b, 0, X86_SUB, RBP, OFF_RSE(bof), s->fd);
		x86_alu_mi(&t->b, 0, X86_SUB, RBP, OFF_RSE(ndirty), s->fd);
	}
}

static void emit_retired(struct tr *t, unsigned int n)
{
	if (n)
		x86_alu_mi(&t->b, 1, X86_ADD, RBP, OFF(retired), (int32_t)n);
}

static void emit_store_imm(struct x86_buf *b, int32_t off, uint64_t val)
{
	if ((int64_t)val == (int32_t)val) {
		x86_mov_mi(b, 1, RBP, off, (int32_t)val);
		return;
	}
	x86_mov_imm(b, RAX, val);
	x86_store(b, 1, RBP, off, RAX);
}

static void emit_leave(struct tr *t, uint64_t code)
{
	uint8_t *at;

	x86_mov_imm(&t->b, RAX, code);
	at = x86_jmp(&t->b);
	x86_patch(&t->b, at, t->jit->leave);
}

/*
 * ip and ri for an instruction that is about to be handed on, and where it was come from, which
 * the trace alone knows unless it is the first.
 */
static void emit_place(struct tr *t, unsigned int k, uint64_t place)
{
	emit_store_imm(&t->b, OFF(ip), place & ~15ull);
	x86_mov8_mi(&t->b, RBP, OFF(ri), place & 15);
	if (k == 0 || (place & 15))
		return;
	if (t->rec->insn[k - 1].taken) {
		emit_store_imm(&t->b, OFF(branch_from), t->rec->insn[k - 1].ip);
		emit_store_imm(&t->b, OFF(branch_to), place);
	} else {
		x86_mov_mi(&t->b, 1, RBP, OFF(branch_to), 1);
	}
	x86_mov_mi(&t->b, 0, RBP, OFF(jit_exit), 0);
}

static void emit_ip(struct tr *t, unsigned int k)
{
	emit_place(t, k, t->rec->insn[k].ip | t->rec->insn[k].slot);
}

/* ---- C code that translated code calls ------------------------------------------------------------ */

/* 0: done, the value is in v->jit_tmp. Else an interruption was delivered. */
static uint32_t jit_load(struct vcpu *v, uint64_t va, uint32_t size, uint32_t access)
{
	jit_resolve_exit(v->jit);
	return ia64_load_slow(v, va, size, access, &v->jit_tmp) != IA64_XLATE_OK;
}

static uint32_t jit_store(struct vcpu *v, uint64_t va, uint32_t size, uint32_t access, uint64_t val)
{
	jit_resolve_exit(v->jit);
	return ia64_store_slow(v, va, size, access, val) != IA64_XLATE_OK;
}

/* Does it look at no GR but static ones: floating point, and its loads and stores? */
static bool only_static_registers(const struct ia64_insn *in)
{
	if (in->unit == UNIT_F)
		return true;
	return in->op >= OP_LDFS && in->op <= OP_LDFP8_I && in->r3 < 32 &&
	       !(in->op >= OP_LDFS_R && in->op <= OP_LDFX_R);
}

/* Executes an instruction the translator leaves to the interpreter. 0: go on behind it. */
static uint32_t jit_exec(struct vcpu *v, const struct jit_insn *i)
{
	const struct ia64_insn_op *next;
	bool logical = v->jit->logical;

	jit_resolve_exit(v->jit);
	/* Where it does not matter the order stays: settling it costs more than the instruction. */
	if (!only_static_registers(&i->in))
		jit_order_registers(v->jit, false);
	v->near_from = v->near_to = NULL;
	v->code_va = i->ip;
	v->code_ops = &i->op - i->slot;
	v->op = &i->op;
	next = i->op.exec(v, &i->op);
	if (next == &i->op + 1 && !v->nat_any && !v->leaving) {
		v->op = NULL;
		jit_order_registers(v->jit, logical);
		return 0;
	}
	if (next && next != &i->op + 1) {
		/* A check that failed: its target, found as if in the same page. */
		v->op = next;
		ia64_sync_ip(v);
	} else if (next == &i->op + 1) {
		v->ip = i->slot == 2 || i->in.unit == UNIT_X ? i->ip + 16 : i->ip;
		v->ri = i->slot == 2 || i->in.unit == UNIT_X ? 0 : i->slot + 1;
	}
	v->op = NULL;
	return 1;
}

static uint32_t jit_alloc(struct vcpu *v, uint32_t sof, uint32_t sol)
{
	return !ia64_rse_alloc(v, sof, sol, 0);
}

static void jit_call(struct vcpu *v, uint32_t b, uint64_t ret)
{
	v->br[b] = ret;
	v->ar[AR_PFS] = (uint64_t)v->cpl << 62 | (v->ar[AR_EC] & 63) << 52 | ia64_cfm(&v->rse);
	ia64_rse_call(v);
}

/* Leaves the target in ip. 1: not done, this return is for the interpreter. 2: done, but leave. */
static uint32_t jit_return(struct vcpu *v, uint32_t b, uint64_t from)
{
	uint64_t pfs = v->ar[AR_PFS];

	if (pfs >> 62 > v->cpl || (pfs >> 14 & 0xffffff))
		return 1;
	/* The caller may look at its output registers, where this frame has rotated. */
	jit_order_registers(v->jit, false);
	v->ip = v->br[b] & ~15ull;
	v->ri = 0;
	v->branch_from = from;
	v->branch_to = v->ip;
	v->jit_exit = 0;
	v->ar[AR_EC] = pfs >> 52 & 63;
	ia64_rse_return(v, pfs & ((1ull << 38) - 1));
	return v->rse.cfle || v->nat_any ? 2 : 0;
}

/* ---- instructions ------------------------------------------------------------------------------ */

static void emit_rbx(struct tr *t)
{
	x86_rm(&t->b, 0, 0x8b, RBX, RBP, OFF_RSE(bof));
	x86_rmx(&t->b, 0, 1, 0x8d, RBX, RBP, RBX, 3, OFF_RSE(stk), false);
}

/* Everything home, nothing cached: before a call that may change any register. */
static void flush_all(struct tr *t)
{
	unsigned int i;

	emit_sync(t, &t->s);
	for (i = 0; i < X86_NR_REGS; i++)
		t->s.vreg[i] = V_NONE;
	t->s.dirty = 0;
	memset(t->s.pr, PR_HOME, sizeof(t->s.pr));
	t->s.pending.on = false;
	t->s.frame_stale = false;
}

/* Predicates that are not home go there. */
static void flush_predicates(struct tr *t)
{
	unsigned int i;

	if (t->s.pending.on) {
		emit_compare(&t->b, &t->s, &t->s.pending);
		emit_set_predicates(&t->b, &t->s.pending);
		t->s.pending.on = false;
	}
	for (i = 1; i < 64; i++) {
		if (t->s.pr[i] & PR_STALE)
			x86_mov8_mi(&t->b, RBP, OFF_PR(i), t->s.pr[i] & 1);
		t->s.pr[i] &= (uint8_t)~PR_STALE;
	}
}

static void emit_fast_address(struct tr *t, unsigned int ra, unsigned int size, bool write,
			      struct stub **stub, enum stub_kind kind)
{
	struct x86_buf *b = &t->b;
	int32_t line = t->view + (int32_t)(write ? offsetof(struct ia64_fast_tlb, wr) :
						   offsetof(struct ia64_fast_tlb, rd));

	x86_rr(b, 0, 0x8b, RCX, ra);
	x86_shift_ri(b, 0, X86_SHR, RCX, IA64_MEM_PAGE_SHIFT - 4);
	x86_alu_ri(b, 0, X86_AND, RCX, (IA64_FAST_LINES - 1) << 4);
	x86_mov_rr(b, RDX, ra);
	x86_alu_ri(b, 1, X86_AND, RDX,
		   (int32_t)(~(IA64_MEM_PAGE_SIZE - 1) | (size - 1)));
	x86_rmx(b, 0, 1, 0x3b, RDX, RBP, RCX, 0,
		line + (int32_t)offsetof(struct ia64_fast_line, tag), false);
	*stub = new_stub(t, kind, x86_jcc(b, CC_NE));
	x86_rmx(b, 0, 1, 0x8b, RCX, RBP, RCX, 0,
		line + (int32_t)offsetof(struct ia64_fast_line, addend), false);
}

static void emit_mem_load(struct tr *t, unsigned int size, unsigned int dst, unsigned int ra)
{
	static const uint16_t opcode[9] = { [1] = 0x0fb6, [2] = 0x0fb7, [4] = 0x8b, [8] = 0x8b };

	x86_rmx(&t->b, 0, size == 8, opcode[size], dst, ra, RCX, 0, 0, false);
}

static void emit_mem_store(struct tr *t, unsigned int size, unsigned int src, unsigned int ra)
{
	x86_rmx(&t->b, size == 2 ? 0x66 : 0, size == 8, size == 1 ? 0x88 : 0x89, src, ra, RCX, 0, 0,
		size == 1);
}

static void emit_base_update(struct tr *t, const struct ia64_insn *in, bool by_reg, bool by_imm)
{
	unsigned int r3, r2;

	if (by_reg) {
		r2 = use(t, in->r2);
		r3 = use(t, in->r3);
		def(t, in->r3);
		x86_alu_rr(&t->b, 1, X86_ADD, r3, r2);
	} else if (by_imm && in->imm) {
		r3 = use(t, in->r3);
		def(t, in->r3);
		x86_alu_ri(&t->b, 1, X86_ADD, r3, (int32_t)in->imm);
	}
}

static void tr_load(struct tr *t, const struct ia64_insn *in, unsigned int size, bool by_reg,
		    bool by_imm, bool fill)
{
	unsigned int ra = use(t, in->r3), dst;
	struct stub *stub;

	if (fill) {
		/* A NaT to restore is the interpreter's: bit va<8:3> of ar.unat. */
		unsigned int unat = use_v(t, V_AR + AR_UNAT);

		x86_mov_rr(&t->b, RCX, ra);
		x86_shift_ri(&t->b, 0, X86_SHR, RCX, 3);
		x86_rr(&t->b, 1, 0x0fa3, RCX, unat); /* bt unat, rcx */
		interp_exit(t, x86_jcc(&t->b, CC_B));
	}
	emit_fast_address(t, ra, size, false, &stub, STUB_LOAD);
	stub->ra = (uint8_t)ra;
	stub->size = (uint8_t)size;
	stub->access = IA64_ACCESS_READ;
	if (in->op >= OP_LDX && (in->op == OP_LDX || in->op == OP_LDX_R || in->op == OP_LDX_I) &&
	    in->x == LD_ACQ)
		stub->access |= IA64_ACCESS_ORDERED;
	/* The stub keeps the state from before r1 got its register: if the load faults, that holds. */
	dst = def(t, in->r1);
	stub->rv = (uint8_t)dst;
	emit_mem_load(t, size, dst, ra);
	stub->back = t->b.p;
	emit_base_update(t, in, by_reg, by_imm);
}

static void tr_store(struct tr *t, const struct ia64_insn *in, unsigned int size, bool by_imm,
		     bool spill, bool release)
{
	unsigned int ra = use(t, in->r3), rv = use(t, in->r2), unat;
	struct stub *stub;

	if (spill)
		use_v(t, V_AR + AR_UNAT);
	emit_fast_address(t, ra, size, true, &stub, STUB_STORE);
	stub->ra = (uint8_t)ra;
	stub->rv = (uint8_t)rv;
	stub->size = (uint8_t)size;
	stub->access = IA64_ACCESS_WRITE | (release ? IA64_ACCESS_ORDERED : 0);
	emit_mem_store(t, size, rv, ra);
	stub->back = t->b.p;
	if (spill) {
		unat = def_v(t, V_AR + AR_UNAT);
		x86_mov_rr(&t->b, RCX, ra);
		x86_shift_ri(&t->b, 0, X86_SHR, RCX, 3);
		x86_rr(&t->b, 1, 0x0fb3, RCX, unat); /* btr unat, rcx */
	}
	emit_base_update(t, in, false, by_imm);
}

/* dst = a op b for the commutative ones and, with `rax`, the others. */
static void tr_alu(struct tr *t, const struct ia64_insn *in, enum x86_alu op, bool commutes)
{
	unsigned int a = use(t, in->r2), c = use(t, in->r3), d = def(t, in->r1);

	if (d == a) {
		x86_alu_rr(&t->b, 1, op, d, c);
	} else if (d == c && commutes) {
		x86_alu_rr(&t->b, 1, op, d, a);
	} else if (d == c) {
		x86_mov_rr(&t->b, RAX, a);
		x86_alu_rr(&t->b, 1, op, RAX, c);
		x86_mov_rr(&t->b, d, RAX);
	} else {
		x86_mov_rr(&t->b, d, a);
		x86_alu_rr(&t->b, 1, op, d, c);
	}
}

/* dst = imm op r3 with an immediate that fits. */
static void tr_alu_i(struct tr *t, const struct ia64_insn *in, enum x86_alu op)
{
	unsigned int c = use(t, in->r3), d = def(t, in->r1);

	x86_mov_rr(&t->b, d, c);
	x86_alu_ri(&t->b, 1, op, d, (int32_t)in->imm);
}

/* addp4's end: bits 31:30 of r3 become 62:61, the sum's low half is what remains (SDM 3:2 "addp4"). */
static void emit_addp4(struct tr *t, unsigned int r3, unsigned int d)
{
	x86_mov_rr(&t->b, RCX, r3);
	x86_shift_ri(&t->b, 1, X86_SHR, RCX, 30);
	x86_alu_ri(&t->b, 0, X86_AND, RCX, 3);
	x86_shift_ri(&t->b, 1, X86_SHL, RCX, 61);
	x86_rr(&t->b, 0, 0x8b, RAX, RAX);
	x86_alu_rr(&t->b, 1, X86_OR, RAX, RCX);
	x86_mov_rr(&t->b, d, RAX);
}

static void tr_shift(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	bool left = in->op == OP_SHL;
	unsigned int val = use(t, left ? in->r2 : in->r3), cnt = use(t, left ? in->r3 : in->r2), d;

	/* Counts above 63 give 0, or the sign (SDM 3:2 "shl", "shr"). */
	d = def(t, in->r1);
	x86_mov_rr(b, RCX, cnt);
	x86_mov_rr(b, RAX, val);
	if (in->op == OP_SHR) {
		x86_mov_imm(b, RDX, 63);
		x86_alu_rr(b, 1, X86_CMP, RCX, RDX);
		x86_cmov(b, CC_A, RCX, RDX);
		x86_shift_rcl(b, 1, X86_SAR, RAX);
	} else {
		x86_shift_rcl(b, 1, left ? X86_SHL : X86_SHR, RAX);
		x86_mov_imm(b, RDX, 0);
		x86_alu_ri(b, 1, X86_CMP, RCX, 63);
		x86_cmov(b, CC_A, RAX, RDX);
	}
	x86_mov_rr(b, d, RAX);
}

static void tr_fields(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;
	unsigned int d, s, len = in->y, pos = in->x;
	uint64_t mask = (len >= 64 ? ~0ull : (1ull << len) - 1);

	switch (in->op) {
	case OP_EXTR:
	case OP_EXTR_U:
		if (pos + len > 64)
			len = 64 - pos;
		s = use(t, in->r3);
		d = def(t, in->r1);
		x86_mov_rr(b, d, s);
		if (64 - pos - len)
			x86_shift_ri(b, 1, X86_SHL, d, 64 - pos - len);
		if (64 - len)
			x86_shift_ri(b, 1, in->op == OP_EXTR ? X86_SAR : X86_SHR, d, 64 - len);
		break;
	case OP_DEP_Z:
		if (pos + len > 64)
			len = 64 - pos;
		s = use(t, in->r2);
		d = def(t, in->r1);
		x86_mov_rr(b, d, s);
		if (64 - len)
			x86_shift_ri(b, 1, X86_SHL, d, 64 - len);
		if (64 - pos - len)
			x86_shift_ri(b, 1, X86_SHR, d, 64 - pos - len);
		break;
	case OP_DEP_Z_I:
		d = def(t, in->r1);
		x86_mov_imm(b, d, ((uint64_t)in->imm & mask) << pos);
		break;
	case OP_DEP_I:
		s = use(t, in->r3);
		d = def(t, in->r1);
		x86_mov_rr(b, d, s);
		mask <<= pos;
		if (!in->imm)
			mask = ~mask;
		if ((int64_t)mask == (int32_t)mask) {
			x86_alu_ri(b, 1, in->imm ? X86_OR : X86_AND, d, (int32_t)mask);
		} else {
			x86_mov_imm(b, RAX, mask);
			x86_alu_rr(b, 1, in->imm ? X86_OR : X86_AND, d, RAX);
		}
		break;
	default: /* OP_DEP */
		if (pos + len > 64) {
			len = 64 - pos;
			mask = (1ull << len) - 1;
		}
		s = use(t, in->r2);
		x86_mov_rr(b, RCX, s);
		s = use(t, in->r3);
		d = def(t, in->r1);
		x86_alu_ri(b, 1, X86_AND, RCX, (int32_t)mask);
		if (pos)
			x86_shift_ri(b, 1, X86_SHL, RCX, pos);
		x86_mov_rr(b, d, s);
		mask = ~(mask << pos);
		if ((int64_t)mask == (int32_t)mask) {
			x86_alu_ri(b, 1, X86_AND, d, (int32_t)mask);
		} else {
			x86_mov_imm(b, RAX, mask);
			x86_alu_rr(b, 1, X86_AND, d, RAX);
		}
		x86_alu_rr(b, 1, X86_OR, d, RCX);
		break;
	}
}

/* ---- compares --------------------------------------------------------------------------------- */

enum cmp_type { CT_NORMAL, CT_AND, CT_OR, CT_ORANDCM };

struct cmp_desc {
	bool valid, wide, imm_form, zero_first, tbit, unc;
	uint8_t cond; /* of (first operand, r3), before swapping */
	uint8_t type;
};

#define D_R(C, w, r, cc) \
	[OP_##C##_##r] = { true, w, false, false, false, false, cc, CT_NORMAL }, \
	[OP_##C##_##r##_I] = { true, w, true, false, false, false, cc, CT_NORMAL }, \
	[OP_##C##_##r##_UNC] = { true, w, false, false, false, true, cc, CT_NORMAL }, \
	[OP_##C##_##r##_UNC_I] = { true, w, true, false, false, true, cc, CT_NORMAL }
#define D_P(C, w, r, cc) \
	[OP_##C##_##r##_AND] = { true, w, false, false, false, false, cc, CT_AND }, \
	[OP_##C##_##r##_OR] = { true, w, false, false, false, false, cc, CT_OR }, \
	[OP_##C##_##r##_ORANDCM] = { true, w, false, false, false, false, cc, CT_ORANDCM }, \
	[OP_##C##_##r##_AND_I] = { true, w, true, false, false, false, cc, CT_AND }, \
	[OP_##C##_##r##_OR_I] = { true, w, true, false, false, false, cc, CT_OR }, \
	[OP_##C##_##r##_ORANDCM_I] = { true, w, true, false, false, false, cc, CT_ORANDCM }
#define D_Z(C, w, r, cc) \
	[OP_##C##_##r##_AND_Z] = { true, w, false, true, false, false, cc, CT_AND }, \
	[OP_##C##_##r##_OR_Z] = { true, w, false, true, false, false, cc, CT_OR }, \
	[OP_##C##_##r##_ORANDCM_Z] = { true, w, false, true, false, false, cc, CT_ORANDCM }
#define D_ALL(C, w) D_R(C, w, LT, CC_L), D_R(C, w, LTU, CC_B), D_R(C, w, EQ, CC_E), \
	D_P(C, w, EQ, CC_E), D_P(C, w, NE, CC_NE), D_Z(C, w, GT, CC_G), D_Z(C, w, LE, CC_LE), \
	D_Z(C, w, GE, CC_GE), D_Z(C, w, LT, CC_L)
#define D_T(z, cc) \
	[OP_TBIT_##z##_AND] = { true, true, false, false, true, false, cc, CT_AND }, \
	[OP_TBIT_##z##_OR] = { true, true, false, false, true, false, cc, CT_OR }, \
	[OP_TBIT_##z##_ORANDCM] = { true, true, false, false, true, false, cc, CT_ORANDCM }

static const struct cmp_desc cmp_table[OP_COUNT] = {
	D_ALL(CMP, true), D_ALL(CMP4, false), D_T(Z, CC_AE), D_T(NZ, CC_B),
	[OP_TBIT_Z] = { true, true, false, false, true, false, CC_AE, CT_NORMAL },
	[OP_TBIT_Z_UNC] = { true, true, false, false, true, true, CC_AE, CT_NORMAL },
};

static uint8_t swap_cond(uint8_t cc)
{
	switch (cc) {
	case CC_L: return CC_G;
	case CC_G: return CC_L;
	case CC_LE: return CC_GE;
	case CC_GE: return CC_LE;
	case CC_B: return CC_A;
	case CC_A: return CC_B;
	default: return cc;
	}
}

static uint8_t real_pr(uint8_t p)
{
	return p < 64 ? p : 0;
}

/* The compare as x86 does it: one operand may be an immediate, always the second. */
static struct pending describe_compare(struct tr *t, const struct ia64_insn *in)
{
	const struct cmp_desc *d = &cmp_table[in->op];
	struct pending p = { .on = true, .p1 = real_pr(in->r1), .p2 = real_pr(in->r4),
			     .cond = d->cond, .wide = d->wide, .tbit = d->tbit };

	p.a = gr_vreg(t, in->r3);
	p.b = V_NONE;
	if (d->tbit) {
		p.bit = in->x;
		p.imm_form = true;
	} else if (d->imm_form) {
		p.cond = swap_cond(p.cond);
		p.imm_form = true;
		p.imm = (int32_t)in->imm;
	} else if (d->zero_first || in->r2 == 0) {
		p.cond = swap_cond(p.cond);
		p.imm_form = true;
	} else if (in->r3 == 0) {
		p.a = gr_vreg(t, in->r2);
		p.imm_form = true;
	} else {
		p.b = p.a;
		p.a = gr_vreg(t, in->r2);
	}
	return p;
}

static void tr_compare(struct tr *t, const struct ia64_insn *in)
{
	const struct cmp_desc *d = &cmp_table[in->op];
	struct pending p = describe_compare(t, in);
	struct x86_buf *b = &t->b;
	unsigned int i;

	use_v(t, p.a);
	if (!p.imm_form)
		use_v(t, p.b);
	if (d->type == CT_NORMAL) {
		if (t->fused[t->k]) {
			t->s.pending = p;
			if (p.p1)
				t->s.pr[p.p1] = PR_HOME;
			if (p.p2)
				t->s.pr[p.p2] = PR_HOME;
			return;
		}
		emit_compare(b, &t->s, &p);
		emit_set_predicates(b, &p);
	} else {
		uint8_t pr[2] = { p.p1, p.p2 };

		for (i = 0; i < 2; i++)
			if (pr[i] && (t->s.pr[pr[i]] & PR_STALE))
				x86_mov8_mi(b, RBP, OFF_PR(pr[i]), t->s.pr[pr[i]] & 1);
		emit_compare(b, &t->s, &p);
		x86_rr(b, 0, 0x0f90u | p.cond, 0, RAX); /* setcc al */
		if (p.p1)
			x86_rm(b, 0, d->type == CT_AND ? 0x20 : 0x08, RAX, RBP, OFF_PR(p.p1));
		if (d->type == CT_ORANDCM)
			x86_alu_ri(b, 0, X86_XOR, RAX, 1);
		if (p.p2)
			x86_rm(b, 0, d->type == CT_OR ? 0x08 : 0x20, RAX, RBP, OFF_PR(p.p2));
	}
	if (p.p1)
		t->s.pr[p.p1] = PR_HOME;
	if (p.p2)
		t->s.pr[p.p2] = PR_HOME;
}

/*
 * Can the compare k wait for a branch that its predicates decide? Only if nothing between them
 * writes what it compares or looks at, or writes, its predicates.
 */
static bool can_fuse(struct tr *t, unsigned int k)
{
	const struct ia64_insn *in = &t->rec->insn[k].in, *n;
	const struct cmp_desc *d = &cmp_table[in->op];
	struct pending p;
	uint16_t list[4];
	unsigned int j, i, m, info;

	if (!d->valid || d->type != CT_NORMAL || in->qp)
		return false;
	if (real_pr(in->r1) == 0 && real_pr(in->r4) == 0)
		return false;
	p = describe_compare(t, in);
	for (j = k + 1; j < t->rec->n && j < k + 8; j++) {
		n = &t->rec->insn[j].in;
		info = op_info[n->op];
		if (n->op == OP_BR_COND)
			return n->qp && (n->qp == p.p1 || n->qp == p.p2);
		if (support(t, &t->rec->insn[j]) != JIT_NATIVE || (info & (BRANCH | P2)) ||
		    n->op == OP_ALLOC)
			return false;
		if (n->qp)
			return false;
		m = vregs_of(t, n, list);
		for (i = 0; i < m; i++) {
			bool writes = ((info & W1) && list[i] == gr_vreg(t, n->r1)) ||
				      ((info & W3) && list[i] == gr_vreg(t, n->r3));

			if (writes && (list[i] == p.a || list[i] == p.b))
				return false;
		}
	}
	return false;
}

static bool last_in_bundle(const struct jit_insn *i)
{
	return i->slot == 2 || i->in.unit == UNIT_X;
}

/* The place behind the instruction: its bundle's address and, in the low bits, the slot. */
static uint64_t following(const struct jit_insn *i)
{
	return last_in_bundle(i) ? i->ip + 16 : i->ip + i->slot + 1;
}

/* A compare that waits for another branch than this goes home first. */
static void flush_unless_fused(struct tr *t, unsigned int qp)
{
	if (t->s.pending.on && qp != t->s.pending.p1 && qp != t->s.pending.p2)
		flush_predicates(t);
}

/* ---- branches --------------------------------------------------------------------------------- */

static void exit_to(struct tr *t, uint8_t *from, uint64_t target, uint64_t branch_ip, unsigned int n)
{
	struct stub *s = new_stub(t, STUB_EXIT, from);

	s->target = target;
	s->taken_from = branch_ip;
	s->retired = (uint16_t)(n - t->counted);
}

/* Jumps to `from` when the predicate is (want = 1) or is not set; says so by returning its place. */
static uint8_t *branch_on_pr(struct tr *t, unsigned int qp, bool want)
{
	struct pending *p = &t->s.pending;
	unsigned int cond;

	if (p->on && (qp == p->p1 || qp == p->p2)) {
		emit_compare(&t->b, &t->s, p);
		cond = qp == p->p1 ? p->cond : p->cond ^ 1u;
		return x86_jcc(&t->b, want ? cond : cond ^ 1u);
	}
	x86_cmp8_mi(&t->b, RBP, OFF_PR(qp), 0);
	return x86_jcc(&t->b, want ? CC_NE : CC_E);
}

/* From here on the predicate is known; and so is the other one of a fused compare. */
static void learn_pr(struct snap *s, unsigned int qp, bool val)
{
	struct pending *p = &s->pending;
	bool p1;

	if (!p->on || (qp != p->p1 && qp != p->p2)) {
		s->pr[qp] = PR_KNOWN | val;
		return;
	}
	p1 = qp == p->p1 ? val : !val;
	if (p->p1)
		s->pr[p->p1] = PR_STALE | PR_KNOWN | p1;
	if (p->p2)
		s->pr[p->p2] = PR_STALE | PR_KNOWN | !p1;
	p->on = false;
}

static void tr_br_cond(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	uint64_t target = i->ip + (uint64_t)in->imm, other;
	struct stub *st;
	uint8_t *from;

	if (in->qp == 0)
		return;
	flush_unless_fused(t, in->qp);
	other = i->taken ? following(i) : target;
	if (t->s.pr[in->qp] & PR_KNOWN) {
		/*
		 * Decided by an earlier branch. The recording went another way if that was a
		 * br.ctop in its epilog.
		 */
		if ((t->s.pr[in->qp] & 1) != i->taken)
			exit_to(t, x86_jmp(&t->b), other, i->taken ? 0 : i->ip, t->k + 1);
		return;
	}
	from = branch_on_pr(t, in->qp, !i->taken);
	exit_to(t, from, other, i->taken ? 0 : i->ip, t->k + 1);
	st = &t->stub[t->nstubs - 1];
	learn_pr(&st->s, in->qp, !i->taken);
	learn_pr(&t->s, in->qp, i->taken);
}

static void tr_br_cloop(struct tr *t, const struct jit_insn *i)
{
	unsigned int lc = use_v(t, V_AR + AR_LC);
	struct stub *st;

	x86_test_rr(&t->b, 1, lc, lc);
	if (i->taken) {
		exit_to(t, x86_jcc(&t->b, CC_E), following(i), 0, t->k + 1);
		def_v(t, V_AR + AR_LC);
		x86_alu_ri(&t->b, 1, X86_SUB, lc, 1);
	} else {
		exit_to(t, x86_jcc(&t->b, CC_NE), i->ip + (uint64_t)i->in.imm, i->ip, t->k + 1);
		st = &t->stub[t->nstubs - 1];
		st->rv = (uint8_t)lc;
		st->decrement = true;
		st->s.dirty |= (uint16_t)(1u << lc);
	}
}

/* The byte of pr[] that holds predicate n, and the name that finds stacked register r, after `rot`. */
static uint8_t rotated_pr(uint8_t n, unsigned int rot)
{
	return n < 16 || n > 63 ? n : (uint8_t)(16 + (n - 16 + 48 - rot % 48) % 48);
}

static uint8_t rotated_gr(uint8_t r, unsigned int rot, unsigned int sor)
{
	return r < 32 || r >= 32 + sor ? r : (uint8_t)(32 + (r - 32 + sor - rot % sor) % sor);
}

/*
 * Gives the instructions behind a br.ctop the names that their registers had at the trace's entry, so
 * that rotation costs nothing inside the trace. jit_rotate() makes up for it where the trace is left.
 */
static void rename_rotating(struct tr *t)
{
	unsigned int sor = t->jit->ctx_key[t->rec->ctx] >> JIT_CTX_SOR_SHIFT & 0x7f, rot = 0, k;
	struct ia64_insn *in;
	unsigned int info;

	for (k = 0; k < t->rec->n; k++) {
		in = &t->rec->insn[k].in;
		info = op_info[in->op];
		if (rot) {
			in->qp = rotated_pr(in->qp, rot);
			if (info & P2) {
				in->r1 = rotated_pr(in->r1, rot);
				in->r4 = rotated_pr(in->r4, rot);
			}
			if (info & W1)
				in->r1 = rotated_gr(in->r1, rot, sor);
			if (info & R2)
				in->r2 = rotated_gr(in->r2, rot, sor);
			if (info & (R3 | W3))
				in->r3 = rotated_gr(in->r3, rot, sor);
		}
		if (in->op == OP_BR_CTOP && t->rec->insn[k].taken)
			rot++;
	}
}

/* br.ctop while ar.lc lasts; the epilog is the interpreter's (SDM 3:2 "br", Figure 2-5). */
static void tr_br_ctop(struct tr *t, const struct jit_insn *i)
{
	unsigned int lc;

	if (!i->taken || t->s.rot == 255) {
		t->fail = true;
		return;
	}
	lc = use_v(t, V_AR + AR_LC);
	x86_test_rr(&t->b, 1, lc, lc);
	interp_exit(t, x86_jcc(&t->b, CC_E));
	def_v(t, V_AR + AR_LC);
	x86_alu_ri(&t->b, 1, X86_SUB, lc, 1);
	t->s.rot++;
	t->s.pr[rotated_pr(16, t->s.rot)] = PR_KNOWN | PR_STALE | 1;
}

/* Everything is home and no guest register cached: memory shows the rotations from here on. */
static void emit_rotate(struct tr *t, unsigned int rot)
{
	if (!rot)
		return;
	x86_mov_rr(&t->b, RDI, RBP);
	x86_mov_imm(&t->b, RSI, rot);
	x86_call(&t->b, (const void *)jit_rotate);
}

/* The same, left to the dispatcher. */
static void emit_rotate_later(struct tr *t, unsigned int rot)
{
	if (rot)
		x86_mov8_mi(&t->b, RBP, OFF(jit_rotate), rot);
}

/* The frame after a call whose caller's sizes are known: nothing moves but the base. */
static void tr_call_known(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	struct call_site *c;
	unsigned int b = def_v(t, V_BR + in->r1), pfs;
	uint64_t cfm = t->s.sof | (uint64_t)t->s.sol << 7;

	x86_mov_imm(&t->b, b, i->ip + 16);
	t->known[V_BR + in->r1] = (struct known){ K_CONST, i->ip + 16 };
	pfs = def_v(t, V_AR + AR_PFS);
	x86_load(&t->b, 0, pfs, RBP, OFF(ar[AR_EC]));
	x86_shift_ri(&t->b, 1, X86_SHL, pfs, 52);
	x86_mov_imm(&t->b, RAX, cfm | (t->jit->ctx_key[t->rec->ctx] & 3) << 62);
	x86_alu_rr(&t->b, 1, X86_OR, pfs, RAX);
	if (t->ncalls == MAX_CALLS || t->call_depth == MAX_CALLS) {
		t->fail = true;
		return;
	}
	c = &t->call[t->ncalls];
	*c = (struct call_site){ .fd = t->s.fd, .sof = t->s.sof, .sol = t->s.sol };
	t->known[V_AR + AR_PFS] = (struct known){ K_PFS, t->ncalls };
	t->call_stack[t->call_depth++] = (uint16_t)t->ncalls;
	t->ncalls++;
	t->s.fd += t->s.sol;
	t->s.sof -= t->s.sol;
	t->s.sol = 0;
	t->s.frame_stale = true;
}

static void forget_frame(struct tr *t)
{
	t->s.known = false;
	t->s.fd = 0;
	t->s.frame_stale = false;
	t->call_depth = 0;
	t->sof_checked = 0;
	memset(t->known, 0, sizeof(t->known));
}

static void tr_call(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	unsigned int rb;

	if (in->op == OP_BR_CALL_IND) {
		/* Where it went when recorded is checked first. */
		rb = use_v(t, V_BR + in->r2);
		x86_mov_rr(&t->b, RCX, rb);
		x86_alu_ri(&t->b, 1, X86_AND, RCX, ~15);
		x86_mov_imm(&t->b, RAX, i->next);
		x86_alu_rr(&t->b, 1, X86_CMP, RCX, RAX);
		interp_exit(t, x86_jcc(&t->b, CC_NE));
	}
	if (t->s.known) {
		tr_call_known(t, i);
		return;
	}
	flush_all(t);
	x86_mov_rr(&t->b, RDI, RBP);
	x86_mov_imm(&t->b, RSI, in->r1);
	x86_mov_imm(&t->b, RDX, i->ip + 16);
	x86_call(&t->b, (const void *)jit_call);
	emit_rbx(t);
	forget_frame(t);
	t->known[V_BR + in->r1] = (struct known){ K_CONST, i->ip + 16 };
}

static void tr_ret(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	struct known *b = &t->known[V_BR + in->r2], *p = &t->known[V_AR + AR_PFS];
	struct call_site *c;
	unsigned int pfs, rb;

	if (p->kind == K_PFS && t->call_depth && t->call_stack[t->call_depth - 1] == p->value) {
		c = &t->call[p->value];
		if (!(b->kind == K_CONST && b->value == i->next)) {
			rb = use_v(t, V_BR + in->r2);
			x86_mov_rr(&t->b, RCX, rb);
			x86_alu_ri(&t->b, 1, X86_AND, RCX, ~15);
			x86_mov_imm(&t->b, RAX, i->next);
			x86_alu_rr(&t->b, 1, X86_CMP, RCX, RAX);
			interp_exit(t, x86_jcc(&t->b, CC_NE));
		}
		if (c->spilled) {
			/* ndirty in memory lags fd behind; the caller's registers must be there. */
			x86_alu_mi(&t->b, 0, X86_CMP, RBP, OFF_RSE(ndirty), c->sol - t->s.fd);
			interp_exit(t, x86_jcc(&t->b, CC_L));
		}
		pfs = use_v(t, V_AR + AR_PFS);
		x86_mov_rr(&t->b, RAX, pfs);
		x86_shift_ri(&t->b, 1, X86_SHR, RAX, 52);
		x86_alu_ri(&t->b, 0, X86_AND, RAX, 63);
		x86_store(&t->b, 1, RBP, OFF(ar[AR_EC]), RAX);
		/* What lies above the caller's frame is not its own any more. */
		t->s.fd = c->fd;
		t->s.sof = c->sof;
		t->s.sol = c->sol;
		t->s.frame_stale = true;
		t->call_depth--;
		return;
	}
	flush_all(t);
	emit_rotate(t, t->s.rot);
	t->s.rot = 0;
	x86_mov_rr(&t->b, RDI, RBP);
	x86_mov_imm(&t->b, RSI, in->r2);
	x86_mov_imm(&t->b, RDX, i->ip);
	x86_call(&t->b, (const void *)jit_return);
	x86_alu_ri(&t->b, 0, X86_CMP, RAX, 1);
	/* 1: nothing has happened yet; 2: done, at a place nobody foresaw */
	{
		struct snap now = t->s;
		struct stub *st;

		forget_frame(t);
		interp_exit(t, x86_jcc(&t->b, CC_E));
		t->stub[t->nstubs - 1].s = now;
		t->stub[t->nstubs - 1].s.fd = 0;
		st = new_stub(t, STUB_LEAVE, x86_jcc(&t->b, CC_A));
		st->retired = (uint16_t)(t->k + 1 - t->counted);
	}
	emit_rbx(t);
	x86_mov_imm(&t->b, RAX, i->next);
	x86_alu_rm(&t->b, 1, X86_CMP, RAX, RBP, OFF(ip));
	{
		struct stub *st = new_stub(t, STUB_RETURNED, x86_jcc(&t->b, CC_NE));

		st->retired = (uint16_t)(t->k + 1 - t->counted);
	}
}

static void tr_br_ind(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	unsigned int rb = use_v(t, V_BR + in->r2);
	struct stub *st;

	x86_mov_rr(&t->b, RCX, rb);
	x86_alu_ri(&t->b, 1, X86_AND, RCX, ~15);
	x86_mov_imm(&t->b, RAX, i->next);
	x86_alu_rr(&t->b, 1, X86_CMP, RCX, RAX);
	st = new_stub(t, STUB_INDIRECT, x86_jcc(&t->b, CC_NE));
	st->rv = in->r2;
	st->retired = (uint16_t)(t->k + 1 - t->counted);
}

static void tr_alloc(struct tr *t, const struct ia64_insn *in)
{
	unsigned int d, pfs, i;
	struct known k;
	struct stub *st;

	pfs = use_v(t, V_AR + AR_PFS);
	/* ndirty + sof must not exceed the register file. */
	x86_load(&t->b, 0, RAX, RBP, OFF_RSE(ndirty));
	x86_alu_rm(&t->b, 0, X86_ADD, RAX, RBP, OFF_RSE(nclean));
	x86_alu_ri(&t->b, 0, X86_CMP, RAX, IA64_STACKED_PHYS - in->x - t->s.fd);
	st = new_stub(t, STUB_ALLOC, x86_jcc(&t->b, CC_G));
	st->ra = in->x;
	st->rv = in->y;
	st->back = t->b.p;
	for (i = 0; i < t->call_depth; i++)
		t->call[t->call_stack[i]].spilled = true;
	t->s.known = true;
	t->s.sof = in->x;
	t->s.sol = in->y;
	t->s.frame_stale = true;
	if (in->r1) {
		k = t->known[V_AR + AR_PFS];
		d = def(t, in->r1);
		x86_mov_rr(&t->b, d, pfs);
		t->known[gr_vreg(t, in->r1)] = k;
	}
}

static void tr_mov_known(struct tr *t, uint16_t dst, uint16_t src)
{
	struct known k = t->known[src];
	unsigned int s = use_v(t, src), d = def_v(t, dst);

	x86_mov_rr(&t->b, d, s);
	t->known[dst] = k;
}


/* Leaves an instruction to the interpreter's function, and goes on behind it. */
static void tr_call_out(struct tr *t, const struct jit_insn *i)
{
	const struct jit_insn *kept = jit_keep(t->jit, i);
	struct stub *st;

	if (!kept) {
		t->fail = true;
		return;
	}
	flush_all(t);
	emit_ip(t, t->k);
	x86_mov_rr(&t->b, RDI, RBP);
	x86_mov_imm(&t->b, RSI, (uint64_t)(uintptr_t)kept);
	x86_call(&t->b, (const void *)jit_exec);
	x86_test_rr(&t->b, 0, RAX, RAX);
	st = new_stub(t, STUB_LEAVE, x86_jcc(&t->b, CC_NE));
	st->retired = 0;
	st->s.fd = 0;
	emit_unsync_frame(t, &t->s);
	/* What it may have written: a GR as r1, a base register as r3. */
	t->known[gr_vreg(t, i->in.r1 & 127)].kind = K_NOTHING;
	t->known[gr_vreg(t, i->in.r3 & 127)].kind = K_NOTHING;
}

static void tr_sext(struct tr *t, const struct ia64_insn *in, unsigned int w, unsigned int opc)
{
	unsigned int s = use(t, in->r3), d = def(t, in->r1);

	if (s >= RSP && s < R8 && (opc == 0x0fb6 || opc == 0x0fbe)) {
		x86_mov_rr(&t->b, RAX, s);
		s = RAX;
	}
	x86_rr(&t->b, w, opc, d, s);
}

/* ---- floating-point registers, in their homes ---- */

static bool f_is_low(unsigned int f)
{
	return f < 32;
}

#define OFF_FR_SIG(f) (OFF(fr) + 16 * (int32_t)(f))
#define OFF_FR_SE(f) (OFF_FR_SIG(f) + 8)

/* psr.mfl, psr.mfh: both lie in the low 32 bits. */
static void emit_fp_modified(struct tr *t, const struct ia64_insn *in)
{
	x86_alu_mi(&t->b, 0, X86_OR, RBP, OFF(psr), f_is_low(in->r1) ? PSR_MFL : PSR_MFH);
}

/* The interpreter sees to a NaTVal. */
static void check_natval(struct tr *t, unsigned int f)
{
	if (f < 2)
		return;
	x86_alu_mi(&t->b, 0, X86_CMP, RBP, OFF_FR_SE(f), IA64_FR_EXP_NATVAL);
	interp_exit(t, x86_jcc(&t->b, CC_E));
}

static void tr_xma(struct tr *t, const struct ia64_insn *in)
{
	struct x86_buf *b = &t->b;

	check_natval(t, in->r2);
	check_natval(t, in->r3);
	check_natval(t, in->r4);
	x86_load(b, 1, RAX, RBP, OFF_FR_SIG(in->r3));
	if (in->op == OP_XMA_L) {
		x86_rm(b, 1, 0x0faf, RAX, RBP, OFF_FR_SIG(in->r4));
		if (in->r2)
			x86_alu_rm(b, 1, X86_ADD, RAX, RBP, OFF_FR_SIG(in->r2));
		x86_store(b, 1, RBP, OFF_FR_SIG(in->r1), RAX);
	} else {
		/* imul, mul: rdx:rax = rax * m */
		x86_rm(b, 1, 0xf7, in->op == OP_XMA_H ? 5 : 4, RBP, OFF_FR_SIG(in->r4));
		if (in->r2) {
			x86_alu_rm(b, 1, X86_ADD, RAX, RBP, OFF_FR_SIG(in->r2));
			x86_alu_ri(b, 1, X86_ADC, RDX, 0);
		}
		x86_store(b, 1, RBP, OFF_FR_SIG(in->r1), RDX);
	}
	x86_mov_mi(b, 1, RBP, OFF_FR_SE(in->r1), IA64_FR_EXP_INTEGER);
	emit_fp_modified(t, in);
}

/* ldf8, ldf.fill, stf8, stf.spill: what is not plain cached memory is the interpreter's. */
static void tr_fp_memory(struct tr *t, const struct ia64_insn *in, bool write, bool whole)
{
	unsigned int ra = use(t, in->r3), f = write ? in->r2 : in->r1;
	struct x86_buf *b = &t->b;
	struct stub *stub;

	if (write && !whole)
		check_natval(t, f);
	emit_fast_address(t, ra, whole ? 16 : 8, write, &stub, STUB_INTERP);
	if (write) {
		x86_load(b, 1, RAX, RBP, OFF_FR_SIG(f));
		x86_rmx(b, 0, 1, 0x89, RAX, ra, RCX, 0, 0, false);
		if (whole) {
			x86_load(b, 0, RAX, RBP, OFF_FR_SE(f));
			x86_rmx(b, 0, 1, 0x89, RAX, ra, RCX, 0, 8, false);
		}
	} else {
		x86_rmx(b, 0, 1, 0x8b, RAX, ra, RCX, 0, 0, false);
		x86_store(b, 1, RBP, OFF_FR_SIG(f), RAX);
		if (whole) {
			x86_rmx(b, 0, 0, 0x8b, RAX, ra, RCX, 0, 8, false);
			x86_alu_ri(b, 0, X86_AND, RAX, 0x3ffff);
			x86_store(b, 1, RBP, OFF_FR_SE(f), RAX);
		} else {
			x86_mov_mi(b, 1, RBP, OFF_FR_SE(f), IA64_FR_EXP_INTEGER);
		}
		emit_fp_modified(t, in);
	}
	emit_base_update(t, in, false, in->op == OP_LDF_FILL_I || in->op == OP_STF_SPILL_I ||
					       in->op == OP_LDF8_I || in->op == OP_STF8_I);
}

/* One instruction whose predicate has been seen to. */
static void tr_insn(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;
	struct x86_buf *b = &t->b;
	unsigned int s, c, d;

	if ((op_info[in->op] & W1) && in->op != OP_ALLOC) /* whose r1 is in the new frame */
		check_frame(t, in->r1);
	if (op_info[in->op] & W3)
		check_frame(t, in->r3);
	if (cmp_table[in->op].valid) {
		tr_compare(t, in);
		return;
	}
	switch (in->op) {
	case OP_NOP: case OP_HINT: case OP_CHK_S: case OP_SRLZ_D: case OP_FWB: case OP_LFETCH:
		break;
	case OP_MF:
		x86_bytes(b, "\x0f\xae\xf0", 3);
		break;
	case OP_ADD:
		s = use(t, in->r2);
		c = use(t, in->r3);
		d = def(t, in->r1);
		if (d == s)
			x86_alu_rr(b, 1, X86_ADD, d, c);
		else if (d == c)
			x86_alu_rr(b, 1, X86_ADD, d, s);
		else
			x86_lea_x(b, d, s, c, 0);
		break;
	case OP_ADD1:
		s = use(t, in->r2);
		c = use(t, in->r3);
		d = def(t, in->r1);
		x86_rmx(b, 0, 1, 0x8d, d, s, c, 0, 1, false);
		break;
	case OP_SUB:
		tr_alu(t, in, X86_SUB, false);
		break;
	case OP_SUB1:
		s = use(t, in->r2);
		c = use(t, in->r3);
		d = def(t, in->r1);
		x86_mov_rr(b, RAX, s);
		x86_alu_rr(b, 1, X86_SUB, RAX, c);
		x86_alu_ri(b, 1, X86_SUB, RAX, 1);
		x86_mov_rr(b, d, RAX);
		break;
	case OP_AND:
		tr_alu(t, in, X86_AND, true);
		break;
	case OP_OR:
		tr_alu(t, in, X86_OR, true);
		break;
	case OP_XOR:
		tr_alu(t, in, X86_XOR, true);
		break;
	case OP_ANDCM:
		s = use(t, in->r2);
		c = use(t, in->r3);
		d = def(t, in->r1);
		x86_mov_rr(b, RAX, c);
		x86_not(b, RAX);
		x86_alu_rr(b, 1, X86_AND, RAX, s);
		x86_mov_rr(b, d, RAX);
		break;
	case OP_SHLADD:
		s = use(t, in->r2);
		c = use(t, in->r3);
		d = def(t, in->r1);
		if (in->x <= 3) {
			x86_lea_x(b, d, c, s, in->x);
		} else {
			x86_mov_rr(b, RAX, s);
			x86_shift_ri(b, 1, X86_SHL, RAX, in->x);
			x86_alu_rr(b, 1, X86_ADD, RAX, c);
			x86_mov_rr(b, d, RAX);
		}
		break;
	case OP_ADDP4:
	case OP_SHLADDP4:
		s = use(t, in->r2);
		c = use(t, in->r3);
		d = def(t, in->r1);
		x86_mov_rr(b, RAX, s);
		if (in->op == OP_SHLADDP4)
			x86_shift_ri(b, 1, X86_SHL, RAX, in->x);
		x86_alu_rr(b, 1, X86_ADD, RAX, c);
		emit_addp4(t, c, d);
		break;
	case OP_ADDP4_I:
		c = use(t, in->r3);
		d = def(t, in->r1);
		x86_mov_rr(b, RAX, c);
		x86_alu_ri(b, 1, X86_ADD, RAX, (int32_t)in->imm);
		emit_addp4(t, c, d);
		break;
	case OP_ADDS:
	case OP_ADDL:
		if (in->r3 == 0) {
			d = def(t, in->r1);
			x86_mov_imm(b, d, (uint64_t)in->imm);
		} else if (in->imm == 0) {
			tr_mov_known(t, gr_vreg(t, in->r1), gr_vreg(t, in->r3));
		} else {
			c = use(t, in->r3);
			d = def(t, in->r1);
			if (d == c)
				x86_alu_ri(b, 1, X86_ADD, d, (int32_t)in->imm);
			else
				x86_lea(b, d, c, (int32_t)in->imm);
		}
		break;
	case OP_SUB_I:
		c = use(t, in->r3);
		d = def(t, in->r1);
		x86_mov_imm(b, RAX, (uint64_t)in->imm);
		x86_alu_rr(b, 1, X86_SUB, RAX, c);
		x86_mov_rr(b, d, RAX);
		break;
	case OP_AND_I:
		tr_alu_i(t, in, X86_AND);
		break;
	case OP_OR_I:
		tr_alu_i(t, in, X86_OR);
		break;
	case OP_XOR_I:
		tr_alu_i(t, in, X86_XOR);
		break;
	case OP_ANDCM_I:
		c = use(t, in->r3);
		d = def(t, in->r1);
		x86_mov_rr(b, RAX, c);
		x86_not(b, RAX);
		x86_alu_ri(b, 1, X86_AND, RAX, (int32_t)in->imm);
		x86_mov_rr(b, d, RAX);
		break;
	case OP_MOVL:
		d = def(t, in->r1);
		x86_mov_imm(b, d, (uint64_t)in->imm);
		break;
	case OP_SHR: case OP_SHR_U: case OP_SHL:
		tr_shift(t, in);
		break;
	case OP_SXT1:
		tr_sext(t, in, 1, 0x0fbe);
		break;
	case OP_SXT2:
		tr_sext(t, in, 1, 0x0fbf);
		break;
	case OP_SXT4:
		tr_sext(t, in, 1, 0x63);
		break;
	case OP_ZXT1:
		tr_sext(t, in, 0, 0x0fb6);
		break;
	case OP_ZXT2:
		tr_sext(t, in, 0, 0x0fb7);
		break;
	case OP_ZXT4:
		tr_sext(t, in, 0, 0x8b);
		break;
	case OP_POPCNT:
		s = use(t, in->r3);
		d = def(t, in->r1);
		x86_opcode(b, 0xf3, 1, d, 0, s, 0x0fb8, false);
		x86_1(b, 0xc0 | (d & 7) << 3 | (s & 7));
		break;
	case OP_SHRP:
		s = use(t, in->r2);
		c = use(t, in->r3);
		d = def(t, in->r1);
		x86_mov_rr(b, RAX, c);
		if (in->x)
			x86_shrd(b, RAX, s, in->x);
		x86_mov_rr(b, d, RAX);
		break;
	case OP_EXTR: case OP_EXTR_U: case OP_DEP_Z: case OP_DEP_Z_I: case OP_DEP: case OP_DEP_I:
		tr_fields(t, in);
		break;
	case OP_MOV_BR:
		tr_mov_known(t, V_BR + in->r1, gr_vreg(t, in->r2));
		break;
	case OP_MOV_FROM_BR:
		tr_mov_known(t, gr_vreg(t, in->r1), V_BR + in->r2);
		break;
	case OP_MOV_FROM_IP:
		d = def(t, in->r1);
		x86_mov_imm(b, d, i->ip);
		break;
	case OP_MOV_AR:
		tr_mov_known(t, V_AR + in->r3, gr_vreg(t, in->r2));
		break;
	case OP_MOV_AR_I:
		d = def_v(t, V_AR + in->r3);
		x86_mov_imm(b, d, (uint64_t)in->imm);
		break;
	case OP_MOV_FROM_AR:
		tr_mov_known(t, gr_vreg(t, in->r1), V_AR + in->r3);
		break;
#define LOADS(n, sz, fill) \
	case OP_LD##n: \
		tr_load(t, in, sz, false, false, fill); \
		break; \
	case OP_LD##n##_R: \
		tr_load(t, in, sz, true, false, fill); \
		break; \
	case OP_LD##n##_I: \
		tr_load(t, in, sz, false, true, fill); \
		break
	LOADS(1, 1, false);
	LOADS(2, 2, false);
	LOADS(4, 4, false);
	LOADS(8, 8, false);
	LOADS(8_FILL, 8, true);
	LOADS(X, in->y, false);
#undef LOADS
#define STORES(n, sz, spill, rel) \
	case OP_ST##n: \
		tr_store(t, in, sz, false, spill, rel); \
		break; \
	case OP_ST##n##_I: \
		tr_store(t, in, sz, true, spill, rel); \
		break
	STORES(1, 1, false, false);
	STORES(2, 2, false, false);
	STORES(4, 4, false, false);
	STORES(8, 8, false, false);
	STORES(8_SPILL, 8, true, false);
	STORES(X, in->y, false, true);
#undef STORES
	case OP_LFETCH_R:
		emit_base_update(t, in, true, false);
		break;
	case OP_LFETCH_I:
		emit_base_update(t, in, false, true);
		break;
	case OP_ALLOC:
		tr_alloc(t, in);
		break;
	case OP_SETF_SIG:
		s = use(t, in->r2);
		x86_store(b, 1, RBP, OFF_FR_SIG(in->r1), s);
		x86_mov_mi(b, 1, RBP, OFF_FR_SE(in->r1), IA64_FR_EXP_INTEGER);
		emit_fp_modified(t, in);
		break;
	case OP_GETF_SIG:
		check_natval(t, in->r2);
		d = def(t, in->r1);
		x86_load(b, 1, d, RBP, OFF_FR_SIG(in->r2));
		break;
	case OP_XMA_L: case OP_XMA_H: case OP_XMA_HU:
		tr_xma(t, in);
		break;
	case OP_LDF8: case OP_LDF8_I:
		tr_fp_memory(t, in, false, false);
		break;
	case OP_STF8: case OP_STF8_I:
		tr_fp_memory(t, in, true, false);
		break;
	case OP_LDF_FILL: case OP_LDF_FILL_I:
		tr_fp_memory(t, in, false, true);
		break;
	case OP_STF_SPILL: case OP_STF_SPILL_I:
		tr_fp_memory(t, in, true, true);
		break;
	default:
		t->fail = true;
		break;
	}
}

static void tr_branch(struct tr *t, const struct jit_insn *i)
{
	const struct ia64_insn *in = &i->in;

	switch (in->op) {
	case OP_BR_COND:
	case OP_BRL_COND:
		tr_br_cond(t, i);
		return;
	case OP_BR_CLOOP:
		flush_predicates(t);
		tr_br_cloop(t, i);
		return;
	case OP_BR_CTOP:
		flush_predicates(t);
		tr_br_ctop(t, i);
		return;
	default:
		break;
	}
	flush_predicates(t);
	if (in->qp) {
		if (!(t->s.pr[in->qp] & PR_KNOWN)) {
			interp_exit(t, branch_on_pr(t, in->qp, !i->taken));
			learn_pr(&t->s, in->qp, i->taken);
		} else if ((t->s.pr[in->qp] & 1) != i->taken) {
			interp_exit(t, x86_jmp(&t->b));
		}
		if (!i->taken)
			return;
	}
	switch (in->op) {
	case OP_BR_CALL:
	case OP_BRL_CALL:
	case OP_BR_CALL_IND:
		tr_call(t, i);
		break;
	case OP_BR_RET:
		tr_ret(t, i);
		break;
	default:
		tr_br_ind(t, i);
		break;
	}
}

/*
 * The run of instructions from k that one predicate decides: everything they name is brought into
 * registers before the jump around them, so that both ways meet in the same state.
 */
static unsigned int predicated_run(struct tr *t, unsigned int k)
{
	const struct ia64_insn *in = &t->rec->insn[k].in;
	unsigned int qp = in->qp, n, i, j, m, nseen = 0;
	uint16_t list[4], seen[16];

	for (n = k; n < t->rec->n; n++) {
		in = &t->rec->insn[n].in;
		if (in->qp != qp || (op_info[in->op] & BRANCH) || in->op == OP_ALLOC ||
		    support(t, &t->rec->insn[n]) != JIT_NATIVE)
			break;
		if (n > k && (op_info[in->op] & PS))
			break;
		m = vregs_of(t, in, list);
		for (i = 0; i < m; i++) {
			for (j = 0; j < nseen && seen[j] != list[i]; j++)
				;
			if (j == nseen)
				seen[nseen++] = list[i];
		}
		if (nseen > 8 && n > k)
			break;
		if ((op_info[in->op] & P2) && (in->r1 == qp || in->r4 == qp)) {
			n++;
			break;
		}
	}
	return n - k;
}

static void tr_predicated(struct tr *t, unsigned int n)
{
	unsigned int first = t->k, qp = t->rec->insn[first].in.qp, i, m;
	const struct ia64_insn *in;
	uint16_t list[4];
	uint8_t *skip;

	flush_predicates(t);
	for (i = first; i < first + n; i++) {
		in = &t->rec->insn[i].in;
		if (op_info[in->op] & W1)
			check_frame(t, in->r1);
		if (op_info[in->op] & W3)
			check_frame(t, in->r3);
	}
	for (t->k = first; t->k < first + n; t->k++) {
		in = &t->rec->insn[t->k].in;
		m = vregs_of(t, in, list);
		for (i = 0; i < m; i++)
			use_v(t, list[i]);
		/* r0 as a source is a register as well */
		if (((op_info[in->op] & R2) && !in->r2) || ((op_info[in->op] & R3) && !in->r3))
			use_v(t, 0);
	}
	t->k = first;
	in = &t->rec->insn[first].in;
	x86_cmp8_mi(&t->b, RBP, OFF_PR(qp), 0);
	if (op_info[in->op] & PS) {
		/* It stands alone. Moves leave the flags, and a target that is qp was 0 if it matters. */
		if (in->r1)
			x86_mov8_mi(&t->b, RBP, OFF_PR(in->r1), 0);
		if (in->r4)
			x86_mov8_mi(&t->b, RBP, OFF_PR(in->r4), 0);
	}
	skip = x86_jcc(&t->b, CC_E);
	for (t->k = first; t->k < first + n; t->k++) {
		in = &t->rec->insn[t->k].in;
		tr_insn(t, &t->rec->insn[t->k]);
	}
	x86_patch(&t->b, skip, t->b.p);
	for (t->k = first; t->k < first + n; t->k++) {
		in = &t->rec->insn[t->k].in;
		m = vregs_of(t, in, list);
		for (i = 0; i < m; i++)
			t->known[list[i]].kind = K_NOTHING;
		if (op_info[in->op] & P2) {
			t->s.pr[real_pr(in->r1)] = PR_HOME;
			t->s.pr[real_pr(in->r4)] = PR_HOME;
		}
	}
	t->k = first + n - 1;
}

/* ---- out of line ---------------------------------------------------------------------------------- */

static void reload_clobbered(struct tr *t, const struct snap *s, unsigned int but)
{
	unsigned int i;

	for (i = 0; i < X86_NR_REGS; i++)
		if (s->vreg[i] != V_NONE && (CALL_CLOBBERED >> i & 1) && i != but)
			load_home(&t->b, s->vreg[i], i);
}

static void emit_mem_stub(struct tr *t, struct stub *s)
{
	struct x86_buf *b = &t->b;
	uint8_t *jump, *at;

	emit_sync(t, &s->s);
	emit_ip(t, s->k);
	/* Address and value may sit in argument registers. */
	x86_mov_rr(b, RAX, s->ra);
	if (s->kind == STUB_STORE) {
		x86_mov_rr(b, R8, s->rv);
		x86_mov_imm(b, RCX, s->access);
	} else {
		x86_mov_imm(b, RCX, s->access);
	}
	x86_mov_rr(b, RSI, RAX);
	x86_mov_imm(b, RDX, s->size);
	x86_mov_rr(b, RDI, RBP);
	x86_call(b, s->kind == STUB_STORE ? (const void *)jit_store : (const void *)jit_load);
	x86_test_rr(b, 0, RAX, RAX);
	jump = x86_jcc(b, CC_E);
	emit_retired(t, s->retired);
	emit_rotate_later(t, s->s.rot);
	emit_leave(t, JIT_DISPATCH);
	x86_patch(b, jump, b->p);
	emit_unsync_frame(t, &s->s);
	reload_clobbered(t, &s->s, s->kind == STUB_LOAD ? s->rv : X86_NR_REGS);
	if (s->kind == STUB_LOAD)
		x86_load(b, 1, s->rv, RBP, OFF(jit_tmp));
	at = x86_jmp(b);
	x86_patch(b, at, s->back);
}

static void emit_alloc_stub(struct tr *t, struct stub *s)
{
	struct x86_buf *b = &t->b;
	uint8_t *jump, *at;

	emit_sync(t, &s->s);
	emit_ip(t, s->k);
	x86_mov_rr(b, RDI, RBP);
	x86_mov_imm(b, RSI, s->ra);
	x86_mov_imm(b, RDX, s->rv);
	x86_call(b, (const void *)jit_alloc);
	x86_test_rr(b, 0, RAX, RAX);
	jump = x86_jcc(b, CC_E);
	emit_retired(t, s->retired);
	emit_leave(t, JIT_DISPATCH);
	x86_patch(b, jump, b->p);
	emit_unsync_frame(t, &s->s);
	reload_clobbered(t, &s->s, X86_NR_REGS);
	at = x86_jmp(b);
	x86_patch(b, at, s->back);
}

static struct jit_exit *new_exit(struct tr *t, uint64_t target, uint64_t from)
{
	struct ia64_jit *jit = t->jit;
	struct jit_exit *e;

	if (jit->nexits == jit->max_exits) {
		t->fail = true;
		return &jit->exit[JIT_EXIT_FIRST];
	}
	e = &jit->exit[jit->nexits++];
	*e = (struct jit_exit){ .target = target, .from = from, .trace = t->index,
				.ctx = t->rec->ctx };
	return e;
}

static void emit_exit_jump(struct tr *t, const struct snap *s, uint64_t target, uint64_t from)
{
	struct jit_exit *e = new_exit(t, target, from);
	uint32_t id = (uint32_t)(e - t->jit->exit);

	if (s->fd)
		x86_alu_ri(&t->b, 1, X86_ADD, RBX, 8 * s->fd);
	x86_mov_mi(&t->b, 0, RBP, OFF(jit_exit), (int32_t)id);
	e->patch = x86_jmp(&t->b);
	emit_leave(t, id);
}

static void emit_indirect(struct tr *t, uint64_t from)
{
	uint8_t *at;

	x86_mov_imm(&t->b, RCX, from);
	x86_store(&t->b, 1, RBP, OFF(branch_from), RCX);
	x86_store(&t->b, 1, RBP, OFF(branch_to), RAX);
	x86_mov_mi(&t->b, 0, RBP, OFF(jit_exit), 0);
	x86_mov_imm(&t->b, RCX, t->rec->ctx * sizeof(t->jit->jump[0]));
	at = x86_jmp(&t->b);
	x86_patch(&t->b, at, t->jit->indirect);
}

static void emit_stub(struct tr *t, struct stub *s)
{
	struct x86_buf *b = &t->b;
	const struct jit_insn *i = &t->rec->insn[s->k < t->rec->n ? s->k : 0];

	x86_patch(b, s->from, b->p);
	switch (s->kind) {
	case STUB_LOAD:
	case STUB_STORE:
		emit_mem_stub(t, s);
		break;
	case STUB_ALLOC:
		emit_alloc_stub(t, s);
		break;
	case STUB_INTERP:
		emit_sync(t, &s->s);
		emit_ip(t, s->k);
		emit_retired(t, s->retired);
		emit_rotate_later(t, s->s.rot);
		emit_leave(t, JIT_INTERP);
		break;
	case STUB_EXIT:
		if (s->decrement)
			x86_alu_ri(b, 1, X86_SUB, s->rv, 1);
		emit_sync(t, &s->s);
		emit_retired(t, s->retired);
		emit_rotate(t, s->s.rot);
		emit_exit_jump(t, &s->s, s->target, s->taken_from);
		break;
	case STUB_INDIRECT:
		emit_sync(t, &s->s);
		emit_retired(t, s->retired);
		emit_rotate(t, s->s.rot);
		if (s->s.fd)
			x86_alu_ri(b, 1, X86_ADD, RBX, 8 * s->s.fd);
		x86_load(b, 1, RAX, RBP, OFF(br) + 8 * s->rv);
		x86_alu_ri(b, 1, X86_AND, RAX, ~15);
		emit_indirect(t, i->ip);
		break;
	case STUB_RETURNED:
		emit_retired(t, s->retired);
		x86_load(b, 1, RAX, RBP, OFF(ip));
		emit_indirect(t, i->ip);
		break;
	case STUB_LEAVE:
		emit_retired(t, s->retired);
		emit_leave(t, JIT_DISPATCH);
		break;
	case STUB_ATTENTION:
	case STUB_REVALIDATE:
		emit_sync(t, &s->s);
		emit_store_imm(b, OFF(ip), t->rec->head & ~15ull);
		x86_mov8_mi(b, RBP, OFF(ri), t->rec->head & 15);
		emit_leave(t, s->kind == STUB_ATTENTION ? JIT_DISPATCH : JIT_REVALIDATE);
		break;
	}
}

/* ---- the whole --------------------------------------------------------------------------------- */

static void emit_attention(struct tr *t)
{
	struct stub *s;

	x86_alu_mi(&t->b, 0, X86_CMP, RBP, OFF(attention), 0);
	s = new_stub(t, STUB_ATTENTION, x86_jcc(&t->b, CC_NE));
	s->retired = 0;
}

static void emit_entry(struct tr *t, struct jit_trace *trace)
{
	unsigned int i, regions = 0, n = 0;

	emit_attention(t);
	for (i = 0; i < t->rec->npages; i++)
		regions |= 1u << (t->rec->page_va[i] >> 61);
	for (i = 0; i < 8; i++) {
		if (!(regions >> i & 1))
			continue;
		x86_rm(&t->b, 0, n++ ? 0x03 : 0x8b, RAX, RBP, OFF(exec_epoch) + 4 * (int32_t)i);
	}
	x86_mov_imm(&t->b, RDX, (uint64_t)(uintptr_t)&trace->epoch);
	x86_rm(&t->b, 0, 0x3b, RAX, RDX, 0);
	new_stub(t, STUB_REVALIDATE, x86_jcc(&t->b, CC_NE));
	/* Room above for the frames of the calls inside. */
	x86_alu_mi(&t->b, 0, X86_CMP, RBP, OFF_RSE(bof), JIT_MAX_BOF);
	interp_exit(t, x86_jcc(&t->b, CC_G));
}

static void emit_loop_end(struct tr *t)
{
	struct x86_buf *b = &t->b;
	unsigned int i;
	uint8_t *at;

	if (t->s.known && t->s.frame_stale) {
		x86_mov8_mi(b, RBP, OFF_RSE(sof), t->s.sof);
		x86_mov8_mi(b, RBP, OFF_RSE(sol), t->s.sol);
		t->s.frame_stale = false;
	}
	emit_retired(t, t->rec->n - t->counted);
	t->counted = t->rec->n;
	{
		struct jit_exit *e = new_exit(t, t->rec->head, t->rec->insn[t->rec->n - 1].ip);

		x86_mov_mi(b, 0, RBP, OFF(jit_exit), (int32_t)(e - t->jit->exit));
	}
	emit_attention(t);
	for (i = 0; i < X86_NR_REGS; i++)
		if ((t->s.dirty >> i & 1) && t->top.vreg[i] != t->s.vreg[i])
			store_home(b, t->s.vreg[i], i);
	for (i = 0; i < X86_NR_REGS; i++) {
		if (t->top.vreg[i] == V_NONE || t->top.vreg[i] == t->s.vreg[i])
			continue;
		load_home(b, t->top.vreg[i], i);
	}
	at = x86_jmp(b);
	x86_patch(b, at, t->loop_top);
}

/* Values that are dirty here but clean at the top would be forgotten: they are stored. */
static void clean_for_top(struct tr *t)
{
	unsigned int i;

	for (i = 0; i < X86_NR_REGS; i++) {
		if (!(t->s.dirty >> i & 1) || (t->top.dirty >> i & 1))
			continue;
		store_home(&t->b, t->s.vreg[i], i);
		t->s.dirty &= (uint16_t)~(1u << i);
	}
}

static void emit_end(struct tr *t)
{
	struct jit_record *rec = t->rec;
	const struct jit_insn *last = &rec->insn[rec->n - 1];

	flush_predicates(t);
	t->k = rec->n;
	if (rec->to_interp || rec->to_other) {
		emit_sync(t, &t->s);
		emit_place(t, rec->n, rec->end);
		emit_retired(t, rec->n - t->counted);
		emit_rotate_later(t, t->s.rot);
		emit_leave(t, rec->to_interp ? JIT_INTERP : JIT_DISPATCH);
		return;
	}
	if (rec->end == rec->head && t->s.fd == 0 && last->taken) {
		if (t->s.rot) {
			flush_all(t);
			emit_rotate(t, t->s.rot);
			t->s.rot = 0;
		}
		clean_for_top(t);
		emit_loop_end(t);
		return;
	}
	emit_sync(t, &t->s);
	emit_retired(t, rec->n - t->counted);
	emit_rotate(t, t->s.rot);
	emit_exit_jump(t, &t->s, rec->end, last->taken ? last->ip : 0);
}

/* One pass over the trace with what is in registers at its top given. */
static bool emit_trace(struct tr *t, struct jit_trace *trace)
{
	struct jit_record *rec = t->rec;
	const struct jit_insn *i;
	unsigned int j, n;

	t->s = t->top;
	memset(t->known, 0, sizeof(t->known));
	t->nstubs = t->ncalls = t->call_depth = t->counted = 0;
	t->sof_checked = 0;
	t->k = 0;
	t->jit->nexits = t->first_exit;
	{
		struct snap entry = t->s;

		for (j = 0; j < X86_NR_REGS; j++)
			t->s.vreg[j] = V_NONE;
		t->s.dirty = 0;
		emit_entry(t, trace);
		t->s = entry;
	}
	for (j = 0; j < X86_NR_REGS; j++)
		if (t->s.vreg[j] != V_NONE)
			load_home(&t->b, t->s.vreg[j], j);
	t->loop_top = t->b.p;
	for (t->k = 0; t->k < rec->n && !t->fail; t->k++) {
		i = &rec->insn[t->k];
		t->locked = 0;
		if (support(t, i) == JIT_CALL) {
			/* As the interpreter has it: none where a false one has an effect too. */
			unsigned int qp = i->op.insn.qp;
			uint8_t *skip = NULL;

			/* Counted before it is executed: it may look at the count. */
			emit_retired(t, t->k + 1 - t->counted);
			t->counted = t->k + 1;
			if (qp) {
				flush_all(t);
				emit_unsync_frame(t, &t->s);
				x86_cmp8_mi(&t->b, RBP, OFF_PR(qp), 0);
				skip = x86_jcc(&t->b, CC_E);
			}
			tr_call_out(t, i);
			if (skip)
				x86_patch(&t->b, skip, t->b.p);
			continue;
		}
		if (op_info[i->in.op] & BRANCH) {
			tr_branch(t, i);
			continue;
		}
		if (i->in.qp && i->in.op != OP_ALLOC) {
			uint8_t pr = t->s.pr[i->in.qp];
			const struct ia64_insn *in = &i->in;

			if (!(pr & PR_KNOWN)) {
				n = predicated_run(t, t->k);
				tr_predicated(t, n);
				continue;
			}
			if (!(pr & 1)) {
				if (op_info[in->op] & PS) {
					flush_predicates(t);
					if (real_pr(in->r1))
						t->s.pr[in->r1] = PR_KNOWN | PR_STALE;
					if (real_pr(in->r4))
						t->s.pr[in->r4] = PR_KNOWN | PR_STALE;
				}
				continue;
			}
		}
		tr_insn(t, i);
	}
	if (!t->fail)
		emit_end(t);
	for (j = 0; j < t->nstubs && !t->fail && !t->b.full; j++)
		emit_stub(t, &t->stub[j]);
	return !t->fail && !t->b.full;
}

bool jit_host_translate(struct ia64_jit *jit, uint32_t index)
{
	struct tr *t = jit->host;
	struct jit_trace *trace = &jit->trace[index];
	uint8_t *start = jit->rw + jit->used;
	unsigned int j, pass, passes;
	uint32_t kept = jit->nkept;

	memset(t, 0, offsetof(struct tr, stub));
	t->jit = jit;
	t->rec = &jit->rec;
	t->index = index;
	t->first_exit = jit->nexits;
	t->view = OFF(views) + (int32_t)sizeof(struct ia64_fast_tlb) *
		  (int32_t)(jit->ctx_key[t->rec->ctx] >> JIT_CTX_VIEW_SHIFT);
	memset(&t->top, 0, sizeof(t->top));
	for (j = 0; j < X86_NR_REGS; j++)
		t->top.vreg[j] = V_NONE;
	rename_rotating(t);
	for (j = 0; j < t->rec->n; j++) {
		t->names[j][0] = t->names[j][1] = t->names[j][2] = t->names[j][3] = V_NONE;
		vregs_of(t, &t->rec->insn[j].in, t->names[j]);
	}
	for (j = 0; j < t->rec->n; j++) {
		t->k = j;
		t->fused[j] = can_fuse(t, j);
	}
	passes = t->rec->end == t->rec->head ? 2 : 1;
	for (pass = 0; pass < passes; pass++) {
		jit->nkept = kept;
		t->b = (struct x86_buf){ .p = start, .end = jit->rw + jit->bytes };
		if (!emit_trace(t, trace)) {
			jit->nexits = t->first_exit;
			jit->nkept = kept;
			return false;
		}
		if (pass + 1 < passes) {
			for (j = 0; j < X86_NR_REGS; j++)
				t->top.vreg[j] = t->s.fd ? V_NONE : t->s.vreg[j];
			t->top.dirty = t->s.fd ? 0 : t->s.dirty;
		}
	}
	trace->code = jit_rx(jit, start);
	jit->used = (size_t)(t->b.p - jit->rw + 15) & ~15ull;
	return true;
}

void jit_host_link(struct ia64_jit *jit, struct jit_exit *e, const uint8_t *rx_target)
{
	int32_t rel = (int32_t)(rx_target - (jit_rx(jit, e->patch) + 4));

	memcpy(e->patch, &rel, 4);
}

void jit_host_kill(struct ia64_jit *jit, struct jit_trace *t)
{
	/* The epoch comparison at the entry fails from now on; the dispatcher does the rest. */
	t->dead = true;
	t->epoch--;
}

bool jit_host_init(struct ia64_jit *jit)
{
	static const uint8_t saved[] = { RBP, RBX, R12, R13, R14, R15 };
	struct x86_buf b = { .p = jit->rw, .end = jit->rw + jit->bytes };
	uint8_t *at, *miss;
	unsigned int i;

	jit->host = calloc(1, sizeof(struct tr));
	if (!jit->host)
		return false;
	jit->enter = b.p;
	for (i = 0; i < sizeof(saved); i++) {
		x86_opcode(&b, 0, 0, 0, 0, saved[i], 0x50 | (saved[i] & 7), false);
	}
	x86_alu_ri(&b, 1, X86_SUB, RSP, 8);
	x86_mov_rr(&b, RBP, RDI);
	x86_rm(&b, 0, 0x8b, RBX, RBP, OFF_RSE(bof));
	x86_rmx(&b, 0, 1, 0x8d, RBX, RBP, RBX, 3, OFF_RSE(stk), false);
	x86_1(&b, 0xff); /* jmp rsi */
	x86_1(&b, 0xe0 | RSI);
	jit->leave = b.p;
	x86_alu_ri(&b, 1, X86_ADD, RSP, 8);
	for (i = sizeof(saved); i-- > 0;)
		x86_opcode(&b, 0, 0, 0, 0, saved[i], 0x58 | (saved[i] & 7), false);
	x86_1(&b, 0xc3);
	/* rax: where to, rcx: offset of the context's jump table */
	jit->indirect = b.p;
	x86_load(&b, 1, RDX, RBP, OFF(jit));
	x86_alu_rr(&b, 1, X86_ADD, RDX, RCX);
	x86_rr(&b, 0, 0x8b, RSI, RAX);
	x86_alu_ri(&b, 0, X86_AND, RSI, (JIT_JUMP_LINES - 1) << 4);
	x86_rmx(&b, 0, 1, 0x3b, RAX, RDX, RSI, 0, OFF_JIT(jump), false);
	miss = x86_jcc(&b, CC_NE);
	x86_rmx(&b, 0, 0, 0xff, 4, RDX, RSI, 0,
		OFF_JIT(jump) + (int32_t)offsetof(struct jit_jump_line, code), false);
	x86_patch(&b, miss, b.p);
	x86_store(&b, 1, RBP, OFF(ip), RAX);
	x86_mov8_mi(&b, RBP, OFF(ri), 0);
	x86_mov_imm(&b, RAX, JIT_DISPATCH);
	at = x86_jmp(&b);
	x86_patch(&b, at, jit->leave);
	jit->base_used = jit->used = (size_t)(b.p - jit->rw + 15) & ~15ull;
	return !b.full;
}

void jit_host_destroy(struct ia64_jit *jit)
{
	free(jit->host);
}

uint64_t jit_host_enter(struct ia64_jit *jit, const uint8_t *code)
{
	uint64_t (*enter)(struct vcpu *v, const uint8_t *code);
	const uint8_t *at = jit_rx(jit, jit->enter);

	memcpy(&enter, &at, sizeof(enter));
	return enter(jit->v, code);
}
