/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lines of JSON over a Unix socket, with descriptors. */
#include "tool/wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void wire_init(struct wire *w, int fd)
{
	*w = (struct wire){ .fd = fd };
}

void wire_close(struct wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	free(w->buf);
	*w = (struct wire){ .fd = -1 };
}

void wire_fds_close(struct wire_fds *fds)
{
	for (unsigned int i = 0; i < fds->nr; i++) {
		if (fds->fd[i] >= 0)
			close(fds->fd[i]);
	}
	fds->nr = 0;
}

int wire_fds_add(struct wire_fds *fds, int fd)
{
	if (fds->nr == WIRE_MAX_FDS) {
		close(fd);
		return -1;
	}
	fds->fd[fds->nr] = fd;
	return (int)fds->nr++;
}

bool wire_peer_is_us(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return !getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) &&
	       (peer.uid == geteuid() || peer.uid == 0);
}

int wire_send(struct wire *w, const json_t *msg, const struct wire_fds *fds)
{
	char *text = json_dumps(msg, JSON_COMPACT);
	size_t len, done = 0;
	ssize_t n;

	if (!text)
		return -ENOMEM;
	len = strlen(text);
	text[len++] = '\n'; /* instead of the NUL */
	while (done < len) {
		/* The first byte takes the descriptors along. */
		n = fdpass_send(w->fd, text + done, len - done, fds ? fds->fd : NULL,
				fds && !done ? fds->nr : 0);
		if (n < 0)
			break;
		done += (size_t)n;
	}
	n = done < len ? -errno : 0;
	free(text);
	return (int)n;
}

static int receive_more(struct wire *w, struct wire_fds *fds)
{
	int came[WIRE_MAX_FDS];
	unsigned int nr, i;
	ssize_t n;

	if (w->len == w->room) {
		size_t room = w->room ? w->room * 2 : 4096;
		char *buf = room <= WIRE_MAX_LINE ? realloc(w->buf, room) : NULL;

		if (!buf)
			return room <= WIRE_MAX_LINE ? -ENOMEM : -EPROTO;
		w->buf = buf;
		w->room = room;
	}
	n = fdpass_receive(w->fd, w->buf + w->len, w->room - w->len, came, WIRE_MAX_FDS, &nr);
	if (n < 0)
		return -errno;
	for (i = 0; i < nr; i++) {
		if (fds)
			wire_fds_add(fds, came[i]);
		else
			close(came[i]);
	}
	if (!n)
		return -ECONNRESET;
	w->len += (size_t)n;
	return 0;
}

int wire_receive(struct wire *w, json_t **msg, struct wire_fds *fds)
{
	size_t looked = 0, line;
	char *end;
	int rc;

	*msg = NULL;
	for (;;) {
		end = w->len > looked ? memchr(w->buf + looked, '\n', w->len - looked) : NULL;
		if (end)
			break;
		looked = w->len;
		rc = receive_more(w, fds);
		if (rc)
			return rc;
	}
	line = (size_t)(end - w->buf);
	*msg = json_loadb(w->buf, line, JSON_REJECT_DUPLICATES, NULL);
	w->len -= line + 1;
	memmove(w->buf, end + 1, w->len);
	if (json_is_object(*msg))
		return 0;
	json_decref(*msg);
	*msg = NULL;
	return -EPROTO;
}

size_t wire_rest(struct wire *w, void *buf, size_t size)
{
	size_t n = w->len < size ? w->len : size;

	if (!n)
		return 0;
	memcpy(buf, w->buf, n);
	w->len -= n;
	memmove(w->buf, w->buf + n, w->len);
	return n;
}
