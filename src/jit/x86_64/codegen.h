/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the pieces of the x86-64 code generator share: from a recorded trace to host code.
 *
 * Registers: rbp is the vCPU, rbx stands for the stacked register that is r32 of the frame the
 * trace began in (RBP_AT, RBX_AHEAD), rax, rcx and rdx are scratch; the others hold guest
 * registers. A guest register lives in its home (struct vcpu, or the stack in struct ia64_rse), and
 * for a while in a host register, which may be newer. Every way out of the main path goes through a
 * stub, out of line, that first brings the homes up to date: at every instruction that may fault
 * the state is the interpreter's. NaT bits are known to be clear while translated code runs
 * (vcpu.nat_any).
 *
 *	ops.c      which instructions are translated, what they name
 *	regs.c     guest registers in host registers (general ones)
 *	alu.c  compare.c  memory.c  branch.c    the instructions
 *	system.c                                psr, application and control registers
 *	pages.c                                 which accesses share a look at the fast TLB
 *	speculation.c                           advanced and speculative loads, their checks
 *	fp.c  fp_*.c  simd.c                    floating point; parallel arithmetic
 *	call.c     instructions left to the interpreter's functions
 *	exits.c    stubs, exits
 *	codegen.c  the pass over a trace, loops, entering the code
 */
#ifndef PARAVANE_JIT_X86_64_CODEGEN_H
#define PARAVANE_JIT_X86_64_CODEGEN_H

#include <stddef.h>

#include "ia64/interruption.h"
#include "ia64/mem.h"
#include "jit/trace.h"
#include "jit/x86_64/asm.h"

/*
 * Guest registers by one number: static GRs, stacked GRs by their place beside rbx, BRs, ARs.
 */
#define V_STACKED 32
#define V_FRAME (V_STACKED + JIT_MAX_BELOW) /* r32 of the frame the trace began in */
#define V_BR (V_FRAME + JIT_MAX_STACKED)
#define V_AR (V_BR + 8)
#define V_COUNT (V_AR + 128)
#define V_NONE 0xffff

/*
 * rbp points into the vCPU, and rbx ahead of r32, so that a byte reaches what is used most: the
 * last of jit_page[] up to r15; 32 stacked registers.
 */
#define RBP_AT ((int32_t)offsetof(struct vcpu, gr[16]) - 128)
#define RBX_AHEAD 128

#define OFF(field) ((int32_t)offsetof(struct vcpu, field) - RBP_AT)
#define OFF_PR(n) (OFF(pr) + (int32_t)(n))
#define OFF_RSE(field) (OFF(rse) + (int32_t)offsetof(struct ia64_rse, field))
#define OFF_FRAME (OFF_RSE(stk) + RBX_AHEAD) /* + 8 * bof: where rbx points */
#define OFF_JIT(field) ((int32_t)offsetof(struct ia64_jit, field))

/* Host registers that C code may change and that hold guest registers. */
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
 * What is known of a predicate: bit 0 its value, if bit 1 says that it is known; bit 2: the home
 * does not have it yet.
 */
enum { PR_HOME = 0, PR_KNOWN = 2, PR_STALE = 4 };

#define NR_XMM 16
#define MAX_SEQUENCES 8
#define F_NONE 0xff

/*
 * Floating-point registers in xmm registers; fp.c alone reads and writes it. It is copied into each
 * stub with the rest of struct snap: what a stub's code needs to bring vcpu.fr up to date must be
 * here.
 */
struct fp_snap {
	uint8_t freg[NR_XMM];        /* the FR whose value the xmm register has; F_NONE: free */
	uint8_t rep[NR_XMM];         /* enum fp_rep */
	uint16_t dirty;              /* bit an xmm register: newer than vcpu.fr */
	uint16_t nan;                /* may be a NaN */
	uint16_t normal;             /* is no denormal and no signaling NaN */
	uint8_t modified;            /* 1: psr.mfl is to be set, 2: psr.mfh */
	uint8_t told;                /* the same, of what is set in psr */
	uint8_t done[MAX_SEQUENCES]; /* how many instructions of each sequence under way are done */
	bool ready;                  /* MXCSR is as ar.fpsr wants it */
};

