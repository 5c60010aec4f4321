/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Inside the translator: what a trace is, from recording to code.
 *
 * A trace is the path the interpreter just took from a hot branch target: straight through taken
 * branches, calls and returns, until it comes back to its head or something ends it. It has one
 * entry and many exits. docs/jit.md walks through one.
 */
#ifndef PARAVANE_JIT_TRACE_H
#define PARAVANE_JIT_TRACE_H

#include "ia64/interp.h"
#include "jit/jit.h"

#define JIT_MAX_INSNS 512
#define JIT_LONG 256 /* a trace ends after so many, but for loops that rotate */
#define JIT_MAX_PAGES 10
#define JIT_MAX_REGIONS 3
#define JIT_JUMP_LINES 4096

/*
 * Room for stacked registers in a trace, above the beginning of its first frame and below it (of
 * callers), and where that may be so that they fit rse.stk.
 */
#define JIT_MAX_STACKED 224
#define JIT_MAX_BELOW IA64_STACKED_PHYS
#define JIT_MAX_BOF (IA64_STK_SIZE - JIT_MAX_STACKED - IA64_STACKED_PHYS)

/*
 * A place in the code is one number: the bundle's address and, in its low bits, the slot.
 */

/* How a trace was recorded. */
struct jit_insn {
	struct ia64_insn in;    /* as decoded */
	struct ia64_insn_op op; /* as the interpreter executes it */
	uint64_t ip;
	uint64_t next; /* the place it went to, if `taken` or for JIT_SYSTEM */
	uint8_t slot;
	uint8_t ctx;            /* the context's number before it */
	bool taken;
	bool executed;          /* its predicate was true */
	bool kernel;            /* br.ctop: ar.lc was not 0 */
	uint8_t sof, sol;       /* of the frame it was executed in */
	uint64_t pfs;           /* ar.pfs before it */
};

/* What an FR holds: an IEEE double, a significand as setf.sig makes them, or neither. */
enum { JIT_FR_DOUBLE, JIT_FR_INTEGER, JIT_FR_WIDE };

struct jit_record {
	struct jit_insn insn[JIT_MAX_INSNS];
	unsigned int n;
	uint64_t head;
	uint64_t end;  /* place that comes after the last instruction; == head for a loop */
	bool to_interp; /* what is there is for the interpreter */
	bool to_other;  /* the context is another one from there on */
	const char *why; /* it ends there */
	uint8_t ctx, end_ctx;
	uint64_t fpsr;  /* ar.fpsr before the first instruction of unit F */
	uint8_t form[128]; /* JIT_FR_*, of each FR at the head */
	unsigned int npages;
	uint64_t page_va[JIT_MAX_PAGES], page_pa[JIT_MAX_PAGES];
	uint8_t page_levels[JIT_MAX_PAGES]; /* bit n: privilege level n executes from it */
};

/* An instruction that translated code hands to the interpreter's function. */
struct jit_kept {
	struct jit_insn i;
	uint64_t key_after; /* the context behind it */
	uint64_t pa;        /* of its page */
	uint32_t trace;
	uint8_t fr[4];      /* FRs it names, if C code is to settle these alone; and their number */
	uint8_t nfr;
	bool writes;        /* the last of these */
};

struct jit_trace;

/* A place where a trace leaves for a known address; its number goes to vcpu.jit_exit. */
struct jit_exit {
	uint64_t target, from;
	uint8_t *patch;          /* rel32 of the jump, in the writable view */
	uint32_t trace;          /* index of the trace it is in */
	uint8_t ctx;
};

struct jit_trace {
	uint64_t ip, pa;
	uint8_t *code;           /* entry, in the executable view */
	uint8_t ctx, npages;
	bool dead;
	/*
	 * Of the regions that hold its pages: exec_epoch when last validated, its copy in the code
	 */
	uint8_t nregions, region[JIT_MAX_REGIONS];
	uint32_t epoch[JIT_MAX_REGIONS];
	uint8_t *epoch_at[JIT_MAX_REGIONS];
	uint32_t strayed;        /* how often jit_strayed() */
	uint64_t page_va[JIT_MAX_PAGES], page_pa[JIT_MAX_PAGES];
	uint8_t page_levels[JIT_MAX_PAGES]; /* bit n: privilege level n executes from it */
	uint32_t codegen[JIT_MAX_PAGES];
	int32_t next;            /* in the hash chain, or -1 */
};

