/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Threads of the back ends, which leave signals to the thread that runs the machine. */
#ifndef PARAVANE_BACKEND_THREAD_H
#define PARAVANE_BACKEND_THREAD_H

#include <pthread.h>

/*
 * As pthread_create(), with all signals blocked in the new thread (so that a peer that hangs up
 * gives EPIPE and no SIGPIPE). Returns 0 or an errno value.
 */
int thread_start(pthread_t *thread, void *(*fn)(void *arg), void *arg);

#endif
