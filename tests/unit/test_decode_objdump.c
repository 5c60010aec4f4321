/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compares the disassembler, and so the decoder, with GNU objdump, text for text. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "decode/exclusions.h"
#include "decode/objdump.h"
#include "ia64/encoding.h"

enum { BATCH = 1 << 16, SHOWN = 40, RANDOM_CASES = 100000 };
static const uint64_t base = UINT64_C(0x4000000000010000);
static const char *const unit_names = "MIFBLX";

static const uint64_t nop[] = {
	[UNIT_M] = 0x0008000000, [UNIT_I] = 0x0008000000, [UNIT_F] = 0x0008000000,
	[UNIT_B] = 0x4000000000,
};

/* The template and the slot in which a unit's instruction is tried. */
static const struct { uint8_t template, slot; } place[] = {
	[UNIT_M] = { 0x00, 0 }, [UNIT_I] = { 0x00, 1 }, [UNIT_F] = { 0x0e, 2 },
	[UNIT_B] = { 0x10, 2 }, [UNIT_X] = { 0x04, 2 },
};

struct batch {
	uint8_t bundle[BATCH][16];
	struct excl_case kase[BATCH];
	size_t n;
	uint64_t compared, different, excluded[EXCLUSIONS];
};

static void pack(uint8_t bundle[16], uint8_t template, uint64_t s0, uint64_t s1, uint64_t s2)
{
	uint64_t lo = template | s0 << 5 | s1 << 46;
	uint64_t hi = s1 >> 18 | s2 << 23;

	for (unsigned int i = 0; i < 8; i++) {
		bundle[i] = (uint8_t)(lo >> (8 * i));
		bundle[8 + i] = (uint8_t)(hi >> (8 * i));
	}
}

static void compare(struct batch *b, size_t i, const char *theirs)
{
	struct excl_case *c = &b->kase[i];
	struct ia64_bundle decoded;
	struct ia64_disasm ours;
	const char *text;
	bool reserved;

	ia64_disasm_bundle(b->bundle[i], base + 16 * i, &ours);
	ia64_decode_bundle(b->bundle[i], &decoded);
	text = ours.text[c->unit == UNIT_X ? 1 : place[c->unit].slot];
	reserved = !strncmp(theirs, "data8", 5);
	c->theirs = theirs;
	c->ours = text;
	b->compared++;
	/* The decoder must refuse what the disassembler does not know. */
	if (!ia64_encoding_find(c->unit, c->slot, false) &&
	    decoded.insn[c->unit == UNIT_X ? 1 : place[c->unit].slot].op != OP_ILLEGAL)
		fail_msg("%s is decoded as an instruction", text);
	if (!strcmp(text, theirs) || (reserved && !strncmp(text, "data8", 5)))
		return;
	for (size_t e = 0; e < EXCLUSIONS; e++) {
		if (exclusions[e].holds(c)) {
			b->excluded[e]++;
			return;
		}
	}
	if (b->different++ < SHOWN)
		print_error("unit %c %011" PRIx64 ": objdump \"%s\", ours \"%s\"\n",
			    unit_names[c->unit], c->slot, theirs, text);
}

static void flush(struct batch *b)
{
	struct objdump_text *theirs;

	if (!b->n)
		return;
	theirs = objdump_bundles((const uint8_t (*)[16])b->bundle, b->n, base);
	assert_non_null(theirs);
	for (size_t i = 0; i < b->n; i++) {
		enum ia64_unit unit = b->kase[i].unit;

		compare(b, i, theirs[i].text[unit == UNIT_X ? 1 : place[unit].slot]);
	}
	free(theirs);
	b->n = 0;
}

static void add(struct batch *b, enum ia64_unit unit, uint64_t slot, uint64_t l)
{
	uint64_t s[3] = { nop[UNIT_M], nop[UNIT_I], nop[UNIT_I] };

	if (unit == UNIT_X)
		s[1] = l;
	if (unit == UNIT_F)
		s[1] = nop[UNIT_M];
	s[place[unit].slot] = slot;
	pack(b->bundle[b->n], place[unit].template, s[0], s[1], s[2]);
	b->kase[b->n] = (struct excl_case){ .unit = unit, .slot = slot, .l = l };
	if (++b->n == BATCH)
		flush(b);
}

