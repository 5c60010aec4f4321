/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The state of one IA-64 processor, and the calls that run it.
 *
 * Threads: a vCPU's fields belong to the thread that runs it, but for those marked "any thread",
 * which are atomic. Another thread that wants something of a vCPU posts it there and kicks it.
 */
#ifndef PARAVANE_IA64_VCPU_H
#define PARAVANE_IA64_VCPU_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "ia64/fp.h"
#include "ia64/memory.h"
#include "ia64/regs.h"

struct vcpu;
struct ia64_system;

/*
 * The register stack in host memory. The current frame's r32 is stk[bof]; below it lie the
 * frames of the callers that are still resident, contiguous, so that a call moves bof and copies
 * nothing. When bof runs against an end of the array the resident part is moved to its middle.
 *
 *     stk[bof - ndirty - nclean .. bof - ndirty)  clean: resident and in the backing store
 *     stk[bof - ndirty .. bof)                    dirty: resident only
 *     stk[bof .. bof + sof)                       the current frame
 *
 * nclean + ndirty + sof <= IA64_STACKED_PHYS always. SDM 2:6.
 */
#define IA64_STK_SIZE 4096

struct ia64_rse {
	uint32_t bof;
	int32_t ndirty;
	int32_t nclean;
	int32_t missing; /* r32 .. r32 + missing - 1 are not loaded yet (incomplete frame) */
	uint8_t sof, sol; /* CFM fields, in registers */
	uint8_t sor;      /* rotating registers: CFM.sor * 8 */
	uint8_t rrb_gr, rrb_fr, rrb_pr;
	bool cfle;        /* RSE.CFLE: the current frame is being loaded */
	/* ar.bsp is not kept: it is bspstore and ndirty registers above (ia64_rse_bsp()). */
	uint64_t bspstore;
	uint64_t rnat;
	uint64_t stk[IA64_STK_SIZE];
	uint8_t stk_nat[IA64_STK_SIZE];
};

/* A translation: an entry of a TR or of the TC (SDM 2:4.1.1). */
struct ia64_translation {
	uint64_t va;      /* first virtual address, region bits 63:61 cleared */
	uint64_t ppn_pa;  /* first physical address */
	uint32_t rid;
	uint32_t key;
	uint8_t ps;       /* log2 of the page size */
	uint8_t ar, pl, ma;
	bool p, a, d, ed;
	bool valid;
};

/* One line of a fast translation table: host address of the byte at va = va + addend. */
struct ia64_fast_line {
	uint64_t tag; /* virtual address of the 4 KiB page; IA64_FAST_INVALID when empty */
	uint64_t addend;
};

#define IA64_NO_EPOCH 0u
#define IA64_EXEC_KEPT 16 /* region register values a region's epochs are kept for */
#define IA64_FAST_LINES 4096 /* 16 MB of 4 KiB pages; 64 * 64 at most */
#define IA64_FAST_INVALID 0x800ull /* no page with the low bits of any access equals it */

/*
 * Fast translations for one way of looking at memory. A line is there only if the access needs no
 * check but the tag's: RAM, translation present, accessed (and dirty, for `wr`), access rights and
 * key permit it, attribute cacheable, no data breakpoint in the page.
 */
struct ia64_fast_tlb {
	struct ia64_fast_line rd[IA64_FAST_LINES];
	struct ia64_fast_line wr[IA64_FAST_LINES];
	/*
	 * Lines filled since the last flush, by region, of rd and wr: what a flush has to look at.
	 * A bit of `some` stands for a word of `filled`.
	 */
	uint64_t filled[2][8][IA64_FAST_LINES / 64];
	uint64_t some[2][8];
};

/*
 * The views: physical, the kernel's privilege level (vcpu.pl_floor), and those above
 * (vcpu.user_level says which one; it is flushed when that changes). IA64_VIEW_SLOW is always
 * empty: it is in while psr.be is on.
 */
enum { IA64_VIEW_PHYS, IA64_VIEW_KERNEL, IA64_VIEW_USER, IA64_VIEW_SLOW, IA64_NR_VIEWS };

/*
 * What translated code has left of floating-point registers: where tag[n] is not 0, fr[n].sig is
 * not the significand but stands for the register in another way. Only the translator sees it: the
 * registers are settled before anyone else runs.
 */
struct ia64_jit_fp {
	uint8_t tag[128];
	bool any;              /* some tag is not 0 */
	uint32_t mode, mxcsr;  /* the host's FPU is set to */
	uint64_t fpsr;         /* which is what this ar.fpsr wants */
	/* Divisions and square roots under way: operands and result; those done: operands. */
	struct { uint64_t a, b, q; } now[8];
	struct { const void *recipe; uint64_t a, b; } done[8];
};

