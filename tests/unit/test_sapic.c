/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The local SAPIC, the interval timer, and vCPUs among each other: SDM 2:5.8, 2:4.1.1.4. */
#include "unit/cpu_fixture.h"

#include <pthread.h>
#include <sys/resource.h>
#include <time.h>

#define VCPUS 4

static int setup(void **state)
{
	*state = cpu_create(VCPUS);
	return 0;
}

static int teardown(void **state)
{
	cpu_destroy(*state);
	return 0;
}

static unsigned int ivr(struct vcpu *v)
{
	uint64_t val;

	assert_true(ia64_cr_read(v, CR_IVR, &val));
	return (unsigned int)val;
}

static void eoi(struct vcpu *v)
{
	assert_true(ia64_cr_write(v, CR_EOI, 0));
}

/* NMI, then ExtINT, then 255 down to 16. */
static void priorities(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	unsigned int vector;
	uint64_t val;

	for (vector = 0; vector < 300; vector++)
		ia64_post_interrupt(v, vector);
	assert_true(ia64_cr_read(v, CR_IRR0, &val));
	assert_int_equal(val, ~0xffffull | 1 | 1 << 2);
	assert_int_equal(ivr(v), 2);
	assert_int_equal(ivr(v), 15); /* nothing gets past an NMI in service */
	eoi(v);
	assert_int_equal(ivr(v), 0);
	assert_int_equal(ivr(v), 15);
	eoi(v);
	for (vector = 255; vector >= 16; vector--) {
		assert_int_equal(ivr(v), vector);
		assert_int_equal(ivr(v), 15);
		eoi(v);
	}
	assert_int_equal(ivr(v), 15);
}

/* A corrected machine check: the vector of cr.cmcv, lost while masked (SDM 2:5.8.3.8). */
static void corrected_machine_check(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;

	ia64_post_cmc(v);
	assert_int_equal(ivr(v), 15);
	assert_true(ia64_cr_write(v, CR_CMCV, 0x1f));
	assert_int_equal(ivr(v), 15);
	ia64_post_cmc(v);
	assert_int_equal(ivr(v), 0x1f);
	eoi(v);
	assert_int_equal(ivr(v), 15);
}

/* The local pins: edges, levels, delivery modes, masked (SDM 2:5.8.3.9). */
static void local_redirection(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;

	ia64_set_lint(v, 0, true); /* masked after a reset: lost */
	assert_true(ia64_cr_write(v, CR_LRR0, 0x52));
	assert_int_equal(ivr(v), 15);
	ia64_set_lint(v, 0, false);
	ia64_set_lint(v, 0, true);
	assert_int_equal(ivr(v), 0x52);
	eoi(v);
	assert_int_equal(ivr(v), 15); /* an edge counts once */

	assert_true(ia64_cr_write(v, CR_LRR1, 1 << 15 | 0x61));
	ia64_set_lint(v, 1, true);
	assert_int_equal(ivr(v), 0x61);
	assert_int_equal(ivr(v), 15);
	eoi(v);
	assert_int_equal(ivr(v), 0x61); /* a level lasts */
	ia64_set_lint(v, 1, false);
	eoi(v);
	assert_int_equal(ivr(v), 15);

	ia64_set_lint(v, 0, false);
	assert_true(ia64_cr_write(v, CR_LRR0, 4 << 8));
	ia64_set_lint(v, 0, true);
	assert_int_equal(ivr(v), 2); /* NMI */
	eoi(v);
	ia64_set_lint(v, 0, false);
	assert_true(ia64_cr_write(v, CR_LRR0, 7 << 8));
	ia64_set_lint(v, 0, true);
	assert_int_equal(ivr(v), 0); /* ExtINT */
	eoi(v);
	ia64_set_lint(v, 0, false);
	assert_true(ia64_cr_write(v, CR_LRR0, 5 << 8));
	ia64_set_lint(v, 0, true);
	assert_int_equal(ivr(v), 15);
	assert_true(atomic_load(&v->init_pending));
	ia64_set_lint(v, 0, false);
	assert_true(ia64_cr_write(v, CR_LRR0, 2 << 8));
	ia64_set_lint(v, 0, true);
	assert_int_equal(ivr(v), 15);
	assert_int_equal(atomic_load(&v->pmi_pending), 1); /* the pin is vector 0 */
}

