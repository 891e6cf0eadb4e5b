/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pool's main thread while others run: errands, signals, and a report that takes no more.
 */
#include <config.h>

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "pool_fixture.h"
#include "util/errand.h"
#include "util/signals.h"

static _Atomic unsigned calls;
static pthread_t main_thread;

static int
set_up(void **state)
{
    (void)state;
    calls = 0;
    main_thread = pthread_self();
    return 0;
}

/* ---- errands ---- */

enum { ASKED_OF = 1000 };

static _Atomic unsigned asked, begins, ends;
static bool asking;

static void
prompting(void *context, bool begin)
{
    (void)context;
    assert_int_equal(asking, !begin);
    asking = begin;
    (begin ? &begins : &ends)[0]++;
}

static void
ask(void *context)
{
    assert_true(pthread_equal(pthread_self(), main_thread));
    assert_true(asking);
    (*(unsigned *)context)++;
    asked++;
    /* the others go on meanwhile, until none is left to be begun */
    for (int i = 0; calls < ASKED_OF && i < 20000; i++)
        poll(NULL, 0, 1);
    assert_int_equal(calls, ASKED_OF);
}

RUN(run_asking)
{
    unsigned answer = 0;

    UNUSED();
    calls++;
    if (pool_test_of(task)->index % 200 == 20) {
        assert_int_equal(errand_run(ask, &answer, -1, NULL), ERRAND_DONE);
        assert_int_equal(answer, 1);
    }
    return pool_test_end(task, OUTCOME_SUCCESS);
}

static void
test_errands(void **state)
{
    struct pool_test test;

    (void)state;
    asked = begins = ends = 0;
    pool_test_init(&test, ASKED_OF, 10, run_asking);
    test.plan.sink.prompting = prompting;
    pool_test_run(&test);
    assert_int_equal(asked, 5);
    assert_int_equal(begins, 5);
    assert_int_equal(ends, 5);
}

/* ---- a report that takes no more ---- */

static _Atomic size_t reported;

static void
count_reported(struct pool_test *test, struct pool_test_task *seen)
{
    (void)seen;
    reported = test->reported;
}

static bool
is_broken(void *context)
{
    (void)context;
    return reported > 0;
}

static void
never(void *context)
{
    (void)context;
    fail_msg("a person is asked for nothing");
}

/* The first one ends; then one of the others has something to ask, and the rest wait. */
RUN(run_to_broken)
{
    UNUSED();
    calls++;
    if (pool_test_of(task)->index == 0)
        return pool_test_end(task, OUTCOME_SUCCESS);
    for (int i = 0; i < 20000 && reported == 0; i++)
        poll(NULL, 0, 1);
    if (pool_test_of(task)->index == 1)
        assert_int_equal(errand_run(never, NULL, -1, NULL), ERRAND_SIGNAL);
    else
        assert_int_equal(signals_poll(NULL, 0, NULL), -1);
    return pool_test_end(task, OUTCOME_INTERRUPTED);
}

/* Nothing is begun any more, what runs ends, and no signal is raised. In a process of its own:
 * that is known for good. */
static void
test_broken(void **state)
{
    pid_t pid = fork();
    int status = -1;

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        struct pool_test test;
        alarm(60);
        signals_install();
        pool_test_init(&test, 1000, 4, run_to_broken);
        test.seen = count_reported;
        test.plan.sink.broken = is_broken;
        test.plan.sink.progress = NULL; /* nothing else wakes the main thread */
        pool_test_run(&test);
        signals_raise_again();
        _exit(calls <= 10 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* ---- signals, in a process of their own: they are caught for good ---- */

RUN(run_to_signal)
{
    UNUSED();
    calls++;
    if (pool_test_of(task)->index == 20)
        kill(getpid(), SIGTERM);
    if (pool_test_of(task)->index < 20)
        return pool_test_end(task, OUTCOME_SUCCESS);
    int64_t begin = clock_now();
    int got = signals_poll(NULL, 0, &(struct timespec){.tv_sec = 60});
    assert_int_equal(got, -1);
    assert_true(clock_ms_since(begin) < 30000);
    return pool_test_end(task, OUTCOME_INTERRUPTED);
}

static int
apart(unsigned jobs, size_t hold_at)
{
    pid_t pid = fork();
    int status = -1;

    assert_true(pid >= 0);
    if (pid == 0) {
        struct pool_test test;
        main_thread = pthread_self();
        signals_install();
        pool_test_init(&test, 300, jobs, run_to_signal);
        test.hold_at = hold_at; /* the rest never comes */
        if (hold_at)
            assert_int_equal(pipe2(test.input, O_CLOEXEC | O_NONBLOCK), 0);
        pool_test_run(&test);
        size_t all = hold_at ? hold_at : 300;
        _exit(test.given == all && test.outcomes[OUTCOME_SUCCESS] == 20 &&
                      test.interrupted == all - 20 && calls <= 20 + jobs
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void
test_signal(void **state)
{
    (void)state;
    assert_int_equal(apart(1, 0), 0);
    assert_int_equal(apart(10, 0), 0);
    assert_int_equal(apart(10, 100), 0);
    assert_int_equal(apart(1, 100), 0);
}

/* Those put aside are ended, too. */
RUN(run_parking)
{
    UNUSED();
    if (pool_test_of(task)->index == 150)
        kill(getpid(), SIGINT);
    if (pool_test_of(task)->index == 0) { /* holds room until the end */
        signals_poll(NULL, 0, NULL);
        return pool_test_end(task, OUTCOME_INTERRUPTED);
    }
    return pool_test_of(task)->index % 2 ? RESULT_NO_SLOT
                                         : pool_test_end(task, OUTCOME_SUCCESS);
}

static void
test_signal_parked(void **state)
{
    pid_t pid = fork();
    int status = -1;

    (void)state;
    assert_true(pid >= 0);
    if (pid == 0) {
        struct pool_test test;
        signals_install();
        pool_test_init(&test, 300, 10, run_parking);
        pool_test_run(&test);
        _exit(test.given == 300 && test.interrupted >= 151 ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_errands, set_up),
        cmocka_unit_test_setup(test_broken, set_up),
        cmocka_unit_test_setup(test_signal, set_up),
        cmocka_unit_test_setup(test_signal_parked, set_up),
    };

    alarm(120); /* a deadlock is a failure */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
