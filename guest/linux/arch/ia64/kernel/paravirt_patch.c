// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Patches the sites of paravirtualized operations, in the kernel and in modules, lists them, and
 * checks what it did.
 *
 * A bundle with sites is replaced whole by "brl" to code made here, which executes the bundle's
 * slots one after the other, an operation where there was a site, and branches to the next
 * bundle. A branch cannot go anywhere but to the first slot of a bundle, so none gets into the
 * middle of what was patched. To execute instructions one by one that were in one instruction
 * group gives the same result, as that is how a group is defined where it has no violation of
 * the dependency rules.
 *
 * Encodings: Intel Itanium Architecture Software Developer's Manual, volume 3, chapter 4.
 */
#define pr_fmt(fmt) "paravirt: " fmt

#include <linux/debugfs.h>
#include <linux/elf.h>
#include <linux/extable.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/memblock.h>
#include <linux/module.h>
#include <linux/moduleloader.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>

#include <asm/paravirt.h>
#include <asm/paravirt_patch.h>
#include <asm/patch.h>
#include <asm/sections.h>
#include <asm/switch_to.h>

#define SLOT_MASK	((1UL << 41) - 1)
#define BUNDLE		16

enum unit { UNIT_M, UNIT_I, UNIT_F, UNIT_B, UNIT_LX };

/* The units of the templates, by template >> 1; the other templates are reserved. */
static const u8 template_units[16][3] = {
	[0x00] = { UNIT_M, UNIT_I, UNIT_I },
	[0x01] = { UNIT_M, UNIT_I, UNIT_I },
	[0x02] = { UNIT_M, UNIT_LX, UNIT_LX },
	[0x04] = { UNIT_M, UNIT_M, UNIT_I },
	[0x05] = { UNIT_M, UNIT_M, UNIT_I },
	[0x06] = { UNIT_M, UNIT_F, UNIT_I },
	[0x07] = { UNIT_M, UNIT_M, UNIT_F },
	[0x08] = { UNIT_M, UNIT_I, UNIT_B },
	[0x09] = { UNIT_M, UNIT_B, UNIT_B },
	[0x0b] = { UNIT_B, UNIT_B, UNIT_B },
	[0x0c] = { UNIT_M, UNIT_M, UNIT_B },
	[0x0e] = { UNIT_M, UNIT_F, UNIT_B },
};

/* Templates with a stop at their end. */
#define T_MII	0x01
#define T_MLX	0x05
#define T_MMI	0x09
#define T_MFI	0x0d
#define T_MIB	0x11

#define NOP_MIF	0x0008000000UL		/* nop 0 in an M, I or F slot */
#define NOP_B	0x4000000000UL
#define RFI	(8UL << 27)

#define AR_PFS	64

/* How sites are patched. */
static enum pv_mode {
	PV_AUTO,	/* native on hardware, inline on a hypervisor */
	PV_NATIVE,	/* not at all */
	PV_INLINE,	/* to a copy of the operation's sequence */
	PV_CALL,	/* to a call of the operation */
} pv_mode __ro_after_init;

static int __init pv_mode_param(char *s)
{
	static const char *const names[] = { "auto", "native", "inline", "call" };
	int i = match_string(names, ARRAY_SIZE(names), s ?: "");

	if (i < 0) {
		pr_err("paravirt=%s: not auto, native, inline or call\n", s ?: "");
		return -EINVAL;
	}
	pv_mode = i;
	return 0;
}
early_param("paravirt", pv_mode_param);

static bool patching(void)
{
	return pv_mode > PV_NATIVE || (pv_mode == PV_AUTO && pv_info.paravirt);
}

/* --- instructions --- */

static u64 slot_of(const u64 *bundle, int slot)
{
	switch (slot) {
	case 0:
		return bundle[0] >> 5 & SLOT_MASK;
	case 1:
		return (bundle[0] >> 46 | bundle[1] << 18) & SLOT_MASK;
	default:
		return bundle[1] >> 23;
	}
}

static u64 field(u64 insn, int low, int bits)
{
	return insn >> low & ((1UL << bits) - 1);
}

enum { IMM = 1, R2, R3 };	/* where an operand is */