static void report(struct batch *b, const char *what)
{
	uint64_t excluded = 0;

	flush(b);
	for (size_t e = 0; e < EXCLUSIONS; e++) {
		excluded += b->excluded[e];
		if (b->excluded[e])
			print_message("# %s: excluded %" PRIu64 ": %s\n", what, b->excluded[e],
				      exclusions[e].why);
	}
	fprintf(stderr, "# decoder and objdump, %s: %" PRIu64 " compared, %" PRIu64
		" of them excluded, %" PRIu64 " different\n", what, b->compared, excluded,
		b->different);
	assert_int_equal(b->different, 0);
}

/* The same sequence every run. */
static uint64_t random64(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static const uint64_t slot_mask = (UINT64_C(1) << 41) - 1;
static const uint64_t below_major = (UINT64_C(1) << 37) - 1;

/* Spread the bits of v over the set bits of mask, lowest first. */
static uint64_t spread(uint64_t v, uint64_t mask)
{
	uint64_t out = 0;

	for (; mask; mask &= mask - 1, v >>= 1)
		if (v & 1)
			out |= mask & -mask;
	return out;
}

/* Bits that are neither fixed by the row nor part of its operands nor of qp: hints and what is
 * ignored. Few enough to try all values of. */
static uint64_t completer_bits(const struct ia64_encoding *row)
{
	uint64_t bits = 0;

	for (const char *c = strchr(row->mnemonic, '%'); c; c = strchr(c + 1, '%')) {
		switch (c[1]) {
		case 'z': case 'f':
			bits |= UINT64_C(3) << 30;
			break;
		case 'h': case 'H': case 'L':
			bits |= UINT64_C(3) << 28;
			break;
		case 's':
			bits |= UINT64_C(3) << 34;
			break;
		case 'w': case 'p':
			bits |= UINT64_C(7) << 33 | 1 << 12;
			break;
		case 'W':
			bits |= UINT64_C(15) << 32 | 1 << 12;
			break;
		case 'i': case 'I':
			bits |= UINT64_C(1) << 35 | 3 << 3;
			break;
		case 'm':
			bits |= UINT64_C(1) << 23 | 3 << 20;
			break;
		}
	}
	return bits & ~row->mask;
}

/* Bits the manual gives no meaning in this row are kept 0, since it asks that of software. */
static uint64_t operand_bits(const struct ia64_encoding *row, enum ia64_unit unit, uint64_t fixed)
{
	uint64_t bits = row->attr & (ENC_NOQP | ENC_QP0) ? 0 : 0x3f;

	/* A bit belongs to an operand if it changes the operand's text. */
	for (unsigned int bit = 6; bit < 37; bit++) {
		uint64_t one = UINT64_C(1) << bit;
		char zero[IA64_DISASM_MAX], set[IA64_DISASM_MAX];

		if (row->mask & one)
			continue;
		ia64_disasm_slot(unit, fixed, 0, 0, zero);
		ia64_disasm_slot(unit, fixed | one, 0, 0, set);
		if (strcmp(zero, set))
			bits |= one;
	}
	return bits & ~row->mask;
}

static void try_row(struct batch *b, enum ia64_unit unit, uint64_t major,
		    const struct ia64_encoding *row, uint64_t *seed)
{
	uint64_t fixed = major << 37 | row->match;
	uint64_t hints = completer_bits(row);
	uint64_t free = (operand_bits(row, unit, fixed) | hints) & ~row->mask;
	uint64_t combinations = UINT64_C(1) << __builtin_popcountll(hints);
	/* Extremes of seven-bit register fields and of the immediates made of them. */
	static const uint8_t extreme[] = { 0, 1, 2, 12, 31, 32, 63, 64, 126, 127 };

	for (uint64_t h = 0; h < combinations; h++) {
		uint64_t with = fixed | spread(h, hints);
		uint64_t l[] = { 0, slot_mask, 1, UINT64_C(1) << 40, random64(seed) & slot_mask };

		for (size_t k = 0; k < (unit == UNIT_X ? 5 : 1); k++) {
			add(b, unit, with, l[k]);
			add(b, unit, with | (free & ~hints), l[k]);
			for (size_t i = 0; i < 6; i++)
				add(b, unit, with | (random64(seed) & free & ~hints), l[k]);
		}
	}
	for (uint64_t bit = 1; bit < UINT64_C(1) << 37; bit <<= 1) {
		if (!(bit & free))
			continue;
		add(b, unit, fixed | bit, 0);
		add(b, unit, fixed | (free & ~bit), slot_mask);
	}
	/* Every pair of extremes in the register fields 12:6, 19:13, 26:20 and 33:27. */
	for (unsigned int field = 6; field <= 27; field += 7) {
		for (size_t i = 0; i < sizeof(extreme); i++) {
			for (size_t k = 0; k < 6; k++) {
				uint64_t v = random64(seed) & free & ~(UINT64_C(0x7f) << field);

				v |= (uint64_t)extreme[i] << field & free;
				add(b, unit, fixed | v, random64(seed) & slot_mask);
			}
		}
	}
	for (unsigned int qp = 0; qp < 64; qp++)
		add(b, unit, fixed | (random64(seed) & free & ~hints & ~UINT64_C(63)) | (qp & free),
		    random64(seed) & slot_mask);
}

/* Every row of the table, all completers, the extremes of every field. */
static void test_rows(void **state)
{
	struct batch *b = *state;
	uint64_t seed = 1, rows = 0;

	for (enum ia64_unit unit = UNIT_M; unit <= UNIT_X; unit++) {
		if (unit == UNIT_L)
			continue;
		for (unsigned int major = 0; major < 16; major++) {
			struct ia64_encoding_list list = ia64_encodings(unit, major);

			for (size_t i = 0; i < list.n; i++, rows++)
				if (*list.row[i].mnemonic)
					try_row(b, unit, major, &list.row[i], &seed);
		}
	}
	print_message("# %" PRIu64 " rows\n", rows);
	report(b, "rows");
}

/* Every combination of the opcode extensions of every unit and major opcode, reserved or not. */
static void test_extensions(void **state)
{
	struct batch *b = *state;
	uint64_t seed = 2;

	for (enum ia64_unit unit = UNIT_M; unit <= UNIT_X; unit++) {
		if (unit == UNIT_L)
			continue;
		for (uint64_t major = 0; major < 16; major++) {
			struct ia64_encoding_list list = ia64_encodings(unit, major);
			uint64_t extension = 0;

			for (size_t i = 0; i < list.n; i++)
				if (!(list.row[i].attr & ENC_ALIAS))
					extension |= list.row[i].mask;
			if (!extension)
				extension = UINT64_C(0x3ff) << 27;
			for (uint64_t v = 0; v >> __builtin_popcountll(extension) == 0; v++) {
				uint64_t with = major << 37 | spread(v, extension);
				uint64_t rest = below_major & ~extension;

				add(b, unit, with, 0);
				for (size_t i = 0; i < 3; i++)
					add(b, unit, with | (random64(&seed) & rest),
					    random64(&seed) & slot_mask);
			}
		}
	}
	report(b, "extensions");
}

/* Anything at all, bits that should be 0 included. */
static void test_random(void **state)
{
	struct batch *b = *state;
	uint64_t seed = 3;

	for (enum ia64_unit unit = UNIT_M; unit <= UNIT_X; unit++)
		for (unsigned int i = 0; unit != UNIT_L && i < RANDOM_CASES; i++)
			add(b, unit, random64(&seed) & slot_mask, random64(&seed) & slot_mask);
	report(b, "random");
}

/* All 32 templates: units and stops. */
static void test_templates(void **state)
{
	uint8_t bundle[32][16];
	struct objdump_text *theirs;

	for (unsigned int t = 0; t < 32; t++) {
		const struct ia64_template *info = &ia64_templates[t];
		uint64_t s[3];

		for (unsigned int i = 0; i < 3; i++)
			s[i] = info->unit[i] == UNIT_B ? nop[UNIT_B] : nop[UNIT_M];
		pack(bundle[t], t, s[0], s[1], s[2]);
	}
	theirs = objdump_bundles((const uint8_t (*)[16])bundle, 32, base);
	assert_non_null(theirs);
	for (unsigned int t = 0; t < 32; t++) {
		struct ia64_disasm ours;
		uint8_t stops;

		ia64_disasm_bundle(bundle[t], base + 16 * t, &ours);
		stops = ours.stops;
		if (ours.units[1] == 'L')
			stops = stops >> 1;
		for (unsigned int i = 0; i < 3; i++)
			if (ia64_templates[t].unit[i] != UNIT_NONE)
				assert_string_equal(ours.text[i], theirs[t].text[i]);
		if (ia64_templates[t].unit[0] != UNIT_NONE)
			assert_int_equal(stops, theirs[t].stops);
		else
			assert_memory_equal(theirs[t].text[0], "data8", 5);
	}
	free(theirs);
}

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct batch));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	free(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_templates),
		cmocka_unit_test_setup_teardown(test_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_extensions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_random, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
