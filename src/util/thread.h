/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads by the thousand: each with a stack of its own size, and no signals.
 */
#ifndef THREAD_H
#define THREAD_H

#include <pthread.h>
#include <stddef.h>

/*
 * A thread of run(argument) with all signals blocked, to be joined or detached. `stack` is what
 * it may use, in bytes; where a sanitizer makes frames several times as large it gets more.
 * Returns 0 or an errno: EAGAIN where there is no thread left, or no memory.
 */
int thread_start(pthread_t *thread, size_t stack, void *(*run)(void *argument), void *argument);

#endif
