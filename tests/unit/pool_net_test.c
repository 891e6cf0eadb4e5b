/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * The pool with real connections to loopback: limits of connections to one address, of
 * descriptors and of threads, and that nothing grows.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "descriptors.h"
#include "pool_fixture.h"
#include "probe/probe.h"
#include "util/signals.h"
#include "util/thread.h"

static _Atomic int threads_left; /* that may be made */

int __real_thread_start(struct thread *thread, size_t stack, void *(*run)(void *argument),
                        void *argument);
int __wrap_thread_start(struct thread *thread, size_t stack, void *(*run)(void *argument),
                        void *argument);

struct start {
    void *(*run)(void *argument);
    void *argument;
};

/* Those that end make room for others. */
static void *
give_back(void *argument)
{
    struct start start = *(struct start *)argument;

    free(argument);
    void *result = start.run(start.argument);
    threads_left++;
    return result;
}

int
__wrap_thread_start(struct thread *thread, size_t stack, void *(*run)(void *argument),
                    void *argument)
{
    struct start *start = malloc(sizeof *start);

    assert_non_null(start);
    *start = (struct start){run, argument};
    if (threads_left-- <= 0 || __real_thread_start(thread, stack, give_back, start) != 0) {
        threads_left++;
        free(start);
        return EAGAIN;
    }
    return 0;
}

static int
set_up(void **state)
{
    (void)state;
    threads_left = 100000;
    return 0;
}

/* All are answered as if they were alone: the server hangs up. */
static void
run_all(struct pool_test *test, struct pool_server *server)
{
    test->port = server->port;
    pool_test_run(test);
    assert_int_equal(test->given, test->count);
    assert_int_equal(test->outcomes[OUTCOME_DISCONNECTED], test->count);
}

static void
test_slots(void **state)
{
    struct pool_server server;
    struct pool_test test;

    (void)state;
    pool_server_start(&server, 1);
    pool_test_init(&test, 3000, 64, NULL);
    run_all(&test, &server);
    assert_int_equal(server.accepted, 3000);
    assert_in_range(server.most, 2, 8);
    pool_server_stop(&server);
}

static void
test_slots_of_one(void **state)
{
    struct pool_server server;
    struct pool_test test;

    (void)state;
    pool_server_start(&server, 1);
    pool_test_init(&test, 200, 64, NULL);
    test.plan.per_address = 1;
    run_all(&test, &server);
    assert_int_equal(server.most, 1);
    pool_server_stop(&server);
}

static void
test_many_at_once(void **state)
{
    struct pool_server server;
    struct pool_test test;
    struct rlimit limit;

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < 8192) {
        print_message("# no 8192 descriptors here\n");
        skip();
    }
    pool_server_start(&server, 1000);
    pool_test_init(&test, 600, 500, NULL);
    test.plan.per_address = 100000;
    run_all(&test, &server);
    assert_in_range(server.most, 100, 2000);
    pool_server_stop(&server);
}

/* ---- limits, in a process of their own ---- */