static void nesting(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;

	ia64_post_interrupt(v, 0x41);
	assert_int_equal(ivr(v), 0x41);
	ia64_post_interrupt(v, 0x41); /* again, while in service */
	ia64_post_interrupt(v, 0x40);
	assert_int_equal(ivr(v), 15);
	ia64_post_interrupt(v, 0x45); /* of the same class, but higher */
	assert_int_equal(ivr(v), 0x45);
	ia64_post_interrupt(v, 2);
	assert_int_equal(ivr(v), 2);
	eoi(v);
	eoi(v); /* 0x45 */
	assert_int_equal(ivr(v), 15);
	eoi(v); /* 0x41 */
	assert_int_equal(ivr(v), 0x41);
	eoi(v);
	assert_int_equal(ivr(v), 0x40);
	eoi(v);
	eoi(v); /* one too many does no harm */
	assert_int_equal(ivr(v), 15);
}

/* tpr.mic masks classes up to its own, tpr.mmi all but NMI. */
static void task_priority(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	unsigned int mic, class;

	for (mic = 0; mic < 16; mic++)
		for (class = 1; class < 16; class++) {
			assert_true(ia64_cr_write(v, CR_TPR, mic << 4));
			ia64_post_interrupt(v, class * 16 + 7);
			assert_int_equal(ivr(v), class > mic ? class * 16 + 7 : 15);
			assert_true(ia64_cr_write(v, CR_TPR, 0));
			if (class <= mic)
				assert_int_equal(ivr(v), class * 16 + 7);
			eoi(v);
		}
	assert_true(ia64_cr_write(v, CR_TPR, 1 << 16));
	ia64_post_interrupt(v, 0);
	ia64_post_interrupt(v, 255);
	assert_int_equal(ivr(v), 15);
	ia64_post_interrupt(v, 2);
	assert_int_equal(ivr(v), 2);
	eoi(v);
	/* ExtINT is below no class. */
	assert_true(ia64_cr_write(v, CR_TPR, 0xf0));
	assert_int_equal(ivr(v), 0);
	eoi(v);
	assert_int_equal(ivr(v), 15);
}

/* The counter runs at its rate and can be set. */
static void interval_counter(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	struct timespec ts = { 0, 20000000 };
	uint64_t a = ia64_itc_read(v), b;

	nanosleep(&ts, NULL);
	b = ia64_itc_read(v);
	assert_true(b - a >= CPU_ITC_HZ / 50);
	ia64_itc_write(v, 1ull << 63);
	assert_true(ia64_itc_read(v) >= 1ull << 63);
	ia64_itc_write(v, 5);
	assert_true(ia64_itc_read(v) < 1ull << 62);
}

/* cr.itm: the interrupt comes when the counter is there, not before; masked, it is lost. */
static void interval_timer(void **state)
{
	struct vcpu *v = ((struct cpu *)*state)->v;
	struct timespec ts = { 0, 30000000 };
	unsigned int n;
	uint64_t val;

	assert_true(ia64_cr_write(v, CR_ITV, 0xef));
	for (n = 0; n < 5; n++) {
		uint64_t itm = ia64_itc_read(v) + CPU_ITC_HZ / 500;

		assert_true(ia64_cr_write(v, CR_ITM, itm));
		ia64_halt(v);
		assert_true(ia64_itc_read(v) >= itm);
		assert_int_equal(ivr(v), 0xef);
		eoi(v);
	}
	/* The past does not count; ar.itc set back makes it the future. */
	assert_true(ia64_cr_write(v, CR_ITM, ia64_itc_read(v) - 1));
	nanosleep(&ts, NULL);
	assert_int_equal(ivr(v), 15);
	ia64_itc_write(v, v->cr[CR_ITM] - CPU_ITC_HZ / 500);
	ia64_halt(v);
	assert_int_equal(ivr(v), 0xef);
	eoi(v);
	assert_true(ia64_cr_write(v, CR_ITV, 0xef | 1 << 16));
	assert_true(ia64_cr_write(v, CR_ITM, ia64_itc_read(v) + CPU_ITC_HZ / 500));
	nanosleep(&ts, NULL);
	assert_true(ia64_cr_write(v, CR_ITV, 0xef));
	assert_int_equal(ivr(v), 15);
	/* A match while psr.i keeps it out is pending. */
	assert_true(ia64_cr_write(v, CR_ITM, ia64_itc_read(v) + CPU_ITC_HZ / 500));
	nanosleep(&ts, NULL);
	assert_true(ia64_cr_write(v, CR_ITM, ia64_itc_read(v) + (CPU_ITC_HZ << 10)));
	assert_true(ia64_cr_read(v, CR_IRR0 + 3, &val));
	assert_int_equal(val, 1ull << (0xef - 192));
	assert_int_equal(ivr(v), 0xef);
	/* One while it is in service comes after its end... */
	assert_true(ia64_cr_write(v, CR_ITM, ia64_itc_read(v) + CPU_ITC_HZ / 500));
	nanosleep(&ts, NULL);
	assert_int_equal(ivr(v), 15);
	eoi(v);
	assert_int_equal(ivr(v), 0xef);
	/* ... unless the handler has gone on to a later one meanwhile. */
	assert_true(ia64_cr_write(v, CR_ITM, ia64_itc_read(v) + CPU_ITC_HZ / 500));
	nanosleep(&ts, NULL);
	assert_true(ia64_cr_write(v, CR_ITM, ia64_itc_read(v) + (CPU_ITC_HZ << 10)));
	eoi(v);
	assert_int_equal(ivr(v), 15);
}

