/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's variables and the file they are kept in. */
#include "machine/nvram.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend/error.h"

/* The file: this, then records; numbers are little-endian. */
static const char magic[8] = "PVNVRAM1";

struct record {
	uint8_t vendor[16];
	uint32_t attributes, size;
	uint32_t name_length; /* characters; the name without its 0, then the data follow */
};

size_t nvram_name_length(const uint16_t *name)
{
	size_t n = 0;

	while (n < NVRAM_MAX_NAME && name[n])
		n++;
	return n;
}

static size_t footprint(size_t name_length, size_t size)
{
	return sizeof(struct record) + name_length * 2 + size;
}

static bool is_named(const struct nvram_variable *v, const uint16_t *name,
		     const uint8_t vendor[16])
{
	size_t n = nvram_name_length(name);

	return n == nvram_name_length(v->name) && !memcmp(v->name, name, n * 2) &&
	       !memcmp(v->vendor, vendor, 16);
}

/* Where the variable hangs, or the end of the list. */
static struct nvram_variable **find(struct nvram *n, const uint16_t *name,
				    const uint8_t vendor[16])
{
	struct nvram_variable **link = &n->first;

	while (*link && !is_named(*link, name, vendor))
		link = &(*link)->next;
	return link;
}

static struct nvram_variable *make(const uint16_t *name, size_t name_length,
				   const uint8_t vendor[16], uint32_t attributes, const void *data,
				   size_t size)
{
	struct nvram_variable *v = calloc(1, sizeof(*v) + size);

	if (!v)
		return NULL;
	memcpy(v->name, name, name_length * 2);
	memcpy(v->vendor, vendor, 16);
	v->attributes = attributes;
	v->size = (uint32_t)size;
	if (size)
		memcpy(v->data, data, size);
	return v;
}

/* --- the file --- */

static bool write_all(FILE *f, const struct nvram *n)
{
	const struct nvram_variable *v;

	if (fwrite(magic, sizeof(magic), 1, f) != 1)
		return false;
	for (v = n->first; v; v = v->next) {
		struct record r = { .attributes = v->attributes, .size = v->size };

		memcpy(r.vendor, v->vendor, 16);
		r.name_length = (uint32_t)nvram_name_length(v->name);
		if (fwrite(&r, sizeof(r), 1, f) != 1 ||
		    fwrite(v->name, 2, r.name_length, f) != r.name_length ||
		    fwrite(v->data, 1, r.size, f) != r.size)
			return false;
	}
	return !fflush(f) && !fsync(fileno(f));
}

static bool save(const struct nvram *n)
{
	char *beside;
	FILE *f;
	bool ok;

	if (!n->path)
		return true;
	if (asprintf(&beside, "%s.new", n->path) < 0)
		return false;
	f = fopen(beside, "wbe");
	ok = f && write_all(f, n);
	if (f && fclose(f))
		ok = false;
	if (ok)
		ok = !rename(beside, n->path);
	else
		unlink(beside);
	free(beside);
	return ok;
}

/* Takes the next record; 0 at the end, -1 when it makes no sense. */
static int load_one(struct nvram *n, const uint8_t **at, const uint8_t *end)
{
	uint16_t name[NVRAM_MAX_NAME] = { 0 };
	struct nvram_variable **link;
	struct record r;

	if (*at == end)
		return 0;
	if ((size_t)(end - *at) < sizeof(r))
		return -1;
	memcpy(&r, *at, sizeof(r));
	*at += sizeof(r);
	if (!r.name_length || r.name_length >= NVRAM_MAX_NAME || !r.size ||
	    r.size > NVRAM_MAX_DATA || (size_t)(end - *at) < r.name_length * 2 + r.size)
		return -1;
	memcpy(name, *at, r.name_length * 2);
	*at += r.name_length * 2;
	link = find(n, name, r.vendor);
	if (nvram_name_length(name) != r.name_length || *link)
		return -1;
	*link = make(name, r.name_length, r.vendor, r.attributes, *at, r.size);
	*at += r.size;
	n->used += footprint(r.name_length, r.size);
	return *link && n->used <= NVRAM_MAX_TOTAL ? 1 : -1;
}

