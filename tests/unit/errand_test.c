/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Errands: in the main thread, in turn, and what ends the wait for them.
 */
#include <config.h>

#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "descriptors.h"
#include "util/errand.h"
#include "util/signals.h"
#include "util/thread.h"

enum { MANY = 50, TIMES = 20, PATIENCE_MS = 60000 };

static pthread_t main_thread;
static unsigned order[MANY], served; /* the main thread's */

struct asker {
    unsigned number, runs;
    int watch_fd;
    struct deadline deadline;
    enum errand_result result;
    _Atomic bool asks, over;
    struct thread thread;
};

static bool
queue_is_empty(void)
{
    struct pollfd wait = {.fd = errand_fd(), .events = POLLIN};

    return poll(&wait, 1, 0) == 0;
}

static void
run(void *context)
{
    struct asker *asker = context;

    assert_true(pthread_equal(pthread_self(), main_thread));
    asker->runs++;
    if (served < MANY)
        order[served] = asker->number;
    served++;
}

static void *
ask(void *context)
{
    struct asker *asker = context;

    asker->asks = true;
    asker->result = errand_run(run, asker, asker->watch_fd, &asker->deadline);
    asker->over = true;
    return NULL;
}

static void
start(struct asker *asker)
{
    assert_int_equal(thread_start(&asker->thread, 64 * 1024, ask, asker), 0);
}

static void
wait_until_queued(void)
{
    struct pollfd wait = {.fd = errand_fd(), .events = POLLIN};

    assert_int_equal(poll(&wait, 1, PATIENCE_MS), 1);
}

static int
set_up(void **state)
{
    (void)state;
    main_thread = pthread_self();
    served = 0;
    return errand_open() ? 0 : -1;
}

static int
tear_down(void **state)
{
    (void)state;
    errand_close();
    return 0;
}

/* In the main thread, and where nobody looks for errands, there is nothing to wait for. */
static void
test_here(void **state)
{
    struct asker asker = {.watch_fd = -1, .deadline = {1}};

    (void)state;
    assert_int_equal(errand_run(run, &asker, -1, &asker.deadline), ERRAND_DONE);
    assert_int_equal(asker.runs, 1);
    errand_close();
    assert_int_equal(errand_run(run, &asker, -1, NULL), ERRAND_DONE);
    assert_int_equal(asker.runs, 2);
    assert_int_equal(asker.deadline.at, 1);
    assert_true(errand_open());
}

static void
test_order(void **state)
{
    struct asker askers[MANY];

    (void)state;
    unsigned before = open_descriptors();
    for (unsigned i = 0; i < MANY; i++) {
        askers[i] = (struct asker){.number = i, .watch_fd = -1, .deadline = {clock_now()}};
        start(&askers[i]);
        while (open_descriptors() < before + i + 1) /* it waits at a descriptor of its own */
            poll(NULL, 0, 1);
        poll(NULL, 0, 2); /* and is in the queue */
    }
    for (unsigned i = 0; i < MANY; i++) {
        assert_false(queue_is_empty());
        assert_true(errand_serve());
    }
    assert_true(queue_is_empty());
    assert_false(errand_serve());
    for (unsigned i = 0; i < MANY; i++) {
        thread_join(&askers[i].thread);
        assert_int_equal(askers[i].result, ERRAND_DONE);
        assert_int_equal(askers[i].runs, 1);
        assert_int_equal(order[i], i);
    }
    assert_int_equal(open_descriptors(), before);
}

/* A deadline moves by the time in the queue. */
static void
test_deadline(void **state)
{
    struct asker asker = {.watch_fd = -1, .deadline = {1000}};

    (void)state;
    start(&asker);
    wait_until_queued();
    poll(NULL, 0, 50);
    assert_true(errand_serve());
    thread_join(&asker.thread);
    assert_true(asker.deadline.at >= 1000 + 50 * (DEADLINE_SECOND / 1000));
    assert_true(asker.deadline.at < 1000 + 30 * DEADLINE_SECOND);
}

