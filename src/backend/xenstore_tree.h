/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store's nodes as a tree that is copied when written: whoever holds a reference to a root
 * keeps seeing it as it was. That makes a transaction's start and its undoing free.
 *
 * One lock around a tree and all its copies is the caller's business. Paths are absolute and valid.
 * Memory running out ends the process: quotas keep guests far from it.
 */
#ifndef PARAVANE_BACKEND_XENSTORE_TREE_H
#define PARAVANE_BACKEND_XENSTORE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define XS_PERM_READ 1
#define XS_PERM_WRITE 2

/* The first of a node's list is its owner, with what everybody not listed may do. */
struct xs_perm {
	uint32_t domid;
	uint8_t bits; /* XS_PERM_* */
};

struct xs_node {
	unsigned int refs;
	char *name; /* of the last part of the path; "" for the root */
	uint8_t *value;
	size_t len;
	struct xs_perm *perms;
	unsigned int nr_perms;
	uint64_t gen; /* changes when value, permissions or the list of children change */
	struct xs_node **children; /* by name */
	unsigned int nr_children;
};

/* A root with one reference, owned by domain 0, which only it may write. */
struct xs_node *xs_tree_new(uint64_t gen);
struct xs_node *xs_node_ref(struct xs_node *n);
void xs_node_unref(struct xs_node *n);

/* NULL if there is no such node. */
struct xs_node *xs_tree_find(struct xs_node *root, const char *path);
/* The node, of its own in this tree, to be changed; it must exist. */
struct xs_node *xs_tree_own(struct xs_node **root, const char *path);
/*
 * Adds a node that is not there, under a parent that is, with the parent's permissions but `owner`
 * as owner unless that is 0. Both it and the parent get `gen`.
 */
struct xs_node *xs_tree_add(struct xs_node **root, const char *path, uint32_t owner, uint64_t gen);
/* Takes an existing node out with all below it; the caller gets its reference. Not the root. */
struct xs_node *xs_tree_remove(struct xs_node **root, const char *path, uint64_t gen);

void xs_node_set_value(struct xs_node *n, const void *value, size_t len, uint64_t gen);
void xs_node_set_perms(struct xs_node *n, const struct xs_perm *perms, unsigned int nr,
		       uint64_t gen);
/* What a domain may do with the node; domain 0 everything. */
uint8_t xs_node_allows(const struct xs_node *n, uint32_t domid);

/* malloc and the like that do not return NULL. */
void *xs_alloc(void *old, size_t size);
void *xs_copy(const void *data, size_t len);

#endif
