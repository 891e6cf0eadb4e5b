/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A queue. Who waits has a descriptor of its own to wait at, since it watches others meanwhile.
 */
#include <config.h>

#include "util/errand.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/descriptor.h"
#include "util/signals.h"

enum errand_state { WAITING, RUNNING, DONE };

/* On the stack of the thread that waits for it. */
struct errand {
    void (*run)(void *context);
    void *context;
    struct deadline *deadline;
    int64_t queued; /* a clock_now() */
    int done;       /* an eventfd */
    enum errand_state state;
    struct errand *next;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of all that follows */
static bool is_open;
static pthread_t main_thread;
static int waiting = -1; /* an eventfd, readable while the queue is not empty */
static struct errand *first;
static struct {
    void (*call)(void *context, bool begins);
    void *context;
} around;

static void
run_here(void (*run)(void *context), void *context)
{
    if (around.call != NULL) {
        around.call(around.context, true);
    }
    run(context);
    if (around.call != NULL) {
        around.call(around.context, false);
    }
}

/* ---- the queue: with the lock held ---- */

static void
enqueue(struct errand *errand)
{
    struct errand **end = &first;
    while (*end != NULL) {
        end = &(*end)->next;
    }
    *end = errand;
    (void)eventfd_write(waiting, 1);
}

static void
dequeue(struct errand *errand)
{
    eventfd_t count;
    struct errand **place = &first;
    while (*place != errand) {
        place = &(*place)->next;
    }
    *place = errand->next;
    if (first == NULL) {
        (void)eventfd_read(waiting, &count);
    }
}

/* ---- who asks ---- */

/* It is not wanted any more. False where it has begun, and its end is to be waited for. */
static bool
withdraw(struct errand *errand)
{
    pthread_mutex_lock(&lock);
    bool in_queue = errand->state == WAITING;
    if (in_queue) {
        dequeue(errand);
    }
    pthread_mutex_unlock(&lock);
    return in_queue;
}

static enum errand_result
await_end(struct errand *errand)
{
    struct pollfd wait = {.fd = errand->done, .events = POLLIN};
    while (poll(&wait, 1, -1) != 1) {
        continue; /* EINTR: none of the noted ones comes in here */
    }
    return ERRAND_DONE;
}

static enum errand_result
await(struct errand *errand, int watch_fd)
{
    /* RDHUP alone: what the server sends meanwhile is not read here */
    struct pollfd fds[] = {{.fd = errand->done, .events = POLLIN},
                           {.fd = watch_fd, .events = POLLRDHUP}};
    for (;;) {
        int ready = signals_poll(fds, 2, NULL);
        if (ready < 0 && (errno != EINTR || signals_caught() != 0)) {
            enum errand_result result = signals_caught() != 0 ? ERRAND_SIGNAL : ERRAND_FAILED;
            return withdraw(errand) ? result : await_end(errand);
        }
        if (ready > 0 && fds[0].revents != 0) {
            return ERRAND_DONE;
        }
        if (ready > 0) {
            return withdraw(errand) ? ERRAND_GONE : await_end(errand);
        }
    }
}

enum errand_result
errand_run(void (*run)(void *context), void *context, int watch_fd, struct deadline *deadline)
{
    struct errand errand = {
        .run = run, .context = context, .deadline = deadline, .queued = clock_now()};
    pthread_mutex_lock(&lock);
    bool here = !is_open || pthread_equal(pthread_self(), main_thread);
    errand.done = here ? -1 : eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (!here && errand.done >= 0) {
        enqueue(&errand);
    }
    pthread_mutex_unlock(&lock);
    if (here) {
        run_here(run, context);
        return ERRAND_DONE;
    }
    if (errand.done < 0) {
        return ERRAND_FAILED;
    }
    enum errand_result result = await(&errand, watch_fd);
    /* its descriptor is still in the hands of errand_serve() until that lets go of the lock */
    pthread_mutex_lock(&lock);
    close(errand.done);
    pthread_mutex_unlock(&lock);
    return result;
}

/* ---- the main thread ---- */

void
errand_around(void (*call)(void *context, bool begins), void *context)
{
    around.call = call;
    around.context = context;
}

bool
errand_open(void)
{
    int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (fd < 0 || !descriptor_move_up(&fd)) {
        return false;
    }
    pthread_mutex_lock(&lock);
    waiting = fd;
    main_thread = pthread_self();
    is_open = true;
    pthread_mutex_unlock(&lock);
    return true;
}

int
errand_fd(void)
{
    return waiting;
}

bool
errand_serve(void)
{
    pthread_mutex_lock(&lock);
    struct errand *errand = first;
    if (errand != NULL) {
        dequeue(errand);
        errand->state = RUNNING;
    }
    pthread_mutex_unlock(&lock);
    if (errand == NULL) {
        return false;
    }
    /* nobody else looks at it now */
    if (errand->deadline != NULL) {
        deadline_extend(errand->deadline, clock_now() - errand->queued);
    }
    run_here(errand->run, errand->context);
    pthread_mutex_lock(&lock);
    errand->state = DONE;
    (void)eventfd_write(errand->done, 1);
    pthread_mutex_unlock(&lock);
    return true;
}

void
errand_close(void)
{
    pthread_mutex_lock(&lock);
    is_open = false;
    descriptor_close(&waiting);
    pthread_mutex_unlock(&lock);
}
