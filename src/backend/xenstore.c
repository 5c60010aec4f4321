/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store: requests, transactions, watches, permissions, quotas. */
#include "backend/xenstore.h"

#include <ctype.h>
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xen/interface/io/xs_wire.h>

#define OUTPUT_FULL 65536u    /* no more requests are taken while this much output waits */
#define OUTPUT_MAX (1u << 20) /* watch events beyond are lost */
#define TOKEN_MAX 1024u
#define ACCESSES_MAX 4096u    /* of a transaction */
#define CHANGES_MAX 1024u

const struct xenstore_quota xenstore_default_quota = {
	.nodes = 1000,
	.value_bytes = 2048,
	.watches = 128,
	.transactions = 10,
	.perms = 5,
};

enum change_kind { CHANGE_WRITE, CHANGE_MKDIR, CHANGE_RM, CHANGE_PERMS };

struct change {
	enum change_kind kind;
	char *path;
	void *data; /* value or permissions */
	size_t len;
};

struct transaction {
	struct transaction *next;
	uint32_t id;
	struct xs_node *base, *root;
	char **accesses;
	unsigned int nr_accesses;
	struct change *changes;
	unsigned int nr_changes;
	unsigned int created;
};

struct watch {
	struct watch *next;
	char *path, *token;
	size_t strip; /* bytes of the path that a relative watch does not show */
};

struct xenstore_watch {
	struct xenstore_watch *next;
	char *path;
	void (*changed)(void *ctx);
	void *ctx;
};

struct xenstore_conn {
	struct xenstore *s;
	struct xenstore_conn *next;
	uint32_t domid;
	uint32_t target; /* a domain whose rights it has as well, 0: none */
	void (*wake)(void *ctx);
	void *ctx;
	struct watch *watches;
	unsigned int nr_watches;
	struct transaction *transactions;
	unsigned int nr_transactions;
	uint32_t next_tx;
	uint8_t in[sizeof(struct xsd_sockmsg) + XENSTORE_PAYLOAD_MAX + 1];
	size_t in_len;
	uint8_t *out;
	size_t out_len, out_head, out_size;
	bool bad, throttled;
};

struct owner {
	uint32_t domid;
	unsigned int nodes;
};

struct introduced {
	uint32_t domid, target;
	bool shut_down;
};

struct xenstore {
	pthread_mutex_t lock;
	struct xenstore_quota quota;
	struct xs_node *root;
	uint64_t gen;
	struct owner *owners;
	unsigned int nr_owners;
	struct xenstore_conn *conns;
	struct xenstore_watch *watches;
	struct introduced *introduced;
	unsigned int nr_introduced;
};

/* Who asks, and of which tree. */
struct view {
	struct xenstore *s;
	struct transaction *t; /* NULL: the store itself */
	uint32_t domid;
	uint32_t target;       /* as of a connection */
};

/* --- paths --- */

static bool path_ok(const char *path)
{
	size_t len = strlen(path);
	const char *p;

	if (path[0] != '/' || len >= XENSTORE_ABS_PATH_MAX)
		return false;
	if (len > 1 && path[len - 1] == '/')
		return false;
	for (p = path; *p; p++) {
		if (p[0] == '/' && p[1] == '/')
			return false;
		if (!isascii((unsigned char)*p) ||
		    (!isalnum((unsigned char)*p) && !strchr("-/_@", *p)))
			return false;
	}
	return true;
}

/* The absolute path a client's path means, to be freed; NULL if it is none. */
static char *absolute(uint32_t domid, const char *path, size_t *strip)
{
	char prefix[40];
	size_t n = 0;
	char *full;

	if (path[0] != '/') {
		if (strlen(path) >= XENSTORE_REL_PATH_MAX)
			return NULL;
		n = (size_t)snprintf(prefix, sizeof(prefix), "/local/domain/%u/", domid);
	}
	full = xs_alloc(NULL, n + strlen(path) + 1);
	memcpy(full, prefix, n);
	strcpy(full + n, path);
	if (strip)
		*strip = n;
	if (path_ok(full))
		return full;
	free(full);
	return NULL;
}

static char *parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash == path ? 1 : (size_t)(slash - path);
	char *p = xs_copy(path, len + 1);

	p[len] = 0;
	return p;
}

/* True if path is `top` or below it. */
static bool below(const char *path, const char *top)
{
	size_t n = strlen(top);

	if (!strcmp(top, "/"))
		return path[0] == '/';
	return !strncmp(path, top, n) && (path[n] == '/' || !path[n]);
}

/* --- output --- */

static void put_out(struct xenstore_conn *c, const void *data, size_t len)
{
	if (c->out_head && c->out_head + c->out_len + len > c->out_size) {
		memmove(c->out, c->out + c->out_head, c->out_len);
		c->out_head = 0;
	}
	if (c->out_len + len > c->out_size) {
		c->out_size = (c->out_len + len) * 2;
		c->out = xs_alloc(c->out, c->out_size);
	}
	memcpy(c->out + c->out_head + c->out_len, data, len);
	c->out_len += len;
}

static void send_message(struct xenstore_conn *c, uint32_t type, uint32_t req_id, uint32_t tx_id,
			 const void *data, size_t len)
{
	struct xsd_sockmsg m = { type, req_id, tx_id, (uint32_t)len };

	put_out(c, &m, sizeof(m));
	put_out(c, data, len);
	c->wake(c->ctx);
}