static void stop_and_shutdown(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->v;

	ia64_kick(v, IA64_ATTN_STOP);
	ia64_halt(v); /* does not sleep */
	assert_int_equal(ia64_run(v), IA64_EXIT_STOP);
	assert_int_equal(v->attention & IA64_ATTN_STOP, 0);
	ia64_system_shutdown(c->sys);
	ia64_halt(v);
	assert_int_equal(ia64_run(v), IA64_EXIT_SHUTDOWN);
}

/*
 * Every vCPU maps the page as the generation it finds, uses it, and now and then raises the
 * generation and purges. Once a purge has returned nobody may use an older one. Once in a while
 * they halt or are outside, as in device code.
 */
#define ROUNDS 3000
#define PAGE (1ull << 61 | 0x4000)

struct race {
	struct cpu *c;
	_Atomic uint64_t next, completed;
	pthread_mutex_t raise; /* a generation at a time */
	_Atomic unsigned int running, stale, used;
};

struct racer {
	struct race *race;
	struct vcpu *v;
	pthread_t thread;
};

static void raise_generation(struct race *r, struct vcpu *v)
{
	uint64_t gen;

	/* Held while waiting for others, so those must not wait for it inside the guest. */
	if (pthread_mutex_trylock(&r->raise))
		return;
	gen = atomic_fetch_add(&r->next, 1) + 1;
	ia64_purge_global(v, PAGE, 14);
	atomic_store(&r->completed, gen);
	pthread_mutex_unlock(&r->raise);
}

static void *race_thread(void *arg)
{
	struct racer *me = arg;
	struct race *r = me->race;
	struct vcpu *v = me->v;
	unsigned int n;

	ia64_enter_guest(v);
	ia64_set_psr(v, PSR_DT | PSR_IT);
	for (n = 0; n < ROUNDS; n++) {
		uint64_t least = atomic_load(&r->completed), pa;

		if (!ia64_translate_quiet(v, PAGE, false, &pa)) {
			v->cr[CR_IFA] = PAGE;
			v->cr[CR_ITIR] = 14 << 2;
			ia64_tlb_insert(v, false, -1, atomic_load(&r->next) << 14 | PTE_RWX);
		} else {
			atomic_fetch_add(&r->used, 1);
			if (pa >> 14 < least)
				atomic_fetch_add(&r->stale, 1);
		}
		if (n % 7 == v->index)
			raise_generation(r, v);
		if (n % 11 == v->index) /* purges that overlap others', not serialized */
			ia64_purge_global(v, PAGE + (1 << 20), 14);
		if (n % 50 == 10 * v->index) {
			ia64_leave_guest(v);
			if (n % 100 == 0)
				sched_yield();
			ia64_enter_guest(v);
		}
		if (n % 500 == 100 * v->index) {
			struct vcpu *other = r->c->sys->vcpus[(v->index + 1) % VCPUS];

			ia64_post_interrupt(v, 0x60);
			ia64_post_interrupt(other, 0x61);
			ia64_halt(v);
			while (ivr(v) != 15)
				eoi(v);
		}
		if (atomic_load(&v->attention))
			ia64_serve_attention(v);
	}
	ia64_leave_guest(v);
	return NULL;
}