/* A privileged instruction: what is in x6, format M28 to M47, which all have opcode 1 and x3 0. */
static const struct insn {
	u8 op, a, b;		/* operation, its operands */
	bool result;		/* in r1 */
} insns[64] = {
	[0x00] = { PV_OP_SET_RR, R3, R2 },
	[0x01] = { PV_OP_SET_DBR, R3, R2 },
	[0x02] = { PV_OP_SET_IBR, R3, R2 },
	[0x03] = { PV_OP_SET_PKR, R3, R2 },
	[0x04] = { PV_OP_SET_PMC, R3, R2 },
	[0x05] = { PV_OP_SET_PMD, R3, R2 },
	[0x09] = { PV_OP_PTC_L, R3, R2 },
	[0x0a] = { PV_OP_PTC_G, R3, R2 },
	[0x0b] = { PV_OP_PTC_GA, R3, R2 },
	[0x0c] = { PV_OP_PTR_D, R3, R2 },
	[0x0d] = { PV_OP_PTR_I, R3, R2 },
	[0x0e] = { PV_OP_ITR_D, R3, R2 },
	[0x0f] = { PV_OP_ITR_I, R3, R2 },
	[0x10] = { PV_OP_GET_RR, R3, 0, true },
	[0x11] = { PV_OP_GET_DBR, R3, 0, true },
	[0x12] = { PV_OP_GET_IBR, R3, 0, true },
	[0x13] = { PV_OP_GET_PKR, R3, 0, true },
	[0x14] = { PV_OP_GET_PMC, R3, 0, true },
	[0x15] = { PV_OP_GET_PMD, R3, 0, true },
	[0x17] = { PV_OP_GET_CPUID, R3, 0, true },
	[0x1a] = { PV_OP_THASH, R3, 0, true },
	[0x1b] = { PV_OP_TTAG, R3, 0, true },
	[0x1e] = { PV_OP_TPA, R3, 0, true },
	[0x1f] = { PV_OP_TAK, R3, 0, true },
	[0x22] = { PV_OP_GET_ITC, 0, 0, true },		/* application registers: decode() */
	[0x24] = { PV_OP_GET_CR, IMM, 0, true },
	[0x25] = { PV_OP_GET_PSR, 0, 0, true },
	[0x2a] = { PV_OP_SET_KR, IMM, R2 },
	[0x2c] = { PV_OP_SET_CR, IMM, R2 },
	[0x2d] = { PV_OP_SET_PSR_L, R2 },
	[0x2e] = { PV_OP_ITC_D, R2 },
	[0x2f] = { PV_OP_ITC_I, R2 },
	[0x34] = { PV_OP_PTC_E, R3 },
};

#define CR_ITM	1
#define CR_IPSR	16
#define CR_IHA	25
#define CR_IVR	65
#define CR_TPR	66
#define CR_EOI	67
#define AR_ITC	44

struct operand {
	u8 kind;		/* 0, IMM, or R2 for any register */
	u64 value;		/* the number, or the register's */
};

struct decoded {
	int op;			/* PV_OP_NONE: no such instruction */
	unsigned int qp;
	struct operand a, b;
	int target;		/* register of the result, or -1 */
};

static struct operand operand(u64 insn, int where)
{
	switch (where) {
	case IMM:
		return (struct operand){ IMM, field(insn, 20, 7) };
	case R2:
		return (struct operand){ R2, field(insn, 13, 7) };
	case R3:
		return (struct operand){ R2, field(insn, 20, 7) };
	default:
		return (struct operand){ 0 };
	}
}

/* hint is the operation in a site's info, for what the instruction can mean besides. */
static struct decoded decode(enum unit unit, u64 insn, int hint)
{
	struct decoded d = { .qp = field(insn, 0, 6), .target = -1 };
	unsigned int reg = field(insn, 20, 7);
	const struct insn *i;
	u64 mask;

	if (unit == UNIT_B) {
		if (insn == RFI)
			d.op = PV_OP_RFI;
		return d;
	}
	/* Format M44. */
	if (field(insn, 33, 3) == 0 && field(insn, 37, 4) == 0 && field(insn, 28, 3) == 3) {
		mask = field(insn, 6, 21) | field(insn, 31, 2) << 21 | field(insn, 36, 1) << 23;
		d.op = field(insn, 27, 1) ? PV_OP_RSM : PV_OP_SSM;
		if (mask == IA64_PSR_I)
			d.op = field(insn, 27, 1) ? PV_OP_RSM_I : PV_OP_SSM_I;
		else if (mask == IA64_PSR_IC)
			d.op = field(insn, 27, 1) ? PV_OP_RSM_IC : PV_OP_SSM_IC;
		else if (mask == (IA64_PSR_I | IA64_PSR_IC) && field(insn, 27, 1))
			d.op = PV_OP_RSM_I_IC;
		else
			d.a = (struct operand){ IMM, mask };
		return d;
	}
	/* Format M17: fetchadd4.acq r1 = [r3], 1. */
	if (hint == PV_OP_SPIN_TICKET && field(insn, 36, 5) == 8 && field(insn, 30, 6) == 0x12 &&
	    field(insn, 27, 1) == 1 && field(insn, 13, 3) == 3) {
		d.op = hint;
		d.a = operand(insn, R3);
		d.target = field(insn, 6, 7);
		return d;
	}
	if (field(insn, 37, 4) != 1 || field(insn, 33, 3) != 0)
		return d;
	i = &insns[field(insn, 27, 6)];
	d.op = i->op;
	d.a = operand(insn, i->a);
	d.b = operand(insn, i->b);
	if (i->result)
		d.target = field(insn, 6, 7);

