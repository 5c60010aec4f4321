/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where things lie in the machine's address space, and which interrupt inputs they have. */
#ifndef PARAVANE_MACHINE_LAYOUT_H
#define PARAVANE_MACHINE_LAYOUT_H

#define LAYOUT_GSI_UART 4u /* the first 16 inputs are edge triggered, as on ISA */
#define LAYOUT_GSI_SCI 9u
#define LAYOUT_NR_GSIS 32u

/*
 * RAM: from 0 to at most LAYOUT_RAM_LOW_END, the rest from LAYOUT_RAM_HIGH on. Nothing else lies
 * below its end: kernels with a flat memory map take all of it for theirs.
 */
#define LAYOUT_RAM_LOW_END 0xd0000000ull
#define LAYOUT_RAM_HIGH 0x100000000ull

/* The firmware's own memory, in a translation granule (16 MB) without RAM or devices. */
#define LAYOUT_FIRMWARE_BASE 0xff000000ull
#define LAYOUT_FIRMWARE_SIZE 0x100000ull

/*
 * A domain has no devices, and its RAM no gap: the firmware lies in it if there is so much. Its I/O
 * ports, which lead nowhere, are where Xen/ia64 has them.
 */
#define LAYOUT_DOMAIN_PORT_BASE 0xffffc000000ull

/* 64 KB of I/O ports, four to a 4 KB page (SDM 2:10.7 "I/O port space model"). */
#define LAYOUT_PORT_BASE 0xf0000000ull
#define LAYOUT_PORT_SIZE 0x4000000ull
#define LAYOUT_UART_PORT 0x3f8u
#define LAYOUT_PM_PORT 0x400u /* ACPI fixed hardware: event, control, timer, reset */

#define LAYOUT_IOSAPIC_BASE 0xfec00000ull
#define LAYOUT_IOSAPIC_SIZE 0x1000ull
#define LAYOUT_IPI_BASE 0xfee00000ull /* processor interrupt block, SDM 2:5.8.4 */
#define LAYOUT_IPI_SIZE 0x200000ull

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
