/* SPDX-License-Identifier: GPL-2.0-or-later */
/* EFI: system table, runtime services, memory map. Boot services are over when a kernel starts. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <zlib.h>

#include "machine/firmware.h"
#include "machine/layout.h"
#include "machine/nvram.h"

/* EFI 1.10, appendix D: the top bit marks errors. */
#define EFI_ERROR(n) ((int64_t)(1ull << 63 | (n)))
#define EFI_SUCCESS 0
#define EFI_INVALID_PARAMETER EFI_ERROR(2)
#define EFI_UNSUPPORTED EFI_ERROR(3)
#define EFI_BUFFER_TOO_SMALL EFI_ERROR(5)
#define EFI_DEVICE_ERROR EFI_ERROR(7)
#define EFI_OUT_OF_RESOURCES EFI_ERROR(9)
#define EFI_NOT_FOUND EFI_ERROR(14)

#define EFI_REVISION (1u << 16 | 10u) /* 1.10 */

struct efi_header {
	uint64_t signature;
	uint32_t revision, size, crc32, reserved;
};

/* In the order of the runtime services table, EFI 1.10, 4.5. */
enum efi_service {
	EFI_GET_TIME,
	EFI_SET_TIME,
	EFI_GET_WAKEUP_TIME,
	EFI_SET_WAKEUP_TIME,
	EFI_SET_VIRTUAL_ADDRESS_MAP,
	EFI_CONVERT_POINTER,
	EFI_GET_VARIABLE,
	EFI_GET_NEXT_VARIABLE_NAME,
	EFI_SET_VARIABLE,
	EFI_GET_NEXT_HIGH_MONOTONIC_COUNT,
	EFI_RESET_SYSTEM,
	EFI_NR_SERVICES,
};

struct efi_runtime_services {
	struct efi_header header;
	uint64_t service[EFI_NR_SERVICES]; /* addresses of function descriptors */
};

struct efi_config_entry {
	uint8_t guid[16];
	uint64_t table;
};

/* ACPI 2.0, SAL system table, HCDP. */
#define EFI_NR_CONFIG 3

struct efi_system_table {
	struct efi_header header;
	uint64_t vendor;
	uint32_t vendor_revision, pad;
	uint64_t con_in_handle, con_in, con_out_handle, con_out, std_err_handle, std_err;
	uint64_t runtime, boot_services;
	uint64_t nr_config, config;
};

/* A function descriptor of the IA-64 runtime conventions. */
struct function_descriptor {
	uint64_t ip, gp;
};

/* How all of it lies in FW_EFI_DATA. */
struct efi_data {
	struct efi_system_table system;
	struct efi_runtime_services runtime;
	struct efi_config_entry config[EFI_NR_CONFIG];
	struct function_descriptor fn[EFI_NR_SERVICES];
	uint16_t vendor[16];
};

#define DATA_ADDRESS(member) (FW_EFI_SYSTAB + offsetof(struct efi_data, member))

static const uint8_t guid_acpi20[16] = { 0x71, 0xe8, 0x68, 0x88, 0xf1, 0xe4, 0xd3, 0x11,
					 0xbc, 0x22, 0x00, 0x80, 0xc7, 0x3c, 0x88, 0x81 };
static const uint8_t guid_sal[16] = { 0x32, 0x2d, 0x9d, 0xeb, 0x88, 0x2d, 0xd3, 0x11,
				      0x9a, 0x16, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d };
static const uint8_t guid_hcdp[16] = { 0x8d, 0x93, 0x51, 0xf9, 0x0b, 0x62, 0xef, 0x42,
				       0x82, 0x79, 0xa8, 0x4b, 0x79, 0x61, 0x78, 0x98 };

static void seal(struct efi_header *h, size_t size)
{
	h->size = (uint32_t)size;
	h->crc32 = 0;
	h->crc32 = (uint32_t)crc32(0, (const Bytef *)h, (uInt)size);
}

static void seal_all(struct efi_data *d)
{
	seal(&d->system.header, sizeof(d->system));
	seal(&d->runtime.header, sizeof(d->runtime));
}

static void set_config(struct efi_config_entry *e, const uint8_t guid[16], uint64_t table)
{
	memcpy(e->guid, guid, sizeof(e->guid));
	e->table = table;
}

