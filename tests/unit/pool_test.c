/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pool with tasks that touch no network: order, window, streaming, what is put aside and
 * brought back, and threads that cannot be made.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "descriptors.h"
#include "pool_fixture.h"
#include "util/thread.h"

static unsigned threads_allowed;
static _Atomic unsigned threads_made;
static _Atomic unsigned running, most, calls;
static pthread_t main_thread;

int __real_thread_start(struct thread *thread, size_t stack, void *(*run)(void *argument),
                        void *argument);
int __wrap_thread_start(struct thread *thread, size_t stack, void *(*run)(void *argument),
                        void *argument);

int
__wrap_thread_start(struct thread *thread, size_t stack, void *(*run)(void *argument),
                    void *argument)
{
    if (threads_made >= threads_allowed)
        return EAGAIN;
    threads_made++;
    return __real_thread_start(thread, stack, run, argument);
}

static int
set_up(void **state)
{
    (void)state;
    threads_allowed = 100000;
    threads_made = running = most = calls = 0;
    main_thread = pthread_self();
    return 0;
}

static void
count_in(void)
{
    unsigned now = ++running, before = most;

    calls++;
    while (now > before && !atomic_compare_exchange_weak(&most, &before, now))
        continue;
}

/* ---- order ---- */

/* Some of them take longer than their neighbours, and some fail. */
RUN(run_uneven)
{
    size_t index = pool_test_of(task)->index;

    UNUSED();
    assert_ptr_equal(task->result.request, &task->request);
    count_in();
    if (index % 7 == 0)
        poll(NULL, 0, (int)(index % 5) * 4);
    running--;
    return pool_test_end(task, index % 10 == 3 ? OUTCOME_UNREACHABLE : OUTCOME_SUCCESS);
}

static void
test_order(void **state)
{
    static const unsigned jobs[] = {1, 2, 8, 64};

    (void)state;
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++) {
        struct pool_test test;
        set_up(NULL);
        unsigned before = open_descriptors();
        pool_test_init(&test, 500, jobs[i], run_uneven);
        pool_test_run(&test);
        assert_int_equal(test.given, 500);
        assert_int_equal(test.outcomes[OUTCOME_UNREACHABLE], 50);
        assert_int_equal(test.failed, 50);
        assert_in_range(most, 1, jobs[i]);
        assert_int_equal(threads_made > 0, jobs[i] > 1);
        assert_in_range(threads_made, 0, jobs[i]);
        assert_int_equal(open_descriptors(), before);
        assert_true(test.progresses > 0);
    }
}

RUN(run_here)
{
    UNUSED();
    assert_true(pthread_equal(pthread_self(), main_thread));
    assert_true(alone);
    return pool_test_end(task, OUTCOME_SUCCESS);
}

/* One job: the next is read when the one before was reported. */
static void
test_one_at_a_time(void **state)
{
    struct pool_test test;

    (void)state;
    pool_test_init(&test, 50, 1, run_here);
    pool_test_run(&test);
    assert_int_equal(test.given, 50);
    assert_int_equal(test.most_ahead, 1);
    assert_int_equal(threads_made, 0);
}

/* As many threads as there is work for. */
static void
test_few_tasks(void **state)
{
    struct pool_test test;

    (void)state;
    pool_test_init(&test, 3, 1000, run_uneven);
    pool_test_run(&test);
    assert_int_equal(test.given, 3);
    assert_in_range(threads_made, 1, 3);
}

/* The first one waits until the window is full. */
RUN(run_behind_first)
{
    struct pool_test *test = context;

    UNUSED();
    calls++;
    for (int i = 0; pool_test_of(task)->index == 0 && calls < POOL_WINDOW && i < 20000; i++)
        poll(NULL, 0, 1);
    if (pool_test_of(task)->index == 0)
        poll(NULL, 0, 100); /* more would be begun meanwhile, if more were */
    if (pool_test_of(task)->index == 0)
        assert_int_equal(calls, POOL_WINDOW);
    (void)test;
    return pool_test_end(task, OUTCOME_SUCCESS);
}

static void
test_window(void **state)
{
    struct pool_test test;

    (void)state;
    pool_test_init(&test, 2 * POOL_WINDOW, 4, run_behind_first);
    pool_test_run(&test);
    assert_int_equal(test.given, 2 * POOL_WINDOW);
    assert_int_equal(test.most_ahead, POOL_WINDOW);
}

/* ---- a list that comes in time ---- */

static void
write_when_reported(struct pool_test *test, struct pool_test_task *seen)
{
    /* what was read is reported although the rest is not there */
    if (seen->index + 1 == test->hold_at && test->hold_at < test->count) {
        test->hold_at++;
        assert_int_equal(write(test->input[1], "x", 1), 1);
    }
}