#define IA64_JIT_PAGES 32
#define IA64_ALAT_ENTRIES 32
#define IA64_PR_SINK 64

/*
 * An entry remembers what was loaded. Stores do not look at the ALAT; instead a check compares the
 * memory with the value remembered: as long as they are equal, a program cannot tell from
 * the register that a store came between. This is right for the stores of other vCPUs and devices
 * as well, and costs stores nothing.
 */
struct ia64_alat_entry {
	const uint8_t *at;  /* in the host's memory */
	uint8_t value[16];  /* 8 of them at least, with zeros behind what was loaded */
	uint32_t key;       /* register and size, IA64_ALAT_KEY(); 0: the entry is empty */
	uint32_t spare;
};
_Static_assert(sizeof(struct ia64_alat_entry) == 32, "translated code multiplies by it");

/* `reg` is a physical register: a static one's number, or a tag unique in the stack (alat.h). */
#define IA64_ALAT_KEY(fp, reg, size) ((uint32_t)(reg) << 16 | (uint32_t)(fp) << 8 | (uint32_t)(size))
/* Each register has its place, which it shares with others. */
#define IA64_ALAT_INDEX(reg) ((reg) % IA64_ALAT_ENTRIES)

/* Why ia64_run() returned. */
enum ia64_exit {
	IA64_EXIT_STOP,       /* someone asked this vCPU to stop (see stop_request) */
	IA64_EXIT_SHUTDOWN,   /* the system is going down */
	IA64_EXIT_DEBUG,      /* gdb: breakpoint, watchpoint, step done; see debug_reason */
	IA64_EXIT_CRASH,      /* the guest cannot go on; see crash_reason */
};

/* Requests another thread may post in vcpu->attention; the runner looks at each taken branch. */
enum {
	IA64_ATTN_INTERRUPT = 1 << 0, /* look at the pending external interrupts again */
	IA64_ATTN_PURGE = 1 << 1,     /* a global TLB purge waits in the purge queue */
	IA64_ATTN_CODE = 1 << 2,      /* decoded instructions went stale */
	IA64_ATTN_STOP = 1 << 3,      /* leave ia64_run() with IA64_EXIT_STOP */
	IA64_ATTN_SLOW = 1 << 4,      /* an instruction-by-instruction condition is on (psr.ss etc.) */
	IA64_ATTN_PMU = 1 << 6,       /* look whether a performance counter has overflowed */
	IA64_ATTN_DEBUG = 1 << 5,     /* leave ia64_run() with IA64_EXIT_DEBUG: a watchpoint was hit */
};

/* What PAL sees before the OS does (SDM 2:5.1, "PAL-based interruptions"). */
/*
 * An insertion or a purge that overlaps a translation register: it is not done, and is a machine
 * check (SDM 2:4.1.1.4).
 */
struct ia64_tr_overlap {
	bool pending;       /* the machine check is to come; whoever serves it clears this */
	bool instruction;   /* an instruction translation register */
	uint8_t slot;       /* the register's number */
	const char *insn;   /* what overlaps it: "itc.d", "ptc.l" ... */
	uint64_t va;
};

enum ia64_pal_event { IA64_EVENT_MCA, IA64_EVENT_INIT, IA64_EVENT_PMI };

struct ia64_insn_op; /* a predecoded instruction, interp.h */

struct vcpu {
	/* --- what instructions touch most: the translator counts on its lying together --- */
	/*
	 * What translated code has read from fast lines of the present view and may use again:
	 * addends, and tags (jit_page_tag). Whatever takes lines away sets all to 0, and the tags
	 * to what no page has. The last ones are used most.
	 */
	uint64_t jit_page[IA64_JIT_PAGES];
	uint64_t retired;      /* instructions retired, predicated-off ones too */
	_Atomic uint32_t attention;  /* any thread: IA64_ATTN_* */
	uint32_t jit_exit;     /* exit the running trace was entered by, or 0 */
	/*
	 * Predicates, a byte each (0 or 1), in logical order: pr[n] is pn as the program names it,
	 * so that a test is a load and a compare writes a byte. pr[0] is always 1; IA64_PR_SINK
	 * takes the writes to p0. Rotation moves pr[16..63] by one. ia64_pr_get() packs them.
	 */
	uint8_t pr[72];
	uint64_t gr[32];       /* r0 is never written */
	uint8_t nat[32];
	/*
	 * Not 0 when some NaT bit of gr, bank_gr or the resident register stack may be set.
	 * Whatever sets a NaT or-s it in; only the translator, which runs code that ignores NaTs
	 * while it is 0, clears it after looking.
	 */
	uint8_t nat_any;
	uint64_t psr;          /* all but psr.ri, which counts only while the vCPU is not running */
	uint64_t ip;           /* current bundle; up to date only when ia64_sync_ip() was called */
	uint8_t ri;            /* psr.ri, with ip */
	uint8_t cpl;           /* copy of psr.cpl */
	bool code_stale;       /* psr or TLB changed: the fetch window must be looked up again */
	struct ia64_fast_tlb *view;  /* of data accesses under the present psr.dt and cpl */
	const struct ia64_insn_op *op;        /* the instruction being interpreted, or NULL */
	const struct ia64_insn_op *code_ops;  /* decoded page `op` lies in */
	uint64_t code_va;      /* its virtual (or physical, psr.it = 0) address */
	uint64_t code_pa;
	uint64_t branch_from, branch_to; /* the last taken branch: what cr.iipa is made from */
	/* The same for branches within the page of `op`; NULL when branch_from, _to hold. */
	const struct ia64_insn_op *near_from, *near_to;
	bool branch_taken;     /* set by a taken branch while attention is wanted */
	uint64_t outside_ns;   /* spent outside the guest (ia64_leave_guest(), halted) so far */
	uint64_t outside_since; /* CLOCK_MONOTONIC, ns: when it went there last */
	uint64_t ic_set_at;    /* `retired` when an instruction last set psr.ic */

