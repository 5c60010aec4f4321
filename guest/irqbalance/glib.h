/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What irqbalance uses of GLib: doubly linked lists, and a loop that waits for a time, signals and
 * file descriptors. The names and what they do are GLib's (its reference manual, "Doubly-Linked
 * Lists" and "The Main Event Loop"). */
#ifndef GLIB_H
#define GLIB_H

#include <poll.h>

#define FALSE 0
#define TRUE 1

typedef int gint;
typedef unsigned int guint;
typedef int gboolean;
typedef void *gpointer;
typedef const void *gconstpointer;
typedef gint (*GCompareFunc)(gconstpointer a, gconstpointer b);
typedef void (*GDestroyNotify)(gpointer data);
/* A source's function returns FALSE to be taken off the loop. */
typedef gboolean (*GSourceFunc)(gpointer data);

typedef struct GList {
	gpointer data;
	struct GList *next, *prev;
} GList;

/* An empty list is NULL. What changes a list returns its new head. */
#define g_list_next(list) ((list) ? (list)->next : NULL)
GList *g_list_append(GList *list, gpointer data);
GList *g_list_delete_link(GList *list, GList *link);
GList *g_list_find(GList *list, gconstpointer data);
/* The first element for which compare(element, data) is 0. */
GList *g_list_find_custom(GList *list, gconstpointer data, GCompareFunc compare);
GList *g_list_first(GList *list);
void g_list_free(GList *list);
void g_list_free_full(GList *list, GDestroyNotify destroy);
guint g_list_length(GList *list);
GList *g_list_remove(GList *list, gconstpointer data);
GList *g_list_sort(GList *list, GCompareFunc compare);

typedef struct GMainLoop GMainLoop;
typedef enum { G_IO_IN = POLLIN } GIOCondition;
typedef gboolean (*GUnixFDSourceFunc)(gint fd, GIOCondition condition, gpointer data);

/* There is one context, NULL. */
GMainLoop *g_main_loop_new(void *context, gboolean running);
void g_main_loop_run(GMainLoop *loop);
void g_main_loop_quit(GMainLoop *loop);
guint g_timeout_add_seconds(guint seconds, GSourceFunc call, gpointer data);
guint g_unix_signal_add(gint signal, GSourceFunc call, gpointer data);
guint g_unix_fd_add(gint fd, GIOCondition condition, GUnixFDSourceFunc call, gpointer data);

#endif