static void
test_streaming(void **state)
{
    static const unsigned jobs[] = {1, 16};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct pool_test test;
        pool_test_init(&test, 40, jobs[i], run_uneven);
        test.hold_at = 5;
        test.seen = write_when_reported;
        assert_int_equal(pipe2(test.input, O_CLOEXEC | O_NONBLOCK), 0);
        pool_test_run(&test);
        assert_int_equal(test.given, 40);
        close(test.input[0]);
        close(test.input[1]);
    }
}

/* ---- what cannot be run ---- */

static bool
refuse(struct task *task, struct failure *failure)
{
    if (pool_test_of(task)->index % 2 == 0)
        return true;
    failure_set(failure, OUTCOME_CREDENTIAL, "no ticket");
    return false;
}

static void
make_bad(struct pool_test *test, struct pool_test_task *made)
{
    (void)test;
    made->task.prepare = refuse;
    if (made->index % 10 == 4)
        failure_set(&made->task.result.failure, OUTCOME_USAGE, "a bad line");
}

static void
test_bad(void **state)
{
    static const unsigned jobs[] = {1, 16};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct pool_test test;
        pool_test_init(&test, 100, jobs[i], run_uneven);
        test.made = make_bad;
        pool_test_run(&test);
        assert_int_equal(test.outcomes[OUTCOME_CREDENTIAL], 50);
        assert_int_equal(test.outcomes[OUTCOME_USAGE], 10);
        assert_int_equal(test.outcomes[OUTCOME_SUCCESS], 40);
    }
}

/* ---- want of room ---- */

enum { ROOM = 5 };

/* Only so many find room; a run says so for sure where it is alone. */
RUN(run_in_little_room)
{
    UNUSED();
    pool_test_of(task)->runs++;
    count_in();
    bool fits = running <= ROOM;
    if (fits)
        poll(NULL, 0, 2);
    if (alone)
        assert_int_equal(running, 1);
    running--;
    return fits ? pool_test_end(task, OUTCOME_SUCCESS) : RESULT_NO_ROOM;
}

static void
test_no_room(void **state)
{
    struct pool_test test;

    (void)state;
    pool_test_init(&test, 1000, 100, run_in_little_room);
    pool_test_run(&test);
    assert_int_equal(test.given, 1000);
    assert_int_equal(test.outcomes[OUTCOME_SUCCESS], 1000);
    print_message("# %u runs\n", (unsigned)calls);
    assert_in_range(calls, 1000, 3000); /* no busy loop */
}

/* Nobody ever finds room but alone, and the verdict of then counts. */
RUN(run_alone_only)
{
    UNUSED();
    count_in();
    pool_test_of(task)->runs++;
    unsigned now = running;
    poll(NULL, 0, 1);
    running--;
    if (!alone)
        return RESULT_NO_ROOM;
    assert_int_equal(now, 1);
    return pool_test_end(task, OUTCOME_INTERNAL);
}

static void
no_more_than_needed(struct pool_test *test, struct pool_test_task *seen)
{
    (void)test;
    assert_in_range(seen->runs, 2, 4);
}

static void
test_alone(void **state)
{
    struct pool_test test;

    (void)state;
    pool_test_init(&test, 200, 50, run_alone_only);
    test.seen = no_more_than_needed;
    pool_test_run(&test);
    assert_int_equal(test.outcomes[OUTCOME_INTERNAL], 200);
}

/* ---- threads ---- */

static void
test_no_thread(void **state)
{
    struct pool_test test;

    (void)state;
    threads_allowed = 0;
    pool_test_init(&test, 100, 50, run_uneven);
    pool_test_run(&test);
    assert_int_equal(test.given, 100);
    assert_int_equal(most, 1);
}

static void
test_few_threads(void **state)
{
    for (unsigned allowed = 1; allowed < 6; allowed++) {
        struct pool_test test;
        set_up(state);
        threads_allowed = allowed;
        pool_test_init(&test, 100, 50, run_in_little_room);
        pool_test_run(&test);
        assert_int_equal(test.outcomes[OUTCOME_SUCCESS], 100);
        assert_in_range(most, 1, allowed);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_order, set_up),
        cmocka_unit_test_setup(test_one_at_a_time, set_up),
        cmocka_unit_test_setup(test_few_tasks, set_up),
        cmocka_unit_test_setup(test_window, set_up),
        cmocka_unit_test_setup(test_streaming, set_up),
        cmocka_unit_test_setup(test_bad, set_up),
        cmocka_unit_test_setup(test_no_room, set_up),
        cmocka_unit_test_setup(test_alone, set_up),
        cmocka_unit_test_setup(test_no_thread, set_up),
        cmocka_unit_test_setup(test_few_threads, set_up),
    };

    alarm(240); /* a deadlock is a failure */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
