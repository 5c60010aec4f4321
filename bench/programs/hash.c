/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integers: SHA-256 of a megabyte or two, and a hash table with open addressing. */

#include "bench.h"

#define SLOTS (1 << 17)
#define OPERATIONS 1000000
#define BLOCKS 15000

struct slot {
	uint64_t key, value;
};

static struct slot table[SLOTS];
static uint32_t round_constant[64], initial[8];

static uint32_t rotate(uint32_t x, int n)
{
	return x >> n | x << (32 - n);
}

/* The first 32 bits of the fraction of the square (power 2) or cube root (power 3) of n. */
static uint32_t root_fraction(uint64_t n, int power)
{
	uint64_t root = 0;

	/* By bisection: root is the root times 2^32. Its powers are compared in 128 bits. */
	for (int bit = 36; bit >= 0; bit--) {
		uint64_t try = root | (uint64_t)1 << bit;
		__extension__ unsigned __int128 square = (unsigned __int128)try * try;
		int below;

		if (power == 2)
			below = square <= (unsigned __int128)n << 64;
		else
			below = (square >> 32) * try + (((square & 0xffffffff) * try) >> 32) <=
				(unsigned __int128)n << 64;
		if (below)
			root = try;
	}
	return (uint32_t)root;
}

static void constants(void)
{
	int found = 0;

	for (uint64_t n = 2; found < 64; n++) {
		int prime = 1;

		for (uint64_t d = 2; d * d <= n; d++)
			if (n % d == 0)
				prime = 0;
		if (!prime)
			continue;
		if (found < 8)
			initial[found] = root_fraction(n, 2);
		round_constant[found++] = root_fraction(n, 3);
	}
}

static void sha256_block(uint32_t state[8], const uint32_t block[16])
{
	uint32_t w[64], v[8];

	memcpy(w, block, 64);
	for (int i = 16; i < 64; i++) {
		uint32_t a = w[i - 15], b = w[i - 2];

		w[i] = w[i - 16] + w[i - 7] + (rotate(a, 7) ^ rotate(a, 18) ^ a >> 3) +
			(rotate(b, 17) ^ rotate(b, 19) ^ b >> 10);
	}
	memcpy(v, state, sizeof(v));
	for (int i = 0; i < 64; i++) {
		uint32_t t1 = v[7] + (rotate(v[4], 6) ^ rotate(v[4], 11) ^ rotate(v[4], 25)) +
			((v[4] & v[5]) ^ (~v[4] & v[6])) + round_constant[i] + w[i];
		uint32_t t2 = (rotate(v[0], 2) ^ rotate(v[0], 13) ^ rotate(v[0], 22)) +
			((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));

		memmove(&v[1], &v[0], 7 * sizeof(v[0]));
		v[4] += t1;
		v[0] = t1 + t2;
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

static struct slot *lookup(uint64_t key)
{
	uint64_t i = key * 0x9e3779b97f4a7c15 >> 47;

	while (table[i].key && table[i].key != key)
		i = (i + 1) % SLOTS;
	return &table[i];
}

static uint64_t hash(uint64_t *seed, uint64_t sum)
{
	uint32_t state[8], block[16];

	memcpy(state, initial, sizeof(state));
	for (int i = 0; i < BLOCKS; i++) {
		for (int j = 0; j < 16; j++)
			block[j] = (uint32_t)bench_random(seed);
		sha256_block(state, block);
	}
	sum = bench_checksum(sum, state, sizeof(state));

	memset(table, 0, sizeof(table));
	for (int i = 0; i < OPERATIONS; i++) {
		/* Half as many keys as slots, and 0 is none of them. */
		uint64_t key = bench_random(seed) % (SLOTS / 2) + 1;
		struct slot *slot = lookup(key);

		slot->key = key;
		slot->value += (uint64_t)i;
	}
	return bench_checksum(sum, table, sizeof(table));
}

int main(int argc, char **argv)
{
	double start = bench_now();
	uint64_t seed = 2, sum = 0;

	constants();
	for (unsigned int round = bench_rounds(argc, argv); round; round--)
		sum = hash(&seed, sum);
	bench_result("hash", start, sum);
	return 0;
}
