/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The DSDT: the PCI root bridge with its windows and interrupt routing, the UART, the S5 state. */
#include "machine/acpi.h"
#include "machine/aml.h"
#include "machine/layout.h"
#include "machine/pci.h"
#include "machine/pm.h"
#include "machine/uart.h"

static void name_integer(struct aml *a, const char *name, uint64_t val)
{
	aml_name(a, name);
	aml_integer(a, val);
}

/* _PRT, ACPI 3.0, 6.2.12: (slot << 16 | any function, pin, no link device, GSI). */
static void routing_table(struct aml *a)
{
	unsigned int dev, pin;

	aml_name(a, "_PRT");
	aml_package(a, PCI_NR_SLOTS * 4);
	for (dev = 0; dev < PCI_NR_SLOTS; dev++) {
		for (pin = 0; pin < 4; pin++) {
			aml_package(a, 4);
			aml_integer(a, dev << 16 | 0xffffu);
			aml_integer(a, pin);
			aml_integer(a, 0);
			aml_integer(a, LAYOUT_PCI_GSI(dev, pin));
			aml_end(a);
		}
	}
	aml_end(a);
}

static void root_bridge(struct aml *a)
{
	aml_device(a, "PCI0");
	aml_name(a, "_HID");
	aml_eisaid(a, "PNP0A03");
	name_integer(a, "_UID", 0);
	name_integer(a, "_SEG", 0);
	name_integer(a, "_BBN", 0);
	aml_name(a, "_CRS");
	aml_template(a);
	aml_bus_range(a, 0, 0xff);
	aml_io_window(a, LAYOUT_PCI_IO_BASE, LAYOUT_PCI_IO_BASE + LAYOUT_PCI_IO_SIZE - 1);
	aml_memory_window(a, (uint32_t)LAYOUT_PCI_MEM_BASE,
			  (uint32_t)(LAYOUT_PCI_MEM_BASE + LAYOUT_PCI_MEM_SIZE - 1));
	aml_template_end(a);
	routing_table(a);
	aml_end(a);
}

static void serial_port(struct aml *a)
{
	aml_device(a, "COM0");
	aml_name(a, "_HID");
	aml_eisaid(a, "PNP0501");
	name_integer(a, "_UID", 0);
	aml_name(a, "_CRS");
	aml_template(a);
	aml_io(a, LAYOUT_UART_PORT, UART_SIZE);
	aml_interrupt(a, LAYOUT_GSI_UART, false);
	aml_template_end(a);
	aml_end(a);
}

size_t dsdt_build(uint8_t *buf, size_t room)
{
	struct acpi_header *h = (struct acpi_header *)buf;
	struct aml a;
	size_t size;

	if (room < sizeof(*h))
		return 0;
	aml_init(&a, buf + sizeof(*h), room - sizeof(*h));
	aml_name(&a, "_S5_");
	aml_package(&a, 4);
	aml_integer(&a, PM_SLEEP_S5);
	aml_integer(&a, PM_SLEEP_S5);
	aml_integer(&a, 0);
	aml_integer(&a, 0);
	aml_end(&a);
	aml_scope(&a, "\\_SB_");
	root_bridge(&a);
	serial_port(&a);
	aml_end(&a);
	if (a.full)
		return 0;
	size = sizeof(*h) + a.len;
	acpi_fill_header(h, "DSDT", 2, size);
	h->checksum = acpi_checksum(buf, size);
	return size;
}
