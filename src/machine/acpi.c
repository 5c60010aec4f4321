/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The static ACPI tables: RSDP, XSDT, FADT, FACS, MADT, SPCR, and the DSDT's place among them. */
#include "machine/acpi.h"

#include <string.h>

#include "machine/firmware.h"
#include "machine/layout.h"
#include "machine/ipi.h"

uint8_t acpi_checksum(const void *table, size_t size)
{
	const uint8_t *p = table;
	uint8_t sum = 0;
	size_t i;

	for (i = 0; i < size; i++)
		sum = (uint8_t)(sum + p[i]);
	return (uint8_t)-sum;
}

void acpi_fill_header(struct acpi_header *h, const char signature[4], uint8_t revision,
		      size_t length)
{
	memset(h, 0, sizeof(*h));
	memcpy(h->signature, signature, 4);
	h->length = (uint32_t)length;
	h->revision = revision;
	memcpy(h->oem, ACPI_OEM, sizeof(h->oem));
	memcpy(h->oem_table, ACPI_OEM_TABLE, sizeof(h->oem_table));
	h->oem_revision = 1;
	memcpy(h->creator, ACPI_CREATOR, sizeof(h->creator));
	h->creator_revision = 1;
}

/* Tables are placed one after another from FW_ACPI on. */
struct placer {
	struct firmware *fw;
	uint64_t next;
	bool full;
};

static uint64_t place(struct placer *p, const void *table, size_t size)
{
	uint64_t at = p->next;

	if (size > FW_CODE - at) {
		p->full = true;
		return 0;
	}
	ia64_memory_write(p->fw->mem, at, table, size);
	p->next = (at + size + 63) & ~63ull;
	return at;
}

/* 5.2.9, revision 3 (ACPI 2.0) and 244 bytes long: what ia64 kernels insist on. */
struct __attribute__((packed)) fadt {
	struct acpi_header header;
	uint32_t facs, dsdt;
	uint8_t int_model, profile;
	uint16_t sci_int;
	uint32_t smi_cmd;
	uint8_t acpi_enable, acpi_disable, s4bios, pstate;
	uint32_t pm1a_evt, pm1b_evt, pm1a_cnt, pm1b_cnt, pm2_cnt, pm_tmr, gpe0, gpe1;
	uint8_t pm1_evt_len, pm1_cnt_len, pm2_cnt_len, pm_tmr_len, gpe0_len, gpe1_len, gpe1_base;
	uint8_t cst;
	uint16_t c2_latency, c3_latency, flush_size, flush_stride;
	uint8_t duty_offset, duty_width, day_alarm, month_alarm, century;
	uint16_t iapc_boot;
	uint8_t reserved;
	uint32_t flags;
	struct acpi_gas reset_reg;
	uint8_t reset_value, reserved2[3];
	uint64_t x_facs, x_dsdt;
	struct acpi_gas x_pm1a_evt, x_pm1b_evt, x_pm1a_cnt, x_pm1b_cnt, x_pm2_cnt, x_pm_tmr;
	struct acpi_gas x_gpe0, x_gpe1;
};

#define FADT_WBINVD (1u << 0)
#define FADT_PROC_C1 (1u << 2)
#define FADT_SLEEP_BUTTON (1u << 5) /* not fixed hardware: there is none; a power button is */
#define FADT_TMR_VAL_EXT (1u << 8)
#define FADT_RESET_REG (1u << 10)
#define FADT_PROFILE_ENTERPRISE_SERVER 4

static struct acpi_gas io_gas(uint32_t port, unsigned int bytes)
{
	uint8_t access = bytes == 1 ? 1 : bytes == 2 ? 2 : 3;

	return (struct acpi_gas){ ACPI_SPACE_IO, (uint8_t)(bytes * 8), 0, access, port };
}

