/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Threads with one job: finished, abandoned before and after their end, and many at once. A job
 * waits at a gate, so that no test depends on who is faster.
 */
#include <config.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/worker.h"
#include "descriptors.h"

enum { MANY = 200, PATIENCE_MS = 20000 };

struct job {
    sem_t gate;
    sigset_t mask; /* the thread's */
    int result;
};

static atomic_int dropped;

static void
run(void *argument)
{
    struct job *job = argument;

    while (sem_wait(&job->gate) != 0)
        ;
    pthread_sigmask(SIG_SETMASK, NULL, &job->mask);
    job->result = 42;
}

static void
drop(void *argument)
{
    struct job *job = argument;

    sem_destroy(&job->gate);
    free(job); /* the address sanitizer would see a second time */
    atomic_fetch_add(&dropped, 1);
}

static struct job *
new_job(void)
{
    struct job *job = calloc(1, sizeof(*job));

    assert_non_null(job);
    assert_int_equal(sem_init(&job->gate, 0, 0), 0);
    return job;
}

/* Ends the job from outside of its thread. */
static void
open_gate(struct job *job)
{
    assert_int_equal(sem_post(&job->gate), 0);
}

static bool
readable(const struct worker *worker, int milliseconds)
{
    struct pollfd pollfd = {.fd = worker_fd(worker), .events = POLLIN};

    return poll(&pollfd, 1, milliseconds) == 1 && pollfd.revents == POLLIN;
}

/* Until all that was abandoned has ended. */
static void
wait_for_abandoned(void)
{
    const struct timespec moment = {.tv_nsec = 1000000};

    for (int i = 0; worker_any_abandoned() && i < PATIENCE_MS; i++)
        nanosleep(&moment, NULL);
    assert_false(worker_any_abandoned());
}

static int
no_drops(void **state)
{
    (void)state;
    atomic_store(&dropped, 0);
    return 0;
}

static void
test_finish(void **state)
{
    struct job *job = new_job();
    struct worker *worker = worker_start(run, drop, job);

    (void)state;
    assert_non_null(worker);
    assert_true(fcntl(worker_fd(worker), F_GETFD) & FD_CLOEXEC);
    assert_false(worker_done(worker));
    assert_false(readable(worker, 20));
    open_gate(job);
    assert_true(readable(worker, PATIENCE_MS));
    assert_true(worker_done(worker));
    assert_true(worker_done(worker)); /* looking at it does not use it up */
    worker_finish(worker);
    assert_int_equal(job->result, 42);
    assert_false(worker_any_abandoned());
    assert_int_equal(atomic_load(&dropped), 0);
    drop(job);
}

/* Finishing what still runs waits for it. */
static void
test_finish_waits(void **state)
{
    struct job *job = new_job();
    struct worker *worker = worker_start(run, drop, job);

    (void)state;
    assert_non_null(worker);
    open_gate(job);
    worker_finish(worker);
    assert_int_equal(job->result, 42);
    assert_int_equal(atomic_load(&dropped), 0);
    drop(job);
}

enum { MARKS = 2048 };

struct marked {
    uintptr_t at; /* on the thread's stack */
};

static void
run_marking(void *argument)
{
    struct marked *marked = argument;
    unsigned char marks[MARKS];

    memset(marks, 0xa7, sizeof(marks));
    marked->at = (uintptr_t)marks;
    __asm__ volatile("" : : "r"(marks) : "memory"); /* they are written, whoever reads them */
}

/* The stack of a thread that has ended is kept for the next one: read as the kernel sees it. */
static void
test_stack_is_wiped(void **state)
{
    struct marked *marked = calloc(1, sizeof(*marked));
    unsigned char left[MARKS];
    size_t found = 0;

    (void)state;
    assert_non_null(marked);
    struct worker *worker = worker_start(run_marking, free, marked);
    assert_non_null(worker);
    worker_finish(worker);
    struct iovec to = {left, sizeof(left)}, from = {(void *)marked->at, sizeof(left)};
    ssize_t len = process_vm_readv(getpid(), &to, 1, &from, 1, 0);
    for (ssize_t i = 0; i < len; i++)
        found += left[i] == 0xa7;
    print_message("# %zd bytes read, %zu marks\n", len, found);
    /* a sanitizer's frame of the wipe begins with a gap */
    assert_in_range(found, 0, MARKS / 8);
    free(marked);
}

