/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The firmware's variables and the file they are kept in. */
#include "machine/nvram.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>
#include <zlib.h>

#include "backend/error.h"
#include "backend/fdpath.h"

/*
 * The file: two copies, each a header at its place and records behind it; numbers are
 * little-endian. Before there were copies, it was `old_magic` and the records.
 */
static const char old_magic[8] = "PVNVRAM1", magic[8] = "PVNVRAM2";

struct copy {
	char magic[8];
	uint64_t saves;    /* the copy with the larger number is the newer one */
	uint32_t size;     /* of the records */
	uint32_t checksum; /* CRC-32 of the above and the records */
};

#define COPY_ROOM (sizeof(struct copy) + NVRAM_MAX_TOTAL)
/* Where copy n begins: an old file ends before copy 1. */
#define COPY_AT(n) ((n) * (off_t)0x40000)

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

static uint32_t checksum(const struct copy *c, const uint8_t *records)
{
	uLong crc = crc32(0, (const uint8_t *)c, offsetof(struct copy, checksum));

	return (uint32_t)crc32(crc, records, c->size);
}

static size_t put_records(const struct nvram *n, uint8_t *at)
{
	const struct nvram_variable *v;
	uint8_t *const start = at;

	for (v = n->first; v; v = v->next) {
		struct record r = { .attributes = v->attributes, .size = v->size };

		memcpy(r.vendor, v->vendor, 16);
		r.name_length = (uint32_t)nvram_name_length(v->name);
		memcpy(at, &r, sizeof(r));
		at += sizeof(r);
		memcpy(at, v->name, r.name_length * 2);
		at += r.name_length * 2;
		memcpy(at, v->data, r.size);
		at += r.size;
	}
	return (size_t)(at - start);
}

static bool write_all(int fd, const uint8_t *buf, size_t len, off_t at)
{
	while (len) {
		ssize_t did = pwrite(fd, buf, len, at);

		if (did < 0 && errno == EINTR)
			continue;
		if (did <= 0)
			return false;
		buf += did;
		at += did;
		len -= (size_t)did;
	}
	return true;
}

/* Over the older copy. The limits have been looked at. */
static bool save(struct nvram *n)
{
	struct copy c = { .saves = n->saves + 1 };
	uint8_t *buf;
	bool ok;

	if (n->fd < 0)
		return true;
	buf = malloc(COPY_ROOM);
	if (!buf)
		return false;
	memcpy(c.magic, magic, sizeof(magic));
	c.size = (uint32_t)put_records(n, buf + sizeof(c));
	c.checksum = checksum(&c, buf + sizeof(c));
	memcpy(buf, &c, sizeof(c));
	ok = write_all(n->fd, buf, sizeof(c) + c.size, COPY_AT(c.saves & 1)) && !fdatasync(n->fd);
	if (ok)
		n->saves++;
	free(buf);
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

/* Reads up to `room` bytes from there; 0 if it cannot. */
static size_t read_all(int fd, uint8_t *buf, size_t room, off_t at)
{
	size_t have = 0;
	ssize_t did;

	while (have < room && (did = pread(fd, buf + have, room - have, at + (off_t)have)) > 0)
		have += (size_t)did;
	return have;
}

/* The records of copy i, in buf; NULL if it is none. */
static const uint8_t *read_copy(const struct nvram *n, unsigned int i, uint8_t *buf, struct copy *c)
{
	size_t have = read_all(n->fd, buf, COPY_ROOM, COPY_AT(i));

	if (have < sizeof(*c))
		return NULL;
	memcpy(c, buf, sizeof(*c));
	if (memcmp(c->magic, magic, sizeof(magic)) || c->size > have - sizeof(*c) ||
	    c->checksum != checksum(c, buf + sizeof(*c)))
		return NULL;
	return buf + sizeof(*c);
}

static int load_records(struct nvram *n, const uint8_t *at, size_t size)
{
	const uint8_t *end = at + size;
	int rc = 1;

	while (rc > 0)
		rc = load_one(n, &at, end);
	return rc;
}

/* 0, or -1: the file is something else. */
static int load(struct nvram *n, uint8_t *buf)
{
	unsigned int newest = 2, i;
	const uint8_t *records;
	struct copy c;
	size_t have;

	for (i = 0; i < 2; i++) {
		if (read_copy(n, i, buf, &c) && (newest == 2 || c.saves > n->saves)) {
			newest = i;
			n->saves = c.saves;
		}
	}
	if (newest < 2) {
		records = read_copy(n, newest, buf, &c);
		return records ? load_records(n, records, c.size) : -1;
	}
	have = read_all(n->fd, buf, sizeof(old_magic) + NVRAM_MAX_TOTAL + 1, 0);
	if (!have)
		return 0;
	if (have < sizeof(old_magic) || have > sizeof(old_magic) + NVRAM_MAX_TOTAL ||
	    memcmp(buf, old_magic, sizeof(old_magic)))
		return -1;
	return load_records(n, buf + sizeof(old_magic), have - sizeof(old_magic));
}

int nvram_init(struct nvram *n, const char *path, struct error *err)
{
	uint8_t *buf;
	int rc;

	memset(n, 0, sizeof(*n));
	n->fd = -1;
	pthread_mutex_init(&n->lock, NULL);
	if (!path)
		return 0;
	n->fd = fdpath_open(path, O_RDWR | O_CREAT, 0666);
	if (n->fd < 0)
		return error_set(err, "%s: %s", path, strerror(errno));
	if (flock(n->fd, LOCK_EX | LOCK_NB))
		return error_set(err, "%s: %s", path, errno == EWOULDBLOCK ?
				 "another machine uses it" : strerror(errno));
	buf = malloc(COPY_ROOM + 1);
	if (!buf)
		return error_set(err, "out of memory");
	rc = load(n, buf);
	free(buf);
	if (rc)
		return error_set(err, "%s: not a file of firmware variables; one that does not "
				 "exist is made", path);
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
	if (n->fd >= 0)
		close(n->fd);
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