/* All that must survive into a stub. */
struct snap {
	uint16_t vreg[X86_NR_REGS];  /* V_NONE: free */
	uint16_t dirty;              /* bit a host register */
	uint8_t pr[64];              /* PR_* */
	struct pending pending;
	struct fp_snap fp;
	uint8_t rot;                 /* rotations since entry that memory does not show */
	bool ec_known;               /* ar.ec is `ec`, and its home does not say so yet */
	uint8_t ec;
	int fd;                      /* the frame has moved up by so many registers since entry, or down */
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
	STUB_EXEC,       /* the whole instruction by its own function, then on as `after` says */
	STUB_CHECK,      /* a chk.a that does not look good */
	STUB_SSM,        /* ssm that changes psr */
	STUB_FP_LOAD, STUB_FP_STORE, /* up to 8 bytes: fp_stub_loaded(), fp_stub_value() */
	STUB_FP,         /* fp_stub() */
	STUB_INTERP,     /* to the interpreter, at the instruction */
	STUB_EXIT,       /* to a known address */
	STUB_INDIRECT,   /* to where the branch register rv says */
	STUB_CALL,       /* a call to where the branch register says */
	STUB_RETURN,     /* a return by C code */
	STUB_RETURN_OTHER, /* a return to another place, or another frame, than recorded */
	STUB_REFILL,     /* the caller's registers are not all there */
	STUB_RETURNED,   /* to where rax says: a return is done */
	STUB_LEAVE,      /* to ip, through the dispatcher */
	STUB_ELSEWHERE,  /* to the code rax says; 1: the dispatcher */
	STUB_ATTENTION,  /* to the head, through the dispatcher */
	STUB_REVALIDATE,
	STUB_LOOP,       /* a br.ctop that goes another way than recorded */
};

#define MAX_PAGE_GROUPS 96

/* Bytes around an address, from the first's to the last's (aligned) place. */
struct page_range {
	int32_t first, last;
	uint8_t align;
	bool write;
	int64_t stride; /* by which they have moved since the iteration before */
};

/* How an access comes to the addend of its page (pages.c). */
struct page_use {
	enum {
		PAGE_ALONE, /* looks for itself */
		PAGE_FIRST, /* for others in `range` as well; it is left in jit_page[slot] */
		PAGE_KNOWN, /* finds it there, unless it is 0 */
		PAGE_NEXT,  /* the first, in the next iteration: the same if the page is */
	} how;
	int8_t slot;
	struct page_range range;
};

/* Accesses that may share one look at the fast TLB. Offsets count from their origin. */
struct page_group {
	uint32_t origin;
	uint8_t view;
	uint8_t size;       /* the largest's */
	int64_t lo, hi, ref; /* and where one of these is */
	bool carried;       /* by a loop: its base moves by `stride` in each iteration */
	int64_t stride;
	bool known;         /* code that looks for it has been emitted, */
	uint16_t first;     /* last at this instruction, */
	bool write;         /* for writing */
	int8_t slot;        /* in vcpu.jit_page[], or -1: none yet */
};

struct page_access {
	struct page_group *group; /* NULL: none */
	int64_t offset;
	uint8_t size;
	bool write;
};

