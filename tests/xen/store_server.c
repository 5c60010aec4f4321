/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Serves an empty store at the socket it is given until its standard input ends. */
#include <stdio.h>
#include <unistd.h>

#include "backend/eventloop.h"
#include "backend/xenstore.h"

int main(int argc, char **argv)
{
	struct xenstore_socket *sock;
	struct eventloop *el;
	struct xenstore *s;
	struct error err;
	char c;
	int fd;

	if (argc != 2)
		return 2;
	s = xenstore_create(NULL);
	fd = xenstore_socket_listen(argv[1], &err);
	if (fd < 0 || eventloop_create(&el, &err) ||
	    xenstore_socket_open(&sock, s, el, fd, &err)) {
		fprintf(stderr, "%s\n", err.msg);
		return 1;
	}
	puts("ready");
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	xenstore_socket_close(sock);
	eventloop_destroy(el);
	xenstore_destroy(s);
	return 0;
}
