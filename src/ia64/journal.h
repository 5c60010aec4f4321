/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record of what instructions read from memory and write to it, so that they can be executed a
 * second time without touching memory: how two ways of executing the same code are compared.
 *
 * The first time accesses are done, and noted. The second time each must be the next one noted;
 * loads and semaphores give what was read then, and nothing is written. So it does not matter what
 * other vCPUs, devices and back ends write meanwhile. While a vCPU has a journal no fast line is
 * filled, so that every access comes by, and ar.itc stands still.
 */
#ifndef PARAVANE_IA64_JOURNAL_H
#define PARAVANE_IA64_JOURNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ia64_journal_kind { IA64_JOURNAL_LOAD, IA64_JOURNAL_STORE, IA64_JOURNAL_SEMAPHORE };

struct ia64_journal_access {
	const uint8_t *at; /* host address of guest memory */
	uint8_t kind, len;
	uint8_t read[16], written[16];
};

struct ia64_journal {
	uint64_t itc;      /* what ar.itc reads */
	bool given_up;     /* something happened that cannot be done twice, or there was too much */
	bool again;        /* the second time */
	bool differs;      /* the second time: `found` is not what was noted */
	unsigned int n, max;
	unsigned int next; /* the second time: the access that is to come */
	struct ia64_journal_access *access;
	struct ia64_journal_access found;
	uint8_t *semaphore; /* whose operation is under way */
	_Alignas(16) uint8_t stand_in[16]; /* the second time it works on these bytes */
};

/* What *j's owner is about to do cannot be done twice: from here on it is as if nobody compared. */
static inline void ia64_journal_give_up(struct ia64_journal **j)
{
	if (!*j)
		return;
	(*j)->given_up = true;
	*j = NULL;
}

/* Is memory to be left alone? j may be NULL, as below. */
static inline bool ia64_journal_again(const struct ia64_journal *j)
{
	return __builtin_expect(j != NULL, 0) && j->again;
}

/*
 * A load of len bytes (16 at most) from `at`: the first time `bytes` is what it read, the second
 * time it becomes that.
 */
void ia64_journal_load(struct ia64_journal *j, const uint8_t *at, void *bytes, unsigned int len);
/* A store of len bytes (16 at most) to `at`, which the caller has done if it is the first time. */
void ia64_journal_store(struct ia64_journal *j, const uint8_t *at, const void *bytes,
			unsigned int len);
/*
 * A semaphore operation on `at` begins. Returns where it is to be done: the second time not in
 * memory, and 16-byte operations find all of their bytes in the place returned.
 */
uint8_t *ia64_journal_semaphore(struct ia64_journal *j, uint8_t *at);
/* It is done: len bytes (the 16 around it, or those from its address on) were `old`, are `now`. */
void ia64_journal_semaphore_done(struct ia64_journal *j, const void *old, const void *now,
				 unsigned int len);

#endif
