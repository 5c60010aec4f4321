/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs test programs for the processor on bare vCPUs and prints TAP.
 *
 *     runner [--translate TIMES | --lockstep TIMES] PROGRAM...
 *
 * With --translate the translator runs them, each so many times from a reset with its memory made
 * new (but for pages that have not changed, so that their code becomes hot); a case must hold every
 * time. With --lockstep the interpreter repeats all that translated code did, as well.
 *
 * A program is an ELF file linked at physical addresses below 16 MiB. There is RAM up to there and
 * no firmware; the only devices are the processor interrupt block and one that tells how it was
 * accessed. Every vCPU starts at the entry point in reset state (physical addressing) with its
 * number in r8 and their count in r9.
 *
 * What is expected lies beside the program, not in it: section .checks has a struct check for each
 * case, section .check_names two strings a case: what to look at and the case's name. lib.s has
 * macros for both. A case that is compared several times must hold each time; one that never is
 * has failed. A program talks to the runner by break instructions:
 *
 *     0x1c0000 + n  compares case n with the state of the vCPU at that point
 *     0x1bffff      ends the program
 *     0x1bfffe      ends it as a failure: an interruption came that nobody expects
 *     0x1bfffd      from here on, a machine check is what the program has to end with
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ia64/alat.h"
#include "ia64/memory.h"
#include "ia64/rse.h"
#include "ia64/smp.h"
#include "ia64/sysreg.h"
#include "ia64/vcpu.h"
#include "jit/jit.h"

#define RAM_SIZE (16ull << 20)
#define MEM_WINDOW (1ull << 32)
#define ITC_HZ 100000000ull
#define MAX_VCPUS 8
#define PAGE 4096u
#define NOTE_SIZE 320
#define JIT_CACHE 32 /* MiB */
/* Programs of several vCPUs have loops enough of their own. */
#define MAX_TIMES_SMP 3

#define BREAK_END 0x1bffff
#define BREAK_UNEXPECTED 0x1bfffe
#define BREAK_CRASH 0x1bfffd
#define BREAK_CASE 0x1c0000
#define MAX_CASES 0x40000

/*
 * A program that has not ended after so many instructions of one vCPU hangs (vCPUs that wait for
 * each other spin: times their number, twice). The wall clock ends what retires none, after much
 * longer than any slow machine needs.
 */
#define MAX_INSNS 400000000ull
#define MAX_SECONDS 600
#define TICKS 500 /* looks a second */

/* SDM 2:5.8.4: stores here are interrupt messages. */
#define PIB_BASE 0xfee00000ull
#define PIB_SIZE 0x100000ull

/*
 * A device for tests of device accesses: a read gives the address's low byte in each byte; a write
 * is noted and can be read back at DEV_NOTE: value, address, size (8 bytes each), and how many
 * reads and writes there were.
 */
#define DEV_BASE 0xf0000000ull
#define DEV_SIZE 0x10000ull
#define DEV_NOTE 0x8000ull
#define DEV_NOTES 4

enum check_kind {
	CHECK_VALUE,   /* a = value; a register must not be NaT */
	CHECK_NAT,     /* the register is NaT */
	CHECK_FR,      /* a = sign and exponent, b = significand */
	CHECK_FAULT,   /* one was recorded: a = vector, b = isr without ei, c = address + slot */
	CHECK_TRAP,    /* the same; c = iipa + slot of isr.ei; d = address + slot to go on at */
	CHECK_NONE,    /* no fault was recorded */
	CHECK_REACHED, /* only that it is reached */
	CHECK_MISSED,  /* that it is not reached: fails when it is */
};

struct check {
	uint64_t kind, a, b, c, d;
};

/* What the handlers of lib.s leave behind, ar.k6 points to it. */
struct fault_record {
	uint64_t count, vector, isr, ifa, itir, iip, iipa, ifs, iim, iha, ipsr;
};