/* The server hangs up, before and during. */
static void
test_gone(void **state)
{
    struct asker asker = {.deadline = {0}}, other = {.watch_fd = -1};
    int sockets[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    asker.watch_fd = sockets[0];
    start(&asker);
    wait_until_queued();
    start(&other);
    assert_int_equal(write(sockets[1], "x", 1), 1); /* what it says does not count */
    poll(NULL, 0, 20);
    assert_false(asker.over);
    close(sockets[1]);
    thread_join(&asker.thread);
    assert_int_equal(asker.result, ERRAND_GONE);
    assert_int_equal(asker.runs, 0);
    wait_until_queued();
    assert_true(errand_serve());
    thread_join(&other.thread);
    assert_int_equal(other.result, ERRAND_DONE);
    assert_true(queue_is_empty());
    close(sockets[0]);
}

static int hung_up_meanwhile;
static _Atomic bool *over_meanwhile;

static void
run_and_hang_up(void *context)
{
    run(context);
    close(hung_up_meanwhile);
    poll(NULL, 0, 50);
    assert_false(*over_meanwhile);
}

static void *
ask_and_hang_up(void *context)
{
    struct asker *asker = context;

    asker->result = errand_run(run_and_hang_up, asker, asker->watch_fd, NULL);
    asker->over = true;
    return NULL;
}

/* One that has begun is waited for. */
static void
test_gone_too_late(void **state)
{
    struct asker asker = {.deadline = {0}};
    int sockets[2];

    (void)state;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
    asker.watch_fd = sockets[0];
    hung_up_meanwhile = sockets[1];
    over_meanwhile = &asker.over;
    assert_int_equal(thread_start(&asker.thread, 64 * 1024, ask_and_hang_up, &asker), 0);
    wait_until_queued();
    assert_true(errand_serve());
    thread_join(&asker.thread);
    assert_int_equal(asker.result, ERRAND_DONE);
    assert_int_equal(asker.runs, 1);
    close(sockets[0]);
}

/* Many threads, and hang-ups among them: each is run once or told that it was not. */
static _Atomic unsigned left_to_run;

static void *
ask_often(void *context)
{
    struct asker *asker = context;

    for (unsigned i = 0; i < TIMES; i++) {
        int sockets[2] = {-1, -1};
        unsigned before = asker->runs;
        if (i % 4 == 1) {
            assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets), 0);
            close(sockets[1]);
        }
        enum errand_result result = errand_run(run, asker, sockets[0], NULL);
        assert_int_equal(asker->runs, before + (result == ERRAND_DONE));
        if (sockets[0] >= 0)
            close(sockets[0]);
        else
            assert_int_equal(result, ERRAND_DONE);
    }
    left_to_run--;
    return NULL;
}

static void
test_many(void **state)
{
    struct asker askers[MANY];
    struct pollfd wait = {.fd = errand_fd(), .events = POLLIN};

    (void)state;
    unsigned before = open_descriptors();
    left_to_run = MANY;
    for (unsigned i = 0; i < MANY; i++) {
        askers[i] = (struct asker){.number = i};
        assert_int_equal(thread_start(&askers[i].thread, 64 * 1024, ask_often, &askers[i]), 0);
    }
    while (left_to_run > 0) {
        poll(&wait, 1, 10);
        errand_serve();
    }
    for (unsigned i = 0; i < MANY; i++)
        thread_join(&askers[i].thread);
    assert_true(served >= MANY * TIMES * 3 / 4);
    assert_true(queue_is_empty());
    assert_int_equal(open_descriptors(), before);
}

/* A signal ends the wait of those in the queue. */
static bool
signal_ends_wait(void)
{
    struct asker askers[3];

    signals_install();
    main_thread = pthread_self();
    for (unsigned i = 0; i < 3; i++) {
        askers[i] = (struct asker){.watch_fd = -1};
        start(&askers[i]);
    }
    wait_until_queued();
    kill(getpid(), SIGINT);
    signals_poll(NULL, 0, NULL);
    bool good = true;
    for (unsigned i = 0; i < 3; i++) {
        thread_join(&askers[i].thread);
        good = good && askers[i].result == ERRAND_SIGNAL && askers[i].runs == 0;
    }
    return good && queue_is_empty() && !errand_serve();
}

static void
test_signal(void **state)
{
    pid_t pid = fork();
    int status = -1;

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(PATIENCE_MS / 1000);
        _exit(signal_ends_wait() ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_here, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_deadline, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_gone_too_late, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_signal, set_up, tear_down),
    };

    alarm(180);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
