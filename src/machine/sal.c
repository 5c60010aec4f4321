/* SPDX-License-Identifier: GPL-2.0-or-later */
/* SAL: the system table, the procedures, and the console table that goes with them. */
#include <stdlib.h>
#include <string.h>

#include "machine/acpi.h"
#include "machine/firmware.h"
#include "machine/layout.h"
#include "machine/pci.h"
#include "machine/uart.h"

/* Status of procedures, SAL 9.1. */
enum {
	SAL_OK = 0,
	SAL_UNIMPLEMENTED = -1,
	SAL_INVALID = -2,
	SAL_NO_INFORMATION = -5,
};

/* The longest time a rendezvous may take, whatever the OS asks for. */
#define RENDEZVOUS_MAX_MS 600000

/* --- procedures, SAL 9.2 --- */

/* An entry point: a bundle in RAM, physical. 0 takes the handler away. */
static bool entry_ok(const struct firmware *fw, uint64_t ip)
{
	return !ip || (!(ip & 15) && ia64_memory_is_ram(fw->mem, ip, 16));
}

static int64_t set_vectors(struct fw_call *c)
{
	enum { OS_MCA, OS_INIT, OS_BOOT_RENDEZ };
	struct firmware *fw = c->fw;
	/* A second one, the slaves', only for INIT. The checksums between are not looked at. */
	const struct fw_handler h[2] = { { c->arg[2], c->arg[3] }, { c->arg[5], c->arg[6] } };
	int64_t status = SAL_OK;

	if (!entry_ok(fw, h[0].ip) || (c->arg[1] == OS_INIT && !entry_ok(fw, h[1].ip)))
		return SAL_INVALID;
	pthread_mutex_lock(&fw->lock);
	switch (c->arg[1]) {
	case OS_MCA:
		fw->os_mca = h[0];
		break;
	case OS_INIT:
		fw->os_init[FW_INIT_MONARCH] = h[0];
		fw->os_init[FW_INIT_SLAVE] = h[1];
		break;
	case OS_BOOT_RENDEZ:
		fw->os_rendez = h[0];
		break;
	default:
		status = SAL_INVALID;
		break;
	}
	pthread_mutex_unlock(&fw->lock);
	return status;
}

/* The record of this processor; the lock is held. NULL: none, or no such kind. */
static uint8_t **find_record(struct fw_call *c)
{
	uint8_t **record;

	if (c->arg[1] >= FW_NR_RECORDS)
		return NULL;
	record = &c->fw->cpu[c->v->index].record[c->arg[1]];
	return *record ? record : NULL;
}

static int64_t get_state_info(struct fw_call *c)
{
	uint8_t buf[FW_RECORD_SIZE], **record;
	size_t length = 0;

	if (c->arg[1] >= FW_NR_RECORDS)
		return SAL_INVALID;
	pthread_mutex_lock(&c->fw->lock);
	record = find_record(c);
	if (record) {
		length = fw_record_length(*record);
		memcpy(buf, *record, length);
	}
	pthread_mutex_unlock(&c->fw->lock);
	if (!length)
		return SAL_NO_INFORMATION;
	c->ret[0] = length;
	return fw_write(c, c->arg[3], buf, length) ? SAL_OK : SAL_INVALID;
}

static int64_t get_state_info_size(struct fw_call *c)
{
	if (c->arg[1] >= FW_NR_RECORDS)
		return SAL_INVALID;
	c->ret[0] = FW_RECORD_SIZE;
	return SAL_OK;
}

static int64_t clear_state_info(struct fw_call *c)
{
	uint8_t **record;

	if (c->arg[1] >= FW_NR_RECORDS)
		return SAL_INVALID;
	pthread_mutex_lock(&c->fw->lock);
	record = find_record(c);
	if (record) {
		free(*record);
		*record = NULL;
	}
	pthread_mutex_unlock(&c->fw->lock);
	return SAL_OK;
}

static int64_t succeed(struct fw_call *c)
{
	return SAL_OK;
}

