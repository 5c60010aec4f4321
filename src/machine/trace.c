/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event lines. Each begins with the vCPU's number, the instructions it has retired, the kind and
 * where it is; then come the particulars as name=value. docs/paravane.1 describes the form.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ia64/disasm.h"
#include "ia64/interruption.h"
#include "ia64/tlb.h"
#include "ia64/trace.h"
#include "jit/jit.h"
#include "machine/debug_target.h"
#include "machine/symbols.h"
#include "machine/trace.h"

/* A kind of our own, beside the IA64_TRACE_* bits: what the vCPUs have counted, each second. */
#define TRACE_COUNTERS (1u << 31)

struct trace {
	struct ia64_tracer tracer;
	struct ia64_system *sys;
	const struct symbol_table *symbols;
	FILE *out;

	/* Of the thread that tells counters, if there is one. */
	pthread_t thread;
	bool counting;
	pthread_mutex_t lock;
	pthread_cond_t end;
	bool ending;
};

static const struct {
	const char *name;
	uint32_t kind;
} kinds[] = {
	{ "faults", IA64_TRACE_FAULT },
	{ "interrupts", IA64_TRACE_INTERRUPT },
	{ "firmware", IA64_TRACE_FIRMWARE },
	{ "mmio", IA64_TRACE_MMIO },
	{ "insn", IA64_TRACE_INSN },
	{ "jit", IA64_TRACE_JIT },
	{ "counters", TRACE_COUNTERS },
};

#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static uint32_t kind_of(const char *name)
{
	for (size_t i = 0; i < NR_KINDS; i++) {
		if (!strcmp(kinds[i].name, name))
			return kinds[i].kind;
	}
	return 0;
}

bool trace_list(const char *names, uint32_t *bits, char *word, size_t size)
{
	*bits = 0;
	for (;; names++) {
		size_t length = strcspn(names, ",");
		uint32_t bit;

		snprintf(word, size, "%.*s", (int)length, names);
		bit = kind_of(word);
		if (!bit)
			return false;
		*bits |= bit;
		names += length;
		if (!*names)
			return true;
	}
}

const char *trace_kinds(void)
{
	return "faults, interrupts, firmware, mmio, insn, jit, counters";
}

/* SDM 2:5.7, Table 5-7. */
static const struct {
	uint16_t offset;
	const char *name;
} vectors[] = {
	{ IA64_VHPT_VECTOR, "VHPT Translation" },
	{ IA64_ITLB_VECTOR, "Instruction TLB" },
	{ IA64_DTLB_VECTOR, "Data TLB" },
	{ IA64_ALT_ITLB_VECTOR, "Alternate Instruction TLB" },
	{ IA64_ALT_DTLB_VECTOR, "Alternate Data TLB" },
	{ IA64_NESTED_DTLB_VECTOR, "Data Nested TLB" },
	{ IA64_IKEY_MISS_VECTOR, "Instruction Key Miss" },
	{ IA64_DKEY_MISS_VECTOR, "Data Key Miss" },
	{ IA64_DIRTY_BIT_VECTOR, "Dirty-Bit" },
	{ IA64_IACCESS_BIT_VECTOR, "Instruction Access-Bit" },
	{ IA64_DACCESS_BIT_VECTOR, "Data Access-Bit" },
	{ IA64_BREAK_VECTOR, "Break Instruction" },
	{ IA64_EXTINT_VECTOR, "External Interrupt" },
	{ IA64_VIRT_EXTINT_VECTOR, "Virtual External Interrupt" },
	{ IA64_PAGE_NOT_PRESENT_VECTOR, "Page Not Present" },
	{ IA64_KEY_PERMISSION_VECTOR, "Key Permission" },
	{ IA64_IACCESS_RIGHTS_VECTOR, "Instruction Access Rights" },
	{ IA64_DACCESS_RIGHTS_VECTOR, "Data Access Rights" },
	{ IA64_GENERAL_EXCEPTION_VECTOR, "General Exception" },
	{ IA64_DISABLED_FP_VECTOR, "Disabled FP-Register" },
	{ IA64_NAT_CONSUMPTION_VECTOR, "NaT Consumption" },
	{ IA64_SPECULATION_VECTOR, "Speculation" },
	{ IA64_DEBUG_VECTOR, "Debug" },
	{ IA64_UNALIGNED_VECTOR, "Unaligned Reference" },
	{ IA64_UNSUPPORTED_DATA_VECTOR, "Unsupported Data Reference" },
	{ IA64_FP_FAULT_VECTOR, "Floating-Point Fault" },
	{ IA64_FP_TRAP_VECTOR, "Floating-Point Trap" },
	{ IA64_LOWER_PRIV_VECTOR, "Lower-Privilege Transfer Trap" },
	{ IA64_TAKEN_BRANCH_VECTOR, "Taken Branch Trap" },
	{ IA64_SINGLE_STEP_VECTOR, "Single Step Trap" },
	{ IA64_VIRTUALIZATION_VECTOR, "Virtualization" },
	{ IA64_IA32_EXCEPTION_VECTOR, "IA-32 Exception" },
	{ IA64_IA32_INTERCEPT_VECTOR, "IA-32 Intercept" },
	{ IA64_IA32_INTERRUPT_VECTOR, "IA-32 Interrupt" },
};