void efi_build(struct firmware *fw)
{
	static const char vendor[] = "Paravane";
	struct efi_data d = {
		.system = {
			.header = { 0x5453595320494249ull, EFI_REVISION, 0, 0, 0 }, /* IBI SYST */
			.vendor = DATA_ADDRESS(vendor),
			.vendor_revision = 1,
			.runtime = DATA_ADDRESS(runtime),
			.nr_config = EFI_NR_CONFIG,
			.config = DATA_ADDRESS(config),
		},
		.runtime.header = { 0x56524553544e5552ull, EFI_REVISION, 0, 0, 0 }, /* RUNTSERV */
	};
	unsigned int i;

	for (i = 0; i < EFI_NR_SERVICES; i++) {
		fw_write_entry(fw, FW_EFI_ENTRY(i), FW_BREAK_EFI + i);
		d.fn[i].ip = FW_EFI_ENTRY(i);
		d.runtime.service[i] = DATA_ADDRESS(fn) + i * sizeof(d.fn[0]);
	}
	set_config(&d.config[0], guid_acpi20, FW_ACPI_RSDP);
	set_config(&d.config[1], guid_sal, FW_SAL_SYSTAB);
	set_config(&d.config[2], guid_hcdp, FW_HCDP);
	for (i = 0; i < sizeof(vendor); i++)
		d.vendor[i] = (uint8_t)vendor[i];
	seal_all(&d);
	ia64_memory_write(fw->mem, FW_EFI_SYSTAB, &d, sizeof(d));
}

/* --- runtime services, EFI 1.10, chapter 7 --- */

struct efi_time {
	uint16_t year;
	uint8_t month, day, hour, minute, second, pad1;
	uint32_t nanosecond;
	int16_t time_zone; /* minutes; EFI_UNSPECIFIED_TIMEZONE: local time */
	uint8_t daylight, pad2;
};

#define EFI_UNSPECIFIED_TIMEZONE 0x7ff

static int64_t get_time(struct fw_call *c)
{
	struct { uint32_t resolution, accuracy; uint8_t sets_to_zero, pad[3]; } caps = {
		1, 50000000, 0, { 0 } /* 1 Hz, 50 parts per million */
	};
	struct efi_time t = { .time_zone = EFI_UNSPECIFIED_TIMEZONE };
	struct timespec now;
	struct tm tm;
	time_t seconds;

	if (!c->arg[0])
		return EFI_INVALID_PARAMETER;
	clock_gettime(CLOCK_REALTIME, &now);
	pthread_mutex_lock(&c->fw->lock);
	seconds = now.tv_sec + c->fw->time_offset;
	pthread_mutex_unlock(&c->fw->lock);
	gmtime_r(&seconds, &tm);
	t.year = (uint16_t)(tm.tm_year + 1900);
	t.month = (uint8_t)(tm.tm_mon + 1);
	t.day = (uint8_t)tm.tm_mday;
	t.hour = (uint8_t)tm.tm_hour;
	t.minute = (uint8_t)tm.tm_min;
	t.second = (uint8_t)(tm.tm_sec > 59 ? 59 : tm.tm_sec);
	t.nanosecond = (uint32_t)now.tv_nsec;
	if (c->arg[1] && !fw_write(c, c->arg[1], &caps, sizeof(caps)))
		return EFI_INVALID_PARAMETER;
	return fw_write(c, c->arg[0], &t, sizeof(t)) ? EFI_SUCCESS : EFI_INVALID_PARAMETER;
}

static int64_t set_time(struct fw_call *c)
{
	struct efi_time t;
	struct tm tm = { 0 };
	int64_t wanted;

	if (!c->arg[0] || !fw_read(c, c->arg[0], &t, sizeof(t)))
		return EFI_INVALID_PARAMETER;
	if (t.year < 1998 || t.year > 2099 || t.month < 1 || t.month > 12 || t.day < 1 ||
	    t.day > 31 || t.hour > 23 || t.minute > 59 || t.second > 59 ||
	    t.nanosecond > 999999999 ||
	    (t.time_zone != EFI_UNSPECIFIED_TIMEZONE &&
	     (t.time_zone < -1440 || t.time_zone > 1440)))
		return EFI_INVALID_PARAMETER;
	tm.tm_year = t.year - 1900;
	tm.tm_mon = t.month - 1;
	tm.tm_mday = t.day;
	tm.tm_hour = t.hour;
	tm.tm_min = t.minute;
	tm.tm_sec = t.second;
	wanted = timegm(&tm);
	pthread_mutex_lock(&c->fw->lock);
	c->fw->time_offset = wanted - time(NULL);
	pthread_mutex_unlock(&c->fw->lock);
	return EFI_SUCCESS;
}