struct jit_jump_line {
	uint64_t tag;            /* a place; JIT_NO_PLACE when empty */
	uint8_t *code;
};

struct jit_hot {
	uint64_t ip;
	uint16_t count;
	uint16_t failed;         /* recordings that gave nothing */
};

#define JIT_NO_PLACE 0ull
#define JIT_HASH 8192
#define JIT_HOT 16384
#define JIT_MAX_CTX 64

/* What a vCPU's thread is doing. */
enum jit_tier { JIT_OUTSIDE, JIT_INTERPRETING, JIT_RECORDING, JIT_TRANSLATING, JIT_TRANSLATED,
		JIT_TIERS };

/* How long it has done each, by the clock: in the host's ticks, and of these outside the guest. */
struct jit_clock {
	enum jit_tier now;
	uint64_t since, outside_before;  /* ticks; v->outside_ns then */
	uint64_t ticks[JIT_TIERS], outside_ns[JIT_TIERS];
	uint64_t first_ticks;            /* what ticks are: those of two times since */
	uint64_t first_ns;
};

struct ia64_jit {
	/* read by translated code: offsets from the vCPU's `jit` pointer */
	struct jit_jump_line jump[JIT_MAX_CTX][JIT_JUMP_LINES];
	struct vcpu *v;
	/*
	 * The code cache: the same pages mapped twice. Traces' main paths are at its beginning, and
	 * what is left for rarely behind `cold`, so that what runs lies close together.
	 */
	size_t bytes;
	uint8_t *rw, *rx;
	size_t used, base_used;
	size_t cold, cold_used;  /* where that begins, and ends now */
	size_t huge, cold_huge;  /* up to where a huge page has been asked for */
	uint8_t *enter, *leave, *miss;

	struct jit_trace *trace;
	uint32_t ntraces, max_traces;
	struct jit_exit *exit;
	uint32_t nexits, max_exits;
	int32_t hash[JIT_HASH];
	struct jit_hot hot[JIT_HOT];
	unsigned int hot_after;
	uint64_t ctx_key[JIT_MAX_CTX];
	unsigned int nctx, last_ctx;
	uint64_t asked_place;    /* where the last exit led, and the context it knows of */
	uint8_t asked_ctx;
	uint32_t stale;          /* the trace that left with JIT_REVALIDATE */
	uint64_t code_epoch;
	struct jit_record rec;
	/*
	 * Translated code keeps the rotating GRs in rse.stk in the order of their names; everyone
	 * else has them as they lie in the physical file, rrb.gr apart. True: it is the former now.
	 */
	bool logical;
	struct jit_check *check; /* NULL: nothing is compared */
	struct jit_kept *kept;
	uint32_t nkept, max_kept;
	void *host;              /* the code generator's own */
	struct jit_fp *fp;       /* its floating-point part's */
	struct ia64_jit_stats stats;
	struct jit_clock clock;
	struct jit_perf_map *perf_map; /* NULL: none; the same for all vCPUs */
};

/* From now on the vCPU's thread, which calls it, does that. */
void jit_tier(struct ia64_jit *jit, enum jit_tier tier);
void jit_clock_begin(struct jit_clock *c);
/* A counter of the host's that runs evenly on all of its processors; a few ns to read. */
uint64_t jit_host_ticks(void);

/* Tells perf(1) of a translation: `bytes` at its entry, and so many at `cold` in the cache. */
void jit_perf_map_add(struct ia64_jit *jit, const struct jit_trace *t, size_t bytes, size_t cold,
		      size_t cold_bytes);
/* Lets go of it. */
void jit_perf_map_drop(struct ia64_jit *jit);

/* Values a trace returns to the dispatcher with; from JIT_EXIT_FIRST on it is an exit's number. */
enum {
	JIT_DISPATCH,   /* state in sync: go on at ip/ri */
	JIT_INTERP,     /* the same, but the instruction at ip/ri is for the interpreter */
	JIT_REVALIDATE, /* trace `stale`, at ip, was not valid for the present translations */
	JIT_EXIT_FIRST = 16,
};

