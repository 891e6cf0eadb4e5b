/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The usual stack is 8 MiB of address space, which limits on that do not have a thousand times.
 */
#include <config.h>

#include "util/thread.h"

#include "util/signals.h"

#if defined(SANITIZERS) || defined(__SANITIZE_THREAD__)
enum { TIMES = 8 };
#else
enum { TIMES = 1 };
#endif

int
thread_start(pthread_t *thread, size_t stack, void *(*run)(void *argument), void *argument)
{
    pthread_attr_t attributes;
    sigset_t before;
    int error = pthread_attr_init(&attributes);

    if (error)
        return error;
    error = pthread_attr_setstacksize(&attributes, stack * TIMES);
    if (!error) {
        signals_block_all(&before);
        error = pthread_create(thread, &attributes, run, argument);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
    return error;
}