struct stub {
	enum stub_kind kind;
	struct snap s;      /* as it is where the stub is branched to */
	struct snap after;  /* STUB_EXEC: as it is at `back` */
	const struct jit_kept *kept;
	uint8_t *from;      /* rel32 to patch; NULL: host instruction `site` may raise SIGFPE */
	uint8_t *back, *site;
	uint16_t k;         /* instruction number in the trace */
	uint16_t retired;
	uint8_t ctx;
	uint8_t ra, rv;     /* host registers: address, value or destination (xmm for STUB_FP_*) */
	uint8_t size;
	struct page_use page;
	uint8_t *alone;     /* NULL, or where the access is: it may still have a line for itself */
	bool epilog;        /* STUB_LOOP: ar.lc is 0 */
	bool decrement;     /* STUB_EXIT: of host register rv, which holds ar.lc */
	uint32_t access;
	uint64_t target;
	uint64_t taken_from;
};

#define MAX_STUBS (JIT_MAX_INSNS * 4)
#define MAX_CALLS 32

struct fp_recipe;

/* A translation under way. */
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
	uint8_t ctx;                 /* the context before the present instruction */
	struct stub stub[MAX_STUBS];
	unsigned int nstubs;
	struct call_site call[MAX_CALLS];
	unsigned int ncalls, call_depth;
	uint16_t call_stack[MAX_CALLS];
	uint32_t index;
	uint32_t first_exit;
	uint8_t *loop_top;
	bool looping;                /* behind loop_top: another iteration of it comes */
	struct snap top;             /* what is where at the top of a loop */
	uint16_t names[JIT_MAX_INSNS][4]; /* tr_vregs() each with the frame at its start */
	uint8_t fused[JIT_MAX_INSNS];/* 1: a compare left to the branch that follows */
	bool ec_changed;             /* ar.ec may not be what it was when the frame was called */
	/*
	 * Before an instruction: rrb in memory is 0. Then the names that registers have there, and
	 * those they get by tr_rename_rotating(), are their places in the physical file.
	 */
	bool unrotated[JIT_MAX_INSNS];
	/*
	 * What is known of an instruction's qp at translation, whatever way the trace was come by.
	 */
	uint8_t qp[JIT_MAX_INSNS];
	uint8_t sof_checked;         /* registers of an unknown frame found to be in it */
	bool in_run;                 /* what is emitted is jumped over if a predicate is false */
	/* pages.c's */
	struct page_access access[JIT_MAX_INSNS];
	struct page_group group[MAX_PAGE_GROUPS];
	unsigned int ngroups, nslots;
	/* fp.c's */
	uint16_t fp_locked;          /* xmm registers the present instruction uses */
	bool fp_run;                 /* in a run that one predicate decides */
	uint8_t fp_native[JIT_MAX_INSNS];
	uint8_t fp_kind[JIT_MAX_INSNS]; /* what the first FR that it reads is expected to hold */
	struct fp_snap fp_before;    /* it began with */
	struct fp_recipe *seq[MAX_SEQUENCES];
	unsigned int nseq;
	uint8_t seq_of[JIT_MAX_INSNS]; /* 1 + the sequence an instruction is part of */
};

/* ---- ops.c ----------------------------------------------------------------------------------- */

/* Of an operation. Only GRs and predicates are told here; fp.c knows the FRs of its own. */
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
	FP = 1 << 10, /* fp.c: not translated where psr.dfl or dfh forbids its FRs */
	SIMD = 1 << 11, /* simd.c */
	PRS = 1 << 12, /* reads or writes many predicates */
};

extern const uint16_t jit_op_info[OP_COUNT];

/* How instruction i is translated in this trace's context. */
enum jit_support tr_support(const struct tr *t, const struct jit_insn *i);
/* The vregs an instruction names, for preloading and for looking ahead. r0 is not listed. */
unsigned int tr_vregs(struct tr *t, const struct ia64_insn *in, uint16_t out[4]);

/* ---- regs.c ---------------------------------------------------------------------------------- */

/* The vreg of general register r in the present frame. */
uint16_t tr_gr(struct tr *t, unsigned int r);
/*
 * The host register that holds guest register r (or vreg), loaded from its home if need be; it
 * stays there until the instruction ends. Leaves the flags alone.
 */
