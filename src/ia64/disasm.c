/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Writes instructions as text, from the encoding table. */
#include "ia64/disasm.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ia64/encoding.h"

struct text {
	char *buf;
	size_t len;
};

__attribute__((format(printf, 2, 3)))
static void put(struct text *t, const char *format, ...)
{
	size_t room = IA64_DISASM_MAX - t->len;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(t->buf + t->len, room, format, ap);
	va_end(ap);
	if (n > 0)
		t->len += (size_t)n < room ? (size_t)n : room - 1;
}

static const char *const ar_names[128] = {
	"k0", "k1", "k2", "k3", "k4", "k5", "k6", "k7",
	[16] = "rsc", "bsp", "bspstore", "rnat",
	[21] = "fcr",
	[24] = "eflag", "csd", "ssd", "cflg", "fsr", "fir", "fdr",
	[32] = "ccv", [36] = "unat", [40] = "fpsr", [44] = "itc",
	[64] = "pfs", "lc", "ec",
};

static const char *const cr_names[128] = {
	"dcr", "itm", "iva", [8] = "pta",
	[16] = "ipsr", "isr",
	[19] = "iip", "ifa", "itir", "iipa", "ifs", "iim", "iha",
	[64] = "lid", "ivr", "tpr", "eoi", "irr0", "irr1", "irr2", "irr3", "itv", "pmv", "cmcv",
	[80] = "lrr0", "lrr1",
};

static const char *const mux1_names[16] = {
	[MUX1_BRCST] = "@brcst", [MUX1_MIX] = "@mix", [MUX1_SHUF] = "@shuf", [MUX1_ALT] = "@alt",
	[MUX1_REV] = "@rev",
};

static void put_named(struct text *t, const char *file, const char *name, unsigned int n)
{
	if (name)
		put(t, "%s.%s", file, name);
	else
		put(t, "%s%u", file, n);
}

static void put_operand(struct text *t, enum ia64_operand opnd, uint64_t slot, uint64_t l,
			uint64_t ip)
{
	unsigned int lo = ia64_bits(slot, 12, 6);
	unsigned int mid = ia64_bits(slot, 19, 13);
	unsigned int hi = ia64_bits(slot, 26, 20);
	int64_t imm = ia64_operand_imm(opnd, slot, l);

	switch (opnd) {
	case OPND_NONE:
		break;
	case R1: case R1S:
		put(t, "r%u", lo);
		break;
	case R2:
		put(t, "r%u", mid);
		break;
	case R3:
		put(t, "r%u", hi);
		break;
	case R3A:
		put(t, "r%u", (unsigned int)ia64_bits(slot, 21, 20));
		break;
	case MR3: case MR3U:
		put(t, "[r%u]", hi);
		break;
	case RR3:
		put(t, "rr[r%u]", hi);
		break;
	case DBR3:
		put(t, "dbr[r%u]", hi);
		break;
	case IBR3:
		put(t, "ibr[r%u]", hi);
		break;
	case PKR3:
		put(t, "pkr[r%u]", hi);
		break;
	case PMC3:
		put(t, "pmc[r%u]", hi);
		break;
	case PMD3:
		put(t, "pmd[r%u]", hi);
		break;
	case CPUID3:
		put(t, "cpuid[r%u]", hi);
		break;
	case DTR3:
		put(t, "dtr[r%u]", hi);
		break;
	case ITR3:
		put(t, "itr[r%u]", hi);
		break;
	case F1: case F1S:
		put(t, "f%u", lo);
		break;
	case F2: case F2D:
		put(t, "f%u", mid);
		break;
	case F3:
		put(t, "f%u", hi);
		break;
	case F4:
		put(t, "f%u", (unsigned int)ia64_bits(slot, 33, 27));
		break;
	case P1:
		put(t, "p%u", (unsigned int)ia64_bits(slot, 11, 6));
		break;
	case P2:
		put(t, "p%u", (unsigned int)ia64_bits(slot, 32, 27));
		break;
	case B1:
		put(t, "b%u", (unsigned int)ia64_bits(slot, 8, 6));
		break;
	case B2:
		put(t, "b%u", (unsigned int)ia64_bits(slot, 15, 13));
		break;
	case AR3: case AR3W:
		put_named(t, "ar", ar_names[hi], hi);
		break;
	case CR3: case CR3W:
		put_named(t, "cr", cr_names[hi], hi);
		break;
	case MBTYPE4:
		if (mux1_names[imm])
			put(t, "%s", mux1_names[imm]);
		else
			put(t, "0x%" PRIx64, (uint64_t)imm);
		break;
	case IMM21: case IMM24: case IMM62: case IMM64: case MASK17: case IMM44:
	case MHTYPE8: case FCLASS9: case AMASK7: case OMASK7:
		put(t, "0x%" PRIx64, (uint64_t)imm);
		break;
	case TGT20B: case TGT13C: case TGT20A: case TGT64: case TAG13: case TAG13C:
		put(t, "0x%" PRIx64, ip + (uint64_t)imm);
		break;
	case LIT_1:
		put(t, "1");
		break;
	case LIT_R0:
		put(t, "r0");
		break;
	case LIT_IP:
		put(t, "ip");
		break;
	case LIT_PR:
		put(t, "pr");
		break;
	case LIT_PRROT:
		put(t, "pr.rot");
		break;
	case LIT_PSR:
		put(t, "psr");
		break;
	case LIT_PSR_L:
		put(t, "psr.l");
		break;
	case LIT_PSR_UM:
		put(t, "psr.um");
		break;
	case LIT_AR_PFS:
		put(t, "ar.pfs");
		break;
	case LIT_AR_CCV:
		put(t, "ar.ccv");
		break;
	case LIT_AR_CSD:
		put(t, "ar.csd");
		break;
	default:
		put(t, "%" PRId64, imm);
		break;
	}
}

