/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The crash report. */
#include "machine/crash.h"

#include <inttypes.h>
#include <string.h>

#include "ia64/decode.h"
#include "ia64/disasm.h"
#include "ia64/rse.h"
#include "ia64/state_dump.h"
#include "ia64/tlb.h"

#define MAX_FRAMES 24
#define MAX_SCAN 2048 /* words of backing store below what is in registers */

static bool read_bundle(struct vcpu *v, uint64_t va, uint8_t bundle[16])
{
	uint64_t pa;

	if (va & 15)
		return false;
	if (!(v->psr & PSR_IT))
		pa = va & ~(1ull << 63);
	else if (!ia64_translate_quiet(v, va, true, &pa) &&
		 !ia64_translate_quiet(v, va, false, &pa))
		return false;
	return ia64_memory_read(v->sys->mem, pa, bundle, 16);
}

static void print_code(struct vcpu *v, FILE *out)
{
	struct ia64_disasm d;
	uint8_t bundle[16];
	unsigned int i;

	if (!read_bundle(v, v->ip, bundle)) {
		fprintf(out, "  no code at 0x%" PRIx64 "\n", v->ip);
		return;
	}
	ia64_disasm_bundle(bundle, v->ip, &d);
	fprintf(out, "  [%s]\n", d.units);
	for (i = 0; i < 3; i++) {
		if (d.text[i][0])
			fprintf(out, "  %s %s%s\n", i == v->ri ? ">" : " ", d.text[i],
				d.stops & 1u << i ? ";;" : "");
	}
}

/* Is addr the bundle after one that ends in a call? */
static bool is_return_address(struct vcpu *v, const struct symbol_table *symbols, uint64_t addr)
{
	struct ia64_bundle b;
	uint8_t bundle[16];
	char name[256];

	if (addr & 15 || !symbols_format(symbols, addr, name, sizeof(name))[0] ||
	    !read_bundle(v, addr - 16, bundle))
		return false;
	ia64_decode_bundle(bundle, &b);
	return b.insn[2].op == OP_BR_CALL || b.insn[2].op == OP_BR_CALL_IND ||
	       b.insn[1].op == OP_BRL_CALL;
}

static void print_frame(const struct symbol_table *symbols, uint64_t addr, unsigned int *frames,
			const char *mark, FILE *out)
{
	char name[256];

	symbols_format(symbols, addr, name, sizeof(name));
	fprintf(out, "  #%-2u %016" PRIx64 "%s%s%s\n", (*frames)++, addr, name[0] ? " " : "", name,
		mark);
}

static void back_trace(struct vcpu *v, const struct symbol_table *symbols,
		       const struct unwind_tables *unwind, FILE *out)
{
	unsigned int frames = 0, scanned;
	struct unwind_frame frame;
	uint64_t addr, val, last;

	unwind_first(v, &frame);
	print_frame(symbols, frame.ip, &frames, "", out);
	while (frames < MAX_FRAMES && unwind_next(unwind, v, &frame))
		print_frame(symbols, frame.ip, &frames, "", out);
	if (frame.outermost)
		return;
	last = frame.ip;
	addr = frame.top ? ia64_rse_skip(frame.bsp, v->rse.sof) : frame.bsp;
	for (scanned = 0; frames < MAX_FRAMES && scanned < MAX_SCAN; scanned++) {
		addr -= 8;
		if ((addr & 0x1f8) == 0x1f8)
			continue;
		if (!unwind_read_stacked(v, addr, &val))
			return;
		if (val == last || !is_return_address(v, symbols, val))
			continue;
		print_frame(symbols, val, &frames, " ?", out);
		last = val;
	}
}

void crash_report(struct vcpu *v, const struct symbol_table *symbols,
		  const struct unwind_tables *unwind, FILE *out)
{
	char name[256];

	fprintf(out, "vCPU %u: %s\n", v->index, v->crash_reason[0] ? v->crash_reason : "stopped");
	symbols_format(symbols, v->ip, name, sizeof(name));
	fprintf(out, "at 0x%" PRIx64 ".%u%s%s\n", v->ip, v->ri, name[0] ? " " : "", name);
	print_code(v, out);
	ia64_state_dump(v, out);
	fprintf(out, "back trace:\n");
	back_trace(v, symbols, unwind, out);
}
