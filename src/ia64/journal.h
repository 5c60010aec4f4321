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
	uint8_t *at;      /* host address, aligned to 16 */
	uint8_t old[16];
	uint8_t then[16]; /* for whoever compares */
};

struct ia64_journal {
	uint64_t itc;     /* what ar.itc reads */
	bool device;      /* a device was touched: nothing can be taken back */
	unsigned int n, max;
	struct ia64_journal_entry *entry;
};

/* Before the write: notes the 16 bytes (32 if it crosses) around [at, at + len). NULL: nothing. */
static inline void ia64_journal_note(struct ia64_journal *j, uint8_t *at, unsigned int len)
{
	uint8_t *p = (uint8_t *)((uintptr_t)at & ~(uintptr_t)15);

	if (!j)
		return;
	for (; p < at + len; p += 16) {
		if (j->n == j->max) {
			j->device = true; /* too much to take back */
			return;
		}
		j->entry[j->n].at = p;
		memcpy(j->entry[j->n++].old, p, 16);
	}
}

#endif
