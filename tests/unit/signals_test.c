/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Waits in other threads than the main one end at a signal. Each test is a process of its own,
 * since a signal is caught for good.
 */
#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "apart.h"
#include "util/deadline.h"
#include "util/signals.h"
#include "util/thread.h"

enum { MANY = 100, PATIENCE = 60 };

static _Atomic unsigned waiting, woken;

/* One descriptor that never is ready, and one that is none. */
static void *
wait_long(void *argument)
{
    struct pollfd fds[] = {{.fd = *(int *)argument, .events = POLLIN}, {.fd = -1}};

    waiting++;
    int ready = signals_poll(fds, 2, &(struct timespec){.tv_sec = PATIENCE});
    bool good = ready == -1 && errno == EINTR && signals_caught() == SIGTERM;
    /* and so does the next one, at once */
    good = good && signals_poll(NULL, 0, NULL) == -1 && errno == EINTR;
    woken += good;
    return NULL;
}

static bool
waits_end(void)
{
    struct thread threads[MANY];
    int pipes[2];
    int64_t begin = clock_now();
    bool good = pipe(pipes) == 0;

    signals_install();
    for (size_t i = 0; i < MANY; i++)
        good = good && thread_start(&threads[i], 64 * 1024, wait_long, &pipes[0]) == 0;
    while (waiting < MANY)
        poll(NULL, 0, 1);
    kill(getpid(), SIGTERM);
    good = good && signals_poll(NULL, 0, NULL) == -1 && errno == EINTR;
    for (size_t i = 0; i < MANY; i++)
        thread_join(&threads[i]);
    return good && woken == MANY && clock_ms_since(begin) < PATIENCE * 1000 / 2;
}

static bool good_in_thread;

/* Without a signal it is poll(2). */
static void *
look_around(void *argument)
{
    const struct timespec moment = {.tv_nsec = 10 * 1000000L};
    struct pollfd fds[SIGNALS_POLL_MAX + 1] = {{.fd = -1}};
    int pipes[2];
    int64_t begin = clock_now();
    bool good = pipe(pipes) == 0;

    (void)argument;
    for (size_t i = 0; i < SIGNALS_POLL_MAX + 1; i++)
        fds[i] = (struct pollfd){.fd = pipes[0], .events = POLLIN, .revents = POLLERR};
    good = good && signals_poll(fds, SIGNALS_POLL_MAX, &moment) == 0;
    good = good && fds[0].revents == 0 && clock_ms_since(begin) >= 10;
    good = good && write(pipes[1], "x", 1) == 1;
    good = good && signals_poll(fds, SIGNALS_POLL_MAX, NULL) == SIGNALS_POLL_MAX;
    good = good && fds[SIGNALS_POLL_MAX - 1].revents == POLLIN;
    good = good && signals_poll(fds, SIGNALS_POLL_MAX + 1, NULL) == -1 && errno == EINVAL;
    good_in_thread = good;
    return NULL;
}

static bool
in_thread(void (*install)(void))
{
    struct thread thread;

    if (install)
        install();
    good_in_thread = false;
    if (thread_start(&thread, 64 * 1024, look_around, NULL) != 0)
        return false;
    thread_join(&thread);
    return good_in_thread;
}

static bool
is_poll(void)
{
    return in_thread(signals_install);
}

/* A process that was started without standard descriptors. */
static bool
stays_high(void)
{
    for (int fd = 0; fd < 3; fd++)
        close(fd);
    signals_install();
    return fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0 && fcntl(2, F_GETFD) < 0 &&
           waits_end();
}

/* Children get none of it. */
static bool
is_not_inherited(void)
{
    for (int fd = 3; fd < 64; fd++)
        close(fd);
    signals_install();
    int flags = fcntl(3, F_GETFD);
    return flags >= 0 && (flags & FD_CLOEXEC) != 0 && fcntl(4, F_GETFD) < 0;
}

#define TEST(function)                                                                         \
    static void test_##function(void **state)                                                  \
    {                                                                                          \
        (void)state;                                                                           \
        ASSERT_APART(function());                                                              \
    }

TEST(waits_end)
TEST(is_poll)
TEST(stays_high)
TEST(is_not_inherited)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_end),
        cmocka_unit_test(test_is_poll),
        cmocka_unit_test(test_stays_high),
        cmocka_unit_test(test_is_not_inherited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
