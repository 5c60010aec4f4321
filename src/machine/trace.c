/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event lines. Each begins with the vCPU's number, the instructions it has retired, the kind and
 * where it is; then come the particulars as name=value. docs/paravane.1 describes the form.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ia64/disasm.h"
#include "ia64/interruption.h"
#include "ia64/tlb.h"
#include "ia64/trace.h"
#include "machine/machine.h"
#include "machine/symbols.h"
#include "machine/trace.h"

struct trace {
	struct ia64_tracer tracer;
	struct machine *machine;
	FILE *out;
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
};

#define NR_KINDS (sizeof(kinds) / sizeof(kinds[0]))

uint32_t trace_kind(const char *name)
{
	for (size_t i = 0; i < NR_KINDS; i++) {
		if (!strcmp(kinds[i].name, name))
			return kinds[i].kind;
	}
	return 0;
}

const char *trace_kinds(void)
{
	return "faults, interrupts, firmware, mmio, insn";
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
	const struct symbol_table *symbols = machine_symbols(t->machine);
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

int trace_start(struct trace **trace, struct machine *m, uint32_t wanted, FILE *out,
		struct error *err)
{
	struct trace *t = calloc(1, sizeof(*t));

	if (!t)
		return error_set(err, "out of memory");
	t->machine = m;
	t->out = out;
	t->tracer = (struct ia64_tracer){ .report = report, .ctx = t, .kinds = wanted };
	machine_system(m)->tracer = &t->tracer;
	*trace = t;
	return 0;
}

void trace_stop(struct trace *trace)
{
	free(trace);
}