static const char *error_name(int err)
{
	static const struct {
		int err;
		const char *name;
	} names[] = {
		{ EINVAL, "EINVAL" }, { EACCES, "EACCES" }, { EEXIST, "EEXIST" },
		{ EISDIR, "EISDIR" }, { ENOENT, "ENOENT" }, { ENOMEM, "ENOMEM" },
		{ ENOSPC, "ENOSPC" }, { EIO, "EIO" }, { ENOTEMPTY, "ENOTEMPTY" },
		{ ENOSYS, "ENOSYS" }, { EROFS, "EROFS" }, { EBUSY, "EBUSY" },
		{ EAGAIN, "EAGAIN" }, { EISCONN, "EISCONN" }, { E2BIG, "E2BIG" },
		{ EPERM, "EPERM" },
	};
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (names[i].err == err)
			return names[i].name;
	return "EINVAL";
}

/* What a domain may do with a node, or with the rights of another that it works for. */
static uint8_t allows(const struct xs_node *n, uint32_t domid, uint32_t target)
{
	return xs_node_allows(n, domid) | (target ? xs_node_allows(n, target) : 0);
}

/* --- watches --- */

static void send_event(struct xenstore_conn *c, const struct watch *w, const char *path)
{
	size_t n, t = strlen(w->token) + 1;
	uint8_t buf[XENSTORE_PAYLOAD_MAX];

	if (path[0] == '/' && strlen(path) >= w->strip)
		path += w->strip;
	n = strlen(path) + 1;
	if (n + t > sizeof(buf) || c->out_len > OUTPUT_MAX)
		return;
	memcpy(buf, path, n);
	memcpy(buf + n, w->token, t);
	send_message(c, XS_WATCH_EVENT, 0, 0, buf, n + t);
}

/*
 * Tells who watches `path` or above it; if it was removed, also who watches a node that went with
 * it. `node` is what decides who may know of it.
 */
static void fire(struct xenstore *s, const char *path, const struct xs_node *node,
		 struct xs_node *removed)
{
	struct xenstore_watch *h;
	struct xenstore_conn *c;
	struct watch *w;

	for (c = s->conns; c; c = c->next) {
		for (w = c->watches; w; w = w->next) {
			struct xs_node *gone;

			if (below(path, w->path)) {
				if (allows(node, c->domid, c->target) & XS_PERM_READ)
					send_event(c, w, path);
			} else if (removed && below(w->path, path)) {
				gone = xs_tree_find(removed, w->path + strlen(path));
				if (gone && (allows(gone, c->domid, c->target) & XS_PERM_READ))
					send_event(c, w, w->path);
			}
		}
	}
	for (h = s->watches; h; h = h->next)
		if (below(path, h->path) || (removed && below(h->path, path)))
			h->changed(h->ctx);
}

static void fire_special(struct xenstore *s, const char *name)
{
	struct xenstore_conn *c;
	struct watch *w;

	for (c = s->conns; c; c = c->next)
		for (w = c->watches; w; w = w->next)
			if (!strcmp(w->path, name))
				send_event(c, w, name);
}

/* --- quota --- */

static unsigned int *nodes_of(struct xenstore *s, uint32_t domid)
{
	unsigned int i;

	for (i = 0; i < s->nr_owners; i++)
		if (s->owners[i].domid == domid)
			return &s->owners[i].nodes;
	s->owners = xs_alloc(s->owners, (s->nr_owners + 1) * sizeof(*s->owners));
	s->owners[s->nr_owners] = (struct owner){ domid, 0 };
	return &s->owners[s->nr_owners++].nodes;
}

static void count_tree(struct xenstore *s, const struct xs_node *n, int sign)
{
	unsigned int i;

	*nodes_of(s, n->perms[0].domid) += (unsigned int)sign;
	for (i = 0; i < n->nr_children; i++)
		count_tree(s, n->children[i], sign);
}

/* --- the tree as a view sees it --- */

static struct xs_node **root_of(struct view *v)
{
	return v->t ? &v->t->root : &v->s->root;
}

static int note_access(struct view *v, const char *path)
{
	struct transaction *t = v->t;
	unsigned int i;

	if (!t)
		return 0;
	for (i = 0; i < t->nr_accesses; i++)
		if (!strcmp(t->accesses[i], path))
			return 0;
	if (t->nr_accesses == ACCESSES_MAX)
		return -ENOSPC;
	t->accesses = xs_alloc(t->accesses, (t->nr_accesses + 1) * sizeof(*t->accesses));
	t->accesses[t->nr_accesses++] = xs_copy(path, strlen(path) + 1);
	return 0;
}

static int note_change(struct view *v, enum change_kind kind, const char *path, const void *data,
		       size_t len)
{
	struct transaction *t = v->t;

	if (!t)
		return 0;
	if (t->nr_changes == CHANGES_MAX)
		return -ENOSPC;
	t->changes = xs_alloc(t->changes, (t->nr_changes + 1) * sizeof(*t->changes));
	t->changes[t->nr_changes++] = (struct change){
		kind, xs_copy(path, strlen(path) + 1), xs_copy(data, len), len,
	};
	return 0;
}

/* The nearest node above that exists. */
static struct xs_node *nearest(struct view *v, const char *path)
{
	struct xs_node *n;
	char *p = xs_copy(path, strlen(path) + 1), *up;

	while (!(n = xs_tree_find(*root_of(v), p))) {
		up = parent_of(p);
		free(p);
		p = up;
	}
	free(p);
	return n;
}