unsigned int tr_use(struct tr *t, unsigned int r);
unsigned int tr_use_v(struct tr *t, uint16_t vreg);
/*
 * A host register for a new value of r: the one it is in already, if it is. Get the sources first.
 * A stub made before holds the old value still: a fault finds it.
 */
unsigned int tr_def(struct tr *t, unsigned int r);
unsigned int tr_def_v(struct tr *t, uint16_t vreg);
/*
 * A stacked register that is written must be in the frame (SDM 1:4.1, Illegal Operation). Where the
 * frame's size is not known the code looks, once for each new highest register. codegen.c does
 * it for what jit_op_info says is written.
 */
void tr_check_frame(struct tr *t, unsigned int r);

void tr_store_home(struct x86_buf *b, uint16_t vreg, unsigned int reg);
void tr_load_home(struct x86_buf *b, uint16_t vreg, unsigned int reg);
/* Writes the homes of everything that is newer elsewhere. Changes no allocated register. */
void tr_sync(struct tr *t, const struct snap *s);
/* rse.bof and ndirty back to what they are while the trace runs: those of its entry. */
void tr_unsync_frame(struct tr *t, const struct snap *s);
/* The vreg is in its home, and nowhere else. */
void tr_home_v(struct tr *t, uint16_t vreg);
/* ar.ec, where only the translation knows it, goes to its home. */
void tr_flush_ec(struct tr *t);
/* rdi, the first argument of C code, is the vCPU. */
static inline void tr_vcpu_argument(struct x86_buf *b)
{
	x86_lea(b, RDI, RBP, -RBP_AT);
}

/* Everything home, nothing cached: before a call that may change any register. */
void tr_flush_all(struct tr *t);
/* Host registers of `s` but `but` that a C function has changed. */
void tr_reload_clobbered(struct tr *t, const struct snap *s, unsigned int but);
/* Behind fp_save() and a C function in stub s: its end, back to the main path. */
void tr_back(struct tr *t, const struct stub *s);
/* rbx from rse.bof. */
void tr_frame_base(struct tr *t);

/* ---- alu.c ----------------------------------------------------------------------------------- */

/* Integer arithmetic, logic, shifts, fields. False: not one of these. */
bool tr_alu(struct tr *t, const struct ia64_insn *in);
/* dst = src, both vregs; what is known of the value goes along. */
void tr_move(struct tr *t, uint16_t dst, uint16_t src);

/* ---- compare.c ------------------------------------------------------------------------------- */

bool tr_is_compare(const struct ia64_insn *in);
void tr_compare(struct tr *t, const struct ia64_insn *in);
/* Emits it for registers as in `s`: the flags are as the pending compare wants them. */
void tr_emit_compare(struct x86_buf *b, const struct snap *s, const struct pending *p);
/* Writes the predicates of a pending compare from the flags. */
void tr_set_predicates(struct x86_buf *b, const struct pending *p);
/*
 * Can the compare k wait for a branch that its predicates decide? Only if nothing between them
 * writes what it compares or looks at, or writes, its predicates.
 */
bool tr_can_fuse(struct tr *t, unsigned int k);
/* A compare that waits for another branch than one on qp goes home first. */
void tr_flush_unless_fused(struct tr *t, unsigned int qp);
/* Predicates that are not home go there: before code that writes one on its own. */
void tr_flush_predicates(struct tr *t);
/* A jump (its rel32 is returned) taken if qp is `want`. */
uint8_t *tr_branch_on_pr(struct tr *t, unsigned int qp, bool want);
/* From here on the predicate is known; and so is the other one of a fused compare. */
void tr_learn_pr(struct snap *s, unsigned int qp, bool val);
/* Code has just written predicates p1 and p2 at OFF_PR(): nothing is known of them any more. */
void tr_predicates_written(struct tr *t, unsigned int p1, unsigned int p2);