static void
test_signals_blocked(void **state)
{
    static const int blocked[] = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT, SIGALRM, SIGCHLD,
                                  SIGTSTP, SIGCONT, SIGWINCH, SIGPIPE, SIGUSR1};
    static const int open[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    struct job *job = new_job();
    sigset_t before, after;

    (void)state;
    sigemptyset(&before);
    sigaddset(&before, SIGUSR2);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    struct worker *worker = worker_start(run, drop, job);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    assert_non_null(worker);
    open_gate(job);
    worker_finish(worker);
    for (size_t i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++)
        assert_int_equal(sigismember(&job->mask, blocked[i]), 1);
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
        assert_int_equal(sigismember(&job->mask, open[i]), 0);
    for (int signal = 1; signal < SIGRTMIN; signal++)
        assert_int_equal(sigismember(&before, signal), sigismember(&after, signal));
    sigemptyset(&before);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    drop(job);
}

static void
test_abandon_running(void **state)
{
    struct job *job = new_job();
    struct worker *worker = worker_start(run, drop, job);

    (void)state;
    assert_non_null(worker);
    int fd = worker_fd(worker);
    worker_abandon(worker);
    assert_int_equal(fcntl(fd, F_GETFD), -1); /* many may hang, and have none of their own */
    assert_true(worker_any_abandoned());
    assert_int_equal(atomic_load(&dropped), 0);
    open_gate(job);
    wait_for_abandoned();
    assert_int_equal(atomic_load(&dropped), 1);
}

static void
test_abandon_done(void **state)
{
    struct job *job = new_job();
    struct worker *worker = worker_start(run, drop, job);

    (void)state;
    assert_non_null(worker);
    open_gate(job);
    assert_true(readable(worker, PATIENCE_MS));
    worker_abandon(worker);
    wait_for_abandoned();
    assert_int_equal(atomic_load(&dropped), 1);
}

/* Abandoned just as the job ends: whoever is first, it is dropped once. */
static void
test_abandon_race(void **state)
{
    (void)state;
    for (int i = 0; i < 10 * MANY; i++) {
        struct job *job = new_job();
        struct worker *worker = worker_start(run, drop, job);
        assert_non_null(worker);
        open_gate(job);
        if (i % 2 == 0)
            readable(worker, PATIENCE_MS);
        worker_abandon(worker);
    }
    wait_for_abandoned();
    assert_int_equal(atomic_load(&dropped), 10 * MANY);
}

/* Half of them abandoned while they all run, the other half finished. */
static void
test_many(void **state)
{
    static struct job *jobs[MANY];
    static struct worker *workers[MANY];

    (void)state;
    for (int i = 0; i < MANY; i++) {
        jobs[i] = new_job();
        workers[i] = worker_start(run, drop, jobs[i]);
        assert_non_null(workers[i]);
    }
    for (int i = 0; i < MANY; i++)
        assert_false(worker_done(workers[i]));
    for (int i = 0; i < MANY; i += 2)
        worker_abandon(workers[i]);
    assert_true(worker_any_abandoned());
    for (int i = 0; i < MANY; i++)
        open_gate(jobs[i]);
    for (int i = 1; i < MANY; i += 2) {
        assert_true(readable(workers[i], PATIENCE_MS));
        worker_finish(workers[i]);
        assert_int_equal(jobs[i]->result, 42);
        sem_destroy(&jobs[i]->gate);
        free(jobs[i]);
    }
    wait_for_abandoned();
    assert_int_equal(atomic_load(&dropped), MANY / 2);
}

static void
test_no_descriptor_left(void **state)
{
    static struct worker *workers[MANY];
    static struct job *jobs[MANY];
    int before = next_descriptor();

    (void)state;
    for (int i = 0; i < MANY; i++) {
        jobs[i] = new_job();
        workers[i] = worker_start(run, drop, jobs[i]);
        assert_non_null(workers[i]);
        open_gate(jobs[i]);
    }
    for (int i = 0; i < MANY; i++)
        worker_abandon(workers[i]);
    wait_for_abandoned();
    assert_int_equal(next_descriptor(), before);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_finish, no_drops),
        cmocka_unit_test_setup(test_finish_waits, no_drops),
        cmocka_unit_test_setup(test_stack_is_wiped, no_drops),
        cmocka_unit_test_setup(test_signals_blocked, no_drops),
        cmocka_unit_test_setup(test_abandon_running, no_drops),
        cmocka_unit_test_setup(test_abandon_done, no_drops),
        cmocka_unit_test_setup(test_abandon_race, no_drops),
        cmocka_unit_test_setup(test_many, no_drops),
        cmocka_unit_test_setup(test_no_descriptor_left, no_drops),
    };

    return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