static const char *vector_name(uint64_t offset)
{
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		if (vectors[i].offset == offset)
			return vectors[i].name;
	}
	return "reserved";
}

static void print_insn(FILE *out, struct vcpu *v)
{
	struct ia64_bundle decoded;
	struct ia64_disasm dis;
	uint8_t bundle[16];
	uint64_t pa;

	if (!ia64_translate_quiet(v, v->ip, true, &pa) ||
	    !ia64_memory_read(v->sys->mem, pa, bundle, sizeof(bundle)))
		return;
	ia64_disasm_bundle(bundle, v->ip, &dis);
	ia64_decode_bundle(bundle, &decoded);
	fprintf(out, "%s%s", dis.text[v->ri % 3],
		v->pr[decoded.insn[v->ri % 3].qp] ? "" : " [predicate false]");
}

static void report(void *ctx, struct vcpu *v, unsigned int kind, const char *text, uint64_t a,
		   uint64_t b, uint64_t c)
{
	struct trace *t = ctx;
	FILE *out = t->out;
	const struct symbol_table *symbols = t->symbols;
	char name[128];

	flockfile(out);
	fprintf(out, "%u %" PRIu64 " ", v->index, v->retired);
	switch (kind) {
	case IA64_TRACE_FAULT:
		fprintf(out, "fault '%s' isr=%#" PRIx64 " ifa=%#" PRIx64, vector_name(a), b, c);
		break;
	case IA64_TRACE_INTERRUPT:
		fprintf(out, "interrupt vector=%" PRIu64, a);
		break;
	case IA64_TRACE_FIRMWARE:
		fprintf(out, "firmware %s status=%" PRId64, text ? text : "?", (int64_t)a);
		break;
	case IA64_TRACE_MMIO:
		fprintf(out, "mmio %s pa=%#" PRIx64 " size=%" PRIu64 " value=%#" PRIx64,
			c & 16 ? "write" : "read", a, c & 15, b);
		break;
	case IA64_TRACE_JIT:
		fprintf(out, "jit trace=%#" PRIx64, a);
		if (symbols && *symbols_format(symbols, a, name, sizeof(name)))
			fprintf(out, " <%s>", name);
		fprintf(out, " instructions=%" PRIu64 " bytes=%" PRIu64 " end='%s'", b, c, text);
		break;
	case IA64_TRACE_INSN:
		fputs("insn ", out);
		print_insn(out, v);
		break;
	}
	fprintf(out, " ip=%#" PRIx64 ".%u", v->ip, v->ri);
	if (symbols && *symbols_format(symbols, v->ip, name, sizeof(name)))
		fprintf(out, " <%s>", name);
	putc('\n', out);
	funlockfile(out);
}

