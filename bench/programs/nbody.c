/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Floating point: bodies that attract each other; square roots and divisions. */

#include <math.h>

#include "bench.h"

#define BODIES 8
#define STEPS 30000

struct body {
	double position[3], velocity[3], mass;
};

static struct body bodies[BODIES];

static void step(double dt)
{
	for (int i = 0; i < BODIES; i++) {
		for (int j = i + 1; j < BODIES; j++) {
			struct body *a = &bodies[i], *b = &bodies[j];
			double d[3], square = 0.01, force;

			for (int k = 0; k < 3; k++) {
				d[k] = a->position[k] - b->position[k];
				square += d[k] * d[k];
			}
			force = dt / (square * sqrt(square));
			for (int k = 0; k < 3; k++) {
				a->velocity[k] -= d[k] * b->mass * force;
				b->velocity[k] += d[k] * a->mass * force;
			}
		}
	}
	for (int i = 0; i < BODIES; i++)
		for (int k = 0; k < 3; k++)
			bodies[i].position[k] += dt * bodies[i].velocity[k];
}

int main(int argc, char **argv)
{
	double start = bench_now();
	uint64_t seed = 3;

	for (int i = 0; i < BODIES; i++) {
		for (int k = 0; k < 3; k++)
			bodies[i].position[k] = (double)(bench_random(&seed) >> 11) * 0x1p-53;
		bodies[i].mass = 1.0 / (i + 1);
	}
	for (unsigned int i = bench_rounds(argc, argv) * STEPS; i; i--)
		step(0.0001);
	bench_result("nbody", start, bench_checksum(0, bodies, sizeof(bodies)));
	return 0;
}