	switch (d.op) {
	case PV_OP_GET_PSR:
		if (hint == PV_OP_GET_PSR_I)
			d.op = hint;
		break;
	case PV_OP_SET_PSR_L:
		if (hint == PV_OP_SET_PSR_I)
			d.op = hint;
		break;
	case PV_OP_GET_ITC:
		if (reg != AR_ITC)
			d.op = PV_OP_NONE;
		break;
	case PV_OP_SET_KR:
		if (reg == AR_ITC) {
			d.op = PV_OP_SET_ITC;
			d.a = d.b;
			d.b.kind = 0;
		} else if (reg > 7) {
			d.op = PV_OP_NONE;
		}
		break;
	case PV_OP_GET_CR:
		if (reg == CR_IVR)
			d.op = PV_OP_GET_IVR;
		else if (reg == CR_TPR)
			d.op = PV_OP_GET_TPR;
		else if (reg >= CR_IPSR && reg <= CR_IHA)
			d.op = PV_OP_GET_ICR;
		if (d.op != PV_OP_GET_CR && d.op != PV_OP_GET_ICR)
			d.a.kind = 0;
		break;
	case PV_OP_SET_CR:
		if (reg == CR_TPR)
			d.op = PV_OP_SET_TPR;
		else if (reg == CR_ITM)
			d.op = PV_OP_SET_ITM;
		else if (reg == CR_EOI)
			d.op = PV_OP_SET_EOI;
		else if (reg >= CR_IPSR && reg <= CR_IHA)
			d.op = PV_OP_SET_ICR;
		if (d.op == PV_OP_SET_EOI) {
			d.a.kind = d.b.kind = 0;
		} else if (d.op != PV_OP_SET_CR && d.op != PV_OP_SET_ICR) {
			d.a = d.b;
			d.b.kind = 0;
		}
		break;
	}
	return d;
}

/* --- making code --- */

/* Where code goes: at pc; nowhere yet while out is NULL, only counted. */
struct text {
	u64 *out;
	unsigned long pc;
	unsigned int n;		/* bundles so far */
};

static void emit(struct text *t, unsigned int template, u64 s0, u64 s1, u64 s2)
{
	if (t->out) {
		t->out[2 * t->n] = template | s0 << 5 | s1 << 46;
		t->out[2 * t->n + 1] = s1 >> 18 | s2 << 23;
	}
	t->n++;
}

static unsigned long here(const struct text *t)
{
	return t->pc + t->n * BUNDLE;
}

/* One instruction, in a bundle of its own. */
static void emit_insn(struct text *t, enum unit unit, u64 insn)
{
	switch (unit) {
	case UNIT_M:
		emit(t, T_MII, insn, NOP_MIF, NOP_MIF);
		break;
	case UNIT_I:
		emit(t, T_MII, NOP_MIF, insn, NOP_MIF);
		break;
	case UNIT_F:
		emit(t, T_MFI, NOP_MIF, insn, NOP_MIF);
		break;
	default:
		emit(t, T_MIB, NOP_MIF, NOP_MIF, insn);
		break;
	}
}

/* (qp) movl reg = value */
static void emit_movl(struct text *t, unsigned int qp, unsigned int reg, u64 value)
{
	emit(t, T_MLX, NOP_MIF, value >> 22 & SLOT_MASK,
	     6UL << 37 | field(value, 63, 1) << 36 | field(value, 7, 9) << 27 |
	     field(value, 16, 5) << 22 | field(value, 21, 1) << 21 | field(value, 0, 7) << 13 |
	     reg << 6 | qp);
}

static void make_brl(u64 *bundle, u64 opcode, unsigned long from, unsigned long to)
{
	u64 d = (to - from) >> 4, s1, s2;

	s1 = field(d, 20, 39) << 2;
	s2 = opcode | field(d, 59, 1) << 36 | field(d, 0, 20) << 13;
	bundle[0] = T_MLX | NOP_MIF << 5 | s1 << 46;
	bundle[1] = s1 >> 18 | s2 << 23;
}

#define BRL_COND	(0xcUL << 37)
#define BRL_CALL_B6	(0xdUL << 37 | 6 << 6)

static void emit_brl(struct text *t, u64 opcode, unsigned long to)
{
	if (t->out)
		make_brl(t->out + 2 * t->n, opcode, here(t), to);
	t->n++;
}