/* Outcome of a case, in memory shared with the parent. */
struct outcome {
	bool reached, failed;
	char why[240];
};

struct program {
	const char *path;
	uint8_t *image;
	size_t size;
	const struct check *checks;
	unsigned int nr_checks;
	const char *names, *names_end;
	uint64_t entry;
	unsigned int nr_vcpus;
};

struct run {
	const struct program *prog;
	struct ia64_memory mem;
	struct ia64_system *sys;
	struct outcome *outcome;
	pthread_mutex_t lock; /* guards outcome[] and `note` */
	uint64_t note_regs[DEV_NOTES]; /* of the device; one vCPU at a time uses it */
	bool crash_expected;         /* BREAK_CRASH came */
	uint64_t retired[MAX_VCPUS]; /* when this turn began */
	char *note;           /* why the run as a whole went wrong; NOTE_SIZE bytes, shared */
};

/* ---- programs ---- */

static void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fputs("Bail out! ", stdout);
	vprintf(fmt, ap);
	putchar('\n');
	va_end(ap);
	exit(2);
}

static const Elf64_Shdr *find_section(const struct program *p, const char *name)
{
	const Elf64_Ehdr *eh = (const void *)p->image;
	const Elf64_Shdr *sh = (const void *)(p->image + eh->e_shoff);
	const char *strings = (const char *)p->image + sh[eh->e_shstrndx].sh_offset;
	unsigned int n;

	for (n = 0; n < eh->e_shnum; n++)
		if (!strcmp(strings + sh[n].sh_name, name))
			return &sh[n];
	return NULL;
}