static void
apart(bool (*test)(uint16_t port), uint16_t port)
{
    pid_t pid = fork();
    int status = -1;

    assert_true(pid >= 0);
    if (pid == 0) {
        alarm(120);
        for (int fd = 3; fd < 64; fd++)
            close(fd);
        _exit(test(port) ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static bool
limited(uint16_t port, rlim_t soft, rlim_t hard)
{
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};
    struct pool_test test;

    signals_install();
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    pool_test_init(&test, 1000, 1000, NULL);
    test.plan.per_address = 1000;
    test.port = port;
    pool_test_run(&test);
    return test.given == 1000 && test.outcomes[OUTCOME_DISCONNECTED] == 1000;
}

static bool
with_64(uint16_t port)
{
    return limited(port, 64, 64);
}

/* The limit is no guess: even what was not thought of waits for room. */
static bool
with_16(uint16_t port)
{
    return limited(port, 16, 16);
}

static bool
raised(uint16_t port)
{
    struct rlimit limit;

    return limited(port, 64, 1000) && getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
           limit.rlim_cur > 64;
}

#ifndef SANITIZERS /* which take what they want */
/* Nobody dies of it, and nobody is told that there was not enough. */
static bool
with_little_memory(uint16_t port)
{
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long pages = 0;
    bool good = file && fscanf(file, "%lu", &pages) == 1;

    if (file)
        fclose(file);
    const rlim_t most = (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE) + 24 * 1024 * 1024;
    struct rlimit limit = {.rlim_cur = most, .rlim_max = most};
    return good && setrlimit(RLIMIT_AS, &limit) == 0 && limited(port, 4096, 4096);
}

static void
test_memory(void **state)
{
    struct pool_server server;

    (void)state;
    pool_server_start(&server, 2);
    apart(with_little_memory, server.port);
    pool_server_stop(&server);
}
#endif

static void
test_descriptors(void **state)
{
    struct pool_server server;

    (void)state;
    pool_server_start(&server, 2);
    apart(with_64, server.port);
    apart(with_16, server.port);
    apart(raised, server.port);
    pool_server_stop(&server);
}

/* Resolving takes a thread, too. */
static void
test_threads(void **state)
{
    struct pool_server server;

    (void)state;
    pool_server_start(&server, 2);
    for (int allowed = 1; allowed < 8; allowed++) {
        struct pool_test test;
        threads_left = allowed;
        pool_test_init(&test, 60, 50, NULL);
        run_all(&test, &server);
        assert_int_equal(threads_left, allowed);
    }
    threads_left = 1000;
    pool_server_stop(&server);
}

/* ---- nothing grows ---- */

static unsigned descriptors_at_first, threads_at_most;
static long kib_at_first;

static long
resident_kib(void)
{
    FILE *file = fopen("/proc/self/statm", "re");
    long all = 0, resident = 0;

    assert_non_null(file);
    assert_int_equal(fscanf(file, "%ld %ld", &all, &resident), 2);
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

static void
look(struct pool_test *test, struct pool_test_task *seen)
{
    (void)test;
    if (seen->index == 1000) {
        descriptors_at_first = open_descriptors();
        kib_at_first = resident_kib();
    }
    if (seen->index % 100 == 0 && pool_test_threads() > threads_at_most)
        threads_at_most = pool_test_threads();
}

static void
test_growth(void **state)
{
    struct pool_server server;
    struct pool_test test;

    (void)state;
    unsigned before = open_descriptors(), threads = pool_test_threads();
    pool_server_start(&server, 0);
    pool_test_init(&test, 4000, 16, NULL);
    test.seen = look;
    test.plan.per_address = 100; /* who waits for a slot needs memory for it */
    run_all(&test, &server);
    long kib = resident_kib();
    print_message("# %ld KiB at the 1000th, %ld KiB at the 4000th; %u threads\n", kib_at_first,
                  kib, threads_at_most);
    pool_server_stop(&server);
    assert_int_equal(open_descriptors(), before);
    assert_in_range(
        threads_at_most, 1,
        threads + 1 +
            3 * 16); /* the server, and a resolver each, and one that is about to end */
#ifndef SANITIZERS   /* which keep what was freed */
    assert_in_range(kib, 0, kib_at_first + 2048);
#endif
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_growth, set_up),
        cmocka_unit_test_setup(test_slots, set_up),
        cmocka_unit_test_setup(test_slots_of_one, set_up),
        cmocka_unit_test_setup(test_many_at_once, set_up),
        cmocka_unit_test_setup(test_descriptors, set_up),
        cmocka_unit_test_setup(test_threads, set_up),
#ifndef SANITIZERS
        cmocka_unit_test_setup(test_memory, set_up),
#endif
    };
    struct failure failure = FAILURE_INIT;

    alarm(400);
    if (!probe_setup(&failure))
        return 1;
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    probe_teardown();
    return failed;
}