/* Finds a node that may be used so. What may not be read is not said to be missing either. */
static int get(struct view *v, const char *path, uint8_t want, struct xs_node **out)
{
	struct xs_node *n;
	int ret = note_access(v, path);

	if (ret)
		return ret;
	n = xs_tree_find(*root_of(v), path);
	if (!n)
		return allows(nearest(v, path), v->domid, v->target) & XS_PERM_READ ? -ENOENT :
										      -EACCES;
	if ((allows(n, v->domid, v->target) & want) != want)
		return -EACCES;
	*out = n;
	return 0;
}

/* Makes a node and those above it that are missing. */
static int create(struct view *v, const char *path, struct xs_node **out)
{
	const struct xenstore_quota *q = &v->s->quota;
	unsigned int missing = 0, have = 0;
	struct xs_node *n;
	const char *p;
	char *part;
	int ret;

	if (!(allows(nearest(v, path), v->domid, v->target) & XS_PERM_WRITE))
		return -EACCES;
	for (p = path; p; p = strchr(p + 1, '/')) {
		const char *end = strchr(p + 1, '/');

		part = xs_copy(path, strlen(path) + 1);
		if (end)
			part[end - path] = 0;
		missing += !xs_tree_find(*root_of(v), part);
		free(part);
	}
	if (v->domid) {
		have = *nodes_of(v->s, v->domid) + (v->t ? v->t->created : 0);
		if (have + missing > q->nodes)
			return -ENOSPC;
	}
	n = NULL;
	for (p = strchr(path + 1, '/'); ; p = strchr(p + 1, '/')) {
		part = xs_copy(path, strlen(path) + 1);
		if (p)
			part[p - path] = 0;
		if (!xs_tree_find(*root_of(v), part)) {
			char *up = parent_of(part);

			/* The list of children above is part of what was seen. */
			ret = note_access(v, up);
			free(up);
			if (ret) {
				free(part);
				return ret;
			}
			n = xs_tree_add(root_of(v), part, v->domid, ++v->s->gen);
			if (!v->t)
				(*nodes_of(v->s, n->perms[0].domid))++;
		}
		free(part);
		if (!p)
			break;
	}
	if (v->t)
		v->t->created += missing;
	*out = n;
	return 0;
}

static void changed(struct view *v, const char *path, const struct xs_node *node)
{
	if (!v->t)
		fire(v->s, path, node, NULL);
}

static int do_write(struct view *v, const char *path, const void *value, size_t len)
{
	struct xs_node *n;
	int ret;

	if (v->domid && len > v->s->quota.value_bytes)
		return -ENOSPC;
	ret = note_access(v, path);
	if (ret)
		return ret;
	if (xs_tree_find(*root_of(v), path)) {
		ret = get(v, path, XS_PERM_WRITE, &n);
		if (!ret)
			n = xs_tree_own(root_of(v), path);
	} else {
		ret = create(v, path, &n);
	}
	if (!ret)
		ret = note_change(v, CHANGE_WRITE, path, value, len);
	if (ret)
		return ret;
	xs_node_set_value(n, value, len, ++v->s->gen);
	changed(v, path, n);
	return 0;
}

static int do_mkdir(struct view *v, const char *path)
{
	struct xs_node *n;
	int ret = note_access(v, path);

	if (ret)
		return ret;
	if (xs_tree_find(*root_of(v), path))
		return get(v, path, XS_PERM_WRITE, &n);
	ret = create(v, path, &n);
	if (!ret)
		ret = note_change(v, CHANGE_MKDIR, path, NULL, 0);
	if (!ret)
		changed(v, path, n);
	return ret;
}

static int do_rm(struct view *v, const char *path)
{
	struct xs_node *n, *parent;
	char *up;
	int ret;

	if (!strcmp(path, "/"))
		return -EINVAL;
	ret = note_access(v, path);
	if (ret)
		return ret;
	up = parent_of(path);
	if (!xs_tree_find(*root_of(v), path)) {
		/* Nothing to do is fine, if it could have been there. */
		ret = get(v, up, XS_PERM_WRITE, &parent);
		free(up);
		return ret;
	}
	ret = get(v, path, XS_PERM_WRITE, &n);
	if (!ret)
		ret = note_access(v, up);
	free(up);
	if (!ret)
		ret = note_change(v, CHANGE_RM, path, NULL, 0);
	if (ret)
		return ret;
	n = xs_tree_remove(root_of(v), path, ++v->s->gen);
	if (!v->t) {
		count_tree(v->s, n, -1);
		fire(v->s, path, n, n);
	}
	xs_node_unref(n);
	return 0;
}

static int do_set_perms(struct view *v, const char *path, const struct xs_perm *perms,
			unsigned int nr)
{
	struct xs_node *n;
	int ret;

	if (!nr)
		return -EINVAL;
	if (v->domid && nr > v->s->quota.perms)
		return -ENOSPC;
	ret = get(v, path, XS_PERM_WRITE, &n);
	if (ret)
		return ret;
	/* Its owner (or who works for him) may change who may what, but not give it away. */
	if (v->domid && (perms[0].domid != n->perms[0].domid ||
			 (perms[0].domid != v->domid &&
			  (!v->target || perms[0].domid != v->target))))
		return -EACCES;
	ret = note_change(v, CHANGE_PERMS, path, perms, nr * sizeof(*perms));
	if (ret)
		return ret;
	n = xs_tree_own(root_of(v), path);
	if (!v->t) {
		(*nodes_of(v->s, n->perms[0].domid))--;
		(*nodes_of(v->s, perms[0].domid))++;
	}
	xs_node_set_perms(n, perms, nr, ++v->s->gen);
	changed(v, path, n);
	return 0;
}