static void program_open(struct program *p, const char *path)
{
	const Elf64_Shdr *checks, *names, *vcpus;
	struct stat st;
	int fd;

	p->path = path;
	fd = open(path, O_RDONLY);
	if (fd < 0 || fstat(fd, &st) < 0)
		die("%s: %s", path, strerror(errno));
	p->size = st.st_size;
	p->image = mmap(NULL, p->size, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
	if (p->image == MAP_FAILED || memcmp(p->image, ELFMAG, SELFMAG))
		die("%s: not an ELF file", path);
	p->entry = ((const Elf64_Ehdr *)(const void *)p->image)->e_entry;
	checks = find_section(p, ".checks");
	names = find_section(p, ".check_names");
	vcpus = find_section(p, ".vcpus");
	if (!checks || !names)
		die("%s: has no cases", path);
	p->checks = (const void *)(p->image + checks->sh_offset);
	p->nr_checks = checks->sh_size / sizeof(struct check);
	p->names = (const char *)p->image + names->sh_offset;
	p->names_end = p->names + names->sh_size;
	p->nr_vcpus = vcpus ? p->image[vcpus->sh_offset] : 1;
	if (p->nr_vcpus < 1 || p->nr_vcpus > MAX_VCPUS || p->nr_checks > MAX_CASES)
		die("%s: too many vCPUs or cases", path);
}

static const char *program_string(const struct program *p, unsigned int n)
{
	const char *s = p->names;

	while (n-- && s < p->names_end)
		s += strlen(s) + 1;
	return s < p->names_end ? s : "";
}

/* "r5": where case n looks. */
static const char *what_of(const struct program *p, unsigned int n)
{
	return program_string(p, 2 * n);
}

static const char *name_of(const struct program *p, unsigned int n)
{
	return program_string(p, 2 * n + 1);
}

/* Makes [gpa, gpa + len) hold `from`, or zeroes (NULL), touching only pages that differ. */
static bool set_memory(struct run *r, uint64_t gpa, const uint8_t *from, uint64_t len)
{
	static const uint8_t zeroes[PAGE];

	while (len) {
		uint64_t part = PAGE - gpa % PAGE;
		const uint8_t *src = from ? from : zeroes;
		uint8_t *p;

		if (part > len)
			part = len;
		p = ia64_memory_ptr(&r->mem, gpa, part);
		if (!p)
			return false;
		if (memcmp(p, src, part)) {
			memcpy(p, src, part);
			ia64_memory_written(&r->mem, gpa, part);
		}
		gpa += part;
		len -= part;
		if (from)
			from += part;
	}
	return true;
}

static void program_load(struct run *r)
{
	const struct program *p = r->prog;
	const Elf64_Ehdr *eh = (const void *)p->image;
	const Elf64_Phdr *ph = (const void *)(p->image + eh->e_phoff);
	unsigned int n;

	for (n = 0; n < eh->e_phnum; n++) {
		uint64_t end = ph[n].p_paddr + ph[n].p_filesz, bss = ph[n].p_memsz - ph[n].p_filesz;

		if (ph[n].p_type == PT_LOAD &&
		    (!set_memory(r, ph[n].p_paddr, p->image + ph[n].p_offset, ph[n].p_filesz) ||
		     !set_memory(r, end, NULL, bss)))
			die("%s: a segment lies outside of RAM", p->path);
	}
}

/* ---- cases ---- */

static void fail(struct run *r, unsigned int n, const char *fmt, ...)
{
	struct outcome *o = &r->outcome[n];
	va_list ap;

	if (o->failed)
		return;
	o->failed = true;
	va_start(ap, fmt);
	vsnprintf(o->why, sizeof(o->why), fmt, ap);
	va_end(ap);
}

/* Value and NaT of "r5", "b0", "p6" (0 or 1), "pr", "ip" or "[address]". */
static uint64_t look_at(struct run *r, struct vcpu *v, const char *what, bool *nat)
{
	unsigned int n = strtoul(what + 1, NULL, 10);
	uint64_t val = 0;

	*nat = false;
	switch (what[0]) {
	case 'r':
		if (n >= 32)
			return ia64_stacked_read(v, n - 32, nat);
		*nat = v->nat[n];
		return v->gr[n];
	case 'b':
		return v->br[n & 7];
	case 'p':
		return what[1] == 'r' ? ia64_pr_get(v) : v->pr[n & 63];
	default:
		die("%s: a case looks at '%s'", r->prog->path, what);
	}
	return val;
}

static struct ia64_fr look_at_fr(const struct vcpu *v, const char *what)
{
	unsigned int n = strtoul(what + 1, NULL, 10);

	if (n >= 32) {
		n += v->rse.rrb_fr;
		if (n >= 128)
			n -= 96;
	}
	return v->fr[n & 127];
}

#define X "%#" PRIx64

static unsigned int slot_of(uint64_t psr_or_isr)
{
	return psr_or_isr >> 41 & 3;
}

static void compare_interruption(struct run *r, struct vcpu *v, unsigned int n)
{
	const struct check *c = &r->prog->checks[n];
	uint64_t at = v->ar[AR_K0 + 6], isr, from, next, zero = 0;
	struct fault_record f;

	if (!ia64_memory_read(&r->mem, at, &f, sizeof(f))) {
		fail(r, n, "ar.k6 does not point to a record of faults");
		return;
	}
	isr = f.isr & ~(3ull << 41);
	from = c->kind == CHECK_TRAP ? f.iipa : f.iip;
	next = c->kind == CHECK_TRAP ? c->d : c->c;
	if (c->kind == CHECK_NONE) {
		if (f.count)
			fail(r, n, "fault " X " isr " X " iip " X " ifa " X, f.vector, f.isr, f.iip,
			     f.ifa);
	} else if (f.count != 1 || f.vector != c->a || isr != c->b) {
		fail(r, n, "%u faults, vector " X " isr " X " iip " X " ifa " X
		     ", expected vector " X " isr " X, (unsigned int)f.count, f.vector, f.isr,
		     f.iip, f.ifa, c->a, c->b);
	} else if (c->c && (from != (c->c & ~15ull) || slot_of(f.isr) != (c->c & 3))) {
		fail(r, n, "from " X " slot %u, expected " X " slot %u", from, slot_of(f.isr),
		     c->c & ~15ull, (unsigned int)(c->c & 3));
	} else if (next && (f.iip != (next & ~15ull) || slot_of(f.ipsr) != (next & 3))) {
		fail(r, n, "goes on at " X " slot %u, expected " X " slot %u", f.iip,
		     slot_of(f.ipsr), next & ~15ull, (unsigned int)(next & 3));
	}
	ia64_memory_write(&r->mem, at, &zero, sizeof(zero));
}

static void compare(struct run *r, struct vcpu *v, unsigned int n)
{
	const struct check *c = &r->prog->checks[n];
	const char *what = what_of(r->prog, n);
	struct ia64_fr f;
	uint64_t val;
	bool nat;

	r->outcome[n].reached = true;
	switch (c->kind) {
	case CHECK_VALUE:
		if (what[0] == '[') {
			nat = false;
			if (!ia64_memory_read(&r->mem, c->b, &val, sizeof(val)))
				fail(r, n, X " is not RAM", c->b);
		} else {
			val = look_at(r, v, what, &nat);
		}
		if (nat)
			fail(r, n, "%s is NaT, expected " X, what, c->a);
		else if (val != c->a)
			fail(r, n, "%s is " X ", expected " X, what, val, c->a);
		break;
	case CHECK_NAT:
		val = look_at(r, v, what, &nat);
		if (!nat)
			fail(r, n, "%s is " X ", expected NaT", what, val);
		break;
	case CHECK_FR:
		f = look_at_fr(v, what);
		if (f.se != c->a || f.sig != c->b)
			fail(r, n, "%s is %#x:" X ", expected %#x:" X, what, f.se, f.sig,
			     (unsigned int)c->a, c->b);
		break;
	case CHECK_FAULT:
	case CHECK_TRAP:
	case CHECK_NONE:
		compare_interruption(r, v, n);
		break;
	case CHECK_REACHED:
		break;
	case CHECK_MISSED:
		fail(r, n, "reached");
		break;
	}
}

/* ---- what the vCPUs see around them ---- */

static void unexpected(struct run *r, struct vcpu *v)
{
	struct fault_record f = { 0 };

	ia64_memory_read(&r->mem, v->ar[AR_K0 + 6], &f, sizeof(f));
	pthread_mutex_lock(&r->lock);
	snprintf(r->note, NOTE_SIZE,
		 "vCPU %u: unexpected interruption " X " isr " X " iip " X " ifa " X
		 " iim " X, v->index, f.vector, f.isr, f.iip, f.ifa, f.iim);
	pthread_mutex_unlock(&r->lock);
}

static bool host_break(void *ctx, struct vcpu *v, uint64_t imm)
{
	struct run *r = ctx;

	if (imm == BREAK_END) {
		ia64_system_shutdown(r->sys);
	} else if (imm == BREAK_UNEXPECTED) {
		unexpected(r, v);
		ia64_system_shutdown(r->sys);
	} else if (imm == BREAK_CRASH) {
		r->crash_expected = true;
	} else if (imm >= BREAK_CASE && imm - BREAK_CASE < r->prog->nr_checks) {
		pthread_mutex_lock(&r->lock);
		compare(r, v, imm - BREAK_CASE);
		pthread_mutex_unlock(&r->lock);
	} else {
		return false;
	}
	if (++v->ri == 3) {
		v->ri = 0;
		v->ip += 16;
	}
	return true;
}

static bool mmio_read(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size, uint64_t *val)
{
	struct run *r = ctx;
	uint64_t offset = pa - DEV_BASE;

	if (offset >= DEV_SIZE)
		return false;
	if (offset >= DEV_NOTE) {
		*val = r->note_regs[offset / 8 % DEV_NOTES];
		return true;
	}
	r->note_regs[3]++;
	*val = (pa & 0xff) * 0x0101010101010101ull >> (64 - 8 * size);
	return true;
}

static bool mmio_write(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size, uint64_t val)
{
	struct run *r = ctx;
	unsigned int n = pa >> 12 & 0xff;

	if (pa - DEV_BASE < DEV_SIZE) {
		r->note_regs[0] = val;
		r->note_regs[1] = pa;
		r->note_regs[2] = size;
		r->note_regs[3]++;
		return true;
	}
	if (pa - PIB_BASE >= PIB_SIZE || n >= r->sys->nr_vcpus)
		return false;
	/* Delivery mode: 0 is a vector, 4 is NMI. */
	ia64_post_interrupt(r->sys->vcpus[n], (val >> 8 & 7) == 4 ? 2 : val & 0xff);
	return true;
}

static void *vcpu_thread(void *arg)
{
	struct vcpu *v = arg;
	struct run *r = v->sys->platform.ctx;

	if (ia64_run(v) == IA64_EXIT_CRASH) {
		pthread_mutex_lock(&r->lock);
		if (!r->crash_expected)
			snprintf(r->note, NOTE_SIZE, "vCPU %u: %s", v->index, v->crash_reason);
		r->crash_expected = false;
		pthread_mutex_unlock(&r->lock);
		ia64_system_shutdown(r->sys);
	} else if (r->crash_expected) {
		pthread_mutex_lock(&r->lock);
		snprintf(r->note, NOTE_SIZE, "vCPU %u: no machine check came", v->index);
		pthread_mutex_unlock(&r->lock);
		ia64_system_shutdown(r->sys);
	}
	return NULL;
}

/* Returns when the system is down, having brought it down if it hangs. */
static void watch(struct run *r)
{
	uint64_t limit = MAX_INSNS * r->sys->nr_vcpus * r->sys->nr_vcpus, retired;
	unsigned int n, ticks;

	for (ticks = 0; !atomic_load(&r->sys->shutdown); ticks++) {
		usleep(1000000 / TICKS);
		for (n = 0; n < r->sys->nr_vcpus; n++) {
			retired = __atomic_load_n(&r->sys->vcpus[n]->retired, __ATOMIC_RELAXED);
			retired -= r->retired[n];
			if (retired < limit && ticks < MAX_SECONDS * TICKS)
				continue;
			pthread_mutex_lock(&r->lock);
			snprintf(r->note, NOTE_SIZE, "vCPU %u has not ended after %" PRIu64
				 " instructions", n, retired);
			pthread_mutex_unlock(&r->lock);
			ia64_system_shutdown(r->sys);
			break;
		}
	}
}

/* Runs the program from reset to its end. */
static void run_once(struct run *r)
{
	const struct program *p = r->prog;
	pthread_t thread[MAX_VCPUS];
	unsigned int n;

	program_load(r);
	memset(r->note_regs, 0, sizeof(r->note_regs));
	atomic_store(&r->sys->shutdown, false);
	for (n = 0; n < p->nr_vcpus; n++) {
		struct vcpu *v = r->sys->vcpus[n];

		ia64_sysreg_reset(v);
		ia64_rse_reset(v);
		ia64_alat_flush(v);
		atomic_store(&v->attention, 0);
		r->retired[n] = v->retired;
		v->ip = p->entry;
		v->gr[8] = n;
		v->gr[9] = p->nr_vcpus;
	}
	for (n = 0; n < p->nr_vcpus; n++)
		if (pthread_create(&thread[n], NULL, vcpu_thread, r->sys->vcpus[n]))
			abort();
	watch(r);
	for (n = 0; n < p->nr_vcpus; n++)
		pthread_join(thread[n], NULL);
}

/*
 * In a process of its own, so that a bug which kills it spoils one program only. `times` 0: the
 * interpreter, once.
 */
static void run_program(const struct program *p, struct outcome *outcome, char *note,
			unsigned int times, bool lockstep)
{
	struct run r = { .prog = p, .outcome = outcome, .note = note };
	struct ia64_platform platform = {
		.ctx = &r,
		.mmio_read = mmio_read,
		.mmio_write = mmio_write,
		.host_break = host_break,
	};
	unsigned int turn = 0;

	pthread_mutex_init(&r.lock, NULL);
	if (ia64_memory_init(&r.mem, MEM_WINDOW) || ia64_memory_add_ram(&r.mem, 0, RAM_SIZE) ||
	    ia64_system_create(&r.sys, &r.mem, &platform, p->nr_vcpus, ITC_HZ) ||
	    (times && ia64_jit_attach(r.sys, JIT_CACHE, lockstep))) {
		snprintf(note, NOTE_SIZE, "cannot make the system");
		return;
	}
	if (p->nr_vcpus > 1 && times > MAX_TIMES_SMP)
		times = MAX_TIMES_SMP;
	do {
		run_once(&r);
	} while (++turn < times && !note[0]);
	if (note[0] && times)
		snprintf(note + strlen(note), NOTE_SIZE - strlen(note), " (turn %u)", turn);
	ia64_jit_detach(r.sys);
	ia64_system_destroy(r.sys);
	ia64_memory_destroy(&r.mem);
}

static void *shared(size_t size)
{
	void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		die("out of memory");
	return p;
}

/* Prints a program's cases, numbered from `number`, and one more if it did not end well. */
static void report(const struct program *p, const struct outcome *outcome, const char *note,
		   unsigned int number)
{
	const char *file = strrchr(p->path, '/') ? strrchr(p->path, '/') + 1 : p->path;
	int len = strcspn(file, ".");
	unsigned int n;

	printf("%sok %u - %.*s: ends\n", note[0] ? "not " : "", number++, len, file);
	if (note[0])
		printf("# %s\n", note);
	for (n = 0; n < p->nr_checks; n++) {
		const struct outcome *o = &outcome[n];
		bool missed = p->checks[n].kind == CHECK_MISSED;
		bool ok = (o->reached || missed) && !o->failed;

		printf("%sok %u - %.*s: %s\n", ok ? "" : "not ", number++, len, file,
		       name_of(p, n));
		if (!ok)
			printf("# %s\n", o->failed ? o->why : "never reached");
	}
}

int main(int argc, char **argv)
{
	unsigned int plan = 0, number = 1, times = 0;
	struct program *progs;
	int n, first = 1, status;
	bool lockstep = argc > 2 && !strcmp(argv[1], "--lockstep");

	if (lockstep || (argc > 2 && !strcmp(argv[1], "--translate"))) {
		times = strtoul(argv[2], NULL, 10);
		first = 3;
	}
	progs = calloc(argc, sizeof(*progs));
	if (!progs || first >= argc || (first > 1 && !times))
		die("usage: runner [--translate TIMES | --lockstep TIMES] PROGRAM...");
	for (n = first; n < argc; n++) {
		program_open(&progs[n], argv[n]);
		plan += progs[n].nr_checks + 1;
	}
	printf("1..%u\n", plan);
	for (n = first; n < argc; n++) {
		struct program *p = &progs[n];
		struct outcome *outcome = shared(p->nr_checks * sizeof(*outcome) + 1);
		char *note = shared(NOTE_SIZE);
		pid_t child;

		fflush(stdout);
		child = fork();
		if (child < 0)
			die("fork: %s", strerror(errno));
		if (!child) {
			run_program(p, outcome, note, times, lockstep);
			exit(0);
		}
		if (waitpid(child, &status, 0) < 0 || !WIFEXITED(status) || WEXITSTATUS(status))
			snprintf(note, NOTE_SIZE, "the emulator died with status %#x", status);
		report(p, outcome, note, number);
		number += p->nr_checks + 1;
	}
	free(progs);
	return 0;
}
