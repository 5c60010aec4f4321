/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware: what the guest finds in a megabyte below 4 GB, and the host code behind it.
 *
 * Every entry point is a bundle with a break instruction. machine.c hands breaks of privilege level
 * 0 in the firmware's pages to firmware_break(), which runs the procedure and lets the guest go on
 * with the return branch that follows in memory.
 *
 * Sources: SAL = Itanium Processor Family System Abstraction Layer Specification; SDM 2:11 (PAL);
 * EFI = Extensible Firmware Interface Specification 1.10.
 */
#ifndef PARAVANE_MACHINE_FIRMWARE_H
#define PARAVANE_MACHINE_FIRMWARE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ia64/vcpu.h"
#include "machine/events.h"
#include "machine/layout.h"
#include "machine/pm.h"

struct nvram;
struct pci_bus;

/* The firmware's part of memory. Code is recognised in [FW_CODE, FW_CODE_END) only. */
#define FW_EFI_DATA LAYOUT_FIRMWARE_BASE /* system table, runtime services, descriptors */
#define FW_SAL_DATA (LAYOUT_FIRMWARE_BASE + 0x20000) /* SAL system table, console table */
#define FW_ACPI (LAYOUT_FIRMWARE_BASE + 0x40000)     /* to FW_CODE */
#define FW_CODE (LAYOUT_FIRMWARE_BASE + 0x80000)
#define FW_PAL_CODE FW_CODE
#define FW_RUNTIME_CODE (LAYOUT_FIRMWARE_BASE + 0x90000)
#define FW_CODE_END (LAYOUT_FIRMWARE_BASE + 0xa0000)
#define FW_MIN_STATE (LAYOUT_FIRMWARE_BASE + 0xa0000) /* a min-state save area for each processor */
#define FW_MIN_STATE_END (FW_MIN_STATE + (uint64_t)FW_MAX_VCPUS * MIN_STATE_SIZE)

#define FW_MAX_VCPUS 64

/* What the boot loader leaves for the kernel in RAM: parameters, memory map, command line. */
#define FW_BOOT_DATA 0x10000ull
#define FW_BOOT_DATA_SIZE 0x10000ull

#define FW_PLATFORM_HZ 100000000ull /* SAL_FREQ_BASE; ar.itc's ratio to it is a whole number */
#define FW_AP_WAKEUP_VECTOR 0xf0u

/* Operands of the break instructions. */
enum fw_break {
	FW_BREAK_PAL = 0x1f0000,
	FW_BREAK_SAL,
	FW_BREAK_AP_WAIT,
	FW_BREAK_SAL_CHECK,
	FW_BREAK_MCA_RETURN,
	FW_BREAK_INIT_RETURN,
	FW_BREAK_PMI_RETURN,
	FW_BREAK_EFI, /* and the ones after it: service n */
};

/* An entry point of the OS, physical, as SAL_SET_VECTORS names it; ip 0: none. */
struct fw_handler {
	uint64_t ip, gp;
};

enum { FW_INIT_MONARCH, FW_INIT_SLAVE };

struct firmware {
	struct ia64_system *sys;
	struct ia64_memory *mem;
	struct pci_bus *pci;
	struct nvram *nvram;        /* EFI variables; NULL: there are none and none can be set */
	bool flat;                  /* a domain's memory map: see LAYOUT_DOMAIN_PORT_BASE */
	uint64_t ram_low, ram_high; /* bytes below and above 4 GB; flat: all, and 0 */
	uint64_t ram_reserved;      /* flat: bytes at the end that are not the OS's */
	void (*request)(void *ctx, enum pm_request what); /* any vCPU's thread */
	void *ctx;

	pthread_mutex_t lock; /* guards what follows */
	struct fw_handler os_rendez;   /* where woken processors go */
	struct fw_handler os_mca, os_init[2];
	/* SAL_MC_SET_PARAMS: the interrupts that call to the rendezvous (0: none) and end it. */
	uint8_t rendez_vector, wakeup_vector;
	int64_t rendez_timeout_ms;
	uint64_t last_record;          /* id of the last error record */
	struct fw_cpu cpu[FW_MAX_VCPUS];
	int64_t time_offset;           /* seconds that SetTime moved the clock by */
	uint32_t monotonic_high;
	bool virtual_mode;             /* SetVirtualAddressMap() was called */
};

/* A call under way. */
struct fw_call {
	struct firmware *fw;
	struct vcpu *v;
	const char *name;  /* of the procedure, for traces */
	uint64_t arg[8];   /* arg[0] is the procedure's index for PAL and SAL */
	uint64_t ret[3];   /* r9, r10, r11 */
	bool again;        /* do not return: a fault was delivered, or the break runs again */
};

