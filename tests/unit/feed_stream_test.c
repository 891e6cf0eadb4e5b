/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * Lists that are written while they are read, tasks that are there at the same time, and
 * signals.
 */
#include <config.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "descriptors.h"
#include "feed_fixture.h"
#include "util/signals.h"

static void
put(int fd, const char *text)
{
    assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

static void
expect_wait(void)
{
    struct task *task;

    assert_int_equal(feed_next(feed, &task), TASK_WAIT);
    assert_int_equal(feed_next(feed, &task), TASK_WAIT);
}

/* What was written is there before the writer is done; and half a line is not. */
static void
stream(int to)
{
    expect_wait();
    put(to, "one\n# a comment\n\ntw");
    feed_expect_host("one", 1);
    expect_wait();
    put(to, "o\nthree\nfour");
    feed_expect_host("two", 4);
    feed_expect_host("three", 5);
    expect_wait();
    assert_int_equal(close(to), 0);
    feed_expect_host("four", 6);
    feed_expect_end(NULL);
    feed_finish();
}

/* A line names a descriptor that is the list's own. */
static void
test_descriptor(void **state)
{
    char line[64];

    (void)state;
    snprintf(line, sizeof(line), "-m none -r x=fd:%d h\n", next_descriptor());
    feed_write_list(line);
    assert_true(FEED_BEGIN("-f", "hosts"));
    struct task *task = feed_take();
    assert_false(feed_prepare(task));
    assert_int_equal(feed_failure.outcome, OUTCOME_CREDENTIAL);
    assert_non_null(strstr(feed_failure.message, ": the descriptor is not open"));
    task->release(task);
    feed_finish();
}

static void
test_pipe(void **state)
{
    int ends[2], before = dup(STDIN_FILENO);

    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    assert_true(FEED_BEGIN("-f", "-", "-m", "none", "-e", "failure"));
    int fd = feed_fd(feed);
    assert_true(fd > STDERR_FILENO);
    assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
    assert_false(fcntl(ends[0], F_GETFL) & O_NONBLOCK);
    put(ends[1], "--respond x=fd:0 h\n-m publickey -i key --passphrase=fd:0 h\n-x\n");
    feed_expect_bad("-:1: fd:0: standard input is the list", 1);
    feed_expect_bad("-:2: fd:0: standard input is the list", 2);
    feed_expect_bad("-:3: -x: no such option", 3);
    feed_finish();

    assert_true(FEED_BEGIN("-f", "/dev/stdin"));
    put(ends[1], "-m none -r x=fd:0 h\n");
    feed_expect_bad("/dev/stdin:1: fd:0: standard input is the list", 1);
    feed_finish();

    /* a list that is another file leaves it free */
    feed_write_list("-m none -r x=fd:0 h\n");
    assert_true(FEED_BEGIN("-f", "hosts"));
    feed_expect_host("h", 1);
    feed_finish();

    assert_true(FEED_BEGIN("-f-"));
    stream(ends[1]);
    close(ends[0]);
    assert_int_equal(dup2(before, STDIN_FILENO), STDIN_FILENO);
    close(before);
}

/* Nobody writes yet: nothing waits for him, and it is not the end. */
static void
test_fifo(void **state)
{
    (void)state;
    unlink("hosts");
    assert_int_equal(mkfifo("hosts", 0600), 0);
    assert_true(FEED_BEGIN("-f", "hosts"));
    expect_wait();
    int to = open("hosts", O_WRONLY);
    assert_true(to >= 0);
    stream(to);
    unlink("hosts");
}

/* The caller has other things to do than to read what never comes to an end. */
static void
test_endless(void **state)
{
    (void)state;
    assert_true(FEED_BEGIN("-f", "/dev/zero"));
    feed_expect_bad("/dev/zero:1: line: longer than 64 KiB", 1);
    expect_wait();
    feed_finish();
    /* a file that is one hole, as large as any */
    feed_write_list("");
    assert_int_equal(truncate("hosts", (off_t)1 << 34), 0);
    assert_true(FEED_BEGIN("-f", "hosts"));
    feed_expect_bad("hosts:1: line: longer than 64 KiB", 1);
    expect_wait();
    struct pollfd readable = {.fd = feed_fd(feed), .events = POLLIN};
    assert_int_equal(poll(&readable, 1, 0), 1);
    feed_finish();
}

/* All are there at once, and go in any order; no descriptor is left. */
static void
test_release(void **state)
{
    enum { COUNT = 200 };
    static struct task *tasks[COUNT];
    char text[COUNT * 64] = "";
    unsigned before = open_descriptors();

    (void)state;
    for (size_t i = 0, len = 0; i < COUNT; i++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "%s h%zu\n",
                                i % 3 == 0   ? "-m none -o User=x --fingerprint"
                                : i % 3 == 1 ? "-m 'none none' -B -l u"
                                             : "",
                                i);
    feed_write_list(text);
    assert_true(FEED_BEGIN("-fhosts"));
    for (size_t i = 0; i < COUNT; i++) {
        tasks[i] = feed_take();
        assert_int_equal(failure_is_set(&tasks[i]->result.failure), i % 3 == 0);
        if (i % 3 != 0 && i % 2 == 0)
            assert_true(feed_prepare(tasks[i]));
        if (i % 3 != 0 && i % 4 == 0) /* as where memory was short */
            assert_true(feed_prepare(tasks[i]));
    }
    for (size_t i = 0; i < COUNT; i++) {
        struct task *task = tasks[i * 7 % COUNT];
        task->release(task);
    }
    feed_expect_end(NULL);
    feed_finish();
    assert_int_equal(open_descriptors(), before);
}

/* ---- in threads ---- */

static void *
prepare(void *argument)
{
    struct task *task = argument;
    struct failure failure = FAILURE_INIT;
    bool good = task->prepare(task, &failure);

    return good && strcmp(task->request.host, task->request.route.hostname) != 0 ? task : NULL;
}

/* Each asks an ssh of its own, and gets its own answer. */
static void
test_threads(void **state)
{
    enum { COUNT = 24 };
    static const char script[] = "#!/bin/sh\n"
                                 "for host; do :; done\n"
                                 "echo user u\necho port 22\n"
                                 "echo hostname $host.example\n";
    char text[COUNT * 32] = "", path[4096], expected[32];
    struct task *tasks[COUNT];
    pthread_t threads[COUNT];
    void *good;

    (void)state;
    feed_write("ssh", script, sizeof(script) - 1);
    char *before = strdup(getenv("PATH"));
    snprintf(path, sizeof(path), ".:%s", before);
    assert_int_equal(setenv("PATH", path, 1), 0);
    for (size_t i = 0; i < COUNT; i++)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "-o Tag=x h%zu\n", i);
    feed_write_list(text);
    assert_true(FEED_BEGIN("-fhosts"));
    for (size_t i = 0; i < COUNT; i++) {
        tasks[i] = feed_take();
        assert_int_equal(pthread_create(&threads[i], NULL, prepare, tasks[i]), 0);
    }
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(pthread_join(threads[i], &good), 0);
        assert_ptr_equal(good, tasks[i]);
        snprintf(expected, sizeof(expected), "h%zu.example", i);
        assert_string_equal(tasks[i]->request.route.hostname, expected);
        tasks[i]->release(tasks[i]);
    }
    feed_finish();
    assert_int_equal(setenv("PATH", before, 1), 0);
    free(before);
}

/* The last one, for a signal stays. A file is read to its end, so that each target is told. */
static void
test_signal(void **state)
{
    (void)state;
    unlink("hosts");
    assert_int_equal(mkfifo("hosts", 0600), 0);
    signals_install();
    assert_true(FEED_BEGIN("-f", "hosts"));
    int to = open("hosts", O_WRONLY);
    put(to, "one\ntwo\n");
    feed_expect_host("one", 1);
    assert_int_equal(raise(SIGTERM), 0);
    assert_int_equal(signals_check(), SIGTERM);
    feed_expect_end(NULL);
    feed_finish();
    close(to);
    unlink("hosts");

    feed_write_list("one\ntwo\n");
    assert_true(FEED_BEGIN("-f", "hosts"));
    feed_expect_host("one", 1);
    feed_expect_host("two", 2);
    feed_expect_end(NULL);
    feed_finish();
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_descriptor), cmocka_unit_test(test_pipe),
        cmocka_unit_test(test_fifo),       cmocka_unit_test(test_endless),
        cmocka_unit_test(test_release),    cmocka_unit_test(test_threads),
        cmocka_unit_test(test_signal),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, feed_enter, feed_leave);
}