	uint64_t br[8];
	uint64_t ar[128];      /* those without a field of their own */
	struct ia64_rse rse;
	struct ia64_fr fr[128]; /* physical: f32.. are rotated at access by rse.rrb_fr */

	/* --- system state --- */
	uint64_t bank_gr[16];  /* r16..r31 of the bank that is not in */
	uint8_t bank_nat[16];
	uint64_t cr[128];      /* those without a field of their own */
	uint64_t rr[8];
	uint64_t pkr[IA64_NR_PKR];
	uint64_t ibr[IA64_NR_DEBUG], dbr[IA64_NR_DEBUG];
	uint64_t pmc[IA64_NR_PMC], pmd[IA64_NR_PMD];
	bool pmu_active;                     /* some pmc counts something, pmu.c */
	uint64_t pmu_retired, pmu_itc;       /* `retired` and ar.itc when pmd was last brought up */
	uint64_t cpuid[IA64_NR_CPUID];
	struct ia64_translation itr[IA64_NR_TR], dtr[IA64_NR_TR];
	int64_t itc_offset;    /* ar.itc = the system's clock + itc_offset */

	struct ia64_alat_entry alat[IA64_ALAT_ENTRIES];
	bool alat_used;        /* not: all entries are empty */

	struct ia64_fast_tlb views[IA64_NR_VIEWS];
	uint8_t user_level;                  /* privilege level IA64_VIEW_USER is for */
	uint8_t pl_floor;                    /* translations of lower privilege levels get this one */
	struct ia64_tc *itc, *dtc;           /* translation caches, tlb.c */
	struct ia64_icache *icache;          /* decoded pages, icache.c */
	struct ia64_jit *jit;                /* translations, or NULL (interpreter only) */
	uint64_t jit_tmp;                    /* what a slow load of translated code read */
	uint64_t jit_page_tag[IA64_JIT_PAGES];
	uint8_t jit_rotate;                  /* rotations that translated code has left undone */
	struct ia64_jit_fp jit_fp;
	struct ia64_journal *journal;        /* NULL but while two engines are compared, journal.h */
	/*
	 * Another number for a region when an instruction translation of it may have changed:
	 * region register, key or protection changes, purges, overlapping inserts. Translated code
	 * is valid only for the epoch it was looked up in. A region register that gets a value it
	 * had before brings the number back that belonged to it (exec_kept, by rid), unless it has
	 * been purged meanwhile. IA64_NO_EPOCH is none.
	 */
	uint32_t exec_epoch[8];
	uint32_t exec_last;                  /* the last number given */
	struct ia64_exec_kept {
		uint64_t rr;
		uint32_t epoch;              /* IA64_NO_EPOCH: nothing kept */
	} exec_kept[8][IA64_EXEC_KEPT];

	/* --- local SAPIC, sapic.c --- */
	_Atomic uint64_t irr[4];             /* any thread: pending vectors (cr.irr0..3) */
	uint64_t isr_in_service[4];          /* vectors between ivr read and eoi */
	_Atomic bool mca_pending, init_pending, cmc_pending; /* any thread */
	struct ia64_tr_overlap tr_overlap;   /* what the machine check is about, if pending */
	_Atomic uint32_t pmi_pending;        /* any thread: bit n for vector n */
	_Atomic uint32_t lint;               /* any thread: pin n asserted, bit n; edge seen, 8 + n */
	_Atomic bool itm_matched;            /* any thread: ar.itc has reached cr.itm */

