/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things lie in the machine's physical address space, and which interrupt inputs they have. */
#ifndef PARAVANE_MACHINE_LAYOUT_H
#define PARAVANE_MACHINE_LAYOUT_H

/*
 * PCI: what the host bridge decodes. The ACPI _CRS of the root bridge gives the guest the same
 * windows, and the BARs are assigned inside them before the guest starts.
 */
#define LAYOUT_PCI_MEM_BASE 0xd0000000ull /* memory BARs, all below 4 GiB */
#define LAYOUT_PCI_MEM_SIZE 0x10000000ull
#define LAYOUT_PCI_IO_BASE 0x1000u        /* I/O BARs, as port numbers */
#define LAYOUT_PCI_IO_SIZE 0xf000u

/* I/O SAPIC inputs of INTA#..INTD#: LAYOUT_PCI_GSI(device, pin), with pin 0 for INTA#. */
#define LAYOUT_PCI_GSI_BASE 16u
#define LAYOUT_PCI_NR_GSIS 16u
#define LAYOUT_PCI_GSI(dev, pin) (LAYOUT_PCI_GSI_BASE + ((dev) + (pin)) % LAYOUT_PCI_NR_GSIS)

#endif