/* --- transactions --- */

static struct transaction *find_tx(struct xenstore_conn *c, uint32_t id)
{
	struct transaction *t;

	for (t = c->transactions; t && t->id != id; t = t->next)
		;
	return t;
}

static void free_tx(struct xenstore_conn *c, struct transaction *t)
{
	struct transaction **p;
	unsigned int i;

	for (p = &c->transactions; *p != t; p = &(*p)->next)
		;
	*p = t->next;
	c->nr_transactions--;
	for (i = 0; i < t->nr_accesses; i++)
		free(t->accesses[i]);
	for (i = 0; i < t->nr_changes; i++) {
		free(t->changes[i].path);
		free(t->changes[i].data);
	}
	free(t->accesses);
	free(t->changes);
	xs_node_unref(t->base);
	xs_node_unref(t->root);
	free(t);
}

static int tx_start(struct xenstore_conn *c, uint32_t *id)
{
	struct transaction *t;

	if (c->domid && c->nr_transactions >= c->s->quota.transactions)
		return -ENOSPC;
	t = xs_alloc(NULL, sizeof(*t));
	memset(t, 0, sizeof(*t));
	do {
		t->id = ++c->next_tx;
	} while (!t->id || find_tx(c, t->id));
	t->base = xs_node_ref(c->s->root);
	t->root = xs_node_ref(c->s->root);
	t->next = c->transactions;
	c->transactions = t;
	c->nr_transactions++;
	*id = t->id;
	return 0;
}

static uint64_t gen_of(struct xs_node *root, const char *path)
{
	struct xs_node *n = xs_tree_find(root, path);

	return n ? n->gen : 0;
}

static int replay(struct view *v, const struct change *c)
{
	switch (c->kind) {
	case CHANGE_WRITE:
		return do_write(v, c->path, c->data, c->len);
	case CHANGE_MKDIR:
		return do_mkdir(v, c->path);
	case CHANGE_RM:
		return do_rm(v, c->path);
	default:
		return do_set_perms(v, c->path, c->data,
				    (unsigned int)(c->len / sizeof(struct xs_perm)));
	}
}

/* EAGAIN if somebody else changed anything that the transaction has looked at. */
static int tx_commit(struct xenstore_conn *c, struct transaction *t)
{
	struct view v = { c->s, NULL, c->domid, c->target };
	struct view trial = v;
	struct transaction dry = { 0 };
	unsigned int i;
	int ret = 0;

	for (i = 0; i < t->nr_accesses; i++)
		if (gen_of(c->s->root, t->accesses[i]) != gen_of(t->base, t->accesses[i]))
			return -EAGAIN;
	/* First on a copy, so that all of it happens or nothing. */
	dry.root = xs_node_ref(c->s->root);
	trial.t = &dry;
	for (i = 0; i < t->nr_changes && !ret; i++)
		ret = replay(&trial, &t->changes[i]);
	xs_node_unref(dry.root);
	for (i = 0; i < dry.nr_accesses; i++)
		free(dry.accesses[i]);
	for (i = 0; i < dry.nr_changes; i++) {
		free(dry.changes[i].path);
		free(dry.changes[i].data);
	}
	free(dry.accesses);
	free(dry.changes);
	for (i = 0; i < t->nr_changes && !ret; i++)
		ret = replay(&v, &t->changes[i]);
	return ret;
}

/* --- requests --- */

struct request {
	struct xenstore_conn *c;
	struct view v;
	const struct xsd_sockmsg *m;
	char *data; /* m->len bytes and a NUL after them */
	char *path; /* the first string as an absolute path, NULL if it is none */
	uint8_t reply[XENSTORE_PAYLOAD_MAX];
	size_t reply_len;
};

/* The nth string of the payload, NULL if there are fewer; all end with a NUL inside it. */
static const char *string(const struct request *r, unsigned int n)
{
	const char *p = r->data, *end = r->data + r->m->len;

	for (;; n--) {
		const char *nul = memchr(p, 0, (size_t)(end - p));

		if (!nul)
			return NULL;
		if (!n)
			return p;
		p = nul + 1;
	}
}

static int put_reply(struct request *r, const void *data, size_t len)
{
	if (len > sizeof(r->reply) - r->reply_len)
		return -E2BIG;
	if (len) /* `data` of an empty value is NULL */
		memcpy(r->reply + r->reply_len, data, len);
	r->reply_len += len;
	return 0;
}

static int put_string(struct request *r, const char *text)
{
	return put_reply(r, text, strlen(text) + 1);
}

static int ok(struct request *r, int ret)
{
	return ret ? ret : put_string(r, "OK");
}

static int req_directory(struct request *r)
{
	struct xs_node *n;
	unsigned int i;
	int ret = get(&r->v, r->path, XS_PERM_READ, &n);

	for (i = 0; !ret && i < n->nr_children; i++)
		ret = put_string(r, n->children[i]->name);
	return ret;
}