/* (qp) br.cond.sptk.few, forward by a number of bundles */
static u64 br_cond(unsigned int qp, unsigned int bundles)
{
	return 4UL << 37 | (u64)bundles << 13 | qp;
}

static u64 mov_reg(unsigned int to, unsigned int from)
{
	return 8UL << 37 | 2UL << 34 | (u64)from << 20 | (u64)to << 6;
}

static u64 mov_to_b(unsigned int b, unsigned int reg)
{
	return 7UL << 33 | 1UL << 20 | (u64)reg << 13 | b << 6;
}

/* setf.sig f = reg, getf.sig reg = f */
static u64 setf(unsigned int f, unsigned int reg)
{
	return 6UL << 37 | 0x1cUL << 30 | 1UL << 27 | (u64)reg << 13 | f << 6;
}

static u64 getf(unsigned int reg, unsigned int f)
{
	return 4UL << 37 | 0x1cUL << 30 | 1UL << 27 | (u64)f << 13 | reg << 6;
}

#define IS_MOV_IP(insn)	(((insn) & ~(0x7fUL << 6 | 0x3f)) == 0x30UL << 27)
#define BR_COND_B7	(0x20UL << 27 | 7 << 13)
#define MOV_R2_PFS	(0x32UL << 27 | AR_PFS << 20 | 2 << 6)
#define MOV_PFS_R2	(0x2aUL << 27 | AR_PFS << 20 | 2 << 13)

#ifdef CONFIG_PARAVIRT_BANKED
enum { A0 = 28, A1 = 29, RET = 28, S0 = 30, S1 = 31 };
#else
enum { A0 = 8, A1 = 9, RET = 8, S0 = 10, S1 = 11 };
#endif

extern const char pv_stacked_call[];

static void emit_operand(struct text *t, unsigned int to, struct operand o)
{
	if (o.kind == IMM)
		emit_movl(t, 0, to, o.value);
	else if (o.kind && o.value != to)
		emit_insn(t, UNIT_I, mov_reg(to, o.value));
}

static void emit_copy(struct text *t, const struct pv_cpu_op *op)
{
	unsigned int n = (op->end - op->start) / BUNDLE;

	if (t->out)
		memcpy(t->out + 2 * t->n, op->start, n * BUNDLE);
	t->n += n;
}

static void emit_sequence(struct text *t, const struct pv_cpu_op *op)
{
	if (IS_ENABLED(CONFIG_PARAVIRT_STACKED)) {
		emit_movl(t, 0, S0, *(const u64 *)op->fn);
		emit_insn(t, UNIT_I, MOV_R2_PFS);
		emit_brl(t, BRL_CALL_B6, (unsigned long)pv_stacked_call);
		emit_insn(t, UNIT_I, MOV_PFS_R2);
	} else if (pv_mode == PV_CALL) {
		emit_movl(t, 0, S0, (unsigned long)op->start);
		emit_movl(t, 0, S1, here(t) + 3 * BUNDLE);
		emit(t, T_MII, NOP_MIF, mov_to_b(7, S0), mov_to_b(6, S1));
		emit_insn(t, UNIT_B, BR_COND_B7);
	} else {
		emit_copy(t, op);
	}
}

/* The registers of the convention, to f6 to f9 and back; not back to the target. */
static void emit_save(struct text *t)
{
	emit(t, T_MMI, setf(6, A0), setf(7, A1), NOP_MIF);
	emit(t, T_MMI, setf(8, S0), setf(9, S1), NOP_MIF);
}

static void emit_restore(struct text *t, int target)
{
	static const u8 regs[] = { A0, A1, S0, S1 };
	int i;

	for (i = 0; i < ARRAY_SIZE(regs); i++)
		if (regs[i] != target)
			emit_insn(t, UNIT_M, getf(regs[i], 6 + i));
}

/*
 * save: the convention's registers are not free. Returns false where operands would overwrite each
 * other; only hand-written code could do that.
 */
static bool emit_op(struct text *t, const struct decoded *d, bool save)
{
	struct text skip = *t;

	if (d->qp) {
		emit_insn(t, UNIT_B, br_cond(d->qp, 2));
		skip.n = t->n++;
	}
	if (save)
		emit_save(t);
	if (d->b.kind == R2 && d->b.value == A0) {
		if (d->a.kind == R2 && d->a.value == A1)
			return false;
		emit_operand(t, A1, d->b);
		emit_operand(t, A0, d->a);
	} else {
		emit_operand(t, A0, d->a);
		emit_operand(t, A1, d->b);
	}
	if (save)
		emit_copy(t, &pv_cpu_ops.op[d->op]);
	else
		emit_sequence(t, &pv_cpu_ops.op[d->op]);
	if (d->target >= 0 && d->target != RET)
		emit_insn(t, UNIT_I, mov_reg(d->target, RET));
	if (save)
		emit_restore(t, d->target);
	if (d->qp)
		emit_insn(&skip, UNIT_B, br_cond(0, t->n - skip.n));
	return true;
}