static void tell_translator(struct trace *t, const struct vcpu *v, unsigned int i)
{
	const struct ia64_jit_stats *s = ia64_jit_stats(v);

	if (!s)
		return;
	fprintf(t->out, "%u %" PRIu64 " jit traces=%" PRIu64 " instructions=%" PRIu64
		" bytes=%" PRIu64
		" flushes=%" PRIu64 " dead=%" PRIu64 " refused=%" PRIu64 " entries=%" PRIu64
		" cold_exits=%" PRIu64 " handed_over=%" PRIu64 " revalidated=%" PRIu64
		" interpreted_blocks=%" PRIu64 " interpreted=%" PRIu64 "\n", i,
		__atomic_load_n(&v->retired, __ATOMIC_RELAXED), s->traces, s->trace_insns,
		s->code_bytes, s->flushes, s->dead_traces, s->record_failed, s->entries,
		s->exits_cold, s->exits_interp, s->exits_epoch, s->interp_blocks,
		s->interp_insns);
}

/* The vCPUs run meanwhile: each number is right by itself, at about the time told. */
static void tell_counters(struct trace *t, double seconds)
{
	const struct ia64_system *sys = t->sys;
	double used;

	flockfile(t->out);
	used = (double)clock() / CLOCKS_PER_SEC;
	for (unsigned int i = 0; i < sys->nr_vcpus; i++) {
		struct vcpu *v = sys->vcpus[i];

		fprintf(t->out, "%u %" PRIu64 " counters seconds=%.3f cpu=%.3f tlb_misses=%" PRIu64
			" interruptions=%" PRIu64 " mmio=%" PRIu64 "\n", i,
			__atomic_load_n(&v->retired, __ATOMIC_RELAXED), seconds, used,
			__atomic_load_n(&v->count_tlb_miss, __ATOMIC_RELAXED),
			__atomic_load_n(&v->count_interruptions, __ATOMIC_RELAXED),
			__atomic_load_n(&v->count_mmio, __ATOMIC_RELAXED));
		tell_translator(t, v, i);
	}
	fflush(t->out);
	funlockfile(t->out);
}

static double seconds_between(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

static void *counters_thread(void *ctx)
{
	struct trace *t = ctx;
	struct timespec start, next, now;

	clock_gettime(CLOCK_MONOTONIC, &start);
	next = start;
	pthread_mutex_lock(&t->lock);
	do {
		next.tv_sec++;
		while (!t->ending &&
		       pthread_cond_timedwait(&t->end, &t->lock, &next) != ETIMEDOUT)
			;
		clock_gettime(CLOCK_MONOTONIC, &now);
		tell_counters(t, seconds_between(&start, &now));
	} while (!t->ending);
	pthread_mutex_unlock(&t->lock);
	return NULL;
}

static int start_counters(struct trace *t, struct error *err)
{
	pthread_condattr_t attr;

	pthread_mutex_init(&t->lock, NULL);
	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&t->end, &attr);
	pthread_condattr_destroy(&attr);
	errno = pthread_create(&t->thread, NULL, counters_thread, t);
	if (errno)
		return error_set(err, "--trace counters: no thread: %s", strerror(errno));
	t->counting = true;
	return 0;
}

int trace_start(struct trace **trace, const struct debug_target *target, uint32_t wanted, FILE *out,
		struct error *err)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		return error_set(err, "out of memory");
	t->sys = target->sys;
	t->symbols = target->symbols;
	t->out = out;
	t->tracer = (struct ia64_tracer){ .report = report, .ctx = t,
					  .kinds = wanted & ~TRACE_COUNTERS };
	if ((wanted & TRACE_COUNTERS) && start_counters(t, err)) {
		free(t);
		return -1;
	}
	if (t->tracer.kinds)
		target->sys->tracer = &t->tracer;
	*trace = t;
	return 0;
}

void trace_stop(struct trace *trace)
{
	if (!trace)
		return;
	if (trace->tracer.kinds & IA64_TRACE_JIT) {
		const struct ia64_system *sys = trace->sys;

		for (unsigned int i = 0; i < sys->nr_vcpus; i++)
			ia64_jit_print(sys->vcpus[i], trace->out);
	}
	trace->sys->tracer = NULL;
	if (trace->counting) {
		pthread_mutex_lock(&trace->lock);
		trace->ending = true;
		pthread_cond_signal(&trace->end);
		pthread_mutex_unlock(&trace->lock);
		pthread_join(trace->thread, NULL);
		pthread_cond_destroy(&trace->end);
		pthread_mutex_destroy(&trace->lock);
	}
	free(trace);
}