static void put_branch_hints(struct text *t, const char *whether, uint64_t slot)
{
	put(t, "%s.%s%s", whether, ia64_bits(slot, 12, 12) ? "many" : "few",
	    ia64_bits(slot, 35, 35) ? ".clr" : "");
}

static void put_completer(struct text *t, char which, uint64_t slot)
{
	static const char *const ldhint[] = { "", ".nt1", ".d2", ".nta" };
	static const char *const lfhint[] = { "", ".nt1", ".nt2", ".nta" };
	static const char *const sthint[] = { "", ".d1", ".d2", ".nta" };
	static const char *const format[] = { "e", "8", "s", "d" };
	static const char *const bwh[] = { ".sptk", ".spnt", ".dptk", ".dpnt" };
	static const char *const ipwh[] = { ".sptk", ".loop", ".dptk", ".exit" };
	static const char *const indwh[] = { ".sptk", ".sptk", ".dptk", ".sptk" };
	static const char *const mwh[] = { ".sptk", "", ".dptk", ".sptk" };

	switch (which) {
	case 'z':
		put(t, "%u", 1u << ia64_bits(slot, 31, 30));
		break;
	case 'f':
		put(t, "%s", format[ia64_bits(slot, 31, 30)]);
		break;
	case 'h':
		put(t, "%s", ldhint[ia64_bits(slot, 29, 28)]);
		break;
	case 'H':
		put(t, "%s", sthint[ia64_bits(slot, 29, 28)]);
		break;
	case 'L':
		put(t, "%s", lfhint[ia64_bits(slot, 29, 28)]);
		break;
	case 's':
		put(t, ".s%u", (unsigned int)ia64_bits(slot, 35, 34));
		break;
	case 'w':
		put_branch_hints(t, bwh[ia64_bits(slot, 34, 33)], slot);
		break;
	case 'W':
		/* Bit 32 clear is reserved, and means .sptk. */
		put_branch_hints(t, bwh[ia64_bits(slot, 34, 33) * ia64_bits(slot, 32, 32)], slot);
		break;
	case 'p':
		put_branch_hints(t, "", slot);
		break;
	case 'i':
		put(t, "%s%s", ipwh[ia64_bits(slot, 4, 3)], ia64_bits(slot, 35, 35) ? ".imp" : "");
		break;
	case 'I':
		put(t, "%s%s", indwh[ia64_bits(slot, 4, 3)], ia64_bits(slot, 35, 35) ? ".imp" : "");
		break;
	case 'm':
		put(t, "%s%s", mwh[ia64_bits(slot, 21, 20)], ia64_bits(slot, 23, 23) ? ".imp" : "");
		break;
	}
}

void ia64_disasm_slot(enum ia64_unit unit, uint64_t slot, uint64_t l, uint64_t ip,
		      char buf[IA64_DISASM_MAX])
{
	const struct ia64_encoding *row = ia64_encoding_find(unit, slot, true);
	unsigned int qp = ia64_bits(slot, 5, 0);
	struct text t = { .buf = buf };

	if (!row || !*row->mnemonic) {
		put(&t, "data8 0x%011" PRIx64, slot);
		return;
	}
	if (qp && !(row->attr & (ENC_NOQP | ENC_QP0)))
		put(&t, "(p%02u) ", qp);
	for (const char *c = row->mnemonic; *c; c++) {
		if (*c == '%')
			put_completer(&t, *++c, slot);
		else
			put(&t, "%c", *c);
	}
	for (unsigned int i = 0; i < 6 && row->opnd[i] != OPND_NONE; i++) {
		put(&t, "%s", i == 0 ? " " : i == row->ndst ? "=" : ",");
		put_operand(&t, row->opnd[i], slot, l, ip);
	}
}

void ia64_disasm_bundle(const uint8_t bundle[16], uint64_t ip, struct ia64_disasm *out)
{
	const struct ia64_template *template = &ia64_templates[bundle[0] & 0x1f];

	memset(out, 0, sizeof(*out));
	out->stops = template->stops;
	for (unsigned int i = 0; i < 3; i++) {
		out->units[i] = "MIFBLX?"[template->unit[i]];
		if (template->unit[i] == UNIT_NONE)
			snprintf(out->text[i], IA64_DISASM_MAX, "data8 0x%011" PRIx64,
				 ia64_bundle_slot(bundle, i));
		else if (template->unit[i] == UNIT_X)
			ia64_disasm_slot(UNIT_X, ia64_bundle_slot(bundle, 2),
					 ia64_bundle_slot(bundle, 1), ip, out->text[1]);
		else if (template->unit[i] != UNIT_L)
			ia64_disasm_slot(template->unit[i], ia64_bundle_slot(bundle, i), 0, ip,
					 out->text[i]);
	}
}