	/* --- running, smp.c --- */
	struct ia64_system *sys;
	unsigned int index;                  /* 0 .. nr_vcpus - 1 */
	pthread_mutex_t lock;                /* guards the wait below */
	pthread_cond_t wake;
	_Atomic uint32_t running_state;      /* any thread: enum in smp.h */
	bool leaving;                        /* ia64_run() returns `exit` at the next boundary */
	enum ia64_exit exit;
	unsigned int pauses;                 /* hint @pause executed in the present loop */
	uint64_t pause_retired;              /* `retired` at the last of them */
	unsigned int vector_loops;           /* faults in a row on a handler's own first instruction */
	char crash_reason[256];
	bool in_firmware_break;              /* a firmware call of this vCPU is under way */

	/* --- debugger --- */
	bool debug_step;                     /* stop after one instruction; interrupts wait */
	uint8_t debug_reason;                /* enum ia64_debug_reason, debug.h */
	uint8_t debug_watch_kinds;           /* of the watchpoint that was hit */
	uint64_t debug_watch_va;             /* the first watched byte it touched */

	/* --- host side statistics --- */
	uint64_t count_tlb_miss, count_interruptions, count_mmio;
};

/*
 * What the processor asks of what is around it: given when the system is made, called on a vCPU's
 * thread without locks held. `ctx` is the pointer handed in with the table.
 */
struct ia64_platform {
	void *ctx;
	/* Uncacheable or non-RAM physical access of 1, 2, 4 or 8 bytes; false: nobody is there
	 * (a read gives all ones after a machine check abort would be too harsh: see
	 * machine/mmio.c) */
	bool (*mmio_read)(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size, uint64_t *val);
	bool (*mmio_write)(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size, uint64_t val);
	/*
	 * A break instruction, before it is delivered as Break Instruction fault. Returns true when
	 * it was a call into the host (firmware, hypercall): the callee has changed the vCPU's
	 * state as it sees fit through the ia64_* calls and execution goes on at ip/ri as left
	 * (which the callee has moved past the break). ip, ri are in sync.
	 */
	bool (*host_break)(void *ctx, struct vcpu *v, uint64_t imm);
	/*
	 * Perhaps the same, from translated code: whether host_break would take this break as an
	 * operation of the hypervisor that looks at no floating-point register. If so it has been
	 * done, as host_break does it; false: nothing has changed. NULL: there are no such.
	 */
	bool (*hyperprivop)(void *ctx, struct vcpu *v, uint64_t imm);
	/*
	 * A fault, trap or external interrupt, before it is delivered to the guest's table; NULL:
	 * all are. ip, ri are in sync and name what a handler would return to; v->op is NULL.
	 * cr.ifa, itir, iha and iim are as the interruption sets them, isr is what cr.isr would
	 * hold. True: the callee has dealt with it and execution goes on at ip/ri as left.
	 */
	bool (*interruption)(void *ctx, struct vcpu *v, unsigned int vector, uint64_t isr);
	/*
	 * A machine check, INIT or PMI (with its vector) is to be served: sets the vCPU's state as
	 * PAL and SAL hand it on. ip, ri are in sync. NULL or false: the event is dropped.
	 */
	bool (*pal_event)(void *ctx, struct vcpu *v, enum ia64_pal_event event,
			  unsigned int vector);
	/*
	 * For ia64_translate_quiet(): what a miss for va would have been mapped to by a hypervisor,
	 * without telling the guest. NULL: nothing.
	 */
	bool (*unmapped)(void *ctx, const struct vcpu *v, uint64_t va, uint64_t *pa);
	/*
	 * The vCPU is about to wait for an interrupt (pal_halt_light) or crashed: for statistics.
	 */
	void (*crashed)(void *ctx, struct vcpu *v);
};

/* What all vCPUs of a system share. */
struct ia64_system {
	struct ia64_memory *mem;
	struct ia64_platform platform;
	unsigned int nr_vcpus;
	struct vcpu **vcpus;
	uint64_t itc_hz;                     /* rate of ar.itc */
	struct ia64_debug *debug;            /* debug.h; NULL: no debugger */
	const struct ia64_tracer *tracer;    /* trace.h; NULL: nobody listens */
	/*
	 * Executes until attention (but for IA64_ATTN_SLOW) or `leaving` is set: ia64_interp_run(),
	 * or what a translator has put here before the first ia64_run().
	 */
	bool (*execute)(struct vcpu *v);
	bool overcommitted;                  /* more vCPUs than the host has processors */
	struct ia64_purge_queue *purges;     /* smp.c */
	struct ia64_timer_wheel *timers;     /* itc.c: the thread that raises cr.itv */
	_Atomic bool shutdown;
};

#endif
