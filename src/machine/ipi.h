/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The processor interrupt block (SDM 2:5.8.4): writes to it become interrupts of the vCPU whose
 * cr.lid they name. The state of a local SAPIC itself is the vCPU's (ia64/sysreg.h).
 */
#ifndef PARAVANE_MACHINE_IPI_H
#define PARAVANE_MACHINE_IPI_H

#include <stdbool.h>
#include <stdint.h>

#include "ia64/vcpu.h"
#include "machine/mmio.h"

/* Delivery modes of IPIs, MSIs and I/O SAPIC entries. */
enum sapic_delivery {
	SAPIC_INT = 0,
	SAPIC_LOWEST = 1, /* I/O SAPIC and MSI only: here as SAPIC_INT */
	SAPIC_PMI = 2,
	SAPIC_NMI = 4,
	SAPIC_INIT = 5,
	SAPIC_EXTINT = 7,
};

/* The id:eid of a vCPU (cr.lid bits 31:16) as the firmware sets it. */
static inline uint16_t sapic_id(unsigned int vcpu_index)
{
	return (uint16_t)(vcpu_index << 8);
}

/*
 * Delivers to the vCPU that answers to id:eid; nobody, a reserved mode or a vector the mode does
 * not allow: nothing happens. Any thread.
 */
void sapic_deliver(struct ia64_system *sys, uint16_t id_eid, enum sapic_delivery mode,
		   uint8_t vector);

/* A write of `data` to an address: delivers if it lies in the block's IPI half. Any thread. */
void sapic_message(struct ia64_system *sys, uint64_t address, uint32_t data);

/* The block itself, offsets from LAYOUT_IPI_BASE; ctx is struct ia64_system. */
extern const struct mmio_ops sapic_block_ops;

#endif