static uint64_t place_fadt(struct placer *p, uint64_t facs, uint64_t dsdt)
{
	struct fadt t = {
		.facs = (uint32_t)facs,
		.dsdt = (uint32_t)dsdt,
		.profile = FADT_PROFILE_ENTERPRISE_SERVER,
		.sci_int = LAYOUT_GSI_SCI,
		.pm1a_evt = LAYOUT_PM_PORT + PM_EVENT,
		.pm1a_cnt = LAYOUT_PM_PORT + PM_CONTROL,
		.pm_tmr = LAYOUT_PM_PORT + PM_TIMER,
		.pm1_evt_len = 4,
		.pm1_cnt_len = 2,
		.pm_tmr_len = 4,
		.c2_latency = 0xffff, /* neither C2 nor C3 */
		.c3_latency = 0xffff,
		.flags = FADT_WBINVD | FADT_PROC_C1 | FADT_SLEEP_BUTTON | FADT_TMR_VAL_EXT |
			 FADT_RESET_REG,
		.reset_reg = io_gas(LAYOUT_PM_PORT + PM_RESET, 1),
		.reset_value = PM_RESET_VALUE,
		.x_facs = facs,
		.x_dsdt = dsdt,
		.x_pm1a_evt = io_gas(LAYOUT_PM_PORT + PM_EVENT, 4),
		.x_pm1a_cnt = io_gas(LAYOUT_PM_PORT + PM_CONTROL, 2),
		.x_pm_tmr = io_gas(LAYOUT_PM_PORT + PM_TIMER, 4),
	};

	_Static_assert(sizeof(struct fadt) == 244, "ACPI 3.0, 5.2.9");
	/* A 32-bit event block is two 16-bit registers. */
	t.x_pm1a_evt.access = 2;
	acpi_fill_header(&t.header, "FACP", 3, sizeof(t));
	t.header.checksum = acpi_checksum(&t, sizeof(t));
	return place(p, &t, sizeof(t));
}

static uint64_t place_facs(struct placer *p)
{
	struct {
		char signature[4];
		uint32_t length, hardware_signature, waking_vector, global_lock, flags;
		uint64_t x_waking_vector;
		uint8_t version, reserved[31];
	} t = { "FACS", 64, 0, 0, 0, 0, 0, 1, { 0 } };

	_Static_assert(sizeof(t) == 64, "ACPI 3.0, 5.2.10");
	return place(p, &t, sizeof(t));
}

/* 5.2.12: a Local SAPIC a processor, one I/O SAPIC, identity routing of the first 16 inputs. */
struct __attribute__((packed)) madt_lsapic {
	uint8_t type, length, processor_id, id, eid, reserved[3];
	uint32_t flags;
	uint32_t uid;
	char uid_string[8];
};

struct __attribute__((packed)) madt_iosapic {
	uint8_t type, length, id, reserved;
	uint32_t gsi_base;
	uint64_t address;
};

enum { MADT_IO_SAPIC = 6, MADT_LOCAL_SAPIC = 7 };

struct __attribute__((packed)) madt {
	struct acpi_header header;
	uint32_t local_address, flags;
	struct madt_iosapic iosapic;
	struct madt_lsapic lsapic[64];
};

static uint64_t place_madt(struct placer *p)
{
	unsigned int i, nr = p->fw->sys->nr_vcpus;
	size_t size = offsetof(struct madt, lsapic) + nr * sizeof(struct madt_lsapic);
	struct madt t = {
		.local_address = (uint32_t)LAYOUT_IPI_BASE,
		.iosapic = {
			.type = MADT_IO_SAPIC,
			.length = sizeof(struct madt_iosapic),
			.address = LAYOUT_IOSAPIC_BASE,
		},
	};

	for (i = 0; i < nr; i++) {
		struct madt_lsapic *l = &t.lsapic[i];

		l->type = MADT_LOCAL_SAPIC;
		l->length = sizeof(*l);
		l->processor_id = (uint8_t)i;
		l->id = (uint8_t)(sapic_id(i) >> 8);
		l->eid = (uint8_t)sapic_id(i);
		l->flags = 1; /* enabled */
		l->uid = i;
		l->uid_string[0] = (char)('0' + i / 10);
		l->uid_string[1] = (char)('0' + i % 10);
	}
	acpi_fill_header(&t.header, "APIC", 2, size);
	t.header.checksum = acpi_checksum(&t, size);
	return place(p, &t, size);
}

/*
 * 5.2.16, System Resource Affinity Table: one proximity domain that has everything. Kernels with
 * NUMA support take no more than 32 processors where there is none.
 */
struct __attribute__((packed)) srat_processor {
	uint8_t type, length, domain, id;
	uint32_t flags;
	uint8_t eid, domain_high[3];
	uint32_t clock_domain;
};

struct __attribute__((packed)) srat_memory {
	uint8_t type, length;
	uint32_t domain;
	uint16_t reserved;
	uint64_t base, size;
	uint32_t reserved2, flags;
	uint64_t reserved3;
};

enum { SRAT_PROCESSOR, SRAT_MEMORY };
#define SRAT_ENABLED 1u

struct __attribute__((packed)) srat {
	struct acpi_header header;
	uint32_t one;
	uint64_t reserved;
	struct srat_memory memory[2];
	struct srat_processor processor[64];
};