/* Fills in tr.qp, when tr_rename_rotating() has given predicates their names. */
void tr_know_predicates(struct tr *t);
void tr_tnat(struct tr *t, const struct ia64_insn *in);
/* mov to and from pr, where predicates do not rotate. False: not one of these. */
bool tr_mov_pr(struct tr *t, const struct ia64_insn *in);

static inline uint8_t tr_real_pr(uint8_t p)
{
	return p < 64 ? p : 0;
}

/* ---- memory.c -------------------------------------------------------------------------------- */

/* Where an access finds its operand: [base + index + disp] */
struct mem_ref {
	uint8_t base, index;
	int32_t disp;
	struct stub *stub; /* of an access that the fast path does not serve */
};

/*
 * Code that brings an access of `size` (1 to 16) bytes at the address in host register ra to plain
 * memory, or goes to a stub of that kind. Of the stub, ra, size and access are filled in; rv
 * and `back` (where it comes back to, with the access done) are the caller's. STUB_INTERP: the
 * interpreter does the whole instruction. Changes rcx, rdx and the flags; the operand
 * stays good until the next of these.
 */
struct mem_ref tr_address(struct tr *t, unsigned int ra, unsigned int size, bool write,
			  enum stub_kind kind);
/* Code of the stub of an access whose shared look has failed: looks once more, for itself. */
void tr_look_again(struct tr *t, const struct stub *s);
/* op reg, m or op m, reg. `disp`: so many bytes on. As x86_rmx(). */
void tr_mem_op(struct tr *t, unsigned int prefix, unsigned int w, unsigned int opc,
	       unsigned int reg, const struct mem_ref *m, int32_t disp, bool byte_reg);
/* r3 += r2, or imm: after the access. */
void tr_base_update(struct tr *t, const struct ia64_insn *in, bool by_reg, bool by_imm);
/* Loads and stores of GRs. False: not one of these. */
bool tr_memory(struct tr *t, const struct ia64_insn *in);
void tr_memory_stub(struct tr *t, struct stub *s);

/* ---- pages.c --------------------------------------------------------------------------------- */

/* Once for a translation, when names are final. `loop`: its second pass will be a loop. */
void tr_pages_begin(struct tr *t, bool loop);
/* Nothing has been looked up: at the beginning of the code for all instructions. */
void tr_pages_forget(struct tr *t);
/* Once for each access of `size` bytes, at its place in the code. */
struct page_use tr_page_use(struct tr *t, unsigned int size, bool write);

/* ---- system.c -------------------------------------------------------------------------------- */

/* Is this system instruction, or move of a register, translated without a call? */
bool tr_system_native(uint64_t ctx_key, const struct ia64_insn *in);
/* Emits it. False: not one of these. */
bool tr_system_insn(struct tr *t, const struct ia64_insn *in);
void tr_ssm_stub(struct tr *t, struct stub *s);

/* ---- speculation.c --------------------------------------------------------------------------- */

/* Is this load of another type than the plain one, or this check, translated here? */
bool tr_speculation_supports(uint64_t ctx_key, const struct ia64_insn *in);
/* ld.s, ld.a, ld.sa, ld.c. */
void tr_load_speculative(struct tr *t, const struct ia64_insn *in);
void tr_chk_a(struct tr *t, const struct jit_insn *i);
void tr_check_stub(struct tr *t, struct stub *s);
void tr_invala(struct tr *t);

/* ---- codegen.c ------------------------------------------------------------------------------- */

/* The offset of the fast lines of a context. */
int32_t tr_view(const struct tr *t, uint8_t ctx);

/* ---- branch.c -------------------------------------------------------------------------------- */

void tr_branch(struct tr *t, const struct jit_insn *i);
void tr_alloc(struct tr *t, const struct ia64_insn *in);
void tr_alloc_stub(struct tr *t, struct stub *s);
void tr_loop_stub(struct tr *t, struct stub *s);
void tr_call_stub(struct tr *t, struct stub *s);
void tr_return_stub(struct tr *t, struct stub *s);
void tr_return_other_stub(struct tr *t, struct stub *s);
void tr_refill_stub(struct tr *t, struct stub *s);
/*
 * Is the return at k to a frame that does not rotate, at the same privilege level, with sizes that
 * the trace can compare ar.pfs with? Known before anything is emitted.
 */