/* From a byte offset in the list on: first the generation, so that the client sees changes. */
static int req_directory_part(struct request *r)
{
	const char *off = string(r, 1);
	struct xs_node *n;
	char gen[24];
	size_t skip, at = 0, len;
	unsigned int i;
	int ret;

	if (!off || !isdigit((unsigned char)off[0]))
		return -EINVAL;
	skip = strtoul(off, NULL, 10);
	ret = get(&r->v, r->path, XS_PERM_READ, &n);
	if (ret)
		return ret;
	snprintf(gen, sizeof(gen), "%llu", (unsigned long long)n->gen);
	put_string(r, gen);
	for (i = 0; i < n->nr_children; i++, at += len) {
		len = strlen(n->children[i]->name) + 1;
		if (at < skip)
			continue;
		if (r->reply_len + len > sizeof(r->reply) - 1)
			return 0;
		put_reply(r, n->children[i]->name, len);
	}
	return put_reply(r, "", 1);
}

static int req_read(struct request *r)
{
	struct xs_node *n;
	int ret = get(&r->v, r->path, XS_PERM_READ, &n);

	return ret ? ret : put_reply(r, n->value, n->len);
}

static int req_write(struct request *r)
{
	size_t n = strlen(r->data) + 1;

	if (n > r->m->len)
		return -EINVAL;
	return ok(r, do_write(&r->v, r->path, r->data + n, r->m->len - n));
}

static int req_mkdir(struct request *r)
{
	return ok(r, do_mkdir(&r->v, r->path));
}

static int req_rm(struct request *r)
{
	return ok(r, do_rm(&r->v, r->path));
}

static int req_get_perms(struct request *r)
{
	static const char letter[] = "nrwb";
	struct xs_node *n;
	char text[24];
	unsigned int i;
	int ret = get(&r->v, r->path, XS_PERM_READ, &n);

	for (i = 0; !ret && i < n->nr_perms; i++) {
		snprintf(text, sizeof(text), "%c%u", letter[n->perms[i].bits & 3],
			 n->perms[i].domid);
		ret = put_string(r, text);
	}
	return ret;
}

static int parse_perm(const char *text, struct xs_perm *p)
{
	static const char letter[] = "nrwb";
	const char *at = *text ? strchr(letter, *text) : NULL;
	char *end;
	unsigned long id;

	if (!at || !isdigit((unsigned char)text[1]))
		return -EINVAL;
	id = strtoul(text + 1, &end, 10);
	if (*end || id > 0x7fff)
		return -EINVAL;
	p->bits = (uint8_t)(at - letter);
	p->domid = (uint32_t)id;
	return 0;
}

static int req_set_perms(struct request *r)
{
	struct xs_perm perms[64];
	unsigned int nr = 0;
	const char *text;

	while ((text = string(r, nr + 1))) {
		if (nr == 64)
			return -ENOSPC;
		if (parse_perm(text, &perms[nr]))
			return -EINVAL;
		nr++;
	}
	return ok(r, do_set_perms(&r->v, r->path, perms, nr));
}

static int req_watch(struct request *r)
{
	struct xenstore_conn *c = r->c;
	const char *path = string(r, 0), *token = string(r, 1);
	bool special = path && path[0] == '@';
	size_t strip = 0;
	char *full;
	struct watch *w;

	if (!path || !token || strlen(token) > TOKEN_MAX)
		return -EINVAL;
	if (special && c->domid)
		return -EACCES;
	if (special && strcmp(path, "@introduceDomain") && strcmp(path, "@releaseDomain"))
		return -EINVAL;
	full = special ? xs_copy(path, strlen(path) + 1) : absolute(c->domid, path, &strip);
	if (!full)
		return -EINVAL;
	for (w = c->watches; w; w = w->next) {
		if (!strcmp(w->path, full) && !strcmp(w->token, token)) {
			free(full);
			return -EEXIST;
		}
	}
	if (c->domid && c->nr_watches >= c->s->quota.watches) {
		free(full);
		return -ENOSPC;
	}
	w = xs_alloc(NULL, sizeof(*w));
	*w = (struct watch){ c->watches, full, xs_copy(token, strlen(token) + 1), strip };
	c->watches = w;
	c->nr_watches++;
	/* The answer goes first, then the event that says how it is now. */
	send_message(c, XS_WATCH, r->m->req_id, r->m->tx_id, "OK", 3);
	send_event(c, w, w->path);
	return 1;
}

static void free_watch(struct xenstore_conn *c, struct watch **p)
{
	struct watch *w = *p;

	*p = w->next;
	c->nr_watches--;
	free(w->path);
	free(w->token);
	free(w);
}

static int req_unwatch(struct request *r)
{
	const char *path = string(r, 0), *token = string(r, 1);
	struct watch **p;
	char *full;
	int ret = -ENOENT;

	if (!path || !token)
		return -EINVAL;
	full = path[0] == '@' ? xs_copy(path, strlen(path) + 1) :
				absolute(r->c->domid, path, NULL);
	if (!full)
		return -EINVAL;
	for (p = &r->c->watches; *p && ret; p = *p ? &(*p)->next : p) {
		if (!strcmp((*p)->path, full) && !strcmp((*p)->token, token)) {
			free_watch(r->c, p);
			ret = 0;
			break;
		}
	}
	free(full);
	return ok(r, ret);
}

static int req_reset_watches(struct request *r)
{
	while (r->c->watches)
		free_watch(r->c, &r->c->watches);
	while (r->c->transactions)
		free_tx(r->c, r->c->transactions);
	return ok(r, 0);
}

