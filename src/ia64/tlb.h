/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Address translation: TRs, TC, VHPT walker, protection keys, probes, purges (SDM 2:4). */
#ifndef PARAVANE_IA64_TLB_H
#define PARAVANE_IA64_TLB_H

#include "ia64/vcpu.h"

/* Kinds of access, or-ed. */
enum {
	IA64_ACCESS_READ = 1 << 0,
	IA64_ACCESS_WRITE = 1 << 1,   /* semaphores are both */
	IA64_ACCESS_EXEC = 1 << 2,
	IA64_ACCESS_RSE = 1 << 3,     /* uses psr.rt and rsc.pl; isr.rs */
	IA64_ACCESS_SPEC = 1 << 4,    /* ld.s/ld.sa: deferral applies; isr.sp */
	IA64_ACCESS_NA = 1 << 5,      /* non-access: probe, tpa, fc...; isr.na with na_code */
	IA64_ACCESS_ADVANCED = 1 << 6,/* ld.a/ld.sa: wants an ALAT entry; limits on attributes */
	IA64_ACCESS_LFETCH = 1 << 7,  /* lfetch without .fault: never faults */
	IA64_ACCESS_SEMAPHORE = 1 << 8,
	IA64_ACCESS_ORDERED = 1 << 9, /* acquire, release, ld16, st16: never unaligned */
};

enum ia64_xlate {
	IA64_XLATE_OK,
	IA64_XLATE_FAULT,  /* an interruption was delivered */
	IA64_XLATE_DEFER,  /* speculative: give NaT instead, nothing was delivered */
	IA64_XLATE_NONE,   /* lfetch: do nothing */
};

struct ia64_xlate_result {
	uint64_t pa;
	uint8_t ma;   /* memory attribute: 0 WB, 4 UC, 5 UCE, 6 WC, 7 NaTPage */
	uint8_t ps;
	bool ed;
	uint8_t ar, pl; /* access rights and privilege level of the page; epc wants them */
};

/*
 * Translates va for an access of `size` bytes with every check and fault of SDM 2:4 and 2:5
 * in priority order (unimplemented address, TLB misses with VHPT walk, page not present, NaTPage,
 * keys, rights, dirty, access bits, debug, unaligned with psr.ac or when it must not be split).
 * `na_code` is isr.code<3:0> for non-access instructions. On a fault it has been delivered.
 */
enum ia64_xlate ia64_translate(struct vcpu *v, uint64_t va, unsigned int size, unsigned int access,
			       unsigned int na_code, struct ia64_xlate_result *res);

/* Like ia64_translate() for the debugger, tracing: no fault, no state changed, rights ignored. */
bool ia64_translate_quiet(struct vcpu *v, uint64_t va, bool exec, uint64_t *pa);
/*
 * Would an instruction be fetched from va at privilege level `cpl`, and from where? The translation
 * is in the TLB then, and a purge of it raises exec_epoch.
 */
bool ia64_fetch_quiet(struct vcpu *v, uint64_t va, unsigned int cpl, uint64_t *pa);

/*
 * itc.i/d, itr.i/d: insert the translation described by the instruction's operand, cr.ifa, cr.itir.
 * `slot` < 0 for the TC. False: a fault was delivered (reserved field), or the instruction stays
 * where it is for a machine check to be taken (ia64_overlap_check()).
 */
bool ia64_tlb_insert(struct vcpu *v, bool instruction, int slot, uint64_t pte);
/*
 * The highest register but `slot` that a translation of va's page of cr.itir's size would overlap;
 * -1: none. `slot` < 0: an insertion into the TC.
 */
int ia64_tr_overlap(const struct vcpu *v, bool instruction, int slot, uint64_t va, uint64_t itir);
/*
 * ptc.l, ptc.g, ptc.ga as instructions of this processor: what overlaps a register is a machine
 * check. True: nothing does, go on. False as with ia64_tlb_insert(). `insn` is a literal.
 */
bool ia64_purge_check(struct vcpu *v, const char *insn, uint64_t va, unsigned int ps);
/* The machine check in v->tr_overlap has no handler: the vCPU ends. `why` ends the sentence. */
void ia64_overlap_crash(struct vcpu *v, const char *why);
/* ptr.i/d, ptc.l, ptc.g/ptc.ga (whole system), ptc.e. va and log2 size as in the instruction. */
void ia64_tlb_purge_tr(struct vcpu *v, bool instruction, uint64_t va, unsigned int ps);
void ia64_tlb_purge_local(struct vcpu *v, uint64_t va, unsigned int ps);
void ia64_tlb_purge_all(struct vcpu *v);

/*
 * Writes ar.k0 + n (n below 8). A new value of ar.k3 empties the data translation cache as well, as
 * it may at any time (SDM 2:4.1.1.2): Linux moves the first processor's own data by it, to an
 * address whose old translation it does not purge, and then finds two halves of them. A cache as
 * small as hardware's has forgotten it by then.
 */
void ia64_tlb_kr_write(struct vcpu *v, unsigned int n, uint64_t val);
/* On this vCPU only, by rid: what a global purge from elsewhere does here. */
void ia64_tlb_purge_rid(struct vcpu *v, uint32_t rid, uint64_t va, unsigned int ps);

/* Drops fast lines: after rr, pkr, dbr, psr.pk or TLB changes. Region-wise or all. */
void ia64_fast_flush(struct vcpu *v);
void ia64_fast_flush_region(struct vcpu *v, unsigned int region);

uint64_t ia64_thash(const struct vcpu *v, uint64_t va);
uint64_t ia64_ttag(const struct vcpu *v, uint64_t va);
/* tpa; probe (access READ/WRITE, level 0..3; `fault` form delivers). Results as the manual says. */
bool ia64_tpa(struct vcpu *v, uint64_t va, uint64_t *pa);
bool ia64_tak(struct vcpu *v, uint64_t va, uint64_t *key);
bool ia64_probe(struct vcpu *v, uint64_t va, unsigned int access, unsigned int level, bool fault,
		bool *permitted);

/* Is 2^ps a page size that can be inserted; all of them as a mask (PAL_VM_PAGE_SIZE). */
bool ia64_page_size_ok(unsigned int ps);
uint64_t ia64_page_sizes(void);

/* mov rr: value already checked. Drops what was known about the region, if it changes. */
void ia64_rr_write(struct vcpu *v, unsigned int region, uint64_t val);
/* Instruction translations of all regions may have changed (pkr, psr.pk). */
void ia64_exec_flush(struct vcpu *v);
/*
 * The view of translated accesses at a privilege level. Below the kernel's own, where only the
 * hypervisor is, rights are others: nothing is kept.
 */
static inline unsigned int ia64_level_view(const struct vcpu *v, unsigned int level)
{
	return level == v->pl_floor ? IA64_VIEW_KERNEL :
	       level > v->pl_floor ? IA64_VIEW_USER : IA64_VIEW_SLOW;
}

/* Makes IA64_VIEW_USER the view of this privilege level (pl_floor + 1 to 3). */
void ia64_fast_set_user_level(struct vcpu *v, unsigned int level);
/* After itr[], dtr[] or rr[] were set from outside (restore, debugger): caches start anew. */
void ia64_tlb_reload(struct vcpu *v);

int ia64_tlb_init(struct vcpu *v);
void ia64_tlb_destroy(struct vcpu *v);

#endif