static uint64_t place_srat(struct placer *p)
{
	const struct firmware *fw = p->fw;
	unsigned int i, nr = fw->sys->nr_vcpus;
	size_t size = offsetof(struct srat, processor) + nr * sizeof(struct srat_processor);
	struct srat t = { .one = 1 };

	_Static_assert(sizeof(struct srat_processor) == 16, "ACPI 3.0, 5.2.16.1");
	_Static_assert(sizeof(struct srat_memory) == 40, "ACPI 3.0, 5.2.16.2");
	for (i = 0; i < 2; i++) {
		struct srat_memory *m = &t.memory[i];

		m->type = SRAT_MEMORY;
		m->length = sizeof(*m);
		m->base = i ? LAYOUT_RAM_HIGH : 0;
		m->size = i ? fw->ram_high : fw->ram_low;
		m->flags = m->size ? SRAT_ENABLED : 0;
	}
	for (i = 0; i < nr; i++) {
		struct srat_processor *c = &t.processor[i];

		c->type = SRAT_PROCESSOR;
		c->length = sizeof(*c);
		c->id = (uint8_t)(sapic_id(i) >> 8);
		c->eid = (uint8_t)sapic_id(i);
		c->flags = SRAT_ENABLED;
	}
	acpi_fill_header(&t.header, "SRAT", 1, size);
	t.header.checksum = acpi_checksum(&t, size);
	return place(p, &t, size);
}

/* Serial Port Console Redirection table, revision 1. */
struct __attribute__((packed)) spcr {
	struct acpi_header header;
	uint8_t interface, reserved[3];
	struct acpi_gas address;
	uint8_t interrupt_type, irq;
	uint32_t gsi;
	uint8_t baud, parity, stop_bits, flow, terminal, language;
	uint16_t device_id, vendor_id;
	uint8_t bus, dev, func;
	uint32_t flags;
	uint8_t segment;
	uint32_t reserved2;
};

static uint64_t place_spcr(struct placer *p)
{
	struct spcr t = {
		.address = io_gas(LAYOUT_UART_PORT, 1),
		.interrupt_type = 1u << 3, /* I/O SAPIC */
		.gsi = LAYOUT_GSI_UART,
		.baud = 7, /* 115200 */
		.stop_bits = 1,
		.device_id = 0xffff,
		.vendor_id = 0xffff,
	};

	_Static_assert(sizeof(struct spcr) == 80, "SPCR revision 1");
	acpi_fill_header(&t.header, "SPCR", 1, sizeof(t));
	t.header.checksum = acpi_checksum(&t, sizeof(t));
	return place(p, &t, sizeof(t));
}

static uint64_t place_dsdt(struct placer *p)
{
	uint8_t buf[16384];
	size_t size = dsdt_build(buf, sizeof(buf));

	if (!size)
		p->full = true;
	return size ? place(p, buf, size) : 0;
}

uint64_t acpi_build(struct firmware *fw)
{
	struct __attribute__((packed)) {
		char signature[8];
		uint8_t checksum;
		char oem[6];
		uint8_t revision;
		uint32_t rsdt, length;
		uint64_t xsdt;
		uint8_t x_checksum, reserved[3];
	} rsdp = { "RSD PTR ", 0, ACPI_OEM, 2, 0, sizeof(rsdp), 0, 0, { 0 } };
	struct __attribute__((packed)) {
		struct acpi_header header;
		uint64_t table[4];
	} xsdt;
	struct placer p = { fw, FW_ACPI_RSDP + 64, false };
	uint64_t facs, dsdt;

	facs = place_facs(&p);
	dsdt = place_dsdt(&p);
	acpi_fill_header(&xsdt.header, "XSDT", 1, sizeof(xsdt));
	xsdt.table[0] = place_fadt(&p, facs, dsdt);
	xsdt.table[1] = place_madt(&p);
	xsdt.table[2] = place_spcr(&p);
	xsdt.table[3] = place_srat(&p);
	xsdt.header.checksum = acpi_checksum(&xsdt, sizeof(xsdt));
	rsdp.xsdt = place(&p, &xsdt, sizeof(xsdt));
	rsdp.checksum = acpi_checksum(&rsdp, 20);
	rsdp.x_checksum = acpi_checksum(&rsdp, sizeof(rsdp));
	ia64_memory_write(fw->mem, FW_ACPI_RSDP, &rsdp, sizeof(rsdp));
	return p.full ? 0 : FW_ACPI_RSDP;
}
