/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The processor interrupt block: inter-processor interrupts, INTA and XTP bytes. */
#include "machine/ipi.h"

#include "ia64/sysreg.h"
#include "machine/layout.h"

/* The upper half of the block: bytes with a meaning of their own (SDM 2:5.8.4.1, Figure 5-15). */
#define BLOCK_INTA 0x1e0000u

void sapic_deliver(struct ia64_system *sys, uint16_t id_eid, enum sapic_delivery mode,
		   uint8_t vector)
{
	struct vcpu *v;
	unsigned int index = id_eid >> 8;

	if ((id_eid & 0xff) || index >= sys->nr_vcpus)
		return;
	v = sys->vcpus[index];
	switch (mode) {
	case SAPIC_INT:
	case SAPIC_LOWEST:
		/* 1 is reserved, 3..14 are; 15 is the spurious vector (SDM 2:5.8.1). */
		if (vector >= 16 || vector == 0 || vector == 2)
			ia64_post_interrupt(v, vector);
		break;
	case SAPIC_PMI:
		ia64_post_pmi(v, vector & 15);
		break;
	case SAPIC_NMI:
		ia64_post_interrupt(v, 2);
		break;
	case SAPIC_INIT:
		ia64_post_init(v);
		break;
	case SAPIC_EXTINT:
		ia64_post_interrupt(v, 0);
		break;
	default:
		break;
	}
}

void sapic_message(struct ia64_system *sys, uint64_t address, uint32_t data)
{
	uint64_t offset = address - LAYOUT_IPI_BASE;

	if (offset >= LAYOUT_IPI_SIZE / 2)
		return;
	/* Bits 19:12 are the id, 11:4 the eid, 3 the redirection hint, which may be ignored. */
	sapic_deliver(sys, (uint16_t)(offset >> 4), data >> 8 & 7, (uint8_t)data);
}

static uint64_t block_read(void *ctx, uint64_t offset, unsigned int size)
{
	/* An INTA cycle asks an 8259 for its vector; there is none, so it is spurious. */
	if (offset == BLOCK_INTA)
		return 0xff;
	return 0;
}

/* Writes to XTP set a priority for redirection, which is never done; INTA is read only. */
static void block_write(void *ctx, uint64_t offset, unsigned int size, uint64_t val)
{
	sapic_message(ctx, LAYOUT_IPI_BASE + offset, (uint32_t)val);
}

const struct mmio_ops sapic_block_ops = { block_read, block_write };