static int req_tx_start(struct request *r)
{
	char text[16];
	uint32_t id;
	int ret;

	if (r->m->tx_id)
		return -EBUSY;
	ret = tx_start(r->c, &id);
	if (ret)
		return ret;
	snprintf(text, sizeof(text), "%u", id);
	return put_string(r, text);
}

static int req_tx_end(struct request *r)
{
	const char *how = string(r, 0);
	int ret = 0;

	if (!r->v.t)
		return -ENOENT;
	if (!how || (strcmp(how, "T") && strcmp(how, "F")))
		return -EINVAL;
	if (!strcmp(how, "T"))
		ret = tx_commit(r->c, r->v.t);
	free_tx(r->c, r->v.t);
	return ok(r, ret);
}

static int domid_arg(const struct request *r, unsigned int n, uint32_t *domid)
{
	const char *text = string(r, n);
	char *end;
	unsigned long id;

	if (!text || !isdigit((unsigned char)text[0]))
		return -EINVAL;
	id = strtoul(text, &end, 10);
	if (*end || id > 0x7fff)
		return -EINVAL;
	*domid = (uint32_t)id;
	return 0;
}

static struct introduced *find_introduced(struct xenstore *s, uint32_t domid)
{
	unsigned int i;

	for (i = 0; i < s->nr_introduced; i++)
		if (s->introduced[i].domid == domid)
			return &s->introduced[i];
	return NULL;
}

/* Requests about domains are domain 0's: the one of them that the request names. */
static int domain_arg(const struct request *r, struct introduced **d)
{
	uint32_t domid;
	int ret;

	if (r->c->domid)
		return -EACCES;
	ret = domid_arg(r, 0, &domid);
	if (ret)
		return ret;
	*d = find_introduced(r->c->s, domid);
	return *d ? 0 : -ENOENT;
}

static int req_domain_path(struct request *r)
{
	uint32_t domid;
	char text[40];
	int ret = domid_arg(r, 0, &domid);

	if (ret)
		return ret;
	snprintf(text, sizeof(text), "/local/domain/%u", domid);
	return put_string(r, text);
}

static int req_is_introduced(struct request *r)
{
	uint32_t domid;
	int ret = domid_arg(r, 0, &domid);

	if (ret)
		return ret;
	return put_string(r, !domid || find_introduced(r->c->s, domid) ? "T" : "F");
}

/*
 * The host connects a domain's ring when it makes the domain; a client may say it once more. Of one
 * that is not there, nobody could map the ring.
 */
static int req_introduce(struct request *r)
{
	struct introduced *d;
	int ret = domain_arg(r, &d);

	if (!ret && (!string(r, 1) || !string(r, 2)))
		return -EINVAL;
	return ret == -ENOENT ? -EINVAL : ok(r, ret);
}

static void forget_domain(struct xenstore *s, uint32_t domid);

static int req_release(struct request *r)
{
	struct introduced *d;
	int ret = domain_arg(r, &d);

	if (ret)
		return ret;
	forget_domain(r->c->s, d->domid);
	return ok(r, 0);
}

static int req_resume(struct request *r)
{
	struct introduced *d;
	int ret = domain_arg(r, &d);

	if (!ret)
		d->shut_down = false;
	return ok(r, ret);
}

static int req_set_target(struct request *r)
{
	struct xenstore_conn *c;
	struct introduced *d;
	uint32_t target;
	int ret = domain_arg(r, &d);

	if (!ret)
		ret = domid_arg(r, 1, &target);
	if (ret)
		return ret;
	if (!find_introduced(r->c->s, target))
		return -ENOENT;
	d->target = target;
	for (c = r->c->s->conns; c; c = c->next)
		if (c->domid == d->domid)
			c->target = target;
	return ok(r, 0);
}

/* The count of nodes that each domain's quota goes by. It must match the tree. */
static int check(struct xenstore *s)
{
	unsigned int i;
	int ret = 0;

	count_tree(s, s->root, -1);
	for (i = 0; i < s->nr_owners; i++)
		if (s->owners[i].domid && s->owners[i].nodes)
			ret = -EIO;
	count_tree(s, s->root, 1);
	return ret;
}

/* DEBUG, which later is CONTROL: a command and its arguments. */
static int req_debug(struct request *r)
{
	const char *command = string(r, 0);

	if (r->c->domid)
		return -EACCES;
	if (command && !strcmp(command, "check"))
		return ok(r, check(r->c->s));
	if (command && !strcmp(command, "help"))
		return put_string(r, "check\nhelp\n");
	return -EINVAL;
}

static const struct {
	int (*fn)(struct request *r); /* 0: reply; -errno; 1: it has answered itself */
	bool path;                    /* the first string is a node's path */
} requests[] = {
	[XS_DEBUG] = { req_debug, false },
	[XS_DIRECTORY] = { req_directory, true },
	[XS_READ] = { req_read, true },
	[XS_GET_PERMS] = { req_get_perms, true },
	[XS_WATCH] = { req_watch, false },
	[XS_UNWATCH] = { req_unwatch, false },
	[XS_TRANSACTION_START] = { req_tx_start, false },
	[XS_TRANSACTION_END] = { req_tx_end, false },
	[XS_INTRODUCE] = { req_introduce, false },
	[XS_RELEASE] = { req_release, false },
	[XS_GET_DOMAIN_PATH] = { req_domain_path, false },
	[XS_WRITE] = { req_write, true },
	[XS_MKDIR] = { req_mkdir, true },
	[XS_RM] = { req_rm, true },
	[XS_SET_PERMS] = { req_set_perms, true },
	[XS_IS_DOMAIN_INTRODUCED] = { req_is_introduced, false },
	[XS_RESUME] = { req_resume, false },
	[XS_SET_TARGET] = { req_set_target, false },
	[XS_RESET_WATCHES] = { req_reset_watches, false },
	[XS_DIRECTORY_PART] = { req_directory_part, true },
};