static int64_t unsupported(struct fw_call *c)
{
	return EFI_UNSUPPORTED;
}

/* --- variables, EFI 1.10, 7.1 --- */

#define VARIABLE_NON_VOLATILE 1u
#define VARIABLE_BOOTSERVICE 2u
#define VARIABLE_RUNTIME 4u
#define VARIABLE_KNOWN (VARIABLE_NON_VOLATILE | VARIABLE_BOOTSERVICE | VARIABLE_RUNTIME)

static int64_t variable_status(enum nvram_result result)
{
	switch (result) {
	case NVRAM_OK:
		return EFI_SUCCESS;
	case NVRAM_NOT_FOUND:
		return EFI_NOT_FOUND;
	case NVRAM_FULL:
		return EFI_OUT_OF_RESOURCES;
	case NVRAM_FAILED:
		break;
	}
	return EFI_DEVICE_ERROR;
}

/* A name in guest memory, up to its 0. False: it cannot be read, or is too long. */
static bool read_name(struct fw_call *c, uint64_t addr, uint16_t name[NVRAM_MAX_NAME])
{
	unsigned int n;

	for (n = 0; n < NVRAM_MAX_NAME; n++) {
		if (!fw_read(c, addr + n * 2, &name[n], 2))
			return false;
		if (!name[n])
			return true;
	}
	return false;
}

/* The name and the vendor's GUID that a variable goes by. False: they cannot be read. */
static bool read_key(struct fw_call *c, uint64_t name_at, uint64_t vendor_at,
		     uint16_t name[NVRAM_MAX_NAME], uint8_t vendor[16])
{
	return name_at && vendor_at && read_name(c, name_at, name) &&
	       fw_read(c, vendor_at, vendor, 16);
}

/*
 * Stores `data` if the buffer, whose size lies at `size_at`, has room for it, and the size it needs
 * in both cases.
 */
static int64_t return_sized(struct fw_call *c, uint64_t size_at, uint64_t addr, const void *data,
			    uint64_t size)
{
	uint64_t room;

	if (!fw_read(c, size_at, &room, sizeof(room)))
		return EFI_INVALID_PARAMETER;
	if (room < size)
		return fw_write(c, size_at, &size, sizeof(size)) ? EFI_BUFFER_TOO_SMALL
								 : EFI_INVALID_PARAMETER;
	if (!addr || !fw_write(c, addr, data, size) || !fw_write(c, size_at, &size, sizeof(size)))
		return EFI_INVALID_PARAMETER;
	return EFI_SUCCESS;
}

/*
 * The variable that the name and vendor at these addresses lead to, by nvram_get() or nvram_next();
 * *v is to be freed if the status is EFI_SUCCESS. `size_at` is where the caller's buffer size lies.
 */
static int64_t find_variable(struct fw_call *c, uint64_t name_at, uint64_t vendor_at,
			     uint64_t size_at,
			     enum nvram_result (*find)(struct nvram *n, const uint16_t *name,
						       const uint8_t vendor[16],
						       struct nvram_variable **v),
			     struct nvram_variable **v)
{
	uint16_t name[NVRAM_MAX_NAME];
	uint8_t vendor[16];

	if (!c->fw->nvram)
		return EFI_NOT_FOUND;
	if (!size_at || !read_key(c, name_at, vendor_at, name, vendor))
		return EFI_INVALID_PARAMETER;
	return variable_status(find(c->fw->nvram, name, vendor, v));
}

/* GetVariable(name, vendor, attributes or 0, size, data) */
static int64_t get_variable(struct fw_call *c)
{
	struct nvram_variable *v;
	int64_t status;

	status = find_variable(c, c->arg[0], c->arg[1], c->arg[3], nvram_get, &v);
	if (status)
		return status;
	status = return_sized(c, c->arg[3], c->arg[4], v->data, v->size);
	if (!status && c->arg[2] && !fw_write(c, c->arg[2], &v->attributes, sizeof(v->attributes)))
		status = EFI_INVALID_PARAMETER;
	free(v);
	return status;
}

