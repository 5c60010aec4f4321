/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A stream of bytes to and from the host: the terminal, a pseudo-terminal, a socket, a file.
 *
 * Output is queued and never blocks the caller; when the queue is full (64 KB) chardev_write()
 * takes less than it was given and `writable` tells when there is room. Input is delivered to
 * `receive` on the event loop's thread as far as `can_receive` allows.
 */
#ifndef PARAVANE_BACKEND_CHARDEV_H
#define PARAVANE_BACKEND_CHARDEV_H

#include <stddef.h>
#include <stdint.h>

struct chardev;
struct error;
struct eventloop;

/* All on the loop's thread, no lock held. Any may be NULL. */
struct chardev_client {
	size_t (*can_receive)(void *ctx); /* how many bytes receive() would take now */
	void (*receive)(void *ctx, const uint8_t *buf, size_t len);
	void (*writable)(void *ctx);
	/* Ctrl-] and a key that is not the terminal's own. */
	void (*command)(void *ctx, uint8_t key);
	const char *commands;             /* what those keys do, lines that end in CR LF */
};

/*
 * Opens what `spec` names: "stdio" (the terminal in raw mode, escape Ctrl-]), "pty" (its name goes
 * to stderr), "unix:PATH" (a listening socket, one client at a time; output while nobody is there
 * is dropped), "file:PATH" (output only, truncated at start), "fd:N" (a copy of a descriptor, used
 * both ways), "none". Returns 0, or -1 with *err set. The terminal is restored by chardev_destroy()
 * and at exit(3) or a deadly signal.
 *
 * With ",log=PATH[,logsize=N[K|M]][,logcount=N]" behind it, all output goes to that file as well,
 * which is added to and begun anew (logfile.h) at 1 MB, with 4 old ones kept, unless said
 * otherwise. chardev_write() then takes all: who does not read what is shown misses the oldest of
 * it.
 */
int chardev_create(struct chardev **dev, struct eventloop *loop, const char *spec,
		   struct error *err);
/* Writes what is queued (for at most a second), closes. NULL is fine. Not on the loop's thread. */
void chardev_destroy(struct chardev *dev);

/* Who gets input. Not on the loop's thread; input that came before waits. NULL: nobody any more. */
void chardev_set_client(struct chardev *dev, const struct chardev_client *client, void *ctx);

/* Any thread: queues output, returns how much was taken. */
size_t chardev_write(struct chardev *dev, const uint8_t *buf, size_t len);
/* Any thread: can_receive() may have grown. */
void chardev_accept_input(struct chardev *dev);

#endif
