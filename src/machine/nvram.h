/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The firmware's variables (EFI 1.10, 7.1), kept in a file or only as long as the machine lives.
 *
 * Names are UCS-2 with their terminating 0. All calls may come from any thread.
 */
#ifndef PARAVANE_MACHINE_NVRAM_H
#define PARAVANE_MACHINE_NVRAM_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct error;

#define NVRAM_MAX_NAME 512    /* characters, the terminating 0 too */
#define NVRAM_MAX_DATA 32768  /* bytes of a variable */
#define NVRAM_MAX_TOTAL 131072 /* bytes of all, with their names */

struct nvram_variable {
	struct nvram_variable *next;
	uint8_t vendor[16]; /* a GUID */
	uint32_t attributes;
	uint32_t size;
	uint16_t name[NVRAM_MAX_NAME];
	uint8_t data[];
};

struct nvram {
	pthread_mutex_t lock;
	struct nvram_variable *first; /* in the order they were made */
	size_t used;
	int fd;         /* -1: not kept */
	uint64_t saves; /* how often the file has been written */
};

/*
 * `path` NULL: nothing is kept. Else the file is made or read, and written at each change: in turn
 * one of two copies in it, with a checksum, so that one is whole at any time. Nothing else in its
 * folder is touched. Returns 0, or -1 with *err set when it cannot be read or written, is not such
 * a file, or another machine has it. nvram_destroy() in both cases.
 */
int nvram_init(struct nvram *n, const char *path, struct error *err);
void nvram_destroy(struct nvram *n);

enum nvram_result {
	NVRAM_OK,
	NVRAM_NOT_FOUND,
	NVRAM_FULL,   /* no room for it: limits above */
	NVRAM_FAILED, /* the file could not be written; nothing has changed */
};

/*
 * Copies a variable to *out, owned by the caller, to be freed. NVRAM_NOT_FOUND, or NVRAM_FULL when
 * the host has no memory.
 */
enum nvram_result nvram_get(struct nvram *n, const uint16_t *name, const uint8_t vendor[16],
			    struct nvram_variable **out);
/* The variable after the one named; the first for an empty name. As nvram_get(). */
enum nvram_result nvram_next(struct nvram *n, const uint16_t *name, const uint8_t vendor[16],
			     struct nvram_variable **out);
/* Makes it or replaces it; size 0 removes it. */
enum nvram_result nvram_set(struct nvram *n, const uint16_t *name, const uint8_t vendor[16],
			    uint32_t attributes, const void *data, size_t size);

/* Characters of a name without the 0; NVRAM_MAX_NAME if there is no 0 among that many. */
size_t nvram_name_length(const uint16_t *name);

#endif