/* --- bundles --- */

/* Why an instruction cannot be executed elsewhere, or NULL if it can. */
static const char *fixed_to_place(enum unit unit, u64 insn, const void *bundle, int slot,
				  const struct exception_table_entry *ex, unsigned int nr_ex)
{
	unsigned int op = field(insn, 37, 4), x3 = field(insn, 33, 3), x6 = field(insn, 27, 6);
	unsigned long at = (unsigned long)bundle + slot;
	unsigned int i;

	switch (unit) {
	case UNIT_B:
		return "a branch";
	case UNIT_LX:
		return "a long instruction";
	case UNIT_I:
		if (op == 0 && x3 == 1)
			return "chk.s";
		if (op == 0 && x3 == 0 && x6 == 0)
			return "break";
		return NULL;
	case UNIT_F:
		if (op == 0 && (x6 == 0 || x6 == 0x08))
			return "break or fchkf";
		return NULL;
	case UNIT_M:
		if (op == 0 && x3 >= 4)
			return "chk.a";
		if (op == 0 && x3 == 0 && field(insn, 27, 4) == 0 && field(insn, 31, 2) == 0)
			return "break";
		if (op == 1 && (x3 == 1 || x3 == 3))
			return "chk.s";
		for (i = 0; op >= 4 && op <= 7 && i < nr_ex; i++) {
			if ((unsigned long)&ex[i].insn + ex[i].insn == at)
				return "an access that may fault";
		}
		return NULL;
	}
	return NULL;
}

/* What is patched together: the kernel, or a module. */
struct pv_text {
	struct list_head list;
	const struct module *mod;	/* or NULL */
	const char *name;
	struct pv_site *start, *end;
	const struct exception_table_entry *ex;
	unsigned int nr_ex;
	u64 *base;			/* the code that bundles branch to */
	unsigned long size;		/* its bytes */
	unsigned long near;		/* bytes of near_text for this */
	const void *init;		/* what goes after the start, with the sites in it */
	unsigned long init_size;
};

/*
 * The code for sites in physical mode. It is in the kernel's image, so that the way from there to
 * here is the same with physical and with virtual addresses.
 */
#define NEAR_BYTES	(8 << 10)
static u64 near_text[NEAR_BYTES / sizeof(u64)] __aligned(32);

static LIST_HEAD(texts);
static DEFINE_MUTEX(texts_lock);
static struct pv_text kernel_text;

static unsigned long site_address(const struct pv_site *s)
{
	return (unsigned long)&s->offset + s->offset;
}

static u64 *site_bundle(const struct pv_site *s)
{
	return (u64 *)(site_address(s) & -BUNDLE);
}

static bool within(unsigned long address, const void *start, unsigned long size)
{
	return address - (unsigned long)start < size;
}

/* Where the brl goes that a bundle was replaced with, or 0 if it was not. */
static unsigned long patched_to(const struct pv_text *p, const u64 *bundle)
{
	u64 s1 = slot_of(bundle, 1), s2 = slot_of(bundle, 2), d;
	unsigned long to;

	if ((bundle[0] & 0x1f) != T_MLX || (s2 & ~(1UL << 36 | 0xfffffUL << 13)) != BRL_COND)
		return 0;
	d = field(s2, 13, 20) | field(s1, 2, 39) << 20 | field(s2, 36, 1) << 59;
	to = (unsigned long)bundle + (d << 4);
	return within(to, p->base, p->size) || within(to, near_text, p->near) ? to : 0;
}

static unsigned int clobber(const struct pv_site *s)
{
	return s->info >> 8;
}

static struct decoded decode_site(const struct pv_site *s)
{
	const u64 *bundle = site_bundle(s);
	unsigned int slot = site_address(s) % BUNDLE;

	return decode(template_units[bundle[0] >> 1 & 15][slot], slot_of(bundle, slot),
		      s->info & 0xff);
}

/* A site that is to be patched: somebody has the operation, and it can be done there. */
static bool wanted(const struct pv_site *s, const struct decoded *d)
{
	const struct pv_cpu_op *op = &pv_cpu_ops.op[d->op];

	return op->start && clobber(s) != PV_CLOBBER_NONE &&
	       (clobber(s) != PV_CLOBBER_PHYS || op->no_memory);
}

