/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where GNU objdump 2.40 and the manual differ for this processor, and the manual wins. Each entry
 * says what it lets pass as narrowly as it can; the comparison prints how often each was used.
 */
#ifndef TESTS_DECODE_EXCLUSIONS_H
#define TESTS_DECODE_EXCLUSIONS_H

#include <stdbool.h>
#include <string.h>

#include "ia64/encoding.h"

struct excl_case {
	enum ia64_unit unit;
	uint64_t slot, l;
	const char *theirs, *ours;
};

static bool starts(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* The text behind a predicate. */
static const char *insn_of(const char *text)
{
	const char *s = *text == '(' ? strchr(text, ' ') : NULL;

	return s ? s + 1 : text;
}

static bool is(const char *text, const char *mnemonic)
{
	return starts(insn_of(text), mnemonic);
}

static unsigned int major(const struct excl_case *c)
{
	return ia64_bits(c->slot, 40, 37);
}

static bool is_memory(const struct excl_case *c)
{
	return c->unit == UNIT_M && major(c) >= 4 && major(c) <= 7;
}

/* Compare two texts, skipping a completer of data locality (.d0-.d7, .nt1, .nta) in each. */
static bool same_but_locality(const char *a, const char *b)
{
	for (;; a++, b++) {
		if (*a == '.' && ((a[1] == 'd' && a[2] >= '0' && a[2] <= '7') || starts(a, ".nt")))
			a += a[1] == 'd' ? 3 : 4;
		if (*b == '.' && ((b[1] == 'd' && b[2] >= '0' && b[2] <= '7') || starts(b, ".nt")))
			b += b[1] == 'd' ? 3 : 4;
		if (*a != *b)
			return false;
		if (!*a)
			return true;
	}
}

static bool locality_bit(const struct excl_case *c)
{
	return is_memory(c) && !starts(c->theirs, "data8") && same_but_locality(c->theirs, c->ours);
}

static bool reserved_locality(const struct excl_case *c)
{
	unsigned int hint = ia64_bits(c->slot, 29, 28);

	return is_memory(c) && starts(c->theirs, "data8") && (hint == 2 || hint == 1) &&
	       strstr(c->ours, hint == 2 ? ".d2" : ".d1");
}

static bool lfetch_count(const struct excl_case *c)
{
	return is_memory(c) && is(c->theirs, "lfetch.count") && is(c->ours, "lfetch");
}

static bool hint_m(const struct excl_case *c)
{
	return c->unit == UNIT_M && major(c) == 0 && is(c->ours, "hint.m") &&
	       ia64_operand_imm(IMM21, c->slot, 0) >= 16 &&
	       (starts(c->theirs, "data8") || is(c->theirs, "mov dahr") || is(c->theirs, "hint.m"));
}

static bool later_register(const struct excl_case *c)
{
	return (strstr(c->theirs, "ar.ruc") && strstr(c->ours, "ar45")) ||
	       (strstr(c->theirs, "cr.iib0") && strstr(c->ours, "cr26")) ||
	       (strstr(c->theirs, "cr.iib1") && strstr(c->ours, "cr27"));
}

static bool later_instruction(const struct excl_case *c)
{
	static const char *const later[] = { "clz ", "mpy4 ", "mpyshl4 " };

	if (!starts(c->ours, "data8"))
		return false;
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (c->unit == UNIT_I && is(c->theirs, later[i]))
			return true;
	return c->unit == UNIT_M && is(c->theirs, "mov ") &&
	       (strstr(c->theirs, "msr[") || strstr(c->theirs, "dahr["));
}

static bool test_feature(const struct excl_case *c)
{
	return c->unit == UNIT_I && major(c) == 5 && ia64_bits(c->slot, 19, 19) &&
	       is(c->theirs, "tf.") && is(c->ours, "tnat.");
}

static bool reserved_whether(const struct excl_case *c)
{
	if (!starts(c->theirs, "data8"))
		return false;
	if (c->unit == UNIT_B && major(c) == 1)
		return !ia64_bits(c->slot, 32, 32) && is(c->ours, "br.call.sptk");
	if (c->unit == UNIT_B && major(c) == 2)
		return ia64_bits(c->slot, 3, 3) && is(c->ours, "brp");
	return c->unit == UNIT_I && major(c) == 0 && ia64_bits(c->slot, 35, 33) == 7 &&
	       ia64_bits(c->slot, 21, 20) == 3 && is(c->ours, "mov.");
}

static const struct {
	const char *why;
	bool (*holds)(const struct excl_case *c);
} exclusions[] = {
	{ "later processors' locality hints, in bits this one ignores", locality_bit },
	{ "reserved locality hint: the manual ignores it, objdump has no name for it",
	  reserved_locality },
	{ "later processors' lfetch.count, in bits lfetch ignores", lfetch_count },
	{ "later processors' mov dahr and 19-bit hint.m, in hint.m's immediate above 15", hint_m },
	{ "later processors' ar.ruc, cr.iib0 and cr.iib1: reserved here", later_register },
	{ "later processors' clz, mpy4, mpyshl4, mov from dahr, and the undocumented mov msr: "
	  "reserved here", later_instruction },
	{ "later processors' tf, in bits tnat ignores", test_feature },
	{ "reserved branch whether hint: the manual has it mean .sptk, objdump has no name for it",
	  reserved_whether },
};

enum { EXCLUSIONS = sizeof(exclusions) / sizeof(exclusions[0]) };

#endif
