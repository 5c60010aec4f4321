/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole IA-64 machine: memory, processors, platform, firmware, devices.
 *
 * Threads: machine_create/run/destroy belong to one thread. Each vCPU runs on a thread of its own,
 * host I/O on one more (the event loop). Devices are guarded by one lock, machine_lock(): MMIO, port
 * and PCI configuration callbacks are called with it held; loop callbacks take it themselves.
 */
#ifndef PARAVANE_MACHINE_MACHINE_H
#define PARAVANE_MACHINE_MACHINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "ia64/memory.h"
#include "ia64/vcpu.h"
#include "machine/error.h"

struct loop;
struct chardev;
struct machine;

/* --- What is to be made ------------------------------------------------------------------- */

#define MACHINE_MAX_VCPUS 64
#define MACHINE_MAX_DISKS 16
#define MACHINE_MAX_HOSTFWD 16
#define MACHINE_MIN_MEMORY (96ull << 20)  /* the kernel is linked at 64 MB */
#define MACHINE_MAX_MEMORY (256ull << 30)

enum machine_disk_format { MACHINE_DISK_RAW, MACHINE_DISK_QCOW2 };

struct machine_disk {
	const char *path;
	enum machine_disk_format format;
	bool read_only;
	bool snapshot; /* writes are kept until the machine ends, then forgotten */
};

enum machine_net_kind { MACHINE_NET_NONE, MACHINE_NET_USER, MACHINE_NET_TAP };

struct machine_hostfwd {
	uint16_t host_port, guest_port; /* TCP; the host side binds 127.0.0.1 */
};

struct machine_net {
	enum machine_net_kind kind;
	const char *tap; /* interface name, kind TAP */
	struct machine_hostfwd hostfwd[MACHINE_MAX_HOSTFWD];
	unsigned int nr_hostfwd;
};

/* The strings belong to the caller and live until machine_destroy(). */
struct machine_config {
	const char *name;    /* shown in messages; NULL: "paravane" */
	const char *kernel;  /* ELF64 ia64, plain or gzip; must not be NULL */
	const char *initrd;  /* or NULL */
	const char *append;  /* kernel command line, or NULL */
	uint64_t memory;     /* bytes, a multiple of 1 MB */
	unsigned int vcpus;  /* 1 .. MACHINE_MAX_VCPUS */
	const char *console; /* "stdio", "pty", "unix:PATH", "file:PATH", "none"; NULL: "stdio" */
	struct machine_disk disks[MACHINE_MAX_DISKS];
	unsigned int nr_disks;
	struct machine_net net;
};

/* --- Life --------------------------------------------------------------------------------- */

enum machine_outcome {
	MACHINE_POWEROFF, /* the guest powered the machine off */
	MACHINE_RESET,    /* the guest asked for a reset (a kernel panic with panic= ends so too) */
	MACHINE_CRASH,    /* a vCPU cannot go on; machine_crash_report() says why */
	MACHINE_TIMEOUT,  /* machine_stop(m, MACHINE_TIMEOUT) */
	MACHINE_STOP,     /* machine_stop(m, MACHINE_STOP), or the console's escape key */
};

/*
 * Checks the configuration and everything it names, opens the files, lays the guest out in memory.
 * Nothing runs yet. Returns 0 with *m owned by the caller, or -1 with one line in *err and *m NULL.
 */
int machine_create(struct machine **m, const struct machine_config *config, struct error *err);

/* Runs the machine on threads of its own and blocks until it has an outcome. Once a machine. */
enum machine_outcome machine_run(struct machine *m);

/*
 * Any thread (not a signal handler): ends machine_run() with the outcome, unless it already has one.
 * Devices call it with MACHINE_POWEROFF or MACHINE_RESET.
 */
void machine_stop(struct machine *m, enum machine_outcome outcome);

/* Frees everything; the terminal is as it was before machine_create(). NULL is allowed. */
void machine_destroy(struct machine *m);

/* After MACHINE_CRASH: registers, bundle and back trace of the vCPU that crashed, to `out`. */
void machine_crash_report(struct machine *m, FILE *out);

/* --- For the debugger and tracing --------------------------------------------------------- */

struct ia64_system *machine_system(struct machine *m);
struct ia64_memory *machine_memory(struct machine *m);

/*
 * Called on the thread of a vCPU whose ia64_run() returned IA64_EXIT_DEBUG, when all vCPUs have
 * stopped (state in sync, may be read and written from any thread until machine_resume()). Must
 * not block for long: it tells the debugger's thread. Set before machine_run().
 */
typedef void (*machine_debug_fn)(void *ctx, struct vcpu *v);
void machine_set_debugger(struct machine *m, machine_debug_fn stopped, void *ctx);

/* When set before machine_run(), the vCPUs start paused: machine_resume() sets them going. */
void machine_start_paused(struct machine *m);

/* Stops every vCPU and returns when all stand still (or the machine has an outcome). Not nested. */
void machine_pause(struct machine *m);
/* Lets them run again. `only` NULL: all; else that one alone (single step), the rest stay paused. */
void machine_resume(struct machine *m, struct vcpu *only);

/*
 * The kernel symbol that contains a virtual or physical address: its name and the offset into it,
 * or NULL. By name: its address, or 0. The strings live as long as the machine.
 */