/*
 * Makes the code for the bundle of the site s, where the text is; the other sites in the bundle
 * follow it in the table. Returns false if that cannot be done: with a line in the log, or if
 * phys is true, for code that runs in physical mode, silently.
 */
static bool make_text(const struct pv_text *p, const struct pv_site *s, struct text *t, bool phys)
{
	const u64 *bundle = site_bundle(s);
	const u8 *units = template_units[bundle[0] >> 1 & 15];
	const char *why;
	struct decoded d;
	bool done[3] = { };
	int slot;

	for (slot = 0; slot < 3; slot++) {
		u64 insn = slot_of(bundle, slot);

		if (s < p->end && site_address(s) == (unsigned long)bundle + slot) {
			d = decode_site(s);
			if (wanted(s, &d)) {
				if (!emit_op(t, &d, clobber(s) != PV_CLOBBER_CALL)) {
					pr_err("%s: operands at %pS\n", p->name, bundle);
					return false;
				}
				done[slot] = true;
			}
			s++;
		}
		if (done[slot] || insn == (units[slot] == UNIT_B ? NOP_B : NOP_MIF))
			continue;
		if (units[slot] == UNIT_I && IS_MOV_IP(insn) && !phys) {
			emit_movl(t, field(insn, 0, 6), field(insn, 6, 7), (unsigned long)bundle);
			continue;
		}
		why = IS_MOV_IP(insn) && units[slot] == UNIT_I ? "mov =ip" :
		      fixed_to_place(units[slot], insn, bundle, slot, p->ex, p->nr_ex);
		if (why) {
			if (!phys)
				pr_err("%s: %s beside the site at %pS\n", p->name, why, bundle);
			return false;
		}
		emit_insn(t, units[slot], insn);
	}
	emit_brl(t, BRL_COND, (unsigned long)bundle + BUNDLE);
	return true;
}

static void flush(void *start, unsigned long size)
{
	unsigned long a;

	for (a = (unsigned long)start & -32; a < (unsigned long)start + size; a += 32)
		ia64_fc((void *)a);
	ia64_sync_i();
	ia64_srlz_i();
}

/*
 * Goes over the bundles with sites to patch. far and near say where code for them goes, near for
 * those that may run in physical mode. While their out is NULL: counts; else patches.
 */
static bool each_bundle(const struct pv_text *p, struct text *far, struct text *near)
{
	struct pv_site *s, *last;
	struct text *t, one;
	struct decoded d;
	bool any, phys;

	for (s = p->start; s < p->end; s = last) {
		u64 *bundle = site_bundle(s);

		any = phys = false;
		for (last = s; last < p->end && site_bundle(last) == bundle; last++) {
			d = decode_site(last);
			if (d.op == PV_OP_NONE && clobber(last) == PV_CLOBBER_CALL) {
				pr_err("%s: no privileged instruction at %pS\n", p->name,
				       (void *)site_address(last));
				return false;
			}
			any |= wanted(last, &d);
			phys |= clobber(last) == PV_CLOBBER_PHYS;
		}
		if (!any)
			continue;
		t = phys ? near : far;
		one = (struct text){ .pc = here(t), .out = t->out ? t->out + 2 * t->n : NULL };
		if (!make_text(p, s, &one, phys)) {
			if (phys)
				continue;
			return false;
		}
		if (t->out) {
			for (; s < last; s++)	/* for the list: the instruction goes */
				s->info |= decode_site(s).op;
			flush(one.out, one.n * BUNDLE);
			make_brl(bundle, BRL_COND, (unsigned long)bundle, one.pc);
			flush(bundle, BUNDLE);
		}
		t->n += one.n;
	}
	return true;
}

/* The code at to, of ours, gets to the bundle back at its end. */
static bool comes_back(const struct pv_text *p, unsigned long to, const u64 *back)
{
	const void *start = within(to, p->base, p->size) ? p->base : near_text;
	unsigned long size = start == p->base ? p->size : p->near;
	u64 brl[2];

	for (; within(to, start, size); to += BUNDLE) {
		make_brl(brl, BRL_COND, to, (unsigned long)back);
		if (!memcmp((void *)to, brl, BUNDLE))
			return true;
	}
	return false;
}

/* Every site is as it was linked, or all of its bundle goes to code of ours that comes back. */
static bool check(const struct pv_text *p)
{
	const struct pv_site *s;

	if (!p->size && !p->near)	/* none was to be patched */
		return true;
	for (s = p->start; s < p->end; s++) {
		const u64 *bundle = site_bundle(s);
		unsigned long to = patched_to(p, bundle);
		struct decoded d;

		if (!to) {
			d = decode_site(s);
			if (!wanted(s, &d) || clobber(s) == PV_CLOBBER_PHYS)
				continue;
			pr_err("%s: site at %pS is half done\n", p->name, bundle);
			return false;
		}
		if (!comes_back(p, to, bundle + 2)) {
			pr_err("%s: site at %pS does not come back\n", p->name, bundle);
			return false;
		}
	}
	return true;
}

