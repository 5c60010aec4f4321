/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A whole IA-64 machine: memory, processors, platform, firmware, devices.
 *
 * Threads: machine_create/run/destroy belong to one thread. Each vCPU runs on a thread of its own,
 * host I/O on one more (the event loop). Every device has a lock of its own; the order is device,
 * then I/O SAPIC, then nothing.
 */
#ifndef PARAVANE_MACHINE_MACHINE_H
#define PARAVANE_MACHINE_MACHINE_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "backend/error.h"
#include "ia64/memory.h"
#include "ia64/vcpu.h"
#include "machine/events.h"

struct debug_target;
struct eventloop;
struct io_counters;
struct symbol_table;
struct machine;

/* --- What is to be made ------------------------------------------------------------------- */

#define MACHINE_MAX_VCPUS 64
#define MACHINE_MAX_DISKS 16
#define MACHINE_MAX_NETS 8
#define MACHINE_MAX_HOSTFWD 32
#define MACHINE_MIN_MEMORY (96ull << 20)  /* the kernel is linked at 64 MB */
#define MACHINE_MAX_MEMORY (256ull << 30)

enum machine_disk_format {
	MACHINE_DISK_UNNAMED, /* raw, but refused if the file looks like another format */
	MACHINE_DISK_RAW,
	MACHINE_DISK_QCOW2,
};

struct machine_disk {
	const char *path;
	enum machine_disk_format format;
	bool read_only;
	bool snapshot; /* writes are kept until the machine ends, then forgotten */
	struct io_counters *counters; /* the caller's, as long as the machine; or NULL */
};

enum machine_net_kind { MACHINE_NET_USER, MACHINE_NET_TAP, MACHINE_NET_LINK };

struct machine_hostfwd {
	uint16_t host_port, guest_port; /* TCP; the host side binds 127.0.0.1 */
};

struct machine_net {
	enum machine_net_kind kind;
	const char *tap;  /* kind TAP: interface name, or "/dev/fd/N" (backend/net.h) */
	const char *link; /* kind LINK: the path that both ends name (backend/net.h) */
	bool has_mac;     /* else it is made from the machine's name and the card's number */
	uint8_t mac[6];
	struct machine_hostfwd hostfwd[MACHINE_MAX_HOSTFWD];
	unsigned int nr_hostfwd;
	struct io_counters *counters; /* the caller's, as long as the machine; or NULL */
};

/* What executes guest code. The default: the translator, where there is one for this host. */
enum machine_engine { MACHINE_ENGINE_DEFAULT, MACHINE_ENGINE_INTERPRETER, MACHINE_ENGINE_JIT };

/* The strings belong to the caller and live until machine_destroy(). */

struct machine_config {
	const char *name;    /* shown in messages; NULL: "paravane" */
	const char *kernel;  /* ELF64 ia64, plain or gzip; must not be NULL */
	const char *initrd;  /* or NULL */
	const char *append;  /* kernel command line, or NULL */
	const char *nvram;   /* file for the EFI variables; NULL: they last as the machine */
	uint64_t memory;     /* bytes, a multiple of 1 MB */
	unsigned int vcpus;  /* 1 .. MACHINE_MAX_VCPUS */
	const char *console; /* "stdio", "pty", "unix:PATH", "file:PATH", "none"; NULL: "stdio" */
	struct machine_disk disks[MACHINE_MAX_DISKS];
	unsigned int nr_disks;
	struct machine_net nets[MACHINE_MAX_NETS];
	unsigned int nr_nets;
	enum machine_engine engine;
	/* With the translator: see ia64_jit_attach(). */
	unsigned int jit_cache;   /* MiB of translated code; 0: IA64_JIT_CACHE_STANDARD */
	unsigned int check_every; /* 0: no comparison */
	const char *perf_map; /* with the translator: a file for ia64_jit_perf_map(); or NULL */
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
 * Any thread (not a signal handler): ends machine_run() with the outcome, unless it already has
 * one. Devices call it with MACHINE_POWEROFF or MACHINE_RESET.
 */
void machine_stop(struct machine *m, enum machine_outcome outcome);

/* Frees everything; the terminal is as it was before machine_create(). NULL is allowed. */
void machine_destroy(struct machine *m);

/*
 * Any thread: makes INIT (to all vCPUs), a machine check, a corrected one or a PMI (to the vCPU
 * numbered) happen, for what the OS does then.
 */
void machine_inject(struct machine *m, unsigned int vcpu, enum machine_event event);

/*
 * Any thread: presses the ACPI power button, at which the guest shuts down if it listens to it.
 * False: it does not.
 */
bool machine_press_power_button(struct machine *m);

struct machine_vcpu_info {
	bool online;   /* the guest has brought it up */
	bool halted;   /* it waits for an interrupt */
	int host_cpu;  /* where its thread was last seen; -1: nowhere yet */
	uint64_t time; /* ns its thread has run */
	cpu_set_t affinity;
};

/* Any thread. */
void machine_vcpu_info(struct machine *m, unsigned int vcpu, struct machine_vcpu_info *info);
/* Host CPUs a vCPU's thread may run on, from its start if it is to come. Any thread. 0, -errno. */
int machine_pin(struct machine *m, unsigned int vcpu, const cpu_set_t *cpus);

/* An ELF core of a machine that is paused or has ended; see corefile_write(). Any thread. */
int machine_dump_core(struct machine *m, const char *path, struct error *err);

/* After MACHINE_CRASH: why, in one line; "" otherwise. */
const char *machine_crash_reason(struct machine *m);
/* After MACHINE_CRASH: registers, bundle and back trace of the vCPU that crashed, to `out`. */
void machine_crash_report(struct machine *m, FILE *out);

/* --- For the debugger and tracing --------------------------------------------------------- */

struct ia64_system *machine_system(struct machine *m);
struct ia64_memory *machine_memory(struct machine *m);

/* What a debugger and traces look at, as long as the machine. */
void machine_debug_target(struct machine *m, struct debug_target *target);

/* When set before machine_run(), the vCPUs start paused: machine_resume() sets them going. */
void machine_start_paused(struct machine *m);

/* Stops every vCPU and returns when all stand still (or the machine has an outcome). Not nested. */
void machine_pause(struct machine *m);
/* Lets them run again. */
void machine_resume(struct machine *m);

/* The kernel's symbols (machine/symbols.h), or NULL if it has none. They live as long as *m. */
const struct symbol_table *machine_symbols(struct machine *m);

/* --- For devices -------------------------------------------------------------------------- */

/* The event loop that host I/O runs in (backend/eventloop.h). */
struct eventloop *machine_eventloop(struct machine *m);

/* Sets an interrupt line: true asserts (whatever its polarity in hardware). Any thread. */
void machine_irq(struct machine *m, unsigned int gsi, bool level);

/*
 * A message signalled interrupt: a 32-bit write of `data` to `address` in the processor interrupt
 * block. Anything else is dropped. Any thread.
 */
void machine_msi(struct machine *m, uint64_t address, uint32_t data);

#endif
