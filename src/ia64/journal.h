/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A record of what instructions write, so that it can be taken back: how two ways of executing the
 * same code are compared. While a vCPU has a journal no fast line is filled, so that every access
 * comes by, and ar.itc stands still.
 */
#ifndef PARAVANE_IA64_JOURNAL_H
#define PARAVANE_IA64_JOURNAL_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct ia64_journal_entry {
	uint8_t *at;      /* host address; only bytes that are written: the next are others' */
	uint8_t len;
	uint8_t old[16];
	uint8_t then[16]; /* for whoever compares */
};

struct ia64_journal {
	uint64_t itc;     /* what ar.itc reads */
	bool device;      /* a device was touched: nothing can be taken back */
	unsigned int n, max;
	struct ia64_journal_entry *entry;
};

/* What *j's owner is about to do cannot be done twice: from here on it is as if nobody compared. */
static inline void ia64_journal_give_up(struct ia64_journal **j)
{
	if (!*j)
		return;
	(*j)->device = true;
	*j = NULL;
}

/* Before the write: notes the len bytes from `at`. NULL: nothing. */
static inline void ia64_journal_note(struct ia64_journal *j, uint8_t *at, unsigned int len)
{
	for (unsigned int n; j && len; at += n, len -= n) {
		n = len < 16 ? len : 16;
		if (j->n == j->max) {
			j->device = true; /* too much to take back */
			return;
		}
		j->entry[j->n].at = at;
		j->entry[j->n].len = (uint8_t)n;
		memcpy(j->entry[j->n++].old, at, n);
	}
}

#endif
