/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The usual stack is 8 MiB of address space, which limits on that do not have a thousand times;
 * and the C library keeps up to 40 MiB of stacks for threads to come, also where memory is
 * short. So they are mapped and unmapped here.
 */
#include <config.h>

#include "util/thread.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/signals.h"

#if defined(__SANITIZE_THREAD__)
enum { TIMES = 16 };
#elif defined(SANITIZERS)
enum { TIMES = 8 };
#else
enum { TIMES = 1 };
#endif

/* The end of a stack must not be the beginning of something else. */
static int
stack_make(struct thread *thread, size_t size, size_t guard)
{
    thread->size = size + guard;
    thread->stack = mmap(NULL, thread->size, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
    if (thread->stack == MAP_FAILED)
        return errno;
    if (mprotect(thread->stack, guard, PROT_NONE) == 0)
        return 0;
    int error = errno;
    munmap(thread->stack, thread->size);
    return error;
}

static int
create(struct thread *thread, size_t guard, void *(*run)(void *argument), void *argument)
{
    pthread_attr_t attributes;
    sigset_t before;
    int error = pthread_attr_init(&attributes);

    if (error)
        return error;
    error =
        pthread_attr_setstack(&attributes, (char *)thread->stack + guard, thread->size - guard);
    if (!error) {
        signals_block_all(&before);
        error = pthread_create(&thread->id, &attributes, run, argument);
        pthread_sigmask(SIG_SETMASK, &before, NULL);
    }
    pthread_attr_destroy(&attributes);
    return error;
}

int
thread_start(struct thread *thread, size_t stack, void *(*run)(void *argument), void *argument)
{
    size_t guard = (size_t)sysconf(_SC_PAGESIZE);
    int error = stack_make(thread, stack * TIMES, guard);

    if (error)
        return error;
    error = create(thread, guard, run, argument);
    if (error)
        munmap(thread->stack, thread->size);
    return error;
}

void
thread_join(const struct thread *thread)
{
    pthread_join(thread->id, NULL);
    munmap(thread->stack, thread->size);
}
