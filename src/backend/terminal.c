/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Raw mode. What is to be restored is process-wide by nature: atexit and signal handlers have no
 * argument, and a process has one controlling terminal.
 */
#include "backend/terminal.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;
static int saved_fd;
static atomic_bool is_raw;

void terminal_restore(void)
{
	int err = errno;

	if (atomic_exchange(&is_raw, false))
		tcsetattr(saved_fd, TCSANOW, &saved);
	errno = err;
}

/* Restores, then dies of the signal as if it had not been caught. */
static void deadly(int sig)
{
	terminal_restore();
	signal(sig, SIG_DFL);
	raise(sig);
}

int terminal_raw(int fd)
{
	static const int deadly_signals[] = {
		SIGHUP, SIGQUIT, SIGILL, SIGABRT, SIGFPE, SIGSEGV, SIGBUS, SIGTERM, SIGINT, SIGSYS,
	};
	struct sigaction sa = { .sa_handler = deadly, .sa_flags = (int)SA_RESETHAND }, old;
	struct termios raw;
	size_t i;

	if (tcgetattr(fd, &saved) < 0)
		return errno == ENOTTY ? 0 : -errno;
	saved_fd = fd;
	raw = saved;
	cfmakeraw(&raw);
	/* Our own messages have bare newlines; a guest's \r\n stays as it is. */
	raw.c_oflag |= OPOST;
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	sigemptyset(&sa.sa_mask);
	for (i = 0; i < sizeof(deadly_signals) / sizeof(deadly_signals[0]); i++) {
		/* Whoever handles a signal already restores through exit(3). */
		if (sigaction(deadly_signals[i], NULL, &old) == 0 && old.sa_handler == SIG_DFL)
			sigaction(deadly_signals[i], &sa, NULL);
	}
	atexit(terminal_restore);
	atomic_store(&is_raw, true);
	if (tcsetattr(fd, TCSANOW, &raw) < 0) {
		atomic_store(&is_raw, false);
		return -errno;
	}
	return 0;
}
