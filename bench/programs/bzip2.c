/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Compression: text made of random words through libbzip2 and back. */

#include <bzlib.h>

#include "bench.h"

#define SIZE 600000

static char text[SIZE], packed[SIZE + SIZE / 100 + 600], unpacked[SIZE];

static uint64_t there_and_back(uint64_t *seed, uint64_t sum)
{
	unsigned int packed_size = sizeof(packed), unpacked_size = sizeof(unpacked);
	size_t at = 0;

	while (at < SIZE) {
		/* Few words are frequent and many are rare, as in a language. */
		uint64_t word = bench_random(seed) % 2000, letters;

		word = word * word / 2000 + 1;
		letters = word * 0x9e3779b97f4a7c15;
		for (int i = 0; i < 2 + (int)(word % 8) && at < SIZE; i++, letters /= 26)
			text[at++] = (char)('a' + letters % 26);
		if (at < SIZE)
			text[at++] = word % 13 ? ' ' : '\n';
	}
	if (BZ2_bzBuffToBuffCompress(packed, &packed_size, text, SIZE, 9, 0, 0) != BZ_OK ||
	    BZ2_bzBuffToBuffDecompress(unpacked, &unpacked_size, packed, packed_size, 0, 0) !=
		BZ_OK || unpacked_size != SIZE || memcmp(text, unpacked, SIZE)) {
		fprintf(stderr, "bzip2: what was unpacked is not what was packed\n");
		exit(1);
	}
	return bench_checksum(sum, packed, packed_size);
}

int main(int argc, char **argv)
{
	double start = bench_now();
	uint64_t seed = 6, sum = 0;

	for (unsigned int round = bench_rounds(argc, argv); round; round--)
		sum = there_and_back(&seed, sum);
	bench_result("bzip2", start, sum);
	return 0;
}
