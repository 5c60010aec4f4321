/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The privileged instructions of the assembly that is built once for hardware and once for
 * each hypervisor: ivt.S, entry.S, fsys.S, gate.S with minstate.h. asm/native/inst.h has most
 * of them as macros already; the rest is here, in the same form. A hypervisor's header has to
 * define all of both.
 *
 * (pred) is a qualifying predicate. clob names a register that the macro may overwrite; in
 * the native macros it is unused.
 */
#ifdef __IA64_PV_XEN
# include <asm/xen/inst.h>
#else
# include <asm/native/inst.h>

# define PTC_L(pred, va, ps, clob0, clob1)	\
(pred)	ptc.l va,ps

/* slot and pte are registers; the convention's r8 and r9 may be overwritten. */
# define ITR_D(slot, pte, clob0, clob1)		\
	itr.d dtr[slot]=pte

# define RSM_PSR_DFH(clob0, clob1)		\
	rsm psr.dfh
#endif