/* GetNextVariableName(size, name, vendor) */
static int64_t get_next_variable_name(struct fw_call *c)
{
	struct nvram_variable *v;
	int64_t status;

	status = find_variable(c, c->arg[1], c->arg[2], c->arg[0], nvram_next, &v);
	if (status)
		return status;
	status = return_sized(c, c->arg[0], c->arg[1], v->name,
			      (nvram_name_length(v->name) + 1) * 2);
	if (!status && !fw_write(c, c->arg[2], v->vendor, sizeof(v->vendor)))
		status = EFI_INVALID_PARAMETER;
	free(v);
	return status;
}

/*
 * SetVariable(name, vendor, attributes, size, data). Boot services are over: what a kernel sets
 * must be there at run time and last.
 */
static int64_t set_variable(struct fw_call *c)
{
	uint32_t attributes = (uint32_t)c->arg[2];
	uint64_t size = attributes ? c->arg[3] : 0;
	uint16_t name[NVRAM_MAX_NAME];
	uint8_t vendor[16], *data;
	int64_t status = EFI_INVALID_PARAMETER;

	if (!c->fw->nvram)
		return EFI_UNSUPPORTED;
	if (!read_key(c, c->arg[0], c->arg[1], name, vendor) || !*name ||
	    (attributes & ~VARIABLE_KNOWN) || (size && attributes != VARIABLE_KNOWN))
		return EFI_INVALID_PARAMETER;
	if (size > NVRAM_MAX_DATA)
		return EFI_OUT_OF_RESOURCES;
	data = malloc(size + 1);
	if (!data)
		return EFI_OUT_OF_RESOURCES;
	if (!size || fw_read(c, c->arg[4], data, size))
		status = variable_status(nvram_set(c->fw->nvram, name, vendor, attributes, data,
						   size));
	free(data);
	return status;
}

static int64_t next_high_monotonic_count(struct fw_call *c)
{
	uint32_t count;

	if (!c->arg[0])
		return EFI_INVALID_PARAMETER;
	pthread_mutex_lock(&c->fw->lock);
	count = c->fw->monotonic_high + 1;
	pthread_mutex_unlock(&c->fw->lock);
	if (!fw_write(c, c->arg[0], &count, sizeof(count)))
		return EFI_INVALID_PARAMETER;
	pthread_mutex_lock(&c->fw->lock);
	c->fw->monotonic_high = count;
	pthread_mutex_unlock(&c->fw->lock);
	return EFI_SUCCESS;
}

static int64_t reset_system(struct fw_call *c)
{
	enum { COLD, WARM, SHUTDOWN };

	c->again = true; /* never returns: the processor stays here until the machine has stopped */
	c->fw->request(c->fw->ctx,
		       c->arg[0] == SHUTDOWN ? PM_REQUEST_POWEROFF : PM_REQUEST_RESET);
	return EFI_SUCCESS;
}

/* What SetVirtualAddressMap() was given, as far as it concerns the firmware's own memory. */
struct virtual_map {
	uint64_t data, code; /* virtual minus physical address */
	bool has_data, has_code;
};

static bool read_virtual_map(struct fw_call *c, struct virtual_map *map)
{
	uint64_t size = c->arg[0], stride = c->arg[1], at;
	struct efi_memory_descriptor d;

	memset(map, 0, sizeof(*map));
	if (stride < sizeof(d) || size > 1 << 20 || size % stride)
		return false;
	for (at = 0; at < size; at += stride) {
		if (!fw_read(c, c->arg[3] + at, &d, sizeof(d)))
			return false;
		if (d.start <= FW_EFI_DATA && FW_EFI_DATA - d.start < d.pages * EFI_PAGE_SIZE) {
			map->data = d.virt - d.start;
			map->has_data = true;
		}
		if (d.start <= FW_RUNTIME_CODE &&
		    FW_RUNTIME_CODE - d.start < d.pages * EFI_PAGE_SIZE) {
			map->code = d.virt - d.start;
			map->has_code = true;
		}
	}
	return map->has_data && map->has_code;
}

