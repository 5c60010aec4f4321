/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The advanced load address table (SDM 1:4.4.5, 2:4.4.5).
 *
 * An entry keeps the address and the value of an advanced load. Stores do not look at it: a check
 * compares what memory holds now with the value kept. While they are equal the program cannot tell
 * that a store came between, so a hit is right whoever wrote: this vCPU, another, a device.
 */
#ifndef PARAVANE_IA64_ALAT_H
#define PARAVANE_IA64_ALAT_H

#include "ia64/vcpu.h"

/*
 * A register as the ALAT knows it: the number of a static one, 64 more for r16-r31 of bank 0, or
 * 128 and up for the place of a stacked one in rse.stk; an FR after rotation.
 */
#define IA64_ALAT_BANK_0 64
#define IA64_ALAT_STACKED 128

/* In a key: translated code does not find the entry, and comes to ia64_alat_hit() (journal.h). */
#define IA64_ALAT_HIDDEN (1u << 15)

/* invala: all entries go. */
void ia64_alat_flush(struct vcpu *v);
/* invala.e, ld.c.clr, ld.a before it loads: the register's entry goes, if it has one. */
void ia64_alat_remove(struct vcpu *v, bool fp, unsigned int reg);
/*
 * ld.a, ld.c.nc: remembers that `reg` was loaded from the `size` (1..16) bytes at va; `value` are
 * those bytes in memory order. Replaces what is in the register's place. Does nothing
 * but drop the old entry if va is not plain cacheable memory.
 */
void ia64_alat_insert(struct vcpu *v, bool fp, unsigned int reg, uint64_t va, unsigned int size,
		      const void *value);
/* True if the register has an entry and memory still holds what was loaded. */
bool ia64_alat_hit(struct vcpu *v, bool fp, unsigned int reg);
/* Hides all entries, as they must be while there is a journal, or shows them again. */
void ia64_alat_hide(struct vcpu *v, bool hide);

#endif
