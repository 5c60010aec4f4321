/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Integers: quicksort and heapsort of the same random numbers. */

#include "bench.h"

#define COUNT 300000

static uint64_t numbers[COUNT], copy[COUNT];

static void swap(uint64_t *a, uint64_t *b)
{
	uint64_t t = *a;

	*a = *b;
	*b = t;
}

static void quicksort(uint64_t *data, long low, long high)
{
	while (low < high) {
		uint64_t pivot = data[low + (high - low) / 2];
		long i = low, j = high;

		while (i <= j) {
			while (data[i] < pivot)
				i++;
			while (data[j] > pivot)
				j--;
			if (i <= j)
				swap(&data[i++], &data[j--]);
		}
		/* The smaller part by recursion, which bounds its depth. */
		if (j - low < high - i) {
			quicksort(data, low, j);
			low = i;
		} else {
			quicksort(data, i, high);
			high = j;
		}
	}
}

static void sift(uint64_t *data, size_t root, size_t count)
{
	size_t child;

	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count && data[child] < data[child + 1])
			child++;
		if (data[root] >= data[child])
			return;
		swap(&data[root], &data[child]);
		root = child;
	}
}

static void heapsort(uint64_t *data, size_t count)
{
	for (size_t i = count / 2; i-- > 0;)
		sift(data, i, count);
	for (size_t i = count; i-- > 1;) {
		swap(&data[0], &data[i]);
		sift(data, 0, i);
	}
}

static uint64_t both(uint64_t *seed, uint64_t sum)
{
	for (size_t i = 0; i < COUNT; i++)
		copy[i] = numbers[i] = bench_random(seed);
	quicksort(numbers, 0, COUNT - 1);
	heapsort(copy, COUNT);
	if (memcmp(numbers, copy, sizeof(numbers))) {
		fprintf(stderr, "sort: the two algorithms disagree\n");
		exit(1);
	}
	return bench_checksum(sum, numbers, sizeof(numbers));
}

int main(int argc, char **argv)
{
	double start = bench_now();
	uint64_t seed = 1, sum = 0;

	for (unsigned int round = bench_rounds(argc, argv); round; round--)
		sum = both(&seed, sum);
	bench_result("sort", start, sum);
	return 0;
}