bool tr_returns_as_recorded(const struct tr *t, unsigned int k);
/* Nothing is known of the frame from here on; rbx points to it. */
void tr_forget_frame(struct tr *t);
/*
 * Gives the instructions behind a br.ctop the names that their registers had at the trace's entry,
 * so that rotation costs nothing inside the trace. jit_rotate() makes up for it where the trace is
 * left.
 */
void tr_rename_rotating(struct tr *t);
/* Everything is home and no guest register cached: memory shows the rotations from here on. */
void tr_rotate(struct tr *t, unsigned int rot);
/* The same, left to the dispatcher. */
void tr_rotate_later(struct tr *t, unsigned int rot);

static inline bool last_in_bundle(const struct jit_insn *i)
{
	return i->slot == 2 || i->in.unit == UNIT_X;
}

/* The place behind the instruction: its bundle's address and, in the low bits, the slot. */
static inline uint64_t following(const struct jit_insn *i)
{
	return last_in_bundle(i) ? i->ip + 16 : i->ip + i->slot + 1;
}

/* ---- call.c ---------------------------------------------------------------------------------- */

/* Leaves an instruction to the interpreter's function, and goes on behind it. */
void tr_call_out(struct tr *t, const struct jit_insn *i);
/*
 * Code of a stub: the instruction by its own function, and back to where the state is s->after. In
 * a context that does not rotate.
 */
void tr_exec_stub(struct tr *t, struct stub *s);
/* The same for JIT_SYSTEM. */
void tr_system(struct tr *t, const struct jit_insn *i);

/* ---- exits.c --------------------------------------------------------------------------------- */

/* A stub that the jump at `from` (its rel32) goes to, with the state as it is now. */
struct stub *tr_new_stub(struct tr *t, enum stub_kind kind, uint8_t *from);
/* The jump at `from` goes to the interpreter, which executes the present instruction. */
void tr_exit_interp(struct tr *t, uint8_t *from);
/* It goes to `target`; a taken branch at branch_ip (0: none) led there, n instructions are done. */
void tr_exit_to(struct tr *t, uint8_t *from, uint64_t target, uint64_t branch_ip, unsigned int n);
struct jit_exit *tr_new_exit(struct tr *t, uint64_t target, uint64_t from, uint8_t ctx);
/* As `from` of these: branch_from and branch_to are right already. */
#define JIT_FROM_KNOWN 1
/* Jumps to `target`: all is in sync. */
void tr_exit_jump(struct tr *t, const struct snap *s, uint64_t target, uint64_t from, uint8_t ctx);
/*
 * To the place in rax, by a taken branch at `from`: the trace there, or the dispatcher. All is in
 * sync.
 */
void tr_indirect(struct tr *t, uint64_t from, uint8_t ctx);
/* To the code at rax; 1: the dispatcher. All is in sync. */
void tr_elsewhere(struct tr *t);
void tr_emit_stub(struct tr *t, struct stub *s);
void tr_count_retired(struct tr *t, int n);
/* qword [rbp + off] = val; may change rax */
void tr_store_imm(struct x86_buf *b, int32_t off, uint64_t val);
void tr_leave(struct tr *t, uint64_t code);
/*
 * ip and ri for an instruction that is about to be handed on, and where it was come from, which
 * the trace alone knows unless it is the first.
 */
void tr_place(struct tr *t, unsigned int k, uint64_t place);
void tr_ip(struct tr *t, unsigned int k);
/* Instruction k, executed by its own function, did not just go on to the next one. */
bool tr_went_elsewhere(const struct tr *t, unsigned int k);

#endif