static int64_t set_virtual_address_map(struct fw_call *c)
{
	struct firmware *fw = c->fw;
	struct virtual_map map;
	struct efi_data d;
	bool already;
	unsigned int i;

	pthread_mutex_lock(&fw->lock);
	already = fw->virtual_mode;
	pthread_mutex_unlock(&fw->lock);
	if (already)
		return EFI_UNSUPPORTED;
	if (c->arg[2] != EFI_MEMORY_DESCRIPTOR_VERSION || !read_virtual_map(c, &map) ||
	    !ia64_memory_read(fw->mem, FW_EFI_SYSTAB, &d, sizeof(d)))
		return EFI_INVALID_PARAMETER;
	for (i = 0; i < EFI_NR_SERVICES; i++) {
		d.fn[i].ip = FW_EFI_ENTRY(i) + map.code;
		d.runtime.service[i] = DATA_ADDRESS(fn) + i * sizeof(d.fn[0]) + map.data;
	}
	d.system.vendor = DATA_ADDRESS(vendor) + map.data;
	d.system.runtime = DATA_ADDRESS(runtime) + map.data;
	d.system.config = DATA_ADDRESS(config) + map.data;
	seal_all(&d);
	ia64_memory_write(fw->mem, FW_EFI_SYSTAB, &d, sizeof(d));
	pthread_mutex_lock(&fw->lock);
	fw->virtual_mode = true;
	pthread_mutex_unlock(&fw->lock);
	return EFI_SUCCESS;
}

static const struct {
	const char *name;
	int64_t (*call)(struct fw_call *c);
} services[EFI_NR_SERVICES] = {
	[EFI_GET_TIME] = { "GetTime", get_time },
	[EFI_SET_TIME] = { "SetTime", set_time },
	[EFI_GET_WAKEUP_TIME] = { "GetWakeupTime", unsupported },
	[EFI_SET_WAKEUP_TIME] = { "SetWakeupTime", unsupported },
	[EFI_SET_VIRTUAL_ADDRESS_MAP] = { "SetVirtualAddressMap", set_virtual_address_map },
	[EFI_CONVERT_POINTER] = { "ConvertPointer", unsupported },
	[EFI_GET_VARIABLE] = { "GetVariable", get_variable },
	[EFI_GET_NEXT_VARIABLE_NAME] = { "GetNextVariableName", get_next_variable_name },
	[EFI_SET_VARIABLE] = { "SetVariable", set_variable },
	[EFI_GET_NEXT_HIGH_MONOTONIC_COUNT] = { "GetNextHighMonotonicCount",
						next_high_monotonic_count },
	[EFI_RESET_SYSTEM] = { "ResetSystem", reset_system },
};

int64_t efi_call(struct fw_call *c, unsigned int service)
{
	if (service >= EFI_NR_SERVICES)
		return EFI_UNSUPPORTED;
	c->name = services[service].name;
	return services[service].call(c);
}

/* --- memory map, EFI 1.10, 5.2 --- */

#define EFI_UC EFI_MEMORY_UC
#define EFI_WB EFI_MEMORY_WB
#define EFI_RUNTIME EFI_MEMORY_RUNTIME

#define FIRST_PAGE 0x4000ull

struct map_writer {
	struct efi_memory_descriptor *map;
	unsigned int count, max;
	bool full;
};

static void map_add(struct map_writer *w, enum efi_memory_type type, uint64_t start, uint64_t end,
		    uint64_t attribute)
{
	if (start >= end)
		return;
	if (w->count == w->max) {
		w->full = true;
		return;
	}
	w->map[w->count++] = (struct efi_memory_descriptor){
		.type = type,
		.start = start,
		.pages = (end - start) / EFI_PAGE_SIZE,
		.attribute = attribute,
	};
}

/* A stretch of RAM, with what the boot loader used in it. */
static void map_ram(struct map_writer *w, uint64_t start, uint64_t end, const struct efi_used *used,
		    unsigned int nr)
{
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (used[i].start < start || used[i].start >= end)
			continue;
		map_add(w, EFI_CONVENTIONAL, start, used[i].start, EFI_WB);
		start = used[i].start + used[i].size;
		map_add(w, used[i].type, used[i].start, start, EFI_WB);
	}
	map_add(w, EFI_CONVENTIONAL, start, end, EFI_WB);
}