/* The context's properties a trace is translated for. */
enum {
	JIT_CTX_CPL_SHIFT = 0,
	JIT_CTX_IT = 1 << 2,
	JIT_CTX_DT = 1 << 3,
	JIT_CTX_DFL = 1 << 4,
	JIT_CTX_DFH = 1 << 5,
	JIT_CTX_ROTATES = 1 << 6,  /* some rrb may be other than 0 */
	JIT_CTX_BN = 1 << 7,
	JIT_CTX_SOR_SHIFT = 8,     /* 7 bits, in registers */
	/*
	 * It has rotated and ar.lc is 0: a loop is in its epilog. Without it nothing is said of
	 * ar.lc, so that a trace may find itself in a context of more.
	 */
	JIT_CTX_EPILOG = 1 << 15,
	JIT_CTX_VIEW_SHIFT = 16,
};

/* One host's code generator, x86_64/codegen.c. */
/* Emits jit->enter, leave, miss at the start of the cache. */
bool jit_host_init(struct ia64_jit *jit);
/*
 * Translates jit->rec into code at rw + used and rw + cold_used. Returns false if the cache is full
 * or the trace cannot be translated; otherwise the trace's code, exits and pages are filled in and
 * both moved.
 */
bool jit_host_translate(struct ia64_jit *jit, uint32_t index);
void jit_host_destroy(struct ia64_jit *jit);
void jit_host_link(struct ia64_jit *jit, struct jit_exit *e, const uint8_t *rx_target);
/* The trace is good in the present epochs: its entry lets in. */
void jit_host_validate(struct ia64_jit *jit, struct jit_trace *t);
/* Makes the entry of a dead trace leave for the dispatcher. */
void jit_host_kill(struct ia64_jit *jit, struct jit_trace *t);
/* Calls into translated code. */
uint64_t jit_host_enter(struct ia64_jit *jit, const uint8_t *code);
/* Changes between the two orders of rotating GRs; nothing happens if it is that one already. */
void jit_order_registers(struct ia64_jit *jit, bool logical);
/*
 * The same, to their places, before the frame is left for its caller's, which may see the first n
 * of its registers. The others are lost, but with --check=lockstep.
 */
void jit_leave_frame(struct ia64_jit *jit, unsigned int n);

/*
 * Moves the rotating GRs (in the order of their names), predicates and rrb by n steps: what n taken
 * br.ctop do, but for what they put into p16.
 */
void jit_rotate(struct vcpu *v, uint32_t n);

/*
 * A trace of a loop that rotates was recorded as the loop came to its end, and once more it goes on
 * there. After too many times it is recorded anew.
 */
void jit_strayed(struct ia64_jit *jit, uint32_t trace);

/*
 * --check=lockstep, check.c. Runs translated code once and then, from the same state, the
 * interpreter for as many instructions; ends the vCPU with a report when they differ. Returns what
 * the code did.
 */
int jit_check_create(struct ia64_jit *jit, unsigned int every);
void jit_check_destroy(struct ia64_jit *jit);
void jit_check_print(const struct ia64_jit *jit, FILE *out);
uint64_t jit_check_enter(struct ia64_jit *jit, const uint8_t *code);
/* Back to the order and place of registers that everyone else knows, after translated code. */
void jit_settle(struct ia64_jit *jit);
/*
 * Inside translated code, when C code has brought the state somewhere else than recorded: the code
 * of the trace to go on with (rbx is to be loaded anew), or NULL: leave.
 */
const uint8_t *jit_elsewhere(struct ia64_jit *jit);
/* Executes one instruction by the interpreter's function; see jit.c. */
const struct ia64_insn_op *jit_step(struct vcpu *v, const struct ia64_insn_op *op);

/*
 * How a recorded instruction can be handled. JIT_CALL and JIT_SYSTEM: by the interpreter's
 * function. What is JIT_SYSTEM may change the context, how code is found, or go anywhere: the trace
 * goes on only if it all came as it was recorded.
 */
enum jit_support { JIT_NATIVE, JIT_CALL, JIT_SYSTEM, JIT_END_BEFORE };
enum jit_support jit_host_support(uint64_t ctx_key, const struct jit_insn *i);

