/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What C has no inline form of on every host: 16-byte atomic memory accesses, without libatomic. */
#ifndef PARAVANE_IA64_HOST_ATOMIC_H
#define PARAVANE_IA64_HOST_ATOMIC_H

#include <stdbool.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <emmintrin.h>

/*
 * Compares the aligned 16 bytes at p with expected[] and if equal replaces them by desired[]; else
 * puts what is there into expected[]. Sequentially consistent. [0] is at the lower address.
 */
static inline bool host_cas16(void *p, uint64_t expected[2], const uint64_t desired[2])
{
	bool done;

	__asm__ volatile("lock cmpxchg16b %1"
			 : "=@ccz"(done), "+m"(*(__int128 *)p), "+a"(expected[0]),
			   "+d"(expected[1])
			 : "b"(desired[0]), "c"(desired[1])
			 : "memory");
	return done;
}

/*
 * Aligned 16-byte accesses, single-copy atomic (every host with AVX guarantees it for aligned
 * vector moves), relaxed.
 */
static inline void host_load16(const void *p, uint64_t val[2])
{
	_mm_storeu_si128((__m128i *)val, *(const volatile __m128i *)p);
}

static inline void host_store16(void *p, const uint64_t val[2])
{
	*(volatile __m128i *)p = _mm_loadu_si128((const __m128i *)val);
}

#elif defined(__aarch64__)

static inline bool host_cas16(void *p, uint64_t expected[2], const uint64_t desired[2])
{
	uint64_t low, high;
	uint32_t failed;

	do {
		__asm__ volatile("ldaxp %0, %1, %2" : "=&r"(low), "=&r"(high)
				 : "Q"(*(__int128 *)p) : "memory");
		if (low != expected[0] || high != expected[1]) {
			/* The pair was read atomically only if it can be written back. */
			__asm__ volatile("stlxp %w0, %2, %3, %1"
					 : "=&r"(failed), "=Q"(*(__int128 *)p)
					 : "r"(low), "r"(high) : "memory");
			if (failed)
				continue;
			expected[0] = low;
			expected[1] = high;
			return false;
		}
		__asm__ volatile("stlxp %w0, %2, %3, %1" : "=&r"(failed), "=Q"(*(__int128 *)p)
				 : "r"(desired[0]), "r"(desired[1]) : "memory");
	} while (failed);
	return true;
}

static inline void host_load16(const void *p, uint64_t val[2])
{
	val[0] = val[1] = 0;
	host_cas16((void *)(uintptr_t)p, val, (const uint64_t[2]){ 0, 0 });
}

static inline void host_store16(void *p, const uint64_t val[2])
{
	uint64_t old[2] = { 0, 0 };

	while (!host_cas16(p, old, val))
		;
}

#else
#error "16-byte atomics are written for x86-64 and arm64"
#endif

#endif
