/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating point: the fast Fourier transform there and back. */

#include <math.h>

#include "bench.h"

#define BITS 15
#define SIZE (1 << BITS)
#define ROUNDS 8

struct complex {
	double re, im;
};

static struct complex data[SIZE], root[SIZE / 2];

static struct complex multiply(struct complex a, struct complex b)
{
	return (struct complex){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

/* The roots of unity from halved angles: a library's sine may differ in the last bit between
 * machines, and the checksum with it. */
static void roots(void)
{
	double cosine = -1;

	root[0] = (struct complex){ 1, 0 };
	for (int step = SIZE / 2; step > 1; step /= 2) {
		struct complex half;

		half.re = sqrt((1 + cosine) / 2);
		half.im = sqrt((1 - cosine) / 2);
		cosine = half.re;
		for (int i = step / 2; i < SIZE / 2; i += step)
			root[i] = multiply(root[i - step / 2], half);
	}
}

static void transform(double direction)
{
	for (unsigned int i = 0, j = 0; i < SIZE; i++) {
		unsigned int bit = SIZE / 2;

		if (i < j) {
			struct complex t = data[i];

			data[i] = data[j];
			data[j] = t;
		}
		while (j & bit) {
			j ^= bit;
			bit /= 2;
		}
		j |= bit;
	}
	for (int half = 1; half < SIZE; half *= 2) {
		for (int block = 0; block < SIZE; block += 2 * half) {
			for (int i = 0; i < half; i++) {
				struct complex *a = &data[block + i], *b = a + half, t;
				struct complex w = root[i * (SIZE / 2 / half)];

				w.im *= direction;
				t = multiply(w, *b);
				*b = (struct complex){ a->re - t.re, a->im - t.im };
				*a = (struct complex){ a->re + t.re, a->im + t.im };
			}
		}
	}
}

static uint64_t there_and_back(uint64_t *seed, uint64_t sum)
{
	double error = 0;
	static struct complex original[SIZE];

	for (int i = 0; i < SIZE; i++) {
		data[i] = (struct complex){ (double)(bench_random(seed) >> 11) * 0x1p-53, 0 };
		original[i] = data[i];
	}
	for (int round = 0; round < ROUNDS; round++) {
		transform(1);
		transform(-1);
		for (int i = 0; i < SIZE; i++) {
			data[i].re /= SIZE;
			data[i].im /= SIZE;
		}
	}
	for (int i = 0; i < SIZE; i++)
		error = fmax(error, fmax(fabs(data[i].re - original[i].re), fabs(data[i].im)));
	if (!(error < 1e-10)) {
		fprintf(stderr, "fft: there and back again makes an error of %g\n", error);
		exit(1);
	}
	return bench_checksum(sum, data, sizeof(data));
}

int main(int argc, char **argv)
{
	double start = bench_now();
	uint64_t seed = 5, sum = 0;

	roots();
	for (unsigned int round = bench_rounds(argc, argv); round; round--)
		sum = there_and_back(&seed, sum);
	bench_result("fft", start, sum);
	return 0;
}