static int64_t mc_set_params(struct fw_call *c)
{
	enum { RENDEZ = 1, WAKEUP = 2, CPE = 3 };
	enum { BY_INTERRUPT = 1 };
	struct firmware *fw = c->fw;
	uint64_t vector = c->arg[3];
	int64_t status = SAL_OK;

	/* By a word in memory, the other way, no processor is woken here. */
	if (c->arg[2] != BY_INTERRUPT || vector < 16 || vector > 255)
		return SAL_INVALID;
	pthread_mutex_lock(&fw->lock);
	switch (c->arg[1]) {
	case RENDEZ:
		fw->rendez_vector = (uint8_t)vector;
		fw->rendez_timeout_ms = c->arg[4] > RENDEZVOUS_MAX_MS ? RENDEZVOUS_MAX_MS
								     : (int64_t)c->arg[4];
		break;
	case WAKEUP:
		fw->wakeup_vector = (uint8_t)vector;
		break;
	case CPE: /* platform errors are not corrected, so none is told of */
		break;
	default:
		status = SAL_INVALID;
		break;
	}
	pthread_mutex_unlock(&fw->lock);
	return status;
}

static int64_t cache_flush(struct fw_call *c)
{
	if (c->arg[1] < 1 || c->arg[1] > 4)
		return SAL_INVALID;
	if (c->arg[1] != 2)
		fw_flush_code(c->fw);
	return SAL_OK;
}

/* The address of a configuration register: format 0 is SAL 2.x's, 1 has 12 register bits. */
struct config_address {
	unsigned int segment, bus, devfn, reg, size;
};

static bool config_address(const struct fw_call *c, uint64_t format, struct config_address *a)
{
	uint64_t addr = c->arg[1];

	a->size = (unsigned int)c->arg[2];
	if (c->arg[2] != 1 && c->arg[2] != 2 && c->arg[2] != 4)
		return false;
	if (format == 0) {
		a->reg = addr & 0xff;
		addr >>= 8;
	} else if (format == 1) {
		a->reg = addr & 0xfff;
		addr >>= 12;
	} else {
		return false;
	}
	a->devfn = addr & 0xff;
	a->bus = addr >> 8 & 0xff;
	addr >>= 16;
	a->segment = addr & 0xffff;
	return !(addr >> (format ? 16 : 8)) && !(a->reg % a->size);
}

static int64_t pci_config_read_call(struct fw_call *c)
{
	struct config_address a;

	if (!config_address(c, c->arg[3], &a))
		return SAL_INVALID;
	if (a.segment || !c->fw->pci)
		c->ret[0] = (1ull << a.size * 8) - 1;
	else
		c->ret[0] = pci_config_read(c->fw->pci, a.bus, a.devfn, a.reg, a.size);
	return SAL_OK;
}

static int64_t pci_config_write_call(struct fw_call *c)
{
	struct config_address a;

	if (!config_address(c, c->arg[4], &a))
		return SAL_INVALID;
	if (!a.segment && c->fw->pci)
		pci_config_write(c->fw->pci, a.bus, a.devfn, a.reg, a.size, (uint32_t)c->arg[3]);
	return SAL_OK;
}

static int64_t freq_base(struct fw_call *c)
{
	enum { PLATFORM, INTERVAL_TIMER, REALTIME_CLOCK };

	c->ret[1] = ~0ull; /* drift: not known */
	switch (c->arg[1]) {
	case PLATFORM:
		c->ret[0] = FW_PLATFORM_HZ;
		return SAL_OK;
	case INTERVAL_TIMER:
		c->ret[0] = c->v->sys->itc_hz;
		return SAL_OK;
	case REALTIME_CLOCK:
		return SAL_UNIMPLEMENTED;
	default:
		return SAL_INVALID;
	}
}

static int64_t physical_id_info(struct fw_call *c)
{
	c->ret[0] = c->v->index; /* each processor is a socket of its own */
	return SAL_OK;
}

static const struct {
	uint64_t index;
	const char *name;
	int64_t (*call)(struct fw_call *c);
} procedures[] = {
	{ 0x01000000, "SAL_SET_VECTORS", set_vectors },
	{ 0x01000001, "SAL_GET_STATE_INFO", get_state_info },
	{ 0x01000002, "SAL_GET_STATE_INFO_SIZE", get_state_info_size },
	{ 0x01000003, "SAL_CLEAR_STATE_INFO", clear_state_info },
	{ 0x01000004, "SAL_MC_RENDEZ", fw_mc_rendezvous },
	{ 0x01000005, "SAL_MC_SET_PARAMS", mc_set_params },
	{ 0x01000006, "SAL_REGISTER_PHYSICAL_ADDR", succeed },
	{ 0x01000008, "SAL_CACHE_FLUSH", cache_flush },
	{ 0x01000009, "SAL_CACHE_INIT", succeed },
	{ 0x01000010, "SAL_PCI_CONFIG_READ", pci_config_read_call },
	{ 0x01000011, "SAL_PCI_CONFIG_WRITE", pci_config_write_call },
	{ 0x01000012, "SAL_FREQ_BASE", freq_base },
	{ 0x01000013, "SAL_PHYSICAL_ID_INFO", physical_id_info },
	{ 0x01000020, "SAL_UPDATE_PAL", NULL },
};

