/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accesses that are not aligned: the kernel does them, or sends a signal when it is asked to. With
 * psr.ac, or the processor might do them itself. */
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "check.h"

static sigjmp_buf back;
static volatile uintptr_t address;
static volatile int code;

static void bus(int sig, siginfo_t *info, void *context __attribute__((unused)))
{
	address = (uintptr_t)info->si_addr;
	code = info->si_code;
	siglongjmp(back, sig);
}

#define LOAD(type, insn)							\
	static uint64_t load_##type(const void *p)				\
	{									\
		uint64_t val;							\
		asm volatile (insn " %0 = [%1]" : "=r"(val) : "r"(p) : "memory"); \
		return val;							\
	}
#define STORE(type, insn)							\
	static void store_##type(void *p, uint64_t val)				\
	{									\
		asm volatile (insn " [%0] = %1" : : "r"(p), "r"(val) : "memory"); \
	}
LOAD(u16, "ld2") LOAD(u32, "ld4") LOAD(u64, "ld8") LOAD(acquire, "ld8.acq")
STORE(u16, "st2") STORE(u32, "st4") STORE(u64, "st8") STORE(release, "st8.rel")

/* The base is moved on. */
static uint64_t load_update(const void *p, uint64_t *next)
{
	uint64_t val;

	asm volatile ("ld8 %0 = [%1], 24" : "=&r"(val), "+r"(p) : : "memory");
	*next = (uint64_t)p;
	return val;
}

static double load_double(const void *p)
{
	double val;

	asm volatile ("ldfd %0 = [%1]" : "=f"(val) : "r"(p) : "memory");
	return val;
}

static float load_single(const void *p)
{
	float val;

	asm volatile ("ldfs %0 = [%1]" : "=f"(val) : "r"(p) : "memory");
	return val;
}

static void store_double(void *p, double val)
{
	asm volatile ("stfd [%0] = %1" : : "r"(p), "f"(val) : "memory");
}

/* In f64, which is not among those that are saved at each interruption. */
static double high_double(const void *p)
{
	double val;

	asm volatile ("ldfd f64 = [%1] ;; mov %0 = f64" : "=f"(val) : "r"(p) : "f64", "memory");
	return val;
}

int main(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	uint8_t *map = NEED((uint8_t *)mmap(NULL, 2 * page, PROT_READ | PROT_WRITE,
					    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	struct sigaction act = { .sa_sigaction = bus, .sa_flags = SA_SIGINFO };
	unsigned int i, wrong = 0;
	uint64_t val, want, next;
	double d;
	float f;

	NEED(prctl(PR_SET_UNALIGN, PR_UNALIGN_NOPRINT));
	asm volatile ("sum 1 << 3 ;;" ::: "memory");
	for (i = 0; i < 2 * page; i++)
		map[i] = (uint8_t)(i * 7 + i / 256);
	/* 16 bytes on each side of a page's end. */
	for (uint8_t *p = map + page - 16; p < map + page + 16; p++) {
		memcpy(&val, p, 8);
		wrong += load_u64(p) != val || load_acquire(p) != val ||
			 load_u32(p) != (uint32_t)val || load_u16(p) != (uint16_t)val;
		wrong += load_update(p, &next) != val || next != (uint64_t)p + 24;
	}
	check(!wrong, "unaligned-load", "%u wrong", wrong);

	for (i = 0, wrong = 0; i < 32; i++) {
		uint8_t *p = map + page - 16 + i;

		want = 0x0123456789abcdefull * (i + 1);
		store_u64(p, want);
		memcpy(&val, p, 8);
		wrong += val != want;
		store_release(p, ~want);
		memcpy(&val, p, 8);
		wrong += val != ~want;
		store_u32(p, want);
		store_u16(p + 4, want);
		memcpy(&val, p, 8);
		wrong += val != ((~want & 0xffff000000000000ull) | (want & 0xffff) << 32 |
				 (want & 0xffffffff));
	}
	check(!wrong, "unaligned-store", "%u wrong", wrong);

	for (i = 0, wrong = 0; i < 32; i++) {
		uint8_t *p = map + page - 16 + i;

		d = 3.14159 * i - 1e-300 * i;
		store_double(p, d);
		wrong += memcmp(p, &d, 8) != 0 || load_double(p) != d || high_double(p) != d;
		f = 2.5f * i;
		memcpy(p, &f, 4);
		wrong += load_single(p) != f;
	}
	check(!wrong, "unaligned-floating-point", "%u wrong", wrong);

	NEED(sigaction(SIGBUS, &act, NULL));
	NEED(prctl(PR_SET_UNALIGN, PR_UNALIGN_SIGBUS));
	code = 0;
	if (!sigsetjmp(back, 1))
		load_u64(map + 3);
	check(code == BUS_ADRALN && address == (uintptr_t)map + 3, "unaligned-signal",
	      "code %d address %#lx, not %#lx", code, (long)address, (long)map + 3);
	code = 0;
	val = load_u64(map + 8);
	check(!code, "unaligned-not", "code %d", code);
	return check_failed;
}
