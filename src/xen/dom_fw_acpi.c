/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The ACPI tables of a domain: processors and nothing else. Registers that ACPI insists on are
 * bytes of memory. Source: ACPI 3.0, 5.2; what Xen 4.1's domain builder shows a guest.
 */
#include <string.h>

#include "machine/acpi.h"
#include "xen/domain_build.h"

#define MAX_CPUS 64
#define FADT_LENGTH 244
#define HW_REDUCED (1u << 20) /* no fixed hardware, no SCI: ACPI 5.0, Table 5-35; reserved before */

struct __attribute__((packed)) lsapic {
	uint8_t type, length, processor_id, id, eid, reserved[3];
	uint32_t flags;
};

struct __attribute__((packed)) tables {
	uint8_t rsdp[64]; /* where the EFI table points: FW_ACPI_RSDP */
	struct {
		struct acpi_header header;
		uint64_t table[2];
	} __attribute__((packed)) xsdt;
	uint8_t fadt[FADT_LENGTH];
	uint8_t facs[64] __attribute__((aligned(64)));
	struct acpi_header dsdt;
	uint8_t pm1_event[4], pm1_control[4], pm_timer[4];
	struct {
		struct acpi_header header;
		uint32_t local_address, flags;
		struct lsapic lsapic[MAX_CPUS];
	} __attribute__((packed)) madt;
};

#define AT(field) (FW_ACPI + offsetof(struct tables, field))

static void put32(uint8_t *p, uint32_t val)
{
	memcpy(p, &val, sizeof(val));
}

static void put64(uint8_t *p, uint64_t val)
{
	memcpy(p, &val, sizeof(val));
}

static void put_gas(uint8_t *p, uint64_t address, unsigned int bytes)
{
	const struct acpi_gas gas = {
		.space = ACPI_SPACE_MEMORY,
		.bits = (uint8_t)(bytes * 8),
		.address = address,
	};

	memcpy(p, &gas, sizeof(gas));
}

/* Offsets in the FADT, ACPI 3.0, Table 5-9. */
static void build_fadt(struct tables *t)
{
	enum { PM1_EVT_LEN = 88, PM1_CNT_LEN = 89, PM_TMR_LEN = 91, FLAGS = 112, X_FACS = 132,
	       X_DSDT = 140, X_PM1A_EVT = 148, X_PM1A_CNT = 172, X_PM_TMR = 208 };

	acpi_fill_header((struct acpi_header *)t->fadt, "FACP", 3, FADT_LENGTH);
	t->fadt[PM1_EVT_LEN] = 4;
	t->fadt[PM1_CNT_LEN] = 2;
	t->fadt[PM_TMR_LEN] = 4;
	put32(&t->fadt[FLAGS], HW_REDUCED);
	put64(&t->fadt[X_FACS], AT(facs));
	put64(&t->fadt[X_DSDT], AT(dsdt));
	put_gas(&t->fadt[X_PM1A_EVT], AT(pm1_event), 4);
	put_gas(&t->fadt[X_PM1A_CNT], AT(pm1_control), 2);
	put_gas(&t->fadt[X_PM_TMR], AT(pm_timer), 4);
	((struct acpi_header *)t->fadt)->checksum = acpi_checksum(t->fadt, FADT_LENGTH);
}

static void build_madt(struct tables *t, unsigned int nr)
{
	size_t size = offsetof(struct tables, madt.lsapic) - offsetof(struct tables, madt) +
		      nr * sizeof(struct lsapic);
	unsigned int i;

	acpi_fill_header(&t->madt.header, "APIC", 2, size);
	for (i = 0; i < nr; i++) {
		struct lsapic *l = &t->madt.lsapic[i];

		l->type = 7;
		l->length = sizeof(*l);
		l->processor_id = (uint8_t)i;
		l->id = (uint8_t)i;
		l->flags = 1;
	}
	t->madt.header.checksum = acpi_checksum(&t->madt, size);
}

bool xen_acpi_build(struct firmware *fw)
{
	struct tables t;
	uint8_t *rsdp = t.rsdp;

	memset(&t, 0, sizeof(t));
	memcpy(rsdp, "RSD PTR ", 8);
	memcpy(rsdp + 9, ACPI_OEM, 6);
	rsdp[15] = 2;
	put32(rsdp + 20, 36);
	put64(rsdp + 24, AT(xsdt));
	rsdp[8] = acpi_checksum(rsdp, 20);
	rsdp[32] = acpi_checksum(rsdp, 36);

	acpi_fill_header(&t.xsdt.header, "XSDT", 1, sizeof(t.xsdt));
	t.xsdt.table[0] = AT(fadt);
	t.xsdt.table[1] = AT(madt);
	t.xsdt.header.checksum = acpi_checksum(&t.xsdt, sizeof(t.xsdt));

	memcpy(t.facs, "FACS", 4);
	put32(&t.facs[4], sizeof(t.facs));
	t.facs[32] = 1;

	acpi_fill_header(&t.dsdt, "DSDT", 1, sizeof(t.dsdt));
	t.dsdt.checksum = acpi_checksum(&t.dsdt, sizeof(t.dsdt));
	build_fadt(&t);
	build_madt(&t, fw->sys->nr_vcpus);
	return sizeof(t) <= FW_CODE - FW_ACPI && ia64_memory_write(fw->mem, FW_ACPI, &t, sizeof(t));
}