static int run(struct request *r)
{
	uint32_t type = r->m->type;

	if (type >= sizeof(requests) / sizeof(requests[0]) || !requests[type].fn)
		return -ENOSYS;
	if (r->m->tx_id) {
		r->v.t = find_tx(r->c, r->m->tx_id);
		if (!r->v.t)
			return -ENOENT;
	}
	if (requests[type].path) {
		/* The path ends inside the payload: a NUL is there in any case, after it. */
		if (strlen(r->data) >= r->m->len)
			return -EINVAL;
		r->path = absolute(r->c->domid, r->data, NULL);
		if (!r->path)
			return -EINVAL;
	}
	return requests[type].fn(r);
}

static void serve(struct xenstore_conn *c)
{
	struct request r;
	const char *name;
	int ret;

	r.c = c;
	r.v = (struct view){ c->s, NULL, c->domid, c->target };
	r.m = (const void *)c->in;
	r.data = (char *)c->in + sizeof(*r.m);
	r.data[r.m->len] = 0;
	r.path = NULL;
	r.reply_len = 0;
	ret = run(&r);
	free(r.path);
	if (ret < 0) {
		name = error_name(-ret);
		send_message(c, XS_ERROR, r.m->req_id, r.m->tx_id, name, strlen(name) + 1);
	} else if (!ret) {
		send_message(c, r.m->type, r.m->req_id, r.m->tx_id, r.reply, r.reply_len);
	}
}

/* --- connections --- */

struct xenstore_conn *xenstore_connect(struct xenstore *s, uint32_t domid, void (*wake)(void *ctx),
				       void *ctx)
{
	struct xenstore_conn *c = xs_alloc(NULL, sizeof(*c));
	struct introduced *d;

	memset(c, 0, sizeof(*c));
	c->s = s;
	c->domid = domid;
	c->wake = wake;
	c->ctx = ctx;
	pthread_mutex_lock(&s->lock);
	d = find_introduced(s, domid);
	if (d)
		c->target = d->target;
	c->next = s->conns;
	s->conns = c;
	pthread_mutex_unlock(&s->lock);
	return c;
}

void xenstore_disconnect(struct xenstore_conn *c)
{
	struct xenstore_conn **p;

	if (!c)
		return;
	pthread_mutex_lock(&c->s->lock);
	while (c->watches)
		free_watch(c, &c->watches);
	while (c->transactions)
		free_tx(c, c->transactions);
	for (p = &c->s->conns; *p != c; p = &(*p)->next)
		;
	*p = c->next;
	pthread_mutex_unlock(&c->s->lock);
	free(c->out);
	free(c);
}

long xenstore_input(struct xenstore_conn *c, const uint8_t *buf, size_t len)
{
	const struct xsd_sockmsg *m = (const void *)c->in;
	size_t took = 0, want, n;

	pthread_mutex_lock(&c->s->lock);
	while (!c->bad) {
		want = sizeof(*m);
		if (c->in_len >= sizeof(*m)) {
			if (m->len > XENSTORE_PAYLOAD_MAX) {
				c->bad = true;
				break;
			}
			want += m->len;
		}
		if (c->in_len >= sizeof(*m) && c->in_len == want) {
			serve(c);
			c->in_len = 0;
			continue;
		}
		if (!c->in_len && c->out_len >= OUTPUT_FULL) {
			c->throttled = true;
			break;
		}
		n = want - c->in_len < len - took ? want - c->in_len : len - took;
		if (!n)
			break;
		memcpy(c->in + c->in_len, buf + took, n);
		c->in_len += n;
		took += n;
	}
	pthread_mutex_unlock(&c->s->lock);
	return c->bad ? -1 : (long)took;
}

size_t xenstore_output(struct xenstore_conn *c, uint8_t *buf, size_t size)
{
	size_t n;

	pthread_mutex_lock(&c->s->lock);
	n = size < c->out_len ? size : c->out_len;
	if (n)
		memcpy(buf, c->out + c->out_head, n);
	c->out_head += n;
	c->out_len -= n;
	if (!c->out_len)
		c->out_head = 0;
	if (c->throttled && c->out_len < OUTPUT_FULL / 2) {
		c->throttled = false;
		c->wake(c->ctx);
	}
	pthread_mutex_unlock(&c->s->lock);
	return n;
}

/* --- the host's own use --- */

struct xenstore *xenstore_create(const struct xenstore_quota *quota)
{
	struct xenstore *s = xs_alloc(NULL, sizeof(*s));

	memset(s, 0, sizeof(*s));
	pthread_mutex_init(&s->lock, NULL);
	s->quota = quota ? *quota : xenstore_default_quota;
	s->root = xs_tree_new(++s->gen);
	return s;
}

void xenstore_destroy(struct xenstore *s)
{
	if (!s)
		return;
	xs_node_unref(s->root);
	free(s->owners);
	free(s->introduced);
	pthread_mutex_destroy(&s->lock);
	free(s);
}

