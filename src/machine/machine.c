/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Puts a machine together, runs its threads, takes it apart. */
#include "machine/machine.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "backend/chardev.h"
#include "backend/eventloop.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "ia64/threads.h"
#include "ia64/trace.h"
#include "jit/jit.h"
#include "machine/boot.h"
#include "machine/console.h"
#include "machine/corefile.h"
#include "machine/crash.h"
#include "machine/debug_target.h"
#include "machine/devices.h"
#include "machine/firmware.h"
#include "machine/iosapic.h"
#include "machine/ipi.h"
#include "machine/layout.h"
#include "machine/mmio.h"
#include "machine/nvram.h"
#include "machine/observe.h"
#include "machine/pci.h"
#include "machine/pm.h"
#include "machine/symbols.h"
#include "machine/uart.h"
#include "machine/unwind.h"

#define ITC_HZ 1000000000ull /* a multiple of FW_PLATFORM_HZ */

struct machine {
	struct ia64_memory mem;
	struct ia64_system *sys;
	struct mmio mmio;
	struct iosapic iosapic;
	struct uart uart;
	struct pm pm;
	struct nvram nvram;
	bool nvram_ready;
	struct firmware fw;
	struct pci_bus *pci;
	struct eventloop *loop;
	struct chardev *chardev;
	struct console console;
	struct boot boot;
	struct symbol_table symbols;
	struct unwind_tables unwind;
	struct ia64_threads threads;
	bool threads_ready;
	struct seat {
		_Atomic int host_cpu;  /* -1: its thread has not run */
		_Atomic uint64_t time; /* ns, when its thread last left the guest */
	} seat[MACHINE_MAX_VCPUS];
	uint64_t ram_low, ram_high;

	pthread_mutex_t lock; /* guards what follows */
	pthread_cond_t changed;
	bool has_outcome;
	bool running; /* the vCPUs have threads */
	enum machine_outcome outcome;
};

/* --- what devices and the processor ask --- */

struct eventloop *machine_eventloop(struct machine *m)
{
	return m->loop;
}

struct ia64_system *machine_system(struct machine *m)
{
	return m->sys;
}

struct ia64_memory *machine_memory(struct machine *m)
{
	return &m->mem;
}

const struct symbol_table *machine_symbols(struct machine *m)
{
	return &m->symbols;
}

void machine_irq(struct machine *m, unsigned int gsi, bool level)
{
	iosapic_set(&m->iosapic, gsi, level);
}

void machine_msi(struct machine *m, uint64_t address, uint32_t data)
{
	sapic_message(m->sys, address, data);
}

static void set_gsi(void *ctx, unsigned int gsi, bool level)
{
	machine_irq(ctx, gsi, level);
}

static void send_msi(void *ctx, uint64_t address, uint32_t data)
{
	machine_msi(ctx, address, data);
}

static void deliver(void *ctx, uint16_t id_eid, enum sapic_delivery mode, uint8_t vector)
{
	struct machine *m = ctx;

	sapic_deliver(m->sys, id_eid, mode, vector);
}

static void set_uart_irq(void *ctx, bool level)
{
	machine_irq(ctx, LAYOUT_GSI_UART, level);
}

static void set_sci(void *ctx, bool level)
{
	machine_irq(ctx, LAYOUT_GSI_SCI, level);
}

static void power_request(void *ctx, enum pm_request what)
{
	machine_stop(ctx, what == PM_REQUEST_POWEROFF ? MACHINE_POWEROFF : MACHINE_RESET);
}

static bool platform_read(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size, uint64_t *val)
{
	struct machine *m = ctx;

	*val = mmio_read(&m->mmio.mem, pa, size);
	ia64_trace(v, IA64_TRACE_MMIO, NULL, pa, *val, size);
	return true;
}

static bool platform_write(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size, uint64_t val)
{
	struct machine *m = ctx;

	m->seat[v->index].host_cpu = sched_getcpu();
	ia64_trace(v, IA64_TRACE_MMIO, NULL, pa, val, size | 16);
	mmio_write(&m->mmio.mem, pa, size, val);
	return true;
}

static bool platform_break(void *ctx, struct vcpu *v, uint64_t imm)
{
	struct machine *m = ctx;

	return firmware_owns(v) && firmware_break(&m->fw, v, imm);
}

