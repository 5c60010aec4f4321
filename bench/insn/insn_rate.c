/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How many instructions a second the interpreter retires: runs loops on a bare vCPU.
 *
 *     insn_rate PROGRAM...
 *
 * A program is flat code for physical address 1 MiB that ends with "break 0x1ff". Prints its name,
 * instructions retired, and millions of them for each second of processor time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ia64/interruption.h"
#include "ia64/smp.h"

#define RAM_SIZE (64ull << 20)
#define CODE_BASE 0x100000ull
#define HANDLERS 0x200000ull
#define BACKING_STORE 0x300000ull
#define BREAK_END 0x1ff

static bool no_device_read(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size, uint64_t *val)
{
	return false;
}

static bool no_device_write(void *ctx, struct vcpu *v, uint64_t pa, unsigned int size, uint64_t val)
{
	return false;
}

static bool end_of_program(void *ctx, struct vcpu *v, uint64_t imm)
{
	*(bool *)ctx = imm == BREAK_END;
	ia64_kick(v, IA64_ATTN_STOP);
	return true;
}

static double cpu_seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return t.tv_sec + t.tv_nsec * 1e-9;
}

static bool load(struct ia64_memory *mem, const char *path)
{
	static uint8_t code[64 << 10];
	FILE *f = fopen(path, "rb");
	size_t size = f ? fread(code, 1, sizeof(code), f) : 0;

	if (f)
		fclose(f);
	if (!size)
		fprintf(stderr, "%s: cannot read code from it\n", path);
	return size && ia64_memory_write(mem, CODE_BASE, code, size);
}

static bool measure(const char *path)
{
	bool ended = false;
	const struct ia64_platform platform = {
		.ctx = &ended,
		.mmio_read = no_device_read,
		.mmio_write = no_device_write,
		.host_break = end_of_program,
	};
	struct ia64_memory mem;
	struct ia64_system *sys;
	struct vcpu *v;
	const char *name = strrchr(path, '/');
	double seconds;

	if (ia64_memory_init(&mem, RAM_SIZE) || ia64_memory_add_ram(&mem, 0, RAM_SIZE) ||
	    ia64_system_create(&sys, &mem, &platform, 1, 100000000)) {
		fprintf(stderr, "no memory for the machine\n");
		return false;
	}
	v = sys->vcpus[0];
	if (load(&mem, path)) {
		v->cr[CR_IVA] = HANDLERS;
		v->rse.bspstore = BACKING_STORE;
		v->ip = CODE_BASE;
		v->ri = 0;
		ia64_set_psr(v, PSR_BN);
		seconds = cpu_seconds();
		ia64_run(v);
		seconds = cpu_seconds() - seconds;
		name = name ? name + 1 : path;
		if (ended)
			printf("%-16.*s %12llu instructions  %7.1f million/s\n",
			       (int)strcspn(name, "."), name, (unsigned long long)v->retired,
			       v->retired / seconds * 1e-6);
		else
			fprintf(stderr, "%s: ended at 0x%llx\n", path, (unsigned long long)v->ip);
	}
	ia64_system_destroy(sys);
	ia64_memory_destroy(&mem);
	return ended;
}

int main(int argc, char **argv)
{
	bool ok = argc > 1;
	int n;

	for (n = 1; n < argc; n++)
		ok &= measure(argv[n]);
	return !ok;
}
