/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests to a store. */
#include "tool/store_client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <xen/interface/io/xs_wire.h>

int store_connect(const char *path, struct error *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(addr.sun_path)) {
		close(fd);
		return error_set(err, "store %s: the path is too long", path);
	}
	strcpy(addr.sun_path, path);
	if (fd >= 0 && !connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		return fd;
	error_set(err, "store %s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static bool transfer(int fd, void *buf, size_t len, bool out)
{
	char *p = buf;

	while (len) {
		ssize_t n = out ? send(fd, p, len, MSG_NOSIGNAL) : read(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		p += n;
		len -= (size_t)n;
	}
	return true;
}

/* One message from the store; its payload is to be freed. */
static char *receive(int fd, struct xsd_sockmsg *head)
{
	char *text;

	if (!transfer(fd, head, sizeof(*head), false) || head->len > XENSTORE_PAYLOAD_MAX)
		return NULL;
	text = malloc(head->len + 1);
	if (!text || !transfer(fd, text, head->len, false)) {
		free(text);
		return NULL;
	}
	text[head->len] = '\0';
	return text;
}

char *store_ask(int fd, uint32_t type, const void *payload, size_t len, size_t *out_len,
		struct error *err)
{
	struct xsd_sockmsg head = { .type = type, .len = (uint32_t)len };
	char *answer = NULL;

	if (len > XENSTORE_PAYLOAD_MAX) {
		error_set(err, "store: a request of %zu bytes; at most %d are accepted", len,
			  XENSTORE_PAYLOAD_MAX);
		return NULL;
	}
	if (transfer(fd, &head, sizeof(head), true) && transfer(fd, (void *)payload, len, true)) {
		do {
			free(answer);
			answer = receive(fd, &head);
		} while (answer && head.type == XS_WATCH_EVENT);
	}
	if (!answer) {
		error_set(err, "store: it has gone");
		return NULL;
	}
	if (head.type == XS_ERROR) {
		error_set(err, "%s", answer);
		free(answer);
		return NULL;
	}
	if (out_len)
		*out_len = head.len;
	return answer;
}

char *store_event(int fd)
{
	struct xsd_sockmsg head;
	char *text;

	while ((text = receive(fd, &head)) && head.type != XS_WATCH_EVENT)
		free(text);
	return text;
}