int64_t sal_call(struct fw_call *c)
{
	size_t i;

	c->name = "SAL (no such procedure)";
	for (i = 0; i < sizeof(procedures) / sizeof(procedures[0]); i++) {
		if (procedures[i].index != c->arg[0])
			continue;
		c->name = procedures[i].name;
		return procedures[i].call ? procedures[i].call(c) : SAL_UNIMPLEMENTED;
	}
	return SAL_UNIMPLEMENTED;
}

/* --- tables --- */

/* SAL 3.2.1: header, then entries of a size their type gives. */
struct systab {
	char signature[4];
	uint32_t size;
	uint8_t revision_minor, revision_major; /* BCD */
	uint16_t entries;
	uint8_t checksum, reserved1[7];
	uint8_t sal_a_minor, sal_a_major, sal_b_minor, sal_b_major;
	char oem[32], product[32];
	uint8_t reserved2[8];
	struct {
		uint8_t type, reserved1[7];
		uint64_t pal_proc, sal_proc, gp;
		uint8_t reserved2[16];
	} entry;
	struct {
		uint8_t type, mechanism, reserved[6];
		uint64_t vector;
	} ap_wakeup;
};

enum { SYSTAB_ENTRY_POINT = 0, SYSTAB_AP_WAKEUP = 5 };

/* DIG64 Headless Console and Debug Port table, version 2.0: one UART, the primary console. */
struct __attribute__((packed)) pcdp {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
	uint32_t nr_uarts;
	struct __attribute__((packed)) {
		uint8_t type, bits, parity, stop_bits, segment, bus, dev, func;
		uint64_t baud;
		struct acpi_gas address;
		uint16_t device_id, vendor_id;
		uint32_t gsi, clock_hz;
		uint8_t prog_if, flags;
		uint16_t conout_index;
		uint32_t reserved;
	} uart;
};

#define PCDP_REVISION 3 /* what version 2.0 of the specification calls itself */
#define PCDP_PRIMARY_CONSOLE (1u << 2)
#define PCDP_INTERRUPT (1u << 6)

static void build_pcdp(struct firmware *fw)
{
	struct pcdp t = {
		.signature = "HCDP",
		.length = sizeof(t),
		.revision = PCDP_REVISION,
		.oem = ACPI_OEM,
		.table = ACPI_OEM_TABLE,
		.creator = ACPI_CREATOR,
		.nr_uarts = 1,
		.uart = {
			.bits = 8,
			.parity = 1, /* none */
			.stop_bits = 1,
			.baud = 115200,
			.address = { ACPI_SPACE_IO, 8, 0, 1, LAYOUT_UART_PORT },
			.gsi = LAYOUT_GSI_UART,
			.clock_hz = UART_CLOCK_HZ,
			.flags = PCDP_PRIMARY_CONSOLE | PCDP_INTERRUPT,
		},
	};

	t.checksum = acpi_checksum(&t, sizeof(t));
	ia64_memory_write(fw->mem, FW_HCDP, &t, sizeof(t));
}

void sal_build(struct firmware *fw)
{
	struct systab t = {
		.signature = "SST_",
		.size = sizeof(t),
		.revision_minor = 0x20,
		.revision_major = 0x03,
		.entries = 2,
		.sal_b_minor = 0x01,
		.oem = "Paravane",
		.product = "Paravane IA-64",
		.entry = {
			.type = SYSTAB_ENTRY_POINT,
			.pal_proc = FW_PAL_PROC,
			.sal_proc = FW_SAL_PROC,
		},
		.ap_wakeup = { .type = SYSTAB_AP_WAKEUP, .vector = FW_AP_WAKEUP_VECTOR },
	};

	_Static_assert(sizeof(struct systab) == 96 + 48 + 16, "SAL 3.2.1");
	t.checksum = acpi_checksum(&t, sizeof(t));
	ia64_memory_write(fw->mem, FW_SAL_SYSTAB, &t, sizeof(t));
	build_pcdp(fw);
}
