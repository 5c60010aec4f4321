/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Back traces by the unwind tables of an IA-64 program: Itanium Software Conventions and Runtime
 * Architecture Guide, chapter 11 (unwind), appendix B (descriptor formats).
 *
 * Of the tables only what leads to the caller is used: the return address, ar.pfs and the memory
 * stack pointer. Tables and registers are the guest's: whatever does not fit ends the trace.
 */
#ifndef PARAVANE_MACHINE_UNWIND_H
#define PARAVANE_MACHINE_UNWIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ia64/vcpu.h"

/* The tables of one program; copies, so that its image may go. */
struct unwind_tables {
	uint64_t base;         /* what the table's addresses are relative to */
	uint8_t *table;        /* entries of three 64-bit words, sorted */
	size_t nr_entries;
	uint8_t *info;
	uint64_t info_address; /* of info[0] */
	size_t info_size;
};

/* Reads them from a checked ELF image; without any the tables are empty. 0 or -ENOMEM. */
int unwind_load(struct unwind_tables *t, const uint8_t *image, size_t size);
void unwind_free(struct unwind_tables *t);

/* A procedure's activation. */
struct unwind_frame {
	uint64_t ip;       /* of the bundle: in callers, the one the call returns to */
	uint64_t sp, bsp;  /* bsp: where r32 belongs */
	bool top;          /* b0 and ar.pfs are the frame's own */
	bool outermost;    /* unwind_next() has found that there is no caller */
	uint8_t slot;
};

/* The frame the vCPU is in; it stands still. */
void unwind_first(struct vcpu *v, struct unwind_frame *frame);

/*
 * Replaces *frame by its caller's. False, and *frame as it was: there is none (`outermost` is set
 * then), an interruption is in between, or the tables do not tell.
 */
bool unwind_next(const struct unwind_tables *t, struct vcpu *v, struct unwind_frame *frame);

/* A 64-bit word of the register stack, from registers or from memory. */
bool unwind_read_stacked(struct vcpu *v, uint64_t address, uint64_t *val);

#endif