static void purge_races(void **state)
{
	struct cpu *c = *state;
	struct race r = { .c = c };
	struct racer racer[VCPUS];
	unsigned int n;

	pthread_mutex_init(&r.raise, NULL);
	for (n = 0; n < VCPUS; n++) {
		/* One region identifier for all, as one address space has. */
		ia64_rr_write(c->sys->vcpus[n], 1, 0x42 << 8 | 14 << 2);
		racer[n] = (struct racer){ .race = &r, .v = c->sys->vcpus[n] };
	}
	for (n = 0; n < VCPUS; n++)
		assert_int_equal(pthread_create(&racer[n].thread, NULL, race_thread, &racer[n]), 0);
	for (n = 0; n < VCPUS; n++)
		pthread_join(racer[n].thread, NULL);
	pthread_mutex_destroy(&r.raise);
	print_message("# %u uses, %llu generations\n", r.used, (unsigned long long)r.next);
	assert_int_equal(r.stale, 0);
	assert_true(r.used > ROUNDS / 10);
	assert_true(r.next > ROUNDS / 100);
}

/* More purges than a vCPU's queue holds while it halts: it forgets all rather than too little. */
static void purge_overflow(void **state)
{
	struct cpu *c = *state;
	struct vcpu *v = c->sys->vcpus[1];
	uint64_t pa;
	unsigned int n;

	ia64_set_psr(v, PSR_DT);
	for (n = 0; n < 200; n++) {
		v->cr[CR_IFA] = 1ull << 61 | (uint64_t)n << 14;
		v->cr[CR_ITIR] = 14 << 2;
		assert_true(ia64_tlb_insert(v, false, -1, PTE_RWX));
	}
	ia64_enter_guest(c->v);
	for (n = 0; n < 200; n++)
		ia64_purge_global(c->v, 1ull << 61 | (uint64_t)n << 14, 14);
	ia64_leave_guest(c->v);
	ia64_enter_guest(v);
	for (n = 0; n < 200; n++)
		assert_false(ia64_translate_quiet(v, 1ull << 61 | (uint64_t)n << 14, false, &pa));
	ia64_leave_guest(v);
}

/* Returns how often it had to wait for anything. */
static void *halting_thread(void *arg)
{
	struct vcpu *v = arg;
	struct rusage before, after;

	ia64_enter_guest(v);
	getrusage(RUSAGE_THREAD, &before);
	ia64_halt(v);
	getrusage(RUSAGE_THREAD, &after);
	while (ivr(v) != 15)
		eoi(v);
	ia64_leave_guest(v);
	return (void *)(after.ru_nvcsw - before.ru_nvcsw);
}

/* A purge neither waits for a vCPU that halts nor wakes it; it is done when that goes on. */
static void purge_while_halted(void **state)
{
	const struct timespec ts = { .tv_nsec = 1000000 };
	struct cpu *c = *state;
	struct vcpu *v = c->sys->vcpus[1];
	pthread_t thread;
	unsigned int n;
	void *waits;
	uint64_t pa;

	ia64_set_psr(v, PSR_DT);
	v->cr[CR_IFA] = PAGE;
	v->cr[CR_ITIR] = 14 << 2;
	assert_true(ia64_tlb_insert(v, false, -1, PTE_RWX));
	/* The others' threads do not exist: they are outside. */
	assert_int_equal(pthread_create(&thread, NULL, halting_thread, v), 0);
	while (atomic_load(&v->running_state) != IA64_STATE_HALTED)
		nanosleep(&ts, NULL);
	ia64_enter_guest(c->v);
	for (n = 0; n < 50; n++) {
		ia64_purge_global(c->v, PAGE, 14);
		nanosleep(&ts, NULL);
	}
	ia64_leave_guest(c->v);
	ia64_post_interrupt(v, 0x60);
	assert_int_equal(pthread_join(thread, &waits), 0);
	/* For what it waits for, and perhaps for a mutex or two. */
	assert_in_range((uintptr_t)waits, 0, 25);
	assert_false(ia64_translate_quiet(v, PAGE, false, &pa));
}

int main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(priorities), T(nesting), T(corrected_machine_check),
		T(local_redirection), T(task_priority), T(interval_counter), T(interval_timer),
		T(stop_and_shutdown), T(purge_races), T(purge_overflow),
		T(purge_while_halted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
