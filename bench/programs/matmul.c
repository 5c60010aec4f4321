/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating point: products of matrices, in double and in single precision. */

#include "bench.h"

#define SIZE 256

static double a[SIZE][SIZE], b[SIZE][SIZE], c[SIZE][SIZE];
static float fa[SIZE][SIZE], fb[SIZE][SIZE], fc[SIZE][SIZE];

static uint64_t multiply(uint64_t *seed, uint64_t sum)
{
	for (int i = 0; i < SIZE; i++) {
		for (int j = 0; j < SIZE; j++) {
			a[i][j] = (double)(bench_random(seed) >> 11) * 0x1p-53;
			b[i][j] = (double)(bench_random(seed) >> 11) * 0x1p-53;
			fa[i][j] = (float)a[i][j];
			fb[i][j] = (float)b[i][j];
		}
	}
	memset(c, 0, sizeof(c));
	memset(fc, 0, sizeof(fc));
	for (int i = 0; i < SIZE; i++) {
		for (int k = 0; k < SIZE; k++) {
			for (int j = 0; j < SIZE; j++) {
				c[i][j] += a[i][k] * b[k][j];
				fc[i][j] += fa[i][k] * fb[k][j];
			}
		}
	}
	sum = bench_checksum(sum, c, sizeof(c));
	return bench_checksum(sum, fc, sizeof(fc));
}

int main(int argc, char **argv)
{
	double start = bench_now();
	uint64_t seed = 4, sum = 0;

	for (unsigned int round = bench_rounds(argc, argv); round; round--)
		sum = multiply(&seed, sum);
	bench_result("matmul", start, sum);
	return 0;
}
