/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The terminal's side of a console. */
#include "tool/console_client.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "backend/terminal.h"

#define ESCAPE 0x1d /* Ctrl-] */
/* Without a terminal, after the end of input: as long as the guest goes on speaking, but an end. */
#define SILENCE_MS 1000
#define ANSWER_MS 10000

struct session {
	const struct console_options *options;
	int fd;
	bool escaped, terminal;
	bool input_over;
	int64_t over_at; /* ms, when that was noticed */
	char input[4096]; /* read and not yet sent */
	size_t input_len;
};

int console_attach(struct wire *w, int domid, bool patient, struct error *err)
{
	json_t *answer = client_ask(w, json_pack("{s:s, s:i, s:b}", "command", "console", "domain",
						 domid, "patient", patient), NULL, NULL, err);
	json_int_t others = json_integer_value(json_object_get(answer, "others"));

	if (others)
		fprintf(stderr, "paravane: this console is open %lld time%s already; all see the "
			"same, and what any of them types goes to the guest\n", (long long)others,
			others == 1 ? "" : "s");
	json_decref(answer);
	return answer ? 0 : -1;
}

static bool write_all(int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);

		if (n < 0 && (errno == EINTR || errno == EAGAIN)) {
			struct pollfd p = { fd, POLLOUT, 0 };

			poll(&p, 1, -1);
			continue;
		}
		if (n < 0)
			return false;
		buf += n;
		len -= (size_t)n;
	}
	return true;
}

static void show_menu(void)
{
	static const char text[] = "\r\n"
				   "Ctrl-] q   end the domain\r\n"
				   "Ctrl-] ?   this text\r\n"
				   "Ctrl-] Ctrl-]   send Ctrl-] to the guest\r\n";

	write_all(STDOUT_FILENO, text, sizeof(text) - 1);
}

/* Takes our keys out; returns what is left for the guest, or -1 - an end. */
static ssize_t filter(struct session *s, char *buf, size_t len)
{
	size_t kept = 0;

	if (!s->terminal)
		return (ssize_t)len;
	for (size_t i = 0; i < len; i++) {
		if (!s->escaped && buf[i] == ESCAPE) {
			if (!s->options->menu)
				return -1 - CONSOLE_LEFT;
			s->escaped = true;
			continue;
		}
		if (!s->escaped || buf[i] == ESCAPE)
			buf[kept++] = buf[i];
		else if (buf[i] == '?')
			show_menu();
		else if (buf[i] == 'q')
			return -1 - CONSOLE_QUIT;
		s->escaped = false;
	}
	return (ssize_t)kept;
}

/* Sends what the guest's side takes now. False: it has gone. */
static bool pass_input(struct session *s)
{
	ssize_t n = send(s->fd, s->input, s->input_len, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	s->input_len -= (size_t)n;
	memmove(s->input, s->input + n, s->input_len);
	return true;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* How long to wait for more, in ms; -1: for ever; 0: no more. */
static int patience(const struct session *s)
{
	int64_t left;

	if (!s->input_over || s->terminal || s->options->menu)
		return -1;
	left = s->over_at + ANSWER_MS - now_ms();
	return left < 0 ? 0 : left < SILENCE_MS ? (int)left : SILENCE_MS;
}

/* Reads standard input. False: *end says why it is over. */
static bool take_input(struct session *s, enum console_end *end)
{
	ssize_t n = read(STDIN_FILENO, s->input, sizeof(s->input));

	if (n <= 0) {
		s->input_over = true;
		s->over_at = now_ms();
		shutdown(s->fd, SHUT_WR);
		return true;
	}
	n = filter(s, s->input, (size_t)n);
	if (n < 0) {
		*end = (enum console_end)(-1 - n);
		return false;
	}
	s->input_len = (size_t)n;
	return true;
}

enum console_end console_run(struct wire *w, const struct console_options *options)
{
	struct session s = { .options = options, .fd = w->fd, .terminal = isatty(STDIN_FILENO) };
	struct pollfd p[3] = { { .events = POLLIN }, { w->fd, POLLIN, 0 },
			       { options->other, POLLIN, 0 } };
	enum console_end end = CONSOLE_CLOSED;
	char buf[4096];
	int wait, ready;
	ssize_t n;

	signal(SIGPIPE, SIG_IGN);
	if (s.terminal)
		terminal_raw(STDIN_FILENO);
	n = (ssize_t)wire_rest(w, buf, sizeof(buf));
	for (;;) {
		if (n > 0 && !write_all(STDOUT_FILENO, buf, (size_t)n)) {
			end = CONSOLE_ERROR;
			break;
		}
		n = 0;
		p[0].fd = s.input_over || s.input_len ? -1 : STDIN_FILENO;
		p[1].events = s.input_len ? POLLIN | POLLOUT : POLLIN;
		wait = patience(&s);
		ready = poll(p, 3, wait);
		if (ready < 0 && errno == EINTR)
			continue;
		if (ready <= 0 || !wait) {
			end = ready < 0 ? CONSOLE_ERROR : CONSOLE_LEFT;
			break;
		}
		if (p[2].revents && options->ready(options->ctx))
			p[2].fd = -1;
		if (p[0].revents && !take_input(&s, &end))
			break;
		if (s.input_len && !pass_input(&s))
			break;
		if (p[1].revents & ~POLLOUT) {
			n = recv(s.fd, buf, sizeof(buf), MSG_DONTWAIT);
			if (!n || (n < 0 && errno != EAGAIN && errno != EINTR))
				break;
		}
	}
	if (s.terminal)
		terminal_restore();
	return end;
}
