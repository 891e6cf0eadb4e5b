/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * One thread, one job, one hand-over. What the job is does not matter here.
 */
#include <config.h>

#include "util/worker.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "util/thread.h"
#include "util/wipe.h"

/* What the C library's resolver, Kerberos, and the modules that a system adds to both may need.
 */
#define STACK_SIZE ((size_t)1024 * 1024)

enum worker_state { WORKER_RUNNING, WORKER_DONE, WORKER_ABANDONED };

struct worker {
    void (*run)(void *job);
    void (*drop)(void *job);
    void *job;
    int fd;
    struct thread thread;
    struct worker *next;  /* of those that ended abandoned */
    pthread_mutex_t lock; /* of the state, and of the descriptor while it runs */
    enum worker_state state;
};

/* Only ever counts: nothing is decided by it but how the process ends. */
static _Atomic unsigned abandoned;

/* Those of them that have ended, or will at once: nobody waits for them but the next ones. */
static pthread_mutex_t ended_lock = PTHREAD_MUTEX_INITIALIZER;
static struct worker *ended;

static void
worker_free(struct worker *worker)
{
    if (worker->fd >= 0)
        close(worker->fd);
    pthread_mutex_destroy(&worker->lock);
    free(worker);
}

/* The end of the run; true: nobody wants to know. */
static bool
hand_over(struct worker *worker)
{
    pthread_mutex_lock(&worker->lock);
    bool is_abandoned = worker->state == WORKER_ABANDONED;
    if (!is_abandoned) {
        (void)eventfd_write(worker->fd, 1);
        worker->state = WORKER_DONE;
    }
    pthread_mutex_unlock(&worker->lock);
    return is_abandoned;
}

static void *
worker_main(void *argument)
{
    struct worker *worker = argument;

    worker->run(worker->job);
    wipe_stack();
    if (hand_over(worker)) {
        worker->drop(worker->job);
        wipe_stack();
        pthread_mutex_lock(&ended_lock);
        worker->next = ended;
        ended = worker;
        pthread_mutex_unlock(&ended_lock);
        atomic_fetch_sub(&abandoned, 1);
    }
    return NULL;
}

static void
join_ended(void)
{
    pthread_mutex_lock(&ended_lock);
    struct worker *worker = ended;
    ended = NULL;
    pthread_mutex_unlock(&ended_lock);
    while (worker) {
        struct worker *next = worker->next;
        thread_join(&worker->thread);
        worker_free(worker);
        worker = next;
    }
}

struct worker *
worker_start(void (*run)(void *job), void (*drop)(void *job), void *job)
{
    join_ended();
    struct worker *worker = calloc(1, sizeof *worker);
    if (!worker)
        return NULL;
    worker->run = run;
    worker->drop = drop;
    worker->job = job;
    worker->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker->fd < 0) {
        free(worker);
        return NULL;
    }
    pthread_mutex_init(&worker->lock, NULL);
    if (thread_start(&worker->thread, STACK_SIZE, worker_main, worker) != 0) {
        worker_free(worker);
        return NULL;
    }
    return worker;
}

int
worker_fd(const struct worker *worker)
{
    return worker->fd;
}

bool
worker_done(const struct worker *worker)
{
    struct pollfd pollfd = {.fd = worker->fd, .events = POLLIN};

    return poll(&pollfd, 1, 0) == 1;
}

void
worker_finish(struct worker *worker)
{
    thread_join(&worker->thread);
    worker_free(worker);
}

/* Its descriptor is closed at once: who leaves many of them to themselves needs descriptors for
 * others. */
void
worker_abandon(struct worker *worker)
{
    atomic_fetch_add(&abandoned, 1);
    pthread_mutex_lock(&worker->lock);
    bool done = worker->state == WORKER_DONE;
    if (!done) {
        worker->state = WORKER_ABANDONED;
        close(worker->fd);
        worker->fd = -1;
    }
    pthread_mutex_unlock(&worker->lock); /* it may be gone from here on */
    if (!done)
        return;
    thread_join(&worker->thread);
    worker->drop(worker->job);
    worker_free(worker);
    atomic_fetch_sub(&abandoned, 1);
}

bool
worker_any_abandoned(void)
{
    bool any = atomic_load(&abandoned) != 0;

    join_ended(); /* those not counted any more may have a last step to go */
    return any;
}