static int load(struct nvram *n, struct error *err)
{
	static const size_t most = sizeof(magic) + NVRAM_MAX_TOTAL;
	FILE *f = fopen(n->path, "rbe");
	const uint8_t *at;
	uint8_t *buf;
	size_t size;
	int rc = 1;

	if (!f && errno == ENOENT)
		return 0;
	if (!f)
		return error_set(err, "%s: %s", n->path, strerror(errno));
	buf = malloc(most + 1);
	size = buf ? fread(buf, 1, most + 1, f) : 0;
	fclose(f);
	if (size < sizeof(magic) || size > most || memcmp(buf, magic, sizeof(magic)))
		rc = -1;
	for (at = buf + sizeof(magic); rc > 0;)
		rc = load_one(n, &at, buf + size);
	free(buf);
	if (rc < 0)
		return error_set(err, "%s: not a file of firmware variables; one that does not "
				 "exist is made", n->path);
	return 0;
}

int nvram_init(struct nvram *n, const char *path, struct error *err)
{
	memset(n, 0, sizeof(*n));
	pthread_mutex_init(&n->lock, NULL);
	if (!path)
		return 0;
	n->path = strdup(path);
	if (!n->path)
		return error_set(err, "out of memory");
	if (load(n, err) < 0)
		return -1;
	/* Now rather than when the guest writes something that is to last. */
	if (!save(n))
		return error_set(err, "%s: %s", path, strerror(errno));
	return 0;
}

void nvram_destroy(struct nvram *n)
{
	struct nvram_variable *v;

	while ((v = n->first)) {
		n->first = v->next;
		free(v);
	}
	free(n->path);
	pthread_mutex_destroy(&n->lock);
}

/* --- what EFI does with them --- */

static enum nvram_result copy(const struct nvram_variable *v, struct nvram_variable **out)
{
	if (!v)
		return NVRAM_NOT_FOUND;
	*out = make(v->name, nvram_name_length(v->name), v->vendor, v->attributes, v->data,
		    v->size);
	return *out ? NVRAM_OK : NVRAM_FULL;
}

enum nvram_result nvram_get(struct nvram *n, const uint16_t *name, const uint8_t vendor[16],
			    struct nvram_variable **out)
{
	enum nvram_result result;

	pthread_mutex_lock(&n->lock);
	result = copy(*find(n, name, vendor), out);
	pthread_mutex_unlock(&n->lock);
	return result;
}

enum nvram_result nvram_next(struct nvram *n, const uint16_t *name, const uint8_t vendor[16],
			     struct nvram_variable **out)
{
	const struct nvram_variable *v;
	enum nvram_result result;

	pthread_mutex_lock(&n->lock);
	v = *name ? *find(n, name, vendor) : NULL;
	result = copy(*name ? (v ? v->next : NULL) : n->first, out);
	pthread_mutex_unlock(&n->lock);
	return result;
}

enum nvram_result nvram_set(struct nvram *n, const uint16_t *name, const uint8_t vendor[16],
			    uint32_t attributes, const void *data, size_t size)
{
	size_t length = nvram_name_length(name), used;
	struct nvram_variable **link, *old, *new = NULL;
	enum nvram_result result = NVRAM_OK;

	if (length == NVRAM_MAX_NAME || size > NVRAM_MAX_DATA)
		return NVRAM_FULL;
	if (size && !(new = make(name, length, vendor, attributes, data, size)))
		return NVRAM_FULL;
	pthread_mutex_lock(&n->lock);
	link = find(n, name, vendor);
	old = *link;
	used = n->used - (old ? footprint(length, old->size) : 0) +
	       (size ? footprint(length, size) : 0);
	if (!size && !old) {
		result = NVRAM_NOT_FOUND;
	} else if (used > NVRAM_MAX_TOTAL) {
		result = NVRAM_FULL;
	} else {
		if (new)
			new->next = old ? old->next : NULL;
		*link = new ? new : old->next;
		if (!save(n)) {
			*link = old;
			result = NVRAM_FAILED;
		}
	}
	if (result == NVRAM_OK) {
		n->used = used;
		new = old;
	}
	pthread_mutex_unlock(&n->lock);
	free(new); /* the one that is no longer in the list */
	return result;
}