/* The firmware's own megabyte. */
static void map_firmware(struct map_writer *w, uint64_t min_state_attribute)
{
	map_add(w, EFI_RUNTIME_SERVICES_DATA, FW_EFI_DATA, FW_ACPI, EFI_WB | EFI_RUNTIME);
	map_add(w, EFI_ACPI_RECLAIM, FW_ACPI, FW_PAL_CODE, EFI_WB);
	map_add(w, EFI_PAL_CODE, FW_PAL_CODE, FW_RUNTIME_CODE, EFI_WB | EFI_RUNTIME);
	map_add(w, EFI_RUNTIME_SERVICES_CODE, FW_RUNTIME_CODE, FW_CODE_END, EFI_WB | EFI_RUNTIME);
	map_add(w, EFI_RESERVED, FW_MIN_STATE, FW_MIN_STATE_END, min_state_attribute);
}

/*
 * A stretch of a domain's RAM. What is reserved is in the map as well: kernels leave out what is
 * less than a granule of memory.
 */
static void map_domain_ram(struct map_writer *w, const struct firmware *fw, uint64_t start,
			   uint64_t end, const struct efi_used *used, unsigned int nr)
{
	uint64_t reserved = end - fw->ram_reserved;

	map_ram(w, start, reserved, used, nr);
	map_add(w, EFI_RESERVED, reserved, end, EFI_WB);
}

static void map_domain(struct map_writer *w, const struct firmware *fw, const struct efi_used *used,
		       unsigned int nr)
{
	const uint64_t firmware_end = LAYOUT_FIRMWARE_BASE + LAYOUT_FIRMWARE_SIZE;
	const uint64_t start = FW_BOOT_DATA + FW_BOOT_DATA_SIZE;

	if (fw->ram_low > firmware_end)
		map_ram(w, start, LAYOUT_FIRMWARE_BASE, used, nr);
	else
		map_domain_ram(w, fw, start, fw->ram_low < LAYOUT_FIRMWARE_BASE ? fw->ram_low :
			       LAYOUT_FIRMWARE_BASE, used, nr);
	/* All of it write-back, and no gap: the granule it is in may be memory for the kernel. */
	map_firmware(w, EFI_WB);
	map_add(w, EFI_RESERVED, FW_MIN_STATE_END, firmware_end, EFI_WB);
	if (fw->ram_low > firmware_end)
		map_domain_ram(w, fw, firmware_end, fw->ram_low, used, nr);
	map_add(w, EFI_MMIO_PORTS, LAYOUT_DOMAIN_PORT_BASE,
		LAYOUT_DOMAIN_PORT_BASE + LAYOUT_PORT_SIZE, EFI_UC | EFI_RUNTIME);
}

unsigned int efi_memory_map(const struct firmware *fw, const struct efi_used *used, unsigned int nr,
			    struct efi_memory_descriptor *map, unsigned int max)
{
	struct map_writer w = { map, 0, max, false };

	/* Kernels leave the first page out, and Linux warns of it when it is said to be free. */
	map_add(&w, EFI_RESERVED, 0, FIRST_PAGE, EFI_WB);
	map_add(&w, EFI_CONVENTIONAL, FIRST_PAGE, FW_BOOT_DATA, EFI_WB);
	map_add(&w, EFI_LOADER_DATA, FW_BOOT_DATA, FW_BOOT_DATA + FW_BOOT_DATA_SIZE, EFI_WB);
	if (fw->flat) {
		map_domain(&w, fw, used, nr);
		return w.full ? 0 : w.count;
	}
	map_ram(&w, FW_BOOT_DATA + FW_BOOT_DATA_SIZE, fw->ram_low, used, nr);
	map_add(&w, EFI_MMIO_PORTS, LAYOUT_PORT_BASE, LAYOUT_PORT_BASE + LAYOUT_PORT_SIZE,
		EFI_UC | EFI_RUNTIME);
	map_add(&w, EFI_MMIO, LAYOUT_IOSAPIC_BASE, LAYOUT_IOSAPIC_BASE + LAYOUT_IOSAPIC_SIZE,
		EFI_UC | EFI_RUNTIME);
	map_add(&w, EFI_MMIO, LAYOUT_IPI_BASE, LAYOUT_IPI_BASE + LAYOUT_IPI_SIZE,
		EFI_UC | EFI_RUNTIME);
	map_firmware(&w, EFI_UC);
	map_ram(&w, LAYOUT_RAM_HIGH, LAYOUT_RAM_HIGH + fw->ram_high, used, nr);
	return w.full ? 0 : w.count;
}