const char *machine_symbol(struct machine *m, uint64_t addr, uint64_t *offset);
uint64_t machine_symbol_address(struct machine *m, const char *name);

/* --- For devices -------------------------------------------------------------------------- */

/*
 * Physical memory map (docs/machine.md):
 *     0            .. 0x7fffffff   RAM (as far as there is); the first 1 MB is the firmware's
 *     0x80000000   .. 0xefffffff   PCI memory window (32 bits)
 *     0xf0000000   .. 0xf3ffffff   legacy I/O port space, 64 KB of ports in sparse encoding
 *     0xfec00000   .. 0xfec00fff   I/O SAPIC
 *     0xfee00000   .. 0xfeffffff   processor interrupt block
 *     0x100000000  ..              RAM above 2 GB
 *     0x8000000000 .. 0x8fffffffff PCI memory window (64 bits)
 */
#define MACHINE_RAM_LOW_END 0x80000000ull
#define MACHINE_RAM_HIGH 0x100000000ull
#define MACHINE_PCI_MEM32 0x80000000ull
#define MACHINE_PCI_MEM32_SIZE 0x70000000ull
#define MACHINE_PORT_SPACE 0xf0000000ull
#define MACHINE_PORT_SPACE_SIZE 0x4000000ull
#define MACHINE_IOSAPIC 0xfec00000ull
#define MACHINE_IPI_BLOCK 0xfee00000ull
#define MACHINE_IPI_BLOCK_SIZE 0x200000ull
#define MACHINE_PCI_MEM64 0x8000000000ull
#define MACHINE_PCI_MEM64_SIZE 0x1000000000ull
/* I/O ports given to PCI by the root bridge's _CRS. */
#define MACHINE_PCI_IO 0x1000u
#define MACHINE_PCI_IO_SIZE 0xf000u

/* Global system interrupts: 0..15 as on ISA (edge), 16..47 PCI (level, active low). */
#define MACHINE_NR_GSI 48
#define MACHINE_GSI_UART 4
#define MACHINE_GSI_SCI 9
/* The line of PCI device `dev` (0..31) on bus 0, pin 0 (INTA#) .. 3. The _PRT says the same. */
static inline unsigned int machine_pci_gsi(unsigned int dev, unsigned int pin)
{
	return 16 + ((dev * 4 + dev / 8 + pin) & 31);
}

/* The devices' lock. Not recursive. Waiting for it on a vCPU's thread serves TLB purges. */
void machine_lock(struct machine *m);
void machine_unlock(struct machine *m);

/* The event loop that host I/O runs in (backend/loop.h). */
struct loop *machine_loop(struct machine *m);

/*
 * Sets an interrupt line: true asserts (whatever its polarity in hardware). Lock held. A line shared
 * by several PCI functions is kept by the PCI code: this is the wired-or.
 */
void machine_irq(struct machine *m, unsigned int gsi, bool level);

/*
 * A message signalled interrupt: a 32-bit write of `data` to `address` in the processor interrupt
 * block. Anything else is dropped. Any thread, lock or not.
 */
void machine_msi(struct machine *m, uint64_t address, uint32_t data);

/* MMIO and I/O port callbacks: offset in the range, size 1, 2, 4 or 8; lock held. */
struct mmio_ops {
	uint64_t (*read)(void *ctx, uint64_t offset, unsigned int size);
	void (*write)(void *ctx, uint64_t offset, unsigned int size, uint64_t val);
};

/*
 * Adds a range that does not overlap another of its kind; lock held or machine not yet running.
 * mmio_move() changes where it is (a PCI BAR); mmio_remove() takes it away. A disabled BAR is
 * removed. Returns 0, -EEXIST on overlap (it is then not added), -EINVAL, -ENOMEM.
 * `ops` and `ctx` outlive the range; (ops, ctx) of a range need not be unique: `start` names it.
 */
int mmio_add(struct machine *m, uint64_t start, uint64_t size, const struct mmio_ops *ops,
	     void *ctx);
void mmio_remove(struct machine *m, uint64_t start);
int port_add(struct machine *m, uint32_t port, uint32_t size, const struct mmio_ops *ops, void *ctx);
void port_remove(struct machine *m, uint32_t port);

/*
 * PCI configuration accesses that SAL_PCI_CONFIG_READ/WRITE make; size 1, 2, 4, aligned, reg below
 * 4096; lock held. A read of nobody gives all ones.
 */
struct machine_pci_ops {
	uint32_t (*config_read)(void *ctx, unsigned int segment, unsigned int bus, unsigned int dev,
				unsigned int fn, unsigned int reg, unsigned int size);
	void (*config_write)(void *ctx, unsigned int segment, unsigned int bus, unsigned int dev,
			     unsigned int fn, unsigned int reg, unsigned int size, uint32_t val);
};
void machine_set_pci(struct machine *m, const struct machine_pci_ops *ops, void *ctx);

/*
 * Written in machine/pci.c: makes the PCI bus and the virtio devices `config` asks for (opening
 * images, tap etc.), calls machine_set_pci(). Called by machine_create() when memory, interrupt
 * controllers and the loop are there. Returns a handle, or NULL with *err set.
 */
struct pci_bus;
struct pci_bus *pci_bus_create(struct machine *m, const struct machine_config *config,
			       struct error *err);
/* All threads of the machine have ended. Flushes what is to be flushed. */
void pci_bus_destroy(struct pci_bus *bus);

#endif