static bool platform_pal_event(void *ctx, struct vcpu *v, enum ia64_pal_event event,
			       unsigned int vector)
{
	struct machine *m = ctx;

	return firmware_pal_event(&m->fw, v, event, vector);
}

void machine_inject(struct machine *m, unsigned int vcpu, enum machine_event event)
{
	firmware_inject(&m->fw, vcpu, event);
}

/* --- windows of the PCI bus --- */

static uint64_t pci_mem_window_read(void *ctx, uint64_t offset, unsigned int size)
{
	struct machine *m = ctx;
	uint64_t val;

	pci_mem_read(m->pci, LAYOUT_PCI_MEM_BASE + offset, size, &val);
	return val;
}

static void pci_mem_window_write(void *ctx, uint64_t offset, unsigned int size, uint64_t val)
{
	struct machine *m = ctx;

	pci_mem_write(m->pci, LAYOUT_PCI_MEM_BASE + offset, size, val);
}

static uint64_t pci_io_window_read(void *ctx, uint64_t offset, unsigned int size)
{
	struct machine *m = ctx;
	uint64_t val;

	pci_io_read(m->pci, LAYOUT_PCI_IO_BASE + offset, size, &val);
	return val;
}

static void pci_io_window_write(void *ctx, uint64_t offset, unsigned int size, uint64_t val)
{
	struct machine *m = ctx;

	pci_io_write(m->pci, LAYOUT_PCI_IO_BASE + offset, size, val);
}

static const struct mmio_ops pci_mem_window = { pci_mem_window_read, pci_mem_window_write };
static const struct mmio_ops pci_io_window = { pci_io_window_read, pci_io_window_write };

/* --- the console --- */

static size_t console_can_receive(void *ctx)
{
	struct machine *m = ctx;

	return uart_can_receive(&m->uart);
}

static void console_receive(void *ctx, const uint8_t *buf, size_t len)
{
	struct machine *m = ctx;

	uart_receive(&m->uart, buf, len);
}

static void console_writable(void *ctx)
{
	struct machine *m = ctx;

	uart_writable(&m->uart);
}

static const char console_commands[] =
	"Ctrl-] q   end the machine\r\n"
	"Ctrl-] i   INIT to all processors, the crash dump button\r\n"
	"Ctrl-] m   a machine check on the first processor that the guest can recover from\r\n"
	"Ctrl-] M   one that it cannot recover from\r\n"
	"Ctrl-] c   a corrected machine check on the first processor\r\n";

static void console_command(void *ctx, uint8_t key)
{
	switch (key) {
	case 'q':
		machine_stop(ctx, MACHINE_STOP);
		break;
	case 'i':
		machine_inject(ctx, 0, MACHINE_EVENT_INIT);
		break;
	case 'm':
		machine_inject(ctx, 0, MACHINE_EVENT_MCA_TLB);
		break;
	case 'M':
		machine_inject(ctx, 0, MACHINE_EVENT_MCA_FATAL);
		break;
	case 'c':
		machine_inject(ctx, 0, MACHINE_EVENT_CMC);
		break;
	}
}

static const struct chardev_client uart_client = {
	.can_receive = console_can_receive,
	.receive = console_receive,
	.writable = console_writable,
};

/* --- making it --- */

static int check_config(const struct machine_config *config, struct error *err)
{
	if (!config->kernel)
		return error_set(err, "no kernel given; an IA-64 ELF file is needed");
	if (config->vcpus < 1 || config->vcpus > MACHINE_MAX_VCPUS)
		return error_set(err, "%u vCPUs: 1 to %d are accepted", config->vcpus,
				 MACHINE_MAX_VCPUS);
	if (config->memory < MACHINE_MIN_MEMORY || config->memory > MACHINE_MAX_MEMORY ||
	    config->memory & 0xfffff)
		return error_set(err, "%llu bytes of memory: whole megabytes from %llu to %llu are "
				 "accepted", (unsigned long long)config->memory,
				 MACHINE_MIN_MEMORY >> 20, MACHINE_MAX_MEMORY >> 20);
	return 0;
}

static int open_nvram(struct machine *m, const struct machine_config *config, struct error *err)
{
	m->nvram_ready = true;
	return nvram_init(&m->nvram, config->nvram, err);
}

