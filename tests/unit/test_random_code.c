/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bundles of random bits, executed from random states. Whatever they do, the processor's own rules
 * hold afterwards, and nothing outside of the guest is touched (the sanitizers see to that).
 */
#include "unit/cpu_fixture.h"

#include <unistd.h>

#include "ia64/regs.h"
#include "ia64/rse.h"

#define CODE 0x200000ull
#define BUNDLES 256
#define ROUNDS 6000
#define RUNS 8
#define HANDLER_BYTES 0x8000

static uint64_t next(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state * 0x2545f4914f6cdd1dull;
}

/* Stops a vCPU every now and then: random code may loop. */
struct stopper {
	struct vcpu *v;
	_Atomic bool done;
};

static void *stop_often(void *arg)
{
	struct stopper *s = arg;

	while (!atomic_load(&s->done)) {
		usleep(500);
		ia64_kick(s->v, IA64_ATTN_STOP);
	}
	return NULL;
}

/* A break, which the handlers consist of: somewhere else in the code. */
static bool leave_handler(void *ctx, struct vcpu *v, uint64_t imm)
{
	ia64_kick(v, IA64_ATTN_STOP);
	v->ip = CODE + (v->retired % BUNDLES) * 16;
	v->ri = 0;
	return true;
}

static void random_code(struct cpu *c, uint64_t *seed)
{
	/* The templates that exist (SDM 3:4.1, Table 4-3). */
	static const uint8_t templates[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x09,
					     0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11,
					     0x12, 0x13, 0x16, 0x17, 0x18, 0x19, 0x1c, 0x1d };
	uint64_t bundle[BUNDLES][2];
	unsigned int n;

	for (n = 0; n < BUNDLES; n++) {
		bundle[n][0] = (next(seed) & ~31ull) | templates[next(seed) % sizeof(templates)];
		bundle[n][1] = next(seed);
		/* Mostly without a predicate, or little would execute. */
		if (next(seed) % 4) {
			bundle[n][0] &= ~(63ull << 5 | 63ull << 46);
			bundle[n][1] &= ~(63ull << 23);
		}
	}
	assert_true(ia64_memory_write(&c->mem, CODE, bundle, sizeof(bundle)));
}

static uint64_t random_address(uint64_t *seed)
{
	uint64_t r = next(seed);

	switch (r & 3) {
	case 0:
		return r >> 2;
	case 1:
		return r >> 40;
	default:
		return 0x300000 | (r >> 44 & ~7ull);
	}
}

static void random_state(struct vcpu *v, uint64_t *seed)
{
	uint64_t psr = next(seed) & (PSR_BE | PSR_UP | PSR_AC | PSR_IC | PSR_I | PSR_DFL | PSR_DFH |
				     PSR_SP | PSR_PP | PSR_SI | PSR_BN);
	unsigned int n;

	for (n = 1; n < 32; n++) {
		v->gr[n] = random_address(seed);
		v->nat[n] = !(next(seed) % 8);
		v->nat_any |= v->nat[n];
	}
	for (n = 0; n < 8; n++)
		v->br[n] = next(seed) % 2 ? CODE + next(seed) % (16 * BUNDLES) : next(seed);
	for (n = 2; n < 128; n++)
		v->fr[n] = ia64_fr_make(next(seed), next(seed));
	if (next(seed) % 4 == 0) {
		ia64_rse_reset(v);
		v->rse.bspstore = 0x400000 + (next(seed) & 0xfff8);
	}
	if (next(seed) % 3)
		psr &= ~PSR_BE;
	if (next(seed) % 2)
		psr &= ~(PSR_DFL | PSR_DFH);
	if (next(seed) % 3 == 0)
		psr |= PSR_DT | PSR_RT;
	if (next(seed) % 2)
		psr |= (next(seed) & 3) << PSR_CPL_SHIFT;
	if (next(seed) % 8 == 0)
		psr |= next(seed) & (PSR_SS | PSR_TB | PSR_LP | PSR_DB | PSR_ONE_SHOT);
	v->op = NULL;
	ia64_set_psr(v, psr);
	v->ip = CODE + next(seed) % BUNDLES * 16;
	v->ri = next(seed) % 3;
}

static void check_rules(const struct vcpu *v)
{
	const struct ia64_rse *rse = &v->rse;
	unsigned int n;

	assert_int_equal(v->gr[0], 0);
	assert_int_equal(v->nat[0], 0);
	assert_int_equal(v->pr[0], 1);
	for (n = 0; n < 64; n++)
		assert_true(v->pr[n] <= 1);
	assert_memory_equal(&v->fr[0], &IA64_FR_ZERO, sizeof(struct ia64_fr));
	assert_memory_equal(&v->fr[1], &IA64_FR_ONE, sizeof(struct ia64_fr));
	assert_int_equal(v->cpl, (v->psr & PSR_CPL) >> PSR_CPL_SHIFT);
	assert_int_equal(v->ip & 15, 0);
	assert_true(v->ri < 3);
	/* No more registers than there are, all inside the array. */
	assert_true(rse->ndirty >= 0 && rse->missing >= 0);
	assert_true(rse->ndirty + rse->sof <= IA64_STACKED_PHYS);
	assert_true(rse->sol <= rse->sof && rse->sor <= rse->sof);
	assert_true(rse->bof >= (uint32_t)rse->ndirty);
	assert_true(rse->bof + 96 + IA64_STACKED_PHYS <= IA64_STK_SIZE);
	assert_int_equal(rse->bspstore & 7, 0);
	/* A general register that is NaT is known about. */
	for (n = 1; n < 32; n++)
		assert_true(!v->nat[n] || v->nat_any);
	assert_true(!ia64_fpsr_is_reserved(v->ar[AR_FPSR]));
}

static void random_bundles(void **state)
{
	struct cpu *c = cpu_create(1);
	struct stopper stopper = { .v = c->v };
	static const uint8_t breaks[HANDLER_BYTES];
	pthread_t thread;
	uint64_t seed = 0x9e3779b97f4a7c15ull;
	unsigned int round, run;

	c->sys->platform.host_break = leave_handler;
	assert_true(ia64_memory_write(&c->mem, CPU_IVA, breaks, sizeof(breaks)));
	assert_int_equal(pthread_create(&thread, NULL, stop_often, &stopper), 0);
	for (round = 0; round < ROUNDS; round++) {
		random_code(c, &seed);
		random_state(c->v, &seed);
		c->v->cr[CR_IVA] = CPU_IVA;
		for (run = 0; run < RUNS; run++) {
			if (ia64_run(c->v) == IA64_EXIT_CRASH)
				break;
			check_rules(c->v);
		}
	}
	atomic_store(&stopper.done, true);
	pthread_join(thread, NULL);
	assert_true(c->v->retired > ROUNDS);
	cpu_destroy(c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_bundles),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