static bool count(const struct pv_text *p, struct text *far, struct text *near)
{
	*far = *near = (struct text){ .pc = 0 };
	return each_bundle(p, far, near);
}

/* far and near: what was counted. */
static bool patch(struct pv_text *p, void *base, const struct text *far, const struct text *near)
{
	struct text f = { .out = base, .pc = (unsigned long)base };
	struct text n = { .out = near_text, .pc = (unsigned long)near_text };

	p->base = base;
	p->size = far->n * BUNDLE;
	p->near = near->n * BUNDLE;
	return each_bundle(p, &f, &n) && f.n == far->n && n.n == near->n;
}

/* --- the kernel --- */

#define ENTRY_OF(name)	extern const char name[]
ENTRY_OF(ia64_leave_syscall);
ENTRY_OF(ia64_work_processed_syscall);
ENTRY_OF(ia64_work_pending_syscall_end);
ENTRY_OF(ia64_leave_kernel);

static void __init switch_entry(const void *from, const void *to)
{
	if (!to)
		return;
	make_brl((u64 *)from, BRL_COND, (unsigned long)from, (unsigned long)to);
	flush((void *)from, BUNDLE);
}

extern const struct exception_table_entry __start___ex_table[], __stop___ex_table[];

void __init pv_patch_kernel(void)
{
	struct pv_text *p = &kernel_text;
	struct text far, near;
	void *base;

	/* A function's name in C is its descriptor, whose first word is the address of its code. */
	switch_entry(*(const void **)ia64_switch_to, pv_cpu_asm_switch.switch_to);
	switch_entry(ia64_leave_syscall, pv_cpu_asm_switch.leave_syscall);
	switch_entry(ia64_work_processed_syscall, pv_cpu_asm_switch.work_processed_syscall);
	switch_entry(ia64_work_pending_syscall_end, pv_cpu_asm_switch.work_pending_syscall_end);
	switch_entry(ia64_leave_kernel, pv_cpu_asm_switch.leave_kernel);

	p->name = "kernel";
	p->start = __start___pv_sites;
	p->end = __stop___pv_sites;
	p->ex = __start___ex_table;
	p->nr_ex = __stop___ex_table - __start___ex_table;
	p->init = __init_begin;
	p->init_size = __init_end - __init_begin;
	list_add(&p->list, &texts);
	if (patching()) {
		if (!count(p, &far, &near) || near.n * BUNDLE > NEAR_BYTES)
			panic("paravirt: the kernel has a site that cannot be patched");
		base = memblock_alloc(far.n * BUNDLE, PAGE_SIZE);
		if (!base || !patch(p, base, &far, &near))
			panic("paravirt: the kernel was not patched");
	}
	if (!check(p))
		panic("paravirt: a site is not what it should be");
	pr_info("%s, %lu sites, %lu bytes of code for them\n", pv_info.name,
		(unsigned long)(p->end - p->start), p->size + p->near);
}

/* --- modules --- */

#ifdef CONFIG_MODULES
int pv_patch_module(const struct elf64_hdr *hdr, const struct elf64_shdr *sechdrs,
		    struct module *mod)
{
	const char *names = (const char *)sechdrs[hdr->e_shstrndx].sh_addr;
	const struct elf64_shdr *s;
	struct text far, near;
	struct pv_text *p;
	void *base;
	int err;

	for (s = sechdrs; s < sechdrs + hdr->e_shnum; s++)
		if (!strcmp(names + s->sh_name, "__pv_sites"))
			break;
	if (s == sechdrs + hdr->e_shnum || !s->sh_size)
		return 0;

	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return -ENOMEM;
	p->mod = mod;
	p->name = mod->name;
	p->start = (struct pv_site *)s->sh_addr;
	p->end = (struct pv_site *)(s->sh_addr + s->sh_size);
	p->ex = mod->extable;
	p->nr_ex = mod->num_exentries;
	p->init = mod->init_layout.base;
	p->init_size = mod->init_layout.size;
	if (patching()) {
		err = -ENOEXEC;
		if (!count(p, &far, &near) || near.n)
			goto failed;
		base = far.n ? module_alloc(far.n * BUNDLE) : NULL;
		if (far.n && !base) {
			err = -ENOMEM;
			goto failed;
		}
		if (!patch(p, base, &far, &near))
			goto failed;
	}
	err = -ENOEXEC;
	if (!check(p))
		goto failed;
	mutex_lock(&texts_lock);
	list_add_tail(&p->list, &texts);
	mutex_unlock(&texts_lock);
	return 0;

failed:
	module_memfree(p->base);
	kfree(p);
	return err;
}

