/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The store's copy-on-write tree. */
#include "backend/xenstore_tree.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *xs_alloc(void *old, size_t size)
{
	void *p = realloc(old, size ? size : 1);

	if (!p) {
		fprintf(stderr, "paravane: xenstore: out of memory\n");
		abort();
	}
	return p;
}

void *xs_copy(const void *data, size_t len)
{
	void *p = xs_alloc(NULL, len);

	if (len)
		memcpy(p, data, len);
	return p;
}

static struct xs_node *new_node(const char *name, size_t len)
{
	struct xs_node *n = xs_alloc(NULL, sizeof(*n));

	memset(n, 0, sizeof(*n));
	n->refs = 1;
	n->name = xs_alloc(NULL, len + 1);
	memcpy(n->name, name, len);
	n->name[len] = 0;
	return n;
}

struct xs_node *xs_tree_new(uint64_t gen)
{
	struct xs_perm perm = { 0, 0 };
	struct xs_node *n = new_node("", 0);

	xs_node_set_perms(n, &perm, 1, gen);
	return n;
}

struct xs_node *xs_node_ref(struct xs_node *n)
{
	n->refs++;
	return n;
}

void xs_node_unref(struct xs_node *n)
{
	unsigned int i;

	if (!n || --n->refs)
		return;
	for (i = 0; i < n->nr_children; i++)
		xs_node_unref(n->children[i]); /* as deep as a path is long */
	free(n->children);
	free(n->name);
	free(n->value);
	free(n->perms);
	free(n);
}

/* Where a child of that name is, or would be. */
static unsigned int search(const struct xs_node *n, const char *name, size_t len, bool *found)
{
	unsigned int lo = 0, hi = n->nr_children;

	*found = false;
	while (lo < hi) {
		unsigned int mid = (lo + hi) / 2;
		const char *at = n->children[mid]->name;
		int order = strncmp(at, name, len);

		if (!order && at[len])
			order = 1;
		if (!order) {
			*found = true;
			return mid;
		}
		if (order < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* Takes the next part off the path; false at its end. */
static bool next_part(const char **path, const char **part, size_t *len)
{
	while (**path == '/')
		(*path)++;
	if (!**path)
		return false;
	*part = *path;
	*len = strcspn(*path, "/");
	*path += *len;
	return true;
}

struct xs_node *xs_tree_find(struct xs_node *root, const char *path)
{
	const char *part;
	unsigned int i;
	size_t len;
	bool found;

	while (next_part(&path, &part, &len)) {
		i = search(root, part, len, &found);
		if (!found)
			return NULL;
		root = root->children[i];
	}
	return root;
}

static struct xs_node *own(struct xs_node **slot)
{
	struct xs_node *old = *slot, *n;
	unsigned int i;

	if (old->refs == 1)
		return old;
	n = new_node(old->name, strlen(old->name));
	n->value = xs_copy(old->value, old->len);
	n->len = old->len;
	n->perms = xs_copy(old->perms, old->nr_perms * sizeof(*old->perms));
	n->nr_perms = old->nr_perms;
	n->gen = old->gen;
	n->children = xs_copy(old->children, old->nr_children * sizeof(*old->children));
	n->nr_children = old->nr_children;
	for (i = 0; i < n->nr_children; i++)
		n->children[i]->refs++;
	old->refs--;
	return *slot = n;
}

struct xs_node *xs_tree_own(struct xs_node **root, const char *path)
{
	struct xs_node *n = own(root);
	const char *part;
	size_t len;
	bool found;

	while (next_part(&path, &part, &len))
		n = own(&n->children[search(n, part, len, &found)]);
	return n;
}

static char *parent_path(const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');
	char *parent = xs_copy(path, (size_t)(slash - path) + 1);

	parent[slash - path] = 0;
	*name = slash + 1;
	return parent;
}

struct xs_node *xs_tree_add(struct xs_node **root, const char *path, uint32_t owner, uint64_t gen)
{
	struct xs_node *parent, *n;
	const char *name;
	char *above = parent_path(path, &name);
	unsigned int i;
	bool found;

	parent = xs_tree_own(root, above);
	free(above);
	n = new_node(name, strlen(name));
	xs_node_set_perms(n, parent->perms, parent->nr_perms, gen);
	if (owner)
		n->perms[0].domid = owner;
	i = search(parent, name, strlen(name), &found);
	parent->children = xs_alloc(parent->children,
				    (parent->nr_children + 1) * sizeof(*parent->children));
	memmove(parent->children + i + 1, parent->children + i,
		(parent->nr_children - i) * sizeof(*parent->children));
	parent->children[i] = n;
	parent->nr_children++;
	parent->gen = gen;
	return n;
}

struct xs_node *xs_tree_remove(struct xs_node **root, const char *path, uint64_t gen)
{
	struct xs_node *parent, *n;
	const char *name;
	char *above = parent_path(path, &name);
	unsigned int i;
	bool found;

	parent = xs_tree_own(root, above);
	free(above);
	i = search(parent, name, strlen(name), &found);
	n = parent->children[i];
	parent->nr_children--;
	memmove(parent->children + i, parent->children + i + 1,
		(parent->nr_children - i) * sizeof(*parent->children));
	parent->gen = gen;
	return n;
}

void xs_node_set_value(struct xs_node *n, const void *value, size_t len, uint64_t gen)
{
	free(n->value);
	n->value = xs_copy(value, len);
	n->len = len;
	n->gen = gen;
}

void xs_node_set_perms(struct xs_node *n, const struct xs_perm *perms, unsigned int nr,
		       uint64_t gen)
{
	struct xs_perm *copy = xs_copy(perms, nr * sizeof(*perms));

	free(n->perms);
	n->perms = copy;
	n->nr_perms = nr;
	n->gen = gen;
}

uint8_t xs_node_allows(const struct xs_node *n, uint32_t domid)
{
	unsigned int i;

	if (!domid || n->perms[0].domid == domid)
		return XS_PERM_READ | XS_PERM_WRITE;
	for (i = 1; i < n->nr_perms; i++)
		if (n->perms[i].domid == domid)
			return n->perms[i].bits;
	return n->perms[0].bits;
}
