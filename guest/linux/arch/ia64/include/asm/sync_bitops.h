/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bit operations on memory that is shared with the hypervisor or another domain: atomic even in a
 * kernel for one processor. IA-64's own are.
 */
#ifndef _ASM_IA64_SYNC_BITOPS_H
#define _ASM_IA64_SYNC_BITOPS_H

#include <asm/bitops.h>

#define sync_set_bit(nr, addr)			set_bit(nr, addr)
#define sync_clear_bit(nr, addr)		clear_bit(nr, addr)
#define sync_change_bit(nr, addr)		change_bit(nr, addr)
#define sync_test_bit(nr, addr)			test_bit(nr, addr)
#define sync_test_and_set_bit(nr, addr)		test_and_set_bit(nr, addr)
#define sync_test_and_clear_bit(nr, addr)	test_and_clear_bit(nr, addr)
#define sync_test_and_change_bit(nr, addr)	test_and_change_bit(nr, addr)
#define arch_sync_cmpxchg			arch_cmpxchg

#endif /* _ASM_IA64_SYNC_BITOPS_H */
