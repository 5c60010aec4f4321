/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Joins the guest's console ports to one character device. */
#include "machine/console.h"

static size_t can_receive(void *ctx)
{
	struct console *con = ctx;
	struct console_port *port = &con->ports[con->active];

	if (!con->nr_ports)
		return 0;
	con->receiving = port;
	return port->client->can_receive(port->ctx);
}

static void receive(void *ctx, const uint8_t *buf, size_t len)
{
	struct console *con = ctx;

	/* Not the active one, should that have changed since the room was asked for. */
	con->receiving->client->receive(con->receiving->ctx, buf, len);
}

static void writable(void *ctx)
{
	struct console *con = ctx;

	for (unsigned int i = 0; i < con->nr_ports; i++)
		con->ports[i].client->writable(con->ports[i].ctx);
}

static void command(void *ctx, uint8_t key)
{
	struct console *con = ctx;

	if (con->command)
		con->command(con->command_ctx, key);
}

void console_init(struct console *con, struct chardev *chr,
		  void (*command_fn)(void *ctx, uint8_t key), void *command_ctx,
		  const char *commands)
{
	*con = (struct console){
		.chr = chr,
		.client = {
			.can_receive = can_receive,
			.receive = receive,
			.writable = writable,
			.command = command,
			.commands = commands,
		},
		.command = command_fn,
		.command_ctx = command_ctx,
	};
}

struct console_port *console_add_port(struct console *con, const struct chardev_client *port_client,
				      void *ctx)
{
	struct console_port *port;

	if (con->nr_ports == CONSOLE_MAX_PORTS)
		return NULL;
	port = &con->ports[con->nr_ports++];
	*port = (struct console_port){ .console = con, .client = port_client, .ctx = ctx };
	return port;
}

void console_connect(struct console *con)
{
	chardev_set_client(con->chr, &con->client, con);
}

void console_disconnect(struct console *con)
{
	chardev_set_client(con->chr, NULL, NULL);
}

size_t console_write(struct console_port *port, const uint8_t *buf, size_t len)
{
	struct console *con = port->console;
	unsigned int index = (unsigned int)(port - con->ports);

	/* Input that the other port had no room for may suit this one. */
	if (con->active != index && atomic_exchange(&con->active, index) != index)
		chardev_accept_input(con->chr);
	return chardev_write(con->chr, buf, len);
}

void console_accept_input(struct console_port *port)
{
	chardev_accept_input(port->console->chr);
}