static int create_memory(struct machine *m, uint64_t low, uint64_t high, struct error *err)
{
	int rc = ia64_memory_init(&m->mem, LAYOUT_RAM_HIGH + high);

	m->ram_low = low;
	m->ram_high = high;
	if (!rc)
		rc = ia64_memory_add_ram(&m->mem, 0, low);
	if (!rc)
		rc = ia64_memory_add_ram(&m->mem, LAYOUT_FIRMWARE_BASE, LAYOUT_FIRMWARE_SIZE);
	if (!rc && high)
		rc = ia64_memory_add_ram(&m->mem, LAYOUT_RAM_HIGH, high);
	if (rc)
		return error_set(err, "memory of %llu MB: %s",
				 (unsigned long long)(low + high) >> 20, strerror(-rc));
	return 0;
}

static void cpu_crashed(void *ctx, struct vcpu *v)
{
	(void)v;
	machine_stop(ctx, MACHINE_CRASH);
}

static void cpu_running(void *ctx, struct vcpu *v, bool on)
{
	struct machine *m = ctx;
	struct timespec t;

	m->seat[v->index].host_cpu = sched_getcpu();
	if (!on && !clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t))
		m->seat[v->index].time = (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static const struct ia64_threads_ops threads_ops = {
	.crashed = cpu_crashed,
	.running = cpu_running,
};

static int create_system(struct machine *m, const struct machine_config *config, struct error *err)
{
	const struct ia64_platform platform = {
		.ctx = m,
		.mmio_read = platform_read,
		.mmio_write = platform_write,
		.host_break = platform_break,
		.pal_event = platform_pal_event,
	};
	unsigned int i;
	int rc = ia64_system_create(&m->sys, &m->mem, &platform, config->vcpus, ITC_HZ);

	if (rc)
		return error_set(err, "processors: %s", strerror(-rc));
	if (config->engine != MACHINE_ENGINE_INTERPRETER) {
		rc = ia64_jit_attach(m->sys, config->jit_cache, config->check_every);
		if (rc && (rc != -ENOTSUP || config->engine == MACHINE_ENGINE_JIT))
			return error_set(err, "translator: %s", strerror(-rc));
		if (!rc && config->perf_map &&
		    observe_translations(config->perf_map, m->sys, &m->symbols, err))
			return -1;
	}
	for (i = 0; i < config->vcpus; i++) {
		ia64_cr_write(m->sys->vcpus[i], CR_LID, (uint64_t)sapic_id(i) << 16);
		m->sys->vcpus[i]->ar[AR_K0] = LAYOUT_PORT_BASE;
		m->seat[i].host_cpu = -1;
	}
	ia64_threads_init(&m->threads, m->sys, &threads_ops, m);
	m->threads_ready = true;
	return 0;
}

static int create_devices(struct machine *m, const struct machine_config *config,
			  struct error *err)
{
	const struct pci_host host = { m, set_gsi, send_msi };
	const char *console = config->console ? config->console : "stdio";

	if (eventloop_create(&m->loop, err) < 0 ||
	    chardev_create(&m->chardev, m->loop, console, err) < 0)
		return -1;
	console_init(&m->console, m->chardev, console_command, m, console_commands);
	if (uart_init(&m->uart, console_add_port(&m->console, &uart_client, m), m->loop,
		      set_uart_irq, m) < 0)
		return error_set(err, "UART: out of memory");
	pm_init(&m->pm, power_request, set_sci, m);
	m->pci = pci_bus_create(&host);
	if (!m->pci)
		return error_set(err, "PCI bus: out of memory");
	if (mmio_add(&m->mmio.mem, LAYOUT_IPI_BASE, LAYOUT_IPI_SIZE, &sapic_block_ops, m->sys) ||
	    mmio_add(&m->mmio.mem, LAYOUT_IOSAPIC_BASE, LAYOUT_IOSAPIC_SIZE, &iosapic_ops,
		     &m->iosapic) ||
	    mmio_add(&m->mmio.mem, LAYOUT_PCI_MEM_BASE, LAYOUT_PCI_MEM_SIZE, &pci_mem_window, m) ||
	    mmio_add(&m->mmio.port, LAYOUT_PCI_IO_BASE, LAYOUT_PCI_IO_SIZE, &pci_io_window, m) ||
	    mmio_add(&m->mmio.port, LAYOUT_UART_PORT, UART_SIZE, &uart_ops, &m->uart) ||
	    mmio_add(&m->mmio.port, LAYOUT_PM_PORT, PM_SIZE, &pm_ops, &m->pm))
		return error_set(err, "devices overlap in the memory map");
	return devices_create(m->pci, &m->mem, m->loop, &m->console, config, err);
}

static int place_guest(struct machine *m, uint64_t low, uint64_t high, struct error *err)
{
	unsigned int i;

	m->fw.sys = m->sys;
	m->fw.mem = &m->mem;
	m->fw.pci = m->pci;
	m->fw.nvram = &m->nvram;
	m->fw.ram_low = low;
	m->fw.ram_high = high;
	m->fw.request = power_request;
	m->fw.ctx = m;
	if (firmware_init(&m->fw) < 0)
		return error_set(err, "firmware tables do not fit");
	if (boot_place(&m->boot, &m->fw, err) < 0)
		return -1;
	if (symbols_load(&m->symbols, m->boot.kernel, m->boot.kernel_size) < 0 ||
	    unwind_load(&m->unwind, m->boot.kernel, m->boot.kernel_size) < 0)
		return error_set(err, "symbols: out of memory");
	boot_enter(&m->boot, m->sys->vcpus[0]);
	for (i = 1; i < m->sys->nr_vcpus; i++)
		firmware_park(&m->fw, m->sys->vcpus[i]);
	return 0;
}

int machine_create(struct machine **out, const struct machine_config *config, struct error *err)
{
	struct machine *m;
	uint64_t low, high;

	*out = NULL;
	if (check_config(config, err) < 0)
		return -1;
	low = config->memory < LAYOUT_RAM_LOW_END ? config->memory : LAYOUT_RAM_LOW_END;
	high = config->memory - low;
	m = calloc(1, sizeof(*m));
	if (!m)
		return error_set(err, "out of memory");
	m->mem.fd = -1;
	pthread_mutex_init(&m->lock, NULL);
	pthread_cond_init(&m->changed, NULL);
	mmio_init(&m->mmio);
	iosapic_init(&m->iosapic, deliver, m);
	if (boot_prepare(&m->boot, config->kernel, config->initrd, config->append, low, err) < 0 ||
	    open_nvram(m, config, err) < 0 ||
	    create_memory(m, low, high, err) < 0 ||
	    create_system(m, config, err) < 0 ||
	    create_devices(m, config, err) < 0 ||
	    place_guest(m, low, high, err) < 0) {
		machine_destroy(m);
		return -1;
	}
	boot_free(&m->boot);
	*out = m;
	return 0;
}

void machine_destroy(struct machine *m)
{
	if (!m)
		return;
	if (m->chardev)
		console_disconnect(&m->console);
	pci_bus_destroy(m->pci);
	chardev_destroy(m->chardev);
	uart_destroy(&m->uart);
	eventloop_destroy(m->loop);
	if (m->threads_ready)
		ia64_threads_destroy(&m->threads);
	if (m->sys) {
		ia64_jit_detach(m->sys);
		ia64_system_destroy(m->sys);
	}
	if (m->mem.fd >= 0)
		ia64_memory_destroy(&m->mem);
	pm_destroy(&m->pm);
	iosapic_destroy(&m->iosapic);
	firmware_destroy(&m->fw);
	if (m->nvram_ready)
		nvram_destroy(&m->nvram);
	boot_free(&m->boot);
	symbols_free(&m->symbols);
	unwind_free(&m->unwind);
	pthread_cond_destroy(&m->changed);
	pthread_mutex_destroy(&m->lock);
	free(m);
}

/* --- running --- */

void machine_stop(struct machine *m, enum machine_outcome outcome)
{
	pthread_mutex_lock(&m->lock);
	if (!m->has_outcome) {
		m->has_outcome = true;
		m->outcome = outcome;
	}
	pthread_cond_broadcast(&m->changed);
	pthread_mutex_unlock(&m->lock);
	ia64_threads_end(&m->threads);
}

enum machine_outcome machine_run(struct machine *m)
{
	int rc;

	if (m->chardev)
		console_connect(&m->console);
	/* Who looks at the threads has the lock, and sees all of them or none. */
	pthread_mutex_lock(&m->lock);
	rc = ia64_threads_start(&m->threads);
	m->running = true;
	pthread_mutex_unlock(&m->lock);
	if (rc < 0) {
		struct vcpu *v = m->threads.crashed = m->sys->vcpus[0];

		snprintf(v->crash_reason, sizeof(v->crash_reason),
			 "the host has no thread for a vCPU");
		machine_stop(m, MACHINE_CRASH);
	}
	pthread_mutex_lock(&m->lock);
	while (!m->has_outcome)
		pthread_cond_wait(&m->changed, &m->lock);
	m->running = false;
	pthread_mutex_unlock(&m->lock);
	ia64_threads_join(&m->threads);
	return m->outcome;
}

bool machine_press_power_button(struct machine *m)
{
	return pm_press_power_button(&m->pm);
}

/* ns that a vCPU's thread has run; the lock is held, and m->running is true. */
static uint64_t thread_time(struct machine *m, unsigned int vcpu)
{
	struct ia64_thread *t = &m->threads.cpu[vcpu];
	struct timespec time;
	clockid_t clock;

	if (!t->started || pthread_getcpuclockid(t->thread, &clock) || clock_gettime(clock, &time))
		return m->seat[vcpu].time;
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

void machine_vcpu_info(struct machine *m, unsigned int vcpu, struct machine_vcpu_info *info)
{
	*info = (struct machine_vcpu_info){ .host_cpu = m->seat[vcpu].host_cpu };
	info->halted = atomic_load(&m->sys->vcpus[vcpu]->running_state) == IA64_STATE_HALTED;
	pthread_mutex_lock(&m->fw.lock);
	info->online = !m->fw.cpu[vcpu].parked;
	pthread_mutex_unlock(&m->fw.lock);
	pthread_mutex_lock(&m->lock);
	info->time = m->running ? thread_time(m, vcpu) : m->seat[vcpu].time;
	pthread_mutex_unlock(&m->lock);
	if (!ia64_threads_pinned(&m->threads, m->sys->vcpus[vcpu], &info->affinity))
		sched_getaffinity(0, sizeof(info->affinity), &info->affinity);
}

int machine_pin(struct machine *m, unsigned int vcpu, const cpu_set_t *cpus)
{
	return -ia64_threads_pin(&m->threads, m->sys->vcpus[vcpu], cpus);
}

int machine_dump_core(struct machine *m, const char *path, struct error *err)
{
	const struct corefile_ram ram[] = {
		{ 0, m->ram_low },
		{ LAYOUT_FIRMWARE_BASE, LAYOUT_FIRMWARE_SIZE },
		{ LAYOUT_RAM_HIGH, m->ram_high },
	};
	const struct corefile core = {
		.mem = &m->mem,
		.ram = ram,
		.nr_ram = m->ram_high ? 3 : 2,
		.vcpus = m->sys->vcpus,
		.nr_vcpus = m->sys->nr_vcpus,
	};

	return corefile_write(&core, path, err);
}

const char *machine_crash_reason(struct machine *m)
{
	return m->threads.crashed ? m->threads.crashed->crash_reason : "";
}

void machine_crash_report(struct machine *m, FILE *out)
{
	if (m->threads.crashed)
		crash_report(m->threads.crashed, &m->symbols, &m->unwind, out);
}

/* --- for whoever looks on --- */

static void kill_machine(void *ctx)
{
	machine_stop(ctx, MACHINE_STOP);
}

static void inject_event(void *ctx, unsigned int vcpu, enum machine_event event)
{
	machine_inject(ctx, vcpu, event);
}

void machine_debug_target(struct machine *m, struct debug_target *target)
{
	*target = (struct debug_target){
		.sys = m->sys,
		.threads = &m->threads,
		.symbols = machine_symbols(m),
		.kill = kill_machine,
		.inject = inject_event,
		.ctx = m,
	};
}

void machine_start_paused(struct machine *m)
{
	ia64_threads_hold(&m->threads);
}

void machine_pause(struct machine *m)
{
	ia64_threads_pause(&m->threads);
}

void machine_resume(struct machine *m)
{
	ia64_threads_resume(&m->threads);
}
