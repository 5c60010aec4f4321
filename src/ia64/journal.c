/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Accesses to memory, noted once and compared once. */
#include "ia64/journal.h"

#include <string.h>

static struct ia64_journal_access *note(struct ia64_journal *j, const uint8_t *at,
					enum ia64_journal_kind kind, unsigned int len)
{
	struct ia64_journal_access *a;

	if (j->n == j->max) {
		j->given_up = true;
		return NULL;
	}
	a = &j->access[j->n++];
	a->at = at;
	a->kind = (uint8_t)kind;
	a->len = (uint8_t)len;
	return a;
}

/* The access noted at this place, or NULL: it was another one, or none. */
static const struct ia64_journal_access *expect(struct ia64_journal *j, const uint8_t *at,
						enum ia64_journal_kind kind, unsigned int len,
						const void *written)
{
	const struct ia64_journal_access *a = &j->access[j->next];

	if (j->differs)
		return NULL;
	if (j->next < j->n && a->at == at && a->kind == kind && a->len == len &&
	    (!written || !memcmp(a->written, written, len))) {
		j->next++;
		return a;
	}
	j->differs = true;
	j->found = (struct ia64_journal_access){ .at = at, .kind = (uint8_t)kind,
						 .len = (uint8_t)len };
	if (written)
		memcpy(j->found.written, written, len);
	return NULL;
}

void ia64_journal_load(struct ia64_journal *j, const uint8_t *at, void *bytes, unsigned int len)
{
	const struct ia64_journal_access *was;
	struct ia64_journal_access *a;

	if (!j->again) {
		a = note(j, at, IA64_JOURNAL_LOAD, len);
		if (a)
			memcpy(a->read, bytes, len);
		return;
	}
	was = expect(j, at, IA64_JOURNAL_LOAD, len, NULL);
	if (was)
		memcpy(bytes, was->read, len);
	else
		memset(bytes, 0, len);
}

void ia64_journal_store(struct ia64_journal *j, const uint8_t *at, const void *bytes,
			unsigned int len)
{
	struct ia64_journal_access *a;

	if (j->again) {
		expect(j, at, IA64_JOURNAL_STORE, len, bytes);
		return;
	}
	a = note(j, at, IA64_JOURNAL_STORE, len);
	if (a)
		memcpy(a->written, bytes, len);
}

uint8_t *ia64_journal_semaphore(struct ia64_journal *j, uint8_t *at)
{
	const struct ia64_journal_access *a = &j->access[j->next];

	j->semaphore = at;
	if (!j->again)
		return at;
	memset(j->stand_in, 0, sizeof(j->stand_in));
	if (j->next < j->n && a->kind == IA64_JOURNAL_SEMAPHORE)
		memcpy(j->stand_in + ((uintptr_t)a->at & (16u - a->len)), a->read, a->len);
	return j->stand_in + ((uintptr_t)at & 15);
}

void ia64_journal_semaphore_done(struct ia64_journal *j, const void *old, const void *now,
				 unsigned int len)
{
	const uint8_t *at = j->semaphore - ((uintptr_t)j->semaphore & (len - 1));
	struct ia64_journal_access *a;

	if (j->again) {
		expect(j, at, IA64_JOURNAL_SEMAPHORE, len, now);
		return;
	}
	a = note(j, at, IA64_JOURNAL_SEMAPHORE, len);
	if (!a)
		return;
	memcpy(a->read, old, len);
	memcpy(a->written, now, len);
}
