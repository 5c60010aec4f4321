/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads: mutexes, condition variables, barriers, their own variables, cancellation, signals. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <unistd.h>

#include "check.h"

#define THREADS 8
#define ROUNDS 5000
#define SIGNALS 100

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static unsigned long counted, spun, turn, early;
static atomic_ulong atomic, cleaned;
static unsigned long met[THREADS];
static __thread unsigned long own;

static void *count(void *arg)
{
	for (int i = 0; i < ROUNDS; i++) {
		pthread_mutex_lock(&lock);
		counted++;
		pthread_mutex_unlock(&lock);
		pthread_spin_lock(&spin);
		spun++;
		pthread_spin_unlock(&spin);
		atomic++;
		own += (unsigned long)arg;
	}
	return (void *)own;
}

/* Each waits for its turn, then passes it on. */
static void *take_turns(void *arg)
{
	unsigned long me = (unsigned long)arg;

	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&lock);
		while (turn % THREADS != me)
			pthread_cond_wait(&changed, &lock);
		turn++;
		pthread_cond_broadcast(&changed);
		pthread_mutex_unlock(&lock);
	}
	return NULL;
}

/* Nobody is a round ahead of another. */
static void *meet(void *arg)
{
	unsigned long me = (unsigned long)arg;

	for (int i = 1; i <= 200; i++) {
		met[me] = (unsigned long)i;
		pthread_barrier_wait(&barrier);
		for (int k = 0; k < THREADS; k++)
			if (met[k] != (unsigned long)i)
				__atomic_fetch_add(&early, 1, __ATOMIC_RELAXED);
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

static void clean(void *arg)
{
	cleaned += (unsigned long)arg;
}

static void *wait_for_ever(void *arg)
{
	pthread_cleanup_push(clean, arg);
	for (;;)
		pause();
	pthread_cleanup_pop(0);
	return NULL;
}

static sem_t ready, handled;
static atomic_ulong strangers;
static pthread_t self_of[THREADS];
static __thread unsigned long got;

static void on_signal(int sig __attribute__((unused)))
{
	got++;
	/* own is the number of the thread here. */
	if (!pthread_equal(pthread_self(), self_of[own]))
		strangers++;
	sem_post(&handled);
}

/* Works in registers and in memory until it has had its signals. */
static void *be_signalled(void *arg)
{
	double value = 1;
	unsigned long sum = 0;

	own = (unsigned long)arg;
	self_of[own] = pthread_self();
	sem_post(&ready);
	while (*(volatile unsigned long *)&got < SIGNALS) {
		value = value * 1.0000001 + 1e-9;
		sum += value > 0;
	}
	return (void *)(got == SIGNALS && sum ? 0ul : 1ul);
}

/* Each of the threads gets SIGNALS signals, one after the other, from this one. */
static unsigned long signal_all(void)
{
	unsigned long failed = 0;
	pthread_t thread[THREADS];
	void *result;

	sem_init(&ready, 0, 0);
	sem_init(&handled, 0, 0);
	signal(SIGUSR1, on_signal);
	for (unsigned long i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, be_signalled, (void *)i))
			return 1000;
	for (int i = 0; i < THREADS; i++)
		sem_wait(&ready);
	for (int turn = 0; turn < SIGNALS; turn++) {
		for (int i = 0; i < THREADS; i++)
			failed += pthread_kill(thread[i], SIGUSR1) != 0;
		/* One that is not handled yet would swallow the next. */
		for (int i = 0; i < THREADS; i++)
			sem_wait(&handled);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(thread[i], &result);
		failed += result != NULL;
	}
	return failed;
}

static void all(void *(*work)(void *), void *result[])
{
	pthread_t thread[THREADS];

	for (unsigned long i = 0; i < THREADS; i++)
		if (pthread_create(&thread[i], NULL, work, (void *)i)) {
			check(0, "threads-create", "thread %lu", i);
			exit(1);
		}
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], &result[i]);
}

int main(void)
{
	unsigned long wrong = 0;
	void *result[THREADS];
	pthread_t thread;

	pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
	pthread_barrier_init(&barrier, NULL, THREADS);
	all(count, result);
	check(counted == THREADS * ROUNDS, "threads-mutex", "%lu", counted);
	check(spun == THREADS * ROUNDS, "threads-spinlock", "%lu", spun);
	check(atomic == THREADS * ROUNDS, "threads-atomic", "%lu", (unsigned long)atomic);
	for (unsigned long i = 0; i < THREADS; i++)
		wrong += (unsigned long)result[i] != i * ROUNDS;
	check(!wrong && !own, "threads-own-variables", "%lu wrong", wrong);

	all(take_turns, result);
	check(turn == THREADS * 200, "threads-condition", "%lu turns", turn);
	all(meet, result);
	check(!early, "threads-barrier", "%lu times too early", early);

	for (unsigned long i = 0; i < 50; i++) {
		if (pthread_create(&thread, NULL, wait_for_ever, (void *)1ul))
			break;
		pthread_cancel(thread);
		pthread_join(thread, &result[0]);
		wrong += result[0] != PTHREAD_CANCELED;
	}
	/* One that is cancelled before it began has nothing to clean up. */
	check(!wrong && cleaned <= 50, "threads-cancel", "%lu wrong, %lu cleaned", wrong,
	      (unsigned long)cleaned);

	wrong = signal_all();
	check(!wrong && !strangers, "threads-signals", "%lu wrong, %lu in another thread", wrong,
	      (unsigned long)strangers);
	return check_failed;
}
