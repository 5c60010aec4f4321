/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stopped vCPU as GDB sees it: the registers by GDB's numbers, and memory with the register
 * stack in it.
 *
 * GDB has no numbers for the stacked registers: it reads r32 and up from the backing store, below
 * the register it calls bsp, as if all frames down to the current one had been stored
 * (ia64-tdep.c in GDB; ptrace on Linux/ia64 gave it this view). So what the RSE has not stored yet
 * shows through reads of that memory, and bsp and rnat are given as they would then be.
 *
 * All calls: the vCPU stands still; any thread.
 */
#ifndef PARAVANE_MACHINE_GDBREGS_H
#define PARAVANE_MACHINE_GDBREGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vcpu;

#define GDB_NR_REGS 462   /* those with a place in a 'g' packet */
#define GDB_REG_MAX 16    /* bytes of the largest */

/* Bytes of register n (0 .. GDB_NR_REGS - 1) in packets: 16 for f0 to f127, else 8. */
size_t gdb_reg_size(unsigned int n);

/* Register n in packet form. false if there is nothing by that number: packets have x's then. */
bool gdb_reg_read(struct vcpu *v, unsigned int n, uint8_t buf[GDB_REG_MAX]);

/*
 * Writes register n from packet form; false if it cannot be written. Values no instruction could
 * have set (reserved fields) are the debugger's responsibility, except that they cannot make the
 * frame larger than the register file.
 */
bool gdb_reg_write(struct vcpu *v, unsigned int n, const uint8_t buf[GDB_REG_MAX]);

/*
 * Reads or writes memory at a virtual address (physical, when psr.dt is off) as the vCPU
 * translates it, without regard to access rights. Returns how many bytes from the start could be:
 * less than len where no translation is known or no RAM is.
 */
size_t gdb_mem_read(struct vcpu *v, uint64_t va, uint8_t *buf, size_t len);
size_t gdb_mem_write(struct vcpu *v, uint64_t va, const uint8_t *buf, size_t len);

#endif
