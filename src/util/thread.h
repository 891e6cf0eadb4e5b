/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads by the thousand: each with a stack of its own size, and no signals.
 */
#ifndef THREAD_H
#define THREAD_H

#include <pthread.h>
#include <stddef.h>

struct thread {
    pthread_t id;
    void *stack; /* with the page below it that may not be touched */
    size_t size; /* of both */
};

/*
 * A thread of run(argument) with all signals blocked, to be ended by thread_join(). `stack` is
 * what it may use, in bytes; where a sanitizer makes frames several times as large it gets
 * more. Returns 0 or an errno: EAGAIN where there is no thread left, ENOMEM. `thread` may be
 * used by others once the function has returned.
 */
int thread_start(struct thread *thread, size_t stack, void *(*run)(void *argument),
                 void *argument);

/* Waits for its end, and gives its stack back. */
void thread_join(const struct thread *thread);

#endif