void pv_unpatch_module(struct module *mod)
{
	struct pv_text *p, *next;

	mutex_lock(&texts_lock);
	list_for_each_entry_safe(p, next, &texts, list) {
		if (p->mod != mod)
			continue;
		list_del(&p->list);
		module_memfree(p->base);
		kfree(p);
	}
	mutex_unlock(&texts_lock);
}
#endif

/* --- /sys/kernel/debug/paravirt/sites --- */

#ifdef CONFIG_DEBUG_FS
static const char *const op_names[PV_NR_OPS] = {
	[PV_OP_NONE] = "other",		/* a register that is not privileged after all */
	[PV_OP_SSM_I] = "ssm_i", [PV_OP_RSM_I] = "rsm_i", [PV_OP_GET_PSR_I] = "get_psr_i",
	[PV_OP_GET_PSR] = "get_psr", [PV_OP_SET_PSR_L] = "set_psr_l", [PV_OP_SSM] = "ssm",
	[PV_OP_RSM] = "rsm", [PV_OP_GET_IVR] = "get_ivr", [PV_OP_GET_TPR] = "get_tpr",
	[PV_OP_SET_TPR] = "set_tpr", [PV_OP_SET_EOI] = "set_eoi", [PV_OP_SET_ITM] = "set_itm",
	[PV_OP_GET_CR] = "get_cr", [PV_OP_SET_CR] = "set_cr", [PV_OP_SET_KR] = "set_kr",
	[PV_OP_GET_ITC] = "get_itc", [PV_OP_SET_ITC] = "set_itc", [PV_OP_GET_RR] = "get_rr",
	[PV_OP_SET_RR] = "set_rr", [PV_OP_GET_DBR] = "get_dbr", [PV_OP_SET_DBR] = "set_dbr",
	[PV_OP_GET_IBR] = "get_ibr", [PV_OP_SET_IBR] = "set_ibr", [PV_OP_GET_PKR] = "get_pkr",
	[PV_OP_SET_PKR] = "set_pkr", [PV_OP_GET_PMC] = "get_pmc", [PV_OP_SET_PMC] = "set_pmc",
	[PV_OP_GET_PMD] = "get_pmd", [PV_OP_SET_PMD] = "set_pmd", [PV_OP_GET_CPUID] = "get_cpuid",
	[PV_OP_ITC_I] = "itc_i", [PV_OP_ITC_D] = "itc_d", [PV_OP_ITR_I] = "itr_i",
	[PV_OP_ITR_D] = "itr_d", [PV_OP_PTR_I] = "ptr_i", [PV_OP_PTR_D] = "ptr_d",
	[PV_OP_PTC_L] = "ptc_l", [PV_OP_PTC_G] = "ptc_g", [PV_OP_PTC_GA] = "ptc_ga",
	[PV_OP_PTC_E] = "ptc_e", [PV_OP_THASH] = "thash", [PV_OP_TTAG] = "ttag",
	[PV_OP_TPA] = "tpa", [PV_OP_TAK] = "tak", [PV_OP_SET_PSR_I] = "set_psr_i",
	[PV_OP_SSM_IC] = "ssm_ic", [PV_OP_RSM_IC] = "rsm_ic", [PV_OP_RSM_I_IC] = "rsm_i_ic",
	[PV_OP_GET_ICR] = "get_icr", [PV_OP_SET_ICR] = "set_icr", [PV_OP_RFI] = "rfi",
	[PV_OP_SPIN_TICKET] = "spin",
};

/* One line a site: address, operation, what is there now. Those of initialization are gone. */
static int sites_show(struct seq_file *m, void *v)
{
	const struct pv_site *s;
	struct pv_text *p;

	mutex_lock(&texts_lock);
	list_for_each_entry(p, &texts, list) {
		for (s = p->start; s < p->end; s++) {
			const u64 *bundle = site_bundle(s);
			unsigned long to;

			if (within((unsigned long)bundle, p->init, p->init_size))
				continue;
			to = patched_to(p, bundle);
			seq_printf(m, "%016lx %-9s %-6s %pS\n", site_address(s),
				   op_names[to ? s->info & 0xff : decode_site(s).op],
				   !to ? "native" : pv_mode == PV_CALL ? "call" : "inline",
				   bundle);
		}
	}
	mutex_unlock(&texts_lock);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(sites);

static int __init sites_init(void)
{
	debugfs_create_file("sites", 0400, debugfs_create_dir("paravirt", NULL), NULL,
			    &sites_fops);
	return 0;
}
late_initcall(sites_init);
#endif