int xenstore_printf(struct xenstore *s, const char *path, const char *fmt, ...)
{
	struct view v = { s, NULL, 0, 0 };
	char *text;
	va_list ap;
	int ret = -EINVAL;
	int len;

	va_start(ap, fmt);
	len = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (len < 0)
		return -EINVAL;
	pthread_mutex_lock(&s->lock);
	if (path_ok(path))
		ret = do_write(&v, path, text, (size_t)len);
	pthread_mutex_unlock(&s->lock);
	free(text);
	return ret;
}

char *xenstore_read(struct xenstore *s, const char *path, size_t *len)
{
	struct xs_node *n;
	char *text = NULL;

	pthread_mutex_lock(&s->lock);
	n = path_ok(path) ? xs_tree_find(s->root, path) : NULL;
	if (n) {
		text = xs_alloc(NULL, n->len + 1);
		if (n->len)
			memcpy(text, n->value, n->len);
		text[n->len] = 0;
		if (len)
			*len = n->len;
	}
	pthread_mutex_unlock(&s->lock);
	return text;
}

int xenstore_remove(struct xenstore *s, const char *path)
{
	struct view v = { s, NULL, 0, 0 };
	int ret = -ENOENT;

	pthread_mutex_lock(&s->lock);
	if (path_ok(path) && xs_tree_find(s->root, path))
		ret = do_rm(&v, path);
	pthread_mutex_unlock(&s->lock);
	return ret;
}

int xenstore_set_perms(struct xenstore *s, const char *path, const struct xs_perm *perms,
		       unsigned int nr)
{
	struct view v = { s, NULL, 0, 0 };
	int ret = -EINVAL;

	pthread_mutex_lock(&s->lock);
	if (path_ok(path))
		ret = do_set_perms(&v, path, perms, nr);
	pthread_mutex_unlock(&s->lock);
	return ret;
}

char *xenstore_list(struct xenstore *s, const char *path)
{
	struct xs_node *n;
	char *list = NULL;
	size_t len = 0;
	unsigned int i;

	pthread_mutex_lock(&s->lock);
	n = path_ok(path) ? xs_tree_find(s->root, path) : NULL;
	if (n) {
		for (i = 0; i < n->nr_children; i++) {
			size_t add = strlen(n->children[i]->name) + 1;

			list = xs_alloc(list, len + add);
			memcpy(list + len, n->children[i]->name, add);
			len += add;
		}
		list = xs_alloc(list, len + 1);
		list[len] = 0;
	}
	pthread_mutex_unlock(&s->lock);
	return list;
}

struct xenstore_watch *xenstore_watch_add(struct xenstore *s, const char *path,
					  void (*fn)(void *ctx), void *ctx)
{
	struct xenstore_watch *w = xs_alloc(NULL, sizeof(*w));

	*w = (struct xenstore_watch){ NULL, xs_copy(path, strlen(path) + 1), fn, ctx };
	pthread_mutex_lock(&s->lock);
	w->next = s->watches;
	s->watches = w;
	fn(ctx);
	pthread_mutex_unlock(&s->lock);
	return w;
}

void xenstore_watch_remove(struct xenstore *s, struct xenstore_watch *w)
{
	struct xenstore_watch **p;

	if (!w)
		return;
	pthread_mutex_lock(&s->lock);
	for (p = &s->watches; *p != w; p = &(*p)->next)
		;
	*p = w->next;
	pthread_mutex_unlock(&s->lock);
	free(w->path);
	free(w);
}

void xenstore_introduce(struct xenstore *s, uint32_t domid)
{
	pthread_mutex_lock(&s->lock);
	if (!find_introduced(s, domid)) {
		s->introduced = xs_alloc(s->introduced,
					 (s->nr_introduced + 1) * sizeof(*s->introduced));
		s->introduced[s->nr_introduced++] = (struct introduced){ .domid = domid };
		fire_special(s, "@introduceDomain");
	}
	pthread_mutex_unlock(&s->lock);
}

/* Its connections have no watches and transactions any more, and nothing they say is heard. */
static void forget_domain(struct xenstore *s, uint32_t domid)
{
	struct introduced *d = find_introduced(s, domid);
	struct xenstore_conn *c;

	if (!d)
		return;
	*d = s->introduced[--s->nr_introduced];
	for (c = s->conns; c; c = c->next) {
		if (c->target == domid)
			c->target = 0;
		if (c->domid != domid)
			continue;
		while (c->watches)
			free_watch(c, &c->watches);
		while (c->transactions)
			free_tx(c, c->transactions);
		c->bad = true;
	}
	fire_special(s, "@releaseDomain");
}

void xenstore_release(struct xenstore *s, uint32_t domid)
{
	pthread_mutex_lock(&s->lock);
	forget_domain(s, domid);
	pthread_mutex_unlock(&s->lock);
}

void xenstore_resume(struct xenstore *s, uint32_t domid)
{
	struct introduced *d;

	pthread_mutex_lock(&s->lock);
	d = find_introduced(s, domid);
	if (d)
		d->shut_down = false;
	pthread_mutex_unlock(&s->lock);
}

void xenstore_shutdown(struct xenstore *s, uint32_t domid)
{
	struct introduced *d;

	pthread_mutex_lock(&s->lock);
	d = find_introduced(s, domid);
	if (d && !d->shut_down) {
		d->shut_down = true;
		fire_special(s, "@releaseDomain");
	}
	pthread_mutex_unlock(&s->lock);
}