/* A copy of the instruction that stays until the cache is emptied, or NULL: no room. */
static inline struct jit_kept *jit_keep(struct ia64_jit *jit, const struct jit_insn *i)
{
	if (jit->nkept == jit->max_kept)
		return NULL;
	jit->kept[jit->nkept] = (struct jit_kept){ .i = *i };
	return &jit->kept[jit->nkept++];
}

/* No translated code runs in such a state. */
#define JIT_NO_CTX (~0ull)

/* The context a vCPU is in: what a trace is translated for. */
static inline uint64_t jit_ctx_key(const struct vcpu *v)
{
	uint64_t view = (uint64_t)(v->view - v->views), rotates = 0;

	if (v->rse.cfle || view == IA64_VIEW_SLOW)
		return JIT_NO_CTX;
	if (v->rse.rrb_gr | v->rse.rrb_fr | v->rse.rrb_pr)
		rotates = JIT_CTX_ROTATES | (v->ar[AR_LC] ? 0 : JIT_CTX_EPILOG);
	return v->cpl | (v->psr & PSR_IT ? JIT_CTX_IT : 0) | (v->psr & PSR_DT ? JIT_CTX_DT : 0) |
	       (v->psr & PSR_BN ? JIT_CTX_BN : 0) | (v->psr & PSR_DFL ? JIT_CTX_DFL : 0) |
	       (v->psr & PSR_DFH ? JIT_CTX_DFH : 0) | rotates |
	       (uint64_t)v->rse.sor << JIT_CTX_SOR_SHIFT | view << JIT_CTX_VIEW_SHIFT;
}

/*
 * The context behind an instruction that is translated natively and does not look at more than
 * `key`.
 */
static inline uint64_t jit_ctx_after(uint64_t key, const struct jit_insn *i)
{
	const uint64_t frame = 0x7f << JIT_CTX_SOR_SHIFT | JIT_CTX_ROTATES | JIT_CTX_EPILOG;

	switch (i->in.op) {
	case OP_BR_CTOP:
		key = (key & ~(uint64_t)JIT_CTX_EPILOG) | JIT_CTX_ROTATES;
		return i->kernel ? key : key | JIT_CTX_EPILOG;
	case OP_ALLOC:
		return (key & ~frame) | (uint64_t)i->in.imm << JIT_CTX_SOR_SHIFT;
	case OP_MOV_AR: case OP_MOV_AR_I:
		return i->in.r3 == AR_LC ? key & ~(uint64_t)JIT_CTX_EPILOG : key;
	default:
		return key;
	}
}

/* Is a vCPU in context `now` where code for `wanted` may go on, if that says nothing of ar.lc? */
static inline bool jit_ctx_fits(uint64_t now, uint64_t wanted)
{
	const uint64_t lc = JIT_CTX_EPILOG;

	return now != JIT_NO_CTX && (!((now ^ wanted) & ~lc) ||
				     !(((now | JIT_CTX_ROTATES) ^ wanted) & ~lc));
}

/* Does the frame have registers that rotate, or have some rotated? */
static inline bool jit_ctx_rotating(uint64_t key)
{
	return key & (0x7f << JIT_CTX_SOR_SHIFT | JIT_CTX_ROTATES);
}

/* Its number, or -1: there are too many. */
int jit_ctx_number(struct ia64_jit *jit, uint64_t key);

/* Has nothing changed since the trace was found good? */
static inline bool jit_good(const struct vcpu *v, const struct jit_trace *t)
{
	unsigned int i;

	for (i = 0; i < t->nregions; i++)
		if (t->epoch[i] != v->exec_epoch[t->region[i]])
			return false;
	return true;
}

/*
 * Turns the number of the exit that the running trace was entered by into branch_from and
 * branch_to, which are what interruptions look at.
 */
static inline void jit_resolve_exit(struct ia64_jit *jit)
{
	struct vcpu *v = jit->v;
	const struct jit_exit *e;

	if (!v->jit_exit)
		return;
	e = &jit->exit[v->jit_exit];
	v->branch_from = e->from;
	v->branch_to = e->from ? e->target : 1;
	v->jit_exit = 0;
}

static inline uint8_t *jit_rx(const struct ia64_jit *jit, const uint8_t *rw)
{
	return jit->rx + (rw - jit->rw);
}

#endif