/*
 * Lays the firmware out in guest memory. The RAM is there, fw->sys.. ctx are filled in, no vCPU
 * runs. Returns 0, or -1 when tables do not fit (a bug).
 */
int firmware_init(struct firmware *fw);
void firmware_destroy(struct firmware *fw);

/* Is a break at this code address the firmware's? */
static inline bool firmware_owns(const struct vcpu *v)
{
	return !v->cpl && v->code_pa >= FW_CODE && v->code_pa < FW_CODE_END;
}

/* Serves a break instruction of the firmware's code, ip/ri in sync. False: not one of its own. */
bool firmware_break(struct firmware *fw, struct vcpu *v, uint64_t imm);

/* Puts a processor other than the first into SAL's rendezvous loop. */
void firmware_park(struct firmware *fw, struct vcpu *v);

/* --- Inside the firmware ------------------------------------------------------------------ */

/*
 * Guest memory at an address as the caller's translation has it. False: part of it is not RAM, or
 * the access took a fault that the guest serves before the call runs again (c->again is set then).
 */
bool fw_read(struct fw_call *c, uint64_t addr, void *buf, size_t len);
bool fw_write(struct fw_call *c, uint64_t addr, const void *buf, size_t len);

/* Drops all decoded instructions: what flushing the instruction caches means here. */
void fw_flush_code(struct firmware *fw);

/* Writes an entry point that breaks with `imm` and returns as a stacked procedure. */
void fw_write_entry(struct firmware *fw, uint64_t pa, uint32_t imm);

/* The procedures: return the status (r8). */
int64_t pal_call(struct fw_call *c);
int64_t sal_call(struct fw_call *c);
int64_t efi_call(struct fw_call *c, unsigned int service);

/* Addresses inside FW_PAL_CODE and FW_RUNTIME_CODE. */
#define FW_PAL_PROC FW_PAL_CODE
#define FW_PAL_RETURN_STATIC (FW_PAL_CODE + 0x10)
#define FW_SAL_PROC FW_RUNTIME_CODE
#define FW_AP_WAIT (FW_RUNTIME_CODE + 0x40)
#define FW_SAL_CHECK (FW_RUNTIME_CODE + 0x50)
#define FW_MCA_RETURN (FW_RUNTIME_CODE + 0x60)
#define FW_INIT_RETURN (FW_RUNTIME_CODE + 0x70)
#define FW_PMI_RETURN (FW_PAL_CODE + 0x20)
#define FW_EFI_ENTRY(n) (FW_RUNTIME_CODE + 0x100 + (uint64_t)(n) * 0x20)

/* Build their tables in guest memory. */
#define FW_SAL_SYSTAB FW_SAL_DATA
#define FW_HCDP (FW_SAL_DATA + 0x1000)
#define FW_EFI_SYSTAB FW_EFI_DATA
void sal_build(struct firmware *fw);
void efi_build(struct firmware *fw);
/* ACPI tables from FW_ACPI on; returns the RSDP's address, or 0 if they do not fit. */
uint64_t acpi_build(struct firmware *fw);
#define FW_ACPI_RSDP FW_ACPI

/* --- EFI memory map (for boot.c) ---------------------------------------------------------- */

enum efi_memory_type {
	EFI_RESERVED,
	EFI_LOADER_CODE,
	EFI_LOADER_DATA,
	EFI_BOOT_SERVICES_CODE,
	EFI_BOOT_SERVICES_DATA,
	EFI_RUNTIME_SERVICES_CODE,
	EFI_RUNTIME_SERVICES_DATA,
	EFI_CONVENTIONAL,
	EFI_UNUSABLE,
	EFI_ACPI_RECLAIM,
	EFI_ACPI_NVS,
	EFI_MMIO,
	EFI_MMIO_PORTS,
	EFI_PAL_CODE,
};

struct efi_memory_descriptor {
	uint32_t type, pad;
	uint64_t start, virt, pages, attribute;
};

#define EFI_MEMORY_DESCRIPTOR_VERSION 1u
#define EFI_MEMORY_UC (1ull << 0) /* attributes */
#define EFI_MEMORY_WB (1ull << 3)
#define EFI_MEMORY_RUNTIME (1ull << 63)
#define EFI_PAGE_SIZE 4096ull

/* A range the boot loader used, to be cut out of conventional memory. */
struct efi_used {
	enum efi_memory_type type;
	uint64_t start, size;
};

/*
 * Writes the memory map into `map` (room for `max`), sorted by address; `used` (count `nr`, sorted,
 * page aligned, within RAM above FW_BOOT_DATA) becomes descriptors of its own. Returns how many, 0
 * if there is no room.
 */
unsigned int efi_memory_map(const struct firmware *fw, const struct efi_used *used, unsigned int nr,
			    struct efi_memory_descriptor *map, unsigned int max);

#endif
