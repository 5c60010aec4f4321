/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The host's console, shared by the guest's ports (UART, virtio console): what each writes goes
 * out, and input goes to the port that wrote last, which is the one that prompts.
 */
#ifndef PARAVANE_MACHINE_CONSOLE_H
#define PARAVANE_MACHINE_CONSOLE_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "backend/chardev.h"

#define CONSOLE_MAX_PORTS 2

struct console;

struct console_port {
	struct console *console;
	const struct chardev_client *client;
	void *ctx;
};

struct console {
	struct chardev *chr;
	struct chardev_client client;
	void (*command)(void *ctx, uint8_t key);
	void *command_ctx;
	struct console_port ports[CONSOLE_MAX_PORTS]; /* fixed once connected */
	unsigned int nr_ports;
	_Atomic unsigned int active;    /* the port that gets input; any thread */
	struct console_port *receiving; /* the port that said it has room; I/O thread */
};

/*
 * `chr` is borrowed; command(command_ctx, key) is called on the I/O thread for Ctrl-] and a key,
 * which `commands` describes for the user (backend/chardev.h). Both may be NULL.
 */
void console_init(struct console *con, struct chardev *chr,
		  void (*command)(void *ctx, uint8_t key), void *command_ctx, const char *commands);

/*
 * Adds a port; *client (its commands are not used) and ctx live until console_disconnect(). The
 * first port has the input until another writes. Before console_connect(). Returns NULL when there
 * are CONSOLE_MAX_PORTS already.
 */
struct console_port *console_add_port(struct console *con, const struct chardev_client *client,
				      void *ctx);

/* Lets input flow. Any thread but the I/O thread. */
void console_connect(struct console *con);
/* Returns when no port's client is called any more. Any thread but the I/O thread. */
void console_disconnect(struct console *con);

/* As chardev_write() and chardev_accept_input(). Any thread. */
size_t console_write(struct console_port *port, const uint8_t *buf, size_t len);
void console_accept_input(struct console_port *port);

#endif
